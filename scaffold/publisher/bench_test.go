package publisher

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// TestThroughput compares the publisher with a plain loop of http.Client, which
// sends as much with the same concurrency to the same receiver: the most that
// can be had. Receiver, publisher and PostgreSQL are processes of their own.
// Each round measures all of them one after the other, and what counts is the
// median of a round's shares: machines differ, and change while one measures.
func TestThroughput(t *testing.T) {
	if os.Getenv("PUBLISHER_BENCH") == "" {
		t.Skip("minutes, on a machine that does nothing else: PUBLISHER_BENCH is not set")
	}
	receiver := startChild(t, childConfig{Role: "receiver"})
	loops := map[string]*contender{
		"fast": {name: "plain loop", path: "fast", events: 200},
		"50ms": {name: "plain loop, receiver takes 50 ms", path: "50ms", events: 100},
	}
	contenders := []*contender{
		loops["fast"], {database: "SQLite", path: "fast", events: 200, promised: 0.40}, {database: "PostgreSQL", path: "fast", events: 200, promised: 0.30},
		loops["50ms"], {database: "SQLite", path: "50ms", events: 100, promised: 0.90}, {database: "PostgreSQL", path: "50ms", events: 100, promised: 0.90},
	}
	for _, database := range []string{"SQLite", "PostgreSQL"} {
		for _, hanging := range []int{1, 10, 50} {
			contenders = append(contenders, &contender{database: database, path: "fast", events: 200, hanging: hanging})
		}
	}
	for range benchRounds {
		for _, c := range contenders {
			rate := c.round(t, receiver)
			c.rates = append(c.rates, rate)
			loop := loops[c.path].rates // of the same round
			c.shares = append(c.shares, rate/loop[len(loop)-1])
		}
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 3, ' ', 0)
	fmt.Fprintf(w, "deliveries to %d subscribers, %d at a time; medians of %d rounds\n\tper second\tof the loop\tlowest – highest\tpromised\n", benchSubscribers, inFlight, benchRounds)
	for _, c := range contenders {
		c.report(t, w)
	}
	for _, database := range []string{"SQLite", "PostgreSQL"} {
		memory := memoryAtScale(t, database, receiver)
		fmt.Fprintf(w, "%s, memory at 10,000 subscriptions\t%.1f MB\t\t\t≤ 64 MB\n", database, memory)
		if memory > 64 {
			t.Errorf("%s: %.1f MB", database, memory)
		}
	}
	_ = w.Flush()
	fmt.Print(table.String())
}

const (
	benchSubscribers = 100
	benchRounds      = 5
)

// contender is a line of the table.
type contender struct {
	name     string
	database string // "" is the loop
	path     string // of the receiver
	events   int
	hanging  int
	promised float64

	dsn           string
	rates, shares []float64
}

// round measures deliveries per second from the first publish to the last
// receipt.
func (c *contender) round(t *testing.T, receiver *child) float64 {
	t.Helper()
	n := c.events * benchSubscribers
	receiver.control("POST", "/reset")
	var begun time.Time
	if c.database == "" {
		begun = time.Now()
		plainLoop(t, receiver.url+"/"+c.path, n)
		return c.rate(n, begun, receiver)
	}
	isFirst := c.dsn == ""
	if isFirst {
		c.dsn = benchDatabase(t, c.database)
	}
	config := childConfig{DSN: c.dsn}
	if folder := os.Getenv("PUBLISHER_PROFILE"); folder != "" && c.hanging == 0 {
		config.Profile = filepath.Join(folder, c.database+"-"+c.path+".pprof")
	}
	p := startChild(t, config)
	if isFirst {
		p.subscribeMany(receiver.url+"/"+c.path, benchSubscribers)
		p.subscribeMany(receiver.url+"/hang", c.hanging)
	}
	begun = time.Now()
	if failed := inParallel(4, c.events, func(i int) error {
		_, err := p.publish("", benchBody(i))
		return err
	}); len(failed) > 0 {
		t.Fatal(failed[0].err)
	}
	rate := c.rate(n, begun, receiver)
	if c.hanging > 0 {
		p.kill() // it would wait for them
	} else {
		p.stop()
	}
	return rate
}

func (c *contender) rate(n int, begun time.Time, receiver *child) float64 {
	last, err := strconv.ParseInt(receiver.control("GET", fmt.Sprint("/wait?n=", n)), 10, 64)
	if err != nil {
		receiver.t.Fatalf("the receiver waited in vain for %d: %v", n, err)
	}
	return float64(n) / time.Unix(0, last).Sub(begun).Seconds()
}

func (c *contender) report(t *testing.T, w io.Writer) {
	slices.Sort(c.rates)
	slices.Sort(c.shares)
	name, promised := c.name, ""
	if c.database != "" {
		name = c.database
		if c.path != "fast" {
			name += ", receiver takes 50 ms"
		}
		if c.hanging > 0 {
			name += fmt.Sprintf(", %d more hang", c.hanging)
		}
	}
	share := c.shares[len(c.shares)/2]
	if c.promised > 0 {
		promised = fmt.Sprintf("≥ %.2f", c.promised)
		if share < c.promised {
			t.Errorf("%s: %.2f of the loop", name, share)
		}
	}
	fmt.Fprintf(w, "%s\t%.0f\t%.2f\t%.2f – %.2f\t%s\n", name, c.rates[len(c.rates)/2], share, c.shares[0], c.shares[len(c.shares)-1], promised)
}

// benchBody is 1 KB.
func benchBody(i int) string { return fmt.Sprintf(`{"id":%d,"text":%q}`, i, strings.Repeat("x", 1000)) }

func benchDatabase(t *testing.T, database string) (dsn string) {
	if database == "PostgreSQL" {
		return postgresSchema(t)
	}
	return "file:" + filepath.ToSlash(filepath.Join(t.TempDir(), "publisher.db"))
}

func plainLoop(t *testing.T, url string, n int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: inFlight, MaxIdleConnsPerHost: inFlight}}
	defer client.CloseIdleConnections()
	body := []byte(benchBody(1))
	if failed := inParallel(inFlight, n, func(int) error {
		answer, err := client.Post(url, "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		return err
	}); len(failed) > 0 {
		t.Fatal(failed[0].err)
	}
}

// memoryAtScale returns the most MB that a publisher needed to register 10,000
// subscriptions and to tell them of an event.
func memoryAtScale(t *testing.T, database string, receiver *child) float64 {
	const n = 10_000
	receiver.control("POST", "/reset")
	p := startChild(t, childConfig{DSN: benchDatabase(t, database)})
	p.subscribeMany(receiver.url+"/fast", n)
	if _, err := p.publish("", benchBody(0)); err != nil {
		t.Fatal(err)
	}
	receiver.control("GET", fmt.Sprint("/wait?n=", n))
	defer p.stop()
	return peakMemory(t, p)
}

// control asks the receiver.
func (c *child) control(method, path string) (answer string) {
	c.t.Helper()
	status, _, text, err := c.do(method, path, "", "")
	if err != nil || status != http.StatusOK {
		c.t.Fatalf("%s %s: %d %v", method, path, status, err)
	}
	return string(text)
}

// runReceiver takes notifications at once, after 50 ms, or hardly ever, and
// counts those that it took at once or after 50 ms.
func runReceiver(ctx context.Context, _ childConfig) error {
	var mu sync.Mutex
	var count int
	var last time.Time
	more := sync.NewCond(&mu)
	take := func(wait time.Duration) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			mu.Lock()
			count, last = count+1, time.Now()
			more.Broadcast()
			mu.Unlock()
			time.Sleep(wait)
			w.WriteHeader(http.StatusAccepted)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/fast/", take(0))
	mux.Handle("/fast", take(0))
	mux.Handle("/50ms/", take(50*time.Millisecond))
	mux.Handle("/50ms", take(50*time.Millisecond))
	mux.HandleFunc("/hang/", func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-time.After(30 * time.Second):
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST /reset", func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		count = 0
	})
	mux.HandleFunc("GET /wait", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("n"))
		mu.Lock()
		defer mu.Unlock()
		for count < n {
			more.Wait()
		}
		fmt.Fprint(w, last.UnixNano())
	})
	l, err := listenAndTell()
	if err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		_ = l.Close()
	}()
	return http.Serve(l, mux)
}

// profile writes a CPU profile until it is stopped.
func profile(name string) (stop func(), err error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, pprof.StartCPUProfile(f)
}
