package publisher

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestTogether: of changes that are committed together, one that fails leaves
// nothing, and the others stay.
func TestTogether(t *testing.T) {
	s, err := Open(t.Context(), "file:"+filepath.ToSlash(filepath.Join(t.TempDir(), "test.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	put := func(name string) func(*tx) error {
		return func(tx *tx) error {
			_, err := tx.exec("INSERT INTO meta (name, value) VALUES (?, ?)", name, []byte("x"))
			return err
		}
	}
	wrong := errors.New("wrong")
	changes := map[string]struct {
		do   func(*tx) error
		want string
	}{
		"a":        {put("a"), ""},
		"fails":    {func(tx *tx) error { return errors.Join(put("fails")(tx), wrong) }, "wrong"},
		"b":        {put("b"), ""},
		"c":        {put("c"), ""},
		"conflict": {put("version"), "constraint failed: UNIQUE constraint failed: meta.name (1555)"},
	}
	hold, entered := make(chan bool), make(chan bool)
	var all sync.WaitGroup
	all.Go(func() {
		if err := s.transact(t.Context(), func(*tx) error { close(entered); <-hold; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-entered
	for name, c := range changes {
		all.Go(func() {
			got := ""
			if err := s.transact(t.Context(), c.do); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		})
	}
	for waiting := 0; waiting < len(changes); time.Sleep(time.Millisecond) {
		s.mu.Lock()
		waiting = len(s.waiting)
		s.mu.Unlock()
	}
	close(hold)
	all.Wait()
	for name, c := range changes {
		var n int
		if err := s.read.QueryRow("SELECT count(*) FROM meta WHERE name = ?", name).Scan(&n); err != nil || (n == 1) != (c.want == "") {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.transact(ended, put("late")); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended: %v", err)
	}
}
