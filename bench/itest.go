package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
)

// ITest is what integration tests do: a fresh cluster, a table, ten inserts, two selects, drop, close; and point statements on a small table.
// Texts never repeat: names and literals differ in every iteration, so that no cache of texts can answer.
type ITest struct {
	// Open makes the fresh database of an iteration.
	Open map[string]func() (*sql.DB, error)
}

// pointRows is the size of the table of the point statements.
const pointRows = 10_000

// Name is itest.
func (w ITest) Name() string { return "itest" }

// Prepare makes the table of the point statements.
func (w ITest) Prepare(ctx context.Context, t Target, db *sql.DB) error {
	attrs := ""
	if t.Flavor == "redshift" {
		attrs = " DISTKEY(id) SORTKEY(id)"
	}
	key := " PRIMARY KEY"
	if t.Flavor == "redshift" {
		key = ""
	}
	if _, err := db.ExecContext(ctx, "CREATE TABLE kv (id int"+key+", v varchar(40))"+attrs); err != nil {
		return err
	}
	for lo := 0; lo < pointRows; lo += 500 {
		text := []byte("INSERT INTO kv VALUES ")
		for i := lo; i < lo+500; i++ {
			if i > lo {
				text = append(text, ',')
			}
			text = fmt.Appendf(text, "(%d,'value %d')", i, i)
		}
		if _, err := db.ExecContext(ctx, string(text)); err != nil {
			return err
		}
	}
	return nil
}

// Queries are the test as a whole, then its pieces.
func (w ITest) Queries(t Target) []Query {
	var serial atomic.Int64
	var id atomic.Int64
	id.Store(10 * pointRows)
	// A round is so long that an engine in Go pays for its own garbage in it: what lies there between rounds is collected untimed (see sweeper).
	const ops, few = 4000, 100
	point := func(text string, args func(n int64) []any) func(context.Context, *sql.DB, int) error {
		return func(ctx context.Context, db *sql.DB, _ int) error {
			for range ops {
				n := serial.Add(1)
				var v string
				var err error
				if args == nil {
					err = db.QueryRowContext(ctx, fmt.Sprintf(text, n*7919%pointRows)).Scan(&v)
				} else {
					err = db.QueryRowContext(ctx, text, args(n)...).Scan(&v)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}
	}
	prepared := func(ctx context.Context, db *sql.DB, text string, run func(st *sql.Stmt, n int64) error) error {
		st, err := db.PrepareContext(ctx, text)
		if err != nil {
			return err
		}
		defer st.Close()
		for range ops {
			if err := run(st, serial.Add(1)); err != nil {
				return err
			}
		}
		return nil
	}
	return []Query{
		{Name: "test", Ops: few, Do: func(ctx context.Context, _ *sql.DB, _ int) error {
			for range few {
				if err := w.one(ctx, t, int(serial.Add(1))); err != nil {
					return err
				}
			}
			return nil
		}},
		{Name: "open", Ops: few, Do: func(ctx context.Context, _ *sql.DB, _ int) error {
			for range few {
				if err := w.open(ctx, t); err != nil {
					return err
				}
			}
			return nil
		}},
		{Name: "select-literal", Ops: ops, Do: point("SELECT v FROM kv WHERE id = %d", nil)},
		{Name: "select-prepared", Ops: ops, Do: func(ctx context.Context, db *sql.DB, _ int) error {
			return prepared(ctx, db, "SELECT v FROM kv WHERE id = "+mark(t, 1), func(st *sql.Stmt, n int64) error {
				var v string
				return st.QueryRowContext(ctx, n*7919%pointRows).Scan(&v)
			})
		}},
		{Name: "insert-literal", Ops: ops, Do: func(ctx context.Context, db *sql.DB, _ int) error {
			for range ops {
				n := id.Add(1)
				if _, err := db.ExecContext(ctx, fmt.Sprintf("INSERT INTO kv VALUES (%d, 'new %d')", n, n)); err != nil {
					return err
				}
			}
			return nil
		}},
		{Name: "insert-prepared", Ops: ops, Do: func(ctx context.Context, db *sql.DB, _ int) error {
			return prepared(ctx, db, "INSERT INTO kv VALUES ("+mark(t, 1)+", "+mark(t, 2)+")", func(st *sql.Stmt, _ int64) error {
				_, err := st.ExecContext(ctx, id.Add(1), "prepared")
				return err
			})
		}},
	}
}

// open makes a fresh database and asks it something.
func (w ITest) open(ctx context.Context, t Target) error {
	db, err := w.Open[t.Name]()
	if err != nil {
		return err
	}
	var one int
	err = db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
	if err == nil && one != 1 {
		err = fmt.Errorf("one is %d", one)
	}
	return errors.Join(err, db.Close())
}

// one is the integration test.
func (w ITest) one(ctx context.Context, t Target, n int) (err error) {
	db, err := w.Open[t.Name]()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	table := fmt.Sprintf("orders_%d", n)
	exec := func(format string, args ...any) {
		if err == nil {
			_, err = db.ExecContext(ctx, fmt.Sprintf(format, args...))
		}
	}
	exec("CREATE TABLE %s (id int, customer varchar(40), extra_%d int, amount decimal(10,2))", table, n%7)
	for i := range 10 {
		exec("INSERT INTO %s VALUES (%d, 'customer %d', %d, %d.50)", table, n*10+i, n+i, i, i*10)
	}
	if err != nil {
		return err
	}
	var name string
	if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT customer FROM %s WHERE id = %d", table, n*10+3)).Scan(&name); err != nil {
		return err
	}
	if want := fmt.Sprintf("customer %d", n+3); name != want {
		return fmt.Errorf("customer %q, want %q", name, want)
	}
	var count int
	var sum float64
	if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*), sum(amount) FROM %s WHERE extra_%d >= 5", table, n%7)).Scan(&count, &sum); err != nil {
		return err
	}
	if count != 5 || sum != 352.5 {
		return fmt.Errorf("count %d, sum %v, want 5 and 352.5", count, sum)
	}
	exec("DROP TABLE %s", table)
	return err
}
