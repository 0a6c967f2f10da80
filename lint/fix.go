package lint

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// Repair is what fixing one connector gave. Nothing is written yet.
type Repair struct {
	Connector *connector.Connector // after the fixes
	Findings  []source.Diagnostic  // what is left
	Changes   []Change             // one for each file that differs
	Applied   int                  // fixes
}

// Change is a file's text before and after.
type Change struct {
	File *source.File // as read
	Text string
}

// maxRounds bounds how often fixes are applied and the result is linted again.
// A second round serves fixes that overlapped another, and findings that a
// syntax error had hidden.
const maxRounds = 5

// Fix applies the safe fixes of a result's findings, or all of them. Fixes are
// taken in the order of the findings; one that overlaps another waits for the
// next round. A text whose syntax would be worse than before is an error, and
// no change is returned.
func (l *Linter) Fix(r Result, all bool) (Repair, error) {
	repair := Repair{Connector: r.Connector, Findings: r.Findings}
	for range maxRounds {
		edits, applied := chooseEdits(repair.Findings, all)
		if applied == 0 {
			break
		}
		next, err := rebuild(repair.Connector, edits)
		if err != nil {
			return Repair{}, err
		}
		repair.Connector, repair.Applied = next, repair.Applied+applied
		repair.Findings = l.Check(next, r.Config)
	}
	before := r.Connector.Files()
	for i, f := range repair.Connector.Files() {
		if f.Text != before[i].Text {
			repair.Changes = append(repair.Changes, Change{before[i], f.Text})
		}
	}
	return repair, nil
}

func chooseEdits(findings []source.Diagnostic, all bool) (map[*source.File][]source.Edit, int) {
	edits, applied := map[*source.File][]source.Edit{}, 0
	for _, d := range findings {
		if d.Fix == nil || !all && !d.Fix.Safe || d.File.Transcoded {
			continue
		}
		if merged, ok := source.Merge(edits[d.File], d.Fix.Edits); ok {
			edits[d.File] = merged
			applied++
		}
	}
	return edits, applied
}

// rebuild applies edits and parses the texts again, so that nothing is written
// that we could not read.
func rebuild(c *connector.Connector, edits map[*source.File][]source.Edit) (*connector.Connector, error) {
	renew := func(f *source.File) (*source.File, error) {
		if f == nil || len(edits[f]) == 0 {
			return f, nil
		}
		text, err := source.Apply(f.Text, edits[f])
		if err != nil {
			return nil, fmt.Errorf("fix %s: %w", f.Name, err)
		}
		renewed := source.Parse(f.Name, []byte(text))
		if len(renewed.Problems) > len(f.Problems) {
			p := renewed.Problems[0]
			return nil, fmt.Errorf("fix %s: the fixes would break its syntax (%s), the file is left alone", f.Name, p.Message)
		}
		return renewed, nil
	}
	definition, err := renew(c.Definition.File)
	if err != nil {
		return nil, err
	}
	properties, err := renew(c.Properties)
	if err != nil {
		return nil, err
	}
	return connector.New(c.Name, definition, properties), nil
}

// Write puts a text into a file, whole or not at all: a temporary file beside
// it is filled and renamed. Permissions stay, and a symbolic link stays a link.
func Write(name, text string) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // does nothing once it is renamed
	_, err = tmp.WriteString(text)
	if err == nil {
		err = tmp.Chmod(info.Mode().Perm())
	}
	if err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
