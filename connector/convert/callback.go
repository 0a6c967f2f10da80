package convert

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

const notificationURL = "x-ms-notification-url"

// callbackOf returns the names that lead from the body's root to the field
// that is to take the callback URL.
func (d *draft) callbackOf(r *request, o *connector.Operation) ([]string, error) {
	steps, err := callbackSteps(r, o)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range steps {
		if s.Name == "" {
			return nil, fmt.Errorf("the callback field %q is inside an array, where the platform puts no URL", Field{Path: steps}.Name())
		}
		names = append(names, s.Name)
	}
	if o.Trigger != nil {
		for _, c := range o.Trigger.Callbacks {
			if c.Name() != (Field{Path: steps}).Name() {
				return nil, fmt.Errorf("field %q is marked as the callback URL already", c.Name())
			}
		}
	}
	chain, err := d.follow(o, names)
	if err != nil {
		return nil, err
	}
	return names, d.checkField(chain)
}

func callbackSteps(r *request, o *connector.Operation) ([]connector.Step, error) {
	field := r.Candidate.Callback
	switch {
	case !o.Body().Node.Exists():
		return nil, errors.New("it has no body that could take the callback URL")
	case r.Callback != "":
		return namedField(r, o)
	case len(field.Path) > 0:
		return field.Path, nil
	case field.Node.Exists():
		name, _ := field.Node.Get("name").Str()
		return nil, notInBody(name, field.Node)
	case o.Trigger != nil && len(o.Trigger.Callbacks) == 1:
		return o.Trigger.Callbacks[0].Path, nil
	}
	return nil, errors.New("nothing tells which field of its body takes the callback URL")
}

func notInBody(name string, parameter source.Node) error {
	in, _ := parameter.Get("in").Str()
	return fmt.Errorf("the callback URL is to go into the %s parameter %q: the platform fills in a property of the body only", in, name)
}

// namedField finds the field that the user names: by a JSON Pointer, by its
// path in the body, or by its own name.
func namedField(r *request, o *connector.Operation) ([]connector.Step, error) {
	pointer, isPointer := strings.CutPrefix(strings.TrimPrefix(r.Callback, "#"), "/")
	if path := markedCopy(o, pointer); isPointer && path != nil {
		return path, nil
	}
	var exact, last [][]connector.Step
	walkBody(o.Body(), maxHintedLevel, func(s spot) bool {
		path := Field{Path: s.path}.Name()
		switch n := s.schema; {
		case isPointer && (isAt(n.Node, pointer) || isAt(n.Resolved().Node, pointer)), !isPointer && path == r.Callback:
			exact = append(exact, s.path)
		case !isPointer && s.path[len(s.path)-1].Name == r.Callback:
			last = append(last, s.path)
		}
		return true
	})
	switch {
	case len(exact) > 0:
		return exact[0], nil
	case len(last) == 1:
		return last[0], nil
	case len(last) > 1:
		return nil, fmt.Errorf("its body has several fields %q: name one by its path, as in %q", r.Callback, Field{Path: last[0]}.Name())
	}
	for _, p := range o.Parameters() {
		if p.In() != "body" && (p.Name() == r.Callback || isPointer && isAt(p.Node, pointer)) {
			return nil, notInBody(p.Name(), p.Node)
		}
	}
	return nil, fmt.Errorf("its body has no field %q", r.Callback)
}

func isAt(n source.Node, pointer string) bool { return n.Exists() && n.Pointer() == "/"+pointer }

// markedCopy returns the way to a field that is marked in the copy of the
// definition in which a pointer names it: what an earlier conversion has left.
func markedCopy(o *connector.Operation, pointer string) []connector.Step {
	if o.Trigger == nil {
		return nil
	}
	for _, c := range o.Trigger.Callbacks {
		if len(c.Path) == 0 {
			continue
		}
		property := c.Path[len(c.Path)-1].Property.Node
		for _, at := range []source.Node{property, c.Node} {
			if inside := placeInDefinition(at.Pointer()); inside != "" && inside == placeInDefinition("/"+pointer) {
				return c.Path
			}
		}
	}
	return nil
}

// placeInDefinition returns where a pointer leads inside a definition, whatever
// the name of that.
func placeInDefinition(pointer string) string {
	name, isDefinition := strings.CutPrefix(pointer, "/definitions/")
	_, inside, deeper := strings.Cut(name, "/")
	if !isDefinition || !deeper {
		return ""
	}
	return inside
}

// chain is the way from an operation to its callback field. An object on it
// that is reached by a reference may have other users.
type chain struct {
	site  source.Node // in the list of parameters
	body  source.Node // the parameter itself
	hops  []hop
	links []link
	field source.Node // the field's schema
}

// hop is a reference on the way.
type hop struct{ from, to source.Node }

// link is an object on the way, and its property that leads on.
type link struct {
	object   source.Node // of an allOf the part with the property
	name     string
	required bool
	hops     int // references before the object
}

// bodyHops is the number of references before the body parameter.
func (c *chain) bodyHops() int {
	if c.site == c.body {
		return 0
	}
	return 1
}

// follow finds the way to the field with the given names.
func (d *draft) follow(o *connector.Operation, names []string) (*chain, error) {
	body := o.Body()
	c := &chain{site: body.Site}
	c.body = d.hop(c, body.Site)
	if c.bodyHops() != len(c.hops) {
		return nil, errors.New("its body is a reference to a reference")
	}
	at := c.body.Get("schema")
	for _, name := range names {
		required := d.c.Definition.Schema(at).Requires(name)
		part := d.partWith(c, at, name, maxParts)
		if !part.Exists() {
			return nil, fmt.Errorf("its body has no field %q", strings.Join(names, "."))
		}
		c.links = append(c.links, link{part, name, required, len(c.hops)})
		at = part.Get("properties").Get(name)
	}
	if c.field = d.hop(c, at); !c.field.Exists() {
		return nil, fmt.Errorf("the callback field %q is a reference that leads nowhere", strings.Join(names, "."))
	}
	return c, nil
}

// maxParts bounds how deep allOf is nested; real ones reach 4.
const maxParts = 16

// hop follows references and notes them.
func (d *draft) hop(c *chain, n source.Node) source.Node {
	for range maxParts {
		ref, ok := n.Get("$ref").Str()
		if !ok {
			return n
		}
		to := d.c.Definition.Target(ref)
		c.hops = append(c.hops, hop{n, to})
		n = to
	}
	return source.Node{}
}

// partWith returns the object that lists a property: the schema itself or a
// part of its allOf.
func (d *draft) partWith(c *chain, schema source.Node, name string, depth int) source.Node {
	object := d.hop(c, schema)
	if object.Get("properties").Get(name).Exists() || depth == 0 {
		return object
	}
	for _, part := range object.Get("allOf").Items() {
		before := len(c.hops)
		if found := d.partWith(c, part, name, depth-1); found.Get("properties").Get(name).Exists() {
			return found
		}
		c.hops = c.hops[:before]
	}
	return source.Node{}
}

func (d *draft) checkField(c *chain) error {
	name := c.links[len(c.links)-1].name
	kind := d.c.Definition.Schema(c.field).Shape()
	for _, item := range c.field.Get("type").Items() {
		if item.Is("string") {
			kind = "string"
		}
	}
	if kind != "string" && kind != "" {
		return fmt.Errorf("the callback field %q is of type %s, and a URL is a string", name, kind)
	}
	return nil
}

// mark is one change on the way to a callback field.
type mark struct {
	at      source.Node
	key     []string
	message string
	hops    int // references before it
	make    func(*source.Editor)
}

// marks returns what is missing so that the platform fills in the field, and
// nobody else can.
func (d *draft) marks(r *request, o *connector.Operation) ([]mark, error) {
	c, err := d.follow(o, r.field)
	if err != nil {
		return nil, err
	}
	var list []mark
	if !c.body.Get("required").IsTrue() {
		list = append(list, mark{c.body, []string{"required"}, "require the body", c.bodyHops(),
			func(e *source.Editor) { put(e, c.body, "required", true, "in") }})
	}
	for _, l := range c.links {
		if !l.required {
			list = append(list, mark{l.object, []string{"required"}, fmt.Sprintf("require %q", l.name), l.hops,
				func(e *source.Editor) { require(e, l.object, l.name) }})
		}
	}
	return append(list, d.fieldMarks(c)...), nil
}

func require(e *source.Editor, object source.Node, name string) {
	if list := object.Get("required"); list.Kind() == source.Array {
		e.Append(list, name)
	} else {
		put(e, object, "required", []any{name}, "type")
	}
}

// fieldMarks returns what is missing on the field itself.
func (d *draft) fieldMarks(c *chain) []mark {
	name := fmt.Sprintf("%q", c.links[len(c.links)-1].name)
	var list []mark
	set := func(key string, value any, message string) {
		list = append(list, mark{c.field, []string{key}, message, len(c.hops), func(e *source.Editor) { e.Set(c.field, key, value) }})
	}
	if kind := c.field.Get("type"); kind.Kind() == source.Array || d.c.Definition.Schema(c.field).Shape() == "" {
		set("type", "string", "say that "+name+" is a string")
	}
	if at := c.field.Get("default"); at.Exists() {
		list = append(list, mark{c.field, []string{"default"}, "remove the default of " + name + ", which the platform fills in", len(c.hops),
			func(e *source.Editor) { e.Remove(at) }})
	}
	if !c.field.Get(notificationURL).IsTrue() {
		set(notificationURL, true, "mark "+name+" as the callback URL")
	}
	if !d.isHidden(c) {
		set("x-ms-visibility", "internal", "hide "+name+" from makers")
	}
	return list
}

// isHidden reports whether makers do not see the field, because it is internal
// or something around it is.
func (d *draft) isHidden(c *chain) bool {
	around := connector.Callback{Node: c.field, Body: d.c.Definition.Parameter(c.site)}
	for _, l := range c.links {
		property := d.c.Definition.Schema(l.object.Get("properties").Get(l.name))
		around.Path = append(around.Path, connector.Step{Name: l.name, Property: property})
	}
	return around.IsInternal()
}

// separateCallback copies what is to be marked and has other users: a body
// parameter into the operation, a definition under a new name to which the
// references on the way lead from then on. One reference goes at a time, from
// the operation inwards, because each copy gives the next definition one more
// user.
func (d *draft) separateCallback(r *request) error {
	for range maxCopies {
		o := d.operation(r)
		marks, err := d.marks(r, o)
		if err != nil || len(marks) == 0 {
			return err
		}
		c, err := d.follow(o, r.field)
		if err != nil {
			return err
		}
		if d.isListedForOthers(o, c.site) {
			if err := d.copyParameter(o, c.site); err != nil {
				return err
			}
			continue
		}
		deepest := slices.MaxFunc(marks, func(a, b mark) int { return a.hops - b.hops }).hops
		own := d.referencesTo(c.field)
		shared := slices.IndexFunc(c.hops[:deepest], func(h hop) bool { return !d.isOnlyFor(h.to, own) })
		if shared < 0 {
			return nil
		}
		if err := d.copyTarget(c, shared); err != nil {
			return err
		}
	}
	return errors.New("its body leads through too many references")
}

// maxCopies bounds how many definitions are copied for one field.
const maxCopies = 32

// referencesTo returns the references by which requests of this plan reach a
// callback field. What only they use is marked where it stands.
func (d *draft) referencesTo(field source.Node) map[source.Node]bool {
	own := map[source.Node]bool{}
	for _, r := range d.requests {
		if r.As == connector.Polling {
			continue
		}
		c, err := d.follow(d.operation(r), r.field)
		if err != nil || c.field != field {
			continue
		}
		for _, h := range c.hops {
			own[h.from] = true
		}
	}
	return own
}

// copyTarget makes the reference of a hop lead to a copy of its own, or to the
// copy that another request has for the same reason.
func (d *draft) copyTarget(c *chain, i int) error {
	from, to := c.hops[i].from, c.hops[i].to
	if i == 0 && c.bodyHops() == 1 {
		d.step(from, "copy the shared body parameter into the operation")
		return d.edit(func(e *source.Editor) { e.Replace(from, to) })
	}
	reason := to.Pointer() + " for " + c.field.Pointer()
	definitions := d.c.Definition.Root.Get("definitions")
	name, isCopied := d.copies[reason]
	if !isCopied {
		name = unusedName(definitions, copyName(c, to)+"Callback")
		d.copies[reason] = name
		d.step(from, fmt.Sprintf("refer to a copy of %q, which others use too", to.KeyStr()), "$ref")
	} else {
		d.step(from, fmt.Sprintf("refer to %q too", name), "$ref")
	}
	return d.edit(func(e *source.Editor) {
		e.Set(from, "$ref", "#/definitions/"+source.EscapePointer(name))
		switch {
		case isCopied:
		case !definitions.Exists():
			e.Set(d.c.Definition.Root, "definitions", source.Members{{Key: name, Value: to}})
		case to.Parent() == definitions:
			e.InsertAfter(to, name, to)
		default:
			e.Set(definitions, name, to)
		}
	})
}

// copyName is the name of what is copied: its own, or, of what has none that
// could stand among the definitions, that of the field.
func copyName(c *chain, to source.Node) string {
	if name := to.KeyStr(); to.Parent().KeyStr() == "definitions" && name != "" {
		return name
	}
	return c.links[len(c.links)-1].name
}

// isListedForOthers reports whether a parameter stands on the path item and so
// belongs to other operations too.
func (d *draft) isListedForOthers(o *connector.Operation, site source.Node) bool {
	if site.Parent() != o.PathItem.Get("parameters") {
		return false
	}
	return slices.ContainsFunc(d.c.Definition.Operations(), func(other *connector.Operation) bool {
		return other.PathItem == o.PathItem && other.Method != o.Method
	})
}

// copyParameter gives an operation a parameter of its own in place of its
// path's.
func (d *draft) copyParameter(o *connector.Operation, site source.Node) error {
	d.step(o.Node, "give it a parameter of its own in place of the path's", "parameters")
	return d.edit(func(e *source.Editor) {
		if list := o.Node.Get("parameters"); list.Kind() == source.Array {
			e.Append(list, site)
		} else {
			put(e, o.Node, "parameters", []any{site}, "description", "summary", "operationId")
		}
	})
}
