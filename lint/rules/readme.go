package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// readme are the rules on readme.md, which the repository of connectors shows,
// and intro.md, which becomes the page of a certified connector (the templates
// of that repository; Microsoft docs: "Prepare connector files for
// certification").
var readme = []*lint.Rule{
	{
		ID:      "readme-missing",
		Summary: "there is no readme.md",
		Levels:  forPublishers(warning),
		Start: func(p *lint.Pass) lint.Visitor {
			return lint.Visitor{Package: func(k *connector.Package) {
				if files := p.Connector.Files(); k.Readme == nil && len(files) > 0 {
					p.ReportIn(files[0], source.Range{}, "there is no readme.md beside the definition").
						Hint = "say what the connector does, what it needs, and how to get credentials"
				}
			}}
		},
	},
	{
		ID:      "readme-section",
		Summary: "readme.md lacks a section",
		Levels:  forPublishers(info),
		Start: func(p *lint.Pass) lint.Visitor {
			return lint.Visitor{Package: func(k *connector.Package) {
				if k.Readme != nil {
					reportSections(p, k.Readme, readmeSections)
				}
			}}
		},
	},
	{
		ID:      "readme-intro",
		Summary: "intro.md is not what the page of a connector needs",
		Levels:  lint.Levels{Certified: info},
		Start:   readmeIntro,
	},
}

// A section is told by a word of its heading: authors write "Getting
// credentials" as well as "Obtaining Credentials".
type section struct {
	title string
	words []string // one of them is in its heading
}

var (
	readmeSections = []section{
		{"Publisher", []string{"publisher"}}, {"Prerequisites", []string{"requi"}}, {"Supported Operations", []string{"operation", "action", "trigger"}},
		{"Obtaining Credentials", []string{"credential", "authenti", "authori", "api key", "sign", "connect"}},
		{"Known Issues and Limitations", []string{"issue", "limitation"}},
	}
	introSections = []section{
		{"Prerequisites", []string{"requi"}}, {"How to get credentials", []string{"credential", "authenti", "authori", "api key"}},
		{"Get started with your connector", []string{"start"}}, {"Known issues and limitations", []string{"issue", "limitation"}},
		{"Common errors and remedies", []string{"error"}}, {"FAQ", []string{"faq", "frequent", "question"}},
	}
)

func (s section) isHeadedBy(heading string) bool {
	return slices.ContainsFunc(s.words, func(word string) bool { return strings.Contains(heading, word) })
}

// heading finds the headings of Markdown: after #, underlined, or a line in
// bold, as many readme files have them.
var heading = regexp.MustCompile(`(?m)^[ \t]*(?:#{1,6}[ \t]*(.+)|\*\*(.+?)\*\*:?[ \t]*\r?$|(.+)\r?\n[ \t]*[-=]{3,}[ \t]*\r?$)`)

func headings(text string) []string {
	var all []string
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ToLower(strings.Join(match[1:], "")))
	}
	return all
}

func reportSections(p *lint.Pass, f *source.File, wanted []section) {
	have := headings(f.Text)
	var missing []string
	for _, s := range wanted {
		if !slices.ContainsFunc(have, s.isHeadedBy) {
			missing = append(missing, s.title)
		}
	}
	if len(missing) > 0 {
		p.ReportIn(f, source.Range{}, "there is no section %s", quoteList(missing)).Hint = "the template of the repository of connectors has it"
	}
}

const maxSentences = 8 // of the description in intro.md

var sentenceEnd = regexp.MustCompile(`[.!?](\s|$)`)

func readmeIntro(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Package: func(k *connector.Package) {
		if k.Intro == nil {
			return
		}
		reportSections(p, k.Intro, introSections)
		start, end := firstParagraph(k.Intro.Text)
		if n := len(sentenceEnd.FindAllString(k.Intro.Text[start:end], -1)); n > maxSentences {
			p.ReportIn(k.Intro, source.Range{Start: start, End: end}, "the description has %d sentences, expected at most %d", n, maxSentences)
		}
	}}
}

// firstParagraph returns where the first lines are that are no heading.
func firstParagraph(text string) (start, end int) {
	at := 0
	for line := range strings.Lines(text) {
		blank := strings.TrimSpace(line) == "" || strings.HasPrefix(strings.TrimSpace(line), "#")
		switch {
		case start == end && !blank:
			start, end = at, at+len(line)
		case start != end && blank:
			return start, end
		case !blank:
			end = at + len(line)
		}
		at += len(line)
	}
	return start, end
}
