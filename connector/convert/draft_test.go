package convert

import (
	"math/rand/v2"
	"testing"

	"github.com/connectorctl/connectorctl/connector/source"
)

// TestSequence edits texts twice, and expects the same of all edits at once.
func TestSequence(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		text := "abcdefghijklmnopqrstuvwxyz"[:random.IntN(27)]
		first := randomEdits(random, len(text), "ABCDEFG")
		between := apply(t, text, first)
		second := randomEdits(random, len(between), "1234567")
		want := apply(t, between, second)
		both := sequence(len(text), first, second)
		if got := apply(t, text, both); got != want {
			t.Fatalf("%q, %v, %v: got %q, want %q", text, first, second, got, want)
		}
		for i := range both {
			if both[i].Start == both[i].End && both[i].New == "" || i > 0 && both[i].Start <= both[i-1].End {
				t.Fatalf("%v, %v give %v, which is not as short as can be", first, second, both)
			}
		}
	}
}

// randomEdits returns edits in order that do not overlap.
func randomEdits(random *rand.Rand, size int, letters string) []source.Edit {
	var edits []source.Edit
	for at := 0; ; {
		start := at + random.IntN(8)
		end := start + max(0, random.IntN(5)-2)
		if end > size {
			return edits
		}
		edits = append(edits, source.Edit{Start: start, End: end, New: letters[:random.IntN(len(letters))]})
		at = end
	}
}

func apply(t *testing.T, text string, edits []source.Edit) string {
	t.Helper()
	after, err := source.Apply(text, edits)
	if err != nil {
		t.Fatal(err)
	}
	return after
}
