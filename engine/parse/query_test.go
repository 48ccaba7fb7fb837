package parse

import "testing"

// TestSuper parses paths into SUPER values, and the items of FROM that make rows of them.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html
func TestSuper(t *testing.T) {
	check(t, [][2]string{
		{"select c_orders[0].o_orderkey from t", "[select path(c_orders[0].o_orderkey) from t]"},
		{"select c.c_orders[0].o_orderkey + 1 from t c", "[select (path(c.c_orders[0].o_orderkey) + 1) from t c]"},
		{"select a.b[1][2].c.d::int", "[select cast(path(a.b[1][2].c.d) as integer)]"},
		{"select a[i + 1], b['k']", "[select path(a[(i + 1)]), path(b['k'])]"},
		{"select json_parse('[1]')[0].a", "[select path(json_parse('[1]')[0].a)]"},
		{"select f(x).y, (g(x)).z, (a.b)[0]", "[select path(f(x).y), path(g(x).z), path(a.b[0])]"},
		{"select a.b.c.d.e, -a[0]", "[select a.b.c.d.e, (- path(a[0]))]"},
		{"select 1 from t where (a[0]. b + 0.5) * 2 > a[1].b and a[0].b is not null", "[select 1 from t where ((((path(a[0].b) + 0.5) * 2) > path(a[1].b)) and (path(a[0].b) is not null))]"},
		{"select x from t c, c.orders as o at i", "[select x from t c, Unnest{X=c.orders Alias=o At=i}]"},
		{"select x from t c, c.orders o", "[select x from t c, c.orders o]"},
		{"select x from bar as b, b.data.scalar_array as element at index", "[select x from bar b, Unnest{X=b.data.scalar_array Alias=element At=index}]"},
		{"select x from t c, c.orders[0].lines l, a.b.c.d.e m", "[select x from t c, Unnest{X=path(c.orders[0].lines) Alias=l}, Unnest{X=a.b.c.d.e Alias=m}]"},
		{"select x from t c, unpivot c.orders[0] as val at attr", "[select x from t c, Unnest{X=path(c.orders[0]) Alias=val At=attr Object}]"},
		{"select x from t c, c.orders as o, unpivot o as v", "[select x from t c, c.orders o, Unnest{X=o Alias=v Object}]"},
		{"select x from t, unnest(t.a) as u (e)", "[select x from t, Unnest{X=t.a Alias=u Func Columns=[e]}]"},
		{"select x from t, unnest(t.a) with offset u (e, i)", "[select x from t, Unnest{X=t.a Alias=u Func WithOffset Columns=[e i]}]"},
		{"select x from t, f(t.a) as y at i", "[select x from t, Unnest{X=f(t.a) Alias=y At=i}]"},
		{"select x from t c left join c.orders o", "[select x from (t c left Unnest{X=c.orders Alias=o})]"},
		{"select x from t c join c.orders o on o.a = 1 join u on true", "[select x from ((t c inner c.orders o on (o.a = 1)) inner u on true)]"},
		{"select at from t at where at = 1", "[select at from t at where (at = 1)]"},
	})
}

// TestPivot parses PIVOT and UNPIVOT.
// https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause-pivot-unpivot-examples.html
func TestPivot(t *testing.T) {
	check(t, [][2]string{
		{
			"select * from (select partname, price from part) pivot (avg(price) for partname in ('prop', 'rudder'))",
			"[select * from Pivot{Source=[select partname, price from part] Aggregate=avg(price) Column=partname In=[Item{Expr='prop'} Item{Expr='rudder'}]}]",
		},
		{
			"select p.* from t as s pivot (count(*) as n for s.q in (1 as high, 2 low, null as na)) as p (a, b, c) where a > 1",
			"[select p.* from Pivot{Source=t s Aggregate=count(*) As=n Column=s.q In=[Item{Expr=1 Alias=high} Item{Expr=2 Alias=low} Item{Expr=null Alias=na}] Alias=p Columns=[a b c]} where (a > 1)]",
		},
		{
			"select * from count_by_color unpivot (cnt for color in (red, green as g)) u, w",
			"[select * from Unpivot{Source=count_by_color Value=cnt Name=color In=[Item{Expr=red} Item{Expr=green Alias=g}] Alias=u}, w]",
		},
		{
			"select * from (select 1) unpivot include nulls (cnt for color in (red))",
			"[select * from Unpivot{Source=[select 1] IncludeNulls Value=cnt Name=color In=[Item{Expr=red}]}]",
		},
		{
			"select * from a join b unpivot exclude nulls (v for n in (x)) on a.k = b.k",
			"[select * from (a inner Unpivot{Source=b Value=v Name=n In=[Item{Expr=x}]} on (a.k = b.k))]",
		},
		{"select pivot, unpivot from pivot", "[select pivot, unpivot from pivot]"},
	})
}

// TestHierarchy parses CONNECT BY, and (+).
// https://docs.aws.amazon.com/redshift/latest/dg/r_CONNECT_BY_clause.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_WHERE_oracle_outer.html
func TestHierarchy(t *testing.T) {
	check(t, [][2]string{
		{
			"select id from e where level < 4 start with name = 'John' connect by prior id = manager_id",
			"[select id from e where (level < 4) start with (name = 'John') connect by ((prior id) = manager_id)]",
		},
		{
			"select prior id, count(*) from e as start connect by manager_id = prior e.id and prior (a + 1) > 2 start with a group by 1",
			"[select (prior id), count(*) from e start group 1 start with a connect by ((manager_id = (prior e.id)) and ((prior (a + 1)) > 2))]",
		},
		{"select prior from t", "[select prior from t]"},
		{"select 1 from a, b where a.eventid(+)=b.catid", "[select 1 from a, b where (a.eventid(+) = b.catid)]"},
		{"select 1 from a, b where a = s.t.b (+) and eventid(+) = 796", "[select 1 from a, b where ((a = s.t.b(+)) and (eventid(+) = 796))]"},
	})
}

// TestNested parses what GROUPING SETS may hold, and LIKE ANY.
func TestNested(t *testing.T) {
	check(t, [][2]string{
		{
			"select 1 from t group by grouping sets (rollup(a), cube(b, c), (d, e), f, ())",
			"[select 1 from t group sets[{ rollup[{ a}]}{ cube[{ b}{ c}]}{ d e}{ f}{}]]",
		},
		{"select 1 from t group by a, rollup((a, b), c)", "[select 1 from t group a rollup[{ a b}{ c}]]"},
		{"select a like any ('x', 'y%')", "[select ((a like 'x') or (a like 'y%'))]"},
		{"select a not ilike all ('x', b || 'y') and c", "[select (((a not ilike 'x') and (a not ilike (b || 'y'))) and c)]"},
	})
}
