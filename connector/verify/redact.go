package verify

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"sort"
	"strings"
	"sync"
)

// redactor takes secrets out of what is printed, however they are written: as
// they are, in a URL, in a JSON string, or in base64.
type redactor struct {
	mu     sync.Mutex
	forms  []string
	replay *strings.Replacer
}

const redacted = "***"

func newRedactor(secrets ...string) *redactor {
	r := &redactor{}
	r.add(secrets...)
	return r
}

func (r *redactor) add(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range secrets {
		if s == "" {
			continue
		}
		r.forms = append(r.forms, s, url.QueryEscape(s), url.PathEscape(s), base64.StdEncoding.EncodeToString([]byte(s)))
		if quoted, err := json.Marshal(s); err == nil {
			r.forms = append(r.forms, string(quoted[1:len(quoted)-1]))
		}
	}
	// The longest first: one secret may begin as another does.
	sort.Slice(r.forms, func(i, j int) bool { return len(r.forms[i]) > len(r.forms[j]) })
	var pairs []string
	for _, form := range r.forms {
		pairs = append(pairs, form, redacted)
	}
	r.replay = strings.NewReplacer(pairs...)
}

func (r *redactor) clean(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.replay.Replace(text)
}
