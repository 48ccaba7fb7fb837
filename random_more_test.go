package redshiftsim_test

import (
	"database/sql"
	"fmt"
	"strings"
)

// more makes a group of queries of the kinds that ask leaves out, each beside another way to say the same:
//
//	set operations    A EXCEPT B + A INTERSECT B = DISTINCT A; A UNION B = DISTINCT (A + B)
//	windows           row_number() = the rows up to this one, counted; sum() OVER (PARTITION BY) = a correlated sum
//	top-N             ORDER BY .. LIMIT n = QUALIFY row_number() <= n
//	HAVING            = a condition on the grouped rows as a derived table
//	nested queries    a derived table = a WITH query that is named, or is named twice
//	LIMIT             of DISTINCT or grouped rows: as many as there are, at most n, each one of them
//	ordered sets      LISTAGG, percentiles, GROUPING SETS = the same one set after the other
//	recursion         a walk of n steps = n joins
func (g *sqlMaker) more(dbs []*sql.DB) (int, error) {
	switch g.IntN(9) {
	case 6:
		return g.same(dbs, g.some()...)
	case 7:
		return g.same(dbs, g.ordered()...)
	case 8:
		return g.same(dbs, g.walk()...)
	case 0:
		return g.same(dbs, g.setOperations()...)
	case 1:
		return g.same(dbs, g.windowed()...)
	case 2:
		return g.same(dbs, g.frames()...)
	case 3:
		return g.same(dbs, g.first()...)
	case 4:
		return g.same(dbs, g.having()...)
	}
	return g.same(dbs, g.nested()...)
}

// ids are the ids of all tables in scope: together they tell rows apart.
func (g *sqlMaker) ids() string {
	list := make([]string, len(g.refs))
	for i, r := range g.refs {
		list[i] = r.alias + ".id"
	}
	return strings.Join(list, ", ")
}

// setOperations makes two queries of one list of types and combines them.
func (g *sqlMaker) setOperations() []string {
	kinds := make([]string, 1+g.IntN(3))
	for i := range kinds {
		kinds[i] = g.kind()
	}
	branch := func() string {
		from := g.tables()
		items := make([]string, len(kinds))
		for i, k := range kinds {
			items[i] = g.value(k, 1) + fmt.Sprintf(" AS c%d", i)
		}
		return "SELECT " + strings.Join(items, ", ") + " FROM " + from + " WHERE " + g.cond(2)
	}
	a, b := branch(), branch()
	if g.IntN(2) == 0 {
		return []string{a + " UNION " + b, "SELECT DISTINCT * FROM (" + a + " UNION ALL " + b + ") z"}
	}
	return []string{
		"SELECT DISTINCT * FROM (" + a + ") z",
		"SELECT * FROM (" + a + " EXCEPT " + b + ") y UNION ALL SELECT * FROM (" + a + " INTERSECT " + b + ") z",
	}
}

// windowed compares windows over a table with subqueries that are correlated with it.
func (g *sqlMaker) windowed() []string {
	table, c := g.table(), []string{"k", "s", "d", "x", "o"}[g.IntN(5)]
	v := []string{"x", "w", "n"}[g.IntN(3)]
	same := fmt.Sprintf("(i.%s = t.%[1]s OR i.%[1]s IS NULL AND t.%[1]s IS NULL)", c)
	asc, up := "", "<="
	if g.IntN(2) == 0 {
		asc, up = " DESC", ">="
	}
	return []string{
		fmt.Sprintf("SELECT t.id, sum(t.%[1]s) OVER (PARTITION BY t.%[2]s), row_number() OVER (PARTITION BY t.%[2]s ORDER BY t.id%[3]s), count(*) OVER (PARTITION BY t.%[2]s) FROM %[4]s t", v, c, asc, table),
		fmt.Sprintf("SELECT t.id, (SELECT sum(i.%[1]s) FROM %[2]s i WHERE %[3]s), (SELECT count(*) FROM %[2]s i WHERE %[3]s AND i.id %[4]s t.id), (SELECT count(*) FROM %[2]s i WHERE %[3]s) FROM %[2]s t", v, table, same, up),
	}
}

// frames makes windows whose answer is determined, over a join.
func (g *sqlMaker) frames() []string {
	from := g.tables()
	ids, part := g.ids(), g.column(g.kind())
	over := "PARTITION BY " + part + " ORDER BY " + ids
	frame := []string{
		"ROWS UNBOUNDED PRECEDING", "ROWS BETWEEN 2 PRECEDING AND CURRENT ROW", "ROWS BETWEEN 1 PRECEDING AND 2 FOLLOWING", "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
		"ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING",
	}[g.IntN(6)]
	call := func() string {
		switch g.IntN(8) {
		case 0:
			return fmt.Sprintf("lag(%s, %d) OVER (%s)", g.column(g.kind()), g.IntN(3), over)
		case 1:
			return fmt.Sprintf("lead(%s) OVER (%s)", g.column(g.kind()), over)
		case 2:
			return fmt.Sprintf("first_value(%s) OVER (%s %s)", g.column(g.kind()), over, frame)
		case 3:
			return fmt.Sprintf("last_value(%s) OVER (%s %s)", g.column(g.kind()), over, frame)
		case 4:
			return fmt.Sprintf("rank() OVER (PARTITION BY %s ORDER BY %s DESC)", part, g.column(g.kind()))
		case 5:
			return fmt.Sprintf("dense_rank() OVER (ORDER BY %s)", g.column(g.kind()))
		case 6:
			return fmt.Sprintf("%s(%s) OVER (%s %s)", []string{"min", "max", "count"}[g.IntN(3)], g.column(g.kind()), over, frame)
		}
		return fmt.Sprintf("%s(%s) OVER (%s %s)", []string{"sum", "avg"}[g.IntN(2)], g.column([]string{"int", "bigint", "numeric"}[g.IntN(3)]), over, frame)
	}
	q := "SELECT " + ids + ", " + call() + ", " + call() + " FROM " + from
	if g.IntN(2) == 0 {
		q += " WHERE " + g.cond(1)
	}
	return []string{q}
}

// first compares LIMIT with a numbering.
func (g *sqlMaker) first() []string {
	from := g.tables()
	by, ids := g.column(g.kind())+[]string{"", " DESC", " NULLS FIRST", " DESC NULLS LAST"}[g.IntN(4)], g.ids()
	list, n, m := g.list(), 1+g.IntN(6), g.IntN(4)
	where := " WHERE " + g.cond(2)
	q := "SELECT " + list + ", " + ids + " FROM " + from + where
	return []string{
		fmt.Sprintf("%s ORDER BY %s, %s LIMIT %d OFFSET %d", q, by, ids, n, m),
		fmt.Sprintf("%s QUALIFY row_number() OVER (ORDER BY %s, %s) BETWEEN %d AND %d", q, by, ids, m+1, m+n),
	}
}

// having compares HAVING with a condition on a derived table.
func (g *sqlMaker) having() []string {
	from := g.tables()
	c := g.column(g.kind())
	where := " WHERE " + g.cond(2)
	aggs := []string{"count(*)", "count(DISTINCT " + g.column(g.kind()) + ")", "sum(" + g.column("int") + ")", "max(" + g.column("int") + ")", "min(" + g.column("bigint") + ")"}
	a := aggs[g.IntN(len(aggs))]
	op := []string{" > ", " <= ", " = ", " <> "}[g.IntN(4)] + g.number(5)
	null := ""
	if g.IntN(3) == 0 {
		null = " OR %s IS NULL"
	}
	test := func(x string) string { return strings.ReplaceAll(x+op+null, "%s", x) }
	return []string{
		"SELECT " + c + ", " + a + ", " + aggs[0] + " FROM " + from + where + " GROUP BY " + c + " HAVING " + test(a),
		"SELECT c, a, n FROM (SELECT " + c + " AS c, " + a + " AS a, " + aggs[0] + " AS n FROM " + from + where + " GROUP BY " + c + ") z WHERE " + test("a"),
	}
}

// nested makes queries over queries.
func (g *sqlMaker) nested() []string {
	from := g.tables()
	k, v := g.column("int"), g.column(g.kind())
	inner := "SELECT " + k + " AS k, max(" + v + ") AS m, count(*) AS n FROM " + from + " WHERE " + g.cond(2) + " GROUP BY " + k
	table := g.table()
	kind := []string{"JOIN", "LEFT JOIN"}[g.IntN(2)]
	over := func(q string) string {
		return "SELECT t.id, q.k, q.m, q.n FROM " + table + " t " + kind + " " + q + " q ON t.k = q.k WHERE t.x IS NULL OR coalesce(q.n, 0) <> t.x"
	}
	out := []string{over("(" + inner + ")"), "WITH z AS (" + inner + ") " + over("z")}
	if g.IntN(2) == 0 {
		out = append(out, "WITH z AS ("+inner+"), y AS (SELECT * FROM z) "+over("(SELECT z.k, z.m, y.n FROM z JOIN y ON z.k = y.k OR z.k IS NULL AND y.k IS NULL)"))
	}
	return out
}

// some counts the rows of a LIMIT over distinct rows, and those that are not among them.
func (g *sqlMaker) some() []string {
	from := g.tables()
	kinds := []string{g.kind(), g.kind()}
	list := g.value(kinds[0], 1) + " AS a, " + g.value(kinds[1], 0) + " AS b"
	q, n := " FROM "+from+" WHERE "+g.cond(2), 1+g.IntN(6)
	all := "SELECT DISTINCT " + list + q
	cut := all
	if g.IntN(2) == 0 {
		cut = "SELECT a, b FROM (SELECT " + list + q + ") x GROUP BY a, b"
	}
	cut = fmt.Sprintf("%s LIMIT %d", cut, n)
	return []string{
		fmt.Sprintf("SELECT least(count(*), %d), 0 FROM (%s) z", n, all),
		fmt.Sprintf("SELECT count(*), (SELECT count(*) FROM (SELECT * FROM (%s) y EXCEPT %s) x) FROM (%s) z", cut, all, cut),
	}
}

// ordered makes aggregates over ordered sets, and grouping sets beside their parts.
func (g *sqlMaker) ordered() []string {
	from := g.tables()
	ids, where := g.ids(), " WHERE "+g.cond(2)
	a, b := g.column(g.kind()), g.column("int")
	agg := []string{
		"listagg(" + g.column("text") + ", ',') WITHIN GROUP (ORDER BY " + ids + ")", "median(" + g.column("int") + ")",
		"percentile_disc(0.3) WITHIN GROUP (ORDER BY " + g.column("int") + ")", "count(DISTINCT " + g.column(g.kind()) + ")", "max(" + g.column("date") + ")", "sum(" + g.column("numeric") + ")",
	}[g.IntN(6)]
	if g.IntN(2) == 0 {
		return []string{"SELECT " + a + ", " + agg + " FROM " + from + where + " GROUP BY " + a}
	}
	agg = []string{"count(*)", "sum(" + g.column("numeric") + ")", "min(" + g.column("text") + ")", "count(" + b + ")"}[g.IntN(4)]
	part := func(x, y string, by string) string {
		return "SELECT " + x + ", " + y + ", " + agg + " FROM " + from + where + by
	}
	set := func(s string) string { return "SELECT a, b, v FROM (" + s + ") z" }
	if strings.HasSuffix(a, ".o") || a == b {
		a = g.column("text")
	}
	whole := "SELECT " + a + " AS a, " + b + " AS b, " + agg + " AS v FROM " + from + where + " GROUP BY GROUPING SETS ((" + a + ", " + b + "), (" + b + "))"
	return []string{
		set(whole),
		part(a, b, " GROUP BY "+a+", "+b) + " UNION ALL " + "SELECT NULL, b, v FROM (SELECT " + b + " AS b, " + agg + " AS v FROM " + from + where + " GROUP BY " + b + ") y",
	}
}

// walk follows x to id, or id to x, for some steps.
func (g *sqlMaker) walk() []string {
	table, other := g.table(), g.table()
	from, to := "x", "id"
	if g.IntN(2) == 0 {
		from, to = "k", "id"
	}
	start := g.IntN(9)
	step := func(of, alias string) string {
		return fmt.Sprintf("SELECT %s.id AS id, w.n + 1 AS n, %[1]s.%s AS next FROM %%s w JOIN %s %[1]s ON w.next = %[1]s.%s", alias, from, of, to)
	}
	first := fmt.Sprintf("SELECT t.id AS id, 1 AS n, t.%s AS next FROM %s t WHERE t.id <= %d", from, table, start)
	rec := "WITH RECURSIVE w(id, n, next) AS (" + first + " UNION ALL " + strings.Replace(step(other, "o"), "%s", "w", 1) + " WHERE w.n < 3) SELECT id, n, next FROM w"
	second := strings.Replace(step(other, "o"), "%s", "("+first+")", 1)
	third := strings.Replace(step(other, "o"), "%s", "("+second+")", 1)
	return []string{rec, first + " UNION ALL " + second + " UNION ALL " + third}
}
