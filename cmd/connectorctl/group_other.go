//go:build !unix

package main

import (
	"os/exec"
	"runtime"
	"strconv"
)

// endTogether lets a command that is ended take along what it has started, where
// the system has a way to do so.
func endTogether(cmd *exec.Cmd) {
	if runtime.GOOS != "windows" {
		return
	}
	cmd.Cancel = func() error {
		if exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run() == nil {
			return nil
		}
		return cmd.Process.Kill()
	}
}
