package publisher

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// inFlight is the W of the promises: Options.Workers of the children.
const inFlight = 100

// TestKill kills the publisher in the middle of its work. What was acknowledged
// arrives all the same (G1), at most twice W deliveries come again (G2), and it
// is done soon after the restart (G3).
func TestKill(t *testing.T) {
	type run struct{ subscribers, events, killAt int }
	runs := size(nil, []run{{100, 100, 4000}, {1000, 1, 400}}, []run{{50, 40, 800}})
	if soaking() {
		runs = []run{{10_000, 1, 4000}}
		for _, at := range []int{4000, 100, 1000, 2000, 3000, 4000, 5000, 6000, 8000, 9500} {
			runs = append(runs, run{100, 100, at})
		}
	}
	for i, r := range runs {
		t.Run(fmt.Sprintf("%d_%dx%d_at_%d", i, r.subscribers, r.events, r.killAt), func(t *testing.T) {
			onEachDatabase(t, func(t *testing.T, dsn string) {
				kill(t, dsn, r.subscribers, r.events, r.killAt)
			})
		})
	}
}

func kill(t *testing.T, dsn string, subscribers, events, killAt int) {
	s, c := newSink(t, nil, nil), startChild(t, childConfig{DSN: dsn})
	c.subscribeMany(s.URL, subscribers)
	left := make(chan []int)
	go func() { left <- c.publishMany(upTo(events)) }()
	s.await(t, "some deliveries", func(total, _ int) bool { return total >= killAt })
	c.kill()

	begun := time.Now()
	c = startChild(t, childConfig{DSN: dsn})
	unacknowledged := <-left
	if again := c.publishMany(unacknowledged); len(again) > 0 {
		t.Fatalf("%d events could not be published after the restart", len(again))
	}
	s.await(t, "every delivery", func(_, distinct int) bool { return distinct == subscribers*events })
	took := time.Since(begun)
	awaitSettled(t, dsn)
	c.stop()
	checkBooks(t, dsn, s, subscribers*events, 2*inFlight)
	total, distinct := s.counts()
	t.Logf("%d duplicates, all delivered %v after the restart, %d events had not been acknowledged", total-distinct, took.Round(time.Millisecond), len(unacknowledged))
	if soaking() && took > 2*time.Second {
		t.Errorf("all was delivered %v after the restart", took)
	}
}

// checkBooks makes sure that exactly what was owed came, with so many
// duplicates at most, and that the database says so.
func checkBooks(t *testing.T, dsn string, s *sink, owed, duplicates int) {
	t.Helper()
	total, distinct := s.counts()
	if distinct != owed {
		t.Errorf("%d of %d deliveries came", distinct, owed)
	}
	if total-distinct > duplicates {
		t.Errorf("%d duplicates", total-distinct)
	}
	if states := books(t, dsn); states != [4]int{done: owed} {
		t.Errorf("of %d deliveries %d are pending, %d done, %d dead, %d cancelled", owed, states[pending], states[done], states[dead], states[cancelled])
	}
}

// TestKillNode kills one of two nodes: the other takes over when the lease has
// run out (G3).
func TestKillNode(t *testing.T) {
	const lease = 5 * time.Second
	subscribers, events := 100, size(100, 40, 10)
	dsn := postgresSchema(t)
	s := newSink(t, nil, nil)
	one := startChild(t, childConfig{DSN: dsn, Node: "one", Lease: lease})
	two := startChild(t, childConfig{DSN: dsn, Node: "two", Lease: lease})
	one.subscribeMany(s.URL, subscribers)
	left := make(chan []int)
	go func() { left <- one.publishMany(upTo(events)) }()
	s.await(t, "some deliveries", func(total, _ int) bool { return total >= subscribers*events*4/10 })
	one.kill()

	begun := time.Now()
	if again := two.publishMany(<-left); len(again) > 0 {
		t.Fatalf("the other node did not acknowledge %d events", len(again))
	}
	s.await(t, "every delivery", func(_, distinct int) bool { return distinct == subscribers*events })
	took := time.Since(begun)
	awaitSettled(t, dsn)
	two.stop()
	checkBooks(t, dsn, s, subscribers*events, 2*inFlight)
	total, distinct := s.counts()
	t.Logf("%d duplicates, all delivered %v after the kill, with a lease of %v", total-distinct, took.Round(time.Millisecond), lease)
	if soaking() && took > lease+time.Second {
		t.Errorf("all was delivered %v after the kill", took)
	}
}

// TestTwoNodes delivers from two nodes, neither of which sends what the other
// does (G16).
func TestTwoNodes(t *testing.T) {
	subscribers, events := 100, size(200, 30, 10)
	dsn := postgresSchema(t)
	s := newSink(t, nil, nil)
	nodes := []*child{startChild(t, childConfig{DSN: dsn, Node: "one"}), startChild(t, childConfig{DSN: dsn, Node: "two"})}
	nodes[0].subscribeMany(s.URL, subscribers)
	if failed := inParallel(4, events, func(i int) error {
		_, err := nodes[i%2].publish(eventID(i), eventBody(i))
		return err
	}); len(failed) > 0 {
		t.Fatal(failed[0].err)
	}
	s.await(t, "every delivery", func(_, distinct int) bool { return distinct == subscribers*events })
	for _, n := range nodes {
		n.stop()
	}
	checkBooks(t, dsn, s, subscribers*events, 0)
}

// TestKillInPublish kills the publisher while it publishes: an event goes to
// all or to nobody, and can be published again (G4).
func TestKillInPublish(t *testing.T) {
	subscribers, kills := 200, size(50, 5, 2)
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s, c := newSink(t, nil, nil), startChild(t, childConfig{DSN: dsn})
		c.subscribeMany(s.URL, subscribers)
		begun := time.Now()
		if _, err := c.publish("first", eventBody(0)); err != nil {
			t.Fatal(err)
		}
		took := time.Since(begun)
		acknowledged := make([]bool, kills)
		for i := range kills {
			answered := make(chan bool, 1)
			go func() {
				_, err := c.publish(eventID(i), eventBody(i))
				answered <- err == nil
			}()
			time.Sleep(time.Duration(rand.Int64N(int64(took) * 3 / 2))) // the kill comes at any moment of it
			c.kill()
			acknowledged[i] = <-answered
			c = startChild(t, childConfig{DSN: dsn})
		}
		c.kill()
		stored := deliveriesByEvent(t, dsn)
		c = startChild(t, childConfig{DSN: dsn})
		lost := 0
		for i := range kills {
			n, isStored := stored[eventID(i)]
			if isStored && n != subscribers || acknowledged[i] && !isStored {
				t.Errorf("event %d has %d of %d deliveries; acknowledged: %v", i, n, subscribers, acknowledged[i])
			}
			if !acknowledged[i] {
				lost++
			}
			want := Receipt{ID: eventID(i), New: !isStored}
			if !isStored {
				want.Deliveries = subscribers
			}
			if got, err := c.publish(eventID(i), eventBody(i)); err != nil || got != want {
				t.Errorf("published again: got %+v, %v; want %+v", got, err, want)
			}
			if _, err := c.publish(eventID(i), eventBody(i+1)); !errors.Is(err, ErrConflict) {
				t.Errorf("the same id with another body: %v", err)
			}
		}
		t.Logf("%d of %d were not acknowledged; %d of %d are stored", lost, kills, len(stored)-1, kills)
		if soaking() && lost == 0 {
			t.Error("no kill was in time")
		}
		s.await(t, "every delivery", func(_, distinct int) bool { return distinct == subscribers*(kills+1) })
		awaitSettled(t, dsn)
		c.stop()
		checkBooks(t, dsn, s, subscribers*(kills+1), 2*inFlight*(kills+2))
	})
}

// deliveriesByEvent counts deliveries by the id of their event; "" stands for
// those that have none.
func deliveriesByEvent(t *testing.T, dsn string) map[string]int {
	t.Helper()
	store := openToRead(t, dsn)
	defer store.Close()
	rows, err := store.read.Query(`SELECT e.id, count(d.id) FROM events e LEFT JOIN deliveries d ON d.event_seq = e.seq GROUP BY e.id
		UNION ALL SELECT '', count(*) FROM deliveries WHERE event_seq NOT IN (SELECT seq FROM events) HAVING count(*) > 0`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			t.Fatal(err)
		}
		counts[id] = n
	}
	if n := counts[""]; rows.Err() != nil || n > 0 {
		t.Errorf("%d deliveries have no event; %v", n, rows.Err())
	}
	return counts
}

// TestKillAfterRegistration kills the publisher as soon as it has answered 201:
// the subscription is there when it comes back (G7).
func TestKillAfterRegistration(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s, c := newSink(t, nil, nil), startChild(t, childConfig{DSN: dsn})
		for i := range size(100, 5, 2) {
			location, err := c.subscribe(fmt.Sprintf("%s/%d", s.URL, i))
			c.kill()
			if err != nil || location == "" {
				t.Fatalf("registration %d: Location %q, %v", i, location, err)
			}
			c = startChild(t, childConfig{DSN: dsn})
			if got, err := c.publish(eventID(i), eventBody(i)); err != nil || got.Deliveries != i+1 {
				t.Fatalf("%d subscribers: got %+v, %v", i+1, got, err)
			}
			s.await(t, "the event", func(_, distinct int) bool { return distinct == (i+1)*(i+2)/2 })
		}
	})
}

// TestStop stops the publisher under load: nothing is lost and nothing comes
// twice (G15).
func TestStop(t *testing.T) {
	subscribers, events := 100, size(100, 30, 10)
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s := newSink(t, nil, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(20 * time.Millisecond) // so that many are under way
			w.WriteHeader(http.StatusOK)
		})
		c := startChild(t, childConfig{DSN: dsn})
		c.subscribeMany(s.URL, subscribers)
		left := make(chan []int)
		go func() { left <- c.publishMany(upTo(events)) }()
		s.await(t, "some deliveries", func(total, _ int) bool { return total >= subscribers*events/3 })
		took := c.stop()
		total, _ := s.counts()
		c = startChild(t, childConfig{DSN: dsn})
		if again := c.publishMany(<-left); len(again) > 0 {
			t.Fatalf("%d events could not be published after the restart", len(again))
		}
		s.await(t, "every delivery", func(_, distinct int) bool { return distinct == subscribers*events })
		c.stop()
		checkBooks(t, dsn, s, subscribers*events, 0)
		t.Logf("stopped within %v after %d of %d deliveries", took.Round(time.Millisecond), total, subscribers*events)
		if took > 30*time.Second {
			t.Errorf("it took %v to stop", took)
		}
	})
}

// TestStopHanging stops the publisher while subscribers hang: it waits for them,
// but not for ever, and their deliveries are not lost (G15).
func TestStopHanging(t *testing.T) {
	if !soaking() {
		t.Skip("half a minute: PUBLISHER_SOAK is not set")
	}
	onEachDatabase(t, func(t *testing.T, dsn string) {
		var s *sink
		s = newSink(t, nil, func(_ http.ResponseWriter, r *http.Request) { s.hang(r) })
		c := startChild(t, childConfig{DSN: dsn})
		c.subscribeMany(s.URL, 10)
		if left := c.publishMany(upTo(2)); len(left) > 0 {
			t.Fatal("not published")
		}
		s.await(t, "the first attempts", func(total, _ int) bool { return total == 10 })
		if took := c.stop(); took > 30*time.Second {
			t.Errorf("it took %v to stop", took)
		}
		if states := books(t, dsn); states != [4]int{pending: 20} {
			t.Errorf("states of deliveries: %v", states)
		}
	})
}

// TestForgottenLane gives this node a lane that it knows nothing of, as a commit
// does whose answer was lost on the way.
func TestForgottenLane(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s := startServer(t, dsn, nil)
		r := newReceiver(t, nil)
		s.subscribe(r.URL + "/a")
		s.publish("first", 1)
		r.until(t, "the first notification", func() bool { return r.count("/a") == 1 })
		r.until(t, "an idle lane", func() bool { return books(t, dsn)[done] == 1 }) // written down, and given back with it
		if err := s.store.transact(t.Context(), func(t *tx) error {
			_, err := t.exec("INSERT INTO lanes (sub_pk, node, lease_until, due_at) SELECT pk, CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT) FROM subscriptions",
				s.o.Node, millis(time.Now().Add(time.Hour)), millis(time.Now()))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		s.publish("second", 2)
		r.until(t, "the second notification", func() bool { return r.count("/a") == 2 })
	})
}

// TestNameOfTheDead starts a node while PostgreSQL has yet to notice that the
// one of its name was killed.
func TestNameOfTheDead(t *testing.T) {
	dsn := postgresSchema(t)
	store := openToRead(t, dsn)
	defer store.Close()
	dead, err := store.serve(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(500*time.Millisecond, dead.leave)
	s, r := startServer(t, dsn, nil), newReceiver(t, nil)
	s.subscribe(r.URL + "/a")
	s.publish("e", 1)
	r.until(t, "the notification", func() bool { return r.count("/a") == 1 })
}

// TestDeleteUnderLoad: those who unregister and the loop lock the same rows in
// the same order. PostgreSQL would end a deadlock after a second.
func TestDeleteUnderLoad(t *testing.T) {
	dsn := postgresSchema(t)
	s, r := startServer(t, dsn, nil), newReceiver(t, nil)
	var all sync.WaitGroup
	var slowest atomic.Int64
	for w := range 4 {
		all.Go(func() {
			for i := range 20 {
				location := s.subscribe(fmt.Sprintf("%s/%d-%d", r.URL, w, i))
				s.publish(fmt.Sprint(w, "-", i), i)
				begun := time.Now()
				if status := s.do("DELETE", location, "").Code; status != http.StatusNoContent {
					t.Error(status)
				}
				slowest.Store(max(slowest.Load(), int64(time.Since(begun))))
			}
		})
	}
	all.Wait()
	if took := time.Duration(slowest.Load()); took > time.Second {
		t.Errorf("a DELETE took %v", took)
	}
}
