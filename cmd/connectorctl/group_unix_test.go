//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCommandsEndWithTheirChildren: nothing of --fire goes on when its time is
// over.
func TestCommandsEndWithTheirChildren(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pid")
	over := errors.New("it took too long")
	ctx, cancel := context.WithTimeoutCause(context.Background(), 500*time.Millisecond, over)
	defer cancel()
	err := execute(ctx, "--fire", "sleep 777 & echo $! > "+name+"; wait; true", nil)
	if !errors.Is(err, over) {
		t.Errorf("the error is %v", err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for range 50 { // somebody has to reap it first
		if err = syscall.Kill(pid, 0); err != nil || isZombie(pid) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("process %d goes on", pid)
}

// isZombie reports whether a process has ended and was not waited for, as in
// containers without an init.
func isZombie(pid int) bool {
	stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return strings.Contains(string(stat), ") Z ")
}
