package rules

import "github.com/connectorctl/connectorctl/lint"

var config = []*lint.Rule{{
	ID:      lint.UnusedIgnore, // the engine reports it, when all files are done
	Summary: "an ignore entry of the configuration matches no finding",
	Levels:  lint.Everywhere(warning),
}}
