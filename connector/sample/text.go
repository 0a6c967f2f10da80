package sample

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/connectorctl/connectorctl/connector"
)

// formats are the formats of OpenAPI 2.0 and JSON Schema, and those that real
// definitions use, with a value each. %d is the number of the variant, in two
// digits.
var formats = map[string]string{
	"date-time":             "2024-05-%02dT09:30:00Z",
	"date-no-tz":            "2024-05-%02dT09:30:00",
	"date":                  "2024-05-%02d",
	"time":                  "09:30:%02d",
	"duration":              "PT%02dM",
	"uuid":                  "9b2c7f7e-3f5a-4c55-8d0e-6f1a2b3c4d%02d",
	"guid":                  "9b2c7f7e-3f5a-4c55-8d0e-6f1a2b3c4d%02d",
	"email":                 "person%02d@example.com",
	"uri":                   "https://example.com/items/%02d",
	"url":                   "https://example.com/items/%02d",
	"uri-reference":         "/items/%02d",
	"hostname":              "host%02d.example.com",
	"ipv4":                  "192.0.2.%d",
	"ipv6":                  "2001:db8::%d",
	"byte":                  "dGV4dA==",
	"binary":                "text",
	"html":                  "<p>text %02d</p>",
	"json-pointer":          "/items/%02d",
	"phone":                 "+1555010%02d",
	"relative-json-pointer": "0/items/%02d",
	"idn-email":             "person%02d@example.com",
	"iri":                   "https://example.com/items/%02d",
	"iri-reference":         "/items/%02d",
	"regex":                 "item%02d",
	"time-interval":         "PT%02dM",
	"date-time-rfc1123":     "Wed, 01 May 2024 09:%02d:00 GMT",
	"unix-time":             "17145558%02d",
	"mm/dd/yyyy":            "05/%02d/2024",
	"yyyy-mm-dd":            "2024-05-%02d",
	"password":              "text-%02d",
	"char":                  "x",
}

func (m *maker) text(s connector.Schema, name string) (any, *Error) {
	least, most, failed := m.lengths(s)
	if failed != nil {
		return nil, failed
	}
	if pattern := keyword(s, "pattern"); pattern.Exists() {
		return m.matching(s, name, least, most)
	}
	format, _ := keyword(s, "format").Str()
	value := ""
	if form, known := formats[strings.ToLower(format)]; known {
		value = form
		if strings.Contains(form, "%") {
			value = fmt.Sprintf(form, m.options.Variant%20+1)
		}
	}
	if n := int64(len(value)); value == "" || n < least || n > most {
		value = fit(m.word(name), least, most)
	}
	return value, nil
}

// word is a text that says where it stands.
func (m *maker) word(name string) string {
	word := cmp.Or(name, "text")
	if m.options.Variant > 0 {
		word = fmt.Sprintf("%s-%d", word, m.options.Variant+1)
	}
	return word
}

// maxText bounds what minLength can ask for.
const maxText = 100_000

func (m *maker) lengths(s connector.Schema) (least, most int64, failed *Error) {
	most = maxText
	for part := range s.Parts() {
		if n, ok := part.Node.Get("minLength").Int(); ok {
			least = max(least, n)
		}
		if n, ok := part.Node.Get("maxLength").Int(); ok && n >= 0 {
			most = min(most, n)
		}
	}
	switch {
	case least > maxText:
		return 0, 0, &Error{keyword(s, "minLength"), fmt.Sprintf("minLength is %d, more than the %d that a sample has at most", least, maxText)}
	case least > most:
		return 0, 0, &Error{keyword(s, "minLength"), fmt.Sprintf("minLength is %d, but maxLength is %d", least, most)}
	}
	return least, most, nil
}

// fit makes a text as long as it must be. Lengths count code points, as in
// JSON Schema.
func fit(text string, least, most int64) string {
	n := int64(utf8.RuneCountInString(text))
	if n > most {
		return string([]rune(text)[n-most:]) // the end tells variants apart
	}
	if n < least {
		return text + strings.Repeat("x", int(least-n))
	}
	return text
}

// matching makes a text that fits all patterns of a schema and its lengths.
func (m *maker) matching(s connector.Schema, name string, least, most int64) (any, *Error) {
	var expressions []*regexp.Regexp
	node := keyword(s, "pattern")
	for part := range s.Parts() {
		pattern, ok := part.Node.Get("pattern").Str()
		if !ok {
			continue
		}
		expression, err := regexp.Compile(pattern)
		if err != nil {
			m.notes = append(m.notes, Note{part.Node.Get("pattern"), fmt.Sprintf("cannot tell whether %q matches: the pattern is not one of RE2, as with lookaround", name)})
			continue
		}
		expressions = append(expressions, expression)
	}
	fits := func(text string) bool {
		n := int64(utf8.RuneCountInString(text))
		return n >= least && n <= most && !slices.ContainsFunc(expressions, func(e *regexp.Regexp) bool { return !e.MatchString(text) })
	}
	format, _ := keyword(s, "format").Str()
	candidates := []string{fit(m.word(name), least, most)}
	if form, known := formats[strings.ToLower(format)]; known && strings.Contains(form, "%") {
		candidates = append(candidates, fmt.Sprintf(form, m.options.Variant%20+1))
	}
	for _, e := range expressions {
		candidates = append(candidates, matches(e, m.options.Variant, int(least), int(most))...)
	}
	for _, text := range candidates {
		if fits(text) {
			return text, nil
		}
	}
	return nil, &Error{node, fmt.Sprintf("found no text of %d to %d characters that matches %s", least, most, node.Text())}
}
