package convert

import (
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// expression is a runtime expression that says where a request carries a URL
// (OpenAPI 3.0, Runtime Expressions).
type expression struct {
	in   expressionSource
	path string // the pointer into the body, or the name of a parameter
	rest string // literal text after the expression
}

type expressionSource string

const (
	inNothing  expressionSource = ""
	inBody     expressionSource = "body"
	inQuery    expressionSource = "query"
	inHeader   expressionSource = "header"
	inPath     expressionSource = "path"
	inAnything expressionSource = "request" // a bare name
)

// parseExpression reads {$request.body#/url} and what people write for it:
// without braces or dollar, with dots for slashes, a bare name. A constant URL,
// and what comes from elsewhere than the request, is in nothing.
func parseExpression(text string) expression {
	text = strings.TrimSpace(text)
	var e expression
	if inner, ok := strings.CutPrefix(text, "{"); ok {
		if text, e.rest, ok = strings.Cut(inner, "}"); !ok {
			text = inner
		}
	}
	text, dollar := strings.CutPrefix(strings.TrimSpace(text), "$")
	what, request := strings.CutPrefix(text, "request.")
	switch {
	case request:
		e.in, e.path = splitSource(what)
	case !dollar && text != "" && !strings.ContainsAny(text, "{}:/#$ "):
		e.in, e.path = inAnything, text
	}
	return e
}

func splitSource(what string) (expressionSource, string) {
	if rest, ok := strings.CutPrefix(what, "body"); ok && (rest == "" || strings.ContainsAny(rest[:1], "#./")) {
		return inBody, strings.TrimLeft(rest, "#./")
	}
	for _, in := range []expressionSource{inQuery, inHeader, inPath} {
		if name, ok := strings.CutPrefix(what, string(in)+"."); ok && name != "" {
			return in, name
		}
	}
	return inNothing, ""
}

// resolve returns the parameter or the property that an expression names, in a
// 2.0 document; the absent node if there is none.
func (e *expression) resolve(o *connector.Operation) source.Node {
	switch e.in {
	case inBody:
		return fieldInBody(o, e.path)
	case inQuery, inHeader, inPath:
		return parameterNode(o, e.in, e.path)
	case inAnything:
		for _, in := range []expressionSource{inBody, inQuery, inHeader} {
			try := expression{in: in, path: e.path}
			if n := try.resolve(o); n.Exists() {
				e.in = in
				return n
			}
		}
	}
	return source.Node{}
}

func parameterNode(o *connector.Operation, in expressionSource, name string) source.Node {
	for _, p := range o.Parameters() {
		if p.In() == string(in) && (p.Name() == name || in == inHeader && strings.EqualFold(p.Name(), name)) {
			return p.Node
		}
	}
	return source.Node{}
}

// fieldInBody follows a path into the body, which may be a form.
func fieldInBody(o *connector.Operation, path string) source.Node {
	if body := o.Body(); body.Node.Exists() {
		return schemaField(body.Schema(), path)
	}
	return parameterNode(o, "formData", path)
}

// schemaField follows a path through the properties of a schema. A step is
// taken as a name first, and then as several names with dots between.
func schemaField(s connector.Schema, path string) source.Node {
	if path == "" {
		return s.Node
	}
	step, rest, _ := strings.Cut(path, "/")
	name := source.UnescapePointer(step)
	if p := s.Property(name); p.Exists() {
		return schemaField(p, rest)
	}
	if items := s.Items(); items.Exists() {
		if _, err := strconv.Atoi(step); err == nil || step == "*" {
			return schemaField(items, rest)
		}
	}
	if first, after, dotted := strings.Cut(step, "."); dotted && first != "" && after != "" {
		if rest != "" {
			after += "/" + rest
		}
		return schemaField(s.Property(source.UnescapePointer(first)), after)
	}
	return source.Node{}
}
