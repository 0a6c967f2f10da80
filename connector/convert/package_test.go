package convert_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/rules"
)

// packaged plans the folder of a definition without properties.
func packaged(t *testing.T, name, text string) (map[string]string, []convert.Step) {
	t.Helper()
	files, steps, err := convert.Package(connector.New(name, source.ParseString(name, text), nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"apiDefinition.swagger.json", "apiProperties.json", "readme.md"} {
		if files[name] == "" {
			t.Errorf("there is no %s", name)
		}
	}
	return files, steps
}

func hasStep(steps []convert.Step, warning bool, words string) bool {
	for _, s := range steps {
		if s.Warning == warning && strings.Contains(s.Message, words) {
			return true
		}
	}
	return false
}

// TestPackageProperties compares the connection parameters, and the warnings
// that belong to them, with what security definitions ask for.
func TestPackageProperties(t *testing.T) {
	key := func(place, name string) string {
		return `{"api_key":{"type":"securestring","uiDefinition":{"displayName":"API Key","description":"The API key, sent in the ` + place + " " + name +
			`.","tooltip":"Enter your API key","constraints":{"tabIndex":2,"clearText":false,"required":"true"}}}}`
	}
	oauth := func(scopes, authorization, token string) string {
		return fmt.Sprintf(`{"token":{"type":"oauthSetting","oAuthSettings":{"identityProvider":"oauth2","clientId":"","scopes":%s,"redirectMode":"Global",
			"redirectUrl":"https://global.consent.azure-apim.net/redirect","properties":{"IsFirstParty":"False"},
			"customParameters":{"authorizationUrl":{"value":%q},"tokenUrl":{"value":%q},"refreshUrl":{"value":%[3]q}}}}}`, scopes, authorization, token)
	}
	basic := `{"username":{"type":"string","uiDefinition":{"displayName":"Username","description":"The username of the account.","tooltip":"Enter your username",
		"constraints":{"tabIndex":2,"clearText":true,"required":"true"}}},
		"password":{"type":"securestring","uiDefinition":{"displayName":"Password","description":"The password of the account.","tooltip":"Enter your password",
		"constraints":{"tabIndex":3,"clearText":false,"required":"true"}}}}`
	tests := []struct{ name, schemes, want, warning string }{
		{"none", `{}`, `{}`, ""},
		{"header", `{"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}`, key("header", "X-Key"), ""},
		{"query", `{"k": {"type": "apiKey", "in": "query", "name": "key"}}`, key("query parameter", "key"), ""},
		{"authorization", `{"k": {"type": "apiKey", "in": "header", "name": "Authorization"}}`, key("header", "Authorization"), `such as "Bearer"`},
		{"hostile key", `{"k": {"type": "apiKey", "in": "header", "name": "X\n\u202e\"}"}}`, key("header", `X \"}`), ""},
		{"basic", `{"b": {"type": "basic"}}`, basic, ""},
		{"code", `{"o": {"type": "oauth2", "flow": "accessCode", "authorizationUrl": "https://a.example/a", "tokenUrl": "https://a.example/t",
			"scopes": {"write": "w", "read": "r", "x-a": 1}}}`, oauth(`["write","read"]`, "https://a.example/a", "https://a.example/t"), "fill in clientId"},
		{"refresh", `{"o": {"type": "oauth2", "flow": "accessCode", "authorizationUrl": "https://a.example/a", "tokenUrl": "https://a.example/t",
			"x-refreshUrl": "https://a.example/r"}}`, strings.Replace(oauth("[]", "https://a.example/a", "https://a.example/t"),
			`"refreshUrl":{"value":"https://a.example/t"}`, `"refreshUrl":{"value":"https://a.example/r"}`, 1), "fill in clientId"},
		{"implicit", `{"o": {"type": "oauth2", "flow": "implicit", "authorizationUrl": "https://a.example/a"}}`,
			oauth("[]", "https://a.example/a", ""), `the platform supports no other, and the definition names the flow "implicit"`},
		{"no token URL", `{"o": {"type": "oauth2", "flow": "password"}}`, oauth("[]", "", ""), "fill in refreshUrl"},
		{"several", `{"x-a": {}, "p": {"type": "private"}, "b": {"type": "basic"}, "k": {"type": "apiKey", "in": "query", "name": "key"}}`, basic, `for "p", "k"`},
		{"unsupported", `{"p": {"type": "apiKey", "in": "cookie", "name": "c"}, "q": 1}`, `{}`, `for "p", "q"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files, steps := packaged(t, "a.json", `{"swagger": "2.0", "info": {"contact": {"name": "Contoso\n AG"}}, "securityDefinitions": `+test.schemes+`}`)
			want := `{"properties":{"iconBrandColor":"#da3b01","capabilities":[],"publisher":"Contoso AG","stackOwner":"Contoso AG","connectionParameters":` + test.want + `}}`
			if got := files["apiProperties.json"]; !sameJSON(t, got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
			if test.warning != "" && !hasStep(steps, true, test.warning) {
				t.Errorf("no warning %q in %+v", test.warning, steps)
			}
			if flow := strings.Contains(test.schemes, `"implicit"`) || strings.Contains(test.schemes, `"password"`); flow != hasStep(steps, true, "the platform supports no other") {
				t.Errorf("the flow: got %+v", steps)
			}
		})
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var values [2]any
	for i, text := range []string{a, b} {
		if err := json.Unmarshal([]byte(text), &values[i]); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}

// TestPackageIsClean packages a good definition without its properties; the
// folder must be as good.
func TestPackageIsClean(t *testing.T) {
	text, err := os.ReadFile("../../testdata/connectors/well-made/apiDefinition.swagger.json")
	if err != nil {
		t.Fatal(err)
	}
	files, steps := packaged(t, "a.swagger.json", string(text))
	if files["apiDefinition.swagger.json"] != string(text) {
		t.Error("the definition changed")
	}
	definition := source.ParseString("apiDefinition.swagger.json", files["apiDefinition.swagger.json"])
	properties := source.ParseString("apiProperties.json", files["apiProperties.json"])
	if len(properties.Problems) > 0 {
		t.Errorf("apiProperties.json: %s", properties.Problems[0].Message)
	}
	c := connector.New("made", definition, properties)
	for _, profile := range lint.Profiles {
		l := &lint.Linter{Rules: rules.All()}
		if findings := l.Check(c, &lint.Config{Profile: profile}); len(findings) > 0 {
			t.Errorf("%s:\n%s", profile, findingList(findings))
		}
	}
	if !strings.HasPrefix(files["apiProperties.json"], "{\n    \"properties\": {\n        \"connectionParameters\": {\n") || !strings.HasSuffix(files["apiProperties.json"], "\n}\n") {
		t.Errorf("not written with 4 spaces:\n%s", files["apiProperties.json"])
	}
	if !hasStep(steps, true, "pollingtrigger policy") {
		t.Error("no warning about the policy of the polling trigger")
	}
}

func TestPackageYAML(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"order and scalars", "swagger: '2.0'\nz: 1\na: [é<&>, null, ~, yes, true, 0x10, 1.50]\nb: {}\nc: []\n",
			`{"swagger":"2.0","z":1,"a":["é<&>",null,null,"yes",true,16,1.50],"b":{},"c":[]}`},
		{"keys", "swagger: '2.0'\n200: a\n\"q\\\"\": \"l\\nl\"\n", `{"swagger":"2.0","200":"a","q\"":"l\nl"}`},
		{"alias", "swagger: '2.0'\na: &a {x: [1]}\nb: *a\n", `{"swagger":"2.0","a":{"x":[1]},"b":{"x":[1]}}`},
		{"merge", "swagger: '2.0'\na: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {w: 0, <<: [*a, *b], x: 3}\nd: {x: 4, <<: *b}\n",
			`{"swagger":"2.0","a":{"x":1,"y":1},"b":{"y":2,"z":2},"c":{"w":0,"x":3,"y":1,"z":2},"d":{"x":4,"y":2,"z":2}}`},
		{"no merge", "swagger: '2.0'\n\"<<\": {x: 1}\n", `{"swagger":"2.0","<<":{"x":1}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files, _ := packaged(t, "a.swagger.yaml", test.yaml)
			got := files["apiDefinition.swagger.json"]
			if short := withoutSpace(got); short != test.want {
				t.Errorf("got  %s\nwant %s", short, test.want)
			}
			if !strings.HasPrefix(got, "{\n    \"swagger\": \"2.0\",\n") || !strings.HasSuffix(got, "\n}\n") {
				t.Errorf("got layout %s", got)
			}
		})
	}
}

// withoutSpace drops the layout, but no white space of a line's middle.
func withoutSpace(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.Replace(strings.TrimSpace(line), `": `, `":`, 1))
	}
	return b.String()
}

func TestPackageRefuses(t *testing.T) {
	laughs := "swagger: '2.0'\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	merges := "swagger: '2.0'\na0: &a0 {x: 1}\n"
	for i := 1; i < 12; i++ {
		laughs += fmt.Sprintf("a%d: &a%[1]d [%s]\n", i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	for i := 1; i < 40; i++ {
		merges += fmt.Sprintf("a%d: &a%[1]d {<<: [*a%d, *a%[2]d]}\n", i, i-1)
	}
	tests := []struct{ name, file, text, want string }{
		{"empty", "a.json", "", "holds no OpenAPI 2.0 document"},
		{"array", "a.json", "[]", "holds no OpenAPI 2.0 document"},
		{"openapi 3", "a.json", `{"openapi": "3.0.0"}`, "import it first"},
		{"broken yaml", "a.yaml", "swagger: '2.0'\na: 1\na: 2\n", "a.yaml, line 3: "},
		{"aliases", "a.yaml", laughs, "with its aliases written out"},
		{"merge keys", "a.yaml", merges, "merge keys bring in more"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := convert.Package(connector.New("a", source.ParseString(test.file, test.text), nil))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if _, _, err := convert.Package(connector.New("a", nil, nil)); err == nil {
		t.Error("no definition is no error")
	}
}

// TestPackageKeeps checks that what the author wrote stays, broken or not.
func TestPackageKeeps(t *testing.T) {
	const definition, properties = "{\"swagger\": \"2.0\",}\r\n", `{"properties": {"publisher": "P", "scriptOperations": [],
		"connectionParameters": {"a": {"type": "string", "uiDefinition": {"displayName": "Shop|1"}}, "h": {"uiDefinition": {"constraints": {"hidden": "true"}}}}}`
	files, steps, err := convert.Package(connector.New("a", source.ParseString("a.json", definition), source.ParseString("apiProperties.json", properties)))
	if err != nil || files["apiDefinition.swagger.json"] != definition || files["apiProperties.json"] != properties {
		t.Errorf("got %q, %v", files, err)
	}
	for _, words := range []string{"repair the syntax of apiDefinition.swagger.json", "repair the syntax of apiProperties.json", "script.csx"} {
		if !hasStep(steps, true, words) {
			t.Errorf("no warning %q in %+v", words, steps)
		}
	}
	if want := "## Publisher\n\nP\n"; !strings.Contains(files["readme.md"], want) {
		t.Errorf("got %s, want %s", files["readme.md"], want)
	}
	if want := "## Obtaining Credentials\n\n- **Shop\\|1**\n\nTODO"; !strings.Contains(files["readme.md"], want) {
		t.Errorf("got %s, want %s", files["readme.md"], want)
	}
}

func TestPackageReadme(t *testing.T) {
	files, steps := packaged(t, "a.json", `{"swagger": "2.0",
		"info": {"title": "Orders\n# More", "description": "1. Tells & &lt; of *orders*.", "contact": {"name": "Contoso"}},
		"paths": {
			"/hooks": {"post": {"operationId": "On", "x-ms-trigger": "single", "summary": "When\n\n# x", "description": "- a | b\n`+"```"+`\n<script>[a](b)",
				"parameters": [{"in": "body", "name": "b", "schema": {"properties": {"url": {"type": "string", "x-ms-notification-url": true}}}}]}},
			"/waits": {"post": {"operationId": "Wait", "summary": "Wait", "description": "Waits.",
				"parameters": [{"in": "body", "name": "b", "schema": {"properties": {"url": {"type": "string", "x-ms-notification-url": true}}}}]}},
			"/hidden": {"get": {"operationId": "Hidden", "summary": "Hidden", "x-ms-visibility": "internal"}},
			"/bare": {"get": {}}}}`)
	const want = `# Orders \# More

1\. Tells & \&lt; of \*orders\*.

## Publisher

Contoso

## Prerequisites

TODO: say what a user needs, such as an account or a plan.

## Supported Operations

### Triggers

- **When \# x**: \- a \| b \` + "`\\`\\`" + ` \<script\>\[a\](b)

### Actions

- **Wait**: Waits.
- **GET /bare**

## Obtaining Credentials

The connector needs no credentials.

## Known Issues and Limitations

TODO: list what does not work, or say that nothing is known.

## Deployment Instructions

`
	if got := files["readme.md"]; !strings.HasPrefix(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if !hasStep(steps, true, `for "GET /bare"`) || !hasStep(steps, true, "readme.md: Prerequisites, Known Issues and Limitations") {
		t.Errorf("got %+v", steps)
	}
	empty, steps := packaged(t, "a.json", `{"swagger": "2.0"}`)
	for _, title := range []string{"# TODO", "## Publisher\n\nTODO", "## Supported Operations\n\nTODO"} {
		if !strings.Contains(empty["readme.md"], title) {
			t.Errorf("no %q in %s", title, empty["readme.md"])
		}
	}
	if !hasStep(steps, true, "publisher and stackOwner") {
		t.Errorf("got %+v", steps)
	}
}
