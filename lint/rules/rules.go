// Package rules holds every rule, one file per subject.
package rules

import (
	"slices"
	"strconv"
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

// didYouMean is the hint for a word that is nearly a known one.
func didYouMean(near string) string { return "did you mean " + strconv.Quote(near) + "?" }

// meantValue says that a value means a known word, and writes it; near is "" if
// it means none. It reports whether there was one.
func meantValue(d *source.Diagnostic, at source.Node, near string) bool {
	if near == "" {
		return false
	}
	d.Hint = didYouMean(near)
	d.Fix = suggested("write "+near, at, func(e *source.Editor) { e.Replace(at, near) })
	return true
}

// meantName is meantValue for the name of a member. A name that is taken is not
// meant.
func meantName(d *source.Diagnostic, member source.Node, near string) bool {
	if near == "" || member.Parent().Get(near).Exists() {
		return false
	}
	d.Hint = didYouMean(near)
	d.Fix = suggested("rename it to "+near, member, func(e *source.Editor) { e.Rename(member, near) })
	return true
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
