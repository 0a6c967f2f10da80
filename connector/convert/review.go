package convert

import (
	"regexp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// review returns warnings of what is still wrong with a converted operation,
// because only its author can know better. It looks at the result, as lint does,
// and says at least what the rules about triggers would find.
func (d *draft) review(r *request) []Step {
	v := &review{d: d}
	o := d.operation(r)
	t := o.Trigger
	if t == nil {
		return nil
	}
	if o.ID == "" {
		v.warn(o.Node, "give the operation an operationId")
	}
	if r.As != connector.WebhookAction && o.IsInternal() {
		v.warn(o.Get("x-ms-visibility"), "remove x-ms-visibility: no maker can choose an internal trigger")
	}
	if r.As == connector.Polling {
		v.polling(o)
		return v.found
	}
	if r.As == connector.Webhook && o.Method != "post" {
		v.warn(o.Node, "register by POST: a %s keeps one registration for all flows", strings.ToUpper(o.Method))
	}
	v.notification(t)
	v.location(o)
	v.removal(t)
	return v.found
}

// review is what is found in one operation.
type review struct {
	d     *draft
	found []Step
}

func (v *review) warn(at source.Node, format string, args ...any) {
	v.found = append(v.found, warning(at, format, args...))
}

func (v *review) polling(o *connector.Operation) {
	answer := o.Response("200")
	_, _, hasArray := collectionOf(answer.Schema())
	switch {
	case !answer.Site.Exists():
		v.warn(o.Node, "declare the 200 response: its schema is what makers get")
	case !hasArray && !answer.Schema().IsDynamic():
		v.warn(answer.Site, "describe the array of items in the 200 response")
	}
}

func (v *review) notification(t *connector.Trigger) {
	schema, shape := t.Content.Get("schema"), t.Notification.Shape()
	if t.Batch() {
		v.warn(t.Mode, "make sure that each notification is an array: a batch starts a run for each item")
	}
	switch {
	case t.Content.Kind() != source.Object:
		v.warn(t.Content, "describe what the service sends: the notification content is no object")
	case !t.Notification.Resolved().Exists():
		v.warn(schema, "describe what the service sends: the schema refers to nothing")
	case t.Batch() && shape == "object":
		v.warn(schema, "describe an array of events, or make the trigger single: the notification is an object")
	case t.Mode.Is("single") && shape == "array":
		v.warn(schema, "describe one event, or make the trigger a batch: the notification is an array")
	}
	item := t.Notification.Resolved()
	if shape == "array" {
		item = item.Items()
	}
	if item.Resolved().Exists() && !givesContent(item) {
		v.warn(schema, "fill in the properties of what the service sends: makers pick from them")
	}
	if t.Delivery == connector.Webhook && v.d.hasIDsOnly(t) {
		v.warn(schema, "make sure that an action reads what the ids of the notification stand for")
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

// reads is what the GETs that makers see take.
type reads struct {
	names  map[string]bool // of parameters in the path or the query, see plainName
	byPath bool            // one ends in a parameter
}

// isRead reports whether a GET that makers see takes an id by its name.
func (d *draft) isRead(id string) bool {
	if d.lookup.reads == nil {
		d.lookup.reads = newReads(d.c.Definition)
	}
	name := plainName(id)
	return name == "id" && d.lookup.reads.byPath || d.lookup.reads.names[name]
}

func newReads(def *connector.Definition) *reads {
	r := &reads{names: map[string]bool{}}
	for _, o := range def.Operations() {
		if o.Method != "get" || o.IsInternal() || o.Trigger != nil {
			continue
		}
		r.byPath = r.byPath || strings.HasSuffix(o.Path, "}")
		for _, p := range o.Parameters() {
			if p.In() == "path" || p.In() == "query" {
				r.names[plainName(p.Name())] = true
			}
		}
	}
	return r
}

// relativePath finds a path that stands for itself in a text: "for example
// /hooks/42".
var relativePath = regexp.MustCompile("(?:^|[\\s\"'`(])/[A-Za-z0-9_{]")

func (v *review) location(o *connector.Operation) {
	created := o.Response("201")
	for _, value := range created.Header("Location").Members() {
		if s, ok := value.Str(); ok && !strings.Contains(s, "://") && relativePath.MatchString(s) {
			v.warn(value, "make sure that Location is an absolute URL: the platform calls it as it is")
		}
	}
	for p := range created.Schema().Properties() {
		if strings.EqualFold(p.Name, "location") {
			v.warn(p.Schema.Node, "make sure that the service sends the header Location: the platform does not look into the body")
		}
	}
}

func (v *review) removal(t *connector.Trigger) {
	o := t.Unsubscribe
	if o == nil {
		v.warn(t.Operation.Node, "add a DELETE that undoes the registration: without one, subscriptions stay for ever")
		return
	}
	if !o.IsInternal() {
		v.warn(o.Node, "make %q internal if the platform is to call it, or add an internal DELETE of its own", o.Name())
	}
	if len(v.d.needs(o)) > 0 {
		v.warn(o.Node, "let %q do with what is in the Location URL: the platform sends no body and no header of its own", o.Name())
	}
	if t.Operation.Method == "post" && !v.d.tellsApart(o, t.Operation) {
		v.warn(o.Node, "end the path of %q in an id: it cannot tell one registration from another", o.Name())
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
