package convert_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// FuzzPlan converts all that can be converted in any definition, and its lists
// to polling triggers if it is told so. The result must be as valid as what it
// was made from, differ from it only where a step says so, and need nothing the
// second time.
func FuzzPlan(f *testing.F) {
	cases, err := filepath.Glob("../../testdata/convert/trigger-*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range cases {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if strings.HasPrefix(file.Name, "in/apiDefinition") {
				f.Add(file.Name, file.Data, true)
				f.Add(file.Name, []byte(strings.ReplaceAll(string(file.Data), "\n", "\r\n")), false)
			}
		}
	}
	f.Fuzz(func(t *testing.T, name string, data []byte, polling bool) {
		c := connector.New("fuzz", source.Parse(name, data), nil)
		if !c.Definition.IsSwagger2() {
			return
		}
		plan, asked := planAll(t, c, convert.Candidates(c.Definition, convert.Webhooks(c.Definition)), polling)
		if plan == nil {
			return
		}
		after := applied(t, c, plan)
		checkRest(t, c, after, plan)
		again, err := convert.ToTriggers(after, sameRequests(after, asked))
		if err != nil {
			t.Fatalf("the second time: %v\n%s", err, after.Definition.File.Text)
		}
		if len(again.Edits)+len(again.Steps) > 0 {
			t.Fatalf("the second time there are still steps:\n%s\n%s", stepList(again), after.Definition.File.Text)
		}
	})
}

// planAll plans to convert all candidates, and lists by polling if it is told so,
// without those that are refused, and returns which are left. There is no plan if nothing is left, or if the changes
// do not go together.
func planAll(t testing.TB, c *connector.Connector, candidates []convert.Candidate, polling bool) (*convert.Plan, []convert.Request) {
	t.Helper()
	var asked []convert.Request
	for _, candidate := range candidates {
		asked = append(asked, convert.Request{Candidate: candidate})
	}
	for _, o := range c.Definition.Operations() {
		if polling && o.Method == "get" && o.Trigger == nil {
			asked = append(asked, convert.Request{Candidate: convert.Candidate{Operation: o}, As: connector.Polling})
		}
	}
	for len(asked) > 0 {
		plan, err := convert.ToTriggers(c, asked)
		var refused convert.Refusals
		switch {
		case err == nil:
			return plan, asked
		case internalError(err):
			t.Fatal(err)
		case !errors.As(err, &refused):
			return nil, nil
		}
		isRefused := map[int]bool{}
		for _, r := range refused {
			isRefused[r.Request] = true
		}
		var kept []convert.Request
		for i, r := range asked {
			if !isRefused[i] {
				kept = append(kept, r)
			}
		}
		asked = kept
	}
	return nil, nil
}

// sameRequests returns requests as they are made of another state of the
// definition.
func sameRequests(c *connector.Connector, asked []convert.Request) []convert.Request {
	same := func(o *connector.Operation) *connector.Operation {
		if o == nil {
			return nil
		}
		return operationAt(c, o.Path, o.Method)
	}
	var list []convert.Request
	for _, r := range asked {
		r.Candidate.Operation = same(r.Candidate.Operation)
		r.Candidate.Unsubscribe = same(r.Candidate.Unsubscribe)
		list = append(list, r)
	}
	return list
}

// checkRest expects of every value that no step speaks of that it is there as it
// was, byte by byte.
func checkRest(t testing.TB, before, after *connector.Connector, plan *convert.Plan) {
	t.Helper()
	said := map[string]bool{}
	for _, s := range plan.Steps {
		if said[s.Pointer] = !s.Warning || said[s.Pointer]; strings.HasPrefix(s.Message, "remove the body") {
			said[s.Pointer[:strings.LastIndexByte(s.Pointer, '/')]] = true // what follows it moves up
		}
	}
	root := after.Definition.Root
	var compare func(was, is source.Node)
	compare = func(was, is source.Node) {
		if said[was.Pointer()] {
			return
		}
		if was.Len() == 0 || was.IsAlias() {
			if was.Len() == 0 && is.Len() == 0 && was.Text() != is.Text() || was.Kind() != is.Kind() {
				t.Fatalf("%s was %q and is %q, and no step says so:\n%s", was.Pointer(), was.Text(), is.Text(), stepList(plan))
			}
			return
		}
		for key, value := range was.Members() {
			name, _ := key.Str()
			if was.Get(name) == value { // of equal keys the last counts
				compare(value, is.Get(name))
			}
		}
		for i, item := range was.Items() {
			compare(item, is.Item(i))
		}
	}
	if before.Definition.Root.Exists() {
		compare(before.Definition.Root, root)
	}
}
