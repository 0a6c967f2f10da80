package rules

import (
	"regexp"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var registration = []*lint.Rule{
	{
		ID:      "registration-no-201",
		Summary: "a webhook registration does not declare 201",
		Levels:  lint.Everywhere(warning),
		Start:   registrationNo201,
	},
	{
		ID:      "registration-location-undeclared",
		Summary: "the 201 of a registration does not declare the Location header",
		Levels:  lint.Levels{Custom: info, Certified: warning, Independent: info},
		Start:   registrationLocationUndeclared,
	},
	{
		ID:      "registration-location-in-body",
		Summary: "the location of a registration is offered in the body only",
		Levels:  lint.Everywhere(warning),
		Start:   registrationLocationInBody,
	},
	{
		ID:      "registration-location-relative",
		Summary: "the example of the Location header is not an absolute URL",
		Levels:  lint.Levels{Custom: info, Certified: warning, Independent: info},
		Start:   registrationLocationRelative,
	},
}

func registrationNo201(p *lint.Pass) lint.Visitor {
	return eachRegistration(func(t *connector.Trigger) {
		if t.Operation.Response("201").Site.Exists() {
			return
		}
		var success []connector.Response
		for _, r := range t.Operation.Responses() {
			if r.IsSuccess() {
				success = append(success, r)
			}
		}
		at := t.Operation.Node.Get("responses")
		if len(success) > 0 {
			at = success[0].Site
		}
		if !at.Exists() {
			at = t.Operation.At()
		}
		f := p.Report(at, "registration %q does not declare 201", t.Operation.Name())
		f.Hint = "the service must answer 201 Created with a Location header, or the platform cannot unsubscribe"
		if len(success) == 1 && success[0].Status == "200" && success[0].Site == success[0].Node {
			f.Fix = suggested("declare 201 with a Location header instead of 200", success[0].Node, func(e *source.Editor) {
				e.Rename(success[0].Node, "201")
				if !declaresLocation(t) && !locationInBody(t).Exists() {
					declareLocation(e, success[0].Node)
				}
			})
		}
	})
}

// locationInBody returns the property of a registration's answer that holds
// the location, absent if there is none.
func locationInBody(t *connector.Trigger) connector.Schema {
	for _, status := range []string{"201", "200"} {
		for property := range t.Operation.Response(status).Schema().Properties() {
			shape := property.Schema.Shape()
			if strings.EqualFold(property.Name, "location") && (shape == "string" || shape == "") {
				return property.Schema
			}
		}
	}
	return connector.Schema{}
}

func declaresLocation(t *connector.Trigger) bool {
	return t.Operation.Response("201").Header("Location").Exists() || t.Operation.Response("200").Header("Location").Exists()
}

func registrationLocationUndeclared(p *lint.Pass) lint.Visitor {
	return eachRegistration(func(t *connector.Trigger) {
		created := t.Operation.Response("201")
		if !created.Node.Exists() || declaresLocation(t) || locationInBody(t).Exists() {
			return
		}
		f := p.Report(created.Site, "the 201 of %q declares no Location header", t.Operation.Name())
		f.Hint = "the platform sends DELETE to the URL in that header; declare it so that everyone knows the service sends it"
		if p.Definition.RoleOf(created.Node) == connector.RoleResponse { // else document-ref-section
			f.Fix = suggested("declare the Location header", created.Node, func(e *source.Editor) { declareLocation(e, created.Node) })
		}
	})
}

func declareLocation(e *source.Editor, response source.Node) {
	location := source.Members{{Key: "type", Value: "string"}, {Key: "description", Value: "The URL that removes this registration with DELETE."}}
	if headers := response.Get("headers"); headers.Exists() {
		e.Set(headers, "Location", location)
	} else {
		e.Set(response, "headers", source.Members{{Key: "Location", Value: location}})
	}
}

func registrationLocationInBody(p *lint.Pass) lint.Visitor {
	return eachRegistration(func(t *connector.Trigger) {
		if property := locationInBody(t); property.Exists() && !declaresLocation(t) {
			f := p.Report(property.Node, "the answer of %q has its location in the body, and declares no Location header", t.Operation.Name())
			f.Hint = "the platform reads the HTTP header only, and never unsubscribes without it"
			f.Related = []source.Related{lint.Related(t.Operation.At(), "the registration")}
		}
	})
}

// pathOnly finds a path that stands for itself in a text: "for example
// /hooks/42".
var pathOnly = regexp.MustCompile("(?:^|[\\s\"'`(])/[A-Za-z0-9_{][^\\s\"'`)]*")

func registrationLocationRelative(p *lint.Pass) lint.Visitor {
	return eachRegistration(func(t *connector.Trigger) {
		header := t.Operation.Response("201").Header("Location")
		for _, key := range []string{"x-ms-test-value", "x-example", "example", "default", "description"} {
			at := header.Get(key)
			s, ok := at.Str()
			if !ok || strings.Contains(s, "://") || !pathOnly.MatchString(s) {
				continue
			}
			p.Report(at, "the Location header of %q is shown as a path, expected an absolute URL", t.Operation.Name()).
				Hint = "write https://host/path: the platform calls the value as it is"
			return
		}
	})
}
