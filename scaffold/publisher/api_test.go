package publisher

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestRegistrationBodies sends what a registration must not be. Nothing of it
// comes back, and nothing is stored.
func TestRegistrationBodies(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s := startServer(t, dsn, nil)
		const secret = "https://x.logic.azure.com/s3cr3t?sig=s3cr3t"
		big := `{"callbackUrl":"` + secret + `","channel":"` + strings.Repeat("x", 64<<10) + `"}`
		for name, test := range map[string]struct {
			body   string
			status int
		}{
			"empty":               {"", 400},
			"not JSON":            {"callbackUrl=" + secret, 400},
			"truncated":           {`{"callbackUrl":"` + secret, 400},
			"trailing garbage":    {`{"callbackUrl":"` + secret + `"} x`, 400},
			"duplicate keys":      {`{"callbackUrl":"` + secret + `","callbackUrl":"` + secret + `"}`, 400},
			"deep":                {`{"callbackUrl":"` + secret + `","x":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`, 400},
			"too deep for a few":  {`{"callbackUrl":"` + secret + `","x":` + strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200) + `}`, 400},
			"invalid UTF-8":       {"{\"callbackUrl\":\"" + secret + "\xff\"}", 400},
			"a huge number":       {`{"callbackUrl":"` + secret + `","x":1e999999}`, 400},
			"an array":            {`["` + secret + `"]`, 422},
			"missing":             {`{}`, 422},
			"null":                {`{"callbackUrl":null}`, 422},
			"a number":            {`{"callbackUrl":1}`, 422},
			"a list":              {`{"callbackUrl":["` + secret + `"]}`, 422},
			"no text":             {`{"callbackUrl":""}`, 422},
			"9 KiB":               {`{"callbackUrl":"` + secret + strings.Repeat("x", 9<<10) + `"}`, 422},
			"NUL":                 {`{"callbackUrl":"` + secret + `\u0000"}`, 422},
			"CRLF":                {`{"callbackUrl":"` + secret + `\r\nX: y"}`, 422},
			"unknown field":       {`{"callbackUrl":"` + secret + `","s3cr3t":1}`, 422},
			"against its schema":  {`{"callbackUrl":"` + secret + `","channel":"longer than 8"}`, 422},
			"against its type":    {`{"callbackUrl":"` + secret + `","channel":{}}`, 422},
			"too large, declared": {big, 413},
		} {
			w := s.do("POST", "/v1/hooks", test.body)
			var problem struct {
				Status int
				Title  string
				Detail string
			}
			jsonOf(t, w, &problem)
			if w.Code != test.status || problem.Status != test.status || problem.Detail == "" || problem.Title == "" || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: %d %s", name, w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), "s3cr3t") || w.Header().Get("Location") != "" {
				t.Errorf("%s: the answer repeats the callback: %s", name, w.Body)
			}
			if closes := w.Header().Get("Connection") == "close"; closes != (test.status == 413) {
				t.Errorf("%s: the connection is closed: %v", name, closes)
			}
		}
		r := httptest.NewRequest("POST", "/v1/hooks", io.MultiReader(strings.NewReader(big))) // chunked
		r.Header.Set("Content-Type", "application/json")
		if w := newRecorder(s, r); r.ContentLength != -1 || w.Code != 413 {
			t.Errorf("too large, chunked: %d", w.Code)
		}
		r = httptest.NewRequest("POST", "/v1/hooks", strings.NewReader(`{"callbackUrl":"`+secret+`"}`))
		r.Header.Set("Content-Type", "text/plain")
		if w := newRecorder(s, r); w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("wrong content type: %d", w.Code)
		}
		if list := s.list(Filter{}); len(list) != 0 {
			t.Errorf("stored: %+v", list)
		}
	})
}

// TestParams: every parameter is checked and typed.
func TestParams(t *testing.T) {
	registered := make(chan Registration, 1)
	s := startServer(t, "file:"+t.TempDir()+"/x.db", func(o *Options) {
		o.Registered = func(n Registration) { registered <- n }
		o.Triggers = []Trigger{{ID: "T", Method: "PUT", Path: "/teams/{team}/hooks", Location: "/x/{team}/hooks/-?kind=a&%24the+key={subscription}&n={n}&t={team}", Callback: [][]string{{"a", "[]", "url"}},
			Params: []Param{
				{Name: "team", In: "path", Required: true, Type: "string", Schema: json.RawMessage(`{"minLength":2}`)},
				{Name: "n", In: "query", Required: true, Type: "integer", Schema: json.RawMessage(`{"maximum":9}`)},
				{Name: "half", In: "query", Type: "number", Schema: json.RawMessage(`{"minimum":0,"exclusiveMinimum":true}`)},
				{Name: "on", In: "query", Type: "boolean"}, {Name: "empty", In: "query", Type: "integer"},
				{Name: "ids", In: "query", Type: "array", Split: ",", Items: "number"},
				{Name: "multi", In: "query", Type: "array", Items: "string"},
				{Name: "X-Zone", In: "header", Type: "string", Schema: json.RawMessage(`{"enum":["eu"]}`)},
			}}}
	})
	send := func(path, zone string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("PUT", path, strings.NewReader(`{"a":[{"url":"http://localhost/a","keep":1}]}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer s3cr3t")
		if zone != "" {
			r.Header.Set("X-Zone", zone)
		}
		return newRecorder(s, r)
	}
	for path, want := range map[string]string{
		"/teams/ab/hooks":                     `the query parameter "n" is missing`,
		"/teams/ab/hooks?n=":                  `the query parameter "n" is missing`,
		"/teams/ab/hooks?n=1&ids=NaN":         `the query parameter "ids": it is not of type array`,
		"/teams/ab/hooks?n=x":                 `the query parameter "n": it is not of type integer`,
		"/teams/ab/hooks?n=10":                `the query parameter "n": must be <= 9`,
		"/teams/a/hooks?n=1":                  `the path parameter "team": length must be >= 2`,
		"/teams/ab/hooks?n=1&half=0":          `the query parameter "half": must be > 0`,
		"/teams/ab/hooks?n=1&on=yes":          `the query parameter "on": it is not of type boolean`,
		"/teams/ab/hooks?n=1&ids=1,x":         `the query parameter "ids": it is not of type array`,
		"/teams/ab/hooks?n=1&ids=0x1,\"2\",[": `the query parameter "ids"`,
	} {
		if w := send(strings.ReplaceAll(path, `"`, "%22"), ""); w.Code != 422 || !strings.Contains(strings.ReplaceAll(w.Body.String(), `\"`, `"`), strings.ReplaceAll(want, "<", `\u003c`)) &&
			!strings.Contains(strings.NewReplacer(`\"`, `"`, `\u003c`, "<", `\u003e`, ">").Replace(w.Body.String()), want) {
			t.Errorf("%s: %d %s, want %s", path, w.Code, w.Body, want)
		}
	}
	if w := send("/teams/ab/hooks?n=1", "us"); w.Code != 422 {
		t.Errorf("header: %d", w.Code)
	}
	w := send("/teams/a%2Fb/hooks?n=%2B01&on=True&empty=&ids=1,2.5&multi=x&multi=y", "eu")
	location := strings.TrimPrefix(w.Header().Get("Location"), "http://publisher.example")
	if w.Code != 201 || !strings.HasPrefix(location, "/x/a%2Fb/hooks/-?kind=a&%24the+key=") || !strings.HasSuffix(location, "&n=%2B01&t=a%2Fb") {
		t.Fatal(w.Code, w.Body, location)
	}
	want := `{"body":{"a":[{"keep":1}]},"header":{"X-Zone":"eu"},"path":{"team":"a/b"},"query":{"ids":[1,2.5],"multi":["x","y"],"n":1,"on":true}}`
	if n := <-registered; string(n.Params) != want {
		t.Errorf("params %s", n.Params)
	}
	if w := s.do("DELETE", location, ""); w.Code != http.StatusNoContent {
		t.Errorf("DELETE: %d %s", w.Code, w.Body)
	}
}

// TestCallbackFields: a definition may mark several fields. All that hold the
// callback are kept out of what is stored and shown.
func TestCallbackFields(t *testing.T) {
	var params string
	fields := [][]string{{"hooks", "0", "url"}, {"hooks", "1", "url"}, {"targets", "[]", "url"}, {"urls", "[]"}, {}}
	s := startServer(t, "file:"+t.TempDir()+"/x.db", func(o *Options) {
		o.Registered = func(n Registration) { params = string(n.Params) }
		o.Triggers = []Trigger{{ID: "T", Method: "POST", Path: "/hooks", Location: "/hooks/{subscription}", Callback: fields[:4],
			Params: []Param{{Name: "cb", In: "query", Type: "string"}, {Name: "n", In: "query", Type: "integer"}}},
			{ID: "Text", Method: "POST", Path: "/text", Location: "/text/{subscription}", Callback: fields[4:]}}
	})
	const refused = ""
	for body, want := range map[string]string{
		`{"hooks":{"0":{"url":"U","on":"a"},"1":{"url":"U"}},"m":1}`:       `{"body":{"hooks":{"0":{"on":"a"},"1":{}},"m":1}}`,
		`{"hooks":{"1":{"url":"U"},"0":{"url":""}},"urls":["U","U",null]}`: `{"body":{"hooks":{"0":{"url":""},"1":{}},"urls":[null,null,null]}}`,
		`{"targets":[{"url":"U","on":[1]},{"url":"U"},{"on":2}]}`:          `{"body":{"targets":[{"on":[1]},{},{"on":2}]}}`,
		`{"hooks":{"0":{"url":"U"}},"unmarked":["x",{"a":"U"}]}`:           `{"body":{"hooks":{"0":{}},"unmarked":["x",{}]}}`,
		`{"hooks":{"0":{"url":"U"},"1":{"url":"U2"}}}`:                     refused,
		`{"targets":[{"url":"U"},{"url":"U2"}]}`:                           refused,
		`{"hooks":{"0":{"url":"U"},"1":{"url":{"x":"U"}}}}`:                refused,
		`{"hooks":{"0":"U"},"targets":[],"urls":[""]}`:                     refused,
	} {
		params = refused
		w := s.do("POST", "/hooks?n=1&cb=http://localhost/a%3Fsig=secret", strings.ReplaceAll(body, `"U`, `"http://localhost/a?sig=secret`))
		if want != refused {
			want = strings.TrimSuffix(want, "}") + `,"query":{"n":1}}`
		}
		if (w.Code == 422) != (want == refused) || params != want || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %d %s, %s", body, w.Code, w.Body, params)
		}
	}
	if w := s.do("POST", "/text", `"http://localhost/a?sig=secret"`); w.Code != 201 || params != "{}" {
		t.Errorf("the body is the callback: %d %s, %s", w.Code, w.Body, params)
	}
	if w := s.do("GET", "/-/admin/subscriptions", ""); strings.Contains(w.Body.String(), "secret") || len(s.list(Filter{})) != 5 {
		t.Errorf("shown: %s", w.Body)
	}
}

// TestLimits: nobody can take all.
func TestLimits(t *testing.T) {
	s := startServer(t, "file:"+t.TempDir()+"/x.db", func(o *Options) { o.Rate, o.Quota = 2, 3 })
	status := func() int { return s.do("POST", "/v1/hooks", `{"callbackUrl":"http://localhost/a"}`).Code }
	for i, want := range []int{201, 201, 201, 403, 429} {
		if got := status(); got != want {
			t.Errorf("registration %d: %d, want %d", i, got, want)
		}
	}
	limited := 0
	for range 200 {
		if w := s.do("DELETE", "/v1/hooks/unknown", ""); w.Code == http.StatusTooManyRequests {
			limited++
		} else if w.Code != http.StatusNotFound {
			t.Fatal(w.Code)
		}
	}
	if limited == 0 {
		t.Error("unknown ids can be tried without limit")
	}
}

// TestNoLimits: in development nobody is limited, and a registration can be
// allowed to be large.
func TestNoLimits(t *testing.T) {
	s := startServer(t, "file:"+t.TempDir()+"/x.db", func(o *Options) { o.Rate, o.Quota, o.MaxRegistration = 0, 0, 100<<10; o.Triggers[0].Fields = nil })
	for i := range 300 {
		if w := s.do("POST", "/v1/hooks", `{"callbackUrl":"http://localhost/a","file":"`+strings.Repeat("x", 340*i)+`"}`); w.Code != 201 {
			t.Fatal(i, w.Code, w.Body)
		}
	}
	if w := s.do("POST", "/v1/hooks", `{"callbackUrl":"http://localhost/a","file":"`+strings.Repeat("x", 100<<10)+`"}`); w.Code != 413 || !strings.Contains(w.Body.String(), "102400 bytes") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestIdleConnections: connections that do nothing make room for those that do.
func TestIdleConnections(t *testing.T) {
	s := startServer(t, "file:"+t.TempDir()+"/x.db", nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := NewHTTPServer("", s, s.log)
	go func() { _ = h.Serve(l) }()
	defer h.Close()
	for range 2 * maxConnections {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Skip("this system has too few file descriptors: ", err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, "P") // a slow header
	}
	answer, err := http.Post("http://"+l.Addr().String()+"/v1/hooks", "application/json", strings.NewReader(`{"callbackUrl":"http://localhost/a"}`))
	if err != nil || answer.StatusCode != http.StatusCreated {
		t.Fatal(answer, err)
	}
	answer.Body.Close()
}

// TestCallbackIsTheBody: a body that is nothing but the callback URL is taken,
// and not kept beside the sealed one.
func TestCallbackIsTheBody(t *testing.T) {
	registered := make(chan Registration, 1)
	s := startServer(t, "file:"+t.TempDir()+"/x.db", func(o *Options) {
		o.Registered = func(n Registration) { registered <- n }
		o.Triggers = []Trigger{{ID: "T", Method: "POST", Path: "/hooks", Location: "/hooks/{subscription}", Callback: [][]string{{}}}}
	})
	for _, wrong := range []string{`{}`, `["http://localhost/a"]`, `1`, `""`} {
		if w := s.do("POST", "/hooks", wrong); w.Code != 422 {
			t.Errorf("%s: %d", wrong, w.Code)
		}
	}
	if w := s.do("POST", "/hooks", `"http://localhost/a"`); w.Code != 201 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if n := <-registered; string(n.Params) != "{}" {
		t.Errorf("kept: %s", n.Params)
	}
}

// TestSecurity: an operation asks for the credentials that the definition names
// for it, all of them where it wants several, and for none if it says so.
func TestSecurity(t *testing.T) {
	has := func(header string) Authenticator {
		return authFunc(func(r *http.Request) (string, error) {
			if who := r.Header.Get(header); who != "" {
				return who, nil
			}
			return "", errors.New("nobody")
		})
	}
	s := startServer(t, "file:"+t.TempDir()+"/x.db", func(o *Options) {
		o.Schemes = map[string]Authenticator{"a": has("A"), "b": has("B")}
		o.Auth = has("A")
		for path, security := range map[string][][]string{"/any": nil, "/open": {{}}, "/b": {{"b"}}, "/both": {{"a", "b"}}, "/c": {{"c"}}, "/either": {{"c"}, {"b", "a"}, {"b"}}} {
			o.Routes = append(o.Routes, Route{Method: "GET", Path: path, Security: security, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})})
		}
	})
	for path, want := range map[string]string{"/any": "A AB", "/open": " A B AB", "/b": "B AB", "/both": "AB", "/c": "", "/either": "B AB"} {
		for _, given := range []string{"", "A", "B", "AB"} {
			r := httptest.NewRequest("GET", path, nil)
			for _, header := range strings.Split(given, "") {
				r.Header.Set(header, "x")
			}
			status := http.StatusUnauthorized
			if slices.Contains(strings.Split(want, " "), given) && want != "" {
				status = http.StatusOK
			}
			if w := newRecorder(s, r); w.Code != status {
				t.Errorf("%s with %q: %d", path, given, w.Code)
			}
		}
	}
}

// TestRoutes: the most specific template wins, whatever templates there are.
func TestRoutes(t *testing.T) {
	var r router
	for _, path := range []string{"/x/{id}", "/x/{id}.json", "/x/me", "/{a}/b", "/a/{b}", "/x/{id}/y", "/x/{a}-{b}/y", "/odd {x", "/a b/{c}", "/{a}/{a}", "/t({id})", "/ü", "/q?e=a", "/q?e=a&f=b", "/q", "/only?e=a"} {
		r.add("GET", path, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			fmt.Fprint(w, path, " ", q.PathValue("id"), q.PathValue("a"), q.PathValue("b"), q.PathValue("c"))
		}))
	}
	for path, want := range map[string]string{
		"/x/1": "/x/{id} 1", "/x/1.json": "/x/{id}.json 1", "/x/me": "/x/me ", "/a/b": "/a/{b} b", "/q/b": "/{a}/b q", "/x/1/y": "/x/{id}/y 1",
		"/x/1-2/y": "/x/{a}-{b}/y 12", "/odd%20%7Bx": "/odd {x ", "/a%20b/%2F": "/a b/{c} /", "/q/w": "/{a}/{a} w", "/t(7)": "/t({id}) 7", "/t%287%29": "/t({id}) 7", "/%C3%BC": "/ü ", "/q?e=a&z=1": "/q?e=a ", "/q?f=b&e=a": "/q?e=a&f=b ", "/q?e=c": "/q ", "/only": "404", "/": "404", "/x": "404", "/x/1/": "404",
	} {
		q := httptest.NewRequest("GET", path, nil)
		got := "404"
		if h, _ := r.find(q); h != nil {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, q)
			got = w.Body.String()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	if h, allowed := r.find(httptest.NewRequest("PUT", "/x/me", nil)); h != nil || len(allowed) != 3 /* /x/me, /x/{id}, /{a}/{a} */ {
		t.Errorf("another method: %v", allowed)
	}
}

// TestPolling is webhook-contract, section 5: state in Location, no item twice,
// none lost.
func TestPolling(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s := startServer(t, dsn, func(o *Options) {
			o.Credentials = []string{"key"}
			o.Polls = []Poll{
				{ID: "List", Method: "GET", Path: "/v1/list", Items: []string{"data", "value"}, Payload: json.RawMessage(`{"required":["id"]}`)},
				{ID: "One", Method: "GET", Path: "/v1/one", Single: true},
			}
		})
		get := func(location string) (status int, body, next, retry string) {
			w := s.do("GET", location, "")
			return w.Code, strings.TrimSpace(w.Body.String()), strings.TrimPrefix(w.Header().Get("Location"), "http://publisher.example"), w.Header().Get("Retry-After")
		}
		publish := func(trigger string, n int) {
			if _, err := s.Publish(t.Context(), Event{Trigger: trigger, Body: fmt.Appendf(nil, `{"id":%d}`, n)}); err != nil {
				t.Fatal(err)
			}
		}
		publish("List", 0)
		status, body, next, retry := get("/v1/list?KEY=s3cr3t&since=x")
		if status != 202 || body != "" || !strings.HasPrefix(next, "/v1/list?since=x&triggerState=") || retry == "" || retry == "0" {
			t.Fatal(status, body, next, retry)
		}
		if status, _, again, _ := get(next); status != 202 || again != next {
			t.Errorf("nothing new: %d, %q is not %q", status, again, next)
		}
		publish("List", 1)
		publish("One", 9)
		publish("List", 2)
		status, body, next, _ = get(next)
		if status != 200 || body != `{"data":{"value":[{"id":1},{"id":2}]}}` {
			t.Error(status, body)
		}
		if status, _, _, _ := get(next); status != 202 {
			t.Errorf("the same again: %d", status)
		}
		if got, err := s.Publish(t.Context(), Event{Trigger: "List", ID: "again", Body: []byte(`{"id":3}`)}); err != nil || !got.Polled {
			t.Error(got, err)
		}
		_, _, next, _ = get("/v1/one")
		publish("One", 1)
		publish("One", 2)
		for n := 1; n <= 2; n++ {
			if status, body, next, retry = get(next); status != 200 || body != fmt.Sprintf(`{"id":%d}`, n) || retry != "0" {
				t.Error(status, body, retry)
			}
		}
		if status, _, _, retry = get(next); status != 202 || retry != pollAfter {
			t.Error(status, retry)
		}
		for _, state := range []string{"x", "-1", "99999999999999999999"} {
			if status, _, _, _ := get("/v1/list?triggerState=" + state); status != 400 {
				t.Errorf("state %s: %d", state, status)
			}
		}
		var invalid *InvalidError
		if _, err := s.Publish(t.Context(), Event{Trigger: "List", Body: []byte(`{}`)}); !errors.As(err, &invalid) {
			t.Errorf("got %v", err)
		}
	})
}

// TestAdmin: the operator's API, which needs the token.
func TestAdmin(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		s := startServer(t, dsn, nil)
		for _, request := range []string{"GET /-/metrics", "GET /-/admin/subscriptions", "GET /-/admin/dead", "POST /-/admin/redeliver", "POST /-/admin/events/OnOrder",
			"POST /-/admin/subscriptions/1/enable", "DELETE /-/admin/subscriptions/1"} {
			method, path, _ := strings.Cut(request, " ")
			for _, token := range []string{"", "Bearer wrong", "operator"} {
				r := httptest.NewRequest(method, path, strings.NewReader("{}"))
				r.Header.Set("Authorization", token)
				if w := newRecorder(s, r); token != "operator" && (w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != "Bearer") {
					t.Errorf("%s with %q: %d", request, token, w.Code)
				}
			}
		}
		if w := s.do("POST", "/-/admin/events/OnOrder", `{"id":"x"}`); w.Code != 422 {
			t.Errorf("an invalid event: %d", w.Code)
		}
		if w := s.do("POST", "/-/admin/events/None", `{"id":"x"}`); w.Code != 404 {
			t.Errorf("an unknown trigger: %d", w.Code)
		}
		location := s.subscribe("http://localhost:1/a?sig=s3cr3t")
		r := httptest.NewRequest("POST", "/-/admin/events/OnOrder", strings.NewReader(`{"id":1}`))
		r.Header.Set("Authorization", "Bearer operator")
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Webhook-Id", "mine")
		if w := newRecorder(s, r); strings.TrimSpace(w.Body.String()) != `{"deliveries":1,"id":"mine","new":true}` {
			t.Error(w.Code, w.Body)
		}
		s.untilParked()
		var list []map[string]any
		w := s.do("GET", "/-/admin/subscriptions?state=active", "")
		jsonOf(t, w, &list)
		if len(list) != 1 || list[0]["host"] != "localhost:1" || list[0]["reason"] != "refused" || list[0]["pending"] != 1.0 || strings.Contains(w.Body.String(), "s3cr3t") {
			t.Errorf("got %s", w.Body)
		}
		if strings.Contains(location, fmt.Sprint(list[0]["fingerprint"])) {
			t.Error("the fingerprint tells the Location")
		}
		if w := s.do("DELETE", "/-/admin/subscriptions/1", ""); w.Code != 200 || len(s.list(Filter{State: "gone"})) != 1 {
			t.Errorf("remove: %d %s", w.Code, w.Body)
		}
		if w := s.do("DELETE", "/-/admin/subscriptions/77", ""); w.Code != 404 {
			t.Errorf("remove nothing: %d", w.Code)
		}
		metrics := s.do("GET", "/-/metrics", "").Body.String()
		for _, name := range []string{`publisher_attempts_total{outcome="retry",trigger="OnOrder"} 1`, `publisher_lanes{state="idle"} 0`, "publisher_dead_letters 0",
			"publisher_commit_seconds_count", "publisher_publish_seconds_count 1", "publisher_oldest_pending_seconds 0", "publisher_blocked_total 0", "publisher_disabled_total 0"} {
			if !strings.Contains(metrics, name) {
				t.Errorf("the metrics lack %s", name)
			}
		}
		for _, path := range []string{"/-/healthz", "/-/readyz"} {
			if w := s.do("GET", path, ""); w.Code != 200 {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
		if w := s.do("PATCH", "/v1/hooks", ""); w.Code != 405 || w.Header().Get("Allow") != "POST" {
			t.Errorf("another method: %d %q", w.Code, w.Header().Get("Allow"))
		}
	})
}

// TestPanics: code of the owner's that panics is told of, and answered.
func TestPanics(t *testing.T) {
	var log bytes.Buffer
	s := startServer(t, "file:"+t.TempDir()+"/x.db", func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
		o.Registered = func(Registration) { panic("in the hook") }
		o.Routes = []Route{{Method: "GET", Path: "/v1/a/{id}", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.PathValue("id") == "late" {
				_, _ = io.WriteString(w, "a part")
			}
			panic("in the action")
		})}}
	})
	if w := s.do("GET", "/v1/a/s3cr3t?key=s3cr3t", ""); w.Code != 500 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("a part is answered as the whole: %v", p)
			}
		}()
		s.do("GET", "/v1/a/late", "")
	}()
	s.subscribe("http://localhost/a?sig=s3cr3t")
	for _, want := range []string{"level=ERROR", `in="GET /v1/a/{id}" error="in the action"`, `in=Options.Registered error="in the hook"`, "TestPanics"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "s3cr3t") {
		t.Errorf("the log has a secret: %s", log.String())
	}
}

// TestFilters: a filter that is mistyped chooses nothing, and never everything.
func TestFilters(t *testing.T) {
	s := startServer(t, "file:"+t.TempDir()+"/x.db", func(o *Options) {
		waits := order
		waits.ID, waits.Path, waits.Location, waits.Once = "Wait", "/v1/waits", "/v1/waits/{subscription}", true
		o.Triggers = append(o.Triggers, waits)
	})
	for request, want := range map[string]int{
		"GET /-/admin/subscriptions?after=0&limit=5&state=gone&trigger=OnOrder&subscription=1":          200,
		"GET /-/admin/subscriptions?after=x":                                                            400,
		"GET /-/admin/subscriptions?after=":                                                             400,
		"GET /-/admin/subscriptions?state=foo":                                                          400,
		"GET /-/admin/subscriptions?subscription=x":                                                     400,
		"GET /-/admin/subscriptions?subscription=%zz":                                                   400,
		"GET /-/admin/subscriptions?delivery=1":                                                         400,
		"GET /-/admin/subscriptions?limit=-1":                                                           400,
		"GET /-/admin/subscriptions?trigger=a&trigger=b":                                                400,
		"GET /-/admin/dead?from=2026-01-02T03:04:05Z&to=2026-01-02T03:04:05%2B01:00&delivery=1&after=1": 200,
		"GET /-/admin/dead?from=yesterday":                                                              400,
		"GET /-/admin/dead?state=gone":                                                                  400,
		`POST /-/admin/redeliver {}`:                                                                    400,
		`POST /-/admin/redeliver null`:                                                                  400,
		`POST /-/admin/redeliver {"deliver":2222}`:                                                      400,
		`POST /-/admin/redeliver {"state":"gone"}`:                                                      400,
		`POST /-/admin/redeliver {"delivery":"1"}`:                                                      400,
		`POST /-/admin/redeliver {"all":false}`:                                                         400,
		`POST /-/admin/redeliver {"all":true,"delivery":1}`:                                             400,
		`POST /-/admin/redeliver {"delivery":1} {}`:                                                     400,
		`POST /-/admin/redeliver {"all":true}`:                                                          200,
		`POST /-/admin/redeliver {"trigger":"OnOrder","subscription":1,"delivery":1,"from":"2026-01-02T03:04:05Z"}`: 200,
		`POST /-/admin/events/OnOrder {"id":1}`:                                            200,
		`POST /-/admin/events/OnOrder?to=six {"id":1}`:                                     400,
		`POST /-/admin/events/OnOrder?to= {"id":1}`:                                        400,
		`POST /-/admin/events/OnOrder?to=0 {"id":1}`:                                       400,
		`POST /-/admin/events/OnOrder?To=1 {"id":1}`:                                       400,
		`POST /-/admin/events/OnOrder?to=77 {"id":1}`:                                      404,
		`POST /-/admin/events/Wait {"id":1}`:                                               400,
		`POST /-/admin/events/Wait?all=yes {"id":1}`:                                       400,
		`POST /-/admin/events/Wait?all=true {"id":1}`:                                      200,
		`POST /-/admin/events/None {"id":1}`:                                               404,
		`POST /-/admin/events/OnOrder {"id":1,"x":"` + strings.Repeat("x", 256<<10) + `"}`: 413,
	} {
		method, rest, _ := strings.Cut(request, " ")
		path, body, _ := strings.Cut(rest, " ")
		if w := s.do(method, path, body); w.Code != want {
			t.Errorf("%.100s: %d %s, want %d", request, w.Code, w.Body, want)
		}
	}
	_, err := s.Publish(t.Context(), Event{Trigger: "None", Body: []byte("{}")})
	if err == nil || !strings.Contains(err.Error(), `"None". It has OnOrder, Wait`) {
		t.Error(err)
	}
	s.subscribe("http://localhost/a")
	for ref, want := range map[int64]string{1: "subscription 1 is active", 9: "no such registration"} {
		if err := s.Enable(t.Context(), ref); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("enable %d: %v", ref, err)
		}
	}
}

func TestOptions(t *testing.T) {
	store, err := Open(t.Context(), "file:"+t.TempDir()+"/x.db")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for want, o := range map[string]Options{
		"PUBLIC_URL":          {PublicURL: "http://x.example"},
		"PUBLIC_URL is":       {PublicURL: "https://x.example/path"},
		"PUBLIC_URL is not":   {},
		"SEAL_KEYS: a key":    {PublicURL: "https://x.example", SealKeys: []string{"x"}},
		"CALLBACK_HOSTS: \"h": {PublicURL: "https://x.example", Hosts: []string{"*.example.com", "localhost", "https://foo.com"}},
		"CALLBACK_HOSTS: \"f": {PublicURL: "https://x.example", Hosts: []string{"foo.com:443"}},
		"CALLBACK_HOSTS: \"*": {PublicURL: "https://x.example", Hosts: []string{"*foo.com"}},
		"SIGNING_SECRETS: a":  {PublicURL: "https://x.example", SigningSecrets: []string{"whsec_eA=="}},
		"no field takes":      {PublicURL: "https://x.example", Triggers: []Trigger{{ID: "A", Location: "/{subscription}"}}},
		"has no {subscr":      {PublicURL: "https://x.example", Triggers: []Trigger{{ID: "A", Callback: [][]string{{"x"}}, Location: "/x"}}},
		"trigger A: payload:": {PublicURL: "https://x.example", Triggers: []Trigger{{ID: "A", Callback: [][]string{{"x"}}, Location: "/{subscription}", Payload: json.RawMessage(`{"$ref":"https://x.example/y"}`)}}},
	} {
		if _, err := New(store, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for _, dsn := range []string{"", "x.db", "mysql://x", "postgres://user:s3cr3t@127.0.0.1:1/x?connect_timeout=1"} {
		if _, err := Open(t.Context(), dsn); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

// FuzzDecode holds the strict decoder against encoding/json.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{`{"a":[1,"x",null,true,{"b":1e5}]}`, `{"a":1,"a":2}`, `[`, `"\ud800"`, `1 2`, "\xff", `{"a":{"a":{"a":{}}}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		strict, err := decodeStrict(data)
		var loose any
		d := json.NewDecoder(strings.NewReader(string(data)))
		d.UseNumber()
		looseErr := d.Decode(&loose)
		if err != nil {
			return
		}
		if looseErr != nil || fmt.Sprint(strict) != fmt.Sprint(loose) {
			t.Errorf("%q: %v, encoding/json has %v, %v", data, strict, loose, looseErr)
		}
		_, _ = findCallback(strict, [][]string{{"a", "[]", "b"}, {"a"}, {}})
	})
}
