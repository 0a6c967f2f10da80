package scaffold

import (
	"bytes"
	"encoding/json"
	"math"
	"net/url"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// callbackSample stands where the callback URL goes in a sample.
const callbackSample = "CALLBACK"

// sampler makes values that fit a schema, for the contract test and the README.
type sampler struct {
	def      *connector.Definition
	full     bool                 // optional members too
	callback connector.Callback   // zero in a payload
	way      map[source.Node]bool // the schemas on the way to it
	open     map[source.Node]bool // the schemas around the current one
	budget   int
}

// maxSample bounds how many values a sample has.
const maxSample = 150

func (b *builder) sampler(full bool, c connector.Callback) *sampler {
	s := &sampler{def: b.def, full: full, callback: c, way: map[source.Node]bool{}, open: map[source.Node]bool{}, budget: maxSample}
	for _, step := range c.Path {
		s.way[step.Property.Node] = true
	}
	return s
}

// text returns a sample as JSON. It is not ok if none could be made.
func (s *sampler) text(schema connector.Schema) (sample string, ok bool) {
	value, ok := s.value(schema)
	if !ok {
		return "", false
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return "", false
	}
	return strings.TrimSpace(b.String()), true
}

func (s *sampler) value(schema connector.Schema) (any, bool) {
	r := schema.Resolved()
	if s.budget--; s.budget < 0 || s.open[r.Node] {
		return nil, false
	}
	if r.Node.Exists() {
		if r.Node == s.callback.Node {
			return callbackSample, true
		}
		s.open[r.Node] = true
		defer delete(s.open, r.Node)
	}
	for _, value := range r.Node.Get("enum").Items() {
		if shape, kind := r.Shape(), value.Kind().String(); shape == "" || shape == kind || shape == "integer" && kind == "number" {
			return value.Value(), true
		}
	}
	switch r.Shape() {
	case "object":
		return s.object(r)
	case "array":
		return s.array(r)
	case "string":
		return stringSample(r.Node)
	case "integer", "number":
		return numberSample(r.Node)
	case "boolean":
		return true, true
	}
	return map[string]any{}, true
}

func (s *sampler) object(r connector.Schema) (any, bool) {
	object := map[string]any{}
	for _, p := range members(r) {
		required := r.Requires(p.Name) || s.way[p.Schema.Node]
		if !required && !s.full {
			continue
		}
		value, ok := s.value(p.Schema)
		if ok {
			object[p.Name] = value
		} else if required {
			return nil, false
		}
	}
	return object, true
}

func (s *sampler) array(r connector.Schema) (any, bool) {
	least, _ := r.Node.Get("minItems").Int()
	item, ok := s.value(r.Items())
	switch {
	case !ok && least > 0, least > 20, least > 1 && r.Node.Get("uniqueItems").IsTrue():
		return nil, false
	case !ok:
		return []any{}, true
	}
	items := []any{item}
	for int64(len(items)) < least {
		items = append(items, item)
	}
	return items, true
}

func stringSample(n source.Node) (string, bool) {
	sample := "sample"
	if n.Get("format").Is("date-time") {
		sample = "2026-01-31T12:00:00Z"
	}
	if pattern, ok := n.Get("pattern").Str(); ok {
		compiled, err := regexp.Compile(pattern)
		if err != nil {
			return sample, true // no schema of ours checks it
		}
		parsed, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			return "", false
		}
		var b strings.Builder
		writeMatch(&b, parsed)
		if sample = b.String(); !compiled.MatchString(sample) {
			return "", false
		}
	}
	least, _ := n.Get("minLength").Int()
	most, limited := n.Get("maxLength").Int()
	for int64(len(sample)) < min(least, 10_000) {
		sample += "s"
	}
	if limited && int64(len(sample)) > most {
		sample = sample[:max(0, most)]
	}
	if pattern, ok := n.Get("pattern").Str(); ok && !regexp.MustCompile(pattern).MatchString(sample) {
		return "", false
	}
	return sample, true
}

// writeMatch writes a short text that a pattern matches, as far as it has no
// conditions that look around.
func writeMatch(b *strings.Builder, r *syntax.Regexp) {
	if b.Len() > 1000 {
		return
	}
	switch r.Op {
	case syntax.OpLiteral:
		b.WriteString(string(r.Rune))
	case syntax.OpCharClass:
		if len(r.Rune) > 0 {
			b.WriteRune(classSample(r.Rune))
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('s')
	case syntax.OpCapture, syntax.OpPlus:
		writeMatch(b, r.Sub[0])
	case syntax.OpRepeat:
		for range r.Min {
			writeMatch(b, r.Sub[0])
		}
	case syntax.OpConcat:
		for _, part := range r.Sub {
			writeMatch(b, part)
		}
	case syntax.OpAlternate:
		writeMatch(b, r.Sub[0])
	}
}

// classSample prefers a character that reads well.
func classSample(ranges []rune) rune {
	for _, want := range "a1A" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= want && want <= ranges[i+1] {
				return want
			}
		}
	}
	return ranges[0]
}

func numberSample(n source.Node) (any, bool) {
	v := 1.0
	if least, ok := float(n.Get("minimum")); ok && (v < least || v == least && n.Get("exclusiveMinimum").IsTrue()) {
		v = math.Floor(least) + 1
		if !n.Get("exclusiveMinimum").IsTrue() {
			v = math.Ceil(least)
		}
	}
	if most, ok := float(n.Get("maximum")); ok && (v > most || v == most && n.Get("exclusiveMaximum").IsTrue()) {
		v = math.Ceil(most) - 1
		if !n.Get("exclusiveMaximum").IsTrue() {
			v = math.Floor(most)
		}
	}
	if step, ok := float(n.Get("multipleOf")); ok && step > 0 {
		v = math.Ceil(v/step) * step
	}
	return v, true
}

func float(n source.Node) (float64, bool) {
	number, ok := n.Value().(json.Number)
	if !ok {
		return 0, false
	}
	v, err := number.Float64()
	return v, err == nil
}

// sample is a registration of a trigger, and a notification.
type sample struct {
	ID, Method, Path string // literals
	Headers          string // a literal map
	Body, Payload    string // literals
}

// samples makes one for every trigger for which that can be done.
func (b *builder) samples() []sample {
	var all []sample
	for i, t := range b.webhooks {
		data := b.Triggers[i]
		target, headers, ok := b.registrationURL(t.Operation)
		if !ok {
			continue
		}
		body, ok := b.sampler(true, t.Callbacks[0]).text(t.Operation.Body().Schema())
		if !ok || strings.Count(body, callbackSample) == 0 {
			continue
		}
		payload, ok := b.sampler(true, connector.Callback{}).text(t.Notification)
		if !ok {
			continue
		}
		var pairs []string
		for _, h := range headers {
			pairs = append(pairs, quote(h[0])+": "+quote(h[1]))
		}
		all = append(all, sample{data.ID, data.Method, quote(target), "map[string]string{" + strings.Join(pairs, ", ") + "}", raw(body), raw(payload)})
	}
	return all
}

// isClients reports whether a parameter is a header that clients send by
// themselves.
func isClients(p connector.Parameter) bool {
	switch strings.ToLower(p.Name()) {
	case "content-type", "accept", "authorization":
		return p.In() == "header"
	}
	return false
}

// registrationURL fills in the parameters that a registration needs.
func (b *builder) registrationURL(o *connector.Operation) (target string, headers [][2]string, ok bool) {
	path, query := route(b.def, o), url.Values{}
	for _, p := range o.Parameters() {
		value := "1"
		if p.In() == "body" || !p.Required() && p.In() != "path" || isClients(p) {
			continue
		}
		made, ok := b.sampler(false, connector.Callback{}).text(b.def.Schema(p.Node))
		if !ok {
			return "", nil, false
		}
		if made != "{}" {
			value = strings.Trim(made, `"[]`)
		}
		switch p.In() {
		case "path":
			path = strings.ReplaceAll(path, "{"+p.Name()+"}", url.PathEscape(value))
		case "query":
			query.Set(p.Name(), value)
		case "header":
			headers = append(headers, [2]string{p.Name(), value})
		}
	}
	path = placeholder.ReplaceAllString(path, "1")
	target = (&url.URL{Path: path}).EscapedPath()
	if escaped, err := url.PathUnescape(path); err == nil {
		target = (&url.URL{Path: escaped}).EscapedPath()
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	return target, headers, true
}
