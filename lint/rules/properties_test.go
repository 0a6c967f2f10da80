package rules_test

var _ = register(map[string]mutation{
	"properties-shape":       {file: propertiesName, old: `"Contoso"`, new: `«7`},
	"properties-unknown":     {file: propertiesName, old: `"iconBrandColor"`, new: `«"color": "red", "iconBrandColor"`},
	"properties-brand-color": {file: propertiesName, old: `"#da3b01"`, new: `«"da3b01"`},
	"properties-publisher":   {file: propertiesName, old: `"stackOwner": "Contoso",`, new: ``, at: "\"properties\""},
	"properties-owner":       {file: propertiesName, old: `"stackOwner": "Contoso"`, new: `"stackOwner": «"Fabrikam"`},
	"properties-capability":  {file: propertiesName, old: `"triggers"`, new: `«"trigger"`},
}, nil)
