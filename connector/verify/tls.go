package verify

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// suites are the cipher suites that Logic Apps takes on incoming calls
// (Microsoft docs: HTTP webhooks in Azure Logic Apps), by their IANA names.
var suites = []struct {
	name string
	id   uint16 // 0: Go has no such suite
}{
	{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384},
	{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
	{"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384},
	{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
	{"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", 0},
	{"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256},
	{"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", 0},
	{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256},
}

// MissingSuites returns the cipher suites that the platform takes and this
// program does not offer.
func MissingSuites() []string {
	var missing []string
	for _, s := range suites {
		if s.id == 0 {
			missing = append(missing, s.name)
		}
	}
	return missing
}

// PlatformTLS makes the TLS settings of a listener that takes what the
// platform takes, TLS 1.2 alone with its suites, and the certificate, as PEM,
// that a publisher must trust. Names are the hosts that callbacks are called
// at, besides the loopback.
func PlatformTLS(names ...string) (settings *tls.Config, certificate []byte, err error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	ca := &x509.Certificate{
		Subject: pkix.Name{CommonName: "connectorctl verify"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if ca, err = sign(ca, ca, caKey, caKey); err != nil {
		return nil, nil, err
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, err
	}
	ecdsaKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	settings = &tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}
	for _, s := range suites {
		if s.id != 0 {
			settings.CipherSuites = append(settings.CipherSuites, s.id)
		}
	}
	for _, key := range []crypto.Signer{ecdsaKey, rsaKey} {
		leaf := &x509.Certificate{
			Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
			KeyUsage:    x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		for _, name := range names {
			if ip := net.ParseIP(name); ip != nil {
				leaf.IPAddresses = append(leaf.IPAddresses, ip)
			} else if name != "" {
				leaf.DNSNames = append(leaf.DNSNames, name)
			}
		}
		if leaf, err = sign(leaf, ca, key, caKey); err != nil {
			return nil, nil, err
		}
		settings.Certificates = append(settings.Certificates, tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key})
	}
	return settings, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}), nil
}

// sign issues a certificate for a day.
func sign(c, parent *x509.Certificate, key, parentKey crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	c.SerialNumber, c.NotBefore, c.NotAfter = serial, time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), parentKey)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
