package scaffold

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
)

// route returns an operation's path from the host's root: basePath and all,
// without query and fragment, which no server can route by.
func route(d *connector.Definition, o *connector.Operation) string {
	base := "/" + strings.Trim(text(d.Root, "basePath"), "/")
	path, _, _ := strings.Cut(o.Path, "#")
	path, _, _ = strings.Cut(path, "?")
	return strings.TrimSuffix(base, "/") + "/" + strings.TrimLeft(path, "/")
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
// registration has keep their names, and of others nothing is known.
func location(d *connector.Definition, t *connector.Trigger) string {
	registration := route(d, t.Operation)
	own := placeholders(registration)
	if t.Unsubscribe == nil {
		return freeLocation(d, registration)
	}
	path := route(d, t.Unsubscribe)
	identifier := ""
	for _, name := range placeholders(path) {
		if !slices.Contains(own, name) {
			identifier = name
		}
	}
	path = placeholder.ReplaceAllStringFunc(path, func(part string) string {
		switch name := part[1 : len(part)-1]; {
		case identifier != "" && name == identifier:
			return "{subscription}"
		case slices.Contains(own, name) && name != "subscription":
			return part
		}
		return "-"
	})
	if identifier != "" {
		return path
	}
	query := "subscription"
	for _, p := range t.Unsubscribe.Parameters() {
		if p.In() == "query" && p.Required() {
			query = url.QueryEscape(p.Name())
			break
		}
	}
	return path + "?" + query + "={subscription}"
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
