package rules_test

import "github.com/connectorctl/connectorctl/lint"

var _ = register(map[string]mutation{
	"settings-shape":   {file: "settings.json", old: "*", new: `{"connectorId": «7}`, only: lint.Custom},
	"settings-unknown": {file: "settings.json", old: "*", new: `{«"secret": ""}`, only: lint.Custom},
	"settings-file":    {file: "settings.json", old: "*", new: `{"icon": «"icon.png"}`, only: lint.Custom},
	"settings-shipped": {file: "settings.json", old: "*", new: `«{}`},
}, nil)
