package redshiftsim_test

import (
	"context"
	"database/sql"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim"
)

// TestDSN reads data source names.
func TestDSN(t *testing.T) {
	for dsn, want := range map[string]redshiftsim.Config{
		"redshiftsim://":                          {},
		"redshiftsim:///dev":                      {Database: "dev"},
		"redshiftsim://orders":                    {Name: "orders"},
		"redshiftsim://ann:p%40ss@orders/sales":   {User: "ann", Password: "p@ss", Name: "orders", Database: "sales"},
		"redshiftsim://?nodes=3&slices=4":         {Nodes: 3, Slices: 4},
		"redshiftsim://?order=Shuffle":            {Order: "shuffle"},
		"redshiftsim://?order=stable":             {Order: "stable"},
		"redshiftsim://?block_size=4KB&seed=7":    {BlockBytes: 4096, Seed: 7},
		"redshiftsim://?bucket=films=./x":         {Folders: map[string]redshiftsim.Folder{"films": {Path: "./x"}}},
		"redshiftsim://?bucket=a=x&bucket=b=y,rw": {Folders: map[string]redshiftsim.Folder{"a": {Path: "x"}, "b": {Path: "y", Write: true}}},
		"redshiftsim://o?keep=true&log_limit=-1":  {Name: "o", Keep: true, LogLimit: -1},
		"redshiftsim://?account=987654321012&iam_role=arn:aws:iam::987654321012:role/r": {Account: 987654321012, IAMRole: "arn:aws:iam::987654321012:role/r"},
		"redshiftsim://?memory_limit=1GB&workers=2&timezone=Europe/Berlin&statement_timeout=50": {
			MemoryLimit: 1 << 30, Workers: 2,
			Settings: map[string]string{"timezone": "Europe/Berlin", "statement_timeout": "50"},
		},
	} {
		got, err := redshiftsim.ParseDSN(dsn)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", dsn, got, err)
		}
	}
	for dsn, part := range map[string]string{
		"":                                     "a DSN is redshiftsim://",
		"postgres://localhost/dev":             "a DSN is redshiftsim://",
		"redshiftsim://localhost:5439/dev":     "no port",
		"redshiftsim://?order=":                "option order=: it takes stable or shuffle",
		"redshiftsim://?order=random":          "option order=random: it takes stable or shuffle",
		"redshiftsim://?nodes=none":            "option nodes=none: it takes a number of nodes from 1 to 128",
		"redshiftsim://?slices=0":              "option slices=0: it takes",
		"redshiftsim://?block_size=2MB":        "option block_size=2MB: it takes bytes from 4KB to 1MB",
		"redshiftsim://?keep=perhaps":          "option keep=perhaps: it takes true or false",
		"redshiftsim://?clock=noon":            "option clock=noon: it takes a moment such as 2008",
		"redshiftsim://?account=1234567890123": "option account=1234567890123: it takes the number",
		"redshiftsim://?iam_role=role/r":       "option iam_role=role/r: it takes the ARN",
		"redshiftsim://?bucket=films":          "it takes NAME=DIR, NAME=DIR,rw or NAME=mem:",
		"redshiftsim://?node=3":                "unknown option \"node\": there are nodes, slices",
		"redshiftsim://?nodes":                 "option \"nodes\" has no value",
		"redshiftsim://?statement_timeout=x":   "option statement_timeout=x",
		"redshiftsim://?timezone=Mars":         "option timezone=Mars",
		"redshiftsim:///dev/nodes=3":           "options follow a question mark",
	} {
		_, err := redshiftsim.ParseDSN(dsn)
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, want %s", dsn, err, part)
		}
	}
	if _, err := sql.Open("redshiftsim", "redshiftsim://?bucket=films=/no/such/folder"); err == nil || !strings.Contains(err.Error(), "bucket films") {
		t.Errorf("a missing folder: %v", err)
	}
	if _, err := redshiftsim.NewConnector(redshiftsim.Config{Nodes: 1000}); err == nil || !strings.Contains(err.Error(), "Config.Nodes is 1000") {
		t.Errorf("too many nodes: %v", err)
	}
}

// TestDefaults: 2 nodes x 2 slices, database dev, user awsuser.
func TestDefaults(t *testing.T) {
	db := open(t, "redshiftsim://")
	c, err := redshiftsim.ClusterOf(db)
	if err != nil {
		t.Fatal(err)
	}
	if n, s := c.Shape(); n != 2 || s != 2 {
		t.Errorf("%d x %d", n, s)
	}
	want(t, db, "SELECT current_database(), current_user", "dev awsuser")
	other := open(t, "redshiftsim:///sales")
	want(t, other, "SELECT current_database()", "sales")
}

// TestSharing: one name is one cluster, no name is one of its own.
func TestSharing(t *testing.T) {
	a, b := open(t, "redshiftsim://sharing?nodes=1&slices=2"), open(t, "redshiftsim://sharing")
	exec(t, a, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
	want(t, b, "SELECT a FROM t", "1")
	for _, dsn := range []string{"redshiftsim://", "redshiftsim://", "redshiftsim://another"} {
		refused(t, open(t, dsn), "SELECT * FROM t", "42P01", `relation "t" does not exist`)
	}
	if _, err := sql.Open("redshiftsim", "redshiftsim://sharing?nodes=2"); err == nil || !strings.Contains(err.Error(), "option nodes=2: cluster \"sharing\" exists with nodes=1") {
		t.Errorf("another shape: %v", err)
	}
	wrong := open(t, "redshiftsim://sharing/other")
	fails(t, wrong.Ping(), "3D000", `database "other" does not exist`)
}

// TestSession: parameters of the DSN, temporary tables, RESET.
func TestSession(t *testing.T) {
	db := open(t, "redshiftsim://?search_path=s,public&timezone=Europe/Berlin&query_group=mine")
	exec(t, db, "CREATE SCHEMA s", "CREATE TABLE t (a int)", "CREATE TABLE public.t (b int)")
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want(t, c, "SELECT count(a) FROM t", "0")
	want(t, c, "SHOW query_group", "mine")
	exec(t, c, "SET search_path TO public")
	want(t, c, "SELECT count(b) FROM t", "0")
	exec(t, c, "RESET search_path")
	want(t, c, "SELECT count(a) FROM t", "0")
	exec(t, c, "CREATE TEMP TABLE t (z int)", "INSERT INTO t VALUES (5)")
	want(t, c, "SELECT z FROM t", "5")
	want(t, db, "SELECT count(a) FROM t", "0")
	refused(t, c, "SET nonsense TO 1", "42704", "unrecognized configuration parameter")
	refused(t, c, "SET extra_float_digits TO 3", "22023", `3 is outside the valid range for parameter "extra_float_digits" (-15 .. 2)`)
}

// FuzzParseDSN: whatever a DSN is, it is read or refused with words; what is read opens or is refused as well.
func FuzzParseDSN(f *testing.F) {
	for _, s := range []string{
		"redshiftsim://", "redshiftsim://me:secret@orders/dev?nodes=3&slices=4&seed=7", "redshiftsim://?bucket=films=./testdata,rw&block_size=4096",
		"redshiftsim://x?nodes=-1", "redshiftsim://?order=shuffle&seed=3", "redshiftsim://%zz", "postgres://x", "redshiftsim://a b", "redshiftsim://?timezone=UTC&statement_timeout=5",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, dsn string) {
		cfg, err := redshiftsim.ParseDSN(dsn)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "redshiftsim: ") {
				t.Errorf("%q: %v", dsn, err)
			}
			return
		}
		cfg.Buckets = nil // no folder of this machine is touched
		cfg.Nodes, cfg.Slices = min(cfg.Nodes, 4), min(cfg.Slices, 4)
		c, err := redshiftsim.NewConnector(cfg)
		if err != nil {
			return
		}
		if err := c.Close(); err != nil {
			t.Errorf("%q: close: %v", dsn, err)
		}
	})
}

// TestLogin: a user's name is believed while the user has no password; one that is given must be right.
func TestLogin(t *testing.T) {
	admin := open(t, "redshiftsim://awsuser:First1234@login")
	want(t, admin, "SELECT current_user", "awsuser")
	exec(t, admin, "CREATE USER ann PASSWORD 'Abcd1234'", "CREATE USER md PASSWORD 'md5b27ff6b1ba7e8d5f1a1d0b5e5a4f3c2d'",
		"CREATE USER iam PASSWORD DISABLE", "CREATE USER late PASSWORD 'Abcd1234' VALID UNTIL '2017-06-10'",
		"ALTER USER ann SET query_group TO 'anns'", "ALTER USER ann CONNECTION LIMIT 2")
	want(t, open(t, "redshiftsim://ann:Abcd1234@login"), "SELECT current_user, current_setting('query_group')", "ann anns")
	want(t, open(t, "redshiftsim://login"), "SELECT current_user", "awsuser")
	want(t, open(t, "redshiftsim://believed@login"), "SELECT current_user", "believed")
	for dsn, code := range map[string]string{
		"redshiftsim://ann:wrong@login":         "28P01",
		"redshiftsim://ann@login":               "28P01",
		"redshiftsim://awsuser:Other1234@login": "28P01",
		"redshiftsim://ghost:Abcd1234@login":    "28000",
		"redshiftsim://md:anything@login":       "28P01",
		"redshiftsim://iam:anything@login":      "28P01",
		"redshiftsim://late:Abcd1234@login":     "28P01",
	} {
		db := open(t, dsn)
		_, err := db.Exec("SELECT 1")
		fails(t, err, code, "user")
	}
	// The second connection of ann's is the last that she may have.
	two := open(t, "redshiftsim://ann:Abcd1234@login")
	c, err := two.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = two.Exec("SELECT 1")
	fails(t, err, "53300", `too many connections for user "ann"`)

	// What is granted, and what is taken back, holds for sessions that are open, and for plans that are kept.
	exec(t, admin, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "CREATE GROUP g USER believed", "GRANT SELECT ON t TO GROUP g")
	b, err := open(t, "redshiftsim://believed@login").Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for range 3 {
		want(t, b, "SELECT a FROM t WHERE a = 1", "1")
		exec(t, admin, "ALTER GROUP g DROP USER believed")
		refused(t, b, "SELECT a FROM t WHERE a = 1", "42501", "permission denied for relation t")
		want(t, admin, "SELECT a FROM t WHERE a = 1", "1")
		exec(t, admin, "ALTER GROUP g ADD USER believed")
	}
	exec(t, admin, "ALTER USER believed CREATEUSER")
	exec(t, b, "CREATE USER more PASSWORD 'Abcd1234'")
	exec(t, admin, "ALTER USER believed NOCREATEUSER")
	refused(t, b, "DROP USER more", "42501", "must be superuser to drop users")
}

// TestIdle: SESSION TIMEOUT ends a session that was idle for too long, by the cluster's clock.
func TestIdle(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	k, err := redshiftsim.NewConnector(redshiftsim.Config{Name: "idle", Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	admin := sql.OpenDB(k)
	t.Cleanup(func() { admin.Close() })
	exec(t, admin, "CREATE USER ann PASSWORD 'Abcd1234' SESSION TIMEOUT 60")
	c, err := open(t, "redshiftsim://ann:Abcd1234@idle").Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want(t, c, "SELECT 1", "1")
	now = now.Add(60 * time.Second)
	want(t, c, "SELECT 1", "1")
	now = now.Add(61 * time.Second)
	refused(t, c, "SELECT 1", "57P01", "terminating connection due to idle session timeout")
}
