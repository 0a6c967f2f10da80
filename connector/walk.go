package connector

import (
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Walker holds what [Definition.Walk] calls; a nil callback is skipped.
type Walker struct {
	// Enter is called for every object that has a role, before its members.
	Enter func(Role, source.Node)
	// Extension is called for every member whose name starts with x- (or X-),
	// in an object of a role in which such names are extensions.
	Extension func(name string, value source.Node, on Role)
}

// Walk visits the whole document once, in document order. References are not
// followed, nor YAML aliases: each definition is visited where it stands, so
// the cost is that of the text and cycles cannot matter.
func (d *Definition) Walk(w Walker) {
	if w.Enter == nil {
		w.Enter = func(Role, source.Node) {}
	}
	if w.Extension == nil {
		w.Extension = func(string, source.Node, Role) {}
	}
	w.walk(RoleDocument, d.Root)
}

func (w *Walker) walk(role Role, n source.Node) {
	if n.IsAlias() {
		return
	}
	switch n.Kind() {
	case source.Object:
		w.object(role, n)
	case source.Array:
		if items := grammar[role].items; items != RoleNone {
			for _, item := range n.Items() {
				w.walk(items, item)
			}
		}
	}
}

func (w *Walker) object(role Role, n source.Node) {
	if role == RoleParameter && n.Get("in").Is("body") {
		role = RoleBodyParameter
	}
	w.Enter(role, n)
	p := &grammar[role]
	for key, value := range n.Members() {
		name, _ := key.Str()
		if p.extensible && isExtensionName(name) {
			w.Extension(name, value, role)
		}
		if inner, ok := p.keys[name]; ok {
			w.walk(inner, value)
		} else if p.any != RoleNone && !(p.extensible && isExtensionName(name)) {
			w.walk(p.any, value)
		}
	}
}

func isExtensionName(name string) bool {
	return strings.HasPrefix(name, "x-") || strings.HasPrefix(name, "X-")
}
