package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxAnswer bounds what is read of a body, of the publisher's answers and of
// its notifications.
const maxAnswer = 1 << 20

// client talks to the publisher and to nobody else. It follows no redirect and
// uses no proxy: only what the user named is called.
type client struct {
	http        *http.Client
	base        *url.URL
	allowed     []string
	credentials Credentials
	timeout     time.Duration
}

func newClient(t Target) *client {
	transport := &http.Transport{
		DialContext:            (&net.Dialer{Timeout: t.Times.Request}).DialContext,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        time.Minute,
	}
	return &client{
		http: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		base: t.URL, allowed: t.AllowHosts, credentials: t.Credentials, timeout: t.Times.Request,
	}
}

// exchange is a request and what came back.
type exchange struct {
	method string
	url    *url.URL
	shown  string // the URL, without the publisher's address
	sent   []byte
	at     time.Time // when it was sent

	err    error // there was no answer
	status int
	header http.Header
	body   []byte
	ended  error // the body did not end well: too long, or cut off
	took   time.Duration
}

func (e *exchange) ok() bool { return e != nil && e.err == nil && e.status/100 == 2 }

// refused reports whether the answer was 4xx.
func (e *exchange) refused() bool { return e.err == nil && e.status/100 == 4 }

// isGone reports whether the answer says that there is no such thing.
func (e *exchange) isGone() bool {
	return e != nil && e.err == nil && (e.status == http.StatusNotFound || e.status == http.StatusGone)
}

// became says what became of a request, as a part of a sentence.
func (e *exchange) became() string {
	if e.err != nil {
		return "failed (" + e.err.Error() + ")"
	}
	return "was answered " + e.outcome()
}

// outcome says in a few words what came back.
func (e *exchange) outcome() string {
	if e.err != nil {
		return e.err.Error()
	}
	return strings.TrimSpace(strconv.Itoa(e.status) + " " + http.StatusText(e.status))
}

// shownBody is how much of a body a person wants to read.
const shownBody = 160

func excerpt(body []byte) string {
	var compact bytes.Buffer
	text := string(body)
	if json.Compact(&compact, body) == nil {
		text = compact.String()
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > shownBody {
		text = text[:shownBody] + "…"
	}
	return text
}

// String is the exchange in one line.
func (e *exchange) String() string {
	text := e.method + " " + e.shown
	if len(e.sent) > 0 {
		text += " " + excerpt(e.sent)
	}
	text += " → " + e.outcome()
	if e.err == nil {
		for _, name := range []string{"Location", "Retry-After", "Content-Type"} {
			if v := e.header.Get(name); v != "" {
				text += ", " + name + ": " + v
			}
		}
		if len(e.body) > 0 {
			text += ", " + excerpt(e.body)
		}
	}
	return text
}

// retryAfter returns the seconds of a Retry-After header.
func (e *exchange) retryAfter() (seconds int, ok bool) {
	seconds, err := strconv.Atoi(strings.TrimSpace(e.header.Get("Retry-After")))
	return seconds, err == nil && seconds >= 0
}

// userAgent is like the platform's, which names the workflow that subscribes.
const userAgent = "connectorctl-verify (workflow "

// grace is how long a request goes on after an interrupt: what a registration
// answers is needed to undo it.
const grace = 2 * time.Second

// do sends a request. The URL must be allowed; see resolve.
func (c *client) do(ctx context.Context, method string, u *url.URL, header http.Header, body []byte) *exchange {
	e := &exchange{method: strings.ToUpper(method), url: u, shown: c.short(u), sent: body, at: time.Now()}
	inner, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	defer stop()
	defer func() { e.took = time.Since(e.at) }()
	req, err := c.request(inner, e.method, u, header, body)
	if err != nil {
		e.err = err
		return e
	}
	resp, err := c.http.Do(req)
	if err != nil {
		e.err = c.explain(err)
		return e
	}
	defer resp.Body.Close()
	e.status, e.header = resp.StatusCode, resp.Header
	e.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case len(e.body) > maxAnswer:
		e.body, e.ended = e.body[:maxAnswer], fmt.Errorf("its body is longer than %d MiB, and was not read further", maxAnswer>>20)
	case err != nil && errors.Is(err, context.DeadlineExceeded):
		e.ended = fmt.Errorf("its body had not ended after %s", c.timeout)
	case err != nil:
		e.ended = fmt.Errorf("its body was cut off")
	}
	return e
}

// short is a URL as people read it: what is not the publisher's address.
func (c *client) short(u *url.URL) string {
	if origin(u) == origin(c.base) {
		return u.RequestURI()
	}
	return u.String()
}

func (c *client) request(ctx context.Context, method string, u *url.URL, header http.Header, body []byte) (*http.Request, error) {
	target := *u
	if len(c.credentials.Query) > 0 {
		query := target.Query()
		for name, values := range c.credentials.Query {
			if !query.Has(name) {
				if target.RawQuery != "" {
					target.RawQuery += "&"
				}
				target.RawQuery += url.Values{name: values}.Encode()
			}
		}
	}
	var content io.Reader
	if body != nil {
		content = strings.NewReader(string(body))
	}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), content)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = slices.Clone(values)
	}
	for name, values := range c.credentials.Header {
		req.Header[name] = slices.Clone(values)
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	return req, nil
}

// explain says why there was no answer, without the URL that Go puts into its
// errors: it may hold a key.
func (c *client) explain(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer within %s", c.timeout)
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted")
	case errors.Is(err, io.EOF):
		return errors.New("the connection was closed without an answer")
	}
	return err
}

// resolve makes a Location absolute (RFC 9110, section 10.2.2) and makes sure
// that it may be called.
func (c *client) resolve(from *url.URL, location string) (*url.URL, error) {
	ref, err := url.Parse(location)
	if err != nil {
		return nil, errors.New("it is no URL")
	}
	u := from.ResolveReference(ref)
	switch {
	case u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("it is no http or https URL")
	case u.User != nil:
		return nil, errors.New("it holds a user name")
	case !c.allows(u):
		return nil, fmt.Errorf("it names another server, %s, and is not called", u.Scheme+"://"+u.Host)
	}
	u.Fragment = ""
	return u, nil
}

func (c *client) allows(u *url.URL) bool {
	if origin(u) == origin(c.base) {
		return true
	}
	if c.base.Scheme == "https" && u.Scheme != "https" {
		return false
	}
	return slices.ContainsFunc(c.allowed, func(host string) bool {
		if strings.EqualFold(strings.Trim(host, "[]"), u.Hostname()) {
			return true // without a port all are meant
		}
		return origin(&url.URL{Scheme: u.Scheme, Host: host}) == origin(u)
	})
}

// origin is scheme, host and port of a URL (RFC 6454, section 4).
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// reach tries whether the publisher accepts connections.
func (c *client) reach(ctx context.Context) error {
	_, address, _ := strings.Cut(origin(c.base), "://")
	conn, err := (&net.Dialer{Timeout: c.timeout}).DialContext(ctx, "tcp", address)
	if err == nil {
		conn.Close()
	}
	return err
}

// awaitServer waits until the publisher accepts connections.
func (c *client) awaitServer(ctx context.Context, limit time.Duration) bool {
	c.http.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		if c.reach(ctx) == nil {
			return true
		}
		if !sleep(ctx, 50*time.Millisecond) {
			return false
		}
	}
}
