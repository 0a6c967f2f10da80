package report

import (
	"strings"
	"testing"
)

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("0123456789", 30)
	for _, test := range []struct{ name, text, line, marks string }{
		{"value", `{"a": «true»}`, `{"a": true}`, `      ^~~~`},
		{"one character", `{«"»`, `{"`, ` ^`},
		{"empty range", `{"a"«»: 1}`, `{"a": 1}`, `    ^`},
		{"end of line", "{}«»\n{}", `{}`, `  ^`},
		{"end of text", "{}«»", `{}`, `  ^`},
		{"second line", "{\n «1»\n}", ` 1`, ` ^`},
		{"CRLF", "{\r\n «1»\r\n}", ` 1`, ` ^`},
		{"a line end", "{«\r\n»}", `{`, ` ^`},
		{"within a line end", "{\r«\n»}", `{`, ` ^`},
		{"carriage return alone", "{\r «1»}", `{· 1}`, `   ^`},
		{"several lines", "{«\"a\": [ \t\r\n1]»}", "{\"a\": [ \t", ` ^~~~~~`},
		{"tabs before", "\t\t\"a\":\t«12»", "\t\t\"a\":\t12", "\t\t    \t^~"},
		{"tab within", "[«1,\t2»]", "[1,\t2]", " ^~\t~"},
		{"tab alone", "\"«\t»\"", "\"\t\"", " ^"},
		{"wide", `注文: «請求», 1`, `注文: 請求, 1`, `      ^~~~`},
		{"emoji", `"🎉": «1»`, `"🎉": 1`, `      ^`},
		{"combining", "\"e\u0301\": «\"e\u0301\"»", "\"e\u0301\": \"e\u0301\"", `     ^~~`},
		{"combining alone", "e«\u0301»f", "e\u0301f", ` ^`},
		{"escape sequence", "\x1b[2J«1»", "·[2J1", `    ^`},
		{"direction and C1", "\u202e\u009b«1»", "··1", `  ^`},
		{"exotic space", "[«\u00a0»1]", "[·1]", ` ^`},
		{"byte order mark", "«\ufeff»{}", "·{}", `^`},
		{"invalid UTF-8", "caf«\xe9»s", "caf\ufffds", `   ^`},
		{"cut at the end", "«ab»" + long, "ab" + long[:98] + "…", "^~"},
		{"cut at the start", long + "«ab»", "…" + long[202:] + "ab", strings.Repeat(" ", 99) + "^~"},
		{"cut at both", long + "«ab»" + long, "…" + long[250:] + "ab" + long[:48] + "…", strings.Repeat(" ", 51) + "^~"},
		{"cut within the range", "x«" + long + "»", "x" + long[:99] + "…", " ^" + strings.Repeat("~", 98)},
		{"just fits", long[:98] + "«ab»", long[:98] + "ab", strings.Repeat(" ", 98) + "^~"},
		{"cut on other lines", long + "\n«ab»\n" + long, "ab", "^~"},
		{"cut between wide characters", "«" + strings.Repeat("請", 60) + "»", strings.Repeat("請", 50) + "…", "^" + strings.Repeat("~", 99)},
		{"no end of combining", "«e»" + strings.Repeat("\u0301", 500), "e" + strings.Repeat("\u0301", 99) + "…", "^"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, r := marked("x.json", test.text)
			e := excerptOf(f.Text, r)
			if string(e.line) != test.line || string(e.padding)+string(e.mark) != test.marks {
				t.Errorf("got\n%s\n%s%s\nwant\n%s\n%s", e.line, e.padding, e.mark, test.line, test.marks)
			}
		})
	}
}

func TestAppendClean(t *testing.T) {
	for text, want := range map[string]string{
		"plain, größe, 注文":        "plain, größe, 注文",
		"one\ntwo\r\n\tthree":     "one two   three",
		"\x1b[31mred\x00\x7f":     "·[31mred··",
		"\u202eevil\u2028\u200b.": "·evil··.",
		"\xff\xfe":                "\ufffd\ufffd",
	} {
		if got := string(appendClean(nil, text)); got != want {
			t.Errorf("appendClean(%q) = %q, want %q", text, got, want)
		}
	}
}
