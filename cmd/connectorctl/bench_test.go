package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/report"
)

// corpusUnits finds the connectors of the corpus, and skips where there is none.
func corpusUnits(tb testing.TB) []connector.Unit {
	tb.Helper()
	root := os.Getenv("CONNECTORCTL_CORPUS")
	if root == "" {
		tb.Skip("CONNECTORCTL_CORPUS is not set")
	}
	units, err := connector.Find([]string{filepath.Join(root, "connectors")})
	if err != nil {
		tb.Fatal(err)
	}
	return units
}

// BenchmarkLintAgainstUnmarshal compares, file by file in one process, what the
// lint command does with all rules on (read, parse, lint, JSON report) with
// reading the same files and unmarshalling them into any. Both run on one
// goroutine; "jobs" is the command as users run it. The ratio is ours divided
// by theirs, and what one may not exceed is 1.0.
func BenchmarkLintAgainstUnmarshal(b *testing.B) {
	units := corpusUnits(b)
	var files []string
	size := 0
	for _, u := range units {
		for _, name := range []string{u.Definition, u.Properties} {
			if info, err := os.Stat(name); err == nil {
				files, size = append(files, name), size+int(info.Size())
			}
		}
	}
	var ours, parallel, theirs time.Duration
	for b.Loop() {
		theirs += timed(func() { unmarshalAll(b, files) })
		ours += timed(func() { lintAll(b, units, 1) })
		parallel += timed(func() { lintAll(b, units, runtime.GOMAXPROCS(0)) })
	}
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
	b.ReportMetric(float64(parallel)/float64(theirs), "ratio-jobs")
	b.ReportMetric(float64(size)*float64(b.N)/1e6/ours.Seconds(), "MB/s")
	b.ReportMetric(float64(size)*float64(b.N)/1e6/theirs.Seconds(), "MB/s-unmarshal")
	b.ReportMetric(0, "ns/op")
}

// timed starts from an empty heap, so that no side pays for the other's garbage.
func timed(f func()) time.Duration {
	runtime.GC()
	start := time.Now()
	f()
	return time.Since(start)
}

func lintAll(b *testing.B, units []connector.Unit, jobs int) {
	b.Helper()
	f := lintFlags{format: "json", color: "never", failOn: "never", jobs: jobs, config: configFlags{profile: string(lint.Certified)}}
	r, err := f.prepare(streams{nil, io.Discard, io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	r.progress = newProgress(io.Discard, len(units))
	if err := r.lint(b.Context(), units); err != nil {
		b.Fatal(err)
	}
	if err := r.reporter.Close(report.Summary{}); err != nil {
		b.Fatal(err)
	}
	if r.stats.files < len(units) || len(r.stats.rules) == 0 {
		b.Fatalf("%d files, %d rules with findings: nothing was linted", r.stats.files, len(r.stats.rules))
	}
}

func unmarshalAll(b *testing.B, files []string) {
	b.Helper()
	good := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		var v any
		if json.Unmarshal(data, &v) == nil {
			good++
		}
	}
	if good == 0 {
		b.Fatal("nothing was read")
	}
}
