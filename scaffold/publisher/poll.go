package publisher

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

type poll struct {
	Poll
	payload *jsonschema.Schema
}

const (
	pollState = "triggerState" // the query parameter of Location that holds the state
	pollAfter = "15"           // seconds until the platform asks again, when there is nothing
	pollBatch = 100            // items an answer
)

func (s *Server) addPoll(p Poll) error {
	schema, err := compileSchema(p.Payload)
	if err != nil {
		return err
	}
	if p.Source == nil {
		p.Source = &feed{s.store, p.ID}
	}
	s.polls[p.ID] = &poll{p, schema}
	s.routes.add(p.Method, p.Path, s.authenticated(p.Security, func(w http.ResponseWriter, r *http.Request, _ string) { s.servePoll(w, r, p) }))
	return nil
}

// servePoll answers a polling trigger (docs: create-polling-trigger). The
// state travels in Location and nowhere else: without one, 202 sets the
// beginning and starts nothing; with one, 202 says that there is nothing new,
// and 200 brings what is new, each item once, with the state behind it.
func (s *Server) servePoll(w http.ResponseWriter, r *http.Request, p Poll) {
	query := r.URL.Query()
	state, limit := query.Get(pollState), pollBatch
	if p.Single {
		limit = 1
	}
	var items []json.RawMessage
	var err error
	if state == "" {
		state, err = p.Source.Now(r.Context(), r)
	} else {
		items, state, err = p.Source.After(r.Context(), r, state, limit)
	}
	if err != nil {
		s.refuseRequest(w, err)
		return
	}
	maps.DeleteFunc(query, func(name string, _ []string) bool { // the platform sends its own again
		return slices.ContainsFunc(s.o.Credentials, func(known string) bool { return strings.EqualFold(known, name) })
	})
	query.Set(pollState, state)
	w.Header().Set("Location", s.o.PublicURL+r.URL.EscapedPath()+"?"+query.Encode())
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Retry-After", pollAfter)
	if len(items) == 0 {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if len(items) == limit {
		w.Header().Set("Retry-After", "0") // there may be more
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(p.answer(items))
}

// answer puts items where the definition has them.
func (p Poll) answer(items []json.RawMessage) any {
	var answer any = items
	if p.Single {
		answer = items[0]
	}
	for i := len(p.Items) - 1; i >= 0; i-- {
		answer = map[string]any{p.Items[i]: answer}
	}
	return answer
}

// feed is the Source of what was published: the state is the number of the
// last event.
type feed struct {
	store   *Store
	trigger string
}

func (f *feed) Now(ctx context.Context, _ *http.Request) (state string, err error) {
	var last int64
	err = f.store.read.QueryRowContext(ctx, f.store.rebind("SELECT COALESCE(MAX(seq), 0) FROM events WHERE trigger_id = ?"), f.trigger).Scan(&last)
	return strconv.FormatInt(last, 10), err
}

func (f *feed) After(ctx context.Context, _ *http.Request, state string, limit int) (items []json.RawMessage, next string, err error) {
	last, err := strconv.ParseInt(state, 10, 64)
	if err != nil || last < 0 {
		return nil, "", &refusal{http.StatusBadRequest, "the state is not one that this service gave"}
	}
	rows, err := f.store.read.QueryContext(ctx, f.store.rebind("SELECT seq, body FROM events WHERE trigger_id = ? AND seq > ? ORDER BY seq LIMIT ?"), f.trigger, last, limit)
	err = eachRow(rows, err, func(r *sql.Rows) error {
		var body []byte
		err := r.Scan(&last, &body)
		items = append(items, body)
		return err
	})
	return items, strconv.FormatInt(last, 10), err
}
