package rules_test

import "strings"

var _ = register(map[string]mutation{
	"text-missing":            {old: "            \"description\": \"The id of the order.\",\n            \"x-ms-summary\": \"Order Id\",", new: `"x-ms-summary": "Order Id",`, at: "\"id\",\n            \"in\": \"path\",\n            \"required\": true,\n            \"type\": \"string\",\n\"x-ms-summary\""},
	"text-empty":              {old: `"description": "Reads one order."`, new: `"description": «" "`},
	"text-too-long":           {old: `"title": "Contoso Orders"`, new: `"title": «"` + strings.Repeat("a", 31) + `"`},
	"text-description-length": {old: "Contoso Orders tells flows about new and changed orders of a shop, and lets them read orders and wait for an approval.", new: strings.Repeat("a", 501), at: `"aaa`},
	"text-restricted-word":    {old: `"title": "Contoso Orders"`, new: `"title": «"Contoso Connector"`},
	"text-not-english":        {old: `"summary": "Get an order"`, new: `"summary": «"Get an ordre façade"`},
	"text-last-character":     {old: `"summary": "Get an order"`, new: `"summary": «"Get an order."`},
}, map[string]officialCase{
	"RequiredPropertyMissing":      {near: mutation{old: `"description": "Reads one order."`, new: `"description": ""`}},
	"RequiredValueEmpty":           {near: mutation{old: `"description": "Reads one order."`, new: `"description": "."`}},
	"FieldLengthExceeded":          {near: mutation{old: `"title": "Contoso Orders"`, new: `"title": "` + strings.Repeat("é", 30) + `"`}},
	"FieldLengthNotInRange":        {near: mutation{old: "Contoso Orders tells flows about new and changed orders of a shop, and lets them read orders and wait for an approval.", new: strings.Repeat("a", 30)}},
	"ValueContainsRestrictedWords": {near: mutation{old: `"title": "Contoso Orders"`, new: `"title": "ContosoAPI Connectors"`}},
	"ValueMustBeInEnglish":         {near: mutation{old: `"summary": "Get an order"`, new: `"summary": "Get an order – “one”"`}},
	"ValueMustEndWithAlphanumeric": {near: mutation{old: `"summary": "Get an order"`, new: `"summary": "Get an order (V2)"`}},
})
