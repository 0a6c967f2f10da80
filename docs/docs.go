// Package docs embeds the parts of the documentation that the program prints.
package docs

import (
	"embed"
	"strings"
)

//go:embed rules/*.md
var rules embed.FS

// Rule returns the section of docs/rules that documents a rule, as Markdown,
// "" if there is none. Sections start with the id as a heading of level two,
// in the file named after the id's first word.
func Rule(id string) string {
	subject, _, _ := strings.Cut(id, "-")
	page, err := rules.ReadFile("rules/" + subject + ".md")
	if err != nil {
		return ""
	}
	_, section, found := strings.Cut("\n"+string(page), "\n## "+id+"\n")
	if !found {
		return ""
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return "## " + id + "\n" + strings.TrimRight(section, "\n") + "\n"
}
