package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestConvertDoc makes sure that docs/convert.md shows its input files as they
// are, and what the commands print. With -update it writes both.
func TestConvertDoc(t *testing.T) {
	const page = "docs/convert.md"
	t.Chdir("../..")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	files, commands := 0, 0
	file := regexp.MustCompile("(?ms)^<!-- file: (\\S+) -->\n```(json|yaml)\n.*?^```$")
	want := replaceMatches(file, string(text), func(m []string) string {
		files++
		content, err := os.ReadFile(m[1])
		if err != nil {
			t.Error(err)
		}
		return "<!-- file: " + m[1] + " -->\n```" + m[2] + "\n" + string(content) + "```"
	})
	console := regexp.MustCompile("(?ms)^```console\n\\$ ([^\n]*)\n.*?^```$")
	want = replaceMatches(console, want, func(m []string) string {
		commands++
		output, err := shell(m[1])
		if err != nil {
			t.Error(err)
		}
		return "```console\n$ " + m[1] + "\n" + output + "```"
	})
	if shown := strings.Count(want, "\n```console\n"); commands == 0 || commands != shown {
		t.Errorf("%d of %d commands were run", commands, shown)
	}
	if shown := strings.Count(want, "\n```json\n") + strings.Count(want, "\n```yaml\n"); files == 0 || files != shown {
		t.Errorf("%d of %d inputs name their file", files, shown)
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(page, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Errorf("%s is out of date: run make golden", page)
	}
}

func replaceMatches(pattern *regexp.Regexp, text string, replace func(groups []string) string) string {
	return pattern.ReplaceAllStringFunc(text, func(match string) string {
		return replace(pattern.FindStringSubmatch(match))
	})
}

// shell runs a line as the page shows it: commands of this program that pipes
// join. It returns what reaches the terminal, standard output first. What goes
// to a file is dropped, and "echo $?" at the end prints the exit status; any
// other must be 0.
func shell(line string) (string, error) {
	commands, showsStatus := strings.CutSuffix(line, "; echo $?")
	var in, errs bytes.Buffer
	status := 0
	for command := range strings.SplitSeq(commands, " | ") {
		words := strings.Fields(command)
		if len(words) == 0 || words[0] != "connectorctl" {
			return "", fmt.Errorf("%s: expected connectorctl", line)
		}
		var out, complaints bytes.Buffer
		var args []string
		var keepsOut, keepsErr = true, true
		for i := 1; i < len(words); i++ {
			switch words[i] {
			case ">":
				keepsOut = false
				i++ // the file
			case "2>":
				keepsErr = false
				i++
			default:
				args = append(args, strings.Trim(words[i], "'"))
			}
		}
		status = run(args, &in, &out, &complaints)
		if in.Reset(); keepsOut {
			in.Write(out.Bytes())
		}
		if keepsErr {
			errs.Write(complaints.Bytes())
		}
	}
	output := in.String() + errs.String()
	if showsStatus {
		return output + fmt.Sprintln(status), nil
	}
	if status != 0 {
		return output, fmt.Errorf("%s: exit status %d", line, status)
	}
	return output, nil
}
