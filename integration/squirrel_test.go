package integration

import (
	"context"
	"database/sql"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"github.com/redshiftsim/redshiftsim"
)

// TestSquirrel builds statements with $n parameters: insert, select with joins and subqueries, update, delete; RETURNING is refused.
func TestSquirrel(t *testing.T) {
	db := pgxDB(t, newCluster(t, redshiftsim.Config{}), pgx.QueryExecModeCacheStatement)
	mustExec(t, db, "CREATE TABLE movies (id INT, title VARCHAR(80), year INT)", "CREATE TABLE ratings (movie INT, stars INT)")
	b := sq.StatementBuilder.PlaceholderFormat(sq.Dollar).RunWith(sq.NewStmtCache(db))
	run := func(q interface {
		ExecContext(context.Context) (sql.Result, error)
	}, want int64,
	) {
		t.Helper()
		r, err := q.ExecContext(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n, err := r.RowsAffected(); n != want || err != nil {
			t.Fatal(n, err)
		}
	}
	run(b.Insert("movies").Columns("id", "title", "year").Values(1, "Alien", 1979).Values(2, "Brazil", 1985).Values(3, "Cube", 1997), 3)
	run(b.Insert("ratings").Columns("movie", "stars").Select(sq.Select("id", "id + 2").From("movies").Where(sq.Lt{"id": 3})), 2)

	stars := sq.Select("movie", "max(stars) AS stars").From("ratings").Where(sq.Gt{"stars": 1}).GroupBy("movie")
	rows, err := b.Select("m.title", "coalesce(r.stars, 0)").FromSelect(sq.Select("*").From("movies").Where(sq.Eq{"year": []int{1979, 1985, 1997}}), "m").
		JoinClause(stars.Prefix("LEFT JOIN (").Suffix(") r ON r.movie = m.id")).
		Where(sq.And{sq.Like{"m.title": "%i%"}, sq.NotEq{"m.id": nil}}).OrderBy("m.id DESC").Limit(5).Query()
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var title, stars string
		if err := rows.Scan(&title, &stars); err != nil {
			t.Fatal(err)
		}
		got = append(got, title+" "+stars)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	same(t, "stars", got, "Brazil 4", "Alien 3")

	run(b.Update("movies").Set("title", "Alien 3").Set("year", sq.Expr("year + ?", 13)).Where(sq.Or{sq.Eq{"id": 1}, sq.Expr("title = ?", "Dune")}), 1)
	run(b.Update("movies").Set("year", sq.Case("id").When("1", "1992").Else("0")).Where("id IN (SELECT movie FROM ratings WHERE stars > ?)", 3), 1)
	run(b.Delete("movies").Where(sq.Eq{"year": 0}), 1)
	same(t, "what is left", texts(t, db, "SELECT id, title, year FROM movies ORDER BY id"), "1|Alien 3|1992", "3|Cube|1997")

	var id int
	err = b.Insert("movies").Columns("id").Values(4).Suffix("RETURNING id").QueryRow().Scan(&id)
	refused(t, err, "42601", `syntax error at or near "RETURNING"`)
}
