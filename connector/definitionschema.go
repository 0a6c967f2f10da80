package connector

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// DefinitionSchema returns a JSON Schema of the definition file, for editors:
// OpenAPI 2.0 with the x-ms-* extensions, each where it has an effect, made of the
// same tables that the rules go by. Draft 7 is what the editors in use know best.
// It is closed where the platform is: a keyword or an x-ms- name that means
// nothing is refused, and any other x- name is let through.
//
// It cannot say what spans places, such as references, paths and their parameters,
// or the callback URL that must be required all the way: that is what rules are
// for.
func DefinitionSchema() ([]byte, error) {
	definitions := map[string]any{}
	for role := RoleDocument; role < roleCount; role++ {
		definitions[role.slug()] = role.schema()
	}
	if err := extensionDefinitions(definitions); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(map[string]any{
		"$schema":     "http://json-schema.org/draft-07/schema#",
		"$id":         "https://github.com/connectorctl/connectorctl/apiDefinition.swagger.schema.json",
		"title":       "Custom connector definition",
		"description": "apiDefinition.swagger.json of a Power Platform or Logic Apps custom connector: OpenAPI 2.0 with the x-ms-* extensions.",
		"allOf":       []any{refTo(RoleDocument.slug())},
		"definitions": definitions,
	}, "", "  ")
	return append(text, '\n'), err
}

type jsonObject = map[string]any

func refTo(name string) jsonObject { return jsonObject{"$ref": "#/definitions/" + name} }

// slug names the role in the schema.
func (r Role) slug() string {
	switch r { // two have the same name in messages
	case RoleParameterMap:
		return "parameters-by-name"
	case RoleResponseMap:
		return "responses-by-name"
	}
	return strings.ReplaceAll(r.String(), " ", "-")
}

// anyOtherExtension are names that start with x-, and not with x-ms-.
const anyOtherExtension = "^[xX]-($|[^mM]|[mM]($|[^sS]|[sS]($|[^-])))"

// schema returns the schema of the objects, or the list, of a role.
func (r Role) schema() jsonObject {
	p := grammar[r]
	if p.keys == nil && p.any == RoleNone {
		return jsonObject{"type": "array", "items": valueOf(p.items)}
	}
	s := jsonObject{"type": "object"}
	members := jsonObject{}
	for name, inner := range p.keys {
		members[name] = keywordSchema(r, name, inner)
	}
	others := jsonObject{}
	if p.extensible {
		others[anyOtherExtension] = jsonObject{}
		r.addExtensions(members, s)
	}
	switch {
	case r == RolePaths:
		others["^/"] = valueOf(p.any)
		s["additionalProperties"] = false
	case p.any != RoleNone:
		s["additionalProperties"] = valueOf(p.any)
	case r == RoleNotification: // what is in it besides is nobody's to say
	default:
		s["additionalProperties"] = false
	}
	if r == RoleSchema {
		for _, name := range LaterKeywords {
			if members[name] == nil {
				members[name] = jsonObject{}
			}
		}
		others[`^\$`] = jsonObject{}
	}
	s["properties"] = members
	if len(others) > 0 {
		s["patternProperties"] = others
	}
	r.require(s)
	return s
}

// require adds the members that must be there.
func (r Role) require(s jsonObject) {
	names := requiredMembers[r]
	_, mayRefer := grammar[r].keys["$ref"]
	switch {
	case names == nil:
	case mayRefer:
		s["anyOf"] = []any{jsonObject{"required": []string{"$ref"}}, jsonObject{"required": names}}
	default:
		s["required"] = names
	}
}

// valueOf returns the schema of a value of a role.
func valueOf(r Role) jsonObject {
	if r == RoleParameter {
		return jsonObject{
			"if":   jsonObject{"properties": jsonObject{"in": jsonObject{"const": "body"}}, "required": []string{"in"}},
			"then": refTo(RoleBodyParameter.slug()),
			"else": refTo(RoleParameter.slug()),
		}
	}
	return refTo(r.slug())
}

// keywordSchema returns the schema of a keyword's value.
func keywordSchema(on Role, name string, inner Role) jsonObject {
	switch {
	case name == "swagger":
		return jsonObject{"const": "2.0"}
	case name == "required" && on == RoleSchema:
		return jsonObject{"type": "array", "items": jsonObject{"type": "string"}}
	case name == "required":
		return jsonObject{"type": "boolean"}
	case name == "additionalProperties":
		return jsonObject{"anyOf": []any{jsonObject{"type": "boolean"}, valueOf(inner)}}
	case name == "items" && on == RoleSchema:
		return jsonObject{"anyOf": []any{valueOf(inner), jsonObject{"type": "array", "items": valueOf(inner)}}}
	case inner != RoleNone:
		return valueOf(inner)
	}
	words := KeywordWords[name][on]
	switch {
	case words != nil && name == "type" && on == RoleSchema:
		return jsonObject{"anyOf": []any{jsonObject{"enum": words}, jsonObject{"type": "array"}}}
	case words != nil:
		return jsonObject{"enum": words}
	}
	for kind, names := range KeywordKinds {
		if slices.Contains(names, name) {
			return jsonObject{"type": kind.String()}
		}
	}
	return jsonObject{}
}

// addExtensions adds the extensions that have an effect on a role, and says what
// else must be there for it.
func (r Role) addExtensions(members, s jsonObject) {
	var conditions []any
	for e := range Vocabulary() {
		if e.on&(1<<r) == 0 || members[e.Name] != nil {
			continue
		}
		members[e.Name] = e.schema()
		if e.trigger {
			conditions = append(conditions, jsonObject{"if": jsonObject{"required": []string{e.Name}}, "then": jsonObject{"required": []string{"x-ms-trigger"}}})
		}
		if e.in != nil && r == RoleParameter {
			conditions = append(conditions, jsonObject{"if": jsonObject{"required": []string{e.Name}}, "then": jsonObject{"properties": jsonObject{"in": jsonObject{"enum": e.in}}}})
		}
	}
	if conditions != nil {
		s["allOf"] = conditions
	}
}

// schema returns the schema of an extension's value.
func (e *Extension) schema() jsonObject {
	s := jsonObject{}
	switch {
	case e.checked != nil:
		s["enum"] = e.checked
	case e.compound:
		return jsonObject{"allOf": []any{refTo(e.Name)}, "description": e.about}
	case e.values != nil:
		values := []any{}
		for _, v := range e.values {
			values = append(values, v)
		}
		if e.kind&(1<<source.Null) != 0 {
			values = append(values, nil)
		}
		s["enum"] = values
	case e.kind != any_:
		var types []string
		for kind := source.Bool; kind <= source.Object; kind++ {
			if e.kind&(1<<kind) != 0 {
				types = append(types, kind.String())
			}
		}
		s["type"] = types
	}
	if e.about != "" {
		s["description"] = e.about
	}
	return s
}

// extensionDefinitions adds the shapes of compound extensions, closed where
// ExtensionMembers says so.
func extensionDefinitions(into jsonObject) error {
	var shapes struct{ Definitions map[string]jsonObject }
	if err := json.Unmarshal([]byte(extensionSchemas), &shapes); err != nil {
		return err
	}
	for name, objects := range ExtensionMembers {
		for way, members := range objects {
			part := shapes.Definitions[name]
			for step := range strings.SplitSeq(way, "/") {
				switch step {
				case "":
				case "*":
					part, _ = part["additionalProperties"].(jsonObject)
				default:
					part, _ = part["properties"].(jsonObject)[step].(jsonObject)
				}
			}
			properties, _ := part["properties"].(jsonObject)
			if properties == nil {
				properties = jsonObject{}
			}
			for member := range strings.FieldsSeq(members) {
				if properties[member] == nil {
					properties[member] = jsonObject{}
				}
			}
			part["properties"], part["additionalProperties"] = properties, false
		}
	}
	for name, shape := range shapes.Definitions {
		into[name] = shape
	}
	return nil
}
