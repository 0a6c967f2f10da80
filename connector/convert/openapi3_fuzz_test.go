package convert_test

import (
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
