package lint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/connectorctl/connectorctl/connector/source"
)

// ConfigName is the file that configures the connectors in its folder and
// below. With the other usual ending it is read too, if that is the only one.
const ConfigName = ".connectorctl.yaml"

const otherConfigName = ".connectorctl.yml"

// Config says which rules apply, and how much they matter.
type Config struct {
	File    *source.File // nil for the defaults
	Profile Profile

	folder    string // what paths in it are relative to
	levels    map[string]source.Severity
	forced    map[string]source.Severity // from the command line; they win
	overrides []override
	ignores   []*ignore
}

type override struct {
	paths  []string
	levels map[string]source.Severity
}

// Configs finds the configuration of a file. The zero value looks for
// ConfigName upwards from the file, and takes the defaults if there is none.
type Configs struct {
	Fixed   string                     // use this file for all
	Profile Profile                    // overrides that of the file, unless empty
	Levels  map[string]source.Severity // overrides per rule id
	Rules   []*Rule                    // the rules that a file may name

	cache *configCache
}

type configCache struct {
	mu      sync.Mutex
	folders map[string]*Config
	loaded  map[string]*Config
	errs    map[string]error
}

// NewConfigs makes a Configs ready for use by several goroutines.
func NewConfigs(c Configs) Configs {
	c.cache = &configCache{folders: map[string]*Config{}, loaded: map[string]*Config{}, errs: map[string]error{}}
	return c
}

// For returns the configuration of the file or folder at path.
func (c Configs) For(path string) (*Config, error) {
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	if c.Fixed != "" {
		return c.load(c.Fixed)
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	return c.upwards(folder)
}

func (c Configs) upwards(folder string) (*Config, error) {
	if cfg := c.cache.folders[folder]; cfg != nil {
		return cfg, nil
	}
	name := filepath.Join(folder, ConfigName)
	var cfg *Config
	_, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		name = filepath.Join(folder, otherConfigName)
		_, err = os.Stat(name)
	}
	switch parent := filepath.Dir(folder); {
	case err == nil:
		cfg, err = c.load(name)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read config: %w", err)
	case parent == folder:
		cfg, err = c.defaults(), nil
	default:
		cfg, err = c.upwards(parent)
	}
	if err == nil {
		c.cache.folders[folder] = cfg
	}
	return cfg, err
}

func (c Configs) defaults() *Config {
	cfg := &Config{Profile: Custom, forced: c.Levels}
	if c.Profile != "" {
		cfg.Profile = c.Profile
	}
	return cfg
}

func (c Configs) load(name string) (*Config, error) {
	if cfg, err := c.cache.loaded[name], c.cache.errs[name]; cfg != nil || err != nil {
		return cfg, err
	}
	cfg, err := c.read(name)
	c.cache.loaded[name], c.cache.errs[name] = cfg, err
	return cfg, err
}

func (c Configs) read(name string) (*Config, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read config: %w", err)
	}
	cfg := c.defaults()
	shown := name
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, name); err == nil && filepath.IsLocal(rel) {
			shown = rel
		}
	}
	cfg.File = source.Parse(filepath.ToSlash(shown), data)
	cfg.folder, err = filepath.Abs(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	r := configReader{cfg: cfg, rules: c.Rules}
	r.document()
	if c.Profile != "" {
		cfg.Profile = c.Profile
	}
	if len(r.problems) > 0 {
		return nil, &ConfigError{r.problems}
	}
	return cfg, nil
}

// ConfigError says what is wrong in a configuration file. Its findings have
// exact places.
type ConfigError struct{ Problems []source.Diagnostic }

func (e *ConfigError) Error() string {
	var lines []string
	for _, p := range e.Problems {
		at := p.File.Position(p.Range.Start)
		line := fmt.Sprintf("read config: %s:%d:%d: %s", p.File.Name, at.Line, at.Column, p.Message)
		if p.Hint != "" {
			line += " (" + p.Hint + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

type configReader struct {
	cfg      *Config
	rules    []*Rule
	problems []source.Diagnostic
}

func (r *configReader) problem(at source.Node, format string, args ...any) *source.Diagnostic {
	r.problems = append(r.problems, source.Diagnostic{File: r.cfg.File, Range: at.Underline(), Message: fmt.Sprintf(format, args...)})
	return &r.problems[len(r.problems)-1]
}

func (r *configReader) document() {
	for _, p := range r.cfg.File.Problems {
		if p.Rule != "syntax-empty" {
			r.problems = append(r.problems, p)
		}
	}
	root := r.cfg.File.Root()
	if root.Exists() && root.Kind() != source.Object && root.Kind() != source.Null {
		r.problem(root, "expected an object, found %s", root.Kind())
		return
	}
	r.members(root, map[string]func(source.Node){
		"version": func(n source.Node) {
			if v, ok := n.Int(); !ok || v != 1 {
				r.problem(n, "unknown version %s, expected 1", n.Text())
			}
		},
		"profile": func(n source.Node) {
			s, _ := n.Str()
			p, err := ParseProfile(s)
			if err != nil {
				r.problem(n, "%s", err)
			}
			r.cfg.Profile = p
		},
		"rules":     func(n source.Node) { r.cfg.levels = r.levels(n) },
		"overrides": func(n source.Node) { r.each(n, r.override) },
		"ignore":    func(n source.Node) { r.each(n, r.ignore) },
	})
}

// members hands the members of an object to their readers and reports names
// that have none.
func (r *configReader) members(n source.Node, known map[string]func(source.Node)) {
	for key, value := range n.Members() {
		name, _ := key.Str()
		if read := known[name]; read != nil {
			read(value)
			continue
		}
		var names []string
		for k := range known {
			names = append(names, k)
		}
		slices.Sort(names)
		r.problem(key, "unknown key %q", name).Hint = suggest(name, names)
	}
}

// suggest names the nearest right word, or all of them.
func suggest(word string, known []string) string {
	if best := Nearest(word, known); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	if len(known) > 12 {
		return "`connectorctl rules` lists all"
	}
	return "known: " + strings.Join(known, ", ")
}

func (r *configReader) each(n source.Node, read func(source.Node)) {
	if n.Kind() != source.Array {
		r.problem(n, "expected a list, found %s", n.Kind())
	}
	for _, item := range n.Items() {
		if item.Kind() != source.Object {
			r.problem(item, "expected an object, found %s", item.Kind())
			continue
		}
		read(item)
	}
}

func (r *configReader) levels(n source.Node) map[string]source.Severity {
	levels := map[string]source.Severity{}
	if n.Kind() != source.Object {
		r.problem(n, "expected an object of rule ids and levels, found %s", n.Kind())
	}
	for key, value := range n.Members() {
		ids := r.ruleIDs(key)
		name, _ := value.Str()
		if v, ok := value.Bool(); ok && !v {
			name = "off" // YAML 1.1 reads a plain off as false
		}
		level, err := source.ParseSeverity(name)
		if err != nil {
			r.problem(value, "%s", err)
		}
		for _, id := range ids {
			levels[id] = level
		}
	}
	return levels
}

// ruleIDs returns the ids of the rules that a name stands for.
func (r *configReader) ruleIDs(n source.Node) (ids []string) {
	name, _ := n.Str()
	named, hint := find(r.rules, name)
	if len(named) == 0 {
		r.problem(n, "unknown rule %q", name).Hint = hint
	}
	for _, rule := range named {
		ids = append(ids, rule.ID)
	}
	return ids
}

func (r *configReader) override(n source.Node) {
	var o override
	r.members(n, map[string]func(source.Node){
		"paths": func(n source.Node) {
			for _, item := range n.Items() {
				o.paths = append(o.paths, r.pattern(item))
			}
		},
		"rules": func(n source.Node) { o.levels = r.levels(n) },
	})
	if len(o.paths) == 0 {
		r.problem(n, "an override needs paths, a list of globs")
	}
	r.cfg.overrides = append(r.cfg.overrides, o)
}

func (r *configReader) pattern(n source.Node) string {
	p, ok := n.Str()
	switch {
	case strings.Contains(p, `\`):
		r.problem(n, "%s has a backslash", n.Text()).Hint = "write / between folders, and [*] for a star that is part of a name"
	case strings.HasPrefix(p, "/"):
		r.problem(n, "%s starts with a slash", n.Text()).Hint = "paths are relative to the folder of this file"
	case !ok || !doublestar.ValidatePattern(p):
		r.problem(n, "%s is not a glob", n.Text())
	}
	return p
}

// levels is the configuration as it applies to one file.
type levels struct {
	cfg *Config
	own []map[string]source.Severity // the last one wins
}

func (c *Config) levelsFor(path string) levels {
	l := levels{cfg: c, own: []map[string]source.Severity{c.levels}}
	for _, o := range c.overrides {
		if slices.ContainsFunc(o.paths, func(p string) bool { return c.matches(p, path) }) {
			l.own = append(l.own, o.levels)
		}
	}
	l.own = append(l.own, c.forced)
	return l
}

func (l levels) of(r *Rule) source.Severity {
	for _, m := range slices.Backward(l.own) {
		if s, set := m[r.ID]; set {
			return s
		}
	}
	return r.Levels.Of(l.cfg.Profile)
}

// matches reports whether a file lies where a glob of the configuration says:
// relative to the configuration's folder, at any depth if the glob has no
// slash.
func (c *Config) matches(pattern, path string) bool {
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(c.folder, abs)
	if err != nil {
		return false
	}
	rel = filepath.ToSlash(rel)
	if here, ok := strings.CutPrefix(pattern, "./"); ok {
		pattern = here
	} else if !strings.Contains(pattern, "/") {
		pattern = "**/" + pattern
	}
	return doublestar.MatchUnvalidated(pattern, rel) || doublestar.MatchUnvalidated(strings.TrimSuffix(pattern, "/")+"/**", rel)
}

// Name returns the configuration's file name, "" for the defaults.
func (c *Config) Name() string {
	if c.File == nil {
		return ""
	}
	return c.File.Name
}
