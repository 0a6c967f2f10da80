package lint

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
	name    string   // as the entry names the rule
	rules   []string // the ids that the name stands for
	path    string   // glob; "" is every file
	pointer string   // the place or something around it; "" is everywhere
	reached atomic.Bool
	used    atomic.Bool
}

func (r *configReader) ignore(n source.Node) {
	entry := &ignore{node: n}
	reason := ""
	r.members(n, map[string]func(source.Node){
		"rule":    func(n source.Node) { entry.name, _ = n.Str(); entry.rules = r.ruleIDs(n) },
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
		if !slices.Contains(i.rules, d.Rule) || i.path != "" && !c.matches(i.path, d.File.Name) {
			continue
		}
		if i.pointer == "" || pointer == i.pointer || strings.HasPrefix(pointer, i.pointer+"/") {
			i.used.Store(true)
			hit = true
		}
	}
	return hit
}

// reach notes which entries a file could have used: those that name it, and a
// rule that ran.
func (c *Config) reach(f *source.File, ran func(id string) bool) {
	for _, i := range c.ignores {
		if slices.ContainsFunc(i.rules, ran) && (i.path == "" || c.matches(i.path, f.Name)) {
			i.reached.Store(true)
		}
	}
}

// Unused returns a finding for each ignore entry that could have matched
// something in the files that were linted, and did not, and for each that names
// a file that is not there. Call it after the run.
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
	if level == source.Off {
		return nil
	}
	for _, i := range c.ignores {
		at, message := i.node.Get("rule"), "this entry ignores nothing: "+i.name+" has no finding there"
		switch {
		case i.used.Load():
			continue
		case c.isGone(i.path):
			at, message = i.node.Get("path"), "this entry ignores nothing: there is no such file"
		case !i.reached.Load():
			continue
		}
		found = append(found, source.Diagnostic{
			Rule: UnusedIgnore, Severity: level, File: c.File, Range: at.Underline(), Node: at,
			Message: message, Hint: "remove it",
		})
	}
	return found
}

// isGone reports whether a pattern is the path of one file or folder, and
// nothing is there. This can be told whatever a run was about.
func (c *Config) isGone(pattern string) bool {
	if !strings.Contains(pattern, "/") || strings.ContainsAny(pattern, "*?[{") {
		return false
	}
	_, err := os.Stat(filepath.Join(c.folder, filepath.FromSlash(pattern)))
	return errors.Is(err, fs.ErrNotExist)
}
