package connector_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
)

// expected is an entry of triggers.json: what a trigger of a published
// connector really is.
type expected struct {
	Connector   string
	Kind        string
	Path        string
	Method      string
	OperationID string
	Trigger     string
	Callback    string `json:"notification_url_pointer"`
	Schema      string `json:"notification_schema_pointer"`
	Delete      *struct {
		Path     string
		Internal bool
	}
}

// corpus returns the folder of real connectors, and what is known of their
// triggers. It skips the test where there is none.
func corpus(t *testing.T) (root string, entries []expected) {
	t.Helper()
	root = os.Getenv("CONNECTORCTL_CORPUS")
	if root == "" {
		t.Skip("CONNECTORCTL_CORPUS is not set")
	}
	data, err := os.ReadFile(filepath.Join(root, "triggers.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	return root, entries
}

// TestTriggersOfRealConnectors holds the trigger model against what people
// found in published connectors. A difference that is explained in
// docs/corpus.md is listed here.
func TestTriggersOfRealConnectors(t *testing.T) {
	root, entries := corpus(t)
	definitions := map[string]*connector.Definition{}
	var differences []string
	counts := map[string]int{}
	agree := func(what string, e expected, got, want string) {
		counts[what+" total"]++
		if got == want {
			counts[what]++
			return
		}
		differences = append(differences, fmt.Sprintf("%s of %s %s %s: got %q, want %q", what, e.Connector, e.Method, e.Path, got, want))
	}
	for _, e := range entries {
		d := definitions[e.Connector]
		if d == nil {
			d = load(t, filepath.Join(root, "connectors", e.Connector)).Definition
			definitions[e.Connector] = d
		}
		compareTrigger(d, e, agree)
	}
	for _, what := range []string{"registration", "callback", "notification", "delete"} {
		t.Logf("%-12s %d of %d", what, counts[what], counts[what+" total"])
	}
	slices.Sort(differences)
	for _, d := range differences {
		t.Error(d)
	}
}

func compareTrigger(d *connector.Definition, e expected, agree func(what string, e expected, got, want string)) {
	i := slices.IndexFunc(d.Triggers(), func(t *connector.Trigger) bool {
		return t.Operation.Path == e.Path && t.Operation.Method == e.Method
	})
	if i < 0 {
		agree("registration", e, "", e.Kind)
		return
	}
	trigger := d.Triggers()[i]
	agree("registration", e, trigger.Delivery.String(), e.Kind)
	agree("callback", e, pointer(trigger.Callback().Exists(), trigger.Callback().Pointer()), e.Callback)
	schema := trigger.Notification.Resolved()
	agree("notification", e, pointer(schema.Exists(), schema.Node.Pointer()), e.Schema)
	got, want := "", ""
	if u := trigger.Unsubscribe; u != nil {
		got = fmt.Sprintf("%s internal=%v", u.Path, u.IsInternal())
	}
	if e.Delete != nil {
		want = fmt.Sprintf("%s internal=%v", e.Delete.Path, e.Delete.Internal)
	}
	agree("delete", e, got, want)
}

func pointer(exists bool, p string) string {
	if !exists {
		return ""
	}
	return "#" + p
}

func load(t testing.TB, dir string) *connector.Connector {
	t.Helper()
	units, err := connector.Find([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	c, err := connector.Load(units[0])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRealConnectorsHaveNoOtherWebhook makes sure that the model does not see webhook
// triggers where there are none.
func TestRealConnectorsHaveNoOtherWebhook(t *testing.T) {
	root, entries := corpus(t)
	known := map[string]bool{}
	for _, e := range entries {
		known[strings.Join([]string{e.Connector, e.Method, e.Path}, " ")] = true
	}
	folders, err := filepath.Glob(filepath.Join(root, "connectors", "*", "*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no connectors in the corpus: %v", err)
	}
	for _, folder := range folders {
		name, _ := filepath.Rel(filepath.Join(root, "connectors"), folder)
		for _, trigger := range load(t, folder).Definition.Triggers() {
			o := trigger.Operation
			if trigger.Delivery == connector.Webhook && !known[strings.Join([]string{filepath.ToSlash(name), o.Method, o.Path}, " ")] {
				t.Errorf("%s: %s %s is no webhook trigger", name, o.Method, o.Path)
			}
		}
	}
}
