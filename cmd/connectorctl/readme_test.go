package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadme makes sure that the README shows the shipped example as it is, and
// the output that the command gives. With -update it writes both.
func TestReadme(t *testing.T) {
	t.Chdir("../..")
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	broken, err := os.ReadFile("testdata/connectors/broken/apiDefinition.swagger.json")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	want := regexp.MustCompile("(?ms)^```json\n.*?^```$").ReplaceAllLiteralString(string(text), "```json\n"+string(broken)+"```")
	want = regexp.MustCompile("(?ms)^```console\n\\$ connectorctl ([^\n]*)\n.*?^```$").ReplaceAllStringFunc(want, func(block string) string {
		shown++
		command, _, _ := strings.Cut(strings.TrimPrefix(block, "```console\n"), "\n")
		var out, errs bytes.Buffer
		run(strings.Fields(command)[2:], strings.NewReader(""), &out, &errs)
		if errs.Len() > 0 {
			t.Errorf("%s: %s", command, errs.String())
		}
		return "```console\n" + command + "\n" + strings.TrimRight(out.String(), "\n") + "\n```"
	})
	if shown != 2 {
		t.Errorf("%d commands are shown", shown)
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Error("README.md is out of date: run make golden")
	}
}
