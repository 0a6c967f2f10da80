package convert

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// ToTrigger plans the edits that make one operation a webhook trigger, an
// action that waits for a callback, or a polling trigger. See [ToTriggers].
func ToTrigger(c *connector.Connector, r Request) (*Plan, error) {
	return ToTriggers(c, []Request{r})
}

// ToTriggers plans the conversion of several operations at once. Each request
// names its operation by its candidate, of which the other fields may be left
// out if the request says the same.
//
// A webhook needs a field in its body that takes the callback URL: the
// candidate's, or Request.Callback. For polling, Request.Callback names the
// query parameter that filters. A field that others use too, by a reference,
// is copied before it is marked.
//
// An operation that is what it is to become gives no edits. One that is a
// trigger but not a right one is an error, like all that cannot be converted;
// then there is no plan. What is left to the author is a step with a warning.
func ToTriggers(c *connector.Connector, rs []Request) (*Plan, error) {
	d, err := newDraft(c, rs)
	if err != nil {
		return nil, err
	}
	for _, r := range d.requests {
		if err := d.convert(r); err != nil {
			return nil, fmt.Errorf("convert %s: %w", r.name(), err)
		}
	}
	for _, r := range d.requests {
		if r.changed {
			d.review(r)
		}
	}
	if syntax := len(d.c.Definition.File.Problems); syntax > 0 && len(d.plan.Edits) > 0 {
		d.warn(source.Node{}, "repair the syntax of the file, in which connectorctl lint finds %d problems", syntax)
	}
	return d.plan, nil
}

// request is a [Request] whose parts have been looked up.
type request struct {
	Request
	id, path, method string
	already          *connector.Trigger // what the operation was from the start
	field            []string           // the callback field: names from the body's root
	changed          bool
}

// name is what to call the operation in a message.
func (r *request) name() string {
	if r.id != "" {
		return r.id
	}
	return strings.ToUpper(r.method) + " " + r.path
}

func newDraft(c *connector.Connector, rs []Request) (*draft, error) {
	switch {
	case c.Definition.File == nil:
		return nil, errors.New("there is no definition to convert")
	case !c.Definition.IsSwagger2():
		return nil, fmt.Errorf("%s is not OpenAPI 2.0: import it first", c.Definition.File.Name)
	}
	now := *c // its properties will change
	d := &draft{c: &now, original: c, plan: &Plan{}, copies: map[string]string{}}
	for _, asked := range rs {
		r, err := d.look(asked)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(d.requests, func(q *request) bool { return q.path == r.path && q.method == r.method }) {
			return nil, fmt.Errorf("convert %s: it is to be converted twice", r.name())
		}
		d.requests = append(d.requests, r)
	}
	return d, nil
}

// look finds what a request names.
func (d *draft) look(asked Request) (*request, error) {
	if asked.Candidate.Operation == nil {
		return nil, errors.New("a request names no operation")
	}
	r := &request{Request: asked, path: asked.Candidate.Operation.Path, method: asked.Candidate.Operation.Method}
	o := d.operation(r)
	if o == nil {
		return nil, fmt.Errorf("convert: there is no operation %s %s", strings.ToUpper(r.method), r.path)
	}
	r.id, r.already = o.ID, o.Trigger
	r.As = cmp.Or(asked.As, asked.Candidate.As, connector.Webhook)
	err := r.refuse(o)
	if err == nil && r.As != connector.Polling {
		r.field, err = d.callbackOf(r, o)
	}
	if err != nil {
		return nil, fmt.Errorf("convert %s: %w", r.name(), err)
	}
	return r, nil
}

// refuse says why an operation cannot become what is asked for.
func (r *request) refuse(o *connector.Operation) error {
	method := strings.ToUpper(o.Method)
	switch isTrigger := r.already != nil && r.already.Mode.Exists(); {
	case isTrigger && r.already.Delivery != r.As:
		return fmt.Errorf("it is a %s trigger already", r.already.Delivery)
	case r.As == connector.Polling && o.Method != "get":
		return fmt.Errorf("it is a %s, and polling reads by GET", method)
	case r.As == connector.Polling && o.ID == "" && r.Rename == "":
		return errors.New("it has no operationId, by which the polling policy could name it")
	case r.As != connector.Polling && o.Method == "get":
		return errors.New("it is a GET, which has no body for the callback URL: a GET can become a polling trigger")
	case r.As != connector.Polling && !takesBody(o):
		return fmt.Errorf("it is a %s, and a registration is a POST with the callback URL in its body", method)
	}
	return nil
}

// convert makes the changes that one request asks for.
func (d *draft) convert(r *request) error {
	before, said := *d.c, len(d.plan.Steps)
	err := d.rename(r)
	if err == nil {
		err = d.convertTo(r)
	}
	if err != nil {
		return err
	}
	r.changed = d.c.Definition != before.Definition || d.c.Properties != before.Properties
	switch {
	case !r.changed:
		d.plan.Steps = d.plan.Steps[:said]
	case r.already != nil && (r.already.Mode.Exists() || r.already.Delivery == r.As):
		return errors.New("it is a " + r.already.Delivery.String() + " already, but not quite right: connectorctl lint says what is wrong with it")
	}
	return nil
}

func (d *draft) convertTo(r *request) error {
	if r.As == connector.Polling {
		return d.toPolling(r)
	}
	return d.toWebhook(r)
}

// toWebhook makes an operation a webhook trigger, or an action that waits.
func (d *draft) toWebhook(r *request) error {
	if err := d.checkContent(d.operation(r)); err != nil {
		return err
	}
	for _, prepare := range []func(*request) error{d.separateCallback, d.separateAnswer} {
		if err := prepare(r); err != nil {
			return err
		}
	}
	o := d.operation(r)
	content, err := d.contentOf(r, o)
	if err != nil {
		return err
	}
	marks, err := d.marks(r, o)
	if err != nil {
		return err
	}
	err = d.edit(func(e *source.Editor) {
		if r.As == connector.Webhook {
			d.writeTexts(e, o, eventOf(o))
			d.markTrigger(e, r, o)
		}
		for _, m := range marks {
			m.make(e)
			d.step(m.at, m.message, m.key...)
		}
		d.describe(e, r, o, content)
		d.declareAnswer(e, o)
	})
	if err != nil {
		return err
	}
	return d.removal(r)
}

// markTrigger writes x-ms-trigger, behind what names the operation.
func (d *draft) markTrigger(e *source.Editor, r *request, o *connector.Operation) {
	mode := "single"
	if r.Batch || r.As == connector.Polling {
		mode = "batch"
	}
	if o.Node.Get("x-ms-trigger").Is(mode) {
		return
	}
	put(e, o.Node, "x-ms-trigger", mode, "description", "summary", "operationId")
	d.step(o.Node, "make it a trigger", "x-ms-trigger")
}

// writeTexts makes summary and description say when the trigger fires.
func (d *draft) writeTexts(e *source.Editor, o *connector.Operation, event string) {
	if s, _ := o.Node.Get("summary").Str(); !saysWhen(s) {
		summary := "When " + event
		put(e, o.Node, "summary", summary, "operationId")
		d.step(o.Node, "name it "+strconv.Quote(summary), "summary")
		if event == unknownEvent {
			d.warn(o.Node, "say in the summary what happens: nothing in the document tells")
		}
	}
	description, _ := o.Node.Get("description").Str()
	if !saysTriggers(description) {
		put(e, o.Node, "description", triggerDescription(event, description), "summary", "operationId")
		d.step(o.Node, "describe when it triggers", "description")
	}
}
