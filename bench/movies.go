package bench

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Movies is the lesson's scans: avg(year), count(*) between, group by year, over Rows films made by MoviesCSV.
type Movies struct {
	Rows int64
	// Dir is where the seed file is written and loaded from; "" = a temporary folder.
	Dir string
}

// seedRows is the size of the generated file; larger tables hold it several times.
const seedRows = 1_000_000

// Name is movies.
func (m Movies) Name() string { return "movies" }

// MoviesCSV writes n films: title, genre, year, minutes, director. The same n gives the same bytes, on every machine.
// Years lie in 1902..2023, more of them late than early, as films do.
func MoviesCSV(w io.Writer, n int64) error {
	genres := []string{"adventure", "animation", "comedy", "crime", "documentary", "drama", "fantasy", "horror", "musical", "romance", "science fiction", "thriller", "war", "western"}
	out := bufio.NewWriterSize(w, 1<<16)
	x := uint64(0x9E3779B97F4A7C15)
	next := func(n uint64) uint64 { // splitmix64
		x += 0x9E3779B97F4A7C15
		z := (x ^ x>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		return (z ^ z>>31) % n
	}
	for i := range n {
		year := 1902 + max(next(122), next(122))
		if _, err := fmt.Fprintf(out, "Film %d,%s,%d,%d,Director %d\n", i+1, genres[next(uint64(len(genres)))], year, 60+next(120), next(5000)); err != nil {
			return err
		}
	}
	return out.Flush()
}

// Prepare loads the seed and multiplies it.
func (m Movies) Prepare(ctx context.Context, t Target, db *sql.DB) error {
	dir := m.Dir
	if dir == "" {
		dir = os.TempDir()
	}
	n := min(m.Rows, seedRows)
	file := filepath.Join(dir, fmt.Sprintf("movies_seed_%d.csv", n))
	if st, err := os.Stat(file); err != nil || st.Size() == 0 {
		if err := writeSeed(file, n); err != nil {
			return err
		}
	}
	attrs := ""
	if t.Flavor == "redshift" {
		attrs = " DISTSTYLE EVEN"
	}
	columns := "(title varchar(100), genre varchar(20), year int, minutes int, director varchar(60))"
	if err := execute(ctx, db, "CREATE TABLE seed "+columns+attrs, "CREATE TABLE movies (year int, minutes int)"+attrs); err != nil {
		return err
	}
	if err := loadCSV(ctx, t, db, "seed", file, 5); err != nil {
		return err
	}
	for have := int64(0); have < m.Rows; have += n {
		if _, err := db.ExecContext(ctx, "INSERT INTO movies SELECT year, minutes FROM seed"); err != nil {
			return err
		}
	}
	return nil
}

// loadCSV loads a file by the engine's own means. The redshift target maps the bucket "bench" to the file's folder.
func loadCSV(ctx context.Context, t Target, db *sql.DB, table, file string, columns int) error {
	if t.Remote {
		return insertRows(ctx, db, table, func(add func(values []string) error) error { return eachRecord(file, add) })
	}
	switch t.Flavor {
	case "redshift":
		_, err := db.ExecContext(ctx, fmt.Sprintf("COPY %s FROM 's3://bench/%s' IAM_ROLE DEFAULT CSV", table, filepath.Base(file)))
		return err
	case "duckdb":
		_, err := db.ExecContext(ctx, fmt.Sprintf("COPY %s FROM '%s' (FORMAT csv, HEADER false)", table, file))
		return err
	}
	return insertCSV(ctx, db, table, file, columns)
}

// Queries are the three scans.
func (m Movies) Queries(Target) []Query {
	return []Query{
		{Name: "avg", Text: "SELECT avg(year) FROM movies"},
		{Name: "between", Text: "SELECT count(*) FROM movies WHERE year BETWEEN 1960 AND 1979"},
		{Name: "groupby", Text: "SELECT year, count(*) FROM movies GROUP BY year ORDER BY year"},
	}
}

// writeSeed writes n films to file.
func writeSeed(file string, n int64) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := MoviesCSV(f, n); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
