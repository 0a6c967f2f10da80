package scaffold

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/sample"
)

// callbackSample stands where the callback URL goes in a sample.
const callbackSample = "CALLBACK"

// maxSample is how many bytes of a sample are worth reading; beyond it, what may
// be missing is left out.
const maxSample = 4000

// sampleText returns a value that satisfies a schema as JSON, with all that may
// be there if full is set. It is not ok if there is none.
func sampleText(s connector.Schema, full bool) (text string, ok bool) {
	return textOf(s, full, func(value any) any { return value })
}

// registrationText is sampleText of a registration's body, with the callback URL
// in its place.
func registrationText(t *connector.Trigger, full bool) (text string, ok bool) {
	var path []string
	for _, step := range t.Callbacks[0].Path {
		path = append(path, step.Name)
	}
	return textOf(t.Operation.Body().Schema(), full, func(value any) any { return sample.Set(value, path, callbackSample) })
}

func textOf(s connector.Schema, full bool, complete func(any) any) (text string, ok bool) {
	made, err := sample.Of(s, sample.Options{Required: !full})
	if err != nil {
		return "", false
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(complete(made.Value)) != nil {
		return "", false
	}
	if full && b.Len() > maxSample {
		return textOf(s, false, complete)
	}
	return strings.TrimSpace(b.String()), true
}

// exampleCall is a registration of a trigger, and a notification.
type exampleCall struct {
	ID, Method, Path string // literals
	Headers          string // a literal map
	Body, Payload    string // literals
}

// samples makes one for every trigger for which that can be done.
func (b *builder) samples() []exampleCall {
	var all []exampleCall
	for i, t := range b.webhooks {
		data := b.Triggers[i]
		target, headers, ok := b.registrationURL(t.Operation)
		if !ok {
			continue
		}
		body, ok := registrationText(t, true)
		if !ok || strings.Count(body, callbackSample) == 0 {
			continue
		}
		payload, ok := sampleText(t.Notification, true)
		if !ok && t.Notification.IsDynamic() {
			payload, ok = "{}", true
		}
		if !ok {
			continue
		}
		var pairs []string
		for _, h := range headers {
			pairs = append(pairs, quote(h[0])+": "+quote(h[1]))
		}
		all = append(all, exampleCall{data.ID, data.Method, quote(target), "map[string]string{" + strings.Join(pairs, ", ") + "}", raw(body), raw(payload)})
	}
	return all
}

// registrationURL fills in the parameters that a registration needs.
func (b *builder) registrationURL(o *connector.Operation) (target string, headers [][2]string, ok bool) {
	path := route(b.def, o)
	query, _ := url.ParseQuery(strings.TrimPrefix(constants(o), "?"))
	for _, p := range o.Parameters() {
		value := "1"
		if p.In() == "body" || !isRequired(p) {
			continue
		}
		made, ok := sampleText(b.def.Schema(p.Node), false)
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
