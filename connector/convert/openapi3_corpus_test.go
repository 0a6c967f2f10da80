package convert_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/rules"
)

// expectNoErrors runs the rules about syntax and document over a converted
// document.
func expectNoErrors(t *testing.T, name string, result *convert.Import) {
	t.Helper()
	expectSound(t, name, source.Parse("apiDefinition.swagger.json", []byte(result.Text)))
}

func expectSound(t *testing.T, name string, f *source.File) {
	t.Helper()
	l := &lint.Linter{}
	for _, r := range rules.All() {
		if strings.HasPrefix(r.ID, "syntax-") || strings.HasPrefix(r.ID, "document-") {
			l.Rules = append(l.Rules, r)
		}
	}
	for _, d := range l.Check(connector.New(name, f, nil), &lint.Config{Profile: lint.Custom}) {
		if d.Severity == source.Error {
			t.Errorf("%s: %s: %s [%s]", name, d.Pointer(), d.Message, d.Rule)
		}
	}
}

// realDocuments reads the OpenAPI 3 documents of the import set.
func realDocuments(t testing.TB) map[string]*source.File {
	documents := realImports(t)
	maps.DeleteFunc(documents, func(_ string, f *source.File) bool { return !f.Root().Get("openapi").Exists() })
	return documents
}

// realImports reads the documents of the import set by their paths in
// expected.json.
func realImports(t testing.TB) map[string]*source.File {
	root := filepath.Join(corpusFolder(t), "imports")
	files, err := filepath.Glob(filepath.Join(root, "*", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no imports in the corpus: %v", err)
	}
	documents := map[string]*source.File{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		f := source.Parse(filepath.ToSlash(name), data)
		documents[f.Name] = f
	}
	return documents
}

// TestRealOpenAPI3 imports every OpenAPI 3 document of the corpus: the result
// must be a sound document that says what the original says.
func TestRealOpenAPI3(t *testing.T) {
	documents := realDocuments(t)
	t.Logf("%-40s %10s %10s %6s %6s %6s", "document", "bytes", "converted", "calls", "losses", "hints")
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		f := documents[name]
		result, err := convert.OpenAPI3(name, []byte(f.Text), nil)
		if err != nil {
			t.Errorf("%s is refused: %v", name, err)
			continue
		}
		converted := reparse(t, result)
		expectNoErrors(t, name, result)
		compareDocuments(t, f, converted, result.Losses)
		again, err := convert.OpenAPI3(name, []byte(f.Text), nil)
		if err != nil || again.Text != result.Text || !slices.Equal(again.Losses, result.Losses) || !slices.Equal(again.Hints, result.Hints) {
			t.Errorf("%s: a second run gives another result", name)
		}
		t.Logf("%-40.40s %10d %10d %6d %6d %6d", filepath.Dir(name), len(f.Text), len(result.Text),
			len(connector.Read(converted).Operations()), len(result.Losses), len(result.Hints))
	}
}

// hintEntry is an entry of imports/expected.json that tells of a callback.
type hintEntry struct {
	File         string
	Registration *struct{ Path, Method string }
	Callback     *struct{ Name string }
	Webhook      *struct{ Name string }
	Source, Kind string
	Borderline   bool
	Pointer      *string `json:"callback_url_pointer"`
	Field        string  `json:"callback_url_path"`
	Notification string  `json:"notification_schema_pointer"`
	Delete       *struct{ Path string }
}

func (e hintEntry) name() string {
	if e.Webhook != nil {
		return e.Webhook.Name
	}
	return e.Callback.Name
}

// TestRealHints compares what the import says about callbacks and webhooks with
// what is known.
func TestRealHints(t *testing.T) {
	var entries []hintEntry
	decodeFile(t, filepath.Join(corpusFolder(t), "imports", "expected.json"), &entries)
	documents := realDocuments(t)
	results := map[string]*convert.Import{}
	for name, f := range documents {
		result, err := convert.OpenAPI3(name, []byte(f.Text), nil)
		if err != nil {
			t.Fatal(err)
		}
		results[name] = result
	}
	var known, registrations, fields, payloads, kinds, withField int
	for _, e := range entries {
		if e.Source != "callbacks" && e.Source != "webhooks" || e.Borderline {
			continue
		}
		d := connector.Read(source.Parse("apiDefinition.swagger.json", []byte(results[e.File].Text)))
		h, ok := hintFor(results[e.File].Hints, e)
		known++
		if !ok {
			t.Errorf("%s: no hint of %s", e.File, e.name())
			continue
		}
		field, wantField := "none", "none"
		if e.Pointer != nil {
			withField++
			at := strings.Split(*e.Pointer, "/")
			wantField = cmp.Or(e.Field, at[len(at)-1])
		}
		if h.Callback != "" {
			field = fieldName(d, h, wantField)
		}
		registrations += score1(t, e, "registration", h.Method+" "+h.Path, registrationOfEntry(e))
		kinds += score1(t, e, "kind", fmt.Sprint(h.PerCall), fmt.Sprint(e.Kind == "per-call"))
		payloads += score1(t, e, "payload", payloadName(d, h), payloadOfEntry(documents[e.File], e))
		if right := score1(t, e, "field", field, wantField); e.Pointer != nil {
			fields += right
		}
	}
	t.Logf("%d callbacks and webhooks: %d registrations, %d kinds and %d payloads right; %d of %d fields",
		known, registrations, kinds, payloads, fields, withField)
}

func score1(t *testing.T, e hintEntry, what, got, want string) int {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s of %s: got %s, want %s", e.File, what, e.name(), got, want)
		return 0
	}
	return 1
}

func hintFor(hints []convert.Hint, e hintEntry) (convert.Hint, bool) {
	for _, h := range hints {
		if h.Name == e.name() && (e.Registration == nil || e.Registration.Path == h.Path || e.Source == "webhooks") {
			return h, true
		}
	}
	return convert.Hint{}, false
}

func registrationOfEntry(e hintEntry) string {
	if e.Registration == nil {
		return " "
	}
	return e.Registration.Method + " " + e.Registration.Path
}

// fieldName says which field of the request a hint names, by the path from the
// body's root if that leads there.
func fieldName(d *connector.Definition, h convert.Hint, path string) string {
	n := d.Root.At(h.Callback)
	if !n.Exists() {
		return "nothing"
	}
	for _, o := range d.Operations() {
		if o.Path != h.Path || o.Method != h.Method {
			continue
		}
		at := o.Body().Schema()
		for step := range strings.SplitSeq(path, ".") {
			at = at.Property(step)
		}
		if at.Node == n {
			return path
		}
		for _, p := range o.Parameters() {
			if p.Node == n {
				return p.Name()
			}
		}
	}
	return h.Callback
}

// payloadName says which schema a hint names as the payload: its definition, or
// the properties of one that had no name.
func payloadName(d *connector.Definition, h convert.Hint) string {
	n := d.Root.At(h.Notification)
	if h.Notification == "" || !n.Exists() {
		return "none"
	}
	if named := "/definitions/" + pascal(h.Name) + "Notification"; h.Notification == named {
		return propertyNames(n)
	}
	return n.KeyStr()
}

// pascal makes the name that a payload without a name gets.
func pascal(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

func payloadOfEntry(f *source.File, e hintEntry) string {
	if name, ok := strings.CutPrefix(e.Notification, "#/components/schemas/"); ok {
		return name
	}
	return propertyNames(f.At(strings.TrimPrefix(e.Notification, "#")))
}

func propertyNames(schema source.Node) string {
	var names []string
	for key := range schema.Get("properties").Members() {
		s, _ := key.Str()
		names = append(names, s)
	}
	data, _ := json.Marshal(names)
	return string(data)
}
