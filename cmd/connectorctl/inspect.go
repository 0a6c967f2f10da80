package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

func newInspect(s streams) *cobra.Command {
	var format string
	var config configFlags
	cmd := &cobra.Command{
		Use:   "inspect PATH",
		Short: "Show the triggers of a connector as the platform will see them",
		Long: `Inspect shows each trigger of a connector, and each action that waits for a
callback: how it registers, which field takes the callback URL, what makers get
from a notification, which DELETE unregisters, and what is wrong with it.`,
		Example: `  connectorctl inspect my-connector
  connectorctl inspect --format mermaid apiDefinition.swagger.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			show := map[string]func(io.Writer, lint.Result) error{
				"text": inspectText, "json": inspectJSON, "mermaid": inspectMermaid,
			}[format]
			if show == nil {
				return fmt.Errorf("unknown --format %q: expected text, json or mermaid", format)
			}
			result, err := config.lintOne(s, args[0])
			if err != nil {
				return err
			}
			if n := countSyntax(result.Findings); n > 0 && format != "text" {
				s.fail(fmt.Errorf("%s has %s in its syntax, so triggers may be missing: `connectorctl lint %s` shows them",
					result.Unit.Name(), plural(n, "error"), asArgument(result.Unit)))
			}
			return show(s.out, result)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json, mermaid")
	config.bind(cmd.Flags())
	return cmd
}

// lintOne lints the one connector that a path names.
func (f *configFlags) lintOne(s streams, path string) (lint.Result, error) {
	linter, err := f.linter(1)
	if err != nil {
		return lint.Result{}, err
	}
	var unit connector.Unit
	if path == "-" {
		unit = connector.Unit{Definition: "<stdin>"}
		if unit.Data, err = readAll(s.in); err != nil {
			return lint.Result{}, err
		}
	} else if unit, err = oneUnit(path); err != nil {
		return lint.Result{}, err
	}
	result := linter.Lint(unit)
	if result.Err != nil {
		return result, result.Err
	}
	d := result.Connector.Definition
	if err := checkDocument(d, unit.Name()); err != nil || d.IsSwagger2() {
		return result, err
	}
	at := d.Root.Get("openapi")
	if !at.Exists() {
		return result, fmt.Errorf("%s is an AsyncAPI document, a connector is defined in OpenAPI 2.0", unit.Name())
	}
	version := "3"
	if k := at.Kind(); k == source.String || k == source.Number {
		version = clean(strings.Trim(at.Text(), `"'`))
	}
	return result, fmt.Errorf("%s:%d: this is OpenAPI %s, a connector is defined in OpenAPI 2.0: `connectorctl convert %s` makes one of it",
		unit.Name(), d.File.Position(at.Range().Start).Line, version, path)
}

// checkDocument returns an error if there is no definition, or nothing in it
// that could be looked at.
func checkDocument(d *connector.Definition, path string) error {
	switch {
	case d.File == nil:
		return fmt.Errorf("%s is no definition", path)
	case d.Root.Kind() == source.Object:
		return nil
	}
	for _, p := range d.File.Problems {
		at := d.File.Position(p.Range.Start)
		return fmt.Errorf("%s:%d:%d: %s", d.File.Name, at.Line, at.Column, p.Message)
	}
	return fmt.Errorf("%s holds %s, expected an OpenAPI document", d.File.Name, d.Root.Kind())
}

func countSyntax(findings []source.Diagnostic) int {
	n := 0
	for _, f := range findings {
		if f.Severity == source.Error && strings.HasPrefix(f.Rule, "syntax-") {
			n++
		}
	}
	return n
}

func inspectText(w io.Writer, r lint.Result) error {
	var b strings.Builder
	triggers := r.Connector.Definition.Triggers()
	for i, t := range triggers {
		if i > 0 {
			b.WriteByte('\n')
		}
		describeTrigger(&b, r, t)
	}
	name, operations := r.Connector.Definition.File.Name, len(r.Connector.Definition.Operations())
	switch {
	case len(triggers) > 0:
	case operations > 0:
		fmt.Fprintf(&b, "%s has no trigger (%s, all actions)\n", name, plural(operations, "operation"))
	default:
		fmt.Fprintf(&b, "%s has no operation\n", name)
	}
	describeOthers(&b, r)
	_, err := io.WriteString(w, b.String())
	return err
}

var deliveryNames = map[connector.Delivery]string{
	connector.Webhook:       "webhook trigger",
	connector.WebhookAction: "webhook action, waits for its callback",
	connector.Polling:       "polling trigger",
}

func describeTrigger(b *strings.Builder, r lint.Result, t *connector.Trigger) {
	o := t.Operation
	kind := deliveryNames[t.Delivery]
	if mode, ok := t.Mode.Str(); ok {
		kind += ", " + mode
	}
	fmt.Fprintf(b, "%s  (%s)\n", clean(o.Name()), clean(kind))
	row := func(label, format string, args ...any) {
		fmt.Fprintf(b, "  %-12s %s\n", label, clean(fmt.Sprintf(format, args...)))
	}
	if summary, ok := o.Node.Get("summary").Str(); ok {
		row("summary", "%s", summary)
	}
	verb, payload := "register", t.Payload()
	if t.Delivery == connector.Polling {
		verb = "poll"
	}
	at := o.At().File().Position(o.At().Range().Start)
	row(verb, "%s %s, line %d", strings.ToUpper(o.Method), o.Path, at.Line)
	if t.Delivery != connector.Polling {
		row("callback", "%s", describeCallback(t))
	}
	describePayload(row, payload)
	if t.Delivery != connector.Polling {
		row("unregister", "%s", describeUnsubscribe(t))
	}
	label := "wrong"
	for _, f := range findingsOf(t, r.Findings) {
		at := f.File.Position(f.Range.Start)
		row(label, "%s: %s [%s], line %d", f.Severity, f.Message, f.Rule, at.Line)
		label = ""
	}
}

// shownErrors is how many errors are listed that concern no trigger.
const shownErrors = 5

// describeOthers lists the errors that concern no trigger: they may be why one
// is not there.
func describeOthers(b *strings.Builder, r lint.Result) {
	told := map[source.Range]bool{} // of the definition
	for _, t := range r.Connector.Definition.Triggers() {
		for _, f := range findingsOf(t, r.Findings) {
			told[f.Range] = true
		}
	}
	others := 0
	for _, f := range r.Findings {
		if f.Severity != source.Error || f.File == r.Connector.Definition.File && told[f.Range] {
			continue
		}
		if others++; others == 1 {
			b.WriteString("\nelsewhere\n")
		}
		if others <= shownErrors {
			at := f.File.Position(f.Range.Start)
			fmt.Fprintf(b, "  %s:%d:%d: error: %s [%s]\n", f.File.Name, at.Line, at.Column, clean(f.Message), f.Rule)
		}
	}
	if others > shownErrors {
		fmt.Fprintf(b, "  and %s, which `connectorctl lint %s` shows\n", plural(others-shownErrors, "more error"), asArgument(r.Unit))
	}
}

// asArgument returns what names a unit on a command line.
func asArgument(u connector.Unit) string {
	if u.Data != nil {
		return "-"
	}
	return u.Name()
}

func describeCallback(t *connector.Trigger) string {
	if len(t.Callbacks) == 0 {
		return "none: no field takes the callback URL"
	}
	c := t.Callbacks[0]
	return fmt.Sprintf("%s in the body, line %d", c.Name(), c.Node.File().Position(c.At().Range().Start).Line)
}

func describeUnsubscribe(t *connector.Trigger) string {
	u := t.Unsubscribe
	if u == nil {
		return "none: subscriptions are never removed"
	}
	seen := "visible to makers"
	if u.IsInternal() {
		seen = "internal"
	}
	return fmt.Sprintf("DELETE %s, %s, %s", u.Path, u.Name(), seen)
}

// shownFields is how much of a payload a person wants to read.
const shownFields = 20

func describePayload(row func(label, format string, args ...any), payload connector.Schema) {
	fields := payload.Fields()
	label := "makers get"
	for i, f := range fields {
		if i == shownFields && len(fields) > i+1 {
			row(label, "and %d more, which --format json lists", len(fields)-i)
			break
		}
		title := ""
		if f.Title != "" {
			title = fmt.Sprintf(", %q", f.Title)
		}
		row(label, "%s (%s)%s", f.Path, f.Type, title)
		label = ""
	}
	switch {
	case payload.IsDynamic():
		row(label, "what the service describes at design time (dynamic schema)")
	case len(fields) == 0 && payload.Exists():
		row(label, "%s without properties", payload.Shape())
	case len(fields) == 0:
		row(label, "nothing: no payload is described")
	}
}

// clean keeps text from a file from moving the cursor.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '\ufffd'
		}
		return r
	}, s)
}

// findingsOf returns the findings in what belongs to a trigger: its operation,
// its notification content, its callback field, and the DELETE.
func findingsOf(t *connector.Trigger, findings []source.Diagnostic) []source.Diagnostic {
	nodes := []source.Node{t.Operation.Node, t.Content, t.Callback(), t.Notification.Resolved().Node}
	if t.Unsubscribe != nil {
		nodes = append(nodes, t.Unsubscribe.Node)
	}
	var own []source.Diagnostic
	for _, f := range findings {
		for _, n := range nodes {
			if n.Exists() && n.File() == f.File && (n.Range().Contains(f.Range) || n.Key().Range() == f.Range) {
				own = append(own, f)
				break
			}
		}
	}
	return own
}

type inspected struct {
	Version  int                `json:"version"`
	Triggers []inspectedTrigger `json:"triggers"`
}

type inspectedTrigger struct {
	Kind         string                 `json:"kind"`
	Path         string                 `json:"path"`
	Method       string                 `json:"method"`
	OperationID  string                 `json:"operationId"`
	Mode         string                 `json:"mode,omitempty"`
	Callback     *inspectedCallback     `json:"callback"`
	Notification *inspectedNotification `json:"notification"`
	Fields       []inspectedField       `json:"fields"`
	Unsubscribe  *inspectedUnsubscribe  `json:"unsubscribe"`
}

type inspectedCallback struct {
	Pointer string `json:"pointer"`
}

type inspectedNotification struct {
	Pointer string `json:"pointer"`          // x-ms-notification-content
	Schema  string `json:"schema,omitempty"` // the payload's schema, references followed
}

type inspectedField struct {
	Path  string `json:"path"`
	Type  string `json:"type"`
	Title string `json:"title,omitempty"`
}

type inspectedUnsubscribe struct {
	Path        string `json:"path"`
	OperationID string `json:"operationId"`
	Internal    bool   `json:"internal"`
}

func inspectJSON(w io.Writer, r lint.Result) error {
	out := inspected{Version: 1, Triggers: []inspectedTrigger{}}
	for _, t := range r.Connector.Definition.Triggers() {
		o := t.Operation
		trigger := inspectedTrigger{Kind: t.Delivery.String(), Path: o.Path, Method: o.Method, OperationID: o.ID, Fields: []inspectedField{}}
		for _, f := range t.Payload().Fields() {
			trigger.Fields = append(trigger.Fields, inspectedField(f))
		}
		trigger.Mode, _ = t.Mode.Str()
		if c := t.Callback(); c.Exists() {
			trigger.Callback = &inspectedCallback{c.Pointer()}
		}
		if t.Delivery != connector.Polling && t.Content.Exists() {
			trigger.Notification = &inspectedNotification{t.Content.Pointer(), t.Notification.Resolved().Node.Pointer()}
		}
		if u := t.Unsubscribe; u != nil {
			trigger.Unsubscribe = &inspectedUnsubscribe{u.Path, u.ID, u.IsInternal()}
		}
		out.Triggers = append(out.Triggers, trigger)
	}
	return printJSON(w, out)
}

// inspectMermaid draws the life of each trigger as a sequence diagram
// (https://mermaid.js.org, sequenceDiagram).
func inspectMermaid(w io.Writer, r lint.Result) error {
	var b strings.Builder
	b.WriteString("sequenceDiagram\n    participant P as Platform\n    participant S as Service\n")
	for _, t := range r.Connector.Definition.Triggers() {
		o := t.Operation
		line := func(format string, args ...any) {
			b.WriteString("    " + mermaidText(fmt.Sprintf(format, args...)) + "\n")
		}
		line("Note over P,S: %s", o.Name())
		if t.Delivery == connector.Polling {
			line("loop every interval")
			line("P->>S: %s %s", strings.ToUpper(o.Method), o.Path)
			line("S-->>P: 200 new data, or 202 nothing new")
			line("end")
			continue
		}
		callback := "callback URL"
		if len(t.Callbacks) > 0 {
			callback = "callback URL in " + t.Callbacks[0].Name()
		}
		line("P->>S: %s %s (%s)", strings.ToUpper(o.Method), o.Path, callback)
		line("S-->>P: 201 Created, Location")
		line("S->>P: POST callback URL (%s)", payloadSummary(t.Notification))
		line("P-->>S: 2xx")
		if u := t.Unsubscribe; u != nil {
			line("P->>S: DELETE Location (%s)", u.Path)
			line("S-->>P: 2xx")
		} else {
			line("Note over P,S: nothing unregisters it")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func payloadSummary(s connector.Schema) string {
	var names []string
	for _, f := range s.Fields() {
		if !strings.ContainsAny(f.Path, "/[") {
			names = append(names, f.Path)
		}
	}
	if len(names) > 5 {
		names = append(names[:5], "...")
	}
	if len(names) == 0 {
		return "event"
	}
	return strings.Join(names, ", ")
}

// mermaidText takes out what would end or change a statement.
func mermaidText(s string) string {
	return strings.NewReplacer(";", ",", "#", "", "\n", " ").Replace(clean(s))
}
