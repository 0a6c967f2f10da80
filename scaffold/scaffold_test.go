package scaffold

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/format"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

func load(t testing.TB, name string) *connector.Connector {
	t.Helper()
	units, err := connector.Find([]string{filepath.Join("..", "testdata", name)})
	if err != nil {
		t.Fatal(err)
	}
	c, err := connector.Load(units[0])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func generate(t testing.TB, c *connector.Connector, module string) *Project {
	t.Helper()
	p, err := Generate(c, Options{Module: module})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// parse makes a connector of a definition's text.
func parse(text string) *connector.Connector {
	return connector.New("test.json", source.ParseString("test.json", text), nil)
}

// shapes are definitions that differ in what has to be generated.
var shapes = []string{"connectors/well-made", "scaffold/shapes.json", "scaffold/waits.json", "scaffold/minimal.yaml", "scaffold/hostile.json"}

// TestGolden compares what is printed for small definitions: all but copies
// and what is the same for everyone.
func TestGolden(t *testing.T) {
	for _, name := range []string{"scaffold/shapes.json", "scaffold/waits.json", "scaffold/minimal.yaml"} {
		t.Run(path.Base(name), func(t *testing.T) {
			var archive txtar.Archive
			for _, f := range generate(t, load(t, name), "example.com/project").Files {
				switch {
				case slices.Contains([]string{"contract/contract.go", "contract/types.go", "contract/events.go", "contract/actions.go", "contract/schemas.json",
					"contract_test.go", "events.go", "actions.go", "config.go"}, f.Name):
					archive.Files = append(archive.Files, txtar.File{Name: f.Name, Data: []byte(f.Text)})
				case f.Name == "README.md" && strings.Contains(name, "shapes"):
					archive.Files = append(archive.Files, txtar.File{Name: f.Name, Data: []byte(f.Text)})
				}
			}
			golden(t, filepath.Join("..", "testdata", name+".golden"), string(txtar.Format(&archive)))
		})
	}
}

// TestFiles checks what holds for every file of every project.
func TestFiles(t *testing.T) {
	for _, name := range shapes {
		c := load(t, name)
		p, again := generate(t, c, "example.com/project"), generate(t, load(t, name), "example.com/project")
		if !slices.Equal(p.Files, again.Files) {
			t.Errorf("%s: two runs differ", name)
		}
		seen := map[string]bool{}
		for _, f := range p.Files {
			folded := strings.ToLower(f.Name) // for file systems that fold letter case
			if seen[folded] || path.Clean(f.Name) != f.Name || strings.HasPrefix(f.Name, "../") || path.IsAbs(f.Name) {
				t.Errorf("%s: file %q", name, f.Name)
			}
			seen[folded] = true
			if formatted, err := format.Source([]byte(f.Text)); path.Ext(f.Name) == ".go" && (err != nil || string(formatted) != f.Text) {
				t.Errorf("%s: %s is not gofmt'ed, %v", name, f.Name, err)
			}
			if f.Owner == Generated && commentMark(f.Name) != "" && !isMarked([]byte(f.Text)) {
				t.Errorf("%s: %s does not carry the mark", name, f.Name)
			}
			if f.Owner != Generated && isMarked([]byte(f.Text)) {
				t.Errorf("%s: %s is the owner's and carries the mark", name, f.Name)
			}
			if strings.Contains(f.Text, ours) {
				t.Errorf("%s: %s speaks of our module", name, f.Name)
			}
			if strings.HasPrefix(f.Name, "contract/definition.") && f.Text != c.Definition.File.Text {
				t.Errorf("%s: the definition changed", name)
			}
			if f.Name == "contract/schemas.json" && !json.Valid([]byte(f.Text)) {
				t.Errorf("%s: the schemas are no JSON", name)
			}
		}
	}
}

// TestCredentialsAreNoParameters: what a registration holds is kept, so it holds
// no header or query parameter that says who calls.
func TestCredentialsAreNoParameters(t *testing.T) {
	text := strings.NewReplacer(`"paths"`, `"securityDefinitions": {"a": {"type": "apiKey", "in": "query", "name": "code"}, "b": {"type": "apiKey", "in": "header", "name": "X-Key"}}, "paths"`,
		`"parameters": [`, `"parameters": [
		{"name": "code", "in": "query", "type": "string"}, {"name": "x-key", "in": "header", "type": "string"}, {"name": "X-API-Key", "in": "header", "type": "string"},
		{"name": "authorization", "in": "header", "type": "string"}, {"name": "Cookie", "in": "header", "type": "string"},
		{"name": "code", "in": "header", "type": "string"},`).Replace(withRegistration(""))
	b, err := build(parse(text), Options{Module: "example.com/project"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range b.Triggers[0].Params {
		got = append(got, p.In+p.Name)
	}
	if want := []string{`"path""team"`, `"header""code"`}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// withRegistration is a definition with one trigger.
func withRegistration(rest string) string {
	return `{"swagger": "2.0", "paths": {"/teams/{team}/hooks": {"post": {"operationId": "OnIt", "x-ms-trigger": "single", "parameters": [
		{"name": "team", "in": "path", "required": true, "type": "string"},
		{"name": "body", "in": "body", "schema": {"type": "object", "properties": {"url": {"type": "string", "x-ms-notification-url": true}}}}]}}` + rest + `}}`
}

func TestLocation(t *testing.T) {
	removal := func(path, parameters string) string {
		return `, "` + path + `": {"delete": {"operationId": "DeleteHook", "x-ms-visibility": "internal", "parameters": [` + parameters + `]}}`
	}
	for name, test := range map[string]struct{ rest, want string }{
		"child":             {removal("/teams/{team}/hooks/{id}", ""), "/teams/{team}/hooks/{subscription}"},
		"elsewhere":         {removal("/hooks/{id}", ""), "/hooks/{subscription}"},
		"another parameter": {removal("/tenants/{tenant}/hooks/{id}", ""), "/tenants/-/hooks/{subscription}"},
		"inside a segment":  {removal("/hooks(guid'{id}')", ""), "/hooks(guid'{subscription}')"},
		"known by query":    {removal("/teams/{team}/hooks/delete", `{"name": "hook id", "in": "query", "required": true, "type": "string"}`), "/teams/{team}/hooks/delete?hook+id={subscription}"},
		"not known":         {removal("/teams/{team}/hooks/delete", `{"name": "dry", "in": "query", "type": "boolean"}`), "/teams/{team}/hooks/delete?subscription={subscription}"},
		"no removal":        {"", "/teams/{team}/hooks/{subscription}"},
		"with a query":      {removal("/hooks/{id}?api=1", ""), "/hooks/{subscription}"},
	} {
		d := parse(withRegistration(test.rest)).Definition
		if got := location(d, d.Triggers()[0]); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	d := parse(withRegistration(`, "/teams/{t}/hooks/{user}": {"delete": {"operationId": "RemoveUser"}}`)).Definition
	if got := freeLocation(d, route(d, d.Triggers()[0].Operation)); got != "/teams/{team}/hooks/subscriptions/{subscription}" {
		t.Errorf("beside another DELETE: %s", got)
	}
	if got := route(parse(`{"swagger": "2.0", "basePath": "v1/", "paths": {"/a": {"get": {}}}}`).Definition, d.Operations()[0]); got != "/v1/teams/{team}/hooks" {
		t.Errorf("basePath: %s", got)
	}
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		mend Mend
		says string
	}{
		"syntax":       {`{"swagger": "2.0",}`, MendSyntax, "syntax"},
		"version":      {`{"openapi": "3.0.0", "paths": {}}`, MendConvert, "OpenAPI 2.0"},
		"no trigger":   {`{"swagger": "2.0", "paths": {"/a": {"get": {"operationId": "GetA"}}}}`, MendConvert, "nothing to serve"},
		"no callback":  {`{"swagger": "2.0", "paths": {"/a": {"post": {"operationId": "OnA", "x-ms-trigger": "single"}, "x-ms-notification-content": {}}}}`, MendCallback, `"OnA" has no field`},
		"not in body":  {`{"swagger": "2.0", "paths": {"/a": {"post": {"operationId": "OnA", "x-ms-trigger": "single", "parameters": [{"name": "u", "in": "query", "x-ms-notification-url": true}]}}}}`, MendCallback, `"OnA" has no field`},
		"without body": {strings.ReplaceAll(withRegistration(""), `"post"`, `"delete"`), MendCallback, "registers with DELETE"},
		"nothing":      {``, MendSyntax, "syntax"},
	} {
		_, err := Generate(parse(test.text), Options{Module: "example.com/x"})
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.Mend != test.mend || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := Generate(parse(withRegistration("")), Options{Module: "example.com/x", Triggers: []string{"OnThat"}})
	var unknown *UnknownTriggerError
	if !errors.As(err, &unknown) || err.Error() != `"OnThat" is no trigger: expected "OnIt"` {
		t.Error(err)
	}
}

func TestModulePaths(t *testing.T) {
	for _, good := range []string{"example.com/a", "publisher", "example.com/A-b_c~d/v2"} {
		if err := CheckModule(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "/a", "a/", "a//b", "../a", "a/./b", "a b", "a\"b", "a\nb", "a`b", "é", "-a", "a."} {
		if CheckModule(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestOnlyChosenTriggers makes sure that what was not chosen is not served.
func TestOnlyChosenTriggers(t *testing.T) {
	p, err := Generate(load(t, "connectors/well-made"), Options{Module: "example.com/x", Triggers: []string{"OnOrderCreated"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Files {
		if f.Name == "contract/contract.go" || f.Name == "contract/actions.go" {
			for _, other := range []string{"OnOrderChanged", "WaitForApproval", "DeleteApproval", "DeleteHook"} {
				if strings.Contains(f.Text, other) {
					t.Errorf("%s serves %s", f.Name, other)
				}
			}
		}
	}
}

func TestPolicyNamesTheItems(t *testing.T) {
	properties := source.ParseString("apiProperties.json", `{"properties": {"policyTemplateInstances": [{"templateId": "pollingtrigger", "parameters": {
		"x-ms-apimTemplate-operationName": ["OnIt"], "x-ms-apimTemplateParameter.triggerDataPath": "@triggerBody().data.rows"}}]}}`)
	definition := source.ParseString("test.json", `{"swagger": "2.0", "paths": {"/a": {"get": {"operationId": "OnIt", "x-ms-trigger": "batch", "responses": {"200": {"schema": {
		"type": "object", "properties": {"tags": {"type": "array"}, "data": {"type": "object", "properties": {"rows": {"type": "array", "items": {"type": "string"}}}}}}}}}}}}`)
	for want, file := range map[string]*source.File{`[]string{"data", "rows"}`: properties, `[]string{"tags"}`: nil} {
		b, err := build(connector.New("test", definition, file), Options{Module: "example.com/x"})
		if err != nil || b.Polls[0].Items != want {
			t.Errorf("%s: %+v, %v", want, b.Polls, err)
		}
	}
}

func TestReroutedTriggersAreNoted(t *testing.T) {
	properties := source.ParseString("apiProperties.json", `{"properties": {"policyTemplateInstances": [{"templateId": "RouteRequestToEndpoint", "parameters": {
		"x-ms-apimTemplate-operationName": ["Other", "OnIt"], "x-ms-apimTemplateParameter.newPath": "/elsewhere"}}]}}`)
	p := generate(t, connector.New("test", parse(withRegistration("")).Definition.File, properties), "example.com/x")
	if len(p.Notes) != 1 || p.Notes[0].Message != `this policy calls "OnIt" at "/elsewhere"; the server has it where the definition does: "/teams/{team}/hooks"` {
		t.Errorf("%+v", p.Notes)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// run plans and writes a project.
func run(t *testing.T, dir string, p *Project, force bool) ([]Change, error) {
	t.Helper()
	f, err := OpenFolder(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	changes, err := f.Plan(p, force)
	if err != nil {
		return nil, err
	}
	return changes, f.Write(changes)
}

func verbs(changes []Change) map[string]Verb {
	m := map[string]Verb{}
	for _, c := range changes {
		m[c.Name] = c.Verb
	}
	return m
}

func TestOwnership(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "project")
	p := generate(t, load(t, "scaffold/waits.json"), "example.com/x")
	if changes, err := run(t, dir, p, false); err != nil || len(Stale(changes, p)) == 0 {
		t.Fatalf("%v, %d stale", err, len(Stale(changes, p)))
	}
	for _, f := range p.Files {
		if read(t, filepath.Join(dir, f.Name)) != f.Text {
			t.Errorf("%s is not as planned", f.Name)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", ".*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
	changes, err := run(t, dir, p, false)
	if err != nil || slices.ContainsFunc(changes, func(c Change) bool { return c.Verb != Same }) {
		t.Errorf("a second run changes something: %v, %v", changes, err)
	}

	write(t, dir, "events.go", "package main // mine\n")
	write(t, dir, "README.md", "mine\n")
	write(t, dir, "main.go", "package main // taken over\n")
	write(t, dir, "config.go", "// "+mark+"\n\npackage main // but changed\n")
	write(t, dir, "contract/definition.json", "changed")
	write(t, dir, "publisher/old.go", "// "+mark+"\n\npackage publisher\n")
	write(t, dir, "publisher/kept.go", "package publisher // taken over, and no longer generated\n")
	list := read(t, filepath.Join(dir, manifestName))
	write(t, dir, manifestName, strings.Replace(list, `"files": [`, `"files": ["publisher/old.go", "publisher/kept.go", "../outside.go",`, 1))
	write(t, filepath.Dir(dir), "outside.go", "// "+mark+"\n\npackage outside\n")
	if changes, err = run(t, dir, p, false); err != nil {
		t.Fatal(err)
	}
	got := verbs(changes)
	for name, want := range map[string]Verb{
		"events.go": Keep, "README.md": Keep, "main.go": Keep, "config.go": Replace, "contract/definition.json": Replace,
		"publisher/old.go": Remove, "go.mod": Same, "actions.go": Same, manifestName: Replace,
	} {
		if got[name] != want {
			t.Errorf("%s: %s, want %s", name, got[name], want)
		}
	}
	if stale := Stale(changes, p); !slices.Equal(stale, []string{manifestName, "config.go", "contract/definition.json", "publisher/old.go"}) {
		t.Errorf("stale: %q", stale)
	}
	for name, want := range map[string]string{"events.go": "package main // mine\n", "main.go": "package main // taken over\n", "README.md": "mine\n"} {
		if read(t, filepath.Join(dir, name)) != want {
			t.Errorf("%s was replaced", name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "publisher/old.go")); err == nil {
		t.Error("what is no longer generated is still there")
	}
	read(t, filepath.Join(dir, "publisher/kept.go"))
	read(t, filepath.Join(filepath.Dir(dir), "outside.go"))

	if changes, err = run(t, dir, p, true); err != nil {
		t.Fatal(err)
	}
	if got := verbs(changes); got["events.go"] != Keep || got["main.go"] != Replace || got["README.md"] != Replace {
		t.Errorf("with force: %v", got)
	}
}

// TestForeignFolder makes sure that a folder that holds something else is left
// alone as a whole.
func TestForeignFolder(t *testing.T) {
	dir := t.TempDir()
	p := generate(t, load(t, "scaffold/waits.json"), "example.com/x")
	write(t, dir, "main.go", "package main // not ours\n")
	if _, err := run(t, dir, p, false); err == nil || !strings.Contains(err.Error(), "main.go is there already") {
		t.Error(err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files", len(files))
	}
	write(t, dir, manifestName, "{")
	if _, err := OpenFolder(dir); err == nil || !strings.Contains(err.Error(), manifestName) {
		t.Error(err)
	}
}

func TestNothingOutsideTheFolder(t *testing.T) {
	p := generate(t, load(t, "scaffold/waits.json"), "example.com/x")
	for name, link := range map[string]string{"a folder": "contract", "a file": "main.go", "the manifest": manifestName, "a dangling one": "go.mod"} {
		parent := t.TempDir()
		dir, outside := filepath.Join(parent, "project"), filepath.Join(parent, "outside")
		if err := errors.Join(os.Mkdir(dir, 0o777), os.Mkdir(outside, 0o777)); err != nil {
			t.Fatal(err)
		}
		target := outside
		if name == "a file" || name == "the manifest" {
			target = filepath.Join(outside, "file")
			write(t, outside, "file", "// "+mark+"\n")
		} else if name == "a dangling one" {
			target = filepath.Join(outside, "nothing")
		}
		before, _ := os.ReadDir(outside)
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
		if _, err := run(t, dir, p, true); err == nil || !strings.Contains(err.Error(), "symbolic link") {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.ReadDir(outside); len(after) != len(before) {
			t.Errorf("%s: something was written outside", name)
		}
		if files, _ := os.ReadDir(dir); len(files) != 1 {
			t.Errorf("%s: something was written", name)
		}
	}
	dir := t.TempDir()
	write(t, dir, "contract", "a file where a folder must be")
	if _, err := run(t, dir, p, true); err == nil || !strings.Contains(err.Error(), "no folder") {
		t.Error(err)
	}
}

func TestMoveImports(t *testing.T) {
	text := "package p\n\nimport (\n\tx \"" + ours + "publisher\" // the runtime\n\t\"fmt\"\n)\n\nvar _ = \"" + ours + "\"\n"
	moved, err := moveImports("p.go", text, "example.com/a")
	want := strings.Replace(text, ours+"publisher", "example.com/a/publisher", 1)
	if err != nil || moved != want {
		t.Errorf("%v\n%s", err, moved)
	}
}

func TestIsMarked(t *testing.T) {
	for text, want := range map[string]bool{
		"// " + mark + "\n":                      true,
		"-- " + mark + "\r\nCREATE":              true,
		"\n// x\n// " + mark + "\n\npackage p":   true,
		"package p\n// " + mark + "\n":           false,
		"// Code generated by hand. DO NOT EDIT": false,
		"":                                       false,
	} {
		if isMarked([]byte(text)) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
	if !bytes.Contains([]byte(read(t, "../testdata/scaffold/waits.json.golden")), []byte(mark)) {
		t.Error("generated files do not carry the mark")
	}
}
