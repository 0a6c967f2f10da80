package convert

import (
	"fmt"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// OpenAPI 2.0 has neither oneOf nor anyOf. What becomes of them depends on what
// the alternatives have in common:
//
//	null and one other    the other, and x-nullable
//	lists of values       one list
//	objects               one object with the properties of all
//	texts, numbers, …     a text, which every service reads that takes texts
//	anything else         the first
//
// An object made of alternatives becomes a definition, so that schemas which
// contain each other stay finite.
type unionKind uint8

const (
	unionNone unionKind = iota
	unionSingle
	unionConstraints // the alternatives only say which properties must be there
	unionObjects
	unionValues
	unionScalars
	unionFirst
)

// combine adds allOf, oneOf and anyOf to what a schema says itself.
func (im *importer) combine(t *tree, n source.Node, root bool) *tree {
	var parts []any
	for _, item := range n.Get("allOf").Items() {
		if part := im.schema(item); len(part.names) > 0 {
			parts = append(parts, part)
		}
	}
	if len(parts) > 0 {
		t.set("allOf", parts)
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		t = im.alternatives(t, n, key, root)
	}
	return t
}

// alternatives adds a oneOf or anyOf to what a schema says otherwise.
func (im *importer) alternatives(t *tree, n source.Node, key string, root bool) *tree {
	branches, null := im.branches(n.Get(key))
	if null {
		t.set("x-nullable", true)
	}
	switch kind := im.unionKind(n, branches); kind {
	case unionNone:
		return t
	case unionConstraints:
		im.lose(n.Get(key), "%s: 2.0 cannot say that one set of properties or another is required", key)
		return t
	case unionSingle:
		return attach(t, im.schema(branches[0]))
	case unionObjects:
		im.tellUnion(n, key, kind, branches)
		if root {
			merge(t, im.objectUnion(n, branches))
			return t
		}
		return attach(t, treeOf(n, "$ref", im.refTo(im.unionName(n, branches))))
	case unionFirst:
		im.tellUnion(n, key, kind, branches)
		return attach(t, im.schema(branches[0]))
	default:
		im.tellUnion(n, key, kind, branches)
		merge(t, im.valueUnion(kind, n, branches))
		return t
	}
}

// branches returns the alternatives, each once and null not among them.
func (im *importer) branches(list source.Node) (branches []source.Node, null bool) {
	seen := map[source.Node]bool{}
	for _, b := range list.Items() {
		end := im.resolve(b)
		names := typeNames(end.Get("type"))
		switch {
		case len(names) == 1 && names[0] == "null", end.Get("const").Kind() == source.Null,
			end.Get("enum").Len() == 1 && end.Get("enum").Item(0).Kind() == source.Null:
			null = true
		case b.Kind() != source.Object && b.Kind() != source.Bool, end == list.Parent(), end.Exists() && seen[end]:
		default:
			seen[end] = true
			branches = append(branches, b)
		}
	}
	return branches, null
}

func (im *importer) unionKind(n source.Node, branches []source.Node) unionKind {
	switch len(branches) {
	case 0:
		return unionNone
	case 1:
		return unionSingle
	}
	all := func(is func(source.Node) bool) bool {
		return !slices.ContainsFunc(branches, func(b source.Node) bool { return !is(b) })
	}
	switch {
	case n.Get("properties").Exists() && all(isConstraint):
		return unionConstraints
	case all(func(b source.Node) bool { return im.shape(b) == "object" }):
		return unionObjects
	case !all(func(b source.Node) bool { return isScalar(im.shape(b)) }):
		return unionFirst
	case all(func(b source.Node) bool {
		return im.resolve(b).Get("enum").Exists() || im.resolve(b).Get("const").Exists()
	}):
		return unionValues
	}
	return unionScalars
}

// isConstraint reports whether an alternative says no more than which
// properties must be there.
func isConstraint(n source.Node) bool {
	if !n.Get("required").Exists() && !n.Get("not").Exists() {
		return false
	}
	for name := range members(n) {
		if name != "required" && name != "not" && !annotation(name) {
			return false
		}
	}
	return true
}

func isScalar(shape string) bool {
	return shape == "string" || shape == "integer" || shape == "number" || shape == "boolean"
}

// shape returns the type of a schema, or what its keywords imply: a name of a
// type, or "" if it may be several.
func (im *importer) shape(n source.Node) string {
	n = im.resolve(n)
	if s, known := im.shapes[n]; known || im.depth > maxOpen {
		return s
	}
	im.shapes[n] = "" // as seen from a schema inside itself
	im.depth++
	im.shapes[n] = im.findShape(n)
	im.depth--
	return im.shapes[n]
}

func (im *importer) findShape(n source.Node) string {
	names := slices.DeleteFunc(typeNames(n.Get("type")), func(s string) bool { return s == "null" })
	switch {
	case len(names) == 1:
		return names[0]
	case len(names) > 1:
		return ""
	case n.Get("enum").Len() > 0:
		return shapeOf(n.Get("enum").Item(0))
	case n.Get("const").Exists():
		return shapeOf(n.Get("const"))
	case n.Get("items").Exists(), n.Get("prefixItems").Exists():
		return "array"
	}
	for _, part := range n.Get("allOf").Items() {
		if s := im.shape(part); s != "" {
			return s
		}
	}
	if n.Get("properties").Exists() || n.Get("additionalProperties").Exists() {
		return "object"
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if branches, _ := im.branches(n.Get(key)); len(branches) > 0 {
			return im.commonShape(branches)
		}
	}
	if n.Get("required").Exists() {
		return "object"
	}
	return ""
}

func (im *importer) commonShape(branches []source.Node) string {
	s := im.shape(branches[0])
	for _, b := range branches[1:] {
		if im.shape(b) != s {
			return ""
		}
	}
	return s
}

func shapeOf(value source.Node) string {
	switch value.Kind() {
	case source.String:
		return "string"
	case source.Bool:
		return "boolean"
	case source.Number:
		if _, ok := value.Int(); ok {
			return "integer"
		}
		return "number"
	case source.Object:
		return "object"
	case source.Array:
		return "array"
	}
	return ""
}

// tellUnion records what became of alternatives.
func (im *importer) tellUnion(n source.Node, key string, kind unionKind, branches []source.Node) {
	names := make([]string, len(branches))
	for i, b := range branches {
		names[i] = im.branchName(b, i)
	}
	at := n.Get(key)
	switch kind {
	case unionObjects:
		im.lose(at, "%s: 2.0 has no such keyword, %s became one object with the properties of all", key, quoteNames(names))
	case unionFirst:
		im.lose(at, "%s: 2.0 has no such keyword, the first is kept, %q, and not %s", key, names[0], quoteNames(names[1:]))
	case unionScalars:
		im.lose(at, "%s: 2.0 has no such keyword, %s became a plain %s", key, quoteNames(names), im.scalarOf(branches))
	}
}

func (im *importer) branchName(b source.Node, i int) string {
	if ref, ok := b.Get("$ref").Str(); ok {
		return source.UnescapePointer(ref[strings.LastIndex(ref, "/")+1:])
	}
	if title, ok := b.Get("title").Str(); ok && title != "" {
		return title
	}
	if s := im.shape(b); s != "" && s != "object" {
		return s
	}
	return fmt.Sprintf("alternative %d", i+1)
}

// unionName returns the definition of an object made of alternatives. The same
// alternatives share one.
func (im *importer) unionName(n source.Node, branches []source.Node) string {
	var targets, names []string
	for i, b := range branches {
		if !b.Get("$ref").Exists() {
			names = nil
			break
		}
		targets = append(targets, im.lib.place(im.resolve(b)))
		names = append(names, pascal(im.branchName(b, i)))
	}
	key := strings.Join(targets, "\n")
	if names == nil {
		key = im.lib.place(n) + " "
	}
	if name := im.unions[key]; name != "" {
		return name
	}
	name := im.schemaName(n)
	if len(names) > 0 && len(names) <= 3 {
		name = strings.Join(names, "Or")
	}
	im.unions[key] = im.define(n, branches, name)
	return im.unions[key]
}

// flat converts a schema to one without references and allOf at its top; those
// of its properties stay. The result is shared: clone it before changing it.
func (im *importer) flat(site source.Node) *tree {
	n := im.resolve(site)
	if t := im.flats[n]; t != nil {
		return im.flatBeside(t, site, n)
	}
	if im.open[n] || len(im.open) > maxOpen || n.Kind() != source.Object || !im.spend() {
		im.cuts++ // a schema that is a part of itself adds nothing to itself
		return newTree(n)
	}
	im.open[n] = true
	before := im.cuts
	t := im.own(n)
	for _, part := range n.Get("allOf").Items() {
		merge(t, im.flat(part))
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		im.flatAlternatives(t, n, key)
	}
	delete(im.open, n)
	if im.cuts == before {
		im.flats[n] = t
	}
	return im.flatBeside(t, site, n)
}

// maxOpen bounds a chain of schemas that consist of others; real ones have less
// than ten links.
const maxOpen = 200

// flatBeside adds what stands beside a reference.
func (im *importer) flatBeside(t *tree, site, n source.Node) *tree {
	if site == n {
		return t
	}
	beside := im.beside(site)
	if len(beside.names) == 0 {
		return t
	}
	merge(beside, t)
	return beside
}

func (im *importer) flatAlternatives(t *tree, n source.Node, key string) {
	branches, null := im.branches(n.Get(key))
	if null {
		t.set("x-nullable", true)
	}
	kind := im.unionKind(n, branches)
	im.tellUnion(n, key, kind, branches)
	switch kind {
	case unionSingle, unionFirst:
		merge(t, im.flat(branches[0]))
	case unionObjects:
		merge(t, im.objectUnion(n, branches))
	case unionValues, unionScalars:
		merge(t, im.valueUnion(kind, n, branches))
	}
}

// merge adds to a schema what another says, if a value must fit both. What
// describes the other does not describe the whole.
func merge(t, part *tree) {
	for _, name := range part.names {
		switch name {
		case "properties":
			all := newTree(t.origin)
			for _, from := range []*tree{t.object(name), part.object(name)} {
				if from != nil {
					for _, p := range from.names {
						all.setMissing(p, from.get(p))
					}
				}
			}
			t.set(name, all)
		case "required":
			t.set(name, joinLists(t.list(name), part.list(name)))
		case "title", "description", "example", "xml", "externalDocs", "discriminator", "x-deprecated":
			if len(t.names) == 0 || t.origin == part.origin {
				t.setMissing(name, part.get(name))
			}
		default:
			t.setMissing(name, part.get(name))
		}
	}
}

// joinLists returns the values of both lists, each once.
func joinLists(a, b []any) []any {
	seen := map[string]bool{}
	var all []any
	for _, value := range append(slices.Clone(a), b...) {
		if key := jsonText(value, false); !seen[key] {
			seen[key] = true
			all = append(all, value)
		}
	}
	return all
}

// valueUnion makes one schema of alternatives that are no objects.
func (im *importer) valueUnion(kind unionKind, n source.Node, branches []source.Node) *tree {
	t := treeOf(n, "type", im.scalarOf(branches))
	for _, b := range branches {
		if f := im.flat(b); f.has("x-nullable") {
			t.set("x-nullable", true)
		}
	}
	if kind == unionValues {
		var all []any
		for _, b := range branches {
			all = joinLists(all, im.flat(b).list("enum"))
		}
		t.set("enum", all)
	}
	return t
}

// scalarOf returns the type that can write the values of all alternatives.
func (im *importer) scalarOf(branches []source.Node) string {
	best := ""
	for _, b := range branches {
		s := im.shape(b)
		switch {
		case s == "string" || best == "string":
			best = "string"
		case best == "" || best == "integer" && s == "number":
			best = s
		}
	}
	return best
}

// objectUnion makes one object of alternatives that are all objects: the
// properties of all, required if all require them.
func (im *importer) objectUnion(n source.Node, branches []source.Node) *tree {
	t := treeOf(n, "type", "object")
	properties := newTree(n)
	var required []any
	var different []string
	for i, b := range branches {
		f := im.flat(b)
		if p := f.object("properties"); p != nil {
			for _, name := range p.names {
				if !addProperty(properties, name, p.get(name)) && !slices.Contains(different, name) {
					different = append(different, name)
				}
			}
		}
		if i == 0 {
			required = f.list("required")
		} else {
			required = intersect(required, f.list("required"))
		}
		if extra := f.object("additionalProperties"); extra != nil {
			t.setMissing("additionalProperties", extra)
		}
		if f.has("x-nullable") {
			t.set("x-nullable", true)
		}
	}
	if len(different) > 0 {
		im.lose(n, "properties that differ between the alternatives are as in the first that has them: %s", quoteNames(different))
	}
	if len(required) > 0 {
		t.set("required", required)
	}
	if len(properties.names) > 0 {
		t.set("properties", properties)
	}
	return t
}

// addProperty adds a property of one alternative. If another has it too, their
// values are joined; if they cannot be, the result is false.
func addProperty(properties *tree, name string, value any) bool {
	there, added := properties.object(name), value.(*tree)
	if there == nil {
		properties.set(name, added)
		return true
	}
	if jsonText(there, false) == jsonText(added, false) {
		return true
	}
	if there.get("type") != "string" || added.get("type") != "string" {
		return false
	}
	joined := there.clone()
	if a, b := there.list("enum"), added.list("enum"); a != nil && b != nil {
		joined.set("enum", joinLists(a, b))
	} else {
		joined.remove("enum")
	}
	properties.set(name, joined)
	return true
}

func intersect(a, b []any) []any {
	return slices.DeleteFunc(slices.Clone(a), func(v any) bool { return !slices.Contains(b, v) })
}
