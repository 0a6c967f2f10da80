package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/connectorctl/connectorctl/scaffold/publisher"
)

// maxRequest is how many bytes the body of a call may have.
const maxRequest = 32 << 20

// Problem is an error that an action answers a call with, as a problem document
// (RFC 9457). Any other error is a 500 that says nothing, and is logged.
type Problem struct {
	Status int    // 400 to 599
	Detail string // for whoever built the flow
}

func (p *Problem) Error() string { return p.Detail }

// FileContent is a file that a call brings, or that answers one.
type FileContent struct {
	Name        string // "" if it has none
	ContentType string // "application/octet-stream" if it is empty
	Content     []byte
}

// serve makes a handler of an action. Its result answers the call as JSON with
// status; a FileContent as the file, and nil with an empty body.
func serve(status int, act func(context.Context, *input) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		in := &input{r: r, query: r.URL.Query()}
		result, err := act(r.Context(), in)
		var problem *Problem
		switch {
		case err == nil:
			err = answer(w, status, result)
		case errors.As(err, &problem) && problem.Status >= 400 && problem.Status < 600:
			publisher.Problem(w, problem.Status, problem.Detail)
			return
		}
		if err != nil && r.Context().Err() == nil {
			slog.ErrorContext(r.Context(), "an action failed", "method", r.Method, "path", r.URL.Path, "error", err)
			publisher.Problem(w, http.StatusInternalServerError, "the call failed")
		}
	})
}

func answer(w http.ResponseWriter, status int, result any) error {
	switch result := result.(type) {
	case nil:
		w.WriteHeader(status)
		return nil
	case FileContent:
		contentType := result.ContentType
		if contentType == "" {
			contentType = "application/octet-stream"
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if result.Name != "" {
			w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": result.Name}))
		}
		w.WriteHeader(status)
		_, _ = w.Write(result.Content) // the caller has gone, if anything
		return nil
	}
	body, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
	return nil
}

// input reads what a call brings, and keeps the first thing that is wrong.
type input struct {
	r     *http.Request
	query url.Values
	err   error
}

// fail keeps a problem of the caller's.
func (in *input) fail(status int, format string, args ...any) {
	if in.err == nil {
		in.err = &Problem{status, fmt.Sprintf(format, args...)}
	}
}

func (in *input) path(name string, target any) {
	in.parse(fmt.Sprintf("the path parameter %q", name), []string{in.r.PathValue(name)}, true, ",", target)
}

// queries reads a query parameter; separator is what stands between the items
// of a list, "" where the parameter is repeated.
func (in *input) queries(name, separator string, required bool, target any) {
	in.parse(fmt.Sprintf("the query parameter %q", name), in.query[name], required, separator, target)
}

func (in *input) header(name, separator string, required bool, target any) {
	in.parse(fmt.Sprintf("the header %q", name), in.r.Header.Values(name), required, separator, target)
}

func (in *input) form(name, separator string, required bool, target any) {
	if in.parseForm() {
		in.parse(fmt.Sprintf("the form field %q", name), in.r.PostForm[name], required, separator, target)
	}
}

// file reads a file of a form.
func (in *input) file(name string, required bool, target *FileContent) {
	if !in.parseForm() {
		return
	}
	file, header, err := in.r.FormFile(name)
	if err != nil {
		if required {
			in.fail(http.StatusBadRequest, "the file %q is missing", name)
		}
		return
	}
	defer file.Close()
	target.Name, target.ContentType = header.Filename, header.Header.Get("Content-Type")
	if target.Content, err = io.ReadAll(file); err != nil {
		in.fail(http.StatusBadRequest, "the file %q cannot be read", name)
	}
}

func (in *input) parseForm() bool {
	err := in.r.ParseMultipartForm(maxRequest)
	if errors.Is(err, http.ErrNotMultipart) {
		err = in.r.ParseForm()
	}
	in.read(err, "the form")
	return err == nil
}

// content reads the whole body as a file.
func (in *input) content(required bool, target *FileContent) {
	body, err := io.ReadAll(in.r.Body)
	in.read(err, "the body")
	if required && len(body) == 0 {
		in.fail(http.StatusBadRequest, "the body is missing")
	}
	target.ContentType, target.Content = in.r.Header.Get("Content-Type"), body
}

// body reads the body as JSON; one that is no JSON can be a string.
func (in *input) body(required bool, target any) {
	body, err := io.ReadAll(in.r.Body)
	in.read(err, "the body")
	if len(body) == 0 {
		if required {
			in.fail(http.StatusBadRequest, "the body is missing")
		}
		return
	}
	contentType, _, _ := mime.ParseMediaType(in.r.Header.Get("Content-Type"))
	isJSON := contentType == "" || contentType == "application/json" || strings.HasSuffix(contentType, "+json") || contentType == "text/json"
	if v := reflect.ValueOf(target).Elem(); !isJSON && v.Kind() == reflect.String {
		v.SetString(string(body))
		return
	}
	if !isJSON {
		in.fail(http.StatusUnsupportedMediaType, "the body is %s and not application/json", contentType)
		return
	}
	if err := unmarshal(body, target); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			in.fail(http.StatusBadRequest, "the body does not fit: %q is a %s", wrong.Field, wrong.Value)
		} else {
			in.fail(http.StatusBadRequest, "the body is no valid JSON")
		}
	}
}

// read keeps what went wrong with reading.
func (in *input) read(err error, what string) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		in.fail(http.StatusRequestEntityTooLarge, "%s is larger than %d bytes", what, large.Limit)
	} else if err != nil {
		in.fail(http.StatusBadRequest, "%s cannot be read", what)
	}
}

// parse puts the values of a parameter into target, a pointer to a string, a
// number, a boolean, a pointer to one of them, or a slice of them.
func (in *input) parse(what string, values []string, required bool, separator string, target any) {
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		if required {
			in.fail(http.StatusBadRequest, "%s is missing", what)
		}
		return
	}
	v := reflect.ValueOf(target).Elem()
	if v.Kind() != reflect.Slice {
		in.scalar(what, values[0], v)
		return
	}
	for _, value := range values {
		items := []string{value}
		if separator != "" {
			items = strings.Split(value, separator)
		}
		for _, item := range items {
			element := reflect.New(v.Type().Elem()).Elem()
			in.scalar(what, item, element)
			v.Set(reflect.Append(v, element))
		}
	}
}

func (in *input) scalar(what, value string, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	var err error
	switch v.Kind() {
	case reflect.Int64:
		var n int64
		n, err = strconv.ParseInt(value, 10, 64)
		v.SetInt(n)
	case reflect.Float64:
		var n float64
		if n, err = strconv.ParseFloat(value, 64); math.IsInf(n, 0) || math.IsNaN(n) {
			err = strconv.ErrRange
		}
		v.SetFloat(n)
	case reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(value)
		v.SetBool(b)
	default:
		v.SetString(value)
	}
	if err != nil {
		in.fail(http.StatusBadRequest, "%s is %q and no %s", what, value, v.Kind())
	}
}
