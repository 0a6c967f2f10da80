package source

// Edit replaces the bytes [Start, End) of a text by New. Start == End inserts.
type Edit struct {
	Start, End int
	New        string
}
