package main

import (
	"github.com/spf13/cobra"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/lint"
)

func newSchema(s streams) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "schema [-o FILE]",
		Short: "Print a JSON Schema of the definition file, for editors",
		Long: `Schema prints a JSON Schema (draft 7) of apiDefinition.swagger.json: OpenAPI 2.0
with the x-ms-* extensions, each where it has an effect. With it an editor
completes names and values, shows what an extension is for, and marks what is
misspelt or misplaced while it is written. It is made of the tables that lint
goes by.`,
		Example: `  connectorctl schema -o .vscode/apiDefinition.schema.json`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := connector.DefinitionSchema()
			if err != nil {
				return err
			}
			if file != "" {
				return lint.WriteNew(file, string(text))
			}
			_, err = s.out.Write(text)
			return err
		},
	}
	cmd.Flags().StringVarP(&file, "output", "o", "", "write to `FILE`")
	return cmd
}
