package rules_test

// oauthSetting makes makers sign in, with a setting.
func oauthSetting(setting string) mutation {
	return mutation{
		file: propertiesName, old: `"type": "securestring",`,
		new: `"type": "oauthSetting", "oAuthSettings": {"identityProvider": "facebook", ` + setting + `},`, also: oauthDefinition,
	}
}

var _ = register(map[string]mutation{
	"connection-name":            {file: propertiesName, old: `"api_key"`, new: `«"api key"`},
	"connection-type":            {file: propertiesName, old: `"securestring"`, new: `«"password"`},
	"connection-security":        {file: propertiesName, old: "\"api_key\": {", new: "\"token\": {\"type\": \"oauthSetting\", \"oAuthSettings\": {\"identityProvider\": \"facebook\"}},\n      \"api_key\": {", at: `"token"`},
	"connection-oauth":           {file: propertiesName, old: `"type": "securestring",`, new: `"type": "oauthSetting", «"oAuthSettings": {},`, also: oauthDefinition},
	"connection-oauth-parameter": {file: propertiesName, old: `"type": "securestring",`, new: `"type": "oauthSetting", "oAuthSettings": {"identityProvider": "aad", "customParameters": {"resourceUri": {"value": "x"}, «"grant": {"value": "x"}}},`, also: oauthDefinition},
	"connection-oauth-setting":   oauthSetting(`"redirectMode": «"PerConnector"`),
	"connection-secret-visible":  {file: propertiesName, old: `"clearText": false`, new: `"clearText": «true`},
	"connection-label":           {file: propertiesName, old: `"displayName": "API Key",`, new: ``, at: `"api_key"`},
	"connection-constraint":      {file: propertiesName, old: `"required": "true"`, new: `"required": «true`},
	"connection-set-duplicate":   {file: propertiesName, old: `"capabilities"`, new: `"connectionParameterSets": {"values": [{"name": "a", "parameters": {}}, {"name": «"a", "parameters": {}}]}, "capabilities"`},
	"secret-client":              {file: propertiesName, old: `"type": "securestring",`, new: `"type": "oauthSetting", "oAuthSettings": {"identityProvider": "facebook", "clientSecret": «"q7Zt0pVx3mK9sLw2RbYd"},`, also: oauthDefinition},
}, nil)
