package verify

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// redactor takes secrets out of what is printed, however they are written: as
// they are, in a URL, in a JSON string, or in base64.
type redactor struct {
	mu       sync.Mutex
	forms    map[string]string // what is not printed → what is printed instead
	replacer *strings.Replacer
}

const redacted = "***"

func newRedactor(secrets ...string) *redactor {
	r := &redactor{forms: map[string]string{}}
	r.add(redacted, secrets...)
	return r
}

// add makes sure that secrets are not printed, but a name for them.
func (r *redactor) add(name string, secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range secrets {
		if s == "" {
			continue
		}
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s), base64.StdEncoding.EncodeToString([]byte(s)), quoted(s, true), quoted(s, false)} {
			r.forms[form] = name
		}
	}
	// The longest first: one secret may begin as another does.
	var pairs []string
	for _, form := range slices.SortedFunc(maps.Keys(r.forms), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	}) {
		pairs = append(pairs, form, r.forms[form])
	}
	r.replacer = strings.NewReplacer(pairs...)
}

// quoted is a text as it stands in a JSON string.
func quoted(s string, html bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(html)
	if e.Encode(s) != nil {
		return s
	}
	return strings.Trim(strings.TrimSpace(b.String()), `"`)
}

func (r *redactor) clean(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.replacer.Replace(text)
}
