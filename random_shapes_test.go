package redshiftsim_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// shapes makes a group of queries of one shape, each beside another way to say the same:
//
//	PIVOT             = aggregates of CASE, grouped by the other columns
//	UNPIVOT           = a UNION ALL of the columns, with or without their NULLs
//	set operations    nested in one another: the laws of sets
//	FULL JOIN         = LEFT JOIN and the rows of the right side that meet nobody
//	semi-joins        IN = EXISTS = a join with the DISTINCT rows; NOT IN = what it means with NULLs
//	scalar subquery   for each row = LEFT JOIN with the grouped rows
//	windows           over groups = over a derived table; QUALIFY = a condition on a derived table
func (g *sqlMaker) shapes(dbs []*sql.DB) (int, error) {
	makers := []func() []string{g.pivot, g.unpivot, g.sets, g.full, g.semi, g.scalar, g.overGroups, g.qualified}
	return g.same(dbs, makers[g.IntN(len(makers))]()...)
}

// one brings one table into scope and gives its FROM item.
func (g *sqlMaker) one() (item, alias string) {
	g.refs, g.from = []sqlRef{{g.alias()}}, 0
	return g.table() + " " + g.refs[0].alias, g.refs[0].alias
}

// pivot turns values of k into columns.
func (g *sqlMaker) pivot() []string {
	from := g.tables()
	k, v, by := g.column("int"), g.value(g.kind(), 1), g.value(g.kind(), 1)
	where := " WHERE " + g.cond(2)
	agg := []string{"count", "max", "min"}[g.IntN(3)]
	list, cases := "", ""
	for i := range 1 + g.IntN(3) {
		value, test := g.number(5), ""
		if test = "k = " + value; g.IntN(4) == 0 {
			value, test = "NULL", "k IS NULL"
		}
		list += fmt.Sprintf(", %s AS c%d", value, i)
		cases += fmt.Sprintf(", %s(CASE WHEN %s THEN v END)", agg, test)
	}
	inner := "(SELECT " + by + " AS g, " + k + " AS k, " + v + " AS v FROM " + from + where + ")"
	return []string{
		"SELECT * FROM " + inner + " PIVOT (" + agg + "(v) FOR k IN (" + list[2:] + "))",
		"SELECT g" + cases + " FROM " + inner + " z GROUP BY g",
	}
}

// unpivot turns three columns of one type into rows.
func (g *sqlMaker) unpivot() []string {
	from := g.tables()
	kind := g.kind()
	a, b := g.value(kind, 1), g.value(kind, 1)
	inner := "(SELECT " + g.refs[0].alias + ".id AS i, " + a + " AS a, " + b + " AS b FROM " + from + " WHERE " + g.cond(2) + ")"
	include, a2, b2 := " INCLUDE NULLS", "", ""
	if g.IntN(2) == 0 {
		include, a2, b2 = "", " WHERE a IS NOT NULL", " WHERE b IS NOT NULL"
	}
	return []string{
		"SELECT i, c, v FROM " + inner + " UNPIVOT" + include + " (v FOR c IN (a, b))",
		"SELECT i, 'a', a FROM " + inner + " y" + a2 + " UNION ALL SELECT i, 'b', b FROM " + inner + " z" + b2,
	}
}

// sets nests set operations.
func (g *sqlMaker) sets() []string {
	kinds := []string{g.kind(), g.kind()}[:1+g.IntN(2)]
	branch := func() string {
		from := g.tables()
		items := make([]string, len(kinds))
		for i, k := range kinds {
			items[i] = g.value(k, 1) + fmt.Sprintf(" AS c%d", i)
		}
		return "SELECT " + strings.Join(items, ", ") + " FROM " + from + " WHERE " + g.cond(1)
	}
	a, b, c := branch(), branch(), branch()
	switch g.IntN(4) {
	case 0:
		return []string{"(" + a + " EXCEPT " + b + ") EXCEPT " + c, a + " EXCEPT (" + b + " UNION ALL " + c + ")"}
	case 1:
		return []string{a + " INTERSECT (" + b + " UNION " + c + ")", "(" + a + " INTERSECT " + b + ") UNION (" + a + " INTERSECT " + c + ")"}
	case 2:
		return []string{a + " EXCEPT (" + b + " EXCEPT " + c + ")", "(" + a + " EXCEPT " + b + ") UNION (" + a + " INTERSECT " + c + ")"}
	}
	return []string{"(" + a + " UNION ALL " + b + ") INTERSECT " + c, "(" + c + " INTERSECT " + a + ") UNION (" + b + " INTERSECT " + c + ")"}
}

// full makes a FULL JOIN with further conditions.
func (g *sqlMaker) full() []string {
	left, l := g.one()
	right, r := g.one()
	g.refs = []sqlRef{{l}, {r}}
	c := []string{"k", "x", "s", "d", "id"}[g.IntN(5)]
	on := l + "." + c + " = " + r + "." + c
	if g.IntN(2) == 0 {
		on += " AND " + g.cond(1)
	}
	a, b := l+".id, "+l+".s", r+".id, "+r+".n"
	return []string{
		"SELECT " + a + ", " + b + " FROM " + left + " FULL JOIN " + right + " ON " + on,
		"SELECT " + a + ", " + b + " FROM " + left + " LEFT JOIN " + right + " ON " + on + " UNION ALL SELECT NULL, NULL, " + b + " FROM " + right +
			" WHERE NOT EXISTS (SELECT 1 FROM " + left + " WHERE " + on + ")",
	}
}

// semi asks whether a row of one table has partners among the rows of another that pass a condition.
func (g *sqlMaker) semi() []string {
	inner, i := g.one()
	c, p := []string{"k", "x", "s", "d", "n"}[g.IntN(5)], g.cond(2)
	outer, o := g.one()
	some := "SELECT " + i + "." + c + " FROM " + inner + " WHERE " + p
	meets := "EXISTS (SELECT 1 FROM " + inner + " WHERE (" + p + ") AND " + i + "." + c + " = " + o + "." + c + ")"
	q := "SELECT " + o + ".id, " + g.value(g.kind(), 1) + " FROM " + outer
	if g.IntN(2) == 0 {
		return []string{
			q + " WHERE " + o + "." + c + " IN (" + some + ")", q + " WHERE " + meets,
			q + " JOIN (SELECT DISTINCT " + strings.Replace(some, "SELECT "+i+"."+c, i+"."+c+" AS c", 1) + ") z ON z.c = " + o + "." + c,
		}
	}
	return []string{
		q + " WHERE " + o + "." + c + " NOT IN (" + some + ")",
		q + " WHERE (SELECT count(*) FROM (" + some + ") y) = 0 OR " + o + "." + c + " IS NOT NULL AND NOT " + meets +
			" AND (SELECT count(*) FROM (SELECT " + i + "." + c + " AS c FROM " + inner + " WHERE " + p + ") z WHERE c IS NULL) = 0",
	}
}

// scalar computes an aggregate for each row.
func (g *sqlMaker) scalar() []string {
	inner, i := g.one()
	c, p := []string{"k", "x", "s", "d", "id"}[g.IntN(5)], g.cond(1)
	agg := []string{"max(%s)", "min(%s)", "avg(%s)", "count(DISTINCT %s)"}[g.IntN(4)]
	v := g.column([]string{"int", "bigint", "numeric"}[g.IntN(3)])
	agg = fmt.Sprintf(agg, v)
	outer, o := g.one()
	zero := "q.m"
	if strings.HasPrefix(agg, "count") {
		zero = "coalesce(q.m, 0)"
	}
	return []string{
		"SELECT " + o + ".id, (SELECT " + agg + " FROM " + inner + " WHERE (" + p + ") AND " + i + "." + c + " = " + o + "." + c + ") FROM " + outer,
		"SELECT " + o + ".id, " + zero + " FROM " + outer + " LEFT JOIN (SELECT " + i + "." + c + " AS c, " + agg + " AS m FROM " + inner + " WHERE " + p + " GROUP BY 1) q ON q.c = " + o + "." + c,
	}
}

// overGroups computes windows over groups.
func (g *sqlMaker) overGroups() []string {
	from := g.tables()
	c, e := g.column(g.kind()), g.column("int")
	where := " FROM " + from + " WHERE " + g.cond(2)
	desc := []string{"", " DESC"}[g.IntN(2)]
	return []string{
		"SELECT " + c + ", sum(count(*)) OVER (), rank() OVER (ORDER BY count(*)" + desc + "), max(sum(" + e + ")) OVER (PARTITION BY count(*))" + where + " GROUP BY " + c,
		"SELECT c, sum(n) OVER (), rank() OVER (ORDER BY n" + desc + "), max(e) OVER (PARTITION BY n) FROM (SELECT " + c + " AS c, count(*) AS n, sum(" + e + ") AS e" + where + " GROUP BY " + c + ") z",
	}
}

// qualified makes QUALIFY.
func (g *sqlMaker) qualified() []string {
	from := g.tables()
	where := " FROM " + from + " WHERE " + g.cond(2)
	list := g.ids()
	fn := []string{"rank()", "dense_rank()", "count(*)", "max(" + g.column("int") + ")"}[g.IntN(4)]
	over := "PARTITION BY " + g.column(g.kind())
	if fn != "count(*)" {
		over += " ORDER BY " + g.column(g.kind()) + []string{"", " DESC"}[g.IntN(2)]
	}
	if strings.HasPrefix(fn, "max") {
		over += ", " + list + " ROWS UNBOUNDED PRECEDING"
	}
	test := []string{" = ", " <= ", " > "}[g.IntN(3)] + g.number(4)
	var named, names []string
	for i, id := range strings.Split(list, ", ") {
		named, names = append(named, fmt.Sprintf("%s AS i%d", id, i)), append(names, fmt.Sprintf("i%d", i))
	}
	return []string{
		"SELECT " + list + where + " QUALIFY " + fn + " OVER (" + over + ")" + test,
		"SELECT " + strings.Join(names, ", ") + " FROM (SELECT " + strings.Join(named, ", ") + ", " + fn + " OVER (" + over + ") AS r" + where + ") z WHERE r" + test,
	}
}

// changes runs a statement that changes a table, in a transaction that is rolled back: what the table holds then is what a query said before.
func (g *sqlMaker) changes(dbs []*sql.DB) (int, error) {
	table := g.table()
	g.refs, g.from = []sqlRef{{table}}, 0
	p := g.cond(3)
	var change, before string
	after := "SELECT id, k, x, n, s FROM " + table
	switch g.IntN(4) {
	case 0:
		change, before = "DELETE FROM "+table+" WHERE "+p, "SELECT id, k, x, n, s FROM "+table+" WHERE NOT ("+p+") OR ("+p+") IS NULL"
	case 1:
		x, s := g.value("int", 2), g.value("text", 1)
		change = "UPDATE " + table + " SET x = " + x + ", s = " + s + " WHERE " + p
		before = "SELECT id, k, CASE WHEN " + p + " THEN " + x + " ELSE x END, n, CASE WHEN " + p + " THEN " + s + " ELSE s END FROM " + table
	case 2:
		other := map[string]string{"a": "b", "b": "c", "c": "a"}[table]
		change = fmt.Sprintf("MERGE INTO %s USING %s ON %[1]s.id = %[2]s.id WHEN MATCHED THEN UPDATE SET x = %[2]s.w %% 7, s = %[2]s.u WHEN NOT MATCHED THEN INSERT (id, k, n) VALUES (%[2]s.id, %[2]s.k, %[2]s.n)", table, other)
		before = fmt.Sprintf("SELECT t.id, t.k, CASE WHEN o.id IS NULL THEN t.x ELSE (o.w %% 7)::int END, t.n, CASE WHEN o.id IS NULL THEN t.s ELSE o.u END FROM %s t LEFT JOIN %s o ON t.id = o.id UNION ALL SELECT o.id, o.k, NULL, o.n, NULL FROM %[2]s o WHERE o.id NOT IN (SELECT id FROM %[1]s)", table, other)
	default:
		change = fmt.Sprintf("INSERT INTO %s (id, k, x, n, s) SELECT id + 100, k, x, n, s FROM %[1]s WHERE %s", table, p)
		before = fmt.Sprintf("%s UNION ALL SELECT id + 100, k, x, n, s FROM %s WHERE %s", after, table, p)
	}
	var want []string
	for i, db := range dbs {
		then, now, err := changed(db, before, change, after)
		switch {
		case err != nil && strings.Contains(err.Error(), "XX000"):
			return 0, fmt.Errorf("%s\ncluster %d: %v", change, i, err)
		case err != nil:
			return 0, nil
		}
		if i == 0 {
			want = then
		}
		if !slices.Equal(now, want) {
			return 0, fmt.Errorf("%s\ncluster %d has %d rows, want %d\n%.600s\n%.600s", change, i, len(now), len(want), strings.Join(now, "\n"), strings.Join(want, "\n"))
		}
	}
	return 3 * len(dbs), nil
}

// changed gives the rows of a query, and those of another after a change, which is undone.
func changed(db *sql.DB, before, change, after string) (then, now []string, err error) {
	ctx := context.Background()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = tx.Rollback() }()
	if then, err = bagOf(tx, before); err != nil {
		return nil, nil, err
	}
	if _, err = tx.ExecContext(ctx, change); err != nil {
		return nil, nil, err
	}
	now, err = bagOf(tx, after)
	return then, now, err
}
