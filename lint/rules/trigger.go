package rules

import (
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var trigger = []*lint.Rule{
	{
		ID:      "trigger-mode",
		Summary: "x-ms-trigger is neither single nor batch",
		Levels:  lint.Everywhere(failure),
		Start:   triggerMode,
	},
	{
		ID:      "trigger-method",
		Summary: "a trigger uses a method that can neither poll nor register",
		Levels:  lint.Everywhere(failure),
		Start:   triggerMethod,
	},
	{
		ID:      "trigger-shared-registration",
		Summary: "a webhook trigger registers by PUT or PATCH",
		Levels:  lint.Everywhere(warning),
		Start:   triggerSharedRegistration,
	},
	{
		ID:      "trigger-batch-webhook",
		Summary: "a webhook trigger is a batch",
		Levels:  lint.Everywhere(info),
		Start:   triggerBatchWebhook,
	},
	{
		ID:      "trigger-hidden",
		Summary: "a trigger is hidden from makers",
		Levels:  lint.Everywhere(warning),
		Start:   triggerHidden,
	},
	{
		ID:      "trigger-summary",
		Summary: "a trigger's summary does not say when it fires",
		Levels:  lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:   triggerSummary,
	},
	{
		ID:      "trigger-notification",
		Summary: "x-ms-notification is where it cannot subscribe",
		Levels:  lint.Everywhere(failure),
		Start:   triggerNotification,
		Official: []string{
			"NotificationExtensionSupportedForTriggerOnly", "NotificationExtensionNotSupportedInWebhookOperation",
			"NotificationOperationMustBeWebhook", "ParamtersWithSameNameMustHaveSameTypeAndVisibility",
		},
	},
	{
		ID:      "trigger-shared-content",
		Summary: "several triggers share the notification content of their path",
		Levels:  lint.Everywhere(warning),
		Start:   triggerSharedContent,
	},
}

func triggerMode(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if !t.Mode.Exists() || t.Mode.Is("single") || t.Mode.Is("batch") {
			return
		}
		f := p.Report(t.Mode, `x-ms-trigger is %s, expected "single" or "batch"`, shown(t.Mode))
		s, _ := t.Mode.Str()
		if lower := strings.ToLower(strings.TrimSpace(s)); lower == "single" || lower == "batch" {
			f.Fix = safe("write "+lower, t.Mode, func(e *source.Editor) { e.Replace(t.Mode, lower) })
			return
		}
		f.Hint = "single: one event a call, as webhooks send them; batch: an array of events, as polling gives them"
		mode := likelyMode(t)
		f.Fix = suggested("write "+mode, t.Mode, func(e *source.Editor) { e.Replace(t.Mode, mode) })
	}}
}

// likelyMode tells the mode from what the trigger is described to give.
func likelyMode(t *connector.Trigger) string {
	if t.Delivery == connector.Webhook && t.Notification.Shape() == "array" ||
		t.Delivery == connector.Polling && holdsArray(t.Operation.Response("200").Schema(), 3) {
		return "batch"
	}
	return "single"
}

func triggerMethod(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		o := t.Operation
		method := strings.ToUpper(o.Method)
		switch {
		case o.Method == "post":
		case t.Delivery == connector.Polling:
			if o.Method != "get" {
				p.Report(o.Node.Key(), "polling trigger %q uses %s, expected GET", o.Name(), method).
					Hint = "polling only reads; or is it a webhook without a field for the callback URL?"
			}
		case o.Method != "put" && o.Method != "patch":
			p.Report(o.Node.Key(), "%q registers a callback by %s, expected POST", o.Name(), method).
				Hint = "each flow adds a registration of its own, with the callback URL in the body"
		}
	}}
}

func triggerSharedRegistration(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		o := t.Operation
		if o.PathItem.Get("post").Get("x-ms-trigger").Exists() {
			return // trigger-shared-content
		}
		if t.Delivery == connector.Webhook && (o.Method == "put" || o.Method == "patch") {
			p.Report(o.Node.Key(), "%q registers by %s, which keeps one registration for all flows", o.Name(), strings.ToUpper(o.Method)).
				Hint = "the second flow replaces the callback URL of the first; register with POST, one registration a call"
		}
	}}
}

func triggerBatchWebhook(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if t.Delivery == connector.Webhook && t.Batch() && t.Notification.Shape() != "object" { // else notification-object
			p.Report(t.Mode, "webhook trigger %q is a batch: every notification must be an array, and starts a run for each item", t.Operation.Name()).
				Hint = "webhooks usually send one event at a time: describe the item, and use x-ms-trigger: single"
		}
	}}
}

func triggerHidden(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if t.Mode.Exists() && t.Operation.IsInternal() && !isDeprecated(t.Operation) {
			at := t.Operation.Node.Get("x-ms-visibility")
			p.Report(at, "trigger %q is internal, so no maker can choose it", t.Operation.Name()).
				Hint = "remove x-ms-visibility; to retire the trigger, add \"deprecated\": true"
		}
	}}
}

func isDeprecated(o *connector.Operation) bool { return o.Get("deprecated").IsTrue() }

func triggerSummary(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if !t.Mode.Exists() || t.Operation.IsInternal() || isDeprecated(t.Operation) {
			return
		}
		at := t.Operation.Node.Get("summary")
		s, _ := at.Str()
		switch words := strings.ToLower(strings.TrimSpace(s)); {
		case words == "":
			if !at.Exists() {
				at = t.Operation.At()
			}
			p.Report(at, "trigger %q has no summary", t.Operation.Name()).Hint = `the designer shows it as the trigger's name: "When a ..."`
		case !strings.HasPrefix(words, "when ") && !strings.HasPrefix(words, "whenever "):
			p.Report(at, "the summary of trigger %q does not start with \"When\"", t.Operation.Name()).
				Hint = `makers look for what happens: "When an item is created"`
		}
	}}
}

func triggerSharedContent(p *lint.Pass) lint.Visitor {
	first := map[source.Node]*connector.Trigger{}
	return lint.Visitor{Trigger: func(t *connector.Trigger) {
		if t.Delivery != connector.Webhook || !t.Content.Exists() {
			return
		}
		other := first[t.Content]
		if other == nil {
			first[t.Content] = t
			return
		}
		f := p.Report(t.Operation.At(), "triggers %q and %q share one notification content", other.Operation.Name(), t.Operation.Name())
		f.Hint = "x-ms-notification-content holds for a whole path: give each trigger a path of its own"
		f.Related = []source.Related{lint.Related(t.Content, "shared content")}
	}}
}

// triggerNotification looks at x-ms-notification, by which a trigger that fetches
// names the operation that subscribes for it.
func triggerNotification(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		at := o.Get("x-ms-notification")
		if !at.Exists() {
			return
		}
		report := func(at source.Node, official, hint, format string, args ...any) *source.Diagnostic {
			f := p.Report(at, format, args...)
			f.Official, f.Hint = official, hint
			return f
		}
		remove := suggested("remove it", at, func(e *source.Editor) { e.Remove(at) })
		id := at.Get("operationId")
		subscribe := p.Definition.Operation(text(id))
		switch {
		case !o.Get("x-ms-trigger").Exists():
			report(at.Key(), "NotificationExtensionSupportedForTriggerOnly", "it says which operation subscribes for a trigger: remove it, or add x-ms-trigger",
				"%q has x-ms-notification and is no trigger", o.Name()).Fix = remove
		case o.Trigger != nil && len(o.Trigger.Callbacks) > 0:
			report(at.Key(), "NotificationExtensionNotSupportedInWebhookOperation", "it is for triggers that fetch: remove it",
				"%q subscribes itself, and has x-ms-notification", o.Name()).Fix = remove
		case subscribe == nil: // dynamic-operation-unknown
		case subscribe.Trigger == nil || len(subscribe.Trigger.Callbacks) == 0:
			report(id, "NotificationOperationMustBeWebhook", "mark the field of its body that takes the callback URL",
				"%q, which is to subscribe, takes no callback URL", subscribe.Name())
		default:
			reportDifferences(o, subscribe, func(q connector.Parameter, what string) {
				report(q.Node.Get("name"), "ParamtersWithSameNameMustHaveSameTypeAndVisibility", "makers fill it in once for both",
					"the parameter %q has another %s in %q", q.Name(), what, subscribe.Name())
			})
		}
	}}
}

// reportDifferences compares the parameters that two operations share by name.
func reportDifferences(a, b *connector.Operation, report func(q connector.Parameter, what string)) {
	for _, q := range a.Parameters() {
		for _, other := range b.Parameters() {
			if q.Name() != other.Name() || q.In() == "body" {
				continue
			}
			if text(q.Node.Get("type")) != text(other.Node.Get("type")) {
				report(q, "type")
			} else if q.IsInternal() != other.IsInternal() {
				report(q, "visibility")
			}
		}
	}
}
