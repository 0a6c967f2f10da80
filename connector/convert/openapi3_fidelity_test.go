package convert_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// A comparison reads an original document on its own, as plainly as can be, and
// looks up in the converted one what it finds. Only what a loss at that place,
// or around it, tells about may differ.
type comparison struct {
	t         *testing.T
	original  *source.File
	converted *source.File
	lost      map[string]bool
	checked   int
}

func compareDocuments(t *testing.T, original, converted *source.File, losses []convert.Loss) {
	t.Helper()
	c := &comparison{t: t, original: original, converted: converted, lost: map[string]bool{}}
	for _, l := range losses {
		c.lost[l.Pointer] = true
		c.lost[l.Pointer[:max(strings.LastIndex(l.Pointer, "/"), 0)]] = true
	}
	for key, item := range original.At("/paths").Members() {
		path, _ := key.Str()
		for _, method := range connector.Methods {
			if o := item.Get(method); o.Exists() {
				c.operation(o, converted.Root().Get("paths").Get(path).Get(method))
			}
		}
		c.parameters(item.Get("parameters"), converted.Root().Get("paths").Get(path).Get("parameters"))
		c.extensions(item, converted.Root().Get("paths").Get(path))
	}
	for key, schema := range original.At("/components/schemas").Members() {
		name, _ := key.Str()
		c.schema(schema, converted.At("/definitions").Get(name))
	}
	for key, scheme := range original.At("/components/securitySchemes").Members() {
		name, _ := key.Str()
		if got := converted.At("/securityDefinitions").Get(name); !c.isLost(scheme) {
			c.equal(scheme, "description", got)
			c.extensions(scheme, got)
		}
	}
	c.order(original.At("/paths"), converted.At("/paths"))
	c.order(original.At("/components/schemas"), converted.At("/definitions"))
	c.extensions(original.Root(), converted.Root())
	for _, name := range []string{"info", "tags", "externalDocs"} {
		c.equal(original.Root(), name, converted.Root())
	}
	if c.checked == 0 {
		t.Errorf("%s: nothing was compared", original.Name)
	}
}

func (c *comparison) fail(n source.Node, format string, args ...any) {
	c.t.Helper()
	c.t.Errorf("%s#%s: %s", c.original.Name, n.Pointer(), fmt.Sprintf(format, args...))
}

func (c *comparison) isLost(n source.Node) bool {
	for pointer := n.Pointer(); ; pointer = pointer[:strings.LastIndex(pointer, "/")] {
		if c.lost[pointer] {
			return true
		}
		if strings.Count(pointer, "/") <= 3 {
			return false
		}
	}
}

func (c *comparison) resolve(n source.Node) source.Node {
	for range 20 {
		ref, ok := n.Get("$ref").Str()
		if !ok {
			return n
		}
		n = n.File().At(strings.TrimPrefix(ref, "#"))
	}
	return source.Node{}
}

// equal compares a member of both. An empty text and false say nothing, so they
// may be missing.
func (c *comparison) equal(want source.Node, name string, got source.Node) {
	c.t.Helper()
	if v := want.Get(name); !v.Exists() || v.Is("") || v.Kind() == source.Bool && !v.IsTrue() && !got.Get(name).Exists() {
		return
	}
	c.checked++
	// References inside an extension follow the schema.
	text := strings.ReplaceAll(fmt.Sprint(want.Get(name).Value()), "#/components/schemas/", "#/definitions/")
	if a, b := text, fmt.Sprint(got.Get(name).Value()); a != b && !c.isLost(want) && !c.isLost(want.Get(name)) {
		c.fail(want.Get(name), "%.80s became %.80s", a, b)
	}
}

func (c *comparison) extensions(want, got source.Node) {
	c.t.Helper()
	for key := range want.Members() {
		if name, _ := key.Str(); strings.HasPrefix(name, "x-") && name != "x-webhooks" {
			c.equal(want, name, got)
		}
	}
}

// order checks that members which both have come in the same order.
func (c *comparison) order(want, got source.Node) {
	c.t.Helper()
	last := -1
	for key := range want.Members() {
		name, _ := key.Str()
		if n := got.Get(name); n.Exists() {
			if at := n.Range().Start; at < last {
				c.fail(want, "%s is out of order", name)
				return
			} else {
				last = at
			}
		}
	}
}

func (c *comparison) operation(want, got source.Node) {
	if !got.Exists() {
		c.fail(want, "the operation is not there")
		return
	}
	for _, name := range []string{"operationId", "summary", "description", "deprecated", "tags", "externalDocs", "security"} {
		c.equal(want, name, got)
	}
	c.extensions(want, got)
	c.parameters(want.Get("parameters"), got.Get("parameters"))
	c.body(c.resolve(want.Get("requestBody")), got)
	for key, site := range want.Get("responses").Members() {
		status, _ := key.Str()
		c.response(c.resolve(site), c.resolve(got.Get("responses").Get(status)), got.Get("produces"))
	}
	c.order(want.Get("responses"), got.Get("responses"))
}

func (c *comparison) parameters(want, got source.Node) {
	i := 0
	for _, site := range want.Items() {
		p := c.resolve(site)
		if c.isLost(p) && !parameterLike(p, c.resolve(got.Item(i))) {
			continue
		}
		q := c.resolve(got.Item(i))
		i++
		if !parameterLike(p, q) {
			c.fail(p, "the parameter is not there, but %s", q.Text())
			continue
		}
		c.equal(p, "description", q)
		if p.Get("required").IsTrue() != q.Get("required").IsTrue() {
			c.fail(p, "required differs")
		}
		c.extensions(p, q)
		c.values(c.resolve(p.Get("schema")), q)
		if p.Get("in").Is("query") && c.resolve(p.Get("schema")).Get("type").Is("array") {
			explode, set := p.Get("explode").Bool()
			if format := q.Get("collectionFormat"); format.Is("multi") != (explode || !set) {
				c.fail(p, "the list travels as %s", format.Text())
			}
		}
	}
}

func parameterLike(p, q source.Node) bool {
	name, _ := p.Get("name").Str()
	in, _ := p.Get("in").Str()
	return q.Get("name").Is(name) && q.Get("in").Is(in)
}

// values compares the keywords of a schema that is not nested.
func (c *comparison) values(want, got source.Node) {
	c.t.Helper()
	if want.Get("oneOf").Exists() || want.Get("anyOf").Exists() || want.Get("allOf").Exists() {
		return
	}
	if got.Get("type").Is("file") {
		return
	}
	for _, name := range []string{"format", "default", "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "multipleOf", "minimum", "maximum"} {
		if name != "default" || want.Get(name).Kind() != source.Null {
			c.equal(want, name, got)
		}
	}
	if kind := want.Get("type"); kind.Kind() == source.String && !kind.Is("object") {
		c.equal(want, "type", got)
	}
	if want.Get("nullable").IsTrue() && !got.Get("x-nullable").IsTrue() {
		c.fail(want, "nullable is lost")
	}
	for i, value := range want.Get("enum").Items() {
		if j := slices.IndexFunc(slices.Collect(items(got.Get("enum"))), func(n source.Node) bool {
			return fmt.Sprint(n.Value()) == fmt.Sprint(value.Value())
		}); j < 0 && value.Kind() != source.Null {
			c.fail(want.Get("enum"), "value %d is lost", i)
		}
	}
}

func items(n source.Node) func(func(source.Node) bool) {
	return func(yield func(source.Node) bool) {
		for _, item := range n.Items() {
			if !yield(item) {
				return
			}
		}
	}
}

func (c *comparison) body(want, operation source.Node) {
	if !want.Exists() {
		return
	}
	var names []string
	var first source.Node
	for key, m := range want.Get("content").Members() {
		name, _ := key.Str()
		names = append(names, name)
		if !first.Exists() || name == "application/json" {
			first = m
		}
	}
	consumes := operation.Get("consumes")
	if len(names) == 1 && !consumes.Item(0).Is(names[0]) {
		c.fail(want, "consumes is %s", consumes.Text())
	}
	if slices.Contains(names, "application/json") && !slices.ContainsFunc(slices.Collect(items(consumes)), func(n source.Node) bool { return n.Is("application/json") }) {
		c.fail(want, "consumes is %s", consumes.Text())
	}
	fields := 0
	for _, p := range operation.Get("parameters").Items() {
		switch p = c.resolve(p); {
		case p.Get("in").Is("body"):
			c.equal(want, "description", p)
			if want.Get("required").IsTrue() != p.Get("required").IsTrue() {
				c.fail(want, "required differs")
			}
			c.extensions(want, p)
			c.schema(first.Get("schema"), p.Get("schema"))
			return
		case p.Get("in").Is("formData"):
			fields++
			name, _ := p.Get("name").Str()
			schema := c.resolve(first.Get("schema"))
			c.values(c.resolve(schema.Get("properties").Get(name)), p)
			required := slices.ContainsFunc(slices.Collect(items(schema.Get("required"))), func(n source.Node) bool { return n.Is(name) })
			if required != p.Get("required").IsTrue() && !schema.Get("allOf").Exists() {
				c.fail(schema, "required of %s differs", name)
			}
		}
	}
	if fields < c.resolve(first.Get("schema")).Get("properties").Len() {
		c.fail(want, "%d fields", fields)
	}
}

func (c *comparison) response(want, got, produces source.Node) {
	if !got.Exists() {
		if !c.isLost(want) {
			c.fail(want, "the response is not there")
		}
		return
	}
	c.equal(want, "description", got)
	c.extensions(want, got)
	for key, site := range want.Get("headers").Members() {
		name, _ := key.Str()
		h := c.resolve(site)
		header := got.Get("headers").Get(name)
		if !header.Exists() {
			c.fail(h, "the header is not there")
		}
		c.equal(h, "description", header)
		c.values(c.resolve(h.Get("schema")), header)
	}
	for key, m := range want.Get("content").Members() {
		name, _ := key.Str()
		if !slices.ContainsFunc(slices.Collect(items(produces)), func(n source.Node) bool { return n.Is(name) }) {
			c.fail(m, "the media type is not among %s", produces.Text())
		}
		if example := m.Get("example"); example.Exists() && fmt.Sprint(example.Value()) != fmt.Sprint(got.Get("examples").Get(name).Value()) {
			c.fail(example, "the example is lost")
		}
		if name == "application/json" {
			c.schema(m.Get("schema"), got.Get("schema"))
		}
	}
}

// schema compares two schemas in full. References must lead to definitions of
// the same name.
func (c *comparison) schema(want, got source.Node) {
	if !want.Exists() || c.isLost(want) {
		return
	}
	if ref, ok := want.Get("$ref").Str(); ok {
		c.checked++
		name := source.UnescapePointer(ref[strings.LastIndex(ref, "/")+1:])
		if got.Get("allOf").Exists() { // with what stood beside it
			got = got.Get("allOf").Item(0)
		}
		if !got.Get("$ref").Is("#/definitions/" + name) {
			c.fail(want, "the reference became %s", got.Text())
		}
		return
	}
	if want.Get("oneOf").Exists() || want.Get("anyOf").Exists() {
		return
	}
	c.values(want, got)
	c.extensions(want, got)
	for _, name := range []string{"title", "description", "example", "required", "readOnly", "xml", "externalDocs", "minProperties", "maxProperties"} {
		if want.Get(name).Len() > 0 || want.Get(name).Kind() != source.Array {
			c.equal(want, name, got)
		}
	}
	if want.Get("properties").Len() != got.Get("properties").Len() {
		c.fail(want, "%d properties became %d", want.Get("properties").Len(), got.Get("properties").Len())
	}
	c.order(want.Get("properties"), got.Get("properties"))
	for key, p := range want.Get("properties").Members() {
		name, _ := key.Str()
		c.schema(p, got.Get("properties").Get(name))
	}
	for i, part := range want.Get("allOf").Items() {
		c.schema(part, got.Get("allOf").Item(i))
	}
	for _, name := range []string{"items", "additionalProperties"} {
		if want.Get(name).Kind() == source.Bool {
			c.equal(want, name, got)
		} else {
			c.schema(want.Get(name), got.Get(name))
		}
	}
}
