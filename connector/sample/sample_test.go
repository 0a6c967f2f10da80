package sample_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/sample"
	"github.com/connectorctl/connectorctl/connector/source"
)

// schema reads a schema, in YAML, and the definitions it refers to.
func schema(t testing.TB, text string) connector.Schema {
	t.Helper()
	d := connector.Read(source.ParseString("x.yaml", text))
	if len(d.File.Problems) > 0 {
		t.Fatal(d.File.Problems[0].Message)
	}
	return d.Schema(d.Root.Get("schema"))
}

func TestOf(t *testing.T) {
	for _, tt := range []struct{ name, schema, want string }{
		{"plain", `{type: object, properties: {id: {type: string}, total: {type: number}, paid: {type: boolean}, count: {type: integer}}}`,
			`{"id":"id","total":1,"paid":true,"count":1}`},
		{"no type", `{}`, `{}`},
		{"implied", `{properties: {list: {items: {type: string}}, any: {}}}`, `{"list":["list"],"any":"any"}`},
		{"author's values", `{properties: {a: {type: string, example: yes it is}, b: {type: integer, default: 7}, c: {enum: [x, y]}, d: {type: string, x-ms-test-value: t}}}`,
			`{"a":"yes it is","b":7,"c":"x","d":"t"}`},
		{"wrong example", `{properties: {a: {type: integer, example: "12"}, b: {type: string, maxLength: 2, example: long}}}`, `{"a":1,"b":"b"}`},
		{"wrong date", `{properties: {a: {type: string, format: date, example: 01/02/2024}, b: {type: string, format: date, example: "2024-02-01"}, c: {type: string, format: date-time, default: yesterday}}}`,
			`{"a":"2024-05-01","b":"2024-02-01","c":"2024-05-01T09:30:00Z"}`},
		{"example of all", `{type: object, required: [b], properties: {b: {type: integer}}, example: {z: [1, {y: 2, a: 3}], b: 5}}`, `{"z":[1,{"y":2,"a":3}],"b":5}`},
		{"formats", `{properties: {at: {type: string, format: date-time}, on: {type: string, format: date}, id: {type: string, format: uuid}, odd: {type: string, format: x}}}`,
			`{"at":"2024-05-01T09:30:00Z","on":"2024-05-01","id":"9b2c7f7e-3f5a-4c55-8d0e-6f1a2b3c4d01","odd":"odd"}`},
		{"format that is too long", `{type: string, format: date-time, maxLength: 4}`, `"text"`},
		{"lengths", `{type: array, minItems: 3, uniqueItems: true, items: {type: string, minLength: 8}}`, `["textxxxx","text-2xx","text-3xx"]`},
		{"unique numbers", `{type: array, minItems: 3, uniqueItems: true, items: {type: integer, minimum: 4}}`, `[4,5,6]`},
		{"unique values", `{type: array, minItems: 2, uniqueItems: true, items: {enum: [a, b]}}`, `["a","b"]`},
		{"unique objects", `{type: array, minItems: 2, uniqueItems: true, items: {properties: {id: {type: string}}}}`, `[{"id":"id"},{"id":"id-2"}]`},
		{"empty array", `{type: array, maxItems: 0}`, `[]`},
		{"limits", `{properties: {a: {type: integer, minimum: 3, exclusiveMinimum: true}, b: {type: number, minimum: 0.5, maximum: 0.75, exclusiveMinimum: true, exclusiveMaximum: true}, c: {type: integer, multipleOf: 7, minimum: 15}, d: {type: integer, maximum: -2}, e: {type: number, multipleOf: 0.25}, f: {type: integer, minimum: 0.5}}}`,
			`{"a":4,"b":0.5625,"c":21,"d":-2,"e":0.25,"f":1}`},
		{"fraction steps", `{type: number, minimum: 0.1, multipleOf: 0.25}`, `0.25`},
		{"huge", `{type: number, minimum: 1e30}`, `1000000000000000000000000000000`},
		{"allOf", `{allOf: [{required: [a], properties: {a: {type: string}}}, {properties: {b: {type: integer}}}], properties: {c: {type: string}}}`, `{"c":"c","a":"a","b":1}`},
		{"allOf limits", `{allOf: [{type: string, minLength: 6}, {maxLength: 7}]}`, `"textxx"`},
		{"undeclared", `{type: object, required: [a, b], additionalProperties: {type: integer}, properties: {a: {type: string}}}`, `{"a":"a","b":1}`},
		{"few properties", `{type: object, maxProperties: 1, required: [b], properties: {a: {type: string}, b: {type: string}}}`, `{"b":"b"}`},
		{"many properties", `{type: object, minProperties: 2}`, `{"property1":"text","property2":"text"}`},
		{"nullable", `{properties: {a: {type: [null, string]}, b: {type: string, x-nullable: true}, c: {type: "null"}}}`, `{"a":"a","b":"b","c":null}`},
		{"recursive", `{properties: {id: {type: string}, kids: {type: array, items: {$ref: "#/schema"}}, twin: {$ref: "#/schema"}}}`, `{"id":"id","kids":[]}`},
		{"optional and impossible", `{properties: {id: {type: string}, no: {type: integer, minimum: 3, maximum: 2}}}`, `{"id":"id"}`},
		{"pattern", `{properties: {a: {type: string, pattern: "^[A-Z]{2}-\\d{3}$"}, b: {type: string, pattern: "(cat|dog)s?"}, c: {type: string, pattern: "^\\w+$", minLength: 5}, d: {type: string, pattern: "^.{3,5}$"}, e: {type: string, pattern: "^[^a-z]+$"}}}`,
			`{"a":"AA-000","b":"cat","c":"cxxxx","d":"xxx","e":"0"}`},
		{"long pattern", `{type: string, pattern: "^[a-f]+$", minLength: 40, maxLength: 41}`, `"` + strings.Repeat("a", 40) + `"`},
		{"file", `{type: file}`, `"text"`},
		{"missing reference", `{properties: {a: {$ref: "#/nowhere"}}}`, `{"a":"text"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := sample.JSON(schema(t, "schema: "+tt.schema))
			if err != nil {
				t.Fatal(err)
			}
			var plain bytes.Buffer
			if err := json.Compact(&plain, got); err != nil || plain.String() != tt.want {
				t.Errorf("got %s, %v\nwant %s", plain.String(), err, tt.want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	s := schema(t, `schema: {type: object, required: [id, at, kind, n], properties: {id: {type: string}, at: {type: string, format: date-time}, kind: {enum: [a, b]}, n: {type: integer, maximum: 2}, free: {type: string}, set: {type: string, default: x}, on: {type: boolean}}}`)
	for _, tt := range []struct {
		options sample.Options
		want    string
	}{
		{sample.Options{Required: true}, `{"id":"id","at":"2024-05-01T09:30:00Z","kind":"a","n":1,"set":"x"}`},
		{sample.Options{Variant: 1}, `{"id":"id-2","at":"2024-05-02T09:30:00Z","kind":"b","n":2,"free":"free-2","set":"set-2","on":false}`},
		{sample.Options{Variant: 2}, `{"id":"id-3","at":"2024-05-03T09:30:00Z","kind":"a","n":1,"free":"free-3","set":"set-3","on":true}`},
	} {
		got, err := sample.Of(s, tt.options)
		if err != nil {
			t.Fatal(err)
		}
		var plain bytes.Buffer
		if err := json.Compact(&plain, got.JSON); err != nil || plain.String() != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.options, plain.String(), tt.want)
		}
	}
}

func TestContradictions(t *testing.T) {
	for _, tt := range []struct{ schema, want string }{
		{`{type: integer, minimum: 3, maximum: 2}`, "x.yaml:1:25: minimum is 3, but maximum is 2"},
		{`{type: integer, minimum: 3, maximum: 4, exclusiveMinimum: true, exclusiveMaximum: true}`, "x.yaml:1:25: no integer lies within the limits"},
		{`{type: string, minLength: 3, maxLength: 2}`, "x.yaml:1:24: minLength is 3, but maxLength is 2"},
		{`{type: string, minLength: 3000000}`, "more than the 100000"},
		{`{type: array, minItems: 3, maxItems: 2}`, "minItems is 3, but maxItems is 2"},
		{`{type: array, minItems: 2, uniqueItems: true, items: {enum: [a]}}`, "found no value that satisfies the schema at the root: items at index 0 and 1 are equal"},
		{`{type: object, required: [a], additionalProperties: false}`, `"a" is required, but neither described nor allowed`},
		{`{type: object, required: [a, b], maxProperties: 1, properties: {a: {}, b: {}}}`, "2 properties are required, but maxProperties is 1"},
		{`{type: object, required: [me], properties: {me: {$ref: "#/schema"}}}`, "x.yaml:1:53: the schema requires itself"},
		{`{type: string, pattern: "^a$", minLength: 3}`, `found no text of 3 to 100000 characters that matches "^a$"`},
		{`{type: string, pattern: "a^"}`, `found no text`},
		{`{allOf: [{type: string}, {type: integer}]}`, "found no value that satisfies the schema at the root: expected integer, but got string"},
		{`{x-ms-dynamic-schema: {operationId: GetSchema}}`, "x.yaml:1:1: the schema is dynamic: only the service knows what it sends"},
	} {
		_, err := sample.Of(schema(t, "schema: "+tt.schema), sample.Options{})
		var contradiction *sample.Error
		if !errors.As(err, &contradiction) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.schema, err, tt.want)
		}
	}
}

// TestRequiredExplosion is bounded although 2^60 values are required.
func TestRequiredExplosion(t *testing.T) {
	var b strings.Builder
	b.WriteString("schema: {$ref: \"#/definitions/D0\"}\ndefinitions:\n")
	for i := range 60 {
		next := `{type: string}`
		if i < 59 {
			next = `{$ref: "#/definitions/D` + strconv.Itoa(i+1) + `"}`
		}
		b.WriteString("  D" + strconv.Itoa(i) + ": {type: object, required: [a, b], properties: {a: " + next + ", b: " + next + "}}\n")
	}
	if _, err := sample.Of(schema(t, b.String()), sample.Options{}); err == nil || !strings.Contains(err.Error(), "values are required") {
		t.Errorf("got %v", err)
	}
}

func TestNotes(t *testing.T) {
	s, err := sample.Of(schema(t, `schema: {properties: {a: {type: string, pattern: "^(?!x)"}}}`), sample.Options{})
	if err != nil || len(s.Notes) != 1 || !strings.Contains(s.Notes[0].Message, "lookaround") || s.Notes[0].Node.Text() != `"^(?!x)"` {
		t.Errorf("got %+v, %v", s, err)
	}
}

// TestRealSamples makes a payload for every trigger of the corpus whose payload
// is not dynamic. Of has validated them; this test does so again.
func TestRealSamples(t *testing.T) {
	root := os.Getenv("CONNECTORCTL_CORPUS")
	if root == "" {
		t.Skip("CONNECTORCTL_CORPUS is not set")
	}
	data, err := os.ReadFile(filepath.Join(root, "triggers.json"))
	if err != nil {
		t.Fatal(err)
	}
	var entries []struct{ Connector, Path, Method string }
	if err := json.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	definitions := map[string]*connector.Definition{}
	made, dynamic := 0, 0
	for _, e := range entries {
		d := definitions[e.Connector]
		if d == nil {
			d = load(t, filepath.Join(root, "connectors", e.Connector))
			definitions[e.Connector] = d
		}
		for _, trigger := range d.Triggers() {
			if o := trigger.Operation; o.Path != e.Path || o.Method != e.Method {
				continue
			}
			payload := trigger.Payload()
			if payload.IsDynamic() {
				dynamic++
				continue
			}
			s, err := sample.Of(payload, sample.Options{})
			if err != nil {
				t.Errorf("%s %s: %v", e.Connector, e.Path, err)
				continue
			}
			validator, err := payload.Compile()
			if err != nil || validator.Validate(s.Value) != nil {
				t.Errorf("%s %s: %v", e.Connector, e.Path, err)
			}
			made++
			for variant := 1; variant < 3; variant++ {
				if _, err := sample.Of(payload, sample.Options{Variant: variant}); err != nil {
					t.Errorf("%s %s: variant %d: %v", e.Connector, e.Path, variant, err)
				}
			}
			if _, err := sample.Of(trigger.Operation.Body().Schema(), sample.Options{Required: true}); err != nil && !trigger.Operation.Body().Schema().IsDynamic() {
				t.Errorf("%s %s: body: %v", e.Connector, e.Path, err)
			}
		}
	}
	t.Logf("%d of %d payloads, %d are dynamic", made, len(entries), dynamic)
	if made+dynamic != len(entries) || made < 300 {
		t.Errorf("%d payloads and %d dynamic ones of %d triggers", made, dynamic, len(entries))
	}
}

func load(t *testing.T, dir string) *connector.Definition {
	t.Helper()
	units, err := connector.Find([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	c, err := connector.Load(units[0])
	if err != nil {
		t.Fatal(err)
	}
	return c.Definition
}

// FuzzOf holds samples against their schemas: a value is valid or there is a
// reason why there is none, whatever the schema.
func FuzzOf(f *testing.F) {
	for _, seed := range []string{
		`{"schema":{"type":"object","properties":{"a":{"type":"string","pattern":"^[a-z]{3}$"}}}}`,
		`{"schema":{"allOf":[{"$ref":"#/schema"},{"type":"integer","minimum":1e400}]}}`,
		`{"schema":{"type":"array","minItems":3,"items":{"$ref":"#/schema"}}}`,
		`{"schema":{"enum":[null,1,"a",{}],"x-nullable":true}}`,
		`{"schema":{"type":"number","multipleOf":0.1,"minimum":0.25,"maximum":1e300}}`,
		`{"schema":{"required":["a"],"additionalProperties":{"pattern":"(a|b)*c{2,}"},"minProperties":3}}`,
		`{"schema":{"type":"string","minLength":2,"pattern":"^(a?){30}$","example":5}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := connector.Read(source.ParseString("x.json", text))
		s := d.Schema(d.Root.Get("schema"))
		first, err := sample.Of(s, sample.Options{})
		if err != nil {
			return
		}
		validator, err := s.Compile()
		if err != nil {
			t.Fatal(err)
		}
		if err := validator.Validate(first.Value); err != nil {
			t.Fatalf("%s is no sample: %v", first.JSON, err)
		}
		if again, err := sample.Of(s, sample.Options{}); err != nil || !bytes.Equal(first.JSON, again.JSON) {
			t.Fatalf("%s and %s, %v", first.JSON, again.JSON, err)
		}
	})
}
