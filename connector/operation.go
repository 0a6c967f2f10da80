package connector

import (
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Operation is one method of one path: an action or a trigger.
type Operation struct {
	Node     source.Node
	PathItem source.Node
	Method   string // lower case, as in the document
	Path     string
	ID       string   // operationId, "" if there is none
	Trigger  *Trigger // nil for an action that does not wait

	def        *Definition
	members    []member // of Node
	parameters []Parameter
	read       bool
	responses  []Response // nil until they are asked for
	inputs     map[inputKey][]Input
}

type member struct {
	name  string
	value source.Node
}

// Get returns the value of a member of the operation. It is Node.Get without
// the way through all that parameters and responses hold.
func (o *Operation) Get(name string) source.Node {
	for i := len(o.members) - 1; i >= 0; i-- {
		if o.members[i].name == name {
			return o.members[i].value
		}
	}
	if o.Node.File().Format == source.YAML {
		return o.Node.Get(name) // a merge key may bring it in
	}
	return source.Node{}
}

// Parameters returns the operation's parameters and those of its path item
// that it does not replace, references resolved. A reference without a target
// is left out.
func (o *Operation) Parameters() []Parameter {
	if o.read {
		return o.parameters
	}
	o.read = true
	for _, site := range o.Get("parameters").Items() {
		if p := o.def.Parameter(site); p.Node.Exists() {
			o.parameters = append(o.parameters, p)
		}
	}
	own := len(o.parameters)
	for _, site := range o.PathItem.Get("parameters").Items() {
		if p := o.def.Parameter(site); p.Node.Exists() && !p.replacedBy(o.parameters[:own]) {
			o.parameters = append(o.parameters, p)
		}
	}
	return o.parameters
}

// Body returns the body parameter, absent if there is none.
func (o *Operation) Body() Parameter {
	for _, p := range o.Parameters() {
		if p.In() == "body" {
			return p
		}
	}
	return Parameter{}
}

// Responses returns the responses by status code, references resolved.
func (o *Operation) Responses() []Response {
	if o.responses != nil {
		return o.responses
	}
	responses := make([]Response, 0, 4)
	for key, site := range o.Get("responses").Members() {
		status, _ := key.Str()
		if !isExtensionName(status) {
			responses = append(responses, Response{Status: status, Site: site, Node: o.def.resolveTo(site, RoleResponse), def: o.def})
		}
	}
	o.responses = responses
	return responses
}

// Response returns the response for a status code; its Node is absent if the
// operation does not declare it.
func (o *Operation) Response(status string) Response {
	site := o.Get("responses").Get(status)
	return Response{Status: status, Site: site, Node: o.def.resolveTo(site, RoleResponse), def: o.def}
}

// IsInternal reports whether makers do not see the operation. Real files write
// Internal too, and the platform takes it.
func (o *Operation) IsInternal() bool { return isInternalValue(o.Get("x-ms-visibility")) }

// Name returns the operationId, or method and path if there is none: what to
// call the operation in a message.
func (o *Operation) Name() string {
	if o.ID != "" {
		return o.ID
	}
	return strings.ToUpper(o.Method) + " " + o.Path
}

// At returns the place to underline when the operation as a whole is meant:
// its operationId, else its method.
func (o *Operation) At() source.Node {
	if id := o.Get("operationId"); id.Exists() {
		return id
	}
	return o.Node.KeyOrSelf()
}

func isInternal(n source.Node) bool { return isInternalValue(n.Get("x-ms-visibility")) }

func isInternalValue(visibility source.Node) bool {
	s, _ := visibility.Str()
	return strings.EqualFold(s, "internal")
}

// Parameter is a parameter of an operation.
type Parameter struct {
	Site source.Node // where the operation lists it: the parameter, or a reference to it
	Node source.Node // the parameter itself
	def  *Definition

	name, in string // read once: every other rule asks for them
}

// Name returns the parameter's name.
func (p Parameter) Name() string { return p.name }

// In returns where the parameter goes: body, path, query, header or formData.
func (p Parameter) In() string { return p.in }

// Required reports whether a value must be given.
func (p Parameter) Required() bool { return p.Node.Get("required").IsTrue() }

// IsInternal reports whether makers do not see the parameter.
func (p Parameter) IsInternal() bool { return isInternal(p.Node) }

// Schema returns the schema of a body parameter.
func (p Parameter) Schema() Schema { return Schema{Node: p.Node.Get("schema"), def: p.def} }

func (p Parameter) replacedBy(own []Parameter) bool {
	for _, o := range own {
		if o.Name() == p.Name() && o.In() == p.In() {
			return true
		}
	}
	return false
}

// Response is what an operation answers with one status code.
type Response struct {
	Status string      // "201", "default"
	Site   source.Node // where the operation lists it: the response, or a reference to it
	Node   source.Node // the response itself
	def    *Definition
}

// IsSuccess reports whether the status is 2xx.
func (r Response) IsSuccess() bool { return len(r.Status) == 3 && r.Status[0] == '2' }

// Schema returns the schema of the response's body.
func (r Response) Schema() Schema { return Schema{Node: r.Node.Get("schema"), def: r.def} }

// Header returns the declaration of a header. Names of headers have no letter
// case (RFC 9110, section 5.1).
func (r Response) Header(name string) source.Node {
	for key, value := range r.Node.Get("headers").Members() {
		if s, _ := key.Str(); strings.EqualFold(s, name) {
			return value
		}
	}
	return source.Node{}
}
