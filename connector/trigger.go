package connector

import (
	"regexp"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Delivery is how the events of a trigger reach the platform.
type Delivery uint8

const (
	Webhook       Delivery = iota + 1 // the service POSTs to a callback URL that starts flows
	WebhookAction                     // an action that waits until the service POSTs to a callback URL
	Polling                           // the platform asks again and again
)

// String returns the name that reports use.
func (d Delivery) String() string {
	return [...]string{"", "webhook", "webhook-action", "polling"}[d]
}

// Trigger is an operation that starts a flow, or, as a webhook action, one
// that lets it go on (Microsoft docs: create-webhook-trigger,
// create-polling-trigger).
type Trigger struct {
	Operation    *Operation
	Delivery     Delivery
	Mode         source.Node // the value of x-ms-trigger; absent for a webhook action
	Callbacks    []Callback  // what x-ms-notification-url marks in the body; exactly one is right
	Content      source.Node // x-ms-notification-content: on the path item, or misplaced on the operation
	Notification Schema      // its schema
	Unsubscribe  *Operation  // the DELETE that undoes a registration; nil if none fits
}

// Batch reports whether one call can carry several events.
func (t *Trigger) Batch() bool { return t.Mode.Is("batch") }

// Payload returns the schema of what makers get: of the notification, or, when
// the platform polls, of the answer.
func (t *Trigger) Payload() Schema {
	if t.Delivery == Polling {
		return t.Operation.Response("200").Schema()
	}
	return t.Notification
}

// Callback returns the field that takes the callback URL, absent if nothing is
// marked.
func (t *Trigger) Callback() source.Node {
	if len(t.Callbacks) == 0 {
		return source.Node{}
	}
	return t.Callbacks[0].Node
}

// Callback is a schema in a request's body that x-ms-notification-url marks.
type Callback struct {
	Node source.Node // the schema with the mark
	Body Parameter
	Path []Step // from the body's root to the schema
}

// Step leads from an object's schema to that of one of its properties, or,
// with an empty name, from an array's to that of its items.
type Step struct {
	Object   Schema
	Name     string
	Property Schema
}

// Mark returns the value of x-ms-notification-url.
func (c Callback) Mark() source.Node { return c.Node.Get(notificationURL) }

// At returns the place to underline when the field as a whole is meant.
func (c Callback) At() source.Node {
	if len(c.Path) > 0 {
		return c.Path[len(c.Path)-1].Property.Node.KeyOrSelf()
	}
	return c.Node.KeyOrSelf()
}

// Name returns the field's path in the body: "config.url".
func (c Callback) Name() string {
	var names []string
	for _, s := range c.Path {
		if s.Name != "" {
			names = append(names, s.Name)
		}
	}
	return strings.Join(names, ".")
}

// Names are those of the steps to the field, "" for the items of an array.
func (c Callback) Names() []string {
	var names []string
	for _, s := range c.Path {
		names = append(names, s.Name)
	}
	return names
}

// IsInternal reports whether makers do not see the field: it is internal, or
// something around it is.
func (c Callback) IsInternal() bool {
	if c.Body.IsInternal() || c.Body.Schema().IsInternal() || isInternal(c.Node) {
		return true
	}
	for _, s := range c.Path {
		if s.Property.IsInternal() {
			return true
		}
	}
	return false
}

const (
	notificationURL     = "x-ms-notification-url"
	notificationContent = "x-ms-notification-content"
)

func (d *Definition) readTrigger(o *Operation) *Trigger {
	t := &Trigger{Operation: o, Mode: o.Get("x-ms-trigger")}
	if t.Content = o.PathItem.Get(notificationContent); !t.Content.Exists() {
		t.Content = o.Get(notificationContent)
	}
	t.Notification = d.Schema(t.Content.Get("schema"))
	if d.marks {
		t.Callbacks = d.callbacks(o)
	}
	marked := len(t.Callbacks) > 0 || o.MarksParameter()
	switch {
	case !t.Mode.Exists() && (!marked || !hasBody(o.Method)):
		return nil
	case !t.Mode.Exists():
		t.Delivery = WebhookAction
	case marked || t.Content.Exists() && o.Method != "get", d.registers(o, t):
		t.Delivery = Webhook
	default:
		t.Delivery = Polling
		return t
	}
	t.Unsubscribe = d.unsubscribe(o)
	return t
}

// registers reports whether a trigger without any mark is a webhook all the same:
// it takes what looks like a callback URL, and makes something that a DELETE
// removes or that 201 says is new. To poll does neither.
func (d *Definition) registers(o *Operation, t *Trigger) bool {
	if !hasBody(o.Method) || t.Batch() || !o.Body().Schema().LikelyCallback().Exists() {
		return false
	}
	_, isUndone := d.Removal(o)
	return isUndone || o.Response("201").Node.Exists()
}

// LikelyCallback guesses which property of a body takes the callback URL, by
// the names that published connectors use.
func (s Schema) LikelyCallback() Schema {
	var generic Schema
	for property := range s.Properties() {
		if shape := property.Schema.Shape(); shape != "string" && shape != "" || property.Schema.Resolved().Node.Get("readOnly").IsTrue() {
			continue
		}
		switch name := Squeeze(property.Name); {
		case name == "url", name == "uri", name == "endpoint":
			generic = property.Schema
		case callbackName.MatchString(name):
			return property.Schema
		}
	}
	return generic
}

// callbackName matches the names, without punctuation, that nothing but a
// callback URL has. A name such as webhookType is none.
var callbackName = regexp.MustCompile(
	`^(callback|webhook|hook)$|(callback|hook|notif|subscription|listener|receiver|target|powerautomate).*(url|uri|endpoint)$|^(url|uri)(to|callback|webhook|hook)`)

// mayHoldMarks tells cheaply that a document has no callback field, as most
// have none. A backslash may hide the name.
func mayHoldMarks(f *source.File) bool {
	return f != nil && (strings.Contains(f.Text, notificationURL) || strings.Contains(f.Text, `\u`))
}

// hasBody reports whether calls by a method carry a body. A path may list its
// registration's body for all its methods.
func hasBody(method string) bool { return method == "post" || method == "put" || method == "patch" }

// MarksParameter reports whether a parameter that is no body carries the
// callback mark. It does not work there, but says what the operation was meant
// to be; a GET stays what it is.
func (o *Operation) MarksParameter() bool {
	if o.Method == "get" {
		return false
	}
	for _, p := range o.Parameters() {
		if p.In() != "body" && p.Node.Get(notificationURL).Exists() {
			return true
		}
	}
	return false
}

// callbacks searches the body of an operation for marked fields, through
// references, nested objects, allOf and array items. Every schema is entered
// once, so recursive ones end.
func (d *Definition) callbacks(o *Operation) []Callback {
	s := callbackSearch{body: o.Body(), seen: map[source.Node]bool{}, sites: map[source.Node]bool{}}
	if schema := s.body.Schema(); schema.Exists() {
		s.schema(schema, nil)
	}
	return s.found
}

type callbackSearch struct {
	body  Parameter
	seen  map[source.Node]bool // schemas that were entered
	sites map[source.Node]bool // places where a mark was found
	found []Callback
}

func (s *callbackSearch) schema(schema Schema, path []Step) {
	// A mark beside a $ref is lost; one definition may mark several properties.
	resolved := schema.Resolved()
	if mark := resolved.Node.Get(notificationURL); mark.Exists() && !isFalse(mark) && !s.sites[schema.Node] {
		s.sites[schema.Node] = true
		s.found = append(s.found, Callback{Node: resolved.Node, Body: s.body, Path: append([]Step{}, path...)})
	}
	if !resolved.Exists() || s.seen[resolved.Node] || len(path) > maxNesting {
		return
	}
	s.seen[resolved.Node] = true
	for p := range resolved.Properties() {
		s.schema(p.Schema, append(path, Step{resolved, p.Name, p.Schema}))
	}
	if items := resolved.Items(); items.Node.Kind() == source.Object {
		s.schema(items, append(path, Step{resolved, "", items}))
	}
}

// maxNesting bounds how deep a body is searched; real ones reach 20.
const maxNesting = 48

func isFalse(n source.Node) bool {
	v, ok := n.Bool()
	return ok && !v
}
