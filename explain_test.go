package redshiftsim_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// viewed is what pev2 reads of PostgreSQL's EXPLAIN (FORMAT JSON): the properties of its Node and Worker.
// https://github.com/dalibo/pev2/blob/master/src/interfaces.ts
type viewed struct {
	NodeType     string `json:"Node Type"`
	Relationship string `json:"Parent Relationship"`
	JoinType     string `json:"Join Type"`
	Strategy     string
	Relation     string `json:"Relation Name"`
	Schema       string
	Alias        string
	Filter       string
	HashCond     string   `json:"Hash Cond"`
	GroupKey     []string `json:"Group Key"`
	SortKey      []string `json:"Sort Key"`
	Startup      *float64 `json:"Startup Cost"`
	Total        *float64 `json:"Total Cost"`
	PlanRows     *float64 `json:"Plan Rows"`
	PlanWidth    *int     `json:"Plan Width"`
	ActualRows   *float64 `json:"Actual Rows"`
	ActualLoops  *float64 `json:"Actual Loops"`
	ActualTotal  *float64 `json:"Actual Total Time"`
	Removed      *float64 `json:"Rows Removed by Filter"`
	Launched     int      `json:"Workers Launched"`
	Workers      []struct {
		Number      int     `json:"Worker Number"`
		ActualRows  float64 `json:"Actual Rows"`
		ActualLoops float64 `json:"Actual Loops"`
	}
	Plans []*viewed
}

// viewedPlan reads a plan as the viewer does: an array of one object with the Plan.
func viewedPlan(t *testing.T, text []byte) *viewed {
	t.Helper()
	var out []struct {
		Plan      *viewed
		Planning  *float64 `json:"Planning Time"`
		Execution *float64 `json:"Execution Time"`
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if len(out) != 1 || out[0].Plan == nil {
		t.Fatalf("want one Plan:\n%s", text)
	}
	if ran := out[0].Plan.ActualLoops != nil; ran != (out[0].Planning != nil && out[0].Execution != nil) {
		t.Errorf("the plan has actual figures: %v; times: %v, %v", ran, out[0].Planning, out[0].Execution)
	}
	return out[0].Plan
}

// TestExplainJSON draws a join, grouped and sorted, before and after its run. a has 400 rows, k = 0..399, x = k % 10, on four slices; b has 40, k = 0..39.
// b.y = k % 4 < 2 for 20 rows; they meet a's rows 0..39 with k % 4 in (0, 1): of x = 0..9 two rows each (k and k+20: k % 4 is the same).
func TestExplainJSON(t *testing.T) {
	ctx := context.Background()
	db, err := sql.Open("redshiftsim", "redshiftsim://?nodes=2&slices=2")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, s := range []string{
		"CREATE TABLE d (n int) DISTSTYLE EVEN", "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
		"CREATE TABLE a (k int, x int) DISTKEY(k)", "INSERT INTO a SELECT 100 * h.n + 10 * z.n + e.n, e.n FROM d h, d z, d e WHERE h.n < 4",
		"CREATE TABLE b (k int, y int) DISTSTYLE ALL", "INSERT INTO b SELECT 10 * z.n + e.n, (10 * z.n + e.n) % 4 FROM d z, d e WHERE z.n < 4", "ANALYZE",
	} {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			t.Fatal(s, err)
		}
	}
	c, err := redshiftsim.ClusterOf(db)
	if err != nil {
		t.Fatal(err)
	}
	const q = "SELECT a.x, count(*) FROM a JOIN b ON a.k = b.k WHERE b.y < 2 GROUP BY a.x ORDER BY 2 DESC LIMIT 3"
	text, err := c.ExplainJSON(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	types := []string{"Limit", "Merge", "Network", "Sort", "Aggregate", "Hash Join", "Seq Scan"}
	root := viewedPlan(t, text)
	var walk func(n *viewed, ran bool) (found []string)
	walk = func(n *viewed, ran bool) []string {
		found := []string{n.NodeType}
		if n.Startup == nil || n.Total == nil || n.PlanRows == nil || n.PlanWidth == nil || *n.Startup > *n.Total {
			t.Errorf("%s: figures %v..%v rows %v width %v", n.NodeType, n.Startup, n.Total, n.PlanRows, n.PlanWidth)
		}
		switch {
		case !ran:
			if n.ActualLoops != nil || n.Workers != nil {
				t.Errorf("%s: a plan that did not run has actual figures", n.NodeType)
			}
		case n.ActualLoops == nil || n.ActualRows == nil || n.ActualTotal == nil:
			t.Errorf("%s: no actual figures", n.NodeType)
		case len(n.Workers) > 0: // rows are a mean over the loops
			sum := 0.0
			for _, w := range n.Workers {
				sum += w.ActualRows
			}
			if float64(len(n.Workers)) != *n.ActualLoops || sum != *n.ActualRows**n.ActualLoops {
				t.Errorf("%s: %d workers with %v rows, %v rows in %v loops", n.NodeType, len(n.Workers), sum, *n.ActualRows, *n.ActualLoops)
			}
		}
		for i, p := range n.Plans {
			if want := []string{"Outer", "Inner"}[i]; p.Relationship != want {
				t.Errorf("%s below %s is %q, want %q", p.NodeType, n.NodeType, p.Relationship, want)
			}
			sub := walk(p, ran)
			if i == 0 {
				found = append(found, sub...)
			}
		}
		return found
	}
	if got := walk(root, false); !slices.Equal(got, types) {
		t.Errorf("nodes %v, want %v", got, types)
	}

	rows, err := conn.QueryContext(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	var id int64
	if err := conn.QueryRowContext(ctx, "SELECT pg_last_query_id()").Scan(&id); err != nil {
		t.Fatal(err)
	}
	if text, err = c.QueryJSON(id); err != nil {
		t.Fatal(err)
	}
	root = viewedPlan(t, text)
	walk(root, true)
	node := func(kind, relation string) *viewed {
		var found *viewed
		var look func(n *viewed)
		look = func(n *viewed) {
			if n.NodeType == kind && (relation == "" || n.Relation == relation) {
				found = n
			}
			for _, p := range n.Plans {
				look(p)
			}
		}
		look(root)
		if found == nil {
			t.Fatalf("no %s %s in\n%s", kind, relation, text)
		}
		return found
	}
	for _, c := range []struct {
		kind, relation string
		rows           float64
		loops          float64
	}{
		{"Limit", "", 3, 1}, {"Aggregate", "", 10, 4}, {"Hash Join", "", 20, 4}, {"Seq Scan", "b", 20, 1}, {"Hash", "", 20, 1}, {"Network", "", 10, 4},
	} {
		n := node(c.kind, c.relation)
		if c.kind == "Network" || c.kind == "Sort" { // each slice gives its first three at most
			if *n.ActualLoops != c.loops || n.Launched != 4 {
				t.Errorf("%s: %v loops, %d workers", c.kind, *n.ActualLoops, n.Launched)
			}
			continue
		}
		if *n.ActualRows**n.ActualLoops != c.rows {
			t.Errorf("%s %s: %v rows in %v loops, want %v\n%s", c.kind, c.relation, *n.ActualRows, *n.ActualLoops, c.rows, text)
		}
	}
	if b := node("Seq Scan", "b"); b.Filter != "(y < 2)" || b.Removed == nil || *b.Removed**b.ActualLoops != 20 || b.Schema != "public" || b.Alias != "b" {
		t.Errorf("scan of b: %+v", b)
	}
	if j := node("Hash Join", ""); j.JoinType != "Inner" || j.HashCond != `("outer".k = "inner".k)` {
		t.Errorf("join: %+v", j)
	}
	if a := node("Aggregate", ""); a.Strategy != "Hashed" || !slices.Equal(a.GroupKey, []string{"a.x"}) {
		t.Errorf("aggregate: %+v", a)
	}
	if s := node("Sort", ""); !slices.Equal(s.SortKey, []string{"count(*)"}) {
		t.Errorf("sort: %+v", s)
	}
	if _, err := c.QueryJSON(id + 1000); err == nil {
		t.Error("a query that never was has a plan")
	}
	if _, err := c.ExplainJSON(ctx, "CREATE TABLE z (a int)"); err == nil {
		t.Error("CREATE TABLE has a plan")
	}
}

// TestJSONOfEverything: whatever ran has a plan as JSON, and EXPLAIN VERBOSE prints each of its nodes.
func TestJSONOfEverything(t *testing.T) {
	ctx := context.Background()
	db, err := sql.Open("redshiftsim", "redshiftsim://?nodes=2&slices=2&enable_result_cache_for_session=off")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c, err := redshiftsim.ClusterOf(db)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"CREATE TABLE a (k int, x int, s varchar(10)) DISTKEY(k) SORTKEY(k)", "INSERT INTO a VALUES (1, 10, 'p'), (2, 20, 'q'), (3, 10, NULL), (NULL, 5, 'p')",
		"CREATE TABLE b (k int, y int) DISTSTYLE ALL", "INSERT INTO b VALUES (1, 1), (3, 7), (4, 2)", "ANALYZE",
	} {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			t.Fatal(s, err)
		}
	}
	for _, q := range []string{
		"SELECT 1 FROM a", "SELECT * FROM a WHERE k = 1 OR s LIKE 'p%' ORDER BY x DESC LIMIT 2 OFFSET 1",
		"SELECT a.s, y FROM a LEFT JOIN b ON a.k = b.k AND a.x > b.y", "SELECT count(*) FROM a FULL JOIN b ON a.k = b.k", "SELECT a.k FROM a, b WHERE a.k < b.k",
		"SELECT k FROM a WHERE k IN (SELECT k FROM b) AND NOT EXISTS (SELECT 1 FROM b WHERE b.y = a.x)", "SELECT k, (SELECT max(y) FROM b WHERE b.k = a.k) FROM a",
		"SELECT s, x, count(*), count(DISTINCT k) FROM a GROUP BY s, x HAVING count(*) > 0", "SELECT s, x, sum(k) FROM a GROUP BY CUBE (s, x)", "SELECT DISTINCT s FROM a",
		"SELECT k FROM a UNION SELECT k FROM b", "SELECT k FROM a UNION ALL SELECT y FROM b", "SELECT k FROM a INTERSECT SELECT k FROM b", "SELECT k FROM a EXCEPT SELECT k FROM b",
		"SELECT k, sum(x) OVER (PARTITION BY s ORDER BY k ROWS UNBOUNDED PRECEDING), rank() OVER (ORDER BY x) FROM a", "SELECT listagg(s, ',') WITHIN GROUP (ORDER BY k) FROM a",
		"WITH q AS (SELECT k, count(*) AS n FROM a GROUP BY k) SELECT * FROM q x JOIN q y ON x.n = y.n", "WITH RECURSIVE r(n) AS (SELECT min(k) FROM a UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT * FROM r",
		"INSERT INTO b SELECT k, x FROM a WHERE x > 5", "UPDATE a SET x = x + 1 WHERE k = 2", "DELETE FROM b USING a WHERE a.k = b.k AND a.x = 11",
		"MERGE INTO b USING a ON b.k = a.k WHEN MATCHED THEN UPDATE SET y = a.x WHEN NOT MATCHED THEN INSERT VALUES (a.k, a.x)",
		"CREATE TABLE made AS SELECT s, max(k) AS k FROM a GROUP BY s ORDER BY 1", "SELECT process FROM stv_sessions JOIN a ON a.k = 1",
	} {
		rows, err := conn.QueryContext(ctx, q)
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		for rows.Next() {
		}
		if err := rows.Close(); err != nil {
			t.Errorf("%s: %v", q, err)
		}
		var id int64
		if err := conn.QueryRowContext(ctx, "SELECT pg_last_query_id()").Scan(&id); err != nil {
			t.Fatal(err)
		}
		if q[:6] == "CREATE" {
			id-- // the ANALYZE behind it
		}
		text, err := c.QueryJSON(id)
		if err != nil || !json.Valid(text) {
			t.Errorf("%s: %v\n%s", q, err, text)
		}
		if q[:6] == "CREATE" {
			continue // it is there
		}
		if text, err = c.ExplainJSON(ctx, q); err != nil || !json.Valid(text) {
			t.Errorf("%s: %v\n%s", q, err, text)
		}
		if q[:5] == "MERGE" {
			continue // EXPLAIN takes no MERGE: r_EXPLAIN
		}
		lines, err := queryStrings(db, "EXPLAIN VERBOSE "+q)
		dumped, printed := 0, 0
		for _, l := range lines {
			if strings.HasPrefix(strings.TrimLeft(l, " "), "{") && strings.TrimLeft(l, " ") != "{" {
				dumped++
			}
			if strings.Contains(l, "  (cost=") {
				printed++
			}
		}
		if err != nil || dumped != printed || dumped == 0 {
			t.Errorf("%s: %v; %d nodes dumped, %d printed", q, err, dumped, printed)
		}
	}
}
