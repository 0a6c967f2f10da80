package convert

import (
	"regexp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// review warns of what is still wrong with a converted operation, because only
// its author can know better. It looks at the result, as lint does, and says at
// least what the rules about triggers would find.
func (d *draft) review(r *request) {
	o := d.operation(r)
	t := o.Trigger
	if t == nil {
		return
	}
	if o.ID == "" {
		d.warn(o.Node, "give the operation an operationId")
	}
	if r.As != connector.WebhookAction && o.IsInternal() {
		d.warn(o.Node.Get("x-ms-visibility"), "remove x-ms-visibility: no maker can choose an internal trigger")
	}
	if r.As == connector.Polling {
		d.reviewPolling(o)
		return
	}
	if r.As == connector.Webhook && o.Method != "post" {
		d.warn(o.Node, "register by POST: a %s keeps one registration for all flows", strings.ToUpper(o.Method))
	}
	d.reviewNotification(t)
	d.reviewLocation(o)
	d.reviewRemoval(t)
}

func (d *draft) reviewPolling(o *connector.Operation) {
	answer := o.Response("200")
	_, _, hasArray := collectionOf(answer.Schema())
	switch {
	case !answer.Site.Exists():
		d.warn(o.Node, "declare the 200 response: its schema is what makers get")
	case !hasArray && !answer.Schema().IsDynamic():
		d.warn(answer.Site, "describe the array of items in the 200 response")
	}
}

func (d *draft) reviewNotification(t *connector.Trigger) {
	schema, shape := t.Content.Get("schema"), t.Notification.Shape()
	if t.Batch() {
		d.warn(t.Mode, "make sure that each notification is an array: a batch starts a run for each item")
	}
	switch {
	case t.Content.Kind() != source.Object:
		d.warn(t.Content, "describe what the service sends: the notification content is no object")
	case !t.Notification.Resolved().Exists():
		d.warn(schema, "describe what the service sends: the schema refers to nothing")
	case t.Batch() && shape == "object":
		d.warn(schema, "describe an array of events, or make the trigger single: the notification is an object")
	case t.Mode.Is("single") && shape == "array":
		d.warn(schema, "describe one event, or make the trigger a batch: the notification is an array")
	}
	item := t.Notification.Resolved()
	if shape == "array" {
		item = item.Items()
	}
	if item.Resolved().Exists() && !givesContent(item) {
		d.warn(schema, "fill in the properties of what the service sends: makers pick from them")
	}
	if t.Delivery == connector.Webhook && d.hasIDsOnly(t) {
		d.warn(schema, "make sure that an action reads what the ids of the notification stand for")
	}
}

// givesContent reports whether a schema gives makers something to pick: a
// property that they see, a plain value, or a schema that the service provides
// later.
func givesContent(s connector.Schema) bool {
	if shape := s.Shape(); s.IsDynamic() || shape != "object" && shape != "" {
		return true
	}
	for p := range s.Properties() {
		if !p.Schema.IsInternal() {
			return true
		}
	}
	return s.Resolved().Node.Get("additionalProperties").Kind() == source.Object
}

var idName = regexp.MustCompile(`^(?i:id|guid|uuid)$|(Id|ID)$|(?i:[_-]id)$`)

// hasIDsOnly reports whether a notification consists of ids, and no action
// plainly takes one of them.
func (d *draft) hasIDsOnly(t *connector.Trigger) bool {
	if t.Notification.Shape() != "object" || t.Notification.IsDynamic() {
		return false
	}
	count := 0
	for p := range t.Notification.Properties() {
		if count++; !idName.MatchString(p.Name) || d.isRead(p.Name) {
			return false
		}
	}
	return count > 0
}

// isRead reports whether a GET that makers see takes an id by its name.
func (d *draft) isRead(id string) bool {
	name := plainName(id)
	for _, o := range d.c.Definition.Operations() {
		if o.Method != "get" || o.IsInternal() || o.Trigger != nil {
			continue
		}
		if name == "id" && strings.HasSuffix(o.Path, "}") {
			return true
		}
		if slices.ContainsFunc(o.Parameters(), func(p connector.Parameter) bool {
			return (p.In() == "path" || p.In() == "query") && plainName(p.Name()) == name
		}) {
			return true
		}
	}
	return false
}

// relativePath finds a path that stands for itself in a text: "for example
// /hooks/42".
var relativePath = regexp.MustCompile("(?:^|[\\s\"'`(])/[A-Za-z0-9_{]")

func (d *draft) reviewLocation(o *connector.Operation) {
	created := o.Response("201")
	for _, value := range created.Header("Location").Members() {
		if s, ok := value.Str(); ok && !strings.Contains(s, "://") && relativePath.MatchString(s) {
			d.warn(value, "make sure that Location is an absolute URL: the platform calls it as it is")
		}
	}
	for p := range created.Schema().Properties() {
		if strings.EqualFold(p.Name, "location") {
			d.warn(p.Schema.Node, "make sure that the service sends the header Location: the platform does not look into the body")
		}
	}
}

func (d *draft) reviewRemoval(t *connector.Trigger) {
	o := t.Unsubscribe
	if o == nil {
		d.warn(t.Operation.Node, "add a DELETE that undoes the registration: without one, subscriptions stay for ever")
		return
	}
	if !o.IsInternal() {
		d.warn(o.Node, "make %q internal if the platform is to call it, or add an internal DELETE of its own", o.Name())
	}
	if len(d.needs(o)) > 0 {
		d.warn(o.Node, "let %q do with what is in the Location URL: the platform sends no body and no header of its own", o.Name())
	}
	if t.Operation.Method == "post" && !d.tellsApart(o, t.Operation) {
		d.warn(o.Node, "end the path of %q in an id: it cannot tell one registration from another", o.Name())
	}
}

// tellsApart reports whether the URL of a DELETE says which registration to
// remove: by an identifier that the registration's path lacks, or in its query.
func (d *draft) tellsApart(removal, registration *connector.Operation) bool {
	for _, p := range removal.Parameters() {
		if p.In() == "query" && !isSentAnyway(d.c.Definition, p) {
			return true
		}
	}
	known := pathParameters(strings.ToLower(registration.Path))
	own := pathParameters(strings.ToLower(removal.Path))
	return len(own) > len(known) || slices.ContainsFunc(own, func(name string) bool { return !slices.Contains(known, name) })
}
