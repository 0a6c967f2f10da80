package convert_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// callbackDocument is a document whose POST /things declares one callback.
func callbackDocument(expression string) string {
	return operationDocument(fmt.Sprintf(`
parameters:
  - {name: notifyUrl, in: query, schema: {type: string}}
  - {name: X-Notify, in: header, schema: {type: string}}
requestBody:
  content:
    application/json:
      schema:
        type: object
        properties:
          url: {type: string}
          config: {$ref: '#/components/schemas/Config'}
          list: {type: array, items: {type: object, properties: {url: {type: string}}}}
          a.b: {type: string}
          c/d: {type: string}
responses: {'202': {description: Accepted}}
callbacks:
  event:
    %q:
      post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Config'}}}}}
`, expression), `
schemas:
  Config:
    allOf:
      - {type: object, properties: {target: {type: string}}}
      - {type: object, properties: {deep: {type: object, properties: {uri: {type: string}}}}}`)
}

func TestImportExpressions(t *testing.T) {
	const (
		at     = "/paths/~1things/post/parameters/"
		body   = at + "2/schema"
		config = "/definitions/Config/allOf/"
	)
	for expression, want := range map[string]string{
		"{$request.body#/url}":                       body + "/properties/url",
		"{$request.body#/config/target}":             config + "0/properties/target",
		"{$request.body#/config/deep/uri}":           config + "1/properties/deep/properties/uri",
		"{$request.body#/config.deep.uri}":           config + "1/properties/deep/properties/uri",
		"{$request.body#/config.deep/uri}":           config + "1/properties/deep/properties/uri",
		"{$request.body.config.target}":              config + "0/properties/target",
		"{$request.body#config/target}":              config + "0/properties/target",
		"{$request.body#/list/0/url}":                body + "/properties/list/items/properties/url",
		"{$request.body#/a.b}":                       body + "/properties/a.b",
		"{$request.body#/c~1d}":                      body + "/properties/c~1d",
		"{$request.body}":                            body,
		"$request.body#/url":                         body + "/properties/url",
		"{request.body#/url}":                        body + "/properties/url",
		" { $request.body#/url } ":                   body + "/properties/url",
		"{$request.body#/url":                        body + "/properties/url",
		"{$request.body#/url}/events?x={$url}":       body + "/properties/url",
		"{$request.query.notifyUrl}":                 at + "0",
		"{$request.query.notifyUrl}/data":            at + "0",
		"{$request.header.x-notify}":                 at + "1",
		"url":                                        body + "/properties/url",
		"config.target":                              config + "0/properties/target",
		"notifyUrl":                                  at + "0",
		"{notifyUrl}":                                at + "0",
		"{$request.body#/missing}":                   "",
		"{$request.body#/wrapper/url}":               "",
		"{$request.body#/config/}":                   "/paths/~1things/post/parameters/2/schema/properties/config",
		"{$request.query.missing}":                   "",
		"{$request.path.id}":                         "",
		"{$response.body#/url}":                      "",
		"{$url}":                                     "",
		"{$method}":                                  "",
		"https://example.com/hook":                   "",
		"https://example.com?u={$request.body#/url}": "",
		"/callback":                                  "",
		"{}":                                         "",
		"{$}":                                        "",
	} {
		got, f := importText(t, callbackDocument(expression))
		if len(got.Hints) != 1 {
			t.Fatalf("%s: %d hints", expression, len(got.Hints))
		}
		h := got.Hints[0]
		if h.Callback != want {
			t.Errorf("%s: got %q, want %q", expression, h.Callback, want)
		}
		if want != "" && !f.At(want).Exists() {
			t.Errorf("%s: %s is not there", expression, want)
		}
		if h.Notification != "/definitions/Config" || h.Path != "/things" || h.Method != "post" || !h.PerCall {
			t.Errorf("%s: %+v", expression, h)
		}
		told := strings.Contains(fmt.Sprint(got.Losses), "callbacks: ")
		if inBody := strings.Contains(want, "/schema") || strings.HasPrefix(want, "/definitions"); told == (inBody && !strings.Contains(expression, "}/")) {
			t.Errorf("%s: losses %v", expression, got.Losses)
		}
	}
}

// TestImportPerCall tells subscriptions from calls that want to be told how
// they went.
func TestImportPerCall(t *testing.T) {
	for _, c := range []struct {
		method, path, also string
		perCall            bool
	}{
		{"post", "/subscriptions", "", false},
		{"post", "/webhooks/{kind}", "", false},
		{"post", "/hub", "", false},
		{"patch", "/settings/notifications", "", false},
		{"post", "/sessions", "/sessions/{id}", false},
		{"post", "/v1/sessions/", "/v1/sessions/{id}", false},
		{"post", "/sessions", "/sessions/{id}/parts/{part}", true},
		{"post", "/messages", "", true},
		{"post", "/unsubscribe", "", true},
		{"get", "/subscriptions", "", true},
		{"get", "/reports", "/reports/{id}", true},
	} {
		paths := fmt.Sprintf("  %q:\n    %s: {responses: {'200': {description: OK}}, parameters: [{name: u, in: query, schema: {type: string}}], callbacks: {c: {'{$request.query.u}': {post: {}}}}}\n", c.path, c.method)
		if c.also != "" {
			paths += fmt.Sprintf("  %q: {delete: {responses: {'204': {description: Removed}}}}\n", c.also)
		}
		got, _ := importText(t, "openapi: 3.0.0\ninfo: {title: T, version: '1'}\npaths:\n"+paths)
		if len(got.Hints) != 1 || got.Hints[0].PerCall != c.perCall || got.Hints[0].Path != c.path || got.Hints[0].Method != c.method {
			t.Errorf("%s %s: %+v", c.method, c.path, got.Hints)
		}
	}
}

// TestImportHints holds the rest of what is said about callbacks: places that
// are references, several of them, and mistakes.
func TestImportHints(t *testing.T) {
	got, f := importText(t, `
openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /hooks:
    post:
      requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {url: {type: string}}}}}}
      responses: {'201': {description: OK}}
      callbacks:
        x-ignored: {}
        a: {$ref: '#/components/callbacks/A'}
        b: {'{$request.body#/url}': {$ref: '#/components/pathItems/B'}}
        missing: {$ref: '#/components/callbacks/None'}
    delete:
      responses: {'204': {description: OK}}
      callbacks: {d: {'{$request.body#/url}': {$ref: '#/components/pathItems/B'}}}
webhooks:
  union: {post: {requestBody: {content: {application/json: {schema: {oneOf: [{$ref: '#/components/schemas/S'}, {type: object, properties: {t: {}}}]}}}}}}
x-webhooks:
  union: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}}}
  text: {x-no: 1, '{$request.body#/url}': {post: {requestBody: {content: {text/plain: {schema: {type: string}}}}}}}
components:
  schemas: {S: {type: object, properties: {s: {}}}, ANotification: {type: string}}
  callbacks: {A: {'{$request.body#/url}': {post: {requestBody: {$ref: '#/components/requestBodies/R'}}, put: {}}}}
  requestBodies: {R: {content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/S'}}}}}}
  pathItems: {B: {post: {requestBody: {content: {application/xml: {}, application/hal+json: {schema: {$ref: '#/components/schemas/S'}}}}}}}
`)
	const field = "/paths/~1hooks/post/parameters/0"
	want := []convert.Hint{
		{Path: "/hooks", Method: "post", Name: "a", Callback: field, Notification: "/definitions/ANotification2"},
		{Path: "/hooks", Method: "post", Name: "a", Callback: field, Unheard: true},
		{Path: "/hooks", Method: "post", Name: "b", Callback: field, Notification: "/definitions/S"},
		{Name: "d", Notification: "/definitions/S"},
		{Name: "union", Notification: "/definitions/UnionNotification"},
		{Name: "union", Notification: "/definitions/S"},
		{Path: "/hooks", Method: "post", Name: "text", Callback: field, Notification: "/definitions/TextNotification"},
	}
	if fmt.Sprint(got.Hints) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got.Hints, want)
	}
	expectValues(t, f, []string{
		`/definitions/ANotification2 {"type":"array","items":{"$ref":"#/definitions/S"}}`,
		`/definitions/UnionNotification {"type":"object","properties":{"s":{},"t":{}}}`, `/definitions/TextNotification {"type":"string"}`, `/x-webhooks`,
	})
	losses := fmt.Sprint(got.Losses)
	for _, part := range []string{"a DELETE registers nothing", `sends by PUT`, `"a" describes no payload`, `the callback "missing" is left out`} {
		if !strings.Contains(losses, part) {
			t.Errorf("no loss says %s:\n%s", part, losses)
		}
	}
}

// TestWebhooks reads x-webhooks of OpenAPI 2.0 documents.
func TestWebhooks(t *testing.T) {
	d := connector.Read(source.Parse("swagger.yaml", []byte(`
swagger: "2.0"
paths:
  /subscriptions:
    post:
      operationId: Subscribe
      parameters: [{name: body, in: body, schema: {type: object, properties: {callbackUrl: {type: string}}}}]
      responses: {'201': {description: OK}}
x-webhooks:
  a: {post: {parameters: [{name: body, in: body, schema: {$ref: '#/definitions/A'}}]}}
  b: {'{$request.body#/callbackUrl}': {post: {parameters: [{name: body, in: body, schema: {type: string}}]}}}
  c: {post: {}}
definitions: {A: {type: object}}
`)))
	const field = "/paths/~1subscriptions/post/parameters/0/schema/properties/callbackUrl"
	want := []convert.Hint{
		{Path: "/subscriptions", Method: "post", Name: "a", Callback: field, Notification: "/definitions/A"},
		{Path: "/subscriptions", Method: "post", Name: "b", Callback: field,
			Notification: "/x-webhooks/b/{$request.body#~1callbackUrl}/post/parameters/0/schema"},
		{Path: "/subscriptions", Method: "post", Name: "c", Callback: field},
	}
	if got := convert.Webhooks(d); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := convert.Webhooks(connector.Read(source.Parse("a.json", []byte("{}")))); got != nil {
		t.Errorf("got %v of an empty document", got)
	}
}
