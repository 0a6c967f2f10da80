package convert

import (
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

func TestEventOf(t *testing.T) {
	for _, c := range []struct{ summary, id, path, want string }{
		// Events by their names.
		{"order.created", "", "", "an order is created"},
		{"OnOrderCreated", "", "", "an order is created"},
		{"orderCreated", "", "", "an order is created"},
		{"ORDER_CREATED", "", "", "an order is created"},
		{"Order created", "", "", "an order is created"},
		{"Orders created", "", "", "an order is created"},
		{"New order", "", "", "a new order is created"},
		{"Deleted contact", "", "", "a contact is deleted"},
		{"invoice.payment_failed", "", "", "an invoice payment fails"},
		{"subscription.created", "", "", "a subscription is created"},
		{"customer.subscription.deleted", "", "", "a customer subscription is deleted"},
		{"user.updated", "", "", "a user is updated"},
		{"newSMSReceived", "", "", "a new SMS is received"},
		{"", "", "/webhooks/orders/create", "an order is created"},
		{"", "", "/{tenantId}/hooks/orderPaid", "an order is paid"},
		{"", "HookPaid", "/hooks/paid", "a webhook event occurs"},
		{"", "OnFileUploaded_V2", "", "a file is uploaded"},

		// Sentences of people who describe a call.
		{"Create webhook for order created", "", "", "an order is created"},
		{"Create a webhook that is called when a new order arrives.", "", "", "a new order arrives"},
		{"Triggers when a Form submission occurs", "", "", "a Form submission occurs"},
		{"Subscribe to order.created events", "", "", "an order is created"},
		{"Subscribes to order updates", "", "", "an order is updated"},
		{"Register order webhook", "", "", "an order event occurs"},
		{"Create a webhook for invoices in a shop", "", "", "an invoice event occurs"},
		{"Create a webhook", "CreateOrderCreatedWebhook", "", "an order is created"},
		{"Create a webhook", "createOrderWebhook", "", "an order event occurs"},
		{"Create a webhook", "createWebhook", "/orders/created", "an order is created"},
		{"Add hook", "addHook", "/hooks", "a webhook event occurs"},
		{"Create a new webhook subscription", "post_webhooks", "/webhooks", "a webhook event occurs"},
		{"", "", "/api/v1/webhooks/{id}", "a webhook event occurs"},
		{"Lets you do many wonderful things with our service and its data", "", "/x", "a webhook event occurs"},

		// What names the registration and no event.
		{"", "WebhooksController_create", "/webhooks", "a webhook event occurs"},
		{"", "repos/create-webhook", "/repos/{owner}/{repo}/hooks", "a webhook event occurs"},
		{"Create a repository webhook", "repos/create-webhook", "/repos/{owner}/{repo}/hooks", "a repository event occurs"},
		{"", "OrderHooks_Create", "/hooks", "a webhook event occurs"},
		{"Establish a webhook", "", "/webhooks", "a webhook event occurs"},
		{"Create or Clone Webhook", "CreateOrCloneWebhook", "/api/v2/webhooks", "a webhook event occurs"},
		{"Specify a URL and receive incoming updates via an outgoing webhook", "setWebhook", "/setWebhook", "a webhook event occurs"},
		{"", "postListsIdWebhooks", "/lists/{list_id}/webhooks", "a webhook event occurs"},
		{"Add a webhook attached to a project", "", "", "a webhook event occurs"},
		{"Create a webhook for the authenticated user", "", "", "an authenticated user event occurs"},

		// What says when already.
		{"When an order is created", "", "", "an order is created"},
		{"Whenever Contoso calls.", "", "", "Contoso calls"},
	} {
		file := source.Parse("a.json", []byte(`{"paths": {"`+c.path+`": {"post": {"operationId": "`+c.id+`", "summary": "`+c.summary+`"}}}}`))
		if got := eventOf(connector.Read(file).Operations()[0], nil); got != c.want {
			t.Errorf("%q, %q, %q: got %q, want %q", c.summary, c.id, c.path, got, c.want)
		}
	}
}

func TestPolledEventOf(t *testing.T) {
	for _, c := range []struct{ summary, id, path, want string }{
		{"List orders", "", "", "an order is created"},
		{"Get all the orders of a shop", "", "", "an order is created"},
		{"Get updated orders", "", "", "an order is updated"},
		{"", "ListNewOrders", "", "a new order is created"},
		{"", "OnOrderPaid", "", "an order is paid"},
		{"", "", "/shops/{id}/orders", "an order is created"},
		{"", "", "/{id}", "an item is created"},
		{"When an order is late", "", "", "an order is late"},
	} {
		file := source.Parse("a.json", []byte(`{"paths": {"`+c.path+`": {"get": {"operationId": "`+c.id+`", "summary": "`+c.summary+`"}}}}`))
		if got := polledEventOf(connector.Read(file).Operations()[0], "created"); got != c.want {
			t.Errorf("%q, %q, %q: got %q, want %q", c.summary, c.id, c.path, got, c.want)
		}
	}
}

func TestTriggerDescription(t *testing.T) {
	for _, c := range []struct{ old, want string }{
		{"", "This operation triggers when it happens."},
		{"Creates a webhook.", "This operation triggers when it happens. Creates a webhook."},
		{"Only for tenants with the plan e.g. Pro. More text", "This operation triggers when it happens. Only for tenants with the plan e.g. Pro. More text"},
		{"Creates a webhook:\n\n- one", "This operation triggers when it happens.\n\nCreates a webhook:\n\n- one"},
	} {
		if got := triggerDescription("it happens", c.old); got != c.want {
			t.Errorf("%q: got %q, want %q", c.old, got, c.want)
		}
	}
	for text, want := range map[string]bool{
		"This operation triggers when an order is created.": true,
		"Triggers when an order is created":                 true,
		"Fires whenever a page changes":                     true,
		"Registers a hook. Triggers are fun.":               false,
		"Starts a registration":                             false,
		"":                                                  false,
	} {
		if saysTriggers(text) != want {
			t.Errorf("saysTriggers(%q) is %v", text, !want)
		}
	}
}

func TestWithIndefinite(t *testing.T) {
	for phrase, want := range map[string]string{
		"order": "an order", "user": "a user", "SMS": "an SMS", "URL": "a URL", "hour": "an hour", "unit": "a unit", "data": "data",
	} {
		if got := withIndefinite(phrase); got != want {
			t.Errorf("%q: got %q", phrase, got)
		}
	}
}
