package report

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector/source"
)

// withoutAssets leaves out what is the same in every page: the style, the script
// and their hashes.
func withoutAssets(t *testing.T, page string) string {
	t.Helper()
	for _, tag := range []string{"style", "script"} {
		asset := htmlAsset(map[string]string{"style": "html.css", "script": "html.js"}[tag])
		if strings.Contains(page, "<"+tag+">") && !strings.Contains(page, "<"+tag+">"+asset+"</"+tag+">") {
			t.Errorf("the %s is not as it was hashed", tag)
		}
		page = strings.ReplaceAll(page, asset, "…")
		page = strings.ReplaceAll(page, html.EscapeString(htmlHash(asset)), tag+"…")
		page = strings.ReplaceAll(page, strings.ReplaceAll(htmlHash(asset), "+", "&#43;"), tag+"…")
	}
	return page
}

// pageTags are the elements that a page is made of. Whatever begins with < and
// is not one of them came out of a finding.
var pageTags = regexp.MustCompile(`</?(a|b|body|button|code|details|div|fieldset|form|h1|h2|head|header|html|i|input|label|legend|li|link|main|mark|meta|output|p|pre|script|section|span|strong|style|summary|table|tbody|td|th|thead|title|tr|ul)[ >]|<!DOCTYPE html>`)

func checkHTML(t *testing.T, page string) {
	t.Helper()
	body := withoutAssets(t, page)
	checkText(t, body)
	if all, ours := strings.Count(body, "<"), len(pageTags.FindAllString(body, -1)); all != ours {
		t.Errorf("%d of %d tags are not of the page:\n%s", all-ours, all, body)
	}
	for _, tag := range []string{"<script", "<style", "<link", "<meta"} {
		if got, want := strings.Count(body, tag), map[string]int{"<meta": 6}[tag]; got != max(want, 1) {
			t.Errorf("%d of %s", got, tag)
		}
	}
}

// hostile are texts that would do harm if they left the place where they belong.
var hostile = []string{
	"<script>document.title = 'owned'</script>", "</script><script>document.title = 'owned'</script>", "</style><img src=x onerror=\"document.title = 'owned'\">",
	"\" onmouseover=\"document.title = 'owned'\" x=\"", "' autofocus onfocus=document.title='owned' '", "-->", "]]>", "{{.Rows}}", "<!--", "&lt;b&gt;&amp;", "javascript:alert(1)",
	"</li></ul></details></main>", "<base href=//example.com>", "<meta http-equiv=refresh content='0;url=//example.com'>", "\u202ereversed", "nul\x00",
}

// hostileFindings have one of the texts wherever a definition, its name or a
// rule may put one.
func hostileFindings() []source.Diagnostic {
	var all []source.Diagnostic
	for i, text := range hostile {
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\x00", `\u0000`).Replace(text)
		f := source.Parse(text+".json", []byte(`{"paths": {"/`+quoted+`": {"get": {"operationId": "`+quoted+`"}}}, "`+quoted+`": 1}`))
		get := f.At("/paths/" + source.EscapePointer("/"+strings.ReplaceAll(text, "\x00", "\u0000")) + "/get")
		for _, node := range []source.Node{get.Get("operationId"), f.Root().Get(text)} {
			all = append(all, source.Diagnostic{
				Rule: fmt.Sprint("hostile-", i), Official: text, Severity: source.Error, File: f, Node: node, Range: node.Range(), Message: text, Hint: text,
				Related: []source.Related{{File: f, Range: node.Range(), Message: text}},
				Fix:     &source.Fix{Title: text},
			})
		}
	}
	return all
}

// hostileOptions describe the rules in the same words.
func hostileOptions() Options {
	o := Options{Version: hostile[0]}
	for i, text := range hostile {
		o.Rules = append(o.Rules, RuleInfo{ID: fmt.Sprint("hostile-", i), Summary: text, HelpURI: text})
	}
	return o
}

func TestHTMLEscapes(t *testing.T) {
	findings := hostileFindings()
	page := render(t, "html", hostileOptions(), findings)
	checkHTML(t, page)
	for _, d := range findings {
		if !d.Node.Exists() {
			t.Fatalf("no node for %q", d.Message)
		}
		// In the text of the page the message stands as it is.
		if !strings.Contains(html.UnescapeString(page), "<span>"+htmlText(d.Message)+"</span>") {
			t.Errorf("%q is not shown", d.Message)
		}
	}
	if link := `href="javascript:`; strings.Contains(page, link) {
		t.Errorf("the page has %s", link)
	}
	var out strings.Builder
	reporter, _ := New("html", &out, hostileOptions())
	check := Check{Operation: hostile[0], ID: hostile[1], Status: "passed", Detail: hostile[2]}
	if err := reporter.Close(Summary{Files: 1, Checks: []Check{check}}); err != nil {
		t.Fatal(err)
	}
	if body := withoutAssets(t, out.String()); strings.Contains(body, "<script") || strings.Contains(body, "<img") || !strings.Contains(html.UnescapeString(body), ">"+check.Detail+"<") {
		t.Errorf("a page with a check:\n%s", body)
	}
}

func TestHTMLOperations(t *testing.T) {
	for pointer, want := range map[string]htmlOperation{
		"":                                   {},
		"/":                                  {},
		"/info/title":                        {section: "info"},
		"/definitions/a~1b":                  {section: "definitions"},
		"/paths":                             {section: "paths"},
		"/paths/~1orders~1{id}":              {section: "paths", path: "/orders/{id}"},
		"/paths/~1a~0b/parameters/0":         {section: "paths", path: "/a~b"},
		"/paths/~1orders/get":                {section: "paths", path: "/orders", method: "get"},
		"/paths/~1orders/POST/responses/200": {section: "paths", path: "/orders", method: "POST"},
	} {
		if got := operationAt(pointer); got != want {
			t.Errorf("%s: %+v, want %+v", pointer, got, want)
		}
	}
}

// TestHTMLGroups reads the groups of a page: the worst rule first, the
// operations in the order of the file.
func TestHTMLGroups(t *testing.T) {
	page := render(t, "html", Options{Rules: testRules}, cases["severities"]...)
	var got []string
	for _, m := range regexp.MustCompile(`<summary>.*?<span>(\d+)</span>.*?<h2>(.*?)</h2>(.*?)</summary>`).FindAllStringSubmatch(page, -1) {
		got = append(got, m[1]+" "+regexp.MustCompile("<.*?>").ReplaceAllString(m[2]+" | "+m[3], ""))
	}
	want := []string{
		"1 callback-unmarked | webhook trigger without a callback parameter", "2 id-short | ", "1 properties-empty | ",
		"3 POST /hooks | OnNew a/apiDefinition.json", "1 properties | a/apiProperties.json",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}
