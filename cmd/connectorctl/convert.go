package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

type convertFlags struct {
	list        bool
	format      string
	diff        bool
	write       bool
	out         string
	folder      string
	interactive bool
	strict      bool

	operations      []string
	as              string
	callback        string
	notification    string
	samples         []string
	registration    string
	unsubscribe     string
	unsubscribePath string
	batch           bool
	rename          string
}

func newConvert(s streams) *cobra.Command {
	var f convertFlags
	cmd := &cobra.Command{
		Use:   "convert FILE",
		Short: "Turn the actions of an imported API into triggers",
		Long: `Convert finds the operations that register a webhook and makes them triggers.
It reads OpenAPI 2.0, of which it changes only the bytes it must, and 3.0 and
3.1, which it brings to 2.0. FILE may be a connector folder, or - for standard
input.

The converted text goes to standard output, the reasons to standard error.
What is sure or likely is converted; what is possible, only when it is named
with --operation.`,
		Example: `  connectorctl convert --list api.yaml
  connectorctl convert --diff apiDefinition.swagger.json
  connectorctl convert -w --operation CreateHook --sample event.json my-connector
  connectorctl convert --package my-connector openapi.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, args[0]) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.list, "list", false, "list the candidates and change nothing")
	flags.StringVar(&f.format, "format", "text", "of --list: text, json")
	flags.BoolVar(&f.diff, "diff", false, "print what would change, and change nothing")
	flags.BoolVarP(&f.write, "write", "w", false, "write the result to the file instead of standard output")
	flags.StringVarP(&f.out, "output", "o", "", "write the result to this `file`")
	flags.StringVar(&f.folder, "package", "", "write a whole connector into this `folder`")
	flags.StringArrayVar(&f.operations, "operation", nil, "convert this operation, by its `id` or as \"POST /path\"; may be repeated")
	flags.StringVar(&f.as, "as", "", "webhook, action (one that waits for a callback) or polling")
	flags.StringVar(&f.callback, "callback", "", "the `field` that takes the callback URL, a name or a JSON Pointer; for polling, the query parameter that filters")
	flags.StringVar(&f.notification, "notification", "", "the JSON `Pointer` of the schema that the service sends")
	flags.StringArrayVar(&f.samples, "sample", nil, "infer that schema from a JSON `file`; may be repeated")
	flags.StringVar(&f.registration, "registration", "", "the `id` of the operation that registers for the document's webhooks")
	flags.StringVar(&f.unsubscribe, "unsubscribe", "", "the `id` of the DELETE that undoes the registration")
	flags.StringVar(&f.unsubscribePath, "unsubscribe-path", "", "add an internal DELETE on this `path`, as in /hooks/{id}")
	flags.BoolVar(&f.batch, "batch", false, "the service sends several events at once")
	flags.StringVar(&f.rename, "rename", "", "give the operation this `id`")
	flags.BoolVar(&f.interactive, "interactive", false, "ask, at a terminal")
	flags.BoolVar(&f.strict, "strict", false, "fail if OpenAPI 2.0 cannot say all that the document says")
	return cmd
}

// conversion is one run of the convert command.
type conversion struct {
	streams
	flags     *convertFlags
	unit      connector.Unit
	name      string // of the document, as it was given
	connector *connector.Connector
	imported  *convert.Import // nil for OpenAPI 2.0
	made      []convert.Step  // of the properties, if there are none to keep
}

func (f *convertFlags) run(ctx context.Context, s streams, path string) error {
	if err := f.check(s, path); err != nil {
		return err
	}
	c := &conversion{streams: s, flags: f}
	if err := c.load(path); err != nil {
		return err
	}
	if err := c.checkOut(); err != nil {
		return err
	}
	if lost := c.reportLosses(); lost && f.strict {
		c.fail(errors.New("OpenAPI 2.0 cannot say all that the document says (--strict): nothing is written"))
		return errFindings
	}
	if err := c.makeProperties(); err != nil {
		return err
	}
	candidates, unplaced := c.candidates()
	if f.list {
		return c.list(candidates)
	}
	requests, err := c.choose(ctx, candidates)
	if err != nil {
		return err
	}
	plan, requests, err := c.plan(requests)
	if err != nil {
		return err
	}
	c.report(requests, candidates, plan, unplaced)
	return c.output(plan)
}

// check refuses flags that say two things, before anything is read.
func (f *convertFlags) check(s streams, path string) error {
	targets := 0
	for _, set := range []bool{f.list, f.diff, f.write, f.out != "", f.folder != ""} {
		if set {
			targets++
		}
	}
	ofWebhook := f.notification != "" || len(f.samples) > 0 || f.unsubscribe != "" || f.unsubscribePath != ""
	switch {
	case targets > 1:
		return errors.New("--list, --diff, -w, -o and --package exclude each other")
	case f.write && path == "-":
		return errors.New("-w needs a file, not standard input")
	case f.interactive && (!isTerminal(s.in) || path == "-"):
		return errors.New("--interactive needs a terminal")
	case f.notification != "" && len(f.samples) > 0:
		return errors.New("--notification and --sample exclude each other: both say what the service sends")
	case f.unsubscribe != "" && f.unsubscribePath != "":
		return errors.New("--unsubscribe and --unsubscribe-path exclude each other: one names a DELETE that is there, the other one to be written")
	case f.settles() && len(f.operations) > 1:
		return errors.New("--as, --callback, --notification, --sample, --unsubscribe, --unsubscribe-path, --batch and --rename are about one operation: name one with --operation")
	case f.format != "text" && !f.list:
		return errors.New("--format goes with --list")
	case f.list && (f.strict || f.settles() || f.interactive):
		return errors.New("--list takes none of the flags about a conversion but --operation and --registration")
	case f.as == "polling" && ofWebhook:
		return errors.New("--notification, --sample, --unsubscribe and --unsubscribe-path are about webhooks: a polling trigger gives what the operation answers")
	case !slices.Contains([]string{"text", "json"}, f.format):
		return fmt.Errorf("unknown --format %q: expected text or json", f.format)
	case !slices.Contains([]string{"", "webhook", "action", "polling"}, f.as):
		return fmt.Errorf("unknown --as %q: expected webhook, action or polling", f.as)
	}
	return nil
}

// settles reports whether flags say how one operation is to be converted.
func (f *convertFlags) settles() bool {
	return f.as != "" || f.callback != "" || f.notification != "" || len(f.samples) > 0 || f.unsubscribe != "" || f.unsubscribePath != "" ||
		f.batch || f.rename != ""
}

// load reads what the argument names. A document of a later version becomes the
// definition that it is imported as.
func (c *conversion) load(path string) error {
	var err error
	if path == "-" {
		c.unit = connector.Unit{Definition: "<stdin>"}
		if c.unit.Data, err = readAll(c.in); err != nil {
			return err
		}
	} else if c.unit, err = oneUnit(path); err != nil {
		return err
	}
	if c.connector, err = connector.Load(c.unit); err != nil {
		return err
	}
	d := c.connector.Definition
	if err := checkDocument(d, path); err != nil {
		return err
	}
	if c.name = d.File.Name; d.IsSwagger2() {
		if err := checkSwagger(d); err != nil {
			return err
		}
		return c.toJSON()
	}
	if c.flags.write {
		return fmt.Errorf("%s is OpenAPI 3: -w would replace it by another document, so choose -o FILE or --package DIR", d.File.Name)
	}
	c.imported, err = convert.OpenAPI3(d.File.Name, []byte(d.File.Text), readBelow(filepath.Dir(c.unit.Definition)))
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(d.File.Name, filepath.Ext(d.File.Name)) + ".swagger.json"
	c.connector = connector.New(name, source.ParseString(name, c.imported.Text), c.connector.Properties)
	return nil
}

// toJSON makes JSON of YAML that is to be written as JSON, before anything is
// converted: what an alias stands for is written out and can be changed.
func (c *conversion) toJSON() error {
	f := c.connector.Definition.File
	if f.Format != source.YAML || c.flags.folder == "" && !strings.EqualFold(filepath.Ext(c.flags.out), ".json") {
		return nil
	}
	text, err := convert.JSON(f)
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(f.Name, filepath.Ext(f.Name)) + ".json"
	c.connector = connector.New(c.connector.Name, source.ParseString(name, text), c.connector.Properties)
	c.say("%s is YAML and becomes JSON, which has no comments", f.Name)
	return nil
}

// checkSwagger returns an error if a document does not look like OpenAPI 2.0. One
// with paths that lacks its version may be mended.
func checkSwagger(d *connector.Definition) error {
	version := d.Root.Get("swagger")
	text, isText := version.Str()
	if version.Kind() == source.Number {
		text, isText = strings.TrimSpace(version.Text()), true // 2.0 of YAML
	}
	switch {
	case strings.HasPrefix(text, "2"), !version.Exists() && d.Root.Get("paths").Exists():
		return nil
	case isText:
		return fmt.Errorf("%s is no OpenAPI document: it says Swagger %s, expected OpenAPI 2.0, 3.0 or 3.1", d.File.Name, clean(text))
	}
	for _, p := range d.File.Problems {
		at := d.File.Position(p.Range.Start)
		return fmt.Errorf("%s is no OpenAPI document: %d:%d: %s", d.File.Name, at.Line, at.Column, p.Message)
	}
	return fmt.Errorf(`%s is no OpenAPI document: it has neither "swagger" nor "openapi"`, d.File.Name)
}

// makeProperties makes the properties of a package that has none, so that the
// conversion can add policies to them.
func (c *conversion) makeProperties() error {
	if c.flags.folder == "" || c.connector.Properties != nil {
		return nil
	}
	properties, made, err := convert.Properties(c.connector.Definition)
	c.made = made
	c.connector = connector.New(c.connector.Name, c.connector.Definition.File, properties)
	return err
}

// readBelow reads files of a folder, and never one outside of it, also not by a
// symbolic link.
func readBelow(folder string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		f, err := os.OpenInRoot(folder, filepath.FromSlash(name))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is no regular file", name)
		}
		return io.ReadAll(io.LimitReader(f, source.MaxSize+1))
	}
}

// oneUnit finds the one connector that a path names.
func oneUnit(path string) (connector.Unit, error) {
	units, err := connector.Find([]string{path})
	if err != nil {
		return connector.Unit{}, err
	}
	if len(units) > 1 {
		return connector.Unit{}, fmt.Errorf("%s holds %d connectors, name one of them, such as %s", path, len(units), units[0].Name())
	}
	return units[0], nil
}

// candidates finds the candidates. Payloads that the document describes without
// saying where to register belong to the operation that --registration names,
// or to the only registration there is; else they are returned as unplaced.
func (c *conversion) candidates() (candidates []convert.Candidate, unplaced []convert.Hint) {
	d := c.connector.Definition
	var placed []convert.Hint
	for _, h := range c.hints() {
		if h.Path == "" {
			unplaced = append(unplaced, h)
		} else {
			placed = append(placed, h)
		}
	}
	candidates = convert.Candidates(d, placed)
	if len(unplaced) == 0 {
		return candidates, nil
	}
	registration := findOperation(d, c.flags.registration)
	if registration == nil {
		var sure []convert.Candidate
		for _, known := range candidates {
			if known.Confidence != convert.Possible && known.As == connector.Webhook {
				sure = append(sure, known)
			}
		}
		if len(sure) != 1 {
			return candidates, unplaced
		}
		registration = sure[0].Operation
	}
	for _, h := range unplaced {
		h.Path, h.Method = registration.Path, registration.Method
		placed = append(placed, h)
	}
	return convert.Candidates(d, placed), nil
}

func (c *conversion) hints() []convert.Hint {
	var hints []convert.Hint
	if c.imported != nil {
		hints = slices.Clone(c.imported.Hints)
	} else {
		hints = convert.Webhooks(c.connector.Definition)
	}
	// The field that --callback names decides which of several callbacks counts.
	if name := lastName(c.flags.callback); name != "" {
		slices.SortStableFunc(hints, func(a, b convert.Hint) int {
			return cmp.Compare(rank(lastName(b.Callback) == name), rank(lastName(a.Callback) == name))
		})
	}
	return hints
}

// lastName returns the name of a field, which may be given as a pointer or by
// its path in the body.
func lastName(field string) string { return field[strings.LastIndexAny(field, "/.")+1:] }

func rank(first bool) int {
	if first {
		return 1
	}
	return 0
}

// findOperation looks an operation up by its id, or as "POST /path".
func findOperation(d *connector.Definition, name string) *connector.Operation {
	if o := d.Operation(name); o != nil {
		return o
	}
	method, path, _ := strings.Cut(name, " ")
	for _, o := range d.Operations() {
		if strings.EqualFold(o.Method, method) && o.Path == strings.TrimSpace(path) {
			return o
		}
	}
	return nil
}

// choose turns candidates and flags into requests.
func (c *conversion) choose(ctx context.Context, candidates []convert.Candidate) ([]convert.Request, error) {
	f := c.flags
	names := f.operations
	if f.registration != "" && !slices.Contains(names, f.registration) {
		names = append(names, f.registration)
	}
	if err := c.checkOperations(names); err != nil {
		return nil, err
	}
	var chosen []convert.Candidate
	for _, name := range names {
		o := findOperation(c.connector.Definition, name)
		candidate := convert.Candidate{Operation: o, As: connector.Webhook}
		if o.Trigger != nil {
			candidate.As = o.Trigger.Delivery // and is to stay so
		}
		for _, known := range candidates {
			if known.Operation == o {
				candidate = known
			}
		}
		if name == f.registration {
			candidate.As, candidate.Reasons = connector.Webhook, nil
		}
		chosen = append(chosen, candidate)
	}
	if len(names) == 0 {
		for _, candidate := range candidates {
			if candidate.Confidence != convert.Possible {
				chosen = append(chosen, candidate)
			}
		}
	}
	if !f.interactive {
		return c.requests(chosen)
	}
	ask := interview{c, ctx, bufio.NewScanner(c.in)}
	if len(names) == 0 {
		var err error
		if chosen, err = ask.which(candidates, chosen); err != nil {
			return nil, err
		}
	}
	requests, err := c.requests(chosen)
	if err != nil {
		return nil, err
	}
	return requests, ask.missing(requests)
}

// checkOperations says of each name that no operation has what it may mean.
func (c *conversion) checkOperations(names []string) error {
	var ids []string
	for _, o := range c.connector.Definition.Operations() {
		ids = append(ids, o.ID)
	}
	var unknown []error
	for _, name := range names {
		if findOperation(c.connector.Definition, name) != nil {
			continue
		}
		hint := "--list shows the candidates"
		if near := lint.Nearest(name, ids); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		unknown = append(unknown, fmt.Errorf("%s has no operation %q: %s", c.name, name, hint))
	}
	return errors.Join(unknown...)
}

func (c *conversion) requests(chosen []convert.Candidate) ([]convert.Request, error) {
	f := c.flags
	if f.settles() && len(chosen) != 1 {
		return nil, fmt.Errorf("there are %d operations to convert, and the flags are about one: name it with --operation", len(chosen))
	}
	var samples [][]byte
	for _, name := range f.samples {
		data, err := readSample(name)
		if err != nil {
			return nil, err
		}
		samples = append(samples, data)
	}
	var requests []convert.Request
	for _, candidate := range chosen {
		as := candidate.As
		switch f.as {
		case "webhook":
			as = connector.Webhook
		case "action":
			as = connector.WebhookAction
		case "polling":
			as = connector.Polling
		}
		requests = append(requests, convert.Request{
			Candidate: candidate, As: as, Callback: f.callback, Notification: f.notification, Samples: samples,
			Unsubscribe: f.unsubscribe, UnsubscribePath: f.unsubscribePath, Batch: f.batch, Rename: f.rename,
		})
	}
	return requests, nil
}

func readSample(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read sample: %w", err)
	}
	if parsed := source.Parse("sample.json", data); len(parsed.Problems) > 0 {
		p := parsed.Problems[0]
		at := parsed.Position(p.Range.Start)
		return nil, fmt.Errorf("read sample: %s:%d:%d: %s", filepath.ToSlash(name), at.Line, at.Column, p.Message)
	}
	return data, nil
}

// plan plans the conversion. What nobody named and cannot be converted is left
// out, and standard error says why.
func (c *conversion) plan(requests []convert.Request) (*convert.Plan, []convert.Request, error) {
	named := len(c.flags.operations) > 0 || c.flags.registration != "" || c.flags.settles()
	for len(requests) > 0 {
		plan, err := convert.ToTriggers(c.connector, requests)
		var refused convert.Refusals
		if named || !errors.As(err, &refused) {
			return plan, requests, err
		}
		isRefused := map[int]bool{}
		for _, r := range refused {
			isRefused[r.Request] = true
			c.say("not converted: %s", strings.TrimPrefix(r.Reason.Error(), "convert "))
		}
		var kept []convert.Request
		for i, r := range requests {
			if !isRefused[i] {
				kept = append(kept, r)
			}
		}
		requests = kept
	}
	return &convert.Plan{}, nil, nil
}

var deliveryWords = map[connector.Delivery]string{
	connector.Webhook: "webhook trigger", connector.WebhookAction: "webhook action", connector.Polling: "polling trigger",
}

// say prints a line on standard error.
func (c *conversion) say(format string, args ...any) {
	fmt.Fprintf(c.err, "%s\n", clean(fmt.Sprintf(format, args...)))
}

// reportLosses says what the import has lost, and returns whether there is any
// such thing. --list has other things to say.
func (c *conversion) reportLosses() (lost bool) {
	if c.imported == nil || c.flags.list {
		return false
	}
	for _, l := range c.imported.Losses {
		c.say("lost: %s: %s", pointerOrRoot(l.Pointer), l.Message)
	}
	return len(c.imported.Losses) > 0
}

// report says what is done, and why.
func (c *conversion) report(requests []convert.Request, candidates []convert.Candidate, plan *convert.Plan, unplaced []convert.Hint) {
	say := c.say
	for _, h := range unplaced {
		say("payload without a registration: %s, schema %s; --registration ID says which operation registers", h.Name, pointerOrRoot(h.Notification))
	}
	asked := map[*connector.Operation]bool{}
	for _, r := range requests {
		o := r.Candidate.Operation
		asked[o] = true
		why := strings.Join(r.Candidate.Reasons, ", ")
		if why == "" {
			why = "you named it"
		}
		verb := "becomes"
		if o.Trigger != nil && o.Trigger.Delivery == r.As {
			verb = "stays"
		}
		say("%s %s (%s) %s a %s: %s", strings.ToUpper(o.Method), o.Path, o.Name(), verb, deliveryWords[r.As], why)
	}
	steps := plan.Steps
	if c.imported != nil {
		steps = append(slices.Clip(steps), c.imported.Open...)
	}
	for _, s := range steps {
		mark := " "
		if s.Warning {
			mark = "!"
		}
		say("  %s %s (%s)", mark, s.Message, pointerOrRoot(s.Pointer))
	}
	for _, candidate := range candidates {
		if o := candidate.Operation; candidate.Confidence == convert.Possible && !asked[o] && len(c.flags.operations) == 0 {
			say("not converted: %s %s (%s) may be a %s%s", strings.ToUpper(o.Method), o.Path, o.Name(), deliveryWords[candidate.As], advice(candidate))
		}
	}
	switch {
	case len(requests) == 0:
		say("nothing to convert%s", c.already())
	case len(plan.Edits) == 0 && len(plan.Properties) == 0:
		say("nothing to do: it is converted already")
	}
}

// advice says what to do about a candidate that is only possible.
func advice(c convert.Candidate) string {
	err := c.Obstacle()
	switch {
	case err == nil:
		return "; name it with --operation"
	case c.Callback.Node.Exists(), !c.Operation.Body().Node.Exists():
		return ", but " + err.Error()
	}
	return "; name it with --operation, and its field with --callback: " + err.Error()
}

// already says what the document has without us.
func (c *conversion) already() string {
	if n := len(c.connector.Definition.Triggers()); n > 0 {
		return fmt.Sprintf(": it has %s already", plural(n, "trigger"))
	}
	return ""
}

func pointerOrRoot(pointer string) string {
	if pointer == "" {
		return "the document"
	}
	return pointer
}

// output puts the result where the flags say.
func (c *conversion) output(plan *convert.Plan) error {
	texts, err := c.apply(plan)
	if err != nil {
		return err
	}
	f := c.flags
	switch {
	case f.diff:
		return c.printDiff(texts)
	case f.folder != "":
		return c.writePackage(texts)
	case f.write:
		return c.writeBack(texts)
	}
	if texts[1].changed() {
		fmt.Fprintf(c.err, "%s changes too: -w or --package writes both, --diff shows both\n", texts[1].file.Name)
	}
	if f.out != "" {
		return lint.WriteNew(c.flags.out, texts[0].text)
	}
	_, err = io.WriteString(c.out, texts[0].text)
	return err
}

// checkOut refuses to write JSON into a file whose name says that it is YAML, and
// another document over the one that it was made of.
func (c *conversion) checkOut() error {
	if c.imported != nil && isSameFile(c.flags.out, c.unit.Definition) {
		return fmt.Errorf("-o %s is the OpenAPI 3 document itself: choose another name", filepath.ToSlash(c.flags.out))
	}
	switch strings.ToLower(filepath.Ext(c.flags.out)) {
	case ".yaml", ".yml":
		if c.connector.Definition.File.Format == source.JSON {
			return fmt.Errorf("-o %s: the result is JSON, so choose a name that ends in .json", filepath.ToSlash(c.flags.out))
		}
	}
	return nil
}

func isSameFile(a, b string) bool {
	first, err := os.Stat(a)
	second, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(first, second)
}

// converted is a file before and after; file is nil if the connector has none.
type converted struct {
	file *source.File
	text string
}

func (t converted) changed() bool { return t.file != nil && t.text != t.file.Text }

// apply makes the texts of the definition and of the properties. They are
// parsed again before anyone sees them.
func (c *conversion) apply(plan *convert.Plan) ([2]converted, error) {
	var texts [2]converted
	for i, edits := range [][]source.Edit{plan.Edits, plan.Properties} {
		file := c.connector.Definition.File
		if i == 1 {
			file = c.connector.Properties
		}
		if file == nil {
			continue
		}
		text, err := source.Apply(file.Text, edits)
		if err != nil {
			return texts, fmt.Errorf("convert %s: %w", file.Name, err)
		}
		if after := source.ParseString(file.Name, text); len(after.Problems) > len(file.Problems) {
			return texts, fmt.Errorf("convert %s: the result would not be valid (%s), so nothing is written", file.Name, after.Problems[0].Message)
		}
		texts[i] = converted{file, text}
	}
	return texts, nil
}

func (c *conversion) printDiff(texts [2]converted) error {
	for i, t := range texts {
		if t.file == nil {
			continue
		}
		name, old := t.file.Name, t.file.Text
		if i == 0 && c.imported != nil {
			name, old = "/dev/null", "" // the whole document is new
		}
		if _, err := io.WriteString(c.out, source.UnifiedDiff(name, t.file.Name, old, t.text)); err != nil {
			return err
		}
	}
	return nil
}

func (c *conversion) writeBack(texts [2]converted) error {
	for _, t := range texts {
		if t.file != nil && t.file.Transcoded {
			return fmt.Errorf("%s is UTF-16: save it as UTF-8 first", t.file.Name)
		}
	}
	for _, t := range texts {
		if !t.changed() {
			continue
		}
		if err := lint.Write(filepath.FromSlash(t.file.Name), t.text); err != nil {
			return fmt.Errorf("write %s: %w", t.file.Name, err)
		}
	}
	return nil
}

// writePackage writes a connector folder. It never replaces a file.
func (c *conversion) writePackage(texts [2]converted) error {
	var files [2]*source.File
	for i, t := range texts {
		if t.file != nil {
			files[i] = source.ParseString(t.file.Name, t.text)
		}
	}
	contents, steps, err := convert.Package(connector.New(c.connector.Name, files[0], files[1]), c.made...)
	if err != nil {
		return err
	}
	for name := range contents {
		if _, err := os.Lstat(filepath.Join(c.flags.folder, name)); err == nil {
			return fmt.Errorf("%s is there already: nothing is written", filepath.ToSlash(filepath.Join(c.flags.folder, name)))
		}
	}
	if err := os.MkdirAll(c.flags.folder, 0o777); err != nil {
		return fmt.Errorf("write the package: %w", err)
	}
	for name, text := range contents {
		if err := lint.WriteNew(filepath.Join(c.flags.folder, name), text); err != nil {
			return err
		}
	}
	for _, s := range steps {
		mark := " "
		if s.Warning {
			mark = "!"
		}
		fmt.Fprintf(c.err, "  %s %s\n", mark, clean(s.Message))
	}
	return nil
}

type listedCandidate struct {
	Path         string             `json:"path"`
	Method       string             `json:"method"`
	OperationID  string             `json:"operationId"`
	As           string             `json:"as"`
	Confidence   convert.Confidence `json:"confidence"`
	Callback     *inspectedCallback `json:"callback"`
	Notification *inspectedCallback `json:"notification"`
	Unsubscribe  *listedUnsubscribe `json:"unsubscribe"`
	Reasons      []string           `json:"reasons"`
}

type listedUnsubscribe struct {
	Path        string `json:"path"`
	OperationID string `json:"operationId"`
}

func (c *conversion) list(candidates []convert.Candidate) error {
	if err := c.checkOperations(c.flags.operations); err != nil {
		return err
	}
	if len(c.flags.operations) > 0 {
		candidates = slices.DeleteFunc(candidates, func(candidate convert.Candidate) bool {
			return !slices.ContainsFunc(c.flags.operations, func(name string) bool {
				return findOperation(c.connector.Definition, name) == candidate.Operation
			})
		})
	}
	if c.flags.format == "json" {
		return c.listJSON(candidates)
	}
	if len(candidates) == 0 {
		_, err := fmt.Fprintf(c.out, "no candidate in %s%s\n", clean(c.name), c.already())
		return err
	}
	t := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "OPERATION\tCONFIDENCE\tAS\tCALLBACK\tPAYLOAD\tDELETE\tWHY")
	for _, candidate := range candidates {
		o := candidate.Operation
		removal := "-"
		if u := candidate.Unsubscribe; u != nil {
			removal = u.Path
		}
		row := []string{
			o.Name(), string(candidate.Confidence), candidate.As.String(), dash(candidate.Callback.Name()),
			dash(candidate.Notification.Pointer()), removal, strings.Join(candidate.Reasons, ", "),
		}
		for i := range row {
			row[i] = clean(row[i])
		}
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	return t.Flush()
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (c *conversion) listJSON(candidates []convert.Candidate) error {
	out := struct {
		Version    int               `json:"version"`
		Candidates []listedCandidate `json:"candidates"`
	}{1, []listedCandidate{}}
	for _, candidate := range candidates {
		o := candidate.Operation
		l := listedCandidate{
			Path: o.Path, Method: o.Method, OperationID: o.ID, As: candidate.As.String(), Confidence: candidate.Confidence,
			Reasons: append([]string{}, candidate.Reasons...),
		}
		if n := candidate.Callback.Node; n.Exists() {
			l.Callback = &inspectedCallback{n.Pointer()}
		}
		if n := candidate.Notification; n.Exists() {
			l.Notification = &inspectedCallback{n.Pointer()}
		}
		if u := candidate.Unsubscribe; u != nil {
			l.Unsubscribe = &listedUnsubscribe{u.Path, u.ID}
		}
		out.Candidates = append(out.Candidates, l)
	}
	return printJSON(c.out, out)
}
