package sqlmatch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/DATA-DOG/go-sqlmock"

	"github.com/redshiftsim/redshiftsim/engine/parse"
)

var _ sqlmock.QueryMatcher = (*Matcher)(nil)

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		o    []Option
	}{
		{"SELECT title FROM movies WHERE year > $1", "select  TITLE\nfrom \"movies\" -- all\nwhere ((year) > $1)", nil},
		{"SELECT a AS x, b y FROM t AS u", "SELECT a x, b AS \"y\" FROM t u", nil},
		{"SELECT a FROM t WHERE a <> 1", "SELECT a FROM t WHERE a != 1", nil},
		{"SELECT a::int, date '2001-01-01'", "SELECT CAST(a AS integer), '2001-01-01'::date", nil},
		{"SELECT a::varchar(10)", "SELECT CAST(a AS character varying(10))", nil},
		{"SELECT 1 WHERE a AND (b AND c)", "SELECT 1 WHERE ((a AND b)) AND c", nil},
		{"SELECT a FROM t INNER JOIN u ON t.k = u.k LEFT OUTER JOIN v USING (k)", "SELECT a FROM t JOIN u ON (t.k = u.k) LEFT JOIN v USING (k)", nil},
		{"SELECT a FROM t ORDER BY a ASC LIMIT 3", "SELECT a FROM t ORDER BY a LIMIT 3", nil},
		{"(SELECT a FROM t)", "SELECT a FROM t", nil},
		{"SELECT a FROM t UNION SELECT b FROM u", "(SELECT a FROM t) UNION ((SELECT b FROM u))", nil},
		{"INSERT INTO t (a, b) VALUES ($1, 'it''s')", `insert into T ("a", b) values ($1, E'it\'s')`, nil},
		{"SELECT 'a' 'b'", "SELECT 'a' 'b'", nil}, // refused by both: text
		{"SELECT 'a'\n'b'", "SELECT 'ab'", nil},
		{"UPDATE t SET a = 1 WHERE b IN (1, 2)", "UPDATE t SET a = (1) WHERE (b) IN ((1), 2);", nil},
		{"CREATE TABLE t (a int NOT NULL, b varchar DEFAULT 'x') DISTSTYLE KEY DISTKEY(a)", "create table T (\"a\" INTEGER not null, b character varying(256) default 'x') diststyle key distkey (a)", nil},
		{"CREATE VIEW v AS SELECT  a FROM t", "CREATE VIEW v AS (SELECT a FROM t)", nil},
		{"BEGIN; DELETE FROM t; COMMIT", "START TRANSACTION; DELETE FROM t; END;", nil},
		{"COPY t FROM 's3://b/k' IAM_ROLE default CSV", "copy t from 's3://b/k' iam_role DEFAULT csv", nil},
		{"UNLOAD ('SELECT a FROM t') TO 's3://b/k' IAM_ROLE default", "UNLOAD ($$select  a from t$$) TO 's3://b/k' IAM_ROLE default", nil},
		{"CREATE MODEL m FROM t", "create model  M from t -- words", nil},
		{"SELECT m.year AS y FROM movies m ORDER BY y", "SELECT movies.year AS z FROM movies ORDER BY z", []Option{IgnoreAliases()}},
		{"SELECT 1 FROM t a WHERE EXISTS (SELECT 1 FROM u b WHERE b.k = a.k)", "SELECT 1 FROM t x WHERE EXISTS (SELECT 1 AS one FROM u WHERE u.k = x.k)", []Option{IgnoreAliases()}},
		{"SELECT id FROM movies WHERE id = $1", "SELECT id, title, year AS y FROM movies WHERE id = $1", []Option{AnyColumns()}},
		{"SELECT movies.year AS year, title AS title FROM movies AS movies", "SELECT movies.year, title FROM movies", nil},
		{"SELECT a FROM s.t AS t JOIN u u ON t.k = u.k", "SELECT a AS a FROM s.t JOIN u ON t.k = u.k", nil},
		{"UPDATE t AS t SET a = 1 FROM u AS u WHERE t.k = u.k", "UPDATE t SET a = 1 FROM u WHERE t.k = u.k", nil},
		{"DELETE FROM t AS t USING u u WHERE t.k = u.k", "DELETE FROM t USING u WHERE t.k = u.k", nil},
		{"MERGE INTO t USING u AS u ON t.k = u.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (u.k)", "MERGE INTO t USING u ON t.k = u.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (u.k)", nil},
		{"WITH x AS (SELECT a AS a FROM t) SELECT * FROM x AS x", "WITH x AS (SELECT a FROM t) SELECT * FROM x", nil},
		{"SELECT a FROM t ORDER BY a", "SELECT a AS b FROM t ORDER BY b", []Option{IgnoreAliases()}},
		{"SELECT t.a AS a FROM movies t", "SELECT u.a FROM movies u", []Option{IgnoreAliases()}},
		{`SELECT "Year" FROM t`, `SELECT "Year" FROM "t"`, []Option{CaseSensitive()}},
	} {
		if err := New(c.o...).Match(c.a, c.b); err != nil {
			t.Errorf("%s\n%s\n%v", c.a, c.b, err)
		}
		if err := New(c.o...).Match(c.b, c.a); err != nil {
			t.Errorf("reversed: %s\n%s\n%v", c.b, c.a, err)
		}
	}
}

func TestDifferent(t *testing.T) {
	for _, c := range []struct {
		a, b, want string
		o          []Option
	}{
		{
			"SELECT title FROM movies\nWHERE genre = 'x' AND year > $1", "SELECT title FROM movies WHERE genre = 'x' AND year >= $1",
			`sqlmatch: the statements differ in WHERE, condition 2 of AND: > is not >=
  expected: year > $1    (line 2, column 28)
  actual:   year >= $1    (line 1, column 53)`, nil,
		},
		{
			"SELECT a, b FROM t", "SELECT a, c, b FROM t",
			`sqlmatch: the statements differ in the select list, item 2: another name
  expected: b    (line 1, column 11)
  actual:   c    (line 1, column 11)`, nil,
		},
		{
			"SELECT a FROM t", "SELECT a FROM t WHERE é = $2",
			`sqlmatch: the statements differ in WHERE: only the actual statement has it
  expected: (nothing)
  actual:   "é" = $2    (line 1, column 25)`, nil,
		},
		{
			"SELECT a FROM t WHERE k = $1", "SELECT a FROM t WHERE k = $1 AND x IS NULL",
			`sqlmatch: the statements differ in WHERE, condition 2 of AND: only the actual statement has it
  expected: (nothing)
  actual:   x IS NULL    (line 1, column 36)`, nil,
		},
		{
			"SELECT DISTINCT a FROM t", "SELECT a FROM t",
			`sqlmatch: the statements differ in DISTINCT: only the expected statement has it
  expected: SELECT DISTINCT a FROM t    (line 1, column 1)
  actual:   SELECT a FROM t    (line 1, column 1)`, nil,
		},
		{
			"DELETE FROM t", "UPDATE t SET a = 1",
			`sqlmatch: the statements differ: DELETE is not UPDATE
  expected: DELETE FROM t    (line 1, column 1)
  actual:   UPDATE t SET a = 1    (line 1, column 1)`, nil,
		},
		{
			"COMMIT", "COMMIT; SELECT 1",
			`sqlmatch: the statements differ in statement 2: only the actual statement has it
  expected: (nothing)
  actual:   SELECT 1    (line 1, column 9)`, nil,
		},
		{
			"CREATE TABLE t (a int, b int)", "CREATE TABLE t (a int, b bigint)",
			`sqlmatch: the statements differ in the columns, item 2, the type: integer is not bigint
  expected: integer    (line 1, column 26)
  actual:   bigint    (line 1, column 26)`, nil,
		},
		{
			"CREATE TABLE t (a int, b int)", "CREATE TABLE t (a int, b int NOT NULL)",
			`sqlmatch: the statements differ in the columns, item 2, NOT NULL: only the actual statement has it
  expected: b int)    (line 1, column 24)
  actual:   b int NOT NULL)    (line 1, column 24)`, nil,
		},
		{
			"SELECT f(a, 1) FROM t", "SELECT f(a, 'x') FROM t",
			`sqlmatch: the statements differ in the select list, item 1, the arguments, item 2: a number is not a string
  expected: 1    (line 1, column 13)
  actual:   'x'    (line 1, column 13)`, nil,
		},
		{
			"SELECT a FROM t WHERE b = $1", "SELECT a FROM t WHERE b = ?",
			"sqlmatch: ? is no placeholder of Redshift, write $1, $2, ..: the actual statement is refused: ERROR: syntax error at or near \"?\"\nHINT: use $1, $2: Redshift's placeholders are numbered (SQLSTATE 42601)", nil,
		},
		{
			"SELECT a FROM t WHERE b = ?", "SELECT a FROM t WHERE b = ?",
			"sqlmatch: ? is no placeholder of Redshift, write $1, $2, ..: the expected statement is refused: ERROR: syntax error at or near \"?\"\nHINT: use $1, $2: Redshift's placeholders are numbered (SQLSTATE 42601)", nil,
		},
		{
			"INSERT INTO t VALUES (1) RETURNING id", "INSERT INTO t VALUES (2) RETURNING id",
			`sqlmatch: the texts differ; they were compared as texts, for the expected statement is refused: ERROR: syntax error at or near "RETURNING" (SQLSTATE 42601)
  expected: INSERT INTO t VALUES (1) RETURNING id
  actual:   INSERT INTO t VALUES (2) RETURNING id`, nil,
		},
		{
			"SELECT FROM", "SELECT FROM",
			`sqlmatch: the expected statement is refused: ERROR: syntax error at or near "FROM" (SQLSTATE 42601)`,
			[]Option{Strict()},
		},
		{
			"SELECT m.a FROM t m, u n", "SELECT n.a FROM t m, u n",
			`sqlmatch: the statements differ in the select list, item 1: another name
  expected: m.a    (line 1, column 8)
  actual:   n.a    (line 1, column 8)`,
			[]Option{IgnoreAliases()},
		},
		{
			"SELECT a AS x, b AS y FROM t ORDER BY x", "SELECT a AS y, b AS x FROM t ORDER BY x",
			`sqlmatch: the statements differ in ORDER BY, item 1: another name
  expected: x    (line 1, column 39)
  actual:   x    (line 1, column 39)`,
			[]Option{IgnoreAliases()},
		},
		{
			"SELECT d.x FROM (SELECT a AS x FROM t) d", "SELECT d.x FROM (SELECT a AS y FROM t) d",
			`sqlmatch: the statements differ in FROM, item 1, the query, the select list, item 1, AS: another alias
  expected: a AS x    (line 1, column 25)
  actual:   a AS y    (line 1, column 25)`,
			[]Option{IgnoreAliases()},
		},
		{
			"SELECT a FROM t WHERE b IN (SELECT c FROM u)", "SELECT x FROM t WHERE b IN (SELECT d FROM u)",
			`sqlmatch: the statements differ in WHERE, the query, the select list, item 1: another name
  expected: c    (line 1, column 36)
  actual:   d    (line 1, column 36)`,
			[]Option{AnyColumns()},
		},
		{
			`SELECT "Year" FROM t`, `SELECT year FROM t`,
			`sqlmatch: the statements differ in the select list, item 1: another name
  expected: "Year"    (line 1, column 8)
  actual:   year    (line 1, column 8)`,
			[]Option{CaseSensitive()},
		},
		{
			"UNLOAD ('SELECT a FROM t') TO 's3://b/k' IAM_ROLE default", "UNLOAD ('SELECT b FROM t') TO 's3://b/k' IAM_ROLE default",
			`sqlmatch: the statements differ in the statement, the select list, item 1: another name
  expected: a    (line 1, column 1)
  actual:   b    (line 1, column 1)`, nil,
		},
	} {
		err := New(c.o...).Match(c.a, c.b)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s\n%s\ngot  %v\nwant %s", c.a, c.b, err, c.want)
		}
	}
}

// TestDifferenceFields looks at the error's fields.
func TestDifferenceFields(t *testing.T) {
	var d *Difference
	if err := New().Match("SELECT a\nFROM t", "SELECT a\nFROM u"); !errors.As(err, &d) {
		t.Fatal(err)
	}
	want := Side{SQL: "u", Offset: 14, Line: 2, Column: 6}
	if d.Path != "FROM, item 1, the name" || d.Actual != want {
		t.Errorf("%+v", d)
	}
}

// statements collects the statements of the project's own tests that parse.
func statements(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir("../testdata", func(p string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(p, ".test") {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, block := range strings.Split(string(b), "\n\n") {
			text, _, _ := strings.Cut(block, "\n----")
			for strings.HasPrefix(text, "#") {
				_, text, _ = strings.Cut(text, "\n")
			}
			head, sql, ok := strings.Cut(text, "\n")
			if !ok || !strings.HasPrefix(head, "query") && !strings.HasPrefix(head, "exec") {
				continue
			}
			list, err := parse.Parse(sql)
			if err != nil {
				continue
			}
			for _, st := range list {
				from, to := st.Span()
				out = append(out, sql[from:to])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestRoundTrip reads the canonical text of every statement of the project's tests again: it must have the same tree and the same canonical text.
func TestRoundTrip(t *testing.T) {
	list := statements(t)
	queries := 0
	m := New()
	for _, sql := range list {
		if err := m.Match(sql, sql); err != nil {
			t.Errorf("%s\nis not itself: %v", sql, err)
		}
		text, err := Canonical(sql)
		if err != nil {
			continue
		}
		queries++
		if err := m.Match(sql, text); err != nil {
			t.Errorf("%s\nas %s\n%v", sql, text, err)
			continue
		}
		if again, err := Canonical(text); err != nil || again != text {
			t.Errorf("%s\nbecomes %s (%v)", text, again, err)
		}
	}
	if queries < 1400 || len(list) < 2500 {
		t.Errorf("only %d statements, %d of them queries and changes", len(list), queries)
	}
}

// TestEveryStatementDiffers compares neighbours: no two statements that are written differently may be told the same, unless their canonical texts agree.
func TestEveryStatementDiffers(t *testing.T) {
	m := New()
	list := statements(t)
	for i := 1; i < len(list); i++ {
		a, errA := Canonical(list[i-1])
		b, errB := Canonical(list[i])
		if errA != nil || errB != nil {
			continue
		}
		if err := m.Match(list[i-1], list[i]); (err == nil) != (a == b) {
			t.Errorf("%s\n%s\ncanonical texts agree: %t, but %v", list[i-1], list[i], a == b, err)
		}
	}
}

// FuzzMatch: any two texts are compared without a panic, and alike in both directions.
func FuzzMatch(f *testing.F) {
	f.Add("SELECT a FROM t", "SELECT a, b FROM t WHERE a IN (1, 2)")
	f.Add("CREATE TABLE t (a int)", "CREATE TABLE t (a int, b int)")
	f.Add("CALL p(1)", "SHOW TABLES FROM SCHEMA d.s")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, m := range []*Matcher{New(), New(IgnoreAliases(), AnyColumns())} {
			if (m.Match(a, b) == nil) != (m.Match(b, a) == nil) {
				t.Errorf("%q and %q: not alike in both directions", a, b)
			}
		}
	})
}
