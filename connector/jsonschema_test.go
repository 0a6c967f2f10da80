package connector_test

import (
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/connectorctl/connectorctl/connector"
)

func TestJSONSchema(t *testing.T) {
	d := read(t, `
paths: {}
definitions:
  Plain: {type: object, required: [id, id], properties: {id: {type: string, maxLength: 3, description: x}}}
  Ref: {$ref: "#/definitions/Plain", type: string}
  Tree: {properties: {kids: {type: array, items: {$ref: "#/definitions/Tree"}}}}
  Odd name/%: {type: integer}
  Odd: {allOf: [{$ref: "#/definitions/Odd%20name~1%25"}, {$ref: "#/definitions/None"}]}
  Inside: {$ref: "#/definitions/Plain/properties/id"}
  Null: {type: string, enum: [a, a], x-nullable: true}
  Flag: {type: boolean, enum: ["true", "false"]}
  Count: {type: integer, enum: [1, 2.5, "3", 4.0]}
  Wrong: {type: file, required: true, minimum: "3", maxLength: -1, multipleOf: 0, exclusiveMinimum: true, enum: [], allOf: [], items: [{}]}
  Words: {type: boolean, enum: ["true", "false"]}
  Some: {type: integer, enum: ["1", 2], x-nullable: true}
  Look: {type: string, pattern: "(?!x)y"}
  Limits: {minimum: 3, exclusiveMinimum: true, pattern: "^a", uniqueItems: true, additionalProperties: false, format: date-time}
`)
	for name, want := range map[string]string{
		"Plain":  `{"properties":{"id":{"maxLength":3,"type":"string"}},"required":["id"],"type":"object"}`,
		"Ref":    `{"$ref":"#/definitions/Plain","definitions":{"Plain":{"properties":{"id":{"maxLength":3,"type":"string"}},"required":["id"],"type":"object"}}}`,
		"Tree":   `{"definitions":{"Tree":{"properties":{"kids":{"items":{"$ref":"#/definitions/Tree"},"type":"array"}}}},"properties":{"kids":{"items":{"$ref":"#/definitions/Tree"},"type":"array"}}}`,
		"Odd":    `{"allOf":[{"$ref":"#/definitions/Odd%20name~1%25"},{}],"definitions":{"Odd name/%":{"type":"integer"}}}`,
		"Inside": `{"$ref":"#/definitions/~1definitions~1Plain~1properties~1id","definitions":{"/definitions/Plain/properties/id":{"maxLength":3,"type":"string"}}}`,
		"Null":   `{"enum":["a",null],"type":["string","null"]}`,
		"Flag":   `{"type":"boolean"}`,
		"Count":  `{"enum":[1,4.0],"type":"integer"}`,
		"Wrong":  `{}`,
		"Words":  `{"type":"boolean"}`,
		"Some":   `{"enum":[2,null],"type":["integer","null"]}`,
		"Look":   `{"type":"string"}`,
		"Limits": `{"additionalProperties":false,"exclusiveMinimum":true,"minimum":3,"pattern":"^a","uniqueItems":true}`,
	} {
		schema := d.Schema(d.Root.Get("definitions").Get(name)).JSONSchema()
		compile(t, schema)
		delete(schema, "$schema")
		got, err := json.Marshal(schema)
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v\nwant %s", name, got, err, want)
		}
	}
	if got := (connector.Schema{}).JSONSchema(); len(got) != 1 {
		t.Errorf("an absent schema gave %v", got)
	}
}

// TestRealJSONSchemas compiles the payloads and registration bodies of all
// real triggers.
func TestRealJSONSchemas(t *testing.T) {
	root, entries := corpus(t)
	seen := map[string]bool{}
	for _, e := range entries {
		if seen[e.Connector] {
			continue
		}
		seen[e.Connector] = true
		for _, trigger := range load(t, filepath.Join(root, "connectors", e.Connector)).Definition.Triggers() {
			compile(t, trigger.Notification.JSONSchema())
			compile(t, trigger.Operation.Body().Schema().JSONSchema())
		}
	}
}

func compile(t *testing.T, schema map[string]any) *jsonschema.Schema {
	t.Helper()
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.LoadURL = func(string) (io.ReadCloser, error) { return nil, errors.New("a schema must stand alone") }
	if err := c.AddResource("mem:///x.json", strings.NewReader(string(text))); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("mem:///x.json")
	if err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
	return compiled
}
