package source

import (
	"slices"
	"strings"
	"testing"
)

func TestApply(t *testing.T) {
	const text = "0123456789"
	tests := []struct {
		name  string
		edits []Edit
		want  string // "" if Apply must fail
	}{
		{"nothing", nil, text},
		{"out of order", []Edit{{8, 9, "B"}, {1, 3, "a"}}, "0a34567B9"},
		{"at the ends", []Edit{{10, 10, ">"}, {0, 0, "<"}}, "<0123456789>"},
		{"all", []Edit{{0, 10, "x"}}, "x"},
		{"inserts keep their order", []Edit{{5, 5, "a"}, {5, 5, "b"}, {2, 2, "-"}, {5, 5, "c"}}, "01-234abc56789"},
		{"insert before a replacement", []Edit{{5, 7, "X"}, {5, 5, "a"}}, "01234aX789"},
		{"insert after a replacement", []Edit{{7, 7, "a"}, {5, 7, "X"}}, "01234Xa789"},
		{"neighbours", []Edit{{5, 7, "X"}, {3, 5, "Y"}}, "012YX789"},
		{"overlap", []Edit{{3, 6, ""}, {5, 7, ""}}, ""},
		{"twice the same", []Edit{{3, 6, ""}, {3, 6, ""}}, ""},
		{"insert inside", []Edit{{3, 6, ""}, {4, 4, "x"}}, ""},
		{"nested", []Edit{{3, 9, ""}, {4, 5, "x"}}, ""},
		{"past the end", []Edit{{3, 11, ""}}, ""},
		{"before the start", []Edit{{-1, 2, ""}}, ""},
		{"backwards", []Edit{{3, 2, ""}}, ""},
	}
	for _, test := range tests {
		before := slices.Clone(test.edits)
		got, err := Apply(text, test.edits)
		if got != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%s: got %q, %v; want %q", test.name, got, err, test.want)
		}
		if !slices.Equal(before, test.edits) {
			t.Errorf("%s: Apply changed its argument", test.name)
		}
	}
}

func TestMerge(t *testing.T) {
	tests := []struct {
		name string
		a, b []Edit
		want string // of the text 0123456789; "" if they conflict
	}{
		{"apart", []Edit{{1, 2, ""}}, []Edit{{5, 6, "x"}}, "0234x6789"},
		{"one is empty", nil, []Edit{{5, 6, "x"}}, "01234x6789"},
		{"the same", []Edit{{5, 6, "x"}, {8, 8, "y"}}, []Edit{{8, 8, "y"}, {5, 6, "x"}}, "01234x67y89"},
		{"the same, more around it", []Edit{{5, 6, "x"}, {8, 8, "y"}}, []Edit{{1, 2, ""}, {5, 6, "x"}}, "0234x67y89"},
		{"the same inserts", []Edit{{5, 5, "x"}, {5, 5, "y"}}, []Edit{{5, 5, "xy"}}, "01234xy56789"},
		{"the same inserts in another order", []Edit{{5, 5, "x"}, {5, 5, "y"}}, []Edit{{5, 5, "y"}, {5, 5, "x"}}, ""},
		{"different inserts", []Edit{{5, 5, "x"}}, []Edit{{5, 5, "y"}}, ""},
		{"different replacements", []Edit{{5, 6, "x"}}, []Edit{{5, 6, "y"}}, ""},
		{"overlap", []Edit{{3, 6, ""}}, []Edit{{5, 8, ""}}, ""},
		{"nested", []Edit{{3, 9, ""}}, []Edit{{5, 6, ""}}, ""},
		{"insert before a deletion", []Edit{{5, 5, "x"}}, []Edit{{5, 6, ""}}, "01234x6789"},
		{"insert after a deletion", []Edit{{5, 6, ""}}, []Edit{{6, 6, "x"}}, "01234x6789"},
		{"insert inside a deletion", []Edit{{5, 7, ""}}, []Edit{{6, 6, "x"}}, ""},
		{"one list contradicts itself", []Edit{{5, 7, ""}, {6, 8, ""}}, nil, ""},
	}
	for _, test := range tests {
		for range 2 {
			merged, ok := Merge(test.a, test.b)
			if ok != (test.want != "") {
				t.Errorf("%s: ok is %v", test.name, ok)
			}
			if ok {
				if got, err := Apply("0123456789", merged); got != test.want {
					t.Errorf("%s: got %q, %v; want %q", test.name, got, err, test.want)
				}
			}
			test.a, test.b = test.b, test.a
		}
	}
}

// FuzzApply takes a text and two lists of edits from the input. It compares
// Apply with a byte-wise reading of what edits mean, and Merge with applying
// one list after the other, the offsets of the second moved by the first.
func FuzzApply(f *testing.F) {
	f.Add("0123456789", []byte{1, 2, 1, 5, 0, 2}, []byte{3, 1, 0, 5, 0, 2})
	f.Add("{\"a\": 1,\r\n\"b\": 2}\n", []byte{5, 0, 1, 5, 0, 2, 5, 3, 0}, []byte{8, 0, 1})
	f.Add("", []byte{0, 0, 1}, []byte{0, 0, 1})
	f.Fuzz(func(t *testing.T, text string, one, two []byte) {
		a, b := editsFrom(text, one), editsFrom(text, two)
		afterA, errA := Apply(text, a)
		if want, ok := applyByByte(text, a); ok != (errA == nil) || afterA != want {
			t.Fatalf("Apply(%q, %v) = %q, %v; want %q, %v", text, a, afterA, errA, want, ok)
		}
		merged, ok := Merge(a, b)
		if reverse, also := Merge(b, a); ok != also || !slices.Equal(merged, reverse) {
			t.Fatalf("Merge depends on the order: %v %v, %v %v", merged, ok, reverse, also)
		}
		if all, fits := Merge(nil, a); fits {
			near, also := MergeInto(slices.Clone(all), b)
			if ok != also || ok && !slices.Equal(merged, near) || !ok && !slices.Equal(all, near) {
				t.Fatalf("MergeInto(%v, %v) = %v, %v; Merge gives %v, %v", all, b, near, also, merged, ok)
			}
		}
		if !ok || errA != nil {
			return
		}
		got, err := Apply(text, merged)
		if err != nil {
			t.Fatalf("Merge(%v, %v) = %v: %v", a, b, merged, err)
		}
		said := joinInserts(a)
		rest := slices.DeleteFunc(slices.Compact(joinInserts(b)), func(e Edit) bool { return slices.Contains(said, e) })
		for i := range rest {
			rest[i].Start, rest[i].End = moved(rest[i], said)
		}
		if want, err := Apply(afterA, rest); err != nil || got != want {
			t.Fatalf("%q with %v merged with %v: got %q, want %q, %v", text, a, b, got, want, err)
		}
	})
}

// editsFrom reads triples of start, length and text, each within the text.
func editsFrom(text string, data []byte) []Edit {
	var edits []Edit
	for ; len(data) >= 3 && len(edits) < 6; data = data[3:] {
		start := int(data[0]) % (len(text) + 1)
		end := min(start+int(data[1])%4, len(text))
		edits = append(edits, Edit{start, end, strings.Repeat(string('A'+rune(data[2]%3)), int(data[2]%4))})
	}
	return edits
}

// applyByByte does what Apply does, slowly and plainly.
func applyByByte(text string, edits []Edit) (string, bool) {
	gone := make([]bool, len(text))
	before := make([]string, len(text)+1) // what is inserted at a place
	instead := make([]string, len(text)+1)
	for _, e := range edits {
		if e.Start == e.End {
			before[e.Start] += e.New
		}
		for i := e.Start; i < e.End; i++ {
			if gone[i] {
				return "", false
			}
			gone[i] = true
		}
		if e.Start < e.End {
			instead[e.Start] = e.New
		}
	}
	for _, e := range edits {
		for _, inner := range edits {
			if inner.isInsert() && e.Start < inner.Start && inner.Start < e.End {
				return "", false
			}
		}
	}
	var b strings.Builder
	for i := range len(text) + 1 {
		b.WriteString(before[i])
		b.WriteString(instead[i])
		if i < len(text) && !gone[i] {
			b.WriteByte(text[i])
		}
	}
	return b.String(), true
}

// moved returns where e stands after the edits done, none of which conflicts
// with it.
func moved(e Edit, done []Edit) (start, end int) {
	shift := 0
	for _, d := range done {
		if d.End < e.Start || d.End == e.Start && (!d.isInsert() || !e.isInsert()) {
			shift += len(d.New) - (d.End - d.Start)
		}
	}
	return e.Start + shift, e.End + shift
}
