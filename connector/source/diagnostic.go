package source

import "fmt"

// Severity is how much a finding matters. The zero Severity means that the
// rule is off.
type Severity uint8

const (
	Off     Severity = iota // not reported
	Info                    // worth knowing
	Warning                 // works, but not as its author thinks, or not for everyone
	Error                   // does not work, or is refused
)

var severityNames = [...]string{"off", "info", "warning", "error"}

// String returns the name that configuration and reports use.
func (s Severity) String() string { return severityNames[s] }

// ParseSeverity is the inverse of [Severity.String].
func ParseSeverity(name string) (Severity, error) {
	for i, n := range severityNames {
		if n == name {
			return Severity(i), nil
		}
	}
	return Off, fmt.Errorf("unknown severity %q: expected off, info, warning or error", name)
}

// Range is a half-open range of byte offsets into [File.Text].
type Range struct{ Start, End int }

// Contains reports whether inner lies within r.
func (r Range) Contains(inner Range) bool { return r.Start <= inner.Start && inner.End <= r.End }

// Diagnostic is one finding: what is wrong, and where.
type Diagnostic struct {
	Rule     string   // stable id in kebab-case
	Official string   // the name of the certification rule that it breaks, "" if none
	Severity Severity // Off until the engine has set it
	File     *File
	Range    Range  // what to underline
	Node     Node   // what it is about; gives the JSON Pointer
	Message  string // lower case, no full stop, what is wrong before what is expected
	Hint     string // what to do, when that is not obvious
	Related  []Related
	Fix      *Fix // at most one
}

// Related is another place that explains a finding.
type Related struct {
	File    *File
	Range   Range
	Message string
}

// Fix is a change that removes the cause of a finding. Its edits apply to the
// file of the diagnostic as it was parsed.
type Fix struct {
	Title string // a verb phrase: "remove the comma"
	Safe  bool   // does what the author meant beyond doubt; --fix applies it
	Edits []Edit // nil if an editor makes them when they are asked for, see Changes

	editor *Editor
}

// FixBy makes a fix of what an editor was asked to do, nil if the file does not
// allow it. Most fixes are never applied, and their edits never made.
func FixBy(title string, e *Editor) *Fix {
	f := &Fix{Title: title, editor: e}
	if e.doubtful {
		e.runAll()
		for _, c := range e.changes {
			e.check(c)
		}
	}
	if e.err != nil || e.f.Format != JSON && len(f.Changes()) == 0 {
		return nil // JSON has no aliases and no other place that cannot be edited
	}
	return f
}

// Changes returns the edits of a fix. It is not for several goroutines at once.
func (f *Fix) Changes() []Edit {
	if f.Edits == nil && f.editor != nil {
		f.Edits, _ = f.editor.Edits() // nil: nothing is to be changed after all
		f.editor = nil
	}
	return f.Edits
}

// Pointer returns the JSON Pointer of what the finding is about: of its node,
// or else of the innermost value around its range.
func (d *Diagnostic) Pointer() string {
	if d.Node.Exists() {
		return d.Node.Pointer()
	}
	return d.File.NodeAt(d.Range.Start).Pointer()
}
