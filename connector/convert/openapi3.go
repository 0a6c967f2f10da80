package convert

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// OpenAPI3 converts an OpenAPI 3.0 or 3.1 document to OpenAPI 2.0. What 2.0
// cannot say is in the result's Losses; the error is for documents of which
// nothing useful would be left.
//
// The document may consist of several files. Others than the one that is given
// are asked of read, by slash-separated paths relative to its folder; nothing
// outside that folder is asked for, but read has to see to it that no link leads
// out of it. A nil read allows no other files. A Loss in another file has its
// path before the pointer: "common.yaml#/Pet".
func OpenAPI3(name string, data []byte, read func(path string) ([]byte, error)) (result *Import, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			result, err = nil, fmt.Errorf("import %s: internal error, please report it: %v", name, fault)
		}
	}()
	lib, err := newLibrary(name, data, read)
	if err != nil {
		return nil, fmt.Errorf("import %w", err)
	}
	im := newImporter(lib)
	if result, err = im.run(); err != nil {
		return nil, fmt.Errorf("import %w", err)
	}
	return result, nil
}

// importer converts one document.
type importer struct {
	lib    *library
	root   source.Node
	is31   bool
	err    error // the first reason to give up
	work   int   // values that were converted
	losses lossList

	definitions *tree
	queue       []definition           // not converted yet
	schemas     map[source.Node]string // the definitions that schemas are
	unions      map[string]string      // the definitions that alternatives became
	taken       map[string]bool        // names of definitions
	flats       map[source.Node]*tree
	shapes      map[source.Node]string
	open        map[source.Node]bool // schemas that are being taken apart
	cuts        int                  // how often one of these was met again
	depth       int                  // of schemas whose shape is looked for
	referenced  map[string]string    // the definitions that references name

	shared         map[source.Node]string // parameters and responses that are components
	schemes        map[string]string      // the types of the security schemes
	operationIDs   map[string]bool        // all that are taken
	givenIDs       map[string]bool        // those of the document that no operation has taken yet
	pathExtensions *tree
	tickets        []ticket
	callbackSites  []callbackSite
}

// Aliases and alternatives of alternatives can multiply, so the values that are
// converted are counted. Real documents have each of theirs converted twice at
// most.
const (
	minWork = 1 << 20
	repeats = 8 // for each value of the files
)

func newImporter(lib *library) *importer {
	root := lib.main.Root()
	return &importer{
		lib: lib, root: root,
		definitions: newTree(root), pathExtensions: newTree(root),
		schemas: map[source.Node]string{}, unions: map[string]string{}, referenced: map[string]string{}, taken: map[string]bool{},
		flats: map[source.Node]*tree{}, shapes: map[source.Node]string{}, open: map[source.Node]bool{},
		shared: map[source.Node]string{}, schemes: map[string]string{},
		operationIDs: map[string]bool{}, givenIDs: map[string]bool{},
	}
}

func (im *importer) fail(err error) {
	if im.err == nil {
		im.err = err
	}
}

// spend counts work. It returns false if nothing more is to be done.
func (im *importer) spend() bool {
	if im.work++; im.work > minWork && im.work > repeats*im.lib.size {
		im.fail(fmt.Errorf("%s: references, aliases and alternatives multiply to more than %d values; write the document with fewer of them", im.lib.names[im.lib.main], im.work-1))
	}
	return im.err == nil
}

func (im *importer) run() (*Import, error) {
	if err := im.checkVersion(); err != nil {
		return nil, err
	}
	for _, p := range im.lib.notes {
		im.lose(p.File.NodeAt(p.Range.Start), "%s", p.Message)
	}
	im.claimDefinitions()
	frame, fix := im.frame()
	im.webhooks()
	im.buildDefinitions()
	im.breakLoops()
	if im.err != nil {
		return nil, im.err
	}
	fix.set("definitions", im.definitions)
	converted, err := convertFrame(frame)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; mend the document, or convert it with another tool first", im.lib.names[im.lib.main], err)
	}
	document, err := im.finish(converted)
	if err != nil {
		return nil, err
	}
	text := jsonText(im.arrange(document.(*tree)), true) + "\n"
	f := source.Parse("import.json", []byte(text))
	for _, p := range f.Problems {
		return nil, fmt.Errorf("%s: the converted document would not be readable: %s", im.lib.names[im.lib.main], p.Message)
	}
	d := connector.Read(f)
	hints := im.hints(d)
	return &Import{Text: text, Losses: im.sortedLosses(), Hints: hints, Open: queryLists(d)}, nil
}

// queryLists returns what is left to the author about lists in the query: 2.0
// can say that they travel as a=1&a=2, and the platform cannot do it.
func queryLists(d *connector.Definition) []Step {
	var steps []Step
	seen := map[source.Node]bool{}
	for _, o := range d.Operations() {
		for _, p := range o.Parameters() {
			format, _ := p.Node.Get("collectionFormat").Str()
			if format == "" || format == "csv" || p.In() != "query" || seen[p.Node] {
				continue
			}
			seen[p.Node] = true
			steps = append(steps, warning(p.Node.Get("collectionFormat"),
				"make sure that the service reads the list %q as a,b,c, and say csv: the platform sends it in no other way", p.Name()))
		}
	}
	return steps
}

var version3 = regexp.MustCompile(`^3\.[01](\.|$)`)

func (im *importer) checkVersion() error {
	name := im.lib.names[im.lib.main]
	at := im.root.Get("openapi")
	version, _ := at.Str()
	if at.Kind() == source.Number {
		version = strings.TrimSpace(at.Text())
	}
	switch {
	case im.root.Kind() != source.Object:
		return fmt.Errorf("%s: the file holds %s, expected an OpenAPI 3.0 or 3.1 document", name, withArticle(im.root.Kind()))
	case im.root.Get("swagger").Exists():
		return fmt.Errorf("%s: the document is OpenAPI 2.0 already: use it as it is", name)
	case im.root.Get("asyncapi").Exists():
		return fmt.Errorf("%s: the document is AsyncAPI, which describes no operations that the platform could call", name)
	case version == "":
		return fmt.Errorf(`%s: "openapi" is missing, expected a document with "openapi": "3.0.x" or "3.1.x"`, name)
	case !version3.MatchString(version):
		return im.lib.refuse(at, "OpenAPI %q is not known, expected 3.0 or 3.1", version)
	}
	im.is31 = strings.HasPrefix(version, "3.1")
	return nil
}

// frame makes a 3.0 document of everything but schemas. What fix gets is added
// to it after its conversion.
func (im *importer) frame() (frame, fix *tree) {
	fix = treeOf(im.root, "info", im.information())
	schemes := im.securitySchemes()
	frame = treeOf(im.root,
		"openapi", "3.0.3",
		"info", treeOf(im.root, "title", "-", "version", "-"),
		"components", treeOf(im.root, "securitySchemes", schemes, "parameters", im.sharedParameters(), "responses", im.sharedResponses()),
		"paths", im.paths(),
	)
	for name, v := range members(im.root) {
		switch name {
		case "openapi", "info", "components", "paths", "webhooks", "x-webhooks", "jsonSchemaDialect", "$self":
		case "servers":
			if servers := im.servers(v); len(servers) > 0 {
				frame.set(name, servers)
			}
		case "security":
			if list, ok := im.security(v); ok {
				frame.set(name, list)
			}
		case "tags":
			im.copyIf(fix, name, v, aList)
		case "externalDocs":
			im.copyIf(fix, name, v, aMap)
		default:
			im.otherMember(fix, name, v, "a document")
		}
	}
	for name, v := range members(im.root.Get("components")) {
		if strings.HasPrefix(name, "x-") {
			im.lose(v, "%s: 2.0 has no components that could keep it; it is left out", name)
		}
	}
	if im.root.Get("servers").Len() == 0 {
		im.lose(im.root, "the document names no server; add the host of the service")
	}
	return im.issue(frame, ticket{fix: fix}), fix
}

// rootOrder is the order that the platform's guidelines ask for (coding
// standards), with the rest behind it.
var rootOrder = []string{
	"swagger", "info", "host", "basePath", "schemes", "consumes", "produces", "paths", "definitions", "parameters",
	"responses", "securityDefinitions", "security", "tags", "externalDocs",
}

// arrange brings the members of the document into order, and adds those that
// kin-openapi drops for being empty.
func (im *importer) arrange(document *tree) *tree {
	all := newTree(im.root)
	document.setMissing("paths", newTree(im.root))
	paths := document.object("paths")
	for _, name := range im.pathExtensions.names {
		paths.set(name, im.pathExtensions.get(name))
	}
	for _, name := range append(slices.Clip(rootOrder), document.names...) {
		value := document.get(name)
		if t, isTree := value.(*tree); isTree && len(t.names) == 0 && name != "paths" || !document.has(name) {
			continue
		}
		all.setMissing(name, value)
	}
	return all
}
