package rules_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/docs"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/report"
	"github.com/connectorctl/connectorctl/lint/rules"
)

var update = flag.Bool("update", false, "rewrite the expected parts of testdata/rules")

const caseFolder = "../../testdata/rules"

// TestRulesAsData checks what every rule must have, so that a new one cannot
// forget it.
func TestRulesAsData(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	seen := map[string]bool{}
	for _, r := range rules.All() {
		switch {
		case !kebab.MatchString(r.ID):
			t.Errorf("%s: the id is not kebab-case with its subject first", r.ID)
		case seen[r.ID]:
			t.Errorf("%s: the id is taken", r.ID)
		case r.Summary == "" || strings.HasSuffix(r.Summary, ".") || strings.ToLower(r.Summary[:1]) != r.Summary[:1] || strings.Contains(r.Summary, "\n"):
			t.Errorf("%s: the summary %q is not one line in lower case without a full stop", r.ID, r.Summary)
		case r.Levels == lint.Levels{}:
			t.Errorf("%s: off in every profile", r.ID)
		case docs.Rule(r.ID) == "":
			t.Errorf("%s: no section in docs/rules", r.ID)
		}
		seen[r.ID] = true
		if _, err := os.Stat(filepath.Join(caseFolder, r.ID+".txtar")); err != nil && !engineRules[r.ID] {
			t.Errorf("%s: no case: %v", r.ID, err)
		}
	}
	cases, err := filepath.Glob(filepath.Join(caseFolder, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range cases {
		if id := strings.TrimSuffix(filepath.Base(name), ".txtar"); !seen[id] {
			t.Errorf("%s: a case without a rule", name)
		}
	}
}

// TestCases lints the files of each case and compares the report, and what the
// fixes make of the files, byte for byte.
//
// A case may set the profile with a line "profile: certified" before its first
// file, and the encoding with "encoding: utf-16". "folder: yes" says that these
// are all files of a folder, as does any file beside the usual two.
func TestCases(t *testing.T) {
	for _, r := range rules.All() {
		t.Run(r.ID, func(t *testing.T) {
			if engineRules[r.ID] {
				t.Skip("reported at the end of a run: see the scripts of the command")
			}
			testCase(t, r.ID)
		})
	}
}

func testCase(t *testing.T, id string) {
	name := filepath.Join(caseFolder, id+".txtar")
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	directives := string(archive.Comment)
	profile := lint.Custom
	if _, rest, ok := strings.Cut(directives, "profile: "); ok {
		word, _, _ := strings.Cut(rest, "\n")
		if profile, err = lint.ParseProfile(word); err != nil {
			t.Fatal(err)
		}
	}
	got := &txtar.Archive{Comment: archive.Comment}
	var definition, properties *source.File
	beside := map[string]string{}
	for _, f := range archive.Files {
		if f.Name == "output" || strings.HasPrefix(f.Name, "fixed/") {
			continue
		}
		got.Files = append(got.Files, f)
		data := f.Data
		if strings.Contains(directives, "encoding: utf-16") {
			data = []byte(utf16Text(string(data)))
		}
		switch {
		case f.Name == propertiesName:
			properties = source.Parse(f.Name, data)
		case strings.Contains(f.Name, ".swagger."):
			definition = source.Parse(f.Name, data)
		default:
			beside[f.Name] = string(data)
		}
	}
	inFolder := len(beside) > 0 || strings.Contains(directives, "folder: yes")
	appendResults(t, got, id, profile, connectorOf(definition, properties, inFolder, beside))
	if *update {
		if err := os.WriteFile(name, txtar.Format(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, have := txtar.Format(archive), txtar.Format(got); !bytes.Equal(want, have) {
		t.Errorf("differs from %s; if it is right, run make golden\n%s", name, source.UnifiedDiff("want", "got", string(want), string(have)))
	}
}

// connectorOf makes a connector of parsed files and the texts beside them.
func connectorOf(definition, properties *source.File, inFolder bool, beside map[string]string) *connector.Connector {
	c := connector.New("case", definition, properties)
	if inFolder {
		c.Package = &connector.Package{}
		for _, name := range slices.Sorted(maps.Keys(beside)) {
			c.Package.Add(name, beside[name])
		}
	}
	return c
}

// appendResults adds the report and the fixed files to a case.
func appendResults(t *testing.T, got *txtar.Archive, id string, profile lint.Profile, c *connector.Connector) {
	t.Helper()
	l := &lint.Linter{Rules: rules.All()}
	cfg := &lint.Config{Profile: profile}
	result := lint.Result{Connector: c, Config: cfg, Findings: l.Check(c, cfg)}
	if !strings.Contains(idsOf(result.Findings), " "+id+" ") {
		t.Errorf("the case has no finding of %s", id)
	}
	got.Files = append(got.Files, txtar.File{Name: "output", Data: []byte(textReport(t, c, result.Findings))})
	repair, err := l.Fix(result, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range repair.Changes {
		got.Files = append(got.Files, txtar.File{Name: "fixed/" + change.File.Name, Data: []byte(change.Text)})
		if !strings.HasSuffix(change.Text, "\n") {
			t.Errorf("the fixed file does not end in a line break, which a case cannot hold")
		}
	}
}

func idsOf(findings []source.Diagnostic) string {
	ids := " "
	for _, f := range findings {
		ids += f.Rule + " "
	}
	return ids
}

func textReport(t *testing.T, c *connector.Connector, findings []source.Diagnostic) string {
	t.Helper()
	var out bytes.Buffer
	r, err := report.New("text", &out, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	summary := report.Summary{Files: len(c.Files())}
	summary.Add(findings)
	if err := r.Report(findings); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(summary); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// withoutExample are the rules whose subject a Markdown page cannot hold.
var withoutExample = map[string]bool{
	"syntax-byte-order-mark": true, "syntax-utf16": true, "syntax-invalid-utf8": true, "syntax-limit": true,
	"syntax-empty": true, lint.UnusedIgnore: true, "operation-count": true,
	"size-schema": true, "size-depth": true, "size-operation": true, "size-total": true,
	"icon-format": true, "icon-size": true, "icon-background": true, "icon-unwanted": true, "script-size": true,
}

// TestDocumentedExamples lints the examples of docs/rules: a bad one must have
// a finding of its rule, a good one none.
//
// An example is a code block whose info string ends in "bad" or "good" after
// its language, as in ```json bad. One that starts with a path is put into
// paths; one that starts with another member, into a document. A block of
// another file says so, as in ```json bad apiProperties or ```markdown bad
// readme.md; "folder" says that nothing else is in the folder.
func TestDocumentedExamples(t *testing.T) {
	for _, r := range rules.All() {
		t.Run(r.ID, func(t *testing.T) {
			section := docs.Rule(r.ID)
			for _, verdict := range []string{"bad", "good"} {
				c := example(section, verdict)
				if c == nil {
					if !withoutExample[r.ID] {
						t.Errorf("no %s example", verdict)
					}
					continue
				}
				profile := lint.Custom
				for _, other := range []lint.Profile{lint.Certified, lint.Independent} {
					if r.Levels.Of(profile) == source.Off {
						profile = other
					}
				}
				if found := strings.Contains(idsOf(check(c, profile)), " "+r.ID+" "); found != (verdict == "bad") {
					t.Errorf("the %s example: found is %v\n%s", verdict, found, textReport(t, c, check(c, profile)))
				}
			}
		})
	}
}

var codeBlock = regexp.MustCompile("(?ms)^```(json|yaml|csharp|markdown) (bad|good)( [^\n]+)?\n(.*?)^```$")

// example returns the connector of the bad or the good example of a section, nil
// if there is none.
func example(section, verdict string) *connector.Connector {
	var definition, properties *source.File
	beside, inFolder, found := map[string]string{}, false, false
	for _, m := range codeBlock.FindAllStringSubmatch(section, -1) {
		language, word, what, text := m[1], m[2], strings.Fields(m[3]), m[4]
		if word != verdict {
			continue
		}
		found = true
		if inFolder = inFolder || slices.Contains(what, "folder"); inFolder {
			what = slices.DeleteFunc(what, func(s string) bool { return s == "folder" })
		}
		switch {
		case slices.Equal(what, []string{"apiProperties"}):
			properties = source.Parse(propertiesName, []byte(text))
		case len(what) == 1 && !strings.Contains(what[0], ".swagger."):
			beside[what[0]], inFolder = text, true
		default:
			name := append(what, "apiDefinition.swagger."+language)[0]
			definition = source.Parse(name, []byte(document(language, text)))
		}
	}
	if !found {
		return nil
	}
	return connectorOf(definition, properties, inFolder, beside)
}

// document makes a document of an example that is a part of one.
func document(language, text string) string {
	switch {
	case language == "json" && strings.HasPrefix(text, `"/`):
		return `{"swagger": "2.0", "paths": {` + text + `}}`
	case language == "json" && strings.HasPrefix(text, `"`):
		return `{"swagger": "2.0", ` + text + `}`
	}
	return text
}

// TestSectionsHaveParts makes sure that every section says what the rule is,
// why it matters and where that is from.
func TestSectionsHaveParts(t *testing.T) {
	for _, r := range rules.All() {
		section := docs.Rule(r.ID)
		for _, part := range []string{"\n**Why:**", "\n**Source:**"} {
			if !strings.Contains(section, part) {
				t.Errorf("%s: the section has no %q", r.ID, strings.TrimSpace(part))
			}
		}
	}
	pages, err := filepath.Glob("../../docs/rules/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages", err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^## (\S+)$`).FindAllStringSubmatch(string(text), -1) {
			if _, err := lint.Named(rules.All(), m[1]); err != nil {
				t.Errorf("%s: section %s has no rule", page, m[1])
			}
		}
	}
}
