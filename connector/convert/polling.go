package convert

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// poll is what a polling trigger is made of: the platform asks for a list whose
// newest item comes first, remembers that item, and asks the next time for what
// is newer (Microsoft docs: create-polling-trigger).
type poll struct {
	filter     connector.Parameter   // absent if none can be told
	sorts      []connector.Parameter // what says in which order items come
	collection []string              // names from the answer's root to the array
	hasArray   bool
	newest     string // the property that tells how new an item is, "" if none can be told
}

// toPolling makes a list operation a polling trigger.
func (d *draft) toPolling(r *request) error {
	if r.isTouchUp() {
		return nil
	}
	o, p := d.operation(r), r.poll
	d.writeTexts(r, o, polledEventOf(o, p.event()))
	d.markTrigger(r, o)
	if !o.Get("x-ms-trigger-metadata").Exists() {
		// Both go behind the same member, in this order, if x-ms-trigger is new.
		d.edit(r, func(e *source.Editor) {
			put(e, o.Node, "x-ms-trigger-metadata", source.Members{{Key: "kind", Value: "query"}, {Key: "mode", Value: "polling"}},
				"x-ms-trigger", "description", "summary", "operationId")
		})
		r.step(o.Node, "say that it polls", "x-ms-trigger-metadata")
	}
	d.hideFilter(r, p)
	for _, s := range p.sorts {
		d.fixOrder(r, p, s)
	}
	if len(p.sorts) == 0 {
		r.warn(o.Node, "make sure that the newest item comes first: no parameter says so")
	}
	return nil
}

func (d *draft) pollOf(r *request) (poll, error) {
	o := d.operation(r)
	var p poll
	for _, param := range o.Parameters() {
		switch score := filterScore(param); {
		case param.In() != "query":
		case r.Callback != "":
			if param.Name() == r.Callback || param.Node.Pointer() == strings.TrimPrefix(r.Callback, "#") {
				p.filter = param
			}
		case score > filterScore(p.filter):
			p.filter = param
		}
		if param.In() == "query" && orderName.MatchString(plainName(param.Name())) && param.Node.Get("type").Is("string") {
			p.sorts = append(p.sorts, param)
		}
	}
	if r.Callback != "" && !p.filter.Node.Exists() {
		return p, fmt.Errorf("it has no query parameter %q to filter by", r.Callback)
	}
	var items connector.Schema
	p.collection, items, p.hasArray = collectionOf(o.Response("200").Schema())
	if p.hasArray {
		p.newest = newestOf(items, plainName(p.filter.Name()))
	}
	return p, nil
}

var (
	sinceName = regexp.MustCompile(`since|after.|.after|newer|lastmodified|(creat|updat|modif|chang)\w*(from|gte?|min)$`)
	fromName  = regexp.MustCompile(`^(from|(from|start|begin|min)(date|time|datetime|timestamp|id|created|updated)?|(date|time)(from|start|min))$`)
	pageName  = regexp.MustCompile(`page|cursor|offset|token`)
	orderName = regexp.MustCompile(`^(sort|order|ordering|(sort|order)(by|order|direction|dir|field|column|key)?|direction|dir)$`)
)

// filterScore says how likely a query parameter asks for what is newer.
func filterScore(p connector.Parameter) int {
	switch name := plainName(p.Name()); {
	case pageName.MatchString(name):
		return 0
	case sinceName.MatchString(name):
		return 3
	case fromName.MatchString(name):
		return 2
	case p.Name() == "$filter":
		return 2
	case name == "after": // which may be a page's cursor as well
		return 1
	}
	return 0
}

// unprepared returns the parameters that are about to change.
func (p poll) unprepared() []connector.Parameter {
	var list []connector.Parameter
	if f := p.filter; f.Node.Exists() && (!f.IsInternal() || needsValue(f)) {
		list = append(list, f)
	}
	for _, s := range p.sorts {
		if order := p.orderOf(s); order != "" && (!s.IsInternal() || !s.Required() || !s.Node.Get("default").Is(order)) {
			list = append(list, s)
		}
	}
	return list
}

// needsValue reports whether somebody must give a value.
func needsValue(p connector.Parameter) bool { return p.Required() && !p.Node.Get("default").Exists() }

// hideFilter leaves the filter to the platform, which sends none the first time.
func (d *draft) hideFilter(r *request, p poll) {
	at := p.filter.Node
	if !at.Exists() {
		return
	}
	if !p.filter.IsInternal() {
		d.edit(r, func(e *source.Editor) { e.Set(at, "x-ms-visibility", "internal") })
		r.step(at, fmt.Sprintf("hide the filter %q from makers: the platform sets it", p.filter.Name()), "x-ms-visibility")
	}
	if needsValue(p.filter) {
		d.edit(r, func(e *source.Editor) { e.Remove(at.Get("required")) })
		r.step(at, fmt.Sprintf("make the filter %q optional: the first poll has none", p.filter.Name()), "required")
	}
}

// fixOrder makes a parameter always ask for the newest items first.
func (d *draft) fixOrder(r *request, p poll, s connector.Parameter) {
	order, at := p.orderOf(s), s.Node
	if order == "" {
		r.warn(at, "set the default of %q so that the newest item comes first, and make it internal and required", s.Name())
		return
	}
	set := func(key string, value any, message string, behind ...string) {
		d.edit(r, func(e *source.Editor) { put(e, at, key, value, behind...) })
		r.step(at, message, key)
	}
	if !s.Required() {
		set("required", true, fmt.Sprintf("require %q, or its default would not be sent", s.Name()), "in")
	}
	if !at.Get("default").Is(order) {
		set("default", order, fmt.Sprintf("sort by %q", order), "type")
	}
	if !s.IsInternal() {
		set("x-ms-visibility", "internal", fmt.Sprintf("hide %q from makers", s.Name()))
	}
	r.warn(at, "check that %q with the value %q gives the newest item first", s.Name(), order)
}

// event says what the filter asks for.
func (p poll) event() string {
	if changedName.MatchString(plainName(p.filter.Name() + " " + p.newest)) {
		return "updated"
	}
	return "created"
}

func isAscending(n source.Node) bool {
	s, _ := n.Str()
	return strings.HasPrefix(strings.ToLower(s), "asc")
}

// orderOf returns the value by which a parameter asks for the newest items
// first: what it has, what its enum offers, or what APIs usually take.
func (p poll) orderOf(s connector.Parameter) string {
	if old, ok := s.Node.Get("default").Str(); ok && !isAscending(s.Node.Get("default")) {
		return old
	}
	best := ""
	for _, item := range s.Node.Get("enum").Items() {
		v, _ := item.Str()
		lower := strings.ToLower(v)
		if strings.Contains(lower, "desc") || strings.HasPrefix(v, "-") || best == "" && datedName.MatchString(plainName(v)) {
			if best == "" || datedName.MatchString(plainName(v)) || !strings.Contains(strings.ToLower(best), "desc") {
				best = v
			}
		}
	}
	if best != "" || s.Node.Get("enum").Exists() {
		return best
	}
	name := plainName(s.Name())
	switch {
	case strings.HasSuffix(name, "direction") || strings.HasSuffix(name, "dir") || name == "order" || name == "sortorder":
		return "desc"
	case p.newest == "":
		return ""
	case name == "orderby":
		return p.newest + " desc"
	case len(p.sorts) == 1 && (name == "sort" || name == "ordering"):
		return "-" + p.newest
	}
	return p.newest
}

// maxCollectionDepth is how deep lint looks for the array of a batch too.
const maxCollectionDepth = 3

// collectionOf finds the array of items in an answer: the answer itself, or the
// nearest property that is one.
func collectionOf(answer connector.Schema) (path []string, items connector.Schema, ok bool) {
	if answer.Shape() == "array" {
		return nil, answer.Items(), true
	}
	type place struct {
		path   []string
		schema connector.Schema
	}
	for level := []place{{nil, answer}}; len(level) > 0 && len(level[0].path) < maxCollectionDepth; {
		var arrays, below []place
		for _, at := range level {
			for p := range at.schema.Properties() {
				next := place{append(slices.Clip(at.path), p.Name), p.Schema}
				if below = append(below, next); p.Schema.Shape() == "array" {
					arrays = append(arrays, next)
				}
			}
		}
		for _, known := range []string{"value", "items", "data", "results", "records", "entries"} {
			for _, a := range arrays {
				if plainName(a.path[len(a.path)-1]) == known {
					return a.path, a.schema.Items(), true
				}
			}
		}
		if len(arrays) > 0 {
			return arrays[0].path, arrays[0].schema.Items(), true
		}
		level = below
	}
	return nil, connector.Schema{}, false
}

var (
	datedName   = regexp.MustCompile(`(creat|updat|modif|chang|added|publish|submit|receiv|placed)\w*?(at|on|date|time|datetime|utc|timestamp|ed)$|^(date|time|datetime|timestamp)$`)
	createdName = regexp.MustCompile(`creat|added|publish|submit|receiv|placed`)
	changedName = regexp.MustCompile(`updat|modif|chang`)
)

// newestOf returns the property of an item that tells how new it is, of the kind
// that the filter asks for: a time or an id.
func newestOf(item connector.Schema, filter string) string {
	type test func(name string, s connector.Schema) bool
	isDated := func(name string, s connector.Schema) bool {
		format, _ := s.Resolved().Node.Get("format").Str()
		return format == "date-time" || format == "date" || datedName.MatchString(name)
	}
	created := func(name string, s connector.Schema) bool { return isDated(name, s) && createdName.MatchString(name) }
	changed := func(name string, s connector.Schema) bool { return isDated(name, s) && changedName.MatchString(name) }
	id := func(name string, _ connector.Schema) bool { return name == "id" }
	tests := []test{created, changed, isDated}
	switch {
	case changedName.MatchString(filter):
		tests = []test{changed, created, isDated}
	case strings.HasSuffix(filter, "id"):
		tests = []test{id}
	case filter == "filter": // which takes any property
		tests = append(tests, id)
	}
	for _, fits := range tests {
		for p := range item.Properties() {
			if shape := p.Schema.Shape(); shape != "object" && shape != "array" && shape != "boolean" && fits(plainName(p.Name), p.Schema) {
				return p.Name
			}
		}
	}
	return ""
}

// dataPath is the platform's expression for the collection, and state the one
// for how new its first item is.
func (p poll) dataPath() string { return "@" + p.bodyPath() }

func (p poll) bodyPath() string {
	text := "triggerBody()"
	for _, name := range p.collection {
		text += member(name)
	}
	return text
}

func (p poll) state() string {
	state := "@{" + p.bodyPath() + "[0]" + member(p.newest) + "}"
	if p.filter.Name() == "$filter" {
		return p.newest + " gt " + state
	}
	return state
}

var simpleMember = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// member writes the access to a member in the platform's expression language.
func member(name string) string {
	if simpleMember.MatchString(name) {
		return "." + name
	}
	return "['" + strings.ReplaceAll(name, "'", "''") + "']"
}

// addPolicies adds the policies that remember the newest item, where all that
// they need is known.
func (d *draft) addPolicies() error {
	known := polledOperations(d.c.Properties)
	first := policies(d.c.Properties).Len()
	var added []any
	for _, r := range d.requests {
		o, p := d.operation(r), r.poll
		switch {
		case r.As != connector.Polling || known[o.ID] || r.isTouchUp():
		case !p.filter.Node.Exists():
			r.warn(o.Node, "declare a query parameter that asks for newer items only, and name it in a pollingtrigger policy of apiProperties.json: without one every poll gives the same data")
		case !p.hasArray || p.newest == "":
			r.warn(o.Node, "add a pollingtrigger policy to apiProperties.json that sets %q by the newest item: the answer does not tell which property that is", p.filter.Name())
		case d.c.Properties == nil:
			r.warn(o.Node, "add a pollingtrigger policy for %q to apiProperties.json, which is not there: triggerConfig {%s: %s}, triggerDataPath %s",
				o.ID, strconv.Quote(p.filter.Name()), strconv.Quote(p.state()), strconv.Quote(p.dataPath()))
		default:
			r.steps = append(r.steps, Step{
				Pointer: "/properties/policyTemplateInstances/" + strconv.Itoa(first+len(added)),
				Message: fmt.Sprintf("add the policy to apiProperties.json that sets %q by the newest item", p.filter.Name()),
			})
			added = append(added, p.policy(o.ID))
			r.warn(p.filter.Node, "check that %q takes %s and then gives newer items only", p.filter.Name(), p.state())
		}
	}
	if len(added) == 0 {
		return nil
	}
	return d.editProperties(func(e *source.Editor) { writePolicies(e, d.c.Properties, added) })
}
