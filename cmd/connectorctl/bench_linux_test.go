package main

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// BenchmarkPeakMemory runs the command in a process of its own over the whole
// corpus and reports the most memory that it held.
func BenchmarkPeakMemory(b *testing.B) {
	corpusUnits(b)
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	var peak int64
	for b.Loop() {
		cmd := exec.Command(self, "lint", "--format", "json", "--fail-on", "never", os.Getenv("CONNECTORCTL_CORPUS")+"/connectors")
		cmd.Env = append(os.Environ(), asCommand+"=1")
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			peak = max(peak, usage.Maxrss*1024)
		}
	}
	b.ReportMetric(float64(peak)/(1<<20), "MiB-peak")
	b.ReportMetric(0, "ns/op")
}
