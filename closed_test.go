package redshiftsim_test

import (
	"database/sql"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/engine"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// TestClosedClustersGo: nothing of the process holds a cluster that is closed, though parsed texts and plans are kept for the next cluster.
func TestClosedClustersGo(t *testing.T) {
	// Texts of this test alone: what other tests had parsed and planned is there already. Functions are made by the statements that call them: no plan is shared where there are any.
	statements := []string{
		"SELECT 1 AS gone_1", "SELECT 2 + $1 AS gone_2", "SELECT getdate() AS gone_3", "SELECT version() AS gone_4",
		"SELECT sum(gone) FROM gone_t", "SELECT gone FROM gone_t WHERE gone = $1", "SELECT g.gone FROM gone_t g JOIN gone_u u ON g.gone = u.gone ORDER BY 1",
		"SELECT gone FROM gone_v", "SELECT gone FROM gone_late", "CREATE FUNCTION gone_f (int) RETURNS int STABLE AS $$ SELECT $1 + 1 $$ LANGUAGE sql; SELECT gone_f(gone) FROM gone_t",
		"SELECT gone.a.b FROM gone_super",
		"SELECT relname AS gone_5 FROM pg_class LIMIT 1", "SELECT table_name AS gone_6 FROM svv_tables LIMIT 1", "SELECT current_namespace AS gone_7",
		"INSERT INTO gone_t VALUES (7)", "UPDATE gone_t SET gone = 8 WHERE gone = 7", "DELETE FROM gone_t WHERE gone = 8", "EXPLAIN SELECT gone FROM gone_t",
		"CREATE TEMP TABLE gone_temp AS SELECT gone FROM gone_t", "CREATE PROCEDURE gone_p() AS $$ BEGIN UPDATE gone_t SET gone = 1 WHERE gone = 2; END $$ LANGUAGE plpgsql; CALL gone_p()",
		"ANALYZE gone_t", "VACUUM gone_t", "SHOW search_path",
		"COPY gone_t FROM 's3://test/gone' IAM_ROLE DEFAULT", "UNLOAD ('SELECT gone FROM gone_t') TO 's3://test/gone_' IAM_ROLE DEFAULT",
		"SELECT gone FROM gone_nowhere", "BEGIN; SELECT gone FROM gone_t; ROLLBACK", "PREPARE gone_q AS SELECT gone FROM gone_t; EXECUTE gone_q", "REFRESH MATERIALIZED VIEW gone_mv",
		"MERGE INTO gone_t USING gone_u ON gone_t.gone = gone_u.gone WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (3)",
		"WITH RECURSIVE gone_r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM gone_r WHERE n < 3) SELECT n FROM gone_r",
		"SELECT gone, row_number() OVER (ORDER BY gone) FROM gone_t", "SELECT listagg(gone) FROM gone_t", "SELECT ST_AsText(ST_Point(1, 2)) AS gone_8",
		"SELECT gone FROM gone_t WHERE gone IN (SELECT gone FROM gone_u)", "CREATE DATABASE gone_d",
	}
	schema := []string{
		"CREATE TABLE gone_t (gone int) DISTKEY(gone) SORTKEY(gone)", "CREATE TABLE gone_u (gone int)", "INSERT INTO gone_t VALUES (1), (2)", "INSERT INTO gone_u SELECT gone FROM gone_t",
		"CREATE VIEW gone_v AS SELECT gone FROM gone_t", "CREATE VIEW gone_late AS SELECT gone FROM public.gone_t WITH NO SCHEMA BINDING",
		"CREATE TABLE gone_super (gone super)", "CREATE MATERIALIZED VIEW gone_mv AS SELECT gone FROM gone_t",
	}
	run := func(text string) weak.Pointer[engine.Cluster] {
		k, err := redshiftsim.NewConnector(redshiftsim.Config{})
		if err != nil {
			t.Fatal(err)
		}
		db := sql.OpenDB(k)
		for _, s := range schema {
			if _, err := db.Exec(s); err != nil {
				t.Fatal(s, err)
			}
		}
		for range 2 {
			var args []any
			if strings.Contains(text, "$1") && !strings.Contains(text, "$$") {
				args = []any{1}
			}
			rows, err := db.Query(text, args...)
			if err != nil { // it may hold something, too
				continue
			}
			for rows.Next() {
			}
			rows.Close()
		}
		p := weak.Make(bridge.Engine(k.Cluster()))
		db.Close()
		k.Close()
		return p
	}
	left := map[string]weak.Pointer[engine.Cluster]{}
	for _, s := range statements {
		left[s] = run(s)
	}
	for range 50 {
		runtime.GC()
		for s, p := range left {
			if p.Value() == nil {
				delete(left, s)
			}
		}
		if len(left) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	for s := range left {
		t.Errorf("held by %s", s)
	}
}
