package scaffold

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/rules"
)

// TestProjects builds projects of different shape, and goes the way of each of
// their triggers on a server: register, notify, unregister.
func TestProjects(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds programs")
	}
	var all []*connector.Connector
	for _, name := range shapes {
		all = append(all, load(t, name))
	}
	buildProjects(t, all)
}

// TestRealProjects does the same for every connector of the corpus that has a
// webhook trigger. Those with syntax errors are mended first, as the command
// tells their owners to.
func TestRealProjects(t *testing.T) {
	root := os.Getenv("CONNECTORCTL_CORPUS")
	if root == "" || os.Getenv("CONNECTORCTL_BUILD_ALL") == "" {
		t.Skip("it builds more than a hundred programs, for minutes: make corpus")
	}
	units, err := connector.Find([]string{filepath.Join(root, "connectors")})
	if err != nil {
		t.Fatal(err)
	}
	linter := lint.Linter{Rules: rules.All(), Configs: lint.NewConfigs(lint.Configs{Rules: rules.All()})}
	var all []*connector.Connector
	mended := 0
	for _, u := range units {
		c, err := connector.Load(u)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(c.Definition.Triggers(), func(t *connector.Trigger) bool { return t.Delivery == connector.Webhook }) {
			continue
		}
		if len(c.Definition.File.Problems) > 0 {
			repair, err := linter.Fix(linter.Lint(u), true)
			if err != nil {
				t.Fatal(err)
			}
			c = repair.Connector
			mended++
		}
		all = append(all, c)
	}
	if len(all) < 100 {
		t.Errorf("only %d connectors have a webhook trigger", len(all))
	}
	triggers, samples := buildProjects(t, all)
	t.Logf("%d projects (%d definitions mended first), %d triggers, %d of them tried with a sample", len(all), mended, triggers, samples)
	if samples != triggers {
		t.Errorf("only %d of %d triggers have a sample", samples, triggers)
	}
}

// buildProjects generates all projects into one module with one copy of the
// runtime, and checks them with the tools of their owners: go vet, go build,
// and one test that serves each contract and tries every sample.
func buildProjects(t *testing.T, connectors []*connector.Connector) (triggers, samples int) {
	t.Helper()
	const module = "example.com/all"
	dir := t.TempDir()
	var imports, table strings.Builder
	for i, c := range connectors {
		name := fmt.Sprintf("p%03d", i)
		p, err := Generate(c, Options{Module: module + "/" + name})
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		shared := strings.NewReplacer(`"`+module+"/"+name+`/publisher`, `"`+module+`/publisher`)
		for _, f := range p.Files {
			switch {
			case strings.HasPrefix(f.Name, "publisher/"):
				f.Text = shared.Replace(f.Text)
				if i == 0 {
					write(t, dir, f.Name, f.Text)
				}
			case f.Name == "go.mod" && i == 0:
				write(t, dir, f.Name, strings.Replace(f.Text, module+"/"+name, module, 1))
			case f.Name == "go.sum" && i == 0:
				write(t, dir, f.Name, f.Text)
			case path.Ext(f.Name) == ".go" || strings.HasPrefix(f.Name, "contract/"):
				write(t, dir, name+"/"+f.Name, shared.Replace(f.Text))
			}
		}
		b, err := build(c, Options{Module: module})
		if err != nil {
			t.Fatal(err)
		}
		made := b.samples()
		triggers, samples = triggers+len(b.Triggers), samples+len(made)
		fmt.Fprintf(&imports, "\t%s %q\n", name, module+"/"+name+"/contract")
		fmt.Fprintf(&table, "\t{%q, %s.Triggers(), %s, %s, []sample{\n", c.Name, name,
			pick(len(b.Polls) > 0, name+".Polls("+name+".Sources{})"), pick(len(b.Actions) > 0, name+".Routes("+name+".UnimplementedActions{})"))
		for _, s := range made {
			fmt.Fprintf(&table, "\t\t{%s, %s, %s, %s, %s, %s},\n", s.ID, s.Method, s.Path, s.Headers, s.Body, s.Payload)
		}
		table.WriteString("\t}},\n")
	}
	write(t, dir, "all/all_test.go", strings.NewReplacer("IMPORTS", imports.String(), "TABLE", table.String()).Replace(read(t, "testdata/all_test.go.txt")))
	if out, err := exec.Command("gofmt", "-l", dir).CombinedOutput(); err != nil || strings.TrimSpace(strings.ReplaceAll(string(out), filepath.Join(dir, "all", "all_test.go"), "")) != "" {
		t.Errorf("not gofmt'ed: %s, %v", out, err)
	}
	for _, args := range [][]string{{"vet", "./..."}, {"build", "./..."}, {"test", "./all"}} {
		goTool(t, dir, args...)
	}
	return triggers, samples
}

func pick(used bool, expression string) string {
	if used {
		return expression
	}
	return "nil"
}

// goTool runs the go command as on a machine that has no network and may not
// change go.mod or go.sum.
func goTool(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		const shown = 6000
		t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out[:min(len(out), shown)])
	}
}
