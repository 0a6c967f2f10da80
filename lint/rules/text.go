package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// textRules are named so because text is what a rule asks a node for.
var textRules = []*lint.Rule{
	{
		ID:       "text-missing",
		Summary:  "a text or another member that must be there is missing",
		Levels:   forPublishers(failure),
		Official: []string{"RequiredPropertyMissing"},
		Start:    textMissing,
	},
	{
		ID:       "text-empty",
		Summary:  "a text that must be there is empty",
		Levels:   forPublishers(failure),
		Official: []string{"RequiredValueEmpty"},
		Start:    textEmpty,
	},
	{
		ID:       "text-too-long",
		Summary:  "a title or label is too long",
		Levels:   forPublishers(failure),
		Official: []string{"FieldLengthExceeded"},
		Start:    textTooLong,
	},
	{
		ID:       "text-description-length",
		Summary:  "the connector's description is too short or too long",
		Levels:   forPublishers(failure),
		Official: []string{"FieldLengthNotInRange"},
		Start:    textDescriptionLength,
	},
	{
		ID:       "text-restricted-word",
		Summary:  "the connector's title or description has a word that it must not have",
		Levels:   forPublishers(failure),
		Official: []string{"ValueContainsRestrictedWords"},
		Start:    textRestrictedWord,
	},
	{
		ID:       "text-not-english",
		Summary:  "a text has letters that English does not",
		Levels:   forPublishers(warning),
		Official: []string{"ValueMustBeInEnglish"},
		Start:    textNotEnglish,
	},
	{
		ID:       "text-last-character",
		Summary:  "a title or summary does not end in a letter or digit",
		Levels:   forPublishers(failure),
		Official: []string{"ValueMustEndWithAlphanumeric"},
		Start:    textLastCharacter,
	},
}

// onCertified calls check with the members that certification wants in an object
// besides those that OpenAPI requires.
func onCertified(check func(object source.Node, names ...string)) lint.Visitor {
	return lint.Visitor{
		Definition: func(d *connector.Definition) {
			if info := d.Root.Get("info"); info.Exists() { // else it is a fragment, or damaged
				check(d.Root, "x-ms-connector-metadata")
				check(info, "description", "contact")
			}
		},
		Operation: func(o *connector.Operation) {
			if o.IsInternal() {
				return
			}
			check(o.Node, "summary", "description")
			for _, q := range o.Parameters() {
				if q.In() != "body" && !q.IsInternal() {
					check(q.Node, "x-ms-summary", "description")
				}
			}
		},
	}
}

func textMissing(p *lint.Pass) lint.Visitor {
	return onCertified(func(object source.Node, names ...string) {
		reportMissing(p, object, "certification requires it", names)
	})
}

// reportMissing reports the members that an object does not have and should. The
// finding underlines what tells the object from others.
func reportMissing(p *lint.Pass, object source.Node, hint string, names []string) {
	if object.Kind() != source.Object || hasAll(object, names) {
		return
	}
	var missing []string
	for _, name := range names {
		if !object.Get(name).Exists() && !misspells(object, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return
	}
	at := object
	for _, name := range []string{"swagger", "operationId", "name"} {
		if known := object.Get(name); known.Exists() {
			at = known
		}
	}
	f := p.Report(at, "there is no %s", quoteList(missing))
	f.Hint = hint
	if !slices.ContainsFunc(missing, func(name string) bool { return placeholder(object, name) == nil }) {
		f.Fix = suggested("add what is missing, to fill in", object, func(e *source.Editor) {
			for _, name := range missing {
				setAfter(e, object, name, placeholder(object, name), usuallyAfter[name]...)
			}
		})
	}
}

// hasAll tells of most objects that nothing is missing, in one pass.
func hasAll(object source.Node, names []string) bool {
	found := 0
	for key := range object.Members() {
		if i := slices.IndexFunc(names, key.Is); i >= 0 {
			found |= 1 << i
		}
	}
	return found == 1<<len(names)-1
}

// usuallyAfter are the members that others usually follow.
var usuallyAfter = map[string][]string{
	"info": {"swagger"}, "summary": {"operationId"}, "in": {"name"}, "type": {"required", "in"},
	"description": {"summary", "operationId", "type", "in", "title"}, "x-ms-summary": {"description", "type", "in"},
}

func textEmpty(p *lint.Pass) lint.Visitor {
	check := func(object source.Node, names ...string) { reportEmpty(p, object, names) }
	v := onCertified(check)
	v.Object = eachRequired(check)
	return v
}

func reportEmpty(p *lint.Pass, object source.Node, names []string) {
	for key, value := range object.Members() {
		if mayBeBlank(value) && slices.ContainsFunc(names, key.Is) && strings.TrimSpace(text(value)) == "" {
			f := p.Report(value, "%s is empty", value.KeyStr())
			if with, _ := placeholder(object, value.KeyStr()).(string); with != "" {
				f.Fix = suggested("write a first one", value, func(e *source.Editor) { e.Replace(value, with) })
			}
		}
	}
}

// mayBeBlank tells of nearly every text by its first character that it is not.
func mayBeBlank(value source.Node) bool {
	if value.Kind() != source.String {
		return false
	}
	raw := value.Text()
	return len(raw) <= 2 || raw[1] <= ' ' || raw[1] == '\\'
}

// length counts characters as people do, not bytes.
func length(s string) int { return utf8.RuneCountInString(s) }

func textTooLong(p *lint.Pass) lint.Visitor {
	check := func(value source.Node, most int) {
		if n := length(text(value)); n > most {
			p.Report(value, "%d characters, expected at most %d", n, most)
		}
	}
	return lint.Visitor{
		Definition: func(d *connector.Definition) { check(d.Root.Get("info").Get("title"), 30) },
		Operation: func(o *connector.Operation) {
			for _, q := range o.Parameters() {
				if label := q.Node.Get("x-ms-summary"); len(label.Text()) > 80 {
					check(label, 80)
				}
			}
		},
	}
}

func textDescriptionLength(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Definition: func(d *connector.Definition) {
		value := d.Root.Get("info").Get("description")
		s, ok := value.Str()
		if n := length(s); ok && strings.TrimSpace(s) != "" && (n < 30 || n > 500) {
			p.Report(value, "%d characters, expected 30 to 500", n)
		}
	}}
}

// products are Microsoft's, whose names a connector must not borrow.
var products = []string{"power apps", "power automate", "logic apps", "copilot studio", "power virtual agents"}

func textRestrictedWord(p *lint.Pass) lint.Visitor {
	check := func(value source.Node, words ...string) {
		s := strings.ToLower(text(value))
		found := slices.DeleteFunc(append(words, products...), func(word string) bool { return !hasWord(s, word) })
		if len(found) > 0 {
			p.Report(value, "the %s must not have %s", value.KeyStr(), quoteList(found))
		}
	}
	return lint.Visitor{Definition: func(d *connector.Definition) {
		check(d.Root.Get("info").Get("title"), "api", "connector")
		check(d.Root.Get("info").Get("description"))
	}}
}

// hasWord reports whether s has the word with no letter or digit around it.
func hasWord(s, word string) bool {
	for {
		before, after, found := strings.Cut(s, word)
		if !found {
			return false
		}
		last, _ := utf8.DecodeLastRuneInString(before)
		next, _ := utf8.DecodeRuneInString(after)
		if !isAlphanumeric(last) && !isAlphanumeric(next) {
			return true
		}
		s = after
	}
}

func isAlphanumeric(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func textNotEnglish(p *lint.Pass) lint.Visitor {
	check := func(object source.Node, names ...string) {
		for _, name := range names {
			if value := object.Get(name); hasForeignLetter(value) {
				p.Report(value, "%s has letters that English does not", name)
			}
		}
	}
	return lint.Visitor{
		Definition: func(d *connector.Definition) { check(d.Root.Get("info"), "title", "description") },
		Operation: func(o *connector.Operation) {
			check(o.Node, "summary", "description")
			for _, q := range o.Parameters() {
				check(q.Node, "x-ms-summary", "description")
			}
		},
	}
}

func hasForeignLetter(value source.Node) bool {
	raw := value.Text()
	isPlain := !strings.Contains(raw, `\u`)
	for i := 0; isPlain && i < len(raw); i++ {
		isPlain = raw[i] < utf8.RuneSelf
	}
	return !isPlain && strings.ContainsFunc(text(value), func(r rune) bool {
		return r > unicode.MaxASCII && unicode.IsLetter(r)
	})
}

func textLastCharacter(p *lint.Pass) lint.Visitor {
	check := func(value source.Node) {
		s, ok := value.Str()
		if !ok || strings.TrimSpace(s) == "" || endsWell(s) {
			return
		}
		last, _ := utf8.DecodeLastRuneInString(s)
		f := p.Report(value, "the %s ends in %q", value.KeyStr(), last)
		f.Hint = "expected a letter, a digit or a closing parenthesis"
		if short := strings.TrimRight(s, " \t\r\n.:,"); endsWell(short) {
			f.Fix = safe("remove what follows the last word", value, func(e *source.Editor) { e.Replace(value, short) })
		}
	}
	return lint.Visitor{
		Definition: func(d *connector.Definition) { check(d.Root.Get("info").Get("title")) },
		Operation:  func(o *connector.Operation) { check(o.Get("summary")) },
	}
}

func endsWell(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(s)
	return last == ')' || isAlphanumeric(last)
}
