package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// eventually asks a query again and again until it gives rows.
func eventually(t *testing.T, s *Session, text, want string) {
	t.Helper()
	end := time.Now().Add(10 * time.Second)
	for {
		got, err := rowsIn(s, text)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, "\n") == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %q, want %q", text, got, want)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestBackground: with Config.Background tables are analyzed and vacuumed between transactions, without anybody asking.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Reclaiming_storage_space202.html
func TestBackground(t *testing.T) {
	c := New(Config{Background: true})
	defer c.Close()
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int, b int) DISTSTYLE ALL SORTKEY(a)")
	for i := range 10 {
		run(t, s, fmt.Sprintf("INSERT INTO t VALUES (%d, 1), (%d, 2), (%d, 3)", 100-i, 50-i, 20-i))
	}
	eventually(t, s, "SELECT stats_off, unsorted FROM svv_table_info WHERE \"table\" = 't'", "0.00 0.00")
	run(t, s, "DELETE FROM t WHERE a < 30")
	eventually(t, s, "SELECT tbl_rows FROM svv_table_info WHERE \"table\" = 't'", "20")
	want(t, s, "SELECT count(*), min(a), max(a) FROM t", "20 41 100")
	want(t, s, "SELECT count(*) > 0 FROM stl_vacuum WHERE status LIKE '[VacuumBG]%'", "t")
	want(t, s, "SELECT count(*) > 0 FROM sys_vacuum_history WHERE is_automatic AND query_id IS NULL AND vacuum_type = 'Delete'", "t")
	want(t, s, "SELECT count(*) > 0 FROM stl_analyze WHERE is_background = 't' AND userid = 1", "t")
}

// TestBackgroundWaits: nothing runs while a transaction is open, so that a writer's snapshot does not grow too old.
func TestBackgroundWaits(t *testing.T) {
	c := New(Config{Background: true})
	defer c.Close()
	a, b := connect(t, c, ""), connect(t, c, "")
	run(t, a, "CREATE TABLE t (a int) DISTSTYLE EVEN", "INSERT INTO t VALUES (1), (2), (3), (4)")
	run(t, b, "BEGIN")
	want(t, b, "SELECT count(*) FROM t", "4")
	run(t, a, "DELETE FROM t WHERE a < 3")
	time.Sleep(20 * time.Millisecond)
	run(t, b, "INSERT INTO t VALUES (5)", "COMMIT")
	want(t, b, "SELECT count(*) FROM t", "3")
	eventually(t, a, "SELECT tbl_rows FROM svv_table_info WHERE \"table\" = 't'", "3")
}

// TestNoBackground: without the option nothing happens by itself.
func TestNoBackground(t *testing.T) {
	c := New(Config{})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (2), (3), (4)", "DELETE FROM t WHERE a < 3")
	time.Sleep(20 * time.Millisecond)
	want(t, s, "SELECT tbl_rows, stats_off FROM svv_table_info WHERE \"table\" = 't'", "4 100.00")
	want(t, s, "SELECT count(*) FROM stl_vacuum", "0")
}

// TestAutoRefresh: a materialized view with AUTO REFRESH YES follows its base table by itself, one without does not.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh.html#materialized-view-auto-refresh
func TestAutoRefresh(t *testing.T) {
	c := New(Config{Background: true})
	defer c.Close()
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "CREATE MATERIALIZED VIEW follows AUTO REFRESH YES AS SELECT sum(a) AS s, a % 2 AS odd FROM t GROUP BY a % 2",
		"CREATE MATERIALIZED VIEW stays AS SELECT a FROM t", "INSERT INTO t VALUES (2), (3)")
	eventually(t, s, "SELECT s FROM follows ORDER BY odd", "2\n4")
	want(t, s, "SELECT count(*) FROM stays", "1")
	eventually(t, s, "SELECT DISTINCT trim(mv_name), trim(refresh_type), userid FROM svl_mv_refresh_status", "follows Auto 1")
	run(t, s, "ALTER MATERIALIZED VIEW follows AUTO REFRESH NO", "ALTER MATERIALIZED VIEW stays AUTO REFRESH YES", "DELETE FROM t WHERE a = 2")
	eventually(t, s, "SELECT a FROM stays ORDER BY a", "1\n3")
	want(t, s, "SELECT trim(name), is_stale, autorefresh FROM stv_mv_info ORDER BY 1", "follows t f", "stays f t")
}
