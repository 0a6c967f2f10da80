package report

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/connectorctl/connectorctl/connector/source"
)

// sarifReporter writes SARIF 2.1.0 for code scanning services. The rules come
// first, so that results can be written as they arrive, each on its own line.
type sarifReporter struct {
	w     *bufio.Writer
	o     Options
	rules map[string]int // index in o.Rules
	count int
	cursor
}

func newSARIF(w *bufio.Writer, o Options) Reporter {
	s := &sarifReporter{w: w, o: o, rules: map[string]int{}}
	for i, rule := range o.Rules {
		s.rules[rule.ID] = i
	}
	s.header()
	return s
}

// The structs follow the property names of SARIF and hold only what we say.
type (
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string          `json:"id"`
		ShortDescription *sarifText      `json:"shortDescription,omitempty"`
		Help             *sarifText      `json:"help,omitempty"`
		HelpURI          string          `json:"helpUri,omitempty"`
		Default          sarifRuleConfig `json:"defaultConfiguration"`
		Properties       *sarifTags      `json:"properties,omitempty"`
	}
	sarifTags struct {
		Tags []string `json:"tags"`
	}
	sarifRuleConfig struct {
		Enabled *bool  `json:"enabled,omitempty"`
		Level   string `json:"level,omitempty"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    *int              `json:"ruleIndex,omitempty"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Fixes        []sarifFix        `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		ID       int            `json:"id,omitempty"`
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted *sarifText  `json:"insertedContent,omitempty"`
	}
)

const (
	sarifSchema    = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	informationURI = "https://github.com/connectorctl/connectorctl"
	fingerprintKey = "connectorctl/v1"
)

func (s *sarifReporter) header() {
	driver := sarifDriver{Name: "connectorctl", Version: s.o.Version, InformationURI: informationURI, Rules: []sarifRule{}}
	for _, rule := range s.o.Rules {
		driver.Rules = append(driver.Rules, sarifRuleOf(rule))
	}
	fmt.Fprintf(s.w, "{\"$schema\":%q,\"version\":\"2.1.0\",\"runs\":[{\"columnKind\":\"unicodeCodePoints\",\n\"tool\":", sarifSchema)
	s.write(sarifTool{driver})
	s.w.WriteString(",\n\"results\":[")
}

func (s *sarifReporter) Report(findings []source.Diagnostic) error {
	seen := map[string]int{} // no other unit has findings of the same files
	for i := range findings {
		if s.count++; s.count > 1 {
			s.w.WriteByte(',')
		}
		s.w.WriteByte('\n')
		if err := s.write(s.result(&findings[i], seen)); err != nil {
			return err
		}
	}
	return nil
}

func (s *sarifReporter) Close(sum Summary) error {
	fmt.Fprintf(s.w, "\n],\"invocations\":[{\"executionSuccessful\":%t}]}]}\n", !sum.Stopped)
	return s.w.Flush()
}

// write appends v as encoding/json sees it, but leaves <, > and & readable.
func (s *sarifReporter) write(v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := s.w.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return err
}

func sarifRuleOf(rule RuleInfo) sarifRule {
	r := sarifRule{ID: rule.ID, HelpURI: rule.HelpURI}
	if rule.Summary != "" {
		r.ShortDescription = &sarifText{Text: rule.Summary}
	}
	if rule.Help != "" {
		r.Help = &sarifText{rule.Help, rule.Help}
	}
	if len(rule.Official) > 0 {
		r.Properties = &sarifTags{rule.Official}
	}
	if rule.Level == source.Off {
		r.Default.Enabled = new(bool)
	} else {
		r.Default.Level = sarifLevel(rule.Level)
	}
	return r
}

func sarifLevel(s source.Severity) string {
	if s < source.Warning {
		return "note"
	}
	return s.String()
}

func (s *sarifReporter) result(d *source.Diagnostic, seen map[string]int) sarifResult {
	pointer := d.Pointer()
	result := sarifResult{
		RuleID:       d.Rule,
		Level:        sarifLevel(d.Severity),
		Message:      sarifText{Text: d.Message},
		Locations:    []sarifLocation{{Physical: s.physical(d.File, s.span(d.File, d.Range))}},
		Fingerprints: map[string]string{fingerprintKey: fingerprint(d.Rule, s.o.relative(d.File.Name), pointer, seen)},
	}
	if index, known := s.rules[d.Rule]; known {
		result.RuleIndex = &index
	}
	if d.Hint != "" {
		result.Message.Text += "\nhint: " + d.Hint
	}
	if pointer != "" {
		result.Locations[0].Logical = []sarifLogical{{pointer}}
	}
	for i, r := range d.Related {
		at := new(cursor).span(r.File, r.Range)
		result.Related = append(result.Related, sarifLocation{ID: i + 1, Physical: s.physical(r.File, at), Message: &sarifText{Text: r.Message}})
	}
	if d.Fix != nil {
		result.Fixes = s.fixes(d)
	}
	return result
}

// fingerprint identifies a finding as the baseline does, by rule, path and
// pointer, so that it stays the same when a message is reworded or the file is
// formatted. The finding's number tells equal ones apart.
func fingerprint(rule, path, pointer string, seen map[string]int) string {
	key := rule + "\x00" + path + "\x00" + pointer
	number := seen[key]
	seen[key]++
	hash := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, number))
	return hex.EncodeToString(hash[:16])
}

func (s *sarifReporter) physical(f *source.File, at span) sarifPhysical {
	return sarifPhysical{sarifArtifact{s.o.uri(f.Name)}, regionOf(at)}
}

func regionOf(at span) sarifRegion {
	return sarifRegion{at.start.Line, at.start.Column, at.end.Line, at.end.Column}
}

// fixes returns the fix of d, or none if lines and columns cannot express it:
// in SARIF a byte order mark is not part of the text.
func (s *sarifReporter) fixes(d *source.Diagnostic) []sarifFix {
	change := sarifChange{Artifact: sarifArtifact{s.o.uri(d.File.Name)}}
	var c cursor
	for _, edit := range d.Fix.Changes() {
		at := c.span(d.File, source.Range{Start: edit.Start, End: edit.End})
		if at.start == at.end && at.Start != at.End {
			return nil
		}
		replacement := sarifReplacement{Deleted: regionOf(at)}
		if edit.New != "" {
			replacement.Inserted = &sarifText{Text: edit.New}
		}
		change.Replacements = append(change.Replacements, replacement)
	}
	if len(change.Replacements) == 0 {
		return nil
	}
	return []sarifFix{{sarifText{Text: d.Fix.Title}, []sarifChange{change}}}
}
