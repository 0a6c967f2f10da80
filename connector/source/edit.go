package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Edit replaces the bytes [Start, End) of a text by New. Start == End inserts.
type Edit struct {
	Start, End int
	New        string
}

func (e Edit) isInsert() bool { return e.Start == e.End }

// Apply returns text with all edits made. They may come in any order, and
// their offsets are those of the text as it is given. Several inserts at one
// place keep their order and stand before what replaces the bytes after that
// place. Edits that overlap, or that reach outside the text, are an error.
func Apply(text string, edits []Edit) (string, error) {
	edits = inOrder(edits)
	for _, e := range edits {
		if e.Start < 0 || e.End < e.Start || e.End > len(text) {
			return "", fmt.Errorf("edit [%d,%d) is outside the text of %d bytes", e.Start, e.End, len(text))
		}
	}
	if i := overlap(edits); i > 0 {
		a, b := edits[i-1], edits[i]
		return "", fmt.Errorf("edit [%d,%d) overlaps edit [%d,%d)", b.Start, b.End, a.Start, a.End)
	}
	var b strings.Builder
	done := 0
	for _, e := range edits {
		b.WriteString(text[done:e.Start])
		b.WriteString(e.New)
		done = e.End
	}
	b.WriteString(text[done:])
	return b.String(), nil
}

// inOrder returns a copy of edits sorted by place, inserts first.
func inOrder(edits []Edit) []Edit {
	return slices.SortedStableFunc(slices.Values(edits), func(a, b Edit) int {
		if a.Start == b.Start && a.isInsert() != b.isInsert() {
			return cmp.Compare(a.End, b.End)
		}
		return cmp.Compare(a.Start, b.Start)
	})
}

// overlap returns the index of the first edit that touches bytes of the one
// before it, 0 if there is none.
func overlap(inOrder []Edit) int {
	for i := 1; i < len(inOrder); i++ {
		if inOrder[i].Start < inOrder[i-1].End {
			return i
		}
	}
	return 0
}

// Merge returns the union of two lists of edits to the same text, in the order
// of their places. What both lists say is said once. The result is not ok if
// the lists contradict each other: if edits overlap, or if both insert at the
// same place and not the same, because nothing tells which comes first. An
// insert at the edge of bytes that the other list replaces is no conflict, one
// inside them is.
func Merge(a, b []Edit) (merged []Edit, ok bool) {
	merged = slices.Compact(inOrder(append(joinInserts(a), joinInserts(b)...)))
	for i := 1; i < len(merged); i++ {
		if merged[i-1].isInsert() && merged[i].isInsert() && merged[i-1].Start == merged[i].Start {
			return nil, false
		}
	}
	if overlap(merged) > 0 {
		return nil, false
	}
	return merged, true
}

// MergeInto is [Merge] for many lists, one after the other: all is what earlier
// calls returned, and is used up as by append. Only the edits around those of
// more are looked at. If the result is not ok, all is as it was.
func MergeInto(all, more []Edit) (merged []Edit, ok bool) {
	if len(more) == 0 {
		return all, true
	}
	start, end := more[0].Start, more[0].End
	for _, e := range more {
		start, end = min(start, e.Start), max(end, e.End)
	}
	from, _ := slices.BinarySearchFunc(all, start, func(e Edit, at int) int { return cmp.Compare(e.End, at) })
	to, _ := slices.BinarySearchFunc(all, end+1, func(e Edit, at int) int { return cmp.Compare(e.Start, at) })
	near, ok := Merge(all[from:to], more)
	if !ok {
		return all, false
	}
	return slices.Replace(all, from, to, near...), true
}

// joinInserts returns edits in order with one insert per place.
func joinInserts(edits []Edit) []Edit {
	var joined []Edit
	for _, e := range inOrder(edits) {
		if last := len(joined) - 1; last >= 0 && e.isInsert() && joined[last].isInsert() && joined[last].Start == e.Start {
			joined[last].New += e.New
		} else {
			joined = append(joined, e)
		}
	}
	return joined
}
