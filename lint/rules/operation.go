package rules

import (
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var operation = []*lint.Rule{
	{
		ID:       "operation-id-length",
		Summary:  "an operationId is too long",
		Levels:   lint.Everywhere(failure),
		Start:    operationIDLength,
		Official: []string{"OperationIdTooLong"},
	},
	{
		ID:       "operation-id-characters",
		Summary:  "an operationId has characters that the platform drops",
		Levels:   lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:    operationIDCharacters,
		Official: []string{"OperationIdSanitized"},
	},
	{
		ID:       "operation-summary-length",
		Summary:  "a summary is too long",
		Levels:   lint.Levels{Custom: info, Certified: warning, Independent: warning},
		Start:    operationSummaryLength,
		Official: []string{"OperationSummaryTooLong"},
	},
	{
		ID:       "operation-summary-characters",
		Summary:  "a summary has characters that certification refuses",
		Levels:   lint.Levels{Custom: off, Certified: failure, Independent: failure},
		Start:    operationSummaryCharacters,
		Official: []string{"RestrictedCharactersInSummary"},
	},
	{
		ID:       "operation-response-missing",
		Summary:  "an operation has no response",
		Levels:   lint.Everywhere(failure),
		Start:    operationResponseMissing,
		Official: []string{"OperationMustHaveResponse"},
	},
	{
		ID:       "operation-success-missing",
		Summary:  "an operation has no successful response",
		Levels:   lint.Everywhere(warning),
		Start:    operationSuccessMissing,
		Official: []string{"OperationShouldHaveSuccessfulResponse"},
	},
	{
		ID:       "operation-schemas",
		Summary:  "several responses have a schema, of which the designer takes one",
		Levels:   lint.Levels{Custom: off, Certified: warning, Independent: warning},
		Start:    operationSchemas,
		Official: []string{"OperationHasManyResponsesWithSchema"},
	},
	{
		ID:       "operation-schema-misplaced",
		Summary:  "the schema of the result is where the designer does not look",
		Levels:   lint.Everywhere(warning),
		Start:    operationSchemaMisplaced,
		Official: []string{"SchemaDefinitionSetIncorrectly"},
	},
	{
		ID:       "operation-count",
		Summary:  "the connector has too many operations",
		Levels:   lint.Everywhere(failure),
		Start:    operationCount,
		Official: []string{"TotalOperationsCountExceedsMaxAllowed"},
	},
	{
		ID:       "operation-response-status",
		Summary:  "a response is neither a status code nor default",
		Levels:   lint.Everywhere(failure),
		Start:    operationResponseStatus,
		Official: []string{"ResponseMustBeDefaultOrHttpStatusCode"},
	},
	{
		ID:       "operation-default-schema",
		Summary:  "the default response has a schema",
		Levels:   lint.Levels{Custom: off, Certified: failure, Independent: failure},
		Start:    operationDefaultSchema,
		Official: []string{"DefaultResponseHasSchema"},
	},
	{
		ID:       "operation-example-type",
		Summary:  "an example is of a type that the operation does not produce",
		Levels:   lint.Levels{Custom: info, Certified: failure, Independent: failure},
		Start:    operationExampleType,
		Official: []string{"ResponseExampleMustBeProducedByOperation"},
	},
	{
		ID:       "operation-page-link",
		Summary:  "the platform does not know the name of the link to the next page",
		Levels:   lint.Everywhere(failure),
		Start:    operationPageLink,
		Official: []string{"InvalidNextLinkNameValue"},
	},
	{
		ID:       "operation-header-duplicate",
		Summary:  "a response declares a header twice",
		Levels:   lint.Everywhere(failure),
		Start:    operationHeaderDuplicate,
		Official: []string{"ResponseHeadersAreNotUnique"},
	},
}

const (
	maxOperationID = 80  // no published operationId has more than 77 (the corpus)
	maxSummary     = 80  // Microsoft docs: "Connector string guidance"
	maxOperations  = 256 // Microsoft docs: "Custom connector FAQ"
)

// utf16Length is how .NET counts characters.
func utf16Length(s string) int {
	if len(s) <= maxOperationID {
		return len(s) // or less, which nobody asks for
	}
	return len(utf16.Encode([]rune(s)))
}

func operationIDLength(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		if n := utf16Length(o.ID); n > maxOperationID {
			p.Report(o.At(), "the operationId has %d characters, expected at most %d", n, maxOperationID).
				Hint = "name what it does in a few words; flows keep the name, so change it before they are made"
		}
	}}
}

func isIDCharacter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
}

func operationIDCharacters(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		kept := strings.Map(func(r rune) rune {
			if isIDCharacter(r) {
				return r
			}
			return -1
		}, o.ID)
		if kept != o.ID && strings.TrimSpace(o.ID) != "" {
			f := p.Report(o.At(), "the operationId %q has characters other than letters, digits and _", o.ID)
			f.Hint = "they are dropped in places, " + kept + " remains; renaming it breaks the flows that have it"
			f.Fix = renameFix(p, o, kept)
		}
	}}
}

// renameFix renames an operation, and what refers to it in the definition. There
// is none if the name is taken, or another file of the connector has the old one.
func renameFix(p *lint.Pass, o *connector.Operation, id string) *source.Fix {
	if id == "" || p.Definition.Operation(id) != nil || p.Connector.IsNamedElsewhere(o.ID) {
		return nil
	}
	uses := lint.Shared(p, func() operationUses { return readOperationUses(p.Definition) })
	return suggested("rename it to "+id, o.Node, func(e *source.Editor) {
		for _, at := range uses[o.ID] {
			e.Replace(at, id)
		}
	})
}

// operationUses are the places of operationIds, where operations have them and
// where others name them.
type operationUses map[string][]source.Node

func readOperationUses(d *connector.Definition) operationUses {
	uses := operationUses{}
	for n := range d.File.Values() {
		if id, ok := n.Str(); ok && n.Key().Is("operationId") && !n.IsAlias() {
			uses[id] = append(uses[id], n)
		}
	}
	return uses
}

func operationSummaryLength(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		at := o.Get("summary")
		if s, _ := at.Str(); len(s) > maxSummary && utf8.RuneCountInString(s) > maxSummary {
			p.Report(at, "the summary has %d characters, expected at most %d", utf8.RuneCountInString(s), maxSummary).
				Hint = "it is a name in a list; the description has room for more"
		}
	}}
}

// refusedInSummary are characters that the validator refuses (its log in pull
// requests of the connector repository).
const refusedInSummary = `/\<>*%&?`

func operationSummaryCharacters(p *lint.Pass) lint.Visitor {
	replace := strings.NewReplacer(" & ", " and ", "&", " and ", " / ", " or ", "/", " or ")
	return lint.Visitor{Operation: func(o *connector.Operation) {
		at := o.Get("summary")
		s, _ := at.Str()
		i := strings.IndexAny(s, refusedInSummary)
		if i < 0 {
			return
		}
		f := p.Report(at, "the summary has the character %q", s[i:i+1])
		f.Hint = "certification refuses " + strings.Join(strings.Split(refusedInSummary, ""), " ")
		if with := replace.Replace(s); !strings.ContainsAny(with, refusedInSummary) {
			f.Fix = suggested("write it in words", at, func(e *source.Editor) { e.Replace(at, with) })
		}
	}}
}

func responseCount(o *connector.Operation) (all, good int) {
	for _, r := range o.Responses() {
		all++
		if r.IsSuccess() {
			good++
		}
	}
	return all, good
}

func operationResponseMissing(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		if all, _ := responseCount(o); all > 0 {
			return
		}
		f := p.Report(o.At(), "%q has no response", o.Name())
		status, response := "200", source.Members{{Key: "description", Value: "OK"}}
		if o.Trigger != nil && o.Trigger.Delivery != connector.Polling {
			location := source.Members{{Key: "Location", Value: source.Members{{Key: "type", Value: "string"}}}}
			status, response = "201", source.Members{{Key: "description", Value: "Created"}, {Key: "headers", Value: location}}
		}
		f.Fix = suggested("declare "+status, o.Node, func(e *source.Editor) {
			if list := o.Get("responses"); list.Kind() == source.Object {
				e.Set(list, status, response)
			} else {
				e.Set(o.Node, "responses", source.Members{{Key: status, Value: response}})
			}
		})
	}}
}

func operationSuccessMissing(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		if all, good := responseCount(o); all == 0 || good > 0 {
			return
		}
		if o.Trigger != nil {
			return // registration-no-201 and polling-no-200
		}
		f := p.Report(o.Get("responses").Key(), "%q has no response of success", o.Name())
		f.Hint = "declare what a call that succeeds gives, 200 as a rule: default is for errors"
		d := o.Response("default")
		f.Fix = suggested("make the default response that of 200", d.Site, func(e *source.Editor) { e.Rename(d.Site, "200") })
		if !d.Schema().Exists() {
			list := o.Get("responses")
			f.Fix = suggested("declare 200", list, func(e *source.Editor) {
				e.Set(list, "200", source.Members{{Key: "description", Value: "OK"}})
			})
		}
	}}
}

func operationSchemas(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		var first connector.Response
		for _, r := range o.Responses() {
			if !r.Schema().Exists() {
				continue
			}
			if !first.Site.Exists() {
				first = r
				continue
			}
			f := p.Report(r.Site.KeyOrSelf(), "the response %s has a schema, and so has %s", r.Status, first.Status)
			f.Hint = "the designer shows the fields of one response: leave the schema on the one of success"
			f.Related = []source.Related{lint.Related(first.Site, "this one has a schema")}
			f.Fix = errorSchemasFix(o)
			return
		}
	}}
}

// errorSchemasFix takes the schemas off responses that are errors. There is none
// if that is not enough, or if the response is shared.
func errorSchemasFix(o *connector.Operation) *source.Fix {
	var extra []source.Node
	kept := 0
	for _, r := range o.Responses() {
		schema := r.Schema()
		switch {
		case !schema.Exists():
		case r.IsSuccess():
			kept++
		case r.Site == r.Node:
			extra = append(extra, schema.Node)
		default:
			return nil
		}
	}
	if kept != 1 || len(extra) == 0 {
		return nil
	}
	return suggested("leave errors without a schema", o.Node, func(e *source.Editor) {
		for _, schema := range extra {
			e.Remove(schema)
		}
	})
}

func operationSchemaMisplaced(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		if o.Response("200").Schema().Exists() || o.Response("201").Schema().Exists() || o.Trigger != nil {
			return // of triggers: polling-no-200
		}
		for _, r := range o.Responses() {
			if r.Schema().Exists() && r.IsSuccess() {
				f := p.Report(r.Site.KeyOrSelf(), "the schema of the result of %q stands on %s", o.Name(), r.Status)
				f.Hint = "the designer reads 200 and 201: makers see no fields"
				if schema := r.Schema(); r.Site == r.Node {
					f.Fix = suggested("move it to 200", o.Node, func(e *source.Editor) {
						e.Remove(schema.Node)
						giveSchema(e, o, schema.Node)
					})
				}
				return
			}
		}
	}}
}

// giveSchema makes a schema that of the 200 response.
func giveSchema(e *source.Editor, o *connector.Operation, schema any) {
	if r := o.Response("200"); r.Site.Exists() {
		e.Set(r.Node, "schema", schema)
		return
	}
	e.Set(o.Get("responses"), "200", source.Members{{Key: "description", Value: "OK"}, {Key: "schema", Value: schema}})
}

func operationCount(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Definition: func(d *connector.Definition) {
		if n := len(d.Operations()); n > maxOperations {
			p.Report(d.Operations()[maxOperations].At(), "this is operation %d of %d, expected at most %d", maxOperations+1, n, maxOperations).
				Hint = "makers look through a list: leave out what no flow needs, or make two connectors"
		}
	}}
}

// isStatus reports whether a key of responses is one.
func isStatus(s string) bool {
	return s == "default" || len(s) == 3 && s[0] >= '1' && s[0] <= '5' && s[1] >= '0' && s[1] <= '9' && s[2] >= '0' && s[2] <= '9'
}

func operationResponseStatus(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		for _, r := range o.Responses() {
			if !isStatus(r.Status) {
				f := p.Report(r.Site.Key(), `the response %q is neither a status code from 100 to 599 nor "default"`, r.Status)
				if strings.EqualFold(r.Status, "default") {
					f.Fix = safe("write default", r.Site, func(e *source.Editor) { e.Rename(r.Site, "default") })
				} else {
					f.Hint = "OpenAPI 2.0 has no ranges such as 4XX: name each status that callers tell apart"
				}
			}
		}
	}}
}

func operationDefaultSchema(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		d := o.Response("default")
		schema := d.Schema()
		if !schema.Exists() {
			return
		}
		f := p.Report(schema.Node.Key(), "the default response of %q has a schema", o.Name())
		f.Hint = "it stands for errors, whose fields no maker sees: give the schema to 200"
		described := slices.ContainsFunc(o.Responses(), func(r connector.Response) bool { return r.IsSuccess() && r.Schema().Exists() })
		switch _, good := responseCount(o); {
		case good == 0:
			f.Fix = suggested("make the default response that of 200", d.Site, func(e *source.Editor) { e.Rename(d.Site, "200") })
		case described || o.Trigger != nil:
			f.Fix = suggested("remove the schema", schema.Node, func(e *source.Editor) { e.Remove(schema.Node) })
		case d.Site == d.Node:
			f.Fix = suggested("move it to 200", o.Node, func(e *source.Editor) {
				e.Remove(schema.Node)
				giveSchema(e, o, schema.Node)
			})
		}
	}}
}

func operationExampleType(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		for _, r := range o.Responses() {
			for key := range r.Node.Get("examples").Members() {
				t, valid := mediaType(key)
				list := o.Get("produces")
				if !list.Exists() {
					list = p.Definition.Root.Get("produces")
				}
				if !valid || !slices.Contains(supportedTypes, t) || hasMediaType(list, t) {
					continue // what is not supported cannot be shown
				}
				f := p.Report(key, "%q does not produce %q", o.Name(), t)
				f.Related = []source.Related{lint.Related(r.Site, "the response %s", r.Status)}
				if list.Kind() == source.Array {
					f.Fix = suggested("say that it does", list, func(e *source.Editor) { e.Append(list, t) })
				}
			}
		}
	}}
}

func hasMediaType(list source.Node, t string) bool {
	for _, item := range list.Items() {
		if produced, _ := mediaType(item); produced == t {
			return true
		}
	}
	return false
}

func operationPageLink(p *lint.Pass) lint.Visitor {
	return eachMember(func(v source.Node, _ connector.Role) {
		at := v.Get("nextLinkName")
		name, ok := at.Str()
		if !ok || name == "nextLink" || name == "@odata.nextLink" {
			return
		}
		f := p.Report(at, `nextLinkName is %q, expected "nextLink" or "@odata.nextLink"`, name)
		f.Hint = "the platform reads on where a result has one of the two: rename it by a policy or in the service"
		for _, known := range []string{"nextLink", "@odata.nextLink"} {
			if strings.EqualFold(name, known) {
				f.Fix = safe("write "+known, at, func(e *source.Editor) { e.Replace(at, known) })
			}
		}
	}, "x-ms-pageable")
}

func operationHeaderDuplicate(p *lint.Pass) lint.Visitor {
	return eachMember(func(headers source.Node, _ connector.Role) {
		if headers.Len() < 2 {
			return
		}
		seen := map[string]source.Node{}
		for key := range headers.Members() {
			name, _ := key.Str()
			lower := strings.ToLower(name)
			if first := seen[lower]; first.Exists() && !first.Is(name) {
				p.Report(key, "the header %q is declared twice: names of headers have no letter case", name).
					Related = []source.Related{lint.Related(first, "first here")}
			}
			seen[lower] = key
		}
	}, "headers")
}
