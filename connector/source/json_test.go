package source

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tailscale/hujson"
)

// problemsOf lists rule ids with their places: "syntax-comment 1:5-1:12".
func problemsOf(f *File) []string {
	var list []string
	for _, p := range f.Problems {
		start, end := f.Position(p.Range.Start), f.Position(p.Range.End)
		list = append(list, fmt.Sprintf("%s %d:%d-%d:%d", strings.TrimPrefix(p.Rule, "syntax-"), start.Line, start.Column, end.Line, end.Column))
	}
	return list
}

func TestRecovery(t *testing.T) {
	tests := []struct {
		name, text string
		problems   []string
		value      string // what is understood, as JSON
	}{
		{"nothing", "", []string{"empty 1:1-1:1"}, "null"},
		{"space only", " \n", []string{"empty 1:1-1:1"}, "null"},
		{"byte order mark", "\ufeff{}", []string{"byte-order-mark 1:1-1:1"}, "{}"},
		{"trailing comma in object", `{"a": 1,}`, []string{"trailing-comma 1:8-1:9"}, `{"a":1}`},
		{"trailing comma in array", "[1,\n]", []string{"trailing-comma 1:3-1:4"}, `[1]`},
		{"leading comma", `[,1]`, []string{"trailing-comma 1:2-1:3"}, `[1]`},
		{"double comma", `[1,,2]`, []string{"trailing-comma 1:4-1:5"}, `[1,2]`},
		{"comma alone", `{,}`, []string{"trailing-comma 1:2-1:3"}, `{}`},
		{"line comment", "[ // one\n1]", []string{"comment 1:3-1:9"}, `[1]`},
		{"block comment", "[/* one\n*/1]", []string{"comment 1:2-2:3"}, `[1]`},
		{"comment to the end", "[1] // done", []string{"comment 1:5-1:12"}, `[1]`},
		{"unclosed comment", "[1] /* done", []string{"comment 1:5-1:12"}, `[1]`},
		{"missing comma in object", "{\"a\": 1\n\"b\": 2}", []string{"missing-comma 2:1-2:4"}, `{"a":1,"b":2}`},
		{"semicolon for a comma", "{\"a\": 1;\n\"b\": 2}", []string{"missing-comma 1:8-1:9"}, `{"a":1,"b":2}`},
		{"stray letter for a comma", "{\"a\": {}x\n\"b\": 2}", []string{"missing-comma 1:9-1:10"}, `{"a":{},"b":2}`},
		{"stray letter before a comma", `{"a": {}x, "b": 2}`, []string{"unexpected-text 1:9-1:10"}, `{"a":{},"b":2}`},
		{"semicolon before a closer", `{"a": [1];}`, []string{"unexpected-text 1:10-1:11"}, `{"a":[1]}`},
		{"full stop for a colon", `{"a". 1}`, []string{"missing-colon 1:5-1:6"}, `{"a":1}`},
		{"missing comma in array", `["a" "b"]`, []string{"missing-comma 1:6-1:9"}, `["a","b"]`},
		{"missing colon", `{"a" 1}`, []string{"missing-colon 1:6-1:7"}, `{"a":1}`},
		{"equals sign", `{"a" = 1}`, []string{"missing-colon 1:6-1:7"}, `{"a":1}`},
		{"missing value", `{"a": , "b": 2}`, []string{"missing-value 1:2-1:5"}, `{"a":null,"b":2}`},
		{"missing value at the end", `{"a": }`, []string{"missing-value 1:2-1:5"}, `{"a":null}`},
		{"key alone", `{"a"}`, []string{"missing-value 1:2-1:5"}, `{"a":null}`},
		{"missing key", `{"a": 1, {"b": 2}, "c": 3}`, []string{"missing-key 1:10-1:11"}, `{"a":1,"c":3}`},
		{"missing first key", `{[1], "c": 3}`, []string{"missing-key 1:2-1:3"}, `{"c":3}`},
		{"unquoted key", `{a: 1}`, []string{"unquoted 1:2-1:3"}, `{"a":1}`},
		{"single quotes", `{'a': 'b"c'}`, []string{"unquoted 1:2-1:5", "unquoted 1:7-1:12"}, `{"a":"b\"c"}`},
		{"literal in the wrong case", `[True, NULL]`, []string{"unquoted 1:2-1:6", "unquoted 1:8-1:12"}, `[null,null]`},
		{"leading zero", `[01]`, []string{"invalid-number 1:2-1:4"}, `[null]`},
		{"number without a digit", `[.5, 1., +2, 0x1F, -]`, []string{"invalid-number 1:2-1:4", "invalid-number 1:6-1:8", "invalid-number 1:10-1:12", "invalid-number 1:14-1:18", "invalid-number 1:20-1:21"}, `[null,null,null,null,null]`},
		{"escape unknown to JSON", `["a\x"]`, []string{"invalid-escape 1:4-1:6"}, `["ax"]`},
		{"half an escape", `["\u12"]`, []string{"invalid-escape 1:3-1:5"}, `["u12"]`},
		{"tab in a string", "[\"a\tb\"]", []string{"control-character 1:4-1:5"}, `["a\tb"]`},
		{"line break in a string", "[\"a\nb\"]", []string{"control-character 1:4-2:1"}, `["a\nb"]`},
		{"no closing quote", "{\"a\": \"b,\n\"c\": 1}", []string{"unterminated-string 1:7-1:9"}, `{"a":"b","c":1}`},
		{"no closing quote at the end", `["a`, []string{"unterminated-string 1:2-1:4", "unclosed-bracket 1:4-1:4"}, `["a"]`},
		{"no-break space", "[\u00a01]", []string{"exotic-space 1:2-1:3"}, `[1]`},
		{"text after the end", "{} x", []string{"trailing-text 1:4-1:5"}, `{}`},
		{"bracket after the end", "{}\n}\n", []string{"trailing-text 2:1-2:2"}, `{}`},
		{"open at the end", `{"a": [1`, []string{"unclosed-bracket 1:9-1:9"}, `{"a":[1]}`},
		{"wrong closer without another", `[1}`, []string{"wrong-bracket 1:3-1:4"}, `[1]`},
		{"closer lost in one line", `{"a": [1}`, []string{"unclosed-bracket 1:9-1:10"}, `{"a":[1]}`},
		{"garbage", `[1, @@, 2]`, []string{"unexpected-text 1:5-1:7"}, `[1,null,2]`},
		{"duplicate key", "{\"a\": 1,\n\"a\": 2}", []string{"duplicate-key 2:1-2:4"}, `{"a":2}`},
		{"duplicate key in disguise", `{"a": 1, "\u0061": 2}`, []string{"duplicate-key 1:10-1:18"}, `{"a":2}`},
		{"invalid UTF-8", "[\"\xe9t\xe9\"]", []string{"invalid-utf8 1:3-1:4"}, "[\"\ufffdt\ufffd\"]"},
		{"lost quotes", "{\n  \"a\": b\",\n  c\": \"d\",\n  \"e: \"f\",\n  \"g\": \"h,\n  \"i\": \"j\"\n}", []string{"unterminated-string 2:8-2:10", "unterminated-string 3:3-3:5", "unterminated-string 4:3-4:5", "unterminated-string 5:8-5:10"}, `{"a":"b","c":"d","e":"f","g":"h","i":"j"}`},
		{"quotes inside", "{\n  \"a\": \"the \"b\" of c\",\n  \"d\": 1\n}", []string{"unescaped-quote 2:13-2:14"}, `{"a":"the \"b\" of c","d":1}`},
		{"backslash before the quote", "{\"a\": \"C:\\\",\n\"b\": 1}", []string{"unterminated-string 1:7-1:12"}, `{"a":"C:\\","b":1}`},
		{"typographic quotes", "{“a”: “b”, \"c\": `d`}", []string{"unquoted 1:2-1:5", "unquoted 1:7-1:10", "unquoted 1:17-1:20"}, `{"a":"b","c":"d"}`},
		{"words", "{\n  \"a\": some words\n}", []string{"unquoted 2:8-2:18"}, `{"a":null}`},
		{"hash comment", "{} # done", []string{"comment 1:4-1:10"}, `{}`},
		{"text before", "const a = {\"b\": 1};", []string{"unexpected-text 1:1-1:10", "trailing-text 1:19-1:20"}, `{"b":1}`},
		{"something else", "hello\nworld", []string{"unexpected-text 1:1-1:6"}, "null"},
		{"first bracket lost", "\"a\": 1}", []string{"unopened-bracket 1:1-1:2"}, `{"a":1}`},
		{"merge conflict", "{\n<<<<<<< ours\n\"a\": 1\n=======\n\"a\": 2\n>>>>>>> theirs\n}", []string{"unexpected-text 2:1-2:13", "unexpected-text 4:1-4:8", "missing-comma 5:1-5:4", "duplicate-key 5:1-5:4", "unexpected-text 6:1-6:15"}, `{"a":2}`},
		{"UTF-16", "\xff\xfe[\x00]\x00", []string{"utf16 1:1-1:1"}, `[]`},
		{"UTF-16 without a mark", "[\x001\x00]\x00", []string{"utf16 1:1-1:1"}, `[1]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := Parse("x.json", []byte(tt.text))
			if got := problemsOf(f); !reflect.DeepEqual(got, tt.problems) {
				t.Errorf("problems %q, want %q", got, tt.problems)
			}
			value, err := json.Marshal(f.Root().Value())
			if err != nil || string(value) != tt.value {
				t.Errorf("value %s (%v), want %s", value, err, tt.value)
			}
		})
	}
}

// TestLostBracketIsFoundByIndentation guards the second reading: what was lost
// in the middle is reported there, once, and what follows keeps its place.
func TestLostBracketIsFoundByIndentation(t *testing.T) {
	whole := `{
  "paths": {
    "/a": {
      "post": {
        "operationId": "A",
        "tags": [
          "x"
        ]
      }
    },
    "/b": {
      "get": {
        "operationId": "B"
      }
    }
  },
  "definitions": {}
}
`
	tests := []struct{ name, lose, keep, problem string }{
		{"brace of a method", "\n      }\n    },\n    \"/b\"", "\n    },\n    \"/b\"", "unclosed-bracket 9:5-9:6"},
		{"brace and comma of a path", "\n    },\n    \"/b\"", "\n    \"/b\"", "unclosed-bracket 10:5-10:9"},
		{"bracket of an array", "\n        ]\n      }", "\n      }", "unclosed-bracket 8:7-8:8"},
		{"brace too many", "\n    },\n    \"/b\"", "\n      }\n    },\n    \"/b\"", "wrong-bracket 10:7-10:8"},
		{"bracket instead of a brace", "\n      }\n    },\n    \"/b\"", "\n      ]\n    },\n    \"/b\"", "wrong-bracket 9:7-9:8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(whole, tt.lose, tt.keep, 1)
			if text == whole {
				t.Fatal("nothing was lost")
			}
			f := Parse("x.json", []byte(text))
			if got := problemsOf(f); len(got) != 1 || got[0] != tt.problem {
				t.Errorf("problems %q, want %q", got, tt.problem)
			}
			for _, pointer := range []string{"/paths/~1a/post/tags/0", "/paths/~1b/get/operationId", "/definitions"} {
				if !f.At(pointer).Exists() {
					t.Errorf("%s is lost", pointer)
				}
			}
			if len(f.Damaged) != 1 {
				t.Errorf("damaged: %v, want one container", f.Damaged)
			}
		})
	}
}

func TestFixesOfSyntax(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"byte order mark", "\ufeff{}", "{}"},
		{"trailing comma", `{"a": [1,],}`, `{"a": [1]}`},
		{"semicolon", "{\"a\": {};\r\n \"b\": [2] ;}", "{\"a\": {},\r\n \"b\": [2] }"},
		{"missing comma", "{\"a\": 1 // one\n\"b\": 2}", "{\"a\": 1,\n\"b\": 2}"},
		{"missing colon", `{"a" 1}`, `{"a": 1}`},
		{"quotes", `{a: 'b"c', 'd': True}`, `{"a": "b\"c", "d": true}`},
		{"control", "[\"a\tb\x01\"]", `["a\tb\u0001"]`},
		{"exotic space", "{\u2003\"a\": 1}", "{ \"a\": 1}"},
		{"Windows-1252", "[\"\x93caf\xe9\x94\"]", `["“café”"]`},
		{"unclosed", "{\"a\": [1\n", "{\"a\": [1]}\n"},
		{"number", `[.5, 007, +1, 2.]`, `[0.5, 7, 1, 2]`},
		{"escape", `["C:\dir"]`, `["C:\\dir"]`},
		{"unterminated", "{\"a\": \"b,\n\"c\": 1}", "{\"a\": \"b\",\n\"c\": 1}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := Parse("x.json", []byte(tt.text))
			var edits []Edit
			for _, p := range f.Problems {
				if p.Fix == nil {
					t.Fatalf("no fix for %s", p.Rule)
				}
				edits = append(edits, p.Fix.Edits...)
			}
			got, err := Apply(tt.text, edits)
			if err != nil || got != tt.want {
				t.Errorf("got %q (%v), want %q", got, err, tt.want)
			}
			if again := Parse("x.json", []byte(got)); len(again.Problems) > 0 {
				t.Errorf("still wrong: %q", problemsOf(again))
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Run("depth", func(t *testing.T) {
		f := Parse("x.json", []byte(strings.Repeat("[", 5000)+strings.Repeat("]", 5000)))
		if got := problemsOf(f); len(got) != 1 || got[0] != "limit 1:1001-1:1002" {
			t.Errorf("problems %q", got)
		}
	})
	t.Run("unbalanced depth", func(t *testing.T) {
		f := Parse("x.json", []byte(strings.Repeat("[", 100_000)))
		if len(f.Problems) != 2 || f.Len() > MaxDepth+1 {
			t.Errorf("%d nodes, problems %q", f.Len(), problemsOf(f))
		}
	})
	t.Run("problems", func(t *testing.T) {
		f := Parse("x.json", []byte("["+strings.Repeat("x,", 5000)+"1]"))
		if len(f.Problems) != MaxProblems+1 || f.Problems[MaxProblems].Rule != "syntax-limit" {
			t.Errorf("%d problems", len(f.Problems))
		}
		if f.Root().Len() != 5001 {
			t.Errorf("%d items: parsing stopped", f.Root().Len())
		}
	})
	t.Run("size", func(t *testing.T) {
		f := Parse("x.json", make([]byte, MaxSize+1))
		if got := problemsOf(f); len(got) != 1 || got[0] != "limit 1:1-1:1" {
			t.Errorf("problems %q", got)
		}
	})
}

// TestHostileTextsAreLinear parses texts that once took quadratic time, in two
// lengths. Eight times the text may take a few times eight times as long, but
// not sixty-four. A machine that does other things too gets several tries;
// quadratic time fails all of them.
func TestHostileTextsAreLinear(t *testing.T) {
	for name, unit := range map[string]string{
		"escaped quotes":     "\\\"\n",
		"open strings":       "\"abc\n",
		"quotes inside":      "\"a\": \"b\" c\" d\",\n",
		"duplicate keys":     "\"a\":1,",
		"keys and no values": "\"a\":\n  \"b\": 1,\n",
		"closers":            "  ]\n",
		"comments":           "/*a*/",
		"open comments":      "/*",
		"words":              "a b c d\n",
		"typographic quotes": "“",
		"merge conflicts":    "<<<<<<< x\n",
	} {
		t.Run(name, func(t *testing.T) {
			took := func(n int) time.Duration {
				data := []byte("{\n" + strings.Repeat(unit, n))
				start := time.Now()
				Parse("x.json", data)
				return time.Since(start)
			}
			const n = 4000
			short, long := time.Hour, time.Hour
			for range 20 {
				short, long = min(short, took(n)), min(long, took(8*n))
				if long <= 40*short+20*time.Millisecond {
					return
				}
			}
			t.Errorf("%v, but %v for eight times the text", short, long)
		})
	}
}

func TestPositions(t *testing.T) {
	f := Parse("x.json", []byte("\ufeff{\"ä😀\": 1,\r\n  \"b\": [true, null, \"x\"]}"))
	for pointer, want := range map[string]Position{
		"": {1, 1}, "/ä😀": {1, 8}, "/b": {2, 8}, "/b/0": {2, 9}, "/b/1": {2, 15}, "/b/2": {2, 21},
	} {
		n := f.At(pointer)
		if got := f.Position(n.Range().Start); got != want {
			t.Errorf("%q is at %v, want %v", pointer, got, want)
		}
		if n.Pointer() != pointer {
			t.Errorf("pointer %q, want %q", n.Pointer(), pointer)
		}
		if f.Offset(want) != n.Range().Start {
			t.Errorf("%v is offset %d, want %d", want, f.Offset(want), n.Range().Start)
		}
	}
	if got := f.Line(2); got != `  "b": [true, null, "x"]}` {
		t.Errorf("line 2 is %q", got)
	}
}

func TestPointersEscape(t *testing.T) {
	f := Parse("x.json", []byte(`{"paths": {"/a~b/{id}": {"x": [0, {"": 1}]}}}`))
	const want = "/paths/~1a~0b~1{id}/x/1/"
	if got := f.Root().Get("paths").Get("/a~b/{id}").Get("x").Item(1).Get("").Pointer(); got != want {
		t.Errorf("pointer %q, want %q", got, want)
	}
	if !f.At(want).Exists() || f.At("/paths/~1a~0b~1{id}/x/01").Exists() || f.At("paths").Exists() {
		t.Error("At finds something else")
	}
}

func TestAbsentNodes(t *testing.T) {
	var n Node
	if n.Get("a").At("/b/c").Item(3).Parent().Key().Exists() || n.Len() != 0 || n.Pointer() != "" || n.Text() != "" || n.Value() != nil {
		t.Error("the zero Node is not absent")
	}
	for range n.Members() {
		t.Error("a member of nothing")
	}
	for range n.Items() {
		t.Error("an item of nothing")
	}
}

// FuzzJSON checks that parsing is total, that ranges nest, and that our values
// equal those of encoding/json and hujson wherever they accept a text.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.5e3,{"b":"c\n\u00e9\ud83d\ude00"}],"d":null,"e":true}`, "{\"a\": 1,}\n// x", "{'a': [1}, b: \"c\n", "\ufeff[]", "[\xff\"\x00\"]",
		"{\n  \"a\": {\n    \"b\": [\n  },\n}\n", strings.Repeat("[", 1100), "[\"\\", "{\"a\" = /* */ 'b'}}", "\xff\xfe{\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := Parse("x.json", data)
		checkFile(t, file)
		if file.Transcoded {
			return
		}
		var want any
		decoder := json.NewDecoder(strings.NewReader(file.Text))
		decoder.UseNumber()
		valid := json.Valid(data)
		if valid && decoder.Decode(&want) != nil {
			valid = false // deeper than encoding/json goes
		}
		for _, p := range file.Problems {
			if r := p.Rule; valid && r != "syntax-duplicate-key" && r != "syntax-invalid-utf8" && r != "syntax-limit" {
				t.Errorf("%s on what encoding/json accepts", r)
			}
		}
		if !json.Valid(data) && len(file.Problems) == 0 {
			t.Error("no problem in what encoding/json rejects")
		}
		if valid && len(file.Problems) == 0 && !reflect.DeepEqual(file.Root().Value(), want) {
			t.Errorf("value %v, want %v", file.Root().Value(), want)
		}
		starts := []int{0}
		for i, c := range []byte(file.Text) {
			if c == '\n' {
				starts = append(starts, i+1)
			}
		}
		if !slices.Equal(file.lineStarts(), starts) {
			t.Errorf("lines start at %v, want %v", file.lineStarts(), starts)
		}
		compareWithHujson(t, file, data)
	})
}

// compareWithHujson holds our recovery from comments and trailing commas
// against the library that reads them on purpose.
func compareWithHujson(t *testing.T, file *File, data []byte) {
	standard, err := hujson.Standardize(data)
	if err != nil || !utf8.Valid(data) {
		return
	}
	for _, p := range file.Problems {
		if p.Rule != "syntax-comment" && p.Rule != "syntax-trailing-comma" {
			return
		}
	}
	var want any
	decoder := json.NewDecoder(strings.NewReader(string(standard)))
	decoder.UseNumber()
	if decoder.Decode(&want) == nil && !reflect.DeepEqual(file.Root().Value(), want) {
		t.Errorf("value %v, hujson has %v", file.Root().Value(), want)
	}
}

// checkFile checks what every tree must be, whatever the text was.
func checkFile(t *testing.T, f *File) {
	t.Helper()
	last := 0
	for _, p := range f.Problems {
		if p.Range.Start < 0 || p.Range.End < p.Range.Start || p.Range.End > len(f.Text) {
			t.Fatalf("%s has range %v of %d bytes", p.Rule, p.Range, len(f.Text))
		}
		if p.Fix != nil {
			if _, err := Apply(f.Text, p.Fix.Edits); err != nil {
				t.Fatalf("the fix of %s: %v", p.Rule, err)
			}
		}
		if p.Range.Start < last && f.Format == JSON {
			t.Fatalf("%s is out of order", p.Rule)
		}
		last = p.Range.Start
		_ = p.Pointer()
	}
	if root := f.Root(); root.Exists() {
		checkNesting(t, root, Range{0, len(f.Text)}, 0)
	}
}

func checkNesting(t *testing.T, n Node, around Range, depth int) {
	t.Helper()
	r := n.Range()
	if r.Start > r.End || !around.Contains(r) || depth > MaxDepth {
		t.Fatalf("%s at depth %d has range %v in %v", n.Kind(), depth, r, around)
	}
	if n.IsAlias() {
		return
	}
	next := r.Start
	child := func(c Node) {
		if c.Range().Start < next {
			t.Fatalf("children of %v overlap at %v", r, c.Range())
		}
		next = c.Range().End
		checkNesting(t, c, r, depth+1)
		if c.Parent() != n {
			t.Fatal("a child of another parent")
		}
	}
	for k, v := range n.Members() {
		child(k)
		child(v)
		if v.Key() != k || !k.IsKey() {
			t.Fatal("a value without its key")
		}
	}
	for _, item := range n.Items() {
		child(item)
	}
}

// TestValues lists the values of a file in the order of their places, each once,
// keys left out.
func TestValues(t *testing.T) {
	for name, text := range map[string]string{
		"x.json": `{"a": [1, {"b": 2}], "c": "d"}`,
		"x.yaml": "a: &a [1, {b: 2}]\nc: *a\n",
	} {
		var got []string
		for n := range ParseString(name, text).Values() {
			got = append(got, n.Pointer())
		}
		if want := []string{"", "/a", "/a/0", "/a/1", "/a/1/b", "/c"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for range (&File{}).Values() {
		t.Error("a value of nothing")
	}
}
