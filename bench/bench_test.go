package bench

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/DATA-DOG/go-sqlmock"
)

// load is a workload of two queries without preparation.
type load struct{ prepare error }

func (load) Name() string                                     { return "load" }
func (l load) Prepare(context.Context, Target, *sql.DB) error { return l.prepare }
func (load) Queries(Target) []Query {
	return []Query{{Name: "one", Text: "SELECT a FROM t"}, {Name: "two", Text: "SELECT b FROM t"}}
}

// mocked makes a target whose database expects what expect says.
func mocked(t *testing.T, name string, expect func(sqlmock.Sqlmock)) (Target, func()) {
	t.Helper()
	db, mock, err := sqlmock.New(sqlmock.QueryMatcherOption(sqlmock.QueryMatcherEqual))
	if err != nil {
		t.Fatal(err)
	}
	expect(mock)
	mock.ExpectClose()
	return Target{Name: name, Flavor: "redshift", Open: func() (*sql.DB, error) { return db, nil }}, func() {
		t.Helper()
		if err := mock.ExpectationsWereMet(); err != nil {
			t.Error(err)
		}
	}
}

func rows(vals ...any) *sqlmock.Rows {
	r := sqlmock.NewRows([]string{"a"})
	for _, v := range vals {
		r.AddRow(v)
	}
	return r
}

func find(t *testing.T, rs []*Result, query, target string) *Result {
	t.Helper()
	for _, r := range rs {
		if r.Query == query && r.Target == target {
			return r
		}
	}
	t.Fatalf("no result of %s on %s", query, target)
	return nil
}

// TestRounds counts runs: one warm-up and two rounds of each query.
func TestRounds(t *testing.T) {
	target, met := mocked(t, "x", func(m sqlmock.Sqlmock) {
		for range 3 {
			m.ExpectQuery("SELECT a FROM t").WillReturnRows(rows(int64(1), int64(2)))
		}
		for range 3 {
			m.ExpectQuery("SELECT b FROM t").WillReturnRows(rows(int64(3)))
		}
	})
	rs, err := Run(context.Background(), load{}, []Target{target}, Options{Rounds: 2})
	if err != nil {
		t.Fatal(err)
	}
	one := find(t, rs, "one", "x")
	if len(one.Times) != 2 || one.Err != nil || len(one.Answer) != 2 {
		t.Errorf("one: %d times, answer %v, error %v", len(one.Times), one.Answer, one.Err)
	}
	met()
}

// TestFailures drives the harness through databases that fail: the failing query is reported and asked no more, the others are timed.
func TestFailures(t *testing.T) {
	boom := errors.New("boom")
	for name, first := range map[string]func(*sqlmock.ExpectedQuery){
		"query fails":         func(q *sqlmock.ExpectedQuery) { q.WillReturnError(boom) },
		"row fails midway":    func(q *sqlmock.ExpectedQuery) { q.WillReturnRows(rows(int64(1), int64(2)).RowError(1, boom)) },
		"close of rows fails": func(q *sqlmock.ExpectedQuery) { q.WillReturnRows(rows(int64(1)).CloseError(boom)) },
	} {
		t.Run(name, func(t *testing.T) {
			target, met := mocked(t, "x", func(m sqlmock.Sqlmock) {
				first(m.ExpectQuery("SELECT a FROM t"))
				m.ExpectQuery("SELECT b FROM t").WillReturnRows(rows(int64(3)))
				m.ExpectQuery("SELECT b FROM t").WillReturnRows(rows(int64(3)))
			})
			rs, err := Run(context.Background(), load{}, []Target{target}, Options{Rounds: 1})
			if err != nil {
				t.Fatal(err)
			}
			if r := find(t, rs, "one", "x"); !errors.Is(r.Err, boom) || len(r.Times) != 0 {
				t.Errorf("one: error %v, %d times", r.Err, len(r.Times))
			}
			if r := find(t, rs, "two", "x"); r.Err != nil || len(r.Times) != 1 {
				t.Errorf("two: error %v, %d times", r.Err, len(r.Times))
			}
			met()
			var b bytes.Buffer
			if err := Table(&b, rs); err != nil || !strings.Contains(b.String(), "boom") || !strings.Contains(b.String(), "error") {
				t.Errorf("the table hides the failure: %s", b.String())
			}
		})
	}
}

// TestBadConnection loses the only connection: database/sql gives it up, the mock has no other, and the harness reports both queries and ends.
func TestBadConnection(t *testing.T) {
	target, _ := mocked(t, "x", func(m sqlmock.Sqlmock) {
		m.ExpectQuery("SELECT a FROM t").WillReturnError(driver.ErrBadConn)
	})
	rs, err := Run(context.Background(), load{}, []Target{target}, Options{Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"one", "two"} {
		if r := find(t, rs, q, "x"); r.Err == nil || len(r.Times) != 0 {
			t.Errorf("%s: error %v, %d times", q, r.Err, len(r.Times))
		}
	}
}

// TestPrepareFails keeps the targets that are well.
func TestPrepareFails(t *testing.T) {
	boom := errors.New("disk full")
	good, met := mocked(t, "good", func(m sqlmock.Sqlmock) {
		for range 2 {
			m.ExpectQuery("SELECT a FROM t").WillReturnRows(rows(int64(1)))
		}
		for range 2 {
			m.ExpectQuery("SELECT b FROM t").WillReturnRows(rows(int64(1)))
		}
	})
	bad := Target{Name: "bad", Open: func() (*sql.DB, error) { return nil, boom }}
	rs, err := Run(context.Background(), load{}, []Target{bad, good}, Options{Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r := find(t, rs, "prepare", "bad"); !errors.Is(r.Err, boom) {
		t.Errorf("error %v", r.Err)
	}
	if r := find(t, rs, "one", "good"); len(r.Times) != 1 {
		t.Errorf("%d times", len(r.Times))
	}
	met()
	if _, err := Run(context.Background(), load{prepare: boom}, []Target{bad}, Options{}); !errors.Is(err, boom) {
		t.Errorf("no target is left, error %v", err)
	}
}

// TestSlowPing leaves out the target that does not answer, and times the other.
func TestSlowPing(t *testing.T) {
	db, mock, err := sqlmock.New(sqlmock.MonitorPingsOption(true))
	if err != nil {
		t.Fatal(err)
	}
	mock.ExpectPing().WillDelayFor(time.Minute)
	mock.ExpectClose()
	slow := Target{Name: "slow", Open: func() (*sql.DB, error) { return db, nil }}
	good, met := mocked(t, "good", func(m sqlmock.Sqlmock) {
		for _, q := range []string{"SELECT a FROM t", "SELECT a FROM t", "SELECT b FROM t", "SELECT b FROM t"} {
			m.ExpectQuery(q).WillReturnRows(rows(int64(1)))
		}
	})
	start := time.Now()
	rs, err := Run(context.Background(), load{}, []Target{slow, good}, Options{Rounds: 1, Reach: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("the run waited %s for the answer", took)
	}
	if r := find(t, rs, "prepare", "slow"); r.Err == nil || !strings.Contains(r.Err.Error(), "no answer within 20ms") {
		t.Errorf("error %v", r.Err)
	}
	if r := find(t, rs, "two", "good"); len(r.Times) != 1 || r.Err != nil {
		t.Errorf("%d times, %v", len(r.Times), r.Err)
	}
	met()
}

// TestCancelled stops at the context, in the middle of a slow query too.
func TestCancelled(t *testing.T) {
	target, _ := mocked(t, "x", func(m sqlmock.Sqlmock) {
		m.ExpectQuery("SELECT a FROM t").WillDelayFor(time.Minute).WillReturnRows(rows(int64(1)))
	})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := Run(ctx, load{}, []Target{target}, Options{Rounds: 1})
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the run did not stop")
	}
}

// TestAnswersDiffer lets no time count for a wrong answer.
func TestAnswersDiffer(t *testing.T) {
	answer := func(v any) func(sqlmock.Sqlmock) {
		return func(m sqlmock.Sqlmock) {
			for range 2 {
				m.ExpectQuery("SELECT a FROM t").WillReturnRows(rows(v))
			}
			for range 2 {
				m.ExpectQuery("SELECT b FROM t").WillReturnRows(rows(int64(1)))
			}
		}
	}
	a, _ := mocked(t, "a", answer(int64(1982)))
	b, _ := mocked(t, "b", answer(1982.25)) // Redshift cuts AVG of integers
	c, _ := mocked(t, "c", answer(int64(1983)))
	rs, err := Run(context.Background(), load{}, []Target{a, b, c}, Options{Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r := find(t, rs, "one", "b"); r.Err != nil {
		t.Errorf("1982 and 1982.25: %v", r.Err)
	}
	if r := find(t, rs, "one", "c"); r.Err == nil || len(r.Times) != 0 {
		t.Error("1982 and 1983 pass for the same")
	}
}

// TestInsertCSVCommitFails reports a failed commit and a failed row, and rolls back once.
func TestInsertCSVCommitFails(t *testing.T) {
	boom := errors.New("commit refused")
	file := t.TempDir() + "/m.csv"
	if err := writeSeed(file, 2); err != nil {
		t.Fatal(err)
	}
	db, mock, err := sqlmock.New()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	mock.ExpectBegin()
	p := mock.ExpectPrepare("INSERT INTO seed")
	p.ExpectExec().WillReturnResult(sqlmock.NewResult(0, 1))
	p.ExpectExec().WillReturnResult(sqlmock.NewResult(0, 1))
	mock.ExpectCommit().WillReturnError(boom)
	if err := insertCSV(context.Background(), db, "seed", file, 5); !errors.Is(err, boom) {
		t.Errorf("error %v", err)
	}
	mock.ExpectBegin()
	mock.ExpectPrepare("INSERT INTO seed").ExpectExec().WillReturnError(boom)
	mock.ExpectRollback()
	if err := insertCSV(context.Background(), db, "seed", file, 5); !errors.Is(err, boom) {
		t.Errorf("error %v", err)
	}
	if err := mock.ExpectationsWereMet(); err != nil {
		t.Error(err)
	}
}

// TestMoviesCSV pins the generator: the same bytes for ever.
func TestMoviesCSV(t *testing.T) {
	var a, b bytes.Buffer
	if err := MoviesCSV(&a, 1000); err != nil {
		t.Fatal(err)
	}
	if err := MoviesCSV(&b, 1000); err != nil || a.String() != b.String() {
		t.Error("two runs differ")
	}
	if n := strings.Count(a.String(), "\n"); n != 1000 {
		t.Errorf("%d rows", n)
	}
	if !strings.HasPrefix(a.String(), "Film 1,") || strings.Count(strings.SplitN(a.String(), "\n", 2)[0], ",") != 4 {
		t.Errorf("first row %q", strings.SplitN(a.String(), "\n", 2)[0])
	}
}

// TestBenchstat prints lines that benchstat reads.
func TestBenchstat(t *testing.T) {
	var b bytes.Buffer
	err := Benchstat(&b, []*Result{{Workload: "movies", Query: "avg", Target: "x", Times: []time.Duration{1500, 2500}}, {Workload: "movies", Query: "avg", Target: "y", Err: errors.New("gone")}})
	if err != nil || !strings.Contains(b.String(), "BenchmarkMovies/q=avg/target=x-") || !strings.Contains(b.String(), "\t1\t1500 ns/op\n") || !strings.Contains(b.String(), "gone") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// checked is a workload of one statement whose outcome is compared.
type checked struct{ load }

func (checked) Queries(Target) []Query {
	return []Query{{Name: "fill", Check: "SELECT count(*) FROM t", Do: func(ctx context.Context, db *sql.DB, _ int) error {
		_, err := db.ExecContext(ctx, "FILL t")
		return err
	}}}
}

// TestCheck: what a target's Do came to is asked once, behind its rounds, and compared with the others'.
func TestCheck(t *testing.T) {
	fill := func(n int64) func(sqlmock.Sqlmock) {
		return func(m sqlmock.Sqlmock) {
			for range 3 {
				m.ExpectExec("FILL t").WillReturnResult(sqlmock.NewResult(0, n))
			}
			m.ExpectQuery("SELECT count(*) FROM t").WillReturnRows(rows(n))
		}
	}
	a, metA := mocked(t, "a", fill(7))
	b, metB := mocked(t, "b", fill(8))
	c, metC := mocked(t, "c", fill(7))
	rs, err := Run(context.Background(), checked{}, []Target{a, b, c}, Options{Rounds: 2})
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]bool{"a": false, "b": true, "c": false} {
		if r := find(t, rs, "fill", name); (r.Err != nil) != bad || bad && (len(r.Times) > 0 || !strings.Contains(r.Err.Error(), "answer differs from that of a")) {
			t.Errorf("%s: %d times, %v", name, len(r.Times), r.Err)
		}
	}
	metA()
	metB()
	metC()
}
