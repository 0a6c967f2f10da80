// Command newrule starts a rule: the value in lint/rules, the case in
// testdata/rules and the section in docs/rules. Run it by way of make rule.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	subject := flag.String("subject", "", "the file in lint/rules")
	id := flag.String("id", "", "the rule's id; starts with the subject")
	flag.Parse()
	if err := create(".", *subject, *id); err != nil {
		fmt.Fprintln(os.Stderr, "newrule:", err)
		os.Exit(2)
	}
}

var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)

// create adds a rule to the repository at root. It changes nothing if the rule
// is there already.
func create(root, subject, id string) error {
	if !kebab.MatchString(id) || !strings.HasPrefix(id, subject+"-") {
		return fmt.Errorf("id %q: expected kebab-case that starts with %q", id, subject+"-")
	}
	goFile := filepath.Join(root, "lint", "rules", subject+".go")
	caseFile := filepath.Join(root, "testdata", "rules", id+".txtar")
	page := filepath.Join(root, "docs", "rules", subject+".md")
	code, err := os.ReadFile(goFile)
	if err != nil {
		return fmt.Errorf("subject %q has no file; create it with an empty list and add the list to rules.go: %w", subject, err)
	}
	list := "var " + subject + " = []*lint.Rule{"
	before, after, ok := strings.Cut(string(code), list)
	if !ok {
		return fmt.Errorf("%s: no %q", goFile, list)
	}
	end := strings.Index(after, "\n}\n")
	if end < 0 {
		return fmt.Errorf("%s: the list of rules has no end", goFile)
	}
	if strings.Contains(string(code), `"`+id+`"`) {
		return fmt.Errorf("rule %q is in %s already", id, goFile)
	}
	if _, err := os.Stat(caseFile); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already", caseFile)
	}
	section, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	rule := before + list + after[:end] + fmt.Sprintf(ruleValue, id, function(id)) + after[end:] + fmt.Sprintf(ruleFunction, function(id))
	for name, text := range map[string]string{
		goFile:   rule,
		caseFile: fmt.Sprintf(ruleCase, id),
		page:     strings.TrimRight(string(section), "\n") + "\n" + fmt.Sprintf(ruleSection, id),
	} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			return err
		}
	}
	fmt.Printf("edit %s, %s and %s; then add a mutation to lint/rules/mutation_test.go and run make golden\n", goFile, caseFile, page)
	return nil
}

// function turns an id into the name of its Go function.
func function(id string) string {
	words := strings.Split(id, "-")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

const ruleValue = `
	{
		ID:      "%s",
		Summary: "what is wrong, in one line",
		Levels:  lint.Everywhere(warning),
		Start:   %s,
	},`

const ruleFunction = `
func %s(p *lint.Pass) lint.Visitor {
	return lint.Visitor{Operation: func(o *connector.Operation) {
		p.Report(o.At(), "operation %%q is wrong", o.Name()).Hint = "the way out"
	}}
}
`

const ruleCase = `%s: what this case shows.
-- apiDefinition.swagger.json --
{
  "swagger": "2.0",
  "info": {
    "title": "Contoso",
    "version": "1.0"
  },
  "paths": {
    "/orders": {
      "get": {
        "operationId": "ListOrders",
        "responses": {
          "200": {
            "description": "OK"
          }
        }
      }
    }
  }
}
`

const ruleSection = `
## %s

What is reported.

**Why:** what happens at import or at run time.

` + "```json bad\n\"/orders\": {\"get\": {\"operationId\": \"ListOrders\"}}\n```\n\n```json good\n\"/orders\": {\"get\": {\"operationId\": \"GetOrders\"}}\n```" + `

**Fix:** none.

**Source:** the page or the measurement.
`
