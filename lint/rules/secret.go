package rules

import (
	"regexp"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// secret are the rules on what must not be in a file that others see.
var secret = []*lint.Rule{
	{
		ID:      "secret-client",
		Summary: "the secret of an OAuth client is in the file",
		Levels:  lint.Everywhere(warning),
		Start: onOAuth(func(p *lint.Pass, settings source.Node, _ string) {
			if value := settings.Get("clientSecret"); looksSecret(text(value)) {
				p.Report(value, "the secret of the OAuth client is in the file").Hint = "leave it empty: the platform asks for it, or paconn takes it with --secret"
			}
		}),
	},
	{
		ID:      "secret-token",
		Summary: "a file holds a key or a token",
		Levels:  lint.Everywhere(warning),
		Start:   secretToken,
	},
}

// looksSecret leaves out what stands for a secret: a placeholder, a word.
func looksSecret(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) < 16 || strings.ContainsAny(s, " <>{}[]$@%*") || strings.Contains(strings.ToLower(s), "secret") {
		return false
	}
	seen := map[rune]bool{}
	digits := false
	for _, r := range s {
		seen[r] = true
		digits = digits || r >= '0' && r <= '9'
	}
	return digits && len(seen) > 8
}

// A secretKind is one whose form tells what it is (the documentation of the
// services that hand them out). mark is in each of them, and quickly found.
type secretKind struct {
	name, mark string
	form       *regexp.Regexp
}

var secretKinds = []secretKind{
	{"a private key", "PRIVATE KEY-----", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)},
	{"a storage key", "AccountKey=", regexp.MustCompile(`AccountKey=[A-Za-z0-9+/]{40,}={0,2}`)},
	{"a shared access signature", "sig=", regexp.MustCompile(`[?&]sig=[A-Za-z0-9%_-]{43,}`)},
	{"a JSON Web Token", "eyJ", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}`)},
	{"an AWS key", "AKIA", regexp.MustCompile(`\bAKIA[0-9A-Z]{16}\b`)},
	{"a GitHub token", "gh", regexp.MustCompile(`\bgh[pousr]_[A-Za-z0-9]{36,}\b`)},
	{"a Slack token", "xox", regexp.MustCompile(`\bxox[abprs]-[A-Za-z0-9-]{20,}`)},
	{"a Stripe key", "k_live_", regexp.MustCompile(`\b[sr]k_live_[A-Za-z0-9]{20,}`)},
}

// secretToken reads apiProperties.json and the script whole, and of the
// definition the values that are samples.
func secretToken(p *lint.Pass) lint.Visitor {
	sample := func(value source.Node, _ connector.Role) {
		for _, at := range secretsIn(value.Text()) {
			d := p.Report(value, "%s is in the file", at.name)
			d.Range = source.Range{Start: value.Range().Start + at.Start, End: value.Range().Start + at.End}
			d.Hint = secretHint
		}
	}
	whole := func(f *source.File) {
		for _, at := range secretsIn(f.Text) {
			p.ReportIn(f, at.Range, "%s is in the file", at.name).Hint = secretHint
		}
	}
	return lint.Visitor{
		Member:     []lint.OnMember{{Name: "default", Do: sample}, {Name: "example", Do: sample}, {Name: "examples", Do: sample}, {Name: "x-ms-test-value", Do: sample}},
		Properties: whole,
		Package: func(k *connector.Package) {
			if k.Script != nil {
				whole(k.Script)
			}
			if k.Settings != nil {
				whole(k.Settings)
			}
		},
	}
}

const secretHint = "take it out, and make it invalid: who has seen the file can use it"

type foundSecret struct {
	name string
	source.Range
}

func secretsIn(text string) (found []foundSecret) {
	if len(text) < 20 {
		return nil
	}
	for _, kind := range secretKinds {
		if !strings.Contains(text, kind.mark) {
			continue
		}
		for _, at := range kind.form.FindAllStringIndex(text, -1) {
			found = append(found, foundSecret{kind.name, source.Range{Start: at[0], End: at[1]}})
		}
	}
	return found
}
