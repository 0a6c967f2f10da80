// Package contract holds what generated contract packages have in common. It
// is ordinary Go, tested here; the other files of this folder are copied beside
// the generated ones.
package contract
