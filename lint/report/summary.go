package report

import (
	"fmt"
	"strconv"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Summary is the result of a run in numbers.
type Summary struct {
	Files                   int // how many were read, with findings or without
	Errors, Warnings, Infos int
	Fixable                 int  // findings that --fix removes
	FixableUnsafe           int  // findings that only --fix-all removes
	Stopped                 bool // the run ended early: some input was not read, or some checks not tried
	Checks                  []Check
}

// Check is what became of one check of a live service: some runs try things,
// and what was not found may have passed or could not be tried.
type Check struct {
	Operation string // the operationId, or method and path
	ID        string // what findings have as their rule
	Status    string // passed, failed or skipped
	Detail    string // what was seen, or why nothing was
}

// Add counts findings. Files and Stopped are the caller's to set.
func (s *Summary) Add(findings []source.Diagnostic) {
	for i := range findings {
		switch findings[i].Severity {
		case source.Error:
			s.Errors++
		case source.Warning:
			s.Warnings++
		default:
			s.Infos++
		}
		if fix := findings[i].Fix; fix != nil && fix.Safe {
			s.Fixable++
		} else if fix != nil {
			s.FixableUnsafe++
		}
	}
}

// fileCount counts the files that have findings. Those of one file follow each
// other, as [Reporter.Report] demands.
type fileCount int

func (c *fileCount) add(findings []source.Diagnostic) {
	for i := range findings {
		if i == 0 || findings[i].File != findings[i-1].File {
			*c++
		}
	}
}

// sentence is the last line: what was found, and what to do about it.
func (s Summary) sentence(found fileCount) string {
	text := ""
	for _, part := range []struct {
		n    int
		what string
	}{{s.Errors, "error"}, {s.Warnings, "warning"}, {s.Infos, "info"}} {
		if part.n > 0 {
			text = join(text, ", ", plural(part.n, part.what))
		}
	}
	if text == "" {
		text = "no findings"
	}
	if n := int(found); 0 < n && n < s.Files {
		text += " in " + strconv.Itoa(n) + " of " + plural(s.Files, "file")
	} else {
		text += " in " + plural(max(n, s.Files), "file")
	}
	switch {
	case s.Stopped && s.Checks != nil:
		text += "; not everything could be tried"
	case s.Stopped:
		text += "; stopped early, not everything was read"
	}
	switch {
	case s.Fixable > 0 && s.FixableUnsafe > 0:
		text += fmt.Sprintf("; %d can be fixed with --fix, %d more with --fix-all", s.Fixable, s.FixableUnsafe)
	case s.Fixable > 0:
		text += fmt.Sprintf("; %d can be fixed with --fix", s.Fixable)
	case s.FixableUnsafe > 0:
		text += fmt.Sprintf("; %d can be fixed with --fix-all", s.FixableUnsafe)
	}
	return text
}

func join(list, separator, next string) string {
	if list == "" {
		return next
	}
	return list + separator + next
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
