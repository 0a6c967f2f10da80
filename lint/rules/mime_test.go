package rules_test

var _ = register(map[string]mutation{
	"mime-invalid":     {old: "\"produces\": [\n    \"application/json\"", new: "\"produces\": [\n    \"application/json\", «\"json\""},
	"mime-unsupported": {old: "\"produces\": [\n    \"application/json\"", new: "\"produces\": [\n    \"application/json\", «\"text/xml\""},
	"mime-missing":     {old: `"operationId": "WaitForApproval",`, new: `"operationId": "WaitForApproval", "consumes": [],`, at: `"WaitForApproval"`},
	"mime-mismatch":    {old: `"operationId": "WaitForApproval",`, new: `"operationId": "WaitForApproval", "consumes": ["multipart/form-data"],`, at: `"WaitForApproval"`},
}, map[string]officialCase{
	"MimeTypeNotValid":     {near: mutation{old: "\"produces\": [\n    \"application/json\"", new: "\"produces\": [\n    \"application/json; charset=utf-8\""}},
	"MimeTypeNotSupported": {near: mutation{old: "\"produces\": [\n    \"application/json\"", new: "\"produces\": [\n    \"application/json\", \"text/plain\""}},
	"ConsumesMissing":      {near: mutation{old: `"operationId": "WaitForApproval",`, new: `"operationId": "WaitForApproval", "consumes": ["text/plain"],`}},
	"MimeTypeNotCompatibleWithRequestContentSchemaType": {near: mutation{old: `"operationId": "WaitForApproval",`, new: `"operationId": "WaitForApproval", "consumes": ["multipart/form-data", "application/json"],`}},
	"StringBinaryNotSupportedForFormUrlEncoded":         {fires: &mutation{old: `"/orders": {`, new: "\"/more\": {\"put\": {\"operationId\": \"Put\", \"consumes\": [\"application/x-www-form-urlencoded\"], \"parameters\": [{\"name\": \"a\", \"in\": \"formData\", \"type\": \"string\", \"format\": \"binary\"}], \"responses\": {\"200\": {\"description\": \"OK\"}}}},\n    \"/orders\": {"}, near: mutation{old: `"/orders": {`, new: "\"/more\": {\"put\": {\"operationId\": \"Put\", \"consumes\": [\"application/x-www-form-urlencoded\"], \"parameters\": [{\"name\": \"a\", \"in\": \"formData\", \"type\": \"string\", \"format\": \"byte\"}], \"responses\": {\"200\": {\"description\": \"OK\"}}}},\n    \"/orders\": {"}},
})
