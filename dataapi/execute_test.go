package dataapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// TestGuideParameters is the guide's example of the table event.
// https://docs.aws.amazon.com/redshift/latest/mgmt/pass-sql-statements.html#data-api-calling-cli-execute-statement-parameters
func TestGuideParameters(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {2, 2}, {3, 4}} {
		c := newClient(t, redshiftsim.Config{Nodes: shape[0], Slices: shape[1]}, Options{})
		user := m{"DbUser": "awsuser"}
		c.run(`create table event( eventid integer not null distkey, venueid smallint not null, catid smallint not null, dateid smallint not null sortkey,
			eventname varchar(200), starttime timestamp)`, user)
		first := func(name, value string) m { return m{"name": name, "value": value} }
		id := c.run("insert into event values(:eventid, :venueid::smallint, :catid, :dateid, :eventname, :starttime)", m{"DbUser": "awsuser", "Parameters": []m{
			first("eventid", "1"), first("venueid", "1"), first("catid", "1"), first("dateid", "1"), first("eventname", "event 1"), first("starttime", "2022-02-22"),
		}})
		if d := c.call("DescribeStatement", m{"Id": id}); text(d["ResultRows"]) != "1" || text(d["ResultSize"]) != "0" || d["HasResultSet"] != false {
			t.Errorf("insert: %v", d)
		}
		c.run("insert into event values(:id, :id::smallint, :id, :id, :eventname, :starttime) "+
			"/*this is comment, and it won't apply parameterization for :id, :eventname or :starttime here*/", m{"Parameters": []m{
			first("eventname", "event 2"), first("starttime", "2022-02-22"), first("id", "2"),
		}})
		id = c.run("select * from event where eventid=:id", m{"Parameters": []m{first("id", "1")}})
		got := c.call("GetStatementResult", m{"Id": id})
		equal(t, "records", got["Records"], `[[{"longValue":1},{"longValue":1},{"longValue":1},{"longValue":1},{"stringValue":"event 1"},{"stringValue":"2022-02-22 00:00:00.0"}]]`)
		equal(t, "columns", got["ColumnMetadata"], `[
{"isCaseSensitive":false,"isCurrency":false,"isSigned":true,"label":"eventid","length":0,"name":"eventid","nullable":0,"precision":10,"scale":0,"schemaName":"public","tableName":"event","typeName":"int4"},
{"isCaseSensitive":false,"isCurrency":false,"isSigned":true,"label":"venueid","length":0,"name":"venueid","nullable":0,"precision":5,"scale":0,"schemaName":"public","tableName":"event","typeName":"int2"},
{"isCaseSensitive":false,"isCurrency":false,"isSigned":true,"label":"catid","length":0,"name":"catid","nullable":0,"precision":5,"scale":0,"schemaName":"public","tableName":"event","typeName":"int2"},
{"isCaseSensitive":false,"isCurrency":false,"isSigned":true,"label":"dateid","length":0,"name":"dateid","nullable":0,"precision":5,"scale":0,"schemaName":"public","tableName":"event","typeName":"int2"},
{"isCaseSensitive":true,"isCurrency":false,"isSigned":false,"label":"eventname","length":0,"name":"eventname","nullable":1,"precision":200,"scale":0,"schemaName":"public","tableName":"event","typeName":"varchar"},
{"isCaseSensitive":false,"isCurrency":false,"isSigned":false,"label":"starttime","length":0,"name":"starttime","nullable":1,"precision":29,"scale":6,"schemaName":"public","tableName":"event","typeName":"timestamp"}]`)
		equal(t, "rows", got["TotalNumRows"], "1")
		d := c.call("DescribeStatement", m{"Id": id})
		equal(t, "parameters", d["QueryParameters"], `[{"name":"id","value":"1"}]`)
		if d["QueryString"] != "select * from event where eventid=:id" || text(d["RedshiftQueryId"]) == "-1" || d["ResultFormat"] != "JSON" {
			t.Errorf("described: %v", d)
		}
	}
}

// TestGuideSelect is the guide's answer to select 1, and the sizes that it shows: 11 bytes are ?column?, 1 and the ends of two lines.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-result-format
func TestGuideSelect(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	id := c.run("select 1", nil)
	got := c.call("GetStatementResult", m{"Id": id})
	equal(t, "columns", got["ColumnMetadata"], `[{"isCaseSensitive":false,"isCurrency":false,"isSigned":true,"label":"?column?","name":"?column?","nullable":1,"precision":10,"scale":0,"schemaName":"","tableName":"","typeName":"int4","length":0}]`)
	equal(t, "records", got["Records"], `[[{"longValue":1}]]`)
	if d := c.call("DescribeStatement", m{"Id": id}); text(d["ResultRows"]) != "1" || text(d["ResultSize"]) != "11" || text(d["RedshiftQueryId"]) != "-1" || d["HasResultSet"] != true {
		t.Errorf("described: %v", d)
	}
}

// TestErrors are what the database says, as the guide shows it.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html#data-api-calling-considerations-parameters
func TestErrors(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	for _, x := range []struct {
		sql    string
		params []m
		want   string
	}{
		{"SELECT :colname, FROM event", []m{{"name": "colname", "value": "eventname"}}, "ERROR: syntax error at or near \"FROM\"\n  Position: 12"},
		{"select 1; select 2", nil, "ERROR: cannot insert multiple commands into a prepared statement"},
		{"select * from nowhere", nil, "ERROR: relation \"nowhere\" does not exist\n  Position: 15"},
		{"select :a, :b", []m{{"name": "a", "value": "1"}}, "ERROR: there is no value for parameter :b"},
	} {
		more := m{}
		if x.params != nil {
			more["Parameters"] = x.params
		}
		if got := c.broken(x.sql, more); got != x.want {
			t.Errorf("%s: %q, want %q", x.sql, got, x.want)
		}
	}
	if got := c.broken("select 1", m{"Database": "nowhere"}); got != `FATAL: database "nowhere" does not exist` && got != `ERROR: database "nowhere" does not exist` {
		t.Errorf("no database: %q", got)
	}
	if got := c.broken("select 1", m{"DbUser": "nobody"}); got != `FATAL: user "nobody" does not exist` {
		t.Errorf("no user: %q", got)
	}
}

// TestValidation are inputs that the service's model or the guide refuses.
func TestValidation(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	p := func(name, value string) []m { return []m{{"name": name, "value": value}} }
	for _, x := range []struct {
		operation string
		in        m
		words     string
	}{
		{"ExecuteStatement", in("", m{"Sql": nil}), "Value at 'sql' failed to satisfy constraint: Member must not be null"},
		{"ExecuteStatement", in("select 1", m{"ClusterIdentifier": nil}), "Either ClusterIdentifier or WorkgroupName"},
		{"ExecuteStatement", in("select 1", m{"WorkgroupName": "work"}), "cannot be specified together"},
		{"ExecuteStatement", in("select 1", m{"ClusterIdentifier": "My_Cluster"}), "Value 'My_Cluster' at 'clusterIdentifier'"},
		{"ExecuteStatement", in("select 1", m{"ClusterIdentifier": nil, "WorkgroupName": "w"}), "'workgroupName'"},
		{"ExecuteStatement", in("select 1", m{"ClusterIdentifier": nil, "WorkgroupName": "work", "DbUser": "awsuser"}), "DbUser cannot be specified with WorkgroupName"},
		{"ExecuteStatement", in("select 1", m{"DbUser": "awsuser", "SecretArn": "s"}), "DbUser and SecretArn"},
		{"ExecuteStatement", in("select 1", m{"Database": nil}), "Database must be specified"},
		{"ExecuteStatement", in("select 1", m{"ResultFormat": "XML"}), "enum value set: [JSON, CSV]"},
		{"ExecuteStatement", in("select 1", m{"SessionKeepAliveSeconds": 86401}), "less than or equal to 86400"},
		{"ExecuteStatement", in("select 1", m{"WaitTimeSeconds": 31}), "less than or equal to 30"},
		{"ExecuteStatement", in("select 1", m{"ClientToken": ""}), "length greater than or equal to 1"},
		{"ExecuteStatement", in("select 1", m{"SessionId": "x"}), "'sessionId'"},
		{"ExecuteStatement", in("select 1", m{"Parameters": []m{}}), "'parameters'"},
		{"ExecuteStatement", in("select :a", m{"Parameters": p("a", "")}), "'parameters.1.member.value'"},
		{"ExecuteStatement", in("select :a", m{"Parameters": p("a b", "1")}), "'parameters.1.member.name'"},
		{"ExecuteStatement", in("select ':a' -- :a", m{"Parameters": p("a", "1")}), "Unused parameters: [a]"},
		{"ExecuteStatement", in("select 1 "+strings.Repeat(" ", 200<<10), nil), "200 KB"},
		{"ExecuteStatement", in("select 1", m{"Colour": "red"}), `"Colour" is not supported`},
		{"BatchExecuteStatement", batchOf(nil), "'sqls'"},
		{"BatchExecuteStatement", batchOf(nil, strings.Split(strings.Repeat("select 1;", 41), ";")[:41]...), "less than or equal to 40"},
		{"BatchExecuteStatement", batchOf(m{"ExecutionMode": "MAYBE"}, "select 1"), "'executionMode'"},
		{"BatchExecuteStatement", batchOf(m{"Parameters": p("a", "1")}, "select 1", "select 2"), "Unused parameters"},
		{"DescribeStatement", m{}, "'id'"},
		{"DescribeStatement", m{"Id": "x"}, "Value 'x' at 'id' failed to satisfy constraint: Member must satisfy regular expression pattern"},
		{"ListStatements", m{"MaxResults": 101}, "less than or equal to 100"},
		{"ListStatements", m{"NextToken": "???"}, "Invalid NextToken"},
		{"ListStatements", m{"Status": "LOST"}, "'status'"},
		{"ListTables", m{"Database": "dev", "ClusterIdentifier": "c", "MaxResults": 1001}, "less than or equal to 1000"},
		{"ListTables", m{"ClusterIdentifier": "c"}, "'database'"},
	} {
		c.fails(x.operation, x.in, http.StatusBadRequest, "ValidationException", x.words)
	}
	c.fails("Dance", m{}, http.StatusBadRequest, "UnknownOperationException", "Dance")
	const nobody = "d9b6c0c9-0747-4bf4-b142-e8883122f766"
	for _, operation := range []string{"DescribeStatement", "GetStatementResult", "GetStatementResultV2", "CancelStatement"} {
		if out := c.fails(operation, m{"Id": nobody}, http.StatusNotFound, "ResourceNotFoundException", "Query does not exist."); out["ResourceId"] != nobody {
			t.Errorf("%s: %v", operation, out)
		}
	}
	c.fails("ExecuteStatement", in("select 1", m{"SecretArn": "lost"}), http.StatusNotFound, "ResourceNotFoundException", "Secrets Manager")
}
