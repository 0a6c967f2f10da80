package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// security is what the definition's securityDefinitions ask for.
type security struct {
	Keys      []keyData
	Basic     bool
	Bearer    bool
	Known     bool   // any of them
	KeyNames  string // a literal list of the names in Keys
	Variables string
	Names     []string // of all variables
	Rows      []variable
	DevHint   string // the default credentials of --dev
	Header    string // that carries them, for curl
}

type keyData struct{ In, Name string }

type variable struct{ Name, Meaning, Default string }

// readSecurity reads the Security Scheme Objects of OpenAPI 2.0. A call that
// brings the credentials of any of them is let in. What cannot be understood is
// refused: left out, it would let in everyone.
func (b *builder) readSecurity() error {
	schemes := b.def.Root.Get("securityDefinitions")
	if schemes.Exists() && schemes.Kind() != source.Object {
		return &Refusal{Reason: "securityDefinitions is no object", Mend: MendSecurity, Scheme: schemes}
	}
	s := &b.Security
	for key, scheme := range schemes.Members() {
		scheme = b.def.Resolve(scheme)
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
		default:
			id, _ := key.Str()
			return &Refusal{Reason: fmt.Sprintf("security scheme %q %s", id, unknownScheme(kind, place)), Mend: MendSecurity, Scheme: scheme}
		}
	}
	s.list()
	if s.Known {
		return nil
	}
	if name := b.requiredScheme(); name != "" {
		return &Refusal{Reason: fmt.Sprintf("security asks for the scheme %q, which securityDefinitions does not have", name), Mend: MendSecurity}
	}
	b.noteConnection()
	return nil
}

// unknownScheme says what is wrong with a scheme that cannot be checked.
func unknownScheme(kind, place string) string {
	switch {
	case kind != "apiKey":
		return fmt.Sprintf("has the type %q: expected \"apiKey\", \"basic\" or \"oauth2\"", kind)
	case place != "header" && place != "query":
		return fmt.Sprintf("has its key in %q: expected \"header\" or \"query\"", place)
	}
	return "has no name: the header or query parameter that brings the key"
}

// requiredScheme returns a scheme that a Security Requirement Object names.
func (b *builder) requiredScheme() string {
	lists := []source.Node{b.def.Root.Get("security")}
	for _, o := range b.def.Operations() {
		lists = append(lists, o.Get("security"))
	}
	for _, list := range lists {
		for _, requirement := range list.Items() {
			for key := range requirement.Members() {
				name, _ := key.Str()
				return name
			}
		}
	}
	return ""
}

// noteConnection tells that only the connector's properties ask for
// credentials, of which this server knows nothing.
func (b *builder) noteConnection() {
	if b.properties == nil {
		return
	}
	properties := b.properties.Root().Get("properties")
	places := []source.Node{properties.Get("connectionParameters")}
	for _, set := range properties.Get("connectionParameterSets").Get("values").Items() {
		places = append(places, set.Get("parameters"))
	}
	for _, parameters := range places {
		for key, parameter := range parameters.Members() {
			add := map[string]string{
				"securestring": `"type": "apiKey", with "in" and "name" for where the key is sent`, "oauthSetting": `"type": "oauth2"`,
			}[text(parameter, "type")]
			if name, _ := key.Str(); add != "" {
				b.note(key, "the connection asks for %q, but the definition for no credentials, so whoever reaches the server can register: add to securityDefinitions a scheme of %s", name, add)
				return
			}
		}
	}
}

// list writes down what the README and the configuration say of the schemes.
func (s *security) list() {
	var names []string
	for _, key := range s.Keys {
		names = append(names, key.Name)
	}
	s.KeyNames = "[]string{" + strings.Join(names, ", ") + "}"
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
}

// shellQuote writes a word of a POSIX shell.
func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(oneLine(s), "'", `'\''`) + "'"
}
