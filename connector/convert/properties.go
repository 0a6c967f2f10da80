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

// hasPolicy reports whether a polling policy names the operation.
func (d *draft) hasPolicy(id string) bool {
	for _, item := range policies(d.c.Properties).Items() {
		template, _ := item.Get("templateId").Str()
		if !strings.EqualFold(template, "pollingtrigger") {
			continue
		}
		for _, name := range item.Get("parameters").Get(policyOperations).Items() {
			if name.Is(id) {
				return true
			}
		}
	}
	return false
}

// writePolicy adds a polling policy to apiProperties.json.
func (d *draft) writePolicy(id string, p poll) error {
	policy := source.Members{
		{Key: "templateId", Value: "pollingtrigger"},
		{Key: "title", Value: "Poll with " + id},
		{Key: "type", Value: "PollingTrigger"},
		{Key: "parameters", Value: source.Members{
			{Key: policyOperations, Value: []any{id}},
			{Key: policyParameter + "triggerConfig", Value: source.Members{{Key: p.filter.Name(), Value: p.state()}}},
			{Key: policyParameter + "triggerDataPath", Value: p.dataPath()},
		}},
	}
	list := policies(d.c.Properties)
	d.say(Step{
		Pointer: "/properties/policyTemplateInstances/" + strconv.Itoa(list.Len()),
		Message: fmt.Sprintf("add the policy to apiProperties.json that sets %q by the newest item", p.filter.Name()),
	})
	return d.editProperties(func(e *source.Editor) {
		root := d.c.Properties.Root()
		switch properties := root.Get("properties"); {
		case list.Exists():
			e.Append(list, policy)
		case properties.Exists():
			e.Set(properties, "policyTemplateInstances", []any{policy})
		default:
			e.Set(root, "properties", source.Members{{Key: "policyTemplateInstances", Value: []any{policy}}})
		}
	})
}

// rename gives an operation another operationId, and makes all that names it
// follow.
func (d *draft) rename(r *request) error {
	o := d.operation(r)
	if r.Rename == "" || o.ID == r.Rename {
		return nil
	}
	if d.c.Definition.Operation(r.Rename) != nil {
		return fmt.Errorf("another operation is called %q", r.Rename)
	}
	d.step(o.Node, "rename it to "+strconv.Quote(r.Rename), "operationId")
	err := d.edit(func(e *source.Editor) {
		e.Set(o.Node, "operationId", r.Rename)
		if o.ID != "" {
			d.followRename(o.ID, func(n source.Node) {
				e.Replace(n, r.Rename)
				d.step(n, "refer to it by its new name")
			})
		}
	})
	if err != nil || o.ID == "" || d.c.Properties == nil {
		return err
	}
	return d.editProperties(func(e *source.Editor) { d.renameInProperties(e, o.ID, r.Rename) })
}

// followRename visits the extensions of the definition that name an operation.
func (d *draft) followRename(id string, visit func(source.Node)) {
	var search func(source.Node)
	search = func(n source.Node) {
		if n.IsAlias() {
			return // visited where the anchor is
		}
		for key, value := range n.Members() {
			if key.Is("operationId") && value.Is(id) {
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
func (d *draft) renameInProperties(e *source.Editor, id, name string) {
	for _, item := range policies(d.c.Properties).Items() {
		for _, n := range item.Get("parameters").Get(policyOperations).Items() {
			if n.Is(id) {
				e.Replace(n, name)
				d.step(n, "make the policy of apiProperties.json follow")
			}
		}
	}
	script := d.c.Properties.Root().Get("properties").Get("scriptOperations")
	for _, n := range script.Items() {
		if n.Is(id) {
			e.Replace(n, name)
			d.step(n, "make scriptOperations of apiProperties.json follow")
		}
	}
	if script.Exists() {
		d.warn(script, "look for %q in the script, which knows operations by their operationId", id)
	}
}
