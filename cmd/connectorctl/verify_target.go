package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/connectorctl/connectorctl/connector"
	"github.com/connectorctl/connectorctl/connector/source"
	"github.com/connectorctl/connectorctl/connector/verify"
	"github.com/connectorctl/connectorctl/lint"
)

// target puts together what the flags say of the publisher.
func (f *verifyFlags) target(cmd *cobra.Command, s streams, path string) (target verify.Target, err error) {
	if target.Connector, err = loadDefinition(s, path); err != nil {
		return target, err
	}
	if target.Triggers, err = f.choose(target.Connector.Definition); err != nil {
		return target, err
	}
	if target.URL, err = absolute("--url", f.url); err != nil {
		return target, err
	}
	if target.Inputs, err = f.readInputs(target.Triggers); err != nil {
		return target, err
	}
	if target.Credentials, err = f.credentials(target.Connector.Definition); err != nil {
		return target, err
	}
	if err = f.receiving(s, &target); err != nil {
		return target, err
	}
	target.AllowHosts = f.allowHosts
	target.Times = verify.Times{Wait: f.wait, Retry: f.retry, Patient: f.patient, Promise: cmd.Flags().Changed("retry-wait")}
	if f.wait < 0 || f.retry < 0 || f.patient < 0 {
		return target, errors.New("--wait, --retry-wait and --timeout need a positive time, such as 30s")
	}
	return target, f.events(s, &target)
}

// loadDefinition reads the one connector that a path names.
func loadDefinition(s streams, path string) (*connector.Connector, error) {
	unit := connector.Unit{Definition: "<stdin>"}
	var err error
	if path == "-" {
		unit.Data, err = readAll(s.in)
	} else {
		unit, err = oneUnit(path)
	}
	if err != nil {
		return nil, err
	}
	c, err := connector.Load(unit)
	if err != nil {
		return nil, err
	}
	switch d := c.Definition; {
	case d.File == nil:
		return nil, fmt.Errorf("%s is no definition", path)
	case d.Root.Kind() != source.Object:
		return nil, fmt.Errorf("%s holds %s, expected an OpenAPI document; lint says more", d.File.Name, d.Root.Kind())
	case !d.IsSwagger2():
		return nil, fmt.Errorf("%s is no OpenAPI 2.0: convert it first", d.File.Name)
	}
	return c, nil
}

// choose returns the triggers that are named, or all.
func (f *verifyFlags) choose(d *connector.Definition) ([]*connector.Trigger, error) {
	delivery, known := map[string]connector.Delivery{"": 0, "webhook": connector.Webhook, "action": connector.WebhookAction}[f.as]
	if !known {
		return nil, fmt.Errorf("unknown --as %q: expected webhook or action", f.as)
	}
	if f.as != "" && len(f.triggers) == 0 {
		return nil, errors.New("--as goes with --trigger")
	}
	if len(f.triggers) == 0 {
		if len(d.Triggers()) == 0 {
			return nil, fmt.Errorf("%s has no trigger, and no action that waits for a callback", d.File.Name)
		}
		return d.Triggers(), nil
	}
	var chosen []*connector.Trigger
	for _, name := range f.triggers {
		t, err := findTrigger(d, name)
		if err != nil {
			return nil, err
		}
		if delivery != 0 {
			if t.Delivery == connector.Polling {
				return nil, fmt.Errorf("%s is a polling trigger: --as %s does not fit", t.Operation.Name(), f.as)
			}
			other := *t
			other.Delivery = delivery
			t = &other
		}
		chosen = append(chosen, t)
	}
	return chosen, nil
}

// findTrigger looks a trigger up as findOperation does.
func findTrigger(d *connector.Definition, name string) (*connector.Trigger, error) {
	o := findOperation(d, name)
	switch {
	case o != nil && o.Trigger != nil:
		return o.Trigger, nil
	case o != nil:
		return nil, fmt.Errorf("%q is an action that waits for nothing: it has neither x-ms-trigger nor a field for the callback URL", name)
	}
	var names []string
	for _, t := range d.Triggers() {
		names = append(names, t.Operation.Name())
	}
	if near := lint.Nearest(name, names); near != "" {
		return nil, fmt.Errorf("there is no trigger %q, did you mean %q?", name, near)
	}
	return nil, fmt.Errorf("there is no trigger %q; there is %s", name, strings.Join(names, ", "))
}

func absolute(flag, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil, fmt.Errorf("%s is missing: where is the publisher, such as http://localhost:8080", flag)
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%s: expected an http:// or https:// address", flag) // not repeated: it may hold a password
	case u.User != nil:
		return nil, fmt.Errorf("%s holds a user name: give it with --basic", flag)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%s %s: expected an address without query and fragment", flag, text)
	}
	return u, nil
}

// readInputs reads --input: values that are no JSON are text.
func (f *verifyFlags) readInputs(triggers []*connector.Trigger) (map[string]any, error) {
	inputs := map[string]any{}
	for _, text := range f.inputs {
		if name, isFile := strings.CutPrefix(text, "@"); isFile {
			value, err := readJSON(name)
			if err != nil {
				return nil, err
			}
			members, ok := value.(map[string]any)
			if !ok {
				return nil, fmt.Errorf("--input @%s: expected a JSON object of inputs", name)
			}
			for key, member := range members {
				inputs[key] = member
			}
			continue
		}
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--input %s: expected name=value, name=@file.json or @file.json", text)
		}
		file, isFile := strings.CutPrefix(value, "@")
		var err error
		if isFile {
			inputs[name], err = readJSON(file)
		} else {
			inputs[name] = typed(triggers, name, value)
		}
		if err != nil {
			return nil, err
		}
	}
	for name := range inputs {
		taken := false
		for _, t := range triggers {
			taken = taken || verify.Takes(t.Operation, name)
		}
		if !taken {
			return nil, fmt.Errorf("--input %s: no trigger has a parameter or a property of its body of that name", name)
		}
	}
	return inputs, nil
}

// typed reads a value as the definition wants it: "5" is a text where it asks
// for one, and a number where it does not.
func typed(triggers []*connector.Trigger, name, text string) any {
	for _, t := range triggers {
		schema := t.Operation.Body().Schema()
		for step := range strings.SplitSeq(name, ".") {
			schema = schema.Property(step)
		}
		if schema.Shape() == "string" {
			return text
		}
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil || d.More() {
		return text
	}
	return value
}

func readJSON(name string) (any, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("--input: %w", err)
	}
	file := source.Parse(name, data)
	for _, p := range file.Problems {
		at := file.Position(p.Range.Start)
		return nil, fmt.Errorf("--input: %s:%d:%d: %s", name, at.Line, at.Column, p.Message)
	}
	return file.Root().Value(), nil
}

// secret reads what a flag names but does not show: env:NAME or file:PATH.
func secret(flag, spec string) (string, error) {
	if name, ok := strings.CutPrefix(spec, "env:"); ok {
		value, set := os.LookupEnv(name)
		if !set || value == "" {
			return "", fmt.Errorf("%s: the environment has no %s", flag, name)
		}
		return value, nil
	}
	if name, ok := strings.CutPrefix(spec, "file:"); ok {
		data, err := os.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("%s: %w", flag, err)
		}
		value := strings.TrimRight(string(data), "\r\n")
		if value == "" {
			return "", fmt.Errorf("%s: %s is empty", flag, name)
		}
		return value, nil
	}
	return "", fmt.Errorf("%s: expected env:NAME or file:PATH: what stands on the command line, others can read", flag)
}

// credentials are those of the connection.
func (f *verifyFlags) credentials(d *connector.Definition) (verify.Credentials, error) {
	c := verify.Credentials{Header: http.Header{}, Query: url.Values{}}
	for _, text := range f.headers {
		name, value, ok := strings.Cut(text, ":")
		value = strings.TrimSpace(value)
		if !ok || name == "" || strings.ContainsAny(name, " \t\r\n") || strings.ContainsAny(value, "\r\n") {
			return c, errors.New("--header: expected \"Name: value\"")
		}
		if strings.HasPrefix(value, "env:") || strings.HasPrefix(value, "file:") {
			var err error
			if value, err = secret("--header "+name, value); err != nil {
				return c, err
			}
			c.Secrets = append(c.Secrets, value)
		}
		c.Header.Add(name, value)
	}
	if f.basic != "" {
		value, err := secret("--basic", f.basic)
		if err != nil {
			return c, err
		}
		_, password, ok := strings.Cut(value, ":")
		if !ok {
			return c, errors.New("--basic: expected user:password")
		}
		encoded := base64.StdEncoding.EncodeToString([]byte(value))
		c.Header.Set("Authorization", "Basic "+encoded)
		c.Secrets = append(c.Secrets, value, password, encoded)
	}
	if f.bearer != "" {
		value, err := secret("--bearer", f.bearer)
		if err != nil {
			return c, err
		}
		c.Header.Set("Authorization", "Bearer "+value)
		c.Secrets = append(c.Secrets, value)
	}
	for _, spec := range f.apiKeys {
		if err := addKey(&c, d, spec); err != nil {
			return c, err
		}
	}
	return c, nil
}

// addKey places an API key as securityDefinitions says.
func addKey(c *verify.Credentials, d *connector.Definition, spec string) error {
	wanted := ""
	if name, rest, ok := strings.Cut(spec, "="); ok && !strings.Contains(name, ":") {
		wanted, spec = name, rest
	}
	value, err := secret("--api-key", spec)
	if err != nil {
		return err
	}
	var names []string
	var found source.Node
	for key, definition := range d.Root.Get("securityDefinitions").Members() {
		name, _ := key.Str()
		if definition.Get("type").Is("apiKey") && (wanted == "" || wanted == name) {
			names = append(names, name)
			found = definition
		}
	}
	switch {
	case len(names) == 0 && wanted != "":
		return fmt.Errorf("--api-key: securityDefinitions has no apiKey %q", wanted)
	case len(names) == 0:
		return errors.New("--api-key: the definition has no apiKey in securityDefinitions; send it with --header")
	case len(names) > 1:
		return fmt.Errorf("--api-key: securityDefinitions has several, %s: choose one with NAME=%s", strings.Join(names, ", "), spec)
	}
	name, _ := found.Get("name").Str()
	c.Secrets = append(c.Secrets, value)
	if found.Get("in").Is("query") {
		c.Query.Set(name, value)
	} else {
		c.Header.Set(name, value)
	}
	return nil
}

// receiving says where notifications are received.
func (f *verifyFlags) receiving(s streams, target *verify.Target) error {
	target.Listen = f.listen
	if f.callbackURL != "" {
		u, err := absolute("--callback-url", f.callbackURL)
		if err != nil {
			return err
		}
		if f.listen == "" {
			return errors.New("--callback-url needs --listen: to which address does it lead?")
		}
		target.CallbackURL = u
	}
	if f.certificate != "" && !f.tls {
		return errors.New("--tls-certificate goes with --tls")
	}
	if !f.tls {
		return nil
	}
	names := []string{}
	if target.CallbackURL != nil {
		names = append(names, target.CallbackURL.Hostname())
	}
	settings, certificate, err := verify.PlatformTLS(names...)
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	if f.certificate != "" {
		if err := lint.WriteNew(f.certificate, string(certificate)); err != nil {
			return fmt.Errorf("write %s: %w", f.certificate, err)
		}
	}
	target.TLS = settings
	fmt.Fprintf(s.err, "connectorctl: callbacks are received with TLS 1.2 and the platform's cipher suites, but %s, which Go lacks\n", strings.Join(verify.MissingSuites(), " and "))
	return nil
}

// events says who makes events happen.
func (f *verifyFlags) events(s streams, target *verify.Target) error {
	if f.fire != "" && f.fireURL != "" {
		return errors.New("--fire and --fire-url exclude each other")
	}
	c := commands{}
	switch {
	case f.fire != "":
		target.Fire = func(ctx context.Context, e verify.Event) error { return c.fire(ctx, f.fire, e) }
	case f.fireURL != "":
		if _, err := absolute("--fire-url", strings.ReplaceAll(f.fireURL, "{trigger}", "x")); err != nil && !strings.Contains(err.Error(), "query") {
			return err
		}
		target.Fire = func(ctx context.Context, e verify.Event) error { return fireURL(ctx, f.fireURL, e) }
	default:
		p := &person{streams: s}
		target.Ask = p.ask
	}
	if f.restart != "" {
		target.Restart = func(ctx context.Context) error { return c.run(ctx, f.restart, nil) }
	}
	return nil
}

// fireTime bounds how long a command or a call may take to make an event
// happen, restartTime how long a restart may.
const (
	fireTime    = 30 * time.Second
	restartTime = 60 * time.Second
)

// commands runs the user's commands, one at a time: they may share files.
type commands struct{ mu sync.Mutex }

func (c *commands) fire(ctx context.Context, command string, e verify.Event) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	dir, err := os.MkdirTemp("", "connectorctl-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "sample.json")
	if err := os.WriteFile(name, e.Sample, 0o600); err != nil {
		return err
	}
	ctx, cancel := within(ctx, fireTime)
	defer cancel()
	return execute(ctx, "--fire", command, []string{
		"CONNECTORCTL_TRIGGER=" + e.Trigger, "CONNECTORCTL_CALLBACK_URL=" + e.CallbackURL,
		"CONNECTORCTL_LOCATION=" + e.Location, "CONNECTORCTL_SAMPLE=" + name,
	})
}

func (c *commands) run(ctx context.Context, command string, env []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := within(ctx, restartTime)
	defer cancel()
	return execute(ctx, "--restart", command, env)
}

func within(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("it had not ended after %s", limit))
}

// shownOutput is how much of a failed command's output a person wants to read.
const shownOutput = 2000

// execute runs a command of the user's in a shell. Its output goes to a file
// and not to a pipe: what it leaves running in the background, such as the
// publisher, would keep a pipe open.
func execute(ctx context.Context, flag, command string, env []string) error {
	output, err := os.CreateTemp("", "connectorctl-")
	if err != nil {
		return err
	}
	defer os.Remove(output.Name())
	defer output.Close()
	shell := []string{"sh", "-c", command}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C", command}
	}
	cmd := exec.CommandContext(ctx, shell[0], shell[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = output, output
	endTogether(cmd)
	err = cmd.Run()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err == nil {
		return nil
	}
	said, readErr := os.ReadFile(output.Name())
	if readErr != nil {
		return fmt.Errorf("%s %q: %w", flag, command, err)
	}
	said = bytes.TrimSpace(said[max(0, len(said)-shownOutput):])
	return fmt.Errorf("%s %q: %w\n%s", flag, command, err, said)
}

// fireURL POSTs a sample.
func fireURL(ctx context.Context, address string, e verify.Event) error {
	ctx, cancel := context.WithTimeout(ctx, fireTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.ReplaceAll(address, "{trigger}", url.PathEscape(e.Trigger)), bytes.NewReader(e.Sample))
	if err != nil {
		return errors.New("--fire-url: expected an address")
	}
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("--fire-url: %w", errors.Unwrap(err))
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, shownOutput))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("--fire-url was answered %s, expected 2xx\n%s", resp.Status, bytes.TrimSpace(said))
	}
	return nil
}
