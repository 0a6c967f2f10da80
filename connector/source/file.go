package source

import (
	"fmt"
	"iter"
	"path"
	"strings"
	"sync"
)

// Format is the notation of a file.
type Format uint8

const (
	JSON Format = iota
	YAML
)

// Limits that keep every input within bounded time and memory. Real
// definitions reach depth 40 and 1.1 MB.
const (
	MaxDepth    = 1000     // nesting of containers
	MaxSize     = 64 << 20 // bytes of one file
	MaxProblems = 100      // reported problems of one file; parsing goes on
)

// File is one definition file: its text, its tree, and what was wrong with its
// syntax.
type File struct {
	Name       string
	Text       string // the bytes as read (UTF-16: transcoded); strings without escapes are substrings of it
	Format     Format
	Transcoded bool         // Text is not what is on disk, because that is UTF-16
	Problems   []Diagnostic // rule ids syntax-*, in the order of their places
	Damaged    []Range      // containers in which the parser had to guess

	nodes     []node // nodes[0] is absent, nodes[1] the root
	decoded   map[int32]string
	merges    bool // YAML merge keys occur
	styleOnce sync.Once
	ownStyle  *style
	linesOnce sync.Once
	lines     []int
}

// Parse reads a file. It never fails: what is wrong is in Problems, and the
// tree holds all that could be understood. The name decides the format; if its
// ending says nothing, the first character does.
func Parse(name string, data []byte) *File { return ParseString(name, string(data)) }

// ParseString is [Parse] for a text that is a string already.
func ParseString(name, data string) *File {
	f := &File{Name: name, nodes: []node{{}}}
	if len(data) > MaxSize {
		f.report("syntax-limit", Range{}, "the file has more than %d MiB, which is not read", MaxSize>>20)
		return f
	}
	if text, ok := fromUTF16(data); ok {
		f.Text, f.Transcoded = text, true
		f.report("syntax-utf16", Range{}, "the file is encoded as UTF-16, the platform reads UTF-8").
			Hint = "save the file as UTF-8 without a byte order mark"
	} else {
		f.Text = data
	}
	if f.Format = formatOf(name, f.Text); f.Format == YAML {
		parseYAML(f)
	} else {
		parseJSON(f)
	}
	if f.Transcoded {
		for i := range f.Problems {
			f.Problems[i].Fix = nil // its edits would be to another text than the one on disk
		}
	}
	return f
}

// Plain makes a file of a text that has no tree, such as a readme or a script.
func Plain(name, text string) *File { return &File{Name: name, Text: text, nodes: []node{{}}} }

func formatOf(name, text string) Format {
	switch strings.ToLower(path.Ext(name)) {
	case ".json":
		return JSON
	case ".yaml", ".yml":
		return YAML
	}
	text = strings.TrimLeft(strings.TrimPrefix(text, byteOrderMark), " \t\r\n")
	if text == "" || text[0] == '{' || text[0] == '[' || strings.HasPrefix(text, "//") || strings.HasPrefix(text, "/*") {
		return JSON
	}
	return YAML
}

// report files a syntax problem; beyond MaxProblems it returns a diagnostic
// that nobody sees.
func (f *File) report(rule string, r Range, format string, args ...any) *Diagnostic {
	if len(f.Problems) > MaxProblems {
		return new(Diagnostic)
	}
	if len(f.Problems) == MaxProblems {
		rule, format, args = "syntax-limit", "more than %d syntax problems, the rest are not reported", []any{MaxProblems}
	}
	f.Problems = append(f.Problems, Diagnostic{
		Rule: rule, Severity: Error, File: f, Range: r, Message: fmt.Sprintf(format, args...),
	})
	return &f.Problems[len(f.Problems)-1]
}

// Root returns the outermost value. It is absent in an empty file.
func (f *File) Root() Node {
	if len(f.nodes) < 2 {
		return Node{}
	}
	return Node{f, 1}
}

// At returns the node that a JSON Pointer (RFC 6901) names; "" is the root.
func (f *File) At(pointer string) Node { return f.Root().At(pointer) }

// NodeAt returns the innermost node whose range holds the offset.
func (f *File) NodeAt(offset int) Node {
	n := f.Root()
	if !n.Exists() {
		return n
	}
	for {
		child := Node{}
		for id := n.firstChild(); id != 0; id = f.nodes[id].next {
			if (Node{f, id}).Range().covers(offset) {
				child = Node{f, id}
			} else if n.raw().kind == Object && (Node{f, id + 1}).Range().covers(offset) {
				child = Node{f, id + 1}
			}
		}
		if !child.Exists() {
			return n
		}
		n = child
	}
}

func (r Range) covers(offset int) bool { return r.Start <= offset && offset < r.End }

// IsDamaged reports whether r lies in a container in which the parser had to
// guess.
func (f *File) IsDamaged(r Range) bool {
	for _, d := range f.Damaged {
		if d.Contains(r) {
			return true
		}
	}
	return false
}

// Doubts returns the problems after which a part of the text may belong elsewhere
// than it was read: a bracket, quote, comma, colon or key is lost or too many.
// What seems to be missing elsewhere may stand in it.
func (f *File) Doubts() (doubts []Diagnostic) {
	for _, p := range f.Problems {
		if structural[p.Rule] {
			doubts = append(doubts, p)
		}
	}
	return doubts
}

var structural = map[string]bool{
	"syntax-missing-comma": true, "syntax-missing-colon": true, "syntax-missing-key": true, "syntax-missing-value": true,
	"syntax-unclosed-bracket": true, "syntax-wrong-bracket": true, "syntax-unopened-bracket": true,
	"syntax-unterminated-string": true, "syntax-unescaped-quote": true, "syntax-unexpected-text": true, "syntax-trailing-text": true,
	"syntax-yaml": true,
}

// Values yields each value of the file once, in document order. A YAML alias is
// one value: what it stands for comes where that is.
func (f *File) Values() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for id := int32(1); int(id) < len(f.nodes); id++ {
			if n := (Node{f, id}); !n.IsKey() && !yield(n) {
				return
			}
		}
	}
}

// Len returns the number of nodes, a measure of the file's size.
func (f *File) Len() int { return len(f.nodes) - 1 }
