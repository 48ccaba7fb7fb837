package integration

import (
	"context"
	"database/sql"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"github.com/redshiftsim/redshiftsim"
)

// gooseFiles are migrations in goose's own format.
var gooseFiles = fstest.MapFS{
	"00001_movies.sql": {Data: []byte(`-- +goose Up
CREATE TABLE movies (id INT NOT NULL, title VARCHAR(80), PRIMARY KEY (id)) DISTSTYLE ALL;
INSERT INTO movies VALUES (1, 'Alien');

-- +goose Down
DROP TABLE movies;
`)},
	"00003_vacuum.sql": {Data: []byte(`-- +goose NO TRANSACTION
-- +goose Up
VACUUM movies;

-- +goose Down
ANALYZE movies;
`)},
	"00004_in_block.sql": {Data: []byte(`-- +goose Up
INSERT INTO movies VALUES (3, 'Cube');
VACUUM movies;
`)},
}

// TestGoose goes up and down with goose's redshift dialect over pgx, SQL migrations and one in Go, in each way that pgx sends statements.
func TestGoose(t *testing.T) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) { testGoose(t, pgxDB(t, newCluster(t, redshiftsim.Config{}), mode)) })
	}
	t.Run("lib/pq", func(t *testing.T) { testGoose(t, pqDB(t, newCluster(t, redshiftsim.Config{}))) })
}

func testGoose(t *testing.T, db *sql.DB) {
	ctx := context.Background()
	brazil := goose.NewGoMigration(2,
		&goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO movies VALUES ($1, $2)", 2, "Brazil")
			return err
		}},
		&goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "DELETE FROM movies WHERE id = $1", 2)
			return err
		}})
	p, err := goose.NewProvider(goose.DialectRedshift, db, gooseFiles, goose.WithGoMigrations(brazil))
	if err != nil {
		t.Fatal(err)
	}
	done, err := p.UpTo(ctx, 3)
	if err != nil || len(done) != 3 {
		t.Fatal(done, err)
	}
	titles := "SELECT title FROM movies ORDER BY id"
	same(t, "up to 3", texts(t, db, titles), "Alien", "Brazil")
	states := func() (out []string) {
		all, err := p.Status(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			if s.State == goose.StateApplied && s.AppliedAt.IsZero() {
				t.Errorf("migration %d has no time", s.Source.Version)
			}
			out = append(out, string(s.State))
		}
		return out
	}
	same(t, "status", states(), "applied", "applied", "applied", "pending")

	// VACUUM inside goose's transaction fails, and takes the INSERT before it with it.
	_, err = p.Up(ctx)
	refused(t, err, "25001", "VACUUM cannot run inside a transaction block")
	same(t, "after the failed one", texts(t, db, titles), "Alien", "Brazil")
	same(t, "status", states(), "applied", "applied", "applied", "pending")

	for _, want := range []int64{3, 2} {
		if r, err := p.Down(ctx); err != nil || r.Source.Version != want {
			t.Fatal(r, err)
		}
	}
	same(t, "down to 1", texts(t, db, titles), "Alien")
	if v, err := p.GetDBVersion(ctx); err != nil || v != 1 {
		t.Fatal(v, err)
	}
	if _, err := p.DownTo(ctx, 0); err != nil {
		t.Fatal(err)
	}
	same(t, "versions", texts(t, db, "SELECT version_id, is_applied FROM goose_db_version ORDER BY id"), "0|true")
	same(t, "tables", texts(t, db, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"), "goose_db_version")
}
