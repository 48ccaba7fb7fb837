package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// TestCompUpdate: COMPUPDATE ON chooses encodings by the rows that were loaded when there are 100,000 a slice, and keeps those of sort keys.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Loading_tables_auto_compress.html
func TestCompUpdate(t *testing.T) {
	var file strings.Builder
	for i := range sampleRows {
		fmt.Fprintf(&file, "%d,%d,one word and another\n", i, i)
	}
	c := New(Config{Nodes: 1, Slices: 1, Buckets: map[string]load.ObjectStore{"b": load.FS(fstest.MapFS{"f": {Data: []byte(file.String())}})}})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (k int ENCODE delta SORTKEY, n int ENCODE mostly8, w varchar(40) ENCODE raw)",
		"COPY t FROM 's3://b/f' IAM_ROLE DEFAULT CSV COMPUPDATE ON COMPROWS 1000")
	x, v := table(t, c, "t")
	if got := x.Def.EncodingOf(0); got != encoding.Delta {
		t.Errorf("the sort key has %s", got)
	}
	if got := x.Def.EncodingOf(1); got != encoding.AZ64 || x.Columns[1].Encoding != "az64" {
		t.Errorf("a number has %s", got)
	}
	if got := x.Def.EncodingOf(2); got == encoding.Raw {
		t.Error("a text that repeats is RAW")
	}
	if v.Rows() != sampleRows || v.Statistics() == nil {
		t.Errorf("%d rows", v.Rows())
	}
	want(t, s, "SELECT count(*), sum(k), max(w) FROM t", "100000 4999950000 one word and another")
	want(t, s, "SELECT count(*) FROM stl_analyze_compression WHERE trim(mode) = 'ON'", "2")
}

// TestDistinct: the number of distinct values of a large table is counted over all rows, within 2 percent.
func TestDistinct(t *testing.T) {
	c := New(Config{})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE d (d int)", "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
		"CREATE TABLE t (a bigint, few int, half int, w varchar(20), same int, nothing int) DISTSTYLE EVEN",
		`INSERT INTO t SELECT x::bigint * 1000000007, x % 300, x / 2, 'w' || (x % 40000)::varchar, 5, NULL FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS x
			FROM d a, d b, d c, d e, d f)`, "ANALYZE t")
	_, v := table(t, c, "t")
	st := v.Statistics()
	for i, want := range []float64{100000, 300, 50000, 40000, 1, 1} {
		got := st.Columns[i].NDistinct
		if got < 0 {
			got *= -st.Rows
		}
		if got < want*0.98 || got > want*1.02 {
			t.Errorf("column %d: %v distinct values, there are %v", i, got, want)
		}
	}
	if st.Columns[5].NullFrac != 1 || st.Columns[0].NullFrac != 0 {
		t.Errorf("NULLs: %v, %v", st.Columns[5].NullFrac, st.Columns[0].NullFrac)
	}
}

// TestVacuumReaders: a reader keeps the rows of its snapshot while a table is vacuumed, whatever the form.
func TestVacuumReaders(t *testing.T) {
	for _, form := range []string{"FULL", "SORT ONLY", "DELETE ONLY", "REINDEX", "RECLUSTER"} {
		c := New(Config{})
		a, b := connect(t, c, ""), connect(t, c, "")
		run(t, a, "CREATE TABLE t (a int SORTKEY) DISTSTYLE EVEN", "INSERT INTO t VALUES (9), (8), (7), (6), (5)", "INSERT INTO t VALUES (4), (3), (2), (1)")
		run(t, b, "BEGIN")
		want(t, b, "SELECT count(*), sum(a) FROM t", "9 45")
		run(t, a, "DELETE FROM t WHERE a > 7", "VACUUM "+form+" t")
		want(t, b, "SELECT count(*), sum(a) FROM t", "9 45")
		run(t, b, "COMMIT")
		want(t, b, "SELECT count(*), sum(a), min(a), max(a) FROM t", "7 28 1 7")
		run(t, b, "DELETE FROM t WHERE a = 1", "INSERT INTO t VALUES (100)")
		want(t, a, "SELECT count(*), sum(a) FROM t", "7 127")
		_, v := table(t, c, "t")
		if rows, ghosts, _ := v.Physical(); rows-ghosts != v.Rows() || v.Rows() != 7 {
			t.Errorf("%s: %d rows, %d of them deleted, %d live", form, rows, ghosts, v.Rows())
		}
	}
}

// TestResultOfVacuum: what a vacuum says it left is what is there.
func TestResultOfVacuum(t *testing.T) {
	c := New(Config{})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int SORTKEY) DISTSTYLE EVEN", "INSERT INTO t VALUES (3), (2), (1)", "INSERT INTO t VALUES (6), (5), (4)", "DELETE FROM t WHERE a = 2")
	_, v := table(t, c, "t")
	for kind := storage.VacuumFull; kind <= storage.VacuumRecluster; kind++ {
		n, r, err := v.Vacuum(context.Background(), kind, 1)
		if err != nil {
			t.Fatal(err)
		}
		rows, ghosts, sorted := n.Physical()
		if rows != r.RowsAfter || ghosts != r.GhostsAfter || sorted != r.SortedAfter || n.Rows() != 5 || rows-ghosts != 5 {
			t.Errorf("form %d: %+v, %d rows, %d deleted, %d sorted, %d live", kind, r, rows, ghosts, sorted, n.Rows())
		}
	}
}

// TestVacuumCanceled: a VACUUM whose client gave up leaves the table as it was.
func TestVacuumCanceled(t *testing.T) {
	c := New(Config{})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int SORTKEY) DISTSTYLE EVEN", "INSERT INTO t VALUES (3), (2), (1)", "INSERT INTO t VALUES (6), (5), (4)", "DELETE FROM t WHERE a = 2")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Exec(ctx, "VACUUM t", nil); err == nil {
		t.Error("a canceled VACUUM gives no error")
	}
	_, v := table(t, c, "t")
	if _, _, err := v.Vacuum(ctx, storage.VacuumFull, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Vacuum: %v", err)
	}
	if rows, ghosts, _ := v.Physical(); rows != 6 || ghosts != 1 {
		t.Errorf("%d rows, %d deleted", rows, ghosts)
	}
	want(t, s, "SELECT count(*), sum(a) FROM t", "5 19")
}
