package rules_test

var _ = register(map[string]mutation{
	"shape-kind":       {old: `"summary": "Get an order"`, new: `"summary": «5`},
	"shape-missing":    {old: "    \"version\": \"1.0\",\n", at: `"info": {`},
	"shape-word":       {old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\n          \"type\": «\"Number\","},
	"shape-member":     {old: `"operationId": "GetOrder",`, new: "\"operationId\": \"GetOrder\",\n        «\"sumary\": \"Get it\","},
	"shape-extension":  {old: `"operationId": "GetOrder",`, new: `"operationId": "GetOrder", "x-ms-pageable": {"nextLinkName": "nextLink", «"size": 10},`},
	"shape-beside-ref": {old: "\"200\": {\n            \"description\": \"OK\",\n            \"schema\": {\n              \"$ref\": \"#/definitions/Order\"", new: "\"200\": {\n            \"description\": \"OK\",\n            \"schema\": {\n              «\"description\": \"An order.\",\n              \"$ref\": \"#/definitions/Order\""},
}, map[string]officialCase{
	"JsonTypeIncorrect":                         {near: mutation{old: `"summary": "Get an order"`, new: `"summary": "5"`}},
	"JsonValueNotInEnum":                        {near: mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\n          \"type\": \"integer\","}},
	"ExtensionNameNotValid":                     {near: mutation{old: `"operationId": "GetOrder",`, new: "\"operationId\": \"GetOrder\",\n        \"x-sumary\": \"Get it\","}},
	"AdditionalPropertyNotAllowed":              {near: mutation{old: `"operationId": "GetOrder",`, new: `"operationId": "GetOrder", "x-ms-pageable": {"nextLinkName": "nextLink"},`}},
	"AdditionalPropertyNotAllowedAdjacentToRef": {near: mutation{old: "\"200\": {\n            \"description\": \"OK\",\n            \"schema\": {\n              \"$ref\": \"#/definitions/Order\"", new: "\"200\": {\n            \"description\": \"OK\", \"x-note\": \"An order.\",\n            \"schema\": {\n              \"$ref\": \"#/definitions/Order\""}},
})
