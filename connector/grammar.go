package connector

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
	keys       map[string]Role // known keys with structured values
	any        Role            // the role of a value under any other key
	items      Role            // the role of the items, if it may be an array
	extensible bool            // x- keys are extensions, not names
}

// grammar is the OpenAPI 2.0 specification as far as structure goes, with the
// one extension that holds a schema in a place of its own.
var grammar = [roleCount]production{
	RoleDocument: {extensible: true, keys: map[string]Role{
		"info": RoleInfo, "paths": RolePaths, "definitions": RoleSchemaMap, "parameters": RoleParameterMap,
		"responses": RoleResponseMap, "securityDefinitions": RoleSecurityDefinitions, "tags": RoleTagList,
		"externalDocs": RoleExternalDocs,
	}},
	RoleInfo:     {extensible: true, keys: map[string]Role{"contact": RoleContact, "license": RoleLicense}},
	RoleContact:  {extensible: true},
	RoleLicense:  {extensible: true},
	RolePaths:    {extensible: true, any: RolePathItem},
	RolePathItem: {extensible: true, keys: pathItemKeys},
	RoleOperation: {extensible: true, keys: map[string]Role{
		"parameters": RoleParameterList, "responses": RoleResponses, "externalDocs": RoleExternalDocs,
		"x-ms-notification-content": RoleNotification,
	}},
	RoleParameterList: {items: RoleParameter},
	RoleParameterMap:  {any: RoleParameter},
	RoleParameter:     {extensible: true, keys: map[string]Role{"schema": RoleSchema, "items": RoleItems}},
	RoleBodyParameter: {extensible: true, keys: map[string]Role{"schema": RoleSchema, "items": RoleItems}},
	RoleResponses:     {extensible: true, any: RoleResponse},
	RoleResponseMap:   {any: RoleResponse},
	RoleResponse:      {extensible: true, keys: map[string]Role{"schema": RoleSchema, "headers": RoleHeaders}},
	RoleHeaders:       {any: RoleHeader},
	RoleHeader:        {extensible: true, keys: map[string]Role{"items": RoleItems}},
	RoleItems:         {extensible: true, keys: map[string]Role{"items": RoleItems}},
	RoleSchema: {extensible: true, items: RoleSchema, keys: map[string]Role{
		"properties": RoleSchemaMap, "items": RoleSchema, "additionalProperties": RoleSchema, "allOf": RoleSchemaList,
		"anyOf": RoleSchemaList, "oneOf": RoleSchemaList, "not": RoleSchema,
		"externalDocs": RoleExternalDocs, "xml": RoleXML,
	}},
	RoleSchemaMap:           {any: RoleSchema},
	RoleSchemaList:          {items: RoleSchema},
	RoleNotification:        {extensible: true, keys: map[string]Role{"schema": RoleSchema, "headers": RoleHeaders}},
	RoleSecurityDefinitions: {any: RoleSecurityScheme},
	RoleSecurityScheme:      {extensible: true},
	RoleTagList:             {items: RoleTag},
	RoleTag:                 {extensible: true, keys: map[string]Role{"externalDocs": RoleExternalDocs}},
	RoleExternalDocs:        {extensible: true},
	RoleXML:                 {extensible: true},
}

// Methods are the HTTP methods of a path item (OpenAPI 2.0, Path Item Object).
var Methods = []string{"get", "put", "post", "delete", "options", "head", "patch"}

var pathItemKeys = func() map[string]Role {
	keys := map[string]Role{"parameters": RoleParameterList, "x-ms-notification-content": RoleNotification}
	for _, m := range Methods {
		keys[m] = RoleOperation
	}
	return keys
}()
