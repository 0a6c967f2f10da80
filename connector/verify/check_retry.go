package verify

import (
	"fmt"
	"time"

	"github.com/connectorctl/connectorctl/connector/source"
)

var retryChecks = []*Check{
	{
		ID: "retry-500", Severity: source.Warning, on: pushed, life: retryAfter(role500, false),
		Summary:  "a notification that was answered 500 is sent again",
		Contract: "section 6: 500 is an unknown error of the platform, which passes",
	},
	{
		ID: "retry-503", Severity: source.Warning, on: pushed, life: retryAfter(role503, true),
		Summary:  "a notification that was answered 503 is sent again, and not before Retry-After",
		Contract: "RFC 9110, section 15.6.4: the platform is overloaded and says for how long",
	},
	{
		ID: "retry-429", Severity: source.Warning, on: pushed, life: retryAfter(role429, true),
		Summary:  "a notification that was answered 429 is sent again, and not before Retry-After",
		Contract: "RFC 6585, section 4: a flow is throttled and says for how long",
	},
	{
		ID: "retry-reset", Severity: source.Warning, on: pushed, life: retryAfter(roleReset, false),
		Summary:  "a notification whose connection broke is sent again",
		Contract: "section 1: every registered callback URL gets the event",
	},
	{
		ID: "retry-timeout", Severity: source.Warning, on: pushed, life: retryTimeout,
		Summary:  "a notification that gets no answer is given up and sent again",
		Contract: "section 1: every registered callback URL gets the event",
	},
}

// soon is what a clock may be off when a retry is held against Retry-After.
const soon = 100 * time.Millisecond

func retryAfter(role string, asked bool) func(*life) verdict {
	return func(l *life) verdict {
		if v := l.noEvent(); v != nil {
			return *v
		}
		s := l.sub(role)
		list := s.in(l.events[0])
		if len(list) == 0 {
			return skipped("this registration got no notification")
		}
		again := l.retry(s)
		if again == nil {
			return l.noRetry(role, list[0])
		}
		pause := time.Duration(0)
		if asked {
			pause = l.Times.pause()
		}
		waited := again.at.Sub(list[0].ended)
		if waited < pause-soon {
			return failed(finding{at: l.contentPlace(), message: fmt.Sprintf("the notification came again after %.1f s, although Retry-After asked for %.0f s", waited.Seconds(), pause.Seconds()),
				hint: "wait for the later of your own plan and Retry-After", evidence: deliveries(list[0], again)})
		}
		return passed("again after %.1f s", waited.Seconds())
	}
}

// noRetry says what it means that no retry was seen. A publisher may plan it
// for later than anybody waits; but one that has repeated after other failures
// does not.
func (l *life) noRetry(role string, first *delivery) verdict {
	watched := l.watched().Sub(first.ended)
	plan, planned := l.plan(role)
	plan = plan*3/2 + time.Second
	if role == role503 || role == role429 {
		plan = max(plan, l.Times.pause()*6/5+time.Second)
	}
	if !(planned && watched > plan) && !(l.Times.Promise && watched >= l.Times.Retry/2) {
		return skipped("not observed: no retry within %.0f s, but the publisher may plan it for later; --retry-wait waits longer", watched.Seconds())
	}
	return failed(finding{at: l.contentPlace(), message: fmt.Sprintf("a notification to a subscriber that %s was not sent again within %.0f s", role, watched.Seconds()),
		hint: "what fails in passing must be repeated, or the flow never learns of the event", evidence: deliveries(first)})
}

// plan is how long the publisher waits by itself before a retry, as its
// retries after other failures show.
func (l *life) plan(but string) (longest time.Duration, known bool) {
	for _, role := range []string{role500, roleReset, roleTimeout, role503, role429} {
		s := l.sub(role)
		if s == nil || role == but || known && (role == role503 || role == role429) {
			continue // these two were told how long to wait
		}
		if again := l.retry(s); again != nil {
			longest, known = max(longest, again.at.Sub(s.in(l.events[0])[0].ended)), true
		}
	}
	return longest, known
}

// watched is when the first event was no longer watched.
func (l *life) watched() time.Time {
	if until := l.events[0].until; !until.IsZero() {
		return until
	}
	return l.observed
}

func retryTimeout(l *life) verdict {
	if v := l.noEvent(); v != nil {
		return *v
	}
	s := l.sub(roleTimeout)
	list := s.in(l.events[0])
	switch {
	case len(list) == 0:
		return skipped("this registration got no notification")
	case l.delayed:
		return skipped("the subscriber had to answer after all: others were waiting, see slow-isolated")
	case !list[0].cut:
		return skipped("not observed: the publisher still waited after %.0f s; --retry-wait waits longer", l.watched().Sub(list[0].at).Seconds())
	}
	held := list[0].ended.Sub(list[0].at).Seconds()
	if again := l.retry(s); again != nil {
		return passed("given up after %.1f s, again after %.1f s", held, again.at.Sub(list[0].ended).Seconds())
	}
	return l.noRetry(roleTimeout, list[0])
}
