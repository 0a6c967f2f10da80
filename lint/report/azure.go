package report

import (
	"bufio"
	"fmt"
	"regexp"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// azureReporter writes the logging commands that Azure Pipelines turns into
// issues of a build (Microsoft docs: "Logging commands", task.logissue). They know
// errors and warnings; a note is a line of the log.
type azureReporter struct {
	w *bufio.Writer
	o Options
	cursor
	files fileCount
}

func newAzure(w *bufio.Writer, o Options) Reporter { return &azureReporter{w: w, o: o} }

// The agent obeys a command wherever it stands in a line, and what is reported
// comes from anywhere.
func noCommand(s string) string {
	return hashes.ReplaceAllStringFunc(s, func(found string) string { return strings.Repeat("# ", len(found)) })
}

var hashes = regexp.MustCompile("##+")

// What follows the bracket is data, the properties in it are a list.
var (
	azureData     = strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A")
	azureProperty = strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A", ";", "%3B", "]", "%5D")
)

func (a *azureReporter) Report(findings []source.Diagnostic) error {
	a.files.add(findings)
	for i := range findings {
		d := &findings[i]
		at, name := a.span(d.File, d.Range).start, noCommand(a.o.relative(d.File.Name))
		message := string(appendClean(nil, d.Message))
		if d.Hint != "" {
			message += " (" + string(appendClean(nil, d.Hint)) + ")"
		}
		message = noCommand(message)
		if d.Severity < source.Warning {
			fmt.Fprintf(a.w, "%s:%d:%d: %s: %s [%s]\n", appendClean(nil, name), at.Line, at.Column, d.Severity, message, d.Rule)
			continue
		}
		fmt.Fprintf(a.w, "##vso[task.logissue type=%s;sourcepath=%s;linenumber=%d;columnnumber=%d;code=%s]%s\n",
			d.Severity, azureProperty.Replace(name), at.Line, at.Column, azureProperty.Replace(d.Rule), azureData.Replace(message))
	}
	return a.w.Flush()
}

// Close adds the last line of the text format.
func (a *azureReporter) Close(s Summary) error {
	fmt.Fprintln(a.w, s.sentence(a.files))
	return a.w.Flush()
}
