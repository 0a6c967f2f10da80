package rules_test

// dynamicOn puts an extension on the channel, a property of the body of
// OnOrderCreated.
func dynamicOn(extension string) mutation {
	return mutation{old: `"x-ms-summary": "Channel"`, new: `"x-ms-summary": "Channel", ` + extension}
}

// dynamicFrom puts one on the id, the only parameter of GetOrder.
func dynamicFrom(extension string) mutation {
	return mutation{old: `"x-ms-summary": "Order Id",`, new: `"x-ms-summary": "Order Id", ` + extension + `,`}
}

// withTwins gives the registration a parameter that is called as a property of
// its body.
func withTwins(extension string) mutation {
	return mutation{
		old: "\"x-ms-summary\": \"Channel\"\n                }\n              }\n            }\n          }",
		new: "\"x-ms-summary\": \"Channel\", " + extension + "\n}\n}\n}\n}, {\"name\": \"channel\", \"in\": \"query\", \"type\": \"string\", \"description\": \"A channel.\", \"x-ms-summary\": \"Also channel\"}",
	}
}

const orders = `"x-ms-dynamic-values": {"operationId": "OnOrderChanged", "value-collection": "value", "value-path": "id"`

var _ = register(map[string]mutation{
	"dynamic-operation-unknown":  dynamicFrom(`"x-ms-dynamic-values": {"operationId": «"OnOrderChange", "value-path": "id"}`),
	"dynamic-argument-missing":   dynamicOn(`"x-ms-dynamic-schema": {"operationId": «"GetOrder"}`),
	"dynamic-argument-unknown":   dynamicFrom(orders + `, "parameters": {«"sinse": "2026-01-01"}}`),
	"dynamic-argument-ambiguous": withTwins(`"x-ms-dynamic-schema": {"operationId": "OnOrderCreated", "parameters": {"callbackUrl": "x", «"channel": "shop"}}`),
	"dynamic-argument-type":      dynamicFrom(orders + `, "parameters": {"since": «7}}`),
	"dynamic-argument-optional":  dynamicOn(`"x-ms-dynamic-properties": {"operationId": "GetOrder", "parameters": {"id": {"parameterReference": «"body/channel"}}}`),
	"dynamic-argument-internal":  dynamicOn(`"x-ms-dynamic-list": {"operationId": "OnOrderChanged", "itemsPath": "value", "itemValuePath": "id", "parameters": {"since": {"parameterReference": «"body/callbackUrl"}}}`),
	"dynamic-selected-item":      dynamicOn(`"x-ms-dynamic-list": {"operationId": "OnOrderChanged", "itemsPath": "value", "itemValuePath": "id", "parameters": {"since": {«"selectedItemValuePath": "id"}}}`),
	"dynamic-no-array":           dynamicFrom(`"x-ms-dynamic-values": {"operationId": «"OnOrderChanged", "value-path": "id"}`),
	"dynamic-no-property":        dynamicFrom(orders + `, "value-title": «"name"}`),
	"dynamic-on-body":            {old: "\"in\": \"body\",", new: "\"in\": \"body\", «" + orders + "},"},
	"dynamic-no-list":            dynamicOn(orders + `, "parameters": {"since": {"parameter": «"channel"}}}`),
	"dynamic-no-properties":      dynamicOn(`"x-ms-dynamic-schema": {"operationId": "OnOrderChanged", "parameters": {"since": {"parameter": «"channel"}}}`),
	"dynamic-path-differs":       dynamicOn(`"x-ms-dynamic-schema": {"operationId": "OnOrderChanged"}, "x-ms-dynamic-properties": {"operationId": "OnOrderChanged", "itemValuePath": «"value"}`),
	"dynamic-no-tree":            dynamicFrom(`"x-ms-dynamic-values": {"capability": «"file-picker"}`),
}, map[string]officialCase{
	"OperationIdNotFound":                             {near: dynamicFrom(orders + `}`)},
	"OperationMissingRequiredProperty":                {near: dynamicOn(`"x-ms-dynamic-schema": {"operationId": "GetOrder", "parameters": {"id": "1"}}`)},
	"OperationParameterNameNotFound":                  {near: dynamicFrom(orders + `, "parameters": {"since": {"parameter": "id"}}}`)},
	"OperationParameterNameIsAmbiguous":               {near: withTwins(`"x-ms-dynamic-properties": {"operationId": "OnOrderCreated", "parameters": {"body/callbackUrl": {"value": "x"}, "channel": {"value": "shop"}}}`)},
	"OperationParameterStaticTypeMismatch":            {near: dynamicFrom(orders + `, "parameters": {"since": "7"}}`)},
	"OperationParameterTypeMismatch":                  {fires: ptr(typed(`"type": "integer"`)), near: typed(`"type": "string"`)},
	"OperationParameterRequiredMismatch":              {near: dynamicFrom(`"x-ms-dynamic-values": {"operationId": "GetOrder", "parameters": {"id": {"parameter": "id"}}}`)},
	"SourcePropertyInternal":                          {fires: &mutation{old: `"x-ms-summary": "Channel"`, new: `"x-ms-summary": "Channel", "x-ms-visibility": "internal", "default": "web", "x-ms-dynamic-list": {"operationId": "OnOrderChanged", "itemsPath": "value", "itemValuePath": "id", "parameters": {"since": {"parameterReference": "body/channel"}}}`}, near: dynamicOn(`"x-ms-dynamic-list": {"operationId": "OnOrderChanged", "itemsPath": "value", "parameters": {"since": {"parameterReference": "body/channel"}}}`)},
	"SelectedItemValuePathNotAllowedInThisPosition":   {near: dynamicOn(`"x-ms-dynamic-tree": {"browse": {"operationId": "OnOrderChanged", "parameters": {"since": {"selectedItemValuePath": "id"}}}}`)},
	"InvokedOperationShouldProduceArray":              {near: dynamicFrom(orders + `}`)},
	"InvokedOperationShouldProduceProperty":           {near: dynamicFrom(orders + `, "value-title": "total"}`)},
	"DynamicExtensionDefinitionNotAllowedInParameter": {near: dynamicOn(orders + `}`)},
	"DynamicListExtensionRequiredForNonParameterReferences": {near: dynamicOn(orders +
		`, "parameters": {"since": {"parameter": "channel"}}}, "x-ms-dynamic-list": {"operationId": "OnOrderChanged", "itemsPath": "value", "parameters": {"since": {"parameterReference": "body/channel"}}}`)},
	"DynamicListExtensionRequiredForAmbiguousReferences": {
		fires: ptr(withTwins(orders + `, "parameters": {"since": {"parameter": "channel"}}}`)),
		near:  withTwins(orders + `, "parameters": {"since": "channel"}}`),
	},
	"DynamicPropertiesExtensionRequiredForNonParameterReferences": {near: dynamicFrom(`"x-ms-dynamic-schema": {"operationId": "OnOrderChanged", "parameters": {"since": {"parameter": "id"}}}`)},
	"DynamicPropertiesExtensionRequiredForAmbiguousReferences": {
		fires: ptr(withTwins(`"x-ms-dynamic-schema": {"operationId": "OnOrderChanged", "parameters": {"since": {"parameter": "channel"}}}`)),
		near:  withTwins(`"x-ms-dynamic-schema": {"operationId": "OnOrderChanged", "parameters": {"since": "channel"}}`),
	},
	"DynamicPropertiesExtensionRequiredForPropertiesValuePath": {
		fires: ptr(dynamicOn(`"x-ms-dynamic-schema": {"operationId": "OnOrderChanged", "value-path": "schema/properties"}`)),
		near:  dynamicOn(`"x-ms-dynamic-schema": {"operationId": "OnOrderChanged", "value-path": "properties/schema"}`),
	},
	"DynamicPropertiesItemValuePathMismatch": {near: dynamicOn(`"x-ms-dynamic-schema": {"operationId": "OnOrderChanged", "value-path": "properties"}, "x-ms-dynamic-properties": {"operationId": "OnOrderChanged"}`)},
	"DynamicTreeExtensionMissing":            {near: dynamicFrom(`"x-ms-dynamic-values": {"capability": "file-picker"}, "x-ms-dynamic-tree": {}`)},
})

// typed feeds the time of OnOrderChanged from a parameter of the given type.
func typed(declaration string) mutation {
	return mutation{
		old: "\"type\": \"string\",\n            \"description\": \"The id of the order.\",\n            \"x-ms-summary\": \"Order Id\",",
		new: declaration + `, "description": "The id of the order.", "x-ms-summary": "Order Id", ` + orders + `, "parameters": {"since": {"parameter": "id"}}},`,
	}
}

func ptr(m mutation) *mutation { return &m }
