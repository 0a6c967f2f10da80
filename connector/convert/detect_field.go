package convert

import (
	"fmt"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// How deep a body is searched: by name, where of 651 published callback fields
// two lie deeper than the second level, and for a field that a hint names.
const (
	maxNamedLevel  = 3
	maxHintedLevel = 48
)

// foundField is what may take the callback URL, with what its name says.
type foundField struct {
	Field
	strength  strength
	parameter connector.Parameter // what takes the URL if the body does not
}

// isMarkable reports whether x-ms-notification-url works on the field.
func (f foundField) isMarkable() bool { return f.Body.Node.Exists() }

// isNamed reports whether the field's own name says that it takes a callback URL.
func (f foundField) isNamed() bool {
	name := f.parameter.Name()
	if n := len(f.Path); n > 0 {
		name = f.Path[n-1].Name
	}
	return nameStrength(name, 1, false) == telling
}

// reason says in words what was found.
func (f foundField) reason() string {
	switch {
	case f.strength == silent:
		return "no field can be told that takes a URL"
	case f.strength == weak:
		return fmt.Sprintf("body field %s may take a URL", f.Name())
	case !f.isMarkable():
		return fmt.Sprintf("%s parameter %s takes a URL, but only a body field can be marked", f.parameter.In(), f.parameter.Name())
	case f.Path[0].Name == "":
		return fmt.Sprintf("field %s of each registration in the body takes a URL", f.Name())
	}
	return fmt.Sprintf("body field %s takes a URL", f.Name())
}

// fieldOf finds what takes the callback URL by its name. In the body it can be
// marked, so a parameter is looked for only if that has none.
func (s *survey) fieldOf(o *connector.Operation) foundField {
	path := undoing.Replace(plainPath(o))
	hooky := strings.Contains(path, "hook") || strings.Contains(path, "subscri")
	inBody := bodyField(o.Body(), hooky)
	if inBody.strength > weak {
		return inBody
	}
	if f := s.parameterField(o); f.strength > silent || isExample(o) {
		return f
	}
	return inBody
}

// spot is a schema inside a body.
type spot struct {
	schema connector.Schema
	path   []connector.Step
	level  int // the named steps of path
}

func (s spot) step(object connector.Schema, name string, to connector.Schema) spot {
	path := append(make([]connector.Step, 0, len(s.path)+1), s.path...)
	next := spot{schema: to, path: append(path, connector.Step{Object: object, Name: name, Property: to}), level: s.level}
	if name != "" {
		next.level++
	}
	return next
}

// walkBody visits what lies in a body down to a level, the nearest first,
// through references, allOf and arrays, until visit returns false. Every schema
// is entered once, so recursive ones end.
func walkBody(body connector.Parameter, maxLevel int, visit func(spot) bool) {
	seen := map[source.Node]bool{}
	for queue := []spot{{schema: body.Schema()}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if len(at.path) > 0 && !visit(at) {
			return
		}
		object := at.schema.Resolved()
		if !object.Exists() || seen[object.Node] || at.level == maxLevel {
			continue
		}
		seen[object.Node] = true
		for p := range object.Properties() {
			queue = append(queue, at.step(object, p.Name, p.Schema))
		}
		if items := object.Items(); items.Node.Kind() == source.Object {
			queue = append(queue, at.step(object, "", items))
		}
	}
}

// bodyField finds the property whose name says most, the nearest of equals.
func bodyField(body connector.Parameter, hooky bool) foundField {
	var best foundField
	walkBody(body, maxNamedLevel, func(s spot) bool {
		if n := s.strength(hooky); n > best.strength && takesText(s.schema) {
			best = foundField{Field: Field{Body: body, Path: s.path, Node: s.schema.Node}, strength: n}
		}
		return best.strength < telling
	})
	return best
}

// strength judges the name of a property together with those around it: the URL
// in webhook.url is a callback, and the one in notification.endpoint.uri is one
// that something is sent to.
func (s spot) strength(hooky bool) strength {
	last := len(s.path) - 1
	name := s.path[last].Name
	best := nameStrength(name, s.level, hooky)
	if best == silent && hooky && s.isWeak() {
		best = weak
	}
	if !slices.Contains(genericNames, plainName(name)) {
		return best
	}
	if s.isWebPush() {
		return silent
	}
	for _, step := range s.path[:last] {
		around := plainName(step.Name)
		if containsAny(around, wholeNames) {
			return telling
		}
		if containsAny(around, callbackWords) {
			best = strong
		}
	}
	return best
}

// isWeak reports whether a property may take a callback URL of a registration: by
// a name that says as much elsewhere, or by its description.
func (s spot) isWeak() bool {
	name := plainName(s.path[len(s.path)-1].Name)
	if slices.Contains(genericNames, name) || slices.Contains(weakNames, name) {
		return true
	}
	description, _ := s.schema.Node.Get("description").Str()
	description = strings.ToLower(description)
	format, _ := s.schema.Resolved().Node.Get("format").Str()
	isURL := containsAny(description+" "+format, []string{"url", "uri"})
	return isURL && containsAny(description, sentPhrases) && !containsAny(name, otherURLs)
}

// isWebPush reports whether a URL is that of a browser, to which the Push API
// sends with keys of its own (W3C Push API, PushSubscription).
func (s spot) isWebPush() bool {
	last := s.path[len(s.path)-1]
	return plainName(last.Name) == "endpoint" && last.Object.Property("keys").Exists()
}

// takesText reports whether a client may write any string there. Published
// definitions leave out the type now and then.
func takesText(s connector.Schema) bool {
	r := s.Resolved()
	for _, n := range []source.Node{s.Node, r.Node} {
		if n.Get("readOnly").IsTrue() || n.Get("enum").Exists() {
			return false
		}
	}
	shape := r.Shape()
	return shape == "string" || shape == "" && r.Exists()
}

// parameterField finds the query or form parameter that takes the callback URL.
// A query parameter called callback wraps answers for browsers (JSONP), and one
// that a third of the operations list has nothing to do with registrations.
func (s *survey) parameterField(o *connector.Operation) foundField {
	var best foundField
	for _, p := range o.Parameters() {
		in := p.In()
		if in != "query" && in != "formData" || !p.Node.Get("type").Is("string") || p.Node.Get("enum").Exists() {
			continue
		}
		if in == "query" && (strings.EqualFold(p.Name(), "callback") || s.isCommon(p.Name())) {
			continue
		}
		if n := nameStrength(p.Name(), 1, false); n > best.strength {
			best = foundField{Field: Field{Node: p.Node}, strength: n, parameter: p}
		}
	}
	return best
}

func (s *survey) isCommon(query string) bool {
	n := s.listed[query]
	return n > 1 && 3*n >= len(s.d.Operations())
}

// fieldAt finds the field that a node is: a property of the body, there or where
// a reference leads, or a parameter.
func fieldAt(o *connector.Operation, target source.Node) foundField {
	if !target.Exists() {
		return foundField{}
	}
	for _, p := range o.Parameters() {
		if p.In() != "body" && (p.Node == target || p.Site == target) {
			return foundField{Field: Field{Node: p.Node}, strength: telling, parameter: p}
		}
	}
	var found foundField
	body := o.Body()
	walkBody(body, maxHintedLevel, func(s spot) bool {
		if (s.schema.Node == target || s.schema.Resolved().Node == target) && takesText(s.schema) {
			found = foundField{Field: Field{Body: body, Path: s.path, Node: s.schema.Node}, strength: telling}
		}
		return found.strength == silent
	})
	return found
}
