package main

import (
	"flag"
	"fmt"
	"os"
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
	testscript.Main(m, map[string]func(){"connectorctl": main})
}

// TestScripts runs the command as a user would: testdata/script/*.txtar.
// $EXAMPLES is the folder of the connectors that the repository ships.
func TestScripts(t *testing.T) {
	examples, err := filepath.Abs("../../testdata/connectors")
	if err != nil {
		t.Fatal(err)
	}
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
		Setup: func(e *testscript.Env) error {
			e.Setenv("EXAMPLES", examples)
			e.Setenv("NO_COLOR", "")
			return nil
		},
	})
}
