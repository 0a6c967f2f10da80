package convert_test

import (
	"encoding/json"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// FuzzOpenAPI3 imports anything. It must end without a panic, in a document
// that can be read again or in an error; what it points at must be there.
func FuzzOpenAPI3(f *testing.F) {
	cases, err := filepath.Glob("../../testdata/convert/import-*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range cases {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range inputs(archive) {
			f.Add(filepath.Base(file.Name), file.Data)
		}
	}
	for _, text := range []string{
		callbackDocument("{$request.body#/config.deep.uri}/x"),
		schemaDocument("3.1.0", "A: {oneOf: [{$ref: '#/components/schemas/B'}, {allOf: [{$ref: '#/components/schemas/A'}]}, {type: 'null'}]}\nB: {properties: {a: {anyOf: [{$ref: '#/components/schemas/A'}, {type: object}]}}}"),
		"openapi: 3.0.0\nx-a: &a {$ref: '#/x-a'}\npaths: {/a: *a, /b: {<<: *a, get: *a}}\ncomponents: {parameters: *a, responses: {a: *a}}",
	} {
		f.Add("a.yaml", []byte(text))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		read := func(path string) ([]byte, error) {
			if path == "self.yaml" {
				return data, nil
			}
			return nil, fs.ErrNotExist
		}
		result, err := convert.OpenAPI3(name, data, read)
		if err != nil {
			if internalError(err) {
				t.Fatal(err)
			}
			return
		}
		d := connector.Read(source.Parse("apiDefinition.swagger.json", []byte(result.Text)))
		if len(d.File.Problems) > 0 {
			t.Fatalf("the result is broken: %s", d.File.Problems[0].Message)
		}
		for _, h := range result.Hints {
			if !d.Root.At(h.Notification).Exists() || !d.Root.At(h.Callback).Exists() {
				t.Fatalf("%+v points at nothing", h)
			}
		}
		expectNoErrors(t, name, result)
	})
}

// TestImportOddValues puts an odd value in each place of the cases in turn.
// Nothing that a document says may be a fault of the import's.
func TestImportOddValues(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of imports")
	}
	cases, err := filepath.Glob("../../testdata/convert/import-*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range cases {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file := source.Parse("openapi.yaml", archive.Files[0].Data)
		data, err := json.Marshal(file.Root().Value())
		if err != nil {
			t.Fatal(err)
		}
		file = source.Parse("openapi.json", data)
		for _, odd := range []string{`null`, `5`, `"x"`, `[]`, `{}`, `false`, `{"$ref": "#"}`, `[{"a": null}]`, `{"a": {"b": [1]}}`} {
			everyValue(file.Root(), func(n source.Node) {
				importOdd(t, file.Text[:n.Range().Start]+odd+file.Text[n.Range().End:], n.Pointer()+" is "+odd)
			})
		}
	}
}

func everyValue(n source.Node, visit func(source.Node)) {
	visit(n)
	for _, v := range n.Members() {
		everyValue(v, visit)
	}
	for _, v := range n.Items() {
		everyValue(v, visit)
	}
}

func importOdd(t *testing.T, text, what string) {
	result, err := convert.OpenAPI3("openapi.json", []byte(text), nil)
	switch {
	case err != nil && internalError(err):
		t.Errorf("%s: %v", what, err)
	case err == nil:
		expectNoErrors(t, what, result)
	}
}
