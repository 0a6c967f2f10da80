package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// TestOutputMatchesSchema validates what the commands print for programs
// against the published schemas.
func TestOutputMatchesSchema(t *testing.T) {
	t.Chdir("../..")
	output := compile(t, "docs/output.v1.schema.json")
	sarif := compile(t, "testdata/sarif/sarif-schema-2.1.0.json")
	p := startScriptPublisher("no-location")
	defer p.Close()
	t.Setenv("PUBLISHER_KEY", "let me in")
	verify := "verify testdata/connectors/well-made --trigger OnOrderCreated --header X-Key:env:PUBLISHER_KEY --wait 1s --retry-wait 1s --url " + p.URL + " --fire-url " + p.URL + "/fire --format "
	for _, tt := range []struct {
		schema *jsonschema.Schema
		args   string
	}{
		{output, "lint --format json testdata/connectors"},
		{output, "lint --format json --profile certified testdata/connectors/broken"},
		{output, "lint --format json testdata/connectors/well-made"},
		{output, "inspect --format json testdata/connectors/well-made"},
		{output, "inspect --format json testdata/connectors/well-made-yaml"},
		{output, "inspect --format json testdata/connectors/broken"},
		{output, verify + "json"},
		{sarif, verify + "sarif"},
		{sarif, "lint --format sarif testdata/connectors"},
		{sarif, "lint --format sarif testdata/connectors/well-made"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			var out, errs bytes.Buffer
			if status := run(strings.Fields(tt.args), strings.NewReader(""), &out, &errs); status == exitFailure {
				t.Fatal(errs.String())
			}
			var value any
			decoder := json.NewDecoder(&out)
			decoder.UseNumber()
			if err := decoder.Decode(&value); err != nil {
				t.Fatal(err)
			}
			if err := tt.schema.Validate(value); err != nil {
				t.Errorf("%#v", err)
			}
		})
	}
}

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.LoadURL = func(string) (io.ReadCloser, error) { return nil, errors.New("not here") }
	if err := c.AddResource("test:///schema.json", bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("test:///schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
