package rules

import (
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var polling = []*lint.Rule{
	{
		ID:      "polling-no-200",
		Summary: "a polling trigger does not declare 200",
		Levels:  lint.Everywhere(failure),
		Start:   pollingNo200,
	},
	{
		ID:      "polling-no-array",
		Summary: "the answer of a batch polling trigger holds no array",
		Levels:  lint.Everywhere(warning),
		Start:   pollingNoArray,
	},
	{
		ID:      "polling-post",
		Summary: "a polling trigger uses POST",
		Levels:  lint.Everywhere(warning),
		Start:   pollingPost,
	},
	{
		ID:      "polling-policy-operation",
		Summary: "a polling policy names something that is no polling trigger",
		Levels:  lint.Everywhere(failure),
		Start:   pollingPolicyOperation,
	},
	{
		ID:      "polling-policy-parameter",
		Summary: "a polling policy sets a query parameter that the trigger does not have",
		Levels:  lint.Everywhere(warning), // what the platform makes of it is not documented
		Start:   pollingPolicyParameter,
	},
	{
		ID:      "polling-filter-visible",
		Summary: "makers see the parameter that a polling policy sets",
		Levels:  lint.Everywhere(warning),
		Start:   pollingFilterVisible,
	},
}

func eachPolling(visit func(*connector.Trigger)) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if t.Delivery == connector.Polling {
			visit(t)
		}
	}}
}

func pollingNo200(p *lint.Pass) lint.Visitor {
	return eachPolling(func(t *connector.Trigger) {
		if t.Operation.Response("200").Site.Exists() {
			return
		}
		at := t.Operation.Node.Get("responses")
		if !at.Exists() {
			at = t.Operation.At()
		}
		p.Report(at, "polling trigger %q does not declare 200", t.Operation.Name()).
			Hint = "its schema is what makers get from the trigger"
	})
}

func pollingNoArray(p *lint.Pass) lint.Visitor {
	return eachPolling(func(t *connector.Trigger) {
		r := t.Operation.Response("200")
		if !t.Batch() || !r.Node.Exists() || holdsArray(r.Schema(), 3) {
			return
		}
		p.Report(r.Site, "the 200 response of batch trigger %q holds no array", t.Operation.Name()).
			Hint = "the platform starts a run for each item of an array: describe it, or use x-ms-trigger: single"
	})
}

// holdsArray reports whether a schema is an array or has one among its
// properties, at most so many levels down. What the service describes later may
// hold one.
func holdsArray(s connector.Schema, depth int) bool {
	if s.Shape() == "array" || s.IsDynamic() {
		return true
	}
	if depth == 0 {
		return false
	}
	for property := range s.Properties() {
		if holdsArray(property.Schema, depth-1) {
			return true
		}
	}
	return false
}

func pollingPost(p *lint.Pass) lint.Visitor {
	return eachPolling(func(t *connector.Trigger) {
		if t.Operation.Method == "post" {
			p.Report(t.Operation.Node.Key(), "polling trigger %q uses POST, expected GET", t.Operation.Name()).
				Hint = "state travels in the URL; or is it a webhook without a field for the callback URL?"
		}
	})
}

// pollingPolicy is one use of the policy template pollingtrigger in
// apiProperties.json (Microsoft docs: policy-templates, create-polling-trigger).
type pollingPolicy struct {
	operations []source.Node // the operationIds it names
	config     source.Node   // query parameter → expression
}

const apimParameter = "x-ms-apimTemplateParameter."

func pollingPolicies(f *source.File) []pollingPolicy {
	var policies []pollingPolicy
	for _, item := range f.Root().Get("properties").Get("policyTemplateInstances").Items() {
		id, _ := item.Get("templateId").Str()
		if !strings.EqualFold(id, "pollingtrigger") {
			continue
		}
		parameters := item.Get("parameters")
		policy := pollingPolicy{config: parameters.Get(apimParameter + "triggerConfig")}
		policy.operations = named(parameters.Get(policyOperations))
		policies = append(policies, policy)
	}
	return policies
}

// eachPolicy visits the polling policies when there is a definition that they
// can be checked against.
func eachPolicy(p *lint.Pass, visit func(pollingPolicy)) lint.Visitor {
	return lint.Visitor{Properties: func(f *source.File) {
		if len(p.Definition.Operations()) == 0 {
			return // there is no definition, or it cannot be read
		}
		for _, policy := range pollingPolicies(f) {
			visit(policy)
		}
	}}
}

func pollingPolicyOperation(p *lint.Pass) lint.Visitor {
	return eachPolicy(p, func(policy pollingPolicy) {
		for _, at := range policy.operations {
			id, _ := at.Str()
			switch o := p.Definition.Operation(id); {
			case o == nil:
				f := p.Report(at, "the polling policy names operation %s, which does not exist", strconv.Quote(id))
				meantValue(f, at, nearestOperation(p.Definition, id))
			case o.Trigger == nil || o.Trigger.Delivery != connector.Polling:
				f := p.Report(at, "the polling policy names operation %q, which is no polling trigger", id)
				f.Hint = "give it x-ms-trigger: batch, or take it out of the policy"
				if o.Trigger != nil {
					f.Hint = "take it out of the policy: a webhook is not polled"
				}
				f.Related = []source.Related{lint.Related(o.At(), "the operation")}
			}
		}
	})
}

func nearestOperation(d *connector.Definition, id string) string {
	var ids []string
	for _, o := range d.Operations() {
		if strings.EqualFold(o.ID, id) {
			return o.ID
		}
		ids = append(ids, o.ID)
	}
	return lint.Nearest(id, ids)
}

// nextLink is the one key of a policy's configuration that names no parameter.
const nextLink = "x-ms-triggerConfig-nextLink"

// eachPolicyParameter visits the parameters that a policy sets on each of its
// operations; the parameter is absent if the operation does not have it.
func eachPolicyParameter(p *lint.Pass, visit func(key source.Node, o *connector.Operation, param connector.Parameter)) lint.Visitor {
	return eachPolicy(p, func(policy pollingPolicy) {
		for _, at := range policy.operations {
			id, _ := at.Str()
			o := p.Definition.Operation(id)
			if o == nil || o.Trigger == nil || o.Trigger.Delivery != connector.Polling {
				continue // polling-policy-operation
			}
			for key := range policy.config.Members() {
				if name, _ := key.Str(); name != nextLink {
					visit(key, o, queryParameter(o, name))
				}
			}
		}
	})
}

func queryParameter(o *connector.Operation, name string) connector.Parameter {
	for _, param := range o.Parameters() {
		if param.In() == "query" && param.Name() == name {
			return param
		}
	}
	return connector.Parameter{}
}

func nearestQueryParameter(o *connector.Operation, name string) string {
	var names []string
	for _, param := range o.Parameters() {
		if param.In() != "query" {
			continue
		}
		if strings.EqualFold(param.Name(), name) {
			return param.Name()
		}
		names = append(names, param.Name())
	}
	return lint.Nearest(name, names)
}

func pollingPolicyParameter(p *lint.Pass) lint.Visitor {
	return eachPolicyParameter(p, func(key source.Node, o *connector.Operation, param connector.Parameter) {
		if !param.Node.Exists() {
			name, _ := key.Str()
			f := p.Report(key, "the polling policy sets query parameter %q, which %q does not have", name, o.Name())
			f.Hint = "declare it, internal: what is not sent filters nothing, and every poll gives the same data"
			if near := nearestQueryParameter(o, name); near != "" {
				f.Hint = didYouMean(near)
			}
			if name == "" {
				f.Message = "the polling policy sets a query parameter without a name"
				f.Hint = "name the query parameter that filters, or every poll gives the same data"
			}
			f.Related = []source.Related{lint.Related(o.At(), "the operation")}
		}
	})
}

func pollingFilterVisible(p *lint.Pass) lint.Visitor {
	return eachPolicyParameter(p, func(key source.Node, o *connector.Operation, param connector.Parameter) {
		if !param.Node.Exists() || param.IsInternal() {
			return
		}
		at := param.Node.Get("name")
		f := p.Report(at, "parameter %q of %q is set by the polling policy and is not internal", param.Name(), o.Name())
		f.Hint = "what a maker enters there would be overwritten"
		f.Related = []source.Related{lint.Related(key, "set here")}
		f.Fix = suggested("make it internal", param.Node, func(e *source.Editor) { e.Set(param.Node, "x-ms-visibility", "internal") })
		if f.Fix != nil {
			// Others may use a shared one, and what is required and internal needs a
			// default.
			own := param.Node.Parent().Parent() == o.Node
			f.Fix.Safe = own && (!param.Required() || param.Node.Get("default").Exists())
		}
	})
}
