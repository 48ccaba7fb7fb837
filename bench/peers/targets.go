package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	gms "github.com/dolthub/go-mysql-server/driver"
	"github.com/dolthub/go-mysql-server/memory"
	gmssql "github.com/dolthub/go-mysql-server/sql"
	_ "github.com/duckdb/duckdb-go/v2"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3"
	_ "modernc.org/sqlite"

	_ "github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/bench"
)

// serial numbers the databases that targets open.
var serial atomic.Int64

// targets are the engines by name; dir is where files may be, dsn has the options of the redshiftsim cluster, postgres names a server or is empty.
func targets(dir, dsn, postgres string) map[string]bench.Target {
	out := map[string]bench.Target{}
	add := func(name, flavor string, open func() (*sql.DB, error)) {
		out[name] = bench.Target{Name: name, Flavor: flavor, Open: open}
	}
	add("redshiftsim", "redshift", func() (*sql.DB, error) {
		return sql.Open("redshiftsim", "redshiftsim:///dev?enable_result_cache_for_session=off&bucket=bench="+dir+",rw&"+dsn)
	})
	add("duckdb", "duckdb", func() (*sql.DB, error) { return single("duckdb", "") })
	add("duckdb-compressed", "duckdb", func() (*sql.DB, error) {
		db, err := single("duckdb", "")
		if err == nil {
			_, err = db.Exec("ATTACH ':memory:' AS c (COMPRESS); USE c")
		}
		return db, err
	})
	add("duckdb-disk", "duckdb", func() (*sql.DB, error) {
		file := filepath.Join(dir, fmt.Sprintf("disk%d.duckdb", serial.Add(1)))
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		return single("duckdb", file)
	})
	add("sqlite", "sqlite", func() (*sql.DB, error) {
		return single("sqlite3", fmt.Sprintf("file:m%d?mode=memory&cache=private", serial.Add(1)))
	})
	add("sqlite-go", "sqlite", func() (*sql.DB, error) { return single("sqlite", ":memory:") })
	add("go-mysql-server", "mysql", func() (*sql.DB, error) {
		db := sql.OpenDB(mysql{})
		db.SetMaxOpenConns(1)
		return db, nil
	})
	if postgres != "" {
		add("postgres", "postgres", func() (*sql.DB, error) { return fresh(postgres) })
	}
	return out
}

// single opens a database of one connection: these engines make a new one per connection.
func single(driver, dsn string) (*sql.DB, error) {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// fresh makes a database on a PostgreSQL server. It stays when it is closed: the server is the script's, and goes with it.
func fresh(server string) (*sql.DB, error) {
	name := fmt.Sprintf("peers%d", serial.Add(1))
	admin, err := sql.Open("pgx", server+" dbname=postgres")
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	for _, q := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name} {
		if _, err := admin.Exec(q); err != nil {
			return nil, err
		}
	}
	return sql.Open("pgx", server+" dbname="+name)
}

// mysql is a fresh go-mysql-server in memory.
type mysql struct{}

func (mysql) Resolve(string, *gms.Options) (string, gmssql.DatabaseProvider, error) {
	return "peer", memory.NewDBProvider(memory.NewDatabase("peer")), nil
}

func (m mysql) Driver() driver.Driver { return gms.New(m, nil) }

// Connect makes a session on a server of its own.
func (m mysql) Connect(ctx context.Context) (driver.Conn, error) {
	k, err := gms.New(m, nil).OpenConnector("peer")
	if err != nil {
		return nil, err
	}
	c, err := k.Connect(ctx)
	if err != nil {
		return nil, err
	}
	e, ok := c.(driver.ExecerContext)
	if !ok {
		st, err := c.Prepare("USE peer")
		if err != nil {
			return nil, err
		}
		_, err = st.Exec(nil) //nolint:staticcheck // this driver has no newer form
		return c, errors.Join(err, st.Close())
	}
	_, err = e.ExecContext(ctx, "USE peer", nil)
	return c, err
}
