package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/connectorctl/connectorctl/"

// arrows lists what each package may import, besides the standard library: our
// packages by their folder, others by their path. docs/architecture.md says why.
var arrows = map[string][]string{
	"connector/source":  {"gopkg.in/yaml.v3"},
	"connector":         {"connector/source", "github.com/santhosh-tekuri/jsonschema/v5", "github.com/bmatcuk/doublestar/v4"},
	"connector/convert": {"connector", "connector/source", "github.com/getkin/kin-openapi/openapi2", "github.com/getkin/kin-openapi/openapi2conv", "github.com/getkin/kin-openapi/openapi3"},
	"lint":              {"connector", "connector/source", "github.com/bmatcuk/doublestar/v4"},
	"lint/rules":        {"lint", "connector", "connector/source"},
	"lint/report":       {"connector/source"},
	"connector/sample":  {"connector", "connector/source", "github.com/santhosh-tekuri/jsonschema/v5"},
	"connector/verify":  {"connector", "connector/sample", "connector/source", "github.com/santhosh-tekuri/jsonschema/v5"},
	"scaffold":          {"connector", "connector/sample", "connector/source", "golang.org/x/mod/modfile", "golang.org/x/mod/semver"},
	// What is copied into generated projects knows nothing of ours.
	"scaffold/publisher": {
		"github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgconn", "github.com/jackc/pgx/v5/stdlib", "modernc.org/sqlite", "github.com/santhosh-tekuri/jsonschema/v5",
		"github.com/prometheus/client_golang/prometheus", "github.com/prometheus/client_golang/prometheus/collectors",
		"github.com/prometheus/client_golang/prometheus/promauto", "github.com/prometheus/client_golang/prometheus/promhttp", "golang.org/x/time/rate",
	},
	"scaffold/publisher/auth": {"github.com/golang-jwt/jwt/v5", "github.com/MicahParks/keyfunc/v3"},
	"scaffold/contract":       {"scaffold/publisher"},
	"docs":                    {},
	"cmd/newrule":             {},
	"cmd/connectorctl": {
		"docs", "scaffold", "lint", "lint/rules", "lint/report", "connector", "connector/convert", "connector/sample", "connector/source", "connector/verify",
		"github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term",
	},
}

// oneFile are imports that stay behind a single file, so that they can be
// replaced there.
var oneFile = map[string]string{
	"gopkg.in/yaml.v3": "connector/source/yaml.go",
}

func TestImports(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		seen[filepath.ToSlash(filepath.Dir(rel))] = true
		checkImports(t, path, rel)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder := range arrows {
		if !seen[folder] {
			t.Errorf("%s has no Go file: take it out of the table", folder)
		}
	}
}

func checkImports(t *testing.T, path, rel string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	folder := filepath.ToSlash(filepath.Dir(rel))
	allowed, known := arrows[folder]
	if !known {
		t.Errorf("%s: package %s is not in the table of the architecture", rel, folder)
	}
	for _, spec := range file.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Error(err)
			continue
		}
		first, _, _ := strings.Cut(target, "/")
		if !strings.Contains(first, ".") {
			continue // standard library
		}
		target = strings.TrimPrefix(target, module)
		if !slices.Contains(allowed, target) {
			t.Errorf("%s imports %s: the architecture has no such arrow", rel, target)
		}
		if only := oneFile[target]; only != "" && only != rel {
			t.Errorf("%s imports %s, which stays behind %s", rel, target, only)
		}
	}
}
