package convert

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// removal makes the DELETE that undoes a registration one that the platform
// can call, and that only it does.
func (d *draft) removal(r *request) error {
	o, err := d.unsubscribe(r)
	if err != nil || o == nil {
		return err
	}
	path := &request{path: o.Path, method: o.Method}
	if err := d.separateNeeds(path); err != nil {
		return err
	}
	o = d.operation(path)
	return d.edit(func(e *source.Editor) {
		if !o.IsInternal() {
			put(e, o.Node, "x-ms-visibility", "internal", "description", "summary", "operationId")
			d.step(o.Node, fmt.Sprintf("hide %q from makers: the platform calls it", o.Name()), "x-ms-visibility")
		}
		for _, p := range d.needs(o) {
			d.dropNeed(e, o, p)
		}
	})
}

// unsubscribe returns the DELETE that a request names or finds, and writes one
// if it is asked to. It returns nil if there is none.
func (d *draft) unsubscribe(r *request) (*connector.Operation, error) {
	switch {
	case r.Unsubscribe != "" && r.UnsubscribePath != "":
		return nil, errors.New("both an operation that unsubscribes and the path of one to be written are given")
	case r.Unsubscribe != "":
		o := d.c.Definition.Operation(r.Unsubscribe)
		if o == nil {
			return nil, fmt.Errorf("there is no operation %q to unsubscribe with", r.Unsubscribe)
		}
		if o.Method != "delete" {
			return nil, fmt.Errorf("%q is a %s, and the platform unsubscribes by DELETE", r.Unsubscribe, strings.ToUpper(o.Method))
		}
		return o, nil
	case r.UnsubscribePath != "":
		return d.writeRemoval(r)
	case r.Candidate.Unsubscribe != nil:
		return findOperation(d.c.Definition, r.Candidate.Unsubscribe.Path, r.Candidate.Unsubscribe.Method), nil
	}
	return nil, nil
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

// separateNeeds gives a DELETE parameters of its own in place of those that it
// shares with others.
func (d *draft) separateNeeds(r *request) error {
	return d.separateParameters(r, func(o *connector.Operation) []connector.Parameter {
		return slices.DeleteFunc(d.needs(o), func(p connector.Parameter) bool { return p.In() == "body" || p.In() == "formData" })
	})
}

// separateParameters copies those of an operation's parameters that are about
// to change and have other users.
func (d *draft) separateParameters(r *request, changing func(*connector.Operation) []connector.Parameter) error {
	for range maxCopies {
		o := d.operation(r)
		i := slices.IndexFunc(changing(o), func(p connector.Parameter) bool { return d.isSharedParameter(o, p) })
		if i < 0 {
			return nil
		}
		p := changing(o)[i]
		var err error
		if d.isListedForOthers(o, p.Site) {
			err = d.copyParameter(o, p.Site)
		} else {
			d.step(p.Site, fmt.Sprintf("copy the shared parameter %q into the operation", p.Name()))
			err = d.edit(func(e *source.Editor) { e.Replace(p.Site, p.Node) })
		}
		if err != nil {
			return err
		}
	}
	return errors.New("it has too many shared parameters")
}

func (d *draft) isSharedParameter(o *connector.Operation, p connector.Parameter) bool {
	return d.isListedForOthers(o, p.Site) || p.Site != p.Node && !d.isOnlyFor(p.Node, map[source.Node]bool{p.Site: true})
}

// dropNeed removes a body, and makes anything else optional: the service may
// put it into the Location URL.
func (d *draft) dropNeed(e *source.Editor, o *connector.Operation, p connector.Parameter) {
	if p.In() != "body" && p.In() != "formData" {
		e.Remove(p.Node.Get("required"))
		d.step(p.Node, fmt.Sprintf("make the %s parameter %q of %q optional: the platform does not send it", p.In(), p.Name(), o.Name()), "required")
		return
	}
	if !d.isListedForOthers(o, p.Site) {
		e.Remove(p.Site)
		d.step(p.Site, fmt.Sprintf("remove the body of %q: the platform sends none", o.Name()))
	}
}

// writeRemoval returns the DELETE of a path, which it writes if there is none.
func (d *draft) writeRemoval(r *request) (*connector.Operation, error) {
	if !strings.HasPrefix(r.UnsubscribePath, "/") {
		return nil, fmt.Errorf("the path %q to unsubscribe with does not start with a slash", r.UnsubscribePath)
	}
	path, item := d.pathLike(r.UnsubscribePath)
	if o := findOperation(d.c.Definition, path, "delete"); o != nil {
		return o, nil
	}
	o := d.operation(r)
	removal := d.newRemoval(o, path, item)
	err := d.edit(func(e *source.Editor) {
		switch {
		case !item.Exists():
			e.InsertAfter(o.PathItem, path, source.Members{{Key: "delete", Value: removal}})
		case item.Len() == 0:
			e.Set(item, "delete", removal)
		default:
			e.InsertAfter(lastMethod(item), "delete", removal)
		}
	})
	if err != nil {
		return nil, err
	}
	written := findOperation(d.c.Definition, path, "delete")
	d.step(written.Node, fmt.Sprintf("write the DELETE %q that undoes a registration", written.ID))
	return written, nil
}

// pathLike returns the path item whose path differs at most in the names of its
// parameters, and its path; both are new if there is none.
func (d *draft) pathLike(path string) (string, source.Node) {
	for key, item := range d.c.Definition.Root.Get("paths").Members() {
		if name, _ := key.Str(); slices.Equal(connector.Segments(name), connector.Segments(path)) {
			return name, item
		}
	}
	return path, source.Node{}
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
func (d *draft) newRemoval(registration *connector.Operation, path string, item source.Node) source.Members {
	noun := removedNoun(path)
	removal := source.Members{
		{Key: "operationId", Value: d.unusedID(removalID(registration.ID, noun))},
		{Key: "summary", Value: "Delete " + withIndefinite(noun)},
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

func (d *draft) unusedID(id string) string {
	unused := id
	for i := 2; d.c.Definition.Operation(unused) != nil; i++ {
		unused = id + strconv.Itoa(i)
	}
	return unused
}
