package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/advise"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// facts makes two tables of 10,000 rows whose keys are left to AUTO, in blocks of 4 KB: many.
func facts(t *testing.T, s *Session) {
	t.Helper()
	run(t, s, "CREATE TABLE d (d int) DISTSTYLE ALL", "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
		"CREATE TABLE sales (id int, customer int, day int)", "CREATE TABLE returns (id int, sale int, amount int)",
		"INSERT INTO sales SELECT x, x * 7 % 5000, x * 31 % 365 FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS x FROM d a, d b, d c, d e)",
		"INSERT INTO returns SELECT id + 1, id, customer FROM sales", "ANALYZE sales", "ANALYZE returns")
}

// asks runs two queries n times each: one reads a tenth of sales by its day, the other joins both tables.
func asks(t *testing.T, s *Session, n int) {
	t.Helper()
	run(t, s, "SET enable_result_cache_for_session TO off")
	for i := range n {
		want(t, s, fmt.Sprintf("SELECT count(*) < 2000 FROM sales WHERE day BETWEEN %d AND %d", i, i+36), "t")
		want(t, s, "SELECT count(*) FROM sales JOIN returns ON sale = sales.id", "10000")
	}
}

const adviceText = "SELECT trim(type), trim(a.database), \"table\", group_id, trim(ddl), auto_eligible " +
	"FROM svv_alter_table_recommendations a JOIN svv_table_info t ON t.table_id = a.table_id ORDER BY 1, 3"

// TestAdvice: SVV_ALTER_TABLE_RECOMMENDATIONS has a sort key for a table of which much is read in vain, and distribution keys for tables whose rows travel to
// be joined; for those with AUTO and for others. What was followed is no longer there. Without Config.Background nobody follows.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_ALTER_TABLE_RECOMMENDATIONS.html
func TestAdvice(t *testing.T) {
	c := New(Config{BlockBytes: 4096})
	s := connect(t, c, "")
	facts(t, s)
	run(t, s, "ALTER TABLE returns ALTER DISTSTYLE EVEN")
	asks(t, s, advise.MinQueries-1)
	want(t, s, adviceText)
	asks(t, s, 1)
	want(t, s, adviceText,
		`diststyle dev returns 1 ALTER TABLE "public"."returns" ALTER DISTSTYLE KEY DISTKEY "sale" f`,
		`diststyle dev sales 1 ALTER TABLE "public"."sales" ALTER DISTSTYLE KEY DISTKEY "id" t`,
		`sortkey dev sales -1 ALTER TABLE "public"."sales" ALTER COMPOUND SORTKEY ("day") t`)
	run(t, s, `ALTER TABLE "public"."returns" ALTER DISTSTYLE KEY DISTKEY "sale"`)
	want(t, s, adviceText, `sortkey dev sales -1 ALTER TABLE "public"."sales" ALTER COMPOUND SORTKEY ("day") t`)
	run(t, s, `ALTER TABLE "public"."sales" ALTER COMPOUND SORTKEY ("day")`)
	want(t, s, adviceText)
	asks(t, s, 2*advise.MinQueries) // nothing is read in vain any more; the rows of sales still travel
	want(t, s, adviceText, `diststyle dev sales 1 ALTER TABLE "public"."sales" ALTER DISTSTYLE KEY DISTKEY "id" t`)
	want(t, s, "SELECT count(*) FROM svl_auto_worker_action WHERE type = 'sortkey'", "0")
	run(t, s, "CREATE USER bob PASSWORD DISABLE", "SET SESSION AUTHORIZATION bob")
	refused(t, s, "SELECT * FROM svv_alter_table_recommendations", sqlstate.InsufficientPrivilege, "")
}

// TestNoAdvice: a table of one block a slice, a condition that most rows pass, a column of few values, and one node are no reason to alter a table.
func TestNoAdvice(t *testing.T) {
	for name, cfg := range map[string]Config{"large blocks": {}, "one node": {BlockBytes: 4096, Nodes: 1}} {
		c := New(cfg)
		s := connect(t, c, "")
		facts(t, s)
		run(t, s, "SET enable_result_cache_for_session TO off")
		for range 2 * advise.MinQueries {
			want(t, s, "SELECT count(*) FROM sales WHERE day >= 0", "10000")
			want(t, s, "SELECT count(*) FROM sales WHERE day <> 5 AND customer IS NOT NULL", "9973")
			want(t, s, "SELECT count(*) FROM sales JOIN returns ON sale = sales.id", "10000")
			want(t, s, "SELECT count(*) FROM sales a JOIN d ON a.day = d.d", "275")
		}
		if got, err := rowsIn(s, adviceText); err != nil || len(got) > 0 {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestNoAdviceOfJoins: rows that a scan drops since the other side of a join has no such key were not read in vain by the condition.
func TestNoAdviceOfJoins(t *testing.T) {
	c := New(Config{BlockBytes: 4096})
	s := connect(t, c, "")
	facts(t, s)
	run(t, s, "SET enable_result_cache_for_session TO off")
	for range 2 * advise.MinQueries {
		want(t, s, "SELECT count(*) FROM sales JOIN d ON customer = d WHERE day >= 0", "20")
	}
	want(t, s, adviceText)
}

// TestAutoKeys: with Config.Background tables get the keys that are advised where AUTO leaves the choice, and what that did is told.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Creating_tables.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_AUTO_WORKER_ACTION.html
func TestAutoKeys(t *testing.T) {
	c := New(Config{BlockBytes: 4096, Background: true})
	defer c.Close()
	s := connect(t, c, "")
	facts(t, s)
	want(t, s, `SELECT "table", diststyle, sortkey1 FROM svv_table_info WHERE "table" <> 'd' ORDER BY 1`, "returns AUTO(EVEN) AUTO(SORTKEY)", "sales AUTO(EVEN) AUTO(SORTKEY)")
	asks(t, s, 2*adviceQueries)
	eventually(t, s, `SELECT "table", diststyle, sortkey1 FROM svv_table_info WHERE "table" <> 'd' ORDER BY 1`,
		"returns AUTO(KEY(sale)) AUTO(SORTKEY)\nsales AUTO(KEY(id)) AUTO(SORTKEY(day))")
	want(t, s, adviceText)
	want(t, s, "SELECT count(*), sum(day), sum(customer) FROM sales", "10000 1819410 24995000")
	if plan, err := rowsIn(s, "EXPLAIN SELECT count(*) FROM sales JOIN returns ON sale = sales.id"); err != nil || !strings.Contains(strings.Join(plan, "\n"), "DS_DIST_NONE") {
		t.Errorf("%q, %v", plan, err)
	}
	const what = "SELECT \"table\", trim(type), trim(status), sequence, trim(previous_state) " +
		"FROM svl_auto_worker_action a JOIN svv_table_info t ON t.table_id = a.table_id WHERE previous_state NOT LIKE '%AUTO(ALL)%' AND status = 'Complete' ORDER BY 1, 2"
	want(t, s, what, "returns distkey Complete 0 DIST STYLE: AUTO(EVEN);", "sales distkey Complete 0 DIST STYLE: AUTO(EVEN);", "sales sortkey Complete 0 SORTKEY: None;")
	want(t, s, "SELECT count(*) FROM svl_auto_worker_action WHERE status = 'Start' AND type = 'sortkey' AND trim(previous_state) = ''", "1")
	want(t, s, "SELECT count(*) FROM sys_auto_table_optimization WHERE alter_table_type = 'sortkey' AND status = 'Complete' AND alter_from = 'SORTKEY: None;'", "1")
	_, v := table(t, c, "sales")
	if rows, _, sorted := v.Physical(); rows != sorted {
		t.Errorf("%d of %d rows are sorted", sorted, rows)
	}
}

// TestAutoEncode: with Config.Background a table with ENCODE AUTO gets the encodings that its rows call for, and goes on with ENCODE AUTO; one that names an
// encoding keeps what it has. https://docs.aws.amazon.com/redshift/latest/dg/c_Compression_encodings.html
func TestAutoEncode(t *testing.T) {
	c := New(Config{Nodes: 1, Slices: 1, Background: true})
	defer c.Close()
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE d (d int)", "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
		"CREATE TABLE t (a float8, w varchar(40), same float8)", "CREATE TABLE named (a float8 ENCODE raw)")
	for _, to := range []string{"t SELECT x, 'w' || (x % 7), 5", "named SELECT 5"} {
		run(t, s, "INSERT INTO "+to+" FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS x FROM d a, d b, d c, d e, d f)")
	}
	eventually(t, s, "SELECT trim(alter_table_type), trim(status), trim(alter_from) FROM sys_auto_table_optimization WHERE alter_table_type = 'encode' AND status = 'Complete'",
		"encode Complete ENCODE: a raw, w lzo, same raw;")
	x, v := table(t, c, "t")
	if x.Def.EncodingOf(2) == encoding.Raw || !x.EncodeAuto() || v.Rows() != 100000 {
		t.Errorf("%s, %v, %d rows", x.Def.EncodingOf(2), x.EncodeAuto(), v.Rows())
	}
	want(t, s, "SELECT count(*), sum(a), min(w), max(same) FROM t", "100000 4999950000 w0 5")
	want(t, s, `SELECT encoded FROM svv_table_info WHERE "table" = 't'`, "Y, AUTO(ENCODE)")
	if x, _ := table(t, c, "named"); x.Def.EncodingOf(0) != encoding.Raw {
		t.Errorf("named has %s", x.Def.EncodingOf(0))
	}
}

// counting is a context that ends when it has been asked n times.
type counting struct {
	context.Context
	left  atomic.Int64
	after atomic.Int64 // times that it was asked when it had ended
}

func (c *counting) Err() error {
	if c.left.Add(-1) >= 0 {
		return nil
	}
	c.after.Add(1)
	return context.Canceled
}

// TestCanceledRewrites: whatever lays a table out anew, or reads it whole, looks at its context at every batch: it stops within the batches that its slices
// are at, and the version before is as it was.
func TestCanceledRewrites(t *testing.T) {
	c := New(Config{BlockBytes: 4096})
	s := connect(t, c, "")
	facts(t, s)
	run(t, s, "ALTER TABLE sales ALTER SORTKEY (day)", "INSERT INTO sales SELECT id, sale, amount FROM returns", "DELETE FROM sales WHERE id % 10 = 1")
	x, v := table(t, c, "sales")
	was := salesRows(t, s)
	def := *x.Def
	def.Dist = storage.Distribution{Style: storage.Key, Column: 0}
	for name, f := range map[string]func(ctx context.Context) error{
		"redistribution": func(ctx context.Context) error {
			_, err := v.Redistribute(ctx, &def, v.Topology())
			return err
		},
		"vacuum": func(ctx context.Context) error {
			_, _, err := v.Vacuum(ctx, storage.VacuumFull, 1)
			return err
		},
		"analyze": func(ctx context.Context) error {
			_, err := storage.Analyze(ctx, storage.ViewOf(v), nil)
			return err
		},
		"resize": func(ctx context.Context) error { return c.Resize(ctx, 3, 2) },
	} {
		all := &counting{Context: context.Background()}
		all.left.Store(1 << 40)
		if name == "resize" {
			all.left.Store(5) // it would change the cluster for those that come after it
		} else if err := f(all); err != nil {
			t.Fatal(err)
		}
		asked := 1<<40 - all.left.Load()
		if name != "resize" && asked < 70 { // 18,000 rows are 72 zones of 256 rows
			t.Errorf("%s: the context was asked %d times", name, asked)
		}
		for _, n := range []int64{0, 3, 17, 40} {
			ctx := &counting{Context: context.Background()}
			ctx.left.Store(n)
			if err := f(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%s after %d batches: %v", name, n, err)
			}
			if more := ctx.after.Load(); more > 8 { // one for each slice, and for who collects them
				t.Errorf("%s went on for %d batches", name, more)
			}
		}
	}
	if now := salesRows(t, s); now != was {
		t.Errorf("%s, was %s", now, was)
	}
	if got := c.Topology(); got != (storage.Topology{Nodes: 2, SlicesPerNode: 2}) {
		t.Errorf("the cluster has %v", got)
	}
}

// salesRows is what sales holds, whatever lies where.
func salesRows(t *testing.T, s *Session) string {
	t.Helper()
	got, err := rowsIn(s, "SELECT count(*), sum(id), sum(customer), sum(day) FROM sales")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(got, "")
}

// TestCanceledStatements: a client that gives up while a statement lays a table out anew finds the table as it was.
func TestCanceledStatements(t *testing.T) {
	c := New(Config{BlockBytes: 4096})
	s := connect(t, c, "")
	facts(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, text := range []string{
		"ALTER TABLE sales ALTER DISTKEY customer", "ALTER TABLE sales ALTER DISTSTYLE ALL", "ALTER TABLE sales ALTER SORTKEY (customer)",
		"ALTER TABLE sales ALTER COLUMN day ENCODE zstd", "ANALYZE sales", "VACUUM REINDEX sales", "ANALYZE COMPRESSION sales",
	} {
		if _, err := s.Exec(ctx, text, nil); err == nil {
			t.Errorf("%s: no error", text)
		}
		want(t, s, `SELECT diststyle, sortkey1, encoded FROM svv_table_info WHERE "table" = 'sales'`, "AUTO(EVEN) AUTO(SORTKEY) Y, AUTO(ENCODE)")
		want(t, s, "SELECT count(*), sum(id) FROM sales", "10000 49995000")
	}
}
