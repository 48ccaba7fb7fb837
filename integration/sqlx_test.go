package integration

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jmoiron/sqlx"

	"github.com/redshiftsim/redshiftsim"
)

type sqlxMovie struct {
	ID    int64           `db:"id"`
	Title string          `db:"title"`
	Year  sql.NullInt64   `db:"year"`
	Price sql.NullFloat64 `db:"price"`
}

// TestSqlx names its parameters, scans into structures and writes lists, with lib/pq, pgx and the driver itself.
func TestSqlx(t *testing.T) {
	t.Run("lib/pq", func(t *testing.T) { testSqlx(t, sqlx.NewDb(pqDB(t, newCluster(t, redshiftsim.Config{})), "postgres")) })
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeSimpleProtocol} {
		t.Run("pgx "+mode.String(), func(t *testing.T) {
			testSqlx(t, sqlx.NewDb(pgxDB(t, newCluster(t, redshiftsim.Config{}), mode), "pgx"))
		})
	}
	t.Run("redshiftsim", func(t *testing.T) {
		sqlx.BindDriver("redshiftsim", sqlx.DOLLAR)
		db, err := sqlx.Connect("redshiftsim", "redshiftsim://")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		testSqlx(t, db)
	})
}

func testSqlx(t *testing.T, db *sqlx.DB) {
	db.MustExec("CREATE TABLE movies (id BIGINT NOT NULL, title VARCHAR(80), year INT, price NUMERIC(8, 2))")
	movies := []sqlxMovie{
		{1, "Alien", sql.NullInt64{Int64: 1979, Valid: true}, sql.NullFloat64{Float64: 12.25, Valid: true}},
		{2, "Brazil", sql.NullInt64{Int64: 1985, Valid: true}, sql.NullFloat64{}},
		{3, "Cube", sql.NullInt64{}, sql.NullFloat64{Float64: 3, Valid: true}},
	}
	r, err := db.NamedExec("INSERT INTO movies (id, title, year, price) VALUES (:id, :title, :year, :price)", movies)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := r.RowsAffected(); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	var one sqlxMovie
	if err := db.Get(&one, "SELECT * FROM movies WHERE id = $1", 2); err != nil || one != movies[1] {
		t.Fatal(one, err)
	}
	if err := db.Get(&one, "SELECT * FROM movies WHERE id = $1", 7); !errors.Is(err, sql.ErrNoRows) {
		t.Fatal(err)
	}
	var some []sqlxMovie
	query, args, err := sqlx.In("SELECT * FROM movies WHERE title IN (?) AND id < ? ORDER BY id", []string{"Alien", "Cube", "Dune"}, 9)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Select(&some, db.Rebind(query), args...); err != nil || len(some) != 2 || some[0] != movies[0] || some[1] != movies[2] {
		t.Fatal(some, err)
	}
	rows, err := db.NamedQuery("SELECT title, year FROM movies WHERE year >= :from ORDER BY year", map[string]any{"from": 1979})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var titles []string
	for rows.Next() {
		if err := rows.StructScan(&one); err != nil {
			t.Fatal(err)
		}
		titles = append(titles, one.Title)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	same(t, "titles", titles, "Alien", "Brazil")

	tx := db.MustBegin()
	st, err := tx.PrepareNamed("UPDATE movies SET price = :price WHERE id = :id")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range movies[:2] {
		m.Price = sql.NullFloat64{Float64: 1.5, Valid: true}
		if _, err := st.Exec(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	var sum float64
	if err := db.Get(&sum, "SELECT sum(price) FROM movies"); err != nil || sum != 6 {
		t.Fatal(sum, err)
	}
	row := map[string]any{}
	if err := db.QueryRowx("SELECT count(*) AS n, max(title) AS last FROM movies").MapScan(row); err != nil || row["n"] != int64(3) {
		t.Fatal(row, err)
	}
}
