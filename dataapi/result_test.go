package dataapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// TestFields is the member of Field that each type has.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-jdbc
func TestFields(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	for _, x := range []struct{ sql, value, typ, csv string }{
		{"1::smallint", `{"longValue":1}`, "int2 5 0", "1"},
		{"-9223372036854775808", `{"longValue":-9223372036854775808}`, "int8 19 0", "-9223372036854775808"},
		{"1.5::real", `{"doubleValue":1.5}`, "float4 8 8", "1.5"},
		{"1e300::float8", `{"doubleValue":1e+300}`, "float8 17 17", "1e+300"},
		{"'NaN'::float8", `{"doubleValue":"NaN"}`, "float8 17 17", "NaN"},
		{"'-Infinity'::float8", `{"doubleValue":"-Infinity"}`, "float8 17 17", "-Infinity"},
		{"12.50::numeric(8,2)", `{"stringValue":"12.50"}`, "numeric 8 2", "12.50"},
		{"true", `{"booleanValue":true}`, "bool 1 0", "true"},
		{"'a\"b,c'::varchar(10)", `{"stringValue":"a\"b,c"}`, "varchar 10 0", `"a""b,c"`},
		{"'x'::char(5)", `{"stringValue":"x"}`, "bpchar 5 0", "x"},
		{"''::varchar(3)", `{"stringValue":""}`, "varchar 3 0", `""`},
		{"null::int", `{"isNull":true}`, "int4 10 0", ""},
		{"date '2022-02-22'", `{"stringValue":"2022-02-22"}`, "date 13 0", "2022-02-22"},
		{"timestamp '2020-08-21 17:33:51.88712'", `{"stringValue":"2020-08-21 17:33:51.88712"}`, "timestamp 29 6", "2020-08-21 17:33:51.88712"},
		{"'2022-02-22 00:00:00+00'::timestamptz", `{"stringValue":"2022-02-22 00:00:00+00"}`, "timestamptz 35 6", "2022-02-22 00:00:00+00"},
		{"'abc'::varbyte(3)", `{"blobValue":"YWJj"}`, "varbyte 3 0", "616263"},
		{`json_parse('{"a":[1,"x"]}')`, `{"stringValue":"{\"a\":[1,\"x\"]}"}`, "super 2147483647 0", `"{""a"":[1,""x""]}"`},
		{"chr(10) || 'é' || chr(1)", "", "", "\"\né\x01\""},
	} {
		got := c.call("GetStatementResult", m{"Id": c.run("select "+x.sql+" as v", nil)})
		column := got["ColumnMetadata"].([]any)[0].(m)
		if x.value != "" {
			equal(t, x.sql, got["Records"].([]any)[0].([]any)[0], x.value)
			if typ := column["typeName"].(string) + " " + text(column["precision"]) + " " + text(column["scale"]); typ != x.typ {
				t.Errorf("%s: %s, want %s", x.sql, typ, x.typ)
			}
		}
		csv := c.call("GetStatementResultV2", m{"Id": c.run("select "+x.sql+" as v", m{"ResultFormat": "CSV"})})
		equal(t, x.sql, csv["Records"], text([]m{{"CSVRecords": "v\r\n" + x.csv + "\r\n"}}))
	}
}

// TestCSV is the guide's table testingtable.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-get-statement-result.html
func TestCSV(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	c.run("create table testingtable (col1 int, col2 int, col3 int)", nil)
	c.run("insert into testingtable values (1, 2, 3), (4, 5, 6), (7, 8, 9)", nil)
	id := c.run("SELECT col1, col2, col3 FROM testingtable ORDER BY col1", m{"ResultFormat": "CSV"})
	got := c.call("GetStatementResultV2", m{"Id": id})
	equal(t, "records", got["Records"], `[{"CSVRecords":"col1,col2,col3\r\n1,2,3\r\n4,5,6\r\n7,8,9\r\n"}]`)
	equal(t, "rows", got["TotalNumRows"], "3")
	if len(got["ColumnMetadata"].([]any)) != 3 || got["ResultFormat"] != "CSV" {
		t.Errorf("%v", got)
	}
	c.fails("GetStatementResult", m{"Id": id}, http.StatusBadRequest, "ValidationException", "GetStatementResultV2")
	c.fails("GetStatementResultV2", m{"Id": c.run("select 1", nil)}, http.StatusBadRequest, "ValidationException", "GetStatementResult")
	id = c.run("select col1 from testingtable where col1 > 100", nil)
	if d := c.describe(id); d["HasResultSet"] != true || text(d["ResultRows"]) != "0" {
		t.Errorf("empty: %v", d)
	}
	equal(t, "empty", c.call("GetStatementResult", m{"Id": id})["Records"], `[]`)
	equal(t, "origin of a computed column", c.call("GetStatementResult", m{"Id": c.run("select col1 + 1 as x, max(col2) over () as y from testingtable limit 0", nil)})["ColumnMetadata"].([]any)[0].(m)["tableName"], `""`)
}

// TestOrigins: the columns of a view are the view's, those of a subquery the table's.
func TestOrigins(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	c.run("create table t (a int not null, b int)", nil)
	c.run("create schema s", nil)
	c.run("create view s.v as select a as x from t", nil)
	c.run("create materialized view mv as select b from t", nil)
	for sql, want := range map[string]string{
		"select a as z from (select a, b from t) q":              "public.t 0",
		"select t.b from t join s.v on a = x group by 1":         "public.t 1",
		"with q as (select a from t) select a from q order by 1": "public.t 0",
		"select x from s.v":                         "s.v 1",
		"select b from mv":                          "public.mv 1",
		"select a from t union all select b from t": ". 1",
		"select a + 0 from t":                       ". 1",
		"select relname from pg_class":              "pg_catalog.pg_class 1",
		"select first_value(a) over (order by b rows unbounded preceding) from t": ". 1",
	} {
		col := c.call("GetStatementResult", m{"Id": c.run(sql, nil)})["ColumnMetadata"].([]any)[0].(m)
		if got := col["schemaName"].(string) + "." + col["tableName"].(string) + " " + text(col["nullable"]); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
}

// TestPages reads a result page by page: all rows come once.
func TestPages(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	c.run("create table big (a int, b varchar(200))", nil)
	var rows strings.Builder
	for i := range 200 {
		if i > 0 {
			rows.WriteString(",")
		}
		rows.WriteString("(" + str(int64(i)) + ", repeat('x', 100))")
	}
	c.run("insert into big values "+rows.String(), nil)
	c.run("insert into big select x.a * 200 + y.a, x.b from big x, big y", nil) // 40,200 rows, 100 bytes each
	for _, format := range []string{"JSON", "CSV"} {
		operation := map[string]string{"JSON": "GetStatementResult", "CSV": "GetStatementResultV2"}[format]
		id := c.run("select a, b from big", m{"ResultFormat": format})
		n, pages := 0, 0
		for token := any(""); token != nil; pages++ {
			got := c.call(operation, m{"Id": id, "NextToken": token})
			equal(t, "total", got["TotalNumRows"], "40200")
			for _, r := range got["Records"].([]any) {
				if format == "JSON" {
					n++
				} else {
					n += strings.Count(r.(m)["CSVRecords"].(string), "\r\n")
				}
			}
			token = got["NextToken"]
		}
		if format == "CSV" {
			n-- // the names
		}
		if n != 40200 || format == "JSON" && pages < 4 || format == "CSV" && pages != 1 {
			t.Errorf("%s: %d rows in %d pages", format, n, pages)
		}
		c.fails(operation, m{"Id": id, "NextToken": tokenOf("r", 1000)}, http.StatusBadRequest, "ValidationException", "Invalid NextToken")
	}
	if got := c.broken("select repeat('x', 65000) || repeat('y', 1000)", nil); !strings.HasPrefix(got, "ERROR: Packet for query is too large") {
		t.Errorf("a large row: %s", got)
	}
}

// TestRetention: results go after a day of the cluster's clock, and before when there are too many.
func TestRetention(t *testing.T) {
	now := &clock{time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)}
	c := newClient(t, redshiftsim.Config{Clock: now.read}, Options{ResultBytes: 2000, Statements: 3})
	old := c.run("select repeat('x', 1500)", nil)
	if d := c.describe(old); text(d["CreatedAt"]) != "1795694400" || text(d["Duration"]) == "0" {
		t.Errorf("times: %v", d)
	}
	now.now = now.now.Add(23 * time.Hour)
	c.call("GetStatementResult", m{"Id": old})
	young := c.run("select repeat('y', 1500)", nil)
	c.fails("GetStatementResult", m{"Id": old}, http.StatusNotFound, "ResourceNotFoundException", "no longer kept")
	if d := c.describe(old); d["Status"] != "FINISHED" {
		t.Errorf("the statement is known: %v", d)
	}
	now.now = now.now.Add(90 * time.Minute)
	c.fails("DescribeStatement", m{"Id": old}, http.StatusNotFound, "ResourceNotFoundException", "Query does not exist.")
	c.call("GetStatementResult", m{"Id": young})
	for range 3 {
		c.run("select 1", nil)
	}
	c.fails("DescribeStatement", m{"Id": young}, http.StatusNotFound, "ResourceNotFoundException", "Query does not exist.")
	if c.h.bytes > 2000 || len(c.h.byID) != 3 || len(c.h.ended) != 3 {
		t.Errorf("%d bytes, %d statements", c.h.bytes, len(c.h.byID))
	}
}

// FuzzStrings: what is written as JSON is read as the text that it was.
func FuzzStrings(f *testing.F) {
	for _, s := range []string{"", "a\"b\\c", "\x00\x1f\x7f", "é\u2028\U0001F600", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(appendString(nil, []byte(s)), &got); err != nil || got != string([]rune(s)) {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	})
}
