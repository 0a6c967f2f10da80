package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
)

// Some names in JSON cannot be written in a struct tag, and some objects have
// members that no field has. Types with either read and write them with these
// functions.

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

// marshalRest writes members that have no field behind those of an object. One
// that has a field is an error: an object with a name twice is read in two ways.
func marshalRest[T any](object []byte, rest map[string]T) ([]byte, error) {
	if len(rest) == 0 {
		return object, nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(object, &all); err != nil {
		return nil, err
	}
	for name := range rest {
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("%q has a field of its own", name)
		}
	}
	members, err := json.Marshal(rest)
	if err != nil || len(all) == 0 {
		return members, err
	}
	return append(append(bytes.TrimSuffix(object, []byte("}")), ','), members[1:]...), nil
}

// unmarshalRest reads the members of an object that have no field.
func unmarshalRest[T any](data []byte, rest *map[string]T, fields ...string) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	for _, name := range fields {
		delete(object, name)
	}
	for name, text := range object {
		var value T
		if err := json.Unmarshal(text, &value); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		if *rest == nil {
			*rest = map[string]T{}
		}
		(*rest)[name] = value
	}
	return nil
}
