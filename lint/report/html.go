package report

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"sync"

	"github.com/connectorctl/connectorctl/connector/source"
)

// htmlReporter writes one page for people who were not there when lint ran: the
// artifact of a build, the attachment of a mail. It shows the findings by rule,
// so none can be written before the last is known. What it keeps until then is
// the finished text of each finding, not the finding, which would hold the file
// that it was found in, with its tree.
type htmlReporter struct {
	w *bufio.Writer
	o Options
	cursor
	files fileCount
	count int

	info       map[string]*RuleInfo
	rules      map[string]*htmlGroup
	operations map[htmlOperation]*htmlGroup
	order      []*htmlGroup // operations as they came
}

// htmlGroup is a rule with its findings, or an operation: the script moves the
// findings to where they belong when the reader wants them by operation.
type htmlGroup struct {
	Name  string // the rule, or the operationId
	Count int
	Open  bool // from the start
	worst source.Severity

	// Of a rule.
	Summary, Help string
	rows          strings.Builder // its findings

	// Of an operation. Without a method it is all that the operations of a
	// path share; without a path, another section of the file.
	Index                       int
	File, Section, Path, Method string
}

// htmlOperation tells operations apart. It has the name of the file only, so
// that the file can go.
type htmlOperation struct{ file, section, path, method string }

// htmlFinding is what the template shows of a finding. Its texts are clean:
// escaping is the template's part, but characters that nobody can see, or that
// reorder a line, would be as misleading in a browser as on a terminal.
type htmlFinding struct {
	Number, Operation int
	Severity          string
	Message, Hint     string
	Place             string
	Rule, Help        string
	Official          string
	Excerpt           *htmlExcerpt
	Related           []htmlRelated
	Fix, Flag         string
}

type (
	htmlExcerpt struct {
		Line                  int
		Before, Marked, After string
	}
	htmlRelated struct{ Place, Message string }
)

func newHTML(w *bufio.Writer, o Options) Reporter {
	h := &htmlReporter{w: w, o: o, info: map[string]*RuleInfo{}, rules: map[string]*htmlGroup{}, operations: map[htmlOperation]*htmlGroup{}}
	for i := range o.Rules {
		h.info[o.Rules[i].ID] = &o.Rules[i]
	}
	return h
}

func (h *htmlReporter) Report(findings []source.Diagnostic) error {
	h.files.add(findings)
	for i := range findings {
		d := &findings[i]
		rule, operation := h.rule(d.Rule), h.operation(d)
		rule.add(d.Severity)
		operation.add(d.Severity)
		h.count++
		if err := htmlPages().ExecuteTemplate(&rule.rows, "finding", h.finding(d, rule, operation)); err != nil {
			return err
		}
	}
	return nil
}

func (h *htmlReporter) rule(id string) *htmlGroup {
	g := h.rules[id]
	if g == nil {
		g = &htmlGroup{Name: htmlText(id)}
		if info := h.info[id]; info != nil {
			g.Summary, g.Help = info.Summary, info.HelpURI
		}
		h.rules[id] = g
	}
	return g
}

// operation returns the group of what the JSON Pointer of a finding leads to:
// an operation, the path that several share, or another part of the file.
func (h *htmlReporter) operation(d *source.Diagnostic) *htmlGroup {
	key := operationAt(d.Pointer())
	key.file = h.o.relative(d.File.Name)
	g := h.operations[key]
	if g != nil {
		return g
	}
	g = &htmlGroup{Index: len(h.order), File: htmlText(key.file), Method: strings.ToUpper(key.method), Path: htmlText(key.path), Section: htmlText(key.section)}
	if key.method != "" {
		id, _ := d.File.At("/paths/" + source.EscapePointer(key.path) + "/" + key.method + "/operationId").Str()
		g.Name = htmlText(id)
	}
	h.operations[key] = g
	h.order = append(h.order, g)
	return g
}

// operationAt reads a pointer as /paths/<path>/<method>. Methods are known in
// any case, because one in upper case is a finding.
func operationAt(pointer string) htmlOperation {
	steps := strings.SplitN(pointer, "/", 5)
	switch {
	case len(steps) < 2:
		return htmlOperation{}
	case len(steps) == 2 || steps[1] != "paths":
		return htmlOperation{section: source.UnescapePointer(steps[1])}
	}
	at := htmlOperation{section: steps[1], path: source.UnescapePointer(steps[2])}
	if len(steps) > 3 && slices.Contains(htmlMethods, strings.ToLower(steps[3])) {
		at.method = steps[3]
	}
	return at
}

var htmlMethods = []string{"get", "put", "post", "delete", "options", "head", "patch"}

func (g *htmlGroup) add(s source.Severity) {
	g.Count++
	g.worst = max(g.worst, s, source.Info)
}

// Severity is the worst in the group.
func (g *htmlGroup) Severity() string { return g.worst.String() }

// Rows returns the findings, which the template has made.
func (g *htmlGroup) Rows() template.HTML { return template.HTML(g.rows.String()) }

func (h *htmlReporter) finding(d *source.Diagnostic, rule, operation *htmlGroup) htmlFinding {
	s := h.span(d.File, d.Range)
	f := htmlFinding{
		Number: h.count, Operation: operation.Index, Severity: max(d.Severity, source.Info).String(), Message: htmlText(d.Message), Hint: htmlText(d.Hint),
		Place: h.place(d.File, s.start), Rule: rule.Name, Help: rule.Help, Official: htmlText(d.Official),
	}
	if e := excerptOf(d.File.Text, s.Range); !e.blank() {
		// Without the indentation, for which a phone has no room.
		before := strings.TrimLeft(string(e.line[:e.from]), " \t")
		f.Excerpt = &htmlExcerpt{s.start.Line, before, string(e.line[e.from:e.to]), string(e.line[e.to:])}
	}
	for _, r := range d.Related {
		f.Related = append(f.Related, htmlRelated{h.place(r.File, r.File.Position(r.Range.Start)), htmlText(r.Message)})
	}
	if d.Fix != nil {
		f.Fix, f.Flag = htmlText(d.Fix.Title), "--fix-all"
		if d.Fix.Safe {
			f.Flag = "--fix"
		}
	}
	return f
}

func (h *htmlReporter) place(f *source.File, at source.Position) string {
	return fmt.Sprintf("%s:%d:%d", htmlText(h.o.relative(f.Name)), at.Line, at.Column)
}

func htmlText(s string) string { return string(appendClean(nil, s)) }

// htmlPage is what the template shows of a run.
type htmlPage struct {
	Summary
	Version, Sentence string
	Count             int
	Rules, Operations []*htmlGroup
	Policy            string
	Style             template.CSS
	Script            template.JS
}

// maxOpen is how many findings are laid out when the page opens. A reader of
// more begins with the list of rules.
const maxOpen = 200

func (h *htmlReporter) Close(s Summary) error {
	var rules []*htmlGroup
	for _, g := range h.rules {
		rules = append(rules, g)
	}
	slices.SortFunc(rules, func(a, b *htmlGroup) int {
		return cmp.Or(int(b.worst)-int(a.worst), b.Count-a.Count, strings.Compare(a.Name, b.Name))
	})
	for _, g := range slices.Concat(rules, h.order) {
		g.Open = h.count <= maxOpen
	}
	sentence := s
	sentence.Stopped = false // the page says so by itself
	style, script := htmlAsset("html.css"), htmlAsset("html.js")
	page := htmlPage{
		Summary: s, Version: h.o.Version, Sentence: sentence.sentence(h.files), Count: h.count, Rules: rules, Operations: h.order,
		Policy: htmlPolicy(style, script), Style: template.CSS(style), Script: template.JS(script),
	}
	if err := htmlPages().ExecuteTemplate(h.w, "page", page); err != nil {
		return err
	}
	return h.w.Flush()
}

// htmlPolicy lets the browser run and apply what is ours and nothing else: if a
// text of a definition ever got out of its place, it would still do nothing.
// No address can be loaded; the empty icon is there lest a browser asks for one.
func htmlPolicy(style, script string) string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'", htmlHash(style), htmlHash(script))
}

func htmlHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

//go:embed html.tmpl.html html.css html.js
var htmlFiles embed.FS

func htmlAsset(name string) string {
	text, err := htmlFiles.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}

// htmlPages are parsed when the first page is made: most runs make none.
var htmlPages = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"plural": plural, "clean": htmlText}).Parse(htmlAsset("html.tmpl.html")))
})
