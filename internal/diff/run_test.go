package diff

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/DATA-DOG/go-sqlmock"
)

// state is an error with a SQLSTATE, as the drivers have them.
type state struct{ code, message string }

func (s state) Error() string    { return s.message }
func (s state) SQLState() string { return s.code }

// mocked is a target whose answers a test writes: it has begun when it returns.
func mocked(t *testing.T, name string) (*Target, sqlmock.Sqlmock) {
	t.Helper()
	db, mock, err := sqlmock.New(sqlmock.QueryMatcherOption(sqlmock.QueryMatcherEqual), sqlmock.MonitorPingsOption(true))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := mock.ExpectationsWereMet(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	})
	return &Target{Name: name, Schema: "s", Open: func() (*sql.DB, error) { return db, nil }}, mock
}

func begins(m sqlmock.Sqlmock) {
	m.ExpectPing()
	for _, q := range []string{"SET timezone TO 'UTC'", "CREATE SCHEMA s", "SET search_path TO s"} {
		m.ExpectExec(q).WillReturnResult(driver.ResultNoRows)
	}
	m.ExpectQuery("SELECT pg_backend_pid()").WillReturnRows(sqlmock.NewRows([]string{"pid"}).AddRow(int64(42)))
}

func ends(m sqlmock.Sqlmock) {
	m.ExpectExec("ROLLBACK").WillReturnResult(driver.ResultNoRows)
	m.ExpectExec("RESET SESSION AUTHORIZATION").WillReturnError(state{"42601", "syntax error"}) // whatever it says
	m.ExpectExec("DROP SCHEMA s CASCADE").WillReturnResult(driver.ResultNoRows)
	m.ExpectClose()
}

func one(v any) *sqlmock.Rows { return sqlmock.NewRows([]string{"x"}).AddRow(v) }

func suite(sql ...string) *Suite {
	g := Group{}
	for i, s := range sql {
		g = append(g, Statement{"f.sql", i + 1, s})
	}
	return &Suite{Groups: []Group{g}}
}

// tape makes a cassette that must not be there unless the run was whole.
func tape(t *testing.T) (*Tape, string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "cassette")
	tp, err := NewTape(name, "redshift", "8.0.2")
	if err != nil {
		t.Fatal(err)
	}
	return tp, name
}

// absent fails when a cassette, or what is left of one, is there.
func absent(t *testing.T, name string) {
	t.Helper()
	left, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// TestRun: rows, changes and failures on both sides; the cassette answers as the reference did.
func TestRun(t *testing.T) {
	texts := []string{"SELECT x", "SELECT y", "DELETE FROM t", "SELECT z", "SELECT late"}
	ref, r := mocked(t, "reference")
	sim, s := mocked(t, "simulator")
	for _, m := range []sqlmock.Sqlmock{r, s} {
		begins(m)
		m.ExpectQuery("SELECT x").WillReturnRows(one(int64(1)))
		m.ExpectQuery("SELECT y").WillReturnRows(one("same"))
		m.ExpectExec("DELETE FROM t").WillReturnResult(driver.RowsAffected(3))
	}
	r.ExpectQuery("SELECT z").WillReturnError(state{"42703", "column z does not exist"})
	s.ExpectQuery("SELECT z").WillReturnRows(one(nil))
	// An error among the rows is the statement's outcome: what came before does not count.
	for _, m := range []sqlmock.Sqlmock{r, s} {
		m.ExpectQuery("SELECT late").WillReturnRows(one(int64(1)).AddRow(int64(2)).RowError(1, state{"22012", "division by zero"}))
		ends(m)
	}
	tp, name := tape(t)
	var told []string
	rep, err := Run(context.Background(), suite(texts...), ref, sim, tp, Options{Each: func(d *Difference) { told = append(told, d.String()) }})
	if err != nil || rep.Statements != 5 || len(rep.Differences) != 1 {
		t.Fatalf("%+v, %v", rep, err)
	}
	const want = "f.sql:4: sqlstate: SELECT z\n  reference  42703 column z does not exist\n  simulator  1 row\n"
	if len(told) != 1 || told[0] != want {
		t.Errorf("%q", told)
	}
	if err := tp.Close(true); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	again, m := mocked(t, "simulator")
	begins(m)
	m.ExpectQuery("SELECT x").WillReturnRows(one(int64(1)))
	m.ExpectQuery("SELECT y").WillReturnRows(one("other"))
	m.ExpectExec("DELETE FROM t").WillReturnResult(driver.RowsAffected(3))
	m.ExpectQuery("SELECT z").WillReturnError(state{"42703", "column z is not there"})
	m.ExpectQuery("SELECT late").WillReturnError(state{"22012", "division by zero"})
	ends(m)
	rep, err = Play(context.Background(), f, again, Options{Ignore: []Kind{Message}})
	if err != nil || rep.Statements != 5 || len(rep.Differences) != 1 || rep.Differences[0].Kind != Rows {
		t.Errorf("%+v, %v", rep, err)
	}
}

// TestBadReference: a reference that does not answer, or goes away, ends the run; the simulator's schema goes, and no cassette is left.
func TestBadReference(t *testing.T) {
	fail := errors.New("connection refused")
	for name, c := range map[string]struct {
		expect func(r, s sqlmock.Sqlmock)
		want   string
	}{
		"no ping": {func(r, _ sqlmock.Sqlmock) {
			r.ExpectPing().WillReturnError(fail)
			r.ExpectClose()
		}, "reference: connecting: connection refused"},
		"no schema": {func(r, _ sqlmock.Sqlmock) {
			r.ExpectPing()
			r.ExpectExec("SET timezone TO 'UTC'").WillReturnResult(driver.ResultNoRows)
			r.ExpectExec("CREATE SCHEMA s").WillReturnError(state{"42501", "permission denied for database dev"})
			r.ExpectClose()
		}, "reference: CREATE SCHEMA s: permission denied for database dev"},
		"lost in a statement": {func(r, s sqlmock.Sqlmock) {
			begins(r)
			begins(s)
			r.ExpectQuery("SELECT 1").WillReturnError(fail)
			ends(r)
			ends(s)
		}, "reference: f.sql:1: connection refused"},
		"lost among rows": {func(r, s sqlmock.Sqlmock) {
			begins(r)
			begins(s)
			r.ExpectQuery("SELECT 1").WillReturnRows(one(int64(1)).AddRow(int64(2)).RowError(1, fail))
			ends(r)
			ends(s)
		}, "reference: f.sql:1: connection refused"},
		"a bad connection": {func(r, s sqlmock.Sqlmock) {
			begins(r)
			begins(s)
			r.ExpectQuery("SELECT 1").WillReturnError(driver.ErrBadConn)
			r.ExpectClose() // the connection is gone, and with it what could be said to it
			ends(s)
		}, "reference: f.sql:1: driver: bad connection\nreference: dropping schema s: sql: connection is already closed"},
	} {
		t.Run(name, func(t *testing.T) {
			ref, r := mocked(t, "reference")
			sim, s := mocked(t, "simulator")
			r.MatchExpectationsInOrder(true)
			c.expect(r, s)
			tp, file := tape(t)
			_, err := Run(context.Background(), suite("SELECT 1", "SELECT 2"), ref, sim, tp, Options{})
			if err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
			if err := tp.Close(err == nil); err != nil {
				t.Error(err)
			}
			absent(t, file)
		})
	}
	if _, err := Run(context.Background(), suite("SELECT 1"), &Target{Name: "reference", Open: func() (*sql.DB, error) { return nil, fail }}, nil, nil, Options{}); err == nil {
		t.Error("a reference that cannot be opened")
	}
}

// TestSlow: a slow ping and a slow statement end with the context, whose error comes out; a statement that outlives its own time has failed.
func TestSlow(t *testing.T) {
	t.Run("ping", func(t *testing.T) {
		ref, r := mocked(t, "reference")
		r.ExpectPing().WillDelayFor(time.Minute)
		r.ExpectClose()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		start := time.Now()
		if _, err := Run(ctx, suite("SELECT 1"), ref, nil, nil, Options{}); err == nil || !strings.HasPrefix(err.Error(), "reference: connecting: ") || time.Since(start) > 10*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ref, r := mocked(t, "reference")
		sim, s := mocked(t, "simulator")
		begins(r)
		begins(s)
		r.ExpectQuery("SELECT 1").WillDelayFor(time.Minute).WillReturnRows(one(int64(1)))
		ends(r)
		ends(s)
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(20*time.Millisecond, cancel)
		if _, err := Run(ctx, suite("SELECT 1"), ref, sim, nil, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
	t.Run("statement", func(t *testing.T) {
		ref, r := mocked(t, "reference")
		sim, s := mocked(t, "simulator")
		ref.Timeout = 20 * time.Millisecond
		begins(r)
		begins(s)
		r.ExpectQuery("SELECT 1").WillDelayFor(time.Minute).WillReturnRows(one(int64(1)))
		s.ExpectQuery("SELECT 1").WillReturnRows(one(int64(1)))
		ends(r)
		ends(s)
		rep, err := Run(context.Background(), suite("SELECT 1"), ref, sim, nil, Options{})
		if err != nil || len(rep.Differences) != 1 || rep.Differences[0].Reference != "57014 no answer within 20ms" {
			t.Errorf("%+v, %v", rep, err)
		}
	})
	t.Run("endless", func(t *testing.T) {
		ref, r := mocked(t, "reference")
		sim, s := mocked(t, "simulator")
		ref.MaxRows = 1
		begins(r)
		begins(s)
		r.ExpectQuery("SELECT 1").WillReturnRows(one(int64(1)).AddRow(int64(2)))
		ends(r)
		ends(s)
		if _, err := Run(context.Background(), suite("SELECT 1"), ref, sim, nil, Options{}); err == nil || err.Error() != "reference: f.sql:1: more than 1 rows" {
			t.Errorf("%v", err)
		}
	})
}

// TestPlayRefuses: what is no cassette, or half of one.
func TestPlayRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "no cassette",
		"SELECT 1\n":                         "no cassette",
		`{"file":"a.sql"}` + "\n":            "no cassette",
		`{"cassette":9}` + "\n":              "version 9",
		`{"cassette":1}` + "\n" + `{"file":`: "line 2 of the cassette",
	} {
		if _, err := Play(context.Background(), strings.NewReader(text), nil, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := NewTape(filepath.Join(t.TempDir(), "none", "x"), "redshift", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
