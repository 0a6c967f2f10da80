package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestRealRuns runs the commands over the whole corpus. They must get through,
// and say the same whatever the number of jobs.
func TestRealRuns(t *testing.T) {
	units := corpusUnits(t)
	var first []byte
	for _, jobs := range []string{"1", "2", "8"} {
		args := []string{"lint", "--format", "json", "--fail-on", "never", "--profile", "certified", "--jobs", jobs}
		for _, u := range units {
			args = append(args, u.Definition, u.Properties)
		}
		var out, errs bytes.Buffer
		if status := run(args, strings.NewReader(""), &out, &errs); status != exitClean || errs.Len() > 0 {
			t.Fatalf("jobs %s: status %d, %s", jobs, status, errs.String())
		}
		if first == nil {
			first = out.Bytes()
			var report struct {
				Summary  struct{ Files, Errors int }
				Findings []struct{ Pointer *string }
			}
			if err := json.Unmarshal(first, &report); err != nil || report.Summary.Files != 2*len(units) || report.Summary.Errors == 0 || len(report.Findings) < 1000 {
				t.Errorf("%v, summary %+v, %d findings", err, report.Summary, len(report.Findings))
			}
		} else if !bytes.Equal(first, out.Bytes()) {
			t.Errorf("jobs %s: the output differs", jobs)
		}
	}
	for _, u := range units {
		for _, format := range []string{"text", "json", "mermaid"} {
			var out, errs bytes.Buffer
			if status := run([]string{"inspect", "--format", format, u.Definition}, strings.NewReader(""), &out, &errs); status != exitClean || out.Len() == 0 {
				t.Errorf("inspect %s: status %d, %s", u.Definition, status, errs.String())
			}
		}
	}
}
