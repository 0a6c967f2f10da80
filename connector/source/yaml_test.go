package source

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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

// want decodes a node with yaml.v3, as [Node.Value] should.
func want(n *yaml.Node, open map[*yaml.Node]bool) any {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if open[n] {
		return nil // contains itself
	}
	switch n.Kind {
	case yaml.SequenceNode:
		open[n] = true
		defer delete(open, n)
		items := []any{}
		for _, item := range n.Content {
			items = append(items, want(item, open))
		}
		return items
	case yaml.MappingNode:
		open[n] = true
		defer delete(open, n)
		members := map[string]any{}
		for pair := range slices.Chunk(n.Content, 2) {
			if name, ok := keyName(pair[0]); ok {
				members[name] = want(pair[1], open)
			}
		}
		return members
	}
	return wantScalar(n)
}

func wantScalar(n *yaml.Node) any {
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

// checkValue fails unless the file means what yaml.v3 says, and each scalar on
// one line, read alone, means the same.
func checkValue(t *testing.T, f *File) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(f.Text), &doc); err != nil {
		if len(f.Problems) == 0 {
			t.Fatalf("no problem, but %v", err)
		}
		return
	}
	var expected any
	if len(doc.Content) > 0 {
		expected = want(doc.Content[0], map[*yaml.Node]bool{})
	}
	if got := floats(f.Root().Value()); !reflect.DeepEqual(got, expected) {
		t.Fatalf("value\n%#v\nwant\n%#v\n%s%s", got, expected, outline(f.Root()), problems(f))
	}
	for id := 1; id < len(f.nodes); id++ {
		n := Node{f, int32(id)}
		k := n.Kind()
		text := n.Text()
		if n.IsAlias() || k < Null || k > String || strings.ContainsAny(text, "\r\n\u0085\u2028\u2029") ||
			strings.Contains(f.Text, "!") || strings.HasPrefix(text, "*") {
			continue
		}
		var alone yaml.Node
		if err := yaml.Unmarshal([]byte(" "+text), &alone); err != nil {
			t.Fatalf("%q alone: %v", text, err)
		}
		var value any
		if len(alone.Content) > 0 {
			if value = wantScalar(alone.Content[0]); n.IsKey() {
				value = alone.Content[0].Value
			}
		} else if n.IsKey() {
			value = ""
		}
		if got := floats(n.Value()); got != value {
			t.Fatalf("%q alone is %#v, want %#v", text, value, got)
		}
	}
}

var _ = io.EOF

func TestScratchFiles(t *testing.T) {
	list, _ := os.ReadFile("/tmp/yamlfiles.txt")
	n, bad := 0, 0
	for name := range strings.SplitSeq(strings.TrimSpace(string(list)), "\n") {
		data, err := os.ReadFile(name)
		if err != nil || len(data) > 3<<20 || strings.Contains(string(data), "<<:") { continue }
		t.Run(filepath.Base(name), func(t *testing.T) {
			f := Parse("x.yaml", data)
			checkTree(t, f)
			n++
			if len(f.Problems) > 0 { bad++; if p := f.Problems[0]; true { fmt.Println(name, f.Position(p.Range.Start), p.Rule, p.Message) } }
			for _, d := range f.Problems { if d.Rule == "syntax-duplicate-key" || d.Rule == "syntax-byte-order-mark" { return } }
			checkValue(t, f)
		})
	}
	fmt.Println(n, bad)
}
