package report

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// textReporter writes for a person. The first line of a finding has the form
// that compilers use and editors turn into a link; the lines below it are
// indented, so that they cannot be taken for one.
type textReporter struct {
	w     *bufio.Writer
	paint palette
	buf   []byte
	cursor
	files fileCount
}

func newText(w *bufio.Writer, o Options) Reporter {
	t := &textReporter{w: w}
	if o.Color {
		t.paint = colours
	}
	return t
}

// palette holds the escape sequence before each kind of text; reset ends it.
type palette struct {
	path, rule, gutter, hint, note string
	severity                       [4]string // indexed by source.Severity
	reset                          string
}

// colours are among the eight that every terminal theme makes readable. The
// source line itself stays plain.
var colours = palette{
	path:     "\x1b[1m",
	rule:     "\x1b[2m",
	gutter:   "\x1b[2m",
	hint:     "\x1b[36m",
	note:     "\x1b[36m",
	severity: [4]string{source.Off: "\x1b[36m", source.Info: "\x1b[36m", source.Warning: "\x1b[33m", source.Error: "\x1b[31m"},
	reset:    "\x1b[0m",
}

func (t *textReporter) Report(findings []source.Diagnostic) error {
	t.files.add(findings)
	for i := range findings {
		t.buf = t.finding(t.buf[:0], &findings[i])
		if _, err := t.w.Write(t.buf); err != nil {
			return err
		}
	}
	return t.w.Flush()
}

func (t *textReporter) Close(s Summary) error {
	if t.files > 0 {
		t.w.WriteByte('\n')
	}
	fmt.Fprintln(t.w, s.sentence(t.files))
	return t.w.Flush()
}

func (t *textReporter) finding(b []byte, d *source.Diagnostic) []byte {
	s := t.span(d.File, d.Range)
	b = append(b, t.paint.path...)
	b = appendClean(b, d.File.Name)
	b = append(b, t.paint.reset...)
	b = appendPlace(b, s.start)
	b = t.label(b, t.paint.severity[d.Severity], d.Severity.String())
	b = appendClean(b, d.Message)
	b = append(b, ' ')
	b = append(b, t.paint.rule...)
	b = append(b, '[')
	b = appendClean(b, d.Rule)
	b = append(b, ']')
	b = append(b, t.paint.reset...)
	b = append(b, '\n')
	b = t.excerpt(b, d.File.Text, s, t.paint.severity[d.Severity])
	if d.Hint != "" {
		b = append(b, "  "...)
		b = t.label(b, t.paint.hint, "hint")
		b = appendClean(b, d.Hint)
		b = append(b, '\n')
	}
	for _, r := range d.Related {
		b = append(b, "  "...)
		b = appendClean(b, r.File.Name)
		b = appendPlace(b, r.File.Position(r.Range.Start))
		b = t.label(b, t.paint.note, "note")
		b = appendClean(b, r.Message)
		b = append(b, '\n')
	}
	return b
}

func appendPlace(b []byte, at source.Position) []byte {
	b = append(b, ':')
	b = strconv.AppendInt(b, int64(at.Line), 10)
	b = append(b, ':')
	b = strconv.AppendInt(b, int64(at.Column), 10)
	return append(b, ": "...)
}

func (t *textReporter) label(b []byte, paint, label string) []byte {
	b = append(b, paint...)
	b = append(b, label...)
	b = append(b, ':')
	b = append(b, t.paint.reset...)
	return append(b, ' ')
}

// excerpt appends the source line of a finding behind its number, and below it
// the line that marks the range. A blank line, as at the end of a file, shows
// nothing and is left out.
func (t *textReporter) excerpt(b []byte, text string, s span, paint string) []byte {
	e := excerptOf(text, s.Range)
	if e.blank() {
		return b
	}
	number := strconv.Itoa(s.start.Line)
	b = t.gutter(b, number)
	b = append(b, e.line...)
	b = append(b, '\n')
	b = t.gutter(b, strings.Repeat(" ", len(number)))
	b = append(b, e.padding...)
	b = append(b, paint...)
	b = append(b, e.mark...)
	b = append(b, t.paint.reset...)
	return append(b, '\n')
}

// gutter appends what stands before the source. Without it a line of the file
// could pass for a workflow command, when the log of a CI service is scanned.
func (t *textReporter) gutter(b []byte, number string) []byte {
	b = append(b, "  "...)
	b = append(b, t.paint.gutter...)
	b = append(b, number...)
	b = append(b, " |"...)
	b = append(b, t.paint.reset...)
	return append(b, ' ')
}
