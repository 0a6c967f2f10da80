// Package lint runs rules over connectors: one walk of each definition for all
// rules, files in parallel, results in the order of the input.
package lint

import (
	"fmt"
	"reflect"
	"slices"

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

	// Official names the rules of the certification catalogue that this one
	// checks (Microsoft docs: "Custom connector validation rules"). A rule that
	// checks several says in each finding which one is broken.
	Official []string
}

// official returns the one official name, "" if there is none or there are
// several.
func (r *Rule) official() string {
	if len(r.Official) == 1 {
		return r.Official[0]
	}
	return ""
}

// Named returns the rules that a name stands for: one by its id, or all that
// check a rule of the certification catalogue, by its official name. For an
// unknown name the error suggests a known one.
func Named(rules []*Rule, name string) ([]*Rule, error) {
	named, hint := find(rules, name)
	if len(named) == 0 {
		return nil, fmt.Errorf("unknown rule %q: %s", name, hint)
	}
	return named, nil
}

func find(rules []*Rule, name string) (named []*Rule, hint string) {
	var known []string
	for _, r := range rules {
		if r.ID == name || slices.Contains(r.Official, name) {
			named = append(named, r)
		}
		known = append(append(known, r.ID), r.Official...)
	}
	if len(named) == 0 {
		hint = suggest(name, known)
	}
	return named, hint
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
	Parameter  func(connector.Parameter)                               // where it is written: references to it are not visited
	Object     func(connector.Role, source.Node)                       // every object the grammar knows
	Extension  func(name string, value source.Node, on connector.Role) // every x- member of such an object
	Unknown    func(name string, value source.Node, on connector.Role) // every member that the grammar does not know

	// Misfit gets every value of another kind than an object or list of its role.
	Misfit func(role connector.Role, value source.Node, expected source.Kind)

	// Member says what to call for members of certain names, of the grammar or
	// the vocabulary: a rule on a keyword costs nothing where there is none.
	Member []OnMember

	Properties func(*source.File)       // apiProperties.json
	Package    func(*connector.Package) // the other files of a connector's folder
	End        func()
}

// OnMember is what a rule does at members of one name.
type OnMember struct {
	Name string
	Do   func(value source.Node, on connector.Role)
}

// Pass is the world that a rule sees.
type Pass struct {
	Connector  *connector.Connector
	Definition *connector.Definition
	Profile    Profile

	rule   *Rule
	out    *[]source.Diagnostic
	shared map[reflect.Type]any // of all rules of this connector, see Shared
}

// Shared returns what make makes, the same for all rules of a connector: what
// takes long to find out is found out once.
func Shared[T any](p *Pass, make func() T) T {
	key := reflect.TypeFor[T]()
	if known, ok := p.shared[key]; ok {
		return known.(T)
	}
	made := make()
	p.shared[key] = made
	return made
}

// Report files a finding; its severity is the engine's to say. A scalar is
// underlined as it is; of an object or array, which may be long, its key. The
// caller may add Hint, Related or Fix to the result.
func (p *Pass) Report(at source.Node, format string, args ...any) *source.Diagnostic {
	*p.out = append(*p.out, source.Diagnostic{
		Rule: p.rule.ID, Official: p.rule.official(), File: at.File(), Range: at.Underline(), Node: at,
		Message: fmt.Sprintf(format, args...),
	})
	return &(*p.out)[len(*p.out)-1]
}

// ReportIn is [Pass.Report] for a place in a file that has no tree, such as a
// readme; the empty range is the file itself.
func (p *Pass) ReportIn(f *source.File, r source.Range, format string, args ...any) *source.Diagnostic {
	d := p.Report(source.Node{}, format, args...)
	d.File, d.Range = f, r
	return d
}

// Related makes a related place of a node.
func Related(at source.Node, format string, args ...any) source.Related {
	return source.Related{File: at.File(), Range: at.Underline(), Message: fmt.Sprintf(format, args...)}
}
