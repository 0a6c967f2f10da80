package connector_test

import (
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
)

func TestLabel(t *testing.T) {
	for name, want := range map[string][2]string{
		"id": {"Id", "id"}, "orderId": {"Order Id", "order id"}, "created_at": {"Created At", "created at"}, "customerURL": {"Customer URL", "customer URL"},
		"URLs": {"URLs", "urls"}, "@odata.type": {"Odata Type", "odata type"}, "$filter": {"Filter", "filter"}, "größe": {"Größe", "größe"},
		"ORDER_ID": {"ORDER ID", "order id"}, "newSMSReceived": {"New SMS Received", "new SMS received"}, "customer's": {"Customer's", "customer's"},
		"_": {"", ""}, "": {"", ""}, strings.Repeat("é", 90): {"É" + strings.Repeat("é", 79), strings.Repeat("é", 90)},
	} {
		if got := connector.Label(name); got != want[0] {
			t.Errorf("label of %q: got %q, want %q", name, got, want[0])
		}
		if got := strings.Join(connector.SpokenWords(name), " "); got != want[1] {
			t.Errorf("words of %q: got %q, want %q", name, got, want[1])
		}
	}
}
