package publisher

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// PlatformHosts are where Power Automate and Logic Apps take notifications, with
// the sovereign clouds. "*." stands for at least one label.
var PlatformHosts = []string{
	"*.logic.azure.com", "*.azure-apim.net", "*.api.powerplatform.com",
	"*.logic.azure.us", "*.azure-apim.us", "*.api.gov.powerplatform.microsoft.us", "*.api.high.powerplatform.microsoft.us", "*.api.appsplatform.us",
	"*.logic.azure.cn", "*.azure-apim.cn", "*.api.powerplatform.partner.microsoftonline.cn",
}

// callbackPolicy says where notifications may go: by name when a callback is
// registered, and by address when it is dialled, because names change what they
// stand for.
type callbackPolicy struct {
	hosts   []string
	dev     bool   // http and loopback, for development only
	blocked func() // counts refused addresses
}

const maxCallback = 8 << 10

// check says what is wrong with a callback URL. It never repeats any of it.
func (p callbackPolicy) check(callback string) (host string, err error) {
	if len(callback) > maxCallback {
		return "", errors.New("the callback URL is longer than 8 KiB")
	}
	for i := range len(callback) {
		if c := callback[i]; c <= ' ' || c >= 0x7f || c == '\\' || c == '"' || c == '<' || c == '>' {
			return "", errors.New("the callback URL has a character that no URL has (RFC 3986)")
		}
	}
	u, err := url.Parse(callback)
	switch {
	case err != nil || u.Opaque != "" || u.Host == "" || u.Hostname() == "":
		return "", errors.New("the callback is no absolute URL")
	case u.Scheme != "https" && !(p.dev && u.Scheme == "http"):
		return "", errors.New("the callback URL is not https")
	case u.User != nil:
		return "", errors.New("the callback URL has user information")
	case strings.Contains(callback, "#"):
		return "", errors.New("the callback URL has a fragment")
	case strings.HasPrefix(u.EscapedPath(), "//"):
		return "", errors.New("the path of the callback URL starts with two slashes")
	case !strings.HasPrefix(callback, u.Scheme+"://"+u.Host):
		return "", errors.New("the callback URL is not in its usual form")
	}
	host = strings.ToLower(u.Hostname())
	if p.dev && isLoopback(host) {
		return u.Host, nil
	}
	if strings.HasSuffix(u.Host, ":") || u.Port() != "" && u.Port() != "443" {
		return "", errors.New("the port of the callback URL is not 443")
	}
	if !slices.ContainsFunc(p.hosts, func(pattern string) bool { return matchesHost(pattern, host) }) {
		return "", errors.New("the host of the callback URL is not one of those that may be called (CALLBACK_HOSTS)")
	}
	return host, nil
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

var hostPattern = regexp.MustCompile(`^(\*\.)?[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*$`)

func checkHosts(patterns []string) error {
	for _, p := range patterns {
		if !hostPattern.MatchString(p) {
			return fmt.Errorf("CALLBACK_HOSTS: %q is no host: expected one such as example.com, or *.example.com for those below it", p)
		}
	}
	return nil
}

// matchesHost compares on label boundaries.
func matchesHost(pattern, host string) bool {
	pattern = strings.ToLower(pattern)
	if suffix, any := strings.CutPrefix(pattern, "*"); any {
		return strings.HasSuffix(host, suffix) && len(host) > len(suffix) && !strings.HasPrefix(host, ".") && !strings.Contains(host, "..")
	}
	return host == pattern
}

var errBlocked = errors.New("the address may not be called")

// checkAddress stops a connection to an address that is not on the public
// internet. It runs after the name is resolved, for the address that is dialled.
func (p callbackPolicy) checkAddress(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err == nil && (isPublic(to.Addr()) || p.dev && to.Addr().Unmap().IsLoopback()) {
		return nil
	}
	if p.blocked != nil {
		p.blocked()
	}
	return errBlocked
}

// isPublic reports whether an address is one of the public internet (IANA
// special-purpose address registries).
func isPublic(a netip.Addr) bool {
	if a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

var special = func() (prefixes []netip.Prefix) {
	for _, p := range strings.Fields(`0.0.0.0/8 100.64.0.0/10 168.63.129.16/32 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15
		198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fec0::/10`) {
		prefixes = append(prefixes, netip.MustParsePrefix(p))
	}
	return prefixes
}()
