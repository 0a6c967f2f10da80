package verify_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connectorctl/connectorctl/connector/verify"
)

// TestInterrupted ends runs at different moments. What was registered is
// unregistered, and the error is that of the context.
func TestInterrupted(t *testing.T) {
	for _, after := range []time.Duration{5 * time.Millisecond, 100 * time.Millisecond, 700 * time.Millisecond, 2 * time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			p := newPublisher(t, faults{}, nil)
			ctx, cancel := context.WithTimeout(context.Background(), after)
			defer cancel()
			begun := time.Now()
			report, err := verify.Run(ctx, target(t, p))
			if !errors.Is(err, context.DeadlineExceeded) || report == nil || len(report.Triggers) > 0 {
				t.Errorf("%+v, %v", report, err)
			}
			if p.live() > 0 {
				t.Errorf("%d registrations are left", p.live())
			}
			if took := time.Since(begun); took > after+3*time.Second {
				t.Errorf("it took %v to end", took)
			}
		})
	}
}

// TestAllChecksInTime runs everything with the times that users get.
func TestAllChecksInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for what must not come")
	}
	t.Parallel()
	p := newPublisher(t, faults{}, nil)
	aim := target(t, p)
	aim.Times = verify.Times{}
	begun := time.Now()
	report := verifyAll(t, aim)
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	for _, trigger := range report.Triggers {
		for _, o := range trigger.Outcomes {
			if o.Status == verify.Failed {
				t.Errorf("%s %s: %s", trigger.Trigger.Operation.ID, o.Check.ID, o.Detail)
			}
		}
	}
}

// TestBadServers: whatever answers, or does not, the run ends with a report that
// says so, in bounded time and memory.
func TestBadServers(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for name, tt := range map[string]struct {
		serve func(w http.ResponseWriter, r *http.Request, ended chan struct{})
		says  string
	}{
		"hangs": {func(_ http.ResponseWriter, r *http.Request, ended chan struct{}) { hang(r, ended) }, "no answer"},
		"endless": {func(w http.ResponseWriter, r *http.Request, ended chan struct{}) {
			w.WriteHeader(http.StatusCreated)
			endless(w, r, ended)
		}, ""},
		"slow body": {func(w http.ResponseWriter, r *http.Request, ended chan struct{}) {
			w.WriteHeader(http.StatusCreated)
			w.(http.Flusher).Flush()
			hang(r, ended)
		}, ""},
		"redirects": {func(w http.ResponseWriter, r *http.Request, _ chan struct{}) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}, "307"},
		"resets":  {func(http.ResponseWriter, *http.Request, chan struct{}) { panic(http.ErrAbortHandler) }, ""},
		"no HTTP": {func(w http.ResponseWriter, _ *http.Request, _ chan struct{}) { garbage(w) }, ""},
		"big headers": {func(w http.ResponseWriter, _ *http.Request, _ chan struct{}) {
			w.Header().Set("X-Big", strings.Repeat("x", 64<<20))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan struct{})
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { tt.serve(w, r, ended) }))
			defer s.Close()
			defer s.CloseClientConnections()
			defer close(ended)
			u, err := url.Parse(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			c := readConnector(t)
			times := quick
			times.Wait, times.Request = time.Second, time.Second
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			report := verifyAll(t, verify.Target{Connector: c, Triggers: c.Definition.Triggers(), URL: u, Times: times,
				Fire: func(context.Context, verify.Event) error { return nil }})
			runtime.ReadMemStats(&after)
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > 512 { // in all, the server included
				t.Errorf("it took %d MB of memory", grown)
			}
			for _, trigger := range report.Triggers {
				failed, detail := 0, ""
				for _, o := range trigger.Outcomes {
					if o.Status == verify.Failed {
						failed++
						detail += o.Detail + "\n"
					}
				}
				if failed == 0 || !strings.Contains(detail, tt.says) {
					t.Errorf("%s: %d checks failed, nothing about %q:\n%s", trigger.Trigger.Operation.ID, failed, tt.says, detail)
				}
			}
		})
	}
	if n := elsewhere.Load(); n > 0 {
		t.Errorf("redirects were followed %d times", n)
	}
}

func hang(r *http.Request, ended chan struct{}) {
	select {
	case <-r.Context().Done():
	case <-ended:
	}
}

func endless(w io.Writer, r *http.Request, ended chan struct{}) {
	chunk := make([]byte, 64<<10)
	for r.Context().Err() == nil {
		select {
		case <-ended:
			return
		default:
		}
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

func garbage(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_, _ = conn.Write([]byte("\x00\x01\x02 hello\r\n"))
		_ = conn.Close()
	}
}

// TestUnreachable: where nobody is, there is nothing to judge.
func TestUnreachable(t *testing.T) {
	p := newPublisher(t, faults{}, nil)
	aim := target(t, p)
	p.Close()
	if _, err := verify.Run(context.Background(), aim); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("the error is %v", err)
	}
	aim.URL = &url.URL{Scheme: "https", Host: "nobody.invalid"}
	if _, err := verify.Run(context.Background(), aim); err == nil || !strings.Contains(err.Error(), "nobody.invalid") {
		t.Errorf("the error is %v", err)
	}
}

// TestStaysAtHome: a Location on another server is called only if it may be.
func TestStaysAtHome(t *testing.T) {
	for _, port := range []string{"none", "one", "any"} {
		allowed := port != "none"
		var removed atomic.Int64
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			removed.Add(1)
			w.WriteHeader(http.StatusNoContent)
		}))
		p := newPublisher(t, faults{answer: func(w http.ResponseWriter, _ *http.Request, s *registered) bool {
			w.Header().Set("Location", other.URL+"/v1/hooks/"+s.id)
			w.WriteHeader(http.StatusCreated)
			return true
		}}, nil)
		aim := target(t, p, "OnOrder")
		if allowed {
			aim.AllowHosts = []string{strings.TrimPrefix(other.URL, "http://")}
		}
		if port == "any" {
			aim.AllowHosts = []string{"127.0.0.1"}
		}
		report := verifyAll(t, aim)
		if got := removed.Load() > 0; got != allowed {
			t.Errorf("allowed %v: the other server was called %d times", allowed, removed.Load())
		}
		if allowed != (len(report.Left) == 0) || len(report.Left) > 1 {
			t.Errorf("allowed %v: left are %v", allowed, report.Left)
		}
		other.Close()
	}
}

// TestSharedEvents: whatever happens reaches the subscribers of two triggers, and
// neither is blamed for what the other's events do.
func TestSharedEvents(t *testing.T) {
	for _, listen := range []string{"", ":0"} {
		t.Run(listen, func(t *testing.T) {
			t.Parallel()
			p := newPublisher(t, faults{}, nil)
			aim := target(t, p, "OnOrder", "WaitForApproval")
			aim.Listen = listen
			aim.Fire = func(_ context.Context, e verify.Event) error {
				if !strings.HasPrefix(e.CallbackURL, "http://127.0.0.1:") {
					t.Errorf("callbacks are received at %s", e.CallbackURL)
				}
				p.emit("OnOrder", []byte(`{"id":"`+token()+`","total":1,"lines":[{"sku":"1"}]}`))
				p.emit("WaitForApproval", []byte(`{"approved":true}`))
				return nil
			}
			for _, trigger := range verifyAll(t, aim).Triggers {
				for _, o := range trigger.Outcomes {
					if o.Status == verify.Failed || o.Status == verify.Skipped && o.Check.ID != "notify-tls" {
						t.Errorf("%s %s %s: %s", trigger.Trigger.Operation.ID, o.Check.ID, o.Status, o.Detail)
					}
				}
			}
			if p.live() > 0 {
				t.Errorf("%d registrations are left", p.live())
			}
		})
	}
}
