package rules

import (
	"cmp"
	"slices"
	"strconv"
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
		ID:       "shape-missing",
		Summary:  "a member that OpenAPI requires is missing",
		Levels:   lint.Everywhere(failure),
		Start:    shapeMissing,
		Official: []string{"RequiredPropertyMissing"},
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
	}}, lint.OnMember{Name: "type", Do: func(value source.Node, on connector.Role) {
		kind := value.Kind()
		if kind != source.String && kind != source.Invalid && !(on == connector.RoleSchema && kind == source.Array) {
			report(value, source.String)
		}
	}})
	for want, names := range connector.ItemKinds {
		check := func(list source.Node, on connector.Role) {
			if on == connector.RoleDocument && list.Key().Is("tags") {
				return // which are objects
			}
			for _, item := range list.Items() {
				if kind := item.Kind(); kind != want && kind != source.Invalid {
					p.Report(item, "an item of %s is %s, expected %s", list.KeyStr(), shown(item), withArticle(want.String()))
				}
			}
		}
		for _, name := range names {
			v.Member = append(v.Member, lint.OnMember{Name: name, Do: check})
		}
	}
	v.Misfit = func(role connector.Role, value source.Node, want source.Kind) { shapeMisfit(p, role, value, want) }
	return v
}

// shapeMisfit is shapeKind for the objects and lists of the grammar.
func shapeMisfit(p *lint.Pass, role connector.Role, value source.Node, want source.Kind) {
	if role == connector.RoleNotification || role == connector.RoleTagList {
		return // extension-value, and the keyword
	}
	name := "an item"
	if value.Key().Exists() {
		name = value.KeyStr()
		if _, isKeyword := connector.WordOf(name); !isKeyword {
			name = strconv.Quote(name)
		}
	}
	f := p.Report(value, "%s is %s, expected %s", name, shown(value), withArticle(want.String()))
	if role.String() != value.KeyStr() {
		f.Hint = "it stands for " + withArticle(role.String())
	}
	s, isString := value.Str()
	var with any
	switch {
	case want == source.Array && value.Kind() == source.Object:
		with = []any{value}
	case role == connector.RoleResponse && isString:
		with = source.Members{{Key: "description", Value: s}}
	case role == connector.RoleSchema && isString && slices.Contains(connector.KeywordWords["type"][role], s):
		with = source.Members{{Key: "type", Value: s}}
	default:
		return
	}
	f.Fix = suggested("write "+withArticle(want.String()), value, func(e *source.Editor) { e.Replace(value, with) })
}

// eachRequired calls check for every object of which OpenAPI requires members,
// but for those of which other rules speak: document-version,
// operation-response-missing and parameter-schema.
func eachRequired(check func(object source.Node, names ...string)) func(connector.Role, source.Node) {
	return func(on connector.Role, object source.Node) {
		names := connector.RequiredMembers(on)
		switch {
		case names == nil, on == connector.RoleOperation, mayRefer(on) && object.Get("$ref").Exists():
			return
		case on == connector.RoleDocument:
			if names = names[1:]; !object.Get("swagger").Exists() {
				return
			}
		case on == connector.RoleBodyParameter, on == connector.RoleParameter && object.Get("schema").Exists():
			names = names[:2]
		}
		check(object, names...)
	}
}

func shapeMissing(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Object: eachRequired(func(object source.Node, names ...string) {
		if !hasAll(object, names) && len(object.File().Doubts()) == 0 { // else it may stand where something else was read
			reportMissing(p, object, "OpenAPI 2.0 requires it", names)
		}
	})}
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
	for name, parts := range extensionParts {
		v.Member = append(v.Member, lint.OnMember{Name: name, Do: func(value source.Node, _ connector.Role) {
			for _, part := range parts {
				atWay(value, part.way, func(object source.Node) { shapeMembers(p, name, object, part) })
			}
		}})
	}
	return v
}

type extensionPart struct {
	way     string
	members []string
}

// extensionParts is connector.ExtensionMembers, with the names apart.
var extensionParts = func() map[string][]extensionPart {
	all := map[string][]extensionPart{}
	for name, objects := range connector.ExtensionMembers {
		for way, members := range objects {
			all[name] = append(all[name], extensionPart{way, strings.Fields(members)})
		}
	}
	return all
}()

// atWay visits what a way leads to, on which * is any member.
func atWay(n source.Node, way string, visit func(source.Node)) {
	if way == "" {
		visit(n)
		return
	}
	step, rest, _ := strings.Cut(way, "/")
	if step != "*" {
		if next := n.Get(step); next.Exists() {
			atWay(next, rest, visit)
		}
		return
	}
	for _, next := range n.Members() {
		atWay(next, rest, visit)
	}
}

// shapeMembers reports each member of an object in an extension that is none of
// those it has.
func shapeMembers(p *lint.Pass, extension string, object source.Node, part extensionPart) {
	for key, value := range object.Members() {
		name, _ := key.Str()
		if slices.Contains(part.members, name) || name == "selectedItemValuePath" { // dynamic-selected-item
			continue
		}
		of := extension
		if strings.HasSuffix(part.way, "*") {
			of = "an argument of " + extension
		}
		f := p.Report(key, "%s has no member %q", of, name)
		near := otherGeneration[name]
		if !slices.Contains(part.members, near) {
			near = lint.Nearest(name, part.members)
		}
		if !meantName(f, value, near) {
			f.Hint = "it has " + strings.Join(part.members, ", ")
		}
	}
}

// otherGeneration says how the newer dynamic extensions call what the older ones
// have, and the other way round.
var otherGeneration = map[string]string{
	"value-collection": "itemsPath", "value-path": "itemValuePath", "value-title": "itemTitlePath", "parameter": "parameterReference",
	"itemsPath": "value-collection", "itemValuePath": "value-path", "itemTitlePath": "value-title", "parameterReference": "parameter",
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
