package connector_test

import (
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// TestShapesCompile makes sure that every compound extension has a schema that
// compiles, and rejects at least one value.
func TestShapesCompile(t *testing.T) {
	for e := range connector.Vocabulary() {
		rejected := false
		for _, text := range []string{`[]`, `{}`, `"x"`, `1`, `null`, `[1]`, `{"operationId": 1}`, `{"schema": 1}`, `{"status": 1, "settings": 1, "simulate": 1, "items": 1, "kind": 1, "testConnection": 1}`} {
			f := source.Parse("x.json", []byte(text))
			for _, p := range e.CheckShape(f.Root()) {
				rejected = true
				if p.Message == "" || !p.Node.Exists() || strings.Contains(p.Message, "\n") {
					t.Errorf("%s: %s: message %q", e.Name, text, p.Message)
				}
			}
		}
		if !rejected && !e.Ignored && e.Name != "x-ms-test-value" && e.Name != "x-ms-trigger" /* trigger-mode */ {
			t.Errorf("%s accepts everything", e.Name)
		}
		if e.Ignored && rejected {
			t.Errorf("%s is ignored and yet checked", e.Name)
		}
	}
}

func read(t *testing.T, text string) *connector.Definition {
	t.Helper()
	f := source.Parse("x.yaml", []byte(text))
	if len(f.Problems) > 0 {
		t.Fatal(f.Problems[0].Message)
	}
	return connector.Read(f)
}

func TestReferences(t *testing.T) {
	d := read(t, `
paths: {}
definitions:
  Order: {type: object}
  Alias: {$ref: "#/definitions/Order"}
  Loop: {$ref: "#/definitions/Back"}
  Back: {$ref: "#/definitions/Loop"}
  "a/b c": {type: string}
`)
	for ref, want := range map[string]string{
		"#/definitions/Order": "/definitions/Order", "#/definitions/Alias": "/definitions/Order", "#/definitions/Loop": "-",
		"#/definitions/None": "-", "other.json#/definitions/Order": "-", "#/definitions/a~1b%20c": "/definitions/a~1b c",
		"#/definitions/Order/type": "/definitions/Order/type", "#": "", "#/definitions": "/definitions",
	} {
		n := d.Resolve(d.Target(ref))
		if got := n.Pointer(); !n.Exists() && want != "-" || n.Exists() && got != want {
			t.Errorf("%s resolves to %q, want %q", ref, got, want)
		}
	}
}

// TestHostileSchemas walks schemas that contain themselves in every way. It
// passes if it ends.
func TestHostileSchemas(t *testing.T) {
	var b strings.Builder
	b.WriteString("paths:\n  /hooks:\n    post:\n      x-ms-trigger: single\n      parameters:\n      - {in: body, name: b, schema: {$ref: '#/definitions/A00'}}\ndefinitions:\n")
	for i := range 60 {
		b.WriteString("  A" + itoa(i) + ":\n    allOf: [{$ref: '#/definitions/A" + itoa((i+1)%60) + "'}, {$ref: '#/definitions/A" + itoa((i+1)%60) + "'}]\n")
		b.WriteString("    properties: {p: {$ref: '#/definitions/A" + itoa((i+7)%60) + "'}, q: {$ref: '#/definitions/A" + itoa((i+1)%60) + "'}}\n")
	}
	b.WriteString("  Last: {type: string, x-ms-notification-url: true}\n")
	d := read(t, b.String())
	s := d.Schema(d.File.At("/definitions/A00"))
	n := 0
	for range s.Properties() {
		n++
	}
	if n != 120 || s.Requires("none") || s.Shape() != "object" {
		t.Errorf("%d properties, shape %q", n, s.Shape())
	}
	if len(s.Fields()) == 0 || len(s.Fields()) > 600 {
		t.Errorf("%d fields", len(s.Fields()))
	}
}

func itoa(i int) string { return string([]byte{byte('0' + i/10), byte('0' + i%10)}) }
