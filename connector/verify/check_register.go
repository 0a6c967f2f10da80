package verify

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

var registrationChecks = []*Check{
	{
		ID: "register-status", Severity: source.Error, on: pushed, life: registerStatus,
		Summary:  "a registration is answered with 201 Created",
		Contract: "section 2: the publisher acknowledges a registration with 201",
	},
	{
		ID: "register-independent", Severity: source.Error, on: pushed, life: registerIndependent,
		Summary:  "several registrations stand side by side, and each gets the event",
		Contract: "section 1: the publisher keeps a register of subscribers, each with its own URL",
	},
	{
		ID: "register-no-callback", Severity: source.Warning, on: pushed, life: registerNoCallback,
		Summary:  "a registration without a callback URL is refused with 4xx",
		Contract: "section 2: the callback field is required",
	},
	{
		ID: "register-bad-callback", Severity: source.Warning, on: pushed, life: registerBadCallback,
		Summary:  "a registration with a malformed callback URL is refused with 4xx",
		Contract: "section 2: the callback field holds the URL that is POSTed to",
	},
	{
		ID: "register-secret", Severity: source.Warning, on: pushed, life: registerSecret,
		Summary:  "the answer to a registration repeats neither the callback's secret nor the User-Agent",
		Contract: "section 2: the callback is authenticated only by its URL, which is a secret",
	},
}

// unregistered skips a check for which nothing was registered.
var unregistered = skipped("no registration was accepted")

// registration returns the first registration, accepted or not.
func (l *life) tried() *subscription {
	if s := l.sub(roleFirst); s != nil {
		return s
	}
	return l.refused
}

func registerStatus(l *life) verdict {
	s := l.tried()
	if s == nil {
		return skipped("the run ended before")
	}
	e := s.answer
	f := finding{at: place(l.trigger.Operation, "201"), evidence: exchanges(e)}
	switch {
	case e.err == errNoCallback:
		return failed(finding{at: l.trigger.Operation.At(), message: fmt.Sprintf("%q cannot be registered: %v", l.name, e.err), hint: "mark the field with x-ms-notification-url: true; lint says more"})
	case e.err != nil:
		f.message = fmt.Sprintf("the registration got no answer: %v", e.err)
	case e.ended != nil:
		f.message = fmt.Sprintf("the registration %s, but %v", e.became(), e.ended)
	case e.status/100 == 3:
		f.message = fmt.Sprintf("the registration %s, expected 201 Created; redirects are not followed", e.became())
	case e.status != http.StatusCreated:
		f.message = fmt.Sprintf("the registration %s, expected 201 Created", e.became())
		f.hint = l.refusalHint(s)
	default:
		return passed("%s", e.outcome())
	}
	return failed(f)
}

// refusalHint says what may be behind a registration that was refused.
func (l *life) refusalHint(s *subscription) string {
	plain := ""
	if s.made != nil && strings.HasPrefix(l.listener.base, "http:") {
		plain = "a publisher that takes https callbacks only needs --tls"
	}
	switch {
	case s.answer.status == http.StatusUnauthorized || s.answer.status == http.StatusForbidden:
		return "give the credentials of a connection with --bearer, --basic, --api-key or --header"
	case s.answer.refused() && s.made != nil && len(s.made.madeUp) > 0:
		return strings.TrimSuffix("verify made up "+strings.Join(s.made.madeUp, ", ")+": give real values with --input "+s.made.madeUp[0]+"=VALUE; "+plain, "; ")
	case s.answer.status == http.StatusNotFound:
		return "was " + s.answer.url.Path + " called as it should be? The path of --url takes the place of basePath"
	case s.answer.status == http.StatusBadRequest || s.answer.status == http.StatusUnprocessableEntity:
		return plain
	}
	return ""
}

func registerIndependent(l *life) verdict {
	first := l.sub(roleFirst)
	if first == nil {
		return unregistered
	}
	at := l.trigger.Operation.At()
	if l.refused != nil {
		return failed(finding{at: at, message: fmt.Sprintf("registration %d %s, although others stand", len(l.subs)+1, l.refused.answer.became()),
			hint: "each flow registers for itself, with a callback URL of its own", evidence: exchanges(first.answer, l.refused.answer)})
	}
	if v := l.noEvent(); v != nil {
		return *v
	}
	var silent, served []*subscription
	for _, s := range l.subs {
		if s.to.armed.IsZero() || s.to.role != s.role || s.role == roleRestart {
			continue // not there when the event came
		}
		if len(s.in(l.events[0])) > 0 {
			served = append(served, s)
		} else {
			silent = append(silent, s)
		}
	}
	if len(silent) > 0 {
		return failed(finding{at: at, message: fmt.Sprintf("of %d registrations, %d got no notification of the same event", len(served)+len(silent), len(silent)),
			hint: "keep every registration until its DELETE, each with its own callback URL", evidence: exchanges(silent[0].answer, served[0].answer)})
	}
	return passed("%s, each was notified", plural(len(served), "registration"))
}

func registerNoCallback(l *life) verdict {
	return l.refusal(l.noURL, "without a callback URL")
}

func registerBadCallback(l *life) verdict {
	return l.refusal(l.badURL, "with the callback URL \"not a url\"")
}

func (l *life) refusal(s *subscription, what string) verdict {
	if s == nil {
		return unregistered
	}
	if s.answer.refused() {
		return passed("%s", s.answer.outcome())
	}
	f := finding{at: l.trigger.Operation.At(), message: fmt.Sprintf("a registration %s %s, expected 4xx", what, s.answer.became()), evidence: exchanges(s.answer),
		hint: "refuse what nobody can be notified at, or failures show only when events are lost"}
	if len(l.trigger.Callbacks) > 0 {
		f.at = l.trigger.Callbacks[0].At()
	}
	if s.answer.err != nil {
		f.message = fmt.Sprintf("a registration %s got no answer: %v", what, s.answer.err)
	}
	return failed(f)
}

func registerSecret(l *life) verdict {
	s := l.sub(roleFirst)
	if s == nil {
		return unregistered
	}
	var all bytes.Buffer
	_ = s.answer.header.Write(&all) // a buffer takes everything
	all.Write(s.answer.body)
	text := strings.ToLower(all.String())
	agent := s.made.header.Get("User-Agent")
	for _, leak := range []struct{ value, what string }{{s.to.secret, "the secret of the callback URL"}, {s.to.token, "the callback URL"}, {agent, "the User-Agent"}} {
		if strings.Contains(text, strings.ToLower(leak.value)) {
			return failed(finding{at: place(l.trigger.Operation, "201"), message: "the answer to the registration repeats " + leak.what,
				hint: "whoever has the URL can start the flow: leave it out of answers, logs and traces", evidence: exchanges(s.answer)})
		}
	}
	return passed("nothing is repeated")
}
