package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// The commands below let a script run a generated server and be a flow to it:
//
//	serve VAR PROGRAM ARGS...    start a server, and set VAR to its address
//	terminate                    end it as an operator does; it must exit with 0
//	flow VAR                     listen for notifications, and set VAR to the callback URL
//	received FILE                wait for a notification, and write its body to FILE
//	request METHOD URL ARGS...   send a request; "Name: value" is a header, anything else the body
//	capture VAR REGEXP           set VAR to the group of the match in the last output
var serverCommands = map[string]func(*testscript.TestScript, bool, []string){
	"serve": serve, "terminate": terminate, "flow": flow, "received": received, "request": request, "capture": capture,
}

// scriptState is what the commands of one script share.
type scriptState struct {
	mu            sync.Mutex
	server        *exec.Cmd
	said          strings.Builder // what the server wrote
	output        string          // of the last request
	notifications chan string
}

var scriptStates sync.Map // the script's folder → *scriptState

func stateOf(ts *testscript.TestScript) *scriptState {
	state, _ := scriptStates.LoadOrStore(ts.Getenv("WORK"), &scriptState{notifications: make(chan string, 100)})
	return state.(*scriptState)
}

// patience is how long a script waits for what should come at once.
const patience = 60 * time.Second

func serve(ts *testscript.TestScript, neg bool, args []string) {
	s := stateOf(ts)
	s.server = exec.Command(ts.MkAbs(args[1]), args[2:]...)
	s.server.Dir = ts.MkAbs(".")
	s.server.Env = append(os.Environ(), "ADDR=127.0.0.1:0")
	if roots := ts.Getenv("SSL_CERT_FILE"); roots != "" {
		s.server.Env = append(s.server.Env, "SSL_CERT_FILE="+roots)
	}
	out, err := s.server.StderrPipe()
	ts.Check(err)
	ts.Check(s.server.Start())
	ts.Defer(func() { _ = s.server.Process.Kill() })
	address := make(chan string, 1)
	go func() {
		pattern := regexp.MustCompile(`address=(http://[^ ]+)`)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			s.mu.Lock()
			fmt.Fprintln(&s.said, lines.Text())
			s.mu.Unlock()
			if m := pattern.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
			}
		}
		close(address)
	}()
	select {
	case where := <-address:
		ts.Setenv(args[0], where)
		if where != "" {
			return
		}
	case <-time.After(patience):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ts.Fatalf("the server did not start:\n%s", s.said.String())
}

func terminate(ts *testscript.TestScript, neg bool, args []string) {
	s := stateOf(ts)
	if runtime.GOOS == "windows" {
		_ = s.server.Process.Kill() // there is no other way
		_ = s.server.Wait()
		return
	}
	ts.Check(s.server.Process.Signal(os.Interrupt))
	err := s.server.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		ts.Fatalf("the server ended with %v:\n%s", err, s.said.String())
	}
	for _, secret := range []string{"sig=secret"} {
		if strings.Contains(s.said.String(), secret) {
			ts.Fatalf("the server wrote a secret:\n%s", s.said.String())
		}
	}
}

func flow(ts *testscript.TestScript, neg bool, args []string) {
	s := stateOf(ts)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.notifications <- string(body)
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL+"/flow?sig=secret")
}

func received(ts *testscript.TestScript, neg bool, args []string) {
	select {
	case body := <-stateOf(ts).notifications:
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(body), 0o666))
	case <-time.After(patience):
		ts.Fatalf("no notification came")
	}
}

func request(ts *testscript.TestScript, neg bool, args []string) {
	header, body := http.Header{"Content-Type": {"application/json"}}, ""
	for _, arg := range args[2:] {
		if name, value, ok := strings.Cut(arg, ": "); ok && !strings.HasPrefix(arg, "{") {
			header.Set(name, value)
		} else {
			body = arg
		}
	}
	r, err := http.NewRequest(args[0], args[1], strings.NewReader(body))
	ts.Check(err)
	r.Header = header
	answer, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	s := stateOf(ts)
	s.output = fmt.Sprintf("%s\nLocation: %s\n%s\n", answer.Status, answer.Header.Get("Location"), text)
	ts.Logf("%s", s.output)
	if (answer.StatusCode >= 400) != neg {
		ts.Fatalf("%s %s is answered with %s", args[0], args[1], answer.Status)
	}
}

func capture(ts *testscript.TestScript, neg bool, args []string) {
	m := regexp.MustCompile(args[1]).FindStringSubmatch(stateOf(ts).output)
	if m == nil {
		ts.Fatalf("no match for %s", args[1])
	}
	ts.Setenv(args[0], m[len(m)-1])
}
