package scaffold

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is how long an identifier may become before it is cut: long enough
// to tell what it means, short enough to read.
const maxName = 60

// exported makes an exported Go identifier of any text: its words, each with a
// capital. It returns "" if nothing in the text can be part of one.
func exported(text string) string {
	var b strings.Builder
	for _, word := range words(text) {
		if b.Len() >= maxName {
			break
		}
		b.WriteString(capital(word))
	}
	name := cut(b.String(), maxName)
	if first, _ := utf8.DecodeRuneInString(name); name != "" && !unicode.IsUpper(first) {
		name = "X" + name // digits, and letters of scripts that have no capitals
	}
	return name
}

// words splits a text at everything that an identifier cannot hold, and where
// a small letter meets a capital.
func words(text string) []string {
	var found []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			found = append(found, string(word))
			word = nil
		}
	}
	var last rune
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			end()
			last = 0
			continue
		}
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			end()
		}
		word = append(word, r)
		last = r
	}
	end()
	return found
}

// initialisms are written in capitals, as Go code has them.
var initialisms = map[string]string{
	"api": "API", "html": "HTML", "http": "HTTP", "https": "HTTPS", "id": "ID", "ids": "IDs", "ip": "IP", "json": "JSON",
	"sql": "SQL", "uri": "URI", "url": "URL", "urls": "URLs", "uuid": "UUID", "xml": "XML",
}

func capital(word string) string {
	if known := initialisms[strings.ToLower(word)]; known != "" {
		return known
	}
	first, size := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(first)) + word[size:]
}

func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

// scope hands out identifiers, each once.
type scope struct {
	taken map[string]bool
	next  map[string]int // the number to try next, by the name without it
}

func newScope(reserved ...string) *scope {
	s := &scope{taken: map[string]bool{}, next: map[string]int{}}
	for _, name := range reserved {
		s.taken[name] = true
	}
	return s
}

// take returns name, with a number behind it if it is taken.
func (s *scope) take(name string) string {
	free := name
	for s.taken[free] {
		s.next[name]++
		free = name + strconv.Itoa(s.next[name]+1)
	}
	s.taken[free] = true
	return free
}

// quote writes a string as a Go literal that says the same and holds no byte
// that could be taken for anything else.
func quote(s string) string { return strconv.Quote(s) }

// comment writes texts as lines of a Go comment. Line breaks, control
// characters and what does not show become spaces, so that no text can leave
// the comment or hide in it.
func comment(texts ...string) []string {
	const width, limit = 77, 800
	var lines []string
	for _, text := range texts {
		line := "//"
		for _, word := range strings.Fields(strings.Map(visible, cut(text, limit))) {
			if line != "//" && utf8.RuneCountInString(line)+utf8.RuneCountInString(word) >= width {
				lines = append(lines, line)
				line = "//"
			}
			line += " " + word
		}
		if line != "//" {
			lines = append(lines, line)
		}
	}
	return lines
}

func visible(r rune) rune {
	if !unicode.IsPrint(r) {
		return ' '
	}
	return r
}

// oneLine is a text as it may stand inside a line of a comment or a document.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(visible, cut(text, 400))), " ")
}
