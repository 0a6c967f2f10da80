package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// policy are the rules on policyTemplateInstances (Microsoft docs:
// policy-templates and a page for each template).
var policy = []*lint.Rule{
	{
		ID:      "policy-template",
		Summary: "a policy uses a template that does not exist",
		Levels:  lint.Everywhere(warning),
		Start:   policyTemplate,
	},
	{
		ID:      "policy-parameter-missing",
		Summary: "a policy lacks a parameter that its template needs",
		Levels:  lint.Everywhere(failure),
		Start:   policyParameterMissing,
	},
	{
		ID:      "policy-parameter-unknown",
		Summary: "a policy has a parameter that its template does not take",
		Levels:  lint.Everywhere(warning),
		Start:   policyParameterUnknown,
	},
	{
		ID:      "policy-parameter-value",
		Summary: "a parameter of a policy has a value that it must not have",
		Levels:  lint.Everywhere(warning),
		Start:   policyParameterValue,
	},
	{
		ID:      "policy-operation",
		Summary: "a policy names an operation that does not exist",
		Levels:  lint.Everywhere(warning), // it may be left over; published connectors have some
		Start:   policyOperation,
	},
	{
		ID:      "policy-connection-parameter",
		Summary: "a policy uses a connection parameter that does not exist",
		Levels:  lint.Everywhere(warning),
		Start:   policyConnectionParameter,
	},
	{
		ID:      "policy-environment-variable",
		Summary: "a policy uses an environment variable",
		Levels:  lint.Everywhere(failure),
		Start:   policyEnvironmentVariable,
	},
}

// A policyKind says what parameters a policy template takes, without their
// prefixes.
type policyKind struct{ required, optional string }

// policyKinds are the templates of the documentation, and those that published
// connectors use beside them, whose parameters nobody described.
var policyKinds = map[string]policyKind{
	"setheader":              {"name value", "existsAction"},
	"setqueryparameter":      {"name value", "existsAction"},
	"dynamichosturl":         {"urlTemplate", ""},
	"routerequesttoendpoint": {"newPath", "httpMethod"},
	"setproperty":            {"newPropertyParentPathTemplate newPropertySubPathTemplate propertyValuePathTemplate", ""},
	"pollingtrigger":         {"triggerConfig triggerDataPath", ""},
	"stringreplace":          {"propertyParentPath sourceString replacementString newPropertyPath", "propertySubPath"},
	"convertobjecttoarray":   {"propertyParentPath newPropertyPath", "propertySubPath keyName valueName"},
	"updatenextlink":         {"nextLinkPropertyName", "nextLinkParentPropertyPath"},
	"setvaluefromurl":        {"parameterTemplate parameterValueUrl parameterValuePathTemplate", "httpMethod"},
	"convertarraytoobject":   {"propertyParentPath keyWithinCollectionPath newPropertyPath", "propertySubPath retainKey"},
	"stringtoarray":          {"propertyParentPath delimiterList childPropertyName newPropertyPath", "propertySubPath"},
	"encodepropertyvalue":    {"propertyParentPath newPropertyPath", "propertySubPath"},

	"moveproperties": {"", "*"}, "dynamicsubdomain": {"", "*"}, "setconnectionstatustounauthenticated": {"", "*"},
}

const (
	policyOperations = "x-ms-apimTemplate-operationName"
	policySection    = "x-ms-apimTemplate-policySection"
)

// policyValues are the closed sets.
var policyValues = map[string][]string{
	policySection:                  {"Request", "Response", "Failure"},
	apimParameter + "existsAction": {"override", "skip", "append"},
	apimParameter + "httpMethod":   {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "@Request.OriginalHTTPMethod"},
	apimParameter + "retainKey":    {"true", "false"},
}

// onPolicy makes the Start of a rule on each policy; id is in lower case, as any
// letter case will do.
func onPolicy(check func(p *lint.Pass, policy source.Node, id string)) func(*lint.Pass) lint.Visitor {
	return func(p *lint.Pass) lint.Visitor {
		return lint.Visitor{Properties: func(f *source.File) {
			for _, policy := range propertiesOf(f).Get("policyTemplateInstances").Items() {
				if policy.Kind() == source.Object {
					check(p, policy, strings.ToLower(text(policy.Get("templateId"))))
				}
			}
		}}
	}
}

func policyTemplate(p *lint.Pass) lint.Visitor {
	return onPolicy(func(p *lint.Pass, policy source.Node, id string) {
		value := policy.Get("templateId")
		if _, known := policyKinds[id]; known || value.Kind() != source.String {
			return
		}
		var ids []string
		for known := range policyKinds {
			ids = append(ids, known)
		}
		slices.Sort(ids)
		d := p.Report(value, "there is no policy template %q", text(value))
		meantValue(d, value, lint.Nearest(id, ids))
	})(p)
}

func policyParameterMissing(p *lint.Pass) lint.Visitor {
	return onPolicy(func(p *lint.Pass, policy source.Node, id string) {
		parameters := policy.Get("parameters")
		at := parameters
		if !at.Exists() {
			at = policy
		}
		names := policyParameterNames(id)
		for _, name := range strings.Fields(policyKinds[id].required) {
			if !parameters.Get(apimParameter+name).Exists() && !meantParameter(parameters, names, apimParameter+name) {
				p.Report(at, "there is no %q", apimParameter+name).Hint = "policy template " + quoteList([]string{id}) + " needs it"
			}
		}
	})(p)
}

// meantParameter reports whether a member is a misspelt name:
// policy-parameter-unknown tells.
func meantParameter(parameters source.Node, names []string, name string) bool {
	for key := range parameters.Members() {
		if said, _ := key.Str(); policyParameterNear(said, names) == name {
			return true
		}
	}
	return false
}

// policyParameterNames lists what the template may have as parameters.
func policyParameterNames(id string) []string {
	names := []string{policyOperations, policySection}
	for _, name := range strings.Fields(policyKinds[id].required + " " + policyKinds[id].optional) {
		names = append(names, apimParameter+name)
	}
	return names
}

// policyParameterNear returns which of a template's names a wrong one means, "" if
// it is right or means none.
func policyParameterNear(said string, names []string) string {
	if slices.Contains(names, said) {
		return ""
	}
	for _, name := range names {
		if short := name[strings.LastIndexAny(name, ".-")+1:]; strings.EqualFold(said, short) {
			return name
		}
	}
	return nearest(said, names)
}

func policyParameterUnknown(p *lint.Pass) lint.Visitor {
	return onPolicy(func(p *lint.Pass, policy source.Node, id string) {
		kind, known := policyKinds[id]
		if !known || kind.optional == "*" {
			return
		}
		names := policyParameterNames(id)
		for key, value := range policy.Get("parameters").Members() {
			if said, _ := key.Str(); !slices.Contains(names, said) {
				d := p.Report(key, "policy template %q has no parameter %q", id, said)
				meantName(d, value, policyParameterNear(said, names))
			}
		}
	})(p)
}

func policyParameterValue(p *lint.Pass) lint.Visitor {
	return onPolicy(func(p *lint.Pass, policy source.Node, _ string) {
		for key, value := range policy.Get("parameters").Members() {
			name, _ := key.Str()
			if known := policyValues[name]; known != nil {
				reportWord(p, value, "value", known)
			}
		}
		reportWord(p, policy.Get("type"), "type", []string{"PollingTrigger"})
	})(p)
}

// policyOperation leaves polling triggers to the rules on polling.
func policyOperation(p *lint.Pass) lint.Visitor {
	return onPolicy(func(p *lint.Pass, policy source.Node, id string) {
		if id != "pollingtrigger" {
			reportOperations(p, policy.Get("parameters").Get(policyOperations), "the policy")
		}
	})(p)
}

// named returns what a list of operationIds names; one that stands there instead
// of a list counts too, properties-shape tells what is wrong with it.
func named(list source.Node) (ids []source.Node) {
	if list.Kind() == source.String {
		return []source.Node{list}
	}
	for _, item := range list.Items() {
		ids = append(ids, item)
	}
	return ids
}

// reportOperations reports the items of a list that are no operationIds.
func reportOperations(p *lint.Pass, list source.Node, who string) {
	if len(p.Definition.Operations()) == 0 {
		return // there is no definition, or it cannot be read
	}
	for _, item := range named(list) {
		id, ok := item.Str()
		if !ok || p.Definition.Operation(id) != nil {
			continue
		}
		d := p.Report(item, "%s names operation %q, which does not exist", who, id)
		meantValue(d, item, nearestOperation(p.Definition, id))
	}
}

var connectionReference = regexp.MustCompile(`@connectionParameters\(\s*'([^']*)'`)

func policyConnectionParameter(p *lint.Pass) lint.Visitor {
	var known []string
	v := onPolicy(func(p *lint.Pass, policy source.Node, _ string) {
		for _, value := range policy.Get("parameters").Members() {
			said, _ := value.Str()
			for _, match := range connectionReference.FindAllStringSubmatch(said, -1) {
				if slices.Contains(known, match[1]) {
					continue
				}
				d := p.Report(value, "there is no connection parameter %q", match[1])
				if near := nearest(match[1], known); near != "" {
					d.Hint = didYouMean(near)
				}
			}
		}
	})(p)
	return lint.Visitor{Properties: func(f *source.File) {
		for name := range eachConnectionParameter(f) {
			known = append(known, name)
		}
		v.Properties(f)
	}}
}

func policyEnvironmentVariable(p *lint.Pass) lint.Visitor {
	return onPolicy(func(p *lint.Pass, policy source.Node, _ string) {
		for _, value := range policy.Get("parameters").Members() {
			if strings.Contains(text(value), "@environmentVariables(") {
				p.Report(value, "policies cannot read environment variables").Hint = "use a connection parameter"
			}
		}
	})(p)
}
