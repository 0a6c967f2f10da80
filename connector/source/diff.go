package source

import (
	"bytes"

	"github.com/rogpeppe/go-internal/diff"
)

// UnifiedDiff returns what turns old into new as a unified diff with three
// lines of context, "" if the texts are equal. The names stand in its header.
// Carriage returns stay in the lines, so that patch(1) accepts the result.
//
// The diff is anchored at lines that occur once in each text: it takes
// O(n log n) time, also on texts that have nothing in common, and never matches
// one closing brace with another far away.
func UnifiedDiff(oldName, newName, old, new string) string {
	out := diff.Diff(oldName, []byte(old), newName, []byte(new))
	_, out, _ = bytes.Cut(out, []byte("\n")) // the line "diff old new"
	return string(out)
}
