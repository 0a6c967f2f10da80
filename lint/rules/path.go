package rules

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var path = []*lint.Rule{
	{
		ID:       "path-duplicate",
		Summary:  "two paths differ in the names of their placeholders alone",
		Levels:   lint.Everywhere(failure),
		Start:    pathDuplicate,
		Official: []string{"DuplicateOperationPath"},
	},
	{
		ID:       "path-case",
		Summary:  "two paths differ in letter case alone",
		Levels:   lint.Everywhere(failure),
		Start:    pathCase,
		Official: []string{"PathRedefined"},
	},
	{
		ID:       "path-ambiguous",
		Summary:  "a value of one path's placeholder makes it another path",
		Levels:   lint.Levels{Custom: off, Certified: warning, Independent: warning},
		Start:    pathAmbiguous,
		Official: []string{"PartialDuplicateOperationPath"},
	},
	{
		ID:       "path-slash",
		Summary:  "a path does not start with a slash",
		Levels:   lint.Everywhere(failure),
		Start:    pathSlash,
		Official: []string{"OperationPathMustStartWithSlash"},
	},
	{
		ID:       "path-braces",
		Summary:  "the braces of a path do not pair",
		Levels:   lint.Everywhere(failure),
		Start:    pathBraces,
		Official: []string{"OperationPathTemplateNotValid"},
	},
	{
		ID:       "path-query",
		Summary:  "a path has a query or a fragment",
		Levels:   lint.Everywhere(failure),
		Start:    pathQuery,
		Official: []string{"OperationPathMayNotContainQueryOrFragment"},
	},
	{
		ID:       "path-asterisk",
		Summary:  "a path has an asterisk",
		Levels:   lint.Everywhere(failure),
		Start:    pathAsterisk,
		Official: []string{"OperationPathContainsUnsupportedCharacters"},
	},
	{
		ID:       "path-default",
		Summary:  "a placeholder has a default",
		Levels:   lint.Everywhere(failure),
		Start:    pathDefault,
		Official: []string{"OperationPathVariablesContainDefaults"},
	},
	{
		ID:       "path-reference",
		Summary:  "a path item is a $ref",
		Levels:   lint.Everywhere(failure),
		Start:    pathReference,
		Official: []string{"PathItemRefNotSuppored"},
	},
}

// eachPath visits the paths.
func eachPath(visit func(path string, item source.Node)) lint.Visitor {
	return lint.Visitor{Definition: func(d *connector.Definition) {
		for key, item := range d.Root.Get("paths").Members() {
			if path, _ := key.Str(); !strings.HasPrefix(path, "x-") {
				visit(path, item)
			}
		}
	}}
}

// withoutNames puts something else where a path has placeholders.
func withoutNames(path, instead string) string {
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(path, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !open || !closed || strings.Contains(name, "{") {
			if b.Len() == 0 {
				return path
			}
			return b.String() + path
		}
		b.WriteString(before)
		b.WriteString(instead)
		path = after
	}
}

// whatIsSent is a path as requests tell it from others.
func whatIsSent(path string) string { return strings.ToLower(withoutNames(path, "{}")) }

func pathDuplicate(p *lint.Pass) lint.Visitor {
	first := map[string]*connector.Operation{}
	return lint.Visitor{Operation: func(o *connector.Operation) {
		key := o.Method + " " + whatIsSent(o.Path)
		other := first[key]
		if other == nil {
			first[key] = o
			return
		}
		if other.Path == o.Path || strings.EqualFold(other.Path, o.Path) {
			return // syntax-duplicate-key and path-case
		}
		f := p.Report(o.At(), "%s %s is the same request as %s", strings.ToUpper(o.Method), o.Path, other.Path)
		f.Hint = "the names of placeholders are not sent: no service can tell the two apart"
		f.Related = []source.Related{lint.Related(other.At(), "%q is here", other.Name())}
	}}
}

func pathCase(p *lint.Pass) lint.Visitor {
	first := map[string]source.Node{}
	return eachPath(func(path string, item source.Node) {
		lower := strings.ToLower(path)
		other := first[lower]
		if !other.Exists() {
			first[lower] = item
		} else if other.KeyStr() != path {
			f := p.Report(item.Key(), "the path %q is there in another letter case", path)
			f.Hint = "put the operations of both under one of them"
			f.Related = []source.Related{lint.Related(other.Key(), "first here")}
		}
	})
}

// pathAmbiguous compares each operation with those of the same method and number
// of segments that came before.
func pathAmbiguous(p *lint.Pass) lint.Visitor {
	type kind struct {
		method string
		length int
	}
	kinds := map[kind]*pathTree{}
	return lint.Visitor{Operation: func(o *connector.Operation) {
		segments := strings.Split(whatIsSent(o.Path), "/")
		k := kind{o.Method, len(segments)}
		if kinds[k] == nil {
			kinds[k] = &pathTree{}
		}
		if other := kinds[k].overlapping(segments, true); other != nil {
			f := p.Report(o.At(), "a request for %q may be one for %q", o.Path, other.Path)
			f.Hint = "a placeholder takes the place of a fixed word: such a value, and another operation is called"
			f.Related = []source.Related{lint.Related(other.At(), "%q is here", other.Name())}
		}
		kinds[k].add(segments, o)
	}}
}

// pathTree holds operations by the segments of their paths, which all have as
// many: an API can have thousands, too many to compare each with each.
type pathTree struct {
	next map[string]*pathTree // by segment, "{}" for a placeholder
	leaf *connector.Operation // the first with this path
}

func (t *pathTree) add(segments []string, o *connector.Operation) {
	for _, segment := range segments {
		if t.next[segment] == nil {
			if t.next == nil {
				t.next = map[string]*pathTree{}
			}
			t.next[segment] = &pathTree{}
		}
		t = t.next[segment]
	}
	t.leaf = cmp.Or(t.leaf, o)
}

// overlapping returns the first operation with another path that some request
// for this one may be for. Same says that the segments so far are no other.
func (t *pathTree) overlapping(segments []string, same bool) (first *connector.Operation) {
	if t == nil || len(segments) == 0 {
		if t == nil || same {
			return nil
		}
		return t.leaf
	}
	earlier := func(o *connector.Operation) {
		if o != nil && (first == nil || o.At().Range().Start < first.At().Range().Start) {
			first = o
		}
	}
	switch segment, rest := segments[0], segments[1:]; segment {
	case "{}":
		for other, branch := range t.next {
			earlier(branch.overlapping(rest, same && other == "{}"))
		}
	default:
		earlier(t.next[segment].overlapping(rest, same))
		earlier(t.next["{}"].overlapping(rest, false))
	}
	return first
}

func pathSlash(p *lint.Pass) lint.Visitor {
	return eachPath(func(path string, item source.Node) {
		if !strings.HasPrefix(path, "/") {
			p.Report(item.Key(), "the path %q does not start with a slash", path).
				Fix = safe("put a slash in front", item, func(e *source.Editor) { e.Rename(item, "/"+path) })
		}
	})
}

func pathBraces(p *lint.Pass) lint.Visitor {
	return eachPath(func(path string, item source.Node) {
		if strings.ContainsAny(withoutNames(path, ""), "{}") {
			p.Report(item.Key(), "the braces of the path %q do not pair", path)
			return
		}
		for _, name := range placeholders(path) {
			if name == "" || strings.Contains(name, "/") {
				p.Report(item.Key(), "the path %q has a placeholder without a name", path).
					Hint = "a name is in one segment, as in /orders/{id}"
			}
		}
	})
}

func pathQuery(p *lint.Pass) lint.Visitor {
	return eachPath(func(path string, item source.Node) {
		if i := strings.IndexAny(path, "?#"); i >= 0 {
			f := p.Report(item.Key(), "the path %q has %s", path, map[byte]string{'?': "a query", '#': "a fragment"}[path[i]])
			f.Hint = "describe what follows as query parameters, with a default and x-ms-visibility internal where it is fixed"
			f.Fix = queryFix(item, path)
		}
	})
}

// queryFix makes hidden parameters of the query of a path; a fragment is never
// sent. There is none if the query has a placeholder, or if it cannot be read.
func queryFix(item source.Node, path string) *source.Fix {
	path, _, _ = strings.Cut(path, "#")
	path, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if err != nil || strings.ContainsAny(query, "{}") {
		return nil
	}
	var parameters []source.Members
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) > 1 {
			return nil // a list, which no default is
		}
		parameters = append(parameters, source.Members{
			{Key: "name", Value: name}, {Key: "in", Value: "query"}, {Key: "required", Value: true}, {Key: "type", Value: "string"},
			{Key: "default", Value: values.Get(name)}, {Key: "x-ms-visibility", Value: "internal"},
		})
	}
	return suggested("move the query to parameters", item, func(e *source.Editor) {
		e.Rename(item, path)
		addParameters(e, item, parameters...)
	})
}

func pathAsterisk(p *lint.Pass) lint.Visitor {
	return eachPath(func(path string, item source.Node) {
		if strings.Contains(path, "*") {
			p.Report(item.Key(), "the path %q has an asterisk", path).Hint = "describe each path that the service has"
		}
	})
}

func pathDefault(p *lint.Pass) lint.Visitor {
	return eachPath(func(path string, item source.Node) {
		for _, name := range placeholders(path) {
			if before, value, ok := strings.Cut(name, "="); ok {
				f := p.Report(item.Key(), "the placeholder {%s} has a default", name)
				f.Hint = "write {" + before + "}, and give the parameter the default " + strings.TrimSpace(value)
				f.Fix = pathDefaultFix(p.Definition, item, name)
			}
		}
	})
}

// pathDefaultFix moves a default from a placeholder to its parameter. There is
// none if that stands elsewhere, where other paths use it.
func pathDefaultFix(d *connector.Definition, item source.Node, placeholder string) *source.Fix {
	name, value, _ := strings.Cut(placeholder, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	var found []connector.Parameter
	for _, site := range listedParameters(item) {
		if q := d.Parameter(site); q.In() == "path" && (q.Name() == name || q.Name() == placeholder) {
			if q.Node != site {
				return nil
			}
			found = append(found, q)
		}
	}
	return suggested("write {"+name+"}", item, func(e *source.Editor) {
		e.Rename(item, strings.ReplaceAll(item.KeyStr(), "{"+placeholder+"}", "{"+name+"}"))
		if len(found) == 0 {
			addParameters(e, item, append(pathParameter(name), source.Member{Key: "default", Value: value}))
		}
		for _, q := range found {
			if q.Name() != name {
				e.Replace(q.Node.Get("name"), name)
			}
			var with any = value
			if typ := q.Node.Get("type"); typ.Is("integer") || typ.Is("number") {
				if !json.Valid([]byte(value)) {
					continue // it never was one
				}
				with = json.Number(value)
			}
			if !q.Node.Get("default").Exists() {
				setAfter(e, q.Node, "default", with, "type")
			}
		}
	})
}

func pathReference(p *lint.Pass) lint.Visitor {
	return eachMember(func(ref source.Node, on connector.Role) {
		if on == connector.RolePathItem {
			p.Report(ref.Key(), "the platform does not follow the $ref of a path item").Hint = "write the operations here"
		}
	}, "$ref")
}
