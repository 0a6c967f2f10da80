package rules_test

var _ = register(map[string]mutation{
	"script-operation":   {file: propertiesName, old: `"capabilities"`, new: `"scriptOperations": [«"Approve"], "capabilities"`, also: []mutation{{file: "script.csx", old: "*", new: goodScript}}},
	"script-missing":     {file: propertiesName, old: `"capabilities"`, new: `«"scriptOperations": [], "capabilities"`},
	"script-unused":      {file: "script.csx", old: "*", new: "«" + goodScript},
	"script-name":        {file: "code.csx", old: "*", new: "«" + goodScript, also: []mutation{{file: propertiesName, old: `"capabilities"`, new: `"scriptOperations": [], "capabilities"`}}},
	"script-class":       {file: "script.csx", old: "*", new: "«// nothing\n", also: []mutation{{file: propertiesName, old: `"capabilities"`, new: `"scriptOperations": [], "capabilities"`}}},
	"script-http-client": {file: "script.csx", old: "*", new: "// «new HttpClient(\n" + goodScript + "var x = new HttpClient();\n", also: []mutation{{file: propertiesName, old: `"capabilities"`, new: `"scriptOperations": [], "capabilities"`}}, at: "new HttpClient();"},
	"script-namespace":   {file: "script.csx", old: "*", new: "using «System.Data;\n" + goodScript, also: []mutation{{file: propertiesName, old: `"capabilities"`, new: `"scriptOperations": [], "capabilities"`}}},
}, nil)
