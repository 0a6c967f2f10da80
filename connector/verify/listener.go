package verify

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// listener receives notifications at callback URLs, as the platform does.
type listener struct {
	server *http.Server
	base   string                         // what callback URLs start with
	said   func(c *callback, d *delivery) // is told of each notification

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced when something arrives
	callbacks []*callback
	strays    []*delivery // requests to no callback URL
	refused   []string    // connections that came to no request, as TLS handshakes
}

// callback is one URL that notifications are sent to.
type callback struct {
	trigger string
	role    string
	url     string // as the publisher gets it
	uri     string // path and query of it, which requests must carry byte for byte
	token   string
	secret  string
	reply   func(n int) reply // to the n-th delivery since it was armed, from 0
	release chan struct{}     // ends waiting replies when closed
	once    sync.Once

	armed      time.Time // before that, everything is taken
	deliveries []*delivery
}

// reply is how a notification is answered.
type reply struct {
	status     int
	retryAfter string
	hold       bool // only once the callback is released
	reset      bool // not at all: the connection is reset
}

func (r reply) String() string {
	switch {
	case r.reset:
		return "connection reset"
	case r.hold:
		return "no answer yet"
	}
	text := fmt.Sprintf("%d %s", r.status, http.StatusText(r.status))
	if r.retryAfter != "" {
		text += ", Retry-After: " + r.retryAfter
	}
	return text
}

// delivery is one request to a callback URL.
type delivery struct {
	at, ended time.Time // ended is zero while the answer is held back
	method    string
	uri       string
	header    http.Header
	body      []byte
	truncated bool
	reply     reply
	cut       bool // the publisher gave up waiting
}

func (d *delivery) String() string {
	text := fmt.Sprintf("%s callback URL", d.method)
	if t := d.header.Get("Content-Type"); t != "" {
		text += ", Content-Type: " + t
	}
	if len(d.body) > 0 {
		text += ", " + excerpt(d.body)
	}
	return text + " → " + d.reply.String()
}

// maxDeliveries bounds what is kept of what a callback receives.
const maxDeliveries = 100

// listen opens a listener for a trigger. One that is told its address can be
// opened once, and is there for all.
func (r *run) listen(trigger string) (*listener, error) {
	if r.shared != nil {
		return r.shared, nil
	}
	l, err := r.open(func(c *callback, d *delivery) {
		if c == nil {
			r.say(trigger, "← %s %s → 404 Not Found: no callback URL", d.method, d.uri)
			return
		}
		r.say(c.trigger, "← %s (%s)", d, c.role)
	})
	if err == nil && r.Listen != "" {
		r.shared = l
	}
	return l, err
}

func (r *run) open(said func(*callback, *delivery)) (*listener, error) {
	address := r.Listen
	if address == "" {
		address = "127.0.0.1:0"
	}
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for callbacks: %w", err)
	}
	l := &listener{said: said, changed: make(chan struct{})}
	l.server = &http.Server{
		Handler:           http.HandlerFunc(l.serve),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(handshakes{l}, "", 0),
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){}, // HTTP/1.1, of which connections can be reset
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
		socket = tls.NewListener(socket, r.TLS)
	}
	l.base = scheme + "://" + reachable(socket.Addr())
	if r.CallbackURL != nil {
		l.base = strings.TrimRight(r.CallbackURL.String(), "/")
	}
	go l.server.Serve(socket)
	return l, nil
}

// reachable is an address to call: one that stands for all of this computer's
// is not, but its loopback is among them.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}

// handshakes takes what the server logs: connections that came to no request.
type handshakes struct{ l *listener }

func (h handshakes) Write(line []byte) (int, error) {
	if _, reason, found := strings.Cut(string(line), "TLS handshake error from "); found {
		_, reason, _ = strings.Cut(reason, ": ")
		h.l.change(func() {
			if len(h.l.refused) < maxDeliveries {
				h.l.refused = append(h.l.refused, strings.TrimSpace(reason))
			}
		})
	}
	return len(line), nil
}

func (l *listener) close() {
	l.mu.Lock()
	callbacks := l.callbacks
	l.mu.Unlock()
	for _, c := range callbacks {
		c.free()
	}
	l.server.Close()
}

// callback makes a callback URL like the platform's: everything that matters is
// in path and query, and both are secret. Whatever decodes and encodes the text
// anew writes at least one of its characters in another way: forms turn %20 into
// +, others + into %2B or %20; Java and JavaScript encode ~, and a comma and a
// colon need not be. What clients do by themselves to
// URLs that are equivalent (RFC 3986, section 6.2.2), such as %2f into %2F, is
// left out: no signature of the platform's depends on it.
func (l *listener) callback(trigger, role string, reply func(n int) reply, secret *redactor) *callback {
	c := &callback{trigger: trigger, role: role, token: random(16), secret: random(24), reply: reply, release: make(chan struct{})}
	c.uri = "/workflows/" + c.token + "/triggers/manual%3A1,2/paths/invoke?api-version=2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&on=a%20b+c~d,e:f&sv=1.0&sig=" + c.secret
	c.url = l.base + c.uri
	if u, err := url.Parse(c.url); err == nil {
		c.uri = u.RequestURI()
	}
	secret.add(redacted, c.token, c.secret)
	secret.add("CALLBACK-URL", c.url)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.callbacks = append(l.callbacks, c)
	return c
}

// random returns n random bytes in hexadecimal digits.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// free ends waiting replies.
func (c *callback) free() { c.once.Do(func() { close(c.release) }) }

// change does something that await may be waiting for.
func (l *listener) change(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
	close(l.changed)
	l.changed = make(chan struct{})
}

// await waits until a condition holds, which is asked again whenever something
// has arrived. It reports whether it does.
func (l *listener) await(ctx context.Context, until time.Time, condition func() bool) bool {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	for {
		l.mu.Lock()
		holds, changed := condition(), l.changed
		l.mu.Unlock()
		if holds {
			return true
		}
		select {
		case <-changed:
		case <-timer.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// find returns the callback that a request means: its token is somewhere in the
// request's URI, however that was changed on its way.
func (l *listener) find(uri string) *callback {
	uri = strings.ToLower(uri)
	for _, c := range l.callbacks {
		if strings.Contains(uri, c.token) || strings.Contains(uri, c.secret) {
			return c
		}
	}
	return nil
}

func (l *listener) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	d := &delivery{at: time.Now(), method: r.Method, uri: r.RequestURI, header: r.Header, body: body}
	if d.truncated = len(body) > maxAnswer; d.truncated {
		d.body = body[:maxAnswer]
	}
	if err != nil {
		return // not a whole request
	}
	var c *callback
	l.change(func() {
		if c = l.find(r.RequestURI); c == nil {
			d.reply = reply{status: http.StatusNotFound}
			if len(l.strays) < maxDeliveries {
				l.strays = append(l.strays, d)
			}
			return
		}
		d.reply = c.answer()
		if !d.reply.hold {
			d.ended = d.at
		}
		if len(c.deliveries) < maxDeliveries {
			c.deliveries = append(c.deliveries, d)
		}
	})
	l.said(c, d)
	switch {
	case d.reply.reset:
		reset(w)
		return
	case d.reply.hold:
		l.hold(r.Context(), c, d)
	}
	if d.reply.retryAfter != "" {
		w.Header().Set("Retry-After", d.reply.retryAfter)
	}
	w.WriteHeader(d.reply.status)
}

// answer chooses the reply to the next delivery. The caller holds the lock.
func (c *callback) answer() reply {
	if c.armed.IsZero() {
		return accepted
	}
	n := 0
	for _, d := range c.deliveries {
		if !d.at.Before(c.armed) {
			n++
		}
	}
	return c.reply(n)
}

// hold keeps the publisher waiting.
func (l *listener) hold(ctx context.Context, c *callback, d *delivery) {
	cut := false
	select {
	case <-ctx.Done():
		cut = true
	case <-c.release:
	}
	l.change(func() { d.ended, d.cut = time.Now(), cut })
}

// reset drops a connection so that the other side gets an error at once
// (RFC 9293, section 3.5.2).
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if socket, ok := conn.(*net.TCPConn); ok {
		socket.SetLinger(0)
	}
	conn.Close()
}
