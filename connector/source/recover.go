package source

import (
	"fmt"
	"slices"
	"strings"
)

// This file holds what the JSON parser does about lost brackets and quotes. The
// first reading goes by characters alone; the second (parser.byLine) believes
// that people write a member a line, and indent.

// start moves to the first value. It reports text that stands before the
// document, and returns false if the file is something else altogether.
func (p *parser) start() bool {
	switch c := p.text[p.pos]; {
	case c == '{' || c == '[':
		return true
	case p.startsMember(p.pos):
		p.unbalanced = true
		d := p.f.report("syntax-unopened-bracket", Range{p.pos, p.pos + 1}, "%q is missing before the first member", '{')
		d.Fix = &Fix{Title: "open the bracket", Edits: []Edit{{Start: p.pos, End: p.pos, New: "{\n"}}}
		id := p.add(Object, 0, p.pos)
		p.enclosed(id, bracket{p.pos, '{', ""})
		return false
	case c == '"' || c == '-' || c >= '0' && c <= '9' || strings.HasPrefix(p.text[p.pos:], "true") ||
		strings.HasPrefix(p.text[p.pos:], "false") || strings.HasPrefix(p.text[p.pos:], "null"):
		return true // a lone value is JSON
	}
	junk := p.text[p.pos:]
	opener := strings.IndexByte(junk, '{')
	if opener < 0 || strings.Count(junk[:opener], "\n") > 1 {
		end := p.pos + len(firstLine(junk))
		p.f.report("syntax-unexpected-text", Range{p.pos, end}, "this is not JSON: expected %q, found %s", '{', shown(firstLine(junk))).
			Hint = "if the file is YAML, name it .yaml"
		p.pos = len(p.text)
		return false
	}
	p.confused = true
	end := len(strings.TrimRight(junk[:opener], " \t\r\n"))
	d := p.f.report("syntax-unexpected-text", Range{p.pos, p.pos + end}, "text before the document: %s", shown(firstLine(junk[:end])))
	d.Fix = &Fix{Title: "remove the text", Edits: []Edit{{Start: p.pos, End: p.pos + opener}}}
	p.pos += opener
	return true
}

// enclosed reads what stands in the container id, whose opening bracket is lost.
func (p *parser) enclosed(id int32, b bracket) {
	p.open = append(p.open, b)
	if b.opener == '{' {
		p.object(id)
	} else {
		p.array(id)
	}
	p.open = p.open[:len(p.open)-1]
	if p.f.nodes[id].end == 0 {
		p.f.nodes[id].end = int32(p.pos)
	}
	p.damage(id)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimRight(line, " \t\r")
}

// trailing reports what stands after the document. Only a few stray characters
// are offered for removal: more may be a part of the document that a bracket
// too many cut off.
func (p *parser) trailing(end int) {
	p.unbalanced = true
	d := p.f.report("syntax-trailing-text", Range{p.pos, end}, "text after the end of the document")
	d.Hint = "remove it, or the bracket too many before it"
	if strings.Trim(p.text[p.pos:end], "}];,` \t\r\n") == "" {
		d.Fix = &Fix{Title: "remove the text after the end", Edits: []Edit{p.wholeLines(p.pos, end)}}
	}
}

// unclosed reports a container that is open at the end of the file: once, for
// the innermost one, with all that has to be closed. It is no guess, so nothing
// is damaged.
func (p *parser) unclosed(c *children, closer byte) {
	p.unbalanced = true
	if p.atEnd {
		return
	}
	p.atEnd = true
	end := len(strings.TrimRight(p.text, " \t\r\n")) // where the brackets belong
	d := p.f.report("syntax-unclosed-bracket", Range{end, end},
		"the file ends before %q, which closes the %q of line %d", closer, p.inner().opener, p.innerLine())
	d.Related = p.openedHere()
	if c.comma >= 0 || p.cut {
		return // something else is lost too
	}
	d.Fix = insert("close what is open", end, p.closers())
	// Whoever indents shows where a bracket was lost, and here it is not the end.
	d.Fix.Safe = c.last != 0 && !p.ragged && !strings.Contains(p.text[c.end:], "/")
}

func (p *parser) innerLine() int { return p.f.Position(p.inner().offset).Line }

func (p *parser) openedHere() []Related {
	at := p.inner().offset
	return []Related{{p.f, Range{at, at + 1}, "opened here"}}
}

// closers writes the closers of all open brackets, each on a line of its own if
// its opener ends one.
func (p *parser) closers() string {
	newline := "\n"
	if strings.Contains(p.text, "\r\n") {
		newline = "\r\n"
	}
	var b strings.Builder
	for _, open := range slices.Backward(p.open) {
		if p.endsLine(open.offset) {
			b.WriteString(newline + open.indent)
		}
		b.WriteByte(open.closer())
	}
	return b.String()
}

// implied ends a container whose closer was lost before pos, and leaves pos to
// the container around it.
func (p *parser) implied(c *children, closer byte) bool {
	p.unbalanced = true
	d := p.f.report("syntax-unclosed-bracket", p.token(),
		"%q is missing before %s: the %q of line %d is not closed", closer, p.quoteToken(), p.inner().opener, p.innerLine())
	d.Related = p.openedHere()
	c.damaged = true
	p.glued = new(Edit)
	if c.last == 0 {
		return false
	}
	at := c.end
	if c.comma >= 0 {
		at, p.pos = c.comma, c.comma // it separates this container from what follows
	}
	text := string(closer)
	if inner := p.inner(); p.byLine && p.endsLine(inner.offset) {
		text = "\n" + inner.indent + text
		if strings.Contains(p.text, "\r\n") {
			text = "\r" + text
		}
	}
	d.Fix = &Fix{Title: "close the bracket", Edits: []Edit{{Start: at, End: at, New: text}}}
	p.glued = &d.Fix.Edits[0]
	p.f.nodes[c.id].end = int32(c.end)
	return false
}

// wrongCloser deals with ] where } is due, or the reverse. If a bracket further
// out fits it, the closer of this container was lost, unless indentation says
// that it was merely mistyped.
func (p *parser) wrongCloser(c *children, closer byte) bool {
	p.unbalanced = true
	found := p.text[p.pos]
	inner := p.inner()
	fits := func(b bracket) bool { return b.closer() == found }
	if p.byLine && p.strayCloser() {
		p.stray(c)
		return p.next(c, closer)
	}
	aligned := p.startsLine() && p.indent == inner.indent && p.indent != c.indent
	if slices.ContainsFunc(p.open[:len(p.open)-1], fits) && !aligned {
		return p.implied(c, closer)
	}
	d := p.f.report("syntax-wrong-bracket", Range{p.pos, p.pos + 1}, "%q closes the %q of line %d, expected %q",
		found, p.inner().opener, p.innerLine(), closer)
	d.Related = p.openedHere()
	d.Fix = &Fix{Title: fmt.Sprintf("replace %q by %q", found, closer), Edits: []Edit{{Start: p.pos, End: p.pos + 1, New: string(closer)}}}
	c.damaged = true
	p.pos++
	return false
}

// lostCloser reports whether what stands at pos is indented as something
// further out than the innermost open bracket.
func (p *parser) lostCloser() bool {
	inner := p.inner()
	if len(p.open) < 2 || !p.startsLine() || !p.endsLine(inner.offset) || p.indent == "" && inner.indent == "" {
		return false
	}
	closes := p.text[p.pos] == '}' || p.text[p.pos] == ']'
	return strings.HasPrefix(inner.indent, p.indent) && (len(p.indent) < len(inner.indent) || !closes)
}

// strayCloser reports whether the closer at pos is indented as something
// further in than the innermost open bracket.
func (p *parser) strayCloser() bool {
	inner := p.inner()
	return p.startsLine() && p.endsLine(inner.offset) &&
		len(p.indent) > len(inner.indent) && strings.HasPrefix(p.indent, inner.indent)
}

// stray reports and skips the closer at pos, and the comma after it if the one
// before is there.
func (p *parser) stray(c *children) {
	d := p.f.report("syntax-wrong-bracket", Range{p.pos, p.pos + 1}, "%q closes nothing that is open here", p.text[p.pos])
	end := p.pos + 1
	if rest := p.text[end:]; strings.HasPrefix(rest, ",") && c.comma >= 0 {
		end++
	}
	d.Fix = &Fix{Title: "remove it", Edits: []Edit{p.wholeLines(p.pos, end)}}
	c.damaged = true
	p.pos = end
}

// firstIndent returns the indentation of a container's first child, which is
// that of its siblings, unless a line before it was lost.
func (p *parser) firstIndent() string {
	around := len(p.inner().indent)
	if len(p.open) == 1 && p.unit == 0 {
		p.unit = max(0, len(p.indent)-around)
	}
	if p.byLine && p.unit > 0 && len(p.indent) > around+p.unit {
		return p.indent[:around+p.unit]
	}
	return p.indent
}

// lostOpener deals with a line that is indented deeper than its siblings: the
// line that opened a bracket around it was lost. What follows, up to the closer
// of that bracket, becomes a member without a name. It returns the key's node,
// 0 if nothing was lost.
func (p *parser) lostOpener(c *children) int32 {
	if len(p.indent) <= len(c.indent) || !strings.HasPrefix(p.indent, c.indent) || !p.startsMember(p.pos) || len(p.open) == MaxDepth {
		return 0
	}
	p.unbalanced = true
	p.f.report("syntax-unopened-bracket", p.token(), "a line that opens a bracket is missing before %s", p.quoteToken()).
		Hint = "it is indented as if it stood in something that nothing opens"
	key := p.add(String, c.id, p.pos)
	p.f.nodes[key].end = int32(p.pos)
	p.f.nodes[key].flags = flagKey
	p.f.table(key, "")
	p.enclosed(p.add(Object, c.id, p.pos), bracket{p.pos, '{', c.indent})
	c.damaged = true
	return key
}

// memberOnNextLine deals with a value that starts a line of its own. If that is
// a member, or deeper than the key, then a bracket or the value was lost.
func (p *parser) memberOnNextLine(parent int32, key Range) bool {
	deeper := len(p.indent) > len(p.keyIndent(key))
	at := key.End + strings.IndexByte(p.text[key.End:], ':') + 1
	switch {
	case p.startsMember(p.pos) && deeper:
		p.unopened(parent, '{', key, at)
	case p.startsMember(p.pos):
		p.missingValue(parent, key)
	case deeper:
		p.unopened(parent, '[', key, at)
	default:
		return false
	}
	return true
}

// unopened reads a container whose opening bracket was lost. after is what to
// underline, at is where the bracket belongs.
func (p *parser) unopened(parent int32, opener byte, after Range, at int) int32 {
	p.unbalanced = true
	d := p.f.report("syntax-unopened-bracket", after, "%q is missing after %s", opener, shown(p.text[after.Start:after.End]))
	text := " " + string(opener)
	indent := p.keyIndent(after)
	if at == p.pos {
		d.Message = fmt.Sprintf("%q is missing before %s", opener, shown(p.text[after.Start:after.End]))
		text = string(opener) + " "
		indent = indent[:max(0, len(indent)-p.unit)]
	}
	d.Fix = &Fix{Title: "open the bracket", Edits: []Edit{{Start: at, End: at, New: text}}}
	id := p.add(Array, parent, p.pos)
	if opener == '{' {
		p.f.nodes[id].kind = Object
	}
	if len(p.open) == MaxDepth {
		p.f.nodes[id].end = int32(p.pos)
		return id
	}
	p.enclosed(id, bracket{at - 1, opener, indent})
	return id
}

// keyIndent returns the white space before a key that starts its line.
func (p *parser) keyIndent(key Range) string {
	start := len(strings.TrimRight(p.text[:key.Start], " \t"))
	return p.text[start:key.Start]
}

// restOfLine returns the end of the text that goes on from i to the end of the
// line, if no quote or bracket stands in it; else i.
func (p *parser) restOfLine(i int) int {
	line := firstLine(p.text[i:])
	if strings.ContainsAny(line, "\"{}[]:") {
		return i
	}
	return i + len(strings.TrimSuffix(line, ","))
}

// conflictMarker skips and reports a line that a merge left behind.
func (p *parser) conflictMarker() bool {
	rest := p.text[p.pos:]
	if len(rest) < 7 || strings.Trim(rest[:7], rest[:1]) != "" || p.pos > 0 && p.text[p.pos-1] != '\n' {
		return false
	}
	size := len(firstLine(rest))
	p.f.report("syntax-unexpected-text", Range{p.pos, p.pos + size}, "a merge conflict is not resolved").
		Hint = "keep one side, and remove the lines of <<<<<<<, ======= and >>>>>>>"
	p.pos += size
	return true
}

// brokenMember reads the line at pos as a member if it is one but for a quote
// that is missing, or one too many. It returns the key's node, 0 if the line is
// something else. Lines with brackets are left to the parser.
func (p *parser) brokenMember(parent int32) int32 {
	line := firstLine(p.text[p.pos:min(p.pos+4096, len(p.text))])
	body := strings.TrimRight(strings.TrimSuffix(line, ","), " \t")
	key, value, ok := splitMember(body)
	if !ok {
		return 0
	}
	defects := key.defects() + value.defects()
	if defects != 1 {
		return 0
	}
	p.confused = true
	start := p.pos
	keyRange := Range{start, start + len(key.text)}
	valueRange := Range{start + len(body) - len(value.text), start + len(body)}
	id := p.add(String, parent, keyRange.Start)
	p.f.nodes[id].end = int32(keyRange.End)
	p.f.nodes[id].flags = flagKey
	p.f.table(id, unquote(key.content))
	if value.bare() {
		p.pos = valueRange.Start
		p.value(parent, &keyRange)
	} else {
		v := p.add(String, parent, valueRange.Start)
		p.f.nodes[v].end = int32(valueRange.End)
		p.f.table(v, unquote(value.content))
		p.pos = valueRange.End
	}
	if key.defects() > 0 {
		p.reportQuotes(key, keyRange)
	} else {
		p.reportQuotes(value, valueRange)
	}
	return id
}

// half is the key or the value of a line that holds one member.
type half struct {
	text        string // as it stands there
	content     string // without the quotes around it
	open, close bool   // the quotes are there
	inner       []int  // quotes inside the content, without a backslash
}

func newHalf(text string) half {
	h := half{text: text, content: text}
	h.content, h.open = strings.CutPrefix(h.content, `"`)
	if strings.HasSuffix(h.content, `"`) && !strings.HasSuffix(h.content, `\"`) {
		h.content, h.close = h.content[:len(h.content)-1], true
	}
	for i := 0; i < len(h.content); i++ {
		switch h.content[i] {
		case '\\':
			i++
		case '"':
			h.inner = append(h.inner, i)
		}
	}
	return h
}

// bare reports whether no quote belongs to it at all: a number, a literal, an
// opening bracket.
func (h half) bare() bool { return !h.open && !h.close && len(h.inner) == 0 }

func (h half) defects() int {
	n := 0
	if h.open != h.close {
		n++
	}
	if len(h.inner) > 0 {
		n++
	}
	return n
}

// splitMember finds the colon of a line such as "key": "value". A bare key is
// no member here, and a value may be anything without brackets inside.
func splitMember(body string) (key, value half, ok bool) {
	for i := 0; i < len(body); i++ {
		if body[i] != ':' {
			continue
		}
		key = newHalf(strings.TrimRight(body[:i], " \t"))
		value = newHalf(strings.TrimLeft(body[i+1:], " \t"))
		named := (key.open || key.close) && len(key.inner) == 0 && key.content != "" && !strings.ContainsAny(key.content, "\"\\,")
		if !named {
			return key, value, false
		}
		if key.open && !key.close && strings.ContainsAny(body[i+1:], ":") && strings.Count(body, `"`)%2 == 0 {
			continue // the colon is a part of the key
		}
		if value.bare() {
			return key, value, value.text != ""
		}
		another := strings.Contains(value.content, `":`) || strings.Contains(value.content, `" :`)
		return key, value, !another && !strings.HasPrefix(value.text, "{") && !strings.HasPrefix(value.text, "[")
	}
	return key, value, false
}

// reportQuotes says which quote is missing or too many in what stands at r.
func (p *parser) reportQuotes(h half, r Range) {
	switch {
	case len(h.inner) > 0:
		d := p.f.report("syntax-unescaped-quote", Range{r.Start + 1 + h.inner[0], r.Start + 2 + h.inner[0]}, "a quote inside a string")
		d.Hint = `it ends the string; write \"`
		d.Fix = &Fix{Title: "put a backslash before it"}
		for _, i := range h.inner {
			d.Fix.Edits = append(d.Fix.Edits, Edit{r.Start + 1 + i, r.Start + 1 + i, `\`})
		}
	case !h.open:
		d := p.f.report("syntax-unterminated-string", r, "the string has no opening quote")
		d.Fix = &Fix{Title: "open the string", Edits: []Edit{{r.Start, r.Start, `"`}}}
	default:
		d := p.f.report("syntax-unterminated-string", r, "the string has no closing quote")
		d.Fix = &Fix{Title: "close the string", Edits: []Edit{{r.End, r.End, `"`}}}
	}
}
