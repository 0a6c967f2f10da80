// Package rules holds every rule, one file per subject.
package rules

import (
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// All returns every rule, by subject and in the order of reading.
func All() []*lint.Rule {
	return slices.Concat(
		syntax, document, server, security, path, operation, revision, parameter, mimes, schema, size, values, shape, limit, extension,
		trigger, callback, notification, registration, unsubscribe, polling,
		dynamic, capability, metadata, textRules, style,
		properties, connection, policy, script, settings, iconRules, readme, packageRules, secret, config,
	)
}

const (
	off     = source.Off
	info    = source.Info
	warning = source.Warning
	failure = source.Error
)

// safe and suggested make a fix out of what change asks of the file's editor.
// The result is nil where n is absent, or the file does not allow the change, as
// inside a YAML alias; a finding without a fix is better than a wrong one.
func safe(title string, n source.Node, change func(*source.Editor)) *source.Fix {
	f := suggested(title, n, change)
	if f != nil {
		f.Safe = true
	}
	return f
}

func suggested(title string, n source.Node, change func(*source.Editor)) *source.Fix {
	if !n.Exists() {
		return nil
	}
	editor := n.File().Editor()
	change(editor)
	return source.FixBy(title, editor)
}

// quoteList writes names for a message: "a", "b" or "c".
func quoteList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = `"` + n + `"`
	}
	if last := len(quoted) - 1; last > 0 {
		return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
	}
	return strings.Join(quoted, "")
}
