package redshiftsim_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// roundTrips are pairs of options by which what UNLOAD writes is what COPY reads, and the table that they can hold: whole has all texts, escaped none with
// a NUL, which ends a record of COPY with ESCAPE, plain none with line ends, delimiters or blanks at its ends. without are the columns that the format
// cannot carry: https://docs.aws.amazon.com/redshift/latest/dg/copy-usage-varbyte.html, docs/decisions/0061-unload.md.
var roundTrips = []struct{ name, unload, copy, table, without string }{
	{"text", `ESCAPE NULL '@NULL@'`, `ESCAPE NULL '@NULL@'`, "escaped", ""},
	{"text, serial", `ESCAPE NULL '@NULL@' PARALLEL OFF`, `ESCAPE NULL '@NULL@'`, "escaped", ""},
	{"text, header, tab, gzip", `ESCAPE NULL '@NULL@' HEADER DELIMITER '\t' GZIP`, `ESCAPE NULL '@NULL@' IGNOREHEADER 1 DELIMITER '\t' GZIP`, "escaped", ""},
	{"text, quotes", `ADDQUOTES ESCAPE NULL '@NULL@'`, `REMOVEQUOTES ESCAPE NULL '@NULL@'`, "escaped", "vb"},
	{"text, quotes, comma, bzip2", `ADDQUOTES ESCAPE NULL '@NULL@' DELIMITER ',' BZIP2`, `REMOVEQUOTES ESCAPE NULL '@NULL@' DELIMITER ',' BZIP2`, "escaped", "vb"},
	{"text without escapes", `NULL '@NULL@' DELIMITER '~'`, `NULL '@NULL@' DELIMITER '~'`, "plain", ""},
	{"csv", `CSV NULL '@NULL@'`, `CSV NULL '@NULL@'`, "whole", ""},
	{"csv, header, zstd", `CSV NULL '@NULL@' HEADER ZSTD`, `CSV NULL '@NULL@' IGNOREHEADER 1 ZSTD`, "whole", ""},
	{"csv, semicolon, manifest", `CSV DELIMITER ';' NULL '@NULL@' MANIFEST`, `CSV DELIMITER ';' NULL '@NULL@' MANIFEST`, "whole", ""},
	{"json", `JSON`, `JSON 'auto'`, "whole", "vb"},
	{"json, gzip, serial", `JSON GZIP PARALLEL OFF`, `JSON GZIP`, "whole", "vb"},
	{"fixed width", `FIXEDWIDTH '%s' NULL '@NULL@'`, `FIXEDWIDTH '%s' NULL '@NULL@'`, "plain", "vb"},
	{"parquet", `PARQUET`, `PARQUET`, "whole", "vb ttz ym ds"},
	{"parquet, manifest, serial", `PARQUET MANIFEST PARALLEL OFF`, `PARQUET MANIFEST`, "whole", "vb ttz ym ds"},
}

// roundColumns are the columns of the table that goes round, and a value of each.
var roundColumns = []struct {
	name, typ string
	value     func(r *rand.Rand) any
}{
	{"b", "boolean", func(r *rand.Rand) any { return r.IntN(2) == 0 }},
	{"i2", "smallint", func(r *rand.Rand) any { return int64(int16(r.Uint32())) }},
	{"i4", "integer", func(r *rand.Rand) any { return int64(int32(r.Uint32())) }},
	{"i8", "bigint", func(r *rand.Rand) any { return int64(r.Uint64()) }},
	{"f4", "real", func(r *rand.Rand) any { return float64(r.IntN(2000)-1000) / 8 }},
	{"f8", "double precision", func(r *rand.Rand) any { return float64(r.Int64N(1<<40)) / 16 }},
	{"n9", "numeric(9,2)", func(r *rand.Rand) any { return fmt.Sprintf("%d.%02d", r.IntN(2000000)-1000000, r.IntN(100)) }},
	{"n18", "numeric(18,6)", func(r *rand.Rand) any { return fmt.Sprintf("%d.%06d", r.Int64N(1e12), r.IntN(1e6)) }},
	{"n38", "numeric(38,3)", func(r *rand.Rand) any {
		return fmt.Sprintf("-%d%018d.%03d", r.Int64N(1e16)+1, r.Int64N(1e18), r.IntN(1000))
	}},
	{"d", "date", func(r *rand.Rand) any { return time.Unix(r.Int64N(4e9), 0).UTC().Format(time.DateOnly) }},
	{"t", "timestamp", func(r *rand.Rand) any {
		return time.UnixMicro(r.Int64N(4e15)).UTC().Format("2006-01-02 15:04:05.000000")
	}},
	{"tz", "timestamptz", func(r *rand.Rand) any {
		return time.UnixMicro(r.Int64N(4e15)).UTC().Format("2006-01-02 15:04:05.000000+00")
	}},
	{"tm", "time", func(r *rand.Rand) any { return time.UnixMicro(r.Int64N(4e15)).UTC().Format("15:04:05.000000") }},
	{"ttz", "timetz", func(r *rand.Rand) any {
		return time.UnixMicro(r.Int64N(4e15)).UTC().Format("15:04:05.000000") + fmt.Sprintf("%+03d:%02d", r.IntN(27)-13, 30*r.IntN(2))
	}},
	{"ym", "interval year to month", func(r *rand.Rand) any { return fmt.Sprintf("%d months", r.IntN(100000)-50000) }},
	{"ds", "interval day to second", func(r *rand.Rand) any { return fmt.Sprintf("%d.%06d seconds", r.Int64N(1e9)-5e8, r.IntN(1e6)) }},
	{"vb", "varbyte(64)", func(r *rand.Rand) any {
		b := make([]byte, 1+r.IntN(64)) // an empty field is NULL
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}},
	{"c", "char(12)", func(r *rand.Rand) any { return odd[r.IntN(5)] }},
	{"v", "varchar(65535)", func(r *rand.Rand) any {
		s := odd[r.IntN(len(odd))] + odd[r.IntN(len(odd))]
		return strings.Repeat(s, 1+r.IntN(3))
	}},
	{"w", "varchar(100)", func(r *rand.Rand) any { return odd[r.IntN(len(odd))] }},
}

// odd are texts that formats have to take care of; the first five fit a char(12), and any format.
var odd = []string{
	"plain", "a|b", `back\slash`, `say "no"`, "it's", "", " ", "two\nlines", "cr\rlf\r\n", "\r\n", "\t", "tab\tand,comma;semi~tilde", `\`, `\N`, `\\n`, `"`, `""`, `"quoted"`,
	"NULL", "null", "é", "日本語", "😀", "\u00a0", "\ufeffbom", "{\"json\": [1]}", "ends with blank ", " begins", "\x01\x1f\x7f", "nul\x00nul", "'", "''", "[", "}", `\u0041`, "\n",
}

// tables are those that go round, and the texts that they have.
var tables = map[string]func(text string) bool{
	"whole":   func(string) bool { return true },
	"escaped": func(s string) bool { return !strings.Contains(s, "\x00") },
	"plain": func(s string) bool {
		return s != "" && !strings.ContainsAny(s, "\n\r~\x00") && strings.TrimSpace(s) == s
	},
}

// TestRoundTrip unloads a table of every type with random and odd values, and copies it back, by every pair of options.
func TestRoundTrip(t *testing.T) {
	for _, shape := range []string{"nodes=1&slices=1", "nodes=2&slices=2"} {
		db := open(t, "redshiftsim://?bucket=m=mem:&"+shape)
		var names, defs, marks, widths []string
		for i, c := range roundColumns {
			names = append(names, c.name)
			defs = append(defs, c.name+" "+c.typ)
			marks = append(marks, fmt.Sprintf("$%d", i+1))
			width := 60
			if c.name == "v" {
				width = 600
			}
			widths = append(widths, fmt.Sprintf("%s:%d", c.name, width))
		}
		for table, holds := range tables {
			exec(t, db, fmt.Sprintf("CREATE TABLE %s (%s) DISTSTYLE EVEN", table, strings.Join(defs, ", ")))
			r := rand.New(rand.NewPCG(1, 2))
			for range 300 {
				args := make([]any, len(roundColumns))
				for i, c := range roundColumns {
					if r.IntN(8) == 0 {
						continue
					}
					args[i] = c.value(r)
					if s, ok := args[i].(string); ok && !holds(s) {
						args[i] = "x"
					}
				}
				if _, err := db.Exec(fmt.Sprintf("INSERT INTO %s VALUES (%s)", table, strings.Join(marks, ", ")), args...); err != nil {
					t.Fatalf("%v: %q", err, args)
				}
			}
		}
		for i, p := range roundTrips {
			t.Run(shape+"/"+p.name, func(t *testing.T) {
				var carried, wide []string
				for k, n := range names {
					if !slices.Contains(strings.Fields(p.without), n) {
						carried, wide = append(carried, n), append(wide, widths[k])
					}
				}
				list := strings.Join(carried, ", ")
				exact := list + ", octet_length(v), octet_length(w), md5(v), md5(w), count(*)" // comparisons ignore blanks at the end
				filled := func(options string) string { return strings.ReplaceAll(options, "%s", strings.Join(wide, ",")) }
				to := fmt.Sprintf("s3://m/%d/", i)
				exec(t, db, fmt.Sprintf("UNLOAD ('select %s from %s') TO '%s' IAM_ROLE default %s", list, p.table, to, filled(p.unload)))
				exec(t, db, fmt.Sprintf("CREATE TABLE back%d (%s)", i, strings.Join(defs, ", ")))
				from := to
				if strings.Contains(p.unload, "MANIFEST") {
					from += "manifest"
				}
				if _, err := db.Exec(fmt.Sprintf("COPY back%d (%s) FROM '%s' IAM_ROLE default %s", i, list, from, filled(p.copy))); err != nil {
					t.Fatalf("COPY: %v%s", err, loadErrors(t, db))
				}
				for _, q := range []string{"SELECT %[1]s FROM %[2]s GROUP BY %[3]s EXCEPT SELECT %[1]s FROM back%[4]d GROUP BY %[3]s", "SELECT %[1]s FROM back%[4]d GROUP BY %[3]s EXCEPT SELECT %[1]s FROM %[2]s GROUP BY %[3]s"} {
					for _, row := range rowsText(t, db, fmt.Sprintf(q, exact, p.table, list, i)) {
						t.Errorf("only on one side: %s", row)
					}
				}
			})
		}
	}
}

// loadErrors are the rows that the last COPY could not load.
func loadErrors(t *testing.T, db *sql.DB) string {
	out := ""
	for _, row := range rowsText(t, db, "SELECT trim(colname), err_code, trim(err_reason), trim(raw_field_value), trim(raw_line) FROM stl_load_errors ORDER BY starttime DESC LIMIT 2") {
		out += "\n" + row
	}
	return out
}

// rowsText are the rows of a query as text, with the names of the columns.
func rowsText(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	cols, rows := cells(t, db, query)
	for _, row := range rows {
		line := ""
		for i, v := range row {
			line += fmt.Sprintf("%s=%q ", cols[i], fmt.Sprint(v))
		}
		out = append(out, line)
	}
	return out
}

// cells are the columns and rows of a query.
func cells(t *testing.T, db *sql.DB, query string) (cols []string, out [][]any) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	if cols, err = rows.Columns(); err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]any, len(cols)), make([]any, len(cols))
		for i := range into {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return cols, out
}

// failing is a bucket whose nth call of Create, Write or Close fails; 0 = none.
type failing struct {
	*redshiftsim.Memory
	at, calls atomic.Int64
	wait      chan struct{} // not nil: every Write waits for it
}

var errFull = errors.New("the disk is full")

// fails counts a call.
func (f *failing) fails() bool { return f.calls.Add(1) == f.at.Load() }

func (f *failing) Create(ctx context.Context, key string) (io.WriteCloser, error) {
	if f.fails() {
		return nil, errFull
	}
	w, err := f.Memory.Create(ctx, key)
	return &failingWriter{w, f, ctx}, err
}

type failingWriter struct {
	io.WriteCloser
	f   *failing
	ctx context.Context
}

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.f.wait != nil {
		select {
		case <-w.f.wait:
		case <-w.ctx.Done():
			return 0, w.ctx.Err()
		}
	}
	if w.f.fails() {
		return 0, errFull
	}
	return w.WriteCloser.Write(p)
}

func (w *failingWriter) Close() error {
	if w.f.fails() {
		return errFull
	}
	return w.WriteCloser.Close()
}

// TestUnloadFaults lets the nth call to the bucket fail, for every n: the statement fails in S3's words, no manifest and no half file is there, and the
// connection, the table and the next UNLOAD are well.
func TestUnloadFaults(t *testing.T) {
	for _, format := range []string{"CSV", "JSON GZIP", "PARQUET", "CSV PARTITION BY (k)", "PARALLEL OFF"} {
		t.Run(format, func(t *testing.T) {
			bucket := &failing{Memory: redshiftsim.NewMemory()}
			c, err := redshiftsim.NewConnector(redshiftsim.Config{Nodes: 2, Slices: 2, Buckets: map[string]redshiftsim.ObjectStore{"m": bucket}})
			if err != nil {
				t.Fatal(err)
			}
			db := sql.OpenDB(c)
			defer db.Close()
			exec(t, db, "CREATE TABLE t (a int, k int) DISTSTYLE EVEN", "INSERT INTO t SELECT n, n % 3 FROM (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5)")
			before := runtime.NumGoroutine()
			for n := int64(1); ; n++ {
				bucket.calls.Store(0)
				bucket.at.Store(n)
				to := fmt.Sprintf("%d/", n)
				_, err := db.Exec("UNLOAD ('select a, k from t') TO 's3://m/" + to + "' IAM_ROLE default MANIFEST " + format)
				list, _ := bucket.List(context.Background(), to)
				if err == nil {
					if bucket.calls.Load() >= n || n < 4 {
						t.Errorf("call %d failed and nobody said so", n)
					}
					break
				}
				if !strings.Contains(err.Error(), "S3ServiceException") || !strings.Contains(err.Error(), errFull.Error()) {
					t.Fatalf("call %d: %v", n, err)
				}
				for _, o := range list {
					if strings.HasSuffix(o.Name, "manifest") {
						t.Errorf("call %d: %s is there after %v", n, o.Name, err)
					}
				}
				var rows, unloaded int64
				if err := db.QueryRow("SELECT count(*), pg_last_unload_count() FROM t").Scan(&rows, &unloaded); err == nil && (rows != 5 || unloaded != 0) {
					t.Errorf("call %d: the table has %d rows, %d were unloaded", n, rows, unloaded)
				}
			}
			for i := 0; runtime.NumGoroutine() > before && i < 100; i++ {
				time.Sleep(10 * time.Millisecond)
			}
			if now := runtime.NumGoroutine(); now > before {
				t.Errorf("%d goroutines, %d before", now, before)
			}
		})
	}
}

// TestUnloadCanceled cancels an UNLOAD whose bucket does not answer: it ends soon, and nothing of it is there.
func TestUnloadCanceled(t *testing.T) {
	bucket := &failing{Memory: redshiftsim.NewMemory(), wait: make(chan struct{})}
	c, err := redshiftsim.NewConnector(redshiftsim.Config{Nodes: 2, Slices: 2, Buckets: map[string]redshiftsim.ObjectStore{"m": bucket}})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	exec(t, db, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (2), (3)")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { // until another session sees it run
		for end := time.Now().Add(30 * time.Second); ctx.Err() == nil && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			var rows, files int64
			if err := db.QueryRow("SELECT unloaded_rows, unloaded_files_count FROM sys_unload_history WHERE status = 'running' AND unloaded_location = 's3://m/a'").Scan(&rows, &files); err == nil && rows > 0 {
				if rows != 3 || files != 0 {
					t.Errorf("while it runs: %d rows, %d files", rows, files)
				}
				cancel()
				return
			}
		}
		t.Error("no other session sees it run")
		cancel()
	}()
	_, err = db.ExecContext(ctx, "UNLOAD ('select a from t') TO 's3://m/a' IAM_ROLE default PARALLEL OFF")
	var e *redshiftsim.Error
	if err == nil || errors.As(err, &e) && e.Code != "57014" || e == nil && !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	if list, _ := bucket.List(context.Background(), ""); len(list) != 0 {
		t.Errorf("after it was canceled: %v", list)
	}
	close(bucket.wait)
	exec(t, db, "UNLOAD ('select a from t') TO 's3://m/a' IAM_ROLE default PARALLEL OFF")
	if list, _ := bucket.List(context.Background(), ""); len(list) != 1 || list[0].Size != 6 {
		t.Errorf("after it was done again: %v", list)
	}
}

// TestUnloadLarge unloads more than fits MAXFILESIZE, and rows of several megabytes.
func TestUnloadLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("it compresses and writes tens of megabytes")
	}
	bucket := redshiftsim.NewMemory()
	c, err := redshiftsim.NewConnector(redshiftsim.Config{Nodes: 1, Slices: 2, Buckets: map[string]redshiftsim.ObjectStore{"m": bucket}})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	exec(t, db, "CREATE TABLE t (a int, v varchar(10000)) DISTSTYLE EVEN")
	r := rand.New(rand.NewPCG(3, 4))
	text := make([]byte, 10000)
	for i := range 1100 { // 11 MB that no compressor makes smaller than 8
		for k := range text {
			text[k] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[r.IntN(64)]
		}
		if _, err := db.Exec("INSERT INTO t VALUES ($1, $2)", i, string(text)); err != nil {
			t.Fatal(err)
		}
	}
	const most = 5 << 20
	for i, c := range []struct {
		options string
		files   int
	}{{"", 3}, {"CSV HEADER", 3}, {"JSON", 3}, {"GZIP", 3}, {"ZSTD", 3}, {"BZIP2", 3}} {
		to := fmt.Sprintf("%d/", i)
		exec(t, db, "UNLOAD ('select a, v from t') TO 's3://m/"+to+"' IAM_ROLE default PARALLEL OFF MAXFILESIZE 5 MB "+c.options)
		list, err := bucket.List(context.Background(), to)
		if err != nil || len(list) != c.files || !strings.HasPrefix(list[len(list)-1].Name, fmt.Sprintf("%s%03d", to, c.files-1)) {
			t.Errorf("%s: %v, %v", c.options, list, err)
		}
		for k, o := range list {
			if o.Size > most || i < 3 && k < 2 && o.Size < most-10100 {
				t.Errorf("%s: %s has %d bytes", c.options, o.Name, o.Size)
			}
		}
	}
	exec(t, db, "UNLOAD ('select a, v from t') TO 's3://m/p' IAM_ROLE default PARQUET PARALLEL OFF MAXFILESIZE 5 MB")
	if list, err := bucket.List(context.Background(), "p"); err != nil || len(list) < 2 {
		t.Errorf("PARQUET: %v, %v", list, err)
	}
	wide, names := "CREATE TABLE wide (id int", ""
	for i := range 40 { // 2.6 MB; COPY takes rows of up to 4 MB, in which a pipe counts twice
		wide += fmt.Sprintf(", v%d varchar(65535)", i)
		names += fmt.Sprintf(", repeat('abc,|', 13000) || '%d'", i)
	}
	exec(t, db, wide+")", "INSERT INTO wide SELECT 1"+names, "INSERT INTO wide SELECT 2"+names, "CREATE TABLE back (LIKE wide)")
	exec(t, db, "UNLOAD ('select * from wide') TO 's3://m/wide/' IAM_ROLE default CSV", "COPY back FROM 's3://m/wide/' IAM_ROLE default CSV")
	if got := rowsText(t, db, "SELECT * FROM wide EXCEPT SELECT * FROM back"); len(got) != 0 {
		t.Errorf("%d rows of megabytes did not come back", len(got))
	}
}
