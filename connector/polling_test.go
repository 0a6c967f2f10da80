package connector_test

import (
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

func TestListOf(t *testing.T) {
	for _, tt := range []struct {
		schema, policy string
		path           string
		item           string
		found          bool
	}{
		{`{type: array, items: {type: string}}`, "", "", "string", true},
		{`{properties: {meta: {properties: {list: {type: array, items: {type: integer}}}}, items: {type: array, items: {type: object}}}}`, "", "items", "object", true},
		{`{properties: {meta: {properties: {list: {type: array, items: {type: integer}}}}, items: {type: array}}}`, "@triggerBody()?['meta'].list", "meta list", "integer", true},
		{`{properties: {a: {properties: {b: {properties: {c: {type: array, items: {type: boolean}}}}}}}}`, "", "a b c", "boolean", true},
		{`{properties: {a: {type: array, items: {type: string}}}}`, "@triggerBody().value", "a", "string", true},
		{`{x-ms-dynamic-schema: {operationId: x, value-path: y}}`, "@triggerBody().value", "value", "", false},
		{`{properties: {a: {type: string}}}`, "", "", "", false},
	} {
		c := connector.New("test", source.ParseString("a.yaml", `{swagger: "2.0", paths: {/a: {get: {operationId: Poll, x-ms-trigger: batch, responses: {"200": {description: d, schema: `+tt.schema+`}}}}}}`),
			source.ParseString("apiProperties.json", `{"properties": {"policyTemplateInstances": [{"templateId": "pollingtrigger", "parameters": {
				"x-ms-apimTemplate-operationName": ["Poll"], "x-ms-apimTemplateParameter.triggerDataPath": "`+tt.policy+`"}}]}}`))
		path, item, found := c.ListOf(c.Definition.Operation("Poll").Trigger)
		if strings.Join(path, " ") != tt.path || item.Shape() != tt.item || found != tt.found {
			t.Errorf("%s, %s: %q of %q, %v", tt.schema, tt.policy, path, item.Shape(), found)
		}
	}
}
