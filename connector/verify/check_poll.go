package verify

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

var pollChecks = []*Check{
	{
		ID: "poll-first", Severity: source.Error, on: polled, poll: pollFirst,
		Summary:  "the first call is answered 202, or 200 with a list where the state is left to a policy",
		Contract: "section 5: the first call establishes the baseline and starts nothing",
	},
	{
		ID: "poll-location", Severity: source.Error, on: polled, poll: pollLocation,
		Summary:  "each answer has a Location on the publisher's own host, with the state in it",
		Contract: "section 5: the state travels only in the Location URL",
	},
	{
		ID: "poll-retry-after", Severity: source.Warning, on: polled, poll: pollRetryAfter,
		Summary:  "each answer has a Retry-After in seconds",
		Contract: "section 5: Retry-After is in seconds",
	},
	{
		ID: "poll-empty", Severity: source.Error, on: polled, poll: pollEmpty,
		Summary:  "a poll with nothing new is answered 202 with the same state, or 200 with an empty list",
		Contract: "section 5: nothing new: 202, same state in Location",
	},
	{
		ID: "poll-received", Severity: source.Error, on: polled, poll: pollReceived,
		Summary:  "a poll after an event is answered 200 with the data",
		Contract: "section 5: new data: 200 with the new state in Location",
	},
	{
		ID: "poll-content-type", Severity: source.Error, on: polled, poll: pollContentType,
		Summary:  "data has the Content-Type application/json",
		Contract: "section 5: 200 with an array or an object",
	},
	{
		ID: "poll-shape", Severity: source.Error, on: polled, poll: pollShape,
		Summary:  "an answer holds an array for batch, and one object for single",
		Contract: "section 5: 200 with an array (batch) or an object (single)",
	},
	{
		ID: "poll-body", Severity: source.Error, on: polled, poll: pollBody,
		Summary:  "data satisfies the schema of the 200 response",
		Contract: "section 5: the payload is responses.200.schema",
	},
	{
		ID: "poll-fields", Severity: source.Warning, on: polled, poll: pollFields,
		Summary:  "data has every field that the definition shows to makers",
		Contract: "section 5: the schema defines what makers can pick",
	},
	{
		ID: "poll-stateless", Severity: source.Error, on: polled, poll: pollStateless,
		Summary:  "the same URL gives the same data again: the publisher keeps no state",
		Contract: "section 5: state travels only in the URL, the publisher keeps none",
	},
	{
		ID: "poll-no-repeat", Severity: source.Error, on: polled, poll: pollNoRepeat,
		Summary:  "no data comes twice along the states",
		Contract: "section 5: avoid returning the same data twice",
	},
	{
		ID: "poll-order", Severity: source.Warning, on: polled, poll: pollOrder,
		Summary:  "data is in order: a list the newest first, otherwise as it happened",
		Contract: "section 5: results sorted newest first, of which the policy takes the state",
	},
	{
		ID: "poll-drain", Severity: source.Warning, on: polled, poll: pollDrain,
		Summary:  "while there is more, data has Retry-After: 0",
		Contract: "section 5: several items, one at a time: Retry-After: 0, and the engine comes back at once",
	},
}

func pollFirst(p *polling) verdict {
	e := p.first
	if p.failed != nil {
		return failed(finding{at: p.trigger.Operation.At(), message: fmt.Sprintf("the call cannot be made: %v", p.failed)})
	}
	if e == nil {
		return skipped("the run ended before")
	}
	f := finding{at: p.resultPlace(), evidence: exchanges(e)}
	switch {
	case e.err != nil:
		f.message = fmt.Sprintf("the first call got no answer: %v", e.err)
	case e.ended != nil:
		f.message = fmt.Sprintf("the first call %s, but %v", e.became(), e.ended)
	case e.status != http.StatusOK && e.status != http.StatusAccepted:
		f.message = fmt.Sprintf("the first call %s, expected 202 or 200", e.became())
		switch {
		case e.status/100 == 3:
			f.message += "; redirects are not followed"
		case e.status == http.StatusUnauthorized || e.status == http.StatusForbidden:
			f.hint = "give the credentials of a connection with --bearer, --basic, --api-key or --header"
		case e.refused() && len(p.made.madeUp) > 0:
			f.hint = "verify made up " + strings.Join(p.made.madeUp, ", ") + ": give real values with --input " + p.made.madeUp[0] + "=VALUE"
		}
	case e.status == http.StatusOK && !p.expectsList():
		f.at = p.statePlace()
		f.message = "the first call was answered 200, expected 202, which the definition declares"
		f.hint = "without a state there is nothing new: answer 202 with a Location, or every flow starts with old data"
	case p.native && p.location(e) != nil && p.hasState(p.location(e)):
		return passed("%s: the state is in the Location", e.outcome())
	case p.native:
		return passed("%s", e.outcome())
	default:
		return passed("%s, %s", e.outcome(), describe(p.items(e)))
	}
	return failed(f)
}

// notNative skips a check that is about states in the Location.
func (p *polling) notNative() *verdict {
	if v := p.started(); v != nil {
		return v
	}
	if !p.native {
		v := skipped("the publisher lists, the policy makes the state")
		return &v
	}
	return nil
}

// answers returns the answers of the protocol with states.
func (p *polling) answers() []*exchange {
	return slices.DeleteFunc(append([]*exchange{p.first, p.empty}, p.chain...), func(e *exchange) bool { return e == nil || e.err != nil })
}

func pollLocation(p *polling) verdict {
	if v := p.notNative(); v != nil {
		return *v
	}
	for _, e := range p.answers() {
		location := e.header.Get("Location")
		f := finding{at: p.statePlace(), evidence: exchanges(e), hint: "answer with the URL of the next poll, such as the one that was called with ?triggerState="}
		if location == "" {
			f.message = fmt.Sprintf("the answer %s has no Location", e.outcome())
			return failed(f)
		}
		if _, err := p.client.resolve(e.url, location); err != nil {
			f.message = fmt.Sprintf("the Location %q cannot be called: %v", location, err)
			return failed(f)
		}
		if !p.hasState(p.location(e)) {
			f.message = fmt.Sprintf("the Location %q is the URL of the first call: there is no state in it", location)
			return failed(f)
		}
	}
	return passed("%s", plural(len(p.answers()), "answer"))
}

func pollRetryAfter(p *polling) verdict {
	if v := p.notNative(); v != nil {
		return *v
	}
	for _, e := range p.answers() {
		if _, ok := e.retryAfter(); !ok {
			return failed(finding{at: p.statePlace(), message: fmt.Sprintf("the answer %s has the Retry-After %q, expected seconds", e.outcome(), e.header.Get("Retry-After")), evidence: exchanges(e),
				hint: "the platform comes back after that time"})
		}
	}
	return passed("%s", plural(len(p.answers()), "answer"))
}

func pollEmpty(p *polling) verdict {
	if v := p.started(); v != nil {
		return *v
	}
	if !p.native {
		return p.emptyList()
	}
	last := p.empty
	if last == nil {
		return skipped("there is no Location with a state to poll")
	}
	if !p.nothing(last) || isList(p.value(last)) && !p.trigger.Batch() {
		return failed(finding{at: p.statePlace(), message: fmt.Sprintf("a poll before anything happened %s, expected 202, or 200 with an empty list", last.became()), evidence: exchanges(p.first, last)})
	}
	if before, after := p.location(p.first), p.location(last); after != nil && before.String() != after.String() {
		return failed(finding{at: p.statePlace(), message: fmt.Sprintf("a poll with nothing new changed the state from %s to %s", before.RequestURI(), after.RequestURI()), evidence: exchanges(p.first, last),
			hint: "what happens while an empty poll is on its way would be lost: keep the state"})
	}
	return passed("%d, same state", last.status)
}

// stateless says why there is no state of a list to poll with.
func (p *polling) stateless() verdict {
	if p.policy.Parameter == "" {
		return skipped("no policy makes a state of the answer")
	}
	expression, _ := p.policy.State.Str()
	return skipped("the answer has nothing at %s, of which the policy makes the state", expression)
}

func (p *polling) emptyList() verdict {
	switch {
	case p.next == nil:
		return p.stateless()
	case p.next.err != nil || p.next.status != http.StatusOK && p.next.status != http.StatusAccepted:
		return failed(finding{at: p.resultPlace(), message: fmt.Sprintf("a poll with nothing new %s, expected 200 with an empty list", p.next.became()), evidence: exchanges(p.next),
			hint: "to have nothing is no error"})
	}
	return passed("%s, %s", p.next.outcome(), describe(p.items(p.next)))
}

func pollReceived(p *polling) verdict {
	if v := p.started(); v != nil {
		return *v
	}
	switch {
	case p.event == nil:
		return skipped("there is no Location with a state to poll")
	case p.event.err != nil:
		return skipped("no event could be made to happen")
	case len(p.chain) == 0:
		return skipped("the run ended before")
	}
	e := p.chain[0]
	switch changed := string(e.body) != string(p.first.body); {
	case p.native && p.carries(e) && p.given() < p.event.calls:
		return passed("%s, of %s", plural(p.given(), "item"), plural(p.event.calls, "event"))
	case p.native && p.carries(e), !p.native && e.err == nil && e.status == http.StatusOK && changed:
		return passed("%s", describe(p.items(e)))
	}
	if p.Fire == nil {
		return skipped("no data came within %s", p.Times.Wait)
	}
	return failed(finding{at: p.resultPlace(), message: fmt.Sprintf("no data came within %s of the event: the last poll %s", p.Times.Wait, e.became()), evidence: exchanges(e)})
}

// eachData calls check for the answers with data and returns what it finds
// first.
func (p *polling) eachData(check func(*exchange) []finding) verdict {
	if v := p.started(); v != nil {
		return *v
	}
	list := p.withData()
	if len(list) == 0 {
		return skipped("there was no answer with data")
	}
	for _, e := range list {
		if found := check(e); len(found) > 0 {
			for i := range found {
				found[i].evidence = exchanges(e)
			}
			return failed(found...)
		}
	}
	return passed("%s", plural(len(list), "answer"))
}

func pollContentType(p *polling) verdict {
	return p.eachData(func(e *exchange) []finding {
		if t := e.header.Get("Content-Type"); !isJSON(t) {
			return []finding{{at: p.resultPlace(), message: fmt.Sprintf("the data has the Content-Type %q, expected application/json", t)}}
		}
		return nil
	})
}

func pollShape(p *polling) verdict {
	return p.eachData(func(e *exchange) []finding {
		value, err := parse(e.body)
		if err != nil {
			return nil // poll-body
		}
		list, isArray := value.([]any)
		f := finding{at: p.trigger.Mode}
		switch {
		case p.trigger.Batch() && !isArray && !isList(walk(value, p.list)):
			f.message = "the answer holds no array, which x-ms-trigger: batch needs"
		case !p.trigger.Batch() && p.native && isArray:
			f.message = fmt.Sprintf("the answer is an array of %d, expected one object, as x-ms-trigger: single says", len(list))
		default:
			return nil
		}
		return []finding{f}
	})
}

func isList(v any) bool { _, ok := v.([]any); return ok }

// isBare reports whether an answer is an array where the schema has an object
// around it, and poll-shape does not say so.
func (p *polling) isBare(value any) bool {
	return isList(value) && p.payload().Shape() == "object" && (p.trigger.Batch() || !p.native)
}

func pollBody(p *polling) verdict {
	schema := p.payload()
	if schema.IsDynamic() {
		return skipped("the payload is dynamic: only the service knows its schema")
	}
	validator, err := schema.Compile()
	if err != nil {
		return skipped("the schema cannot be compiled: %v", err)
	}
	return p.eachData(func(e *exchange) []finding {
		body := e.body
		value, err := parse(body)
		switch {
		case err != nil || e.ended != nil:
		case !isList(value) && schema.Shape() == "array":
			body = append(append([]byte{'['}, body...), ']') // poll-shape has reported it
		case p.isBare(value):
			return violations(schema, validator, value, "the answer")
		}
		return bodyFindings(schema, validator, body, e.ended != nil, "the answer")
	})
}

func pollFields(p *polling) verdict {
	if p.payload().IsDynamic() {
		return skipped("the payload is dynamic: only the service knows its fields")
	}
	if v := p.started(); v != nil {
		return *v
	}
	list := slices.DeleteFunc(p.withData(), func(e *exchange) bool { return !p.carries(e) })
	switch {
	case len(list) == 0:
		return skipped("there was no answer with data")
	case pollShape(p).status == Failed:
		return skipped("the answer is not what it should be: see poll-shape")
	}
	e := list[len(list)-1]
	value, err := parse(e.body)
	if err != nil {
		return skipped("the answer is no JSON")
	}
	if p.isBare(value) {
		return skipped("the answer is not what it should be: see poll-body")
	}
	return fieldsOf(p.payload(), value, "the answer", exchanges(e))
}

func pollStateless(p *polling) verdict {
	if v := p.started(); v != nil {
		return *v
	}
	if p.again == nil {
		return skipped("there was no data to ask for again")
	}
	before, after := p.items(p.chain[0]), p.items(p.again)
	for _, item := range before {
		if !holds(after, item) {
			return failed(finding{at: p.statePlace(), message: fmt.Sprintf("the same URL gave %s once and then %s without the same data", describe(before), p.again.outcome()), evidence: exchanges(p.chain[0], p.again),
				hint: "two flows poll the same URL, and a poll may be repeated: keep the state in the URL and not in the publisher"})
		}
	}
	return passed("the same URL gives the same data")
}

func holds(list []any, item any) bool {
	return slices.ContainsFunc(list, func(other any) bool { return reflect.DeepEqual(other, item) })
}

func pollNoRepeat(p *polling) verdict {
	if v := p.started(); v != nil {
		return *v
	}
	if p.event == nil || len(p.chain) == 0 || !p.carries(p.chain[0]) {
		return skipped("there was no data")
	}
	f := finding{at: p.statePlace(), hint: "return only what is newer than the state: the flow would run twice"}
	if !p.native {
		if p.next == nil {
			return p.stateless()
		}
		if pollOrder(p).status == Failed {
			return skipped("the state is not that of the newest item: see poll-order")
		}
		for _, item := range p.items(p.next) {
			if holds(p.items(p.chain[0]), item) {
				f.at, f.evidence = p.parameterPlace(), exchanges(p.chain[0], p.next)
				f.message = fmt.Sprintf("with %s=%s, the state after the last poll, the same data came again", p.policy.Parameter, p.state)
				return failed(f)
			}
		}
		return passed("nothing came again")
	}
	for i, e := range p.chain {
		for _, earlier := range p.chain[:i] {
			for _, item := range p.items(e) {
				if holds(p.items(earlier), item) && !p.alike() {
					f.evidence, f.message = exchanges(earlier, e), "the same data came again with the state after it"
					return failed(f)
				}
			}
		}
	}
	if last := p.chain[len(p.chain)-1]; len(p.chain) == maxPolls && p.carries(last) {
		f.evidence, f.message = exchanges(last), fmt.Sprintf("after %d polls in a row there was still data", maxPolls)
		return failed(f)
	}
	return passed("nothing came again")
}

// alike reports whether the events that were made to happen cannot be told
// apart.
func (p *polling) alike() bool { return string(p.itemSample(0)) == string(p.itemSample(1)) }

func (p *polling) parameterPlace() source.Node {
	for _, param := range p.trigger.Operation.Parameters() {
		if param.In() == "query" && param.Name() == p.policy.Parameter {
			return param.Node.Get("name")
		}
	}
	return p.trigger.Operation.At()
}

func pollOrder(p *polling) verdict {
	if v := p.started(); v != nil {
		return *v
	}
	if p.native {
		return p.orderOfEvents()
	}
	path, _ := connector.BodySteps(p.policy.State)
	at := len(p.policy.Data)
	if len(p.chain) == 0 || p.policy.Parameter == "" || len(path) < at+2 || path[at] != "0" {
		return skipped("no policy takes the state of the first item")
	}
	list := p.items(p.chain[0])
	if len(list) < 2 {
		return skipped("there are no two items to compare")
	}
	newest := walk(list[0], path[at+1:])
	for _, item := range list[1:] {
		if later(walk(item, path[at+1:]), newest) {
			return failed(finding{at: p.resultPlace(), message: fmt.Sprintf("the list is not sorted newest first: %v stands behind %v", walk(item, path[at+1:]), newest), evidence: exchanges(p.chain[0]),
				hint: "the policy takes the state of the first item: what is newer would come again, what is older would be lost"})
		}
	}
	return passed("newest first")
}

// orderOfEvents finds the events that were made to happen among the data.
func (p *polling) orderOfEvents() verdict {
	var all []any
	for _, e := range p.chain {
		all = append(all, p.items(e)...)
	}
	var places []int
	for i := range firedItems {
		event, err := parse(p.itemSample(i))
		if err != nil {
			break
		}
		places = append(places, slices.IndexFunc(all, func(item any) bool { return reflect.DeepEqual(item, event) }))
	}
	switch {
	case p.lostFirst(all):
		return failed(finding{at: p.resultPlace(), message: "of two events only the second came: the state behind it skips the first", evidence: exchanges(p.chain...),
			hint: "give the oldest first, and let the state be that of the last item that was given. If both events changed the same record, this is right"})
	case p.Fire == nil || p.alike() || slices.Contains(places, -1) || len(places) < firedItems:
		return skipped("the events cannot be told apart in the data")
	}
	if !slices.IsSorted(places) {
		return failed(finding{at: p.resultPlace(), message: "the data does not come in the order in which it happened", evidence: exchanges(p.chain...),
			hint: "the state of the last item must be that of the newest"})
	}
	return passed("as it happened")
}

// lostFirst reports whether there are fewer items than events, and one has
// something that only the second event's sample has, but none of the first's.
func (p *polling) lostFirst(all []any) bool {
	if p.Fire == nil || p.event == nil || len(all) >= p.event.calls {
		return false
	}
	first, errFirst := parse(p.itemSample(0))
	second, errSecond := parse(p.itemSample(1))
	shown := func(sample, other any) bool {
		return slices.ContainsFunc(all, func(item any) bool { return shows(item, sample, other) })
	}
	return errFirst == nil && errSecond == nil && shown(second, first) && !shown(first, second)
}

// shows reports whether a value has anything of a sample that another sample
// does not have in that place.
func shows(value, sample, other any) bool {
	object, isObject := value.(map[string]any)
	if !isObject {
		return reflect.DeepEqual(value, sample) && !reflect.DeepEqual(value, other)
	}
	of, _ := sample.(map[string]any)
	others, _ := other.(map[string]any)
	for name, inner := range object {
		if there, ok := of[name]; ok && shows(inner, there, others[name]) {
			return true
		}
	}
	return false
}

// later reports whether a is behind b: as a time, a number, or a text.
func later(a, b any) bool {
	switch x := a.(type) {
	case json.Number:
		y, ok := b.(json.Number)
		left, okLeft := new(big.Float).SetString(x.String())
		right, okRight := new(big.Float).SetString(y.String())
		return ok && okLeft && okRight && left.Cmp(right) > 0
	case string:
		y, ok := b.(string)
		if !ok {
			return false
		}
		left, errLeft := time.Parse(time.RFC3339, x)
		right, errRight := time.Parse(time.RFC3339, y)
		if errLeft == nil && errRight == nil {
			return left.After(right)
		}
		return x > y
	}
	return false
}

func pollDrain(p *polling) verdict {
	if v := p.notNative(); v != nil {
		return *v
	}
	for i, e := range p.chain {
		if i+1 < len(p.chain) && p.carries(p.chain[i+1]) && p.chain[i+1] != p.late {
			if seconds, ok := e.retryAfter(); ok && seconds > 0 {
				return failed(finding{at: p.resultPlace(), message: fmt.Sprintf("there was more data, but Retry-After is %d, expected 0", seconds), evidence: exchanges(e, p.chain[i+1]),
					hint: "the platform waits, and each of several items is late by one interval more"})
			}
		}
	}
	if len(p.chain) < 3 {
		return skipped("one answer held everything")
	}
	return passed("Retry-After: 0 while there was more")
}
