package rules

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var callback = []*lint.Rule{
	{
		ID:       "callback-missing",
		Summary:  "no field of a webhook trigger takes the callback URL",
		Levels:   lint.Everywhere(failure),
		Start:    callbackMissing,
		Official: []string{"WebhookOperationsMissingNotificationUrlProperty"},
	},
	{
		ID:      "callback-multiple",
		Summary: "more than one field takes the callback URL",
		Levels:  lint.Everywhere(failure),
		Start:   callbackMultiple,
	},
	{
		ID:       "callback-not-in-body",
		Summary:  "the callback URL is marked outside of a request body",
		Levels:   lint.Everywhere(failure),
		Start:    callbackNotInBody,
		Official: []string{"NotificationUrlNotAllowedInThisPosition"},
	},
	{
		ID:       "callback-orphaned",
		Summary:  "a definition marks a callback URL, and no request body uses it",
		Levels:   lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:    callbackOrphaned,
		Official: []string{"NotificationUrlNotAllowedInThisPosition"},
	},
	{
		ID:       "callback-not-string",
		Summary:  "the field for the callback URL is not a string",
		Levels:   lint.Everywhere(failure),
		Start:    callbackNotString,
		Official: []string{"NotificationUrlNotString"},
	},
	{
		ID:       "callback-not-required",
		Summary:  "the field for the callback URL, or something around it, may be left out",
		Levels:   lint.Everywhere(failure),
		Start:    callbackNotRequired,
		Official: []string{"NotificationUrlNotRequired"},
	},
	{
		ID:       "callback-not-internal",
		Summary:  "makers see the field for the callback URL",
		Levels:   lint.Everywhere(failure),
		Start:    callbackNotInternal,
		Official: []string{"NotificationUrlNotInternal"},
	},
	{
		ID:      "callback-default",
		Summary: "the field for the callback URL has a default",
		Levels:  lint.Everywhere(warning),
		Start:   callbackDefault,
	},
	{
		ID:      "callback-body-optional",
		Summary: "the body with the callback URL is not required",
		Levels:  lint.Everywhere(info), // the validator does not ask for it, and the platform sends the body
		Start:   callbackBodyOptional,
	},
}

const (
	notificationURL     = "x-ms-notification-url"
	notificationContent = "x-ms-notification-content"
)

func callbackMissing(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if t.Delivery != connector.Webhook || len(t.Callbacks) > 0 || t.Operation.MarksParameter() {
			return
		}
		f := p.Report(t.Operation.At(), "webhook trigger %q has no field for the callback URL", t.Operation.Name())
		field := t.Operation.Body().Schema().LikelyCallback()
		if !field.Exists() {
			f.Hint = "mark a string property of the body with x-ms-notification-url: true, or the service never learns where to send events"
			return
		}
		f.Hint = "mark \"" + field.Node.KeyStr() + "\" with x-ms-notification-url: true"
		f.Related = []source.Related{lint.Related(field.Node, "this looks like it")}
		f.Fix = suggested(f.Hint, field.Node, func(e *source.Editor) { markCallback(e, p.Definition, field) })
		if p.Definition.IsShared(field.Node) {
			f.Hint += ", in a schema of its own: others use this one too"
			f.Fix = nil
		}
	}}
}

// markCallback marks a property. Where it refers to what others use too, the
// target is written out in its place.
func markCallback(e *source.Editor, d *connector.Definition, field connector.Schema) {
	target := field.Resolved().Node
	if target == field.Node || !d.IsShared(target) {
		e.Set(target, notificationURL, true)
		if !field.IsInternal() {
			e.Set(target, "x-ms-visibility", "internal")
		}
		return
	}
	var own source.Members
	for key, value := range target.Members() {
		if name := text(key); name != notificationURL && name != "x-ms-visibility" {
			own = append(own, source.Member{Key: name, Value: value})
		}
	}
	own = append(own, source.Member{Key: notificationURL, Value: true}, source.Member{Key: "x-ms-visibility", Value: "internal"})
	e.Replace(field.Node, own)
}

func callbackMultiple(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		for i, c := range t.Callbacks {
			if i == 0 {
				continue
			}
			at, first := c.Mark().Key(), t.Callbacks[0].Mark().Key()
			shared := at == first // both properties refer to one definition
			if shared {
				at, first = c.At(), t.Callbacks[0].At()
			}
			f := p.Report(at, "%q has more than one field for the callback URL: %q beside %q", t.Operation.Name(), c.Name(), t.Callbacks[0].Name())
			f.Hint = "a registration has one callback URL: leave the mark on the field that the service calls"
			f.Related = []source.Related{lint.Related(first, "first here")}
			if !shared {
				f.Fix = suggested("remove the mark", c.Node, func(e *source.Editor) { e.Remove(c.Mark()) })
			}
		}
	}}
}

func callbackNotInBody(p *lint.Pass) lint.Visitor {
	return eachUnusedMark(func(mark source.Node) {
		if isNameless(p.Definition, mark) {
			f := p.Report(mark.Key(), "x-ms-notification-url marks values of additionalProperties, which have no name")
			f.Hint = "the platform writes the callback URL into one field: declare it as a property, and mark that"
			return
		}
		if isShared(mark) {
			return // callback-orphaned
		}
		f := p.Report(mark.Key(), "x-ms-notification-url marks something that is not in a request body")
		f.Hint = "the platform puts the callback URL into the body: mark a string property of the body's schema"
		if in, ok := mark.Parent().Get("in").Str(); ok {
			f.Message = "x-ms-notification-url marks " + withArticle(in+" parameter")
			if in == "body" {
				f.Message = "x-ms-notification-url marks the body as a whole"
			}
			return
		}
		f.Fix = suggested("remove the mark", mark, func(e *source.Editor) { e.Remove(mark) })
	})
}

func callbackOrphaned(p *lint.Pass) lint.Visitor {
	return eachUnusedMark(func(mark source.Node) {
		if isShared(mark) && !isNameless(p.Definition, mark) {
			f := p.Report(mark.Key(), "x-ms-notification-url in a definition that no request body uses")
			f.Hint = "refer to the definition from the body of the registration, or remove the mark"
		}
	})
}

// eachUnusedMark visits the callback marks that are in no request body.
func eachUnusedMark(visit func(mark source.Node)) lint.Visitor {
	inBody := map[source.Node]bool{}
	return lint.Visitor{
		Trigger: func(t *connector.Trigger) {
			for _, c := range t.Callbacks {
				inBody[c.Mark()] = true
			}
		},
		Extension: func(name string, value source.Node, on connector.Role) {
			if name != notificationURL || inBody[value] || value.Parent().Get("$ref").Exists() { // extension-beside-ref
				return
			}
			if v, ok := value.Bool(); v || !ok {
				visit(value)
			}
		},
	}
}

// isNameless reports whether a mark is on what an object has beside its
// properties.
func isNameless(d *connector.Definition, mark source.Node) bool {
	for n := mark.Parent(); n.Exists(); n = n.Parent() {
		if n.KeyStr() == "additionalProperties" && d.RoleOf(n.Parent()) == connector.RoleSchema {
			return true
		}
	}
	return false
}

// isShared reports whether a mark is where a request body could get it from: in
// a definition or a shared body parameter.
func isShared(mark source.Node) bool {
	pointer := mark.Pointer()
	return strings.HasPrefix(pointer, "/definitions/") ||
		strings.HasPrefix(pointer, "/parameters/") && strings.Contains(pointer, "/schema/")
}

func callbackNotString(p *lint.Pass) lint.Visitor {
	return eachCallback(func(t *connector.Trigger, c connector.Callback) {
		kind := c.Node.Get("type")
		if kind.Is("string") {
			return
		}
		if s, ok := kind.Str(); ok {
			p.Report(kind, "the callback field %q is %s, expected \"string\"", c.Name(), strconv.Quote(s))
			return
		}
		if kind.Exists() {
			f := p.Report(kind, "the type of the callback field %q is %s, expected \"string\"", c.Name(), withArticle(kind.Kind().String()))
			f.Fix = suggested("write string", kind, func(e *source.Editor) { e.Replace(kind, "string") })
			return
		}
		if shape := p.Definition.Schema(c.Node).Shape(); shape != "" { // by reference, or by other keywords
			if shape != "string" {
				p.Report(c.At(), "the callback field %q is %s, expected \"string\"", c.Name(), strconv.Quote(shape))
			}
			return
		}
		f := p.Report(c.At(), "the callback field %q has no type, expected \"string\"", c.Name())
		if p.Definition.RoleOf(c.Node) == connector.RoleSchema { // else document-ref-section
			f.Fix = safe("give it the type string", c.Node, func(e *source.Editor) { e.Set(c.Node, "type", "string") })
		}
	})
}

// eachCallback visits the callback field of each trigger; a second field is
// callback-multiple's business.
func eachCallback(visit func(*connector.Trigger, connector.Callback)) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if len(t.Callbacks) > 0 {
			visit(t, t.Callbacks[0])
		}
	}}
}

func callbackNotRequired(p *lint.Pass) lint.Visitor {
	return eachCallback(func(t *connector.Trigger, c connector.Callback) {
		for _, step := range c.Path {
			if step.Name == "" || step.Object.Requires(step.Name) {
				continue
			}
			f := p.Report(step.Property.Node.KeyOrSelf(), "the callback field %q is not required", c.Name())
			if step.Property.Resolved().Node != c.Node && step.Property.Node != c.Node {
				f.Message = fmt.Sprintf("%q, which holds the callback field, is not required", step.Name)
			}
			f.Hint = "the platform leaves optional internal fields out, and the service never learns where to send events"
			if marksUpdate(p, t, c) {
				continue
			}
			object := step.Property.Node.Parent().Parent() // the part of an allOf that has the property
			f.Fix = safe("require "+step.Name, object, func(e *source.Editor) { require(e, object, step.Name) })
		}
	})
}

// marksUpdate reports whether a mark is on the field of an update alone, where
// it is the mark that is wrong.
func marksUpdate(p *lint.Pass, t *connector.Trigger, c connector.Callback) bool {
	return isUpdate(t) && !p.Definition.IsShared(c.Node)
}

// require makes an object require a property.
func require(e *source.Editor, object source.Node, name string) {
	if list := object.Get("required"); list.Kind() == source.Array {
		e.Append(list, name)
	} else {
		setAfter(e, object, "required", []any{name}, "type")
	}
}

// setAfter sets a member of an object; if it is new, it goes after the first of
// the others that is there.
func setAfter(e *source.Editor, object source.Node, key string, value any, others ...string) {
	if !object.Get(key).Exists() {
		for _, other := range others {
			if at := object.Get(other); at.Exists() {
				e.InsertAfter(at, key, value)
				return
			}
		}
	}
	e.Set(object, key, value)
}

func callbackNotInternal(p *lint.Pass) lint.Visitor {
	return eachCallback(func(t *connector.Trigger, c connector.Callback) {
		if c.IsInternal() || misspells(c.Node, "x-ms-visibility") {
			return
		}
		f := p.Report(c.At(), "the callback field %q is not internal", c.Name())
		f.Hint = "makers would be asked for a URL that only the platform knows"
		if !c.Node.Get("$ref").Exists() && !marksUpdate(p, t, c) { // beside a $ref nothing counts
			f.Fix = safe("make it internal", c.Node, func(e *source.Editor) { e.Set(c.Node, "x-ms-visibility", "internal") })
		}
	})
}

func callbackDefault(p *lint.Pass) lint.Visitor {
	return eachCallback(func(t *connector.Trigger, c connector.Callback) {
		if at := c.Node.Get("default"); at.Exists() {
			f := p.Report(at.Key(), "the callback field %q has a default", c.Name())
			f.Hint = "the platform fills the field in: a default does nothing, or sends events to a wrong place"
			f.Fix = suggested("remove the default", c.Node, func(e *source.Editor) { e.Remove(at) })
		}
	})
}

func callbackBodyOptional(p *lint.Pass) lint.Visitor {
	return eachCallback(func(t *connector.Trigger, c connector.Callback) {
		if c.Body.Required() {
			return
		}
		at := c.Body.Node
		for _, member := range []string{"name", "required"} {
			if n := c.Body.Node.Get(member); n.Exists() {
				at = n
			}
		}
		f := p.Report(at, "the body of %q, which takes the callback URL, is not required", t.Operation.Name())
		f.Hint = "a registration without a body has no callback URL"
		f.Fix = safe("require the body", c.Body.Node, func(e *source.Editor) { setAfter(e, c.Body.Node, "required", true, "in") })
	})
}
