package scaffold

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// typeDecl is a type of the contract package, with all that is printed of it.
type typeDecl struct {
	Doc    []string
	Name   string
	Type   string // what it is; "" for a struct
	Alias  bool
	Fields []fieldDecl
	Values []valueDecl
	Odd    []fieldDecl // of Fields, those whose name no struct tag can express
	Rest   string      // the field for members that have none, "" if there are no such
}

type fieldDecl struct {
	Doc      []string
	Name     string
	Type     string
	Tag      string // with its backquotes
	JSON     string // the name, as a Go literal
	Optional bool   // left out when it is the zero value
}

type valueDecl struct{ Name, Value string }

// kind is what matters about a type where a value may be missing.
type kind uint8

const (
	kindAny    kind = iota // nil is missing
	kindList               // a slice or a map: nil is missing
	kindString             // "" is as good as missing
	kindScalar             // a number or a boolean: zero is a value
	kindStruct             // all zero is as good as missing
)

type goType struct {
	Expr string
	kind kind
	open bool // a struct that this very type is part of
}

var anyType = goType{Expr: "any"}

// typeSet makes Go types of schemas. Schemas are read as the linter reads
// them, tolerantly; a model that reads a document at once, such as
// kin-openapi's, refuses many that the platform takes.
type typeSet struct {
	def     *connector.Definition
	scope   *scope // of the contract package
	decls   []*typeDecl
	claimed map[source.Node]string // definitions → the names kept for them
	known   map[source.Node]goType // schemas that have a declaration
	open    map[source.Node]bool   // structs that are being declared
	skip    map[source.Node]bool   // properties that no type shows
	dates   bool                   // DateTime is used
	odd     bool                   // some name fits no struct tag
}

func newTypeSet(d *connector.Definition, s *scope) *typeSet {
	t := &typeSet{
		def: d, scope: s, claimed: map[source.Node]string{}, known: map[source.Node]goType{},
		open: map[source.Node]bool{}, skip: map[source.Node]bool{},
	}
	for key, value := range d.Root.Get("definitions").Members() {
		name, _ := key.Str()
		t.claimed[value] = s.take(or(exported(name), "Type"))
	}
	return t
}

func or(name, fallback string) string {
	if name == "" {
		return fallback
	}
	return name
}

// of returns the type of a schema. A type that has to be declared, and has no
// name of its own in the definition, is called hint; what names it in a
// sentence.
func (t *typeSet) of(s connector.Schema, hint, what string) goType {
	if s.IsDynamic() {
		return anyType
	}
	s, named := t.unwrap(s)
	if !s.Exists() {
		return anyType
	}
	if known, ok := t.known[s.Node]; ok {
		known.open = t.open[s.Node]
		return known
	}
	if name := t.claimed[s.Node]; named && name != "" {
		return t.declare(s, name, "the definition "+oneLine(quote(s.Node.KeyStr())))
	}
	if named || isStruct(s) || len(enumOf(s)) > 0 {
		return t.declare(s, t.scope.take(cut(hint, 2*maxName)), what)
	}
	return t.expression(s, hint, what)
}

// unwrap follows references, and an allOf of nothing but a reference, which is
// how definitions put a description beside one. named says that one was
// followed.
func (t *typeSet) unwrap(s connector.Schema) (target connector.Schema, named bool) {
	for range 64 {
		named = named || s.Node.Get("$ref").Exists()
		r := s.Resolved()
		all := r.Node.Get("allOf")
		only := all.Item(0)
		if all.Len() != 1 || !only.Get("$ref").Exists() || r.Node.Get("properties").Len() > 0 || r.Node.Get("additionalProperties").Exists() {
			return r, named
		}
		s = t.def.Schema(only)
	}
	return connector.Schema{}, named
}

func isStruct(s connector.Schema) bool {
	if s.Shape() != "object" {
		return false
	}
	for range s.Properties() {
		return true
	}
	return false
}

// isOpen reports whether an object says that it has more members than its
// properties. OpenAPI allows more where nothing is said, but few who write
// definitions mean that.
func isOpen(s connector.Schema) bool {
	for part := range s.Parts() {
		if rest := part.Node.Get("additionalProperties"); rest.Kind() == source.Object || rest.IsTrue() {
			return true
		}
	}
	return false
}

// enumOf returns the values of a string that is to have a type of its own:
// few, and each fit to be the name of a constant.
func enumOf(s connector.Schema) []string {
	const most = 40
	enum := s.Node.Get("enum")
	if s.Type() != "string" || enum.Len() == 0 || enum.Len() > most {
		return nil
	}
	var values []string
	for _, item := range enum.Items() {
		value, ok := item.Str()
		switch {
		case item.Kind() == source.Null:
		case !ok || len(words(value)) == 0:
			return nil
		case !slices.Contains(values, value):
			values = append(values, value)
		}
	}
	return values
}

// declare adds a type to the package. It is known before its parts are looked
// at, so that recursive schemas end.
func (t *typeSet) declare(s connector.Schema, name, what string) goType {
	decl := &typeDecl{Name: name}
	t.decls = append(t.decls, decl)
	decl.Doc = comment(fmt.Sprintf("%s is %s. %s", name, what, sentence(s.Node)))
	if isStruct(s) {
		t.known[s.Node] = goType{Expr: name, kind: kindStruct}
		t.open[s.Node] = true
		t.fields(decl, s)
		delete(t.open, s.Node)
		return t.known[s.Node]
	}
	t.known[s.Node] = goType{Expr: name, kind: t.kindOf(s)}
	for _, value := range enumOf(s) {
		decl.Values = append(decl.Values, valueDecl{t.scope.take(name + exportedTail(value)), quote(value)})
	}
	decl.Type = t.expression(s, name, what).Expr
	decl.Alias = decl.Type == "any" || decl.Type == "DateTime" // which has a method
	return t.known[s.Node]
}

// exportedTail is [exported] for what follows another name.
func exportedTail(text string) string {
	name := exported(text)
	if w := words(text); len(w) > 0 && strings.HasPrefix(name, "X") && !strings.HasPrefix(capital(w[0]), "X") {
		return name[1:]
	}
	return name
}

func (t *typeSet) kindOf(s connector.Schema) kind {
	switch s.Shape() {
	case "string":
		return kindString
	case "integer", "number", "boolean":
		return kindScalar
	case "array", "object":
		return kindList
	}
	return kindAny
}

// expression returns the type of a schema that needs no declaration.
func (t *typeSet) expression(s connector.Schema, hint, what string) goType {
	switch s.Shape() {
	case "string":
		if s.Node.Get("format").Is("date-time") && len(enumOf(s)) == 0 {
			t.dates = true
			return goType{Expr: "DateTime", kind: kindString}
		}
		return goType{Expr: "string", kind: kindString}
	case "integer":
		return goType{Expr: "int64", kind: kindScalar}
	case "number":
		return goType{Expr: "float64", kind: kindScalar}
	case "boolean":
		return goType{Expr: "bool", kind: kindScalar}
	case "array":
		item := t.of(s.Items(), hint+"Item", "an item of "+what)
		return goType{Expr: "[]" + item.Expr, kind: kindList}
	case "object":
		value := anyType
		if rest := s.Node.Get("additionalProperties"); rest.Kind() == source.Object {
			value = t.of(t.def.Schema(rest), hint+"Value", "a value of "+what)
		}
		return goType{Expr: "map[string]" + value.Expr, kind: kindList}
	}
	return anyType
}

// fields fills a struct.
func (t *typeSet) fields(decl *typeDecl, s connector.Schema) {
	inner := newScope("MarshalJSON", "UnmarshalJSON")
	for _, p := range members(s) {
		if t.skip[p.Schema.Node] {
			continue
		}
		f := fieldDecl{Name: inner.take(or(exported(p.Name), "Field")), JSON: quote(p.Name), Optional: !s.Requires(p.Name)}
		typ := t.of(p.Schema, decl.Name+f.Name, fmt.Sprintf("the property %s of %s", oneLine(quote(p.Name)), decl.Name))
		f.Type, f.Doc = typ.Expr, comment(label(p.Schema.Node)+values(p.Schema, typ))
		nullable := isNullable(p.Schema)
		switch typ.kind {
		case kindScalar:
			if f.Optional || nullable {
				f.Type = "*" + f.Type
			}
		case kindString, kindStruct:
			if nullable || typ.open {
				f.Type = "*" + f.Type
			}
		}
		f.Tag = "`json:\"-\"`"
		if fitsTag(p.Name) {
			f.Tag = tag(p.Name, f.Optional)
		} else {
			decl.Odd = append(decl.Odd, f)
			t.odd = true
		}
		decl.Fields = append(decl.Fields, f)
	}
	if isOpen(s) {
		value := t.of(restOf(s), decl.Name+"Value", "another member of "+decl.Name)
		f := fieldDecl{Name: inner.take("AdditionalProperties"), Type: "map[string]" + value.Expr, Tag: "`json:\"-\"`"}
		f.Doc = comment("Members that have no field of their own.")
		decl.Rest, t.odd = f.Name, true
		decl.Fields = append(decl.Fields, f)
	}
}

// restOf returns the schema of the members that an object has beside its
// properties, absent if they can be anything.
func restOf(s connector.Schema) connector.Schema {
	for part := range s.Parts() {
		if rest := part.Node.Get("additionalProperties"); rest.Kind() == source.Object {
			return s.In(rest)
		}
	}
	return connector.Schema{}
}

// members returns the properties of an object in order, each once. Parts of an
// allOf may describe the same one: then what says most of it counts.
func members(s connector.Schema) []connector.Property {
	var list []connector.Property
	at := map[string]int{}
	for p := range s.Properties() {
		i, seen := at[p.Name]
		switch {
		case !seen:
			at[p.Name] = len(list)
			list = append(list, p)
		case !isDetailed(list[i].Schema) && isDetailed(p.Schema):
			list[i] = p
		}
	}
	return list
}

func isDetailed(s connector.Schema) bool {
	r := s.Resolved().Node
	return r.Get("enum").Exists() || r.Get("properties").Exists() || r.Get("items").Exists() || r.Get("allOf").Exists()
}

func tag(name string, optional bool) string {
	options := ""
	if optional {
		options = ",omitzero"
	} else if name == "-" {
		options = "," // a lone "-" would leave the field out
	}
	return "`json:\"" + name + options + "\"`"
}

// fitsTag reports whether a struct tag can give a member's name: encoding/json
// takes letters, digits and some punctuation (isValidTag in its encode.go), and
// go vet warns of blanks at the end.
func fitsTag(name string) bool {
	const punctuation = "!#$%&()*+-./:;<=>?@[]^_{|}~ "
	for _, r := range name {
		if !strings.ContainsRune(punctuation, r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return name != "" && strings.TrimSpace(name) == name
}

func isNullable(s connector.Schema) bool {
	for _, n := range []source.Node{s.Node, s.Resolved().Node} {
		if n.Get("x-nullable").IsTrue() {
			return true
		}
		for _, item := range n.Get("type").Items() {
			if item.Is("null") {
				return true
			}
		}
	}
	return false
}

// label returns what the definition says of a value: "Order Id: The id of the
// order."
func label(n source.Node) string {
	summary := text(n, "x-ms-summary")
	if summary == "" {
		summary = text(n, "title")
	}
	description := text(n, "description")
	switch {
	case summary == "" || strings.EqualFold(strings.TrimRight(summary, "."), strings.TrimRight(description, ".")):
		return description
	case description == "":
		return summary
	}
	return strings.TrimRight(summary, ":. ") + ": " + description
}

// values names the values that a string may have, if its type does not.
func values(s connector.Schema, typ goType) string {
	if typ.Expr != "string" {
		return ""
	}
	var allowed []string
	for _, item := range s.Resolved().Node.Get("enum").Items() {
		if value, ok := item.Str(); ok {
			allowed = append(allowed, quote(value))
		}
	}
	if len(allowed) == 0 {
		return ""
	}
	return " One of " + strings.Join(allowed, ", ") + "."
}

// text returns a string member, "" if it is blank.
func text(n source.Node, key string) string {
	s, _ := n.Get(key).Str()
	return strings.TrimSpace(s)
}

// sentence returns a description, as one.
func sentence(n source.Node) string {
	s := label(n)
	if s != "" && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "!") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}
