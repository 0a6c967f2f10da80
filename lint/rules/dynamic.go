package rules

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var dynamic = []*lint.Rule{
	{
		ID:       "dynamic-operation-unknown",
		Summary:  "an extension invokes an operation that does not exist",
		Levels:   lint.Everywhere(failure),
		Official: []string{"OperationIdNotFound"},
		Start:    onCalls(dynamicOperationUnknown),
	},
	{
		ID:       "dynamic-argument-missing",
		Summary:  "a call leaves out what the invoked operation requires",
		Levels:   lint.Everywhere(failure),
		Official: []string{"OperationMissingRequiredProperty"},
		Start:    onCalls(dynamicArgumentMissing),
	},
	{
		ID:       "dynamic-argument-unknown",
		Summary:  "a name in the parameters of a call stands for nothing",
		Levels:   lint.Everywhere(warning),
		Official: []string{"OperationParameterNameNotFound"},
		Start:    onCalls(dynamicArgumentUnknown),
	},
	{
		ID:       "dynamic-argument-ambiguous",
		Summary:  "a name in the parameters of a call stands for a parameter and for a body property",
		Levels:   lint.Everywhere(failure),
		Official: []string{"OperationParameterNameIsAmbiguous"},
		Start:    onCalls(dynamicArgumentAmbiguous),
	},
	{
		ID:       "dynamic-argument-type",
		Summary:  "a call supplies a value of another type than the operation takes",
		Levels:   lint.Everywhere(failure),
		Official: []string{"OperationParameterStaticTypeMismatch", "OperationParameterTypeMismatch"},
		Start:    onCalls(dynamicArgumentType),
	},
	{
		ID:       "dynamic-argument-optional",
		Summary:  "an optional value feeds a required parameter",
		Levels:   lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Official: []string{"OperationParameterRequiredMismatch"},
		Start:    onCalls(dynamicArgumentOptional),
	},
	{
		ID:       "dynamic-argument-internal",
		Summary:  "a call takes its argument from a value that makers do not see",
		Levels:   lint.Everywhere(warning),
		Official: []string{"SourcePropertyInternal"},
		Start:    onCalls(dynamicArgumentInternal),
	},
	{
		ID:       "dynamic-selected-item",
		Summary:  "selectedItemValuePath stands outside the browse call of a tree",
		Levels:   lint.Everywhere(failure),
		Official: []string{"SelectedItemValuePathNotAllowedInThisPosition"},
		Start:    onCalls(dynamicSelectedItem),
	},
	{
		ID:       "dynamic-no-array",
		Summary:  "the operation behind a dynamic list does not answer an array",
		Levels:   lint.Everywhere(warning),
		Official: []string{"InvokedOperationShouldProduceArray"},
		Start:    onCalls(dynamicNoArray),
	},
	{
		ID:       "dynamic-no-property",
		Summary:  "the operation behind a dynamic value does not answer the named property",
		Levels:   lint.Everywhere(warning),
		Official: []string{"InvokedOperationShouldProduceProperty"},
		Start:    onCalls(dynamicNoProperty),
	},
	{
		ID:       "dynamic-on-body",
		Summary:  "a dynamic extension stands on the body parameter and not in its schema",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Official: []string{"DynamicExtensionDefinitionNotAllowedInParameter"},
		Start:    dynamicOnBody,
	},
	{
		ID:       "dynamic-no-list",
		Summary:  "an x-ms-dynamic-values with a reference into the body has no x-ms-dynamic-list beside it",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Official: []string{"DynamicListExtensionRequiredForAmbiguousReferences", "DynamicListExtensionRequiredForNonParameterReferences"},
		Start:    onCalls(companionMissing("x-ms-dynamic-values", "x-ms-dynamic-list", "DynamicListExtensionRequiredFor")),
	},
	{
		ID:      "dynamic-no-properties",
		Summary: "an x-ms-dynamic-schema that needs an x-ms-dynamic-properties beside it has none",
		Levels:  lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Official: []string{"DynamicPropertiesExtensionRequiredForAmbiguousReferences", "DynamicPropertiesExtensionRequiredForNonParameterReferences",
			"DynamicPropertiesExtensionRequiredForPropertiesValuePath"},
		Start: onCalls(companionMissing("x-ms-dynamic-schema", "x-ms-dynamic-properties", "DynamicPropertiesExtensionRequiredFor")),
	},
	{
		ID:       "dynamic-path-differs",
		Summary:  "x-ms-dynamic-properties and x-ms-dynamic-schema name different paths",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Official: []string{"DynamicPropertiesItemValuePathMismatch"},
		Start:    dynamicPathDiffers,
	},
	{
		ID:       "dynamic-no-tree",
		Summary:  "a file picker has no x-ms-dynamic-tree beside it",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Official: []string{"DynamicTreeExtensionMissing"},
		Start:    dynamicNoTree,
	},
}

// onCalls makes the Start of a rule that looks at each call of an extension.
func onCalls(check func(*lint.Pass, *connector.Call)) func(*lint.Pass) lint.Visitor {
	return func(p *lint.Pass) lint.Visitor {
		look := func(value source.Node, _ connector.Role) {
			for _, c := range p.Definition.Calls(value) {
				check(p, c)
			}
		}
		v := lint.Visitor{Member: []lint.OnMember{}}
		for name := range connector.CallExtensions {
			v.Member = append(v.Member, lint.OnMember{Name: name, Do: look})
		}
		return v
	}
}

func dynamicOperationUnknown(p *lint.Pass, c *connector.Call) {
	if c.Invoked != nil {
		return
	}
	at := c.OperationID()
	id, _ := at.Str()
	f := p.Report(at, "%s invokes %q, which no operation is named", c.Extension, id)
	meantValue(f, at, nearestOperation(p.Definition, id))
}

// takesArguments reports whether the parameters of the call can be compared
// with those of an operation.
func takesArguments(c *connector.Call) bool {
	return c.Invoked != nil && c.Extension != "x-ms-notification"
}

func dynamicArgumentMissing(p *lint.Pass, c *connector.Call) {
	if !takesArguments(c) {
		return
	}
	var missing []string
	for _, q := range c.Invoked.Parameters() {
		if !q.Required() || q.Node.Get("default").Exists() {
			continue
		}
		name := q.Name()
		if q.In() != "body" {
			if !supplies(c, name) {
				missing = append(missing, name)
			}
			continue
		}
		if supplies(c, name) {
			continue
		}
		for property := range q.Schema().Properties() {
			if q.Schema().Requires(property.Name) && !property.Schema.Resolved().Node.Get("default").Exists() &&
				!supplies(c, property.Name) && !supplies(c, name+"/"+property.Name) {
				missing = append(missing, name+"/"+property.Name)
			}
		}
	}
	if len(missing) > 0 {
		p.Report(c.OperationID(), "%q is invoked without %s, which it requires", c.Invoked.ID, quoteList(missing)).
			Hint = "supply it in \"parameters\", or give it a default"
	}
}

// supplies reports whether the call supplies the named value, or a part of it.
func supplies(c *connector.Call, name string) bool {
	return slices.ContainsFunc(c.Arguments, func(a connector.Argument) bool {
		return a.Key == name || strings.HasPrefix(a.Key, name) && a.Key[len(name)] == '/'
	})
}

// sources returns what an argument refers to in each operation that may make
// the call. It reports false where there is no reference, or nobody to make it.
func sources(p *lint.Pass, a connector.Argument) (inputs [][]connector.Input, ok bool) {
	name, ok := a.Reference.Str()
	if !ok {
		return nil, false
	}
	for _, o := range p.Definition.Callers(a.Node) {
		inputs = append(inputs, o.Inputs(name, a.Prefixed))
	}
	return inputs, len(inputs) > 0
}

// everySource reports whether the argument refers to exactly one thing in each
// operation that may make the call, and whether is holds for all of these.
func everySource(p *lint.Pass, a connector.Argument, is func(connector.Input) bool) bool {
	inputs, ok := sources(p, a)
	return ok && !slices.ContainsFunc(inputs, func(of []connector.Input) bool { return len(of) != 1 || of[0].Open || !is(of[0]) })
}

func dynamicArgumentUnknown(p *lint.Pass, c *connector.Call) {
	if !takesArguments(c) {
		return
	}
	for _, a := range c.Arguments {
		if len(c.Invoked.Inputs(a.Key, c.Prefixed())) == 0 {
			f := p.Report(a.Node.Key(), "%q is no parameter of %q", a.Key, c.Invoked.ID)
			meantName(f, a.Node, lint.Nearest(a.Key, parameterNames(c.Invoked)))
		}
		inputs, ok := sources(p, a)
		if !ok || slices.ContainsFunc(inputs, func(of []connector.Input) bool { return len(of) > 0 }) {
			continue
		}
		name, _ := a.Reference.Str()
		f := p.Report(a.Reference, "%q is nothing that the calling operation takes", name)
		meantValue(f, a.Reference, lint.Nearest(name, parameterNames(p.Definition.Callers(a.Node)[0])))
	}
}

func parameterNames(o *connector.Operation) (names []string) {
	for _, q := range o.Parameters() {
		if q.In() != "body" {
			names = append(names, q.Name())
		}
	}
	return names
}

func dynamicArgumentAmbiguous(p *lint.Pass, c *connector.Call) {
	if !takesArguments(c) || c.Node.Parent().Get(companions[c.Extension]).Exists() {
		return
	}
	for _, a := range c.Arguments {
		if len(c.Invoked.Inputs(a.Key, c.Prefixed())) > 1 {
			f := p.Report(a.Node.Key(), "%q is a parameter of %q and a property of its body", a.Key, c.Invoked.ID)
			f.Hint = "say which in " + cmp.Or(companions[c.Extension], "x-ms-dynamic-list or x-ms-dynamic-properties") + ", where names of the body start with that of the body parameter"
			f.Fix = companionFix(p, c)
		}
	}
}

// companions maps the older extensions to those that can say all they cannot.
var companions = map[string]string{"x-ms-dynamic-values": "x-ms-dynamic-list", "x-ms-dynamic-schema": "x-ms-dynamic-properties"}

func dynamicArgumentType(p *lint.Pass, c *connector.Call) {
	if !takesArguments(c) {
		return
	}
	for _, a := range c.Arguments {
		targets := c.Invoked.Inputs(a.Key, c.Prefixed())
		if len(targets) != 1 || targets[0].Type() == "" {
			continue
		}
		want := targets[0].Type()
		if given := a.Literal; given.Exists() {
			if kind := given.Kind().String(); !fitsType(given, want) {
				f := p.Report(given, "%q of %q takes %s, found %s", a.Key, c.Invoked.ID, withArticle(want), withArticle(kind))
				f.Official = "OperationParameterStaticTypeMismatch"
				if v, ok := converted(given, want); ok {
					f.Fix = safe("write it as "+withArticle(want), given, func(e *source.Editor) { e.Replace(given, v) })
				}
			}
			continue
		}
		var found string
		if everySource(p, a, func(in connector.Input) bool {
			found = in.Type()
			return found != "" && found != want && !(found == "integer" && want == "number")
		}) {
			p.Report(a.Reference, "%q of %q takes %s, the value referred to is %s", a.Key, c.Invoked.ID, withArticle(want), withArticle(found)).
				Official = "OperationParameterTypeMismatch"
		}
	}
}

func fitsType(n source.Node, want string) bool {
	if _, isInteger := n.Int(); isInteger {
		return want == "integer" || want == "number"
	}
	kind := n.Kind().String()
	return kind == want || kind == "null" || want == "file"
}

func dynamicArgumentOptional(p *lint.Pass, c *connector.Call) {
	if !takesArguments(c) {
		return
	}
	for _, a := range c.Arguments {
		targets := c.Invoked.Inputs(a.Key, c.Prefixed())
		if len(targets) != 1 || targets[0].Open || !targets[0].Required || targets[0].Default().Exists() {
			continue
		}
		var from connector.Input
		if everySource(p, a, func(in connector.Input) bool {
			from = in
			return !in.Required && !in.Default().Exists()
		}) {
			f := p.Report(a.Reference, "%q of %q is required, the value referred to may be left out", a.Key, c.Invoked.ID)
			f.Hint = "require it, or use a static value"
			f.Fix = requireInput(from)
		}
	}
}

// requireInput requires a value all along the way to it. There is no fix if the
// way leads through a reference, behind which others depend on what is required.
func requireInput(in connector.Input) *source.Fix {
	var optional []source.Node // properties
	for at, body := in.Schema.Node, in.Parameter.Schema().Node; at != body; at = at.Parent().Parent() {
		if at.Parent().KeyStr() != "properties" {
			return nil
		}
		if !slices.Contains(words(at.Parent().Parent().Get("required")), at.KeyStr()) {
			optional = append(optional, at)
		}
	}
	return suggested("require it", in.Parameter.Node, func(e *source.Editor) {
		e.Set(in.Parameter.Node, "required", true)
		for _, property := range optional {
			require(e, property.Parent().Parent(), property.KeyStr())
		}
	})
}

func dynamicArgumentInternal(p *lint.Pass, c *connector.Call) {
	for _, a := range c.Arguments {
		var from connector.Input
		if !everySource(p, a, func(in connector.Input) bool {
			from = in
			return in.Internal
		}) {
			continue
		}
		f := p.Report(a.Reference, "the value referred to is internal: makers cannot fill it in")
		f.Hint = "write its default as a static value"
		if from.Default().Exists() && len(p.Definition.Callers(a.Node)) == 1 {
			var static any = from.Default()
			if a.Prefixed {
				static = source.Members{{Key: "value", Value: static}}
			}
			f.Fix = suggested("use the default", a.Node, func(e *source.Editor) { e.Replace(a.Node, static) })
		}
	}
}

func dynamicSelectedItem(p *lint.Pass, c *connector.Call) {
	if c.Extension == "x-ms-dynamic-tree" && c.Part == "browse" {
		return
	}
	for _, a := range c.Arguments {
		if n := a.Node.Get("selectedItemValuePath"); n.Exists() {
			p.Report(n.Key(), "nothing is selected yet here").
				Hint = "only the parameters of x-ms-dynamic-tree's browse may take a value from the selected item"
		}
	}
}

// collection returns the list behind a call, and the node that names it, which
// may be absent.
func collection(c *connector.Call) (list connector.Schema, at source.Node, said bool) {
	at = c.Node.Get("itemsPath")
	if c.Extension == "x-ms-dynamic-values" {
		at = c.Node.Get("value-collection")
	}
	path, _ := at.Str()
	list, said = c.Invoked.Success().Follow(path)
	return list, at, said
}

func isList(c *connector.Call) bool {
	return c.Invoked != nil && (c.Extension == "x-ms-dynamic-values" || c.Extension == "x-ms-dynamic-list" || c.Extension == "x-ms-dynamic-tree")
}

func dynamicNoArray(p *lint.Pass, c *connector.Call) {
	if !isList(c) {
		return
	}
	list, at, said := collection(c)
	if !said || list.Shape() == "array" || list.Exists() && list.IsOpen() {
		return
	}
	if path, _ := at.Str(); path != "" {
		p.Report(at, "%q answers no array at %q", c.Invoked.ID, path)
		return
	}
	p.Report(c.OperationID(), "%q does not answer an array", c.Invoked.ID).
		Hint = "name the property that holds the list"
}

func dynamicNoProperty(p *lint.Pass, c *connector.Call) {
	if c.Invoked == nil {
		return
	}
	within, names := c.Invoked.Success(), []string{"value-path"}
	switch {
	case isList(c):
		list, _, said := collection(c)
		if !said || list.Shape() != "array" {
			return
		}
		within, names = list.Items(), []string{"value-path", "value-title", "itemValuePath", "itemTitlePath"}
	case c.Extension == "x-ms-dynamic-properties":
		names = []string{"itemValuePath"}
	case c.Extension != "x-ms-dynamic-schema":
		return
	}
	for _, name := range names {
		at := c.Node.Get(name)
		path, ok := at.Str()
		if ok && lacks(within, path) {
			p.Report(at, "%q answers no property %q", c.Invoked.ID, path)
		}
	}
	if c.Extension == "x-ms-dynamic-tree" && c.Part == "browse" {
		dynamicSelectedNothing(p, c)
	}
}

func lacks(s connector.Schema, path string) bool {
	found, said := s.Follow(path)
	return said && !found.Exists()
}

// dynamicSelectedNothing reports an argument that is taken from a property which
// no item of the tree has. The item that a maker opens may come from either call.
func dynamicSelectedNothing(p *lint.Pass, browse *connector.Call) {
	for _, a := range browse.Arguments {
		at := a.Node.Get("selectedItemValuePath")
		path, ok := at.Str()
		if ok && !slices.ContainsFunc(p.Definition.Calls(browse.Node.Parent()), func(c *connector.Call) bool {
			if c.Invoked == nil {
				return true
			}
			list, _, said := collection(c)
			return !said || list.Shape() != "array" || !lacks(list.Items(), path)
		}) {
			p.Report(at, "no item of the tree has a property %q", path)
		}
	}
}

func dynamicOnBody(p *lint.Pass) lint.Visitor {
	v := lint.Visitor{Member: []lint.OnMember{}}
	for _, name := range dynamicExtensions {
		v.Member = append(v.Member, lint.OnMember{Name: name, Do: func(value source.Node, on connector.Role) {
			if on != connector.RoleBodyParameter {
				return
			}
			f := p.Report(value.Key(), "%q has no effect on the body parameter itself", name)
			f.Hint = "it belongs into the schema of the body"
			schema := value.Parent().Get("schema")
			if schema.Kind() == source.Object && !schema.Get("$ref").Exists() && !schema.Get(name).Exists() {
				f.Fix = safe("move it into the schema", value, func(e *source.Editor) {
					e.Remove(value)
					e.Set(schema, name, value)
				})
			}
		}})
	}
	return v
}

var dynamicExtensions = []string{"x-ms-dynamic-values", "x-ms-dynamic-list", "x-ms-dynamic-schema", "x-ms-dynamic-properties", "x-ms-dynamic-tree"}

// companionMissing makes the check for one of the older extensions, which
// cannot refer to the body beyond doubt and need a newer one that can.
func companionMissing(older, newer, official string) func(*lint.Pass, *connector.Call) {
	return func(p *lint.Pass, c *connector.Call) {
		on := c.Node.Parent()
		if c.Extension != older || on.Get(newer).Exists() {
			return
		}
		report := func(at source.Node, kind, format string, args ...any) {
			f := p.Report(at, format, args...)
			f.Official = official + kind
			f.Hint = "say it in " + newer + " too"
			f.Fix = companionFix(p, c)
		}
		for _, a := range c.Arguments {
			name, _ := a.Reference.Str()
			if inputs, ok := sources(p, a); ok {
				switch few, many := inBody(inputs); {
				case many > 1:
					report(a.Reference, "AmbiguousReferences", "%q is a parameter and a property of the body", name)
					return
				case few:
					report(a.Reference, "NonParameterReferences", "%q is a property of the body, which %s cannot refer to", name, older)
					return
				}
			}
		}
		if path := c.Node.Get("value-path"); older == "x-ms-dynamic-schema" && (path.Is("properties") || strings.HasSuffix(text(path), "/properties")) {
			report(path, "PropertiesValuePath", "%q is the list of properties and not the schema", text(path))
		}
	}
}

func text(n source.Node) string {
	s, _ := n.Str()
	return s
}

// inBody reports whether a reference means a value in the body in some
// operation, and how many things it may mean at most.
func inBody(inputs [][]connector.Input) (some bool, most int) {
	for _, of := range inputs {
		most = max(most, len(of))
		if len(of) > 0 && of[0].Parameter.In() == "body" && of[0].Schema.Node != of[0].Parameter.Schema().Node {
			some = true
		}
	}
	return some, most
}

// companionFix adds the newer extension that says what an older one does.
func companionFix(p *lint.Pass, c *connector.Call) *source.Fix {
	newer := companions[c.Extension]
	v, ok := companion(p, c)
	if newer == "" || !ok {
		return nil
	}
	return suggested("add "+newer, c.Node, func(e *source.Editor) { e.InsertAfter(c.Node, newer, v) })
}

// companion translates an older extension. A name that may mean a parameter or a
// value in the body means the parameter, which is all that the older one knows.
func companion(p *lint.Pass, c *connector.Call) (source.Members, bool) {
	if c.Invoked == nil {
		return nil, false
	}
	arguments := source.Members{}
	for _, a := range c.Arguments {
		key, ok := prefixed(c.Invoked.Inputs(a.Key, false), a.Key)
		if !ok {
			return nil, false
		}
		if a.Literal.Exists() {
			arguments = append(arguments, source.Member{Key: key, Value: source.Members{{Key: "value", Value: a.Literal}}})
			continue
		}
		callers := p.Definition.Callers(a.Node)
		name, isReference := a.Reference.Str()
		if !isReference || len(callers) != 1 {
			return nil, false
		}
		from, ok := prefixed(callers[0].Inputs(name, false), name)
		if !ok {
			return nil, false
		}
		arguments = append(arguments, source.Member{Key: key, Value: source.Members{{Key: "parameterReference", Value: from}}})
	}
	all := source.Members{{Key: "operationId", Value: c.Invoked.ID}}
	if len(arguments) > 0 {
		all = append(all, source.Member{Key: "parameters", Value: arguments})
	}
	for _, m := range [][2]string{{"value-collection", "itemsPath"}, {"value-path", "itemValuePath"}, {"value-title", "itemTitlePath"}} {
		if path, ok := c.Node.Get(m[0]).Str(); ok {
			if c.Extension == "x-ms-dynamic-schema" {
				path = schemaPath(path)
			}
			all = append(all, source.Member{Key: m[1], Value: path})
		}
	}
	return all, true
}

// prefixed writes the name of an input as the newer extensions do.
func prefixed(inputs []connector.Input, name string) (string, bool) {
	if len(inputs) == 0 {
		return "", false
	}
	if q := inputs[0].Parameter; q.In() == "body" && q.Name() != name {
		return q.Name() + "/" + name, true
	}
	return name, true
}

// schemaPath is the path to a schema, of the path to its properties.
func schemaPath(path string) string {
	if path == "properties" {
		return ""
	}
	return strings.TrimSuffix(path, "/properties")
}

func dynamicPathDiffers(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Member: []lint.OnMember{{Name: "x-ms-dynamic-properties", Do: func(value source.Node, _ connector.Role) {
		older := value.Parent().Get("x-ms-dynamic-schema")
		at := value.Get("itemValuePath")
		want := schemaPath(text(older.Get("value-path")))
		if older.Kind() != source.Object || value.Kind() != source.Object || text(at) == want {
			return
		}
		if !at.Exists() {
			at = value
		}
		f := p.Report(at, "itemValuePath is %q, which is not where x-ms-dynamic-schema looks", text(value.Get("itemValuePath")))
		f.Hint = "expected " + strconv.Quote(want)
		f.Fix = safe("set itemValuePath to "+strconv.Quote(want), value, func(e *source.Editor) { e.Set(value, "itemValuePath", want) })
	}}}}
}

func dynamicNoTree(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Member: []lint.OnMember{{Name: "x-ms-dynamic-values", Do: func(value source.Node, _ connector.Role) {
		if capability := value.Get("capability"); capability.Is("file-picker") && !value.Parent().Get("x-ms-dynamic-tree").Exists() {
			p.Report(capability, "a file picker needs x-ms-dynamic-tree beside it").
				Hint = "add x-ms-dynamic-tree with the operations that open and browse folders"
		}
	}}}}
}
