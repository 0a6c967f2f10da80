package publisher

import (
	"context"
	"database/sql"
	"net/http"
	"testing"
	"time"
)

// TestDeleteWhileClaimed deletes a registration, of whose callback there is
// another, while a node claims its lane: what that node may have sent already, the
// other registration gets later.
func TestDeleteWhileClaimed(t *testing.T) {
	sc := newScale(t, postgresSchema(t)) // SQLite has one transaction at a time
	store := sc.s.store
	deleted, twin := sc.pks[1], sc.pks[2]
	sc.exec("UPDATE subscriptions SET callback_hash = ? WHERE pk IN (?, ?)", []byte("same"), deleted, twin)
	if _, err := sc.s.Publish(t.Context(), Event{Trigger: "OnOrder", Body: []byte(eventBody(1)), To: deleted}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	if err := store.transact(t.Context(), func(x *tx) error {
		u := &turn{node: "test", now: time.Now(), lease: time.Minute, room: 1, target: sc.s.target}
		if err := x.claim(u); err != nil || len(u.claimed) != 1 {
			t.Fatal(u.claimed, err)
		}
		go func() {
			ended <- store.transact(context.Background(), func(x *tx) error { return x.end(deleted, "unregistered", time.Now(), time.Minute) })
		}()
		select {
		case err := <-ended:
			t.Errorf("it does not wait: %v", err)
		case <-time.After(300 * time.Millisecond):
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	var sub, due int64
	if err := store.read.QueryRow("SELECT sub_pk, due_at FROM deliveries").Scan(&sub, &due); err != nil {
		t.Fatal(err)
	}
	if wait := time.Until(fromMillis(due)); sub != twin || wait < 50*time.Second {
		t.Errorf("subscription %d is sent it in %v", sub, wait)
	}
}

// TestKilledAfterOutcome kills the process between the two transactions that an
// outcome takes, that of the outcome and that of the lane.
func TestKilledAfterOutcome(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		for name, outcome := range map[string]outcome{"delivered": {verdict: delivered}, "gone": {verdict: over}, "dead": {verdict: refuse}} {
			t.Run(name, func(t *testing.T) {
				dsn := anotherDatabase(t, dsn)
				r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
				s := startServer(t, dsn, nil)
				s.subscribe(r.URL + "/a")
				s.stop()
				store, err := Open(t.Context(), dsn)
				if err != nil {
					t.Fatal(err)
				}
				defer store.Close()
				if err := store.transact(t.Context(), func(x *tx) error {
					_, err := x.exec("UPDATE subscriptions SET fails = 1, failing_since = 1")
					return err
				}); err != nil {
					t.Fatal(err)
				}
				if _, err := store.publish(t.Context(), Event{Trigger: "OnOrder", ID: "1", Body: []byte(eventBody(1))}, false, []byte{}, time.Now()); err != nil {
					t.Fatal(err)
				}
				u := &turn{node: s.o.Node, now: time.Now(), lease: time.Minute, room: 1, suspects: true, target: s.target}
				if err := store.turn(t.Context(), u); err != nil || len(u.claimed) != 1 {
					t.Fatal(u.claimed, err)
				}
				l := u.claimed[0]
				l.queue[0].refusals = maxRefusals - 1
				if err := store.record(t.Context(), []record{settle(l, l.queue[0], outcome, DefaultRetry, time.Now())}, time.Now(), 0); err != nil {
					t.Fatal(err)
				}
				s = startServer(t, dsn, nil)
				if name == "gone" {
					s.untilState(t, 1, "gone")
					return
				}
				s.untilIdle(t)
				var since sql.NullInt64
				if err := store.read.QueryRow("SELECT failing_since FROM subscriptions").Scan(&since); err != nil || since.Valid {
					t.Errorf("it fails since %v, %v", since, err)
				}
				if r.count("/a") != 0 {
					t.Error("it was sent again")
				}
			})
		}
	})
}
