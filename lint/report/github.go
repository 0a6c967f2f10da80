package report

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// githubReporter writes the workflow commands that GitHub Actions turns into
// annotations of a pull request.
type githubReporter struct {
	w *bufio.Writer
	o Options
	cursor
	files fileCount
}

func newGitHub(w *bufio.Writer, o Options) Reporter { return &githubReporter{w: w, o: o} }

// What follows the second :: is data; the properties before it are lists.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func (g *githubReporter) Report(findings []source.Diagnostic) error {
	g.files.add(findings)
	for i := range findings {
		d := &findings[i]
		_, err := fmt.Fprintf(g.w, "::%s file=%s,%s,title=%s::%s\n", githubCommand(d.Severity),
			githubProperty.Replace(g.o.relative(d.File.Name)), githubPlace(g.span(d.File, d.Range)),
			githubProperty.Replace(d.Rule), githubData.Replace(g.message(d)))
		if err != nil {
			return err
		}
	}
	return g.w.Flush()
}

// Close adds the last line of the text format, which only the log shows.
func (g *githubReporter) Close(s Summary) error {
	fmt.Fprintln(g.w, s.sentence(g.files))
	return g.w.Flush()
}

func githubCommand(s source.Severity) string {
	if s < source.Warning {
		return "notice"
	}
	return s.String()
}

// githubPlace leaves the columns out of a range over several lines: the runner
// refuses them there and says so in the log.
func githubPlace(s span) string {
	if s.start.Line != s.end.Line {
		return fmt.Sprintf("line=%d,endLine=%d", s.start.Line, s.end.Line)
	}
	return fmt.Sprintf("line=%d,col=%d,endLine=%d,endColumn=%d", s.start.Line, s.start.Column, s.end.Line, s.end.Column)
}

// message puts all that the text format says about a finding into one text.
func (g *githubReporter) message(d *source.Diagnostic) string {
	b := appendClean(nil, d.Message)
	if d.Hint != "" {
		b = appendClean(append(b, "\nhint: "...), d.Hint)
	}
	for _, r := range d.Related {
		at := r.File.Position(r.Range.Start)
		b = fmt.Appendf(b, "\n%s:%d:%d: note: ", g.o.relative(r.File.Name), at.Line, at.Column)
		b = appendClean(b, r.Message)
	}
	return string(b)
}
