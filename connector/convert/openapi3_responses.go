package convert

import (
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// responses converts what an operation answers.
func (im *importer) responses(frame, fix *tree, n source.Node) {
	if n.Kind() != source.Object {
		im.wrong(n, "responses", aMap.String())
		return
	}
	all, own := newTree(n), newTree(n)
	var order []string
	produces := []any{}
	for status, site := range members(n) {
		if strings.HasPrefix(status, "x-") {
			own.set(status, im.plain(site))
			order = append(order, status)
			continue
		}
		r := im.resolve(site)
		if r.Kind() != source.Object {
			im.lose(site, "the response %s is left out: it refers to nothing", status)
			continue
		}
		for _, m := range im.media(r.Get("content")) {
			produces = joinLists(produces, []any{m.name})
		}
		if status = im.statusCode(n, site, status); status == "" {
			continue
		}
		order = append(order, status)
		all.set(status, im.responseAt(site, r))
	}
	if len(all.names) == 0 {
		return
	}
	if len(produces) > 0 {
		fix.set("produces", produces)
	}
	frame.set("responses", im.issue(all, ticket{order: order, fix: own}))
}

// statusCode returns the status under which 2.0 knows a response: it has no
// ranges.
func (im *importer) statusCode(n, site source.Node, status string) string {
	upper := strings.ToUpper(status)
	if len(upper) != 3 || upper[1:] != "XX" {
		return status
	}
	exact := "default"
	if upper[0] < '4' {
		exact = upper[:1] + "00"
	}
	if n.Get(exact).Exists() || exact == "default" && (upper[0] == '5' && n.Get("4XX").Exists()) {
		im.lose(site, "2.0 knows no ranges of status codes, %s is left out because there is %s", status, exact)
		return ""
	}
	im.lose(site, "2.0 knows no ranges of status codes, %s became %s", status, exact)
	return exact
}

func (im *importer) responseAt(site, r source.Node) *tree {
	if name := im.shared[r]; name != "" && site.Get("$ref").Exists() {
		ref := treeOf(site, "$ref", "#/responses/"+source.EscapePointer(name))
		return im.issue(treeOf(site, "description", ""), ticket{whole: ref})
	}
	return im.response(r)
}

// sharedResponses converts the components that are responses.
func (im *importer) sharedResponses() *tree {
	all := newTree(im.root)
	for name, n := range members(im.root.Get("components").Get("responses")) {
		if n.Kind() != source.Object || n.Get("$ref").Exists() {
			continue
		}
		all.set(name, im.response(n))
		im.shared[n] = name
	}
	return all
}

func (im *importer) response(n source.Node) *tree {
	frame, fix := newTree(n), newTree(n)
	order := []string{}
	for name, v := range members(n) {
		switch name {
		case "description":
			order = append(order, name)
		case "content":
			order = append(order, "schema", "examples")
			im.responseContent(frame, fix, v)
		case "headers":
			order = append(order, name)
			frame.set(name, im.headers(v))
		case "links":
			im.lose(v, "links: 2.0 has none; they are left out")
		default:
			order = append(order, name)
			im.otherMember(fix, name, v, "a response")
		}
	}
	description, _ := n.Get("description").Str()
	frame.set("description", description)
	fix.set("description", description) // kin-openapi drops an empty one, 2.0 requires it
	return im.issue(frame, ticket{order: order, fix: fix})
}

func (im *importer) responseContent(frame, fix *tree, content source.Node) {
	media := im.media(content)
	if len(media) == 0 {
		return
	}
	best := media[bestMedium(media)]
	var lost []string
	for _, m := range media {
		if m.node.Get("schema").Exists() && !im.sameSchema(m, best) {
			lost = append(lost, m.name)
		}
	}
	if len(lost) > 0 {
		im.lose(content, "content: 2.0 has one schema for all media types, that of %q is kept, not those of %s", best.name, quoteNames(lost))
	}
	if s := best.node.Get("schema"); s.Exists() {
		frame.set("content", treeOf(content, "application/json", treeOf(content, "schema", newTree(content))))
		fix.set("schema", im.schema(s))
	}
	examples := newTree(content)
	for _, m := range media {
		if example := im.example(m.node, source.Node{}); example != nil {
			examples.set(m.name, example)
		}
	}
	if len(examples.names) > 0 {
		fix.set("examples", examples)
	}
}

func (im *importer) headers(list source.Node) *tree {
	all := newTree(list)
	for name, site := range members(list) {
		n := im.resolve(site)
		if n.Kind() != source.Object {
			im.lose(site, "the header %q is left out: it refers to nothing", name)
			continue
		}
		if n.Get("required").IsTrue() {
			im.lose(n.Get("required"), "required: 2.0 cannot say that a response always has the header %q", name)
		}
		schema := n.Get("schema")
		s := treeOf(n, "type", "string")
		if schema.Exists() {
			s = im.primitive(schema, 0)
		} else if n.Get("content").Exists() {
			im.lose(n.Get("content"), "content: 2.0 cannot say how the value of %q is written, it became a text", name)
		}
		header := im.simple(n, name, "", s, schema)
		for _, unwanted := range []string{"name", "in", "required"} {
			header.remove(unwanted)
		}
		all.set(name, header)
	}
	return all
}
