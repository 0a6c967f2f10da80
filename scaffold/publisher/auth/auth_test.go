package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func request(change func(*http.Request)) *http.Request {
	r := httptest.NewRequest("POST", "/x?code=one&other=x", nil)
	change(r)
	return r
}

func header(name, value string) *http.Request {
	return request(func(r *http.Request) { r.Header.Set(name, value) })
}

func TestAuthenticators(t *testing.T) {
	basic := func(user, password string) *http.Request {
		return request(func(r *http.Request) { r.SetBasicAuth(user, password) })
	}
	for name, test := range map[string]struct {
		auth Authenticator
		r    *http.Request
		ok   bool
	}{
		"key":                    {APIKey("header", "X-Api-Key", []string{"a", "b"}), header("X-Api-Key", "b"), true},
		"wrong key":              {APIKey("header", "X-Api-Key", []string{"a", "b"}), header("X-Api-Key", "c"), false},
		"key elsewhere":          {APIKey("header", "X-Api-Key", []string{"a"}), header("X-Other", "a"), false},
		"key in the query":       {APIKey("query", "code", []string{"one"}), header("code", "x"), true},
		"no keys":                {APIKey("header", "X-Api-Key", nil), header("X-Other", "a"), false},
		"an empty key is none":   {APIKey("header", "X-Api-Key", []string{""}), header("X-Other", "a"), false},
		"user":                   {Basic([]string{"anna:p:w"}), basic("anna", "p:w"), true},
		"wrong password":         {Basic([]string{"anna:pw"}), basic("anna", "p"), false},
		"no user":                {Basic([]string{":"}), basic("", "x"), false},
		"token":                  {Bearer(Tokens([]string{"t"})), header("Authorization", "bearer t"), true},
		"wrong scheme":           {Bearer(Tokens([]string{"t"})), header("Authorization", "Basic t"), false},
		"no token":               {Bearer(Tokens([]string{""})), header("Authorization", "Bearer "), false},
		"any, the second":        {Any(Basic([]string{"a:b"}), Bearer(Tokens([]string{"t"}))), header("Authorization", "Bearer t"), true},
		"any, none of them":      {Any(Basic([]string{"a:b"}), Bearer(Tokens([]string{"t"}))), header("Authorization", "Bearer u"), false},
		"any of nothing refuses": {Any(), header("Authorization", "Bearer u"), false},
	} {
		who, err := test.auth.Authenticate(test.r)
		if (err == nil) != test.ok || test.ok && !strings.Contains(who, ":") || !test.ok && who != "" {
			t.Errorf("%s: %q, %v", name, who, err)
		}
	}
	all := Any(APIKey("header", "K", nil), Basic(nil), Bearer(Tokens(nil))).(interface{ Challenge() string })
	if got := all.Challenge(); got != `ApiKey, Basic realm="connector", Bearer` {
		t.Errorf("a 401 asks for %s", got)
	}
	first, _ := APIKey("header", "K", []string{"a", "b"}).Authenticate(header("K", "a"))
	second, _ := APIKey("header", "K", []string{"a", "b"}).Authenticate(header("K", "b"))
	if first == second || strings.HasSuffix(first, ":a") {
		t.Errorf("two keys are %q and %q", first, second)
	}
}

// TestJWT verifies tokens against an issuer's keys.
func TestJWT(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{
			"kty": "EC", "crv": "P-256", "kid": "k1", "alg": "ES256", "use": "sig", "x": encode(point[1:33]), "y": encode(point[33:])}}})
	}))
	defer issuer.Close()
	v, err := JWT(t.Context(), JWTOptions{JWKS: issuer.URL, Issuer: "https://issuer.example", Audience: "api"})
	if err != nil {
		t.Fatal(err)
	}
	good := func() jwt.MapClaims {
		return jwt.MapClaims{"iss": "https://issuer.example", "aud": "api", "sub": "anna", "exp": time.Now().Add(time.Hour).Unix()}
	}
	sign := func(method jwt.SigningMethod, with any, change func(jwt.MapClaims)) string {
		claims := good()
		change(claims)
		token := jwt.NewWithClaims(method, claims)
		token.Header["kid"] = "k1"
		text, err := token.SignedString(with)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	nothing := func(jwt.MapClaims) {}
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	for name, token := range map[string]string{
		"":               sign(jwt.SigningMethodES256, key, nothing),
		"another key":    sign(jwt.SigningMethodES256, other, nothing),
		"symmetric":      sign(jwt.SigningMethodHS256, point, nothing),
		"unsigned":       sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nothing),
		"expired":        sign(jwt.SigningMethodES256, key, func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Hour).Unix() }),
		"without expiry": sign(jwt.SigningMethodES256, key, func(c jwt.MapClaims) { delete(c, "exp") }),
		"other issuer":   sign(jwt.SigningMethodES256, key, func(c jwt.MapClaims) { c["iss"] = "https://other.example" }),
		"other audience": sign(jwt.SigningMethodES256, key, func(c jwt.MapClaims) { c["aud"] = "other" }),
		"of nobody":      sign(jwt.SigningMethodES256, key, func(c jwt.MapClaims) { delete(c, "sub") }),
		"garbage":        "a.b.c",
	} {
		who, err := Bearer(v).Authenticate(header("Authorization", "Bearer "+token))
		if ok := name == ""; (err == nil) != ok || ok && who != "sub:anna" {
			t.Errorf("%q: %q, %v", name, who, err)
		}
	}
	if _, err := JWT(t.Context(), JWTOptions{JWKS: issuer.URL}); err == nil {
		t.Error("a verifier without issuer and audience was made")
	}
}
