package connector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// payloadURL names a schema in the messages of jsonschema. It is absolute, or
// jsonschema would look in the current folder.
const payloadURL = "mem:///schema.json"

// Compile returns a validator of what [Schema.JSONSchema] says. It reads no
// file and no URL.
func (s Schema) Compile() (*jsonschema.Schema, error) {
	text, err := json.Marshal(s.JSONSchema())
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.LoadURL = func(url string) (io.ReadCloser, error) {
		return nil, fmt.Errorf("%s is not part of the definition", url)
	}
	if err := c.AddResource(payloadURL, bytes.NewReader(text)); err != nil {
		return nil, err
	}
	return c.Compile(payloadURL)
}
