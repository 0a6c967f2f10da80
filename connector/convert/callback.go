package convert

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
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

// Obstacle says why a candidate cannot be converted as it is, nil if nothing is
// in the way.
func (c Candidate) Obstacle() error {
	r := &request{Request: Request{Candidate: c, As: c.As}}
	if err := r.refuse(c.Operation); err != nil {
		return err
	}
	_, err := callbackSteps(r, c.Operation)
	return err
}

func callbackSteps(r *request, o *connector.Operation) ([]connector.Step, error) {
	field := r.Candidate.Callback
	switch {
	case r.Callback == "" && len(field.Path) == 0 && field.Node.Exists():
		name, _ := field.Node.Get("name").Str()
		return nil, notInBody(name, field.Node)
	case !o.Body().Node.Exists():
		return nil, errors.New("it has no body that could take the callback URL")
	case r.Callback != "":
		return namedField(r, o)
	case len(field.Path) > 0:
		return field.Path, nil
	case o.Trigger != nil && len(o.Trigger.Callbacks) == 1:
		return o.Trigger.Callbacks[0].Path, nil
	}
	return nil, errors.New("nothing tells which field of its body takes the callback URL" + orOneOf(o))
}

// orOneOf names some fields of a body that could take the callback URL.
func orOneOf(o *connector.Operation) string {
	const enough = 4
	var names []string
	walkBody(o.Body(), maxNamedLevel, func(s spot) bool {
		isListed := slices.ContainsFunc(s.path, func(step connector.Step) bool { return step.Name == "" })
		if s.schema.Resolved().Type() == "string" && !isListed {
			names = append(names, strconv.Quote(Field{Path: s.path}.Name()))
		}
		return len(names) < enough
	})
	if len(names) == 0 {
		return ""
	}
	return ": name one, such as " + strings.Join(names, ", ")
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
	return nil, fmt.Errorf("its body has no field %q%s", r.Callback, orOneOf(o))
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
		part := d.partWith(c, at, name)
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

// maxChain bounds a chain of references; longer ones are circles.
const maxChain = 16

// hop follows references and notes them.
func (d *draft) hop(c *chain, n source.Node) source.Node {
	for range maxChain {
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

// partWith returns the object that lists a property: the schema itself or a part
// of its allOf, the nearest one, and notes the references before it. Each part is
// entered once, so recursive ones end.
func (d *draft) partWith(c *chain, schema source.Node, name string) source.Node {
	type part struct {
		schema source.Node
		hops   []hop // before it, since the part around it
		around *part
	}
	seen := map[source.Node]bool{}
	for queue := []*part{{schema: schema}}; len(queue) > 0; queue = queue[1:] {
		at, way := queue[0], &chain{}
		object := d.hop(way, at.schema)
		at.hops = way.hops
		if object.Get("properties").Get(name).Exists() {
			before := len(c.hops)
			for p := at; p != nil; p = p.around {
				slices.Reverse(p.hops)
				c.hops = append(c.hops, p.hops...)
			}
			slices.Reverse(c.hops[before:])
			return object
		}
		if seen[object] {
			continue
		}
		seen[object] = true
		for _, item := range object.Get("allOf").Items() {
			queue = append(queue, &part{schema: item, around: at})
		}
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

// mark makes all marks that are missing. Requests that lead to the same field
// have some of them in common.
func (d *draft) mark(r *request) {
	for _, m := range r.marks {
		s := Step{Pointer: pointerTo(m.at, m.key...), Message: m.message}
		if d.marked[s] {
			continue
		}
		d.marked[s] = true
		r.steps = append(r.steps, s)
		d.edit(r, m.make)
	}
}

// marks returns what is missing so that the platform fills in the field, and
// nobody else can.
func (d *draft) marks(c *chain) []mark {
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
	return append(list, d.fieldMarks(c)...)
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

// separate copies what is about to change and has other users, until nothing
// has. Each round looks at what the one before has left, for a copy gives what
// it refers to one more user.
func (d *draft) separate() error {
	for range maxCopies {
		if err := d.prepare(); err != nil {
			return err
		}
		for _, r := range d.requests {
			d.separateRequest(r)
		}
		for _, r := range d.removals {
			d.separateParameters(r, d.operation(r), d.optionalNeeds(d.operation(r)))
		}
		if len(d.pending) == 0 {
			return nil
		}
		if err := d.apply(); err != nil {
			return err
		}
	}
	return errors.New("the bodies of the operations lead through too many references")
}

// maxCopies bounds how many references in a row are made to lead to copies.
const maxCopies = 32

func (d *draft) separateRequest(r *request) {
	switch {
	case r.isTouchUp():
	case r.As == connector.Polling:
		d.separateParameters(r, d.operation(r), r.poll.unprepared())
	case !d.separateCallback(r):
		d.separateAnswer(r)
	}
}

// prepare finds what the requests lead to in the definition as it is by now, and
// by which references.
func (d *draft) prepare() error {
	d.names, d.sharing, d.beginsDefinitions = newNameSet(), d.newSharing(), false
	for key := range d.c.Definition.Root.Get("definitions").Members() {
		name, _ := key.Str()
		d.names.taken[name] = true
	}
	return d.each(func(r *request) (err error) {
		o := d.operation(r)
		switch {
		case r.isTouchUp():
			return nil
		case r.As == connector.Polling:
			r.poll, err = d.pollOf(r)
			return err
		}
		if r.chain, err = d.follow(o, r.field); err != nil {
			return err
		}
		r.marks = d.marks(r.chain)
		for _, h := range r.chain.hops {
			d.sharing.claim(r.chain.field, h.from, h.to)
		}
		if answer := d.sharedAnswer(r); answer.Node.Exists() {
			d.sharing.claim(answer.Node, answer.Site, answer.Node)
		}
		return nil
	})
}

// separateCallback copies what is to be marked and has other users: a body
// parameter into the operation, a definition under a new name to which the
// references on the way lead from then on. One reference goes at a time, from
// the operation inwards.
func (d *draft) separateCallback(r *request) (isPending bool) {
	if len(r.marks) == 0 {
		return false
	}
	c, o := r.chain, d.operation(r)
	if d.isListedForOthers(o, c.site) {
		d.copyParameters(r, o, []source.Node{c.site})
		return true
	}
	deepest := slices.MaxFunc(r.marks, func(a, b mark) int { return a.hops - b.hops }).hops
	shared := slices.IndexFunc(c.hops[:deepest], func(h hop) bool { return !d.sharing.isOnlyFor(c.field, h.to) })
	if shared < 0 {
		return false
	}
	d.copyTarget(r, shared)
	return true
}

// copyTarget makes the reference of a hop lead to a copy of its own, or to the
// copy that another request has for the same reason.
func (d *draft) copyTarget(r *request, i int) {
	c := r.chain
	from, to := c.hops[i].from, c.hops[i].to
	if d.beginsDefinitions {
		return // it comes to the next round
	}
	d.sharing.leave(from, to)
	if i == 0 && c.bodyHops() == 1 {
		r.step(from, "copy the shared body parameter into the operation")
		value := d.copyOf(to)
		d.edit(r, func(e *source.Editor) { e.Replace(from, value) })
		return
	}
	reason := to.Pointer() + " for " + c.field.Pointer()
	name, isCopied := d.copies[reason]
	if !isCopied {
		name = d.names.unused(copyName(c, to) + "Callback")
		d.copies[reason] = name
		r.step(from, fmt.Sprintf("refer to a copy of %q, which others use too", to.KeyStr()), "$ref")
		d.writeCopy(r, name, d.copyOf(to))
	} else {
		r.step(from, fmt.Sprintf("refer to %q too", name), "$ref")
	}
	d.edit(r, func(e *source.Editor) { e.Set(from, "$ref", "#/definitions/"+source.EscapePointer(name)) })
}

// writeCopy writes a node among the definitions.
func (d *draft) writeCopy(r *request, name string, of source.Node) {
	root := d.c.Definition.Root
	definitions := root.Get("definitions")
	d.beginsDefinitions = !definitions.Exists()
	d.edit(r, func(e *source.Editor) {
		switch {
		case !definitions.Exists():
			e.Set(root, "definitions", source.Members{{Key: name, Value: of}})
		case of.Parent() == definitions:
			e.InsertAfter(of, name, of)
		default:
			e.Set(definitions, name, of)
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
	return site.Parent() == o.PathItem.Get("parameters") && len(d.lookup.beside[o.PathItem]) > 1
}

// copyParameters gives an operation parameters of its own in place of its
// path's.
func (d *draft) copyParameters(r *request, o *connector.Operation, sites []source.Node) {
	r.step(o.Node, "give it a parameter of its own in place of the path's", "parameters")
	var values []any
	for _, site := range sites {
		values = append(values, d.copyOf(site))
	}
	d.edit(r, func(e *source.Editor) {
		list := o.Get("parameters")
		if list.Kind() != source.Array {
			put(e, o.Node, "parameters", values, "description", "summary", "operationId")
			return
		}
		for _, value := range values {
			e.Append(list, value)
		}
	})
}
