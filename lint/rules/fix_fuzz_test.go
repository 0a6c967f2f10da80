package rules_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/rules"
)

// FuzzFix lints and fixes connectors that were well-formed cases of rules, and
// of which parts were then removed, replaced by other parts or renamed. The
// seed says which. Each fix must remove its finding and touch nothing else; all
// together must leave nothing to fix.
func FuzzFix(f *testing.F) {
	cases := wellFormed(f)
	for seed := range uint64(200) {
		f.Add(seed, uint64(1))
	}
	l := &lint.Linter{Rules: rules.All()}
	cfg := &lint.Config{Profile: lint.Certified}
	f.Fuzz(func(t *testing.T, seed, steps uint64) {
		rng := rand.New(rand.NewPCG(seed, steps))
		texts := cases[rng.IntN(len(cases))]
		for range steps%5 + 1 {
			which := rng.IntN(len(texts))
			texts[which] = disfigured(rng, texts[which])
		}
		checkFixes(t, l, cfg, connectorOf(source.ParseString(definitionName, texts[0]), source.ParseString(propertiesName, texts[1]), true, nil))
		if t.Failed() {
			t.Logf("the files were\n%s\n%s", texts[0], texts[1])
		}
	})
}

// wellFormed returns the definition and the properties of each case without
// broken syntax, with the shipped ones for those that it lacks.
func wellFormed(f *testing.F) (cases [][2]string) {
	shipped := "../../testdata/connectors/well-made/"
	names, err := filepath.Glob(caseFolder + "/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append([]string{""}, names...) {
		texts := [2]string{readFile(f, shipped+definitionName), readFile(f, shipped+propertiesName)}
		if name != "" {
			for _, file := range txtar.Parse([]byte(readFile(f, name))).Files {
				if i := slices.Index([]string{definitionName, propertiesName}, file.Name); i >= 0 {
					texts[i] = string(file.Data)
				}
			}
		}
		if len(source.ParseString(definitionName, texts[0]).Problems)+len(source.ParseString(propertiesName, texts[1]).Problems) == 0 {
			cases = append(cases, texts)
		}
	}
	return cases
}

func readFile(f *testing.F, name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	return string(data)
}

// disfigured removes, replaces or renames one part of a document.
func disfigured(rng *rand.Rand, text string) string {
	f := source.ParseString(definitionName, text)
	all := slices.Collect(f.Values())[1:] // without the root
	if len(all) == 0 {
		return text
	}
	at, other := all[rng.IntN(len(all))], all[rng.IntN(len(all))]
	e := f.Editor()
	switch rng.IntN(4) {
	case 0:
		e.Remove(at)
	case 1:
		e.Replace(at, source.Raw(other.Text()))
	case 2:
		if at.KeyStr() != "" && other.KeyStr() != "" {
			e.Rename(at, other.KeyStr())
		}
	case 3:
		scalars := []any{"", " ", nil, true, 0, -1.5, "internal", "é{x=1}?a=b", []any{}, source.Members{}}
		e.Replace(at, scalars[rng.IntN(len(scalars))])
	}
	edits, err := e.Edits()
	if err != nil {
		return text
	}
	changed, err := source.Apply(text, edits)
	if err != nil {
		return text
	}
	return changed
}

func checkFixes(t *testing.T, l *lint.Linter, cfg *lint.Config, c *connector.Connector) {
	before := l.Check(c, cfg)
	tried := map[string]bool{}
	for _, f := range before {
		if f.Fix == nil || tried[f.Rule+f.Fix.Title] {
			continue
		}
		tried[f.Rule+f.Fix.Title] = true
		text, err := source.Apply(f.File.Text, f.Fix.Changes())
		if err != nil {
			t.Errorf("%s: %v", f.Rule, err)
			continue
		}
		checkMeaning(t, f.File, f.Fix.Changes(), text)
		after := replaced(c, f.File, text)
		for _, changed := range after.Files() {
			if len(changed.Problems) > 0 {
				t.Errorf("fixing %s at %s breaks the syntax: %s", f.Rule, f.Pointer(), changed.Problems[0].Message)
			}
		}
		if found := l.Check(after, cfg); countSame(found, f, false) >= countSame(before, f, false) && countSame(found, f, true) > 0 {
			t.Errorf("fixing %s at %s (%s) leaves the finding", f.Rule, f.Pointer(), f.Fix.Title)
		}
	}
	for _, boldly := range []bool{false, true} {
		repair, err := l.Fix(lint.Result{Connector: c, Config: cfg, Findings: before}, boldly)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, f := range repair.Findings {
			if f.Fix != nil && (boldly || f.Fix.Safe) {
				t.Errorf("boldly %v: %s at %s (%s) is left to fix", boldly, f.Rule, f.Pointer(), f.Fix.Title)
			}
		}
	}
}

// countSame counts findings that say the same, anywhere or at the same place. A
// fix may bring another of its rule to light, and move others to new places.
func countSame(findings []source.Diagnostic, as source.Diagnostic, samePlace bool) (n int) {
	for _, f := range findings {
		if f.Rule == as.Rule && f.Message == as.Message && (!samePlace || f.Pointer() == as.Pointer()) {
			n++
		}
	}
	return n
}

// TestFixesOfAliases lints and fixes a document that would be endless if YAML
// aliases were followed: forty lists, each of which holds the one before three
// times.
func TestFixesOfAliases(t *testing.T) {
	var text strings.Builder
	text.WriteString("swagger: '2.0'\nx-lists:\n  a0: &a0 [word]\n")
	for i := range 40 {
		fmt.Fprintf(&text, "  a%d: &a%d [*a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i)
	}
	text.WriteString(`paths:
  /orders/{connectionId}:
    get:
      operationId: get-order
      parameters:
        - {name: connectionId, in: path, required: true, type: string}
      responses: {'200': {description: OK}}
`)
	l := &lint.Linter{Rules: rules.All()}
	cfg := &lint.Config{Profile: lint.Certified}
	c := connector.New("aliases", source.ParseString(yamlName, text.String()), nil)
	repair, err := l.Fix(lint.Result{Connector: c, Config: cfg, Findings: l.Check(c, cfg)}, true)
	if err != nil {
		t.Fatal(err)
	}
	fixed := repair.Connector.Definition.File.Text
	for _, want := range []string{"/orders/{connection_id}:", "operationId: getorder", "{name: connection_id,", "*a39, *a39, *a39"} {
		if !strings.Contains(fixed, want) {
			t.Errorf("the fixed text has no %q:\n%s", want, fixed)
		}
	}
}
