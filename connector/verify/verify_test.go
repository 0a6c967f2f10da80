package verify_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/connector/verify"
)

// definition is what the test's publisher promises. Comments mark the lines at
// which findings are expected.
const definition = `swagger: "2.0"
info: {title: Orders, version: "1"}
basePath: /v1
paths:
  /hooks:
    x-ms-notification-content: #content
      schema: {$ref: "#/definitions/Order"} #schema
    post:
      operationId: OnOrder #register
      x-ms-trigger: single #mode
      parameters:
        - name: body
          in: body
          required: true
          schema:
            type: object
            required: [callbackUrl]
            properties:
              callbackUrl: #callback
                type: string
                x-ms-notification-url: true
                x-ms-visibility: internal
              channel: {type: string, default: web}
      responses:
        "201": #created
          description: Created
          headers:
            Location: #location
              type: string
  /hooks/{id}:
    delete: #delete
      operationId: DeleteHook #unsubscribe
      x-ms-visibility: internal
      parameters: [{name: id, in: path, required: true, type: string}]
      responses: {"204": {description: Removed}}
  /approvals:
    x-ms-notification-content: #actionContent
      schema: {type: object, required: [approved], properties: {approved: {type: boolean}}}
    post:
      operationId: WaitForApproval
      parameters:
        - name: body
          in: body
          required: true
          schema:
            type: object
            required: [reply, question]
            properties:
              question: {type: string}
              reply:
                type: object
                required: [url]
                properties:
                  url: {type: string, x-ms-notification-url: true, x-ms-visibility: internal}
      responses: {"201": {description: Created}}
  /approvals/{id}:
    delete:
      operationId: DeleteApproval #actionDelete
      x-ms-visibility: internal
      parameters: [{name: id, in: path, required: true, type: string}]
      responses: {"204": {description: Removed}}
  /changes:
    get:
      operationId: OnChange #poll
      x-ms-trigger: single #pollMode
      responses:
        "200": #data
          description: OK
          schema: #dataSchema
            type: object
            required: [id]
            properties:
              id: {type: string} #dataId
              total: #dataTotal
                type: integer
        "202": {description: Nothing new} #state
  /orders:
    get:
      operationId: OnOrderChanged #list
      x-ms-trigger: batch #listMode
      parameters:
        - name: since #since
          in: query
          type: string
          x-ms-visibility: internal
      responses:
        "200": #listData
          description: OK
          schema: #listSchema
            type: object
            properties:
              value:
                type: array
                items:
                  type: object
                  required: [id]
                  properties:
                    id: {type: string}
                    total: #listTotal
                      type: integer
                    changed: {type: string, format: date-time}
definitions:
  Order:
    type: object
    required: [id]
    properties:
      id: #id
        type: string
      total: #total
        type: integer
      lines: #lines
        type: array
        items: {type: object, properties: {sku: {type: string}}}
`

const properties = `{"properties": {"policyTemplateInstances": [{"templateId": "pollingtrigger", "parameters": {
  "x-ms-apimTemplate-operationName": ["OnOrderChanged"],
  "x-ms-apimTemplateParameter.triggerConfig": {"since": "@{triggerBody().value[0].changed}"},
  "x-ms-apimTemplateParameter.triggerDataPath": "@triggerBody().value"}}]}}`

func readConnector(t testing.TB) *connector.Connector {
	t.Helper()
	c := connector.New("orders", source.ParseString("orders.yaml", definition), source.ParseString("apiProperties.json", properties))
	for _, f := range c.Files() {
		for _, problem := range f.Problems {
			t.Fatal(problem.Message)
		}
	}
	return c
}

// line returns where the definition has a mark.
func line(t testing.TB, mark string) int {
	t.Helper()
	before, _, found := strings.Cut(definition, "#"+mark+"\n")
	if !found {
		t.Fatalf("the definition has no mark %q", mark)
	}
	return strings.Count(before, "\n") + 1
}

// quick are times for a publisher that repeats after a tenth of a second.
var quick = verify.Times{Wait: 3 * time.Second, Retry: 5 * time.Second, Quiet: 500 * time.Millisecond, Patient: 300 * time.Millisecond, Request: 5 * time.Second}

// target aims at a publisher; the named triggers are verified, all if none is
// named.
func target(t testing.TB, p *publisher, names ...string) verify.Target {
	t.Helper()
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := readConnector(t)
	aim := verify.Target{Connector: c, URL: u, Times: quick, Restart: p.restart}
	for _, trigger := range c.Definition.Triggers() {
		if len(names) == 0 || slices.Contains(names, trigger.Operation.ID) {
			aim.Triggers = append(aim.Triggers, trigger)
		}
	}
	aim.Fire = func(_ context.Context, e verify.Event) error {
		p.emit(e.Trigger, e.Sample)
		return nil
	}
	var log strings.Builder
	aim.Observe = func(l verify.Line) {
		fmt.Fprintf(&log, "%5.1f s  %s  %s\n", l.At.Seconds(), l.Trigger, l.Text)
	}
	t.Cleanup(func() {
		if t.Failed() || testing.Verbose() {
			t.Log("\n" + log.String())
		}
	})
	return aim
}

func verifyAll(t testing.TB, aim verify.Target) *verify.Report {
	t.Helper()
	report, err := verify.Run(context.Background(), aim)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestCorrectPublisher passes every check but those that a quick publisher and
// plain HTTP leave nothing to see for.
func TestCorrectPublisher(t *testing.T) {
	for _, tt := range []struct {
		name    string
		tls     bool
		skipped string
	}{
		{"plain", false, "notify-tls notify-tls poll-location poll-retry-after poll-drain"},
		{"tls", true, "poll-location poll-retry-after poll-drain"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var trust *x509.CertPool
			settings, certificate, err := verify.PlatformTLS()
			if err != nil {
				t.Fatal(err)
			}
			if tt.tls {
				trust = x509.NewCertPool()
				trust.AppendCertsFromPEM(certificate)
			} else {
				settings = nil
			}
			p := newPublisher(t, faults{}, trust)
			aim := target(t, p)
			aim.TLS = settings
			report := verifyAll(t, aim)
			var skipped []string
			for _, trigger := range report.Triggers {
				for _, o := range trigger.Outcomes {
					if o.Status == verify.Skipped {
						skipped = append(skipped, o.Check.ID)
					} else if o.Status != verify.Passed {
						t.Errorf("%s %s: %s", trigger.Trigger.Operation.ID, o.Check.ID, o.Detail)
					}
				}
			}
			if got := strings.Join(skipped, " "); got != tt.skipped {
				t.Errorf("skipped %s, expected %s", got, tt.skipped)
			}
			if p.live() > 0 || len(report.Left) > 0 || len(report.Problems) > 0 {
				t.Errorf("%d registrations are left, %v, %v", p.live(), report.Left, report.Problems)
			}
		})
	}
}
