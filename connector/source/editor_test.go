package source

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// editing is one case: a file, what is done to it, and what comes out.
type editing struct {
	name, text string
	do         func(e *Editor, f *File)
	want       string // part of the error if it starts with "error: "
}

func runEditing(t *testing.T, file string, tests []editing) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := Parse(file, []byte(test.text))
			e := f.Editor()
			test.do(e, f)
			edits, err := e.Edits()
			if wanted, isError := strings.CutPrefix(test.want, "error: "); isError {
				if err == nil || !strings.Contains(err.Error(), wanted) {
					t.Fatalf("got error %v, want %q", err, wanted)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := Apply(test.text, edits)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s\nedits %+v", visible(got), visible(test.want), edits)
			}
			for _, p := range Parse(file, []byte(got)).Problems[min(len(f.Problems), len(Parse(file, []byte(got)).Problems)):] {
				t.Errorf("new problem: %s at %d", p.Message, p.Range.Start)
			}
		})
	}
}

func visible(s string) string {
	return strings.NewReplacer("\r", "\\r", "\t", "\\t").Replace(s)
}

func TestEditorJSON(t *testing.T) {
	set := func(pointer, key string, value any) func(*Editor, *File) {
		return func(e *Editor, f *File) { e.Set(f.At(pointer), key, value) }
	}
	after := func(pointer, key string, value any) func(*Editor, *File) {
		return func(e *Editor, f *File) { e.InsertAfter(f.At(pointer), key, value) }
	}
	add := func(pointer string, values ...any) func(*Editor, *File) {
		return func(e *Editor, f *File) {
			for _, v := range values {
				e.Append(f.At(pointer), v)
			}
		}
	}
	remove := func(pointers ...string) func(*Editor, *File) {
		return func(e *Editor, f *File) {
			for _, p := range pointers {
				e.Remove(f.At(p))
			}
		}
	}
	replace := func(pointer string, value any) func(*Editor, *File) {
		return func(e *Editor, f *File) { e.Replace(f.At(pointer), value) }
	}
	rename := func(pointer, key string) func(*Editor, *File) {
		return func(e *Editor, f *File) { e.Rename(f.At(pointer), key) }
	}
	all := func(steps ...func(*Editor, *File)) func(*Editor, *File) {
		return func(e *Editor, f *File) {
			for _, step := range steps {
				step(e, f)
			}
		}
	}
	object := Members{{"z", "x"}, {"list", []any{1, nil}}, {"in", Members{{"e", Members{}}, {"f", []any{}}}}}

	runEditing(t, "x.json", []editing{
		// Set and InsertAfter, one member per line
		{"set existing", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", set("", "a", "ü\"\n"), "{\n  \"a\": \"ü\\\"\\n\",\n  \"b\": 2\n}\n"},
		{"set the last of duplicates", `{"a": 1, "a": 2}`, set("", "a", 3), `{"a": 1, "a": 3}`},
		{"set new", "{\n  \"a\": 1\n}\n", set("", "b", true), "{\n  \"a\": 1,\n  \"b\": true\n}\n"},
		{"set new, CRLF and tabs", "{\r\n\t\"a\": {\r\n\t\t\"b\": 1\r\n\t}\r\n}\r\n", set("/a", "c", Members{{"d", 1.5}}),
			"{\r\n\t\"a\": {\r\n\t\t\"b\": 1,\r\n\t\t\"c\": {\r\n\t\t\t\"d\": 1.5\r\n\t\t}\r\n\t}\r\n}\r\n"},
		{"set new, 4 spaces, no last newline", "{\n    \"a\": 1\n}", set("", "b", object),
			"{\n    \"a\": 1,\n    \"b\": {\n        \"z\": \"x\",\n        \"list\": [\n            1,\n            null\n        ],\n        \"in\": {\n            \"e\": {},\n            \"f\": []\n        }\n    }\n}"},
		{"set new, odd colons", "{\n \"a\" :1,\n \"b\" :2\n}", set("", "c", Members{{"d", 3}}), "{\n \"a\" :1,\n \"b\" :2,\n \"c\" :{\n  \"d\" :3\n }\n}"},
		{"minified", `{"a":1,"b":[1,2]}`, set("", "c", object), `{"a":1,"b":[1,2],"c":{"z":"x","list":[1,null],"in":{"e":{},"f":[]}}}`},
		{"one line", `{ "a": 1 }`, set("", "b", Members{{"c", []any{1, 2}}}), `{ "a": 1, "b": { "c": [1, 2] } }`},
		{"one line in lines", "{\n  \"a\": {\"b\": 1},\n  \"c\": 2\n}", set("/a", "d", Members{{"e", 3}}), "{\n  \"a\": {\"b\": 1, \"d\": {\"e\": 3}},\n  \"c\": 2\n}"},
		{"closer on the last line", "{\n  \"a\": 1,\n  \"b\": 2 }", set("", "c", 3), "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3 }"},
		{"first on the opener's line", "{ \"a\": 1,\n  \"b\": 2 }", after("/a", "x", 0), "{ \"a\": 1,\n  \"x\": 0,\n  \"b\": 2 }"},
		{"several at the end", "{\n  \"a\": 1\n}", all(set("", "b", 2), set("", "c", 3), after("/a", "d", 4)), "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3,\n  \"d\": 4\n}"},
		{"after, in the middle", "{\n  \"a\": 1,\n  \"b\": 2\n}", all(after("/a", "x", 0), after("/a", "y", 0)), "{\n  \"a\": 1,\n  \"x\": 0,\n  \"y\": 0,\n  \"b\": 2\n}"},
		{"after, one line", `{"a": 1, "b": 2}`, after("/a", "x", 0), `{"a": 1, "x": 0, "b": 2}`},
		{"the same twice", "{\n  \"a\": 1\n}", all(set("", "b", 2), set("", "b", 2), set("", "a", 5), set("", "a", 5)), "{\n  \"a\": 5,\n  \"b\": 2\n}"},
		{"nothing new", "{\n  \"a\": {\"b\": \"\\u0063\"}\n}", set("", "a", Members{{"b", "c"}}), "{\n  \"a\": {\"b\": \"\\u0063\"}\n}"},
		{"leading commas", "{\n  \"a\": 1\n, \"b\": 2\n}", all(after("/a", "x", 0), set("", "c", 3)), "{\n  \"a\": 1\n, \"x\": 0, \"b\": 2, \"c\": 3\n}"},

		// Empty containers
		{"empty root", "{}", set("", "a", 1), "{\n  \"a\": 1\n}"},
		{"empty object", "{\n\t\"a\": {}\n}", set("/a", "b", 1), "{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}"},
		{"empty over lines", "{\n  \"a\": {\n  }\n}", all(set("/a", "b", 1), set("/a", "c", 2)), "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": 2\n  }\n}"},
		{"empty on one line", "{\n  \"a\": {\"b\": {}}\n}", set("/a/b", "c", 1), "{\n  \"a\": {\"b\": {\"c\": 1}}\n}"},
		{"empty array, flat", "{\n  \"a\": [\"b\", \"c\"],\n  \"d\": []\n}", add("/d", "e", "f"), "{\n  \"a\": [\"b\", \"c\"],\n  \"d\": [\"e\", \"f\"]\n}"},
		{"empty array, not flat", "{\n  \"d\": []\n}", add("/d", "e"), "{\n  \"d\": [\n    \"e\"\n  ]\n}"},
		{"empty with a comment", "{\n  \"a\": {\n    // b\n  }\n}", set("/a", "c", 1), "{\n  \"a\": {\n    // b\n    \"c\": 1\n  }\n}"},
		{"empty with a comment, flat", "{\n  \"f\": [1],\n  \"a\": [ // b\n  ]\n}", add("/a", 2), "{\n  \"f\": [1],\n  \"a\": [ // b\n  2]\n}"},

		// Arrays
		{"append, lines", "[\n  1\n]", add("", 2, 2), "[\n  1,\n  2,\n  2\n]"},
		{"append, flat", "{\n  \"a\": [\"b\"]\n}", add("/a", "c"), "{\n  \"a\": [\"b\", \"c\"]\n}"},
		{"append, flat and tight", "{\n  \"a\": [\"b\",\"c\"]\n}", add("/a", "d"), "{\n  \"a\": [\"b\",\"c\",\"d\"]\n}"},
		{"append, hugging", "[{\n  \"a\": 1\n}, {\n  \"a\": 2\n}]", add("", Members{{"a", 3}}), "[{\n  \"a\": 1\n}, {\n  \"a\": 2\n}, {\n  \"a\": 3\n}]"},
		{"append to objects", "[\n  {\n    \"a\": 1\n  }\n]", add("", Members{{"a", 3}}), "[\n  {\n    \"a\": 1\n  },\n  {\n    \"a\": 3\n  }\n]"},

		// Comments
		{"comma before a comment", "{\n  \"a\": 1 // one\n}", set("", "b", 2), "{\n  \"a\": 1, // one\n  \"b\": 2\n}"},
		{"after a comment", "{\n  \"a\": 1, // one\n  \"b\": 2\n}", after("/a", "x", 0), "{\n  \"a\": 1, // one\n  \"x\": 0,\n  \"b\": 2\n}"},
		{"block comment on the line", "{ \"a\": 1 /* one */ }", set("", "b", 2), "{ \"a\": 1, \"b\": 2 /* one */ }"},
		{"block comment over lines", "{\n  \"a\": 1, /* b\n  is */ \"b\": 2\n}", after("/a", "x", 0), "{\n  \"a\": 1, \"x\": 0, /* b\n  is */ \"b\": 2\n}"},
		{"remove before the last, comments", "{\n  // of a\n  \"a\": 1, // one\n  // of b\n  \"b\": 2 // two\n  // end\n}", remove("/a"), "{\n  // of a\n  // of b\n  \"b\": 2 // two\n  // end\n}"},
		{"remove the last, comments", "{\n  // of a\n  \"a\": 1, // one\n  // of b\n  \"b\": 2 // two\n  // end\n}", remove("/b"), "{\n  // of a\n  \"a\": 1 // one\n  // of b\n  // end\n}"},
		{"remove all, comments", "{\n  // of a\n  \"a\": 1, // one\n  // of b\n  \"b\": 2 // two\n  // end\n}", remove("/a", "/b"), "{\n  // of a\n  // of b\n  // end\n}"},
		{"remove the last two, comments", "{\n  \"0\": 0, // zero\n  // of a\n  \"a\": 1, // one\n  // of b\n  \"b\": 2 // two\n}", remove("/a", "/b"), "{\n  \"0\": 0 // zero\n  // of a\n  // of b\n}"},
		{"remove the last, closer on its line", "{\n  \"a\": 1, // one\n  \"b\": 2 }", remove("/b"), "{\n  \"a\": 1 // one\n   }"},

		// Remove
		{"remove first", "{\n  \"a\": 1,\n  \"b\": 2\n}", remove("/a"), "{\n  \"b\": 2\n}"},
		{"remove by key", "{\n  \"a\": 1,\n  \"b\": 2\n}", func(e *Editor, f *File) { e.Remove(f.At("/a").Key()) }, "{\n  \"b\": 2\n}"},
		{"remove middle, CRLF", "{\r\n  \"a\": 1,\r\n  \"b\": [\r\n    2\r\n  ],\r\n  \"c\": 3\r\n}", remove("/b"), "{\r\n  \"a\": 1,\r\n  \"c\": 3\r\n}"},
		{"remove last", "{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}", remove("/b"), "{\r\n  \"a\": 1\r\n}"},
		{"remove only", "{\n  \"a\": 1\n}\n", remove("/a"), "{}\n"},
		{"remove all", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", remove("/b", "/a"), "{}\n"},
		{"remove last two", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}", remove("/c", "/b"), "{\n  \"a\": 1\n}"},
		{"remove first and last", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}", remove("/c", "/a"), "{\n  \"b\": 2\n}"},
		{"remove on one line", `{ "a": 1, "b": 2, "c": 3 }`, remove("/a"), `{ "b": 2, "c": 3 }`},
		{"remove on one line, middle", `{ "a": 1, "b": 2, "c": 3 }`, remove("/b"), `{ "a": 1, "c": 3 }`},
		{"remove on one line, last", `{ "a": 1, "b": 2, "c": 3 }`, remove("/c"), `{ "a": 1, "b": 2 }`},
		{"remove on one line, but one", `{"a":1,"b":2,"c":3}`, remove("/a", "/c"), `{"b":2}`},
		{"remove at the end of a line", "[\n  1, 2,\n  3, 4\n]", remove("/1"), "[\n  1,\n  3, 4\n]"},
		{"remove at the start of a line", "[\n  1, 2,\n  3, 4\n]", remove("/2"), "[\n  1, 2,\n  4\n]"},
		{"remove a line of two", "[\n  1, 2,\n  3, 4,\n  5\n]", remove("/2", "/3"), "[\n  1, 2,\n  5\n]"},
		{"remove hugging, first", "[{\n  \"a\": 1\n}, {\n  \"a\": 2\n}]", remove("/0"), "[{\n  \"a\": 2\n}]"},
		{"remove hugging, last", "[{\n  \"a\": 1\n}, {\n  \"a\": 2\n}]", remove("/1"), "[{\n  \"a\": 1\n}]"},
		{"remove leading comma", "{\n  \"a\": 1\n, \"b\": 2\n}", remove("/b"), "{\n  \"a\": 1\n\n}"},
		{"remove within the removed", "{\n  \"a\": {\n    \"b\": 1\n  },\n  \"c\": 2\n}", remove("/a/b", "/a"), "{\n  \"c\": 2\n}"},

		{"remove first two", "{ \"a\": 1,\n  \"b\": 2,\n  \"c\": 3 }", remove("/a", "/b"), "{ \"c\": 3 }"},
		{"remove last two, comments", "[ 1, // one\n  2, 3\n]", remove("/1", "/2"), "[ 1 // one\n]"},
		{"remove in a line, comments", "[1, /* two */ 2, /* three */ 3, /* four */ 4]", remove("/1", "/3"), "[1, /* two */ /* three */ 3 /* four */ ]"},

		// Remove and insert
		{"move a member", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}", func(e *Editor, f *File) {
			e.Remove(f.At("/a"))
			e.InsertAfter(f.At("/b"), "a", f.At("/a"))
		}, "{\n  \"b\": 2,\n  \"a\": 1,\n  \"c\": 3\n}"},
		{"remove the last and set", "{\n  \"a\": 1,\n  \"b\": 2\n}", all(remove("/b"), set("", "b", 3)), "{\n  \"a\": 1,\n  \"b\": 3\n}"},
		{"insert before a removed one", `{"a":1,"b":2}`, all(remove("/b"), after("/a", "x", 0), set("", "y", 1)), `{"a":1,"x":0,"y":1}`},
		{"exchange all", "{\n  \"a\": 1,\n  \"b\": 2\n}", all(remove("/b", "/a"), set("", "c", 3)), "{\n  \"c\": 3\n}"},

		// Replace and Rename
		{"replace by an object", "{\n  \"a\": 1\n}", replace("/a", Members{{"b", 2}}), "{\n  \"a\": {\n    \"b\": 2\n  }\n}"},
		{"replace on one line", "{\n  \"a\": {\"b\": 1}\n}", replace("/a", Members{{"b", 2}}), "{\n  \"a\": {\"b\": 2}\n}"},
		{"replace the root", "{\n  \"a\": 1\n}\n", replace("", []any{true}), "[\n  true\n]\n"},
		{"replace and insert", "{\"a\":1}", all(replace("/a", 2), set("", "b", 3)), "{\"a\":2,\"b\":3}"},
		{"replace raw", "{\"a\":1}", replace("/a", Raw("1.50")), "{\"a\":1.50}"},
		{"rename", `{"a": 1, "b": 2}`, rename("/a", "c\\"), `{"c\\": 1, "b": 2}`},
		{"swap names", `{"a": 1, "b": 2}`, all(rename("/a", "b"), rename("/b", "a")), `{"b": 1, "a": 2}`},
		{"copy", "{\n  \"a\": {\"b\": [\"\\u00fc\", 1e3]}\n}", func(e *Editor, f *File) { e.Set(f.Root(), "c", f.At("/a")) },
			"{\n  \"a\": {\"b\": [\"\\u00fc\", 1e3]},\n  \"c\": {\n    \"b\": [\"ü\", 1e3]\n  }\n}"},

		// Broken files
		{"trailing comma, append", "{\n  \"a\": 1,\n}", set("", "b", 2), "{\n  \"a\": 1,\n  \"b\": 2,\n}"},
		{"trailing comma, remove", "{\n  \"a\": 1,\n  \"b\": 2,\n}", remove("/b"), "{\n  \"a\": 1\n}"},
		{"missing comma elsewhere", "{\n  \"a\": {\"x\": 1},\n  \"b\": 2\n  \"c\": 3\n}", set("/a", "x", 2), "{\n  \"a\": {\"x\": 2},\n  \"b\": 2\n  \"c\": 3\n}"},
		{"missing comma", "{\n  \"a\": 1\n  \"b\": 2\n}", set("", "c", 2), "error: commas"},
		{"not closed", "{\n  \"a\": 1", set("", "c", 2), "error: brackets"},
		{"invalid", `{"a": x}`, set("", "a", 2), "error: not a value"},
		{"UTF-16", "\xff\xfe{\x00}\x00", set("", "a", 2), "error: not UTF-8"},

		// Contradictions
		{"two values", `{"a": 1}`, all(set("", "a", 2), set("", "a", 3)), "error: two others"},
		{"two new values", `{"a": 1}`, all(set("", "b", 2), set("", "b", 3)), "error: with two values"},
		{"two names", `{"a": 1}`, all(rename("/a", "b"), rename("/a", "c")), "error: both"},
		{"insert what is there", `{"a": 1}`, after("/a", "a", 1), "error: twice"},
		{"rename to what is there", `{"a": 1, "b": 2}`, rename("/a", "b"), "error: twice"},
		{"remove and rename", `{"a": 1, "b": 2}`, all(remove("/a"), rename("/a", "c")), "error: removed and"},
		{"change within the removed", `{"a": {"b": 2}}`, all(remove("/a"), set("/a", "b", 3)), "error: same text"},
		{"change within the replaced", `{"a": {"b": 2}}`, all(replace("/a", 1), set("/a", "c", 3)), "error: same text"},
		{"not an object", `{"a": []}`, set("/a", "c", 3), "error: expected object, found array"},
		{"absent", `{"a": []}`, remove("/b"), "error: no such node"},
		{"another file", `{"a": []}`, func(e *Editor, f *File) { e.Remove(Parse("", []byte("[1]")).At("/0")) }, "error: no such node"},
		{"bad value", `{"a": []}`, set("", "b", []int{1}), "error: []int"},
		{"bad number", `{"a": []}`, set("", "b", json.Number("01")), "error: not a number"},
		{"duplicate in the value", `{"a": []}`, set("", "b", Members{{"a", 1}, {"a", 1}}), "error: there twice"},
		{"the root", `{}`, remove(""), "error: outermost"},
	})
}

// model is what an editor is told, kept as a tree of values: what the file must
// say afterwards, and which of its nodes must not be touched.
type model struct {
	node     Node
	name     string
	parent   *model
	children []*model
	removed  bool
	renamed  bool
	with     *any    // instead of the value
	after    Members // behind it
	added    Members // in it, if it has no children
}

func modelOf(n Node, parent *model, all *[]*model) *model {
	m := &model{node: n, name: n.KeyStr(), parent: parent}
	*all = append(*all, m)
	for _, v := range n.Members() {
		m.children = append(m.children, modelOf(v, m, all))
	}
	for _, v := range n.Items() {
		m.children = append(m.children, modelOf(v, m, all))
	}
	return m
}

// value returns what m has become.
func (m *model) value() any {
	if m.with != nil {
		return *m.with
	}
	var list Members
	for _, c := range m.children {
		if !c.removed {
			list = append(list, Member{c.name, c.value()})
		}
		list = append(list, c.after...)
	}
	list = append(list, m.added...)
	switch m.node.Kind() {
	case Object:
		return append(Members{}, list...)
	case Array:
		return list.values()
	}
	v, _ := plainTree(m.node)
	return v
}

func (m *model) end() *Members {
	if len(m.children) == 0 {
		return &m.added
	}
	return &m.children[len(m.children)-1].after
}

// insert adds a member to one of the lists of m; what is said twice counts once.
func (m *model) insert(list *Members, key string, value any) {
	for _, c := range append(m.children, &model{after: m.added}) {
		for _, other := range c.after {
			if other.Key == key {
				return
			}
		}
	}
	*list = append(*list, Member{key, value})
}

// operate does one operation to the editor and to the model. It reports whether
// the operation makes sense at all.
func operate(e *Editor, all []*model, op, at, what int) bool {
	m := all[at%len(all)]
	name := fmt.Sprintf("n%d", what%5)
	var value any = []any{
		"ü\"\n: #", 12, nil, true, []any{}, Members{}, []any{"a", "b"}, 0.5, "",
		Members{{"k", "v"}, {"l", []any{1, Members{{"m", false}}}}, {"o", []any{Members{{"p", "q"}, {"r", nil}}}}},
		all[what%len(all)].node,
	}[what%11]
	plain, err := plainTree(value)
	if err != nil {
		return false
	}
	switch isObject, isMember := m.node.Kind() == Object, m.node.Key().Exists(); {
	case op%6 == 0 && isObject && len(m.children) > 0: // a member there is
		c := m.children[what%len(m.children)]
		if last := m.node.Get(c.node.KeyStr()); last != c.node {
			return false
		}
		e.Set(m.node, c.node.KeyStr(), value)
		if c.removed {
			m.insert(m.end(), c.node.KeyStr(), plain)
		} else {
			c.with = &plain
		}
	case op%6 <= 1 && isObject && !m.node.Get(name).Exists():
		e.Set(m.node, name, value)
		m.insert(m.end(), name, plain)
	case op%6 == 2 && isMember && !m.node.Parent().Get(name).Exists():
		e.InsertAfter(m.node, name, value)
		m.parent.insert(&m.after, name, plain)
	case op%6 <= 2 && m.node.Kind() == Array:
		e.Append(m.node, value)
		*m.end() = append(*m.end(), Member{"", plain})
	case op%6 <= 3:
		e.Replace(m.node, value)
		m.with = &plain
	case op%6 == 4 && isMember && !m.node.Parent().Get(name).Exists():
		e.Rename(m.node, name)
		m.name, m.renamed = name, true
	case m.node.Parent().Exists():
		e.Remove(m.node)
		m.removed = true
	default:
		return false
	}
	return true
}

// checkEditing does the operations that ops stands for to a file, three bytes
// each, and checks all that an editor promises. It returns the new text.
func checkEditing(t *testing.T, f *File, ops []byte) string {
	var all []*model
	root, e, done := modelOf(f.Root(), nil, &all), f.Editor(), 0
	for ; len(ops) >= 4; ops = ops[4:] {
		if operate(e, all, int(ops[0]), int(ops[1])<<8|int(ops[2]), int(ops[3])) {
			done++
		}
	}
	edits, err := e.Edits()
	if err != nil {
		if done == 1 && f.Format == JSON {
			t.Fatalf("%s: one sound operation: %v", f.Name, err)
		}
		return f.Text // several may contradict each other
	}
	text, err := Apply(f.Text, edits)
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	after := Parse(f.Name, []byte(text))
	for rule, count := range countRules(after) {
		if count > countRules(f)[rule] {
			t.Fatalf("%s: new %s\n%s\nbecame\n%s\nby %+v", f.Name, rule, f.Text, text, edits)
		}
	}
	got, err := plainTree(after.Root())
	if want := root.value(); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: %v\n%s\nbecame\n%s\nby %+v\n%v\nwant\n%v", f.Name, err, f.Text, text, edits, got, want)
	}
	root.checkUntouched(t, edits)
	root.checkComments(t, text)
	if again, err := e.Edits(); err != nil || !reflect.DeepEqual(again, edits) {
		t.Fatalf("%s: asked again: %+v, %v", f.Name, again, err)
	}
	return text
}

func countRules(f *File) map[string]int {
	count := map[string]int{}
	for _, p := range f.Problems {
		count[p.Rule]++
	}
	return count
}

// checkUntouched checks that no edit reaches into a scalar or a key that is not
// to be changed.
func (m *model) checkUntouched(t *testing.T, edits []Edit) {
	if m.removed || m.with != nil {
		return
	}
	touched := func(n Node) {
		for _, ed := range edits {
			if r := n.Range(); n.Exists() && ed.Start < r.End && r.Start < ed.End {
				t.Fatalf("%s: the edit %+v touches %q", n.Pointer(), ed, n.Text())
			}
		}
	}
	if !m.renamed {
		touched(m.node.Key())
	}
	if k := m.node.Kind(); k != Object && k != Array {
		touched(m.node)
	}
	for _, c := range m.children {
		c.checkUntouched(t, edits)
	}
}

// checkComments checks that the comments of a JSON file survive that have lines
// of their own and do not stand in what is removed or replaced, or before its
// comma.
func (m *model) checkComments(t *testing.T, text string) {
	f := m.node.f
	if f.Format != JSON || len(f.Problems) > MaxProblems {
		return
	}
	want := map[string]int{}
	for _, p := range f.Problems {
		next := f.skipBlank(p.Range.End, len(f.Text))
		if p.Rule == "syntax-comment" && f.startsLine(p.Range.Start) && !m.takes(p.Range) && !strings.HasPrefix(f.Text[next:], ",") {
			want[f.Text[p.Range.Start:p.Range.End]]++
		}
	}
	for comment, count := range want {
		if strings.Count(text, comment) < count {
			t.Fatalf("the comment %q is lost in\n%s\nwhich was\n%s", comment, text, f.Text)
		}
	}
}

func (m *model) takes(r Range) bool {
	whole := Range{m.node.KeyOrSelf().Range().Start, m.node.Range().End}
	if (m.removed || m.with != nil) && whole.Contains(r) {
		return true
	}
	for _, c := range m.children {
		if c.takes(r) {
			return true
		}
	}
	return false
}

func FuzzEdit(f *testing.F) {
	for _, text := range []string{
		"{}", "[]", "1", `{"a":1,"b":[1,2,{"c":null}],"d":"x"}`, "[{\n  \"a\": 1\n}, {\n  \"a\": 2\n}]",
		"{\r\n\t\"a\": {\r\n\t\t\"b\" : [],\r\n\t\t\"c\" : {}\r\n\t},\r\n\t\"d\": [\"e\", \"f\"]\r\n}\r\n",
		"{\n  // one\n  \"a\": 1, // two\n  /* three */ \"b\": [ // four\n    1, 2,\n    3 /* five */, 4\n  ],\n  // six\n}",
	} {
		for _, ops := range []string{"\x00\x00\x00\x01", "\x01\x00\x00\x09", "\x05\x00\x01\x00", "\x05\x00\x02\x00\x05\x00\x03\x00\x02\x00\x01\x07\x01\x00\x00\x02"} {
			f.Add(text, []byte(ops))
		}
	}
	f.Fuzz(func(t *testing.T, text string, ops []byte) {
		file := Parse("fuzz.json", []byte(text))
		if len(text) > 1500 || len(ops) > 24 || file.Transcoded {
			return // the first keeps values from becoming too deep
		}
		for _, p := range file.Problems {
			if p.Rule != "syntax-comment" && p.Rule != "syntax-trailing-comma" && p.Rule != "syntax-exotic-space" {
				return
			}
		}
		checkEditing(t, file, ops)
	})
}

// TestEditCorpus does random operations to real files, one and several at a
// time.
func TestEditCorpus(t *testing.T) {
	root := os.Getenv("CONNECTORCTL_CORPUS")
	if root == "" {
		t.Skip("CONNECTORCTL_CORPUS is not set")
	}
	random, files, changed := rand.New(rand.NewPCG(1, 2)), 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" || random.IntN(4) > 0 {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || len(data) > 400_000 {
			return err
		}
		f := Parse(path, data)
		if countRules(f)["syntax-duplicate-key"] > 0 || countRules(f)["syntax-missing-comma"] > 0 {
			return nil // what counts is not what the model says
		}
		files++
		for i := range 6 {
			ops := make([]byte, 4*(1+i/4*5))
			for j := range ops {
				ops[j] = byte(random.Uint32())
			}
			if checkEditing(t, f, ops) != f.Text {
				changed++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files, %d changes", files, changed)
	if files == 0 || changed < files {
		t.Errorf("only %d changes to %d files", changed, files)
	}
}
