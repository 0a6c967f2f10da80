package convert_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/rules"
)

var update = flag.Bool("update", false, "rewrite the expected parts of testdata/convert")

// TestTriggerCases converts what each case asks for, and compares the files, the
// steps and what lint still finds, byte for byte.
//
// A case asks in lines such as "convert post /hooks callback=url batch" before
// its first file. Its input files start with in/; samples have names of their
// own.
func TestTriggerCases(t *testing.T) {
	names, err := filepath.Glob("../../testdata/convert/trigger-*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { testTriggerCase(t, name) })
	}
}

func testTriggerCase(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got := &txtar.Archive{Comment: archive.Comment}
	inputs := map[string][]byte{}
	for _, f := range archive.Files {
		if f.Name != "steps" && f.Name != "lint" && f.Name != "error" && !strings.HasPrefix(f.Name, "out/") {
			got.Files = append(got.Files, f)
			inputs[f.Name] = f.Data
		}
	}
	lf := convertCase(t, archive.Comment, inputs, "\n")
	got.Files = append(got.Files, lf...)
	if *update {
		if err := os.WriteFile(name, txtar.Format(got), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if want, have := txtar.Format(archive), txtar.Format(got); !bytes.Equal(want, have) {
		t.Errorf("differs from %s; if it is right, run the test with -update\n%s", name, source.UnifiedDiff("want", "got", string(want), string(have)))
	}
	crlf := convertCase(t, archive.Comment, inputs, "\r\n")
	if !slices.EqualFunc(lf, crlf, func(a, b txtar.File) bool { return a.Name == b.Name && bytes.Equal(a.Data, b.Data) }) {
		t.Errorf("with CRLF it comes out differently:\n%s", source.UnifiedDiff("LF", "CRLF",
			string(txtar.Format(&txtar.Archive{Files: lf})), string(txtar.Format(&txtar.Archive{Files: crlf}))))
	}
}

// convertCase returns what a case expects. The input gets the given line breaks,
// which the result must have throughout; it is returned with LF.
func convertCase(t *testing.T, asked []byte, inputs map[string][]byte, newline string) []txtar.File {
	t.Helper()
	c := caseConnector(inputs, newline)
	plan, err := convert.ToTriggers(c, requests(t, c, asked, inputs))
	if err != nil {
		return []txtar.File{{Name: "error", Data: []byte(err.Error() + "\n")}}
	}
	after := applied(t, c, plan)
	checkRest(t, c, after, plan)
	var files []txtar.File
	for i, f := range after.Files() {
		if f == c.Files()[i] {
			continue
		}
		if n := strings.Count(f.Text, "\n"); newline == "\r\n" && strings.Count(f.Text, newline) != n {
			t.Errorf("%s: %d line breaks, not all of them CRLF", f.Name, n)
		}
		files = append(files, txtar.File{Name: "out/" + f.Name, Data: []byte(strings.ReplaceAll(f.Text, newline, "\n"))})
	}
	findings := triggerFindings(after)
	files = append(files, txtar.File{Name: "steps", Data: []byte(stepList(plan))}, txtar.File{Name: "lint", Data: []byte(findingList(findings))})
	checkReported(t, plan, findings)
	again, err := convert.ToTriggers(after, requests(t, after, asked, inputs))
	if err != nil {
		t.Errorf("the second conversion fails: %v", err)
	} else if len(again.Edits)+len(again.Properties)+len(again.Steps) > 0 {
		t.Errorf("the second conversion still has steps:\n%s", stepList(again))
	}
	return files
}

func caseConnector(inputs map[string][]byte, newline string) *connector.Connector {
	var definition, properties *source.File
	for name, data := range inputs {
		name, isInput := strings.CutPrefix(name, "in/")
		if !isInput {
			continue
		}
		f := source.Parse(name, bytes.ReplaceAll(data, []byte("\n"), []byte(newline)))
		if name == "apiProperties.json" {
			properties = f
		} else {
			definition = f
		}
	}
	return connector.New("case", definition, properties)
}

// requests reads the lines of a case.
func requests(t *testing.T, c *connector.Connector, asked []byte, inputs map[string][]byte) []convert.Request {
	t.Helper()
	var list []convert.Request
	for line := range strings.Lines(string(asked)) {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "convert" {
			continue
		}
		var r convert.Request
		for _, o := range c.Definition.Operations() {
			if o.Method == words[1] && o.Path == words[2] {
				r.Candidate.Operation = o
			}
		}
		for _, option := range words[3:] {
			setOption(t, &r, option, inputs)
		}
		list = append(list, r)
	}
	return list
}

func setOption(t *testing.T, r *convert.Request, option string, inputs map[string][]byte) {
	t.Helper()
	key, value, _ := strings.Cut(option, "=")
	switch key {
	case "callback":
		r.Callback = value
	case "notification":
		r.Notification = value
	case "unsubscribe":
		r.Unsubscribe = value
	case "path":
		r.UnsubscribePath = value
	case "rename":
		r.Rename = value
	case "batch":
		r.Batch = true
	case "polling":
		r.As = connector.Polling
	case "action":
		r.As = connector.WebhookAction
	case "sample":
		r.Samples = append(r.Samples, inputs[value])
	default:
		t.Fatalf("unknown option %q", option)
	}
}

// applied makes the edits of a plan.
func applied(t testing.TB, c *connector.Connector, plan *convert.Plan) *connector.Connector {
	t.Helper()
	change := func(f *source.File, edits []source.Edit) *source.File {
		if len(edits) == 0 {
			return f
		}
		text, err := source.Apply(f.Text, edits)
		if err != nil {
			t.Fatal(err)
		}
		after := source.Parse(f.Name, []byte(text))
		if len(after.Problems) > len(f.Problems) {
			t.Fatalf("%s: the result is not valid: %s\n%s", f.Name, after.Problems[0].Message, text)
		}
		return after
	}
	return connector.New(c.Name, change(c.Definition.File, plan.Edits), change(c.Properties, plan.Properties))
}

func stepList(p *convert.Plan) string {
	var b strings.Builder
	for _, s := range p.Steps {
		if s.Warning {
			b.WriteString("! ")
		}
		fmt.Fprintf(&b, "%s: %s\n", s.Pointer, s.Message)
	}
	return b.String()
}

func findingList(findings []source.Diagnostic) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s: %s [%s]\n", f.Pointer(), f.Message, f.Rule)
	}
	return b.String()
}

// triggerFindings returns what lint finds about triggers.
func triggerFindings(c *connector.Connector) []source.Diagnostic {
	l := &lint.Linter{Rules: rules.All()}
	findings := l.Check(c, &lint.Config{Profile: lint.Certified})
	return slices.DeleteFunc(findings, func(f source.Diagnostic) bool {
		family, _, _ := strings.Cut(f.Rule, "-")
		return !slices.Contains([]string{"trigger", "callback", "notification", "registration", "unsubscribe", "polling", "syntax"}, family)
	})
}

// reported tells by which words of a warning the author learns what a rule finds
// in the result.
var reported = map[string]string{
	"notification-empty":             "fill in the properties",
	"notification-array":             "is an array",
	"notification-object":            "is an object",
	"notification-needs-get":         "an action reads",
	"notification-unresolved":        "refers to nothing",
	"trigger-batch-webhook":          "each notification is an array",
	"trigger-hidden":                 "internal trigger",
	"trigger-shared-registration":    "register by POST",
	"registration-location-relative": "absolute URL",
	"unsubscribe-missing":            "add a DELETE",
	"unsubscribe-not-internal":       "internal",
	"unsubscribe-needs-input":        "Location URL",
	"unsubscribe-no-identifier":      "end the path of",
	"polling-no-200":                 "declare the 200",
	"polling-no-array":               "describe the array",
}

func checkReported(t testing.TB, plan *convert.Plan, findings []source.Diagnostic) {
	t.Helper()
	for _, f := range findings {
		words, known := reported[f.Rule]
		if strings.HasPrefix(f.Rule, "syntax-") {
			words, known = "syntax", true
		}
		if !known || !slices.ContainsFunc(plan.Steps, func(s convert.Step) bool { return s.Warning && strings.Contains(s.Message, words) }) {
			t.Errorf("no warning about %s: %s [%s]", f.Pointer(), f.Message, f.Rule)
		}
	}
}
