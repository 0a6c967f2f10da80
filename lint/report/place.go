package report

import (
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/connectorctl/connectorctl/connector/source"
)

// span is a range together with its ends as people count them.
type span struct {
	source.Range
	start, end source.Position
}

// cursor converts offsets to positions. [source.File.Position] counts columns
// from the start of the line, and a minified file is one line: ten thousand
// findings would read it twenty thousand times. Findings come in order, so the
// cursor counts on from the last one instead.
type cursor struct {
	file   *source.File
	offset int
	at     source.Position
}

// clamp cuts off what lies beyond the text.
func clamp(text string, r source.Range) source.Range {
	r.Start = min(max(r.Start, 0), len(text))
	r.End = min(max(r.End, r.Start), len(text))
	return r
}

// span moves the cursor to the start of r.
func (c *cursor) span(f *source.File, r source.Range) span {
	r = clamp(f.Text, r)
	start := c.position(f, r.Start)
	ahead := *c
	return span{r, start, ahead.position(f, r.End)}
}

func (c *cursor) position(f *source.File, offset int) source.Position {
	at := source.Position{}
	if f == c.file && offset >= c.offset {
		at = advance(c.at, f.Text[c.offset:offset])
	} else {
		at = f.Position(offset)
	}
	// Within a character, or within a byte order mark, there is nothing to
	// count on from.
	if offset > 0 && (offset == len(f.Text) || utf8.RuneStart(f.Text[offset])) {
		*c = cursor{f, offset, at}
	}
	return at
}

func advance(at source.Position, text string) source.Position {
	if lines := strings.Count(text, "\n"); lines > 0 {
		at.Line += lines
		at.Column = 1
		text = text[strings.LastIndexByte(text, '\n')+1:]
	}
	at.Column += utf8.RuneCountInString(text)
	return at
}

// relative returns the path of a file as seen from o.Root, with forward
// slashes. A path outside of it stays what it is.
func (o Options) relative(path string) string {
	if o.Root == "" {
		return filepath.ToSlash(path)
	}
	absolute := path
	if !filepath.IsAbs(path) {
		absolute = filepath.Join(o.Dir, path)
	}
	inside, err := filepath.Rel(o.Root, absolute)
	if err != nil || !filepath.IsLocal(inside) {
		inside = path
	}
	return filepath.ToSlash(inside)
}

// uri returns a path as a URI reference.
func (o Options) uri(path string) string {
	path = o.relative(path)
	if !filepath.IsAbs(filepath.FromSlash(path)) {
		return (&url.URL{Path: path}).String()
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/x
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}
