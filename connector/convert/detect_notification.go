package convert

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// receiver is an operation that describes what the subscriber's side answers
// to. It is no operation of the service, but its body is what a trigger
// notifies of.
type receiver struct {
	operation *connector.Operation
	segments  []string
	anywhere  bool // its path need not have to do with the registration's
}

func (s *survey) findReceivers() {
	for _, o := range s.d.Operations() {
		if o.Method != "post" || !o.Body().Schema().Exists() {
			continue
		}
		byPath := s.isReceiver(o)
		if byPath || isExample(o) && bodyField(o.Body(), true).strength <= weak {
			s.receivers = append(s.receivers, receiver{o, connector.Segments(o.Path), byPath})
		}
	}
}

// isReceiver reports whether a path stands for addresses on the subscriber's
// side: /listener/itemCreated beside a /hub, /uri_provided_by_subscriber,
// /{callbackUrl}/data.
func (s *survey) isReceiver(o *connector.Operation) bool {
	if strings.Contains(plainName(o.Path), "providedby") {
		return true
	}
	first, rest, _ := strings.Cut(strings.Trim(o.Path, "/"), "/")
	if name, ok := strings.CutPrefix(first, "{"); ok && nameStrength(name, 1, false) == telling {
		return true
	}
	words := connector.Words(o.ID)
	listening := s.hub || len(words) > 0 && words[0] == "listen"
	return listening && strings.EqualFold(first, "listener") && rest != "" && !strings.HasPrefix(rest, "{")
}

// isExample reports whether an operation says of itself that it shows what is
// sent to a subscriber.
func isExample(o *connector.Operation) bool {
	summary, _ := o.Get("summary").Str()
	description, _ := o.Get("description").Str()
	return containsAny(strings.ToLower(summary+"\n"+description), examplePhrases)
}

// payload is a schema of what the service sends, the place that tells, and what
// it says.
type payload struct {
	schema source.Node
	place  string
	names  []string // of what happens
	about  string
}

// notification finds the schema of what the service sends to the URL that an
// operation takes. If the document has several that would fit, none is taken,
// and the reason says so: only a person can tell which events are wanted.
func (s *survey) notification(o *connector.Operation, as connector.Delivery, hints []Hint) (sent payload, reason string) {
	if content := o.PathItem.Get("x-ms-notification-content").Get("schema"); content.Exists() {
		return payload{schema: content}, "the path declares what is sent"
	}
	payloads := s.hinted(hints)
	if len(payloads) == 0 && as == connector.Webhook {
		payloads = s.received(o)
	}
	if len(payloads) == 0 && as == connector.Webhook {
		payloads = s.unplaced()
	}
	if len(payloads) == 0 {
		return payload{}, ""
	}
	different := map[source.Node]bool{}
	for _, p := range payloads {
		different[s.d.Resolve(p.schema)] = true
	}
	if len(different) > 1 {
		return payload{}, fmt.Sprintf("%d payloads would fit, such as that of %s", len(different), payloads[0].place)
	}
	sent = payloads[0]
	if len(payloads) > 1 { // of one schema: what is said of each is not said of all
		sent.names, sent.about = nil, ""
	}
	return sent, sent.place + " tells what is sent"
}

// hinted returns the payloads that hints name.
func (s *survey) hinted(hints []Hint) []payload {
	var payloads []payload
	for _, h := range hints {
		if n := s.d.At(h.Notification); h.Notification != "" && n.Exists() {
			payloads = append(payloads, payload{n, "the declared " + h.Name, h.events(), h.about()})
		}
	}
	return payloads
}

// events returns the texts that may tell what happens, what tells most first.
func (h Hint) events() []string {
	events := []string{firstSentence(h.Summary)}
	description := strings.Join(strings.Fields(h.Description), " ")
	if event := afterWhen(firstSentence(description)); event != "" {
		events = append(events, "When "+event)
	}
	return append(events, h.Name)
}

// about returns what is said of what is sent.
func (h Hint) about() string {
	if h.Summary == "" || h.Description == "" || strings.HasPrefix(h.Description, h.Summary) {
		return cmp.Or(h.Description, h.Summary)
	}
	return strings.TrimRight(h.Summary, ". ") + ". " + h.Description
}

// unplaced returns the payloads of webhooks for which the document names no
// registration.
func (s *survey) unplaced() []payload {
	if s.loose == nil {
		s.loose = s.hinted(s.hints[place{}])
	}
	return s.loose
}

// received returns what the receivers nearest to a registration take.
func (s *survey) received(o *connector.Operation) []payload {
	var payloads []payload
	own, nearest := connector.Segments(o.Path), 0
	for _, r := range s.receivers {
		shared := sharedSegments(own, r.segments)
		if r.operation == o || shared < nearest || shared == 0 && !r.anywhere {
			continue
		}
		if shared > nearest {
			payloads, nearest = nil, shared
		}
		payloads = append(payloads, payload{schema: r.operation.Body().Schema().Node, place: "POST " + r.operation.Path})
	}
	return payloads
}

func sharedSegments(a, b []string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
