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
		for k, v := range n.WrittenMembers() {
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
		var want any
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

func TestYAMLTree(t *testing.T) {
	for _, test := range yamlTrees {
		t.Run(test.name, func(t *testing.T) {
			f := Parse("a.yaml", []byte(test.in))
			if got := "\n" + outline(f.Root()); got != test.want {
				t.Errorf("%s\ngot %s\nwant %s\n%s", test.in, got, test.want, problems(f))
			}
		})
	}
}

// TestYAMLAgrees reads each document in every way it can be stored: the ranges
// nest, and it means what yaml.v3 says.
func TestYAMLAgrees(t *testing.T) {
	texts := []string{openapiYAML}
	for _, test := range yamlTrees {
		texts = append(texts, test.in)
	}
	for _, text := range texts {
		plain := Parse("a.yaml", []byte(text))
		for _, stored := range []string{
			text,
			byteOrderMark + strings.TrimPrefix(text, byteOrderMark),
			strings.ReplaceAll(text, "\n", "\r\n"),
			strings.TrimRight(text, "\n"),
		} {
			f := Parse("a.yaml", []byte(stored))
			checkTree(t, f)
			if !strings.Contains(text, "<<:") {
				checkValue(t, f)
			}
			if f.Len() != plain.Len() {
				t.Errorf("%q: %d nodes, want %d", stored, f.Len(), plain.Len())
			}
			if !strings.Contains(text, "!") {
				checkAlone(t, f)
			}
			if !strings.ContainsAny(text, "!*?") {
				checkBlocks(t, f)
			}
		}
	}
}

func TestYAMLProblems(t *testing.T) {
	for _, test := range yamlProblems {
		f := Parse("a.yaml", []byte(test.in))
		if got := strings.TrimSuffix(problems(f), "\n"); got != test.want {
			t.Errorf("%q:\n%s\nwant\n%s", test.in, got, test.want)
		}
		checkTree(t, f)
	}
}

func TestYAMLSyntaxErrorLeavesNoTree(t *testing.T) {
	f := Parse("a.yaml", []byte("a: 1\nb: [c\n"))
	if f.Root().Exists() || f.Root().Value() != nil || len(f.Problems) != 1 {
		t.Errorf("%s%s", outline(f.Root()), problems(f))
	}
}

// TestYAMLMended holds what is put right before yaml.v3 would refuse the text.
func TestYAMLMended(t *testing.T) {
	f := Parse("a.yaml", []byte("%YAML 1.2\n---\n\u00e4: \xff\xfe x\nb: \"\x01\"\nc: \ufeffd\n"))
	want := map[string]any{"\u00e4": "\ufffd\ufffd x", "b": "\ufffd", "c": "\u2060d"}
	if got := f.Root().Value(); !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := f.At("/c").Text(), "\ufeffd"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestYAMLScalars(t *testing.T) {
	for text, want := range map[string]any{
		"0x1F": json.Number("31"), "0o17": json.Number("15"), "017": json.Number("15"), "0b11": json.Number("3"),
		"-0x1F": json.Number("-31"), "1_000": json.Number("1000"), "+2": json.Number("2"), ".5": json.Number("0.5"),
		"5.": json.Number("5"), "1e3": json.Number("1e3"), "1.50": json.Number("1.50"), "-0": json.Number("-0"),
		"123456789012345678901234567890": json.Number("123456789012345678901234567890"),
		"18446744073709551615":           json.Number("18446744073709551615"),
		"1e999":                          "1e999", ".inf": ".inf", "-.Inf": "-.Inf", ".NaN": ".NaN",
		"2024-01-01": "2024-01-01", "yes": "yes", "off": "off", "1:30": "1:30", "=": "=", "<<": "<<",
		"True": true, "FALSE": false, "~": nil, "Null": nil, "''": "", "\"\\x41\\u00e9\"": "A\u00e9",
		"!!str": "", "!!str 1": "1", "!!int \"1_0\"": json.Number("10"), "!!float 3": json.Number("3"),
		"!!bool 'false'": false, "!!null ''": nil, "!<tag:yaml.org,2002:str> true": "true",
		"!!int 1.5": nil, "!!bool yes": nil, "!!timestamp x": nil,
	} {
		f := Parse("a.yaml", []byte("a: "+text+"\n"))
		checkTree(t, f)
		if got := f.At("/a").Value(); got != want {
			t.Errorf("%s is %#v, want %#v", text, got, want)
		}
	}
}

func TestYAMLOpenAPI(t *testing.T) {
	f := Parse("a.yaml", []byte(openapiYAML))
	if len(f.Problems) > 0 {
		t.Fatal(problems(f))
	}
	const path = "/paths/~1hooks~1{id}"
	for pointer, want := range map[string]any{
		"/swagger":                                                  "2.0",
		path + "/post/description":                                  "Fires when an item is created.\nOnce per item.",
		path + "/post/responses/200/description":                    "OK",
		path + "/post/responses/201/description":                    "Created,\n  with a Location.\n",
		path + "/post/responses/default/description":                "a \"quoted\" text continues",
		path + "/delete/operationId":                                "Delete",
		path + "/delete/x-ms-trigger":                               "single",
		path + "/delete/responses/200/schema":                       map[string]any{"$ref": "#/definitions/Item"},
		"/definitions/Item/properties/plain":                        "over two lines",
		"/definitions/Item/properties/note":                         nil,
		path + "/post/parameters/0/schema/properties/limit/maximum": json.Number("1000"),
	} {
		n := f.At(pointer)
		if got := n.Value(); !n.Exists() || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %#v, want %#v", pointer, got, want)
		}
	}
	deleted, _ := f.At(path + "/delete").Value().(map[string]any)
	if deleted["operationId"] != "Delete" || deleted["x-ms-trigger"] != "single" || deleted["<<"] != nil {
		t.Errorf("merged: %v", deleted)
	}
}

func TestYAMLMergeOrder(t *testing.T) {
	f := Parse("a.yaml", []byte(`
one: &one {a: 1, b: 1, c: 1}
two: &two {<<: *one, b: 2, d: 2}
all:
  <<: [*two, {a: 3, e: 3}]
  d: 4
"<<": quoted
`))
	want := map[string]any{"a": 1.0, "b": 2.0, "c": 1.0, "d": 4.0, "e": 3.0}
	if got := floats(f.At("/all").Value()); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for key, value := range want {
		if got := floats(f.At("/all").Get(key).Value()); got != value {
			t.Errorf("%s is %v, want %v", key, got, value)
		}
	}
	if got, _ := f.At("/<<").Str(); got != "quoted" {
		t.Errorf("a quoted key is no merge key, got %q", got)
	}
}

// power returns aliases of lists of aliases, each ten times the one before.
func power(open, closing string) string {
	var b strings.Builder
	b.WriteString("a0: &a0 {k: 1}\n")
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&b, "a%d: &a%d %s*a%d%s%s\n", i, i, open, i-1, strings.Repeat(fmt.Sprintf(", *a%d", i-1), 9), closing)
	}
	return b.String()
}

// TestYAMLHostile holds that no text makes the tree, the value or the list of
// problems much larger than itself. A text that took more than a few steps for
// each of its bytes would not let the test end.
func TestYAMLHostile(t *testing.T) {
	deep := strings.Repeat("- ", 9000) + "x\n"
	for _, test := range []struct {
		name, in string
		nodes    int    // at most
		rule     string // of the first problem
	}{
		{"aliases", power("[", "]"), 1000, ""},
		{"merges", power("{<<: [", "]}"), 1000, "syntax-limit"},
		{"merges of one sequence", "a: &a [" + strings.Repeat("{b: 1}, ", 10_000) + "1]\n" + strings.Repeat("? {<<: *a}\n: {<<: *a}\n", 5000), 70_000, "syntax-yaml-key"},
		{"open brackets", strings.Repeat("[", 100_000), 0, "syntax-limit"},
		{"brackets", strings.Repeat("[", 9000) + strings.Repeat("]", 9000), 1001, "syntax-limit"},
		{"braces", strings.Repeat("{a: ", 9000) + strings.Repeat("}", 9000), 2001, "syntax-limit"},
		{"pairs", strings.Repeat("[a: ", 5000) + strings.Repeat("]", 5000), 2001, "syntax-limit"},
		{"dashes", deep, 1001, "syntax-limit"},
		{"dashes for ever", strings.Repeat("- ", 100_000), 0, "syntax-limit"},
		{"comments after depth", deep + strings.Repeat("  #\n #\n", 100_000), 0, "syntax-limit"},
		{"a long line", "{" + strings.Repeat("\u00e9: \u00e9, ", 100_000) + "}", 200_001, "syntax-duplicate-key"},
		{"an error at its end", "[" + strings.Repeat("\u00e9, ", 50_000) + "@]", 0, "syntax-yaml"},
		{"keys without values", strings.Repeat("? \n", 100_000), 200_001, "syntax-duplicate-key"},
		{"keys that cannot be", strings.Repeat("? [a]\n", 50_000), 1, "syntax-yaml-key"},
		{"documents", strings.Repeat("---\n", 100_000), 0, "syntax-empty"},
		{"quotes", strings.Repeat("- \"\n", 99_999), 0, "syntax-yaml"},
		{"itself", "&a [" + strings.Repeat("*a, ", 50_000) + "]", 50_001, "syntax-yaml"},
		{"large", strings.Repeat("a", maxYAML+1), 0, "syntax-limit"},
	} {
		f := Parse("a.yaml", []byte(test.in))
		checkTree(t, f)
		rule := ""
		if len(f.Problems) > 0 {
			rule = f.Problems[0].Rule
		}
		if f.Len() > test.nodes || rule != test.rule || len(f.Problems) > MaxProblems+1 {
			t.Errorf("%s: %d nodes, %d problems, first %q; want %d nodes and %q", test.name, f.Len(), len(f.Problems), rule, test.nodes, test.rule)
		}
		if n := count(f.Root().Value()); n > maxValueNodes+2*len(test.in) {
			t.Errorf("%s: a value of %d", test.name, n)
		}
		for id := range min(f.Len(), 1000) {
			if (Node{f, int32(id)}).Get("missing").Exists() {
				t.Errorf("%s: found what is not there", test.name)
			}
		}
	}
}

func count(v any) int {
	n := 1
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			n += count(item)
		}
	case map[string]any:
		for _, member := range v {
			n += count(member)
		}
	}
	return n
}

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
			if d.Rule == "syntax-duplicate-key" || strings.Contains(d.Message, "not read") {
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

var yamlTrees = []struct{ name, in, want string }{
	{"block", "a: 1\nb:\n  c: x\n  d:\n  - 2\n  -\n  - - e\n    - f\n", `
 object "a: 1\nb:\n  c: x\n  d:\n  - 2\n  -\n  - - e\n    - f"
/a key "a"
/a number "1"
/b key "b"
/b object "c: x\n  d:\n  - 2\n  -\n  - - e\n    - f"
/b/c key "c"
/b/c string "x"
/b/d key "d"
/b/d array "- 2\n  -\n  - - e\n    - f"
/b/d/0 number "2"
/b/d/1 null ""
/b/d/2 array "- e\n    - f"
/b/d/2/0 string "e"
/b/d/2/1 string "f"
`},
	{"flow", "a: {b: [1, 'x' , \"y\",], c, d: , \"e\":f}\ng: []\nh: { }\n", `
 object "a: {b: [1, 'x' , \"y\",], c, d: , \"e\":f}\ng: []\nh: { }"
/a key "a"
/a object "{b: [1, 'x' , \"y\",], c, d: , \"e\":f}"
/a/b key "b"
/a/b array "[1, 'x' , \"y\",]"
/a/b/0 number "1"
/a/b/1 string "'x'"
/a/b/2 string "\"y\""
/a/c key "c"
/a/c null ""
/a/d key "d"
/a/d null ""
/a/e key "\"e\""
/a/e string "f"
/g key "g"
/g array "[]"
/h key "h"
/h object "{ }"
`},
	{"pairs in a flow sequence", "[a: b, ? c : d, \"e\":f]\n", `
 array "[a: b, ? c : d, \"e\":f]"
/0 object "a: b"
/0/a key "a"
/0/a string "b"
/1 object "? c : d"
/1/c key "c"
/1/c string "d"
/2 object "\"e\":f"
/2/e key "\"e\""
/2/e string "f"
`},
	{"flow over lines", "a: [1,\n  2 # two, ]\n ,\n]\nb: 3\n", `
 object "a: [1,\n  2 # two, ]\n ,\n]\nb: 3"
/a key "a"
/a array "[1,\n  2 # two, ]\n ,\n]"
/a/0 number "1"
/a/1 number "2"
/b key "b"
/b number "3"
`},
	{"quoted", "a: 'it''s'\nb: \"a \\\"b\\\" \\\\\"\nc: 'x\n  y'\nd: \"p\\\n  q\" # end\n'e: f': g\n", `
 object "a: 'it''s'\nb: \"a \\\"b\\\" \\\\\"\nc: 'x\n  y'\nd: \"p\\\n  q\" # end\n'e: f': g"
/a key "a"
/a string "'it''s'"
/b key "b"
/b string "\"a \\\"b\\\" \\\\\""
/c key "c"
/c string "'x\n  y'"
/d key "d"
/d string "\"p\\\n  q\""
/e: f key "'e: f'"
/e: f string "g"
`},
	{"plain over lines", "a: over\n  two lines # comment\nb: over\n\n  three\nc: end\n", `
 object "a: over\n  two lines # comment\nb: over\n\n  three\nc: end"
/a key "a"
/a string "over\n  two lines"
/b key "b"
/b string "over\n\n  three"
/c key "c"
/c string "end"
`},
	{"literal", "a: |\n  one\n   two\n\n\nb: |- # comment\n  three  \nc: |+\n  four\n\n\nd: |2\n   five\n", `
 object "a: |\n  one\n   two\n\n\nb: |- # comment\n  three  \nc: |+\n  four\n\n\nd: |2\n   five"
/a key "a"
/a string "|\n  one\n   two"
/b key "b"
/b string "|- # comment\n  three  "
/c key "c"
/c string "|+\n  four\n\n"
/d key "d"
/d string "|2\n   five"
`},
	{"folded", "a: >\n  one\n  two\n\n  three\n\nb: >-\n\n  four\n# no part of it\nc: >+\n\nd: 1", `
 object "a: >\n  one\n  two\n\n  three\n\nb: >-\n\n  four\n# no part of it\nc: >+\n\nd: 1"
/a key "a"
/a string ">\n  one\n  two\n\n  three"
/b key "b"
/b string ">-\n\n  four"
/c key "c"
/c string ">+\n"
/d key "d"
/d number "1"
`},
	{"empty block scalars", "a: |\nb: >-  # comment\nc: |\n\n  \nd: |+\n\n\ne: 1\n", `
 object "a: |\nb: >-  # comment\nc: |\n\n  \nd: |+\n\n\ne: 1"
/a key "a"
/a string "|"
/b key "b"
/b string ">-"
/c key "c"
/c string "|"
/d key "d"
/d string "|+\n\n"
/e key "e"
/e number "1"
`},
	{"spaces are content", "a: |\n  x\n     \nb: |-\n  y\n     \nc: 1\n", `
 object "a: |\n  x\n     \nb: |-\n  y\n     \nc: 1"
/a key "a"
/a string "|\n  x\n     "
/b key "b"
/b string "|-\n  y\n     "
/c key "c"
/c number "1"
`},
	{"comments", "# head\na: # of a\n  # before b\n  b: 1 # of b\n  # after b\n# before c\nc:\n  # first\n  - 2\n  # last\n", `
 object "a: # of a\n  # before b\n  b: 1 # of b\n  # after b\n# before c\nc:\n  # first\n  - 2"
/a key "a"
/a object "b: 1"
/a/b key "b"
/a/b number "1"
/c key "c"
/c array "- 2"
/c/0 number "2"
`},
	{"nothing", "a:\nb: # comment\nc: &x\nd: !!str\ne: [&y , 1]\nf: ~\n-: 1\n", `
 object "a:\nb: # comment\nc: &x\nd: !!str\ne: [&y , 1]\nf: ~\n-: 1"
/a key "a"
/a null ""
/b key "b"
/b null ""
/c key "c"
/c null ""
/d key "d"
/d string ""
/e key "e"
/e array "[&y , 1]"
/e/0 null ""
/e/1 number "1"
/f key "f"
/f null "~"
/- key "-"
/- number "1"
`},
	{"response codes", "responses:\n  200: {}\n  4XX: {}\n  default: {}\n  true: {}\n  null: {}\n  1.0: {}\n", `
 object "responses:\n  200: {}\n  4XX: {}\n  default: {}\n  true: {}\n  null: {}\n  1.0: {}"
/responses key "responses"
/responses object "200: {}\n  4XX: {}\n  default: {}\n  true: {}\n  null: {}\n  1.0: {}"
/responses/200 key "200"
/responses/200 object "{}"
/responses/4XX key "4XX"
/responses/4XX object "{}"
/responses/default key "default"
/responses/default object "{}"
/responses/true key "true"
/responses/true object "{}"
/responses/null key "null"
/responses/null object "{}"
/responses/1.0 key "1.0"
/responses/1.0 object "{}"
`},
	{"explicit keys", "? a\n: b\n? c\n? |\n  d\n: e\n", `
 object "? a\n: b\n? c\n? |\n  d\n: e"
/a key "a"
/a string "b"
/c key "c"
/c null ""
/d
 key "|\n  d"
/d
 string "e"
`},
	{"properties", "a: &x 1\nb: !!str 2\nc: &y !!map\n  d: 3\ne: !t &z [4]\n&k f: ! 5\n", `
 object "a: &x 1\nb: !!str 2\nc: &y !!map\n  d: 3\ne: !t &z [4]\n&k f: ! 5"
/a key "a"
/a number "1"
/b key "b"
/b string "2"
/c key "c"
/c object "d: 3"
/c/d key "d"
/c/d number "3"
/e key "e"
/e array "[4]"
/e/0 number "4"
/f key "f"
/f number "5"
`},
	{"anchors and aliases", "a: &x {b: 1}\nc: *x\nd: [*x, &y s, *y]\n*y : e\n&k 7: f\ng: *k\n", `
 object "a: &x {b: 1}\nc: *x\nd: [*x, &y s, *y]\n*y : e\n&k 7: f\ng: *k"
/a key "a"
/a object "{b: 1}"
/a/b key "b"
/a/b number "1"
/c key "c"
/c alias /a "*x"
/d key "d"
/d array "[*x, &y s, *y]"
/d/0 alias /a "*x"
/d/1 string "s"
/d/2 alias /d/1 "*y"
/s key "*y"
/s string "e"
/7 key "7"
/7 string "f"
/g key "g"
/g number "*k"
`},
	{"merge keys", "a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n", `
 object "a: &x {b: 1}\nc:\n  <<: *x\n  d: 2"
/a key "a"
/a object "{b: 1}"
/a/b key "b"
/a/b number "1"
/c key "c"
/c object "<<: *x\n  d: 2"
/c/<< key "<<"
/c/<< alias /a "*x"
/c/d key "d"
/c/d number "2"
`},
	{"not ASCII", "ä: [\"€\", 😀, x]\n日本: {é: 1}\n", `
 object "ä: [\"€\", 😀, x]\n日本: {é: 1}"
/ä key "ä"
/ä array "[\"€\", 😀, x]"
/ä/0 string "\"€\""
/ä/1 string "😀"
/ä/2 string "x"
/日本 key "日本"
/日本 object "{é: 1}"
/日本/é key "é"
/日本/é number "1"
`},
	{"CRLF", "a: 1\r\nb:\r\n  - x\r\n  - over\r\n    lines\r\nc: |\r\n  t\r\n\r\nd: \"u\r\n  v\"\r\n", `
 object "a: 1\r\nb:\r\n  - x\r\n  - over\r\n    lines\r\nc: |\r\n  t\r\n\r\nd: \"u\r\n  v\""
/a key "a"
/a number "1"
/b key "b"
/b array "- x\r\n  - over\r\n    lines"
/b/0 string "x"
/b/1 string "over\r\n    lines"
/c key "c"
/c string "|\r\n  t"
/d key "d"
/d string "\"u\r\n  v\""
`},
	{"other line breaks", "a: 1\rb: 2\u0085c: 3\u2028d: 4\n", `
 object "a: 1\rb: 2\u0085c: 3\u2028d: 4"
/a key "a"
/a number "1"
/b key "b"
/b number "2"
/c key "c"
/c number "3"
/d key "d"
/d number "4"
`},
	{"tabs where they may be", "a:\t1\t# c\nb: [\t2,\n\t3]\n", `
 object "a:\t1\t# c\nb: [\t2,\n\t3]"
/a key "a"
/a number "1"
/b key "b"
/b array "[\t2,\n\t3]"
/b/0 number "2"
/b/1 number "3"
`},
	{"byte order mark", "\ufeffa: [b]\n", `
 object "a: [b]"
/a key "a"
/a array "[b]"
/a/0 string "b"
`},
	{"document markers", "%YAML 1.2\n# c\n--- # d\na: 1\n... # e\n# f\n", `
 object "a: 1"
/a key "a"
/a number "1"
`},
	{"a root on the marker's line", "--- {a: 1}\n", `
 object "{a: 1}"
/a key "a"
/a number "1"
`},
	{"scalar root", "  text \n", `
 string "text"
`},
	{"marker as text", "a: ---\nb: |\n ---\n", `
 object "a: ---\nb: |\n ---"
/a key "a"
/a string "---"
/b key "b"
/b string "|\n ---"
`},
	{"numbers", "[0, -1, 1.5, 1e3, +2, 0x1F, 0o17, 017, 0b11, 1_000, .5, 5., 1E400, 18446744073709551615]\n", `
 array "[0, -1, 1.5, 1e3, +2, 0x1F, 0o17, 017, 0b11, 1_000, .5, 5., 1E400, 18446744073709551615]"
/0 number "0"
/1 number "-1"
/2 number "1.5"
/3 number "1e3"
/4 number "+2"
/5 number "0x1F"
/6 number "0o17"
/7 number "017"
/8 number "0b11"
/9 number "1_000"
/10 number ".5"
/11 number "5."
/12 string "1E400"
/13 number "18446744073709551615"
`},
	{"texts that look like more", "[.inf, -.INF, .nan, 2024-01-01, 2024-01-01T00:00:00Z, yes, on, 1:30, 0x, 1e, <<]\n", `
 array "[.inf, -.INF, .nan, 2024-01-01, 2024-01-01T00:00:00Z, yes, on, 1:30, 0x, 1e, <<]"
/0 string ".inf"
/1 string "-.INF"
/2 string ".nan"
/3 string "2024-01-01"
/4 string "2024-01-01T00:00:00Z"
/5 string "yes"
/6 string "on"
/7 string "1:30"
/8 string "0x"
/9 string "1e"
/10 string "<<"
`},
	{"tagged", "[!!int '7', !!float 3, !!str 1, !!bool \"true\", !!null '', !!binary aGk=, !x y, !!timestamp 2024-01-01]\n", `
 array "[!!int '7', !!float 3, !!str 1, !!bool \"true\", !!null '', !!binary aGk=, !x y, !!timestamp 2024-01-01]"
/0 number "'7'"
/1 number "3"
/2 string "1"
/3 boolean "\"true\""
/4 null "''"
/5 string "aGk="
/6 string "y"
/7 string "2024-01-01"
`},
}

var yamlProblems = []struct{ in, want string }{
	{"", `1:1 syntax-empty "": the file is empty`},
	{"# only a comment\n", `1:1 syntax-empty "": the file is empty`},
	{"---\n", `1:1 syntax-empty "": the file is empty`},
	{"a: b: c\n", `1:5 syntax-yaml ":": a colon that cannot start a value here`},
	{"x: 1\na: b\n  c: d\n", `3:4 syntax-yaml ":": a colon that cannot start a value here`},
	{"description: Note: this\n", `1:18 syntax-yaml ":": a colon that cannot start a value here`},
	{"a:\n\tb: 1\n", `2:1 syntax-yaml-tab "\t": a tab where YAML wants spaces`},
	{"a: 1\n\tb: 2\n", `2:1 syntax-yaml-tab "\t": a tab where YAML wants spaces`},
	{"a: |\n\tb\n", `2:1 syntax-yaml-tab "\t": a tab where YAML wants spaces`},
	{"-\ta: 1\n", `1:2 syntax-yaml-tab "\t": a tab where YAML wants spaces`},
	{"x:\n  a:\n      b: 1\n    c: 2\n", `4:5 syntax-yaml "c:": this does not fit in, expected a key`},
	{"x:\n  - a\n  b: 1\n", `3:3 syntax-yaml "b:": this does not fit in, expected an item of the sequence`},
	{"- a\nb: 1\n", `2:1 syntax-yaml "b:": this does not fit in, expected an item of the sequence`},
	{"a: 1\nfoo\nb: 2\n", `2:1 syntax-yaml "foo": a colon is missing after this key`},
	{"a: 1\n- b\n", `2:1 syntax-yaml "-": this does not fit in, expected a key`},
	{"a: - b\n", `1:4 syntax-yaml "-": an item cannot start here`},
	{"x: 1\na: \"foo\nb: 1\nc: 2\n", `2:4 syntax-yaml "\"foo": the string has no closing quote`},
	{"a: 'it's'\nb: 'c'\n", `1:8 syntax-yaml "s'": this does not fit in, expected a key`},
	{"a: \"x\" y\n", `1:8 syntax-yaml "y": this does not fit in, expected a key`},
	{"a: \"\\q\"\n", `1:5 syntax-yaml "\\q\"": an escape that YAML does not have`},
	{"a: @x\n", `1:4 syntax-yaml "@x": a value cannot start with this character`},
	{"a: %x\n", `1:4 syntax-yaml "%x": a value cannot start with this character`},
	{"a: }\n", `1:4 syntax-yaml "}": a value is missing before this`},
	{"a: [b, c\nd: e\n", `2:2 syntax-yaml ":": a comma or a closing bracket is missing before this`},
	{"a: [b,\n  {c: d\n", `2:3 syntax-yaml "{c: d": a bracket that is opened here is never closed`},
	{"[a, , b]\n", `1:5 syntax-yaml ",": a value is missing before this`},
	{"[a,\n", `1:4 syntax-yaml "": the text ends before a bracket is closed`},
	{"{\"a\": \"x\" \"b\": 1}\n", `1:11 syntax-yaml "\"b\"": a comma or a closing brace is missing before this`},
	{"ü: {a: \"€\", b: [1}}\n", `1:18 syntax-yaml "}}": a comma or a closing bracket is missing before this`},
	{"x: 1\na: *b\n", `2:4 syntax-yaml "*b": no anchor before this alias is named "b"`},
	{"a: &a [*a]\n", `1:8 syntax-yaml "*a": the alias "a" stands inside the value it names`},
	{"a: &a {b: {<<: *a}}\n", `1:16 syntax-yaml "*a": the alias "a" stands inside the value it names`},
	{"a: !!int x\n", `1:10 syntax-yaml "x": "x" is not a value of type !!int`},
	{"<<: 1\n", `1:5 syntax-yaml "1": a merge key takes a mapping or a sequence of mappings`},
	{"a: &x 1\n<<: [{b: 1}, *x]\n", `2:5 syntax-yaml "[{b: 1}, *x]": a merge key takes a mapping or a sequence of mappings`},
	{"? [a]\n: b\nc: 1\n", `1:3 syntax-yaml-key "[a]": a mapping or a sequence as a key, expected a text`},
	{"{a: 1}: b\nc: {[d]: e, f: 1}\n", `1:1 syntax-yaml-key "{a: 1}": a mapping or a sequence as a key, expected a text
2:5 syntax-yaml-key "[d]": a mapping or a sequence as a key, expected a text`},
	{"a: &x [1]\n*x : 2\n", `2:1 syntax-yaml-key "*x": a mapping or a sequence as a key, expected a text`},
	{"? [&x [1], &y 2]\n: b\nc: *x\nd: *y\n", `1:3 syntax-yaml-key "[&x [1], &y 2]": a mapping or a sequence as a key, expected a text
3:4 syntax-yaml "*x": the value that the alias "x" names is not read`},
	{"a: 1\n---\nb: 2\n---\nc: 3\n", `2:1 syntax-yaml-documents "---": a second document starts here, only the first one is read`},
	{"a: \"x\n---\nb: 2\n", `1:4 syntax-yaml "\"x": the string has no closing quote
2:1 syntax-yaml-documents "---": a second document starts here, only the first one is read`},
	{"a: 1\n...\nb: 2\n", `3:1 syntax-trailing-text "b: 2": text after the end of the document`},
	{"{a: 1}\nb: 2\n", `2:1 syntax-trailing-text "b: 2": text after the end of the document`},
	{" a: 1\nb: 2\n", `2:1 syntax-trailing-text "b: 2": text after the end of the document`},
	{"a: 1\nb: 2\na: 3\n", `3:1 syntax-duplicate-key "a": the key "a" is already on line 1`},
	{"\"a\": 1\n'a': 2\n", `2:1 syntax-duplicate-key "'a'": the key "a" is already on line 1`},
	{"1: x\n\"1\": y\n", `2:1 syntax-duplicate-key "\"1\"": the key "1" is already on line 1`},
	{"\ufeff# BOM\na: 1\n", `1:1 syntax-byte-order-mark "\ufeff": the file starts with a byte order mark`},
	{"a: \x01b\x02\n", `1:4 syntax-control-character "\x01": raw control character U+0001, the first of 2`},
	{"a: \"\x7f\"\n", `1:5 syntax-control-character "\x7f": raw control character U+007F`},
	{"%YAML 2.0\n---\na: 1\n", `1:9 syntax-yaml "0": the document asks for another version of YAML`},
	{"a: 1\r\nb: c: d\r\n", `2:5 syntax-yaml ":": a colon that cannot start a value here`},
	{"ä: \"€\": 1\n", `1:7 syntax-yaml ":": a colon that cannot start a value here`},
	{"a: 1\n  \tb: c: d\n", `2:5 syntax-yaml ":": a colon that cannot start a value here`},
}
