package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// Exit statuses of all commands.
const (
	exitClean    = 0 // nothing found at or above --fail-on
	exitFindings = 1 // findings
	exitFailure  = 2 // the job could not be done
)

// errFindings ends a command that did its job and found something. It is never
// printed.
var errFindings = errors.New("findings")

// errReported ends a command that could not do its job and has said why.
var errReported = errors.New("reported")

// streams are a command's standard streams. Results go to out, everything that
// speaks of the run itself to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// fail prints an error the way all are printed.
func (s streams) fail(err error) {
	for line := range strings.SplitSeq(strings.TrimRight(err.Error(), "\n"), "\n") {
		fmt.Fprintf(s.err, "connectorctl: %s\n", line)
	}
}

// run is the whole program: arguments and streams in, exit status out. A fault
// of ours ends it with a message and not with a trace.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	s := streams{stdin, stdout, stderr}
	defer func() {
		if fault := recover(); fault != nil {
			s.fail(fmt.Errorf("internal error, please report it: %v", fault))
			status = exitFailure
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends what cannot be waited for, such as a read
	root := newRoot(s)
	root.SetArgs(args)
	switch err := root.ExecuteContext(ctx); {
	case err == nil:
		return exitClean
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, errReported), errors.Is(err, syscall.EPIPE):
		return exitFailure
	case errors.Is(err, context.Canceled):
		s.fail(errors.New("interrupted"))
	default:
		s.fail(err)
	}
	return exitFailure
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "connectorctl",
		Short: "Check custom connectors for Power Platform and Logic Apps",
		Long: `connectorctl checks the definition of a custom connector before the platform
does: offline, with exact places, and with fixes.`,
		Example: `  connectorctl lint .                 check every connector below this folder
  connectorctl lint --fix my-connector
  connectorctl inspect my-connector   see the triggers as the platform will`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if wrong := (*pflag.InvalidValueError)(nil); errors.As(err, &wrong) {
			if kind := flagKinds[wrong.GetFlag().Value.Type()]; kind != "" {
				err = fmt.Errorf("--%s %s: expected %s", wrong.GetFlag().Name, wrong.GetValue(), kind)
			}
		}
		return fmt.Errorf("%w\nrun %q for the flags", err, c.CommandPath()+" --help")
	})
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(newLint(s), newInspect(s), newConvert(s), newScaffold(s), newVerify(s), newSample(s), newSchema(s), newRules(s), newVersion(s))
	return root
}

// flagKinds says what flags take of which the parser only tells in terms of Go.
var flagKinds = map[string]string{"int": "a whole number", "bool": "true or false", "duration": "a time such as 10s"}

// isTerminal reports whether a person is likely to look at a stream.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// useColor resolves a --color flag (https://no-color.org).
func useColor(flag string, out io.Writer) (bool, error) {
	switch flag {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return isTerminal(out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", nil
	}
	return false, fmt.Errorf("unknown --color %q: expected auto, always or never", flag)
}
