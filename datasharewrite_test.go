package redshiftsim_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// sharesAll is shares of a datashare that may do all with what is in schema public and comes to be.
func sharesAll(t testing.TB, producer, consumer *sql.DB) {
	t.Helper()
	exec(
		t, producer, "CREATE DATASHARE x", "GRANT ALL ON SCHEMA public TO DATASHARE x", "GRANT ALL FOR TABLES IN SCHEMA public TO DATASHARE x",
		"GRANT USAGE ON DATASHARE x TO NAMESPACE '"+namespaceOf(t, consumer)+"'",
	)
	exec(t, consumer, "CREATE DATABASE d FROM DATASHARE x OF NAMESPACE '"+namespaceOf(t, producer)+"'")
}

// TestDatashareWriteShapes: what consumers of all shapes write is what the producer itself would have: rows, and where they lie.
func TestDatashareWriteShapes(t *testing.T) {
	digits := "(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n AS i FROM %[1]sdigits a, %[1]sdigits b, %[1]sdigits c, %[1]sdigits d)"
	own := []string{
		"CREATE TABLE digits (n int)", "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
		"CREATE TABLE news (id int, buyer int, price int, note varchar(20)) DISTKEY(buyer) SORTKEY(id)",
		"INSERT INTO news SELECT i, i % 7, i % 100, 'news ' || (i % 13) FROM " + fmt.Sprintf(digits, ""),
	}
	made := []string{
		"CREATE TABLE sales (id int, buyer int, price int, note varchar(20)) DISTKEY(buyer) SORTKEY(id)", "CREATE TABLE evens (id int, buyer int, price int, note varchar(20)) DISTSTYLE EVEN",
		"CREATE TABLE alls (id int, buyer int, price int, note varchar(20)) DISTSTYLE ALL SORTKEY(note)", "CREATE TABLE autos (id int, buyer int, price int, note varchar(20))",
	}
	writes := []string{ // %[1]s = the table, %[2]s = where the consumer's own tables are
		"INSERT INTO %[1]s SELECT * FROM %[2]snews", "INSERT INTO %[1]s VALUES (-1, 3, 5, 'minus'), (-2, NULL, 6, NULL)",
		"UPDATE %[1]s SET price = price + 1000, buyer = buyer + 1 WHERE id %% 9 = 4", "DELETE FROM %[1]s WHERE id %% 5 = 1",
		"INSERT INTO %[1]s SELECT id + 10000, buyer, price, note FROM %[1]s WHERE id < 5000",
		"UPDATE %[1]s SET note = n.note || '!' FROM %[2]snews n WHERE n.id = %[1]s.id AND n.buyer = 3",
		"DELETE FROM %[1]s USING %[2]snews n WHERE n.id = %[1]s.id AND n.price > 90",
		"MERGE INTO %[1]s USING %[2]snews n ON %[1]s.id = n.id WHEN MATCHED THEN UPDATE SET price = n.price WHEN NOT MATCHED THEN INSERT VALUES (n.id, n.buyer, n.price, 'merged')",
	}
	shapes := []string{"nodes=1&slices=1", "nodes=2&slices=2", "nodes=3&slices=4"}
	for _, from := range shapes {
		twin := open(t, "redshiftsim://?"+from)
		exec(t, twin, slices.Concat(own, made)...)
		for _, table := range []string{"sales", "evens", "alls", "autos"} {
			for _, w := range writes {
				exec(t, twin, fmt.Sprintf(w, table, ""))
			}
		}
		for _, to := range shapes {
			t.Run(from+" from "+to, func(t *testing.T) {
				producer, consumer := open(t, "redshiftsim://?"+from), open(t, "redshiftsim://?"+to)
				exec(t, producer, made...)
				exec(t, consumer, own...)
				sharesAll(t, producer, consumer)
				conn, err := consumer.Conn(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				for i, table := range []string{"sales", "evens", "alls", "autos"} {
					for k, w := range writes {
						if (i+k)%2 == 0 {
							exec(t, conn, fmt.Sprintf(w, "d.public."+table, ""))
							continue
						}
						exec(t, conn, "USE d", fmt.Sprintf(w, table, "dev.public."), "RESET USE")
					}
					for _, q := range []string{
						"SELECT * FROM %s ORDER BY id, buyer, price, note", "SELECT slice, sum(num_values) FROM svv_diskusage WHERE name = '%s' AND col = 1 GROUP BY slice ORDER BY slice",
					} {
						if table == "evens" || table == "autos" {
							q = strings.Replace(q, "SELECT slice, sum(num_values)", "SELECT 1, sum(num_values)", 1)
							q = strings.Replace(q, "GROUP BY slice ORDER BY slice", "GROUP BY 1", 1)
						}
						want, got := all(t, twin, fmt.Sprintf(q, table)), all(t, producer, fmt.Sprintf(q, table))
						if !slices.Equal(got, want) || len(got) == 0 {
							t.Fatalf("%s: %d rows, want %d", fmt.Sprintf(q, table), len(got), len(want))
						}
					}
				}
			})
		}
	}
}

// retried says that a transaction may be run again: another was in its way.
func retried(err error) bool {
	var e *redshiftsim.Error
	return errors.As(err, &e) && (e.SQLState() == "40P01" || e.SQLState() == "XX000" && strings.Contains(e.Error(), "1023"))
}

// transaction runs statements as one transaction, again and again while others are in the way.
func transaction(ctx context.Context, db *sql.DB, stmts ...string) error {
	for {
		err := once(ctx, db, stmts...)
		if err == nil || !retried(err) {
			return err
		}
	}
}

func once(ctx context.Context, db *sql.DB, stmts ...string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, s := range stmts {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// TestDatashareWriteAside: two clusters write into each other's tables, while each writes into its own: nothing is lost, nothing is half there, and nobody waits for ever.
func TestDatashareWriteAside(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var dbs [2]*sql.DB
	for i, shape := range []string{"nodes=1&slices=2", "nodes=2&slices=2"} {
		dbs[i] = open(t, "redshiftsim://?"+shape)
		exec(
			t, dbs[i], "CREATE TABLE accounts (id int, balance int) DISTKEY(id)", "INSERT INTO accounts VALUES (0, 100), (1, 100), (2, 100), (3, 100)",
			"CREATE TABLE entries (who int, n int)", "CREATE TABLE gate (a int)",
		)
	}
	sharesAll(t, dbs[0], dbs[1])
	sharesAll(t, dbs[1], dbs[0])
	const rounds = 12
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			here, schema := dbs[w%2], []string{"", "d.public."}[w/2%2]
			for n := range rounds {
				from, to := (w+n)%4, (w+3*n+1)%4
				stmts := []string{
					fmt.Sprintf("UPDATE %saccounts SET balance = balance - 5 WHERE id = %d", schema, from), fmt.Sprintf("UPDATE %saccounts SET balance = balance + 5 WHERE id = %d", schema, to),
					fmt.Sprintf("INSERT INTO %sentries VALUES (%d, %d)", schema, w, n),
				}
				if w >= 4 { // who holds a table of its own meanwhile
					stmts = slices.Insert(stmts, 0, "LOCK gate", "SELECT count(*) FROM d.public.gate")
				}
				if err := transaction(ctx, here, stmts...); err != nil {
					t.Error(w, n, err)
					return
				}
				if err := balanced(ctx, here, "d.public."); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	for i, db := range dbs {
		if err := balanced(ctx, db, ""); err != nil {
			t.Error(err)
		}
		if got := all(t, db, "SELECT count(*), count(DISTINCT who), count(DISTINCT who * 1000 + n) FROM entries"); !slices.Equal(got, []string{fmt.Sprintf("%d 4 %d", 4*rounds, 4*rounds)}) {
			t.Error(i, got)
		}
		if got := all(t, db, "SELECT count(*) FROM stv_locks"); !slices.Equal(got, []string{"0"}) {
			t.Error(i, "locks are left", got)
		}
	}
}

// balanced says whether no money is lost.
func balanced(ctx context.Context, db *sql.DB, schema string) error {
	var sum, n int
	if err := db.QueryRowContext(ctx, "SELECT sum(balance), count(*) FROM "+schema+"accounts").Scan(&sum, &n); err != nil {
		return err
	}
	if sum != 400 || n != 4 {
		return fmt.Errorf("%d in %d accounts", sum, n)
	}
	return nil
}

// TestDatashareDeadlock: two sessions of two clusters, each of which holds a table of its own and wants the other's: one of them is told, and the other goes on.
func TestDatashareDeadlock(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	a, b := open(t, "redshiftsim://"), open(t, "redshiftsim://")
	exec(t, a, "CREATE TABLE t (a int)")
	exec(t, b, "CREATE TABLE t (a int)")
	sharesAll(t, a, b)
	sharesAll(t, b, a)
	for range 20 {
		errs := make(chan error, 2)
		var ready sync.WaitGroup
		ready.Add(2)
		for _, db := range []*sql.DB{a, b} {
			go func() {
				tx, err := db.BeginTx(ctx, nil)
				if err == nil {
					_, err = tx.ExecContext(ctx, "LOCK t")
				}
				ready.Done()
				ready.Wait()
				if err == nil {
					_, err = tx.ExecContext(ctx, "INSERT INTO d.public.t VALUES (1)")
				}
				if err != nil {
					errs <- errors.Join(err, tx.Rollback())
					return
				}
				errs <- tx.Commit()
			}()
		}
		failed := 0
		for range 2 {
			if err := <-errs; err != nil {
				failed++
				fails(t, err, "40P01", "deadlock detected")
			}
		}
		if failed != 1 {
			t.Fatalf("%d of two failed", failed)
		}
	}
	if got := all(t, a, "SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM d.public.t)"); !slices.Equal(got, []string{"20"}) {
		t.Error(got)
	}
}

// TestDatashareResize: both clusters are resized while sessions write across: nobody waits for ever, and nothing is lost.
func TestDatashareResize(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var dbs [2]*sql.DB
	for i := range dbs {
		dbs[i] = open(t, "redshiftsim://?nodes=1&slices=2")
		exec(t, dbs[i], "CREATE TABLE t (a int) DISTKEY(a)", "CREATE TABLE mine (a int)", "INSERT INTO mine VALUES (1), (2), (3)")
	}
	sharesAll(t, dbs[0], dbs[1])
	sharesAll(t, dbs[1], dbs[0])
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 15 {
				if err := transaction(ctx, dbs[w%2], "SELECT count(*) FROM mine", "INSERT INTO d.public.t SELECT a FROM mine", "DELETE FROM d.public.t WHERE a = 2"); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	for i := range 6 {
		c, err := redshiftsim.ClusterOf(dbs[i%2])
		if err != nil {
			t.Fatal(err)
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := c.Resize(ctx, 1+i%3, 2); err != nil {
				t.Error(err)
			}
		}()
		time.Sleep(5 * time.Millisecond)
	}
	wg.Wait()
	for _, db := range dbs {
		if got := all(t, db, "SELECT a, count(*) FROM t GROUP BY a ORDER BY a"); !slices.Equal(got, []string{"1 30", "3 30"}) {
			t.Error(got)
		}
	}
}

// TestDatashareAccounts: a datashare that was granted to another account is read and written by its clusters, and by no others; a namespace is one of the producer's account.
func TestDatashareAccounts(t *testing.T) {
	producer, other, third := open(t, "redshiftsim://?account=111111111111"), open(t, "redshiftsim://?account=222222222222"), open(t, "redshiftsim://?account=333333333333")
	exec(
		t, producer, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "CREATE DATASHARE x", "GRANT USAGE ON SCHEMA public TO DATASHARE x", "GRANT SELECT, INSERT ON t TO DATASHARE x",
		"GRANT USAGE ON DATASHARE x TO NAMESPACE '"+namespaceOf(t, third)+"'", "GRANT USAGE ON DATASHARE x TO ACCOUNT '222222222222'",
	)
	from := " FROM DATASHARE x OF %sNAMESPACE '" + namespaceOf(t, producer) + "'"
	_, err := third.Exec("CREATE DATABASE d" + fmt.Sprintf(from, "ACCOUNT '111111111111' "))
	fails(t, err, "42501", "is not accessible")
	_, err = other.Exec("CREATE DATABASE d" + fmt.Sprintf(from, ""))
	fails(t, err, "22023", "another account")
	exec(t, other, "CREATE DATABASE d"+fmt.Sprintf(from, "ACCOUNT '111111111111' "), "INSERT INTO d.public.t VALUES (2)")
	if got := all(t, other, "SELECT sum(a) FROM d.public.t"); !slices.Equal(got, []string{"3"}) {
		t.Error(got)
	}
	exec(t, producer, "REVOKE USAGE ON DATASHARE x FROM ACCOUNT '222222222222'")
	_, err = other.Exec("SELECT a FROM d.public.t")
	fails(t, err, "42501", "is not accessible")
}
