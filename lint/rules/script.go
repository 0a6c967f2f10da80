package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
)

// script are the rules on custom code (Microsoft docs: "Write code in a custom
// connector"). What the compiler sees is not looked at.
var script = []*lint.Rule{
	{
		ID:      "script-operation",
		Summary: "scriptOperations names an operation that does not exist",
		Levels:  lint.Everywhere(failure),
		Start: func(p *lint.Pass) lint.Visitor {
			return lint.Visitor{Properties: func(f *source.File) {
				reportOperations(p, propertiesOf(f).Get("scriptOperations"), "scriptOperations")
			}}
		},
	},
	{
		ID:      "script-missing",
		Summary: "apiProperties.json has script operations, and there is no script",
		Levels:  lint.Everywhere(failure),
		Start:   scriptMissing,
	},
	{
		ID:      "script-unused",
		Summary: "there is a script, and apiProperties.json does not say what it is for",
		Levels:  lint.Everywhere(warning),
		Start:   scriptUnused,
	},
	{
		ID:      "script-name",
		Summary: "the script is not named script.csx",
		Levels:  lint.Everywhere(warning),
		Start: onScript(func(p *lint.Pass, f *source.File) {
			if base := baseName(f); base != "script.csx" {
				p.ReportIn(f, source.Range{}, "the script is named %q, expected \"script.csx\"", base)
			}
		}),
	},
	{
		ID:      "script-class",
		Summary: "the script has no class that the platform can run",
		Levels:  lint.Everywhere(failure),
		Start:   onScript(scriptClass),
	},
	{
		ID:      "script-size",
		Summary: "the script is too large",
		Levels:  lint.Everywhere(failure),
		Start: onScript(func(p *lint.Pass, f *source.File) {
			if len(f.Text) > maxScript {
				p.ReportIn(f, source.Range{}, "the script has %d bytes, expected at most %d", len(f.Text), maxScript)
			}
		}),
	},
	{
		ID:      "script-http-client",
		Summary: "the script makes an HttpClient of its own",
		Levels:  lint.Everywhere(warning),
		Start: onScript(func(p *lint.Pass, f *source.File) {
			for _, at := range scriptClient.FindAllStringIndex(code(p, f), -1) {
				p.ReportIn(f, source.Range{Start: at[0], End: at[1]}, "the script makes an HttpClient of its own").
					Hint = "this.Context.SendAsync goes by way of the platform"
			}
		}),
	},
	{
		ID:      "script-namespace",
		Summary: "the script uses a namespace that the platform does not allow",
		Levels:  lint.Everywhere(warning),
		Start:   onScript(scriptNamespace),
	},
}

const maxScript = 1 << 20 // bytes

func onScript(check func(*lint.Pass, *source.File)) func(*lint.Pass) lint.Visitor {
	return func(p *lint.Pass) lint.Visitor {
		return lint.Visitor{Package: func(k *connector.Package) {
			if k.Script != nil {
				check(p, k.Script)
			}
		}}
	}
}

// baseName returns the last part of a file's name.
func baseName(f *source.File) string { return f.Name[strings.LastIndexByte(f.Name, '/')+1:] }

func scriptMissing(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Package: func(k *connector.Package) {
		if p.Connector.Properties == nil || k.Script != nil || k.IsBare() {
			return
		}
		if list := propertiesOf(p.Connector.Properties).Get("scriptOperations"); list.Exists() {
			p.Report(list, "there is no script.csx in the folder").Hint = "add it, or remove scriptOperations"
		}
	}}
}

func scriptUnused(p *lint.Pass) lint.Visitor {
	return onScript(func(p *lint.Pass, f *source.File) {
		if p.Connector.Properties == nil {
			return
		}
		all := propertiesOf(p.Connector.Properties)
		if all.Kind() == source.Object && !all.Get("scriptOperations").Exists() {
			d := p.ReportIn(f, source.Range{}, "apiProperties.json has no \"scriptOperations\", so the script does not run")
			d.Hint = "list the operations that it serves; an empty list means all"
			d.Related = []source.Related{lint.Related(all, "they belong here")}
		}
	})(p)
}

var (
	scriptHeader = regexp.MustCompile(`\bclass\s+Script\s*:\s*(\w+\.)*ScriptBase\b`)
	scriptClient = regexp.MustCompile(`\bnew\s+(System\.Net\.Http\.)?HttpClient\s*\(`)
	scriptUsing  = regexp.MustCompile(`(?m)^[ \t]*using\s+(static\s+|\w+\s*=\s*)?([A-Z][\w.]*)\s*;`)
)

func scriptClass(p *lint.Pass, f *source.File) {
	text := code(p, f)
	if !scriptHeader.MatchString(text) {
		p.ReportIn(f, source.Range{}, "there is no class Script that extends ScriptBase").
			Hint = "write: public class Script : ScriptBase"
		return
	}
	if !strings.Contains(text, "ExecuteAsync") {
		at := scriptHeader.FindStringIndex(text)
		p.ReportIn(f, source.Range{Start: at[0], End: at[1]}, "class Script does not override ExecuteAsync").
			Hint = "write: public override async Task<HttpResponseMessage> ExecuteAsync()"
	}
}

// scriptCode is the text of a script with blanks for the bytes of comments, so
// that places stay.
type scriptCode string

// code returns that of the connector's one script.
func code(p *lint.Pass, f *source.File) string {
	return string(lint.Shared(p, func() scriptCode { return withoutComments(f.Text) }))
}

func withoutComments(text string) scriptCode {
	return scriptCode(scriptComment.ReplaceAllStringFunc(text, func(found string) string {
		if found[0] == '"' {
			return found
		}
		blank := []byte(found)
		for i, c := range blank {
			if c != '\n' {
				blank[i] = ' '
			}
		}
		return string(blank)
	}))
}

// scriptComment finds comments, and the strings that may hold what looks like
// one.
var scriptComment = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"|//[^\n]*|(?s:/\*.*?\*/)`)

var scriptNamespaces = strings.Fields(`System System.Collections System.Collections.Generic System.Diagnostics
	System.Drawing System.Drawing.Drawing2D System.Drawing.Imaging System.IO System.IO.Compression System.Linq System.Net
	System.Net.Http System.Net.Http.Headers System.Net.Security System.Security.Authentication System.Security.Cryptography
	System.Text System.Text.RegularExpressions System.Threading System.Threading.Tasks System.Web System.Xml System.Xml.Linq
	Microsoft.Extensions.Logging Newtonsoft.Json Newtonsoft.Json.Linq`)

func scriptNamespace(p *lint.Pass, f *source.File) {
	for _, at := range scriptUsing.FindAllStringSubmatchIndex(code(p, f), -1) {
		name := f.Text[at[4]:at[5]]
		namesType := at[2] >= 0
		if slices.Contains(scriptNamespaces, name) || namesType && slices.Contains(scriptNamespaces, typeless(name)) {
			continue
		}
		d := p.ReportIn(f, source.Range{Start: at[4], End: at[5]}, "namespace %q is not allowed", name)
		if near := lint.Nearest(name, scriptNamespaces); near != "" {
			d.Hint = didYouMean(near)
		}
	}
}

// typeless takes off the last part of a name, which is a type in using static
// and in an alias.
func typeless(name string) string { return name[:max(0, strings.LastIndexByte(name, '.'))] }
