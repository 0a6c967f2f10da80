package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/connector/verify"
	"github.com/connectorctl/connectorctl/docs"
	"github.com/connectorctl/connectorctl/lint/report"
)

type verifyFlags struct {
	url      string
	triggers []string
	as       string
	inputs   []string

	fire, fireURL, restart string
	wait, retry, patient   time.Duration

	headers             []string
	basic, bearer       string
	apiKeys             []string
	allowHosts          []string
	listen, callbackURL string
	tls                 bool
	certificate         string

	format, failOn, color string
	list                  bool
}

func newVerify(s streams) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify PATH --url BASE",
		Short: "Play the platform against a live publisher",
		Long: `Verify plays Power Automate and Logic Apps against a running service: for each
trigger of a connector it registers callbacks, waits for an event, answers it
well and badly, polls and unregisters, and says which promise of the contract is
broken and where the definition states it. docs/verify.md explains each check.

The path of --url takes the place of the definition's basePath; without a path,
basePath stays. Nothing is called but that address, the Location URLs that it
gives out on the same host, and --fire-url.

Credentials are read from the environment, as env:NAME, or from a file, as
file:PATH, and are never printed. Notifications are received on the loopback
unless --listen and --callback-url say otherwise.

It exits with 0 if no check at or above --fail-on failed, with 1 if one did, and
with 2 if it could not do its job.`,
		Example: `  connectorctl verify my-connector --url http://localhost:8080 --fire ./make-an-event
  connectorctl verify my-connector --url https://test.example/v1 --trigger OnOrderCreated \
      --bearer env:TOKEN --listen :8443 --callback-url https://tunnel.example
  connectorctl verify --list`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, s, args) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.url, "url", "", "where the publisher is: `BASE`, without the paths of the definition")
	flags.StringArrayVar(&f.triggers, "trigger", nil, "verify this operation, by its `id` or as \"POST /path\"; may be repeated (default all)")
	flags.StringVar(&f.as, "as", "", "treat --trigger as webhook or action (one that waits for a callback), whatever its shape")
	flags.StringArrayVar(&f.inputs, "input", nil, "what a maker would fill in: `name=value`, name=@file.json or @file.json; may be repeated")
	flags.StringVar(&f.fire, "fire", "", "run this `command` to make an event happen; it finds CONNECTORCTL_TRIGGER, _CALLBACK_URL, _LOCATION and _SAMPLE (a file) in its environment")
	flags.StringVar(&f.fireURL, "fire-url", "", "POST a sample to this `URL` to make an event happen; {trigger} in it is the operation's id")
	flags.StringVar(&f.restart, "restart", "", "run this `command` to restart the publisher, and see whether registrations survive")
	flags.DurationVar(&f.wait, "wait", 0, "how long to wait for a notification (default 10s, or 30s while a person makes the event happen)")
	flags.DurationVar(&f.retry, "retry-wait", 0, "how long to wait for a failed notification to be sent again; when given, what has not come by then is a failure (default 10s)")
	flags.DurationVar(&f.patient, "timeout", verify.DefaultTimes.Patient, "how long a webhook action waits before it gives up")
	flags.StringArrayVar(&f.headers, "header", nil, "send this header, `\"Name: value\"`, where the value may be env:NAME or file:PATH; may be repeated")
	flags.StringVar(&f.basic, "basic", "", "send user:password from this `source`, env:NAME or file:PATH")
	flags.StringVar(&f.bearer, "bearer", "", "send the token from this `source`, env:NAME or file:PATH")
	flags.StringArrayVar(&f.apiKeys, "api-key", nil, "send the key from this `source`, env:NAME or file:PATH, where securityDefinitions wants it; name=source picks one of several")
	flags.StringArrayVar(&f.allowHosts, "allow-host", nil, "follow Location URLs to this `host[:port]` too; may be repeated")
	flags.StringVar(&f.listen, "listen", "", "receive callbacks at this `address` (default a free port of the loopback)")
	flags.StringVar(&f.callbackURL, "callback-url", "", "what callback URLs start with, if a tunnel or proxy stands before --listen: `URL`")
	flags.BoolVar(&f.tls, "tls", false, "receive callbacks with TLS 1.2 and the platform's cipher suites")
	flags.StringVar(&f.certificate, "tls-certificate", "", "write the certificate that the publisher must trust to this `file`")
	flags.StringVar(&f.format, "format", "text", strings.Join(report.Formats(), ", "))
	flags.StringVar(&f.failOn, "fail-on", "error", "exit with 1 from this severity on: error, warning, info or never")
	flags.StringVar(&f.color, "color", "auto", "auto, always or never")
	flags.BoolVar(&f.list, "list", false, "list the checks")
	return cmd
}

func (f *verifyFlags) run(cmd *cobra.Command, s streams, args []string) error {
	if f.list {
		return listChecks(s.out)
	}
	if len(args) == 0 {
		return errors.New("name a connector: connectorctl verify PATH --url BASE")
	}
	failOn, err := parseFailOn(f.failOn)
	if err != nil {
		return err
	}
	out, err := f.output(s)
	if err != nil {
		return err
	}
	out.failOn = failOn
	target, err := f.target(cmd, s, args[0])
	if err != nil {
		return err
	}
	target.Observe = out.observe(len(target.Triggers) > 1)
	result, err := verify.Run(cmd.Context(), target)
	if result != nil {
		out.remarks(result)
	}
	if err != nil {
		return err
	}
	if err := out.report(target.Connector, result); err != nil {
		return err
	}
	switch {
	case len(result.Problems) > 0:
		return errReported
	case failOn != source.Off && out.worst >= failOn:
		return errFindings
	}
	return nil
}

func listChecks(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CHECK\tLEVEL\tOF\tWHAT HOLDS")
	for _, c := range verify.Checks() {
		var kinds []string
		for _, d := range []connector.Delivery{connector.Webhook, connector.WebhookAction, connector.Polling} {
			if c.On(d) {
				kinds = append(kinds, d.String())
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", c.ID, c.Severity, strings.Join(kinds, ", "), c.Summary)
	}
	return t.Flush()
}

// verifyOutput writes what a run shows.
type verifyOutput struct {
	streams
	format   string
	color    bool
	reporter report.Reporter // nil for junit
	failOn   source.Severity
	worst    source.Severity
}

func (f *verifyFlags) output(s streams) (*verifyOutput, error) {
	color, err := useColor(f.color, s.out)
	if err != nil {
		return nil, err
	}
	o := &verifyOutput{streams: s, format: f.format, color: color}
	if f.format == "junit" {
		return o, nil
	}
	options := reportOptions(color, nil, "")
	for _, c := range verify.Checks() {
		options.Rules = append(options.Rules, report.RuleInfo{ID: c.ID, Summary: c.Summary, Help: docs.Check(c.ID), HelpURI: checkURI(c.ID), Level: c.Severity})
	}
	o.reporter, err = report.New(f.format, s.out, options)
	return o, err
}

func checkURI(id string) string {
	return "https://github.com/connectorctl/connectorctl/blob/main/docs/verify.md#" + id
}

// observe shows the life as it happens, to people.
func (o *verifyOutput) observe(several bool) func(verify.Line) {
	if o.format != "text" && !isTerminal(o.err) {
		return nil
	}
	return func(l verify.Line) {
		name := ""
		if several && l.Trigger != "" {
			name = l.Trigger + "  "
		}
		fmt.Fprintf(o.err, "%6.2f s  %s\n", l.At.Seconds(), clean(name+l.Text))
	}
}

// remarks says what went wrong with the run itself.
func (o *verifyOutput) remarks(r *verify.Report) {
	for _, text := range append(r.Problems, r.Left...) {
		for line := range strings.Lines(text) {
			o.fail(errors.New(clean(strings.TrimRight(line, "\r\n"))))
		}
	}
}

func (o *verifyOutput) report(c *connector.Connector, r *verify.Report) error {
	var found []source.Diagnostic
	for _, t := range r.Triggers {
		found = append(found, t.Findings()...)
	}
	for _, d := range found {
		o.worst = max(o.worst, d.Severity)
	}
	if o.reporter == nil {
		return junit(o.out, r, o.failOn)
	}
	if o.format == "text" {
		if err := o.tables(r); err != nil {
			return err
		}
	}
	summary := report.Summary{Files: len(c.Files()), Stopped: len(r.Problems) > 0}
	summary.Add(found)
	for _, t := range r.Triggers {
		for _, outcome := range t.Outcomes {
			summary.Checks = append(summary.Checks, report.Check{
				Operation: t.Trigger.Operation.Name(), ID: outcome.Check.ID, Status: string(outcome.Status), Detail: outcome.Detail,
			})
		}
	}
	if err := o.reporter.Report(found); err != nil {
		return err
	}
	return o.reporter.Close(summary)
}

// marks stand before the checks of a table.
var marks = map[verify.Status]struct{ text, color string }{
	verify.Passed:  {"✓", "\x1b[32m"},
	verify.Failed:  {"✗", "\x1b[31m"},
	verify.Skipped: {"-", "\x1b[2m"},
}

// tables shows what became of each check.
func (o *verifyOutput) tables(r *verify.Report) error {
	var b strings.Builder
	for _, t := range r.Triggers {
		width := 0
		counts := map[verify.Status]int{}
		for _, outcome := range t.Outcomes {
			width = max(width, len(outcome.Check.ID))
			counts[outcome.Status]++
		}
		fmt.Fprintf(&b, "%s  (%s): %d passed, %d failed, %d not seen\n", clean(t.Trigger.Operation.Name()), deliveryNames[t.Trigger.Delivery],
			counts[verify.Passed], counts[verify.Failed], counts[verify.Skipped])
		for _, outcome := range t.Outcomes {
			mark := marks[outcome.Status]
			before, after := "", ""
			if o.color {
				before, after = mark.color, "\x1b[0m"
			}
			fmt.Fprintf(&b, "  %s%s %-*s  %s%s\n", before, mark.text, width, outcome.Check.ID, clean(outcome.Detail), after)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(o.out, b.String())
	return err
}

// person is told when to make an event happen. Triggers take turns.
type person struct {
	streams
	mu sync.Mutex
}

func (p *person) ask(e verify.Event, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.err, "connectorctl: make an event happen for %s now, within %s\n", clean(e.Trigger), wait)
}
