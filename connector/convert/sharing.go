package convert

import (
	"slices"

	"github.com/connectorctl/connectorctl/connector/source"
)

// reference is an object with "$ref", and where that leads.
type reference struct{ from, to source.Node }

// references returns all references of the definition, by the entry into which
// they lead: a definition, a path item and the like. It looks everywhere, for
// YAML may keep what others use in places of its own.
func (d *draft) references() map[source.Node][]reference {
	if d.lookup.references != nil {
		return d.lookup.references
	}
	found := map[source.Node][]reference{}
	var search func(source.Node)
	search = func(n source.Node) {
		if n.IsAlias() {
			return // what it stands for is elsewhere
		}
		if ref, ok := n.Get("$ref").Str(); ok {
			if to := d.c.Definition.Target(ref); to.Exists() {
				found[entryOf(to)] = append(found[entryOf(to)], reference{n, to})
			}
		}
		for _, value := range n.Members() {
			search(value)
		}
		for _, item := range n.Items() {
			search(item)
		}
	}
	search(d.c.Definition.Root)
	d.lookup.references = found
	return found
}

// entryOf returns what of the second level of the document a node is in:
// /definitions/Pet, /paths/~1pets. Of what is above it is the node itself.
func entryOf(n source.Node) source.Node {
	root := n.File().Root()
	for n.Parent().Exists() && n.Parent().Parent().Exists() && n.Parent().Parent() != root {
		n = n.Parent()
	}
	return n
}

// sharing tells what may be changed where it stands, because nobody uses it but
// those for whose purpose it is changed. A purpose is the node that is to
// change, such as a callback field to which several requests lead.
type sharing struct {
	uses    map[source.Node]int      // living references, by the entry into which they lead
	own     map[ownUse]int           // those that serve a purpose
	claims  map[source.Node][]ownUse // by reference
	claimed map[claim]bool
	gone    map[source.Node]bool // references that will lead elsewhere
}

type ownUse struct{ purpose, entry source.Node }

type claim struct{ purpose, ref source.Node }

func (d *draft) newSharing() *sharing {
	s := &sharing{map[source.Node]int{}, map[ownUse]int{}, map[source.Node][]ownUse{}, map[claim]bool{}, map[source.Node]bool{}}
	for entry, refs := range d.references() {
		s.uses[entry] = len(refs)
	}
	return s
}

// claim says that a reference serves a purpose. An alias is no reference of its
// own, so what it leads to has other users.
func (s *sharing) claim(purpose, ref, to source.Node) {
	if c := (claim{purpose, ref}); to.Exists() && !ref.IsAlias() && !s.claimed[c] && !s.gone[ref] {
		s.claimed[c] = true
		use := ownUse{purpose, entryOf(to)}
		s.claims[ref] = append(s.claims[ref], use)
		s.own[use]++
	}
}

// leave says that a reference to an entry will lead elsewhere.
func (s *sharing) leave(ref, to source.Node) {
	if s.gone[ref] {
		return
	}
	s.gone[ref] = true
	s.uses[entryOf(to)]--
	for _, use := range s.claims[ref] {
		s.own[use]--
	}
}

// isOnlyFor reports whether what a reference leads to may be changed where it
// stands: it stands there to be referred to, and all references to it, or into
// it, serve the purpose.
func (s *sharing) isOnlyFor(purpose, to source.Node) bool {
	home := to.Parent()
	return home.Exists() && home.Parent() == to.File().Root() &&
		slices.Contains([]string{"definitions", "parameters", "responses"}, home.KeyStr()) &&
		s.uses[to] == s.own[ownUse{purpose, to}]
}
