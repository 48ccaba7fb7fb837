package redshifttest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/redshifttest"
)

// TestDataAPI asks by HTTP for what database/sql has written.
func TestDataAPI(t *testing.T) {
	db := redshifttest.New(t, redshifttest.SQL("create table movies (title varchar(20)); insert into movies values ('Alien')"))
	url, client := redshifttest.DataAPI(t, db)
	call := func(operation, body string) (out map[string]any) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "RedshiftData."+operation)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=K/20261126/us-east-1/redshift-data/aws4_request, SignedHeaders=host, Signature=0")
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	id := call("ExecuteStatement", `{"Sql":"select title from movies","Database":"dev","ClusterIdentifier":"c"}`)["Id"].(string)
	out := call("GetStatementResult", `{"Id":"`+id+`","WaitTimeSeconds":30}`)
	if b, _ := json.Marshal(out["Records"]); string(b) != `[[{"stringValue":"Alien"}]]` {
		t.Errorf("%v", out)
	}
}
