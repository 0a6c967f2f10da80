package scaffold

import (
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
)

// security is what the definition's securityDefinitions ask for.
type security struct {
	Keys      []keyData
	Basic     bool
	Bearer    bool
	Known     bool // any of them
	Variables string
	Names     []string // of all variables
	Rows      []variable
	DevHint   string // the default credentials of --dev
	Header    string // that carries them, for curl
}

type keyData struct{ In, Name string }

type variable struct{ Name, Meaning, Default string }

// readSecurity reads the Security Scheme Objects of OpenAPI 2.0. A call that
// brings the credentials of any of them is let in.
func readSecurity(d *connector.Definition) security {
	var s security
	for _, scheme := range d.Root.Get("securityDefinitions").Members() {
		scheme = d.Resolve(scheme)
		switch kind, place, name := text(scheme, "type"), text(scheme, "in"), text(scheme, "name"); {
		case kind == "apiKey" && name != "" && (place == "header" || place == "query"):
			if key := (keyData{quote(place), quote(name)}); !slices.Contains(s.Keys, key) {
				s.Keys = append(s.Keys, key)
				s.Header = "-H " + shellQuote(name+": dev")
			}
		case kind == "basic":
			s.Basic = true
			s.Header = "-u dev:dev"
		case kind == "oauth2":
			s.Bearer = true
			s.Header = "-H 'Authorization: Bearer dev'"
		}
	}
	var main, hints []string
	add := func(used bool, hint string, rows ...variable) {
		if !used {
			return
		}
		main, hints = append(main, rows[0].Name), append(hints, hint)
		for _, row := range rows {
			s.Names = append(s.Names, row.Name)
		}
		s.Rows = append(s.Rows, rows...)
	}
	const none = "none: nobody is let in"
	add(len(s.Keys) > 0, "the API key `dev`", variable{"API_KEYS", "API keys that are let in", none})
	add(s.Basic, "user and password `dev`", variable{"BASIC_USERS", "`user:password` of those that are let in", none})
	add(s.Bearer, "the bearer token `dev`",
		variable{"BEARER_TOKENS", "fixed bearer tokens that are let in", none},
		variable{"JWKS_URL", "where the keys are that sign the tokens (JWT) of your identity provider", none},
		variable{"JWT_ISSUER", "issuer that a token must name; with `JWKS_URL`", "none: it must be set"},
		variable{"JWT_AUDIENCE", "audience that a token must be for; with `JWKS_URL`", "none: it must be set"})
	s.Known = len(main) > 0
	s.Variables, s.DevHint = strings.Join(main, " or "), strings.Join(hints, ", ")
	return s
}

// isCredential reports whether a parameter tells who calls and not what for.
func (s security) isCredential(p connector.Parameter) bool {
	if p.In() == "header" && slices.Contains([]string{"authorization", "cookie", "x-api-key", "ocp-apim-subscription-key"}, strings.ToLower(p.Name())) {
		return true
	}
	return slices.ContainsFunc(s.Keys, func(k keyData) bool { return k.In == quote(p.In()) && strings.EqualFold(k.Name, quote(p.Name())) })
}

// shellQuote writes a word of a POSIX shell.
func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(oneLine(s), "'", `'\''`) + "'"
}
