package convert

import (
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// paths converts the paths for the frame.
func (im *importer) paths() *tree {
	all := newTree(im.root)
	im.claimOperationIDs()
	for path, site := range members(im.root.Get("paths")) {
		if strings.HasPrefix(path, "x-") {
			im.pathExtensions.set(path, im.plain(site))
			continue
		}
		item := im.pathItem(site)
		if !item.Exists() {
			continue
		}
		if item.Kind() != source.Object {
			im.wrong(site, "the path item", aMap.String())
			continue
		}
		if !strings.HasPrefix(path, "/") {
			im.lose(site, "the path %q does not start with a slash, one was added", path)
			path = "/" + path
		}
		if all.has(path) {
			im.lose(site, "the path %q is there already; this one is left out", path)
			continue
		}
		all.set(path, im.path(item, path))
	}
	return all
}

// pathItem follows a path item's reference.
func (im *importer) pathItem(site source.Node) source.Node {
	item := im.resolve(site)
	if !item.Exists() {
		im.lose(site, "$ref %s names nothing; the path is left out", site.Get("$ref").Text())
	} else if item != site && site.Len() > 1 {
		im.lose(site, "what stands beside the $ref is left out")
	}
	return item
}

func (im *importer) path(item source.Node, path string) *tree {
	frame, fix := newTree(item), newTree(item)
	var order []string
	for name, v := range members(item) {
		order = append(order, name)
		switch {
		case strings.HasPrefix(name, "x-"):
			fix.set(name, im.plain(v))
		case name == "parameters":
			frame.set(name, im.parameters(v))
		case slices.Contains(connector.Methods, name):
			if v.Kind() != source.Object {
				im.wrong(v, name, "an operation")
				continue
			}
			frame.set(name, im.operation(v, item, name, path))
		case name == "summary", name == "description":
			im.lose(v, "%s: 2.0 has none for paths; it is left out", name)
		case name == "servers":
			im.lose(v, "servers: 2.0 has none for a single path; they are left out")
		case name == "$ref":
		default:
			im.lose(v, "%s: 2.0 knows neither such a method nor such a member of a path; it is left out", name)
		}
	}
	return im.issue(frame, ticket{order: order, fix: fix})
}

// claimOperationIDs reserves the ids that are given, so that none that is made
// up takes one of them.
func (im *importer) claimOperationIDs() {
	for _, site := range members(im.root.Get("paths")) {
		item := im.resolve(site)
		for _, method := range connector.Methods {
			if id, ok := item.Get(method).Get("operationId").Str(); ok {
				im.givenIDs[id], im.operationIDs[id] = true, true
			}
		}
	}
}

// operationID returns the id of an operation. The platform needs one, and a
// different one for each operation.
func (im *importer) operationID(n source.Node, method, path string) string {
	at := n.Get("operationId")
	id, _ := at.Str()
	switch {
	case strings.TrimSpace(id) == "":
		id = unique(im.operationIDs, operationName(method, path))
		im.lose(n, "operationId %q was made up: the platform needs one", id)
	case im.givenIDs[id]:
		delete(im.givenIDs, id) // the first may keep it
	default:
		given := id
		id = unique(im.operationIDs, id)
		im.lose(at, "operationId %q is there twice, this one became %q", given, id)
	}
	return id
}

func (im *importer) operation(n, item source.Node, method, path string) *tree {
	frame, fix := newTree(n), newTree(n)
	order := []string{}
	if !n.Get("operationId").Exists() {
		order = append(order, "operationId")
	}
	frame.set("operationId", im.operationID(n, method, path))
	for name, v := range members(n) {
		order = append(order, operationOrder[name]...)
		order = append(order, name)
		switch name {
		case "summary", "description":
			im.copyIf(frame, name, v, aText)
		case "deprecated":
			im.copyIf(frame, name, v, aTruth)
		case "externalDocs":
			im.copyIf(fix, name, v, aMap)
		case "tags":
			im.tags(frame, v)
		case "security":
			if list, ok := im.security(v); ok {
				frame.set(name, list)
			}
		case "parameters":
			frame.set(name, im.parameters(v))
		case "responses":
			im.responses(frame, fix, v)
		case "callbacks":
			im.callbacks(v, method, path)
		case "servers":
			im.lose(v, "servers: 2.0 has none for a single operation; they are left out")
		case "operationId", "requestBody":
		default:
			im.otherMember(fix, name, v, "an operation")
		}
	}
	if v := n.Get("requestBody"); v.Exists() {
		im.body(frame, fix, v, item) // behind the other parameters
	}
	if !frame.has("responses") {
		im.lose(n, "the operation has no responses, which 2.0 asks for; a default was added")
		frame.set("responses", treeOf(n, "default", treeOf(n, "description", "default")))
	}
	return im.issue(frame, ticket{order: order, fix: fix})
}

// operationOrder says what stands before a member of an operation: members of
// 2.0 that come from another one.
var operationOrder = map[string][]string{
	"parameters": {"consumes"}, "requestBody": {"consumes", "parameters"}, "responses": {"produces"},
}

// copyIf copies a member if it is of the right kind.
func (im *importer) copyIf(t *tree, name string, v source.Node, allowed kindSet) {
	if !allowed.has(v.Kind()) {
		im.wrong(v, name, allowed.String())
		return
	}
	t.set(name, im.plain(v))
}

// otherMember keeps an extension, and drops what nobody knows.
func (im *importer) otherMember(t *tree, name string, v source.Node, of string) {
	if strings.HasPrefix(name, "x-") {
		t.set(name, im.plain(v))
		return
	}
	im.lose(v, "%q is no member of %s in 2.0; it is left out", name, of)
}

func (im *importer) tags(frame *tree, v source.Node) {
	names := []any{}
	for _, item := range v.Items() {
		if s, ok := item.Str(); ok {
			names = append(names, s)
		}
	}
	if v.Kind() != source.Array {
		im.wrong(v, "tags", aList.String())
		return
	}
	frame.set("tags", names)
}
