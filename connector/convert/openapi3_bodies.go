package convert

import (
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// medium is one entry of a content map.
type medium struct {
	name string
	node source.Node
}

func (im *importer) media(content source.Node) []medium {
	var all []medium
	for name, site := range members(content) {
		n := im.resolve(site)
		for key, v := range members(n) {
			if strings.HasPrefix(key, "x-") {
				im.lose(v, "%s: 2.0 has nothing of a media type that could keep it; it is left out", key)
			}
		}
		all = append(all, medium{name, n})
	}
	return all
}

// bestMedium returns the index of the media type that the platform can do most
// with: JSON, or else the first.
func bestMedium(media []medium) int {
	for _, isIt := range []func(string) bool{
		func(s string) bool { return s == "application/json" },
		func(s string) bool { return strings.HasPrefix(s, "application/json") },
		isJSON,
	} {
		if i := slices.IndexFunc(media, func(m medium) bool { return isIt(m.name) }); i >= 0 {
			return i
		}
	}
	return 0
}

// baseType is a media type without its parameters.
func baseType(mediaType string) string {
	base, _, _ := strings.Cut(mediaType, ";")
	return strings.TrimSpace(base)
}

func isJSON(mediaType string) bool {
	base := baseType(mediaType)
	return base == "application/json" || base == "text/json" || strings.HasSuffix(base, "+json")
}

func isForm(mediaType string) bool {
	base := baseType(mediaType)
	return base == "application/x-www-form-urlencoded" || base == "multipart/form-data"
}

// sameSchema reports whether two media types carry the same values.
func (im *importer) sameSchema(a, b medium) bool {
	x, y := a.node.Get("schema"), b.node.Get("schema")
	return x == y || x.Text() == y.Text() || jsonText(im.plain(x), false) == jsonText(im.plain(y), false)
}

// body converts what an operation is sent.
func (im *importer) body(frame, fix *tree, site, item source.Node) {
	n := im.resolve(site)
	media := im.media(n.Get("content"))
	if len(media) == 0 {
		im.lose(site, "the request body has no content; it is left out")
		return
	}
	best := media[bestMedium(media)]
	var consumes []any
	var lost []string
	for _, m := range media {
		switch {
		case !im.sameSchema(m, best):
			lost = append(lost, m.name)
		case isForm(m.name) == isForm(best.name):
			consumes = append(consumes, m.name)
		}
	}
	if len(lost) > 0 {
		im.lose(n.Get("content"), "content: 2.0 has one schema for all media types, that of %q is kept, not those of %s", best.name, quoteNames(lost))
	}
	fix.set("consumes", consumes)
	if isForm(best.name) {
		best.name = baseType(best.name)
		im.form(frame, n, best)
		return
	}
	im.bodyParameter(frame, n, item, best)
}

func (im *importer) bodyParameter(frame *tree, n, item source.Node, m medium) {
	fix := treeOf(n, "name", im.bodyName(frame, n, item))
	for name, v := range members(n) {
		if strings.HasPrefix(name, "x-") && name != "x-originalParamName" {
			fix.set(name, im.plain(v))
		}
	}
	schema := newTree(m.node)
	if s := m.node.Get("schema"); s.Exists() {
		schema = im.schema(s)
	}
	if example := im.example(m.node, source.Node{}); example != nil {
		if schema.has("$ref") || schema.has("example") {
			fix.set("x-examples", treeOf(m.node, m.name, example))
		} else {
			schema = schema.clone()
			schema.set("example", example)
		}
	}
	fix.set("schema", schema)
	body := treeOf(n, "content", treeOf(n, "application/json", treeOf(n, "schema", newTree(n))))
	im.describeBody(body, n)
	frame.set("requestBody", im.issue(body, ticket{order: []string{"name", "in", "description", "required", "schema"}, fix: fix}))
}

func (im *importer) describeBody(body *tree, n source.Node) {
	if v := n.Get("description"); v.Exists() {
		im.copyIf(body, "description", v, aText)
	}
	if n.Get("required").IsTrue() {
		body.set("required", true)
	}
}

// bodyName returns a name for the body that no other parameter has.
func (im *importer) bodyName(frame *tree, n, item source.Node) string {
	name := "body"
	if s, ok := n.Get("x-originalParamName").Str(); ok && s != "" {
		name = s
	}
	taken := map[string]bool{}
	for _, site := range item.Get("parameters").Items() {
		s, _ := im.resolve(site).Get("name").Str()
		taken[s] = true
	}
	for _, site := range frame.origin.Get("parameters").Items() {
		s, _ := im.resolve(site).Get("name").Str()
		taken[s] = true
	}
	return unique(taken, name)
}

// form makes parameters of the fields of a form.
func (im *importer) form(frame *tree, n source.Node, m medium) {
	schema := m.node.Get("schema")
	fields := newTree(n)
	required := im.flat(schema).list("required")
	for _, p := range im.propertiesOf(schema) {
		fields.set(p.name, im.formField(p, m, slices.Contains(required, any(p.name))))
	}
	if len(fields.names) == 0 {
		im.lose(n, "the form has no fields that 2.0 could say; it is left out")
		return
	}
	for name, v := range members(n) {
		if name == "description" || strings.HasPrefix(name, "x-") {
			im.lose(v, "%s: 2.0 has no place for it in forms; it is left out", name)
		}
	}
	content := treeOf(n, m.name, treeOf(n, "schema", treeOf(n, "type", "object", "properties", fields)))
	frame.set("requestBody", treeOf(n, "content", content))
}

func (im *importer) formField(p property, m medium, required bool) *tree {
	field, fix := newTree(p.node), newTree(p.node)
	s := im.primitive(p.node, 0)
	switch {
	case s.text("format") == "binary":
		s = treeOf(p.node, "type", "file")
	case s.text("type") == "array" && s.object("items").text("format") == "binary":
		im.lose(p.node, "2.0 has no lists of files, the field %q became one file", p.name)
		s = treeOf(p.node, "type", "file")
	case s.text("type") == "array":
		fix.set("collectionFormat", "multi")
		if v, ok := m.node.Get("encoding").Get(p.name).Get("explode").Bool(); ok && !v {
			fix.set("collectionFormat", "csv")
		}
	}
	for name, v := range members(m.node.Get("encoding").Get(p.name)) {
		if name != "style" && name != "explode" {
			im.lose(v, "%s: 2.0 cannot say how the field %q is encoded", name, p.name)
		}
	}
	if required {
		fix.set("required", true)
	}
	if description := im.flat(p.node).text("description"); description != "" {
		fix.set("description", description)
	}
	if example := im.example(p.node, p.node); example != nil {
		fix.set("x-example", example)
	}
	for _, name := range s.names {
		fix.setMissing(name, s.get(name))
	}
	im.title(fix, p.node)
	field.set("type", "string")
	order := []string{"name", "in", "description", "required", "type", "format", "items", "collectionFormat"}
	return im.issue(field, ticket{order: order, fix: fix})
}
