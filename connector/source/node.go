package source

import (
	"encoding/json"
	"iter"
	"strconv"
	"strings"
)

// Kind says what a node is. The zero Kind is Absent.
type Kind uint8

const (
	Absent  Kind = iota // no such node
	Null                // null
	Bool                // true or false
	Number              // a JSON number
	String              // a string, or an object's key
	Array               // [...] or a block sequence
	Object              // {...} or a block mapping
	Invalid             // text that is none of these; the parser has reported it
)

var kindNames = [...]string{"nothing", "null", "boolean", "number", "string", "array", "object", "invalid"}

// String returns the name that JSON Schema uses for the kind.
func (k Kind) String() string { return kindNames[k] }

// A node is 24 bytes without pointers, so that the garbage collector never
// looks inside a tree. Nodes stand in document order: the children of a
// container follow it, and the value of a member follows its key.
type node struct {
	start, end int32 // byte range in File.Text
	parent     int32 // the container; 0 for the root
	next       int32 // the next key of an object or item of an array; 0 for the last
	link       int32 // YAML alias: the node it stands for
	kind       Kind
	flags      flag
}

type flag uint8

const (
	flagEscaped flag = 1 << iota // a JSON string with escapes or invalid UTF-8: decode before use
	flagBare                     // a string without quotes around it
	flagTable                    // File.decoded holds the value
	flagKey                      // the key of a member
	flagAlias                    // a YAML alias; link is its target
	flagFull                     // a container that has at least one child, which is the next node
	flagMerge                    // a YAML merge key, whose sources the parser found cheap enough
)

// Node is a handle to one value, or one key, of a [File]. The zero Node means
// absent, and every method is safe on it, so a path of Get calls needs no
// checks on the way.
type Node struct {
	f  *File
	id int32
}

func (n Node) raw() *node {
	if n.f == nil {
		return &absent
	}
	return &n.f.nodes[n.id]
}

var absent node

// deref follows a YAML alias to the anchor it names.
func (n Node) deref() Node {
	if r := n.raw(); r.flags&flagAlias != 0 {
		return Node{n.f, r.link}
	}
	return n
}

// IsAlias reports whether n is a YAML alias. Its value is the value of the
// anchor, but its range is its own; a walk that enters aliases can take
// exponential time.
func (n Node) IsAlias() bool { return n.raw().flags&flagAlias != 0 }

// Exists reports whether n is there at all.
func (n Node) Exists() bool { return n.raw().kind != Absent || n.IsAlias() }

// File returns the file that n belongs to, nil for the zero Node.
func (n Node) File() *File { return n.f }

// Kind returns what n is.
func (n Node) Kind() Kind { return n.deref().raw().kind }

// Range returns the bytes of n, quotes and brackets included.
func (n Node) Range() Range {
	r := n.raw()
	return Range{int(r.start), int(r.end)}
}

// Text returns the bytes of n as they stand in the file.
func (n Node) Text() string {
	if n.f == nil {
		return ""
	}
	r := n.raw()
	return n.f.Text[r.start:r.end]
}

// IsKey reports whether n is the key of a member.
func (n Node) IsKey() bool { return n.raw().flags&flagKey != 0 }

// Key returns the key of the member whose value is n. It is absent for array
// items, for keys and for the root.
func (n Node) Key() Node {
	if n.f == nil || n.id <= 1 || n.IsKey() || n.f.nodes[n.id-1].flags&flagKey == 0 {
		return Node{}
	}
	return Node{n.f, n.id - 1}
}

// KeyOrSelf returns the key of n if it has one, else n: the place to underline
// when the member as a whole is meant.
func (n Node) KeyOrSelf() Node {
	if k := n.Key(); k.Exists() {
		return k
	}
	return n
}

// Underline returns the range that stands for the value in a report: a scalar
// as it is; of an object or array, which may be long, its key.
func (n Node) Underline() Range {
	if k := n.Kind(); k != Object && k != Array || n.IsAlias() {
		return n.Range()
	}
	if key := n.Key(); key.Exists() {
		return key.Range()
	}
	start := n.Range().Start
	return Range{Start: start, End: start + 1}
}

// KeyStr returns the decoded name of the member whose value is n, "" if it is
// not a member.
func (n Node) KeyStr() string {
	s, _ := n.Key().Str()
	return s
}

// Parent returns the object or array that holds n.
func (n Node) Parent() Node {
	if p := n.raw().parent; p != 0 {
		return Node{n.f, p}
	}
	return Node{}
}

func (n Node) firstChild() int32 {
	if n.f == nil || n.raw().flags&flagFull == 0 {
		return 0
	}
	return n.id + 1
}

// Get returns the value of the member named key, the last one if the name is
// there more than once, as importers take it. It sees through YAML aliases and
// merge keys.
func (n Node) Get(key string) Node {
	n = n.deref()
	if n.raw().kind != Object {
		return Node{}
	}
	var found Node
	for id := n.firstChild(); id != 0; {
		r := &n.f.nodes[id]
		if r.flags&(flagTable|flagBare|flagEscaped|flagAlias) == 0 && r.kind == String { // Is, without the call
			if int(r.end-r.start) == len(key)+2 && n.f.Text[r.start+1:r.end-1] == key {
				found = Node{n.f, id + 1}
			}
		} else if (Node{n.f, id}).Is(key) {
			found = Node{n.f, id + 1}
		}
		id = r.next
	}
	if !found.Exists() && n.f.merges {
		return n.mergedGet(key)
	}
	return found
}

// mergedGet looks in what the merge keys of n name. It can neither loop nor
// take long: an alias stands after its anchor, and the parser has bounded what
// all merge keys of the file bring in.
func (n Node) mergedGet(key string) Node {
	for k, v := range n.ownMembers() {
		if k.raw().flags&flagMerge == 0 {
			continue
		}
		for source := range v.mergeSources() {
			if found := source.Get(key); found.Exists() {
				return found
			}
		}
	}
	return Node{}
}

// mergeSources yields the mappings that the value of a merge key names.
func (n Node) mergeSources() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		n = n.deref()
		switch n.raw().kind {
		case Object:
			yield(n)
		case Array:
			for _, item := range n.Items() {
				if item = item.deref(); item.raw().kind == Object && !yield(item) {
					return
				}
			}
		}
	}
}

// Members yields the members of an object, key and value, in document order; after
// them, as Get finds them, those that a YAML merge key brings in.
func (n Node) Members() iter.Seq2[Node, Node] {
	o := n.deref()
	return func(yield func(Node, Node) bool) { // one function, which the compiler puts where it is called
		if o.f != nil && o.f.merges {
			for _, m := range o.merged() {
				if !yield(m.key, m.value) {
					return
				}
			}
			return
		}
		if o.raw().kind != Object {
			return
		}
		for id := o.firstChild(); id != 0; id = o.f.nodes[id].next {
			if !yield(Node{o.f, id}, Node{o.f, id + 1}) {
				return
			}
		}
	}
}

type member struct{ key, value Node }

// merged returns the members of an object in a file with merge keys.
func (n Node) merged() (members []member) {
	var merges []Node
	said := map[string]bool{}
	for k, v := range n.ownMembers() {
		if k.IsMerge() {
			merges = append(merges, v)
			continue
		}
		name, _ := k.Str()
		said[name], members = true, append(members, member{k, v})
	}
	for _, v := range merges {
		for source := range v.mergeSources() {
			for _, m := range source.merged() {
				if name, _ := m.key.Str(); !said[name] {
					said[name], members = true, append(members, m)
				}
			}
		}
	}
	return members
}

// WrittenMembers yields the members of an object as they are written: merge keys,
// and not what they bring in.
func (n Node) WrittenMembers() iter.Seq2[Node, Node] { return n.deref().ownMembers() }

// IsMerge reports whether a key is a YAML merge key, which decides about more than
// the member it stands in.
func (n Node) IsMerge() bool { return n.raw().flags&flagMerge != 0 }

func (n Node) ownMembers() iter.Seq2[Node, Node] {
	return func(yield func(Node, Node) bool) {
		if n.raw().kind != Object {
			return
		}
		for id := n.firstChild(); id != 0; id = n.f.nodes[id].next {
			if !yield(Node{n.f, id}, Node{n.f, id + 1}) {
				return
			}
		}
	}
}

// Items yields the items of an array with their indexes.
func (n Node) Items() iter.Seq2[int, Node] {
	return func(yield func(int, Node) bool) {
		n = n.deref()
		if n.raw().kind != Array {
			return
		}
		i := 0
		for id := n.firstChild(); id != 0; id = n.f.nodes[id].next {
			if !yield(i, Node{n.f, id}) {
				return
			}
			i++
		}
	}
}

// Len returns the number of members or items, 0 for anything else.
func (n Node) Len() int {
	n = n.deref()
	count := 0
	for id := n.firstChild(); id != 0; id = n.f.nodes[id].next {
		count++
	}
	return count
}

// Item returns the item at index i of an array.
func (n Node) Item(i int) Node {
	for j, item := range n.Items() {
		if j == i {
			return item
		}
	}
	return Node{}
}

// Str returns the decoded value of a string. Invalid UTF-8 becomes U+FFFD, as
// in encoding/json.
func (n Node) Str() (string, bool) {
	n = n.deref()
	r := n.raw()
	if r.kind != String {
		return "", false
	}
	switch {
	case r.flags&flagTable != 0:
		return n.f.decoded[n.id], true
	case r.flags&flagBare != 0:
		return n.f.Text[r.start:r.end], true
	case r.flags&flagEscaped != 0:
		return unquote(n.f.Text[r.start+1 : r.end-1]), true
	}
	return n.f.Text[r.start+1 : r.end-1], true
}

// Is reports whether n is the string s. It does not allocate.
func (n Node) Is(s string) bool {
	r := n.raw()
	if r.kind == String && r.flags&(flagTable|flagBare|flagEscaped|flagAlias) == 0 {
		return int(r.end-r.start) == len(s)+2 && n.f.Text[r.start+1:r.end-1] == s
	}
	v, ok := n.Str()
	return ok && v == s
}

// Bool returns the value of a boolean.
func (n Node) Bool() (value, ok bool) {
	n = n.deref()
	if n.raw().kind != Bool {
		return false, false
	}
	if n.raw().flags&flagTable != 0 {
		return n.f.decoded[n.id] == "true", true
	}
	c := n.f.Text[n.raw().start]
	return c == 't' || c == 'T', true
}

// IsTrue reports whether n is the boolean true.
func (n Node) IsTrue() bool {
	v, _ := n.Bool()
	return v
}

// number returns the text of a number in JSON's own notation.
func (n Node) number() json.Number {
	n = n.deref()
	if n.raw().flags&flagTable != 0 {
		return json.Number(n.f.decoded[n.id])
	}
	return json.Number(n.Text())
}

// Int returns the value of a number that is an integer.
func (n Node) Int() (int64, bool) {
	if n.Kind() != Number {
		return 0, false
	}
	v, err := strconv.ParseInt(string(n.number()), 10, 64)
	return v, err == nil
}

// maxValueNodes bounds what Value decodes, because YAML aliases can make a
// small file stand for a huge value.
const maxValueNodes = 1 << 20

// Value returns n as encoding/json with UseNumber would: nil, bool,
// [json.Number], string, []any or map[string]any. An Invalid node, and what a
// hostile YAML file asks for beyond a million nodes or MaxDepth, is nil. It
// copies, so it is meant for subtrees that another library must see.
func (n Node) Value() any {
	budget := maxValueNodes
	return n.value(&budget, MaxDepth)
}

func (n Node) value(budget *int, depth int) any {
	if *budget--; *budget < 0 {
		return nil
	}
	switch kind := n.Kind(); {
	case kind == Bool:
		return n.IsTrue()
	case kind == Number:
		return n.number()
	case kind == String:
		s, _ := n.Str()
		return s
	case kind == Array && depth > 0:
		items := []any{}
		for _, item := range n.Items() {
			items = append(items, item.value(budget, depth-1))
		}
		return items
	case kind == Object && depth > 0:
		members := map[string]any{}
		n.deref().merge(members, budget, depth-1)
		return members
	}
	return nil
}

// merge adds the members of n, and before them what its merge keys bring in:
// the first source wins, and what n says itself wins over all.
func (n Node) merge(into map[string]any, budget *int, depth int) {
	for k, v := range n.ownMembers() {
		if k.raw().flags&flagMerge == 0 || depth == 0 {
			continue
		}
		for source := range v.mergeSources() {
			inner := map[string]any{}
			source.merge(inner, budget, depth-1)
			if *budget -= len(inner) + 1; *budget < 0 {
				return
			}
			for name, value := range inner {
				if _, set := into[name]; !set {
					into[name] = value
				}
			}
		}
	}
	for k, v := range n.ownMembers() {
		if name, ok := k.Str(); ok && k.raw().flags&flagMerge == 0 {
			into[name] = v.value(budget, depth)
		}
	}
}

// Pointer returns the JSON Pointer (RFC 6901) of n; a key has the pointer of
// its member. The root's is "".
func (n Node) Pointer() string {
	if n.f == nil {
		return ""
	}
	if n.IsKey() {
		n.id++
	}
	var steps []string
	for n.Parent().Exists() {
		parent := n.Parent()
		if parent.raw().kind == Object {
			steps = append(steps, EscapePointer(n.KeyStr()))
		} else {
			steps = append(steps, strconv.Itoa(n.index()))
		}
		n = parent
	}
	var b strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		b.WriteByte('/')
		b.WriteString(steps[i])
	}
	return b.String()
}

func (n Node) index() int {
	for i, item := range n.Parent().Items() {
		if item.id == n.id {
			return i
		}
	}
	return -1
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")
var pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

// EscapePointer escapes one step of a JSON Pointer (RFC 6901, section 3).
func EscapePointer(step string) string {
	if !strings.ContainsAny(step, "~/") {
		return step
	}
	return pointerEscaper.Replace(step)
}

// UnescapePointer is the inverse of [EscapePointer].
func UnescapePointer(step string) string {
	if !strings.Contains(step, "~") {
		return step
	}
	return pointerUnescaper.Replace(step)
}

// At returns the node that a JSON Pointer names, seen from n.
func (n Node) At(pointer string) Node {
	for pointer != "" && n.Exists() {
		if pointer[0] != '/' {
			return Node{}
		}
		step, rest, more := strings.Cut(pointer[1:], "/")
		pointer = ""
		if more {
			pointer = "/" + rest
		}
		if n.Kind() == Array {
			i, err := strconv.Atoi(step)
			if err != nil || strconv.Itoa(i) != step {
				return Node{}
			}
			n = n.Item(i)
			continue
		}
		n = n.Get(UnescapePointer(step))
	}
	return n
}
