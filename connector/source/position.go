package source

import (
	"iter"
	"sort"
	"strings"
	"unicode/utf8"
)

// Position is a place in a text as a person counts it: line and column from 1.
// Columns count code points; an invalid byte counts as one, a byte order mark
// at the start of the file as none.
type Position struct{ Line, Column int }

const byteOrderMark = "\ufeff"

// lineStarts returns the offset at which each line begins. The parser of JSON
// has noted them, if the text has no fault.
func (f *File) lineStarts() []int {
	f.linesOnce.Do(func() {
		f.lines = append(make([]int, 0, strings.Count(f.Text, "\n")+1), 0)
		for i := 0; ; {
			j := strings.IndexByte(f.Text[i:], '\n')
			if j < 0 {
				return
			}
			i += j + 1
			f.lines = append(f.lines, i)
		}
	})
	return f.lines
}

// Lines yields the offset of each line and its text, without its end.
func (f *File) Lines() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		lines := f.lineStarts()
		for i, start := range lines {
			end := len(f.Text)
			if i+1 < len(lines) {
				end = lines[i+1] - 1
			}
			if !yield(start, strings.TrimSuffix(f.Text[start:end], "\r")) {
				return
			}
		}
	}
}

// Position converts an offset. Offsets outside the text are moved to its ends.
func (f *File) Position(offset int) Position {
	offset = min(max(offset, 0), len(f.Text))
	lines := f.lineStarts()
	line := sort.SearchInts(lines, offset+1)
	start := lines[line-1]
	if line == 1 && strings.HasPrefix(f.Text, byteOrderMark) {
		start = min(len(byteOrderMark), offset)
	}
	return Position{line, utf8.RuneCountInString(f.Text[start:offset]) + 1}
}

// Offset is the inverse of [File.Position]. A column past the end of its line
// means that end.
func (f *File) Offset(p Position) int {
	lines := f.lineStarts()
	if p.Line < 1 {
		return 0
	}
	if p.Line > len(lines) {
		return len(f.Text)
	}
	start, line := lines[p.Line-1], f.Line(p.Line)
	if p.Line == 1 && strings.HasPrefix(line, byteOrderMark) {
		start, line = start+len(byteOrderMark), line[len(byteOrderMark):]
	}
	column := 1
	for i := range line {
		if column >= p.Column {
			return start + i
		}
		column++
	}
	return start + len(line)
}

// Line returns the text of a line, counted from 1, without its line end.
func (f *File) Line(line int) string {
	lines := f.lineStarts()
	if line < 1 || line > len(lines) {
		return ""
	}
	end := len(f.Text)
	if line < len(lines) {
		end = lines[line] - 1
	}
	return strings.TrimSuffix(f.Text[lines[line-1]:end], "\r")
}
