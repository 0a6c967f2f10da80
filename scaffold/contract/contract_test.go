package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/connectorctl/connectorctl/scaffold/publisher"
)

type request struct {
	ID     int64
	Name   string
	Level  *float64
	On     *bool
	Tags   []string
	Counts []int64
	Header string
	Body   map[string]any
	Text   string
	File   FileContent
}

// call sends a request to an action that reads it with read.
func call(t *testing.T, r *http.Request, read func(*input, *request)) (*httptest.ResponseRecorder, request) {
	t.Helper()
	var got request
	answer := httptest.NewRecorder()
	serve(http.StatusOK, func(_ context.Context, in *input) (any, error) {
		read(in, &got)
		return nil, in.err
	}).ServeHTTP(answer, r)
	return answer, got
}

func TestParameters(t *testing.T) {
	read := func(in *input, r *request) {
		in.path("id", &r.ID)
		in.queries("name", ",", true, &r.Name)
		in.queries("level", ",", false, &r.Level)
		in.queries("on", ",", false, &r.On)
		in.queries("tags", "|", false, &r.Tags)
		in.queries("counts", "", false, &r.Counts)
		in.header("X-Header", ",", false, &r.Header)
	}
	half, off := 0.5, false
	for target, test := range map[string]struct {
		id   string
		want request
		says string
	}{
		"/?name=a&level=0.5&on=false&tags=x|y&counts=1&counts=2": {"7", request{ID: 7, Name: "a", Level: &half, On: &off, Tags: []string{"x", "y"}, Counts: []int64{1, 2}, Header: "h"}, ""},
		"/?name=a":                {"7", request{ID: 7, Name: "a", Header: "h"}, ""},
		"/?name=":                 {"7", request{}, `the query parameter \"name\" is missing`},
		"/?name=a&counts=1,2":     {"7", request{}, `the query parameter \"counts\" is \"1,2\" and no int64`},
		"/?name=a&level=deep":     {"7", request{}, `no float64`},
		"/?name=a&level=Inf":      {"7", request{}, `no float64`},
		"/?name=a&on=True&level=": {"7", request{Name: "a", ID: 7, On: new(true), Header: "h"}, ""},
		"/?name=a&on=perhaps":     {"7", request{}, `no bool`},
		"/?name=a&why=another":    {"seven", request{}, `the path parameter \"id\" is \"seven\" and no int64`},
	} {
		r := httptest.NewRequest("GET", target, nil)
		r.SetPathValue("id", test.id)
		r.Header.Set("X-Header", "h")
		answer, got := call(t, r, read)
		switch {
		case test.says == "" && (answer.Code != 200 || !reflect.DeepEqual(got, test.want)):
			t.Errorf("%s: %d %s, %+v", target, answer.Code, answer.Body, got)
		case test.says != "" && (answer.Code != 400 || !strings.Contains(answer.Body.String(), test.says)):
			t.Errorf("%s: %d %s", target, answer.Code, answer.Body)
		}
	}
}

func TestBodies(t *testing.T) {
	read := func(in *input, r *request) { in.body(true, &r.Body) }
	for name, test := range map[string]struct {
		contentType, body string
		code              int
		says              string
	}{
		"json":        {"application/json; charset=utf-8", `{"a": 1}`, 200, ""},
		"json, too":   {"application/vnd.x+json", `{"a": 1}`, 200, ""},
		"not said":    {"", `{"a": 1}`, 200, ""},
		"empty":       {"application/json", "", 400, "the body is missing"},
		"broken":      {"application/json", "{", 400, "no valid JSON"},
		"trailing":    {"application/json", "{} {}", 400, "no valid JSON"},
		"another":     {"application/xml", "<a/>", 415, "application/xml"},
		"wrong shape": {"application/json", "[]", 400, "does not fit"},
		"too large":   {"application/json", `"` + strings.Repeat("x", maxRequest) + `"`, 413, "larger"},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(test.body))
		r.Header.Set("Content-Type", test.contentType)
		answer, got := call(t, r, read)
		if answer.Code != test.code || !strings.Contains(answer.Body.String(), test.says) || (test.code == 200) != (len(got.Body) == 1) {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader("plain text"))
	r.Header.Set("Content-Type", "text/plain")
	if answer, got := call(t, r, func(in *input, r *request) { in.body(true, &r.Text) }); got.Text != "plain text" {
		t.Error(answer.Code, got.Text)
	}
	r = httptest.NewRequest("PUT", "/", strings.NewReader("\x00\x01"))
	r.Header.Set("Content-Type", "image/png")
	if answer, got := call(t, r, func(in *input, r *request) { in.content(true, &r.File) }); string(got.File.Content) != "\x00\x01" || got.File.ContentType != "image/png" {
		t.Error(answer.Code, got.File)
	}
	if answer, _ := call(t, httptest.NewRequest("PUT", "/", nil), func(in *input, r *request) { in.content(true, &r.File) }); answer.Code != 400 {
		t.Error(answer.Code)
	}
}

func TestForms(t *testing.T) {
	read := func(in *input, r *request) {
		in.file("file", true, &r.File)
		in.form("name", ",", true, &r.Name)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "a.txt")
	_, _ = part.Write([]byte("content"))
	_ = form.WriteField("name", "a")
	_ = form.Close()
	r := httptest.NewRequest("POST", "/?name=query", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	if answer, got := call(t, r, read); answer.Code != 200 || got.File.Name != "a.txt" || string(got.File.Content) != "content" || got.Name != "a" {
		t.Error(answer.Code, answer.Body, got)
	}
	r = httptest.NewRequest("POST", "/?name=query", strings.NewReader("other=b"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if answer, got := call(t, r, func(in *input, r *request) { in.form("name", ",", true, &r.Name) }); answer.Code != 400 || got.Name != "" {
		t.Error(answer.Code, answer.Body, got)
	}
	r = httptest.NewRequest("PUT", "/?name=query", strings.NewReader("name=a"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if answer, got := call(t, r, read); answer.Code != 400 || got.Name != "a" || !strings.Contains(answer.Body.String(), "file") {
		t.Error(answer.Code, answer.Body, got)
	}
}

func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		result            any
		err               error
		code              int
		contentType, body string
	}{
		"nothing":  {nil, nil, 202, "", ""},
		"json":     {map[string]int{"a": 1}, nil, 202, "application/json", `{"a":1}`},
		"file":     {FileContent{Name: "a b.txt", ContentType: "text/plain", Content: []byte("x")}, nil, 202, "text/plain", "x"},
		"bytes":    {FileContent{Content: []byte("x")}, nil, 202, "application/octet-stream", "x"},
		"problem":  {nil, &Problem{404, "no such order"}, 404, "application/problem+json", "no such order"},
		"error":    {nil, errors.New("secret"), 500, "application/problem+json", "the call failed"},
		"no error": {nil, &Problem{200, "secret"}, 500, "application/problem+json", "the call failed"},
		"no json":  {func() {}, nil, 500, "application/problem+json", "the call failed"},
	} {
		answer := httptest.NewRecorder()
		serve(http.StatusAccepted, func(context.Context, *input) (any, error) { return test.result, test.err }).
			ServeHTTP(answer, httptest.NewRequest("GET", "/", nil))
		got := answer.Body.String()
		if answer.Code != test.code || answer.Header().Get("Content-Type") != test.contentType || !strings.Contains(got, test.body) || strings.Contains(got, "secret") {
			t.Errorf("%s: %d %s %s", name, answer.Code, answer.Header(), got)
		}
		if name == "file" && answer.Header().Get("Content-Disposition") != `attachment; filename="a b.txt"` {
			t.Error(answer.Header())
		}
	}
}

func TestDateTime(t *testing.T) {
	want := time.Date(2026, 1, 31, 12, 30, 15, 0, time.UTC)
	for _, text := range []DateTime{"2026-01-31T12:30:15Z", "2026-01-31T13:30:15+01:00", "2026-01-31T13:30:15.000+0100", "2026-01-31T12:30:15", "2026-01-31 12:30:15", NewDateTime(want)} {
		if got, err := text.Time(); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if got, err := DateTime("2026-01-31").Time(); err != nil || got.Day() != 31 {
		t.Error(got, err)
	}
	if _, err := DateTime("yesterday").Time(); err == nil {
		t.Error("yesterday is taken")
	}
}

type odd struct {
	Plain string   `json:"plain,omitzero"`
	AB    string   `json:"-"`
	C     []string `json:"-"`
}

func (v odd) MarshalJSON() ([]byte, error) {
	type plain odd
	return marshalOdd(plain(v), oddMember{"a,\"b\\", &v.AB, false}, oddMember{"", &v.C, true})
}

func (v *odd) UnmarshalJSON(data []byte) error {
	type plain odd
	if err := json.Unmarshal(data, (*plain)(v)); err != nil {
		return err
	}
	return unmarshalOdd(data, oddMember{"a,\"b\\", &v.AB, false}, oddMember{"", &v.C, true})
}

func TestOddNames(t *testing.T) {
	for text, want := range map[string]odd{
		`{"plain":"x","a,\"b\\":"y","":["z"]}`: {"x", "y", []string{"z"}},
		`{"a,\"b\\":""}`:                       {},
		`{"plain":"x","a,\"b\\":"y"}`:          {Plain: "x", AB: "y"},
	} {
		out, err := json.Marshal(want)
		if err != nil || string(out) != text {
			t.Errorf("%s, %v, want %s", out, err, text)
		}
		var got odd
		if err := json.Unmarshal([]byte(text), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	var got odd
	if err := json.Unmarshal([]byte(`{"a,\"b\\": 1}`), &got); err == nil {
		t.Error("a number is taken for a string")
	}
	if err := json.Unmarshal([]byte(`null`), &got); err != nil {
		t.Error(err)
	}
}

// open is a type as it is generated for an object with more members than it has
// fields.
type open struct {
	Plain string         `json:"plain,omitzero"`
	Rest  map[string]int `json:"-"`
}

func (v open) MarshalJSON() ([]byte, error) {
	type plain open
	object, err := json.Marshal(plain(v))
	if err != nil {
		return nil, err
	}
	return marshalRest(object, v.Rest)
}

func (v *open) UnmarshalJSON(data []byte) error {
	type plain open
	if err := json.Unmarshal(data, (*plain)(v)); err != nil {
		return err
	}
	return unmarshalRest(data, &v.Rest, "plain")
}

func TestOtherMembers(t *testing.T) {
	for text, want := range map[string]open{
		`{"plain":"x","a":1,"b\"":2}`: {"x", map[string]int{"a": 1, `b"`: 2}},
		`{"a":1}`:                     {"", map[string]int{"a": 1}},
		`{"plain":"x"}`:               {"x", nil},
		`{}`:                          {},
	} {
		out, err := json.Marshal(want)
		if err != nil || string(out) != text {
			t.Errorf("%s, %v, want %s", out, err, text)
		}
		var got open
		if err := json.Unmarshal([]byte(text), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	if _, err := json.Marshal(open{"x", map[string]int{"plain": 1}}); err == nil || !strings.Contains(err.Error(), `"plain" has a field`) {
		t.Error(err)
	}
	var got open
	if err := json.Unmarshal([]byte(`{"a": "x"}`), &got); err == nil || !strings.Contains(err.Error(), `"a"`) {
		t.Error(err)
	}
}

func TestWholeNumbers(t *testing.T) {
	type numbers struct {
		I int64
		L []int64
		F float64
		S string
		A any
	}
	for text, want := range map[string]numbers{
		`{"I": 1.0, "L": [1e2, -3.00], "F": 2.5, "S": "1.0 \" 2.0", "A": 7.0}`: {1, []int64{100, -3}, 2.5, `1.0 " 2.0`, 7.0},
		`{"I": 9007199254740993, "L": [1.0]}`:                                  {I: 9007199254740993, L: []int64{1}},
	} {
		if got, err := Parameters[numbers](json.RawMessage(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{`{"I": 1.5}`, `{"I": 1e30}`, `{"I": 1e999999999}`, `{"I": "1.0"}`, `{"S": 1.0}`, `{`} {
		if got, err := Parameters[numbers](json.RawMessage(text)); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

type recorder struct{ event publisher.Event }

func (r *recorder) Publish(_ context.Context, e publisher.Event) (publisher.Receipt, error) {
	r.event = e
	return publisher.Receipt{ID: e.ID, New: true}, nil
}

func TestPublish(t *testing.T) {
	type parameters struct{ Body struct{ Channel string } }
	var r recorder
	e := NewEvents(&r)
	match := matching(func(p parameters) bool { return p.Body.Channel == "web" })
	if _, err := e.publish(t.Context(), publisher.Event{Trigger: "T", ID: "1", Match: match}, map[string]int{"a": 1}); err != nil || string(r.event.Body) != `{"a":1}` {
		t.Error(err, r.event)
	}
	for params, want := range map[string]bool{
		`{"body": {"channel": "web"}}`:  true,
		`{"body": {"channel": "shop"}}`: false,
		`{}`:                            false,
		`{"body": 1}`:                   true, // it cannot be read
	} {
		if r.event.Match(json.RawMessage(params)) != want {
			t.Errorf("%s: %t", params, !want)
		}
	}
	if matching[parameters](nil) != nil {
		t.Error("no choice must tell all")
	}
	if _, err := e.publish(t.Context(), publisher.Event{Trigger: "T"}, func() {}); err == nil || !strings.Contains(err.Error(), "payload of T") {
		t.Error(err)
	}
}
