package convert_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/connectorctl/connectorctl/connector/convert"
	"github.com/connectorctl/connectorctl/connector/source"
)

// TestImportCases imports the first file of each case, and compares what comes
// of it byte for byte.
func TestImportCases(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/convert/import-*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := &txtar.Archive{Comment: archive.Comment, Files: inputs(archive)}
			got.Files = append(got.Files, importCase(t, got.Files)...)
			if *update {
				if err := os.WriteFile(name, txtar.Format(got), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want, have := txtar.Format(archive), txtar.Format(got); !bytes.Equal(want, have) {
				t.Errorf("differs from %s; if it is right, run the test with -update\n%s", name, source.UnifiedDiff("want", "got", string(want), string(have)))
			}
		})
	}
}

// inputs returns the files of a case that are not expectations.
func inputs(archive *txtar.Archive) []txtar.File {
	var files []txtar.File
	for _, f := range archive.Files {
		if !strings.HasPrefix(f.Name, "want/") {
			files = append(files, f)
		}
	}
	return files
}

func importCase(t *testing.T, files []txtar.File) []txtar.File {
	read := func(path string) ([]byte, error) {
		for _, f := range files {
			if f.Name == path {
				return f.Data, nil
			}
		}
		return nil, fs.ErrNotExist
	}
	result, err := convert.OpenAPI3(files[0].Name, files[0].Data, read)
	if err != nil {
		return []txtar.File{{Name: "want/error", Data: []byte(err.Error() + "\n")}}
	}
	reparse(t, result)
	expectNoErrors(t, "case", result)
	var losses, hints bytes.Buffer
	for _, l := range result.Losses {
		fmt.Fprintf(&losses, "%s: %s\n", l.Pointer, l.Message)
	}
	for _, h := range result.Hints {
		fmt.Fprintf(&hints, "%s: method %q, path %q, callback %q, notification %q, per call %t\n",
			h.Name, h.Method, h.Path, h.Callback, h.Notification, h.PerCall)
		if h.Summary+h.Description != "" || h.Unheard {
			fmt.Fprintf(&hints, "    summary %q, description %q, unheard %t\n", h.Summary, h.Description, h.Unheard)
		}
	}
	return []txtar.File{
		{Name: "want/apiDefinition.swagger.json", Data: []byte(result.Text)},
		{Name: "want/losses", Data: losses.Bytes()}, {Name: "want/hints", Data: hints.Bytes()},
	}
}
