package rules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// style holds what Microsoft's coding standards and string guidance ask for,
// and no validator checks.
var style = []*lint.Rule{
	{
		ID:      "style-key-order",
		Summary: "the members of the document are not in the usual order",
		Levels:  forPublishers(info),
		Start:   styleKeyOrder,
	},
	{
		ID:      "style-indentation",
		Summary: "the file is indented by tabs",
		Levels:  forPublishers(info),
		Start:   onText(styleIndentation),
	},
	{
		ID:      "style-trailing-space",
		Summary: "lines end in blanks",
		Levels:  forPublishers(info),
		Start:   onText(styleTrailingSpace),
	},
	{
		ID:      "style-path-empty",
		Summary: "a path has no operation",
		Levels:  forPublishers(info),
		Start:   stylePathEmpty,
	},
	{
		ID:      "style-operation-id",
		Summary: "an operationId is not in Pascal case",
		Levels:  forPublishers(info),
		Start: onVisible(func(p *lint.Pass, o *connector.Operation) {
			first, _ := utf8.DecodeRuneInString(o.ID)
			if o.ID != "" && (unicode.IsLower(first) || strings.ContainsAny(withoutVersion(o.ID), "-_ .")) {
				p.Report(o.Get("operationId"), "%q is not in Pascal case", o.ID).Hint = "a verb and a noun, as in GetContacts; flows that use the old name break"
			}
		}),
	},
	{
		ID:      "style-summary-repeats",
		Summary: "two operations have the same summary",
		Levels:  forPublishers(warning),
		Start:   styleSummaryRepeats,
	},
	{
		ID:      "style-summary-case",
		Summary: "a summary is in title case",
		Levels:  forPublishers(info),
		Start: onVisible(func(p *lint.Pass, o *connector.Operation) {
			if value := o.Get("summary"); isTitleCase(text(value)) {
				p.Report(value, "the summary is in title case").Hint = "summaries are sentences, as in \"List the orders of a shop\""
			}
		}),
	},
	{
		ID:      "style-description-repeats",
		Summary: "an operation's description only repeats its summary",
		Levels:  forPublishers(warning),
		Start: onVisible(func(p *lint.Pass, o *connector.Operation) {
			value := o.Get("description")
			summary := strings.Trim(text(o.Get("summary")), " .")
			if summary != "" && strings.EqualFold(strings.Trim(text(value), " ."), summary) {
				p.Report(value, "the description says no more than the summary").Hint = "say what the operation does in a sentence of its own"
			}
		}),
	},
	{
		ID:      "style-description-end",
		Summary: "an operation's description does not end like a sentence",
		Levels:  forPublishers(info),
		Start:   onVisible(styleDescriptionEnd),
	},
	{
		ID:      "style-trigger-description",
		Summary: "a trigger's description does not say when it triggers",
		Levels:  forPublishers(info),
		Start: onVisible(func(p *lint.Pass, o *connector.Operation) {
			value := o.Get("description")
			said := strings.ToLower(text(value))
			if o.Get("x-ms-trigger").Exists() && said != "" && !strings.Contains(said, "trigger") {
				p.Report(value, "the description does not say when the trigger fires").Hint = "begin with \"This operation triggers when\""
			}
		}),
	},
	{
		ID:      "style-label-case",
		Summary: "a parameter's label starts with a small letter",
		Levels:  forPublishers(info),
		Start: onLabel(func(p *lint.Pass, label, _ source.Node) {
			if first, _ := utf8.DecodeRuneInString(text(label)); unicode.IsLower(first) {
				p.Report(label, "the label %q starts with a small letter", text(label)).Hint = "labels are in title case, as in Order Id"
			}
		}),
	},
	{
		ID:      "style-label-repeats",
		Summary: "a parameter's description only repeats its label",
		Levels:  forPublishers(info),
		Start: onLabel(func(p *lint.Pass, label, description source.Node) {
			if said := strings.Trim(text(label), " ."); said != "" && strings.EqualFold(strings.Trim(text(description), " ."), said) {
				p.Report(description, "the description says no more than the label").Hint = "say what a maker is to enter, and in what form"
			}
		}),
	},
	{
		ID:      "style-property-label",
		Summary: "most properties have no label",
		Levels:  forPublishers(info),
		Start:   stylePropertyLabel,
	},
	{
		ID:      "style-deprecated",
		Summary: "a deprecated operation does not say so in its summary",
		Levels:  forPublishers(info),
		Start:   onVisible(styleDeprecated),
	},
}

// visible are the operations that makers see.
type visible []*connector.Operation

func readVisible(d *connector.Definition) visible {
	var all visible
	for _, o := range d.Operations() {
		if !o.IsInternal() {
			all = append(all, o)
		}
	}
	return all
}

// onVisible makes the Start of a rule that looks at the operations that makers
// see.
func onVisible(check func(*lint.Pass, *connector.Operation)) func(*lint.Pass) lint.Visitor {
	return func(p *lint.Pass) lint.Visitor {
		return lint.Visitor{Definition: func(d *connector.Definition) {
			for _, o := range lint.Shared(p, func() visible { return readVisible(d) }) {
				check(p, o)
			}
		}}
	}
}

// onLabel makes the Start of a rule that looks at the labels of the parameters
// that makers see, and at what describes them.
func onLabel(check func(p *lint.Pass, label, description source.Node)) func(*lint.Pass) lint.Visitor {
	return onVisible(func(p *lint.Pass, o *connector.Operation) {
		for _, q := range o.Parameters() {
			if label := q.Node.Get("x-ms-summary"); label.Exists() && !q.IsInternal() {
				check(p, label, q.Node.Get("description"))
			}
		}
	})
}

// onText makes the Start of a rule that looks at the text of the definition. YAML
// has ways of its own.
func onText(check func(*lint.Pass, *source.File)) func(*lint.Pass) lint.Visitor {
	return func(p *lint.Pass) lint.Visitor {
		return lint.Visitor{Definition: func(d *connector.Definition) {
			if d.File.Format == source.JSON && !d.File.Transcoded {
				check(p, d.File)
			}
		}}
	}
}

// keyOrder is that of the coding standards. What they do not name may stand
// anywhere.
var keyOrder = []string{"swagger", "info", "host", "basePath", "schemes", "consumes", "produces", "paths", "definitions", "parameters"}

func styleKeyOrder(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Definition: func(d *connector.Definition) {
		last, before := -1, ""
		for key := range d.Root.Members() {
			name, _ := key.Str()
			at := slices.Index(keyOrder, name)
			switch {
			case at < 0:
			case at < last:
				p.Report(key, "%q stands after %q", name, before).Hint = "the order is " + strings.Join(keyOrder, ", ")
				return
			default:
				last, before = at, name
			}
		}
	}}
}

func styleIndentation(p *lint.Pass, f *source.File) {
	for at := strings.IndexByte(f.Text, '\t'); at > 0; {
		if f.Text[at-1] == '\n' {
			p.ReportIn(f, source.Range{Start: at, End: at + 1}, "the file is indented by tabs").Hint = "the coding standards ask for four spaces; published connectors have two or four"
			return
		}
		next := strings.IndexByte(f.Text[at+1:], '\t')
		if next < 0 {
			return
		}
		at += 1 + next
	}
}

// styleTrailingSpace has one finding for a file. Blanks at the end of a line are
// outside of strings, which cannot hold a line end.
func styleTrailingSpace(p *lint.Pass, f *source.File) {
	var edits []source.Edit
	for at, line := range f.Lines() {
		if last := len(line) - 1; last >= 0 && (line[last] == ' ' || line[last] == '\t') {
			edits = append(edits, source.Edit{Start: at + len(strings.TrimRight(line, " \t")), End: at + len(line)})
		}
	}
	if len(edits) == 0 {
		return
	}
	d := p.ReportIn(f, source.Range{Start: edits[0].Start, End: edits[0].End}, "%s", counted(len(edits), "line ends in blanks", "lines end in blanks"))
	if len(f.Problems) == 0 {
		d.Fix = &source.Fix{Title: "remove the blanks", Safe: true, Edits: edits}
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func stylePathEmpty(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Object: func(r connector.Role, n source.Node) {
		if r != connector.RolePathItem || n.Kind() != source.Object || n.Get("$ref").Exists() {
			return
		}
		for key := range n.Members() {
			if name, _ := key.Str(); slices.Contains(connector.Methods, strings.ToLower(name)) {
				return
			}
		}
		d := p.Report(n, "path %q has no operation", n.KeyStr())
		if n.Len() == 0 {
			d.Fix = suggested("remove it", n, func(e *source.Editor) { e.Remove(n) })
		}
	}}
}

// styleSummaryRepeats leaves out what is deprecated, and what is a revision of
// another operation: they may be called the same.
func styleSummaryRepeats(p *lint.Pass) lint.Visitor {
	first := map[string]source.Node{}
	return onVisible(func(p *lint.Pass, o *connector.Operation) {
		value := o.Get("summary")
		said := strings.ToLower(strings.TrimSpace(text(value)))
		if said == "" || isDeprecated(o) || annotation(o).Get("family").Exists() {
			return
		}
		if known, again := first[said]; again {
			d := p.Report(value, "another operation has the same summary")
			d.Hint = "makers choose by it"
			d.Related = []source.Related{lint.Related(known, "the other one")}
		} else {
			first[said] = value
		}
	})(p)
}

// isTitleCase reports whether no word of a text starts with a small letter, and
// three or more are words that start with a capital.
func isTitleCase(s string) bool {
	words := 0
	for word := range strings.FieldsSeq(s) {
		first, size := utf8.DecodeRuneInString(word)
		if unicode.IsLower(first) {
			return false
		}
		if unicode.IsUpper(first) && strings.ContainsFunc(word[size:], unicode.IsLower) {
			words++
		}
	}
	return words >= 3
}

// notProse matches words that are addresses, paths, names of files, or code.
var notProse = regexp.MustCompile("[/\\\\@_={}<>#`]|[A-Za-z][.:][A-Za-z0-9]|[0-9][.:][A-Za-z]")

func styleDescriptionEnd(p *lint.Pass, o *connector.Operation) {
	value := o.Get("description")
	said := strings.TrimRight(text(value), " \t\r\n")
	last, _ := utf8.DecodeLastRuneInString(said)
	if said == "" || !isAlphanumeric(last) && last != ')' && last != '"' && last != '\'' {
		return
	}
	if notProse.MatchString(said[strings.LastIndexAny(said, " \t\r\n")+1:]) {
		return // a full stop would become a part of it
	}
	d := p.Report(value, "the description does not end like a sentence")
	if isAlphanumeric(last) || last == ')' {
		d.Fix = safe("add a full stop", value, func(e *source.Editor) { e.Replace(value, said+".") })
	}
}

// stylePropertyLabel counts: in nearly every connector some are missing, and
// nobody reads a thousand notes.
func stylePropertyLabel(p *lint.Pass) lint.Visitor {
	var first source.Node
	all, missing := 0, 0
	return lint.Visitor{
		Member: []lint.OnMember{{Name: "properties", Do: func(value source.Node, on connector.Role) {
			if on != connector.RoleSchema {
				return
			}
			for _, property := range value.Members() {
				if property.Kind() != source.Object {
					continue
				}
				refers, labelled := labelOfProperty(property)
				if refers {
					continue
				}
				if all++; !labelled {
					if missing++; missing == 1 {
						first = property
					}
				}
			}
		}}},
		End: func() {
			if 2*missing > all {
				p.Report(first, "%d of %d properties have no label", missing, all).Hint = "add x-ms-summary: without, makers see the name of the field"
			}
		},
	}
}

// labelOfProperty reports whether a property is a reference, and whether it has
// a label, or needs none because makers do not see it.
func labelOfProperty(property source.Node) (refers, labelled bool) {
	for key, value := range property.Members() {
		switch name, _ := key.Str(); name {
		case "$ref":
			refers = true
		case "x-ms-summary", "title":
			labelled = true
		case "x-ms-visibility":
			labelled = labelled || strings.EqualFold(text(value), "internal")
		}
	}
	return refers, labelled
}

func styleDeprecated(p *lint.Pass, o *connector.Operation) {
	value := o.Get("summary")
	said := text(value)
	if !isDeprecated(o) || said == "" || saysDeprecated(said) {
		return
	}
	d := p.Report(value, "the summary does not say that the operation is deprecated")
	if marked := markedDeprecated(o); marked != "" {
		d.Fix = safe("add (deprecated)", value, func(e *source.Editor) { e.Replace(value, marked) })
	}
}

func saysDeprecated(s string) bool { return strings.Contains(strings.ToLower(s), "deprecated") }

// markedDeprecated is a summary that says so, "" if it says so already, or would
// be too long, or if there is none.
func markedDeprecated(o *connector.Operation) string {
	said := strings.TrimSpace(text(o.Get("summary")))
	if marked := said + " (deprecated)"; said != "" && !saysDeprecated(said) && length(marked) <= maxSummary {
		return marked
	}
	return ""
}

// withoutVersion takes off the _V2 that operational versioning asks for.
func withoutVersion(id string) string {
	if base, version, ok := strings.Cut(id, "_V"); ok && strings.Trim(version, "0123456789") == "" {
		return base
	}
	return id
}
