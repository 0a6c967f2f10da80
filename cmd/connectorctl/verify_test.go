package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/connectorctl/connectorctl/connector/verify"
	"github.com/connectorctl/connectorctl/docs"
)

// TestChecksAreDocumented: each check has a section with its reason and its way
// out, and each section has a check.
func TestChecksAreDocumented(t *testing.T) {
	known := map[string]bool{}
	for _, c := range verify.Checks() {
		known[c.ID] = true
		text := docs.Check(c.ID)
		for _, part := range []string{"**Why:**", "**Mend:**"} {
			if strings.Count(text, part) != 1 {
				t.Errorf("docs/verify.md: the section of %s does not hold %s once", c.ID, part)
			}
		}
		if strings.Contains(text, "\n# ") {
			t.Errorf("the section of %s goes on into the next part", c.ID)
		}
	}
	page, err := os.ReadFile("../../docs/verify.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^## ([a-z0-9-]+)$`).FindAllStringSubmatch(string(page), -1) {
		if !known[m[1]] {
			t.Errorf("docs/verify.md has a section %q without a check", m[1])
		}
	}
}
