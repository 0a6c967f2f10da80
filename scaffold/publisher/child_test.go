package publisher

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Tests of what survives a crash need processes that can be killed. The test
// program starts itself again: with childVariable set it is a publisher, or the
// receiver of the benchmark, instead of a test.
const childVariable = "PUBLISHER_TEST_CHILD"

// childConfig is what childVariable holds, in JSON.
type childConfig struct {
	Role    string // "" is a publisher, "receiver" that of bench_test.go
	DSN     string
	Node    string
	Lease   time.Duration
	Timeout time.Duration
	Retry   []time.Duration
	Profile string // file for a CPU profile
}

func TestMain(m *testing.M) {
	text := os.Getenv(childVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	var c childConfig
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		panic(err)
	}
	go func() { // when the test ends, however it does, so does the child
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	run := runPublisher
	if c.Role == "receiver" {
		run = runReceiver
	}
	if err := run(ctx, c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// listenAndTell opens a free port and tells the parent which.
func listenAndTell() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		fmt.Println("http://" + l.Addr().String())
	}
	return l, err
}

// runPublisher serves and delivers until it is told to stop, as a program with
// this runtime does.
func runPublisher(ctx context.Context, c childConfig) error {
	store, err := Open(ctx, c.DSN)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	s, err := New(store, Options{Triggers: []Trigger{order}, PublicURL: "http://publisher.example", Dev: true, Node: cmp.Or(c.Node, "test"),
		AdminToken: "operator", Rate: 1e6, Quota: 1e6, Lease: c.Lease, Timeout: c.Timeout, Retry: c.Retry, Logger: log})
	if err != nil {
		return err
	}
	if c.Profile != "" {
		stop, err := profile(c.Profile)
		if err != nil {
			return err
		}
		defer stop()
	}
	l, err := listenAndTell()
	if err != nil {
		return err
	}
	server := NewHTTPServer("", s, log)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	go func() {
		<-ctx.Done()
		_ = server.Shutdown(context.Background())
	}()
	if err := s.Run(ctx); err != nil {
		return err
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return store.Close()
}

// child is a process that was started from this one.
type child struct {
	t      testing.TB
	url    string
	cmd    *exec.Cmd
	stdin  io.Closer
	stderr bytes.Buffer
	client http.Client
	ended  bool
}

func startChild(t testing.TB, config childConfig) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: exec.Command(self), client: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}}
	c.cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	c.cmd.Stderr = &c.stderr
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.kill()
		if t.Failed() && c.stderr.Len() > 0 {
			t.Logf("%s said: %.2000s", cmp.Or(config.Role, "the publisher"), c.stderr.String())
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		c.kill()
		t.Fatalf("the child did not start: %v\n%s", err, c.stderr.String())
	}
	c.url = strings.TrimSpace(line)
	return c
}

// kill ends the process as kill -9 does.
func (c *child) kill() {
	if c.ended {
		return
	}
	c.ended = true
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait() // tells of the kill
	_ = c.stdin.Close()
	c.client.CloseIdleConnections()
}

// stop ends the process as SIGTERM does and returns how long it took.
func (c *child) stop() time.Duration {
	c.t.Helper()
	begun := time.Now()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		c.t.Skip("this system has no SIGTERM: ", err)
	}
	late := time.AfterFunc(2*time.Minute, func() { _ = c.cmd.Process.Kill() })
	defer late.Stop()
	c.ended = true
	if err := c.cmd.Wait(); err != nil {
		c.t.Fatalf("SIGTERM: %v\n%s", err, c.stderr.String())
	}
	_ = c.stdin.Close()
	return time.Since(begun)
}

// do sends a request and returns its answer. An error means that there was none.
func (c *child) do(method, path, id, body string) (status int, header http.Header, answer []byte, err error) {
	r, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer operator"}}
	if id != "" {
		r.Header.Set("Webhook-Id", id)
	}
	got, err := c.client.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer got.Body.Close()
	answer, err = io.ReadAll(got.Body)
	return got.StatusCode, got.Header, answer, err
}

// subscribe registers a callback and returns the path of its Location.
func (c *child) subscribe(callback string) (location string, err error) {
	status, header, answer, err := c.do("POST", "/v1/hooks", "", fmt.Sprintf(`{"callbackUrl":%q}`, callback))
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("registration: %d %s", status, answer)
	}
	return strings.TrimPrefix(header.Get("Location"), "http://publisher.example"), err
}

// subscribeMany registers n callbacks below a URL from many clients at a time.
func (c *child) subscribeMany(base string, n int) (locations []string) {
	c.t.Helper()
	locations = make([]string, n)
	failed := inParallel(32, n, func(i int) (err error) {
		locations[i], err = c.subscribe(fmt.Sprintf("%s/%d", base, i))
		return err
	})
	if len(failed) > 0 {
		c.t.Fatalf("%d registrations failed: %v", len(failed), failed[0].err)
	}
	return locations
}

// publish publishes an event through the admin API.
func (c *child) publish(id, body string) (r Receipt, err error) {
	status, _, answer, err := c.do("POST", "/-/admin/events/OnOrder", id, body)
	if err != nil {
		return r, err
	}
	if status == http.StatusConflict {
		return r, ErrConflict
	}
	if status/100 != 2 {
		return r, fmt.Errorf("publish: %d %s", status, answer)
	}
	return r, json.Unmarshal(answer, &r)
}

func eventID(i int) string   { return fmt.Sprint("event-", i) }
func eventBody(i int) string { return fmt.Sprintf(`{"id":%d}`, i) }

// publishMany publishes events from 4 clients and returns those that were not
// acknowledged.
func (c *child) publishMany(events []int) (left []int) {
	for _, f := range inParallel(4, len(events), func(i int) error {
		_, err := c.publish(eventID(events[i]), eventBody(events[i]))
		return err
	}) {
		left = append(left, events[f.index])
	}
	return left
}

func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

type failure struct {
	index int
	err   error
}

// inParallel calls do for 0 … n-1 from a number of goroutines and returns what
// failed.
func inParallel(goroutines, n int, do func(i int) error) (failed []failure) {
	var next atomic.Int64
	var mu sync.Mutex
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					mu.Lock()
					failed = append(failed, failure{i, err})
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return failed
}

// sink is a subscriber of many paths that counts what comes. It lives in the
// test's process, so it outlives the publisher.
type sink struct {
	*httptest.Server
	mu       sync.Mutex
	seen     map[string]int // path and webhook id → how often
	total    int
	waiting  []func() // asked at each arrival
	arriving func(path, id string, at time.Time)
	answer   http.HandlerFunc
	closing  chan struct{}
}

// newSink starts one. arriving and answer may be nil.
func newSink(t testing.TB, arriving func(path, id string, at time.Time), answer http.HandlerFunc) *sink {
	s := &sink{seen: map[string]int{}, arriving: arriving, answer: answer, closing: make(chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(func() {
		close(s.closing)
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *sink) take(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	_, _ = io.Copy(io.Discard, r.Body)
	path, id := r.URL.Path, r.Header.Get("Webhook-Id")
	s.mu.Lock()
	s.total++
	s.seen[path+" "+id]++
	if s.arriving != nil {
		s.arriving(path, id, at)
	}
	for _, ask := range slices.Clone(s.waiting) {
		ask()
	}
	s.mu.Unlock()
	if s.answer != nil {
		s.answer(w, r)
	} else {
		w.WriteHeader(http.StatusAccepted)
	}
}

// hang answers nobody for half a minute.
func (s *sink) hang(r *http.Request) {
	select {
	case <-time.After(30 * time.Second):
	case <-r.Context().Done():
	case <-s.closing:
	}
}

func (s *sink) counts() (total, distinct int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total, len(s.seen)
}

// await waits until enough has come.
func (s *sink) await(t testing.TB, what string, enough func(total, distinct int) bool) {
	t.Helper()
	reached := make(chan struct{})
	s.mu.Lock()
	ask := func() {
		if enough(s.total, len(s.seen)) {
			select {
			case <-reached:
			default:
				close(reached)
			}
		}
	}
	s.waiting = append(s.waiting, ask)
	ask()
	s.mu.Unlock()
	select {
	case <-reached:
	case <-time.After(2 * time.Minute):
		total, distinct := s.counts()
		t.Fatalf("waited in vain for %s: %d came, %d distinct", what, total, distinct)
	}
	s.mu.Lock()
	s.waiting = nil
	s.mu.Unlock()
}

// soaking reports whether tests run whole and hold to absolute times, as on a
// machine that does nothing else; otherwise they are shortened, and only hold
// to what does not depend on the machine.
func soaking() bool { return os.Getenv("PUBLISHER_SOAK") != "" && !underRace }

// size chooses the size of a test.
func size[T any](soak, short, race T) T {
	switch {
	case soaking():
		return soak
	case underRace:
		return race
	}
	return short
}

// awaitSettled waits until no delivery is pending. What was sent before a crash and
// not recorded comes again after everything else has come.
func awaitSettled(t testing.TB, dsn string) {
	t.Helper()
	store := openToRead(t, dsn)
	defer store.Close()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		var left int
		if err := store.read.QueryRow("SELECT count(*) FROM deliveries WHERE state = 0").Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d deliveries stay pending", left)
		}
	}
}

func openToRead(t testing.TB, dsn string) *Store {
	t.Helper()
	store, err := Open(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// books counts the deliveries in a database by their state.
func books(t testing.TB, dsn string) (states [4]int) {
	t.Helper()
	store := openToRead(t, dsn)
	defer store.Close()
	for state := range states {
		if err := store.read.QueryRow(store.rebind("SELECT count(*) FROM deliveries WHERE state = ?"), state).Scan(&states[state]); err != nil {
			t.Fatal(err)
		}
	}
	return states
}
