package integration

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/redshiftsim/redshiftsim"
)

func pgxPool(t testing.TB, c *redshiftsim.Cluster, size int32) *pgxpool.Pool {
	t.Helper()
	cfg, err := pgxpool.ParseConfig("postgres://awsuser@redshift/dev?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	cfg.ConnConfig, cfg.MaxConns = pgxConfig(t, c, ""), size
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// TestPgxTypes writes and reads a value of each type that Go has a word for, in text and in binary.
func TestPgxTypes(t *testing.T) {
	ctx := context.Background()
	conn := connect(t, pgxConfig(t, newCluster(t, redshiftsim.Config{}), ""))
	type row struct {
		Small    int16
		Int      int32
		Big      int64
		Real     float32
		Double   float64
		Exact    pgtype.Numeric
		Truth    bool
		Text     string
		Day      time.Time
		At       time.Time
		AtZone   time.Time
		Clock    pgtype.Time
		Interval pgtype.Interval
		Null     *string
	}
	if _, err := conn.Exec(ctx, `CREATE TABLE all_types (small SMALLINT, int INT, big BIGINT, "real" REAL, "double" FLOAT8, exact NUMERIC(20, 4), truth BOOLEAN,
		text VARCHAR(20), day DATE, at TIMESTAMP, atzone TIMESTAMPTZ, clock TIME, "null" VARCHAR)`); err != nil {
		t.Fatal(err)
	}
	var exact pgtype.Numeric
	if err := exact.Scan("-1234567890123456.7891"); err != nil {
		t.Fatal(err)
	}
	day, at := time.Date(1979, 5, 25, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 23, 59, 59, 123456000, time.UTC)
	clock := pgtype.Time{Microseconds: 43_200_000_001, Valid: true}
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeSimpleProtocol} {
		if _, err := conn.Exec(ctx, "TRUNCATE all_types"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(ctx, "INSERT INTO all_types VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)", mode, int16(-7), int32(1<<30), int64(-1<<62), float32(1.5), 2.25, exact,
			true, "Ölfaß", day, at, at, clock, nil); err != nil {
			t.Fatal(mode, err)
		}
		rows, err := conn.Query(ctx, "SELECT small, int, big, \"real\", \"double\", exact, truth, text, day, at, atzone, clock, INTERVAL '2 days 03:00:01' AS interval, \"null\" FROM all_types", mode)
		if err != nil {
			t.Fatal(mode, err)
		}
		r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[row])
		if err != nil {
			t.Fatal(mode, err)
		}
		number, _ := r.Exact.Value()
		if r.Small != -7 || r.Int != 1<<30 || r.Big != -1<<62 || r.Real != 1.5 || r.Double != 2.25 || number != "-1234567890123456.7891" || !r.Truth || r.Text != "Ölfaß" ||
			!r.Day.Equal(day) || !r.At.Equal(at) || !r.AtZone.Equal(at) || r.Clock != clock || r.Null != nil {
			t.Errorf("%v: %+v", mode, r)
		}
		if i := r.Interval; i.Months != 0 || i.Days != 2 || i.Microseconds != 10_801_000_000 {
			t.Errorf("%v: %+v", mode, i)
		}
	}
}

// TestPgxTransactions commits, rolls back, reads only, and stays failed after an error until it ends; a transaction in it is refused.
func TestPgxTransactions(t *testing.T) {
	ctx := context.Background()
	conn := connect(t, pgxConfig(t, newCluster(t, redshiftsim.Config{}), ""))
	if _, err := conn.Exec(ctx, "CREATE TABLE t (a INT)"); err != nil {
		t.Fatal(err)
	}
	err := pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.Serializable}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO t VALUES ($1)", 1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO t VALUES (2)"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "SELECT 1/(a-1) FROM t"); err == nil {
			t.Error("a division by zero went well")
		}
		_, err := tx.Exec(ctx, "SELECT 1")
		return err
	})
	refused(t, err, "25P02", "current transaction is aborted, commands ignored until end of transaction block")
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO t VALUES (3)")
		return err
	})
	refused(t, err, "25006", "transaction is read-only")
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Begin(ctx)
		return err
	})
	refused(t, err, "0A000", "SAVEPOINT is not supported")
	var n int
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM t").Scan(&n); err != nil || n != 1 {
		t.Fatal(n, err)
	}
}

// TestPgxRefused asks for what Redshift has not: COPY over the connection, LISTEN and NOTIFY, cursors WITH HOLD, large objects.
func TestPgxRefused(t *testing.T) {
	ctx := context.Background()
	conn := connect(t, pgxConfig(t, newCluster(t, redshiftsim.Config{}), ""))
	if _, err := conn.Exec(ctx, "CREATE TABLE t (a INT)"); err != nil {
		t.Fatal(err)
	}
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"a"}, pgx.CopyFromRows([][]any{{1}}))
	refused(t, err, "42601", `syntax error at or near "stdin"`)
	_, err = conn.Exec(ctx, "LISTEN changes")
	refused(t, err, "0A000", "LISTEN is not supported")
	_, err = conn.Exec(ctx, "NOTIFY changes")
	refused(t, err, "0A000", "NOTIFY is not supported")
	_, err = conn.Exec(ctx, "SELECT pg_advisory_lock(1)")
	refused(t, err, "42883", "function pg_advisory_lock(integer) does not exist")
	_, err = conn.Exec(ctx, "SELECT a FROM t WHERE a = ANY($1)", []int32{1, 2})
	refused(t, err, "XX000", "Only constant arrays supported in IN/ANY/ALL operation.")
	if _, err = conn.Exec(ctx, "INSERT INTO t VALUES (1), (2), (3)"); err != nil {
		t.Fatal(err)
	}
	rows, _ := conn.Query(ctx, "SELECT a FROM t WHERE a = ANY($1) ORDER BY a", pgx.QueryExecModeSimpleProtocol, []int32{3, 1}) // the values are in the text
	if list, err := pgx.CollectRows(rows, pgx.RowTo[int32]); err != nil || !slices.Equal(list, []int32{1, 3}) {
		t.Error(list, err)
	}
	if err := conn.Ping(ctx); err != nil {
		t.Fatal("the connection is of no use afterwards:", err)
	}
}

// TestPgxCancel ends a statement that runs for too long, in a transaction of its own and by a cancel request; the pool goes on.
func TestPgxCancel(t *testing.T) {
	pool := pgxPool(t, newCluster(t, redshiftsim.Config{}), 2)
	const long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := pool.Exec(ctx, long); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	conn, err := pool.Acquire(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	failed := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.Background(), long)
		failed <- err
	}()
	for {
		if err := conn.Conn().PgConn().CancelRequest(context.Background()); err != nil {
			t.Fatal(err)
		}
		select {
		case err = <-failed:
			refused(t, err, "57014", "canceling statement due to user request")
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestPgxPool lets goroutines write and read through a pool that has fewer connections than they are.
func TestPgxPool(t *testing.T) {
	ctx := context.Background()
	pool := pgxPool(t, newCluster(t, redshiftsim.Config{}), 3)
	if _, err := pool.Exec(ctx, "CREATE TABLE t (worker INT, a VARCHAR(10))"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 10 {
				if _, err := pool.Exec(ctx, "INSERT INTO t VALUES ($1, $2)", w, strconv.Itoa(i)); err != nil {
					t.Error(err)
					return
				}
				var n int
				if err := pool.QueryRow(ctx, "SELECT count(*) FROM t WHERE worker = $1", w).Scan(&n); err != nil || n != i+1 {
					t.Error(w, i, n, err)
					return
				}
			}
		})
	}
	wg.Wait()
	var n int
	if err := pool.QueryRow(ctx, "SELECT count(*) FROM t").Scan(&n); err != nil || n != 80 {
		t.Fatal(n, err)
	}
	if s := pool.Stat(); s.TotalConns() > 3 || s.AcquiredConns() != 0 {
		t.Error(s.TotalConns(), s.AcquiredConns())
	}
}

// TestPgxStdlib reads what database/sql asks a driver for: column types, several result sets' statements, prepared statements, a context.
func TestPgxStdlib(t *testing.T) {
	db := pgxDB(t, newCluster(t, redshiftsim.Config{}), pgx.QueryExecModeCacheStatement)
	mustExec(t, db, "CREATE TABLE t (a INT, b VARCHAR(12), c NUMERIC(7, 3))")
	st, err := db.Prepare("INSERT INTO t VALUES ($1, $2, $3)")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for i, word := range []string{"one", "two", "three"} {
		if _, err := st.Exec(i, word, float64(i)/8); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := db.Query("SELECT * FROM t WHERE b <> $1 ORDER BY a", "two")
	if err != nil {
		t.Fatal(err)
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	n, _ := types[1].Length()
	p, s, _ := types[2].DecimalSize()
	if types[0].DatabaseTypeName() != "INT4" || types[1].DatabaseTypeName() != "VARCHAR" || n != 12 || p != 7 || s != 3 {
		t.Error(types[0].DatabaseTypeName(), types[1].DatabaseTypeName(), n, p, s)
	}
	_ = rows.Close()
	same(t, "rows", texts(t, db, "SELECT a, b, c FROM t ORDER BY a"), "0|one|0.000", "1|two|0.125", "2|three|0.250")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := db.ExecContext(ctx, "INSERT INTO t VALUES (9)"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
