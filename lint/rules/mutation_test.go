package rules_test

import (
	"os"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/rules"
)

// A mutation breaks the well-made connector in one place. « marks where the
// finding must start; if the fault shows elsewhere, at is the text there.
type mutation struct {
	file     string // apiDefinition.swagger.json if empty; * makes or, with nothing, removes a file
	old, new string // the first occurrence of old is replaced
	at       string
	also     []mutation   // done first
	only     lint.Profile // elsewhere another rule has a finding too
}

const (
	definitionName = "apiDefinition.swagger.json"
	propertiesName = "apiProperties.json"
	yamlName       = "apiDefinition.swagger.yaml"
)

// mutations has one entry for every rule that looks at a connector.
var mutations = map[string]mutation{
	"syntax-empty":               {old: "*", new: "«\n"},
	"syntax-byte-order-mark":     {old: "{", new: "«\ufeff{"},
	"syntax-utf16":               {old: "*", new: "«" + utf16Text(`{"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {}}`), only: lint.Custom},
	"syntax-invalid-utf8":        {old: "What the customer pays", new: "What the caf«\xe9 is paid"},
	"syntax-control-character":   {old: "Contoso Orders tells", new: "Contoso«\tOrders tells"},
	"syntax-exotic-space":        {old: `"title": "Contoso`, new: "\"title\":«\u00a0\"Contoso"},
	"syntax-comment":             {old: `"host"`, new: "«// where it runs\n  \"host\""},
	"syntax-trailing-comma":      {old: `"email": "support@contoso.example"`, new: `"email": "support@contoso.example"«,`},
	"syntax-missing-comma":       {old: "\"name\": \"Contoso\",\n      ", new: "\"name\": \"Contoso\"\n      «"},
	"syntax-missing-colon":       {old: `"host": "api`, new: `"host" «"api`},
	"syntax-missing-value":       {old: `"version": "1.0",`, new: `«"version": ,`},
	"syntax-missing-key":         {old: `"version": "1.0",`, new: `"version": "1.0", «{"a": "1.0"},`},
	"syntax-duplicate-key":       {old: `"version": "1.0",`, new: `"version": "1.0", «"version": "1.0",`},
	"syntax-unquoted":            {old: `"host":`, new: `«host:`},
	"syntax-invalid-number":      {old: `"type": "number"`, new: `"type": "number", "minimum": «.5`},
	"syntax-invalid-escape":      {old: "Contoso Orders tells", new: `Contoso «\Orders tells`},
	"syntax-unterminated-string": {old: `"version": "1.0",`, new: `"version": «"1.0,`},
	"syntax-unescaped-quote":     {old: "Contoso Orders tells", new: `Contoso «"Orders" tells`},
	"syntax-unopened-bracket":    {old: `"contact": {`, new: `«"contact":`},
	"syntax-unclosed-bracket":    {old: "      }\n    }\n  },\n  \"definitions\"", new: "      }\n    }\n  \"definitions\"", at: `"definitions"`},
	"syntax-wrong-bracket":       {old: "\"https\"\n  ]", new: "\"https\"\n  «}"},
	"syntax-unexpected-text":     {old: `"host": "api.contoso.example"`, new: `"host": «@`},
	"syntax-trailing-text":       {old: "\"api_key\": []\n    }\n  ]\n}\n", new: "\"api_key\": []\n    }\n  ]\n}\n«}\n"},
	"syntax-limit":               {old: `"type": "number"`, new: `"type": "number", "example": ` + strings.Repeat("[", 995) + "«[]" + strings.Repeat("]", 995)},
	"syntax-yaml":                {file: yamlName, old: "host: api", new: "host: [api", at: ": /v1"},
	"syntax-yaml-tab":            {file: yamlName, old: "  title:", new: "«\ttitle:"},
	"syntax-yaml-key":            {file: yamlName, old: "host: api", new: "? «[a, b]\n: c\nhost: api"},
	"syntax-yaml-documents":      {file: yamlName, old: "security:\n", new: "«---\nsecurity:\n"},

	"document-version":                {old: `"swagger": "2.0"`, new: `"swagger": «2.0`},
	"document-ref-unresolved":         {old: "\"schema\": {\n              \"$ref\": \"#/definitions/Order\"", new: "\"schema\": {\n              \"$ref\": «\"#/definitions/Ordre\""},
	"document-ref-loop":               {old: "\"definitions\": {", new: "\"definitions\": {\n    \"Loop\": {\"$ref\": «\"#/definitions/Loop\"},"},
	"document-operation-id-missing":   {old: "\"get\": {\n        \"operationId\": \"GetOrder\",", new: "«\"get\": {"},
	"document-operation-id-duplicate": {old: `"operationId": "GetOrder"`, new: `"operationId": «"DeleteHook"`},
	"document-operation-id-case":      {old: `"operationId": "DeleteApproval"`, new: `"operationId": «"deletehook"`},
	"document-method-case":            {old: "\"/orders/{id}\": {\n      \"get\"", new: "\"/orders/{id}\": {\n      «\"GET\""},
	"document-http":                   {old: `"https"`, new: `«"http"`},

	"extension-misspelt":   {old: `"x-ms-summary": "Channel"`, new: `«"x-ms-sumary": "Channel"`},
	"extension-unknown":    {old: `"x-ms-summary": "Channel"`, new: `"x-ms-summary": "Channel", «"x-ms-tooltip": "Channel"`},
	"extension-misplaced":  {old: `"summary": "Get an order"`, new: `"summary": "Get an order", «"x-ms-url-encoding": "single"`},
	"extension-beside-ref": {old: "\"items\": {", new: "\"items\": {«\"x-ms-summary\": \"Order\","},
	"extension-value":      {old: `"x-ms-visibility": "important"`, new: `"x-ms-visibility": «"Important"`},

	"trigger-mode":                {old: `"x-ms-trigger": "single"`, new: `"x-ms-trigger": «"one"`},
	"trigger-method":              {old: `"post": {`, new: `«"options": {`},
	"trigger-shared-registration": {old: `"post": {`, new: `«"put": {`},
	"trigger-batch-webhook": {
		old: "\"$ref\": \"#/definitions/Order\"\n        }\n      },\n      \"post\": {\n        \"operationId\": \"OnOrderCreated\",\n        \"summary\": \"When an order is created\",\n        \"description\": \"This operation triggers when a customer places an order.\",\n        \"x-ms-trigger\": \"single\"",
		new: "\"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/Order\"}\n        }\n      },\n      \"post\": {\n        \"operationId\": \"OnOrderCreated\",\n        \"summary\": \"When an order is created\",\n        \"description\": \"This operation triggers when a customer places an order.\",\n        \"x-ms-trigger\": «\"batch\"",
	},
	"trigger-hidden":  {old: `"x-ms-visibility": "important"`, new: `"x-ms-visibility": «"internal"`},
	"trigger-summary": {old: `"summary": "When an order is created"`, new: `"summary": «"Order created"`},
	"trigger-shared-content": {old: "\"post\": {\n        \"operationId\": \"OnOrderCreated\"", at: `"OnOrderCreated"`, new: `"put": {
        "operationId": "OnOrderReplaced", "summary": "When an order is replaced", "description": "Triggers.", "x-ms-trigger": "single",
        "parameters": [{"name": "body", "in": "body", "required": true, "schema": {"type": "object", "required": ["url"], "properties": {
          "url": {"type": "string", "x-ms-notification-url": true, "x-ms-visibility": "internal"}}}}],
        "responses": {"201": {"description": "Created", "headers": {"Location": {"type": "string"}}}}
      },
      "post": {
        "operationId": "OnOrderCreated"`},

	"callback-missing":       {old: "                  \"x-ms-notification-url\": true,\n", at: `"OnOrderCreated"`},
	"callback-multiple":      {old: `"x-ms-summary": "Channel"`, new: `"x-ms-summary": "Channel", «"x-ms-notification-url": true`},
	"callback-not-in-body":   {old: `"x-ms-summary": "Since"`, new: `"x-ms-summary": "Since", «"x-ms-notification-url": true`},
	"callback-orphaned":      {old: `"x-ms-summary": "Total"`, new: `"x-ms-summary": "Total", «"x-ms-notification-url": true`},
	"callback-not-string":    {old: "\"callbackUrl\": {\n                  \"type\": \"string\"", new: "\"callbackUrl\": {\n                  \"type\": «\"object\""},
	"callback-not-required":  {old: "\"required\": [\n        \"reply\"\n      ],\n      \"properties\": {", new: "\"properties\": {", at: "\"reply\": {"},
	"callback-not-internal":  {old: "\"x-ms-notification-url\": true,\n                  \"x-ms-visibility\": \"internal\"", new: `"x-ms-notification-url": true`, at: `"callbackUrl": {`},
	"callback-default":       {old: `"x-ms-notification-url": true,`, new: `"x-ms-notification-url": true, «"default": "",`},
	"callback-body-optional": {old: "\"in\": \"body\",\n            \"required\": true,", new: "\"in\": \"body\",\n            \"required\": «false,"},

	"notification-missing": {old: "\"x-ms-notification-content\": {\n        \"description\": \"An order that was created.\",\n        \"schema\": {\n          \"$ref\": \"#/definitions/Order\"\n        }\n      },\n", at: `"OnOrderCreated"`},
	"notification-on-operation": {
		old: "\"x-ms-notification-content\": {\n        \"description\": \"An order that was created.\",\n        \"schema\": {\n          \"$ref\": \"#/definitions/Order\"\n        }\n      },\n      \"post\": {",
		new: "\"post\": {\n        «\"x-ms-notification-content\": {\"schema\": {\"$ref\": \"#/definitions/Order\"}},",
	},
	"notification-orphaned":   {old: "\"/orders/{id}\": {", new: "\"/orders/{id}\": {«\"x-ms-notification-content\": {\"schema\": {\"$ref\": \"#/definitions/Order\"}},"},
	"notification-no-schema":  {old: "\"description\": \"An order that was created.\",\n        \"schema\": {\n          \"$ref\": \"#/definitions/Order\"\n        }", new: "\"description\": \"An order that was created.\"", at: `"x-ms-notification-content"`},
	"notification-empty":      {old: "\"schema\": {\n          \"$ref\": \"#/definitions/Order\"", new: "«\"schema\": {\n          \"type\": \"object\""},
	"notification-array":      {old: "\"schema\": {\n          \"$ref\": \"#/definitions/Order\"", new: "«\"schema\": {\n          \"type\": \"array\", \"items\": {\"$ref\": \"#/definitions/Order\"}"},
	"notification-object":     {old: `"x-ms-trigger": "single"`, new: `"x-ms-trigger": «"batch"`},
	"notification-unresolved": {old: "\"schema\": {\n          \"$ref\": \"#/definitions/Order\"", new: "\"schema\": {\n          \"$ref\": «\"#/definitions/Ordre\""},
	"notification-needs-get":  {old: "\"schema\": {\n          \"$ref\": \"#/definitions/Order\"", new: "«\"schema\": {\n          \"type\": \"object\", \"properties\": {\"customerId\": {\"type\": \"string\"}}"},

	"registration-no-201":              {old: "\"201\": {\n            \"description\": \"Created\",\n            \"headers\"", new: "«\"202\": {\n            \"description\": \"Created\",\n            \"headers\""},
	"registration-location-undeclared": {old: `"Location": {`, new: `"Retry-After": {`, at: `"201": {`},
	"registration-location-in-body":    {old: "\"headers\": {\n              \"Location\": {", new: "\"schema\": {\"type\": \"object\", \"properties\": {«\"location\": {\"type\": \"string\"}}},\n            \"headers\": {\n              \"Retry-After\": {"},
	"registration-location-relative":   {old: `"The URL of this registration, for example https://api.contoso.example/v1/hooks/42."`, new: `«"The path of this registration, for example /hooks/42."`},

	"unsubscribe-missing":      {old: "\"/hooks/{id}\": {\n      \"delete\": {\n        \"operationId\": \"DeleteHook\",\n        \"summary\": \"Delete a hook\",\n        \"description\": \"The platform removes a registration.\",\n        \"x-ms-visibility\": \"internal\",", new: "\"/hooks/{id}\": {\n      \"get\": {\n        \"operationId\": \"GetHook\",\n        \"summary\": \"Get a hook\",\n        \"description\": \"Reads a registration.\",\n        \"x-ms-visibility\": \"internal\",", at: `"OnOrderCreated"`},
	"unsubscribe-not-internal": {old: "\"description\": \"The platform removes a registration.\",\n        \"x-ms-visibility\": \"internal\",", new: "\"description\": \"The platform removes a registration.\",", at: `"DeleteHook"`},
	"unsubscribe-needs-input":  {old: "\"description\": \"The platform removes a registration.\",\n        \"x-ms-visibility\": \"internal\",\n        \"parameters\": [", new: "\"description\": \"The platform removes a registration.\",\n        \"x-ms-visibility\": \"internal\",\n        \"parameters\": [{\"name\": «\"X-Tenant\", \"in\": \"header\", \"required\": true, \"type\": \"string\", \"x-ms-summary\": \"Tenant\"},"},
	"unsubscribe-no-identifier": {
		old: "\"/hooks/{id}\": {\n      \"delete\": {\n        \"operationId\": \"DeleteHook\",\n        \"summary\": \"Delete a hook\",\n        \"description\": \"The platform removes a registration.\",\n        \"x-ms-visibility\": \"internal\",\n        \"parameters\": [\n          {\n            \"name\": \"id\",\n            \"in\": \"path\",\n            \"required\": true,\n            \"type\": \"string\",\n            \"description\": \"The id of the registration.\",\n            \"x-ms-summary\": \"Hook Id\",\n            \"x-ms-url-encoding\": \"single\"\n          }\n        ],",
		new: "«\"/hooks/delete\": {\n      \"delete\": {\n        \"operationId\": \"DeleteHook\",\n        \"summary\": \"Delete a hook\",\n        \"description\": \"The platform removes a registration.\",\n        \"x-ms-visibility\": \"internal\",",
	},

	"polling-no-200":           {old: "\"200\": {\n            \"description\": \"OK\",\n            \"schema\": {\n              \"type\": \"object\"", new: "\"202\": {\n            \"description\": \"OK\",\n            \"schema\": {\n              \"type\": \"object\"", at: "\"responses\": {\n          \"202\""},
	"polling-no-array":         {old: "\"type\": \"array\",", new: "\"type\": \"object\",", at: "\"200\": {"},
	"polling-post":             {old: "\"get\": {\n        \"operationId\": \"OnOrderChanged\"", new: "«\"post\": {\n        \"operationId\": \"OnOrderChanged\""},
	"polling-policy-operation": {file: propertiesName, old: `"OnOrderChanged"`, new: `«"OnOrderChange"`},
	"polling-policy-parameter": {file: propertiesName, old: `"since"`, new: `«"from"`},
	"polling-filter-visible":   {old: "\"x-ms-summary\": \"Since\",\n            \"x-ms-visibility\": \"internal\"", new: "\"x-ms-summary\": \"Since\"", at: `"since"`},
}

// otherWays are further mutations that must yield one finding and no other: in
// each of them there once were more.
var otherWays = []struct {
	id string
	mutation
}{
	{"document-ref-section", mutation{old: "\"parameters\": [\n          {\n            \"name\": \"since\"", new: "\"parameters\": [{\"$ref\": «\"#/definitions/Order\"},\n          {\n            \"name\": \"since\""}},
	{"document-ref-section", mutation{old: "\"204\": {\n            \"description\": \"Removed\"", new: "\"404\": {\"$ref\": «\"#/definitions/Order\"},\n          \"204\": {\n            \"description\": \"Removed\""}},
	{"syntax-invalid-utf8", mutation{old: "Contoso Orders tells", new: "Contoso«\x92s orders tell"}},
}

// oauthDefinition makes the well-made connector one that makers sign in to.
var oauthDefinition = []mutation{{
	old: "\"type\": \"apiKey\",\n      \"in\": \"header\",\n      \"name\": \"X-Api-Key\"",
	new: `"type": "oauth2", "flow": "accessCode", "authorizationUrl": "https://contoso.example/a", "tokenUrl": "https://contoso.example/t", "scopes": {}`,
}}

const goodScript = `public class Script : ScriptBase
{
    public override Task<HttpResponseMessage> ExecuteAsync() => this.Context.SendAsync(this.Context.Request, this.CancellationToken);
}
`

// engineRules are not to be had alone, or not of a connector: tests of their own
// cover them.
var engineRules = map[string]bool{
	lint.UnusedIgnore: true,
	"size-operation":  true, "size-total": true, // not alone: officialCases has them
	"icon-format": true, "icon-size": true, "icon-background": true, "icon-unwanted": true, // pictures: TestIcons
	"script-size": true, "package-definition-name": true, // TestScriptSize, TestDefinitionNames
}

func TestWellMadeConnectorsAreClean(t *testing.T) {
	for _, folder := range []string{"well-made", "well-made-yaml"} {
		for _, profile := range lint.Profiles {
			c := wellMade(t, folder, mutation{}, nil)
			for _, f := range check(c, profile) {
				t.Errorf("%s, %s: %s: %s", folder, profile, f.Rule, f.Message)
			}
			if n := len(c.Definition.Triggers()); n != 3 {
				t.Errorf("%s: %d triggers, expected a webhook trigger, a webhook action and a polling trigger", folder, n)
			}
		}
	}
}

// TestNearMisses changes the well-made connector as far as it may go.
func TestNearMisses(t *testing.T) {
	for _, m := range nearMisses {
		for _, profile := range lint.Profiles {
			for _, f := range check(wellMade(t, "well-made", m, nil), profile) {
				t.Errorf("%s, %s: %s: %s", m.new, profile, f.Rule, f.Message)
			}
		}
	}
}

// nearMisses are those of rules that check none of the catalogue.
var nearMisses = []mutation{
	dynamicFrom(orders + `, "parameters": {"since": {"parameter": "id"}}}`),
	dynamicOn(`"x-ms-dynamic-tree": {"settings": {"canSelectLeafNodes": true}, "open": {"operationId": "OnOrderChanged", "itemsPath": "value", "itemIsParent": "(total eq 0)"}, ` +
		`"browse": {"operationId": "OnOrderChanged", "itemsPath": "value", "itemValuePath": "id", "parameters": {"since": {"selectedItemValuePath": "id"}}}}`),
	testConnection(`{"operationId": "GetOrder", "parameters": {"id": "1"}}`),
	{old: "\"name\": \"since\",\n            \"in\": \"query\",", new: "\"name\": \"since\",\n            \"in\": \"query\", \"required\": true, \"default\": \"now\","},
	oauthSetting(`"scopes": ["a", "b"], "redirectMode": "GlobalPerConnector", "properties": {"IsFirstParty": "False"}`),
	{file: propertiesName, old: `"required": "true"`, new: `"required": "false"`},
	{old: `"operationId": "DeleteApproval"`, new: `"operationId": "DeleteHook2"`},
	{
		old: "\"schema\": {\n          \"$ref\": \"#/definitions/Order\"", new: `"schema": {"type": "object", "properties": {"customerId": {"type": "string", "x-ms-summary": "Customer Id", "description": "Who is gone."}}`,
		also: []mutation{{old: `"OnOrderCreated"`, new: `"OnCustomerDeleted"`}},
	},
	{old: `"host": "api.contoso.example"`, new: `"host": "172.32.0.1:5000"`},
	{old: `"host": "api.contoso.example"`, new: `"host": "localhost", "x-note": ""`, also: []mutation{
		{file: propertiesName, old: `"policyTemplateInstances": [`, new: `"policyTemplateInstances": [{"templateId": "DynamicHostUrl", "parameters": {"x-ms-apimTemplateParameter.urlTemplate": "https://contoso.example"}},`},
	}},
}

func TestMutations(t *testing.T) {
	for _, r := range rules.All() {
		m, ok := mutations[r.ID]
		if !ok {
			if !engineRules[r.ID] {
				t.Errorf("%s: no mutation", r.ID)
			}
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			for _, m := range append(variants[r.ID], m) {
				for _, profile := range lint.Profiles {
					if r.Levels.Of(profile) != source.Off && (m.only == "" || m.only == profile) {
						testMutation(t, r.ID, m, profile)
					}
				}
			}
		})
	}
}

// variants are further mutations for rules that look at several things.
var variants = map[string][]mutation{
	"shape-extension": {
		dynamicFrom(orders + `, «"valuePath": "id"}`),
		dynamicFrom(orders + `, "parameters": {"since": {«"paramter": "id"}}}`),
		dynamicOn(`"x-ms-dynamic-list": {"operationId": "OnOrderChanged", "itemsPath": "value", "parameters": {"since": {«"parameter": "channel"}}}`),
		dynamicOn(`"x-ms-dynamic-tree": {"open": {"operationId": "OnOrderChanged", "itemsPath": "value", «"itemTitel": "total"}}`),
		dynamicOn(`"x-ms-dynamic-tree": {"settings": {«"canSelectParents": true}}`),
	},
	"extension-value": {
		dynamicOn(`"x-ms-dynamic-list": {"operationId": "OnOrderChanged", "itemsPath": "value", "parameters": {"since": «"2026-01-01"}}`),
	},
	"dynamic-no-property": {
		dynamicOn(`"x-ms-dynamic-tree": {"open": {"operationId": "OnOrderChanged", "itemsPath": "value", "itemValuePath": «"key"}}`),
		dynamicOn(`"x-ms-dynamic-tree": {"browse": {"operationId": "OnOrderChanged", "itemsPath": "value", "parameters": {"since": {"selectedItemValuePath": «"key"}}}}`),
	},
	"capability-test-connection": {
		testConnection(`{"operationId": «"DeleteHook", "parameters": {"id": "1"}}`),
	},
	"schema-input": {
		{old: "\"required\": [\n                \"callbackUrl\"\n              ],", new: `"required": ["callbackUrl", "channel"],`, also: []mutation{{old: `"x-ms-summary": "Channel"`, new: `"x-ms-summary": "Channel", "x-ms-visibility": "internal"`}}, at: `"channel": {`},
	},
	"connection-oauth-setting": {
		oauthSetting(`"properties": {"IsFirstParty": «"no"}`),
	},
	"connection-constraint": {
		{file: propertiesName, old: `"required": "true"`, new: `"required": «"yes"`},
	},
	"properties-shape": {
		oauthSetting(`"scopes": «"a b"`),
		oauthSetting(`"properties": {"IsFirstParty": «false}`),
		{file: propertiesName, old: "[\n            \"OnOrderChanged\"\n          ]", new: `«"OnOrderChanged"`},
	},
	"polling-policy-operation": {
		{file: propertiesName, old: "[\n            \"OnOrderChanged\"\n          ]", new: `[«"Nope"]`},
	},
	"server-private": {
		{old: `"host": "api.contoso.example"`, new: `"host": «"127.0.0.1"`},
		{old: `"host": "api.contoso.example"`, new: `"host": «"192.168.7.1:8080"`},
	},
	"dynamic-no-array": {
		dynamicOn(`"x-ms-dynamic-tree": {"open": {"operationId": «"OnOrderChanged"}}`),
	},
}

func TestOtherWays(t *testing.T) {
	for _, m := range otherWays {
		for _, profile := range lint.Profiles {
			testMutation(t, m.id, m.mutation, profile)
		}
	}
}

func testMutation(t *testing.T, id string, m mutation, profile lint.Profile) {
	t.Helper()
	folder := "well-made"
	if m.file == yamlName {
		folder = "well-made-yaml"
	}
	want := -1
	c := wellMade(t, folder, m, &want)
	found := check(c, profile)
	if len(found) != 1 || found[0].Rule != id {
		t.Errorf("%s: expected this one finding, got %d:", profile, len(found))
		for _, f := range found {
			t.Errorf("  %v %s: %s", f.File.Position(f.Range.Start), f.Rule, f.Message)
		}
		return
	}
	f := found[0]
	if f.Range.Start != want {
		t.Errorf("%s: found at %v, expected %v", profile, f.File.Position(f.Range.Start), f.File.Position(want))
	}
}

// wellMade reads the shipped connector, with one change. want receives the
// offset at which the finding is expected.
func wellMade(t *testing.T, folder string, m mutation, want *int) *connector.Connector {
	t.Helper()
	name := definitionName
	if folder == "well-made-yaml" {
		name = yamlName
	}
	texts := map[string]string{}
	for _, n := range []string{name, propertiesName, "readme.md"} {
		data, err := os.ReadFile("../../testdata/connectors/" + folder + "/" + n)
		if err != nil {
			t.Fatal(err)
		}
		texts[n] = string(data)
	}
	for _, change := range append(m.also, m) {
		n := change.file
		if n == "" {
			n = definitionName
		}
		if texts[n] = change.apply(t, texts[n], want); texts[n] == "" {
			delete(texts, n)
		}
	}
	files := map[string]*source.File{}
	for _, n := range []string{name, propertiesName} {
		if text, ok := texts[n]; ok {
			files[n] = source.Parse(n, []byte(text))
		}
		delete(texts, n)
	}
	return connectorOf(files[name], files[propertiesName], true, texts)
}

func (m mutation) apply(t *testing.T, text string, want *int) string {
	t.Helper()
	switch {
	case m.old == "":
		return text
	case m.old == "*":
		text = m.new
	case !strings.Contains(text, m.old):
		t.Fatalf("the well-made connector does not hold %q", m.old)
	default:
		text = strings.Replace(text, m.old, m.new, 1)
	}
	if m.at != "" {
		*want = strings.Index(text, m.at)
	} else if at := strings.Index(text, "«"); at >= 0 {
		*want = at
		text = strings.Replace(text, "«", "", 1)
	}
	return text
}

func check(c *connector.Connector, profile lint.Profile) []source.Diagnostic {
	l := &lint.Linter{Rules: rules.All()}
	return l.Check(c, &lint.Config{Profile: profile})
}

func utf16Text(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		b.WriteByte(0)
	}
	return b.String()
}
