package rules_test

// filterOn puts filterFunctions on the total of an order.
func filterOn(list string) mutation {
	return mutation{old: `"x-ms-summary": "Total"`, new: `"x-ms-summary": "Total", "x-ms-capabilities": {"filterFunctions": ` + list + `}`}
}

// testConnection makes the connector test its connections.
func testConnection(call string) mutation {
	return mutation{old: `"host": "api`, new: `"x-ms-capabilities": {"testConnection": ` + call + `}, "host": "api`}
}

var _ = register(map[string]mutation{
	"capability-filter-empty":     {old: `"x-ms-summary": "Total"`, new: `"x-ms-summary": "Total", "x-ms-capabilities": {«"filterFunctions": []}`},
	"capability-filter-duplicate": filterOn(`["eq", «"eq"]`),
	"capability-filter-unknown":   filterOn(`["eq", «"equals"]`),
	"capability-test-connection":  testConnection(`{"operationId": "GetOrder", "parameters": {«"id": {"parameter": "id"}}}`),
	"capability-filter-input":     {old: `"x-ms-summary": "Channel"`, new: `"x-ms-summary": "Channel", "x-ms-capabilities": {«"filterFunctions": ["eq"]}`},
}, map[string]officialCase{
	"FilterFunctionsPropertyEmpty":         {near: filterOn(`["eq"]`)},
	"FilterFunctionsPropertyHasDuplicates": {near: filterOn(`["eq", "ne"]`)},
	"FilterFunctionsPropertyInvalidValue":  {near: filterOn(`["eq", "endswith"]`)},
	"FilterFunctionsPropertyInInputSchema": {near: filterOn(`["eq"]`)},
	"OneOfPropertiesRequired": {
		fires: ptr(dynamicFrom(`"x-ms-dynamic-values": {"value-path": "id"}`)),
		near:  dynamicFrom(`"x-ms-dynamic-values": {"builtInOperation": "AadGraph.GetUsers"}`),
	},
})
