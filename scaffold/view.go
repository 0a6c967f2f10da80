package scaffold

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
)

// view is a contract with what templates print around it.
type view struct {
	*contract
	Mark     string
	Binary   string // the command's name
	Host     string // literal: where the definition says that the service is
	HostText string
	Samples  []exampleCall
	Rows     []row
	Walk     *walk // of a webhook
	PollWalk *walk
	Tells    bool // some trigger tells flows: what is not polled, and does not wait
	Verify   []credential
	Example  example
}

// row is a line of the README's table.
type row struct{ Name, Register, Unregister, Publish string }

// walk is the README's first try.
type walk struct {
	Name, Method, Path string
	Headers            []string
	Credentials        []string // options of curl
	Once               bool     // it waits
	Body, Payload      string
	Shell              string // the trigger's id as a word of a shell
}

// example is the event that the owner's events.go starts with.
type example struct {
	Method    string
	Payload   string
	Arguments string
	Ref       bool // it answers one registration
	Comment   []string
}

func (b *builder) view() *view {
	v := &view{contract: &b.contract, Mark: mark, Binary: binary(b.Module), Host: `""`, HostText: "none: it must be set", Samples: b.samples()}
	if host := text(b.def.Root, "host"); host != "" && oneLine(host) == host && !strings.ContainsAny(host, "/{}@ ") {
		v.Host, v.HostText = quote("https://"+host), "`https://"+markdown(host)+"`, as the definition says"
	}
	for _, t := range b.Triggers {
		verb := "Publish"
		if t.Once {
			verb = "Answer"
		}
		v.Rows = append(v.Rows, row{markdown(t.Name), code(t.method + " " + t.path), code("DELETE " + t.location), code("events." + verb + t.Go)})
	}
	for _, p := range b.Polls {
		v.Rows = append(v.Rows, row{markdown(p.Name), code(p.method+" "+p.path) + ", polled", "", code("events.Publish" + p.Go)})
	}
	v.Example = b.example()
	v.Tells = len(b.Waits) < len(b.Triggers)
	v.Walk, v.PollWalk = b.walk(), b.pollWalk()
	v.Verify = b.credentials(b.served[0].Operation)
	return v
}

// credentials are those of --dev that an operation wants.
func (b *builder) credentials(o *connector.Operation) []credential {
	return b.Security.dev(b.Security.required(b.def, o))
}

// binary is what go build calls a program: by its module, without the version.
func binary(module string) string {
	parent, name := path.Split(module)
	if majorVersion.MatchString(name) && parent != "" {
		return path.Base(parent)
	}
	return name
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

func (b *builder) example() example {
	e := b.Events[0]
	for _, other := range b.Events {
		if !other.Once {
			e = other
			break
		}
	}
	x := example{Method: e.Method, Payload: outside(e.Payload), Arguments: "o.id, o.payload"}
	switch {
	case e.Once:
		x.Ref, x.Arguments = true, "o.ref, o.id, o.payload"
	case e.Registration != "":
		x.Arguments += ", nil"
		x.Comment = comment("nil tells all flows. A func(contract." + e.Registration + ") bool in its place chooses them by what they asked for.")
	}
	return x
}

// walk is a try of the first webhook of which there is a sample, best of one that
// does not wait.
func (b *builder) walk() (waiting *walk) {
	for i, t := range b.webhooks {
		w, err := b.call(t.Operation, t.Notification)
		body, bodyErr := registrationText(t, false)
		if errors.Join(err, bodyErr) != nil {
			continue
		}
		w.Name, w.Shell, w.Once = markdown(b.Triggers[i].Name), shellQuote(b.Triggers[i].id), b.Triggers[i].Once
		w.Body = shellText(strings.ReplaceAll(body, callbackSample, "http://127.0.0.1:9000/flow"))
		w.Headers = append([]string{"Content-Type: application/json"}, w.Headers...)
		if !w.Once {
			return w
		}
		if waiting == nil {
			waiting = w
		}
	}
	return waiting
}

func (b *builder) pollWalk() *walk {
	for _, p := range b.Polls {
		if w, err := b.call(p.operation, p.item); err == nil {
			w.Name, w.Shell = markdown(p.Name), shellQuote(p.id)
			return w
		}
	}
	return nil
}

// call is what all walks have.
func (b *builder) call(o *connector.Operation, payload connector.Schema) (*walk, error) {
	target, headers, err := b.registrationURL(o)
	if err != nil {
		return nil, err
	}
	w := &walk{Method: strings.ToUpper(o.Method)}
	for _, c := range b.credentials(o) {
		if target = withQuery(target, c.Query); c.Curl != "" {
			w.Credentials = append(w.Credentials, c.Curl)
		}
	}
	for _, h := range headers {
		w.Headers = append(w.Headers, shellText(oneLine(h[0]+": "+h[1])))
	}
	w.Path = strings.ReplaceAll(target, "'", "%27")
	text, err := shortSample(payload)
	w.Payload = shellText(text)
	return w, err
}

// shortSample returns all that a value may have, if a person can take that in, or
// else what it must have.
func shortSample(s connector.Schema) (string, error) {
	const short = 300
	if text, err := sampleText(s, true); err != nil || len(text) <= short {
		return text, err
	}
	return sampleText(s, false)
}

// withQuery adds to the query of a URL.
func withQuery(target, query string) string {
	if query == "" {
		return target
	}
	if strings.Contains(target, "?") {
		return target + "&" + query
	}
	return target + "?" + query
}

// shellText is a text between the single quotes of a shell, in a code block.
func shellText(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "'", `'\''`), "```", "")
}

// markdown takes out of a text what means something in a table of Markdown.
func markdown(s string) string {
	return strings.NewReplacer("|", `\|`, "`", "'", "<", "&lt;", "[", `\[`, "*", `\*`).Replace(oneLine(s))
}

func code(s string) string {
	return "`" + strings.NewReplacer("|", `\|`, "`", "'").Replace(oneLine(s)) + "`"
}

// outside is a type of the contract package as other packages write it.
func outside(typ string) string {
	prefix, name := "", typ
	for found := true; found; {
		found = false
		for _, p := range []string{"[]", "map[string]", "*"} {
			if rest, ok := strings.CutPrefix(name, p); ok {
				prefix, name, found = prefix+p, rest, true
			}
		}
	}
	switch name {
	case "string", "int64", "float64", "bool", "any":
		return typ
	}
	return fmt.Sprintf("%scontract.%s", prefix, name)
}
