package rules_test

var _ = register(map[string]mutation{
	"secret-token": {file: propertiesName, old: `Enter your API key`, new: `«-----BEGIN PRIVATE KEY-----`},
}, nil)
