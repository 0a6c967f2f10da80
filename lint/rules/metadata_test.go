package rules_test

const categoriesEntry = `"propertyValue": "Commerce"`

var _ = register(map[string]mutation{
	"metadata-missing":          {old: `"propertyName": "Website"`, new: `"propertyName": "Site"`, at: `"x-ms-connector-metadata"`},
	"metadata-category-unknown": {old: categoriesEntry, new: `"propertyValue": «"commerce"`},
	"metadata-category-many":    {old: categoriesEntry, new: `"propertyValue": «"Commerce;Data;Finance"`},
	"metadata-email":            {old: `"support@contoso.example"`, new: `«"support@contoso"`},
	"metadata-url":              {old: `"https://contoso.example/support"`, new: `«"contoso.example/support"`},
	"metadata-beta":             {old: `"version": "1.0",`, new: `"version": "1.0-beta", "x-ms-api-annotation": {"status": «"Production"},`},
	"document-tag-duplicate":    {old: `"host":`, new: `"tags": [{"name": "a"}, {"name": «"a"}], "host":`},
}, map[string]officialCase{
	"ConnectorMetadataPropertiesMissing": {near: mutation{old: `"Privacy policy"`, new: `"privacy Policy"`}},
	"InvalidConnectorCategory":           {near: mutation{old: categoriesEntry, new: `"propertyValue": "Commerce; IT Operations"`}},
	"TooManyConnectorCategories":         {near: mutation{old: categoriesEntry, new: `"propertyValue": "Commerce;Data;"`}},
	"ContactEmailNotValid":               {near: mutation{old: `"support@contoso.example"`, new: `"a.b+c@d.co"`}},
	"UrlNotValid":                        {near: mutation{old: `"https://contoso.example/support"`, new: `"HTTP://contoso.example"`}},
	"ProductionStatusOnBetaService":      {near: mutation{old: `"version": "1.0",`, new: `"version": "1.0-beta", "x-ms-api-annotation": {"status": "Preview"},`}},
	"TagRedefined":                       {near: mutation{old: `"host":`, new: `"tags": [{"name": "a"}, {"name": "A"}], "host":`}},
})
