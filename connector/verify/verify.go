// Package verify plays the platform against a live publisher: it registers
// callbacks as Power Automate and Logic Apps do, waits for events, answers them
// well and badly, polls, unregisters, and says which promise of the contract is
// broken and where the definition states it.
//
// It shares no code with the generated publisher: two readings of the protocol
// catch what one would hide.
package verify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// Target is a publisher and what it takes to talk to it.
type Target struct {
	Connector   *connector.Connector
	Triggers    []*connector.Trigger // which to verify
	URL         *url.URL             // where the publisher is; a path takes the place of the definition's basePath
	AllowHosts  []string             // other hosts that a Location may name, at any port if they have none
	Credentials Credentials
	Inputs      map[string]any // what a maker would fill in: names of parameters or, with dots between them, of properties of the body

	Listen      string      // where to receive callbacks, as in net.Listen; "" is a free port of the loopback
	CallbackURL *url.URL    // what stands in front of Listen, such as a tunnel; nil: nothing
	TLS         *tls.Config // nil: plain HTTP

	// Fire makes an event happen. Nil: a person does, whom Ask tells when.
	Fire    func(context.Context, Event) error
	Ask     func(Event, time.Duration)
	Restart func(context.Context) error // restarts the publisher; nil: not to be tried

	Times   Times
	Observe func(Line) // is told what happens, as it happens; calls do not overlap
}

// Times bound a run. Zero values are replaced by those of [DefaultTimes].
type Times struct {
	Wait    time.Duration // for an event to arrive
	Retry   time.Duration // for a failed notification to be repeated
	Promise bool          // retries come within Retry: that none was seen is a fault
	Quiet   time.Duration // to be sure that nothing comes
	Patient time.Duration // how long a webhook action waits before it gives up
	Request time.Duration // for an answer of the publisher
}

// DefaultTimes let all checks of a trigger end within 20 seconds. Retry is
// twice the five seconds after which publishers commonly repeat for the first
// time.
var DefaultTimes = Times{
	Wait: 10 * time.Second, Retry: 10 * time.Second, Quiet: time.Second, Patient: 2 * time.Second, Request: 5 * time.Second,
}

// PersonWait is how long to wait for an event that a person makes happen.
const PersonWait = 30 * time.Second

// cleanup bounds how long registrations are removed after an early end.
const cleanup = 5 * time.Second

// Credentials are those of a connection. They are sent to the publisher with
// every request, and never printed.
type Credentials struct {
	Header  http.Header
	Query   url.Values
	Secrets []string // what must not be printed, should the publisher repeat it
}

// Event is what a Fire function gets to know.
type Event struct {
	Trigger     string // operationId
	CallbackURL string // of one registration that stands
	Location    string // of the same registration
	Sample      []byte // a payload that satisfies the definition
}

// Line is something that happened.
type Line struct {
	At      time.Duration // since the run began
	Trigger string
	Text    string // secrets taken out
}

// Report is the result of a run.
type Report struct {
	Triggers []TriggerReport // in the order of Target.Triggers
	Problems []string        // why not everything could be tried, such as a command that failed
	Left     []string        // registrations that could not be removed
}

// TriggerReport is what became of each check of a trigger, in the order of
// [Checks].
type TriggerReport struct {
	Trigger  *connector.Trigger
	Outcomes []Outcome
}

// Findings returns the failures of a trigger.
func (r TriggerReport) Findings() []source.Diagnostic {
	var all []source.Diagnostic
	for _, o := range r.Outcomes {
		all = append(all, o.Findings...)
	}
	return all
}

// hasEnded reports whether a context is over: what dials with its deadline can
// fail a moment before it says so itself.
func hasEnded(ctx context.Context) bool {
	deadline, has := ctx.Deadline()
	return ctx.Err() != nil || has && !time.Now().Before(deadline)
}

// Run plays the platform for each trigger. All triggers live at the same time,
// unless they have to share a person, a public address or their events. Whatever
// was registered is unregistered before Run returns, also when ctx ends; then the
// error is that of ctx. A publisher that nothing can connect to is an error.
func Run(ctx context.Context, target Target) (*Report, error) {
	r, err := newRun(target)
	if err != nil {
		return nil, err
	}
	if err := r.client.reach(ctx); err != nil && !hasEnded(ctx) {
		return nil, fmt.Errorf("there is no publisher at %s: %w", r.URL.Redacted(), err)
	}
	defer r.close()
	lives := make([]player, len(target.Triggers))
	for i, t := range target.Triggers {
		if lives[i], err = r.player(t); err != nil {
			return nil, err
		}
		defer func() { lives[i].end(ctx) }()
	}
	r.each(lives, func(p player) { p.play(ctx) })
	if err := r.apart(ctx, lives); err != nil {
		return nil, err
	}
	if target.Restart != nil && ctx.Err() == nil {
		r.restart(ctx, lives)
	}
	r.each(lives, func(p player) { p.end(ctx) })
	if ctx.Err() != nil {
		return &Report{Problems: r.problems, Left: r.left}, ctx.Err()
	}
	report := &Report{Problems: r.problems, Left: r.left}
	for i, p := range lives {
		report.Triggers = append(report.Triggers, TriggerReport{target.Triggers[i], p.judge()})
	}
	return report, nil
}

// player plays the platform for one trigger: first its life, then, if the
// publisher was restarted, what comes after. End unregisters what is left and
// may be called twice.
type player interface {
	play(context.Context)
	remember(context.Context) // before a restart
	recall(context.Context)   // after it
	disturbed() bool          // something came that no event of its own explains
	end(context.Context)
	judge() []Outcome
}

// run is what all triggers of a target share.
type run struct {
	Target
	client *client
	secret *redactor
	start  time.Time

	fires  atomic.Int64 // how many events were made to happen
	alone  bool         // triggers live one after the other
	shared *listener    // of all triggers, if they share an address

	mu        sync.Mutex
	problems  []string
	left      []string
	restarted error     // why the publisher is not back
	back      time.Time // when it was
}

func newRun(target Target) (*run, error) {
	t := &target.Times
	if t.Wait == 0 && target.Fire == nil {
		t.Wait = PersonWait
	}
	for _, of := range []struct {
		value *time.Duration
		none  time.Duration
	}{{&t.Wait, DefaultTimes.Wait}, {&t.Retry, DefaultTimes.Retry}, {&t.Quiet, DefaultTimes.Quiet}, {&t.Patient, DefaultTimes.Patient}, {&t.Request, DefaultTimes.Request}} {
		if *of.value == 0 {
			*of.value = of.none
		}
	}
	if target.URL.Host == "" || target.URL.Scheme != "http" && target.URL.Scheme != "https" {
		return nil, fmt.Errorf("%q is no address of a publisher: expected http:// or https:// and a host", target.URL.Redacted())
	}
	secret := newRedactor(target.Credentials.Secrets...)
	return &run{Target: target, client: newClient(target), secret: secret, start: time.Now(), alone: target.Fire == nil || target.Listen != ""}, nil
}

func (r *run) close() {
	if r.shared != nil {
		r.shared.close()
	}
}

func (r *run) player(t *connector.Trigger) (player, error) {
	s := &session{run: r, trigger: t, name: t.Operation.Name()}
	if t.Delivery == connector.Polling {
		return &polling{session: s}, nil
	}
	return newLife(s)
}

// each runs a part of all lives, at the same time if they can.
func (r *run) each(lives []player, do func(player)) {
	if r.alone {
		for _, p := range lives {
			do(p)
		}
		return
	}
	var wg sync.WaitGroup
	for _, p := range lives {
		wg.Go(func() { do(p) })
	}
	wg.Wait()
}

// apart plays anew, one after the other, what got events of other triggers: which
// notification belongs to which event could not be told.
func (r *run) apart(ctx context.Context, lives []player) (err error) {
	var again []int
	for i, p := range lives {
		if !r.alone && ctx.Err() == nil && p.disturbed() {
			again = append(again, i)
		}
	}
	if len(again) == 0 {
		return nil
	}
	r.alone = true
	r.say("", "triggers got the events of others: they are verified anew, one after the other")
	for _, i := range again {
		lives[i].end(ctx)
	}
	for _, i := range again {
		if lives[i], err = r.player(r.Triggers[i]); err != nil {
			return err
		}
		lives[i].play(ctx)
	}
	return nil
}

// restart restarts the publisher once for all triggers.
func (r *run) restart(ctx context.Context, lives []player) {
	r.each(lives, func(p player) { p.remember(ctx) })
	r.say("", "the publisher is restarted")
	if err := r.Restart(ctx); err != nil {
		r.problem("the restart failed: %v", err)
		r.restarted = fmt.Errorf("the restart failed: %s", firstLine(err))
	} else if !r.client.awaitServer(ctx, r.Times.Wait) {
		r.restarted = fmt.Errorf("the publisher did not come back within %s", r.Times.Wait)
		r.problem("%v", r.restarted)
	}
	r.back = time.Now()
	r.each(lives, func(p player) { p.recall(ctx) })
}

// firstLine is what there is room for in a line: what a command printed comes
// behind it.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// say reports what happens.
func (r *run) say(trigger, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Observe != nil {
		r.Observe(Line{At: time.Since(r.start), Trigger: trigger, Text: r.secret.clean(fmt.Sprintf(format, args...))})
	}
}

func (r *run) problem(format string, args ...any) {
	text := r.secret.clean(fmt.Sprintf(format, args...))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, text)
}

func (r *run) remains(format string, args ...any) {
	text := r.secret.clean(fmt.Sprintf(format, args...))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = append(r.left, text)
}

// session is what a life needs, whatever the delivery.
type session struct {
	*run
	trigger *connector.Trigger
	name    string
	fired   int64 // how many of the run's events were made for this trigger
}

// fire makes an event happen.
func (s *session) fire(ctx context.Context, e Event) error {
	s.fires.Add(1)
	s.fired++
	return s.Fire(ctx, e)
}

// crowded reports whether events were made for other triggers, too.
func (s *session) crowded() bool { return s.fires.Load() > s.fired }

func (s *session) say(format string, args ...any) { s.run.say(s.name, format, args...) }

// sleep waits, and reports whether ctx let it.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// afterwards is a context that survives the end of ctx by the time it takes to
// clean up.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cleanup)
}

var errNoCallback = errors.New("no field of the body takes the callback URL")
