package publisher

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestFrozenDatabase: connections that answer no more, without an end, as those
// to a machine that is gone, stop neither deliveries nor the process (G15).
func TestFrozenDatabase(t *testing.T) {
	direct := postgresSchema(t)
	where, err := url.Parse(os.Getenv("TEST_DATABASE_URL"))
	if err != nil {
		t.Fatal(err)
	}
	p, r := newFreezer(t, where.Host), newReceiver(t, nil)
	s := startServer(t, strings.Replace(direct, where.Host, p.Addr().String(), 1), func(o *Options) { o.Lease = 1500 * time.Millisecond })
	s.subscribe(r.URL + "/a")
	s.publish("1", 1)
	r.until(t, "the first", func() bool { return r.count("/a") == 1 })
	p.freeze()
	other, err := Open(t.Context(), direct)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.publish(t.Context(), Event{ID: "2", Trigger: "OnOrder", Body: []byte(`{"id":2}`)}, false, []byte{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	r.until(t, "the second", func() bool { return books(t, direct)[done] == 2 })
	s.eventually("an idle lane", func() bool { // as seen directly: the server has connections that are dead
		var lanes int
		if err := other.read.QueryRow("SELECT count(*) FROM lanes").Scan(&lanes); err != nil {
			t.Fatal(err)
		}
		return lanes == 0
	})
	_ = p.Close()
	p.freeze()
	begun := time.Now()
	s.stop()
	if took := time.Since(begun); took > 5*time.Second { // with something to write down, it tries for longer
		t.Errorf("it took %v to stop", took)
	}
}

// freezer passes connections on, until they freeze.
type freezer struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func newFreezer(t *testing.T, to string) *freezer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &freezer{Listener: l}
	t.Cleanup(func() { _ = l.Close(); f.freeze() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			onward, err := net.Dial("tcp", to)
			if err != nil {
				t.Error(err)
				return
			}
			f.mu.Lock()
			f.conns = append(f.conns, onward)
			f.mu.Unlock()
			go pass(from, onward)
			go pass(onward, from)
		}
	}()
	return f
}

// pass leaves both ends open, whatever happens.
func pass(from, to net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// freeze lets nothing more through on the connections there are.
func (f *freezer) freeze() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		_ = c.Close()
	}
	f.conns = nil
}

// TestVanishedNode: what a node holds that vanishes in the middle of publishing
// is free soon, for PostgreSQL waits only so long.
func TestVanishedNode(t *testing.T) {
	dsn := postgresSchema(t)
	impatient, err := Open(t.Context(), dsn+"&idle_in_transaction_session_timeout=300")
	if err != nil {
		t.Fatal(err)
	}
	defer impatient.Close()
	vanished, err := impatient.write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = vanished.Rollback() }()
	if _, err := vanished.Exec(postgres.adding); err != nil {
		t.Fatal(err)
	}
	r := newReceiver(t, nil)
	s := startServer(t, dsn, nil)
	s.subscribe(r.URL + "/a")
	s.publish("1", 1)
	r.until(t, "it", func() bool { return r.count("/a") == 1 })
	for name, want := range map[string]string{"idle_in_transaction_session_timeout": "10s", "lock_timeout": "10s", "tcp_keepalives_idle": "10"} {
		var got string
		if err := s.store.read.QueryRow("SHOW " + name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
}

// TestPlaceLost: a node whose name is no longer locked takes it again, and ends
// if another process has it.
func TestPlaceLost(t *testing.T) {
	dsn := postgresSchema(t)
	store, other := openToRead(t, dsn), openToRead(t, dsn)
	defer store.Close()
	defer other.Close()
	s, err := New(store, Options{PublicURL: "https://x.example", Node: "test", Lease: time.Second, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	lock := "granted AND locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND objid = (hashtextextended(current_schema() || ' test', 7110218) & 4294967295)::oid"
	locked := func() (n int) {
		if err := other.read.QueryRow("SELECT count(*) FROM pg_locks WHERE " + lock).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	until := func(n int) {
		for end := time.Now().Add(20 * time.Second); locked() != n; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d have the place, not %d", locked(), n)
			}
		}
	}
	terminate := func() {
		if _, err := other.write.Exec("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE " + lock); err != nil {
			t.Fatal(err)
		}
	}
	until(1)
	terminate()
	until(0)
	until(1)
	second, err := other.write.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	waiting := make(chan error, 1)
	go func() { // is the next to have it
		_, err := second.ExecContext(t.Context(), "SELECT pg_advisory_lock(hashtextextended(current_schema() || ' test', 7110218))")
		waiting <- err
	}()
	for queued := 0; queued == 0; time.Sleep(time.Millisecond) {
		if err := other.read.QueryRow("SELECT count(*) FROM pg_locks WHERE NOT " + lock).Scan(&queued); err != nil {
			t.Fatal(err)
		}
	}
	terminate()
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, errTaken) {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("two deliver under one name")
	}
}

// TestAnotherName: SQLite has one node, whatever the host was called before a
// crash: a container has another name each time.
func TestAnotherName(t *testing.T) {
	dsn := "file:" + filepath.ToSlash(filepath.Join(t.TempDir(), "publisher.db"))
	s, r := startServer(t, dsn, func(o *Options) { o.Node = "first" }), newReceiver(t, nil)
	s.subscribe(r.URL + "/a")
	s.stop()
	store := openToRead(t, dsn)
	defer store.Close()
	killed, err := New(store, s.o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := killed.Publish(t.Context(), Event{Trigger: "OnOrder", Body: []byte(`{"id":1}`)}); err != nil {
		t.Fatal(err)
	}
	u := &turn{node: killed.o.Node, now: time.Now(), lease: time.Hour, room: 10, suspects: true, target: killed.target}
	if err := store.turn(t.Context(), u); err != nil || len(u.claimed) != 1 {
		t.Fatal(len(u.claimed), err)
	}
	startServer(t, dsn, func(o *Options) { o.Node = "second" })
	r.until(t, "what the first one had", func() bool { return r.count("/a") == 1 })
}

// TestLeaseWhileStopping: a node that stops keeps its lanes until what is under
// way is over, so no other node sends it again.
func TestLeaseWhileStopping(t *testing.T) {
	dsn, release := postgresSchema(t), make(chan struct{})
	r := newReceiver(t, func(http.ResponseWriter, *http.Request) { <-release })
	first := startServer(t, dsn, func(o *Options) { o.Node, o.Lease = "first", 3*time.Second })
	first.subscribe(r.URL + "/a")
	first.publish("1", 1)
	r.until(t, "the POST", func() bool { return r.count("/a") == 1 })
	second := startServer(t, dsn, func(o *Options) { o.Node, o.Lease = "second", 3*time.Second })
	time.AfterFunc(5*time.Second, func() { close(release) })
	first.stop()
	second.publish("2", 2)
	r.until(t, "the next", func() bool { return r.count("/a") > 1 })
	second.stop()
	if total, distinct := r.total(); total != 2 || distinct != 2 {
		t.Errorf("%d came, %d distinct", total, distinct)
	}
}
