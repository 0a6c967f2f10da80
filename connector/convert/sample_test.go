package convert

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector/source"
)

func TestInferSchema(t *testing.T) {
	for _, c := range []struct {
		name    string
		samples []string
		want    string
	}{
		{"an integer and a number", []string{`1`, `1.5`}, `{"type": "number"}`},
		{"integers", []string{`1`, `-2`}, `{"type": "integer"}`},
		{"a number that is too large for an integer", []string{`100000000000000000000`}, `{"type": "number"}`},
		{"null and a type", []string{`null`, `true`}, `{"type": "boolean", "x-nullable": true}`},
		{"null only", []string{`null`}, `{"x-nullable": true}`},
		{"types that differ", []string{`1`, `"1"`}, `{}`},
		{"times", []string{`"2024-05-01T10:00:00Z"`, `"2024-05-01T10:00:00.5+02:00"`}, `{"type": "string", "format": "date-time"}`},
		{"a time and a text", []string{`"2024-05-01T10:00:00Z"`, `""`}, `{"type": "string"}`},
		{"URLs", []string{`"https://contoso.example/a?b=c"`}, `{"type": "string", "format": "uri"}`},
		{"a path", []string{`"/a/b"`}, `{"type": "string"}`},
		{"UUIDs", []string{`"0f8fad5b-d9cb-469f-a165-70867728950e"`}, `{"type": "string", "format": "uuid"}`},
		{"an empty array", []string{`[]`}, `{"type": "array", "items": {}}`},
		{"arrays", []string{`[1, null]`, `[2.5]`, `[]`}, `{"type": "array", "items": {"type": "number", "x-nullable": true}}`},
		{"an empty object", []string{`{}`}, `{"type": "object", "properties": {}}`},
		{"objects", []string{`{"b": {"id": 1}}`, `{"aName": "x", "b": {"URL": "x"}}`}, `{"type": "object", "properties": {
			"b": {"type": "object", "x-ms-summary": "B", "properties": {"id": {"type": "integer", "x-ms-summary": "Id"}, "URL": {"type": "string", "x-ms-summary": "URL"}}},
			"aName": {"type": "string", "x-ms-summary": "A Name"}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var samples [][]byte
			for _, s := range c.samples {
				samples = append(samples, []byte(s))
			}
			schema, err := inferSchema(samples)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := written(t, schema), compact(t, c.want); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestInferSchemaOfWrongSample(t *testing.T) {
	_, err := inferSchema([][]byte{[]byte(`{}`), []byte("{\n\"a\": }")})
	if err == nil || !strings.HasPrefix(err.Error(), "sample 2, line 2: ") {
		t.Errorf("got %v", err)
	}
}

// written returns a value as it is written into a file, without white space.
func written(t *testing.T, value any) string {
	t.Helper()
	f := source.Parse("a.json", []byte("{}"))
	e := f.Editor()
	e.Set(f.Root(), "v", value)
	edits, err := e.Edits()
	if err != nil {
		t.Fatal(err)
	}
	text := compact(t, apply(t, f.Text, edits))
	return strings.TrimSuffix(strings.TrimPrefix(text, `{"v":`), "}")
}

func compact(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	inString := false
	for _, r := range text {
		if inString = inString != (r == '"'); inString || !strings.ContainsRune(" \t\n", r) {
			b.WriteRune(r)
		}
	}
	if !json.Valid([]byte(b.String())) {
		t.Fatalf("not valid: %s", text)
	}
	return b.String()
}
