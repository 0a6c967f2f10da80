package convert_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// importText imports a YAML document that stands alone, and reads the result.
func importText(t *testing.T, text string) (*convert.Import, *source.File) {
	t.Helper()
	got, err := convert.OpenAPI3("openapi.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return got, reparse(t, got)
}

func reparse(t *testing.T, got *convert.Import) *source.File {
	t.Helper()
	f := source.Parse("apiDefinition.swagger.json", []byte(got.Text))
	for _, p := range f.Problems {
		t.Errorf("the converted document is broken: %s", p.Message)
	}
	return f
}

// compact returns a value of a document on one line, "" if it is not there.
func compact(t *testing.T, n source.Node) string {
	t.Helper()
	if !n.Exists() {
		return ""
	}
	var v any
	if err := json.Unmarshal([]byte(n.Text()), &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// expectValues compares values in a document with lines of a pointer and JSON.
func expectValues(t *testing.T, f *source.File, want []string) {
	t.Helper()
	for _, line := range want {
		pointer, value, _ := strings.Cut(line, " ")
		got := compact(t, f.At(pointer))
		if value != "" {
			var v any
			if err := json.Unmarshal([]byte(value), &v); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			data, _ := json.Marshal(v)
			value = string(data)
		}
		if got != value {
			t.Errorf("%s:\n got %s\nwant %s", pointer, got, value)
		}
	}
}

// expectLosses compares losses with lines of a pointer and a part of the
// message. Each loss must be expected.
func expectLosses(t *testing.T, got []convert.Loss, want []string) {
	t.Helper()
	for i, l := range got {
		text := l.Pointer + " " + l.Message
		if i >= len(want) {
			t.Errorf("unexpected loss: %s", text)
			continue
		}
		part, ok := strings.CutPrefix(want[i], l.Pointer+" ")
		if !ok || !strings.Contains(l.Message, part) {
			t.Errorf("loss %d:\n got %s\nwant %s", i, text, want[i])
		}
	}
	for _, w := range want[min(len(got), len(want)):] {
		t.Errorf("missing loss: %s", w)
	}
}

// schemaDocument is a document whose schemas are given as lines of YAML.
func schemaDocument(version string, schemas string) string {
	return "openapi: " + version + `
info: {title: T, version: "1"}
servers: [{url: https://api.example.com}]
paths: {}
components:
  schemas:
` + indent(schemas, 4)
}

// operationDocument is a document with one operation, POST /things, whose
// members are given.
func operationDocument(members, components string) string {
	return `openapi: 3.0.3
info: {title: T, version: "1"}
servers: [{url: https://api.example.com}]
paths:
  /things:
    post:
      operationId: PostThing
` + indent(members, 6) + "components:\n" + indent(components, 2)
}

func indent(text string, by int) string {
	var b strings.Builder
	for line := range strings.Lines(strings.Trim(text, "\n") + "\n") {
		b.WriteString(strings.Repeat(" ", by) + line)
	}
	return b.String()
}

// schemaCase is the schemas of a document of OpenAPI 3, and what an import makes
// of them.
type schemaCase struct {
	name, version, schemas string
	want, losses           []string
}

func (c schemaCase) run(t *testing.T) {
	got, f := importText(t, schemaDocument(c.version, c.schemas))
	expectValues(t, f, c.want)
	expectLosses(t, got.Losses, c.losses)
}

func TestImportSchemas(t *testing.T) {
	for _, c := range []schemaCase{
		{"keywords of all versions", "3.0.0", `
A:
  title: T
  description: D
  type: object
  required: [s]
  minProperties: 1
  maxProperties: 9
  properties:
    s: {type: string, format: uri, minLength: 1, maxLength: 9, pattern: "^a", default: b, enum: [b, c], readOnly: true}
    n: {type: number, minimum: 9007199254740993, maximum: 1.50, multipleOf: 0.10, exclusiveMinimum: true, example: 12345678901234567890}
    l: {type: array, items: {$ref: '#/components/schemas/B'}, minItems: 1, maxItems: 2, uniqueItems: true}
  additionalProperties: {$ref: '#/components/schemas/B'}
  externalDocs: {url: https://example.com}
  xml: {name: a}
  x-ms-summary: Label
B: {type: string, x-any: {z: 1, a: [2]}}`,
			[]string{
				`/definitions/A/title "T"`, `/definitions/A/required ["s"]`, `/definitions/A/minProperties 1`,
				`/definitions/A/properties/s {"type":"string","format":"uri","minLength":1,"maxLength":9,"pattern":"^a","default":"b","enum":["b","c"],"readOnly":true}`,
				`/definitions/A/properties/l/items {"$ref":"#/definitions/B"}`, `/definitions/A/additionalProperties {"$ref":"#/definitions/B"}`,
				`/definitions/A/externalDocs/url "https://example.com"`, `/definitions/A/xml {"name":"a"}`, `/definitions/A/x-ms-summary "Label"`,
				`/definitions/B/x-any {"z":1,"a":[2]}`,
			}, nil},
		{"nullable", "3.0.0", "A: {type: string, nullable: true, enum: [a, null]}\nB: {type: string, nullable: false, default: null}",
			[]string{`/definitions/A {"type":"string","x-nullable":true,"enum":["a"]}`, `/definitions/B {"type":"string"}`}, nil},
		{"lists of types", "3.1.0", "A: {type: [string, 'null']}\nB: {type: [string, integer]}\nC: {type: 'null'}\nD: {type: [object]}",
			[]string{`/definitions/A {"x-nullable":true,"type":"string"}`, `/definitions/B {}`, `/definitions/C {"x-nullable":true}`, `/definitions/D {"type":"object"}`},
			[]string{`/components/schemas/B/type not "string" and "integer"`}},
		{"unknown type", "3.0.0", "A: {type: any}", []string{`/definitions/A {}`}, []string{`/components/schemas/A/type no type any`}},
		{"const and examples", "3.1.0", "A: {const: a}\nB: {type: integer, examples: [1, 2]}\nC: {const: null}",
			[]string{`/definitions/A {"type":"string","enum":["a"]}`, `/definitions/B {"type":"integer","example":1}`, `/definitions/C {"x-nullable":true}`},
			[]string{`/components/schemas/B/examples the first of 2`}},
		{"exclusive bounds", "3.1.0", "A: {exclusiveMinimum: 5, minimum: 3}\nB: {exclusiveMinimum: 2, minimum: 3}\nC: {exclusiveMaximum: 7}",
			[]string{`/definitions/A {"minimum":5,"exclusiveMinimum":true}`, `/definitions/B {"minimum":3}`, `/definitions/C {"maximum":7,"exclusiveMaximum":true}`}, nil},
		{"booleans for schemas", "3.1.0", "A: true\nB: false\nC: {type: object, additionalProperties: false, properties: {a: true}}",
			[]string{`/definitions/A {}`, `/definitions/B {}`, `/definitions/C {"type":"object","additionalProperties":false,"properties":{"a":{}}}`},
			[]string{`/components/schemas/B nothing fits`}},
		{"bytes", "3.1.0", "A: {type: string, contentEncoding: base64, contentMediaType: image/png}\nB: {type: string, contentMediaType: application/octet-stream}\nC: {type: string, contentMediaType: text/html}",
			[]string{`/definitions/A {"type":"string","format":"byte"}`, `/definitions/B {"type":"string","format":"binary"}`, `/definitions/C {"type":"string"}`},
			[]string{`/components/schemas/C/contentMediaType no such keyword`}},
		{"tuples and patterns", "3.1.0", `
A: {type: array, prefixItems: [{type: string}]}
B: {type: object, patternProperties: {"^x": {type: integer}}}
C: {type: object, patternProperties: {"^x": {type: integer}, "^y": {}}}
D: {type: array}`,
			[]string{`/definitions/A {"type":"array","items":{}}`, `/definitions/B {"type":"object","additionalProperties":{"type":"integer"}}`, `/definitions/C {"type":"object"}`, `/definitions/D {"type":"array","items":{}}`},
			[]string{`/components/schemas/A/prefixItems one schema for all items`, `/components/schemas/B/patternProperties any name`, `/components/schemas/C/patternProperties left out`}},
		{"what 2.0 has no word for", "3.1.0", `
A: {type: object, not: {}, if: {}, then: {}, else: {}, dependentRequired: {}, propertyNames: {}, unevaluatedProperties: false, $comment: c, $id: a, $schema: s}`,
			[]string{`/definitions/A {"type":"object"}`},
			[]string{`/components/schemas/A/not not:`, `/components/schemas/A/if if:`, `/components/schemas/A/then then:`, `/components/schemas/A/else else:`,
				`/components/schemas/A/dependentRequired `, `/components/schemas/A/propertyNames `, `/components/schemas/A/unevaluatedProperties `}},
		{"flags", "3.0.0", "A: {type: string, deprecated: true, writeOnly: true}",
			[]string{`/definitions/A {"type":"string","x-deprecated":true,"x-writeOnly":true}`},
			[]string{`/components/schemas/A/deprecated x-deprecated`, `/components/schemas/A/writeOnly x-writeOnly`}},
		{"wrong kinds", "3.0.0", "A: {type: object, description: null, required: true, properties: {a: {minLength: x, items: {}}}, optional: 1}\nB: 5",
			[]string{`/definitions/A {"type":"object","properties":{"a":{"items":{}}}}`, `/definitions/B {}`},
			[]string{`/components/schemas/A/description is null`, `/components/schemas/A/required is a boolean`,
				`/components/schemas/A/properties/a/minLength is a string`, `/components/schemas/A/optional no keyword`, `/components/schemas/B is a number`}},
		{"beside a reference in 3.0", "3.0.0", "A: {type: object, properties: {b: {$ref: '#/components/schemas/B', description: D, nullable: true, type: object, maxLength: 5}}}\nB: {type: string}",
			[]string{`/definitions/A/properties/b {"description":"D","x-nullable":true,"allOf":[{"$ref":"#/definitions/B"}]}`}, nil},
		{"beside a reference in 3.1", "3.1.0", "A: {type: object, properties: {b: {$ref: '#/components/schemas/B', description: D, maxLength: 5}, c: {$ref: '#/components/schemas/B', deprecated: false, title: T}}}\nB: {type: string}",
			[]string{`/definitions/A/properties/b {"description":"D","maxLength":5,"allOf":[{"$ref":"#/definitions/B"}]}`,
				`/definitions/A/properties/c {"title":"T","allOf":[{"$ref":"#/definitions/B"}]}`}, nil},
	} {
		t.Run(c.name, c.run)
	}
}

func TestImportReferences(t *testing.T) {
	for _, c := range []schemaCase{
		{"references to places without a name", "3.1.0", `
A:
  type: object
  properties:
    b: {$ref: '#/components/schemas/B/properties/c'}
    d: {$ref: '#/components/schemas/B/$defs/D'}
    e: {$ref: '#/$defs/E'}
  $defs: {E: {type: boolean}}
B: {type: object, properties: {c: {type: string}}, $defs: {D: {type: integer}}}`,
			[]string{`/definitions/A/properties {"b":{"$ref":"#/definitions/BC"},"d":{"$ref":"#/definitions/BD"},"e":{"$ref":"#/definitions/AE"}}`,
				`/definitions/BC {"type":"string"}`, `/definitions/BD {"type":"integer"}`, `/definitions/AE {"type":"boolean"}`}, nil},
		{"references to nothing", "3.0.0", "A: {$ref: '#/components/schemas/X'}\nB: {$ref: 5}\nC: {$ref: '#X'}",
			[]string{`/definitions/A {}`, `/definitions/B {}`, `/definitions/C {}`},
			[]string{`/components/schemas/A/$ref names nothing`, `/components/schemas/B/$ref names nothing`, `/components/schemas/C/$ref names nothing`}},
		{"odd names", "3.0.0", "\"A b%\": {type: string}\nB: {$ref: '#/components/schemas/A%20b%25'}\n\"Ünï\": {$ref: '#/components/schemas/B'}",
			[]string{`/definitions/B {"$ref":"#/definitions/A%20b%25"}`, `/definitions/Ünï {"$ref":"#/definitions/B"}`}, nil},
		{"recursion", "3.0.0", "A: {type: object, properties: {a: {$ref: '#/components/schemas/A'}}}",
			[]string{`/definitions/A/properties/a {"$ref":"#/definitions/A"}`}, nil},
		{"loops", "3.0.0", "A: {$ref: '#/components/schemas/B'}\nB: {$ref: '#/components/schemas/A'}\nC: {type: object, allOf: [{$ref: '#/components/schemas/D'}]}\nD: {allOf: [{$ref: '#/components/schemas/C'}, {type: object}]}",
			[]string{`/definitions/A {"$ref":"#/definitions/B"}`, `/definitions/B {}`, `/definitions/D {"allOf":[{"type":"object"}]}`},
			[]string{`/components/schemas/B refers to itself`, `/components/schemas/D/allOf/0 part of itself`}},
		{"discriminator", "3.0.0", `
A: {type: object, discriminator: {propertyName: kind, mapping: {B: '#/components/schemas/B'}}, properties: {kind: {type: string}}}
B: {allOf: [{$ref: '#/components/schemas/A'}]}
C: {type: object, discriminator: {propertyName: kind, mapping: {b: '#/components/schemas/B'}}, properties: {kind: {type: string}}}
D: {type: object, discriminator: {propertyName: kind}}`,
			[]string{`/definitions/A/discriminator "kind"`, `/definitions/B/allOf [{"$ref":"#/definitions/A"}]`, `/definitions/C/discriminator "kind"`, `/definitions/D {"type":"object"}`},
			[]string{`/components/schemas/C/discriminator/mapping the mapping to others`, `/components/schemas/D/discriminator left out`}},
	} {
		t.Run(c.name, c.run)
	}
}

func TestImportUnions(t *testing.T) {
	const objects = `
X: {type: object, required: [id, x], properties: {id: {type: string}, x: {type: integer}, kind: {type: string, enum: [x]}}}
Y: {required: [id], properties: {id: {type: string}, y: {type: boolean}, kind: {type: string, enum: [y]}}}
`
	const merged = `{"type":"object","properties":{"id":{"type":"string"},"x":{"type":"integer"},"kind":{"type":"string","enum":["x","y"]},"y":{"type":"boolean"}},"required":["id"]}`
	for _, c := range []struct {
		name, schemas string
		want, losses  []string
	}{
		{"null and a reference", objects + "A: {anyOf: [{$ref: '#/components/schemas/X'}, {type: 'null'}]}",
			[]string{`/definitions/A {"x-nullable":true,"allOf":[{"$ref":"#/definitions/X"}]}`}, nil},
		{"null and a type", "A: {oneOf: [{type: 'null'}, {type: string, format: date}], description: D}",
			[]string{`/definitions/A {"description":"D","x-nullable":true,"type":"string","format":"date"}`}, nil},
		{"one", "A: {type: object, oneOf: [{$ref: '#/components/schemas/B'}]}\nB: {type: object}",
			[]string{`/definitions/A {"type":"object","allOf":[{"$ref":"#/definitions/B"}]}`}, nil},
		{"objects as a definition", objects + "A: {oneOf: [{$ref: '#/components/schemas/X'}, {$ref: '#/components/schemas/Y'}]}",
			[]string{`/definitions/A ` + merged}, []string{`/components/schemas/A/oneOf "X" and "Y" became one object`}},
		{"objects in a property", objects + "A: {type: object, properties: {p: {description: D, oneOf: [{$ref: '#/components/schemas/X'}, {$ref: '#/components/schemas/Y'}]}, q: {oneOf: [{$ref: '#/components/schemas/X'}, {$ref: '#/components/schemas/Y'}]}}}",
			[]string{`/definitions/A/properties/p {"description":"D","allOf":[{"$ref":"#/definitions/XOrY"}]}`, `/definitions/A/properties/q {"$ref":"#/definitions/XOrY"}`, `/definitions/XOrY ` + merged},
			[]string{`/components/schemas/A/properties/p/oneOf became one object`, `/components/schemas/A/properties/q/oneOf became one object`}},
		{"objects without names", "A: {type: object, properties: {p: {oneOf: [{properties: {a: {}}}, {properties: {b: {}}}]}}}",
			[]string{`/definitions/A/properties/p {"$ref":"#/definitions/AP"}`, `/definitions/AP {"type":"object","properties":{"a":{},"b":{}}}`},
			[]string{`/components/schemas/A/properties/p/oneOf "alternative 1" and "alternative 2"`}},
		{"objects inside each other", `
N: {type: object, properties: {children: {type: array, items: {oneOf: [{$ref: '#/components/schemas/L'}, {$ref: '#/components/schemas/N'}]}}}}
L: {type: object, properties: {leaf: {type: string}}}`,
			[]string{`/definitions/N/properties/children/items {"$ref":"#/definitions/LOrN"}`,
				`/definitions/LOrN {"type":"object","properties":{"leaf":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/definitions/LOrN"}}}}`},
			[]string{`/components/schemas/N/properties/children/items/oneOf became one object`}},
		{"subtypes of the whole", `
A: {type: object, properties: {a: {}}, oneOf: [{$ref: '#/components/schemas/B'}, {$ref: '#/components/schemas/C'}], discriminator: {propertyName: a}}
B: {allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {b: {}}}]}
C: {allOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {c: {}}}]}`,
			[]string{`/definitions/A {"type":"object","properties":{"a":{},"b":{},"c":{}}}`, `/definitions/B/allOf/0 {"$ref":"#/definitions/A"}`},
			[]string{`/components/schemas/A/oneOf became one object`, `/components/schemas/A/discriminator left out`}},
		{"properties that differ", "A: {anyOf: [{type: object, properties: {p: {type: string}}}, {type: object, properties: {p: {type: array, items: {}}}}]}",
			[]string{`/definitions/A/properties/p {"type":"string"}`},
			[]string{`/components/schemas/A "p"`, `/components/schemas/A/anyOf became one object`}},
		{"values", "A: {oneOf: [{const: a, title: One}, {const: b}]}\nB: {anyOf: [{type: string, enum: [a]}, {type: string, enum: [b, a]}]}",
			[]string{`/definitions/A {"type":"string","enum":["a","b"]}`, `/definitions/B {"type":"string","enum":["a","b"]}`}, nil},
		{"scalars", "A: {anyOf: [{type: integer}, {type: string, maxLength: 3}]}\nB: {oneOf: [{type: integer}, {type: number}]}",
			[]string{`/definitions/A {"type":"string"}`, `/definitions/B {"type":"number"}`},
			[]string{`/components/schemas/A/anyOf a plain string`, `/components/schemas/B/oneOf a plain number`}},
		{"a mixture", "A: {oneOf: [{type: array, items: {type: string}}, {type: string}]}\nB: {type: object, properties: {p: {oneOf: [{$ref: '#/components/schemas/A'}, {type: object}]}}}",
			[]string{`/definitions/A {"type":"array","items":{"type":"string"}}`, `/definitions/B/properties/p {"$ref":"#/definitions/A"}`},
			[]string{`/components/schemas/A/oneOf the first is kept, "array", and not "string"`, `/components/schemas/B/properties/p/oneOf the first is kept, "A"`}},
		{"constraints", "A: {type: object, properties: {a: {}, b: {}}, anyOf: [{required: [a]}, {required: [b]}]}",
			[]string{`/definitions/A {"type":"object","properties":{"a":{},"b":{}}}`}, []string{`/components/schemas/A/anyOf one set of properties or another`}},
		{"a union of itself", "A: {oneOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {a: {}}}]}",
			[]string{`/definitions/A {"type":"object","properties":{"a":{}}}`}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, f := importText(t, schemaDocument("3.1.0", c.schemas))
			expectValues(t, f, c.want)
			expectLosses(t, got.Losses, c.losses)
		})
	}
}

func TestImportParameters(t *testing.T) {
	const at = "/paths/~1things/post/parameters"
	for _, c := range []struct {
		name, parameters string
		want, losses     []string
	}{
		{"all members", `
- {name: z, in: header, description: D, required: true, schema: {title: T, type: integer, format: int64, minimum: 1, maximum: 9007199254740993, default: 2, enum: [2, 3], x-ms-summary: Z}, example: 3, x-ms-visibility: advanced}
- {name: a, in: query, allowEmptyValue: true, schema: {type: string, minLength: 1, pattern: ^x, description: from the schema, nullable: true, example: e}}
- {name: m, in: path, schema: {type: string, title: Model}}`,
			[]string{at + `/0 {"name":"z","in":"header","description":"D","required":true,"type":"integer","format":"int64","minimum":1,"maximum":9007199254740993,"default":2,"enum":[2,3],"x-ms-summary":"Z","x-example":3,"x-ms-visibility":"advanced"}`,
				at + `/1 {"name":"a","in":"query","allowEmptyValue":true,"type":"string","minLength":1,"pattern":"^x","x-nullable":true,"description":"from the schema","x-example":"e"}`,
				at + `/2 {"name":"m","in":"path","type":"string","required":true,"x-ms-summary":"Model"}`}, nil},
		{"lists", `
- {name: a, in: query, schema: {type: array, items: {type: string}}}
- {name: b, in: query, explode: false, schema: {type: array, items: {type: string}}}
- {name: c, in: query, style: spaceDelimited, explode: false, schema: {type: array, items: {type: string}}}
- {name: d, in: query, style: pipeDelimited, schema: {type: array, items: {type: string}}}
- {name: e, in: query, style: pipeDelimited, explode: true, schema: {type: array, items: {type: string}}}
- {name: f, in: header, schema: {type: array, items: {type: array, items: {$ref: '#/components/schemas/S'}}}}`,
			[]string{at + `/0/collectionFormat "multi"`, at + `/1/collectionFormat "csv"`, at + `/2/collectionFormat "ssv"`, at + `/3/collectionFormat "pipes"`,
				at + `/4/collectionFormat "multi"`, at + `/5 {"name":"f","in":"header","type":"array","items":{"type":"array","items":{"type":"string","enum":["s"]}}}`}, nil},
		{"references", `
- {name: s, in: query, schema: {$ref: '#/components/schemas/S'}}
- {$ref: '#/components/parameters/P'}
- {$ref: '#/components/parameters/Q'}
- {$ref: '#/components/parameters/X'}`,
			[]string{at + `/0 {"name":"s","in":"query","type":"string","enum":["s"]}`, at + `/1 {"$ref":"#/parameters/P"}`, at + `/2 {"$ref":"#/parameters/P"}`, at + `/3`,
				`/parameters {"P":{"name":"p","in":"query","type":"integer"}}`},
			[]string{at + `/3 names nothing`}},
		{"objects", `
- {name: form, in: query, schema: {type: object, properties: {b: {type: string, description: D}, a: {type: integer}}, required: [b]}, required: true}
- {name: deep, in: query, style: deepObject, schema: {type: object, properties: {x: {type: string}, y: {type: object}}}}
- {name: flat, in: query, explode: false, schema: {type: object, properties: {x: {type: string}}}}
- {name: head, in: header, schema: {type: object}}`,
			[]string{at + `/0 {"name":"b","in":"query","required":true,"description":"D","type":"string"}`, at + `/1 {"name":"a","in":"query","type":"integer"}`,
				at + `/2 {"name":"deep[x]","in":"query","type":"string"}`, at + `/3 {"name":"deep[y]","in":"query","type":"string"}`,
				at + `/4 {"name":"flat","in":"query","type":"string"}`, at + `/5 {"name":"head","in":"header","type":"string"}`},
			[]string{at + `/0 that "form" consists of`, at + `/1 that "deep" consists of`, at + `/1/schema/properties/y became a text`, at + `/2/schema became a text`, at + `/3/schema became a text`}},
		{"what 2.0 cannot say", `
- {name: c, in: cookie, schema: {type: string}}
- {name: j, in: query, content: {application/json: {schema: {type: object}}}}
- {name: p, in: path, style: matrix, schema: {type: string}}
- {name: d, in: query, deprecated: true, allowReserved: true, schema: {type: string}}
- {name: e, in: query, schema: {type: string}, examples: {one: {value: 1}, two: {value: 2}}}
- {in: query}
- {name: b, in: body}
- {name: n, in: query}
- {name: u, in: query, schema: {oneOf: [{type: integer}, {type: string}]}}`,
			[]string{at + `/0 {"name":"j","in":"query","type":"string"}`, at + `/1 {"name":"p","in":"path","type":"string","required":true}`,
				at + `/2 {"name":"d","in":"query","x-deprecated":true,"type":"string"}`, at + `/3/x-example 1`, at + `/4 {"name":"n","in":"query","type":"string"}`, at + `/5/type "string"`},
			[]string{at + `/0 cookie`, at + `/1/content how the value of "j" is written`, at + `/2/style matrix`, at + `/3/deprecated x-deprecated`,
				at + `/3/allowReserved reserved`, at + `/4/examples "one" is kept of 2`, at + `/5 no name`, at + `/6 expected path, query or header`, at + `/8/schema/oneOf a plain string`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := operationDocument("responses: {'200': {description: OK}}\nparameters:\n"+indent(c.parameters, 2),
				"schemas: {S: {type: string, enum: [s]}}\nparameters: {P: {name: p, in: query, schema: {type: integer}}, Q: {$ref: '#/components/parameters/P'}}")
			got, f := importText(t, text)
			expectValues(t, f, c.want)
			expectLosses(t, got.Losses, c.losses)
		})
	}
}

func TestImportBodiesAndResponses(t *testing.T) {
	const at = "/paths/~1things/post"
	for _, c := range []struct {
		name, members, components string
		want, losses              []string
	}{
		{"a body", `
requestBody: {description: D, required: true, x-ms-summary: B, content: {application/json: {schema: {$ref: '#/components/schemas/S'}, example: {a: 1}}, text/json: {schema: {$ref: '#/components/schemas/S'}}}}
responses: {'204': {description: none}}`, "schemas: {S: {type: object}}",
			[]string{at + `/consumes ["application/json","text/json"]`,
				at + `/parameters [{"name":"body","in":"body","description":"D","required":true,"schema":{"$ref":"#/definitions/S"},"x-ms-summary":"B","x-examples":{"application/json":{"a":1}}}]`,
				at + `/produces`}, nil},
		{"a body among parameters", `
parameters: [{name: body, in: query, schema: {type: string}}]
requestBody: {$ref: '#/components/requestBodies/B'}
responses: {'204': {description: none}}`, "requestBodies: {B: {content: {text/csv: {schema: {type: string, format: binary}, example: x}}}}",
			[]string{at + `/consumes ["text/csv"]`, at + `/parameters/1 {"name":"body2","in":"body","schema":{"type":"string","format":"binary","example":"x"}}`}, nil},
		{"several contents", `
requestBody: {content: {application/xml: {schema: {type: object}}, application/json: {schema: {type: string}}}}
responses: {'200': {description: OK, content: {text/plain: {schema: {type: string}}, application/json: {schema: {type: object}}}}}`, "{}",
			[]string{at + `/consumes ["application/json"]`, at + `/parameters/0/schema {"type":"string"}`, at + `/produces ["text/plain","application/json"]`, at + `/responses/200/schema {"type":"object"}`},
			[]string{at + `/requestBody/content not those of "application/xml"`, at + `/responses/200/content not those of "text/plain"`}},
		{"a form", `
requestBody:
  content:
    multipart/form-data:
      schema:
        type: object
        required: [file, tags]
        properties:
          file: {type: string, format: binary, description: F}
          tags: {type: array, items: {type: string, maxLength: 3}}
          list: {type: array, items: {type: string}}
          files: {type: array, items: {type: string, format: binary}}
          meta: {type: object}
          when: {type: string, format: date-time, default: now, example: e, x-ms-summary: W, nullable: true}
      encoding: {list: {explode: false}, meta: {contentType: application/json}}
responses: {'204': {description: none}}`, "{}",
			[]string{at + `/consumes ["multipart/form-data"]`, at + `/parameters ` + `[
				{"name":"file","in":"formData","description":"F","required":true,"type":"file"},
				{"name":"tags","in":"formData","required":true,"type":"array","items":{"type":"string","maxLength":3},"collectionFormat":"multi"},
				{"name":"list","in":"formData","type":"array","items":{"type":"string"},"collectionFormat":"csv"},
				{"name":"files","in":"formData","type":"file"},
				{"name":"meta","in":"formData","type":"string"},
				{"name":"when","in":"formData","type":"string","format":"date-time","default":"now","x-example":"e","x-ms-summary":"W","x-nullable":true}]`},
			[]string{at + `/requestBody/content/multipart~1form-data/schema/properties/files no lists of files`,
				at + `/requestBody/content/multipart~1form-data/schema/properties/meta became a text`,
				at + `/requestBody/content/multipart~1form-data/encoding/meta/contentType how the field "meta" is encoded`}},
		{"a form made of parts", `
requestBody: {content: {application/x-www-form-urlencoded: {schema: {allOf: [{$ref: '#/components/schemas/S'}, {oneOf: [{properties: {b: {type: string}}}, {properties: {c: {type: string}}}]}]}}}}
responses: {'204': {description: none}}`, "schemas: {S: {type: object, required: [a], properties: {a: {type: string}}}}",
			[]string{at + `/parameters [{"name":"a","in":"formData","required":true,"type":"string"},{"name":"b","in":"formData","type":"string"},{"name":"c","in":"formData","type":"string"}]`},
			[]string{at + `/requestBody/content/application~1x-www-form-urlencoded/schema/allOf/1/oneOf became one object`}},
		{"bodies without use", "requestBody: {description: D}\nresponses: {'204': {description: none}}", "{}",
			[]string{at + `/parameters`}, []string{at + `/requestBody no content`}},
		{"responses", `
responses:
  '201':
    description: Created
    headers: {Location: {description: L, required: true, schema: {type: string, format: uri}, x-ms-summary: H}, X-N: {$ref: '#/components/headers/N'}}
    content: {application/problem+json: {schema: {$ref: '#/components/schemas/S'}, examples: {one: {$ref: '#/components/examples/E'}}}}
    links: {a: {}}
    x-ms-test: {b: 1.0}
  '404': {$ref: '#/components/responses/R'}
  '410': {$ref: '#/components/responses/X'}
  5XX: {description: Oops}
  x-more: 1`, "schemas: {S: {type: object}}\nheaders: {N: {schema: {type: array, items: {type: integer}}}}\nexamples: {E: {value: {c: 1}}}\nresponses: {R: {content: {text/plain: {schema: {type: string}}}}}",
			[]string{at + `/produces ["application/problem+json","text/plain"]`,
				at + `/responses/201 {"description":"Created","headers":{"Location":{"description":"L","type":"string","format":"uri","x-ms-summary":"H"},"X-N":{"type":"array","items":{"type":"integer"}}},"schema":{"$ref":"#/definitions/S"},"examples":{"application/problem+json":{"c":1}},"x-ms-test":{"b":1.0}}`,
				at + `/responses/404 {"$ref":"#/responses/R"}`, at + `/responses/default {"description":"Oops"}`, at + `/responses/x-more 1`,
				`/responses/R {"description":"","schema":{"type":"string"}}`},
			[]string{at + `/responses/201/headers/Location/required always has the header`, at + `/responses/201/links links`, at + `/responses/410 refers to nothing`, at + `/responses/5XX became default`}},
		{"no responses", "summary: S", "{}", []string{at + `/responses {"default":{"description":"default"}}`}, []string{at + ` no responses`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, f := importText(t, operationDocument(c.members, c.components))
			expectValues(t, f, c.want)
			expectLosses(t, got.Losses, c.losses)
		})
	}
}

func TestImportOperations(t *testing.T) {
	got, f := importText(t, `
openapi: 3.0.3
info: {title: T, version: "1"}
servers: [{url: https://a.example.com}]
x-root: {b: 1, a: 2}
tags: [{name: b, x-tag: 1}, {name: a}]
externalDocs: {url: https://docs.example.com, x-doc: 1}
paths:
  x-paths: 1
  /b/{id}:
    x-ms-notification-content: {schema: {type: object}}
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    summary: S
    servers: [{url: https://b.example.com}]
    trace: {responses: {}}
    put: {operationId: "weird id/ü", tags: [b], deprecated: true, summary: S, description: D, externalDocs: {url: u}, x-ms-visibility: important, servers: [], responses: {'200': {description: OK}}}
    get: {responses: {'200': {description: OK}}}
  /a: {$ref: '#/components/pathItems/A'}
  /c: {$ref: '#/components/pathItems/C'}
  /d:
    post: {operationId: GetBById, responses: {'200': {description: OK}}}
    put: {operationId: GetBById, responses: {'200': {description: OK}}}
    get: {operationId: " ", tags: [1], responses: {'200': {description: OK}}}
components:
  x-components: 1
  pathItems: {A: {post: {responses: {'200': {description: OK}}}}}
`)
	expectValues(t, f, []string{
		`/x-root {"b":1,"a":2}`, `/tags [{"name":"b","x-tag":1},{"name":"a"}]`, `/externalDocs {"url":"https://docs.example.com","x-doc":1}`,
		`/paths/x-paths 1`, `/paths/~1b~1{id}/x-ms-notification-content {"schema":{"type":"object"}}`,
		`/paths/~1b~1{id}/parameters [{"name":"id","in":"path","required":true,"type":"string"}]`,
		`/paths/~1b~1{id}/put {"operationId":"weird id/ü","tags":["b"],"deprecated":true,"summary":"S","description":"D","externalDocs":{"url":"u"},"x-ms-visibility":"important","responses":{"200":{"description":"OK"}}}`,
		`/paths/~1b~1{id}/get/operationId "GetBById2"`, `/paths/~1b~1{id}/trace`, `/paths/~1a/post/operationId "PostA"`, `/paths/~1c`,
		`/paths/~1d/post/operationId "GetBById"`, `/paths/~1d/put/operationId "GetBById3"`, `/paths/~1d/get/operationId "GetD"`,
	})
	expectLosses(t, got.Losses, []string{
		`/paths/~1b~1{id}/summary none for paths`, `/paths/~1b~1{id}/servers none for a single path`, `/paths/~1b~1{id}/trace neither such a method`,
		`/paths/~1b~1{id}/put/servers single operation`, `/paths/~1b~1{id}/get "GetBById2" was made up`, `/paths/~1c names nothing`,
		`/paths/~1d/put/operationId became "GetBById3"`, `/paths/~1d/get "GetD" was made up`,
		`/components/x-components left out`, `/components/pathItems/A/post "PostA" was made up`,
	})
	for _, order := range [][2]string{{`"/b/{id}"`, `"/a"`}, {`"put"`, `"get"`}, {`"paths"`, `"tags"`}, {`"tags"`, `"externalDocs"`}} {
		if strings.Index(got.Text, order[0]) > strings.Index(got.Text, order[1]) {
			t.Errorf("%s stands behind %s", order[0], order[1])
		}
	}
}

func TestImportServers(t *testing.T) {
	for _, c := range []struct {
		servers string
		want    []string
		losses  []string
	}{
		{"[{url: 'https://api.example.com:8443/v1/'}]", []string{`/host "api.example.com:8443"`, `/basePath "/v1"`, `/schemes ["https"]`}, nil},
		{"[{url: 'http://api.example.com'}, {url: 'https://api.example.com/'}]", []string{`/host "api.example.com"`, `/basePath "/"`, `/schemes ["https","http"]`}, nil},
		{"[{url: 'https://a.example.com/v1'}, {url: 'https://b.example.com/v1'}]", []string{`/host "a.example.com"`, `/schemes ["https"]`}, []string{`/servers not "https://b.example.com/v1"`}},
		{"[{url: 'https://{env}.example.com:{port}/{v}', variables: {env: {default: prod}, port: {default: 443}, v: {default: v2, enum: [v1, v2]}}}]",
			[]string{`/host "prod.example.com:443"`, `/basePath "/v2"`},
			[]string{`/servers/0/variables/env default "prod"`, `/servers/0/variables/port default "443"`, `/servers/0/variables/v default "v2"`}},
		{"[{url: 'https://{env}.example.com'}]", []string{`/host "env.example.com"`}, []string{`/servers/0/url have no default`}},
		{"[{url: /v1}]", []string{`/host`, `/basePath "/v1"`}, []string{`/servers/0/url does not name a host`}},
		{"[]", []string{`/host`}, []string{` names no server`}},
		{"[{url: 'https://u:p@example.com/?a=b'}]", []string{`/host "example.com"`, `/basePath "/"`}, []string{`/servers/0/url nothing else`}},
		{"[{url: 'wss://example.com'}]", []string{`/schemes`}, []string{`/servers/0/url "wss"`}},
		{"[{url: 'https://exa mple.com'}]", []string{`/host`}, []string{`/servers/0/url no address`}},
		{"[{description: none}]", []string{`/host`}, []string{`/servers/0 expected a string`}},
	} {
		got, f := importText(t, "openapi: 3.0.0\ninfo: {title: T, version: '1'}\npaths: {}\nservers: "+c.servers+"\n")
		expectValues(t, f, c.want)
		expectLosses(t, got.Losses, c.losses)
	}
}

func TestImportSecurity(t *testing.T) {
	got, f := importText(t, `
openapi: 3.1.0
info: {title: T, summary: S, version: "1", license: {name: MIT, identifier: MIT}, x-i: 1}
jsonSchemaDialect: https://example.com
servers: [{url: https://a.example.com}]
security: [{basic: []}, {oauth: [b, a]}, {mutual: []}, {cookie: [], basic: []}, {}]
paths:
  /open: {get: {operationId: A, security: [], responses: {'200': {description: OK}}}}
  /lost: {get: {operationId: B, security: [{oidc: []}], responses: {'200': {description: OK}}}}
components:
  securitySchemes:
    basic: {type: http, scheme: Basic, description: D, x-b: 1}
    bearer: {type: http, scheme: bearer, bearerFormat: JWT}
    key: {type: apiKey, in: query, name: k}
    cookie: {type: apiKey, in: cookie, name: c}
    oauth:
      type: oauth2
      flows:
        implicit: {authorizationUrl: https://i, scopes: {}}
        authorizationCode: {authorizationUrl: https://a, tokenUrl: https://t, refreshUrl: https://r, scopes: {z: Z, a: A}}
    machine: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://t, scopes: {s: S}}}}
    people: {type: oauth2, flows: {password: {tokenUrl: https://t, scopes: {}}}}
    none: {type: oauth2, flows: {}}
    oidc: {type: openIdConnect, openIdConnectUrl: https://o}
    mutual: {type: mutualTLS}
`)
	expectValues(t, f, []string{
		`/info {"title":"T","description":"S","version":"1","license":{"name":"MIT"},"x-i":1}`,
		`/security [{"basic":[]},{"oauth":["b","a"]},{}]`, `/paths/~1open/get/security []`, `/paths/~1lost/get/security`,
		`/securityDefinitions ` + `{
			"basic": {"type":"basic","description":"D","x-b":1},
			"bearer": {"type":"apiKey","name":"Authorization","in":"header"},
			"key": {"type":"apiKey","in":"query","name":"k"},
			"oauth": {"type":"oauth2","flow":"accessCode","authorizationUrl":"https://a","tokenUrl":"https://t","scopes":{"z":"Z","a":"A"},"x-refreshUrl":"https://r"},
			"machine": {"type":"oauth2","flow":"application","tokenUrl":"https://t","scopes":{"s":"S"}},
			"people": {"type":"oauth2","flow":"password","tokenUrl":"https://t","scopes":{}}}`,
	})
	const at = "/components/securitySchemes/"
	expectLosses(t, got.Losses, []string{
		`/info/license/identifier none for licences`, `/security/2 left out`, `/security/3 left out`, `/paths/~1lost/get/security/0 left out`,
		at + `bearer "bearer"`, at + `cookie "cookie"`, at + `oauth/flows "authorizationCode" is kept and not "implicit"`,
		at + `oauth/flows/authorizationCode/refreshUrl x-refreshUrl`, at + `none no flow`, at + `oidc "openIdConnect"`, at + `mutual "mutualTLS"`,
	})
}

func TestImportIsRefused(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"openapi.json", `{"swagger": "2.0"}`, "import openapi.json: the document is OpenAPI 2.0 already: use it as it is"},
		{"a.yaml", "asyncapi: 2.0.0", "AsyncAPI"},
		{"a.yaml", "openapi: 3.2.0", `import a.yaml#/openapi: OpenAPI "3.2.0" is not known, expected 3.0 or 3.1`},
		{"a.yaml", "openapi: 4", `OpenAPI "4" is not known`},
		{"a.yaml", "info: {}", `"openapi" is missing`},
		{"a.json", "[]", "the file holds an array"},
		{"a.json", "", "the file is empty"},
		{"dir/a.json", `{"openapi": "3.0.0", "info": {`, "import a.json:1:31: "},
		{"a.yaml", "openapi: 3.0.0\npaths: [", "import a.yaml:"},
	} {
		_, err := convert.OpenAPI3(c.name, []byte(c.text), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.text, err, c.want)
		}
	}
}

func TestImportTolerates(t *testing.T) {
	got, err := convert.OpenAPI3("openapi.json", []byte("\ufeff{\"openapi\": \"3.0.0\", // why\n\"info\": {\"title\": \"a\", \"title\": \"T\", \"version\": \"1\"}, \"paths\": {},}"), nil)
	if err != nil {
		t.Fatal(err)
	}
	expectValues(t, reparse(t, got), []string{`/info/title "T"`})
	if len(got.Losses) != 5 { // four about the syntax, one about the server
		t.Errorf("losses: %v", got.Losses)
	}
	_, f := importText(t, "openapi: 3.1\ninfo: &i {title: T, version: 1.0}\nx-a: {<<: *i, b: 1}\n")
	expectValues(t, f, []string{`/info/version "1.0"`, `/paths {}`, `/x-a {"title":"T","version":1.0,"b":1}`})
}

// TestImportText holds the form of the text: order, indentation, characters.
func TestImportText(t *testing.T) {
	got, _ := importText(t, `
paths: {}
info: {version: "1", title: "Ünï <&> \u2603", description: ""}
openapi: 3.1.0
servers: [{url: https://a.example.com}]
components: {schemas: {Z: {properties: {z: {}, a: {}}, type: object}, A: {}}}
`)
	want := `{
    "swagger": "2.0",
    "info": {
        "version": "1",
        "title": "Ünï <&> ☃",
        "description": ""
    },
    "host": "a.example.com",
    "basePath": "/",
    "schemes": [
        "https"
    ],
    "paths": {},
    "definitions": {
        "Z": {
            "properties": {
                "z": {},
                "a": {}
            },
            "type": "object"
        },
        "A": {}
    }
}
`
	if got.Text != want {
		t.Errorf("got\n%s\nwant\n%s", got.Text, want)
	}
}

// folder reads other files of a document, and records which.
type folder struct {
	files fstest.MapFS
	asked []string
}

func (f *folder) read(path string) ([]byte, error) {
	f.asked = append(f.asked, path)
	if strings.HasPrefix(path, "/") || strings.Contains(path, "..") || !fs.ValidPath(path) {
		return nil, errors.New("outside of the folder")
	}
	return f.files.ReadFile(path)
}

func TestImportFiles(t *testing.T) {
	dir := &folder{files: fstest.MapFS{
		"common.yaml":          {Data: []byte("Pet: {type: object, properties: {owner: {$ref: 'people/owner.json'}, self: {$ref: '#/Pet'}, api: {$ref: 'openapi.yaml#/components/schemas/Local'}}, deprecated: true}\nLimit: {name: limit, in: query, schema: {$ref: '#/Count'}}\nCount: {type: integer}")},
		"people/owner.json":    {Data: []byte(`{"type": "object", "properties": {"address": {"$ref": "../people/address.json#/definitions/Address"}}}`)},
		"people/address.json":  {Data: []byte(`{"definitions": {"Address": {"type": "string"}}}`)},
		"paths/pets item.yaml": {Data: []byte("get:\n  operationId: GetPet\n  parameters: [{$ref: '../common.yaml#/Limit'}]\n  responses: {'200': {$ref: '../common.yaml#/Ok'}, default: {description: E, content: {application/json: {schema: {$ref: '../common.yaml#/Pet'}}}}}")},
	}}
	got, err := convert.OpenAPI3("specs/openapi.yaml", []byte(`
openapi: 3.0.0
info: {title: T, version: "1"}
servers: [{url: https://a.example.com}]
paths:
  /pets/{id}: {$ref: 'paths/pets%20item.yaml'}
components:
  schemas:
    Pet: {$ref: './common.yaml#/Pet'}
    Local: {type: boolean}
`), dir.read)
	if err != nil {
		t.Fatal(err)
	}
	expectValues(t, reparse(t, got), []string{
		`/paths/~1pets~1{id}/get/parameters [{"name":"limit","in":"query","type":"integer"}]`,
		`/paths/~1pets~1{id}/get/responses/default/schema {"$ref":"#/definitions/Pet"}`,
		`/definitions ` + `{
			"Pet": {"type":"object","properties":{"owner":{"$ref":"#/definitions/Owner"},"self":{"$ref":"#/definitions/Pet"},"api":{"$ref":"#/definitions/Local"}},"x-deprecated":true},
			"Local": {"type":"boolean"},
			"Owner": {"type":"object","properties":{"address":{"$ref":"#/definitions/Address"}}},
			"Address": {"type":"string"}}`,
	})
	expectLosses(t, got.Losses, []string{`common.yaml#/Pet/deprecated x-deprecated`, `paths/pets item.yaml#/get/responses/200 it refers to nothing`})
	if want := []string{"common.yaml", "paths/pets item.yaml", "people/owner.json", "people/address.json"}; !reflect.DeepEqual(dir.asked, want) {
		t.Errorf("read %q, want %q", dir.asked, want)
	}
}

// TestImportStaysInFolder tries to lead the import to what it must not read.
func TestImportStaysInFolder(t *testing.T) {
	for ref, want := range map[string]string{
		"../secret.yaml":               "leads out of the document's folder",
		"a/../../secret.yaml#/A":       "leads out of the document's folder",
		"%2e%2e/secret.yaml":           "leads out of the document's folder",
		"..":                           "leads out of the document's folder",
		"/etc/passwd":                  "is not a relative path",
		"https://example.com/a.yaml":   "leads to the network",
		"//example.com/a.yaml":         "leads to the network",
		"file:///etc/passwd":           "leads to the network or another place",
		`C:\secret.yaml`:               "leads to the network or another place",
		`a\..\..\secret.yaml`:          "is not a relative path",
		"a.yaml?x=1":                   "is not a relative path",
		"missing.yaml":                 "cannot be read",
		"%zz.yaml":                     "is no path",
		"broken.json":                  "mend the syntax first",
		"http://169.254.169.254/x#/A":  "leads to the network",
		"\u0001.yaml":                  "is no path",
		"good.yaml#/../../secret.yaml": "",
	} {
		for _, site := range []string{"components: {schemas: {A: {$ref: %q}}}", "paths: {/a: {$ref: %q}}", "paths: {/a: {post: {callbacks: {c: {$ref: %q}}}}}", "webhooks: {w: {$ref: %q}}"} {
			dir := &folder{files: fstest.MapFS{"broken.json": {Data: []byte("{")}, "good.yaml": {Data: []byte("a: 1")}}}
			text := "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n" + fmt.Sprintf(site, ref) + "\n"
			_, err := convert.OpenAPI3("specs/openapi.yaml", []byte(text), dir.read)
			if want == "" {
				if err != nil {
					t.Errorf("%s: %v", ref, err)
				}
				continue
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %s", ref, err, want)
			} else if want != "mend the syntax first" && !strings.Contains(err.Error(), "openapi.yaml#/") {
				t.Errorf("%s: the error has no pointer: %v", ref, err)
			}
			for _, asked := range dir.asked {
				if asked != "missing.yaml" && asked != "broken.json" && asked != "good.yaml" {
					t.Errorf("%s: asked for %q", ref, asked)
				}
			}
		}
	}
	_, err := convert.OpenAPI3("a.yaml", []byte("openapi: 3.0.0\ncomponents: {schemas: {A: {$ref: b.yaml}}}"), nil)
	if err == nil || !strings.Contains(err.Error(), "there is none to read") {
		t.Errorf("without a reader: %v", err)
	}
}

// TestImportEnds feeds documents that grow when they are written out. They must
// end in time, and with one error where they grow without bounds.
func TestImportEnds(t *testing.T) {
	var chain, unions, deep, aliases strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&chain, "S%d: {allOf: [{$ref: '#/components/schemas/S%d'}]}\n", i, i+1)
	}
	for i := range 60 {
		fmt.Fprintf(&unions, "U%d: {oneOf: [{$ref: '#/components/schemas/U%d'}, {type: object, properties: {p: {$ref: '#/components/schemas/U%d'}}}, {allOf: [{$ref: '#/components/schemas/U%d'}]}]}\n", i, i+1, i+2, i/2)
	}
	deep.WriteString("D: " + strings.Repeat("{allOf: [", 300) + "{}" + strings.Repeat("]}", 300))
	aliases.WriteString("A0: &a0 {x-a: [1, 1, 1, 1, 1, 1, 1, 1]}\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&aliases, "A%d: &a%d {x-a: [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]}\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	for name, schemas := range map[string]string{
		"chain": chain.String(), "unions": unions.String(), "deep": deep.String(), "aliases": aliases.String(),
	} {
		start := time.Now()
		_, err := convert.OpenAPI3("openapi.yaml", []byte(schemaDocument("3.0.0", schemas)), nil)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		if (err != nil) != (name == "aliases") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// internalError reports whether an import failed for a fault of ours, or of the
// library that converts the frame.
func internalError(err error) bool {
	return strings.Contains(err.Error(), "internal error") || strings.Contains(err.Error(), "kin-openapi")
}
