package scaffold

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
)

// contract is what templates print. Every string in it is a Go identifier, a
// Go literal, a Go type, or text that is fit for a comment or a document:
// templates decide nothing.
type contract struct {
	Module     string // the import path of the project
	Title      string // of the connector
	Definition string // the file's name below contract/
	Triggers   []triggerData
	Actions    []actionData
	Polls      []pollData
	Types      []*typeDecl
	Waits      []triggerData // of Triggers, those that are webhook actions
	Events     []eventData
	Dates, Odd bool // the helpers that Types need
	Schemas    string
	Security   security
}

// triggerData is an operation that registers a callback.
type triggerData struct {
	Go           string // the operation's name in Go
	Name         string // its name in a sentence
	Doc          []string
	ID           string
	Method       string
	Path         string
	Location     string
	Callback     string
	Params       []paramData
	Fields       string
	Once         bool
	Payload      string // type
	Registration string // type
	Security     string

	id, method, path, location string // as they are, for documents
}

// paramData is a parameter of a registration, as publisher.Param has it.
type paramData struct{ Name, In, Required, Type, Split, Items, Schema string }

type pollData struct {
	Go, Name         string
	Doc              []string
	ID, Method, Path string
	Items            string
	Single           bool
	Payload          string // type of one item
	Security         string

	id, method, path string
	operation        *connector.Operation
	item             connector.Schema
}

// eventData is a method of contract.Events.
type eventData struct {
	Method       string // PublishOnOrderCreated
	Doc          []string
	Payload      string
	Registration string // "" where nothing can be matched
	Once         bool

	Arguments string // behind ctx
	Event     string // the fields of the publisher.Event
}

// builder reads a definition into a contract.
type builder struct {
	source     *connector.Connector
	def        *connector.Definition
	types      *typeSet
	operations *scope                          // names of operations in Go
	names      map[*connector.Operation]string // as they were given
	ids        *scope                          // operationIds
	shapes     map[string]int                  // how many operations have each
	claimed    map[string]*connector.Operation // by method and path
	schemas    map[string]map[string]any
	notes      []Note
	served     []*connector.Trigger
	webhooks   []*connector.Trigger // of served, as in Triggers
	contract
}

// reserved are the names that the contract package declares itself.
var reserved = []string{
	"Actions", "DateTime", "Definition", "Events", "FileContent", "NewDateTime", "NewEvents", "Parameters", "Polls",
	"Problem", "Publisher", "Routes", "Sources", "Triggers", "UnimplementedActions",
}

// unfitMethods are method names that go vet wants to have the signature known
// from the standard library (its check "stdmethods").
var unfitMethods = []string{
	"As", "Format", "GobDecode", "GobEncode", "Is", "MarshalJSON", "MarshalXML", "Peek", "ReadByte", "ReadFrom", "ReadRune",
	"Scan", "Seek", "UnmarshalJSON", "UnmarshalXML", "UnreadByte", "UnreadRune", "Unwrap", "WriteByte", "WriteTo",
}

func build(c *connector.Connector, o Options) (*builder, error) {
	d := c.Definition
	b := &builder{
		source: c, def: d, types: newTypeSet(d, newScope(reserved...)),
		operations: newScope(unfitMethods...), ids: newScope(), names: map[*connector.Operation]string{},
		schemas: map[string]map[string]any{}, shapes: map[string]int{}, claimed: map[string]*connector.Operation{},
	}
	for _, o := range d.Operations() {
		b.shapes[shape(d, o)]++
	}
	b.Module = o.Module
	b.Title = or(oneLine(text(d.Root.Get("info"), "title")), "the connector")
	if err := b.readSecurity(); err != nil {
		return nil, err
	}
	selected, err := choose(d, o.Triggers)
	if err != nil {
		return nil, err
	}
	served := map[*connector.Operation]bool{}
	for _, t := range d.Triggers() {
		served[t.Operation] = true // those that were not chosen are nobody's
		if t.Unsubscribe != nil {
			served[t.Unsubscribe] = true
		}
	}
	selected = slices.DeleteFunc(slices.Clone(selected), func(t *connector.Trigger) bool { return !b.claim(t.Operation) })
	b.served = selected
	for o := range served {
		if o.Method == "delete" {
			b.claimed[shape(d, o)] = o
		}
	}
	for _, t := range selected {
		b.names[t.Operation] = b.operations.take(or(exported(callName(t.Operation)), "Trigger"))
	}
	for _, t := range selected {
		if t.Delivery == connector.Polling {
			b.poll(t)
		} else {
			b.trigger(t)
		}
	}
	b.actions(served)
	b.rerouted()
	var schemas strings.Builder
	encoder := json.NewEncoder(&schemas)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(b.schemas); err != nil {
		return nil, fmt.Errorf("write the schemas: %w", err)
	}
	b.Schemas = schemas.String()
	b.Types, b.Dates, b.Odd = b.types.decls, b.types.dates, b.types.odd
	return b, nil
}

// choose returns the triggers to serve, or says why they cannot be served.
func choose(d *connector.Definition, ids []string) ([]*connector.Trigger, error) {
	all := d.Triggers()
	if len(all) == 0 {
		return nil, &Refusal{Reason: "no operation is a trigger, so there is nothing to serve", Mend: MendConvert}
	}
	selected := all
	if len(ids) > 0 {
		selected = nil
	}
	for _, id := range ids {
		i := slices.IndexFunc(all, func(t *connector.Trigger) bool { return t.Operation.Name() == id })
		if i < 0 {
			return nil, &UnknownTriggerError{ID: id, Triggers: triggerNames(all)}
		}
		if !slices.Contains(selected, all[i]) {
			selected = append(selected, all[i])
		}
	}
	for _, t := range selected {
		if reason := unservable(t); reason != "" {
			return nil, &Refusal{Reason: fmt.Sprintf("trigger %q %s", t.Operation.Name(), reason), Mend: MendCallback, Operation: t.Operation}
		}
	}
	return selected, nil
}

func triggerNames(triggers []*connector.Trigger) []string {
	var names []string
	for _, t := range triggers {
		names = append(names, t.Operation.Name())
	}
	return names
}

func unservable(t *connector.Trigger) string {
	switch m := t.Operation.Method; {
	case t.Delivery == connector.Polling:
	case !t.Callback().Exists():
		return "has no field in its body that takes the callback URL (x-ms-notification-url)"
	case m != "post" && m != "put" && m != "patch":
		return fmt.Sprintf("registers with %s, which carries no body", strings.ToUpper(m))
	}
	return ""
}

// trigger adds a webhook trigger or an action that waits.
func (b *builder) trigger(t *connector.Trigger) {
	o := t.Operation
	name := b.names[o]
	data := triggerData{
		Go: name, Name: oneLine(o.Name()), Once: t.Delivery == connector.WebhookAction,
		id: b.ids.take(o.Name()), method: strings.ToUpper(o.Method), path: b.path(o), location: b.location(t),
	}
	data.ID, data.Method, data.Path, data.Location = quote(data.id), quote(data.method), quote(data.path), quote(data.location)
	data.Doc, data.Security = comment(operationDoc(data.Name, o)), b.security(o)
	data.Callback = b.callbackFields(t)
	body := o.Body().Schema()
	b.schema(data.id, "body", body)
	b.schema(data.id, "payload", t.Notification)
	data.Fields = literals(rootFields(body))
	data.Registration = b.registration(t, name, &data)
	data.Payload = b.types.of(t.Notification, name+"Payload", "what "+data.Name+" tells its subscribers").Expr
	b.Triggers, b.webhooks = append(b.Triggers, data), append(b.webhooks, t)
	b.Events = append(b.Events, webhookEvent(data))
	if data.Once {
		b.Waits = append(b.Waits, data)
	}
}

// callbackFields writes where the callback URL stands, as a Go literal, and
// keeps those fields out of the types.
func (b *builder) callbackFields(t *connector.Trigger) string {
	var paths []string
	for i, c := range t.Callbacks {
		var path []string
		for _, step := range c.Path {
			path = append(path, or(step.Name, "[]"))
		}
		paths = append(paths, strings.TrimPrefix(literals(path), "[]string"))
		if len(path) > 0 {
			b.types.skip[c.Path[len(path)-1].Property.Node] = true
		}
		if i == 1 {
			b.note(c.At(), "%q has %d fields for the callback URL: the platform fills all with the same one, and a registration in which they differ is refused",
				t.Operation.Name(), len(t.Callbacks))
		}
	}
	return "[][]string{" + strings.Join(paths, ", ") + "}"
}

func webhookEvent(t triggerData) eventData {
	e := eventData{Payload: t.Payload, Registration: t.Registration, Once: t.Once}
	if t.Once {
		e.Method = "Answer" + t.Go
		e.Arguments = fmt.Sprintf("ref int64, eventID string, payload %s", t.Payload)
		e.Event = fmt.Sprintf("Trigger: %s, ID: eventID, To: ref", t.ID)
		e.Doc = append(comment(e.Method+" lets the flow go on that registered as ref."), "//")
	} else {
		e.Method = "Publish" + t.Go
		e.Arguments = fmt.Sprintf("eventID string, payload %s, match func(%s) bool", t.Payload, t.Registration)
		e.Event = fmt.Sprintf("Trigger: %s, ID: eventID, Match: matching(match)", t.ID)
		e.Doc = append(comment(e.Method+" tells the flows whose registration matches, or all if match is nil."), "//")
	}
	e.Doc = append(e.Doc, t.Doc...)
	return e
}

// rootFields returns the names that a body's root may have, nil where it may
// have any: a body without properties, and one of which some part says so.
func rootFields(body connector.Schema) []string {
	if body.IsDynamic() || body.Shape() != "object" || isOpen(body) {
		return nil
	}
	var names []string
	for p := range body.Properties() {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// registration declares the type of what a flow asked for when it registered,
// and adds the parameters to the trigger, but for those that are credentials: what
// a registration holds is kept, and shown to the operator.
func (b *builder) registration(t *connector.Trigger, name string, data *triggerData) string {
	o := t.Operation
	decl := &typeDecl{Name: b.types.scope.take(name + "Registration")}
	decl.Doc = comment(fmt.Sprintf("%s is what a flow asked for when it registered for %s.", decl.Name, data.Name))
	b.types.decls = append(b.types.decls, decl)
	for _, place := range []string{"path", "query", "header"} {
		group := &typeDecl{Name: name + exported(place)}
		fields := newScope()
		for _, p := range o.Parameters() {
			if p.In() != place || b.Security.isCredential(p) {
				continue
			}
			data.Params = append(data.Params, b.param(p))
			f := fieldDecl{Name: fields.take(or(exported(p.Name()), "Parameter")), Optional: !isRequired(p), JSON: quote(p.Name())}
			f.Type = paramType(p, f.Optional)
			f.Doc = comment(label(p.Node) + paramValues(p))
			f.Tag = "`json:\"-\"`"
			if fitsTag(p.Name()) {
				f.Tag = tag(p.Name(), f.Optional)
			} else {
				group.Odd = append(group.Odd, f)
				b.types.odd = true
			}
			group.Fields = append(group.Fields, f)
		}
		if len(group.Fields) > 0 {
			group.Name = b.types.scope.take(group.Name)
			group.Doc = comment(fmt.Sprintf("%s holds the %s parameters of %s.", group.Name, place, data.Name))
			b.types.decls = append(b.types.decls, group)
			decl.Fields = append(decl.Fields, fieldDecl{Name: exported(place), Type: group.Name, Tag: tag(place, true)})
		}
	}
	if body := o.Body().Schema(); body.Exists() && len(t.Callbacks[0].Path) > 0 {
		typ := b.types.of(body, name+"Body", "the body of a registration for "+data.Name+", without the callback URL")
		decl.Fields = append(decl.Fields, fieldDecl{Name: "Body", Type: typ.Expr, Tag: tag("body", true)})
	}
	return decl.Name
}

// poll adds a polling trigger.
func (b *builder) poll(t *connector.Trigger) {
	o := t.Operation
	name := b.names[o]
	answer := o.Response("200").Schema()
	items, item, isList := b.source.ListOf(t)
	data := pollData{
		Go: name, Name: oneLine(o.Name()), method: strings.ToUpper(o.Method), path: b.path(o), Items: literals(items),
		Single: t.Mode.Is("single") || !isList,
	}
	id := b.ids.take(o.Name())
	data.id, data.operation = id, o
	data.ID, data.Method, data.Path = quote(id), quote(data.method), quote(data.path)
	data.Doc, data.Security = comment(operationDoc(data.Name, o)), b.security(o)
	if data.Single {
		item, data.Items = answer, "nil"
	}
	data.item = item
	if names := filters(o); len(names) > 0 {
		b.note(o.At(), "the parameters of %q choose nothing (%s): what is published goes to all that poll, unless sources in events.go names a publisher.Source that heeds them", o.Name(), list(names))
	}
	b.schema(id, "payload", item)
	data.Payload = b.types.of(item, name+"Item", "one item of "+data.Name).Expr
	b.Polls = append(b.Polls, data)
	e := eventData{Method: "Publish" + name, Payload: data.Payload, Arguments: "eventID string, payload " + data.Payload}
	e.Event = fmt.Sprintf("Trigger: %s, ID: eventID", data.ID)
	e.Doc = append(append(comment(e.Method+" keeps an item for those that poll."), "//"), data.Doc...)
	b.Events = append(b.Events, e)
}

// filters returns the parameters by which a maker would choose what a polling
// trigger gives.
func filters(o *connector.Operation) (names []string) {
	for _, p := range o.Parameters() {
		if (p.In() == "path" || p.In() == "query") && !p.IsInternal() {
			names = append(names, p.Name())
		}
	}
	return names
}

// security returns which schemes an operation wants as a Go literal, and notes
// a trigger that wants none.
func (b *builder) security(o *connector.Operation) string {
	lists := b.Security.required(b.def, o)
	if b.names[o] != "" && slices.ContainsFunc(lists, func(all []string) bool { return len(all) == 0 }) {
		b.note(o.Get("security"), "%q asks for no credentials: whoever reaches the server can call it", o.Name())
	}
	return schemeLists(lists)
}

// rerouted notes the triggers that the platform does not call where the
// definition says, because a policy sends them elsewhere (Microsoft docs:
// policy templates, routerequesttoendpoint).
func (b *builder) rerouted() {
	if b.source.Properties == nil {
		return
	}
	for _, policy := range b.source.Properties.Root().Get("properties").Get("policyTemplateInstances").Items() {
		if !strings.EqualFold(text(policy, "templateId"), "routerequesttoendpoint") {
			continue
		}
		parameters := policy.Get("parameters")
		for _, item := range parameters.Get("x-ms-apimTemplate-operationName").Items() {
			id, _ := item.Str()
			if o := b.def.Operation(id); o != nil && b.names[o] != "" {
				b.note(item, "this policy calls %q at %q; the server has it where the definition does: %q",
					id, text(parameters, "x-ms-apimTemplateParameter.newPath"), route(b.def, o))
			}
		}
	}
}

// schema keeps the JSON Schema of a part of a trigger, if it says anything.
func (b *builder) schema(id, part string, s connector.Schema) {
	if !s.Exists() {
		return
	}
	of := b.schemas[id]
	if of == nil {
		of = map[string]any{}
		b.schemas[id] = of
	}
	of[part] = s.JSONSchema()
}

// literals writes a list of strings as a Go literal.
func literals(list []string) string {
	if len(list) == 0 {
		return "nil"
	}
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quote(s)
	}
	return "[]string{" + strings.Join(quoted, ", ") + "}"
}

// callName is what an operation is called in Go before it is made to fit.
func callName(o *connector.Operation) string {
	if o.ID == "" {
		return o.Method + " " + o.Path
	}
	return o.ID
}

// operationDoc says what an operation is: by what the definition says of it,
// if it does.
func operationDoc(name string, o *connector.Operation) string {
	if says := operationSentence(o); says != "" {
		return name + ": " + says
	}
	return name + " has no description in the definition."
}

// operationSentence returns what the definition says of an operation.
func operationSentence(o *connector.Operation) string {
	summary, description := text(o.Node, "summary"), text(o.Node, "description")
	switch {
	case description == "":
		description = summary
	case summary != "" && !strings.EqualFold(strings.Trim(summary, "."), strings.Trim(description, ".")):
		description = strings.TrimRight(summary, ". ") + ". " + description
	}
	if description != "" && !strings.ContainsAny(description[len(description)-1:], ".!?") {
		description += "."
	}
	return description
}
