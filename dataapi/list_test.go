package dataapi

import (
	"net/http"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// ids are the members of a list that a name gives.
func ids(list any, name string) (out []any) {
	for _, x := range list.([]any) {
		out = append(out, x.(m)[name])
	}
	return out
}

// TestListStatements lists what was run, with filters and in pages.
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListStatements.html
func TestListStatements(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	one := c.run("select 1", m{"StatementName": "myStatement1"})
	two := c.run("select 2", m{"StatementName": "myStatement2", "ClusterIdentifier": nil, "WorkgroupName": "work"})
	c.broken("select x", m{"StatementName": "other"})
	bad := c.call("ListStatements", m{"Status": "FAILED"})["Statements"].([]any)
	if len(bad) != 1 || bad[0].(m)["StatementName"] != "other" || bad[0].(m)["QueryString"] != "select x" || bad[0].(m)["IsBatchStatement"] != false {
		t.Errorf("failed: %v", bad)
	}
	batch := c.describe(c.call("BatchExecuteStatement", batchOf(nil, "select 3", "select 4"))["Id"])["Id"]
	list := func(in m) string { return text(ids(c.call("ListStatements", in)["Statements"], "Id")) }
	equal(t, "finished", ids(c.call("ListStatements", m{})["Statements"], "Id"), text([]any{batch, two, one}))
	if n := len(c.call("ListStatements", m{"Status": "ALL"})["Statements"].([]any)); n != 4 {
		t.Errorf("%d of all", n)
	}
	equal(t, "the batch's texts", c.call("ListStatements", m{})["Statements"].([]any)[0].(m)["QueryStrings"], `["select 3","select 4"]`)
	for _, x := range []struct {
		in   m
		want string
	}{
		{m{"StatementName": "myStatement"}, text([]any{two, one})},
		{m{"StatementName": "MYSTATEMENT"}, "null"},
		{m{"WorkgroupName": "work"}, text([]any{two})},
		{m{"ClusterIdentifier": "c", "Database": "dev"}, text([]any{batch, one})},
		{m{"Database": "nowhere"}, "null"},
	} {
		if got := list(x.in); got != x.want {
			t.Errorf("%v: %s, want %s", x.in, got, x.want)
		}
	}
	first := c.call("ListStatements", m{"MaxResults": 2})
	c.run("select 5", nil) // what comes meanwhile moves nothing
	second := c.call("ListStatements", m{"MaxResults": 2, "NextToken": first["NextToken"]})
	equal(t, "pages", append(ids(first["Statements"], "Id"), ids(second["Statements"], "Id")...), text([]any{batch, two, one}))
	if second["NextToken"] != nil {
		t.Errorf("a token behind the last page: %v", second)
	}
	other := *c
	other.key = "ANOTHER"
	if n := len(other.call("ListStatements", m{"RoleLevel": false})["Statements"].([]any)); n != 0 {
		t.Errorf("%d statements of another IAM session", n)
	}
	if n := len(other.call("ListStatements", m{"RoleLevel": true})["Statements"].([]any)); n != 4 {
		t.Errorf("%d statements of the role", n)
	}
}

// TestCatalog lists databases, schemas, tables and columns.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-list-tables.html
func TestCatalog(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {2, 2}, {3, 4}} {
		c := newClient(t, redshiftsim.Config{Nodes: shape[0], Slices: shape[1]}, Options{})
		for _, sql := range []string{
			"create schema my_schema", "create table my_schema.t (id int not null, name varchar(20) default 'x', price numeric(8,2), at timestamptz, doc super)",
			"create view my_schema.v as select id from my_schema.t", "create table my_schema.t_2 (a int)", "create temp table hidden (a int)", "create database other",
			"create external schema ex from data catalog database 'd' iam_role default create external database if not exists",
			"create external table ex.films (title varchar(10), year int) stored as parquet location 's3://films/'",
		} {
			c.run(sql, nil)
		}
		c.run("create table over_there (a bigint, b char(3), c decimal(5,1) not null)", m{"Database": "other"})
		on := func(more m) m {
			out := m{"ClusterIdentifier": "c", "Database": "dev"}
			for k, v := range more {
				out[k] = v
			}
			return out
		}
		equal(t, "databases", c.call("ListDatabases", on(nil))["Databases"], `["dev","other"]`)
		equal(t, "schemas", c.call("ListSchemas", on(nil))["Schemas"], `["ex","information_schema","my_schema","pg_catalog","public"]`)
		equal(t, "a pattern", c.call("ListSchemas", on(m{"SchemaPattern": "%_schema"}))["Schemas"], `["information_schema","my_schema"]`)
		equal(t, "tables", c.call("ListTables", on(m{"SchemaPattern": `my\_schema`}))["Tables"],
			`[{"name":"t","schema":"my_schema","type":"TABLE"},{"name":"t_2","schema":"my_schema","type":"TABLE"},{"name":"v","schema":"my_schema","type":"VIEW"}]`)
		equal(t, "external", c.call("ListTables", on(m{"TablePattern": "film_"}))["Tables"], `[{"name":"films","schema":"ex","type":"EXTERNAL TABLE"}]`)
		equal(t, "system", c.call("ListTables", on(m{"TablePattern": "pg_class"}))["Tables"], `[{"name":"pg_class","schema":"pg_catalog","type":"SYSTEM TABLE"}]`)
		if n := len(c.call("ListTables", on(nil))["Tables"].([]any)); n < 100 {
			t.Errorf("%d tables", n)
		}
		var all []any
		for token := any(""); token != nil; {
			page := c.call("ListTables", on(m{"SchemaPattern": "my_schema", "MaxResults": 2, "NextToken": token}))
			all, token = append(all, ids(page["Tables"], "name")...), page["NextToken"]
		}
		equal(t, "pages", all, `["t","t_2","v"]`)
		c.fails("ListTables", on(m{"NextToken": "x"}), http.StatusBadRequest, "ValidationException", "Invalid NextToken")

		d := c.call("DescribeTable", on(m{"Schema": "my_schema", "Table": "t"}))
		column := func(schema, table, name, typ, size string, scale, nullable int, more string) string {
			return `{"isCaseSensitive":false,"isCurrency":false,"isSigned":false,"length":` + size + `,"name":"` + name + `","nullable":` + str(int64(nullable)) +
				`,"precision":` + size + `,"scale":` + str(int64(scale)) + `,"schemaName":"` + schema + `","tableName":"` + table + `","typeName":"` + typ + `"` + more + `}`
		}
		equal(t, "columns", d["ColumnList"], "["+column("my_schema", "t", "id", "int4", "10", 0, 0, "")+","+
			column("my_schema", "t", "name", "varchar", "20", 0, 1, `,"columnDefault":"'x'::character varying"`)+","+
			column("my_schema", "t", "price", "numeric", "8", 2, 1, "")+","+column("my_schema", "t", "at", "timestamptz", "35", 6, 1, "")+","+
			column("my_schema", "t", "doc", "super", "2147483647", 0, 1, "")+"]")
		if d["TableName"] != "t" {
			t.Errorf("table: %v", d["TableName"])
		}
		equal(t, "external columns", ids(c.call("DescribeTable", on(m{"Table": "films"}))["ColumnList"], "typeName"), `["varchar(10)","int"]`)
		equal(t, "no table", c.call("DescribeTable", on(m{"Schema": "my_schema", "Table": "lost"}))["ColumnList"], `[]`)
		equal(t, "all columns of a schema", ids(c.call("DescribeTable", on(m{"Schema": "my_schema"}))["ColumnList"], "name"), `["id","name","price","at","doc","a","id"]`)
		equal(t, "system columns", ids(c.call("DescribeTable", on(m{"Schema": "pg_catalog", "Table": "pg_namespace", "MaxResults": 1}))["ColumnList"], "typeName"), `["name"]`)

		abroad := m{"Database": "other", "ConnectedDatabase": "dev", "SchemaPattern": "public"}
		equal(t, "abroad", c.call("ListTables", on(abroad))["Tables"], `[{"name":"over_there","schema":"public","type":"TABLE"}]`)
		equal(t, "schemas abroad", c.call("ListSchemas", on(abroad))["Schemas"], `["public"]`)
		equal(t, "columns abroad", c.call("DescribeTable", on(m{"Database": "other", "ConnectedDatabase": "dev", "Table": "over_there"}))["ColumnList"], "["+
			column("public", "over_there", "a", "int8", "19", 0, 1, "")+","+column("public", "over_there", "b", "bpchar", "3", 0, 1, "")+","+
			column("public", "over_there", "c", "numeric", "5", 1, 0, "")+"]")
		c.fails("ListTables", on(m{"Database": "nowhere"}), http.StatusInternalServerError, "DatabaseConnectionException", `database "nowhere" does not exist`)
	}
}

// TestClientToken: a request that comes again runs nothing again, for 8 hours.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-idempotency
func TestClientToken(t *testing.T) {
	now := &clock{time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)}
	c := newClient(t, redshiftsim.Config{Clock: now.read}, Options{})
	c.run("create table t (a int)", nil)
	once := m{"ClientToken": "b855dced-259b-444c-bc7b-d3e8e33f94g1"}
	first := c.run("insert into t values (1)", once)
	if again := c.run("insert into t values (1)", once); again != first {
		t.Errorf("%s is not %s", again, first)
	}
	if got := c.rows("select count(*) from t", nil); got != `[[{"longValue":1}]]` {
		t.Errorf("rows: %s", got)
	}
	c.fails("ExecuteStatement", in("insert into t values (2)", once), http.StatusBadRequest, "ValidationException", "used with other parameters")
	if out := c.call("BatchExecuteStatement", batchOf(once, "insert into t values (3)")); out["Id"] == first {
		t.Error("the token of another operation")
	}
	now.now = now.now.Add(9 * time.Hour)
	if again := c.run("insert into t values (1)", once); again == first {
		t.Error("the token lives for ever")
	}
}
