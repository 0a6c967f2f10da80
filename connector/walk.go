package connector

import (
	"maps"
	"slices"
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
	// Member is called for every member whose name the grammar knows in an
	// object of this role, and for every extension of the vocabulary.
	Member func(word Word, value source.Node, on Role)
	// Unknown is called for every other member of an object whose role has a
	// closed set of names.
	Unknown func(name string, value source.Node, on Role)
	// Misfit is called for every value of another kind than its role has:
	// expected is Object or Array.
	Misfit func(role Role, value source.Node, expected source.Kind)
}

// Word is a name of the grammar or the vocabulary, as a small number: an index
// for tables of what to do with members of that name.
type Word uint16

// WordOf returns the number of a name, and whether it has one.
func WordOf(name string) (Word, bool) { return words.find(name) }

// WordCount is greater than every [Word].
func WordCount() int { return words.size }

// words numbers all names, and lexicon holds what the walk asks of a name, by
// role: one look for each member.
var words, lexicon = func() (numbers table[Word], tables [roleCount]table[entry]) {
	number := func(name string) Word {
		w, known := numbers.find(name)
		if !known {
			w = Word(numbers.size)
			numbers.add(name, w)
		}
		return w
	}
	for role := range grammar {
		for name, inner := range grammar[role].keys {
			tables[role].add(name, entry{inner, number(name)})
		}
	}
	for e := range Vocabulary() {
		number(e.Name)
	}
	return numbers, tables
}()

// KeysOf returns the names that an object of a role may have, extensions apart,
// sorted.
func KeysOf(role Role) []string { return slices.Sorted(maps.Keys(grammar[role].keys)) }

type entry struct {
	role Role
	word Word
}

// table finds things by their names, whose lengths tell most of them apart: in
// half the time of a map, for every member of every file.
type table[T any] struct {
	byLength [][]namedThing[T]
	size     int
}

type namedThing[T any] struct {
	name  string
	thing T
}

func (t *table[T]) add(name string, thing T) {
	for len(t.byLength) <= len(name) {
		t.byLength = append(t.byLength, nil)
	}
	t.byLength[len(name)] = append(t.byLength[len(name)], namedThing[T]{name, thing})
	t.size++
}

func (t *table[T]) find(name string) (thing T, ok bool) {
	if len(name) < len(t.byLength) {
		same := t.byLength[len(name)]
		for i := range same {
			if same[i].name == name {
				return same[i].thing, true
			}
		}
	}
	return thing, false
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
	if w.Member == nil {
		w.Member = func(Word, source.Node, Role) {}
	}
	if w.Unknown == nil {
		w.Unknown = func(string, source.Node, Role) {}
	}
	if w.Misfit == nil {
		w.Misfit = func(Role, source.Node, source.Kind) {}
	}
	w.walk(RoleDocument, d.Root)
}

func (w *Walker) walk(role Role, n source.Node) {
	if n.IsAlias() {
		return
	}
	p := &grammar[role]
	isObject := p.keys != nil || p.any != RoleNone
	switch kind := n.Kind(); {
	case kind == source.Object && isObject:
		w.object(role, n)
	case kind == source.Array && p.items != RoleNone && (!isObject || n.Key().Is("items")): // a list of schemas may stand for one there
		for _, item := range n.Items() {
			w.walk(p.items, item)
		}
	case kind == source.Invalid, kind == source.Bool && n.Key().Is("additionalProperties"):
	case isObject:
		w.Misfit(role, n, source.Object)
	default:
		w.Misfit(role, n, source.Array)
	}
}

func (w *Walker) object(role Role, n source.Node) {
	if role == RoleParameter && n.Get("in").Is("body") {
		role = RoleBodyParameter
	}
	w.Enter(role, n)
	p, known := &grammar[role], &lexicon[role]
	for key, value := range n.WrittenMembers() {
		if key.IsMerge() {
			continue // what it brings in is visited where it stands
		}
		name, _ := key.Str()
		e, ok := known.find(name)
		switch isExtension := p.extensible && isExtensionName(name); {
		case isExtension:
			w.Extension(name, value, role)
			if word, ok := words.find(name); ok {
				w.Member(word, value, role)
			}
		case ok:
			w.Member(e.word, value, role)
		case p.any != RoleNone:
			w.walk(p.any, value)
		case p.extensible:
			w.Unknown(name, value, role)
		}
		if ok && e.role != RoleNone {
			w.walk(e.role, value)
		}
	}
}

// RoleOf returns the role of a value by the place where it stands, the one that
// [Definition.Walk] calls it by: a reference may lead from a schema to a value
// that is none. It is [RoleNone] outside of the grammar.
func (d *Definition) RoleOf(n source.Node) Role {
	in := n.Parent()
	if !in.Exists() {
		return RoleDocument
	}
	within := d.RoleOf(in)
	role := grammar[within].items
	if in.Kind() == source.Object {
		name := n.KeyStr()
		e, known := lexicon[within].find(name)
		role = e.role
		if !known && !(grammar[within].extensible && isExtensionName(name)) {
			role = grammar[within].any
		}
	}
	if role == RoleParameter && n.Get("in").Is("body") {
		role = RoleBodyParameter
	}
	return role
}

func isExtensionName(name string) bool {
	return strings.HasPrefix(name, "x-") || strings.HasPrefix(name, "X-")
}
