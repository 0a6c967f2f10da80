//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector/source"
)

// TestAction runs the steps of the GitHub Action that are ours as its runner
// does.
func TestAction(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	action := readYAML(t, "../../action.yml")
	for i, tt := range []struct {
		inputs map[string]string
		fails  bool
	}{
		{map[string]string{"paths": "well-made\nbroken"}, true},
		{map[string]string{"paths": "broken well-made", "fail-on": "never"}, false},
		{map[string]string{"paths": "well-made", "profile": "certified", "fail-on": "info"}, false},
	} {
		report := filepath.Join(t.TempDir(), "report.sarif")
		tt.inputs["sarif"] = report
		var out bytes.Buffer
		var failed error
		for _, step := range action.Get("runs").Get("steps").Items() {
			run, isOurs := step.Get("run").Str()
			if !isOurs || i > 0 && step.Get("name").Is("Build connectorctl") {
				continue // another action, which is GitHub's to run; or built already
			}
			cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", run)
			cmd.Dir = "../../testdata/connectors"
			cmd.Env = append(os.Environ(), "RUNNER_TEMP="+temp, "GITHUB_ACTION_PATH="+root)
			for key, value := range step.Get("env").Members() {
				name, _ := key.Str()
				cmd.Env = append(cmd.Env, name+"="+input(t, action, tt.inputs, value))
			}
			cmd.Stdout, cmd.Stderr = &out, &out
			if failed = cmd.Run(); failed != nil {
				break
			}
		}
		if (failed != nil) != tt.fails {
			t.Errorf("%v: %v\n%s", tt.inputs, failed, out.String())
		}
		if strings.Contains(tt.inputs["paths"], "broken") && !strings.Contains(out.String(), "::error file=") {
			t.Errorf("%v: no annotation\n%s", tt.inputs, out.String())
		}
		if text, err := os.ReadFile(report); err != nil || !strings.Contains(string(text), `"version":"2.1.0"`) {
			t.Errorf("%v: no SARIF: %v", tt.inputs, err)
		}
	}
}

// input resolves ${{ inputs.NAME }}.
func input(t *testing.T, action source.Node, given map[string]string, value source.Node) string {
	t.Helper()
	text, _ := value.Str()
	m := regexp.MustCompile(`^\$\{\{ inputs\.([a-z-]+) \}\}$`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("%q is no input", text)
	}
	declared := action.Get("inputs").Get(m[1])
	if !declared.Exists() {
		t.Fatalf("there is no input %q", m[1])
	}
	if chosen, ok := given[m[1]]; ok {
		return chosen
	}
	text, _ = declared.Get("default").Str()
	return text
}

// TestHook runs the pre-commit hook on the files that it chooses.
func TestHook(t *testing.T) {
	hook := readYAML(t, "../../.pre-commit-hooks.yaml").Item(0)
	files, _ := hook.Get("files").Str()
	entry, _ := hook.Get("entry").Str()
	var chosen []string
	for _, name := range []string{"apiDefinition.swagger.json", "apiProperties.json", "readme.md"} {
		if regexp.MustCompile(files).MatchString(name) {
			chosen = append(chosen, filepath.Join("../../testdata/connectors/well-made", name))
		}
	}
	var out, errs bytes.Buffer
	args := append(strings.Fields(entry)[1:], chosen...)
	if status := run(args, strings.NewReader(""), &out, &errs); status != 0 || len(chosen) != 2 {
		t.Errorf("%v: status %d\n%s%s", args, status, out.String(), errs.String())
	}
}

func readYAML(t *testing.T, name string) source.Node {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f := source.Parse(name, text)
	for _, p := range f.Problems {
		t.Fatalf("%s: %s", name, p.Message)
	}
	return f.Root()
}
