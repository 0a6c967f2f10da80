package convert

import (
	"fmt"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

const notificationContent = "x-ms-notification-content"

// checkContent fails if another webhook stands on the same path: the content
// beside the methods would have to describe the notifications of both.
func (d *draft) checkContent(o *connector.Operation) error {
	for _, other := range d.c.Definition.Operations() {
		if other.PathItem == o.PathItem && other.Method != o.Method && other.Trigger != nil && other.Trigger.Delivery != connector.Polling {
			return fmt.Errorf("path %q belongs to the webhook %q too, and a path describes one kind of notification: give each a path of its own", o.Path, other.Name())
		}
	}
	return nil
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
	case o.PathItem.Get(notificationContent).Get("schema").Exists(), o.Node.Get(notificationContent).Get("schema").Exists():
		return nil, nil
	case r.Candidate.Notification.Exists():
		return d.refOrCopy(r.Candidate.Notification), nil
	}
	return nil, nil
}

// schemaAt returns the schema that the user names. Of a body parameter or a
// response it is the schema inside.
func (d *draft) schemaAt(pointer string) (any, error) {
	n := d.original.Definition.File.At(strings.TrimPrefix(pointer, "#"))
	in, _ := n.Get("in").Str()
	_, hasDescription := n.Get("description").Str()
	if schema := n.Get("schema"); schema.Kind() == source.Object && (in == "body" || hasDescription) {
		n = schema
	}
	if n.Kind() != source.Object {
		return nil, fmt.Errorf("there is no schema at %q for the notification", pointer)
	}
	return d.refOrCopy(n), nil
}

// refOrCopy returns a reference to a definition, and anything else as it is.
func (d *draft) refOrCopy(schema source.Node) any {
	pointer := schema.Pointer()
	name, isDefinition := strings.CutPrefix(pointer, "/definitions/")
	if isDefinition && !strings.Contains(name, "/") && d.c.Definition.File.At(pointer).Exists() {
		return source.Members{{Key: "$ref", Value: "#" + pointer}}
	}
	return schema
}

// describe writes the notification content beside the method. Content that
// stands on the operation, where it counts for nothing, moves there.
func (d *draft) describe(e *source.Editor, r *request, o *connector.Operation, schema any) {
	content, misplaced := o.PathItem.Get(notificationContent), o.Node.Get(notificationContent)
	switch {
	case content.Exists():
		d.complete(e, r, content, schema)
	case misplaced.Exists() && schema == nil:
		e.Remove(misplaced)
		e.InsertAfter(o.Node, notificationContent, misplaced)
		d.step(misplaced, "move it beside the method, where the platform reads it")
	default:
		if misplaced.Exists() {
			e.Remove(misplaced)
			d.step(misplaced, "remove it: the platform reads what stands beside the method")
		}
		e.InsertAfter(o.Node, notificationContent, source.Members{
			{Key: "description", Value: contentDescription(r, o)},
			{Key: "schema", Value: orNothing(schema)},
		})
		d.step(o.PathItem, "describe what the service sends", notificationContent)
	}
}

// complete makes content that is there already say what is asked for.
func (d *draft) complete(e *source.Editor, r *request, content source.Node, schema any) {
	old := content.Get("schema")
	if content.Kind() != source.Object || old.Exists() && schema == nil {
		return
	}
	put(e, content, "schema", orNothing(schema), "description")
	if old.Exists() {
		d.step(content, "describe anew what the service sends", "schema")
	} else {
		d.step(content, "describe what the service sends", "schema")
	}
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
	return "What the service sends when " + eventOf(o) + "."
}
