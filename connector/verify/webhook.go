package verify

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/sample"
)

// life is the life of a webhook trigger or action, with one registration for
// each way in which the platform may behave. They live at the same time and
// get the same events, so all of it takes hardly longer than the slowest.
type life struct {
	*session
	listener *listener

	subs     []*subscription
	noURL    *subscription // a registration without a callback URL
	badURL   *subscription // one with a malformed callback URL
	refused  *subscription // the registration that stopped the rest; nil if all were taken
	unknown  *exchange     // DELETE of a registration that never was
	invented *url.URL      // its URL
	events   []*event
	changed  bool      // registrations were removed and renewed
	delayed  bool      // others had to wait for the subscriber that does not answer
	survived *event    // the one after a restart
	provoked bool      // an event would have reached the wait that was cancelled
	observed time.Time // when the last event was no longer watched
	ending   sync.Once
}

// subscription is one registration.
type subscription struct {
	to       *callback
	role     string
	made     *form
	answer   *exchange
	location *url.URL // nil if there is none that can be called
	problem  error    // why location is nil although there is a header
	removals []*exchange
	removed  time.Time // when the first DELETE was answered
}

// event is something that was made to happen.
type event struct {
	at, until time.Time
	sample    []byte
	err       error // it could not be made to happen
	calls     int   // how often Fire was called for it
}

// The roles of registrations.
const (
	roleFirst   = "first"
	roleSecond  = "second"
	roleTimeout = "does not answer"
	role500     = "answers 500"
	role503     = "answers 503"
	role429     = "answers 429"
	roleReset   = "resets"
	role410     = "answers 410"
	role404     = "answers 404"
	roleRemoved = "removed"   // unregistered before the third event
	roleRenewed = "renewed"   // registered anew, then the old one unregistered
	roleSwapped = "swapped"   // unregistered, then registered anew
	roleCancel  = "cancelled" // an action whose run is cancelled
	rolePatient = "patient"   // an action that waits until its time-out
	roleRestart = "restart"   // an action that is registered before the publisher restarts
)

var accepted = reply{status: http.StatusAccepted}

// pause is what 503 and 429 ask for: longer than a publisher would wait by
// itself for a first retry, and short enough to see it.
func (t Times) pause() time.Duration {
	return max(time.Second, min(7*time.Second, t.Retry*7/10)).Truncate(time.Second)
}

// replies is how the registration of each role answers its n-th notification.
func (l *life) replies(role string) func(n int) reply {
	pause := fmt.Sprint(int(l.Times.pause().Seconds()))
	bad := map[string]reply{
		role500:     {status: http.StatusInternalServerError},
		role503:     {status: http.StatusServiceUnavailable, retryAfter: pause},
		role429:     {status: http.StatusTooManyRequests, retryAfter: pause},
		roleReset:   {reset: true},
		roleTimeout: {status: http.StatusAccepted, hold: true},
	}[role]
	switch role {
	case role410:
		return func(int) reply { return reply{status: http.StatusGone} }
	case role404:
		return func(int) reply { return reply{status: http.StatusNotFound} }
	case roleSecond:
		return func(int) reply { return reply{status: http.StatusOK} }
	}
	return func(n int) reply {
		if n == 0 && bad != (reply{}) {
			return bad
		}
		return accepted
	}
}

func newLife(s *session) (*life, error) {
	l := &life{session: s}
	var err error
	l.listener, err = s.listen(s.name)
	return l, err
}

func (l *life) isAction() bool { return l.trigger.Delivery == connector.WebhookAction }

func (l *life) play(ctx context.Context) {
	defer l.rest()
	if !l.register(ctx, roleFirst) {
		return
	}
	l.refusals(ctx)
	roles := []string{roleSecond, roleTimeout, role500, role503, role429, roleReset, role410, role404, roleRemoved, roleRenewed, roleSwapped}
	if l.isAction() {
		l.abandon(ctx)
		roles = []string{roleSecond, roleTimeout, role500, role503, role429, roleReset}
	}
	for _, role := range roles {
		if ctx.Err() != nil || !l.register(ctx, role) {
			break
		}
	}
	arrived := l.firstEvent(ctx)
	if !l.isAction() && arrived {
		l.secondEvent(ctx)
	}
	if l.isAction() {
		l.provoke(ctx)
		l.finish(ctx)
	} else if l.change(ctx); arrived {
		l.thirdEvent(ctx)
	}
}

// register makes a registration and reports whether it was accepted.
func (l *life) register(ctx context.Context, role string) bool {
	if ctx.Err() != nil {
		return false
	}
	c := l.listener.callback(l.name, role, l.replies(role), l.secret)
	s := l.subscribe(ctx, role, c.url)
	s.to = c
	if !s.answer.ok() {
		l.refused = s
		return false
	}
	l.subs = append(l.subs, s)
	return true
}

// subscribe sends a registration.
func (l *life) subscribe(ctx context.Context, role, callbackURL string) *subscription {
	s := &subscription{role: role}
	var err error
	if s.made, err = l.registration(callbackURL); err != nil {
		s.answer = &exchange{method: strings.ToUpper(l.trigger.Operation.Method), url: l.URL, shown: l.trigger.Operation.Path, err: err}
		return s
	}
	s.made.header.Set("User-Agent", userAgent+random(8)+")")
	s.answer = l.submit(ctx, s.made)
	l.say("%s, %d ms (%s)", s.answer, s.answer.took.Milliseconds(), role)
	if location := s.answer.header.Get("Location"); s.answer.err == nil && location != "" {
		s.location, s.problem = l.client.resolve(s.made.url, location)
	}
	return s
}

// submit sends a registration, and again if the publisher asks to come later: so
// many at once as a life makes come from no flow.
func (l *life) submit(ctx context.Context, f *form) *exchange {
	for until := time.Now().Add(l.Times.Wait); ; {
		e := l.client.do(ctx, f.method, f.url, f.header, f.text())
		seconds, asked := e.retryAfter()
		pause := max(pollPause, time.Duration(seconds)*time.Second)
		if e.err != nil || e.status != http.StatusTooManyRequests || !asked || time.Now().Add(pause).After(until) {
			return e
		}
		l.say("a registration was answered %s, and is sent again after %s", e.outcome(), pause)
		if !sleep(ctx, pause) {
			return e
		}
	}
}

// refusals registers what must be refused. What is taken after all is removed
// again.
func (l *life) refusals(ctx context.Context) {
	l.noURL = l.subscribe(ctx, "without a callback URL", "")
	l.badURL = l.subscribe(ctx, "with a malformed callback URL", "not a url")
	for _, s := range []*subscription{l.noURL, l.badURL} {
		if s.answer.ok() && s.location != nil {
			l.unregister(ctx, s)
		}
	}
}

// unregister sends the DELETE of a registration, as the platform does: without
// a body and without a header of its own.
func (l *life) unregister(ctx context.Context, s *subscription) *exchange {
	e := l.client.do(ctx, http.MethodDelete, s.location, nil, nil)
	l.say("%s, %d ms (%s)", e, e.took.Milliseconds(), s.role)
	s.removals = append(s.removals, e)
	if e.ok() && s.removed.IsZero() {
		s.removed = time.Now()
	}
	return e
}

// sub returns the registration of a role, nil if there is none.
func (l *life) sub(role string) *subscription {
	for _, s := range l.subs {
		if s.role == role {
			return s
		}
	}
	return nil
}

// in returns what a registration received because of an event.
func (s *subscription) in(e *event) []*delivery {
	var list []*delivery
	if s == nil || e == nil {
		return nil
	}
	for _, d := range s.to.deliveries {
		if !d.at.Before(e.at) && (e.until.IsZero() || d.at.Before(e.until)) {
			list = append(list, d)
		}
	}
	return list
}

// after reports whether a registration was notified after a moment.
func (s *subscription) after(moment time.Time) bool {
	return slices.ContainsFunc(s.to.deliveries, func(d *delivery) bool { return d.at.After(moment) })
}

// happen makes an event happen for registrations, of which the first stands
// for all in what the Fire function is told.
func (l *life) happen(ctx context.Context, subs ...*subscription) *event {
	e := &event{at: time.Now(), sample: l.sample(len(l.events))}
	l.listener.change(func() {
		l.over(e.at)
		l.events = append(l.events, e)
		for _, s := range subs {
			if s.to.armed.IsZero() {
				s.to.armed = e.at
			}
		}
	})
	for i, s := range subs {
		if ctx.Err() != nil || i > 0 && !l.isAction() {
			break
		}
		if i > 0 && l.listener.await(ctx, e.at.Add(l.Times.Quiet), func() bool { return len(s.in(e)) > 0 }) {
			continue // one event reaches all
		}
		what := l.event(s, e.sample)
		if l.Fire == nil {
			l.Ask(what, l.Times.Wait)
			break
		}
		l.say("an event is made to happen")
		e.calls++
		if e.err = l.fire(ctx, what); e.err != nil && ctx.Err() == nil {
			l.problem("%s: %v", l.name, e.err)
			break
		}
	}
	return e
}

// over ends the time in which what comes belongs to the last event.
func (l *life) over(at time.Time) {
	if n := len(l.events); n > 0 && l.events[n-1].until.IsZero() {
		l.events[n-1].until = at
	}
}

// rest is between a life and what comes after: other triggers may have events.
func (l *life) rest() { l.listener.change(func() { l.over(time.Now()) }) }

// disturbed reports whether there were notifications before the first event, or
// more than events.
func (l *life) disturbed() bool {
	first := l.sub(roleFirst)
	if first == nil || !l.crowded() {
		return false
	}
	l.listener.mu.Lock()
	defer l.listener.mu.Unlock()
	calls := 0
	for _, e := range l.events {
		calls += e.calls
	}
	return len(first.to.deliveries) > calls || slices.ContainsFunc(l.subs, func(s *subscription) bool { return slices.ContainsFunc(s.to.deliveries, l.early) })
}

// sample makes the payload of an event.
func (l *life) sample(number int) []byte { return l.sampleOf(l.trigger.Notification, number) }

func (s *session) sampleOf(schema connector.Schema, number int) []byte {
	made, err := sample.Of(schema, sample.Options{Variant: number})
	if err != nil {
		return []byte("{}\n")
	}
	return made.JSON
}

// failures are the roles that answer badly, once.
var failures = []string{role500, role503, role429, roleReset, roleTimeout}

// slowLimit is how long others may have to wait for a subscriber that does not
// answer, before it is given up.
const slowLimit = 3 * time.Second

// firstEvent lets everybody have an event and looks for retries. It reports
// whether anything arrived.
func (l *life) firstEvent(ctx context.Context) bool {
	waiting := slices.DeleteFunc(slices.Clone(l.subs), func(s *subscription) bool { return len(s.removals) > 0 })
	if len(waiting) == 0 {
		return false
	}
	e := l.happen(ctx, waiting...)
	if e.err != nil {
		return false
	}
	hanging := l.sub(roleTimeout)
	if hanging != nil {
		defer hanging.to.free()
	}
	served := func(s *subscription) bool { return len(s.in(e)) > 0 }
	limit := time.Now().Add(l.Times.Wait)
	if !l.listener.await(ctx, limit, func() bool { return slices.ContainsFunc(waiting, served) || len(l.listener.strays) > 0 }) {
		return false
	}
	seen := time.Now()
	all := func() bool { return !slices.ContainsFunc(waiting, func(s *subscription) bool { return !served(s) }) }
	if !l.listener.await(ctx, seen.Add(min(slowLimit, l.Times.Retry/2)), all) && hanging != nil {
		l.listener.change(func() { l.delayed = len(hanging.in(e)) > 0 && hanging.in(e)[0].ended.IsZero() })
		if l.delayed {
			hanging.to.free()
		}
	}
	l.listener.await(ctx, seen.Add(l.Times.Retry), func() bool {
		for _, role := range failures {
			if s := l.sub(role); s != nil && l.retry(s) == nil {
				return false
			}
		}
		return all()
	})
	return true
}

// retry returns the second attempt at the notification that a registration
// answered badly, nil if there was none. When the event came as several
// notifications, it is told by its body.
func (l *life) retry(s *subscription) *delivery {
	list := s.in(l.events[0])
	if len(list) < 2 {
		return nil
	}
	single := len(l.sub(roleFirst).in(l.events[0])) <= 1
	for _, d := range list[1:] {
		if single || string(d.body) == string(list[0].body) {
			return d
		}
	}
	return nil
}

// secondEvent shows who still gets events after the answers to the first.
func (l *life) secondEvent(ctx context.Context) {
	first, second := l.sub(roleFirst), l.sub(roleSecond)
	if ctx.Err() != nil || second == nil || l.sub(role410) == nil {
		return
	}
	l.awaitAll(ctx, l.happen(ctx, first, second), first, second)
}

// awaitAll waits until registrations have an event, and then a while for what
// must not come.
func (l *life) awaitAll(ctx context.Context, e *event, subs ...*subscription) {
	if e.err == nil && l.listener.await(ctx, e.at.Add(l.Times.Wait), func() bool {
		return !slices.ContainsFunc(subs, func(s *subscription) bool { return len(s.in(e)) == 0 })
	}) {
		sleep(ctx, l.Times.Quiet)
	}
}

// change unregisters, once and again, and registers anew in both orders.
func (l *life) change(ctx context.Context) {
	if ctx.Err() != nil || !l.distinct() {
		return
	}
	l.changed = true
	if s := l.sub(roleRenewed); s != nil && s.location != nil {
		l.again(ctx, s)
		l.unregister(ctx, s)
	}
	if s := l.sub(roleSwapped); s != nil && s.location != nil {
		l.unregister(ctx, s)
		l.again(ctx, s)
	}
	l.remove(ctx, l.sub(roleRemoved))
}

// remove unregisters twice, and something that never was.
func (l *life) remove(ctx context.Context, s *subscription) {
	if s == nil || s.location == nil || ctx.Err() != nil {
		return
	}
	if l.unregister(ctx, s).ok() {
		l.unregister(ctx, s)
	}
	if l.invented = l.invent(s.location); l.invented != nil {
		l.unknown = l.client.do(ctx, http.MethodDelete, l.invented, nil, nil)
		l.say("%s, %d ms (never registered)", l.unknown, l.unknown.took.Milliseconds())
	}
}

// again registers a callback URL that is or was registered already, as the
// platform does when a flow is saved.
func (l *life) again(ctx context.Context, old *subscription) {
	s := l.subscribe(ctx, old.role+", anew", old.to.url)
	s.to = old.to
	if s.answer.ok() {
		l.subs = append(l.subs, s)
	}
}

// distinct reports whether each registration has its own Location; otherwise a
// DELETE would end more than it should.
func (l *life) distinct() bool {
	seen := map[string]bool{}
	for _, s := range l.subs {
		if s.location == nil || seen[s.location.String()] {
			return false
		}
		seen[s.location.String()] = true
	}
	return true
}

// thirdEvent shows that what was unregistered stays silent, and what was
// registered anew does not.
func (l *life) thirdEvent(ctx context.Context) {
	first := l.sub(roleFirst)
	if ctx.Err() != nil || l.sub(roleRemoved) == nil || len(l.events) < 2 {
		return
	}
	expected := []*subscription{first}
	for _, role := range []string{roleRenewed, roleSwapped} {
		if s := l.sub(role); s != nil && l.sub(role+", anew") != nil {
			expected = append(expected, s)
		}
	}
	l.awaitAll(ctx, l.happen(ctx, first), expected...)
}

// abandon ends two waits of an action before anything happens: one that is
// cancelled, and one that waits for its time-out.
func (l *life) abandon(ctx context.Context) {
	if l.register(ctx, roleCancel) {
		l.remove(ctx, l.sub(roleCancel))
	}
	if !l.register(ctx, rolePatient) {
		return
	}
	l.say("a run waits for %s", l.Times.Patient)
	if s := l.sub(rolePatient); sleep(ctx, l.Times.Patient) && s.location != nil {
		l.unregister(ctx, s)
	}
}

// provoke makes an event for the wait that was cancelled, where the events before
// were for one wait each and so said nothing of it. That it cannot be made is
// what should be.
func (l *life) provoke(ctx context.Context) {
	s := l.sub(roleCancel)
	if s == nil || s.removed.IsZero() || len(l.events) == 0 || l.events[0].err != nil || ctx.Err() != nil {
		return
	}
	e, served := l.events[0], 0
	l.listener.change(func() {
		for _, other := range l.subs {
			if len(other.in(e)) > 0 {
				served++
			}
		}
	})
	if l.provoked = served > 1 && e.calls <= 1; l.provoked || l.Fire == nil {
		return
	}
	l.say("an event is made to happen for the wait that was cancelled")
	e.calls++
	l.provoked = true
	if err := l.fire(ctx, l.event(s, e.sample)); err != nil {
		l.say("it could not be made: %s", firstLine(err))
		return
	}
	sleep(ctx, l.Times.Quiet)
}

// event is what a Fire function gets to know.
func (l *life) event(s *subscription, sample []byte) Event {
	e := Event{Trigger: l.name, CallbackURL: s.to.url, Sample: sample}
	if s.location != nil {
		e.Location = s.location.String()
	}
	return e
}

// finish unregisters a wait whose notification has come.
func (l *life) finish(ctx context.Context) {
	if s := l.sub(roleFirst); s != nil && s.location != nil && ctx.Err() == nil {
		l.unregister(ctx, s)
	}
}

// survivor is the registration that has to survive a restart.
func (l *life) survivor() *subscription {
	if l.isAction() {
		return l.sub(roleRestart)
	}
	return l.sub(roleFirst)
}

func (l *life) remember(ctx context.Context) {
	if l.isAction() && l.sub(roleFirst) != nil {
		l.register(ctx, roleRestart)
	}
}

func (l *life) recall(ctx context.Context) {
	s := l.survivor()
	if s == nil || ctx.Err() != nil || l.run.restarted != nil || len(l.events) == 0 {
		return
	}
	known := false
	if l.listener.change(func() { known = s.after(l.back) }); known {
		return // of another trigger's event
	}
	l.survived = l.happen(ctx, s)
	l.awaitAll(ctx, l.survived, s)
	l.rest()
}

func (l *life) end(ctx context.Context) {
	l.ending.Do(func() {
		l.observed = time.Now()
		var wg sync.WaitGroup
		lost := 0
		inner, cancel := afterwards(ctx)
		defer cancel()
		for _, s := range l.subs {
			if len(s.removals) > 0 && s.removals[0].ok() {
				continue
			}
			if s.location == nil {
				lost++
				continue
			}
			wg.Go(func() { l.leave(inner, s) })
		}
		wg.Wait()
		if lost > 0 {
			l.remains("%s: %s left behind: the answer had no Location that may be called", l.name, plural(lost, "registration"))
		}
		for _, s := range l.subs {
			s.to.free()
		}
		if l.listener != l.shared {
			l.listener.close()
		}
	})
}

// leave unregisters at the end, and says what is left behind.
func (l *life) leave(ctx context.Context, s *subscription) {
	if e := l.unregister(ctx, s); !e.ok() && !e.isGone() {
		l.remains("%s: a registration is left behind: DELETE %s → %s", l.name, s.location, e.outcome())
	}
}

func (l *life) judge() []Outcome {
	l.listener.mu.Lock() // a late notification must not change what is judged
	defer l.listener.mu.Unlock()
	return l.session.judge(func(c *Check) verdict { return c.life(l) })
}

// invent makes the URL of a registration that never was from that of one that
// is: with another identifier of the same kind, which is what tells it from the
// Location of another registration. It is nil if there is none in the URL.
func (l *life) invent(location *url.URL) *url.URL {
	for _, s := range l.subs {
		if s.location != nil && s.location.String() != location.String() {
			if u := inventFrom(location, s.location); u.String() != location.String() {
				return u
			}
		}
	}
	u := *location
	segments := strings.Split(u.EscapedPath(), "/")
	last := len(segments) - 1
	if unsubscribe := l.trigger.Unsubscribe; unsubscribe != nil {
		index, fits := match(l.template(unsubscribe), location)
		if fits && index < 0 {
			return inventQuery(location, unsubscribe)
		}
		if fits {
			last = index + 1 // behind the first slash
		}
	}
	if last < 1 || segments[last] == "" {
		return nil
	}
	segments[last] = otherSegment(segments[last])
	return withPath(u, segments)
}

// inventFrom changes whatever is not the same in two URLs.
func inventFrom(location, other *url.URL) *url.URL {
	u, query, others := *location, location.Query(), other.Query()
	for name, values := range query {
		if len(values) == 1 && !slices.Equal(values, others[name]) {
			query.Set(name, otherID(values[0]))
			u.RawQuery = query.Encode()
		}
	}
	segments, theirs := strings.Split(u.EscapedPath(), "/"), strings.Split(other.EscapedPath(), "/")
	for i, segment := range segments {
		if segment != "" && (i >= len(theirs) || segment != theirs[i]) {
			segments[i] = otherSegment(segment)
		}
	}
	return withPath(u, segments)
}

func otherSegment(segment string) string {
	text, err := url.PathUnescape(segment)
	if err != nil {
		text = segment
	}
	return url.PathEscape(otherID(text))
}

func withPath(u url.URL, segments []string) *url.URL {
	u.RawPath = strings.Join(segments, "/")
	if path, err := url.PathUnescape(u.RawPath); err == nil {
		u.Path = path
	}
	return &u
}

func inventQuery(location *url.URL, o *connector.Operation) *url.URL {
	u := *location
	query := u.Query()
	for _, p := range o.Parameters() {
		if p.In() == "query" && query.Has(p.Name()) {
			query.Set(p.Name(), otherID(query.Get(p.Name())))
			u.RawQuery = query.Encode()
			return &u
		}
	}
	return nil
}

// otherID makes an identifier that looks like the given one and is nobody
// else's: long, and random.
func otherID(id string) string {
	digits := random(32)
	if strings.Trim(id, "0123456789") == "" {
		return "9" + strings.Map(func(r rune) rune { return '0' + r%10 }, digits[:max(8, len(id)-1)%33])
	}
	other := []byte(id)
	for i, c := range other {
		d := digits[i%len(digits)]
		switch {
		case c >= '0' && c <= '9':
			other[i] = '0' + d%10
		case c >= 'a' && c <= 'f':
			other[i] = 'a' + d%6
		case c >= 'A' && c <= 'F':
			other[i] = 'A' + d%6
		}
	}
	if len(id) < 12 || string(other) == id {
		return string(other) + digits[:12]
	}
	return string(other)
}
