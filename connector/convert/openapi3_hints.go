package convert

import (
	"cmp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// callbackSite is a callback or webhook of the original, as far as it can be
// read before the converted document is there.
type callbackSite struct {
	node         source.Node // the operation that describes the call
	path, method string      // of the registration; empty for webhooks
	name         string
	expression   string
	notification string // name of the payload's definition
	summary      string
	description  string
	unheard      bool // it is not sent by POST
}

// callbacks gathers what an operation says about its callbacks: name →
// expression → path item (OpenAPI 3.0, Callback Object).
func (im *importer) callbacks(list source.Node, method, path string) {
	for name, site := range members(list) {
		callback := im.resolve(site)
		if !callback.Exists() {
			im.lose(site, "$ref %s names nothing; the callback %q is left out", site.Get("$ref").Text(), name)
			continue
		}
		for expression, item := range members(callback) {
			if strings.HasPrefix(expression, "x-") {
				continue
			}
			s := callbackSite{path: path, method: method, name: name, expression: expression}
			if method == "delete" {
				im.lose(item, "callbacks: a DELETE registers nothing; the callback %q is kept without a registration", name)
				s.path, s.method, s.expression = "", "", ""
			}
			im.calls(item, s)
		}
	}
}

// webhooks gathers the webhooks of 3.1, and those of x-webhooks in its two
// shapes: name → path item, and name → expression → path item.
func (im *importer) webhooks() {
	for name, site := range members(im.root.Get("webhooks")) {
		im.calls(site, callbackSite{name: name})
	}
	for name, site := range members(im.root.Get("x-webhooks")) {
		entry := im.resolve(site)
		if isPathItem(entry) {
			im.calls(site, callbackSite{name: name})
			continue
		}
		for expression, item := range members(entry) {
			if !strings.HasPrefix(expression, "x-") {
				im.calls(item, callbackSite{name: name, expression: expression})
			}
		}
	}
}

func isPathItem(n source.Node) bool {
	return slices.ContainsFunc(connector.Methods, func(method string) bool { return n.Get(method).Exists() })
}

// calls gathers the calls that a path item describes.
func (im *importer) calls(site source.Node, s callbackSite) {
	item := im.resolve(site)
	im.leaveOut(item, s.name)
	for method, n := range members(item) {
		if !slices.Contains(connector.Methods, method) || n.Kind() != source.Object {
			continue
		}
		s := s
		s.node, s.unheard = n, method != "post"
		s.notification = im.payload(n, s.name)
		s.summary, s.description = im.saidOf(n, item)
		im.leaveOut(n, s.name)
		if s.unheard {
			im.lose(n, "the platform is called by POST; what %q sends by %s does not reach it", s.name, strings.ToUpper(method))
		}
		if s.notification == "" {
			im.lose(n, "%q describes no payload", s.name)
		}
		if im.answers(n) {
			im.lose(n.Get("responses"), "%q expects an answer with a content, which a trigger cannot give", s.name)
		}
		if !im.isRepeated(s) {
			im.callbackSites = append(im.callbackSites, s)
		}
	}
}

// isRepeated reports whether a webhook is there already: files may hold both
// webhooks and x-webhooks.
func (im *importer) isRepeated(s callbackSite) bool {
	return s.path == "" && slices.ContainsFunc(im.callbackSites, func(o callbackSite) bool {
		return o.path == "" && o.name == s.name && o.notification == s.notification
	})
}

// payload gives the payload of a call a definition, and returns its name.
func (im *importer) payload(n source.Node, name string) string {
	content := im.resolve(n.Get("requestBody")).Get("content")
	media := im.media(content)
	if len(media) == 0 {
		return ""
	}
	best := media[bestMedium(media)]
	im.leaveOutMedia(content, media, best)
	schema := best.node.Get("schema")
	if !schema.Exists() {
		return ""
	}
	if target := im.follow(schema); target.Exists() {
		return im.definition(target)
	}
	if im.schemas[schema] == "" {
		im.schemas[schema] = im.define(schema, nil, pascal(name)+"Notification")
	}
	return im.schemas[schema]
}

// saidOf returns what is said of a call: by itself, by the path item around it,
// or by its body.
func (im *importer) saidOf(n, item source.Node) (summary, description string) {
	text := func(n source.Node, key string) string {
		s, _ := n.Get(key).Str()
		return strings.TrimSpace(s)
	}
	body := im.resolve(n.Get("requestBody"))
	for _, of := range []source.Node{n, item, body} {
		summary = cmp.Or(summary, text(of, "summary"))
		if description != "" && text(of, "description") != "" {
			im.lose(of.Get("description"), "description: a trigger has one of what is sent; it is left out")
		}
		description = cmp.Or(description, text(of, "description"))
	}
	return summary, description
}

// leaveOut names what a call, or the path item around it, has that a trigger
// has no place for.
func (im *importer) leaveOut(n source.Node, name string) {
	for key, v := range members(n) {
		switch {
		case key == "parameters":
			for _, site := range v.Items() {
				p := im.resolve(site)
				in, _ := p.Get("in").Str()
				parameter, _ := p.Get("name").Str()
				im.lose(site, "what %q sends in the %s %q does not reach the flow: a trigger gives the body alone", name, in, parameter)
			}
		case slices.Contains([]string{"security", "servers", "callbacks", "deprecated", "externalDocs", "trace"}, key), strings.HasPrefix(key, "x-"):
			im.lose(v, "%s: 2.0 has no place for it where it says what %q sends; it is left out", key, name)
		}
	}
}

// leaveOutMedia names what the content of a call has beside the schema that is
// kept.
func (im *importer) leaveOutMedia(content source.Node, media []medium, best medium) {
	if !isJSON(best.name) && best.name != "*/*" {
		im.lose(best.node, "content: a trigger reads JSON, and this is sent as %q; the schema is kept as if it were JSON", best.name)
	}
	var lost []string
	for _, m := range media {
		if !im.sameSchema(m, best) {
			lost = append(lost, m.name)
		}
	}
	if len(lost) > 0 {
		im.lose(content, "content: a trigger has one schema, that of %q is kept, not those of %s", best.name, quoteNames(lost))
	}
	for key, v := range members(best.node) {
		if key == "example" || key == "examples" || key == "encoding" {
			im.lose(v, "%s: 2.0 has no place for it beside the schema of what is sent; it is left out", key)
		}
	}
}

// answers reports whether the caller waits for more than a status.
func (im *importer) answers(n source.Node) bool {
	for status, site := range members(n.Get("responses")) {
		if strings.HasPrefix(status, "2") && im.resolve(site).Get("content").Len() > 0 {
			return true
		}
	}
	return false
}

// hints resolves what was gathered in the converted document.
func (im *importer) hints(d *connector.Definition) []Hint {
	var all []Hint
	for _, s := range im.callbackSites {
		h := Hint{Path: s.path, Method: s.method, Name: s.name, Summary: s.summary, Description: s.description, Unheard: s.unheard}
		if s.notification != "" {
			h.Notification = "/definitions/" + source.EscapePointer(s.notification)
		}
		o := operationAt(d, s.path, s.method)
		if s.path == "" {
			if o = onlyTaking(d, s.expression); o != nil {
				h.Path, h.Method = o.Path, o.Method
			}
		}
		if o != nil {
			im.resolveExpression(&h, o, s)
			h.PerCall = !isLasting(d, o)
		}
		all = append(all, h)
	}
	all = placed(all, d)
	im.loseTexts(all)
	return all
}

// loseTexts names what is said of each of several calls that one operation
// registers for, or none: of these no trigger is made that could say it.
func (im *importer) loseTexts(hints []Hint) {
	type target struct{ path, method, callback string }
	count := map[target]int{}
	for _, h := range hints {
		if !h.Unheard {
			count[target{h.Path, h.Method, h.Callback}]++
		}
	}
	for i, h := range hints {
		if count[target{h.Path, h.Method, h.Callback}] == 1 && !h.Unheard {
			continue
		}
		for _, key := range []string{"summary", "description"} {
			if v := im.callbackSites[i].node.Get(key); v.Exists() {
				im.lose(v, "%s: %q shares its registration with others or has none, so no trigger says it; it is left out", key, h.Name)
			}
		}
	}
}

// placed gives the webhooks among hints their registration, if the document has
// exactly one beyond doubt.
func placed(hints []Hint, d *connector.Definition) []Hint {
	if !slices.ContainsFunc(hints, func(h Hint) bool { return h.Path == "" }) {
		return hints
	}
	only, ok := onlyRegistration(d)
	for i := range hints {
		if h := &hints[i]; ok && h.Path == "" {
			h.Path, h.Method, h.Callback = only.Operation.Path, only.Operation.Method, only.Callback.Node.Pointer()
		}
	}
	return hints
}

// Webhooks reads what an OpenAPI 2.0 document says in x-webhooks, in the shapes
// that it has in 3.x documents: name → path item, or name → expression → path
// item. A payload is the schema of a body parameter.
func Webhooks(d *connector.Definition) []Hint {
	var all []Hint
	for key, entry := range d.Root.Get("x-webhooks").Members() {
		name, _ := key.Str()
		items := []source.Node{entry}
		if !isPathItem(entry) {
			items = nil
			for _, item := range entry.Members() {
				items = append(items, item)
			}
		}
		for _, item := range items {
			for _, method := range connector.Methods {
				if n := item.Get(method); n.Kind() == source.Object {
					all = append(all, webhookHint(d, name, method, n))
				}
			}
		}
	}
	return placed(all, d)
}

func webhookHint(d *connector.Definition, name, method string, n source.Node) Hint {
	h := Hint{Name: name, Notification: bodySchema(d, n).Pointer(), Unheard: method != "post"}
	h.Summary, _ = n.Get("summary").Str()
	h.Description, _ = n.Get("description").Str()
	return h
}

// bodySchema returns the schema of an operation's body, and of a reference what
// it leads to.
func bodySchema(d *connector.Definition, operation source.Node) source.Node {
	for _, site := range operation.Get("parameters").Items() {
		if p := d.Parameter(site); p.In() == "body" {
			return d.Resolve(p.Schema().Node)
		}
	}
	return source.Node{}
}

func operationAt(d *connector.Definition, path, method string) *connector.Operation {
	for _, o := range d.Operations() {
		if o.Path == path && o.Method == method {
			return o
		}
	}
	return nil
}

// resolveExpression finds the field that takes the callback URL, and records
// what the platform cannot do with it.
func (im *importer) resolveExpression(h *Hint, o *connector.Operation, s callbackSite) {
	e := parseExpression(s.expression)
	field := e.resolve(o)
	if !field.Exists() {
		im.lose(s.node.Parent(), "callbacks: %q does not lead to a field of the request; name the field that takes the URL of %q", s.expression, s.name)
		return
	}
	h.Callback = field.Pointer()
	if e.in != inBody {
		im.lose(s.node.Parent(), "callbacks: the URL of %q goes into the %s, and the platform fills in callback URLs in bodies alone", s.name, e.in)
	}
	if e.rest != "" {
		im.lose(s.node.Parent(), "callbacks: the service calls the URL of %q with %q after it, where the platform does not listen", s.name, e.rest)
	}
}

// onlyTaking returns the one registration that has the field which an expression
// of x-webhooks names, nil if there is none or several.
func onlyTaking(d *connector.Definition, text string) (only *connector.Operation) {
	e := parseExpression(text)
	for _, o := range d.Operations() {
		if o.Method != "post" || !e.resolve(o).Exists() || !isLasting(d, o) {
			continue
		}
		if only != nil {
			return nil
		}
		only = o
	}
	return only
}

// isLasting reports whether an operation creates a subscription, and does not
// just want to be told how one call went.
func isLasting(d *connector.Definition, o *connector.Operation) bool {
	if o.Method == "get" || o.Method == "head" || o.Method == "options" {
		return false
	}
	path := plainPath(o)
	if phrase, _ := speaksOf(path, pathSubjects); phrase != "" || slices.Contains(connector.Segments(path), "hub") {
		return true
	}
	_, byPath := d.Removal(o)
	return byPath
}

// onlyRegistration returns the one operation that registers webhooks, if there
// is exactly one beyond doubt. Then the document's webhooks must be its.
func onlyRegistration(d *connector.Definition) (only Candidate, ok bool) {
	count := 0
	for _, c := range Candidates(d, nil) {
		if c.As == connector.Webhook && c.Confidence != Possible && c.Callback.Node.Exists() {
			only, count = c, count+1
		}
	}
	return only, count == 1
}
