package connector

import (
	"regexp"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// PollingPolicy is what the policy template pollingtrigger says of an operation
// (Microsoft docs: create-polling-trigger).
type PollingPolicy struct {
	Parameter string      // the query parameter that carries the state; "" if nothing in an answer makes one
	State     source.Node // the expression that makes its value of an answer
	Data      []string    // where the items are in an answer: names
}

const apimParameter = "x-ms-apimTemplateParameter."

// PollingPolicy returns the policy of an operation, an empty one if there is none.
func (c *Connector) PollingPolicy(o *Operation) (found PollingPolicy) {
	if c.Properties == nil {
		return found
	}
	for _, item := range c.Properties.Root().Get("properties").Get("policyTemplateInstances").Items() {
		id, _ := item.Get("templateId").Str()
		parameters := item.Get("parameters")
		named := false
		for _, name := range parameters.Get("x-ms-apimTemplate-operationName").Items() {
			named = named || name.Is(o.ID)
		}
		if !strings.EqualFold(id, "pollingtrigger") || !named {
			continue
		}
		if path, ok := BodySteps(parameters.Get(apimParameter + "triggerDataPath")); ok {
			found.Data = path
		}
		for key, value := range parameters.Get(apimParameter + "triggerConfig").Members() {
			if _, ok := BodySteps(value); ok && key.Kind() == source.String {
				found.Parameter, _ = key.Str()
				found.State = value
			}
		}
	}
	return found
}

var (
	bodyExpression = regexp.MustCompile(`^@\{?triggerBody\(\)(.*?)\}?$`)
	bodyStep       = regexp.MustCompile(`^\??(?:\.([^.\[\]?]+)|\[(\d+)\]|\['([^']*)'\])`)
)

// BodySteps reads an expression such as @{triggerBody().value[0].changed}: names,
// and indices in decimal. Other expressions are not understood.
func BodySteps(n source.Node) (path []string, ok bool) {
	text, _ := n.Str()
	parts := bodyExpression.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return nil, false
	}
	for rest := parts[1]; rest != ""; {
		step := bodyStep.FindStringSubmatch(rest)
		if step == nil {
			return nil, false
		}
		path = append(path, step[1]+step[2]+step[3])
		rest = rest[len(step[0]):]
	}
	return path, true
}

// listDepth bounds how far below the root of an answer its list is searched.
const listDepth = 3

// ListOf finds the list in the answers of a polling trigger: the root, else where
// the policy says, else the array that is least deep, the first of several. The
// item is that of the schema, which need not know the list of a policy.
func (c *Connector) ListOf(t *Trigger) (path []string, item Schema, found bool) {
	answer := t.Payload()
	if answer.Shape() == "array" {
		return nil, answer.Items(), true
	}
	policy := c.PollingPolicy(t.Operation).Data
	at := answer
	for _, name := range policy {
		at = at.Property(name)
	}
	if len(policy) > 0 && at.Shape() == "array" {
		return policy, at.Items(), true
	}
	type place struct {
		path   []string
		schema Schema
	}
	level := []place{{nil, answer}}
	for range listDepth {
		var next []place
		for _, p := range level {
			for property := range p.schema.Properties() {
				inner := append(p.path[:len(p.path):len(p.path)], property.Name)
				if property.Schema.Shape() == "array" {
					return inner, property.Schema.Items(), true
				}
				next = append(next, place{inner, property.Schema})
			}
		}
		level = next
	}
	return policy, Schema{}, false
}
