package convert

import (
	"cmp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// valueKeywords are the keywords of schemas that parameters, headers and items
// have too (OpenAPI 2.0, Parameter Object).
func isValueKeyword(name string) bool {
	switch name {
	case "type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
		"maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "enum", "multipleOf":
		return true
	}
	return strings.HasPrefix(name, "x-")
}

// primitive converts a schema for a place where 2.0 has no schemas, but only
// types: no references, no objects.
func (im *importer) primitive(n source.Node, depth int) *tree {
	f := im.flat(n)
	s := newTree(f.origin)
	for _, name := range f.names {
		if isValueKeyword(name) {
			s.set(name, f.get(name))
		}
	}
	switch s.text("type") {
	case "string", "number", "integer", "boolean":
	case "array":
		items := im.itemsOf(n)
		if depth >= maxItemDepth || !items.Exists() {
			s.set("items", treeOf(n, "type", "string"))
			break
		}
		s.set("items", im.primitive(items, depth+1))
	default:
		if im.isObject(f) {
			im.lose(n, "an object cannot stand here in 2.0, it became a text")
			return treeOf(n, "type", "string")
		}
		s.set("type", "string") // as which everything can be written
	}
	return s
}

const maxItemDepth = 8

func (im *importer) isObject(flat *tree) bool {
	return flat.text("type") == "object" || flat.has("properties") || flat.has("additionalProperties")
}

// parts returns a schema, references resolved, and what its allOf adds.
func (im *importer) parts(n source.Node) []source.Node {
	all := []source.Node{im.resolve(n)}
	for i := 0; i < len(all) && i < maxOpen; i++ {
		for _, part := range all[i].Get("allOf").Items() {
			if part = im.resolve(part); part.Exists() && !slices.Contains(all, part) {
				all = append(all, part)
			}
		}
	}
	return all
}

// itemsOf returns the schema of an array's items.
func (im *importer) itemsOf(n source.Node) source.Node {
	for _, part := range im.parts(n) {
		if items := part.Get("items"); items.Exists() {
			return items
		}
		if branches, _ := im.branches(part.Get("oneOf")); len(branches) > 0 {
			return im.resolve(branches[0]).Get("items")
		}
		if branches, _ := im.branches(part.Get("anyOf")); len(branches) > 0 {
			return im.resolve(branches[0]).Get("items")
		}
	}
	return source.Node{}
}

// property is a property of an object's schema, or of one of several that are
// alternatives.
type property struct {
	name string
	node source.Node
}

func (im *importer) propertiesOf(n source.Node) []property {
	var all []property
	seen := map[string]bool{}
	var collect func(n source.Node, depth int)
	collect = func(n source.Node, depth int) {
		for _, part := range im.parts(n) {
			for name, p := range members(part.Get("properties")) {
				if !seen[name] {
					seen[name] = true
					all = append(all, property{name, p})
				}
			}
			for _, key := range []string{"oneOf", "anyOf"} {
				for _, b := range part.Get(key).Items() {
					if depth < maxItemDepth && im.spend() {
						collect(b, depth+1)
					}
				}
			}
		}
	}
	collect(n, 0)
	return all
}

// parameters converts a list of parameters for the frame.
func (im *importer) parameters(list source.Node) []any {
	var all []any
	for _, site := range list.Items() {
		if name := im.sharedParameter(site); name != "" {
			ref := treeOf(site, "$ref", "#/parameters/"+source.EscapePointer(name))
			stub := treeOf(site, "name", name, "in", "query", "schema", treeOf(site, "type", "string"))
			all = append(all, im.issue(stub, ticket{whole: ref}))
			continue
		}
		for _, p := range im.parameter(im.resolve(site), site) {
			all = append(all, p)
		}
	}
	return all
}

// sharedParameter returns the name of the component that a parameter refers
// to, "" if it is none or 2.0 does not say it as one parameter.
func (im *importer) sharedParameter(site source.Node) string {
	if !site.Get("$ref").Exists() {
		return ""
	}
	return im.shared[im.resolve(site)]
}

// sharedParameters converts the components that are parameters.
func (im *importer) sharedParameters() *tree {
	all := newTree(im.root)
	for name, n := range members(im.root.Get("components").Get("parameters")) {
		if n.Get("$ref").Exists() {
			continue // whoever refers to it refers to what is behind it
		}
		if list := im.parameter(n, n); len(list) == 1 {
			all.set(name, list[0])
			im.shared[n] = name
		}
	}
	return all
}

// parameter converts a parameter that site refers to: to none if 2.0 cannot say
// it, to several if it is an object whose properties travel one by one.
func (im *importer) parameter(n, site source.Node) []*tree {
	name, _ := n.Get("name").Str()
	in, _ := n.Get("in").Str()
	switch {
	case !n.Exists():
		im.lose(site, "$ref %s names nothing; the parameter is left out", site.Get("$ref").Text())
		return nil
	case name == "":
		im.lose(n, "the parameter has no name; it is left out")
		return nil
	case in == "cookie":
		im.lose(n, "the parameter %q travels in a cookie, which 2.0 does not know; it is left out", name)
		return nil
	case in != "path" && in != "query" && in != "header":
		im.lose(n, "the parameter %q is in %q, expected path, query or header; it is left out", name, in)
		return nil
	}
	schema := n.Get("schema")
	if content := n.Get("content"); content.Exists() && !schema.Exists() {
		im.lose(content, "content: 2.0 cannot say how the value of %q is written, it became a text", name)
		return []*tree{im.simple(n, name, in, treeOf(n, "type", "string"), source.Node{})}
	}
	if in == "query" && im.isObject(im.flat(schema)) {
		if list := im.spread(n, name, schema); len(list) > 0 {
			return list
		}
	}
	return []*tree{im.simple(n, name, in, im.primitive(schema, 0), schema)}
}

// spread makes parameters of the properties of an object in the query, as they
// travel: style form sends a=1&b=2, style deepObject name[a]=1&name[b]=2
// (OpenAPI 3.0, Style Examples).
func (im *importer) spread(n source.Node, name string, schema source.Node) []*tree {
	style, _ := n.Get("style").Str()
	explode, isSet := n.Get("explode").Bool()
	deep := style == "deepObject"
	if !deep && (cmp.Or(style, "form") != "form" || isSet && !explode) {
		return nil
	}
	required := im.flat(schema).list("required")
	var all []*tree
	for _, p := range im.propertiesOf(schema) {
		full := p.name
		if deep {
			full = name + "[" + p.name + "]"
		}
		s := im.primitive(p.node, 0)
		query := im.simple(p.node, full, "query", s, p.node)
		if n.Get("required").IsTrue() && slices.Contains(required, any(p.name)) {
			query.set("required", true)
		}
		all = append(all, query)
	}
	if len(all) > 0 {
		im.lose(n, "an object cannot stand here in 2.0, its properties became the parameters that %q consists of", name)
	}
	return all
}

// simple makes the frame's parameter of n, which may also be a header or a
// property, with the values that s describes. The schema is where s came from.
func (im *importer) simple(n source.Node, name, in string, s *tree, schema source.Node) *tree {
	fix := newTree(n)
	frame := treeOf(n, "name", name, "in", in, "schema", treeOf(n, "type", s.get("type")))
	if n.Get("required").IsTrue() || in == "path" {
		frame.set("required", true)
	}
	if description := im.describe(n, schema); description != "" {
		frame.set("description", description)
	}
	if example := im.example(n, schema); example != nil {
		fix.set("x-example", example)
	}
	im.parameterFlags(fix, n, schema)
	im.style(frame, n, name, in, s.text("type") == "array")
	for _, name := range s.names {
		if name != "type" {
			fix.setMissing(name, s.get(name))
		}
	}
	if in != "" {
		im.title(fix, schema)
	}
	return im.issue(frame, ticket{order: parameterOrder(n, s), fix: fix})
}

// title keeps the title of a parameter's schema as the name that makers see.
func (im *importer) title(fix *tree, schema source.Node) {
	if title := im.flat(schema).text("title"); title != "" {
		fix.setMissing("x-ms-summary", title)
	}
}

// parameterOrder returns the members of a parameter in the original's order,
// those of its schema where that stood.
func parameterOrder(n source.Node, s *tree) []string {
	order := []string{}
	if !n.Get("in").Exists() {
		order = append(order, "name", "in", "required", "description")
	}
	for name := range members(n) {
		switch name {
		case "schema", "content":
			order = append(order, "type")
			order = append(order, s.names...)
			order = append(order, "collectionFormat")
		case "example", "examples":
			order = append(order, "x-example")
		default:
			order = append(order, name)
		}
	}
	return append(order, "type", "format")
}

// describe returns the description of a parameter, or of its values.
func (im *importer) describe(n, schema source.Node) string {
	if s, ok := n.Get("description").Str(); ok {
		return s
	}
	if schema.Exists() && schema != n {
		return im.flat(schema).text("description")
	}
	return ""
}

// example returns the first example of a parameter, a media type, or the
// values.
func (im *importer) example(n, schema source.Node) any {
	if v := n.Get("example"); v.Exists() && v.Kind() != source.Null {
		return im.plain(v)
	}
	if v := n.Get("examples"); v.Kind() == source.Object {
		for _, e := range im.examples(v) {
			return e
		}
	}
	if schema.Exists() {
		return im.flat(schema).get("example")
	}
	return nil
}

// examples returns the first of named examples, or none.
func (im *importer) examples(list source.Node) []any {
	first, kept := "", []any(nil)
	for name, site := range members(list) {
		e := im.resolve(site)
		if kept == nil && e.Get("value").Exists() {
			first, kept = name, []any{im.plain(e.Get("value"))}
		} else if e.Get("externalValue").Exists() {
			im.lose(site, "externalValue: 2.0 has no examples in other files, %q is left out", name)
		}
	}
	if list.Len() > 1 && kept != nil {
		im.lose(list, "examples: 2.0 has room for one, %q is kept of %d", first, list.Len())
	}
	return kept
}

// parameterFlags converts what is said about a parameter beside its values.
func (im *importer) parameterFlags(fix *tree, n, schema source.Node) {
	for name, v := range members(n) {
		switch {
		case strings.HasPrefix(name, "x-"):
			fix.set(name, im.plain(v))
		case n == schema:
		case name == "deprecated" && v.IsTrue():
			fix.set("x-deprecated", true)
			im.lose(v, "deprecated: 2.0 has no such keyword for parameters, it became x-deprecated")
		case name == "allowEmptyValue" && v.IsTrue():
			fix.set(name, true)
		case name == "allowReserved" && v.IsTrue():
			im.lose(v, "allowReserved: 2.0 has no such keyword, reserved characters are escaped")
		}
	}
}

// style writes out how an array travels, so that it becomes the right
// collectionFormat: kin-openapi takes the default of 3.0, one parameter per
// item, for that of 2.0, a list with commas.
func (im *importer) style(frame *tree, n source.Node, name, in string, array bool) {
	style, given := n.Get("style").Str()
	explode, isSet := n.Get("explode").Bool()
	if in == "query" && array {
		style = cmp.Or(style, "form")
		if !isSet {
			explode = style == "form"
		}
		if explode && style != "form" { // without delimiters there is no difference
			style = "form"
		}
		frame.set("style", style)
		frame.set("explode", explode)
	}
	usual := map[string]string{"query": "form", "path": "simple", "header": "simple"}[in]
	delimited := style == "spaceDelimited" || style == "pipeDelimited"
	if given && style != usual && !(array && delimited) && !(in == "query" && array) && in != "" {
		im.lose(n.Get("style"), "style: 2.0 does not know %s for %s parameters like %q", style, in, name)
	}
}
