package rules_test

var _ = register(map[string]mutation{
	"value-default-type": {old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"default\": «\"1\",\n          \"type\": \"number\","},
	"value-enum-type":    {old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"enum\": [1, «\"2\"],\n          \"type\": \"number\","},
	"value-list-empty":   {old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {«\"enum\": [],\n          \"type\": \"number\","},
	"value-duplicate":    {old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"enum\": [1, 2, «1],\n          \"type\": \"number\","},
	"value-enum-names":   {old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"enum\": [1], \"x-ms-enum-values\": [{\"value\": 1, \"displayName\": \"One\"}, {\"value\": «2, \"displayName\": \"Two\"}],\n          \"type\": \"number\","},
	"value-format":       {old: "\"id\": {\n          \"type\": \"string\",\n          \"description\": \"The id of the order.\"", new: "\"id\": {\"format\": «\"guid\",\n          \"type\": \"string\",\n          \"description\": \"The id of the order.\""},
}, map[string]officialCase{
	"DefaultValueMustMatchType":        {near: mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"default\": 1,\n          \"type\": \"number\","}},
	"InvalidEnumValue":                 {near: mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"enum\": [1, 2.5],\n          \"type\": \"number\","}},
	"EnumMustContainAtLeastOneElement": {near: mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"enum\": [1],\n          \"type\": \"number\","}},
	"RequiredPropertyArrayEmpty":       {fires: &mutation{old: "\"Order\": {\n      \"type\": \"object\",", new: "\"Order\": {\n      \"type\": \"object\", \"required\": [],"}, near: mutation{old: "\"Order\": {\n      \"type\": \"object\",", new: "\"Order\": {\n      \"type\": \"object\", \"required\": [\"id\"],"}},
	"SchemesArrayEmpty":                {fires: &mutation{old: "\"schemes\": [\n    \"https\"\n  ]", new: `"schemes": []`}, near: mutation{old: "\"schemes\": [\n    \"https\"\n  ]", new: `"schemes": ["https"]`}},
	"ArrayDuplicateValue":              {near: mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"enum\": [1, 2, 10],\n          \"type\": \"number\","}},
	"InvalidEnumValuesExtensionValue":  {near: mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"enum\": [1, 2], \"x-ms-enum-values\": [{\"value\": 1, \"displayName\": \"One\"}, {\"value\": 2, \"displayName\": \"Two\"}],\n          \"type\": \"number\","}},
	"DuplicateEnumValuesInExtension":   {fires: &mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"enum\": [1], \"x-ms-enum-values\": [{\"value\": 1, \"displayName\": \"One\"}, {\"value\": 1, \"displayName\": \"Two\"}],\n          \"type\": \"number\","}, near: mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"enum\": [1, 2], \"x-ms-enum-values\": [{\"value\": 1, \"displayName\": \"One\"}, {\"value\": 2, \"displayName\": \"Two\"}],\n          \"type\": \"number\","}},
	"MissingEnumValuesDisplayName":     {fires: &mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"enum\": [1], \"x-ms-enum-values\": [{\"value\": 1}],\n          \"type\": \"number\","}, near: mutation{old: "\"total\": {\n          \"type\": \"number\",", new: "\"total\": {\"enum\": [1, 2], \"x-ms-enum-values\": [{\"value\": 1, \"displayName\": \"One\"}, {\"value\": 2, \"displayName\": \"Two\"}],\n          \"type\": \"number\","}},
	"UnrecognizedTypeFormat":           {near: mutation{old: "\"id\": {\n          \"type\": \"string\",\n          \"description\": \"The id of the order.\"", new: "\"id\": {\"format\": \"uuid\",\n          \"type\": \"string\",\n          \"description\": \"The id of the order.\""}},
})
