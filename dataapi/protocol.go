package dataapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

const (
	contentType = "application/x-amz-json-1.1"
	targetOf    = "RedshiftData."
	maxBody     = 16 << 20 // 40 statements of 200 KB are half of it
)

// apiError is an error of the protocol: __type and the members that go with it.
type apiError struct {
	code    int // HTTP's
	kind    string
	message string
	// resource is ResourceId of a ResourceNotFoundException.
	resource string
}

func (e *apiError) Error() string { return e.kind + ": " + e.message }

// body is the answer.
func (e *apiError) body() any {
	m := map[string]string{"__type": e.kind, "Message": e.message, "message": e.message}
	if e.kind == "ResourceNotFoundException" {
		m["ResourceId"] = e.resource
	}
	return m
}

// Errors of the API.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ExecuteStatement.html#API_ExecuteStatement_Errors
func invalid(format string, args ...any) error {
	return &apiError{code: http.StatusBadRequest, kind: "ValidationException", message: fmt.Sprintf(format, args...)}
}

func notFound(resource, format string, args ...any) error {
	return &apiError{code: http.StatusNotFound, kind: "ResourceNotFoundException", message: fmt.Sprintf(format, args...), resource: resource}
}

// exceeded is one of the exceptions about a limit.
func exceeded(kind, format string, args ...any) error {
	return &apiError{code: http.StatusBadRequest, kind: kind, message: fmt.Sprintf(format, args...)}
}

// refused is an error about who sends a request.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/CommonErrors.html
func refused(kind, format string, args ...any) error {
	return &apiError{code: http.StatusForbidden, kind: kind, message: fmt.Sprintf(format, args...)}
}

// errClosed is the error of a handler that is closed.
var errClosed = &apiError{code: http.StatusServiceUnavailable, kind: "ServiceUnavailableException", message: "The service is closed."}

// answer is what an operation gives: a struct, or bytes of JSON that are made already.
type answer any

// operation decodes a request's body and carries it out.
type operation func(h *Handler, ctx context.Context, c *caller, body []byte) (answer, error)

// operationOf makes an operation of a function over its decoded input.
func operationOf[In any](f func(h *Handler, ctx context.Context, c *caller, in *In) (answer, error)) operation {
	return func(h *Handler, ctx context.Context, c *caller, body []byte) (answer, error) {
		var in In
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields() // a member that is not built must not be ignored
		if err := d.Decode(&in); err != nil {
			if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
				return nil, invalid("The member %s is not supported.", name)
			}
			return nil, exceeded("SerializationException", "%v", err)
		}
		return f(h, ctx, c, &in)
	}
}

// operations by name.
var operations = map[string]operation{
	"ExecuteStatement":      operationOf((*Handler).executeStatement),
	"BatchExecuteStatement": operationOf((*Handler).batchExecuteStatement),
	"DescribeStatement":     operationOf((*Handler).describeStatement),
	"GetStatementResult":    operationOf((*Handler).getStatementResult),
	"GetStatementResultV2":  operationOf((*Handler).getStatementResultV2),
	"CancelStatement":       operationOf((*Handler).cancelStatement),
	"ListStatements":        operationOf((*Handler).listStatements),
	"ListSessions":          operationOf((*Handler).listSessions),
	"ListDatabases":         operationOf((*Handler).listDatabases),
	"ListSchemas":           operationOf((*Handler).listSchemas),
	"ListTables":            operationOf((*Handler).listTables),
	"DescribeTable":         operationOf((*Handler).describeTable),
}

// ServeHTTP answers a request: POST / with the operation in X-Amz-Target.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-Requestid", newID())
	w.Header().Set("Content-Type", contentType)
	out, err := h.serve(w, r)
	code := http.StatusOK
	if err != nil {
		e := (*apiError)(nil)
		if !errors.As(err, &e) {
			e = &apiError{code: http.StatusInternalServerError, kind: "InternalServerException", message: err.Error()}
		}
		code, out = e.code, e.body()
		w.Header().Set("X-Amzn-Errortype", e.kind)
	}
	b, made := out.(json.RawMessage)
	if !made {
		if b, err = json.Marshal(out); err != nil { // no type of ours fails
			code, b = http.StatusInternalServerError, []byte(`{"__type":"InternalServerException"}`)
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(code)
	_, _ = w.Write(b) // who has gone hears nothing
}

// serve carries a request out. A bug in it is the request's end, not the server's.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request) (out answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("internal error: %v\n%s", p, debug.Stack())
		}
	}()
	if !h.enter() {
		return nil, errClosed
	}
	defer h.work.Done()
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetOf)
	f := operations[name]
	switch media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); {
	case r.Method != http.MethodPost || r.URL.Path != "/" && r.URL.Path != "":
		return nil, &apiError{code: http.StatusNotFound, kind: "UnknownOperationException", message: "Requests are POST /."}
	case strings.TrimSpace(media) != contentType: // which no form of a browser sends by itself
		return nil, exceeded("SerializationException", "Content-Type must be %s.", contentType)
	case !ok || f == nil:
		return nil, exceeded("UnknownOperationException", "There is no operation %q.", r.Header.Get("X-Amz-Target"))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, &apiError{code: http.StatusRequestEntityTooLarge, kind: "RequestEntityTooLargeException", message: err.Error()}
	}
	c, err := h.authenticate(r, body)
	if err != nil {
		return nil, err
	}
	if h.o.Throttle && !h.rates.take(name, time.Now()) {
		return nil, exceeded("ThrottlingException", "Rate exceeded")
	}
	h.sweep()
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	defer context.AfterFunc(h.base, stop)()
	return f(h, ctx, c, body)
}

// local says whether a request can only come from this machine: by Client, or over loopback under a name of loopback, which a page that a browser was led to by
// another name for this address has not.
func local(r *http.Request) bool {
	if r.Context().Value(inMemory{}) != nil {
		return true
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	name := r.Host
	if n, _, err := net.SplitHostPort(name); err == nil {
		name = n
	}
	return loopback(host) && (loopback(strings.Trim(name, "[]")) || name == "localhost" || strings.HasSuffix(name, ".localhost"))
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// newID makes a UUID, version 4.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// stamp is a time as the protocol writes it: seconds since 1970 with milliseconds.
type stamp time.Time

// MarshalJSON writes it.
func (s stamp) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(time.Time(s).UnixMilli())/1000, 'f', -1, 64), nil
}
