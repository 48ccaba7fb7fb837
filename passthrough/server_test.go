package passthrough

import (
	"context"
	"database/sql"
	"regexp"
	"testing"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/internal/diff"
	"github.com/redshiftsim/redshiftsim/server"
)

// pair gives two ways to clusters of one shape: by the engine's own driver, and through the server, the wire and this package.
func pair(t testing.TB) (own, wired func() (*sql.DB, error)) {
	t.Helper()
	const dsn = "redshiftsim://?nodes=2&slices=2&seed=1&clock=2008-02-15T12:00:00Z"
	own = func() (*sql.DB, error) { return sql.Open("redshiftsim", dsn) }
	wired = func() (*sql.DB, error) {
		k, err := redshiftsim.Driver{}.OpenConnector(dsn)
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { _ = k.(*redshiftsim.Connector).Close() })
		over, err := NewConnector("redshift://awsuser@cluster/dev?sslmode=disable", Options{Dial: server.Dialer(k.(*redshiftsim.Connector).Cluster())})
		if err != nil {
			return nil, err
		}
		return sql.OpenDB(over), nil
	}
	return own, wired
}

// TestServer runs the project's own tests of SQL on the engine and through the wire: whatever the engine answers arrives as the same Go values of the same
// types, errors with all their fields.
func TestServer(t *testing.T) {
	own, wired := pair(t)
	suite, err := diff.Read("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	target := func(name string, open func() (*sql.DB, error)) *diff.Target {
		return &diff.Target{Name: name, Schema: "wired", Open: open}
	}
	// Each cluster has a namespace of its own, which current_namespace and the lists of datashares show.
	namespace := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	plain := func(s string) string { return namespace.ReplaceAllString(s, "namespace") }
	rep, err := diff.Run(context.Background(), suite, target("engine", own), target("wire", wired), nil, diff.Options{Each: func(d *diff.Difference) {
		if plain(d.Reference) != plain(d.Sim) {
			t.Error(d)
		}
	}})
	if err != nil || rep.Statements < 3000 {
		t.Fatalf("%d statements, %v", rep.Statements, err)
	}
}

// TestServerFloats: all digits of floats arrive in every way to run a query, though the server prints fifteen of them; a text of several statements has those.
func TestServerFloats(t *testing.T) {
	_, wired := pair(t)
	db, err := wired()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const want = 1.0 / 3
	for _, query := range []string{"SELECT 1.0::float8 / 3", "WITH x AS (SELECT 1.0::float8 / 3) SELECT * FROM x;", "(SELECT 1.0::float8 / 3)"} {
		var f float64
		if err := db.QueryRow(query).Scan(&f); err != nil || f != want {
			t.Errorf("%s: %v, %v", query, f, err)
		}
	}
	var f, g float64
	if err := db.QueryRow("SELECT $1::float8 / 3, (1.0::float8 / 3)::real", 1.0).Scan(&f, &g); err != nil || f != want || g != float64(float32(want)) {
		t.Errorf("with an argument: %v %v, %v", f, g, err)
	}
	st, err := db.Prepare("SELECT $1::float8 / 3")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.QueryRow(1).Scan(&f); err != nil || f != want {
		t.Errorf("prepared: %v, %v", f, err)
	}
	if err := db.QueryRow("SET timezone TO 'UTC'; SELECT 1.0::float8 / 3").Scan(&f); err != nil || f != 0.333333333333333 {
		t.Errorf("of several statements: %v, %v", f, err)
	}
	var text string
	if err := db.QueryRow("SELECT (1.0::float8 / 3)::varchar").Scan(&text); err != nil || text != "0.333333333333333" {
		t.Errorf("as text: %s, %v", text, err)
	}
}
