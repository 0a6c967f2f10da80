package convert

// breakLoops takes out references through which a definition is a part of
// itself: through allOf, or through nothing but references. There is no such
// schema, and the platform would not end.
func (im *importer) breakLoops() {
	b := loopBreaker{im: im, visited: map[string]visit{}}
	for _, name := range im.definitions.names {
		b.definition(name)
	}
}

type loopBreaker struct {
	im      *importer
	visited map[string]visit
}

type visit uint8

const (
	notVisited visit = iota
	visiting
	visited
)

func (b *loopBreaker) definition(name string) {
	t := b.im.definitions.object(name)
	if t == nil || b.visited[name] != notVisited {
		return
	}
	b.visited[name] = visiting
	if b.isLoop(t) {
		b.im.lose(t.origin, "the schema refers to itself; anything is allowed in its place")
		t.remove("$ref")
	}
	b.visited[name] = visited
}

// isLoop reports whether the reference of a schema leads to a definition that
// the schema is a part of. Of its allOf it takes out the parts that do.
func (b *loopBreaker) isLoop(t *tree) bool {
	if ref := t.text("$ref"); ref != "" {
		name := b.im.referenced[ref]
		if b.visited[name] == visiting {
			return true
		}
		b.definition(name)
	}
	kept := []any{}
	for _, part := range t.list("allOf") {
		if p := part.(*tree); b.isLoop(p) {
			b.im.lose(p.origin, "the schema is a part of itself through allOf; the reference is left out")
			continue
		}
		kept = append(kept, part)
	}
	if t.has("allOf") {
		t.set("allOf", kept)
	}
	if len(kept) == 0 {
		t.remove("allOf")
	}
	return false
}
