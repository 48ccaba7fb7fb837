package redshiftsim_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// guideLambdas are the Lambda functions of the guide's page, and a few that show what Redshift sends.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
func guideLambdas() map[string]redshiftsim.Lambda {
	text := func(f func(arguments [][]json.RawMessage) any) redshiftsim.Lambda {
		return redshiftsim.LambdaFunc(func(_ context.Context, payload []byte) ([]byte, error) {
			var request struct{ Arguments [][]json.RawMessage }
			if err := json.Unmarshal(payload, &request); err != nil {
				return nil, err
			}
			return json.Marshal(f(request.Arguments))
		})
	}
	reply := func(answer string) redshiftsim.Lambda {
		return redshiftsim.LambdaFunc(func(context.Context, []byte) ([]byte, error) { return []byte(answer), nil })
	}
	return map[string]redshiftsim.Lambda{
		"lambda_sum": redshiftsim.LambdaEach(func(_ context.Context, args []any) (any, error) {
			sum := int64(0)
			for _, a := range args {
				n, _ := a.(int64) // JavaScript's null is 0 in a sum
				sum += n
			}
			return sum, nil
		}),
		"lambda_multiplication": redshiftsim.LambdaEach(func(_ context.Context, args []any) (any, error) {
			product := 1.0
			for _, a := range args {
				product *= float64(a.(int64))
			}
			if math.Abs(product) >= 9223372036854775807 {
				return nil, errors.New("Integer multiplication overflow")
			}
			return int64(product), nil
		}),
		"exfunc_sleep_3": redshiftsim.LambdaEach(func(_ context.Context, args []any) (any, error) {
			s, ok := args[0].(string)
			if !ok {
				return nil, nil
			}
			return strings.ToUpper(s), nil
		}),
		// records gives each record as it came, as Python's runtime gives what json.dumps makes: a string with the reply in it.
		"records": text(func(arguments [][]json.RawMessage) any {
			results := make([]string, len(arguments))
			for i, r := range arguments {
				b, _ := json.Marshal(r)
				results[i] = string(b)
			}
			b, _ := json.Marshal(map[string]any{"results": results})
			return string(b)
		}),
		// as_is gives the JSON value of a text.
		"as_is": text(func(arguments [][]json.RawMessage) any {
			results := make([]json.RawMessage, len(arguments))
			for i, r := range arguments {
				var s string
				_ = json.Unmarshal(r[0], &s)
				results[i] = json.RawMessage(s)
			}
			return map[string]any{"results": results}
		}),
		// batch gives the number of rows of the batch that a row was in.
		"batch": text(func(arguments [][]json.RawMessage) any {
			results := make([]int, len(arguments))
			for i := range results {
				results[i] = len(arguments)
			}
			return map[string]any{"success": "true", "num_records": len(results), "results": results}
		}),
		"no_json":      reply(`{"results": [`),
		"no_results":   reply(`{"success": true}`),
		"one_result":   reply(`{"success": true, "results": [1]}`),
		"wrong_number": reply(`{"success": true, "num_records": 7, "results": [1]}`),
		"no_message":   reply(`{"success": false}`),
		"no_success":   reply(`{"success": "perhaps", "results": [1]}`),
		"throttled": redshiftsim.LambdaFunc(func(context.Context, []byte) ([]byte, error) {
			return nil, &redshiftsim.LambdaError{Exception: "TooManyRequestsException", Message: "Rate Exceeded."}
		}),
		"panics": redshiftsim.LambdaFunc(func(context.Context, []byte) ([]byte, error) { panic("at the disco") }),
	}
}

// counted counts invocations and their rows.
type counted struct {
	mu    sync.Mutex
	calls int
	rows  []int
}

// echo is a Lambda that gives the first argument of each row, and counts.
func (c *counted) echo(ctx context.Context, payload []byte) ([]byte, error) {
	var request struct {
		Arguments [][]json.RawMessage
		Records   int `json:"num_records"`
	}
	if err := json.Unmarshal(payload, &request); err != nil {
		return nil, err
	}
	results := make([]json.RawMessage, len(request.Arguments))
	for i, r := range request.Arguments {
		results[i] = r[0]
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	c.rows = append(c.rows, request.Records)
	return json.Marshal(map[string]any{"results": results})
}

// take gives the count so far, and begins anew.
func (c *counted) take() (calls int, rows []int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls, rows = c.calls, c.rows
	c.calls, c.rows = 0, nil
	return calls, rows
}

// lambdaDB is a cluster of 2x2 whose function f gives its argument back, by way of a Lambda.
func lambdaDB(t *testing.T, l redshiftsim.Lambda, options string) *sql.DB {
	t.Helper()
	k, err := redshiftsim.NewConnector(redshiftsim.Config{Lambdas: map[string]redshiftsim.Lambda{"l": l}})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(k)
	t.Cleanup(func() { db.Close() })
	exec(t, db, "CREATE EXTERNAL FUNCTION f(int) RETURNS int VOLATILE LAMBDA 'l' IAM_ROLE default "+options,
		"CREATE EXTERNAL FUNCTION s(int) RETURNS int STABLE LAMBDA 'l' IAM_ROLE default "+options,
		"CREATE TABLE d (n int)", "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)", "CREATE TABLE t (a int, b int) DISTSTYLE EVEN",
		"INSERT INTO t SELECT n, n FROM (SELECT 1 + v.n + 10 * w.n + 100 * x.n + 1000 * y.n + 10000 * z.n AS n FROM d v, d w, d x, d y, d z WHERE z.n < 2) q", "DROP TABLE d")
	return db
}

func one(t *testing.T, db *sql.DB, query string) (v int64) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// TestLambdaBatches: a slice sends what it has in as few batches as MAX_BATCH_ROWS and MAX_BATCH_SIZE allow.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_EXTERNAL_FUNCTION.html
func TestLambdaBatches(t *testing.T) {
	c := &counted{}
	db := lambdaDB(t, redshiftsim.LambdaFunc(c.echo), "")
	const sum = 20000 * 20001 / 2
	for _, q := range []string{"SELECT sum(f(a)) FROM t", "SELECT sum(a) FROM t WHERE f(a) = b", "SELECT sum(x) FROM (SELECT f(a) AS x, b FROM t) q WHERE x = b"} {
		if got := one(t, db, q); got != sum {
			t.Errorf("%s: %d", q, got)
		}
		calls, rows := c.take()
		slices.Sort(rows)
		if calls != 4 || rows[0] < 4000 {
			t.Errorf("%s: %d batches of %v rows", q, calls, rows)
		}
	}
	exec(t, db, "CREATE OR REPLACE EXTERNAL FUNCTION f(int) RETURNS int VOLATILE LAMBDA 'l' IAM_ROLE default MAX_BATCH_ROWS 999")
	if got := one(t, db, "SELECT sum(f(a)) FROM t"); got != sum {
		t.Error(got)
	}
	if calls, rows := c.take(); calls < 21 || calls > 24 || slices.Max(rows) != 999 {
		t.Errorf("%d batches of %v rows", calls, rows)
	}
	exec(t, db, "CREATE OR REPLACE EXTERNAL FUNCTION f(int) RETURNS int VOLATILE LAMBDA 'l' IAM_ROLE default MAX_BATCH_SIZE 4 KB")
	if got := one(t, db, "SELECT count(*) FROM t WHERE f(f(a)) > 19990"); got != 10 {
		t.Error(got)
	}
	if calls, rows := c.take(); calls < 60 || slices.Max(rows) > 900 {
		t.Errorf("%d batches of %v rows", calls, rows)
	}
}

// TestLambdaStable: how often a function is sent something. The guide's example is the second: once for constant arguments.
// https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html
func TestLambdaStable(t *testing.T) {
	c := &counted{}
	db := lambdaDB(t, redshiftsim.LambdaFunc(c.echo), "")
	for _, x := range []struct {
		query string
		want  int64
		calls int
		rows  int
	}{
		{"SELECT a FROM t WHERE a = s(64)", 64, 1, 1},
		{"SELECT b FROM t WHERE a + 0 = s(32) * 2", 64, 1, 1},
		{"SELECT sum(s(1)) FROM t", 20000, 1, 1},
		{"SELECT sum(f(1)) FROM t", 20000, 4, 20000},
		{"SELECT sum(s(a) - s(a)) FROM t", 0, 4, 20000},
		{"SELECT sum(f(a) - f(a)) FROM t", 0, 8, 40000},
		{"SELECT sum(CASE WHEN a <= 10 THEN f(a) ELSE 0 END) FROM t", 55, 0, 10},
		{"SELECT count(*) FROM t WHERE a <= 10 AND f(a) > 5", 5, 0, 10},
	} {
		for range 2 { // no result is kept
			if got := one(t, db, x.query); got != x.want {
				t.Errorf("%s: %d, want %d", x.query, got, x.want)
			}
			calls, rows := c.take()
			sum := 0
			for _, n := range rows {
				sum += n
			}
			if x.calls != 0 && calls != x.calls || sum != x.rows {
				t.Errorf("%s: %d batches of %v rows, want %d of %d", x.query, calls, rows, x.calls, x.rows)
			}
		}
	}
}

// TestLambdaBeside: the slices' batches are in the air together, also of a query that is too small for helpers.
func TestLambdaBeside(t *testing.T) {
	c := &counted{}
	var air sync.WaitGroup
	db := lambdaDB(t, redshiftsim.LambdaFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		air.Done()
		all := make(chan struct{})
		go func() { air.Wait(); close(all) }()
		select {
		case <-all:
		case <-time.After(20 * time.Second):
			return nil, errors.New("the other slices have sent nothing")
		}
		return c.echo(ctx, payload)
	}), "")
	air.Add(4)
	if got := one(t, db, "SELECT count(f(a)) FROM t"); got != 20000 {
		t.Error(got)
	}
	air.Add(4)
	exec(t, db, "DELETE FROM t WHERE a > 100")
	if got := one(t, db, "SELECT sum(f(a)) FROM t"); got != 5050 {
		t.Error(got)
	}
}

// TestLambdaCancel: a query that is cancelled, or whose rows nobody wants, sends no further batch, ends those that are in the air, and leaves no goroutine.
func TestLambdaCancel(t *testing.T) {
	before := runtime.NumGoroutine()
	c := &counted{}
	block := make(chan struct{}, 100)
	held := false
	db := lambdaDB(t, redshiftsim.LambdaFunc(func(ctx context.Context, payload []byte) ([]byte, error) {
		c.mu.Lock()
		hold := held
		c.mu.Unlock()
		if hold {
			block <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return c.echo(ctx, payload)
	}), "MAX_BATCH_ROWS 100")
	rows, err := db.Query("SELECT f(a) FROM t")
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	time.Sleep(10 * time.Millisecond)
	if calls, _ := c.take(); calls > 100 {
		t.Errorf("%d batches for one row", calls)
	}
	if got := all(t, db, "SELECT f(a) FROM t LIMIT 1"); len(got) != 1 {
		t.Error(got)
	}
	c.mu.Lock()
	held = true
	c.mu.Unlock()
	for _, q := range []string{"SELECT sum(f(a)) FROM t", "SELECT sum(CASE WHEN a > 0 THEN f(a) END) FROM t", "INSERT INTO t SELECT f(a), 0 FROM t", "SELECT count(*) FROM t WHERE a = s(5)"} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-block
			cancel()
		}()
		_, err := db.ExecContext(ctx, q)
		fails(t, err, "57014", "canceling statement due to user request")
		cancel()
		for len(block) > 0 {
			<-block
		}
	}
	_, err = db.Exec("SET statement_timeout TO 50; SELECT sum(f(a)) FROM t")
	fails(t, err, "57014", "canceling statement due to statement timeout")
	db.Close()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, there were %d", runtime.NumGoroutine(), before)
}

// TestLambdaFails: an error of any batch is the statement's, whatever the others do, and the table stays as it was.
func TestLambdaFails(t *testing.T) {
	db := lambdaDB(t, redshiftsim.LambdaEach(func(_ context.Context, args []any) (any, error) {
		if args[0] == int64(13579) {
			return nil, errors.New("unlucky")
		}
		return args[0], nil
	}), "MAX_BATCH_ROWS 500")
	for _, q := range []string{"SELECT sum(f(a)) FROM t", "INSERT INTO t SELECT f(a), f(b) FROM t", "UPDATE t SET b = 0 WHERE f(a) > 0", "DELETE FROM t WHERE f(a) > 0", "SELECT max(CASE WHEN a > 5 THEN f(a) END) FROM t"} {
		_, err := db.Exec(q)
		fails(t, err, "XX000", "unlucky")
	}
	if got := one(t, db, "SELECT sum(b) FROM t"); got != 20000*20001/2 {
		t.Error(got)
	}
	if got := one(t, db, "SELECT sum(f(a)) FROM t WHERE a <> 13579"); got != 20000*20001/2-13579 {
		t.Error(got)
	}
}

// TestLambdaOrder: rows that are in an order have it behind a call.
func TestLambdaOrder(t *testing.T) {
	c := &counted{}
	db := lambdaDB(t, redshiftsim.LambdaFunc(c.echo), "MAX_BATCH_ROWS 700")
	for _, q := range []string{
		"SELECT f(a) FROM t ORDER BY a LIMIT 5000", "SELECT f(a) FROM (SELECT a FROM t ORDER BY a LIMIT 5000) q", "SELECT a FROM t ORDER BY f(a) LIMIT 5000",
		"SELECT f(a) AS x FROM t WHERE f(b) <= 5000 ORDER BY x",
	} {
		got := all(t, db, q)
		if len(got) != 5000 {
			t.Fatalf("%s: %d rows", q, len(got))
		}
		for i, v := range got {
			if v != strconv.Itoa(i+1) {
				t.Fatalf("%s: row %d is %s", q, i, v)
			}
		}
	}
}

// TestLambdaEndpoint: a DSN names the address of a service, or of one function.
func TestLambdaEndpoint(t *testing.T) {
	c := &counted{}
	var paths sync.Map
	throttles := atomic.Int32{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths.Store(r.URL.Path, true)
		if throttles.Add(-1) >= 0 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		payload, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		body, err := c.echo(r.Context(), payload)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(body)
	}))
	defer s.Close()
	db := open(t, "redshiftsim://?lambda="+s.URL+"/2015-03-31/functions/&lambda=own="+s.URL+"/own")
	exec(t, db, "CREATE EXTERNAL FUNCTION f(int) RETURNS int STABLE LAMBDA 'echo' IAM_ROLE default", "CREATE EXTERNAL FUNCTION g(int) RETURNS int STABLE LAMBDA 'own' IAM_ROLE default RETRY_TIMEOUT 0")
	throttles.Store(2)
	if got := one(t, db, "SELECT f(7) + g(f(1))"); got != 8 {
		t.Error(got)
	}
	for _, p := range []string{"/2015-03-31/functions/echo/invocations", "/own"} {
		if _, ok := paths.Load(p); !ok {
			t.Errorf("nothing was sent to %s", p)
		}
	}
	throttles.Store(1)
	_, err := db.Exec("SELECT g(1)")
	fails(t, err, "XX000", "Rate Exceeded.; Exception: TooManyRequestsException; ShouldRetry: 1")
	for _, dsn := range []string{"redshiftsim://?lambda=ftp://x/", "redshiftsim://?lambda=f=localhost:9001", "redshiftsim://?lambda==http://x/"} {
		if _, err := redshiftsim.ParseDSN(dsn); err == nil || !strings.Contains(err.Error(), "lambda") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

// TestLambdaShared: handles of one cluster may add functions, but not other ones under a name.
func TestLambdaShared(t *testing.T) {
	f, g := &shout{"f"}, &shout{"g"}
	connect := func(l map[string]redshiftsim.Lambda) (*sql.DB, error) {
		k, err := redshiftsim.NewConnector(redshiftsim.Config{Name: "lambdas", Lambdas: l})
		if err != nil {
			return nil, err
		}
		db := sql.OpenDB(k)
		t.Cleanup(func() { db.Close() })
		return db, nil
	}
	a, err := connect(map[string]redshiftsim.Lambda{"f": f})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connect(map[string]redshiftsim.Lambda{"f": f, "g": g}); err != nil {
		t.Fatal(err)
	}
	if _, err := connect(map[string]redshiftsim.Lambda{"f": g}); err == nil || !strings.Contains(err.Error(), "another Lambda f") {
		t.Error(err)
	}
	exec(t, a, "CREATE EXTERNAL FUNCTION g() RETURNS varchar STABLE LAMBDA 'g' IAM_ROLE default")
	if got := all(t, a, "SELECT g()"); len(got) != 1 || got[0] != "g" {
		t.Error(got)
	}
	c, err := redshiftsim.ClusterOf(a)
	if err != nil {
		t.Fatal(err)
	}
	c.SetLambda("g", f)
	if got := all(t, a, "SELECT g()"); len(got) != 1 || got[0] != "f" {
		t.Error(got)
	}
	c.SetLambda("g", nil)
	_, err = a.Exec("SELECT g()")
	fails(t, err, "0A000", "nothing stands for the Lambda function 'g'")
}

// shout is a Lambda that gives one word for a row.
type shout struct{ word string }

func (s *shout) Invoke(context.Context, []byte) ([]byte, error) {
	return json.Marshal(map[string]any{"results": []string{s.word}})
}
