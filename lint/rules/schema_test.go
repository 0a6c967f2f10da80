package rules_test

var _ = register(map[string]mutation{
	"schema-items-missing":      {old: "\"id\": {\n          \"type\": \"string\",\n          \"description\": \"The id of the order.\"", new: "\"id\": {\n          \"type\": «\"array\",\n          \"description\": \"The id of the order.\""},
	"schema-required-unknown":   {old: "\"Order\": {\n      \"type\": \"object\",", new: "\"Order\": {\n      \"type\": \"object\", \"required\": [«\"number\"],"},
	"schema-required-misplaced": {old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {«\"required\": [\"x\"],\n          \"type\": \"number\","},
	"schema-discriminator":      {old: "\"Order\": {\n      \"type\": \"object\",", new: "\"Order\": {\n      \"type\": \"object\", \"discriminator\": «\"id\","},
	"schema-file":               {old: "\"id\": {\n          \"type\": \"string\",\n          \"description\": \"The id of the order.\"", new: "\"id\": {\n          \"type\": «\"file\",\n          \"description\": \"The id of the order.\""},
	"schema-binary":             {old: "\"id\": {\n          \"type\": \"string\",\n          \"description\": \"The id of the order.\"", new: "\"id\": {\n          \"type\": \"string\", \"format\": «\"binary\",\n          \"description\": \"The id of the order.\""},
	"schema-dictionary":         {old: "\"id\": {\n          \"type\": \"string\",\n          \"description\": \"The id of the order.\"", new: "\"id\": {\n          \"type\": \"object\", \"x-ms-editor\": «\"dictionary\",\n          \"description\": \"The id of the order.\""},
	"schema-keyword":            {old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {«\"multipleOf\": 0.01,\n          \"type\": \"number\","},
	"schema-input":              {old: `"x-ms-summary": "Question"`, new: `"x-ms-summary": "Question", "default": "?", "x-ms-visibility": "internal"`, at: `"question": {`},
}, map[string]officialCase{
	"ArrayHasNoItems":                             {near: mutation{old: "\"id\": {\n          \"type\": \"string\",\n          \"description\": \"The id of the order.\"", new: "\"id\": {\n          \"type\": \"array\", \"items\": {},\n          \"description\": \"The id of the order.\""}},
	"RequiredPropertyDefinitionMissing":           {near: mutation{old: "\"Order\": {\n      \"type\": \"object\",", new: "\"Order\": {\n      \"type\": \"object\", \"required\": [\"total\"],"}},
	"RequiredPropertyNotOnObject":                 {near: mutation{old: "\"Order\": {\n      \"type\": \"object\",", new: "\"Order\": {\n      \"type\": \"object\", \"required\": [\"id\"],"}},
	"DiscriminatorMustBeARequiredStringProperty":  {near: mutation{old: "\"Order\": {\n      \"type\": \"object\",", new: "\"Order\": {\n      \"type\": \"object\", \"required\": [\"id\"], \"discriminator\": \"id\","}},
	"SchemaTypeFileNotValid":                      {near: mutation{old: "\"200\": {\n            \"description\": \"OK\",\n            \"schema\": {\n              \"$ref\": \"#/definitions/Order\"\n            }", new: "\"200\": {\n            \"description\": \"OK\",\n            \"schema\": {\n              \"type\": \"file\"\n            }"}},
	"InvalidStringBinaryProperty":                 {near: mutation{old: "\"id\": {\n          \"type\": \"string\",\n          \"description\": \"The id of the order.\"", new: "\"id\": {\n          \"type\": \"string\", \"format\": \"byte\",\n          \"description\": \"The id of the order.\""}},
	"InvalidCustomEditorExtensionDictionaryValue": {near: mutation{old: "\"id\": {\n          \"type\": \"string\",\n          \"description\": \"The id of the order.\"", new: "\"id\": {\n          \"type\": \"object\", \"x-ms-editor\": \"dictionary\", \"additionalProperties\": true,\n          \"description\": \"The id of the order.\""}},
	"SwaggerKeywordNotSupported":                  {near: mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"maximum\": 100,\n          \"type\": \"number\","}},
	"PropertyMustBeRequired":                      {near: mutation{old: `"x-ms-summary": "Question"`, new: `"x-ms-summary": "Question", "default": "?"`}},
	"RequiredReadOnlyPropertyNotAllowedAsInput":   {fires: &mutation{old: "\"reply\": {\n          \"type\": \"object\",", new: "\"reply\": {\n          \"type\": \"object\", \"readOnly\": true,"}, near: mutation{old: `"x-ms-summary": "Question"`, new: `"x-ms-summary": "Question", "readOnly": true`}},
})
