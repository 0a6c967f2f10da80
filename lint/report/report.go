// Package report writes findings: for a person at a terminal, for a program,
// for a code scanning service, for a pull request, for a browser.
//
// A reporter streams. It is handed the findings of one unit of work at a time
// and never holds more than those, so a run over thousands of files starts to
// print at once; only the page for a browser has to wait for the last one. It
// knows nothing of rules; what a format wants to say about them comes from the
// caller in [Options].
package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Reporter writes the findings of one run in one format.
type Reporter interface {
	// Report writes the findings of one unit of work: a connector, or a file.
	// Units come in the order of the input; within one, the findings of a file
	// follow each other, which is fastest if they are in the order of their
	// places.
	Report(findings []source.Diagnostic) error

	// Close writes what comes after the last finding and flushes. The writer
	// itself stays open.
	Close(Summary) error
}

// Options are what a reporter cannot know by itself. Each format uses some.
type Options struct {
	Color   bool       // text: use ANSI colours
	Version string     // sarif, html: of connectorctl
	Rules   []RuleInfo // sarif, html: all rules that may occur

	// Services want paths relative to the root of the repository: Root is that
	// directory, Dir the one that relative paths start from. Both are absolute;
	// with an empty Root, paths stay as they are. Used by all but text and json.
	Root, Dir string
}

// RuleInfo is what SARIF and the page say about a rule. Only the ID is required.
type RuleInfo struct {
	ID       string
	Official []string // what certification calls it
	Summary  string   // one line
	Help     string   // Markdown
	HelpURI  string
	Level    source.Severity // the default in this run; Off means disabled
}

// formats is the only place to register a reporter. One may start with a
// header in the buffer that it is given: [bufio.Writer] remembers an error.
var formats = []struct {
	name string
	open func(*bufio.Writer, Options) Reporter
}{
	{"text", newText},
	{"json", newJSON},
	{"sarif", newSARIF},
	{"github", newGitHub},
	{"azure", newAzure},
	{"junit", newJUnit},
	{"html", newHTML},
	{"official", newOfficial},
}

// Formats returns the names that [New] accepts, the default first.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// New returns the reporter for a format. It may write to w at once; an error of
// w shows in a later call, at the latest in Close.
func New(format string, w io.Writer, o Options) (Reporter, error) {
	for _, f := range formats {
		if f.name == format {
			return f.open(bufio.NewWriterSize(w, 64<<10), o), nil
		}
	}
	names := Formats()
	last := len(names) - 1
	return nil, fmt.Errorf("unknown format %q: expected %s or %s", format, strings.Join(names[:last], ", "), names[last])
}
