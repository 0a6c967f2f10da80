package report

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/connectorctl/connectorctl/connector/source"
)

// nasty is what random texts are made of.
var nasty = []string{
	"a", "b ", "\"", "\\", "/", "\n", "\r\n", "\r", "\t", "\x00", "\x1b[31m", "\x7f", "\u009b", "\u2028", "\u2029", "\u202e",
	"\ufeff", "\ufffd", "é", "e\u0301", "請", "🎉", "\xff", "\xe2\x82", "\xed\xa0\x80", "%", ":", ",", "::", "<&>", "{", "}", "[", "]", "##vso[task.setvariable variable=a]", "###",
}

func nastyText(rng *rand.Rand, size int) string {
	var b strings.Builder
	for range rng.IntN(size) {
		b.WriteString(nasty[rng.IntN(len(nasty))])
	}
	return b.String()
}

// FuzzReport checks what must hold for any text, any message and any range.
func FuzzReport(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		text := nastyText(rng, 60)
		f.Add(text, nastyText(rng, 12), rng.IntN(len(text)+2), rng.IntN(len(text)+2))
	}
	f.Fuzz(func(t *testing.T, text, message string, start, end int) {
		file := source.Parse(message, []byte(text))
		d := source.Diagnostic{
			Rule: "some-rule", Severity: source.Severity(1 + len(message)%3), File: file, Range: source.Range{Start: start, End: end}, Message: message, Hint: message,
			Related: []source.Related{{File: file, Range: source.Range{Start: end, End: start}, Message: message}},
			Fix:     &source.Fix{Title: message, Edits: []source.Edit{{Start: start, End: max(start, end), New: message}}},
		}
		findings := append([]source.Diagnostic{d}, file.Problems...)
		checkJSON(t, findings, render(t, "json", Options{}, findings))
		if sarif := render(t, "sarif", Options{}, findings); !json.Valid([]byte(sarif)) {
			t.Errorf("SARIF is not JSON:\n%s", sarif)
		}
		github := render(t, "github", Options{}, findings)
		if lines := strings.Count(github, "\n"); lines != len(findings)+1 || strings.Contains(github, "\r") {
			t.Errorf("%d lines for %d findings:\n%q", lines, len(findings), github)
		}
		azure := render(t, "azure", Options{}, findings)
		if lines := strings.Count(azure, "\n"); lines != len(findings)+1 || strings.Contains(azure, "\r") {
			t.Errorf("%d lines for %d findings:\n%q", lines, len(findings), azure)
		}
		for line := range strings.Lines(azure) {
			if strings.Contains(strings.TrimPrefix(line, "##vso[task.logissue "), "##") {
				t.Errorf("the agent finds a command in %q", line)
			}
		}
		if line := excerptOf(file.Text, clamp(file.Text, d.Range)).line; utf8.RuneCount(line) > maxWidth+2 {
			t.Errorf("an excerpt of %d characters: %s", utf8.RuneCount(line), line)
		}
		checkHTML(t, render(t, "html", Options{}, findings))
		checkText(t, render(t, "text", Options{}, findings))
		checkText(t, withoutColours(t, render(t, "text", Options{Color: true}, findings)))
	})
}

func checkJSON(t *testing.T, findings []source.Diagnostic, out string) {
	type position struct{ Line, Column, Offset int }
	var report struct {
		Findings []struct {
			Path, Pointer, Message, Hint string
			Range                        struct{ Start, End position }
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	place := func(f *source.File, offset int) position {
		offset = min(max(offset, 0), len(f.Text))
		p := f.Position(offset)
		return position{p.Line, p.Column, offset}
	}
	for i, got := range report.Findings {
		d := &findings[i]
		if got.Message != asJSON(d.Message) || got.Hint != asJSON(d.Hint) || got.Path != asJSON(d.File.Name) || got.Pointer != asJSON(d.Pointer()) {
			t.Errorf("texts changed: %+v\n%s", got, out)
		}
		start, end := place(d.File, d.Range.Start), place(d.File, max(d.Range.Start, d.Range.End))
		if got.Range.Start != start || got.Range.End != end {
			t.Errorf("%v is %+v to %+v, reported as %+v", d.Range, start, end, got.Range)
		}
	}
	if len(report.Findings) != len(findings) {
		t.Errorf("%d of %d findings", len(report.Findings), len(findings))
	}
}

// asJSON is what encoding/json makes of s.
func asJSON(s string) string {
	data, _ := json.Marshal(s)
	json.Unmarshal(data, &s)
	return s
}

func checkText(t *testing.T, out string) {
	if !utf8.ValidString(out) {
		t.Errorf("invalid UTF-8: %q", out)
	}
	for _, r := range out {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			t.Errorf("control character %U in %q", r, out)
		}
	}
}

func withoutColours(t *testing.T, out string) string {
	plain := ""
	for out != "" {
		before, rest, found := strings.Cut(out, "\x1b[")
		plain += before
		if !found {
			break
		}
		digits, after, _ := strings.Cut(rest, "m")
		if strings.Trim(digits, "0123456789;") != "" {
			t.Errorf("escape sequence %q", digits)
		}
		out = after
	}
	return plain
}
