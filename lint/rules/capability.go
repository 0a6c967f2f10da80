package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var capability = []*lint.Rule{
	{
		ID:       "capability-filter-empty",
		Summary:  "a list of filterFunctions is empty",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Official: []string{"FilterFunctionsPropertyEmpty"},
		Start: onFilterFunctions(func(p *lint.Pass, list source.Node) {
			if list.Kind() == source.Array && list.Len() == 0 {
				p.Report(list, "no function is listed").Fix = safe("remove it", list, func(e *source.Editor) { e.Remove(list) })
			}
		}),
	},
	{
		ID:       "capability-filter-duplicate",
		Summary:  "a filter function is listed twice",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Official: []string{"FilterFunctionsPropertyHasDuplicates"},
		Start: onFilterFunctions(func(p *lint.Pass, list source.Node) {
			for i, item := range list.Items() {
				name, ok := item.Str()
				if ok && slices.Contains(words(list)[:i], name) {
					p.Report(item, "%q is listed twice", name).Fix = safe("remove it", item, func(e *source.Editor) { e.Remove(item) })
				}
			}
		}),
	},
	{
		ID:       "capability-filter-unknown",
		Summary:  "a filter function is unknown",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Official: []string{"FilterFunctionsPropertyInvalidValue"},
		Start: onFilterFunctions(func(p *lint.Pass, list source.Node) {
			for _, item := range list.Items() {
				if name, ok := item.Str(); !ok || !slices.Contains(filterFunctions, name) {
					p.Report(item, "unknown filter function %s", strconv.Quote(name)).Hint = "expected one of " + strings.Join(filterFunctions, ", ")
				}
			}
		}),
	},
	{
		ID:       "capability-filter-input",
		Summary:  "filterFunctions stand in what an operation takes",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Official: []string{"FilterFunctionsPropertyInInputSchema"},
		Start:    capabilityFilterInput,
	},
	{
		ID:      "capability-test-connection",
		Summary: "the test of a connection is no GET, or wants what nobody fills in",
		Levels:  lint.Everywhere(warning),
		Start:   capabilityTestConnection,
	},
}

// filterFunctions are those of OData's $filter, as far as the platform's tables
// use them.
var filterFunctions = []string{"eq", "ne", "gt", "ge", "lt", "le", "and", "or", "not", "contains", "startswith", "endswith"}

// words returns the items of a list, "" for those that are no strings.
func words(list source.Node) (all []string) {
	for _, item := range list.Items() {
		s, _ := item.Str()
		all = append(all, s)
	}
	return all
}

// onFilterFunctions makes the Start of a rule that looks at each list of the
// functions that a table's column can be filtered with.
func onFilterFunctions(check func(*lint.Pass, source.Node)) func(*lint.Pass) lint.Visitor {
	return func(p *lint.Pass) lint.Visitor {
		return lint.Visitor{Member: []lint.OnMember{{Name: "x-ms-capabilities", Do: func(value source.Node, on connector.Role) {
			if list := value.Get("filterFunctions"); on == connector.RoleSchema && list.Exists() {
				check(p, list)
			}
		}}}}
	}
}

func capabilityFilterInput(p *lint.Pass) lint.Visitor {
	lists := false
	v := onFilterFunctions(func(*lint.Pass, source.Node) { lists = true })(p)
	v.End = func() {
		if !lists {
			return
		}
		seen := map[source.Node]bool{}
		for _, o := range p.Definition.Operations() {
			forInputs(o.Body().Schema(), seen, func(s connector.Schema) {
				if list := s.Node.Get("x-ms-capabilities").Get("filterFunctions"); list.Exists() {
					p.Report(list.Key(), "only what an operation answers can be filtered").
						Hint = "give the input a schema of its own, without filterFunctions"
				}
			})
		}
	}
	return v
}

func capabilityTestConnection(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Member: []lint.OnMember{{Name: "x-ms-capabilities", Do: func(value source.Node, on connector.Role) {
		if on != connector.RoleDocument {
			return
		}
		for _, c := range p.Definition.Calls(value) {
			if c.Part != "testConnection" {
				continue
			}
			if o := c.Invoked; o != nil && !strings.EqualFold(o.Method, "get") {
				p.Report(c.OperationID(), "%q is a %s, and is called for each test of a connection", o.ID, strings.ToUpper(o.Method)).
					Hint = "test with a GET that changes nothing"
			}
			for _, a := range c.Arguments {
				testArgument(p, a)
			}
		}
	}}}}
}

func testArgument(p *lint.Pass, a connector.Argument) {
	if a.Node.Kind() != source.Object {
		return
	}
	f := p.Report(a.Node, "%q is an object, a test of a connection takes literals only", a.Key)
	f.Hint = "nobody fills in anything when a connection is tested: write the value itself"
	if a.Literal.Exists() && a.Node.Len() == 1 {
		f.Fix = suggested("write the value itself", a.Node, func(e *source.Editor) { e.Replace(a.Node, a.Literal) })
	}
}

// forInputs calls visit for every schema inside one, each once.
func forInputs(s connector.Schema, seen map[source.Node]bool, visit func(connector.Schema)) {
	for part := range s.Parts() {
		if seen[part.Node] {
			continue
		}
		seen[part.Node] = true
		visit(part)
		for property := range part.Properties() {
			forInputs(property.Schema, seen, visit)
		}
		forInputs(part.Items(), seen, visit)
	}
}
