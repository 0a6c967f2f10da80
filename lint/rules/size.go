package rules

import (
	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var size = []*lint.Rule{
	{
		ID:       "size-schema",
		Summary:  "a body has more schemas than the platform takes",
		Levels:   lint.Everywhere(failure),
		Start:    sizeSchema,
		Official: []string{"BodySchemaCountExceedsMaxAllowed"},
	},
	{
		ID:       "size-depth",
		Summary:  "a schema is deeper than the platform takes",
		Levels:   lint.Levels{Custom: warning, Certified: failure, Independent: failure},
		Start:    sizeDepth,
		Official: []string{"SchemaTooDeep"},
	},
	{
		ID:       "size-operation",
		Summary:  "an operation has more schemas than the platform takes",
		Levels:   lint.Everywhere(failure),
		Start:    sizeOperation,
		Official: []string{"OperationSchemaCountExceedsMaxAllowed"},
	},
	{
		ID:       "size-total",
		Summary:  "the connector has more schemas than the platform takes",
		Levels:   lint.Everywhere(failure),
		Start:    sizeTotal,
		Official: []string{"TotalSchemaCountExceedsMaxAllowed"},
	},
}

// What the platform takes (Microsoft docs: "Custom connector FAQ"; the depth is
// one more than that of any published connector).
const (
	maxSchemas          = 512
	maxDepth            = 16
	maxOperationSchemas = 16_384
	maxTotalSchemas     = 256 * maxOperationSchemas
)

// extent is how large a schema is with its references written out.
type extent struct{ count, depth int }

// sizes measures the schemas of a definition. What is shared is measured once; a
// schema inside itself counts as one, as importers cut it there.
type sizes struct {
	d          *connector.Definition
	known      map[source.Node]extent // of roots and of what references lead to; none yet while it is measured
	operations map[*connector.Operation]int
	large      *bool // see hasLarge
}

// sizesOf is made once for each definition and shared by the rules.
func sizesOf(p *lint.Pass) *sizes {
	return lint.Shared(p, func() *sizes {
		return &sizes{d: p.Definition, known: map[source.Node]extent{}, operations: map[*connector.Operation]int{}}
	})
}

func (s *sizes) of(n source.Node) extent {
	n = s.d.Resolve(n)
	e, known := s.known[n]
	switch {
	case known && e.count == 0:
		return extent{1, 1}
	case !known:
		s.known[n] = extent{}
		e = s.measure(n)
		s.known[n] = e
	}
	return e
}

func (s *sizes) measure(n source.Node) extent {
	e := extent{1, 1}
	for key, value := range n.Members() {
		switch name, _ := key.Str(); name {
		case "$ref":
			return s.of(n)
		case "properties":
			for _, property := range value.Members() {
				s.add(&e, property, 1)
			}
		case "items", "additionalProperties":
			s.add(&e, value, 1)
		case "allOf":
			for _, part := range value.Items() {
				s.add(&e, part, 0)
			}
		}
	}
	return e
}

func (s *sizes) add(e *extent, n source.Node, deeper int) {
	if n.Kind() == source.Object {
		inner := s.measure(n)
		e.count = min(e.count+inner.count, maxTotalSchemas+1)
		e.depth = max(e.depth, inner.depth+deeper)
	}
}

// eachRoot visits what the platform counts by itself: the schemas of bodies, of
// responses and of notifications, and the definitions.
func eachRoot(visit func(schema source.Node)) lint.Visitor {
	return lint.Visitor{
		Definition: func(d *connector.Definition) {
			for _, schema := range d.Root.Get("definitions").Members() {
				visit(schema)
			}
		},
		Member: []lint.OnMember{{Name: "schema", Do: func(schema source.Node, _ connector.Role) { visit(schema) }}},
	}
}

func sizeSchema(p *lint.Pass) lint.Visitor {
	s := sizesOf(p)
	return eachRoot(func(schema source.Node) {
		if n := s.of(schema).count; n > maxSchemas {
			p.Report(schema, "this has %d schemas with references written out, expected at most %d", n, maxSchemas).
				Hint = "leave out what makers do not need: the rest of an answer can be read from its raw body"
		}
	})
}

func sizeDepth(p *lint.Pass) lint.Visitor {
	s := sizesOf(p)
	return eachRoot(func(schema source.Node) {
		if n := s.of(schema).depth; n > maxDepth {
			p.Report(schema, "this schema is %d levels deep, expected at most %d", n, maxDepth).
				Hint = "the designer shows no fields that deep: cut it where makers stop looking"
		}
	})
}

// schemasOf counts the schemas of an operation.
func (s *sizes) schemasOf(o *connector.Operation) (n int) {
	if known, ok := s.operations[o]; ok {
		return known
	}
	defer func() { s.operations[o] = n }()
	for _, q := range o.Parameters() {
		if q.In() == "body" {
			n += s.of(q.Node.Get("schema")).count
		} else {
			n++
		}
	}
	for _, r := range o.Responses() {
		if schema := r.Node.Get("schema"); schema.Exists() {
			n += s.of(schema).count
		}
	}
	if o.Trigger != nil && o.Trigger.Notification.Exists() {
		n += s.of(o.Trigger.Notification.Node).count
	}
	return n
}

func sizeOperation(p *lint.Pass) lint.Visitor {
	s := sizesOf(p)
	return lint.Visitor{Operation: func(o *connector.Operation) {
		if s.isSmall(o) {
			return
		}
		if n := s.schemasOf(o); n > maxOperationSchemas {
			p.Report(o.At(), "%q has %d schemas with references written out, expected at most %d", o.Name(), n, maxOperationSchemas)
		}
	}}
}

// isSmall tells of nearly all operations, without counting, that they are: with
// few schemas, none of which is too large.
func (s *sizes) isSmall(o *connector.Operation) bool {
	const few = maxOperationSchemas/maxSchemas - 2
	return !s.hasLarge() && len(o.Parameters())+len(o.Responses()) <= few
}

// hasLarge reports whether a body, response or definition has too many schemas.
func (s *sizes) hasLarge() bool {
	if s.large == nil {
		found := false
		for _, o := range s.d.Operations() {
			for _, r := range o.Responses() {
				found = found || r.Schema().Exists() && s.of(r.Schema().Node).count > maxSchemas
			}
			found = found || s.of(o.Body().Schema().Node).count > maxSchemas
			found = found || o.Trigger != nil && s.of(o.Trigger.Notification.Node).count > maxSchemas
		}
		s.large = &found
	}
	return *s.large
}

func sizeTotal(p *lint.Pass) lint.Visitor {
	s := sizesOf(p)
	return lint.Visitor{Definition: func(d *connector.Definition) {
		if len(d.Operations()) <= maxTotalSchemas/maxOperationSchemas && !s.hasLarge() {
			return
		}
		total := 0
		for _, o := range d.Operations() {
			total += s.schemasOf(o)
		}
		if total > maxTotalSchemas {
			p.Report(d.Root.Get("paths"), "the operations have %d schemas with references written out, expected at most %d", total, maxTotalSchemas)
		}
	}}
}
