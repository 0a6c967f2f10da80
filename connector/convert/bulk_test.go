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

// block writes a tree as YAML with indentation.
func block(b *strings.Builder, n source.Node, indent string) {
	switch {
	case n.Len() == 0:
		b.WriteString(" " + n.Text() + "\n")
	case n.Kind() == source.Object:
		b.WriteString("\n")
		for key, value := range n.Members() {
			b.WriteString(indent + key.Text() + ":")
			block(b, value, indent+"  ")
		}
	default:
		b.WriteString("\n")
		for _, item := range n.Items() {
			b.WriteString(indent + "-")
			block(b, item, indent+"  ")
		}
	}
}

// bulkRun converts all that is found in a text, and returns how often the text
// was parsed to plan that, how long it took, and the result.
func bulkRun(t testing.TB, name, text string, n int) (parses int, took time.Duration, after string) {
	t.Helper()
	old := parse
	defer func() { parse = old }()
	parse = func(name, data string) *source.File {
		parses++
		return old(name, data)
	}
	start := time.Now()
	c := connector.New("bulk", source.ParseString(name, text), nil)
	rs := bulkRequests(c, Candidates(c.Definition, nil))
	plan, err := ToTriggers(c, rs)
	if err != nil {
		t.Fatal(err)
	}
	if took = time.Since(start); len(rs) != n || len(plan.Edits) < n {
		t.Fatalf("%d requests and %d edits for %d registrations", len(rs), len(plan.Edits), n)
	}
	if after, err = source.Apply(text, plan.Edits); err != nil {
		t.Fatal(err)
	}
	return parses, took, after
}

func bulkRequests(c *connector.Connector, candidates []Candidate) []Request {
	at := newLookup(c.Definition)
	var rs []Request
	for _, candidate := range candidates {
		if candidate.Confidence != Possible {
			candidate.Operation = at.operations[place{candidate.Operation.Path, candidate.Operation.Method}]
			rs = append(rs, Request{Candidate: candidate})
		}
	}
	return rs
}

// TestBulk converts thousands of registrations in a file of 10 MB: the text is
// parsed as often as for a few, the time grows with the size and not with its
// square, and a second run has nothing to do.
func TestBulk(t *testing.T) {
	if testing.Short() {
		t.Skip("converts 10 MB")
	}
	for _, c := range []struct {
		name      string
		few, many int
		size      int
		asText    func(string) string
	}{
		{"a.json", 750, 6000, 9 << 20, func(text string) string { return text }},
		{"a.yaml", 150, 1200, 1 << 20, func(text string) string {
			var b strings.Builder
			block(&b, source.ParseString("a.json", text).Root(), "")
			return b.String()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.few, c.many, c.size = c.few/bulkScale, c.many/bulkScale, c.size/bulkScale
			few, many := c.asText(bulk(c.few)), c.asText(bulk(c.many))
			if len(many) < c.size {
				t.Fatalf("the file has only %d bytes", len(many))
			}
			ratio := 0.0
			for range 3 { // the machine may have been busy with something else
				parsesOfFew, short, _ := bulkRun(t, c.name, few, c.few)
				parses, long, after := bulkRun(t, c.name, many, c.many)
				if parses != parsesOfFew || parses > 4 {
					t.Fatalf("the text was parsed %d times, and %d times with fewer registrations", parses, parsesOfFew)
				}
				bulkAgain(t, c.name, many, after)
				if ratio = float64(long) / float64(short); ratio < 24 {
					t.Logf("%d bytes with %d registrations parsed %d times; eight times the size took %.1f times as long", len(many), c.many, parses, ratio)
					return
				}
			}
			t.Errorf("eight times the size takes %.0f times as long", ratio)
		})
	}
}

// bulkAgain asks for the same conversion of the result.
func bulkAgain(t *testing.T, name, before, after string) {
	t.Helper()
	candidates := Candidates(connector.Read(source.ParseString(name, before)), nil)
	c := connector.New("bulk", source.ParseString(name, after), nil)
	if len(c.Definition.File.Problems) > 0 {
		t.Fatal(c.Definition.File.Problems[0].Message)
	}
	plan, err := ToTriggers(c, bulkRequests(c, candidates))
	if err != nil || len(plan.Edits)+len(plan.Steps) > 0 {
		t.Fatalf("the second run plans something: %v, %v", plan, err)
	}
}

// BenchmarkBulk converts 600 and 6,000 registrations; ns/registration should
// hardly differ.
func BenchmarkBulk(b *testing.B) {
	for _, n := range []int{600, 6000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			text := bulk(n)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				bulkRun(b, "a.json", text, n)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/registration")
		})
	}
}
