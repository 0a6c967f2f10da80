package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var values = []*lint.Rule{
	{
		ID:       "value-default-type",
		Summary:  "a default is not of the declared type",
		Levels:   lint.Everywhere(warning),
		Start:    valueDefaultType,
		Official: []string{"DefaultValueMustMatchType"},
	},
	{
		ID:       "value-enum-type",
		Summary:  "a value of enum is not of the declared type",
		Levels:   lint.Everywhere(warning),
		Start:    valueEnumType,
		Official: []string{"InvalidEnumValue"},
	},
	{
		ID:       "value-list-empty",
		Summary:  "enum, required or schemes is an empty list",
		Levels:   lint.Everywhere(failure),
		Start:    valueListEmpty,
		Official: []string{"EnumMustContainAtLeastOneElement", "RequiredPropertyArrayEmpty", "SchemesArrayEmpty"},
	},
	{
		ID:       "value-duplicate",
		Summary:  "a list of distinct values has one twice",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:    valueDuplicate,
		Official: []string{"ArrayDuplicateValue"},
	},
	{
		ID:       "value-enum-names",
		Summary:  "x-ms-enum-values does not name the values of enum",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:    valueEnumNames,
		Official: []string{"DuplicateEnumValuesInExtension", "InvalidEnumValuesExtensionValue", "MissingEnumValuesDisplayName"},
	},
	{
		ID:       "value-format",
		Summary:  "the platform does not know the format of a type",
		Levels:   lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:    valueFormat,
		Official: []string{"UnrecognizedTypeFormat"},
	},
}

// fits reports whether a value is of a type that a schema declares. What is
// declared in another way fits anything.
func fits(v source.Node, schema source.Node) bool {
	typ, _ := schema.Get("type").Str()
	switch v.Kind() {
	case source.Null:
		return schema.Get("x-nullable").IsTrue() || typ == "" || typ == "file"
	case source.Invalid:
		return true
	}
	switch typ {
	case "string":
		return v.Kind() == source.String
	case "integer":
		f, ok := number(v)
		return ok && f == float64(int64(f))
	case "number":
		return v.Kind() == source.Number
	case "boolean":
		return v.Kind() == source.Bool
	case "array":
		return v.Kind() == source.Array
	case "object":
		return v.Kind() == source.Object
	}
	return true
}

// converted makes of a scalar what it says, of another type, if nothing is lost.
func converted(v source.Node, typ string) (any, bool) {
	text := v.Text()
	if s, ok := v.Str(); ok {
		text = s
	}
	if k := v.Kind(); k != source.String && k != source.Number && k != source.Bool {
		return nil, false
	}
	switch typ {
	case "string":
		return text, true
	case "boolean":
		switch strings.ToLower(text) {
		case "true":
			return true, true
		case "false":
			return false, true
		}
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		return json.Number(text), err == nil && strconv.FormatInt(n, 10) == text
	case "number":
		_, err := strconv.ParseFloat(text, 64)
		return json.Number(text), err == nil && json.Valid([]byte(text))
	}
	return nil, false
}

func reportType(p *lint.Pass, v, schema source.Node, what string) {
	typ, _ := schema.Get("type").Str()
	f := p.Report(v, "%s is %s, expected %s", what, shown(v), withArticle(typ))
	if with, ok := converted(v, typ); ok {
		f.Fix = safe("write it as "+withArticle(typ), v, func(e *source.Editor) { e.Replace(v, with) })
	}
}

func valueDefaultType(p *lint.Pass) lint.Visitor {
	return eachMember(func(v source.Node, _ connector.Role) {
		if !fits(v, v.Parent()) {
			reportType(p, v, v.Parent(), "the default")
		}
	}, "default")
}

func valueEnumType(p *lint.Pass) lint.Visitor {
	return eachMember(func(list source.Node, _ connector.Role) {
		for _, v := range list.Items() {
			if !fits(v, list.Parent()) {
				reportType(p, v, list.Parent(), "the value of enum")
			}
		}
	}, "enum")
}

func valueListEmpty(p *lint.Pass) lint.Visitor {
	official := map[string]string{"enum": "EnumMustContainAtLeastOneElement", "required": "RequiredPropertyArrayEmpty", "schemes": "SchemesArrayEmpty"}
	return eachNamed(func(name string, list source.Node, _ connector.Role) {
		if list.Kind() != source.Array || list.Len() > 0 {
			return
		}
		f := p.Report(list.Key(), "%s is an empty list", name)
		f.Official = official[name]
		if name == "schemes" {
			f.Fix = safe("allow https", list, func(e *source.Editor) { e.Replace(list, []any{"https"}) })
		} else {
			f.Fix = safe("remove "+name, list, func(e *source.Editor) { e.Remove(list) })
		}
	}, "enum", "required", "schemes")
}

func valueDuplicate(p *lint.Pass) lint.Visitor {
	return eachNamed(func(name string, list source.Node, on connector.Role) {
		if list.Len() < 2 || name == "tags" && on == connector.RoleDocument {
			return
		}
		if areDistinct(list) {
			return // what most lists are
		}
		seen := make(map[string]source.Node, list.Len())
		for _, item := range list.Items() {
			id := identity(item)
			if first := seen[id]; first.Exists() {
				f := p.Report(item, "%s has %s twice", name, shown(item))
				f.Related = []source.Related{lint.Related(first, "first here")}
				f.Fix = safe("remove the second", item, func(e *source.Editor) { e.Remove(item) })
				continue
			}
			seen[id] = item
		}
	}, "enum", "required", "consumes", "produces", "schemes", "tags", "security")
}

// areDistinct tells of short lists of plain values, by their texts, that no two
// are equal.
func areDistinct(list source.Node) bool {
	const short = 12
	var texts [short]string
	n := 0
	for _, item := range list.Items() {
		text := item.Text()
		if n == short || text == "" || text[0] == '{' || text[0] == '[' || strings.Contains(text, `\`) || slices.Contains(texts[:n], text) {
			return false
		}
		texts[n], n = text, n+1
	}
	return list.File().Format == source.JSON
}

// identity is the same for equal values.
func identity(n source.Node) string {
	if s, ok := n.Str(); ok {
		return `"` + s
	}
	if k := n.Kind(); k != source.Object && k != source.Array {
		return n.Text()
	}
	text, _ := json.Marshal(n.Value())
	return string(text)
}

func valueEnumNames(p *lint.Pass) lint.Visitor {
	return eachMember(func(list source.Node, _ connector.Role) {
		enum := list.Parent().Get("enum")
		known := map[string]bool{}
		for _, v := range enum.Items() {
			known[identity(v)] = true
		}
		seen := map[string]bool{}
		for _, entry := range list.Items() {
			v := entry.Get("value")
			if entry.Kind() != source.Object || !v.Exists() {
				continue // extension-value
			}
			switch id := identity(v); {
			case seen[id]:
				f := p.Report(v, "x-ms-enum-values names %s twice", shown(v))
				f.Official = "DuplicateEnumValuesInExtension"
				f.Fix = suggested("remove the second", entry, func(e *source.Editor) { e.Remove(entry) })
			case !known[id]:
				f := p.Report(v, "x-ms-enum-values names %s, which enum does not have", shown(v))
				f.Official = "InvalidEnumValuesExtensionValue"
				f.Hint = "the designer offers the values of enum: add it there, or take it out here"
				if enum.Kind() == source.Array && fits(v, list.Parent()) {
					f.Fix = suggested("add it to enum", enum, func(e *source.Editor) { e.Append(enum, v) })
				}
			default:
				seen[id] = true
			}
			if name, ok := entry.Get("displayName").Str(); !ok || strings.TrimSpace(name) == "" {
				f := p.Report(entry, "the value %s has no displayName", shown(v))
				f.Official = "MissingEnumValuesDisplayName"
				f.Hint = "makers see this name in the list"
				if name := strings.TrimSpace(fmt.Sprint(v.Value())); name != "" && v.Kind() != source.Object && v.Kind() != source.Array {
					f.Fix = suggested("name it as its value", entry, func(e *source.Editor) { setAfter(e, entry, "displayName", name, "value") })
				}
			}
		}
	}, "x-ms-enum-values")
}

// formats of a type that the platform knows (the swagger JSON schema of the
// connector repository).
var formats = map[string][]string{
	"string":  {"byte", "binary", "date", "date-time", "date-no-tz", "password", "email", "uri", "uuid", "html"},
	"integer": {"int32", "int64"},
	"number":  {"float", "double"},
	"boolean": {}, "object": {}, "array": {}, "file": {},
}

// meantFormats are what authors mean by others.
var meantFormats = map[string]string{"guid": "uuid", "decimal": "double", "url": "uri", "datetime": "date-time", "long": "int64", "int": "int32"}

func valueFormat(p *lint.Pass) lint.Visitor {
	return eachMember(func(v source.Node, _ connector.Role) {
		typ, _ := v.Parent().Get("type").Str()
		known, isType := formats[typ]
		format, ok := v.Str()
		if !ok || !isType || slices.Contains(known, format) {
			return
		}
		f := p.Report(v, "%q is not a format of %q", format, typ)
		switch meant := meantFormats[strings.ToLower(format)]; {
		case format == "" || len(known) == 0:
			f.Fix = suggested("remove the format", v, func(e *source.Editor) { e.Remove(v) })
		case slices.Contains(known, meant):
			f.Fix = suggested("write "+meant, v, func(e *source.Editor) { e.Replace(v, meant) })
		default:
			f.Hint = "known are " + strings.Join(known, ", ") + "; others are ignored"
		}
	}, "format")
}
