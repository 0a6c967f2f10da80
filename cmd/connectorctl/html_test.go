package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint/report"
)

// TestHTMLInBrowser opens pages of lint --format html in Chromium and uses them
// as a reader does.
func TestHTMLInBrowser(t *testing.T) {
	browser := startChromium(t)
	t.Chdir("../..")
	t.Run("what is wrong with a page is seen", func(t *testing.T) { seesTrouble(t, browser) })
	t.Run("shipped", func(t *testing.T) { readPage(t, browser, "testdata/connectors") })
	t.Run("clean", func(t *testing.T) {
		p := openPage(t, browser, lintPage(t, "testdata/connectors/well-made"), "")
		if text := evaluate[string](p, "document.querySelector('main').innerText"); !strings.Contains(text, "No findings.") {
			t.Errorf("the page says %q", text)
		}
	})
	t.Run("hostile", func(t *testing.T) { readHostile(t, browser) })
	t.Run("many", func(t *testing.T) { readMany(t, browser) })
}

// TestRealHTMLInBrowser does the same with the pages of published connectors.
func TestRealHTMLInBrowser(t *testing.T) {
	corpus := os.Getenv("CONNECTORCTL_CORPUS")
	if corpus == "" {
		t.Skip("CONNECTORCTL_CORPUS is not set")
	}
	browser := startChromium(t)
	for _, path := range []string{"certified-connectors/Expensya", "custom-connectors"} {
		t.Run(path, func(t *testing.T) { readPage(t, browser, filepath.Join(corpus, "connectors", path)) })
	}
}

// browserPatience is for machines that do much else.
const browserPatience = 3 * time.Minute

// startChromium returns a context whose children are tabs of one browser.
func startChromium(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" && os.Getenv("TEST_NEEDS_CHROMIUM") != "" {
		t.Fatal("TEST_NEEDS_CHROMIUM is set, and there is no Chromium in PATH")
	} else if path == "" {
		t.Skip("no Chromium in PATH")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*browserPatience)
	t.Cleanup(cancel)
	// The profile is a new folder, which goes when the browser does.
	ctx, cancel = chromedp.NewExecAllocator(ctx, chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("no-proxy-server", true))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	t.Cleanup(func() { chromedp.Cancel(ctx) }) // waits until it is gone
	return ctx
}

// browserPage is a page in a tab of its own, and what happened there that
// should not.
type browserPage struct {
	*testing.T
	ctx context.Context
	url string

	mu      sync.Mutex
	trouble []string
}

// openPage serves a page and opens it, with state after the # of its address.
// When the test ends, no error and no other request may have been seen.
func openPage(t *testing.T, browser context.Context, page []byte, state string, prepare ...func(*browserPage)) *browserPage {
	t.Helper()
	p := newPage(t, browser, page, prepare...)
	t.Cleanup(func() {
		if trouble := p.seen(); len(trouble) > 0 {
			t.Errorf("the browser complains: %s", strings.Join(trouble, "\n"))
		}
	})
	p.open(state)
	return p
}

func newPage(t *testing.T, browser context.Context, page []byte, prepare ...func(*browserPage)) *browserPage {
	t.Helper()
	p := &browserPage{T: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/report.html" {
			p.add("a request of " + r.URL.Path)
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Write(page)
	}))
	t.Cleanup(server.Close)
	p.url = server.URL + "/report.html"
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	if err := chromedp.Listen(ctx, p.watch); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(ctx, browserPatience)
	t.Cleanup(cancel)
	p.ctx = ctx
	for _, f := range prepare {
		f(p)
	}
	return p
}

func (p *browserPage) open(state string) {
	p.Helper()
	p.do(chromedp.Navigate(p.url + state))
}

func (p *browserPage) add(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble = append(p.trouble, what)
}

func (p *browserPage) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.trouble)
}

// watch writes down each error, each message of the console and each request
// but that of the page.
func (p *browserPage) watch(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.add("exception: " + e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		p.add("console: " + string(e.Type))
	case *log.EventEntryAdded:
		p.add("log: " + e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if e.Request.URL != p.url {
			p.add("request: " + e.Request.URL)
		}
	}
}

func (p *browserPage) do(actions ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.Fatal(err)
	}
}

func evaluate[T any](p *browserPage, script string) T {
	p.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		p.Fatalf("%s: %v", script, err)
	}
	return value
}

// wait waits until a condition holds.
func (p *browserPage) wait(condition string) {
	p.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingTimeout(browserPatience))); err != nil {
		p.Fatalf("%s: %v; the page shows %q", condition, err, evaluate[string](p, "shown.textContent"))
	}
}

// seesTrouble makes sure that the other tests would notice.
func seesTrouble(t *testing.T, browser context.Context) {
	page := `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; connect-src *"><body onload="console.log(1)">
		<img src="/picture.png"><script>fetch("/data.json").finally(() => { document.title = "done"; throw new Error("thrown") })</script>`
	p := newPage(t, browser, []byte(page))
	p.open("")
	p.wait("document.title === 'done'")
	for _, want := range []string{"exception: ", "console: log", "log: ", "a request of /data.json", "request: " + strings.TrimSuffix(p.url, "report.html") + "data.json"} {
		found := func() bool {
			return slices.ContainsFunc(p.seen(), func(s string) bool { return strings.HasPrefix(s, want) })
		}
		for deadline := time.Now().Add(browserPatience); !found() && time.Now().Before(deadline); {
			evaluate[int](p, "1") // events come before the answer to what is asked after them
		}
		if !found() {
			t.Errorf("%q was not seen in %q", want, p.seen())
		}
	}
}

func lintPage(t *testing.T, path string) []byte { return lintOutput(t, "html", path) }

func lintOutput(t *testing.T, format, path string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	args := []string{"lint", "--format", format, "--profile", "certified", "--fail-on", "never", path}
	if status := run(args, strings.NewReader(""), &out, &errs); status != exitClean || errs.Len() > 0 {
		t.Fatalf("status %d, %s", status, errs.String())
	}
	return out.Bytes()
}

// lintFinding is what both the page and the JSON say of a finding.
type lintFinding struct{ Severity, Rule, Place string }

func lintFindings(t *testing.T, path string) []lintFinding {
	t.Helper()
	var report struct {
		Findings []struct {
			Severity, Rule, Path string
			Range                struct{ Start struct{ Line, Column int } }
		}
	}
	if err := json.Unmarshal(lintOutput(t, "json", path), &report); err != nil {
		t.Fatal(err)
	}
	var all []lintFinding
	for _, f := range report.Findings {
		all = append(all, lintFinding{f.Severity, f.Rule, fmt.Sprintf("%s:%d:%d", f.Path, f.Range.Start.Line, f.Range.Start.Column)})
	}
	return all
}

// shownFindings is a script that lists the findings that are not filtered out,
// in the order in which they were found.
const shownFindings = `[...document.querySelectorAll(".f")].filter(f => !f.closest("[hidden]")).sort((a, b) => a.id.slice(1) - b.id.slice(1)).map(f => ({
	Severity: f.querySelector(".m b").textContent, Rule: f.querySelector(".w :nth-child(2)").textContent, Place: f.querySelector("code").textContent}))`

// readPage reads the page of a connector, filters and regroups it, and compares
// it with the JSON.
func readPage(t *testing.T, browser context.Context, path string) {
	all := lintFindings(t, path)
	page := lintPage(t, path)
	p := openPage(t, browser, page, "")
	p.expect(all, all)

	// Words: a rule that not all findings are of.
	last := all[len(all)-1].Rule
	some := slices.DeleteFunc(slices.Clone(all), func(f lintFinding) bool { return f.Rule != last })
	p.do(chromedp.SendKeys(chromedp.CSS("#q"), strings.ToUpper(last)))
	p.expect(some, all)
	if open := evaluate[bool](p, `[...document.querySelectorAll("#by-rule > :not([hidden])")].every(g => g.open)`); !open && len(some) <= 200 {
		t.Error("a group with a match is closed")
	}
	p.do(chromedp.SendKeys(chromedp.CSS("#q"), " qqqq"))
	p.expect(nil, all)
	if !evaluate[bool](p, "document.getElementById('none').checkVisibility()") {
		t.Error("the page does not say that nothing matches")
	}
	p.do(chromedp.Click(chromedp.CSS("#clear")))
	p.expect(all, all)

	// Severities.
	severity := all[0].Severity
	others := slices.DeleteFunc(slices.Clone(all), func(f lintFinding) bool { return f.Severity == severity })
	p.do(chromedp.Click(chromedp.CSS("input[name=" + severity + "]")))
	p.expect(others, all)

	// Groups, and the address that keeps all of this.
	p.do(chromedp.Click(chromedp.CSS("input[value=operation]")))
	p.wait("document.getElementById('by-rule').hidden")
	p.expect(others, all)
	if n := evaluate[int](p, `document.querySelectorAll("#by-rule .f").length`); n > 0 {
		t.Errorf("%d findings stay with their rules", n)
	}
	again := openPage(t, browser, page, evaluate[string](p, "location.hash"))
	again.expect(others, all)
	if evaluate[bool](again, "document.getElementById('by-operation').hidden") {
		t.Error("the grouping is not in the address")
	}
	again.do(chromedp.Click(chromedp.CSS("input[name="+severity+"]")), chromedp.Click(chromedp.CSS("input[value=rule]")))
	again.expect(all, all)
	readOnPhone(t, browser, page, len(all))
}

// expect waits until the page counts as many findings, and compares what it
// shows.
func (p *browserPage) expect(want, all []lintFinding) {
	p.Helper()
	count := plural(len(all), "finding")
	if len(want) < len(all) {
		count = fmt.Sprintf("%d of %s", len(want), count)
	}
	p.wait(fmt.Sprintf("document.getElementById('shown')?.textContent === %q", count))
	got := evaluate[[]lintFinding](p, shownFindings)
	if !slices.Equal(got, want) && len(got)+len(want) > 0 {
		p.Errorf("the page shows %v\nwant %v", got, want)
	}
}

// readOnPhone opens the page without its script on a narrow screen: all is
// there, and nothing has to be scrolled sideways but excerpts.
func readOnPhone(t *testing.T, browser context.Context, page []byte, count int) {
	p := openPage(t, browser, page, "", func(p *browserPage) {
		metrics := emulation.SetDeviceMetricsOverrideParams{Width: 360, Height: 740, DeviceScaleFactor: 1, Mobile: true}
		if _, err := chromedp.Call(p.ctx, emulation.SetDeviceMetricsOverride, metrics); err != nil {
			p.Fatal(err)
		}
		if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			p.Fatal(err)
		}
	})
	evaluate[chromedp.Void](p, "document.querySelectorAll('details').forEach(d => d.open = true)")
	if got := evaluate[int](p, `[...document.querySelectorAll(".f .m")].filter(m => m.checkVisibility()).length`); got != count {
		t.Errorf("without the script %d of %d findings are there", got, count)
	}
	if evaluate[bool](p, "document.getElementById('filter').checkVisibility()") {
		t.Error("the filter is there without the script that filters")
	}
	if width := evaluate[int](p, "document.documentElement.scrollWidth"); width > 360 {
		t.Errorf("the page is %d wide", width)
	}
}

// readHostile opens the page of a definition that tries to be more than text.
func readHostile(t *testing.T, browser context.Context) {
	hostile := []string{
		"<script>document.title = 'owned'</script>", "</script><script>document.title = 'owned'</script>", "</style><img src=x onerror=\"document.title = 'owned'\">",
		"\" onmouseover=\"document.title = 'owned'\" autofocus onfocus=\"document.title = 'owned'\"", "</title><meta http-equiv=refresh content='0;url=/elsewhere'>", "{{.Rows}}",
	}
	operations := map[string]any{}
	for _, text := range hostile {
		operation := map[string]any{"operationId": text, "summary": text, "description": text, "responses": map[string]any{text: map[string]any{"description": text}}}
		operations["/"+text] = map[string]any{"get": operation, "post": map[string]any{"operationId": text, "x-ms-trigger": text}}
	}
	definition, err := json.Marshal(map[string]any{"swagger": "2.0", "info": map[string]any{"title": hostile[0], "version": "1.0"}, "paths": operations})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "apiDefinition.swagger.json")
	if err := os.WriteFile(path, definition, 0o666); err != nil {
		t.Fatal(err)
	}
	p := openPage(t, browser, lintPage(t, path), "#by=operation&q=%3Cimg%20src%3Dx%3E")
	p.wait("document.getElementById('shown').textContent.includes(' of ')")
	if title := evaluate[string](p, "document.title"); !strings.HasSuffix(title, "connectorctl") {
		t.Errorf("the title is %q", title)
	}
	if n := evaluate[int](p, `document.querySelectorAll("img, meta[http-equiv=refresh], [onerror], [onfocus], [onmouseover]").length`); n > 0 {
		t.Errorf("%d elements of the definition", n)
	}
	page := evaluate[string](p, "document.querySelector('main').textContent")
	for _, text := range hostile {
		if !strings.Contains(page, text) {
			t.Errorf("%s is not shown", text)
		}
	}
}

// readMany filters and groups more findings than all published connectors have
// together. What a browser does for each must not depend on the others: it did,
// and took minutes.
func readMany(t *testing.T, browser context.Context) {
	const count = 50_000
	var out bytes.Buffer
	reporter, err := report.New("html", &out, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := source.Parse("api.json", []byte(`{"paths": {"/a": {"get": {}}, "/b": {"get": {}}}}`))
	findings := make([]source.Diagnostic, count)
	for i := range findings {
		node := f.At([]string{"/paths/~1a/get", "/paths/~1b/get"}[i%2])
		findings[i] = source.Diagnostic{Rule: "some-rule", Severity: source.Warning, File: f, Node: node, Range: node.Range(), Message: fmt.Sprint("number ", i)}
	}
	summary := report.Summary{Files: 1}
	summary.Add(findings)
	if err := errors.Join(reporter.Report(findings), reporter.Close(summary)); err != nil {
		t.Fatal(err)
	}
	p := openPage(t, browser, out.Bytes(), "")
	took := evaluate[float64](p, `(() => {
		const start = performance.now();
		const laidOut = () => document.body.offsetHeight;
		expand.click();
		laidOut();
		for (const by of ["operation", "rule"]) {
			document.querySelector("[value=" + by + "]").click();
			laidOut();
		}
		document.querySelector("[name=warning]").click();
		laidOut();
		document.getElementById("clear").click();
		laidOut();
		return (performance.now() - start) / 1000;
	})()`)
	t.Logf("%d findings, %.1f s", count, took)
	if took > 30 {
		t.Errorf("the page takes %.0f s", took)
	}
	p.do(chromedp.SendKeys(chromedp.CSS("#q"), "4999"))
	p.wait(fmt.Sprintf("shown.textContent === '15 of %d findings'", count)) // x4999 and 4999x
}
