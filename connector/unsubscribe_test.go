package connector

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/connectorctl/connectorctl/connector/source"
)

// slowBest is what removals.best is without an index: the best of all.
func slowBest(from registration, d *Definition, kind int, least relation) match {
	var best match
	var strangers []*removal
	for _, r := range everyRemoval(d.allRemovals()[kind]) {
		m := from.relate(r)
		if m.relation != unrelated && m.relation >= least {
			best = from.better(best, m)
		}
		if kind&internalOnes != 0 && !r.ownedBelow {
			strangers = append(strangers, r)
		}
	}
	if best.removal == nil && least == onlyInternal && len(strangers) == 1 {
		return match{removal: strangers[0], relation: onlyInternal}
	}
	return best
}

func everyRemoval(g *removals) []*removal {
	var all []*removal
	for _, list := range g.byPath {
		all = append(all, list...)
	}
	return all
}

// TestBestRemoval compares the indexed search for a DELETE with looking at all of
// them, for random paths of words that matter.
func TestBestRemoval(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	words := []string{"hooks", "create", "delete", "unsubscribe", "{id}", "{x}", "orders", "events", "subscribe"}
	path := func() string {
		p := ""
		for range 1 + random.IntN(4) {
			p += "/" + words[random.IntN(len(words))]
		}
		return p
	}
	found := 0
	for range 300 {
		text := `{"swagger": "2.0", "paths": {"/": {}`
		for i := range 12 {
			id := []string{"DeleteHook", "RemoveOrder", "Unsubscribe", "x"}[random.IntN(4)]
			internal := []string{"", `, "x-ms-visibility": "internal"`}[random.IntN(2)]
			text += fmt.Sprintf(`, %q: {"delete": {"operationId": "%s%d"%s}, "post": {"operationId": "CreateHook%d"}}`, path(), id, i, internal, i)
		}
		d := Read(source.ParseString("a.json", text+`}}`))
		for _, o := range d.Operations() {
			from := newRegistration(o)
			for kind, g := range d.allRemovals() {
				for _, least := range []relation{onlyInternal, unsubWord, verbSibling} {
					got, want := from.best(g, least), slowBest(from, d, kind, least)
					if got != want {
						t.Fatalf("%s: kind %d, at least %d: got %v, want %v, in %s", o.Path, kind, least, got, want, text)
					}
					if want.removal != nil {
						found++
					}
				}
			}
		}
	}
	if found == 0 {
		t.Error("no DELETE was found")
	}
}

// TestUnrelatedRemovals checks that a DELETE which nothing connects with the
// registration is taken only if there is no other.
func TestUnrelatedRemovals(t *testing.T) {
	const internal = `{"delete": {"x-ms-visibility": "internal"}}`
	tests := []struct{ others, want string }{
		{`"/customers/{id}": ` + internal, "/customers/{id}"},
		{`"/customers/{id}": ` + internal + `, "/files/{id}": ` + internal, ""},
		{`"/customers/{id}": ` + internal + `, "/files/{id}": ` + internal + `, "/unregister/{id}": ` + internal, "/unregister/{id}"},
		{`"/orders/hooks": {"post": {}}, "/orders/hooks/{id}": ` + internal, ""}, // that one's own
		{`"/orders/hooks/{id}": ` + internal, "/orders/hooks/{id}"},
	}
	for _, test := range tests {
		d := Read(source.ParseString("a.json", `{"swagger": "2.0", "paths": {"/register": {"post": {"x-ms-trigger": "single", "parameters": [
			{"in": "body", "schema": {"properties": {"url": {"x-ms-notification-url": true}}}}]}}, `+test.others+`}}`))
		got := ""
		if o := d.Triggers()[0].Unsubscribe; o != nil {
			got = o.Path
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.others, got, test.want)
		}
	}
}
