package rules

import (
	resyntax "regexp/syntax"
	"slices"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var schema = []*lint.Rule{
	{
		ID:       "schema-items-missing",
		Summary:  "an array does not say what it holds",
		Levels:   lint.Everywhere(failure),
		Start:    schemaItemsMissing,
		Official: []string{"ArrayHasNoItems"},
	},
	{
		ID:       "schema-required-unknown",
		Summary:  "an object requires a property that it does not have",
		Levels:   lint.Everywhere(warning),
		Start:    schemaRequiredUnknown,
		Official: []string{"RequiredPropertyDefinitionMissing"},
	},
	{
		ID:       "schema-required-misplaced",
		Summary:  "what is no object has a list of required properties",
		Levels:   lint.Everywhere(warning),
		Start:    schemaRequiredMisplaced,
		Official: []string{"RequiredPropertyNotOnObject"},
	},
	{
		ID:       "schema-discriminator",
		Summary:  "a discriminator is not a required string of its object",
		Levels:   lint.Everywhere(failure),
		Start:    schemaDiscriminator,
		Official: []string{"DiscriminatorMustBeARequiredStringProperty"},
	},
	{
		ID:       "schema-file",
		Summary:  "a file is not the whole of a response",
		Levels:   lint.Everywhere(failure),
		Start:    schemaFile,
		Official: []string{"SchemaTypeFileNotValid"},
	},
	{
		ID:       "schema-binary",
		Summary:  "binary content is inside JSON",
		Levels:   lint.Everywhere(warning),
		Start:    schemaBinary,
		Official: []string{"InvalidStringBinaryProperty"},
	},
	{
		ID:       "schema-dictionary",
		Summary:  "the dictionary editor is on what is no dictionary",
		Levels:   lint.Everywhere(failure),
		Start:    schemaDictionary,
		Official: []string{"InvalidCustomEditorExtensionDictionaryValue"},
	},
	{
		ID:       "schema-required-loop",
		Summary:  "an object requires itself inside itself",
		Levels:   lint.Everywhere(failure),
		Start:    schemaRequiredLoop,
		Official: []string{"RequiredLoopInSchemaNotAllowed"},
	},
	{
		ID:       "schema-pattern",
		Summary:  "a pattern is no regular expression",
		Levels:   lint.Everywhere(failure),
		Start:    schemaPattern,
		Official: []string{"PatternShouldBeValidRegularExpression"},
	},
	{
		ID:       "schema-keyword",
		Summary:  "the platform does not honour a keyword",
		Levels:   lint.Levels{Custom: off, Certified: warning, Independent: warning},
		Start:    schemaKeyword,
		Official: []string{"SwaggerKeywordNotSupported"},
	},
	{
		ID:      "schema-input",
		Summary: "a property of a request body cannot be filled in as declared",
		Levels:  lint.Everywhere(failure),
		Start:   schemaInput,
		Official: []string{
			"RequiredReadOnlyPropertyNotAllowedAsInput", "PropertyMustBeRequired",
		},
	},
}

func schemaItemsMissing(p *lint.Pass) lint.Visitor {
	return eachMember(func(typ source.Node, on connector.Role) {
		object := typ.Parent()
		if !typ.Is("array") || object.Get("items").Exists() || object.Get("$ref").Exists() || on == connector.RoleBodyParameter ||
			on == connector.RoleSecurityScheme || p.Definition.Schema(object).IsDynamic() {
			return
		}
		f := p.Report(typ, "the array has no items")
		f.Hint = "say what it holds, or makers cannot loop over it"
		items := source.Members{{Key: "type", Value: "string"}}
		if on == connector.RoleSchema {
			items = source.Members{}
		}
		f.Fix = suggested("add items", object, func(e *source.Editor) { setAfter(e, object, "items", items, "type") })
	}, "type")
}

func schemaRequiredUnknown(p *lint.Pass) lint.Visitor {
	return eachMember(func(list source.Node, on connector.Role) {
		object := list.Parent()
		if on != connector.RoleSchema || list.Kind() != source.Array || list.Len() == 0 || isPart(object) {
			return
		}
		s := p.Definition.Schema(object)
		if s.IsDynamic() || s.Type() != "" && s.Type() != "object" {
			return
		}
		for _, item := range list.Items() {
			name, ok := item.Str()
			if !ok || object.Get("properties").Get(name).Exists() || s.Property(name).Exists() {
				continue
			}
			f := p.Report(item, "the object has no property %q", name)
			var names []string
			for q := range s.Properties() {
				names = append(names, q.Name)
			}
			if near := lint.Nearest(name, names); near != "" {
				f.Hint = didYouMean(near)
				f.Fix = suggested("require "+near, item, func(e *source.Editor) { e.Replace(item, near) })
				continue
			}
			f.Fix = requireNoLonger(list, name)
		}
	}, "required")
}

// requireNoLonger takes a name out of a list of required properties, and the list
// with it if no other is left.
func requireNoLonger(list source.Node, name string) *source.Fix {
	for _, item := range list.Items() {
		if !item.Is(name) {
			continue
		}
		if list.Len() == 1 {
			item = list
		}
		return suggested("require it no longer", item, func(e *source.Editor) { e.Remove(item) })
	}
	return nil
}

// isPart reports whether a schema is one of allOf: the others may have what it
// requires.
func isPart(s source.Node) bool { return s.Parent().KeyStr() == "allOf" }

func schemaRequiredMisplaced(p *lint.Pass) lint.Visitor {
	return eachMember(func(list source.Node, on connector.Role) {
		typ, ok := list.Parent().Get("type").Str()
		if on != connector.RoleSchema || list.Kind() != source.Array || list.Len() == 0 || !ok || typ == "object" || typ == "" { // shape-word
			return
		}
		f := p.Report(list.Key(), "%s has no properties to require", withArticle(typ))
		items := list.Parent().Get("items")
		switch {
		case list.Parent().Get("properties").Exists():
			at := list.Parent().Get("type")
			f.Fix = suggested("make it an object, for it has properties", at, func(e *source.Editor) { e.Replace(at, "object") })
		case typ == "array" && items.Get("type").Is("object") && !items.Get("required").Exists():
			f.Fix = suggested("move it into items", list, func(e *source.Editor) {
				setAfter(e, items, "required", list, "type")
				e.Remove(list)
			})
		default:
			f.Fix = suggested("remove it", list, func(e *source.Editor) { e.Remove(list) })
		}
	}, "required")
}

func schemaDiscriminator(p *lint.Pass) lint.Visitor {
	return eachMember(func(at source.Node, on connector.Role) {
		name, ok := at.Str()
		if on != connector.RoleSchema || !ok {
			return
		}
		s := p.Definition.Schema(at.Parent())
		switch property := s.Property(name); {
		case !property.Exists():
			p.Report(at, "the object has no property %q, which is to tell its kinds apart", name)
		case property.Shape() != "string":
			p.Report(at, "the property %q, which tells kinds apart, is no string", name)
		case !s.Requires(name):
			f := p.Report(at, "the property %q, which tells kinds apart, is not required", name)
			object := at.Parent()
			f.Fix = suggested("require it", object, func(e *source.Editor) { require(e, object, name) })
		}
	}, "discriminator")
}

func schemaFile(p *lint.Pass) lint.Visitor {
	return eachMember(func(typ source.Node, on connector.Role) {
		if on != connector.RoleSchema || !typ.Is("file") {
			return
		}
		if holder := typ.Parent().Parent(); typ.Parent().KeyStr() == "schema" && !holder.Get("in").Exists() {
			return // of a response
		}
		p.Report(typ, `a schema of type "file" is not the whole of a response`).
			Hint = `content inside JSON is a string of format "byte" (base64); a file that is sent is a formData parameter`
	}, "type")
}

func schemaBinary(p *lint.Pass) lint.Visitor {
	return eachMember(func(format source.Node, on connector.Role) {
		object := format.Parent()
		if on != connector.RoleSchema || !format.Is("binary") || !object.Get("type").Is("string") {
			return
		}
		if holder := object.Parent(); holder.KeyStr() != "properties" && object.KeyStr() != "items" {
			return // the root of a body, or a definition that may be one
		}
		f := p.Report(format, `a string of format "binary" is inside JSON, which cannot hold it`)
		f.Hint = `"byte" is base64`
		f.Fix = suggested("write byte", format, func(e *source.Editor) { e.Replace(format, "byte") })
	}, "format")
}

func schemaDictionary(p *lint.Pass) lint.Visitor {
	return eachMember(func(at source.Node, _ connector.Role) {
		object := at.Parent()
		rest := object.Get("additionalProperties")
		if !at.Is("dictionary") || object.Get("type").Is("object") && (rest.IsTrue() || rest.Kind() == source.Object) {
			return
		}
		f := p.Report(at, "the dictionary editor needs an object with additionalProperties")
		if object.Get("type").Is("object") && !rest.Exists() {
			f.Fix = safe("allow additional strings", object, func(e *source.Editor) {
				e.InsertAfter(at, "additionalProperties", source.Members{{Key: "type", Value: "string"}})
			})
		}
	}, "x-ms-editor")
}

// ignoredKeywords are those of OpenAPI 2.0 that change nothing (Microsoft docs:
// "Custom connector validation rules" names uniqueItems).
var ignoredKeywords = []string{"uniqueItems", "multipleOf", "maxProperties", "minProperties"}

func schemaKeyword(p *lint.Pass) lint.Visitor {
	return eachNamed(func(name string, v source.Node, _ connector.Role) {
		if n, ok := number(v); ok && n < 0 || name == "multipleOf" && n == 0 {
			return // limit-negative and limit-multiple-of
		}
		f := p.Report(v.Key(), "the platform does not look at %s", name)
		f.Hint = "the service has to check it anyway"
		f.Fix = suggested("remove it", v, func(e *source.Editor) { e.Remove(v) })
	}, ignoredKeywords...)
}

// schemaInput looks at what request bodies hold, first at those that makers see.
func schemaInput(p *lint.Pass) lint.Visitor {
	seen, toCallback := map[source.Node]bool{}, map[source.Node]bool{}
	var visit func(s connector.Schema, shown bool)
	visit = func(s connector.Schema, shown bool) {
		s = s.Resolved()
		if !s.Exists() || seen[s.Node] {
			return
		}
		seen[s.Node] = true
		visit(s.Items(), shown)
		for q := range s.Properties() {
			inputProperty(p, s, q, shown, toCallback[q.Schema.Node])
			visit(q.Schema, shown)
		}
	}
	found := false // most definitions have nothing of the kind
	var unfillable, required []source.Node
	unmarked := map[*connector.Operation]bool{} // callback-missing: what is hidden may be the callback field
	return lint.Visitor{
		Trigger: func(t *connector.Trigger) {
			if t.Delivery == connector.Webhook && len(t.Callbacks) == 0 {
				unmarked[t.Operation] = true
			}
			for _, c := range t.Callbacks {
				for _, step := range c.Path {
					toCallback[step.Property.Node] = true
				}
			}
		},
		Member: []lint.OnMember{
			{Name: "readOnly", Do: func(v source.Node, on connector.Role) {
				if on == connector.RoleSchema && v.IsTrue() {
					unfillable = append(unfillable, v.Parent())
				}
			}},
			{Name: "x-ms-visibility", Do: func(v source.Node, on connector.Role) {
				if on == connector.RoleSchema && v.Is("internal") && !v.Parent().Get(notificationURL).Exists() && !v.Parent().Get("default").Exists() {
					unfillable = append(unfillable, v.Parent())
				}
			}},
			{Name: "required", Do: func(list source.Node, on connector.Role) {
				if on == connector.RoleSchema {
					required = append(required, list)
				}
			}},
			{Name: "default", Do: func(v source.Node, on connector.Role) {
				found = found || on == connector.RoleSchema && p.Definition.Schema(v.Parent()).IsInternal()
			}},
		},
		End: func() {
			if !found && (len(unfillable) == 0 || !requiresAny(required, unfillable)) {
				return
			}
			for _, shown := range []bool{true, false} {
				for _, o := range p.Definition.Operations() {
					if body := o.Body(); o.IsInternal() != shown && body.Node.Exists() {
						visit(body.Schema(), shown && !unmarked[o])
					}
				}
			}
		},
	}
}

// requiresAny reports whether lists of required properties have the name of one
// of the given ones, or of what refers to it: a definition has any name.
func requiresAny(lists, properties []source.Node) bool {
	names := map[string]bool{}
	for _, q := range properties {
		if q.Parent().KeyStr() != "properties" {
			return true
		}
		names[q.KeyStr()] = true
	}
	return slices.ContainsFunc(lists, func(list source.Node) bool {
		for _, item := range list.Items() {
			if names[text(item)] {
				return true
			}
		}
		return false
	})
}

func inputProperty(p *lint.Pass, object connector.Schema, q connector.Property, shown, toCallback bool) {
	r := q.Schema.Resolved().Node
	isRequired := object.Requires(q.Name)
	switch owner := q.Schema.Node.Parent().Parent(); {
	case isRequired && r.Get("readOnly").IsTrue():
		f := p.Report(q.Schema.Node.KeyOrSelf(), "%q is required in a request, and read-only", q.Name)
		f.Official = "RequiredReadOnlyPropertyNotAllowedAsInput"
		if toCallback { // callback-not-required
			f.Hint = "the platform writes the callback URL there: take readOnly away"
			if !p.Definition.IsShared(r) {
				f.Fix = suggested("remove readOnly", r, func(e *source.Editor) { e.Remove(r.Get("readOnly")) })
			}
			return
		}
		f.Hint = "makers cannot fill it in: use another schema for the request, without it"
		f.Fix = requireNoLonger(owner.Get("required"), q.Name)
	case !isRequired && r.Get("default").Exists() && q.Schema.IsInternal() && !r.Get(notificationURL).Exists():
		f := p.Report(q.Schema.Node.KeyOrSelf(), "the hidden property %q is not required, so its default is not sent", q.Name)
		f.Official = "PropertyMustBeRequired"
		f.Fix = safe("require it", owner, func(e *source.Editor) { require(e, owner, q.Name) })
	case shown && isRequired && q.Schema.IsInternal() && isEmpty(q.Schema):
		p.Report(q.Schema.Node.KeyOrSelf(), "the hidden property %q is required and has no default", q.Name).
			Hint = "nobody can fill it in: give it a default, or show it"
	}
}

// isEmpty reports whether nothing in a hidden value has a default or is filled in
// by the platform.
func isEmpty(s connector.Schema) bool {
	empty := true
	forInputs(s, map[source.Node]bool{}, func(part connector.Schema) {
		empty = empty && !part.Node.Get("default").Exists() && !part.Node.Get(notificationURL).Exists()
	})
	return empty
}

// schemaRequiredLoop follows required properties and allOf from each definition.
// What comes back would be without end.
func schemaRequiredLoop(p *lint.Pass) lint.Visitor {
	const visiting, done = 1, 2
	state := map[source.Node]int{}
	var visit func(s connector.Schema)
	visit = func(s connector.Schema) {
		s = s.Resolved()
		if !s.Exists() || !s.Node.Get("required").Exists() && !s.Node.Get("allOf").Exists() || state[s.Node] != 0 {
			return
		}
		state[s.Node] = visiting
		follow := func(name string, next connector.Schema) {
			if r := next.Resolved(); state[r.Node] == visiting && name != "" {
				f := p.Report(next.Node.KeyOrSelf(), "%q is required inside what it is a part of", name)
				f.Hint = "no value ends: require one property of the circle no longer"
				f.Fix = requireNoLonger(s.Node.Get("required"), name)
			}
			visit(next)
		}
		for _, item := range s.Node.Get("required").Items() {
			if name, ok := item.Str(); ok {
				follow(name, s.In(s.Node.Get("properties").Get(name)))
			}
		}
		for _, part := range s.Node.Get("allOf").Items() {
			follow("", s.In(part)) // document-ref-loop
		}
		state[s.Node] = done
	}
	return lint.Visitor{Definition: func(d *connector.Definition) {
		for _, schema := range d.Root.Get("definitions").Members() {
			visit(d.Schema(schema))
		}
	}}
}

// schemaPattern reports what every dialect of regular expressions refuses. Go's
// knows no look-around, no back-references and fewer escapes than the platform's:
// of these it says nothing.
func schemaPattern(p *lint.Pass) lint.Visitor {
	return eachMember(func(at source.Node, _ connector.Role) {
		s, _ := at.Str()
		_, err := resyntax.Parse(s, resyntax.Perl)
		wrong, ok := err.(*resyntax.Error)
		if !ok {
			return
		}
		switch wrong.Code {
		case resyntax.ErrMissingBracket, resyntax.ErrMissingParen, resyntax.ErrUnexpectedParen, resyntax.ErrMissingRepeatArgument,
			resyntax.ErrTrailingBackslash, resyntax.ErrInvalidCharRange:
			p.Report(at, "the pattern is no regular expression: %s in %q", wrong.Code, wrong.Expr)
		}
	}, "pattern")
}
