package convert

import (
	"cmp"
	"errors"
	"fmt"
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
// An operation that is what it is to become gives no edits, but for what the
// request says itself: another payload, another DELETE, a name, a batch. One
// that is a trigger but not a right one is an error, like all that cannot be
// converted; then there is no plan. If it is requests that fail, the error is
// of type [Refusals]; without these, the others may do. What is left to the
// author is a step with a warning.
func ToTriggers(c *connector.Connector, rs []Request) (*Plan, error) {
	switch {
	case c.Definition.File == nil:
		return nil, errors.New("there is no definition to convert")
	case !c.Definition.IsSwagger2():
		return nil, fmt.Errorf("%s is not OpenAPI 2.0: import it first", c.Definition.File.Name)
	}
	now := *c // its properties will change
	d := &draft{c: &now, original: c, plan: &Plan{}, marked: map[Step]bool{}, copies: map[string]string{}, lookup: newLookup(c.Definition)}
	if err := d.look(rs); err != nil {
		return nil, err
	}
	for _, phase := range []func() error{d.rename, d.findRemovals, d.separate, d.transform, d.addPolicies, d.expectRight} {
		if err := phase(); err != nil {
			return nil, err
		}
	}
	return d.finish(), nil
}

// Refusal is a request that cannot be met.
type Refusal struct {
	Request int   // its index
	Reason  error // names the operation
}

// Refusals are an error of [ToTriggers]: each request that cannot be met, as far
// as is known, in their order.
type Refusals []Refusal

func (rs Refusals) Error() string { return rs[0].Reason.Error() }

func (rs Refusals) orNil() error {
	if len(rs) == 0 {
		return nil
	}
	return rs
}

// request is a [Request] whose parts have been looked up; or, without one, the
// DELETE that undoes a registration.
type request struct {
	Request
	place
	index   int
	id      string
	already *connector.Trigger // what the operation was from the start
	field   []string           // the callback field: names from the body's root
	undo    *request           // the DELETE
	steps   []Step

	// Of the current phase:
	chain *chain
	marks []mark
	poll  poll
}

// name is what to call the operation in a message.
func (r *request) name() string {
	if r.id != "" {
		return r.id
	}
	return strings.ToUpper(r.method) + " " + r.path
}

func (r *request) refusal(err error) Refusal {
	return Refusal{r.index, fmt.Errorf("convert %s: %w", r.name(), err)}
}

// step says what a change is for. A key leads on from the node to a member that
// is new.
func (r *request) step(at source.Node, message string, key ...string) {
	r.steps = append(r.steps, Step{Pointer: pointerTo(at, key...), Message: message})
}

// warn says what the author has to do.
func (r *request) warn(at source.Node, format string, args ...any) {
	r.steps = append(r.steps, warning(at, format, args...))
}

func warning(at source.Node, format string, args ...any) Step {
	return Step{Pointer: at.Pointer(), Message: fmt.Sprintf(format, args...), Warning: true}
}

// changes reports whether the request changes anything.
func (r *request) changes() bool {
	for _, s := range r.steps {
		if !s.Warning {
			return true
		}
	}
	return r.undo != nil && r.undo.changes()
}

// isDone reports whether the operation was from the start what it is to become.
func (r *request) isDone() bool {
	return r.already != nil && (r.already.Mode.Exists() || r.already.Delivery == r.As)
}

// isTouchUp reports whether an operation that is done is to change in some way
// that the request names. Then nothing else is changed.
func (r *request) isTouchUp() bool {
	return r.isDone() && (len(r.Samples) > 0 || r.Notification != "" || r.Unsubscribe != "" || r.UnsubscribePath != "" ||
		r.Rename != "" || r.Batch && !r.already.Batch())
}

// look finds what the requests name.
func (d *draft) look(asked []Request) error {
	var refused Refusals
	d.asked = map[place]*request{}
	for i, a := range asked {
		r, err := d.lookAt(a)
		if err == nil && d.asked[r.place] != nil {
			err = fmt.Errorf("convert %s: it is to be converted twice", r.name())
		}
		if err != nil {
			refused = append(refused, Refusal{i, err})
			continue
		}
		d.asked[r.place], r.index = r, i
		d.requests = append(d.requests, r)
	}
	if len(refused) > 0 {
		return refused
	}
	return d.each(d.checkContent)
}

func (d *draft) lookAt(asked Request) (*request, error) {
	o := asked.Candidate.Operation
	if o == nil {
		return nil, errors.New("a request names no operation")
	}
	r := &request{Request: asked, place: place{o.Path, o.Method}}
	if o = d.operation(r); o == nil {
		return nil, fmt.Errorf("convert: there is no operation %s %s", strings.ToUpper(r.method), r.path)
	}
	r.id, r.already = o.ID, o.Trigger
	r.As = cmp.Or(asked.As, asked.Candidate.As, connector.Webhook)
	err := r.refuse(o)
	if err == nil && r.As != connector.Polling && (!r.isTouchUp() || r.Callback != "") {
		r.field, err = d.callbackOf(r, o)
	}
	if err != nil {
		return nil, r.refusal(err).Reason
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

// expectRight fails if an operation that was done had to be changed.
func (d *draft) expectRight() error {
	return d.each(func(r *request) error {
		if r.isDone() && !r.isTouchUp() && r.changes() {
			return errors.New("it is a " + r.already.Delivery.String() + " already, but not quite right: connectorctl lint says what is wrong with it")
		}
		return nil
	})
}

// transform makes the operations what they are to become. All that they would
// spoil for others has been separated by now.
func (d *draft) transform() error {
	err := d.each(func(r *request) error {
		if r.As == connector.Polling {
			return d.toPolling(r)
		}
		return d.toWebhook(r)
	})
	if err != nil {
		return err
	}
	for _, r := range d.removals {
		d.hideRemoval(r)
	}
	return d.apply()
}

// toWebhook makes an operation a webhook trigger, or an action that waits.
func (d *draft) toWebhook(r *request) error {
	o := d.operation(r)
	content, err := d.contentOf(r, o)
	if err != nil {
		return err
	}
	if !r.isTouchUp() && r.As == connector.Webhook {
		d.writeTexts(r, o, eventOf(o, r.Candidate.Event))
	}
	if r.As == connector.Webhook && (!r.isTouchUp() || r.Batch) {
		d.markTrigger(r, o)
	}
	if !r.isTouchUp() {
		d.mark(r)
	}
	if !r.isTouchUp() || content != nil {
		d.describe(r, o, content)
	}
	if !r.isTouchUp() {
		d.declareAnswer(r, o)
		r.steps = append(r.steps, r.Candidate.Open...)
	}
	return nil
}

// markTrigger writes x-ms-trigger, behind what names the operation.
func (d *draft) markTrigger(r *request, o *connector.Operation) {
	mode, old := "single", o.Get("x-ms-trigger")
	if r.Batch || r.As == connector.Polling {
		mode = "batch"
	}
	switch {
	case old.Is(mode), old.Is("batch"): // which nobody has to say twice
		return
	case old.Is("single"):
		r.step(old, "make it a batch: each notification starts a flow for each of its events")
	default:
		r.step(o.Node, "make it a trigger", "x-ms-trigger")
	}
	d.edit(r, func(e *source.Editor) {
		put(e, o.Node, "x-ms-trigger", mode, "description", "summary", "operationId")
	})
}

// writeTexts makes summary and description say when the trigger fires.
func (d *draft) writeTexts(r *request, o *connector.Operation, event string) {
	if s, _ := o.Get("summary").Str(); !saysWhen(s) {
		summary := "When " + event
		d.edit(r, func(e *source.Editor) { put(e, o.Node, "summary", summary, "operationId") })
		r.step(o.Node, "name it "+strconv.Quote(summary), "summary")
		if event == unknownEvent {
			r.warn(o.Node, "say in the summary what happens: nothing in the document tells")
		}
	}
	description, _ := o.Get("description").Str()
	if !saysTriggers(description) {
		d.edit(r, func(e *source.Editor) {
			put(e, o.Node, "description", triggerDescription(event, description), "summary", "operationId")
		})
		r.step(o.Node, "describe when it triggers", "description")
	}
}
