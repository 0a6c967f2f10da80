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
		fmt.Fprintf(&b, `"/more/%d": {"get": {"operationId": %s"More%d", "summary": "Get more", "description": "Reads more.", "responses": {"200": {"description": "OK"}}}},`+"\n    ", i, mark, i)
	}
	return b.String()
}

// The well-made connector has seven operations of its own.
var _ = register(map[string]mutation{
	"operation-count": {old: `"/hooks": {`, new: manyOperations(257) + `"/hooks": {`},
}, map[string]officialCase{
	"TotalOperationsCountExceedsMaxAllowed": {near: mutation{old: `"/hooks": {`, new: manyOperations(249) + `"/hooks": {`}},
})
