// Package docs embeds the parts of the documentation that the program prints.
package docs

import (
	"embed"
	"strings"
)

//go:embed rules/*.md
var rules embed.FS

//go:embed verify.md
var checks string

// Check returns the section of docs/verify.md that documents a check, as
// Markdown, "" if there is none.
func Check(id string) string { return section(checks, id) }

// Rule returns the section of docs/rules that documents a rule, as Markdown,
// "" if there is none. Sections start with the id as a heading of level two,
// in the file named after the id's first word.
func Rule(id string) string {
	subject, _, _ := strings.Cut(id, "-")
	page, err := rules.ReadFile("rules/" + subject + ".md")
	if err != nil {
		return ""
	}
	return section(string(page), id)
}

// section returns the part of a page below the heading of level two that is an
// id.
func section(page, id string) string {
	_, text, found := strings.Cut("\n"+page, "\n## "+id+"\n")
	if !found {
		return ""
	}
	for _, next := range []string{"\n# ", "\n## "} {
		text, _, _ = strings.Cut(text, next)
	}
	return "## " + id + "\n" + strings.TrimRight(text, "\n") + "\n"
}
