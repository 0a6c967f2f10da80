package rules

import (
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// settings are the rules on settings.json, in which paconn remembers what
// belongs to a connector (Microsoft docs: paconn-cli, and the JSON schema of the
// file).
var settings = []*lint.Rule{
	{
		ID:      "settings-shape",
		Summary: "a value of settings.json is of the wrong kind",
		Levels:  lint.Everywhere(failure),
		Start: onSettings(func(p *lint.Pass, f *source.File) {
			reportForm(p, settingsForm, f)
		}),
	},
	{
		ID:      "settings-unknown",
		Summary: "settings.json has a member that paconn does not know",
		Levels:  lint.Everywhere(warning),
		Start: onSettings(func(p *lint.Pass, f *source.File) {
			reportUnknown(p, settingsForm, f)
		}),
	},
	{
		ID:      "settings-file",
		Summary: "settings.json names a file that is not there",
		Levels:  lint.Everywhere(warning),
		Start:   onSettings(settingsFile),
	},
	{
		ID:      "settings-shipped",
		Summary: "settings.json is in a folder that is to be published",
		Levels:  forPublishers(info),
		Start: onSettings(func(p *lint.Pass, f *source.File) {
			p.ReportIn(f, source.Range{}, "settings.json is for the machine of one developer").
				Hint = "leave it out of what is published: it names an environment"
		}),
	},
}

var settingsForm = &form{kind: source.Object, closed: true, members: map[string]*form{
	"$schema": someText, "connectorId": someText, "environment": someText, "apiProperties": someText,
	"apiDefinition": someText, "icon": someText, "script": someText, "powerAppsUrl": someText,
	"powerAppsApiVersion": someText, "flowUrl": someText, "flowApiVersion": someText,
}}

func onSettings(check func(*lint.Pass, *source.File)) func(*lint.Pass) lint.Visitor {
	return func(p *lint.Pass) lint.Visitor {
		return lint.Visitor{Package: func(k *connector.Package) {
			if k.Settings != nil {
				check(p, k.Settings)
			}
		}}
	}
}

// settingsFile looks at names in the folder alone: a path leads elsewhere, and
// is nobody's to follow.
func settingsFile(p *lint.Pass, f *source.File) {
	for _, member := range []string{"apiDefinition", "apiProperties", "icon", "script"} {
		value := f.Root().Get(member)
		name, ok := value.Str()
		if !ok || name == "" || strings.ContainsAny(name, `/\`) || hasFile(p.Connector, name) {
			continue
		}
		p.Report(value, "there is no file %q in the folder", name)
	}
}

// hasFile reports whether one of the connector's files has a name, in any letter
// case.
func hasFile(c *connector.Connector, name string) bool {
	return slices.ContainsFunc(c.Files(), func(f *source.File) bool { return strings.EqualFold(baseName(f), name) })
}
