package source

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// str parses a string at its opening quote.
func (p *parser) str(parent int32) int32 {
	id := p.add(String, parent, p.pos)
	start, text, flags := p.pos, p.text, flag(0)
	problems := len(p.f.Problems)
	if p.noQuote.Start < start && start < p.noQuote.End {
		return p.unterminated(id, start, p.noQuote.End)
	}
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
				p.noQuote = Range{start, i}
				return p.unterminated(id, start, i)
			}
			i += p.control(i) - 1
			flags |= flagEscaped
		case !p.validUTF8:
			flags |= flagEscaped
		}
	}
	p.f.Problems = p.f.Problems[:problems]
	p.noQuote = Range{start, len(text)}
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
	} else {
		p.cut = lineEnd == len(p.text)
	}
	p.confused = true
	content := strings.TrimRight(p.text[start+1:lineEnd], " \t\r")
	content = strings.TrimSuffix(content, ",")
	p.pos = start + 1 + len(content)
	p.f.nodes[id].end = int32(p.pos)
	d := p.f.report("syntax-unterminated-string", Range{start, p.pos}, "the string has no closing quote")
	if path, ok := strings.CutSuffix(content, `\"`); ok && !strings.HasSuffix(path, `\`) {
		d.Message = "the backslash before the closing quote makes it a part of the string"
		d.Fix = &Fix{Title: "double the backslash", Edits: []Edit{{p.pos - 2, p.pos - 2, `\`}}}
		content = path + `\\`
	} else {
		d.Fix = &Fix{Title: "close the string", Edits: []Edit{{p.pos, p.pos, `"`}}}
	}
	p.f.table(id, unquote(content))
	return id
}

func (f *File) table(id int32, value string) {
	if f.decoded == nil {
		f.decoded = map[int32]string{}
	}
	f.decoded[id] = value
	f.nodes[id].flags |= flagTable
}

// control reports the raw control character at i, or the line break, and
// returns its length.
func (p *parser) control(i int) int {
	size := 1
	if strings.HasPrefix(p.text[i:], "\r\n") {
		size = 2
	}
	what := fmt.Sprintf("raw control character U+%04X", p.text[i])
	switch p.text[i+size-1] {
	case '\n':
		what = "a line break"
	case '\t':
		what = "a tab"
	}
	text := quote(p.text[i : i+size])
	text = text[1 : len(text)-1]
	d := p.f.report("syntax-control-character", Range{i, i + size}, "%s in a string", what)
	d.Fix = &Fix{Title: "write it as " + text, Safe: true, Edits: []Edit{{i, i + size, text}}}
	return size
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
		p.f.report("syntax-invalid-escape", Range{i, i + 1}, "a backslash at the end of a line").
			Hint = "JSON strings cannot go on in the next line: join the lines"
		if strings.HasPrefix(p.text[i+1:], "\r\n") {
			return 3
		}
		return 2
	case '\'':
		p.f.report("syntax-invalid-escape", Range{i, i + 2}, "JSON has no escape %s", "`\\'`").Fix = remove("remove the backslash", i, i+1)
		return 2
	default:
		r, size := utf8.DecodeRuneInString(p.text[i+1:])
		d := p.f.report("syntax-invalid-escape", Range{i, i + 1 + size}, "JSON has no escape %s", shown(`\`+string(r)))
		d.Hint = "a backslash that stands for itself is written twice; look at the others in this string too"
		d.Fix = &Fix{Title: "double the backslash", Edits: []Edit{{i, i, `\`}}}
		if c < ' ' {
			return 1
		}
		return 1 + size
	}
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// closingQuote returns the quote that closes the one at the start of s, if that
// is one that other languages and word processors use; "" if it is not.
func closingQuote(s string) string {
	if s[0] == '\'' || s[0] == '`' {
		return s[:1]
	}
	for _, pair := range []string{"“”", "”“", "„“", "‘’", "’‘", "«»"} {
		opening, size := utf8.DecodeRuneInString(pair)
		if strings.HasPrefix(s, string(opening)) {
			return pair[size:]
		}
	}
	return ""
}

// otherQuotes parses a string in quotes that JSON does not know. It ends at the
// closing quote, at a straight one if that comes first, or with its line.
func (p *parser) otherQuotes(parent int32, closing string) int32 {
	p.confused = true
	start := p.pos
	_, size := utf8.DecodeRuneInString(p.text[start:])
	i, end := start+size, -1
	for i < len(p.text) && p.text[i] != '\n' && end < 0 {
		switch {
		case p.text[i] == '\\' && i+1 < len(p.text) && p.text[i+1] != '\n':
			i += 2
		case strings.HasPrefix(p.text[i:], closing):
			end = i + len(closing)
		case closing != "'" && p.text[i] == '"':
			end = i + 1
		default:
			i++
		}
	}
	i = min(i, len(p.text))
	content := p.text[start+size : i]
	if end < 0 {
		content = strings.TrimRight(content, "\r")
		end = start + size + len(content)
	}
	id := p.add(String, parent, start)
	p.pos = end
	p.f.nodes[id].end = int32(end)
	value := unquote(strings.ReplaceAll(content, `"`, `\"`))
	p.f.table(id, value)
	d := p.f.report("syntax-unquoted", Range{start, end}, "a string in %s, expected straight double quotes", quoteName(closing))
	d.Fix = &Fix{Title: "use straight double quotes", Safe: !strings.Contains(content, `\`) && utf8.ValidString(content),
		Edits: []Edit{{start, end, quote(value)}}}
	return id
}

func quoteName(closing string) string {
	switch closing {
	case "'":
		return "single quotes"
	case "`":
		return "backticks"
	}
	return "typographic quotes"
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
func fromUTF16(data string) (text string, ok bool) {
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
