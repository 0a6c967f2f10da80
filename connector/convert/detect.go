package convert

import (
	"fmt"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// Candidates finds the operations that register a callback URL, or take one for
// a single call, in a document that does not say so by x-ms-* extensions. What
// it does say so about is no candidate any more. The order is that of the
// document.
//
// An operation registers a callback URL if it is a POST, takes a string whose
// name stands for such a URL, has a word like hook or subscription in its path
// or operationId, and does not by its name test, change or end a registration.
// The rule and its words were counted over 1,032 published connectors and 121
// other definitions. Of the connectors whose marks the corpus test takes away,
// it finds 96 of 100 registrations, and of 100 operations that it finds 98 were
// marked.
func Candidates(d *connector.Definition, hints []Hint) []Candidate {
	s := newSurvey(d, hints)
	var candidates []Candidate
	for _, o := range d.Operations() {
		if o.Trigger != nil || o.Method == "delete" || s.isReceiver(o) {
			continue
		}
		e := s.evidence(o)
		as, confidence := e.verdict()
		if confidence == "" {
			continue
		}
		c := Candidate{Operation: o, As: as, Confidence: confidence, Callback: e.field.Field, Unsubscribe: e.removal}
		sent, reason := s.notification(o, as, e.hintsOfField())
		c.Notification, c.Event, c.About = sent.schema, sent.names, sent.about
		if c.Reasons = e.reasons(as); reason != "" {
			c.Reasons = append(c.Reasons, reason)
		}
		c.Open = e.open()
		candidates = append(candidates, c)
	}
	return candidates
}

// survey is what judging one operation needs to know of all the others.
type survey struct {
	d         *connector.Definition
	hints     map[place][]Hint // by the operation; of the zero place, those of no operation
	posts     map[string]bool  // paths with a POST, see pathKey
	listed    map[string]int   // query parameters, with the number of operations that list them
	hub       bool             // there is a POST /hub
	receivers []receiver
	loose     []payload // see unplaced
}

func newSurvey(d *connector.Definition, hints []Hint) *survey {
	s := &survey{d: d, hints: map[place][]Hint{}, posts: map[string]bool{}, listed: map[string]int{}}
	for _, h := range hints {
		at := place{}
		if h.Path != "" {
			at = place{h.Path, strings.ToLower(h.Method)}
		}
		s.hints[at] = append(s.hints[at], h)
	}
	for _, o := range d.Operations() {
		if segments := connector.Segments(o.Path); o.Method == "post" {
			s.posts[pathKey(segments)] = true
			s.hub = s.hub || slices.Contains(segments, "hub")
		}
		for _, p := range o.Parameters() {
			if p.In() == "query" {
				s.listed[p.Name()]++
			}
		}
	}
	s.findReceivers()
	return s
}

func pathKey(segments []string) string { return strings.Join(segments, "/") }

// evidence is what speaks for and against an operation.
type evidence struct {
	operation *connector.Operation
	hints     []Hint
	named     bool                 // a hint tells the field
	callback  string               // and names it so
	unheard   bool                 // all that is sent is sent by another method than POST
	field     foundField           // what takes the URL
	subject   string               // why its name stands for a registration, "" if it does not
	faint     bool                 // the subject proves little
	other     bool                 // its name stands for something else
	receives  bool                 // its name says that it takes what others send
	waits     bool                 // a flow waits for its answer
	removal   *connector.Operation // the DELETE that undoes it
	created   bool                 // it answers 201
}

func (s *survey) evidence(o *connector.Operation) evidence {
	e := evidence{operation: o, hints: s.hints[place{o.Path, o.Method}]}
	if heard := hintsThat(e.hints, func(h Hint) bool { return !h.Unheard }); len(heard) > 0 {
		e.hints = heard
	} else {
		e.unheard = len(e.hints) > 0
	}
	if len(e.hints) == 0 && !takesBody(o) {
		return e
	}
	for _, h := range e.hints {
		if e.field = fieldAt(o, s.d.At(h.Callback)); e.field.strength > silent {
			e.named, e.callback = true, h.Callback
			break
		}
	}
	if !e.named {
		e.field = s.fieldOf(o)
	}
	if e.field.strength == silent && len(e.hints) == 0 {
		return e
	}
	e.subject, e.faint = subjectOf(o)
	// A DELETE that speaks of hooks has to do with an operation that does too.
	if removal, byPath := s.d.Removal(o); byPath || e.subject != "" {
		e.removal = removal
	}
	e.other = s.doesOther(o, e.removal)
	e.receives = e.removal == nil && saysItReceives(o) && !e.field.isNamed()
	e.waits = saysItWaits(o)
	e.created = o.Response("201").Node.Exists()
	return e
}

func takesBody(o *connector.Operation) bool {
	return o.Method == "post" || o.Method == "put" || o.Method == "patch"
}

// verdict weighs the evidence. Without a confidence the operation is an
// ordinary action.
//
// The levels follow what was counted: a name, a field and either a DELETE or a
// 201 are right often enough to ask nobody. A callback field and a DELETE
// without a name are as often a resource that only carries the URL, and a PUT
// may serve one subscriber only.
func (e evidence) verdict() (connector.Delivery, Confidence) {
	as := e.delivery()
	switch {
	case as == 0:
		return 0, ""
	case as == connector.WebhookAction, e.other, e.unheard, e.receives && !e.named, e.field.strength == weak, e.operation.Method != "post", !e.field.isMarkable():
		return as, Possible
	case e.subject == "" && e.named:
		return as, Likely
	case e.subject == "", e.faint && e.field.strength == generic:
		return as, Possible
	case e.named, e.removal != nil, e.created:
		return as, Sure
	}
	return as, Likely
}

// delivery says what the operation would become, 0 if nothing.
func (e evidence) delivery() connector.Delivery {
	hinted := len(e.hints) > 0
	lasting := e.subject != "" || e.removal != nil && (hinted || e.field.strength >= strong)
	switch {
	case !hinted && e.field.strength == silent:
		return 0
	case !hinted && e.other && !(e.waits && e.field.strength == telling): // SendCardAndWait
		return 0
	case !hinted && e.operation.Method != "post" && e.subject == "":
		return 0
	case hinted && (e.isPerCall() || !takesBody(e.operation)):
		return connector.WebhookAction
	case lasting && !e.waits:
		return connector.Webhook
	case hinted, e.field.strength == telling, e.waits && e.subject != "":
		return connector.WebhookAction
	}
	return 0
}

// isPerCall reports whether the document says of all its callbacks that they
// belong to one call.
func (e evidence) isPerCall() bool {
	return !slices.ContainsFunc(e.hints, func(h Hint) bool { return !h.PerCall })
}

// reasons says in words what the verdict rests on.
func (e evidence) reasons(as connector.Delivery) []string {
	var all []string
	add := func(when bool, format string, args ...any) {
		if when {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	add(e.subject != "", "%s", e.subject)
	add(e.subject == "", "neither path nor operationId speaks of a subscription")
	add(e.other, "its name says that it does something else")
	add(e.receives && !e.named, "its name says that it receives what others send")
	for _, h := range e.hints {
		add(h.PerCall, "the document declares the callback %s, for one call", h.Name)
		add(!h.PerCall, "the document declares the callback %s", h.Name)
	}
	add(e.unheard, "what is sent is not sent by POST, which is all that the platform hears")
	add(len(e.hints) > 0 && !e.named, "the callback's expression names no field of the request")
	all = append(all, e.field.reason())
	add(e.waits, "it speaks of waiting for an answer")
	if e.removal != nil {
		add(true, "DELETE %s removes it", e.removal.Path)
	}
	add(e.created, "answers 201")
	add(as == connector.Webhook && e.operation.Method != "post", "a %s may replace an earlier registration", strings.ToUpper(e.operation.Method))
	return all
}

func hintsThat(hints []Hint, hold func(Hint) bool) (some []Hint) {
	for _, h := range hints {
		if hold(h) {
			some = append(some, h)
		}
	}
	return some
}

// hintsOfField returns the hints but those that name another field than the one
// that takes the URL.
func (e evidence) hintsOfField() []Hint {
	return hintsThat(e.hints, func(h Hint) bool { return !e.named || h.Callback == "" || h.Callback == e.callback })
}

// open returns what its author has to do about an operation if it is converted.
func (e evidence) open() []Step {
	var steps []Step
	if e.unheard {
		steps = append(steps, warning(e.operation.Node, "let the service send by POST: the platform hears nothing else"))
	}
	for _, h := range e.hints {
		if e.named && h.Callback != "" && h.Callback != e.callback {
			name := h.Callback[strings.LastIndex(h.Callback, "/")+1:]
			steps = append(steps, Step{h.Callback, fmt.Sprintf("decide what becomes of %q, which takes the URL of %s: the platform fills in one field, and this one is left to makers",
				source.UnescapePointer(name), h.Name), true})
		}
	}
	return steps
}

// doesOther reports whether an operation by its name deals with a registration,
// or with a URL, but does not create one.
func (s *survey) doesOther(o, removal *connector.Operation) bool {
	segments := connector.Segments(o.Path)
	if last := len(segments) - 1; last >= 0 && saysWhatIsDone(segments[last]) || s.isBelowItem(segments) {
		return true
	}
	summary, _ := o.Get("summary").Str()
	opening, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(summary)), " ")
	for _, verb := range append(verbsOf(o.ID), opening) {
		if slices.Contains(otherVerbs, verb) && !isEvent(verb, o, removal) {
			return true
		}
	}
	return false
}

// isBelowItem reports whether a path is that of something that a POST on its
// collection creates, or of a part of such a registration: a POST on /x/{id}
// changes it, and one on /hooks/{id}/headers adds to it.
func (s *survey) isBelowItem(segments []string) bool {
	for i := len(segments) - 1; i > 0; i-- {
		if segments[i] != "{}" || !s.posts[pathKey(segments[:i])] {
			continue
		}
		collection, _ := speaksOf(segments[i-1], pathSubjects)
		part, _ := speaksOf(pathKey(segments[i+1:]), pathSubjects)
		if i == len(segments)-1 || collection != "" && part == "" {
			return true
		}
	}
	return false
}

// verbsOf returns the words of an operationId that can say what it does: the
// first, the first after a generator's group, and the last.
func verbsOf(id string) []string {
	words := connector.Words(id)
	if last := len(words) - 1; last > 0 && strings.Trim(words[last], "v0123456789") == "" {
		words = words[:last] // UpdateItem_V2
	}
	if len(words) == 0 {
		return nil
	}
	verbs := []string{words[0], words[len(words)-1]}
	if inner := connector.Words(ungrouped(id)); len(inner) > 0 {
		verbs = append(verbs, inner[0])
	}
	return verbs
}

// isEvent reports whether a verb is what happens rather than what is done.
// OnDelete and UpdateItemTrigger say so, and so does a path that has the verb
// behind its subject, as /subscribe/updateItem does; unless path or operationId
// has the subject as the verb's object: DeleteWebHook. A lone verb, as in
// /hooks/update, is an event where a DELETE removes registrations: a service
// that changes them by POST removes them so as well.
func isEvent(verb string, o, removal *connector.Operation) bool {
	words := connector.Words(o.ID)
	if eventOpening(o.ID) != "" || len(words) > 2 && words[len(words)-1] == "trigger" {
		return true
	}
	_, behind := speaksOf(plainPath(o), pathSubjects)
	_, object, ok := strings.Cut(behind, verb)
	if !ok || !slices.Contains(eventVerbs, verb) || strings.Contains(behind, "{") {
		return false
	}
	if phrase, _ := speaksOf(object, pathSubjects); phrase != "" || removal == nil && strings.HasSuffix(behind, "/"+verb) {
		return false
	}
	return slices.ContainsFunc(words, func(w string) bool {
		phrase, _ := speaksOf(w, idSubjects)
		return phrase == "" && w != verb && w != "web"
	})
}

// saysItReceives reports whether an operation is itself one that a webhook of
// somebody else calls: handleStripeWebhook, "Receive a Stripe webhook".
func saysItReceives(o *connector.Operation) bool {
	summary, _ := o.Get("summary").Str()
	words := connector.Words(summary)
	if len(words) > 0 {
		words = []string{words[0], words[len(words)-1]}
	}
	return slices.ContainsFunc(append(verbsOf(o.ID), words...), func(w string) bool { return slices.Contains(receivingWords, w) })
}

// saysItWaits reports whether an operation says that a flow pauses until it is
// answered.
func saysItWaits(o *connector.Operation) bool {
	summary, _ := o.Get("summary").Str()
	summary = strings.ToLower(summary)
	if strings.HasPrefix(summary, "when ") {
		return false // the platform's way to name an event
	}
	return containsAny(summary, waitPhrases) || slices.Contains(connector.Words(o.ID), "wait")
}
