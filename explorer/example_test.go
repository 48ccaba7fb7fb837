package explorer_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/explorer"
)

// The page of a cluster that a program has, served beside its other pages.
func ExampleNew() {
	db, _ := sql.Open("redshiftsim", "redshiftsim://")
	defer db.Close()
	c, _ := redshiftsim.ClusterOf(db)
	h := explorer.New(c, explorer.Config{Trust: true})
	defer h.Close()
	s := httptest.NewServer(h) // or http.ListenAndServe("127.0.0.1:8080", h)
	defer s.Close()
	r, err := http.Get(s.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Body.Close()
	fmt.Println(r.StatusCode, r.Header.Get("Content-Type"))
	// Output: 200 text/html; charset=utf-8
}

// A page to keep, with the last query's plan and blocks inside.
func ExampleExport() {
	db, _ := sql.Open("redshiftsim", "redshiftsim://")
	defer db.Close()
	db.Exec("CREATE TABLE t (a int) SORTKEY(a); INSERT INTO t VALUES (1), (2)")
	var n int
	db.QueryRow("SELECT count(*) FROM t WHERE a > 1").Scan(&n)
	c, _ := redshiftsim.ClusterOf(db)
	var page bytes.Buffer
	err := explorer.Export(&page, c, 0)
	fmt.Println(err, bytes.Contains(page.Bytes(), []byte("FROM t WHERE a")))
	// Output: <nil> true
}
