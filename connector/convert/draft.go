package convert

import (
	"fmt"
	"strconv"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// draft is a connector on its way to what is planned. It goes there in phases:
// in each, all requests look at one and the same tree, say what they change in
// it, and then the file is parsed once for all of them. So the cost does not
// grow with the number of requests times the size of the file. The plan holds
// all changes as edits of the files as they were.
type draft struct {
	c        *connector.Connector // as it is by now
	original *connector.Connector
	plan     *Plan
	requests []*request
	asked    map[place]*request
	removals []*request // the DELETEs of all requests, each once
	pending  []pending  // what the current phase changes
	marked   map[Step]bool
	copies   map[string]string // what was copied, and why → the copy's name
	copied   int               // bytes that are there once more
	names    *nameSet          // of the definitions
	lookup   lookup            // of the definition as it is by now
	sharing  *sharing          // of the current phase

	beginsDefinitions bool // the current phase writes the first definition
}

// pending is a change that the current phase is to make.
type pending struct {
	by   *request
	make func(*source.Editor)
}

// place names an operation.
type place struct{ path, method string }

// lookup finds parts of one state of the definition.
type lookup struct {
	operations map[place]*connector.Operation
	beside     map[source.Node][]*connector.Operation // by path item
	references map[source.Node][]reference            // see draft.references
	reads      *reads                                 // see draft.isRead
}

func newLookup(def *connector.Definition) lookup {
	l := lookup{operations: map[place]*connector.Operation{}, beside: map[source.Node][]*connector.Operation{}}
	for _, o := range def.Operations() {
		at := place{o.Path, o.Method}
		if l.operations[at] == nil {
			l.operations[at] = o
		}
		l.beside[o.PathItem] = append(l.beside[o.PathItem], o)
	}
	return l
}

// operation returns the operation of a request as it is by now.
func (d *draft) operation(r *request) *connector.Operation { return d.lookup.operations[r.place] }

// each does something for all requests. Its error tells which of them fail.
func (d *draft) each(do func(*request) error) error {
	var refused Refusals
	for _, r := range d.requests {
		if err := do(r); err != nil {
			refused = append(refused, r.refusal(err))
		}
	}
	return refused.orNil()
}

// edit adds a change to the current phase.
func (d *draft) edit(r *request, change func(*source.Editor)) {
	d.pending = append(d.pending, pending{r, change})
}

// apply makes the changes of a phase.
func (d *draft) apply() error {
	all := d.pending
	if d.pending = nil; len(all) == 0 {
		return nil
	}
	before := d.c.Definition.File
	if len(before.Text)+d.copied > source.MaxSize {
		return fmt.Errorf("the result would have more than %d MiB: too much is shared and has to be copied", source.MaxSize>>20)
	}
	after, edits, err := revise(before, func(e *source.Editor) {
		for _, p := range all {
			p.make(e)
		}
	})
	if err != nil {
		return d.blame(all, err)
	}
	d.plan.Edits = sequence(len(d.original.Definition.File.Text), d.plan.Edits, edits)
	d.c = connector.New(d.c.Name, after, d.c.Properties)
	d.lookup = newLookup(d.c.Definition)
	return nil
}

// blame finds the requests whose changes cannot be made, each for itself.
func (d *draft) blame(all []pending, cause error) error {
	by := map[*request][]pending{}
	for _, p := range all {
		by[p.by] = append(by[p.by], p)
	}
	failed := map[*request]error{}
	for r, own := range by {
		e := d.c.Definition.File.Editor()
		for _, p := range own {
			p.make(e)
		}
		if _, err := e.Edits(); err != nil {
			failed[r] = err
		}
	}
	var refused Refusals
	for _, r := range d.requests {
		err := failed[r]
		if err == nil && r.undo != nil {
			err = failed[r.undo]
		}
		if err != nil {
			refused = append(refused, r.refusal(err))
		}
	}
	if len(refused) == 0 {
		return cause
	}
	return refused
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

// parse is [source.ParseString]; tests count what is parsed.
var parse = source.ParseString

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
	if len(text) > source.MaxSize {
		return nil, nil, fmt.Errorf("the result would have more than %d MiB", source.MaxSize>>20)
	}
	after := parse(f.Name, text)
	if len(after.Problems) > len(f.Problems) && len(f.Problems) > 0 {
		first := f.Problems[0]
		at := f.Position(first.Range.Start)
		return nil, nil, fmt.Errorf("%s:%d:%d: %s: repair the syntax first, for with the changes it would mean something else", f.Name, at.Line, at.Column, first.Message)
	}
	if len(after.Problems) > 0 && len(f.Problems) == 0 {
		return nil, nil, fmt.Errorf("internal error, please report it: the result would not be valid (%s)", after.Problems[0].Message)
	}
	return after, edits, nil
}

// finish completes the plan: with what each request, and then the DELETE that
// undoes it, has to say, and what is left to the author.
func (d *draft) finish() *Plan {
	said := map[Step]bool{}
	say := func(steps []Step) {
		for _, s := range steps {
			if !said[s] {
				said[s] = true
				d.plan.Steps = append(d.plan.Steps, s)
			}
		}
	}
	for _, r := range d.requests {
		if r.changes() {
			say(r.steps)
		}
		if r.undo != nil {
			say(r.undo.steps)
		}
	}
	for _, r := range d.requests {
		if r.changes() {
			say(d.review(r))
		}
	}
	if syntax := len(d.c.Definition.File.Problems); syntax > 0 && len(d.plan.Edits) > 0 {
		what := "a problem"
		if syntax > 1 {
			what = fmt.Sprintf("%d problems", syntax)
		}
		say([]Step{{Message: "repair the syntax of the file, in which connectorctl lint finds " + what, Warning: true}})
	}
	return d.plan
}

func pointerTo(at source.Node, key ...string) string {
	pointer := at.Pointer()
	for _, k := range key {
		pointer += "/" + source.EscapePointer(k)
	}
	return pointer
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

// copyOf returns a node that is to be written a second time.
func (d *draft) copyOf(n source.Node) source.Node {
	d.copied += len(n.Text())
	return n
}

// nameSet gives out names that nothing else has.
type nameSet struct {
	taken map[string]bool
	next  map[string]int // numbers to go on with
}

func newNameSet() *nameSet { return &nameSet{map[string]bool{}, map[string]int{}} }

func (s *nameSet) unused(name string) string {
	unused := name
	for i := max(2, s.next[name]); s.taken[unused]; i++ {
		unused = name + strconv.Itoa(i)
		s.next[name] = i + 1
	}
	s.taken[unused] = true
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
