package convert

import (
	"slices"
	"strings"
	"unicode"

	"github.com/connectorctl/connectorctl/connector"
)

// The tables of this file come from 1,032 published connectors and 121 other
// definitions: a word stands here because registrations use it, an exclusion
// because other operations do. Everything is in lower case.

// subject is a word that stands for registrations, with the phrase that tells a
// person so.
type subject struct{ word, phrase string }

// idSubjects are looked for in operationIds, where the further words of a path
// would find everyday actions: RegisterUser, SendNotification.
var idSubjects = []subject{
	{"hook", "hooks"}, {"subscri", "subscriptions"}, {"listener", "listeners"}, {"callback", "callbacks"},
	{"trigger", "triggers"},
}

var pathSubjects = append(slices.Clip(idSubjects), subject{"register", "registering"}, subject{"notif", "notifications"})

// undoing takes out of a text what contains a subject and means its opposite.
var undoing = strings.NewReplacer("unsub", "", "unregister", "", "deregister", "")

// The parts of a strong name: notifyUrl, target_uri, receiverEndpoint.
var (
	// callbackWords make a name that hardly stands for anything else.
	callbackWords = []string{
		"callback", "hook", "notification", "notify", "subscription", "listener", "receiver", "deliver", "publish",
		"push", "postback", "inbound",
		"automate", // powerAutomateUrl: the platform by its name
	}
	// placeWords do so in a registration only: a document has a target too.
	placeWords = []string{"target", "destination", "sink", "trigger", "event", "payload"}
	urlWords   = []string{"url", "uri", "endpoint", "reference"}
)

// wholeNames are strong by themselves.
var wholeNames = []string{"callback", "webhook", "sink"}

// genericNames take a callback URL only in a registration, vagueNames only in
// one whose path speaks of hooks or subscriptions.
var (
	genericNames = []string{"url", "uri", "endpoint", "endpointurl"}
	vagueNames   = []string{"target", "address"}
)

// weakNames may take one there. Others may if they are described as URLs that
// something is sent to, in words like these.
var (
	weakNames   = []string{"destination", "recipient", "consumer", "subscriber"}
	sentPhrases = []string{"hook", "callback", "notif", "post to", "posted to", "sent to", "send to", "deliver", "events"}
)

// otherURLs are words of URLs that somebody follows, or something is fetched
// from: redirectCallbackUrl, pushSuccessUrl, eventImageUrl. otherPlaces say so
// of a place only: targetListUrl, destinationContainerUrl.
var (
	otherURLs = []string{
		"redirect", "return", "success", "cancel", "error", "fail", "image", "icon", "logo", "avatar", "photo", "picture",
		"login", "logout", "signin", "signout", "token", "oauth", "document", "file", "template", "download", "upload",
		"attachment",
	}
	otherPlaces = []string{"folder", "library", "container", "list", "cell", "page", "site", "video", "audio", "media"}
)

// otherVerbs say that an operation deals with a registration, or with a URL,
// but does not create one.
var otherVerbs = []string{
	"update", "edit", "delete", "remove", "test", "verify", "ping", "fire", "retry", "resend", "list", "search", "send",
	"unsubscribe", "unregister", "deregister",
}

// receivingWords open or end the name of a service's own receiver.
var receivingWords = []string{"handle", "handles", "handler", "receive", "receives", "receiver", "process", "processes", "processor", "ingest"}

// eventVerbs are those of them that name events as well: /hooks/delete may
// register for deletions.
var eventVerbs = []string{"update", "edit", "delete", "remove", "search"}

// pathVerbs open the last segment of a path that says what is done.
var pathVerbs = []string{
	"test", "ping", "verify", "retry", "resend", "send", "search", "validate", "fire", "unsubscribe", "unregister",
}

// waitPhrases are what summaries of actions say that pause a flow.
var waitPhrases = []string{"wait", "response from", "reply from", "answer from"}

// examplePhrases are what operations say of themselves that show what is sent to
// a subscriber.
var examplePhrases = []string{"client listener", "post back", "callback notification", "customer provided url"}

// speaksOf returns the phrase of the first of the subjects that a text
// contains, "" if there is none, and the text behind it.
func speaksOf(text string, subjects []subject) (phrase, behind string) {
	text = undoing.Replace(strings.ToLower(text))
	for _, s := range subjects {
		if _, behind, ok := strings.Cut(text, s.word); ok {
			return s.phrase, behind
		}
	}
	return "", ""
}

// plainPath returns an operation's path in lower case and without the names of
// its parameters: /items/{subscriptionId} has to do with items.
func plainPath(o *connector.Operation) string {
	return "/" + strings.Join(connector.Segments(o.Path), "/")
}

// subjectOf says in words why an operation stands for a registration by its
// name, "" if it does not. It is faint if the words are those of messages to
// people too.
func subjectOf(o *connector.Operation) (reason string, faint bool) {
	path := plainPath(o)
	if phrase, _ := speaksOf(path, idSubjects); phrase != "" {
		return "the path speaks of " + phrase, false
	}
	if slices.Contains(connector.Segments(path), "hub") {
		return "the path speaks of a hub", false
	}
	if phrase, _ := speaksOf(o.ID, idSubjects); phrase != "" {
		return "the operationId speaks of " + phrase, false
	}
	if opening := eventOpening(o.ID); opening != "" {
		return "the operationId starts with " + opening, false
	}
	ref, _ := o.Body().Schema().Node.Get("$ref").Str()
	if phrase, _ := speaksOf(ref, idSubjects); phrase != "" {
		return "the name of the body's schema speaks of " + phrase, false
	}
	if phrase, _ := speaksOf(path, pathSubjects); phrase != "" {
		return "the path speaks of " + phrase, phrase == "notifications"
	}
	return "", false
}

// eventOpening returns the On or When that a name opens with, "" if there is
// none. A generator's group or the word trigger may stand before it:
// OnNewItem, Items_OnCreated, TriggerOnDelete.
func eventOpening(id string) string {
	for _, name := range []string{id, ungrouped(id)} {
		words := connector.Words(name)
		if len(words) > 0 && words[0] == "trigger" {
			words = words[1:]
		}
		if len(words) > 1 && words[0] == "on" {
			return "On"
		}
		if len(words) > 1 && words[0] == "when" {
			return "When"
		}
	}
	return ""
}

// ungrouped returns an operationId without the group that generators put in
// front: Webhooks_Update, webhooks/update.
func ungrouped(id string) string {
	if i := strings.IndexAny(id, "_./"); i > 0 && i < len(id)-1 {
		return id[i+1:]
	}
	return id
}

// saysWhatIsDone reports whether the last segment of a path is a verb, alone or
// with its object: /hooks/test, /hooks:test, /test_webhook.
func saysWhatIsDone(segment string) bool {
	for _, verb := range pathVerbs {
		object, ok := strings.CutPrefix(segment, verb)
		if object = strings.TrimPrefix(strings.Trim(object, "_-"), "web"); ok && (object == "" || object == "s" || opensWithSubject(object)) {
			return true
		}
	}
	return strings.Contains(segment, ":")
}

func opensWithSubject(text string) bool {
	return slices.ContainsFunc(pathSubjects, func(s subject) bool { return strings.HasPrefix(text, s.word) })
}

// strength is how much a field's name says about its value.
type strength uint8

const (
	silent  strength = iota
	weak             // maybe a URL, by what is said of it
	generic          // a URL
	strong           // a URL that something is sent to
	telling          // a callback URL
)

// nameStrength judges a name by itself, at a level below the body. hooky says
// that the path speaks of hooks or subscriptions.
func nameStrength(name string, level int, hooky bool) strength {
	n := plainName(name)
	named := containsAny(n, urlWords) && !containsAny(n, otherURLs)
	switch {
	case slices.Contains(wholeNames, n), named && containsAny(n, callbackWords):
		return telling
	case strings.HasPrefix(n, "urlto"), named && containsAny(n, placeWords) && !containsAny(n, otherPlaces):
		return strong
	case level <= 2 && (slices.Contains(genericNames, n) || hooky && slices.Contains(vagueNames, n)):
		return generic
	}
	return silent
}

// plainName makes callback_url, callBackUrl and Callback-URL one name.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

func containsAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}
