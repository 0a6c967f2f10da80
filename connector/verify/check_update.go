package verify

import (
	"fmt"

	"github.com/connectorctl/connectorctl/connector/source"
)

var updateChecks = []*Check{
	{
		ID: "update-new-first", Severity: source.Error, on: webhooks, life: update(roleRenewed),
		Summary:  "a flow that registers anew and then removes its old registration keeps its events",
		Contract: "section 2: the platform updates by a DELETE and a registration, often with the same callback URL",
	},
	{
		ID: "update-old-first", Severity: source.Error, on: webhooks, life: update(roleSwapped),
		Summary:  "a flow that removes its old registration and then registers anew keeps its events",
		Contract: "section 2: DELETE of the old Location is attempted, then it registers again",
	},
	{
		ID: "restart-survived", Severity: source.Error, on: pushed, life: restartSurvived,
		Summary:  "a registration survives a restart of the publisher",
		Contract: "section 2: the platform registers when a flow is saved, and not again",
	},
}

func update(role string) func(*life) verdict {
	return func(l *life) verdict {
		if v := l.noEvent(); v != nil {
			return *v
		}
		old, anew := l.sub(role), l.sub(role+", anew")
		switch {
		case old == nil || !l.changed:
			return skipped("the old registration was not there or could not be removed")
		case anew == nil:
			return failed(finding{at: l.trigger.Operation.At(), message: "a callback URL that was registered before is refused when it is registered anew",
				hint: "saving a flow registers its URL again: make a new registration of it", evidence: exchanges(old.answer, old.removals[0])})
		}
		if v, judged := l.ofLater(l.third(), "third"); !judged {
			return v
		}
		if !l.reached(l.third()) {
			return skipped("others got nothing either, so it proves nothing")
		}
		if len(old.in(l.third())) == 0 {
			return failed(finding{at: l.trigger.Operation.At(), message: "a callback URL that was registered anew gets no notifications",
				hint: "keep registrations apart by their ids, not by the callback URL", evidence: exchanges(old.answer, anew.answer, old.removals[0])})
		}
		return passed("the new registration gets events")
	}
}

func restartSurvived(l *life) verdict {
	if v := l.noEvent(); v != nil {
		return *v
	}
	switch s := l.survivor(); {
	case l.Restart == nil:
		return skipped("without --restart nothing is restarted")
	case l.run.restarted != nil:
		return skipped("%v", l.run.restarted)
	case s != nil && s.after(l.back):
		return passed("notified after the restart")
	case s == nil || l.survived == nil:
		return skipped("there was no registration to survive")
	case !l.isAction() && len(l.events) > 1 && !l.reached(l.events[len(l.events)-2]):
		return skipped("the registration was silent before the restart")
	case l.survived.err != nil:
		return skipped("no event could be made to happen after the restart")
	case l.Fire == nil:
		return skipped("no event came after the restart")
	default:
		return failed(finding{at: l.trigger.Operation.At(), message: fmt.Sprintf("no notification came within %s of an event after the restart", l.Times.Wait),
			hint: "store registrations before you answer 201", evidence: exchanges(s.answer)})
	}
}
