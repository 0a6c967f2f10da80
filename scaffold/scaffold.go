// Package scaffold makes a Go project of a connector definition: a publisher
// that takes registrations, delivers notifications and serves the connector's
// actions. The runtime is ordinary Go, in the folder publisher, and is copied;
// templates print only what the definition decides.
package scaffold

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// Options say what to generate.
type Options struct {
	Module   string   // import path of the project
	Triggers []string // operationIds of the triggers to serve; none means all
}

// Project is a plan: files, which are not on the disk yet.
type Project struct {
	Files []File // in the order of their names
	Notes []Note // what the owner of the definition should know

	module string
}

// File is one file of a project.
type File struct {
	Name  string // below the project's folder, with slashes
	Text  string
	Owner Owner
}

// Owner says whose a file is once it is written.
type Owner uint8

const (
	Generated Owner = iota // ours: replaced by every run, as long as it is not taken over
	Once                   // written once, then the owner's
	Business               // the owner's alone: written if it is missing, and never replaced
)

// Note is a place in the definition that cannot be served as it is written.
type Note struct {
	At      source.Node
	Message string
}

// Mend is the way out of a refusal.
type Mend uint8

const (
	MendSyntax   Mend = iota // correct the syntax
	MendConvert              // make a trigger of an action
	MendCallback             // mark the callback field
	MendSecurity             // correct the security schemes
)

// Refusal is the error of a definition that cannot be served.
type Refusal struct {
	Reason    string
	Mend      Mend
	Operation *connector.Operation // nil if it is not about one
	Scheme    source.Node          // of security; absent if it is not about one
}

func (r *Refusal) Error() string { return r.Reason }

// UnknownTriggerError says that an option names no trigger.
type UnknownTriggerError struct {
	ID       string
	Triggers []string // those that there are
}

func (e *UnknownTriggerError) Error() string {
	return fmt.Sprintf("%q is no trigger: expected %s", e.ID, list(e.Triggers))
}

// list writes names for a message, not more of them than one can read.
func list(names []string) string {
	const shown = 12
	var quoted []string
	for _, n := range names[:min(len(names), shown)] {
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	if more := len(names) - shown; more > 0 {
		return fmt.Sprintf("%s or one of %d more", strings.Join(quoted, ", "), more)
	}
	if last := len(quoted) - 1; last > 0 {
		return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
	}
	return strings.Join(quoted, "")
}

// Generate plans the project of a connector. Nothing touches the disk. Errors
// are [*Refusal], [*UnknownTriggerError], and what is wrong with the options.
func Generate(c *connector.Connector, o Options) (*Project, error) {
	if err := CheckModule(o.Module); err != nil {
		return nil, err
	}
	d := c.Definition
	if d.File == nil || len(d.File.Problems) > 0 {
		return nil, &Refusal{Reason: "the definition has syntax errors", Mend: MendSyntax}
	}
	if !d.IsSwagger2() {
		return nil, &Refusal{Reason: "the definition is not OpenAPI 2.0, which is what the platform takes", Mend: MendConvert}
	}
	b, err := build(c, o)
	if err != nil {
		return nil, err
	}
	b.Definition = "definition.json"
	if d.File.Format == source.YAML {
		b.Definition = "definition.yaml"
	}
	files, err := b.files()
	if err != nil {
		return nil, err
	}
	files = append(files, File{Name: "contract/" + b.Definition, Text: d.File.Text})
	files = append(files, File{Name: "contract/schemas.json", Text: b.Schemas})
	runtime, err := runtimeFiles(o.Module)
	if err != nil {
		return nil, err
	}
	files = append(files, runtime...)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return &Project{Files: append(files, manifest(files, o.Triggers)), Notes: b.notes, module: o.Module}, nil
}

// note adds a note, once.
func (b *builder) note(at source.Node, format string, args ...any) {
	if n := (Note{at, fmt.Sprintf(format, args...)}); !slices.Contains(b.notes, n) {
		b.notes = append(b.notes, n)
	}
}

// reservedModules are how import paths of the standard library and of the go
// command start.
var reservedModules = strings.Fields(`all archive arena bufio builtin bytes cmd cmp compress container context crypto
	database debug embed encoding errors expvar flag fmt go hash html image index internal io iter log maps math mime net
	os path plugin reflect regexp runtime simd slices sort std strconv strings structs sync syscall testing text time tool
	unicode unique unsafe vendor weak work`)

// CheckModule says what is wrong with a module path (Go Modules Reference,
// "Module paths"): one that would end the string it is printed in, above all.
func CheckModule(module string) error {
	if module == "" {
		return fmt.Errorf("the project needs a module path, such as example.com/publisher")
	}
	for _, r := range module {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("-._~/", r) {
			return fmt.Errorf("module path %q has the character %q: expected letters, digits, and - . _ ~ /", module, r)
		}
	}
	if first, _, _ := strings.Cut(module, "/"); slices.Contains(reservedModules, first) {
		return fmt.Errorf("module path %q starts like a package of Go's own: put something in front, such as example.com/%s", module, module)
	}
	for element := range strings.SplitSeq(module, "/") {
		if element == "vendor" {
			return fmt.Errorf("module path %q has the element \"vendor\", from which Go imports nothing", module)
		}
		if element == "" || element[0] == '.' || element[0] == '-' || element[len(element)-1] == '.' {
			return fmt.Errorf("module path %q has the element %q, which Go refuses", module, element)
		}
	}
	if path.Clean(module) != module {
		return fmt.Errorf("module path %q is not in its shortest form", module)
	}
	return nil
}
