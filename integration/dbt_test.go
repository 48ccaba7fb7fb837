package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/server"
)

// dbtProject is a copy of testdata/dbt with a server of its own.
type dbtProject struct {
	t           *testing.T
	dir, target string
	port        int
}

// run runs a command of dbt, which must go well, and gives what it printed.
func (p *dbtProject) run(args ...string) string {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.t.Context(), 3*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, "dbt", append(append([]string{"--no-version-check"}, args...), "--target", p.target)...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", p.port), "DBT_PROFILES_DIR="+p.dir, "DBT_SEND_ANONYMOUS_USAGE_STATS=false", "DO_NOT_TRACK=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.t.Fatalf("dbt %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

var dbtDone = regexp.MustCompile(`Done\. PASS=(\d+) WARN=(\d+) ERROR=(\d+) SKIP=(\d+)`)

// passed runs a command of dbt of which so many nodes must pass, and no other be there.
func (p *dbtProject) passed(n int, args ...string) {
	p.t.Helper()
	out := p.run(args...)
	if m := dbtDone.FindStringSubmatch(out); m == nil || strings.Join(m[1:], " ") != fmt.Sprintf("%d 0 0 0", n) {
		p.t.Errorf("dbt %s: %q, want %d passed\n%s", strings.Join(args, " "), m, n, out)
	}
}

// TestDBT runs a project with dbt-redshift: seeds, models of all kinds twice and from scratch, snapshots, tests, the catalog of its documentation. Once it reads
// the catalog, once it asks by SHOW.
func TestDBT(t *testing.T) {
	if _, err := exec.LookPath("dbt"); err != nil {
		t.Skip("no dbt: pip install -r testdata/dbt/requirements.txt")
	}
	for _, target := range []string{"catalog", "show"} {
		t.Run(target, func(t *testing.T) { dbtRuns(t, target) })
	}
}

func dbtRuns(t *testing.T, target string) {
	c := newCluster(t, redshiftsim.Config{User: "awsuser", Password: "Secret123"})
	// MD5, as dbt's driver may lack the library that it needs for SCRAM.
	p := &dbtProject{t: t, target: target, dir: filepath.Join(t.TempDir(), "shop"), port: listenWith(t, c, server.Config{Auth: server.AuthMD5}).Port}
	if err := os.CopyFS(p.dir, os.DirFS("testdata/dbt")); err != nil {
		t.Fatal(err)
	}
	db := pqDB(t, c)
	mustExec(t, db, "CREATE USER reporter PASSWORD DISABLE")

	p.passed(2, "seed")
	p.passed(10, "run", "--event-time-start", "2024-01-01", "--event-time-end", "2024-01-08")
	p.passed(2, "snapshot")
	same(t, "totals", texts(t, db, "SELECT * FROM shop.totals ORDER BY 1"), "1|30.50|2", "2|5.25|1", "3|<nil>|1")
	same(t, "keys", texts(t, db, `SELECT "table", diststyle, sortkey1 FROM svv_table_info WHERE "schema" = 'shop' AND "table" IN ('totals', 'everywhere', 'dealt') ORDER BY 1`),
		"dealt|EVEN|AUTO(SORTKEY)", "everywhere|ALL|INTERLEAVED", "totals|KEY(customer_id)|customer_id")
	same(t, "grants", texts(t, db, "SELECT has_table_privilege('reporter', 'shop.totals', 'SELECT'), has_table_privilege('reporter', 'shop.dealt', 'SELECT')"), "true|false")
	same(t, "comments", texts(t, db, "SELECT obj_description('shop.stg_orders'::regclass), col_description('shop.stg_orders'::regclass, 1)"), "Orders as they come; it's raw|the key")

	mustExec(t, db, "UPDATE shop.customers SET city = 'Rome' WHERE id = 1", "UPDATE shop.orders SET amount = 99, at = '2024-01-05' WHERE id = 2", "DELETE FROM shop.orders WHERE id = 4")
	p.passed(2, "snapshot")
	same(t, "by columns", texts(t, db, "SELECT id, city, dbt_valid_to IS NULL FROM shop.customers_history ORDER BY 1, 3"), "1|Oslo|false", "1|Rome|true", "2|Bergen|true", "3|<nil>|true")
	same(t, "by time", texts(t, db, "SELECT id, amount, dbt_valid_to IS NULL FROM shop.orders_history ORDER BY 1, 3"),
		"1|10.50|true", "2|20.00|false", "2|99.00|true", "3|5.25|true", "4|<nil>|false")
	p.passed(10, "run", "--vars", "{extra: true}", "--event-time-start", "2024-01-01", "--event-time-end", "2024-01-08")
	same(t, "append", texts(t, db, "SELECT order_id, extra FROM shop.inc_append ORDER BY 1, 2"), "1|<nil>", "2|x", "2|<nil>", "3|<nil>", "4|<nil>")
	for _, model := range []string{"inc_delete_insert", "inc_merge"} {
		same(t, model, texts(t, db, "SELECT order_id, amount, extra FROM shop."+model+" ORDER BY 1"), "1|10.50|<nil>", "2|99.00|x", "3|5.25|<nil>", "4|<nil>|<nil>")
	}
	same(t, "microbatch", texts(t, db, "SELECT order_id, at FROM shop.inc_days ORDER BY 1"), "1|2024-01-01T10:00:00Z", "2|2024-01-05T00:00:00Z", "3|2024-01-03T12:00:00Z")
	p.passed(7, "test")
	p.run("docs", "generate")
	p.catalog(target == "catalog")
	if target == "catalog" {
		if out := p.run("debug"); !strings.Contains(out, "All checks passed!") {
			t.Error(out)
		}
		p.passed(10, "run", "--full-refresh", "--event-time-start", "2024-01-01", "--event-time-end", "2024-01-08")
		same(t, "full refresh", texts(t, db, "SELECT order_id FROM shop.inc_append ORDER BY 1"), "1", "2", "3")
		p.run("source", "freshness")
	}
}

// catalog checks what `dbt docs generate` has found. SVV_REDSHIFT_COLUMNS, which it asks beside SHOW, does not tell of the columns of late-binding views.
func (p *dbtProject) catalog(late bool) {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, "target", "catalog.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	var catalog struct {
		Nodes map[string]struct {
			Metadata struct{ Type, Owner string }
			Columns  map[string]struct {
				Type    string
				Comment *string
			}
			Stats map[string]struct{ Value any }
		}
	}
	if err := json.Unmarshal(text, &catalog); err != nil {
		p.t.Fatal(err)
	}
	got := map[string]string{}
	for name, n := range catalog.Nodes {
		got[name] = fmt.Sprint(n.Metadata.Type, ", ", n.Metadata.Owner, ", ", len(n.Columns), " columns, ", n.Stats["diststyle"].Value)
	}
	for name, want := range map[string]string{
		"model.shop.totals":     "BASE TABLE, awsuser, 3 columns, KEY(customer_id)",
		"model.shop.stg_orders": "VIEW, awsuser, 4 columns, <nil>",
		"model.shop.late":       "LATE BINDING VIEW, awsuser, 4 columns, <nil>",
		"seed.shop.customers":   "BASE TABLE, awsuser, 3 columns, AUTO(ALL)",
	} {
		if got[name] != want && (late || name != "model.shop.late") {
			p.t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	if c := catalog.Nodes["model.shop.totals"].Columns["total"]; c.Type != "numeric(38,2)" {
		p.t.Errorf("totals.total is %q", c.Type)
	}
}
