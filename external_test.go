package redshiftsim_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// openedStore is a bucket in memory that counts how often its objects are opened to be read.
type openedStore struct {
	redshiftsim.ObjectStore
	opened atomic.Int64
}

// Open counts.
func (s *openedStore) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	s.opened.Add(1)
	return s.ObjectStore.Open(ctx, key)
}

// lake is a cluster with an external schema over a bucket that counts.
func lake(t *testing.T, nodes, slices int) (*sql.DB, *openedStore) {
	t.Helper()
	bucket := &openedStore{ObjectStore: redshiftsim.NewMemory()}
	c, err := redshiftsim.NewConnector(redshiftsim.Config{Nodes: nodes, Slices: slices, Buckets: map[string]redshiftsim.ObjectStore{"m": bucket}})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	t.Cleanup(func() { db.Close() })
	exec(t, db, "CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'lake' IAM_ROLE default CREATE EXTERNAL DATABASE IF NOT EXISTS")
	return db, bucket
}

// listed runs a query and gives its rows as text.
func listed(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := lines(db, query)
	if err != nil {
		t.Fatal(query, err)
	}
	return strings.Join(rows, "\n")
}

// TestExternalRoundTrip unloads a table of random rows in several formats: an external table of the files answers as the table does.
func TestExternalRoundTrip(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed=%d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	formats := []struct{ name, unload, external string }{
		{"text", `DELIMITER '\t' NULL '\\N'`, `ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' STORED AS TEXTFILE`},
		{"gzip", `DELIMITER '|' NULL '\\N' GZIP HEADER`, `ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS TEXTFILE`},
		{"csv", `CSV NULL '\\N'`, `ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES ('escapeChar'='"') STORED AS TEXTFILE`},
		{"json", `JSON`, `ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS TEXTFILE`},
		{"parquet", `PARQUET`, `STORED AS PARQUET`},
	}
	db, _ := lake(t, 2, 2)
	exec(t, db, "CREATE TABLE local (id int, k smallint, big bigint, n numeric(12,3), f float8, d date, ts timestamp, o boolean, c char(6), v varchar(30)) DISTKEY (k)")
	words := []string{"'alpha'", "'beta, gamma'", "'d \"e\"'", "'f|g'", "'é'", "NULL"}
	var rows []string
	for i := range 3000 {
		null := func(s string) string {
			if r.IntN(10) == 0 {
				return "NULL"
			}
			return s
		}
		w := words[r.IntN(len(words))]
		if i%5 > 0 {
			w = "'alpha'"
		}
		w = strings.ReplaceAll(w, "|", "/")
		rows = append(rows, fmt.Sprintf("(%d,%s,%s,%s,%s,%s,%s,%s,%s,%s)", i, null(fmt.Sprint(r.IntN(50))), null(fmt.Sprint(r.Int64())), null(fmt.Sprintf("%d.%03d", r.IntN(1e6), r.IntN(1000))),
			null(fmt.Sprint(float64(r.IntN(1e6))/8)), null(fmt.Sprintf("'20%02d-%02d-%02d'", r.IntN(30), 1+r.IntN(12), 1+r.IntN(28))),
			null(fmt.Sprintf("'2020-01-%02d %02d:%02d:%02d.%06d'", 1+r.IntN(31), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1e6))), null(fmt.Sprint(r.IntN(2) == 0)),
			null(fmt.Sprintf("'c%d'", r.IntN(20))), w))
	}
	exec(t, db, "INSERT INTO local VALUES "+strings.Join(rows, ","))
	queries := []string{
		"SELECT count(*), count(k), sum(big), sum(n), min(d), max(ts), count(distinct v) FROM %s",
		"SELECT k, count(*), sum(n), sum(f) FROM %s WHERE k BETWEEN 5 AND 20 GROUP BY k ORDER BY k",
		"SELECT id, big, n, f, d, ts, o, c, v FROM %s WHERE id %% 97 = 3 ORDER BY id",
		"SELECT v, c, count(*) FROM %s WHERE o OR v LIKE '%%a%%' GROUP BY 1, 2 ORDER BY 1, 2",
		"SELECT a.id, b.id FROM %[1]s a JOIN %[1]s b ON a.k = b.k AND a.id + 1 = b.id ORDER BY 1, 2",
		"SELECT id FROM %s WHERE id >= 2990 AND d IS NOT NULL ORDER BY id DESC LIMIT 4",
		"SELECT count(*) FROM %s WHERE c = 'c3' AND v IN ('alpha', 'é')",
	}
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			exec(t, db, fmt.Sprintf("UNLOAD ('SELECT * FROM local') TO 's3://m/%s/' IAM_ROLE default %s", f.name, f.unload))
			properties := ""
			if strings.Contains(f.unload, "HEADER") {
				properties = "TABLE PROPERTIES ('skip.header.line.count'='1')"
			}
			null := ""
			if f.name == "csv" {
				null = "TABLE PROPERTIES ('serialization.null.format'='\\\\N')"
			}
			exec(t, db, fmt.Sprintf("CREATE EXTERNAL TABLE lake.%[1]s (id int, k smallint, big bigint, n numeric(12,3), f float8, d date, ts timestamp, o boolean, c char(6), v varchar(30)) %[2]s "+
				"LOCATION 's3://m/%[1]s/' %[3]s %[4]s", f.name, f.external, properties, null))
			for _, q := range queries {
				if want, got := listed(t, db, fmt.Sprintf(q, "local")), listed(t, db, fmt.Sprintf(q, "lake."+f.name)); got != want {
					t.Errorf("%s:\n%s\nwant\n%s", q, got, want)
				}
			}
		})
	}
}

// TestExternalPruning counts the objects that queries open: those of the partitions that the conditions choose.
func TestExternalPruning(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {2, 2}, {3, 4}} {
		db, bucket := lake(t, shape[0], shape[1])
		exec(t, db, "CREATE TABLE src (a int, day int)", "INSERT INTO src VALUES (1,1),(2,1),(3,2),(4,3),(5,3),(6,4)",
			"CREATE EXTERNAL TABLE lake.part PARTITIONED BY (day) STORED AS PARQUET LOCATION 's3://m/part/' TABLE PROPERTIES ('write.parallel'='off') AS SELECT a, day FROM src")
		opens := func(query string, args ...any) int64 {
			before := bucket.opened.Load()
			var n, sum sql.NullInt64
			if err := db.QueryRow(query, args...).Scan(&n, &sum); err != nil {
				t.Fatal(query, err)
			}
			return bucket.opened.Load() - before
		}
		for _, x := range []struct {
			query string
			args  []any
			want  int64
		}{
			{"SELECT count(*), sum(a) FROM lake.part", nil, 4},
			{"SELECT count(*), sum(a) FROM lake.part WHERE day = 3", nil, 1},
			{"SELECT count(*), sum(a) FROM lake.part WHERE day IN (1, 4) AND a > 100", nil, 2},
			{"SELECT count(*), sum(a) FROM lake.part WHERE day = $1", []any{2}, 1},
			{"SELECT count(*), sum(a) FROM lake.part WHERE day > 9", nil, 0},
			{"SELECT count(*), sum(a) FROM lake.part WHERE day = 1 OR a = 6", nil, 4},
		} {
			if got := opens(x.query, x.args...); got != x.want {
				t.Errorf("%v: %s opened %d objects, want %d", shape, x.query, got, x.want)
			}
		}
	}
}

// TestExternalSameShape inserts by texts that differ in names alone, whose trees clusters and statements share: each goes to its own table.
func TestExternalSameShape(t *testing.T) {
	for range 2 { // the second cluster takes what the first has parsed
		db, _ := lake(t, 1, 2)
		exec(t, db, "CREATE TABLE src (a int)", "INSERT INTO src VALUES (1), (2)")
		for _, n := range []string{"one", "two", "three"} {
			exec(t, db, fmt.Sprintf("CREATE EXTERNAL TABLE lake.%[1]s (a int) STORED AS PARQUET LOCATION 's3://m/%[1]s/'", n))
		}
		for i, n := range []string{"one", "two", "two", "three", "three", "three"} {
			exec(t, db, fmt.Sprintf("INSERT INTO lake.%s SELECT a + %d FROM src", n, 10*i), fmt.Sprintf("INSERT INTO lake.%s SELECT a FROM src", n))
		}
		for i, n := range []string{"one", "two", "three"} {
			if got, want := listed(t, db, "SELECT count(*) FROM lake."+n), fmt.Sprint(4*(i+1)); got != want {
				t.Errorf("%s has %s rows, want %s", n, got, want)
			}
		}
	}
}

// TestExternalDatabases: the data catalog is the cluster's. A table that is made in one database is read in another, through a schema of its own.
func TestExternalDatabases(t *testing.T) {
	dev := open(t, "redshiftsim://catalogs/dev?bucket=m=mem:")
	exec(t, dev, "CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'shared' IAM_ROLE default CREATE EXTERNAL DATABASE IF NOT EXISTS", "CREATE DATABASE other",
		"CREATE EXTERNAL TABLE dev.lake.t STORED AS PARQUET LOCATION 's3://m/t/' AS SELECT 7 AS a", "CREATE EXTERNAL TABLE IF NOT EXISTS lake.t (b int) LOCATION 's3://m/x/'")
	other := open(t, "redshiftsim://catalogs/other")
	exec(t, other, "CREATE EXTERNAL SCHEMA pool FROM DATA CATALOG DATABASE 'shared' IAM_ROLE default", "INSERT INTO pool.t SELECT 8")
	if got := listed(t, dev, "SELECT a FROM dev.lake.t ORDER BY a"); got != "7\n8" {
		t.Errorf("the table has %q, want 7 and 8", got)
	}
	exec(t, other, "DROP TABLE pool.t")
	if _, err := lines(dev, "SELECT a FROM lake.t"); err == nil {
		t.Error("a table that was dropped through another schema is still there")
	}
}
