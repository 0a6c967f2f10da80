package convert

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// tree is a JSON object whose members keep their order. Its values are nil,
// bool, json.Number, string, []any and *tree. Trees share values, so a value
// that has been set is never changed.
type tree struct {
	names  []string
	values map[string]any
	origin source.Node // what it was made of
}

func newTree(origin source.Node) *tree { return &tree{values: map[string]any{}, origin: origin} }

// treeOf makes a tree of names and values in turn.
func treeOf(origin source.Node, pairs ...any) *tree {
	t := newTree(origin)
	for i := 0; i < len(pairs); i += 2 {
		t.set(pairs[i].(string), pairs[i+1])
	}
	return t
}

func (t *tree) has(name string) bool { _, ok := t.values[name]; return ok }

func (t *tree) get(name string) any { return t.values[name] }

// text returns the member if it is a string, else "".
func (t *tree) text(name string) string {
	s, _ := t.values[name].(string)
	return s
}

// object returns the member if it is an object, else nil.
func (t *tree) object(name string) *tree {
	o, _ := t.values[name].(*tree)
	return o
}

// list returns the member if it is an array, else nil.
func (t *tree) list(name string) []any {
	l, _ := t.values[name].([]any)
	return l
}

// set adds a member at the end, or gives an existing one another value.
func (t *tree) set(name string, value any) {
	if !t.has(name) {
		t.names = append(t.names, name)
	}
	t.values[name] = value
}

// setMissing adds a member if there is none of that name.
func (t *tree) setMissing(name string, value any) {
	if !t.has(name) {
		t.set(name, value)
	}
}

func (t *tree) remove(name string) {
	if t.has(name) {
		delete(t.values, name)
		t.names = slices.DeleteFunc(t.names, func(n string) bool { return n == name })
	}
}

func (t *tree) clone() *tree {
	return &tree{slices.Clone(t.names), maps.Clone(t.values), t.origin}
}

// members yields the members of an object, those included that a YAML merge
// key brings in. Of duplicates the last one counts, as importers have it.
func members(n source.Node) iter.Seq2[string, source.Node] {
	return func(yield func(string, source.Node) bool) {
		if f := n.File(); f != nil && f.Format == source.JSON && len(f.Problems) == 0 {
			for key, v := range n.Members() {
				if name, _ := key.Str(); !yield(name, v) {
					return
				}
			}
			return
		}
		var all memberList
		all.collect(n)
		for _, name := range all.names {
			if !yield(name, all.values[name]) {
				return
			}
		}
	}
}

type memberList struct {
	names  []string
	values map[string]source.Node
}

func (m *memberList) collect(n source.Node) {
	for key, v := range n.WrittenMembers() {
		if !isMergeKey(key) {
			continue
		}
		for _, source := range slices.Backward(mergeSources(v)) { // the first source wins
			m.collect(source)
		}
	}
	for key, v := range n.WrittenMembers() {
		name, ok := key.Str()
		if !ok || isMergeKey(key) {
			continue
		}
		if m.values == nil {
			m.values = map[string]source.Node{}
		}
		if _, known := m.values[name]; !known {
			m.names = append(m.names, name)
		}
		m.values[name] = v
	}
}

func isMergeKey(key source.Node) bool {
	return key.Text() == "<<" && key.File().Format == source.YAML
}

func mergeSources(v source.Node) []source.Node {
	if v.Kind() != source.Array {
		return []source.Node{v}
	}
	var list []source.Node
	for _, item := range v.Items() {
		list = append(list, item)
	}
	return list
}

// jsonText writes a value as JSON, indented by four spaces as the platform's
// guidelines ask, or on one line.
func jsonText(value any, indented bool) string {
	w := jsonWriter{indented: indented}
	w.value(value, 0)
	return w.String()
}

type jsonWriter struct {
	strings.Builder
	indented bool
}

func (w *jsonWriter) value(value any, depth int) {
	switch v := value.(type) {
	case *tree:
		w.WriteByte('{')
		for i, name := range v.names {
			w.separate(i, depth+1)
			w.quote(name)
			w.WriteByte(':')
			if w.indented {
				w.WriteByte(' ')
			}
			w.value(v.values[name], depth+1)
		}
		w.close('}', len(v.names), depth)
	case []any:
		w.WriteByte('[')
		for i, item := range v {
			w.separate(i, depth+1)
			w.value(item, depth+1)
		}
		w.close(']', len(v), depth)
	case string:
		w.quote(v)
	case json.Number:
		if !json.Valid([]byte(v)) { // YAML knows numbers that JSON cannot write
			w.quote(string(v))
			return
		}
		w.WriteString(string(v))
	case bool:
		if v {
			w.WriteString("true")
		} else {
			w.WriteString("false")
		}
	default:
		w.WriteString("null")
	}
}

func (w *jsonWriter) separate(i, depth int) {
	if i > 0 {
		w.WriteByte(',')
	}
	w.newline(depth)
}

func (w *jsonWriter) close(bracket byte, count, depth int) {
	if count > 0 {
		w.newline(depth)
	}
	w.WriteByte(bracket)
}

func (w *jsonWriter) newline(depth int) {
	if !w.indented {
		return
	}
	w.WriteByte('\n')
	for range depth {
		w.WriteString("    ")
	}
}

func (w *jsonWriter) quote(s string) {
	var line strings.Builder
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be written
	w.WriteString(strings.TrimSuffix(line.String(), "\n"))
}
