package passthrough

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCommand builds this module's command and runs sql, bench and diff of it against the server.
func TestCommand(t *testing.T) {
	pg := postgres(t)
	dsn := os.Getenv("REDSHIFTSIM_POSTGRES")
	dir := t.TempDir()
	program := filepath.Join(dir, "redshiftsim")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/redshiftsim").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cassette := filepath.Join(dir, "cassette.jsonl")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"sql", "-c", "SELECT 1 + 1 AS two", "-c", "SELECT 'server' AS whence WHERE version() LIKE 'PostgreSQL 1%'", dsn}, 0, " two \n-----\n   2\n(1 row)\n whence \n--------\n server\n(1 row)\n"},
		{[]string{"sql", "-c", `\d pg_class`, dsn}, 0, " relname "},
		{[]string{"sql", "-c", `\dt`, dsn}, 0, " schema "},
		{[]string{"sql", "-c", "SELECT nope", dsn}, 3, "ERROR:  column \"nope\" does not exist\nLINE 1: SELECT nope\n               ^\n"},
		{[]string{"sql", "-c", "SELECT 1", "postgres://nobody@/no?host=" + dir}, 2, "failed to connect"},
		{[]string{"bench", "-dsn", dsn, "-rows", "2000", "-rounds", "1", "movies"}, 0, "groupby"},
		{[]string{"bench", "-dsn", dsn, "-scale", "0.001", "-queries", "q06", "-rounds", "1", "tpch"}, 0, "q06"},
		{[]string{"diff", "-ref", dsn, "-record", cassette, "-ignore", "message", "testdata/diff"}, 0, " statements, 0 differences\n"},
		{[]string{"diff", "-replay", cassette, "-ignore", "message"}, 0, " statements, 0 differences\n"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		out, err := exec.CommandContext(ctx, program, c.args...).CombinedOutput()
		cancel()
		code := 0
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			code = failed.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if code != c.code || !strings.Contains(string(out), c.want) {
			t.Errorf("%v: exit %d, want %d with %q\n%s", c.args, code, c.code, c.want, out)
		}
	}
	var left int
	if err := pg.QueryRow("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'redshiftsim_%'").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d schemas are left, %v", left, err)
	}
}
