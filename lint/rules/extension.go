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
		ID:       "extension-value",
		Summary:  "an extension's value has the wrong type, shape or word",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Official: []string{"OneOfPropertiesRequired", "JsonValueNotInEnum", "JsonTypeIncorrect"},
		Start:    extensionValue,
	},
}

func extensionMisspelt(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Extension: func(name string, value source.Node, on connector.Role) {
		meant := meantExtension(name)
		if meant == nil {
			return
		}
		object := value.Parent()
		fits := !object.Get(meant.Name).Exists() && meant.AppliesTo(on, object) && len(meant.CheckShape(value)) == 0
		if !fits && !isMicrosoftName(name) {
			return // somebody else's name, that happens to look like it
		}
		f := p.Report(value.Key(), "%q is not an extension, did you mean %q?", name, meant.Name)
		if fits {
			f.Fix = suggested("rename it to "+meant.Name, value, func(e *source.Editor) { e.Rename(value, meant.Name) })
			if f.Fix != nil {
				// A name that is right for the first time has an effect for the first
				// time: these two take something away from makers.
				takes := meant.Name == "x-ms-trigger" || value.Is("internal")
				f.Fix.Safe = lint.Distance(strings.ToLower(name), strings.ToLower(meant.Name)) <= 2 && !takes
			}
		}
	}}
}

func extensionUnknown(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Extension: func(name string, value source.Node, _ connector.Role) {
		if strings.HasPrefix(strings.ToLower(name), "x-ms-") && connector.LookupExtension(name) == nil && meantExtension(name) == nil {
			p.Report(value.Key(), "unknown extension %q has no effect", name).
				Hint = "remove it, or use a prefix of your own: x-ms- belongs to Microsoft"
		}
	}}
}

// isMicrosoftName reports whether a name claims to be one of Microsoft's, in
// any of the ways in which people write it.
func isMicrosoftName(name string) bool {
	return strings.HasPrefix(connector.Squeeze(name), "xms")
}

// meantExtension returns the extension that a misspelt name means, nil if the
// name is right or means nothing we know. It must differ in little: in case and
// punctuation, in a word appended, in a missing "ms-", or in a few letters.
func meantExtension(name string) *connector.Extension {
	if connector.LookupExtension(name) != nil {
		return nil
	}
	first, _, _ := strings.Cut(strings.TrimRight(name, " :"), " ")
	word := connector.Squeeze(name)
	isMicrosofts := isMicrosoftName(name)
	var best *connector.Extension
	limit := max(1, len(word)/6) + 1
	for _, known := range spellings {
		switch {
		case word == known.squeezed, first == known.Name, name == known.short:
			return known.Extension
		case isMicrosofts:
			if d := lint.Distance(word, known.squeezed); d < limit {
				best, limit = known.Extension, d
			}
		}
	}
	return best
}

// spellings holds what a name is compared with, for each extension that has an
// effect: its letters, and the name as people write it who forget "ms-".
var spellings = func() (list []spelling) {
	for e := range connector.Vocabulary() {
		if !e.Ignored {
			list = append(list, spelling{e, connector.Squeeze(e.Name), "x-" + strings.TrimPrefix(e.Name, "x-ms-")})
		}
	}
	return list
}()

type spelling struct {
	*connector.Extension
	squeezed, short string
}

// misspells reports whether an object has a member that means the extension and
// does not say it: extension-misspelt tells, and other rules need not.
func misspells(object source.Node, name string) bool {
	for key := range object.Members() {
		s, _ := key.Str()
		if strings.HasPrefix(s, "x") {
			if e := meantExtension(s); e != nil && e.Name == name {
				return true
			}
		}
	}
	return false
}

func extensionMisplaced(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Extension: func(name string, value source.Node, on connector.Role) {
		e := connector.LookupExtension(name)
		if e == nil || e.AppliesTo(on, value.Parent()) || on == connector.RoleBodyParameter && slices.Contains(dynamicExtensions, name) {
			return
		}
		object := value.Parent()
		f := p.Report(value.Key(), "%q has no effect on %s", name, placeOf(e, on, object))
		f.Hint = "it belongs on " + withArticle(e.Places())
		if name == "x-ms-summary" && on == connector.RoleOperation {
			f.Hint = `an operation's name is its "summary"`
			f.Fix = operationSummaryFix(value, object.Get("summary"))
		}
		if name == "x-ms-url-encoding" {
			f.Fix = suggested("remove it", value, func(e *source.Editor) { e.Remove(value) })
		}
	}}
}

// placeOf says where a misplaced extension stands, as closely as its place
// matters.
func placeOf(e *connector.Extension, on connector.Role, object source.Node) string {
	in, _ := object.Get("in").Str()
	switch {
	case e.AppliesTo(on, source.Node{}) && in != "":
		return withArticle(in + " parameter")
	case on == connector.RoleOperation && e.Places() == "a trigger":
		return "an action"
	}
	return withArticle(on.String())
}

// operationSummaryFix makes x-ms-summary on an operation the summary that it
// was meant to be, or removes it where it only repeats that.
func operationSummaryFix(value, summary source.Node) *source.Fix {
	said, _ := value.Str()
	switch {
	case said == "":
		return nil
	case !summary.Exists():
		return suggested("rename it to summary", value, func(e *source.Editor) { e.Rename(value, "summary") })
	case summary.Is(said):
		return safe("remove it, the summary says the same", value, func(e *source.Editor) { e.Remove(value) })
	}
	return nil
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
				Hint = "put it into the target, or write the target out here"
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
			f.Official = shapeOfficial(name, problem.Message, problem.Node, value)
			bareArgument(f, problem.Node)
			if problem.Expected == nil {
				continue
			}
			f.Official = "JsonValueNotInEnum"
			f.Hint = "expected " + quoteList(problem.Expected)
			s, _ := problem.Node.Str()
			for _, word := range problem.Expected {
				if strings.EqualFold(strings.TrimSpace(s), word) {
					f.Fix = safe("write "+word, problem.Node, func(e *source.Editor) { e.Replace(problem.Node, word) })
				}
			}
		}
	}}
}

// bareArgument says how the newer dynamic extensions write a literal argument.
func bareArgument(f *source.Diagnostic, at source.Node) {
	if in := at.Parent(); in.KeyStr() != "parameters" || !in.Parent().Get("operationId").Exists() {
		return
	}
	f.Hint = "a literal is the value of an object here, a reference its parameterReference"
	f.Fix = suggested("write it as {\"value\": ...}", at, func(e *source.Editor) { e.Replace(at, source.Members{{Key: "value", Value: at}}) })
}

// shapeOfficial returns the certification rule that a problem of an extension's
// shape breaks, "" for most.
func shapeOfficial(name, message string, at, value source.Node) string {
	if name == "x-ms-dynamic-values" && at == value && value.Kind() == source.Object {
		return "OneOfPropertiesRequired"
	}
	if strings.HasPrefix(message, "expected ") {
		return "JsonTypeIncorrect"
	}
	return ""
}
