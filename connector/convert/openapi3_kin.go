package convert

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/connectorctl/connectorctl/connector/source"
)

// kin-openapi converts the frame of a document: servers, paths, operations,
// parameters, bodies, responses and security. It keeps no order, reads numbers
// as float64, and drops or mistakes much of what 2.0 can say: formats and
// required flags of forms, examples, media types, collection formats that are
// not written out, extensions and references inside parameters, discriminators,
// references in additionalProperties, binary schemas. So a part of the frame
// that needs more carries a ticket through the conversion, an extension with a
// number, and what kin-openapi would lose waits under that number. Schemas
// need nothing but new references; they do not pass through it at all.
const ticketKey = "x-ticket"

// A ticket says how to complete an object that kin-openapi has converted.
type ticket struct {
	order []string // the members in the order of the original
	fix   *tree    // members to be set
	whole any      // what stands in the object's place, if not nil
}

// issue puts a ticket on an object of the frame.
func (im *importer) issue(object *tree, t ticket) *tree {
	object.set(ticketKey, json.Number(strconv.Itoa(len(im.tickets))))
	im.tickets = append(im.tickets, t)
	return object
}

// convertFrame lets kin-openapi convert a 3.0 document that is free of
// references.
func convertFrame(frame *tree) (value any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("kin-openapi cannot convert the document: %v", fault)
		}
	}()
	loader := openapi3.NewLoader()
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, at *url.URL) ([]byte, error) {
		return nil, fmt.Errorf("%s is not to be read", at)
	}
	doc3, err := loader.LoadFromData([]byte(jsonText(frame, false)))
	if err != nil {
		return nil, fmt.Errorf("kin-openapi cannot read the document: %w", err)
	}
	doc2, err := openapi2conv.FromV3(doc3)
	if err != nil {
		return nil, fmt.Errorf("kin-openapi cannot convert the document: %w", err)
	}
	data, err := json.Marshal(doc2)
	if err != nil {
		return nil, fmt.Errorf("kin-openapi cannot write the document: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	return value, nil
}

// finish collects the tickets in what kin-openapi made, and brings its members
// into the order of the original: tickets are numbered in that order.
func (im *importer) finish(value any) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		return im.finishObject(v)
	case []any:
		slices.SortStableFunc(v, func(a, b any) int { return cmp.Compare(ticketNumber(a), ticketNumber(b)) })
		for i := range v {
			var err error
			if v[i], err = im.finish(v[i]); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}

func (im *importer) finishObject(v map[string]any) (any, error) {
	var t ticket
	if i := ticketNumber(v); i >= len(im.tickets) {
		return nil, errors.New("kin-openapi made up a number")
	} else if i >= 0 {
		t = im.tickets[i]
	}
	if t.whole != nil {
		return t.whole, nil
	}
	place := map[string]int{} // of members that are not in the ticket's order
	for name, member := range v {
		place[name] = ticketNumber(member)
	}
	delete(v, ticketKey)
	for name := range v {
		var err error
		if v[name], err = im.finish(v[name]); err != nil {
			return nil, err
		}
	}
	if t.fix != nil {
		maps.Copy(v, t.fix.values)
		t.order = append(slices.Clip(t.order), t.fix.names...)
	}
	rank := map[string]int{}
	for i, name := range t.order {
		if _, known := rank[name]; !known {
			rank[name] = i - len(t.order)
		}
	}
	done := newTree(source.Node{})
	for _, name := range slices.SortedFunc(maps.Keys(v), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank[a], rank[b]), cmp.Compare(place[a], place[b]), cmp.Compare(a, b))
	}) {
		done.set(name, v[name])
	}
	return done, nil
}

// ticketNumber returns the number on an object, -1 if there is none.
func ticketNumber(value any) int {
	object, _ := value.(map[string]any)
	number, ok := object[ticketKey].(json.Number)
	if !ok {
		return -1
	}
	i, err := strconv.Atoi(string(number))
	if err != nil {
		return -1
	}
	return i
}
