package dataapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/dataapi"
)

// A program has AWS's SDK make the requests: redshiftdata.NewFromConfig with o.BaseEndpoint = dataapi.Endpoint and o.HTTPClient = h.Client(). This is what it sends.
func ExampleNew() {
	k, _ := redshiftsim.NewConnector(redshiftsim.Config{})
	defer k.Close()
	h := dataapi.New(k.Cluster(), dataapi.Options{})
	defer h.Close()

	call := func(operation, body string) (out map[string]any) {
		r, _ := http.NewRequest(http.MethodPost, dataapi.Endpoint, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", "RedshiftData."+operation)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=KEY/20261126/us-east-1/redshift-data/aws4_request, SignedHeaders=host, Signature=00")
		resp, err := h.Client().Do(r)
		if err != nil {
			panic(err)
		}
		defer resp.Body.Close()
		_ = json.NewDecoder(resp.Body).Decode(&out)
		return out
	}
	st := call("ExecuteStatement", `{"ClusterIdentifier": "orders", "Database": "dev", "Sql": "SELECT :n::int + 1 AS m", "Parameters": [{"name": "n", "value": "41"}]}`)
	got := call("GetStatementResult", fmt.Sprintf(`{"Id": %q, "WaitTimeSeconds": 10}`, st["Id"]))
	fmt.Println(got["Records"])
	// Output: [[map[longValue:42]]]
}
