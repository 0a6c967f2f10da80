package source

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// outline writes a tree down, a line for every value and every key: its place,
// its kind, and its bytes.
func outline(n Node) string {
	var b strings.Builder
	var walk func(n Node)
	walk = func(n Node) {
		if n.IsAlias() {
			fmt.Fprintf(&b, "%s alias %s %q\n", n.Pointer(), n.deref().Pointer(), n.Text())
			return
		}
		fmt.Fprintf(&b, "%s %v %q\n", n.Pointer(), n.Kind(), n.Text())
		for k, v := range n.Members() {
			fmt.Fprintf(&b, "%s key %q\n", k.Pointer(), k.Text())
			walk(v)
		}
		for _, item := range n.Items() {
			walk(item)
		}
	}
	if n.Exists() {
		walk(n)
	}
	return b.String()
}

// problems writes the problems of a file down, with the text they underline.
func problems(f *File) string {
	var b strings.Builder
	for _, d := range f.Problems {
		p := f.Position(d.Range.Start)
		fmt.Fprintf(&b, "%d:%d %s %q: %s\n", p.Line, p.Column, d.Rule, f.Text[d.Range.Start:d.Range.End], d.Message)
	}
	return b.String()
}

// checkTree fails unless every range lies in that of the parent, siblings are
// in order, and the links between nodes are what node.go relies on.
func checkTree(t *testing.T, f *File) {
	t.Helper()
	if len(f.nodes) < 2 {
		return
	}
	next := int32(1)
	var walk func(id, parent int32, within Range) int
	walk = func(id, parent int32, within Range) int {
		if id != next {
			t.Fatalf("node %d stands where %d is expected", id, next)
		}
		next++
		n := f.nodes[id]
		r := Range{int(n.start), int(n.end)}
		if n.parent != parent || r.Start > r.End || !within.Contains(r) {
			t.Fatalf("node %d: parent %d, range %v, want parent %d and a range in %v", id, n.parent, r, parent, within)
		}
		if n.flags&flagAlias != 0 && (n.link <= 0 || n.link >= id || n.kind != Absent) {
			t.Fatalf("alias %d: link %d, kind %v", id, n.link, n.kind)
		}
		if n.flags&flagFull == 0 {
			return r.End
		}
		at := r.Start
		for child := id + 1; child != 0; child = f.nodes[child].next {
			at = walk(child, id, Range{at, r.End})
			if n.kind == Object {
				if f.nodes[child].flags&flagKey == 0 || f.nodes[child].kind != String {
					t.Fatalf("node %d is no key", child)
				}
				at = walk(child+1, id, Range{at, r.End})
			}
		}
		return r.End
	}
	walk(1, 0, Range{0, len(f.Text)})
	if int(next) != len(f.nodes) {
		t.Fatalf("%d of %d nodes are reachable", next-1, len(f.nodes)-1)
	}
	for _, d := range f.Problems {
		if d.Range.Start > d.Range.End || !(Range{0, len(f.Text)}).Contains(d.Range) {
			t.Fatalf("problem %q at %v", d.Message, d.Range)
		}
	}
}

// oracle decodes nodes with yaml.v3, as [Node.Value] should.
type oracle struct {
	open   map[*yaml.Node]bool
	budget int
}

func (o *oracle) value(n *yaml.Node) any {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if o.budget--; o.open[n] || o.budget < 0 {
		return nil // contains itself, or is too much to compare
	}
	if n.Kind == yaml.ScalarNode {
		return scalarValue(n)
	}
	o.open[n] = true
	defer delete(o.open, n)
	if n.Kind == yaml.SequenceNode {
		items := []any{}
		for _, item := range n.Content {
			items = append(items, o.value(item))
		}
		return items
	}
	members := map[string]any{}
	for pair := range slices.Chunk(n.Content, 2) {
		if name, ok := keyName(pair[0]); ok {
			members[name] = o.value(pair[1])
		}
	}
	return members
}

func scalarValue(n *yaml.Node) any {
	var v any
	if n.ShortTag() == "!!binary" {
		return n.Value
	}
	if n.Decode(&v) != nil {
		return nil
	}
	switch x := v.(type) {
	case int, int64, uint64:
		f, _ := strconv.ParseFloat(fmt.Sprint(x), 64)
		return f
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return n.Value
		}
	case time.Time:
		return n.Value
	}
	return v
}

// floats turns numbers into float64, to compare them by value.
func floats(v any) any {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		if err != nil || !json.Valid([]byte(v)) {
			return "no number: " + v.String()
		}
		return f
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = floats(v[k])
		}
	}
	return v
}

// checkValue fails unless the file means what yaml.v3 says.
func checkValue(t *testing.T, f *File) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(f.Text), &doc); err != nil {
		if len(f.Problems) == 0 && !strings.Contains(f.Text, "%YAML 1.") {
			t.Fatalf("no problem, but yaml.v3 says: %v", err)
		}
		return
	}
	var want any
	o := &oracle{map[*yaml.Node]bool{}, 100_000}
	if len(doc.Content) > 0 {
		want = o.value(doc.Content[0])
	}
	if o.budget < 0 {
		return
	}
	if got := floats(f.Root().Value()); !reflect.DeepEqual(got, want) {
		t.Fatalf("value\n%#v\nwant\n%#v\n%s%s", got, want, outline(f.Root()), problems(f))
	}
}

// checkAlone fails unless each scalar on a single line means the same when it
// is read alone.
func checkAlone(t *testing.T, f *File) {
	t.Helper()
	for id := 1; id < len(f.nodes); id++ {
		n := Node{f, int32(id)}
		text := n.Text()
		if n.IsAlias() || n.Kind() > String || text == "" || len(text) > 500 || strings.IndexByte("*|>", text[0]) >= 0 || strings.ContainsFunc(text, isBreak) {
			continue
		}
		alone := " " + readable(text)
		if n.IsKey() {
			alone += ": x"
		}
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(alone), &doc); err != nil {
			t.Fatalf("%q alone: %v", text, err)
		}
		scalar := doc.Content[0]
		want := any(scalar.Value)
		switch {
		case n.IsKey():
			want = scalar.Content[0].Value
		case scalar.Kind != yaml.ScalarNode: // "a:" is a text in a flow sequence only
			continue
		default:
			want = scalarValue(scalar)
		}
		if got := floats(n.Value()); got != want {
			t.Fatalf("%q alone is %#v, want %#v", text, want, got)
		}
	}
}

// checkBlocks fails unless each collection, read alone at its own column, means
// the same. It is for texts without aliases and tags.
func checkBlocks(t *testing.T, f *File) {
	t.Helper()
	for id := 1; id < len(f.nodes); id++ {
		n := Node{f, int32(id)}
		pair := n.Parent().Kind() == Array && n.Parent().Text()[0] == '[' && n.Kind() == Object && n.Text()[0] != '{'
		if k := n.Kind(); k != Array && k != Object || pair {
			continue
		}
		before := f.Text[:n.Range().Start]
		line := strings.LastIndexFunc(before, isBreak)
		if line >= 0 {
			line += breakAt(f.Text, line)
		}
		column := utf8.RuneCountInString(strings.TrimPrefix(before[max(line, 0):], byteOrderMark))
		var doc yaml.Node
		alone := strings.Repeat(" ", column) + readable(n.Text())
		if n.Range().End < len(f.Text) {
			alone += "\n"
		}
		if err := yaml.Unmarshal([]byte(alone), &doc); err != nil {
			t.Fatalf("%q alone: %v", alone, err)
		}
		o := &oracle{map[*yaml.Node]bool{}, 1000}
		if got, want := floats(n.Value()), o.value(doc.Content[0]); o.budget >= 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q alone is %#v, want %#v", alone, want, got)
		}
	}
}

func isBreak(r rune) bool { return isBlank(r) && r != ' ' && r != '\t' }

func FuzzYAML(f *testing.F) {
	for _, test := range yamlTrees {
		f.Add([]byte(test.in))
	}
	for _, test := range yamlProblems {
		f.Add([]byte(test.in))
	}
	f.Add([]byte(openapiYAML))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := Parse("fuzz.yaml", data)
		checkTree(t, file)
		for id := range file.nodes {
			n := Node{file, int32(id)}
			n.Get("a")
			n.Value()
		}
		for _, d := range file.Problems {
			if d.Rule == "syntax-duplicate-key" || d.Rule == "syntax-limit" {
				return
			}
		}
		// yaml.v3 takes some invalid UTF-8 for UTF-16, and drops characters
		// after U+FEFF. Merging is not its decoding.
		if !utf8.ValidString(file.Text) || strings.Contains(strings.TrimPrefix(file.Text, byteOrderMark), "\ufeff") || strings.Contains(file.Text, "<<") {
			return
		}
		checkValue(t, file)
		if !strings.Contains(file.Text, "!") { // a tag gives a scalar another meaning
			checkAlone(t, file)
			if !strings.ContainsAny(file.Text, "*?") {
				checkBlocks(t, file)
			}
		}
	})
}

// A place for everything that YAML can write down in another way.
const openapiYAML = `# A connector
swagger: '2.0'
info: {title: Contoso, version: "1.0"}
host: api.contoso.com
schemes:
- https
paths:
  /hooks/{id}:
    parameters:
      - {name: id, in: path, required: true, type: string}
    post: &post
      operationId: OnNewItem
      summary: When an item is created
      description: >-
        Fires when an item
        is created.

        Once per item.
      x-ms-trigger: single
      parameters:
        - name: body
          in: body
          schema:
            type: object
            required: [callbackUrl]
            properties:
              callbackUrl:
                type: string
                x-ms-notification-url: true
                x-ms-visibility: internal
              limit: {type: integer, maximum: 1_000, default: 0x10, example: .5}
      responses:
        200: {description: OK, schema: {$ref: '#/definitions/Item'}}
        '201':
          description: |
            Created,
              with a Location.
        default:
          description: "a \"quoted\" text\
            \ continues"
    delete:
      <<: *post
      operationId: Delete # overrides
definitions:
  Item:
    type: object
    properties:
      id: {type: integer, format: int64}
      tags:
        type: array
        items:
          type: string
          enum: [yes, no, ~, null, "null", 2024-01-01, 1e3]
      note:
      plain: over
        two lines
`

var yamlTrees = []struct{ name, in, want string }{}
var yamlProblems = []struct{ name, in, want string }{}
