package source

import (
	"slices"
	"strings"
)

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
	comments := f.Text[l.body:f.endOfComments(l.body, l.value)]
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
	if l.first {
		return b.checkBefore(i, Edit{f.lineStart(l.start), f.nextLine(l.rest), ""})
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
	for _, l := range b.lines[kept+1:] {
		comments += f.Text[from:f.endOfComments(from, l.start)]
		from = l.rest
	}
	if from == len(f.Text) && b.holdsScalar(kept, isBlockScalar) {
		comments += b.e.style.newline // which may belong to that value
	}
	return b.checkBefore(kept+1, Edit{b.lines[kept].rest, from, comments})
}

// checkBefore fails if a value before child i would take in some of what follows
// once ed removes that child: it may keep all empty lines, and blanks and
// comments that are indented like a text are a part of it.
func (b *block) checkBefore(i int, ed Edit) Edit {
	removed := b.children[i].value
	for i--; i >= 0 && !b.children[i].stays(); i-- {
	}
	if i < 0 || !b.holdsScalar(i, isBlockScalar) {
		return ed
	}
	if b.holdsScalar(i, keepsBreaks) {
		b.e.fail(removed, "the value before it takes all empty lines that follow")
	}
	after := b.e.f.Text[ed.End:]
	blanks := len(after) - len(strings.TrimLeft(after, " \r\n"))
	for line := range strings.Lines(ed.New + after[:min(blanks+1, len(after))]) {
		text := strings.TrimLeft(line, " ")
		if len(line)-len(text) > len(b.indent) && (text[:min(1, len(text))] == "#" || strings.TrimSpace(text) == "") {
			b.e.fail(removed, "the value before it takes the line that follows for its text")
		}
	}
	return ed
}

// holdsScalar reports whether there is such a block scalar anywhere in child i.
// What else is changed, perhaps by another editor, decides whether it will come
// to stand at its end.
func (b *block) holdsScalar(i int, is func(Node) bool) bool {
	r := b.children[i].value.Range()
	first, _ := slices.BinarySearchFunc(b.e.scalars, r.Start, func(n Node, at int) int { return n.Range().Start - at })
	for _, n := range b.e.scalars[first:] {
		if n.Range().Start >= r.End {
			return false
		}
		if is(n) {
			return true
		}
	}
	return false
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
		text += f.Text[from:f.endOfComments(from, l.start)]
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
