package verify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// publisher is a service that does what the contract asks, written with
// net/http alone, and that can be told to do one thing wrong.
//
//	POST   /v1/hooks          registers a callback URL, one event after the other
//	POST   /v1/approvals      the same, for an action: one notification each
//	DELETE /v1/hooks/{id}     unregisters
//	GET    /v1/changes        polls, the state is in the URL
//	GET    /v1/orders?since=  lists, the newest first
type publisher struct {
	faults
	*httptest.Server
	client *http.Client
	done   context.Context
	stop   context.CancelFunc
	lanes  sync.WaitGroup

	mu      sync.Mutex
	subs    map[string]*registered
	removed map[string]bool
	gone    map[string]bool // callback URLs that were unregistered
	items   []json.RawMessage
	orders  []json.RawMessage
	count   int
	fired   map[string]bool
	polls   map[string]int // how often a URL gave data, for faults
}

type registered struct {
	id, url, path string
	order         int
	ended         bool
}

// faults change what a publisher does. The zero faults are none.
type faults struct {
	answer    func(w http.ResponseWriter, r *http.Request, s *registered) bool         // instead of the 201
	accept    func(body map[string]any) bool                                           // registrations without a good URL
	register  func(p *publisher, s *registered)                                        // after it was stored
	remove    func(p *publisher, w http.ResponseWriter, s *registered, id string) bool // instead of removing
	notify    func(r *http.Request, body []byte)                                       // before it is sent
	after     func(p *publisher, s *registered, status int, err error) string          // "stop", "done", "again", "now" or "": as it should be
	fanOut    func(p *publisher, list []*registered, body []byte)                      // instead of all at once
	pause     time.Duration                                                            // before a retry
	timeout   time.Duration                                                            // for a subscriber to answer
	publish   func(p *publisher, body []byte) bool                                     // instead of publishing
	poll      func(p *publisher, w http.ResponseWriter, r *http.Request) bool          // instead of the answer to a poll
	list      func(p *publisher, w http.ResponseWriter, r *http.Request) bool          // instead of a list
	forgetful bool                                                                     // a restart loses registrations
}

func newPublisher(t testing.TB, f faults, trust *x509.CertPool) *publisher {
	t.Helper()
	p := &publisher{faults: f, subs: map[string]*registered{}, removed: map[string]bool{}, gone: map[string]bool{}, fired: map[string]bool{}, polls: map[string]int{}}
	if p.pause == 0 {
		p.pause = 100 * time.Millisecond
	}
	if p.timeout == 0 {
		p.timeout = 2 * time.Second
	}
	p.orders = []json.RawMessage{order(1)}
	p.client = &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust}, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	p.done, p.stop = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/hooks", p.serveRegister)
	mux.HandleFunc("POST /v1/approvals", p.serveRegister)
	mux.HandleFunc("DELETE /v1/hooks/{id}", p.serveRemove)
	mux.HandleFunc("DELETE /v1/hooks/{id}/{$}", p.serveRemove)
	mux.HandleFunc("DELETE /v1/approvals/{id}", p.serveRemove)
	mux.HandleFunc("DELETE /v1/elsewhere/{id}", p.serveRemove)
	mux.HandleFunc("GET /v1/changes", p.serveChanges)
	mux.HandleFunc("GET /v1/orders", p.serveOrders)
	p.Server = httptest.NewUnstartedServer(mux)
	p.Start()
	t.Cleanup(func() {
		p.stop()
		p.lanes.Wait()
		p.CloseClientConnections()
		p.Close()
	})
	return p
}

func order(n int) json.RawMessage {
	text, _ := json.Marshal(map[string]any{"id": "o" + strconv.Itoa(n), "total": n, "changed": time.Date(2024, 5, 1, 0, 0, n, 0, time.UTC).Format(time.RFC3339)})
	return text
}

func (p *publisher) serveRegister(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	if json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&body) != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	target, _ := body["callbackUrl"].(string)
	if reply, nested := body["reply"].(map[string]any); nested {
		target, _ = reply["url"].(string)
	}
	if u, err := url.Parse(target); (err != nil || u.Host == "") && (p.accept == nil || !p.accept(body)) {
		http.Error(w, "no callback URL", http.StatusUnprocessableEntity)
		return
	}
	s := &registered{id: token(), url: target, path: strings.TrimPrefix(r.URL.Path, "/v1")}
	p.mu.Lock()
	s.order = p.count
	p.count++
	p.subs[s.id] = s
	p.mu.Unlock()
	if p.register != nil {
		p.register(p, s)
	}
	if p.answer != nil && p.answer(w, r, s) {
		return
	}
	w.Header().Set("Location", p.URL+"/v1"+s.path+"/"+s.id)
	w.WriteHeader(http.StatusCreated)
}

func token() string {
	b := make([]byte, 12)
	rand.Read(b)
	const hex = "0123456789abcdef"
	text := ""
	for _, c := range b {
		text += string(hex[c>>4]) + string(hex[c&15])
	}
	return text
}

func (p *publisher) serveRemove(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	p.mu.Lock()
	s := p.subs[id]
	p.mu.Unlock()
	if p.remove != nil && p.remove(p, w, s, id) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s == nil && !p.removed[id] {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	p.drop(s, id)
	w.WriteHeader(http.StatusNoContent)
}

// drop ends a registration. The caller holds the lock.
func (p *publisher) drop(s *registered, id string) {
	if s != nil {
		s.ended = true
		p.gone[s.url] = true
	}
	delete(p.subs, id)
	p.removed[id] = true
}

// emit makes an event happen.
func (p *publisher) emit(trigger string, body []byte) {
	if p.publish != nil && p.publish(p, body) {
		return
	}
	p.mu.Lock()
	switch trigger {
	case "OnChange":
		p.items = append(p.items, json.RawMessage(bytes.TrimSpace(body)))
	case "OnOrderChanged":
		p.orders = append([]json.RawMessage{order(len(p.orders) + 1)}, p.orders...)
	}
	path := map[string]string{"OnOrder": "/hooks", "WaitForApproval": "/approvals"}[trigger]
	var list []*registered
	for _, s := range p.subs {
		if s.path == path {
			list = append(list, s)
			if path == "/approvals" {
				p.drop(s, s.id)
				p.fired[s.id] = true
				s.ended = false // its one notification is still due
			}
		}
	}
	p.mu.Unlock()
	if p.fanOut != nil {
		p.lanes.Go(func() { p.fanOut(p, list, body) })
		return
	}
	for _, s := range list {
		p.lanes.Go(func() { p.deliver(s, body) })
	}
}

// deliver sends a notification until it is taken.
func (p *publisher) deliver(s *registered, body []byte) {
	for range 20 {
		p.mu.Lock()
		ended := s.ended
		p.mu.Unlock()
		if ended || p.done.Err() != nil {
			return
		}
		status, pause, err := p.send(s, body)
		what := ""
		if p.after != nil {
			what = p.after(p, s, status, err)
		}
		switch {
		case what == "done", what == "" && err == nil && status/100 == 2:
			return
		case what == "stop", what == "" && err == nil && status == http.StatusGone:
			p.mu.Lock()
			p.drop(s, s.id)
			p.mu.Unlock()
			return
		case what == "" && err == nil && status == http.StatusNotFound:
			return
		}
		if what == "now" {
			pause = 0
		}
		select {
		case <-p.done.Done():
			return
		case <-time.After(max(pause, p.pause)):
		}
	}
}

func (p *publisher) send(s *registered, body []byte) (status int, pause time.Duration, err error) {
	ctx, cancel := context.WithTimeout(p.done, p.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, nil)
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if p.notify != nil {
		p.notify(req, body)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, 0, err
	}
	resp.Body.Close()
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
	return resp.StatusCode, time.Duration(seconds) * time.Second, nil
}

// setBody changes what is sent.
func setBody(r *http.Request, body string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
}

// serveChanges gives one item at a time. The state is how many were given.
func (p *publisher) serveChanges(w http.ResponseWriter, r *http.Request) {
	if p.poll != nil && p.poll(p, w, r) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	state, err := strconv.Atoi(r.URL.Query().Get("triggerState"))
	if err != nil {
		state = len(p.items)
	}
	p.change(w, state)
}

func (p *publisher) change(w http.ResponseWriter, state int) {
	next := func(n int) string { return p.URL + "/v1/changes?triggerState=" + strconv.Itoa(n) }
	if state >= len(p.items) {
		w.Header().Set("Location", next(state))
		w.Header().Set("Retry-After", "15")
		w.WriteHeader(http.StatusAccepted)
		return
	}
	w.Header().Set("Location", next(state+1))
	w.Header().Set("Retry-After", "15")
	if state+1 < len(p.items) {
		w.Header().Set("Retry-After", "0")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(p.items[state])
}

func (p *publisher) serveOrders(w http.ResponseWriter, r *http.Request) {
	if p.list != nil && p.list(p, w, r) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writeOrders(w, p.since(r.URL.Query().Get("since"), false))
}

// since returns the orders that are newer.
func (p *publisher) since(state string, inclusive bool) []json.RawMessage {
	list := []json.RawMessage{}
	for _, o := range p.orders {
		var order struct{ Changed string }
		_ = json.Unmarshal(o, &order)
		if order.Changed > state || inclusive && order.Changed == state {
			list = append(list, o)
		}
	}
	return list
}

func (p *publisher) writeOrders(w http.ResponseWriter, list []json.RawMessage) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"value": list})
}

// restart forgets what is not stored.
func (p *publisher) restart(context.Context) error {
	if p.forgetful {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.subs = map[string]*registered{}
	}
	return nil
}

// live returns the registrations that stand.
func (p *publisher) live() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.subs)
}
