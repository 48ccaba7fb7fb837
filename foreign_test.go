package redshiftsim_test

import (
	"fmt"
	"net/url"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// impala is how the columns of Impala's table alltypes are loaded.
const impala = "id int, b boolean, i1 int, i2 int, i4 int, i8 bigint, r real, d double precision, day varchar(8), s varchar(9), ts timestamp"

// foreignSums are what is known of alltypes by arithmetic: ids from 0 to 7299, i1 to d multiples of id modulo 10, ten rows for each day of 2009 and 2010.
const foreignSums = "SELECT count(*), sum(id), sum(b::int), sum(i1), sum(i2), sum(i4), sum(i8), sum(r)::decimal(9,1), sum(d)::decimal(9,1), min(day), max(day), min(s), max(s), count(distinct day), sum(y), sum(m) FROM t"

// foreignFiles are files that other programs wrote, which parquet-go, whose module every build has, brings as its test data: what COPY makes of them is
// known from these programs' tests and from arithmetic.
var foreignFiles = []struct{ file, program, columns, query, want string }{
	{"alltypes_plain", "Impala", impala, "SELECT * FROM t WHERE id > 5 ORDER BY id", "6 true 0 0 0 0 0 0 04/01/09 0 2009-04-01 00:00:00 +0000 UTC|7 false 1 1 1 10 1.100000023841858 10.1 04/01/09 1 2009-04-01 00:01:00 +0000 UTC"},
	{"alltypes_plain", "Impala", impala, "SELECT count(*), min(ts), max(ts) FROM t", "8 2009-01-01 00:00:00 +0000 UTC 2009-04-01 00:01:00 +0000 UTC"},
	{"alltypes_plain.snappy", "Impala", impala, "SELECT id, b, i8, day, ts FROM t ORDER BY id", "6 true 0 04/01/09 2009-04-01 00:00:00 +0000 UTC|7 false 10 04/01/09 2009-04-01 00:01:00 +0000 UTC"},
	{"alltypes_dictionary", "Impala", impala, "SELECT id, b, i8, day, ts FROM t ORDER BY id", "0 true 0 01/01/09 2009-01-01 00:00:00 +0000 UTC|1 false 10 01/01/09 2009-01-01 00:01:00 +0000 UTC"},
	{"alltypes_tiny_pages", "Hive", impala + ", y int, m int", foreignSums, "7300 26641350 3650 32850 32850 32850 328500 36135.0 331785.0 01/01/09 12/31/10 0 9 730 14669350 47640"},
	{"alltypes_tiny_pages_plain", "Hive", impala + ", y int, m int", foreignSums, "7300 26641350 3650 32850 32850 32850 328500 36135.0 331785.0 01/01/09 12/31/10 0 9 730 14669350 47640"},
	{"int32_decimal", "Spark", "v decimal(4,2)", "SELECT count(*), sum(v), min(v), max(v) FROM t", "24 300.00 1.00 24.00"},
	{"int64_decimal", "Spark", "v decimal(10,2)", "SELECT count(*), sum(v), min(v), max(v) FROM t", "24 300.00 1.00 24.00"},
	{"fixed_length_decimal", "Spark", "v decimal(25,2)", "SELECT count(*), sum(v), min(v), max(v) FROM t", "24 300.00 1.00 24.00"},
	{"fixed_length_decimal_legacy", "Spark", "v decimal(13,2)", "SELECT count(*), sum(v), min(v), max(v) FROM t", "24 300.00 1.00 24.00"},
	{"byte_array_decimal", "HVR", "v decimal(4,2)", "SELECT count(*), sum(v), min(v), max(v) FROM t", "24 300.00 1.00 24.00"},
	{"binary", "parquet-mr", "v varbyte(9)", "SELECT count(*), min(v), max(v) FROM t", "12 00 0b"},
	{"delta_length_byte_array", "parquet-rs", "v varchar(30)", "SELECT count(*), count(distinct v), min(v), sum(substring(v, 19)::bigint) FROM t", "1000 1000 apple_banana_mango0 332833500"},
	{"delta_byte_array", "parquet-mr", "a char(16), b varchar(9), c varchar(30), d varchar(40), e char(1), f varchar(40), g varchar(20), h varchar(60), i varchar(9)", "SELECT count(distinct a), min(a), max(len(a)) FROM t", "1000 AAAAAAAAAABAAAAA 16"},
	{"cluster_test_table_1.snappy", "Snowflake", "a timestamptz, b timestamptz, c timestamptz, v varchar(30), x boolean, i decimal(38,0)", "SELECT v, x, i, a FROM t ORDER BY i", "third <nil> 11 <nil>|first true 42 2022-01-17 10:44:09.291 +0000 UTC|second false 99 2022-01-17 10:44:23.571 +0000 UTC"},
	{"empty", "parquet-go", "v int", "SELECT count(*) FROM t", "0"},
	{"nested_lists.snappy", "Spark", "a super, b super", "SELECT * FROM t ORDER BY a", `[[["a","b"],["c"]],[null,["d"]]] 1|[[["a","b"],["c","d"]],[null,["e"]]] 1|[[["a","b"],["c","d"],["e"]],[null,["f"]]] 1`},
	{"nested_maps.snappy", "Spark", "a super, b super, c super", "SELECT a, c FROM t ORDER BY a", `{"a":{"1":true,"2":false}} 1e+0|{"b":{"1":true}} 1e+0|{"c":null} 1e+0|{"d":{}} 1e+0|{"e":{"1":true}} 1e+0|{"f":{"3":true,"4":false,"5":true}} 1e+0`},
	{"nulls.snappy", "Spark", "s super", "SELECT s, count(*) FROM t GROUP BY s", `{"b_c_int":null} 8`},
	{"list_columns", "Arrow", "a super, b super", "SELECT * FROM t ORDER BY get_array_length(a)", `[4] ["efg",null,"hij","xyz"]|[null,1] <nil>|[1,2,3] ["abc","efg","hij"]`},
	{"null_list", "Arrow", "a super", "SELECT * FROM t", "[]"},
	{"repeated_no_annotation", "parquet-rs", "id int, p super", "SELECT * FROM t ORDER BY id", `1 <nil>|2 <nil>|3 {"phone":[]}|4 {"phone":[{"number":5555555555,"kind":null}]}|5 {"phone":[{"number":1111111111,"kind":"home"}]}` +
		`|6 {"phone":[{"number":1111111111,"kind":"home"},{"number":2222222222,"kind":null},{"number":3333333333,"kind":"mobile"}]}`},
	{"nonnullable.impala", "Impala", "id bigint, a super, b super, m super, n super, s super", "SELECT * FROM t", `8 [-1] [[-1,-2],[]] {"k1":-1} [{},{"k1":1},{},{}] {"a":-1,"B":[-1],"c":{"D":[[{"e":-1,"f":"nonnullable"}]]},"G":{}}`},
	{"nullable.impala", "Impala", "id bigint, a super, b super, m super, n super, s super", "SELECT * FROM t WHERE id IN (3, 6, 7) ORDER BY id", `3 [] [null] {} [null,null] {"A":null,"b":null,"C":{"d":[]},"g":{}}|6 <nil> <nil> <nil> <nil> <nil>` +
		`|7 <nil> [null,[5,6]] {"k1":null,"k3":null} <nil> {"A":7,"b":[2,3,null],"C":{"d":[[],[null],null]},"g":null}`},
}

// TestForeignParquet copies Parquet files of other programs.
func TestForeignParquet(t *testing.T) {
	dir, err := osexec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/parquet-go/parquet-go").Output()
	if err != nil || len(strings.TrimSpace(string(dir))) == 0 {
		t.Skipf("the modules' sources are not here: %v", err)
	}
	db := open(t, "redshiftsim://?bucket=files="+url.QueryEscape(filepath.Join(strings.TrimSpace(string(dir)), "testdata")))
	for _, f := range foreignFiles {
		do := func(text string) {
			if _, err := db.Exec(text); err != nil {
				t.Fatalf("%s of %s: %s: %v", f.file, f.program, text, err)
			}
		}
		do("DROP TABLE IF EXISTS t")
		do("CREATE TABLE t (" + f.columns + ")")
		do("COPY t FROM 's3://files/" + f.file + ".parquet' IAM_ROLE default PARQUET" + map[bool]string{true: " SERIALIZETOJSON"}[strings.Contains(f.columns, "super")])
		var got []string
		_, rows := cells(t, db, f.query)
		for _, row := range rows {
			line := fmt.Sprintln(row...)
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
		if !slices.Equal(got, strings.Split(f.want, "|")) {
			t.Errorf("%s of %s: %q, want %q", f.file, f.program, got, f.want)
		}
	}
	// What the library does not read right is refused.
	if _, err := db.Exec("COPY t FROM 's3://files/lz4_raw_compressed_larger.parquet' IAM_ROLE default PARQUET"); err == nil || !strings.Contains(fmt.Sprint(err), "LZ4_RAW") {
		t.Errorf("LZ4_RAW: %v", err)
	}
}
