package lint

import (
	"strings"
	"sync/atomic"

	"github.com/connectorctl/connectorctl/connector/source"
)

// UnusedIgnore is the rule under which an entry of the configuration's ignore
// list is reported that matched no finding.
const UnusedIgnore = "config-unused-ignore"

// ignore is one accepted finding: rule, file and place, and why. Findings are
// known by their JSON Pointers and never by message or line, so that rewording
// and reflowing keep an entry valid.
type ignore struct {
	node    source.Node
	rule    string
	path    string // glob; "" is every file
	pointer string // the place or something around it; "" is everywhere
	reached atomic.Bool
	used    atomic.Bool
}

func (r *configReader) ignore(n source.Node) {
	entry := &ignore{node: n}
	reason := ""
	r.members(n, map[string]func(source.Node){
		"rule":    func(n source.Node) { entry.rule = r.ruleID(n) },
		"path":    func(n source.Node) { entry.path = r.pattern(n) },
		"pointer": func(n source.Node) { entry.pointer = r.pointer(n) },
		"reason":  func(n source.Node) { reason, _ = n.Str() },
	})
	if !n.Get("rule").Exists() {
		r.problem(n, "an ignore entry needs a rule")
	}
	if strings.TrimSpace(reason) == "" {
		r.problem(n, "an ignore entry needs a reason").Hint = "say why the finding is accepted, for whoever reads it next"
	}
	r.cfg.ignores = append(r.cfg.ignores, entry)
}

func (r *configReader) pointer(n source.Node) string {
	p, ok := n.Str()
	p = strings.TrimPrefix(p, "#")
	if !ok || p != "" && !strings.HasPrefix(p, "/") {
		r.problem(n, "%s is not a JSON Pointer", n.Text()).Hint = "it starts with a slash, as in the JSON report"
	}
	return p
}

// ignored reports whether the configuration accepts a finding, and notes which
// entry did.
func (c *Config) ignored(d *source.Diagnostic) bool {
	if len(c.ignores) == 0 {
		return false
	}
	pointer, hit := d.Pointer(), false
	for _, i := range c.ignores {
		if i.rule != d.Rule || i.path != "" && !c.matches(i.path, d.File.Name) {
			continue
		}
		if i.pointer == "" || pointer == i.pointer || strings.HasPrefix(pointer, i.pointer+"/") {
			i.used.Store(true)
			hit = true
		}
	}
	return hit
}

// reach notes which entries a connector could have used: those that name its
// files and a rule that ran.
func (c *Config) reach(files []*source.File, ran func(id string) bool) {
	for _, i := range c.ignores {
		for _, f := range files {
			if ran(i.rule) && (i.path == "" || c.matches(i.path, f.Name)) {
				i.reached.Store(true)
			}
		}
	}
}

// Unused returns a finding for each ignore entry that could have matched
// something in the files that were linted, and did not. Call it after the run.
func (l *Linter) Unused(c *Config) []source.Diagnostic {
	var found []source.Diagnostic
	var rule *Rule
	for _, r := range l.Rules {
		if r.ID == UnusedIgnore {
			rule = r
		}
	}
	if c.File == nil || rule == nil {
		return nil
	}
	level := c.levelsFor(c.File.Name).of(rule)
	for _, i := range c.ignores {
		if i.used.Load() || !i.reached.Load() || level == source.Off {
			continue
		}
		at := i.node.Get("rule")
		found = append(found, source.Diagnostic{
			Rule: UnusedIgnore, Severity: level, File: c.File, Range: at.Underline(), Node: at,
			Message: "this entry ignores nothing: " + i.rule + " has no finding there",
			Hint:    "remove it",
		})
	}
	return found
}
