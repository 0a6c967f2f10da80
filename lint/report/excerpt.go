package report

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/connectorctl/connectorctl/connector/source"
)

// An excerpt is at most maxWidth columns of the line on which a range starts,
// maxBefore of them before the range unless the line ends first.
const (
	maxWidth  = 100
	maxBefore = 50
)

// excerpt is a source line as a terminal can show it, and the marks that go
// below it. The range itself is line[from:to]; it may be empty.
type excerpt struct {
	line, padding, mark []byte
	from, to            int
}

func (e *excerpt) blank() bool { return len(bytes.TrimSpace(e.line)) == 0 }

// excerptOf never looks further than the window it shows, because the line may
// be the whole of a minified file.
func excerptOf(text string, r source.Range) excerpt {
	if r.Start > 0 && r.Start < len(text) && text[r.Start-1] == '\r' && text[r.Start] == '\n' {
		r.Start-- // in the middle of a line end
	}
	from := backward(text, r.Start, maxBefore)
	to, used := forward(text, from, maxWidth)
	from = backward(text, from, maxWidth-used)

	e := excerpt{}
	if from > 0 && text[from-1] != '\n' {
		e.line = append(e.line, "…"...)
		e.padding = append(e.padding, ' ')
	}
	e.render(text[:to], from, r)
	if rest := text[to:]; rest != "" && rest[0] != '\n' && !strings.HasPrefix(rest, "\r\n") {
		e.line = append(e.line, "…"...)
	}
	return e
}

func (e *excerpt) render(text string, from int, r source.Range) {
	// White space at the end of the first of several lines is not worth a mark.
	end := min(r.End, len(strings.TrimRight(text, " \t")))
	e.from, e.to = len(e.line), len(e.line)
	for i := from; i < len(text); {
		shown, size, width := glyph(text[i:])
		e.line = append(e.line, shown...)
		if i < r.Start {
			e.from = len(e.line)
		}
		if i < max(r.Start, end) {
			e.to = len(e.line)
		}
		switch {
		case i < r.Start && shown == "\t":
			e.padding = append(e.padding, '\t')
		case i < r.Start:
			e.padding = appendN(e.padding, ' ', width)
		case len(e.mark) > 0 && i < end && shown == "\t":
			e.mark = append(e.mark, '\t')
		case i < end:
			e.mark = appendN(e.mark, '~', width)
		}
		i += size
	}
	// An empty range, or one of a line end, is marked all the same.
	if len(e.mark) == 0 {
		e.mark = append(e.mark, '~')
	}
	e.mark[0] = '^'
}

func appendN(b []byte, c byte, n int) []byte {
	for range n {
		b = append(b, c)
	}
	return b
}

// backward returns the offset that is at most room columns before offset, on
// the same line.
func backward(text string, offset, room int) int {
	for used := 0; offset > 0 && text[offset-1] != '\n'; {
		_, size := utf8.DecodeLastRuneInString(text[:offset])
		_, _, width := glyph(text[offset-size:])
		if used += max(width, 1); used > room {
			break
		}
		offset -= size
	}
	return offset
}

// forward returns the offset that is at most room columns after offset, on the
// same line.
func forward(text string, offset, room int) (to, used int) {
	for offset < len(text) && text[offset] != '\n' && !strings.HasPrefix(text[offset:], "\r\n") {
		_, size, width := glyph(text[offset:])
		if used+max(width, 1) > room {
			break
		}
		offset += size
		used += max(width, 1)
	}
	return offset, used
}

// glyph returns what stands for the first character of text on a terminal, how
// many bytes that character has, and how many columns it takes. Characters that
// a terminal obeys instead of showing them, or that nobody can see, become a
// dot: a definition comes from anywhere and must not move the cursor, change
// colours or reorder the line. A tab counts as one column.
func glyph(text string) (shown string, size, width int) {
	if c := text[0]; c >= ' ' && c < 0x7f || c == '\t' {
		return text[:1], 1, 1
	}
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case r == utf8.RuneError && size == 1:
		return "\ufffd", size, 1
	case !unicode.IsPrint(r):
		return "·", size, 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return text[:size], size, 0
	case isWide(r):
		return text[:size], size, 2
	}
	return text[:size], size, 1
}

// wide are the blocks of East Asian scripts and pictographs, most of whose
// characters take two columns. It is short on purpose: a mark that is off by
// one under a rare character does no harm.
var wide = []struct{ first, last rune }{
	{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
	{0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
	{0x1f900, 0x1faff}, {0x20000, 0x3fffd},
}

func isWide(r rune) bool {
	for _, block := range wide {
		if r <= block.last {
			return r >= block.first
		}
	}
	return false
}

// appendClean appends text as it can be shown on one line.
func appendClean(b []byte, text string) []byte {
	for len(text) > 0 {
		shown, size, _ := glyph(text)
		if c := text[0]; c == '\n' || c == '\r' || c == '\t' {
			shown = " "
		}
		b = append(b, shown...)
		text = text[size:]
	}
	return b
}
