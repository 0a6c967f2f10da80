package rules

import (
	"net"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

var server = []*lint.Rule{
	{
		ID:       "server-host",
		Summary:  "host is more or less than the name of a host",
		Levels:   lint.Everywhere(failure),
		Start:    serverHost,
		Official: []string{"HostNameNotValid"},
	},
	{
		ID:       "server-base-path",
		Summary:  "basePath does not start with a slash",
		Levels:   lint.Everywhere(failure),
		Start:    serverBasePath,
		Official: []string{"BasePathNotValid"},
	},
	{
		ID:       "server-scheme",
		Summary:  "a scheme is neither http nor https",
		Levels:   lint.Everywhere(failure),
		Start:    serverScheme,
		Official: []string{"SchemeNotValid", "SchemeNotSupported"},
	},
	{
		ID:      "server-private",
		Summary: "host is an address that only its own network reaches",
		Levels:  forPublishers(failure), // others may have a gateway there
		Start:   serverPrivate,
	},
}

func serverHost(p *lint.Pass) lint.Visitor {
	return eachMember(func(at source.Node, _ connector.Role) {
		host, ok := at.Str()
		if !ok || isHost(host) || strings.HasPrefix(host, "@environmentVariables(") {
			return
		}
		f := p.Report(at, "host is %q, expected a name such as api.example.com, with a port or without", host)
		_, bare, hasScheme := strings.Cut(host, "://")
		if !hasScheme {
			bare = host
		}
		if bare = strings.TrimRight(strings.TrimSpace(bare), "/"); isHost(bare) {
			f.Fix = safe("write "+bare, at, func(e *source.Editor) { e.Replace(at, bare) })
			return
		}
		f.Hint = "the scheme goes into schemes, a path into basePath"
	}, "host")
}

// isHost reports whether a text is a host with a port or without (the swagger
// JSON schema: ^[^{}/ :\\]+(:\d+)?$).
func isHost(s string) bool {
	name, port := splitPort(s)
	return name != "" && !strings.ContainsAny(name, "{}/ :\\") && strings.Trim(port, "0123456789") == ""
}

func splitPort(host string) (name, port string) {
	if h, p, err := net.SplitHostPort(host); err == nil {
		return h, p
	}
	return host, ""
}

// serverPrivate leaves a host alone that a policy replaces.
func serverPrivate(p *lint.Pass) lint.Visitor {
	private, replaced := source.Node{}, false
	v := onPolicy(func(_ *lint.Pass, _ source.Node, id string) { replaced = replaced || id == "dynamichosturl" })(p)
	v.Member = []lint.OnMember{{Name: "host", Do: func(at source.Node, on connector.Role) {
		if host, ok := at.Str(); ok && on == connector.RoleDocument && isHost(host) && isPrivate(host) {
			private = at
		}
	}}}
	v.End = func() {
		if private.Exists() && !replaced {
			p.Report(private, "host is %q, which only its own network reaches", text(private)).
				Hint = "the platform calls the service from the internet: expected its production address"
		}
	}
	return v
}

func isPrivate(host string) bool {
	name, _ := splitPort(strings.ToLower(host))
	ip := net.ParseIP(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost") ||
		ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
}

func serverBasePath(p *lint.Pass) lint.Visitor {
	return eachMember(func(at source.Node, _ connector.Role) {
		if s, ok := at.Str(); ok && !strings.HasPrefix(s, "/") {
			p.Report(at, "basePath is %q, expected it to start with a slash", s).
				Fix = safe("write /"+s, at, func(e *source.Editor) { e.Replace(at, "/"+s) })
		}
	}, "basePath")
}

func serverScheme(p *lint.Pass) lint.Visitor {
	return eachMember(func(list source.Node, _ connector.Role) {
		for _, item := range list.Items() {
			s, ok := item.Str()
			if !ok || s == "http" || s == "https" {
				continue
			}
			f := p.Report(item, `the scheme is %q, expected "https"`, s)
			if f.Official = "SchemeNotValid"; s == "ws" || s == "wss" {
				f.Official, f.Message = "SchemeNotSupported", `the platform does not speak "`+s+`", expected "https"`
			}
			f.Fix = safe("write https", item, func(e *source.Editor) { e.Replace(item, "https") })
		}
	}, "schemes")
}
