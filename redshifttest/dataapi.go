package redshifttest

import (
	"database/sql"
	"net/http"
	"testing"

	"github.com/redshiftsim/redshiftsim/dataapi"
)

// DataAPI serves the cluster of a test's database as the Amazon Redshift Data API does, without a port, until the test ends. It gives an address and the HTTP
// client that reaches it, for AWS's SDK:
//
//	url, client := redshifttest.DataAPI(t, db)
//	api := redshiftdata.NewFromConfig(cfg, func(o *redshiftdata.Options) { o.BaseEndpoint, o.HTTPClient = aws.String(url), client })
//
// At most one dataapi.Options may be given; without any, each signed request acts as the cluster's administrator. The client's transport serves any address.
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
func DataAPI(t testing.TB, db *sql.DB, opts ...dataapi.Options) (url string, client *http.Client) {
	t.Helper()
	var o dataapi.Options
	switch len(opts) {
	case 0:
	case 1:
		o = opts[0]
	default:
		t.Fatal("redshifttest: DataAPI takes one dataapi.Options")
	}
	h := dataapi.New(clusterOf(t, db), o)
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("redshifttest: %v", err)
		}
	})
	return dataapi.Endpoint, h.Client()
}
