package redshiftsim_test

import (
	"runtime"
	"testing"
	"time"
)

// TestRecursionEnds: a recursive query that would never end ends by a cancel, by its number of rows, or by the memory that it may hold, and leaves nothing
// behind: the next statement has its memory again, no goroutine is left.
func TestRecursionEnds(t *testing.T) {
	before := runtime.NumGoroutine()
	db := open(t, "redshiftsim://?nodes=2&slices=2&memory_limit=64MB")
	db.SetMaxOpenConns(1)
	const endless = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n FROM t) SELECT max(n) FROM t"
	fails(t, cutShort(t, db, endless), "57014", "canceling statement due to user request")
	exec(t, db, "CREATE TABLE two (a int) DISTSTYLE ALL", "INSERT INTO two VALUES (1), (2)")
	for range 3 {
		refused(t, db, "WITH RECURSIVE t(n, s) AS (SELECT 1, repeat('x', 500)::varchar(500) UNION ALL SELECT a, s FROM t, two) SELECT max(n) FROM t", "53200", "out of memory")
	}
	want(t, db, "WITH RECURSIVE t(n, s) AS (SELECT 1, repeat('x', 500)::varchar(500) UNION ALL SELECT n + 1, s FROM t WHERE n < 50000) SELECT max(n) FROM t", "50000")
	if !testing.Short() {
		db := open(t, "redshiftsim://")
		exec(t, db, "CREATE TABLE two (a int)", "INSERT INTO two VALUES (1), (2)")
		refused(t, db, "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT a FROM t, two) SELECT max(n) FROM t", "54000", "Exceeded recursive CTE max rows limit")
	}
	for range 100 {
		if runtime.NumGoroutine() <= before+8 { // those of the connection
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// TestRecursionReport: what each step of a recursion did is counted over all its rounds.
func TestRecursionReport(t *testing.T) {
	db := open(t, "redshiftsim://?nodes=1&slices=2")
	db.SetMaxOpenConns(1)
	exec(t, db, "CREATE TABLE one (a int) DISTSTYLE ALL", "INSERT INTO one VALUES (1)")
	want(t, db, "WITH RECURSIVE t(n) AS (SELECT a FROM one UNION ALL SELECT n + a FROM t, one WHERE n < 10) SELECT count(*) FROM t", "10")
	want(t, db, "SELECT sum(rows) FROM svl_query_report WHERE query = pg_last_query_id() AND label LIKE 'save%'", "20") // 10 rows found, and the one of the table in each of ten rounds
}
