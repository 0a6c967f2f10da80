package connector

import (
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
	Data       []byte // the definition's text, if it is not to be read from a file
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
		if i > 0 || u.Data == nil {
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
// same as YAML, and whatever else ends in .swagger.json. Symbolic links inside
// trees are not followed.
func Find(args []string) ([]Unit, error) {
	var names []string
	for _, arg := range args {
		found, err := expand(arg)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	return pair(names), nil
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
	for _, m := range matches {
		info, err := os.Stat(m)
		switch {
		case err != nil:
			return nil, err
		case !info.IsDir():
			names = append(names, m)
		default:
			found, err := search(m)
			if err != nil && !isNothingFound(err) {
				return nil, err
			}
			names = append(names, found...)
		}
	}
	if len(names) == 0 {
		return nil, &nothingFound{arg}
	}
	return names, nil
}

type nothingFound struct{ where string }

func (e *nothingFound) Error() string {
	return fmt.Sprintf("no connector found in %q: looked for apiDefinition.swagger.json and other *.swagger.json files", e.where)
}

func isNothingFound(err error) bool {
	_, ok := err.(*nothingFound)
	return ok
}

// search finds the connector files of a tree. Hidden folders and what package
// managers fill are left out.
func search(root string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		switch {
		case entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "node_modules"):
			return fs.SkipDir
		case entry.Type().IsRegular() && (isDefinitionName(name) || isPropertiesName(name)):
			names = append(names, path)
		}
		return nil
	})
	if err == nil && len(names) == 0 {
		err = &nothingFound{root}
	}
	return names, err
}

func isDefinitionName(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".swagger.json") || strings.HasSuffix(name, ".swagger.yaml") || strings.HasSuffix(name, ".swagger.yml")
}

func isPropertiesName(name string) bool { return strings.EqualFold(name, "apiProperties.json") }

// pair puts a folder's properties to its definition, in the order in which the
// definitions came. When a folder holds several definitions, the properties
// belong to the one with the standard name, else to the first.
func pair(names []string) []Unit {
	properties := map[string]string{} // by folder
	owner := map[string]string{}      // the definition they belong to, by folder
	for _, name := range names {
		dir, base := filepath.Split(name)
		if isPropertiesName(base) {
			properties[dir] = name
		} else if owner[dir] == "" || isStandardName(base) && !isStandardName(filepath.Base(owner[dir])) {
			owner[dir] = name
		}
	}
	var units []Unit
	seen := map[string]bool{}
	for _, name := range names {
		dir, base := filepath.Split(name)
		switch {
		case seen[name]:
		case !isPropertiesName(base):
			u := Unit{Definition: name}
			if owner[dir] == name {
				u.Properties = properties[dir]
			}
			units = append(units, u)
		case owner[dir] == "":
			units = append(units, Unit{Properties: name})
		}
		seen[name] = true
	}
	return units
}

func isStandardName(base string) bool {
	return strings.HasPrefix(strings.ToLower(base), "apidefinition.")
}
