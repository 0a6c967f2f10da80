package convert

import (
	"net/url"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// servers returns the servers for the frame: those that 2.0 can say together
// with the first, which differ from it in the scheme.
func (im *importer) servers(list source.Node) []any {
	var first *url.URL
	var kept []any
	var lost []string
	for i, n := range list.Items() {
		u := im.server(n, i == 0)
		switch {
		case u == nil && i == 0:
			return nil
		case i == 0:
			first = u
			kept = append(kept, treeOf(n, "url", u.String()))
		case u != nil && u.Host == first.Host && u.Path == first.Path && first.Host != "":
			kept = append(kept, treeOf(n, "url", u.String()))
		default:
			s, _ := n.Get("url").Str()
			lost = append(lost, s)
		}
	}
	if len(lost) > 0 {
		im.lose(list, "servers: 2.0 has one, the first is kept and not %s", quoteNames(lost))
	}
	return kept
}

// server returns the address of a server with the default values of its
// variables, nil if it is none.
func (im *importer) server(n source.Node, tell bool) *url.URL {
	at := n.Get("url")
	text, ok := at.Str()
	if !ok {
		im.wrong(n, "the server's url", aText.String())
		return nil
	}
	address := text
	for name, v := range members(n.Get("variables")) {
		value, ok := v.Get("default").Str()
		if !ok {
			value = v.Get("default").Text() // a port may be a number
		}
		if strings.Contains(address, "{"+name+"}") && tell {
			im.lose(v, "variables: 2.0 has none, {%s} became its default %q", name, value)
		}
		address = strings.ReplaceAll(address, "{"+name+"}", value)
	}
	if strings.Contains(address, "{") && tell {
		im.lose(at, "the variables of %q have no default, their names stand in their place", text)
	}
	address = strings.NewReplacer("{", "", "}", "").Replace(address)
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		im.lose(at, "the server %q is no address; it is left out", text)
		return nil
	}
	if tell && u.Host == "" {
		im.lose(at, "the server %q does not name a host; add the host of the service", text)
	}
	if tell && (u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		im.lose(at, "of the server %q host and path are kept, nothing else", text)
	}
	if tell && u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
		im.lose(at, "the scheme %q is left out, the platform speaks https", u.Scheme)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/" + strings.Trim(u.Path, "/")}
}

// securitySchemes converts the ways to sign in for the frame.
func (im *importer) securitySchemes() *tree {
	all := newTree(im.root)
	for name, site := range members(im.root.Get("components").Get("securitySchemes")) {
		n := im.resolve(site)
		if !n.Exists() {
			im.lose(site, "the security scheme %q is left out: it refers to nothing", name)
			continue
		}
		fix := newTree(n)
		for key, v := range members(n) {
			if strings.HasPrefix(key, "x-") {
				fix.set(key, im.plain(v))
			}
		}
		scheme := im.securityScheme(n, name, fix)
		if scheme == nil {
			continue
		}
		if v := n.Get("description"); v.Exists() {
			im.copyIf(scheme, "description", v, aText)
		}
		order := []string{"type"}
		for key := range members(n) {
			order = append(order, key)
		}
		order = append(order, "name", "in", "flow", "authorizationUrl", "tokenUrl", "scopes")
		kind, _ := n.Get("type").Str()
		im.schemes[name] = kind
		all.set(name, im.issue(scheme, ticket{order: order, fix: fix}))
	}
	return all
}

func (im *importer) securityScheme(n source.Node, name string, fix *tree) *tree {
	kind, _ := n.Get("type").Str()
	switch kind {
	case "http":
		return im.httpScheme(n, name)
	case "apiKey":
		in, _ := n.Get("in").Str()
		key, _ := n.Get("name").Str()
		if in != "header" && in != "query" || key == "" {
			im.lose(n, "the key of the security scheme %q travels in %q, 2.0 knows header and query; it is left out", name, in)
			return nil
		}
		return treeOf(n, "type", kind, "in", in, "name", key)
	case "oauth2":
		return im.oauth2(n, name, fix)
	}
	im.lose(n, "2.0 has no security schemes of type %q; %q is left out", kind, name)
	return nil
}

func (im *importer) httpScheme(n source.Node, name string) *tree {
	scheme, _ := n.Get("scheme").Str()
	scheme = strings.ToLower(scheme)
	if scheme != "basic" {
		im.lose(n, "2.0 has no http scheme %q; %q became an API key in the header Authorization, with %q as a part of the key",
			scheme, name, pascal(scheme)+" ")
	}
	return treeOf(n, "type", "http", "scheme", scheme)
}

// refreshURL keeps what a flow of OpenAPI 3 says and one of 2.0 cannot: where
// tokens are refreshed.
const refreshURL = "x-refreshUrl"

// oauth2 keeps one flow. The platform knows the authorization code alone.
func (im *importer) oauth2(n source.Node, name string, fix *tree) *tree {
	flows := n.Get("flows")
	var there []string
	for _, flow := range []string{"authorizationCode", "implicit", "password", "clientCredentials"} {
		if flows.Get(flow).Kind() == source.Object {
			there = append(there, flow)
		}
	}
	if len(there) == 0 {
		im.lose(n, "the security scheme %q has no flow that 2.0 knows; it is left out", name)
		return nil
	}
	if len(there) > 1 {
		im.lose(flows, "flows: 2.0 has one, %q is kept and not %s", there[0], quoteNames(there[1:]))
	}
	from, flow, scopes := flows.Get(there[0]), newTree(n), newTree(n)
	for key, v := range members(from) {
		switch {
		case key == "scopes":
			for scope, text := range members(v) {
				s, _ := text.Str()
				scopes.set(scope, s)
			}
		case strings.HasPrefix(key, "x-"):
			fix.setMissing(key, im.plain(v))
		case key == "authorizationUrl" || key == "tokenUrl":
			im.copyIf(flow, key, v, aText)
		case key == "refreshUrl":
			im.copyIf(fix, refreshURL, v, aText)
			im.lose(v, "%s: 2.0 has no such member of a flow, it became %s, which --package puts into apiProperties.json", key, refreshURL)
		default:
			im.lose(v, "%s: 2.0 has no such member of a flow; it is left out", key)
		}
	}
	fix.set("scopes", scopes)
	flow.set("scopes", newTree(n))
	return treeOf(n, "type", "oauth2", "flows", treeOf(n, there[0], flow))
}

// security converts security requirements. Those that need a scheme which is
// left out are left out; ok is false if that leaves nothing of them.
func (im *importer) security(list source.Node) (kept []any, ok bool) {
	kept = []any{}
	for _, item := range list.Items() {
		need, lost := newTree(item), false
		for name, v := range members(item) {
			if im.schemes[name] == "" {
				lost = true
				continue
			}
			scopes := []any{}
			for _, scope := range v.Items() {
				if s, isText := scope.Str(); isText && im.schemes[name] == "oauth2" {
					scopes = append(scopes, s)
				}
			}
			need.set(name, scopes)
		}
		if lost {
			im.lose(item, "security: a requirement is left out with the scheme that it names")
			continue
		}
		kept = append(kept, need)
	}
	return kept, list.Kind() == source.Array && (len(kept) > 0 || list.Len() == 0)
}

// information converts the info object.
func (im *importer) information() *tree {
	n := im.root.Get("info")
	info := newTree(n)
	for name, v := range members(n) {
		switch {
		case name == "summary":
			if n.Get("description").Exists() {
				im.lose(v, "summary: 2.0 has none, the description is kept")
			} else {
				im.copyIf(info, "description", v, aText)
			}
		case name == "license" && v.Get("identifier").Exists():
			im.lose(v.Get("identifier"), "identifier: 2.0 has none for licences; it is left out")
			if license, ok := im.plain(v).(*tree); ok {
				license.remove("identifier")
				info.set(name, license)
			}
		case slices.Contains([]string{"title", "description", "version", "termsOfService"}, name):
			im.infoText(info, name, v)
		default:
			if name == "contact" || name == "license" {
				im.copyIf(info, name, v, aMap)
				continue
			}
			im.otherMember(info, name, v, "info")
		}
	}
	for _, name := range []string{"title", "version"} {
		if !info.has(name) {
			im.lose(im.root, "info has no %s, which 2.0 asks for; a stand-in was added", name)
			info.set(name, map[string]string{"title": "Untitled", "version": "1.0"}[name])
		}
	}
	return info
}

// infoText copies a text. A version like 1.0 may come as a number, of YAML.
func (im *importer) infoText(info *tree, name string, v source.Node) {
	if v.Kind() == source.Number {
		info.set(name, strings.TrimSpace(v.Text()))
		return
	}
	im.copyIf(info, name, v, aText)
}
