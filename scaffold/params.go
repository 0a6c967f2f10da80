package scaffold

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
)

// paramTypes are the types of OpenAPI 2.0's Parameter Object, with what Go has
// for them. Anything else is read as a string.
var paramTypes = map[string]string{"string": "string", "integer": "int64", "number": "float64", "boolean": "bool"}

// paramType returns the Go type of a parameter that is not in the body. A
// number or a boolean that may be missing is a pointer.
func paramType(p connector.Parameter, optional bool) string {
	declared, _ := p.Node.Get("type").Str()
	switch {
	case declared == "array":
		item, _ := p.Node.Get("items").Get("type").Str()
		return "[]" + or(paramTypes[item], "string")
	case declared == "file":
		return "FileContent"
	case optional && declared != "string" && paramTypes[declared] != "":
		return "*" + paramTypes[declared]
	}
	return or(paramTypes[declared], "string")
}

// separators are what stands between the items of an array, by
// collectionFormat (OpenAPI 2.0, Parameter Object).
var separators = map[string]string{"": ",", "csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|", "multi": ""}

func separator(p connector.Parameter) string {
	format, _ := p.Node.Get("collectionFormat").Str()
	if s, known := separators[format]; known {
		return s
	}
	return ","
}

func paramValues(p connector.Parameter) string {
	var allowed []string
	for _, item := range p.Node.Get("enum").Items() {
		if value, ok := item.Str(); ok {
			allowed = append(allowed, quote(value))
		}
	}
	if len(allowed) == 0 {
		return ""
	}
	return " One of " + strings.Join(allowed, ", ") + "."
}

// param makes what the runtime needs to check a registration's parameter.
func (b *builder) param(p connector.Parameter) paramData {
	typ, _ := p.Node.Get("type").Str()
	data := paramData{
		Name: quote(p.Name()), In: quote(p.In()), Type: quote("string"), Split: `""`, Items: `""`, Schema: "nil",
		Required: fmt.Sprint(isRequired(p)),
	}
	if typ == "array" {
		item, _ := p.Node.Get("items").Get("type").Str()
		if paramTypes[item] == "" {
			item = "string"
		}
		data.Type, data.Split, data.Items = quote(typ), quote(separator(p)), quote(item)
	} else if paramTypes[typ] != "" {
		data.Type = quote(typ)
	}
	schema := b.def.Schema(p.Node).JSONSchema()
	delete(schema, "$schema")
	if _, typed := schema["type"]; len(schema) == 1 && typed || len(schema) == 0 {
		return data // Type says it all
	}
	if text, err := json.Marshal(schema); err == nil {
		data.Schema = "json.RawMessage(" + raw(string(text)) + ")"
	}
	return data
}

// isRequired reports whether a request without the parameter is refused. The
// headers that clients send by themselves are no input, whatever a definition
// says of them.
func isRequired(p connector.Parameter) bool {
	if p.In() == "header" {
		switch strings.ToLower(p.Name()) {
		case "content-type", "accept", "authorization":
			return false
		}
	}
	return p.Required() || p.In() == "path"
}

// raw writes a string between backquotes, where that can say it.
func raw(s string) string {
	for _, r := range s {
		if r == '`' || r == '\r' || r != '\n' && visible(r) == ' ' && r != ' ' {
			return quote(s)
		}
	}
	return "`" + s + "`"
}
