package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/rules"
)

// An officialCase shows a rule of the certification catalogue at its limit. The
// connector that breaks the rule comes from mutations, under the id of the rule
// that checks it, unless fires says otherwise; near is as close to it as a
// connector may come. In either, every finding that is not the rule's own may be
// there.
type officialCase struct {
	fires *mutation
	near  mutation
}

// officialCases has one entry for every rule of the catalogue.
var officialCases = map[string]officialCase{
	"SpecificationVersionIncorrect": {near: mutation{old: `"swagger": "2.0"`, new: `"swagger" : "2.0"`}},
	"OperationIdRequired":           {near: mutation{old: `"operationId": "GetOrder"`, new: `"operationId": "G"`}},
	"OperationIdNotUnique":          {near: mutation{old: `"operationId": "GetOrder"`, new: `"operationId": "DeleteHook2"`}},
	"NotificationUrlNotInternal":    {near: mutation{old: "\"x-ms-notification-url\": true,\n                  \"x-ms-visibility\": \"internal\"", new: `"x-ms-visibility": "internal", "x-ms-notification-url": true`}},
	"NotificationUrlNotRequired":    {near: mutation{old: "\"required\": [\n        \"reply\"\n      ]", new: `"required": ["other", "reply"]`}},
	"NotificationUrlNotString":      {fires: &mutation{old: "\"callbackUrl\": {\n                  \"type\": \"string\",", new: "\"callbackUrl\": {"}, near: mutation{old: "\"callbackUrl\": {\n                  \"type\": \"string\"", new: "\"callbackUrl\": {\n                  \"type\": \"string\", \"format\": \"uri\""}},
	"NotificationUrlNotAllowedInThisPosition": {
		fires: &mutation{old: `"x-ms-summary": "Since"`, new: `"x-ms-summary": "Since", "x-ms-notification-url": true`},
		near:  mutation{old: `"x-ms-summary": "Since"`, new: `"x-ms-summary": "Since", "x-ms-notification-url": false`},
	},
	"SchemaReferenceNotFound": {near: mutation{old: "\"schema\": {\n              \"$ref\": \"#/definitions/Order\"", new: "\"schema\": {\n              \"$ref\": \"#/definitions/ApprovalRequest\""}},
	"JsonPointerNotValid": {
		fires: &mutation{old: "\"schema\": {\n              \"$ref\": \"#/definitions/Order\"", new: "\"schema\": {\n              \"$ref\": \"#/definitions/Or~der\""},
		near:  mutation{old: "\"schema\": {\n              \"$ref\": \"#/definitions/Order\"", new: "\"schema\": {\n              \"$ref\": \"#/definitions/Or~1der~0%41\""},
	},
	"ParameterReferenceNotFound": {
		fires: &mutation{old: "\"parameters\": [\n          {\n            \"name\": \"since\"", new: "\"parameters\": [{\"$ref\": \"#/parameters/none\"},\n          {\n            \"name\": \"since\""},
		near:  mutation{old: "\"definitions\": {", new: "\"parameters\": {\"one\": {\"name\": \"one\", \"in\": \"query\", \"type\": \"string\"}},\n  \"definitions\": {"},
	},
	"ResponseReferenceNotFound": {
		fires: &mutation{old: "\"204\": {\n            \"description\": \"Removed\"", new: "\"404\": {\"$ref\": \"#/responses/none\"},\n          \"204\": {\n            \"description\": \"Removed\""},
		near:  mutation{old: "\"definitions\": {", new: "\"responses\": {\"none\": {\"description\": \"None\"}},\n  \"definitions\": {"},
	},
	"WebhookOperationsMissingNotificationUrlProperty": {near: mutation{}},
	"OperationMustHaveNotificationContentExtension":   {near: mutation{}},
}

// register adds what a subject's own test file says of its rules.
func register(m map[string]mutation, o map[string]officialCase) bool {
	for id, added := range m {
		mutations[id] = added
	}
	for name, added := range o {
		officialCases[name] = added
	}
	return true
}

// TestCatalogue counts the certification rules and shows each at its limit.
func TestCatalogue(t *testing.T) {
	known := map[string]bool{}
	for _, o := range rules.Catalogue() {
		if known[o.Name] {
			t.Errorf("%s is there twice", o.Name)
		}
		known[o.Name] = true
		c, ok := officialCases[o.Name]
		if len(o.Rules) == 0 {
			t.Errorf("%s: nothing checks it", o.Name)
			continue
		}
		if !ok {
			t.Errorf("%s: no case", o.Name)
			continue
		}
		t.Run(o.Name, func(t *testing.T) {
			if c.fires == nil {
				m := mutations[o.Rules[0].ID]
				c.fires = &m
			}
			if len(officialFindings(t, o.Name, *c.fires)) == 0 {
				t.Error("it does not fire")
			}
			if n := len(officialFindings(t, o.Name, c.near)); n > 0 {
				t.Errorf("the near miss has %d findings", n)
			}
		})
	}
	if len(known) != 174 {
		t.Errorf("%d rules, the catalogue has 174", len(known))
	}
	for _, r := range rules.All() {
		for _, name := range r.Official {
			if !known[name] {
				t.Errorf("%s names %s, which the catalogue does not have", r.ID, name)
			}
		}
	}
	for name := range officialCases {
		if !known[name] {
			t.Errorf("a case of %s, which the catalogue does not have", name)
		}
	}
}

// TestCatalogueFixes records which fix the case of each certification rule gets,
// so that none is lost unnoticed.
func TestCatalogueFixes(t *testing.T) {
	var b strings.Builder
	for _, o := range rules.Catalogue() {
		c := officialCases[o.Name]
		if c.fires == nil {
			m := mutations[o.Rules[0].ID]
			c.fires = &m
		}
		kind, title := "none", ""
		for _, f := range officialFindings(t, o.Name, *c.fires) {
			if f.Fix != nil {
				kind, title = "suggested", f.Fix.Title
				if f.Fix.Safe {
					kind = "safe"
				}
			}
		}
		b.WriteString(strings.TrimSpace(fmt.Sprintf("%-60s %-10s %s", o.Name, kind, title)) + "\n")
	}
	compareRecorded(t, "../../testdata/catalogue.txt", b.String())
}

// officialFindings lints a changed connector and returns what a certification
// rule finds.
func officialFindings(t *testing.T, name string, m mutation) (found []source.Diagnostic) {
	t.Helper()
	folder := "well-made"
	if m.file == yamlName {
		folder = "well-made-yaml"
	}
	var at int
	for _, f := range check(wellMade(t, folder, m, &at), lint.Certified) {
		if f.Official == name {
			found = append(found, f)
		}
	}
	return found
}
