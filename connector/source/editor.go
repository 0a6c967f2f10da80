package source

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Member is one member of an object that is to be written.
type Member struct {
	Key   string
	Value any
}

// Members is an object that is to be written, its members in order.
type Members []Member

// Raw is a value that is written as it stands. It must be whole and fit into
// the format of the file.
type Raw string

// Editor collects changes to one [File] and turns them into edits that are
// written in the style of that file. It changes nothing itself.
//
// Values are string, bool, int, float64, [json.Number], nil, []any, [Members],
// [Raw], or a [Node] of any file, which is copied. A member may be named by its
// value or by its key.
//
// Calls that say the same of a place count once. Calls that contradict each
// other are an error, and so is a change that cannot be made without changing
// anything else: where the parser had to guess, at a YAML alias or where one
// shares the text, at a merge key, in a plain scalar that runs over lines. The
// first error is the result of [Editor.Edits].
type Editor struct {
	f        *File
	waiting  []command
	changes  map[int32]*change // by the container they are in
	style    *style            // nil until it is needed
	shared   []Range           // what YAML aliases stand for
	scalars  []Node            // the block scalars of YAML, in order
	doubtful bool              // a new name is there already, if nothing removes it
	err      error
}

// Editor returns an editor without any changes.
func (f *File) Editor() *Editor {
	e := &Editor{f: f, changes: map[int32]*change{}}
	if f.Format == JSON {
		return e
	}
	for i := range f.nodes {
		n := Node{f, int32(i)}
		if n.IsAlias() {
			e.shared = append(e.shared, Node{f, n.raw().link}.Range())
		} else if isBlockScalar(n) {
			e.scalars = append(e.scalars, n)
		}
	}
	return e
}

// A command is one call of the editor. Most fixes are never applied: commands on
// a sound JSON file wait until somebody wants the edits.
type command struct {
	run   func(*Editor, *command)
	of    Kind // that at must be; Absent if any will do
	at    Node
	key   string
	value any
}

func (e *Editor) record(c command) {
	isPossible := c.at.f == e.f && c.at.Exists() && (c.of == Absent || c.of == c.at.Kind())
	if e.f.Format == JSON && len(e.f.Problems) == 0 && e.err == nil && isPossible {
		e.waiting = append(e.waiting, c)
	} else {
		e.runAll()
		c.run(e, &c)
	}
}

func (e *Editor) runAll() {
	for i := range e.waiting {
		e.waiting[i].run(e, &e.waiting[i])
	}
	e.waiting = nil
}

// change is all that is to happen to the children of one container. It becomes
// edits as a whole, because commas depend on all of it. The root of a file is
// the only child of an absent container.
type change struct {
	in       Node
	children []child
	added    Members // to a container without children
}

type child struct {
	key, value Node
	remove     bool
	rename     bool
	replace    bool
	name       string
	with       any
	after      Members // to be inserted after it; items have no key
}

// stays reports whether anything will stand where the child does.
func (c *child) stays() bool { return !c.remove || len(c.after) > 0 }

// Set makes value the value of the member key of object: it replaces the value
// the member has, or else appends a member. A member that is being removed does
// not count, nor does one that a merge key brings in.
func (e *Editor) Set(object Node, key string, value any) {
	e.record(command{(*Editor).set, Object, object, key, value})
}

func (e *Editor) set(cmd *command) {
	object, key := cmd.at, cmd.key
	c, v := e.container(object, Object), e.tree(object, cmd.value)
	if e.err != nil {
		return
	}
	for i := len(c.children) - 1; i >= 0; i-- { // the last one counts, as for Get
		if ch := &c.children[i]; ch.key.Is(key) && !ch.remove {
			if e.editable(ch.value, object) {
				e.replace(ch, v)
			}
			return
		}
	}
	e.insert(c, c.end(), Member{key, v})
}

// InsertAfter adds a member to an object, right after the given one.
func (e *Editor) InsertAfter(member Node, key string, value any) {
	e.record(command{(*Editor).insertAfter, Absent, member, key, value})
}

func (e *Editor) insertAfter(cmd *command) {
	member, key := cmd.at, cmd.key
	c, ch := e.child(member)
	v := e.tree(member, cmd.value)
	switch {
	case e.err != nil:
	case !ch.key.Exists():
		e.fail(member, "there is no member to insert %q after", key)
	default:
		e.insert(c, &ch.after, Member{key, v})
	}
}

// Append adds an item at the end of an array.
func (e *Editor) Append(array Node, value any) {
	e.record(command{(*Editor).append, Array, array, "", value})
}

func (e *Editor) append(cmd *command) {
	c, v := e.container(cmd.at, Array), e.tree(cmd.at, cmd.value)
	if e.err == nil {
		end := c.end()
		*end = append(*end, Member{Value: v})
	}
}

// Replace replaces one value by another.
func (e *Editor) Replace(value Node, with any) {
	e.record(command{(*Editor).replaceBy, Absent, value, "", with})
}

func (e *Editor) replaceBy(cmd *command) {
	_, ch := e.child(cmd.at)
	v := e.tree(cmd.at, cmd.value)
	if e.err == nil {
		e.replace(ch, v)
	}
}

// Rename changes the key of a member.
func (e *Editor) Rename(member Node, key string) {
	e.record(command{(*Editor).rename, Absent, member, key, nil})
	e.doubtful = e.doubtful || member.Parent().Get(key).Exists()
}

func (e *Editor) rename(cmd *command) {
	member, key := cmd.at, cmd.key
	_, ch := e.child(member)
	switch {
	case e.err != nil:
	case !ch.key.Exists():
		e.fail(member, "only a member has a key")
	case ch.rename && ch.name != key:
		e.fail(member, "the key is to become both %q and %q", ch.name, key)
	case ch.key.IsMerge():
		e.fail(member, "a merge key cannot be edited")
	default:
		ch.rename, ch.name = true, key
	}
}

// Remove removes a member or an item, with what belongs to it alone: its comma,
// its lines, and the comment at the end of its line. Comments on lines of their
// own stay.
func (e *Editor) Remove(n Node) {
	e.record(command{(*Editor).remove, Absent, n, "", nil})
}

func (e *Editor) remove(cmd *command) {
	n := cmd.at
	c, ch := e.child(n)
	switch {
	case e.err != nil:
	case !c.in.Exists():
		e.fail(n, "the outermost value cannot be removed")
	case ch.key.IsMerge():
		e.fail(n, "a merge key cannot be edited")
	case e.removable(ch.value):
		ch.remove = true
	}
}

func (e *Editor) replace(ch *child, v any) {
	switch {
	case ch.value.IsAlias():
		e.fail(ch.value, "the value is an alias")
	case ch.key.IsMerge():
		e.fail(ch.value, "a merge key cannot be edited")
	case ch.replace && !reflect.DeepEqual(ch.with, v):
		e.fail(ch.value, "the value is to be replaced by two others")
	case e.removable(ch.value):
		ch.replace, ch.with = true, v
	}
}

// insert adds a member to one of the lists of c, unless one of them has it.
func (e *Editor) insert(c *change, list *Members, m Member) {
	for _, l := range c.lists() {
		for _, other := range *l {
			if other.Key != m.Key {
				continue
			}
			if !reflect.DeepEqual(other.Value, m.Value) {
				e.fail(c.in, "the key %q is to be added with two values", m.Key)
			}
			return
		}
	}
	*list = append(*list, m)
}

// end returns the list of what is inserted at the end of the container.
func (c *change) end() *Members {
	if len(c.children) == 0 {
		return &c.added
	}
	return &c.children[len(c.children)-1].after
}

func (c *change) lists() []*Members {
	lists := []*Members{&c.added}
	for i := range c.children {
		lists = append(lists, &c.children[i].after)
	}
	return lists
}

func (e *Editor) fail(at Node, format string, args ...any) {
	if e.err == nil {
		line := e.f.Position(at.Range().Start).Line
		e.err = fmt.Errorf("edit %s, line %d: %s", e.f.Name, line, fmt.Sprintf(format, args...))
	}
}

// container returns what happens in n, which must be of the given kind; if it
// cannot be edited, the editor has failed.
func (e *Editor) container(n Node, kind Kind) *change {
	switch {
	case !e.editable(n, n):
		return nil
	case n.IsAlias():
		e.fail(n, "the %s is an alias", kind)
		return nil
	case n.Kind() != kind:
		e.fail(n, "expected %s, found %s", kind, n.Kind())
		return nil
	}
	return e.change(n)
}

// child returns what happens to the member or item n, and in its container; if
// it cannot be edited, the editor has failed.
func (e *Editor) child(n Node) (*change, *child) {
	if n.IsKey() {
		n.id++
	}
	if !e.editable(n, n.Parent()) {
		return nil, nil
	}
	c := e.change(n.Parent())
	return c, c.child(n)
}

func (c *change) child(n Node) *child {
	i, _ := slices.BinarySearchFunc(c.children, n.id, func(ch child, id int32) int { return int(ch.value.id - id) })
	return &c.children[i]
}

// editable reports whether n may be changed, which stands in or is container.
func (e *Editor) editable(n, container Node) bool {
	switch {
	case e.err != nil:
	case n.f != e.f || !n.Exists():
		e.fail(Node{}, "there is no such node in the file")
	case e.f.Transcoded:
		e.fail(n, "the file is not UTF-8")
	case e.f.IsDamaged(n.Range()):
		e.fail(n, "its syntax is damaged")
	case n.Kind() == Invalid:
		e.fail(n, "the text is not a value")
	case container.Exists() && e.sharedAround(container):
		e.fail(n, "aliases elsewhere stand for the text around it")
	}
	return e.err == nil
}

func (e *Editor) sharedAround(n Node) bool {
	return slices.ContainsFunc(e.shared, func(r Range) bool { return r.Contains(n.Range()) })
}

// removable reports whether nothing depends on the text of n, and whether it is
// plain how far that reaches.
func (e *Editor) removable(n Node) bool {
	switch within := n.Range().Contains; {
	case slices.ContainsFunc(e.f.Damaged, within):
		e.fail(n, "the syntax in it is damaged")
	case slices.ContainsFunc(e.shared, within), e.f.Format == YAML && namesAnchor(n):
		e.fail(n, "aliases elsewhere stand for the value or a part of it")
	}
	return e.err == nil
}

var anchor = regexp.MustCompile(`&([0-9A-Za-z_-]+)`)

// namesAnchor reports whether there seems to be an anchor in n and an alias to
// it anywhere. Not all of them are in the tree: keys can have anchors, too.
func namesAnchor(n Node) bool {
	for _, match := range anchor.FindAllStringSubmatch(n.Text(), -1) {
		if strings.Contains(n.f.Text, "*"+match[1]) {
			return true
		}
	}
	return false
}

// change returns what happens in a container.
func (e *Editor) change(in Node) *change {
	if e.changes[in.id] == nil {
		e.changes[in.id] = e.noChange(in)
	}
	return e.changes[in.id]
}

func (e *Editor) noChange(in Node) *change {
	c := &change{in: in}
	if !in.Exists() {
		c.children = []child{{value: e.f.Root()}}
	}
	for key, value := range in.WrittenMembers() {
		c.children = append(c.children, child{key: key, value: value})
	}
	for _, item := range in.Items() {
		c.children = append(c.children, child{value: item})
	}
	return c
}

// Edits returns the edits that make all changes, in the order of their places,
// or the first thing that speaks against them. There are none if nothing would
// be different.
//
// Edits claim what they rely on, so that two editors' lists do not merge if
// together they would go wrong: the removal of the last member, for one, takes
// the space from the comma before it. Where a value is replaced or removed at
// whose end something could be inserted, an insert of nothing claims the place.
func (e *Editor) Edits() ([]Edit, error) {
	e.runAll()
	var edits []Edit
	// What is inserted at the end of an inner container stands before what is
	// inserted behind the one around it.
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(e.changes))) {
		c := e.changes[id]
		if e.check(c); e.err == nil && !e.isMoot(c) {
			edits = append(edits, e.layout(c)...)
		}
	}
	edits = joinInserts(joinDeletions(inOrder(edits)))
	if i := overlap(edits); i > 0 && e.err == nil {
		line := e.f.Position(edits[i].Start).Line
		e.err = fmt.Errorf("edit %s, line %d: two changes concern the same text", e.f.Name, line)
	}
	if e.err != nil {
		return nil, e.err
	}
	edits = slices.DeleteFunc(edits, func(ed Edit) bool { return !ed.isInsert() && e.f.Text[ed.Start:ed.End] == ed.New })
	if !slices.ContainsFunc(edits, func(ed Edit) bool { return !ed.isInsert() || ed.New != "" }) {
		return nil, nil
	}
	return edits, nil
}

// joinDeletions makes one deletion of those that overlap.
func joinDeletions(inOrder []Edit) []Edit {
	var joined []Edit
	for _, ed := range inOrder {
		if last := len(joined) - 1; last >= 0 && ed.New == "" && joined[last].New == "" && ed.Start < joined[last].End {
			joined[last].End = max(joined[last].End, ed.End)
		} else {
			joined = append(joined, ed)
		}
	}
	return joined
}

// isMoot reports whether c only removes what goes anyway, because something
// around it is removed. It fails if c does more than that, or if something
// around it is replaced.
func (e *Editor) isMoot(c *change) bool {
	for n := c.in; n.Exists(); n = n.Parent() {
		outer := e.changes[n.Parent().id]
		if outer == nil {
			continue
		}
		ch := outer.child(n)
		if ch.remove && c.onlyRemoves() {
			return true
		}
		if ch.remove || ch.replace {
			e.fail(c.in, "there are changes within what is to be removed or replaced")
		}
	}
	return false
}

func (c *change) onlyRemoves() bool {
	return len(c.added) == 0 && !slices.ContainsFunc(c.children, func(ch child) bool {
		return ch.rename || ch.replace || len(ch.after) > 0
	})
}

// check fails if a child is to be removed and changed, or if two members would
// have the same name that do not have it now.
func (e *Editor) check(c *change) {
	count, isNew := map[string]int{}, map[string]bool{}
	for _, ch := range c.children {
		name, ok := ch.key.Str()
		switch {
		case ch.remove && (ch.rename || ch.replace):
			e.fail(ch.value, "it is to be removed and to be changed")
		case ch.rename && ch.name != name:
			count[ch.name]++
			isNew[ch.name] = true
		case ok && !ch.remove:
			count[name]++
		}
	}
	for _, list := range c.lists() {
		for _, m := range *list {
			count[m.Key]++
			isNew[m.Key] = c.in.Kind() == Object
		}
	}
	for name := range isNew {
		if isNew[name] && count[name] > 1 {
			e.fail(c.in, "the key %q would be there twice", name)
		}
	}
}

// settled returns c with what is inserted before a child that is removed moved
// into the place of that child, so that there is no comma to think about.
func (c *change) settled() *change {
	c = &change{in: c.in, children: slices.Clone(c.children), added: c.added}
	for i := 1; i < len(c.children); i++ {
		if before, ch := &c.children[i-1], &c.children[i]; ch.remove && !before.remove {
			ch.after = slices.Concat(before.after, ch.after)
			before.after = nil
		}
	}
	return c
}

// lastStaying returns the index of the last child at which something will stand,
// -1 if there is none.
func (c *change) lastStaying() int {
	i := len(c.children) - 1
	for i >= 0 && !c.children[i].stays() {
		i--
	}
	return i
}

func (e *Editor) layout(c *change) []Edit {
	if e.style == nil {
		e.style = e.f.style()
	}
	isYAML := e.f.Format == YAML
	switch {
	case isYAML && e.style.oddLines:
		e.fail(c.in, "the file has line breaks or tabs of an unusual kind")
		return nil
	case isYAML && isEmptyInBlock(c.in):
		outer := e.noChange(c.in.Parent())
		ch := outer.child(c.in)
		ch.replace, ch.with = true, c.addedValue()
		return (&block{e: e, change: outer}).edits()
	case isYAML && !isBracketed(c.in):
		return (&block{e: e, change: c.settled()}).edits()
	}
	return (&brackets{e: e, change: c.settled()}).edits()
}

// isBracketed reports whether n is a container in brackets.
func isBracketed(n Node) bool {
	text := n.Text()
	return text != "" && (text[0] == '{' || text[0] == '[')
}

// isEmptyInBlock reports whether n has brackets only because it is empty.
func isEmptyInBlock(n Node) bool {
	return isBracketed(n) && n.firstChild() == 0 && strings.Trim(n.Text(), "[{}] \t\r\n") == "" && !isBracketed(n.Parent())
}
