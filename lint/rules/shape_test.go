package rules_test

import (
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// TestMergeKeys checks that no rule takes a YAML merge key for a member, and that
// what it brings in counts.
func TestMergeKeys(t *testing.T) {
	f := source.Parse("apiDefinition.swagger.yaml", []byte(`swagger: "2.0"
info: {title: Contoso Orders, version: "1.0"}
host: api.contoso.example
x-answers: &answers
  "200":
    description: OK
    schema:
      $ref: "#/definitions/B"
paths:
  /a:
    get: &get
      operationId: GetA
      summary: Get a
      description: Gets a.
      responses:
        <<: *answers
        "404":
          description: Not found
  /b:
    get:
      <<: *get
      operationId: GetB
      summary: Get b
      responses:
        <<: *answers
definitions:
  A: &a
    type: object
    required: [id]
    properties: &common
      id:
        type: string
        x-ms-summary: Id
  B:
    <<: *a
    description: b
    required: [id, more]
    properties:
      <<: *common
      more:
        type: string
`))
	for _, d := range check(connector.New("case", f, nil), lint.Certified) {
		if d.Rule != "text-missing" { // of the connector as a whole
			t.Errorf("%v: %s: %s", f.Position(d.Range.Start), d.Rule, d.Message)
		}
	}
}

var _ = register(map[string]mutation{
	"shape-kind":       {old: `"summary": "Get an order"`, new: `"summary": «5`},
	"shape-missing":    {old: "    \"version\": \"1.0\",\n", at: `"info": {`},
	"shape-word":       {old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\n          \"type\": «\"Number\","},
	"shape-member":     {old: `"operationId": "GetOrder",`, new: "\"operationId\": \"GetOrder\",\n        «\"sumary\": \"Get it\","},
	"shape-extension":  {old: `"operationId": "GetOrder",`, new: `"operationId": "GetOrder", "x-ms-pageable": {"nextLinkName": "nextLink", «"size": 10},`},
	"shape-beside-ref": {old: "\"200\": {\n            \"description\": \"OK\",\n            \"schema\": {\n              \"$ref\": \"#/definitions/Order\"", new: "\"200\": {\n            \"description\": \"OK\",\n            \"schema\": {\n              «\"description\": \"An order.\",\n              \"$ref\": \"#/definitions/Order\""},
}, map[string]officialCase{
	"JsonTypeIncorrect":                         {near: mutation{old: `"summary": "Get an order"`, new: `"summary": "5"`}},
	"JsonValueNotInEnum":                        {near: mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\n          \"type\": \"integer\","}},
	"ExtensionNameNotValid":                     {near: mutation{old: `"operationId": "GetOrder",`, new: "\"operationId\": \"GetOrder\",\n        \"x-sumary\": \"Get it\","}},
	"AdditionalPropertyNotAllowed":              {near: mutation{old: `"operationId": "GetOrder",`, new: `"operationId": "GetOrder", "x-ms-pageable": {"nextLinkName": "nextLink"},`}},
	"AdditionalPropertyNotAllowedAdjacentToRef": {near: mutation{old: "\"200\": {\n            \"description\": \"OK\",\n            \"schema\": {\n              \"$ref\": \"#/definitions/Order\"", new: "\"200\": {\n            \"description\": \"OK\", \"x-note\": \"An order.\",\n            \"schema\": {\n              \"$ref\": \"#/definitions/Order\""}},
})
