package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var security = []*lint.Rule{
	{
		ID:       "security-undefined",
		Summary:  "a security requirement names a scheme that is not defined",
		Levels:   lint.Everywhere(warning),
		Start:    securityUndefined,
		Official: []string{"SecurityRequirementMustBeDefined"},
	},
	{
		ID:      "security-value",
		Summary: "a security requirement has the wrong value",
		Levels:  lint.Everywhere(failure),
		Start:   securityValue,
		Official: []string{
			"SecurityRequirementMustHaveValue", "SecurityRequirementMustHaveEmptyValue",
		},
	},
	{
		ID:       "security-scope",
		Summary:  "a security requirement names a scope that its scheme does not have",
		Levels:   lint.Everywhere(warning),
		Start:    securityScope,
		Official: []string{"OAuthSecurityRequirementValueMustBeScopeName"},
	},
	{
		ID:      "security-scheme",
		Summary: "a security scheme lacks a member, or has one that its type does not have",
		Levels:  lint.Everywhere(failure),
		Start:   securityScheme,
		Official: []string{
			"SecuritySchemePropertyRequired", "SecuritySchemePropertyNotValid",
		},
	},
}

// eachRequirement visits the members of security requirements: the name of a
// scheme and its scopes.
func eachRequirement(visit func(name string, value source.Node)) lint.Visitor {
	return eachMember(func(list source.Node, _ connector.Role) {
		for _, item := range list.Items() {
			for key, value := range item.Members() {
				name, _ := key.Str()
				visit(name, value)
			}
		}
	}, "security")
}

func securityUndefined(p *lint.Pass) lint.Visitor {
	schemes := p.Definition.Root.Get("securityDefinitions")
	return eachRequirement(func(name string, value source.Node) {
		if schemes.Get(name).Exists() {
			return
		}
		f := p.Report(value.Key(), "securityDefinitions has no %q", name)
		var names []string
		for key := range schemes.Members() {
			s, _ := key.Str()
			names = append(names, s)
		}
		near := lint.Nearest(name, names)
		if near == "" && len(names) == 1 {
			near = names[0]
		}
		if near == "" {
			f.Hint = "define it, or remove the requirement"
			return
		}
		f.Hint = didYouMean(near)
		f.Fix = suggested("refer to "+strconv.Quote(near), value, func(e *source.Editor) {
			if e.Rename(value, near); value.Kind() != source.Array || value.Len() > 0 && !schemes.Get(near).Get("type").Is("oauth2") {
				e.Replace(value, []any{})
			}
		})
	})
}

func securityValue(p *lint.Pass) lint.Visitor {
	schemes := p.Definition.Root.Get("securityDefinitions")
	return eachRequirement(func(name string, value source.Node) {
		scheme := schemes.Get(name)
		empty := func(e *source.Editor) { e.Replace(value, []any{}) }
		switch typ, _ := scheme.Get("type").Str(); {
		case value.Kind() != source.Array:
			f := p.Report(value, "the requirement of %q is %s, expected a list of scopes", name, shown(value))
			f.Official = "SecurityRequirementMustHaveValue"
			f.Fix = safe("write an empty list", value, empty)
		case (typ == "basic" || typ == "apiKey") && value.Len() > 0:
			f := p.Report(value, "the requirement of %q has scopes, which %q has not", name, typ)
			f.Official = "SecurityRequirementMustHaveEmptyValue"
			f.Fix = safe("write an empty list", value, empty)
		}
	})
}

func securityScope(p *lint.Pass) lint.Visitor {
	schemes := p.Definition.Root.Get("securityDefinitions")
	return eachRequirement(func(name string, value source.Node) {
		scheme := schemes.Get(name)
		if !scheme.Get("type").Is("oauth2") {
			return
		}
		scopes := scheme.Get("scopes")
		var missing []source.Node
		for _, item := range value.Items() {
			if scope, ok := item.Str(); ok && !scopes.Get(scope).Exists() {
				missing = append(missing, item)
			}
		}
		var fix *source.Fix // of all of them
		if scopes.Kind() == source.Object && len(missing) > 0 {
			fix = suggested("add all scopes that the scheme lacks", scopes, func(e *source.Editor) {
				for _, scope := range missing {
					e.Set(scopes, text(scope), text(scope))
				}
			})
		}
		for _, item := range missing {
			f := p.Report(item, "the scheme %q has no scope %q", name, text(item))
			f.Related = []source.Related{lint.Related(scheme, "the scheme")}
			f.Fix = fix
		}
	})
}

// schemeMembers are what a security scheme of a type must have and may have
// (OpenAPI 2.0, Security Scheme Object). Flows of oauth2 add their URLs.
var schemeMembers = map[string]struct{ must, may []string }{
	"basic":  {nil, []string{"type", "description"}},
	"apiKey": {[]string{"name", "in"}, []string{"type", "description", "name", "in"}},
	"oauth2": {[]string{"flow", "scopes"}, []string{"type", "description", "flow", "scopes"}},
}

var flowURLs = map[string][]string{
	"implicit": {"authorizationUrl"}, "password": {"tokenUrl"}, "application": {"tokenUrl"}, "accessCode": {"authorizationUrl", "tokenUrl"},
}

func securityScheme(p *lint.Pass) lint.Visitor {
	return eachMember(func(at source.Node, role connector.Role) {
		if role != connector.RoleSecurityScheme {
			return
		}
		n := at.Parent()
		typ, _ := at.Str()
		members, known := schemeMembers[typ]
		if !known {
			return // value-unknown
		}
		flow, _ := n.Get("flow").Str()
		urls, known := flowURLs[flow]
		may := slices.Concat(members.may, urls)
		if typ == "oauth2" && !known { // shape-word, or there is none: it may need either
			may = append(may, "authorizationUrl", "tokenUrl")
		}
		for _, name := range slices.Concat(members.must, urls) {
			if n.Get(name).Exists() {
				continue
			}
			f := p.Report(n, "the %s scheme %q has no %q", typ, n.KeyStr(), name)
			f.Official = "SecuritySchemePropertyRequired"
			if name == "scopes" {
				f.Fix = suggested("add empty scopes", n, func(e *source.Editor) { e.Set(n, "scopes", source.Members{}) })
			}
		}
		for key, value := range n.Members() {
			name, _ := key.Str()
			if strings.HasPrefix(name, "x-") || slices.Contains(may, name) {
				continue
			}
			f := p.Report(key, "%q does not belong to %s scheme", name, withArticle(strings.TrimSpace(flow+" "+typ)))
			f.Official = "SecuritySchemePropertyNotValid"
			f.Fix = suggested("remove it", value, func(e *source.Editor) { e.Remove(value) })
		}
	}, "type")
}
