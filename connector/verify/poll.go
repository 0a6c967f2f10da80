package verify

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// polling is the life of a polling trigger. A publisher either keeps the state
// in the Location of its answers (202 and 200), or lists what there is and
// leaves the state to the policy pollingtrigger of apiProperties.json.
type polling struct {
	*session
	policy connector.PollingPolicy
	list   []string // where the items are in an answer
	made   *form
	failed error  // no call could be made
	said   string // the last exchange that was reported

	first  *exchange // the first call
	native bool      // it was answered 202
	empty  *exchange // native: a poll before anything happened
	event  *event
	chain  []*exchange // native: the polls after the events, up to the first without data
	late   *exchange   // native: the one of them that had to be waited for, after others
	again  *exchange   // the call that first gave data, once more
	next   *exchange   // list: the call with the state that the policy computes
	state  string      // list: its expression's value
}

// walk follows names and indices into a value, nil if they lead nowhere.
func walk(value any, path []string) any {
	for _, step := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// items returns what an answer carries: the array that the policy or the
// schema names, or else the answer itself.
func (p *polling) items(e *exchange) []any {
	if e == nil || e.status != http.StatusOK {
		return nil
	}
	value := p.value(e)
	if value == nil {
		return nil
	}
	if list, isArray := value.([]any); isArray {
		return list
	}
	if len(p.list) == 0 || len(p.policy.Data) == 0 && !p.trigger.Batch() && p.native {
		return []any{value}
	}
	list, _ := walk(value, p.list).([]any)
	return list
}

// value is the body of an answer, nil if it is no JSON.
func (p *polling) value(e *exchange) any {
	value, err := parse(e.body)
	if err != nil {
		return nil
	}
	return value
}

// carries reports whether an answer holds data. An empty list is none.
func (p *polling) carries(e *exchange) bool {
	list := p.items(e)
	return e.err == nil && e.status == http.StatusOK && (list == nil || len(list) > 0)
}

// nothing reports whether an answer says that there is nothing new.
func (p *polling) nothing(e *exchange) bool {
	return e.err == nil && (e.status == http.StatusAccepted || e.status == http.StatusOK && !p.carries(e))
}

func (p *polling) payload() connector.Schema { return p.trigger.Payload() }

// expectsList reports whether the definition leaves the state to a policy, or
// at least promises no 202.
func (p *polling) expectsList() bool {
	return p.policy.Parameter != "" || !p.trigger.Operation.Response("202").Site.Exists()
}

func (p *polling) play(ctx context.Context) {
	p.policy = p.Connector.PollingPolicy(p.trigger.Operation)
	if p.list = p.policy.Data; len(p.list) == 0 {
		p.list, _, _ = p.Connector.ListOf(p.trigger)
	}
	if p.made, p.failed = p.fill(p.trigger.Operation); p.failed != nil {
		return
	}
	if p.made.body != nil {
		p.made.header.Set("Content-Type", "application/json")
	}
	p.first = p.poll(ctx, p.made.url)
	if p.first.err != nil || ctx.Err() != nil {
		return
	}
	switch p.native = p.first.status == http.StatusAccepted; {
	case p.native:
		p.follow(ctx)
	case p.first.status == http.StatusOK:
		p.lists(ctx)
	}
}

func (p *polling) poll(ctx context.Context, u *url.URL) *exchange {
	e := p.client.do(ctx, p.made.method, u, p.made.header, p.made.text())
	if text := e.String(); text != p.said { // an empty poll is repeated many times
		p.said = text
		p.say("%s, %d ms", e, e.took.Milliseconds())
	}
	return e
}

// location returns where an answer sends the next poll, nil if nowhere.
func (p *polling) location(e *exchange) *url.URL {
	if e == nil || e.err != nil || e.header.Get("Location") == "" {
		return nil
	}
	u, err := p.client.resolve(e.url, e.header.Get("Location"))
	if err != nil {
		return nil
	}
	return u
}

// firedItems is how many events are made to happen, so that there is an order.
const firedItems = 2

// happen makes the events happen.
func (p *polling) happen(ctx context.Context) {
	p.event = &event{at: time.Now()}
	if p.Fire == nil {
		p.Ask(Event{Trigger: p.name, Sample: p.itemSample(0)}, p.Times.Wait)
		return
	}
	for i := range firedItems {
		p.say("an event is made to happen")
		p.event.calls++
		if p.event.err = p.fire(ctx, Event{Trigger: p.name, Sample: p.itemSample(i)}); p.event.err != nil {
			if ctx.Err() == nil {
				p.problem("%s: %v", p.name, p.event.err)
			}
			return
		}
	}
}

// itemSample makes the payload of one event: of an item, if answers hold
// several.
func (p *polling) itemSample(number int) []byte {
	schema := p.payload()
	_, item, found := p.Connector.ListOf(p.trigger)
	if found && (p.trigger.Batch() || schema.Shape() == "array" || len(p.policy.Data) > 0) {
		schema = item
	}
	return p.sampleOf(schema, number)
}

// maxPolls bounds how many answers in a row may hold data.
const maxPolls = 20

// pollPause is how long to wait before an empty poll is repeated.
const pollPause = 200 * time.Millisecond

// follow plays the protocol with the state in the Location.
func (p *polling) follow(ctx context.Context) {
	start := p.location(p.first)
	if start == nil || !p.hasState(start) {
		return
	}
	p.empty = p.poll(ctx, start)
	from := start
	if next := p.location(p.empty); next != nil && p.nothing(p.empty) {
		from = next
	}
	p.happen(ctx)
	if p.event.err != nil {
		return
	}
	e := p.awaitData(ctx, from)
	for range maxPolls {
		p.chain = append(p.chain, e)
		next := p.location(e)
		if next == nil || !p.carries(e) || ctx.Err() != nil {
			break
		}
		if e = p.poll(ctx, next); p.nothing(e) && p.given() < p.event.calls {
			e = p.awaitData(ctx, next) // the second event may take longer than the first
			p.late = e
		}
	}
	if p.carries(p.chain[0]) && ctx.Err() == nil {
		p.again = p.poll(ctx, from)
	}
}

// given is how many items came.
func (p *polling) given() (n int) {
	for _, e := range p.chain {
		n += len(p.items(e))
	}
	return n
}

// hasState reports whether a URL says more than the first call did.
func (p *polling) hasState(u *url.URL) bool {
	sent := p.made.url.Query()
	for name, values := range u.Query() {
		if !slices.Equal(values, sent[name]) && !p.Credentials.Query.Has(name) {
			return true
		}
	}
	return u.EscapedPath() != p.made.url.EscapedPath()
}

func (p *polling) awaitData(ctx context.Context, u *url.URL) *exchange {
	return p.await(ctx, func() (*exchange, bool) {
		e := p.poll(ctx, u)
		return e, !p.nothing(e)
	})
}

// await polls until there is something, or for as long as an event is waited
// for, and returns the last answer.
func (p *polling) await(ctx context.Context, try func() (*exchange, bool)) *exchange {
	until := time.Now().Add(p.Times.Wait)
	for {
		e, done := try()
		if done || time.Now().After(until) || !sleep(ctx, pollPause) {
			return e
		}
	}
}

// lists plays the platform with its policy, which makes the state of an answer.
func (p *polling) lists(ctx context.Context) {
	before := len(p.items(p.first))
	p.happen(ctx)
	data := p.first
	if p.event.err == nil && (p.Fire != nil || before == 0) {
		data = p.await(ctx, func() (*exchange, bool) {
			e := p.poll(ctx, p.made.url)
			return e, e.status != http.StatusOK || string(e.body) != string(p.first.body)
		})
	}
	p.chain = []*exchange{data}
	if data.status != http.StatusOK || ctx.Err() != nil {
		return
	}
	p.again = p.poll(ctx, p.made.url)
	path, _ := connector.BodySteps(p.policy.State)
	value, err := parse(data.body)
	if state := walk(value, path); err == nil && p.policy.Parameter != "" && state != nil {
		p.state = plain(state)
		u := *p.made.url
		query := u.Query()
		query.Set(p.policy.Parameter, p.state)
		u.RawQuery = query.Encode()
		p.next = p.poll(ctx, &u)
	}
}

// disturbed reports whether there was data before the first event, or more of it
// than events.
func (p *polling) disturbed() bool {
	switch {
	case !p.crowded() || p.event == nil:
		return false
	case p.native:
		return p.carries(p.empty) || p.given() > p.event.calls
	}
	return p.given()-len(p.items(p.first)) > p.event.calls
}

func (p *polling) remember(context.Context) {}
func (p *polling) recall(context.Context)   {}
func (p *polling) end(context.Context)      {}

func (p *polling) judge() []Outcome {
	return p.session.judge(func(c *Check) verdict { return c.poll(p) })
}

// withData returns the answers that carried data.
func (p *polling) withData() []*exchange {
	var list []*exchange
	for _, e := range append([]*exchange{p.first, p.empty}, p.chain...) {
		if e != nil && e.err == nil && e.status == http.StatusOK {
			list = append(list, e)
		}
	}
	return list
}

// started skips a check for which the first call must have been answered.
func (p *polling) started() *verdict {
	if p.first == nil || p.first.err != nil || p.first.status != http.StatusOK && p.first.status != http.StatusAccepted {
		v := skipped("the first call was not answered as it should be")
		return &v
	}
	return nil
}

func (p *polling) resultPlace() source.Node { return place(p.trigger.Operation, "200") }

func (p *polling) statePlace() source.Node {
	if p.trigger.Operation.Response("202").Site.Exists() {
		return place(p.trigger.Operation, "202")
	}
	return p.trigger.Operation.At()
}

func describe(items []any) string { return plural(len(items), "item") }
