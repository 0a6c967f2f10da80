package convert

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// plainKeywords mean the same in all versions.
var plainKeywords = map[string]kindSet{
	"title": aText, "description": aText, "format": aText, "pattern": aText,
	"default": aValue, "example": aValue, "readOnly": aTruth, "uniqueItems": aTruth,
	"multipleOf": aNumber, "maximum": aNumber, "minimum": aNumber, "maxLength": aNumber, "minLength": aNumber,
	"maxItems": aNumber, "minItems": aNumber, "maxProperties": aNumber, "minProperties": aNumber,
	"externalDocs": aMap, "xml": aMap,
}

// lostKeywords constrain values in a way that 2.0 has no word for.
var lostKeywords = map[string]bool{
	"not": true, "if": true, "then": true, "else": true, "dependentSchemas": true, "dependentRequired": true,
	"dependencies": true, "propertyNames": true, "contains": true, "minContains": true, "maxContains": true,
	"unevaluatedItems": true, "unevaluatedProperties": true, "contentSchema": true,
	"$dynamicRef": true, "$recursiveRef": true,
}

// silentKeywords say nothing about values, or are read elsewhere.
var silentKeywords = map[string]bool{
	"$ref": true, "allOf": true, "oneOf": true, "anyOf": true,
	"$schema": true, "$id": true, "id": true, "$anchor": true, "$comment": true, "$vocabulary": true, "$defs": true,
	"definitions": true, "$dynamicAnchor": true, "$recursiveAnchor": true,
	"exclusiveMinimum": true, "exclusiveMaximum": true, // when all is read
}

// own converts what a schema says itself, without its references and without
// allOf, oneOf and anyOf.
func (im *importer) own(n source.Node) *tree {
	t := newTree(n)
	for name, v := range members(n) {
		allowed, plain := plainKeywords[name]
		switch {
		case name == "default" && v.Kind() == source.Null: // says nothing
		case strings.HasPrefix(name, "x-"), plain && allowed.has(v.Kind()):
			t.set(name, im.plain(v))
		case plain:
			im.wrong(v, name, allowed.String())
		case lostKeywords[name]:
			im.lose(v, "%s: 2.0 has no such keyword, the values it rules out are allowed", name)
		case silentKeywords[name]:
		default:
			im.keyword(t, n, name, v)
		}
	}
	im.exclusive(t, n, "minimum", "exclusiveMinimum", func(bound, limit float64) bool { return bound >= limit })
	im.exclusive(t, n, "maximum", "exclusiveMaximum", func(bound, limit float64) bool { return bound <= limit })
	if t.text("type") == "array" && !t.has("items") {
		t.set("items", newTree(n)) // which 2.0 asks for
	}
	return t
}

// keyword converts a member that 2.0 says in another way.
func (im *importer) keyword(t *tree, n source.Node, name string, v source.Node) {
	switch name {
	case "type":
		im.types(t, v)
	case "nullable":
		if v.IsTrue() {
			t.set("x-nullable", true)
		}
	case "enum":
		im.enum(t, v)
	case "const":
		if s := shapeOf(v); isScalar(s) {
			t.setMissing("type", s)
		}
		im.values(t, []any{im.plain(v)})
	case "examples":
		im.schemaExamples(t, v)
	case "required":
		im.required(t, v)
	case "properties":
		im.properties(t, v)
	case "items", "prefixItems":
		im.items(t, n, name, v)
	case "additionalProperties", "patternProperties":
		im.additional(t, n, name, v)
	case "discriminator":
		im.discriminator(t, n, v)
	case "contentEncoding", "contentMediaType":
		im.contentKeyword(t, n, name, v)
	case "deprecated", "writeOnly":
		if v.IsTrue() {
			t.set("x-"+name, true)
			im.lose(v, "%s: 2.0 has no such keyword for schemas, it became x-%s", name, name)
		}
	default:
		im.lose(v, "%q is no keyword of OpenAPI schemas; it is left out", name)
	}
}

func (im *importer) types(t *tree, v source.Node) {
	names := typeNames(v)
	if i := slices.Index(names, "null"); i >= 0 {
		names = slices.Delete(names, i, i+1)
		defer t.set("x-nullable", true)
	}
	unknown := func(name string) bool { return !slices.Contains(typesOf2, name) }
	switch {
	case slices.ContainsFunc(names, unknown) || names == nil:
		im.lose(v, "type: 2.0 has no type %s; any type is allowed", v.Text())
	case len(names) == 1:
		t.set("type", names[0])
	case len(names) > 1:
		im.lose(v, "type: 2.0 knows one type at a time, not %s; any type is allowed", quoteNames(names))
	}
}

// typesOf2 are the types of schemas.
var typesOf2 = []string{"string", "number", "integer", "boolean", "array", "object"}

// typeNames reads the value of "type": a name, or in 3.1 a list of names.
func typeNames(v source.Node) []string {
	if s, ok := v.Str(); ok {
		return []string{s}
	}
	var names []string
	for _, item := range v.Items() {
		if s, ok := item.Str(); ok && !slices.Contains(names, s) {
			names = append(names, s)
		}
	}
	return names
}

// enum keeps the values but null, which x-nullable stands for.
func (im *importer) enum(t *tree, v source.Node) {
	if v.Kind() != source.Array {
		im.wrong(v, "enum", aList.String())
		return
	}
	values, _ := im.plain(v).([]any)
	im.values(t, values)
}

func (im *importer) values(t *tree, values []any) {
	var kept []any
	for _, value := range values {
		if value == nil {
			t.set("x-nullable", true)
			continue
		}
		kept = append(kept, value)
	}
	if len(kept) > 0 {
		t.set("enum", kept)
	}
}

func (im *importer) schemaExamples(t *tree, v source.Node) {
	if v.Kind() != source.Array {
		im.wrong(v, "examples", aList.String())
		return
	}
	if v.Len() > 0 {
		t.setMissing("example", im.plain(v.Item(0)))
	}
	if v.Len() > 1 {
		im.lose(v, "examples: 2.0 has room for one, the first of %d is kept", v.Len())
	}
}

// exclusive turns a bound of its own (3.1) into a flag beside the bound (3.0
// and 2.0). If there are both, the stricter one stays.
func (im *importer) exclusive(t *tree, n source.Node, plain, name string, stricter func(bound, limit float64) bool) {
	switch v := n.Get(name); v.Kind() {
	case source.Absent:
	case source.Bool:
		if v.IsTrue() {
			t.set(name, true)
		}
	case source.Number:
		if limit := n.Get(plain); limit.Kind() != source.Number || stricter(float(v), float(limit)) {
			t.set(plain, im.plain(v))
			t.set(name, true)
		}
	default:
		im.wrong(v, name, "a number or a boolean")
	}
}

func float(n source.Node) float64 {
	number, _ := n.Value().(json.Number)
	f, _ := strconv.ParseFloat(string(number), 64)
	return f
}

func (im *importer) required(t *tree, v source.Node) {
	if v.Kind() != source.Array {
		im.wrong(v, "required", "a list of the names of properties")
		return
	}
	var names []any
	for _, item := range v.Items() {
		if s, ok := item.Str(); ok {
			names = append(names, s)
		}
	}
	if len(names) > 0 { // 2.0 allows no empty list
		t.set("required", names)
	}
}

func (im *importer) properties(t *tree, v source.Node) {
	if v.Kind() != source.Object {
		im.wrong(v, "properties", aMap.String())
		return
	}
	properties := newTree(v)
	for name, p := range members(v) {
		properties.set(name, im.schema(p))
	}
	t.set("properties", properties)
}

func (im *importer) items(t *tree, n source.Node, name string, v source.Node) {
	if name == "items" && v.Kind() != source.Array {
		if v.Kind() != source.Bool || !n.Get("prefixItems").Exists() {
			t.set("items", im.schema(v))
		}
		return
	}
	im.lose(v, "%s: 2.0 has one schema for all items, anything is allowed in their place", name)
	t.setMissing("items", newTree(v))
}

// additional keeps additionalProperties. One pattern is as good as none for
// what makers see.
func (im *importer) additional(t *tree, n source.Node, name string, v source.Node) {
	if name == "additionalProperties" {
		if b, ok := v.Bool(); ok {
			t.set(name, b)
		} else {
			t.set(name, im.schema(v))
		}
		return
	}
	other := n.Get("additionalProperties")
	if b, ok := other.Bool(); v.Len() == 1 && (!other.Exists() || ok && !b) {
		for _, p := range members(v) {
			t.set("additionalProperties", im.schema(p))
		}
		im.lose(v, "patternProperties: 2.0 has no such keyword, the schema is kept for properties of any name")
		return
	}
	im.lose(v, "patternProperties: 2.0 has no such keyword, it is left out")
}

// discriminator keeps the name of the property. It means something in 2.0 only
// where the property is declared, and there the values are the names of
// definitions.
func (im *importer) discriminator(t *tree, n, v source.Node) {
	name, ok := v.Str()
	if !ok {
		name, ok = v.Get("propertyName").Str()
	}
	if !ok || !n.Get("properties").Get(name).Exists() || n.Get("oneOf").Exists() || n.Get("anyOf").Exists() {
		im.lose(v, "discriminator: 2.0 has it only on the schema that declares the property and that others extend; it is left out")
		return
	}
	t.set("discriminator", name)
	for value, target := range members(v.Get("mapping")) {
		if s, _ := target.Str(); s[strings.LastIndex(s, "/")+1:] != value {
			im.lose(v.Get("mapping"), "discriminator: 2.0 takes the names of definitions for the values of %q, the mapping to others is left out", name)
			return
		}
	}
}

// contentKeyword turns the way in which 3.1 describes bytes into a format.
func (im *importer) contentKeyword(t *tree, n source.Node, name string, v source.Node) {
	encoding, _ := n.Get("contentEncoding").Str()
	switch {
	case encoding == "base64" || encoding == "base64url":
		t.setMissing("format", "byte")
	case encoding == "":
		if name == "contentMediaType" && v.Is("application/octet-stream") {
			t.setMissing("format", "binary")
			return
		}
		im.lose(v, "%s: 2.0 has no such keyword, it is left out", name)
	default:
		im.lose(v, "%s: 2.0 has no such keyword, it is left out", name)
	}
}

// plain copies a value as it is, but for references to schemas, which extensions
// such as x-ms-notification-content hold: those follow the schema.
func (im *importer) plain(n source.Node) any {
	if !im.spend() {
		return nil
	}
	switch n.Kind() {
	case source.Object:
		t := newTree(n)
		for name, v := range members(n) {
			t.set(name, im.plain(v))
		}
		if ref, ok := n.Get("$ref").Str(); ok && strings.HasPrefix(ref, "#/components/schemas/") {
			if target := im.resolve(n); target.Exists() {
				t.set("$ref", im.refTo(im.definition(target)))
			}
		}
		return t
	case source.Array:
		list := []any{}
		for _, item := range n.Items() {
			list = append(list, im.plain(item))
		}
		return list
	}
	return n.Value()
}
