package connector

import (
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
)

// locked is a tree in which one folder cannot be read.
type locked struct {
	fstest.MapFS
	folder string
}

func (l locked) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == l.folder {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.MapFS.ReadDir(name)
}

// TestSearchGoesOn checks that a folder that cannot be read hides no other, and
// is named as the user would.
func TestSearchGoesOn(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("{}")}
	tree := fstest.MapFS{"a/x.swagger.json": file, "b/c/x.swagger.json": file, "b/d/x.swagger.json": file, "e/x.swagger.json": file}
	tests := []struct {
		folder string
		want   []string
		err    string
	}{
		{"none", []string{"a", "b/c", "b/d", "e"}, ""},
		{"b/c", []string{"a", "b/d", "e"}, "read folder root/b/c: permission denied"},
		{"b", []string{"a", "e"}, "read folder root/b: permission denied"},
		{".", nil, "read folder root: permission denied"},
	}
	for _, test := range tests {
		files, err := searchIn(locked{tree, test.folder}, "root")
		var got []string
		for _, file := range files {
			folder, err := filepath.Rel("root", filepath.Dir(file.name))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, filepath.ToSlash(folder))
		}
		said := ""
		if err != nil {
			said = filepath.ToSlash(err.Error())
		}
		if !slices.Equal(got, test.want) || said != test.err {
			t.Errorf("%s locked: got %v, %q, want %v, %q", test.folder, got, said, test.want, test.err)
		}
	}
}
