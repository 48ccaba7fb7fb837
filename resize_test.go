package redshiftsim_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"sync"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// TestResize gives a cluster other shapes, one after the other: the answers stay, the rows lie on the slices that there are.
// https://docs.aws.amazon.com/redshift/latest/mgmt/resizing-cluster.html
func TestResize(t *testing.T) {
	db := open(t, "redshiftsim://?nodes=2&slices=2&block_size=4KB")
	exec(t, db, "CREATE TABLE a (id int, k int, w varchar(10), n numeric(8,2), d date) DISTKEY(k) SORTKEY(d)", "CREATE TABLE b (k int, name varchar(20), x int)",
		"CREATE TABLE c DISTSTYLE ALL AS SELECT 1 AS one", "CREATE TABLE e (a int) DISTSTYLE EVEN", "INSERT INTO e VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13)")
	exec(t, db, alikeRows()...)
	ask := func() (out [][]string) {
		for _, q := range append([]string{"SELECT sum(one), count(*) FROM c, e"}, alikeQueries...) {
			rows := all(t, db, q)
			sort.Strings(rows)
			out = append(out, rows)
		}
		return out
	}
	want := ask()
	cluster, err := redshiftsim.ClusterOf(db)
	if err != nil {
		t.Fatal(err)
	}
	for _, shape := range [][2]int{{3, 4}, {1, 1}, {4, 2}, {2, 2}} {
		if err := cluster.Resize(context.Background(), shape[0], shape[1]); err != nil {
			t.Fatal(err)
		}
		if n, s := cluster.Shape(); n != shape[0] || s != shape[1] {
			t.Errorf("%d x %d", n, s)
		}
		slices := shape[0] * shape[1]
		if got := all(t, db, "SELECT count(*), max(node) + 1 FROM stv_slices"); got[0] != fmt.Sprintf("%d %d", slices, shape[0]) {
			t.Errorf("%v: %q", shape, got)
		}
		if got := all(t, db, "SELECT max(rows) - min(rows) < 2 FROM stv_tbl_perm WHERE name = 'e' AND slice < 100"); got[0] != "true" {
			t.Errorf("%v: EVEN: %q", shape, got)
		}
		if got := all(t, db, "SELECT count(*) FROM stv_tbl_perm WHERE name = 'c' AND rows = 1"); got[0] != fmt.Sprint(shape[0]) {
			t.Errorf("%v: ALL: %q", shape, got)
		}
		exec(t, db, "INSERT INTO e VALUES (14)", "DELETE FROM e WHERE a = 14") // there is a way to write, too
		if got := ask(); !reflect.DeepEqual(got, want) {
			t.Errorf("%v: other answers", shape)
		}
	}
	for _, shape := range [][2]int{{0, 2}, {2, 0}, {129, 2}, {2, 65}} {
		if err := cluster.Resize(context.Background(), shape[0], shape[1]); err == nil {
			t.Errorf("%v is not refused", shape)
		}
	}
}

// TestResizeWaits: a resize waits for open transactions, until its context ends; then nothing has changed.
func TestResizeWaits(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
	cluster, err := redshiftsim.ClusterOf(db)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("INSERT INTO t VALUES (2)"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer stop()
	if err := cluster.Resize(ctx, 4, 4); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a transaction open: %v", err)
	}
	if n, s := cluster.Shape(); n != 2 || s != 2 {
		t.Errorf("%d x %d", n, s)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := cluster.Resize(context.Background(), 4, 4); err != nil {
		t.Fatal(err)
	}
	if got := all(t, db, "SELECT count(*), sum(a) FROM t"); got[0] != "2 3" {
		t.Errorf("%q", got)
	}
}

// TestResizeUnderLoad: sessions that read and write while the cluster is resized lose nothing.
func TestResizeUnderLoad(t *testing.T) {
	db := open(t, "redshiftsim://")
	exec(t, db, "CREATE TABLE t (w int DISTKEY, a int)")
	cluster, err := redshiftsim.ClusterOf(db)
	if err != nil {
		t.Fatal(err)
	}
	const workers, rounds = 4, 60
	var wg sync.WaitGroup
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range rounds {
				if _, err := db.Exec(fmt.Sprintf("INSERT INTO t VALUES (%d, %d)", w, i)); err != nil {
					t.Error(err)
				}
				var n int
				if err := db.QueryRow(fmt.Sprintf("SELECT count(*) FROM t WHERE w = %d", w)).Scan(&n); err != nil || n != i+1 {
					t.Errorf("worker %d has %d rows after %d inserts (%v)", w, n, i+1, err)
				}
			}
		}()
	}
	for i := range 20 {
		if err := cluster.Resize(context.Background(), 1+i%4, 1+i%3); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	if got := all(t, db, "SELECT count(*), sum(a) FROM t"); got[0] != fmt.Sprintf("%d %d", workers*rounds, workers*rounds*(rounds-1)/2) {
		t.Errorf("%q", got)
	}
}
