package verify_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/sample"
	"github.com/connectorctl/connectorctl/connector/verify"
)

// mock is a correct publisher of one webhook of a definition that nobody has
// looked at: what it serves is read from the definition.
type mock struct {
	*publisher
	trigger *connector.Trigger
	base    string // the definition's basePath
	path    *regexp.Regexp
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

func newMock(t testing.TB, trigger *connector.Trigger) *mock {
	t.Helper()
	p := newPublisher(t, faults{}, nil)
	root := trigger.Operation.Node.File().Root()
	base, _ := root.Get("basePath").Str()
	m := &mock{publisher: p, trigger: trigger, base: strings.TrimSuffix(base, "/")}
	var pattern strings.Builder
	pattern.WriteString("^" + regexp.QuoteMeta(m.base))
	rest := withoutQuery(trigger.Operation.Path)
	for _, name := range placeholder.FindAllString(rest, -1) {
		before, after, _ := strings.Cut(rest, name)
		pattern.WriteString(regexp.QuoteMeta(before) + "([^/]*)")
		rest = after
	}
	m.path = regexp.MustCompile(pattern.String() + regexp.QuoteMeta(rest) + "$")
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Server.Close)
	return m
}

func withoutQuery(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

func (m *mock) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o := m.trigger.Operation
	values := m.path.FindStringSubmatch(r.URL.Path)
	switch {
	case r.Method == http.MethodDelete && !strings.EqualFold(o.Method, r.Method):
		m.unregister(w, r)
	case values != nil && strings.EqualFold(r.Method, o.Method):
		m.registerAt(w, r, values[1:])
	default:
		http.NotFound(w, r)
	}
}

// registerAt stores the callback, and gives out a Location on the path of the
// DELETE, of which the last parameter is the registration's id.
func (m *mock) registerAt(w http.ResponseWriter, r *http.Request, values []string) {
	var body any
	if json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&body) != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	for _, step := range m.trigger.Callbacks[0].Path {
		if list, ok := body.([]any); ok && len(list) > 0 {
			body = list[0]
		}
		if object, ok := body.(map[string]any); ok && step.Name != "" {
			body = object[step.Name]
		}
	}
	target, _ := body.(string)
	if u, err := url.Parse(target); err != nil || u.Host == "" {
		http.Error(w, "no callback URL", http.StatusUnprocessableEntity)
		return
	}
	location := m.location(values)
	m.mu.Lock()
	m.subs[location] = &registered{id: location, url: target, path: m.trigger.Operation.ID, order: m.count}
	m.count++
	m.mu.Unlock()
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusCreated)
}

// location makes a URL of the DELETE: a new id is its last parameter in the path,
// or in the query.
func (m *mock) location(values []string) string {
	u := m.trigger.Unsubscribe
	path, id, query := m.base+withoutQuery(u.Path), token(), url.Values{}
	names := placeholder.FindAllString(path, -1)
	for i, name := range names {
		value := "x"
		if i == len(names)-1 {
			value = id
		} else if i < len(values) {
			value = values[i]
		}
		path = strings.Replace(path, name, value, 1)
	}
	for _, p := range u.Parameters() {
		if p.In() == "query" {
			query.Set(p.Name(), id)
		}
	}
	if len(names)+len(query) == 0 {
		query.Set("id", id)
	}
	return (&url.URL{Path: path, RawQuery: query.Encode()}).String()
}

func (m *mock) unregister(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.subs[r.RequestURI]
	if s == nil && !m.removed[r.RequestURI] {
		http.NotFound(w, r)
		return
	}
	m.drop(s, r.RequestURI)
	w.WriteHeader(http.StatusNoContent)
}

func (m *mock) publishTo(body []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.subs {
		if m.trigger.Delivery == connector.WebhookAction {
			m.drop(s, s.id)
			s.ended = false // its one notification is still due
		}
		m.lanes.Go(func() { m.deliver(s, body) })
	}
}

// TestRealPublishers verifies mocks of real definitions, one webhook of each, and
// finds nothing.
func TestRealPublishers(t *testing.T) {
	triggers := realWebhooks(t)
	t.Parallel()
	together(t, triggers, func(tr *connector.Trigger) string { return filepath.Base(filepath.Dir(tr.Operation.Node.File().Name)) }, func(t *testing.T, tr *connector.Trigger) {
		m := newMock(t, tr)
		base, err := url.Parse(m.URL)
		if err != nil {
			t.Fatal(err)
		}
		report := verifyAll(t, verify.Target{
			Connector: connector.New("real", tr.Operation.Node.File(), nil), Triggers: []*connector.Trigger{tr}, URL: base, Times: quick,
			Fire:    func(_ context.Context, e verify.Event) error { m.publishTo(e.Sample); return nil },
			Restart: m.restart,
		})
		passed := 0
		for _, o := range report.Triggers[0].Outcomes {
			switch o.Status {
			case verify.Passed:
				passed++
			case verify.Failed:
				t.Errorf("%s %s: %s", tr.Operation.Name(), o.Check.ID, o.Detail)
			}
		}
		if passed < 20 || len(report.Problems) > 0 || len(report.Left) > 0 {
			t.Errorf("%s: only %d checks passed, %v, %v", tr.Operation.Name(), passed, report.Problems, report.Left)
		}
	})
	t.Logf("%d definitions", len(triggers))
	if len(triggers) < 20 {
		t.Errorf("only %d definitions", len(triggers))
	}
}

// realWebhooks takes the first webhook with a DELETE and a payload that can be
// made of every second definition that has one.
func realWebhooks(t *testing.T) (chosen []*connector.Trigger) {
	root := os.Getenv("CONNECTORCTL_CORPUS")
	if root == "" {
		t.Skip("CONNECTORCTL_CORPUS is not set")
	}
	units, err := connector.Find([]string{filepath.Join(root, "connectors")})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, u := range units {
		c, err := connector.Load(u)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Definition.File.Problems) > 0 {
			continue
		}
		for _, tr := range c.Definition.Triggers() {
			if tr.Delivery == connector.Polling || len(tr.Callbacks) == 0 || tr.Unsubscribe == nil || tr.Payload().IsDynamic() {
				continue
			}
			if tr.Payload().Resolved().Node.Get("example").Exists() {
				continue // the author's example, which need not have every field
			}
			if _, err := sample.Of(tr.Payload(), sample.Options{}); err != nil {
				continue
			}
			if n++; n%2 == 0 {
				chosen = append(chosen, tr)
			}
			break
		}
	}
	return chosen
}
