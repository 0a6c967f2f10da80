package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/sample"
)

func newSample(s streams) *cobra.Command {
	var trigger string
	var variant int
	cmd := &cobra.Command{
		Use:   "sample PATH [--trigger ID]",
		Short: "Print a payload that satisfies the schema of a trigger",
		Long: `Sample prints what a service could send for a trigger: JSON that satisfies
x-ms-notification-content, or, for a polling trigger, the 200 response. It takes
the author's examples, defaults and values as far as they fit, and else makes
values of type, format, pattern and limits. The same definition always gives the
same payload.`,
		Example: `  connectorctl sample my-connector --trigger OnOrderCreated
  connectorctl sample my-connector --trigger OnOrderCreated | curl -d @- http://localhost:8080/publish`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if variant < 0 {
				return fmt.Errorf("--variant %d: expected a number from 0", variant)
			}
			c, err := loadDefinition(s, args[0])
			if err != nil {
				return err
			}
			t, err := oneTrigger(c.Definition, trigger)
			if err != nil {
				return err
			}
			return printSample(s, t, variant)
		},
	}
	cmd.Flags().StringVar(&trigger, "trigger", "", "the operation, by its `id` or as \"POST /path\" (default the only one)")
	cmd.Flags().IntVar(&variant, "variant", 0, "another payload, for each `number`, where the schema leaves a choice")
	return cmd
}

// oneTrigger finds the trigger of a name, or the only one there is.
func oneTrigger(d *connector.Definition, name string) (*connector.Trigger, error) {
	if name != "" {
		return findTrigger(d, name)
	}
	triggers := d.Triggers()
	switch len(triggers) {
	case 0:
		return nil, fmt.Errorf("%s has no trigger, and no action that waits for a callback", d.File.Name)
	case 1:
		return triggers[0], nil
	}
	names := ""
	for _, t := range triggers {
		names += "\n  " + t.Operation.Name()
	}
	return nil, fmt.Errorf("%s has %d triggers, name one with --trigger:%s", d.File.Name, len(triggers), names)
}

func printSample(s streams, t *connector.Trigger, variant int) error {
	payload := t.Payload()
	if !payload.Exists() {
		return fmt.Errorf("%s describes no payload; lint says more", t.Operation.Name())
	}
	made, err := sample.Of(payload, sample.Options{Variant: variant})
	if err != nil {
		return err
	}
	for _, n := range made.Notes {
		at := n.Node.File().Position(n.Node.Range().Start)
		s.fail(fmt.Errorf("%s:%d:%d: %s", n.Node.File().Name, at.Line, at.Column, n.Message))
	}
	_, err = s.out.Write(made.JSON)
	return err
}
