package scaffold

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
var shapes = []string{"connectors/well-made", "scaffold/shapes.json", "scaffold/waits.json", "scaffold/minimal.yaml", "scaffold/hostile.json", "scaffold/odd.json", "scaffold/polls.json"}

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
	query := func(name, rest string) string {
		return `{"name": "` + name + `", "in": "query", "required": true, "type": "string"` + rest + `}`
	}
	for name, test := range map[string]struct{ rest, want string }{
		"child":             {removal("/teams/{team}/hooks/{id}", ""), "/teams/{team}/hooks/{subscription}"},
		"elsewhere":         {removal("/hooks/{id}", ""), "/hooks/{subscription}"},
		"another parameter": {removal("/tenants/{tenant}/hooks/{id}", ""), "/tenants/-/hooks/{subscription}"},
		"inside a segment":  {removal("/hooks(guid'{id}')", ""), "/hooks(guid'{subscription}')"},
		"known by query":    {removal("/teams/{team}/hooks/delete", `{"name": "hook id", "in": "query", "required": true, "type": "string"}`), "/teams/{team}/hooks/delete?hook+id={subscription}"},
		"carried over":      {removal("/hooks", query("team", "")+", "+query("hook", "")), "/hooks?team={team}&hook={subscription}"},
		"nothing left":      {removal("/hooks", query("team", "")), "/hooks?team={team}&subscription={subscription}"},
		"constants":         {removal("/hooks", query("id", "")+", "+query("kind", `, "enum": ["a b", "c"]`)+", "+query("v", `, "default": 1`)), "/hooks?kind=a+b&v=1&id={subscription}"},
		"beside the path":   {removal("/hooks/{id}", query("team", "")), "/hooks/{subscription}?team={team}"},
		"unknown":           {removal("/hooks", query("id", "")+", "+query("force", "")), "/teams/{team}/hooks/{subscription}"},
		"unknown, by path":  {removal("/hooks/{id}", query("force", "")), "/hooks/{subscription}"},
		"not known":         {removal("/teams/{team}/hooks/delete", `{"name": "dry", "in": "query", "type": "boolean"}`), "/teams/{team}/hooks/delete?subscription={subscription}"},
		"no removal":        {"", "/teams/{team}/hooks/{subscription}"},
		"with a query":      {removal("/hooks/{id}?api=1", ""), "/hooks/{subscription}"},
	} {
		b := &builder{def: parse(withRegistration(test.rest)).Definition}
		if got := b.location(b.def.Triggers()[0]); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
		if notes := strings.Contains(name, "unknown"); notes != (len(b.notes) > 0) {
			t.Errorf("%s: %+v", name, b.notes)
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

// TestSamePath makes sure that operations with one path are told apart by the
// constants of their queries, and that the first is served where nothing does.
func TestSamePath(t *testing.T) {
	c := load(t, "scaffold/odd.json")
	b, err := build(c, Options{Module: "example.com/x"})
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{}
	for _, t := range b.Triggers {
		paths[t.Name] = t.path
	}
	for _, a := range b.Actions {
		paths[a.Go] = a.Path
	}
	for name, want := range map[string]string{
		"OnA": "/v1/h?event=a", "OnB": "/v1/h?event=b", "PlainPost": `"/v1/h"`, "OnX": "/v1/k/{x}", "OnFixed": "/v1/k/fixed", "OnY": "", "Alone": `"/v1/alone"`,
	} {
		if paths[name] != want {
			t.Errorf("%s is at %q, want %q", name, paths[name], want)
		}
	}
	if len(b.notes) != 1 || b.notes[0].Message != `"OnY" has the method and the path of "OnX", so it is not served` {
		t.Errorf("%+v", b.notes)
	}
	chosen, err := build(c, Options{Module: "example.com/x", Triggers: []string{"OnY"}})
	if err != nil || len(chosen.notes) > 0 || chosen.Triggers[0].path != "/v1/k/{y}" {
		t.Errorf("%v, %+v", err, chosen.notes)
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

		"a scheme of OpenAPI 3": {withSecurity(`{"a": {"type": "http", "scheme": "bearer"}}`), MendSecurity, `security scheme "a" has the type "http": expected "apiKey"`},
		"beside another":        {withSecurity(`{"b": {"type": "basic"}, "a": {"type": "apikey", "in": "header", "name": "k"}}`), MendSecurity, `"a" has the type "apikey"`},
		"a key in a place":      {withSecurity(`{"a": {"type": "apiKey", "in": "Header", "name": "k"}}`), MendSecurity, `"a" has its key in "Header": expected "header"`},
		"a key without a name":  {withSecurity(`{"a": {"type": "apiKey", "in": "header"}}`), MendSecurity, `"a" has no name`},
		"a lost reference":      {withSecurity(`{"a": {"$ref": "#/nowhere"}}`), MendSecurity, `"a" has the type ""`},
		"no schemes":            {withSecurity(`[]`), MendSecurity, "is no object"},
		"a scheme that is not":  {withSecurity(`{}, "security": [{}, {"a": []}]`), MendSecurity, `the scheme "a", which`},
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

// withSecurity is a definition with one trigger and securityDefinitions.
func withSecurity(schemes string) string {
	return strings.Replace(withRegistration(""), `"paths"`, `"securityDefinitions": `+schemes+`, "paths"`, 1)
}

// TestConnectionIsNoted: credentials that only the connector's properties know
// of are not asked for, and that is said.
func TestConnectionIsNoted(t *testing.T) {
	for properties, want := range map[string]string{
		`"connectionParameters": {"host": {"type": "string"}, "key": {"type": "securestring"}}`:        `the connection asks for "key"`,
		`"connectionParameterSets": {"values": [{"parameters": {"token": {"type": "oauthSetting"}}}]}`: `scheme of "type": "oauth2"`,
		`"connectionParameters": {"host": {"type": "string"}}`:                                         "",
	} {
		file := source.ParseString("apiProperties.json", `{"properties": {`+properties+`}}`)
		for schemes, says := range map[string]string{`{}`: want, `{"a": {"type": "basic"}}`: ""} {
			p := generate(t, connector.New("test", parse(withSecurity(schemes)).Definition.File, file), "example.com/x")
			if says == "" && len(p.Notes) > 0 || says != "" && (len(p.Notes) != 1 || !strings.Contains(p.Notes[0].Message, says)) {
				t.Errorf("%s with %s: %+v", properties, schemes, p.Notes)
			}
		}
	}
}

// TestSeveralCallbacks: each marked field is known, filled in samples, and kept
// out of the types.
func TestSeveralCallbacks(t *testing.T) {
	const mark = `{"type": "object", "properties": {"url": {"type": "string", "x-ms-notification-url": true}, "on": {"type": "string"}}}`
	text := strings.Replace(withRegistration(""), `"url": {"type": "string", "x-ms-notification-url": true}`, `"0": `+mark+`, "1": {"type": "array", "items": `+mark+`}`, 1)
	b, err := build(parse(text), Options{Module: "example.com/x"})
	if err != nil || b.Triggers[0].Callback != `[][]string{{"0", "url"}, {"1", "[]", "url"}}` {
		t.Fatalf("%v, %+v", err, b.Triggers)
	}
	if len(b.notes) != 1 || !strings.Contains(b.notes[0].Message, `"OnIt" has 2 fields for the callback URL`) {
		t.Errorf("%+v", b.notes)
	}
	if made := b.samples(); len(made) != 1 || strings.Count(made[0].Body, `"url":"CALLBACK"`) != 2 {
		t.Errorf("%+v", made)
	}
	for _, typ := range b.Types {
		for _, f := range typ.Fields {
			if f.Name == "URL" || f.Name == "Url" {
				t.Errorf("%s has the callback", typ.Name)
			}
		}
	}
}

func TestModulePaths(t *testing.T) {
	for _, good := range []string{"example.com/a", "publisher", "example.com/A-b_c~d/v2"} {
		if err := CheckModule(good); err != nil {
			t.Error(err)
		}
	}
	for module, want := range map[string]string{"publisher": "publisher", "example.com/a": "a", "example.com/a/v2": "a", "v2": "v2", "example.com/v": "v"} {
		if got := binary(module); got != want {
			t.Errorf("%s is called %s", module, got)
		}
	}
	for _, bad := range []string{"", "/a", "a/", "a//b", "../a", "a/./b", "a b", "a\"b", "a\nb", "a`b", "é", "-a", "a.", "fmt", "net/http", "net/x", "vendor", "cmd", "std", "example.com/vendor/x"} {
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

func TestNoSampleIsNoted(t *testing.T) {
	text := strings.Replace(withRegistration(""), `"post"`, `"x-ms-notification-content": {"schema": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "minLength": 3, "maxLength": 2}}}}, "post"`, 1)
	p := generate(t, parse(text), "example.com/x")
	if len(p.Notes) != 1 || !strings.HasPrefix(p.Notes[0].Message, `no sample of "OnIt" can be made, so contract_test.go does not try it`) {
		t.Errorf("%+v", p.Notes)
	}
	if slices.ContainsFunc(p.Files, func(f File) bool { return f.Name == "contract_test.go" }) {
		t.Error("there is a test of nothing")
	}
}

func TestFiltersOfPollsAreNoted(t *testing.T) {
	p := generate(t, load(t, "scaffold/polls.json"), "example.com/x")
	if len(p.Notes) != 1 || !strings.HasPrefix(p.Notes[0].Message, `the parameters of "OnItem" choose nothing ("color"): `) {
		t.Errorf("%+v", p.Notes)
	}
}

func TestRootFields(t *testing.T) {
	for text, want := range map[string]string{
		`{"properties": {"a": {}, "b": {}}}`:                                    `[]string{"a", "b"}`,
		`{"properties": {"a": {}}, "additionalProperties": false}`:              `[]string{"a"}`,
		`{"properties": {"a": {}}, "additionalProperties": {"type": "string"}}`: "nil",
		`{"type": "object"}`: "nil",
		`{"type": "array"}`:  "nil",
		`{"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}`:                               `[]string{"a", "b"}`,
		`{"allOf": [{"properties": {"a": {}}, "additionalProperties": true}, {"properties": {"b": {}}}]}`: "nil",
		`{"allOf": [{"$ref": "#/definitions/Open"}, {"properties": {"b": {}}}], "properties": {"c": {}}}`: "nil",
	} {
		d := parse(`{"swagger": "2.0", "definitions": {"It": ` + text + `, "Open": {"additionalProperties": true}}}`).Definition
		if got := literals(rootFields(d.Schema(d.Root.Get("definitions").Get("It")))); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestSecurity reads what operations want.
func TestSecurity(t *testing.T) {
	const schemes = `"securityDefinitions": {"k": {"type": "apiKey", "in": "query", "name": "code"}, "b": {"type": "basic"}}`
	read := func(d *connector.Definition) security {
		b := &builder{def: d}
		if err := b.readSecurity(); err != nil {
			t.Error(err)
		}
		return b.Security
	}
	for text, want := range map[string]string{
		`|`:                                   "",
		`"security": []|`:                     "",
		`|"security": []`:                     "[][]string{{}}",
		`|"security": [{}]`:                   "[][]string{{}}",
		`"security": [{"k": []}, {"b": []}]|`: "",
		`"security": [{"b": []}]|`:            `[][]string{{"b"}}`,
		`"security": [{"b": []}]|"security": [{"b": [], "k": []}]`: `[][]string{{"b", "k"}}`,
		`|"security": [{"typo": []}, {"k": []}]`:                   `[][]string{{"k"}}`,
		`|"security": [{"typo": []}]`:                              "",
	} {
		root, operation, _ := strings.Cut(text, "|")
		comma := func(s string) string { return strings.TrimSuffix(", "+s, ", ") }
		d := parse(`{"swagger": "2.0", ` + schemes + comma(root) + `, "paths": {"/a": {"get": {"operationId": "A"` + comma(operation) + `}}}}`).Definition
		s := read(d)
		lists := s.required(d, d.Operations()[0])
		if got := strings.ReplaceAll(schemeLists(lists), ", }", "}"); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	d := parse(`{"swagger": "2.0", ` + schemes + `}`).Definition
	if got := fmt.Sprint(read(d).dev(nil)); got != "[{ code=dev --api-key 'k=env:KEY' KEY=dev}]" {
		t.Errorf("a client gets %s", got)
	}
	if got := fmt.Sprint(read(d).dev([][]string{{"b", "k"}, {"k"}})); got != "[{-u dev:dev  --basic env:LOGIN LOGIN=dev:dev} { code=dev --api-key 'k=env:KEY' KEY=dev}]" {
		t.Errorf("a client gets %s", got)
	}
	open := withRegistration("")
	open = strings.Replace(open, `"x-ms-trigger"`, `"security": [], "x-ms-trigger"`, 1)
	open = strings.Replace(open, `"paths"`, schemes+`, "paths"`, 1)
	if p := generate(t, parse(open), "example.com/x"); len(p.Notes) != 1 || !strings.Contains(p.Notes[0].Message, `"OnIt" asks for no credentials`) {
		t.Errorf("%+v", p.Notes)
	}
}

// TestReadme looks for what the README of a project must say, and must not.
func TestReadme(t *testing.T) {
	for name, test := range map[string]struct{ says, not []string }{
		"scaffold/waits.json": {
			says: []string{"/approvals?code=dev'", "emit --dev --to REF 'Approve'", "Call the `Answer…` method", "\nKEY=dev connectorctl verify", "--api-key 'key=env:KEY'"},
			not:  []string{"code: dev", "Publish…", "The last argument", "ask it again and again"},
		},
		"scaffold/polls.json": {
			says: []string{"curl -i -X GET 'http://127.0.0.1:8080/v1/items/text' \\\n  -H 'X-Key: dev'\n", `echo '{"a":"a","b":1}' | go run . emit`, "ask it again and again"},
			not:  []string{"unregisters.", "The last argument", "arrive at least once", "127.0.0.1:9000"},
		},
	} {
		for _, f := range generate(t, load(t, name), "example.com/x").Files {
			if f.Name != "README.md" {
				continue
			}
			for _, text := range test.says {
				if !strings.Contains(f.Text, text) {
					t.Errorf("%s: the README does not say %q", name, text)
				}
			}
			for _, text := range test.not {
				if strings.Contains(f.Text, text) {
					t.Errorf("%s: the README says %q", name, text)
				}
			}
		}
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

// TestMisfits changes definitions under projects whose owners have written
// something.
func TestMisfits(t *testing.T) {
	dir := t.TempDir()
	misfits := func(c *connector.Connector) string {
		t.Helper()
		p := generate(t, c, "example.com/x")
		f, err := OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		changes, err := f.Plan(p, false)
		if err != nil {
			t.Fatal(err)
		}
		list, err := f.Misfits(p, changes)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, m := range list {
			text += fmt.Sprintf("%s:%d: %s\n%s", m.File, m.Line, m.Message, m.Code)
		}
		return text
	}
	first := load(t, "scaffold/waits.json")
	if got := misfits(first); got != "" {
		t.Errorf("in a new folder: %s", got)
	}
	if _, err := run(t, dir, generate(t, first, "example.com/x"), false); err != nil {
		t.Fatal(err)
	}
	if got := misfits(first); got != "" {
		t.Errorf("as generated: %s", got)
	}
	write(t, dir, "internal/orders/orders.go", `package orders

import api "example.com/x/contract"

type handler struct{ events *api.Events }

func (h handler) done(p api.ApprovePayload, q queue) {
	h.events.AnswerApprove(nil, 1, "", p)
	h.events.AnswerReject(nil, 1, "", p)
	q.PublishAll(api.Extra)
}
`)
	write(t, dir, "contract/extra.go", "package contract\n\nconst Extra = 1\n")
	write(t, dir, "broken.go", "package")
	write(t, dir, "another/go.mod", "module example.com/another\n")
	write(t, dir, "another/another.go", "package another\n\nimport \"example.com/x/contract\"\n\nvar _ = contract.Nothing\n")
	if err := os.Mkdir(filepath.Join(dir, "locked"), 0); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "actions.go", `package main

import "example.com/x/contract"
import "example.com/x/publisher"

type actions struct{ contract.UnimplementedActions }

func (actions) Odd(ctx context.Context) (result contract.OddResult, err error) { return }

type others struct{ contract.UnimplementedActions }

func (*others) Odd(ctx context.Context, id string) (contract.OddResult, error) { panic(id) }

func routes() []publisher.Route { return contract.Routes(actions{}) }
`)
	if got := misfits(first); got != `actions.go:12: contract.Actions has another signature of Odd: (context.Context) (OddResult, error)
internal/orders/orders.go:9: events.AnswerReject is not generated: there is "AnswerApprove"
` {
		t.Errorf("with mistakes: %s", got)
	}
	got := misfits(parse(strings.NewReplacer("OnIt", "Renamed").Replace(withRegistration(`, "/items": {"get": {"operationId": "Poll", "x-ms-trigger": "batch"}}`))))
	for _, want := range []string{
		"actions.go:6: contract.UnimplementedActions is not generated, as the definition has no action",
		"actions.go:14: contract.Routes is not generated, as the definition has no action",
		"events.go:17: contract.ApprovePayload is not generated: the definition has another name",
		"events.go:33: events.AnswerApprove is not generated: there is \"PublishPoll\" or \"PublishRenamed\"",
		"internal/orders/orders.go:7: contract.ApprovePayload",
		"events.go:0: generated files call sources, which is not there: write\nfunc sources() contract.Sources { return contract.Sources{} }",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
}

// TestOwnModule generates into a module that is there already.
func TestOwnModule(t *testing.T) {
	dir := t.TempDir()
	const mine = "module example.com/x // mine\n\ngo 1.20\n\nrequire (\n\texample.com/other v1.0.0\n\tgolang.org/x/time v0.1.0\n)\n"
	write(t, dir, "go.mod", mine)
	write(t, dir, "go.sum", "example.com/other v1.0.0 h1:x=\n")
	p := generate(t, load(t, "scaffold/waits.json"), "example.com/x")
	changes, err := run(t, dir, p, false)
	if err != nil || verbs(changes)["go.mod"] != Complete || verbs(changes)["go.sum"] != Complete || slices.ContainsFunc(Stale(changes, p), func(name string) bool { return strings.HasPrefix(name, "go.") }) {
		t.Fatalf("%v, %v", err, verbs(changes)["go.mod"])
	}
	mod := read(t, filepath.Join(dir, "go.mod"))
	for _, f := range p.Files {
		if f.Name == "go.mod" {
			for line := range strings.Lines(strings.ReplaceAll(f.Text, "module example.com/x", "// mine")) {
				if !strings.Contains(mod, strings.Trim(line, "\n")) {
					t.Errorf("go.mod lacks %s", line)
				}
			}
		}
		if f.Name == "go.sum" && read(t, filepath.Join(dir, "go.sum")) != "example.com/other v1.0.0 h1:x=\n"+f.Text {
			t.Error("go.sum is not complete")
		}
	}
	if !strings.Contains(mod, "example.com/other v1.0.0") || strings.Contains(mod, "v0.1.0") || strings.Contains(mod, "go 1.20") {
		t.Error(mod)
	}
	newer := strings.Replace(mod, "golang.org/x/time v0", "golang.org/x/time v1", 1)
	write(t, dir, "go.mod", newer)
	if changes, err = run(t, dir, p, false); err != nil || verbs(changes)["go.mod"] != Keep || read(t, filepath.Join(dir, "go.mod")) != newer {
		t.Errorf("%v, %v", err, verbs(changes)["go.mod"])
	}
	write(t, dir, "go.mod", "module example.com/x\nrequire {")
	if _, err = run(t, dir, p, false); err == nil || !strings.Contains(err.Error(), "go.mod") {
		t.Error(err)
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
