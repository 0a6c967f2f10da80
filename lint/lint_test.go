package lint_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// hostRule reports every host and offers to change it.
func hostRule(id, host string) *lint.Rule {
	return &lint.Rule{
		ID: id, Summary: "a host", Levels: lint.Everywhere(source.Warning),
		Start: func(p *lint.Pass) lint.Visitor {
			return lint.Visitor{Definition: func(d *connector.Definition) {
				at := d.Root.Get("host")
				if !at.Exists() || at.Is(host) {
					return
				}
				editor := at.File().Editor()
				editor.Replace(at, host)
				edits, err := editor.Edits()
				if f := p.Report(at, "host %s", at.Text()); err == nil { // else the text around it is damaged
					f.Fix = &source.Fix{Title: "change it", Safe: true, Edits: edits}
				}
			}}
		},
	}
}

func linter(rules ...*lint.Rule) *lint.Linter {
	return &lint.Linter{Rules: rules, Configs: lint.NewConfigs(lint.Configs{Rules: rules})}
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestResultsComeInInputOrder(t *testing.T) {
	dir := t.TempDir()
	var units []connector.Unit
	for i := range 200 {
		// The first files are the largest, so that they are ready last.
		text := `{"host": "` + strings.Repeat("x", (200-i)*500) + `"}`
		units = append(units, connector.Unit{Definition: write(t, dir, fmt.Sprintf("%03d.swagger.json", i), text)})
	}
	for _, jobs := range []int{1, 2, 16} {
		l := linter(hostRule("host-any", "h"))
		l.Jobs = jobs
		next := 0
		err := l.Run(t.Context(), units, func(r lint.Result) error {
			if r.Unit.Definition != units[next].Definition || len(r.Findings) != 1 {
				t.Errorf("jobs %d: result %d is %s with %d findings", jobs, next, r.Unit.Definition, len(r.Findings))
			}
			next++
			return nil
		})
		if err != nil || next != len(units) {
			t.Errorf("jobs %d: %d of %d results, %v", jobs, next, len(units), err)
		}
	}
}

func TestRunEndsEarly(t *testing.T) {
	dir := t.TempDir()
	var units []connector.Unit
	for i := range 100 {
		units = append(units, connector.Unit{Definition: write(t, dir, fmt.Sprintf("%d.json", i), "{}")})
	}
	before := runtime.NumGoroutine()
	stop := errors.New("stop")
	seen := 0
	if err := linter().Run(t.Context(), units, func(lint.Result) error { seen++; return stop }); !errors.Is(err, stop) || seen != 1 {
		t.Errorf("%v after %d results", err, seen)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := linter().Run(ctx, units, func(lint.Result) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want cancelled", err)
	}
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before+2 {
		t.Errorf("%d goroutines are left of %d", n, before)
	}
}

func TestFaultsAreErrorsOfTheirUnit(t *testing.T) {
	dir := t.TempDir()
	bad := &lint.Rule{ID: "bad-rule", Levels: lint.Everywhere(source.Error), Start: func(*lint.Pass) lint.Visitor {
		return lint.Visitor{Definition: func(d *connector.Definition) {
			if d.Root.Get("host").Exists() {
				panic("a fault")
			}
		}}
	}}
	units := []connector.Unit{
		{Definition: write(t, dir, "a.json", `{"host": ""}`)},
		{Definition: filepath.Join(dir, "missing.json")},
		{Definition: write(t, dir, "b.json", `{}`)},
	}
	var errs []string
	err := linter(bad).Run(t.Context(), units, func(r lint.Result) error {
		errs = append(errs, fmt.Sprint(r.Err))
		return nil
	})
	if err != nil || len(errs) != 3 || !strings.Contains(errs[0], "internal error") || !strings.Contains(errs[1], "missing.json") || errs[2] != "<nil>" {
		t.Errorf("%v, %q", err, errs)
	}
}

// TestFixesThatDoNotGoTogether has two rules that change the same bytes: the
// first wins, the second waits for the next round, and they would go on for
// ever if rounds were not bounded.
func TestFixesThatDoNotGoTogether(t *testing.T) {
	l := linter(hostRule("host-a", "a"), hostRule("host-b", "b"))
	cfg := &lint.Config{Profile: lint.Custom}
	c := connector.New("x", source.Parse("x.json", []byte(`{"host": "x"}`)), nil)
	repair, err := l.Fix(lint.Result{Connector: c, Config: cfg, Findings: l.Check(c, cfg)}, false)
	if err != nil || len(repair.Changes) != 1 || repair.Changes[0].Text != `{"host": "a"}` || repair.Applied != 5 {
		t.Errorf("%v, %+v", err, repair)
	}
}

// TestFixesThatAreWrongTogether has two rules that add the same member. Only
// one may, or the key would stand there twice.
func TestFixesThatAreWrongTogether(t *testing.T) {
	adds := func(id, after string) *lint.Rule {
		return &lint.Rule{ID: id, Levels: lint.Everywhere(source.Warning), Start: func(p *lint.Pass) lint.Visitor {
			return lint.Visitor{Definition: func(d *connector.Definition) {
				if d.Root.Get("new").Exists() {
					return
				}
				editor := d.File.Editor()
				editor.InsertAfter(d.Root.Get(after), "new", 1)
				edits, err := editor.Edits()
				if err != nil {
					panic(err)
				}
				p.Report(d.Root.Get(after), "no new").Fix = &source.Fix{Safe: true, Edits: edits}
			}}
		}}
	}
	l := linter(adds("add-a", "a"), adds("add-b", "b"))
	cfg := &lint.Config{Profile: lint.Custom}
	c := connector.New("x", source.Parse("x.json", []byte(`{"a": 1, "b": 2}`)), nil)
	repair, err := l.Fix(lint.Result{Connector: c, Config: cfg, Findings: l.Check(c, cfg)}, false)
	if err != nil || repair.Applied != 1 || len(repair.Findings) != 0 || repair.Changes[0].Text != `{"a": 1, "new": 1, "b": 2}` {
		t.Errorf("%v, %+v", err, repair)
	}
}

func TestFindingsInDamageAreLeftOut(t *testing.T) {
	text := "{\n  \"host\": \"x\",\n  \"a\": {\n    \"b\": {\n      \"c\": 1\n  },\n  \"d\": 1\n}\n"
	object := &lint.Rule{ID: "c-any", Levels: lint.Everywhere(source.Warning), Start: func(p *lint.Pass) lint.Visitor {
		return lint.Visitor{Definition: func(d *connector.Definition) {
			p.Report(d.File.At("/a/b/c"), "inside")
			p.Report(d.Root.Get("d"), "outside")
		}}
	}}
	c := connector.New("x", source.Parse("x.json", []byte(text)), nil)
	var got []string
	for _, f := range linter(object).Check(c, &lint.Config{Profile: lint.Custom}) {
		got = append(got, f.Message)
	}
	if !slices.Equal(got, []string{"outside"}) {
		t.Errorf("findings %q", got)
	}
}

// TestFixesInDoubt holds the fix of a rule back until the syntax is mended: it is
// as safe as that, and there is none if the syntax has none.
func TestFixesInDoubt(t *testing.T) {
	syntax := func(id string) *lint.Rule {
		return &lint.Rule{ID: id, Levels: lint.Everywhere(source.Error), Foreign: true}
	}
	l := linter(hostRule("host-a", "a"), syntax("syntax-missing-comma"), syntax("syntax-missing-colon"), syntax("syntax-unquoted"), syntax("syntax-trailing-text"))
	cfg := &lint.Config{Profile: lint.Custom}
	for text, want := range map[string]string{
		`{"host": "x"; "b": 1}`:       `{"host": "a", "b": 1}`, // safely
		`{"host": "x", "b" {"c": 1}}`: `{"host": "a", "b": {"c": 1}}`,
		`{"host": "x", "b" c: 1}`:     `{"host": "x", "b" c: 1}`,
		`{"host": "x"} "b": 1`:        `{"host": "x"} "b": 1`,
	} {
		c := connector.New("x", source.Parse("x.json", []byte(text)), nil)
		repair, err := l.Fix(lint.Result{Connector: c, Config: cfg, Findings: l.Check(c, cfg)}, false)
		if got := repair.Connector.Definition.File.Text; err != nil || got != want {
			t.Errorf("%s: %v, fixed %s, expected %s", text, err, got, want)
		}
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "real/a.json", "old")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.json")
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if err := lint.Write(link, "new"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || string(data) != "new" {
		t.Errorf("%q, %v", data, err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is no link any more")
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("permissions %v, %v", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("%d files are left", len(entries))
	}
	if err := lint.Write(filepath.Join(dir, "missing.json"), "x"); err == nil {
		t.Error("a file that is not there was written")
	}
}

func TestNearest(t *testing.T) {
	known := []string{"callback-missing", "callback-multiple", "unsubscribe-missing"}
	for word, want := range map[string]string{
		"callback-mising": "callback-missing", "callbcak-missing": "callback-missing", "unsubscribe-mising": "unsubscribe-missing",
		"callback_multiple": "callback-multiple", "syntax": "", "": "",
	} {
		if got := lint.Nearest(word, known); got != want {
			t.Errorf("%q means %q, want %q", word, got, want)
		}
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"visibilty", "visibility", 1}, {"kitten", "sitting", 3}} {
		if got := lint.Distance(tt.a, tt.b); got != tt.want || lint.Distance(tt.b, tt.a) != tt.want {
			t.Errorf("%q and %q are %d apart, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
