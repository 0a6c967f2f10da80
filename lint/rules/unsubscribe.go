package rules

import (
	"fmt"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var unsubscribe = []*lint.Rule{
	{
		ID:      "unsubscribe-missing",
		Summary: "no DELETE operation undoes a registration",
		Levels:  lint.Everywhere(failure),
		Start:   unsubscribeMissing,
	},
	{
		ID:      "unsubscribe-not-internal",
		Summary: "makers see the DELETE operation that undoes a registration",
		Levels:  lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:   unsubscribeNotInternal,
	},
	{
		ID:      "unsubscribe-needs-input",
		Summary: "the DELETE operation needs what the platform does not send",
		Levels:  lint.Everywhere(warning),
		Start:   unsubscribeNeedsInput,
	},
	{
		ID:      "unsubscribe-no-identifier",
		Summary: "the DELETE operation cannot tell one registration from another",
		Levels:  lint.Everywhere(warning),
		Start:   unsubscribeNoIdentifier,
	},
}

func unsubscribeMissing(p *lint.Pass) lint.Visitor {
	return eachRegistration(func(t *connector.Trigger) {
		if t.Unsubscribe != nil {
			return
		}
		p.Report(t.Operation.At(), "no DELETE operation undoes the registration of %q", t.Operation.Name()).
			Hint = "subscriptions are never removed: add an internal DELETE whose path is the path of the Location URL"
	})
}

// eachUnsubscribe visits the DELETE of each registration.
func eachUnsubscribe(visit func(*connector.Trigger, *connector.Operation)) lint.Visitor {
	return eachRegistration(func(t *connector.Trigger) {
		if t.Unsubscribe != nil {
			visit(t, t.Unsubscribe)
		}
	})
}

func unsubscribeNotInternal(p *lint.Pass) lint.Visitor {
	return eachUnsubscribe(func(t *connector.Trigger, o *connector.Operation) {
		if o.IsInternal() {
			return
		}
		f := p.Report(o.At(), "%q undoes the registration of %q and is not internal", o.Name(), t.Operation.Name())
		f.Hint = "makers can choose it as an action and remove what flows depend on; if they should, add an internal DELETE beside it"
		f.Related = []source.Related{lint.Related(t.Operation.At(), "the registration")}
		f.Fix = suggested("make it internal", o.Node, func(e *source.Editor) {
			setAfter(e, o.Node, "x-ms-visibility", "internal", "description", "summary", "operationId")
		})
	})
}

func unsubscribeNeedsInput(p *lint.Pass) lint.Visitor {
	return eachUnsubscribe(func(t *connector.Trigger, o *connector.Operation) {
		for _, param := range o.Parameters() {
			if !param.Required() || param.In() == "path" || isTransportHeader(param) || isCredential(p.Definition, param) {
				continue
			}
			f := p.Report(param.Site, "%q needs %s, which the platform does not send", o.Name(), describe(param))
			f.Hint = "the DELETE is sent to the Location URL, without a header or a body of its own: put what is needed into that URL"
			if param.In() == "query" {
				f.Message = fmt.Sprintf("%q needs %s, which the platform does not add", o.Name(), describe(param))
				f.Hint = "the DELETE is sent to the Location URL as it is: if the service puts the value there, declare the parameter as optional"
			}
			for _, key := range []string{"name", "$ref"} {
				if at := param.Site.Get(key); at.Exists() {
					f.Range = at.Range()
				}
			}
		}
	})
}

func describe(p connector.Parameter) string {
	switch p.In() {
	case "body", "formData":
		return "a body"
	case "header":
		return "the header \"" + p.Name() + "\""
	}
	return "the " + p.In() + " parameter \"" + p.Name() + "\""
}

// isTransportHeader reports whether a declared header is one that HTTP clients
// and connections send by themselves.
func isTransportHeader(p connector.Parameter) bool {
	if p.In() != "header" {
		return false
	}
	switch strings.ToLower(p.Name()) {
	case "accept", "content-type", "authorization", "host", "user-agent":
		return true
	}
	return false
}

// isCredential reports whether a parameter is the key that the connection adds
// to every call.
func isCredential(d *connector.Definition, p connector.Parameter) bool {
	for _, scheme := range d.Root.Get("securityDefinitions").Members() {
		name, _ := scheme.Get("name").Str()
		if scheme.Get("type").Is("apiKey") && scheme.Get("in").Is(p.In()) && strings.EqualFold(name, p.Name()) {
			return true
		}
	}
	return false
}

func unsubscribeNoIdentifier(p *lint.Pass) lint.Visitor {
	return eachUnsubscribe(func(t *connector.Trigger, o *connector.Operation) {
		if t.Operation.Method != "post" || len(identifiers(o.Path)) > len(identifiers(t.Operation.Path)) {
			return
		}
		for name := range identifiers(o.Path) {
			if !identifiers(t.Operation.Path)[name] {
				return
			}
		}
		for _, param := range o.Parameters() {
			if isCredential(p.Definition, param) {
				continue
			}
			if in := param.In(); in == "query" || in == "body" || in == "formData" || in == "header" && param.Required() && !isTransportHeader(param) {
				return // it says which registration, if the wrong way
			}
		}
		f := p.Report(o.Node.Parent(), "path %q of %q has no identifier of a registration", o.Path, o.Name())
		f.Hint = "the DELETE of one flow removes the registrations of others: end the path in an id, as in " + strings.TrimRight(o.Path, "/") + "/{id}"
		f.Related = []source.Related{lint.Related(t.Operation.At(), "the registration")}
	})
}

// identifiers returns the names of a path's parameters, letter case ignored.
func identifiers(path string) map[string]bool {
	names := map[string]bool{}
	for _, part := range strings.Split(path, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		names[strings.ToLower(name)] = true
	}
	return names
}
