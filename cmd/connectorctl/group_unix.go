//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// endTogether lets a command that is ended take along what it has started: a
// shell's children would go on without it.
func endTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
