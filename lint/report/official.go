package report

import (
	"bufio"
	"fmt"

	"github.com/connectorctl/connectorctl/connector/source"
)

// officialReporter writes what the validator of certification finds too, for
// those who compare: a line for each finding of a rule of its catalogue, with the
// validator's words for the level (Microsoft docs: "Custom connector validation
// rules"), the rule and the place. The messages are not ours to repeat.
type officialReporter struct {
	w *bufio.Writer
	o Options
	cursor
}

func newOfficial(w *bufio.Writer, o Options) Reporter { return &officialReporter{w: w, o: o} }

func (r *officialReporter) Report(findings []source.Diagnostic) error {
	for i := range findings {
		d := &findings[i]
		if d.Official == "" {
			continue
		}
		level := "Warning" // the validator has no notes
		if d.Severity == source.Error {
			level = "Error"
		}
		at := r.span(d.File, d.Range).start
		name := appendClean(nil, r.o.relative(d.File.Name))
		fmt.Fprintf(r.w, "%s: %s: %s (%s:%d:%d)\n", level, d.Official, appendClean(nil, d.Pointer()), name, at.Line, at.Column)
	}
	return r.w.Flush()
}

// Close adds nothing: the lines are to be compared.
func (r *officialReporter) Close(Summary) error { return r.w.Flush() }
