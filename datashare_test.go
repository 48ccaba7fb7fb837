package redshiftsim_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// namespaceOf is the namespace of a cluster.
func namespaceOf(t testing.TB, db *sql.DB) string {
	t.Helper()
	var s string
	if err := db.QueryRow("SELECT current_namespace").Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// shares makes a datashare of schema public of the producer, with all that is in it and comes to be, and of it the database d of the consumer.
func shares(t testing.TB, producer, consumer *sql.DB) {
	t.Helper()
	exec(
		t, producer, "CREATE DATASHARE x", "ALTER DATASHARE x ADD SCHEMA public", "ALTER DATASHARE x SET INCLUDENEW TRUE FOR SCHEMA public",
		"ALTER DATASHARE x ADD ALL TABLES IN SCHEMA public", "GRANT USAGE ON DATASHARE x TO NAMESPACE '"+namespaceOf(t, consumer)+"'",
	)
	exec(t, consumer, "CREATE DATABASE d FROM DATASHARE x OF NAMESPACE '"+namespaceOf(t, producer)+"'")
}

// TestDatashareShapes: consumers of all shapes answer as the producer does, over tables of all styles with deleted rows and zones that conditions leave out.
func TestDatashareShapes(t *testing.T) {
	shapes := []string{"nodes=1&slices=1", "nodes=2&slices=2", "nodes=3&slices=4"}
	queries := []string{
		"SELECT count(*), sum(id), sum(price), min(note), max(note) FROM %[1]ssales",
		"SELECT buyer, count(*), sum(price) FROM %[1]ssales WHERE id BETWEEN 5000 AND 25000 GROUP BY buyer ORDER BY 1",
		"SELECT note FROM %[1]ssales WHERE id = 12346",
		"SELECT b.name, count(*) FROM %[1]ssales s JOIN %[1]sbuyers b ON s.buyer = b.id GROUP BY 1 ORDER BY 1",
		"SELECT count(*) FROM %[1]ssales a JOIN %[1]ssales b ON a.id = b.id + 1 WHERE a.price > 90",
		"SELECT s.id, b.name FROM %[1]ssales s LEFT JOIN %[1]sbuyers b ON b.id = s.buyer AND b.id < 3 WHERE s.id < 300 ORDER BY 1 LIMIT 20",
		"SELECT id, row_number() OVER (PARTITION BY buyer ORDER BY id) FROM %[1]scheap ORDER BY 1 LIMIT 30",
		"SELECT count(*) FROM %[1]ssales WHERE id NOT IN (SELECT id FROM %[1]scheap)",
	}
	for _, from := range shapes {
		producer := open(t, "redshiftsim://?"+from)
		exec(
			t, producer, "CREATE TABLE digits (n int)", "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
			"CREATE TABLE sales (id int, buyer int, price int, note varchar(20)) DISTKEY(buyer) SORTKEY(id)",
			"INSERT INTO sales SELECT i, i % 7, i % 100, 'note ' || (i % 13) FROM (SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS i FROM digits a, digits b, digits c, digits d, digits e WHERE e.n < 4)",
			"DELETE FROM sales WHERE id % 11 = 3", "CREATE TABLE buyers (id int, name varchar(10)) DISTSTYLE ALL",
			"INSERT INTO buyers VALUES (0, 'ann'), (1, 'bob'), (2, 'cid'), (3, 'dan'), (4, 'eve'), (5, 'fay')", "CREATE VIEW cheap AS SELECT id, buyer FROM sales WHERE price < 10",
		)
		for i, to := range shapes {
			t.Run(from+" to "+to, func(t *testing.T) {
				consumer := open(t, "redshiftsim://?order=shuffle&"+to)
				if i == 0 {
					shares(t, producer, consumer)
				} else {
					exec(t, producer, "GRANT USAGE ON DATASHARE x TO NAMESPACE '"+namespaceOf(t, consumer)+"'")
					exec(t, consumer, "CREATE DATABASE d FROM DATASHARE x OF NAMESPACE '"+namespaceOf(t, producer)+"'")
				}
				for _, q := range queries {
					want := all(t, producer, fmt.Sprintf(q, "public."))
					if got := all(t, consumer, fmt.Sprintf(q, "d.public.")); !slices.Equal(got, want) || len(got) == 0 {
						t.Errorf("%s\n got %v\nwant %v", q, got, want)
					}
					all(t, consumer, "EXPLAIN "+fmt.Sprintf(q, "d.public."))
				}
				exec(t, consumer, "CREATE TABLE copy AS SELECT * FROM d.public.sales")
				if got := all(t, consumer, "(SELECT * FROM copy EXCEPT SELECT * FROM d.public.sales) UNION ALL (SELECT * FROM d.public.sales EXCEPT SELECT * FROM copy)"); len(got) > 0 {
					t.Error(got)
				}
				for _, log := range []string{"stl_scan", "svl_query_report", "svl_query_summary", "stl_explain", "sys_query_detail", "svv_table_info"} { // made of what the cluster does not have
					all(t, consumer, "SELECT * FROM "+log)
				}
			})
		}
	}
}

// TestDatashareAside: consumers read while the producer writes, vacuums, resizes, revokes and grants. Each statement sees one committed state of all tables, each
// transaction one for all its statements, and what fails fails with 42501.
func TestDatashareAside(t *testing.T) {
	producer, consumer := open(t, "redshiftsim://?nodes=1&slices=2"), open(t, "redshiftsim://?nodes=2&slices=2")
	exec(t, producer, "CREATE TABLE digits (n int)", "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)", "CREATE TABLE l (a int) DISTKEY(a)", "CREATE TABLE r (a int) DISTSTYLE ALL", "INSERT INTO l VALUES (0)", "INSERT INTO r VALUES (0)")
	shares(t, producer, consumer)
	space := namespaceOf(t, consumer)
	cluster, err := redshiftsim.ClusterOf(producer)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(stop)
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := readsBoth(consumer); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	for i := range 40 {
		exec(t, producer, fmt.Sprintf("INSERT INTO l SELECT %d FROM digits, digits x, digits y; INSERT INTO r SELECT %d FROM digits, digits x, digits y", i, i))
		switch i % 5 {
		case 1:
			exec(t, producer, fmt.Sprintf("DELETE FROM l WHERE a = %d; DELETE FROM r WHERE a = %d", i-1, i-1))
		case 2:
			exec(t, producer, "VACUUM")
		case 3:
			exec(t, producer, "REVOKE USAGE ON DATASHARE x FROM NAMESPACE '"+space+"'", "GRANT USAGE ON DATASHARE x TO NAMESPACE '"+space+"'")
		case 4:
			if err := cluster.Resize(context.Background(), 1+i%3, 2); err != nil {
				t.Error(err)
			}
		}
	}
}

// readsBoth reads both tables of TestDatashareAside twice in a transaction: all is the same.
func readsBoth(db *sql.DB) error {
	const q = "SELECT (SELECT count(*) FROM d.public.l), (SELECT count(*) FROM d.public.r), (SELECT sum(a) FROM d.public.l), (SELECT sum(a) FROM d.public.r)"
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var first [4]int64
	for i := range 2 {
		var x [4]int64
		var e *redshiftsim.Error
		if err := tx.QueryRow(q).Scan(&x[0], &x[1], &x[2], &x[3]); errors.As(err, &e) && e.SQLState() == "42501" {
			return nil
		} else if err != nil {
			return err
		}
		if x[0] != x[1] || x[2] != x[3] || i > 0 && x != first {
			return fmt.Errorf("%v after %v", x, first)
		}
		first = x
	}
	return nil
}

// TestDatashareEnds: a producer that is closed is not there any more, and a clone is a cluster of its own, which nobody granted anything.
func TestDatashareEnds(t *testing.T) {
	k, err := redshiftsim.NewConnector(redshiftsim.Config{Nodes: 1, Slices: 1})
	if err != nil {
		t.Fatal(err)
	}
	producer, consumer := sql.OpenDB(k), open(t, "redshiftsim://")
	exec(t, producer, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
	shares(t, producer, consumer)
	c, err := redshiftsim.ClusterOf(consumer)
	if err != nil {
		t.Fatal(err)
	}
	clone := sql.OpenDB(c.Clone())
	defer clone.Close()
	if _, err := clone.Exec("SELECT * FROM d.public.t"); err == nil {
		t.Error("a clone reads what another cluster was granted")
	}
	if namespaceOf(t, clone) == namespaceOf(t, consumer) {
		t.Error("a clone has the namespace of another cluster")
	}
	exec(t, producer, "GRANT USAGE ON DATASHARE x TO NAMESPACE '"+namespaceOf(t, clone)+"'")
	if got := all(t, clone, "SELECT a FROM d.public.t"); !slices.Equal(got, []string{"1"}) {
		t.Error(got)
	}
	if got := all(t, consumer, "SELECT a FROM d.public.t"); !slices.Equal(got, []string{"1"}) {
		t.Error(got)
	}
	if err := producer.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = consumer.Exec("SELECT a FROM d.public.t")
	fails(t, err, "42501", "not accessible")
	if got := all(t, consumer, "SELECT count(*) FROM svv_datashares"); !slices.Equal(got, []string{"0"}) {
		t.Error(got)
	}
}
