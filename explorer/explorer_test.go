package explorer

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/internal/bridge"
)

// shapes are the clusters on which all answers must hold.
var shapes = [][2]int{{1, 1}, {2, 2}, {3, 4}}

// client asks a handler as the page does.
type client struct {
	t    *testing.T
	h    *Handler
	db   *sql.DB
	tab  string
	with func(*http.Request)
}

// serveTest makes a cluster with some tables and a handler of it: facts has k = 0..9999, v = k % 10, day = k / 100 of a sort key; dims has k = 0..99.
func serveTest(t *testing.T, shape [2]int, cfg Config) *client {
	t.Helper()
	k, err := redshiftsim.NewConnector(redshiftsim.Config{Nodes: shape[0], Slices: shape[1], BlockBytes: 4 << 10})
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(k)
	t.Cleanup(func() { _ = db.Close() })
	for _, s := range []string{
		"CREATE TABLE d (n int) DISTSTYLE ALL", "INSERT INTO d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
		"CREATE TABLE facts (k int, v int, day int) DISTKEY(k) SORTKEY(day)",
		"INSERT INTO facts SELECT n, n % 10, n / 100 FROM (SELECT a.n + 10 * b.n + 100 * c.n + 1000 * e.n AS n FROM d a, d b, d c, d e)",
		"CREATE TABLE dims (k int, name varchar(20)) DISTSTYLE EVEN", "INSERT INTO dims SELECT a.n + 10 * b.n, 'dim ' || a.n FROM d a, d b",
		"VACUUM facts", "ANALYZE", "CREATE SCHEMA other", "CREATE TABLE other.empty (a int)",
	} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(s, err)
		}
	}
	h := New(k.Cluster(), cfg)
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &client{t: t, h: h, db: db, with: func(*http.Request) {}}
	return c
}

// send sends a request and gives the status and the body.
func (c *client) send(path string, body any) (int, []byte) {
	c.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/api/"+path, bytes.NewReader(b))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Redshiftsim-Tab", c.tab)
	c.with(r)
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// ask sends a request that must be answered.
func ask[A any](c *client, path string, body any) *A {
	c.t.Helper()
	status, b := c.send(path, body)
	a := new(A)
	if status != http.StatusOK {
		c.t.Fatalf("%s: %d %s", path, status, b)
	}
	if err := json.Unmarshal(b, a); err != nil {
		c.t.Fatalf("%s: %v in %s", path, err, b)
	}
	return a
}

// open opens a tab.
func (c *client) open(place string) *openAnswer {
	c.t.Helper()
	a := ask[openAnswer](c, "open", openRequest{place})
	c.tab = a.Tab
	return a
}

// run runs a text that must not fail.
func (c *client) run(text string) *runAnswer {
	c.t.Helper()
	a := ask[runAnswer](c, "run", runRequest{text})
	if a.Error != nil {
		c.t.Fatalf("%s: %+v", text, a.Error)
	}
	return a
}

// one reads one row of whole numbers by SQL.
func (c *client) one(text string, n int) []int64 {
	c.t.Helper()
	out := make([]int64, n)
	into := make([]any, n)
	for i := range out {
		into[i] = &out[i]
	}
	if err := c.db.QueryRowContext(context.Background(), text).Scan(into...); err != nil {
		c.t.Fatal(text, err)
	}
	return out
}

// TestOverview holds the tables against SQL, and the rows of slices against arithmetic.
func TestOverview(t *testing.T) {
	for _, shape := range shapes {
		c := serveTest(t, shape, Config{Trust: true})
		a := c.open(onCluster)
		if a.Nodes != shape[0] || a.Slices != shape[1] || a.BlockBytes != 4<<10 || a.User != "awsuser" || a.Database != "dev" || !a.ReadOnly {
			t.Errorf("%v: %+v", shape, a)
		}
		o := ask[overview](c, "overview", nothing{})
		names := []string{}
		for _, x := range o.Tables {
			names = append(names, x.Schema+"."+x.Name)
			var rows, blocks int64
			for _, p := range x.Parts {
				rows, blocks = rows+p.Rows, blocks+p.Blocks
			}
			want := map[string]int64{"d": 10 * int64(shape[0]), "facts": 10000, "dims": 100, "empty": 0}[x.Name]
			if rows != want || len(x.Parts) != shape[0]*shape[1] {
				t.Errorf("%v: %s has %d rows on %d slices, want %d", shape, x.Name, rows, len(x.Parts), want)
			}
			if x.Name == "empty" {
				continue
			}
			got := c.one(fmt.Sprintf(`SELECT size, tbl_rows FROM svv_table_info WHERE "table" = '%s'`, x.Name), 2)
			if blocks != got[0] || x.Blocks != got[0] || x.Rows != got[1] {
				t.Errorf("%v: %s: %d blocks on slices, %d in all, %d rows; svv_table_info has %v", shape, x.Name, blocks, x.Blocks, x.Rows, got)
			}
			if x.Name == "dims" && (x.Style != "EVEN" || most(x.Parts)-least(x.Parts) > 1) {
				t.Errorf("%v: dims is %s: %v", shape, x.Style, x.Parts)
			}
		}
		if want := []string{"other.empty", "public.d", "public.dims", "public.facts"}; !slices.Equal(names, want) {
			t.Errorf("%v: %v", shape, names)
		}
		if n := int64(len(o.Queries)); n == 0 || o.Queries[0].Query != c.one("SELECT max(query) FROM stl_query WHERE querytxt NOT LIKE '%stl_query%' AND querytxt NOT LIKE '%svv_%'", 1)[0] {
			t.Errorf("%v: %d queries, the first %+v", shape, n, o.Queries[0])
		}
	}
}

func most(l []part) int64 {
	return slices.MaxFunc(l, func(a, b part) int { return int(a.Rows - b.Rows) }).Rows
}

func least(l []part) int64 {
	return slices.MinFunc(l, func(a, b part) int { return int(a.Rows - b.Rows) }).Rows
}

// TestRun: values as psql prints them, several statements, a session that lasts, and errors with their place in the whole text.
func TestRun(t *testing.T) {
	c := serveTest(t, [2]int{2, 2}, Config{Trust: true, Write: true})
	c.open(onCluster)
	a := c.run("SELECT 1 AS one, NULL::int, 'a;b' AS t, 2.50::numeric(5,2), date '2020-02-29', true; -- a comment; with a semicolon\nCREATE TEMP TABLE mine (a int); INSERT INTO mine VALUES (1), (2)")
	var cells []string
	for _, v := range a.Statements[0].Rows[0] {
		if v == nil {
			cells = append(cells, "NULL")
		} else {
			cells = append(cells, *v)
		}
	}
	if got := strings.Join(cells, "|"); got != "1|NULL|a;b|2.50|2020-02-29|t" || len(a.Statements) != 3 || a.Statements[2].Tag != "INSERT 0 2" || a.Query == 0 {
		t.Errorf("%q %+v", got, a)
	}
	if a = c.run("BEGIN; SET search_path TO other; SELECT count(*) FROM mine"); *a.Statements[2].Rows[0][0] != "2" || a.Block != "T" {
		t.Errorf("%+v", a)
	}
	if a = c.run("SHOW search_path"); *a.Statements[0].Rows[0][0] != "other" || a.Block != "T" {
		t.Errorf("%+v", a)
	}
	if a = c.run("ROLLBACK; SELECT k FROM facts"); a.Statements[1].Count != 10000 || len(a.Statements[1].Rows) != shownRows || a.Block != "I" {
		t.Errorf("%d rows, %d shown, %s", a.Statements[1].Count, len(a.Statements[1].Rows), a.Block)
	}
	if a = c.run("SELECT repeat('x', 5000)"); !strings.HasSuffix(*a.Statements[0].Rows[0][0], "x ... (5000 bytes)") || len(*a.Statements[0].Rows[0][0]) > shownText+20 {
		t.Errorf("%d bytes of a long value", len(*a.Statements[0].Rows[0][0]))
	}
	bad := ask[runAnswer](c, "run", runRequest{"SELECT 'ä' AS x;\nSELECT nope FROM facts; SELECT 3"})
	if bad.Error == nil || bad.Error.Code != "42703" || bad.Error.Position != 25 || len(bad.Statements) != 2 { // SELECT 'ä' AS x; is 16 characters, a line end, SELECT and a blank 7
		t.Errorf("%+v %+v", bad, bad.Error)
	}
	if open := ask[runAnswer](c, "run", runRequest{"SELECT 'open"}); open.Error == nil || open.Error.Code != "42601" {
		t.Errorf("%+v", open.Error)
	}
	if none := c.run(" ; -- nothing\n"); len(none.Statements) != 0 {
		t.Errorf("%+v", none)
	}
}

// TestQuery holds what is told of a run against SQL on the same logs.
func TestQuery(t *testing.T) {
	for _, shape := range shapes {
		c := serveTest(t, shape, Config{Trust: true})
		c.open(onCluster)
		const text = "SELECT d.name, count(*), sum(f.v) FROM facts f JOIN dims d ON f.v = d.k WHERE f.day < 20 GROUP BY d.name ORDER BY 1"
		a := c.run(text)
		if a.Statements[0].Count != 10 || *a.Statements[0].Rows[3][1] != "200" { // day < 20: 2,000 rows, of which a tenth has v = 3
			t.Errorf("%v: %+v", shape, a.Statements[0])
		}
		v := ask[queryView](c, "query", queryRequest{a.Query})
		if v.Text != text || len(v.Plan) == 0 || v.Plan[0].Cost <= 0 || v.Plan[0].Parent != 0 {
			t.Errorf("%v: %q %+v", shape, v.Text, v.Plan)
		}
		var rows, moved, blocks, skipped, looked int64
		for _, s := range v.Steps {
			for _, x := range s.Slices {
				rows += x.Rows
				if x.End < x.Start || x.Start < 0 {
					t.Errorf("%v: %s runs from %d to %d", shape, s.Label, x.Start, x.End)
				}
			}
		}
		for _, m := range v.Moves {
			moved += m.Rows
		}
		for _, s := range v.Scans {
			blocks, skipped, looked = blocks+s.Read, skipped+s.Skipped, looked+s.Looked
		}
		got := c.one(fmt.Sprintf("SELECT (SELECT sum(rows) FROM svl_query_summary WHERE query = %d), (SELECT sum(rows) FROM redshiftsim_moves WHERE query = %[1]d)", a.Query), 2)
		scans := c.one(fmt.Sprintf("SELECT sum(blocks_read), sum(blocks_skipped), sum(rows_pre_filter) FROM redshiftsim_scan WHERE query = %d", a.Query), 3)
		if want := append(got, scans...); !slices.Equal(want, []int64{rows, moved, blocks, skipped, looked}) {
			t.Errorf("%v: rows, moved, read, skipped, looked %v, the logs have %v", shape, []int64{rows, moved, blocks, skipped, looked}, want)
		}
		if status, b := c.send("query", queryRequest{999999}); status != http.StatusNotFound {
			t.Errorf("%v: a query that there is not: %d %s", shape, status, b)
		}
	}
}

// TestNoTrace: who looks is in no log and no list of statements; who runs statements is.
func TestNoTrace(t *testing.T) {
	c := serveTest(t, [2]int{2, 2}, Config{Trust: true, User: "ann"}) // who is new
	if a := c.open(onCluster); a.User != "ann" {
		t.Errorf("%+v", a)
	}
	c.h.cfg.User = ""
	c.open(onCluster)
	log := bridge.Engine(c.h.cluster).Log()
	before := len(log.Records())
	ask[overview](c, "overview", nothing{})
	ask[blockMap](c, "blocks", blocksRequest{"public.facts", 0})
	ask[queryView](c, "query", queryRequest{ask[overview](c, "overview", nothing{}).Queries[0].Query})
	if err := Export(io.Discard, c.h.cluster, 0); err != nil {
		t.Error(err)
	}
	if n := len(log.Records()); n != before {
		t.Errorf("looking leaves %d records", n-before)
	}
	if c.run("SELECT count(*) FROM facts"); len(log.Records()) != before+1 {
		t.Error("what was run is not in the log")
	}
}

// TestBlocks: what is marked is what the run counted, and the places of blocks in their columns are shares.
func TestBlocks(t *testing.T) {
	for _, shape := range shapes {
		c := serveTest(t, shape, Config{Trust: true})
		c.open(onCluster)
		a := c.run("SELECT sum(v) FROM facts WHERE day BETWEEN 30 AND 31")
		m := ask[blockMap](c, "blocks", blocksRequest{"public.facts", a.Query})
		var read, skipped, rows int64
		for _, b := range m.Blocks {
			if b.Read {
				read++
			}
			if b.Skipped {
				skipped++
			}
			if b.Column == 2 { // day
				rows += b.Rows
				if b.Rows > 0 && (b.Lo < 0 || b.Hi > 1 || b.Lo > b.Hi) {
					t.Errorf("%v: a block from %v to %v", shape, b.Lo, b.Hi)
				}
			}
		}
		if got := c.one(fmt.Sprintf("SELECT sum(blocks_read), sum(blocks_skipped) FROM redshiftsim_scan WHERE query = %d", a.Query), 2); got[0] != read || got[1] != skipped || read == 0 {
			t.Errorf("%v: %d read and %d skipped, the log has %v", shape, read, skipped, got)
		}
		if rows != 10000 || !m.Columns[0].DistKey || m.Columns[2].SortKey != 1 || !m.Columns[2].Read || m.Columns[0].Read || !m.Columns[5].Hidden {
			t.Errorf("%v: %d rows, %+v", shape, rows, m.Columns)
		}
		if status, b := c.send("blocks", blocksRequest{"public.nope", 0}); status != http.StatusUnprocessableEntity || !strings.Contains(string(b), "42P01") {
			t.Errorf("%v: %d %s", shape, status, b)
		}
	}
}

// TestWhatIf: a key that both tables are joined on moves nothing; the cluster itself stays as it is.
func TestWhatIf(t *testing.T) {
	for _, shape := range shapes {
		c := serveTest(t, shape, Config{Trust: true})
		c.open(onCluster)
		a := ask[whatIfAnswer](c, "whatif", whatIfRequest{SQL: "SELECT count(*) FROM dims d JOIN facts f ON d.k = f.k WHERE f.v < 5;", Table: "public.dims", Dist: []string{"k", "nope"}, Sort: []string{"k"}})
		by := map[string]variant{}
		for _, v := range a.Variants {
			by[v.Name] = v
		}
		key, even := by["DISTKEY(k)"], by["DISTSTYLE EVEN"]
		if key.Error != nil || key.Moved != 0 || !slices.Equal(key.Joins, []string{"DS_DIST_NONE"}) || key.Blocks == 0 || key.Cost <= 0 {
			t.Errorf("%v: %+v", shape, key)
		}
		if moves := shape != [2]int{1, 1}; even.Error != nil || moves != (even.Moved > 0) {
			t.Errorf("%v: %+v", shape, even)
		}
		if v := by["DISTKEY(nope)"]; v.Error == nil || v.Error.Code != "42703" {
			t.Errorf("%v: %+v", shape, v)
		}
		if v := by["DISTSTYLE ALL"]; len(v.Parts) != shape[0]*shape[1] || v.Parts[0] != 100 {
			t.Errorf("%v: %+v", shape, v)
		}
		if got := c.one(`SELECT count(*) FROM svv_table_info WHERE "table" = 'dims' AND diststyle = 'EVEN'`, 1); got[0] != 1 {
			t.Errorf("%v: the comparison has changed the table", shape)
		}
		for text, want := range map[string]string{"DELETE FROM dims": "25006", "SELECT 1; SELECT 2": "one query", "SELECT nope FROM dims": "42703", "SELECT 1": "no slice"} {
			if _, b := c.send("whatif", whatIfRequest{SQL: text, Table: "dims"}); !strings.Contains(string(b), want) {
				t.Errorf("%v: %s: %s", shape, text, b)
			}
		}
	}
}

// TestReadOnly: a page of the zero Config changes nothing, whatever its transactions say.
func TestReadOnly(t *testing.T) {
	c := serveTest(t, [2]int{2, 2}, Config{Trust: true})
	c.open(onCluster)
	for _, text := range []string{"DELETE FROM dims", "BEGIN READ WRITE; DELETE FROM dims", "ROLLBACK; SET readonly = off; DELETE FROM dims", "CREATE TABLE x (a int)"} {
		if a := ask[runAnswer](c, "run", runRequest{text}); a.Error == nil || a.Error.Code != "25006" {
			t.Errorf("%s: %+v", text, a.Error)
		}
	}
	a := c.open(inLesson)
	c.run("CREATE TABLE x (a int)")
	if got := c.one("SELECT count(*) FROM pg_tables WHERE tablename = 'x'", 1); got[0] != 0 || a.ReadOnly {
		t.Error("a lesson's table is in the cluster, or the lesson is read only")
	}
}
