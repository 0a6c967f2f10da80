package lint

// Nearest returns the known word that a misspelt one most likely means, "" if
// none is near: at most one slip in four characters.
func Nearest(word string, known []string) string {
	best, limit := "", max(1, len(word)/4)+1
	for _, k := range known {
		if d := distance(word, k, limit); d < limit {
			best, limit = k, d
		}
	}
	return best
}

// Distance counts the slips between two words: characters inserted, left out,
// replaced, or swapped with their neighbour (Damerau-Levenshtein, restricted).
func Distance(a, b string) int { return distance(a, b, len(a)+len(b)) }

// distance is Distance as long as it is below limit; it gives up when it is not.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit { // each slip adds or takes one at most
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit { // not even a swap, which skips a row, comes back below it
			return limit
		}
	}
	return row[len(b)]
}
