package publisher

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestCallbackPolicy is the first half of the SSRF list: what a registration
// refuses.
func TestCallbackPolicy(t *testing.T) {
	p := callbackPolicy{hosts: PlatformHosts}
	for _, callback := range []string{
		"https://prod-1.westeurope.logic.azure.com/workflows/1/triggers/manual/paths/invoke?sp=%2Ftriggers&sv=1.0&sig=a-b_c%3D",
		"https://prod-1.westeurope.logic.azure.com:443/x", "https://EU-001.azure-apim.net/x", "https://a.b.api.powerplatform.com", "https://x.logic.azure.us/x",
	} {
		if _, err := p.check(callback); err != nil {
			t.Errorf("%s: %v", callback, err)
		}
	}
	hosts := strings.Fields(`127.1 2130706433 0x7f000001 0177.0.0.1 017700000001 127.000.000.001 0 0.0.0.0 [::] [::1] [::ffff:127.0.0.1] 127.0.0.1
		169.254.169.254 168.63.129.16 10.0.0.1 100.64.0.1 [fd00:ec2::254] [64:ff9b::7f00:1] [2002:7f00:1::] [::127.0.0.1] [fe80::1%25eth0] 8.8.8.8 [2001:4860:4860::8888]
		１２７.0.0.1 127。0。0。1 localhost LOCALHOST logic.azure.com. x.logic.azure.com. xlogic.azure.com logic.azure.com logic.azure.com.example x.logic.azure.com.example
		x.logic.azure.com@example x.logic.azure.com:443@example .logic.azure.com ..logic.azure.com x..logic.azure.com example.com metadata.google.internal x.logic.azure.com:80
		x.logic.azure.com:8443 x.logic.azure.com: user@x.logic.azure.com user:p@x.logic.azure.com x.logic.azure.cоm`)
	callbacks := []string{
		"http://x.logic.azure.com/", "ftp://x.logic.azure.com/", "file:///etc/passwd", "file://x.logic.azure.com/etc/passwd", "gopher://x.logic.azure.com", "//x.logic.azure.com/x",
		"https:x.logic.azure.com", "https:///x", "https://", "", "x", "/x", "https://x.logic.azure.com/#f", "https://x.logic.azure.com/a b", "https://x.logic.azure.com/\x00",
		"https://x.logic.azure.com/\r\nX: y", "https://x.logic.azure.com\\@example/", "https://x.logic.azure.com//a", "https://x.logic.azure.com/ü", "HTTPS ://x.logic.azure.com",
		"https://x.logic.azure.com/" + strings.Repeat("x", maxCallback), "https://x.logic.azure.com/%zz", "javascript:alert(1)", "https://user@127.0.0.1/",
	}
	for _, host := range hosts {
		callbacks = append(callbacks, "https://"+host+"/x")
	}
	for _, callback := range callbacks {
		if host, err := p.check(callback); err == nil {
			t.Errorf("%.80q is allowed, with host %q", callback, host)
		} else if callback != "" && len(callback) > 8 && strings.Contains(err.Error(), callback) {
			t.Errorf("the error repeats %q", callback)
		}
	}
	dev := callbackPolicy{hosts: PlatformHosts, dev: true}
	for callback, ok := range map[string]bool{"http://localhost:8080/x": true, "https://[::1]:1/": true, "http://127.0.0.2/": true, "http://10.0.0.1/": false, "http://example.com/": false,
		"http://x.logic.azure.com/": true, "ftp://localhost/": false} {
		if _, err := dev.check(callback); (err == nil) != ok {
			t.Errorf("dev, %s: %v", callback, err)
		}
	}
}

// TestDialerGuard is the second half: with the registration bypassed, the
// dialer refuses every address that is not public, whatever name led to it.
func TestDialerGuard(t *testing.T) {
	listener := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Listener.Addr().String())
	blocked := 0
	o := &Options{Workers: 1, Timeout: 5 * time.Second}
	s, err := newSender(o, callbackPolicy{hosts: []string{"*"}, blocked: func() { blocked++ }}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HTTPS_PROXY", listener.URL)
	t.Setenv("HTTP_PROXY", listener.URL)
	for _, host := range strings.Fields(`127.0.0.1 127.1 2130706433 0x7f000001 0177.0.0.1 017700000001 127.000.000.001 0 0.0.0.0 [::] [::1] [::ffff:127.0.0.1] localhost
		169.254.169.254 168.63.129.16 10.0.0.1 172.16.0.1 192.168.0.1 100.64.0.1 [fd00:ec2::254] [64:ff9b::7f00:1] [2002:7f00:1::] [::127.0.0.1]`) {
		got := s.send(t.Context(), targetOf("http://"+host+":"+port+"/"), &event{id: "1"})
		if got.verdict != park || got.class != "blocked" && got.class != "dns" && got.class != "network" {
			t.Errorf("%s: %+v", host, got)
		}
	}
	if blocked < 15 {
		t.Errorf("only %d were stopped by their address", blocked)
	}
	for address, public := range map[string]bool{
		"8.8.8.8": true, "2001:4860:4860::8888": true, "20.50.1.1": true, "fe80::1%eth0": false, "fec0::1": false, "ff02::1": false, "224.0.0.1": false, "255.255.255.255": false,
		"192.0.2.1": false, "198.18.0.1": false, "203.0.113.9": false, "64:ff9b:1::1": false, "2001::1": false, "100::1": false, "240.0.0.1": false, "::ffff:10.0.0.1": false,
	} {
		if got := isPublic(netip.MustParseAddr(address)); got != public {
			t.Errorf("%s is public: %v", address, got)
		}
	}
}

// TestRebinding: a name that was public and then is not, and one that has both
// kinds of address, reach no private address.
func TestRebinding(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	defer target.Close()
	p := callbackPolicy{hosts: []string{"*"}}
	dialer := net.Dialer{ControlContext: p.checkAddress, Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, io.EOF }}}
	// What is dialled is what counts, however it was resolved.
	if _, err := dialer.DialContext(t.Context(), "tcp", target.Listener.Addr().String()); err == nil || !strings.Contains(err.Error(), errBlocked.Error()) {
		t.Errorf("got %v", err)
	}
}

// TestRedirects: a redirect is a failure, and is not followed.
func TestRedirects(t *testing.T) {
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was followed") }))
	defer target.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", target.URL)
			w.WriteHeader(status)
		}))
		if got := testSender(t, nil).send(t.Context(), targetOf(first.URL), &event{id: "1"}); got.verdict != park || got.status != status {
			t.Errorf("%d: %+v", status, got)
		}
		first.Close()
	}
}

func testSender(t *testing.T, secrets []string) *sender {
	t.Helper()
	s, err := newSender(&Options{Workers: 10, Timeout: 5 * time.Second, SigningSecrets: secrets}, callbackPolicy{dev: true}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestExactURL reads the request line from the wire: it has the callback byte
// for byte.
func TestExactURL(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	lines := make(chan string, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(c).ReadString('\n')
			lines <- strings.TrimSpace(line)
			_ = c.Close()
		}
	}()
	base := "http://" + l.Addr().String()
	for _, rest := range []string{
		"", "/", "?", "/?", "/a?b=c", "/%2Fa/../b/./c", "/a%20b+c?sig=%2B%2b%3D&x=+&y", "/a;b=c,d'e(f)*!~", "/a?b?c=d/e", "/x?sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=AbC-_%7E",
		"/[x]?[y]={z}|^`", "/%41%7e?%41",
	} {
		want := rest
		if !strings.HasPrefix(rest, "/") {
			want = "/" + rest
		}
		if got := testSender(t, nil).send(t.Context(), targetOf(base+rest), &event{id: "1"}); got.class != "reset" {
			t.Errorf("%s: %+v", rest, got)
		}
		if got := <-lines; got != "POST "+want+" HTTP/1.1" {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestSignature follows Standard Webhooks 1.0.0: one signature a secret.
func TestSignature(t *testing.T) {
	secrets := []string{"whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("a"), 24)), "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("b"), 32))}
	s := testSender(t, secrets)
	s.now = func() time.Time { return time.Unix(1614265330, 0) }
	h := s.header(&event{id: "msg_1", body: []byte(`{"test": 2432232314}`)})
	var want []string
	for _, key := range []string{strings.Repeat("a", 24), strings.Repeat("b", 32)} {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(`msg_1.1614265330.{"test": 2432232314}`))
		want = append(want, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	if got := h["Webhook-Signature"]; len(got) != 1 || got[0] != strings.Join(want, " ") || h.Get("Webhook-Id") != "msg_1" || h.Get("Webhook-Timestamp") != "1614265330" {
		t.Errorf("got %v", h)
	}
	if h := testSender(t, nil).header(&event{}); h["Webhook-Signature"] != nil {
		t.Error("signed without a secret")
	}
	// The example of the specification.
	known := testSender(t, []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
	known.now = s.now
	if got := known.header(&event{id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: []byte(`{"test": 2432232314}`)}).Get("Webhook-Signature"); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("got %s", got)
	}
}

// TestJudge: what each answer means.
func TestJudge(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for status, want := range map[int]verdict{
		200: delivered, 202: delivered, 204: delivered, 410: over, 301: park, 308: park, 401: park, 403: park, 404: park, 408: park, 429: park, 500: park, 502: park, 503: park, 504: park,
		400: refuse, 405: refuse, 413: refuse, 415: refuse, 422: refuse,
	} {
		if got := judge(status, http.Header{}, now); got.verdict != want {
			t.Errorf("%d: %v, want %v", status, got.verdict, want)
		}
	}
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "120": 2 * time.Minute, " 7 ": 7 * time.Second, "-5": 0, "1.5": 0, "garbage": 0, "315360000": maxRetryAfter, "99999999999999999999999": 0,
		"9223372036854775807": maxRetryAfter, "Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Thu, 01 Jan 2026 00:00:00 GMT": 0, "Sat, 02 Jan 2036 03:05:05 GMT": maxRetryAfter,
		"Friday, 02-Jan-26 03:04:35 GMT": 30 * time.Second, "Fri Jan  2 03:04:15 2026": 10 * time.Second,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

// TestPlan: each wait is the planned one, a fifth more or less, and Retry-After
// only makes it longer.
func TestPlan(t *testing.T) {
	now := time.Now()
	for fails, planned := range DefaultRetry {
		for range 100 {
			for after, least := range map[time.Duration]time.Duration{0: planned * 4 / 5, time.Hour: max(time.Hour, planned*4/5)} {
				l := &lane{health: health{fails: int64(fails)}}
				settle(l, &delivery{}, outcome{verdict: park, after: after}, DefaultRetry, now)
				if wait := l.parked.Sub(now); wait < least || wait > max(after, planned*6/5) {
					t.Fatalf("after %d failures and Retry-After %v: %v", fails, after, wait)
				}
			}
		}
	}
	var total time.Duration
	for _, planned := range DefaultRetry {
		total += planned
	}
	if total < 72*time.Hour || total > 5*24*time.Hour {
		t.Errorf("the plan takes %v", total)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"120", "Fri, 02 Jan 2026 03:05:05 GMT", "-1", "1e9", ""} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if got := retryAfter(value, time.Unix(1767323045, 0)); got < 0 || got > maxRetryAfter {
			t.Errorf("%q: %v", value, got)
		}
	})
}

// TestFailureClasses: a failure has a name and tells nothing else.
func TestFailureClasses(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, _, _ := w.(http.Hijacker).Hijack()
		_ = c.Close()
	}))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer secure.Close()
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see that the client is gone
		<-r.Context().Done()
	}))
	defer hanging.Close()
	s := testSender(t, nil)
	s.timeout = time.Second
	for callback, want := range map[string]string{
		"http://127.0.0.1:1/": "refused", plain.URL: "reset", secure.URL: "tls", hanging.URL: "timeout", "http://10.0.0.1/": "blocked", "://": "blocked",
	} {
		if got := s.send(t.Context(), targetOf(callback), &event{id: "1"}); got.class != want || got.verdict != park {
			t.Errorf("%s: %+v, want %s", callback, got, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := s.send(ctx, targetOf(hanging.URL), &event{}); got.verdict != unsent {
		t.Errorf("stopped: %+v", got)
	}
}

// TestSecretsNeverLeave is G13: a marker in every callback, everything that can
// go wrong, and a look at all that comes out.
func TestSecretsNeverLeave(t *testing.T) {
	const marker = "s3cr3tMARK"
	onEachDatabase(t, func(t *testing.T, dsn string) {
		var out syncBuffer
		now := newClock()
		r := newReceiver(t, func(w http.ResponseWriter, q *http.Request) {
			switch q.URL.Path {
			case "/redirect":
				http.Redirect(w, q, "/other?"+q.URL.RawQuery, http.StatusFound)
			case "/gone":
				w.WriteHeader(http.StatusGone)
			case "/bad":
				w.WriteHeader(http.StatusBadRequest)
			case "/fail":
				w.WriteHeader(http.StatusInternalServerError)
			case "/cut":
				c, _, _ := w.(http.Hijacker).Hijack()
				_ = c.Close()
			}
		})
		s := startServerAt(t, dsn, now.read, func(o *Options) {
			o.Logger = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
			o.SealKeys = []string{strings.Repeat("A", 43) + "="}
			o.Registered = func(n Registration) { fmt.Fprintf(&out, "%+v %s\n", n, n.Params) }
		})
		h := httptest.NewUnstartedServer(s)
		h.Config = NewHTTPServer("", s, s.log)
		h.Start()
		defer h.Close()
		var locations []string
		for _, callback := range []string{r.URL + "/ok", r.URL + "/redirect", r.URL + "/gone", r.URL + "/bad", r.URL + "/fail", r.URL + "/cut", "http://127.0.0.1:1/refused"} {
			locations = append(locations, s.subscribe(callback+"?sig="+marker))
		}
		for _, body := range []string{`{"callbackUrl":"https://example.com/?sig=` + marker + `"}`, `{"callbackUrl":"` + marker, `{"callbackUrl":"http://localhost/` + marker + `","channel":1}`} {
			fmt.Fprintln(&out, s.do("POST", "/v1/hooks", body).Body)
		}
		for i := range 3 {
			s.publish(fmt.Sprint(i), i)
		}
		r.until(t, "what is well", func() bool { return r.count("/ok") == 3 })
		s.eventually("all failures", func() bool {
			var n int
			if err := s.store.read.QueryRow("SELECT count(*) FROM subscriptions WHERE failing_since IS NOT NULL AND pk NOT IN (SELECT sub_pk FROM lanes WHERE node IS NOT NULL)").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n == 5
		})
		now.advance(disableAfter + time.Hour)
		s.untilState(t, 5, "disabled")
		for _, path := range []string{"/-/metrics", "/-/admin/subscriptions", "/-/admin/dead"} {
			fmt.Fprintln(&out, s.do("GET", path, "").Body)
		}
		for _, path := range []string{locations[0], "/v1/hooks/" + marker} {
			fmt.Fprintln(&out, s.do("DELETE", path, "").Body)
		}
		s.stop()
		for _, what := range append(locations, marker) {
			if at := strings.Index(out.String(), strings.TrimPrefix(what, "/v1/hooks/")); at >= 0 {
				t.Errorf("a secret came out: …%s", out.String()[max(0, at-200):at])
			}
		}
		checkDatabase(t, dsn, marker)
	})
}

// checkDatabase looks for a marker in all that the database holds.
func checkDatabase(t *testing.T, dsn, marker string) {
	t.Helper()
	if path, isFile := strings.CutPrefix(dsn, "file:"); isFile {
		files, _ := filepath.Glob(path + "*")
		for _, name := range files {
			if data, err := os.ReadFile(name); err != nil || bytes.Contains(data, []byte(marker)) {
				t.Errorf("%s holds the secret, %v", filepath.Base(name), err)
			}
		}
		return
	}
	store, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for _, table := range []string{"subscriptions", "events", "deliveries", "meta"} {
		var n int
		if err := store.read.QueryRow("SELECT count(*) FROM "+table+" AS x WHERE CAST(x AS TEXT) LIKE '%'||$1||'%' OR CAST(x AS TEXT) LIKE '%'||encode($2, 'hex')||'%'", marker, []byte(marker)).Scan(&n); err != nil || n > 0 {
			t.Errorf("%s holds the secret %d times, %v", table, n, err)
		}
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// targetOf is a callback as a lane has it.
func targetOf(callback string) *url.URL {
	target, _ := exactURL(callback)
	return target
}
