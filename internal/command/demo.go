package command

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/bench"
	"github.com/redshiftsim/redshiftsim/testdata"
)

// demo is the lesson: each chapter prints what a cluster really holds and did.
type demo struct {
	ctx context.Context
	db  *sql.DB
	out io.Writer
	err error
}

const demoUsage = `usage: redshiftsim demo [-rows N]

Loads 353 films into a cluster of 2 nodes x 2 slices and shows in nine chapters what a distributed warehouse does with them: blocks, the parts of a query
on its slices, plans, joins, zone maps. All figures are read from the cluster.

`

// runDemo is `redshiftsim demo`.
func runDemo(ctx context.Context, args []string, _ io.Reader, out, errs io.Writer) int {
	fl := flag.NewFlagSet("demo", flag.ContinueOnError)
	rows := fl.Int64("rows", 1_000_000, "rows of the second table; below 10 million its blocks are made smaller, and the demo says so")
	if code, done := parse(fl, describe(fl, demoUsage), args, 0, out, errs); done {
		return code
	}
	if *rows < 0 {
		return misuse(fl, describe(fl, demoUsage), errs, fmt.Errorf("-rows %d: it takes a number of rows", *rows))
	}
	dir, err := os.MkdirTemp("", "redshiftsim-demo")
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	cfg := redshiftsim.DefaultConfig()
	cfg.Buckets = map[string]redshiftsim.ObjectStore{"films": redshiftsim.FS(fs.FS(testdata.Files))}
	d := &demo{ctx: ctx, out: out}
	d.lesson(cfg)
	d.second(dir, *rows)
	if d.err != nil {
		fmt.Fprintln(errs, d.err)
		return 1
	}
	return 0
}

// title begins a chapter.
func (d *demo) title(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	fmt.Fprintf(d.out, "\n%s\n%s\n", s, strings.Repeat("=", len([]rune(s))))
}

// say prints prose.
func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

// exec runs a statement and shows its text.
func (d *demo) exec(text string) {
	if d.err != nil {
		return
	}
	fmt.Fprintf(d.out, "\n%s;\n", text)
	d.quiet(text)
}

// quiet runs a statement.
func (d *demo) quiet(text string) {
	if d.err == nil {
		if _, err := d.db.ExecContext(d.ctx, text); err != nil {
			d.err = fmt.Errorf("%s: %w", text, err)
		}
	}
}

// query runs a query and prints its text and its rows.
func (d *demo) query(text string) [][]any {
	if d.err != nil {
		return nil
	}
	fmt.Fprintf(d.out, "\n%s;\n", text)
	cols, cells := d.rows(text)
	if d.err == nil {
		printTable(d.out, cols, cells)
	}
	return cells
}

// rows runs a query.
func (d *demo) rows(text string) ([]*sql.ColumnType, [][]any) {
	if d.err != nil {
		return nil, nil
	}
	rows, err := d.db.QueryContext(d.ctx, text)
	if err != nil {
		d.err = fmt.Errorf("%s: %w", text, err)
		return nil, nil
	}
	defer rows.Close()
	cols, err := rows.ColumnTypes()
	var cells [][]any
	for err == nil && rows.Next() {
		vals := make([]any, len(cols))
		ptrs := make([]any, len(cols))
		for i := range vals {
			ptrs[i] = &vals[i]
		}
		if err = rows.Scan(ptrs...); err == nil {
			cells = append(cells, vals)
		}
	}
	if err = errors.Join(err, rows.Err()); err != nil {
		d.err = fmt.Errorf("%s: %w", text, err)
	}
	return cols, cells
}

// text prints the first column of a query's rows as lines.
func (d *demo) text(query string) {
	if d.err != nil {
		return
	}
	fmt.Fprintf(d.out, "\n%s;\n", query)
	_, cells := d.rows(query)
	for _, r := range cells {
		fmt.Fprintf(d.out, "  %v\n", r[0])
	}
}

// steps shows the program that a query becomes: streams of segments of steps.
func (d *demo) steps(query string) {
	if d.err != nil {
		return
	}
	c, err := redshiftsim.ClusterOf(d.db)
	if err != nil {
		d.err = err
		return
	}
	text, err := c.Steps(d.ctx, query)
	if err != nil {
		d.err = err
		return
	}
	d.say("\nThe plan as a program: a stream is a barrier, a segment runs on all slices at once, a step hands rows to the next.")
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		d.say("  %s", line)
	}
}

const moviesColumns = `(
  title    varchar(80),
  genre    varchar(20),
  year     integer,
  minutes  integer,
  director varchar(60))`

// lesson is the first part: 353 films over four slices.
func (d *demo) lesson(cfg redshiftsim.Config) {
	c, err := redshiftsim.NewConnector(cfg)
	if err != nil {
		d.err = err
		return
	}
	d.db = sql.OpenDB(c)
	defer d.db.Close()

	d.title("1. A cluster: 2 compute nodes of 2 slices, and a leader")
	d.query("SELECT node, slice FROM stv_slices ORDER BY slice")

	d.title("2. A table is cut over the slices, and each slice keeps each column in blocks of 1 MB")
	d.exec("CREATE TABLE movies " + moviesColumns + " DISTSTYLE EVEN")
	d.exec("COPY movies FROM 's3://films/movies.csv' IAM_ROLE DEFAULT CSV IGNOREHEADER 1")
	d.query("SELECT slice, rows FROM stv_tbl_perm WHERE name = 'movies' AND slice < 6411 ORDER BY slice")
	d.say("\nThe data blocks, with the zone map of each: the smallest and largest value (of text the first 8 bytes, as an integer).")
	d.query(`SELECT b.slice, b.col, b.num_values, b.minvalue, b.maxvalue
  FROM stv_blocklist b JOIN stv_tbl_perm p ON b.tbl = p.id AND b.slice = p.slice
 WHERE p.name = 'movies' AND b.col < 5 ORDER BY b.col, b.slice`)
	d.query(`SELECT count(*) AS data_blocks FROM stv_blocklist b JOIN stv_tbl_perm p ON b.tbl = p.id AND b.slice = p.slice WHERE p.name = 'movies' AND b.col < 5`)
	d.query(`SELECT "table", diststyle, size, tbl_rows FROM svv_table_info WHERE "table" = 'movies'`)
	d.say("\n5 columns x 4 slices = 20 blocks = 20 MB of data. svv_table_info.size is 32: every table has 3 hidden columns (insert_xid, delete_xid, row_id),\n3 x 4 slices = 12 blocks more. A block holds one column of one table on one slice, so 353 films take as much room as a million would.")

	d.title("3. SELECT AVG(year): each slice computes its part, the leader merges")
	d.text("EXPLAIN SELECT avg(year) FROM movies")
	d.steps("SELECT avg(year) FROM movies")
	d.query("SELECT avg(year) FROM movies")
	d.say("\nWhat ran, slice by slice (the leader is slice 6411):")
	d.query(`SELECT segment, step, slice, rows, trim(label) AS label FROM svl_query_report WHERE query = pg_last_query_id() ORDER BY segment, step, slice`)
	d.partials("movies")

	d.title("4. Why slices send sums and counts, not averages")
	d.exec("CREATE TABLE by_genre " + moviesColumns + " DISTKEY(genre)")
	d.exec("INSERT INTO by_genre SELECT * FROM movies")
	d.say("\nDISTKEY(genre) puts all films of a genre on one slice, so slices are uneven.")
	d.partials("by_genre")

	d.title("5. A slice keeps a part of every table, in blocks of its own")
	d.query(`SELECT p.slice, trim(p.name) AS name, p.rows, count(*) AS blocks FROM stv_tbl_perm p JOIN stv_blocklist b ON b.tbl = p.id AND b.slice = p.slice
 WHERE p.name IN ('movies', 'by_genre') AND b.col < 5 GROUP BY 1, 2, 3 ORDER BY 1, 2`)

	d.title("6. ORDER BY and LIMIT run on the slices first")
	d.text("EXPLAIN SELECT title, year FROM movies ORDER BY year, title LIMIT 3")
	d.query("SELECT title, year FROM movies ORDER BY year, title LIMIT 3")

	d.title("7. The same CREATE TABLE without DISTSTYLE is AUTO(ALL): a copy on every node")
	d.exec("CREATE TABLE movies_auto " + moviesColumns)
	d.exec("INSERT INTO movies_auto SELECT * FROM movies")
	d.query(`SELECT "table", diststyle, size, tbl_rows FROM svv_table_info WHERE "table" IN ('movies', 'movies_auto') ORDER BY 1`)
	d.query("SELECT slice, rows FROM stv_tbl_perm WHERE name = 'movies_auto' AND slice < 6411 ORDER BY slice")
	d.say("\nThe copy lies on each node's first slice: half of the slices have nothing to scan.")

	d.title("8. A join under two distribution styles: who moves")
	d.exec("CREATE TABLE genres (genre varchar(20), films bigint) DISTKEY(genre)")
	d.exec("INSERT INTO genres SELECT genre, count(*) FROM movies GROUP BY genre")
	d.quiet("ANALYZE genres")
	d.quiet("ANALYZE by_genre")
	d.quiet("ANALYZE movies")
	d.join("movies", "DISTSTYLE EVEN: the genres must come to the films")
	d.join("by_genre", "DISTKEY(genre): equal genres already share a slice")
}

// partials shows each slice's sum and count, the leader's merge, and what averaging the averages would give.
func (d *demo) partials(table string) {
	_, cells := d.rows("SELECT slice_num(), count(year), sum(year) FROM " + table + " GROUP BY 1 ORDER BY 1")
	if d.err != nil {
		return
	}
	fmt.Fprintln(d.out)
	var sum, count, avgs float64
	for _, r := range cells {
		n, s := toFloat(r[1]), toFloat(r[2])
		fmt.Fprintf(d.out, "  slice %v   %4.0f rows   sum(year) %7.0f   (its own average %.2f)\n", r[0], n, s, s/n)
		sum, count, avgs = sum+s, count+n, avgs+s/n
	}
	if count == 0 {
		d.err = fmt.Errorf("no rows in %s", table)
		return
	}
	fmt.Fprintf(d.out, "  leader    %4.0f rows   sum(year) %7.0f   avg = %.0f / %.0f = %.4f; AVG of integers is a BIGINT: %.0f\n", count, sum, sum, count, sum/count, float64(int64(sum/count)))
	fmt.Fprintf(d.out, "  the average of the slices' averages would be %.4f\n", avgs/float64(len(cells)))
}

func toFloat(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	var f float64
	_, _ = fmt.Sscan(fmt.Sprint(v), &f)
	return f
}

// join runs the join against table and shows its label and what moved.
func (d *demo) join(table, why string) {
	q := "SELECT count(*) FROM " + table + " m JOIN genres g ON m.genre = g.genre WHERE g.films > 10"
	d.say("\n%s", why)
	d.text("EXPLAIN " + q)
	d.quiet(q)
	_, cells := d.rows(`SELECT trim(label), sum(rows), sum(bytes) FROM svl_query_report WHERE query = pg_last_query_id() AND (label LIKE 'bcast%' OR label LIKE 'dist%') GROUP BY 1`)
	if d.err != nil {
		return
	}
	if len(cells) == 0 {
		d.say("  moved: nothing")
	}
	for _, r := range cells {
		d.say("  moved: %v, %v rows, %v bytes", r[0], r[1], r[2])
	}
}

// second is the part that needs more rows: zone maps and a sort key.
func (d *demo) second(dir string, rows int64) {
	if d.err != nil {
		return
	}
	cfg := redshiftsim.DefaultConfig()
	block := 1 << 20
	if rows < 10_000_000 {
		block = 16 << 10
	}
	cfg.BlockBytes = block
	store, err := redshiftsim.OpenDir(dir, false)
	if err != nil {
		d.err = err
		return
	}
	defer func() { _ = store.Close() }()
	cfg.Buckets = map[string]redshiftsim.ObjectStore{"films": store}
	c, err := redshiftsim.NewConnector(cfg)
	if err != nil {
		d.err = err
		return
	}
	d.db = sql.OpenDB(c)
	defer d.db.Close()
	d.title("9. Zone maps: a sort key lets a scan skip blocks")
	d.say("%d generated films in blocks of %d KB (a cluster has 1 MB; smaller ones show the same with fewer rows).", rows, block>>10)
	f, err := os.Create(dir + "/many.csv")
	if err == nil {
		err = errors.Join(bench.MoviesCSV(f, rows), f.Close())
	}
	if err != nil {
		d.err = err
		return
	}
	start := time.Now()
	for _, t := range []struct{ name, key string }{{"unsorted", ""}, {"sorted", " SORTKEY(year)"}} {
		d.exec("CREATE TABLE " + t.name + " (title varchar(80), genre varchar(20), year int, minutes int, director varchar(60)) DISTSTYLE EVEN" + t.key)
		d.quiet("COPY " + t.name + " FROM 's3://films/many.csv' IAM_ROLE DEFAULT CSV")
	}
	d.say("\nBoth loaded by COPY in %s.", time.Since(start).Round(time.Millisecond))
	for _, t := range []string{"unsorted", "sorted"} {
		q := "SELECT count(*), min(minutes) FROM " + t + " WHERE year BETWEEN 1925 AND 1930"
		d.query(q)
		_, cells := d.rows(`SELECT sum(blocks_read), sum(blocks_skipped), sum(rows_pre_filter), sum(rows) FROM redshiftsim_scan WHERE query = pg_last_query_id()`)
		if d.err != nil || len(cells) == 0 {
			return
		}
		r := cells[0]
		d.say("  blocks read %v, skipped %v of %.0f; rows looked at %v, rows found %v", r[0], r[1], toFloat(r[0])+toFloat(r[1]), r[2], r[3])
	}
	d.say("\nOn the 353 films nothing can be skipped: each slice has one block a column, and its zone map spans nearly all years.")
}
