package convert

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// bulk writes a definition with n registrations of several kinds, of about 1.7
// KB each: with fields of their own, in a definition that others use too, in one
// that only registrations use; with DELETEs of their own and a common one; with
// shared answers and parameters.
func bulk(n int) string {
	var b strings.Builder
	b.WriteString(`{
  "swagger": "2.0",
  "info": {"title": "Bulk", "version": "1.0"},
  "paths": {
    "/shared/hooks/{id}": {
      "delete": {
        "operationId": "DeleteSharedHook",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "type": "string"},
          {"$ref": "#/parameters/Tenant"}
        ],
        "responses": {"204": {"description": "Gone"}}
      }
    }`)
	for i := range n {
		b.WriteString(",\n")
		b.WriteString(bulkPaths(i))
	}
	b.WriteString(`
  },
  "parameters": {
    "Tenant": {"name": "X-Tenant", "in": "header", "required": true, "type": "string"}
  },
  "responses": {
    "Created": {"description": "Created"},
    "Registered": {"description": "Registered"}
  },
  "definitions": {
    "Hook": {"type": "object", "properties": {"url": {"type": "string"}}},
    "Registration": {"type": "object", "properties": {"callbackUrl": {"type": "string"}}},
    "Envelope": {"type": "object", "properties": {"registration": {"$ref": "#/definitions/Hook"}}}`)
	for i := range n {
		fmt.Fprintf(&b, `,
    "Order%d": {
      "type": "object",
      "properties": {
        "id": {"type": "string", "x-ms-summary": "Order Id", "description": %q},
        "total": {"type": "number", "description": %q}
      }
    }`, i, strings.Repeat("What identifies an order. ", 8), strings.Repeat("What it costs. ", 16))
	}
	b.WriteString("\n  }\n}\n")
	return b.String()
}

// bulkPaths writes a registration, its DELETE if it has one of its own, and a
// GET.
func bulkPaths(i int) string {
	path, body, answer := fmt.Sprintf("/area%d/hooks", i), "", `"200": {"description": "OK"}`
	switch i % 4 {
	case 0:
		body = `{"type": "object", "properties": {"url": {"type": "string"}, "event": {"type": "string"}}}`
	case 1:
		body, answer = `{"$ref": "#/definitions/Hook"}`, `"201": {"$ref": "#/responses/Created"}`
	case 2:
		body, answer = `{"$ref": "#/definitions/Registration"}`, `"201": {"$ref": "#/responses/Registered"}`
	case 3:
		path, body = fmt.Sprintf("/shared/hooks/area%d", i), `{"$ref": "#/definitions/Envelope"}`
	}
	text := fmt.Sprintf(`    %q: {
      "post": {
        "operationId": "CreateHook%d",
        "summary": "Create a webhook for order %d created",
        "parameters": [
          {"name": "body", "in": "body", "schema": %s}
        ],
        "responses": {%s}
      }
    },
`, path, i, i, body, answer)
	if i%4 != 3 {
		text += fmt.Sprintf(`    "%s/{id}": {
      "delete": {
        "operationId": "DeleteHook%d",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "type": "string"},
          {"$ref": "#/parameters/Tenant"}
        ],
        "responses": {"204": {"description": "Gone"}}
      }
    },
`, path, i)
	}
	return text + fmt.Sprintf(`    "/orders%d": {
      "put": {
        "operationId": "ReplaceOrder%d",
        "parameters": [
          {"name": "hook", "in": "body", "schema": {"$ref": "#/definitions/Hook"}}
        ],
        "responses": {"200": {"description": "OK", "schema": {"$ref": "#/definitions/Order%d"}}, "201": {"$ref": "#/responses/Created"}}
      }
    }`, i, i, i)
}

// bulkPlan converts all that is found, and returns how often the text was parsed
// for it, and how long that took.
func bulkPlan(t testing.TB, name, text string, n int) (parses int, took time.Duration) {
	t.Helper()
	old := parse
	defer func() { parse = old }()
	parse = func(name, data string) *source.File {
		parses++
		return old(name, data)
	}
	start := time.Now()
	c := connector.New("bulk", source.ParseString(name, text), nil)
	var rs []Request
	for _, candidate := range Candidates(c.Definition, nil) {
		if candidate.Confidence != Possible {
			rs = append(rs, Request{Candidate: candidate})
		}
	}
	plan, err := ToTriggers(c, rs)
	if err != nil {
		t.Fatal(err)
	}
	took = time.Since(start)
	if len(rs) != n || len(plan.Edits) < n {
		t.Fatalf("%d requests and %d edits for %d registrations", len(rs), len(plan.Edits), n)
	}
	return parses, took
}

func TestBulkTmp(t *testing.T) {
	for _, n := range []int{100, 1500, 6000} {
		text := bulk(n)
		p, took := bulkPlan(t, "a.json", text, n)
		t.Log(n, len(text), p, took)
	}
}
