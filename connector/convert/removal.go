package convert

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// findRemovals finds the DELETE of each request, and writes those that are asked
// for. Several requests may share one.
func (d *draft) findRemovals() error {
	w := d.newRemovalWriter()
	byPlace := map[place]*request{}
	err := d.each(func(r *request) error {
		if r.As == connector.Polling || r.isTouchUp() && r.Unsubscribe == "" && r.UnsubscribePath == "" {
			return nil
		}
		at, err := d.unsubscribe(w, r)
		if err != nil || at == (place{}) {
			return err
		}
		if byPlace[at] == nil {
			byPlace[at] = &request{place: at}
			d.removals = append(d.removals, byPlace[at])
		}
		if r.undo = byPlace[at]; w.isNew[at] {
			w.isNew[at] = false
			d.writeRemoval(w, r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.apply()
}

// unsubscribe returns the DELETE that a request names or finds; the place of one
// that is to be written if it is asked to; nothing if there is none.
func (d *draft) unsubscribe(w *removalWriter, r *request) (place, error) {
	switch {
	case r.Unsubscribe != "" && r.UnsubscribePath != "":
		return place{}, errors.New("both an operation that unsubscribes and the path of one to be written are given")
	case r.Unsubscribe != "":
		o := d.c.Definition.Operation(r.Unsubscribe)
		if o == nil {
			return place{}, fmt.Errorf("there is no operation %q to unsubscribe with", r.Unsubscribe)
		}
		if o.Method != "delete" {
			return place{}, fmt.Errorf("%q is a %s, and the platform unsubscribes by DELETE", r.Unsubscribe, strings.ToUpper(o.Method))
		}
		return place{o.Path, o.Method}, nil
	case r.UnsubscribePath != "":
		if !strings.HasPrefix(r.UnsubscribePath, "/") {
			return place{}, fmt.Errorf("the path %q to unsubscribe with does not start with a slash", r.UnsubscribePath)
		}
		if err := checkTemplate(r.UnsubscribePath); err != nil {
			return place{}, fmt.Errorf("the path %q to unsubscribe with %w", r.UnsubscribePath, err)
		}
		return w.place(r.UnsubscribePath), nil
	case r.Candidate.Unsubscribe != nil:
		if at := (place{r.Candidate.Unsubscribe.Path, r.Candidate.Unsubscribe.Method}); d.lookup.operations[at] != nil {
			return at, nil
		}
	}
	return place{}, nil
}

// checkTemplate says what is wrong with the path of an operation to be written.
func checkTemplate(path string) error {
	if i := strings.IndexAny(path, "?# \t"); i >= 0 {
		return fmt.Errorf("has a %q, and a path of OpenAPI has no query and no blanks", path[i])
	}
	open := false
	for i, c := range path {
		switch {
		case c == '{' && open, c == '}' && !open, c == '/' && open, c == '}' && path[i-1] == '{':
			return errors.New("has braces that hold no name")
		case c == '{' || c == '}':
			open = c == '{'
		}
	}
	if open {
		return errors.New("has a brace that does not close")
	}
	return nil
}

// hideRemoval makes a DELETE one that the platform can call, and that only it
// does.
func (d *draft) hideRemoval(r *request) {
	o := d.operation(r)
	if !o.IsInternal() {
		d.edit(r, func(e *source.Editor) {
			put(e, o.Node, "x-ms-visibility", "internal", "description", "summary", "operationId")
		})
		r.step(o.Node, fmt.Sprintf("hide %q from makers: the platform calls it", o.Name()), "x-ms-visibility")
	}
	needs := d.needs(o)
	for _, p := range needs {
		d.dropNeed(r, o, p)
	}
	if len(needs) > 0 {
		r.warn(o.Node, "let %q do with what is in the Location URL: the platform sends no body and no header of its own", o.Name())
	}
}

// needs returns the parameters of a DELETE that must be sent, and that the
// platform does not send: it calls the Location URL as it is, without a body
// and without headers of its own.
func (d *draft) needs(o *connector.Operation) []connector.Parameter {
	return slices.DeleteFunc(slices.Clone(o.Parameters()), func(p connector.Parameter) bool {
		isBody := p.In() == "body" || p.In() == "formData"
		return p.In() == "path" || !isBody && !p.Required() || isSentAnyway(d.c.Definition, p)
	})
}

// isSentAnyway reports whether HTTP clients send a header by themselves, or the
// connection adds the parameter to every call.
func isSentAnyway(def *connector.Definition, p connector.Parameter) bool {
	switch strings.ToLower(p.Name()) {
	case "accept", "content-type", "authorization", "host", "user-agent":
		if p.In() == "header" {
			return true
		}
	}
	for _, scheme := range def.Root.Get("securityDefinitions").Members() {
		name, _ := scheme.Get("name").Str()
		if scheme.Get("type").Is("apiKey") && scheme.Get("in").Is(p.In()) && strings.EqualFold(name, p.Name()) {
			return true
		}
	}
	return false
}

// optionalNeeds returns those of the needs that are to become optional. A body is
// removed instead.
func (d *draft) optionalNeeds(o *connector.Operation) []connector.Parameter {
	return slices.DeleteFunc(d.needs(o), func(p connector.Parameter) bool { return p.In() == "body" || p.In() == "formData" })
}

// separateParameters copies those of an operation's parameters that are about
// to change and have other users.
func (d *draft) separateParameters(r *request, o *connector.Operation, changing []connector.Parameter) {
	var listed []source.Node
	for _, p := range changing {
		switch {
		case d.isListedForOthers(o, p.Site):
			listed = append(listed, p.Site)
		case d.isSharedParameter(p):
			r.step(p.Site, fmt.Sprintf("copy the shared parameter %q into the operation", p.Name()))
			d.sharing.leave(p.Site, p.Node)
			value := d.copyOf(p.Node)
			d.edit(r, func(e *source.Editor) { e.Replace(p.Site, value) })
		}
	}
	if len(listed) > 0 {
		d.copyParameters(r, o, listed)
	}
}

func (d *draft) isSharedParameter(p connector.Parameter) bool {
	if p.Site == p.Node {
		return false
	}
	d.sharing.claim(p.Site, p.Site, p.Node)
	return !d.sharing.isOnlyFor(p.Site, p.Node)
}

// dropNeed removes a body, and makes anything else optional: the service may
// put it into the Location URL.
func (d *draft) dropNeed(r *request, o *connector.Operation, p connector.Parameter) {
	if p.In() != "body" && p.In() != "formData" {
		d.edit(r, func(e *source.Editor) { e.Remove(p.Node.Get("required")) })
		r.step(p.Node, fmt.Sprintf("make the %s parameter %q of %q optional: the platform does not send it", p.In(), p.Name(), o.Name()), "required")
		return
	}
	if !d.isListedForOthers(o, p.Site) {
		d.edit(r, func(e *source.Editor) { e.Remove(p.Site) })
		r.step(p.Site, fmt.Sprintf("remove the body of %q: the platform sends none", o.Name()))
	}
}

// removalWriter knows where DELETEs can be written, and under which name.
type removalWriter struct {
	items map[string]place // by the segments of their paths
	isNew map[place]bool   // that they have to be written
	ids   *nameSet
}

func (d *draft) newRemovalWriter() *removalWriter {
	w := &removalWriter{map[string]place{}, map[place]bool{}, newNameSet()}
	for key := range d.c.Definition.Root.Get("paths").Members() {
		name, _ := key.Str()
		if segments := pathKey(connector.Segments(name)); w.items[segments] == (place{}) {
			w.items[segments] = place{name, "delete"}
			w.isNew[place{name, "delete"}] = d.lookup.operations[place{name, "delete"}] == nil
		}
	}
	for _, o := range d.c.Definition.Operations() {
		w.ids.taken[o.ID] = true
	}
	return w
}

// place returns the DELETE of a path, or of one that differs at most in the
// names of its parameters.
func (w *removalWriter) place(path string) place {
	segments := pathKey(connector.Segments(path))
	if w.items[segments] == (place{}) {
		w.items[segments] = place{path, "delete"}
		w.isNew[w.items[segments]] = true
	}
	return w.items[segments]
}

// writeRemoval writes the DELETE of a request.
func (d *draft) writeRemoval(w *removalWriter, r *request) {
	o, path := d.operation(r), r.undo.path
	paths := d.c.Definition.Root.Get("paths")
	item := paths.Get(path)
	id := w.ids.unused(removalID(o.ID, removedNoun(path)))
	removal := d.newRemoval(o, id, path, item)
	r.undo.step(paths, fmt.Sprintf("write the DELETE %q that undoes a registration", id), path, "delete")
	d.edit(r.undo, func(e *source.Editor) {
		switch {
		case !item.Exists():
			e.InsertAfter(o.PathItem, path, source.Members{{Key: "delete", Value: removal}})
		case item.Len() == 0:
			e.Set(item, "delete", removal)
		default:
			e.InsertAfter(lastMethod(item), "delete", removal)
		}
	})
}

// lastMethod returns the last operation of a path item, or its last member if
// it has none.
func lastMethod(item source.Node) source.Node {
	var method, last source.Node
	for key, value := range item.Members() {
		last = value
		if name, _ := key.Str(); slices.Contains(connector.Methods, name) {
			method = value
		}
	}
	if method.Exists() {
		return method
	}
	return last
}

// newRemoval returns an internal DELETE for a path.
func (d *draft) newRemoval(registration *connector.Operation, id, path string, item source.Node) source.Members {
	removal := source.Members{
		{Key: "operationId", Value: id},
		{Key: "summary", Value: "Delete " + withIndefinite(removedNoun(path))},
		{Key: "description", Value: "The platform removes a registration."},
		{Key: "x-ms-visibility", Value: "internal"},
	}
	var parameters []any
	for _, name := range pathParameters(path) {
		if !lists(item.Get("parameters"), d.c.Definition, name) {
			parameters = append(parameters, pathParameter(registration, name))
		}
	}
	if len(parameters) > 0 {
		removal = append(removal, source.Member{Key: "parameters", Value: parameters})
	}
	removed := source.Members{{Key: "204", Value: source.Members{{Key: "description", Value: "Removed"}}}}
	return append(removal, source.Member{Key: "responses", Value: removed})
}

// pathParameter describes a parameter of a path, of the type that it has in the
// registration's path if it is there too.
func pathParameter(registration *connector.Operation, name string) source.Members {
	kind := "string"
	for _, p := range registration.Parameters() {
		if t, ok := p.Node.Get("type").Str(); ok && p.In() == "path" && p.Name() == name {
			kind = t
		}
	}
	return source.Members{
		{Key: "name", Value: name}, {Key: "in", Value: "path"}, {Key: "required", Value: true}, {Key: "type", Value: kind},
		{Key: "x-ms-url-encoding", Value: "single"},
	}
}

// lists reports whether a list of parameters has the given one of a path.
func lists(parameters source.Node, def *connector.Definition, name string) bool {
	for _, site := range parameters.Items() {
		if p := def.Parameter(site); p.In() == "path" && p.Name() == name {
			return true
		}
	}
	return false
}

// pathParameters returns the names of a path's parameters, in their order.
func pathParameters(path string) []string {
	var names []string
	for _, part := range strings.Split(path, "{")[1:] {
		if name, _, closed := strings.Cut(part, "}"); closed && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// removedNoun names what a path's DELETE removes: "hook" for /hooks/{id}.
func removedNoun(path string) string {
	for _, segment := range slices.Backward(strings.Split(path, "/")) {
		words := eventWords(segment)
		if len(words) == 0 || strings.Contains(segment, "{") {
			continue
		}
		for _, verb := range []string{"delete", "remove", "unsub", "unregister", "deregister"} {
			if strings.HasPrefix(words[0], verb) {
				return "subscription"
			}
		}
		words[len(words)-1] = singular(words[len(words)-1])
		return strings.Join(words, " ")
	}
	return "registration"
}

// removalID makes an operationId in the style of the registration's:
// DeleteHook, deleteHook or delete_hook.
func removalID(registration, noun string) string {
	words := append([]string{"delete"}, strings.Fields(noun)...)
	isLower := registration != "" && strings.ToLower(registration[:1]) == registration[:1]
	if isLower && strings.Contains(registration, "_") {
		return strings.Join(words, "_")
	}
	id := ""
	for i, w := range words {
		if i > 0 || !isLower {
			w = strings.ToUpper(w[:1]) + w[1:]
		}
		id += w
	}
	return id
}
