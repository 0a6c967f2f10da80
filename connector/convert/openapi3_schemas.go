package convert

import (
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// A definition is a schema that gets a name of its own.
type definition struct {
	name     string
	node     source.Node
	branches []source.Node // of a oneOf or anyOf at node; nil if the whole node is meant
}

// claimDefinitions gives the schemas of the main file's components their
// names. An entry that only refers to a schema which has no name yet is that
// schema.
func (im *importer) claimDefinitions() {
	for name, n := range members(im.root.Get("components").Get("schemas")) {
		im.taken[name] = true
		im.schemas[n] = name
	}
	for name, n := range members(im.root.Get("components").Get("schemas")) {
		if target := im.follow(n); target.Exists() && im.schemas[target] == "" && n.Len() == 1 {
			im.schemas[target] = name
			n = target
		}
		im.queue = append(im.queue, definition{name: name, node: n})
	}
}

// definition returns the name of a schema among the definitions.
func (im *importer) definition(n source.Node) string {
	name := im.schemas[n]
	if name == "" {
		name = im.define(n, nil, im.schemaName(n))
		im.schemas[n] = name
	}
	return name
}

// define makes a new definition of a schema, or of the alternatives in it.
func (im *importer) define(n source.Node, branches []source.Node, name string) string {
	name = unique(im.taken, safeName(name))
	im.queue = append(im.queue, definition{name, n, branches})
	return name
}

// buildDefinitions converts the schemas that have a name, and those that get
// one because these refer to them.
func (im *importer) buildDefinitions() {
	for len(im.queue) > 0 && im.err == nil {
		d := im.queue[0]
		im.queue = im.queue[1:]
		im.open[d.node] = true
		if d.branches != nil {
			im.definitions.set(d.name, im.objectUnion(d.node, d.branches))
		} else {
			im.definitions.set(d.name, im.schemaAt(d.node, true))
		}
		delete(im.open, d.node)
	}
}

// schema converts a schema.
func (im *importer) schema(n source.Node) *tree { return im.schemaAt(n, false) }

// schemaAt converts a schema, which may be that of a definition: then nothing
// but the definition's own name leads to it.
func (im *importer) schemaAt(n source.Node, root bool) *tree {
	if !im.spend() {
		return newTree(n)
	}
	switch truth, isBool := n.Bool(); {
	case isBool && !truth:
		im.lose(n, "a schema that nothing fits (false) became one that everything fits")
		return newTree(n)
	case isBool:
		return newTree(n)
	case n.Kind() != source.Object:
		im.lose(n, "the schema is %s; anything is allowed in its place", withArticle(n.Kind()))
		return newTree(n)
	case n.Get("$ref").Exists():
		return im.reference(n)
	}
	return im.combine(im.own(n), n, root)
}

// reference converts a schema with a "$ref". What stands beside it has no
// effect in 3.0 (OpenAPI 3.0, Reference Object); descriptions and the like are
// kept, for their authors meant them. In 3.1 everything beside it counts.
func (im *importer) reference(n source.Node) *tree {
	target := im.follow(n)
	if !target.Exists() {
		im.lose(n.Get("$ref"), "$ref %s names nothing; anything is allowed in its place", n.Get("$ref").Text())
		return newTree(n)
	}
	return attach(im.beside(n), treeOf(n, "$ref", im.refTo(im.definition(target))))
}

// beside converts what stands beside a "$ref" and counts.
func (im *importer) beside(n source.Node) *tree {
	if im.is31 {
		return im.combine(im.own(n), n, false)
	}
	t := newTree(n)
	for name, v := range members(n) {
		allowed, plain := plainKeywords[name]
		if name == "nullable" && v.IsTrue() {
			t.set("x-nullable", true)
		} else if annotation(name) && (!plain || allowed.has(v.Kind())) {
			t.set(name, im.plain(v))
		}
	}
	return t
}

// follow returns what a node's "$ref" names, without going further; the absent
// node if there is none.
func (im *importer) follow(n source.Node) source.Node {
	ref := n.Get("$ref")
	if !ref.Exists() {
		return source.Node{}
	}
	target, err := im.lib.target(ref)
	if err != nil {
		im.fail(err)
	}
	return target
}

// resolve follows a chain of references to its end. It returns n itself if it
// is no reference, and the absent node if there is nothing at the end.
func (im *importer) resolve(n source.Node) source.Node {
	for range maxHops {
		if !n.Get("$ref").Exists() {
			return n
		}
		n = im.follow(n)
	}
	return source.Node{}
}

// annotation says of a member of a schema that it describes values, and does
// not say which are right.
func annotation(name string) bool {
	switch name {
	case "title", "description", "default", "example", "externalDocs", "readOnly", "xml":
		return true
	}
	return strings.HasPrefix(name, "x-")
}

func annotations(t *tree) *tree {
	only := newTree(t.origin)
	for _, name := range t.names {
		if annotation(name) {
			only.set(name, t.get(name))
		}
	}
	return only
}

func isStructural(t *tree) bool { return len(annotations(t).names) < len(t.names) }

// attach adds to a schema that a value must fit another one too. Beside a
// "$ref" nothing counts, so a reference that is not alone goes into an allOf.
func attach(t, part *tree) *tree {
	if len(part.names) == 0 {
		return t
	}
	if len(t.names) == 0 {
		return part
	}
	if !isStructural(t) && !part.has("$ref") {
		for _, name := range part.names {
			t.setMissing(name, part.get(name))
		}
		return t
	}
	t.set("allOf", append(append([]any{}, t.list("allOf")...), part))
	return t
}
