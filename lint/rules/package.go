package rules

import (
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// packageRules are the rules on the folder of a connector (the pull request
// checks of the repository of connectors; Microsoft docs: paconn-cli).
var packageRules = []*lint.Rule{
	{
		ID:      "package-definition-name",
		Summary: "the definition has another name than tools look for",
		Levels:  lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:   packageDefinitionName,
	},
	{
		ID:      "package-no-properties",
		Summary: "there is no apiProperties.json beside the definition",
		Levels:  forPublishers(failure),
		Start: func(p *lint.Pass) lint.Visitor {
			return lint.Visitor{Package: func(*connector.Package) {
				if f := p.Definition.File; f != nil && p.Connector.Properties == nil && isDefinition(f) {
					p.ReportIn(f, source.Range{}, "there is no apiProperties.json beside the definition").
						Hint = "it holds the connection parameters, the brand color and the policies"
				}
			}}
		},
	},
	{
		ID:      "package-no-definition",
		Summary: "there is no definition beside apiProperties.json",
		Levels:  lint.Everywhere(warning),
		Start: func(p *lint.Pass) lint.Visitor {
			return lint.Visitor{Package: func(*connector.Package) {
				if f := p.Connector.Properties; f != nil && p.Definition.File == nil {
					p.ReportIn(f, source.Range{}, "there is no %s beside the file", definitionName)
				}
			}}
		},
	},
}

const definitionName = "apiDefinition.swagger.json"

// isDefinition reports whether a file has the name of a definition, in YAML or
// in any letter case too.
func isDefinition(f *source.File) bool {
	return strings.HasPrefix(strings.ToLower(baseName(f)), "apidefinition.swagger.")
}

// packageDefinitionName looks at what is near to the name, or has properties
// beside it: any other file may be something else.
func packageDefinitionName(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Package: func(*connector.Package) {
		f := p.Definition.File
		if f == nil || isDefinition(f) {
			return
		}
		base := baseName(f)
		if p.Connector.Properties == nil && lint.Distance(strings.ToLower(base), strings.ToLower(definitionName)) > 3 {
			return
		}
		p.ReportIn(f, source.Range{}, "the definition is named %q, expected %q", base, definitionName).
			Hint = "the checks of the repository of connectors pass it by"
	}}
}
