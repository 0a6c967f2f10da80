package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector/source"
)

// lossList gathers losses. A schema may be read several times, because several
// places take it apart, so what is said twice is kept once.
type lossList struct {
	seen  map[Loss]bool
	found []placedLoss
}

type placedLoss struct {
	Loss
	at source.Node
}

// lose records that something is not in the converted document as it was, or
// that something is in it that was not.
func (im *importer) lose(at source.Node, format string, args ...any) {
	loss := Loss{Pointer: im.lib.place(at), Message: fmt.Sprintf(format, args...)}
	if im.losses.seen[loss] {
		return
	}
	if im.losses.seen == nil {
		im.losses.seen = map[Loss]bool{}
	}
	im.losses.seen[loss] = true
	im.losses.found = append(im.losses.found, placedLoss{loss, at})
}

// sortedLosses returns the losses in the order of the files and the places in
// them.
func (im *importer) sortedLosses() []Loss {
	slices.SortStableFunc(im.losses.found, func(a, b placedLoss) int {
		return cmp.Or(im.lib.before(a.at, b.at), strings.Compare(a.Message, b.Message))
	})
	var all []Loss
	for _, l := range im.losses.found {
		all = append(all, l.Loss)
	}
	return all
}

// wrong records that a member is left out because it is of the wrong kind.
func (im *importer) wrong(at source.Node, name, expected string) {
	im.lose(at, "%s is %s, expected %s; it is left out", name, withArticle(at.Kind()), expected)
}

func withArticle(k source.Kind) string {
	switch k {
	case source.Null, source.Absent:
		return k.String()
	case source.Array, source.Object, source.Invalid:
		return "an " + k.String()
	}
	return "a " + k.String()
}

// kindSet is a set of kinds of nodes.
type kindSet uint16

func kinds(list ...source.Kind) (set kindSet) {
	for _, k := range list {
		set |= 1 << k
	}
	return set
}

func (s kindSet) has(k source.Kind) bool { return s&(1<<k) != 0 }

func (s kindSet) String() string {
	var names []string
	for k := source.Null; k <= source.Object; k++ {
		if s.has(k) {
			names = append(names, withArticle(k))
		}
	}
	return strings.Join(names, " or ")
}

var (
	aText   = kinds(source.String)
	aTruth  = kinds(source.Bool)
	aNumber = kinds(source.Number)
	aList   = kinds(source.Array)
	aMap    = kinds(source.Object)
	aValue  = kinds(source.Null, source.Bool, source.Number, source.String, source.Array, source.Object)
)

// quoteNames writes names for a message: "a", "b" and "c". Of many it names the
// first few.
func quoteNames(names []string) string {
	const most = 5
	rest := len(names) - most
	if rest > 1 {
		names = names[:most]
	}
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	last := len(quoted) - 1
	switch {
	case last < 0:
		return ""
	case rest > 1:
		return strings.Join(quoted, ", ") + fmt.Sprintf(" and %d more", rest)
	case last == 0:
		return quoted[0]
	}
	return strings.Join(quoted[:last], ", ") + " and " + quoted[last]
}
