// Package auth says who sends a request, as a definition's securityDefinitions
// ask for: an API key, a user with a password, or a bearer token. Credentials
// are compared by their hashes, so that time tells nothing of them, and are
// named by a part of the hash in what the publisher keeps and shows.
package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// Authenticator is what the publisher asks; it is declared here as well, so that
// this package stands alone.
type Authenticator interface {
	Authenticate(r *http.Request) (principal string, err error)
}

type authenticator struct {
	find      func(r *http.Request) (string, error)
	challenge string // of WWW-Authenticate (RFC 9110, section 11.6.1)
}

func (a authenticator) Authenticate(r *http.Request) (string, error) { return a.find(r) }

// Challenge says which credentials a 401 asks for.
func (a authenticator) Challenge() string { return a.challenge }

var errCredentials = errors.New("the credentials are missing or not valid")

// secrets is a set of credentials, by hash.
type secrets map[[32]byte]string

func newSecrets(kind string, list []string) secrets {
	s := secrets{}
	for _, one := range list {
		if hash := sha256.Sum256([]byte(one)); one != "" {
			s[hash] = kind + ":" + hex.EncodeToString(hash[:4])
		}
	}
	return s
}

func (s secrets) find(given string) (principal string, err error) {
	hash := sha256.Sum256([]byte(given))
	for known, name := range s {
		if subtle.ConstantTimeCompare(known[:], hash[:]) == 1 {
			principal = name
		}
	}
	if principal == "" {
		return "", errCredentials
	}
	return principal, nil
}

// APIKey takes one of the keys in a header or a query parameter (OpenAPI 2.0,
// security scheme apiKey).
func APIKey(in, name string, keys []string) Authenticator {
	known := newSecrets("key", keys)
	return authenticator{func(r *http.Request) (string, error) {
		if in == "query" {
			return known.find(r.URL.Query().Get(name))
		}
		return known.find(r.Header.Get(name))
	}, "ApiKey"}
}

// Basic takes one of the users, each written "user:password" (RFC 7617).
func Basic(users []string) Authenticator {
	known := newSecrets("user", users)
	return authenticator{func(r *http.Request) (string, error) {
		user, password, _ := r.BasicAuth()
		return known.find(user + ":" + password)
	}, `Basic realm="connector"`}
}

// Verifier says whose a bearer token is.
type Verifier interface {
	Verify(ctx context.Context, token string) (principal string, err error)
}

// Bearer takes a bearer token (RFC 6750), as OAuth 2.0 connections send it.
func Bearer(v Verifier) Authenticator {
	return authenticator{func(r *http.Request) (string, error) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return "", errCredentials
		}
		return v.Verify(r.Context(), token)
	}, "Bearer"}
}

// Tokens verifies against a fixed list.
func Tokens(tokens []string) Verifier { return newSecrets("token", tokens) }

// Verify implements [Verifier].
func (s secrets) Verify(_ context.Context, token string) (string, error) { return s.find(token) }

// JWTOptions say which tokens are good.
type JWTOptions struct {
	JWKS     string // URL of the issuer's keys (RFC 7517), read at the start and again when a key is unknown
	Issuer   string // the claim "iss"
	Audience string // the claim "aud"
}

// JWT verifies signed tokens (RFC 7519): signature, expiry, issuer and
// audience. The principal is the claim "sub". Symmetric and unsigned tokens are
// refused. It reads the keys once before it returns, and keeps them fresh until
// ctx ends.
func JWT(ctx context.Context, o JWTOptions) (Verifier, error) {
	if o.JWKS == "" || o.Issuer == "" || o.Audience == "" {
		return nil, errors.New("tokens are verified by JWKS_URL, JWT_ISSUER and JWT_AUDIENCE: all three are needed")
	}
	keys, err := keyfunc.NewDefaultCtx(ctx, []string{o.JWKS})
	if err != nil {
		return nil, fmt.Errorf("read the keys of %s: %w", o.JWKS, err)
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}),
		jwt.WithIssuer(o.Issuer), jwt.WithAudience(o.Audience), jwt.WithExpirationRequired(), jwt.WithLeeway(time.Minute))
	return verifier(func(ctx context.Context, token string) (string, error) {
		parsed, err := parser.Parse(token, keys.KeyfuncCtx(ctx))
		if err != nil {
			return "", errCredentials
		}
		subject, err := parsed.Claims.GetSubject()
		if err != nil || subject == "" {
			return "", errCredentials
		}
		return "sub:" + subject, nil
	}), nil
}

type verifier func(ctx context.Context, token string) (string, error)

func (f verifier) Verify(ctx context.Context, token string) (string, error) { return f(ctx, token) }

// Any takes what one of the authenticators takes.
func Any(list ...Authenticator) Authenticator {
	var challenges []string
	for _, a := range list {
		if c, ok := a.(interface{ Challenge() string }); ok {
			challenges = append(challenges, c.Challenge())
		}
	}
	return authenticator{func(r *http.Request) (string, error) {
		for _, a := range list {
			if principal, err := a.Authenticate(r); err == nil {
				return principal, nil
			}
		}
		return "", errCredentials
	}, strings.Join(challenges, ", ")}
}
