package sample

// Set puts a value into one that was decoded from JSON, and returns the result:
// into itself if it has room for it. The path is the names of the objects'
// members from the root; an empty name is an array's first item. What is on the
// way and of another kind is replaced.
func Set(into any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	if path[0] == "" {
		list, _ := into.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		list[0] = Set(list[0], path[1:], value)
		return list
	}
	object, ok := into.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	object[path[0]] = Set(object[path[0]], path[1:], value)
	return object
}
