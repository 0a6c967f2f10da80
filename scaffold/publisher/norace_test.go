//go:build !race

package publisher

const underRace = false
