package rules_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/lint"
)

// saidBySchema are the rules on what the schema of definitions says too, by the
// start of their names.
var saidBySchema = []string{"shape-kind", "shape-word", "shape-member", "shape-extension", "extension-misspelt", "extension-unknown", "extension-misplaced", "extension-value"}

// TestRealSchemaAgrees holds the schema of definitions against the rules: of a
// published definition it refuses what they find, and nothing else.
func TestRealSchemaAgrees(t *testing.T) {
	text, err := connector.DefinitionSchema()
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	schema := c.MustCompile("schema.json")
	accepted, refused := 0, 0
	for _, c := range realConnectors(t) {
		var value any
		if json.Unmarshal([]byte(c.Definition.File.Text), &value) != nil {
			continue
		}
		said := ""
		for _, f := range check(c, lint.Certified) {
			for _, name := range saidBySchema {
				// Others' names that look like Microsoft's are not closed.
				if f.Rule == name && (f.Rule != "extension-misspelt" || strings.HasPrefix(f.Node.Text(), `"x-ms-`)) {
					said += "\n  " + f.Rule + " at " + f.Pointer() + ": " + f.Message
				}
			}
		}
		err := schema.Validate(value)
		if err == nil {
			accepted++
		} else {
			refused++
		}
		if (err == nil) != (said == "") {
			t.Errorf("%s: the schema says %v, the rules say %s", c.Name, err, said)
		}
	}
	t.Logf("%d definitions accepted, %d refused", accepted, refused)
}
