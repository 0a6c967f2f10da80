package source

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

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
	sampleNodes = 150
	sampleBytes = 1 << 15
)

// style returns how the file is written. It is looked at once: a file with one
// fix often has many.
func (f *File) style() *style {
	f.styleOnce.Do(func() { f.ownStyle = styleOf(f) })
	return f.ownStyle
}

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
