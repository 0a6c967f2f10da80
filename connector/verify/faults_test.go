package verify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/connector/verify"
)

// located answers a registration with a Location.
func located(location func(p string, s *registered) string) func(http.ResponseWriter, *http.Request, *registered) bool {
	return func(w http.ResponseWriter, r *http.Request, s *registered) bool {
		if l := location("http://"+r.Host+"/v1", s); l != "" {
			w.Header().Set("Location", l)
		}
		w.WriteHeader(http.StatusCreated)
		return true
	}
}

// eachPart changes the names and values of a query.
func eachPart(query string, change func(string) string) string {
	parts := strings.FieldsFunc(query, func(r rune) bool { return r == '&' || r == '=' })
	for i, part := range parts {
		parts[i] = change(part) + string("=&"[i%2])
	}
	return strings.TrimSuffix(strings.Join(parts, ""), "&")
}

func unescape(text string, _ error) string { return text }

// status makes a delivery end in a certain way after a status.
func status(code int, what string) func(*publisher, *registered, int, error) string {
	return func(_ *publisher, _ *registered, status int, _ error) string {
		if status == code {
			return what
		}
		return ""
	}
}

func header(name, value string) func(*http.Request, []byte) {
	return func(r *http.Request, _ []byte) { r.Header.Set(name, value) }
}

// answered makes all polls with data answer otherwise.
func answered(change func(w http.ResponseWriter, item []byte)) func(*publisher, http.ResponseWriter, *http.Request) bool {
	return func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		state, err := strconv.Atoi(r.URL.Query().Get("triggerState"))
		if err != nil || state >= len(p.items) {
			return false2(p, w, r)
		}
		rec := record{header: http.Header{}}
		p.change(&rec, state)
		for name, values := range rec.header {
			w.Header()[name] = values
		}
		change(w, rec.body)
		return true
	}
}

// false2 answers as the publisher does when there is nothing.
func false2(p *publisher, w http.ResponseWriter, r *http.Request) bool {
	state, err := strconv.Atoi(r.URL.Query().Get("triggerState"))
	if err != nil {
		state = len(p.items)
	}
	p.change(w, state)
	return true
}

// record is a response that can be changed before it is sent.
type record struct {
	header http.Header
	body   []byte
	status int
}

func (r *record) Header() http.Header         { return r.header }
func (r *record) WriteHeader(status int)      { r.status = status }
func (r *record) Write(b []byte) (int, error) { r.body = append(r.body, b...); return len(b), nil }

// changed lets a poll be answered and changes the answer.
func changed(change func(r *record)) func(*publisher, http.ResponseWriter, *http.Request) bool {
	return func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		rec := &record{header: http.Header{}, status: http.StatusOK}
		false2(p, rec, r)
		change(rec)
		for name, values := range rec.header {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.status)
		w.Write(rec.body)
		return true
	}
}

// faulty is a publisher with one fault, and the check that must see it.
type faulty struct {
	check   string
	about   string // what is wrong, if there are several
	trigger string
	mark    string // of the line in the definition
	hint    string // what is in the hint, if that matters
	tls     bool
	faults  faults
}

var table = []faulty{
	{check: "register-status", about: "200", mark: "created", faults: faults{answer: func(w http.ResponseWriter, r *http.Request, s *registered) bool {
		w.Header().Set("Location", "http://"+r.Host+"/v1/hooks/"+s.id)
		return true
	}}},
	{check: "register-status", about: "400", mark: "created", hint: "needs --tls", faults: faults{answer: func(w http.ResponseWriter, _ *http.Request, _ *registered) bool {
		w.WriteHeader(http.StatusBadRequest)
		return true
	}}},
	{check: "register-independent", about: "one is forgotten", mark: "register", faults: faults{fanOut: func(p *publisher, list []*registered, body []byte) {
		for _, s := range list {
			if s.order != 1 {
				p.lanes.Go(func() { p.deliver(s, body) })
			}
		}
	}}},
	{check: "register-independent", about: "only a few", mark: "register", faults: faults{answer: func(w http.ResponseWriter, _ *http.Request, s *registered) bool {
		if s.order != 8 {
			return false
		}
		w.WriteHeader(http.StatusConflict)
		return true
	}}},
	{check: "register-no-callback", mark: "callback", faults: faults{accept: func(body map[string]any) bool { return body["callbackUrl"] == nil }}},
	{check: "register-bad-callback", mark: "callback", faults: faults{accept: func(body map[string]any) bool { return body["callbackUrl"] != nil }}},
	{check: "register-secret", about: "the URL", mark: "created", faults: faults{answer: func(w http.ResponseWriter, r *http.Request, s *registered) bool {
		w.Header().Set("Location", "http://"+r.Host+"/v1/hooks/"+s.id)
		w.WriteHeader(http.StatusCreated)
		w.Write([]byte(`{"url":"` + s.url + `"}`))
		return true
	}}},
	{check: "register-secret", about: "the User-Agent", mark: "created", faults: faults{answer: func(w http.ResponseWriter, r *http.Request, s *registered) bool {
		w.Header().Set("X-Client", r.UserAgent())
		return false
	}}},
	{check: "location-present", mark: "location", faults: faults{answer: located(func(string, *registered) string { return "" })}},
	{check: "location-resolvable", about: "another server", mark: "location", faults: faults{answer: located(func(_ string, s *registered) string { return "http://orders.example/v1/hooks/" + s.id })}},
	{check: "location-resolvable", about: "no URL", mark: "location", faults: faults{answer: located(func(_ string, s *registered) string { return "urn:hook:" + s.id })}},
	{check: "location-template", mark: "delete", faults: faults{answer: located(func(base string, s *registered) string { return base + "/elsewhere/" + s.id })}},
	{check: "location-template", about: "a slash at the end", mark: "delete", faults: faults{answer: located(func(base string, s *registered) string { return base + "/hooks/" + s.id + "/" })}},
	{check: "location-distinct", mark: "location", faults: faults{
		answer: located(func(base string, _ *registered) string { return base + "/hooks/mine" }),
		remove: func(_ *publisher, w http.ResponseWriter, _ *registered, _ string) bool {
			w.WriteHeader(http.StatusNoContent)
			return true
		},
	}},
	{check: "notify-received", mark: "content", faults: faults{publish: func(*publisher, []byte) bool { return true }}},
	{check: "notify-tls", tls: true, mark: "content", faults: faults{}},
	{check: "notify-url", about: "encoded anew", mark: "callback", faults: faults{notify: func(r *http.Request, _ []byte) { r.URL.RawQuery = r.URL.Query().Encode() }}},
	{check: "notify-url", about: "encoded anew, in the same order", mark: "callback", faults: faults{notify: func(r *http.Request, _ []byte) {
		r.URL.RawQuery = eachPart(r.URL.RawQuery, func(text string) string { return url.QueryEscape(unescape(url.QueryUnescape(text))) })
	}}},
	{check: "notify-url", about: "encoded anew, with %20", mark: "callback", faults: faults{notify: func(r *http.Request, _ []byte) {
		r.URL.RawQuery = eachPart(r.URL.RawQuery, func(text string) string {
			return strings.ReplaceAll(url.QueryEscape(unescape(url.PathUnescape(text))), "+", "%20")
		})
	}}},
	{check: "notify-url", about: "with the path decoded", mark: "callback", faults: faults{notify: func(r *http.Request, _ []byte) { r.URL.RawPath = "" }}},
	{check: "notify-url", about: "without the query", mark: "callback", faults: faults{notify: func(r *http.Request, _ []byte) { r.URL.RawQuery = "" }}},
	{check: "notify-url", about: "only the host", mark: "callback", faults: faults{notify: func(r *http.Request, _ []byte) { r.URL.RawQuery, r.URL.Path = "", "/" },
		after: func(*publisher, *registered, int, error) string { return "done" }}},
	{check: "notify-method", mark: "content", faults: faults{notify: func(r *http.Request, _ []byte) { r.Method = http.MethodPut }}},
	{check: "notify-content-type", mark: "content", faults: faults{notify: header("Content-Type", "text/plain")}},
	{check: "notify-shape", mark: "mode", faults: faults{notify: func(r *http.Request, body []byte) { setBody(r, "["+string(body)+"]") }}},
	{check: "notify-body", about: "wrong type", mark: "id", faults: faults{notify: func(r *http.Request, _ []byte) { setBody(r, `{"id":5,"total":1,"lines":[]}`) }}},
	{check: "notify-body", about: "no JSON", mark: "schema", faults: faults{notify: func(r *http.Request, _ []byte) { setBody(r, `id=5`) }}},
	{check: "notify-fields", mark: "total", hint: "x-nullable", faults: faults{notify: func(r *http.Request, _ []byte) { setBody(r, `{"id":"5","lines":[]}`) }}},
	{check: "notify-once", mark: "content", faults: faults{after: twice()}},
	{check: "retry-500", mark: "content", faults: faults{after: status(500, "done")}},
	{check: "retry-503", about: "never", mark: "content", faults: faults{after: status(503, "done")}},
	{check: "retry-503", about: "too early", mark: "content", faults: faults{after: status(503, "now")}},
	{check: "retry-429", about: "never", mark: "content", faults: faults{after: status(429, "done")}},
	{check: "retry-429", about: "too early", mark: "content", faults: faults{after: status(429, "now")}},
	{check: "retry-reset", mark: "content", faults: faults{after: func(_ *publisher, _ *registered, _ int, err error) string {
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return "done"
		}
		return ""
	}}},
	{check: "retry-timeout", mark: "content", faults: faults{after: func(_ *publisher, _ *registered, _ int, err error) string {
		if errors.Is(err, context.DeadlineExceeded) {
			return "done"
		}
		return ""
	}}},
	{check: "slow-isolated", mark: "content", faults: faults{fanOut: oneByOne}},
	{check: "gone-ends", mark: "content", faults: faults{after: status(410, "again")}},
	{check: "gone-isolated", mark: "register", faults: faults{after: func(p *publisher, _ *registered, status int, _ error) string {
		if status == http.StatusGone {
			time.Sleep(500 * time.Millisecond) // the others have got this event by then
			p.mu.Lock()
			defer p.mu.Unlock()
			for id, s := range p.subs {
				if s.order < 2 {
					p.drop(s, id)
				}
			}
			return "stop"
		}
		return ""
	}}},
	{check: "unregister-status", mark: "unsubscribe", faults: faults{remove: func(p *publisher, w http.ResponseWriter, s *registered, id string) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if s != nil {
			p.drop(s, id)
			w.WriteHeader(http.StatusInternalServerError)
		}
		return s != nil
	}}},
	{check: "unregister-repeat", mark: "unsubscribe", faults: faults{remove: func(p *publisher, w http.ResponseWriter, s *registered, id string) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if s == nil && p.removed[id] {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}
		return false
	}}},
	{check: "unregister-unknown", mark: "unsubscribe", faults: faults{remove: func(p *publisher, w http.ResponseWriter, s *registered, id string) bool {
		if s == nil {
			w.WriteHeader(http.StatusNoContent)
		}
		return s == nil
	}}},
	{check: "unregister-stops", mark: "unsubscribe", faults: faults{remove: keep}},
	{check: "unregister-isolated", mark: "unsubscribe", faults: faults{remove: func(p *publisher, _ http.ResponseWriter, s *registered, _ string) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for id, other := range p.subs {
			if s != nil && other.path == "/hooks" && id != s.id {
				p.drop(other, id)
			}
		}
		return false
	}}},
	{check: "unregister-isolated", about: "and the others' DELETE is 404", mark: "unsubscribe", faults: faults{remove: func(p *publisher, w http.ResponseWriter, s *registered, id string) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if s == nil {
			w.WriteHeader(http.StatusNotFound)
			return true
		}
		for id, other := range p.subs {
			p.drop(other, id)
		}
		w.WriteHeader(http.StatusNoContent)
		return true
	}}},
	{check: "update-new-first", mark: "register", faults: faults{remove: func(p *publisher, _ http.ResponseWriter, s *registered, _ string) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for id, other := range p.subs {
			if s != nil && other.url == s.url && id != s.id {
				p.drop(other, id)
			}
		}
		return false
	}}},
	{check: "update-old-first", about: "silent", mark: "register", faults: faults{register: func(p *publisher, s *registered) {
		p.mu.Lock()
		defer p.mu.Unlock()
		s.ended = p.gone[s.url]
	}}},
	{check: "restart-survived", mark: "register", faults: faults{forgetful: true}},

	{check: "action-completed", trigger: "WaitForApproval", mark: "actionDelete", faults: faults{remove: func(p *publisher, w http.ResponseWriter, _ *registered, id string) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.fired[id] {
			w.WriteHeader(http.StatusConflict)
		}
		return p.fired[id]
	}}},
	{check: "action-cancelled", about: "not ended", trigger: "WaitForApproval", mark: "actionDelete", faults: faults{remove: keep}},
	{check: "action-cancelled", about: "404 for a wait that stands", trigger: "WaitForApproval", mark: "actionDelete", faults: faults{remove: func(_ *publisher, w http.ResponseWriter, s *registered, _ string) bool {
		if s == nil || s.order != 1 {
			return false
		}
		w.WriteHeader(http.StatusNotFound)
		return true
	}}},
	{check: "action-timeout", about: "resumed without an event", trigger: "WaitForApproval", mark: "actionContent", faults: faults{register: func(p *publisher, s *registered) {
		if s.order == 2 {
			p.lanes.Go(func() { p.send(s, []byte(`{"approved":true}`)) })
		}
	}}},
	{check: "action-timeout", about: "over before", trigger: "WaitForApproval", mark: "actionDelete", faults: faults{register: func(p *publisher, s *registered) {
		if s.order == 2 {
			p.mu.Lock()
			delete(p.subs, s.id)
			p.mu.Unlock()
		}
	}}},

	{check: "poll-first", about: "500", trigger: "OnChange", mark: "data", faults: faults{poll: func(_ *publisher, w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusInternalServerError)
		return true
	}}},
	{check: "poll-first", about: "old data", trigger: "OnChange", mark: "state", faults: faults{poll: func(p *publisher, w http.ResponseWriter, _ *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"id":"` + strconv.Itoa(len(p.items)) + `","total":1}`))
		return true
	}}},
	{check: "poll-location", about: "missing", trigger: "OnChange", mark: "state", faults: faults{poll: changed(func(r *record) {
		if r.status == http.StatusOK {
			r.header.Del("Location")
		}
	})}},
	{check: "poll-location", about: "another server", trigger: "OnChange", mark: "state", faults: faults{poll: changed(func(r *record) { r.header.Set("Location", "http://orders.example/") })}},
	{check: "poll-location", about: "without the state", trigger: "OnChange", mark: "state", faults: faults{poll: changed(func(r *record) {
		bare, _, _ := strings.Cut(r.header.Get("Location"), "?")
		r.header.Set("Location", bare)
	})}},
	{check: "poll-retry-after", trigger: "OnChange", mark: "state", faults: faults{poll: changed(func(r *record) {
		if r.status == http.StatusAccepted {
			r.header.Set("Retry-After", "soon")
		}
	})}},
	{check: "poll-empty", trigger: "OnChange", mark: "state", faults: faults{poll: changed(func(r *record) {
		if r.status == http.StatusAccepted {
			r.header.Set("Location", r.header.Get("Location")+"&at="+token())
		}
	})}},
	{check: "poll-received", trigger: "OnChange", mark: "data", faults: faults{publish: func(*publisher, []byte) bool { return true }}},
	{check: "poll-content-type", trigger: "OnChange", mark: "data", faults: faults{poll: answered(func(w http.ResponseWriter, item []byte) {
		w.Header().Set("Content-Type", "text/html")
		w.Write(item)
	})}},
	{check: "poll-shape", trigger: "OnChange", mark: "pollMode", faults: faults{poll: answered(func(w http.ResponseWriter, item []byte) { w.Write(slices.Concat([]byte("["), item, []byte("]"))) })}},
	{check: "poll-body", trigger: "OnChange", mark: "dataId", faults: faults{poll: answered(func(w http.ResponseWriter, item []byte) {
		w.Write(bytes.Replace(item, []byte(`"id": "`), []byte(`"total": 1, "id": 5, "was": "`), 1))
	})}},
	{check: "poll-fields", trigger: "OnChange", mark: "dataTotal", faults: faults{poll: answered(func(w http.ResponseWriter, item []byte) {
		w.Write(bytes.Replace(item, []byte(`"total"`), []byte(`"sum"`), 1))
	})}},
	{check: "poll-stateless", trigger: "OnChange", mark: "state", faults: faults{poll: func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		state, err := strconv.Atoi(r.URL.Query().Get("triggerState"))
		if err != nil || state >= len(p.items) {
			return false2(p, w, r)
		}
		if p.polls[r.RequestURI]++; p.polls[r.RequestURI] > 1 {
			p.change(w, len(p.items))
			return true
		}
		p.change(w, state)
		return true
	}}},
	{check: "poll-no-repeat", about: "the state stays", trigger: "OnChange", mark: "state", faults: faults{poll: func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		rec := &record{header: http.Header{}, status: http.StatusOK}
		false2(p, rec, r)
		if p.polls["given"]++; rec.status == http.StatusOK && strings.HasSuffix(rec.header.Get("Location"), "=1") && p.polls["one"] == 0 {
			p.polls["one"]++
			rec.header.Set("Location", p.URL+"/v1/changes?triggerState=0")
		}
		for name, values := range rec.header {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.status)
		w.Write(rec.body)
		return true
	}}},
	{check: "poll-order", about: "newest first", trigger: "OnChange", mark: "data", faults: faults{poll: func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		slices.Reverse(p.items)
		defer slices.Reverse(p.items)
		return false2(p, w, r)
	}}},
	{check: "poll-order", about: "the first is skipped", trigger: "OnChange", mark: "data", faults: faults{poll: func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		state, err := strconv.Atoi(r.URL.Query().Get("triggerState"))
		if err == nil && state < len(p.items) {
			state = len(p.items) - 1
			p.change(w, state)
			return true
		}
		return false2(p, w, r)
	}}},
	{check: "poll-drain", trigger: "OnChange", mark: "data", faults: faults{poll: changed(func(r *record) { r.header.Set("Retry-After", "15") })}},

	{check: "poll-received", about: "nothing new in the list", trigger: "OnOrderChanged", mark: "listData", faults: faults{publish: func(*publisher, []byte) bool { return true }}},
	{check: "poll-shape", about: "no array", trigger: "OnOrderChanged", mark: "listMode", faults: faults{list: func(p *publisher, w http.ResponseWriter, _ *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"count":` + strconv.Itoa(len(p.orders)) + `}`))
		return true
	}}},
	{check: "poll-body", about: "an array instead of the object", trigger: "OnOrderChanged", mark: "listSchema", faults: faults{list: func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(p.since(r.URL.Query().Get("since"), false))
		return true
	}}},
	{check: "poll-order", about: "oldest first", trigger: "OnOrderChanged", mark: "listData", faults: faults{list: func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		list := p.since(r.URL.Query().Get("since"), false)
		slices.Reverse(list)
		p.writeOrders(w, list)
		return true
	}}},
	{check: "poll-no-repeat", about: "since is inclusive", trigger: "OnOrderChanged", mark: "since", faults: faults{list: func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.writeOrders(w, p.since(r.URL.Query().Get("since"), true))
		return true
	}}},
	{check: "poll-empty", about: "an empty list is 404", trigger: "OnOrderChanged", mark: "listData", faults: faults{list: func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.since(r.URL.Query().Get("since"), false)) > 0 {
			return false2list(p, w, r)
		}
		w.WriteHeader(http.StatusNotFound)
		return true
	}}},
	{check: "poll-stateless", about: "a list is given once", trigger: "OnOrderChanged", mark: "list", faults: faults{list: func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		key := r.RequestURI + strconv.Itoa(len(p.orders))
		if p.polls[key]++; p.polls[key] == 2 && len(p.orders) > 1 {
			p.writeOrders(w, p.orders[:0])
			return true
		}
		return false2list(p, w, r)
	}}},
}

func false2list(p *publisher, w http.ResponseWriter, r *http.Request) bool {
	p.writeOrders(w, p.since(r.URL.Query().Get("since"), false))
	return true
}

// TestEmptyList: a publisher with states in its Locations may answer 200 with an
// empty list instead of 202.
func TestEmptyList(t *testing.T) {
	p := newPublisher(t, faults{poll: changed(func(r *record) {
		switch {
		case r.status == http.StatusAccepted:
			r.status, r.body = http.StatusOK, []byte("[]")
			r.header.Set("Content-Type", "application/json")
		case r.status == http.StatusOK:
			r.body = slices.Concat([]byte("["), r.body, []byte("]"))
		}
	})}, nil)
	inner := p.poll
	p.poll = func(p *publisher, w http.ResponseWriter, r *http.Request) bool {
		return r.URL.Query().Has("triggerState") && inner(p, w, r)
	}
	aim := target(t, p)
	c := connector.New("orders", source.ParseString("orders.yaml", strings.NewReplacer("x-ms-trigger: single #pollMode", "x-ms-trigger: batch",
		"schema: #dataSchema\n            type: object\n", "schema:\n            type: array\n            items: {type: object, required: [id], properties: {id: {type: string}, total: {type: integer}}}\n            x-rest:\n").Replace(definition)), nil)
	aim.Connector, aim.Triggers = c, []*connector.Trigger{c.Definition.Operation("OnChange").Trigger}
	for _, o := range verifyAll(t, aim).Triggers[0].Outcomes {
		if o.Status == verify.Failed || o.Status == verify.Skipped && o.Check.ID != "poll-drain" {
			t.Errorf("%s %s: %s", o.Check.ID, o.Status, o.Detail)
		}
	}
}

// TestOneEventEach: where an event resumes one wait, one is made for the wait that
// was cancelled; that there is none to resume is right.
func TestOneEventEach(t *testing.T) {
	for name, tt := range map[string]struct {
		faults faults
		want   verify.Status
	}{"ended": {faults{}, verify.Passed}, "kept": {faults{remove: keep}, verify.Failed}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPublisher(t, tt.faults, nil)
			aim := target(t, p, "WaitForApproval")
			aim.Fire = func(_ context.Context, e verify.Event) error {
				p.mu.Lock()
				defer p.mu.Unlock()
				for id, s := range p.subs {
					if s.url == e.CallbackURL {
						p.drop(s, id)
						s.ended = false
						p.lanes.Go(func() { p.deliver(s, e.Sample) })
						return nil
					}
				}
				return errors.New("no such wait")
			}
			report := verifyAll(t, aim)
			for _, o := range report.Triggers[0].Outcomes {
				cancelled := o.Check.ID == "action-cancelled"
				if cancelled && o.Status != tt.want || !cancelled && o.Status == verify.Failed {
					t.Errorf("%s %s: %s", o.Check.ID, o.Status, o.Detail)
				}
			}
			if len(report.Problems) > 0 {
				t.Error(report.Problems)
			}
		})
	}
}

// TestOtherDefinition: the identifier of a registration may stand in the query,
// behind a path that has a parameter of its own; and a payload may hold its own
// like, which ends somewhere.
func TestOtherDefinition(t *testing.T) {
	text := strings.Replace(definition, "[{name: id, in: path, required: true, type: string}]", "[{name: region, in: path, required: true, type: string}, {name: id, in: query, required: true, type: string}]", 1)
	text = strings.NewReplacer("  /hooks/{id}:\n", "  /hooks/removed/{region}:\n", "      total: #total\n", "      parent: {$ref: '#/definitions/Order'}\n      total:\n").Replace(text)
	p := newPublisher(t, faults{answer: located(func(base string, s *registered) string { return base + "/hooks/removed/eu?id=" + s.id })}, nil)
	inner := p.Config.Handler
	p.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			r.URL.Path = "/v1/hooks/" + r.URL.Query().Get("id")
		}
		inner.ServeHTTP(w, r)
	})
	aim := target(t, p)
	aim.Connector = connector.New("orders", source.ParseString("orders.yaml", text), nil)
	aim.Triggers = []*connector.Trigger{aim.Connector.Definition.Operation("OnOrder").Trigger}
	for _, o := range verifyAll(t, aim).Triggers[0].Outcomes {
		if o.Status == verify.Failed || o.Status == verify.Skipped && o.Check.ID != "notify-tls" {
			t.Errorf("%s %s: %s", o.Check.ID, o.Status, o.Detail)
		}
	}
}

// TestThrottled: a publisher may limit how many registrations come at once.
func TestThrottled(t *testing.T) {
	p := newPublisher(t, faults{}, nil)
	inner, count := p.Config.Handler, atomic.Int64{}
	p.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && count.Add(1)%7 == 6 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		inner.ServeHTTP(w, r)
	})
	for _, trigger := range verifyAll(t, target(t, p, "OnOrder", "WaitForApproval")).Triggers {
		for _, o := range trigger.Outcomes {
			if o.Status == verify.Failed {
				t.Errorf("%s: %s", o.Check.ID, o.Detail)
			}
		}
	}
	if p.live() > 0 || count.Load() < 20 {
		t.Errorf("%d registrations are left of %d", p.live(), count.Load())
	}
}

// keep answers a DELETE as it should be and does nothing.
func keep(p *publisher, w http.ResponseWriter, s *registered, id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s == nil && !p.removed[id] {
		return false
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// twice sends everything once more after it was taken.
func twice() func(*publisher, *registered, int, error) string {
	return func(p *publisher, s *registered, status int, _ error) string {
		p.mu.Lock()
		defer p.mu.Unlock()
		key := "taken " + s.id
		if status != http.StatusAccepted || p.polls[key] > 0 {
			return ""
		}
		p.polls[key]++
		return "again"
	}
}

// oneByOne sends to each subscriber when the one before is done, and repeats
// afterwards.
func oneByOne(p *publisher, list []*registered, body []byte) {
	slices.SortFunc(list, func(a, b *registered) int { return a.order - b.order })
	for _, s := range list {
		status, pause, err := p.send(s, body)
		switch {
		case status == http.StatusGone:
			p.mu.Lock()
			p.drop(s, s.id)
			p.mu.Unlock()
		case err != nil || status >= 429:
			p.lanes.Go(func() {
				select {
				case <-p.done.Done():
				case <-time.After(max(pause, p.pause)):
					p.deliver(s, body)
				}
			})
		}
	}
}

// TestFaults gives each publisher one fault, and expects one check to fail, at
// one line, and every other to pass or to say why it saw nothing.
func TestFaults(t *testing.T) {
	tested := map[string]bool{}
	for _, tt := range table {
		tested[tt.check] = true
	}
	together(t, table, func(tt faulty) string { return tt.check + " " + tt.about }, func(t *testing.T, tt faulty) {
		p := newPublisher(t, tt.faults, nil)
		trigger := tt.trigger
		if trigger == "" {
			trigger = "OnOrder"
		}
		aim := target(t, p, trigger)
		if tt.tls {
			settings, _, err := verify.PlatformTLS()
			if err != nil {
				t.Fatal(err)
			}
			aim.TLS = settings
		}
		report := verifyAll(t, aim)
		failures := 0
		for _, o := range report.Triggers[0].Outcomes {
			if o.Status != verify.Failed {
				continue
			}
			if failures++; o.Check.ID != tt.check {
				t.Errorf("%s failed: %s", o.Check.ID, o.Detail)
				continue
			}
			found := o.Findings[0]
			if got, want := found.File.Position(found.Range.Start).Line, line(t, tt.mark); got != want || len(o.Findings) != 1 {
				t.Errorf("%d findings, the first in line %d, want line %d (%s): %s", len(o.Findings), got, want, tt.mark, found.Message)
			}
			if !strings.Contains(found.Hint, tt.hint) {
				t.Errorf("the hint is %q, expected %q in it", found.Hint, tt.hint)
			}
			if found.Message == "" || found.Severity != o.Check.Severity || len(found.Related) == 0 && !tt.tls {
				t.Errorf("incomplete: %+v", found)
			}
		}
		if failures == 0 {
			t.Error("nothing was found")
		}
	})
	for _, c := range verify.Checks() {
		if !tested[c.ID] {
			t.Errorf("no publisher breaks %s", c.ID)
		}
	}
}

// together runs cases at the same time, more of them than there are processors:
// they mostly wait.
func together[T any](t *testing.T, cases []T, name func(T) string, run func(*testing.T, T)) {
	var wg sync.WaitGroup
	room := make(chan bool, 12)
	for _, c := range cases {
		room <- true
		wg.Go(func() {
			defer func() { <-room }()
			t.Run(name(c), func(t *testing.T) { run(t, c) })
		})
	}
	wg.Wait()
}
