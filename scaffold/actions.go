package scaffold

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
)

// actionData is an operation that the owner implements.
type actionData struct {
	Go        string
	Doc       []string
	Method    string
	Path      string
	Status    int
	Security  string
	Request   string // type; "" if a call brings nothing
	Fields    []fieldDecl
	Reads     []string // statements that fill the request
	Result    string   // type; "" if the answer is empty
	ID        string
	Arguments string // of the method: "ctx context.Context, request GetOrderRequest"
	Results   string // "(Order, error)"

	Call           string // the statement that calls it in a handler
	Unnamed        string // its arguments without names
	Unimplemented  string // results and body of the method that answers 501
	Outside        string // its arguments as another package writes them
	OutsideResults string
}

// actions adds every operation that nothing else serves.
func (b *builder) actions(served map[*connector.Operation]bool) {
	for _, o := range b.def.Operations() {
		if !served[o] && b.claim(o) {
			b.action(o)
		}
	}
}

func (b *builder) action(o *connector.Operation) {
	name := b.operations.take(or(exported(callName(o)), "Action"))
	a := actionData{
		Go: name, ID: quote(b.ids.take(o.Name())), Method: quote(strings.ToUpper(o.Method)), Path: quote(b.path(o)),
		Doc: comment(operationDoc(name, o), fmt.Sprintf("%s %s", strings.ToUpper(o.Method), o.Path)),
	}
	a.Security = b.security(o)
	b.request(o, &a)
	if len(a.Fields) > 0 {
		a.Request = b.types.scope.take(name + "Request")
	}
	a.Status = 200
	if response := success(o); response.Node.Exists() {
		a.Status, _ = strconv.Atoi(response.Status)
		a.Result = b.result(response.Schema(), name)
	}
	a.sign()
	b.Actions = append(b.Actions, a)
}

// sign writes the signature of an action's method in all the ways that
// templates need.
func (a *actionData) sign() {
	a.Arguments, a.Results, a.OutsideResults = "ctx context.Context", "error", "error"
	a.Unnamed, a.Outside = "context.Context", "ctx context.Context"
	call := fmt.Sprintf("actions.%s(ctx)", a.Go)
	if a.Request != "" {
		a.Arguments += ", request " + a.Request
		a.Unnamed += ", " + a.Request
		a.Outside += ", request " + outside(a.Request)
		call = fmt.Sprintf("actions.%s(ctx, request)", a.Go)
	}
	a.Unimplemented = fmt.Sprintf("error { return notImplemented(%s) }", a.ID)
	a.Call = "return nil, " + call
	if a.Result != "" {
		a.Results = "(" + a.Result + ", error)"
		a.OutsideResults = "(" + outside(a.Result) + ", error)"
		a.Unimplemented = fmt.Sprintf("(result %s, err error) { return result, notImplemented(%s) }", a.Result, a.ID)
		a.Call = "return " + call
	}
}

// success returns the response that an action gives when all went well: the
// first 2xx that the definition declares.
func success(o *connector.Operation) connector.Response {
	for _, r := range o.Responses() {
		if _, err := strconv.Atoi(r.Status); err == nil && r.IsSuccess() {
			return r
		}
	}
	return connector.Response{}
}

func (b *builder) result(s connector.Schema, name string) string {
	switch {
	case !s.Exists():
		return ""
	case isFile(s):
		return "FileContent"
	}
	return b.types.of(s, name+"Result", "the answer of "+name).Expr
}

// isFile reports whether a body is the bytes of a file and not JSON.
func isFile(s connector.Schema) bool {
	r := s.Resolved()
	return r.Type() == "file" || r.Type() == "string" && r.Node.Get("format").Is("binary")
}

// request adds the fields of a call, and the statements that read them.
func (b *builder) request(o *connector.Operation, a *actionData) {
	fields := newScope()
	add := func(name, typ, doc, read string) {
		f := fieldDecl{Name: fields.take(name), Type: typ, Doc: comment(doc)}
		a.Fields = append(a.Fields, f)
		a.Reads = append(a.Reads, fmt.Sprintf(read, "&request."+f.Name))
	}
	hasBody := false
	for _, p := range o.Parameters() {
		name, quoted := or(exported(p.Name()), "Parameter"), strings.ReplaceAll(quote(p.Name()), "%", "%%")
		doc := label(p.Node) + paramValues(p)
		typ := paramType(p, !isRequired(p))
		rest := fmt.Sprintf("%s, %s, %t, %%s)", quoted, quote(separator(p)), isRequired(p))
		switch p.In() {
		case "path":
			add(name, paramType(p, false), doc, "in.path("+quoted+", %s)")
		case "query":
			add(name, typ, doc, "in.queries("+rest)
		case "header":
			add(name, typ, doc, "in.header("+rest)
		case "formData":
			if typ == "FileContent" {
				add(name, typ, doc, fmt.Sprintf("in.file(%s, %t, %%s)", quoted, isRequired(p)))
			} else {
				add(name, typ, doc, "in.form("+rest)
			}
		case "body":
			if hasBody {
				continue
			}
			hasBody = true
			if isFile(p.Schema()) {
				add("Body", "FileContent", doc, fmt.Sprintf("in.content(%t, %%s)", p.Required()))
			} else {
				add("Body", b.types.of(p.Schema(), a.Go+"Body", "the body of "+a.Go).Expr, doc, fmt.Sprintf("in.body(%t, %%s)", p.Required()))
			}
		}
	}
}
