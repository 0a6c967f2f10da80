package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

// tree returns a value in the few types that are written: nil, bool,
// json.Number, string, []any, Members and Raw.
func (e *Editor) tree(at Node, v any) any {
	t, err := plainTree(v)
	if err != nil {
		e.fail(at, "%v", err)
	}
	return t
}

func plainTree(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, Raw:
		return v, nil
	case string:
		return string([]rune(v)), nil // as it will be read: no invalid UTF-8
	case int:
		return json.Number(strconv.Itoa(v)), nil
	case float64:
		b, err := json.Marshal(v)
		return json.Number(b), err
	case json.Number:
		if !isNumber(string(v)) {
			return nil, fmt.Errorf("%q is not a number", v)
		}
		return v, nil
	case []any:
		items := make([]any, len(v))
		for i := range v {
			var err error
			if items[i], err = plainTree(v[i]); err != nil {
				return nil, err
			}
		}
		return items, nil
	case Members:
		return plainMembers(v)
	case Node:
		budget := maxValueNodes
		return copied(v, &budget, MaxDepth)
	}
	return nil, fmt.Errorf("a value of type %T cannot be written", v)
}

func plainMembers(members Members) (Members, error) {
	plain := make(Members, len(members))
	seen := map[string]bool{}
	for i, m := range members {
		if seen[m.Key] {
			return nil, fmt.Errorf("the key %q is there twice", m.Key)
		}
		seen[m.Key] = true
		v, err := plainTree(m.Value)
		if err != nil {
			return nil, err
		}
		plain[i] = Member{string([]rune(m.Key)), v}
	}
	return plain, nil
}

// copied returns the tree of a node. Of members with one name the last is
// taken, as by Get.
func copied(n Node, budget *int, depth int) (any, error) {
	if *budget--; *budget < 0 || depth < 0 {
		return nil, errors.New("the value is too large to be copied")
	}
	switch n.Kind() {
	case Null:
		return nil, nil
	case Bool:
		return n.IsTrue(), nil
	case Number:
		return n.number(), nil
	case String:
		s, _ := n.Str()
		return s, nil
	case Array:
		items := []any{}
		for _, item := range n.Items() {
			v, err := copied(item, budget, depth-1)
			if err != nil {
				return nil, err
			}
			items = append(items, v)
		}
		return items, nil
	case Object:
		return copiedMembers(n, budget, depth)
	}
	return nil, fmt.Errorf("the value to copy is %s", n.Kind())
}

func copiedMembers(n Node, budget *int, depth int) (Members, error) {
	members, index := Members{}, map[string]int{}
	for key, value := range n.WrittenMembers() {
		name, ok := key.Str()
		if !ok || key.IsMerge() {
			return nil, errors.New("an object with merge keys cannot be copied")
		}
		v, err := copied(value, budget, depth-1)
		if err != nil {
			return nil, err
		}
		i, seen := index[name]
		if !seen {
			i = len(members)
			index[name] = i
			members = append(members, Member{})
		}
		members[i] = Member{name, v}
	}
	return members, nil
}

// same reports whether n already is the value v.
func same(n Node, v any) bool {
	budget := maxValueNodes
	old, err := copied(n, &budget, MaxDepth)
	return err == nil && reflect.DeepEqual(old, v)
}
