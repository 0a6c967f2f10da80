// Package convert turns the actions of an imported API into triggers: it finds
// the operations that register a webhook, plans the edits that make them
// triggers, and imports OpenAPI 3.x documents.
package convert

import (
	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// Confidence says how much a candidate can be trusted.
type Confidence string

const (
	Sure     Confidence = "sure"     // converted without asking
	Likely   Confidence = "likely"   // converted and reported
	Possible Confidence = "possible" // converted only when named
)

// Field is what takes the callback URL.
type Field struct {
	Body connector.Parameter // the body parameter; absent for a parameter of another kind
	Path []connector.Step    // from the body's root to the property
	Node source.Node         // the property's schema as it stands there, which may be a reference; or the parameter
}

// Name returns the field's path in the body: "config.url".
func (f Field) Name() string { return connector.Callback{Path: f.Path}.Name() }

// Candidate is an operation that seems to register a callback URL.
type Candidate struct {
	Operation    *connector.Operation
	As           connector.Delivery // Webhook or WebhookAction
	Confidence   Confidence
	Callback     Field                // its Node is absent if no field can be told
	Notification source.Node          // the schema of what the service sends; absent if the file does not tell
	Event        []string             // what the file calls that, best first
	About        string               // what the file says of it
	Unsubscribe  *connector.Operation // nil if there is none
	Reasons      []string             // in words
	Open         []Step               // what is left to the author if it is converted
}

// Hint is what an OpenAPI 3.x document said about a callback and 2.0 cannot say.
// All pointers are JSON Pointers into the converted document.
type Hint struct {
	Path, Method string // the registration; empty if the document has none
	Name         string // of the callback or webhook
	Callback     string // what takes the URL; "" if the expression does not resolve
	Notification string // the schema of the payload; "" if there is none
	PerCall      bool   // the callback belongs to one call, not to a subscription
	Summary      string // of what is sent
	Description  string
	Unheard      bool // it is not sent by POST, and the platform hears nothing else
}

// Loss is something that OpenAPI 2.0 cannot say.
type Loss struct {
	Pointer string // JSON Pointer into the original document
	Message string
}

// Import is an OpenAPI 3.x document as OpenAPI 2.0.
type Import struct {
	Text   string // JSON, 4 spaces, the platform's key order, with a final line break
	Losses []Loss
	Hints  []Hint
	Open   []Step // what is left to the author of the result
}

// Request asks for one operation to be converted; the zero values of its fields
// mean that the candidate decides.
type Request struct {
	Candidate       Candidate
	As              connector.Delivery // Webhook, WebhookAction or Polling
	Callback        string             // JSON Pointer or name of the field
	Notification    string             // JSON Pointer of the payload's schema
	Samples         [][]byte           // JSON payloads from which the schema is inferred
	Unsubscribe     string             // operationId of the DELETE
	UnsubscribePath string             // a DELETE to be written, as in /hooks/{id}
	Batch           bool
	Rename          string // a new operationId
}

// Step says in words what some edits are for.
type Step struct {
	Pointer string // JSON Pointer of what changes
	Message string // a verb phrase: "mark callbackUrl as the callback URL"
	Warning bool   // something that the author has to do
}

// Plan is a conversion that has not happened yet.
type Plan struct {
	Edits      []source.Edit // to the definition
	Properties []source.Edit // to apiProperties.json
	Steps      []Step
}
