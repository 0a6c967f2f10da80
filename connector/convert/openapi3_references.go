package convert

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Limits for documents of several files.
const (
	maxFiles = 1000
	maxBytes = source.MaxSize // of all files together
	maxHops  = 64             // references in a chain
)

// library is the main file of a document and the files that it refers to.
type library struct {
	main    *source.File
	read    func(path string) ([]byte, error)
	files   []*source.File          // in the order in which they were read
	names   map[*source.File]string // paths relative to the main file's folder
	byName  map[string]*source.File
	targets map[string]source.Node // what file#fragment names
	bytes   int                    // of all files
	size    int                    // the values in all files
	notes   []source.Diagnostic    // syntax problems that lose nothing
}

func newLibrary(name string, data []byte, read func(string) ([]byte, error)) (*library, error) {
	l := &library{
		read: read, names: map[*source.File]string{}, byName: map[string]*source.File{}, targets: map[string]source.Node{},
	}
	var err error
	l.main, err = l.add(path.Base(strings.ReplaceAll(name, `\`, "/")), data)
	return l, err
}

func (l *library) add(name string, data []byte) (*source.File, error) {
	if l.bytes += len(data); l.bytes > maxBytes || len(l.files) == maxFiles {
		return nil, fmt.Errorf("%s: the files that the document consists of are more than %d, or larger than %d MiB together", name, maxFiles, maxBytes>>20)
	}
	f := source.Parse(name, data)
	l.files = append(l.files, f)
	l.size += f.Len()
	l.names[f], l.byName[name] = name, f
	for _, p := range f.Problems {
		at := f.Position(p.Range.Start)
		switch {
		case p.Rule == "syntax-limit":
			return nil, fmt.Errorf("%s:%d:%d: %s; JSON may be larger, several files smaller", name, at.Line, at.Column, p.Message)
		case !harmless[p.Rule]:
			return nil, fmt.Errorf("%s:%d:%d: %s; mend the syntax first", name, at.Line, at.Column, p.Message)
		}
		l.notes = append(l.notes, p)
	}
	return f, nil
}

// harmless are syntax problems after which it is clear what the file says.
var harmless = map[string]bool{
	"syntax-byte-order-mark": true, "syntax-utf16": true, "syntax-comment": true, "syntax-trailing-comma": true,
	"syntax-exotic-space": true, "syntax-control-character": true, "syntax-duplicate-key": true,
}

// place says where a node stands: "/paths", and in other files than the main
// one "common.yaml#/Pet".
func (l *library) place(n source.Node) string {
	if n.File() == l.main || n.File() == nil {
		return n.Pointer()
	}
	return l.names[n.File()] + "#" + n.Pointer()
}

// refuse makes an error about a node.
func (l *library) refuse(n source.Node, format string, args ...any) error {
	name := l.names[l.main]
	if f := n.File(); f != nil {
		name = l.names[f]
	}
	return fmt.Errorf("%s#%s: %s", name, n.Pointer(), fmt.Sprintf(format, args...))
}

// target returns what the value of a "$ref" names: the absent node if there is
// nothing, an error if it may not be looked at.
func (l *library) target(ref source.Node) (source.Node, error) {
	text, ok := ref.Str()
	if !ok {
		return source.Node{}, nil
	}
	name, fragment, _ := strings.Cut(text, "#")
	f := ref.File()
	if name != "" {
		var err error
		if f, err = l.file(ref, name); err != nil {
			return source.Node{}, err
		}
	}
	key := l.names[f] + "#" + fragment
	n, known := l.targets[key]
	if !known {
		if decoded, err := url.PathUnescape(fragment); err == nil {
			fragment = decoded
		}
		if n = f.At(fragment); fragment != "" && !strings.HasPrefix(fragment, "/") {
			n = source.Node{}
		}
		l.targets[key] = n
	}
	if !n.Exists() {
		n = nearestDefinition(ref, fragment)
	}
	return n, nil
}

// nearestDefinition finds "#/$defs/X" in the schema around the reference, where
// those who paste a JSON Schema into a document mean it.
func nearestDefinition(ref source.Node, fragment string) source.Node {
	if !strings.HasPrefix(fragment, "/$defs/") && !strings.HasPrefix(fragment, "/definitions/") {
		return source.Node{}
	}
	for around := ref.Parent(); around.Exists(); around = around.Parent() {
		if n := around.At(fragment); n.Exists() {
			return n
		}
	}
	return source.Node{}
}

// file returns the file that a reference in ref's file names.
func (l *library) file(ref source.Node, name string) (*source.File, error) {
	u, err := url.Parse(name)
	way := "copy the file beside the document, or below, and refer to it by a relative path"
	switch {
	case err != nil:
		return nil, l.refuse(ref, "$ref %q is no path: %s", name, errors.Unwrap(err))
	case u.Scheme != "" || u.Host != "":
		return nil, l.refuse(ref, "$ref %q leads to the network or another place, which is never read; %s", name, way)
	case strings.HasPrefix(u.Path, "/") || strings.Contains(u.Path, `\`) || u.RawQuery != "":
		return nil, l.refuse(ref, "$ref %q is not a relative path; %s", name, way)
	}
	at := path.Join(path.Dir(l.names[ref.File()]), u.Path)
	if at == ".." || strings.HasPrefix(at, "../") {
		return nil, l.refuse(ref, "$ref %q leads out of the document's folder, where nothing is read; %s", name, way)
	}
	if f := l.byName[at]; f != nil {
		return f, nil
	}
	if l.read == nil {
		return nil, l.refuse(ref, "$ref %q leads to another file, and there is none to read", name)
	}
	data, err := l.read(at)
	if err != nil {
		return nil, l.refuse(ref, "$ref %q cannot be read: %s", name, err)
	}
	return l.add(at, data)
}

// before orders nodes by file and place.
func (l *library) before(a, b source.Node) int {
	if a.File() != b.File() {
		return slices.Index(l.files, a.File()) - slices.Index(l.files, b.File())
	}
	return a.Range().Start - b.Range().Start
}
