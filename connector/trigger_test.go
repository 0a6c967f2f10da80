package connector_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
)

// registration is a webhook trigger whose body has the given schema.
func registration(t *testing.T, schema, definitions string) *connector.Trigger {
	t.Helper()
	d := read(t, `
paths:
  /hooks:
    x-ms-notification-content: {schema: {type: object}}
    post:
      operationId: OnOrder
      x-ms-trigger: single
      parameters: [{name: body, in: body, schema: `+schema+`}]
definitions: {`+definitions+`}
`)
	if len(d.Triggers()) != 1 {
		t.Fatalf("%d triggers", len(d.Triggers()))
	}
	return d.Triggers()[0]
}

func TestCallbackFields(t *testing.T) {
	const mark = "x-ms-notification-url: true"
	tests := []struct {
		name, schema, definitions string
		fields                    []string
		pointer                   string // of the first
	}{
		{"inline", `{properties: {url: {` + mark + `}}}`, "", []string{"url"}, "/paths/~1hooks/post/parameters/0/schema/properties/url"},
		{"nested", `{properties: {config: {properties: {url: {` + mark + `}}}}}`, "", []string{"config.url"},
			"/paths/~1hooks/post/parameters/0/schema/properties/config/properties/url"},
		{"body by reference", `{$ref: "#/definitions/Hook"}`, `Hook: {properties: {url: {` + mark + `}}}`, []string{"url"}, "/definitions/Hook/properties/url"},
		{"field by reference", `{properties: {url: {$ref: "#/definitions/URL"}}}`, `URL: {` + mark + `}`, []string{"url"}, "/definitions/URL"},
		{"in allOf", `{allOf: [{$ref: "#/definitions/Hook"}, {properties: {b: {}}}]}`, `Hook: {properties: {url: {` + mark + `}}}`, []string{"url"}, "/definitions/Hook/properties/url"},
		{"array of registrations", `{type: array, items: {properties: {url: {` + mark + `}}}}`, "", []string{"url"},
			"/paths/~1hooks/post/parameters/0/schema/items/properties/url"},
		{"two fields", `{properties: {a: {` + mark + `}, b: {` + mark + `}}}`, "", []string{"a", "b"}, "/paths/~1hooks/post/parameters/0/schema/properties/a"},
		{"one definition for two", `{properties: {a: {$ref: "#/definitions/URL"}, b: {$ref: "#/definitions/URL"}}}`, `URL: {` + mark + `}`, []string{"a", "b"}, "/definitions/URL"},
		{"false", `{properties: {url: {x-ms-notification-url: false}}}`, "", nil, ""},
		{"beside a reference", `{properties: {url: {$ref: "#/definitions/URL", ` + mark + `}}}`, `URL: {type: string}`, nil, ""},
		{"recursive", `{$ref: "#/definitions/A"}`, `A: {properties: {a: {$ref: "#/definitions/A"}, url: {` + mark + `}}}`, []string{"url"}, "/definitions/A/properties/url"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			trigger := registration(t, tt.schema, tt.definitions)
			var fields []string
			for _, c := range trigger.Callbacks {
				fields = append(fields, c.Name())
			}
			if !slices.Equal(fields, tt.fields) || trigger.Callback().Pointer() != tt.pointer {
				t.Errorf("fields %q, first at %q", fields, trigger.Callback().Pointer())
			}
		})
	}
}

// TestUnsubscribe pairs registrations with one of several DELETE operations,
// "!" in front of those that makers can see.
func TestUnsubscribe(t *testing.T) {
	tests := []struct{ name, registration, deletes, want string }{
		{"child", "/hooks", "/hooks/{id} /orders/{id}", "/hooks/{id}"},
		{"child with another name and case", "/Hooks/", "/hooks/{hookId}.json", "/hooks/{hookId}.json"},
		{"same path", "/hooks", "/hooks", "/hooks"},
		{"verb sibling", "/hooks/create", "/hooks/delete /x", "/hooks/delete"},
		{"subscribe and unsubscribe", "/subscribe", "/orders/{id} /unsubscribe/{id}", "/unsubscribe/{id}"},
		{"shared by many", "/hooks/ticket/created", "/hooks/{id} /tickets/{id}", "/hooks/{id}"},
		{"same noun", "/forms/{id}/webhook", "/webhook/{id} /forms/{id}", "/webhook/{id}"},
		{"the only internal one", "/orders/events", "/cleanup/{id}", "/cleanup/{id}"},
		{"visible, and close", "/hooks", "!/hooks/{id}", "!/hooks/{id}"},
		{"visible, and something else", "/hooks", "!/orders/{id}", ""},
		{"internal before visible", "/hooks", "!/hooks/all /unsubscribe/{id}", "/unsubscribe/{id}"},
		{"none", "/hooks", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := "paths:\n  " + tt.registration + ":\n    x-ms-notification-content: {}\n    post: {operationId: OnX, x-ms-trigger: single}\n"
			for path := range strings.FieldsSeq(tt.deletes) {
				visibility := ", x-ms-visibility: internal"
				if strings.HasPrefix(path, "!") {
					visibility = ""
				}
				item := "  " + strings.TrimPrefix(path, "!") + ":\n"
				if strings.TrimPrefix(path, "!") == tt.registration {
					item = ""
				}
				text += item + "    delete: {operationId: Remove" + visibility + "}\n"
			}
			got := ""
			if u := read(t, text).Triggers()[0].Unsubscribe; u != nil {
				if got = u.Path; !u.IsInternal() {
					got = "!" + got
				}
			}
			if got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDeliveries(t *testing.T) {
	d := read(t, `
paths:
  /webhook:
    x-ms-notification-content: {}
    post: {operationId: Webhook, x-ms-trigger: single}
    get: {operationId: PollBeside, x-ms-trigger: batch}
  /wait:
    post: {operationId: Wait, parameters: [{in: body, name: b, schema: {properties: {u: {x-ms-notification-url: true}}}}]}
  /poll:
    get: {operationId: Poll, x-ms-trigger: batch}
    post: {operationId: PollByPost, x-ms-trigger: batch}
  /marked:
    post: {operationId: Marked, x-ms-trigger: single, parameters: [{in: query, name: u, x-ms-notification-url: true}]}
  /shared:
    parameters: [{in: body, name: b, schema: {properties: {u: {x-ms-notification-url: true}}}}]
    delete: {operationId: NoTrigger}
  /action:
    get: {operationId: Action}
  /bare:
    post: {operationId: Unmarked, x-ms-trigger: single, parameters: [{in: body, name: b, schema: {properties: {url: {type: string}}}}]}
  /bare/{id}:
    delete: {operationId: RemoveUnmarked, x-ms-visibility: internal}
  /bare/created:
    post: {operationId: UnmarkedBut201, x-ms-trigger: single, parameters: [{in: body, name: b, schema: {properties: {url: {type: string}}}}], responses: {201: {}}}
  /bare/posted:
    post: {operationId: PollWithURL, x-ms-trigger: single, parameters: [{in: body, name: b, schema: {properties: {url: {type: string}}}}], responses: {200: {}}}
  /bare/many:
    post: {operationId: PollMany, x-ms-trigger: batch, parameters: [{in: body, name: b, schema: {properties: {url: {type: string}}}}], responses: {201: {}}}
`)
	var got []string
	for _, trigger := range d.Triggers() {
		got = append(got, trigger.Operation.ID+" "+trigger.Delivery.String())
	}
	want := []string{"Webhook webhook", "PollBeside polling", "Wait webhook-action", "Poll polling", "PollByPost polling", "Marked webhook",
		"Unmarked webhook", "UnmarkedBut201 webhook", "PollWithURL polling", "PollMany polling"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
