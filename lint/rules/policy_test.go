package rules_test

var _ = register(map[string]mutation{
	"policy-template":             {file: propertiesName, old: `"policyTemplateInstances": [`, new: `"policyTemplateInstances": [{"templateId": «"cache", "title": "x"},`},
	"policy-parameter-missing":    {file: propertiesName, old: `"policyTemplateInstances": [`, new: `"policyTemplateInstances": [{"templateId": "updatenextlink", «"parameters": {}},`},
	"policy-parameter-unknown":    {file: propertiesName, old: `"x-ms-apimTemplateParameter.triggerDataPath"`, new: `«"x-ms-apimTemplateParameter.title": "x", "x-ms-apimTemplateParameter.triggerDataPath"`},
	"policy-parameter-value":      {file: propertiesName, old: `"PollingTrigger"`, new: `«"Polling"`},
	"policy-operation":            {file: propertiesName, old: `"policyTemplateInstances": [`, new: `"policyTemplateInstances": [{"templateId": "setheader", "parameters": {"x-ms-apimTemplate-operationName": [«"Approve"], "x-ms-apimTemplateParameter.name": "a", "x-ms-apimTemplateParameter.value": "b"}},`},
	"policy-connection-parameter": {file: propertiesName, old: `"policyTemplateInstances": [`, new: `"policyTemplateInstances": [{"templateId": "dynamichosturl", "parameters": {"x-ms-apimTemplateParameter.urlTemplate": «"https://@connectionParameters('shop')"}},`},
	"policy-environment-variable": {file: propertiesName, old: `"policyTemplateInstances": [`, new: `"policyTemplateInstances": [{"templateId": "dynamichosturl", "parameters": {"x-ms-apimTemplateParameter.urlTemplate": «"https://@environmentVariables(shop)"}},`},
}, nil)
