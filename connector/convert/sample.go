package convert

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// inferSchema returns a schema that all samples of a payload fit. It says no
// more than they show: a property that one of them lacks may be missing, and
// one that is there in all of them may be too, so nothing is required.
func inferSchema(samples [][]byte) (source.Members, error) {
	var all observed
	for i, sample := range samples {
		f := source.Parse("sample.json", sample)
		if len(f.Problems) > 0 {
			p := f.Problems[0]
			return nil, fmt.Errorf("sample %d, line %d: %s", i+1, f.Position(p.Range.Start).Line, p.Message)
		}
		all.see(f.Root())
	}
	return all.schema(""), nil
}

// observed is what the values in one place have in common.
type observed struct {
	kinds      []source.Kind // without null
	nullable   bool
	fractions  bool     // not all numbers are integers
	formats    []string // that all strings have; nil before the first
	names      []string // of properties, in the order in which they came
	properties map[string]*observed
	items      *observed
}

func (o *observed) see(n source.Node) {
	kind := n.Kind()
	if kind == source.Null {
		o.nullable = true
		return
	}
	if !slices.Contains(o.kinds, kind) {
		o.kinds = append(o.kinds, kind)
	}
	switch kind {
	case source.Number:
		if _, isInteger := n.Int(); !isInteger {
			o.fractions = true
		}
	case source.String:
		o.seeString(n)
	case source.Array:
		if o.items == nil {
			o.items = &observed{}
		}
		for _, item := range n.Items() {
			o.items.see(item)
		}
	case source.Object:
		for key, value := range n.Members() {
			name, _ := key.Str()
			o.property(name).see(value)
		}
	}
}

func (o *observed) property(name string) *observed {
	if o.properties == nil {
		o.properties = map[string]*observed{}
	}
	if o.properties[name] == nil {
		o.properties[name] = &observed{}
		o.names = append(o.names, name)
	}
	return o.properties[name]
}

func (o *observed) seeString(n source.Node) {
	s, _ := n.Str()
	if o.formats == nil {
		o.formats = []string{"date-time", "uuid", "uri"}
	}
	o.formats = slices.DeleteFunc(o.formats, func(format string) bool { return !hasFormat(s, format) })
}

var uuidPattern = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func hasFormat(s, format string) bool {
	switch format {
	case "date-time":
		_, err := time.Parse(time.RFC3339, s)
		return err == nil
	case "uuid":
		return uuidPattern.MatchString(s)
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// schema writes what was seen. Values of several types get none, which allows
// all of them.
func (o *observed) schema(label string) source.Members {
	schema := source.Members{}
	set := func(when bool, key string, value any) {
		if when {
			schema = append(schema, source.Member{Key: key, Value: value})
		}
	}
	kind := ""
	if len(o.kinds) == 1 {
		kind = o.kinds[0].String()
	}
	if kind == "number" && !o.fractions {
		kind = "integer"
	}
	set(kind != "", "type", kind)
	set(kind == "string" && len(o.formats) > 0, "format", slices.Concat(o.formats, []string{""})[0])
	set(label != "", "x-ms-summary", label)
	set(o.nullable, "x-nullable", true)
	if kind == "object" {
		properties := source.Members{}
		for _, name := range o.names {
			properties = append(properties, source.Member{Key: name, Value: o.properties[name].schema(connector.Label(name))})
		}
		set(true, "properties", properties)
	}
	if kind == "array" {
		set(true, "items", o.items.schema(""))
	}
	return schema
}
