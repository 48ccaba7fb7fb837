package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/load"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// connect opens a session that lives as long as the test.
func connect(t testing.TB, c *Cluster, user string) *Session {
	t.Helper()
	s, err := c.NewSession(SessionOptions{User: user})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// run runs texts that must not fail.
func run(t testing.TB, s *Session, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := s.Exec(context.Background(), text, nil); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

// rowsIn reads the rows of a text's last statement.
func rowsIn(s *Session, text string, args ...types.Datum) ([]string, error) {
	r, err := s.Query(context.Background(), text, args)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	out := []string{}
	for {
		b, err := r.Next()
		if err != nil || b == nil {
			return out, err
		}
		for i := range b.Rows() {
			if b.Sel != nil {
				i = int(b.Sel[i])
			}
			var cells []string
			for _, v := range b.Columns {
				d := v.Get(i)
				if d.Null {
					cells = append(cells, "NULL")
				} else {
					cells = append(cells, types.Format(d, s.zone))
				}
			}
			out = append(out, strings.Join(cells, " "))
		}
	}
}

// want compares the rows of a query.
func want(t testing.TB, s *Session, text string, rows ...string) {
	t.Helper()
	got, err := rowsIn(s, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if rows == nil {
		rows = []string{}
	}
	if !reflect.DeepEqual(got, rows) {
		t.Errorf("%s: got %q, want %q", text, got, rows)
	}
}

// refused runs a text that must fail.
func refused(t testing.TB, s *Session, text string, code sqlstate.Code, part string) *sqlstate.Error {
	t.Helper()
	_, err := s.Exec(context.Background(), text, nil)
	var e *sqlstate.Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Error(), part) {
		t.Errorf("%s: %v, want %s %s", text, err, code, part)
		return &sqlstate.Error{}
	}
	return e
}

// TestPlans: a plan that is kept serves only while it means the same.
func TestPlans(t *testing.T) {
	c := New(Config{})
	s, other := connect(t, c, ""), connect(t, c, "")
	const text = "SELECT a FROM t"
	run(t, s, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
	want(t, s, text, "1")
	want(t, s, text, "1")
	run(t, other, "DROP TABLE t", "CREATE TABLE t (b int, a varchar(9))", "INSERT INTO t VALUES (5, 'new')")
	want(t, s, text, "new")
	run(t, s, "CREATE SCHEMA x", "CREATE TABLE x.t (a int)", "INSERT INTO x.t VALUES (7)", "SET search_path TO x, public")
	want(t, s, text, "7")
	want(t, other, text, "new")
	run(t, s, "CREATE TEMP TABLE t (a int)", "INSERT INTO t VALUES (9)")
	want(t, s, text, "9")
	want(t, other, text, "new")
	run(t, s, "DROP TABLE t")
	want(t, s, text, "7")
	run(t, s, "RESET search_path")
	want(t, s, text, "new")
	run(t, s, "BEGIN", "ALTER TABLE t DROP COLUMN b", "INSERT INTO t VALUES ('mine')")
	want(t, s, "SELECT count(*) FROM t", "2")
	run(t, s, "ROLLBACK")
	want(t, s, text, "new")

	const zoned = "SELECT '2008-01-01 00:00:00'::timestamptz = '2008-01-01 00:00:00 UTC'::timestamptz"
	want(t, s, zoned, "t")
	run(t, s, "SET timezone TO 'Europe/Berlin'")
	want(t, s, zoned, "f")
}

// TestPlanGrowth: a plan made for an empty table is not kept for a large one.
func TestPlanGrowth(t *testing.T) {
	s := connect(t, New(Config{}), "")
	run(t, s, "CREATE TABLE a (x int) DISTSTYLE EVEN", "CREATE TABLE b (x int) DISTSTYLE EVEN", "INSERT INTO b VALUES (1)")
	const text = "SELECT count(*) FROM a JOIN b ON a.x = b.x"
	want(t, s, text, "0")
	run(t, s, "INSERT INTO a VALUES (1),(1),(2)")
	for range 8 {
		run(t, s, "INSERT INTO a SELECT x FROM a")
	}
	want(t, s, text, "512")
	n := len(s.c.plans.byKey)
	want(t, s, text, "512")
	if len(s.c.plans.byKey) != n {
		t.Error("the plan was kept twice")
	}
}

// panicking is a bucket that is broken.
type panicking struct{ list bool }

func (p panicking) List(context.Context, string) ([]load.Object, error) {
	if p.list {
		panic("list")
	}
	return []load.Object{{Name: "f", Size: 5}}, nil
}

func (panicking) Open(context.Context, string) (io.ReadCloser, error) { panic("open") }

func (panicking) Create(context.Context, string) (io.WriteCloser, error) { panic("create") }

// TestBugs: a panic becomes XX000 with the statement; the session goes on and holds no lock.
func TestBugs(t *testing.T) {
	c := New(Config{Buckets: map[string]load.ObjectStore{"list": panicking{true}, "open": panicking{}}})
	s, other := connect(t, c, ""), connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int)")
	for _, text := range []string{"COPY t FROM 's3://list/f' IAM_ROLE DEFAULT", "COPY t FROM 's3://open/f' IAM_ROLE DEFAULT"} {
		e := refused(t, s, text, sqlstate.Internal, "internal error")
		if !strings.Contains(e.Detail, text) {
			t.Errorf("%s: detail %q", text, e.Detail)
		}
		if s.Status() != 'I' {
			t.Errorf("%s: status %c", text, s.Status())
		}
		run(t, other, "INSERT INTO t VALUES (1)")
		run(t, s, "BEGIN")
		refused(t, s, text, sqlstate.Internal, "internal error")
		refused(t, s, "SELECT 1", sqlstate.InFailedTransaction, "")
		run(t, s, "ROLLBACK")
	}
	want(t, s, "SELECT count(*) FROM t", "2")
}

// table finds a table of schema public in the newest catalog.
func table(t testing.TB, c *Cluster, name string) (*catalog.Table, *storage.Version) {
	t.Helper()
	r := c.txns.Root()
	x, ok := r.Catalog.Get("public", name).(*catalog.Table)
	if !ok {
		t.Fatalf("no table %s", name)
	}
	return x, r.Version(x.ID)
}

// TestAlter walks through ALTER TABLE: what it makes, and what it refuses.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
func TestAlter(t *testing.T) {
	c := New(Config{})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int NOT NULL, b varchar(10), c int, d varchar(5) ENCODE bytedict, e varchar(5) DEFAULT 'x') DISTKEY(a) SORTKEY(c)",
		"INSERT INTO t VALUES (1, 'one', 30), (2, 'two', 20), (3, NULL, 10)")
	for _, x := range []struct {
		text string
		code sqlstate.Code
		part string
	}{
		{"ALTER TABLE t DROP COLUMN a", "0A000", `cannot drop distkey column "a"`},
		{"ALTER TABLE t DROP COLUMN c", "0A000", `cannot drop sortkey column "c"`},
		{"ALTER TABLE t DROP COLUMN z", "42703", `column "z" of relation "t" does not exist`},
		{"ALTER TABLE t ADD COLUMN b int", "42701", `column "b" of relation "t" already exists`},
		{"ALTER TABLE t ADD COLUMN z int UNIQUE", "0A000", "ALTER TABLE ADD COLUMN does not support columns defined with UNIQUE or PRIMARY KEY constraints"},
		{"ALTER TABLE t ADD COLUMN z int NOT NULL", "42P16", "must have a non-null default expression"},
		{"ALTER TABLE t ADD COLUMN z int IDENTITY(1,1)", "0A000", "IDENTITY"},
		{"ALTER TABLE t RENAME COLUMN b TO a", "42701", `column "a" of relation "t" already exists`},
		{"ALTER TABLE t ALTER COLUMN b TYPE varchar(10)", "0A000", "target column size should be different"},
		{"ALTER TABLE t ALTER COLUMN b TYPE varchar(2)", "0A000", "existing values are longer"},
		{"ALTER TABLE t ALTER COLUMN a TYPE bigint", "0A000", "only the size of a VARCHAR column"},
		{"ALTER TABLE t ALTER COLUMN d TYPE varchar(9)", "0A000", "bytedict"},
		{"ALTER TABLE t ALTER COLUMN e TYPE varchar(3)", "0A000", "cannot decrease a VARCHAR column size with default value"},
		{"ALTER TABLE t ALTER COLUMN b ENCODE lzo", "0A000", "already encoded"},
		{"ALTER TABLE t ALTER COLUMN b ENCODE az64", "0A000", "invalid encoding type"},
		{"ALTER TABLE t RENAME TO t", "42P07", `Relation "t" already exists`},
		{"ALTER TABLE t OWNER TO nobody", "42704", `user "nobody" does not exist`},
		{"ALTER TABLE t ADD PRIMARY KEY (b)", "0A000", "nullable"},
		{"ALTER TABLE u ADD COLUMN z int", "42P01", `relation "u" does not exist`},
		{"ALTER TABLE stv_slices ADD COLUMN z int", "42501", "permission denied"},
	} {
		refused(t, s, x.text, x.code, x.part)
	}
	run(t, s, "ALTER TABLE t ADD COLUMN f int DEFAULT 7 NOT NULL", "ALTER TABLE t ADD g varchar(4)", "INSERT INTO t (a, c) VALUES (4, 5)")
	want(t, s, "SELECT a, b, f, g FROM t ORDER BY a", "1 one 7 NULL", "2 two 7 NULL", "3 NULL 7 NULL", "4 NULL 7 NULL")
	run(t, s, "ALTER TABLE t DROP COLUMN b", "ALTER TABLE t RENAME COLUMN f TO h")
	want(t, s, "SELECT * FROM t WHERE a = 1", "1 30 NULL x 7 NULL")
	want(t, s, "SELECT h FROM t WHERE c = 5", "7")
	run(t, s, "ALTER TABLE t ALTER DISTSTYLE EVEN", "ALTER TABLE t ALTER SORTKEY (a)")
	x, v := table(t, c, "t")
	if x.Def.Dist.Style != storage.Even || !reflect.DeepEqual(x.Def.Sort.Columns, []int{0}) || v.Rows() != 4 {
		t.Errorf("%+v, %d rows", x.Def, v.Rows())
	}
	run(t, s, "ALTER TABLE t ALTER DISTSTYLE ALL", "ALTER TABLE t ALTER SORTKEY NONE", "ALTER TABLE t ALTER COLUMN g TYPE varchar(100)",
		"ALTER TABLE t ALTER COLUMN g ENCODE zstd", "INSERT INTO t VALUES (5, 1, 'd', 'e', 8, 'longer than four')")
	want(t, s, "SELECT count(*), sum(a) FROM t", "5 15")
	run(t, s, "ALTER TABLE t ALTER DISTKEY a", "ALTER TABLE t RENAME TO u", "ALTER TABLE u ADD CONSTRAINT k PRIMARY KEY (a)")
	want(t, s, "SELECT g FROM u WHERE a = 5", "longer than four")
	refused(t, s, "ALTER TABLE u ADD PRIMARY KEY (a)", "42P16", "multiple primary keys")
	run(t, s, "ALTER TABLE u DROP CONSTRAINT k")
	refused(t, s, "ALTER TABLE u DROP CONSTRAINT k", "42704", "k")

	run(t, s, "CREATE VIEW v AS SELECT a, h FROM u")
	refused(t, s, "ALTER TABLE u DROP COLUMN h", "2BP01", "because other objects depend on it")
	run(t, s, "ALTER TABLE u DROP COLUMN g", "ALTER TABLE u DROP COLUMN h CASCADE")
	refused(t, s, "SELECT * FROM v", "42P01", `relation "v" does not exist`)
}

// TestVacuum sorts, and reclaims what was deleted. https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html
func TestVacuum(t *testing.T) {
	c := New(Config{})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int) DISTSTYLE EVEN SORTKEY(a)")
	for i := range 20 {
		run(t, s, fmt.Sprintf("INSERT INTO t VALUES (%d), (%d)", 100-i, i))
	}
	run(t, s, "DELETE FROM t WHERE a < 10")
	_, v := table(t, c, "t")
	if rows, deleted, _ := v.Physical(); rows != 40 || deleted != 10 {
		t.Errorf("%d rows, %d deleted", rows, deleted)
	}
	for text, part := range map[string]string{
		"VACUUM REINDEX": "needs a table name", "VACUUM REINDEX t TO 75 PERCENT": "not supported with TO", "VACUUM TO 50 PERCENT": "",
		"VACUUM RECLUSTER t TO 5 PERCENT": "not supported with TO", "VACUUM RECLUSTER": "needs a table name", "VACUUM BOOST": "",
	} {
		if _, err := s.Exec(context.Background(), text, nil); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v", text, err)
		}
	}
	run(t, s, "VACUUM DELETE ONLY t")
	_, v = table(t, c, "t")
	if rows, deleted, _ := v.Physical(); rows != 30 || deleted != 0 {
		t.Errorf("DELETE ONLY: %d rows, %d deleted", rows, deleted)
	}
	run(t, s, "VACUUM")
	_, v = table(t, c, "t")
	if rows, _, sorted := v.Physical(); rows != 30 || sorted != 30 {
		t.Errorf("FULL: %d rows, %d sorted", rows, sorted)
	}
	want(t, s, "SELECT count(*), min(a), max(a) FROM t", "30 10 100")
}

// TestAnalyze counts, and leaves alone what has hardly changed. https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE.html
func TestAnalyze(t *testing.T) {
	c := New(Config{})
	var notices []string
	s, err := c.NewSession(SessionOptions{Notice: func(e *sqlstate.Error) { notices = append(notices, e.Message) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	run(t, s, "CREATE TABLE t (a int, b int)", "INSERT INTO t VALUES (1,1),(2,1),(3,NULL),(4,NULL)", "ANALYZE t")
	_, v := table(t, c, "t")
	if st := v.Statistics(); st == nil || st.Rows != 4 || st.Columns[0].NDistinct != 4 || st.Columns[1].NDistinct != 1 || st.Columns[1].NullFrac != 0.5 {
		t.Errorf("%+v", st)
	}
	run(t, s, "ANALYZE t")
	if len(notices) != 1 || notices[0] != "ANALYZE SKIP" {
		t.Errorf("%q", notices)
	}
	run(t, s, "INSERT INTO t VALUES (5, 5)", "ANALYZE VERBOSE", "ANALYZE t (a)")
	if _, v = table(t, c, "t"); v.Statistics().Rows != 5 {
		t.Errorf("%+v", v.Statistics())
	}
	refused(t, s, "ANALYZE t (z)", "42703", "z")
	run(t, s, "CREATE TABLE u AS SELECT * FROM t")
	if _, v = table(t, c, "u"); v.Statistics() == nil || v.Statistics().Rows != 5 {
		t.Errorf("CREATE TABLE AS: %+v", v.Statistics())
	}
}

// TestAuto: a table without DISTSTYLE is a copy on every node until a column needs a second block.
// https://docs.aws.amazon.com/redshift/latest/dg/c_choosing_dist_sort.html
func TestAuto(t *testing.T) {
	c := New(Config{BlockBytes: 4096})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (a bigint)", "INSERT INTO t VALUES (1000000000001)")
	if x, _ := table(t, c, "t"); x.Def.Dist.Style != storage.AutoAll {
		t.Errorf("%v", x.Def.Dist)
	}
	for range 12 {
		run(t, s, "INSERT INTO t SELECT a * 3 FROM t WHERE a < 1000000000000000000")
	}
	x, v := table(t, c, "t")
	if x.Def.Dist.Style != storage.AutoEven {
		t.Errorf("%v with %d rows", x.Def.Dist, v.Rows())
	}
	for slice := range 4 {
		if n := v.Shard(slice).Rows(); n < v.Rows()/4-1 || n > v.Rows()/4+1 {
			t.Errorf("slice %d has %d of %d rows", slice, n, v.Rows())
		}
	}
}

// TestConflicts: two transactions that change one object: the second to commit fails, whole.
func TestConflicts(t *testing.T) {
	c := New(Config{})
	a, b := connect(t, c, ""), connect(t, c, "")
	run(t, a, "BEGIN", "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)")
	run(t, b, "BEGIN", "CREATE TABLE t (a int)", "CREATE TABLE u (a int)", "INSERT INTO t VALUES (2)")
	run(t, a, "COMMIT")
	refused(t, b, "COMMIT", sqlstate.Internal, "could not complete because of conflict with concurrent transaction")
	want(t, b, "SELECT a FROM t", "1")
	refused(t, b, "SELECT * FROM u", sqlstate.UndefinedTable, "u")
	if b.Status() != 'I' {
		t.Errorf("status %c", b.Status())
	}
	run(t, a, "BEGIN")
	want(t, a, "SELECT a FROM t", "1")
	run(t, b, "DELETE FROM t")
	refused(t, a, "UPDATE t SET a = 5", sqlstate.Internal, "1023")
	run(t, a, "ROLLBACK")
}

// TestCopyOptions refuses what COPY does not take, or not together.
func TestCopyOptions(t *testing.T) {
	c := New(Config{Buckets: map[string]load.ObjectStore{"b": load.FS(fstest.MapFS{"f": {Data: []byte("1,x\n")}})}})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (a int, b varchar(5) ENCODE raw)")
	for options, part := range map[string]string{
		"":                                   "requires an authorization",
		"IAM_ROLE 'me'":                      "Invalid IAM role ARN",
		"CREDENTIALS 'me'":                   "Invalid credentials",
		"ACCESS_KEY_ID 'a'":                  "together",
		"IAM_ROLE DEFAULT CSV ESCAPE":        "CSV and ESCAPE",
		"IAM_ROLE DEFAULT QUOTE AS '%'":      "QUOTE needs CSV",
		"IAM_ROLE DEFAULT DELIMITER ''":      "one or more characters",
		"IAM_ROLE DEFAULT GZIP GZIP":         "conflicting or redundant",
		"IAM_ROLE DEFAULT JSON 'noshred'":    "one SUPER column",
		"IAM_ROLE DEFAULT ORC":               "COPY FORMAT ORC is not supported",
		"IAM_ROLE DEFAULT MAXERROR 1000000":  "between 0 and 100000",
		"IAM_ROLE DEFAULT ENCODING 'EBCDIC'": "EBCDIC is not one of",
		"IAM_ROLE DEFAULT FIXEDWIDTH 'a:1'":  "FIXEDWIDTH names 1 columns",
		"IAM_ROLE DEFAULT FIXEDWIDTH 'wide'": "label:width",
	} {
		if _, err := s.Exec(context.Background(), "COPY t FROM 's3://b/f' "+options, nil); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, want %s", options, err, part)
		}
	}
	run(t, s, "COPY t FROM 's3://b/f' CREDENTIALS 'aws_iam_role=arn:aws:iam::0123456789012:role/r' DELIMITER ',' COMPUPDATE PRESET STATUPDATE OFF REGION 'eu-west-1' IGNOREHEADER AS 0 DATEFORMAT 'auto' TIMEFORMAT AS 'auto' NULL AS 'NA' MAXERROR AS 1")
	want(t, s, "SELECT * FROM t", "1 x")
	if x, v := table(t, c, "t"); v.Statistics() != nil || x.Columns[1].Encoding != "lzo" {
		t.Errorf("%v, %q", v.Statistics(), x.Columns[1].Encoding)
	}
}
