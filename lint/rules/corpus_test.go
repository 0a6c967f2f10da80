package rules_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/rules"
)

// realConnectors reads the corpus, and skips the test where there is none.
func realConnectors(t *testing.T) []*connector.Connector {
	t.Helper()
	root := os.Getenv("CONNECTORCTL_CORPUS")
	if root == "" {
		t.Skip("CONNECTORCTL_CORPUS is not set")
	}
	t.Chdir(filepath.Join(root, "connectors"))
	units, err := connector.Find([]string{"."})
	if err != nil {
		t.Fatal(err)
	}
	var all []*connector.Connector
	for _, u := range units {
		c, err := connector.Load(u)
		if err != nil {
			t.Fatal(err)
		}
		c.Package = nil // the corpus has two files of each connector
		all = append(all, c)
	}
	if len(all) < 600 {
		t.Fatalf("only %d connectors", len(all))
	}
	return all
}

// TestRealSyntax holds the parser against encoding/json on every file: what it
// rejects we report, at the line where it stops or where the fault began, and
// go on; what it accepts we do not complain about, but for what it lets through.
func TestRealSyntax(t *testing.T) {
	rejected := 0
	for _, c := range realConnectors(t) {
		for _, f := range c.Files() {
			var ids []string
			lines := map[int]bool{}
			for _, p := range f.Problems {
				ids = append(ids, p.Rule)
				lines[f.Position(p.Range.Start).Line] = true
				for _, r := range p.Related {
					lines[f.Position(r.Range.Start).Line] = true
				}
			}
			var value any
			err := json.Unmarshal([]byte(f.Text), &value)
			if err == nil {
				ids = slices.DeleteFunc(ids, func(id string) bool { return id == "syntax-duplicate-key" })
				if !utf8.ValidString(f.Text) {
					ids = slices.DeleteFunc(ids, func(id string) bool { return id == "syntax-invalid-utf8" })
				}
				if len(ids) > 0 {
					t.Errorf("%s: %v in a file that encoding/json accepts", f.Name, ids)
				}
				continue
			}
			rejected++
			offset := int(err.(*json.SyntaxError).Offset) - 1
			if line := f.Position(offset).Line; !lines[line] && !(lines[line-1] && stopsAtCloser(f, offset)) {
				t.Errorf("%s: encoding/json stops at line %d (%v), we report %v at %v", f.Name, line, err, ids, lines)
			}
			if f == c.Definition.File && len(c.Definition.Operations()) == 0 {
				t.Errorf("%s: no operation was read", f.Name)
			}
		}
	}
	if rejected == 0 {
		t.Error("the corpus has no broken file: nothing was tested")
	}
	t.Logf("%d files that encoding/json rejects", rejected)
}

// stopsAtCloser reports whether encoding/json stopped at the bracket after a
// trailing comma, which often stands on the line before.
func stopsAtCloser(f *source.File, offset int) bool {
	return strings.HasPrefix(f.Text[offset:], "}") || strings.HasPrefix(f.Text[offset:], "]")
}

// TestRealCounts compares how often each rule fires, per profile, with what was
// recorded, so that no change goes unnoticed.
func TestRealCounts(t *testing.T) {
	recorded, err := filepath.Abs("../../testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := realConnectors(t)
	l := &lint.Linter{Rules: rules.All()}
	findings, connectors := map[string]int{}, map[string]int{}
	for _, c := range all {
		seen := map[string]bool{}
		for _, f := range l.Check(c, &lint.Config{Profile: lint.Certified}) {
			findings[f.Rule]++
			if !seen[f.Rule] {
				seen[f.Rule] = true
				connectors[f.Rule]++
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-34s %8s %10s   of %d connectors, profile certified\n", "rule", "findings", "connectors", len(all))
	for _, r := range rules.All() {
		fmt.Fprintf(&b, "%-34s %8d %10d\n", r.ID, findings[r.ID], connectors[r.ID])
	}
	t.Logf("\n%s", b.String())
	compareRecorded(t, recorded, b.String())
}

// compareRecorded compares a table with the file that has it as it was, or
// rewrites that.
func compareRecorded(t *testing.T, name, now string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(now), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	recorded, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(recorded) != now {
		t.Errorf("%s differs; if that is meant, run the test with -update\n%s", name, source.UnifiedDiff("recorded", "now", string(recorded), now))
	}
}

// followUps are the rules that tell what is left to do after a fix of another:
// it gave a place to fill in, or made letters of bytes.
var followUps = map[string][]string{
	"syntax-invalid-utf8":     {"text-not-english"},
	"operation-id-characters": {"style-operation-id"},
	"metadata-missing":        {"metadata-url", "metadata-category-unknown"},
	"callback-multiple":       {"schema-input"}, // what was hidden for its mark
	"notification-missing":    {"notification-empty"},
	"text-empty":              {"style-description-repeats"},
	"text-missing": {
		"text-empty", "metadata-url", "metadata-email", "metadata-category-unknown", "style-description-repeats", "style-summary-repeats",
	},
}

// TestRealFixes applies the first fix of each rule in each connector by itself.
// It must remove its finding, bring none, and keep the style of the file.
func TestRealFixes(t *testing.T) {
	l := &lint.Linter{Rules: rules.All()}
	cfg := &lint.Config{Profile: lint.Certified}
	tried := 0
	for _, c := range realConnectors(t) {
		findings := l.Check(c, cfg)
		seen := map[string]bool{}
		for _, f := range findings {
			if f.Fix == nil || seen[f.Rule] {
				continue
			}
			seen[f.Rule] = true
			tried++
			text, err := source.Apply(f.File.Text, f.Fix.Changes())
			if err != nil {
				t.Errorf("%s: %s: %v", f.File.Name, f.Rule, err)
				continue
			}
			checkStyle(t, f, text)
			checkMeaning(t, f.File, f.Fix.Changes(), text)
			after := l.Check(replaced(c, f.File, text), cfg)
			if n := countOf(after, f.Rule); n >= countOf(findings, f.Rule) {
				t.Errorf("%s: fixing %s at %s leaves %d findings", f.File.Name, f.Rule, f.Pointer(), n)
			}
			for _, g := range after {
				if countOf(after, g.Rule) > countOf(findings, g.Rule) && !slices.Contains(followUps[f.Rule], g.Rule) {
					t.Errorf("%s: fixing %s at %s brings %s at %s", f.File.Name, f.Rule, f.Pointer(), g.Rule, g.Pointer())
				}
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d fixes: nothing was tested", tried)
	}
	t.Logf("%d fixes", tried)
}

func countOf(findings []source.Diagnostic, rule string) int {
	n := 0
	for _, f := range findings {
		if f.Rule == rule {
			n++
		}
	}
	return n
}

func replaced(c *connector.Connector, old *source.File, text string) *connector.Connector {
	return c.With(func(f *source.File) *source.File {
		if f != old {
			return nil
		}
		return source.Parse(old.Name, []byte(text))
	})
}

// checkStyle makes sure that what a fix wrote has the line ends and the
// indentation of its file.
func checkStyle(t *testing.T, f source.Diagnostic, text string) {
	t.Helper()
	bare := func(s string) int { return strings.Count(s, "\n") - strings.Count(s, "\r\n") }
	before := f.File.Text
	if strings.Contains(before, "\r\n") && bare(before) == 0 && bare(text) != 0 {
		t.Errorf("%s: the fix of %s writes LF into a file with CRLF", f.File.Name, f.Rule)
	}
	if !strings.Contains(before, "\r") && strings.Contains(text, "\r") {
		t.Errorf("%s: the fix of %s writes CR into a file without", f.File.Name, f.Rule)
	}
	if !strings.Contains(before, "\n\t") && strings.Contains(text, "\n\t") {
		t.Errorf("%s: the fix of %s indents with tabs", f.File.Name, f.Rule)
	}
}

// TestRealFixpoint fixes whole connectors, safely and boldly. A second run must
// find nothing to do, no rule may have more findings than before, and every byte
// outside of the edits must be there still.
func TestRealFixpoint(t *testing.T) {
	l := &lint.Linter{Rules: rules.All()}
	cfg := &lint.Config{Profile: lint.Certified}
	changed := 0
	for _, c := range realConnectors(t) {
		before := l.Check(c, cfg)
		for _, boldly := range []bool{false, true} {
			repair, err := l.Fix(lint.Result{Connector: c, Config: cfg, Findings: before}, boldly)
			if err != nil {
				t.Error(err)
				continue
			}
			changed += len(repair.Changes)
			for _, f := range repair.Findings {
				if f.Fix != nil && (boldly || f.Fix.Safe) {
					t.Errorf("%s: %s at %s is left to fix", f.File.Name, f.Rule, f.Pointer())
				}
				if countOf(repair.Findings, f.Rule) > countOf(before, f.Rule) && !(boldly && follows(f.Rule, before)) {
					t.Errorf("%s: fixing brought %s at %s", f.File.Name, f.Rule, f.Pointer())
				}
			}
			for _, ch := range repair.Changes {
				if !boldly {
					checkLinesSurvive(t, ch, repair.Applied)
				}
			}
			again, err := l.Fix(lint.Result{Connector: repair.Connector, Config: cfg, Findings: repair.Findings}, boldly)
			if err != nil || len(again.Changes) > 0 {
				t.Errorf("%s: a second run changes %d files (%v)", c.Name, len(again.Changes), err)
			}
		}
	}
	if changed < 50 {
		t.Errorf("only %d files changed: nothing was tested", changed)
	}
	t.Logf("%d files changed", changed)
}

// follows reports whether a rule tells what is left of one that has a fix.
func follows(rule string, before []source.Diagnostic) bool {
	return slices.ContainsFunc(before, func(f source.Diagnostic) bool {
		return f.Fix != nil && slices.Contains(followUps[f.Rule], rule)
	})
}

var trailing = regexp.MustCompile(`(?m)[ \t\r]+$`)

// checkLinesSurvive compares the lines of a file before and after its fixes, but
// for blanks at their ends, which one fix removes from all. All but a few for each
// fix must be there, in order.
func checkLinesSurvive(t *testing.T, c lint.Change, fixes int) {
	t.Helper()
	removed := 0
	for line := range strings.Lines(source.UnifiedDiff("a", "b", trailing.ReplaceAllString(c.File.Text, ""), trailing.ReplaceAllString(c.Text, ""))) {
		if strings.HasPrefix(line, "-") && !strings.HasPrefix(line, "---") {
			removed++
		}
	}
	if removed > 8*fixes { // moving the longest notification content takes that many
		t.Errorf("%s: %d fixes change %d lines", c.File.Name, fixes, removed)
	}
}

// checkMeaning compares what a file says before and after edits. Only members of
// objects and items of arrays that an edit stands in may differ.
func checkMeaning(t *testing.T, f *source.File, edits []source.Edit, text string) {
	t.Helper()
	touched := map[string]bool{}
	for _, ed := range edits {
		touched[containerAt(f.Root(), ed).Pointer()] = true
	}
	var compare func(pointer string, before, after any)
	compare = func(pointer string, before, after any) {
		switch before := before.(type) {
		case map[string]any:
			after, ok := after.(map[string]any)
			if !ok {
				if !touched[pointer] {
					t.Errorf("%s: %q is no object any more", f.Name, pointer)
				}
				return
			}
			for key, value := range before {
				at := pointer + "/" + source.EscapePointer(key)
				switch now, ok := after[key]; {
				case ok && (!touched[pointer] || isContainer(value) && isContainer(now)):
					compare(at, value, now)
				case !ok && !touched[pointer]:
					t.Errorf("%s: %q is gone", f.Name, at)
				}
			}
			for key := range after {
				if _, ok := before[key]; !ok && !touched[pointer] {
					t.Errorf("%s: %q has %q now", f.Name, pointer, key)
				}
			}
		case []any:
			after, _ := after.([]any)
			if touched[pointer] {
				return
			}
			if len(after) != len(before) {
				t.Errorf("%s: %q has %d items, it had %d", f.Name, pointer, len(after), len(before))
				return
			}
			for i := range before {
				compare(fmt.Sprintf("%s/%d", pointer, i), before[i], after[i])
			}
		default:
			if before != after {
				t.Errorf("%s: %q is %v, it was %v", f.Name, pointer, after, before)
			}
		}
	}
	compare("", f.Root().Value(), source.Parse(f.Name, []byte(text)).Root().Value())
}

func isContainer(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// containerAt returns the innermost object or array that an edit stands in.
func containerAt(n source.Node, ed source.Edit) source.Node {
	for _, child := range slices.Concat(slices.Collect(values(n.Members())), slices.Collect(values(n.Items()))) {
		r := child.Range()
		in := r.Start < ed.Start && ed.End < r.End || ed.Start < ed.End && r.Start <= ed.Start && ed.End <= r.End
		if in && (child.Kind() == source.Object || child.Kind() == source.Array) {
			return containerAt(child, ed)
		}
	}
	return n
}

func values[K, V any](all iter.Seq2[K, V]) iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, v := range all {
			if !yield(v) {
				return
			}
		}
	}
}
