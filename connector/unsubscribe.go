package connector

import (
	"slices"
	"strings"
)

// The ways in which a DELETE can be found to undo a registration, best first.
// They were counted over published connectors: only one registration in seven
// has its DELETE right below it, and many share one.
type relation uint8

const (
	unrelated    relation = iota
	onlyInternal          // the document's internal DELETE
	unsubWord             // its path or operationId says so: /unsubscribe, DeleteWebhook
	sameNoun              // /forms/{id}/webhook and /webhook/{id}
	ancestor              // /hooks/ticket/created and /hooks/{id}
	verbSibling           // /hooks/create and /hooks/delete, /subscribe and /unsubscribe/{id}
	samePath              // /hooks and /hooks
	child                 // /hooks and /hooks/{id}
)

// unsubscribe returns the DELETE that undoes the registration o, nil if none
// fits. The platform calls the address in the registration's Location header
// and not the operation, so paths need not match; what counts is which of the
// described DELETEs that address means.
//
// An internal DELETE is meant for the platform, so it goes before one that
// makers can see, unless only the visible one has to do with the registration.
func (d *Definition) unsubscribe(o *Operation) *Operation {
	var internal, visible match
	from := newRegistration(o)
	for _, r := range d.allRemovals() {
		m := from.relate(r)
		if m.relation == unrelated && r.internal && !r.ownedBelow {
			m.relation = onlyInternal
		}
		if r.internal && m.relation != unrelated {
			internal = from.better(internal, m)
		} else if m.isTelling() {
			visible = from.better(visible, m)
		}
	}
	if internal.removal == nil || internal.relation == onlyInternal && visible.relation >= verbSibling {
		return visible.operation()
	}
	return internal.operation()
}

// Removal returns the DELETE that seems to undo the registration o, nil if none
// fits. byPath says that its path shows what it belongs to; otherwise only its
// words do. It reads no marks, for documents that were not written for the
// platform: of 478 published triggers with an internal DELETE it finds that one
// for 470, and nothing for the rest.
func (d *Definition) Removal(o *Operation) (removal *Operation, byPath bool) {
	var best match
	from := newRegistration(o)
	for _, r := range d.allRemovals() {
		if m := from.relate(r); m.isTelling() {
			best = from.better(best, m)
		}
	}
	return best.operation(), best.relation >= ancestor
}

// removal is a DELETE, with what comparing it takes. Documents may have
// thousands of them and of registrations, so it is worked out once.
type removal struct {
	*Operation
	path         []string
	words        []string
	internal     bool
	unsubscribes bool // path or id speak of unsubscribing, if only by a word like hook
	hooks        bool // path or id speak of hooks and nothing else
	ownedBelow   bool // it lies right below a POST, whose own it then is
}

func (d *Definition) allRemovals() []*removal {
	if d.removals != nil {
		return d.removals
	}
	posts := map[string]bool{}
	for _, o := range d.operations {
		if o.Method == "post" {
			posts[strings.Join(Segments(o.Path), "/")] = true
		}
	}
	d.removals = []*removal{}
	for _, o := range d.operations {
		if o.Method != "delete" {
			continue
		}
		path := Segments(o.Path)
		last := len(path) - 1
		d.removals = append(d.removals, &removal{
			Operation: o, path: path, words: Words(o.ID), internal: o.IsInternal(),
			unsubscribes: speaksOfUnsubscribing(o), hooks: speaksOfHooks(o),
			ownedBelow: last >= 0 && path[last] == "{}" && posts[strings.Join(path[:last], "/")],
		})
	}
	return d.removals
}

type match struct {
	removal  *removal
	relation relation
	shared   int // common leading path segments
}

func (m match) operation() *Operation {
	if m.removal == nil {
		return nil
	}
	return m.removal.Operation
}

// isTelling reports whether the match needs no mark to be believed. What makers
// can see may delete an event or a notification of theirs, so its place alone,
// or such a word, does not make it the one.
func (m match) isTelling() bool {
	return m.relation >= verbSibling || m.relation != unrelated && m.removal.hooks
}

// registration is an operation that DELETEs are compared with.
type registration struct{ path, words []string }

func newRegistration(o *Operation) registration { return registration{Segments(o.Path), Words(o.ID)} }

// better prefers the closer relation, then the longer common path, then the
// more similar name; the first of equals stays.
func (from registration) better(a, b match) match {
	switch {
	case a.removal == nil || b.relation != a.relation && b.relation > a.relation:
		return b
	case b.relation < a.relation || b.shared < a.shared:
		return a
	case b.shared > a.shared || commonWords(from.words, b.removal.words) > commonWords(from.words, a.removal.words):
		return b
	}
	return a
}

func (from registration) relate(r *removal) match {
	path, to := from.path, r.path
	m := match{removal: r, shared: commonPrefix(path, to)}
	above := len(path) - 1
	switch {
	case len(to) == len(path)+1 && m.shared == len(path) && to[len(path)] == "{}":
		m.relation = child
	case len(to) == len(path) && m.shared == len(path):
		m.relation = samePath
	case above >= 0 && m.shared >= above && isVerb(path[above]) && isRemoval(to[min(above, len(to)):]):
		m.relation = verbSibling
	case isBelowAncestor(path, to, m.shared):
		m.relation = ancestor
	case r.unsubscribes:
		m.relation = unsubWord
	case sharesNoun(path, to):
		m.relation = sameNoun
	}
	return m
}

// Segments splits a path for comparison: parameters lose their names, letters
// their case; a query and a trailing ".json" do not count.
func Segments(path string) []string {
	path, _, _ = strings.Cut(strings.ToLower(path), "?")
	path = strings.TrimSuffix(strings.TrimRight(path, "/"), ".json")
	var result []string
	for s := range strings.SplitSeq(path, "/") {
		if s == "" {
			continue
		}
		if strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") {
			s = "{}"
		}
		result = append(result, s)
	}
	return result
}

func commonPrefix(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// isVerb reports whether a registration's last segment says what is done
// rather than to what.
func isVerb(segment string) bool {
	for _, verb := range []string{"create", "add", "new", "register", "subscribe", "start", "enable"} {
		if strings.HasPrefix(segment, verb) {
			return true
		}
	}
	return false
}

// isRemoval reports whether what follows the common path is an identifier, or
// a verb of removal with or without one.
func isRemoval(rest []string) bool {
	if len(rest) == 0 || len(rest) > 2 || len(rest) == 2 && rest[1] != "{}" {
		return false
	}
	if rest[0] == "{}" {
		return len(rest) == 1
	}
	for _, verb := range []string{"delete", "remove", "unsub", "unregister", "deregister", "stop", "disable", "cancel"} {
		if strings.HasPrefix(rest[0], verb) {
			return true
		}
	}
	return false
}

// isBelowAncestor reports whether to is an item of a collection above from,
// and not the resource that from itself belongs to.
func isBelowAncestor(from, to []string, shared int) bool {
	return shared > 0 && shared < len(from) && len(to) == shared+1 && to[shared] == "{}" && from[shared] != "{}" &&
		isHookWord(strings.Join(to[:shared], "/"))
}

// isHookWord reports whether a path or a name speaks of registrations.
func isHookWord(s string) bool {
	s = strings.ToLower(s)
	for _, word := range []string{"hook", "subscri", "trigger", "callback", "listener", "notif", "regist", "event"} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}

func speaksOfUnsubscribing(o *Operation) bool {
	for _, s := range []string{strings.ToLower(o.Path), strings.ToLower(o.ID)} {
		for _, word := range []string{"unsubscri", "unregist", "deregist"} {
			if strings.Contains(s, word) {
				return true
			}
		}
	}
	return isHookWord(o.ID) || isHookWord(o.Path)
}

// speaksOfHooks reports whether path or operationId have a word that hardly
// stands for anything but registrations.
func speaksOfHooks(o *Operation) bool {
	for _, s := range []string{strings.ToLower(o.Path), strings.ToLower(o.ID)} {
		for _, word := range []string{"hook", "subscri", "callback", "listener", "unregist", "deregist"} {
			if strings.Contains(s, word) {
				return true
			}
		}
	}
	return false
}

// sharesNoun reports whether both paths end, identifiers aside, in the same
// literal segment.
func sharesNoun(from, to []string) bool {
	noun := func(path []string) string {
		for _, s := range slices.Backward(path) {
			if s != "{}" {
				return s
			}
		}
		return ""
	}
	n := noun(from)
	return n != "" && n == noun(to)
}

// commonWords counts the words that two names share.
func commonWords(a, b []string) int {
	n := 0
	for _, w := range b {
		if slices.Contains(a, w) {
			n++
		}
	}
	return n
}

// Words splits an identifier such as OnNewItem_V2 or items.create into its
// words, in lower case.
func Words(id string) []string {
	var words []string
	start := 0
	for i := 1; i <= len(id); i++ {
		if i == len(id) || isUpper(id[i]) && !isUpper(id[i-1]) || strings.IndexByte(separators, id[i]) >= 0 {
			if w := strings.Trim(id[start:i], separators); w != "" {
				words = append(words, strings.ToLower(w))
			}
			start = i
		}
	}
	return words
}

const separators = "_-./ "

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
