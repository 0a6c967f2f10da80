package rules_test

var _ = register(map[string]mutation{
	"style-operation-id":        {old: `"operationId": "GetOrder"`, new: `"operationId": «"get_order"`},
	"style-description-repeats": {old: `"description": "Reads one order."`, new: `"description": «"Get an order."`},
	"style-label-case":          {old: `"x-ms-summary": "Order Id"`, new: `"x-ms-summary": «"order id"`},
}, nil)
