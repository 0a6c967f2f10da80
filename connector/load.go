package connector

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Connector is what one connector's files say.
type Connector struct {
	Name       string       // the path that the user gave or that was found
	Definition *Definition  // an empty document if the connector has no definition file
	Properties *source.File // apiProperties.json; nil if there is none
	Package    *Package     // what else is in its folder; nil if no folder was given

	unnamed []*source.File // beside a definition that was named alone; see IsNamedElsewhere
}

// IsNamedElsewhere reports whether the properties or the script hold a name of
// the definition, which then cannot be changed there alone. Of a definition that
// was given without its folder it looks at the files beside it too: nobody asked
// to judge them, but what they say counts for the connector all the same.
func (c *Connector) IsNamedElsewhere(name string) bool {
	files := append([]*source.File{c.Properties}, c.unnamed...)
	if c.Package != nil {
		files = append(files, c.Package.Script)
	}
	return slices.ContainsFunc(files, func(f *source.File) bool { return f != nil && holds(f, name) })
}

// holds reports whether a file says a word, in JSON however it is written.
func holds(f *source.File, word string) bool {
	if strings.Contains(f.Text, word) {
		return true
	}
	for n := range f.Values() {
		if s, _ := n.Str(); strings.Contains(s, word) {
			return true
		}
	}
	return false
}

// Files returns the files that were read, the definition first.
func (c *Connector) Files() []*source.File {
	all := []*source.File{c.Definition.File, c.Properties}
	if c.Package != nil {
		all = append(all, c.Package.files()...)
	}
	return slices.DeleteFunc(all, func(f *source.File) bool { return f == nil })
}

// With returns the connector as it is when files are replaced by others; with
// says by which, and returns nil for the files that stay.
func (c *Connector) With(with func(*source.File) *source.File) *Connector {
	renew := func(f *source.File) *source.File {
		if renewed := with(f); f != nil && renewed != nil {
			return renewed
		}
		return f
	}
	next := New(c.Name, renew(c.Definition.File), renew(c.Properties))
	next.unnamed = c.unnamed
	if c.Package != nil {
		p := *c.Package
		p.Settings = renew(p.Settings)
		next.Package = &p
	}
	return next
}

// New makes a connector of files that are already parsed; either may be nil.
func New(name string, definition, properties *source.File) *Connector {
	return &Connector{Name: name, Definition: Read(definition), Properties: properties}
}

// Unit names the files of one connector: a definition, its properties, or
// both.
type Unit struct {
	Definition string
	Properties string
	Data       []byte // the first file's text, if it is not to be read from there

	Folder string   // where the files are, if the user gave their folder or one above
	Beside []string // the other files there that belong to a connector; see [Package]
}

// UnitOf returns the unit of one file whose text the caller has; its name tells
// what it is.
func UnitOf(name string, data []byte) Unit {
	if isPropertiesName(filepath.Base(name)) {
		return Unit{Properties: name, Data: data}
	}
	return Unit{Definition: name, Data: data}
}

// Name returns the path of the unit's first file.
func (u Unit) Name() string {
	if u.Definition != "" {
		return u.Definition
	}
	return u.Properties
}

// Load reads the files of a unit. Errors are those of the file system; what is
// wrong inside the files is in their Problems.
func Load(u Unit) (*Connector, error) {
	var files [2]*source.File
	for i, name := range []string{u.Definition, u.Properties} {
		if name == "" {
			continue
		}
		text := string(u.Data)
		if name != u.Name() || u.Data == nil {
			var err error
			if text, err = readFile(name); err != nil {
				return nil, err
			}
		}
		files[i] = source.ParseString(filepath.ToSlash(name), text)
	}
	c := New(u.Name(), files[0], files[1])
	if u.Definition != "" && u.Folder == "" {
		c.unnamed = readUnnamed(u)
	}
	if u.Folder != "" {
		var err error
		if c.Package, err = loadPackage(u.Beside); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// readUnnamed reads what belongs to a definition and was not named with it. A
// file that cannot be read is as good as none.
func readUnnamed(u Unit) (files []*source.File) {
	read := func(base string, parse func(name, text string) *source.File) {
		name := filepath.Join(filepath.Dir(u.Definition), base)
		if text, err := readFile(name); err == nil {
			files = append(files, parse(name, text))
		}
	}
	if read("script.csx", source.Plain); u.Properties == "" {
		read("apiProperties.json", source.ParseString)
	}
	return files
}

// readFile reads no more than source.Parse will take, so that a device that
// never ends cannot fill the memory.
func readFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	buffer := buffers.Get().(*bytes.Buffer)
	buffer.Reset()
	if _, err := buffer.ReadFrom(io.LimitReader(f, source.MaxSize+1)); err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	text := buffer.String()
	if len(text) < 4<<20 {
		buffers.Put(buffer)
	}
	return text, nil
}

// buffers are as large as the files, nearly all, so that a read is one call.
var buffers = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, 1<<20)) }}

// Find turns what a user typed, files, connector folders, trees and globs,
// into units in a stable order, without duplicates. A file that is named is
// taken as it is; in a folder the names of connector files count:
// apiDefinition.swagger.json and apiProperties.json (letter case ignored), the
// same as YAML, and whatever else ends in .swagger.json. A folder that is named
// may be a symbolic link; links inside trees are not followed.
//
// If folders inside a tree cannot be read, the error is an [UnreadError], and
// the units of all others are returned beside it.
func Find(args []string) ([]Unit, error) {
	var files []candidate
	unread := &UnreadError{}
	for _, arg := range args {
		found, err := expand(arg)
		if err = unread.take(err); err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	if len(unread.Errs) > 0 {
		return pair(files), unread
	}
	return pair(files), nil
}

// candidate is a file that was named, or found in a folder.
type candidate struct {
	name  string
	found bool
}

// UnreadError says which folders of a tree could not be read.
type UnreadError struct{ Errs []error }

func (e *UnreadError) Error() string { return errors.Join(e.Errs...).Error() }

func (e *UnreadError) Unwrap() []error { return e.Errs }

// take gathers what another UnreadError holds and returns any other error.
func (e *UnreadError) take(err error) error {
	if unread, ok := err.(*UnreadError); ok {
		e.Errs = append(e.Errs, unread.Errs...)
		return nil
	}
	return err
}

func expand(arg string) ([]candidate, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return search(arg)
	case err == nil:
		return []candidate{{name: filepath.Clean(arg)}}, nil
	case !strings.ContainsAny(arg, "*?[{"):
		if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
			err = fmt.Errorf("%s: %w", arg, failed.Err) // without the name of the system call
		}
		return nil, err
	}
	matches, err := doublestar.FilepathGlob(arg, doublestar.WithNoFollow(), doublestar.WithNoHidden())
	if err != nil {
		return nil, fmt.Errorf("glob %q: %w", arg, err)
	}
	slices.Sort(matches)
	var files []candidate
	unread := &UnreadError{}
	for _, m := range matches {
		info, err := os.Stat(m)
		switch {
		case err != nil:
			return nil, err
		case !info.IsDir():
			files = append(files, candidate{name: m})
		case strings.Contains(arg, "**") && isLink(m):
		default:
			found, err := search(m)
			if err = unread.take(err); err != nil && !isNothingFound(err) {
				return nil, err
			}
			files = append(files, found...)
		}
	}
	switch {
	case len(unread.Errs) > 0:
		return files, unread
	case len(files) == 0:
		return nil, &nothingFound{arg}
	}
	return files, nil
}

func isLink(name string) bool {
	info, err := os.Lstat(name)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

type nothingFound struct{ where string }

func (e *nothingFound) Error() string {
	return fmt.Sprintf("no connector found in %q: looked for apiDefinition.swagger.json and other *.swagger.json files", e.where)
}

func isNothingFound(err error) bool {
	_, ok := err.(*nothingFound)
	return ok
}

// search finds the connector files of a tree.
func search(root string) ([]candidate, error) { return searchIn(os.DirFS(root), root) }

// searchIn leaves out hidden folders and what package managers fill. A folder
// that cannot be read does not hide the others.
func searchIn(tree fs.FS, root string) ([]candidate, error) {
	var files []candidate
	connectors := 0
	unread := &UnreadError{}
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		full := filepath.Join(root, filepath.FromSlash(path))
		if err != nil {
			if inner := (*fs.PathError)(nil); errors.As(err, &inner) {
				err = inner.Err // its path begins at the root
			}
			unread.Errs = append(unread.Errs, fmt.Errorf("read folder %s: %w", full, err))
			return fs.SkipDir
		}
		name := entry.Name()
		switch {
		case entry.IsDir() && path != "." && (strings.HasPrefix(name, ".") || name == "node_modules"):
			return fs.SkipDir
		case !entry.Type().IsRegular():
		case isDefinitionName(name), isPropertiesName(name):
			connectors++
			files = append(files, candidate{full, true})
		case isPackageName(name):
			files = append(files, candidate{full, true})
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(unread.Errs) > 0:
		return files, unread
	case connectors == 0:
		return nil, &nothingFound{root}
	}
	return files, nil
}

func isDefinitionName(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".swagger.json") || strings.HasSuffix(name, ".swagger.yaml") || strings.HasSuffix(name, ".swagger.yml")
}

func isPropertiesName(name string) bool { return strings.EqualFold(name, "apiProperties.json") }

// pair puts a folder's properties to its definition, in the order in which the
// definitions came. When a folder holds several definitions, the properties, and
// what else is there, belong to the one with the standard name, else to the
// first.
func pair(files []candidate) []Unit {
	folders := gather(files)
	var units []Unit
	seen := map[string]bool{}
	for _, file := range files {
		f, base := folders.of(file.name)
		key := filepath.Join(f.real, base)
		if seen[key] || !isDefinitionName(base) && file.found && !isPropertiesName(base) {
			continue
		}
		u, owns := Unit{Definition: file.name}, f.owner == file.name
		switch {
		case isPropertiesName(base) && f.owner != "":
			continue
		case isPropertiesName(base):
			u, owns = Unit{Properties: file.name}, true
		case owns:
			u.Properties = f.properties
		}
		if owns && f.given {
			u.Folder, u.Beside = filepath.Dir(file.name), f.beside
		}
		units = append(units, u)
		seen[key] = true
	}
	return units
}

// A folder holds the files of a connector, or of several. It may be spelled in
// several ways, or be reached by a link; the first spelling stays.
type folder struct {
	real       string   // its one name
	owner      string   // the definition that the other files belong to
	properties string   // apiProperties.json
	beside     []string // other files of a connector
	given      bool     // the folder itself was given, or one above
}

type folders struct{ bySpelling, byName map[string]*folder }

func (f folders) of(name string) (in *folder, base string) {
	spelled, base := filepath.Split(name)
	if f.bySpelling[spelled] == nil {
		real := realFolder(spelled)
		if f.byName[real] == nil {
			f.byName[real] = &folder{real: real}
		}
		f.bySpelling[spelled] = f.byName[real]
	}
	return f.bySpelling[spelled], base
}

func gather(files []candidate) folders {
	all := folders{map[string]*folder{}, map[string]*folder{}}
	for _, file := range files {
		f, base := all.of(file.name)
		f.given = f.given || file.found
		switch {
		case isPropertiesName(base):
			if f.properties == "" {
				f.properties = file.name
			}
		case file.found && !isDefinitionName(base):
			f.beside = append(f.beside, file.name)
		case f.owner == "", isStandardName(base) && !isStandardName(filepath.Base(f.owner)):
			f.owner = file.name
		}
	}
	return all
}

// realFolder returns the one name of a folder, the given one if it has none.
func realFolder(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	if linked, err := filepath.EvalSymlinks(abs); err == nil {
		return linked
	}
	return abs
}

func isStandardName(base string) bool {
	return strings.HasPrefix(strings.ToLower(base), "apidefinition.")
}
