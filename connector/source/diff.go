package source

import (
	"fmt"
	"slices"
	"strings"
)

// UnifiedDiff returns what turns old into new as a unified diff with three
// lines of context, "" if the texts are equal. The names stand in its header.
// Carriage returns stay in the lines, so that patch(1) accepts the result.
//
// Lines that occur once in each text are matched first, which keeps it fast and
// clear. What stands between them is mostly the same braces and keys again and
// again: there the shortest difference is looked for, up to a bound. So time is
// never quadratic, and a part that has nothing in common is replaced whole.
func UnifiedDiff(oldName, newName, old, new string) string {
	if old == new {
		return ""
	}
	d := differ{ids: map[string]int{}}
	oldLines, newLines := diffLines(old), diffLines(new)
	d.a, d.b = d.number(oldLines), d.number(newLines)
	d.match(0, len(d.a), 0, len(d.b), maxSplits)

	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", oldName, newName)
	for changes := d.changes(); len(changes) > 0; {
		n := 1
		for n < len(changes) && changes[n].a-changes[n-1].aEnd <= 2*diffContext {
			n++
		}
		writeHunk(&b, oldLines, newLines, changes[:n])
		changes = changes[n:]
	}
	return b.String()
}

const (
	diffContext = 3
	maxSplits   = 10   // how often parts are split at lines that are unique in them
	maxSteps    = 1000 // lines added and removed in a part that is not split
)

// diffLines splits a text after line breaks. A last line without one carries
// the remark that patch(1) wants.
func diffLines(text string) []string {
	lines := strings.SplitAfter(text, "\n")
	last := len(lines) - 1
	if lines[last] == "" {
		return lines[:last]
	}
	lines[last] += "\n\\ No newline at end of file\n"
	return lines
}

// differ matches the lines of two texts, each line as the number that stands
// for its content.
type differ struct {
	ids   map[string]int
	a, b  []int
	pairs [][2]int // matched lines in order: index in a, index in b
}

func (d *differ) number(lines []string) []int {
	numbers := make([]int, len(lines))
	for i, line := range lines {
		id, known := d.ids[line]
		if !known {
			id = len(d.ids)
			d.ids[line] = id
		}
		numbers[i] = id
	}
	return numbers
}

// match matches lines a[i:iEnd] with b[j:jEnd].
func (d *differ) match(i, iEnd, j, jEnd, splits int) {
	for i < iEnd && j < jEnd && d.a[i] == d.b[j] {
		d.pairs = append(d.pairs, [2]int{i, j})
		i++
		j++
	}
	tail := 0
	for i < iEnd-tail && j < jEnd-tail && d.a[iEnd-tail-1] == d.b[jEnd-tail-1] {
		tail++
	}
	iEnd, jEnd = iEnd-tail, jEnd-tail
	if i < iEnd && j < jEnd {
		anchors := d.anchors(i, iEnd, j, jEnd)
		if len(anchors) == 0 || splits == 0 {
			d.pairs = append(d.pairs, d.shortest(i, iEnd, j, jEnd)...)
		} else {
			for _, at := range append(anchors, [2]int{iEnd, jEnd}) {
				d.match(i, at[0], j, at[1], splits-1)
				i, j = at[0], at[1]
			}
		}
	}
	for ; tail > 0; tail-- {
		d.pairs = append(d.pairs, [2]int{iEnd, jEnd})
		iEnd++
		jEnd++
	}
}

// anchors returns the longest increasing sequence of pairs of lines that occur
// once in each part (Szymanski 1975).
func (d *differ) anchors(i, iEnd, j, jEnd int) [][2]int {
	type link struct {
		pair   [2]int
		before *link
	}
	inA, inB := occurrences(d.a, i, iEnd), occurrences(d.b, j, jEnd)
	var ends []*link // ends[n] ends the sequence of n+1 pairs that got least far in a
	for ; j < jEnd; j++ {
		at, ok := inA[d.b[j]]
		if !ok || at < 0 || inB[d.b[j]] != j {
			continue
		}
		n, _ := slices.BinarySearchFunc(ends, at, func(l *link, at int) int { return l.pair[0] - at })
		l := &link{pair: [2]int{at, j}}
		if n > 0 {
			l.before = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, nil)
		}
		ends[n] = l
	}
	var anchors [][2]int
	if len(ends) > 0 {
		for l := ends[len(ends)-1]; l != nil; l = l.before {
			anchors = append(anchors, l.pair)
		}
	}
	slices.Reverse(anchors)
	return anchors
}

// occurrences returns where each line is that occurs once in lines[i:end]; for
// those that occur more often, -1.
func occurrences(lines []int, i, end int) map[int]int {
	at := map[int]int{}
	for ; i < end; i++ {
		if _, seen := at[lines[i]]; seen {
			at[lines[i]] = -1
		} else {
			at[lines[i]] = i
		}
	}
	return at
}

// shortest returns the matches of a shortest difference (Myers 1986), none if
// that is longer than maxSteps.
func (d *differ) shortest(i, iEnd, j, jEnd int) [][2]int {
	a, b := d.a[i:iEnd], d.b[j:jEnd]
	var rows [][]int // rows[n][k+n]: how far in a diagonal k gets with n steps
	for n := 0; n <= maxSteps; n++ {
		row := make([]int, 2*n+1)
		for k := -n; k <= n; k += 2 {
			x := 0
			if n > 0 {
				x, _ = advance(rows[n-1], n, k)
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			row[k+n] = x
			if x >= len(a) && x-k >= len(b) {
				return matchesOf(append(rows, row), k, i, j)
			}
		}
		rows = append(rows, row)
	}
	return nil
}

// advance returns where diagonal k starts with step n, given how far the diagonals
// beside it got before, and from which of them it comes.
func advance(before []int, n, k int) (x, from int) {
	if k == -n || k != n && before[k-1+n-1] < before[k+1+n-1] {
		return before[k+1+n-1], k + 1
	}
	return before[k-1+n-1] + 1, k - 1
}

// matchesOf goes back from where diagonal k ends in the last row.
func matchesOf(rows [][]int, k, i, j int) [][2]int {
	var pairs [][2]int
	for n := len(rows) - 1; n >= 0; n-- {
		start, from := 0, 0
		if n > 0 {
			start, from = advance(rows[n-1], n, k)
		}
		for x := rows[n][k+n] - 1; x >= start; x-- {
			pairs = append(pairs, [2]int{i + x, j + x - k})
		}
		k = from
	}
	slices.Reverse(pairs)
	return pairs
}

// lineChange replaces lines [a, aEnd) of the old text by [b, bEnd) of the new.
type lineChange struct{ a, aEnd, b, bEnd int }

// changes returns what stands between the matched lines.
func (d *differ) changes() []lineChange {
	var changes []lineChange
	a, b := 0, 0
	for _, p := range append(d.pairs, [2]int{len(d.a), len(d.b)}) {
		if p[0] > a || p[1] > b {
			changes = append(changes, lineChange{a, p[0], b, p[1]})
		}
		a, b = p[0]+1, p[1]+1
	}
	return changes
}

func writeHunk(out *strings.Builder, a, b []string, changes []lineChange) {
	first, last := changes[0], changes[len(changes)-1]
	before, after := min(first.a, diffContext), min(len(a)-last.aEnd, diffContext)
	start, end := first.a-before, last.aEnd+after
	fmt.Fprintf(out, "@@ -%s +%s @@\n", hunkRange(start, end), hunkRange(first.b-before, last.bEnd+after))
	for _, c := range changes {
		writeLines(out, " ", a[start:c.a])
		writeLines(out, "-", a[c.a:c.aEnd])
		writeLines(out, "+", b[c.b:c.bEnd])
		start = c.aEnd
	}
	writeLines(out, " ", a[start:end])
}

// hunkRange counts lines from 1; of no lines, it names the one before them.
func hunkRange(start, end int) string {
	if start < end {
		start++
		end++
	}
	return fmt.Sprintf("%d,%d", start, end-start)
}

func writeLines(out *strings.Builder, sign string, lines []string) {
	for _, line := range lines {
		out.WriteString(sign)
		out.WriteString(line)
	}
}
