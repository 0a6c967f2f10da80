package rules_test

var _ = register(map[string]mutation{
	"readme-missing": {old: "{", new: "«{", also: []mutation{{file: "readme.md", old: "*"}}},
	"readme-section": {file: "readme.md", old: "# Contoso Orders", new: "«# Contoso Orders", also: []mutation{{file: "readme.md", old: "## Known Issues and Limitations", new: "##"}}},
	"readme-intro":   {file: "intro.md", old: "*", new: "«One. Two. Three. Four. Five. Six. Seven. Eight. Nine.\n\n# Prerequisites\n# Credentials\n# Get started\n# Known issues\n# Errors\n# FAQ\n"},
}, nil)
