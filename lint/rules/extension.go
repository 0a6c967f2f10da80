package rules

import (
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var extension = []*lint.Rule{
	{
		ID:      "extension-misspelt",
		Summary: "an x-ms- name is misspelt",
		Levels:  lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:   extensionMisspelt,
	},
	{
		ID:      "extension-unknown",
		Summary: "an x-ms- name is not known to the platform",
		Levels:  lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:   extensionUnknown,
	},
	{
		ID:      "extension-misplaced",
		Summary: "an extension stands where it has no effect",
		Levels:  lint.Levels{Custom: warning, Certified: warning, Independent: warning},
		Start:   extensionMisplaced,
	},
	{
		ID:      "extension-beside-ref",
		Summary: "an extension stands beside a $ref, where it is lost",
		Levels:  lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:   extensionBesideRef,
	},
	{
		ID:      "extension-value",
		Summary: "an extension's value has the wrong type, shape or word",
		Levels:  lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:   extensionValue,
	},
}

func extensionMisspelt(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Extension: func(name string, value source.Node, on connector.Role) {
		meant := meantExtension(name)
		if meant == nil {
			return
		}
		f := p.Report(value.Key(), "%q is not an extension, did you mean %q?", name, meant.Name)
		object := value.Parent()
		if !object.Get(meant.Name).Exists() && meant.AppliesTo(on, object) && len(meant.CheckShape(value)) == 0 {
			f.Fix = suggested("rename it to "+meant.Name, value, func(e *source.Editor) { e.Rename(value, meant.Name) })
			if f.Fix != nil {
				f.Fix.Safe = lint.Distance(name, meant.Name) <= 2
			}
		}
	}}
}

func extensionUnknown(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Extension: func(name string, value source.Node, _ connector.Role) {
		if isMicrosoftName(name) && connector.LookupExtension(name) == nil && meantExtension(name) == nil {
			p.Report(value.Key(), "unknown extension %q has no effect", name).Hint = "remove it, or name it without ms"
		}
	}}
}

// isMicrosoftName reports whether a name claims to be one of Microsoft's, in
// any of the ways in which people write it.
func isMicrosoftName(name string) bool {
	return strings.HasPrefix(squeeze(name), "xms")
}

// squeeze leaves what counts when names are compared: letters and digits.
func squeeze(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		if r >= 'A' && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return -1
	}, name)
}

// meantExtension returns the extension that a misspelt name means, nil if the
// name is right or means nothing we know. It must differ in little: in case and
// punctuation, in a word appended, in a missing "ms-", or in a few letters.
func meantExtension(name string) *connector.Extension {
	if connector.LookupExtension(name) != nil {
		return nil
	}
	first, _, _ := strings.Cut(strings.TrimRight(name, " :"), " ")
	word := squeeze(name)
	var best *connector.Extension
	limit := max(1, len(word)/6) + 1
	for e := range connector.Vocabulary() {
		known := squeeze(e.Name)
		switch {
		case e.Ignored:
		case word == known, first == e.Name, name == "x-"+strings.TrimPrefix(e.Name, "x-ms-"):
			return e
		case isMicrosoftName(name):
			if d := lint.Distance(word, known); d < limit {
				best, limit = e, d
			}
		}
	}
	return best
}

func extensionMisplaced(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Extension: func(name string, value source.Node, on connector.Role) {
		e := connector.LookupExtension(name)
		if e == nil || e.AppliesTo(on, value.Parent()) {
			return
		}
		f := p.Report(value.Key(), "%q has no effect on %s", name, withArticle(on.String()))
		if name == "x-ms-summary" && on == connector.RoleOperation {
			f.Hint = `an operation's name is its "summary"`
		} else {
			f.Hint = "it belongs on " + withArticle(e.Places())
		}
	}}
}

func withArticle(noun string) string {
	if strings.HasPrefix(noun, "a ") {
		return noun
	}
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

func extensionBesideRef(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Extension: func(name string, value source.Node, on connector.Role) {
		if on == connector.RolePathItem || !mayRefer(on) || !value.Parent().Get("$ref").Exists() {
			return
		}
		if e := connector.LookupExtension(name); e != nil && !e.Ignored {
			p.Report(value.Key(), "%q is lost: only the target of a $ref counts", name).
				Hint = "put it into the target, or write allOf around the $ref"
		}
	}}
}

func extensionValue(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Extension: func(name string, value source.Node, on connector.Role) {
		e := connector.LookupExtension(name)
		if e == nil || !e.AppliesTo(on, value.Parent()) {
			return
		}
		for _, problem := range e.CheckShape(value) {
			f := p.Report(problem.Node, "%s: %s", name, problem.Message)
			if problem.Expected == nil {
				continue
			}
			f.Hint = "expected " + quoteList(problem.Expected)
			s, _ := problem.Node.Str()
			lower := strings.ToLower(strings.TrimSpace(s))
			if slices.Contains(problem.Expected, lower) {
				f.Fix = safe("write "+lower, problem.Node, func(e *source.Editor) { e.Replace(problem.Node, lower) })
			}
		}
	}}
}
