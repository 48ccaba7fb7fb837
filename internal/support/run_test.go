package support

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/redshiftsim/redshiftsim"
)

// outcome is what came of a sample.
type outcome struct {
	works  bool
	reason string // of the refusal
	hint   string
}

// lab runs samples, each on a cluster of its own.
type lab struct {
	dir string
}

// newLab writes the files that COPY reads.
func newLab(t *testing.T) *lab {
	t.Helper()
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	if _, err := w.Write([]byte("1|one\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	decode := func(s string) string {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	l := &lab{dir: t.TempDir()}
	for name, text := range map[string]string{
		"x.txt": "1|one\n2|two\n", "swapped.txt": "one|1\n", "short.txt": "1\n", "bad.txt": "1|one\nx|y\n", "fixed.txt": "1 one\n", "x.csv": "1,one\n2,two\n",
		"x.json": "{\"a\": 1, \"b\": \"one\"}\n", "identity.txt": "7|1\n", "x.gz": gz.String(), "x.manifest": `{"entries": [{"url": "s3://test/x.txt", "mandatory": true}]}`,
		"x.bz2": decode("QlpoOTFBWSZTWacmZ2UAAADJgAAQIAACAYAEIAAhgAwBqXbi7kinChIU5MzsoA=="), // 1|one
		"x.lzo": decode("iUxaTwANChoKEEAgoAlAAQUDAAAJAACBpGsHkkkAAAAAB29uZS50eHRbHga1AAAABgAAAAYHcgH6MXxvbmUKAAAAAA=="),
		"x.avro": decode("T2JqAQP4ARZhdnJvLnNjaGVtYbwBeyJuYW1lIjoidCIsInR5cGUiOiJyZWNvcmQiLCJmaWVsZHMiOlt7Im5hbWUiOiJhIiwidHlwZSI6ImludCJ9LHsibmFtZSI6ImIi" +
			"LCJ0eXBlIjoic3RyaW5nIn1dfRRhdnJvLmNvZGVjCG51bGwAgFKgL9wmBGug1wNvpVvdzAIKAgZvbmWAUqAv3CYEa6DXA2+lW93M"), // {a: 1, b: "one"}
		"x.parquet": decode("UEFSMRUAFRQVGCwVAhUAFQYVBgAACiQCAAAAAgEBAAAAFQAVGhUeLBUCFQAVBhUGAAANMAIAAAACAQMAAABvbmUVAhk8NQAYDWR1Y2tkYl9zY2hlbWEVBAAVAiUCGAFhJSIAFQwlAhgB" +
			"YiUAABYCGRwZLCYAHBUCGRUAGRgBYRUCFgIWNhY6Jgg8GAQBAAAAGAQBAAAAFgAoBAEAAAAYBAEAAAAREQAAACYAHBUMGRUAGRgBYhUCFgIWPBZAJkI8GANvbmUYA29uZRYAKANvbmUY" +
			"A29uZRERAAAAFnIWAiYIFnoAKChEdWNrREIgdmVyc2lvbiB2MS41LjYgKGJ1aWxkIDA2OWNjOWY5YjUpGSwcAAAcAAAA1gAAAFBBUjE="), // {a: 1, b: "one"}
		"x.shp": decode("AAAnCgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQOgDAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
			"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAKAQAAAAAAAAAAAPA/AAAAAAAAAEA="), // POINT(1 2)
		"x.dbf": decode("A34LGgEAAABBAAQAAAAAAAAAAAAAAAAAAAAAAAAAAABiAAAAAAAAAAAAAEMAAAAAAwAAAAAAAAAAAAAAAAAAAA0gb25lGg=="), // b: one
		"x.zst": decode("KLUv/QRYMQAAMXxvbmUKXyYEjA=="),
	} {
		if err := os.WriteFile(filepath.Join(l.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// neighbour makes another cluster for samples that name one: NAMESPACE 'n' is its, and it grants the sample's cluster its datashare x.
func (l *lab) neighbour(t *testing.T, conn *sql.Conn, stmts []string) []string {
	t.Helper()
	if !strings.Contains(strings.Join(stmts, ""), "NAMESPACE 'n'") {
		return stmts
	}
	db, err := sql.Open("redshiftsim", "redshiftsim://?nodes=1&log_limit=-1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	var own, other string
	if err := errors.Join(conn.QueryRowContext(t.Context(), "SELECT current_namespace").Scan(&own), db.QueryRow("SELECT current_namespace").Scan(&other)); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"CREATE TABLE t (a int)", "CREATE DATASHARE x", "ALTER DATASHARE x ADD SCHEMA public", "ALTER DATASHARE x ADD TABLE public.t",
		"GRANT ALL ON SCHEMA public TO DATASHARE x", "GRANT CREATE ON DATABASE dev TO DATASHARE x", "GRANT ALL ON t TO DATASHARE x", "GRANT USAGE ON DATASHARE x TO NAMESPACE '" + own + "'",
	} {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	out := make([]string, len(stmts))
	for i, s := range stmts {
		out[i] = strings.ReplaceAll(s, "NAMESPACE 'n'", "NAMESPACE '"+other+"'")
	}
	return out
}

// run runs statements one by one behind the setup and tells what came of the last; where it cannot show that because one before it is refused, what came
// of that. An error that is no refusal (0A000) is an error of the sample, unless tolerant says so.
func (l *lab) run(t *testing.T, stmts []string, tolerant func(code string) bool) outcome {
	t.Helper()
	db, err := sql.Open("redshiftsim", "redshiftsim://?nodes=1&log_limit=-1&bucket=test="+l.dir+",rw")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()
	idle, err := db.Conn(ctx) // process 10001, which a sample may cancel
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, s := range setup {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if stmts = l.neighbour(t, conn, stmts); t.Failed() {
		return outcome{}
	}
	first := outcome{works: true} // of what the last statement needs
	for i, s := range stmts {
		last := i == len(stmts)-1
		if !first.works && !last {
			continue
		}
		err := read(ctx, conn, s)
		if err == nil && (!last || first.works) {
			continue
		}
		if err == nil || last && !first.works && !strings.Contains(err.Error(), "(SQLSTATE 0A000)") {
			return first
		}
		var e interface {
			SQLState() string
			Fields() (message, detail, hint string, position int)
		}
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", s, err)
			return outcome{}
		}
		message, detail, hint, _ := e.Fields()
		if (e.SQLState() != "0A000" || !strings.Contains(message, "supported")) && (tolerant == nil || !tolerant(e.SQLState())) {
			t.Errorf("%s: this sample must work or be refused: %v", s, err)
		}
		if detail != "" && strings.HasPrefix(message, "Specified types") {
			message = detail
		}
		o := outcome{reason: message, hint: hint}
		if last {
			return o
		}
		first = o
	}
	return outcome{works: true}
}

// read runs a statement to its last row.
func read(ctx context.Context, conn *sql.Conn, text string) error {
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}
