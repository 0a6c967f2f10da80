package scaffold

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	gobuild "go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"reflect"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
)

// hostile are names that try to be something else, or nothing.
var hostile = []string{
	"", "type", "Url", "url", "URL", "😀", "3d model", `"); os.Exit(1) //`, "*/ panic(1) /*", "`", "`+x+`", "line\nbreak", "a\r\nb", "\ufeffbom",
	strings.Repeat("n", 200), strings.Repeat("é", 200), "a,b", `back\slash`, "quote'", "trailing ", "-", "-,", "omitempty", "a,omitempty", "MarshalJSON",
	"UnmarshalJSON", "名前", "ß", "ǆ", "a.b", "$id", "@odata.type", "x y", "tab\there", "\u202egnp", "%d %s", "{{.Mark}}", "\x00", "\xff", "Events",
	"Actions", "DateTime", "error", "nil", "string", "any", "ReadByte", "body", "context", "publisher", "_", "__", "init", "main", "\u00a0", "a\u0301",
}

func TestExported(t *testing.T) {
	for text, want := range map[string]string{
		"":            "",
		"type":        "Type",
		"orderId":     "OrderID",
		"callbackUrl": "CallbackURL",
		"OnNewItem":   "OnNewItem",
		"on-new.item": "OnNewItem",
		"HTTPServer":  "HTTPServer",
		"list_ids":    "ListIDs",
		"3d":          "X3d",
		"名前":          "X名前",
		"élan":        "Élan",
		"😀":           "",
		"a😀b":         "AB",
		"\ufeffid":    "ID",
	} {
		if got := exported(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, text := range hostile {
		if name := exported(text); name != "" && (!token.IsIdentifier(name) || !ast.IsExported(name) || len(name) > maxName+1) {
			t.Errorf("%q: %q is no good", text, name)
		}
	}
}

func TestScope(t *testing.T) {
	s := newScope("Events")
	var got []string
	for _, name := range []string{"Events", "Events", "Events2", "Events"} {
		got = append(got, s.take(name))
	}
	if want := []string{"Events2", "Events3", "Events22", "Events4"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestComment(t *testing.T) {
	for _, text := range append(hostile, strings.Repeat("word ", 1000), "//go:embed secret", "a\u2028b") {
		for _, line := range comment(text) {
			if !strings.HasPrefix(line, "// ") || strings.ContainsAny(line, "\n\r\x00\ufeff\u2028") || len(line) > 1000 {
				t.Errorf("%q gives %q", text, line)
			}
		}
	}
}

// TestTags makes sure that encoding/json reads and writes the name that a tag
// was made for.
func TestTags(t *testing.T) {
	for _, name := range hostile {
		if !fitsTag(name) {
			continue
		}
		for _, optional := range []bool{false, true} {
			field := reflect.StructField{Name: "F", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(strings.Trim(tag(name, optional), "`"))}
			v := reflect.New(reflect.StructOf([]reflect.StructField{field})).Elem()
			v.Field(0).SetString("x")
			out, err := json.Marshal(v.Interface())
			var got map[string]string
			if err != nil || json.Unmarshal(out, &got) != nil || got[name] != "x" || len(got) != 1 {
				t.Errorf("%q: %s, %v", name, out, err)
			}
		}
	}
}

// checker type-checks contract packages in this process. The standard library
// is read once, and of the runtime what contracts need.
type checker struct {
	std     types.Importer
	runtime *types.Package
}

func newChecker(t testing.TB) *checker {
	t.Helper()
	gobuild.Default.CgoEnabled = false // no C compiler for the sake of package net
	c := &checker{std: importer.ForCompiler(token.NewFileSet(), "source", nil)}
	problem := "package publisher\n\nimport \"net/http\"\n\nfunc Problem(http.ResponseWriter, int, string) {}\n"
	var err error
	if c.runtime, err = c.check("publisher", map[string]string{"publisher.go": read(t, "publisher/publisher.go"), "problem.go": problem}); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *checker) Import(name string) (*types.Package, error) {
	if strings.HasSuffix(name, "/publisher") {
		return c.runtime, nil
	}
	return c.std.Import(name)
}

func (c *checker) check(name string, files map[string]string) (*types.Package, error) {
	set := token.NewFileSet()
	var parsed []*ast.File
	for file, text := range files {
		f, err := parser.ParseFile(set, file, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	return (&types.Config{Importer: c}).Check(name, set, parsed, nil)
}

// project type-checks the contract package of a project.
func (c *checker) project(p *Project) error {
	files := map[string]string{}
	for _, f := range p.Files {
		if path.Dir(f.Name) == "contract" && path.Ext(f.Name) == ".go" {
			files[f.Name] = f.Text
		}
	}
	_, err := c.check("contract", files)
	return err
}

// named is a definition that says two names wherever a definition can say one.
func named(a, b string) *connector.Connector {
	quoted := func(s string) string { text, _ := json.Marshal(s); return string(text) }
	properties := fmt.Sprintf(`{"type": "object", "description": %[1]s, "properties": {%[1]s: {"type": "string", "title": %[2]s, "enum": [%[1]s, %[2]s]}, %[2]s: {"$ref": "#/definitions/D"}, "cb": {"type": "string", "x-ms-notification-url": true}}}`, quoted(a), quoted(b))
	operation := func(id, schema string) string {
		return fmt.Sprintf(`"operationId": %[3]s, "description": %[1]s, "parameters": [{"name": %[1]s, "in": "query", "type": "integer", "enum": [1]}, {"name": %[2]s, "in": "header", "type": "string", "description": %[1]s}, {"name": "body", "in": "body", "schema": %[4]s}], "responses": {"200": {"description": "", "schema": %[4]s}}`,
			quoted(a), quoted(b), quoted(id), schema)
	}
	return parse(fmt.Sprintf(`{"swagger": "2.0", "info": {"title": %[1]s}, "host": %[1]s, "basePath": %[2]s, "paths": {
		%[3]s: {"x-ms-notification-content": {"schema": %[5]s}, "post": {"x-ms-trigger": "single", %[6]s}},
		"/w/{x}": {"post": {%[7]s}},
		%[4]s: {"get": {"x-ms-trigger": "batch", %[8]s}, "put": {%[9]s}}},
		"definitions": {"D": %[10]s, %[1]s: %[5]s, %[2]s: {"type": "array", "items": {"$ref": "#/definitions/D"}}},
		"securityDefinitions": {"k": {"type": "apiKey", "in": "header", "name": %[11]s}}}`,
		quoted(a), quoted(b), quoted("/p/"+a), quoted("/q/"+b), properties, operation(a, properties), operation(b, properties),
		operation(a+b, `{"$ref": "#/definitions/D"}`), operation(b+a, properties), strings.Replace(properties, "x-ms-notification-url", "x-other", 1), quoted("k"+a)))
}

// TestNamedDates makes sure that a definition of a time has what a time has.
func TestNamedDates(t *testing.T) {
	p := generate(t, parse(withRegistration(`, "/times": {"get": {"operationId": "Times", "responses": {"200": {"schema": {"$ref": "#/definitions/DateTime"}}}}}}, "definitions": {"DateTime": {"type": "string", "format": "date-time"}`)), "example.com/x")
	for _, f := range p.Files {
		if f.Name == "contract/types.go" && !strings.Contains(f.Text, "type DateTime2 = DateTime\n") {
			t.Error(f.Text)
		}
	}
}

func TestHostileNames(t *testing.T) {
	c := newChecker(t)
	for i, name := range hostile {
		p, err := Generate(named(name, hostile[(i+1)%len(hostile)]), Options{Module: "example.com/x"})
		if err != nil {
			t.Errorf("%q: %v", name, err)
		} else if err := c.project(p); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// FuzzNames: whatever the names, generated Go parses and type-checks.
func FuzzNames(f *testing.F) {
	for i, name := range hostile {
		f.Add(name, hostile[(i+7)%len(hostile)])
	}
	c := newChecker(f)
	f.Fuzz(func(t *testing.T, a, b string) {
		p, err := Generate(named(a, b), Options{Module: "example.com/x"})
		var refusal *Refusal
		if errors.As(err, &refusal) {
			t.Skip("one name twice is a duplicate key")
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := c.project(p); err != nil {
			t.Error(err)
		}
	})
}
