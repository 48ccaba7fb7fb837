package integration

import (
	"errors"
	"fmt"
	"testing"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	pgx5 "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/database/postgres"
	"github.com/golang-migrate/migrate/v4/database/redshift"
	_ "github.com/golang-migrate/migrate/v4/source/file"
	"github.com/jackc/pgx/v5"

	"github.com/redshiftsim/redshiftsim"
)

// TestMigrate runs a folder's migrations with golang-migrate's redshift driver, which opens lib/pq by itself: over a port.
func TestMigrate(t *testing.T) {
	c := newCluster(t, redshiftsim.Config{})
	db := pqDB(t, c)
	m, err := migrate.New("file://testdata/migrate", fmt.Sprintf("redshift://awsuser@%s/dev?sslmode=disable", listen(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	version := func(want uint, wantDirty bool) {
		t.Helper()
		if v, dirty, err := m.Version(); v != want || dirty != wantDirty || err != nil {
			t.Fatalf("version %d, dirty %t, %v; want %d, %t", v, dirty, err, want, wantDirty)
		}
	}
	if _, _, err := m.Version(); !errors.Is(err, migrate.ErrNilVersion) {
		t.Fatal("a new cluster has a version:", err)
	}
	if err := m.Migrate(2); err != nil {
		t.Fatal(err)
	}
	version(2, false)
	same(t, "good movies", texts(t, db, "SELECT title FROM good_movies ORDER BY 1"), "Alien", "Brazil")

	// The third migration fails in its second statement: the first leaves nothing, the version is dirty, nothing goes on before it is forced.
	err = m.Up()
	var failed database.Error
	if !errors.As(err, &failed) || failed.Line != 2 {
		t.Fatalf("%#v", err)
	}
	refused(t, failed.OrigErr, "42703", `column "titel" of relation "movies" does not exist`)
	version(3, true)
	same(t, "titles", texts(t, db, "SELECT title FROM movies ORDER BY id"), "Alien", "Brazil")
	var dirty migrate.ErrDirty
	if err := m.Up(); !errors.As(err, &dirty) || dirty.Version != 3 {
		t.Fatal(err)
	}
	if err := m.Force(2); err != nil {
		t.Fatal(err)
	}
	version(2, false)

	if err := m.Steps(-1); err != nil {
		t.Fatal(err)
	}
	version(1, false)
	same(t, "columns", texts(t, db, "SELECT column_name FROM information_schema.columns WHERE table_name = 'movies' ORDER BY ordinal_position"), "id", "title", "year")
	if err := m.Down(); err != nil {
		t.Fatal(err)
	}
	same(t, "tables", texts(t, db, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"), "schema_migrations")
}

// TestMigrateDrop empties a schema: base tables with the views on them.
func TestMigrateDrop(t *testing.T) {
	c := newCluster(t, redshiftsim.Config{})
	db := pqDB(t, c)
	driver, err := redshift.WithInstance(db, &redshift.Config{MigrationsTable: "versions"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := migrate.NewWithDatabaseInstance("file://testdata/migrate", "dev", driver)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Migrate(2); err != nil {
		t.Fatal(err)
	}
	relations := "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
	same(t, "before", texts(t, db, relations), "good_movies|VIEW", "movies|BASE TABLE", "versions|BASE TABLE")
	if err := m.Drop(); err != nil {
		t.Fatal(err)
	}
	same(t, "after", texts(t, db, relations))
}

// TestMigrateRefused takes the drivers for PostgreSQL, which lock by an advisory lock.
func TestMigrateRefused(t *testing.T) {
	c := newCluster(t, redshiftsim.Config{})
	for _, open := range []func() (database.Driver, error){
		func() (database.Driver, error) { return postgres.WithInstance(pqDB(t, c), &postgres.Config{}) },
		func() (database.Driver, error) {
			return pgx5.WithInstance(pgxDB(t, c, pgx.QueryExecModeCacheStatement), &pgx5.Config{})
		},
	} {
		_, err := open()
		var failed *database.Error
		if !errors.As(err, &failed) {
			t.Fatal(err)
		}
		refused(t, failed.OrigErr, "42883", `function pg_advisory_lock("unknown") does not exist`)
	}
}
