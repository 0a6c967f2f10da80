package rules_test

var _ = register(map[string]mutation{
	"style-operation-id":        {old: `"operationId": "GetOrder"`, new: `"operationId": «"get_order"`},
	"style-description-repeats": {old: `"description": "Reads one order."`, new: `"description": «"Get an order."`},
	"style-label-case":          {old: `"x-ms-summary": "Order Id"`, new: `"x-ms-summary": «"order id"`},
	"style-key-order":           {old: `"definitions": {`, new: `"parameters": {}, «"definitions": {`},
	"style-indentation":         {old: "\n  \"host\"", new: "\n«\t\"host\""},
	"style-trailing-space":      {old: "\n  \"host\"", new: "«  \n  \"host\""},
	"style-path-empty":          {old: `"/hooks": {`, new: `«"/none": {}, "/hooks": {`},
	"style-summary-repeats":     {old: `"summary": "Get an order"`, new: `"summary": «"When an order is created"`},
	"style-summary-case":        {old: `"summary": "Get an order"`, new: `"summary": «"Get The Order"`},
	"style-description-end":     {old: `"Reads one order."`, new: `«"Reads one order"`},
	"style-trigger-description": {old: `"This operation triggers when a customer places an order."`, new: `«"A customer places an order."`},
	"style-label-repeats":       {old: `"The id of the order."`, new: `«"order id"`},
	"style-property-label":      {old: `"definitions": {`, new: `"definitions": {"More": {"type": "object", "properties": {"a": {}, "b": {}, "c": {}, "d": {}, "e": {}, "f": {}, "g": {}, "h": {}, "i": {}, "j": {}}},`, at: `"value": {`},
	"style-deprecated":          {old: `"operationId": "GetOrder",`, new: `"operationId": "GetOrder", "deprecated": true,`, at: `"Get an order"`},
}, nil)
