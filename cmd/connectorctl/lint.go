package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/docs"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/report"
	"github.com/connectorctl/connectorctl/lint/rules"
)

type lintFlags struct {
	format    string
	color     string
	failOn    string
	stdinName string
	fix       bool
	fixAll    bool
	diff      bool
	stats     bool
	jobs      int

	baseline      string
	writeBaseline string
	since         string
	official      bool
	config        configFlags
}

// configFlags are shared by the commands that lint.
type configFlags struct {
	file    string
	profile string
	rules   []string
}

func (f *configFlags) bind(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "config", "", "use this configuration `file` instead of the nearest "+lint.ConfigName)
	flags.StringVar(&f.profile, "profile", "", "custom, certified or independent (default custom)")
	flags.StringArrayVar(&f.rules, "rule", nil, "set one rule's level, `id=level`; may be repeated")
}

// linter puts together what the flags ask for.
func (f *configFlags) linter(jobs int) (*lint.Linter, error) {
	all := rules.All()
	configs := lint.Configs{Fixed: f.file, Rules: all, Levels: map[string]source.Severity{}}
	if f.profile != "" {
		p, err := lint.ParseProfile(f.profile)
		if err != nil {
			return nil, fmt.Errorf("--profile: %w", err)
		}
		configs.Profile = p
	}
	for _, setting := range f.rules {
		id, name, ok := strings.Cut(setting, "=")
		if !ok {
			return nil, fmt.Errorf("--rule %s: expected id=level, with a level of off, info, warning or error", setting)
		}
		named, err := lint.Named(all, id)
		if err != nil {
			return nil, fmt.Errorf("--rule: %w", err)
		}
		level, err := source.ParseSeverity(name)
		if err != nil {
			return nil, fmt.Errorf("--rule %s: %w", setting, err)
		}
		for _, rule := range named {
			configs.Levels[rule.ID] = level
		}
	}
	return &lint.Linter{Rules: all, Configs: lint.NewConfigs(configs), Jobs: jobs}, nil
}

func newLint(s streams) *cobra.Command {
	var f lintFlags
	cmd := &cobra.Command{
		Use:   "lint [PATH...]",
		Short: "Check connectors and report what is wrong, with the way out",
		Long: `Lint checks definition files, connector folders, and all connectors of a tree.
PATH may be a glob; - is standard input; without PATH it is the current folder.

It exits with 0 if nothing at or above --fail-on was found, with 1 if something
was, and with 2 if it could not do its job.`,
		Example: `  connectorctl lint apiDefinition.swagger.json
  connectorctl lint --profile certified certified-connectors
  connectorctl lint --fix --diff .
  connectorctl lint --rule trigger-summary=off --format github .`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.official {
				if cmd.Flags().Changed("format") && f.format != "official" {
					return errors.New("--official-output and --format exclude each other")
				}
				f.format = "official"
			}
			if cmd.Flags().Changed("stdin-name") && !slices.Contains(args, "-") {
				return errors.New("--stdin-name names standard input, which only the path - reads")
			}
			return f.run(cmd.Context(), s, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.format, "format", "text", strings.Join(report.Formats(), ", "))
	flags.BoolVar(&f.official, "official-output", false, "the same as --format official: a line for each finding that the validator of certification has too")
	f.config.bind(flags)
	flags.StringVar(&f.failOn, "fail-on", "error", "exit with 1 from this severity on: error, warning, info or never")
	flags.BoolVar(&f.fix, "fix", false, "apply the safe fixes and report what is left; with -, print the fixed text")
	flags.BoolVar(&f.fixAll, "fix-all", false, "apply all fixes, also those that a person should look at")
	flags.BoolVar(&f.diff, "diff", false, "print what the fixes would change, and change nothing")
	flags.StringVar(&f.baseline, "baseline", "", "leave out the findings that this `file` accepts")
	flags.StringVar(&f.writeBaseline, "write-baseline", "", "accept what is found now: write it to this `file`, and exit with 0")
	flags.StringVar(&f.since, "since", "", "report only what is on lines that git says were changed since `REV`")
	flags.IntVar(&f.jobs, "jobs", 0, "connectors at once (default one per processor)")
	flags.StringVar(&f.color, "color", "auto", "auto, always or never")
	flags.BoolVar(&f.stats, "stats", false, "print files, bytes, findings per rule and time to standard error")
	flags.StringVar(&f.stdinName, "stdin-name", "<stdin>", "the file `name` to report for standard input")
	return cmd
}

// lintRun is one run of the lint command.
type lintRun struct {
	streams
	flags    *lintFlags
	linter   *lint.Linter
	reporter report.Reporter
	failOn   source.Severity // Off: never
	progress *progress

	summary report.Summary
	stats   stats
	configs map[*lint.Config]bool
	known   *lint.Baseline  // nil: none
	record  *lint.Baseline  // that is to be written; nil: none
	since   *since          // nil: all lines
	said    map[string]bool // errors that were printed
	worst   source.Severity
	failed  bool
	applied int
	changed int
}

func (f *lintFlags) run(ctx context.Context, s streams, args []string) error {
	r, err := f.prepare(s)
	if err != nil {
		return err
	}
	if f.since != "" {
		if f.fix || f.fixAll || f.diff || slices.Contains(args, "-") {
			return errors.New("--since goes with neither fixes nor standard input: it looks at files as git knows them")
		}
		r.since = newSince(ctx, f.since)
	}
	units, err := r.units(args)
	if err != nil {
		return err
	}
	r.progress = newProgress(s.err, len(units))
	start := time.Now()
	err = r.lint(ctx, units)
	r.progress.done()
	if err == nil {
		err = r.unused()
	}
	r.summary.Stopped = err != nil || r.failed
	if closeErr := r.reporter.Close(r.summary); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err := r.closeBaseline(); err != nil {
		return err
	}
	if r.applied > 0 && !f.diff {
		fmt.Fprintf(s.err, "connectorctl: fixed %s in %s\n", plural(r.applied, "finding"), plural(r.changed, "file"))
	}
	if f.stats {
		r.stats.print(s.err, time.Since(start))
	}
	switch {
	case r.failed:
		return errReported
	case r.failOn != source.Off && r.worst >= r.failOn:
		return errFindings
	}
	return nil
}

// lint runs over all units. It lives for a second and leaves much behind: the
// collector comes more seldom, as long as little memory is in use.
func (r *lintRun) lint(ctx context.Context, units []connector.Unit) error {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(150 << 20))
	return r.linter.Run(ctx, units, r.unit)
}

func (f *lintFlags) prepare(s streams) (*lintRun, error) {
	r := &lintRun{streams: s, flags: f, configs: map[*lint.Config]bool{}, said: map[string]bool{}, stats: stats{rules: map[string]int{}}}
	color, err := useColor(f.color, s.out)
	if err != nil {
		return nil, err
	}
	if r.failOn, err = parseFailOn(f.failOn); err != nil {
		return nil, err
	}
	if f.jobs < 0 {
		return nil, fmt.Errorf("--jobs %d: expected a positive number", f.jobs)
	}
	if r.linter, err = f.config.linter(f.jobs); err != nil {
		return nil, err
	}
	if err := r.openBaselines(); err != nil {
		return nil, err
	}
	out := s.out
	if f.diff {
		out = io.Discard // the diff is the output
	}
	r.reporter, err = report.New(f.format, out, reportOptions(color, r.linter.Rules, f.config.profile))
	return r, err
}

func (r *lintRun) openBaselines() (err error) {
	f := r.flags
	switch {
	case f.baseline != "" && f.writeBaseline != "":
		return errors.New("--baseline and --write-baseline exclude each other")
	case f.baseline != "":
		r.known, err = lint.ReadBaseline(f.baseline)
	case f.writeBaseline != "":
		r.record, err = lint.NewBaseline(f.writeBaseline)
	}
	return err
}

// closeBaseline writes the baseline, or says that it could be shorter.
func (r *lintRun) closeBaseline() error {
	if r.known != nil {
		for _, name := range r.known.Unneeded() {
			fmt.Fprintf(r.err, "connectorctl: %s accepts what is no longer there: %s\n", r.flags.baseline, name)
		}
	}
	if r.record == nil || r.failed {
		return nil
	}
	text, err := r.record.Text()
	if err != nil {
		return err
	}
	if err := lint.WriteNew(r.flags.writeBaseline, text); err != nil {
		return fmt.Errorf("write baseline: %w", err)
	}
	r.worst = source.Off
	return nil
}

// parseFailOn reads --fail-on; Off stands for never.
func parseFailOn(name string) (source.Severity, error) {
	if name == "never" {
		return source.Off, nil
	}
	severity, err := source.ParseSeverity(name)
	if err != nil || severity == source.Off {
		return source.Off, fmt.Errorf("unknown --fail-on %q: expected error, warning, info or never", name)
	}
	return severity, nil
}

func reportOptions(color bool, all []*lint.Rule, profile string) report.Options {
	o := report.Options{Color: color, Version: versionName()}
	for _, rule := range all {
		o.Rules = append(o.Rules, report.RuleInfo{
			ID: rule.ID, Official: rule.Official, Summary: rule.Summary, Help: docs.Rule(rule.ID), HelpURI: ruleURI(rule.ID),
			Level: rule.Levels.Of(lint.Profile(profile)),
		})
	}
	if dir, err := os.Getwd(); err == nil {
		o.Root, o.Dir = repositoryRoot(dir), dir
	}
	return o
}

func ruleURI(id string) string {
	subject, _, _ := strings.Cut(id, "-")
	return "https://github.com/connectorctl/connectorctl/blob/main/docs/rules/" + subject + ".md#" + id
}

// repositoryRoot returns the folder that services show paths relative to: the
// one with .git above dir, or dir itself.
func repositoryRoot(dir string) string {
	for root := dir; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
			return root
		}
		if root == filepath.Dir(root) {
			return dir
		}
	}
}

// units finds what the arguments name; - is standard input.
func (r *lintRun) units(args []string) ([]connector.Unit, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var paths []string
	var units []connector.Unit
	for _, arg := range args {
		if arg != "-" {
			paths = append(paths, arg)
			continue
		}
		if len(args) > 1 {
			return nil, fmt.Errorf("- reads standard input and cannot stand beside other paths")
		}
		data, err := readAll(r.in)
		if err != nil {
			return nil, err
		}
		units = append(units, connector.UnitOf(r.flags.stdinName, data))
		if (r.flags.fix || r.flags.fixAll) && !r.flags.diff {
			// The fixed text is the output, so the report goes elsewhere.
			reporter, err := report.New(r.flags.format, r.err, reportOptions(false, r.linter.Rules, r.flags.config.profile))
			if err != nil {
				return nil, err
			}
			r.reporter = reporter
		}
	}
	found, err := connector.Find(paths)
	if unread := (*connector.UnreadError)(nil); errors.As(err, &unread) && len(found) > 0 {
		r.fail(err)
		r.failed, err = true, nil
	}
	return append(units, found...), err
}

// readAll reads standard input, no more of it than is ever parsed. The result
// is never nil.
func readAll(in io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, source.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return append([]byte{}, data...), nil
}

// unit deals with the result of one connector.
func (r *lintRun) unit(result lint.Result) error {
	r.progress.step()
	if result.Err != nil {
		r.progress.clear()
		if said := result.Err.Error(); !r.said[said] { // a configuration serves many
			r.said[said] = true
			r.fail(result.Err)
		}
		r.failed = true
		return nil
	}
	findings := result.Findings
	if r.flags.fix || r.flags.fixAll || r.flags.diff {
		repair, err := r.linter.Fix(result, r.flags.fixAll)
		if err == nil {
			err = r.apply(result, repair)
		}
		if err != nil {
			r.fail(err)
			r.failed = true
		} else if !r.flags.diff {
			findings = repair.Findings
			r.applied += repair.Applied
		}
	}
	if r.since != nil {
		var err error
		if findings, err = r.since.only(findings); err != nil {
			return err
		}
	}
	if r.known != nil {
		findings = r.known.New(result.Connector.Files(), findings)
	}
	if r.record != nil {
		r.record.Add(findings)
	}
	r.configs[result.Config] = true
	r.count(result.Connector, findings)
	r.progress.clear()
	return r.reporter.Report(findings)
}

// apply writes the changes of one connector, or shows them.
func (r *lintRun) apply(result lint.Result, repair lint.Repair) error {
	if result.Unit.Data != nil && !r.flags.diff {
		r.changed += len(repair.Changes)
		_, err := io.WriteString(r.out, repair.Connector.Files()[0].Text)
		return err
	}
	for _, c := range repair.Changes {
		if r.flags.diff {
			if _, err := io.WriteString(r.out, source.UnifiedDiff(c.File.Name, c.File.Name, c.File.Text, c.Text)); err != nil {
				return err
			}
			continue
		}
		if err := lint.Write(filepath.FromSlash(c.File.Name), c.Text); err != nil {
			return fmt.Errorf("write %s: %w", c.File.Name, err)
		}
		r.changed++
	}
	return nil
}

func (r *lintRun) count(c *connector.Connector, findings []source.Diagnostic) {
	for _, f := range c.Files() {
		r.summary.Files++
		r.stats.bytes += len(f.Text)
	}
	r.stats.files = r.summary.Files
	r.add(findings)
}

func (r *lintRun) add(findings []source.Diagnostic) {
	r.summary.Add(findings)
	for _, f := range findings {
		r.stats.rules[f.Rule]++
		r.worst = max(r.worst, f.Severity)
	}
}

// unused reports the ignore entries that nothing needed.
func (r *lintRun) unused() error {
	byName := func(a, b *lint.Config) int { return strings.Compare(a.Name(), b.Name()) }
	for _, c := range slices.SortedFunc(maps.Keys(r.configs), byName) {
		findings := r.linter.Unused(c)
		r.add(findings)
		if err := r.reporter.Report(findings); err != nil {
			return err
		}
	}
	return nil
}

// stats are the figures of --stats.
type stats struct {
	files, bytes int
	rules        map[string]int
}

func (s stats) print(w io.Writer, took time.Duration) {
	mb := float64(s.bytes) / 1e6
	fmt.Fprintf(w, "%s, %.1f MB, %.0f ms, %.0f MB/s\n", plural(s.files, "file"), mb, took.Seconds()*1000, mb/max(took.Seconds(), 1e-9))
	ids := slices.SortedFunc(maps.Keys(s.rules), func(a, b string) int {
		if s.rules[a] != s.rules[b] {
			return s.rules[b] - s.rules[a]
		}
		return strings.Compare(a, b)
	})
	for _, id := range ids {
		fmt.Fprintf(w, "%7d %s\n", s.rules[id], id)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// progress tells a person at a terminal how far a long run is.
type progress struct {
	w           io.Writer // nil: say nothing
	total, seen int
	next        time.Time
	shown       bool
}

func newProgress(w io.Writer, total int) *progress {
	p := &progress{total: total, next: time.Now().Add(time.Second)}
	if isTerminal(w) {
		p.w = w
	}
	return p
}

func (p *progress) step() {
	p.seen++
	if p.w == nil || time.Now().Before(p.next) {
		return
	}
	p.next = time.Now().Add(100 * time.Millisecond)
	p.shown = true
	fmt.Fprintf(p.w, "\r%d of %d connectors", p.seen, p.total)
}

// clear takes the line away, so that other output starts at its beginning.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

func (p *progress) done() { p.clear() }
