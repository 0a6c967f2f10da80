// Package sample makes values that satisfy a schema: what a service could send
// as a notification, or a maker could fill into a registration.
//
// A value is made of what the author gave (example, x-ms-test-value, default,
// enum), as far as it fits its own schema, and else of type, format, pattern
// and limits. The same schema always gives the same value, and what comes out
// has been validated.
package sample

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
)

// Options choose among the values that a schema allows. The zero Options give
// a full one.
type Options struct {
	// Required leaves out what may be missing, unless it has a default, as the
	// platform does with a form that a maker did not fill in.
	Required bool
	// Variant asks for another value than that of a lower variant, where the
	// schema leaves a choice.
	Variant int
}

// Sample is a value that satisfies a schema.
type Sample struct {
	Value any    // of the types of encoding/json, numbers as json.Number
	JSON  []byte // the same as text, indented, with a newline at the end; members in the order of the schema
	Notes []Note // what the value may get wrong after all
}

// Note is something that a sample could not take into account.
type Note struct {
	Node    source.Node // the keyword in the definition
	Message string
}

// Error says why no value satisfies a schema, and which keyword is in the way.
type Error struct {
	Node    source.Node
	Message string
}

func (e *Error) Error() string {
	if !e.Node.Exists() {
		return e.Message
	}
	f := e.Node.File()
	at := f.Position(e.Node.KeyOrSelf().Range().Start)
	return fmt.Sprintf("%s:%d:%d: %s", f.Name, at.Line, at.Column, e.Message)
}

// JSON is Of without options, for callers that want the text alone.
func JSON(s connector.Schema) ([]byte, error) {
	result, err := Of(s, Options{})
	if err != nil {
		return nil, err
	}
	return result.JSON, nil
}

// Of makes a value. It fails with an *Error if the schema contradicts itself,
// must contain itself, or leaves the value to the service
// (x-ms-dynamic-schema).
func Of(s connector.Schema, o Options) (*Sample, error) {
	if s.IsDynamic() {
		return nil, &Error{s.Node, "the schema is dynamic: only the service knows what it sends"}
	}
	validator, err := s.Compile()
	if err != nil {
		return nil, fmt.Errorf("compile the schema: %w", err)
	}
	m := maker{options: o, open: map[source.Node]bool{}, known: map[source.Node]*jsonschema.Schema{}, budget: maxValues}
	value, failed := m.value(s, "")
	if failed != nil {
		return nil, failed
	}
	text := encode(value)
	plain, err := decode(text)
	if err != nil {
		return nil, err
	}
	if err := validator.Validate(plain); err != nil {
		return nil, contradiction(s, err)
	}
	return &Sample{Value: plain, JSON: text, Notes: m.notes}, nil
}

// maxValues bounds a sample; the largest real payload has some thousand
// values. Beyond it, what may be missing is left out.
const maxValues = 20_000

// maxDepth bounds how deep required values nest in one another.
const maxDepth = 100

// contradiction explains why a value that keeps to each keyword alone is not
// valid: keywords of several allOf parts, for the most part.
func contradiction(s connector.Schema, err error) error {
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	for len(invalid.Causes) > 0 {
		invalid = invalid.Causes[0]
	}
	place := invalid.InstanceLocation
	if place == "" {
		place = "the root"
	}
	return &Error{s.Node, fmt.Sprintf("found no value that satisfies the schema at %s: %s", place, invalid.Message)}
}

func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	err := d.Decode(&value)
	return value, err
}

// member and object keep the order of a schema's properties.
type member struct {
	name  string
	value any
}

type object []member

func encode(value any) []byte {
	var b bytes.Buffer
	write(&b, value, "\n")
	b.WriteByte('\n')
	return b.Bytes()
}

func write(b *bytes.Buffer, value any, newline string) {
	inner := newline + "  "
	switch v := value.(type) {
	case object:
		if len(v) == 0 {
			b.WriteString("{}")
			return
		}
		for i, m := range v {
			b.WriteString([]string{"{", ","}[min(i, 1)] + inner)
			write(b, m.name, inner)
			b.WriteString(": ")
			write(b, m.value, inner)
		}
		b.WriteString(newline + "}")
	case []any:
		if len(v) == 0 {
			b.WriteString("[]")
			return
		}
		for i, item := range v {
			b.WriteString([]string{"[", ","}[min(i, 1)] + inner)
			write(b, item, inner)
		}
		b.WriteString(newline + "]")
	default:
		e := json.NewEncoder(b)
		e.SetEscapeHTML(false)
		e.SetIndent(strings.TrimPrefix(newline, "\n"), "  ")
		if e.Encode(v) == nil {
			b.Truncate(b.Len() - 1) // the newline that Encode adds
		}
	}
}
