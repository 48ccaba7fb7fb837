package bind

import (
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// tables is a catalog of three tables.
type tables struct{}

var (
	movies = &catalog.Table{ID: 100001, Schema: "public", Name: "movies", Columns: []catalog.Column{
		{Name: "title", Type: types.TVarchar(60)},
		{Name: "genre", Type: types.TVarchar(20)},
		{Name: "year", Type: types.TInt2},
		{Name: "price", Type: types.TNumeric(8, 2)},
		{Name: "seen", Type: types.TDate},
	}}
	genres  = &catalog.Table{ID: 100002, Schema: "public", Name: "genres", Columns: []catalog.Column{{Name: "genre", Type: types.TVarchar(20)}, {Name: "note", Type: types.TInt4}}}
	tickets = &catalog.Table{ID: 100003, Schema: "public", Name: "tickets", Columns: []catalog.Column{
		{Name: "id", Type: types.TInt8, Identity: &catalog.Identity{Seed: 1, Step: 1}}, {Name: "n", Type: types.TInt4},
	}}
)

func (tables) Relation(schema, name string, pos int) (any, error) {
	for _, t := range []*catalog.Table{movies, genres, tickets} {
		if t.Name == name && (schema == "" || schema == t.Schema) {
			return t, nil
		}
	}
	return nil, sqlstate.UndefinedTable.Errorf("relation \"%s\" does not exist", name).At(pos)
}

// Constructors: p is the byte offset.
func col(p int, parts ...string) ast.Expr { return &ast.ColumnRef{Pos: ast.Pos(p), Parts: parts} }
func num(s string) ast.Expr               { return &ast.Literal{Kind: ast.Number, Text: s} }
func str(p int, s string) ast.Expr {
	return &ast.Literal{Pos: ast.Pos(p), Kind: ast.String, Text: s}
}
func bin(l ast.Expr, op string, r ast.Expr) ast.Expr { return &ast.Binary{Op: op, L: l, R: r} }
func fn(name string, args ...ast.Expr) *ast.FuncCall {
	return &ast.FuncCall{Name: []string{name}, Args: args}
}

func tab(name, alias string) ast.From {
	return &ast.TableRef{Name: ast.Name{Parts: []string{name}}, Alias: alias}
}

func items(es ...ast.Expr) (out []ast.Item) {
	for _, e := range es {
		out = append(out, ast.Item{Expr: e})
	}
	return out
}

func bound(t *testing.T, s ast.Statement) *Bound {
	t.Helper()
	b, err := Bind(s, &Env{Catalog: tables{}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPlans(t *testing.T) {
	from := []ast.From{tab("movies", "")}
	for _, c := range []struct {
		name string
		s    ast.Statement
		want string
	}{
		{
			"integer column beside a constant stays bare", &ast.Select{Items: items(col(0, "title")), From: from, Where: bin(col(0, "year"), ">", num("1980"))},
			"Project title#1\n  Filter (year#3 > 1980)\n    Scan movies [title#1 year#3]\n",
		},
		{
			"the constant takes the column's scale", &ast.Select{Items: items(col(0, "title")), From: from, Where: bin(col(0, "price"), ">", num("30"))},
			"Project title#1\n  Filter (price#4 > 30.00)\n    Scan movies [title#1 price#4]\n",
		},
		{
			"a literal takes the date's type", &ast.Select{Items: items(col(0, "title")), From: from, Where: bin(col(0, "seen"), "=", str(0, "2008-01-02"))},
			"Project title#1\n  Filter (seen#5 = '2008-01-02'::date)\n    Scan movies [title#1 seen#5]\n",
		},
		{"no table", &ast.Select{Items: items(bin(num("1"), "+", num("2")))}, "Project ?column?#1=(1 + 2)\n  Values ()\n"},
		{
			"group by ordinal, order by aggregate", &ast.Select{
				Items: items(col(0, "genre"), fn("avg", col(0, "year"))), From: from, GroupBy: []ast.Expr{num("1")},
				OrderBy: []ast.OrderItem{{Expr: fn("avg", col(0, "year")), Desc: true}},
			},
			"Sort #6 desc\n  Project genre#2 avg#6\n    Aggregate [2] #6=avg(year#3)\n      Scan movies [genre#2 year#3]\n",
		},
		{
			"group by expression and having", &ast.Select{
				Items: items(bin(col(0, "year"), "/", num("10"))), From: from, GroupBy: []ast.Expr{bin(col(0, "year"), "/", num("10"))},
				Having: bin(&ast.FuncCall{Name: []string{"count"}, Star: true}, ">", num("1")),
			},
			"Project ?column?#7\n  Aggregate [7] #6=count() having (count#6 > 1)\n    Project ?column?#7=(year#3 / 10)\n      Scan movies [year#3]\n",
		},
		{
			"lateral alias", &ast.Select{Items: []ast.Item{{Expr: bin(col(0, "year"), "+", num("1")), Alias: "y"}, {Expr: bin(col(0, "y"), "*", num("2")), Alias: "z"}}, From: from},
			"Project y#6=(year#3 + 1) z#7=((year#3 + 1) * 2)\n  Scan movies [year#3]\n",
		},
		{
			"order by a column that is not shown", &ast.Select{Items: items(col(0, "title")), From: from, OrderBy: []ast.OrderItem{{Expr: col(0, "year")}}, Limit: num("3")},
			"Project title#1\n  Limit 3 0\n    Sort #3\n      Project title#1 year#3\n        Scan movies [title#1 year#3]\n",
		},
		{
			"using", &ast.Select{
				Items: []ast.Item{{Expr: col(0, "genre")}, {Expr: col(0, "note")}},
				From:  []ast.From{&ast.Join{Kind: "left", L: tab("movies", "m"), R: tab("genres", "g"), Using: []string{"genre"}}},
			},
			"Project genre#2 note#7\n  Join left ((genre#2)::text = (genre#6)::text)\n    Scan m [genre#2]\n    Scan g [genre#6 note#7]\n",
		},
		{
			"union of two types", &ast.Select{
				Op: "union all", Left: &ast.Select{Items: items(col(0, "year")), From: from},
				Right: &ast.Select{Items: items(col(0, "note")), From: []ast.From{tab("genres", "")}},
			},
			"Append [year#9]\n  Project year#8=year#3\n    Project year#3\n      Scan movies [year#3]\n  Project note#7\n    Scan genres [note#7]\n",
		},
		{
			"insert fills in", &ast.Insert{Table: ast.Name{Parts: []string{"genres"}}, Rows: [][]ast.Expr{{str(0, "noir")}}},
			"Insert genres\n  Values ('noir'::character varying, NULL::integer)\n",
		},
		{
			"delete using", &ast.Delete{Table: ast.Name{Parts: []string{"movies"}}, Using: []ast.From{tab("genres", "")}, Where: bin(col(0, "movies", "genre"), "=", col(0, "genres", "genre"))},
			"Delete movies\n  Distinct\n    Project #1\n      Filter ((genre#3)::text = (genre#7)::text)\n        Join inner \n          Scan movies [#1 genre#3]\n          Scan genres [genre#7]\n",
		},
		{
			"update", &ast.Update{Table: ast.Name{Parts: []string{"genres"}}, Set: []ast.Assignment{{Column: ast.ColumnName{Name: "note"}, Value: num("7")}}},
			"Update genres\n  Project #1 genre#2 note#4=7\n    Scan genres [#1 genre#2]\n",
		},
	} {
		if got := printed(bound(t, c.s).Plan); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	from := []ast.From{tab("movies", "")}
	for _, c := range []struct {
		s    ast.Statement
		code sqlstate.Code
		msg  string
		pos  int
	}{
		{&ast.Select{Items: items(col(7, "nope")), From: from}, "42703", `column "nope" does not exist in movies`, 7},
		{&ast.Select{Items: items(col(7, "m", "year")), From: from}, "42P01", `missing FROM-clause entry for table "m"`, 7},
		{&ast.Select{Items: items(col(9, "genre")), From: []ast.From{tab("movies", ""), tab("genres", "")}}, "42702", `column reference "genre" is ambiguous`, 9},
		{
			&ast.Select{Items: items(col(7, "title"), fn("count", col(20, "year"))), From: from}, "42803",
			`column "movies.title" must appear in the GROUP BY clause or be used in an aggregate function`, 7,
		},
		{&ast.Select{Items: items(num("1")), From: from, Where: bin(fn("sum", col(0, "year")), ">", num("1"))}, "42803", "aggregates not allowed in WHERE clause", 0},
		{&ast.Select{Items: items(fn("sum", fn("sum", col(0, "year")))), From: from}, "42803", "aggregate function calls may not be nested", 0},
		{&ast.Select{Items: items(num("1")), From: from, Where: bin(col(0, "year"), "=", str(40, "x"))}, "22P02", `invalid input syntax for integer: "x"`, 40},
		{&ast.Select{Items: items(num("1")), From: from, Where: col(12, "title")}, "42804", "argument of WHERE must be type boolean, not type character varying", 12},
		{&ast.Select{Items: items(col(0, "title")), From: from, OrderBy: []ast.OrderItem{{Expr: num("2")}}}, "42P10", "ORDER BY position 2 is not in select list", 0},
		{
			&ast.Select{Items: items(fn("version")), From: from}, "0A000",
			"Specified types or functions (one per INFO message) not supported on Amazon Redshift tables.", -1,
		},
		{&ast.Insert{Table: ast.Name{Parts: []string{"tickets"}}, Rows: [][]ast.Expr{{num("5"), num("6")}}}, "42611", "cannot set an identity column to a value", 0},
		{&ast.Insert{Table: ast.Name{Parts: []string{"genres"}}, Rows: [][]ast.Expr{{str(0, "a"), num("6"), num("7")}}}, "42601", "INSERT has more expressions than target columns", 0},
	} {
		_, err := Bind(c.s, &Env{Catalog: tables{}})
		e, ok := err.(*sqlstate.Error)
		if !ok || e.Code != c.code || e.Message != c.msg || e.Offset() != c.pos {
			t.Errorf("got %v at %d, want %s %s at %d", err, e.Offset(), c.code, c.msg, c.pos)
		}
	}
}

func TestParams(t *testing.T) {
	b := bound(t, &ast.Select{Items: items(&ast.Param{N: 2}), From: []ast.From{tab("movies", "")}, Where: bin(col(0, "year"), "=", &ast.Param{N: 1})})
	if len(b.Params) != 2 || b.Params[0] != types.TInt2 || b.Params[1].Kind != types.Varchar {
		t.Errorf("parameters %v", b.Params)
	}
}

// TestCorrelated checks that a subquery lists the outer columns it names, and no others.
func TestCorrelated(t *testing.T) {
	q := &ast.Select{Items: items(num("1")), From: []ast.From{tab("genres", "g")}, Where: bin(col(0, "g", "genre"), "=", col(0, "m", "genre"))}
	b := bound(t, &ast.Select{Items: items(col(0, "title")), From: []ast.From{tab("movies", "m")}, Where: &ast.Exists{Query: q}})
	var sub *expr.Subquery
	plan.Walk(b.Plan, func(n plan.Node) bool {
		if f, ok := n.(*plan.Filter); ok {
			sub = f.Conds[0].(*expr.Subquery)
		}
		return true
	})
	if sub == nil || len(sub.Outer) != 1 || sub.Outer[0] != 2 {
		t.Errorf("outer columns: %+v", sub)
	}
}

// BenchmarkPoint binds a point select.
func BenchmarkPoint(b *testing.B) {
	s := &ast.Select{Items: items(col(0, "title"), col(0, "genre")), From: []ast.From{tab("movies", "")}, Where: bin(col(0, "year"), "=", num("1980"))}
	env := &Env{Catalog: tables{}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Bind(s, env); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInsert binds a row.
func BenchmarkInsert(b *testing.B) {
	s := &ast.Insert{Table: ast.Name{Parts: []string{"genres"}}, Rows: [][]ast.Expr{{str(0, "noir"), num("1")}}}
	env := &Env{Catalog: tables{}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Bind(s, env); err != nil {
			b.Fatal(err)
		}
	}
}

// TestCorrelatedThrough checks that a derived table inside a subquery passes on what it names of the blocks further out.
func TestCorrelatedThrough(t *testing.T) {
	d := &ast.Select{Items: items(col(0, "note")), From: []ast.From{tab("genres", "g")}, Where: bin(col(0, "g", "genre"), "=", col(0, "m", "genre"))}
	q := &ast.Select{Items: items(num("1")), From: []ast.From{&ast.Derived{Query: d, Alias: "d"}}}
	b := bound(t, &ast.Select{Items: items(col(0, "title")), From: []ast.From{tab("movies", "m")}, Where: &ast.Exists{Query: q}})
	sub := b.Plan.(*plan.Project).Input.(*plan.Filter).Conds[0].(*expr.Subquery)
	if len(sub.Outer) != 1 || sub.Outer[0] != 2 {
		t.Errorf("outer columns: %v", sub.Outer)
	}
}

// TestWindow checks the frame rule and the nodes of two windows.
func TestWindow(t *testing.T) {
	from := []ast.From{tab("movies", "")}
	sum := fn("sum", col(0, "year"))
	sum.Over = &ast.Window{Order: []ast.OrderItem{{Expr: col(0, "year")}}}
	_, err := Bind(&ast.Select{Items: items(sum), From: from}, &Env{Catalog: tables{}})
	if err == nil || err.(*sqlstate.Error).Message != "Aggregate window functions with an ORDER BY clause require a frame clause" {
		t.Errorf("frame: %v", err)
	}
	a, r := fn("sum", col(0, "year")), fn("row_number")
	a.Over = &ast.Window{Partition: []ast.Expr{col(0, "genre")}}
	r.Over = &ast.Window{Order: []ast.OrderItem{{Expr: bin(col(0, "year"), "+", num("1"))}}}
	got := printed(bound(t, &ast.Select{Items: items(a, r), From: from}).Plan)
	want := "Project sum#6 row_number#7\n  Window [] #7=row_number()\n    Window [2] #6=sum(year#3)\n      Project genre#2 year#3 ?column?#8=(year#3 + 1)\n        Scan movies [genre#2 year#3]\n"
	if got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}

// TestNames checks default column names.
func TestNames(t *testing.T) {
	s := &ast.Select{From: []ast.From{tab("movies", "")}, Items: items(
		fn("lower", col(0, "title")), fn("nvl", col(0, "year"), num("0")), &ast.Cast{X: col(0, "year"), Type: &ast.TypeName{Known: true, Type: types.TInt8}},
		&ast.Cast{X: num("1"), Type: &ast.TypeName{Known: true, Type: types.TInt8}}, num("1"), fn("nullif", col(0, "year"), num("1")))}
	b := bound(t, s)
	for i, want := range []string{"lower", "coalesce", "year", "int8", "?column?", "year"} {
		if b.Columns[i].Name != want {
			t.Errorf("column %d is %s, want %s", i+1, b.Columns[i].Name, want)
		}
	}
}

// TestBareLiteral checks that a literal of the list is varchar in the result, also when the list is sorted by something else.
func TestBareLiteral(t *testing.T) {
	s := &ast.Select{From: []ast.From{tab("movies", "")}, Items: items(str(0, "abc")), OrderBy: []ast.OrderItem{{Expr: col(0, "year")}}}
	b := bound(t, s)
	top := b.Plan.Columns()
	if b.Columns[0].Type != types.TVarchar(3) || len(top) != 1 || top[0].ID != b.Columns[0].ID {
		t.Errorf("result %v of plan columns %v", b.Columns, top)
	}
}

// TestSubqueries checks IN, NOT IN and scalar subqueries, and a WITH query named twice.
func TestSubqueries(t *testing.T) {
	from := []ast.From{tab("movies", "")}
	q := func() *ast.Select {
		return &ast.Select{Items: items(col(0, "note")), From: []ast.From{tab("genres", "")}}
	}
	cond := func(s *ast.Select) expr.Expr {
		return bound(t, s).Plan.(*plan.Project).Input.(*plan.Filter).Conds[0]
	}
	in := cond(&ast.Select{Items: items(num("1")), From: from, Where: &ast.In{X: col(0, "year"), Query: q()}}).(*expr.Subquery)
	if in.Kind != expr.Any || in.Op != expr.Eq || in.Left[0].(*expr.Column).ID != 3 {
		t.Errorf("IN: %+v", in)
	}
	not := cond(&ast.Select{Items: items(num("1")), From: from, Where: &ast.In{X: col(0, "year"), Query: q(), Not: true}}).(*expr.Subquery)
	if not.Kind != expr.All || not.Op != expr.Ne {
		t.Errorf("NOT IN: %+v", not)
	}
	cmp := cond(&ast.Select{Items: items(num("1")), From: from, Where: bin(col(0, "year"), "<", &ast.Subquery{Query: q()})}).(*expr.Compare)
	if s := cmp.Right.(*expr.Subquery); s.Kind != expr.Scalar || s.Typ != types.TInt4 {
		t.Errorf("scalar: %+v", s)
	}
	got := printed(bound(t, &ast.Select{
		With: []ast.CTE{{Name: "w", Query: q(), Columns: []string{"k"}}}, Items: items(col(0, "a", "k")),
		From: []ast.From{tab("w", "a"), tab("w", "b")},
	}).Plan)
	want := "Project k#2\n  Join inner \n    Subquery a [k#2]\n      Project note#2\n        Scan genres [note#2]\n    Subquery b [k#4]\n      Project note#4\n        Scan genres [note#4]\n"
	if got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}
