package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/connectorctl/connectorctl/docs"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/rules"
)

func newRules(s streams) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "rules [ID]",
		Short: "List the rules, or explain one",
		Example: `  connectorctl rules
  connectorctl rules callback-missing`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, r := range rules.All() {
				ids = append(ids, r.ID+"\t"+r.Summary)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			chosen := rules.All()
			if len(args) == 1 {
				if err := lint.CheckRuleID(chosen, args[0]); err != nil {
					return err
				}
				for _, r := range chosen {
					if r.ID == args[0] {
						chosen = []*lint.Rule{r}
					}
				}
			}
			switch {
			case format == "json":
				return rulesJSON(s.out, chosen)
			case format != "text":
				return fmt.Errorf("unknown --format %q: expected text or json", format)
			case len(args) == 1:
				return explainRule(s.out, chosen[0])
			}
			return rulesTable(s.out, chosen)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json")
	return cmd
}

func rulesTable(w io.Writer, list []*lint.Rule) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RULE\tCUSTOM\tCERTIFIED\tINDEPENDENT\tWHAT IS WRONG")
	for _, r := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.Levels.Custom, r.Levels.Certified, r.Levels.Independent, r.Summary)
	}
	return t.Flush()
}

func explainRule(w io.Writer, r *lint.Rule) error {
	_, err := fmt.Fprintf(w, "%s\nLevels: %s in custom, %s in certified, %s in independent.\n",
		docs.Rule(r.ID), r.Levels.Custom, r.Levels.Certified, r.Levels.Independent)
	return err
}

func rulesJSON(w io.Writer, list []*lint.Rule) error {
	type levels struct {
		Custom      string `json:"custom"`
		Certified   string `json:"certified"`
		Independent string `json:"independent"`
	}
	type rule struct {
		ID      string `json:"id"`
		Summary string `json:"summary"`
		Levels  levels `json:"levels"`
		URI     string `json:"uri"`
		Help    string `json:"help"`
	}
	out := struct {
		Version int    `json:"version"`
		Rules   []rule `json:"rules"`
	}{Version: 1, Rules: []rule{}}
	for _, r := range list {
		out.Rules = append(out.Rules, rule{r.ID, r.Summary,
			levels{r.Levels.Custom.String(), r.Levels.Certified.String(), r.Levels.Independent.String()}, ruleURI(r.ID), docs.Rule(r.ID)})
	}
	return printJSON(w, out)
}

// printJSON writes a value for programs, indented for the person who looks.
func printJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}
