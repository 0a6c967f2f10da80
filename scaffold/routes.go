package scaffold

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// route returns an operation's path from the host's root: basePath and all,
// without query and fragment, which no server can route by.
func route(d *connector.Definition, o *connector.Operation) string {
	base := "/" + strings.Trim(text(d.Root, "basePath"), "/")
	path, _, _ := strings.Cut(o.Path, "#")
	path, _, _ = strings.Cut(path, "?")
	return strings.TrimSuffix(base, "/") + "/" + strings.TrimLeft(path, "/")
}

// constants returns the query parts of an operation's path that are always the
// same, with "?" before them. Some definitions tell operations apart by these.
func constants(o *connector.Operation) string {
	path, _, _ := strings.Cut(o.Path, "#")
	_, query, _ := strings.Cut(path, "?")
	values, _ := url.ParseQuery(query) // what cannot be read is not there
	maps.DeleteFunc(values, func(_ string, list []string) bool { return slices.ContainsFunc(list, placeholder.MatchString) })
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// shape is what tells operations apart if no query does: the method, and the
// path without the names of its parameters.
func shape(d *connector.Definition, o *connector.Operation) string {
	return o.Method + " " + placeholder.ReplaceAllString(route(d, o), "{}")
}

// path returns what requests for an operation are known by: its route, and the
// constants of its query where another operation has the same route.
func (b *builder) path(o *connector.Operation) string {
	if b.shapes[shape(b.def, o)] > 1 {
		return route(b.def, o) + constants(o)
	}
	return route(b.def, o)
}

// claim keeps a path for an operation. It is false if another one has it.
func (b *builder) claim(o *connector.Operation) bool {
	key := o.Method + " " + placeholder.ReplaceAllString(b.path(o), "{}")
	if other := b.claimed[key]; other != nil && other != o {
		b.note(o.At(), "%q has the method and the path of %q, so it is not served", o.Name(), other.Name())
		return false
	}
	b.claimed[key] = o
	return true
}

var placeholder = regexp.MustCompile(`\{([^{}/]*)\}`)

// placeholders returns the names of a path's parameters in order.
func placeholders(path string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(path, -1) {
		names = append(names, m[1])
	}
	return names
}

// location returns the template of a registration's Location: the path of the
// DELETE that undoes it, with {subscription} for what identifies the
// registration. That is the last path parameter that the registration does not
// have, else a required query parameter, else one of ours. Parameters that the
// registration has keep their names, and of others in the path nothing is known.
func (b *builder) location(t *connector.Trigger) string {
	registration := route(b.def, t.Operation)
	own := placeholders(registration)
	if t.Unsubscribe == nil {
		return freeLocation(b.def, registration)
	}
	path := route(b.def, t.Unsubscribe)
	identifier := ""
	for _, name := range placeholders(path) {
		if !slices.Contains(own, name) {
			identifier = name
		}
	}
	query, unknown := b.locationQuery(t, identifier != "")
	switch {
	case len(unknown) > 0 && identifier != "":
		b.note(t.Unsubscribe.At(), "nothing says what %q gets for %s, so no Location has it: give a default, or the registration a parameter of that name",
			t.Unsubscribe.Name(), list(unknown))
	case len(unknown) > 0:
		b.note(t.Unsubscribe.At(), "nothing says whether %s of %q identifies a registration, so the Location is a path of the server's own: give the others a default, or the registration parameters of their names",
			list(unknown), t.Unsubscribe.Name())
		return freeLocation(b.def, registration)
	}
	return placeholder.ReplaceAllStringFunc(path, func(part string) string {
		switch name := part[1 : len(part)-1]; {
		case identifier != "" && name == identifier:
			return "{subscription}"
		case slices.Contains(own, name) && name != "subscription":
			return part
		}
		return "-"
	}) + query
}

// locationQuery returns the query of a Location, which is what the DELETE
// requires: parameters that the registration has are carried over, constants are
// known, and the one that is left gets the id, unless the path has that. If more
// are left, nothing says what they are. Credentials come with each call anew.
func (b *builder) locationQuery(t *connector.Trigger, identified bool) (query string, unknown []string) {
	var parts []string
	for _, p := range t.Unsubscribe.Parameters() {
		if p.In() != "query" || !p.Required() || b.Security.isCredential(p) {
			continue
		}
		name := url.QueryEscape(p.Name())
		if brings(t.Operation, p.Name()) {
			parts = append(parts, name+"={"+name+"}")
		} else if value := fixed(p); value != nil {
			parts = append(parts, name+"="+url.QueryEscape(fmt.Sprint(value)))
		} else {
			unknown = append(unknown, p.Name())
		}
	}
	switch {
	case !identified && len(unknown) == 0:
		parts = append(parts, "subscription={subscription}")
	case !identified && len(unknown) == 1:
		parts, unknown = append(parts, url.QueryEscape(unknown[0])+"={subscription}"), nil
	}
	if len(parts) == 0 {
		return "", unknown
	}
	return "?" + strings.Join(parts, "&"), unknown
}

// fixed returns the default of a parameter, or the first value that it may have,
// nil if it has neither.
func fixed(p connector.Parameter) any {
	for _, n := range []source.Node{p.Node.Get("default"), p.Node.Get("enum").Item(0)} {
		if value := n.Value(); value != nil {
			return value
		}
	}
	return nil
}

// brings reports whether a request for an operation has a parameter in its path
// or its query.
func brings(o *connector.Operation, name string) bool {
	return name != "subscription" && slices.ContainsFunc(o.Parameters(), func(p connector.Parameter) bool {
		return p.Name() == name && (p.In() == "path" || p.In() == "query")
	})
}

// freeLocation is a path below the registration's that no DELETE of the
// definition has.
func freeLocation(d *connector.Definition, registration string) string {
	base := strings.TrimRight(registration, "/")
	for {
		path := base + "/{subscription}"
		if !slices.ContainsFunc(d.Operations(), func(o *connector.Operation) bool {
			return o.Method == "delete" && overlap(route(d, o), path)
		}) {
			return path
		}
		base += "/subscriptions"
	}
}

// overlap reports whether some URL could mean both paths.
func overlap(a, b string) bool {
	as, bs := strings.Split(strings.Trim(a, "/"), "/"), strings.Split(strings.Trim(b, "/"), "/")
	if len(as) != len(bs) {
		return false
	}
	for i := range as {
		if as[i] != bs[i] && !strings.Contains(as[i], "{") && !strings.Contains(bs[i], "{") {
			return false
		}
	}
	return true
}
