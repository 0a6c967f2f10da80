package connector

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

func compileDefinitionSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := DefinitionSchema()
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.LoadURL = nil
	if err := c.AddResource("schema.json", bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("schema.json")
}

// TestDefinitionSchemaIsWhole makes sure that it has all that the tables have.
func TestDefinitionSchemaIsWhole(t *testing.T) {
	text, err := DefinitionSchema()
	if err != nil {
		t.Fatal(err)
	}
	again, _ := DefinitionSchema()
	if !bytes.Equal(text, again) {
		t.Error("it differs from run to run")
	}
	var schema struct {
		Definitions map[string]struct{ Properties map[string]any }
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	for role := RoleDocument; role < roleCount; role++ {
		part, ok := schema.Definitions[role.slug()]
		if !ok {
			t.Errorf("nothing says what %s is", role)
		}
		for key := range grammar[role].keys {
			if part.Properties[key] == nil {
				t.Errorf("%s: no %q", role, key)
			}
		}
		for e := range Vocabulary() {
			if e.on&(1<<role) != 0 && grammar[role].extensible && part.Properties[e.Name] == nil {
				t.Errorf("%s: no %q", role, e.Name)
			}
			if e.about == "" && !e.Ignored {
				t.Errorf("%s: nothing to show when one points at it", e.Name)
			}
		}
	}
}

func TestDefinitionSchema(t *testing.T) {
	schema := compileDefinitionSchema(t)
	const frame = `{"swagger": "2.0", "info": {"title": "a", "version": "1"}, "paths": {"/a": {"post": %}}}`
	const operation = `{"responses": {"200": {"description": "OK"}}, %}`
	in := func(outer, inner string) string { return strings.Replace(outer, "%", inner, 1) }
	op := func(inner string) string { return in(frame, in(operation, inner)) }
	parameter := func(inner string) string { return op(`"parameters": [` + inner + `]`) }
	tests := []struct {
		what, text string
		ok         bool
	}{
		{"the least", `{"swagger": "2.0", "info": {"title": "a", "version": "1"}, "paths": {}}`, true},
		{"a number for the version", `{"swagger": 2.0, "info": {"title": "a", "version": "1"}, "paths": {}}`, false},
		{"no paths", `{"swagger": "2.0", "info": {"title": "a", "version": "1"}}`, false},
		{"a path without a slash", `{"swagger": "2.0", "info": {"title": "a", "version": "1"}, "paths": {"a": {}}}`, false},
		{"an extension of another's", op(`"x-internal": true`), true},
		{"an extension that starts alike", op(`"x-msg": true, "x-m": 1, "x-ms": 1, "x-": 1`), true},
		{"a misspelt extension", op(`"x-ms-visibilty": "internal"`), false},
		{"an extension elsewhere", op(`"x-ms-url-encoding": "single"`), false},
		{"an extension that is ignored", op(`"x-ms-examples": {}`), true},
		{"a trigger", op(`"x-ms-trigger": "single"`), true},
		{"a trigger of a kind that there is not", op(`"x-ms-trigger": "webhook"`), false},
		{"a hint on a trigger", op(`"x-ms-trigger": "single", "x-ms-trigger-hint": "a"`), true},
		{"a hint on an action", op(`"x-ms-trigger-hint": "a"`), false},
		{"a visibility", op(`"x-ms-visibility": "Internal"`), false},
		{"an unknown keyword", op(`"sumary": "a"`), false},
		{"a list for a text", op(`"summary": ["a"]`), false},
		{"no responses", in(frame, `{}`), false},
		{"a parameter", parameter(`{"name": "a", "in": "path", "required": true, "type": "string", "x-ms-url-encoding": "single"}`), true},
		{"an encoding in a header", parameter(`{"name": "a", "in": "header", "type": "string", "x-ms-url-encoding": "single"}`), false},
		{"a parameter in nothing", parameter(`{"name": "a", "in": "cookie", "type": "string"}`), false},
		{"a reference to a parameter", parameter(`{"$ref": "#/parameters/a"}`), true},
		{"a body", parameter(`{"name": "a", "in": "body", "schema": {"type": "object", "properties": {"url": {"type": "string", "x-ms-notification-url": true}}}}`), true},
		{"a body without a schema", parameter(`{"name": "a", "in": "body"}`), false},
		{"a callback that is none", parameter(`{"name": "a", "in": "body", "schema": {"type": "string", "x-ms-notification-url": "true"}}`), false},
		{"a schema with a required property", parameter(`{"name": "a", "in": "body", "schema": {"required": true}}`), false},
		{"a schema with what came later", parameter(`{"name": "a", "in": "body", "schema": {"nullable": true, "additionalProperties": false}}`), true},
		{"a property with an unknown type", parameter(`{"name": "a", "in": "body", "schema": {"type": "text"}}`), false},
		{"an annotation", op(`"x-ms-api-annotation": {"family": "a", "revision": 1}`), true},
		{"an annotation of a later revision", op(`"x-ms-api-annotation": {"revision": "2"}`), false},
		{"an annotation with more", op(`"x-ms-api-annotation": {"familiy": "a"}`), false},
		{"notification content", in(`{"swagger": "2.0", "info": {"title": "a", "version": "1"}, "paths": {"/a": %}}`, `{"x-ms-notification-content": {"schema": {"type": "object"}}}`), true},
		{"notification content without an object", in(`{"swagger": "2.0", "info": {"title": "a", "version": "1"}, "paths": {"/a": %}}`, `{"x-ms-notification-content": "order"}`), false},
	}
	for _, test := range tests {
		var value any
		if err := json.Unmarshal([]byte(test.text), &value); err != nil {
			t.Fatalf("%s: %v", test.what, err)
		}
		if err := schema.Validate(value); (err == nil) != test.ok {
			t.Errorf("%s: %v", test.what, err)
		}
	}
}

// TestDefinitionSchemaOfExamples: what is shipped as well made satisfies it.
func TestDefinitionSchemaOfExamples(t *testing.T) {
	data, err := os.ReadFile("../testdata/connectors/well-made/apiDefinition.swagger.json")
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	if err := compileDefinitionSchema(t).Validate(value); err != nil {
		t.Errorf("%#v", err)
	}
}
