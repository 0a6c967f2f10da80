package verify

import (
	"fmt"
	"slices"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// Check is one promise of the contract. Checks are values without state: they
// judge what a life has recorded.
type Check struct {
	ID       string // kebab-case, starts with its subject, permanent, never reused
	Summary  string // what holds if it passes: one line, no full stop
	Contract string // what the platform relies on
	Severity source.Severity

	on   []connector.Delivery
	life func(*life) verdict
	poll func(*polling) verdict
}

// On reports whether the check is about triggers of a kind.
func (c *Check) On(d connector.Delivery) bool { return slices.Contains(c.on, d) }

// The kinds of triggers that checks are about.
var (
	webhooks = []connector.Delivery{connector.Webhook}
	actions  = []connector.Delivery{connector.WebhookAction}
	pushed   = []connector.Delivery{connector.Webhook, connector.WebhookAction}
	polled   = []connector.Delivery{connector.Polling}
)

// groups is the only place to register checks, in the order in which a life
// comes to them.
var groups = [][]*Check{
	registrationChecks, locationChecks, notificationChecks, retryChecks, otherChecks,
	unregistrationChecks, updateChecks, actionChecks, pollChecks,
}

// Checks returns all checks, in the order in which reports list them.
func Checks() []*Check { return slices.Concat(groups...) }

// Status is what became of a check.
type Status string

const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Skipped Status = "skipped" // could not be seen; Outcome.Detail says why
)

// Outcome is what became of one check of one trigger.
type Outcome struct {
	Check    *Check
	Status   Status
	Detail   string // what was seen, or why nothing was
	Findings []source.Diagnostic
}

// verdict is what a check says.
type verdict struct {
	status   Status
	detail   string
	findings []finding
}

// finding is a failure at a place of the definition.
type finding struct {
	at       source.Node
	message  string
	hint     string
	evidence []fmt.Stringer // the exchanges that show it
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func passed(format string, args ...any) verdict {
	return verdict{status: Passed, detail: fmt.Sprintf(format, args...)}
}

func skipped(format string, args ...any) verdict {
	return verdict{status: Skipped, detail: fmt.Sprintf(format, args...)}
}

// failed makes a verdict of findings, of which the first is the detail.
func failed(findings ...finding) verdict {
	return verdict{status: Failed, detail: findings[0].message, findings: findings}
}

// judge runs the checks of the trigger's kind.
func (s *session) judge(of func(*Check) verdict) []Outcome {
	var outcomes []Outcome
	for _, c := range Checks() {
		if !c.On(s.trigger.Delivery) {
			continue
		}
		v := of(c)
		o := Outcome{Check: c, Status: v.status, Detail: s.secret.clean(v.detail)}
		for _, f := range v.findings {
			o.Findings = append(o.Findings, s.diagnostic(c, f))
		}
		outcomes = append(outcomes, o)
	}
	return outcomes
}

// maxEvidence bounds how many exchanges a finding shows.
const maxEvidence = 3

func (s *session) diagnostic(c *Check, f finding) source.Diagnostic {
	at := f.at
	if !at.Exists() {
		at = s.trigger.Operation.At()
	}
	d := source.Diagnostic{
		Rule: c.ID, Severity: c.Severity, File: at.File(), Range: at.Underline(), Node: at,
		Message: s.secret.clean(f.message), Hint: f.hint,
	}
	operation := s.trigger.Operation.At()
	for i, e := range f.evidence {
		if i == maxEvidence {
			break
		}
		d.Related = append(d.Related, source.Related{File: operation.File(), Range: operation.Underline(), Message: s.secret.clean(e.String())})
	}
	return d
}

// exchanges makes evidence of what there is.
func exchanges(list ...*exchange) []fmt.Stringer {
	var all []fmt.Stringer
	for _, e := range list {
		if e != nil {
			all = append(all, e)
		}
	}
	return all
}

func deliveries(list ...*delivery) []fmt.Stringer {
	var all []fmt.Stringer
	for _, d := range list {
		if d != nil {
			all = append(all, d)
		}
	}
	return all
}
