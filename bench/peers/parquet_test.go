package main

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

// TestParquet has DuckDB read the Parquet files that UNLOAD writes: the types, the values and the order of the columns are those of the query.
func TestParquet(t *testing.T) {
	dir := t.TempDir()
	ours, err := sql.Open("redshiftsim", "redshiftsim://?bucket=out="+dir+",rw")
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	theirs, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	for _, text := range []string{
		`CREATE TABLE v (z boolean, a smallint, b int, c bigint, d real, e float8, f numeric(5, 2), g numeric(18, 4), h numeric(38, 10), i char(4), j varchar(20), k date, l timestamp, m timestamptz, n time)`,
		`INSERT INTO v VALUES (true, 1, 2, 3, 1.5, 0.1, -12.34, 12345678901234.5678, -1234567890123456789012345678.0123456789, 'ab', 'x|"é', '2008-02-29', '2008-02-29 01:02:03.040506', '2008-02-29 01:02:03+00', '01:02:03'),
		(false, -32768, -2147483648, -9223372036854775808, -2.5, 1e300, 999.99, -0.0001, 0.0000000001, '', '', '1582-10-15', '1969-12-31 23:59:59.999999', '1999-12-31 23:59:59.999999+00', '23:59:59.5'),
		(null, null, null, null, null, null, null, null, null, null, null, null, null, null, null)`,
		`UNLOAD ('select * from v') TO 's3://out/v/' IAM_ROLE default PARQUET`,
		`UNLOAD ('select a, b, j, z from v') TO 's3://out/p/' IAM_ROLE default PARQUET PARTITION BY (z)`,
	} {
		if _, err := ours.Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	one := func(query, want string) {
		t.Helper()
		var got string
		if err := theirs.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %v\n got %s\nwant %s", query, err, got, want)
		}
	}
	from := fmt.Sprintf("read_parquet('%s')", filepath.Join(dir, "v", "*.parquet"))
	one("SELECT string_agg(column_name || ' ' || column_type, ', ') FROM (DESCRIBE SELECT * FROM "+from+")",
		"z BOOLEAN, a SMALLINT, b INTEGER, c BIGINT, d FLOAT, e DOUBLE, f DECIMAL(5,2), g DECIMAL(18,4), h DECIMAL(38,10), i VARCHAR, j VARCHAR, k DATE, l TIMESTAMP, m TIMESTAMP, n TIME")
	row := "SELECT concat_ws('|', z, a, b, c, d, e, f, g, h, i, j, k, l, m, n) FROM " + from
	one(row+" WHERE a = 1", `true|1|2|3|1.5|0.1|-12.34|12345678901234.5678|-1234567890123456789012345678.0123456789|ab|x|"é|2008-02-29|2008-02-29 01:02:03.040506|2008-02-29 01:02:03|01:02:03`)
	one(row+" WHERE a < 0", `false|-32768|-2147483648|-9223372036854775808|-2.5|1e+300|999.99|-0.0001|0.0000000001|||1582-10-15|1969-12-31 23:59:59.999999|1999-12-31 23:59:59.999999|23:59:59.5`)
	one("SELECT count(*) || ' ' || count(a) || ' ' || count(n) FROM "+from, "3 2 2")
	one(fmt.Sprintf("SELECT string_agg(coalesce(z::varchar, 'none') || a, ' ' ORDER BY a) FROM read_parquet('%s', hive_partitioning = true) WHERE a IS NOT NULL", filepath.Join(dir, "p", "*", "*.parquet")),
		"f-32768 t1")
}
