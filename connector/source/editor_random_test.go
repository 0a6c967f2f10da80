package source

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// gaps is what may stand between two tokens of a JSON text that is edited.
var gaps = []string{
	"", " ", "\n", "\r\n", "\t", "\n  ", "\r\n\t", "\n\n", " \n", "\u00a0",
	"//\n", "// x \n", " # y\t\n ", "#\r\n", "# z \r\n\t", "/**/", " /* , */ ", "/* x\n y */", "\n// x\n", "\n  /* x */\n  ", "// x\r\r\n", "//\u00a0\n",
}

// writeGap mostly writes plain gaps, or else edits that are refused hide the rest.
func writeGap(b *strings.Builder, r *rand.Rand) {
	n := 1
	if r.IntN(4) == 0 {
		n = r.IntN(3)
	}
	for range n {
		i := r.IntN(len(gaps))
		if r.IntN(2) == 0 {
			i %= 6
		}
		b.WriteString(gaps[i])
	}
}

// writeJSON writes a random value, its tokens separated by random gaps.
func writeJSON(b *strings.Builder, r *rand.Rand, depth int) {
	kind := r.IntN(4)
	if depth == 0 {
		kind = 3
	}
	if kind == 3 {
		b.WriteString([]string{"0", "-1.5e3", "true", "null", `""`, `"a\n#//"`, "[]", "{}"}[r.IntN(8)])
		return
	}
	opener, closer := "{", "}"
	if kind == 0 {
		opener, closer = "[", "]"
	}
	b.WriteString(opener)
	writeGap(b, r)
	n := r.IntN(4)
	for i := range n {
		if kind > 0 {
			b.WriteString([]string{`"a"`, `"b"`, `"c"`}[i])
			writeGap(b, r)
			b.WriteString(":")
			writeGap(b, r)
		}
		writeJSON(b, r, depth-1)
		writeGap(b, r)
		if i < n-1 || r.IntN(12) == 0 {
			b.WriteString(",")
			writeGap(b, r)
		}
	}
	b.WriteString(closer)
}

// TestRandomEdits edits texts that have all kinds of white space and comments
// at all places, which a fuzzer is slow to come upon.
func TestRandomEdits(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		var b strings.Builder
		writeGap(&b, r)
		writeJSON(&b, r, 1+r.IntN(3))
		writeGap(&b, r)
		ops := make([]byte, 4*(1+r.IntN(4)))
		for i := range ops {
			ops[i] = byte(r.Uint32())
		}
		f := Parse("random.json", []byte(b.String()))
		checkEditing(t, f, ops)
		if len(ops) > 4 {
			checkMerge(t, f, ops[:4], ops[4:])
		}
		if t.Failed() {
			t.Fatalf("%q %q", b.String(), ops)
		}
	}
}
