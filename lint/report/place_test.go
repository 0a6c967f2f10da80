package report

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector/source"
)

// The cursor must agree with source.File.Position wherever it has been before.
func TestCursor(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		text := nastyText(rng, 40)
		if rng.IntN(2) == 0 {
			text = "\ufeff" + text
		}
		f := source.Parse("x.json", []byte(text))
		var c cursor
		for range 30 {
			r := source.Range{Start: rng.IntN(len(text) + 1)}
			r.End = r.Start + rng.IntN(len(text)-r.Start+1)
			if got := c.span(f, r); got.start != f.Position(r.Start) || got.end != f.Position(r.End) {
				t.Fatalf("%v of %q is %v to %v, want %v to %v", r, text, got.start, got.end, f.Position(r.Start), f.Position(r.End))
			}
		}
	}
}

func TestPaths(t *testing.T) {
	repository := filepath.Join(t.TempDir(), "my repository")
	o := Options{Root: repository, Dir: filepath.Join(repository, "lint")}
	outside := filepath.Join(filepath.Dir(repository), "größe.json")
	for _, test := range []struct {
		o                   Options
		name, relative, uri string
	}{
		{o, "a.json", "lint/a.json", "lint/a.json"},
		{o, filepath.Join("..", "b", "a.json"), "b/a.json", "b/a.json"},
		{o, filepath.Join(repository, "c", "100% of it.json"), "c/100% of it.json", "c/100%25%20of%20it.json"},
		{o, filepath.Join("..", "..", "a.json"), "../../a.json", "../../a.json"},
		{o, outside, filepath.ToSlash(outside), "file:///…/gr%C3%B6%C3%9Fe.json"},
		{Options{}, filepath.Join("b", "a.json"), "b/a.json", "b/a.json"},
		{Options{}, outside, filepath.ToSlash(outside), "file:///…/gr%C3%B6%C3%9Fe.json"},
		{Options{}, "注文#1?.json", "注文#1?.json", "%E6%B3%A8%E6%96%87%231%3F.json"},
		{Options{}, "a:b.json", "a:b.json", "./a:b.json"}, // without ./ a would be a scheme
		{Options{}, "\xff.json", "\xff.json", "%FF.json"},
	} {
		if got := test.o.relative(test.name); got != test.relative {
			t.Errorf("%s is relative %s, want %s", test.name, got, test.relative)
		}
		start, end, _ := strings.Cut(test.uri, "…")
		if got := test.o.uri(test.name); !strings.HasPrefix(got, start) || !strings.HasSuffix(got, end) || end == "" && got != start {
			t.Errorf("%s has the URI %s, want %s", test.name, got, test.uri)
		}
	}
}
