package redshifttest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/compile"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
	"github.com/redshiftsim/redshiftsim/storage"
)

// NoBroadcast fails the test when the plan of a query sends the whole inner side of a join to every slice (DS_BCAST_INNER). The query is not run. The failure
// prints the plan as EXPLAIN does.
// https://docs.aws.amazon.com/redshift/latest/dg/c_data_redistribution.html
func NoBroadcast(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	judge(t, db, query, args, func(root plan.Node) string {
		return eachJoin(root, func(j *plan.Join) string {
			if j.Distribution == plan.BcastInner {
				return "a join sends its inner side to every slice (DS_BCAST_INNER)"
			}
			return ""
		})
	})
}

// CoLocated fails the test unless every join of a query's plan finds its rows where they lie: DS_DIST_NONE, both sides distributed by the columns that they are
// joined on, or DS_DIST_ALL_NONE, the inner side on every node. A query without a join fails too. The query is not run.
// https://docs.aws.amazon.com/redshift/latest/dg/c_data_redistribution.html
func CoLocated(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	judge(t, db, query, args, func(root plan.Node) string {
		joins := 0
		reason := eachJoin(root, func(j *plan.Join) string {
			joins++
			switch j.Distribution {
			case plan.DistUnset, plan.DistNone, plan.DistAllNone:
				return ""
			}
			return fmt.Sprintf("a join moves rows (%s)", j.Distribution)
		})
		if joins == 0 {
			reason = "it joins nothing"
		}
		return reason
	})
}

// NoNestedLoop fails the test when a query's plan compares all pairs of rows of two sides, for want of an equality between them. A side of at most one row
// is no such thing. The query is not run.
// https://docs.aws.amazon.com/redshift/latest/dg/query-performance-improvement-opportunities.html
func NoNestedLoop(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	judge(t, db, query, args, func(root plan.Node) string {
		return eachJoin(root, func(j *plan.Join) string {
			if j.Method == plan.NestedLoop && len(j.EquiOuter) == 0 && !plan.AtMostOne(j.Outer) && !plan.AtMostOne(j.Inner) {
				return "a join compares all pairs of rows (Nested Loop)"
			}
			return ""
		})
	})
}

// UsesSortKey fails the test unless each scan of a table (its name, or the alias that the query gives it) in a query's plan has a condition that zone maps can
// use on the first column of the table's sort key, or on any column of an interleaved one: the column itself, compared with a value. The query is not run.
// https://docs.aws.amazon.com/redshift/latest/dg/c_best-practices-sort-key.html
func UsesSortKey(t testing.TB, db *sql.DB, table, query string, args ...any) {
	t.Helper()
	judge(t, db, query, args, func(root plan.Node) string {
		found, reason := false, ""
		plan.Walk(root, func(n plan.Node) bool {
			if s, ok := n.(*plan.Scan); ok && (s.Alias == table || s.Table.Name == table || s.Table.Schema+"."+s.Table.Name == table) {
				found = true
				if r := prunes(s); reason == "" {
					reason = r
				}
			}
			return true
		})
		if !found {
			return "it does not read table " + table
		}
		return reason
	})
}

// prunes says why a scan's conditions cannot use the table's sort key, "" when one can.
func prunes(s *plan.Scan) string {
	key := s.Table.Def.Sort
	if len(key.Columns) == 0 || key.Style == storage.SortNone {
		return fmt.Sprintf("table %s has no sort key", s.Table.Name)
	}
	leading := key.Columns
	if key.Style != storage.Interleaved {
		leading = leading[:1]
	}
	var names []string
	for _, k := range leading {
		names = append(names, s.Table.Columns[k].Name)
		for _, e := range s.Filter {
			if column, ok := compile.Prunes(s, e); ok && column == k {
				return ""
			}
		}
	}
	return fmt.Sprintf("no condition compares %s.%s, the sort key, with a value: every block is read", s.Alias, strings.Join(names, " or "))
}

// MaxBlocksRead fails the test when a query reads more than n blocks of 1 MB, of all tables, columns and slices together. The query is run, its rows are dropped;
// the result cache is left out. The failure prints what each table took.
// https://docs.aws.amazon.com/redshift/latest/dg/c_columnar_storage_disk_mem_mgmnt.html
func MaxBlocksRead(t testing.TB, db *sql.DB, n int, query string, args ...any) {
	t.Helper()
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatalf("redshifttest: %v", err)
	}
	defer conn.Close()
	var cached string
	if err := conn.QueryRowContext(ctx, "SHOW enable_result_cache_for_session").Scan(&cached); err != nil {
		t.Fatalf("redshifttest: %v", err)
	}
	var before int64
	if err := conn.QueryRowContext(ctx, "SELECT pg_last_query_id()").Scan(&before); err != nil {
		t.Fatalf("redshifttest: %v", err)
	}
	if _, err = conn.ExecContext(ctx, "SET enable_result_cache_for_session TO off"); err == nil {
		defer func() { _, _ = conn.ExecContext(ctx, "SET enable_result_cache_for_session TO "+cached) }()
		_, err = conn.ExecContext(ctx, query, args...)
	}
	if err != nil {
		t.Fatalf("redshifttest: %s: %v", query, err)
	}
	read, tables, err := blocksRead(conn, before)
	if err != nil {
		t.Fatalf("redshifttest: %s: %v", query, err)
	}
	if read > int64(n) {
		failed(t, query, fmt.Sprintf("it read %d blocks, not %d or fewer:%s", read, n, tables), planOf(conn, query, args))
	}
}

// blocksRead sums up the blocks that the last query of a connection read, unless it is query number before: then what ran since came to no slice. tables says
// it for each table.
func blocksRead(conn *sql.Conn, before int64) (read int64, tables string, err error) {
	rows, err := conn.QueryContext(context.Background(), `SELECT trim(name), sum(blocks_read), sum(blocks_skipped) FROM redshiftsim_scan
		WHERE query = pg_last_query_id() AND query <> $1 GROUP BY 1 ORDER BY 1`, before)
	if err != nil {
		return 0, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var n, skipped int64
		if err := rows.Scan(&name, &n, &skipped); err != nil {
			return 0, "", err
		}
		read += n
		tables += fmt.Sprintf("\n%s: %d read, %d skipped", name, n, skipped)
	}
	return read, tables, rows.Err()
}

// judge plans a query and fails the test for the reason that rule gives.
func judge(t testing.TB, db *sql.DB, query string, args []any, rule func(root plan.Node) string) {
	t.Helper()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatalf("redshifttest: %v", err)
	}
	defer conn.Close()
	root, err := planned(conn, query, args)
	if err != nil {
		t.Fatalf("redshifttest: %s: %v", query, err)
	}
	if reason := rule(root); reason != "" {
		failed(t, query, reason, strings.Join(plan.Explain(root, false), "\n"))
	}
}

// failed fails the test.
func failed(t testing.TB, query, reason, explained string) {
	t.Helper()
	t.Errorf("redshifttest: %s\n    %s\n    %s", strings.TrimSpace(query), strings.ReplaceAll(reason, "\n", "\n      "), strings.ReplaceAll(explained, "\n", "\n    "))
}

// planOf is a query's plan as EXPLAIN prints it, or why there is none.
func planOf(conn *sql.Conn, query string, args []any) string {
	root, err := planned(conn, query, args)
	if err != nil {
		return err.Error()
	}
	return strings.Join(plan.Explain(root, false), "\n")
}

// planned plans a query on a connection.
func planned(conn *sql.Conn, query string, args []any) (root plan.Node, err error) {
	values := make([]driver.NamedValue, len(args))
	for i, a := range args {
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
		if n, ok := a.(sql.NamedArg); ok {
			values[i].Name, values[i].Value = n.Name, n.Value
		}
	}
	err = conn.Raw(func(dc any) (err error) {
		root, err = bridge.Plan(dc, query, values)
		return err
	})
	return root, err
}

// eachJoin gives the first reason that f finds among the joins of a plan.
func eachJoin(root plan.Node, f func(*plan.Join) string) string {
	reason := ""
	plan.Walk(root, func(n plan.Node) bool {
		if j, ok := n.(*plan.Join); ok && reason == "" {
			reason = f(j)
		}
		return reason == ""
	})
	return reason
}
