package connector

import (
	"cmp"
	"iter"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Schema is a view of a schema object. The zero Schema is absent.
type Schema struct {
	Node source.Node
	def  *Definition
}

// Exists reports whether there is a schema at all.
func (s Schema) Exists() bool { return s.Node.Exists() }

// Resolved follows local references; the result is absent if one has no target
// or they run in a circle.
func (s Schema) Resolved() Schema {
	if s.def == nil {
		return Schema{}
	}
	return Schema{Node: s.def.Resolve(s.Node), def: s.def}
}

// In returns the view of another schema node of the same document.
func (s Schema) In(n source.Node) Schema { return Schema{Node: n, def: s.def} }

// Type returns the declared type, "" if there is none. A list of types, which
// OpenAPI 2.0 does not know but files have, gives its first that is not null.
func (s Schema) Type() string {
	t := s.Node.Get("type")
	for _, item := range t.Items() {
		if !item.Is("null") {
			t = item
			break
		}
	}
	name, _ := t.Str()
	return name
}

// Parts yields the schema, references resolved, and the parts that allOf puts
// into it, each once: a part may come in by many ways, and by itself.
func (s Schema) Parts() iter.Seq[Schema] {
	return func(yield func(Schema) bool) {
		r := s.Resolved()
		if !r.Exists() || !yield(r) || !r.Node.Get("allOf").Exists() {
			return
		}
		seen := map[source.Node]bool{r.Node: true}
		for queue := []Schema{r}; len(queue) > 0; queue = queue[1:] {
			for _, item := range queue[0].Node.Get("allOf").Items() {
				part := s.def.Schema(item).Resolved()
				if !part.Exists() || seen[part.Node] {
					continue
				}
				if seen[part.Node] = true; !yield(part) {
					return
				}
				queue = append(queue, part)
			}
		}
	}
}

// Shape returns the type, or what the keywords imply when none is declared:
// "object", "array" or "". It looks through references and allOf.
func (s Schema) Shape() string {
	for part := range s.Parts() {
		switch {
		case part.Type() != "":
			return part.Type()
		case part.Node.Get("properties").Exists(), part.Node.Get("additionalProperties").Exists():
			return "object"
		case part.Node.Get("items").Exists():
			return "array"
		}
	}
	return ""
}

// IsDynamic reports whether the platform asks the service for the schema
// (x-ms-dynamic-schema, x-ms-dynamic-properties).
func (s Schema) IsDynamic() bool {
	for _, n := range []source.Node{s.Node, s.Resolved().Node} {
		if n.Get("x-ms-dynamic-schema").Exists() || n.Get("x-ms-dynamic-properties").Exists() {
			return true
		}
	}
	return false
}

// Property is a member of an object's schema.
type Property struct {
	Name   string
	Schema Schema // as it stands there; may be a reference
}

// Properties yields the properties of an object, those of its allOf parts
// included. A name may come more than once.
func (s Schema) Properties() iter.Seq[Property] {
	return func(yield func(Property) bool) {
		for part := range s.Parts() {
			for key, value := range part.Node.Get("properties").Members() {
				name, _ := key.Str()
				if !yield(Property{name, Schema{value, s.def}}) {
					return
				}
			}
		}
	}
}

// Property returns the schema of the named property, absent if there is none.
func (s Schema) Property(name string) Schema {
	for p := range s.Properties() {
		if p.Name == name {
			return p.Schema
		}
	}
	return Schema{}
}

// Items returns the schema of an array's items.
func (s Schema) Items() Schema {
	r := s.Resolved()
	if r.def == nil {
		return Schema{}
	}
	return Schema{Node: r.Node.Get("items"), def: r.def}
}

// Requires reports whether the object must have the named property, by its own
// required list or that of an allOf part.
func (s Schema) Requires(name string) bool {
	for part := range s.Parts() {
		for _, item := range part.Node.Get("required").Items() {
			if item.Is(name) {
				return true
			}
		}
	}
	return false
}

// IsInternal reports whether makers do not see the value.
func (s Schema) IsInternal() bool { return isInternal(s.Node) || isInternal(s.Resolved().Node) }

// Title returns the label that makers see: x-ms-summary, else title.
func (s Schema) Title() string {
	for _, n := range []source.Node{s.Node, s.Resolved().Node} {
		for _, key := range []string{"x-ms-summary", "title"} {
			if label, _ := n.Get(key).Str(); strings.TrimSpace(label) != "" {
				return label
			}
		}
	}
	return ""
}

// Field is a value that makers can pick from a payload.
type Field struct {
	Path  string // names joined by slashes, as the platform writes them; [] stands for an array's items
	Type  string // "any" if none is declared
	Title string // the label, "" if there is none
}

// maxFields bounds what Fields lists; the platform's designer shows no more
// than a few hundred.
const maxFields = 500

// Fields flattens a payload into the values that makers can pick, in document
// order. Internal ones are left out, and a schema inside itself is entered
// once.
func (s Schema) Fields() []Field {
	f := fieldList{open: map[source.Node]bool{}}
	f.collect(s, "")
	return f.fields
}

type fieldList struct {
	fields []Field
	open   map[source.Node]bool // the schemas around the current one
}

func (f *fieldList) collect(s Schema, path string) {
	r := s.Resolved()
	if !r.Exists() || f.open[r.Node] || s.IsInternal() {
		return
	}
	f.open[r.Node] = true
	defer delete(f.open, r.Node)
	if r.Shape() == "array" {
		f.collect(r.Items(), path+"[]")
		return
	}
	for p := range r.Properties() {
		if len(f.fields) >= maxFields {
			return
		}
		name := p.Name
		if path != "" {
			name = path + "/" + p.Name
		}
		if p.Schema.IsInternal() {
			continue
		}
		f.fields = append(f.fields, Field{name, cmp.Or(p.Schema.Shape(), "any"), p.Schema.Title()})
		f.collect(p.Schema, name)
	}
}
