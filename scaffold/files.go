package scaffold

import (
	"embed"
	"fmt"
	"go/format"
	"path"
	"strings"
	"text/template"
)

//go:embed all:templates
var templateFiles embed.FS

// files are the files of a project that are printed, and those helpers that it
// needs. The runtime and the definition come beside them.
func (b *builder) files() ([]File, error) {
	v := b.view()
	actions, always := len(b.Actions) > 0, true
	var files []File
	for _, f := range []struct {
		name   string
		owner  Owner
		needed bool
	}{
		{"main.go", Generated, always},
		{"config.go", Generated, always},
		{"commands.go", Generated, always},
		{"contract_test.go", Generated, len(v.Samples) > 0},
		{"contract/contract.go", Generated, always},
		{"contract/types.go", Generated, len(b.Types) > 0},
		{"contract/events.go", Generated, always},
		{"contract/actions.go", Generated, actions},
		{"events.go", Business, always},
		{"actions.go", Business, actions},
		{"go.mod", Once, always},
		{"go.sum", Once, always},
		{"README.md", Once, always},
		{"Makefile", Once, always},
		{"Dockerfile", Once, always},
		{"compose.yaml", Once, always},
		{".github/workflows/ci.yml", Once, always},
		{".gitignore", Once, always},
	} {
		if !f.needed {
			continue
		}
		text, err := render(f.name, v)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: f.name, Text: text, Owner: f.owner})
	}
	for _, f := range []struct {
		name   string
		needed bool
	}{
		{"contract/publish.go", always},
		{"contract/http.go", actions},
		{"contract/datetime.go", b.Dates},
		{"contract/json.go", b.Odd},
	} {
		if !f.needed {
			continue
		}
		file, err := copied(helpers, f.name, b.Module)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// render prints one template. Go is formatted, which finds what does not parse.
func render(name string, v *view) (string, error) {
	source, err := templateFiles.ReadFile("templates/" + name + ".tmpl")
	if err != nil {
		return "", err
	}
	t, err := template.New(name).Option("missingkey=error").Parse(string(source))
	if err != nil {
		return "", err
	}
	var text strings.Builder
	if err := t.Execute(&text, v); err != nil {
		return "", err
	}
	if path.Ext(name) != ".go" {
		return text.String(), nil
	}
	formatted, err := format.Source([]byte(text.String()))
	if err != nil {
		return "", fmt.Errorf("internal error, please report it: %s does not parse: %w", name, err)
	}
	return string(formatted), nil
}
