package scaffold

import (
	"bytes"
	"encoding/json"
	"errors"
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
// be there if full is set. There may be none.
func sampleText(s connector.Schema, full bool) (string, error) {
	return textOf(s, full, func(value any) any { return value })
}

// registrationText is sampleText of a registration's body, with the callback URL
// in its place.
func registrationText(t *connector.Trigger, full bool) (string, error) {
	return textOf(t.Operation.Body().Schema(), full, func(value any) any {
		for _, c := range t.Callbacks {
			value = sample.Set(value, c.Names(), callbackSample)
		}
		return value
	})
}

func textOf(s connector.Schema, full bool, complete func(any) any) (string, error) {
	made, err := sample.Of(s, sample.Options{Required: !full})
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(complete(made.Value)); err != nil {
		return "", err
	}
	if full && b.Len() > maxSample {
		return textOf(s, false, complete)
	}
	return strings.TrimSpace(b.String()), nil
}

// exampleCall is a registration of a trigger, and a notification.
type exampleCall struct {
	ID, Method, Path string // literals
	Headers          string // a literal map
	Body, Payload    string // literals
}

// samples makes one for every trigger for which that can be done, and notes the
// others.
func (b *builder) samples() []exampleCall {
	var all []exampleCall
	for i, t := range b.webhooks {
		call, err := b.sample(t)
		if err != nil {
			at, reason := t.Operation.At(), err.Error()
			var of *sample.Error
			if errors.As(err, &of) && of.Node.Exists() {
				at, reason = of.Node, of.Message
			}
			b.note(at, "no sample of %q can be made, so contract_test.go does not try it and the README does not call it: %s", t.Operation.Name(), reason)
			continue
		}
		call.ID, call.Method = b.Triggers[i].ID, b.Triggers[i].Method
		all = append(all, call)
	}
	return all
}

func (b *builder) sample(t *connector.Trigger) (call exampleCall, err error) {
	target, headers, err := b.registrationURL(t.Operation)
	if err != nil {
		return call, err
	}
	body, err := registrationText(t, true)
	if err != nil {
		return call, err
	}
	payload, err := sampleText(t.Notification, true)
	if err != nil && t.Notification.IsDynamic() {
		payload, err = "{}", nil
	}
	var pairs []string
	for _, h := range headers {
		pairs = append(pairs, quote(h[0])+": "+quote(h[1]))
	}
	return exampleCall{
		Path: quote(target), Headers: "map[string]string{" + strings.Join(pairs, ", ") + "}", Body: raw(body), Payload: raw(payload),
	}, err
}

// registrationURL fills in the parameters that a registration needs.
func (b *builder) registrationURL(o *connector.Operation) (target string, headers [][2]string, err error) {
	path := route(b.def, o)
	query, _ := url.ParseQuery(strings.TrimPrefix(constants(o), "?"))
	for _, p := range o.Parameters() {
		value := "1"
		if p.In() == "body" || !isRequired(p) {
			continue
		}
		made, err := sampleText(b.def.Schema(p.Node), false)
		if err != nil {
			return "", nil, err
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
	return target, headers, nil
}
