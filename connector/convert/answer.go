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

// separateAnswer copies a shared response into the operation if it lacks the
// header that only a registration sends.
func (d *draft) separateAnswer(r *request) error {
	answer := answerOf(d.operation(r))
	if !answer.Node.Exists() || answer.Site == answer.Node || answer.Header("Location").Exists() {
		return nil
	}
	own := map[source.Node]bool{}
	for _, q := range d.requests {
		own[answerOf(d.operation(q)).Site] = q.As != connector.Polling
	}
	if d.isOnlyFor(answer.Node, own) {
		return nil
	}
	d.step(answer.Site, "copy the shared response into the operation")
	return d.edit(func(e *source.Editor) { e.Replace(answer.Site, answer.Node) })
}

// declareAnswer makes an operation declare what a registration must answer: 201
// and the header Location.
func (d *draft) declareAnswer(e *source.Editor, o *connector.Operation) {
	responses, answer := o.Node.Get("responses"), answerOf(o)
	switch {
	case answer.Status == "200":
		e.Rename(answer.Site, "201")
		d.followAnswer(e, answer.Site)
		d.step(answer.Site, "declare 201 instead of 200, as the platform expects of a registration")
	case !answer.Site.Exists():
		created := source.Members{{Key: "description", Value: "Created"}, {Key: "headers", Value: source.Members{{Key: "Location", Value: location}}}}
		d.step(o.Node, "declare 201 with the Location header", "responses", "201")
		switch before := lastSuccess(o); {
		case responses.Kind() != source.Object:
			e.Set(o.Node, "responses", source.Members{{Key: "201", Value: created}})
		case before.Exists():
			e.InsertAfter(before, "201", created)
		default:
			e.Set(responses, "201", created)
		}
		return
	}
	if !answer.Node.Exists() || answer.Header("Location").Exists() {
		return
	}
	d.step(answer.Node, "declare the Location header", "headers", "Location")
	if headers := answer.Node.Get("headers"); headers.Kind() == source.Object {
		e.Set(headers, "Location", location)
	} else {
		put(e, answer.Node, "headers", source.Members{{Key: "Location", Value: location}}, "description")
	}
}

// followAnswer makes references follow that lead to a 200 which becomes a 201.
func (d *draft) followAnswer(e *source.Editor, answer source.Node) {
	for target, refs := range d.references() {
		if !target.Exists() || !answer.Range().Contains(target.Range()) {
			continue
		}
		for _, n := range refs {
			inside := strings.TrimPrefix(target.Pointer(), answer.Pointer())
			e.Set(n, "$ref", "#"+pointerTo(answer.Parent(), "201")+inside)
			d.step(n, "refer to the 201 instead of the 200", "$ref")
		}
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
