package verify

import (
	"fmt"

	"github.com/connectorctl/connectorctl/connector/source"
)

var actionChecks = []*Check{
	{
		ID: "action-completed", Severity: source.Error, on: actions, life: actionCompleted,
		Summary:  "DELETE after the notification is answered 2xx, 404 or 410",
		Contract: "section 3: the platform unsubscribes when the action has completed",
	},
	{
		ID: "action-cancelled", Severity: source.Error, on: actions, life: actionEnded(roleCancel, "a run that was cancelled"),
		Summary:  "DELETE of a wait that is cancelled is answered 2xx, and ends it",
		Contract: "section 3: the platform unsubscribes when the run is cancelled while it waits",
	},
	{
		ID: "action-timeout", Severity: source.Error, on: actions, life: actionEnded(rolePatient, "a run that waited until its time-out"),
		Summary:  "a wait gets nothing before the event, and its DELETE before the time-out is answered 2xx",
		Contract: "section 3: the platform unsubscribes before the run times out",
	},
}

func actionCompleted(l *life) verdict {
	if v := l.noEvent(); v != nil {
		return *v
	}
	s := l.sub(roleFirst)
	if len(s.in(l.events[0])) == 0 || len(s.removals) == 0 {
		return skipped("there was no notification, or no Location to unregister at")
	}
	e := s.removals[0]
	if e.ok() || e.isGone() {
		return passed("%s", e.outcome())
	}
	return failed(finding{at: l.deletePlace(), message: fmt.Sprintf("the DELETE after the notification %s, expected 2xx, 404 or 410", e.became()),
		hint: "each wait ends with a DELETE, also when its notification has been sent", evidence: exchanges(e)})
}

func actionEnded(role, who string) func(*life) verdict {
	return func(l *life) verdict {
		s := l.sub(role)
		if s == nil || len(s.removals) == 0 {
			return skipped("there was no registration that could be ended")
		}
		e := s.removals[0]
		var d *delivery
		if len(s.to.deliveries) > 0 {
			d = s.to.deliveries[0]
		}
		switch {
		case d != nil && l.early(d) && (!e.ok() || d.at.Before(s.removed)):
			return failed(finding{at: l.contentPlace(), message: who + " was resumed, although nothing had happened",
				hint: "notify when the event happens, not when it is registered for", evidence: deliveries(d)})
		case !e.ok():
			return failed(finding{at: l.deletePlace(), message: fmt.Sprintf("the DELETE of %s %s, expected 2xx", who, e.became()), evidence: exchanges(e)})
		case role == rolePatient:
			return passed("%s", e.outcome()) // action-cancelled is about what comes after
		case d != nil:
			return failed(finding{at: l.deletePlace(), message: fmt.Sprintf("%s was notified %.1f s after its DELETE", who, d.at.Sub(s.removed).Seconds()),
				hint: "drop the registration that the Location names", evidence: append(exchanges(e), d)})
		case !l.provoked:
			return skipped("%s, but no event was seen that would have shown that the wait is over", e.outcome())
		}
		return passed("%s, and nothing came", e.outcome())
	}
}

// early reports whether a notification came before anything had happened.
func (l *life) early(d *delivery) bool { return len(l.events) == 0 || d.at.Before(l.events[0].at) }
