package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
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
	f       *File
	changes map[int32]*change // by the container they are in
	style   *style            // nil until it is needed
	shared  []Range           // what YAML aliases stand for
	err     error
}

// Editor returns an editor without any changes.
func (f *File) Editor() *Editor {
	e := &Editor{f: f, changes: map[int32]*change{}}
	for i := range f.nodes {
		if n := &f.nodes[i]; f.Format == YAML && n.flags&flagAlias != 0 {
			e.shared = append(e.shared, Node{f, n.link}.Range())
		}
	}
	return e
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
	c, v := e.container(object, Object), e.tree(object, value)
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
	c, ch := e.child(member)
	v := e.tree(member, value)
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
	c, v := e.container(array, Array), e.tree(array, value)
	if e.err == nil {
		end := c.end()
		*end = append(*end, Member{Value: v})
	}
}

// Replace replaces one value by another.
func (e *Editor) Replace(value Node, with any) {
	_, ch := e.child(value)
	v := e.tree(value, with)
	if e.err == nil {
		e.replace(ch, v)
	}
}

// Rename changes the key of a member.
func (e *Editor) Rename(member Node, key string) {
	_, ch := e.child(member)
	switch {
	case e.err != nil:
	case !ch.key.Exists():
		e.fail(member, "only a member has a key")
	case ch.rename && ch.name != key:
		e.fail(member, "the key is to become both %q and %q", ch.name, key)
	case isMerge(ch.key):
		e.fail(member, "a merge key cannot be edited")
	default:
		ch.rename, ch.name = true, key
	}
}

// Remove removes a member or an item, with what belongs to it alone: its comma,
// its lines, and the comment at the end of its line. Comments on lines of their
// own stay.
func (e *Editor) Remove(n Node) {
	c, ch := e.child(n)
	switch {
	case e.err != nil:
	case !c.in.Exists():
		e.fail(n, "the outermost value cannot be removed")
	case isMerge(ch.key):
		e.fail(n, "a merge key cannot be edited")
	case e.removable(ch.value):
		ch.remove = true
	}
}

func (e *Editor) replace(ch *child, v any) {
	switch {
	case ch.value.IsAlias():
		e.fail(ch.value, "the value is an alias")
	case isMerge(ch.key):
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

// isMerge reports whether key is a YAML merge key, which decides about more than
// the member it stands in.
func isMerge(key Node) bool { return key.raw().flags&flagMerge != 0 }

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
	for key, value := range in.Members() {
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
		e.style = styleOf(e.f)
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

// brackets makes the edits in a container that is written with brackets and
// commas: JSON and the flow style of YAML.
type brackets struct {
	*change
	e     *Editor
	spans []span // of the children
}

// span is where a child stands: with its key, without its comma.
type span struct {
	start, end int
	comma      int  // -1 if none follows
	first      bool // it is the first on its line
}

func (b *brackets) edits() []Edit {
	if !b.locate() {
		b.e.fail(b.in, "the commas or brackets around it are wrong")
		return nil
	}
	if len(b.children) == 0 {
		return []Edit{b.fill()}
	}
	kept := b.lastStaying()
	if kept < 0 {
		return []Edit{b.empty()}
	}
	var edits []Edit
	for i := 0; i <= kept; i++ {
		switch ch := b.children[i]; {
		case !ch.remove:
			edits = append(edits, b.alter(i)...)
		case ch.stays():
			edits = append(edits, b.exchange(i))
		default:
			first := i
			for !b.children[i+1].stays() && b.between(i, " \t") {
				i++
			}
			edits = append(edits, b.remove(first, i))
		}
	}
	if kept < len(b.children)-1 {
		edits = append(edits, b.removeAfter(kept))
	}
	return edits
}

// between reports whether only the given blanks stand between the comma after
// child i and the child that follows.
func (b *brackets) between(i int, blanks string) bool {
	return strings.Trim(b.e.f.Text[b.spans[i].comma+1:b.spans[i+1].start], blanks) == ""
}

// locate finds the spans. It fails if something is missing between them that
// the parser has put up with.
func (b *brackets) locate() bool {
	if !b.in.Exists() {
		r := b.children[0].value.Range()
		b.spans = []span{{r.Start, r.End, -1, true}}
		return true
	}
	text, r := b.in.Text(), b.in.Range()
	if len(text) < 2 || text[len(text)-1] != closerOf(text[0]) {
		return false
	}
	at, closer := b.e.f.skipBlank(r.Start+1, r.End), r.End-1
	for i, ch := range b.children {
		s := span{ch.value.KeyOrSelf().Range().Start, ch.value.Range().End, -1, false}
		if at != s.start || ch.value.Text() == "" { // in YAML, a comma after nothing may become part of the key
			return false
		}
		s.first = b.e.f.startsLine(s.start)
		if at = b.e.f.skipBlank(s.end, closer); b.e.f.Text[at] == ',' {
			s.comma = at
			at = b.e.f.skipBlank(at+1, closer)
		} else if i < len(b.children)-1 {
			return false
		}
		b.spans = append(b.spans, s)
	}
	return at == closer
}

// alter makes the edits at a child that stays: another key, another value, and
// what comes after it.
func (b *brackets) alter(i int) []Edit {
	ch := &b.children[i]
	var edits []Edit
	if ch.rename {
		r := ch.key.Range()
		edits = append(edits, Edit{r.Start, r.End, b.e.style.str(ch.name, quotesOf(ch.key), asFlowKey)})
	}
	if ch.replace && !same(ch.value, ch.with) {
		r := ch.value.Range()
		if b.e.f.Format == YAML && !b.isPlainMember(i) {
			b.e.fail(ch.value, "there is an anchor or a tag, or nothing written at all")
		}
		at := place{b.e.f.indentAt(r.Start), b.hasLines(i), quotesOf(ch.value)}
		edits = append(edits, Edit{r.Start, r.End, b.e.style.bracketed(ch.with, at)})
	}
	if len(ch.after) > 0 {
		edits = append(edits, b.insertAfter(i)...)
	}
	return edits
}

// isPlainMember reports whether the value of child i is written out and nothing
// but a colon stands before it.
func (b *brackets) isPlainMember(i int) bool {
	f, v := b.e.f, b.children[i].value
	if key := v.Key(); key.Exists() {
		colon := f.skipBlank(key.Range().End, len(f.Text))
		if f.skipBlank(colon+1, len(f.Text)) != v.Range().Start {
			return false
		}
	}
	return v.Text() != ""
}

// hasLines reports whether what replaces the value of child i may spread over
// lines: if it did, or else if the child begins a line.
func (b *brackets) hasLines(i int) bool {
	if v := b.children[i].value; v.firstChild() != 0 {
		return strings.Contains(v.Text(), "\n")
	}
	return b.spans[i].first
}

// place says how a child is set that is new beside child i: what separates it
// from its neighbours, and what it may look like.
func (b *brackets) place(i int, ownLine bool) (separator string, at place) {
	s := b.spans[i]
	at = place{indent: b.e.f.indentAt(s.start), lines: ownLine || strings.Contains(b.e.f.Text[s.start:s.end], "\n")}
	if ownLine {
		return b.e.style.newline + at.indent, at
	}
	return b.e.style.space, at
}

// write returns new children with commas between them.
func (b *brackets) write(list Members, separator string, at place) string {
	parts := make([]string, len(list))
	for i, m := range list {
		if b.in.Kind() == Object {
			parts[i] = b.e.style.member(m, at)
		} else {
			parts[i] = b.e.style.bracketed(m.Value, at)
		}
	}
	return strings.Join(parts, ","+separator)
}

// insertAfter adds children behind child i. Their comma stands directly after
// the value before, they themselves behind the comments on its line.
func (b *brackets) insertAfter(i int) []Edit {
	s, last := b.spans[i], i == len(b.children)-1
	at := s.end
	if s.comma >= 0 {
		at = s.comma + 1
	}
	rest, endsLine := b.e.f.restOfLine(at)
	ownLine := (last || endsLine) && (s.first || !last && b.spans[i+1].first)
	like := i
	if ownLine && !s.first {
		like++
	}
	separator, place := b.place(like, ownLine)
	if ownLine && endsLine {
		at = rest
	}
	text := separator + b.write(b.children[i].after, separator, place)
	switch {
	case s.comma >= 0 && last: // others might remove this comma
		return []Edit{{s.comma, at, b.e.f.Text[s.comma:at] + text + ","}}
	case s.comma >= 0:
		return []Edit{{at, at, text + ","}}
	case at == s.end:
		return []Edit{{at, at, "," + text}}
	}
	return []Edit{{s.end, s.end, ","}, {at, at, text}}
}

// exchange writes children in the place of one that is removed.
func (b *brackets) exchange(i int) Edit {
	s := b.spans[i]
	separator, at := b.place(i, s.first)
	return Edit{s.start, s.end, b.write(b.children[i].after, separator, at)}
}

// fill writes the first children of a container, behind its comments if it has
// any.
func (b *brackets) fill() Edit {
	r, start := b.in.Range(), b.in.KeyOrSelf().Range().Start
	inner := b.e.f.Text[r.Start+1 : r.End-1]
	text := b.e.style.bracketed(b.addedValue(), place{
		indent: b.e.f.indentAt(r.Start),
		lines:  !b.in.Parent().Exists() || b.e.f.startsLine(start) || strings.Contains(inner, "\n"),
	})
	if trimmed := strings.TrimRight(inner, " \t\r\n"); trimmed == "" || strings.HasPrefix(text[1:], b.e.style.newline) {
		inner = trimmed
	}
	return Edit{r.Start, r.End, text[:1] + inner + text[1:]}
}

// empty removes all children. It is one edit of the whole container, so that it
// does not merge with one that adds something.
func (b *brackets) empty() Edit {
	f, r := b.e.f, b.in.Range()
	var edits []Edit
	for _, s := range b.spans {
		start, end := s.start, max(s.end, s.comma+1)
		if rest, endsLine := f.restOfLine(end); s.first && endsLine {
			start, end = f.lineStart(start), f.nextLine(rest)
		}
		edits = append(edits, Edit{start - r.Start, end - r.Start, ""})
	}
	text, err := Apply(b.in.Text(), edits)
	if err != nil {
		b.e.fail(b.in, "%v", err)
		return Edit{}
	}
	if strings.Trim(text[1:len(text)-1], " \t\r\n") == "" {
		text = text[:1] + text[len(text)-1:]
	}
	return Edit{r.Start, r.End, text}
}

// remove removes children on one line that others follow: the whole line if
// nothing else is on it, else what keeps the lines of their neighbours as they
// are.
func (b *brackets) remove(first, last int) Edit {
	f, start, end := b.e.f, b.spans[first].start, b.spans[last].comma+1
	rest, endsLine := f.restOfLine(end)
	switch {
	case endsLine && b.spans[first].first:
		return Edit{f.lineStart(start), f.nextLine(rest), ""}
	case endsLine && first > 0 && b.between(first-1, " \t"):
		return Edit{b.spans[first-1].comma + 1, end, ""}
	}
	for !b.children[last+1].stays() && b.between(last, " \t\r\n") {
		last++
	}
	after := f.Text[b.spans[last].comma+1 : b.spans[last+1].start]
	return Edit{start, b.spans[last+1].start - len(strings.TrimLeft(after, " \t\r\n")), ""}
}

// removeAfter removes all children after child kept, and the comma after that.
// The comments on lines of their own stay.
func (b *brackets) removeAfter(kept int) Edit {
	f, from, comments, endsLine := b.e.f, b.spans[kept].comma+1, "", false
	for _, s := range b.spans[kept+1:] {
		end, between, rest := max(s.end, s.comma+1), f.Text[from:s.start], 0
		rest, endsLine = f.restOfLine(end)
		if trimmed := strings.TrimRight(between, " \t\r\n"); endsLine || trimmed == "" {
			between = trimmed
		}
		comments += between
		if from = end; endsLine && s.first {
			from = rest
		}
	}
	if endsLine {
		comments = strings.TrimRight(comments, " \t\r\n")
	}
	return Edit{b.spans[kept].comma, from, comments}
}

// addedValue returns what a container without children becomes.
func (c *change) addedValue() any {
	if c.in.Kind() == Array {
		return c.added.values()
	}
	return c.added
}

func (list Members) values() []any {
	values := make([]any, len(list))
	for i, m := range list {
		values[i] = m.Value
	}
	return values
}

// block makes the edits in a container that is written with indentation. The
// root of a YAML file is the only child of an absent one.
type block struct {
	*change
	e      *Editor
	lines  []lines // of the children
	indent string  // before their keys or dashes
}

// lines is where a child stands: its key or dash, the place behind the colon or
// dash, the value, and the end of the comment on its last line.
type lines struct {
	start, body, value, end, rest int
	first                         bool // it is the first on its line
}

func (b *block) edits() []Edit {
	if !b.locate() {
		b.e.fail(b.in, "it is written in a way that is not edited")
		return nil
	}
	kept := b.lastStaying()
	if kept < 0 {
		return []Edit{b.empty(), b.claim(len(b.children) - 1)}
	}
	var edits []Edit
	for i := 0; i <= kept; i++ {
		switch ch := b.children[i]; {
		case !ch.remove:
			edits = append(edits, b.alter(i)...)
		case ch.stays():
			edits = append(edits, Edit{b.lines[i].start, b.lines[i].end, b.write(ch.after)}, b.claim(i))
		default:
			edits = append(edits, b.remove(i))
		}
	}
	if kept < len(b.children)-1 {
		edits = append(edits, b.removeAfter(kept), b.claim(len(b.children)-1))
	}
	return edits
}

// claim claims the place at which others would insert something into child i.
func (b *block) claim(i int) Edit { return Edit{b.lines[i].rest, b.lines[i].rest, ""} }

// locate finds the lines. It fails where there is more than keys or dashes,
// values and comments.
func (b *block) locate() bool {
	f := b.e.f
	if !b.in.Exists() {
		return b.locateRoot(b.children[0].value)
	}
	at := b.in.Range().Start
	prefix := f.Text[f.lineStart(at):at]
	if b.indent = strings.Repeat(" ", len(prefix)); strings.Trim(prefix, " -") != "" || isBracketed(b.in.Parent()) {
		return false
	}
	for _, ch := range b.children {
		l := lines{start: f.skipBlank(at, len(f.Text)), value: ch.value.Range().Start}
		l.first = f.startsLine(l.start)
		if l.body = b.behindSign(l.start, ch.key); l.body < 0 {
			return false
		}
		endsLine := false
		l.end = contentEnd(ch.value, l.body)
		l.rest, endsLine = f.restOfLine(l.end)
		if !endsLine || strings.HasPrefix(f.Text[f.skipBlank(l.rest, len(f.Text)):], "!") { // a tag of which the tree knows nothing
			return false
		}
		b.lines = append(b.lines, l)
		at = l.end
	}
	return f.skipBlank(at, len(f.Text)) >= b.in.Range().End
}

// locateRoot does it for the root. It fails if anything else stands around it,
// such as an anchor or a tag.
func (b *block) locateRoot(root Node) bool {
	f, start := b.e.f, root.Range().Start
	for line := range strings.Lines(strings.TrimPrefix(f.Text[:start], byteOrderMark)) {
		if line = strings.TrimSpace(line); line != "" && line != "---" && line[0] != '#' && line[0] != '%' {
			return false
		}
	}
	l := lines{start: start, body: start, value: start, end: contentEnd(root, start), first: f.startsLine(start)}
	if l.first {
		b.indent = f.indentAt(start)
	}
	endsLine := false
	l.rest, endsLine = f.restOfLine(l.end)
	b.lines = []lines{l}
	after := f.Text[f.skipBlank(l.rest, len(f.Text)):]
	return endsLine && (after == "" || strings.HasPrefix(after, "..."))
}

// behindSign returns the place behind the dash at start or behind the colon
// after the key at start, -1 if they are not there.
func (b *block) behindSign(start int, key Node) int {
	f, sign := b.e.f, "-"
	if r := key.Range(); key.Exists() && r.Start != start {
		return -1
	} else if key.Exists() {
		sign = ":"
		start = f.skipBlank(r.End, len(f.Text))
	}
	if !strings.HasPrefix(f.Text[start:], sign) {
		return -1
	}
	return start + 1
}

// contentEnd returns where the text of a value ends that stands behind body. An
// item of which nothing is written has the place of what follows it.
func contentEnd(n Node, body int) int {
	end := n.Range().End
	if leaf := lastLeaf(n).Range(); leaf.Start == leaf.End {
		end = len(strings.TrimRight(n.f.Text[:end], " \t\r\n"))
	}
	return max(end, body)
}

// lastLeaf returns the value at the end of n.
func lastLeaf(n Node) Node {
	for n.firstChild() != 0 {
		id := n.firstChild()
		for n.f.nodes[id].next != 0 {
			id = n.f.nodes[id].next
		}
		if n.Kind() == Object {
			id++
		}
		n = Node{n.f, id}
	}
	return n
}

// alter makes the edits for a child that stays: another key, another value, and
// what comes after it.
func (b *block) alter(i int) []Edit {
	ch, l := &b.children[i], b.lines[i]
	var edits []Edit
	if ch.rename {
		r := ch.key.Range()
		edits = append(edits, Edit{r.Start, r.End, b.e.style.str(ch.name, quotesOf(ch.key), asKey)})
	}
	if ch.replace && !same(ch.value, ch.with) {
		edits = append(edits, b.replaceValue(i)...)
		if ch.value.firstChild() != 0 {
			edits = append(edits, b.claim(i))
		}
	}
	if len(ch.after) > 0 {
		if l.rest == len(b.e.f.Text) && isBlockScalar(lastLeaf(ch.value)) {
			b.e.fail(ch.value, "the value would gain the line break that the file does not end with")
		}
		edits = append(edits, Edit{l.rest, l.rest, b.e.style.newline + b.indent + b.write(ch.after)})
	}
	return edits
}

// replaceValue writes the value of child i anew. Comments between it and its
// key stay; with an anchor or a tag it would not mean what it says.
func (b *block) replaceValue(i int) []Edit {
	f, v, l := b.e.f, b.children[i].value, b.lines[i]
	text := b.text(i, b.children[i].with)
	onLines, isNothing := strings.HasPrefix(text, b.e.style.newline), v.Text() == ""
	if isNothing {
		l.value, l.end = l.rest, l.rest
	}
	between := f.Text[l.body:l.value]
	comments := strings.TrimRight(between, " \t\r\n")
	switch {
	case f.skipBlank(l.body, l.value) < l.value:
		b.e.fail(v, "the value has an anchor or a tag")
	case v.firstChild() == 0 && !isBracketed(v) && quotesOf(v) == 0 && !isBlockScalar(v) && strings.Contains(v.Text(), "\n"):
		b.e.fail(v, "the value is a plain text that runs over lines")
	case onLines:
		return []Edit{{l.body, l.end, comments + text}}
	case isNothing, strings.Contains(between+text, "\n"):
		return []Edit{{l.body, l.end, text + comments}}
	default:
		return []Edit{{l.value, l.end, strings.TrimPrefix(text, " ")}}
	}
	return nil
}

// text writes a value as it stands behind the key or dash of child i.
func (b *block) text(i int, v any) string {
	s, quotes := b.e.style, quotesOf(b.children[i].value)
	switch {
	case b.children[i].key.Exists():
		return s.behindKey(v, b.indent, quotes)
	case b.in.Exists():
		return s.behindDash(v, b.indent, quotes)
	case s.isBlock(v) && !b.lines[i].first: // behind "---"
		return s.newline + s.block(v, "")
	case s.isBlock(v):
		return s.block(v, b.indent)
	}
	return s.blockScalar(v, quotes)
}

// write returns new children, the first of them without its indentation.
func (b *block) write(list Members) string {
	if b.in.Kind() == Object {
		return b.e.style.block(list, b.indent)
	}
	return b.e.style.block(list.values(), b.indent)
}

// remove removes a child that another one follows.
func (b *block) remove(i int) Edit {
	f, l := b.e.f, b.lines[i]
	b.checkBreaks(i)
	if l.first {
		return Edit{f.lineStart(l.start), f.nextLine(l.rest), ""}
	}
	// It stands behind the dash of an item. The next one moves up there.
	end := b.blanksAfter(i)
	for ; end == b.lines[i+1].start && !b.children[i+1].stays(); end = b.blanksAfter(i) {
		i++
	}
	return Edit{l.start, end, ""}
}

// blanksAfter returns where the white space after child i ends.
func (b *block) blanksAfter(i int) int {
	text := b.e.f.Text
	return len(text) - len(strings.TrimLeft(text[b.lines[i].rest:], " \t\r\n"))
}

// removeAfter removes all children after child kept, from the line break before
// them on. The comments on lines of their own stay.
func (b *block) removeAfter(kept int) Edit {
	f, from, comments := b.e.f, b.lines[kept].rest, ""
	b.checkBreaks(kept + 1)
	for _, l := range b.lines[kept+1:] {
		comments += strings.TrimRight(f.Text[from:l.start], " \t\r\n")
		from = l.rest
	}
	if from == len(f.Text) && isBlockScalar(lastLeaf(b.children[kept].value)) {
		comments += b.e.style.newline // which belongs to that value
	}
	return Edit{b.lines[kept].rest, from, comments}
}

// checkBreaks fails if the value before child i would grow once that is gone.
func (b *block) checkBreaks(i int) {
	if i > 0 && keepsBreaks(lastLeaf(b.children[i-1].value)) {
		b.e.fail(b.children[i].value, "the value before it takes all empty lines that follow")
	}
}

// empty removes all children and writes empty brackets behind the key or dash
// of the container.
func (b *block) empty() Edit {
	f, from, text := b.e.f, b.in.Range().Start, "{}"
	if b.in.Kind() == Array {
		text = "[]"
	}
	if outer := (&block{e: b.e, change: b.e.noChange(b.in.Parent())}); b.in.Parent().Exists() && outer.locate() {
		from = outer.lines[slices.IndexFunc(outer.children, func(ch child) bool { return ch.value == b.in })].body
		text = " " + text
	}
	if f.skipBlank(from, len(f.Text)) != b.lines[0].start {
		b.e.fail(b.in, "it has an anchor or a tag")
	}
	ed := Edit{Start: from}
	for _, l := range b.lines {
		text += strings.TrimRight(f.Text[from:l.start], " \t\r\n")
		from = l.rest
	}
	ed.End, ed.New = from, text
	return ed
}

// quotesOf returns the quotes around a string, 0 if it has none.
func quotesOf(n Node) byte {
	if text := n.Text(); n.Kind() == String && text != "" && (text[0] == '"' || text[0] == '\'') {
		return text[0]
	}
	return 0
}

// isBlockScalar reports whether n is a text that is indented below a | or >.
func isBlockScalar(n Node) bool {
	text := n.Text()
	return n.Kind() == String && text != "" && (text[0] == '|' || text[0] == '>')
}

// keepsBreaks reports whether the empty lines after n belong to its value.
func keepsBreaks(n Node) bool {
	header, _, _ := strings.Cut(n.Text(), "\n")
	return isBlockScalar(n) && strings.Contains(header, "+")
}

// Where things stand on their lines.

func (f *File) lineStart(i int) int {
	lines := f.lineStarts()
	return lines[sort.SearchInts(lines, i+1)-1]
}

// nextLine returns the start of the line after the one that holds offset i.
func (f *File) nextLine(i int) int {
	if n := strings.IndexByte(f.Text[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(f.Text)
}

// startsLine reports whether only blanks stand before offset i on its line.
func (f *File) startsLine(i int) bool {
	return strings.Trim(f.Text[f.lineStart(i):i], " \t") == ""
}

// indentAt returns the blanks that the line starts with that holds offset i.
func (f *File) indentAt(i int) string {
	line := f.Text[f.lineStart(i):i]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// comment returns the length of the comment at offset i, 0 if there is none.
func (f *File) comment(i int) int {
	rest, closer := f.Text[i:], "\n"
	switch {
	case f.Format == YAML && rest[0] == '#' && (i == 0 || strings.IndexByte(" \t\r\n", f.Text[i-1]) >= 0):
	case f.Format == JSON && strings.HasPrefix(rest, "//"):
	case f.Format == JSON && strings.HasPrefix(rest, "/*"):
		closer = "*/"
	default:
		return 0
	}
	body, _, found := strings.Cut(rest, closer)
	if found && closer == "*/" {
		return len(body) + len(closer)
	}
	return len(strings.TrimRight(body, "\r"))
}

// skipBlank returns the offset of the first byte in [i, end) that is neither
// white space nor in a comment, end if there is none.
func (f *File) skipBlank(i, end int) int {
	for i < end {
		switch c := f.Text[i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
		case f.comment(i) > 0:
			i += f.comment(i)
		case f.Format == JSON && exoticSpace(f.Text[i:]) > 0:
			i += exoticSpace(f.Text[i:])
		default:
			return i
		}
	}
	return min(i, end)
}

// restOfLine returns the end of the comments that follow offset i on its line,
// i if there are none, and whether nothing else does.
func (f *File) restOfLine(i int) (end int, endsLine bool) {
	end = i
	for i < len(f.Text) && f.Text[i] != '\n' {
		size := f.comment(i)
		switch {
		case size > 0 && !strings.Contains(f.Text[i:i+size], "\n"):
			i += size
			end = i
		case strings.IndexByte(" \t\r", f.Text[i]) >= 0:
			i++
		default:
			return end, false
		}
	}
	return end, true
}

// style is how a file is written, as far as it shows: what it does most often.
type style struct {
	yaml      bool
	newline   string
	unit      string // one step of indentation
	colon     string // between key and value, with the space around it
	space     string // after a comma on the same line
	padObject string // inside the braces of an object on one line
	padArray  string
	flat      bool // arrays of scalars stand on one line
	dashIn    bool // YAML: the dashes of a sequence are indented below its key
	quotes    byte // YAML: around what cannot be plain
	oddLines  bool // YAML: there are lines whose ends or blanks make edits unsafe
}

// place is where a value is written.
type place struct {
	indent string // of the line that it starts on
	lines  bool   // whether containers may spread over lines
	quotes byte   // of the string that was there before; 0 if none was
}

// Bounds on how much of a file is looked at to tell its style.
const (
	sampleNodes = 1000
	sampleBytes = 1 << 15
)

func styleOf(f *File) *style {
	var v survey
	for id := 1; id < min(len(f.nodes), sampleNodes); id++ {
		if n := (Node{f, int32(id)}); !n.IsKey() {
			v.look(n)
		}
	}
	s := &style{
		yaml:      f.Format == YAML,
		newline:   "\n",
		unit:      v.unit.winner("  "),
		colon:     v.colon.winner(": "),
		padObject: v.padObject.winner(""),
		padArray:  v.padArray.winner(""),
		flat:      v.flat.winner("false") == "true",
		dashIn:    v.dashIn.winner("true") == "true",
		quotes:    v.quotes.winner(`"`)[0],
	}
	if text := f.Text[:min(len(f.Text), sampleBytes)]; 2*strings.Count(text, "\r\n") > strings.Count(text, "\n") {
		s.newline = "\r\n"
	}
	_, afterColon, _ := strings.Cut(s.colon, ":")
	s.space = v.space.winner(afterColon)
	if s.yaml {
		s.colon = ": " // some keys have no quotes, and then it takes the space
		s.oddLines = hasOddLines(f.Text)
	}
	return s
}

// hasOddLines reports whether a text has line breaks that JSON would not know,
// or empty lines with a tab, which YAML allows only after some values.
func hasOddLines(text string) bool {
	for line := range strings.Lines(text) {
		if strings.ContainsAny(strings.TrimSuffix(line, "\r\n"), "\r\u0085\u2028\u2029") ||
			strings.Contains(line, "\t") && strings.TrimSpace(line) == "" {
			return true
		}
	}
	return false
}

// survey counts what nodes look like.
type survey struct{ unit, colon, space, padObject, padArray, flat, dashIn, quotes votes }

func (v *survey) look(n Node) {
	f, r := n.f, n.Range()
	if colon := f.Text[n.Key().Range().End:r.Start]; n.Key().Exists() && strings.Trim(colon, " \t") == ":" {
		v.colon.add(colon)
	}
	if next := n.KeyOrSelf().raw().next; next != 0 {
		before, after, ok := strings.Cut(f.Text[r.End:Node{f, next}.Range().Start], ",")
		if ok && strings.Trim(before+after, " \t") == "" {
			v.space.add(after)
		}
	}
	if quotes := quotesOf(n); quotes != 0 {
		v.quotes.add(string(quotes))
	}
	if n.firstChild() != 0 {
		v.lookInside(n, Node{f, n.firstChild()})
	}
}

func (v *survey) lookInside(n, first Node) {
	f, at, start := n.f, n.Range().Start, first.Range().Start
	oneLine := !strings.Contains(n.Text(), "\n")
	pad := f.Text[at+1 : max(at+1, start)]
	switch {
	case !isBracketed(n):
		v.lookInBlock(n)
	case f.startsLine(start):
		if unit, ok := strings.CutPrefix(f.indentAt(start), f.indentAt(at)); ok && unit != "" {
			v.unit.add(unit)
		}
	case !oneLine || strings.Trim(pad, " \t") != "":
	case n.Kind() == Object:
		v.padObject.add(pad)
	default:
		v.padArray.add(pad)
	}
	if n.Kind() == Array && allScalars(n) {
		v.flat.add(strconv.FormatBool(oneLine && isBracketed(n)))
	}
}

func (v *survey) lookInBlock(n Node) {
	if !n.Key().Exists() {
		return
	}
	start, key := n.Range().Start, n.Key().Range().Start
	in := start - n.f.lineStart(start) - (key - n.f.lineStart(key))
	switch {
	case n.Kind() == Array:
		v.dashIn.add(strconv.FormatBool(in > 0))
	case in > 0:
		v.unit.add(strings.Repeat(" ", in))
	}
}

func allScalars(n Node) bool {
	for _, item := range n.Items() {
		if item.Kind() == Object || item.Kind() == Array {
			return false
		}
	}
	return true
}

type votes []struct {
	text  string
	count int
}

func (v *votes) add(text string) {
	for i := range *v {
		if (*v)[i].text == text {
			(*v)[i].count++
			return
		}
	}
	*v = append(*v, struct {
		text  string
		count int
	}{text, 1})
}

// winner returns what was seen most often, the first of equals.
func (v votes) winner(otherwise string) string {
	best := 0
	for _, vote := range v {
		if vote.count > best {
			best, otherwise = vote.count, vote.text
		}
	}
	return otherwise
}

// member writes a member of an object in braces.
func (s *style) member(m Member, at place) string {
	return s.str(m.Key, 0, asFlowKey) + s.colon + s.bracketed(m.Value, at)
}

// bracketed writes a value with brackets around objects and arrays.
func (s *style) bracketed(v any, at place) string {
	switch v := v.(type) {
	case Members:
		return s.list("{", "}", s.padObject, len(v), at, func(i int, at place) string { return s.member(v[i], at) })
	case []any:
		at.lines = at.lines && !s.isFlat(v)
		return s.list("[", "]", s.padArray, len(v), at, func(i int, at place) string { return s.bracketed(v[i], at) })
	}
	return s.scalar(v, at.quotes, asFlowItem)
}

// isFlat reports whether an array stands on one line.
func (s *style) isFlat(v []any) bool { return s.flat && !slices.ContainsFunc(v, isContainer) }

func (s *style) list(opener, closer, pad string, n int, at place, write func(int, place) string) string {
	if n == 0 {
		return opener + closer
	}
	inner, before, between, after := place{at.indent, at.lines, 0}, pad, ","+s.space, pad
	if at.lines {
		inner.indent += s.unit
		before = s.newline + inner.indent
		between = "," + before
		after = s.newline + at.indent
	}
	parts := make([]string, n)
	for i := range parts {
		parts[i] = write(i, inner)
	}
	return opener + before + strings.Join(parts, between) + after + closer
}

func isContainer(v any) bool {
	switch v.(type) {
	case Members, []any:
		return true
	}
	return false
}

// block writes an object or an array in lines with the given indentation, the
// first of them without.
func (s *style) block(v any, indent string) string {
	var parts []string
	switch v := v.(type) {
	case Members:
		for _, m := range v {
			parts = append(parts, s.str(m.Key, 0, asKey)+":"+s.behindKey(m.Value, indent, 0))
		}
	case []any:
		for _, item := range v {
			parts = append(parts, "-"+s.behindDash(item, indent, 0))
		}
	}
	return strings.Join(parts, s.newline+indent)
}

// isBlock reports whether v is written in lines of its own.
func (s *style) isBlock(v any) bool {
	switch v := v.(type) {
	case Members:
		return len(v) > 0
	case []any:
		return len(v) > 0 && !s.isFlat(v)
	}
	return false
}

func (s *style) behindKey(v any, indent string, quotes byte) string {
	_, isObject := v.(Members)
	switch {
	case !s.isBlock(v):
		return " " + s.blockScalar(v, quotes)
	case isObject || s.dashIn:
		indent += s.unit
	}
	return s.newline + indent + s.block(v, indent)
}

func (s *style) behindDash(v any, indent string, quotes byte) string {
	if s.isBlock(v) {
		return " " + s.block(v, indent+"  ")
	}
	return " " + s.blockScalar(v, quotes)
}

// blockScalar writes what needs no lines of its own.
func (s *style) blockScalar(v any, quotes byte) string {
	if isContainer(v) {
		return s.bracketed(v, place{})
	}
	return s.scalar(v, quotes, asValue)
}

// scalar writes a value that is no container. A string gets the given quotes,
// or with 0 those that it needs.
func (s *style) scalar(v any, quotes byte, as context) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return string(v)
	case Raw:
		return string(v)
	}
	return s.str(v.(string), quotes, as)
}

// str writes a string or a key.
func (s *style) str(v string, quotes byte, as context) string {
	switch {
	case !s.yaml:
		return quote(v)
	case quotes == 0 && as.isPlain(v):
		return v
	case quotes == 0:
		quotes = s.quotes
	}
	if quotes == '\'' && strings.IndexFunc(v, isOdd) < 0 {
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	}
	var b strings.Builder
	for _, r := range quote(v) { // YAML has the escapes of JSON, but must escape more
		if isOdd(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isOdd reports whether YAML forbids r, or takes it for a line break or a mark.
func isOdd(r rune) bool { return isControl(r) || isBlank(r) && r != ' ' || r == '\ufeff' }

// context is what a YAML scalar stands between, for a try.
type context struct {
	before, after string
	index, count  int // of the scalar in the try, and of all
}

var (
	asKey      = context{"", ": a", 0, 2}
	asValue    = context{"a: ", "", 1, 2}
	asFlowKey  = context{"{", ": a}", 0, 2}
	asFlowItem = context{"[", "]", 0, 1}
)

// isPlain reports whether s needs no quotes: if yaml.v3 reads it as it is, YAML
// 1.1 does not take it for a boolean, and it does not begin like something else.
func (c context) isPlain(s string) bool {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off":
		return false
	}
	if s == "" || strings.IndexByte("-?:,[]{}#&*!|>'\"%@`", s[0]) >= 0 || strings.HasPrefix(s, "...") || strings.IndexFunc(s, isOdd) >= 0 {
		return false
	}
	var doc yaml.Node
	if yaml.Unmarshal([]byte(c.before+s+c.after), &doc) != nil || len(doc.Content[0].Content) != c.count {
		return false
	}
	n := doc.Content[0].Content[c.index]
	return n.Kind == yaml.ScalarNode && n.Value == s && n.ShortTag() == "!!str" && n.Style == 0 && n.Anchor == ""
}

// tree returns a value in the few types that are written: nil, bool,
// json.Number, string, []any, Members and Raw.
func (e *Editor) tree(at Node, v any) any {
	t, err := plainTree(v)
	if err != nil {
		e.fail(at, "%v", err)
	}
	return t
}

func plainTree(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, Raw:
		return v, nil
	case string:
		return string([]rune(v)), nil // as it will be read: no invalid UTF-8
	case int:
		return json.Number(strconv.Itoa(v)), nil
	case float64:
		b, err := json.Marshal(v)
		return json.Number(b), err
	case json.Number:
		if !isNumber(string(v)) {
			return nil, fmt.Errorf("%q is not a number", v)
		}
		return v, nil
	case []any:
		items := make([]any, len(v))
		for i := range v {
			var err error
			if items[i], err = plainTree(v[i]); err != nil {
				return nil, err
			}
		}
		return items, nil
	case Members:
		return plainMembers(v)
	case Node:
		budget := maxValueNodes
		return copied(v, &budget, MaxDepth)
	}
	return nil, fmt.Errorf("a value of type %T cannot be written", v)
}

func plainMembers(members Members) (Members, error) {
	plain := make(Members, len(members))
	seen := map[string]bool{}
	for i, m := range members {
		if seen[m.Key] {
			return nil, fmt.Errorf("the key %q is there twice", m.Key)
		}
		seen[m.Key] = true
		v, err := plainTree(m.Value)
		if err != nil {
			return nil, err
		}
		plain[i] = Member{string([]rune(m.Key)), v}
	}
	return plain, nil
}

// copied returns the tree of a node. Of members with one name the last is
// taken, as by Get.
func copied(n Node, budget *int, depth int) (any, error) {
	if *budget--; *budget < 0 || depth < 0 {
		return nil, errors.New("the value is too large to be copied")
	}
	switch n.Kind() {
	case Null:
		return nil, nil
	case Bool:
		return n.IsTrue(), nil
	case Number:
		return n.number(), nil
	case String:
		s, _ := n.Str()
		return s, nil
	case Array:
		items := []any{}
		for _, item := range n.Items() {
			v, err := copied(item, budget, depth-1)
			if err != nil {
				return nil, err
			}
			items = append(items, v)
		}
		return items, nil
	case Object:
		return copiedMembers(n, budget, depth)
	}
	return nil, fmt.Errorf("the value to copy is %s", n.Kind())
}

func copiedMembers(n Node, budget *int, depth int) (Members, error) {
	members, index := Members{}, map[string]int{}
	for key, value := range n.Members() {
		name, ok := key.Str()
		if !ok || isMerge(key) {
			return nil, errors.New("an object with merge keys cannot be copied")
		}
		v, err := copied(value, budget, depth-1)
		if err != nil {
			return nil, err
		}
		i, seen := index[name]
		if !seen {
			i = len(members)
			index[name] = i
			members = append(members, Member{})
		}
		members[i] = Member{name, v}
	}
	return members, nil
}

// same reports whether n already is the value v.
func same(n Node, v any) bool {
	budget := maxValueNodes
	old, err := copied(n, &budget, MaxDepth)
	return err == nil && reflect.DeepEqual(old, v)
}
