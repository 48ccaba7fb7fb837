package redshifttest_test

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/redshifttest"
)

// planSchema has a fact table of 100,000 rows, 8 blocks and more of each column, sorted by at, and two dimensions.
const planSchema = `
CREATE TABLE d (d int) DISTSTYLE ALL; INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
CREATE TABLE sales (id int, customer int DISTKEY, at date SORTKEY, note varchar(40));
INSERT INTO sales SELECT v.d + 10 * w.d + 100 * x.d + 1000 * y.d + 10000 * z.d, v.d + 10 * w.d, dateadd(day, z.d * 10 + y.d, '2020-01-01')::date,
	sha1(v.d || '-' || w.d || x.d || y.d || z.d) FROM d v, d w, d x, d y, d z;
CREATE TABLE customers (id int DISTKEY, name varchar(20)); INSERT INTO customers SELECT v.d + 10 * w.d, 'c' || v.d FROM d v, d w;
CREATE TABLE notes (id int, name varchar(20)) DISTSTYLE EVEN INTERLEAVED SORTKEY (id, name); INSERT INTO notes SELECT * FROM customers;
ANALYZE; VACUUM sales;
`

func TestPlanAssertions(t *testing.T) {
	t.Parallel()
	db := redshifttest.New(t, redshifttest.SQL(planSchema))
	const (
		onKey   = "SELECT count(*) FROM sales s JOIN customers c ON s.customer = c.id WHERE c.name = $1"
		offKey  = "SELECT count(*) FROM sales s JOIN notes n ON s.id = n.id"
		onAll   = "SELECT count(*) FROM sales JOIN d ON id = d"
		pairs   = "SELECT count(*) FROM customers c, notes n WHERE c.id < n.id"
		average = "SELECT count(*) FROM customers WHERE id > (SELECT avg(id) FROM notes)"
	)
	redshifttest.NoBroadcast(t, db, onKey, "c1")
	redshifttest.CoLocated(t, db, onKey, "c1")
	redshifttest.CoLocated(t, db, onAll)
	redshifttest.NoNestedLoop(t, db, onKey, "c1")
	redshifttest.NoNestedLoop(t, db, average)
	redshifttest.UsesSortKey(t, db, "sales", "SELECT count(*) FROM sales WHERE at >= $1 AND id = 3", "2020-02-01")
	redshifttest.UsesSortKey(t, db, "s", "DELETE FROM sales s WHERE at = '2020-02-01'")
	redshifttest.UsesSortKey(t, db, "public.notes", "SELECT count(*) FROM notes WHERE name = 'c1'")
	judged := func(f func(f *fakeT)) func(*fakeT) { return f }
	wants(t, judged(func(f *fakeT) { redshifttest.NoBroadcast(f, db, offKey) }), "SELECT count(*) FROM sales s JOIN notes n", "DS_BCAST_INNER", "XN Hash Join")
	wants(t, judged(func(f *fakeT) { redshifttest.CoLocated(f, db, offKey) }), "a join moves rows (DS_", "XN Seq Scan on notes n")
	wants(t, judged(func(f *fakeT) { redshifttest.CoLocated(f, db, "SELECT 1 FROM sales") }), "it joins nothing")
	wants(t, judged(func(f *fakeT) { redshifttest.NoNestedLoop(f, db, pairs) }), "a join compares all pairs of rows (Nested Loop)", "XN Nested Loop")
	wants(t, judged(func(f *fakeT) {
		redshifttest.UsesSortKey(f, db, "sales", "SELECT count(*) FROM sales WHERE at + 1 > '2020-02-01' AND id = 3")
	}), "no condition compares sales.at, the sort key, with a value")
	wants(t, judged(func(f *fakeT) { redshifttest.UsesSortKey(f, db, "notes", "SELECT * FROM notes") }), "notes.id or name")
	wants(t, judged(func(f *fakeT) { redshifttest.UsesSortKey(f, db, "customers", "SELECT * FROM customers WHERE id = 1") }), "table customers has no sort key")
	wants(t, judged(func(f *fakeT) { redshifttest.UsesSortKey(f, db, "nothing", "SELECT * FROM customers") }), "it does not read table nothing")
	wants(t, judged(func(f *fakeT) { redshifttest.NoBroadcast(f, db, "SELECT x FROM sales") }), "column", "42703")
	wants(t, judged(func(f *fakeT) { redshifttest.NoBroadcast(f, db, onKey, "a", "b") }), "supplies 2 parameters")
	wants(t, judged(func(f *fakeT) { redshifttest.NoBroadcast(f, db, "CREATE TABLE x (a int)") }), "a plan is that of one query or change")
}

func TestMaxBlocksRead(t *testing.T) {
	t.Parallel()
	db := redshifttest.New(t, redshifttest.SQL(planSchema), redshifttest.Shape(1, 1))
	// One slice, one column: the dates of 100,000 rows fit one block.
	redshifttest.MaxBlocksRead(t, db, 1, "SELECT count(*) FROM sales WHERE at = $1", "2020-01-01")
	check(t, db, "SELECT count(*) FROM sales", "100000")
	redshifttest.MaxBlocksRead(t, db, 0, "SELECT 1")
	for range 2 { // the second is in no cache
		wants(t, func(f *fakeT) {
			redshifttest.MaxBlocksRead(f, db, 0, "SELECT count(*) FROM sales WHERE at = '2020-01-01'")
		},
			"it read 1 blocks, not 0 or fewer:", "sales: 1 read, ", "XN Seq Scan on sales")
	}
	wants(t, func(f *fakeT) { redshifttest.MaxBlocksRead(f, db, 0, "SELECT 1 FROM nothing") }, "42P01")
	check(t, db, "SHOW enable_result_cache_for_session", "on")
}
