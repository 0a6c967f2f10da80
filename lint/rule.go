// Package lint runs rules over connectors: one walk of each definition for all
// rules, files in parallel, results in the order of the input.
package lint

import (
	"fmt"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// Rule is one thing that can be wrong with a connector. Rules are values
// without options or state.
type Rule struct {
	ID      string // kebab-case, starts with its subject, permanent, never reused
	Summary string // one line, no full stop
	Levels  Levels
	Start   func(*Pass) Visitor // nil for what the parser or the engine reports
	Foreign bool                // runs on documents of other OpenAPI versions too
}

// Levels are the severities per profile; the zero Severity is off.
type Levels struct{ Custom, Certified, Independent source.Severity }

// Everywhere returns the same severity for all profiles.
func Everywhere(s source.Severity) Levels { return Levels{s, s, s} }

// Of returns the severity in a profile.
func (l Levels) Of(p Profile) source.Severity {
	switch p {
	case Certified:
		return l.Certified
	case Independent:
		return l.Independent
	}
	return l.Custom
}

// Profile is the audience that a connector is made for.
type Profile string

const (
	Custom      Profile = "custom"      // one's own environment
	Certified   Profile = "certified"   // a verified publisher's, certified by Microsoft
	Independent Profile = "independent" // an independent publisher's
)

// Profiles lists all profiles, the default first.
var Profiles = []Profile{Custom, Certified, Independent}

// ParseProfile checks a profile's name.
func ParseProfile(name string) (Profile, error) {
	for _, p := range Profiles {
		if string(p) == name {
			return p, nil
		}
	}
	return "", fmt.Errorf("unknown profile %q: expected custom, certified or independent", name)
}

// Visitor holds the callbacks a rule wants. State lives in the closure, which
// is made anew for every connector.
type Visitor struct {
	Definition func(*connector.Definition)
	Operation  func(*connector.Operation)
	Trigger    func(*connector.Trigger)                                // webhook actions included
	Object     func(connector.Role, source.Node)                       // every object the grammar knows
	Extension  func(name string, value source.Node, on connector.Role) // every x- member of such an object
	Properties func(*source.File)                                      // apiProperties.json
	End        func()
}

// Pass is the world that a rule sees.
type Pass struct {
	Connector  *connector.Connector
	Definition *connector.Definition
	Profile    Profile

	rule *Rule
	out  *[]source.Diagnostic
}

// Report files a finding; its severity is the engine's to say. A scalar is underlined as it is; of an object or
// array, which may be long, its key. The caller may add Hint, Related or Fix to
// the result.
func (p *Pass) Report(at source.Node, format string, args ...any) *source.Diagnostic {
	*p.out = append(*p.out, source.Diagnostic{
		Rule: p.rule.ID, File: at.File(), Range: at.Underline(), Node: at,
		Message: fmt.Sprintf(format, args...),
	})
	return &(*p.out)[len(*p.out)-1]
}

// Related makes a related place of a node.
func Related(at source.Node, format string, args ...any) source.Related {
	return source.Related{File: at.File(), Range: at.Underline(), Message: fmt.Sprintf(format, args...)}
}
