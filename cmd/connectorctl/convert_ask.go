package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/convert"
)

// interview asks a person what the document does not say. Questions go to
// standard error, where the report goes; an empty answer takes what would be
// done without asking, and the end of the input is no answer.
type interview struct {
	*conversion
	ctx     context.Context // whose end is an end of waiting for an answer
	answers *bufio.Scanner
}

var errNoAnswer = errors.New("the answers ended early: nothing is written")

// which asks of each candidate whether to convert it.
func (i interview) which(candidates, chosen []convert.Candidate) (decided []convert.Candidate, err error) {
	for _, candidate := range candidates {
		o := candidate.Operation
		i.say("%s %s (%s), %s: %s", strings.ToUpper(o.Method), o.Path, o.Name(), candidate.Confidence, strings.Join(candidate.Reasons, ", "))
		likely := slices.ContainsFunc(chosen, func(c convert.Candidate) bool { return c.Operation == o })
		take, err := i.yes("make it a "+deliveryWords[candidate.As], likely)
		if err != nil {
			return nil, err
		}
		if take {
			decided = append(decided, candidate)
		}
	}
	return decided, nil
}

// missing asks for what a webhook needs and neither the document nor a flag
// tells: the field that takes the callback URL, the payload and the DELETE.
func (i interview) missing(requests []convert.Request) error {
	for n := range requests {
		r := &requests[n]
		o := r.Candidate.Operation
		if r.As == connector.Polling || o.Trigger != nil && len(o.Trigger.Callbacks) > 0 {
			continue
		}
		for _, ask := range []func(*convert.Request) error{i.callback, i.payload, i.removal} {
			if err := ask(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (i interview) callback(r *convert.Request) error {
	if r.Callback != "" || r.Candidate.Callback.Node.Exists() {
		return nil
	}
	fields := textFields(r.Candidate.Operation.Body().Schema(), "", 0)
	if len(fields) == 0 {
		return nil // converting says what is wrong
	}
	answer, err := i.line("%s: which field takes the callback URL? [%s]", r.Candidate.Operation.Name(), strings.Join(fields, ", "))
	r.Callback = answer
	return err
}

// textFields lists the fields of a body that can hold a URL.
func textFields(s connector.Schema, prefix string, depth int) (names []string) {
	for p := range s.Properties() {
		switch shape := p.Schema.Shape(); {
		case shape == "string" || shape == "":
			names = append(names, prefix+p.Name)
		case shape == "object" && depth < 3:
			names = append(names, textFields(p.Schema, prefix+p.Name+".", depth+1)...)
		}
	}
	return names
}

func (i interview) payload(r *convert.Request) error {
	if r.Notification != "" || len(r.Samples) > 0 || r.Candidate.Notification.Exists() {
		return nil
	}
	for {
		answer, err := i.line("%s: what does the service send? a JSON Pointer to its schema, or a file with a sample [not known]", r.Candidate.Operation.Name())
		switch {
		case err != nil || answer == "":
			return err
		case strings.HasPrefix(answer, "#/"), strings.HasPrefix(answer, "/") && i.connector.Definition.At(answer).Exists():
			r.Notification = strings.TrimPrefix(answer, "#")
			return nil
		}
		sample, err := readSample(answer)
		if err == nil {
			r.Samples = [][]byte{sample}
			return nil
		}
		i.say("%v", err)
	}
}

func (i interview) removal(r *convert.Request) error {
	if r.Unsubscribe != "" || r.UnsubscribePath != "" || r.Candidate.Unsubscribe != nil {
		return nil
	}
	var ids []string
	for _, o := range i.connector.Definition.Operations() {
		if o.Method == "delete" {
			ids = append(ids, o.Name())
		}
	}
	for {
		answer, err := i.line("%s: which operation undoes it? one of %s, or the path of one to be written, as /hooks/{id} [none]", r.Candidate.Operation.Name(), orNone(ids))
		switch {
		case err != nil || answer == "":
			return err
		case strings.HasPrefix(answer, "/"):
			r.UnsubscribePath = answer
			return nil
		case findOperation(i.connector.Definition, answer) != nil:
			r.Unsubscribe = answer
			return nil
		}
		i.say("%v", i.checkOperations([]string{answer}))
	}
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none that is there"
	}
	return strings.Join(names, ", ")
}

// yes asks until the answer is yes or no, or empty for what is likely.
func (i interview) yes(question string, likely bool) (bool, error) {
	choice := "y/N"
	if likely {
		choice = "Y/n"
	}
	for {
		answer, err := i.line("%s? [%s]", question, choice)
		if err != nil {
			return false, err
		}
		switch strings.ToLower(answer) {
		case "":
			return likely, nil
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
	}
}

// line asks a question and returns the answer without the blanks around it.
func (i interview) line(format string, args ...any) (string, error) {
	fmt.Fprintf(i.err, "%s ", clean(fmt.Sprintf(format, args...)))
	answered := make(chan bool, 1)
	go func() { answered <- i.answers.Scan() }()
	select {
	case <-i.ctx.Done():
		fmt.Fprintln(i.err)
		return "", i.ctx.Err()
	case ok := <-answered:
		if !ok {
			fmt.Fprintln(i.err)
			return "", errNoAnswer
		}
	}
	return strings.TrimSpace(i.answers.Text()), nil
}
