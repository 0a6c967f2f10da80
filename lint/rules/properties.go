package rules

import (
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// properties are the rules on apiProperties.json as a whole (Microsoft docs:
// paconn-cli, and the JSON schema of the file).
var properties = []*lint.Rule{
	{
		ID:      "properties-shape",
		Summary: "a value of apiProperties.json is of the wrong kind, or missing",
		Levels:  lint.Everywhere(failure),
		Start:   propertiesShape,
	},
	{
		ID:      "properties-unknown",
		Summary: "apiProperties.json has a member that the platform does not know",
		Levels:  lint.Everywhere(warning),
		Start:   propertiesUnknown,
	},
	{
		ID:      "properties-brand-color",
		Summary: "the brand color is not one that a connector may have",
		Levels:  lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:   propertiesBrandColor,
	},
	{
		ID:      "properties-publisher",
		Summary: "apiProperties.json does not name the publisher or the owner of the service",
		Levels:  forPublishers(warning),
		Start:   propertiesPublisher,
	},
	{
		ID:      "properties-owner",
		Summary: "a verified publisher does not own the service",
		Levels:  lint.Levels{Certified: info},
		Start:   propertiesOwner,
	},
	{
		ID:      "properties-capability",
		Summary: "a capability is unknown",
		Levels:  lint.Everywhere(warning),
		Start:   propertiesCapability,
	},
}

// A form says of what kind a value of apiProperties.json is, and its parts.
type form struct {
	kind     source.Kind
	members  map[string]*form // of an object: those that are known
	each     *form            // of an object: all others; of an array: the items
	required []string
	closed   bool // other members are unknown
}

var (
	someText   = &form{kind: source.String}
	someObject = &form{kind: source.Object}
	someTexts  = &form{kind: source.Array, each: someText}

	connectionParameter = &form{kind: source.Object, required: []string{"type"}, members: map[string]*form{
		"type": someText, "uiDefinition": someObject, "metadata": someObject,
		"allowedValues": {kind: source.Array, each: someObject},
		"oAuthSettings": {kind: source.Object, members: map[string]*form{
			"identityProvider": someText, "customParameters": {kind: source.Object, each: someObject},
			"scopes": someTexts, "redirectMode": someText,
			"properties": {kind: source.Object, members: map[string]*form{"IsFirstParty": someText}},
		}},
	}}
	connectionParameters = &form{kind: source.Object, each: connectionParameter}

	propertiesForm = &form{kind: source.Object, closed: true, required: []string{"properties"}, members: map[string]*form{
		"$schema": someText,
		"properties": {kind: source.Object, closed: true, required: []string{"iconBrandColor"}, members: map[string]*form{
			"iconBrandColor": someText, "publisher": someText, "stackOwner": someText,
			"capabilities": someTexts, "scriptOperations": someTexts,
			"connectionParameters": connectionParameters,
			"connectionParameterSets": {kind: source.Object, required: []string{"values"}, members: map[string]*form{
				"uiDefinition": someObject,
				"values": {kind: source.Array, each: &form{kind: source.Object, required: []string{"name", "parameters"}, members: map[string]*form{
					"name": someText, "uiDefinition": someObject, "parameters": connectionParameters, "metadata": someObject,
				}}},
			}},
			"policyTemplateInstances": {kind: source.Array, each: &form{kind: source.Object, required: []string{"templateId"}, members: map[string]*form{
				"templateId": someText, "title": someText, "type": someText,
				"parameters": {kind: source.Object, members: map[string]*form{policyOperations: someTexts, policySection: someText}},
			}}},
		}},
	}}
)

// check calls wrong at each value that is not of the form, missing at each
// object that lacks a member, and unknown at each member that is none.
func (f *form) check(n source.Node, wrong func(source.Node, source.Kind), missing func(source.Node, string), unknown func(source.Node, *form)) {
	if n.Kind() == source.Null {
		return // as good as absent, published connectors have it
	}
	if n.Kind() != f.kind {
		wrong(n, f.kind)
		return
	}
	for _, item := range n.Items() {
		f.each.check(item, wrong, missing, unknown)
	}
	for key, value := range n.Members() {
		name, _ := key.Str()
		switch part := f.members[name]; {
		case part != nil:
			part.check(value, wrong, missing, unknown)
		case f.each != nil:
			f.each.check(value, wrong, missing, unknown)
		case f.closed:
			unknown(value, f)
		}
	}
	for _, name := range f.required {
		if !n.Get(name).Exists() {
			missing(n, name)
		}
	}
}

func propertiesShape(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Properties: func(f *source.File) {
		reportForm(p, propertiesForm, f)
	}}
}

// reportForm reports what is of the wrong kind or missing.
func reportForm(p *lint.Pass, of *form, f *source.File) {
	if !f.Root().Exists() {
		return // it is empty
	}
	of.check(f.Root(), func(n source.Node, want source.Kind) {
		if n.Kind() == source.Invalid {
			return
		}
		what := "the file"
		if n.Key().Exists() {
			what = n.KeyStr()
		} else if n.Parent().Exists() {
			what = "an item of " + n.Parent().KeyStr()
		}
		p.Report(n, "%s: expected %s, found %s", what, withArticle(want.String()), n.Kind())
	}, func(n source.Node, name string) {
		if near := nearMember(n, name); !near.Exists() {
			p.Report(n, "there is no %q", name)
		}
	}, func(source.Node, *form) {})
}

// nearMember returns a member whose name is misspelt, absent if there is none.
func nearMember(object source.Node, name string) source.Node {
	for key, value := range object.Members() {
		if said, _ := key.Str(); said != name && nearest(said, []string{name}) == name {
			return value
		}
	}
	return source.Node{}
}

// nearest returns the word that is meant: the same in other letter case, or the
// nearest.
func nearest(word string, known []string) string {
	for _, k := range known {
		if strings.EqualFold(strings.TrimSpace(word), k) {
			return k
		}
	}
	return lint.Nearest(word, known)
}

func propertiesUnknown(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Properties: func(f *source.File) {
		reportUnknown(p, propertiesForm, f)
	}}
}

func reportUnknown(p *lint.Pass, of *form, f *source.File) {
	if f.Root().Kind() != source.Object {
		return
	}
	of.check(f.Root(), func(source.Node, source.Kind) {}, func(source.Node, string) {}, func(n source.Node, in *form) {
		name := n.KeyStr()
		d := p.Report(n.Key(), "unknown member %q", name)
		var known []string
		for k := range in.members {
			if !n.Parent().Get(k).Exists() {
				known = append(known, k)
			}
		}
		slices.Sort(known) // of two that are as near, always the same
		near := nearest(name, known)
		if meantName(d, n, near); d.Fix != nil {
			d.Fix.Safe = strings.EqualFold(name, near)
		}
	})
}

// propertiesOf is what apiProperties.json says.
func propertiesOf(f *source.File) source.Node { return f.Root().Get("properties") }

// independentColor is what all connectors of independent publishers have.
const independentColor = "#da3b01"

// noBrand are the colors that a verified publisher must not have.
var noBrand = map[string]string{"#ffffff": "white", "#007ee5": "the default of the platform"}

var hexColor = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// propertiesBrandColor: Microsoft docs, "Prepare connector files for
// certification".
func propertiesBrandColor(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Properties: func(f *source.File) {
		value := propertiesOf(f).Get("iconBrandColor")
		color, ok := value.Str()
		switch {
		case !ok:
		case !hexColor.MatchString(color):
			p.Report(value, "the brand color %q is not of the form #rrggbb", color)
		case p.Profile == lint.Certified && noBrand[strings.ToLower(color)] != "":
			p.Report(value, "the brand color is %s", noBrand[strings.ToLower(color)]).Hint = "take a color of the brand, the background of the icon"
		case p.Profile == lint.Independent && !strings.EqualFold(color, independentColor):
			d := p.Report(value, "the brand color is %s, expected %s", color, independentColor)
			d.Hint = "connectors of independent publishers all have the same color"
			d.Fix = safe("write "+independentColor, value, func(e *source.Editor) { e.Replace(value, independentColor) })
		}
	}}
}

func propertiesPublisher(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Properties: func(f *source.File) {
		all := propertiesOf(f)
		if all.Kind() != source.Object {
			return
		}
		for _, name := range []string{"publisher", "stackOwner"} {
			value := all.Get(name)
			switch {
			case value.Exists() && strings.TrimSpace(text(value)) == "" && value.Kind() == source.String:
				p.Report(value, "%q is empty", name).Hint = publisherHints[name]
			case !value.Exists() && !nearMember(all, name).Exists():
				p.Report(all, "there is no %q", name).Hint = publisherHints[name]
			}
		}
	}}
}

var publisherHints = map[string]string{
	"publisher":  "the company that publishes the connector, or the person",
	"stackOwner": "the company whose service it calls",
}

func propertiesOwner(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Properties: func(f *source.File) {
		publisher, owner := propertiesOf(f).Get("publisher"), propertiesOf(f).Get("stackOwner")
		if a, b := strings.TrimSpace(text(publisher)), strings.TrimSpace(text(owner)); a != "" && b != "" && !strings.EqualFold(a, b) {
			d := p.Report(owner, "the owner of the service is %q, the publisher is %q", b, a)
			d.Hint = "a verified publisher owns the service; who does not is an independent publisher"
			d.Related = []source.Related{lint.Related(publisher, "the publisher")}
		}
	}}
}

// capabilities are those of the JSON schema, and the two that published
// connectors have beside them.
var capabilities = []string{"actions", "triggers", "gateway", "cloud only"}

func propertiesCapability(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Properties: func(f *source.File) {
		for _, item := range propertiesOf(f).Get("capabilities").Items() {
			reportWord(p, item, "capability", capabilities)
		}
	}}
}

// reportWord reports a text that is none of some words. The fix is safe if only
// the letter case is wrong.
func reportWord(p *lint.Pass, value source.Node, what string, known []string) {
	word, ok := value.Str()
	if !ok || slices.Contains(known, word) {
		return
	}
	d := p.Report(value, "unknown %s %q", what, word)
	d.Hint = "expected " + quoteList(known)
	near := nearest(word, known)
	if meantValue(d, value, near); d.Fix != nil {
		d.Fix.Safe = strings.EqualFold(strings.TrimSpace(word), near)
	}
}

// eachConnectionParameter yields the parameters of a connection, those of the
// ways to sign in among which makers choose included.
func eachConnectionParameter(f *source.File) iter.Seq2[string, source.Node] {
	return func(yield func(string, source.Node) bool) {
		all := propertiesOf(f)
		lists := []source.Node{all.Get("connectionParameters")}
		for _, set := range all.Get("connectionParameterSets").Get("values").Items() {
			lists = append(lists, set.Get("parameters"))
		}
		for _, list := range lists {
			for key, value := range list.Members() {
				if name, _ := key.Str(); !yield(name, value) {
					return
				}
			}
		}
	}
}
