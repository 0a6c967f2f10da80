package verify

import (
	"fmt"
	"time"

	"github.com/connectorctl/connectorctl/connector/source"
)

var otherChecks = []*Check{
	{
		ID: "slow-isolated", Severity: source.Warning, on: pushed, life: slowIsolated,
		Summary:  "a subscriber that does not answer does not delay the others",
		Contract: "section 1: every registered callback URL gets the event when it happens",
	},
	{
		ID: "gone-ends", Severity: source.Warning, on: webhooks, life: goneEnds,
		Summary:  "a subscriber that answered 410 Gone gets no more notifications",
		Contract: "RFC 9110, section 15.5.11: the flow is gone for good",
	},
	{
		ID: "gone-isolated", Severity: source.Error, on: webhooks, life: goneIsolated,
		Summary:  "a subscriber that answered 410 or 404 does not end the others' registrations",
		Contract: "section 1: each subscriber has its own URL, and gets every event",
	},
}

// held is how long a subscriber must have been waited for to say that others
// came after it because of that.
const held = time.Second

func slowIsolated(l *life) verdict {
	if v := l.noEvent(); v != nil {
		return *v
	}
	slow := l.sub(roleTimeout).in(l.events[0])
	if len(slow) == 0 || slow[0].ended.Sub(slow[0].at) < held {
		return skipped("no notification was held back long enough")
	}
	late := 0
	worst := time.Duration(0)
	var example *delivery
	for _, s := range l.subs {
		list := s.in(l.events[0])
		if s.role == roleTimeout || s.role != s.to.role || s.to.armed.IsZero() || len(list) == 0 || list[0].at.Before(slow[0].ended) {
			continue
		}
		late++
		if wait := list[0].at.Sub(slow[0].at); wait > worst {
			worst, example = wait, list[0]
		}
	}
	if late > 0 {
		return failed(finding{at: l.contentPlace(), message: fmt.Sprintf("%s had to wait up to %.1f s until one that does not answer was given up", plural(late, "subscriber"), worst.Seconds()),
			hint: "send to each subscriber on its own, so that one that hangs holds up nobody else", evidence: deliveries(slow[0], example)})
	}
	return passed("nobody waited")
}

func goneEnds(l *life) verdict {
	if v := l.noEvent(); v != nil {
		return *v
	}
	s := l.sub(role410)
	list := s.in(l.events[0])
	if len(list) == 0 {
		return skipped("this registration got no notification")
	}
	for _, d := range s.to.deliveries {
		if wait := d.at.Sub(list[0].ended); wait > 0 && d != list[0] {
			return failed(finding{at: l.contentPlace(), message: fmt.Sprintf("another notification came %.1f s after 410 Gone", wait.Seconds()),
				hint: "410 means that the flow is gone: end the registration", evidence: deliveries(list[0], d)})
		}
	}
	if !l.reached(l.second()) {
		return skipped("no second event came")
	}
	return passed("nothing came after 410")
}

// second is the event after the answers 410 and 404, nil if there was none.
func (l *life) second() *event {
	if len(l.events) < 2 || l.events[1] == l.survived {
		return nil
	}
	return l.events[1]
}

// reached reports whether an event came to the first registration.
func (l *life) reached(e *event) bool { return len(l.sub(roleFirst).in(e)) > 0 }

func goneIsolated(l *life) verdict {
	if v := l.noEvent(); v != nil {
		return *v
	}
	if v, judged := l.ofLater(l.second(), "second"); !judged {
		return v
	}
	gone, missing := l.sub(role410).in(l.events[0]), l.sub(role404).in(l.events[0])
	if len(gone) == 0 || len(missing) == 0 {
		return skipped("these registrations got no notification")
	}
	for _, role := range []string{roleFirst, roleSecond} {
		if s := l.sub(role); len(s.in(l.events[0])) > 0 && len(s.in(l.events[1])) == 0 {
			return failed(finding{at: l.trigger.Operation.At(), message: "a registration got no more notifications after others had answered 410 and 404",
				hint: "end the registration that answered so, and no other", evidence: append(deliveries(gone[0], missing[0]), exchanges(s.answer)...)})
		}
	}
	return passed("others got the next event")
}

// ofLater says whether a later event can be judged: it must have been made to
// happen, by a command and not only by asking a person.
func (l *life) ofLater(e *event, number string) (v verdict, judged bool) {
	switch {
	case e == nil:
		return skipped("there was no %s event", number), false
	case e.err != nil:
		return skipped("the %s event could not be made to happen", number), false
	case l.Fire == nil && !l.reached(e):
		return skipped("no %s event came", number), false
	}
	return v, true
}
