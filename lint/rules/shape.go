package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var shape = []*lint.Rule{
	{
		ID:       "shape-kind",
		Summary:  "the value of a keyword is of the wrong kind",
		Levels:   lint.Everywhere(failure),
		Start:    shapeKind,
		Official: []string{"JsonTypeIncorrect"},
	},
	{
		ID:       "shape-word",
		Summary:  "the value of a keyword is none of its words",
		Levels:   lint.Everywhere(failure),
		Start:    shapeWord,
		Official: []string{"JsonValueNotInEnum"},
	},
	{
		ID:       "shape-member",
		Summary:  "an object has a member that OpenAPI does not know",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:    shapeMember,
		Official: []string{"ExtensionNameNotValid"},
	},
	{
		ID:       "shape-extension",
		Summary:  "an extension has a member that it does not know",
		Levels:   lint.Everywhere(warning),
		Start:    shapeExtension,
		Official: []string{"AdditionalPropertyNotAllowed"},
	},
	{
		ID:       "shape-beside-ref",
		Summary:  "members beside a $ref are lost",
		Levels:   lint.Levels{Custom: off, Certified: warning, Independent: warning},
		Start:    shapeBesideRef,
		Official: []string{"AdditionalPropertyNotAllowedAdjacentToRef"},
	},
}

func shapeKind(p *lint.Pass) lint.Visitor {
	report := func(v source.Node, want source.Kind) {
		f := p.Report(v, "%s is %s, expected %s", v.KeyStr(), shown(v), withArticle(want.String()))
		if with, ok := converted(v, want.String()); ok {
			f.Fix = suggested("write it as "+withArticle(want.String()), v, func(e *source.Editor) { e.Replace(v, with) })
		}
	}
	v := lint.Visitor{Member: make([]lint.OnMember, 0, 64)}
	for want, names := range connector.KeywordKinds {
		check := func(value source.Node, _ connector.Role) {
			if kind := value.Kind(); kind != want && kind != source.Invalid {
				report(value, want)
			}
		}
		for _, name := range names {
			v.Member = append(v.Member, lint.OnMember{Name: name, Do: check})
		}
	}
	v.Member = append(v.Member, lint.OnMember{Name: "required", Do: func(value source.Node, on connector.Role) {
		switch kind := value.Kind(); {
		case on == connector.RoleSchema && kind != source.Array:
			f := p.Report(value, "required is %s, expected a list of properties", shown(value))
			f.Hint = "it stands on the object: put the names of its required properties there"
		case on != connector.RoleSchema && kind != source.Bool:
			report(value, source.Bool)
		}
	}})
	return v
}

// laterFlows are what OpenAPI 3 calls two of the flows.
var laterFlows = map[string]string{"authorizationCode": "accessCode", "clientCredentials": "application"}

func shapeWord(p *lint.Pass) lint.Visitor {
	v := lint.Visitor{}
	for name, byRole := range connector.KeywordWords {
		ofSchema := byRole[connector.RoleSchema] // nearly all are in schemas
		v.Member = append(v.Member, lint.OnMember{Name: name, Do: func(at source.Node, on connector.Role) {
			words := ofSchema
			if on != connector.RoleSchema {
				words = byRole[on]
			}
			s, ok := at.Str()
			if !ok || words == nil || slices.Contains(words, s) {
				return
			}
			f := p.Report(at, "%s is %q, expected %s", name, s, quoteList(words))
			for _, word := range words {
				if strings.EqualFold(strings.TrimSpace(s), word) {
					f.Fix = safe("write "+word, at, func(e *source.Editor) { e.Replace(at, word) })
					return
				}
			}
			meantValue(f, at, cmp.Or(laterFlows[s], lint.Nearest(s, words)))
		}})
	}
	return v
}

func shapeMember(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Unknown: func(name string, v source.Node, on connector.Role) {
		if on == connector.RoleNotification || on == connector.RoleSchema && (slices.Contains(connector.LaterKeywords, name) || strings.HasPrefix(name, "$")) ||
			on == connector.RolePathItem && slices.Contains(connector.Methods, strings.ToLower(name)) { // document-method-case
			return
		}
		f := p.Report(v.Key(), "%s has no member %q", withArticle(on.String()), name)
		if !meantName(f, v, lint.Nearest(name, connector.KeysOf(on))) {
			f.Hint = "what is not of OpenAPI 2.0 has a name that starts with x-"
			f.Fix = suggested("remove it", v, func(e *source.Editor) { e.Remove(v) })
		}
	}}
}

func shapeExtension(p *lint.Pass) lint.Visitor {
	v := lint.Visitor{}
	for name, objects := range connector.ExtensionMembers {
		v.Member = append(v.Member, lint.OnMember{Name: name, Do: func(value source.Node, _ connector.Role) {
			for way, members := range objects {
				object := value
				if way != "" {
					object = value.Get(way)
				}
				for key := range object.Members() {
					if s, _ := key.Str(); !strings.Contains(" "+members+" ", " "+s+" ") {
						f := p.Report(key, "%s has no member %q", name, s)
						if near := lint.Nearest(s, strings.Fields(members)); near != "" {
							f.Hint = didYouMean(near)
						} else {
							f.Hint = "it has " + strings.Join(strings.Fields(members), ", ")
						}
					}
				}
			}
		}})
	}
	return v
}

func shapeBesideRef(p *lint.Pass) lint.Visitor {
	return eachMember(func(ref source.Node, on connector.Role) {
		object := ref.Parent()
		if on == connector.RolePathItem || object.Len() < 2 || ref.Kind() != source.String {
			return
		}
		var beside []source.Node
		var names []string
		for key, v := range object.Members() {
			name, _ := key.Str()
			if e := connector.LookupExtension(name); name != "$ref" && (e == nil || e.Ignored) { // else extension-beside-ref
				beside, names = append(beside, v), append(names, name)
			}
		}
		if len(beside) == 0 {
			return
		}
		f := p.Report(beside[0].Key(), "%s beside a $ref is lost", quoteList(names))
		f.Hint = "only the target counts: put it there, or leave it out"
		f.Fix = suggested("remove what is lost", object, func(e *source.Editor) {
			for _, v := range beside {
				e.Remove(v)
			}
		})
	}, "$ref")
}
