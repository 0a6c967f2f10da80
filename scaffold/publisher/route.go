package publisher

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// router finds the operation of a request. It takes all path templates that
// real definitions have, "/x/{id}.json" and "/{a}/b" beside "/a/{b}" among
// them, on which [http.ServeMux] panics.
type router struct{ routes []route }

type route struct {
	method  string
	path    string // template
	pattern *regexp.Regexp
	weight  []int // how literal each segment is: the more specific template comes first
	names   []string
	query   url.Values // what the query must hold: some definitions have "/x?event=a" beside "/x?event=b"
	handler http.Handler
}

func (t *router) add(method, path string, handler http.Handler) {
	path, query, _ := strings.Cut(path, "?")
	r := route{method: method, path: path, handler: handler}
	r.query, _ = url.ParseQuery(query)
	var pattern strings.Builder
	for segment := range strings.SplitSeq(path, "/") {
		weight := 1 << 20
		pattern.WriteString("/")
		for i, part := range strings.Split(segment, "{") {
			literal := part
			if name, rest, closed := strings.Cut(part, "}"); i > 0 && closed {
				pattern.WriteString("([^/]+)")
				r.names, literal, weight = append(r.names, name), rest, weight&(1<<20-1)
			} else if i > 0 {
				literal = "{" + part
			}
			weight += len(literal)
			writeLiteral(&pattern, literal)
		}
		r.weight = append(r.weight, weight)
	}
	r.weight = append(r.weight, len(r.query))
	r.pattern = regexp.MustCompile("^" + pattern.String()[1:] + "$") // what is not the pattern's own is quoted
	i, _ := slices.BinarySearchFunc(t.routes, r, func(a, b route) int { return slices.Compare(b.weight, a.weight) })
	t.routes = slices.Insert(t.routes, i, r)
}

// writeLiteral writes what a literal part of a template matches. A byte such as
// "(" may come bare or escaped (RFC 3986, section 2.2).
func writeLiteral(b *strings.Builder, literal string) {
	for _, c := range []byte(literal) {
		switch {
		case c >= 0x80:
			fmt.Fprintf(b, "(?i:%%%02x)", c)
		case c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			b.WriteByte(c)
		default:
			fmt.Fprintf(b, "(?:%s|(?i:%%%02x))", regexp.QuoteMeta(string(rune(c))), c)
		}
	}
}

// isAsked reports whether the query of a request holds what the route asks for.
func (t *route) isAsked(r *http.Request) bool {
	if len(t.query) == 0 {
		return true // as nearly all do
	}
	query := r.URL.Query()
	for name, values := range t.query {
		if !slices.Equal(query[name], values) {
			return false
		}
	}
	return true
}

// find returns the handler of a request, whose pattern and path values it sets,
// or the methods that the path has if it is another one.
func (t *router) find(r *http.Request) (h http.Handler, allowed []string) {
	path := r.URL.EscapedPath()
	for _, candidate := range t.routes {
		values := candidate.pattern.FindStringSubmatch(path)
		if values == nil || !candidate.isAsked(r) {
			continue
		}
		if candidate.method != r.Method {
			allowed = append(allowed, candidate.method)
			continue
		}
		for i, name := range candidate.names {
			value, err := url.PathUnescape(values[i+1])
			if err != nil {
				value = values[i+1]
			}
			r.SetPathValue(name, value)
		}
		r.Pattern = candidate.method + " " + candidate.path
		return candidate.handler, nil
	}
	return nil, allowed
}
