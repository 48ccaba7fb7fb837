package redshiftsim_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// TestCall calls procedures with arguments, as Query and as Exec, prepared and not.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CALL_procedure.html
func TestCall(t *testing.T) {
	var told []string
	k, err := redshiftsim.NewConnector(redshiftsim.Config{Notice: func(e *redshiftsim.Error) { told = append(told, e.Severity+": "+e.Message) }})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(k)
	defer db.Close()
	exec(t, db, "CREATE TABLE t (a int, d date)",
		"CREATE PROCEDURE p(a int, b inout varchar(20), d date, c out numeric(5,2)) AS $$ BEGIN RAISE INFO 'a is %', a; INSERT INTO t VALUES (a, d); b := b || a; c := a / 2.0; END $$ LANGUAGE plpgsql",
		"CREATE PROCEDURE q(a int) AS $$ BEGIN INSERT INTO t VALUES (a); COMMIT; INSERT INTO t VALUES (a + 1); END $$ LANGUAGE plpgsql",
		"CREATE PROCEDURE o(a int) AS $$ BEGIN RAISE INFO 'int'; END $$ LANGUAGE plpgsql",
		"CREATE PROCEDURE o(a varchar) AS $$ BEGIN RAISE INFO 'varchar'; END $$ LANGUAGE plpgsql")
	if got := all(t, db, "CALL p($1, $2, $3)", 5, "x", time.Date(2020, 2, 29, 0, 0, 0, 0, time.UTC)); !slices.Equal(got, []string{"x5 2.50"}) {
		t.Errorf("%q", got)
	}
	if got := all(t, db, "CALL p($1, $2, '2020-03-01')", nil, "x"); !slices.Equal(got, []string{"<nil> <nil>"}) {
		t.Errorf("%q", got)
	}
	st, err := db.Prepare("CALL p($1, 'z', $2)")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var b, c string
	if err := st.QueryRow(7, "2020-03-02").Scan(&b, &c); err != nil || b != "z7" || c != "3.50" {
		t.Error(b, c, err)
	}
	if _, err := db.Exec("CALL q($1)", 10); err != nil {
		t.Error(err)
	}
	want(t, db, "SELECT count(*), max(d) FROM t", "5 2020-03-02 00:00:00 +0000 UTC")
	told = nil
	exec(t, db, "CALL o(1)", "CALL o('a'::varchar)")
	for _, a := range []any{2, "b"} {
		if _, err := db.Exec("CALL o($1)", a); err != nil {
			t.Error(err)
		}
	}
	if w := []string{"INFO: int", "INFO: varchar", "INFO: int", "INFO: varchar"}; !slices.Equal(told, w) {
		t.Errorf("%q", told)
	}
	_, err = db.Exec("CALL q($1, $2)", 1, 2)
	fails(t, err, "42883", "procedure q(")
	_, err = db.Exec("CALL q($1)", 1, 2)
	fails(t, err, "08P01", "")
}

// TestCallCursor fetches from the cursor that a procedure has opened.
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-result-set.html
func TestCallCursor(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE fact_tbl (id int, name varchar(10))", "INSERT INTO fact_tbl VALUES (1, 'Joe'), (2, 'Ed'), (3, 'Mary')",
		"CREATE PROCEDURE get_result_set (param IN integer, rs_out INOUT refcursor) AS $$ BEGIN OPEN rs_out FOR SELECT * FROM fact_tbl where id >= param ORDER BY id; END; $$ LANGUAGE plpgsql")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if got := all(t, tx, "CALL get_result_set($1, $2)", 2, "mycursor"); !slices.Equal(got, []string{"mycursor"}) {
		t.Errorf("%q", got)
	}
	if got := all(t, tx, "FETCH ALL FROM mycursor"); !slices.Equal(got, []string{"2 Ed", "3 Mary"}) {
		t.Errorf("%q", got)
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
	_, err = db.Exec("FETCH NEXT FROM mycursor")
	fails(t, err, "34000", "mycursor")
}

// TestCallEnds ends procedures that would run for ever: by their context, by statement_timeout, by another session.
func TestCallEnds(t *testing.T) {
	for _, body := range []string{"LOOP i := i + 1; END LOOP", "LOOP NULL; END LOOP", "WHILE true LOOP END LOOP", "LOOP INSERT INTO t VALUES (i); END LOOP", "LOOP BEGIN LOOP i := i + 1; END LOOP; EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP"} {
		t.Run(body, func(t *testing.T) {
			db := open(t, "redshiftsim://")
			exec(t, db, "CREATE TABLE t (a int)", "CREATE PROCEDURE p() NONATOMIC AS $$ DECLARE i bigint := 0; BEGIN "+body+"; END $$ LANGUAGE plpgsql")
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
			defer cancel()
			begun := time.Now()
			_, err := db.ExecContext(ctx, "CALL p()")
			if err == nil || time.Since(begun) > 5*time.Second {
				t.Fatal(err, time.Since(begun))
			}
			c, err := db.Conn(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := c.ExecContext(context.Background(), "SET statement_timeout TO 30"); err != nil {
				t.Fatal(err)
			}
			_, err = c.ExecContext(context.Background(), "CALL p()")
			fails(t, err, "57014", "statement timeout")
			want(t, c, "SELECT 1", "1")
		})
	}
}

// TestCallsAside calls procedures of one cluster from many connections, some of which are replaced meanwhile.
func TestCallsAside(t *testing.T) {
	db := open(t, "redshiftsim://")
	create := func(n int) string {
		return fmt.Sprintf("CREATE OR REPLACE PROCEDURE p(x int, s inout bigint) AS $$ DECLARE r record; BEGIN FOR i IN 1..20 LOOP s := s + i * x; INSERT INTO t VALUES (i); END LOOP; "+
			"FOR r IN SELECT count(*) AS n FROM t LOOP s := s + 0 * r.n; END LOOP; COMMIT; s := s + 0 * %d; EXCEPTION WHEN OTHERS THEN RAISE INFO '%%', sqlerrm; END $$ LANGUAGE plpgsql", n)
	}
	exec(t, db, "CREATE TABLE t (a int)", create(0))
	const calls = 15
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range calls {
				if w == 0 {
					if _, err := db.Exec(create(i)); err != nil {
						t.Error(err)
					}
					continue
				}
				var s int64
				if err := db.QueryRow("CALL p($1, $2)", w, 1).Scan(&s); err != nil || s != int64(210*w+1) {
					t.Error(s, err)
				}
			}
		}()
	}
	wg.Wait()
	want(t, db, "SELECT count(*) FROM t", fmt.Sprint(5*calls*20))
}

// TestContext reads where an error of a procedure happened.
func TestContext(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE PROCEDURE inner_p() AS $$\nBEGIN\n  EXECUTE 'select nosuch';\nEND $$ LANGUAGE plpgsql", "CREATE PROCEDURE outer_p() AS $$\nBEGIN\n  NULL;\n  CALL inner_p();\nEND $$ LANGUAGE plpgsql")
	_, err := db.Exec("CALL outer_p()")
	var e *redshiftsim.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	w := []string{
		`SQL statement "select nosuch"`, `PL/pgSQL function "inner_p" line 2 at execute statement`,
		`SQL statement "CALL inner_p()"`, `PL/pgSQL function "outer_p" line 3 at SQL statement`,
	}
	if got := strings.Split(e.Where, "\n"); !slices.Equal(got, w) || e.Position != 0 {
		t.Errorf("%q at %d", got, e.Position)
	}
}
