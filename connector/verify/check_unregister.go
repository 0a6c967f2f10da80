package verify

import (
	"fmt"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

var unregistrationChecks = []*Check{
	{
		ID: "unregister-status", Severity: source.Error, on: webhooks, life: unregisterStatus,
		Summary:  "DELETE on the Location, without body and headers of its own, is answered 2xx",
		Contract: "section 2: the DELETE uses the same connection and adds no header and no body",
	},
	{
		ID: "unregister-repeat", Severity: source.Warning, on: pushed, life: unregisterRepeat,
		Summary:  "a second DELETE does no harm: it is answered 2xx, 404 or 410",
		Contract: "section 3: a DELETE may come for what is over: 2xx or 404 without side effects",
	},
	{
		ID: "unregister-unknown", Severity: source.Warning, on: pushed, life: unregisterUnknown,
		Summary:  "DELETE of a registration that never was is refused with 4xx",
		Contract: "section 1: the Location identifies a registration",
	},
	{
		ID: "unregister-stops", Severity: source.Error, on: webhooks, life: unregisterStops,
		Summary:  "nothing is sent to a callback URL once it is unregistered",
		Contract: "section 2: stop notifying after DELETE",
	},
	{
		ID: "unregister-isolated", Severity: source.Error, on: webhooks, life: unregisterIsolated,
		Summary:  "unregistering one subscriber ends no other registration",
		Contract: "section 1: the DELETE drops this registration",
	},
}

func (l *life) deletePlace() source.Node {
	if u := l.trigger.Unsubscribe; u != nil {
		return u.At()
	}
	return l.trigger.Operation.At()
}

// removedOne is the registration that was unregistered while others went on.
func (l *life) removedOne() *subscription {
	if l.isAction() {
		return l.sub(roleCancel)
	}
	return l.sub(roleRemoved)
}

// accepted is a registration that was unregistered before the third event: the
// one that is there for it, or else one of those that were registered anew.
func (l *life) accepted() *subscription {
	for _, s := range []*subscription{l.removedOne(), l.sub(roleRenewed), l.sub(roleSwapped)} {
		if s != nil && !s.removed.IsZero() {
			return s
		}
	}
	return nil
}

// anyRemoval is the first DELETE of all that were sent. That a registration is
// not there any more because another was unregistered is no fault of its DELETE.
func (l *life) anyRemoval() *exchange {
	if s := l.removedOne(); s != nil && len(s.removals) > 0 {
		if s.removals[0].isGone() && unregisterIsolated(l).status == Failed {
			return l.accepted().removals[0]
		}
		return s.removals[0]
	}
	for _, s := range l.subs {
		if s.role != role410 && len(s.removals) > 0 {
			return s.removals[0]
		}
	}
	return nil
}

func unregisterStatus(l *life) verdict {
	e := l.anyRemoval()
	switch {
	case l.sub(roleFirst) == nil:
		return unregistered
	case e == nil:
		return skipped("there is no Location that may be called")
	case e.ok() && e.ended != nil:
		return failed(finding{at: l.deletePlace(), message: fmt.Sprintf("the DELETE %s, but %v", e.became(), e.ended), evidence: exchanges(e)})
	case e.ok():
		return passed("%s", e.outcome())
	}
	f := finding{at: l.deletePlace(), message: fmt.Sprintf("the DELETE %s, expected 2xx", e.became()), evidence: exchanges(e)}
	if e.err != nil {
		f.message = fmt.Sprintf("the DELETE got no answer: %v", e.err)
	}
	if u := l.trigger.Unsubscribe; u != nil {
		var never []string
		for _, p := range u.Parameters() {
			if p.In() == "header" && p.Required() || p.In() == "body" {
				never = append(never, p.In()+" "+p.Name())
			}
		}
		if len(never) > 0 {
			f.hint = "the platform never sends " + strings.Join(never, ", ") + ": the DELETE must do without"
		}
	}
	return failed(f)
}

func unregisterRepeat(l *life) verdict {
	s := l.removedOne()
	if s == nil || len(s.removals) < 2 || !s.removals[0].ok() {
		return skipped("no DELETE was accepted that could be repeated")
	}
	e := s.removals[1]
	if e.ok() || e.isGone() {
		return passed("%s", e.outcome())
	}
	return failed(finding{at: l.deletePlace(), message: fmt.Sprintf("the second DELETE %s, expected 2xx, 404 or 410", e.became()),
		hint: "the platform repeats what it is not sure of", evidence: exchanges(s.removals...)})
}

func unregisterUnknown(l *life) verdict {
	switch {
	case l.unknown == nil && l.removedOne() != nil && l.removedOne().location != nil && l.distinct():
		return skipped("the Location has no identifier that could be another")
	case l.unknown == nil:
		return skipped("no DELETE was tried")
	case l.unknown.refused():
		return passed("%s", l.unknown.outcome())
	}
	return failed(finding{at: l.deletePlace(), message: fmt.Sprintf("the DELETE of an unknown registration %s, expected 4xx", l.unknown.became()),
		hint: "a wrong id should show, or a registration stays for ever without a word", evidence: exchanges(l.unknown)})
}

func unregisterStops(l *life) verdict {
	if v := l.noEvent(); v != nil {
		return *v
	}
	s := l.removedOne()
	if s == nil || s.removed.IsZero() {
		return skipped("no DELETE was accepted")
	}
	e := l.third()
	if v, judged := l.ofLater(e, "third"); !judged {
		return v
	}
	for _, d := range s.to.deliveries {
		if !d.at.Before(e.at) && d.at.After(s.removed) {
			return failed(finding{at: l.deletePlace(), message: fmt.Sprintf("a notification came %.1f s after the DELETE", d.at.Sub(s.removed).Seconds()),
				hint: "the flow may be gone, or hold a newer registration: it would run twice", evidence: append(exchanges(s.removals[0]), d)})
		}
	}
	if !l.reached(e) {
		return skipped("others got nothing either, so it proves nothing")
	}
	return passed("nothing came")
}

// vanished is a DELETE that came too late for its registration, nil if there is
// none.
func (l *life) vanished() *exchange {
	if s := l.removedOne(); len(s.removals) > 0 && s.removals[0].isGone() {
		return s.removals[0]
	}
	return nil
}

// third is the event after registrations were removed and renewed.
func (l *life) third() *event {
	if l.isAction() || len(l.events) < 3 || l.events[2] == l.survived {
		return nil
	}
	return l.events[2]
}

func unregisterIsolated(l *life) verdict {
	if v := l.noEvent(); v != nil {
		return *v
	}
	removed := l.accepted()
	if removed == nil {
		return skipped("no DELETE was accepted")
	}
	if v, judged := l.ofLater(l.third(), "third"); !judged {
		return v
	}
	if !l.reached(l.second()) {
		return skipped("the first registration got nothing before either")
	}
	if !l.reached(l.third()) {
		return failed(finding{at: l.deletePlace(), message: "a registration got no more notifications after another was unregistered",
			hint: "drop the registration that the Location names, and no other", evidence: exchanges(removed.removals[0], l.vanished())})
	}
	return passed("others got the next event")
}
