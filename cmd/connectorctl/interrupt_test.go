//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestInterruptedVerify: Ctrl-C ends a run, and what it registered is
// unregistered.
func TestInterruptedVerify(t *testing.T) {
	p := startScriptPublisher()
	defer p.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "verify", "../../testdata/connectors/well-made", "--trigger", "OnOrderCreated", "--url", p.URL,
		"--header", "X-Key:env:PUBLISHER_KEY", "--fire-url", p.URL+"/fire")
	cmd.Env = append(os.Environ(), asCommand+"=1", "PUBLISHER_KEY=let me in")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); p.live() < 5; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it does not register\n%s", errs.String())
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitFailure {
		t.Errorf("it ended with %v", err)
	}
	if p.live() > 0 {
		t.Errorf("%d registrations are left\n%s", p.live(), errs.String())
	}
	last := strings.TrimSpace(errs.String())
	last = last[strings.LastIndex(last, "\n")+1:]
	if last != "connectorctl: interrupted" || strings.Contains(out.String(), "passed") {
		t.Errorf("it says %q, and %q", last, out.String())
	}
}
