//go:build !race

package convert

const bulkScale = 1
