package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/connectorctl/connectorctl/connector/source"
)

var update = flag.Bool("update", false, "rewrite testdata/report and the examples in docs/output.md")

// root is the directory of the module.
const root = "../.."

var testRules = []RuleInfo{
	{
		ID: "syntax-trailing-comma", Summary: "comma before a closing bracket", Level: source.Error,
		Help: "Remove the comma.\n\n```json\n[1, 2]\n```", HelpURI: "https://example.com/rules#syntax-trailing-comma",
	},
	{ID: "callback-unmarked", Summary: "webhook trigger without a callback parameter", Level: source.Warning},
	{ID: "never-found", Level: source.Off},
}

// render runs one reporter over units of work.
func render(t testing.TB, format string, o Options, units ...[]source.Diagnostic) string {
	t.Helper()
	var out bytes.Buffer
	reporter, err := New(format, &out, o)
	if err != nil {
		t.Fatal(err)
	}
	sum := Summary{}
	files := map[*source.File]bool{}
	for _, unit := range units {
		sum.Add(unit)
		for _, d := range unit {
			files[d.File] = true
		}
		if err := reporter.Report(unit); err != nil {
			t.Fatal(err)
		}
	}
	sum.Files = max(len(files), len(units))
	if err := reporter.Close(sum); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// marked returns a file in whose text the range was written «like this».
func marked(name, text string) (*source.File, source.Range) {
	before, rest, _ := strings.Cut(text, "«")
	inside, after, _ := strings.Cut(rest, "»")
	f := source.Parse(name, []byte(before+inside+after))
	return f, source.Range{Start: len(before), End: len(before) + len(inside)}
}

// at is a finding of which only the place matters.
func at(name, text string) source.Diagnostic {
	f, r := marked(name, text)
	return source.Diagnostic{Rule: "some-rule", Severity: source.Warning, File: f, Range: r, Message: "look here"}
}

// cases are the units of work of each set of golden files.
var cases = map[string][][]source.Diagnostic{
	"clean":      {nil, {}},
	"syntax":     {source.Parse("broken.json", []byte(brokenJSON)).Problems},
	"severities": severities(),
	"places":     places(),
	"names":      names(),
}

const brokenJSON = "\ufeff{\r\n\t\"swagger\": \"2.0\",\r\n\t\"tags\": [ \"a\", ],\r\n\t\"swagger\": \"caf\xe9\"\r\n}\r\n"

func severities() [][]source.Diagnostic {
	text := "{\n  \"paths\": {\n    \"/hooks\": {\n      \"post\": { \"operationId\": \"OnNew\" }\n    }\n  }\n}\n"
	f := source.Parse("a/apiDefinition.json", []byte(text))
	other := source.Parse("a/apiProperties.json", []byte("{\"properties\": {}}\n"))
	operation := f.At("/paths/~1hooks/post")
	id := operation.Get("operationId")
	properties := other.At("/properties")
	return [][]source.Diagnostic{
		{
			{
				Rule: "callback-unmarked", Severity: source.Error, File: f, Node: operation, Range: operation.KeyOrSelf().Range(),
				Message: `operation "OnNew" has no callback parameter`,
				Hint:    `mark the property that takes the URL with "x-ms-notification-url": true`,
				Related: []source.Related{{File: other, Range: properties.Range(), Message: "the connection is described here"}},
			},
			{
				Rule: "id-short", Severity: source.Info, File: f, Node: id, Range: id.Range(), Message: `the id "OnNew" says little`,
				Fix: &source.Fix{Title: "rename the operation", Edits: []source.Edit{{Start: id.Range().Start, End: id.Range().End, New: `"OnNewHook"`}}},
			},
			{
				Rule: "id-short", Severity: source.Warning, File: f, Node: id, Range: id.Range(), Message: "the same again",
				Fix: &source.Fix{Title: "remove the operation id", Safe: true, Edits: []source.Edit{{Start: id.Key().Range().Start, End: id.Range().End}}},
			},
			{Rule: "properties-empty", Severity: source.Warning, File: other, Node: properties, Range: properties.Range(), Message: "no properties"},
		},
		nil,
	}
}

// places has every kind of range and of line.
func places() [][]source.Diagnostic {
	minified := `{"x":"` + strings.Repeat("long ", 40) + `",«"needle"»:1,"y":"` + strings.Repeat("line ", 4000) + `"}`
	invisible := at("b.json", "\ufeff{\"a\": 1, «\"b\u202e\x1b[31m\"»: 2}")
	invalid := at("b.json", "{\"caf\xe9\": «\"\xff\xfe\"»}")
	beyond := at("b.json", "[1]")
	beyond.Range = source.Range{Start: 2, End: 1000}
	before := at("b.json", "[1]")
	before.Range = source.Range{Start: -5, End: -7}
	return [][]source.Diagnostic{
		{at("crlf.json", "{\r\n  \"a\": «true»\r\n}\r\n"), at("crlf.json", "{\r\n  \"a\": true«»\r\n}\r\n"), at("crlf.json", "{\r\n  \"a\": true\r«\n»}")},
		{at("tabs.json", "{\n\t\"a\":\t«[1,\t2]»\n}"), at("tabs.json", "[\"«\t»\"]")},
		{at("multi.json", "{\n  \"a\": «{  \n    \"b\": 1\n  }»\n}\n")},
		{at("minified.json", minified)},
		{at("wide.json", `{"注文": «"請求書"»}`), at("wide.json", `{"🎉🇩🇪": «1»}`), at("wide.json", `{"cafe`+"\u0301"+`": «1»}`)},
		{at("empty.json", "«»"), at("newline.json", "{\n«»"), at("end.json", "{}«»"), at("end.json", "{}\n«»")},
		{invisible, invalid, beyond, before},
		{at("bom.json", "«\ufeff»{}"), at("bom.json", "\ufeff«{»}")},
	}
}

// names has texts that formats must escape.
func names() [][]source.Diagnostic {
	all := [][]source.Diagnostic{}
	for _, name := range []string{"with space/100%.json", "a:b,c.json", "größe/注文.json", "quote\".json", "bell\a\xff.json", "../up.json"} {
		d := at(name, "[«1», 2]")
		d.Message = "first, 50%: <b>\"quoted\"</b> & \\\nsecond\r\tline \x1b[31mred\x1b[0m \u2028 \x7f \u009b \xff"
		d.Hint = "see: a, b\nand c"
		d.Related = []source.Related{{File: d.File, Range: source.Range{Start: 4, End: 5}, Message: "line\nbreak"}}
		all = append(all, []source.Diagnostic{d})
	}
	return all
}

var extensions = map[string]string{"text": ".txt", "json": ".json", "sarif": ".sarif", "github": ".github", "azure": ".azure", "junit": ".xml", "html": ".html", "official": ".official"}

func TestGolden(t *testing.T) {
	output := compileClosed(t, "docs/output.v1.schema.json")
	sarif := compile(t, "testdata/sarif/sarif-schema-2.1.0.json", nil)
	for name, units := range cases {
		t.Run(name, func(t *testing.T) {
			for _, format := range Formats() {
				got := render(t, format, Options{Version: "1.2.3", Rules: testRules}, units...)
				if format == "html" {
					got = withoutAssets(t, got)
				}
				golden(t, name+extensions[format], got)
				switch format {
				case "json":
					validate(t, output, got)
				case "sarif":
					validate(t, sarif, got)
				case "junit":
					if err := xml.Unmarshal([]byte(got), new(struct{})); err != nil {
						t.Errorf("it is no XML: %v", err)
					}
				}
			}
			golden(t, name+".colour.txt", render(t, "text", Options{Color: true}, units...))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join(root, "testdata/report", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run the test with -update and look at the change\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}

// compile reads a schema and never follows a reference out of it.
func compile(t *testing.T, path string, change func(any)) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		schema := decode(t, string(data))
		change(schema)
		if data, err = json.Marshal(schema); err != nil {
			t.Fatal(err)
		}
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	c.LoadURL = func(url string) (io.ReadCloser, error) { return nil, errors.New("refused: " + url) }
	if err := c.AddResource("schema.json", bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// compileClosed reads our schema, which leaves objects open for later members,
// and closes them: whatever we write today must be documented there.
func compileClosed(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	return compile(t, path, closeObjects)
}

func closeObjects(schema any) {
	members, ok := schema.(map[string]any)
	if !ok {
		return
	}
	if _, isObject := members["required"]; isObject && members["type"] != nil {
		members["additionalProperties"] = false
	}
	for _, value := range members {
		closeObjects(value)
	}
}

func decode(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
	if d.More() {
		t.Fatalf("more than one JSON value:\n%s", text)
	}
	return value
}

func validate(t *testing.T, schema *jsonschema.Schema, text string) {
	t.Helper()
	if err := schema.Validate(decode(t, text)); err != nil {
		t.Errorf("invalid: %#v\n%s", err, text)
	}
}

// A schema that accepts everything would make TestGolden pass.
func TestSchemaRejects(t *testing.T) {
	schema := compile(t, "docs/output.v1.schema.json", nil)
	place := `{"start":{"line":1,"column":1,"offset":0},"end":{"line":1,"column":1,"offset":0}}`
	summary := `"summary":{"files":1,"errors":0,"warnings":0,"infos":0}`
	finding := `{"rule":"a-b","severity":"info","path":"p","pointer":"/a~1b","range":` + place + `,"message":"m"}`
	trigger := `{"kind":"webhook","path":"/","method":"post","mode":"batch"}`
	for _, test := range []struct {
		valid bool
		text  string
	}{
		{true, `{"version":1,"findings":[` + finding + `],` + summary + `}`},
		{true, `{"version":1,"findings":[],` + summary + `,"later":1}`},
		{true, `{"version":1,"triggers":[` + trigger + `]}`},
		{true, `{"version":1,"triggers":[{"kind":"webhook-action","path":"/","method":"post","callback":null}]}`},
		{false, `{"version":1}`},
		{false, `{"version":2,"findings":[],` + summary + `}`},
		{false, `{"version":1,"findings":[]}`},
		{false, `{"version":1,"findings":[` + strings.Replace(finding, "info", "note", 1) + `],` + summary + `}`},
		{false, `{"version":1,"findings":[` + strings.Replace(finding, "/a~1b", "a", 1) + `],` + summary + `}`},
		{false, `{"version":1,"findings":[` + strings.Replace(finding, "a-b", "A_B", 1) + `],` + summary + `}`},
		{false, `{"version":1,"findings":[` + strings.Replace(finding, `"line":1`, `"line":0`, 1) + `],` + summary + `}`},
		{false, `{"version":1,"triggers":[{"kind":"webhook","path":"/","method":"post"}]}`},
		{false, `{"version":1,"triggers":[` + strings.Replace(trigger, "webhook", "webhook-action", 1) + `]}`},
	} {
		if err := schema.Validate(decode(t, test.text)); (err == nil) != test.valid {
			t.Errorf("%s\nvalid should be %t: %v", test.text, test.valid, err)
		}
	}
}

func TestNew(t *testing.T) {
	if want := []string{"text", "json", "sarif", "github", "azure", "junit", "html", "official"}; !reflect.DeepEqual(Formats(), want) {
		t.Errorf("Formats() = %q, want %q", Formats(), want)
	}
	_, err := New("xml", nil, Options{})
	if want := `unknown format "xml": expected text, json, sarif, github, azure, junit, html or official`; err == nil || err.Error() != want {
		t.Errorf("New: %v, want %s", err, want)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWriteErrors(t *testing.T) {
	for _, format := range Formats() {
		reporter, _ := New(format, brokenWriter{}, Options{})
		findings := slices.Clone(cases["severities"][0])
		findings[0].Official = "OperationIdRequired" // one format has nothing else
		reporter.Report(findings)
		if err := reporter.Close(Summary{}); err != os.ErrClosed {
			t.Errorf("%s: Close returns %v", format, err)
		}
	}
}

func TestSentence(t *testing.T) {
	for _, test := range []struct {
		found fileCount
		sum   Summary
		want  string
	}{
		{0, Summary{Files: 12}, "no findings in 12 files"},
		{0, Summary{Files: 1}, "no findings in 1 file"},
		{0, Summary{}, "no findings in 0 files"},
		{2, Summary{Files: 2, Errors: 3, Warnings: 1, Fixable: 2}, "3 errors, 1 warning in 2 files; 2 can be fixed with --fix"},
		{2, Summary{Files: 12, Infos: 2, Fixable: 1, FixableUnsafe: 1}, "2 infos in 2 of 12 files; 1 can be fixed with --fix, 1 more with --fix-all"},
		{1, Summary{Files: 1, Errors: 1, FixableUnsafe: 1, Stopped: true}, "1 error in 1 file; stopped early, not everything was read; 1 can be fixed with --fix-all"},
	} {
		if got := test.sum.sentence(test.found); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

// TestStopped looks at what the formats for programs say about a run that
// ended early.
func TestStopped(t *testing.T) {
	for format, want := range map[string]string{"json": `"stopped":true`, "sarif": `"executionSuccessful":false`, "text": "stopped early", "github": "stopped early", "azure": "stopped early", "html": "This report is not complete."} {
		var out bytes.Buffer
		reporter, _ := New(format, &out, Options{})
		if err := reporter.Close(Summary{Stopped: true}); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v\n%s", format, err, out.String())
		}
	}
}

// TestDocumentation prints the examples of docs/output.md.
func TestDocumentation(t *testing.T) {
	file := filepath.Join(root, "docs/output.md")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	input, _ := block(t, doc, "json input")
	findings := source.Parse("orders/apiDefinition.json", []byte(input)).Problems
	var run struct {
		Runs []struct{ Results []json.RawMessage }
	}
	if err := json.Unmarshal([]byte(render(t, "sarif", Options{}, findings)), &run); err != nil {
		t.Fatal(err)
	}
	var result bytes.Buffer
	json.Indent(&result, slices.MaxFunc(run.Runs[0].Results, func(a, b json.RawMessage) int { return len(a) - len(b) }), "", "  ")

	want := doc
	for info, text := range map[string]string{
		"text output": render(t, "text", Options{}, findings),
		"json output": render(t, "json", Options{}, findings),
		"json sarif":  result.String() + "\n",
		"text github": render(t, "github", Options{}, findings),
		"text azure":  render(t, "azure", Options{}, findings),
		"xml junit":   render(t, "junit", Options{}, findings),
	} {
		_, place := block(t, want, info)
		want = want[:place.Start] + text + want[place.End:]
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if doc != want {
		t.Errorf("docs/output.md is out of date; run the test with -update\ngot:\n%s", want)
	}
	inspect, _ := block(t, doc, "json inspect")
	validate(t, compileClosed(t, "docs/output.v1.schema.json"), inspect)
}

// block returns the text of a fenced block, and where it stands.
func block(t *testing.T, doc, info string) (string, source.Range) {
	t.Helper()
	before, rest, ok := strings.Cut(doc, "```"+info+"\n")
	text, _, closed := strings.Cut(rest, "```\n")
	if !ok || !closed {
		t.Fatalf("docs/output.md has no block %q", info)
	}
	start := len(before) + len("```"+info+"\n")
	return text, source.Range{Start: start, End: start + len(text)}
}
