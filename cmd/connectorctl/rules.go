package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/connectorctl/connectorctl/docs"
	"github.com/connectorctl/connectorctl/lint"
	"github.com/connectorctl/connectorctl/lint/rules"
)

func newRules(s streams) *cobra.Command {
	var format string
	var official bool
	cmd := &cobra.Command{
		Use:   "rules [ID]",
		Short: "List the rules, or explain one",
		Long: `Rules lists all rules with their levels, or explains the one that ID names: by
its id, or by its name in the certification catalogue.`,
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
				named, err := lint.Named(chosen, args[0])
				if err != nil {
					return err
				}
				chosen = named
			}
			switch {
			case format == "json":
				return rulesJSON(s.out, chosen)
			case format != "text":
				return fmt.Errorf("unknown --format %q: expected text or json", format)
			case official:
				return officialTable(s.out, rules.Catalogue())
			case len(args) == 1:
				return explainRules(s.out, chosen)
			}
			return rulesTable(s.out, chosen)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json")
	cmd.Flags().BoolVar(&official, "official", false, "list the rules of the certification catalogue and what checks them")
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

func officialTable(w io.Writer, catalogue []rules.OfficialRule) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CERTIFICATION RULE\tSECTION\tCHECKED BY\tAS FAR AS")
	for _, o := range catalogue {
		var ids []string
		for _, r := range o.Rules {
			ids = append(ids, r.ID)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", o.Name, o.Section, strings.Join(ids, ", "), o.Limits)
	}
	return t.Flush()
}

func explainRules(w io.Writer, list []*lint.Rule) error {
	for i, r := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s\nLevels: %s in custom, %s in certified, %s in independent.\n",
			docs.Rule(r.ID), r.Levels.Custom, r.Levels.Certified, r.Levels.Independent)
		if len(r.Official) > 0 {
			fmt.Fprintf(w, "In the certification catalogue: %s.\n", strings.Join(r.Official, ", "))
		}
	}
	return nil
}

func rulesJSON(w io.Writer, list []*lint.Rule) error {
	type levels struct {
		Custom      string `json:"custom"`
		Certified   string `json:"certified"`
		Independent string `json:"independent"`
	}
	type rule struct {
		ID       string   `json:"id"`
		Official []string `json:"official,omitempty"`
		Summary  string   `json:"summary"`
		Levels   levels   `json:"levels"`
		URI      string   `json:"uri"`
		Help     string   `json:"help"`
	}
	out := struct {
		Version int    `json:"version"`
		Rules   []rule `json:"rules"`
	}{Version: 1, Rules: []rule{}}
	for _, r := range list {
		out.Rules = append(out.Rules, rule{r.ID, r.Official, r.Summary,
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
