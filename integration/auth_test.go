package integration

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/server"
)

// serve serves a cluster on a port of this machine until the test ends.
func serve(t testing.TB, c *redshiftsim.Cluster, cfg server.Config) (addr string) {
	t.Helper()
	return listenWith(t, c, cfg).String()
}

// TestPasswords lets users in by what is kept of their passwords, with pgx and with lib/pq, and nobody else.
func TestPasswords(t *testing.T) {
	ctx := context.Background()
	c := newCluster(t, redshiftsim.Config{User: "awsuser", Password: "Admin123"})
	addr := serve(t, c, server.Config{})
	admin, err := pgx.Connect(ctx, "postgres://awsuser:Admin123@"+addr+"/dev?sslmode=require")
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	// The hashes are md5('Secret123' || 'hashed') and sha256('Secret123' || 32 zero bytes).
	_, err = admin.Exec(ctx, `CREATE USER clear PASSWORD 'Secret123'; CREATE USER salted PASSWORD 'sha256|Secret123';
		CREATE USER hashed PASSWORD 'md58b6fc5aa2441a3f4775bd3eef2d4a7c6';
		CREATE USER digest PASSWORD 'sha256|7b9e79f26e82784e04df0ccbe7887b81add4c9b4ec822958247614f1295d08ba|0000000000000000000000000000000000000000000000000000000000000000';
		CREATE USER gone PASSWORD 'Secret123' VALID UNTIL '2001-01-01'; CREATE USER disabled PASSWORD DISABLE;
		CREATE USER one PASSWORD 'Secret123' CONNECTION LIMIT 1`)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ user, password, mode, code string }{
		{"clear", "Secret123", "require", ""},
		{"clear", "Secret123", "disable", ""},
		{"clear", "secret123", "require", "28P01"},
		{"salted", "Secret123", "disable", ""},
		{"hashed", "Secret123", "disable", ""},
		{"hashed", "Secret12", "disable", "28P01"},
		{"digest", "Secret123", "require", ""},
		{"digest", "Secret12", "require", "28P01"},
		{"digest", "Secret123", "disable", "28000"},
		{"gone", "Secret123", "require", "28P01"},
		{"disabled", "!", "require", "28P01"},
		{"nobody", "Secret123", "require", "28P01"},
		{"one", "Secret123", "require", ""},
	} {
		url := "postgres://" + x.user + ":" + x.password + "@" + addr + "/dev?sslmode=" + x.mode
		conn, err := pgx.Connect(ctx, url)
		if err == nil {
			var who string
			if err := conn.QueryRow(ctx, "SELECT current_user").Scan(&who); err != nil || who != x.user {
				t.Error(who, err)
			}
			_ = conn.Close(ctx)
		}
		left(t, admin, x.user)
		db, oerr := sql.Open("postgres", url)
		if oerr != nil {
			t.Fatal(oerr)
		}
		perr := db.Ping()
		_ = db.Close()
		left(t, admin, x.user)
		if !coded(err, x.code) || !coded(perr, x.code) {
			t.Errorf("%s with %s, sslmode=%s: pgx %v, lib/pq %v, want %q", x.user, x.password, x.mode, err, perr, x.code)
		}
	}
	first, err := pgx.Connect(ctx, "postgres://one:Secret123@"+addr+"/dev?sslmode=require")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(ctx)
	if _, err := pgx.Connect(ctx, "postgres://one:Secret123@"+addr+"/dev?sslmode=require"); !coded(err, "53300") {
		t.Error("a second connection of a user who may have one:", err)
	}
	// What the connection log tells of it: who was let in, how, over what, and who was not.
	for _, x := range []struct{ user, method, event string }{
		{"clear", "scram-sha-256", "authenticated"},
		{"hashed", "md5", "authenticated"},
		{"digest", "password", "authenticated"},
		{"nobody", "scram-sha-256", "authentication failure"},
	} {
		var n int
		err := admin.QueryRow(ctx, "SELECT count(*) FROM stl_connection_log WHERE trim(username) = $1 AND trim(authmethod) = $2 AND trim(event) = $3 AND trim(remotehost) = '127.0.0.1'",
			x.user, x.method, x.event).Scan(&n)
		if err != nil || n == 0 {
			t.Errorf("the log has %d connections of %s by %s: %v", n, x.user, x.method, err)
		}
	}
	var encrypted int
	if err := admin.QueryRow(ctx, "SELECT count(*) FROM stl_connection_log WHERE trim(sslversion) = 'TLSv1.3' AND trim(username) = 'awsuser'").Scan(&encrypted); err != nil || encrypted == 0 {
		t.Errorf("the log has %d encrypted connections: %v", encrypted, err)
	}
	if _, err := admin.Exec(ctx, "ALTER USER clear RENAME TO clearer"); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(ctx, "postgres://clearer:Secret123@"+addr+"/dev?sslmode=require"); !coded(err, "28P01") {
		t.Error("a renamed user keeps the password:", err)
	}
}

// left comes back when the server has seen that a user's connections are closed, which it does in its own time.
func left(t *testing.T, admin *pgx.Conn, user string) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		var n int
		if err := admin.QueryRow(context.Background(), "SELECT count(*) FROM stv_sessions WHERE trim(user_name) = $1", user).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d connections of %s are still there", n, user)
		}
	}
}

// coded says whether an error has a SQLSTATE; "" = it is none.
func coded(err error, code string) bool {
	if code == "" {
		return err == nil
	}
	return err != nil && (strings.Contains(err.Error(), "SQLSTATE "+code) || strings.Contains(err.Error(), "("+code+")"))
}
