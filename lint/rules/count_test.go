package rules_test

import (
	"fmt"
	"strings"
)

// manyOperations are paths with one operation each, to be put before another.
func manyOperations(n int) string {
	var b strings.Builder
	for i := range n {
		mark := ""
		if i == 256 {
			mark = "«"
		}
		fmt.Fprintf(&b, `"/more/%d": {"get": {"operationId": %s"More%d", "summary": "Get more %d", "description": "Reads more.", "responses": {"200": {"description": "OK"}}}},`+"\n    ", i, mark, i, i)
	}
	return b.String()
}

// The well-made connector has seven operations of its own.
var _ = register(map[string]mutation{
	"operation-count": {old: `"/hooks": {`, new: manyOperations(257) + `"/hooks": {`},
}, map[string]officialCase{
	"TotalOperationsCountExceedsMaxAllowed": {near: mutation{old: `"/hooks": {`, new: manyOperations(249) + `"/hooks": {`}},
})

// wide is an object of n properties, deep one inside another n times.
func wide(n int, of string) string {
	var b strings.Builder
	b.WriteString(`{"type": "object", "properties": {`)
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `"p%d": %s`, i, of)
	}
	return b.String() + "}}"
}

func deep(n int) string {
	return strings.Repeat(`{"type": "object", "title": "P", "properties": {"p": `, n-1) + aString + strings.Repeat("}}", n-1)
}

const aString = `{"type": "string", "title": "P"}`

// define puts a definition before the others.
func define(mark, schema string) mutation {
	return mutation{old: `"definitions": {`, new: `"definitions": {` + "\n    " + mark + `"Large": ` + schema + ","}
}

// many are operations that each give n times 500 schemas.
func many(operations, n int) mutation {
	var b strings.Builder
	for i := range operations {
		var responses []string
		for j := range n {
			responses = append(responses, fmt.Sprintf(`"%d": {"description": "OK", "schema": {"$ref": "#/x-large"}}`, 200+j))
		}
		fmt.Fprintf(&b, `"/more/%d": {"get": {"operationId": "More%d", "responses": {%s}}}, `, i, i, strings.Join(responses, ", "))
	}
	return mutation{old: `"paths": {`, new: `"x-large": ` + wide(499, aString) + `, "paths": {` + b.String()}
}

var _ = register(map[string]mutation{
	"size-schema": define("«", wide(512, aString)),
	"size-depth":  define("«", deep(17)),
}, map[string]officialCase{
	"BodySchemaCountExceedsMaxAllowed": {near: define("", wide(511, aString))},
	"SchemaTooDeep":                    {near: define("", deep(16))},
	"OperationSchemaCountExceedsMaxAllowed": {
		fires: new(many(1, 33)), near: many(1, 32),
	},
	"TotalSchemaCountExceedsMaxAllowed": {
		fires: new(many(256, 33)), near: many(200, 32),
	},
})
