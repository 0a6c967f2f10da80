package connector

import (
	_ "embed"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Extension is one name of the x-ms-* vocabulary (Microsoft docs:
// openapi-extensions, and the swagger JSON schema published with the connector
// repository).
type Extension struct {
	Name     string
	on       roles    // where it has an effect
	kind     kinds    // what its value may be; compound values have a JSON Schema too
	values   []string // the closed set of a string's values
	compound bool     // extension.schema.json describes it
	trigger  bool     // only on operations with x-ms-trigger
	in       []string // only on parameters that go there, first where it should be
	place    string   // the one of these places that is right, where another rule tells
	checked  []any    // the closed set of values that a rule of its own checks
	about    string   // one sentence for those who write it
	Ignored  bool     // known to other tools; the platform ignores it
}

type roles uint64

func on(list ...Role) (set roles) {
	for _, r := range list {
		set |= 1 << r
	}
	return set
}

type kinds uint16

const (
	text   kinds = 1 << source.String
	truth  kinds = 1 << source.Bool
	object kinds = 1 << source.Object
	list   kinds = 1 << source.Array
	any_   kinds = 1<<16 - 1
)

var (
	parameters = on(RoleParameter, RoleBodyParameter)
	schemas    = on(RoleSchema, RoleItems)
	everywhere = ^roles(0)
)

var vocabulary = []Extension{
	{Name: "x-ms-summary", about: "The label that makers see, in title case, at most 80 characters.",
		on: parameters | schemas | on(RoleResponse, RoleHeader, RoleNotification), kind: text},
	{Name: "x-ms-visibility", about: "important is shown first, advanced behind a menu, internal never.",
		on: parameters | schemas | on(RoleOperation, RoleHeader), kind: text | 1<<source.Null,
		values: []string{"important", "advanced", "internal", ""}},
	{Name: "x-ms-enum-values", about: "What makers see for the values of enum.",
		on: parameters | schemas | on(RoleHeader), kind: list, compound: true},
	{Name: "x-ms-localizeDefaultValue", about: "The default is a text that is translated.",
		on: parameters | schemas, kind: truth},
	{Name: "x-ms-media-kind", about: "The content is a picture or a sound, for Power Apps.",
		on: parameters | schemas, kind: text, values: []string{"image", "audio"}},
	{Name: "x-ms-editor", about: "dictionary lets makers enter keys and values.",
		on: schemas, kind: text},
	{Name: "x-ms-editor-options", about: "Suggestions for a field that takes any text.",
		on: parameters | schemas, kind: object, compound: true},
	{Name: "x-ms-test-value", about: "A sample value for tools that test; no secret.",
		on: parameters | schemas, kind: any_},

	{Name: "x-ms-api-annotation", about: "The revision, the family and the status of an operation or of the connector.",
		on: on(RoleInfo, RoleDocument, RoleOperation), kind: object, compound: true},
	{Name: "x-ms-operation-context", about: "The operation that simulates a run of a trigger.",
		on: on(RoleOperation), kind: object, compound: true},
	{Name: "x-ms-no-generic-test", about: "Generic tests leave the operation out.",
		on: on(RoleOperation), kind: truth},
	{Name: "x-ms-safe-operation", about: "The operation changes nothing, though its method could.",
		on: on(RoleOperation), kind: truth},

	{Name: "x-ms-trigger", about: "Makes the operation a trigger: single starts a run for the whole, batch one for each item of an array.",
		on: on(RoleOperation), kind: any_, checked: []any{"single", "batch"}}, // the trigger-mode rule
	{Name: "x-ms-trigger-hint", about: "Tells makers how to make the trigger fire.",
		on: on(RoleOperation), kind: text, trigger: true},
	{Name: "x-ms-trigger-metadata", about: "Accompanies a polling trigger of the policy pollingtrigger.",
		on: on(RoleOperation), kind: object, compound: true, trigger: true},
	{Name: "x-ms-trigger-value", about: "Where a query parameter of a polling trigger takes its next value from.",
		on: on(RoleParameter), kind: object, compound: true},
	{Name: notificationContent, about: "What the service sends to the callback URL: its description and its schema.",
		on: on(RolePathItem, RoleOperation), place: "path item", kind: object, compound: true}, // on an operation: notification-on-operation
	{Name: notificationURL, about: "The platform writes the callback URL here. The property is a required, internal string.",
		on: parameters | schemas, place: "property of a request body", kind: truth, checked: []any{true}}, // its places: the callback rules
	{Name: "x-ms-notification", about: "The operation that subscribes for this polling trigger.",
		on: on(RoleOperation), kind: object, compound: true},

	{Name: "x-ms-url-encoding", about: "How a path parameter is encoded: single is the default, double for values with slashes.",
		on: on(RoleParameter), kind: text, values: []string{"single", "double"},
		in: []string{"path", "query"}},

	{Name: "x-ms-dynamic-values", about: "The operation that lists the values, by the names of its parameters.",
		on: schemas | on(RoleParameter), kind: object, compound: true},
	{Name: "x-ms-dynamic-list", about: "The operation that lists the values; its arguments may be taken from the body.",
		on: schemas | on(RoleParameter), kind: object, compound: true},
	{Name: "x-ms-dynamic-schema", about: "The operation that answers the schema, by the names of its parameters.",
		on: on(RoleSchema), kind: object, compound: true},
	{Name: "x-ms-dynamic-properties", about: "The operation that answers the schema; its arguments may be taken from the body.",
		on: on(RoleSchema), kind: object, compound: true},
	{Name: "x-ms-dynamic-tree", about: "The operations that list a tree level by level, as for a file picker.",
		on: schemas | on(RoleParameter), kind: object, compound: true},

	{Name: "x-ms-connector-metadata", about: "The website, the privacy policy and the categories of the connector.",
		on: on(RoleDocument), kind: list, compound: true},
	{Name: "x-ms-capabilities", about: "What the platform may do: test a connection, pick files, send in chunks.",
		on: on(RoleDocument, RoleOperation, RoleSchema), kind: object, compound: true},
	{Name: "x-ms-pageable", about: "The answer has a link to its next page.",
		on: on(RoleOperation), kind: object, compound: true},
	{Name: "x-ms-deployment-version", about: "A version of Microsoft's own deployment.",
		on: on(RoleInfo), kind: text},
	{Name: "x-ms-docs", about: "Pages of documentation.",
		on: on(RoleDocument), kind: list, compound: true},
	{Name: "x-ms-keywords", about: "Words by which the connector is found.",
		on: on(RoleInfo), kind: list, compound: true},
	{Name: "x-ms-openai-manifest", about: "How the connector shows as a plugin of an assistant.",
		on: on(RoleDocument), kind: object},
	{Name: "x-ms-openai-data", about: "Which operations an assistant may call.",
		on: on(RoleOperation, RoleDocument), kind: object},
	{Name: "x-ms-openai-published-to-copilots", about: "The assistants that the connector is published to.",
		on: on(RoleInfo, RoleDocument), kind: object | list},

	// AutoRest and other tools of Microsoft's; harmless.
	ignored("x-ms-enum"), ignored("x-ms-mutability"), ignored("x-ms-discriminator-value"),
	ignored("x-ms-client-name"), ignored("x-ms-identifiers"), ignored("x-ms-secret"),
	ignored("x-ms-navigationProperty"), ignored("x-ms-docs-operation-type"), ignored("x-ms-client-flatten"),
	ignored("x-ms-examples"), ignored("x-ms-azure-resource"), ignored("x-ms-primary-error-message"),
	ignored("x-ms-parameter-location"), ignored("x-ms-skip-url-encoding"), ignored("x-ms-parameterized-host"),
	ignored("x-ms-long-running-operation"), ignored("x-ms-long-running-operation-options"),
	ignored("x-ms-odata"), ignored("x-ms-paths"), ignored("x-ms-error-response"), ignored("x-ms-request-id"),
	ignored("x-ms-client-request-id"), ignored("x-ms-header-collection-prefix"), ignored("x-ms-external"),
	ignored("x-ms-parameter-grouping"), ignored("x-ms-code-generation-settings"), ignored("x-ms-apihub-cached-response"),
	ignored("x-ms-client-default"), ignored("x-ms-text"), ignored("x-ms-arm-id-details"),
}

func ignored(name string) Extension {
	return Extension{Name: name, on: everywhere, kind: any_, Ignored: true}
}

var byName = func() (t table[*Extension]) {
	for i := range vocabulary {
		t.add(vocabulary[i].Name, &vocabulary[i])
	}
	return t
}()

// Vocabulary yields every extension that is known, in a fixed order.
func Vocabulary() iter.Seq[*Extension] {
	return func(yield func(*Extension) bool) {
		for i := range vocabulary {
			if !yield(&vocabulary[i]) {
				return
			}
		}
	}
}

// LookupExtension returns what is known of an extension, nil for an unknown
// name. Names are case-sensitive.
func LookupExtension(name string) *Extension {
	e, _ := byName.find(name)
	return e
}

// AppliesTo reports whether the extension has an effect on an object of the
// given role.
func (e *Extension) AppliesTo(r Role, object source.Node) bool {
	if e.on&(1<<r) == 0 || e.trigger && !object.Get("x-ms-trigger").Exists() {
		return false
	}
	if e.in == nil {
		return true
	}
	in, ok := object.Get("in").Str()
	return !ok || slices.Contains(e.in, in)
}

// Places names what the extension has an effect on, for a message.
func (e *Extension) Places() string {
	if e.trigger {
		return "a trigger"
	}
	if e.in != nil {
		return "a " + e.in[0] + " parameter"
	}
	if e.place != "" {
		return e.place
	}
	var names []string
	for r := RoleDocument; r < roleCount; r++ {
		if e.on&(1<<r) != 0 && r != RoleItems {
			names = append(names, r.String())
		}
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// A ShapeProblem says what is wrong with an extension's value, and where in it.
type ShapeProblem struct {
	Node     source.Node
	Message  string   // "expected a string, found number"
	Expected []string // the values allowed there, if they are a closed set
}

// CheckShape checks an extension's value against what the vocabulary says. It
// returns nothing if the value is right, or unknown to us.
func (e *Extension) CheckShape(value source.Node) []ShapeProblem {
	if value.Kind() == source.Invalid {
		return nil
	}
	if e.kind&(1<<value.Kind()) == 0 {
		return []ShapeProblem{{Node: value, Message: fmt.Sprintf("expected %s, found %s", e.kind, value.Kind())}}
	}
	if s, ok := value.Str(); ok && e.values != nil && !slices.Contains(e.values, s) {
		return []ShapeProblem{{Node: value, Message: fmt.Sprintf("unknown value %q", s), Expected: slices.DeleteFunc(slices.Clone(e.values), isEmpty)}}
	}
	if e.compound {
		return checkCompound(e.Name, value)
	}
	return nil
}

func isEmpty(s string) bool { return s == "" }

func (k kinds) String() string {
	var names []string
	for kind := source.Bool; kind <= source.Object; kind++ {
		if k&(1<<kind) != 0 {
			names = append(names, article(kind.String()))
		}
	}
	return strings.Join(names, " or ")
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// schemaURL names the embedded file. It is absolute, or jsonschema would look
// in the current folder.
const schemaURL = "embed:///extension.schema.json"

//go:embed extension.schema.json
var extensionSchemas string

// compoundSchema compiles the part of extension.schema.json that a pointer names
// when it is first needed: most files use a handful.
var compoundSchema = func() func(pointer string) *jsonschema.Schema {
	var mu sync.Mutex
	compiled := map[string]*jsonschema.Schema{}
	compiler := jsonschema.NewCompiler()
	compiler.LoadURL = func(url string) (io.ReadCloser, error) { return nil, fmt.Errorf("%s is not built in", url) }
	if err := compiler.AddResource(schemaURL, strings.NewReader(extensionSchemas)); err != nil {
		panic(err) // the file is ours, and a test compiles all of it
	}
	return func(pointer string) *jsonschema.Schema {
		mu.Lock()
		defer mu.Unlock()
		if compiled[pointer] == nil {
			compiled[pointer] = compiler.MustCompile(schemaURL + "#" + pointer)
		}
		return compiled[pointer]
	}
}()

func checkCompound(name string, value source.Node) []ShapeProblem {
	shape, right := isRightShape(name, value)
	if right {
		return nil
	}
	err := compoundSchema("/definitions/" + name).Validate(value.Value())
	invalid, ok := err.(*jsonschema.ValidationError)
	if !ok {
		rememberShape(shape)
		return nil
	}
	var problems []ShapeProblem
	for _, cause := range leaves(invalid) {
		at := value.At(cause.InstanceLocation)
		if !at.Exists() {
			at = value
		}
		_, pointer, _ := strings.Cut(cause.AbsoluteKeywordLocation, "#")
		slash := strings.LastIndex(pointer, "/")
		problems = append(problems, explain(compoundSchema(pointer[:slash]), pointer[slash+1:], at, cause.Message)...)
	}
	return problems
}

// explain says what a keyword of a schema has against a value, in our words if
// it is one of those that fail in practice.
func explain(s *jsonschema.Schema, keyword string, at source.Node, message string) []ShapeProblem {
	one := func(format string, args ...any) []ShapeProblem {
		return []ShapeProblem{{Node: at, Message: fmt.Sprintf(format, args...)}}
	}
	switch keyword {
	case "type":
		return one("expected %s, found %s", article(s.Types[0]), at.Kind())
	case "minLength":
		return one("expected a name, found an empty string")
	case "required":
		var problems []ShapeProblem
		for _, name := range s.Required {
			if !at.Get(name).Exists() {
				problems = append(problems, one("%q is missing", name)...)
			}
		}
		return problems
	case "anyOf":
		var names []string
		for _, alternative := range s.AnyOf {
			names = append(names, fmt.Sprintf("%q", alternative.Required[0]))
		}
		last := len(names) - 1
		return one("expected %s or %s", strings.Join(names[:last], ", "), names[last])
	case "additionalProperties":
		var problems []ShapeProblem
		for key := range at.Members() {
			if name, _ := key.Str(); s.Properties[name] == nil {
				problems = append(problems, ShapeProblem{Node: key, Message: fmt.Sprintf("unknown member %q", name)})
			}
		}
		return problems
	case "enum":
		problems := one("unknown value %s", at.Text())
		if k := at.Kind(); k == source.Object || k == source.Array {
			problems = one("expected a string, found %s", k)
		}
		for _, v := range s.Enum {
			problems[0].Expected = append(problems[0].Expected, v.(string))
		}
		return problems
	}
	return one("%s", lowerFirst(message))
}

// leaves returns the innermost causes, which are the ones a person can act on;
// of alternatives that all failed it keeps what says so.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 || strings.HasSuffix(e.KeywordLocation, "/anyOf") || strings.HasSuffix(e.KeywordLocation, "/oneOf") {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	for _, c := range e.Causes {
		all = append(all, leaves(c)...)
	}
	return all
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
