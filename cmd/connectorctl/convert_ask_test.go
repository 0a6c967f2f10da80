package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"testing"
)

// TestInterruptedQuestion: Ctrl-C ends a question that nobody answers.
func TestInterruptedQuestion(t *testing.T) {
	in, answers := io.Pipe()
	defer answers.Close()
	ctx, interrupt := context.WithCancel(t.Context())
	ask := interview{&conversion{streams: streams{in, io.Discard, io.Discard}}, ctx, bufio.NewScanner(in)}
	interrupt()
	if _, err := ask.yes("make it a webhook trigger", true); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}
