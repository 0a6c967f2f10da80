package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

var notificationChecks = []*Check{
	{
		ID: "notify-received", Severity: source.Error, on: pushed, life: notifyReceived,
		Summary:  "an event is sent to the callback URL",
		Contract: "section 1: when the event happens, the publisher POSTs to every registered callback URL",
	},
	{
		ID: "notify-tls", Severity: source.Error, on: pushed, life: notifyTLS,
		Summary:  "the publisher connects with TLS 1.2 and a cipher suite that the platform takes",
		Contract: "section 6: transport requirements on callbacks",
	},
	{
		ID: "notify-url", Severity: source.Error, on: pushed, life: notifyURL,
		Summary:  "the callback URL is used byte for byte",
		Contract: "section 2: keep the callback URL byte for byte; its signature covers every character",
	},
	{
		ID: "notify-method", Severity: source.Error, on: pushed, life: notifyMethod,
		Summary:  "a notification is a POST",
		Contract: "section 2: POST JSON to the callback URL",
	},
	{
		ID: "notify-content-type", Severity: source.Error, on: pushed, life: notifyContentType,
		Summary:  "a notification has the Content-Type application/json",
		Contract: "section 2: POST JSON to the callback URL",
	},
	{
		ID: "notify-shape", Severity: source.Error, on: pushed, life: notifyShape,
		Summary:  "a notification is one object, or an array if the definition says so",
		Contract: "section 7: single for one object per notification, batch for combined objects",
	},
	{
		ID: "notify-body", Severity: source.Error, on: pushed, life: notifyBody,
		Summary:  "the body of a notification satisfies x-ms-notification-content",
		Contract: "section 1: the platform checks it against the schema declared in the definition",
	},
	{
		ID: "notify-fields", Severity: source.Warning, on: pushed, life: notifyFields,
		Summary:  "a notification has every field that the definition shows to makers",
		Contract: "section 2: the schema defines the dynamic content that makers can pick",
	},
	{
		ID: "notify-once", Severity: source.Warning, on: pushed, life: notifyOnce,
		Summary:  "an event that was taken is not sent again",
		Contract: "section 2: the workflow runs on each POST",
	},
}

// noEvent skips a check for which no event arrived.
func (l *life) noEvent() *verdict {
	var v verdict
	switch {
	case l.sub(roleFirst) == nil:
		v = unregistered
	case len(l.events) == 0:
		v = skipped("the run ended before an event")
	case l.events[0].err != nil:
		v = skipped("no event could be made to happen")
	case l.sample0() == nil:
		v = skipped("no notification came")
	default:
		return nil
	}
	return &v
}

// sample0 is the first notification that came because of an event.
func (l *life) sample0() *delivery {
	if len(l.events) == 0 {
		return nil
	}
	for _, s := range l.subs {
		if list := s.in(l.events[0]); len(list) > 0 {
			return list[0]
		}
	}
	return nil
}

func (l *life) contentPlace() source.Node {
	if l.trigger.Content.Exists() {
		return l.trigger.Content
	}
	return l.trigger.Operation.At()
}

func notifyReceived(l *life) verdict {
	if d := l.sample0(); d != nil {
		return passed("after %d ms", d.at.Sub(l.events[0].at).Milliseconds())
	}
	if v := l.noEvent(); v.detail != "no notification came" {
		return *v
	}
	if len(l.listener.strays) > 0 {
		return skipped("requests came, but to no callback URL: see notify-url")
	}
	if len(l.listener.refused) > 0 {
		return skipped("connections came, but no request: see notify-tls")
	}
	f := finding{at: l.contentPlace(), message: fmt.Sprintf("no notification came within %s of the event", l.Times.Wait), evidence: exchanges(l.sub(roleFirst).answer),
		hint: "can the publisher reach the callback URL? Its own rules may forbid plain http or the loopback"}
	if l.Fire == nil {
		f.message = fmt.Sprintf("no notification came within %s", l.Times.Wait)
		f.hint = "did the event happen in time? --wait gives more of it, --fire makes it happen"
	}
	return failed(f)
}

func notifyTLS(l *life) verdict {
	switch {
	case l.TLS == nil:
		return skipped("callbacks are received without TLS; --tls receives them with it")
	case len(l.listener.refused) > 0:
		return failed(finding{at: l.contentPlace(), message: fmt.Sprintf("%s to the callback URL failed: %s", plural(len(l.listener.refused), "connection"), l.listener.refused[0]),
			hint: "trust the certificate that --tls-certificate writes, and offer TLS 1.2 with one of the suites of docs/verify.md"})
	}
	if v := l.noEvent(); v != nil {
		return *v
	}
	return passed("TLS 1.2")
}

// each calls check for the notifications that a registration got, the first of
// each event, and returns what it finds first.
func (l *life) each(check func(s *subscription, d *delivery) *finding) verdict {
	if v := l.noEvent(); v != nil {
		return *v
	}
	count := 0
	for _, s := range l.subs {
		if s.role != s.to.role {
			continue // counted with the registration it replaces
		}
		for _, d := range s.to.deliveries {
			count++
			if f := check(s, d); f != nil {
				f.evidence = deliveries(d)
				return failed(*f)
			}
		}
	}
	return passed("%s", plural(count, "notification"))
}

func notifyURL(l *life) verdict {
	if strays := l.listener.strays; len(strays) > 0 && l.sub(roleFirst) != nil {
		return failed(finding{at: l.callbackPlace(), message: fmt.Sprintf("a request came to %q, which is no callback URL", strays[0].uri), evidence: deliveries(strays[0]),
			hint: "send to the callback URL as it was registered: path and query belong to it"})
	}
	return l.each(func(s *subscription, d *delivery) *finding {
		if strings.HasSuffix(d.uri, s.to.uri) && (d.uri == s.to.uri || l.CallbackURL != nil) {
			return nil
		}
		return &finding{at: l.callbackPlace(), message: fmt.Sprintf("the callback URL was changed: %q was called, expected %q", d.uri, s.to.uri),
			hint: "keep the URL as text: parsing and writing it again changes the escapes and the order of its query"}
	})
}

func (l *life) callbackPlace() source.Node {
	if len(l.trigger.Callbacks) > 0 {
		return l.trigger.Callbacks[0].At()
	}
	return l.trigger.Operation.At()
}

func notifyMethod(l *life) verdict {
	return l.each(func(_ *subscription, d *delivery) *finding {
		if d.method == http.MethodPost {
			return nil
		}
		return &finding{at: l.contentPlace(), message: fmt.Sprintf("the notification is a %s, expected POST", d.method)}
	})
}

func notifyContentType(l *life) verdict {
	return l.each(func(_ *subscription, d *delivery) *finding {
		if isJSON(d.header.Get("Content-Type")) {
			return nil
		}
		return &finding{at: l.contentPlace(), message: fmt.Sprintf("the notification has the Content-Type %q, expected application/json", d.header.Get("Content-Type")),
			hint: "what is not JSON reaches the flow as text or base64, and no field can be picked"}
	})
}

// isJSON reports whether a media type is JSON (RFC 8259, RFC 6839).
func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"))
}

func parse(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("there is more behind the value")
	}
	return value, nil
}

// wantsArray reports whether notifications carry several items.
func (l *life) wantsArray() bool {
	return l.trigger.Batch() || l.trigger.Notification.Shape() == "array"
}

func notifyShape(l *life) verdict {
	shape := l.trigger.Notification.Shape()
	return l.each(func(_ *subscription, d *delivery) *finding {
		value, err := parse(d.body)
		if err != nil {
			return nil // notify-body
		}
		_, isArray := value.([]any)
		_, isObject := value.(map[string]any)
		f := &finding{at: l.trigger.Mode}
		if !f.at.Exists() {
			f.at = l.contentPlace()
		}
		switch {
		case l.wantsArray() && !isArray && shape != "object":
			f.message = "the notification is no array, but the definition says that it carries several items"
		case !l.wantsArray() && isArray:
			f.message = "the notification is an array, expected one object"
			f.hint = "send a notification for each event"
		case l.isAction() && !isObject && (shape == "" || shape == "object"):
			f.message = "the notification is no object, which is what the outputs of an action are made of"
		default:
			return nil
		}
		return f
	})
}

func notifyBody(l *life) verdict {
	schema := l.trigger.Notification
	if schema.IsDynamic() {
		return skipped("the payload is dynamic: only the service knows its schema")
	}
	validator, err := schema.Compile()
	if err != nil {
		return skipped("the schema cannot be compiled: %v", err)
	}
	var others []finding
	v := l.each(func(_ *subscription, d *delivery) *finding {
		found := bodyFindings(schema, validator, d.body, d.truncated, "the notification")
		if len(found) == 0 {
			return nil
		}
		others = found[1:]
		return &found[0]
	})
	v.findings = append(v.findings, others...)
	return v
}

// bodyFindings holds a body against a schema. An array where an object is
// expected is taken apart: notify-shape has reported it.
func bodyFindings(schema connector.Schema, validator *jsonschema.Schema, body []byte, truncated bool, what string) []finding {
	at := schema.Node
	if !at.Exists() {
		at = schema.Resolved().Node
	}
	if truncated {
		return []finding{{at: at, message: fmt.Sprintf("%s is longer than %d MiB, and was not read further", what, maxAnswer>>20)}}
	}
	value, err := parse(body)
	if err != nil {
		return []finding{{at: at, message: fmt.Sprintf("%s is no JSON: %v", what, err)}}
	}
	if list, isArray := value.([]any); isArray && schema.Shape() == "object" {
		for _, item := range list {
			if found := violations(schema, validator, item, what); len(found) > 0 {
				return found
			}
		}
		return nil
	}
	return violations(schema, validator, value, what)
}

// maxViolations bounds how much of one body is reported.
const maxViolations = 5

// violations validates a value, and reports each violation at the property that
// is violated.
func violations(schema connector.Schema, validator *jsonschema.Schema, value any, what string) []finding {
	var invalid *jsonschema.ValidationError
	if !errors.As(validator.Validate(value), &invalid) {
		return nil
	}
	var found []finding
	seen := map[string]bool{}
	for _, cause := range leaves(invalid) {
		where := cause.InstanceLocation
		message := fmt.Sprintf("%s does not satisfy the schema: %s", what, cause.Message)
		if where != "" {
			message = fmt.Sprintf("%s does not satisfy the schema at %q: %s", what, where, cause.Message)
		}
		if seen[message] || len(found) == maxViolations {
			continue
		}
		seen[message] = true
		found = append(found, finding{at: along(schema, where).Node, message: message, hint: "the platform rejects it, and the flow does not run"})
	}
	return found
}

func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	for _, c := range e.Causes {
		all = append(all, leaves(c)...)
	}
	return all
}

// along follows a JSON Pointer into a value through the schema, as far as that
// goes.
func along(s connector.Schema, pointer string) connector.Schema {
	steps := strings.Split(pointer, "/")[1:]
	for _, step := range steps {
		next := s.Property(source.UnescapePointer(step))
		if s.Shape() == "array" {
			next = s.Items()
		}
		if !next.Exists() {
			break
		}
		s = next
	}
	return s
}

func notifyFields(l *life) verdict {
	if l.trigger.Notification.IsDynamic() {
		return skipped("the payload is dynamic: only the service knows its fields")
	}
	d := l.sample0()
	if v := l.noEvent(); v != nil {
		return *v
	}
	value, err := parse(d.body)
	if err != nil {
		return skipped("the notification is no JSON")
	}
	return fieldsOf(l.trigger.Notification, value, "the notification", deliveries(d))
}

// fieldsOf reports what a schema declares, makers see and a value lacks.
func fieldsOf(schema connector.Schema, value any, what string, evidence []fmt.Stringer) verdict {
	var found []finding
	missing(schema, value, "", nil, func(p connector.Property, path string) {
		hint := "send it, or take it out of the definition; it may be null if its schema says x-nullable: true"
		if p.Schema.Node.Get("x-nullable").IsTrue() || p.Schema.Resolved().Node.Get("x-nullable").IsTrue() {
			hint = "send it, if only as null, or take it out of the definition"
		}
		if len(found) < maxViolations {
			found = append(found, finding{at: p.Schema.Node.KeyOrSelf(), message: fmt.Sprintf("%s has no field %q, which makers can pick", what, path), evidence: evidence, hint: hint})
		}
	})
	if len(found) > 0 {
		return failed(found...)
	}
	return passed("all are there")
}

// missing walks a value and calls report for each declared property that is not
// there. Of the items of an array the first stands for all. What is like one of
// the objects around it has to end somewhere.
func missing(s connector.Schema, value any, path string, around []source.Node, report func(p connector.Property, path string)) {
	switch v := value.(type) {
	case []any:
		items := s.Items()
		if s.Shape() == "object" {
			items = s
		}
		if len(v) > 0 && items.Exists() {
			missing(items, v[0], path+"[]", around, report)
		}
	case map[string]any:
		around = append(around, s.Resolved().Node)
		for p := range s.Properties() {
			if p.Schema.IsInternal() || s.Requires(p.Name) || slices.Contains(around, p.Schema.Resolved().Node) {
				continue // makers do not see it, notify-body reports it, or it may end here
			}
			inner := strings.TrimPrefix(path+"/"+p.Name, "/")
			if member, there := v[p.Name]; there {
				missing(p.Schema, member, inner, around, report)
			} else {
				report(p, inner)
			}
		}
	}
}

func notifyOnce(l *life) verdict {
	if v := l.noEvent(); v != nil {
		return *v
	}
	if l.events[0].calls > 1 {
		return skipped("the event had to be made to happen more than once")
	}
	for _, role := range []string{roleFirst, roleSecond} {
		s := l.sub(role)
		for _, e := range l.events {
			seen := map[string]*delivery{}
			copies := 0
			for _, d := range s.in(e) {
				key := d.header.Get("Webhook-Id") + "\n" + string(d.body)
				if seen[key] != nil {
					copies++
				} else {
					seen[key] = d
				}
			}
			if copies > 0 {
				list := s.in(e)
				return failed(finding{at: l.contentPlace(), message: fmt.Sprintf("one event was sent %d times, although the first was answered %s", copies+1, list[0].reply),
					hint: "every 2xx means that the event was taken, 202 above all; each further POST runs the flow again", evidence: deliveries(list...)})
			}
		}
	}
	return passed("each event once")
}
