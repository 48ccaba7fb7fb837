package integration

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lib/pq"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/server"
)

// newCluster makes a private cluster that lives as long as the test.
func newCluster(t testing.TB, cfg redshiftsim.Config) *redshiftsim.Cluster {
	t.Helper()
	k, err := redshiftsim.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	return k.Cluster()
}

// pgxConfig connects as a user in memory.
func pgxConfig(t testing.TB, c *redshiftsim.Cluster, params string) *pgx.ConnConfig {
	t.Helper()
	cfg, err := pgx.ParseConfig("postgres://awsuser@redshift/dev?sslmode=disable" + params)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DialFunc = server.Dialer(c)
	cfg.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	return cfg
}

// connect opens a pgx connection in memory.
func connect(t testing.TB, cfg *pgx.ConnConfig) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestPgxModes(t *testing.T) {
	ctx := context.Background()
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			cfg := pgxConfig(t, newCluster(t, redshiftsim.Config{}), "")
			cfg.DefaultQueryExecMode = mode
			conn := connect(t, cfg)
			if err := conn.Ping(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Exec(ctx, "CREATE TABLE movies (id int, title varchar(80), price numeric(8,2), seen date)"); err != nil {
				t.Fatal(err)
			}
			tag, err := conn.Exec(ctx, "INSERT INTO movies VALUES ($1, $2, $3, $4), (2, 'Brazil', 7.5, '1985-02-20')", 1, "Alien", 12.25, time.Date(1979, 5, 25, 0, 0, 0, 0, time.UTC))
			if err != nil || tag.String() != "INSERT 0 2" {
				t.Fatal(tag, err)
			}
			for range 2 { // the second time the statement is cached
				var title string
				var price float64
				var seen time.Time
				err = conn.QueryRow(ctx, "SELECT title, price, seen FROM movies WHERE id = $1", 1).Scan(&title, &price, &seen)
				if err != nil || title != "Alien" || price != 12.25 || seen.Year() != 1979 {
					t.Fatal(title, price, seen, err)
				}
			}
			rows, _ := conn.Query(ctx, "SELECT id FROM movies ORDER BY id")
			ids, err := pgx.CollectRows(rows, pgx.RowTo[int32])
			if err != nil || len(ids) != 2 || ids[0] != 1 || ids[1] != 2 {
				t.Fatal(ids, err)
			}
			tx, err := conn.Begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(ctx, "DELETE FROM movies"); err != nil {
				t.Fatal(err)
			}
			if err := tx.Rollback(ctx); err != nil {
				t.Fatal(err)
			}
			var n int64
			if err := conn.QueryRow(ctx, "SELECT count(*) FROM movies").Scan(&n); err != nil || n != 2 {
				t.Fatal(n, err)
			}
		})
	}
}

func TestPgxBatchIsOneTransaction(t *testing.T) {
	ctx := context.Background()
	conn := connect(t, pgxConfig(t, newCluster(t, redshiftsim.Config{}), ""))
	if _, err := conn.Exec(ctx, "CREATE TABLE t (a int)"); err != nil {
		t.Fatal(err)
	}
	b := &pgx.Batch{}
	b.Queue("INSERT INTO t VALUES (1)")
	b.Queue("INSERT INTO t VALUES ($1)", 2)
	b.Queue("SELECT 1/(a-a) FROM t")
	if err := conn.SendBatch(ctx, b).Close(); err == nil {
		t.Fatal("a division by zero went well")
	}
	var n int
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM t").Scan(&n); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	b = &pgx.Batch{}
	b.Queue("INSERT INTO t VALUES (1)")
	b.Queue("INSERT INTO t VALUES ($1)", 2)
	b.Queue("SELECT count(*) FROM t").QueryRow(func(row pgx.Row) error { return row.Scan(&n) })
	if err := conn.SendBatch(ctx, b).Close(); err != nil || n != 2 {
		t.Fatal(n, err)
	}
}

func TestPool(t *testing.T) {
	ctx := context.Background()
	cfg, err := pgxpool.ParseConfig("postgres://app@redshift/dev?sslmode=disable&pool_max_conns=4")
	if err != nil {
		t.Fatal(err)
	}
	cfg.ConnConfig.DialFunc = server.Dialer(newCluster(t, redshiftsim.Config{}))
	cfg.ConnConfig.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var who string
	if err := pool.QueryRow(ctx, "SELECT current_user").Scan(&who); err != nil || who != "app" {
		t.Fatal(who, err)
	}
}

func TestPQ(t *testing.T) {
	connector, err := pq.NewConnector("user=awsuser dbname=dev sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	connector.Dialer(server.PQDialer(newCluster(t, redshiftsim.Config{})))
	db := sql.OpenDB(connector)
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE movies (title varchar(80), year int); INSERT INTO movies VALUES ('Alien', 1979), ('Brazil', 1985)"); err != nil {
		t.Fatal(err)
	}
	var avg int64
	if err := db.QueryRow("SELECT avg(year) FROM movies WHERE year < $1", 2000).Scan(&avg); err != nil || avg != 1982 {
		t.Fatal(avg, err)
	}
	var pe *pq.Error
	_, err = db.Exec("SELECT nothing FROM movies")
	if ok := errorsAs(err, &pe); !ok || pe.Code != "42703" || pe.Position != "8" {
		t.Fatalf("%#v", err)
	}
}

// TestPort connects over TCP and TLS, with a password.
func TestPort(t *testing.T) {
	c := newCluster(t, redshiftsim.Config{User: "awsuser", Password: "Secret123"})
	addr := serve(t, c, server.Config{})
	ctx := context.Background()
	url := func(password, mode string) string {
		return "postgres://awsuser:" + password + "@" + addr + "/dev?sslmode=" + mode
	}
	for _, mode := range []string{"disable", "prefer", "require"} {
		conn, err := pgx.Connect(ctx, url("Secret123", mode))
		if err != nil {
			t.Fatal(mode, err)
		}
		var v string
		if err := conn.QueryRow(ctx, "SELECT version()").Scan(&v); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close(ctx)
		db, err := sql.Open("postgres", url("Secret123", mode))
		if err != nil {
			t.Fatal(err)
		}
		if mode != "prefer" {
			if err := db.Ping(); err != nil {
				t.Error(mode, err)
			}
		}
		_ = db.Close()
	}
	if _, err := pgx.Connect(ctx, url("wrong", "require")); err == nil {
		t.Error("a wrong password went well")
	}
}
