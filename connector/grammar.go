package connector

import "strings"

// Role says what an object of a definition is: what the OpenAPI 2.0
// specification calls the "... Object", and the maps and lists between them.
type Role uint8

const (
	RoleNone Role = iota // outside the grammar: examples, defaults, the values of extensions
	RoleDocument
	RoleInfo
	RoleContact
	RoleLicense
	RolePaths
	RolePathItem
	RoleOperation
	RoleParameterList
	RoleParameterMap
	RoleParameter     // in path, query, header or formData
	RoleBodyParameter // in body
	RoleResponses     // status code → response
	RoleResponseMap   // the document's own responses, by name
	RoleResponse
	RoleHeaders
	RoleHeader
	RoleItems // the items of a parameter or header that is no schema
	RoleSchema
	RoleSchemaMap // properties and definitions
	RoleSchemaList
	RoleNotification // x-ms-notification-content
	RoleSecurityDefinitions
	RoleSecurityScheme
	RoleTagList
	RoleTag
	RoleExternalDocs
	RoleXML
	roleCount
)

var roleNames = [roleCount]string{
	"value", "document", "info", "contact", "license", "paths", "path item", "operation", "parameter list",
	"parameters", "parameter", "body parameter", "responses", "responses", "response", "headers", "header", "items",
	"schema", "schemas", "schema list", "notification content", "security definitions", "security scheme",
	"tags", "tag", "external documentation", "xml",
}

// String names the role in messages.
func (r Role) String() string { return roleNames[r] }

// A production says what stands inside an object or array of one role.
type production struct {
	keys       map[string]Role // known keys; RoleNone if the value has no structure of its own
	any        Role            // the role of a value under any other key
	items      Role            // the role of the items, if it may be an array
	extensible bool            // x- keys are extensions, not names
}

// keys adds those whose values have no structure of their own.
func keys(structured map[string]Role, plain string) map[string]Role {
	if structured == nil {
		structured = map[string]Role{}
	}
	for _, name := range strings.Fields(plain) {
		structured[name] = RoleNone
	}
	return structured
}

// What values that are no schemas share with schemas (OpenAPI 2.0, Parameter
// Object, Items Object and Header Object).
const limited = "type format default enum maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern" +
	" maxItems minItems uniqueItems multipleOf "

// grammar is the OpenAPI 2.0 specification as far as names and structure go,
// with the one extension that holds a schema in a place of its own.
var grammar = [roleCount]production{
	RoleDocument: {extensible: true, keys: keys(map[string]Role{
		"info": RoleInfo, "paths": RolePaths, "definitions": RoleSchemaMap, "parameters": RoleParameterMap,
		"responses": RoleResponseMap, "securityDefinitions": RoleSecurityDefinitions, "tags": RoleTagList,
		"externalDocs": RoleExternalDocs,
	}, "swagger host basePath schemes consumes produces security")},
	RoleInfo:     {extensible: true, keys: keys(map[string]Role{"contact": RoleContact, "license": RoleLicense}, "title description termsOfService version")},
	RoleContact:  {extensible: true, keys: keys(nil, "name url email")},
	RoleLicense:  {extensible: true, keys: keys(nil, "name url")},
	RolePaths:    {extensible: true, any: RolePathItem},
	RolePathItem: {extensible: true, keys: pathItemKeys},
	RoleOperation: {extensible: true, keys: keys(map[string]Role{
		"parameters": RoleParameterList, "responses": RoleResponses, "externalDocs": RoleExternalDocs,
		"x-ms-notification-content": RoleNotification,
	}, "tags summary description operationId consumes produces schemes deprecated security")},
	RoleParameterList: {items: RoleParameter},
	RoleParameterMap:  {any: RoleParameter},
	RoleParameter: {extensible: true, keys: keys(map[string]Role{"schema": RoleSchema, "items": RoleItems},
		limited+"$ref name in description required allowEmptyValue collectionFormat")},
	RoleBodyParameter: {extensible: true, keys: keys(map[string]Role{"schema": RoleSchema, "items": RoleItems},
		limited+"$ref name in description required allowEmptyValue collectionFormat")},
	RoleResponses:   {extensible: true, any: RoleResponse},
	RoleResponseMap: {any: RoleResponse},
	RoleResponse:    {extensible: true, keys: keys(map[string]Role{"schema": RoleSchema, "headers": RoleHeaders}, "$ref description examples")},
	RoleHeaders:     {any: RoleHeader},
	RoleHeader:      {extensible: true, keys: keys(map[string]Role{"items": RoleItems}, limited+"description collectionFormat")},
	RoleItems:       {extensible: true, keys: keys(map[string]Role{"items": RoleItems}, limited+"collectionFormat")},
	RoleSchema: {extensible: true, items: RoleSchema, keys: keys(map[string]Role{
		"properties": RoleSchemaMap, "items": RoleSchema, "additionalProperties": RoleSchema, "allOf": RoleSchemaList,
		"anyOf": RoleSchemaList, "oneOf": RoleSchemaList, "not": RoleSchema,
		"externalDocs": RoleExternalDocs, "xml": RoleXML,
	}, limited+"$ref title description maxProperties minProperties required discriminator readOnly example")},
	RoleSchemaMap:           {any: RoleSchema},
	RoleSchemaList:          {items: RoleSchema},
	RoleNotification:        {extensible: true, keys: keys(map[string]Role{"schema": RoleSchema, "headers": RoleHeaders}, "description")},
	RoleSecurityDefinitions: {any: RoleSecurityScheme},
	RoleSecurityScheme:      {extensible: true, keys: keys(nil, "type description name in flow authorizationUrl tokenUrl scopes")},
	RoleTagList:             {items: RoleTag},
	RoleTag:                 {extensible: true, keys: keys(map[string]Role{"externalDocs": RoleExternalDocs}, "name description")},
	RoleExternalDocs:        {extensible: true, keys: keys(nil, "description url")},
	RoleXML:                 {extensible: true, keys: keys(nil, "name namespace prefix attribute wrapped")},
}

// Methods are the HTTP methods of a path item (OpenAPI 2.0, Path Item Object).
var Methods = []string{"get", "put", "post", "delete", "options", "head", "patch"}

var pathItemKeys = func() map[string]Role {
	all := keys(map[string]Role{"parameters": RoleParameterList, "x-ms-notification-content": RoleNotification}, "$ref")
	for _, m := range Methods {
		all[m] = RoleOperation
	}
	return all
}()
