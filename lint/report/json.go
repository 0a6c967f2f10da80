package report

import (
	"bufio"
	"path/filepath"
	"strconv"
	"unicode/utf8"

	"github.com/connectorctl/connectorctl/connector/source"
)

// jsonReporter writes docs/output.v1.schema.json, one finding on a line, so
// that two reports can be compared with diff. It appends to a buffer by hand:
// a run over a large tree has tens of thousands of findings, and reflection
// would cost as much as parsing the files did.
type jsonReporter struct {
	w     *bufio.Writer
	buf   []byte
	count int
	cursor
}

func newJSON(w *bufio.Writer, _ Options) Reporter {
	w.WriteString(`{"version":1,"findings":[`)
	return &jsonReporter{w: w}
}

func (j *jsonReporter) Report(findings []source.Diagnostic) error {
	for i := range findings {
		if j.count++; j.count > 1 {
			j.w.WriteByte(',')
		}
		j.buf = j.finding(append(j.buf[:0], '\n'), &findings[i])
		if _, err := j.w.Write(j.buf); err != nil {
			return err
		}
	}
	return nil
}

func (j *jsonReporter) Close(s Summary) error {
	b := j.buf[:0]
	if j.count > 0 {
		b = append(b, '\n')
	}
	b = append(b, `],"summary":{"files":`...)
	b = strconv.AppendInt(b, int64(s.Files), 10)
	b = append(b, `,"errors":`...)
	b = strconv.AppendInt(b, int64(s.Errors), 10)
	b = append(b, `,"warnings":`...)
	b = strconv.AppendInt(b, int64(s.Warnings), 10)
	b = append(b, `,"infos":`...)
	b = strconv.AppendInt(b, int64(s.Infos), 10)
	if s.Stopped {
		b = append(b, `,"stopped":true`...)
	}
	b = append(b, '}')
	if len(s.Checks) > 0 {
		b = appendChecks(b, s.Checks)
	}
	b = append(b, "}\n"...)
	if _, err := j.w.Write(b); err != nil {
		return err
	}
	return j.w.Flush()
}

func appendChecks(b []byte, checks []Check) []byte {
	for i, c := range checks {
		b = append(b, []string{`,"checks":[`, ","}[min(i, 1)]...)
		b = append(b, "\n{\"operation\":"...)
		b = appendString(b, c.Operation)
		b = append(b, `,"check":`...)
		b = appendString(b, c.ID)
		b = append(b, `,"status":`...)
		b = appendString(b, c.Status)
		b = append(b, `,"detail":`...)
		b = appendString(b, c.Detail)
		b = append(b, '}')
	}
	return append(b, "\n]"...)
}

func (j *jsonReporter) finding(b []byte, d *source.Diagnostic) []byte {
	b = append(b, `{"rule":`...)
	b = appendString(b, d.Rule)
	if d.Official != "" {
		b = append(b, `,"official":`...)
		b = appendString(b, d.Official)
	}
	b = append(b, `,"severity":`...)
	b = appendString(b, d.Severity.String())
	b = append(b, `,"path":`...)
	b = appendString(b, filepath.ToSlash(d.File.Name))
	b = append(b, `,"pointer":`...)
	b = appendString(b, d.Pointer())
	b = append(b, `,"range":`...)
	b = appendRange(b, j.span(d.File, d.Range))
	b = append(b, `,"message":`...)
	b = appendString(b, d.Message)
	if d.Hint != "" {
		b = append(b, `,"hint":`...)
		b = appendString(b, d.Hint)
	}
	if d.Fix != nil {
		b = append(b, `,"fix":{"title":`...)
		b = appendString(b, d.Fix.Title)
		b = append(b, `,"safe":`...)
		b = strconv.AppendBool(b, d.Fix.Safe)
		b = append(b, '}')
	}
	if len(d.Related) > 0 {
		b = appendRelated(b, d.Related)
	}
	return append(b, '}')
}

func appendRelated(b []byte, related []source.Related) []byte {
	b = append(b, `,"related":`...)
	for i, r := range related {
		if i == 0 {
			b = append(b, '[')
		} else {
			b = append(b, ',')
		}
		b = append(b, `{"path":`...)
		b = appendString(b, filepath.ToSlash(r.File.Name))
		b = append(b, `,"range":`...)
		b = appendRange(b, new(cursor).span(r.File, r.Range))
		b = append(b, `,"message":`...)
		b = appendString(b, r.Message)
		b = append(b, '}')
	}
	return append(b, ']')
}

func appendRange(b []byte, s span) []byte {
	b = append(b, `{"start":`...)
	b = appendPosition(b, s.start, s.Start)
	b = append(b, `,"end":`...)
	b = appendPosition(b, s.end, s.End)
	return append(b, '}')
}

func appendPosition(b []byte, p source.Position, offset int) []byte {
	b = append(b, `{"line":`...)
	b = strconv.AppendInt(b, int64(p.Line), 10)
	b = append(b, `,"column":`...)
	b = strconv.AppendInt(b, int64(p.Column), 10)
	b = append(b, `,"offset":`...)
	b = strconv.AppendInt(b, int64(offset), 10)
	return append(b, '}')
}

// appendString appends s as a JSON string. Like encoding/json, it turns
// invalid UTF-8 into U+FFFD and escapes the two line separators that JSON
// allows and JavaScript does not; unlike it, it leaves <, > and & readable.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	done := 0 // s[:done] is in b
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if c >= utf8.RuneSelf && !(r == utf8.RuneError && size == 1) && r != '\u2028' && r != '\u2029' {
			i += size
			continue
		}
		b = append(b, s[done:i]...)
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', c)
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == utf8.RuneError:
			b = append(b, "\ufffd"...)
		default:
			b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		}
		i += size
		done = i
	}
	b = append(b, s[done:]...)
	return append(b, '"')
}
