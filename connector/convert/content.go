package convert

import (
	"fmt"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

const notificationContent = "x-ms-notification-content"

// checkContent fails if another webhook stands on the same path, or comes to
// stand there: the content beside the methods would have to describe the
// notifications of both.
func (d *draft) checkContent(r *request) error {
	if r.As == connector.Polling || r.isTouchUp() && len(r.Samples) == 0 && r.Notification == "" {
		return nil
	}
	for _, other := range d.lookup.beside[d.operation(r).PathItem] {
		isWebhook := other.Trigger != nil && other.Trigger.Delivery != connector.Polling
		if other.Method != r.method && (isWebhook || d.isAsked(other, r.index)) {
			return fmt.Errorf("path %q belongs to the webhook %q too, and a path describes one kind of notification: give each a path of its own", r.path, other.Name())
		}
	}
	return nil
}

// isAsked reports whether a request before the given one makes a webhook of an
// operation.
func (d *draft) isAsked(o *connector.Operation, before int) bool {
	q := d.asked[place{o.Path, o.Method}]
	return q != nil && q.As != connector.Polling && q.index < before
}

// contentOf returns the schema of what the service sends, as it is to be
// written: nil if nothing is known, or if what stands on the path already is
// to stay.
func (d *draft) contentOf(r *request, o *connector.Operation) (any, error) {
	switch {
	case len(r.Samples) > 0:
		return inferSchema(r.Samples)
	case r.Notification != "":
		return d.schemaAt(r.Notification)
	case o.PathItem.Get(notificationContent).Get("schema").Exists(), o.Get(notificationContent).Get("schema").Exists():
		return nil, nil
	case r.Candidate.Notification.Exists():
		return d.refOrCopy(r.Candidate.Notification), nil
	}
	return nil, nil
}

// schemaAt returns the schema that the user names. Of a body parameter or a
// response it is the schema inside.
func (d *draft) schemaAt(pointer string) (any, error) {
	n := d.original.Definition.At(strings.TrimPrefix(pointer, "#"))
	in, _ := n.Get("in").Str()
	_, hasDescription := n.Get("description").Str()
	if schema := n.Get("schema"); schema.Kind() == source.Object && (in == "body" || hasDescription) {
		n = schema
	}
	if n.Kind() != source.Object {
		return nil, fmt.Errorf("there is no schema at %q for the notification", pointer)
	}
	if role := d.original.Definition.RoleOf(n); role != connector.RoleNone && role != connector.RoleSchema {
		return nil, fmt.Errorf("there is no schema at %q for the notification: this is of the kind %q", pointer, role)
	}
	return d.refOrCopy(n), nil
}

// refOrCopy returns a reference to a definition, and anything else as it is.
func (d *draft) refOrCopy(schema source.Node) any {
	pointer := schema.Pointer()
	name, isDefinition := strings.CutPrefix(pointer, "/definitions/")
	if isDefinition && !strings.Contains(name, "/") && d.c.Definition.At(pointer).Exists() {
		return source.Members{{Key: "$ref", Value: "#" + pointer}}
	}
	return d.copyOf(schema)
}

// describe writes the notification content beside the method. Content that
// stands on the operation, where it counts for nothing, moves there.
func (d *draft) describe(r *request, o *connector.Operation, schema any) {
	content, misplaced := o.PathItem.Get(notificationContent), o.Get(notificationContent)
	switch {
	case content.Exists():
		d.complete(r, content, schema)
		return
	case misplaced.Exists() && schema == nil:
		r.step(misplaced, "move it beside the method, where the platform reads it")
		d.edit(r, func(e *source.Editor) {
			e.Remove(misplaced)
			e.InsertAfter(o.Node, notificationContent, misplaced)
		})
		return
	case misplaced.Exists():
		r.step(misplaced, "remove it: the platform reads what stands beside the method")
		d.edit(r, func(e *source.Editor) { e.Remove(misplaced) })
	}
	r.step(o.PathItem, "describe what the service sends", notificationContent)
	d.edit(r, func(e *source.Editor) {
		e.InsertAfter(o.Node, notificationContent, source.Members{
			{Key: "description", Value: contentDescription(r, o)},
			{Key: "schema", Value: orNothing(schema)},
		})
	})
}

// complete makes content that is there already say what is asked for.
func (d *draft) complete(r *request, content source.Node, schema any) {
	old := content.Get("schema")
	if content.Kind() != source.Object || old.Exists() && (schema == nil || saysTheSame(old, schema)) {
		return
	}
	if old.Exists() {
		r.step(content, "describe anew what the service sends", "schema")
	} else {
		r.step(content, "describe what the service sends", "schema")
	}
	d.edit(r, func(e *source.Editor) { put(e, content, "schema", orNothing(schema), "description") })
}

// saysTheSame reports whether a value is the one that is to be written.
func saysTheSame(old source.Node, value any) bool {
	before, err := documentText(old)
	after, err2 := documentText(value)
	return err == nil && err2 == nil && before == after
}

// orNothing returns the schema of an object of which nothing is known if there
// is no other. The empty properties show where to go on, and lint reports them
// until somebody does; additionalProperties would keep it quiet and give makers
// no more.
func orNothing(schema any) any {
	if schema == nil {
		return source.Members{{Key: "type", Value: "object"}, {Key: "properties", Value: source.Members{}}}
	}
	return schema
}

func contentDescription(r *request, o *connector.Operation) string {
	if r.As == connector.WebhookAction {
		return "What the service sends to let the flow go on."
	}
	if r.Candidate.About != "" {
		return r.Candidate.About
	}
	return "What the service sends when " + eventOf(o, r.Candidate.Event) + "."
}
