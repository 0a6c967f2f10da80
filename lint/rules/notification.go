package rules

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var notification = []*lint.Rule{
	{
		ID:       "notification-missing",
		Summary:  "a webhook does not describe what the service sends",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:    notificationMissing,
		Official: []string{"OperationMustHaveNotificationContentExtension"},
	},
	{
		ID:      "notification-on-operation",
		Summary: "the notification content stands on the operation instead of its path",
		Levels:  lint.Everywhere(warning),
		Start:   notificationOnOperation,
	},
	{
		ID:      "notification-orphaned",
		Summary: "a path has notification content and no webhook",
		Levels:  lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:   notificationOrphaned,
	},
	{
		ID:      "notification-no-schema",
		Summary: "the notification content has no schema",
		Levels:  lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:   notificationNoSchema,
	},
	{
		ID:      "notification-empty",
		Summary: "the notification gives makers no field to use",
		Levels:  lint.Everywhere(warning),
		Start:   notificationEmpty,
	},
	{
		ID:      "notification-array",
		Summary: "the notification is an array and the trigger is single",
		Levels:  lint.Everywhere(warning),
		Start:   notificationArray,
	},
	{
		ID:      "notification-object",
		Summary: "the notification is an object and the trigger is a batch",
		Levels:  lint.Everywhere(failure),
		Start:   notificationObject,
	},
	{
		ID:      "notification-unresolved",
		Summary: "the notification's schema refers to nothing",
		Levels:  lint.Everywhere(failure),
		Start:   notificationUnresolved,
	},
	{
		ID:      "notification-needs-get",
		Summary: "the notification carries only an id, and no action reads the object",
		Levels:  lint.Everywhere(info),
		Start:   notificationNeedsGet,
	},
}

// eachWebhook visits webhook triggers and actions.
func eachWebhook(visit func(*connector.Trigger)) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if t.Delivery != connector.Polling {
			visit(t)
		}
	}}
}

// eachRegistration is eachWebhook without what only looks like one: an update.
func eachRegistration(visit func(*connector.Trigger)) lint.Visitor {
	return eachWebhook(func(t *connector.Trigger) {
		if !isUpdate(t) {
			visit(t)
		}
	})
}

// isUpdate reports whether an action has the callback mark, but nothing to wait
// for, because it changes a registration and shares its schema. The validator
// takes it for a webhook; what makes one of it would not mend it.
func isUpdate(t *connector.Trigger) bool {
	method := t.Operation.Method
	return t.Delivery == connector.WebhookAction && (method == "put" || method == "patch") && !t.Content.Exists()
}

func notificationMissing(p *lint.Pass) lint.Visitor {
	return eachWebhook(func(t *connector.Trigger) {
		if t.Content.Exists() {
			return
		}
		o := t.Operation
		f := p.Report(o.At(), "path %q has no x-ms-notification-content", o.Path)
		f.Hint = "describe beside the method what the service will POST; it becomes the dynamic content that makers pick from"
		if isUpdate(t) {
			f.Hint = "without x-ms-trigger it waits for a call: if it only changes a registration, give it a schema without x-ms-notification-url"
			return
		}
		if o.Get(notificationContent).Exists() || misspells(o.PathItem, notificationContent) {
			return // what moves or renames it is the fix
		}
		f.Fix = suggested("add content to fill in", o.PathItem, func(e *source.Editor) {
			e.Set(o.PathItem, notificationContent, source.Members{
				{Key: "description", Value: "What the service sends."},
				{Key: "schema", Value: source.Members{{Key: "type", Value: "object"}, {Key: "properties", Value: source.Members{}}}},
			})
		})
	})
}

func notificationOnOperation(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		content := o.Get(notificationContent)
		if !content.Exists() {
			return
		}
		f := p.Report(content.Key(), "x-ms-notification-content stands on operation %q, expected on path %q", o.Name(), o.Path)
		f.Hint = "the platform reads it beside the method, one level up"
		if own := o.PathItem.Get(notificationContent); own.Exists() {
			f.Hint = "the path has notification content too, and only that counts: merge the two there"
			f.Related = []source.Related{lint.Related(own, "the content that counts")}
		} else {
			f.Fix = safe("move it to the path", content, func(e *source.Editor) {
				e.Remove(content)
				e.Set(o.PathItem, notificationContent, content)
			})
		}
	}}
}

func notificationOrphaned(p *lint.Pass) lint.Visitor {
	used := map[source.Node]bool{}
	return lint.Visitor{
		Trigger: func(t *connector.Trigger) {
			if t.Delivery != connector.Polling {
				used[t.Content] = true
			}
		},
		Extension: func(name string, value source.Node, on connector.Role) {
			if name != notificationContent || on != connector.RolePathItem || used[value] || hasDynamicBody(p.Definition, value.Parent()) {
				return
			}
			path := value.Parent()
			f := p.Report(value.Key(), "path %q has notification content, but no webhook", path.KeyStr())
			f.Hint = "an operation there needs x-ms-trigger and a field marked with x-ms-notification-url; otherwise remove the content"
			if path.Len() == 1 {
				f.Hint = "there is no operation at all: describe the registration, or remove the path"
			}
		},
	}
}

// hasDynamicBody reports whether an operation of a path gets its body's fields,
// and with them perhaps the marked one, from the service.
func hasDynamicBody(d *connector.Definition, path source.Node) bool {
	for _, o := range d.Operations() {
		if o.PathItem == path && o.Body().Schema().IsDynamic() {
			return true
		}
	}
	return false
}

func notificationNoSchema(p *lint.Pass) lint.Visitor {
	return eachWebhook(func(t *connector.Trigger) {
		if t.Content.Kind() != source.Object || t.Content.Get("schema").Exists() {
			return
		}
		f := p.Report(t.Content.Key(), "the notification content of path %q has no schema", t.Operation.Path)
		f.Hint = "makers get no dynamic content from it"
		for _, key := range []string{"$ref", "type", "properties"} {
			if t.Content.Get(key).Exists() {
				f.Hint = "it looks like the schema itself: put that into a member \"schema\""
			}
		}
	})
}

func notificationEmpty(p *lint.Pass) lint.Visitor {
	return eachWebhook(func(t *connector.Trigger) {
		s := t.Notification.Resolved()
		if s.Shape() == "array" {
			s = s.Items()
		}
		if !s.Resolved().Exists() || isUsable(s) {
			return
		}
		p.Report(t.Content.Get("schema"), "the notification of %q gives makers no property", t.Operation.Name()).
			Hint = "list the properties that makers should see, or make the schema dynamic"
	})
}

// isUsable reports whether a schema gives makers something to pick: a property
// that they see, a plain value, or a schema that the service provides later.
func isUsable(s connector.Schema) bool {
	if shape := s.Shape(); s.IsDynamic() || shape != "object" && shape != "" {
		return true
	}
	for property := range s.Properties() {
		if !property.Schema.IsInternal() {
			return true
		}
	}
	return s.Resolved().Node.Get("additionalProperties").Kind() == source.Object
}

func notificationArray(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if t.Delivery == connector.Webhook && t.Mode.Is("single") && t.Notification.Shape() == "array" {
			f := p.Report(t.Content.Get("schema"), "trigger %q is single, but its notification is an array", t.Operation.Name())
			f.Hint = "describe one event as an object; or, if the service sends several at once, x-ms-trigger: batch"
			f.Related = []source.Related{lint.Related(t.Mode, "the mode")}
		}
	}}
}

func notificationObject(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if t.Delivery == connector.Webhook && t.Batch() && t.Notification.Shape() == "object" {
			f := p.Report(t.Mode, "trigger %q is a batch, but its notification is an object", t.Operation.Name())
			f.Hint = "the platform splits an array into runs and fails on an object: x-ms-trigger: single"
			f.Related = []source.Related{lint.Related(t.Content.Get("schema"), "the notification")}
			f.Fix = suggested("write single", t.Mode, func(e *source.Editor) { e.Replace(t.Mode, "single") })
		}
	}}
}

func notificationUnresolved(p *lint.Pass) lint.Visitor {
	return eachMember(func(schema source.Node, on connector.Role) {
		if on != connector.RoleNotification {
			return
		}
		if ref := schema.Get("$ref"); ref.Exists() {
			reportUnresolved(p, ref)
		}
		for _, name := range []string{"x-ms-dynamic-schema", "x-ms-dynamic-properties"} {
			id := schema.Get(name).Get("operationId")
			if s, ok := id.Str(); ok && s != "" && p.Definition.Operation(s) == nil {
				f := p.Report(id, "the notification's schema comes from operation %s, which does not exist", strconv.Quote(s))
				meantValue(f, id, nearestOperation(p.Definition, s))
			}
		}
	}, "schema")
}

func notificationNeedsGet(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if t.Delivery != connector.Webhook || t.Notification.Shape() != "object" || t.Notification.IsDynamic() || tellsOfDeletion(t.Operation) {
			return
		}
		var ids []string
		for property := range t.Notification.Properties() {
			if !isIDName(property.Name) || readsByID(t, p.Definition, property.Name) {
				return
			}
			ids = append(ids, strconv.Quote(property.Name))
		}
		if len(ids) == 0 {
			return
		}
		f := p.Report(t.Content.Get("schema"), "the notification of %q carries only the id %s, and no action reads what it stands for", t.Operation.Name(), ids[0])
		if len(ids) > 1 {
			f.Message = fmt.Sprintf("the notification of %q carries only the ids %s, and no action reads what they stand for", t.Operation.Name(), strings.Join(ids, ", "))
		}
		f.Hint = "add a GET operation that takes the id, or describe what else the service sends"
	}}
}

// tellsOfDeletion reports whether a trigger tells of what is gone, which no GET
// could read.
func tellsOfDeletion(o *connector.Operation) bool {
	return deletion.MatchString(o.Name()) || deletion.MatchString(text(o.Get("summary")))
}

var deletion = regexp.MustCompile(`(?i)delet|remov|destroy|purge|erase`)

func isIDName(name string) bool {
	lower := strings.ToLower(name)
	return lower == "id" || lower == "guid" || lower == "uuid" || strings.HasSuffix(name, "Id") || strings.HasSuffix(name, "ID") ||
		strings.HasSuffix(lower, "_id") || strings.HasSuffix(lower, "-id")
}

// readsByID reports whether makers have an action that the id could go into: a
// GET or POST with a parameter or field of the same name, or a GET whose path
// ends in the id of such an object, as orderId in /orders/{id}, or of the object
// that the trigger is about, as OnOrderCreated and /orders/{orderId}.
func readsByID(t *connector.Trigger, d *connector.Definition, id string) bool {
	wanted, about := connector.Squeeze(id), connector.Squeeze(t.Operation.Name())
	noun := strings.TrimSuffix(wanted, "id")
	for _, o := range d.Operations() {
		if o.IsInternal() || o.Trigger != nil || o.Method != "get" && o.Method != "post" {
			continue
		}
		for _, param := range o.Parameters() {
			if connector.Squeeze(param.Name()) == wanted && (param.In() == "path" || param.In() == "query") {
				return true
			}
			for property := range param.Schema().Properties() {
				if connector.Squeeze(property.Name) == wanted {
					return true
				}
			}
		}
		before, last, _ := cutLast(strings.TrimRight(o.Path, "/"), "/")
		name, isParameter := strings.CutPrefix(last, "{")
		if o.Method != "get" || !isParameter {
			continue
		}
		_, collection, _ := cutLast(before, "/")
		name = connector.Squeeze(name)
		object := strings.TrimSuffix(name, "id")
		switch {
		case name == wanted, wanted == "id" || wanted == "guid" || wanted == "uuid",
			name == "id" && strings.Contains(connector.Squeeze(collection), noun),
			len(object) > 2 && strings.Contains(about, object):
			return true
		}
	}
	return false
}
