package source

import (
	"sort"
	"strings"
)

// This file tells where things stand on their lines.

func (f *File) lineStart(i int) int {
	lines := f.lineStarts()
	return lines[sort.SearchInts(lines, i+1)-1]
}

// nextLine returns the start of the line after the one that holds offset i.
func (f *File) nextLine(i int) int {
	if n := strings.IndexByte(f.Text[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(f.Text)
}

// startsLine reports whether only blanks stand before offset i on its line.
func (f *File) startsLine(i int) bool {
	return strings.Trim(f.Text[f.lineStart(i):i], " \t") == ""
}

// indentAt returns the blanks that the line starts with that holds offset i.
func (f *File) indentAt(i int) string {
	line := f.Text[f.lineStart(i):i]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// comment returns the length of the comment at offset i, 0 if there is none.
func (f *File) comment(i int) int {
	rest, closer := f.Text[i:], "\n"
	switch {
	case f.Format == YAML && rest[0] == '#' && (i == 0 || strings.IndexByte(" \t\r\n", f.Text[i-1]) >= 0):
	case f.Format == JSON && (rest[0] == '#' || strings.HasPrefix(rest, "//")):
	case f.Format == JSON && strings.HasPrefix(rest, "/*"):
		closer = "*/"
	default:
		return 0
	}
	body, _, found := strings.Cut(rest, closer)
	if found && closer == "*/" {
		return len(body) + len(closer)
	}
	return len(strings.TrimRight(body, "\r"))
}

// skipBlank returns the offset of the first byte in [i, end) that is neither
// white space nor in a comment, end if there is none.
func (f *File) skipBlank(i, end int) int {
	for i < end {
		switch c := f.Text[i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
		case f.comment(i) > 0:
			i += f.comment(i)
		case f.Format == JSON && exoticSpace(f.Text[i:]) > 0:
			i += exoticSpace(f.Text[i:])
		default:
			return i
		}
	}
	return min(i, end)
}

// endOfComments returns the end of the last comment in [i, end), where only
// white space and comments are, i if there is none. Blanks at the end of a line
// are a part of its comment.
func (f *File) endOfComments(i, end int) int {
	last := i
	for i < end {
		size := f.comment(i)
		if i += max(size, 1); size > 0 {
			last = i
		}
	}
	return last
}

// restOfLine reports whether only white space and comments follow offset i on
// its line. If so, end is that of the line, before its line break, else that of
// the comments, i if there are none.
func (f *File) restOfLine(i int) (end int, endsLine bool) {
	end = i
	for at := i; at < len(f.Text) && f.Text[at] != '\n'; {
		size := f.comment(at)
		switch {
		case size > 0 && !strings.Contains(f.Text[at:at+size], "\n"):
			at += size
			end = at
		case strings.IndexByte(" \t\r", f.Text[at]) >= 0:
			at++
		default:
			return end, false
		}
	}
	line := f.Text[end:]
	if n := strings.IndexByte(line, '\n'); n >= 0 {
		line = line[:n]
	}
	return end + len(strings.TrimRight(line, "\r")), true
}
