package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// parseJSON builds the tree of a JSON text (RFC 8259) and never gives up: it
// consumes at least a byte at every step, so it is linear, and where the text
// is wrong it reports once and goes on with the likeliest reading.
//
// A text whose brackets do not balance is parsed a second time with an eye on
// indentation, which tells far better than the end of the file where a bracket
// was lost. That reading is taken unless it finds more to complain about.
func parseJSON(f *File) {
	before := slices.Clone(f.Problems)
	p := newParser(f)
	p.document()
	if p.unbalanced {
		again := &File{Name: f.Name, Text: f.Text, Problems: before, nodes: []node{{}}}
		q := newParser(again)
		q.byIndent = true
		q.document()
		if len(again.Problems) <= len(f.Problems) {
			f.Problems, f.Damaged, f.nodes, f.decoded = again.Problems, again.Damaged, again.nodes, again.decoded
			for i := range f.Problems {
				f.Problems[i].rebase(f)
			}
		}
	}
	slices.SortStableFunc(f.Problems, func(a, b Diagnostic) int { return a.Range.Start - b.Range.Start })
}

func (d *Diagnostic) rebase(f *File) {
	d.File = f
	for i := range d.Related {
		d.Related[i].File = f
	}
}

// builder is what both parsers share.
type builder struct {
	f         *File
	text      string
	validUTF8 bool
	keys      map[string]int32 // scratch for duplicate keys of large objects
}

type parser struct {
	builder
	pos        int
	open       []bracket // the brackets around pos, outermost first
	byIndent   bool      // let indentation tell where a bracket was lost
	unbalanced bool
	glued      bool   // a closer was implied: what follows needs no comma now
	atEnd      bool   // the open brackets at the end of the file are reported
	lineToken  int    // where the first token of the current line stands
	indent     string // the white space before it
	peekFrom   int    // nextToken: from here to peekTo there is only space
	peekTo     int
}

type bracket struct {
	offset int
	indent string // of its line
}

func newParser(f *File) *parser { return &parser{builder: newBuilder(f)} }

func newBuilder(f *File) builder {
	// One node for every ten bytes is what real definitions have.
	f.nodes = append(make([]node, 0, len(f.Text)/10+16), node{})
	return builder{f: f, text: f.Text, validUTF8: utf8.ValidString(f.Text)}
}

func (p *parser) document() {
	if !p.validUTF8 {
		p.reportInvalidUTF8()
	}
	if strings.HasPrefix(p.text, byteOrderMark) {
		p.pos = len(byteOrderMark)
		p.reportByteOrderMark("RFC 8259 forbids it, and strict importers reject the file")
	}
	p.space()
	if p.pos == len(p.text) {
		p.f.report("syntax-empty", Range{0, 0}, "the file is empty")
		return
	}
	p.value(0, nil)
	p.space()
	if end := len(strings.TrimRight(p.text, " \t\r\n")); p.pos < end {
		p.unbalanced = true
		d := p.f.report("syntax-trailing-text", Range{p.pos, end}, "text after the end of the document")
		d.Hint = "remove it, or the bracket too many before it"
		d.Fix = &Fix{Title: "remove the text after the end", Edits: []Edit{{Start: p.pos, End: end}}}
	}
}

func (p *builder) reportByteOrderMark(hint string) {
	d := p.f.report("syntax-byte-order-mark", Range{0, len(byteOrderMark)}, "the file starts with a byte order mark")
	d.Hint = hint
	d.Fix = remove("remove the byte order mark", 0, len(byteOrderMark))
}

func remove(title string, start, end int) *Fix {
	return &Fix{Title: title, Safe: true, Edits: []Edit{{Start: start, End: end}}}
}

func insert(title string, at int, text string) *Fix {
	return &Fix{Title: title, Safe: true, Edits: []Edit{{Start: at, End: at, New: text}}}
}

func (p *builder) add(kind Kind, parent int32, start int) int32 {
	id := int32(len(p.f.nodes))
	p.f.nodes = append(p.f.nodes, node{start: int32(start), parent: parent, kind: kind})
	return id
}

// link makes id the successor of last among the children of parent.
func (p *builder) link(parent, last, id int32) {
	if last == 0 {
		p.f.nodes[parent].flags |= flagFull
	} else {
		p.f.nodes[last].next = id
	}
}

func (p *parser) damage(id int32) {
	p.f.Damaged = append(p.f.Damaged, Node{p.f, id}.Range())
}

// value parses the value at pos, where there is text and no space. key is the
// range of the member's key, nil elsewhere.
func (p *parser) value(parent int32, key *Range) int32 {
	switch c := p.text[p.pos]; c {
	case '"':
		return p.str(parent)
	case '{', '[':
		if len(p.open) == MaxDepth {
			return p.tooDeep(parent)
		}
		id := p.add(Array, parent, p.pos)
		p.open = append(p.open, bracket{p.pos, p.indent})
		p.pos++
		damaged := false
		if c == '{' {
			p.f.nodes[id].kind = Object
			damaged = p.object(id)
		} else {
			damaged = p.array(id)
		}
		p.open = p.open[:len(p.open)-1]
		p.f.nodes[id].end = int32(p.pos)
		if damaged {
			p.damage(id)
		}
		return id
	case ',', '}', ']', ':':
		// Only after a colon: elsewhere the caller has looked.
		id := p.add(Invalid, parent, p.pos)
		p.f.nodes[id].end = int32(p.pos)
		at := Range{p.pos, p.pos + 1}
		if key != nil {
			at = *key
		}
		p.f.report("syntax-missing-value", at, "a value is missing before %q", c)
		return id
	}
	return p.bare(parent)
}

func (p *parser) tooDeep(parent int32) int32 {
	id := p.add(Invalid, parent, p.pos)
	p.f.report("syntax-limit", Range{p.pos, p.pos + 1}, "nested deeper than %d, the content is not read", MaxDepth)
	p.skip()
	p.f.nodes[id].end = int32(p.pos)
	return id
}

// skip moves behind the value or the character at pos without keeping it.
func (p *parser) skip() {
	for depth := 0; p.pos < len(p.text); {
		switch p.text[p.pos] {
		case '{', '[':
			depth++
			p.pos++
		case '}', ']':
			depth--
			p.pos++
		case '"':
			p.pos = p.stringEnd(p.pos + 1)
		default:
			p.pos++
		}
		if depth <= 0 {
			return
		}
	}
}

// stringEnd returns the offset after the quote that closes the string whose
// content starts at i.
func (p *parser) stringEnd(i int) int {
	for ; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(p.text)
}

// children is what the loops over members and over items share: where the
// commas are, and what to do about brackets. The zero value is ready.
type children struct {
	id      int32 // the container
	last    int32 // the last child linked
	end     int   // end of the last child
	comma   int   // offset of the comma after the last child, -1 if there is none yet
	glued   bool  // the next child needs no comma: a message has said why
	damaged bool
}

// next moves to the next child of c. It returns false when the container
// has ended, with pos behind it.
func (p *parser) next(c *children, closer byte) bool {
	for {
		p.space()
		if p.pos == len(p.text) {
			p.unclosed(c, closer)
			return false
		}
		switch ch := p.text[p.pos]; ch {
		case closer:
			if p.byIndent && p.lostCloser() {
				return p.implied(c, closer)
			}
			if p.byIndent && p.strayCloser() {
				p.f.report("syntax-wrong-bracket", Range{p.pos, p.pos + 1}, "%q closes nothing that is open here", ch)
				p.pos++
				c.damaged = true
				continue
			}
			p.trailingComma(c, closer)
			p.pos++
			return false
		case '}', ']':
			return p.wrongCloser(c, closer)
		case ',':
			if c.last == 0 || c.comma >= 0 {
				d := p.f.report("syntax-trailing-comma", Range{p.pos, p.pos + 1}, "a comma without a value before it")
				d.Fix = remove("remove the comma", p.pos, p.pos+1)
			} else {
				c.comma = p.pos
			}
			p.pos++
			continue
		}
		if p.byIndent && p.lostCloser() {
			return p.implied(c, closer)
		}
		if c.last != 0 && c.comma < 0 && !c.glued && !p.glued {
			p.missingComma(c)
		}
		c.glued, p.glued = false, false
		return true
	}
}

func (p *parser) missingComma(c *children) {
	d := p.f.report("syntax-missing-comma", p.token(), "a comma is missing before %s", p.quoteToken())
	d.Related = []Related{{p.f, Range{c.end, c.end}, "the comma belongs here"}}
	d.Fix = insert("insert the comma", c.end, ",")
}

func (p *parser) trailingComma(c *children, closer byte) {
	if c.comma < 0 || c.last == 0 {
		return
	}
	d := p.f.report("syntax-trailing-comma", Range{c.comma, c.comma + 1}, "a comma before %q, with nothing after it", closer)
	d.Fix = remove("remove the comma", c.comma, c.comma+1)
}

func (p *parser) opener() int { return p.open[len(p.open)-1].offset }

// unclosed reports a container that is open at the end of the file: once, for
// the innermost one, with all that has to be closed. It is no guess, so nothing
// is damaged.
func (p *parser) unclosed(c *children, closer byte) {
	p.unbalanced = true
	if p.atEnd {
		return
	}
	p.atEnd = true
	var closers strings.Builder
	for _, b := range slices.Backward(p.open) {
		closers.WriteByte(closerOf(p.text[b.offset]))
	}
	end := len(strings.TrimRight(p.text, " \t\r\n")) // where the brackets belong
	d := p.f.report("syntax-unclosed-bracket", Range{end, end},
		"the file ends before %q, which closes the %q of line %d", closer, p.text[p.opener()], p.f.Position(p.opener()).Line)
	d.Related = []Related{{p.f, Range{p.opener(), p.opener() + 1}, "opened here"}}
	if c.comma < 0 {
		// Only after a whole value is it plain that nothing else got lost.
		d.Fix = insert("close what is open", end, closers.String())
		d.Fix.Safe = c.last != 0 && !strings.Contains(p.text[c.end:], "/")
	}
}

func closerOf(opener byte) byte {
	if opener == '{' {
		return '}'
	}
	return ']'
}

// implied ends a container whose closer was lost before pos, and leaves pos to
// the container around it.
func (p *parser) implied(c *children, closer byte) bool {
	p.unbalanced = true
	d := p.f.report("syntax-unclosed-bracket", p.token(),
		"%q is missing before %s: the %q of line %d is not closed", closer, p.quoteToken(), p.text[p.opener()], p.f.Position(p.opener()).Line)
	d.Related = []Related{{p.f, Range{p.opener(), p.opener() + 1}, "opened here"}}
	if c.comma < 0 && c.last != 0 {
		d.Fix = &Fix{Title: "close the bracket", Edits: []Edit{{Start: c.end, End: c.end, New: string(closer)}}}
	} else if c.comma >= 0 {
		d.Fix = &Fix{Title: "close the bracket", Edits: []Edit{{Start: c.comma, End: c.comma, New: string(closer)}}}
		p.pos = c.comma // it separates this container from what follows
	}
	c.damaged = true
	p.glued = true // the comma, if it is missing too, is another round's
	return false
}

// wrongCloser deals with ] where } is due, or the reverse. If a bracket further
// out fits it, the closer of this container was lost, unless indentation says
// that it was merely mistyped.
func (p *parser) wrongCloser(c *children, closer byte) bool {
	p.unbalanced = true
	found := p.text[p.pos]
	fits := func(b bracket) bool { return closerOf(p.text[b.offset]) == found }
	if slices.ContainsFunc(p.open[:len(p.open)-1], fits) && !(p.startsLine() && p.indent == p.open[len(p.open)-1].indent) {
		return p.implied(c, closer)
	}
	d := p.f.report("syntax-wrong-bracket", Range{p.pos, p.pos + 1}, "%q closes the %q of line %d, expected %q",
		found, p.text[p.opener()], p.f.Position(p.opener()).Line, closer)
	d.Related = []Related{{p.f, Range{p.opener(), p.opener() + 1}, "opened here"}}
	d.Fix = &Fix{Title: fmt.Sprintf("replace %q by %q", found, closer), Edits: []Edit{{Start: p.pos, End: p.pos + 1, New: string(closer)}}}
	c.damaged = true
	p.pos++
	return false
}

// lostCloser reports whether what stands at pos is indented as something
// further out than the innermost open bracket.
func (p *parser) lostCloser() bool {
	inner := p.open[len(p.open)-1]
	if len(p.open) < 2 || !p.startsLine() || !p.endsLine(inner.offset) || p.indent == "" && inner.indent == "" {
		return false
	}
	closes := p.text[p.pos] == '}' || p.text[p.pos] == ']'
	return strings.HasPrefix(inner.indent, p.indent) && (len(p.indent) < len(inner.indent) || !closes)
}

// strayCloser reports whether the closer at pos is indented as something
// further in than the innermost open bracket.
func (p *parser) strayCloser() bool {
	inner := p.open[len(p.open)-1]
	return p.startsLine() && p.endsLine(inner.offset) &&
		len(p.indent) > len(inner.indent) && strings.HasPrefix(p.indent, inner.indent)
}

// startsLine reports whether only spaces stand before pos on its line.
func (p *parser) startsLine() bool { return p.lineToken == p.pos }

// endsLine reports whether only spaces stand after the character at offset on
// its line.
func (p *parser) endsLine(offset int) bool {
	rest := p.text[offset+1 : min(offset+200, len(p.text))]
	rest = strings.TrimLeft(rest, " \t\r")
	return rest == "" || rest[0] == '\n'
}

// token returns the range of the word at pos, for a message.
func (p *parser) token() Range {
	end := p.pos
	switch c := p.text[p.pos]; c {
	case '"':
		for end++; end < len(p.text) && p.text[end] != '"' && p.text[end] >= ' '; end++ {
		}
		end = min(end+1, len(p.text))
	case '{', '[', '}', ']', ',', ':':
		end++
	default:
		end = p.runEnd(end)
	}
	return Range{p.pos, end}
}

func (p *parser) quoteToken() string {
	r := p.token()
	text := p.text[r.Start:r.End]
	if len(text) > 40 {
		return strconv.Quote(strings.ToValidUTF8(text[:37], "\ufffd") + "...")
	}
	if strings.HasPrefix(text, `"`) {
		return strings.ToValidUTF8(text, "\ufffd")
	}
	return strconv.Quote(text)
}

// object parses members up to the closing brace. It reports whether it had to
// guess.
func (p *parser) object(id int32) (damaged bool) {
	c := children{id: id, comma: -1}
	count := 0
	for p.next(&c, '}') {
		start := p.pos
		key := p.key(id)
		if key == 0 {
			p.f.report("syntax-missing-key", p.token(), "a key in quotes was expected, found %s", p.quoteToken())
			p.skip()
			c.damaged = true
			c.end = p.pos
			if c.last == 0 {
				// A comma may follow what was skipped.
				p.space()
				if p.pos < len(p.text) && p.text[p.pos] == ',' {
					p.pos++
				}
			} else {
				c.comma = -1
			}
			c.glued = true
			continue
		}
		p.f.nodes[key].flags |= flagKey
		p.link(id, c.last, key)
		c.last = key
		p.member(id, Range{start, p.pos})
		c.end, c.comma = p.lastEnd(key+1), -1
		count++
	}
	if count > 1 {
		p.duplicates(id, count)
	}
	return c.damaged
}

func (p *parser) lastEnd(id int32) int { return int(p.f.nodes[id].end) }

// member parses the colon and the value of a member.
func (p *parser) member(parent int32, key Range) {
	p.space()
	switch {
	case p.pos < len(p.text) && p.text[p.pos] == ':':
		p.pos++
	case p.pos < len(p.text) && p.text[p.pos] == '=':
		p.f.report("syntax-missing-colon", Range{p.pos, p.pos + 1}, "%q after a key, expected %q", '=', ':').
			Fix = &Fix{Title: "replace it by a colon", Safe: true, Edits: []Edit{{Start: p.pos, End: p.pos + 1, New: ":"}}}
		p.pos++
	case p.pos == len(p.text) || strings.IndexByte(",}]", p.text[p.pos]) >= 0:
		p.f.report("syntax-missing-value", key, "the key %s has no value", strings.ToValidUTF8(p.text[key.Start:key.End], "\ufffd"))
		p.invalid(parent, key.End)
		return
	default:
		p.f.report("syntax-missing-colon", p.token(), "a colon is missing before %s", p.quoteToken()).
			Fix = insert("insert the colon", key.End, ":")
	}
	p.space()
	if p.pos == len(p.text) {
		p.f.report("syntax-missing-value", key, "the key %s has no value", strings.ToValidUTF8(p.text[key.Start:key.End], "\ufffd"))
		p.invalid(parent, p.pos)
		return
	}
	p.value(parent, &key)
}

func (p *parser) invalid(parent int32, at int) {
	id := p.add(Invalid, parent, at)
	p.f.nodes[id].end = int32(at)
}

// key parses a key; 0 if what stands there cannot be one.
func (p *parser) key(parent int32) int32 {
	switch c := p.text[p.pos]; {
	case c == '"':
		return p.str(parent)
	case c == '\'':
		return p.singleQuoted(parent)
	case c == '{' || c == '[' || c == ':':
		return 0
	}
	r := p.token()
	if r.Start == r.End {
		return 0
	}
	id := p.add(String, parent, r.Start)
	p.f.nodes[id].end = int32(r.End)
	p.f.nodes[id].flags = flagBare
	p.pos = r.End
	word := p.text[r.Start:r.End]
	d := p.f.report("syntax-unquoted", r, "the key %s stands without quotes", strconv.Quote(word))
	d.Fix = &Fix{Title: "put it in quotes", Safe: isWord(word), Edits: []Edit{{r.Start, r.End, quote(word)}}}
	if !p.validUTF8 {
		p.f.table(id, strings.ToValidUTF8(word, "\ufffd"))
	}
	return id
}

func isWord(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && r != '$' && r != '.' && r != '/' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) < 0
}

// array parses items up to the closing bracket. It reports whether it had to
// guess.
func (p *parser) array(id int32) (damaged bool) {
	c := children{id: id, comma: -1}
	for p.next(&c, ']') {
		if p.text[p.pos] == ':' {
			p.f.report("syntax-unexpected-text", Range{p.pos, p.pos + 1}, "a colon in an array")
			p.pos++
			c.damaged, c.glued = true, true
			continue
		}
		item := p.value(id, nil)
		p.link(id, c.last, item)
		c.last, c.end, c.comma = item, p.lastEnd(item), -1
	}
	return c.damaged
}

// bare parses a literal, a number or a word that should not be there.
func (p *parser) bare(parent int32) int32 {
	start := p.pos
	if p.text[start] == '\'' {
		return p.singleQuoted(parent)
	}
	p.pos = p.runEnd(start)
	if p.pos == start { // a lone character that belongs to no word
		_, size := utf8.DecodeRuneInString(p.text[start:])
		p.pos += size
	}
	word := p.text[start:p.pos]
	id := p.add(Invalid, parent, start)
	p.f.nodes[id].end = int32(p.pos)
	n := &p.f.nodes[id]
	switch {
	case word == "null":
		n.kind = Null
	case word == "true" || word == "false":
		n.kind = Bool
	case isNumber(word):
		n.kind = Number
	default:
		p.badWord(word, Range{start, p.pos})
	}
	return id
}

// runEnd returns the end of the run of characters from i that no structural
// character, quote, space or comment interrupts.
func (p *parser) runEnd(i int) int {
	for i < len(p.text) {
		c := p.text[i]
		switch {
		case inWord[c]:
		case c == '/' && !strings.HasPrefix(p.text[i+1:], "/") && !strings.HasPrefix(p.text[i+1:], "*"):
		case c >= utf8.RuneSelf && exoticSpace(p.text[i:]) == 0:
		default:
			return i
		}
		i++
	}
	return i
}

// inWord holds the ASCII characters that never end a run.
var inWord = func() (t [256]bool) {
	for c := '!'; c < 0x7f; c++ {
		t[c] = !strings.ContainsRune(`{}[],:"'/`, c)
	}
	return t
}()

// badWord reports a word that is no JSON value and offers the value it stands
// for in the languages it comes from.
func (p *parser) badWord(word string, r Range) {
	replace := func(rule, text string, safe bool, format string, args ...any) {
		d := p.f.report(rule, r, format, args...)
		if text != "" {
			d.Fix = &Fix{Title: "write " + text, Safe: safe, Edits: []Edit{{r.Start, r.End, text}}}
		}
	}
	shown := strconv.Quote(word)
	if len(word) > 60 {
		shown = strconv.Quote(word[:57] + "...")
	}
	switch lower := strings.ToLower(word); lower {
	case "true", "false", "null":
		replace("syntax-unquoted", lower, true, "%s is not a JSON value, expected %q", shown, lower)
		return
	case "none", "nil", "undefined":
		replace("syntax-unquoted", "null", false, "%s is not a JSON value", shown)
		return
	}
	if c := word[0]; c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' {
		replace("syntax-invalid-number", jsonNumber(word), false, "%s is not a JSON number", shown)
		return
	}
	if isWord(word) {
		replace("syntax-unquoted", quote(word), false, "the text %s stands without quotes", shown)
		return
	}
	p.f.report("syntax-unexpected-text", r, "unexpected text %s", shown)
}

// jsonNumber writes a number of another notation in JSON's, "" if it can't.
func jsonNumber(word string) string {
	s := strings.TrimPrefix(word, "+")
	if len(s) > 1 && s[0] == '0' && strings.Trim(s, "0123456789") == "" {
		s = strings.TrimLeft(s[:len(s)-1], "0") + s[len(s)-1:]
	}
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	if s = strings.TrimSuffix(s, "."); isNumber(s) {
		return s
	}
	return ""
}

// isNumber implements the number grammar of RFC 8259, section 6.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, rest := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	if strings.HasPrefix(rest, ".") {
		n, after := digits(rest[1:])
		if n == 0 {
			return false
		}
		rest = after
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		n, after := digits(rest)
		if n == 0 {
			return false
		}
		rest = after
	}
	return rest == ""
}

func digits(s string) (n int, rest string) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n, s[n:]
}

// str parses a string at its opening quote.
func (p *parser) str(parent int32) int32 {
	id := p.add(String, parent, p.pos)
	start, text, flags := p.pos, p.text, flag(0)
	problems := len(p.f.Problems)
	for i := start + 1; i < len(text); i++ {
		c := text[i]
		if plain[c] {
			continue
		}
		switch {
		case c == '"':
			p.pos = i + 1
			n := &p.f.nodes[id]
			n.end, n.flags = int32(p.pos), flags
			return id
		case c == '\\':
			flags |= flagEscaped
			i += p.escape(i) - 1
		case c < ' ':
			if (c == '\n' || c == '\r') && p.endsString(i) {
				p.f.Problems = p.f.Problems[:problems] // what they say of is outside
				return p.unterminated(id, start, i)
			}
			p.control(i)
			flags |= flagEscaped
		case !p.validUTF8:
			flags |= flagEscaped
		}
	}
	p.f.Problems = p.f.Problems[:problems]
	return p.unterminated(id, start, len(text))
}

// plain holds the bytes that mean themselves in a string.
var plain = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// endsString decides whether the line break at i, inside a string, means that
// the closing quote was forgotten: it does when the next line starts as a line
// of JSON does.
func (p *parser) endsString(i int) bool {
	if i < p.peekFrom || i >= p.peekTo {
		rest := strings.TrimLeft(p.text[i:], " \t\r\n")
		p.peekFrom, p.peekTo = i, len(p.text)-len(rest)
	}
	return p.peekTo == len(p.text) || strings.IndexByte(`"{}[]`, p.text[p.peekTo]) >= 0
}

// unterminated ends a string that has no closing quote at the end of its line.
func (p *parser) unterminated(id int32, start, lineEnd int) int32 {
	if i := strings.IndexByte(p.text[start:lineEnd], '\n'); i >= 0 {
		lineEnd = start + i
	}
	content := strings.TrimRight(p.text[start+1:lineEnd], " \t\r")
	content = strings.TrimSuffix(content, ",")
	p.pos = start + 1 + len(content)
	p.f.nodes[id].end = int32(p.pos)
	p.f.table(id, unquote(content))
	d := p.f.report("syntax-unterminated-string", Range{start, p.pos}, "the string has no closing quote")
	d.Fix = &Fix{Title: "close the string", Edits: []Edit{{p.pos, p.pos, `"`}}}
	return id
}

func (f *File) table(id int32, value string) {
	if f.decoded == nil {
		f.decoded = map[int32]string{}
	}
	f.decoded[id] = value
	f.nodes[id].flags |= flagTable
}

func (p *parser) control(i int) {
	text := quote(p.text[i : i+1])
	d := p.f.report("syntax-control-character", Range{i, i + 1}, "raw control character U+%04X in a string", p.text[i])
	if p.text[i] == '\r' && i+1 < len(p.text) && p.text[i+1] == '\n' {
		d.Hint = "write it as \\r, or remove it together with the line break after it"
	}
	d.Fix = &Fix{Title: "write it as " + text[1:len(text)-1], Safe: true, Edits: []Edit{{i, i + 1, text[1 : len(text)-1]}}}
}

// escape checks the escape at i and returns its length.
func (p *parser) escape(i int) int {
	if i+1 >= len(p.text) {
		return 1
	}
	switch c := p.text[i+1]; c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if i+6 <= len(p.text) && isHex(p.text[i+2:i+6]) {
			return 6
		}
		p.f.report("syntax-invalid-escape", Range{i, i + 2}, "\\u is not followed by four hexadecimal digits")
		return 2
	case '\n', '\r':
		p.f.report("syntax-invalid-escape", Range{i, i + 1}, "a backslash at the end of a line")
		return 1
	case '\'':
		p.f.report("syntax-invalid-escape", Range{i, i + 2}, "JSON has no escape %s", `\'`).Fix = remove("remove the backslash", i, i+1)
		return 2
	default:
		r, size := utf8.DecodeRuneInString(p.text[i+1:])
		d := p.f.report("syntax-invalid-escape", Range{i, i + 1 + size}, "JSON has no escape %s", strconv.Quote(`\`+string(r)))
		d.Fix = &Fix{Title: "double the backslash", Edits: []Edit{{i, i, `\`}}}
		if c < ' ' {
			return 1
		}
		return 1 + size
	}
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// singleQuoted parses 'text' as a string.
func (p *parser) singleQuoted(parent int32) int32 {
	start, i := p.pos, p.pos+1
	for i < len(p.text) && p.text[i] != '\'' && p.text[i] != '\n' {
		if p.text[i] == '\\' && i+1 < len(p.text) && p.text[i+1] != '\n' {
			i++
		}
		i++
	}
	i = min(i, len(p.text))
	content := p.text[start+1 : i]
	id := p.add(String, parent, start)
	if i < len(p.text) && p.text[i] == '\'' {
		i++
	}
	p.pos = i
	p.f.nodes[id].end = int32(i)
	value := unquote(strings.ReplaceAll(content, `"`, `\"`))
	p.f.table(id, value)
	d := p.f.report("syntax-unquoted", Range{start, i}, "a string in single quotes, expected double quotes")
	d.Fix = &Fix{Title: "use double quotes", Safe: !strings.Contains(content, `\`) && utf8.ValidString(content),
		Edits: []Edit{{start, i, quote(value)}}}
	return id
}

// space skips white space, and reports what only looks like it: comments,
// exotic spaces and control characters.
func (p *parser) space() {
	line := -1
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == ' ' || c == '\r' || c == '\t':
			p.pos++
		case c == '\n':
			p.pos++
			line = p.pos
		case c == '/' && p.comment():
		case c < ' ' || c >= utf8.RuneSelf:
			size := exoticSpace(p.text[p.pos:])
			if size == 0 {
				p.startLine(line)
				return
			}
			r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
			line = -1
			d := p.f.report("syntax-exotic-space", Range{p.pos, p.pos + size}, "U+%04X between values is not white space in JSON", r)
			d.Fix = &Fix{Title: "replace it by a space", Safe: true, Edits: []Edit{{p.pos, p.pos + size, " "}}}
			p.pos += size
		default:
			p.startLine(line)
			return
		}
	}
}

// startLine notes that the token at pos is the first of its line, which starts
// at the given offset; -1 if it is not the first.
func (p *parser) startLine(line int) {
	if line >= 0 {
		p.lineToken, p.indent = p.pos, p.text[line:p.pos]
	}
}

// exoticSpace returns the length of the character that s starts with if people
// take it for a space, or do not see it at all, and JSON takes it for neither.
func exoticSpace(s string) int {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError || r == ' ' || r == '\n' || r == '\r' || r == '\t' {
		return 0
	}
	if unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Cc) {
		return size
	}
	return 0
}

// comment skips and reports the comment at pos, if there is one.
func (p *parser) comment() bool {
	rest := p.text[p.pos:]
	var size int
	switch {
	case strings.HasPrefix(rest, "//"):
		if size = strings.IndexByte(rest, '\n'); size < 0 {
			size = len(rest)
		}
		size = len(strings.TrimRight(rest[:size], "\r"))
	case strings.HasPrefix(rest, "/*"):
		if size = strings.Index(rest, "*/"); size < 0 {
			size = len(rest)
		} else {
			size += 2
		}
	default:
		return false
	}
	d := p.f.report("syntax-comment", Range{p.pos, p.pos + size}, "a comment, which JSON does not have")
	d.Fix = &Fix{Title: "remove the comment", Edits: []Edit{{Start: p.pos, End: p.pos + size}}}
	p.pos += size
	return true
}

// duplicates reports members of the object id that share a name. Small objects,
// nearly all there are, are compared pair by pair.
func (p *builder) duplicates(id int32, count int) {
	nodes := p.f.nodes
	if count <= 12 {
		for a := id + 1; a != 0; a = nodes[a].next {
			for b := nodes[a].next; b != 0; b = nodes[b].next {
				if p.sameKey(a, b) {
					p.duplicate(a, b)
					break
				}
			}
		}
		return
	}
	if p.keys == nil {
		p.keys = make(map[string]int32, count)
	}
	clear(p.keys)
	for k := id + 1; k != 0; k = nodes[k].next {
		name, _ := Node{p.f, k}.Str()
		if first, seen := p.keys[name]; seen {
			p.duplicate(first, k)
		}
		p.keys[name] = k
	}
}

func (p *builder) sameKey(a, b int32) bool {
	x, y := &p.f.nodes[a], &p.f.nodes[b]
	if (x.flags|y.flags)&(flagEscaped|flagTable|flagBare) == 0 {
		return x.end-x.start == y.end-y.start && p.text[x.start+1:x.end-1] == p.text[y.start+1:y.end-1]
	}
	s, _ := Node{p.f, a}.Str()
	t, _ := Node{p.f, b}.Str()
	return s == t
}

func (p *builder) duplicate(first, second int32) {
	p.f.duplicateKey(Node{p.f, first}, Node{p.f, second})
}

func (f *File) duplicateKey(first, second Node) {
	if len(f.Problems) > MaxProblems {
		return // a position costs as much as its line is long
	}
	name, _ := second.Str()
	d := f.report("syntax-duplicate-key", second.Range(), "the key %q is already on line %d", name, f.Position(first.Range().Start).Line)
	d.Node = second
	d.Hint = "importers keep the last one and drop the others without a word"
	d.Related = []Related{{f, first.Range(), "first here"}}
}

// reportInvalidUTF8 reports all bytes that are not UTF-8 in one diagnostic at
// the first of them: a file in another encoding has hundreds. They are most
// often Windows-1252, which the fix assumes.
func (p *builder) reportInvalidUTF8() {
	var edits []Edit
	for i := 0; i < len(p.text); {
		r, size := utf8.DecodeRuneInString(p.text[i:])
		if r == utf8.RuneError && size == 1 {
			edits = append(edits, Edit{i, i + 1, string(fromWindows1252(p.text[i]))})
		}
		i += size
	}
	first := edits[0]
	more := ""
	if len(edits) > 1 {
		more = fmt.Sprintf(", the first of %d such bytes", len(edits))
	}
	d := p.f.report("syntax-invalid-utf8", Range{first.Start, first.End}, "byte 0x%02X is not UTF-8%s", p.text[first.Start], more)
	d.Hint = fmt.Sprintf("save the file as UTF-8; in Windows-1252 the byte is %q", first.New)
	d.Fix = &Fix{Title: "read the bytes as Windows-1252 and write UTF-8", Edits: edits}
}

// fromWindows1252 decodes one byte; the five that Windows-1252 leaves free are
// taken as in Latin-1 (WHATWG Encoding Standard, index windows-1252).
func fromWindows1252(b byte) rune {
	const high = "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
		"\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178"
	if b >= 0x80 && b < 0xa0 {
		return []rune(high)[b-0x80]
	}
	return rune(b)
}

// fromUTF16 decodes UTF-16 with a byte order mark, or without one when the
// first two characters are plainly ASCII.
func fromUTF16(data []byte) (text string, ok bool) {
	if len(data) < 4 {
		return "", false
	}
	little := data[0] == 0xff && data[1] == 0xfe || data[0] != 0 && data[1] == 0 && data[2] != 0 && data[3] == 0
	big := data[0] == 0xfe && data[1] == 0xff || data[0] == 0 && data[1] != 0 && data[2] == 0 && data[3] != 0
	if !little && !big {
		return "", false
	}
	low, high := 0, 1
	if big {
		low, high = 1, 0
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		units = append(units, uint16(data[i+low])|uint16(data[i+high])<<8)
	}
	if units[0] == 0xfeff {
		units = units[1:]
	}
	return string(utf16.Decode(units)), true
}

// unquote decodes the content of a JSON string as encoding/json does: a lone
// surrogate and an invalid byte become U+FFFD. An escape that JSON does not
// have stands for the character after the backslash.
func unquote(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		c := s[i]
		if c != '\\' {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b.WriteRune(utf8.RuneError)
			} else {
				b.WriteString(s[i : i+size])
			}
			i += size
			continue
		}
		if i+1 == len(s) {
			break
		}
		i += 2
		switch e := s[i-1]; e {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			r, ok := hex4(s[i:])
			if !ok {
				b.WriteByte('u')
				continue
			}
			i += 4
			if utf16.IsSurrogate(r) {
				if low, ok := hex4(strings.TrimPrefix(s[i:], `\u`)); ok && strings.HasPrefix(s[i:], `\u`) && utf16.DecodeRune(r, low) != utf8.RuneError {
					r = utf16.DecodeRune(r, low)
					i += 6
				} else {
					r = utf8.RuneError
				}
			}
			b.WriteRune(r)
		default:
			i-- // the character itself, whole if it is longer than a byte
			r, size := utf8.DecodeRuneInString(s[i:])
			b.WriteRune(r)
			i += size
		}
	}
	return b.String()
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 || !isHex(s[:4]) {
		return 0, false
	}
	v, err := strconv.ParseUint(s[:4], 16, 32)
	return rune(v), err == nil
}

// quote writes s as a JSON string and leaves everything readable that may be.
func quote(s string) string {
	b := make([]byte, 0, len(s)+2)
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return string(append(b, '"'))
}
