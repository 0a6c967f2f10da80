package scaffold

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Misfit is what keeps an owner's file from building with what is generated.
type Misfit struct {
	File    string
	Line    int // 0 if something is missing
	Message string
	Code    string // what to write, "" if something is to be taken out
}

// fitting compares what the owner's files use and have with what is generated.
type fitting struct {
	set      *token.FileSet
	contract string            // the import path of the contract package
	names    map[string]bool   // that it declares
	methods  map[string]bool   // of its Events
	actions  map[string]string // the methods of its Actions, with their signatures
	funcs    map[string]bool   // of the program
	misfits  []Misfit
}

// Misfits looks in the owner's files for names that are no longer generated,
// and for functions that the generated ones call and nobody has written.
func (f *Folder) Misfits(p *Project, changes []Change) ([]Misfit, error) {
	fit := &fitting{
		set: token.NewFileSet(), contract: p.module + "/contract",
		names: map[string]bool{}, methods: map[string]bool{}, actions: map[string]string{}, funcs: map[string]bool{},
	}
	verbs := map[string]Verb{}
	for _, c := range changes {
		verbs[c.Name] = c.Verb
	}
	var kept []*ast.File // as they would be generated
	for _, file := range p.Files {
		if path.Ext(file.Name) != ".go" || strings.HasPrefix(file.Name, "publisher/") {
			continue
		}
		parsed, err := parser.ParseFile(fit.set, file.Name, file.Text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if verbs[file.Name] != Keep {
			fit.declare(file.Name, parsed)
		} else if file.Owner == Business {
			kept = append(kept, parsed)
		}
	}
	owners := f.owners(fit.set, verbs)
	for _, name := range slices.Sorted(maps.Keys(owners)) {
		fit.declare(name, owners[name])
	}
	for _, name := range slices.Sorted(maps.Keys(owners)) {
		fit.uses(name, owners[name])
	}
	for _, file := range kept {
		fit.lacks(file, p)
	}
	return fit.misfits, nil
}

// owners reads the Go files that writing a project leaves as they are. What
// cannot be read or parsed is left to the compiler, and so are other modules.
func (f *Folder) owners(set *token.FileSet, verbs map[string]Verb) map[string]*ast.File {
	files := map[string]*ast.File{}
	if f.root == nil {
		return files
	}
	others := []string{"publisher", "vendor", "testdata", "node_modules"}
	_ = fs.WalkDir(f.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if base := path.Base(name); err == nil && name != "." && entry.IsDir() {
			if _, err := f.root.Lstat(name + "/go.mod"); err == nil || base[0] == '.' || base[0] == '_' || slices.Contains(others, base) {
				return fs.SkipDir
			}
		}
		verb, planned := verbs[name]
		if err != nil || path.Ext(name) != ".go" || !entry.Type().IsRegular() || planned && verb != Keep {
			return nil
		}
		text, err := f.root.ReadFile(name)
		if err != nil {
			return nil
		}
		if parsed, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution); err == nil {
			files[name] = parsed
		}
		return nil
	})
	return files
}

// declare notes the names that a file adds to its package.
func (fit *fitting) declare(name string, file *ast.File) {
	inContract, inProgram := path.Dir(name) == "contract", path.Dir(name) == "." && !strings.HasSuffix(name, "_test.go")
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			switch {
			case inContract && d.Recv != nil:
				fit.methods[d.Name.Name] = true
			case inContract:
				fit.names[d.Name.Name] = true
			case inProgram && d.Recv == nil:
				fit.funcs[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					fit.names[spec.Name.Name] = fit.names[spec.Name.Name] || inContract
					if interfaces, ok := spec.Type.(*ast.InterfaceType); ok && inContract && spec.Name.Name == "Actions" {
						for _, m := range interfaces.Methods.List {
							fit.actions[m.Names[0].Name] = signature(m.Type.(*ast.FuncType))
						}
					}
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						fit.names[n.Name] = fit.names[n.Name] || inContract
					}
				}
			}
		}
	}
}

// uses finds what a file uses of the contract package that is not there.
func (fit *fitting) uses(name string, file *ast.File) {
	local := fit.localName(file)
	if local == "" {
		return
	}
	fit.implements(name, file, local)
	events, seen := eventsOf(file, local), map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok || seen[s.Sel.Name] {
			return true
		}
		switch of := lastName(s.X); {
		case isName(s.X, local) && !fit.names[s.Sel.Name]:
			fit.add(name, s, fit.gone(s.Sel.Name))
		case events[of] && !fit.methods[s.Sel.Name]:
			fit.add(name, s, fmt.Sprintf("%s.%s is not generated: there is %s", of, s.Sel.Name, list(fit.publishers())))
		default:
			return true
		}
		seen[s.Sel.Name] = true
		return true
	})
}

func (fit *fitting) add(name string, at ast.Node, message string) {
	fit.misfits = append(fit.misfits, Misfit{File: name, Line: fit.set.Position(at.Pos()).Line, Message: message})
}

// localName is what a file calls the contract package, "" if it does not import
// it.
func (fit *fitting) localName(file *ast.File) string {
	for _, spec := range file.Imports {
		target, _ := strconv.Unquote(spec.Path.Value) // it has been parsed
		switch {
		case target != fit.contract:
		case spec.Name != nil:
			return spec.Name.Name
		default:
			return "contract"
		}
	}
	return ""
}

// implements finds methods that have not the signature that contract.Actions
// gives them.
func (fit *fitting) implements(name string, file *ast.File, local string) {
	for _, d := range file.Decls {
		m, ok := d.(*ast.FuncDecl)
		if !ok || m.Recv == nil || !implementsActions(file, m.Recv.List[0].Type, local) {
			continue
		}
		if want := fit.actions[m.Name.Name]; want != "" && strings.ReplaceAll(signature(m.Type), local+".", "") != want {
			fit.add(name, m, "contract.Actions has another signature of "+m.Name.Name+": "+want)
		}
	}
}

// gone says why the contract package lacks a name.
func (fit *fitting) gone(name string) string {
	switch {
	case slices.Contains([]string{"Actions", "Routes", "UnimplementedActions"}, name):
		return "contract." + name + " is not generated, as the definition has no action: remove what uses it"
	case name == "Sources" || name == "Polls":
		return "contract." + name + " is not generated, as the definition has no polling trigger: remove what uses it"
	}
	return "contract." + name + " is not generated: the definition has another name for it, or none"
}

func (fit *fitting) publishers() (names []string) {
	for name := range fit.methods {
		if strings.HasPrefix(name, "Publish") || strings.HasPrefix(name, "Answer") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// eventsOf returns the names of all parameters, fields and variables of a file
// that are contract.Events.
func eventsOf(file *ast.File, local string) map[string]bool {
	names := map[string]bool{}
	add := func(typ ast.Expr, list []*ast.Ident) {
		pointer, _ := typ.(*ast.StarExpr)
		if pointer == nil {
			return
		}
		if s, ok := pointer.X.(*ast.SelectorExpr); ok && isName(s.X, local) && s.Sel.Name == "Events" {
			for _, n := range list {
				names[n.Name] = true
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			add(n.Type, n.Names)
		case *ast.ValueSpec:
			add(n.Type, n.Names)
		}
		return true
	})
	return names
}

// implementsActions reports whether a file declares the type of a receiver as a
// struct that embeds contract.UnimplementedActions.
func implementsActions(file *ast.File, receiver ast.Expr, local string) (does bool) {
	if pointer, ok := receiver.(*ast.StarExpr); ok {
		receiver = pointer.X
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, _ := n.(*ast.TypeSpec)
		if spec == nil || spec.Name.Name != lastName(receiver) {
			return true
		}
		if of, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range of.Fields.List {
				does = does || len(f.Names) == 0 && types.ExprString(f.Type) == local+".UnimplementedActions"
			}
		}
		return false
	})
	return does
}

// signature writes the types of a function.
func signature(f *ast.FuncType) string {
	of := func(list *ast.FieldList) string {
		var all []string
		for _, field := range list.List {
			for range max(1, len(field.Names)) {
				all = append(all, types.ExprString(field.Type))
			}
		}
		return "(" + strings.Join(all, ", ") + ")"
	}
	if f.Results == nil {
		return of(f.Params)
	}
	return of(f.Params) + " " + of(f.Results)
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// lastName returns the name that an expression ends with.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// lacks finds the functions that a file would have if it were generated now, and
// that the program lacks.
func (fit *fitting) lacks(file *ast.File, p *Project) {
	name := fit.set.File(file.Pos()).Name()
	i := slices.IndexFunc(p.Files, func(f File) bool { return f.Name == name })
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && !fit.funcs[f.Name.Name] {
			code := p.Files[i].Text[fit.set.Position(f.Pos()).Offset:fit.set.Position(f.End()).Offset]
			if head, _, long := strings.Cut(code, "{\n"); long {
				code = head + "{ … }"
			}
			fit.misfits = append(fit.misfits, Misfit{File: name, Message: "generated files call " + f.Name.Name + ", which is not there: write", Code: code})
		}
	}
}
