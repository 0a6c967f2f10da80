package main

import (
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root copies what create edits into a folder of its own.
func root(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"lint/rules/callback.go", "docs/rules/callback.md"} {
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "testdata/rules"), 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestCreate(t *testing.T) {
	dir := root(t)
	if err := create(dir, "callback", "callback-too-long"); err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(filepath.Join(dir, "lint/rules/callback.go"))
	if err != nil {
		t.Fatal(err)
	}
	formatted, err := format.Source(code)
	if err != nil || string(formatted) != string(code) {
		t.Errorf("the Go file is not gofmt'ed: %v", err)
	}
	for name, want := range map[string]string{
		"lint/rules/callback.go":                 "func callbackTooLong(p *lint.Pass) lint.Visitor {",
		"testdata/rules/callback-too-long.txtar": "-- apiDefinition.swagger.json --",
		"docs/rules/callback.md":                 "\n## callback-too-long\n",
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || strings.Count(string(text), want) != 1 {
			t.Errorf("%s does not hold %q once: %v", name, want, err)
		}
	}
	if strings.Count(string(code), `"callback-too-long"`) != 1 {
		t.Error("the list does not hold the rule")
	}
}

func TestCreateRefuses(t *testing.T) {
	for _, tt := range []struct{ subject, id, want string }{
		{"callback", "trigger-x", "starts with"},
		{"callback", "callback-Ü", "kebab-case"},
		{"callback", "callback", "kebab-case"},
		{"callback", "callback-missing", "already"},
		{"nothing", "nothing-here", "no file"},
	} {
		dir := root(t)
		before, err := os.ReadFile(filepath.Join(dir, "lint/rules/callback.go"))
		if err != nil {
			t.Fatal(err)
		}
		if err := create(dir, tt.subject, tt.id); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.id, err, tt.want)
		}
		if after, err := os.ReadFile(filepath.Join(dir, "lint/rules/callback.go")); err != nil || string(after) != string(before) {
			t.Errorf("%s: the file changed", tt.id)
		}
	}
}
