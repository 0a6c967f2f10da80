package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// publisherCommands let a script verify a small publisher:
//
//	publisher VAR [FAULT...]   start it, and set VAR to its address
//	left COUNT                 how many registrations stand
//
// It takes registrations at /v1/hooks with the API key "let me in", and makes an
// event of what is POSTed to /fire. Faults: no-location, status-200, puts, no-retry.
var publisherCommands = map[string]func(*testscript.TestScript, bool, []string){"publisher": publisher, "left": left}

type scriptPublisher struct {
	*httptest.Server
	faults []string

	mu    sync.Mutex
	count int
	hooks map[string]string // id → callback URL, "" once it is removed
}

var scriptPublishers sync.Map // the script's folder → *scriptPublisher

func publisher(ts *testscript.TestScript, _ bool, args []string) {
	p := startScriptPublisher(args[1:]...)
	ts.Defer(p.Close)
	scriptPublishers.Store(ts.Getenv("WORK"), p)
	ts.Setenv(args[0], p.URL)
}

func left(ts *testscript.TestScript, _ bool, args []string) {
	p, _ := scriptPublishers.Load(ts.Getenv("WORK"))
	if got := p.(*scriptPublisher).live(); strconv.Itoa(got) != args[0] {
		ts.Fatalf("%d registrations stand", got)
	}
}

func startScriptPublisher(faults ...string) *scriptPublisher {
	p := &scriptPublisher{faults: faults, hooks: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/hooks", p.register)
	mux.HandleFunc("DELETE /v1/hooks/{id}", p.remove)
	mux.HandleFunc("POST /fire", p.fire)
	p.Server = httptest.NewUnstartedServer(mux)
	p.Start()
	return p
}

func (p *scriptPublisher) live() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, callback := range p.hooks {
		if callback != "" {
			n++
		}
	}
	return n
}

func (p *scriptPublisher) register(w http.ResponseWriter, r *http.Request) {
	var body struct{ CallbackURL, Channel string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	u, err := url.Parse(body.CallbackURL)
	switch {
	case r.Header.Get("X-Key") != "let me in":
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	case err != nil || u.Host == "" || body.Channel == "closed":
		http.Error(w, "no", http.StatusUnprocessableEntity)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	id := fmt.Sprint("h", p.count)
	p.hooks[id] = body.CallbackURL
	if !slices.Contains(p.faults, "no-location") {
		w.Header().Set("Location", p.URL+"/v1/hooks/"+id)
	}
	if !slices.Contains(p.faults, "status-200") {
		w.WriteHeader(http.StatusCreated)
	}
}

func (p *scriptPublisher) remove(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.hooks[r.PathValue("id")]; !known {
		http.NotFound(w, r)
		return
	}
	p.hooks[r.PathValue("id")] = ""
	w.WriteHeader(http.StatusNoContent)
}

func (p *scriptPublisher) fire(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, callback := range p.hooks {
		if callback != "" {
			go p.deliver(id, callback, body)
		}
	}
	w.WriteHeader(http.StatusAccepted)
}

func (p *scriptPublisher) deliver(id, callback string, body []byte) {
	method := http.MethodPost
	if slices.Contains(p.faults, "puts") {
		method = http.MethodPut
	}
	client := &http.Client{Timeout: time.Second}
	for range 10 {
		p.mu.Lock()
		isGone := p.hooks[id] == ""
		p.mu.Unlock()
		if isGone {
			return
		}
		r, err := http.NewRequestWithContext(context.Background(), method, callback, bytes.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", "application/json")
		wait := 50 * time.Millisecond
		if answer, err := client.Do(r); err == nil {
			answer.Body.Close()
			switch {
			case answer.StatusCode == http.StatusGone:
				p.mu.Lock()
				p.hooks[id] = ""
				p.mu.Unlock()
				return
			case answer.StatusCode/100 == 2, slices.Contains(p.faults, "no-retry"), answer.StatusCode == http.StatusNotFound:
				return
			}
			if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
				wait = time.Duration(seconds) * time.Second
			}
		}
		time.Sleep(wait)
	}
}

// post is a program for --fire: it POSTs a file to a URL.
func post() {
	body, err := os.ReadFile(os.Args[2])
	if err == nil {
		var answer *http.Response
		if answer, err = http.Post(os.Args[1], "application/json", bytes.NewReader(body)); err == nil {
			answer.Body.Close()
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
