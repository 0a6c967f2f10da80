package source

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// writer writes random texts that have all kinds of white space and comments at
// all places, which a fuzzer is slow to come upon.
type writer struct {
	strings.Builder
	*rand.Rand
	newline string
}

func newWriter(random *rand.Rand) *writer {
	w := &writer{Rand: random, newline: "\n"}
	if random.IntN(6) == 0 {
		w.newline = "\r\n"
	}
	return w
}

// one writes one of the texts.
func (w *writer) one(texts ...string) {
	w.WriteString(strings.ReplaceAll(texts[w.IntN(len(texts))], "\n", w.newline))
}

// rarely writes one of the texts in one of n cases.
func (w *writer) rarely(n int, texts ...string) {
	if w.IntN(n) == 0 {
		w.one(texts...)
	}
}

func (w *writer) gapJSON() {
	w.one("", " ", "\n", "\n  ", "\t")
	for w.IntN(3) == 0 {
		w.one("\n\n", " \n", "\r\n\t", "\u00a0", "//\n", "// x \n", " # y\t\n ", "#\r\n", "# z \r\n\t", "/**/", " /* , */ ",
			"/* x\n y */", "\n// x\n", "\n  /* x */\n  ", "// x\r\r\n", "//\u00a0\n")
	}
}

func (w *writer) valueJSON(depth int) {
	kind := w.IntN(4)
	if depth == 0 || kind == 0 {
		w.one("0", "-1.5e3", "true", "null", `""`, `"a\n#//"`, "[]", "{}")
		return
	}
	w.brackets(kind, ":", w.gapJSON, func() { w.valueJSON(depth - 1) })
}

// brackets writes an array if kind is 1, else an object.
func (w *writer) brackets(kind int, colon string, gap, value func()) {
	opener, closer := "{", "}"
	if kind == 1 {
		opener, closer = "[", "]"
	}
	w.one(opener)
	gap()
	for i, n := 0, w.IntN(4); i < n; i++ {
		if kind > 1 {
			w.one([]string{`"a"`, `"b"`, `"c"`}[i])
			if colon == ":" {
				gap()
			}
			w.one(colon)
			gap()
		}
		value()
		gap()
		if i < n-1 || w.IntN(12) == 0 {
			w.one(",")
			gap()
		}
	}
	w.one(closer)
}

func (w *writer) flowYAML(depth int) {
	kind := w.IntN(4)
	if depth == 0 || kind == 0 {
		w.one("0", "x", "'y'", `"z"`, "null", "{}", "[]", "''", "a b", "true")
		return
	}
	gap := func() { w.rarely(2, " ", "  ", "\n     ", " # f\n      ", " # g \n\n     ", "\n     # h\n      ") }
	w.brackets(kind, ": ", gap, func() { w.flowYAML(depth - 1) })
}

func (w *writer) blockYAML(depth int, indent string, atDash bool) {
	isArray := w.IntN(2) == 0
	for i := range 1 + w.IntN(3) {
		if !atDash || i > 0 {
			w.one(indent)
		}
		if isArray {
			w.one("-")
		} else {
			w.one([]string{"a", "b", "c"}[i])
			w.rarely(8, " ")
			w.one(":")
		}
		w.rarely(12, " &x", " &y", " !!str")
		w.valueYAML(depth, indent, isArray)
	}
}

// valueYAML writes what stands behind a dash or colon, and the end of the line.
func (w *writer) valueYAML(depth int, indent string, atDash bool) {
	switch kind := w.IntN(10); {
	case kind < 2 && depth > 0 && atDash:
		w.one(" ")
		w.blockYAML(depth-1, indent+"  ", true)
		return
	case kind < 4 && depth > 0:
		w.endLine(indent)
		w.blockYAML(depth-1, indent+strings.Repeat(" ", []int{1, 2, 2, 4}[w.IntN(4)]), false)
		return
	case kind == 4:
		w.one(" |", " >", " |-", " |+", " >+", " |2")
		w.rarely(5, " # c", " ")
		w.one("\n")
		for range 1 + w.IntN(2) {
			w.one(indent)
			w.one("  text\n", "  # t\n", "  a: b\n", "  - \n", "  t \n")
			w.rarely(3, "\n", indent+"  \n")
		}
		return
	case kind == 5:
		w.one(" ")
		w.flowYAML(2)
	case kind == 6:
	case kind == 7:
		w.one(" plain", " 's'", " \"q\n"+indent+"  r\"", " p\n"+indent+"  q")
	default:
		w.rarely(10, "\n"+indent+"  ", " # c\n"+indent+"  ")
		w.one(" 0", " x", " true", ` "a"`, " 'b'", " null", " ~")
	}
	w.endLine(indent)
}

func (w *writer) endLine(indent string) {
	w.rarely(3, " # c", " # d \t", "  ", " #", "\t# e")
	w.one("\n")
	for w.IntN(4) == 0 {
		w.rarely(2, indent+"# own", "# far", indent+"  # in ", indent)
		w.one("\n")
	}
}

func TestRandomEdits(t *testing.T) {
	random, edited := rand.New(rand.NewPCG(3, 4)), 0
	check := func(name, text string) {
		ops := make([]byte, 4*(1+random.IntN(4)))
		for i := range ops {
			ops[i] = byte(random.Uint32())
		}
		f := Parse(name, []byte(text))
		if f.Format == YAML && (len(f.Problems) > 0 || f.merges) {
			return // the oracle, too, asks for a whole file
		}
		if _, err := checkEditing(t, f, ops); err == nil {
			edited++
		}
		if len(ops) > 4 {
			checkMerge(t, f, ops[:4], ops[4:])
		}
	}
	const rounds = 5_000
	for range rounds {
		w := newWriter(random)
		w.gapJSON()
		w.valueJSON(random.IntN(4))
		w.gapJSON()
		check("random.json", w.String())

		w = newWriter(random)
		w.rarely(3, "---\n", "# head\n", "\n")
		w.blockYAML(random.IntN(4), "", false)
		text := w.String()
		if random.IntN(4) == 0 {
			text = strings.TrimRight(text, "\r\n")
		}
		check("random.yaml", text)
	}
	if t.Logf("%d texts edited", edited); edited < rounds {
		t.Errorf("only %d of %d texts were edited", edited, 2*rounds)
	}
}
