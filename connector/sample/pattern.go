package sample

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// maxTries bounds how many texts are made of one pattern.
const maxTries = 24

// matches makes texts that probably match an expression: short ones first,
// then longer ones up to the length that is needed. The caller checks them,
// because assertions inside an expression are not looked at.
func matches(e *regexp.Regexp, variant, least, most int) []string {
	parsed, err := syntax.Parse(e.String(), syntax.Perl)
	if err != nil {
		return nil
	}
	parsed = parsed.Simplify()
	var texts []string
	for try := range maxTries {
		g := generator{extra: try, variant: variant, room: min(most, maxText)}
		if try >= maxTries/2 { // jump to the length that is asked for
			g.extra = least - len(texts[0]) + try - maxTries/2
		}
		if g.extra < 0 {
			continue
		}
		g.add(parsed)
		texts = append(texts, g.b.String())
	}
	if variant > 0 { // the first text again, if the pattern leaves no choice
		g := generator{room: min(most, maxText)}
		g.add(parsed)
		texts = append(texts, g.b.String())
	}
	return texts
}

// generator writes one text. Extra is how many more repetitions than the least
// it may spend.
type generator struct {
	b       strings.Builder
	extra   int
	variant int
	room    int
}

func (g *generator) add(e *syntax.Regexp) {
	if g.b.Len() > g.room {
		return
	}
	switch e.Op {
	case syntax.OpLiteral:
		g.b.WriteString(string(e.Rune))
	case syntax.OpCharClass:
		g.b.WriteRune(g.choose(e.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		g.b.WriteByte('x')
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range e.Sub {
			g.add(sub)
		}
	case syntax.OpAlternate:
		g.add(e.Sub[g.variant%len(e.Sub)])
	case syntax.OpStar:
		g.repeat(e.Sub[0], 0)
	case syntax.OpPlus:
		g.repeat(e.Sub[0], 1)
	case syntax.OpQuest:
		if g.extra > 0 {
			g.extra--
			g.add(e.Sub[0])
		}
	case syntax.OpRepeat:
		for range e.Min {
			g.add(e.Sub[0])
		}
	}
}

// repeat writes what may come any number of times, and spends all that is left
// over.
func (g *generator) repeat(e *syntax.Regexp, least int) {
	count := least + g.extra
	g.extra = 0
	for range count {
		if g.b.Len() > g.room {
			return
		}
		g.add(e)
	}
}

// choose takes a readable character of a class, given as pairs of bounds.
func (g *generator) choose(bounds []rune) rune {
	const preferred = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_. "
	in := func(r rune) bool {
		for i := 0; i+1 < len(bounds); i += 2 {
			if bounds[i] <= r && r <= bounds[i+1] {
				return true
			}
		}
		return false
	}
	var fitting []rune
	for _, r := range preferred {
		if in(r) {
			fitting = append(fitting, r)
		}
	}
	if len(fitting) > 0 {
		return fitting[g.variant%len(fitting)]
	}
	for i := 0; i+1 < len(bounds); i += 2 {
		for r := bounds[i]; r <= min(bounds[i+1], bounds[i]+256); r++ {
			if unicode.IsPrint(r) {
				return r
			}
		}
	}
	if len(bounds) > 0 {
		return bounds[0]
	}
	return 'x'
}
