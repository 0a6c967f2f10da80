package convert

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// Policies of apiProperties.json (Microsoft docs: policy-templates).
const (
	policyOperations = "x-ms-apimTemplate-operationName"
	policyParameter  = "x-ms-apimTemplateParameter."
)

// policies returns the instances of policy templates.
func policies(f *source.File) source.Node {
	if f == nil {
		return source.Node{}
	}
	return f.Root().Get("properties").Get("policyTemplateInstances")
}

// polledOperations returns the operations that a polling policy names.
func polledOperations(properties *source.File) map[string]bool {
	polled := map[string]bool{}
	for _, item := range policies(properties).Items() {
		template, _ := item.Get("templateId").Str()
		if !strings.EqualFold(template, "pollingtrigger") {
			continue
		}
		for _, name := range item.Get("parameters").Get(policyOperations).Items() {
			id, _ := name.Str()
			polled[id] = true
		}
	}
	return polled
}

// policy returns the policy with which an operation is polled.
func (p poll) policy(id string) source.Members {
	return source.Members{
		{Key: "templateId", Value: "pollingtrigger"},
		{Key: "title", Value: "Poll with " + id},
		{Key: "type", Value: "PollingTrigger"},
		{Key: "parameters", Value: source.Members{
			{Key: policyOperations, Value: []any{id}},
			{Key: policyParameter + "triggerConfig", Value: source.Members{{Key: p.filter.Name(), Value: p.state()}}},
			{Key: policyParameter + "triggerDataPath", Value: p.dataPath()},
		}},
	}
}

// writePolicies adds policies to apiProperties.json.
func writePolicies(e *source.Editor, f *source.File, added []any) {
	root, list := f.Root(), policies(f)
	switch properties := root.Get("properties"); {
	case list.Exists():
		for _, policy := range added {
			e.Append(list, policy)
		}
	case properties.Exists():
		e.Set(properties, "policyTemplateInstances", added)
	default:
		e.Set(root, "properties", source.Members{{Key: "policyTemplateInstances", Value: added}})
	}
}

// rename gives operations other operationIds, and makes all that names them
// follow.
func (d *draft) rename() error {
	renamed, names := map[string]*request{}, map[string]bool{}
	err := d.each(func(r *request) error {
		o := d.operation(r)
		if r.Rename == "" || o.ID == r.Rename {
			return nil
		}
		if d.c.Definition.Operation(r.Rename) != nil || names[r.Rename] {
			return fmt.Errorf("another operation is called %q", r.Rename)
		}
		names[r.Rename], renamed[o.ID] = true, r
		r.step(o.Node, "rename it to "+strconv.Quote(r.Rename), "operationId")
		d.edit(r, func(e *source.Editor) { e.Set(o.Node, "operationId", r.Rename) })
		return nil
	})
	if err != nil {
		return err
	}
	if delete(renamed, ""); len(renamed) == 0 {
		return d.apply()
	}
	d.namesOfOperations(func(n source.Node) {
		id, _ := n.Str()
		if r := renamed[id]; r != nil {
			d.edit(r, func(e *source.Editor) { e.Replace(n, r.Rename) })
			r.step(n, "refer to it by its new name")
		}
	})
	if err := d.apply(); err != nil || d.c.Properties == nil {
		return err
	}
	return d.editProperties(func(e *source.Editor) { d.renameInProperties(e, renamed) })
}

// namesOfOperations visits what names an operation in the extensions of the
// definition.
func (d *draft) namesOfOperations(visit func(source.Node)) {
	var search func(source.Node)
	search = func(n source.Node) {
		if n.IsAlias() {
			return // visited where the anchor is
		}
		for key, value := range n.Members() {
			if key.Is("operationId") {
				visit(value)
			}
			search(value)
		}
		for _, item := range n.Items() {
			search(item)
		}
	}
	d.c.Definition.Walk(connector.Walker{Extension: func(name string, value source.Node, _ connector.Role) {
		if e := connector.LookupExtension(name); e != nil && !e.Ignored && name != notificationContent {
			search(value)
		}
	}})
}

// renameInProperties makes policies follow, and the list of the operations that
// a script handles. The script itself is no file of ours.
func (d *draft) renameInProperties(e *source.Editor, renamed map[string]*request) {
	follow := func(n source.Node, message string) {
		id, _ := n.Str()
		if r := renamed[id]; r != nil {
			e.Replace(n, r.Rename)
			r.step(n, message)
		}
	}
	for _, item := range policies(d.c.Properties).Items() {
		for _, n := range item.Get("parameters").Get(policyOperations).Items() {
			follow(n, "make the policy of apiProperties.json follow")
		}
	}
	script := d.c.Properties.Root().Get("properties").Get("scriptOperations")
	for _, n := range script.Items() {
		follow(n, "make scriptOperations of apiProperties.json follow")
	}
	for id, r := range renamed {
		if script.Exists() {
			r.warn(script, "look for %q in the script, which knows operations by their operationId", id)
		}
	}
}
