package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var parameter = []*lint.Rule{
	{
		ID:       "parameter-path-undeclared",
		Summary:  "a path has a placeholder without a parameter",
		Levels:   lint.Everywhere(failure),
		Start:    parameterPathUndeclared,
		Official: []string{"OperationMissingPathParameter"},
	},
	{
		ID:       "parameter-path-unused",
		Summary:  "a path parameter has no placeholder in the path",
		Levels:   lint.Everywhere(failure),
		Start:    parameterPathUnused,
		Official: []string{"PathParameterNotDefinedInTemplate"},
	},
	{
		ID:       "parameter-path-optional",
		Summary:  "a path parameter is not required",
		Levels:   lint.Everywhere(failure),
		Start:    parameterPathOptional,
		Official: []string{"PathParameterMustBeRequired"},
	},
	{
		ID:      "parameter-duplicate",
		Summary: "a list has two parameters of the same name and place",
		Levels:  lint.Everywhere(failure),
		Start:   parameterDuplicate,
		Official: []string{
			"OperationParametersAreNotUnique", "OperationParametersContainDuplicateParameter", "PathParametersContainDuplicateParameter",
		},
	},
	{
		ID:      "parameter-bodies",
		Summary: "a list has two body parameters, or a body beside form data",
		Levels:  lint.Everywhere(failure),
		Start:   parameterBodies,
		Official: []string{
			"OperationParametersContainMultipleBodyParameters", "PathParametersContainMultipleBodyParameters", "ParameterListContainsFormDataAndBody",
		},
	},
	{
		ID:       "parameter-body-in-get",
		Summary:  "a GET or HEAD operation has a body",
		Levels:   lint.Everywhere(failure),
		Start:    parameterBodyInGet,
		Official: []string{"BodyOrFormDataParameterInFetchOperationNotAllowed"},
	},
	{
		ID:      "parameter-schema",
		Summary: "a body has no schema, or another parameter has one",
		Levels:  lint.Everywhere(failure),
		Start:   parameterSchema,
		Official: []string{
			"BodyParameterSchemaRequired", "NonBodyParameterSchemaNotValid", "BodyParameterPropertyNotValid",
		},
	},
	{
		ID:       "parameter-file",
		Summary:  "a file is not sent as form data",
		Levels:   lint.Everywhere(failure),
		Start:    parameterFile,
		Official: []string{"FileParameterMustBeInFormData"},
	},
	{
		ID:       "parameter-collection-format",
		Summary:  "the platform joins lists by commas alone",
		Levels:   lint.Everywhere(failure),
		Start:    parameterCollectionFormat,
		Official: []string{"CollectionFormatValueNotSupported"},
	},
	{
		ID:       "parameter-allow-empty",
		Summary:  "allowEmptyValue has no effect here",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:    parameterAllowEmpty,
		Official: []string{"AllowEmptyValueOnlyValidForQueryFormData"},
	},
	{
		ID:       "parameter-reserved",
		Summary:  "the platform uses the name of a parameter itself",
		Levels:   lint.Everywhere(failure),
		Start:    parameterReserved,
		Official: []string{"ConnectionIdParameterNotAllowed", "ReservedParameterIsUsed"},
	},
	{
		ID:       "parameter-encoding",
		Summary:  "a path parameter does not say how it is encoded",
		Levels:   lint.Levels{Custom: off, Certified: warning, Independent: warning},
		Start:    parameterEncoding,
		Official: []string{"PathParameterMissingEncoding"},
	},
	{
		ID:       "parameter-encoding-query",
		Summary:  "a query parameter says how it is encoded",
		Levels:   lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:    parameterEncodingQuery,
		Official: []string{"QueryParameterEncodingNotSupported"},
	},
	{
		ID:       "parameter-internal-optional",
		Summary:  "a hidden parameter with a default is not sent",
		Levels:   lint.Everywhere(warning),
		Start:    parameterInternalOptional,
		Official: []string{"InternalPropertyWithDefaultOptional"},
	},
	{
		ID:      "parameter-internal-empty",
		Summary: "a hidden parameter is required and has no default",
		Levels:  lint.Everywhere(failure),
		Start:   parameterInternalEmpty,
	},
	{
		ID:       "parameter-form-name",
		Summary:  "the name of a form field is not ASCII",
		Levels:   lint.Everywhere(failure),
		Start:    parameterFormName,
		Official: []string{"InvalidFormDataParameterName"},
	},
}

// placeholders returns the names in the braces of a path.
func placeholders(path string) (names []string) {
	for {
		_, rest, open := strings.Cut(path, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !open || !closed {
			return names
		}
		names, path = append(names, name), after
	}
}

// pathKey is where an operation's path stands.
func pathKey(o *connector.Operation) source.Node { return o.PathItem.KeyOrSelf() }

func parameterPathUndeclared(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		for _, name := range placeholders(o.Path) {
			if name == "" || strings.Contains(name, "=") || slices.ContainsFunc(o.Parameters(), func(q connector.Parameter) bool { return q.In() == "path" && q.Name() == name }) {
				continue
			}
			f := p.Report(o.At(), "%q does not declare the path parameter %q", o.Name(), name)
			f.Related = []source.Related{lint.Related(pathKey(o), "the path")}
			if near := nearestPathParameter(o, name); near != "" {
				f.Hint = "it declares " + strconv.Quote(near) + ": the names must be the same, in letter case too"
				continue
			}
			if slices.ContainsFunc(o.Parameters(), func(q connector.Parameter) bool { return q.Name() == "" || q.In() == "" }) {
				continue // that one may be it
			}
			f.Fix = safe("declare "+name, o.Node, func(e *source.Editor) {
				addParameters(e, o.Node, pathParameter(name))
			})
		}
	}}
}

// pathParameter is a parameter for a placeholder of a path.
func pathParameter(name string) source.Members {
	return source.Members{
		{Key: "name", Value: name}, {Key: "in", Value: "path"}, {Key: "required", Value: true}, {Key: "type", Value: "string"},
		{Key: "description", Value: nameSentence(name)}, {Key: "x-ms-summary", Value: connector.Label(name)},
		{Key: "x-ms-url-encoding", Value: "single"},
	}
}

// addParameters adds to the list of an operation or of a path.
func addParameters(e *source.Editor, owner source.Node, added ...source.Members) {
	list := owner.Get("parameters")
	items := make([]any, len(added))
	for i, q := range added {
		items[i] = q
		if list.Exists() {
			e.Append(list, q)
		}
	}
	if !list.Exists() && len(items) > 0 {
		e.Set(owner, "parameters", items)
	}
}

// nearestPathParameter is a path parameter without a placeholder that may be
// meant by one without a parameter.
func nearestPathParameter(o *connector.Operation, name string) string {
	used := placeholders(o.Path)
	var free []string
	for _, q := range o.Parameters() {
		if q.In() == "path" && !slices.Contains(used, q.Name()) {
			if strings.EqualFold(q.Name(), name) {
				return q.Name()
			}
			free = append(free, q.Name())
		}
	}
	return lint.Nearest(name, free)
}

func parameterPathUnused(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		var used []string
		for _, q := range o.Parameters() {
			if q.In() != "path" {
				continue
			}
			if used == nil {
				used = append(placeholders(o.Path), "")
			}
			if !slices.Contains(used, q.Name()) {
				f := p.Report(q.Node.Get("name"), "the path %q has no placeholder {%s}", o.Path, q.Name())
				f.Hint = "put it into the path, or the parameter into the query"
				f.Related = []source.Related{lint.Related(pathKey(o), "the path")}
			}
		}
	}}
}

func parameterPathOptional(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Parameter: func(q connector.Parameter) {
		if q.In() != "path" || q.Required() {
			return
		}
		at := q.Node.Get("required")
		if !at.Exists() {
			at = q.Node.Get("in")
		}
		p.Report(at, "the path parameter %q is not required", q.Name()).
			Fix = safe("require it", q.Node, func(e *source.Editor) { setAfter(e, q.Node, "required", true, "in") })
	}}
}

// parameterLists visits the lists of operations and of path items.
func parameterLists(visit func(list source.Node, ofPath bool)) lint.Visitor {
	return eachMember(func(list source.Node, on connector.Role) {
		if on == connector.RoleOperation || on == connector.RolePathItem {
			visit(list, on == connector.RolePathItem)
		}
	}, "parameters")
}

func parameterDuplicate(p *lint.Pass) lint.Visitor {
	type key struct{ name, in string }
	return parameterLists(func(list source.Node, ofPath bool) {
		if list.Len() < 2 {
			return
		}
		seen := make(map[key]source.Node, list.Len())
		for _, item := range list.Items() {
			q := p.Definition.Parameter(item)
			k := key{q.Name(), q.In()}
			first := seen[k]
			if seen[k] = item; k.name == "" || !first.Exists() {
				continue
			}
			at := item
			if q.Node == item {
				at = item.Get("name")
			}
			f := p.Report(at, "there is another %s parameter %q in this list", k.in, k.name)
			f.Related = []source.Related{lint.Related(first, "first here")}
			f.Official = "OperationParametersContainDuplicateParameter"
			if ofPath {
				f.Official = "PathParametersContainDuplicateParameter"
			}
			if identity(first) == identity(item) {
				if !ofPath {
					f.Official = "OperationParametersAreNotUnique"
				}
				f.Fix = safe("remove the second", item, func(e *source.Editor) { e.Remove(item) })
			}
		}
	})
}

func parameterBodies(p *lint.Pass) lint.Visitor {
	v := parameterLists(func(list source.Node, ofPath bool) {
		var body source.Node
		for _, item := range list.Items() {
			if p.Definition.Parameter(item).In() != "body" {
				continue
			}
			if !body.Exists() {
				body = item
				continue
			}
			f := p.Report(item, "there is another body parameter in this list")
			f.Hint = "a request has one body: make them properties of one schema"
			f.Related = []source.Related{lint.Related(body, "first here")}
			if f.Official = "OperationParametersContainMultipleBodyParameters"; ofPath {
				f.Official = "PathParametersContainMultipleBodyParameters"
			}
		}
	})
	v.Operation = func(o *connector.Operation) {
		var body, form connector.Parameter
		for _, q := range o.Parameters() {
			switch q.In() {
			case "body":
				body = q
			case "formData":
				form = q
			}
		}
		if body.Node.Exists() && form.Node.Exists() {
			f := p.Report(o.At(), "%q has a body beside form data", o.Name())
			f.Official = "ParameterListContainsFormDataAndBody"
			f.Hint = "a request has one body: JSON, or a form"
			f.Related = []source.Related{lint.Related(body.Site, "the body"), lint.Related(form.Site, "a form field")}
		}
	}
	return v
}

func parameterBodyInGet(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		if o.Method != "get" && o.Method != "head" {
			return
		}
		for _, q := range o.Parameters() {
			if in := q.In(); in == "body" || in == "formData" {
				f := p.Report(q.Site, "%s %q sends %s", strings.ToUpper(o.Method), o.Name(), map[string]string{"body": "a body", "formData": "form data"}[in])
				f.Hint = "requests of this method have no body that every server reads: put the values into the query, or use POST"
				return
			}
		}
	}}
}

func parameterSchema(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Parameter: func(q connector.Parameter) {
		schema := q.Node.Get("schema")
		switch {
		case q.In() != "body" && schema.Exists():
			f := p.Report(schema.Key(), "the %s parameter %q has a schema", or(q.In(), "other"), q.Name())
			f.Official = "NonBodyParameterSchemaNotValid"
			f.Hint = "only a body has one: write type, format and the rest beside the name"
			f.Fix = liftFix(q, schema)
		case q.In() == "body" && !schema.Exists():
			f := p.Report(q.Node.Get("in"), "the body %q has no schema", q.Name())
			f.Official = "BodyParameterSchemaRequired"
			f.Hint = "describe what it holds, or makers have nothing to fill in"
		case q.In() == "body":
			for key, value := range q.Node.Members() {
				name, _ := key.Str()
				if !strings.HasPrefix(name, "x-") && !slices.Contains(bodyMembers, name) {
					f := p.Report(key, "%q does not belong on a body parameter", name)
					f.Official = "BodyParameterPropertyNotValid"
					f.Hint = "it is for its schema"
					f.Fix = lowerFix(schema, name, value)
				}
			}
		}
	}}
}

// bodyMembers are what a body parameter may have (OpenAPI 2.0, Parameter Object).
var bodyMembers = []string{"name", "in", "description", "required", "schema"}

// liftFix writes beside the name of a parameter what its schema says. There is
// none for a schema that only a body can have.
func liftFix(q connector.Parameter, schema source.Node) *source.Fix {
	s := q.Schema().Resolved().Node
	if typ := s.Get("type"); !slices.Contains(simpleTypes, text(typ)) || s.Get("items").Kind() == source.Object && !slices.Contains(simpleTypes, text(s.Get("items").Get("type"))) {
		return nil
	}
	return suggested("write it beside the name", q.Node, func(e *source.Editor) {
		e.Remove(schema)
		known := connector.KeysOf(connector.RoleParameter)
		for key, value := range s.Members() {
			name, _ := key.Str()
			if (slices.Contains(known, name) || strings.HasPrefix(name, "x-")) && !q.Node.Get(name).Exists() && value.Kind() != source.Invalid && name != "required" {
				e.Set(q.Node, name, value)
			}
		}
	})
}

// simpleTypes are those of parameters outside of the body.
var simpleTypes = []string{"string", "number", "integer", "boolean", "array"}

// lowerFix puts a member of a body parameter into its schema, or removes it if
// it can say nothing there.
func lowerFix(schema source.Node, name string, value source.Node) *source.Fix {
	isKeyword := slices.Contains(connector.KeysOf(connector.RoleSchema), name)
	if !isKeyword || schema.Kind() != source.Object || schema.Get("$ref").Exists() || schema.Get(name).Exists() {
		return suggested("remove it", value, func(e *source.Editor) { e.Remove(value) })
	}
	return suggested("move it into the schema", value, func(e *source.Editor) {
		e.Remove(value)
		e.Set(schema, name, value)
	})
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func parameterFile(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Parameter: func(q connector.Parameter) {
		if typ := q.Node.Get("type"); typ.Is("file") && q.In() != "formData" && q.In() != "body" {
			p.Report(typ, "the %s parameter %q is a file", q.In(), q.Name()).
				Hint = "files are sent as formData, with multipart/form-data in consumes"
		}
	}}
}

func parameterCollectionFormat(p *lint.Pass) lint.Visitor {
	return eachMember(func(v source.Node, _ connector.Role) {
		if s, ok := v.Str(); ok && s != "csv" {
			f := p.Report(v, `collectionFormat is %q, expected "csv"`, s)
			f.Hint = "the platform sends a,b,c: if the service cannot read that, take a string and let makers join it"
			f.Fix = suggested("write csv", v, func(e *source.Editor) { e.Replace(v, "csv") })
		}
	}, "collectionFormat")
}

func parameterAllowEmpty(p *lint.Pass) lint.Visitor {
	return eachMember(func(v source.Node, on connector.Role) {
		in, _ := v.Parent().Get("in").Str()
		if on == connector.RoleParameter && v.IsTrue() && in != "query" && in != "formData" || on == connector.RoleBodyParameter {
			p.Report(v.Key(), "allowEmptyValue has no effect on %s", withArticle(or(in, "other")+" parameter")).
				Fix = safe("remove it", v, func(e *source.Editor) { e.Remove(v) })
		}
	}, "allowEmptyValue")
}

func parameterReserved(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Parameter: func(q connector.Parameter) {
		switch name := q.Name(); {
		case strings.EqualFold(name, "connectionId"):
			f := p.Report(q.Node.Get("name"), "the platform's own URLs have a %q", name)
			f.Official = "ConnectionIdParameterNotAllowed"
			f.Hint = "rename it, and put the old name into the request by a policy if the service needs it"
			f.Fix = renameParameterFix(p, q, "connection_id")
		case strings.EqualFold(name, "Authorization") && q.In() == "header":
			f := p.Report(q.Node.Get("name"), "the platform sets the header %q", name)
			f.Official = "ReservedParameterIsUsed"
			f.Hint = "describe credentials in securityDefinitions, and makers give them once, in the connection"
		}
	}}
}

// renameParameterFix renames a parameter, in the path too. There is none if
// something else speaks of it.
func renameParameterFix(p *lint.Pass, q connector.Parameter, name string) *source.Fix {
	renamed := []source.Node{q.Node.Get("name")}
	item := q.Node.Parent().Parent()
	if item.Parent().KeyStr() != "paths" {
		item = item.Parent()
	}
	if item.Parent().KeyStr() != "paths" || p.Connector.IsNamedElsewhere(q.Name()) || lint.Shared(p, func() spokenOf { return readSpokenOf(p.Definition.File) })[q.Name()] {
		return nil
	}
	path := item.KeyStr()
	if q.In() == "path" {
		path = strings.ReplaceAll(path, "{"+q.Name()+"}", "{"+name+"}")
		renamed = nil
		for _, site := range listedParameters(item) {
			if other := p.Definition.Parameter(site); other.In() == "path" && other.Name() == q.Name() {
				if other.Node != site {
					return nil
				}
				renamed = append(renamed, site.Get("name"))
			}
		}
	}
	return suggested("rename it to "+name, item, func(e *source.Editor) {
		for _, at := range renamed {
			e.Replace(at, name)
		}
		if path != item.KeyStr() {
			e.Rename(item, path)
		}
	})
}

// listedParameters returns what the lists of a path and its operations hold.
func listedParameters(item source.Node) (all []source.Node) {
	add := func(list source.Node) {
		for _, site := range list.Items() {
			all = append(all, site)
		}
	}
	add(item.Get("parameters"))
	for _, operation := range item.Members() {
		add(operation.Get("parameters"))
	}
	return all
}

// spokenOf are texts that may be names of parameters: values, and keys of the
// parameters of a call.
type spokenOf map[string]bool

func readSpokenOf(f *source.File) spokenOf {
	all := spokenOf{}
	for n := range f.Values() {
		if s, ok := n.Str(); ok && !n.Key().Is("name") {
			all[s] = true
		}
		if n.Parent().Key().Is("parameters") {
			all[n.KeyStr()] = true
		}
	}
	return all
}

func parameterEncoding(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Parameter: func(q connector.Parameter) {
		if q.In() == "path" && !q.Node.Get("x-ms-url-encoding").Exists() && !misspells(q.Node, "x-ms-url-encoding") {
			f := p.Report(q.Node.Get("in"), "the path parameter %q has no x-ms-url-encoding", q.Name())
			f.Hint = `"single" is what happens without it; "double" keeps a slash in a value from being read as a part of the path`
			f.Fix = safe("say single", q.Node, func(e *source.Editor) { e.Set(q.Node, "x-ms-url-encoding", "single") })
		}
	}}
}

func parameterEncodingQuery(p *lint.Pass) lint.Visitor {
	return eachMember(func(v source.Node, _ connector.Role) {
		if !v.Parent().Get("in").Is("query") {
			return
		}
		f := p.Report(v.Key(), "x-ms-url-encoding is for path parameters, and this is in the query")
		if v.Is("single") {
			f.Fix = safe("remove it", v, func(e *source.Editor) { e.Remove(v) })
		} else {
			f.Hint = "values of a query are encoded once, whatever it says"
		}
	}, "x-ms-url-encoding")
}

func parameterInternalOptional(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Parameter: func(q connector.Parameter) {
		d := q.Node.Get("default")
		if q.In() == "body" || q.Required() || !d.Exists() || !q.IsInternal() && !isMeantInternal(q.Node) {
			return
		}
		f := p.Report(d.Key(), "the hidden parameter %q is not required, so its default is not sent", q.Name())
		f.Fix = suggested("require it", q.Node, func(e *source.Editor) { setAfter(e, q.Node, "required", true, "in") })
	}}
}

// isMeantInternal reports whether a value would be hidden, were the name of the
// extension spelt right.
func isMeantInternal(n source.Node) bool {
	for key, v := range n.Members() {
		name, _ := key.Str()
		if v.Is("internal") && strings.HasPrefix(name, "x") {
			if e := meantExtension(name); e != nil && e.Name == "x-ms-visibility" {
				return true
			}
		}
	}
	return false
}

func parameterInternalEmpty(p *lint.Pass) lint.Visitor {
	empty := map[source.Node]bool{}
	return lint.Visitor{
		Parameter: func(q connector.Parameter) {
			if n := q.Node; q.In() != "body" && q.Required() && q.IsInternal() && !n.Get("default").Exists() &&
				!n.Get(notificationURL).Exists() && !n.Get("x-ms-trigger-value").Exists() {
				empty[n] = true
			}
		},
		End: func() {
			for _, o := range p.Definition.Operations() {
				if len(empty) == 0 {
					return
				}
				for _, q := range o.Parameters() {
					if !o.IsInternal() && empty[q.Node] {
						delete(empty, q.Node)
						p.Report(q.Node.Get("name"), "the hidden parameter %q is required and has no default", q.Name()).
							Hint = "nobody can fill it in: give it a default, or show it"
					}
				}
			}
		},
	}
}

func parameterFormName(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Parameter: func(q connector.Parameter) {
		if q.In() == "formData" && strings.ContainsFunc(q.Name(), func(r rune) bool { return r > 0x7f }) {
			p.Report(q.Node.Get("name"), "the form field %q has a letter that is not ASCII", q.Name()).
				Hint = "services decode such names in different ways: rename it"
		}
	}}
}
