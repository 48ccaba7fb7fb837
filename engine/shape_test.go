package engine

import (
	"strings"
	"sync"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// TestShapeOf says which literals leave a text.
func TestShapeOf(t *testing.T) {
	for _, x := range []struct {
		text, shape, lits string
		kind              shapeKind
	}{
		{"SELECT v FROM kv WHERE id = 5017", "SELECT v FROM kv WHERE id = $1", "5017", shaped},
		{"select v from kv where id=5 and w >= 'x' or z<>1.50;", "select v from kv where id=$1 and w >= $2 or z<>$3", "5 'x' 1.50", shaped},
		{"INSERT INTO t VALUES (-5, 'x', 1.5, NULL), (7,'', abs(3), -2 + 1)", "INSERT INTO t VALUES ($1, $2, $3, NULL), ($4,$5, abs(3), -2 + 1)", "-5 'x' 1.5 7 ''", shaped},
		{"INSERT INTO t (a, b) values ( - 5 ,\n'x' )", "INSERT INTO t (a, b) values ( $1 ,\n$2 )", "-5 'x'", shaped},
		{"UPDATE t SET a = 5, b = 'y' WHERE c = 3", "UPDATE t SET a = $1, b = $2 WHERE c = $3", "5 'y' 3", shaped},
		{"DELETE FROM t WHERE (a = 5)", "DELETE FROM t WHERE (a = $1)", "5", shaped},
		{"SELECT 5, 'x' FROM t LIMIT 10", "", "", asWritten},
		{"SELECT a FROM t ORDER BY 1", "", "", asWritten},
		{"SELECT a FROM t WHERE a = 5 + b", "", "", asWritten},
		{"SELECT a FROM t WHERE a = -5", "", "", asWritten},
		{"SELECT a FROM t WHERE a = '5' || b", "", "", asWritten},
		{"SELECT a FROM t WHERE a = '5'::int", "", "", asWritten},
		{"SELECT a FROM t WHERE a = 'it''s'", "", "", asWritten},
		{"SELECT a FROM t WHERE a = date '2008-01-01'", "", "", asWritten},
		{"SELECT a FROM t WHERE a LIKE 'x%'", "", "", asWritten},
		{"SELECT a FROM t WHERE 5 = 5", "", "", asWritten},
		{"SELECT a FROM t WHERE a IN (1, 2)", "", "", asWritten},
		{`SELECT "a 5 = 5" FROM t`, "", "", asWritten},
		{"SELECT a FROM t WHERE a = $1 AND b = 5", "", "", asWritten},
		{"SELECT a FROM t WHERE a = 'x\\n'", "", "", unshaped},
		{"SELECT a FROM t WHERE a = E'x'", "", "", unshaped},
		{"SELECT a -- five = 5\nFROM t", "", "", unshaped},
		{"SELECT a /* b = 5 */ FROM t", "", "", unshaped},
		{"SELECT a FROM t WHERE a = $$x$$", "", "", unshaped},
		{"SELECT a FROM t WHERE a = 1e5", "", "", unshaped},
		{"SELECT a FROM t WHERE a = 5; SELECT 2", "", "", unshaped},
		{"SELECT a FROM t WHERE a = 'open", "", "", unshaped},
		{"SELECT a FROM #t WHERE a = 5", "", "", unshaped},
		{"CREATE TABLE t (a int DEFAULT 5, b varchar(9) DEFAULT 'x')", "", "", asWritten},
		{"create temp table t (a int)", "", "", asWritten},
		{"DROP TABLE IF EXISTS t;", "", "", asWritten},
		{"CREATE TABLE t AS SELECT 1", "", "", unshaped},
		{"CREATE TABLE t (a int DEFAULT $1)", "", "", unshaped},
		{"CREATE USER u PASSWORD 'secret'", "", "", unshaped},
		{"DROP VIEW v", "", "", unshaped},
		{"CREATE", "", "", unshaped},
		{"", "", "", unshaped},
	} {
		shape, lits, kind := shapeOf(nil, nil, x.text)
		var got []string
		for _, l := range lits {
			s := l.text
			if !l.number {
				s = "'" + s + "'"
			}
			if l.negative {
				s = "-" + s
			}
			got = append(got, s)
		}
		if x.kind == asWritten {
			x.shape = x.text
		}
		if kind != x.kind || kind != unshaped && (string(shape) != x.shape || strings.Join(got, " ") != x.lits) {
			t.Errorf("%s: %d %q %q", x.text, kind, shape, got)
		}
	}
}

// TestLiterals: a literal takes a parameter's place only where the type holds it exactly.
func TestLiterals(t *testing.T) {
	s := connect(t, New(Config{}), "")
	num := func(text string) literal { return literal{text: text, number: true} }
	str := func(text string) literal { return literal{text: text} }
	for _, x := range []struct {
		l    literal
		t    types.Type
		want string // "" = it does not
	}{
		{num("5"), types.TInt2, "5"},
		{num("70000"), types.TInt2, ""},
		{num("5.0"), types.TInt4, ""},
		{literal{"5", true, true}, types.TInt8, "-5"},
		{num("1.5"), types.TNumeric(5, 2), "1.50"},
		{num("1.555"), types.TNumeric(5, 2), ""},
		{num("1234"), types.TNumeric(5, 2), ""},
		{num("0.5"), types.TFloat8, ""},
		{num("3"), types.TFloat8, "3"},
		{num("3"), types.TFloat4, ""},
		{num("5"), types.TVarcharMax, ""},
		{num("12345678901234567890"), types.TNumeric(38, 0), ""},
		{num("5"), types.TDate, ""},
		{str("x"), types.TVarcharMax, "x"},
		{str("5"), types.TInt4, "5"},
		{str("x"), types.TInt4, ""},
		{str("2008-02-30"), types.TDate, ""},
		{str("2008-02-29"), types.TDate, "2008-02-29"},
		{str("1.5"), types.TNumeric(5, 2), ""},
	} {
		d, ok := x.l.value(s, x.t)
		got := ""
		if ok {
			got = types.Format(d, nil)
		}
		if got != x.want {
			t.Errorf("%+v as %s: %q, want %q", x.l, x.t, got, x.want)
		}
	}
}

// TestShapes: statements that share a shape answer as if they did not.
func TestShapes(t *testing.T) {
	c := New(Config{})
	s := connect(t, c, "")
	run(t, s, "CREATE TABLE t (i int, n numeric(5,2), r real, d double precision, v varchar(4), c char(4), dt date)",
		"INSERT INTO t VALUES (1, 1.5, 0.1, 0.1, 'one', 'a', '2008-01-01')", "INSERT INTO t VALUES (2, 2.5, 0.2, 0.2, 'two', 'b', '2008-01-02')",
		"INSERT INTO t VALUES (-3, 1.555, 3, 3, '3', 'c  ', '2008-01-03')")
	want(t, s, "SELECT i, n, d, v, c, dt FROM t ORDER BY d", "1 1.50 0.1 one a    2008-01-01", "2 2.50 0.2 two b    2008-01-02", "-3 1.56 3 3 c    2008-01-03")
	for _, x := range []struct{ where, n string }{
		{"i = 1", "1"},
		{"i = 2", "1"},
		{"i = 5000000000", "0"},
		{"i = 1.5", "0"},
		{"i = '2'", "1"},
		{"i >= 1.5", "1"},
		{"n = 1.5", "1"},
		{"n = 1.50", "1"},
		{"n = 1.555", "0"},
		{"n > 1.555", "2"},
		{"n = 12345678", "0"},
		{"n = '2.5'", "1"},
		{"r = 0.1", "0"},
		{"d = 0.1", "1"},
		{"d = 3", "1"},
		{"r = 3", "1"},
		{"d = '0.2'", "1"},
		{"v = 'one'", "1"},
		{"v = 'a long text'", "0"},
		{"v = 'two '", "1"},
		{"c = 'c'", "1"},
		{"c = 'b   '", "1"},
		{"dt = '2008-01-02'", "1"},
		{"dt < '2008-01-03'", "2"},
		{"i = 1 AND v = 'one'", "1"},
		{"i = 2 AND v = 'one'", "0"},
	} {
		want(t, s, "SELECT count(*) FROM t WHERE "+x.where, x.n)
		want(t, s, "SELECT count(*) FROM t WHERE "+x.where, x.n)
	}
	for _, x := range []struct {
		text     string
		code     sqlstate.Code
		part     string
		position int
	}{
		{"SELECT count(*) FROM t WHERE i = 'x'", "22P02", `invalid input syntax for integer: "x"`, 34},
		{"SELECT count(*) FROM t WHERE dt = '2008-02-30'", "22008", "date/time field", 35},
		{"SELECT count(*) FROM t WHERE z = 5", "42703", `column "z" does not exist`, 30},
		{"INSERT INTO t (v) VALUES ('too long')", "22001", "value too long for type character varying(4)", 0},
		{"INSERT INTO t (i) VALUES (5000000000)", "22003", "integer out of range", 0},
	} {
		if e := refused(t, s, x.text, x.code, x.part); x.position > 0 && e.Position != x.position {
			t.Errorf("%s: position %d, want %d", x.text, e.Position, x.position)
		}
	}
	want(t, s, "SELECT count(*) FROM t", "3")
}

// TestParsedOnce: sessions that want the same text at the same time share what it is parsed to.
func TestParsedOnce(t *testing.T) {
	var p parseCache
	var got [16]*parsed
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = p.parse("SELECT 1 FROM t WHERE a = $1") })
	}
	wg.Wait()
	kept := p.get([]byte("SELECT 1 FROM t WHERE a = $1"))
	for i, x := range got {
		if x == nil || x.text != kept.text || len(x.stmts) != 1 {
			t.Errorf("%d: %v", i, x)
		}
	}
	for _, text := range []string{"SELECT FROM", "SELECT 1; SELECT 2", ""} {
		if p.parse(text) != nil || p.get([]byte(text)) != nil {
			t.Errorf("%q is kept", text)
		}
	}
}
