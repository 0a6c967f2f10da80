package publisher

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Filter chooses subscriptions or dead letters; zero values choose all.
type Filter struct {
	Trigger      string
	Subscription int64
	Delivery     int64
	State        string    // active, disabled or gone
	From         time.Time // of when a delivery was given up
	To           time.Time
	After        int64 // the last number of the page before
	Limit        int   // 100
}

// Subscription is what an operator sees of one. The callback is told by its
// host and a fingerprint: the rest is a secret.
type Subscription struct {
	Registration
	Host        string     `json:"host"`
	Fingerprint string     `json:"fingerprint"`
	State       string     `json:"state"`
	Reason      string     `json:"reason,omitempty"`
	Fails       int        `json:"fails"`
	Due         *time.Time `json:"due,omitempty"`
	Pending     int        `json:"pending"`
	Dead        int        `json:"dead"`
}

// DeadLetter is a delivery that was given up.
type DeadLetter struct {
	Delivery     int64     `json:"delivery"`
	Subscription int64     `json:"subscription"`
	Trigger      string    `json:"trigger"`
	Event        string    `json:"event"`
	Attempts     int       `json:"attempts"`
	Status       int       `json:"status"` // of the last answer; 0 if there was none
	Class        string    `json:"class"`
	Finished     time.Time `json:"finished"`
}

// condition makes the WHERE of a filter.
type condition struct {
	where string
	args  []any
}

func (c *condition) add(set bool, where string, arg any) {
	if set {
		c.where, c.args = c.where+" AND "+where, append(c.args, arg)
	}
}

func (f Filter) limit() int {
	if f.Limit <= 0 || f.Limit > 1000 {
		return 100
	}
	return f.Limit
}

// Subscriptions lists subscriptions in the order in which they came.
func (s *Server) Subscriptions(ctx context.Context, f Filter) ([]Subscription, error) {
	c := condition{where: "s.pk > ?", args: []any{f.After}}
	c.add(f.Trigger != "", "s.trigger_id = ?", f.Trigger)
	c.add(f.Subscription != 0, "s.pk = ?", f.Subscription)
	state := slices.Index(stateNames[:], f.State)
	if f.State != "" && state < 0 {
		return nil, &refusal{http.StatusBadRequest, "a state is one of " + strings.Join(stateNames[:], ", ")}
	}
	c.add(f.State != "", "s.state = ?", state)
	list := []Subscription{}
	rows, err := s.store.read.QueryContext(ctx, s.store.rebind(`SELECT s.pk, s.trigger_id, s.principal, s.params, s.created_at, s.host, s.callback_hash,
		s.state, s.reason, s.fails, (SELECT l.due_at FROM lanes l WHERE l.sub_pk = s.pk),
		(SELECT count(*) FROM deliveries d WHERE d.sub_pk = s.pk AND d.state = 0), (SELECT count(*) FROM deliveries d WHERE d.sub_pk = s.pk AND d.state = 2)
		FROM subscriptions s WHERE `+c.where+" ORDER BY s.pk LIMIT ?"), append(c.args, f.limit())...)
	err = eachRow(rows, err, func(r *sql.Rows) error {
		var one Subscription
		var params string
		var created int64
		var state int
		var hash []byte
		var due sql.NullInt64
		err := r.Scan(&one.Ref, &one.Trigger, &one.Principal, &params, &created, &one.Host, &hash, &state, &one.Reason, &one.Fails, &due, &one.Pending, &one.Dead)
		if err != nil {
			return err
		}
		one.Params, one.Created, one.State = json.RawMessage(params), fromMillis(created), stateNames[state]
		one.Fingerprint = base64.RawURLEncoding.EncodeToString(hash[:6])
		if due.Valid {
			at := fromMillis(due.Int64)
			one.Due = &at
		}
		list = append(list, one)
		return nil
	})
	return list, err
}

func (f Filter) deadLetters() condition {
	c := condition{where: "d.state = 2 AND d.id > ?", args: []any{f.After}}
	c.add(f.Trigger != "", "d.sub_pk IN (SELECT pk FROM subscriptions WHERE trigger_id = ?)", f.Trigger)
	c.add(f.Subscription != 0, "d.sub_pk = ?", f.Subscription)
	c.add(f.Delivery != 0, "d.id = ?", f.Delivery)
	c.add(!f.From.IsZero(), "d.finished_at >= ?", f.From.UnixMilli())
	c.add(!f.To.IsZero(), "d.finished_at < ?", f.To.UnixMilli())
	return c
}

// Dead lists dead letters in the order in which they were published.
func (s *Server) Dead(ctx context.Context, f Filter) ([]DeadLetter, error) {
	c, list := f.deadLetters(), []DeadLetter{}
	rows, err := s.store.read.QueryContext(ctx, s.store.rebind(`SELECT d.id, d.sub_pk, e.trigger_id, e.id, d.attempt, d.last_status, d.error_class, d.finished_at
		FROM deliveries d JOIN events e ON e.seq = d.event_seq WHERE `+c.where+" ORDER BY d.id LIMIT ?"), append(c.args, f.limit())...)
	err = eachRow(rows, err, func(r *sql.Rows) error {
		var one DeadLetter
		var finished int64
		err := r.Scan(&one.Delivery, &one.Subscription, &one.Trigger, &one.Event, &one.Attempts, &one.Status, &one.Class, &finished)
		one.Finished = fromMillis(finished)
		list = append(list, one)
		return err
	})
	return list, err
}

// Redeliver makes dead letters pending again, as if they had never been tried,
// and returns how many. Those of subscriptions that are disabled or gone stay.
func (s *Server) Redeliver(ctx context.Context, f Filter) (n int, err error) {
	c := f.deadLetters()
	err = s.store.transact(ctx, func(t *tx) error {
		now := millis(s.now())
		if err := t.gate(t.store.adding); err != nil {
			return err
		}
		changed, err := t.exec(`UPDATE deliveries SET state = 0, attempt = 0, refusals = 0, due_at = ?, finished_at = NULL WHERE id IN (SELECT d.id FROM deliveries d
			JOIN subscriptions s ON s.pk = d.sub_pk AND s.state = 0 WHERE `+c.where+")", append([]any{now}, c.args...)...)
		n = int(changed)
		if err != nil {
			return err
		}
		return t.wake("(SELECT count(*) FROM deliveries d WHERE d.sub_pk = pk AND d.state = 0 AND d.due_at = ? AND d.attempt = 0) > 0", now, now)
	})
	s.ring()
	return n, err
}

// Enable takes a disabled subscription back into service. Its dead letters wait
// for Redeliver.
func (s *Server) Enable(ctx context.Context, ref int64) error {
	return s.store.transact(ctx, func(t *tx) error {
		var state int
		if err := t.row("SELECT state FROM subscriptions WHERE pk = ?", ref).Scan(&state); errors.Is(err, sql.ErrNoRows) {
			return ErrNoRegistration
		} else if err != nil {
			return err
		}
		if state != disabled {
			return &refusal{http.StatusConflict, fmt.Sprintf("subscription %d is %s, and only a disabled one can be enabled", ref, stateNames[state])}
		}
		if _, err := t.exec("UPDATE subscriptions SET state = 0, reason = '', fails = 0, failing_since = NULL WHERE pk = ? AND state = 1", ref); err != nil {
			return err
		}
		return t.wake("pk = ?", millis(s.now()), ref)
	})
}

// Remove ends a subscription, as its DELETE would.
func (s *Server) Remove(ctx context.Context, ref int64) error {
	err := s.store.transact(ctx, func(t *tx) error {
		var state int
		err := t.row("SELECT state FROM subscriptions WHERE pk = ?", ref).Scan(&state)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoRegistration
		} else if err != nil {
			return err
		}
		return t.end(ref, "removed by the operator", s.now(), s.handOver())
	})
	if err == nil {
		s.dropped.Store(ref, true)
	}
	return err
}

// adminRoutes adds what is for the operator, below /-/.
func (s *Server) adminRoutes() {
	s.routes.add("GET", "/-/healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") }))
	s.routes.add("GET", "/-/readyz", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := s.store.read.PingContext(ctx); err != nil {
			Problem(w, http.StatusServiceUnavailable, "the database does not answer")
			return
		}
		_, _ = io.WriteString(w, "ready\n")
	}))
	if s.o.AdminToken == "" {
		return
	}
	s.routes.add("GET", "/-/metrics", s.operator(func(w http.ResponseWriter, r *http.Request) (any, error) {
		s.metrics.handler().ServeHTTP(w, r)
		return nil, nil
	}))
	s.routes.add("GET", "/-/admin/subscriptions", s.operator(func(_ http.ResponseWriter, r *http.Request) (any, error) {
		q := readQuery(r)
		f := Filter{Trigger: q.text("trigger"), State: q.text("state"), Subscription: q.number("subscription", 1), After: q.number("after", 0), Limit: int(q.number("limit", 1))}
		if err := q.end(); err != nil {
			return nil, err
		}
		return s.Subscriptions(r.Context(), f)
	}))
	s.routes.add("GET", "/-/admin/dead", s.operator(func(_ http.ResponseWriter, r *http.Request) (any, error) {
		q := readQuery(r)
		f := Filter{Trigger: q.text("trigger"), Subscription: q.number("subscription", 1), Delivery: q.number("delivery", 1), From: q.time("from"), To: q.time("to"),
			After: q.number("after", 0), Limit: int(q.number("limit", 1))}
		if err := q.end(); err != nil {
			return nil, err
		}
		return s.Dead(r.Context(), f)
	}))
	s.routes.add("POST", "/-/admin/redeliver", s.operator(func(_ http.ResponseWriter, r *http.Request) (any, error) {
		f, err := bodyFilter(r)
		if err != nil {
			return nil, err
		}
		n, err := s.Redeliver(r.Context(), f)
		return map[string]int{"redelivered": n}, err
	}))
	byRef := func(do func(context.Context, int64) error) http.Handler {
		return s.operator(func(_ http.ResponseWriter, r *http.Request) (any, error) {
			ref, _ := strconv.ParseInt(r.PathValue("ref"), 10, 64)
			return map[string]int64{"ref": ref}, do(r.Context(), ref)
		})
	}
	s.routes.add("POST", "/-/admin/subscriptions/{ref}/enable", byRef(s.Enable))
	s.routes.add("DELETE", "/-/admin/subscriptions/{ref}", byRef(s.Remove))
	s.routes.add("POST", "/-/admin/events/{trigger}", s.operator(s.publishRequest))
}

// publishRequest publishes for business code in another language: the event is
// the body, its id the header Webhook-Id.
func (s *Server) publishRequest(_ http.ResponseWriter, r *http.Request) (any, error) {
	body, err := readBody(r, s.o.MaxBody)
	if err != nil {
		return nil, err
	}
	q := readQuery(r)
	e := Event{Trigger: r.PathValue("trigger"), ID: r.Header.Get("Webhook-Id"), Body: body, To: q.number("to", 1)}
	switch q.text("all") {
	case "":
	case "true":
		e.Match = func(json.RawMessage) bool { return true }
	default:
		q.fail("all in the query can only be true")
	}
	if err := q.end(); err != nil {
		return nil, err
	}
	receipt, err := s.Publish(r.Context(), e)
	return map[string]any{"id": receipt.ID, "new": receipt.New, "deliveries": receipt.Deliveries}, err
}

// bodyFilter reads which dead letters are redelivered. All are never meant by
// accident.
func bodyFilter(r *http.Request) (Filter, error) {
	var q struct {
		All                    bool
		Trigger                string
		Subscription, Delivery int64
		From, To               time.Time
	}
	data, err := readBody(r, 64<<10)
	if err == nil {
		_, err = decodeStrict(data)
	}
	if err != nil {
		return Filter{}, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if d.Decode(&q) != nil {
		return Filter{}, &refusal{http.StatusBadRequest, "the body is no filter of trigger, subscription, delivery, from and to"}
	}
	f := Filter{Trigger: q.Trigger, Subscription: q.Subscription, Delivery: q.Delivery, From: q.From, To: q.To}
	if q.All != (f == Filter{}) {
		return f, &refusal{http.StatusBadRequest, `say which dead letters, or else {"all":true}`}
	}
	return f, nil
}

// query takes the parameters of a request one by one, and keeps the first
// mistake: a filter that is passed over would choose everything.
type query struct {
	values url.Values
	err    error
}

func readQuery(r *http.Request) *query {
	values, err := url.ParseQuery(r.URL.RawQuery)
	q := &query{values: values}
	if err != nil {
		q.fail("the query is malformed")
	}
	return q
}

func (q *query) fail(format string, args ...any) {
	q.err = cmp.Or(q.err, error(&refusal{http.StatusBadRequest, fmt.Sprintf(format, args...)}))
}

func (q *query) text(name string) string {
	values := q.values[name]
	delete(q.values, name)
	if len(values) > 1 {
		q.fail("the query has %q twice", name)
	}
	return strings.Join(values, "")
}

func (q *query) number(name string, least int64) (n int64) {
	if q.values.Has(name) {
		var err error
		if n, err = strconv.ParseInt(q.text(name), 10, 64); err != nil || n < least {
			q.fail("%q in the query is no number from %d on", name, least)
		}
	}
	return n
}

func (q *query) time(name string) (t time.Time) {
	if q.values.Has(name) {
		var err error
		if t, err = time.Parse(time.RFC3339, q.text(name)); err != nil {
			q.fail("%q in the query is no time of RFC 3339", name)
		}
	}
	return t
}

// end returns the first mistake; a parameter that nobody took is one.
func (q *query) end() error {
	for name := range q.values {
		q.fail("%q in the query is unknown here", name)
	}
	return q.err
}

// operator serves a request that brings the admin token. Tokens are compared by
// their hashes, so that time tells nothing of them.
func (s *Server) operator(serve func(http.ResponseWriter, *http.Request) (any, error)) http.Handler {
	want := sha256.Sum256([]byte(s.o.AdminToken))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(token))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			Problem(w, http.StatusUnauthorized, "the admin token is missing or not valid")
			return
		}
		switch result, err := serve(w, r); {
		case err != nil:
			s.refuseRequest(w, err)
		case result != nil:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(result)
		}
	})
}
