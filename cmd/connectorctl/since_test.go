package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParseDiff(t *testing.T) {
	text := strings.Join([]string{
		"diff --git a/a.json b/a.json", "--- a/a.json", "+++ b/a.json",
		"@@ -1 +1 @@", "-old", "+++ b/no file.json",
		"@@ -5,2 +4,0 @@ some context", "---", "-@@ -1 +9 @@",
		"@@ -9,0 +8,3 @@", "+a", "+b", "+c", `\ No newline at end of file`,
		"diff --git a/with blank.json b/with blank.json", "--- /dev/null", "+++ b/with blank.json\t", "@@ -0,0 +1,2 @@", "+{", "+}",
		`+++ "b/\"quoted\"\t\303\251.json"`, "@@ -1 +1 @@", "-a", "+b",
		"Binary files a/icon.png and b/icon.png differ",
	}, "\n")
	got := parseDiff("root", text)
	want := map[string]changed{
		"a.json":             {spans: [][2]int{{1, 1}, {4, 5}, {8, 10}}},
		"with blank.json":    {spans: [][2]int{{1, 2}}},
		"\"quoted\"\té.json": {spans: [][2]int{{1, 1}}},
		"icon.png":           {all: true},
	}
	if len(got) != len(want) {
		t.Errorf("files %q", slices.Collect(maps.Keys(got)))
	}
	for name, lines := range want {
		if file := got[filepath.Join("root", name)]; file.all != lines.all || !slices.Equal(file.spans, lines.spans) {
			t.Errorf("%s: got %v, want %v", name, file, lines)
		}
	}
}

// FuzzParseDiff checks that nothing is too odd, and that no span ends before it
// starts.
func FuzzParseDiff(f *testing.F) {
	f.Add("+++ b/a\n@@ -1,2 +3,4 @@ x\n-\n+\n")
	f.Add("@@ -0,0 +99999999999999999999,0 @@")
	f.Fuzz(func(t *testing.T, text string) {
		for name, file := range parseDiff("root", text) {
			for _, span := range file.spans {
				if span[0] > span[1] {
					t.Errorf("%s: lines %v", name, span)
				}
			}
		}
	})
}
