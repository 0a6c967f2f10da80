package rules

import (
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var limit = []*lint.Rule{
	{
		ID:      "limit-negative",
		Summary: "a limit on a length or a count is negative",
		Levels:  lint.Everywhere(failure),
		Start:   limitNegative,
		Official: []string{
			"MaxItemsMustBeGreaterThanOrEqualToZero", "MinItemsMustBeGreaterThanOrEqualToZero",
			"MaxLengthMustBeGreaterThanOrEqualToZero", "MinLengthMustBeGreaterThanOrEqualToZero",
			"MaxPropertiesMustBeGreaterThanOrEqualToZero", "MinPropertiesMustBeGreaterThanOrEqualToZero",
		},
	},
	{
		ID:      "limit-contradiction",
		Summary: "a lower limit is above the upper one",
		Levels:  lint.Everywhere(failure),
		Start:   limitContradiction,
		Official: []string{
			"MinimumShouldBeLessThanOrEqualToMaximum", "MinItemsShouldBeLessThanOrEqualToMaxItems", "MinLengthShouldBeLessThanOrEqualToMaxLength",
		},
	},
	{
		ID:       "limit-exclusive-alone",
		Summary:  "exclusiveMinimum or exclusiveMaximum has no limit to exclude",
		Levels:   lint.Everywhere(failure),
		Start:    limitExclusiveAlone,
		Official: []string{"ExclusiveMinimumRequiresMinimum", "ExclusiveMaximumRequiresMaximum"},
	},
	{
		ID:       "limit-multiple-of",
		Summary:  "multipleOf is not greater than zero",
		Levels:   lint.Everywhere(failure),
		Start:    limitMultipleOf,
		Official: []string{"MultipleOfMustBeGreaterThanZero"},
	},
}

// eachMember visits the members of some names.
func eachMember(visit func(value source.Node, on connector.Role), names ...string) lint.Visitor {
	v := lint.Visitor{Member: make([]lint.OnMember, len(names))}
	for i, name := range names {
		v.Member[i] = lint.OnMember{Name: name, Do: visit}
	}
	return v
}

// eachNamed visits the members of some names, for rules that ask which it is.
func eachNamed(visit func(name string, value source.Node, on connector.Role), names ...string) lint.Visitor {
	v := lint.Visitor{Member: make([]lint.OnMember, len(names))}
	for i, name := range names {
		v.Member[i] = lint.OnMember{Name: name, Do: func(value source.Node, on connector.Role) { visit(name, value, on) }}
	}
	return v
}

// number reads a number.
func number(n source.Node) (float64, bool) {
	if n.Kind() != source.Number {
		return 0, false
	}
	v, err := strconv.ParseFloat(n.Text(), 64)
	return v, err == nil
}

func limitNegative(p *lint.Pass) lint.Visitor {
	return eachNamed(func(name string, value source.Node, _ connector.Role) {
		if v, ok := number(value); ok && v < 0 {
			f := p.Report(value, "%s is %s, expected 0 or more", name, value.Text())
			f.Official = capitalized(name) + "MustBeGreaterThanOrEqualToZero"
			f.Hint = "remove it, if there is to be no limit"
			f.Fix = suggested("remove "+name, value, func(e *source.Editor) { e.Remove(value) })
		}
	}, "maxItems", "minItems", "maxLength", "minLength", "maxProperties", "minProperties")
}

func limitContradiction(p *lint.Pass) lint.Visitor {
	return eachNamed(func(name string, value source.Node, _ connector.Role) {
		other := "max" + strings.TrimPrefix(name, "min")
		upper := value.Parent().Get(other)
		low, ok := number(value)
		high, has := number(upper)
		if !ok || !has || low <= high {
			return
		}
		f := p.Report(value, "%s is %s, above %s, which is %s", name, value.Text(), other, upper.Text())
		f.Official = capitalized(name) + "ShouldBeLessThanOrEqualTo" + capitalized(other)
		f.Hint = "no value satisfies both: swap them, or remove one"
		f.Related = []source.Related{lint.Related(upper, "%s is here", other)}
	}, "minimum", "minItems", "minLength")
}

func limitExclusiveAlone(p *lint.Pass) lint.Visitor {
	return eachNamed(func(name string, value source.Node, _ connector.Role) {
		limit := strings.ToLower(strings.TrimPrefix(name, "exclusive"))
		if value.Parent().Get(limit).Exists() {
			return
		}
		f := p.Report(value.Key(), "%s stands without %s", name, limit)
		f.Official = capitalized(name) + "Requires" + capitalized(limit)
		remove := func(e *source.Editor) { e.Remove(value) }
		switch v, isBool := value.Bool(); {
		case isBool && !v:
			f.Fix = safe("remove "+name, value, remove)
		case isBool:
			f.Hint = "it says that the limit itself is not allowed: give the limit as " + limit
		default:
			f.Hint = "in OpenAPI 2.0 it is true or false, and the limit is " + limit
			if _, ok := number(value); ok {
				f.Fix = suggested("write it as "+limit+" and "+name+": true", value, func(e *source.Editor) {
					e.InsertAfter(value, limit, value.Value())
					e.Replace(value, true)
				})
			}
		}
	}, "exclusiveMinimum", "exclusiveMaximum")
}

func limitMultipleOf(p *lint.Pass) lint.Visitor {
	return eachNamed(func(name string, value source.Node, _ connector.Role) {
		if v, ok := number(value); ok && v <= 0 {
			f := p.Report(value, "%s is %s, expected more than 0", name, value.Text())
			f.Fix = suggested("remove "+name, value, func(e *source.Editor) { e.Remove(value) })
		}
	}, "multipleOf")
}
