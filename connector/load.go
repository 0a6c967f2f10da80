package connector

import (
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
}

// Files returns the files that were read, the definition first.
func (c *Connector) Files() []*source.File {
	var files []*source.File
	if c.Definition.File != nil {
		files = append(files, c.Definition.File)
	}
	if c.Properties != nil {
		files = append(files, c.Properties)
	}
	return files
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
	return New(u.Name(), files[0], files[1]), nil
}

// readFile reads no more than source.Parse will take, so that a device that
// never ends cannot fill the memory.
func readFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var text strings.Builder
	if info, err := f.Stat(); err == nil {
		text.Grow(int(min(info.Size(), source.MaxSize)))
	}
	buffer := buffers.Get().(*[64 << 10]byte)
	defer buffers.Put(buffer)
	if _, err := io.CopyBuffer(&text, io.LimitReader(f, source.MaxSize+1), buffer[:]); err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return text.String(), nil
}

var buffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

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
	var names []string
	unread := &UnreadError{}
	for _, arg := range args {
		found, err := expand(arg)
		if err = unread.take(err); err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	if len(unread.Errs) > 0 {
		return pair(names), unread
	}
	return pair(names), nil
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

func expand(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return search(arg)
	case err == nil:
		return []string{filepath.Clean(arg)}, nil
	case !strings.ContainsAny(arg, "*?[{"):
		return nil, err
	}
	matches, err := doublestar.FilepathGlob(arg, doublestar.WithNoFollow(), doublestar.WithNoHidden())
	if err != nil {
		return nil, fmt.Errorf("glob %q: %w", arg, err)
	}
	slices.Sort(matches)
	var names []string
	unread := &UnreadError{}
	for _, m := range matches {
		info, err := os.Stat(m)
		switch {
		case err != nil:
			return nil, err
		case !info.IsDir():
			names = append(names, m)
		case strings.Contains(arg, "**") && isLink(m):
		default:
			found, err := search(m)
			if err = unread.take(err); err != nil && !isNothingFound(err) {
				return nil, err
			}
			names = append(names, found...)
		}
	}
	switch {
	case len(unread.Errs) > 0:
		return names, unread
	case len(names) == 0:
		return nil, &nothingFound{arg}
	}
	return names, nil
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
func search(root string) ([]string, error) { return searchIn(os.DirFS(root), root) }

// searchIn leaves out hidden folders and what package managers fill. A folder
// that cannot be read does not hide the others.
func searchIn(tree fs.FS, root string) ([]string, error) {
	var names []string
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
		case entry.Type().IsRegular() && (isDefinitionName(name) || isPropertiesName(name)):
			names = append(names, full)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(unread.Errs) > 0:
		return names, unread
	case len(names) == 0:
		return nil, &nothingFound{root}
	}
	return names, nil
}

func isDefinitionName(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".swagger.json") || strings.HasSuffix(name, ".swagger.yaml") || strings.HasSuffix(name, ".swagger.yml")
}

func isPropertiesName(name string) bool { return strings.EqualFold(name, "apiProperties.json") }

// pair puts a folder's properties to its definition, in the order in which the
// definitions came. When a folder holds several definitions, the properties
// belong to the one with the standard name, else to the first. A folder may be
// spelled in several ways, or be reached by a link; the first spelling stays.
func pair(names []string) []Unit {
	folders := map[string]string{} // what a folder really is, by its spelling
	at := func(name string) (dir, base string) {
		spelled, base := filepath.Split(name)
		if folders[spelled] == "" {
			folders[spelled] = realFolder(spelled)
		}
		return folders[spelled], base
	}
	properties := map[string]string{} // by folder
	owner := map[string]string{}      // the definition they belong to, by folder
	for _, name := range names {
		dir, base := at(name)
		switch {
		case isPropertiesName(base):
			if properties[dir] == "" {
				properties[dir] = name
			}
		case owner[dir] == "", isStandardName(base) && !isStandardName(filepath.Base(owner[dir])):
			owner[dir] = name
		}
	}
	var units []Unit
	seen := map[string]bool{}
	for _, name := range names {
		dir, base := at(name)
		switch key := filepath.Join(dir, base); {
		case seen[key]:
			continue
		case !isPropertiesName(base):
			u := Unit{Definition: name}
			if owner[dir] == name {
				u.Properties = properties[dir]
			}
			units = append(units, u)
			seen[key] = true
		case owner[dir] == "":
			units = append(units, Unit{Properties: name})
			seen[key] = true
		}
	}
	return units
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
