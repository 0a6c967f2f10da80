package verify

import (
	"fmt"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

var locationChecks = []*Check{
	{
		ID: "location-present", Severity: source.Error, on: pushed, life: locationPresent,
		Summary:  "the answer to a registration has a Location header",
		Contract: "section 2: the platform stores the Location and sends the DELETE there",
	},
	{
		ID: "location-resolvable", Severity: source.Error, on: pushed, life: locationResolvable,
		Summary:  "the Location is an absolute URL, or a relative one that resolves, on the publisher's own host",
		Contract: "section 1: the Location identifies the registration",
	},
	{
		ID: "location-template", Severity: source.Error, on: pushed, life: locationTemplate,
		Summary:  "the Location fits the path of the DELETE operation",
		Contract: "section 2: the path of the DELETE operation is the path of the Location URL",
	},
	{
		ID: "location-distinct", Severity: source.Error, on: pushed, life: locationDistinct,
		Summary:  "each registration has a Location of its own",
		Contract: "section 1: the Location identifies this registration",
	},
}

// locationPlace is where the definition speaks of the Location header.
func (l *life) locationPlace() source.Node {
	o := l.trigger.Operation
	if header := o.Response("201").Header("Location"); header.Exists() {
		return header
	}
	return place(o, "201")
}

func locationPresent(l *life) verdict {
	s := l.sub(roleFirst)
	if s == nil {
		return unregistered
	}
	if location := s.answer.header.Get("Location"); location != "" {
		return passed("%s", location)
	}
	return failed(finding{at: l.locationPlace(), message: "the answer to the registration has no Location header", evidence: exchanges(s.answer),
		hint: "without it the platform cannot unregister: the registration stays for ever"})
}

func locationResolvable(l *life) verdict {
	s := l.sub(roleFirst)
	switch {
	case s == nil:
		return unregistered
	case s.location == nil && s.problem == nil:
		return skipped("there is no Location")
	case s.problem != nil:
		f := finding{at: l.locationPlace(), message: fmt.Sprintf("the Location %q cannot be called: %v", s.answer.header.Get("Location"), s.problem), evidence: exchanges(s.answer),
			hint: "make it from the publisher's public address"}
		if strings.Contains(s.problem.Error(), "another server") {
			f.hint = "make it from the publisher's public address; if that server is meant, allow it with --allow-host"
		}
		return failed(f)
	}
	if !strings.Contains(s.answer.header.Get("Location"), "://") {
		return passed("relative, resolves to %s", s.location)
	}
	return passed("absolute")
}

func locationTemplate(l *life) verdict {
	s, unsubscribe := l.sub(roleFirst), l.trigger.Unsubscribe
	switch {
	case s == nil:
		return unregistered
	case s.location == nil:
		return skipped("there is no Location that may be called")
	case unsubscribe == nil:
		return skipped("the definition has no DELETE operation; lint says more")
	}
	template := l.template(unsubscribe)
	if _, ok := match(template, s.location); !ok {
		return failed(finding{at: unsubscribe.Node.KeyOrSelf(), message: fmt.Sprintf("the Location has the path %q, which does not fit %q of the DELETE operation", s.location.Path, "/"+strings.Join(template, "/")),
			hint: "the platform calls the Location through the definition: the DELETE operation must have its path", evidence: exchanges(s.answer)})
	}
	for _, p := range unsubscribe.Parameters() {
		if p.In() == "query" && p.Required() && !s.location.Query().Has(p.Name()) {
			return failed(finding{at: p.Node.Get("name"), message: fmt.Sprintf("the Location lacks the query parameter %q of the DELETE operation", p.Name()),
				hint: "the platform adds nothing to the Location", evidence: exchanges(s.answer)})
		}
	}
	return passed("fits %s", unsubscribe.Path)
}

func locationDistinct(l *life) verdict {
	seen := map[string]*subscription{}
	count := 0
	for _, s := range l.subs {
		if s.location == nil {
			continue
		}
		if other := seen[s.location.String()]; other != nil {
			return failed(finding{at: l.locationPlace(), message: fmt.Sprintf("two registrations have the same Location, %s", s.location),
				hint: "give each registration an id of its own: a DELETE for one flow must not end another's", evidence: exchanges(other.answer, s.answer)})
		}
		seen[s.location.String()] = s
		count++
	}
	if count < 2 {
		return skipped("there are no two Locations to compare")
	}
	return passed("%d different ones", count)
}
