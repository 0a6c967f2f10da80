package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/sample"
	"github.com/connectorctl/connectorctl/connector/source"
)

// form is a call of an operation, filled in as the platform would: with what
// the user gave, with defaults, and, where a value is required and nobody gave
// one, with one that satisfies the definition.
type form struct {
	method string
	url    *url.URL
	header http.Header
	body   any      // nil: none
	madeUp []string // names of required values that nobody gave
}

// basePath is what stands before the paths of the definition.
func (r *run) basePath() string {
	path := strings.TrimRight(r.URL.EscapedPath(), "/")
	if path == "" {
		declared, _ := r.Connector.Definition.Root.Get("basePath").Str()
		path = strings.TrimRight(declared, "/")
	}
	if path != "" && path[0] != '/' {
		path = "/" + path
	}
	return path
}

// fill makes the call of an operation.
func (s *session) fill(o *connector.Operation) (*form, error) {
	f := &form{method: strings.ToUpper(o.Method), header: http.Header{"Accept": {"application/json"}}}
	path, fixed, _ := strings.Cut(o.Path, "?")
	var query []string
	if fixed != "" {
		query = append(query, fixed)
	}
	for _, p := range o.Parameters() {
		if p.In() == "body" {
			continue
		}
		values, err := s.parameter(f, p)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			switch p.In() {
			case "path":
				path = strings.ReplaceAll(path, "{"+p.Name()+"}", url.PathEscape(v))
			case "query":
				query = append(query, url.QueryEscape(p.Name())+"="+url.QueryEscape(v))
			case "header":
				f.header.Add(p.Name(), v)
			}
		}
	}
	address := s.URL.Scheme + "://" + s.URL.Host + s.basePath() + path
	if len(query) > 0 {
		address += "?" + strings.Join(query, "&")
	}
	var err error
	if f.url, err = url.Parse(address); err != nil {
		return nil, fmt.Errorf("path %q makes no URL", o.Path)
	}
	return f, s.fillBody(f, o)
}

// parameter returns what to send for a parameter outside of the body.
func (s *session) parameter(f *form, p connector.Parameter) ([]string, error) {
	value, given := s.Inputs[p.Name()]
	if !given {
		standard := p.Node.Get("default")
		switch {
		case standard.Exists():
			value = standard.Value()
		case !p.Required():
			return nil, nil
		default:
			made, err := sample.Of(s.Connector.Definition.Schema(p.Node), sample.Options{Required: true})
			if err != nil {
				return nil, fmt.Errorf("parameter %q: %w", p.Name(), err)
			}
			value = made.Value
			f.madeUp = append(f.madeUp, p.Name())
		}
	}
	list, isList := value.([]any)
	if !isList {
		return []string{plain(value)}, nil
	}
	var items []string
	for _, item := range list {
		items = append(items, plain(item))
	}
	format, _ := p.Node.Get("collectionFormat").Str()
	if format == "multi" {
		return items, nil
	}
	separator := map[string]string{"ssv": " ", "tsv": "\t", "pipes": "|"}[format]
	if separator == "" {
		separator = ","
	}
	return []string{strings.Join(items, separator)}, nil
}

// plain writes a value as it stands in a URL or a header.
func plain(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

func (s *session) fillBody(f *form, o *connector.Operation) error {
	body := o.Body()
	if !body.Node.Exists() {
		return nil
	}
	schema := body.Schema()
	f.body = map[string]any{}
	if !schema.IsDynamic() {
		made, err := sample.Of(schema, sample.Options{Required: true})
		if err != nil {
			return fmt.Errorf("the body: %w", err)
		}
		f.body = made.Value
	}
	for p := range schema.Properties() {
		_, given := s.Inputs[p.Name]
		if schema.Requires(p.Name) && !given && !p.Schema.Resolved().Node.Get("default").Exists() && !s.holdsCallback(p.Schema) {
			f.madeUp = append(f.madeUp, p.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Inputs)) {
		if !isParameter(o, name) && schema.Property(firstOf(name)).Exists() {
			f.body = sample.Set(f.body, strings.Split(name, "."), s.Inputs[name])
		}
	}
	return nil
}

func firstOf(name string) string {
	first, _, _ := strings.Cut(name, ".")
	return first
}

func isParameter(o *connector.Operation, name string) bool {
	return slices.ContainsFunc(o.Parameters(), func(p connector.Parameter) bool { return p.In() != "body" && p.Name() == name })
}

// holdsCallback reports whether the callback field lies in a property.
func (s *session) holdsCallback(property connector.Schema) bool {
	for _, c := range s.trigger.Callbacks {
		for _, step := range c.Path {
			if step.Property.Node == property.Node {
				return true
			}
		}
	}
	return false
}

// Takes reports whether an operation has a place for an input.
func Takes(o *connector.Operation, name string) bool {
	return isParameter(o, name) || o.Body().Schema().Property(firstOf(name)).Exists()
}

// remove takes a value out of a body.
func remove(from any, path []string) {
	if list, ok := from.([]any); ok && len(list) > 0 && path[0] == "" {
		remove(list[0], path[1:])
		return
	}
	object, ok := from.(map[string]any)
	switch {
	case !ok || len(path) == 0:
	case len(path) == 1:
		delete(object, path[0])
	default:
		remove(object[path[0]], path[1:])
	}
}

// registration makes the call that registers a callback URL; an empty one is
// left out.
func (s *session) registration(callbackURL string) (*form, error) {
	f, err := s.fill(s.trigger.Operation)
	if err != nil {
		return nil, err
	}
	if len(s.trigger.Callbacks) == 0 {
		return nil, errNoCallback
	}
	for _, c := range s.trigger.Callbacks { // the platform fills each that is marked
		f.body = sample.Set(f.body, c.Names(), callbackURL)
		if callbackURL == "" {
			remove(f.body, c.Names())
		}
	}
	f.header.Set("Content-Type", "application/json")
	return f, nil
}

// text is the body as it is sent.
func (f *form) text() []byte {
	if f.body == nil {
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // the callback URL as the platform writes it
	if e.Encode(f.body) != nil {
		return nil // it was made of JSON
	}
	return bytes.TrimSpace(b.Bytes())
}

// template is the path of an operation, to be compared with that of a URL.
func (r *run) template(o *connector.Operation) []string {
	path, _, _ := strings.Cut(o.Path, "?")
	return strings.Split(strings.TrimPrefix(r.basePath()+path, "/"), "/")
}

// match compares a URL's path with a template, whatever the URL has encoded, and
// returns the index of the last segment that is a parameter, -1 if there is none.
func match(template []string, u *url.URL) (last int, ok bool) {
	segments := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	last = -1
	if len(segments) != len(template) {
		return last, false
	}
	for i, t := range template {
		if decoded, err := url.PathUnescape(segments[i]); err == nil {
			segments[i] = decoded
		}
		open := strings.Index(t, "{")
		if open < 0 {
			if !strings.EqualFold(t, segments[i]) {
				return last, false
			}
			continue
		}
		after := t[strings.LastIndex(t, "}")+1:]
		if len(segments[i]) <= open+len(after) || !strings.EqualFold(segments[i][:open], t[:open]) || !strings.HasSuffix(segments[i], after) {
			return last, false
		}
		last = i
	}
	return last, true
}

// place is where the definition speaks of a response: of the status, of all, or
// of the operation.
func place(o *connector.Operation, status string) source.Node {
	if r := o.Response(status); r.Site.Exists() {
		return r.Site
	}
	if all := o.Get("responses"); all.Exists() {
		return all
	}
	return o.At()
}
