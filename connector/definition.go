// Package connector says what a custom connector's files mean: operations,
// triggers and schemas, as views over the tree of package source.
package connector

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Definition is the OpenAPI 2.0 document of a connector. References may be
// followed on several goroutines at once; Calls, Inputs, Callers and IsShared
// remember what they found and are for one.
type Definition struct {
	File *source.File
	Root source.Node

	operations []*Operation
	byID       map[string]*Operation
	triggers   []*Trigger
	looked     sync.Mutex // guards refs and entries
	refs       map[string]source.Node
	entries    map[string]map[string]source.Node // by section and name, see At
	marks      bool                              // there may be callback fields
	removals   []*removals                       // what DELETEs there are, by kind, see allRemovals
	calls      map[source.Node][]*Call           // by the extension that makes them
	referrers  map[source.Node][]source.Node     // by what is referred to, see Callers
}

// Read makes the views of a document. It never fails: what is missing is
// absent, and a nil file is an empty document.
func Read(f *source.File) *Definition {
	d := &Definition{File: f, byID: map[string]*Operation{}, refs: map[string]source.Node{}, entries: map[string]map[string]source.Node{}, marks: mayHoldMarks(f)}
	if f != nil {
		d.Root = f.Root()
	}
	for key, item := range d.Root.Get("paths").Members() {
		path, _ := key.Str()
		if isExtensionName(path) {
			continue
		}
		for name, value := range item.Members() {
			if method, _ := name.Str(); pathItemKeys[method] == RoleOperation && value.Kind() == source.Object {
				d.addOperation(method, path, value, item)
			}
		}
	}
	for _, o := range d.operations {
		if o.Trigger = d.readTrigger(o); o.Trigger != nil {
			d.triggers = append(d.triggers, o.Trigger)
		}
	}
	return d
}

func (d *Definition) addOperation(method, path string, node, item source.Node) {
	o := &Operation{Node: node, PathItem: item, Method: method, Path: path, def: d, members: make([]member, 0, 8)}
	for key, value := range node.Members() {
		name, _ := key.Str()
		o.members = append(o.members, member{name, value})
	}
	o.ID, _ = o.Get("operationId").Str()
	d.operations = append(d.operations, o)
	if _, taken := d.byID[o.ID]; !taken && o.ID != "" {
		d.byID[o.ID] = o
	}
}

// Operations returns the operations in document order.
func (d *Definition) Operations() []*Operation { return d.operations }

// Operation returns the first operation with the given operationId, nil if
// there is none. Ids are case-sensitive.
func (d *Definition) Operation(id string) *Operation { return d.byID[id] }

// Triggers returns the triggers, and the actions that wait for a callback, in
// document order.
func (d *Definition) Triggers() []*Trigger { return d.triggers }

// Resolve follows a node's "$ref" to what it stands for, a chain of them to
// its end. It returns n itself if it is no reference, and the absent node if
// the reference is not local, has no target, or runs in a circle.
func (d *Definition) Resolve(n source.Node) source.Node {
	for range maxRefs {
		ref, ok := n.Get("$ref").Str()
		if !ok {
			return n
		}
		n = d.Target(ref)
	}
	return source.Node{}
}

// resolveTo is Resolve for a reference to an object of some role: an object of
// another, such as a definition, is no target.
func (d *Definition) resolveTo(site source.Node, roles ...Role) source.Node {
	n := d.Resolve(site)
	if n == site {
		return n
	}
	if role := d.RoleOf(n); role != RoleNone && !slices.Contains(roles, role) {
		return source.Node{}
	}
	return n
}

// maxRefs bounds a chain of references; longer ones are circles.
const maxRefs = 64

// Target returns the node that a local reference such as
// "#/definitions/Pet" names (RFC 6901, section 6), without going further.
func (d *Definition) Target(ref string) source.Node {
	pointer, local := strings.CutPrefix(ref, "#")
	if !local {
		return source.Node{}
	}
	d.looked.Lock()
	defer d.looked.Unlock()
	if n, known := d.refs[ref]; known {
		return n
	}
	if decoded, err := url.PathUnescape(pointer); err == nil {
		pointer = decoded
	}
	n := d.at(pointer)
	d.refs[ref] = n
	return n
}

// At returns the node that a JSON Pointer names, as [source.File.At] does. But of
// the second level, on which there may be thousands of definitions or paths, it
// looks nodes up by name.
func (d *Definition) At(pointer string) source.Node {
	d.looked.Lock()
	defer d.looked.Unlock()
	return d.at(pointer)
}

func (d *Definition) at(pointer string) source.Node {
	section, rest, ok := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if !ok || !strings.HasPrefix(pointer, "/") {
		return d.Root.At(pointer)
	}
	entries, known := d.entries[section]
	if !known {
		entries = map[string]source.Node{}
		object := d.Root.Get(source.UnescapePointer(section))
		for key, value := range object.WrittenMembers() {
			s, _ := key.Str()
			entries[s] = value
		}
		if object.Kind() != source.Object || entries["<<"].Exists() {
			entries = nil // an array, or what a merge key adds
		}
		d.entries[section] = entries
	}
	if entries == nil {
		return d.Root.At(pointer)
	}
	name, rest, deeper := strings.Cut(rest, "/")
	n := entries[source.UnescapePointer(name)]
	if deeper {
		return n.At("/" + rest)
	}
	return n
}

// Schema returns the view of a schema node.
func (d *Definition) Schema(n source.Node) Schema { return Schema{Node: n, def: d} }

// Parameter returns the view of a parameter that stands at site, which may be
// a reference.
func (d *Definition) Parameter(site source.Node) Parameter {
	p := Parameter{Site: site, Node: d.resolveTo(site, RoleParameter, RoleBodyParameter), def: d}
	p.name, _ = p.Node.Get("name").Str()
	p.in, _ = p.Node.Get("in").Str()
	return p
}

// IsSwagger2 reports whether the document says that it is OpenAPI 2.0, if only
// roughly: the other rules make sense for it.
func (d *Definition) IsSwagger2() bool {
	return !d.Root.Get("openapi").Exists() && !d.Root.Get("asyncapi").Exists()
}
