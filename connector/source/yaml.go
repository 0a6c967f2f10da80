package source

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Limits for YAML alone. yaml.v3 needs up to a hundred bytes of memory for a
// byte of text.
const (
	maxYAML   = 8 << 20
	maxMerged = 1 << 20 // members that all merge keys of a file bring in
	maxUnroll = 1 << 26 // see tooDear
	maxLocate = 2 << 20 // bytes of text that are read again and again to place a syntax error
)

// parseYAML builds the tree of a YAML text. yaml.v3 says what the text means
// and where each value starts; where it ends is found here, by reading the text
// along with the values.
//
// yaml.v3 stops at the first syntax error. Then there is one problem, and no
// tree. Only what can be mended without changing lines and columns, such as
// invalid UTF-8, does not come so far.
func parseYAML(f *File) {
	p := &yamlParser{builder: newBuilder(f), anchors: map[*yaml.Node]int32{}, merged: map[int32]int{}}
	p.document()
	slices.SortStableFunc(f.Problems, func(a, b Diagnostic) int { return a.Range.Start - b.Range.Start })
}

type yamlParser struct {
	builder
	start, end int     // of the first document, the only one that is read
	version    int     // where the document asks for YAML 1.x: the offset of the x
	lines      []int32 // where yaml.v3 sees lines start
	cursor     struct{ line, column, offset int }
	depth      int
	anchors    map[*yaml.Node]int32 // the nodes that have one
	merged     map[int32]int        // how many members its merge keys bring into an object
	mergedAll  int
}

func (p *yamlParser) document() {
	if !p.validUTF8 {
		p.reportInvalidUTF8()
	}
	if strings.HasPrefix(p.text, byteOrderMark) {
		p.start = len(byteOrderMark)
		p.reportByteOrderMark("nobody sees it, and strict importers reject the file")
	}
	if len(p.text) > maxYAML {
		p.f.report("syntax-limit", Range{}, "the file has %d bytes, more than %d MiB of YAML are not read", len(p.text), maxYAML>>20)
		return
	}
	p.reportControlCharacters()
	p.findLines()
	p.findEnd()
	if p.tooDear() {
		return
	}
	root, more, err := decode(strings.NewReader(p.source(p.end)))
	switch {
	case err != nil:
		p.syntaxError(err)
	case root == nil || isEmpty(root) && !hasProperties(root):
		p.f.report("syntax-empty", Range{0, 0}, "the file is empty")
	default:
		end := p.node(root, 0, p.place(root, p.start))
		if more {
			p.trailingText(p.space(end))
		}
	}
}

// decode returns the root of the first document, nil if there is none, and
// whether something follows it.
func decode(r io.Reader) (root *yaml.Node, more bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			root, err = nil, fmt.Errorf("yaml: cannot be read: %v", r)
		}
	}()
	var first, second yaml.Node
	d := yaml.NewDecoder(r)
	if err := d.Decode(&first); err == io.EOF || err == nil && len(first.Content) == 0 {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	return first.Content[0], d.Decode(&second) != io.EOF, nil
}

// source returns the text up to end for yaml.v3, which refuses to read YAML 1.2
// if the text says that it is.
func (p *yamlParser) source(end int) string {
	if p.version == 0 || p.version >= end {
		return readable(p.text[p.start:end])
	}
	return readable(p.text[p.start:p.version] + "1" + p.text[p.version+1:end])
}

// readable makes a text acceptable to yaml.v3, character by character, so that
// its lines and columns are still those of the text. It also replaces U+FEFF
// by U+2060, which means the same, because yaml.v3 drops characters near it.
func readable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\ufeff':
			return '\u2060'
		case isControl(r):
			return utf8.RuneError
		}
		return r
	}, text)
}

// isControl reports whether YAML forbids r everywhere (YAML 1.2.2, section 5.1).
func isControl(r rune) bool {
	switch r {
	case '\t', '\n', '\r', '\u0085':
		return false
	}
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff
}

func (p *yamlParser) reportControlCharacters() {
	var edits []Edit
	for i, r := range p.text {
		if isControl(r) {
			edits = append(edits, Edit{Start: i, End: i + utf8.RuneLen(r)})
		}
	}
	if len(edits) == 0 {
		return
	}
	at := Range{edits[0].Start, edits[0].End}
	r, _ := utf8.DecodeRuneInString(p.text[at.Start:])
	more := ""
	if len(edits) > 1 {
		more = fmt.Sprintf(", the first of %d", len(edits))
	}
	d := p.f.report("syntax-control-character", at, "raw control character U+%04X%s", r, more)
	d.Hint = "remove it, or write it as an escape in double quotes"
	d.Fix = &Fix{Title: "remove the control characters", Edits: edits}
}

// breakAt returns the length of the line break at i, 0 if there is none.
// yaml.v3 takes the line breaks of YAML 1.1.
func breakAt(text string, i int) int {
	switch text[i] {
	case '\n':
		return 1
	case '\r':
		if strings.HasPrefix(text[i+1:], "\n") {
			return 2
		}
		return 1
	case "\u0085"[0]:
		if strings.HasPrefix(text[i:], "\u0085") {
			return 2
		}
	case "\u2028"[0]:
		if strings.HasPrefix(text[i:], "\u2028") || strings.HasPrefix(text[i:], "\u2029") {
			return 3
		}
	}
	return 0
}

func isBlank(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\r', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

func (p *yamlParser) findLines() {
	p.lines = append(p.lines, int32(p.start))
	for i := p.start; i < len(p.text); {
		n := breakAt(p.text, i)
		if n > 0 {
			p.lines = append(p.lines, int32(i+n))
		}
		i += max(n, 1)
	}
}

// findEnd cuts the text after the first document. It needs no parser: wherever
// "---" or "..." starts a line it is a marker, even inside quotes.
func (p *yamlParser) findEnd() {
	p.end = len(p.text)
	begun, ended := false, false
	for _, line := range p.lines {
		at := int(line)
		first := p.skipBlanks(at)
		switch {
		case p.isMarker(at, "---") && begun:
			d := p.f.report("syntax-yaml-documents", Range{at, at + 3}, "a second document starts here, only the first one is read")
			d.Hint = "put it into a file of its own"
			p.end = min(p.end, at)
			return
		case p.isMarker(at, "---"):
			begun = true
		case p.isMarker(at, "..."):
			p.end = min(p.end, at)
			begun, ended = true, true
		case first == len(p.text) || p.text[first] == '#' || breakAt(p.text, first) > 0:
		case p.text[at] == '%' && (ended || !begun):
			p.directive(at)
		case ended:
			p.trailingText(first)
			return
		default:
			begun = true
		}
	}
}

func (p *yamlParser) directive(at int) {
	const yaml1 = "%YAML 1."
	if i := at + len(yaml1); p.version == 0 && strings.HasPrefix(p.text[at:], yaml1) && p.wordEnd(i) == i+1 {
		p.version = i
	}
}

func (p *yamlParser) isMarker(at int, marker string) bool {
	after := at + len(marker)
	return strings.HasPrefix(p.text[at:], marker) &&
		(after == len(p.text) || p.text[after] == ' ' || p.text[after] == '\t' || breakAt(p.text, after) > 0)
}

func (p *yamlParser) skipBlanks(i int) int {
	for i < len(p.text) && (p.text[i] == ' ' || p.text[i] == '\t') {
		i++
	}
	return i
}

func (p *yamlParser) trailingText(at int) {
	end := len(p.text)
	if at < p.end {
		end = p.end
	}
	end = max(at, len(strings.TrimRight(p.text[:end], " \t\r\n")))
	d := p.f.report("syntax-trailing-text", Range{at, end}, "text after the end of the document")
	d.Hint = "remove it, or check the indentation and the brackets before it"
}

// tooDear reports a text that yaml.v3 would take too long for: where nested
// blocks end, it looks at each comment in front of that place once per block.
func (p *yamlParser) tooDear() bool {
	var columns []int // of the open blocks, as far as the starts of lines tell
	cost, comments := 0, 0
	for _, line := range append(p.lines, int32(p.end)) {
		i := p.skipBlanks(int(line))
		column := i - int(line)
		switch {
		case i >= p.end:
			column = -1
		case p.text[i] == '#' || breakAt(p.text, i) > 0:
			comments++
			continue
		}
		for len(columns) > 0 && columns[len(columns)-1] > column {
			columns = columns[:len(columns)-1]
			cost += comments
		}
		if cost > maxUnroll {
			p.f.report("syntax-limit", Range{int(line), int(line)}, "too many comments after deeply nested blocks, the file is not read")
			return true
		}
		if i >= p.end {
			break
		}
		comments = 0
		if len(columns) == 0 || columns[len(columns)-1] < column {
			columns = append(columns, column)
		}
		for ; i+1 < p.end && strings.IndexByte("-?:", p.text[i]) >= 0 && p.text[i+1] == ' '; columns = append(columns, i-int(line)) {
			i = p.skipBlanks(i + 1)
		}
	}
	return false
}

// at converts a place as yaml.v3 gives it: counted from 1, columns in
// characters. Places come nearly in order, so a long line costs no more than a
// short one.
func (p *yamlParser) at(line, column int) int {
	if line > len(p.lines) {
		return p.end
	}
	c := &p.cursor
	if line != c.line || column < c.column {
		c.line, c.column, c.offset = line, 1, int(p.lines[line-1])
	}
	for ; c.column < column && c.offset < p.end; c.column++ {
		_, size := utf8.DecodeRuneInString(p.text[c.offset:])
		c.offset += size
	}
	return min(c.offset, p.end)
}

// space skips white space and comments.
func (p *yamlParser) space(i int) int {
	for i < p.end {
		switch c := p.text[i]; {
		case c == ' ' || c == '\t':
			i++
		case c == '#':
			i = p.lineEnd(i)
		default:
			n := breakAt(p.text, i)
			if n == 0 {
				return i
			}
			i += n
		}
	}
	return p.end
}

func (p *yamlParser) lineEnd(i int) int {
	for i < p.end && breakAt(p.text, i) == 0 {
		i++
	}
	return i
}

// wordEnd returns the end of the characters from i that no white space parts.
func (p *yamlParser) wordEnd(i int) int {
	for i < p.end && p.text[i] != ' ' && p.text[i] != '\t' && breakAt(p.text, i) == 0 {
		i++
	}
	return i
}

// nameEnd returns the end of the name of an anchor or alias.
func (p *yamlParser) nameEnd(i int) int {
	for i < p.end {
		c := p.text[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' && c != '-' {
			break
		}
		i++
	}
	return i
}

const quotedStyles = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// isEmpty reports whether n is a value of which nothing is written, except an
// anchor or a tag perhaps.
func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&quotedStyles == 0
}

func hasProperties(n *yaml.Node) bool { return n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 }

// place returns where n starts, behind its anchor and its tag. That is not
// before from, where what stands before n ends.
func (p *yamlParser) place(n *yaml.Node, from int) int {
	i := max(p.at(n.Line, n.Column), from)
	anchor, tag := n.Anchor != "", n.Style&yaml.TaggedStyle != 0
	for i < p.end {
		switch c := p.text[i]; {
		case c == '&' && anchor:
			anchor = false
			i = p.nameEnd(i + 1)
		case c == '!' && (tag || !isEmpty(n) && p.wordEnd(i) == i+1): // a lone "!" leaves no trace in n
			tag = false
			i = p.wordEnd(i)
		default:
			return i
		}
		if isEmpty(n) && !anchor && !tag {
			return i
		}
		i = p.space(i)
	}
	return i
}

// memberPlace is place for the value of a member. An empty one is where yaml.v3
// sees the next token, and belongs after the colon.
func (p *yamlParser) memberPlace(n *yaml.Node, keyEnd int) int {
	i := p.place(n, keyEnd)
	if !isEmpty(n) || hasProperties(n) {
		return i
	}
	if colon := p.space(keyEnd); colon < i && p.text[colon] == ':' {
		return colon + 1
	}
	return keyEnd
}

// endOf returns the end of n, which starts at i. It adds nothing to the tree.
func (p *yamlParser) endOf(n *yaml.Node, i int) int {
	switch n.Kind {
	case yaml.AliasNode:
		return p.nameEnd(min(i+1, p.end))
	case yaml.ScalarNode:
		return p.scalarEnd(n, i)
	}
	closer := p.closerOf(n, i)
	if closer != 0 {
		i++
	}
	if len(n.Content) > 0 {
		last := n.Content[len(n.Content)-1]
		i = p.endOf(last, p.place(last, i))
	}
	return p.close(i, closer)
}

func (p *yamlParser) scalarEnd(n *yaml.Node, i int) int {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return p.quotedEnd(i+1, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		return p.quotedEnd(i+1, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return p.blockEnd(n.Value, i)
	case strings.HasPrefix(p.text[i:p.end], n.Value):
		return i + len(n.Value)
	}
	return p.inkEnd(n.Value, i)
}

// quotedEnd returns the offset after the closing quote of the string whose
// content starts at i.
func (p *yamlParser) quotedEnd(i int, quote byte) int {
	for ; i < p.end; i++ {
		switch c := p.text[i]; {
		case c == '\\' && quote == '"':
			i++
		case c == quote && quote == '\'' && strings.HasPrefix(p.text[i+1:], "'"):
			i++
		case c == quote:
			return i + 1
		}
	}
	return p.end
}

// inkEnd returns where the last visible character of value stands, which is
// written from i on. Folding and indentation change white space only.
func (p *yamlParser) inkEnd(value string, i int) int {
	ink := 0
	for _, r := range value {
		if !isBlank(r) {
			ink++
		}
	}
	end := i
	for i < p.end && ink > 0 {
		r, size := utf8.DecodeRuneInString(p.text[i:])
		i += size
		if !isBlank(r) {
			ink--
			end = i
		}
	}
	return end
}

// blockEnd returns the end of the literal or folded scalar at i: that of its
// last line, without the line break, so that text can be inserted there.
func (p *yamlParser) blockEnd(value string, i int) int {
	for i++; i < p.end && strings.IndexByte("+-0123456789", p.text[i]) >= 0; {
		i++
	}
	if value == "" {
		return min(i, p.end)
	}
	i = p.lineEnd(i)
	i = p.lineEnd(p.inkEnd(value, p.afterBreak(i)))
	// What is left are lines of spaces, and of nothing where "+" keeps them.
	rest := value[len(strings.TrimRightFunc(value, isBlank)):]
	for n := strings.Count(strings.TrimSuffix(rest, "\n"), "\n"); n > 0; n-- {
		i = p.lineEnd(p.afterBreak(i))
	}
	return i
}

func (p *yamlParser) afterBreak(i int) int {
	if i < p.end {
		i += breakAt(p.text, i)
	}
	return i
}

// closerOf returns the bracket that closes the collection n at i, 0 if it has
// none: a block, or a pair like "a: b" right in a flow sequence.
func (p *yamlParser) closerOf(n *yaml.Node, i int) byte {
	if n.Style&yaml.FlowStyle == 0 || i >= p.end {
		return 0
	}
	if n.Kind == yaml.SequenceNode {
		return ']'
	}
	pair := len(n.Content) > 0 && n.Content[0].Line == n.Line && n.Content[0].Column == n.Column
	if p.text[i] != '{' || pair {
		return 0
	}
	return '}'
}

// close returns the offset after the closing bracket that follows i.
func (p *yamlParser) close(i int, closer byte) int {
	if closer == 0 {
		return i
	}
	for j := p.space(i); j < p.end; j = p.space(j + 1) {
		switch p.text[j] {
		case closer:
			return j + 1
		case ',', '?', ':':
		default:
			return i
		}
	}
	return i
}

// node adds n, which starts at i, and returns its end.
func (p *yamlParser) node(n *yaml.Node, parent int32, i int) int {
	id := p.add(Absent, parent, i)
	switch n.Kind {
	case yaml.AliasNode:
		p.f.nodes[id].end = int32(p.endOf(n, i))
		p.alias(n, id)
	case yaml.ScalarNode:
		p.remember(n, id)
		p.f.nodes[id].end = int32(p.endOf(n, i))
		p.scalar(n, id)
	default:
		p.container(n, id, i)
	}
	return int(p.f.nodes[id].end)
}

func (p *yamlParser) remember(n *yaml.Node, id int32) {
	if n.Anchor != "" {
		p.anchors[n] = id
	}
}

// open is the end of a container that has not ended yet.
const open = -1

func (p *yamlParser) container(n *yaml.Node, id int32, i int) {
	if p.depth == MaxDepth {
		p.f.nodes[id].kind = Invalid
		p.f.nodes[id].end = int32(p.endOf(n, i))
		p.f.report("syntax-limit", Range{i, p.wordEnd(i)}, "nested deeper than %d, the content is not read", MaxDepth)
		return
	}
	p.remember(n, id)
	p.f.nodes[id].end = open
	closer := p.closerOf(n, i)
	if closer != 0 {
		i++
	}
	p.depth++
	if n.Kind == yaml.MappingNode {
		p.f.nodes[id].kind = Object
		i = p.members(n, id, i)
	} else {
		p.f.nodes[id].kind = Array
		i = p.items(n, id, i)
	}
	p.depth--
	p.f.nodes[id].end = int32(p.close(i, closer))
}

func (p *yamlParser) items(n *yaml.Node, id int32, i int) int {
	last := int32(0)
	for _, item := range n.Content {
		child := int32(len(p.f.nodes))
		i = p.node(item, id, p.place(item, i))
		p.link(id, last, child)
		last = child
	}
	return i
}

func (p *yamlParser) members(n *yaml.Node, id int32, i int) int {
	last, count := int32(0), 0
	for pair := range slices.Chunk(n.Content, 2) {
		k, v := pair[0], pair[1]
		i = p.place(k, i)
		keyEnd := p.endOf(k, i)
		name, ok := keyName(k)
		if !ok {
			p.f.report("syntax-yaml-key", Range{i, keyEnd}, "a mapping or a sequence as a key, expected a text").
				Hint = "the member is not read: JSON has no such keys"
			i = p.endOf(v, p.memberPlace(v, keyEnd))
			continue
		}
		key := p.add(String, id, i)
		p.f.nodes[key].end = int32(keyEnd)
		p.f.nodes[key].flags = flagKey
		p.store(key, name)
		p.link(id, last, key)
		last = key
		count++
		i = p.node(v, id, p.memberPlace(v, keyEnd))
		if name == "<<" && k.ShortTag() == "!!merge" {
			p.merge(id, key)
		}
	}
	if count > 1 {
		p.duplicates(id, count)
	}
	return i
}

// keyName returns the name that a key stands for. What is not a string, such as
// the response code 200, is taken as it is written.
func keyName(k *yaml.Node) (name string, ok bool) {
	if k.Kind == yaml.AliasNode {
		k = k.Alias
	}
	return k.Value, k.Kind == yaml.ScalarNode
}

// merge marks the merge key of an object, unless all merge keys together have
// become too much to follow.
func (p *yamlParser) merge(object, key int32) {
	value := Node{p.f, key + 1}
	if p.mergedAll > maxMerged || !p.charge(key, value.Len()) {
		return
	}
	if !mergeable(value) {
		p.f.report("syntax-yaml", value.Range(), "a merge key takes a mapping or a sequence of mappings")
		return
	}
	for source := range value.mergeSources() {
		n := 1 + source.Len() + p.merged[source.id]
		if !p.charge(key, n) {
			return
		}
		p.merged[object] += n
	}
	p.f.nodes[key].flags |= flagMerge
	p.f.merges = true
}

// charge counts what following a merge key costs. Aliases let many of them name
// the same long sequence.
func (p *yamlParser) charge(key int32, n int) bool {
	if p.mergedAll += n; p.mergedAll <= maxMerged {
		return true
	}
	p.f.report("syntax-limit", Node{p.f, key}.Range(), "merge keys bring in more than %d members, from here on they are not followed", maxMerged)
	return false
}

func mergeable(n Node) bool {
	for _, item := range n.Items() {
		if k := item.Kind(); k != Object && k != Invalid {
			return false
		}
	}
	k := n.Kind()
	return k == Object || k == Array || k == Invalid
}

// alias links an alias to its anchor. An anchor on a key, or on something that
// is not read, has no node: a scalar is copied then.
func (p *yamlParser) alias(n *yaml.Node, id int32) {
	target, known := p.anchors[n.Alias]
	switch {
	case known && p.f.nodes[target].end == open:
		p.invalid(id, "the alias %q stands inside the value it names", n.Value)
	case known:
		p.f.nodes[id].flags |= flagAlias
		p.f.nodes[id].link = target
	case n.Alias.Kind == yaml.ScalarNode:
		p.scalar(n.Alias, id)
	default:
		p.invalid(id, "the value that the alias %q names is not read", n.Value)
	}
}

func (p *yamlParser) invalid(id int32, format string, args ...any) {
	p.f.nodes[id].kind = Invalid
	p.f.report("syntax-yaml", Node{p.f, id}.Range(), format, args...)
}

// scalar gives the node id the value of n.
func (p *yamlParser) scalar(n *yaml.Node, id int32) {
	kind, value, ok := resolve(n)
	if !ok {
		p.invalid(id, "%s is not a value of type %s", quoteShort(n.Value), n.Tag)
		return
	}
	p.f.nodes[id].kind = kind
	if kind != Null {
		p.store(id, value)
	}
}

func quoteShort(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:57], "") + "..."
	}
	return strconv.Quote(s)
}

// store keeps a value apart from the text if the text does not show it as it
// is.
func (p *yamlParser) store(id int32, value string) {
	n := &p.f.nodes[id]
	text := p.text[n.start:n.end]
	quoted := len(text) > 1 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0]
	switch {
	case n.kind == Bool && strings.EqualFold(text, value), n.kind == Number && text == value:
	case n.kind == String && text == value:
		n.flags |= flagBare
	case n.kind == String && quoted && text[1:len(text)-1] == value:
	default:
		p.f.table(id, value)
	}
}

// resolve returns what a scalar is, by its tag or as yaml.v3 reads it, and its
// value in JSON's notation. Times, infinities and binary data are text, as JSON
// has none of them. It is not ok if the tag does not fit.
func resolve(n *yaml.Node) (kind Kind, value string, ok bool) {
	tag := n.ShortTag()
	number := tag == "!!int" || tag == "!!float"
	switch {
	case tag == "!!binary":
		return String, n.Value, true
	case n.Style&yaml.TaggedStyle != 0 || number && !isNumber(n.Value):
		return decodeScalar(n)
	case number:
		return Number, n.Value, true
	case tag == "!!null":
		return Null, "", true
	case tag == "!!bool":
		return Bool, strings.ToLower(n.Value), true
	}
	return String, n.Value, true
}

func decodeScalar(n *yaml.Node) (kind Kind, value string, ok bool) {
	var v any
	if n.Decode(&v) != nil {
		return Invalid, "", false
	}
	switch v := v.(type) {
	case nil:
		return Null, "", true
	case bool:
		return Bool, strconv.FormatBool(v), true
	case int, int64, uint64:
		return Number, fmt.Sprint(v), true
	case float64:
		if !math.IsInf(v, 0) && !math.IsNaN(v) {
			return Number, strconv.FormatFloat(v, 'g', -1, 64), true
		}
	}
	return String, n.Value, true
}

// What yaml.v3 says of a key and of a string that were cut off.
const (
	noColon = "could not find expected ':'"
	noQuote = "found unexpected end of stream"
)

// syntaxErrors says what yaml.v3 means, and what most often is the cause.
var syntaxErrors = map[string]struct{ message, hint string }{
	"mapping values are not allowed in this context":         {"a colon that cannot start a value here", "check the indentation, and put a text that holds \": \" in quotes"},
	"block sequence entries are not allowed in this context": {"an item cannot start here", "check the indentation, and put a text that starts with \"- \" in quotes"},
	noColon:                                       {"a colon is missing after this key", "if it is no key, check the indentation and the quotes before it"},
	"did not find expected key":                   {"this does not fit in, expected a key", "check the indentation: all keys of a mapping start in the same column"},
	"did not find expected '-' indicator":         {"this does not fit in, expected an item of the sequence", "check the indentation: all items of a sequence start in the same column"},
	"did not find expected ',' or '}'":            {"a comma or a closing brace is missing before this", "check the end of the line before, too"},
	"did not find expected ',' or ']'":            {"a comma or a closing bracket is missing before this", "check the end of the line before, too"},
	"did not find expected node content":          {"a value is missing before this", ""},
	noQuote:                                       {"the string has no closing quote", ""},
	"found character that cannot start any token": {"a value cannot start with this character", "put the text in quotes"},
	"found unknown escape character":              {"an escape that YAML does not have", "double the backslash, or use single quotes, which know no escapes"},
	"found incompatible YAML document":            {"the document asks for another version of YAML", "remove the directive"},
}

// syntaxError reports what made yaml.v3 give up.
func (p *yamlParser) syntaxError(err error) {
	e := p.locate(err)
	rule, message, hint := "syntax-yaml", e.message, ""
	known, isKnown := syntaxErrors[message]
	switch {
	case strings.HasPrefix(message, "exceeded max depth"):
		rule, message = "syntax-limit", fmt.Sprintf("nested deeper than %d, the file is not read", MaxDepth)
	case p.text[e.at.Start:e.at.End] == "\t":
		rule, message, hint = "syntax-yaml-tab", "a tab where YAML wants spaces", "indent with spaces"
	case strings.HasPrefix(message, "unknown anchor"):
		message = fmt.Sprintf("no anchor before this alias is named %q", strings.TrimPrefix(p.text[e.at.Start:e.at.End], "*"))
	case e.unclosed && e.inFlow():
		message = "a bracket that is opened here is never closed"
	case e.unclosed:
		message = "the text ends before a bracket is closed"
	case isKnown:
		message, hint = known.message, known.hint
	}
	d := p.f.report(rule, e.at, "%s", message)
	d.Hint = hint
	if e.inFlow() && !e.unclosed {
		d.Related = []Related{{p.f, p.lineRange(e.line), "what should be closed is opened here"}}
	}
}

// located is a syntax error and its place.
type located struct {
	message  string
	line     int // of the construct around it, if yaml.v3 says so
	at       Range
	unclosed bool // the construct is open at the end of the text
}

// inFlow reports whether the construct around the error has brackets.
func (e *located) inFlow() bool { return strings.HasPrefix(e.message, "did not find expected ','") }

// newLocated takes a message of yaml.v3 apart.
func newLocated(err error) *located {
	e := &located{message: strings.TrimPrefix(err.Error(), "yaml: ")}
	if rest, found := strings.CutPrefix(e.message, "line "); found {
		if line, message, found := strings.Cut(rest, ": "); found {
			e.line, _ = strconv.Atoi(line)
			e.message = message
		}
	}
	return e
}

// locate finds the place of a syntax error. yaml.v3 names at most a line, and
// often not that of the error but that of the construct around it, or the line
// before that. So the text is cut shorter and shorter: the error is at the end
// of the shortest beginning that has it.
func (p *yamlParser) locate(err error) *located {
	// With an empty line in front, yaml.v3 always names the construct around
	// the error, by the line before it.
	text := p.source(p.end)
	r := &byteReader{text: "\n" + text}
	if _, _, again := decode(r); again != nil {
		err = again
	}
	e := newLocated(err)
	end := p.end
	if len(text) == p.end-p.start {
		end = min(p.start+max(r.read-1, 0), p.end)
	}
	behind := e.behind()
	fail := func(end int) string {
		_, _, err := decode(strings.NewReader("\n" + p.source(end) + behind))
		if err == nil {
			return ""
		}
		return err.Error()
	}
	want := fail(end)
	if e.unclosed = behind != "" && want != err.Error(); e.unclosed {
		if e.at = p.lineRange(e.line); !e.inFlow() {
			end := p.start + len(strings.TrimRight(p.text[p.start:p.end], " \t\r\n"))
			e.at = Range{end, end}
		}
		return e
	}
	if end-p.start <= maxLocate {
		end = p.shortest(end, want, fail)
	}
	e.at = p.errorRange(end, e.message)
	return e
}

// behind is what to put behind a text to tell whether only its end is the
// error: something that would go on well.
func (e *located) behind() string {
	switch {
	case e.inFlow():
		return " ,"
	case e.message == "did not find expected node content":
		return " a"
	}
	return ""
}

// shortest returns the end of the shortest text that fails as wanted, given
// one that does.
func (p *yamlParser) shortest(end int, want string, fail func(end int) string) int {
	for range 4 { // more would be a guess
		end = least(p.start, end, func(end int) bool { return fail(end) == want })
		if end == p.start || !strings.HasSuffix(fail(end-1), noColon) || strings.HasSuffix(want, noColon) {
			break
		}
		// Cut off within a key, the text fails for that alone. The error is
		// either this key, or before it.
		line := p.lineRange(p.lineOf(end - 1))
		if fail(line.Start) != want {
			return line.Start + 1
		}
		end = line.Start
	}
	return end
}

// least returns the least end for which it holds, given that it holds for end.
// It goes back from there in growing steps, because it is most often near.
func least(start, end int, holds func(int) bool) int {
	low := end
	for step := 16; low > start; step *= 2 {
		low = max(end-step, start)
		if !holds(low) {
			break
		}
		end = low
	}
	for low+1 < end {
		if middle := low + (end-low)/2; holds(middle) {
			end = middle
		} else {
			low = middle
		}
	}
	return end
}

// errorRange returns what to underline for an error that shows when the text is
// read up to end.
func (p *yamlParser) errorRange(end int, message string) Range {
	if strings.HasPrefix(message, "unknown anchor") {
		return Range{max(strings.LastIndexByte(p.text[:end], '*'), p.start), end}
	}
	i := max(end-1, p.start)
	for i > p.start && !utf8.RuneStart(p.text[i]) {
		i--
	}
	line := p.lineRange(p.lineOf(i))
	switch word := (Range{i, p.wordEnd(i)}); {
	case word.Start == p.end:
		return word
	case p.text[i] == '\t':
		return Range{i, i + 1}
	case word.Start == word.End:
		return line
	case p.text[i] == '"' || p.text[i] == '\'':
		if open := strings.LastIndexByte(p.text[line.Start:i], p.text[i]); open >= 0 && message != noQuote {
			return Range{line.Start + open, i + 1} // it showed at the end of a string
		}
		return word
	default:
		return word
	}
}

// lineOf returns the number of the line around i.
func (p *yamlParser) lineOf(i int) int {
	line, exact := slices.BinarySearch(p.lines, int32(i))
	if exact {
		line++
	}
	return line
}

// lineRange returns the text of a line without the space around it.
func (p *yamlParser) lineRange(line int) Range {
	start := int(p.lines[min(max(line, 1), len(p.lines))-1])
	end := p.lineEnd(start)
	start = min(p.skipBlanks(start), end)
	return Range{start, start + len(strings.TrimRight(p.text[start:end], " \t"))}
}

// byteReader hands out one byte at a time, to tell how far yaml.v3 has read.
type byteReader struct {
	text string
	read int
}

func (r *byteReader) Read(b []byte) (int, error) {
	if r.read == len(r.text) {
		return 0, io.EOF
	}
	n := copy(b[:min(1, len(b))], r.text[r.read:])
	r.read += n
	return n, nil
}

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
