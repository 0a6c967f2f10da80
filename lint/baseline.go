package lint

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/connectorctl/connectorctl/connector/source"
)

// Baseline is a record of findings that are accepted for now: rule, file, place
// and count, never message or line, so that rewording and reflowing keep it
// valid. It is not for several goroutines at once.
type Baseline struct {
	folder  string // of the baseline's file: paths are relative to it
	entries map[baselineKey]int
	files   map[string]bool // that were linted
	used    map[baselineKey]int
}

type baselineKey struct{ Rule, Path, Pointer string }

// baselineFile is what is written, version 1.
type baselineFile struct {
	Version  int             `json:"version"`
	Findings []baselineEntry `json:"findings"`
}

type baselineEntry struct {
	Rule    string `json:"rule"`
	Path    string `json:"path"`    // relative to the baseline, with slashes
	Pointer string `json:"pointer"` // JSON Pointer, RFC 6901
	Count   int    `json:"count"`
}

// NewBaseline makes an empty baseline that will be written to a file.
func NewBaseline(name string) (*Baseline, error) {
	folder, err := filepath.Abs(filepath.Dir(name))
	return &Baseline{folder, map[baselineKey]int{}, map[string]bool{}, map[baselineKey]int{}}, err
}

// ReadBaseline reads a baseline. What is not one is an error with its place.
func ReadBaseline(name string) (*Baseline, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read baseline: %w", err)
	}
	file := source.Parse(filepath.ToSlash(name), data)
	for _, p := range file.Problems {
		at := file.Position(p.Range.Start)
		return nil, fmt.Errorf("read baseline: %s:%d:%d: %s", file.Name, at.Line, at.Column, p.Message)
	}
	var content baselineFile
	if err := json.Unmarshal(data, &content); err != nil || content.Version != 1 {
		return nil, fmt.Errorf("read baseline: %s is no baseline of version 1: write one with --write-baseline", file.Name)
	}
	b, err := NewBaseline(name)
	for i, e := range content.Findings {
		if e.Count < 1 {
			at := file.Position(file.At(fmt.Sprintf("/findings/%d", i)).Range().Start)
			return nil, fmt.Errorf("read baseline: %s:%d:%d: the count is %d, expected 1 or more", file.Name, at.Line, at.Column, e.Count)
		}
		b.entries[baselineKey{e.Rule, e.Path, e.Pointer}] += e.Count
	}
	return b, err
}

func (b *Baseline) path(f *source.File) string {
	abs, err := filepath.Abs(filepath.FromSlash(f.Name))
	if err != nil {
		return f.Name
	}
	rel, err := filepath.Rel(b.folder, abs)
	if err != nil {
		return f.Name
	}
	return filepath.ToSlash(rel)
}

// New returns the findings of some files that the baseline does not accept. Of
// several at one place it accepts as many as there were.
func (b *Baseline) New(files []*source.File, findings []source.Diagnostic) []source.Diagnostic {
	for _, f := range files {
		b.files[b.path(f)] = true
	}
	return slices.DeleteFunc(slices.Clone(findings), func(d source.Diagnostic) bool {
		key := baselineKey{d.Rule, b.path(d.File), d.Pointer()}
		if b.used[key] >= b.entries[key] {
			return false
		}
		b.used[key]++
		return true
	})
}

// Unneeded names the accepted findings of the files that were linted that are no
// longer there, each by its rule and place.
func (b *Baseline) Unneeded() []string {
	var names []string
	for key, count := range b.entries {
		for range count - b.used[key] {
			if b.files[key.Path] {
				names = append(names, fmt.Sprintf("%s in %s#%s", key.Rule, key.Path, key.Pointer))
			}
		}
	}
	slices.Sort(names)
	return names
}

// Add records findings.
func (b *Baseline) Add(findings []source.Diagnostic) {
	for _, d := range findings {
		b.entries[baselineKey{d.Rule, b.path(d.File), d.Pointer()}]++
	}
}

// Text returns the baseline as JSON, sorted, so that two can be compared.
func (b *Baseline) Text() (string, error) {
	content := baselineFile{Version: 1, Findings: []baselineEntry{}}
	for key, count := range b.entries {
		content.Findings = append(content.Findings, baselineEntry{key.Rule, key.Path, key.Pointer, count})
	}
	slices.SortFunc(content.Findings, func(x, y baselineEntry) int {
		return cmp.Or(cmp.Compare(x.Path, y.Path), cmp.Compare(x.Pointer, y.Pointer), cmp.Compare(x.Rule, y.Rule))
	})
	text, err := json.MarshalIndent(content, "", "  ")
	return string(text) + "\n", err
}
