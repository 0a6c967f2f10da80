package rules

import (
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// placeholder is what a member of an object that must be there may be for a
// start: what follows from names, else an empty value to fill in, which other
// rules report until somebody has. It is nil where even the place to fill in is
// unknown. No placeholder passes for the real thing: text-empty and style-*
// tell of it.
func placeholder(object source.Node, name string) any {
	switch name {
	case "name":
		return nil
	case "paths":
		return source.Members{}
	case "info":
		return source.Members{{Key: "title", Value: ""}, {Key: "version", Value: "1.0"}, {Key: "description", Value: ""}, {Key: "contact", Value: emptyContact}}
	case "contact":
		return emptyContact
	case "x-ms-connector-metadata":
		return emptyMetadata(metadataNames)
	case "version":
		return "1.0"
	case "in":
		return locationOf(object)
	case "type":
		return typeOf(object)
	case "summary", "x-ms-summary":
		return labelOf(object)
	case "description":
		return descriptionOf(object)
	}
	return ""
}

var emptyContact = source.Members{{Key: "name", Value: ""}, {Key: "url", Value: ""}, {Key: "email", Value: ""}}

// emptyMetadata are entries of x-ms-connector-metadata.
func emptyMetadata(names []string) []any {
	var all []any
	for _, name := range names {
		all = append(all, source.Members{{Key: "propertyName", Value: name}, {Key: "propertyValue", Value: ""}})
	}
	return all
}

// locationOf is where a parameter seems to be.
func locationOf(parameter source.Node) string {
	if parameter.Get("schema").Exists() {
		return "body"
	}
	braced := "{" + text(parameter.Get("name")) + "}"
	for n := parameter.Parent(); n.Exists(); n = n.Parent() {
		if strings.Contains(n.KeyStr(), braced) {
			return "path"
		}
	}
	return "query"
}

// typeOf is the type that a parameter seems to have, nil if its schema says it.
func typeOf(parameter source.Node) any {
	switch {
	case parameter.Get("schema").Exists(), parameter.Get("in").Is("body"):
		return nil
	case parameter.Get("items").Exists():
		return "array"
	}
	if kind := parameter.Get("default").Kind(); kind == source.Number || kind == source.Bool {
		return kind.String()
	}
	return "string"
}

// labelOf makes a label of the name that an object has: "Get order" of an
// operation GetOrder, "Order Id" of a parameter order_id. It is empty if there
// is no name.
func labelOf(object source.Node) string {
	label := connector.Label(text(object.Get("name")))
	if isOperation(object) {
		label = capitalized(strings.Join(connector.SpokenWords(nameOf(object)), " "))
	}
	if length(label) > maxSummary || !endsWell(label) {
		return ""
	}
	return label
}

// descriptionOf makes a sentence, empty if nothing says what of.
func descriptionOf(object source.Node) string {
	switch role := object.Parent().KeyStr(); {
	case role == "responses":
		return statusText(object.KeyStr())
	case isOperation(object):
		said := strings.TrimRight(strings.TrimSpace(text(object.Get("summary"))), ".")
		if said == "" {
			said = labelOf(object)
		}
		if said == "" {
			return ""
		}
		return said + "."
	case object.Get("in").Exists():
		return nameSentence(text(object.Get("name")))
	}
	return ""
}

// nameSentence describes a parameter by its name, "The order id." for orderId.
// It is empty if the name has no word.
func nameSentence(name string) string {
	words := connector.SpokenWords(name)
	if len(words) == 0 {
		return ""
	}
	return "The " + strings.Join(words, " ") + "."
}

// statusText is what a response says by its status (RFC 9110, section 15).
func statusText(status string) string {
	code, err := strconv.Atoi(status)
	switch said := http.StatusText(code); {
	case err == nil && said != "":
		return said
	case status == "default":
		return "Any other response"
	}
	return "Response " + status
}

func isOperation(n source.Node) bool { return n.Parent().Parent().KeyStr() == "paths" }

// nameOf is the operationId of an operation, or one that its path gives.
func nameOf(operation source.Node) string {
	if id := text(operation.Get("operationId")); strings.TrimSpace(id) != "" {
		return id
	}
	return derivedID(operation.KeyStr(), operation.Parent().KeyStr())
}

// derivedID makes an operationId of the method and the path, in Pascal case:
// GetOrdersById for GET /orders/{id}.
func derivedID(method, path string) string {
	id := capitalized(strings.ToLower(method))
	for segment := range strings.SplitSeq(path, "/") {
		name, isPlaceholder := strings.CutPrefix(segment, "{")
		if isPlaceholder {
			id += "By"
		}
		for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !isIDCharacter(r) || r == '_' }) {
			id += capitalized(word)
		}
	}
	return id[:min(len(id), maxOperationID)]
}

func capitalized(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
