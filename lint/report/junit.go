package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// junitReporter writes what CI services read as JUnit XML: a suite for each file
// with findings, a case for each of them, which failed unless it is an info, whose
// text is its output. A run without findings has one
// case, which passed: a report without tests is an error to some services.
type junitReporter struct {
	w *bufio.Writer
	o Options
	cursor
	count int
}

type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitFailure `xml:"failure"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"` // the severity
		Text    string `xml:",chardata"`
	}
)

func newJUnit(w *bufio.Writer, o Options) Reporter {
	w.WriteString(xml.Header + "<testsuites name=\"connectorctl lint\">\n")
	return &junitReporter{w: w, o: o}
}

func (j *junitReporter) Report(findings []source.Diagnostic) error {
	for start := 0; start < len(findings); {
		end := start
		for end < len(findings) && findings[end].File == findings[start].File {
			end++
		}
		if err := j.suite(findings[start:end]); err != nil {
			return err
		}
		start = end
	}
	return j.w.Flush()
}

// suite writes the findings of one file.
func (j *junitReporter) suite(findings []source.Diagnostic) error {
	name := j.clean(j.o.relative(findings[0].File.Name))
	s := junitSuite{Name: name, Tests: len(findings)}
	for i := range findings {
		d := &findings[i]
		at := j.span(d.File, d.Range).start
		message := j.clean(d.Message)
		text := fmt.Sprintf("%s:%d:%d: %s: %s", name, at.Line, at.Column, d.Severity, message)
		if d.Hint != "" {
			text += "\nhint: " + j.clean(d.Hint)
		}
		c := junitCase{Name: d.Rule + " " + j.clean(d.Pointer()), Class: strings.ReplaceAll(name, ".", "_"), File: name, Line: at.Line}
		if d.Severity == source.Info {
			c.Out = text
		} else {
			s.Failures++
			c.Failure = &junitFailure{message, d.Severity.String(), text}
		}
		s.Cases = append(s.Cases, c)
	}
	return j.write(s)
}

func (j *junitReporter) clean(s string) string { return string(appendClean(nil, s)) }

func (j *junitReporter) write(s junitSuite) error {
	j.count++
	e := xml.NewEncoder(j.w)
	e.Indent("  ", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	return j.w.WriteByte('\n')
}

func (j *junitReporter) Close(Summary) error {
	if j.count == 0 {
		if err := j.write(junitSuite{Name: "connectorctl", Tests: 1, Cases: []junitCase{{Name: "no findings", Class: "connectorctl"}}}); err != nil {
			return err
		}
	}
	j.w.WriteString("</testsuites>\n")
	return j.w.Flush()
}
