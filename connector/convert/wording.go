package convert

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
)

// Makers choose a trigger by what happens: "When an order is created". Where an
// API says "Create webhook for order.created", the event is in there; where it
// says no more than "Create a webhook", nothing tells.

// unknownEvent stands where nothing tells what happens.
const unknownEvent = "a webhook event occurs"

// saysWhen reports whether a summary says when a trigger fires.
func saysWhen(summary string) bool {
	words := strings.ToLower(strings.TrimSpace(summary))
	return strings.HasPrefix(words, "when ") || strings.HasPrefix(words, "whenever ")
}

var triggersWhen = regexp.MustCompile(`(?i)^\W*((this|the) )?(operation |trigger |event |webhook |action |flow )?(is )?(triggers?|triggered|fires?|fired|occurs?|runs?|starts?)\b.{0,20}\b(when|whenever|if|once|each time|every time|after)\b`)

// saysTriggers reports whether a description says when a trigger fires.
func saysTriggers(description string) bool { return triggersWhen.MatchString(description) }

// triggerDescription puts a sentence that says when a trigger fires before a
// description. All of that stays: what the call does may be told in one sentence
// with what its author has to know.
func triggerDescription(event, old string) string {
	text, old := "This operation triggers when "+event+".", strings.TrimSpace(old)
	switch {
	case old == "":
		return text
	case strings.Contains(old, "\n"):
		return text + "\n\n" + old // a list or a heading begins a paragraph
	}
	return text + " " + old
}

var sentenceEnd = regexp.MustCompile(`[.!?]\s+|\r?\n`)

func firstSentence(text string) string {
	text = strings.TrimSpace(text)
	if at := sentenceEnd.FindStringIndex(text); at != nil {
		return text[:at[0]]
	}
	return text
}

// eventOf says what happens when an operation's trigger fires: "an order is
// created". An event that something happens to comes before one that is only
// named, and what the operation says before what is said of what is sent.
func eventOf(o *connector.Operation, sent []string) string {
	texts := namesOf(o)
	for _, text := range append(slices.Clip(texts), sent...) {
		if event := cmp.Or(afterWhen(text), happening(eventWords(text))); event != "" {
			return event
		}
	}
	for _, text := range texts[:2] {
		if subject := subjectOfEvent(eventWords(text)); subject != "" {
			return withIndefinite(subject+" event") + " occurs"
		}
	}
	return unknownEvent
}

// polledEventOf says it of an operation that lists what was created, or changed.
func polledEventOf(o *connector.Operation, what string) string {
	texts := namesOf(o)
	var lists [][]string
	for _, text := range texts {
		words := eventWords(text)
		for len(words) > 0 && isOneOf(words[0], listingVerbs) {
			words = words[1:]
		}
		if event := cmp.Or(afterWhen(text), happening(words)); event != "" {
			return event
		}
		lists = append(lists, words)
	}
	lists[2] = lists[2][max(0, len(lists[2])-1):] // of a path, its end
	for _, words := range lists {
		words = withoutOpening(words)
		if cut := slices.IndexFunc(words, func(w string) bool { return isOneOf(w, fillWords) }); cut >= 0 {
			words = words[:cut]
		}
		if event := sentence(words, what); event != "" && len(words) <= 3 {
			return event
		}
	}
	return "an item is " + what
}

// namesOf returns the texts that may tell an event, what tells most first: the
// summary, the operationId, and the end of the path.
func namesOf(o *connector.Operation) []string {
	summary, _ := o.Get("summary").Str()
	if !saysWhen(summary) {
		summary = firstSentence(summary)
	}
	segments := slices.DeleteFunc(strings.Split(o.Path, "/"), func(s string) bool { return s == "" || strings.Contains(s, "{") })
	return []string{summary, o.ID, strings.Join(segments[max(0, len(segments)-2):], " ")}
}

// afterWhen returns what follows "when" in a sentence, "" if it is not there.
func afterWhen(summary string) string {
	at := whenWord.FindStringIndex(summary)
	if at == nil {
		return ""
	}
	event := strings.TrimRight(strings.TrimSpace(summary[at[1]:]), ".! ")
	if len("When "+event) > maxSummary {
		return ""
	}
	return event
}

var whenWord = regexp.MustCompile(`(?i)(^|\s)when(ever)?\s`)

// maxSummary is what the designer shows of an operation's name (Microsoft docs:
// connector-string-guidance).
const maxSummary = 80

var (
	// registeringVerbs open the name of a call that registers.
	registeringVerbs = []string{"create", "add", "register", "subscribe", "set", "setup", "up", "post", "listen", "start", "make", "insert",
		"save", "store", "configure", "install", "put", "enable", "notify", "get", "receive", "sign", "watch", "trigger", "triggered", "fires", "runs",
		"establish", "clone", "define", "activate"}
	// listingVerbs open the name of a call that lists what there is.
	listingVerbs = []string{"list", "get", "find", "search", "fetch", "retrieve", "query", "read", "return", "poll", "all", "the", "a", "of"}
	// hookWords stand for the registration and not for what happens.
	hookWords = []string{"webhook", "web", "hook", "callback", "listener", "subscription", "subscriber", "trigger", "notification", "event",
		"registration", "endpoint", "url", "hookup", "api", "rest", "automate", "flow", "feed", "controller"}
	// fillWords have no meaning of their own.
	fillWords = []string{"a", "an", "the", "to", "for", "of", "on", "in", "at", "with", "by", "from", "as", "your", "our", "my", "this", "that", "any",
		"all", "about", "and", "or", "into", "via", "it", "new", "type", "kind"}
	// beingWords stand between a subject and what happens to it.
	beingWords = []string{"is", "are", "was", "were", "has", "have", "been", "being", "be", "gets", "got", "get"}
)

// eventWords splits a name or a sentence into its words. Numbers of versions are
// left out.
func eventWords(text string) []string {
	return slices.DeleteFunc(connector.SpokenWords(text), func(w string) bool { return strings.Trim(w, "vV0123456789") == "" })
}

// happening makes an event of words that say what happens: order created, new
// order, deleted contact, orders/create.
func happening(words []string) string {
	words = withoutTail(withoutRegistering(withoutOpening(words)))
	for i, w := range words {
		if i > 0 && participle(w) != "" {
			return sentence(words[:i], participle(w))
		}
	}
	if len(words) < 2 {
		return ""
	}
	rest, last := words[:len(words)-1], words[len(words)-1]
	if p, ok := happenings[last]; ok {
		return sentence(rest, p)
	}
	isFill := func(w string) bool { return isOneOf(w, fillWords) }
	if p := participle(words[0]); p != "" && !slices.ContainsFunc(words, isFill) { // and no "attached to a project"
		return sentence(words[1:], p)
	}
	if words[0] == "new" {
		return sentence(words, "created")
	}
	if slices.Contains(doing, words[0]) {
		return sentence(words[1:], happenings[words[0]])
	}
	return ""
}

// withoutOpening drops what says that something is registered, as long as
// something is left that may happen: "create webhook for".
func withoutOpening(words []string) []string {
	isOpening := func(w string) bool {
		return w != "new" && (isOneOf(w, registeringVerbs) || isOneOf(w, hookWords) || isOneOf(w, fillWords)) || w == "on"
	}
	i := 0
	for i < len(words) && isOpening(words[i]) {
		i++
	}
	// In "subscription created" the subscription itself is what it happens to.
	if i > 0 && i == len(words)-1 && isOneOf(words[i-1], []string{"subscription", "registration"}) && participle(words[i]) != "" {
		i--
	}
	return words[i:]
}

// withoutRegistering drops a registration from the end with the verb that makes
// it, on either side: "repos create webhook", "order hooks create". What is left
// of these is no event.
func withoutRegistering(words []string) []string {
	isHook := func(w string) bool { return isOneOf(w, hookWords) }
	isVerb := func(w string) bool { return isOneOf(w, registeringVerbs) }
	n := len(words)
	for n > 0 && isHook(words[n-1]) {
		n--
	}
	if n > 0 && isVerb(words[n-1]) && (n < len(words) || n > 1 && isHook(words[n-2])) {
		return words[:n-1]
	}
	return words
}

// withoutTail drops what names the registration again: "order created webhook".
func withoutTail(words []string) []string {
	n := len(words)
	for n > 0 && (isOneOf(words[n-1], hookWords) || isOneOf(words[n-1], fillWords)) {
		n--
	}
	return words[:n]
}

// sentence joins a subject and what happens to it. It is "" if the subject is
// none.
func sentence(subject []string, what string) string {
	subject = slices.DeleteFunc(slices.Clone(subject), func(w string) bool { return slices.Contains(beingWords, w) })
	for len(subject) > 0 && subject[0] != "new" && isOneOf(subject[0], fillWords) {
		subject = subject[1:]
	}
	if len(subject) == 0 || len(subject) > 5 || isOneOf(subject[len(subject)-1], fillWords) || len(subject) == 1 && subject[0] == "new" {
		return ""
	}
	subject[len(subject)-1] = singular(subject[len(subject)-1])
	verb, isActive := actives[what]
	if !isActive {
		verb = "is " + what
	}
	return withIndefinite(strings.Join(subject, " ")) + " " + verb
}

// subjectOfEvent returns what a registration is about if only that is named:
// "order" of "Create order webhook". It is "" if the words say anything else.
func subjectOfEvent(words []string) string {
	isRegistration := func(w string) bool { return isOneOf(w, hookWords) }
	if !slices.ContainsFunc(words, isRegistration) && (len(words) == 0 || !isOneOf(words[0], registeringVerbs)) {
		return ""
	}
	rest := withoutOpening(words)
	if len(rest) == len(words) || slices.ContainsFunc(rest, func(w string) bool { return isOneOf(w, []string{"id"}) }) {
		return "" // it opens with something unknown, maybe a verb; or it is made of a path
	}
	if cut := slices.IndexFunc(rest, func(w string) bool { return isOneOf(w, fillWords) || slices.Contains(beingWords, w) }); cut >= 0 {
		rest = rest[:cut]
	}
	rest = slices.DeleteFunc(slices.Clone(rest), isRegistration)
	if len(rest) == 0 || len(rest) > 3 || isOneOf(rest[0], registeringVerbs) || participle(rest[0]) != "" {
		return ""
	}
	rest[len(rest)-1] = singular(rest[len(rest)-1])
	return strings.Join(rest, " ")
}

// isOneOf looks for a word or its form with an s.
func isOneOf(word string, list []string) bool {
	word = strings.ToLower(word)
	return slices.Contains(list, word) || slices.Contains(list, strings.TrimSuffix(word, "s")) ||
		slices.Contains(list, strings.TrimSuffix(word, "es"))
}

// participle returns the word if it says what was done, "" otherwise.
func participle(word string) string {
	if slices.Contains(irregular, word) || strings.HasSuffix(word, "ed") && len(word) > 4 && !slices.Contains(noParticiples, word) {
		return word
	}
	return ""
}

var (
	irregular = []string{"sent", "paid", "made", "built", "sold", "bought", "lost", "won", "done", "run", "begun", "hidden", "shown",
		"taken", "written", "left", "met", "found", "put", "undone", "withdrawn", "overdue"}
	noParticiples = []string{"need", "feed", "seed", "speed", "embed", "breed", "exceed", "proceed", "succeed", "indeed", "unified", "shared", "related", "deprecated",
		"called", "used", "based", "required", "provided", "specified", "named", "owned", "associated", "hosted", "authenticated", "authorized", "desired",
		"supported", "predefined", "customized", "advanced", "detailed", "dedicated"}

	// actives are participles that do not go with "is".
	actives = map[string]string{
		"failed": "fails", "expired": "expires", "arrived": "arrives", "occurred": "occurs", "happened": "happens", "started": "starts",
		"ended": "ends", "finished": "finishes", "joined": "joins", "left": "leaves", "bounced": "bounces", "succeeded": "succeeds",
		"stopped": "stops", "appeared": "appears", "overdue": "is overdue", "responded": "responds", "replied": "replies",
	}

	// doing are verbs that open a name, as in DeleteSession, and are nothing else.
	doing = []string{"update", "delete", "remove", "edit", "modify", "cancel", "publish", "archive", "assign", "submit", "upload"}

	// happenings are verbs and nouns of the same meaning, as in orders/create.
	happenings = map[string]string{
		"create": "created", "update": "updated", "delete": "deleted", "remove": "removed", "add": "added", "change": "changed",
		"cancel": "cancelled", "complete": "completed", "close": "closed", "open": "opened", "approve": "approved", "reject": "rejected",
		"submit": "submitted", "publish": "published", "archive": "archived", "assign": "assigned", "start": "started", "stop": "stopped",
		"finish": "finished", "fail": "failed", "sign": "signed", "merge": "merged", "upload": "uploaded", "edit": "edited", "modify": "modified",
		"send": "sent", "receive": "received", "expire": "expired", "updates": "updated", "changes": "changed", "creation": "created",
		"deletion": "deleted", "cancellation": "cancelled", "completion": "completed", "removal": "removed", "submission": "submitted",
		"approval": "approved", "failure": "failed", "insert": "inserted", "purchase": "purchased",
	}
)

// singular returns a word without the ending of its plural.
func singular(word string) string {
	lower := strings.ToLower(word)
	hasAny := func(endings ...string) bool {
		return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(lower, e) })
	}
	switch {
	case word != lower || len(word) < 4 || hasAny("ss", "us", "is", "series", "news", "species"):
		return word
	case hasAny("movies", "cookies"):
		return word[:len(word)-1]
	case hasAny("ies"):
		return word[:len(word)-3] + "y"
	case hasAny("sses", "xes", "ches", "shes", "zzes", "uses"):
		return word[:len(word)-2]
	case hasAny("s"):
		return word[:len(word)-1]
	}
	return word
}

var uncountable = []string{"data", "information", "feedback", "news", "inventory", "stock", "content"}

// withIndefinite puts "a" or "an" before a phrase, as it sounds.
func withIndefinite(phrase string) string {
	first, _, _ := strings.Cut(phrase, " ")
	lower, last := strings.ToLower(first), phrase[strings.LastIndexByte(phrase, ' ')+1:]
	starts := func(openings ...string) bool {
		return slices.ContainsFunc(openings, func(o string) bool { return strings.HasPrefix(lower, o) })
	}
	vowel := strings.ContainsRune("aeiou", rune(lower[0]))
	switch {
	case slices.Contains([]string{"a", "an", "the"}, lower), slices.Contains(uncountable, strings.ToLower(last)):
		return phrase
	case first != lower: // an acronym: as its first letter is spoken
		vowel = strings.ContainsRune("aefhilmnorsx", rune(lower[0]))
	case starts("uni", "use", "usa", "eu", "one", "uti"):
		vowel = false
	case starts("hour", "honest", "heir"):
		vowel = true
	}
	if vowel {
		return "an " + phrase
	}
	return "a " + phrase
}
