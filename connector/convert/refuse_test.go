package convert_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// TestRefuse asks for what cannot be done.
func TestRefuse(t *testing.T) {
	const hook = `{"operationId": "CreateHook", "parameters": [
		{"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Hook"}}, {"name": "callbackUrl", "in": "query", "type": "string"}
	]}`
	const definitions = `{"Hook": {"type": "object", "properties": {
		"url": {"type": "string"}, "size": {"type": "integer"}, "lost": {"$ref": "#/definitions/Lost"},
		"a": {"type": "object", "properties": {"target": {"type": "string"}}}, "b": {"type": "object", "properties": {"target": {"type": "string"}}},
		"list": {"type": "array", "items": {"type": "object", "properties": {"hook": {"type": "string"}}}}
	}}}`
	const trigger = `{"operationId": "OnOrder", "x-ms-trigger": "single", "parameters": [{"name": "body", "in": "body", "schema": {
		"properties": {"hookUrl": {"type": "string", "x-ms-notification-url": true}, "other": {"type": "string"}}}}]}`
	document := `{"swagger": "2.0", "paths": {
		"/hooks": {"post": ` + hook + `, "get": {"operationId": "ListHooks", "responses": {}}, "delete": {"operationId": "DeleteHooks", "responses": {}}},
		"/polls": {"get": {"x-ms-trigger": "batch", "operationId": "OnPoll", "responses": {}}},
		"/unnamed": {"get": {"responses": {}}, "post": {"responses": {}}},
		"/orders": {"post": ` + trigger + `, "put": ` + strings.Replace(hook, "CreateHook", "ReplaceHook", 1) + `}
	}, "definitions": ` + definitions + `}`

	for _, c := range []struct{ asked, want string }{
		{"get /hooks", "convert ListHooks: it is a GET, which has no body for the callback URL: a GET can become a polling trigger"},
		{"delete /hooks", "convert DeleteHooks: it is a DELETE, and a registration is a POST with the callback URL in its body"},
		{"post /hooks polling", "convert CreateHook: it is a POST, and polling reads by GET"},
		{"get /unnamed polling", "convert GET /unnamed: it has no operationId, by which the polling policy could name it"},
		{"get /hooks polling callback=since", `convert ListHooks: it has no query parameter "since" to filter by`},
		{"get /polls", "convert OnPoll: it is a polling trigger already"},
		{"post /unnamed", "convert POST /unnamed: it has no body that could take the callback URL"},
		{"post /hooks", `convert CreateHook: nothing tells which field of its body takes the callback URL: name one, such as "url", "a.target", "b.target"`},
		{"post /hooks callback=uri", `convert CreateHook: its body has no field "uri": name one, such as "url", "a.target", "b.target"`},
		{"post /hooks callback=/definitions/Hook", `convert CreateHook: its body has no field "/definitions/Hook": name one, such as "url", "a.target", "b.target"`},
		{"post /hooks callback=target", `convert CreateHook: its body has several fields "target": name one by its path, as in "a.target"`},
		{"post /hooks callback=size", `convert CreateHook: the callback field "size" is of type integer, and a URL is a string`},
		{"post /hooks callback=lost", `convert CreateHook: the callback field "lost" is a reference that leads nowhere`},
		{"post /hooks callback=list.hook", `convert CreateHook: the callback field "list.hook" is inside an array, where the platform puts no URL`},
		{"post /hooks callback=callbackUrl", `convert CreateHook: the callback URL is to go into the query parameter "callbackUrl": the platform fills in a property of the body only`},
		{"post /hooks callback=url notification=/definitions/Lost", `convert CreateHook: there is no schema at "/definitions/Lost" for the notification`},
		{"post /hooks callback=url unsubscribe=Nothing", `convert CreateHook: there is no operation "Nothing" to unsubscribe with`},
		{"post /hooks callback=url unsubscribe=ListHooks", `convert CreateHook: "ListHooks" is a GET, and the platform unsubscribes by DELETE`},
		{"post /hooks callback=url path=hooks", `convert CreateHook: the path "hooks" to unsubscribe with does not start with a slash`},
		{"post /hooks callback=url path=/hooks/{a", `convert CreateHook: the path "/hooks/{a" to unsubscribe with has a brace that does not close`},
		{"post /hooks callback=url path=/hooks/{}", `convert CreateHook: the path "/hooks/{}" to unsubscribe with has braces that hold no name`},
		{"post /hooks callback=url path=/{a/b}", `convert CreateHook: the path "/{a/b}" to unsubscribe with has braces that hold no name`},
		{"post /hooks callback=url path=/hooks/{id}?a=b", `convert CreateHook: the path "/hooks/{id}?a=b" to unsubscribe with has a '?', and a path of OpenAPI has no query and no blanks`},
		{"post /hooks callback=url notification=/paths/~1unnamed/get", `convert CreateHook: there is no schema at "/paths/~1unnamed/get" for the notification: this is of the kind "operation"`},
		{"post /hooks callback=url path=/hooks unsubscribe=DeleteHooks", "convert CreateHook: both an operation that unsubscribes and the path of one to be written are given"},
		{"post /hooks callback=url rename=ListHooks", `convert CreateHook: another operation is called "ListHooks"`},
		{"put /orders callback=url", `convert ReplaceHook: path "/orders" belongs to the webhook "OnOrder" too, and a path describes one kind of notification: give each a path of its own`},
		{"post /orders callback=hookUrl", "convert OnOrder: it is a webhook already, but not quite right: connectorctl lint says what is wrong with it"},
		{"post /orders callback=hookUrl action", "convert OnOrder: it is a webhook trigger already"},
		{"post /orders callback=other", `convert OnOrder: field "hookUrl" is marked as the callback URL already`},
		{"post /hooks callback=url\nconvert post /hooks callback=url", "convert CreateHook: it is to be converted twice"},
	} {
		in := connector.New("case", source.Parse("a.json", []byte(document)), nil)
		plan, err := convert.ToTriggers(in, requests(t, in, []byte("convert "+c.asked), nil))
		if err == nil || err.Error() != c.want || plan != nil {
			t.Errorf("%s: got %v, want %s", c.asked, err, c.want)
		}
	}
}

func TestRefuseDocument(t *testing.T) {
	openapi := connector.New("case", source.Parse("a.json", []byte(`{"openapi": "3.0.0"}`)), nil)
	if _, err := convert.ToTriggers(openapi, nil); err == nil || err.Error() != "a.json is not OpenAPI 2.0: import it first" {
		t.Errorf("got %v", err)
	}
	if _, err := convert.ToTriggers(connector.New("case", nil, nil), nil); err == nil || err.Error() != "there is no definition to convert" {
		t.Errorf("got %v", err)
	}
	empty := connector.New("case", source.Parse("a.json", []byte(`{"swagger": "2.0"}`)), nil)
	if _, err := convert.ToTrigger(empty, convert.Request{}); err == nil || err.Error() != "a request names no operation" {
		t.Errorf("got %v", err)
	}
}

// TestAlreadyRight converts what needs no conversion.
func TestAlreadyRight(t *testing.T) {
	for _, folder := range []string{"well-made", "well-made-yaml"} {
		units, err := connector.Find([]string{"../../testdata/connectors/" + folder})
		if err != nil {
			t.Fatal(err)
		}
		c, err := connector.Load(units[0])
		if err != nil {
			t.Fatal(err)
		}
		var rs []convert.Request
		for _, trigger := range c.Definition.Triggers() {
			rs = append(rs, convert.Request{Candidate: convert.Candidate{Operation: trigger.Operation, Unsubscribe: trigger.Unsubscribe}, As: trigger.Delivery})
		}
		plan, err := convert.ToTriggers(c, rs)
		if err != nil || len(rs) != 3 || len(plan.Edits)+len(plan.Properties)+len(plan.Steps) > 0 {
			t.Errorf("%s: %d triggers, %v, %v", folder, len(rs), plan, err)
		}
	}
}

// TestCandidate lets the candidate decide, and makes a trigger of an action that
// has its marks already.
func TestCandidate(t *testing.T) {
	c := connector.New("case", source.Parse("a.json", []byte(`{"swagger": "2.0", "paths": {
		"/hooks": {"post": {"operationId": "AskAndWait", "summary": "When an answer is sent", "parameters": [{"name": "body", "in": "body", "required": true, "schema": {
			"type": "object", "required": ["url"], "properties": {"url": {"type": "string", "x-ms-notification-url": true, "x-ms-visibility": "internal"}}}}]}},
		"/hooks/{id}": {"delete": {"operationId": "Forget", "responses": {}}},
		"/sent": {"post": {"operationId": "Sent", "parameters": [{"name": "body", "in": "body", "schema": {"type": "object", "properties": {"answer": {"type": "string"}}}}]}}
	}}`)), nil)
	operations := c.Definition.Operations()
	plan, err := convert.ToTrigger(c, convert.Request{Candidate: convert.Candidate{
		Operation: operations[0], As: connector.Webhook, Notification: operations[2].Body().Schema().Node, Unsubscribe: operations[1],
	}})
	if err != nil {
		t.Fatal(err)
	}
	after := applied(t, c, plan).Definition.Triggers()[0]
	if after.Delivery != connector.Webhook || !after.Unsubscribe.IsInternal() || !after.Notification.Property("answer").Exists() {
		t.Errorf("got %v, %s", after, stepList(plan))
	}
	if slices.ContainsFunc(plan.Steps, func(s convert.Step) bool { return s.Warning }) {
		t.Errorf("there are warnings:\n%s", stepList(plan))
	}
}
