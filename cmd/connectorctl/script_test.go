package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected parts of testdata/script")

// asCommand makes the test binary be the command, for tests that need it in a
// process of its own.
const asCommand = "CONNECTORCTL_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"connectorctl": main, "post": post})
}

// TestScripts runs the command as a user would: testdata/script/*.txtar.
// $EXAMPLES is the folder of the connectors that the repository ships.
func TestScripts(t *testing.T) {
	examples, err := filepath.Abs("../../testdata/connectors")
	if err != nil {
		t.Fatal(err)
	}
	goEnv := goEnvironment(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: commandsOfScripts(),
		Setup: func(e *testscript.Env) error {
			e.Setenv("EXAMPLES", examples)
			e.Setenv("NO_COLOR", "")
			// What is generated is built with the modules that are there.
			for name, value := range goEnv {
				e.Setenv(name, value)
			}
			return nil
		},
	})
}

func commandsOfScripts() map[string]func(*testscript.TestScript, bool, []string) {
	all := maps.Clone(serverCommands)
	maps.Copy(all, publisherCommands)
	return all
}

// goEnvironment is what scripts need to run the go command without a network
// and without changing go.mod or go.sum.
func goEnvironment(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("go", "env", "-json", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	if err := json.Unmarshal(out, &env); err != nil {
		t.Fatal(err)
	}
	env["GOFLAGS"], env["GOPROXY"], env["GOWORK"] = "-mod=readonly", "off", "off"
	return env
}
