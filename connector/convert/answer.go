package convert

import (
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// location documents the header whose URL the platform sends the DELETE to.
var location = source.Members{
	{Key: "type", Value: "string"},
	{Key: "description", Value: "The URL that removes this registration with DELETE."},
}

// answerOf returns the response that is, or will be, the 201 of a registration;
// it is absent if one has to be written.
func answerOf(o *connector.Operation) connector.Response {
	if created := o.Response("201"); created.Site.Exists() {
		return created
	}
	var only connector.Response
	for _, r := range o.Responses() {
		if r.IsSuccess() && only.Site.Exists() {
			return connector.Response{}
		}
		if r.IsSuccess() {
			only = r
		}
	}
	if only.Status != "200" {
		return connector.Response{}
	}
	return only
}

// sharedAnswer returns the response of a registration that stands elsewhere and
// lacks the header that only a registration sends; it is absent if there is none.
func (d *draft) sharedAnswer(r *request) connector.Response {
	if answer := answerOf(d.operation(r)); answer.Site != answer.Node && !answer.Header("Location").Exists() {
		return answer
	}
	return connector.Response{}
}

// separateAnswer copies a shared response into the operation if others use it
// than registrations.
func (d *draft) separateAnswer(r *request) {
	answer := d.sharedAnswer(r)
	if !answer.Node.Exists() || d.sharing.isOnlyFor(answer.Node, answer.Node) {
		return
	}
	r.step(answer.Site, "copy the shared response into the operation")
	d.sharing.leave(answer.Site, answer.Node)
	value := d.copyOf(answer.Node)
	d.edit(r, func(e *source.Editor) { e.Replace(answer.Site, value) })
}

// declareAnswer makes an operation declare what a registration must answer: 201
// and the header Location.
func (d *draft) declareAnswer(r *request, o *connector.Operation) {
	answer := answerOf(o)
	if !answer.Site.Exists() {
		r.step(o.Node, "declare 201 with the Location header", "responses", "201")
		d.edit(r, func(e *source.Editor) { addAnswer(e, o) })
		return
	}
	at := answer.Node.Pointer()
	if answer.Status == "200" {
		d.edit(r, func(e *source.Editor) { e.Rename(answer.Site, "201") })
		d.followAnswer(r, answer.Site)
		r.step(answer.Site, "declare 201 instead of 200, as the platform expects of a registration")
		if answer.Site == answer.Node {
			at = pointerTo(answer.Site.Parent(), "201")
		}
	}
	if !answer.Node.Exists() || answer.Header("Location").Exists() {
		return
	}
	r.steps = append(r.steps, Step{Pointer: at + "/headers/Location", Message: "declare the Location header"})
	d.edit(r, func(e *source.Editor) {
		if headers := answer.Node.Get("headers"); headers.Kind() == source.Object {
			e.Set(headers, "Location", location)
		} else {
			put(e, answer.Node, "headers", source.Members{{Key: "Location", Value: location}}, "description")
		}
	})
}

// addAnswer writes a 201.
func addAnswer(e *source.Editor, o *connector.Operation) {
	created := source.Members{{Key: "description", Value: "Created"}, {Key: "headers", Value: source.Members{{Key: "Location", Value: location}}}}
	responses, before := o.Get("responses"), lastSuccess(o)
	switch {
	case responses.Kind() != source.Object:
		e.Set(o.Node, "responses", source.Members{{Key: "201", Value: created}})
	case before.Exists():
		e.InsertAfter(before, "201", created)
	default:
		e.Set(responses, "201", created)
	}
}

// followAnswer makes references follow that lead to a 200 which becomes a 201.
func (d *draft) followAnswer(r *request, answer source.Node) {
	for _, ref := range d.references()[entryOf(answer)] {
		if !answer.Range().Contains(ref.to.Range()) {
			continue
		}
		inside := strings.TrimPrefix(ref.to.Pointer(), answer.Pointer())
		target := "#" + pointerTo(answer.Parent(), "201") + inside
		d.edit(r, func(e *source.Editor) { e.Set(ref.from, "$ref", target) })
		r.step(ref.from, "refer to the 201 instead of the 200", "$ref")
	}
}

// lastSuccess returns the response that a 201 goes behind.
func lastSuccess(o *connector.Operation) source.Node {
	var last source.Node
	for _, r := range o.Responses() {
		if r.IsSuccess() {
			last = r.Site
		}
	}
	return last
}
