package parse

import (
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// TestErrors checks messages in PostgreSQL's words and their places; ^ marks the place and is taken out of the text.
func TestErrors(t *testing.T) {
	const syntax, unsupported = sqlstate.Syntax, sqlstate.FeatureNotSupported
	for _, c := range []struct {
		text    string
		code    sqlstate.Code
		message string
	}{
		{"^selec 1", syntax, `syntax error at or near "selec"`},
		{"select a frm ^t where", syntax, `syntax error at or near "t"`},
		{"select^", syntax, `syntax error at end of input`},
		{"select 1 +^", syntax, `syntax error at end of input`},
		{"select 1 +^;", syntax, `syntax error at or near ";"`},
		{"select ^FROM t", syntax, `syntax error at or near "FROM"`},
		{"select a from ^where a", syntax, `syntax error at or near "where"`},
		{"select a from t where a = ^?", syntax, `syntax error at or near "?"`},
		{"select (1^", syntax, `syntax error at end of input`},
		{"select 1^)", syntax, `syntax error at or near ")"`},
		{"select a < b ^< c", syntax, `syntax error at or near "<"`},
		{"select a like b ^like c", syntax, `syntax error at or near "like"`},
		{"select a between 1 and 2 ^not in (3)", syntax, `syntax error at or near "not"`},
		{"select a similar to b ^between 1 and 2", syntax, `syntax error at or near "between"`},
		{"select 'a' ^'b'", syntax, `syntax error at or near "'b'"`},
		{"select ^'abc", syntax, `unterminated quoted string at or near "'abc"`},
		{"select ^\"abc", syntax, `unterminated quoted identifier at or near ""abc"`},
		{"select 1 ^/* x", syntax, `unterminated /* comment at or near "/* x"`},
		{"select ^$$x", syntax, `unterminated dollar-quoted string at or near "$$x"`},
		{"select case ^end", syntax, `syntax error at or near "end"`},
		{"select a from t limit 1^, 2", syntax, `LIMIT #,# syntax is not supported`},
		{"select top 1 a from t ^limit 2", syntax, `multiple LIMIT clauses not allowed`},
		{"select a from t limit 1 ^limit 2", syntax, `multiple LIMIT clauses not allowed`},
		{"select * from a join b^", syntax, `syntax error at end of input`},
		{"select * from a join b ^where x", syntax, `syntax error at or near "where"`},
		{"select * from (^values (1)) t", syntax, `syntax error at or near "values"`},
		{"^values (1)", syntax, `syntax error at or near "values"`},
		{"select sum(a) filter ^(where b) from t", syntax, `syntax error at or near "("`},
		{"select string_agg(a ^order by b) from t", syntax, `syntax error at or near "order"`},
		{"select array[1, 2^", syntax, `syntax error at end of input`},
		{"select 1; select ^from; select 2", syntax, `syntax error at or near "from"`},
		{"select (select a ^into x from t)", syntax, `SELECT ... INTO is not allowed here`},
		{"insert into t values (1) ^returning a", syntax, `syntax error at or near "returning"`},
		{"insert into t values (1) ^on conflict do nothing", syntax, `syntax error at or near "on"`},
		{"insert into t values (1), ^", syntax, `syntax error at end of input`},
		{"insert into t values (1), (2, ^)", syntax, `syntax error at or near ")"`},
		{"insert ^t values (1)", syntax, `syntax error at or near "t"`},
		{"update t ^a = 1", syntax, ``},
		{"update t set ^(a, b) = (1, 2)", syntax, `syntax error at or near "("`},
		{"update t set ^u.a = 1", sqlstate.UndefinedColumn, `column "u" of relation "t" does not exist`},
		{"create table t (a int, ^)", syntax, `syntax error at or near ")"`},
		{"create table t (a int) ^partition by a", syntax, `syntax error at or near "partition"`},
		{"create ^tabel t (a int)", syntax, `syntax error at or near "tabel"`},
		{"create or replace ^table t (a int)", syntax, `syntax error at or near "table"`},
		{"drop ^t", syntax, `syntax error at or near "t"`},
		{"copy t from ^stdin", syntax, `syntax error at or near "stdin"`},
		{"copy t from 'x' ^iamrole 'y'", syntax, `syntax error at or near "iamrole"`},
		{"copy t from 'x' iam_role ^csv", syntax, `syntax error at or near "csv"`},
		{"copy t from 'x' iam_role default job ^run j", syntax, `syntax error at or near "run"`},
		{"copy t from 'x' iam_role default job create j auto ^maybe", syntax, `syntax error at or near "maybe"`},
		{"copy job ^fly j", syntax, `syntax error at or near "fly"`},
		{"copy job run^", syntax, "syntax error at end of input"},
		{"copy job list ^j", syntax, `syntax error at or near "j"`},
		{"copy t from 'x' iam_role default,^", syntax, "syntax error at end of input"},
		{"copy t from 'x' iam_role default csv using template ^'x'", syntax, `syntax error at or near "'x'"`},
		{"create template t for copy as^", syntax, "syntax error at end of input"},
		{"create template t for ^unload csv", syntax, `syntax error at or near "unload"`},
		{"alter template t add ^wings", syntax, `syntax error at or near "wings"`},
		{"alter template t add format delimiter^", syntax, "syntax error at end of input"},
		{"alter template t set csv to ^'x'", syntax, `syntax error at or near "'x'"`},
		{"alter template t set ^wings to 1", syntax, `syntax error at or near "wings"`},
		{"alter template t ^fly", syntax, `syntax error at or near "fly"`},
		{"alter table t ^modify a int", syntax, `syntax error at or near "modify"`},
		{"explain ^drop table t", syntax, `syntax error at or near "drop"`},
		{"set search_path ^public", syntax, `syntax error at or near "public"`},
		{"begin ^nonsense", syntax, `syntax error at or near "nonsense"`},
		{"grüße ^", syntax, ``},
		{"select ^$0", sqlstate.UndefinedParameter, `there is no parameter $0`},
		{"select ^\x00", sqlstate.InvalidByteSequence, `invalid byte sequence for encoding "UTF8": 0x00`},
		{"select '^\xff'", sqlstate.InvalidByteSequence, `invalid byte sequence for encoding "UTF8": 0xff`},
		// refused on purpose
		{"select distinct ^on (a) a from t", unsupported, `SELECT DISTINCT ON is not supported`},
		{"select a is ^distinct from b", unsupported, `IS DISTINCT FROM is not supported`},
		{"select a from t ^for update", unsupported, `SELECT FOR UPDATE/SHARE is not supported`},
		{"select a from t ^start with a = 1", syntax, ``},
		{"select a from t start with a ^start with b connect by c", syntax, `syntax error at or near "start"`},
		{"select a from t start with a = 1^", syntax, `syntax error at end of input`},
		{"select a[^", syntax, `syntax error at end of input`},
		{"select a[1^:2]", syntax, ``},
		{"select * from t pivot (^1 for b in (1))", syntax, `syntax error at or near "1"`},
		{"select * from t pivot (sum(a)^, max(a) for b in (1))", syntax, `syntax error at or near ","`},
		{"select * from t pivot (sum(a) for b in (^))", syntax, `syntax error at or near ")"`},
		{"select * from t unpivot (a ^in (1))", syntax, `syntax error at or near "in"`},
		{"select * from t join (select 1) x ^where a", syntax, `syntax error at or near "where"`},
		{"select a like any ^(select 1)", unsupported, ``},
		{"select a = any (1^, 2)", unsupported, `ANY and ALL over a list is not supported`},
		{"select f(^a => 1)", unsupported, `a named argument is not supported`},
		{"select sum(a) over ^w from t", unsupported, `a named window is not supported`},
		{"select 1 except ^all select 2", unsupported, ``},
		{"select 1 from t where ^current of c", unsupported, `WHERE CURRENT OF is not supported`},
		{"explain ^analyze select 1", unsupported, `EXPLAIN ANALYZE is not supported`},
		{"create table t (a int ^check (a > 1))", unsupported, `ALTER/CREATE TABLE column CHECK constraint is not supported`},
		{"create schema s quota ^gb", syntax, `syntax error at or near "gb"`},
		{"create schema s quota ^99999999999999", sqlstate.NumericOutOfRange, `value "99999999999999" is out of range for type integer`},
		{"merge t ^using s on true", syntax, ``},
		{"merge into t using s ^when matched then delete", syntax, `syntax error at or near "when"`},
		{"merge into t using s on true^", syntax, `syntax error at end of input`},
		{"merge into t using s on true when matched ^and a then delete", syntax, `syntax error at or near "and"`},
		{"merge into t using s on true when matched then ^insert values (1)", syntax, `syntax error at or near "insert"`},
		{"merge into t using s on true when matched then delete when ^matched then delete", syntax, `syntax error at or near "matched"`},
		{"declare c cursor for ^delete from t", syntax, `syntax error at or near "delete"`},
		{"declare c ^for select 1", syntax, `syntax error at or near "for"`},
		{"fetch ^backward 1 from c", unsupported, `FETCH BACKWARD is not supported`},
		{"lock t in ^some mode", syntax, `syntax error at or near "some"`},
		{"call p(1^", syntax, `syntax error at end of input`},
		{"create materialized view m auto refresh ^maybe as select 1", syntax, `syntax error at or near "maybe"`},
		{"unload ('select ''a'', ^from t') to 'x'", syntax, `syntax error at or near "from"`},
		{"unload ($$select a ^frm t where$$) to 'x'", syntax, ``},
		{"unload ('^delete from t') to 'x'", syntax, `syntax error at or near "delete"`},
		{"comment on constraint k ^is 'x'", syntax, `syntax error at or near "is"`},
		{"grant ^frobnicate on t to u", syntax, `syntax error at or near "frobnicate"`},
		{"grant select ^t to u", syntax, `syntax error at or near "t"`},
		{"grant select on t ^from u", syntax, `syntax error at or near "from"`},
		{"revoke select on t ^to u", syntax, `syntax error at or near "to"`},
		{"grant select on table ^if exists t to u", syntax, ``},
		{"create user ^with password 'x'", syntax, `syntax error at or near "with"`},
		{"create user u ^login", syntax, `syntax error at or near "login"`},
		{"alter user u^", syntax, `syntax error at end of input`},
		{"drop role r ^drop role r", syntax, `syntax error at or near "drop"`},
		{"alter default privileges ^on tables", syntax, `syntax error at or near "on"`},
		{"alter default privileges grant ^r to user u", syntax, `syntax error at or near "r"`},
		{"alter default privileges revoke ^admin option for r from u", syntax, `syntax error at or near "admin"`},
		{"rollback ^to savepoint s", unsupported, `ROLLBACK TO SAVEPOINT is not supported`},
		{"alter table t alter column a encode lzo, alter column b encode raw, alter column ^a encode zstd", sqlstate.DuplicateColumn, `column "a" specified more than once`},
		{"alter table t alter column a ^set default 1", unsupported, `ALTER COLUMN SET/DROP DEFAULT is not supported`},
	} {
		at := strings.IndexByte(c.text, '^')
		text := c.text[:at] + c.text[at+1:]
		_, err := Parse(text)
		e, ok := err.(*sqlstate.Error)
		if !ok {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if e.Code != c.code || c.message != "" && (e.Message != c.message || e.Offset() != at && c.message != "syntax error at end of input") {
			t.Errorf("%s: %s %q at %d, want %s %q at %d", text, e.Code, e.Message, e.Offset(), c.code, c.message, at)
		}
		if strings.HasSuffix(c.message, "end of input") && e.Offset() != len(text) {
			t.Errorf("%s: at %d, not at the end", text, e.Offset())
		}
	}
	_, err := Parse("select ?")
	if e := err.(*sqlstate.Error); !strings.HasPrefix(e.Hint, "use $1, $2") {
		t.Errorf("hint %q", e.Hint)
	}
}

// TestPlaces checks where nodes stand: literals, names and calls at their first byte, operators at the operator.
func TestPlaces(t *testing.T) {
	for _, c := range [][2]string{
		//         0123456789012345678901234567890123456789
		{"select a + b * c", "(a@7 + (b@11 * c@15)@13)@9"},
		{"select (a + b) * 2", "((a@8 + b@12)@10 * 2@17)@15"},
		{"select a = b or not c", "((a@7 = b@11)@9 or (not c@20)@16)@13"},
		{"select -a::int", "(- cast(a@8 as integer)@9)@7"},
		{"select a||b||c", "((a@7 || b@10)@8 || c@13)@11"},
		{"select f(a, g(1))", "f(a@9 g(1@14)@12)@7"},
		{"select a in (1, 2)", "(a@7 in 1@13 2@16)@9"},
		{"select a not in (1)", "(a@7 not in 1@17)@9"},
		{"select a between 1 and 2", "(a@7 between 1@17 and 2@23)@9"},
		{"select a is null", "(a@7 is null)@9"},
		{"select a like 'x'", "(a@7 like 'x'@14)@9"},
		{"select a ~ 'x'", "(a@7 ~ 'x'@11)@9"},
		{"select (a, b) = (1, 2)", "(row( a@8 b@11)@7 = row( 1@17 2@20)@16)@14"},
		{"select case a when 1 then 'x' end", "case(a@12 when 1@19 then 'x'@26)@7"},
		{"select trim('x' from a)", "btrim(a@21 'x'@12)@7"},
		{"select extract(year from a)", "extract('year'@15 a@25)@7"},
		{"select dateadd(day, 1, a)", "dateadd('day'@15 1@20 a@23)@7"},
		{"select 1.5 - null", "(1.5@7 - null@13)@11"},
		{"select date '2008-01-01'", "typed('2008-01-01'@12 as date)@7"},
		{"select a at time zone 'x'", "(a@7 zone 'x'@22)@9"},
		{"select true and false", "(true@7 and false@16)@12"},
		{"select not exists (select 1)", "(not exists [select 1@26]@11)@7"},
		{"select (select a from t)", "[select a@15 from t@22]@7"},
		{"select a = any (select 1)", "(a@7 = any [select 1@23])@9"},
		{"select sum(a) over (partition by b order by c)", "sum(a@11) over(partition b@33 order c@44)@7"},
		{"select s.t.a", "s.t.a@7"},
		{"select $1", "$1@7"},
		{"select current_date", "current_date@7"},
		{"select * from a, b x left join (select c) y on d = e", "*@7"},
	} {
		list, err := Parse(c[0])
		if err != nil {
			t.Errorf("%s: %v", c[0], err)
			continue
		}
		if got := showExpr(list[0].(*ast.Select).Items[0].Expr, true); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
	list, err := Parse("/* x */ select * from a, b x left join (select c) y on d = e where f > 1")
	if err != nil {
		t.Fatal(err)
	}
	q := list[0].(*ast.Select)
	p := &printer{places: true}
	p.from("", q.From)
	p.put(" ")
	p.expr(q.Where)
	if got, want := p.b.String(), "a@22, (b x@25 left [select c@47] y@39 on (d@55 = e@59)@57)@25 (f@67 > 1@71)@69"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if q.Pos != 8 {
		t.Errorf("SELECT at %d", q.Pos)
	}
	list, err = Parse("with a as (select 1) select 2 union select 3")
	if err != nil {
		t.Fatal(err)
	}
	q = list[0].(*ast.Select)
	if q.Pos != 0 || q.With[0].Pos != 5 || q.With[0].Query.Pos != 11 || q.Left.Pos != 21 || q.Right.Pos != 36 {
		t.Error(q.Pos, q.With[0].Pos, q.With[0].Query.Pos, q.Left.Pos, q.Right.Pos)
	}
	list, err = Parse("update t x set a = b + 1 from u where c")
	if err != nil {
		t.Fatal(err)
	}
	u := list[0].(*ast.Update)
	if u.Table.Pos != 7 || u.Set[0].Column.Pos != 15 || u.Set[0].Value.Offset() != 21 || u.From[0].Offset() != 30 || u.Where.Offset() != 38 {
		t.Error(u.Table.Pos, u.Set[0].Column.Pos, u.Set[0].Value.Offset(), u.From[0].Offset(), u.Where.Offset())
	}
	list, err = Parse("create table t (a int default b + 1)")
	if err != nil {
		t.Fatal(err)
	}
	if d := list[0].(*ast.CreateTable).Columns[0].Default; showExpr(d, true) != "(b@30 + 1@34)@32" {
		t.Error(showExpr(d, true))
	}
}

// TestInContext says where syntax errors are, in the words that users report.
func TestInContext(t *testing.T) {
	for _, c := range [][2]string{
		{"INSERT INTO t (a, b)\nVALUES\n ($1, $2, $3, $4, $5) RETURNING id", `in context ", $5) RETURNING", at line 3, column 23`},
		{`SET search_path TO "dwd_views", $`, `in context "search_path TO "dwd_views", $", at line 1`},
		{"select 1; select\n  from t", `in context "select from", at line 2, column 3`},
		{"selec", `in context "selec", at line 1`},
		{"select a frm t where", `in context "select a frm t", at line 1`},
		{"select 1 +", `in context "select 1 +", at line 1`},
		{"create procedure p() as $$begin x end$$ language plpgsql", ""},
		{"select distinct on (a) a from t", ""},
	} {
		_, err := Parse(c[0])
		if e, ok := err.(*sqlstate.Error); !ok || e.Where != c[1] {
			t.Errorf("%s: %v, %q, want %q", c[0], err, e.Where, c[1])
		}
	}
}
