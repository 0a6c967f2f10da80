package source

import (
	"strings"
)

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
		edits = append(edits, b.removeAfter(kept)...)
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
	switch comments := b.e.f.endOfComments(r.Start+1, r.End-1) - r.Start - 1; {
	case comments == 0:
		inner = ""
	case strings.HasPrefix(text[1:], b.e.style.newline):
		inner = inner[:comments]
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
	end = b.spans[last+1].start - len(strings.TrimLeft(after, " \t\r\n"))
	if f.Format == YAML && f.Text[end] == '#' {
		end-- // a comment needs a blank before it
	}
	return Edit{start, end, ""}
}

// removeAfter removes all children after child kept, and the comma after that.
// The comments on lines of their own stay. A line comment needs the line break
// after it: where children go with their lines, that is the one behind them, so
// nobody else may insert anything there.
func (b *brackets) removeAfter(kept int) []Edit {
	f, from, left := b.e.f, b.spans[kept].comma+1, ""
	for i := kept + 1; i < len(b.spans); i++ {
		s := b.spans[i]
		for i < len(b.spans)-1 && b.between(i, " \t") {
			i++
		}
		end := max(b.spans[i].end, b.spans[i].comma+1)
		rest, endsLine := f.restOfLine(end)
		switch comments := f.endOfComments(from, s.start); {
		case endsLine && s.first:
			left += f.Text[from:comments]
			end = rest
		case comments > from || left != "":
			left += f.Text[from:s.start]
			if endsLine {
				left = strings.TrimRight(left, " \t")
			}
		}
		from = end
	}
	return []Edit{{b.spans[kept].comma, from, left}, {from, from, ""}}
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
