package publisher

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"golang.org/x/time/rate"
)

// Options say what a server serves and how. Zero values are the defaults.
type Options struct {
	Triggers []Trigger
	Polls    []Poll
	Routes   []Route

	PublicURL      string                   // scheme and host of every Location: "https://api.example.com"
	Auth           Authenticator            // nil: nobody is asked
	Schemes        map[string]Authenticator // by the names that the Security of an operation has; nil: Auth decides for all
	Credentials    []string                 // names of query parameters that Auth reads: no Location has them
	AdminToken     string                   // of the admin API and the metrics; "" switches both off
	StrictDelete   bool                     // a DELETE needs the credentials of the registration
	Dev            bool                     // http and loopback callbacks, for development only
	Hosts          []string                 // where callbacks may point: PlatformHosts
	SealKeys       []string                 // base64 of 32 bytes each: the first seals callbacks in the database, all open them
	SigningSecrets []string                 // whsec_…: one signature each (Standard Webhooks); none by default

	Node    string          // name of this process among others on PostgreSQL: the host's
	Workers int             // POSTs at a time: 100
	Timeout time.Duration   // of one POST: 30 s
	Retry   []time.Duration // DefaultRetry
	Lease   time.Duration   // how long a dead node holds its lanes: 30 s
	MaxBody int             // bytes of an event: 256 KiB

	MaxRegistration int     // bytes of a registration's body: 64 KiB
	Quota           int     // subscriptions of one principal: 10,000, in development any number
	Rate            float64 // registrations a second of one principal, and twice as many at once: 50, in development any number

	Logger     *slog.Logger
	Registered func(Registration) // called when a registration is committed
}

// Server is the publisher: an [http.Handler] for registrations, polls, actions
// and the admin API, and a loop that delivers, see [Server.Run].
type Server struct {
	o        Options
	store    *Store
	seal     sealer
	policy   callbackPolicy
	sender   *sender
	metrics  *metrics
	log      *slog.Logger
	routes   router
	triggers map[string]*trigger
	polls    map[string]*poll
	now      func() time.Time
	wake     chan struct{}
	dropped  sync.Map // lanes that were just unregistered, for the loop
	limits   limits
	ready    chan struct{}
	isReady  func() // closes ready
}

// trigger is a Trigger with its schemas compiled.
type trigger struct {
	Trigger
	body, payload *jsonschema.Schema
	params        []*jsonschema.Schema
	location      location
}

// New makes a server of a contract. An option that cannot be is an error.
func New(store *Store, o Options) (*Server, error) {
	host, _ := os.Hostname()
	o.Node, o.Workers, o.Timeout = cmp.Or(o.Node, host, "node"), cmp.Or(o.Workers, 100), cmp.Or(o.Timeout, 30*time.Second)
	o.Lease, o.MaxBody, o.MaxRegistration = cmp.Or(o.Lease, 30*time.Second), cmp.Or(o.MaxBody, 256<<10), cmp.Or(o.MaxRegistration, 64<<10)
	if o.Dev {
		o.Quota, o.Rate = cmp.Or(o.Quota, math.MaxInt), cmp.Or(o.Rate, float64(rate.Inf))
	}
	o.Quota, o.Rate = cmp.Or(o.Quota, 10_000), cmp.Or(o.Rate, 50)
	if store.isSQLite() {
		o.Node = "the only one" // whatever its host is called after a restart
	}
	if len(o.Retry) == 0 {
		o.Retry = DefaultRetry
	}
	if o.Hosts == nil {
		o.Hosts = PlatformHosts
	}
	s := &Server{o: o, store: store, log: cmp.Or(o.Logger, slog.Default()), now: time.Now, wake: make(chan struct{}, 1),
		triggers: map[string]*trigger{}, polls: map[string]*poll{}, limits: newLimits(o), ready: make(chan struct{})}
	s.isReady = sync.OnceFunc(func() { close(s.ready) })
	base, err := url.Parse(o.PublicURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && !(o.Dev && base.Scheme == "http") || strings.Trim(base.Path, "/") != "" {
		return nil, errors.New("PUBLIC_URL is not the https URL of a host: the platform deletes what it finds below it")
	}
	s.o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	if s.seal, err = newSealer(o.SealKeys); err != nil {
		return nil, err
	}
	if err := checkHosts(o.Hosts); err != nil {
		return nil, err
	}
	s.metrics = newMetrics(s)
	s.policy = callbackPolicy{hosts: o.Hosts, dev: o.Dev, blocked: s.metrics.blocked.Inc}
	if s.sender, err = newSender(&s.o, s.policy, func() time.Time { return s.now() }); err != nil {
		return nil, err
	}
	return s, s.addRoutes()
}

func (s *Server) addRoutes() error {
	s.adminRoutes()
	locations := map[string]bool{}
	for _, t := range s.o.Triggers {
		compiled, err := compileTrigger(t)
		if err != nil {
			return fmt.Errorf("trigger %s: %w", t.ID, err)
		}
		s.triggers[t.ID] = compiled
		s.routes.add(t.Method, t.Path, s.authenticated(t.Security, func(w http.ResponseWriter, r *http.Request, who string) { s.register(w, r, compiled, who) }))
		if l := compiled.location; !locations[l.path] {
			locations[l.path] = true
			s.routes.add(http.MethodDelete, l.path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.unregister(w, r, l) }))
		}
	}
	for _, p := range s.o.Polls {
		if err := s.addPoll(p); err != nil {
			return fmt.Errorf("polling trigger %s: %w", p.ID, err)
		}
	}
	for _, r := range s.o.Routes {
		s.routes.add(r.Method, r.Path, s.authenticated(r.Security, func(w http.ResponseWriter, q *http.Request, _ string) { r.Handler.ServeHTTP(w, q) }))
	}
	return nil
}

// ServeHTTP serves the contract, and what is below /-/ to the operator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, allowed := s.routes.find(r)
	switch {
	case h != nil:
		answer := &answer{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				s.answerPanic(answer, r, p)
			}
		}()
		h.ServeHTTP(answer, r)
	case len(allowed) > 0:
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		Problem(w, http.StatusMethodNotAllowed, "the path has no "+r.Method)
	default:
		Problem(w, http.StatusNotFound, "there is nothing here")
	}
}

// answer knows whether it has begun.
type answer struct {
	http.ResponseWriter
	begun bool
}

func (a *answer) WriteHeader(status int) {
	a.begun = true
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(data []byte) (int, error) {
	a.begun = true
	return a.ResponseWriter.Write(data)
}

// Unwrap is for [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// answerPanic answers for code of the owner's that panicked. The path of a
// request may be a secret, so the log has the operation's.
func (s *Server) answerPanic(a *answer, r *http.Request, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	s.logPanic(r.Pattern, p)
	if a.begun {
		panic(http.ErrAbortHandler) // or a part would be taken for the whole
	}
	Problem(a, http.StatusInternalServerError, "the call failed")
}

func (s *Server) logPanic(where string, p any) {
	s.log.Error("panic", "in", where, "error", fmt.Sprint(p), "stack", string(debug.Stack()))
}

// registered tells the owner of a registration, which stands whatever becomes
// of that.
func (s *Server) registered(n Registration) {
	defer func() {
		if p := recover(); p != nil {
			s.logPanic("Options.Registered", p)
		}
	}()
	if s.o.Registered != nil {
		s.o.Registered(n)
	}
}

// authenticated asks who sends a request before it is served.
func (s *Server) authenticated(security [][]string, serve func(http.ResponseWriter, *http.Request, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, ok := s.authenticate(r, security)
		if !ok {
			s.unauthorized(w)
			return
		}
		serve(w, r, who)
	})
}

func (s *Server) unauthorized(w http.ResponseWriter) {
	challenge := ""
	if c, ok := s.o.Auth.(interface{ Challenge() string }); ok {
		challenge = c.Challenge()
	}
	w.Header().Set("WWW-Authenticate", cmp.Or(challenge, "Bearer")) // a 401 must have one
	Problem(w, http.StatusUnauthorized, "the credentials are missing or not valid")
}

// authenticate says who sends a request, and whether it has the credentials of
// an operation. An operation that wants none is open to nobody, "", too.
func (s *Server) authenticate(r *http.Request, security [][]string) (who string, ok bool) {
	if s.o.Auth == nil {
		return "", true
	}
	who, err := s.o.Auth.Authenticate(r)
	if security == nil || s.o.Schemes == nil {
		return who, err == nil
	}
	lacks := func(scheme string) bool {
		a := s.o.Schemes[scheme]
		if a == nil {
			return true // no credentials are configured
		}
		_, err := a.Authenticate(r)
		return err != nil
	}
	return who, slices.ContainsFunc(security, func(all []string) bool { return !slices.ContainsFunc(all, lacks) })
}

// Publish makes an event known: it is checked against its schema, and stored
// with one delivery for each subscriber in one commit, or not at all. When it
// returns, the event is not lost, and it will be sent at least once. The same
// event can be published again, which adds nothing.
//
// Errors are *InvalidError, ErrUnknownTrigger, ErrConflict, ErrTooLarge,
// ErrNoRegistration, ErrNoTarget, and those of the database.
func (s *Server) Publish(ctx context.Context, e Event) (Receipt, error) {
	begun := time.Now()
	if e.ID == "" {
		e.ID = "msg_" + newID()
	}
	schema, polled := (*jsonschema.Schema)(nil), false
	if t := s.triggers[e.Trigger]; t != nil {
		if schema = t.payload; t.Once && e.To == 0 && e.Match == nil {
			return Receipt{}, ErrNoTarget
		}
	} else if p := s.polls[e.Trigger]; p != nil {
		schema, polled = p.payload, true
	} else {
		known := slices.Concat(slices.Sorted(maps.Keys(s.triggers)), slices.Sorted(maps.Keys(s.polls)))
		return Receipt{}, fmt.Errorf("%w: %q. It has %s", ErrUnknownTrigger, e.Trigger, strings.Join(known, ", "))
	}
	if len(e.Body) > s.o.MaxBody {
		return Receipt{}, fmt.Errorf("%w: it has %d bytes, and at most %d are sent", ErrTooLarge, len(e.Body), s.o.MaxBody)
	}
	if len(e.ID) > 256 || strings.ContainsFunc(e.ID, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return Receipt{}, &InvalidError{"", "the id of an event is visible ASCII, at most 256 characters: it is sent in a header"}
	}
	value, err := decodeStrict(e.Body)
	var refused *refusal
	if errors.As(err, &refused) {
		err = &InvalidError{"", refused.detail}
	} else if err == nil {
		err = validate(schema, value)
	}
	if err != nil {
		return Receipt{}, err
	}
	hash := sha256.Sum256(e.Body)
	receipt, err := s.store.publish(ctx, e, polled, hash[:], s.now())
	if err == nil {
		s.metrics.publishes.Observe(time.Since(begun).Seconds())
		s.ring()
	}
	return receipt, err
}

// handOver is how long a POST may be under way.
func (s *Server) handOver() time.Duration { return s.o.Timeout + 5*time.Second }

// ring wakes the loop.
func (s *Server) ring() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// compileSchema compiles a schema, which stands alone: there is no loader. One that
// does not say otherwise is of OpenAPI 2.0.
func compileSchema(text json.RawMessage) (*jsonschema.Schema, error) {
	if len(text) == 0 {
		return nil, nil
	}
	const name = "contract:///schema.json"
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft4
	c.LoadURL = func(u string) (io.ReadCloser, error) { return nil, fmt.Errorf("%s is outside of the schema", u) }
	if err := c.AddResource(name, strings.NewReader(string(text))); err != nil {
		return nil, err
	}
	return c.Compile(name)
}

func compileTrigger(t Trigger) (c *trigger, err error) {
	c = &trigger{Trigger: t}
	if len(t.Callback) == 0 {
		return nil, errors.New("no field takes the callback URL")
	}
	if c.body, err = compileSchema(t.Body); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	if c.payload, err = compileSchema(t.Payload); err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	for _, p := range t.Params {
		schema, err := compileSchema(p.Schema)
		if err != nil {
			return nil, fmt.Errorf("parameter %q: %w", p.Name, err)
		}
		c.params = append(c.params, schema)
	}
	c.location, err = parseLocation(t.Location)
	return c, err
}

// validate returns an *InvalidError for the innermost thing that is wrong.
func validate(schema *jsonschema.Schema, value any) error {
	if schema == nil {
		return nil
	}
	err := schema.Validate(value)
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	for len(invalid.Causes) > 0 {
		invalid = invalid.Causes[0]
	}
	return &InvalidError{invalid.InstanceLocation, invalid.Message}
}

// limits keep one principal from taking everything.
type limits struct {
	mu       sync.Mutex
	rate     rate.Limit
	buckets  map[string]*rate.Limiter
	counts   map[string]count
	unknowns *rate.Limiter // DELETEs of what was never registered
}

type count struct {
	subscriptions int
	at            time.Time
}

const maxPrincipals = 10_000 // whose state is kept

func newLimits(o Options) limits {
	return limits{rate: rate.Limit(o.Rate), buckets: map[string]*rate.Limiter{}, counts: map[string]count{}, unknowns: rate.NewLimiter(50, 100)}
}

// allow reports whether a principal may register now.
func (l *limits) allow(who string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[who]
	if b == nil {
		if len(l.buckets) >= maxPrincipals {
			clear(l.buckets)
		}
		b = rate.NewLimiter(l.rate, max(1, int(2*l.rate)))
		l.buckets[who] = b
	}
	return b.Allow()
}

func (s *Server) sweeps(ctx context.Context) {
	for {
		if err := s.store.sweep(ctx, s.now()); err != nil && ctx.Err() == nil {
			s.log.Error("sweep", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(30 * time.Second):
		}
	}
}
