package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/report"
	"github.com/connectorctl/connectorctl/scaffold"
)

type scaffoldFlags struct {
	out      string
	module   string
	triggers []string
	force    bool
	check    bool
	dryRun   bool
	config   configFlags
}

func newScaffold(s streams) *cobra.Command {
	var f scaffoldFlags
	cmd := &cobra.Command{
		Use:   "scaffold PATH --out DIR --module MODULE",
		Short: "Generate the server that stands behind a connector's triggers",
		Long: `Scaffold generates a Go project that serves a connector: it takes the
registrations of its triggers, keeps them in SQLite or PostgreSQL, delivers
notifications, and forgets who unregisters. Where the definition forgets the
201, the Location or the DELETE, the server keeps the contract all the same.

Run it again when the definition has changed. It replaces what it generated, and
never what is yours: events.go and actions.go, files that were written once, and
generated files whose first line you removed.`,
		Example: `  connectorctl scaffold my-connector --out publisher --module example.com/publisher
  connectorctl scaffold my-connector --out publisher --check     in CI: is it up to date?`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return f.run(s, args[0]) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.out, "out", "", "the `folder` of the project; it is made if it is missing")
	flags.StringVar(&f.module, "module", "", "the project's module `path`; not needed once the folder has a go.mod")
	flags.StringArrayVar(&f.triggers, "trigger", nil, "serve this trigger only, by its `operationId`; may be repeated, is remembered, and * means all again")
	flags.BoolVar(&f.force, "force", false, "replace also what was written once or taken over; never events.go and actions.go")
	flags.BoolVar(&f.check, "check", false, "write nothing; exit with 1 and name the generated files that are not up to date")
	flags.BoolVar(&f.dryRun, "dry-run", false, "write nothing; list what would be written")
	f.config.bind(flags)
	return cmd
}

func (f *scaffoldFlags) run(s streams, path string) error {
	if f.out == "" {
		return errors.New("--out is missing: name the folder of the project")
	}
	result, err := f.config.lintOne(s, path)
	if err != nil {
		return err
	}
	folder, err := scaffold.OpenFolder(f.out)
	if err != nil {
		return err
	}
	defer folder.Close()
	module, err := f.moduleOf(folder)
	if err != nil {
		return err
	}
	remembered := f.chooseTriggers(s, folder)
	project, err := scaffold.Generate(result.Connector, scaffold.Options{Module: module, Triggers: f.triggers})
	if err != nil {
		return f.refuse(s, path, result, err, remembered)
	}
	changes, err := folder.Plan(project, f.force)
	if err != nil {
		return err
	}
	misfits, err := folder.Misfits(project, changes)
	if err != nil {
		return err
	}
	if f.check {
		stale := f.reportStale(s, path, scaffold.Stale(changes, project))
		f.listMisfits(s, misfits)
		if len(misfits) > 0 {
			return errFindings
		}
		return stale
	}
	f.list(s, changes)
	defer f.listMisfits(s, misfits) // the last word: without it the project does not build
	if f.dryRun {
		return nil
	}
	if err := folder.Write(changes); err != nil {
		return err
	}
	fresh := slices.ContainsFunc(changes, func(c scaffold.Change) bool { return c.Name == "main.go" && c.Verb == scaffold.Create })
	f.advise(s, path, result, project, fresh)
	return nil
}

// moduleOf returns the module path: that of the flag or of the folder's go.mod.
func (f *scaffoldFlags) moduleOf(folder *scaffold.Folder) (string, error) {
	there, err := folder.Module()
	switch {
	case err != nil:
		return "", err
	case f.module == "" && there == "":
		return "", errors.New("--module is missing: name the project's module path, such as example.com/publisher")
	case f.module == "":
		return there, nil
	case there != "" && there != f.module:
		return "", fmt.Errorf("--module is %q, but %s says %q: leave --module out", f.module, filepath.ToSlash(filepath.Join(f.out, "go.mod")), there)
	}
	if err := scaffold.CheckModule(f.module); err != nil {
		return "", fmt.Errorf("--module: %w", err)
	}
	return f.module, nil
}

// chooseTriggers completes --trigger with the choice of the last run, which stays
// until it is made anew. It reports whether there was one.
func (f *scaffoldFlags) chooseTriggers(s streams, folder *scaffold.Folder) (remembered bool) {
	switch {
	case slices.Contains(f.triggers, "*"):
		f.triggers = nil
	case len(f.triggers) == 0 && len(folder.Triggers()) > 0:
		f.triggers = folder.Triggers()
		if !f.check {
			fmt.Fprintf(s.err, "as before, only these triggers are served: %s; for all: --trigger '*'\n", clean(strings.Join(f.triggers, ", ")))
		}
		return true
	}
	return false
}

// refuse says why a definition cannot be served, what the linter finds there,
// and which command mends it.
func (f *scaffoldFlags) refuse(s streams, path string, result lint.Result, err error, remembered bool) error {
	var unknown *scaffold.UnknownTriggerError
	if errors.As(err, &unknown) && remembered {
		return fmt.Errorf("the trigger that was chosen before, %w; choose anew with --trigger, '*' for all", err)
	}
	if errors.As(err, &unknown) {
		return fmt.Errorf("--trigger %w", err)
	}
	var refusal *scaffold.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	families := []string{"trigger-", "callback-"}
	where := refusal.Scheme
	switch {
	case refusal.Mend == scaffold.MendSyntax:
		families = []string{"syntax-"}
	case refusal.Mend == scaffold.MendSecurity && where.Exists():
		families = []string{"security-", "shape-"}
	case refusal.Mend == scaffold.MendSecurity:
		families = []string{"security-"}
	case refusal.Operation != nil:
		where = refusal.Operation.Node
	}
	findings := slices.DeleteFunc(slices.Clone(result.Findings), func(d source.Diagnostic) bool {
		return !slices.ContainsFunc(families, func(family string) bool { return strings.HasPrefix(d.Rule, family) }) ||
			where.Exists() && !where.Range().Contains(d.Range)
	})
	if len(findings) > 0 {
		color, err := useColor("auto", s.err)
		if err != nil {
			return err
		}
		reporter, err := report.New("text", s.err, report.Options{Color: color})
		if err != nil {
			return err
		}
		var summary report.Summary
		summary.Files = 1
		summary.Add(findings)
		if err := errors.Join(reporter.Report(findings), reporter.Close(summary)); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s: %w\n%s", result.Unit.Name(), err, mend(refusal, findings, shellWord(path)))
}

// mend names the command that makes a definition fit to be served, if one does.
func mend(refusal *scaffold.Refusal, findings []source.Diagnostic, path string) string {
	if refusal.Mend == scaffold.MendConvert {
		return "to make triggers of its actions: connectorctl convert -w " + path
	}
	fix, fixable := "--fix", false
	for _, d := range findings {
		if d.Fix != nil && !d.Fix.Safe {
			fix = "--fix-all"
		}
		fixable = fixable || d.Fix != nil
	}
	switch {
	case fixable:
		return fmt.Sprintf("to mend it: connectorctl lint %s %s", fix, path)
	case refusal.Mend == scaffold.MendCallback:
		return "how to mark the field that takes the callback URL: connectorctl rules callback-missing"
	}
	return "to see what is wrong with it: connectorctl lint " + path
}

// shellWord writes an argument as one types it.
func shellWord(s string) string {
	if strings.ContainsAny(s, " '\"$`\\*?[]{}()<>|&;#!~") || s == "" {
		return "'" + strings.ReplaceAll(clean(s), "'", `'\''`) + "'"
	}
	return clean(s)
}

func (f *scaffoldFlags) reportStale(s streams, path string, stale []string) error {
	if len(stale) == 0 {
		return nil
	}
	for _, name := range stale {
		fmt.Fprintln(s.out, filepath.ToSlash(filepath.Join(f.out, name)))
	}
	fmt.Fprintf(s.err, "%s not up to date with %s: run connectorctl scaffold %s --out %s\n",
		isAre(len(stale), "file"), clean(path), shellWord(path), shellWord(f.out))
	return errFindings
}

func isAre(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return plural(n, noun) + " are"
}

// list says what is done to each file. Copies of the runtime are counted.
func (f *scaffoldFlags) list(s streams, changes []scaffold.Change) {
	runtime := map[scaffold.Verb]int{}
	same := 0
	for _, c := range changes {
		switch {
		case c.Verb == scaffold.Same:
			same++
		case strings.HasPrefix(c.Name, "publisher/") && c.Verb != scaffold.Keep:
			runtime[c.Verb]++
		case c.Verb == scaffold.Keep:
			fmt.Fprintf(s.out, "keep     %s, which is yours\n", c.Name)
		default:
			fmt.Fprintf(s.out, "%-8s %s\n", c.Verb, c.Name)
		}
	}
	for _, verb := range []scaffold.Verb{scaffold.Create, scaffold.Replace, scaffold.Remove} {
		if n := runtime[verb]; n > 0 {
			fmt.Fprintf(s.out, "%-8s publisher/: %s of the runtime\n", verb, plural(n, "file"))
		}
	}
	if same > 0 {
		fmt.Fprintf(s.out, "%s as before\n", isAre(same, "file"))
	}
}

// listMisfits says what to change in the owner's files.
func (f *scaffoldFlags) listMisfits(s streams, misfits []scaffold.Misfit) {
	if len(misfits) > 0 {
		fmt.Fprintln(s.err, "\nfiles that are yours have to be changed before the project builds:")
	}
	for _, m := range misfits {
		name := filepath.ToSlash(filepath.Join(f.out, m.File))
		if m.Line > 0 {
			name += fmt.Sprintf(":%d", m.Line)
		}
		fmt.Fprintf(s.err, "  %s: %s\n", clean(name), m.Message)
		for line := range strings.Lines(m.Code) {
			fmt.Fprintf(s.err, "      %s\n", strings.TrimRight(line, "\n"))
		}
	}
}

// shownAdvice is how many findings of one rule a person wants to read here.
const shownAdvice = 3

// advise lists what the definition should be given, and what to do next.
func (f *scaffoldFlags) advise(s streams, path string, result lint.Result, project *scaffold.Project, fresh bool) {
	for _, n := range project.Notes {
		fmt.Fprintf(s.err, "%s: warning: %s\n", at(n.At.File(), n.At.Range()), clean(n.Message))
	}
	byRule := map[string][]source.Diagnostic{}
	fixable := false
	for _, d := range contractFindings(result, f.triggers) {
		byRule[d.Rule] = append(byRule[d.Rule], d)
		fixable = fixable || d.Fix != nil
	}
	if len(byRule) > 0 {
		fmt.Fprintln(s.err, "\nthe server keeps the contract all the same, but the definition should say so:")
	}
	for _, rule := range slices.Sorted(maps.Keys(byRule)) {
		found := byRule[rule]
		for i, d := range found {
			if i == shownAdvice && len(found) > shownAdvice+1 {
				fmt.Fprintf(s.err, "  and %d more of [%s]\n", len(found)-i, rule)
				break
			}
			fmt.Fprintf(s.err, "  %s: %s [%s]\n", clean(at(d.File, d.Range)), clean(d.Message), rule)
		}
	}
	if fixable {
		fmt.Fprintf(s.err, "to add what can be added: connectorctl lint --fix-all %s\n", shellWord(path))
	} else if len(byRule) > 0 {
		fmt.Fprintf(s.err, "to see how: connectorctl lint %s\n", shellWord(path))
	}
	if fresh {
		fmt.Fprintf(s.err, "\nnext: cd %s && go run . --dev\nREADME.md says the rest; events.go is where your events go\n", shellWord(f.out))
	}
}

func at(f *source.File, r source.Range) string {
	p := f.Position(r.Start)
	return fmt.Sprintf("%s:%d:%d", f.Name, p.Line, p.Column)
}

// contractFindings are what the linter finds in the registrations and removals
// of the triggers that are served.
func contractFindings(result lint.Result, ids []string) []source.Diagnostic {
	var found []source.Diagnostic
	seen := map[string]bool{}
	for _, t := range result.Connector.Definition.Triggers() {
		if t.Delivery == connector.Polling || len(ids) > 0 && !slices.Contains(ids, t.Operation.Name()) {
			continue
		}
		for _, d := range findingsOf(t, result.Findings) {
			key := fmt.Sprint(d.Rule, d.Range)
			if (strings.HasPrefix(d.Rule, "registration-") || strings.HasPrefix(d.Rule, "unsubscribe-")) && !seen[key] {
				seen[key] = true
				found = append(found, d)
			}
		}
	}
	return found
}
