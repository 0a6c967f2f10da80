package rules

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// forPublishers is the severity of what only certification asks for.
func forPublishers(s source.Severity) lint.Levels {
	return lint.Levels{Custom: off, Certified: s, Independent: s}
}

var metadata = []*lint.Rule{
	{
		ID:       "metadata-missing",
		Summary:  "x-ms-connector-metadata lacks the website, the privacy policy or the categories",
		Levels:   forPublishers(failure),
		Official: []string{"ConnectorMetadataPropertiesMissing"},
		Start:    metadataMissing,
	},
	{
		ID:       "metadata-category-unknown",
		Summary:  "a category is not one of the platform's",
		Levels:   forPublishers(failure),
		Official: []string{"InvalidConnectorCategory"},
		Start:    onCategories(metadataCategoryUnknown),
	},
	{
		ID:       "metadata-category-many",
		Summary:  "there are more than two categories",
		Levels:   forPublishers(failure),
		Official: []string{"TooManyConnectorCategories"},
		Start: onCategories(func(p *lint.Pass, value source.Node, names []string) {
			if len(names) > 2 {
				p.Report(value, "%d categories, expected one or two", len(names))
			}
		}),
	},
	{
		ID:       "metadata-email",
		Summary:  "the contact's email is not an address",
		Levels:   lint.Levels{Custom: info, Certified: failure, Independent: failure},
		Official: []string{"ContactEmailNotValid"},
		Start: func(p *lint.Pass) lint.Visitor {
			return lint.Visitor{Member: []lint.OnMember{{Name: "email", Do: func(value source.Node, _ connector.Role) {
				if s, ok := value.Str(); ok && !isEmail(s) {
					p.Report(value, "%q is not an email address", s)
				}
			}}}}
		},
	},
	{
		ID:       "metadata-url",
		Summary:  "a link is not an absolute URL",
		Levels:   lint.Levels{Custom: info, Certified: failure, Independent: failure},
		Official: []string{"UrlNotValid"},
		Start:    metadataURL,
	},
	{
		ID:       "metadata-beta",
		Summary:  "a connector in production has a service in beta",
		Levels:   lint.Everywhere(info),
		Official: []string{"ProductionStatusOnBetaService"},
		Start:    metadataBeta,
	},
}

// metadataNames are the entries of x-ms-connector-metadata, as they are
// documented. The platform does not look at letter case.
var metadataNames = []string{"Website", "Privacy policy", "Categories"}

// metadataEntry returns an entry of x-ms-connector-metadata, absent if there is
// none.
func metadataEntry(list source.Node, name string) source.Node {
	for _, entry := range list.Items() {
		if strings.EqualFold(text(entry.Get("propertyName")), name) {
			return entry
		}
	}
	return source.Node{}
}

func metadataValue(list source.Node, name string) source.Node {
	return metadataEntry(list, name).Get("propertyValue")
}

func metadataMissing(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Member: []lint.OnMember{{Name: "x-ms-connector-metadata", Do: func(list source.Node, on connector.Role) {
		if on != connector.RoleDocument || list.Kind() != source.Array {
			return
		}
		var missing []string
		for _, name := range metadataNames {
			if !metadataValue(list, name).Exists() {
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 {
			f := p.Report(list, "x-ms-connector-metadata has no %s", quoteList(missing))
			f.Fix = suggested("add what is missing, to fill in", list, func(e *source.Editor) {
				for i, added := range emptyMetadata(missing) {
					if entry := metadataEntry(list, missing[i]); entry.Exists() {
						e.Set(entry, "propertyValue", "")
					} else {
						e.Append(list, added)
					}
				}
			})
		}
	}}}}
}

// onCategories makes the Start of a rule that looks at the connector's
// categories.
func onCategories(check func(p *lint.Pass, value source.Node, names []string)) func(*lint.Pass) lint.Visitor {
	return func(p *lint.Pass) lint.Visitor {
		return lint.Visitor{Member: []lint.OnMember{{Name: "x-ms-connector-metadata", Do: func(list source.Node, on connector.Role) {
			value := metadataValue(list, "Categories")
			all, ok := value.Str()
			if !ok || on != connector.RoleDocument {
				return
			}
			var names []string
			for name := range strings.SplitSeq(all, ";") {
				if name = strings.TrimSpace(name); name != "" {
					names = append(names, name)
				}
			}
			check(p, value, names)
		}}}}
	}
}

// categories are those of Microsoft docs, "Submit your connector for
// certification".
var categories = []string{"AI", "Business Management", "Business Intelligence", "Collaboration", "Commerce", "Communication",
	"Content and Files", "Finance", "Data", "Human Resources", "Internet of Things", "IT Operations",
	"Lifestyle and Entertainment", "Marketing", "Productivity", "Sales and CRM", "Security", "Social Media", "Website"}

func metadataCategoryUnknown(p *lint.Pass, value source.Node, names []string) {
	var unknown []string
	meant, onlyCase := slices.Clone(names), true
	for i, name := range names {
		if slices.Contains(categories, name) {
			continue
		}
		unknown = append(unknown, name)
		same := slices.IndexFunc(categories, func(c string) bool { return strings.EqualFold(c, name) })
		if same < 0 {
			onlyCase = false
			meant[i] = lint.Nearest(name, categories)
		} else {
			meant[i] = categories[same]
		}
	}
	switch {
	case len(names) == 0:
		p.Report(value, "there is no category").Hint = "expected one or two of " + strings.Join(categories, ", ")
		return
	case len(unknown) == 0:
		return
	}
	f := p.Report(value, "no category is called %s", quoteList(unknown))
	f.Hint = "expected one or two of " + strings.Join(categories, ", ")
	if !slices.Contains(meant, "") {
		list := strings.Join(meant, ";")
		f.Hint = "expected " + strconv.Quote(list)
		f.Fix = suggested("write "+strconv.Quote(list), value, func(e *source.Editor) { e.Replace(value, list) })
		if f.Fix != nil {
			f.Fix.Safe = onlyCase
		}
	}
}

func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	name, top := domain, ""
	if dot := strings.LastIndexByte(domain, '.'); dot >= 0 {
		name, top = domain[:dot], domain[dot+1:]
	}
	plain := !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
	return ok && plain && local != "" && name != "" && len(top) > 1 && !strings.ContainsAny(domain, "@,;:<>")
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (strings.EqualFold(u.Scheme, "http") || strings.EqualFold(u.Scheme, "https")) && u.Host != "" && !strings.ContainsAny(s, " \t\r\n")
}

func metadataURL(p *lint.Pass) lint.Visitor {
	check := func(value source.Node) {
		s, ok := value.Str()
		if !ok || isURL(s) {
			return
		}
		f := p.Report(value, "%q is not an absolute URL", s)
		f.Hint = "expected https:// and a host"
		host, _, _ := strings.Cut(s, "/")
		if with := "https://" + s; strings.Contains(host, ".") && !strings.ContainsAny(host, ":@") && isURL(with) {
			f.Fix = suggested("put https:// before it", value, func(e *source.Editor) { e.Replace(value, with) })
		}
	}
	return lint.Visitor{Member: []lint.OnMember{
		{Name: "url", Do: func(value source.Node, _ connector.Role) { check(value) }},
		{Name: "x-ms-docs", Do: func(list source.Node, _ connector.Role) {
			for _, entry := range list.Items() {
				check(entry.Get("url"))
			}
		}},
		{Name: "x-ms-connector-metadata", Do: func(list source.Node, _ connector.Role) {
			for _, name := range metadataNames[:2] {
				check(metadataValue(list, name))
			}
		}},
	}}
}

func metadataBeta(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Definition: func(d *connector.Definition) {
		status := d.Root.Get("info").Get("x-ms-api-annotation").Get("status")
		if !status.Is("Production") {
			return
		}
		for _, n := range []source.Node{d.Root.Get("info").Get("version"), d.Root.Get("host"), d.Root.Get("basePath")} {
			if s := strings.ToLower(text(n)); strings.Contains(s, "beta") || strings.Contains(s, "preview") {
				f := p.Report(status, "the status is Production, but the service seems to be in beta")
				f.Related = []source.Related{lint.Related(n, "because of %q", text(n))}
				f.Fix = suggested("set the status to Preview", status, func(e *source.Editor) { e.Replace(status, "Preview") })
				return
			}
		}
	}}
}
