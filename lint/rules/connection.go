package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// connection are the rules on what a maker enters to make a connection
// (Microsoft docs: connection-parameters, multi-auth).
var connection = []*lint.Rule{
	{
		ID:      "connection-name",
		Summary: "the name of a connection parameter has a character that it must not have",
		Levels:  lint.Everywhere(warning),
		Start: onConnectionParameter(func(p *lint.Pass, name string, n source.Node) {
			if !connectionName.MatchString(name) {
				p.Report(n.Key(), "%q is no name of a connection parameter", name).
					Hint = "letters, digits and underscores; one that belongs to another is named other:name"
			}
		}),
	},
	{
		ID:      "connection-type",
		Summary: "the type of a connection parameter is unknown",
		Levels:  lint.Everywhere(failure),
		Start: onConnectionParameter(func(p *lint.Pass, _ string, n source.Node) {
			reportWord(p, n.Get("type"), "type", connectionTypes)
		}),
	},
	{
		ID:      "connection-security",
		Summary: "the connection parameters do not fit the security of the definition",
		Levels:  lint.Everywhere(warning),
		Start:   connectionSecurity,
	},
	{
		ID:      "connection-oauth",
		Summary: "the settings of an OAuth connection are incomplete",
		Levels:  lint.Everywhere(failure),
		Start:   connectionOAuth,
	},
	{
		ID:      "connection-oauth-parameter",
		Summary: "a custom parameter is not one of its identity provider",
		Levels:  lint.Everywhere(warning),
		Start:   connectionOAuthParameter,
	},
	{
		ID:      "connection-oauth-setting",
		Summary: "a setting of an OAuth connection has a value that it must not have",
		Levels:  lint.Everywhere(warning),
		Start: onOAuth(func(p *lint.Pass, settings source.Node, _ string) {
			reportWord(p, settings.Get("redirectMode"), "redirectMode", []string{"Global", "GlobalPerConnector", "Direct"})
			reportWord(p, settings.Get("properties").Get("IsFirstParty"), "value of IsFirstParty", []string{"True", "False"})
		}),
	},
	{
		ID:      "connection-secret-visible",
		Summary: "a secret is typed in plain sight",
		Levels:  lint.Everywhere(warning),
		Start:   onConnectionParameter(connectionSecretVisible),
	},
	{
		ID:      "connection-label",
		Summary: "a connection parameter has no label",
		Levels:  forPublishers(warning),
		Start: onConnectionParameter(func(p *lint.Pass, _ string, n source.Node) {
			if needsLabel(n) && strings.TrimSpace(text(n.Get("uiDefinition").Get("displayName"))) == "" {
				p.Report(n, "makers see no label for %q", n.KeyStr()).Hint = "add uiDefinition.displayName"
			}
		}),
	},
	{
		ID:      "connection-constraint",
		Summary: "a constraint is not the text \"true\" or \"false\"",
		Levels:  lint.Everywhere(info),
		Start: onConnectionParameter(func(p *lint.Pass, _ string, n source.Node) {
			for _, name := range []string{"required", "hidden"} {
				value := n.Get("uiDefinition").Get("constraints").Get(name)
				if !value.Exists() || value.Is("true") || value.Is("false") {
					continue
				}
				d := p.Report(value, "%s: expected the text \"true\" or \"false\"", name)
				word := strings.ToLower(strings.Trim(value.Text(), `"`))
				if word == "true" || word == "false" {
					d.Fix = safe("write it as a text", value, func(e *source.Editor) { e.Replace(value, word) })
				}
			}
		}),
	},
	{
		ID:      "connection-set-duplicate",
		Summary: "two sets of connection parameters have the same name",
		Levels:  lint.Everywhere(failure),
		Start:   connectionSetDuplicate,
	},
}

func onConnectionParameter(check func(p *lint.Pass, name string, n source.Node)) func(*lint.Pass) lint.Visitor {
	return func(p *lint.Pass) lint.Visitor {
		return lint.Visitor{Properties: func(f *source.File) {
			for name, n := range eachConnectionParameter(f) {
				if n.Kind() == source.Object {
					check(p, name, n)
				}
			}
		}}
	}
}

var connectionName = regexp.MustCompile(`^[0-9A-Za-z_]+(:[0-9A-Za-z_]+)?$`)

var connectionTypes = []string{"string", "securestring", "int", "bool", "oauthSetting", "gatewaySetting"}

// isOAuth reports whether a connection parameter is a sign-in, in the letter
// case that connection-type asks for or another.
func isOAuth(n source.Node) bool { return strings.EqualFold(text(n.Get("type")), "oauthSetting") }

// connectionSecurity compares the parameters with securityDefinitions: where
// there is a scheme makers enter something, and sign in only where it is OAuth.
func connectionSecurity(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Properties: func(f *source.File) {
		schemes := p.Definition.Root.Get("securityDefinitions")
		at := propertiesOf(f).Get("connectionParameters")
		if !at.Exists() {
			at = propertiesOf(f).Get("connectionParameterSets")
		}
		if !at.Exists() || p.Definition.File == nil {
			return
		}
		signIn, some := source.Node{}, false
		for _, n := range eachConnectionParameter(f) {
			some = true
			if isOAuth(n) && !signIn.Exists() {
				signIn = n
			}
		}
		usesOAuth := false
		for _, scheme := range schemes.Members() {
			usesOAuth = usesOAuth || scheme.Get("type").Is("oauth2")
			if !some {
				reportNothingToEnter(p, at, scheme)
				return
			}
		}
		if signIn.Exists() && schemes.Len() > 0 && !usesOAuth {
			d := p.Report(signIn, "makers sign in with OAuth, and the definition does not ask for it")
			d.Hint = "add a scheme of type oauth2 to securityDefinitions"
			d.Related = []source.Related{lint.Related(schemes, "the schemes of the definition")}
		}
	}}
}

func reportNothingToEnter(p *lint.Pass, at, scheme source.Node) {
	d := p.Report(at, "the definition asks for an API key, and makers can enter nothing")
	d.Hint = "add a connection parameter of type securestring"
	d.Related = []source.Related{lint.Related(scheme, "asked for here")}
	switch text(scheme.Get("type")) {
	case "oauth2":
		d.Message = "the definition asks for OAuth, and makers cannot sign in"
		d.Hint = "add a connection parameter of type oauthSetting"
	case "basic":
		d.Message = "the definition asks for a user name and a password, and makers can enter nothing"
	}
}

// An identityProvider and its custom parameters (the JSON schema of
// apiProperties.json). Letter case does not count: both are in use.
type identityProvider struct{ required, optional []string }

var identityProviders = map[string]identityProvider{
	"oauth2": {required: []string{"authorizationUrl", "tokenUrl", "refreshUrl"}},
	"oauth2generic": {
		required: []string{"authorizationUrlTemplate", "tokenUrlTemplate", "refreshUrlTemplate"},
		optional: []string{"authorizationUrlQueryStringTemplate", "tokenUrlQueryStringTemplate", "tokenBodyTemplate",
			"refreshUrlQueryStringTemplate", "refreshBodyTemplate", "scopeListDelimiter"},
	},
	"aad":            {required: []string{"resourceUri"}, optional: []string{"loginUri", "tenantId", "enableOnbehalfOfLogin"}},
	"aadcertificate": {required: []string{"resourceUri"}, optional: []string{"loginUri", "loginUriAAD", "tenantId", "enableOnbehalfOfLogin"}},
}

// hostedProviders are services that the platform knows; what they take is not
// published.
var hostedProviders = []string{"facebook", "docusign"}

func onOAuth(check func(p *lint.Pass, settings source.Node, provider string)) func(*lint.Pass) lint.Visitor {
	return onConnectionParameter(func(p *lint.Pass, _ string, n source.Node) {
		if isOAuth(n) {
			settings := n.Get("oAuthSettings")
			check(p, settings, strings.ToLower(text(settings.Get("identityProvider"))))
		}
	})
}

func connectionOAuth(p *lint.Pass) lint.Visitor {
	check := onConnectionParameter(func(p *lint.Pass, name string, n source.Node) {
		if isOAuth(n) && !n.Get("oAuthSettings").Exists() {
			p.Report(n, "%q has no oAuthSettings", name).Hint = "they say where makers sign in"
		}
	})(p).Properties
	settings := onOAuth(func(p *lint.Pass, settings source.Node, name string) {
		provider, known := identityProviders[name]
		switch value := settings.Get("identityProvider"); {
		case settings.Kind() != source.Object:
		case !value.Exists():
			p.Report(settings, "there is no identityProvider").Hint = `"oauth2" for a service of one's own`
		case !known && !slices.Contains(hostedProviders, name):
			reportWord(p, value, "identity provider", []string{"oauth2", "oauth2generic", "aad", "aadcertificate"})
		default:
			custom := settings.Get("customParameters")
			at := custom
			if !at.Exists() {
				at = settings
			}
			for _, name := range provider.required {
				if !hasFold(custom, name) {
					p.Report(at, "there is no custom parameter %q", name).Hint = "identity provider " + quoteList([]string{text(value)}) + " needs it"
				}
			}
		}
	})(p).Properties
	return lint.Visitor{Properties: func(f *source.File) { check(f); settings(f) }}
}

func hasFold(object source.Node, name string) bool {
	for key := range object.Members() {
		if s, _ := key.Str(); strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// connectionOAuthParameter leaves names alone that are near to none: templates
// may refer to parameters that a connector defines for itself.
func connectionOAuthParameter(p *lint.Pass) lint.Visitor {
	return onOAuth(func(p *lint.Pass, settings source.Node, name string) {
		provider, known := identityProviders[name]
		all := slices.Concat(provider.required, provider.optional)
		for key, value := range settings.Get("customParameters").Members() {
			said, _ := key.Str()
			if !known || slices.ContainsFunc(all, func(k string) bool { return strings.EqualFold(k, said) }) {
				continue
			}
			near := lint.Nearest(said, all)
			if near == "" && strings.Contains(said, "_") {
				continue
			}
			d := p.Report(key, "identity provider %q has no custom parameter %q", name, said)
			if !hasFold(value.Parent(), near) {
				meantName(d, value, near)
			}
		}
	})(p)
}

var secretName = regexp.MustCompile(`(?i)(password|passwd|secret|api_?key|private_?key|access_?key|license_?key|access_?token|auth_?token)$`)

func connectionSecretVisible(p *lint.Pass, name string, n source.Node) {
	kind := n.Get("type")
	clear := n.Get("uiDefinition").Get("constraints").Get("clearText")
	switch {
	case kind.Is("string") && secretName.MatchString(name):
		d := p.Report(kind, "%q is shown while makers type it, and in the connection afterwards", name)
		d.Hint = `"securestring" hides it`
		d.Fix = suggested("make it a securestring", kind, func(e *source.Editor) { e.Replace(kind, "securestring") })
	case kind.Is("securestring") && clear.IsTrue() && secretName.MatchString(name):
		d := p.Report(clear, "%q is shown while makers type it", name)
		d.Fix = suggested("hide it", clear, func(e *source.Editor) { e.Replace(clear, false) })
	}
}

// needsLabel reports whether makers see a connection parameter.
func needsLabel(n source.Node) bool {
	hidden := n.Get("uiDefinition").Get("constraints").Get("hidden")
	return !isOAuth(n) && !hidden.IsTrue() && !hidden.Is("true")
}

func connectionSetDuplicate(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Properties: func(f *source.File) {
		first := map[string]source.Node{}
		for _, set := range propertiesOf(f).Get("connectionParameterSets").Get("values").Items() {
			value := set.Get("name")
			name, ok := value.Str()
			if known, again := first[name]; again {
				d := p.Report(value, "there is another set of connection parameters named %q", name)
				d.Related = []source.Related{lint.Related(known, "the first one")}
			} else if ok {
				first[name] = value
			}
		}
	}}
}
