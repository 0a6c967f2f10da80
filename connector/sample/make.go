package sample

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// maker makes one sample. Contradictions are values, not panics: a schema that
// cannot be satisfied may be one that may be left out.
type maker struct {
	options Options
	open    map[source.Node]bool // the schemas around the current one
	budget  int
	notes   []Note
	known   map[source.Node]*jsonschema.Schema // nil for what does not compile
}

// maxValidators bounds for how many schemas the author's values are checked;
// what comes after is made instead.
const maxValidators = 500

func (m *maker) validator(s connector.Schema) *jsonschema.Schema {
	v, known := m.known[s.Node]
	if !known && len(m.known) < maxValidators {
		v, _ = s.Compile()
		m.known[s.Node] = v
	}
	return v
}

// keyword returns a keyword of a schema or of its allOf parts: the first that
// has it.
func keyword(s connector.Schema, name string) source.Node {
	for part := range s.Parts() {
		if n := part.Node.Get(name); n.Exists() {
			return n
		}
	}
	return source.Node{}
}

// value makes a value of a schema. The name is that of the property, or "".
func (m *maker) value(s connector.Schema, name string) (any, *Error) {
	if m.budget--; m.budget < -maxValues {
		return nil, &Error{s.Node, fmt.Sprintf("more than %d values are required", maxValues)}
	}
	r := s.Resolved()
	if !r.Exists() {
		return "text", nil // nothing is known, so everything is allowed
	}
	if m.open[r.Node] {
		return nil, &Error{s.Node, "the schema requires itself, so every value would be endless"}
	}
	if len(m.open) >= maxDepth {
		return nil, &Error{s.Node, fmt.Sprintf("required values nest more than %d deep", maxDepth)}
	}
	if given, ok := m.given(s, r); ok {
		return given, nil
	}
	m.open[r.Node] = true
	defer delete(m.open, r.Node)
	switch s.Shape() {
	case "object":
		return m.object(s)
	case "array":
		return m.array(s, name)
	case "integer", "number":
		return m.number(s)
	case "boolean":
		return m.options.Variant%2 == 0, nil
	case "null":
		return nil, nil
	case "string", "file":
		return m.text(s, name)
	}
	if keyword(s, "format").Exists() || keyword(s, "pattern").Exists() || name != "" {
		return m.text(s, name)
	}
	return object{}, nil
}

// given returns a value that the author wrote down, if one fits. Examples in
// real definitions often do not: "123" for a number.
func (m *maker) given(s, r connector.Schema) (any, bool) {
	var candidates []source.Node
	for _, name := range []string{"example", "x-example", "x-ms-test-value", "default"} {
		for _, n := range []source.Node{s.Node.Get(name), keyword(r, name)} {
			if n.Exists() && n.Kind() != source.Null && isOfFormat(n, keyword(r, "format")) {
				candidates = append(candidates, n)
			}
		}
	}
	var values []source.Node
	for _, value := range keyword(r, "enum").Items() {
		if value.Kind() != source.Null {
			values = append(values, value)
		}
	}
	if n := len(values); n > 0 {
		first := m.options.Variant % n
		candidates = append(candidates, append(values[first:n:n], values[:first]...)...)
		if m.options.Variant > 0 {
			candidates = candidates[len(candidates)-n:]
		}
	} else if m.options.Variant > 0 {
		return nil, false
	}
	if len(candidates) == 0 {
		return nil, false
	}
	validator := m.validator(r)
	if validator == nil {
		return nil, false
	}
	for _, n := range candidates {
		if value := n.Value(); validator.Validate(value) == nil {
			return ordered(n, value), true
		}
	}
	return nil, false
}

// isOfFormat reports whether a text is a date or a time if it is to be one, which
// the validator does not look at: 01/02/2024 may be a day in two months.
func isOfFormat(value, format source.Node) bool {
	text, isText := value.Str()
	var err error
	switch {
	case !isText:
	case format.Is("date"):
		_, err = time.Parse(time.DateOnly, text)
	case format.Is("date-time"):
		_, err = time.Parse(time.RFC3339, text)
	}
	return err == nil
}

// ordered keeps the members of an object in the author's order.
func ordered(n source.Node, value any) any {
	switch n.Kind() {
	case source.Object:
		members, ok := value.(map[string]any)
		if !ok {
			return value
		}
		o := object{}
		for key, item := range n.Members() {
			name, _ := key.Str()
			if inner, known := members[name]; known {
				o = append(o, member{name, ordered(item, inner)})
				delete(members, name)
			}
		}
		if len(members) > 0 { // YAML's merge keys
			return n.Value()
		}
		return o
	case source.Array:
		list, ok := value.([]any)
		for i, item := range n.Items() {
			if ok && i < len(list) {
				list[i] = ordered(item, list[i])
			}
		}
	}
	return value
}

func (m *maker) object(s connector.Schema) (any, *Error) {
	o := object{}
	limit := keyword(s, "maxProperties")
	// Several parts of an allOf may describe one property.
	var names, optional []string
	described := map[string][]connector.Schema{}
	for p := range s.Properties() {
		if described[p.Name] == nil {
			names = append(names, p.Name)
		}
		described[p.Name] = append(described[p.Name], p.Schema)
	}
	seen := map[string]bool{}
	for _, name := range names {
		seen[name] = true
		if !s.Requires(name) {
			optional = append(optional, name)
			continue
		}
		value, failed := m.property(described[name], name)
		if failed != nil {
			return nil, failed
		}
		o = append(o, member{name, value})
	}
	o, failed := m.undeclared(s, o, seen)
	if failed != nil {
		return nil, failed
	}
	if most, limited := limit.Int(); limited && int64(len(o)) > most {
		return nil, &Error{limit, fmt.Sprintf("%d properties are required, but maxProperties is %d", len(o), most)}
	}
	return m.optional(s, o, optional, described), nil
}

// property makes a value that satisfies all schemas of a property, if one of
// them alone leads to it: the last one first, which narrows what those before it
// allow.
func (m *maker) property(all []connector.Schema, name string) (any, *Error) {
	for _, s := range slices.Backward(all[1:]) {
		if value, failed := m.value(s, name); failed == nil && m.fits(value, all) {
			return value, nil
		}
	}
	return m.value(all[0], name)
}

func (m *maker) fits(value any, all []connector.Schema) bool {
	plain, err := decode(encode(value))
	return err == nil && !slices.ContainsFunc(all, func(s connector.Schema) bool {
		validator := m.validator(s.Resolved())
		return validator == nil || validator.Validate(plain) != nil
	})
}

// undeclared adds members that are required or counted, but not described.
func (m *maker) undeclared(s connector.Schema, o object, seen map[string]bool) (object, *Error) {
	var names []string
	for part := range s.Parts() {
		for _, item := range part.Node.Get("required").Items() {
			if name, ok := item.Str(); ok && !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	least, _ := keyword(s, "minProperties").Int()
	for i := int64(0); i < min(least, maxItems)-int64(len(seen)); i++ {
		names = append(names, fmt.Sprintf("property%d", i+1))
	}
	rest := keyword(s, "additionalProperties")
	for _, name := range names {
		if allowed, isBool := rest.Bool(); isBool && !allowed {
			return nil, &Error{rest, fmt.Sprintf("%q is required, but neither described nor allowed", name)}
		}
		value, failed := any("text"), (*Error)(nil)
		if rest.Kind() == source.Object {
			value, failed = m.value(s.In(rest), name)
		}
		if failed != nil {
			return nil, failed
		}
		o = append(o, member{name, value})
	}
	return o, nil
}

// optional adds the members that may be missing, in the schema's order, as far
// as there is room and they can be made.
func (m *maker) optional(s connector.Schema, o object, names []string, described map[string][]connector.Schema) object {
	most, limited := keyword(s, "maxProperties").Int()
	for _, name := range names {
		if m.budget <= 0 || limited && int64(len(o)) >= most {
			break
		}
		if m.options.Required && !hasDefault(described[name]) {
			continue
		}
		notes := len(m.notes)
		if value, failed := m.property(described[name], name); failed == nil {
			o = append(o, member{name, value})
		} else {
			m.notes = m.notes[:notes]
		}
	}
	rank := map[string]int{}
	for p := range s.Properties() {
		if _, known := rank[p.Name]; !known {
			rank[p.Name] = len(rank)
		}
	}
	return sorted(o, rank)
}

func hasDefault(all []connector.Schema) bool {
	return slices.ContainsFunc(all, func(s connector.Schema) bool {
		return keyword(s, "default").Exists() || s.Node.Get("default").Exists()
	})
}

// maxItems bounds what minItems and minProperties can ask for.
const maxItems = 1000

func (m *maker) array(s connector.Schema, name string) (any, *Error) {
	least, _ := keyword(s, "minItems").Int()
	most, limited := keyword(s, "maxItems").Int()
	switch {
	case limited && most < least:
		return nil, &Error{keyword(s, "maxItems"), fmt.Sprintf("minItems is %d, but maxItems is %d", least, most)}
	case least > maxItems:
		return nil, &Error{keyword(s, "minItems"), fmt.Sprintf("minItems is %d, more than the %d that a sample has at most", least, maxItems)}
	}
	count := max(least, 1)
	if limited {
		count = min(count, most)
	}
	element := s.In(keyword(s, "items"))
	list := []any{}
	for i := int64(0); i < count && (m.budget > 0 || i < least); i++ {
		inner := *m
		if i > 0 {
			inner.options.Variant += int(i)
		}
		value, failed := any("text"), (*Error)(nil)
		if element.Node.Kind() == source.Object {
			value, failed = inner.value(element, strings.TrimSuffix(name, "s"))
		} else if i > 0 {
			value = fmt.Sprintf("text-%d", i+1)
		}
		m.budget, m.notes = inner.budget, inner.notes
		if failed != nil && i >= least {
			break
		}
		if failed != nil {
			return nil, failed
		}
		list = append(list, value)
	}
	return list, nil
}

// number makes the smallest number that is allowed and not negative, or else
// the one next to the limit.
func (m *maker) number(s connector.Schema) (any, *Error) {
	low, high, failed := limits(s)
	if failed != nil {
		return nil, failed
	}
	step := big.NewRat(1, 1)
	if n := keyword(s, "multipleOf"); n.Exists() {
		if v, ok := rational(n); ok && v.Sign() > 0 {
			step = v
		}
	} else if s.Shape() == "number" && (low != nil && high != nil) && new(big.Rat).Sub(high.value, low.value).Cmp(step) <= 0 {
		step = new(big.Rat).Quo(new(big.Rat).Sub(high.value, low.value), big.NewRat(4, 1))
	}
	if step.Sign() == 0 {
		step = big.NewRat(1, 1)
	}
	if s.Shape() == "integer" && !step.IsInt() {
		step = new(big.Rat).SetInt(step.Num()) // its smallest whole multiple
	}
	start := big.NewRat(1, 1)
	switch {
	case low != nil && low.value.Sign() >= 0:
		start = low.value
	case high != nil && high.value.Cmp(start) < 0:
		start = high.value
	case keyword(s, "multipleOf").Exists():
		start = step
	}
	return m.nearest(s, start, step, low, high)
}

// nearest returns the multiple of step nearest to start that is within the
// limits, or, for a variant, one further on.
func (m *maker) nearest(s connector.Schema, start, step *big.Rat, low, high *limit) (any, *Error) {
	whole := new(big.Rat).Quo(start, step)
	count := new(big.Int).Div(whole.Num(), whole.Denom())
	if !keyword(s, "multipleOf").Exists() && s.Shape() == "number" {
		count = big.NewInt(0) // not bound to multiples: start itself, and steps from there
	}
	at := func(offset int64) *big.Rat {
		n := new(big.Rat).SetInt(new(big.Int).Add(count, big.NewInt(offset)))
		n.Mul(n, step)
		if !keyword(s, "multipleOf").Exists() && s.Shape() == "number" {
			n.Add(n, start)
		}
		return n
	}
	for _, offset := range []int64{int64(m.options.Variant), 0, 1, -1, 2, -2} {
		if n := at(offset); low.below(n) && high.above(n) {
			return json.Number(decimal(n)), nil
		}
	}
	at0 := keyword(s, "minimum")
	if !at0.Exists() {
		at0 = keyword(s, "maximum")
	}
	return nil, &Error{at0, fmt.Sprintf("no %s lies within the limits", s.Shape())}
}

// limit is a minimum or a maximum. A nil limit allows everything.
type limit struct {
	value     *big.Rat
	exclusive bool
}

func (l *limit) below(n *big.Rat) bool {
	return l == nil || l.value.Cmp(n) < 0 || l.value.Cmp(n) == 0 && !l.exclusive
}

func (l *limit) above(n *big.Rat) bool {
	return l == nil || l.value.Cmp(n) > 0 || l.value.Cmp(n) == 0 && !l.exclusive
}

func limits(s connector.Schema) (low, high *limit, failed *Error) {
	for part := range s.Parts() {
		if v, ok := rational(part.Node.Get("minimum")); ok && (low == nil || low.value.Cmp(v) <= 0) {
			low = &limit{v, part.Node.Get("exclusiveMinimum").IsTrue() || low != nil && low.exclusive && low.value.Cmp(v) == 0}
		}
		if v, ok := rational(part.Node.Get("maximum")); ok && (high == nil || high.value.Cmp(v) >= 0) {
			high = &limit{v, part.Node.Get("exclusiveMaximum").IsTrue() || high != nil && high.exclusive && high.value.Cmp(v) == 0}
		}
	}
	if low != nil && high != nil && (!low.below(high.value) || !high.above(low.value)) {
		return nil, nil, &Error{keyword(s, "minimum"), fmt.Sprintf("minimum is %s, but maximum is %s", decimal(low.value), decimal(high.value))}
	}
	return low, high, nil
}

// maxExponent bounds numbers such as 1e999999999, which would take all memory
// as a fraction.
const maxExponent = 400

func rational(n source.Node) (*big.Rat, bool) {
	if n.Kind() != source.Number {
		return nil, false
	}
	text := fmt.Sprint(n.Value())
	if f, _, err := big.ParseFloat(text, 10, 64, big.ToNearestEven); err != nil || f.IsInf() || f.MantExp(nil) > maxExponent || f.MantExp(nil) < -maxExponent {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// decimal writes a fraction as a JSON number.
func decimal(n *big.Rat) string {
	if n.IsInt() {
		return n.Num().String()
	}
	text := n.FloatString(12)
	return strings.TrimRight(text, "0")
}

// sorted puts members into the order of their ranks; those without one stay
// last.
func sorted(o object, rank map[string]int) object {
	of := func(m member) int {
		if r, known := rank[m.name]; known {
			return r
		}
		return len(rank)
	}
	slices.SortStableFunc(o, func(a, b member) int { return of(a) - of(b) })
	return o
}
