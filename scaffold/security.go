package scaffold

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// security is what the definition's securityDefinitions ask for.
type security struct {
	Keys      []keyData
	Basic     string // the names of schemes, as arguments; "" if there are none
	Bearer    string
	Known     bool   // any of them
	KeyNames  string // a literal list of the names in Keys
	Variables string
	Names     []string // of all variables
	Rows      []variable
	DevHint   string // the default credentials of --dev

	schemes map[string]credential
	order   []string // of schemes
}

type keyData struct{ In, Name, Scheme string }

// credential is what --dev lets in.
type credential struct {
	Curl   string // option of curl, "" if Query carries it
	Query  string
	Verify string // option of connectorctl verify
	Set    string // the variable that it reads: KEY=dev
}

type variable struct{ Name, Meaning, Default string }

// readSecurity reads the Security Scheme Objects of OpenAPI 2.0. What cannot be
// understood is refused: left out, it would let in everyone.
func (b *builder) readSecurity() error {
	schemes := b.def.Root.Get("securityDefinitions")
	if schemes.Exists() && schemes.Kind() != source.Object {
		return &Refusal{Reason: "securityDefinitions is no object", Mend: MendSecurity, Scheme: schemes}
	}
	s := &b.Security
	s.schemes = map[string]credential{}
	for key, scheme := range schemes.Members() {
		scheme = b.def.Resolve(scheme)
		id, _ := key.Str()
		var c credential
		switch kind, place, name := text(scheme, "type"), text(scheme, "in"), text(scheme, "name"); {
		case kind == "apiKey" && name != "" && (place == "header" || place == "query"):
			s.Keys = append(s.Keys, keyData{quote(place), quote(name), quote(id)})
			c = credential{Verify: "--api-key " + shellQuote(id+"=env:KEY"), Set: "KEY=dev"}
			if place == "query" {
				c.Query = url.QueryEscape(name) + "=dev"
			} else {
				c.Curl = "-H " + shellQuote(name+": dev")
			}
		case kind == "basic":
			s.Basic += ", " + quote(id)
			c = credential{Curl: "-u dev:dev", Verify: "--basic env:LOGIN", Set: "LOGIN=dev:dev"}
		case kind == "oauth2":
			s.Bearer += ", " + quote(id)
			c = credential{Curl: "-H 'Authorization: Bearer dev'", Verify: "--bearer env:TOKEN", Set: "TOKEN=dev"}
		default:
			return &Refusal{Reason: fmt.Sprintf("security scheme %q %s", id, unknownScheme(kind, place)), Mend: MendSecurity, Scheme: scheme}
		}
		s.schemes[id], s.order = c, append(s.order, id)
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
	if b.source.Properties == nil {
		return
	}
	properties := b.source.Properties.Root().Get("properties")
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
	add(s.Basic != "", "user and password `dev`", variable{"BASIC_USERS", "`user:password` of those that are let in", none})
	add(s.Bearer != "", "the bearer token `dev`",
		variable{"BEARER_TOKENS", "fixed bearer tokens that are let in", none},
		variable{"JWKS_URL", "where the keys are that sign the tokens (JWT) of your identity provider", none},
		variable{"JWT_ISSUER", "issuer that a token must name; with `JWKS_URL`", "none: it must be set"},
		variable{"JWT_AUDIENCE", "audience that a token must be for; with `JWKS_URL`", "none: it must be set"})
	s.Known = len(main) > 0
	s.Variables, s.DevHint = strings.Join(main, " or "), strings.Join(hints, ", ")
}

// required returns the lists of schemes one of which an operation wants as a
// whole, nil if the credentials of any scheme will do: where nothing is said,
// and where what is said names no scheme. So does an empty list for the whole
// definition, which a seventh of the published ones have beside their schemes.
func (s security) required(d *connector.Definition, o *connector.Operation) (lists [][]string) {
	wanted := o.Get("security")
	if !s.Known || !wanted.Exists() && d.Root.Get("security").Len() == 0 {
		return nil
	}
	if !wanted.Exists() {
		wanted = d.Root.Get("security")
	} else if wanted.Kind() == source.Array && wanted.Len() == 0 {
		return [][]string{{}}
	}
	for _, item := range wanted.Items() {
		all := []string{}
		for key := range item.Members() {
			id, _ := key.Str()
			all = append(all, id)
		}
		if !slices.ContainsFunc(all, func(id string) bool { return !slices.Contains(s.order, id) }) {
			lists = append(lists, all)
		}
	}
	if slices.EqualFunc(lists, s.order, func(all []string, id string) bool { return len(all) == 1 && all[0] == id }) {
		return nil
	}
	return lists
}

// schemeLists writes lists of schemes as a Go literal, "" if there are none.
func schemeLists(lists [][]string) string {
	if lists == nil {
		return ""
	}
	text := "[][]string{"
	for _, all := range lists {
		text += "{"
		for _, id := range all {
			text += quote(id) + ", "
		}
		text += "}, "
	}
	return text + "}"
}

// dev returns the credentials of --dev that an operation wants.
func (s security) dev(lists [][]string) (list []credential) {
	if lists == nil && len(s.order) > 0 {
		lists = [][]string{s.order[:1]}
	}
	if len(lists) > 0 {
		for _, id := range lists[0] {
			list = append(list, s.schemes[id])
		}
	}
	return list
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
