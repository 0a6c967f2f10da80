package rules

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var document = []*lint.Rule{
	{
		ID:       "document-version",
		Summary:  `the version is not the string "2.0"`,
		Levels:   lint.Everywhere(failure),
		Start:    documentVersion,
		Foreign:  true,
		Official: []string{"SpecificationVersionIncorrect"},
	},
	{
		ID:      "document-ref-unresolved",
		Summary: "a $ref has no target in the file",
		Levels:  lint.Everywhere(failure),
		Start:   refUnresolved,
		Official: []string{
			"ParameterReferenceNotFound", "ResponseReferenceNotFound", "SchemaReferenceNotFound",
			"ParameterReferenceNotValid", "ResponseReferenceNotValid", "SchemaReferenceNotValid", "JsonPointerNotValid",
		},
	},
	{
		ID:       "document-ref-section",
		Summary:  "a $ref leads to a place where such objects are not defined",
		Levels:   lint.Everywhere(failure),
		Start:    refSection,
		Official: []string{"ParameterReferenceNotValid", "ResponseReferenceNotValid", "SchemaReferenceNotValid"},
	},
	{
		ID:       "document-ref-alone",
		Summary:  "a definition is nothing but a $ref",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:    refAlone,
		Official: []string{"ParameterRefLoopNotAllowed", "ResponseRefLoopNotAllowed", "SchemaRefLoopNotAllowed"},
	},
	{
		ID:      "document-ref-loop",
		Summary: "a $ref leads back to itself",
		Levels:  lint.Everywhere(failure),
		Start:   refLoop,
	},
	{
		ID:       "document-operation-id-missing",
		Summary:  "an operation has no operationId",
		Levels:   lint.Everywhere(failure),
		Start:    operationIDMissing,
		Official: []string{"OperationIdRequired"},
	},
	{
		ID:       "document-tag-duplicate",
		Summary:  "two tags of the document have the same name",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:    documentTagDuplicate,
		Official: []string{"TagRedefined"},
	},
	{
		ID:       "document-operation-id-duplicate",
		Summary:  "two operations share an operationId",
		Levels:   lint.Everywhere(failure),
		Start:    operationIDDuplicate,
		Official: []string{"OperationIdNotUnique"},
	},
	{
		ID:      "document-operation-id-case",
		Summary: "two operationIds differ only in letter case",
		Levels:  lint.Everywhere(warning),
		Start:   operationIDCase,
	},
	{
		ID:      "document-method-case",
		Summary: "a method is not in lower case, which hides the operation",
		Levels:  lint.Everywhere(failure),
		Start:   methodCase,
	},
	{
		ID:      "document-http",
		Summary: "the connector may call the service over plain http",
		Levels:  lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:   documentHTTP,
	},
}

func documentVersion(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Definition: func(d *connector.Definition) {
		version := d.Root.Get("swagger")
		switch {
		case version.Is("2.0"):
		case d.Root.Kind() != source.Object:
			p.Report(d.Root, "the file holds %s, expected an OpenAPI 2.0 document", shown(d.Root))
		case d.Root.Get("openapi").Exists():
			at := d.Root.Get("openapi")
			p.Report(at, "this is OpenAPI %s, a connector is defined in OpenAPI 2.0", strings.Trim(shown(at), `"'`)).
				Hint = "convert the document to OpenAPI 2.0 first"
		case !version.Exists():
			p.Report(d.Root, `"swagger" is missing, expected "swagger": "2.0"`).
				Fix = addVersion(d.Root)
		default:
			f := p.Report(version, `"swagger" is %s, expected the string "2.0"`, shown(version))
			if n := strings.Trim(version.Text(), `"' `); n == "2.0" || n == "2" {
				f.Fix = safe(`write "2.0"`, version, func(e *source.Editor) { e.Replace(version, "2.0") })
			}
		}
	}}
}

// shown writes a value for a message: a scalar as it stands in the file, of
// anything longer what it is.
func shown(n source.Node) string {
	if k := n.Kind(); k == source.Object || k == source.Array {
		return withArticle(k.String())
	}
	return n.Text()
}

// addVersion puts the version before the first member, where everyone looks for
// it; an editor would append it.
func addVersion(root source.Node) *source.Fix {
	const title = `add "swagger": "2.0"`
	for first := range root.Members() {
		at := first.Range().Start
		text := root.File().Text
		var member string
		switch {
		case strings.HasPrefix(root.Text(), "{"): // JSON, or YAML in flow style
			member = `"swagger": "2.0",` + cmp.Or(text[root.Range().Start+1:at], " ")
		case strings.Contains(text, "\r\n"):
			member = "swagger: \"2.0\"\r\n"
		default:
			member = "swagger: \"2.0\"\n"
		}
		return &source.Fix{Title: title, Edits: []source.Edit{{Start: at, End: at, New: member}}}
	}
	return suggested(title, root, func(e *source.Editor) { e.Set(root, "swagger", "2.0") })
}

// mayRefer reports whether objects of a role may be references (OpenAPI 2.0,
// Reference Object; path items refer too).
func mayRefer(r connector.Role) bool {
	switch r {
	case connector.RoleSchema, connector.RoleParameter, connector.RoleBodyParameter, connector.RoleResponse, connector.RolePathItem:
		return true
	}
	return false
}

func refUnresolved(p *lint.Pass) lint.Visitor {
	return eachMember(func(at source.Node, role connector.Role) {
		n := at.Parent()
		if n.KeyStr() == "schema" && n.Parent().KeyStr() == "x-ms-notification-content" {
			return // notification-unresolved
		}
		reportUnresolvedAs(p, role, at)
	}, "$ref")
}

// reportUnresolved reports a schema's reference that names nothing in this file.
func reportUnresolved(p *lint.Pass, at source.Node) {
	reportUnresolvedAs(p, connector.RoleSchema, at)
}

func reportUnresolvedAs(p *lint.Pass, role connector.Role, at source.Node) {
	ref, ok := at.Str()
	if !ok {
		p.Report(at, "$ref is %s, expected a string", shown(at))
		return
	}
	if p.Definition.Target(ref).Exists() {
		return
	}
	f := p.Report(at, "$ref %s has no target", strconv.Quote(ref))
	switch kind := refKinds[role]; {
	case kind.name == "":
	case !strings.HasPrefix(ref, kind.prefix):
		f.Official = kind.name + "ReferenceNotValid"
	case !isPointer(ref[1:]):
		f.Official = "JsonPointerNotValid"
		f.Message = "$ref " + strconv.Quote(ref) + " is no JSON Pointer"
		f.Hint = "in a name ~ is written ~0, / is written ~1, and % is written %25 (RFC 6901)"
		return
	default:
		f.Official = kind.name + "ReferenceNotFound"
	}
	if !strings.HasPrefix(ref, "#") {
		f.Message = "$ref " + strconv.Quote(ref) + " leads out of the file"
		f.Hint = "the platform reads this file alone: put the target into it"
	}
	if near := nearestTarget(p.Definition, role, ref); near != "" {
		f.Hint = didYouMean(near)
		f.Fix = suggested("refer to "+strconv.Quote(near), at, func(e *source.Editor) { e.Replace(at, near) })
	}
}

// refKinds are the objects that have a section of their own, and how references
// to them begin.
var refKinds = map[connector.Role]struct{ name, prefix string }{
	connector.RoleSchema: {"Schema", "#/definitions/"}, connector.RoleResponse: {"Response", "#/responses/"},
	connector.RoleParameter: {"Parameter", "#/parameters/"}, connector.RoleBodyParameter: {"Parameter", "#/parameters/"},
}

// isPointer reports whether the fragment of a URL is a JSON Pointer (RFC 6901,
// sections 3 and 6).
func isPointer(fragment string) bool {
	pointer, err := url.PathUnescape(fragment)
	if err != nil {
		return false
	}
	for i, c := range pointer {
		if c == '~' && (i+1 == len(pointer) || pointer[i+1] != '0' && pointer[i+1] != '1') {
			return false
		}
	}
	return pointer == "" || pointer[0] == '/'
}

func refSection(p *lint.Pass) lint.Visitor {
	return eachMember(func(at source.Node, on connector.Role) {
		kind := refKinds[on]
		ref, ok := at.Str()
		if !ok || kind.name == "" || strings.HasPrefix(ref, kind.prefix) || !p.Definition.Target(ref).Exists() {
			return // document-ref-unresolved
		}
		f := p.Report(at, "$ref %q does not lead to %s", ref, strings.Trim(kind.prefix, "#/"))
		f.Official = kind.name + "ReferenceNotValid"
		f.Hint = "the platform looks for shared objects there alone: move the target there"
	}, "$ref")
}

func refAlone(p *lint.Pass) lint.Visitor {
	return eachMember(func(at source.Node, on connector.Role) {
		kind, entry := refKinds[on], at.Parent()
		target := p.Definition.Resolve(entry)
		if at.Kind() != source.String || kind.name == "" || entry.Parent().Parent() != p.Definition.Root || !strings.HasPrefix(kind.prefix, "#/"+entry.Parent().KeyStr()) || !target.Exists() {
			return // document-ref-unresolved and document-ref-loop
		}
		f := p.Report(at, "%q is another name for what it refers to", entry.KeyStr())
		f.Official = kind.name + "RefLoopNotAllowed"
		f.Hint = "write it out here, or let those who use it refer to the target"
		if target.Kind() == source.Object && target.Parent() == entry.Parent() {
			f.Fix = safe("write it out", entry, func(e *source.Editor) { e.Replace(entry, target) })
		}
	}, "$ref")
}

// nearestTarget suggests the reference that a wrong one most likely means: to a
// similar name in the section where such targets stand.
func nearestTarget(d *connector.Definition, role connector.Role, ref string) string {
	section := map[connector.Role]string{
		connector.RoleSchema: "definitions", connector.RoleParameter: "parameters", connector.RoleResponse: "responses",
	}[role]
	name := ref[strings.LastIndex(ref, "/")+1:]
	var names []string
	for key := range d.Root.Get(section).Members() {
		s, _ := key.Str()
		s = source.EscapePointer(s)
		if strings.EqualFold(s, name) {
			return "#/" + section + "/" + s
		}
		names = append(names, s)
	}
	if near := lint.Nearest(name, names); near != "" {
		return "#/" + section + "/" + near
	}
	return ""
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// refLoop reports objects that consist of themselves: chains of references and
// allOf parts that come back. Recursion through properties is fine. A circle
// has at least one reference, and that is the place to break it.
func refLoop(p *lint.Pass) lint.Visitor {
	circles := circleSearch{d: p.Definition, order: map[source.Node]int{}, open: map[source.Node]bool{}, inCircle: map[source.Node]bool{}}
	return eachMember(func(at source.Node, role connector.Role) {
		n, ref := at.Parent(), text(at)
		if target := p.Definition.Target(ref); !target.Get("$ref").Exists() && !target.Get("allOf").Exists() || !circles.contain(n) {
			return // most lead nowhere else
		}
		if n.Parent().KeyStr() == "allOf" && role == connector.RoleSchema {
			p.Report(at, "the schema is a part of itself through allOf").
				Hint = "take the reference out, or refer to a schema without it"
			return
		}
		p.Report(at, "the %s refers to itself", role).
			Hint = "nothing can be put in its place; refer to a " + role.String() + " that is written out"
	}, "$ref")
}

// circleSearch finds what leads back to itself by references and allOf parts.
// Everything is visited once (Tarjan's strongly connected components), so that a
// long chain costs no more than its length.
type circleSearch struct {
	d        *connector.Definition
	order    map[source.Node]int // in which nodes were met, from 1
	stack    []source.Node
	open     map[source.Node]bool // on the stack
	inCircle map[source.Node]bool
}

func (c *circleSearch) contain(n source.Node) bool {
	if c.order[n] == 0 {
		c.visit(n)
	}
	return c.inCircle[n]
}

// visit returns the earliest open node that n leads to.
func (c *circleSearch) visit(n source.Node) int {
	own := len(c.order) + 1
	earliest := own
	c.order[n], c.open[n] = own, true
	c.stack = append(c.stack, n)
	for _, next := range parts(c.d, n) {
		switch {
		case !next.Exists():
		case next == n:
			c.inCircle[n] = true
		case c.order[next] == 0:
			earliest = min(earliest, c.visit(next))
		case c.open[next]:
			earliest = min(earliest, c.order[next])
		}
	}
	if earliest < own {
		return earliest
	}
	for i := len(c.stack) - 1; ; i-- {
		member := c.stack[i]
		c.stack, c.open[member] = c.stack[:i], false
		if member == n {
			return own
		}
		c.inCircle[member], c.inCircle[n] = true, true
	}
}

func parts(d *connector.Definition, n source.Node) []source.Node {
	if ref, ok := n.Get("$ref").Str(); ok {
		return []source.Node{d.Target(ref)}
	}
	var all []source.Node
	for _, part := range n.Get("allOf").Items() {
		all = append(all, part)
	}
	return all
}

func operationIDMissing(p *lint.Pass) lint.Visitor {
	given := map[string]bool{} // names that fixes give
	return lint.Visitor{Operation: func(o *connector.Operation) {
		const hint = "flows refer to an operation by its operationId, so choose one that can stay"
		id := o.Get("operationId")
		if s, ok := id.Str(); ok && strings.TrimSpace(s) != "" {
			return
		}
		at, message := o.Node, o.Name()+" has no operationId"
		if id.Exists() {
			at, message = id, fmt.Sprintf("operationId is %s, expected a name", shown(id))
		}
		f := p.Report(at, "%s", message)
		f.Hint = hint
		name := derivedID(o.Method, o.Path)
		if p.Definition.Operation(name) == nil && !given[name] {
			given[name] = true
			f.Fix = suggested("name it "+name, o.Node, func(e *source.Editor) {
				setAfter(e, o.Node, "operationId", name, "summary", "description", "tags")
			})
		}
	}}
}

func operationIDDuplicate(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		first := p.Definition.Operation(o.ID)
		if first == nil || first == o {
			return
		}
		f := p.Report(o.Get("operationId"), "operationId %q is taken by %s %s", o.ID, strings.ToUpper(first.Method), first.Path)
		f.Hint = "rename the one that no flow uses yet"
		f.Related = []source.Related{lint.Related(first.Node.Get("operationId"), "first here")}
	}}
}

func operationIDCase(p *lint.Pass) lint.Visitor {
	first := map[string]*connector.Operation{}
	return lint.Visitor{Operation: func(o *connector.Operation) {
		key := strings.ToLower(o.ID)
		switch other := first[key]; {
		case o.ID == "":
		case other == nil:
			first[key] = o
		case other.ID != o.ID: // else document-operation-id-duplicate
			f := p.Report(o.Get("operationId"), "operationId %q differs from %q only in letter case", o.ID, other.ID)
			f.Hint = "rename the one that no flow uses yet"
			f.Related = []source.Related{lint.Related(other.Get("operationId"), "the other one")}
		}
	}}
}

func methodCase(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Unknown: func(name string, operation source.Node, on connector.Role) {
		method := strings.ToLower(name)
		if on != connector.RolePathItem || name == method || !slices.Contains(connector.Methods, method) {
			return
		}
		f := p.Report(operation.Key(), "%q is not a method, so the platform sees no operation here, expected %q", name, method)
		if operation.Parent().Get(method).Exists() {
			f.Hint = "the path has " + strconv.Quote(method) + ", too: keep one of them"
			return
		}
		f.Fix = safe("write "+strconv.Quote(method), operation, func(e *source.Editor) { e.Rename(operation, method) })
	}}
}

func documentHTTP(p *lint.Pass) lint.Visitor {
	check := func(schemes source.Node) {
		for _, s := range schemes.Items() {
			if !s.Is("http") {
				continue
			}
			f := p.Report(s, `"http" lets credentials and callback URLs travel unencrypted`)
			f.Hint = `allow only "https"; the platform itself requires TLS 1.2 of callers`
			f.Fix = suggested("allow https only", s, func(e *source.Editor) {
				if schemes.Len() > 1 {
					e.Remove(s)
				} else {
					e.Replace(s, "https")
				}
			})
		}
	}
	return lint.Visitor{
		Definition: func(d *connector.Definition) { check(d.Root.Get("schemes")) },
		Operation:  func(o *connector.Operation) { check(o.Get("schemes")) },
	}
}

func documentTagDuplicate(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Definition: func(d *connector.Definition) {
		first := map[string]source.Node{}
		for _, tag := range d.Root.Get("tags").Items() {
			name, ok := tag.Get("name").Str()
			if !ok {
				continue
			}
			if earlier, taken := first[name]; taken {
				f := p.Report(tag.Get("name"), "the tag %q is there twice", name)
				f.Related = []source.Related{lint.Related(earlier.Get("name"), "the first")}
				f.Fix = safe("remove the later one", tag, func(e *source.Editor) { e.Remove(tag) })
				continue
			}
			first[name] = tag
		}
	}}
}
