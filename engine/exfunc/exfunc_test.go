package exfunc

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

type lambda func(ctx context.Context, payload []byte) ([]byte, error)

func (f lambda) Invoke(ctx context.Context, payload []byte) ([]byte, error) { return f(ctx, payload) }

func function() *Function {
	return &Function{Name: "public.f", Lambda: "l", Args: []types.Type{types.TInt8}, Returns: types.TInt8, Retry: time.Second, MaxRows: MaxRows, MaxBytes: MaxBytes}
}

func caller(ctx context.Context, l Lambda) *Caller {
	c := Caller{Cluster: "arn:c", User: "u", Database: "dev", Query: 7, Find: func(string) (Lambda, error) { return l, nil }}
	return c.Begin(ctx)
}

func numbers(n int) []*vector.Vector {
	v := vector.New(types.TInt8, n)
	for i := range v.Int64s {
		v.Int64s[i] = int64(i)
	}
	return []*vector.Vector{v}
}

// echo gives the first argument of each row.
func echo(_ context.Context, payload []byte) ([]byte, error) {
	var r struct{ Arguments [][]json.RawMessage }
	if err := json.Unmarshal(payload, &r); err != nil {
		return nil, err
	}
	results := make([]json.RawMessage, len(r.Arguments))
	for i, a := range r.Arguments {
		results[i] = a[0]
	}
	return json.Marshal(map[string]any{"success": true, "results": results})
}

// TestPayload: the request has the guide's fields.
// https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html#udf-lambda-json
func TestPayload(t *testing.T) {
	var got map[string]any
	c := caller(t.Context(), lambda(func(ctx context.Context, payload []byte) ([]byte, error) {
		if err := json.Unmarshal(payload, &got); err != nil {
			return nil, err
		}
		return echo(ctx, payload)
	}))
	out := vector.New(types.TInt8, 2)
	if err := c.Call(function(), 0, 2, numbers(2), out); err != nil {
		t.Fatal(err)
	}
	id, _ := got["request_id"].(string)
	delete(got, "request_id")
	want := `{"arguments":[[0],[1]],"cluster":"arn:c","database":"dev","external_function":"public.f","num_records":2,"query_id":7,"user":"u"}`
	if b, _ := json.Marshal(got); string(b) != want {
		t.Errorf("%s\nwant\n%s", b, want)
	}
	if len(id) != 36 || strings.Count(id, "-") != 4 || id[14] != '4' || id != strings.ToUpper(id) {
		t.Errorf("request_id %q is no UUID", id)
	}
	if out.Int64s[0] != 0 || out.Int64s[1] != 1 {
		t.Errorf("results %v", out.Int64s)
	}
}

// TestBatches: batches end at MAX_BATCH_ROWS and at MAX_BATCH_SIZE, and no payload is larger.
func TestBatches(t *testing.T) {
	for _, x := range []struct {
		name           string
		rows, bytes, n int
		least          int // batches
	}{
		{"all at once", MaxRows, MaxBytes, 2000, 1},
		{"by rows", 7, MaxBytes, 70, 10},
		{"by rows, with a rest", 7, MaxBytes, 71, 11},
		{"by size", MaxRows, 1024, 500, 3},
	} {
		batches := 0
		c := caller(t.Context(), lambda(func(ctx context.Context, payload []byte) ([]byte, error) {
			batches++
			if len(payload) > x.bytes {
				t.Errorf("%s: a payload of %d bytes", x.name, len(payload))
			}
			return echo(ctx, payload)
		}))
		fn := function()
		fn.MaxRows, fn.MaxBytes = x.rows, x.bytes
		out := vector.New(types.TInt8, x.n)
		if err := c.Call(fn, 0, x.n, numbers(x.n), out); err != nil {
			t.Fatal(err)
		}
		if batches < x.least || x.bytes == MaxBytes && batches != x.least {
			t.Errorf("%s: %d batches, want %d", x.name, batches, x.least)
		}
		for i, v := range out.Int64s {
			if v != int64(i) {
				t.Fatalf("%s: row %d is %d", x.name, i, v)
			}
		}
	}
}

// TestStrings: what is sent is JSON whatever bytes a text has.
func TestStrings(t *testing.T) {
	for _, s := range []string{"", "a", `"\`, "\x00\x1f\n\r\t\x7f", "é漢\U0001f600", "\xff\xfe", "a\xc3", "\u2028"} {
		var got string
		if err := json.Unmarshal(appendString(nil, s), &got); err != nil || got != strings.ToValidUTF8(strings.NewReplacer("\xff\xfe", "\ufffd\ufffd").Replace(s), "\ufffd") {
			t.Errorf("%q: %q %v", s, got, err)
		}
	}
}

// TestRetry: refusals that pass are tried again until the waits make RETRY_TIMEOUT; others are not.
func TestRetry(t *testing.T) {
	for _, x := range []struct {
		name  string
		err   error
		times int // that it is refused
		retry time.Duration
		calls int
		want  string
	}{
		{"at once", &ServiceError{"TooManyRequestsException", "Rate Exceeded."}, 1, 0, 1, "Rate Exceeded.; Exception: TooManyRequestsException; ShouldRetry: 1"},
		{"twice", &ServiceError{"EC2ThrottledException", "m"}, 2, time.Second, 3, ""},
		{"till the end", &ServiceError{"ServiceException", "m"}, 99, 120 * time.Millisecond, 3, "m; Exception: ServiceException; ShouldRetry: 1"},
		{"never", &ServiceError{"AccessDeniedException", "no"}, 1, time.Second, 1, "no; Exception: AccessDeniedException; ShouldRetry: 0"},
		{"a function's", errors.New("oh"), 1, time.Second, 1, "oh"},
	} {
		calls := 0
		c := caller(t.Context(), lambda(func(ctx context.Context, payload []byte) ([]byte, error) {
			if calls++; calls <= x.times {
				return nil, x.err
			}
			return echo(ctx, payload)
		}))
		fn := function()
		fn.Retry = x.retry
		err := c.Call(fn, 0, 1, numbers(1), vector.New(types.TInt8, 1))
		if (err == nil) != (x.want == "") || err != nil && err.(*sqlstate.Error).Message != x.want || calls != x.calls {
			t.Errorf("%s: %d calls, %v", x.name, calls, err)
		}
	}
}

// TestConstant: constant arguments of a stable function are sent once a statement.
func TestConstant(t *testing.T) {
	calls := 0
	c := caller(t.Context(), lambda(func(ctx context.Context, payload []byte) ([]byte, error) {
		calls++
		return echo(ctx, payload)
	}))
	fn := function()
	fn.Stable = true
	arg := []*vector.Vector{vector.NewConst(types.Datum{Type: types.TInt8, Int: 5}, 3)}
	for range 3 {
		out := vector.New(types.TInt8, 3)
		if err := c.Call(fn, 0, 3, arg, out); err != nil || out.Int64s[2] != 5 {
			t.Fatal(out.Int64s, err)
		}
	}
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
}

// TestCancel: a statement that ends takes the request with it, sends nothing more, and waits for no retry.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	c := caller(ctx, lambda(func(ctx context.Context, _ []byte) ([]byte, error) {
		calls++
		cancel()
		<-ctx.Done()
		return nil, &ServiceError{"TooManyRequestsException", "m"}
	}))
	fn := function()
	fn.Retry, fn.MaxRows = time.Hour, 1
	err := c.Call(fn, 0, 2, numbers(2), vector.New(types.TInt8, 2))
	if e, ok := err.(*sqlstate.Error); !ok || e.Code != sqlstate.QueryCanceled || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

// TestEndpoint: the protocol of the service, and how its errors come back.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func TestEndpoint(t *testing.T) {
	var answer func(w http.ResponseWriter, r *http.Request)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer s.Close()
	e := EndpointOf(s.URL+"/2015-03-31/functions/", "arn:aws:lambda:us-east-1:123456789012:function:my sum:prod")
	answer = func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.RequestURI != "/2015-03-31/functions/my%20sum/invocations?Qualifier=prod" || string(body) != `{"a":1}` {
			t.Errorf("%s %s %s", r.Method, r.RequestURI, body)
		}
		_, _ = io.WriteString(w, `{"results":[]}`)
	}
	if b, err := e.Invoke(t.Context(), []byte(`{"a":1}`)); err != nil || string(b) != `{"results":[]}` {
		t.Fatal(string(b), err)
	}
	for _, x := range []struct {
		status             int
		kind, failed, body string
		want               string
	}{
		{429, "", "", "", "Rate Exceeded.; Exception: TooManyRequestsException; ShouldRetry: 1"},
		{429, "TooManyRequestsException", "", `{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","message":"Rate Exceeded."}`, "Rate Exceeded.; Exception: TooManyRequestsException; ShouldRetry: 1"},
		{502, "EC2ThrottledException:http://x", "", `{"Message":"slow"}`, "slow; Exception: EC2ThrottledException; ShouldRetry: 1"},
		{503, "", "", "<html>", "503 Service Unavailable; Exception: ServiceException; ShouldRetry: 1"},
		{404, "", "", `{"Message":"Function not found: x"}`, "Function not found: x; Exception: ResourceNotFoundException; ShouldRetry: 0"},
		{302, "", "", "", "302 Found; Exception: InvalidRequestContentException; ShouldRetry: 0"},
		{200, "", "Unhandled", `{"errorMessage":"division by zero","errorType":"ZeroDivisionError"}`, "ZeroDivisionError: division by zero"},
		{200, "", "Unhandled", `oops`, "the function failed: oops"},
		{200, "", "", `{"errorMessage":"no type"}`, "no type"},
	} {
		answer = func(w http.ResponseWriter, _ *http.Request) {
			if x.kind != "" {
				w.Header().Set("X-Amzn-ErrorType", x.kind)
			}
			if x.failed != "" {
				w.Header().Set("X-Amz-Function-Error", x.failed)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(x.status)
			_, _ = io.WriteString(w, x.body)
		}
		if _, err := e.Invoke(t.Context(), nil); err == nil || err.Error() != x.want {
			t.Errorf("%d %s: %v", x.status, x.body, err)
		}
	}
	s.Close()
	if _, err := e.Invoke(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "could not reach Lambda") || !strings.Contains(err.Error(), s.URL) {
		t.Error(err)
	}
}

// TestLimits: what is too large is refused in Lambda's words.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
func TestLimits(t *testing.T) {
	c := caller(t.Context(), lambda(func(context.Context, []byte) ([]byte, error) {
		return make([]byte, maxPayload+1), nil
	}))
	err := c.Call(function(), 0, 1, numbers(1), vector.New(types.TInt8, 1))
	if err == nil || !strings.Contains(err.Error(), "exceeded maximum allowed payload size (6291456 bytes)") {
		t.Error(err)
	}
	v := vector.New(types.TVarcharMax, 1)
	v.Texts[0] = strings.Repeat("\x01", 65535)
	args := make([]*vector.Vector, 32)
	for i := range args {
		args[i] = v
	}
	err = c.Call(function(), 0, 1, args, vector.New(types.TInt8, 1))
	if err == nil || !strings.Contains(err.Error(), "RequestTooLargeException") {
		t.Error(err)
	}
}

// FuzzReply: whatever comes back is results of the type, or an error with a SQLSTATE.
func FuzzReply(f *testing.F) {
	for _, s := range []string{`{"results":[1]}`, `"{\"results\":[1]}"`, `{"success":false,"error_msg":"x"}`, `{"results":["a"]}`, `{"results":[null]}`, `{"results":[1e999]}`, `{"results":[[]]}`, `[]`, `"`, `null`, `{"num_records":"1","results":[-0.0]}`} {
		f.Add([]byte(s), uint8(0))
	}
	kinds := []types.Type{
		types.TInt2, types.TInt4, types.TInt8, types.TFloat8, types.TBool, types.TDate, types.TTimestamp, types.TVarcharMax,
		{Kind: types.Numeric, Prec: 38, Scale: 2},
		{Kind: types.Char, Len: 3},
	}
	f.Fuzz(func(t *testing.T, body []byte, kind uint8) {
		fn := function()
		fn.Returns = kinds[int(kind)%len(kinds)]
		r, err := fn.read(body, 1)
		out := vector.New(fn.Returns, 1)
		if err == nil {
			err = r.Write(out, 0, 0, 1)
		}
		if err == nil {
			types.Format(out.Get(0), time.UTC)
		} else if _, ok := err.(*sqlstate.Error); !ok {
			t.Errorf("%v has no SQLSTATE", err)
		}
	})
}
