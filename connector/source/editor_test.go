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

	"gopkg.in/yaml.v3"
)

// editing is one case: a file, what is done to it, and what comes out.
type editing struct {
	name, text string
	do         step
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
			checkProblems(t, f, Parse(file, []byte(got)))
		})
	}
}

func visible(s string) string {
	return strings.NewReplacer("\r", "\\r", "\t", "\\t").Replace(s)
}

// A step is one call of a method of an editor, or several.
type step = func(*Editor, *File)

func set(pointer, key string, value any) step {
	return func(e *Editor, f *File) { e.Set(f.At(pointer), key, value) }
}

func after(pointer, key string, value any) step {
	return func(e *Editor, f *File) { e.InsertAfter(f.At(pointer), key, value) }
}

func add(pointer string, values ...any) step {
	return func(e *Editor, f *File) {
		for _, v := range values {
			e.Append(f.At(pointer), v)
		}
	}
}

func drop(pointers ...string) step {
	return func(e *Editor, f *File) {
		for _, p := range pointers {
			e.Remove(f.At(p))
		}
	}
}

func replace(pointer string, value any) step {
	return func(e *Editor, f *File) { e.Replace(f.At(pointer), value) }
}

func rename(pointer, key string) step {
	return func(e *Editor, f *File) { e.Rename(f.At(pointer), key) }
}

func all(steps ...step) step {
	return func(e *Editor, f *File) {
		for _, step := range steps {
			step(e, f)
		}
	}
}

func TestEditorJSON(t *testing.T) {
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
		{"remove before the last, comments", "{\n  // of a\n  \"a\": 1, // one\n  // of b\n  \"b\": 2 // two\n  // end\n}", drop("/a"), "{\n  // of a\n  // of b\n  \"b\": 2 // two\n  // end\n}"},
		{"remove the last, comments", "{\n  // of a\n  \"a\": 1, // one\n  // of b\n  \"b\": 2 // two\n  // end\n}", drop("/b"), "{\n  // of a\n  \"a\": 1 // one\n  // of b\n  // end\n}"},
		{"remove all, comments", "{\n  // of a\n  \"a\": 1, // one\n  // of b\n  \"b\": 2 // two\n  // end\n}", drop("/a", "/b"), "{\n  // of a\n  // of b\n  // end\n}"},
		{"remove the last two, comments", "{\n  \"0\": 0, // zero\n  // of a\n  \"a\": 1, // one\n  // of b\n  \"b\": 2 // two\n}", drop("/a", "/b"), "{\n  \"0\": 0 // zero\n  // of a\n  // of b\n}"},
		{"remove the last, a comment with a space at its end", "[\n  1,\n  // x \n  2\n]", drop("/1"), "[\n  1\n  // x \n]"},
		{"remove the last two, a comment and the closer on their line", "[\n  1,// x\n  2,// y\n  3 /* z */ ]", drop("/1", "/2"), "[\n  1// x\n   /* z */ ]"},
		{"fill, a comment with a space at its end", "{\n  // x \n\n}", set("", "a", 1), "{\n  // x \n  \"a\": 1\n}"},
		{"remove the last, closer on its line", "{\n  \"a\": 1, // one\n  \"b\": 2 }", drop("/b"), "{\n  \"a\": 1 // one\n   }"},

		// Remove
		{"remove first", "{\n  \"a\": 1,\n  \"b\": 2\n}", drop("/a"), "{\n  \"b\": 2\n}"},
		{"remove by key", "{\n  \"a\": 1,\n  \"b\": 2\n}", func(e *Editor, f *File) { e.Remove(f.At("/a").Key()) }, "{\n  \"b\": 2\n}"},
		{"remove middle, CRLF", "{\r\n  \"a\": 1,\r\n  \"b\": [\r\n    2\r\n  ],\r\n  \"c\": 3\r\n}", drop("/b"), "{\r\n  \"a\": 1,\r\n  \"c\": 3\r\n}"},
		{"remove last", "{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}", drop("/b"), "{\r\n  \"a\": 1\r\n}"},
		{"remove only", "{\n  \"a\": 1\n}\n", drop("/a"), "{}\n"},
		{"remove all", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", drop("/b", "/a"), "{}\n"},
		{"remove last two", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}", drop("/c", "/b"), "{\n  \"a\": 1\n}"},
		{"remove first and last", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}", drop("/c", "/a"), "{\n  \"b\": 2\n}"},
		{"remove on one line", `{ "a": 1, "b": 2, "c": 3 }`, drop("/a"), `{ "b": 2, "c": 3 }`},
		{"remove on one line, middle", `{ "a": 1, "b": 2, "c": 3 }`, drop("/b"), `{ "a": 1, "c": 3 }`},
		{"remove on one line, last", `{ "a": 1, "b": 2, "c": 3 }`, drop("/c"), `{ "a": 1, "b": 2 }`},
		{"remove on one line, but one", `{"a":1,"b":2,"c":3}`, drop("/a", "/c"), `{"b":2}`},
		{"remove at the end of a line", "[\n  1, 2,\n  3, 4\n]", drop("/1"), "[\n  1,\n  3, 4\n]"},
		{"remove at the start of a line", "[\n  1, 2,\n  3, 4\n]", drop("/2"), "[\n  1, 2,\n  4\n]"},
		{"remove a line of two", "[\n  1, 2,\n  3, 4,\n  5\n]", drop("/2", "/3"), "[\n  1, 2,\n  5\n]"},
		{"remove hugging, first", "[{\n  \"a\": 1\n}, {\n  \"a\": 2\n}]", drop("/0"), "[{\n  \"a\": 2\n}]"},
		{"remove hugging, last", "[{\n  \"a\": 1\n}, {\n  \"a\": 2\n}]", drop("/1"), "[{\n  \"a\": 1\n}]"},
		{"remove leading comma", "{\n  \"a\": 1\n, \"b\": 2\n}", drop("/b"), "{\n  \"a\": 1\n\n}"},
		{"remove within the removed", "{\n  \"a\": {\n    \"b\": 1\n  },\n  \"c\": 2\n}", drop("/a/b", "/a"), "{\n  \"c\": 2\n}"},

		{"remove first two", "{ \"a\": 1,\n  \"b\": 2,\n  \"c\": 3 }", drop("/a", "/b"), "{ \"c\": 3 }"},
		{"remove last two, comments", "[ 1, // one\n  2, 3\n]", drop("/1", "/2"), "[ 1 // one\n]"},
		{"remove in a line, comments", "[1, /* two */ 2, /* three */ 3, /* four */ 4]", drop("/1", "/3"), "[1, /* two */ /* three */ 3 /* four */ ]"},

		// Remove and insert
		{"move a member", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}", func(e *Editor, f *File) {
			e.Remove(f.At("/a"))
			e.InsertAfter(f.At("/b"), "a", f.At("/a"))
		}, "{\n  \"b\": 2,\n  \"a\": 1,\n  \"c\": 3\n}"},
		{"remove the last and set", "{\n  \"a\": 1,\n  \"b\": 2\n}", all(drop("/b"), set("", "b", 3)), "{\n  \"a\": 1,\n  \"b\": 3\n}"},
		{"insert before a removed one", `{"a":1,"b":2}`, all(drop("/b"), after("/a", "x", 0), set("", "y", 1)), `{"a":1,"x":0,"y":1}`},
		{"exchange all", "{\n  \"a\": 1,\n  \"b\": 2\n}", all(drop("/b", "/a"), set("", "c", 3)), "{\n  \"c\": 3\n}"},

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
		{"trailing comma, remove", "{\n  \"a\": 1,\n  \"b\": 2,\n}", drop("/b"), "{\n  \"a\": 1\n}"},
		{"missing comma elsewhere", "{\n  \"a\": {\"x\": 1},\n  \"b\": 2\n  \"c\": 3\n}", set("/a", "x", 2), "{\n  \"a\": {\"x\": 2},\n  \"b\": 2\n  \"c\": 3\n}"},
		{"missing comma", "{\n  \"a\": 1\n  \"b\": 2\n}", set("", "c", 2), "error: commas"},
		{"not closed", "{\n  \"a\": 1", set("", "c", 2), "error: brackets"},
		{"invalid", `{"a": x}`, set("", "a", 2), "error: not a value"},
		{"damaged", "{\n  \"a\": {\n    \"b\": [1, 2}\n  },\n  \"c\": 1\n}", set("/a/b", "c", 2), "error: damaged"},
		{"damaged inside", "{\n  \"a\": {\n    \"b\": [1, 2}\n  },\n  \"c\": 1\n}", drop("/a"), "error: damaged"},
		{"UTF-16", "\xff\xfe{\x00}\x00", set("", "a", 2), "error: not UTF-8"},

		// Contradictions
		{"two values", `{"a": 1}`, all(set("", "a", 2), set("", "a", 3)), "error: two others"},
		{"two new values", `{"a": 1}`, all(set("", "b", 2), set("", "b", 3)), "error: with two values"},
		{"two names", `{"a": 1}`, all(rename("/a", "b"), rename("/a", "c")), "error: both"},
		{"insert what is there", `{"a": 1}`, after("/a", "a", 1), "error: twice"},
		{"rename to what is there", `{"a": 1, "b": 2}`, rename("/a", "b"), "error: twice"},
		{"remove and rename", `{"a": 1, "b": 2}`, all(drop("/a"), rename("/a", "c")), "error: removed and"},
		{"change within the removed", `{"a": {"b": 2}}`, all(drop("/a"), set("/a", "b", 3)), "error: changes within"},
		{"change within the replaced", `{"a": {"b": 2}}`, all(replace("/a", 1), set("/a", "c", 3)), "error: changes within"},
		{"not an object", `{"a": []}`, set("/a", "c", 3), "error: expected object, found array"},
		{"absent", `{"a": []}`, drop("/b"), "error: no such node"},
		{"another file", `{"a": []}`, func(e *Editor, f *File) { e.Remove(Parse("", []byte("[1]")).At("/0")) }, "error: no such node"},
		{"bad value", `{"a": []}`, set("", "b", []int{1}), "error: []int"},
		{"bad number", `{"a": []}`, set("", "b", json.Number("01")), "error: not a number"},
		{"duplicate in the value", `{"a": []}`, set("", "b", Members{{"a", 1}, {"a", 1}}), "error: there twice"},
		{"the root", `{}`, drop(""), "error: outermost"},
	})
}

// TestEditorsMerge checks which edits of two editors may be made together.
func TestEditorsMerge(t *testing.T) {
	tests := []struct {
		name, file, text string
		one, two         step
		want             string // "" if they conflict
	}{
		{"apart", "x.json", `{"a":1,"b":2}`, set("", "a", 3), rename("/b", "c"), `{"a":3,"c":2}`},
		{"remove and remove", "x.json", `{"a":1,"b":2,"c":3}`, drop("/a"), drop("/b"), `{"c":3}`},
		{"remove the last two", "x.json", `{"a":1,"b":2}`, drop("/a"), drop("/b"), ""},
		{"remove the last and insert before", "x.json", `{"a":1,"b":2}`, drop("/b"), after("/a", "c", 3), ""},
		{"remove the only one and append", "x.json", `{"a":1}`, drop("/a"), set("", "b", 2), ""},
		{"remove the last and append", "x.json", "[\n  1, // x\n  2\n]", drop("/1"), add("", 3), ""},
		{"append and append", "x.json", `{"a":1}`, set("", "b", 2), set("", "c", 3), ""},
		{"append behind a comment", "x.json", "{\n  \"a\": 1 // one\n}", set("", "b", 2), set("", "c", 3), ""},
		{"append the same", "x.json", "{\n  \"a\": 1 // one\n}", set("", "b", 2), set("", "b", 2), "{\n  \"a\": 1, // one\n  \"b\": 2\n}"},
		{"fill", "x.json", `{}`, set("", "b", 2), set("", "c", 3), ""},
		{"remove the last two", "x.yaml", "a:\n  b: 1\n  c: 2\nd: 3\n", drop("/a/b"), drop("/a/c"), ""},
		{"remove and append inside", "x.yaml", "a: 1\nb:\n  c: 2\n", drop("/b"), set("/b", "d", 3), ""},
		{"remove and append inside, no last newline", "x.yaml", "a: 1\nb:\n  c: 2", drop("/b"), set("/b", "d", 3), ""},
		{"replace and append inside", "x.yaml", "a:\n  b: 1\nc: 2\n", replace("/a", 1), set("/a", "d", 3), ""},
		{"empty and append", "x.yaml", "a:\n  b: 1\nc: 2\n", drop("/a/b"), set("/a", "d", 3), ""},
		{"append inside and behind", "x.yaml", "a:\n  b: 1\nc: 2\n", set("/a", "d", 1), after("/a", "d", 3), ""},
		{"remove and rename", "x.yaml", "a:\n  b: 1\nc: 2\n", drop("/c"), rename("/a", "d"), "d:\n  b: 1\n"},
	}
	for _, test := range tests {
		f := Parse(test.file, []byte(test.text))
		var lists [2][]Edit
		for i, do := range []step{test.one, test.two} {
			e, err := f.Editor(), error(nil)
			do(e, f)
			if lists[i], err = e.Edits(); err != nil {
				t.Fatal(err)
			}
		}
		merged, ok := Merge(lists[0], lists[1])
		if got, err := Apply(test.text, merged); ok != (test.want != "") || ok && got != test.want {
			t.Errorf("%s, %s: got %q, %v, %v; want %q", test.name, test.file, got, ok, err, test.want)
		}
	}
}

// TestEditorMergesWithFix checks that an append does not merge with the removal
// of the comma that it relies on.
func TestEditorMergesWithFix(t *testing.T) {
	f := Parse("x.json", []byte("{\n  \"a\": 1,\n}"))
	e := f.Editor()
	e.Set(f.Root(), "b", 2)
	edits, err := e.Edits()
	if err != nil {
		t.Fatal(err)
	}
	if merged, ok := Merge(edits, f.Problems[0].Fix.Edits); ok {
		t.Errorf("got %+v", merged)
	}
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
	if n.IsAlias() {
		return m
	}
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
	switch kind := m.node.Kind(); {
	case m.node.IsAlias():
	case kind == Object:
		return append(Members{}, list...)
	case kind == Array:
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

// checkEditing does the operations that ops stands for to a file, four bytes
// each, and checks all that an editor promises. It returns the new text, or the
// error of the editor: several operations may contradict each other, and not
// every one is possible in YAML.
func checkEditing(t *testing.T, f *File, ops []byte) (string, error) {
	t.Helper()
	var all []*model
	root, e, done := modelOf(f.Root(), nil, &all), f.Editor(), 0
	for ; len(ops) >= 4; ops = ops[4:] {
		if operate(e, all, int(ops[0]), int(ops[1])<<8|int(ops[2]), int(ops[3])) {
			done++
		}
	}
	edits, err := e.Edits()
	if err != nil {
		if done == 1 && f.Format == JSON && countRules(f)["syntax-trailing-comma"] == 0 {
			t.Fatalf("%s: one sound operation: %v", f.Name, err)
		}
		return "", err
	}
	text, err := Apply(f.Text, edits)
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	after := Parse(f.Name, []byte(text))
	checkProblems(t, f, after)
	got, err := plainTree(after.Root())
	if want := root.value(); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: %v\n%s\nbecame\n%s\nby %+v\n%v\nwant\n%v", f.Name, err, f.Text, text, edits, got, want)
	}
	root.checkUntouched(t, edits)
	root.checkComments(t, text)
	if again, err := e.Edits(); err != nil || !reflect.DeepEqual(again, edits) {
		t.Fatalf("%s: asked again: %+v, %v", f.Name, again, err)
	}
	return text, nil
}

// checkMerge does each of two operations with an editor of its own. If their
// edits merge, the result must be as if one editor had done both.
func checkMerge(t *testing.T, f *File, first, second []byte) {
	t.Helper()
	var all []*model
	var lists [2][]Edit
	root, both := modelOf(f.Root(), nil, &all), f.Editor()
	for i, op := range [][]byte{first, second} {
		var scratch []*model
		modelOf(f.Root(), nil, &scratch)
		one := f.Editor()
		for e, nodes := range map[*Editor][]*model{one: scratch, both: all} {
			operate(e, nodes, int(op[0]), int(op[1])<<8|int(op[2]), int(op[3]))
		}
		var err error
		if lists[i], err = one.Edits(); err != nil || len(lists[i]) == 0 {
			return
		}
	}
	merged, ok := Merge(lists[0], lists[1])
	if _, err := both.Edits(); err != nil || !ok || reflect.DeepEqual(lists[0], lists[1]) {
		return // such as a key that both add; the same item twice is merged into one
	}
	text, err := Apply(f.Text, merged)
	if err != nil {
		t.Fatal(err)
	}
	after := Parse(f.Name, []byte(text))
	if countRules(after)["syntax-duplicate-key"] > 0 {
		return // both add it, at different places; only parsing tells
	}
	got, err := plainTree(after.Root())
	if want := root.value(); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: %v\n%s\nbecame\n%s\nby %+v and %+v\n%v\nwant\n%v", f.Name, err, f.Text, text, lists[0], lists[1], got, want)
	}
}

// checkProblems fails if there are more problems of any kind than before.
func checkProblems(t *testing.T, before, after *File) {
	t.Helper()
	for rule, count := range countRules(after) {
		if count > countRules(before)[rule] {
			t.Fatalf("%s: new %s\n%s\nbecame\n%s", before.Name, rule, before.Text, after.Text)
		}
	}
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

var fuzzOps = []string{
	"\x00\x00\x00\x01", "\x01\x00\x00\x09", "\x05\x00\x01\x00",
	"\x05\x00\x02\x00\x05\x00\x03\x00\x02\x00\x01\x07\x01\x00\x00\x02",
}

func FuzzEdit(f *testing.F) {
	for _, text := range []string{
		"{}", "[]", "1", `{"a":1,"b":[1,2,{"c":null}],"d":"x"}`, "[{\n  \"a\": 1\n}, {\n  \"a\": 2\n}]",
		"{\r\n\t\"a\": {\r\n\t\t\"b\" : [],\r\n\t\t\"c\" : {}\r\n\t},\r\n\t\"d\": [\"e\", \"f\"]\r\n}\r\n",
		"{\n  // one\n  \"a\": 1, // two\n  /* three */ \"b\": [ // four\n    1, 2,\n    3 /* five */, 4\n  ],\n  // six\n}",
	} {
		for _, ops := range fuzzOps {
			f.Add(text, []byte(ops))
		}
	}
	f.Fuzz(func(t *testing.T, text string, ops []byte) {
		file := Parse("fuzz.json", []byte(text))
		if len(text) > 1500 || len(ops) > 24 || file.Transcoded || strings.Contains(text, "\x00") {
			return // the first keeps values from becoming too deep; with NULs the result may look like UTF-16
		}
		for _, p := range file.Problems {
			if p.Rule != "syntax-comment" && p.Rule != "syntax-trailing-comma" && p.Rule != "syntax-exotic-space" {
				return
			}
		}
		checkEditing(t, file, ops)
		if len(ops) >= 8 {
			checkMerge(t, file, ops[:4], ops[4:])
		}
	})
}

func FuzzEditYAML(f *testing.F) {
	for _, text := range []string{
		"a: 1\nb:\n  - x\n  - c: y # z\n    d: |\n      e\n\n  -\n# f\ng: {h: [i, 'j'], \"k\": {}}\n",
		"- - a\n  - b:\n    - c\n- d: e\n  f:\n  g: >-\n    h\n    i\n-\n  j: [k,\n    l]\n",
		"a: &x {b: 1}\nc: *x\nd: &y\n  e: !!str 1\nf: [*y]\r\n", "{\"a\": [1], \"b\": {\"c\": null}}", "a: |+\n  b\n\nc: d\n e",
	} {
		for _, ops := range fuzzOps {
			f.Add(text, []byte(ops))
		}
	}
	f.Fuzz(func(t *testing.T, text string, ops []byte) {
		file := Parse("fuzz.yaml", []byte(text))
		if len(text) > 1000 || len(ops) > 24 || file.Transcoded || len(file.Problems) > 0 || file.merges {
			return
		}
		checkEditing(t, file, ops)
		if len(ops) >= 8 {
			checkMerge(t, file, ops[:4], ops[4:])
		}
	})
}

// TestRealEdits does random operations to real files, one and several at a
// time, and to what yaml.v3 makes of them.
func TestRealEdits(t *testing.T) {
	root := os.Getenv("CONNECTORCTL_CORPUS")
	if root == "" {
		t.Skip("CONNECTORCTL_CORPUS is not set")
	}
	random := rand.New(rand.NewPCG(1, 2))
	files, single, refused := 0, 0, 0
	check := func(f *File) {
		if count := countRules(f); count["syntax-duplicate-key"]+count["syntax-missing-comma"] > 0 {
			return // what counts is not what the model says
		}
		files++
		for i := range 6 {
			ops := make([]byte, 4*(1+i/4*5))
			for j := range ops {
				ops[j] = byte(random.Uint32())
			}
			_, err := checkEditing(t, f, ops)
			if len(ops) == 4 {
				single++
			} else {
				checkMerge(t, f, ops[:4], ops[4:])
			}
			if len(ops) == 4 && err != nil {
				refused++
				t.Log(err)
			}
		}
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" || random.IntN(4) > 0 {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || len(data) > 400_000 {
			return err
		}
		f := Parse(path, data)
		check(f)
		if data, err = yaml.Marshal(f.Root().Value()); err == nil && len(data) < 100_000 {
			check(Parse(path+".yaml", data))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files, %d of %d single operations refused", files, refused, single)
	if files == 0 || refused*100 > single {
		t.Error("more than one in a hundred was refused")
	}
}

func TestEditorYAML(t *testing.T) {
	runEditing(t, "x.yaml", []editing{
		// Members
		{"set existing", "a: 1 # one\nb: 2\n", set("", "a", "x: y"), "a: \"x: y\" # one\nb: 2\n"},
		{"set new", "a: 1\nb:\n  c: x # c\n\nd: 2\n", set("/b", "e", true), "a: 1\nb:\n  c: x # c\n  e: true\n\nd: 2\n"},
		{"set new, no last newline, CRLF", "a: 1\r\nb: 2", set("", "c", Members{{"d", []any{1, Members{{"e", nil}, {"f", []any{}}}}}}),
			"a: 1\r\nb: 2\r\nc:\r\n  d:\r\n    - 1\r\n    - e: null\r\n      f: []"},
		{"sequences not indented, 4 spaces", "a:\n- 1\nb:\n    c: 1\n", all(set("/b", "d", []any{"x", []any{"z"}}), set("/b", "e", Members{{"f", 1}})),
			"a:\n- 1\nb:\n    c: 1\n    d:\n    - x\n    - - z\n    e:\n        f: 1\n"},
		{"insert after", "a:\n  b: 1\nc: 2\n", after("/a", "x", 1), "a:\n  b: 1\nx: 1\nc: 2\n"},
		{"insert after a block scalar", "a: |\n  b\n\n  c\n\nc: 2\n", after("/a", "x", 1), "a: |\n  b\n\n  c\nx: 1\n\nc: 2\n"},
		{"insert after a block scalar that keeps", "a: |+\n  b\n\nc: 2\n", after("/a", "x", 1), "a: |+\n  b\n\nx: 1\nc: 2\n"},
		{"insert after a folded scalar", "a: b\n  c\nd: 1\n", after("/a", "x", 1), "a: b\n  c\nx: 1\nd: 1\n"},
		{"in an item", "- a: 1\n  b: 2\n- c: 3\n", all(after("/0/a", "x", 1), set("/1", "z", 2)), "- a: 1\n  x: 1\n  b: 2\n- c: 3\n  z: 2\n"},
		{"behind nothing", "a:\nb:\n  -\n  - # x\nc: 1\n", all(after("/a", "x", 1), after("/b", "z", 1), add("/b", 2)), "a:\nx: 1\nb:\n  -\n  - # x\n  - 2\nz: 1\nc: 1\n"},
		{"before the end mark", "---\na: 1\n...\n", set("", "b", 2), "---\na: 1\nb: 2\n...\n"},
		{"nothing new", "a: 'b'\n", set("", "a", "b"), "a: 'b'\n"},

		// Strings
		{"quotes", "a: x\n", set("", "b", []any{"plain text, with commas", "1", "true", "null", "no", "~", "", " x", "a #b", "#", "- a", "2020-01-01", "a\nb", "ü", "\u0085\ufeff", "*a", "&a b", "!a b", "x:", "<<", "---", "%a", "`"}),
			"a: x\nb:\n  - plain text, with commas\n  - \"1\"\n  - \"true\"\n  - \"null\"\n  - \"no\"\n  - \"~\"\n  - \"\"\n  - \" x\"\n  - \"a #b\"\n  - \"#\"\n  - \"- a\"\n  - \"2020-01-01\"\n  - \"a\\nb\"\n  - ü\n  - \"\\u0085\\ufeff\"\n  - \"*a\"\n  - \"&a b\"\n  - \"!a b\"\n  - \"x:\"\n  - \"<<\"\n  - \"---\"\n  - \"%a\"\n  - \"`\"\n"},
		{"keys", "a: x\n", set("", "b", Members{{"200", 1}, {"a: b", 2}, {"x-ms", 3}, {"<<", 4}}), "a: x\nb:\n  \"200\": 1\n  \"a: b\": 2\n  x-ms: 3\n  \"<<\": 4\n"},
		{"keep the quotes", "a: 'x'\nb: \"x\"\nc: x\n\"d\": 1\n", all(set("", "a", "it's"), set("", "b", "y"), set("", "c", "'"), rename("/d", "e")), "a: 'it''s'\nb: \"y\"\nc: ''''\n\"e\": 1\n"},

		// Flow
		{"flow", "a: [x, y] # c\nb: {c: 1}\n", all(add("/a", "u, v"), set("/b", "d", Members{{"e", []any{1}}})), "a: [x, y, \"u, v\"] # c\nb: {c: 1, d: {e: [1]}}\n"},
		{"flow over lines", "a: {\n    b: 1, # c\n    d: [x]\n  }\n", all(after("/a/b", "x", 1), drop("/a/d")), "a: {\n    b: 1, # c\n    x: 1\n  }\n"},
		{"remove before a comment in flow", "a: [x, # c\n  y]\n", drop("/a/0"), "a: [ # c\n  y]\n"},
		{"remove in flow", "a: [x, y, z]\nb: {c: 1}\n", all(drop("/a/1"), drop("/b/c")), "a: [x, z]\nb: {}\n"},
		{"empty ones become blocks", "a: []\nb: {} # c\n", all(add("/a", 1), set("/b", "d", 2)), "a:\n  - 1\nb:\n  d: 2 # c\n"},
		{"empty in flow", "a: [{}]\n", set("/a/0", "b", 1), "a: [{b: 1}]\n"},
		{"empty root", "{}\n", set("", "a", Members{{"b", 1}}), "a:\n  b: 1\n"},
		{"JSON", "{\"a\": [1], \"b\": \"c\"}\n", set("", "d", "e"), "{\"a\": [1], \"b\": \"c\", d: e}\n"},
		{"flat habit", "a: [x, y]\nb:\n  c: 1\n", set("/b", "d", []any{"e", 1}), "a: [x, y]\nb:\n  c: 1\n  d: [e, 1]\n"},

		// Remove
		{"remove first", "a: 1 # one\n# of b\nb: 2\n", drop("/a"), "# of b\nb: 2\n"},
		{"remove last", "a: 1 # one\n# of b\nb: 2\n# end\n", drop("/b"), "a: 1 # one\n# of b\n# end\n"},
		{"remove last, no last newline", "a: 1\nb:\n  c: 2", drop("/b"), "a: 1"},
		{"remove middle", "a: 1\nb: |\n  x\n\n  y\nc: 3\n", drop("/b"), "a: 1\nc: 3\n"},
		{"remove only", "a: # x\n  b: 1 # one\n  # end\nc: 2\n", drop("/a/b"), "a: {} # x\n  # end\nc: 2\n"},
		{"remove all", "a:\n  # of b\n  b: 1\n  # of c\n  c: 2\nd: 3\n", drop("/a/b", "/a/c"), "a: {}\n  # of b\n  # of c\nd: 3\n"},
		{"remove all of the root", "# x\na: 1\nb: 2\n", drop("/a", "/b"), "# x\n{}\n"},
		{"remove items", "a:\n- 1\n- b: 2\n  c: 3\n- 4\n", drop("/a/1"), "a:\n- 1\n- 4\n"},
		{"remove all items", "a:\n- 1\n- 2\nb: 1\n", drop("/a/1", "/a/0"), "a: []\nb: 1\n"},
		{"remove at the dash", "- a: 1 # one\n  b: 2\n  c: 3\n", drop("/0/a"), "- b: 2\n  c: 3\n"},
		{"remove more at the dash", "- a: 1\n  b: 2\n  c: 3\n  d: 4\n", drop("/0/a", "/0/b"), "- c: 3\n  d: 4\n"},
		{"remove at the dash, comment", "- a: 1\n  # of b\n  b: 2\n", drop("/0/a"), "- # of b\n  b: 2\n"},
		{"remove all at the dash", "- a: 1\n  b: 2\n- c\n", drop("/0/a", "/0/b"), "- {}\n- c\n"},
		{"remove in nested sequences", "- - 1\n  - 2\n- - 3\n", drop("/0/0", "/1/0"), "- - 2\n- []\n"},
		{"remove behind a block scalar, blanks", "a: |\n  x\nb: 1  \n", drop("/b"), "a: |\n  x\n"},
		{"remove behind what was a block scalar's neighbour", "a:\n  b: |\n    x\n  c: 1\nd: 2", drop("/a/c", "/d"), "a:\n  b: |\n    x\n"},
		{"remove, a comment below", "a: 1\nb: 1\n  # in\nc: 2\n", drop("/b"), "a: 1\n  # in\nc: 2\n"},
		{"remove nothing", "a:\n  -\n  - 1\nb:\nc: 2\n", drop("/a/0", "/b"), "a:\n  - 1\nc: 2\n"},
		{"remove behind a block scalar at the end", "a: |\n  x\nb: 1", drop("/b"), "a: |\n  x\n"},
		{"remove within the removed", "a:\n  b: 1\nc: 2\n", drop("/a/b", "/a"), "c: 2\n"},
		{"move", "a: 1\nb: 2\nc: 3\n", func(e *Editor, f *File) {
			e.Remove(f.At("/a"))
			e.InsertAfter(f.At("/b"), "a", f.At("/a"))
		}, "b: 2\na: 1\nc: 3\n"},
		{"exchange", "a: 1\nb:\n  c: 1 # x\nd: 2\n", all(drop("/b"), after("/b", "x", 1), after("/b", "z", 2)), "a: 1\nx: 1\nz: 2 # x\nd: 2\n"},

		// Replace
		{"scalar by object", "a: 1 # one\nb: 2\n", replace("/a", Members{{"c", 1}}), "a:\n  c: 1 # one\nb: 2\n"},
		{"object by scalar", "a: # x\n  b: 1\n  # y\n  c: 2 # z\nd: 2\n", replace("/a", "v"), "a: v # x # z\nd: 2\n"},
		{"object by object", "a: # x\n  b: 1\nd: 2\n", replace("/a", Members{{"z", []any{Members{{"x", 1}, {"w", 2}}}}}), "a: # x\n  z:\n    - x: 1\n      w: 2\nd: 2\n"},
		{"nothing by scalar", "a: # x\nb:\n  -\n  - 1\n", all(replace("/a", 1), replace("/b/0", "x")), "a: 1 # x\nb:\n  - x\n  - 1\n"},
		{"nothing by object", "a: # x\nb: 1\n", replace("/a", Members{{"c", 2}}), "a: # x\n  c: 2\nb: 1\n"},
		{"null by object", "a: ~\nb: 1\n", replace("/a", []any{1}), "a:\n  - 1\nb: 1\n"},
		{"block scalar", "a: |\n  b\n  c\nd: 1\n", replace("/a", "e\nf"), "a: \"e\\nf\"\nd: 1\n"},
		{"item by object", "- 1\n- a\n", replace("/1", Members{{"c", 2}, {"d", 3}}), "- 1\n- c: 2\n  d: 3\n"},
		{"on its own line", "a:\n  b\n-: 1\n", replace("/a", "c"), "a: c\n-: 1\n"},
		{"root", "a: 1\n", replace("", []any{1, "x"}), "- 1\n- x\n"},
		{"flow by object", "a: {b: 1}\n", replace("/a", Members{{"c", 2}}), "a:\n  c: 2\n"},
		{"in flow", "a: {b: 1}\n", replace("/a/b", Members{{"c", 2}}), "a: {b: {c: 2}}\n"},
		{"rename", "a: 1\n'b': {c: 2}\n", all(rename("/a", "x y"), rename("/b", "z"), rename("/b/c", "-")), "x y: 1\n'z': {\"-\": 2}\n"},
		{"copy from JSON", "a: 1\n", func(e *Editor, f *File) {
			e.Set(f.Root(), "b", Parse("x.json", []byte(`{"c": ["d", {}], "e": 1.50}`)).Root())
		}, "a: 1\nb:\n  c:\n    - d\n    - {}\n  e: 1.50\n"},

		// Aliases, anchors, tags, merge keys
		{"in what is shared", "a: &x\n  b: 1\nc: *x\n", set("/a", "b", 2), "error: aliases"},
		{"through an alias", "a: &x\n  b: 1\nc: *x\n", set("/c", "b", 2), "error: alias"},
		{"found through an alias", "a: &x\n  b: 1\nc: *x\n", func(e *Editor, f *File) { e.Replace(f.At("/c/b"), 2) }, "error: aliases"},
		{"replace an alias", "a: &x\n  b: 1\nc: *x\n", replace("/c", 2), "error: is an alias"},
		{"remove an alias", "a: &x\n  b: 1\nc: *x\n", drop("/c"), "a: &x\n  b: 1\n"},
		{"remove what is shared", "a: &x\n  b: 1\nc: *x\n", drop("/a"), "error: aliases"},
		{"remove around what is shared", "a:\n  b: &x 1\nc: *x\nd: 1\n", drop("/a"), "error: aliases"},
		{"beside what is shared", "a: &x\n  b: 1\nc: *x\n", all(after("/a", "d", 1), rename("/a", "e")), "e: &x\n  b: 1\nd: 1\nc: *x\n"},
		{"found through a merge key", "a: &x\n  b: 1\nc:\n  <<: *x\n  d: 2\n", func(e *Editor, f *File) { e.Replace(f.At("/c/b"), 2) }, "error: aliases"},
		{"over a merge key", "a: &x\n  b: 1\nc:\n  <<: *x\n  d: 2\n", set("/c", "b", 2), "a: &x\n  b: 1\nc:\n  <<: *x\n  d: 2\n  b: 2\n"},
		{"a merge key", "a: &x\n  b: 1\nc:\n  <<: *x\n  d: 2\n", drop("/c/<<"), "error: merge key"},
		{"copy a merge key", "a: &x\n  b: 1\nc:\n  <<: *x\n", func(e *Editor, f *File) { e.Set(f.Root(), "d", f.At("/c")) }, "error: merge keys"},
		{"copy an alias", "a: &x\n  b: 1\nc: *x\n", func(e *Editor, f *File) { e.Set(f.Root(), "d", f.At("/c")) }, "a: &x\n  b: 1\nc: *x\nd:\n  b: 1\n"},
		{"replace with an anchor", "a: &x 1\nb: 2\n", replace("/a", 2), "error: anchor"},
		{"replace with a tag", "a: !!str 1\nb: {c: !!str 2}\n", replace("/a", 2), "error: tag"},
		{"replace with a tag in flow", "a: !!str 1\nb: {c: !!str 2}\n", replace("/b/c", 2), "error: tag"},
		{"empty with an anchor", "a: &x\n  b: 1\n", drop("/a/b"), "error: anchor"},
		{"anchors in what is removed", "a:\n  &x b: &y 1\nc: *x\n", drop("/a"), "error: aliases"},
		{"an anchor nobody uses", "a:\n  b: &y 1\nc: 1\n", drop("/a"), "c: 1\n"},
		{"anchor on a key", "&x a: 1\nb: *x\n", drop("/a"), "error: not edited"},

		// What cannot be
		{"folded", "a: b\n  c\n", replace("/a", 2), "error: over lines"},
		{"before a scalar that keeps", "a: |+\n  b\nc: 1\n\nd: 2\n", drop("/c"), "error: empty lines"},
		{"a comment that becomes text", "a: |\n  b\nc: 1\n  # in\nd: 2\n", drop("/c"), "error: the line that follows"},
		{"a comment that becomes text when more goes", "- a: |\n    b\n  c: 1\n- d: 2\n    # in\n", drop("/0/c", "/1"), "error: the line that follows"},
		{"blanks that become text", "a: |\n  b\nc: 1\n   \nd: 2\n", drop("/c"), "error: the line that follows"},
		{"after a block scalar at the end", "a: |\n  b", set("", "c", 2), "error: line break"},
		{"nothing is no object", "a:\n", set("/a", "c", 2), "error: expected object, found null"},
		{"explicit keys", "? a\n: b\n", set("", "c", 2), "error: not edited"},
		{"odd line breaks", "a: 1\rb: 2\r", set("", "c", 2), "error: line breaks"},
	})
}
