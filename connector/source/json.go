package source

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parseJSON builds the tree of a JSON text (RFC 8259) and never gives up: it
// consumes at least a byte at every step, so it is linear, and where the text
// is wrong it reports once and goes on with the likeliest reading.
//
// A text whose brackets or quotes do not pair is parsed a second time with an
// eye on lines and indentation, which tell far better what was lost, and where,
// than the characters alone. That reading is taken unless it finds more to
// complain about.
func parseJSON(f *File) {
	before := slices.Clone(f.Problems)
	p := newParser(f)
	p.lines = append(make([]int, 0, len(f.Text)/24+8), 0)
	p.document()
	if len(f.Problems) == 0 {
		f.linesOnce.Do(func() { f.lines = p.lines }) // all line ends are white space between tokens
	}
	if p.unbalanced || p.confused {
		again := &File{Name: f.Name, Text: f.Text, Problems: before, nodes: []node{{}}}
		q := newParser(again)
		q.byLine = true
		q.document()
		if len(again.Problems) <= len(f.Problems) {
			f.Problems, f.Damaged, f.nodes, f.decoded = again.Problems, again.Damaged, again.nodes, again.decoded
			for i := range f.Problems {
				f.Problems[i].rebase(f)
			}
		}
	}
	slices.SortStableFunc(f.Problems, func(a, b Diagnostic) int { return a.Range.Start - b.Range.Start })
	f.distrust()
}

// distrust takes back that a fix is safe where another kind of mistake stands
// on the same or the next line: then what seems to be a missing comma may be
// something else.
func (f *File) distrust() {
	line := func(d *Diagnostic) int { return f.Position(d.Range.Start).Line }
	for i := range f.Problems {
		d := &f.Problems[i]
		if d.Fix == nil || !d.Fix.Safe {
			continue
		}
		switch d.Rule {
		case "syntax-missing-comma", "syntax-missing-colon", "syntax-unquoted", "syntax-unclosed-bracket":
			for j := range f.Problems {
				other := &f.Problems[j]
				if near := line(other) - line(d); other.Rule != d.Rule && other.Rule != "syntax-comment" && -1 <= near && near <= 1 {
					d.Fix.Safe = false
				}
			}
		}
	}
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
	byLine     bool      // the second reading: lines and indentation tell what was lost
	unbalanced bool      // brackets do not pair
	confused   bool      // quotes do not pair, or text stands where none should
	ragged     bool      // a closer is not indented as its opener
	cut        bool      // the file ends in a string
	glued      *Edit     // the edit that closes an implied closer: what follows needs no other comma
	atEnd      bool      // the open brackets at the end of the file are reported
	noQuote    Range     // no quote here closes a string; one that starts here need not be searched again
	lineToken  int       // where the first token of the current line stands
	indent     string    // the white space before it
	lines      []int     // where lines start, as far as they end between tokens
	unit       int       // the length of one level of indentation, 0 if it is not known
	peekFrom   int       // endsString: from here to peekTo there is only space
	peekTo     int
}

type bracket struct {
	offset int    // where it is, or should be
	opener byte   // { or [
	indent string // of its line
}

func (b bracket) closer() byte { return closerOf(b.opener) }

func closerOf(opener byte) byte {
	if opener == '{' {
		return '}'
	}
	return ']'
}

func newParser(f *File) *parser { return &parser{builder: newBuilder(f)} }

func newBuilder(f *File) builder {
	// Real definitions have a node for every 12 to 24 bytes; three in four fit
	// without growing.
	f.nodes = append(make([]node, 0, len(f.Text)/18+16), node{})
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
	if p.start() {
		p.value(0, nil)
	}
	p.space()
	if end := len(strings.TrimRight(p.text, " \t\r\n")); p.pos < end {
		p.trailing(end)
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
		p.open = append(p.open, bracket{p.pos, c, p.indent})
		p.pos++
		damaged := false
		if c == '{' {
			p.f.nodes[id].kind = Object
			damaged = p.object(id)
		} else {
			damaged = p.array(id)
		}
		p.open = p.open[:len(p.open)-1]
		if p.f.nodes[id].end == 0 { // else implied has set it
			p.f.nodes[id].end = int32(p.pos)
		}
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
	id      int32  // the container
	last    int32  // the last child linked
	end     int    // end of the last child
	comma   int    // offset of the comma after the last child, -1 if there is none yet
	glued   bool   // the next child needs no comma: a message has said why
	indent  string // of the first child that starts a line
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
		ch := p.text[p.pos]
		if p.byLine && ch != ',' && p.lostCloser() {
			return p.implied(c, closer)
		}
		switch ch {
		case closer:
			if p.startsLine() && p.indent != p.inner().indent {
				p.ragged = true
			}
			if p.byLine && p.strayCloser() {
				p.stray(c)
				continue
			}
			p.trailingComma(c, closer)
			p.pos++
			return false
		case '}', ']':
			return p.wrongCloser(c, closer)
		case ',':
			p.comma(c)
			continue
		}
		if c.last == 0 && p.startsLine() {
			c.indent = p.firstIndent()
		}
		if c.last != 0 && c.comma < 0 && !c.glued && ch != ':' {
			if p.strayWord(c) {
				continue
			}
			p.missingComma(c)
		}
		c.glued, p.glued = false, nil
		return true
	}
}

func (p *parser) comma(c *children) {
	if c.last == 0 || c.comma >= 0 {
		d := p.f.report("syntax-trailing-comma", Range{p.pos, p.pos + 1}, "a comma without a value before it")
		d.Fix = remove("remove the comma", p.pos, p.pos+1)
	} else {
		c.comma = p.pos
	}
	p.pos++
}

// missingComma reports that a child follows another without a comma. After an
// implied closer it is a part of the same mistake, and of its fix.
func (p *parser) missingComma(c *children) {
	if p.glued != nil {
		p.glued.New += ","
		return
	}
	p.confused = true
	d := p.f.report("syntax-missing-comma", p.token(), "a comma is missing before %s", p.quoteToken())
	d.Related = []Related{{p.f, Range{c.end, c.end}, "the comma belongs here"}}
	d.Fix = insert("insert the comma", c.end, ",")
	d.Fix.Safe = p.startsMember(p.pos) || p.inner().opener == '[' && p.text[p.pos] != '\''
}

// strayWord reports and skips what a slip of a finger leaves where a comma
// belongs, or beside it: one character, or some that are no letters. As a key it
// would have what follows for its value, and the rest of the file be lost.
func (p *parser) strayWord(c *children) bool {
	r := Range{p.pos, p.runEnd(p.pos)}
	if p.text[p.pos] == ';' {
		r.End = p.pos + 1
	}
	word := p.text[r.Start:r.End]
	isPunctuation := strings.IndexFunc(word, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }) < 0
	if word == "" || !isPunctuation && len(word) > 1 || strings.HasPrefix(word, "-") || strings.HasPrefix(word, "<<<<") {
		return false
	}
	at := len(p.text) - len(strings.TrimLeft(p.text[r.End:], " \t\r\n"))
	if at == len(p.text) {
		return false
	}
	p.confused = true
	switch next := p.text[at]; {
	case next == ',' || next == '}' || next == ']':
		p.f.report("syntax-unexpected-text", r, "unexpected text %s", shown(word)).Fix = remove("remove it", r.Start, r.End)
	case p.inner().opener == '{' && p.startsMember(at), p.inner().opener == '[' && strings.IndexByte(`"{[`, next) >= 0:
		d := p.f.report("syntax-missing-comma", r, "%s where a comma belongs", shown(word))
		d.Fix = &Fix{Title: "write a comma", Safe: isPunctuation, Edits: []Edit{{r.Start, r.End, ","}}}
		c.comma = r.Start
	default:
		return false
	}
	p.pos = r.End
	return true
}

// startsMember reports whether a quoted key and a colon stand at an offset.
func (p *parser) startsMember(at int) bool {
	if p.text[at] != '"' {
		return false
	}
	end := strings.IndexByte(p.text[at+1:min(at+200, len(p.text))], '"')
	return end >= 0 && strings.HasPrefix(strings.TrimLeft(p.text[at+end+2:min(at+end+20, len(p.text))], " \t"), ":")
}

func (p *parser) trailingComma(c *children, closer byte) {
	if c.comma < 0 || c.last == 0 {
		return
	}
	d := p.f.report("syntax-trailing-comma", Range{c.comma, c.comma + 1}, "a comma before %q, with nothing after it", closer)
	d.Fix = remove("remove the comma", c.comma, c.comma+1)
}

func (p *parser) inner() bracket { return p.open[len(p.open)-1] }

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

// quoteToken shows the word at pos in a message.
func (p *parser) quoteToken() string {
	r := p.token()
	return shown(p.text[r.Start:r.End])
}

// shown writes text from the file for a message: a string with its own quotes,
// anything else in new ones, not too long.
func shown(text string) string {
	short := strings.ToValidUTF8(text, "\ufffd")
	if len(short) > 60 {
		short = strings.ToValidUTF8(short[:57], "") + "..."
	}
	if len(text) > 1 && strings.HasPrefix(text, `"`) && strings.HasSuffix(text, `"`) && len(text) <= 60 {
		return short
	}
	return "`" + strings.Map(printable, short) + "`"
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}

// object parses members up to the closing brace. It reports whether it had to
// guess.
func (p *parser) object(id int32) (damaged bool) {
	c := children{id: id, comma: -1}
	count := 0
	for p.next(&c, '}') {
		start := p.pos
		if p.byLine && p.startsLine() {
			key := p.lostOpener(&c)
			if key == 0 {
				key = p.brokenMember(id)
			}
			if key != 0 {
				p.link(id, c.last, key)
				c.last, c.end, c.comma = key, p.lastEnd(key+1), -1
				count++
				continue
			}
		}
		key := p.key(id)
		if key == 0 {
			p.confused = true
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
	if p.pos == len(p.text) || strings.IndexByte(",}]", p.text[p.pos]) >= 0 {
		p.missingValue(parent, key)
		return
	}
	if p.text[p.pos] == ':' {
		p.pos++
	} else {
		p.missingColon(key)
	}
	p.space()
	if p.pos == len(p.text) {
		p.missingValue(parent, key)
		return
	}
	if p.byLine && p.startsLine() && p.memberOnNextLine(parent, key) {
		return
	}
	p.value(parent, &key)
}

func (p *parser) missingValue(parent int32, key Range) {
	p.confused = true
	p.f.report("syntax-missing-value", key, "the key %s has no value", shown(p.text[key.Start:key.End]))
	p.invalid(parent, key.End)
}

func (p *parser) missingColon(key Range) {
	p.confused = true
	if c := p.text[p.pos]; strings.IndexByte("=.;", c) >= 0 {
		d := p.f.report("syntax-missing-colon", Range{p.pos, p.pos + 1}, "%q after a key, expected %q", c, ':')
		d.Fix = &Fix{Title: "replace it by a colon", Safe: true, Edits: []Edit{{Start: p.pos, End: p.pos + 1, New: ":"}}}
		p.pos++
		return
	}
	d := p.f.report("syntax-missing-colon", p.token(), "a colon is missing before %s", p.quoteToken())
	text := p.text[key.Start:key.End]
	if strings.HasSuffix(text, `:"`) && len(text) > 3 {
		d.Hint = "the colon stands inside the key's quotes"
		d.Fix = &Fix{Title: "move the colon behind the quote", Edits: []Edit{{key.End - 2, key.End, `":`}}}
		return
	}
	d.Fix = insert("insert the colon", key.End, ":")
	d.Fix.Safe = strings.HasPrefix(text, `"`) && strings.IndexByte(`"{[`, p.text[p.pos]) >= 0
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
	case c == '{' || c == '[' || c == ':':
		return 0
	}
	if closing := closingQuote(p.text[p.pos:]); closing != "" {
		return p.otherQuotes(parent, closing)
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
	p.confused = true
	d := p.f.report("syntax-unquoted", r, "the key %s stands without quotes", shown(word))
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
		var item int32
		if p.byLine && p.startsLine() && p.startsMember(p.pos) {
			item = p.unopened(id, '{', Range{p.pos, p.token().End}, p.pos)
		} else {
			item = p.value(id, nil)
		}
		p.link(id, c.last, item)
		c.last, c.end, c.comma = item, p.lastEnd(item), -1
	}
	return c.damaged
}

// bare parses a literal, a number or a word that should not be there.
func (p *parser) bare(parent int32) int32 {
	start := p.pos
	if closing := closingQuote(p.text[start:]); closing != "" {
		return p.otherQuotes(parent, closing)
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
		p.confused = true
		if p.byLine && isWord(word) {
			p.pos = p.restOfLine(p.pos)
			word = p.text[start:p.pos]
			p.f.nodes[id].end = int32(p.pos)
		}
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
		t[c] = !strings.ContainsRune(`{}[],:;"'/#`, c)
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
	text := shown(word)
	switch lower := strings.ToLower(word); lower {
	case "true", "false", "null":
		replace("syntax-unquoted", lower, true, "%s is not a JSON value, expected %q", text, lower)
		return
	case "none", "nil", "undefined":
		replace("syntax-unquoted", "null", false, "%s is not a JSON value", text)
		return
	}
	if n := jsonNumber(word); n != "" || looksLikeNumber(word) {
		// A leading zero may have been meant as octal, or as text.
		replace("syntax-invalid-number", n, !strings.HasPrefix(strings.TrimLeft(word, "+-"), "0"), "%s is not a JSON number", text)
		return
	}
	if strings.IndexFunc(word, unicode.IsLetter) >= 0 || strings.IndexFunc(word, unicode.IsDigit) >= 0 {
		replace("syntax-unquoted", quote(word), false, "the text %s stands without quotes", text)
		return
	}
	p.f.report("syntax-unexpected-text", r, "unexpected text %s", text)
}

// looksLikeNumber reports whether a word is a number in some other language.
func looksLikeNumber(word string) bool {
	word = strings.TrimLeft(strings.ToLower(word), "+-")
	if hex, ok := strings.CutPrefix(word, "0x"); ok {
		return isHex(hex)
	}
	return strings.HasPrefix(word, "infinity") || word == "nan" || word == "" ||
		strings.ContainsAny(word[:1], "0123456789.") && strings.Trim(word, "0123456789._e") == "" && strings.Count(word, ".") < 2 && word != "."
}

// jsonNumber writes a number of another notation in JSON's, "" if it can't.
func jsonNumber(word string) string {
	s := strings.TrimPrefix(word, "+")
	if len(s) > 1 && s[0] == '0' && strings.Trim(s, "0123456789") == "" {
		s = strings.TrimLeft(s[:len(s)-1], "0") + s[len(s)-1:]
	}
	if strings.HasPrefix(s, ".") && len(s) > 1 {
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

// space skips white space, and reports what only looks like it: comments,
// exotic spaces and control characters.
func (p *parser) space() {
	line := -1
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == ' ':
			p.pos++
			p.blanks()
		case c == '\r' || c == '\t':
			p.pos++
		case c == '\n':
			p.pos++
			line = p.pos
			p.lines = append(p.lines, line)
		case (c == '/' || c == '#') && p.comment():
		case (c == '<' || c == '=' || c == '>' || c == '|') && p.conflictMarker():
			line = -1
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

// blanks skips an indentation, of which half of most files consists, by the
// word.
func (p *parser) blanks() {
	const eight = "        "
	for p.pos+8 <= len(p.text) && p.text[p.pos:p.pos+8] == eight {
		p.pos += 8
	}
	if p.pos+4 <= len(p.text) && p.text[p.pos:p.pos+4] == eight[:4] {
		p.pos += 4
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
	size, message := 0, "a comment, which JSON does not have"
	closed := true
	switch {
	case strings.HasPrefix(rest, "//"), rest[0] == '#':
		line, _, _ := strings.Cut(rest, "\n")
		size = len(strings.TrimRight(line, "\r"))
	case strings.HasPrefix(rest, "/*"):
		end := strings.Index(rest, "*/")
		if closed = end >= 0; closed {
			size = end + 2
		} else {
			size, message = len(rest), "a comment that is never closed; all after it is lost"
		}
	default:
		return false
	}
	d := p.f.report("syntax-comment", Range{p.pos, p.pos + size}, "%s", message)
	if closed {
		d.Fix = &Fix{Title: "remove the comment", Edits: []Edit{p.wholeLines(p.pos, p.pos+size)}}
	}
	p.pos += size
	return true
}

// wholeLines makes an edit that removes [start, end), and with it the spaces
// before, or the whole lines if nothing else stands on them.
func (p *parser) wholeLines(start, end int) Edit {
	first := len(strings.TrimRight(p.text[:start], " \t"))
	alone := first == 0 || p.text[first-1] == '\n'
	rest := strings.TrimLeft(p.text[end:min(end+200, len(p.text))], " \t\r")
	switch {
	case alone && strings.HasPrefix(rest, "\n"):
		return Edit{Start: first, End: end + strings.IndexByte(p.text[end:], '\n') + 1}
	case rest == "" || strings.HasPrefix(rest, "\n"):
		return Edit{Start: first, End: end}
	}
	return Edit{Start: start, End: end}
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
