package report

import (
	"encoding/json"
	"testing"

	"github.com/connectorctl/connectorctl/connector/source"
)

func TestFingerprints(t *testing.T) {
	reported := func(findings ...source.Diagnostic) []string {
		var log struct {
			Runs []struct {
				Results []struct{ PartialFingerprints map[string]string }
			}
		}
		if err := json.Unmarshal([]byte(render(t, "sarif", Options{}, findings)), &log); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, r := range log.Runs[0].Results {
			all = append(all, r.PartialFingerprints[fingerprintKey])
		}
		return all
	}
	a, b := at("x.json", `{"a": «1»}`), at("x.json", `{"b": 2, "a":    «1»}`)
	b.Message = "reworded"
	twice := reported(a, a)
	if one := reported(b); one[0] != twice[0] {
		t.Errorf("moving and rewording changed %s to %s", twice[0], one[0])
	}
	other := at("y.json", `{"a": «1»}`)
	rule := a
	rule.Rule = "other-rule"
	all := append(twice, reported(other, rule, at("x.json", `{"b": «1»}`))...)
	for i := range all {
		for j := range i {
			if all[i] == all[j] {
				t.Errorf("findings %d and %d have the same fingerprint", j, i)
			}
		}
	}
}
