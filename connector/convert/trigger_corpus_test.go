package convert_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// publishedTrigger is an entry of triggers.json.
type publishedTrigger struct {
	Connector string
	Kind      string
	Path      string
	Method    string
	Callback  string `json:"notification_url_pointer"`
	Delete    *struct{ Path string }
}

// TestRealConvertBack takes the marks of all triggers out of published
// connectors, without touching anything else, and converts them back: the
// result must have the same triggers, and be right the second time.
func TestRealConvertBack(t *testing.T) {
	root := os.Getenv("CONNECTORCTL_CORPUS")
	if root == "" {
		t.Skip("CONNECTORCTL_CORPUS is not set")
	}
	data, err := os.ReadFile(filepath.Join(root, "triggers.json"))
	if err != nil {
		t.Fatal(err)
	}
	var entries []publishedTrigger
	if err := json.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	byConnector := map[string][]publishedTrigger{}
	var names []string
	for _, e := range entries {
		if e.Kind == "webhook" {
			if byConnector[e.Connector] == nil {
				names = append(names, e.Connector)
			}
			byConnector[e.Connector] = append(byConnector[e.Connector], e)
		}
	}
	count := 0
	for _, name := range names {
		units, err := connector.Find([]string{filepath.Join(root, "connectors", name)})
		if err != nil {
			t.Fatal(err)
		}
		c, err := connector.Load(units[0])
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { count += convertBack(t, c, byConnector[name]) })
	}
	t.Logf("%d triggers of %d connectors", count, len(names))
}

// convertBack returns how many triggers it has converted.
func convertBack(t *testing.T, c *connector.Connector, entries []publishedTrigger) int {
	before, err := asAction(c, entries)
	if err != nil {
		t.Skip(err) // the editor leaves a damaged file alone
	}
	ask := func(now *connector.Connector) []convert.Request {
		var rs []convert.Request
		for _, e := range entries {
			rs = append(rs, backRequest(c, now, e))
		}
		return rs
	}
	plan, err := convert.ToTriggers(before, ask(before))
	if err != nil {
		t.Error(err)
		return 0
	}
	after := applied(t, before, plan)
	checkRest(t, before, after, plan)
	for _, e := range entries {
		compareBack(t, c, after, e)
	}
	checkReported(t, plan, newFindings(before, after))
	again, err := convert.ToTriggers(after, ask(after))
	if err != nil {
		t.Errorf("the second time: %v", err)
	} else if len(again.Edits)+len(again.Steps) > 0 {
		t.Errorf("the second time there are still steps:\n%s", stepList(again))
	}
	return len(entries)
}

func operationAt(c *connector.Connector, path, method string) *connector.Operation {
	for _, o := range c.Definition.Operations() {
		if o.Path == path && o.Method == method {
			return o
		}
	}
	return nil
}

// asAction removes what makes operations triggers, and their DELETEs internal.
func asAction(c *connector.Connector, entries []publishedTrigger) (*connector.Connector, error) {
	e := c.Definition.File.Editor()
	remove := func(n source.Node) {
		if n.Exists() {
			e.Remove(n)
		}
	}
	for _, entry := range entries {
		trigger := operationAt(c, entry.Path, entry.Method).Trigger
		remove(trigger.Mode)
		remove(trigger.Content)
		for _, callback := range trigger.Callbacks {
			remove(callback.Mark())
			remove(callback.Node.Get("x-ms-visibility"))
		}
		if entry.Delete != nil {
			remove(operationAt(c, entry.Delete.Path, "delete").Node.Get("x-ms-visibility"))
		}
	}
	edits, err := e.Edits()
	if err != nil {
		return nil, err
	}
	text, err := source.Apply(c.Definition.File.Text, edits)
	return connector.New(c.Name, source.Parse(c.Definition.File.Name, []byte(text)), c.Properties), err
}

// backRequest asks for one trigger with what is known of it.
func backRequest(original, now *connector.Connector, e publishedTrigger) convert.Request {
	trigger := operationAt(original, e.Path, e.Method).Trigger
	candidate := convert.Candidate{
		Operation:    operationAt(now, e.Path, e.Method),
		As:           connector.Webhook,
		Callback:     convert.Field{Path: trigger.Callbacks[0].Path},
		Notification: trigger.Notification.Node,
	}
	if e.Delete != nil {
		candidate.Unsubscribe = operationAt(now, e.Delete.Path, "delete")
	}
	return convert.Request{Candidate: candidate, Batch: trigger.Batch()}
}

func compareBack(t *testing.T, c, after *connector.Connector, e publishedTrigger) {
	t.Helper()
	want, got := operationAt(c, e.Path, e.Method).Trigger, operationAt(after, e.Path, e.Method).Trigger
	if got == nil || got.Delivery != connector.Webhook || len(got.Callbacks) != 1 {
		t.Errorf("%s %s is no webhook trigger with one field", e.Method, e.Path)
		return
	}
	if name := got.Callbacks[0].Name(); name != want.Callbacks[0].Name() {
		t.Errorf("%s %s: the callback field is %s", e.Method, e.Path, name)
	}
	if p := got.Callback().Pointer(); p != strings.TrimPrefix(e.Callback, "#") && !strings.Contains(p, "Callback") && !strings.HasPrefix(e.Callback, "#/parameters/") {
		t.Errorf("%s %s: the callback field is at %s, not at %s", e.Method, e.Path, p, e.Callback)
	}
	if schema := got.Notification.Node; !reflect.DeepEqual(schema.Value(), want.Notification.Node.Value()) {
		t.Errorf("%s %s: the notification is %s", e.Method, e.Path, schema.Text())
	}
	if e.Delete != nil && !operationAt(after, e.Delete.Path, "delete").IsInternal() {
		t.Errorf("%s %s: the DELETE is not internal", e.Method, e.Path)
	}
}

// newFindings returns what lint finds in a connector and did not find before.
func newFindings(before, after *connector.Connector) []source.Diagnostic {
	known := map[string]bool{}
	for _, f := range triggerFindings(before) {
		known[f.Rule+f.Pointer()] = true
	}
	return slices.DeleteFunc(triggerFindings(after), func(f source.Diagnostic) bool { return known[f.Rule+f.Pointer()] })
}
