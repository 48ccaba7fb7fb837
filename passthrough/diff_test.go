package passthrough

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/diff"
)

// TestDiff runs statements that PostgreSQL and Redshift answer alike on both: rows, names, types and SQLSTATEs agree, whatever the messages say. What was
// recorded then answers again without the server, and holds nothing of it.
func TestDiff(t *testing.T) {
	postgres(t)
	suite, err := diff.Read("testdata/diff")
	if err != nil {
		t.Fatal(err)
	}
	target := func(name, dsn string) *diff.Target {
		return &diff.Target{Name: name, Schema: "passthrough_diff", Open: func() (*sql.DB, error) { return sql.Open("redshiftsim", dsn) }}
	}
	dsn := os.Getenv("REDSHIFTSIM_POSTGRES")
	ref, sim := target("reference", dsn), target("simulator", "redshiftsim://")
	ref.Scrub("passthrough_diff")
	sim.Scrub("passthrough_diff")
	cassette := filepath.Join(t.TempDir(), "cassette.jsonl")
	tape, err := diff.NewTape(cassette, "postgres", "")
	if err != nil {
		t.Fatal(err)
	}
	o := diff.Options{Ignore: []diff.Kind{diff.Message}, Each: func(d *diff.Difference) { t.Error(d) }}
	rep, err := diff.Run(context.Background(), suite, ref, sim, tape, o)
	if err != nil || rep.Statements < 50 {
		t.Fatalf("%+v, %v", rep, err)
	}
	if err := tape.Close(true); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(cassette)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	again, err := diff.Play(context.Background(), f, sim, o)
	if err != nil || again.Statements != rep.Statements {
		t.Errorf("%+v, %v", again, err)
	}
	if b, err := os.ReadFile(cassette); err != nil || strings.Contains(string(b), "passthrough_diff") {
		t.Errorf("the schema's name is in the cassette, %v", err)
	}
	var left int
	if err := open(t, dsn).QueryRow("SELECT count(*) FROM pg_namespace WHERE nspname = 'passthrough_diff'").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d schemas are left, %v", left, err)
	}
}
