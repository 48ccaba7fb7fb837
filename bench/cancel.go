package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Cancel is how long a query goes on after its context has ended: a scan, a join of many pairs, a sort, an insert of what a join makes. Each is given a
// moment to get under way, another one each time.
type Cancel struct {
	Rows int64 // of the table; 0 = two million
}

// Name is cancel.
func (w Cancel) Name() string { return "cancel" }

// cancels is the number of samples of one timed run.
const cancels = 50

// Prepare makes the table by doubling.
func (w Cancel) Prepare(ctx context.Context, t Target, db *sql.DB) error {
	attrs := ""
	if t.Flavor == "redshift" {
		attrs = " DISTSTYLE EVEN"
	}
	rows := w.Rows
	if rows == 0 {
		rows = 2_000_000
	}
	for _, q := range []string{"CREATE TABLE n (a int, b varchar(20))" + attrs, "CREATE TABLE sink (a int)" + attrs, "INSERT INTO n VALUES (1, 'one'), (2, 'two'), (3, 'three')"} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	for have := int64(3); have < rows; have *= 2 {
		if _, err := db.ExecContext(ctx, fmt.Sprintf("INSERT INTO n SELECT a + %d, b FROM n", have)); err != nil {
			return err
		}
	}
	return nil
}

// Queries are the cancelled statements.
func (w Cancel) Queries(Target) []Query {
	q := func(name, text string) Query {
		return Query{Name: name, Measured: func(ctx context.Context, db *sql.DB, round int) ([]time.Duration, error) {
			var out []time.Duration
			for i := range cancels {
				d, err := cancelled(ctx, db, text, time.Duration(1+(i*7+round)%19)*time.Millisecond)
				if err != nil {
					return nil, err
				}
				if d >= 0 {
					out = append(out, d)
				}
			}
			return out, nil
		}}
	}
	return []Query{
		q("scan", "SELECT count(*) FROM n x, n y WHERE x.a = y.a + 1 AND x.b LIKE '%hre%' AND y.b NOT LIKE '%w%'"),
		q("pairs", "SELECT count(*) FROM n x, n y WHERE x.a + y.a = -1"),
		q("sort", "SELECT b, a FROM n ORDER BY b DESC, a"),
		q("insert", "INSERT INTO sink SELECT x.a FROM n x, n y WHERE x.a < y.a"),
	}
}

// cancelled starts a statement, ends its context after a while and gives the time from then until the call is back; less than 0 when the statement was
// through before. The connection must serve another statement afterwards.
func cancelled(ctx context.Context, db *sql.DB, text string, after time.Duration) (time.Duration, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		rows, err := conn.QueryContext(inner, text)
		if err == nil {
			for rows.Next() {
			}
			err = errors.Join(rows.Err(), rows.Close())
		}
		done <- err
	}()
	select {
	case err := <-done:
		return -1, err
	case <-time.After(after):
	}
	start := time.Now()
	cancel()
	err = <-done
	took := time.Since(start)
	if err == nil {
		return -1, nil
	}
	var one int
	if err := conn.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return 0, fmt.Errorf("after a cancelled query: %w", err)
	}
	return took, nil
}
