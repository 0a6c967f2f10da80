package publisher

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestIsolation delivers to healthy subscribers beside others that refuse (G5)
// or hang (G6). The healthy ones are to notice nothing: what they see is
// compared with a round of the same run without the others.
func TestIsolation(t *testing.T) {
	rounds := []trouble{{0, 0}, {1, 0}, {1, 1}, {1, 10}, {1, 50}}
	if !soaking() {
		rounds = []trouble{{0, 0}, {1, 50}}
	}
	onEachDatabase(t, func(t *testing.T, dsn string) {
		i := newIsolation(t, dsn)
		for n, r := range rounds {
			i.round(n, r)
		}
	})
}

// trouble is how many subscribers refuse connections and how many hang.
type trouble struct{ refusing, hanging int }

type isolation struct {
	t        *testing.T
	c        *child
	healthy  *sink
	bad      *sink
	refusing string // URL
	connects atomic.Int64
	sent     sync.Map // webhook id → when it was published

	latencies []time.Duration // under the lock of healthy
	baseline  time.Duration   // the 99th percentile without trouble
}

// healthySubscribers get ten events a second each: a thousand deliveries.
var healthySubscribers = size(100, 100, 10)

func newIsolation(t *testing.T, dsn string) *isolation {
	i := &isolation{t: t}
	i.healthy = newSink(t, func(_, id string, at time.Time) {
		if sent, ok := i.sent.Load(id); ok {
			i.latencies = append(i.latencies, at.Sub(sent.(time.Time)))
		}
	}, nil)
	i.bad = newSink(t, nil, func(_ http.ResponseWriter, r *http.Request) { i.bad.hang(r) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	i.refusing = "http://" + l.Addr().String()
	go func() {
		for {
			connection, err := l.Accept()
			if err != nil {
				return
			}
			i.connects.Add(1)
			_ = connection.Close()
		}
	}()
	i.c = startChild(t, childConfig{DSN: dsn, Timeout: 15 * time.Second})
	i.c.subscribeMany(i.healthy.URL, healthySubscribers)
	return i
}

// round publishes ten events a second to all.
func (i *isolation) round(n int, bad trouble) {
	name := fmt.Sprintf("%d refusing, %d hanging", bad.refusing, bad.hanging)
	locations := i.c.subscribeMany(i.bad.URL+fmt.Sprint("/", n), bad.hanging)
	if bad.refusing > 0 {
		locations = append(locations, i.c.subscribeMany(i.refusing+fmt.Sprint("/", n), bad.refusing)...)
	}
	i.healthy.mu.Lock()
	i.latencies = nil
	i.healthy.mu.Unlock()
	i.connects.Store(0)
	_, before := i.healthy.counts()
	events := size(250, 30, 20)
	for k, tick := 0, time.NewTicker(100*time.Millisecond); k < events; k++ {
		<-tick.C
		id := fmt.Sprintf("round-%d-%d", n, k)
		i.sent.Store(id, time.Now())
		if _, err := i.c.publish(id, eventBody(k)); err != nil {
			i.t.Fatal(err)
		}
	}
	published := time.Now()
	want := before + events*healthySubscribers
	i.healthy.await(i.t, name+": every delivery to the healthy", func(_, distinct int) bool { return distinct == want })
	late := time.Since(published)
	i.check(name, bad, late)
	for _, l := range locations {
		if status, _, answer, err := i.c.do("DELETE", l, "", ""); status != http.StatusNoContent {
			i.t.Fatalf("DELETE: %d %s %v", status, answer, err)
		}
	}
}

func (i *isolation) check(name string, bad trouble, late time.Duration) {
	i.healthy.mu.Lock()
	slices.Sort(i.latencies)
	middle, p99 := i.latencies[len(i.latencies)/2], i.latencies[len(i.latencies)*99/100]
	i.healthy.mu.Unlock()
	if bad == (trouble{}) {
		i.baseline = p99
	}
	i.t.Logf("%-26s p50 %v, p99 %v, the last %v after its event; %d connections to the refusing one", name+":",
		middle.Round(time.Millisecond/10), p99.Round(time.Millisecond/10), late.Round(time.Millisecond), i.connects.Load())
	bound := max(2*i.baseline, 500*time.Millisecond)
	if !soaking() { // a machine that has other things to do is slow now and then, but not for as long as one that hangs
		bound = max(4*i.baseline, 3*time.Second)
	}
	if p99 > bound {
		i.t.Errorf("%s: the 99th percentile is %v, without them %v", name, p99, i.baseline)
	}
	if late > bound {
		i.t.Errorf("%s: the last delivery came %v after its event", name, late)
	}
	if _, got := i.bad.counts(); got < bad.hanging {
		i.t.Errorf("%s: only %d hang", name, got)
	}
	if got := i.connects.Load(); bad.refusing > 0 && (got == 0 || got >= 10) {
		i.t.Errorf("%s: %d connections to the refusing one", name, got)
	}
}

// TestBacklogWaitsItsTurn: subscribers with much to catch up on, more than there
// are workers, leave room for one whose event is new.
func TestBacklogWaitsItsTurn(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		r := newReceiver(t, func(_ http.ResponseWriter, q *http.Request) {
			if q.URL.Path != "/new" {
				time.Sleep(20 * time.Millisecond)
			}
		})
		s := startServer(t, dsn, func(o *Options) { o.Workers = 4 })
		for i := range 16 {
			s.subscribe(fmt.Sprintf("%s/%d", r.URL, i))
		}
		for i := range 60 {
			s.publish(fmt.Sprint(i), i)
		}
		s.subscribe(r.URL + "/new")
		s.publish("new", 1)
		r.until(t, "the new one", func() bool { return r.count("/new") == 1 })
		if total, _ := r.total(); total > 800 {
			t.Errorf("it came after %d others", total)
		}
	})
}

// TestSlowSuccesses: subscribers that take their time leave room for others,
// however many they are, and although they succeed.
func TestSlowSuccesses(t *testing.T) {
	const workers = 4
	var answered sync.Map
	r := newReceiver(t, func(_ http.ResponseWriter, q *http.Request) {
		if q.URL.Path != "/quick" {
			time.Sleep(slowAfter * 3 / 2)
			answered.Store(q.URL.Path, true)
		}
	})
	s := startServer(t, "file:"+filepath.ToSlash(filepath.Join(t.TempDir(), "publisher.db")), func(o *Options) { o.Workers = workers })
	for i := range 3 * workers {
		s.subscribe(fmt.Sprintf("%s/%d", r.URL, i))
	}
	for i := range 20 {
		s.publish(fmt.Sprint(i), i)
	}
	r.until(t, "each was slow once", func() bool {
		known := 0
		answered.Range(func(any, any) bool { known++; return true })
		return known == 3*workers
	})
	s.subscribe(r.URL + "/quick")
	for i := range 10 {
		begun := time.Now()
		s.publish(fmt.Sprint("quick", i), i)
		r.until(t, "a quick one", func() bool { return r.count("/quick") == i+1 })
		if took := time.Since(begun); took > slowAfter {
			t.Errorf("the %dth took %v", i, took)
		}
	}
}
