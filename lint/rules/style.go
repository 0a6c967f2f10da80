package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/lint"
)

// style holds what Microsoft's coding standards and string guidance ask for,
// and no validator checks.
var style = []*lint.Rule{
	{
		ID:      "style-operation-id",
		Summary: "an operationId is not in Pascal case",
		Levels:  forPublishers(info),
		Start: onVisible(func(p *lint.Pass, o *connector.Operation) {
			first, _ := utf8.DecodeRuneInString(o.ID)
			if o.ID != "" && (unicode.IsLower(first) || strings.ContainsAny(withoutVersion(o.ID), "-_ .")) {
				p.Report(o.Node.Get("operationId"), "%q is not in Pascal case", o.ID).Hint = "a verb and a noun, as in GetContacts; flows that use the old name break"
			}
		}),
	},
	{
		ID:      "style-description-repeats",
		Summary: "an operation's description only repeats its summary",
		Levels:  forPublishers(warning),
		Start: onVisible(func(p *lint.Pass, o *connector.Operation) {
			value := o.Node.Get("description")
			summary := strings.Trim(text(o.Node.Get("summary")), " .")
			if summary != "" && strings.EqualFold(strings.Trim(text(value), " ."), summary) {
				p.Report(value, "the description says no more than the summary").Hint = "say what the operation does in a sentence of its own"
			}
		}),
	},
	{
		ID:      "style-label-case",
		Summary: "a parameter's label starts with a small letter",
		Levels:  forPublishers(info),
		Start: onVisible(func(p *lint.Pass, o *connector.Operation) {
			for _, q := range o.Parameters() {
				label := q.Node.Get("x-ms-summary")
				first, _ := utf8.DecodeRuneInString(text(label))
				if unicode.IsLower(first) && !q.IsInternal() {
					p.Report(label, "the label %q starts with a small letter", text(label)).Hint = "labels are in title case, as in Order Id"
				}
			}
		}),
	},
}

// onVisible makes the Start of a rule that looks at the operations that makers
// see.
func onVisible(check func(*lint.Pass, *connector.Operation)) func(*lint.Pass) lint.Visitor {
	return func(p *lint.Pass) lint.Visitor {
		return lint.Visitor{Operation: func(o *connector.Operation) {
			if !o.Node.Get("x-ms-visibility").Is("internal") {
				check(p, o)
			}
		}}
	}
}

// withoutVersion takes off the _V2 that operational versioning asks for.
func withoutVersion(id string) string {
	if base, version, ok := strings.Cut(id, "_V"); ok && strings.Trim(version, "0123456789") == "" {
		return base
	}
	return id
}
