package integration

import (
	"context"
	"database/sql"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/lib/pq"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/server"
)

// pqDB opens a pool of lib/pq connections in memory.
func pqDB(t testing.TB, c *redshiftsim.Cluster) *sql.DB {
	t.Helper()
	connector, err := pq.NewConnector("user=awsuser dbname=dev sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	connector.Dialer(server.PQDialer(c))
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// pgxDB opens a pool of pgx/stdlib connections in memory.
func pgxDB(t testing.TB, c *redshiftsim.Cluster, mode pgx.QueryExecMode) *sql.DB {
	t.Helper()
	cfg := pgxConfig(t, c, "")
	cfg.DefaultQueryExecMode = mode
	db := stdlib.OpenDB(*cfg)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// listen serves the cluster on a loopback port for as long as the test lasts, without passwords, and gives the address.
func listen(t testing.TB, c *redshiftsim.Cluster) *net.TCPAddr {
	t.Helper()
	return listenWith(t, c, server.Config{Auth: server.AuthTrust})
}

// listenWith is listen with a configuration of the server's.
func listenWith(t testing.TB, c *redshiftsim.Cluster, cfg server.Config) *net.TCPAddr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := server.New(c, cfg)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-done; err != server.ErrServerClosed {
			t.Error(err)
		}
	})
	return l.Addr().(*net.TCPAddr)
}

// mustExec runs statements that must go well.
func mustExec(t testing.TB, db interface {
	Exec(query string, args ...any) (sql.Result, error)
}, queries ...string,
) {
	t.Helper()
	for _, q := range queries {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// refused checks that err is the cluster's, with this SQLSTATE and this message, whichever driver brought it.
func refused(t testing.TB, err error, code, message string) {
	t.Helper()
	var a *pq.Error
	var b *pgconn.PgError
	var gotCode, gotMessage string
	switch {
	case errorsAs(err, &a):
		gotCode, gotMessage = string(a.Code), a.Message
	case errorsAs(err, &b):
		gotCode, gotMessage = b.Code, b.Message
	default:
		t.Errorf("got %v, want %s %s", err, code, message)
		return
	}
	if gotCode != code || gotMessage != message {
		t.Errorf("got %s %s, want %s %s", gotCode, gotMessage, code, message)
	}
}

// texts reads a query's rows as texts, a row a line with | between values, <nil> for NULL.
func texts(t testing.TB, db interface {
	Query(query string, args ...any) (*sql.Rows, error)
}, query string, args ...any,
) []string {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	cells, into := make([]sql.NullString, len(cols)), make([]any, len(cols))
	for i := range cells {
		into[i] = &cells[i]
	}
	var out []string
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		line := ""
		for i, c := range cells {
			if i > 0 {
				line += "|"
			}
			if c.Valid {
				line += c.String
			} else {
				line += "<nil>"
			}
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// same compares lists of texts.
func same(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("%s: no line %d, want %s", what, i+1, want[i])
		case i >= len(want):
			t.Errorf("%s: line %d too many: %s", what, i+1, got[i])
		case got[i] != want[i]:
			t.Errorf("%s: line %d: got %s, want %s", what, i+1, got[i], want[i])
		}
	}
}
