package integration

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/redshiftsim/redshiftsim"
)

// TestPQArrays reads arrays of the catalog as the texts that Redshift prints, and sends one as a parameter, which tables refuse.
func TestPQArrays(t *testing.T) {
	db := pqDB(t, newCluster(t, redshiftsim.Config{}))
	mustExec(t, db, "CREATE GROUP readers", "CREATE USER ann PASSWORD 'Secret123' IN GROUP readers", "CREATE USER bob PASSWORD 'Secret123' IN GROUP readers", "CREATE TABLE t (a INT)")
	var members pq.Int64Array
	if err := db.QueryRow("SELECT grolist FROM pg_group WHERE groname = $1", "readers").Scan(&members); err != nil || len(members) != 2 {
		t.Fatal(members, err)
	}
	same(t, "members", texts(t, db, "SELECT usename FROM pg_user u, pg_group g WHERE u.usesysid = ANY(g.grolist) AND g.groname = 'readers' ORDER BY 1"), "ann", "bob")
	if _, err := db.Exec("SELECT a FROM t WHERE a = ANY($1)", pq.Array([]int64{1, 2})); err == nil {
		t.Error("= ANY of an array went well on a table")
	}
}

// TestPQCopy finds that COPY FROM STDIN, pq's way to load rows, is none of Redshift's.
func TestPQCopy(t *testing.T) {
	db := pqDB(t, newCluster(t, redshiftsim.Config{}))
	mustExec(t, db, "CREATE TABLE t (a INT, b VARCHAR)")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	_, err = tx.Prepare(pq.CopyIn("t", "a", "b")) //nolint:staticcheck // what programs have
	refused(t, err, "42601", `syntax error at or near "STDIN"`)
	_, err = tx.Exec("SELECT 1")
	refused(t, err, "25P02", "current transaction is aborted, commands ignored until end of transaction block")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
}

// TestPQErrors reads the fields of errors: those of an unknown column, of a bad value, of a text too long, of a missing table.
func TestPQErrors(t *testing.T) {
	db := pqDB(t, newCluster(t, redshiftsim.Config{}))
	mustExec(t, db, "CREATE TABLE t (a INT NOT NULL, b VARCHAR(3))")
	for _, x := range []struct {
		query, code, name, message, position string
		args                                 []any
	}{
		{"SELECT c FROM t", "42703", "undefined_column", "column \"c\" does not exist in t", "8", nil},
		{"SELECT * FROM u", "42P01", "undefined_table", "relation \"u\" does not exist", "", nil},
		{"SELEC 1", "42601", "syntax_error", "syntax error at or near \"SELEC\"", "1", nil},
		{"INSERT INTO t VALUES (NULL, 'x')", "23502", "not_null_violation", "Cannot insert a NULL value into column a", "", nil},
		{"SELECT a FROM t WHERE a = $1", "22P02", "invalid_text_representation", "invalid input syntax for integer: \"x\"", "", []any{"x"}},
		{"SELECT 1 / (count(*) - count(*)) FROM t", "22012", "division_by_zero", "division by zero", "", nil},
	} {
		_, err := db.Exec(x.query, x.args...)
		var e *pq.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", x.query, err)
			continue
		}
		if string(e.Code) != x.code || e.Code.Name() != x.name || e.Message != x.message || x.position != "" && e.Position != x.position || e.Severity != pq.Efatal && e.Severity != "ERROR" {
			t.Errorf("%s: %s %s %q at %s", x.query, e.Code, e.Code.Name(), e.Message, e.Position)
		}
	}
}

// TestPQCancel ends a query with its context, which pq does by a cancel request, and keeps the connection.
func TestPQCancel(t *testing.T) {
	db := pqDB(t, newCluster(t, redshiftsim.Config{}))
	db.SetMaxOpenConns(1)
	if err := db.Ping(); err != nil { // connecting is not what is cancelled
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, err := db.ExecContext(ctx, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n")
	refused(t, err, "57014", "canceling statement due to user request")
	same(t, "afterwards", texts(t, db, "SELECT 1"), "1")
}
