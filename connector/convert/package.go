package convert

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// The files of a connector's folder (connector repository, coding standards).
const (
	definitionName = "apiDefinition.swagger.json"
	propertiesName = "apiProperties.json"
	defaultColor   = "#da3b01" // the platform's own default is refused
	readmeName     = "readme.md"
)

// maxDefinition is what the platform imports (Microsoft docs: custom connector
// FAQ).
const maxDefinition = 1 << 20

// Package plans the folder of a connector: its files by name, and what was made
// and what is left to do. Pointers of the steps lead into the definition. What
// the connector has is kept as it is; the rest is made of what the definition
// says, and where it says nothing there is a TODO and a warning.
//
// Properties that [Properties] has made for it come with the steps of that.
func Package(c *connector.Connector, made ...Step) (map[string]string, []Step, error) {
	p := &folder{def: c.Definition}
	definition, err := p.definition()
	if err != nil {
		return nil, nil, err
	}
	properties := c.Properties
	switch {
	case properties == nil:
		if properties, err = p.makeProperties(); err != nil {
			return nil, nil, err
		}
		p.askForPolicies(properties)
	case made != nil:
		p.steps = append(p.steps, made...)
		p.askForPolicies(properties)
	default:
		p.keepProperties(properties)
	}
	files := map[string]string{
		definitionName: definition,
		propertiesName: properties.Text,
		readmeName:     p.readme(properties),
	}
	return files, p.steps, nil
}

// Properties makes the apiProperties.json of a definition that has none, and says
// what it is made of and what is left to do.
func Properties(d *connector.Definition) (*source.File, []Step, error) {
	p := &folder{def: d}
	f, err := p.makeProperties()
	return f, p.steps, err
}

// folder is a connector's folder while it is planned.
type folder struct {
	def   *connector.Definition
	steps []Step
}

func (p *folder) step(at source.Node, format string, args ...any) {
	p.steps = append(p.steps, Step{Pointer: at.Pointer(), Message: fmt.Sprintf(format, args...)})
}

func (p *folder) warn(at source.Node, format string, args ...any) {
	p.steps = append(p.steps, Step{Pointer: at.Pointer(), Message: fmt.Sprintf(format, args...), Warning: true})
}

func (p *folder) definition() (string, error) {
	f := p.def.File
	switch {
	case f == nil:
		return "", errors.New("package: there is no definition")
	case p.def.Root.Kind() != source.Object:
		return "", fmt.Errorf("package: %s holds no OpenAPI 2.0 document", f.Name)
	case !p.def.IsSwagger2():
		return "", fmt.Errorf("package: %s is not OpenAPI 2.0: import it first", f.Name)
	}
	text, err := p.definitionText(f)
	if err == nil && len(text) > maxDefinition {
		p.warn(p.def.Root, "shorten %s: it has %d bytes, and the platform imports no more than 1 MB", definitionName, len(text))
	}
	return text, err
}

// definitionText keeps even a broken JSON file, because its author will look for
// the mistakes where they are. What the parser left out of a YAML file would be
// gone without a trace.
func (p *folder) definitionText(f *source.File) (string, error) {
	problem := firstProblem(f)
	if f.Format == source.JSON {
		p.step(p.def.Root, "take the definition as it is as %s", definitionName)
		if problem != nil {
			p.warn(p.def.Root, "repair the syntax of %s: %s", definitionName, problem.Message)
		}
		return f.Text, nil
	}
	text, err := JSON(f)
	if err != nil {
		return "", fmt.Errorf("package: %w", err)
	}
	p.step(p.def.Root, "write the YAML definition as JSON into %s", definitionName)
	return text, nil
}

// firstProblem returns what is wrong with the text of a file, nil if nothing
// is. UTF-16 is not: the text is UTF-8 by now.
func firstProblem(f *source.File) *source.Diagnostic {
	i := slices.IndexFunc(f.Problems, func(d source.Diagnostic) bool { return d.Rule != "syntax-utf16" })
	if i < 0 {
		return nil
	}
	return &f.Problems[i]
}

func (p *folder) keepProperties(f *source.File) {
	p.step(source.Node{}, "take over %s", propertiesName)
	if problem := firstProblem(f); problem != nil {
		p.warn(source.Node{}, "repair the syntax of %s: %s", propertiesName, problem.Message)
	}
	if f.Root().Get("properties").Get("scriptOperations").Exists() {
		p.warn(source.Node{}, "copy script.csx, which %s refers to, into the folder", propertiesName)
	}
}

func (p *folder) makeProperties() (*source.File, error) {
	p.step(source.Node{}, "make %s", propertiesName)
	properties := source.Members{
		{Key: "connectionParameters", Value: p.connectionParameters()},
		{Key: "iconBrandColor", Value: defaultColor},
		{Key: "capabilities", Value: []any{}},
	}
	p.warn(source.Node{}, "choose iconBrandColor in %s: %s is that of independent publishers", propertiesName, defaultColor)
	contact := p.def.Root.Get("info").Get("contact").Get("name")
	if name := flat(contact); name != "" {
		properties = append(properties, source.Member{Key: "publisher", Value: name}, source.Member{Key: "stackOwner", Value: name})
		p.step(contact, "take publisher and stackOwner from the contact: %q", name)
	} else {
		p.warn(p.def.Root.Get("info"), "fill in publisher and stackOwner in %s: info.contact has no name", propertiesName)
	}
	text, err := documentText(source.Members{{Key: "properties", Value: properties}})
	if err != nil {
		return nil, fmt.Errorf("package: make %s: %w", propertiesName, err)
	}
	return source.ParseString(propertiesName, text), nil
}

// askForPolicies names the triggers that cannot work with properties that were
// made: what a poll remembers does not stand in the definition.
func (p *folder) askForPolicies(properties *source.File) {
	known := polledOperations(properties)
	for _, t := range p.def.Triggers() {
		if t.Delivery == connector.Polling && !known[t.Operation.ID] {
			p.warn(t.Operation.At(), "add a pollingtrigger policy for %q to %s", t.Operation.Name(), propertiesName)
		}
	}
}

// scheme returns the first security definition that a connection can serve,
// absent if there is none.
func (p *folder) scheme() source.Node {
	for _, scheme := range p.def.Root.Get("securityDefinitions").Members() {
		in, name := scheme.Get("in"), flat(scheme.Get("name"))
		kind := scheme.Get("type")
		if kind.Is("basic") || kind.Is("oauth2") || kind.Is("apiKey") && name != "" && (in.Is("header") || in.Is("query")) {
			return scheme
		}
	}
	return source.Node{}
}

func (p *folder) connectionParameters() source.Members {
	scheme := p.scheme()
	var others []string
	for key, other := range p.def.Root.Get("securityDefinitions").Members() {
		if name, _ := key.Str(); other != scheme && !isVendorKey(name) {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		p.warn(p.def.Root.Get("securityDefinitions"), "add to connectionParameters in %s what the connection needs for %s: a connection of one kind is made",
			propertiesName, someOf(others))
	}
	if !scheme.Exists() {
		p.step(source.Node{}, "make a connection without parameters")
		return source.Members{}
	}
	var parameters source.Members
	switch kind, _ := scheme.Get("type").Str(); kind {
	case "apiKey":
		parameters = p.apiKeyParameter(scheme)
	case "basic":
		parameters = basicParameters()
	default:
		parameters = p.oauthParameter(scheme)
	}
	for _, m := range parameters {
		p.step(scheme, "make the connection parameter %s of the security definition %q", m.Key, scheme.KeyStr())
	}
	return parameters
}

// someOf names the first of a list that may be long.
func someOf(names []string) string {
	const shown = 5
	var quoted []string
	for _, name := range names[:min(len(names), shown)] {
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	text := strings.Join(quoted, ", ")
	if more := len(names) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func isVendorKey(name string) bool { return strings.HasPrefix(strings.ToLower(name), "x-") }

func (p *folder) apiKeyParameter(scheme source.Node) source.Members {
	name, place := flat(scheme.Get("name")), "header"
	if scheme.Get("in").Is("query") {
		place = "query parameter"
	}
	if strings.EqualFold(name, "Authorization") {
		p.warn(scheme, `say in the description of api_key in %s what stands before the key, such as "Bearer": the platform sends what is typed`, propertiesName)
	}
	description := fmt.Sprintf("The API key, sent in the %s %s.", place, name)
	return source.Members{textParameter("api_key", "securestring", "API Key", description, "Enter your API key", 2)}
}

func basicParameters() source.Members {
	return source.Members{
		textParameter("username", "string", "Username", "The username of the account.", "Enter your username", 2),
		textParameter("password", "securestring", "Password", "The password of the account.", "Enter your password", 3),
	}
}

func textParameter(name, kind, label, description, tooltip string, tab int) source.Member {
	return source.Member{Key: name, Value: source.Members{
		{Key: "type", Value: kind},
		{Key: "uiDefinition", Value: source.Members{
			{Key: "displayName", Value: label},
			{Key: "description", Value: description},
			{Key: "tooltip", Value: tooltip},
			{Key: "constraints", Value: source.Members{
				{Key: "tabIndex", Value: tab},
				{Key: "clearText", Value: kind == "string"},
				{Key: "required", Value: "true"}, // a string, or the platform does not take it
			}},
		}},
	}}
}

func (p *folder) oauthParameter(scheme source.Node) source.Members {
	p.warn(scheme, "register an OAuth app and fill in clientId in %s; its secret belongs into no file", propertiesName)
	if flow := scheme.Get("flow"); !flow.Is("accessCode") && !flow.Is("authorizationCode") {
		p.warn(scheme, "check that the service offers the authorization code flow: the platform supports no other, and the definition names the flow %q", flat(flow))
	}
	custom := source.Members{}
	refresh := "tokenUrl" // where tokens are issued, if nothing else is said (RFC 6749, section 6)
	if scheme.Get(refreshURL).Exists() {
		refresh = refreshURL
	}
	for _, names := range [][2]string{{"authorizationUrl", "authorizationUrl"}, {"tokenUrl", "tokenUrl"}, {"refreshUrl", refresh}} {
		url := flat(scheme.Get(names[1]))
		if url == "" {
			p.warn(scheme, "fill in %s in %s: the definition has no %s", names[0], propertiesName, names[1])
		}
		custom = append(custom, source.Member{Key: names[0], Value: source.Members{{Key: "value", Value: url}}})
	}
	scopes := []any{}
	for key := range scheme.Get("scopes").Members() {
		if name, _ := key.Str(); !isVendorKey(name) {
			scopes = append(scopes, name)
		}
	}
	return source.Members{{Key: "token", Value: source.Members{
		{Key: "type", Value: "oauthSetting"},
		{Key: "oAuthSettings", Value: source.Members{
			{Key: "identityProvider", Value: "oauth2"},
			{Key: "clientId", Value: ""},
			{Key: "scopes", Value: scopes},
			{Key: "redirectMode", Value: "Global"},
			{Key: "redirectUrl", Value: "https://global.consent.azure-apim.net/redirect"},
			{Key: "properties", Value: source.Members{{Key: "IsFirstParty", Value: "False"}}},
			{Key: "customParameters", Value: custom},
		}},
	}}}
}

// readme is written after the template of the connector repository.
type readme struct {
	strings.Builder
	open []string // sections that the author has to fill in
}

func (r *readme) section(title, text, todo string) {
	if todo != "" {
		r.open = append(r.open, title)
		text = strings.TrimLeft(text+"\n\nTODO: "+todo, "\n")
	}
	fmt.Fprintf(r, "\n## %s\n\n%s\n", title, text)
}

// todoUnless returns a todo for a text that is missing.
func todoUnless(text, todo string) string {
	if text != "" {
		return ""
	}
	return todo
}

func (p *folder) readme(properties *source.File) string {
	r := &readme{}
	info := p.def.Root.Get("info")
	title, description := markdown(flat(info.Get("title"))), markdown(flat(info.Get("description")))
	if title == "" || description == "" {
		r.open = append(r.open, "Title")
	}
	fmt.Fprintf(r, "# %s\n\n%s\n", cmp.Or(title, "TODO: name the connector"), cmp.Or(description, "TODO: say in two or three sentences what the connector is for."))

	publisher := markdown(cmp.Or(flat(properties.Root().At("/properties/publisher")), flat(info.Get("contact").Get("name"))))
	r.section("Publisher", publisher, todoUnless(publisher, "name the publisher."))
	r.section("Prerequisites", "", "say what a user needs, such as an account or a plan.")
	operations := p.operations()
	r.section("Supported Operations", operations, todoUnless(operations, "describe the operations: the definition has none that makers see."))
	r.section("Obtaining Credentials", p.credentials(properties), p.credentialsTodo(properties))
	r.section("Known Issues and Limitations", "", "list what does not work, or say that nothing is known.")
	r.section("Deployment Instructions", deployment, "")

	p.step(source.Node{}, "make %s", readmeName)
	p.warn(source.Node{}, "fill in the TODO lines of %s: %s", readmeName, strings.Join(r.open, ", "))
	return r.String()
}

const deployment = "Deploy the files as a custom connector with " +
	"[paconn](https://learn.microsoft.com/connectors/custom-connectors/paconn-cli):\n\n" +
	"```\npaconn create --api-def " + definitionName + " --api-prop " + propertiesName + "\n```"

// operations lists what makers see. An action that waits for a callback is an
// action still.
func (p *folder) operations() string {
	var triggers, actions, bare []string
	for _, o := range p.def.Operations() {
		if o.IsInternal() {
			continue
		}
		summary, description := flat(o.Get("summary")), flat(o.Get("description"))
		if summary == "" || description == "" {
			bare = append(bare, o.Name())
		}
		line := listItem(cmp.Or(summary, flatten(o.ID), strings.ToUpper(o.Method)+" "+o.Path), description)
		if o.Trigger != nil && o.Trigger.Delivery != connector.WebhookAction {
			triggers = append(triggers, line)
		} else {
			actions = append(actions, line)
		}
	}
	if len(bare) > 0 {
		p.warn(p.def.Root.Get("paths"), "write a summary and a description for %s, the readme lists operations by them", someOf(bare))
	}
	var parts []string
	if len(triggers) > 0 {
		parts = append(parts, "### Triggers\n\n"+strings.Join(triggers, "\n"))
	}
	if len(actions) > 0 {
		parts = append(parts, "### Actions\n\n"+strings.Join(actions, "\n"))
	}
	return strings.Join(parts, "\n\n")
}

// listItem writes a line of a list.
func listItem(name, description string) string {
	line := "- **" + markdown(flatten(name)) + "**"
	if description != "" {
		line += ": " + markdown(description)
	}
	return line
}

// credentials says what a connection asks for.
func (p *folder) credentials(f *source.File) string {
	var lines []string
	for key, parameter := range f.Root().At("/properties/connectionParameters").Members() {
		ui := parameter.Get("uiDefinition")
		if hidden := ui.Get("constraints").Get("hidden"); hidden.IsTrue() || hidden.Is("true") {
			continue
		}
		label := cmp.Or(flat(ui.Get("displayName")), flat(key))
		if kind, _ := parameter.Get("type").Str(); strings.EqualFold(kind, "oauthSetting") {
			label = "Sign-in with OAuth 2.0"
		}
		lines = append(lines, listItem(label, flat(ui.Get("description"))))
	}
	text := strings.Join(lines, "\n")
	if about := markdown(flat(p.scheme().Get("description"))); about != "" {
		text = strings.TrimLeft(text+"\n\n"+about, "\n")
	}
	if text == "" && !p.needsCredentials(f) {
		text = "The connector needs no credentials."
	}
	return text
}

func (p *folder) credentialsTodo(f *source.File) string {
	if !p.needsCredentials(f) {
		return ""
	}
	return "say how a user gets the credentials."
}

func (p *folder) needsCredentials(f *source.File) bool {
	properties := f.Root().Get("properties")
	return p.def.Root.Get("securityDefinitions").Len() > 0 || p.def.Root.Get("security").Len() > 0 ||
		properties.Get("connectionParameters").Len() > 0 || properties.Get("connectionParameterSets").Exists()
}

// flat returns a string in one line, "" for anything else.
func flat(n source.Node) string {
	s, _ := n.Str()
	return flatten(s)
}

// flatten drops what would break a line, or let it read other than it stands.
func flatten(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r) || r == '\ufeff':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// markdown escapes one line of text so that it reads as it stands, wherever it
// is put (CommonMark, sections 2.4 and 6; pipes and tildes are GitHub's).
func markdown(line string) string {
	var b strings.Builder
	for i, r := range line {
		opensBlock := i == 0 && strings.ContainsRune("-+=#", r)
		closesHeading := r == '#' && i > 0 && line[i-1] == ' '
		endsNumber := (r == '.' || r == ')') && i > 0 && i < 10 && strings.Trim(line[:i], "0123456789") == ""
		isEntity := r == '&' && i+1 < len(line) && line[i+1] != ' '
		if opensBlock || closesHeading || endsNumber || isEntity || strings.ContainsRune("\\`*_[]<>|~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// maxWritten bounds how many members are looked at, and source.MaxSize how many
// bytes are written, because aliases make a small YAML file stand for a huge
// document.
const maxWritten = 1 << 20

var errAliases = errors.New("with its aliases written out the document is too large")

// JSON writes a definition of any format as JSON with 4 spaces. Comments of YAML
// are lost, and what aliases and merge keys stand for is written out. A file of
// which the parser had to guess parts, or that would grow beyond
// [source.MaxSize], is an error.
func JSON(f *source.File) (string, error) {
	if p := firstProblem(f); p != nil {
		return "", fmt.Errorf("%s, line %d: %s: repair the file first", f.Name, f.Position(p.Range.Start).Line, p.Message)
	}
	text, err := documentText(f.Root())
	if err != nil {
		return "", fmt.Errorf("write %s as JSON: %w", f.Name, err)
	}
	return text, nil
}

// documentText writes a value as JSON with 4 spaces (connector repository, coding
// standards): a [source.Node], or what a [source.Editor] takes.
func documentText(v any) (string, error) {
	w := &documentWriter{members: maxWritten}
	if err := w.value(v, 0); err != nil {
		return "", err
	}
	return w.b.String() + "\n", nil
}

type documentWriter struct {
	b       strings.Builder
	members int // that may still be looked at
}

func (w *documentWriter) value(v any, depth int) error {
	if depth > source.MaxDepth || w.b.Len() > source.MaxSize {
		return errAliases
	}
	if n, ok := v.(source.Node); ok {
		var err error
		if v, err = w.open(n); err != nil {
			return err
		}
	}
	switch v := v.(type) {
	case source.Members:
		return w.list("{", "}", len(v), depth, func(i int) error {
			if err := w.scalar(v[i].Key); err != nil {
				return err
			}
			w.b.WriteString(": ")
			return w.value(v[i].Value, depth+1)
		})
	case []any:
		return w.list("[", "]", len(v), depth, func(i int) error { return w.value(v[i], depth+1) })
	}
	return w.scalar(v)
}

func (w *documentWriter) list(opener, closer string, n, depth int, write func(int) error) error {
	w.b.WriteString(opener)
	for i := range n {
		if i > 0 {
			w.b.WriteByte(',')
		}
		w.newline(depth + 1)
		if err := write(i); err != nil {
			return err
		}
	}
	if n > 0 {
		w.newline(depth)
	}
	w.b.WriteString(closer)
	return nil
}

func (w *documentWriter) newline(depth int) { w.b.WriteString("\n" + strings.Repeat("    ", depth)) }

// scalar writes what encoding/json writes, but leaves <, > and & readable.
func (w *documentWriter) scalar(v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	w.b.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return nil
}

// open returns the value of a node, of a container one level of it.
func (w *documentWriter) open(n source.Node) (any, error) {
	switch n.Kind() {
	case source.Object:
		return w.membersOf(n, 0)
	case source.Array:
		items := []any{}
		for _, item := range n.Items() {
			items = append(items, item)
		}
		return items, nil
	case source.Absent, source.Invalid:
		return nil, fmt.Errorf("%s cannot be written", cmp.Or(n.Pointer(), "the document"))
	}
	return n.Value(), nil
}

// membersOf returns the members of an object, what a merge key brings in at its
// place. What the object says itself wins, then the first source (YAML merge
// key, version 0.1), and of equal keys the last, as for [source.Node.Get].
func (w *documentWriter) membersOf(n source.Node, merges int) (source.Members, error) {
	if merges > source.MaxDepth {
		return nil, errAliases
	}
	list, index := source.Members{}, map[string]int{}
	for key, value := range n.WrittenMembers() {
		if w.members--; w.members < 0 {
			return nil, errAliases
		}
		name, _ := key.Str()
		if at, known := index[name]; known {
			list[at].Value = value
			continue
		}
		found := source.Members{{Key: name, Value: value}}
		if isYAMLMerge(key, value) {
			var err error
			if found, err = w.merged(value, merges); err != nil {
				return nil, err
			}
		}
		for _, m := range found {
			if _, known := index[m.Key]; !known {
				index[m.Key] = len(list)
				list = append(list, m)
			}
		}
	}
	return list, nil
}

// isYAMLMerge tells the key << from a string "<<", which has quotes.
func isYAMLMerge(key, value source.Node) bool {
	return key.File().Format == source.YAML && key.Text() == "<<" && (value.Kind() == source.Object || value.Kind() == source.Array)
}

// merged returns what a merge key brings in. Its value is an object, or an array
// of them.
func (w *documentWriter) merged(value source.Node, merges int) (source.Members, error) {
	if value.Kind() == source.Object {
		return w.membersOf(value, merges+1)
	}
	var all source.Members
	for _, item := range value.Items() {
		some, err := w.membersOf(item, merges+1)
		if err != nil {
			return nil, err
		}
		all = append(all, some...) // the caller takes the first of equal keys
	}
	return all, nil
}
