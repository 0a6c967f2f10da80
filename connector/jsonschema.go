package connector

import (
	"fmt"
	"iter"
	"math"
	"math/big"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"

	"github.com/connectorctl/connectorctl/connector/source"
)

// JSONSchema returns the schema as a JSON Schema, draft 4, that stands alone:
// what its references lead to is below "definitions". It holds what can be
// checked of a payload and no more. Left out is
//   - what real files get wrong, such as a boolean "required", and what would
//     keep a validator from compiling the whole: a reference without a target
//     allows everything;
//   - an "enum" of which no value has the declared type, such as "true" and
//     "false" of a boolean;
//   - a "pattern" that Go's regexp cannot read (lookaround), which is the
//     author's right;
//   - "format", which in OpenAPI 2.0 says how to read a value, and which
//     services follow loosely;
//   - annotations, and what a maker's "x-ms-dynamic-schema" adds at design time.
//
// "x-nullable" allows null. An absent schema allows everything.
func (s Schema) JSONSchema() map[string]any {
	w := schemaWriter{def: s.def, names: map[source.Node]string{}, budget: maxSchemaNodes}
	root := w.schema(s.Node)
	definitions := map[string]any{}
	for len(w.open) > 0 {
		target := w.open[0]
		w.open = w.open[1:]
		definitions[w.names[target]] = w.schema(target)
	}
	if len(definitions) > 0 {
		root["definitions"] = definitions
	}
	root["$schema"] = "http://json-schema.org/draft-04/schema#"
	return root
}

// maxSchemaNodes bounds a schema that YAML aliases multiply; the largest real
// payload has some thousand.
const maxSchemaNodes = 200_000

type schemaWriter struct {
	def    *Definition
	names  map[source.Node]string // what references lead to → its name below definitions
	open   []source.Node          // of these, the ones still to be written
	budget int
}

func (w *schemaWriter) schema(n source.Node) map[string]any {
	out := map[string]any{}
	if w.budget--; w.budget < 0 || n.Kind() != source.Object {
		return out
	}
	if n.Get("$ref").Kind() == source.String {
		if target := w.def.Resolve(n); target.Kind() == source.Object {
			fragment := url.URL{Fragment: "/definitions/" + source.EscapePointer(w.name(target))}
			out["$ref"] = "#" + fragment.EscapedFragment()
		}
		return out
	}
	w.limits(out, n)
	w.parts(out, n)
	w.types(out, n)
	return out
}

// name returns the name below definitions of what a reference leads to: the
// name it has in the document, or its place there.
func (w *schemaWriter) name(target source.Node) string {
	name, known := w.names[target]
	if !known {
		if name = target.Pointer(); target.Parent() == w.def.Root.Get("definitions") {
			name = target.KeyStr()
		}
		w.names[target] = name
		w.open = append(w.open, target)
	}
	return name
}

// types writes what kinds of value are allowed, and which values.
func (w *schemaWriter) types(out map[string]any, n source.Node) {
	types := []any{}
	for _, t := range append(slices.Collect(items(n.Get("type"))), n.Get("type")) {
		if name, _ := t.Str(); slices.Contains(jsonTypes, name) && !slices.Contains(types, any(name)) {
			types = append(types, name)
		}
	}
	values := []any{}
	for value := range items(n.Get("enum")) {
		if v := value.Value(); !slices.ContainsFunc(values, func(o any) bool { return reflect.DeepEqual(o, v) }) {
			values = append(values, v)
		}
	}
	if n.Get("x-nullable").IsTrue() {
		if len(types) > 0 && !slices.Contains(types, any("null")) {
			types = append(types, "null")
		}
		if len(values) > 0 && !slices.Contains(values, nil) {
			values = append(values, nil)
		}
	}
	if len(types) > 0 && !slices.ContainsFunc(values, func(v any) bool { return v != nil && isOfType(v, types) }) {
		values = nil
	}
	if len(types) == 1 {
		out["type"] = types[0]
	} else if len(types) > 1 {
		out["type"] = types
	}
	if len(values) > 0 {
		out["enum"] = values
	}
}

// isOfType reports whether a value has one of the types.
func isOfType(v any, types []any) bool {
	var own []any
	switch v := v.(type) {
	case nil:
		own = []any{"null"}
	case bool:
		own = []any{"boolean"}
	case string:
		own = []any{"string"}
	case []any:
		own = []any{"array"}
	case map[string]any:
		own = []any{"object"}
	default:
		own = []any{"number"}
		if n, ok := new(big.Float).SetString(fmt.Sprint(v)); ok && n.IsInt() {
			own = append(own, "integer")
		}
	}
	return slices.ContainsFunc(own, func(t any) bool { return slices.Contains(types, t) })
}

var jsonTypes = []string{"object", "array", "string", "number", "integer", "boolean", "null"}

// limits writes the keywords that compare.
func (w *schemaWriter) limits(out map[string]any, n source.Node) {
	for _, key := range []string{"maximum", "minimum", "multipleOf"} {
		if v, ok := number(n.Get(key)); ok && (key != "multipleOf" || v > 0) {
			out[key] = n.Get(key).Value()
		}
	}
	for key, limit := range map[string]string{"exclusiveMaximum": "maximum", "exclusiveMinimum": "minimum"} {
		if _, limited := out[limit]; limited && n.Get(key).IsTrue() {
			out[key] = true
		}
	}
	for _, key := range []string{"maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"} {
		if v, ok := number(n.Get(key)); ok && v >= 0 && v == math.Trunc(v) {
			out[key] = n.Get(key).Value()
		}
	}
	if n.Get("uniqueItems").IsTrue() {
		out["uniqueItems"] = true
	}
	if pattern, ok := n.Get("pattern").Str(); ok {
		if _, err := regexp.Compile(pattern); err == nil {
			out["pattern"] = pattern
		}
	}
}

// parts writes the schemas inside the schema.
func (w *schemaWriter) parts(out map[string]any, n source.Node) {
	properties := map[string]any{}
	for key, value := range n.Get("properties").Members() {
		name, _ := key.Str()
		properties[name] = w.schema(value)
	}
	if len(properties) > 0 {
		out["properties"] = properties
	}
	var required []any
	for item := range items(n.Get("required")) {
		if name, ok := item.Str(); ok && !slices.Contains(required, any(name)) {
			required = append(required, name)
		}
	}
	if len(required) > 0 {
		out["required"] = required
	}
	if rest := n.Get("additionalProperties"); rest.Kind() == source.Object {
		out["additionalProperties"] = w.schema(rest)
	} else if rest.Kind() == source.Bool {
		out["additionalProperties"] = rest.IsTrue()
	}
	if element := n.Get("items"); element.Kind() == source.Object {
		out["items"] = w.schema(element)
	}
	var all []any
	for item := range items(n.Get("allOf")) {
		all = append(all, w.schema(item))
	}
	if len(all) > 0 {
		out["allOf"] = all
	}
}

// items yields what stands in an array, nothing if n is none.
func items(n source.Node) iter.Seq[source.Node] {
	return func(yield func(source.Node) bool) {
		for _, item := range n.Items() {
			if !yield(item) {
				return
			}
		}
	}
}

func number(n source.Node) (float64, bool) {
	if n.Kind() != source.Number {
		return 0, false
	}
	v, err := strconv.ParseFloat(fmt.Sprint(n.Value()), 64)
	return v, err == nil
}
