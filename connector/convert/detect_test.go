package convert_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// operation makes the JSON of an operation of what a line says behind its path:
// the operationId, properties of the body with dots between levels, ?query and
// &form parameters, status codes, and last "# summary".
func operation(line string) map[string]any {
	line, summary, _ := strings.Cut(line, " # ")
	words := strings.Fields(line)
	o := map[string]any{"operationId": words[0], "summary": summary}
	responses, body, parameters := map[string]any{}, map[string]any{}, []any{}
	for _, w := range words[1:] {
		switch {
		case strings.Trim(w, "0123456789") == "":
			responses[w] = map[string]any{"description": "answered"}
		case w[0] == '?':
			parameters = append(parameters, map[string]any{"name": w[1:], "in": "query", "type": "string"})
		case w[0] == '&':
			parameters = append(parameters, map[string]any{"name": w[1:], "in": "formData", "type": "string"})
		default:
			addProperty(body, strings.Split(w, "."))
		}
	}
	if len(body) > 0 {
		parameters = append(parameters, map[string]any{"name": "body", "in": "body", "schema": body})
	}
	o["responses"], o["parameters"] = responses, parameters
	return o
}

func addProperty(schema map[string]any, names []string) {
	if len(names) == 0 {
		schema["type"] = "string"
		return
	}
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		schema["type"], properties = "object", map[string]any{}
		schema["properties"] = properties
	}
	inner := map[string]any{}
	properties[names[0]] = inner
	addProperty(inner, names[1:])
}

// document makes a definition of lines such as "POST /hooks createHook url 201".
func document(t *testing.T, lines ...string) *connector.Definition {
	t.Helper()
	paths := map[string]any{}
	for _, line := range lines {
		method, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		path, rest, ok := strings.Cut(rest, " ")
		if !ok {
			t.Fatalf("no operationId in %q", line)
		}
		item, ok := paths[path].(map[string]any)
		if !ok {
			item = map[string]any{}
			paths[path] = item
		}
		item[strings.ToLower(method)] = operation(rest)
	}
	return definition(t, map[string]any{"swagger": "2.0", "paths": paths})
}

func definition(t *testing.T, tree any) *connector.Definition {
	t.Helper()
	data, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return connector.Read(source.Parse("apiDefinition.swagger.json", data))
}

// describe writes candidates in one line each, without their reasons.
func describe(candidates []convert.Candidate) []string {
	var lines []string
	for _, c := range candidates {
		line := fmt.Sprintf("%s %s %s", c.Confidence, c.As, c.Operation.ID)
		if name := c.Callback.Name(); name != "" {
			line += " " + name
		} else if p := c.Callback.Node; p.Exists() {
			in, _ := p.Get("in").Str()
			name, _ := p.Get("name").Str()
			line += " " + in + ":" + name
		}
		if c.Unsubscribe != nil {
			line += ", DELETE " + c.Unsubscribe.Path
		}
		lines = append(lines, line)
	}
	return lines
}

func expect(t *testing.T, candidates []convert.Candidate, want ...string) {
	t.Helper()
	if got := describe(candidates); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestCandidates has a case per rule and exclusion; a document has an operation
// per line.
// candidateCase is a document, and the only candidate in it, "" if there is none.
type candidateCase struct{ name, doc, want string }

func TestCandidates(t *testing.T) {
	for _, c := range []candidateCase{
		// Rule 8: a name, a field, and a DELETE or a 201.
		{"DELETE", "POST /hooks create url\nDELETE /hooks/{id} end", "sure webhook create url, DELETE /hooks/{id}"},
		{"201", "POST /hooks create url 201", "sure webhook create url"},
		// Rule 5: a name and a field.
		{"rule 5", "POST /hooks create url 200", "likely webhook create url"},
		{"subscription", "POST /subscriptions create callbackUrl", "likely webhook create callbackUrl"},
		{"hub", "POST /hub create callback", "likely webhook create callback"},
		{"not a hub", "POST /github create url", ""},
		{"register", "POST /register-order add targetUrl", "likely webhook add targetUrl"},
		{"id", "POST /orders/created SubscribeToOrders url", "likely webhook SubscribeToOrders url"},
		{"id with On", "POST /orders OnOrderCreated url", "likely webhook OnOrderCreated url"},
		{"id with Online", "POST /orders OnlineOrder url", ""},
		{"id with a group", "POST /orders Orders_WhenCreated url", "likely webhook Orders_WhenCreated url"},
		{"registering people", "POST /users RegisterUser url", ""},
		{"name of a parameter", "POST /orders/{hookId} create url", ""},
		{"no field", "POST /hooks create name", ""},
		{"GET", "GET /hooks list ?webhookUrl", ""},
		{"message to people", "POST /notifications create url 201", "possible webhook create url"},
		{"notification of programs", "POST /notifications create notifyUrl 201", "sure webhook create notifyUrl"},
		{"deep field", "POST /hooks create channel.config.uri 201", "possible webhook create channel.config.uri"},
		{"vague field", "POST /hooks create destination 201", "possible webhook create destination"},
		{"vague field elsewhere", "POST /orders create destination 201", ""},
		// A service's own receivers.
		{"handler", "POST /webhooks/github handleGithubWebhook hook.url 201", "possible webhook handleGithubWebhook hook.url"},
		{"receiver", "POST /webhooks/stripe stripeWebhook url # Receive a Stripe webhook", "possible webhook stripeWebhook url"},
		{"no receiver", "POST /webhooks receiveMessages callbackUrl 201", "sure webhook receiveMessages callbackUrl"},
		// Rule 6: PUT and PATCH.
		{"PUT", "PUT /webhook set url 201", "possible webhook set url"},
		{"PATCH", "PATCH /settings/callback set callbackUrl", "possible webhook set callbackUrl"},
		{"PUT without a name", "PUT /settings set callbackUrl", ""},
		{"PUT on an item", "PUT /hooks/{id} replace url\nPOST /hooks create name", ""},
		// Rule 9: a strong field and a DELETE, but no name.
		{"resource", "POST /packages create callbackUrl\nDELETE /packages/{id} end", "possible webhook create callbackUrl, DELETE /packages/{id}"},
		{"resource with a URL", "POST /packages create url\nDELETE /packages/{id} end", ""},
		{"DELETE of another registration", "POST /invoices/hooks create name\nPOST /orders/hooks createOrder url 201\nDELETE /invoices/hooks/{id} end",
			"sure webhook createOrder url"},
		{"DELETE of others", "POST /packages create callbackUrl\nDELETE /hooks/{id} end", "possible webhook-action create callbackUrl"},
		// Actions that wait.
		{"per call", "POST /payments pay callbackUrl", "possible webhook-action pay callbackUrl"},
		{"webhook of one call", "POST /payments pay webhook.url", "possible webhook-action pay webhook.url"},
		{"URL of a message", "POST /messages post notification.url", ""},
		{"no callback", "POST /copies copy destinationUrl", ""},
		{"wait", "POST /hooks/ask create url 201 # Ask and wait", "possible webhook-action create url"},
		{"wait in the id", "POST /cards PostCardAndWait callbackUrl", "possible webhook-action PostCardAndWait callbackUrl"},
		{"event", "POST /hooks/answers create url # When a response from a user comes", "likely webhook create url"},
		// Parameters cannot be marked.
		{"query", "POST /hooks create ?callbackUrl 201", "possible webhook create query:callbackUrl"},
		{"form", "POST /hooks create &url 201", "possible webhook create formData:url"},
		{"body before query", "POST /hooks create ?callbackUrl url", "likely webhook create url"},
		{"JSONP", "POST /hooks create ?callback", ""},
		{"common query", "POST /hooks create ?hookUrl\nGET /a a ?hookUrl\nGET /b b ?hookUrl", ""},
	} {
		t.Run(c.name, func(t *testing.T) { expectCandidate(t, c) })
	}
}

// TestExcludedByName: names that stand for something else than a registration,
// and some that only seem to.
func TestExcludedByName(t *testing.T) {
	const update = "POST /hooks/{id} changeHook url" // on an item
	for _, c := range []candidateCase{
		// Exclusions by name.
		{"verb of the id", "POST /webhook updateWebhook url", ""},
		{"verb behind a group", "POST /webhook Webhooks_Update url", ""},
		{"verb at the end", "POST /webhook webhook-test url", ""},
		{"verb before a version", "POST /webhook webhookUpdate_V2 url", ""},
		{"verb of the summary", "POST /webhook change url # Delete a webhook", ""},
		{"unsubscribe", "POST /unsubscribe stop url", ""},
		{"unregister", "POST /unregister stop callbackUrl", ""},
		{"test", "POST /hooks/test try url", ""},
		{"tests", "POST /hooks/{id}/tests try url", ""},
		{"fire", "POST /sandbox/fire_webhook try webhook", ""},
		{"colon verb", "POST /hooks:validate check url", ""},
		{"item", "POST /hooks create name\n" + update, ""},
		{"item without a collection", update, "likely webhook changeHook url"},
		{"part", "POST /hooks/{id}/headers add url\nPOST /hooks create name", ""},
		{"hook below a trigger", "POST /triggers/{id}/hooks add url\nPOST /triggers create name", "likely webhook add url"},
		// A verb that is an event.
		{"event behind the subject", "POST /subscribe/updateItem UpdateItem url", "likely webhook UpdateItem url"},
		{"event in the past", "POST /webhooks/ItemDeleted DeleteItem url", "likely webhook DeleteItem url"},
		{"event with a DELETE", "POST /items/hooks/update UpdateItemHook url\nDELETE /hooks/{id} end", "sure webhook UpdateItemHook url, DELETE /hooks/{id}"},
		{"update by POST", "POST /items/hooks/update UpdateItemHook url", ""},
		{"verb with its subject", "POST /hooks/v3/DeleteWebHook DeleteWebHook url", ""},
		{"TriggerOn", "POST /feeds/deleted TriggerOnDelete url", "likely webhook TriggerOnDelete url"},
		{"name of a trigger", "POST /hooks ListItemTrigger url", "likely webhook ListItemTrigger url"},
	} {
		t.Run(c.name, func(t *testing.T) { expectCandidate(t, c) })
	}
}

func expectCandidate(t *testing.T, c candidateCase) {
	t.Helper()
	var want []string
	if c.want != "" {
		want = []string{c.want}
	}
	expect(t, convert.Candidates(document(t, strings.Split(c.doc, "\n")...), nil), want...)
}

func TestCandidateFieldNames(t *testing.T) {
	for _, c := range []struct{ fields, want string }{
		{"url", "url"},
		{"callback_url", "callback_url"},
		{"Callback-URL", "Callback-URL"},
		{"notifyURL", "notifyURL"},
		{"urlToPublishTo", "urlToPublishTo"},
		{"callbackReference", "callbackReference"},
		{"powerAutomateUrl", "powerAutomateUrl"},
		{"sink", "sink"},
		{"target", "target"},
		{"address", "address"},
		{"config.url", "config.url"},
		{"data.attributes.callback_url", "data.attributes.callback_url"},
		{"notification.endpoint.uri", "notification.endpoint.uri"},
		{"sinkUrl", "sinkUrl"},
		{"a.b.c.callbackUrl", ""},
		{"endpoint keys.auth", ""}, // of a browser
		{"redirectCallbackUrl", ""},
		{"a.url callbackUrl", "callbackUrl"},
		{"aUrl.url callbackUrl url", "callbackUrl"},
		{"target webhook.url", "webhook.url"},
		{"targetUrl notificationUrl", "notificationUrl"},
		{"logo name", ""},
	} {
		t.Run(c.fields, func(t *testing.T) {
			candidates := convert.Candidates(document(t, "POST /hooks create "+c.fields), nil)
			if c.want == "" {
				expect(t, candidates)
				return
			}
			expect(t, candidates, "likely webhook create "+c.want)
		})
	}
}

// registrationOf makes a definition with a POST /hooks that takes a body.
func registrationOf(t *testing.T, schema string, definitions string) *connector.Definition {
	t.Helper()
	return definition(t, json.RawMessage(`{"swagger": "2.0", "paths": {"/hooks": {"post": {"operationId": "create",
		"parameters": [{"name": "body", "in": "body", "schema": `+schema+`}]}}}, "definitions": {`+definitions+`}}`))
}

func TestCandidateFieldPlaces(t *testing.T) {
	const hook = `"Hook": {"properties": {"url": {"$ref": "#/definitions/Address"}}}, "Address": {"type": "string"}`
	for _, c := range []struct{ name, schema, definitions, want, node string }{
		{"reference", `{"$ref": "#/definitions/Hook"}`, hook, "url", "/definitions/Hook/properties/url"},
		{"allOf", `{"allOf": [{"type": "object"}, {"$ref": "#/definitions/Hook"}]}`, hook, "url", "/definitions/Hook/properties/url"},
		{"list", `{"type": "array", "items": {"$ref": "#/definitions/Hook"}}`, hook, "url", "/definitions/Hook/properties/url"},
		{"no type", `{"properties": {"url": {}}}`, ``, "url", "/paths/~1hooks/post/parameters/0/schema/properties/url"},
		{"read-only", `{"properties": {"url": {"type": "string", "readOnly": true}}}`, ``, "", ""},
		{"number", `{"properties": {"url": {"type": "integer"}}}`, ``, "", ""},
		{"choice", `{"properties": {"url": {"type": "string", "enum": ["a"]}}}`, ``, "", ""},
		{"object", `{"properties": {"callback": {"type": "object"}, "url": {"type": "string"}}}`, ``, "url",
			"/paths/~1hooks/post/parameters/0/schema/properties/url"},
		{"recursive", `{"$ref": "#/definitions/A"}`, `"A": {"properties": {"a": {"$ref": "#/definitions/A"}, "url": {"type": "string"}}}`,
			"url", "/definitions/A/properties/url"},
		{"list below a deep property", `{"properties": {"a": {"properties": {"b": {"properties": {"c": {"properties": {"d": {}}}}}}},
			"list": {"type": "array", "items": {"type": "array", "items": {"properties": {"hookUrl": {"type": "string"}}}}}}}`, ``, "list.hookUrl",
			"/paths/~1hooks/post/parameters/0/schema/properties/list/items/items/properties/hookUrl"},
	} {
		t.Run(c.name, func(t *testing.T) {
			candidates := convert.Candidates(registrationOf(t, c.schema, c.definitions), nil)
			if c.want == "" {
				expect(t, candidates)
				return
			}
			expect(t, candidates, "likely webhook create "+c.want)
			f := candidates[0].Callback
			if got := f.Node.Pointer(); got != c.node {
				t.Errorf("the field is at %s, want %s", got, c.node)
			}
			if last := f.Path[len(f.Path)-1]; last.Property.Node != f.Node || !f.Body.Node.Exists() {
				t.Error("the path does not lead from the body to the field")
			}
		})
	}
}

// TestCandidatesAreNotMarked makes sure that what is converted is left alone.
func TestCandidatesAreNotMarked(t *testing.T) {
	for _, extension := range []string{
		`{"operationId": "create", "x-ms-trigger": "single", "parameters": [{"in": "body", "name": "b", "schema": {"properties": {"url": {"type": "string"}}}}]}`,
		`{"operationId": "create", "parameters": [{"in": "body", "name": "b", "schema": {"properties": {"url": {"type": "string", "x-ms-notification-url": true}}}}]}`,
	} {
		expect(t, convert.Candidates(definition(t, json.RawMessage(`{"paths": {"/hooks": {"post": `+extension+`}}}`)), nil))
	}
	expect(t, convert.Candidates(connector.Read(nil), nil))
	expect(t, convert.Candidates(definition(t, json.RawMessage(`[]`)), []convert.Hint{{Name: "event", Notification: "/x"}}))
}

// TestCandidateDescription finds a field by what is said of it.
func TestCandidateDescription(t *testing.T) {
	for description, want := range map[string]string{
		"URL the webhook will POST to":    "possible webhook create where",
		"The URI that events are sent to": "possible webhook create where",
		"Where the parcel is sent to":     "",
		"URL of the logo":                 "",
	} {
		d := definition(t, json.RawMessage(`{"swagger": "2.0", "paths": {"/hooks": {"post": {"operationId": "create", "parameters": [
			{"name": "body", "in": "body", "schema": {"properties": {"where": {"type": "string", "description": "`+description+`"}}}}]}}}}`))
		if want == "" {
			expect(t, convert.Candidates(d, nil))
		} else {
			expect(t, convert.Candidates(d, nil), want)
		}
	}
}

func TestCandidateUnsubscribe(t *testing.T) {
	for _, c := range []struct{ registration, removal, other string }{
		{"/hooks", "/hooks/{id}", "/hooks"},
		{"/hooks.json", "/hooks/{id}.json", "/items/{id}"},
		{"/hooks", "/hooks", "/items/{id}"},
		{"/hooks/create", "/hooks/delete", "/unsubscribe"},
		{"/subscribe", "/unsubscribe/{id}", "/items/{id}"},
		{"/hooks/item/created", "/hooks/{id}", "/items/{id}"},
		{"/forms/{id}/webhook", "/webhook/{id}", "/forms/{id}"},
		{"/a/hooks", "/a/unsubscribe", "/b/unsubscribe"},
		{"/hooks", "", "/items/{id}"},
	} {
		t.Run(c.registration, func(t *testing.T) {
			lines := []string{"POST " + c.registration + " create url", "DELETE " + c.other + " other"}
			want := "likely webhook create url"
			if c.removal != "" {
				lines = append(lines, "DELETE "+c.removal+" end")
				want = "sure webhook create url, DELETE " + c.removal
			}
			expect(t, convert.Candidates(document(t, lines...), nil), want)
		})
	}
}

func TestCandidateHints(t *testing.T) {
	const field = "/parameters/0/schema/properties/where"
	for _, c := range []struct{ name, doc, hint, want string }{
		{"named field of a registration", "POST /hooks create where", "POST /hooks " + field, "sure webhook create where"},
		{"name only", "POST /hooks create url", "POST /hooks -", "likely webhook create url"},
		{"no field", "POST /hooks create name", "POST /hooks -", "possible webhook create"},
		{"resource with a DELETE", "POST /sessions create where\nDELETE /sessions/{id} end", "POST /sessions " + field,
			"likely webhook create where, DELETE /sessions/{id}"},
		{"per call", "POST /payments pay where", "POST /payments " + field, "possible webhook-action pay where"},
		{"per call by the document", "POST /hooks create where 201", "POST /hooks " + field + " once", "possible webhook-action create where"},
		{"test", "POST /hooks/test try where", "POST /hooks/test " + field, "possible webhook try where"},
		{"query", "POST /streams open ?there", "POST /streams /parameters/0", "possible webhook-action open query:there"},
		{"GET", "GET /streams open ?callback", "GET /streams /parameters/0", "possible webhook-action open query:callback"},
		{"DELETE by mistake", "DELETE /hooks/{id} end ?callbackUrl", "DELETE /hooks/{id} /parameters/0", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := document(t, strings.Split(c.doc, "\n")...)
			hint := strings.Fields(c.hint)
			h := convert.Hint{Method: strings.ToLower(hint[0]), Path: hint[1], Name: "onEvent", PerCall: len(hint) > 3}
			if hint[2] != "-" {
				h.Callback = "/paths/" + source.EscapePointer(h.Path) + "/" + h.Method + hint[2]
			}
			var want []string
			if c.want != "" {
				want = []string{c.want}
			}
			expect(t, convert.Candidates(d, []convert.Hint{h}), want...)
		})
	}
}

func TestCandidateReasons(t *testing.T) {
	hint := convert.Hint{Path: "/payments", Method: "post", Name: "onPaid", PerCall: true}
	for _, c := range []struct {
		doc  string
		want string
	}{
		{"POST /hooks create config.url 201\nDELETE /hooks/{id} end",
			"the path speaks of hooks; body field config.url takes a URL; DELETE /hooks/{id} removes it; answers 201"},
		{"PUT /settings OnItem url", "the operationId starts with On; body field url takes a URL; a PUT may replace an earlier registration"},
		{"POST /hooks create ?hookUrl", "the path speaks of hooks; query parameter hookUrl takes a URL, but only a body field can be marked"},
		{"POST /cards SendCardAndWait callbackUrl",
			"neither path nor operationId speaks of a subscription; its name says that it does something else; body field callbackUrl takes a URL; it speaks of waiting for an answer"},
		{"POST /payments pay name", "neither path nor operationId speaks of a subscription; the document declares the callback onPaid, for one call; " +
			"the callback's expression names no field of the request; no field can be told that takes a URL"},
	} {
		candidates := convert.Candidates(document(t, strings.Split(c.doc, "\n")...), []convert.Hint{hint})
		got := ""
		if len(candidates) > 0 {
			got = strings.Join(candidates[0].Reasons, "; ")
		}
		if got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.doc, got, c.want)
		}
	}
}

func TestCandidateNotification(t *testing.T) {
	hub := []string{"POST /hub create callback", "DELETE /hub/{id} end"}
	item := func(path, id string) string { return "POST " + path + " " + id + " itemName" }
	body := func(path string) string {
		return "/paths/" + source.EscapePointer(path) + "/post/parameters/0/schema"
	}
	for _, c := range []struct {
		name         string
		doc          []string
		hints        []convert.Hint
		want, reason string
	}{
		{"listener", append(hub, item("/listener/itemCreated", "listenToItemCreated")), nil,
			body("/listener/itemCreated"), "POST /listener/itemCreated tells what is sent"},
		{"listeners", append(hub, item("/listener/a", "listenToA"), item("/listener/b", "listenToB")), nil,
			"", "2 payloads would fit, such as that of POST /listener/a"},
		{"pseudo-path", append(hub, "POST /uri_provided_by_subscriber notify callbackUrl itemName"), nil,
			body("/uri_provided_by_subscriber"), "POST /uri_provided_by_subscriber tells what is sent"},
		{"expression", append(hub, item("/{callbackUrl}/data", "notify")), nil,
			body("/{callbackUrl}/data"), "POST /{callbackUrl}/data tells what is sent"},
		{"example", append(hub, item("/hub/example", "show")+" # Used to post back events", item("/example", "show2")+" # Used to post back others"), nil,
			body("/hub/example"), "POST /hub/example tells what is sent"},
		{"callback", append(hub, item("/x", "x")), []convert.Hint{{Path: "/hub", Method: "post", Name: "onItem", Notification: body("/x")}},
			body("/x"), "the declared onItem tells what is sent"},
		{"webhook", append(hub, item("/x", "x")), []convert.Hint{{Name: "itemCreated", Notification: body("/x")}},
			body("/x"), "the declared itemCreated tells what is sent"},
		{"nothing", hub, nil, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			candidates := convert.Candidates(document(t, c.doc...), c.hints)
			if len(candidates) != 1 || candidates[0].Operation.Path != "/hub" {
				t.Fatalf("got %q, want the hub", describe(candidates))
			}
			got := candidates[0]
			if p := got.Notification.Pointer(); p != c.want {
				t.Errorf("the payload is at %q, want %q", p, c.want)
			}
			if last := got.Reasons[len(got.Reasons)-1]; c.reason != "" && last != c.reason {
				t.Errorf("got the reason %q, want %q", last, c.reason)
			}
		})
	}
}
