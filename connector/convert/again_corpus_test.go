package convert_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// TestRealAgain converts, as the command does, every published connector without
// its marks and every import. The report must tell of all that lint finds in the
// result and did not find before, nothing but what it speaks of may have
// changed, and a second run must plan nothing. What an import becomes is free of
// errors of syntax and document.
func TestRealAgain(t *testing.T) {
	root := corpusFolder(t)
	connectors, converted := 0, 0
	for _, d := range publishedDefinitions(t, root) {
		c := connector.New("published", withoutMarks(t, d).File, nil)
		n, _ := convertTwice(t, d.File.Name, c, nil)
		connectors, converted = connectors+1, converted+n
	}
	t.Logf("%d connectors without marks: %d operations converted", connectors, converted)
	files, triggers := 0, 0
	for name, f := range realImports(t) {
		c, hints := connector.New(name, f, nil), convert.Webhooks(connector.Read(f))
		if f.Root().Get("openapi").Exists() {
			c, hints = importReal(t, filepath.Join(root, "imports"), name)
		}
		n, result := convertTwice(t, name, c, hints)
		expectSound(t, name, result)
		files, triggers = files+1, triggers+n
	}
	t.Logf("%d imports: %d operations converted", files, triggers)
	if connectors < 100 || converted < 400 || files < 40 || triggers < 30 {
		t.Error("too little was converted to tell")
	}
}

// convertTwice returns how many operations are converted, and the result.
func convertTwice(t *testing.T, name string, c *connector.Connector, hints []convert.Hint) (int, *source.File) {
	t.Helper()
	plan, asked := planAll(t, c, convert.Candidates(c.Definition, hints), false)
	if plan == nil {
		return 0, c.Definition.File
	}
	after := applied(t, c, plan)
	checkRest(t, c, after, plan)
	before := t.Failed()
	if checkReported(t, plan, newFindings(c, after)); t.Failed() && !before {
		t.Logf("in %s", name)
	}
	again, err := convert.ToTriggers(after, sameRequests(after, asked))
	if err != nil || len(again.Edits)+len(again.Steps) > 0 {
		t.Errorf("%s: the second time: %v, %v", name, again, err)
	}
	for _, candidate := range convert.Candidates(after.Definition, hints) {
		if candidate.Confidence == convert.Possible {
			continue
		}
		// What was refused is refused again.
		if plan, err := convert.ToTrigger(after, convert.Request{Candidate: candidate}); err == nil {
			t.Errorf("%s: a second run would convert %s: %s", name, candidate.Operation.Name(), strings.TrimSpace(stepList(plan)))
		}
	}
	if slices.ContainsFunc(asked, func(r convert.Request) bool {
		return operationAt(after, r.Candidate.Operation.Path, r.Candidate.Operation.Method).Trigger == nil
	}) {
		t.Errorf("%s: an operation is no trigger", name)
	}
	return len(asked), after.Definition.File
}
