package rules_test

var _ = register(map[string]mutation{
	"server-host":      {old: `"host": "api.contoso.example"`, new: `"host": «"https://api.contoso.example"`},
	"server-base-path": {old: `"basePath": "/v1"`, new: `"basePath": «"v1"`},
	"server-private":   {old: `"host": "api.contoso.example"`, new: `"host": «"localhost:5000"`},
	"server-scheme":    {old: "\"schemes\": [\n    \"https\"", new: "\"schemes\": [\n    «\"ws\""},
}, map[string]officialCase{
	"HostNameNotValid":   {near: mutation{old: `"host": "api.contoso.example"`, new: `"host": "api.contoso.example:443"`}},
	"BasePathNotValid":   {near: mutation{old: `"basePath": "/v1"`, new: `"basePath": "/"`}},
	"SchemeNotValid":     {fires: &mutation{old: "\"schemes\": [\n    \"https\"", new: "\"schemes\": [\n    \"ftp\""}, near: mutation{old: "\"schemes\": [\n    \"https\"", new: "\"schemes\": [\n    \"http\""}},
	"SchemeNotSupported": {near: mutation{old: "\"schemes\": [\n    \"https\"", new: "\"schemes\": [\n    \"http\""}},
})
