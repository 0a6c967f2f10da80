package connector

import (
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Call is one use of an operation by an extension, which the platform makes
// when it needs a list, a schema or a test, with arguments from the operation
// that a maker is filling in.
type Call struct {
	Extension string
	Node      source.Node // the object that names the operation and its arguments
	Part      string      // "open", "browse", "simulate", ..., "" if the extension is the call
	Invoked   *Operation  // nil if the operation does not exist
	Arguments []Argument
}

// Argument is one of the parameters that a call supplies.
type Argument struct {
	Key       string
	Node      source.Node
	Literal   source.Node // the value itself, if it is a static one
	Reference source.Node // else the name of what the caller fills in
	Prefixed  bool        // the reference is a path that starts at a parameter
}

// Prefixed reports whether the names of the call's arguments are paths that
// start at a parameter, "body/name", as the newer extensions write them.
func (c *Call) Prefixed() bool {
	return c.Extension == "x-ms-dynamic-list" || c.Extension == "x-ms-dynamic-properties" || c.Extension == "x-ms-dynamic-tree"
}

// OperationID returns the node with the id of the invoked operation.
func (c *Call) OperationID() source.Node { return c.Node.Get("operationId") }

// CallExtensions are the extensions that invoke operations, and the ways from
// each to what names one.
var CallExtensions = map[string][]string{
	"x-ms-dynamic-values":     {""},
	"x-ms-dynamic-list":       {""},
	"x-ms-dynamic-schema":     {""},
	"x-ms-dynamic-properties": {""},
	"x-ms-dynamic-tree":       {"open", "browse"},
	"x-ms-capabilities":       {"testConnection", "file-picker/open", "file-picker/browse"},
	"x-ms-operation-context":  {"simulate"},
	"x-ms-notification":       {""},
}

// Calls returns the calls that an extension with this value makes.
func (d *Definition) Calls(value source.Node) []*Call {
	if calls, known := d.calls[value]; known {
		return calls
	}
	var calls []*Call
	extension := value.KeyStr()
	for _, part := range CallExtensions[extension] {
		n := value
		if part != "" {
			n = value.At("/" + part)
		}
		id, ok := n.Get("operationId").Str()
		if !ok || id == "" {
			continue
		}
		c := &Call{Extension: extension, Node: n, Part: part, Invoked: d.byID[id]}
		for key, given := range n.Get("parameters").Members() {
			c.Arguments = append(c.Arguments, readArgument(key, given))
		}
		calls = append(calls, c)
	}
	if d.calls == nil {
		d.calls = map[source.Node][]*Call{}
	}
	d.calls[value] = calls
	return calls
}

func readArgument(key, given source.Node) Argument {
	a := Argument{Node: given}
	a.Key, _ = key.Str()
	if given.Kind() != source.Object {
		a.Literal = given
		return a
	}
	for name, value := range given.Members() {
		switch s, _ := name.Str(); s {
		case "parameter":
			a.Reference = value
		case "parameterReference":
			a.Reference, a.Prefixed = value, true
		case "value":
			a.Literal = value
		}
	}
	return a
}

// Input is something that a caller supplies to an operation: a parameter, or a
// value in its body.
type Input struct {
	Parameter Parameter
	Schema    Schema // of the value in the body; absent for other parameters
	Open      bool   // the body may hold the value, but its schema does not say
	Required  bool   // all along the way
	Internal  bool   // there, or on the way
}

// Type returns the declared type, "" if nothing says it.
func (in Input) Type() string {
	if in.Parameter.In() == "body" {
		return in.Schema.Shape()
	}
	t, _ := in.Parameter.Node.Get("type").Str()
	return t
}

// Default returns the default, absent if there is none.
func (in Input) Default() source.Node {
	if in.Parameter.In() != "body" {
		return in.Parameter.Node.Get("default")
	}
	return in.Schema.Resolved().Node.Get("default")
}

// Inputs returns what a name stands for: a parameter; or a value in the body,
// by its path, which starts with the body's name if the name is prefixed. Two
// results mean that the name is ambiguous.
func (o *Operation) Inputs(name string, prefixed bool) []Input {
	key := inputKey{name, prefixed}
	found, known := o.inputs[key]
	if !known {
		found = o.findInputs(name, prefixed)
		if o.inputs == nil {
			o.inputs = map[inputKey][]Input{}
		}
		o.inputs[key] = found
	}
	return found
}

type inputKey struct {
	name     string
	prefixed bool
}

func (o *Operation) findInputs(name string, prefixed bool) []Input {
	var found []Input
	for _, p := range o.Parameters() {
		if p.Name() == name {
			found = append(found, Input{Parameter: p, Schema: p.Schema(), Required: p.Required(), Internal: p.IsInternal()})
			break
		}
	}
	body := o.Body()
	if !body.Node.Exists() {
		return found
	}
	path := name
	if prefixed {
		var ok bool
		if path, ok = strings.CutPrefix(name, body.Name()+"/"); !ok {
			return found
		}
	}
	in := Input{Parameter: body, Schema: body.Schema(), Required: body.Required(), Internal: body.IsInternal()}
	if in.enter(path) && !(in.Open && len(found) > 0) {
		found = append(found, in)
	}
	return found
}

// enter follows a path into the body, and reports whether it leads anywhere.
func (in *Input) enter(path string) bool {
	for step := range strings.SplitSeq(path, "/") {
		step = source.UnescapePointer(step)
		p := in.Schema.Property(step)
		if !p.Exists() {
			in.Open = in.Schema.IsOpen()
			in.Schema = Schema{}
			return in.Open
		}
		in.Required = in.Required && in.Schema.Requires(step)
		in.Internal = in.Internal || p.IsInternal()
		in.Schema = p
	}
	return true
}

// IsOpen reports whether an instance may have members that the schema does not
// name.
func (s Schema) IsOpen() bool {
	if !s.Resolved().Exists() {
		return true
	}
	named := false
	for part := range s.Parts() {
		more := part.Node.Get("additionalProperties")
		if part.IsDynamic() || more.Kind() == source.Object || more.IsTrue() {
			return true
		}
		named = named || part.Node.Get("properties").Len() > 0
	}
	shape := s.Shape()
	return s.IsDynamic() || !named && (shape == "object" || shape == "")
}

// Follow returns the schema at a path of property names; absent if there is no
// such property. It reports false where an open object on the way leaves that
// unsaid.
func (s Schema) Follow(path string) (at Schema, said bool) {
	if path == "" {
		return s, true
	}
	for step := range strings.SplitSeq(path, "/") {
		next := s.Property(source.UnescapePointer(step))
		if !next.Exists() {
			return Schema{}, !s.IsOpen()
		}
		s = next
	}
	return s, true
}

// Success returns the schema of what the operation answers if all goes well.
func (o *Operation) Success() Schema {
	for _, status := range []string{"200", "201"} {
		if r := o.Response(status); r.Node.Exists() {
			return r.Schema()
		}
	}
	for _, r := range o.Responses() {
		if r.IsSuccess() {
			return r.Schema()
		}
	}
	return o.Response("default").Schema()
}

// Callers returns the operations that a node is part of: one, or for a shared
// definition those that refer to it, directly or by way of others.
func (d *Definition) Callers(n source.Node) []*Operation {
	if d.referrers == nil {
		d.readReferrers()
	}
	var callers []*Operation
	seen := map[source.Node]bool{}
	for queue := []source.Node{d.entry(n)}; len(queue) > 0; queue = queue[1:] {
		entry := queue[0]
		if seen[entry] {
			continue
		}
		seen[entry] = true
		for _, o := range d.operations {
			if (o.Node == entry || o.PathItem == entry) && !slices.Contains(callers, o) {
				callers = append(callers, o)
			}
		}
		queue = append(queue, d.referrers[entry]...)
	}
	return callers
}

// IsShared reports whether a node is part of something that more than one place
// uses, directly or by way of others.
func (d *Definition) IsShared(n source.Node) bool {
	if len(d.Callers(n)) > 1 {
		return true
	}
	entry := d.entry(n)
	for range maxRefs {
		from := d.referrers[entry]
		if len(from) != 1 {
			return len(from) > 1
		}
		entry = from[0]
	}
	return false
}

func (d *Definition) readReferrers() {
	d.referrers = map[source.Node][]source.Node{}
	ref, _ := WordOf("$ref")
	d.Walk(Walker{Member: func(w Word, value source.Node, _ Role) {
		if w != ref {
			return
		}
		if s, ok := value.Str(); ok {
			if target := d.entry(d.Target(s)); target.Exists() {
				d.referrers[target] = append(d.referrers[target], d.entry(value))
			}
		}
	}})
}

// entry returns the named thing that a node is part of: an operation, a path
// item, a shared definition, parameter or response.
func (d *Definition) entry(n source.Node) source.Node {
	var operation, item, section source.Node
	for ; n.Exists() && n != d.Root; n = n.Parent() {
		operation, item, section = item, section, n
	}
	if section.KeyStr() == "paths" && pathItemKeys[operation.KeyStr()] == RoleOperation {
		return operation
	}
	return item
}
