// Package publisher serves the webhooks of a connector: it takes registrations,
// keeps them, sends every event to every subscriber at least once, and takes
// registrations back.
//
// Start with [Open], [New], [Server.Run] and [Server.Publish]. Where things are:
//
//	publisher.go  what a contract is made of: triggers, polls, routes, events
//	server.go     the options, the server, Publish
//	api.go        registration (POST) and its end (DELETE)
//	poll.go       polling triggers
//	admin.go      what the operator sees and does
//	retry.go      what an answer means, and when to try again
//	dispatch.go   the loop that sends; turn.go: how it writes outcomes down and gets its work
//	lanes.go      what that is in the database: one lane a subscription; lease.go: how lanes are kept
//	store.go      tables: subscriptions, lanes, events, deliveries; commit.go: transactions; dialect.go: what SQLite and PostgreSQL do differently
//	deliver.go    one POST; guard.go: where it may go; seal.go: callbacks in the database
//	observe.go    metrics; route.go: path templates; listen.go: deadlines and connections
//
// A callback URL is a secret: whoever has it can start a flow. So is a Location,
// with which a registration can be ended. Neither is ever logged, shown, or part
// of an error.
package publisher

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// Trigger is a webhook trigger of the contract, or an action that waits for a
// callback: an operation that registers a callback URL.
type Trigger struct {
	ID       string          // operationId: names the trigger in events, metrics, logs and the admin API
	Method   string          // of the registration, in capitals
	Path     string          // of the registration, from the host's root: "/v1/teams/{team}/hooks"; a query behind it must be there as well
	Location string          // of one registration: "/v1/teams/{team}/hooks/{subscription}"; other names are parameters of the registration
	Callback [][]string      // for each field with the callback URL, the names from the body's root to it; "[]" for an array's items; none if the body is the URL
	Params   []Param         // path, query and header parameters of the registration
	Body     json.RawMessage // JSON Schema of the registration's body; nil allows everything
	Fields   []string        // the names that the body's root may have; nil allows all
	Payload  json.RawMessage // JSON Schema of a notification; nil allows everything
	Once     bool            // an action that waits: one notification ends the registration
	Security [][]string      // lists of security schemes, one of which must be satisfied as a whole; nil: Options.Auth decides
}

// Param is a parameter of a registration that is not in its body.
type Param struct {
	Name, In string // in is path, query or header
	Required bool
	Type     string          // string, integer, number, boolean or array
	Split    string          // what stands between the items of an array: ",", " ", "\t", "|"; "" if the name is repeated
	Items    string          // type of an array's items
	Schema   json.RawMessage // JSON Schema of the value; nil allows everything
}

// Poll is a polling trigger of the contract: an operation that the platform
// asks again and again.
type Poll struct {
	ID      string          // operationId
	Method  string          // in capitals
	Path    string          // from the host's root
	Items   []string        // names from the answer's root to the array; none if the answer is the array
	Single  bool            // one object an answer instead of an array
	Payload json.RawMessage // JSON Schema of one item; nil allows everything
	Source  Source          // where the items come from; nil: what was published

	Security [][]string // as a Trigger's
}

// Route is an operation that is neither: an action that the owner implements.
// The handler finds path parameters with [http.Request.PathValue].
type Route struct {
	Method  string // in capitals
	Path    string // from the host's root
	Handler http.Handler

	Security [][]string // as a Trigger's
}

// Event is something that happened and that subscribers are to learn.
type Event struct {
	Trigger string                            // id of a Trigger or Poll
	ID      string                            // sent as webhook-id, and the same however often it is published; "" makes one
	Body    []byte                            // JSON, as the contract describes it
	To      int64                             // Ref of the only registration to be told; 0 for all that match
	Match   func(params json.RawMessage) bool // which registrations are told, by their Params; nil for all, but not of an action that waits. Asked once for each set of them, and again if one is added meanwhile
}

// Receipt says what became of a published event.
type Receipt struct {
	ID         string // the event's
	New        bool   // false: it had been published before, and nothing was added
	Deliveries int    // to how many subscribers it goes
	Polled     bool   // it is kept for those that poll
}

// Registration is a subscription as its owner may see it: without its callback
// URL and its Location, which are secrets.
type Registration struct {
	Ref       int64           `json:"ref"`
	Trigger   string          `json:"trigger"`
	Principal string          `json:"principal"` // who registered, as the Authenticator says
	Params    json.RawMessage `json:"params"`    // {"path":{},"query":{},"header":{},"body":{}}, empty ones left out, the callback URL taken out of body
	Created   time.Time       `json:"created"`
}

// Source is where a polling trigger reads. A state is opaque to the platform,
// which brings it back in the Location URL.
type Source interface {
	// Now returns the state after which everything is new.
	Now(ctx context.Context, r *http.Request) (state string, err error)
	// After returns at most limit items that are newer than a state, oldest
	// first, and the state behind the last of them.
	After(ctx context.Context, r *http.Request, state string, limit int) (items []json.RawMessage, next string, err error)
}

// An Authenticator says who sends a request: a name for the credentials that
// never contains them. An error answers the request with 401.
type Authenticator interface {
	Authenticate(r *http.Request) (principal string, err error)
}

// Errors of Publish, besides *InvalidError and those of the database.
var (
	ErrUnknownTrigger = errors.New("the contract has no such trigger")
	ErrConflict       = errors.New("an event with this id and another body was published before")
	ErrTooLarge       = errors.New("the body is larger than allowed")
	ErrNoRegistration = errors.New("there is no such registration")
	ErrNoTarget       = errors.New("an action that waits is answered by its registration: say which, or that all are meant")
)

// InvalidError says that a value does not satisfy its schema.
type InvalidError struct {
	Pointer string // JSON Pointer into the value (RFC 6901)
	Message string
}

func (e *InvalidError) Error() string {
	return "at " + `"` + e.Pointer + `": ` + e.Message
}
