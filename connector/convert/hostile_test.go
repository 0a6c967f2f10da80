package convert_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// hostile writes a definition with one registration, POST /hooks, that has the
// given schema for its body, and with another operation that uses A.
func hostile(schema, definitions string) string {
	return `{"swagger": "2.0", "paths": {
		"/hooks": {"post": {"operationId": "CreateHook", "parameters": [{"name": "b", "in": "body", "schema": ` + schema + `}], "responses": {"201": {"description": "OK"}}}},
		"/other": {"put": {"operationId": "Other", "parameters": [{"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A"}}], "responses": {}}}
	}, "definitions": {` + definitions + `}}`
}

// TestHostileDefinitions asks for the conversion of documents that loop, grow or
// lead away. Each must end in a result, or in one clear error; and no document
// of 2.0 makes anything be read, for there is nothing to read with.
func TestHostileDefinitions(t *testing.T) {
	toA := `{"$ref": "#/definitions/A"}`
	var diamond, chain strings.Builder
	for i := range 40 {
		fmt.Fprintf(&diamond, `"J%d": {"allOf": [%s]}, `, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`{"$ref": "#/definitions/J%d"},`, i+1), 10), ","))
	}
	for i := range 100 {
		fmt.Fprintf(&chain, `"C%d": {"allOf": [{"$ref": "#/definitions/C%d"}]}, `, i, i+1)
	}
	url := `{"type": "object", "properties": {"url": {"type": "string"}}}`
	for _, c := range []struct{ name, text, want string }{
		{"recursive schema", hostile(toA, `"A": {"type": "object", "properties": {"a": {"$ref": "#/definitions/A"}, "url": {"type": "string"}}}`), ""},
		{"recursive allOf", hostile(toA, `"A": {"allOf": [{"$ref": "#/definitions/A"}, {"$ref": "#/definitions/B"}]}, "B": {"allOf": [{"$ref": "#/definitions/A"}, `+url+`]}`), ""},
		{"loop of references", hostile(toA, `"A": {"$ref": "#/definitions/B"}, "B": {"$ref": "#/definitions/A"}`), `its body has no field "url"`},
		{"reference to itself", hostile(toA, `"A": {"$ref": "#/definitions/A"}`), `its body has no field "url"`},
		{"reference to the document", hostile(`{"$ref": "#"}`, ``), `its body has no field "url"`},
		{"parent folder", hostile(`{"$ref": "../../secret.json#/A"}`, ``), `its body has no field "url"`},
		{"remote", hostile(`{"$ref": "https://example.com/a.json"}`, ``), `its body has no field "url"`},
		{"parts that double", hostile(`{"allOf": [{"$ref": "#/definitions/J0"}, `+toA+`]}`, diamond.String()+`"J40": {}, "A": `+url), ""},
		{"chain of references", hostile(`{"$ref": "#/definitions/C0"}`, chain.String()+`"C100": `+url+`, "A": {"allOf": [{"$ref": "#/definitions/C0"}]}`), "too many references"},
		{"deep nesting", hostile(toA, `"A": `+strings.Repeat(`{"allOf": [`, 400)+url+strings.Repeat(`]}`, 400)), ""},
		{"deeper than is read", hostile(toA, `"A": `+strings.Repeat(`{"allOf": [`, 4000)+url+strings.Repeat(`]}`, 4000)), "its body has no field"},
		{"no paths", `{"swagger": "2.0"}`, "a request names no operation"},
		{"paths of another kind", `{"swagger": "2.0", "paths": [{"/hooks": {"post": {}}}]}`, "a request names no operation"},
		{"empty items", `{"swagger": "2.0", "paths": {"/a": null, "/b": [], "/hooks": {"post": null}}}`, "a request names no operation"},
		{"nothing in the operation", `{"swagger": "2.0", "paths": {"/hooks": {"post": {}}}}`, "it has no body"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := connector.New("hostile", source.ParseString("a.json", c.text), nil)
			convert.Candidates(in.Definition, convert.Webhooks(in.Definition))
			r := convert.Request{Candidate: convert.Candidate{Operation: operationAt(in, "/hooks", "post")}, As: connector.Webhook, Callback: "url"}
			plan, err := convert.ToTrigger(in, r)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %s", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			after := applied(t, in, plan)
			checkRest(t, in, after, plan)
			if trigger := operationAt(after, "/hooks", "post").Trigger; trigger == nil || len(trigger.Callbacks) != 1 {
				t.Errorf("it is no trigger:\n%s", after.Definition.File.Text)
			}
			other := operationAt(after, "/other", "put")
			if other.Trigger != nil {
				t.Errorf("another operation takes the callback URL too:\n%s", after.Definition.File.Text)
			}
		})
	}
}

// TestCopiesAreBounded makes each of many registrations take its URL in another
// field of one big definition, so that each needs a copy of it.
func TestCopiesAreBounded(t *testing.T) {
	const n = 400
	var paths, fields strings.Builder
	for i := range n {
		fmt.Fprintf(&paths, `"/hooks%d": {"post": {"operationId": "CreateHook%d", "parameters": [{"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A"}}]}}, `, i, i)
		fmt.Fprintf(&fields, `"url%d": {"type": "string", "description": %q}, `, i, strings.Repeat("x", 500))
	}
	text := `{"swagger": "2.0", "paths": {` + strings.TrimSuffix(paths.String(), ", ") + `}, "definitions": {"A": {"properties": {` + strings.TrimSuffix(fields.String(), ", ") + `}}}}`
	c := connector.New("bounded", source.ParseString("a.json", text), nil)
	var rs []convert.Request
	for i, o := range c.Definition.Operations() {
		rs = append(rs, convert.Request{Candidate: convert.Candidate{Operation: o}, Callback: fmt.Sprintf("url%d", i)})
	}
	if _, err := convert.ToTriggers(c, rs); err == nil || !strings.Contains(err.Error(), "the result would have more than 64 MiB") {
		t.Errorf("got %v", err)
	}
	if _, err := convert.ToTriggers(c, rs[:5]); err != nil {
		t.Error(err)
	}
}

// TestRefusals expects one error to tell of all requests that cannot be met.
func TestRefusals(t *testing.T) {
	var paths strings.Builder
	for i := range 9 {
		kind := []string{"string", "integer"}[i%2]
		fmt.Fprintf(&paths, `"/hooks%d": {"post": {"operationId": "CreateHook%d", "parameters": [{"name": "b", "in": "body", "schema": {"properties": {"url": {"type": %q}}}}]}}, `, i, i, kind)
	}
	// In YAML, text that aliases stand for is not edited.
	text := "swagger: '2.0'\npaths: {" + paths.String() + `"/hooks9": &h {"post": {"operationId": "CreateHook9", "parameters": [{"name": "b", "in": "body", "schema": {"properties": {"url": {"type": "string"}}}}]}}, "/copy": *h}` + "\n"
	c := connector.New("refusals", source.ParseString("a.yaml", text), nil)
	var rs []convert.Request
	for i := range 10 {
		rs = append(rs, convert.Request{Candidate: convert.Candidate{Operation: operationAt(c, fmt.Sprintf("/hooks%d", i), "post")}, Callback: "url"})
	}
	for _, want := range [][]int{{1, 3, 5, 7}, {5}} { // what is refused at first, and of the rest
		_, err := convert.ToTriggers(c, rs)
		var refused convert.Refusals
		if !errors.As(err, &refused) || len(refused) != len(want) {
			t.Fatalf("got %v, want %d refusals", err, len(want))
		}
		for i := len(want) - 1; i >= 0; i-- {
			if refused[i].Request != want[i] {
				t.Errorf("request %d is refused, want %d: %v", refused[i].Request, want[i], refused[i].Reason)
			}
			rs = append(rs[:want[i]], rs[want[i]+1:]...)
		}
	}
	if _, err := convert.ToTriggers(c, rs); err != nil {
		t.Error(err)
	}
}
