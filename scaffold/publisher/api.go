package publisher

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const maxDepth = 100 // of JSON

// Problem answers with a problem document (RFC 9457). The detail never repeats
// what the request brought.
func Problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "status": status, "detail": detail})
}

// refusal is an error that answers a request.
type refusal struct {
	status int
	detail string
}

func (e *refusal) Error() string { return e.detail }

// refuseRequest answers with an error, of which only what is ours is shown.
func (s *Server) refuseRequest(w http.ResponseWriter, err error) {
	var refused *refusal
	var invalid *InvalidError
	switch {
	case errors.As(err, &refused):
		if refused.status == http.StatusRequestEntityTooLarge {
			w.Header().Set("Connection", "close")
		}
		if refused.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1")
		}
		Problem(w, refused.status, refused.detail)
	case errors.As(err, &invalid):
		Problem(w, http.StatusUnprocessableEntity, invalid.Error())
	case errors.Is(err, ErrTooLarge):
		Problem(w, http.StatusRequestEntityTooLarge, err.Error())
	case errors.Is(err, ErrConflict):
		Problem(w, http.StatusConflict, err.Error())
	case errors.Is(err, ErrNoTarget):
		Problem(w, http.StatusBadRequest, err.Error())
	case errors.Is(err, ErrUnknownTrigger), errors.Is(err, ErrNoRegistration):
		Problem(w, http.StatusNotFound, err.Error())
	default:
		s.log.Error("request", "error", err.Error())
		Problem(w, http.StatusServiceUnavailable, "the database does not answer")
	}
}

// register serves a registration: 201 and a Location that is its own, once the
// row is on the disk (docs: create-webhook-trigger). Two with the same callback
// are two, for the platform registers anew before it deletes the old one.
func (s *Server) register(w http.ResponseWriter, r *http.Request, t *trigger, who string) {
	n, err := s.readRegistration(r, t, who)
	if err == nil {
		err = s.withinQuota(r.Context(), who)
	}
	if err != nil {
		s.refuseRequest(w, err)
		return
	}
	id := newID()
	n.idHash = hashID(id)
	n.callback = s.seal.seal(string(n.callback), n.idHash)
	now := s.now()
	pk, err := s.store.register(r.Context(), n, now)
	if err != nil {
		s.refuseRequest(w, err)
		return
	}
	s.log.Info("registered", "trigger", t.ID, "subscription", pk, "host", n.host)
	s.registered(Registration{Ref: pk, Trigger: t.ID, Principal: who, Params: json.RawMessage(n.params), Created: now})
	w.Header().Set("Location", s.o.PublicURL+t.location.of(r, id))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusCreated)
}

// readRegistration checks all that a registration brings. The subscription's
// callback is still plain.
func (s *Server) readRegistration(r *http.Request, t *trigger, who string) (n subscription, err error) {
	if !s.limits.allow(who) {
		return n, &refusal{http.StatusTooManyRequests, "too many registrations at a time"}
	}
	data, err := readBody(r, s.o.MaxRegistration)
	if err != nil {
		return n, err
	}
	body, err := decodeStrict(data)
	if err != nil {
		return n, err
	}
	callback, err := findCallback(body, t.Callback)
	if err != nil {
		return n, err
	}
	if n.host, err = s.policy.check(callback); err != nil {
		return n, &refusal{http.StatusUnprocessableEntity, err.Error()}
	}
	if err := validate(t.body, body); err != nil {
		return n, err
	}
	if err := t.checkFields(body); err != nil {
		return n, err
	}
	params, err := t.readParams(r)
	if err != nil {
		return n, err
	}
	params["body"] = body
	without(params, callback) // what is left is shown to the owner
	if m, isObject := body.(map[string]any); isObject && len(m) == 0 {
		delete(params, "body")
	}
	text, err := json.Marshal(params)
	hash := sha256.Sum256(text)
	n.trigger, n.principal, n.once, n.params, n.paramsHash = t.ID, who, t.Once, string(text), hash[:]
	n.callback, n.callbackHash = []byte(callback), s.store.hashCallback(callback)
	return n, err
}

// readBody reads a JSON body of limited size.
func readBody(r *http.Request, limit int) ([]byte, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return nil, &refusal{http.StatusUnsupportedMediaType, "the body is not application/json"}
	}
	tooLarge := &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", limit)}
	if r.ContentLength > int64(limit) {
		return nil, tooLarge
	}
	data, err := io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "the body ends too early"}
	}
	if len(data) > limit {
		return nil, tooLarge
	}
	return data, nil
}

// decodeStrict decodes JSON as two programs can only read it alike: UTF-8, no
// name twice, nothing behind it, not too deep (RFC 8259, sections 4 and 8).
func decodeStrict(data []byte) (any, error) {
	if !utf8.Valid(data) {
		return nil, &refusal{http.StatusBadRequest, "the body is not UTF-8"}
	}
	if !json.Valid(data) {
		return nil, &refusal{http.StatusBadRequest, "the body is not valid JSON"}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return decodeValue(d, 0)
}

func decodeValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	switch open, _ := token.(json.Delim); {
	case err != nil:
		return nil, &refusal{http.StatusBadRequest, "the body is not valid JSON"}
	case depth > maxDepth:
		return nil, &refusal{http.StatusBadRequest, "the body is nested too deeply"}
	case open == '[':
		items := []any{}
		for d.More() {
			item, err := decodeValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		_, err = d.Token()
		return items, err
	case open == '{':
		members := map[string]any{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			name, _ := key.(string)
			if _, twice := members[name]; twice {
				return nil, &refusal{http.StatusBadRequest, "an object of the body has the same name twice"}
			}
			if members[name], err = decodeValue(d, depth+1); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
		return members, err
	}
	if number, isNumber := token.(json.Number); isNumber && !isSane(number.String()) {
		return nil, &refusal{http.StatusBadRequest, "the body has a number that is out of all proportion"}
	}
	return token, nil
}

// isSane keeps arithmetic with a number cheap: 1e999999 is short and large.
func isSane(number string) bool {
	digits, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	return len(digits) <= 400 && len(exponent) <= 4
}

// findCallback returns the callback URL in a body. The platform fills each field
// that takes it with the same one, so that two are a mistake: whichever was
// called, the other flow would wait in vain.
func findCallback(body any, fields [][]string) (string, error) {
	missing := &refusal{http.StatusUnprocessableEntity, fmt.Sprintf("the body has no callback URL in %q", strings.Join(fields[0], "."))}
	callback := ""
	for _, path := range fields {
		for _, value := range valuesAt(body, path) {
			text, isText := value.(string)
			switch {
			case value == nil || value == "" || value == callback:
			case !isText:
				return "", missing
			case callback != "":
				return "", &refusal{http.StatusUnprocessableEntity, "the body has two callback URLs that differ"}
			default:
				callback = text
			}
		}
	}
	if callback == "" {
		return "", missing
	}
	return callback, nil
}

// valuesAt returns what a body has at the end of a path.
func valuesAt(value any, path []string) (values []any) {
	if len(path) == 0 {
		return []any{value}
	}
	switch value := value.(type) {
	case map[string]any:
		if member, has := value[path[0]]; has {
			return valuesAt(member, path[1:])
		}
	case []any:
		for _, item := range value {
			if path[0] == "[]" {
				values = append(values, valuesAt(item, path[1:])...)
			}
		}
	}
	return values
}

// without takes a secret out of a value, wherever it stands.
func without(value any, secret string) any {
	switch v := value.(type) {
	case string:
		if v == secret {
			return nil
		}
	case map[string]any:
		for name, member := range v {
			if member == secret {
				delete(v, name)
			} else {
				v[name] = without(member, secret)
			}
		}
	case []any:
		for i := range v {
			v[i] = without(v[i], secret)
		}
	}
	return value
}

func (t *trigger) checkFields(body any) error {
	members, _ := body.(map[string]any)
	if t.Fields == nil {
		return nil
	}
	known := map[string]bool{}
	for _, name := range t.Fields {
		known[name] = true
	}
	for name := range members {
		if !known[name] {
			return &refusal{http.StatusUnprocessableEntity, "the body has a field that the definition does not know"}
		}
	}
	return nil
}

// readParams reads the parameters that are not in the body.
func (t *trigger) readParams(r *http.Request) (map[string]any, error) {
	params := map[string]any{}
	query := r.URL.Query()
	for i, p := range t.Params {
		given := map[string][]string{"query": query[p.Name], "header": r.Header.Values(p.Name)}[p.In]
		if p.In == "path" {
			given = []string{r.PathValue(p.Name)}
		}
		if len(given) == 0 || len(given) == 1 && given[0] == "" {
			if p.Required {
				return nil, &refusal{http.StatusUnprocessableEntity, fmt.Sprintf("the %s parameter %q is missing", p.In, p.Name)}
			}
			continue
		}
		value, ok := p.Convert(given)
		detail := "it is not of type " + p.Type
		if ok {
			var invalid *InvalidError
			if err := validate(t.params[i], value); errors.As(err, &invalid) {
				ok, detail = false, invalid.Message
			}
		}
		if !ok {
			return nil, &refusal{http.StatusUnprocessableEntity, fmt.Sprintf("the %s parameter %q: %s", p.In, p.Name, detail)}
		}
		group, _ := params[p.In].(map[string]any)
		if group == nil {
			group = map[string]any{}
			params[p.In] = group
		}
		group[p.Name] = value
	}
	return params, nil
}

// Convert reads the values that a request gives for a parameter: json.Number for
// numbers, bool, string, or a list of these. It is false for what is not of the
// declared type.
func (p Param) Convert(given []string) (any, bool) {
	if p.Type != "array" {
		return convert(p.Type, given[0])
	}
	if p.Split != "" {
		given = strings.Split(given[0], p.Split)
	}
	items := []any{}
	for _, text := range given {
		item, ok := convert(p.Items, text)
		if !ok {
			return nil, false
		}
		items = append(items, item)
	}
	return items, true
}

func convert(kind, text string) (any, bool) {
	switch kind {
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		return json.Number(strconv.FormatInt(n, 10)), err == nil // "+5" and "007" are no JSON
	case "number":
		n, err := strconv.ParseFloat(text, 64)
		return json.Number(strconv.FormatFloat(n, 'g', -1, 64)), err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
	case "boolean":
		b, err := strconv.ParseBool(text)
		return b, err == nil
	}
	return text, true
}

// withinQuota counts the subscriptions of a principal, at most once a second.
func (s *Server) withinQuota(ctx context.Context, who string) error {
	s.limits.mu.Lock()
	c := s.limits.counts[who]
	s.limits.mu.Unlock()
	if now := s.now(); now.Sub(c.at) > time.Second {
		c.at = now
		if err := s.store.read.QueryRowContext(ctx, s.store.rebind("SELECT count(*) FROM subscriptions WHERE principal = ? AND state < 2"), who).Scan(&c.subscriptions); err != nil {
			return err
		}
	}
	c.subscriptions++
	s.limits.mu.Lock()
	defer s.limits.mu.Unlock()
	if len(s.limits.counts) >= maxPrincipals {
		clear(s.limits.counts)
	}
	s.limits.counts[who] = c
	if c.subscriptions > s.o.Quota {
		return &refusal{http.StatusForbidden, "there are too many subscriptions"}
	}
	return nil
}

// unregister serves the DELETE of a Location. Whoever has the Location may:
// the platform does not promise to send credentials with it. Repeated it
// answers the same; what was never issued is 404 for everyone, and slowly.
func (s *Server) unregister(w http.ResponseWriter, r *http.Request, l location) {
	who := ""
	if s.o.StrictDelete && s.o.Auth != nil {
		var err error
		if who, err = s.o.Auth.Authenticate(r); err != nil {
			s.unauthorized(w)
			return
		}
	}
	pk, err := s.store.unregister(r.Context(), hashID(l.id(r)), who, s.now(), s.handOver())
	switch {
	case errors.Is(err, sql.ErrNoRows) && !s.limits.unknowns.Allow():
		s.refuseRequest(w, &refusal{http.StatusTooManyRequests, "too many requests for what is not there"})
	case errors.Is(err, sql.ErrNoRows):
		Problem(w, http.StatusNotFound, "there is no such registration")
	case err != nil:
		s.refuseRequest(w, err)
	default:
		s.dropped.Store(pk, true)
		s.ring()
		s.log.Info("unregistered", "subscription", pk)
		w.WriteHeader(http.StatusNoContent)
	}
}

// location is where a registration can be deleted.
type location struct {
	path  string // template
	query string // name of the query parameter with the id, "" if the path has it
	rest  string // the query's template
}

const subscriptionID = "{subscription}"

func parseLocation(template string) (l location, err error) {
	l.path, l.rest, _ = strings.Cut(template, "?")
	if strings.Contains(l.path, subscriptionID) {
		return l, nil
	}
	for part := range strings.SplitSeq(l.rest, "&") {
		if name, value, _ := strings.Cut(part, "="); value == subscriptionID {
			l.query, err = url.QueryUnescape(name)
			return l, err
		}
	}
	return l, fmt.Errorf("location %q has no %s", template, subscriptionID)
}

// of returns the Location of a registration.
func (l location) of(r *http.Request, id string) string {
	var b strings.Builder
	for i, part := range strings.Split(l.path, "{") {
		if name, rest, closed := strings.Cut(part, "}"); i > 0 && closed && "{"+name+"}" == subscriptionID {
			b.WriteString(id + rest)
		} else if i > 0 && closed {
			b.WriteString(url.PathEscape(r.PathValue(name)) + rest)
		} else {
			b.WriteString((&url.URL{Path: part}).EscapedPath())
		}
	}
	if l.rest != "" {
		b.WriteString("?" + l.queryOf(r, id))
	}
	return b.String()
}

// queryOf fills in the query's template.
func (l location) queryOf(r *http.Request, id string) string {
	parts := strings.Split(l.rest, "&")
	for i, part := range parts {
		name, value, open := strings.Cut(part, "={")
		switch {
		case value == "subscription}":
			parts[i] = name + "=" + id
		case open:
			parts[i] = name + "=" + url.QueryEscape(parameterOf(r, strings.TrimSuffix(value, "}")))
		}
	}
	return strings.Join(parts, "&")
}

// parameterOf returns a parameter of a registration by its escaped name.
func parameterOf(r *http.Request, escaped string) string {
	name, _ := url.QueryUnescape(escaped)
	if query := r.URL.Query(); query.Has(name) {
		return query.Get(name)
	}
	return r.PathValue(name)
}

func (l location) id(r *http.Request) string {
	if l.query != "" {
		return r.URL.Query().Get(l.query)
	}
	return r.PathValue("subscription")
}
