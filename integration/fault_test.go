package integration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lib/pq"
	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/redshifttest"
	"github.com/redshiftsim/redshiftsim/server"
)

// TestFaultsOfClients has clients of the wire meet the faults of redshifttest.
func TestFaultsOfClients(t *testing.T) {
	ctx := context.Background()
	spy := redshifttest.NewRecorder()
	db := redshifttest.New(t, redshifttest.SQL("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2), (3)"), spy)
	cluster, err := redshiftsim.ClusterOf(db)
	if err != nil {
		t.Fatal(err)
	}
	cfg := pgxConfig(t, cluster, "")
	c := connect(t, cfg)

	redshifttest.Inject(t, db, redshifttest.Conflict())
	_, err = c.Exec(ctx, "INSERT INTO t VALUES ($1)", 4)
	var pe *pgconn.PgError
	if !redshiftsim.IsRetryable(err) || !errors.As(err, &pe) || pe.Message != "1023" {
		t.Errorf("1023: %v", err)
	}
	if sent := spy.Sent(t, "INSERT INTO t"); fmt.Sprint(sent.Args) != "[4]" || sent.Err == nil {
		t.Errorf("%+v", sent)
	}

	redshifttest.Inject(t, db, redshifttest.ResetConnection(2))
	rows, err := c.Query(ctx, "SELECT a FROM t")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if n != 2 || rows.Err() == nil || errors.As(rows.Err(), &pe) && pe.Code == "08006" || !c.IsClosed() {
		t.Errorf("a reset: %d rows, %v, closed %v", n, rows.Err(), c.IsClosed())
	}

	c = connect(t, cfg)
	var pid int
	if err := c.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("SELECT pg_terminate_backend($1)", pid); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "SELECT 1"); !errors.As(err, &pe) || pe.Code != "57P01" || pe.Severity != "FATAL" || !c.IsClosed() {
		t.Errorf("a session that was terminated: %v, closed %v", err, c.IsClosed())
	}

	k, err := pq.NewConnector("user=awsuser dbname=dev sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	k.Dialer(server.PQDialer(cluster))
	old := sql.OpenDB(k)
	defer old.Close()
	redshifttest.Inject(t, db, redshifttest.Timeout(0).On("FROM t"))
	var e *pq.Error
	if _, err := old.Exec("SELECT sum(a) FROM t"); !errors.As(err, &e) || e.Code != "57014" {
		t.Errorf("a time-out: %v", err)
	}
}
