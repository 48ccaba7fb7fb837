package dataapi

import (
	"net/http"
	"testing"

	"github.com/redshiftsim/redshiftsim"
)

// describe describes a statement that has ended.
func (c *client) describe(id any) m {
	c.t.Helper()
	return c.call("DescribeStatement", m{"Id": id, "WaitTimeSeconds": 30})
}

// parts are the ids, statuses and errors of a batch's statements.
func parts(d m) (out []m) {
	for _, s := range d["SubStatements"].([]any) {
		s := s.(m)
		out = append(out, m{"Status": s["Status"], "Error": s["Error"], "HasResultSet": s["HasResultSet"], "ResultRows": s["ResultRows"]})
	}
	return out
}

// TestBatch runs statements as one transaction.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-describe-statement.html
func TestBatch(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {2, 2}, {3, 4}} {
		c := newClient(t, redshiftsim.Config{Nodes: shape[0], Slices: shape[1]}, Options{})
		d := c.describe(c.call("BatchExecuteStatement", batchOf(nil, "select 1;", "select 2;"))["Id"])
		id := d["Id"].(string)
		if d["Status"] != "FINISHED" || text(d["ResultRows"]) != "2" || text(d["ResultSize"]) != "22" || d["HasResultSet"] != true || text(d["RedshiftQueryId"]) != "0" || d["QueryString"] != nil {
			t.Errorf("batch: %v", d)
		}
		second := d["SubStatements"].([]any)[1].(m)
		if second["Id"] != id+":2" || second["QueryString"] != "select 2;" || text(second["ResultSize"]) != "11" || text(second["RedshiftQueryId"]) != "-1" {
			t.Errorf("second: %v", second)
		}
		equal(t, "second", c.call("GetStatementResult", m{"Id": id + ":2"})["Records"], `[[{"longValue":2}]]`)
		only := c.describe(id + ":2")
		if only["Id"] != id || len(only["SubStatements"].([]any)) != 1 || only["SubStatements"].([]any)[0].(m)["Id"] != id+":2" {
			t.Errorf("one part: %v", only)
		}
		c.fails("GetStatementResult", m{"Id": id}, http.StatusBadRequest, "ValidationException", "BatchExecuteStatement result can only be retrieved with sub-statement id.")
		c.fails("DescribeStatement", m{"Id": id + ":3"}, http.StatusNotFound, "ResourceNotFoundException", "")

		c.run("create table t (a int)", nil)
		d = c.describe(c.call("BatchExecuteStatement", batchOf(nil, "insert into t values (1)", "invalid sql statement", "insert into t values (3)"))["Id"])
		if d["Status"] != "FAILED" || d["Error"] != "Query #2 failed with ERROR: syntax error at or near \"invalid\"\n  Position: 1" {
			t.Errorf("failed batch: %v", d)
		}
		equal(t, "parts", parts(d), `[{"Error":null,"HasResultSet":false,"ResultRows":1,"Status":"FINISHED"},
			{"Error":"ERROR: syntax error at or near \"invalid\"\n  Position: 1","HasResultSet":false,"ResultRows":-1,"Status":"FAILED"},
			{"Error":null,"HasResultSet":false,"ResultRows":-1,"Status":"ABORTED"}]`)
		equal(t, "rolled back", c.call("GetStatementResult", m{"Id": c.run("select count(*) from t", nil)})["Records"], `[[{"longValue":0}]]`)

		auto := m{"ExecutionMode": "AUTO_COMMIT"}
		d = c.describe(c.call("BatchExecuteStatement", batchOf(auto, "insert into t values (1)", "invalid sql statement", "insert into t values (3)"))["Id"])
		if d["Status"] != "FAILED" {
			t.Errorf("auto commit: %v", d)
		}
		equal(t, "parts", parts(d), `[{"Error":null,"HasResultSet":false,"ResultRows":1,"Status":"FINISHED"},
			{"Error":"ERROR: syntax error at or near \"invalid\"\n  Position: 1","HasResultSet":false,"ResultRows":-1,"Status":"FAILED"},
			{"Error":null,"HasResultSet":false,"ResultRows":1,"Status":"FINISHED"}]`)
		equal(t, "kept", c.call("GetStatementResult", m{"Id": c.run("select a from t order by a", nil)})["Records"], `[[{"longValue":1}],[{"longValue":3}]]`)

		shared := m{"Parameters": []m{{"name": "id", "value": "7"}, {"name": "name", "value": "Alice"}}}
		d = c.describe(c.call("BatchExecuteStatement", batchOf(shared, "select :id::int", "select :name", "insert into t values (:id)"))["Id"])
		id = d["Id"].(string)
		equal(t, "shared parameters", c.call("GetStatementResult", m{"Id": id + ":2"})["Records"], `[[{"stringValue":"Alice"}]]`)
		c.fails("GetStatementResult", m{"Id": id + ":3"}, http.StatusNotFound, "ResourceNotFoundException", "Query does not have result. Please check query status with DescribeStatement.")

		// SET lives as long as the batch; a VACUUM cannot run in it, and takes all with it.
		d = c.describe(c.call("BatchExecuteStatement", batchOf(nil, "set timezone to 'Asia/Tokyo'", "select '2020-01-01 00:00:00+00'::timestamptz"))["Id"])
		equal(t, "set", c.call("GetStatementResult", m{"Id": d["Id"].(string) + ":2"})["Records"], `[[{"stringValue":"2020-01-01 09:00:00+09"}]]`)
		d = c.describe(c.call("BatchExecuteStatement", batchOf(nil, "insert into t values (9)", "vacuum t"))["Id"])
		if d["Status"] != "FAILED" || d["Error"] != "Query #2 failed with ERROR: VACUUM cannot run inside a transaction block" {
			t.Errorf("vacuum: %v", d)
		}
	}
}

// TestTransactionOfABatch: a COMMIT among the statements ends a transaction, and the next statement begins another.
func TestTransactionOfABatch(t *testing.T) {
	c := newClient(t, redshiftsim.Config{}, Options{})
	d := c.describe(c.call("BatchExecuteStatement", batchOf(nil, "create table t (a int)", "commit", "insert into t values (1)", "select 1/0"))["Id"])
	if d["Status"] != "FAILED" || d["Error"] != "Query #4 failed with ERROR: division by zero" {
		t.Errorf("batch: %v", d)
	}
	equal(t, "rows", c.call("GetStatementResult", m{"Id": c.run("select count(*) from t", nil)})["Records"], `[[{"longValue":0}]]`)
}
