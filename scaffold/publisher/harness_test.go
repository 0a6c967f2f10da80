package publisher

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// onEachDatabase runs a test on SQLite and on PostgreSQL, each with a database
// of its own. PostgreSQL is the one of TEST_DATABASE_URL; without it the half
// is skipped, unless TEST_NEEDS_POSTGRES forbids that, as CI does.
func onEachDatabase(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "file:"+filepath.ToSlash(filepath.Join(t.TempDir(), "publisher.db"))) })
	t.Run("postgres", func(t *testing.T) { test(t, postgresSchema(t)) })
}

// postgresSchema makes a schema that is dropped after the test.
func postgresSchema(t testing.TB) (dsn string) {
	t.Helper()
	base := os.Getenv("TEST_DATABASE_URL")
	if base == "" {
		if os.Getenv("TEST_NEEDS_POSTGRES") != "" {
			t.Fatal("TEST_DATABASE_URL names no PostgreSQL server")
		}
		t.Skip("PostgreSQL is left out: TEST_DATABASE_URL names no server")
	}
	db, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d_%s", os.Getpid(), strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(newID()[:10])))
	if _, err := db.Exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = db.Exec("DROP SCHEMA " + name + " CASCADE")
		_ = db.Close()
	})
	separator := "?"
	if strings.Contains(base, "?") {
		separator = "&"
	}
	return base + separator + "search_path=" + name
}

// order is the trigger of most tests.
var order = Trigger{
	ID: "OnOrder", Method: "POST", Path: "/v1/hooks", Location: "/v1/hooks/{subscription}", Callback: [][]string{{"callbackUrl"}},
	Fields:  []string{"callbackUrl", "channel"},
	Body:    json.RawMessage(`{"type":"object","required":["callbackUrl"],"properties":{"callbackUrl":{"type":"string"},"channel":{"type":"string","maxLength":8}}}`),
	Payload: json.RawMessage(`{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}`),
}

// testServer is a publisher in this process, which delivers until the test ends.
type testServer struct {
	*Server
	t    *testing.T
	stop func() // and waits until it has stopped
}

func startServer(t *testing.T, dsn string, change func(*Options)) *testServer {
	return startServerAt(t, dsn, time.Now, change)
}

// startServerAt starts a server with a clock.
func startServerAt(t *testing.T, dsn string, now func() time.Time, change func(*Options)) *testServer {
	t.Helper()
	store, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Triggers: []Trigger{order}, PublicURL: "http://publisher.example", Dev: true, Node: "test", AdminToken: "operator", Rate: 1e6, Quota: 1e6,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if change != nil {
		change(&o)
	}
	s, err := New(store, o)
	if err != nil {
		t.Fatal(err)
	}
	s.now = now
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- s.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		_ = store.Close()
	})
	t.Cleanup(stop)
	return &testServer{s, t, stop}
}

// do sends a request to the server's handler.
func (s *testServer) do(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer operator")
	return newRecorder(s, r)
}

func newRecorder(s *testServer, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// eventually waits for what the database is to say.
func (s *testServer) eventually(what string, condition func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain: %s", what)
		}
	}
}

func (s *testServer) list(f Filter) []Subscription {
	s.t.Helper()
	list, err := s.Subscriptions(s.t.Context(), f)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// lane tells of the first active subscription whether it is free, and when it
// is due.
func (s *testServer) lane() (free bool, due *time.Time) {
	s.t.Helper()
	for _, one := range s.list(Filter{State: "active", Limit: 1}) {
		if err := s.store.read.QueryRow(s.store.rebind("SELECT count(*) = 0 FROM lanes WHERE sub_pk = ? AND node IS NOT NULL"), one.Ref).Scan(&free); err != nil {
			s.t.Fatal(err)
		}
		due = one.Due
	}
	return free, due
}

func (s *testServer) isParked() bool {
	free, due := s.lane()
	return free && due != nil && due.After(s.now())
}

// untilParked waits until a lane is given back after a failure, and returns
// when it is due.
func (s *testServer) untilParked() time.Time {
	s.t.Helper()
	s.eventually("a parked lane", s.isParked)
	_, due := s.lane()
	return *due
}

func (s *testServer) untilIdle(t *testing.T) {
	t.Helper()
	s.eventually("an idle lane", func() bool { free, due := s.lane(); return free && due == nil })
}

func (s *testServer) untilState(t *testing.T, n int, state string) {
	t.Helper()
	s.eventually(fmt.Sprint(n, " subscriptions are ", state), func() bool { return len(s.list(Filter{State: state})) == n })
}

func (s *testServer) dead(t *testing.T) []DeadLetter {
	t.Helper()
	letters, err := s.Dead(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return letters
}

func (s *testServer) untilDead(t *testing.T, n int) (letters []DeadLetter) {
	t.Helper()
	s.eventually(fmt.Sprint(n, " dead letters"), func() bool {
		letters = s.dead(t)
		return len(letters) == n
	})
	return letters
}

// untilServing waits until the loop has taken its place.
func (s *testServer) untilServing(t *testing.T) {
	t.Helper()
	r := newReceiver(t, nil)
	s.subscribe(r.URL + "/serving")
	s.publish("serving", 1)
	r.until(t, "a notification", func() bool { return r.count("/serving") == 1 })
}

// subscribe registers a callback and returns the path of its Location.
func (s *testServer) subscribe(callback string) (location string) {
	s.t.Helper()
	w := s.do("POST", "/v1/hooks", fmt.Sprintf(`{"callbackUrl":%q}`, callback))
	if w.Code != http.StatusCreated {
		s.t.Fatalf("registration: %d %s", w.Code, w.Body)
	}
	return strings.TrimPrefix(w.Header().Get("Location"), "http://publisher.example")
}

func (s *testServer) publish(id string, number int) Receipt {
	s.t.Helper()
	r, err := s.Publish(s.t.Context(), Event{Trigger: "OnOrder", ID: id, Body: fmt.Appendf(nil, `{"id":%d}`, number)})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// receiver is a subscriber: it notes what comes to each path.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    map[string][]string // path → webhook ids
	notify chan struct{}
	answer func(w http.ResponseWriter, r *http.Request)
}

func newReceiver(t testing.TB, answer func(w http.ResponseWriter, r *http.Request)) *receiver {
	r := &receiver{got: map[string][]string{}, notify: make(chan struct{}, 1), answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		r.mu.Lock()
		r.got[q.URL.Path] = append(r.got[q.URL.Path], q.Header.Get("Webhook-Id"))
		r.mu.Unlock()
		select {
		case r.notify <- struct{}{}:
		default:
		}
		if r.answer != nil {
			r.answer(w, q)
		} else {
			w.WriteHeader(http.StatusAccepted)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) count(path string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got[path])
}

// total is how much came in all, distinct how many different pairs of path and id.
func (r *receiver) total() (total, distinct int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ids := range r.got {
		seen := map[string]bool{}
		for _, id := range ids {
			seen[id] = true
		}
		total, distinct = total+len(ids), distinct+len(seen)
	}
	return total, distinct
}

// until waits for a condition that deliveries bring about.
func (r *receiver) until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for !condition() {
		select {
		case <-r.notify:
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			total, distinct := r.total()
			t.Fatalf("waited in vain: %s (%d came, %d distinct)", what, total, distinct)
		}
	}
}

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

func jsonOf(t testing.TB, w *httptest.ResponseRecorder, v any) {
	t.Helper()
	if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(v); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
}
