package parse

import (
	"strings"
	"sync"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/ast"
)

// check parses texts and compares their trees.
func check(t *testing.T, cases [][2]string) {
	t.Helper()
	for _, c := range cases {
		list, err := Parse(c[0])
		if err != nil {
			t.Errorf("%s\n\t%v", c[0], err)
			continue
		}
		if got := show(list); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

// TestExpressions parses expressions; each is the only item of a SELECT.
func TestExpressions(t *testing.T) {
	cases := [][2]string{
		// literals
		{"1", "1"},
		{"1.50", "1.50"},
		{"1e400", "1e400"},
		{"12345678901234567890123456789", "12345678901234567890123456789"},
		{"007", "007"},
		{"'it''s'", "'it''s'"},
		{`'a\tb'`, "'a\tb'"},
		{"'a'\n'b'", "'ab'"},
		{"$$a'b$$", "'a''b'"},
		{`'\377x'`, "'\377x'"},
		{"null", "null"},
		{"TRUE", "true"},
		{"false", "false"},
		{"$2", "$2"},
		{":name", ":name"},
		// names
		{"A", "a"},
		{`"A b"`, "a b"},
		{"t.a", "t.a"},
		{"s.t.a", "s.t.a"},
		{"d.s.t.a", "d.s.t.a"},
		{"rows", "rows"},
		{"rank", "rank"},
		{"key", "key"},
		{"oid", "oid"},
		{"timestamp", "timestamp"},
		{"_a$1", "_a$1"},
		{"größe", "größe"},
		{"`a`", ""},
		// arithmetic and its precedence
		{"1 + 2 * 3", "(1 + (2 * 3))"},
		{"(1 + 2) * 3", "((1 + 2) * 3)"},
		{"1 - 2 - 3", "((1 - 2) - 3)"},
		{"a / b % c", "((a / b) % c)"},
		{"2 ^ 3 ^ 2", "((2 ^ 3) ^ 2)"},
		{"2 * 3 ^ 2", "(2 * (3 ^ 2))"},
		{"-2 ^ 2", "((- 2) ^ 2)"},
		{"- - 1", "(- (- 1))"},
		{"-1::text", "(- cast(1 as character varying(256)))"},
		{"+a", "(+ a)"},
		{"@ -5", "(@ (- 5))"},
		{"|/ 25", "(|/ 25)"},
		{"~ 5", "(~ 5)"},
		{"a || b || c", "((a || b) || c)"},
		{"'a' || 2 + 2", "('a' || (2 + 2))"},
		{"a || b & c || d", "(((a || b) & c) || d)"},
		{"5 # 3", "(5 # 3)"},
		{"1 << 2 | 3", "((1 << 2) | 3)"},
		{"a ~ 'x' and b !~* 'y'", "((a ~ 'x') and (b !~* 'y'))"},
		{"1--1\n+1", "(1 + 1)"},
		{"1 /* a /* b */ c */ + 2", "(1 + 2)"},
		// comparison and logic
		{"a or b and not c", "(a or (b and (not c)))"},
		{"not a = b", "(not (a = b))"},
		{"not not a", "(not (not a))"},
		{"a != b", "(a <> b)"},
		{"a <> b", "(a <> b)"},
		{"(a = b) = c", "((a = b) = c)"},
		{"a = (b = c)", "(a = (b = c))"},
		{"a + 1 >= b", "((a + 1) >= b)"},
		{"a = b is null", "((a = b) is null)"},
		{"a is not null", "(a is not null)"},
		{"a isnull", "(a is null)"},
		{"a notnull", "(a is not null)"},
		{"a is not true", "(a is not true)"},
		{"a is unknown", "(a is unknown)"},
		{"a between 1 and 2 and b", "((a between 1 and 2) and b)"},
		{"a not between 1 + 1 and 2 * 2", "(a not between (1 + 1) and (2 * 2))"},
		{"a in (1, 2)", "(a in 1 2)"},
		{"a not in (null)", "(a not in null)"},
		{"a in (select 1)", "(a in [select 1])"},
		{"a in ((select 1))", "(a in [select 1])"},
		{"(a, b) in ((1, 2), (3, 4))", "(row( a b) in row( 1 2) row( 3 4))"},
		{"(a, b) = (1, 2)", "(row( a b) = row( 1 2))"},
		{"a like 'x%' || 'y'", "(a like ('x%' || 'y'))"},
		{`a not ilike b escape '\\'`, `(a not ilike b escape '\')`},
		{"a similar to 'x' escape '#'", "(a similar to 'x' escape '#')"},
		{"a not similar to b", "(a not similar to b)"},
		{"a = any (select 1)", "(a = any [select 1])"},
		{"a != all (select 1)", "(a <> all [select 1])"},
		{"a > some (select 1)", "(a > any [select 1])"},
		{"exists (select 1)", "exists [select 1]"},
		{"not exists (select 1)", "(not exists [select 1])"},
		{"(select 1) + 1", "([select 1] + 1)"},
		{"((select 1))", "[select 1]"},
		{"((select 1) + (select 2))", "([select 1] + [select 2])"},
		{"((a))", "a"},
		// casts
		{"a::int", "cast(a as integer)"},
		{"a::varchar(10)::int", "cast(cast(a as character varying(10)) as integer)"},
		{"cast(a as double precision)", "cast(a as double precision)"},
		{"convert(int, a)", "cast(a as integer)"},
		{"try_cast(a as date)", "try_cast(a as date)"},
		{"a::decimal(8, 2)", "cast(a as numeric(8,2))"},
		{"a::numeric", "cast(a as numeric(18,0))"},
		{"a::varchar(max)", "cast(a as character varying(65535))"},
		{"a::timestamp with time zone", "cast(a as timestamp with time zone)"},
		{"a::uuid", "cast(a as ?uuid)"},
		{"a::char(0)", "cast(a as !char)"},
		{"a + b::int", "(a + cast(b as integer))"},
		{"date '2008-01-01'", "typed('2008-01-01' as date)"},
		{"a::float(10)", "cast(a as real)"},
		{"interval '1 day'", `interval("1 day" "")`},
		{"interval '1' day to second(3)", `interval("1" "day to second(3)")`},
		{"now() - interval '52 weeks'", `(now() - interval("52 weeks" ""))`},
		{"a at time zone 'utc'", "(a zone 'utc')"},
		{"a::timestamp at time zone 'a' at time zone 'b'", "((cast(a as timestamp without time zone) zone 'a') zone 'b')"},
		{"a collate case_insensitive", "(a collate case_insensitive)"},
		// CASE
		{"case when a then 1 else 2 end", "case( when a then 1 else 2)"},
		{"case a when 1 then 'x' when 2 then 'y' end", "case(a when 1 then 'x' when 2 then 'y')"},
		{"case when a = 1 or b then -1 end + 1", "(case( when ((a = 1) or b) then (- 1)) + 1)"},
		// functions
		{"f()", "f()"},
		{"s.f(a, 1)", "s.f(a 1)"},
		{"count(*)", "count(*)"},
		{"count(distinct a)", "count(distinct a)"},
		{"sum(all a)", "sum(a)"},
		{"left(a, 1)", "left(a 1)"},
		{"mod(5, 3)", "mod(5 3)"},
		{"char(65)", "char(65)"},
		{"insert(a, 1, 2, 'x')", "insert(a 1 2 'x')"},
		{"if(a, b)", "if(a b)"},
		{"replace(a, 'x', 'y')", "replace(a 'x' 'y')"},
		{"approximate count(distinct a)", "approximate count(distinct a)"},
		{"current_date", "current_date"},
		{"sysdate", "sysdate"},
		{"user", "user"},
		{"getdate()", "getdate()"},
		{"extract(epoch from a)", "extract('epoch' a)"},
		{"extract('dow' from a)", "extract('dow' a)"},
		{"dateadd(month, 1, a)", "dateadd('month' 1 a)"},
		{"date_part('year', a)", "date_part('year' a)"},
		{"datediff(qtr, a, b)", "datediff('qtr' a b)"},
		{"date_trunc('day', a)", "date_trunc('day' a)"},
		{"trim(a)", "btrim(a)"},
		{"trim(both 'x' from a)", "btrim(a 'x')"},
		{"trim(leading from a)", "ltrim(a)"},
		{"trim(trailing '0' from b || c)", "rtrim((b || c) '0')"},
		{"trim('x' from a)", "btrim(a 'x')"},
		{"trim(a, 'x')", "btrim(a 'x')"},
		{"substring(a from 2 for 3)", "substring(a 2 3)"},
		{"substring(a for 3)", "substring(a 1 3)"},
		{"substring(a, 2)", "substring(a 2)"},
		{"position('x' in a)", "position('x' a)"},
		{"listagg(a, ',') within group (order by b desc nulls last)", "listagg(a ',') within(b desc nulls last)"},
		{"sum(a) over (partition by b, c order by d desc, e rows between 1 preceding and current row)", "sum(a) over(partition b c order d desc, e rows 1 preceding and current row)"},
		{"row_number() over ()", "row_number() over()"},
		{"sum(a) over (order by b rows unbounded preceding)", "sum(a) over( order b rows unbounded preceding and current row)"},
		{"lag(a, 1) ignore nulls over (order by b)", "lag(a 1) ignore nulls over( order b)"},
		{"first_value(a ignore nulls) over (order by b)", "first_value(a) ignore nulls over( order b)"},
		{"percentile_cont(0.5) within group (order by a) over (partition by b)", "percentile_cont(0.5) within(a) over(partition b)"},
		{"count(*) over (partition by a)", "count(*) over(partition a)"},
		{"t.*", "t.*"},
	}
	for _, c := range cases {
		list, err := Parse("select " + c[0])
		if c[1] == "" {
			if err == nil {
				t.Errorf("%s: no error", c[0])
			}
			continue
		}
		if err != nil {
			t.Errorf("%s\n\t%v", c[0], err)
			continue
		}
		if got := showExpr(list[0].(*ast.Select).Items[0].Expr, false); got != c[1] {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, c[1])
		}
	}
}

// TestQueries parses queries.
func TestQueries(t *testing.T) {
	check(t, [][2]string{
		{"select a, b as c, d e from t", "[select a, b as c, d as e from t]"},
		{`select a "order count", b as select from t`, "[select a as order count, b as select from t]"},
		{"SELECT DISTINCT * FROM t", "[select distinct * from t]"},
		{"select all a from t", "[select a from t]"},
		{"select * exclude (a, b), t.* exclude c from t", "[select * exclude[a b], t.* exclude[c] from t]"},
		{"select * exclude a, b from t", "[select * exclude[a b] from t]"},
		{"select *, 4 as d exclude (a) from t", "[select * exclude[a], 4 as d from t]"},
		{"select top 10 * from t order by a", "[select * from t order a limit 10]"},
		{"select top $1 a from t", "[select a from t limit $1]"},
		{"select distinct top 3 a from t", "[select distinct a from t limit 3]"},
		{"select 1", "[select 1]"},
		{"select 1 where true", "[select 1 where true]"},
		{"select 1 having count(*) > 0 order by 1 limit 1", "[select 1 having (count(*) > 0) order 1 limit 1]"},
		{"(select 1)", "[select 1]"},
		{"((select 1))", "[select 1]"},
		{"(select 1 order by 1) order by 1 desc limit 2", "[[select 1 order 1] order 1 desc limit 2]"},
		// FROM
		{"select * from a, b x, s.c as y", "[select * from a, b x, s.c y]"},
		{"select * from d.s.t", "[select * from d.s.t]"},
		{"select * from t full join u on t.a = u.a", "[select * from (t full u on (t.a = u.a))]"},
		{"select * from t left outer join u using (a, b) right join v on true", "[select * from ((t left u using[a b]) right v on true)]"},
		{"select * from t full outer join u using (a)", "[select * from (t full u using[a])]"},
		{"select * from t natural join u natural left join v natural full join w", "[select * from (((t natural inner u) natural left v) natural full w)]"},
		{"select * from t cross join u join v on a = b, w", "[select * from ((t cross u) inner v on (a = b)), w]"},
		{"select * from a join b join c on x on y", "[select * from (a inner (b inner c on x) on y)]"},
		{"select * from a left join (b join c on x) on y", "[select * from (a left (b inner c on x) on y)]"},
		{"select * from (a join b on x), c", "[select * from (a inner b on x), c]"},
		{"select * from ((a join b on x)) join c on y", "[select * from ((a inner b on x) inner c on y)]"},
		{"select * from (select 1 as a) t", "[select * from [select 1 as a] t]"},
		{"select * from (select 1, 2) as t(a, b), u v(c)", "[select * from [select 1, 2] t[a b], u v[c]]"},
		{"select * from ((select 1) union (select 2)) t", "[select * from [[select 1] union [select 2]] t]"},
		{"select * from generate_series(1, 10) g(n)", "[select * from generate_series(1 10) g[n]]"},
		{"select * from pg_get_cols('v') cols(a name, b int)", "[select * from pg_get_cols('v') cols[a b]]"},
		{"select * from #t", "[select * from #t]"},
		{"select * from c left join d on c.a = d.a where left(d.b, 1) = 'x'", "[select * from (c left d on (c.a = d.a)) where (left(d.b 1) = 'x')]"},
		// GROUP BY, HAVING, QUALIFY
		{"select a, sum(b) from t group by a, 2 having sum(b) > 1", "[select a, sum(b) from t group a 2 having (sum(b) > 1)]"},
		{"select a from t group by all", "[select a from t group all[]]"},
		{"select a from t group by ()", "[select a from t group sets[{}]]"},
		{"select a from t group by rollup(a, (b, c)), cube(d)", "[select a from t group rollup[{ a}{ b c}] cube[{ d}]]"},
		{"select a from t group by grouping sets ((a, b), (a), ())", "[select a from t group sets[{ a b}{ a}{}]]"},
		{"select a from t group by grouping sets ((a + 1) * 2, b)", "[select a from t group sets[{ ((a + 1) * 2)}{ b}]]"},
		{"select a from t qualify row_number() over (order by a) = 1", "[select a from t qualify (row_number() over( order a) = 1)]"},
		{"select a from t having true qualify rank = 1 order by a", "[select a from t having true qualify (rank = 1) order a]"},
		// ORDER BY, LIMIT
		{"select a from t order by a asc nulls first, b desc nulls last, 3", "[select a from t order a nulls first, b desc nulls last, 3]"},
		{"select a from t order by 1 + 1, (1), -1", "[select a from t order (1 + 1), 1, (- 1)]"},
		{"select a from t group by true, 2 order by false desc, null", "[select a from t group true 2 order false desc, null]"},
		{"select a from t limit 10 offset 5", "[select a from t limit 10 offset 5]"},
		{"select a from t offset $1 limit $2", "[select a from t limit $2 offset $1]"},
		{"select a from t limit all", "[select a from t]"},
		{"select a from t limit 1 + 1", "[select a from t limit (1 + 1)]"},
		{"select a from t offset 3", "[select a from t offset 3]"},
		{"select a from t limit null", "[select a from t limit null]"},
		// set operations
		{"select 1 union select 2 union all select 3", "[[[select 1] union [select 2]] union all [select 3]]"},
		{"select 1 union select 2 intersect select 3", "[[select 1] union [[select 2] intersect [select 3]]]"},
		{"select 1 intersect select 2 union select 3 order by 1 limit 1", "[[[select 1] intersect [select 2]] union [select 3] order 1 limit 1]"},
		{"select 1 intersect select 2 intersect select 3", "[[[select 1] intersect [select 2]] intersect [select 3]]"},
		{"select 1 minus select 2 except select 3", "[[[select 1] except [select 2]] except [select 3]]"},
		{"(select 1 order by 1 limit 1) union (select 2 limit 2)", "[[select 1 order 1 limit 1] union [select 2 limit 2]]"},
		{"select 1 union (select 2 union select 3)", "[[select 1] union [[select 2] union [select 3]]]"},
		{"((select 1) union (select 2)) except select 3", "[[[select 1] union [select 2]] except [select 3]]"},
		{"select top 1 a from t union select top 2 b from u", "[[select a from t limit 1] union [select b from u limit 2]]"},
		{"select distinct a from t union distinct select b from u", "[[select distinct a from t] union [select b from u]]"},
		// WITH
		{"with a as (select 1), b(x, y) as (select 2, 3) select * from a, b", "[with a[][select 1] b[x y][select 2, 3] select * from a, b]"},
		{"with recursive r(n) as (select 1 union all select n + 1 from r) select n from r", "[with recursive r[n][[select 1] union all [select (n + 1) from r]] select n from r]"},
		{"with a as (with b as (select 1) select * from b) select * from a union select 2 limit 1", "[with a[][with b[][select 1] select * from b] [select * from a] union [select 2] limit 1]"},
		{"with a as (select 1) (select * from a) order by 1", "[with a[][select 1] [select * from a] order 1]"},
		{"(with a as (select 1) select * from a) union select 2", "[[with a[][select 1] select * from a] union [select 2]]"},
		{"select (with a as (select 1) select * from a)", "[select [with a[][select 1] select * from a]]"},
		// INTO
		{"select a into temp x from t", "[select a into temp x from t]"},
		{"select a into s.x from t union select b from u", "[[select a into s.x from t] union [select b from u]]"},
		{"with a as (select 1) select * into temporary table x from a", "[with a[][select 1] select * into temp x from a]"},
	})
}

// TestChanges parses INSERT, UPDATE and DELETE.
func TestChanges(t *testing.T) {
	check(t, [][2]string{
		{"insert into s.t (a, b) values (1, 'x')", "insert s.t(a b) ( 1 'x')"},
		{"insert into t values (1, null), (-2, default), (f(3), a + 1), (true, '4'), ($1, 1.5)", "insert t ( 1 null) ( (- 2) default) ( f(3) (a + 1)) ( true '4') ( $1 1.5)"},
		{"insert into t default values", "insert t default values"},
		{"insert into t select * from u", "insert t [select * from u]"},
		{"insert into t (a) (select 1 union select 2)", "insert t(a) [[select 1] union [select 2]]"},
		{"insert into t (select 1)", "insert t [select 1]"},
		{"insert into t with a as (select 1) select * from a limit 1", "insert t [with a[][select 1] select * from a limit 1]"},
		{"insert into t values ((select 1), date '2008-01-01')", "insert t ( [select 1] typed('2008-01-01' as date))"},
		{"insert into #t values (1)", "insert #t ( 1)"},
		{"update t set a = 1", "update t a=1"},
		{"update s.t as x set a = a + 1, b = default where c = 'd'", "update s.t x a=(a + 1) b=default where (c = 'd')"},
		{"update t set a = u.a from u join v on u.b = v.b, w where t.k = u.k", "update t a=u.a from (u inner v on (u.b = v.b)), w where (t.k = u.k)"},
		{"update t set a = (select 1) from (select 2) u", "update t a=[select 1] from [select 2] u"},
		{"with x as (select 1) update t set a = 1 from x", "with x[][select 1] update t a=1 from x"},
		{"delete from t", "delete t"},
		{"delete t where a = 1", "delete t where (a = 1)"},
		{"delete from t x using u, v where x.a = u.a", "delete t x using u, v where (x.a = u.a)"},
		{"with x as (select 1) delete from t using x where t.a in (select * from x)", "with x[][select 1] delete t using x where (t.a in [select * from x])"},
	})
}

// TestTables parses statements about tables, views and schemas.
func TestTables(t *testing.T) {
	check(t, [][2]string{
		{
			"create table t (a int not null, b varchar(10) default 'x' || 'y' encode lzo, c date null)",
			`create table t | a integer not null | b character varying(10) default ('x' || 'y') "'x' || 'y'" encode lzo | c date null`,
		},
		{
			"create table if not exists s.t (a bigint identity(0, 1) distkey sortkey primary key) diststyle key backup no",
			"create table s.t ifnotexists | a bigint distkey sortkey primary identity[0 1] backup=no dist=key",
		},
		{
			"create table t (a int generated by default as identity(1, -1), b int unique references u (c) collate cs)",
			"create table t | a integer bydefault identity[1 -1] | b integer unique collate cs f()->u(c)",
		},
		{
			"create temp table t (a int, primary key (a), constraint k unique (a, b), foreign key (b) references s.u) distkey (a) compound sortkey (a, b)",
			"create table t temp | a integer | p(a) | ku(a b) | f(b)->s.u() sort=compound distkey(a) sortkey(a b)",
		},
		{"create local temporary table t (a int) diststyle even interleaved sortkey (a)", "create table t temp | a integer dist=even sort=interleaved sortkey(a)"},
		{"create table #t (a super, b varbyte(10), c timestamptz) sortkey auto encode auto diststyle auto", "create table #t encodeauto | a super | b binary varying(10) | c timestamp with time zone dist=auto sort=auto"},
		{"create table t (like s.u including defaults) diststyle all", "create table t like s.u defaults dist=all"},
		{"create table t (like u)", "create table t like u"},
		{"create table t as select 1 as a", "create table t as [select 1 as a]"},
		{"create table t (a, b) distkey (a) sortkey (a, b) as (select 1, 2)", "create table t names[a b] distkey(a) sortkey(a b) as [select 1, 2]"},
		{"create table t distkey (1) sortkey (1, 3) as select * from u", "create table t distkey(1) sortkey(1 3) as [select * from u]"},
		{"create view v as select 1", `create view v[] replace=false late=false [select 1] text="select 1"`},
		{"create or replace view s.v (a, b) as select * from s.t with no schema binding;", `create view s.v[a b] replace=true late=true [select * from s.t] text="select * from s.t"`},
		{"create schema s", `create schema s owner="" ifnotexists=false`},
		{"create schema if not exists s authorization u", `create schema s owner="u" ifnotexists=true`},
		{"create schema authorization u", `create schema u owner="u" ifnotexists=false`},
		{"drop table t", "drop table t ifexists=false cascade=false"},
		{"drop table if exists a, s.b cascade", "drop table a s.b ifexists=true cascade=true"},
		{"drop view v restrict", "drop view v ifexists=false cascade=false"},
		{"drop schema s cascade", "drop schema s ifexists=false cascade=true"},
		{"truncate table s.t", "truncate s.t"},
		{"truncate t", "truncate t"},
		{"alter table t add column a int default 0 encode az64", `alter t: add column a integer default 0 "0" encode az64`},
		{"alter table s.t add b varchar(20) not null", "alter s.t: add column b character varying(20) not null"},
		{"alter table t drop column a cascade", "alter t: drop column old=a cascade"},
		{"alter table t drop a restrict", "alter t: drop column old=a"},
		{"alter table t rename column a to b", "alter t: rename column old=a to=b"},
		{"alter table t rename a to b", "alter t: rename column old=a to=b"},
		{"alter table t rename to u", "alter t: rename to=u"},
		{"alter table t owner to u", "alter t: owner to=u"},
		{"alter table t alter column a type varchar(300)", "alter t: alter type old=a a character varying(300)"},
		{"alter table t alter column a encode zstd", "alter t: alter encode old=a encode zstd"},
		{"alter table t alter encode auto", "alter t: alter encode encode auto"},
		{"alter table t alter distkey a", "alter t: alter diststyle dist=key (a)"},
		{"alter table t alter diststyle key distkey a", "alter t: alter diststyle dist=key (a)"},
		{"alter table t alter diststyle all", "alter t: alter diststyle dist=all"},
		{"alter table t alter compound sortkey (a, b)", "alter t: alter sortkey sort=compound (a b)"},
		{"alter table t alter sortkey (a)", "alter t: alter sortkey (a)"},
		{"alter table t alter sortkey none", "alter t: alter sortkey sort=none"},
		{"alter table t add constraint k primary key (a)", "alter t: add constraint kp(a)"},
		{"alter table t add foreign key (a) references u (b)", "alter t: add constraint f(a)->u(b)"},
		{"alter table t drop constraint k cascade", "alter t: drop constraint old=k cascade"},
		{"alter table t alter column a encode raw, alter column b encode lzo", "alter t: alter encode old=a encode raw\nalter t: alter encode old=b encode lzo"},
		{"alter table t append from u", "AppendTable{Table=t Source=u}"},
		{"comment on table t is 'x'", `comment table t "x"`},
		{"comment on column s.t.a is null", "comment column s.t.a null"},
	})
}

// TestUtility parses the statements about loads, sessions and maintenance.
func TestUtility(t *testing.T) {
	check(t, [][2]string{
		{"copy t from 's3://b/k' iam_role default csv", `copy t from "s3://b/k" IAM_ROLE="default" CSV`},
		{
			"copy s.t (a, b) from 's3://b/k' iam_role 'arn:x' format as csv quote as '%' delimiter ';' gzip ignoreheader as 1 maxerror 10 null as '\\\\N' region 'us-east-1'",
			`copy s.t(a b) from "s3://b/k" IAM_ROLE="arn:x" CSV QUOTE="%" DELIMITER=";" GZIP IGNOREHEADER="1" MAXERROR="10" NULL="\\N" REGION="us-east-1"`,
		},
		{
			"copy t from 'x' credentials as 'aws_iam_role=r' json 'auto' timeformat 'auto' dateformat auto compupdate off statupdate acceptinvchars",
			`copy t from "x" CREDENTIALS="aws_iam_role=r" JSON="auto" TIMEFORMAT="auto" DATEFORMAT="auto" COMPUPDATE="OFF" STATUPDATE ACCEPTINVCHARS`,
		},
		{
			"copy t from 'x' access_key_id 'a' secret_access_key 'b' session_token 'c' fixedwidth 'a:1,b:2' escape removequotes emptyasnull blanksasnull",
			`copy t from "x" ACCESS_KEY_ID="a" SECRET_ACCESS_KEY="b" SESSION_TOKEN="c" FIXEDWIDTH="a:1,b:2" ESCAPE REMOVEQUOTES EMPTYASNULL BLANKSASNULL`,
		},
		{
			"copy t from 'x' with credentials 'c' parquet manifest compupdate preset acceptinvchars as '^' encoding utf16 explicit_ids",
			`copy t from "x" CREDENTIALS="c" PARQUET MANIFEST COMPUPDATE="PRESET" ACCEPTINVCHARS="^" ENCODING="utf16" EXPLICIT_IDS`,
		},
		{"copy t from 'x' iam_role default shapefile simplify auto 0.1", `copy t from "x" IAM_ROLE="default" SHAPEFILE SIMPLIFY="AUTO 0.1"`},
		{"copy job list", "copyjob list"},
		{"copy job (a) from 's3://b/k' iam_role default", `copy job(a) from "s3://b/k" IAM_ROLE="default"`},
		{"copy t from 's3://b/k' iam_role 'arn:x' csv job create j auto off", `copyjob create j auto=off "copy t from 's3://b/k' iam_role 'arn:x' csv" copy t from "s3://b/k" IAM_ROLE="arn:x" CSV`},
		{"copy job alter j auto on", "copyjob alter j auto=on"},
		{"copy job alter j", "copyjob alter j"},
		{"copy job run j", "copyjob run j"},
		{"copy job show j", "copyjob show j"},
		{"copy job drop j", "copyjob drop j"},
		{"copy t from 'x' iam_role default, csv, using template d.s.t", `copy t from "x" IAM_ROLE="default" CSV USING TEMPLATE[d s t]`},
		{"create or replace template d.s.t for copy as format as json 'auto' null as '' maxerror 100", `create template d.s.t replace=true JSON="auto" NULL="" MAXERROR="100"`},
		{"create template t for copy csv, gzip", "create template t replace=false CSV GZIP"},
		{"alter template t rename to u", "alter template t rename u"},
		{"alter template t owner to bob", "alter template t owner bob"},
		{"alter template t add timeformat as 'auto'", `alter template t add  TIMEFORMAT="auto"`},
		{"alter template t drop encrypted", "alter template t drop  ENCRYPTED"},
		{"alter template t set delimiter to '|', encoding to utf16", `alter template t set  DELIMITER="|" ENCODING="utf16"`},
		{"drop template d.s.t", "drop template d.s.t"},
		{
			"unload ('select ''a''') to 's3://b/k' iam_role default parallel off header maxfilesize 5 mb partition by (a, b) include manifest verbose",
			`unload "select 'a'" to "s3://b/k" IAM_ROLE="default" PARALLEL="OFF" HEADER MAXFILESIZE="5 MB" PARTITION BY="INCLUDE"[a b] MANIFEST="VERBOSE"`,
		},
		{"unload ($$select 'a'$$) to 'x' format parquet allowoverwrite", `unload "select 'a'" to "x" PARQUET ALLOWOVERWRITE`},
		{"analyze", `analyze verbose=false ""`},
		{"analyze verbose s.t (a, b)", `analyze verbose=true s.t(a b) ""`},
		{"analyze t predicate columns", `analyze verbose=false t "predicate columns"`},
		{"analyze compression", "analyze compression 0"},
		{"analyze compression s.t (a, b) comprows 5000", "analyze compression s.t(a b) 5000"},
		{"vacuum", `vacuum "" -1 boost=false`},
		{"vacuum full s.t to 75 percent boost", `vacuum "full" s.t 75 boost=true`},
		{"vacuum sort only t", `vacuum "sort only" t -1 boost=false`},
		{"vacuum delete only", `vacuum "delete only" -1 boost=false`},
		{"vacuum reindex t", `vacuum "reindex" t -1 boost=false`},
		{"begin", `begin "" readonly=false`},
		{"begin transaction isolation level serializable, read only", `begin "serializable" readonly=true`},
		{"start transaction isolation level read committed", `begin "read committed" readonly=false`},
		{"begin work read write", `begin "" readonly=false`},
		{"commit work", `commit "" readonly=false`},
		{"end transaction", `commit "" readonly=false`},
		{"rollback", `rollback "" readonly=false`},
		{"abort", `rollback "" readonly=false`},
		{"set search_path to '$user', public, s", `set search_path="$user, public, s" default=false local=false`},
		{"set search_path = a", `set search_path="a" default=false local=false`},
		{"set local query_group to 'x'", `set query_group="x" default=false local=true`},
		{"set session statement_timeout to -1", `set statement_timeout="-1" default=false local=false`},
		{"set timezone to default", `set timezone="" default=true local=false`},
		{"set time zone 'UTC'", `set timezone="UTC" default=false local=false`},
		{"SET extra_float_digits TO 3", `set extra_float_digits="3" default=false local=false`},
		{"reset all", "reset all"},
		{"reset query_group", "reset query_group"},
		{"show all", "show all"},
		{"show search_path", "show search_path"},
		{"show tables from schema d.s", "ShowObjects{Kind=TABLES Of=schema Name=d.s}"},
		{"prepare p as select $1", `prepare p() [select $1] text="select $1"`},
		{"prepare p (int, varchar(5)) as insert into t values ($1, $2)", `prepare p(integer character varying(5)) insert t ( $1 $2) text="insert into t values ($1, $2)"`},
		{"execute p", "execute p"},
		{"execute p (1, 'a', -2 + 3, null)", "execute p 1 'a' ((- 2) + 3) null"},
		{"deallocate prepare p", "deallocate p"},
		{"deallocate all", "deallocate all"},
		{"explain select 1", "explain verbose=false [select 1]"},
		{"explain verbose insert into t select 1", "explain verbose=true insert t [select 1]"},
		{"explain create table t as select 1", "explain verbose=false create table t as [select 1]"},
		{"select 1; ; select 2;", "[select 1]\n[select 2]"},
		{"", ""},
		{" -- nothing\n;", ""},
	})
}

// TestOthers recognises statements by their leading words.
func TestOthers(t *testing.T) {
	for text, kind := range map[string]string{
		"savepoint s": "SAVEPOINT", "create index i on t (a)": "CREATE INDEX",
		"create model m from t target a function f iam_role default": "CREATE MODEL",
	} {
		list, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		o, ok := list[0].(*ast.Other)
		if !ok || o.Kind != kind || o.Text != text || len(list) != 1 {
			t.Errorf("%s: %s, want %s", text, show(list), kind)
		}
	}
}

// TestSpans finds each statement in its text.
func TestSpans(t *testing.T) {
	text := "  select 1 ;\n/* x */ insert into t values (1), (2); explain select 2; prepare p as select 3 -- end"
	want := []string{"select 1", "insert into t values (1), (2)", "explain select 2", "prepare p as select 3"}
	list, err := Parse(text)
	if err != nil || len(list) != len(want) {
		t.Fatal(list, err)
	}
	span := func(st ast.Statement) string {
		from, to := st.Span()
		return text[from:to]
	}
	for i, st := range list {
		if got := span(st); got != want[i] {
			t.Errorf("%q, want %q", got, want[i])
		}
	}
	if got := span(list[2].(*ast.Explain).Stmt); got != "select 2" {
		t.Error(got)
	}
	if got := span(list[3].(*ast.Prepare).Stmt); got != "select 3" {
		t.Error(got)
	}
}

// TestRows says that rows made without TiDB's parser are those that it makes: the same rows come first and last.
func TestRows(t *testing.T) {
	for _, row := range []string{"1", "-1", "'it''s'", "null", "true", "false", "default", "1.5", "1e3", "- 2", "12345678901", "$$x$$", `'\101'`, "007", "+1", "$3", "-$1", "null::int", "- -1", "a", "1::int", "'a' || 'b'"} {
		list, err := Parse("insert into t values (" + row + ", " + row + "), (" + row + ", " + row + ")")
		if err != nil {
			t.Errorf("%s: %v", row, err)
			continue
		}
		rows := list[0].(*ast.Insert).Rows
		first, second := showExpr(rows[0][1], false), showExpr(rows[1][1], false)
		if first != second {
			t.Errorf("%s: %s and %s", row, first, second)
		}
		if shift := rows[1][1].Offset() - rows[0][1].Offset(); shift != rows[1][0].Offset()-rows[0][0].Offset() {
			t.Errorf("%s: places %d and %d", row, rows[0][1].Offset(), rows[1][1].Offset())
		}
	}
}

// TestDeep refuses what nests too deeply, and takes long chains.
func TestDeep(t *testing.T) {
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{"select " + strings.Repeat("(", 600) + "1" + strings.Repeat(")", 600), true},
		{"select " + strings.Repeat("(", 3000) + "1" + strings.Repeat(")", 3000), false},
		{"select " + strings.Repeat("(select ", 3000) + "1" + strings.Repeat(")", 3000), false},
		{strings.Repeat("(", 3000) + "select 1" + strings.Repeat(")", 3000), false},
		{"select " + strings.Repeat("not ", 3000) + "a", false},
		{"select " + strings.Repeat("- ", 3000) + "a", false},
		{"select " + strings.Repeat("case when ", 3000) + "a", false},
		{"select * from " + strings.Repeat("(", 3000) + "a", false},
		{"select a" + strings.Repeat(" or a", 20000), true},
		{"select a" + strings.Repeat(" + a", 20000), true},
		{"select a" + strings.Repeat(" || a", 20000), true},
		{"select a" + strings.Repeat("::int", 500), true},
		{"select 1" + strings.Repeat(" union all select 1", 2000), true},
	} {
		_, err := Parse(c.text)
		if (err == nil) != c.ok {
			t.Errorf("%.40s...: %.200v", c.text, err)
		}
	}
}

// TestConcurrent parses from many goroutines at once.
func TestConcurrent(t *testing.T) {
	texts := []string{q1, "select 'it''s' || a::varchar(3) from t full join u using (k)", rows(50), "create table t (a int default 1 + 1)", "select from"}
	want := make([]string, len(texts))
	for i, s := range texts {
		list, err := Parse(s)
		if want[i] = show(list); err != nil {
			want[i] = err.Error()
		}
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				k := (g + i) % len(texts)
				list, err := Parse(texts[k])
				got := show(list)
				if err != nil {
					got = err.Error()
				}
				if got != want[k] {
					t.Errorf("%s: %s", texts[k], got)
				}
			}
		})
	}
	wg.Wait()
}

// TestLeading says that each statement of Leading is recognised as what it is listed as.
func TestLeading(t *testing.T) {
	own, others := Leading()
	for i, list := range [][]string{own, others} {
		for _, kind := range list {
			st, err := Parse(strings.ToLower(kind) + " x")
			if err != nil {
				t.Errorf("%s: %v", kind, err)
				continue
			}
			if o, ok := st[0].(*ast.Other); !ok || o.Kind != kind || o.Foreign != (i == 1) {
				t.Errorf("%s: %s", kind, show(st))
			}
		}
	}
}
