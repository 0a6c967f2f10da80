package rules_test

var _ = register(map[string]mutation{
	"security-undefined": {old: "\"security\": [\n    {\n      \"api_key\": []", new: "\"security\": [\n    {\n      «\"apikey\": []"},
	"security-value":     {old: `"api_key": []`, new: `"api_key": «null`},
	"security-scope":     {old: "\"api_key\": {\n      \"type\": \"apiKey\",\n      \"in\": \"header\",\n      \"name\": \"X-Api-Key\"\n    }\n  },\n  \"security\": [\n    {\n      \"api_key\": []", new: "\"api_key\": {\"type\": \"oauth2\", \"flow\": \"application\", \"tokenUrl\": \"https://contoso.example/token\", \"scopes\": {\"read\": \"Read\"}}\n  },\n  \"security\": [\n    {\n      \"api_key\": [«\"write\"]"},
	"security-scheme":    {old: "\"type\": \"apiKey\",\n      \"in\": \"header\",\n      \"name\": \"X-Api-Key\"", new: "\"type\": \"apiKey\",\n      \"in\": \"header\"", at: `"api_key": {`},
}, map[string]officialCase{
	"SecurityRequirementMustBeDefined":             {near: mutation{old: "\"security\": [\n    {\n      \"api_key\": []", new: "\"security\": [\n    {"}},
	"SecurityRequirementMustHaveValue":             {near: mutation{old: `"api_key": []`, new: `"api_key": [ ]`}},
	"SecurityRequirementMustHaveEmptyValue":        {fires: &mutation{old: `"api_key": []`, new: `"api_key": ["read"]`}, near: mutation{old: `"api_key": []`, new: `"api_key": [ ]`}},
	"OAuthSecurityRequirementValueMustBeScopeName": {near: mutation{old: "\"api_key\": {\n      \"type\": \"apiKey\",\n      \"in\": \"header\",\n      \"name\": \"X-Api-Key\"\n    }\n  },\n  \"security\": [\n    {\n      \"api_key\": []", new: "\"api_key\": {\"type\": \"oauth2\", \"flow\": \"application\", \"tokenUrl\": \"https://contoso.example/token\", \"scopes\": {\"read\": \"Read\"}}\n  },\n  \"security\": [\n    {\n      \"api_key\": [\"read\"]"}},
	"SecuritySchemePropertyRequired":               {fires: &mutation{old: "\"type\": \"apiKey\",\n      \"in\": \"header\",\n      \"name\": \"X-Api-Key\"", new: `"type": "oauth2", "flow": "accessCode", "authorizationUrl": "https://contoso.example/a", "tokenUrl": "https://contoso.example/t"`}, near: mutation{old: `"type": "apiKey",`, new: `"type": "apiKey", "description": "A key.", "x-key": true,`}},
	"SecuritySchemePropertyNotValid":               {fires: &mutation{old: `"type": "apiKey",`, new: `"type": "apiKey", "flow": "implicit",`}, near: mutation{old: `"type": "apiKey",`, new: `"type": "apiKey", "description": "A key.", "x-key": true,`}},
})
