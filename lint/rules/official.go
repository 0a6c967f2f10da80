package rules

import (
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/lint"
)

// OfficialRule is a rule of the certification catalogue (Microsoft docs:
// "Custom connector validation rules").
type OfficialRule struct {
	Name    string
	Section string       // of the catalogue
	Rules   []*lint.Rule // ours that check it
	Limits  string       // what a check without the service cannot tell, and what ours does instead; "" if nothing
}

// Catalogue returns the certification rules in the order of their publication.
func Catalogue() []OfficialRule {
	var all []OfficialRule
	for _, s := range catalogue {
		for _, name := range strings.Fields(s.names) {
			o := OfficialRule{Name: name, Section: s.title, Limits: limits[name]}
			for _, r := range All() {
				if slices.Contains(r.Official, name) {
					o.Rules = append(o.Rules, r)
				}
			}
			all = append(all, o)
		}
	}
	return all
}

// limits says of rules on language, brands and services how far they can be
// checked offline.
var limits = map[string]string{
	"ProductionStatusOnBetaService":         "whether a service is in beta is not in the files: a version, host or base path that says beta or preview counts",
	"ValueContainsRestrictedWords":          "which names are brands is not published: the words of the string guidance and Microsoft's product names count",
	"ValueMustBeInEnglish":                  "a language cannot be told for certain: letters beyond the Latin alphabet of English count",
	"PatternShouldBeValidRegularExpression": "the platform's dialect is not Go's: what every dialect refuses counts, look-around is let through",
	"FilterFunctionsPropertyInvalidValue":   "the list is not published: the functions of OData count",
	"ReservedParameterIsUsed":               "the list is not published: the Authorization header counts, which no published connector has",
}

var catalogue = []struct{ title, names string }{
	{"Operations", `
		ApiAnnotationExtensionReplacementInfoForNonDeprecatedOperations
		ApiAnnotationExtensionReplacementInfoMissingApiProperty
		ApiAnnotationExtensionReplacementInfoMissingOperationIdProperty
		ArrayDuplicateValue
		BodyOrFormDataParameterInFetchOperationNotAllowed
		ConnectionIdParameterNotAllowed
		ConsumesMissing
		DuplicateEnumValuesInExtension
		DuplicateOperationPath
		DynamicExtensionDefinitionNotAllowedInParameter
		DynamicListExtensionRequiredForAmbiguousReferences
		DynamicListExtensionRequiredForNonParameterReferences
		DynamicPropertiesExtensionRequiredForAmbiguousReferences
		DynamicPropertiesExtensionRequiredForNonParameterReferences
		DynamicPropertiesExtensionRequiredForPropertiesValuePath
		DynamicPropertiesItemValuePathMismatch
		DynamicTreeExtensionMissing
		InvalidEnumValue
		InvalidEnumValuesExtensionValue
		InvalidFormDataParameterName
		InvalidNextLinkNameValue
		InvokedOperationShouldProduceArray
		InvokedOperationShouldProduceProperty
		MimeTypeNotCompatibleWithRequestContentSchemaType
		NotificationExtensionNotSupportedInWebhookOperation
		NotificationExtensionSupportedForTriggerOnly
		NotificationOperationMustBeWebhook
		OperationFamilyHasDuplicateRevisions
		OperationFamilyHasManyActiveOperations
		OperationFamilyHasManyActiveProductionOperations
		OperationFamilyHasManyEmptyRevisions
		OperationHasManyResponsesWithSchema
		OperationIdNotFound
		OperationIdNotUnique
		OperationIdRequired
		OperationIdSanitized
		OperationIdShouldEndWithRevision
		OperationIdTooLong
		OperationMissingPathParameter
		OperationMissingRequiredProperty
		OperationMustHaveNotificationContentExtension
		OperationMustHaveResponse
		OperationParameterNameIsAmbiguous
		OperationParameterNameNotFound
		OperationParameterRequiredMismatch
		OperationParametersAreNotUnique
		OperationParametersContainDuplicateParameter
		OperationParametersContainMultipleBodyParameters
		OperationParameterStaticTypeMismatch
		OperationParameterTypeMismatch
		OperationPathContainsUnsupportedCharacters
		OperationPathMayNotContainQueryOrFragment
		OperationPathMustStartWithSlash
		OperationPathTemplateNotValid
		OperationPathVariablesContainDefaults
		OperationRevisionEmpty
		OperationSchemaCountExceedsMaxAllowed
		OperationShouldHaveSuccessfulResponse
		OperationStatusAheadOfConnector
		OperationSummaryTooLong
		PartialDuplicateOperationPath
		PathParameterMustBeRequired
		PathParameterNotDefinedInTemplate
		PathParametersContainDuplicateParameter
		PathParametersContainMultipleBodyParameters
		PathRedefined
		RestrictedCharactersInSummary
		SelectedItemValuePathNotAllowedInThisPosition
		StringBinaryNotSupportedForFormUrlEncoded
		TotalOperationsCountExceedsMaxAllowed
		UnrecognizedTypeFormat
		WebhookOperationsMissingNotificationUrlProperty
	`},
	{"Arrays", `
		ArrayHasNoItems
		RequiredPropertyArrayEmpty
		SchemesArrayEmpty
	`},
	{"Not supported", `
		CollectionFormatValueNotSupported
		MimeTypeNotSupported
		PathItemRefNotSuppored
		SwaggerKeywordNotSupported
	`},
	{"Parameters", `
		FileParameterMustBeInFormData
		ParameterListContainsFormDataAndBody
		ParameterReferenceNotFound
		ParameterReferenceNotValid
		ParameterRefLoopNotAllowed
		ParamtersWithSameNameMustHaveSameTypeAndVisibility
		PathParameterMissingEncoding
		QueryParameterEncodingNotSupported
		ReservedParameterIsUsed
		ResponseRefLoopNotAllowed
		SourcePropertyInternal
	`},
	{"Properties", `
		AdditionalPropertyNotAllowed
		AdditionalPropertyNotAllowedAdjacentToRef
		BasePathNotValid
		BodyParameterPropertyNotValid
		ConnectorMetadataPropertiesMissing
		ContactEmailNotValid
		DefaultValueMustMatchType
		EnumMustContainAtLeastOneElement
		ExtensionNameNotValid
		FilterFunctionsPropertyEmpty
		FilterFunctionsPropertyHasDuplicates
		FilterFunctionsPropertyInInputSchema
		FilterFunctionsPropertyInvalidValue
		HostNameNotValid
		InternalPropertyWithDefaultOptional
		InvalidConnectorCategory
		InvalidStringBinaryProperty
		JsonTypeIncorrect
		JsonValueNotInEnum
		MimeTypeNotValid
		MissingEnumValuesDisplayName
		MultipleOfMustBeGreaterThanZero
		OneOfPropertiesRequired
		ProductionStatusOnBetaService
		PropertyMustBeRequired
		RequiredPropertyDefinitionMissing
		RequiredPropertyMissing
		RequiredPropertyNotOnObject
		RequiredReadOnlyPropertyNotAllowedAsInput
		SchemeNotValid
		SecuritySchemePropertyNotValid
		SecuritySchemePropertyRequired
		SpecificationVersionIncorrect
		TagRedefined
		TooManyConnectorCategories
		UrlNotValid
	`},
	{"Response", `
		BodyParameterSchemaRequired
		BodySchemaCountExceedsMaxAllowed
		DefaultResponseHasSchema
		InvalidCustomEditorExtensionDictionaryValue
		JsonPointerNotValid
		NonBodyParameterSchemaNotValid
		RequiredLoopInSchemaNotAllowed
		ResponseExampleMustBeProducedByOperation
		ResponseHeadersAreNotUnique
		ResponseMustBeDefaultOrHttpStatusCode
		ResponseReferenceNotFound
		ResponseReferenceNotValid
		SchemaDefinitionSetIncorrectly
		SchemaReferenceNotFound
		SchemaReferenceNotValid
		SchemaRefLoopNotAllowed
		SchemaTooDeep
		SchemaTypeFileNotValid
		SchemeNotSupported
		TotalSchemaCountExceedsMaxAllowed
	`},
	{"Security", `
		OAuthSecurityRequirementValueMustBeScopeName
		SecurityRequirementMustBeDefined
		SecurityRequirementMustHaveEmptyValue
		SecurityRequirementMustHaveValue
	`},
	{"Webhooks", `
		NotificationUrlNotAllowedInThisPosition
		NotificationUrlNotInternal
		NotificationUrlNotRequired
		NotificationUrlNotString
	`},
	{"Metadata", `
		AllowEmptyValueOnlyValidForQueryFormData
		DiscriminatorMustBeARequiredStringProperty
		ExclusiveMaximumRequiresMaximum
		ExclusiveMinimumRequiresMinimum
		FieldLengthExceeded
		FieldLengthNotInRange
		MaxItemsMustBeGreaterThanOrEqualToZero
		MaxLengthMustBeGreaterThanOrEqualToZero
		MaxPropertiesMustBeGreaterThanOrEqualToZero
		MinimumShouldBeLessThanOrEqualToMaximum
		MinItemsMustBeGreaterThanOrEqualToZero
		MinItemsShouldBeLessThanOrEqualToMaxItems
		MinLengthMustBeGreaterThanOrEqualToZero
		MinLengthShouldBeLessThanOrEqualToMaxLength
		MinPropertiesMustBeGreaterThanOrEqualToZero
		PatternShouldBeValidRegularExpression
		RequiredValueEmpty
		ValueContainsRestrictedWords
		ValueMustBeInEnglish
		ValueMustEndWithAlphanumeric
	`},
}
