package publisher

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// sender POSTs notifications. It never lets a callback URL out: what net/http
// says of a failure holds the whole URL, so only its class is kept.
type sender struct {
	transport *http.Transport // follows no redirect
	timeout   time.Duration
	secrets   [][]byte // of signatures; none: not signed
	now       func() time.Time
}

// maxAnswer is how much of an answer is read, to keep the connection alive.
const maxAnswer = 64 << 10

func newSender(o *Options, policy callbackPolicy, now func() time.Time) (*sender, error) {
	s := &sender{timeout: o.Timeout, now: now}
	for _, secret := range o.SigningSecrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || len(key) < 24 || len(key) > 64 {
			return nil, errors.New("SIGNING_SECRETS: a secret is whsec_ and the base64 of 24 to 64 bytes (Standard Webhooks)")
		}
		s.secrets = append(s.secrets, key)
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second, ControlContext: policy.checkAddress}
	s.transport = &http.Transport{
		// No proxy: it would be dialled instead of the address that is checked.
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1: a stalled stream stalls no other
		MaxIdleConns:           4 * o.Workers,
		MaxIdleConnsPerHost:    2 * o.Workers, // flows of a region share a host: fewer, and busy connections are closed and dialled anew
		IdleConnTimeout:        90 * time.Second,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxAnswer,
	}
	return s, nil
}

// target opens a callback for a claim. It is nil for one that today may not be
// called, whatever was allowed when it was registered.
func (s *Server) target(sealed, idHash []byte) *url.URL {
	callback, err := s.seal.open(sealed, idHash)
	if _, refused := s.policy.check(callback); err != nil || refused != nil {
		return nil
	}
	target, _ := exactURL(callback)
	return target
}

// send POSTs one event to a callback URL.
func (s *sender) send(ctx context.Context, target *url.URL, e *event) outcome {
	if target == nil {
		return outcome{verdict: park, class: "blocked"}
	}
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	r := (&http.Request{
		Method: http.MethodPost, URL: target, Host: target.Host, ContentLength: int64(len(e.body)),
		Body:    io.NopCloser(bytes.NewReader(e.body)),
		GetBody: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(e.body)), nil },
		Header:  s.header(e),
	}).WithContext(limited)
	answer, err := s.transport.RoundTrip(r)
	if err != nil {
		if ctx.Err() != nil {
			return outcome{verdict: unsent, class: "stopped"}
		}
		return outcome{verdict: park, class: failureClass(err)}
	}
	_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer)
	_ = answer.Body.Close()
	return judge(answer.StatusCode, answer.Header, s.now())
}

// header follows Standard Webhooks 1.0.0. The id stays the same over retries,
// so a receiver can tell duplicates.
func (s *sender) header(e *event) http.Header {
	stamp := strconv.FormatInt(s.now().Unix(), 10)
	h := http.Header{
		"Content-Type":      {"application/json"},
		"User-Agent":        {"connector-publisher"},
		"Webhook-Id":        {e.id},
		"Webhook-Timestamp": {stamp},
	}
	var signatures []string
	for _, secret := range s.secrets {
		mac := hmac.New(sha256.New, secret)
		_, _ = io.WriteString(mac, e.id+"."+stamp+".")
		_, _ = mac.Write(e.body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	if len(signatures) > 0 {
		h["Webhook-Signature"] = []string{strings.Join(signatures, " ")}
	}
	return h
}

// exactURL keeps path and query byte for byte: decoding and encoding them anew
// would break the signature inside.
func exactURL(callback string) (*url.URL, error) {
	parsed, err := url.Parse(callback)
	if err != nil {
		return nil, errors.New("it is no URL")
	}
	rest := callback[strings.Index(callback, "://")+len("://")+len(parsed.Host):]
	path, query, hasQuery := strings.Cut(rest, "?")
	if path == "" {
		path = "/"
	}
	return &url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Opaque: path, RawQuery: query, ForceQuery: hasQuery}, nil
}

// failureClass names a failure without its text.
func failureClass(err error) string {
	var timeout net.Error
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.Is(err, errBlocked):
		return "blocked"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.As(err, &dns):
		return "dns"
	case errors.As(err, &certificate), errors.As(err, &record), errors.As(err, &alert):
		return "tls"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "reset"
	}
	return "network"
}
