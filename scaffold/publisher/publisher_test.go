package publisher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestLife is a subscription's whole life.
func TestLife(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		r := newReceiver(t, nil)
		s := startServer(t, dsn, nil)
		location := s.subscribe(r.URL + "/a?sig=%2Babc")
		for i := range 100 {
			if got := s.publish(fmt.Sprint("e", i), i); !got.New || got.Deliveries != 1 {
				t.Fatalf("got %+v", got)
			}
		}
		r.until(t, "100 notifications", func() bool { return r.count("/a") == 100 })
		for range 2 {
			if w := s.do("DELETE", location, ""); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
				t.Fatalf("DELETE: %d %s", w.Code, w.Body)
			}
		}
		if got := s.publish("last", 1); got.Deliveries != 0 {
			t.Errorf("got %+v", got)
		}
		s.stop()
		if total, distinct := r.total(); total != 100 || distinct != 100 {
			t.Errorf("%d came, %d distinct", total, distinct)
		}
	})
}

// TestPublishIsRepeatable: the same again adds nothing, another body under the
// same id is an error.
func TestPublishIsRepeatable(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		r := newReceiver(t, nil)
		s := startServer(t, dsn, func(o *Options) { o.MaxBody = 100 })
		s.subscribe(r.URL + "/a")
		s.publish("one", 1)
		if got := s.publish("one", 1); got.New || got.Deliveries != 0 {
			t.Errorf("got %+v", got)
		}
		for body, want := range map[string]error{
			`{"id":2}`: ErrConflict, `{"id":1,"x":"` + strings.Repeat("x", 100) + `"}`: ErrTooLarge,
		} {
			if _, err := s.Publish(t.Context(), Event{Trigger: "OnOrder", ID: "one", Body: []byte(body)}); !errors.Is(err, want) {
				t.Errorf("%.20s: got %v, want %v", body, err, want)
			}
		}
		if _, err := s.Publish(t.Context(), Event{Trigger: "OnNothing", Body: []byte(`{}`)}); !errors.Is(err, ErrUnknownTrigger) {
			t.Errorf("got %v", err)
		}
		// Twenty at once, four ids: each is new once.
		var fresh atomic.Int32
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				got, err := s.Publish(context.Background(), Event{Trigger: "OnOrder", ID: fmt.Sprint("many", i%4), Body: []byte(`{"id":3}`)})
				if err != nil {
					t.Error(err)
				}
				if got.New {
					fresh.Add(1)
				}
			})
		}
		all.Wait()
		r.until(t, "five notifications", func() bool { return r.count("/a") >= 5 })
		s.stop()
		if fresh.Load() != 4 || r.count("/a") != 5 {
			t.Errorf("%d were new, %d came", fresh.Load(), r.count("/a"))
		}
	})
}

// TestSchemaBeforeSend is G14: nothing is stored of what does not satisfy the
// contract.
func TestSchemaBeforeSend(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s := startServer(t, dsn, nil)
		s.subscribe("http://localhost/a")
		for body, pointer := range map[string]string{`{"id":"x"}`: "/id", `{}`: "", `[]`: ""} {
			_, err := s.Publish(t.Context(), Event{Trigger: "OnOrder", ID: "e", Body: []byte(body)})
			var invalid *InvalidError
			if !errors.As(err, &invalid) || invalid.Pointer != pointer {
				t.Errorf("%s: got %v", body, err)
			}
		}
		for _, body := range []string{``, `{"id":1`, `{"id":1}{}`, `{"id":1,"id":2}`, "{\"id\":1,\"x\":\"\xff\"}", `{"x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`} {
			var invalid *InvalidError
			if _, err := s.Publish(t.Context(), Event{Trigger: "OnOrder", ID: "e", Body: []byte(body)}); !errors.As(err, &invalid) {
				t.Errorf("%.40s: got %v", body, err)
			}
		}
		var events int
		if err := s.store.read.QueryRow("SELECT count(*) FROM events").Scan(&events); err != nil || events != 0 {
			t.Errorf("%d events are stored, %v", events, err)
		}
	})
}

// TestTwins is the second half of G7: the platform registers the same callback
// anew, before or after it deletes the old registration.
func TestTwins(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		var well atomic.Bool
		well.Store(true)
		r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
			if !well.Load() {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		now := newClock()
		s := startServerAt(t, dsn, now.read, nil)
		first, second := s.subscribe(r.URL+"/a"), s.subscribe(r.URL+"/a")
		if first == second {
			t.Fatal("two registrations share a Location")
		}
		if got := s.publish("1", 1); got.Deliveries != 1 {
			t.Errorf("got %+v", got)
		}
		r.until(t, "the first", func() bool { return r.count("/a") == 1 })
		s.eventually("the first is written down", func() bool { return books(t, dsn)[done] == 1 }) // it was answered
		// What waits for the one that is deleted goes to the other one.
		well.Store(false)
		s.publish("2", 2)
		r.until(t, "a failed try", func() bool { return r.count("/a") == 2 })
		s.untilParked()
		well.Store(true)
		if w := s.do("DELETE", first, ""); w.Code != http.StatusNoContent {
			t.Fatal(w.Code)
		}
		now.advance(time.Minute)
		r.until(t, "the second for the twin", func() bool { return r.count("/a") == 3 })
		if got := s.publish("3", 3); got.Deliveries != 1 {
			t.Errorf("got %+v", got)
		}
		r.until(t, "the third", func() bool { return r.count("/a") == 4 })
		// What was given up goes with it, too.
		s.eventually("all is written down", func() bool { return books(t, dsn)[done] == 3 })
		if err := s.store.transact(t.Context(), func(t *tx) error {
			_, err := t.exec("UPDATE deliveries SET state = 2 WHERE id = (SELECT MAX(id) FROM deliveries)")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		third := s.subscribe(r.URL + "/a")
		s.do("DELETE", second, "")
		if n, err := s.Redeliver(t.Context(), Filter{}); n != 1 || err != nil {
			t.Errorf("redelivered %d, %v", n, err)
		}
		r.until(t, "the third again", func() bool { return r.count("/a") == 5 })
		s.do("DELETE", third, "")
		if got := s.publish("4", 4); got.Deliveries != 0 {
			t.Errorf("got %+v", got)
		}
		s.stop()
		if total, distinct := r.total(); total != 5 || distinct != 3 {
			t.Errorf("%d came, %d distinct", total, distinct)
		}
	})
}

// TestDeleteTellsNothing is G8.
func TestDeleteTellsNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s := startServer(t, dsn, func(o *Options) {
			o.StrictDelete, o.Auth = true, authFunc(func(r *http.Request) (string, error) {
				if who := r.Header.Get("X-Who"); who != "" {
					return who, nil
				}
				return "", errors.New("nobody")
			})
		})
		as := func(who, method, path, body string) (int, string) {
			r, _ := http.NewRequest(method, path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Who", who)
			w := newRecorder(s, r)
			if (w.Code == http.StatusUnauthorized) != (w.Header().Get("WWW-Authenticate") != "") {
				t.Errorf("%d with %q", w.Code, w.Header())
			}
			return w.Code, w.Body.String() + w.Header().Get("Location")
		}
		status, answer := as("anna", "POST", "/v1/hooks", `{"callbackUrl":"http://localhost/a"}`)
		if status != http.StatusCreated {
			t.Fatal(status, answer)
		}
		location := strings.TrimPrefix(answer, "http://publisher.example")
		want := ""
		for _, path := range []string{location, "/v1/hooks/never-issued", "/v1/hooks/%00%ff", "/v1/hooks/" + strings.Repeat("x", 4000)} {
			status, answer := as("bert", "DELETE", path, "")
			if want == "" {
				want = answer
			}
			if status != http.StatusNotFound || answer != want {
				t.Errorf("%.60s: %d %s", path, status, answer)
			}
		}
		if status, _ := as("", "DELETE", location, ""); status != http.StatusUnauthorized {
			t.Errorf("without credentials: %d", status)
		}
		for range 2 {
			if status, answer := as("anna", "DELETE", location, ""); status != http.StatusNoContent || answer != "" {
				t.Errorf("the owner: %d %s", status, answer)
			}
		}
	})
}

// TestDeleteStopsDelivery is G9: a POST that is under way may finish, no other
// one starts.
func TestDeleteStopsDelivery(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		release := make(chan struct{})
		r := newReceiver(t, func(http.ResponseWriter, *http.Request) { <-release })
		s := startServer(t, dsn, nil)
		location := s.subscribe(r.URL + "/a")
		for i := range 40 {
			s.publish(fmt.Sprint(i), i)
		}
		r.until(t, "the first", func() bool { return r.count("/a") > 0 })
		if w := s.do("DELETE", location, ""); w.Code != http.StatusNoContent {
			t.Fatal(w.Code)
		}
		underWay := r.count("/a")
		close(release)
		s.stop()
		if got := r.count("/a"); got > underWay {
			t.Errorf("%d were sent after the DELETE", got-underWay)
		}
	})
}

// TestGone is G10: 410 ends the subscription, and its twins.
func TestGone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
		s := startServer(t, dsn, nil)
		location := s.subscribe(r.URL + "/a")
		s.subscribe(r.URL + "/a")
		for i := range 20 {
			s.publish(fmt.Sprint(i), i)
		}
		s.untilState(t, 2, "gone")
		if w := s.do("DELETE", location, ""); w.Code != http.StatusNoContent {
			t.Errorf("DELETE: %d", w.Code)
		}
		var open int
		if err := s.store.read.QueryRow("SELECT count(*) FROM deliveries WHERE state <> 3").Scan(&open); err != nil || open != 0 {
			t.Errorf("%d deliveries are not cancelled, %v", open, err)
		}
		s.stop()
		if got := r.count("/a"); got != 1 {
			t.Errorf("%d were sent", got)
		}
	})
}

// TestRetryAfterIsHonoured is G11 at the level of the lane.
func TestRetryAfterIsHonoured(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		now := newClock()
		var tries atomic.Int32
		r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
			if tries.Add(1) == 1 {
				w.Header().Set("Retry-After", "120")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		})
		s := startServerAt(t, dsn, now.read, nil)
		s.subscribe(r.URL + "/a")
		s.publish("1", 1)
		r.until(t, "the first try", func() bool { return tries.Load() == 1 })
		due := s.untilParked()
		if wait := due.Sub(now.read()); wait != 120*time.Second {
			t.Errorf("the lane waits %v", wait)
		}
		s.publish("2", 2) // does not wake it
		now.advance(119 * time.Second)
		s.ring()
		time.Sleep(2 * heartbeat)
		if got := tries.Load(); got != 1 {
			t.Errorf("%d tries before the time", got)
		}
		now.advance(2 * time.Second)
		r.until(t, "both", func() bool { _, distinct := r.total(); return distinct == 2 && tries.Load() == 3 })
	})
}

// TestPoisonDoesNotBlock is G12.
func TestPoisonDoesNotBlock(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		now := newClock()
		r := newReceiver(t, func(w http.ResponseWriter, q *http.Request) {
			if q.Header.Get("Webhook-Id") == "poison" {
				w.WriteHeader(http.StatusBadRequest)
			}
		})
		s := startServerAt(t, dsn, now.read, nil)
		s.subscribe(r.URL + "/a")
		s.publish("poison", 0)
		for i := range 30 {
			s.publish(fmt.Sprint(i), i)
		}
		r.until(t, "the others", func() bool { _, distinct := r.total(); return distinct == 31 })
		for try := 2; try <= maxRefusals; try++ {
			s.untilParked()
			now.advance(time.Hour)
			r.until(t, fmt.Sprint("try ", try), func() bool { return r.count("/a") == 30+try })
		}
		letters := s.untilDead(t, 1)
		if l := letters[0]; l.Event != "poison" || l.Status != 400 || l.Attempts != maxRefusals || l.Class != "http_400" {
			t.Errorf("got %+v", l)
		}
	})
}

// TestDisable: after five days without a success the subscription is disabled,
// nothing is lost, and the operator can bring it back.
func TestDisable(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		now := newClock()
		var well atomic.Bool
		r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
			if !well.Load() {
				w.WriteHeader(http.StatusForbidden)
			}
		})
		s := startServerAt(t, dsn, now.read, nil)
		s.subscribe(r.URL + "/a")
		s.publish("1", 1)
		s.publish("2", 2)
		s.untilParked()
		now.advance(disableAfter + time.Hour)
		s.untilState(t, 1, "disabled")
		s.publish("3", 3)
		if letters := s.untilDead(t, 3); letters[2].Class != "disabled" {
			t.Errorf("got %+v", letters)
		}
		list, err := s.Subscriptions(t.Context(), Filter{State: "disabled"})
		if err != nil || len(list) != 1 || !strings.Contains(list[0].Reason, "no success since 2026-01-02T03:04:05Z") || list[0].Dead != 3 {
			t.Fatalf("got %+v, %v", list, err)
		}
		if n, err := s.Redeliver(t.Context(), Filter{}); n != 0 || err != nil {
			t.Errorf("redelivered %d to a disabled subscription, %v", n, err)
		}
		well.Store(true)
		before := r.count("/a")
		if w := s.do("POST", fmt.Sprintf("/-/admin/subscriptions/%d/enable", list[0].Ref), ""); w.Code != http.StatusOK {
			t.Fatal(w.Code, w.Body)
		}
		if w := s.do("POST", "/-/admin/redeliver", `{"trigger":"OnOrder"}`); w.Body.String() != "{\"redelivered\":3}\n" {
			t.Fatal(w.Code, w.Body)
		}
		r.until(t, "what was kept", func() bool { return r.count("/a") == before+3 })
	})
}

// TestThrottled: a subscriber that takes some and then asks for a pause, each
// time, is well: it waits as long as it asks for, and is never disabled.
func TestThrottled(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		now := newClock()
		var tries atomic.Int32
		r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
			if tries.Add(1) == 3 {
				w.Header().Set("Retry-After", "60")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		})
		s := startServerAt(t, dsn, now.read, nil)
		s.subscribe(r.URL + "/a")
		for i := range 30 {
			s.publish(fmt.Sprint(i), i)
		}
		for round := range 3 {
			if wait := s.untilParked().Sub(now.read()); wait != time.Minute {
				t.Fatalf("it waits %v", wait)
			}
			tries.Store(int32(3 * (round / 2))) // the third is the last
			now.advance(2 * disableAfter)
		}
		r.until(t, "all", func() bool { _, distinct := r.total(); return distinct == 30 })
	})
}

// TestFailuresApart: five days without a success are days of failure. A failure
// long after another one, with nothing to send between them, is a first one.
func TestFailuresApart(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		now := newClock()
		r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) })
		s := startServerAt(t, dsn, now.read, nil)
		s.subscribe(r.URL + "/a")
		for round := range 2 {
			s.publish(fmt.Sprint(round), round)
			for try := 1; try < maxRefusals; try++ {
				r.until(t, "a try", func() bool { return r.count("/a") == maxRefusals*round+try })
				s.untilParked()
				now.advance(time.Hour)
			}
			s.untilDead(t, round+1)
			s.untilIdle(t)
			now.advance(2 * disableAfter)
		}
	})
}

// TestPlanRunsOut: when the plan is over, there is a dead letter.
func TestPlanRunsOut(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		now := newClock()
		r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
		s := startServerAt(t, dsn, now.read, func(o *Options) { o.Retry = []time.Duration{time.Second, time.Minute} })
		s.subscribe(r.URL + "/a")
		s.publish("1", 1)
		for try := 1; try <= 3; try++ {
			r.until(t, fmt.Sprint("try ", try), func() bool { return r.count("/a") == try })
			s.untilParked()
			now.advance(2 * time.Minute)
		}
		if letters := s.untilDead(t, 1); letters[0].Attempts != 3 {
			t.Errorf("got %+v", letters)
		}
		s.untilIdle(t)
		s.publish("2", 2) // wakes a lane that failed and has waited since for nothing
		r.until(t, "the next event", func() bool { return r.count("/a") == 4 })
	})
}

// TestRefusedAfterFailure: a subscriber that fails, and then refuses what it
// failed on until that is given up, gets the next event all the same. Only
// refusals count for giving up.
func TestRefusedAfterFailure(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		now := newClock()
		r := newReceiver(t, nil)
		r.answer = func(w http.ResponseWriter, q *http.Request) {
			if r.count("/a") <= 2 {
				w.WriteHeader(http.StatusServiceUnavailable)
			} else if q.Header.Get("Webhook-Id") == "1" {
				w.WriteHeader(http.StatusBadRequest)
			}
		}
		s := startServerAt(t, dsn, now.read, nil)
		s.subscribe(r.URL + "/a")
		s.publish("1", 1)
		for try := 1; len(s.dead(t)) == 0; try++ {
			r.until(t, fmt.Sprint("try ", try), func() bool { return r.count("/a") == try })
			s.eventually("its outcome", func() bool { return len(s.dead(t)) > 0 || s.isParked() })
			now.advance(time.Hour)
		}
		if l := s.dead(t)[0]; l.Attempts != 2+maxRefusals {
			t.Errorf("got %+v", l)
		}
		s.untilIdle(t)
		s.publish("2", 2)
		s.eventually("both are over", func() bool { return books(t, dsn) == [4]int{done: 1, dead: 1} })
	})
}

// TestOnce: an action that waits gets one notification, and its DELETE comes
// all the same.
func TestOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		r := newReceiver(t, nil)
		registered := make(chan Registration, 2)
		s := startServer(t, dsn, func(o *Options) {
			o.Triggers[0].Once, o.Registered = true, func(n Registration) { registered <- n }
		})
		location := s.subscribe(r.URL + "/a")
		s.subscribe(r.URL + "/b")
		n := <-registered
		if string(n.Params) != `{}` {
			t.Errorf("params %s", n.Params)
		}
		got, err := s.Publish(t.Context(), Event{Trigger: "OnOrder", ID: "1", Body: []byte(`{"id":1}`), To: n.Ref})
		if err != nil || got.Deliveries != 1 {
			t.Fatal(got, err)
		}
		s.untilState(t, 1, "gone")
		if _, err := s.Publish(t.Context(), Event{Trigger: "OnOrder", ID: "2", Body: []byte(`{"id":1}`), To: n.Ref}); !errors.Is(err, ErrNoRegistration) {
			t.Errorf("a second answer: %v", err)
		}
		if w := s.do("DELETE", location, ""); w.Code != http.StatusNoContent {
			t.Error(w.Code)
		}
		s.stop()
		if r.count("/a") != 1 || r.count("/b") != 0 {
			t.Errorf("%d and %d came", r.count("/a"), r.count("/b"))
		}
	})
}

// TestOnceKilled: an action that has its answer is over as soon as that is written
// down, whatever becomes of the process.
func TestOnceKilled(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		sc := newScale(t, dsn)
		sc.exec("UPDATE subscriptions SET once = 1")
		if _, err := sc.s.Publish(t.Context(), Event{Trigger: "OnOrder", Body: []byte(eventBody(1)), To: sc.pks[1]}); err != nil {
			t.Fatal(err)
		}
		u := &turn{node: "killed", now: time.Now(), lease: time.Hour, room: 1, target: sc.s.target}
		if err := sc.s.store.turn(t.Context(), u); err != nil || len(u.claimed) != 1 {
			t.Fatal(u.claimed, err)
		}
		l := u.claimed[0]
		if err := sc.s.store.record(t.Context(), []record{settle(l, l.queue[0], outcome{verdict: delivered}, DefaultRetry, time.Now())}, time.Now(), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := sc.s.Publish(t.Context(), Event{Trigger: "OnOrder", Body: []byte(eventBody(2)), To: sc.pks[1]}); !errors.Is(err, ErrNoRegistration) {
			t.Errorf("a second answer: %v", err)
		}
	})
}

// TestMatch: an event goes to those whose parameters it is for.
func TestMatch(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		r := newReceiver(t, nil)
		s := startServer(t, dsn, nil)
		for i, channel := range []string{"web", "shop", "web"} {
			if w := s.do("POST", "/v1/hooks", fmt.Sprintf(`{"callbackUrl":"%s/%d","channel":%q}`, r.URL, i, channel)); w.Code != 201 {
				t.Fatal(w.Code, w.Body)
			}
		}
		asked := []string{}
		got, err := s.Publish(t.Context(), Event{Trigger: "OnOrder", Body: []byte(`{"id":1}`), Match: func(params json.RawMessage) bool {
			asked = append(asked, string(params))
			s.publish("meanwhile"+string(params), 1) // nobody waits for who is asked
			return strings.Contains(string(params), `"web"`)
		}})
		slices.Sort(asked)
		if err != nil || got.Deliveries != 2 || !slices.Equal(asked, []string{`{"body":{"channel":"shop"}}`, `{"body":{"channel":"web"}}`}) {
			t.Errorf("got %+v, %v, asked %q", got, err, asked)
		}
		r.until(t, "two", func() bool { return r.count("/0") == 3 && r.count("/2") == 3 && r.count("/1") == 2 })
		s.stop()
		if r.count("/1") != 2 {
			t.Error("one came that was not meant")
		}
	})
}

// TestMatchMeanwhile: who registers while Match is asked about others is active
// when the event is stored, and is asked about, too (G1).
func TestMatchMeanwhile(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		r := newReceiver(t, nil)
		s := startServer(t, dsn, nil)
		register := func(channel string) {
			if w := s.do("POST", "/v1/hooks", fmt.Sprintf(`{"callbackUrl":"%s/%s","channel":%q}`, r.URL, channel, channel)); w.Code != 201 {
				t.Error(w.Code, w.Body)
			}
		}
		register("web")
		registers := sync.OnceFunc(func() { register("web2"); register("shop") })
		got, err := s.Publish(t.Context(), Event{Trigger: "OnOrder", Body: []byte(`{"id":1}`), Match: func(params json.RawMessage) bool {
			registers()
			return strings.Contains(string(params), "web")
		}})
		if err != nil || got.Deliveries != 2 || !got.New {
			t.Errorf("got %+v, %v", got, err)
		}
		r.until(t, "both", func() bool { return r.count("/web") == 1 && r.count("/web2") == 1 })
	})
}

// TestSweep: what is over goes, what is not stays.
func TestSweep(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		now := newClock()
		r := newReceiver(t, nil)
		s := startServerAt(t, dsn, now.read, nil)
		location := s.subscribe(r.URL + "/a")
		s.publish("1", 1)
		r.until(t, "it", func() bool { return r.count("/a") == 1 })
		s.do("DELETE", location, "")
		s.stop()
		store, err := Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		count := func(table string) (n int) {
			if err := store.read.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for _, step := range []struct {
			after                             time.Duration
			deliveries, events, subscriptions int
		}{{time.Hour, 1, 1, 1}, {25 * time.Hour, 0, 1, 1}, {8 * 24 * time.Hour, 0, 0, 1}, {31 * 24 * time.Hour, 0, 0, 0}} {
			if err := store.sweep(t.Context(), now.read().Add(step.after)); err != nil {
				t.Fatal(err)
			}
			if d, e, n := count("deliveries"), count("events"), count("subscriptions"); d != step.deliveries || e != step.events || n != step.subscriptions {
				t.Errorf("after %v: %d deliveries, %d events, %d subscriptions", step.after, d, e, n)
			}
		}
	})
}

// TestOneProcess: a second process that delivers under the same name is refused.
func TestOneProcess(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s := startServer(t, dsn, nil)
		s.publish("1", 1) // it runs
		s.untilServing(t)
		second, err := New(s.store, s.o)
		if err != nil {
			t.Fatal(err)
		}
		if err := second.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "another process delivers") {
			t.Errorf("got %v", err)
		}
		s.stop()
	})
}

// TestStopAtOnce: whenever a server is stopped, also while it takes its place,
// the next one can have it.
func TestStopAtOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		store, err := Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		s, err := New(store, Options{PublicURL: "https://x.example", Node: "test", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 60 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Duration(i)*100*time.Microsecond, cancel)
			if err := s.Run(ctx); err != nil {
				t.Fatalf("the server stopped after %d00 µs: %v", i, err)
			}
		}
	})
}

// TestSchemaVersion: a database of a later program is left alone.
func TestSchemaVersion(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s, err := Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.write.Exec(s.rebind("UPDATE meta SET value = ? WHERE name = 'version'"), []byte("99")); err != nil {
			t.Fatal(err)
		}
		_ = s.Close()
		if _, err := Open(t.Context(), dsn); err == nil || !strings.Contains(err.Error(), "version 99") {
			t.Errorf("got %v", err)
		}
	})
}

// TestUpgrade: a database of an earlier version goes on where it was. Version 2
// has the number 1.
func TestUpgrade(t *testing.T) {
	second, err := steps.ReadFile("schema_2.sql")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("1", func(t *testing.T) { testUpgrade(t, firstSchema) })
	t.Run("2", func(t *testing.T) {
		testUpgrade(t, firstSchema, string(second), "CREATE INDEX subscriptions_principal ON subscriptions (principal) WHERE state < 2")
	})
}

func testUpgrade(t *testing.T, parts ...string) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s, err := connect(dsn)
		if err != nil {
			t.Fatal(err)
		}
		r := newReceiver(t, nil)
		if err := s.transact(t.Context(), func(x *tx) error {
			for _, part := range parts {
				if _, err := x.Exec(s.sql.Replace(part)); err != nil {
					return err
				}
			}
			for _, insert := range []struct {
				into string
				args []any
			}{
				{"meta (name, value) VALUES ('version', ?), ('hash key', ?)", []any{[]byte("1"), make([]byte, 32)}},
				{"subscriptions (id_hash, trigger_id, principal, callback, callback_hash, host, params, params_hash, once, created_at, due_at, node) VALUES (?, 'OnOrder', '', ?, ?, '', '{}', ?, 0, 1, 1, 'killed')",
					[]any{[]byte{1}, append([]byte{0}, r.URL+"/due"...), []byte{1}, []byte{1}}},
				{"subscriptions (id_hash, trigger_id, principal, callback, callback_hash, host, params, params_hash, once, created_at) VALUES (?, 'OnOrder', '', ?, ?, '', '{}', ?, 0, 1)",
					[]any{[]byte{2}, append([]byte{0}, r.URL+"/idle"...), []byte{2}, []byte{1}}},
				{"events (id, trigger_id, body_hash, body, created_at) VALUES ('old', 'OnOrder', ?, ?, 1)", []any{[]byte{1}, []byte(eventBody(1))}},
				{"deliveries (event_seq, sub_pk, state, due_at) VALUES (1, 1, 0, 1)", nil},
			} {
				if _, err := x.exec("INSERT INTO "+insert.into, insert.args...); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		_ = s.Close()
		server := startServer(t, dsn, nil)
		r.until(t, "what was pending", func() bool { return r.count("/due") == 1 })
		server.publish("new", 2)
		r.until(t, "a new event", func() bool { return r.count("/due") == 2 && r.count("/idle") == 1 })
	})
}

// firstSchema is version 1.
const firstSchema = `CREATE TABLE meta (name TEXT PRIMARY KEY, value BYTEA NOT NULL);

CREATE TABLE subscriptions (
	pk            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id_hash       BYTEA NOT NULL UNIQUE,
	trigger_id    TEXT NOT NULL,
	principal     TEXT NOT NULL,
	callback      BYTEA NOT NULL,
	callback_hash BYTEA NOT NULL,
	host          TEXT NOT NULL,
	params        TEXT NOT NULL,
	params_hash   BYTEA NOT NULL,
	once          BIGINT NOT NULL,
	state         BIGINT NOT NULL DEFAULT 0,
	reason        TEXT NOT NULL DEFAULT '',
	created_at    BIGINT NOT NULL,
	ended_at      BIGINT,
	fails         BIGINT NOT NULL DEFAULT 0,
	failing_since BIGINT,
	due_at        BIGINT,
	node          TEXT,
	lease_until   BIGINT
) WITH (fillfactor = 70);
CREATE INDEX subscriptions_due ON subscriptions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX subscriptions_trigger ON subscriptions (trigger_id, state);
CREATE INDEX subscriptions_twin ON subscriptions (callback_hash);

CREATE TABLE events (
	seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id         TEXT NOT NULL UNIQUE,
	trigger_id TEXT NOT NULL,
	body_hash  BYTEA NOT NULL,
	body       BYTEA NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX events_trigger ON events (trigger_id, seq);
CREATE INDEX events_created ON events (created_at);

CREATE TABLE deliveries (
	id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	event_seq   BIGINT NOT NULL,
	sub_pk      BIGINT NOT NULL,
	state       BIGINT NOT NULL,
	attempt     BIGINT NOT NULL DEFAULT 0,
	due_at      BIGINT NOT NULL,
	last_status BIGINT NOT NULL DEFAULT 0,
	error_class TEXT NOT NULL DEFAULT '',
	finished_at BIGINT,
	UNIQUE (event_seq, sub_pk)
);
CREATE INDEX deliveries_pending ON deliveries (sub_pk, due_at, id) WHERE state = 0;
CREATE INDEX deliveries_finished ON deliveries (state, finished_at) WHERE state > 0;
`

// TestSealed: with a key the callback is not in the database, and keys can be
// changed.
func TestSealed(t *testing.T) {
	first, second := strings.Repeat("A", 43)+"=", strings.Repeat("B", 43)+"="
	onEachDatabase(t, func(t *testing.T, dsn string) {
		r := newReceiver(t, nil)
		stored := func(s *testServer) string {
			var b []byte
			if err := s.store.read.QueryRow("SELECT callback FROM subscriptions").Scan(&b); err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		s := startServer(t, dsn, func(o *Options) { o.SealKeys = []string{first} })
		s.subscribe(r.URL + "/secret")
		old := stored(s)
		if strings.Contains(old, "secret") {
			t.Error("the callback is in the database")
		}
		s.stop()
		s = startServer(t, dsn, func(o *Options) { o.SealKeys = []string{second, first} })
		s.publish("1", 1)
		r.until(t, "it", func() bool { return r.count("/secret") == 1 })
		if stored(s) == old {
			t.Error("the callback was not sealed anew")
		}
		s.stop()
		s = startServer(t, dsn, func(o *Options) { o.SealKeys = []string{second} })
		s.publish("2", 2)
		r.until(t, "it", func() bool { return r.count("/secret") == 2 })
		s.stop()
		store, err := Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		lost, err := New(store, Options{PublicURL: "https://x.example", SealKeys: []string{first}})
		if err != nil {
			t.Fatal(err)
		}
		if err := lost.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "SEAL_KEYS") {
			t.Errorf("with a lost key: %v", err)
		}
		select {
		case <-lost.Ready():
			t.Error("with a lost key it is ready")
		default:
		}
	})
}

// TestStricterPolicy: what may be called is asked again before each claim: a
// callback that was registered while more was allowed is not.
func TestStricterPolicy(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		r := newReceiver(t, nil)
		s := startServer(t, dsn, nil)
		s.subscribe(r.URL + "/a")
		s.stop()
		s = startServer(t, dsn, func(o *Options) { o.Dev, o.PublicURL = false, "https://publisher.example" })
		s.publish("1", 1)
		s.untilParked()
		if l := s.list(Filter{})[0]; l.Reason != "blocked" || r.count("/a") != 0 {
			t.Errorf("got %+v, and %d came", l, r.count("/a"))
		}
	})
}

type authFunc func(*http.Request) (string, error)

func (f authFunc) Authenticate(r *http.Request) (string, error) { return f(r) }
