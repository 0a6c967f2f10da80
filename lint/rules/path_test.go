package rules_test

var _ = register(map[string]mutation{
	"path-duplicate": {old: `"/orders/{id}": {`, new: "\"/orders/{other}\": {\"get\": {\"operationId\": \"GetOther\", \"summary\": \"Get another\", \"description\": \"Reads one.\", \"parameters\": [{\"name\": \"other\", \"in\": \"path\", \"required\": true, \"type\": \"string\", \"description\": \"Its id.\", \"x-ms-summary\": \"Other\", \"x-ms-url-encoding\": \"single\"}], \"responses\": {\"200\": {\"description\": \"OK\"}}}},\n    \"/orders/{id}\": {", at: `"GetOrder"`},
	"path-case":      {old: `"/orders/{id}": {`, new: "«\"/Orders\": {\"head\": {\"operationId\": \"CountOrders\", \"summary\": \"Count orders\", \"description\": \"Counts them.\", \"responses\": {\"200\": {\"description\": \"OK\"}}}},\n    \"/orders/{id}\": {"},
	"path-ambiguous": {old: `"/orders/{id}": {`, new: "\"/orders/latest\": {\"get\": {\"operationId\": \"GetLatest\", \"summary\": \"Get the latest\", \"description\": \"Reads it.\", \"responses\": {\"200\": {\"description\": \"OK\"}}}},\n    \"/orders/{id}\": {", at: `"GetOrder"`},
	"path-slash":     {old: `"/orders": {`, new: `«"orders": {`},
	"path-braces":    {old: `"/orders": {`, new: `«"/orders/a/}": {`},
	"path-query":     {old: `"/orders": {`, new: `«"/orders?all=1": {`},
	"path-asterisk":  {old: `"/orders": {`, new: `«"/orders/x/*": {`},
	"path-default":   {old: `"/orders": {`, new: `«"/orders/a/{page=1}": {`},
	"path-reference": {old: `"/orders/{id}": {`, new: "\"/more\": {«\"$ref\": \"#/paths/~1orders\"},\n    \"/orders/{id}\": {"},
}, map[string]officialCase{
	"DuplicateOperationPath":                     {near: mutation{old: `"/orders/{id}": {`, new: "\"/orders/{other}/\": {\"get\": {\"operationId\": \"GetOther\", \"parameters\": [{\"name\": \"other\", \"in\": \"path\", \"required\": true, \"type\": \"string\"}], \"responses\": {\"200\": {\"description\": \"OK\"}}}},\n    \"/orders/{id}\": {"}},
	"PathRedefined":                              {near: mutation{old: `"/orders/{id}": {`, new: "\"/orders/\": {\"head\": {\"operationId\": \"CountOrders\", \"responses\": {\"200\": {\"description\": \"OK\"}}}},\n    \"/orders/{id}\": {"}},
	"PartialDuplicateOperationPath":              {near: mutation{old: `"/orders/{id}": {`, new: "\"/orders/latest\": {\"head\": {\"operationId\": \"GetLatest\", \"responses\": {\"200\": {\"description\": \"OK\"}}}},\n    \"/orders/{id}\": {"}},
	"OperationPathMustStartWithSlash":            {near: mutation{old: `"/orders": {`, new: `"//orders": {`}},
	"OperationPathTemplateNotValid":              {near: mutation{old: `"/orders/{id}": {`, new: `"/orders/({id})": {`}},
	"OperationPathMayNotContainQueryOrFragment":  {near: mutation{old: `"/orders": {`, new: `"/orders%3F": {`}},
	"OperationPathContainsUnsupportedCharacters": {near: mutation{old: `"/orders": {`, new: `"/orders/+": {`}},
	"OperationPathVariablesContainDefaults":      {near: mutation{old: `"/orders": {`, new: `"/orders/a=1": {`}},
	"PathItemRefNotSuppored":                     {near: mutation{old: `"/orders/{id}": {`, new: "\"/more\": {\"x-ref\": \"#/paths/~1orders\"},\n    \"/orders/{id}\": {"}},
})
