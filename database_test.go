package redshiftsim_test

import (
	"context"
	"testing"
)

// TestDatabases: each database has its own tables and isolation level, users are the cluster's.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
func TestDatabases(t *testing.T) {
	dev := open(t, "redshiftsim://databases/dev?keep=false")
	exec(t, dev, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "CREATE DATABASE other ISOLATION LEVEL SERIALIZABLE CONNECTION LIMIT 1", "CREATE USER ann PASSWORD 'Abc12345'")
	other := open(t, "redshiftsim://databases/other")
	want(t, other, "SELECT current_database()", "other")
	want(t, other, "SELECT count(*) FROM pg_user WHERE usename = 'ann'", "1")
	refused(t, other, "SELECT * FROM t", "42P01", `relation "t" does not exist`)
	exec(t, other, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (7)", "CREATE USER bob PASSWORD 'Abc12345'")
	want(t, other, "SELECT a FROM t", "7")
	want(t, dev, "SELECT a FROM t", "1")
	want(t, dev, "SELECT count(*) FROM pg_user WHERE usename = 'bob'", "1")

	// Two transactions that read and write each other's tables: one of them fails there, both commit in dev.
	for _, x := range []struct {
		db   string
		code string
	}{{"other", "XX000"}, {"dev", ""}} {
		db := open(t, "redshiftsim://databases/"+x.db)
		exec(t, db, "CREATE TABLE u (a int)")
		one, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		two, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		exec(t, one, "SELECT * FROM t", "INSERT INTO u VALUES (1)")
		exec(t, two, "INSERT INTO t VALUES (1)")
		_, err = two.Exec("SELECT * FROM u")
		if x.code == "" && err != nil {
			t.Errorf("%s: %v", x.db, err)
		} else if x.code != "" {
			fails(t, err, x.code, "1023")
		}
		two.Rollback()
		if err := one.Commit(); err != nil {
			t.Error(err)
		}
		db.Close()
	}

	// A database that sessions are connected to is neither renamed nor dropped; FORCE ends them.
	refused(t, dev, "ALTER DATABASE other RENAME TO another", "55006", `database "other" is being accessed by other users`)
	refused(t, dev, "DROP DATABASE other", "55006", `database "other" is being accessed by other users`)
	ann := open(t, "redshiftsim://ann:Abc12345@databases/other")
	one, err := ann.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ann.Conn(context.Background()); err == nil {
		t.Error("a second session of a database with CONNECTION LIMIT 1")
	} else {
		fails(t, err, "53300", `too many connections for database "other"`)
	}
	one.Close()
	ann.Close()
	conn, err := other.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	exec(t, dev, "DROP DATABASE other FORCE")
	if _, err := conn.ExecContext(context.Background(), "SELECT 1"); err == nil {
		t.Error("a session of a dropped database goes on")
	}
	want(t, dev, "SELECT datname FROM pg_database", "dev")
	want(t, dev, "SELECT a FROM t", "1")
}

// TestCollation: a database that is case insensitive gives its columns that collation, and compares literals so. ALTER DATABASE is for sessions that
// begin later, and leaves columns as they are.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATABASE.html
func TestCollation(t *testing.T) {
	dev := open(t, "redshiftsim://collations/dev")
	exec(t, dev, "CREATE DATABASE ci COLLATE CASE_INSENSITIVE")
	ci := open(t, "redshiftsim://collations/ci")
	want(t, ci, "SELECT db_collation(), 'a' = 'A', 'Anna' LIKE 'a%', CASE 'B' WHEN 'b' THEN 1 END", "case_insensitive true true 1")
	exec(t, ci, "CREATE TABLE t (a varchar(9), b varchar(9) COLLATE cs, n int)", "INSERT INTO t VALUES ('x', 'x', 1), ('X', 'X', 2)")
	want(t, ci, "SELECT count(*), count(distinct a), count(distinct b) FROM t WHERE a = 'X'", "2 1 2")
	want(t, ci, "SELECT count(*) FROM t WHERE b = 'X'", "1")
	want(t, ci, "SELECT count(*) FROM (SELECT a || '' AS c FROM t GROUP BY 1) g", "1")
	want(t, ci, "SELECT relname FROM pg_class WHERE relname = 't'", "t")
	want(t, dev, "SELECT db_collation(), 'a' = 'A'", "case_sensitive false")

	exec(t, dev, "ALTER DATABASE ci COLLATE CS")
	want(t, ci, "SELECT db_collation()", "case_insensitive")
	later := open(t, "redshiftsim://collations/ci")
	want(t, later, "SELECT db_collation(), 'a' = 'A'", "case_sensitive false")
	want(t, later, "SELECT count(*) FROM t WHERE a = 'X'", "2")
	exec(t, later, "CREATE TABLE u (a varchar(9))", "INSERT INTO u VALUES ('x')")
	want(t, later, "SELECT count(*) FROM u WHERE a = 'X'", "0")
}
