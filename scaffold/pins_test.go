package scaffold

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files, and the pins in templates/go.mod.tmpl and go.sum.tmpl")

// TestPins makes sure that a project pins what this module does: the modules
// that the runtime and its tests need, at the versions of our go.mod, with the
// checksums of our go.sum.
func TestPins(t *testing.T) {
	mod, sum := read(t, "../go.mod"), read(t, "../go.sum")
	var needed []string
	for _, system := range []string{"linux", "darwin", "windows"} {
		list := exec.Command("go", "list", "-deps", "-test", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "./publisher/...")
		list.Env, list.Stderr = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system), os.Stderr
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		needed = append(needed, strings.Split(strings.TrimSpace(string(out)), "\n")...)
	}
	slices.Sort(needed)
	needed = slices.DeleteFunc(slices.Compact(needed), func(line string) bool { return line == "" })
	var direct, indirect, sums strings.Builder
	for _, module := range needed {
		line := regexp.MustCompile(`(?m)^\t` + regexp.QuoteMeta(module) + `( // indirect)?$`).FindString(mod)
		switch {
		case line == "":
			t.Errorf("go.mod does not have %s", module)
		case strings.HasSuffix(line, "indirect"):
			fmt.Fprintln(&indirect, line)
		default:
			fmt.Fprintln(&direct, line)
		}
		for _, kind := range []string{" h1:", "/go.mod h1:"} {
			line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(module+kind) + `.*$`).FindString(sum)
			if line == "" {
				t.Errorf("go.sum does not have %s%s", module, kind)
			}
			fmt.Fprintln(&sums, line)
		}
	}
	version := regexp.MustCompile(`(?m)^go .*$`).FindString(mod)
	golden(t, "templates/go.mod.tmpl", fmt.Sprintf("module {{.Module}}\n\n%s\n\nrequire (\n%s)\n\nrequire (\n%s)\n", version, direct.String(), indirect.String()))
	golden(t, "templates/go.sum.tmpl", sums.String())
}

// golden compares a text with a file, or writes it with -update.
func golden(t *testing.T, name, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if read(t, name) != text {
		t.Errorf("%s is not up to date: run make golden and read the difference", name)
	}
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
