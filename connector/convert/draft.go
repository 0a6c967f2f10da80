package convert

import (
	"fmt"
	"slices"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// draft is a connector on its way to what is planned. Every change is made to
// what the changes before it have left, so each can look at the definition as
// it is by then: a DELETE that several triggers share is done when the second
// one comes to it, and a copy is edited like anything else. The plan holds all
// changes as edits of the files as they were.
type draft struct {
	c        *connector.Connector
	original *connector.Connector
	plan     *Plan
	requests []*request
	copies   map[string]string       // what was copied, and why → the copy's name
	refs     map[source.Node]refList // by target, for the definition as it is; nil when it has changed
}

// edit changes the definition.
func (d *draft) edit(change func(*source.Editor)) error {
	before := d.c.Definition.File
	after, edits, err := revise(before, change)
	if err != nil || after == before {
		return err
	}
	d.plan.Edits = sequence(len(d.original.Definition.File.Text), d.plan.Edits, edits)
	d.c, d.refs = connector.New(d.c.Name, after, d.c.Properties), nil
	return nil
}

// editProperties changes apiProperties.json.
func (d *draft) editProperties(change func(*source.Editor)) error {
	before := d.c.Properties
	after, edits, err := revise(before, change)
	if err != nil || after == before {
		return err
	}
	d.plan.Properties = sequence(len(d.original.Properties.Text), d.plan.Properties, edits)
	d.c.Properties = after
	return nil
}

// revise returns the file with a change made to it, the same file if there is
// nothing to change. A result whose syntax would be worse is an error.
func revise(f *source.File, change func(*source.Editor)) (*source.File, []source.Edit, error) {
	e := f.Editor()
	change(e)
	edits, err := e.Edits()
	if err != nil || len(edits) == 0 {
		return f, nil, err
	}
	text, err := source.Apply(f.Text, edits)
	if err != nil {
		return nil, nil, err
	}
	after := source.Parse(f.Name, []byte(text))
	if len(after.Problems) > len(f.Problems) {
		return nil, nil, fmt.Errorf("internal error, please report it: the result would not be valid (%s)", after.Problems[0].Message)
	}
	return after, edits, nil
}

// step says what a change is for. A key leads on from the node to a member that
// is new.
func (d *draft) step(at source.Node, message string, key ...string) {
	d.say(Step{Pointer: pointerTo(at, key...), Message: message})
}

// warn says what the author has to do.
func (d *draft) warn(at source.Node, format string, args ...any) {
	d.say(Step{Pointer: at.Pointer(), Message: fmt.Sprintf(format, args...), Warning: true})
}

func (d *draft) say(s Step) {
	if !slices.Contains(d.plan.Steps, s) {
		d.plan.Steps = append(d.plan.Steps, s)
	}
}

func pointerTo(at source.Node, key ...string) string {
	pointer := at.Pointer()
	for _, k := range key {
		pointer += "/" + source.EscapePointer(k)
	}
	return pointer
}

// operation returns the operation of a request as it is by now.
func (d *draft) operation(r *request) *connector.Operation {
	return findOperation(d.c.Definition, r.path, r.method)
}

func findOperation(def *connector.Definition, path, method string) *connector.Operation {
	for _, o := range def.Operations() {
		if o.Path == path && o.Method == method {
			return o
		}
	}
	return nil
}

// put sets a member of an object. A new one goes behind the first of the others
// that is there, or else to the end.
func put(e *source.Editor, object source.Node, key string, value any, behind ...string) {
	if !object.Get(key).Exists() {
		for _, other := range behind {
			if at := object.Get(other); at.Exists() {
				e.InsertAfter(at, key, value)
				return
			}
		}
	}
	e.Set(object, key, value)
}

// refList are the objects with "$ref" that lead to one place.
type refList []source.Node

// references returns all references of the definition, by what they lead to. It
// looks everywhere, for YAML may keep what others use in places of its own.
func (d *draft) references() map[source.Node]refList {
	if d.refs != nil {
		return d.refs
	}
	d.refs = map[source.Node]refList{}
	var search func(source.Node)
	search = func(n source.Node) {
		if n.IsAlias() {
			return // what it stands for is elsewhere
		}
		if ref, ok := n.Get("$ref").Str(); ok {
			to := d.c.Definition.Target(ref)
			d.refs[to] = append(d.refs[to], n)
		}
		for _, value := range n.Members() {
			search(value)
		}
		for _, item := range n.Items() {
			search(item)
		}
	}
	search(d.c.Definition.Root)
	return d.refs
}

// isOnlyFor reports whether what a reference leads to may be changed where it
// stands: it stands there to be referred to, and all references to it, or into
// it, are among the given ones.
func (d *draft) isOnlyFor(to source.Node, own map[source.Node]bool) bool {
	if home := to.Parent(); home.Parent() != d.c.Definition.Root ||
		!slices.Contains([]string{"definitions", "parameters", "responses"}, home.KeyStr()) {
		return false
	}
	for target, refs := range d.references() {
		if !target.Exists() || !to.Range().Contains(target.Range()) {
			continue
		}
		if slices.ContainsFunc(refs, func(n source.Node) bool { return !own[n] }) {
			return false
		}
	}
	return true
}

// unusedName returns a name that no member of an object has.
func unusedName(object source.Node, name string) string {
	unused := name
	for i := 2; object.Get(unused).Exists(); i++ {
		unused = fmt.Sprintf("%s%d", name, i)
	}
	return unused
}

// sequence returns the edits that do to a text of the given size what first
// does to it, and second to the result.
func sequence(size int, first, second []source.Edit) []source.Edit {
	pieces := replaced(replaced([]piece{{end: size}}, first), second)
	var edits []source.Edit
	at, text := 0, ""
	for _, p := range append(pieces, piece{start: size, end: size}) {
		if p.text != "" {
			text += p.text
			continue
		}
		if p.size() == 0 && p.start != size {
			continue
		}
		if p.start > at || text != "" {
			edits = append(edits, source.Edit{Start: at, End: p.start, New: text})
		}
		at, text = p.end, ""
	}
	return edits
}

// piece is a part of an edited text: bytes of the original, or new text.
type piece struct {
	start, end int
	text       string
}

func (p piece) size() int {
	if p.text != "" {
		return len(p.text)
	}
	return p.end - p.start
}

// split returns the first n bytes of a piece, and the others.
func (p piece) split(n int) (piece, piece) {
	if p.text != "" {
		return piece{text: p.text[:n]}, piece{text: p.text[n:]}
	}
	return piece{start: p.start, end: p.start + n}, piece{start: p.start + n, end: p.end}
}

// replaced returns the pieces of a text with edits made to it, which are in the
// order of their places.
func replaced(pieces []piece, edits []source.Edit) []piece {
	var result []piece
	take := func(n int, keep bool) {
		for n > 0 && len(pieces) > 0 {
			head := pieces[0]
			if head.size() > n {
				head, pieces[0] = head.split(n)
			} else {
				pieces = pieces[1:]
			}
			if n -= head.size(); keep {
				result = append(result, head)
			}
		}
	}
	at := 0
	for _, ed := range edits {
		take(ed.Start-at, true)
		take(ed.End-ed.Start, false)
		if at = ed.End; ed.New != "" {
			result = append(result, piece{text: ed.New})
		}
	}
	return append(result, pieces...)
}
