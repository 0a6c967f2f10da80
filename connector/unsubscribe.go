package connector

import (
	"cmp"
	"slices"
	"strings"
)

// The ways in which a DELETE can be found to undo a registration, best first.
// They were counted over published connectors: only one registration in seven
// has its DELETE right below it, and many share one.
type relation uint8

const (
	unrelated    relation = iota
	onlyInternal          // the document's one internal DELETE
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
	all, from := d.allRemovals(), newRegistration(o)
	internal := from.better(from.best(all[internalOnes], onlyInternal), from.best(all[internalOnes|hookOnes], onlyInternal))
	visible := from.better(from.best(all[0], verbSibling), from.best(all[hookOnes], unsubWord))
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
	all, from := d.allRemovals(), newRegistration(o)
	var best match
	for kind, group := range all {
		// What makers can see may delete an event or a notification of theirs, so
		// its place alone, or such a word, does not make it the one.
		least := verbSibling
		if kind&hookOnes != 0 {
			least = unsubWord
		}
		best = from.better(best, from.best(group, least))
	}
	return best.operation(), best.relation >= ancestor
}

// removal is a DELETE, with what comparing it takes. Documents may have
// thousands of them and of registrations, so it is worked out once.
type removal struct {
	*Operation
	order        int // in the document
	path         []string
	words        []string
	unsubscribes bool // path or id speak of unsubscribing, if only by a word like hook
	ownedBelow   bool // it lies right below a POST, whose own it then is
}

// The kinds of removals; a removal may be of both.
const (
	internalOnes = 1 << iota
	hookOnes     // path or id speak of hooks and nothing else
)

// removals finds the DELETEs of one kind that can have to do with a registration
// without looking at all of them. Those that only words connect are listed by
// every beginning of their paths.
type removals struct {
	byPath   map[string][]*removal
	byVerb   map[string][]*removal  // by what is before a verb of removal
	byWord   map[string]*namedAlike // those that speak of unsubscribing
	byNoun   map[string]*namedAlike // others, see nounKey
	internal []*removal             // internal ones that are nobody's own
}

func newRemovals() *removals {
	paths := func() map[string][]*removal { return map[string][]*removal{} }
	names := func() map[string]*namedAlike { return map[string]*namedAlike{} }
	return &removals{byPath: paths(), byVerb: paths(), byWord: names(), byNoun: names()}
}

// namedAlike are removals of which only their names tell one from another.
type namedAlike struct {
	all    []*removal
	byWord map[string][]*removal
}

// maxAlike bounds how many removals are compared by their names. A word that
// more have tells none of them apart.
const maxAlike = 1000

func addAlike(to map[string]*namedAlike, key string, r *removal) {
	l := to[key]
	if l == nil {
		l = &namedAlike{byWord: map[string][]*removal{}}
		to[key] = l
	}
	l.all = append(l.all, r)
	for _, w := range r.words {
		l.byWord[w] = append(l.byWord[w], r)
	}
}

// like returns those that may have the most words in common with a name.
func (l *namedAlike) like(words []string) []*removal {
	switch {
	case l == nil:
		return nil
	case len(l.all) <= maxAlike:
		return l.all
	}
	found := l.all[:1:1]
	for _, w := range words {
		if some := l.byWord[w]; len(some) <= maxAlike {
			found = append(found, some...)
		}
	}
	return found
}

func (d *Definition) allRemovals() []*removals {
	if d.removals != nil {
		return d.removals
	}
	posts := map[string]bool{}
	for _, o := range d.operations {
		if o.Method == "post" {
			posts[strings.Join(Segments(o.Path), "/")] = true
		}
	}
	d.removals = []*removals{newRemovals(), newRemovals(), newRemovals(), newRemovals()}
	for i, o := range d.operations {
		if o.Method != "delete" {
			continue
		}
		path, kind := Segments(o.Path), 0
		if o.IsInternal() {
			kind |= internalOnes
		}
		if speaksOfHooks(o) {
			kind |= hookOnes
		}
		last := len(path) - 1
		d.removals[kind].add(&removal{
			Operation: o, order: i, path: path, words: Words(o.ID), unsubscribes: speaksOfUnsubscribing(o),
			ownedBelow: last >= 0 && path[last] == "{}" && posts[strings.Join(path[:last], "/")],
		}, kind&internalOnes != 0)
	}
	return d.removals
}

func (g *removals) add(r *removal, internal bool) {
	beginnings := beginningsOf(r.path)
	whole := beginnings[len(r.path)]
	g.byPath[whole] = append(g.byPath[whole], r)
	for i := max(0, len(r.path)-2); i < len(r.path); i++ {
		if isRemoval(r.path[i:]) {
			g.byVerb[beginnings[i]] = append(g.byVerb[beginnings[i]], r)
		}
	}
	for _, b := range beginnings {
		if r.unsubscribes {
			addAlike(g.byWord, b, r)
		} else if noun := nounOf(r.path); noun != "" {
			addAlike(g.byNoun, nounKey(noun, b), r)
		}
	}
	if internal && !r.ownedBelow {
		g.internal = append(g.internal, r)
	}
}

// beginningsOf returns a path's first 0, 1, 2 and so on segments.
func beginningsOf(path []string) []string {
	beginnings := []string{""}
	for i := range path {
		beginnings = append(beginnings, beginnings[i]+"/"+path[i])
	}
	return beginnings
}

func nounKey(noun, beginning string) string { return noun + "\n" + beginning }

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

// registration is an operation that DELETEs are compared with.
type registration struct{ path, words []string }

func newRegistration(o *Operation) registration { return registration{Segments(o.Path), Words(o.ID)} }

// best returns the best match in a group whose relation is at least the given
// one.
func (from registration) best(g *removals, least relation) match {
	var best match
	try := func(list []*removal, least relation) {
		for _, r := range list {
			m := from.relate(r)
			if m.relation >= least {
				best = from.better(best, m)
			}
		}
	}
	beginnings := beginningsOf(from.path)
	last := len(from.path)
	closest := max(least, ancestor)
	try(g.byPath[beginnings[last]], closest)
	for _, b := range beginnings {
		try(g.byPath[b+"/{}"], closest)
	}
	try(g.byVerb[beginnings[max(0, last-1)]], closest)
	// Of what only words connect, the longest common path decides first.
	noun := nounOf(from.path)
	for _, step := range []struct {
		relation relation
		list     func(beginning string) *namedAlike
	}{
		{sameNoun, func(b string) *namedAlike { return g.byNoun[nounKey(noun, b)] }},
		{unsubWord, func(b string) *namedAlike { return g.byWord[b] }},
	} {
		for i := last; i >= 0 && best.removal == nil && step.relation >= least; i-- {
			try(step.list(beginnings[i]).like(from.words), step.relation)
		}
	}
	// Of several that have nothing to do with it, none is more likely than another.
	if best.removal == nil && least <= onlyInternal && len(g.internal) == 1 {
		return match{removal: g.internal[0], relation: onlyInternal}
	}
	return best
}

// better prefers the closer relation, then the longer common path, then the
// more similar name, then what comes first.
func (from registration) better(a, b match) match {
	switch {
	case a.removal == nil:
		return b
	case b.removal == nil:
		return a
	}
	prefer := cmp.Or(cmp.Compare(b.relation, a.relation), cmp.Compare(b.shared, a.shared))
	if prefer == 0 {
		prefer = cmp.Or(
			cmp.Compare(commonWords(from.words, b.removal.words), commonWords(from.words, a.removal.words)),
			cmp.Compare(a.removal.order, b.removal.order))
	}
	if prefer > 0 {
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
	case r.ownedBelow: // no word makes it another registration's
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
	n := nounOf(from)
	return n != "" && n == nounOf(to)
}

func nounOf(path []string) string {
	for _, s := range slices.Backward(path) {
		if s != "{}" {
			return s
		}
	}
	return ""
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
