package scaffold

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// manifestName is the file that lists what is generated.
const manifestName = ".scaffold.json"

type manifestData struct {
	Comment  string   `json:"//"`
	Triggers []string `json:"triggers,omitempty"` // that were chosen; none means all
	Files    []string `json:"files"`
}

// manifest lists the generated files of a project, which is how a later run
// knows those that carry no mark, and those that are no longer needed, and the
// triggers that were chosen.
func manifest(files []File, triggers []string) File {
	m := manifestData{Comment: mark, Triggers: triggers, Files: []string{}}
	for _, f := range files {
		if f.Owner == Generated {
			m.Files = append(m.Files, f.Name)
		}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic(err) // strings can always be written
	}
	return File{Name: manifestName, Text: string(text) + "\n"}
}

// Change is what writing a project does to one file.
type Change struct {
	Name string
	Verb Verb
	text string
}

// Verb says what is done to a file.
type Verb uint8

const (
	Create Verb = iota
	Replace
	Remove
	Keep     // it is the owner's
	Same     // it is as it should be
	Complete // it is the owner's, and lacks what the project needs
)

func (v Verb) String() string {
	return [...]string{"create", "replace", "remove", "keep", "same", "complete"}[v]
}

// Folder is where a project is, or is to be. Nothing outside of it is read or
// written, whatever links it holds.
type Folder struct {
	root     *os.Root // nil: the folder does not exist
	name     string
	manifest map[string]bool // nil: no project has been generated here
	triggers []string        // that it serves; none means all
}

// OpenFolder looks at a folder, which need not exist.
func OpenFolder(name string) (*Folder, error) {
	f := &Folder{name: name}
	root, err := os.OpenRoot(name)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	f.root = root
	data, err := f.read(manifestName)
	if err != nil || data == nil {
		return f, err
	}
	var m manifestData
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("read %s: %w; restore it, or remove it to generate anew with --force", path.Join(name, manifestName), err)
	}
	f.manifest, f.triggers = map[string]bool{}, m.Triggers
	for _, file := range m.Files {
		f.manifest[file] = true
	}
	return f, nil
}

// Close lets the folder go.
func (f *Folder) Close() error {
	if f.root == nil {
		return nil
	}
	return f.root.Close()
}

// Triggers returns the triggers that were chosen when the folder's project was
// generated; none means all.
func (f *Folder) Triggers() []string { return f.triggers }

// Module returns the module path that the folder's go.mod says, "" if it has
// none.
func (f *Folder) Module() (string, error) {
	data, err := f.read("go.mod")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "module" {
			return strings.Trim(fields[1], "\"`"), nil
		}
	}
	return "", nil
}

// read returns a file's bytes, nil if there is none. A symbolic link on the
// way to it is an error, and so is anything that is no file.
func (f *Folder) read(name string) ([]byte, error) {
	if f.root == nil {
		return nil, nil
	}
	for i, c := range name + "/" {
		if c != '/' {
			continue
		}
		info, err := f.root.Lstat(name[:i])
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		at := path.Join(f.name, name[:i])
		switch mode := info.Mode(); {
		case mode&fs.ModeSymlink != 0:
			return nil, fmt.Errorf("%s is a symbolic link, and nothing is written through one", at)
		case i < len(name) && !mode.IsDir():
			return nil, fmt.Errorf("%s is no folder", at)
		case i == len(name) && !mode.IsRegular():
			return nil, fmt.Errorf("%s is no regular file", at)
		}
	}
	data, err := f.root.ReadFile(name)
	return append([]byte{}, data...), err
}

// Plan says what writing a project would do. With force, files that are the
// owner's are replaced too, but never those that hold the business.
func (f *Folder) Plan(p *Project, force bool) ([]Change, error) {
	var changes []Change
	planned := map[string]bool{}
	for _, file := range p.Files {
		planned[file.Name] = true
		existing, err := f.read(file.Name)
		if err != nil {
			return nil, err
		}
		c := Change{Name: file.Name, text: file.Text}
		switch {
		case existing == nil:
			c.Verb = Create
		case string(existing) == file.Text:
			c.Verb = Same
		case file.Name == "go.mod" && !force:
			if c.text, err = requireAll(existing, file.Text); err != nil {
				return nil, fmt.Errorf("%s: %w", path.Join(f.name, file.Name), err)
			}
			if c.Verb = Complete; c.text == string(existing) {
				c.Verb = Keep
			}
		case file.Name == "go.sum" && !force:
			if c.text = addLines(string(existing), file.Text); c.text == string(existing) {
				c.Verb = Keep
			} else {
				c.Verb = Complete
			}
		case f.isOwners(file, existing, force):
			if c.Verb = Keep; file.Owner == Generated && f.manifest == nil {
				return nil, fmt.Errorf("%s is there already and was not generated: choose another folder, or replace it with --force", path.Join(f.name, file.Name))
			}
		default:
			c.Verb = Replace
		}
		changes = append(changes, c)
	}
	for name := range f.manifest {
		if planned[name] || !fs.ValidPath(name) {
			continue
		}
		existing, err := f.read(name)
		if err != nil {
			return nil, err
		}
		if existing != nil && !f.isOwners(File{Name: name}, existing, false) {
			changes = append(changes, Change{Name: name, Verb: Remove})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Name, b.Name) })
	return changes, nil
}

// isOwners reports whether a file that exists is not ours to replace.
func (f *Folder) isOwners(file File, existing []byte, force bool) bool {
	switch {
	case file.Owner == Business:
		return true
	case force:
		return false
	case file.Owner == Once:
		return true
	case file.Name == manifestName:
		return false
	case commentMark(file.Name) != "":
		return !isMarked(existing)
	}
	return !f.manifest[file.Name]
}

// isMarked reports whether a text starts with a comment that has the mark.
func isMarked(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if bytes.HasSuffix(line, []byte(mark)) {
			return true
		}
		if len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) && !bytes.HasPrefix(line, []byte("--")) {
			return false
		}
	}
	return false
}

// Stale returns the names of generated files that are not as a project has
// them. What the owner has taken over is not among them.
func Stale(changes []Change, p *Project) []string {
	mine := map[string]bool{}
	for _, f := range p.Files {
		mine[f.Name] = f.Owner == Generated
	}
	var names []string
	for _, c := range changes {
		if c.Verb == Remove || mine[c.Name] && (c.Verb == Create || c.Verb == Replace) {
			names = append(names, c.Name)
		}
	}
	return names
}

// Write makes changes. Each file is written whole, by a temporary file and a
// rename.
func (f *Folder) Write(changes []Change) error {
	if f.root == nil {
		if err := os.MkdirAll(f.name, 0o777); err != nil {
			return err
		}
		root, err := os.OpenRoot(f.name)
		if err != nil {
			return err
		}
		f.root = root
	}
	for _, c := range changes {
		var err error
		switch c.Verb {
		case Create, Replace, Complete:
			err = f.write(c.Name, c.text)
		case Remove:
			err = f.root.Remove(c.Name)
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", c.Verb, path.Join(f.name, c.Name), err)
		}
	}
	return nil
}

func (f *Folder) write(name, text string) error {
	if err := f.root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return err
	}
	temporary := path.Join(path.Dir(name), "."+path.Base(name)+"."+rand.Text())
	file, err := f.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = f.root.Rename(temporary, name)
	}
	if err != nil {
		_ = f.root.Remove(temporary) // it is not there, or it is of no use
	}
	return err
}
