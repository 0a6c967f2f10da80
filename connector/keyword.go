package connector

import (
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// KeywordKinds says which kinds of values keywords have, whatever object they
// stand in (OpenAPI 2.0). What may be of several kinds is not among them, nor
// what has a structure of its own, see [Walker].
var KeywordKinds = map[source.Kind][]string{
	source.String: strings.Fields("title description summary host basePath name in format pattern collectionFormat discriminator termsOfService" +
		" version url email flow authorizationUrl tokenUrl"),
	source.Bool:   strings.Fields("deprecated allowEmptyValue uniqueItems readOnly attribute wrapped"),
	source.Number: strings.Fields("maximum minimum multipleOf maxLength minLength maxItems minItems maxProperties minProperties"),
	source.Array:  strings.Fields("consumes produces schemes tags security enum"),
	source.Object: strings.Fields("examples scopes"),
}

// ItemKinds says which kinds of items lists have that have no structure of their
// own.
var ItemKinds = map[source.Kind][]string{
	source.String: {"consumes", "produces", "schemes", "tags", "required"},
	source.Object: {"security"},
}

// KeywordWords are the words that keywords may have, by the object that they
// stand in (OpenAPI 2.0).
var KeywordWords = map[string]map[Role][]string{
	"in": {
		RoleParameter: {"query", "header", "path", "formData", "body"}, RoleSecurityScheme: {"query", "header"},
	},
	"type": {
		RoleSchema:         {"string", "number", "integer", "boolean", "array", "object", "file", "null"},
		RoleParameter:      {"string", "number", "integer", "boolean", "array", "file", "object"},
		RoleItems:          {"string", "number", "integer", "boolean", "array", "object"},
		RoleHeader:         {"string", "number", "integer", "boolean", "array"},
		RoleSecurityScheme: {"basic", "apiKey", "oauth2"},
	},
	"flow": {RoleSecurityScheme: {"implicit", "password", "application", "accessCode"}},
}

// LaterKeywords are members of schemas in later versions of OpenAPI, which other
// tools write and importers pass over.
var LaterKeywords = []string{"nullable", "oneOf", "anyOf", "not", "const", "examples", "deprecated", "writeOnly", "patternProperties"}

// ExtensionMembers are those of extensions whose shape is closed, by the way to
// an object in one, on which * is any member (the swagger JSON schema of the
// connector repository; expires: Microsoft docs, "Operational versioning").
var ExtensionMembers = map[string]map[string]string{
	"x-ms-api-annotation": {"": "family revision status replacement expires", "replacement": "api operationId"},
	"x-ms-capabilities": {
		"": "testConnection file-picker chunkTransfer filterFunctions sortRestrictions filterRestrictions selectRestrictions isOnlyServerPagable" +
			" filterFunctionSupport serverPagingOptions filterable sortable",
		"testConnection": "operationId parameters",
		"file-picker":    "open browse value-title value-path value-collection value-folder-property value-media-property",
	},
	"x-ms-pageable":           {"": "nextLinkName"},
	"x-ms-notification":       {"": "operationId"},
	"x-ms-operation-context":  {"": "simulate", "simulate": "operationId parameters"},
	"x-ms-dynamic-values":     {"": "operationId capability builtInOperation parameters value-collection value-path value-title", "parameters/*": "parameter"},
	"x-ms-dynamic-list":       {"": listMembers, "parameters/*": newerArgument},
	"x-ms-dynamic-schema":     {"": "operationId parameters value-path", "parameters/*": "parameter"},
	"x-ms-dynamic-properties": {"": "operationId builtInOperation parameters itemValuePath", "parameters/*": newerArgument},
	"x-ms-dynamic-tree": {
		"": "settings open browse", "settings": "canSelectParentNodes canSelectLeafNodes",
		"open": listMembers, "open/parameters/*": newerArgument,
		"browse": listMembers, "browse/parameters/*": newerArgument + " selectedItemValuePath",
	},
}

const (
	listMembers   = "operationId builtInOperation parameters itemsPath itemValuePath itemTitlePath itemIsParent itemFullTitlePath itemMediaTypePath itemImagePath"
	newerArgument = "value parameterReference"
)

// requiredMembers are those that an object must have unless it is a reference
// (OpenAPI 2.0).
var requiredMembers = [roleCount][]string{
	RoleDocument: {"swagger", "info", "paths"}, RoleInfo: {"title", "version"}, RoleOperation: {"responses"},
	RoleParameter: {"name", "in", "type"}, RoleBodyParameter: {"name", "in", "schema"}, RoleResponse: {"description"},
	RoleSecurityScheme: {"type"}, RoleTag: {"name"}, RoleExternalDocs: {"url"},
}

// RequiredMembers returns the members that an object of a role must have unless
// it is a reference.
func RequiredMembers(role Role) []string { return requiredMembers[role] }
