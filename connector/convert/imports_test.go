package convert_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// described is an entry of expected.json whose document says by callbacks or
// webhooks what the service sends.
type described struct {
	File         string
	Source       string
	Kind         string
	Registration *struct{ Path, Method string }
	Pointer      string `json:"callback_url_pointer"`
	Field        string `json:"callback_url_path"`
	Delete       *struct{ Path string }
}

// TestRealDescribedCallbacks converts the documents that describe callbacks and
// webhooks, and looks at the triggers that come out: the field, the payload and
// the DELETE must be those that people found. A field that is no part of a body
// cannot be marked on the platform; then the operation must stay an action.
func TestRealDescribedCallbacks(t *testing.T) {
	root := filepath.Join(corpusFolder(t), "imports")
	data, err := os.ReadFile(filepath.Join(root, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var entries []described
	if err := json.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	tested := 0
	for _, e := range entries {
		if e.Source == "action" || e.Registration == nil || e.Pointer == "" {
			continue
		}
		tested++
		c, hints := importReal(t, root, e.File)
		operation := importedOperation(c.Definition, e.Registration.Method, e.Registration.Path)
		if operation == nil {
			t.Errorf("%s: %s is lost", e.File, e.Registration.Path)
			continue
		}
		if operation.Trigger != nil {
			checkDescribed(t, e, operation.Trigger) // it was marked from the start
			continue
		}
		request := requestFor(c.Definition, hints, operation)
		if e.Kind == "subscription" && request.Candidate.Confidence == convert.Possible {
			t.Errorf("%s: %s is only possible: %v", e.File, operation.Path, request.Candidate.Reasons)
		}
		plan, err := convert.ToTrigger(c, request)
		if inBody := !strings.Contains(e.Pointer, "/parameters/"); !inBody {
			if err == nil {
				t.Errorf("%s: %s was converted, but takes its URL outside of the body", e.File, operation.Path)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", e.File, err)
			continue
		}
		text, err := source.Apply(c.Definition.File.Text, plan.Edits)
		if err != nil {
			t.Fatal(err)
		}
		after := connector.Read(source.ParseString("after.json", text))
		checkDescribed(t, e, importedOperation(after, operation.Method, operation.Path).Trigger)
	}
	if tested < 15 {
		t.Errorf("only %d entries were tested", tested)
	}
	t.Logf("%d callbacks and webhooks with a registration", tested)
}

func importReal(t *testing.T, root, name string) (*connector.Connector, []convert.Hint) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	imported, err := convert.OpenAPI3(name, data, func(path string) ([]byte, error) {
		return os.ReadFile(filepath.Join(root, filepath.Dir(name), path))
	})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return connector.New(name, source.ParseString("imported.json", imported.Text), nil), imported.Hints
}

func importedOperation(d *connector.Definition, method, path string) *connector.Operation {
	for _, o := range d.Operations() {
		if o.Method == method && o.Path == path {
			return o
		}
	}
	return nil
}

// requestFor takes the candidate, as --operation does.
func requestFor(d *connector.Definition, hints []convert.Hint, o *connector.Operation) convert.Request {
	for _, c := range convert.Candidates(d, hints) {
		if c.Operation == o {
			return convert.Request{Candidate: c, As: c.As}
		}
	}
	return convert.Request{Candidate: convert.Candidate{Operation: o, As: connector.Webhook}, As: connector.Webhook}
}

func checkDescribed(t *testing.T, e described, trigger *connector.Trigger) {
	t.Helper()
	name := e.File + " " + e.Registration.Path
	switch {
	case trigger == nil || len(trigger.Callbacks) != 1:
		t.Errorf("%s: no callback field", name)
		return
	case e.Field != "" && trigger.Callbacks[0].Name() != e.Field:
		t.Errorf("%s: the field is %s, want %s", name, trigger.Callbacks[0].Name(), e.Field)
	case e.Field == "" && !strings.HasSuffix(e.Pointer, "/"+trigger.Callbacks[0].Name()):
		t.Errorf("%s: the field is %s, want %s", name, trigger.Callbacks[0].Name(), e.Pointer)
	}
	if !trigger.Notification.Resolved().Exists() {
		t.Errorf("%s: no payload", name)
	}
	got, want := "", ""
	if trigger.Unsubscribe != nil {
		got = trigger.Unsubscribe.Path
	}
	if e.Delete != nil {
		want = e.Delete.Path
	}
	if got != want {
		t.Errorf("%s: the DELETE is %q, want %q", name, got, want)
	}
}
