package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
)

// Some names in JSON cannot be written in a struct tag. Types that have such
// members read and write them with these two functions.

// oddMember is a member whose name no struct tag can express.
type oddMember struct {
	name     string
	value    any  // a pointer to the field
	optional bool // left out when it is zero
}

// marshalOdd writes a struct, and behind its members the odd ones.
func marshalOdd(plain any, members ...oddMember) ([]byte, error) {
	object, err := json.Marshal(plain)
	if err != nil {
		return nil, err
	}
	object = bytes.TrimSuffix(object, []byte("}"))
	for _, m := range members {
		if m.optional && reflect.ValueOf(m.value).Elem().IsZero() {
			continue
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(object) > 1 {
			object = append(object, ',')
		}
		object = append(append(append(object, name...), ':'), value...)
	}
	return append(object, '}'), nil
}

// unmarshalOdd reads the odd members of an object. A null leaves all as it is.
func unmarshalOdd(data []byte, members ...oddMember) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	for _, m := range members {
		if value, ok := object[m.name]; ok {
			if err := json.Unmarshal(value, m.value); err != nil {
				return fmt.Errorf("%q: %w", m.name, err)
			}
		}
	}
	return nil
}
