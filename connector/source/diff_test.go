package source

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestUnifiedDiff(t *testing.T) {
	ten := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
	tests := []struct{ name, old, new, want string }{
		{"equal", ten, ten, ""},
		{"both empty", "", "", ""},
		{"middle", ten, strings.Replace(ten, "5\n", "five\n", 1), "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"},
		{"first and last", ten, "0\n" + strings.TrimSuffix(ten, "10\n"), "@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -7,4 +8,3 @@\n 7\n 8\n 9\n-10\n"},
		{"from empty", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"to empty", "a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n"},
		{"last newline lost", "a\nb\n", "a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n"},
		{"no last newline", "a\nb", "x\nb", "@@ -1,2 +1,2 @@\n-a\n+x\n b\n\\ No newline at end of file\n"},
		{"one line without end", "{}", "{ }", "@@ -1,1 +1,1 @@\n-{}\n\\ No newline at end of file\n+{ }\n\\ No newline at end of file\n"},
		{"carriage returns", "a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n", "@@ -1,3 +1,3 @@\n a\r\n-b\r\n+B\r\n c\r\n"},
		{"line ends changed", "a\r\nb\n", "a\nb\n", "@@ -1,2 +1,2 @@\n-a\r\n+a\n b\n"},
		// Nothing here is unique, and yet no line is replaced by itself.
		{"lines that repeat", "{\n}\n{\nx\n}\n{\n}\n{\nx\n}\n", "{\n}\n{\n}\n{\n}\n{\nx\ny\n}\n", "@@ -1,10 +1,10 @@\n {\n }\n {\n-x\n }\n {\n }\n {\n x\n+y\n }\n"},
	}
	for _, test := range tests {
		want := test.want
		if want != "" {
			want = "--- a b.json\n+++ new\n" + want
		}
		if got := UnifiedDiff("a b.json", "new", test.old, test.new); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, want)
		}
	}
}

// TestUnifiedDiffTime holds the diff to a bound that only something quadratic
// would miss: on a large file with few changes, on two that share nothing but
// lines without meaning, and on two where every line stands everywhere.
func TestUnifiedDiffTime(t *testing.T) {
	var old, other, some, more strings.Builder
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 40_000 {
		fmt.Fprintf(&old, "  \"key%d\": {\n    \"type\": \"string\"\n  },\n", i)
		fmt.Fprintf(&other, "  \"yek%d\": {\n  },\n    \"type\": \"string\"\n", i)
		fmt.Fprintf(&some, "%d\n", random.IntN(4))
		fmt.Fprintf(&more, "%d\n", random.IntN(4))
	}
	few := old.String()
	for i := 100; i < 40_000; i += 4000 {
		few = strings.Replace(few, fmt.Sprintf("\"key%d\"", i), fmt.Sprintf("\"changed%d\"", i), 1)
	}
	start := time.Now()
	d := UnifiedDiff("old", "new", old.String(), few)
	if hunks := strings.Count(d, "\n@@ "); hunks != 10 {
		t.Errorf("%d hunks, want 10", hunks)
	}
	UnifiedDiff("old", "new", old.String(), other.String())
	UnifiedDiff("old", "new", some.String(), more.String())
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	} else {
		t.Log(took)
	}
}

// FuzzDiff checks that the diff turns old into new.
func FuzzDiff(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nB\nc")
	f.Add("", "x")
	f.Add("{\r\n}\r\n", "{\n}\n")
	f.Add("1\n2\n3\n4\n5\n6\n7\n8\n9\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n1\n2\n3\n4\n5\n6\n7\n8\n9\n9\n")
	f.Fuzz(func(t *testing.T, old, new string) {
		got, err := patched(old, UnifiedDiff("a", "b", old, new))
		if err != nil || got != new {
			t.Fatalf("patched %q, want %q: %v", got, new, err)
		}
	})
}

// patched applies a unified diff strictly, as patch(1) would with no fuzz.
func patched(old, diff string) (string, error) {
	if diff == "" {
		return old, nil
	}
	const noNewline = "\\ No newline at end of file\n"
	in, out := strings.SplitAfter(old, "\n"), []string{}
	lines := strings.SplitAfter(strings.TrimPrefix(diff, "--- a\n+++ b\n"), "\n")
	at := 0
	for i, line := range lines {
		text := line
		if i+1 < len(lines) && lines[i+1] == noNewline {
			text = strings.TrimSuffix(line, "\n")
		}
		switch {
		case line == "" || line == noNewline:
		case line[0] == '@':
			first, err := strconv.Atoi(line[4:strings.IndexByte(line, ',')])
			if err != nil {
				return "", err
			}
			for at < first-1 {
				out = append(out, in[at])
				at++
			}
		case line[0] == '+':
			out = append(out, text[1:])
		default:
			if in[at] != text[1:] {
				return "", fmt.Errorf("line %d is %q, the diff has %q", at+1, in[at], text)
			}
			at++
			if line[0] == ' ' {
				out = append(out, text[1:])
			}
		}
	}
	return strings.Join(out, "") + strings.Join(in[at:], ""), nil
}
