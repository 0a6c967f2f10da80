package convert_test

import (
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
)

// TestRealStripAndRecover takes the marks of the platform out of every
// published connector and counts which webhook triggers are found again.
//
// What is found and was not marked counts as wrong, though most of it is a
// registration that its publisher left as an action.
func TestRealStripAndRecover(t *testing.T) {
	root := corpusFolder(t)
	var entries []struct {
		Connector, Kind, Path, Method string

		Callback string `json:"notification_url_pointer"`
		Delete   *struct{ Path string }
	}
	decodeFile(t, filepath.Join(root, "triggers.json"), &entries)
	truth := map[string]expectation{}
	for _, e := range entries {
		if e.Kind == connector.Webhook.String() {
			want := expectation{field: e.Callback}
			if e.Delete != nil {
				want.removal = e.Delete.Path
			}
			truth[strings.Join([]string{e.Connector, e.Method, e.Path}, " ")] = want
		}
	}
	s := score{truth: truth}
	offered := score{truth: truth}
	waiting := score{truth: map[string]expectation{}}
	for name, d := range publishedDefinitions(t, root) {
		bare := withoutMarks(t, d)
		for _, trigger := range d.Triggers() {
			if trigger.Delivery == connector.WebhookAction {
				waiting.truth[key(name, trigger.Operation)] = expectation{field: "#" + trigger.Callback().Pointer()}
			}
		}
		for _, c := range convert.Candidates(bare, nil) {
			field := "#" + bare.Resolve(c.Callback.Node).Pointer()
			switch {
			case c.As == connector.WebhookAction:
				waiting.count(name, c, field)
			case c.Confidence == convert.Possible:
				offered.count(name, c, field)
			default:
				s.count(name, c, field)
			}
		}
	}
	s.log(t, "connectors")
	waiting.log(t, "waiting actions, which are only offered")
	t.Logf("triggers that are only offered: %d right, %d not marked", len(offered.hits), len(offered.wrong))
	s.require(t, 0.96, 0.96)
}

// TestRealImports counts which registrations are found in definitions that were
// not made for the platform. Those that are declared as callbacks are not
// scored, because that is known and not found.
func TestRealImports(t *testing.T) {
	root := filepath.Join(corpusFolder(t), "imports")
	var entries []importEntry
	decodeFile(t, filepath.Join(root, "expected.json"), &entries)
	s := score{truth: map[string]expectation{}}
	unscored, listeners, holds := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		for _, l := range e.Listeners {
			listeners[e.File+" post "+l.Path] = true
		}
		if e.Registration == nil {
			continue
		}
		holds[e.File] = holds[e.File] || e.Kind != "per-call"
		name := strings.Join([]string{e.File, e.Registration.Method, e.Registration.Path}, " ")
		if e.Source == "action" && !e.Borderline {
			s.truth[name] = e.expectation()
		} else {
			unscored[name] = true
		}
	}
	for name, d := range importedDefinitions(t, root) {
		for _, c := range convert.Candidates(d, nil) {
			k := key(name, c.Operation)
			if listeners[k] {
				t.Errorf("%s describes the subscriber's side, but is a candidate", k)
			}
			_, expected := s.truth[k]
			if c.Confidence == convert.Possible || unscored[k] && !expected {
				continue
			}
			if !holds[name] {
				t.Errorf("%s is %s, but the file holds no registration", k, c.Confidence)
			}
			s.count(name, c, c.Callback.Name())
		}
	}
	s.log(t, "imports")
	s.require(t, 0.90, 0.94)
}

// importEntry is an entry of imports/expected.json.
type importEntry struct {
	File         string
	Registration *struct{ Path, Method string }
	Source, Kind string
	Borderline   bool
	Field        string `json:"callback_url_path"`
	Delete       *struct{ Path string }
	Listeners    []struct{ Path string } `json:"notification_operations"`
}

func (e importEntry) expectation() expectation {
	want := expectation{field: strings.TrimPrefix(e.Field, "[].")}
	if e.Delete != nil {
		want.removal = e.Delete.Path
	}
	return want
}

// expectation is what is known of a registration.
type expectation struct{ field, removal string }

// score counts candidates against what is known, by file, method and path.
type score struct {
	truth                    map[string]expectation
	hits, wrong              []string
	wrongField, wrongRemoval []string
	removals                 int
}

func key(name string, o *connector.Operation) string {
	return strings.Join([]string{name, o.Method, o.Path}, " ")
}

func (s *score) count(name string, c convert.Candidate, field string) {
	k := key(name, c.Operation)
	want, ok := s.truth[k]
	if !ok {
		s.wrong = append(s.wrong, fmt.Sprintf("%s (%s: %s)", k, c.Confidence, strings.Join(c.Reasons, ", ")))
		return
	}
	s.hits = append(s.hits, k)
	if field != want.field {
		s.wrongField = append(s.wrongField, fmt.Sprintf("%s: got %s, want %s", k, field, want.field))
	}
	if want.removal == "" {
		return
	}
	s.removals++
	if c.Unsubscribe == nil || c.Unsubscribe.Path != want.removal {
		s.wrongRemoval = append(s.wrongRemoval, fmt.Sprintf("%s: want %s", k, want.removal))
	}
}

func (s *score) missed() []string {
	var missed []string
	for k := range s.truth {
		if !slices.Contains(s.hits, k) {
			missed = append(missed, k)
		}
	}
	return missed
}

func (s *score) precision() float64 { return share(len(s.hits), len(s.hits)+len(s.wrong)) }
func (s *score) recall() float64    { return share(len(s.hits), len(s.truth)) }
func (s *score) fields() float64    { return 1 - share(len(s.wrongField), len(s.hits)) }
func (s *score) deletes() float64   { return 1 - share(len(s.wrongRemoval), s.removals) }

func share(part, whole int) float64 { return float64(part) / float64(max(whole, 1)) }

func (s *score) log(t *testing.T, name string) {
	t.Logf("%s: %d known, %d found, %d of them right", name, len(s.truth), len(s.hits)+len(s.wrong), len(s.hits))
	t.Logf("%8s %8s %8s %8s", "P", "R", "field", "DELETE")
	t.Logf("%8.3f %8.3f %8.3f %8.3f", s.precision(), s.recall(), s.fields(), s.deletes())
	for _, list := range []struct {
		name  string
		items []string
	}{{"not marked", s.wrong}, {"missed", s.missed()}, {"field", s.wrongField}, {"DELETE", s.wrongRemoval}} {
		slices.Sort(list.items)
		for _, item := range list.items {
			t.Logf("  %-10s %s", list.name, item)
		}
	}
}

func (s *score) require(t *testing.T, precision, recall float64) {
	t.Helper()
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"precision", s.precision(), precision}, {"recall", s.recall(), recall},
		{"share of right fields", s.fields(), 0.99}, {"share of right DELETEs", s.deletes(), 0.97},
	} {
		if c.got < c.want {
			t.Errorf("the %s is %.3f, less than %.2f", c.name, c.got, c.want)
		}
	}
}

// corpusFolder returns the folder of real definitions, and skips the test where
// there is none.
func corpusFolder(t testing.TB) string {
	t.Helper()
	root := os.Getenv("CONNECTORCTL_CORPUS")
	if root == "" {
		t.Skip("CONNECTORCTL_CORPUS is not set")
	}
	return root
}

func decodeFile(t testing.TB, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// publishedDefinitions reads the connectors of the corpus by their names in
// triggers.json.
func publishedDefinitions(t testing.TB, root string) map[string]*connector.Definition {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(root, "connectors", "*", "*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no connectors in the corpus: %v", err)
	}
	definitions := map[string]*connector.Definition{}
	for _, folder := range folders {
		units, err := connector.Find([]string{folder})
		if err != nil {
			t.Fatal(err)
		}
		c, err := connector.Load(units[0])
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(filepath.Join(root, "connectors"), folder)
		if err != nil {
			t.Fatal(err)
		}
		definitions[filepath.ToSlash(name)] = c.Definition
	}
	return definitions
}

// withoutMarks returns a definition as it would be if it had not been written
// for the platform: without its extensions for triggers, and without summaries
// that say "When ...", which authors write for the designer.
func withoutMarks(t testing.TB, d *connector.Definition) *connector.Definition {
	tree, _ := d.Root.Value().(map[string]any)
	for _, o := range operationsOf(tree) {
		if s, _ := o["summary"].(string); strings.HasPrefix(strings.ToLower(strings.TrimSpace(s)), "when") {
			o["summary"] = fmt.Sprint(o["operationId"])
		}
	}
	removeMarks(tree, false)
	return readTree(t, tree)
}

func operationsOf(tree map[string]any) []map[string]any {
	var operations []map[string]any
	paths, _ := tree["paths"].(map[string]any)
	for _, item := range paths {
		item, _ := item.(map[string]any)
		for method, o := range item {
			if o, ok := o.(map[string]any); ok && slices.Contains(connector.Methods, method) {
				operations = append(operations, o)
			}
		}
	}
	return operations
}

// removeMarks takes the extensions for triggers out of a decoded document. The
// keys of a map of schemas are names of properties, whatever they look like.
func removeMarks(v any, names bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if !names && isMark(key) {
				delete(v, key)
			} else {
				removeMarks(value, key == "properties" && !names)
			}
		}
	case []any:
		for _, item := range v {
			removeMarks(item, false)
		}
	}
}

func isMark(key string) bool {
	return key == "x-ms-visibility" || strings.HasPrefix(key, "x-ms-trigger") || strings.HasPrefix(key, "x-ms-notification-")
}

func readTree(t testing.TB, tree map[string]any) *connector.Definition {
	t.Helper()
	data, err := json.MarshalIndent(tree, "", "    ")
	if err != nil {
		t.Fatal(err)
	}
	return connector.Read(source.Parse("apiDefinition.swagger.json", data))
}

// importedDefinitions reads the definitions of the import set, without marks:
// some are published connectors. OpenAPI 3 documents are read as far as
// detection goes: bodies become parameters, and references lead where they led.
func importedDefinitions(t testing.TB, root string) map[string]*connector.Definition {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "*", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no imports in the corpus: %v", err)
	}
	definitions := map[string]*connector.Definition{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		f := source.Parse(filepath.ToSlash(file), data)
		tree, ok := f.Root().Value().(map[string]any)
		if !ok {
			t.Fatalf("%s holds no object", file)
		}
		for _, o := range operationsOf(tree) {
			lowerBody(f, o)
		}
		lowerParameters(tree)
		removeMarks(tree, false)
		definitions[filepath.ToSlash(name)] = readTree(t, tree)
	}
	return definitions
}

// lowerBody gives an OpenAPI 3 operation the body parameter of OpenAPI 2.
func lowerBody(f *source.File, operation map[string]any) {
	body, _ := operation["requestBody"].(map[string]any)
	if ref, ok := body["$ref"].(string); ok {
		body, _ = f.At(strings.TrimPrefix(ref, "#")).Value().(map[string]any)
	}
	content, _ := body["content"].(map[string]any)
	if len(content) == 0 {
		return
	}
	media, ok := content["application/json"].(map[string]any)
	if !ok {
		media, _ = content[slices.Min(slices.Collect(maps.Keys(content)))].(map[string]any)
	}
	parameters, _ := operation["parameters"].([]any)
	operation["parameters"] = append(parameters, map[string]any{"name": "body", "in": "body", "schema": media["schema"]})
}

// lowerParameters gives OpenAPI 3 parameters their types where OpenAPI 2 has
// them.
func lowerParameters(v any) {
	switch v := v.(type) {
	case map[string]any:
		if schema, ok := v["schema"].(map[string]any); ok && v["in"] != nil && v["in"] != "body" {
			v["type"] = schema["type"]
		}
		for _, value := range v {
			lowerParameters(value)
		}
	case []any:
		for _, item := range v {
			lowerParameters(item)
		}
	}
}
