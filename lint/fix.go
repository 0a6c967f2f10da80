package lint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
		next, applied, err := applyFixes(repair.Connector, repair.Findings, all)
		if err != nil {
			return Repair{}, err
		}
		if applied == 0 {
			break
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

// edits are changes by file, each against the file as it was parsed.
type edits map[*source.File][]source.Edit

// applyFixes applies as many fixes as go together. Two may be right each and
// wrong together, as when both add the same member: if the syntax shows it, the
// fixes are tried one by one, and those that do not fit wait for the next round.
func applyFixes(c *connector.Connector, findings []source.Diagnostic, all bool) (*connector.Connector, int, error) {
	var fixes []source.Diagnostic
	chosen, inDoubt := edits{}, map[*source.File]bool{}
	for _, f := range c.Files() {
		inDoubt[f] = len(f.Doubts()) > 0
	}
	for _, d := range findings {
		if d.Fix != nil && (all || d.Fix.Safe) && !d.File.Transcoded && (isSyntax(d) || !inDoubt[d.File]) && chosen.add(d) {
			fixes = append(fixes, d)
		}
	}
	if len(fixes) == 0 {
		return c, 0, nil
	}
	next, err := chosen.apply(c)
	if err == nil {
		return next, len(fixes), nil
	}
	chosen, applied := edits{}, 0
	for _, d := range fixes {
		before := slices.Clone(chosen[d.File])
		if !chosen.add(d) {
			continue
		}
		if with, tryErr := chosen.apply(c); tryErr != nil {
			chosen[d.File] = before
		} else {
			next, applied = with, applied+1
		}
	}
	if applied == 0 {
		return nil, 0, err
	}
	return next, applied, nil
}

// isSyntax reports whether a finding is one of the parser's.
func isSyntax(d source.Diagnostic) bool { return strings.HasPrefix(d.Rule, "syntax-") }

// add merges the edits of a finding's fix, if they go together with the others.
func (e edits) add(d source.Diagnostic) bool {
	changes := d.Fix.Changes()
	merged, ok := source.MergeInto(e[d.File], changes)
	if ok = ok && len(changes) > 0; ok {
		e[d.File] = merged
	}
	return ok
}

// apply makes the edited connector. The texts are parsed again, so that nothing
// is written that we could not read.
func (e edits) apply(c *connector.Connector) (*connector.Connector, error) {
	var failed error
	next := c.With(func(f *source.File) *source.File {
		if f == nil || len(e[f]) == 0 || failed != nil {
			return nil
		}
		text, err := source.Apply(f.Text, e[f])
		if err != nil {
			failed = fmt.Errorf("fix %s: %w", f.Name, err)
			return nil
		}
		renewed := source.Parse(f.Name, []byte(text))
		if p := newProblem(f, renewed); p != nil {
			failed = fmt.Errorf("fix %s: the result would not be valid (%s), so the file is left alone", f.Name, p.Message)
		}
		return renewed
	})
	return next, failed
}

// newProblem returns a syntax problem of a kind that after has more of than
// before, nil if there is none.
func newProblem(before, after *source.File) *source.Diagnostic {
	left := map[string]int{}
	for _, p := range before.Problems {
		left[p.Rule]++
	}
	for i, p := range after.Problems {
		if left[p.Rule]--; left[p.Rule] < 0 {
			return &after.Problems[i]
		}
	}
	return nil
}

// Write replaces the text of a file, whole or not at all: a temporary file
// beside it is filled and renamed. Permissions stay, and a symbolic link stays
// a link.
func Write(name, text string) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file", name)
	}
	return replace(name, text, info.Mode().Perm())
}

// WriteNew is [Write] for a file that need not exist, or is a device such as
// /dev/null.
func WriteNew(name, text string) error {
	switch info, err := os.Stat(name); {
	case err == nil && info.Mode()&(os.ModeDevice|os.ModeNamedPipe) != 0:
		return os.WriteFile(name, []byte(text), 0o644)
	case err == nil:
		return Write(name, text)
	}
	return replace(name, text, 0o644)
}

// nameFile makes an error about a temporary file one about the file that it was
// to become.
func nameFile(err error, name string) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return &os.PathError{Op: "write", Path: name, Err: at.Err}
	}
	return err
}

func replace(name, text string, mode os.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return nameFile(err, name)
	}
	defer os.Remove(tmp.Name()) // does nothing once it is renamed
	_, err = tmp.WriteString(text)
	if err == nil {
		err = tmp.Chmod(mode)
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
