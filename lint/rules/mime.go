package rules

import (
	"mime"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var mimes = []*lint.Rule{
	{
		ID:       "mime-invalid",
		Summary:  "a media type is not of the form type/subtype",
		Levels:   lint.Everywhere(failure),
		Start:    mimeInvalid,
		Official: []string{"MimeTypeNotValid"},
	},
	{
		ID:       "mime-unsupported",
		Summary:  "the platform does not support a media type",
		Levels:   lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:    mimeUnsupported,
		Official: []string{"MimeTypeNotSupported"},
	},
	{
		ID:       "mime-missing",
		Summary:  "an operation with a body names no supported type that it consumes",
		Levels:   lint.Levels{Custom: off, Certified: warning, Independent: warning},
		Start:    mimeMissing,
		Official: []string{"ConsumesMissing"},
	},
	{
		ID:       "mime-mismatch",
		Summary:  "what an operation consumes does not fit its parameters",
		Levels:   lint.Everywhere(warning),
		Start:    mimeMismatch,
		Official: []string{"MimeTypeNotCompatibleWithRequestContentSchemaType", "StringBinaryNotSupportedForFormUrlEncoded"},
	},
}

const (
	formURLEncoded = "application/x-www-form-urlencoded"
	formMultipart  = "multipart/form-data"
)

// supportedTypes are the media types of the validator's documentation.
var supportedTypes = []string{"application/json", "text/plain", formMultipart, formURLEncoded}

var knownTypes = "it knows " + strings.Join(supportedTypes, ", ")

// mediaType returns a type without its parameters, in lower case.
func mediaType(n source.Node) (string, bool) {
	s, ok := n.Str()
	if !ok {
		return "", false
	}
	if slices.Contains(supportedTypes, s) { // nearly always
		return s, true
	}
	t, _, err := mime.ParseMediaType(s)
	kind, sub, slash := strings.Cut(t, "/")
	return t, err == nil && slash && kind != "" && sub != ""
}

func mimeInvalid(p *lint.Pass) lint.Visitor {
	check := func(at source.Node) {
		if s, ok := at.Str(); ok {
			if _, valid := mediaType(at); !valid {
				p.Report(at, "%q is no media type", s).Hint = "expected a type and a subtype, such as application/json"
			}
		}
	}
	return eachNamed(func(name string, list source.Node, _ connector.Role) {
		for _, item := range list.Items() {
			check(item)
		}
		if name == "examples" {
			for key := range list.Members() {
				check(key)
			}
		}
	}, "consumes", "produces", "examples")
}

func mimeUnsupported(p *lint.Pass) lint.Visitor {
	ofBytes := map[source.Node]bool{} // the lists of operations that send them: a supported type says less
	v := eachMember(func(list source.Node, _ connector.Role) {
		var unknown []source.Node
		for _, item := range list.Items() {
			if t, valid := mediaType(item); valid && !slices.Contains(supportedTypes, t) {
				unknown = append(unknown, item)
			}
		}
		if len(unknown) == 0 {
			return
		}
		names := make([]string, len(unknown))
		for i, item := range unknown {
			names[i], _ = mediaType(item)
		}
		f := p.Report(unknown[0], "the platform does not support %s", quoteList(names))
		if f.Hint = knownTypes; len(unknown) < list.Len() && !ofBytes[list] {
			f.Fix = suggested("remove what it does not support", list, func(e *source.Editor) {
				for _, item := range unknown {
					e.Remove(item)
				}
			})
		}
	}, "consumes", "produces")
	v.Operation = func(o *connector.Operation) {
		if isBytes(o.Body().Schema()) {
			list, _ := consumed(o, p.Definition)
			ofBytes[list] = true
		}
	}
	return v
}

// isBytes reports whether a body is sent as it is, a file, and not as JSON.
func isBytes(body connector.Schema) bool {
	n := body.Resolved().Node
	return n.Get("type").Is("file") || n.Get("type").Is("string") && n.Get("format").Is("binary")
}

// consumed returns what an operation consumes: its own list, else the document's.
func consumed(o *connector.Operation, d *connector.Definition) (list source.Node, types []string) {
	list = o.Get("consumes")
	if !list.Exists() {
		list = d.Root.Get("consumes")
	}
	for _, item := range list.Items() {
		if t, ok := mediaType(item); ok {
			types = append(types, t)
		}
	}
	return list, types
}

// sent says what the parameters of an operation ask for.
func sent(o *connector.Operation) (body, form, file, binary bool) {
	for _, q := range o.Parameters() {
		switch q.In() {
		case "body":
			body = true
		case "formData":
			form = true
			file = file || q.Node.Get("type").Is("file")
			binary = binary || q.Node.Get("type").Is("string") && q.Node.Get("format").Is("binary")
		}
	}
	return body, form, file, binary
}

func mimeMissing(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		body, form, file, _ := sent(o)
		if !body && !form {
			return
		}
		list, types := consumed(o, p.Definition)
		if slices.ContainsFunc(types, func(t string) bool { return slices.Contains(supportedTypes, t) }) {
			return
		}
		if len(types) > 0 { // what else the service reads is for its author to say
			f := p.Report(o.At(), "the platform supports nothing that %q consumes", o.Name())
			f.Hint, f.Related = knownTypes, []source.Related{lint.Related(list, "this is what it consumes")}
			return
		}
		with := "application/json"
		if form && !body {
			if with = formURLEncoded; file {
				with = formMultipart
			}
		}
		f := p.Report(o.At(), "%q does not say what it consumes", o.Name())
		if isBytes(o.Body().Schema()) {
			f.Hint = knownTypes
			return
		}
		f.Fix = consumeFix(o, with)
	}}
}

// consumeFix makes an operation consume a type beside what it says it does.
func consumeFix(o *connector.Operation, t string) *source.Fix {
	return suggested("say "+t, o.Node, func(e *source.Editor) {
		if list := o.Get("consumes"); list.Kind() == source.Array {
			e.Append(list, t)
		} else {
			setAfter(e, o.Node, "consumes", []any{t}, "operationId", "description", "summary")
		}
	})
}

func mimeMismatch(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		body, form, file, binary := sent(o)
		if !body && !form {
			return
		}
		list, types := consumed(o, p.Definition)
		if len(types) == 0 {
			return
		}
		isForm := func(t string) bool { return t == formURLEncoded || t == formMultipart }
		report := func(official, t, needs string) {
			f := p.Report(o.At(), "what %q consumes does not fit its parameters", o.Name())
			f.Official, f.Hint = official, "they need "+needs
			f.Related = []source.Related{lint.Related(list, "this is what it consumes")}
			if t == "" {
				return
			}
			f.Fix = suggested("write "+t, o.Node, func(e *source.Editor) {
				setAfter(e, o.Node, "consumes", []any{t}, "operationId", "description", "summary")
			})
		}
		const mismatch = "MimeTypeNotCompatibleWithRequestContentSchemaType"
		switch {
		case file && !slices.Contains(types, formMultipart):
			report(mismatch, formMultipart, formMultipart+", for there is a file")
		case binary && slices.Contains(types, formURLEncoded):
			report("StringBinaryNotSupportedForFormUrlEncoded", formMultipart, formMultipart+", for there is binary content")
		case form && !slices.ContainsFunc(types, isForm):
			report(mismatch, formURLEncoded, formMultipart+" or "+formURLEncoded)
		case body && !slices.ContainsFunc(types, func(t string) bool { return !isForm(t) }):
			if isBytes(o.Body().Schema()) {
				report(mismatch, "", "another type than that of a form, for there is a body")
				return
			}
			report(mismatch, "application/json", "application/json, for there is a body")
		}
	}}
}
