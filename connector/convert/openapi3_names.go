package convert

import (
	"path"
	"strconv"
	"strings"
	"unicode"

	"github.com/connectorctl/connectorctl/connector/source"
)

// pascal joins the words of a text: "hook-created/v2" becomes "HookCreatedV2".
func pascal(text string) string {
	var b strings.Builder
	start := true
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			start = true
			continue
		}
		if start {
			r = unicode.ToUpper(r)
		}
		start = false
		b.WriteRune(r)
	}
	return b.String()
}

// operationName makes an operationId of a method and a path: POST
// /hooks/{id}/test becomes "PostHooksByIdTest".
func operationName(method, path string) string {
	name := pascal(method)
	for _, step := range strings.Split(path, "/") {
		if strings.HasPrefix(step, "{") {
			name += "By"
		}
		name += pascal(step)
	}
	return name
}

// unique returns name, or name with a number after it, so that it is not taken
// yet, and takes it.
func unique(taken map[string]bool, name string) string {
	free := name
	for i := 2; taken[free]; i++ {
		free = name + strconv.Itoa(i)
	}
	taken[free] = true
	return free
}

// schemaName makes a name for a schema that has none of where it stands:
// /components/schemas/Order/properties/lines/items becomes "OrderLinesItem".
func (im *importer) schemaName(n source.Node) string {
	steps := strings.Split(n.Pointer(), "/")[1:]
	for i := range steps {
		steps[i] = source.UnescapePointer(steps[i])
	}
	base := ""
	switch {
	case len(steps) >= 3 && steps[0] == "components":
		base, steps = pascal(steps[2]), steps[3:]
		if len(steps) == 0 {
			return n.KeyStr() // which was made to be one
		}
	case len(steps) >= 3 && steps[0] == "paths":
		base, steps = operationName(steps[2], steps[1]), steps[3:]
	}
	name := base
	for _, step := range steps {
		name += nameOfStep(step)
	}
	if name == "" {
		file := path.Base(im.lib.names[n.File()])
		name = pascal(strings.TrimSuffix(file, path.Ext(file)))
	}
	if name == "" {
		name = "Schema"
	}
	return name
}

// safeName replaces the characters that a component's name may not have
// (OpenAPI 3.0, Components Object).
func safeName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, name)
}

func nameOfStep(step string) string {
	switch step {
	case "schemas", "schema", "properties", "content", "responses", "definitions", "$defs", "components",
		"allOf", "oneOf", "anyOf", "paths", "callbacks", "webhooks", "x-webhooks", "parameters":
		return ""
	case "requestBody":
		return "Body"
	case "items", "additionalProperties":
		return "Item"
	}
	if strings.ContainsAny(step, "{/") || len(step) < 3 && strings.Trim(step, "0123456789") == "" {
		return "" // an expression, a media type, an index
	}
	return pascal(step)
}

// refTo writes the reference to a definition.
func (im *importer) refTo(name string) string {
	var b strings.Builder
	for _, r := range source.EscapePointer(name) {
		if r <= ' ' || strings.ContainsRune("%\"<>\\^`{|}#", r) {
			b.WriteString(percent(r))
			continue
		}
		b.WriteRune(r)
	}
	ref := "#/definitions/" + b.String()
	im.referenced[ref] = name
	return ref
}

func percent(r rune) string {
	const hex = "0123456789ABCDEF"
	return "%" + string(hex[r>>4&15]) + string(hex[r&15])
}
