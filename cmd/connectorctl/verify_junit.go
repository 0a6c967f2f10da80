package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/connector/verify"
)

// The structs follow what CI services read as JUnit XML: a suite for each
// trigger, a case for each check.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Name    string       `xml:"name,attr"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Failure *junitFailure `xml:"failure"`
		Skipped *junitSkipped `xml:"skipped"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// junit writes a report. What a check below failOn found is text of a case that
// passed: a build is as red as the exit status. Off, where nothing sets that,
// leaves errors red.
func junit(w io.Writer, r *verify.Report, failOn source.Severity) error {
	if failOn == source.Off {
		failOn = source.Error
	}
	all := junitSuites{Name: "connectorctl verify"}
	for _, t := range r.Triggers {
		suite := junitSuite{Name: clean(t.Trigger.Operation.Name()), Tests: len(t.Outcomes)}
		for _, o := range t.Outcomes {
			c := junitCase{Name: o.Check.ID, Class: suite.Name}
			switch {
			case o.Status == verify.Failed && o.Check.Severity < failOn:
				c.Out = junitText(o.Findings)
			case o.Status == verify.Failed:
				suite.Failures++
				c.Failure = &junitFailure{clean(o.Detail), o.Check.Severity.String(), junitText(o.Findings)}
			case o.Status == verify.Skipped:
				suite.Skipped++
				c.Skipped = &junitSkipped{clean(o.Detail)}
			}
			suite.Cases = append(suite.Cases, c)
		}
		all.Suites = append(all.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// junitText says of a failure what the text format says.
func junitText(found []source.Diagnostic) string {
	var b strings.Builder
	for _, d := range found {
		at := d.File.Position(d.Range.Start)
		fmt.Fprintf(&b, "%s:%d:%d: %s: %s\n", d.File.Name, at.Line, at.Column, d.Severity, clean(d.Message))
		if d.Hint != "" {
			fmt.Fprintf(&b, "hint: %s\n", clean(d.Hint))
		}
		for _, r := range d.Related {
			fmt.Fprintf(&b, "note: %s\n", clean(r.Message))
		}
	}
	return b.String()
}
