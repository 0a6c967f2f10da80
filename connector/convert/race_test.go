//go:build race

package convert

// bulkScale divides the size of TestBulk: the race detector makes it ten times
// slower, and nothing in it runs at the same time.
const bulkScale = 8
