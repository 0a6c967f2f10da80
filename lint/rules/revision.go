package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var revision = []*lint.Rule{
	{
		ID:      "revision-replacement",
		Summary: "what replaces an operation is not said in full",
		Levels:  lint.Levels{Custom: info, Certified: failure, Independent: failure},
		Start:   revisionReplacement,
		Official: []string{
			"ApiAnnotationExtensionReplacementInfoMissingApiProperty", "ApiAnnotationExtensionReplacementInfoMissingOperationIdProperty",
			"ApiAnnotationExtensionReplacementInfoForNonDeprecatedOperations",
		},
	},
	{
		ID:      "revision-family",
		Summary: "the operations of a family have revisions that exclude each other",
		Levels:  lint.Levels{Custom: info, Certified: failure, Independent: failure},
		Start:   revisionFamily,
		Official: []string{
			"OperationFamilyHasDuplicateRevisions", "OperationFamilyHasManyEmptyRevisions",
			"OperationFamilyHasManyActiveOperations", "OperationFamilyHasManyActiveProductionOperations",
		},
	},
	{
		ID:       "revision-empty",
		Summary:  "an operation of a family has no revision",
		Levels:   lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:    revisionEmpty,
		Official: []string{"OperationRevisionEmpty"},
	},
	{
		ID:       "revision-name",
		Summary:  "the operationId of a later revision does not end in it",
		Levels:   lint.Levels{Custom: off, Certified: warning, Independent: warning},
		Start:    revisionName,
		Official: []string{"OperationIdShouldEndWithRevision"},
	},
	{
		ID:       "revision-status",
		Summary:  "an operation is in production before its connector",
		Levels:   lint.Levels{Custom: off, Certified: failure, Independent: failure},
		Start:    revisionStatus,
		Official: []string{"OperationStatusAheadOfConnector"},
	},
}

// annotation returns what x-ms-api-annotation says of an operation (Microsoft
// docs: "Operational versioning").
func annotation(o *connector.Operation) source.Node { return o.Get("x-ms-api-annotation") }

// eachAnnotated visits the operations that are annotated.
func eachAnnotated(visit func(o *connector.Operation, annotation source.Node)) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		if a := annotation(o); a.Kind() == source.Object {
			visit(o, a)
		}
	}}
}

func revisionReplacement(p *lint.Pass) lint.Visitor {
	return eachAnnotated(func(o *connector.Operation, a source.Node) {
		r := a.Get("replacement")
		if r.Kind() != source.Object {
			return
		}
		for _, name := range []string{"api", "operationId"} {
			if strings.TrimSpace(text(r.Get(name))) == "" {
				f := p.Report(r, "the replacement of %q has no %s", o.Name(), name)
				f.Official = "ApiAnnotationExtensionReplacementInfoMissing" + capitalized(name) + "Property"
				f.Hint = "say which operation of which connector makers shall take instead"
			}
		}
		if !isDeprecated(o) {
			f := p.Report(r, "%q has a replacement and is not deprecated", o.Name())
			f.Official = "ApiAnnotationExtensionReplacementInfoForNonDeprecatedOperations"
			f.Fix = deprecateFix(o)
		}
	})
}

// Bounds on a family (Microsoft docs: "Custom connector validation rules").
const (
	maxActive     = 2
	maxProduction = 1
)

func revisionFamily(p *lint.Pass) lint.Visitor {
	type family struct {
		revisions          map[int64]*connector.Operation
		active, production []*connector.Operation
		empty              *connector.Operation
	}
	families := map[string]*family{}
	return eachAnnotated(func(o *connector.Operation, a source.Node) {
		name := text(a.Get("family"))
		if name == "" {
			return
		}
		if families[name] == nil {
			families[name] = &family{revisions: map[int64]*connector.Operation{}}
		}
		f := families[name]
		report := func(official string, first *connector.Operation, format string, args ...any) *source.Diagnostic {
			found := p.Report(a, "%s", fmt.Sprintf(format, args...))
			found.Official = official
			if first != nil {
				found.Related = []source.Related{lint.Related(first.At(), "the other one")}
			}
			return found
		}
		n, hasRevision := a.Get("revision").Int()
		switch {
		case hasRevision && f.revisions[n] != nil:
			report("OperationFamilyHasDuplicateRevisions", f.revisions[n], "the family %q has revision %d twice", name, n)
		case hasRevision:
			f.revisions[n] = o
		case f.empty != nil:
			report("OperationFamilyHasManyEmptyRevisions", f.empty, "the family %q has more than one operation without a revision", name)
		default:
			f.empty = o
		}
		if isDeprecated(o) {
			return
		}
		if f.active = append(f.active, o); len(f.active) == maxActive+1 {
			report("OperationFamilyHasManyActiveOperations", nil, "the family %q has more than %d operations that are not deprecated", name, maxActive).
				Fix = deprecateFix(lowest(f.active))
		}
		if a.Get("status").Is("Production") {
			if f.production = append(f.production, o); len(f.production) == maxProduction+1 {
				report("OperationFamilyHasManyActiveProductionOperations", nil, "the family %q has more than one operation in production that is not deprecated", name).
					Fix = deprecateFix(lowest(f.production))
			}
		}
	})
}

// lowest returns the operation of the lowest revision; one without is the first.
func lowest(family []*connector.Operation) *connector.Operation {
	return slices.MinFunc(family, func(a, b *connector.Operation) int {
		x, _ := annotation(a).Get("revision").Int()
		y, _ := annotation(b).Get("revision").Int()
		return cmp.Compare(x, y)
	})
}

// deprecateFix deprecates an operation, and says so to makers.
func deprecateFix(o *connector.Operation) *source.Fix {
	return suggested("deprecate "+o.Name(), o.Node, func(e *source.Editor) {
		e.Set(o.Node, "deprecated", true)
		if marked := markedDeprecated(o); marked != "" {
			e.Replace(o.Get("summary"), marked)
		}
	})
}

func revisionEmpty(p *lint.Pass) lint.Visitor {
	return eachAnnotated(func(o *connector.Operation, a source.Node) {
		if r := a.Get("revision"); text(a.Get("family")) != "" && (!r.Exists() || r.Kind() == source.Null || r.Is("")) {
			f := p.Report(a, "%q belongs to a family and has no revision", o.Name())
			f.Fix = suggested("make it revision 1", a, func(e *source.Editor) { setAfter(e, a, "revision", 1, "family") })
		}
	})
}

func revisionName(p *lint.Pass) lint.Visitor {
	return eachAnnotated(func(o *connector.Operation, a source.Node) {
		n, ok := a.Get("revision").Int()
		if ok && n > 1 && o.ID != "" && !strings.HasSuffix(o.ID, "_V"+strconv.FormatInt(n, 10)) {
			p.Report(o.At(), "the operationId of revision %d does not end in _V%d", n, n).
				Hint = "flows keep the name: this is for operations that nobody uses yet"
		}
	})
}

func revisionStatus(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		status := annotation(o).Get("status")
		if !status.Is("Production") {
			return
		}
		for _, of := range []source.Node{p.Definition.Root.Get("info"), p.Definition.Root} {
			if s := of.Get("x-ms-api-annotation").Get("status"); s.Is("Preview") {
				f := p.Report(status, "%q is in production, and its connector is a preview", o.Name())
				f.Related = []source.Related{lint.Related(s, "the connector's status")}
				return
			}
		}
	}}
}
