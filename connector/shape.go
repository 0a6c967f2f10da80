package connector

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Most values of an extension have one of a few shapes: the same members with
// values of the same kinds. What is right once is right for all of that shape,
// so it is told apart by kinds and names, and only what is new meets a schema.
var rightShapes = struct {
	sync.RWMutex
	known map[string]bool
}{known: map[string]bool{}}

const (
	maxShapes     = 10_000 // remembered
	maxShapeBytes = 2_000  // of one
)

// byValue are the extensions whose schema looks at more than kinds and names.
var byValue = func() map[string]bool {
	var document struct {
		Definitions map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(extensionSchemas), &document); err != nil {
		panic(err) // the file is ours
	}
	found := map[string]bool{}
	for name, text := range document.Definitions {
		for _, keyword := range []string{"enum", "minimum", "maximum", "pattern", "maxLength", "integer"} {
			found[name] = found[name] || strings.Contains(string(text), `"`+keyword+`"`)
		}
	}
	return found
}()

// isRightShape reports whether a value of this shape is known to be right, and
// returns the shape, "" if the shape does not tell.
func isRightShape(name string, value source.Node) (shape string, right bool) {
	if byValue[name] {
		return "", false
	}
	var room [512]byte
	b := append(append(room[:0], name...), ' ')
	if b = appendShape(b, value); len(b) > maxShapeBytes {
		return "", false
	}
	rightShapes.RLock()
	defer rightShapes.RUnlock()
	if rightShapes.known[string(b)] { // the compiler makes no string of it
		return "", true
	}
	return string(b), false
}

func rememberShape(shape string) {
	rightShapes.Lock()
	defer rightShapes.Unlock()
	if shape != "" && len(rightShapes.known) < maxShapes {
		rightShapes.known[shape] = true
	}
}

func appendShape(b []byte, n source.Node) []byte {
	kind := n.Kind()
	b = append(b, '0'+byte(kind))
	switch {
	case len(b) > maxShapeBytes:
	case kind == source.String && n.Is(""):
		b = append(b, '-') // minLength
	case kind == source.Array:
		for _, item := range n.Items() {
			b = appendShape(b, item)
		}
		b = append(b, ']')
	case kind == source.Object:
		for key, value := range n.Members() {
			name, _ := key.Str()
			b = appendShape(append(append(b, name...), 0), value)
		}
		b = append(b, '}')
	}
	return b
}
