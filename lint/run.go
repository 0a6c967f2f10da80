package lint

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// Result is what linting one unit gave.
type Result struct {
	Unit      connector.Unit
	Connector *connector.Connector // nil if Err is set
	Config    *Config
	Findings  []source.Diagnostic // by file, place and rule
	Err       error               // the unit could not be read, or its configuration is wrong
}

// Linter holds what all units have in common.
type Linter struct {
	Rules   []*Rule
	Configs Configs
	Jobs    int // connectors at once; 0 means one per processor

	common      sync.Map  // *Config → the *ruleLevels of all its files
	dispatchers sync.Pool // of *dispatcher, so that its lists grow once
}

// Run lints units and hands the results over in the order of the units, on the
// caller's goroutine. It ends early if emit returns an error, or the context
// ends; it returns that error.
func (l *Linter) Run(ctx context.Context, units []connector.Unit, emit func(Result) error) error {
	jobs := l.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// Each unit has a slot of its own. Workers may be as far ahead of the
	// output as the queue is long, which bounds the memory.
	queue := make(chan chan Result, 2*jobs)
	tokens := make(chan struct{}, jobs)
	go func() {
		defer close(queue)
		for _, u := range units {
			slot := make(chan Result, 1)
			select {
			case queue <- slot:
			case <-ctx.Done():
				return
			}
			tokens <- struct{}{}
			go func() {
				slot <- l.Lint(u)
				<-tokens
			}()
		}
	}()
	for slot := range queue {
		select {
		case result := <-slot:
			if err := emit(result); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// Lint reads and checks one unit. A fault of ours, on a file that nobody
// thought of, is an error of that unit and not the end of the run.
func (l *Linter) Lint(u connector.Unit) (result Result) {
	defer func() {
		if fault := recover(); fault != nil {
			result = Result{Unit: u, Err: fmt.Errorf("lint %s: internal error, please report it: %v", u.Name(), fault)}
		}
	}()
	cfg, err := l.Configs.For(u.Name())
	if err != nil {
		return Result{Unit: u, Err: err}
	}
	c, err := connector.Load(u)
	if err != nil {
		return Result{Unit: u, Err: err}
	}
	return Result{Unit: u, Connector: c, Config: cfg, Findings: l.Check(c, cfg)}
}

// Check runs the rules over one connector. Ignored findings are left out.
func (l *Linter) Check(c *connector.Connector, cfg *Config) []source.Diagnostic {
	files := c.Files()
	levels := make(map[*source.File]*ruleLevels, len(files))
	for _, f := range files {
		levels[f] = l.levels(cfg, f)
		cfg.reach(f, func(id string) bool { return levels[f].of[id] != source.Off })
	}
	var found []source.Diagnostic
	d, _ := l.dispatchers.Get().(*dispatcher)
	if d == nil {
		d = &dispatcher{}
	}
	isOurs := c.Definition.IsSwagger2()
	shared := map[reflect.Type]any{}
	rules := l.active(files, levels)
	d.passes = slices.Grow(d.passes, len(rules))[:len(rules)]
	for i, r := range rules {
		if r.Foreign || isOurs {
			d.passes[i] = Pass{c, c.Definition, cfg.Profile, r, &found, shared}
			d.add(r.Start(&d.passes[i]))
		}
	}
	d.run(c)
	d.reset()
	l.dispatchers.Put(d)
	found = slices.DeleteFunc(found, func(f source.Diagnostic) bool { return f.File.IsDamaged(f.Range) })
	for _, f := range files {
		if doubts := f.Doubts(); len(doubts) > 0 {
			restrain(found, f, doubts)
		}
		found = append(found, f.Problems...)
	}
	for i := range found {
		found[i].Severity = levels[found[i].File].of[found[i].Rule]
	}
	found = arrange(found, files)
	return slices.DeleteFunc(found, func(f source.Diagnostic) bool { return f.Severity == source.Off || cfg.ignored(&f) })
}

// restrain takes away fixes in a file whose syntax is in doubt, unless it is mended
// first: then they are as safe as that.
func restrain(found []source.Diagnostic, f *source.File, doubts []source.Diagnostic) {
	mends, safely := true, true
	for _, p := range doubts {
		mends = mends && p.Fix != nil
		safely = mends && safely && p.Fix.Safe
	}
	for i := range found {
		switch d := &found[i]; {
		case d.File != f || d.Fix == nil:
		case !mends:
			d.Fix = nil
		case !safely && d.Fix.Safe:
			d.Fix = new(*d.Fix)
			d.Fix.Safe = false
		}
	}
}

// ruleLevels are the severities of all rules for a file.
type ruleLevels struct {
	of     map[string]source.Severity // by rule id
	active []*Rule                    // that are not off and have something to do
}

// levels returns those of a file. All files of a configuration without overrides
// have the same.
func (l *Linter) levels(cfg *Config, f *source.File) *ruleLevels {
	if known, ok := l.common.Load(cfg); ok {
		return known.(*ruleLevels)
	}
	own, all := cfg.levelsFor(f.Name), &ruleLevels{of: make(map[string]source.Severity, len(l.Rules))}
	for _, r := range l.Rules {
		if all.of[r.ID] = own.of(r); r.Start != nil && all.of[r.ID] != source.Off {
			all.active = append(all.active, r)
		}
	}
	if len(cfg.overrides) == 0 {
		l.common.Store(cfg, all)
	}
	return all
}

// active returns the rules that are on for some of the files.
func (l *Linter) active(files []*source.File, levels map[*source.File]*ruleLevels) []*Rule {
	same := true
	for _, f := range files {
		same = same && levels[f] == levels[files[0]]
	}
	switch {
	case len(files) == 0:
		return nil
	case same:
		return levels[files[0]].active
	}
	var on []*Rule
	for _, r := range l.Rules {
		if r.Start != nil && slices.ContainsFunc(files, func(f *source.File) bool { return levels[f].of[r.ID] != source.Off }) {
			on = append(on, r)
		}
	}
	return on
}

// arrange sorts findings by file and place, and drops what is said twice: a
// shared parameter or DELETE is seen from each operation that uses it.
func arrange(found []source.Diagnostic, files []*source.File) []source.Diagnostic {
	slices.SortStableFunc(found, func(a, b source.Diagnostic) int {
		if a.File != b.File {
			return cmp.Compare(slices.Index(files, a.File), slices.Index(files, b.File))
		}
		if c := cmp.Compare(a.Range.Start, b.Range.Start); c != 0 {
			return c
		}
		return strings.Compare(a.Rule, b.Rule)
	})
	return slices.CompactFunc(found, func(a, b source.Diagnostic) bool {
		return a.Rule == b.Rule && a.Range == b.Range && a.File == b.File
	})
}

// dispatcher gathers the callbacks of all rules by kind, so that a node costs
// nothing but the calls of the rules that asked for its kind.
type dispatcher struct {
	passes     []Pass
	definition []func(*connector.Definition)
	operation  []func(*connector.Operation)
	trigger    []func(*connector.Trigger)
	object     []func(connector.Role, source.Node)
	parameter  []func(connector.Parameter)
	extension  []func(string, source.Node, connector.Role)
	unknown    []func(string, source.Node, connector.Role)
	misfit     []func(connector.Role, source.Node, source.Kind)
	member     [][]func(source.Node, connector.Role) // by connector.Word
	properties []func(*source.File)
	folder     []func(*connector.Package)
	end        []func()
}

func (d *dispatcher) add(v Visitor) {
	if v.Definition != nil {
		d.definition = append(d.definition, v.Definition)
	}
	if v.Operation != nil {
		d.operation = append(d.operation, v.Operation)
	}
	if v.Trigger != nil {
		d.trigger = append(d.trigger, v.Trigger)
	}
	if v.Object != nil {
		d.object = append(d.object, v.Object)
	}
	if v.Parameter != nil {
		d.parameter = append(d.parameter, v.Parameter)
	}
	if v.Extension != nil {
		d.extension = append(d.extension, v.Extension)
	}
	if v.Unknown != nil {
		d.unknown = append(d.unknown, v.Unknown)
	}
	if v.Misfit != nil {
		d.misfit = append(d.misfit, v.Misfit)
	}
	for _, m := range v.Member {
		if d.member == nil {
			d.member = make([][]func(source.Node, connector.Role), connector.WordCount())
		}
		word, known := connector.WordOf(m.Name)
		if !known {
			panic(fmt.Sprintf("a rule looks at members named %q, which no object has", m.Name))
		}
		d.member[word] = append(d.member[word], m.Do)
	}
	if v.Properties != nil {
		d.properties = append(d.properties, v.Properties)
	}
	if v.Package != nil {
		d.folder = append(d.folder, v.Package)
	}
	if v.End != nil {
		d.end = append(d.end, v.End)
	}
}

// reset forgets all callbacks, and keeps the room.
func (d *dispatcher) reset() {
	empty(&d.passes)
	empty(&d.definition)
	empty(&d.operation)
	empty(&d.trigger)
	empty(&d.object)
	empty(&d.parameter)
	empty(&d.extension)
	empty(&d.unknown)
	empty(&d.misfit)
	empty(&d.properties)
	empty(&d.folder)
	empty(&d.end)
	for i := range d.member {
		empty(&d.member[i])
	}
}

func empty[T any](list *[]T) {
	clear(*list)
	*list = (*list)[:0]
}

func (d *dispatcher) run(c *connector.Connector) {
	if c.Definition.Root.Exists() {
		d.runDefinition(c.Definition)
	}
	if c.Properties != nil {
		call(d.properties, c.Properties)
	}
	if c.Package != nil {
		call(d.folder, c.Package)
	}
	for _, f := range d.end {
		f()
	}
}

func (d *dispatcher) runDefinition(def *connector.Definition) {
	call(d.definition, def)
	for _, o := range def.Operations() {
		call(d.operation, o)
	}
	for _, t := range def.Triggers() {
		call(d.trigger, t)
	}
	def.Walk(d.walker(def))
}

func (d *dispatcher) walker(def *connector.Definition) connector.Walker {
	var w connector.Walker
	if len(d.object)+len(d.parameter) > 0 {
		w.Enter = func(r connector.Role, n source.Node) {
			for _, f := range d.object {
				f(r, n)
			}
			if r == connector.RoleParameter || r == connector.RoleBodyParameter {
				if p := def.Parameter(n); p.Site == p.Node {
					call(d.parameter, p)
				}
			}
		}
	}
	if len(d.extension) > 0 {
		w.Extension = named(d.extension)
	}
	if len(d.unknown) > 0 {
		w.Unknown = named(d.unknown)
	}
	if len(d.misfit) > 0 {
		w.Misfit = func(role connector.Role, value source.Node, expected source.Kind) {
			for _, f := range d.misfit {
				f(role, value, expected)
			}
		}
	}
	if d.member != nil {
		w.Member = func(word connector.Word, value source.Node, on connector.Role) {
			for _, f := range d.member[word] {
				f(value, on)
			}
		}
	}
	return w
}

func named(callbacks []func(string, source.Node, connector.Role)) func(string, source.Node, connector.Role) {
	return func(name string, value source.Node, on connector.Role) {
		for _, f := range callbacks {
			f(name, value, on)
		}
	}
}

func call[T any](callbacks []func(T), arg T) {
	for _, f := range callbacks {
		f(arg)
	}
}
