package publisher

import (
	"fmt"
	"net/http"
	"testing"
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
		if got := s.publish("e1", 1); got.New {
			t.Error("an event was published twice")
		}
		for range 2 {
			if w := s.do("DELETE", location, ""); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
				t.Fatalf("DELETE: %d %s", w.Code, w.Body)
			}
		}
		if got := s.publish("last", 1); got.Deliveries != 0 {
			t.Errorf("got %+v", got)
		}
		if w := s.do("DELETE", "/v1/hooks/nothing", ""); w.Code != http.StatusNotFound {
			t.Errorf("DELETE of nothing: %d", w.Code)
		}
		s.stop()
		if total, distinct := r.total(); total != 100 || distinct != 100 {
			t.Errorf("%d came, %d distinct", total, distinct)
		}
	})
}
