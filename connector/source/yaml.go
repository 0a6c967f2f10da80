package source

func parseYAML(f *File) {}
