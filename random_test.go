package redshiftsim_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/sqltest"
)

// modelTime makes the random tests run from a random seed, which is printed, for that long; CI gives them their share of a minute.
var modelTime = flag.Duration("model", 0, "run the random statements this long, from a random seed")

// seeds calls f with the first few seeds, or with ever new ones for -model.
func seeds(t *testing.T, few uint64, f func(seed uint64)) {
	if *modelTime == 0 {
		for seed := range few {
			f(seed)
		}
		return
	}
	t.Parallel() // with the other random tests: all have their time at once
	first, start := rand.Uint64()>>1, time.Now()
	t.Logf("first seed %d", first)
	for i := uint64(0); time.Since(start) < *modelTime; i++ {
		f(first + i)
	}
}

// TestRandomSQL runs random queries over random rows. Each must have one answer
//
//	on a cluster of one slice with EVEN tables, and on others with other shapes, DISTSTYLEs, sort keys and encodings
//	whether a condition filters rows or is counted where it is true             NoREC: count(*) WHERE p = sum(CASE WHEN p THEN 1 END)
//	whether rows are taken at once, or those for which a condition is true,     TLP: q = q WHERE p + q WHERE NOT p + q WHERE p IS NULL
//	false and NULL one after the other
//	in whatever order tables are joined                                         FROM turned round; pairs first, in a derived table that LIMIT closes
//
// https://doi.org/10.1145/3368089.3409710 https://doi.org/10.1145/3428279
func TestRandomSQL(t *testing.T) {
	asked, failed := 0, 0
	few := uint64(12)
	if testing.Short() {
		few = 3
	}
	seeds(t, few, func(seed uint64) {
		g := &sqlMaker{Rand: rand.New(rand.NewPCG(seed, 3))}
		dbs := g.clusters(t)
		defer func() {
			for _, db := range dbs {
				db.Close()
			}
		}()
		for i := range 25 {
			a, err := g.ask(dbs)
			if asked += a; err != nil {
				t.Fatalf("seed %d, query %d: %v", seed, i, err)
			}
			if a == 0 {
				failed++
			}
		}
	})
	t.Logf("%d queries asked, %d groups refused", asked, failed)
	if failed*3 > asked {
		t.Errorf("%d groups of queries refused, %d queries asked", failed, asked)
	}
}

// sqlMaker makes random tables and queries.
type sqlMaker struct {
	*rand.Rand
	refs []sqlRef // the tables in scope, outer ones first
	from int      // of them, those of the innermost query begin here
	next int
	// linked: every k is somebody's id, in each table, so that it may be declared a foreign key.
	linked bool
}

type sqlRef struct{ alias string }

// sqlColumns are the columns of every table, by type.
var sqlColumns = map[string][]string{
	"int": {"id", "k", "x"}, "bigint": {"w"}, "numeric": {"n"}, "text": {"s", "u"}, "date": {"d"}, "bool": {"o"},
}

// clusters opens clusters of several shapes whose tables hold the same rows in different ways.
func (g *sqlMaker) clusters(t *testing.T) []*sql.DB {
	var values []string
	g.linked = g.IntN(2) == 0
	for _, table := range []string{"a", "b", "c"} {
		rows := make([]string, 1+g.IntN(25))
		if g.linked { // k is of 0..4: each finds an id
			rows = make([]string, 5+g.IntN(20))
		}
		for i := range rows {
			rows[i] = fmt.Sprintf("(%d,%s,%s,%s,%s,%s,%s,%s,%s)", i, g.or(g.number(5)), g.or(g.number(9)), g.or(fmt.Sprint(g.Int64N(1<<40))), g.or(g.cents()),
				g.or(g.word()), g.or(g.word()), g.or(g.day()), g.or([]string{"true", "false"}[g.IntN(2)]))
		}
		values = append(values, "INSERT INTO "+table+" VALUES "+strings.Join(rows, ","))
	}
	var dbs []*sql.DB
	for i, shape := range []string{"nodes=1&slices=1", "nodes=2&slices=2", fmt.Sprintf("nodes=%d&slices=%d", 1+g.IntN(3), 1+g.IntN(4))} {
		db, err := sql.Open("redshiftsim", "redshiftsim://?"+shape)
		if err != nil {
			t.Fatal(err)
		}
		dbs = append(dbs, db)
		var ddl []string
		for _, table := range []string{"a", "b", "c"} {
			ddl = append(ddl, g.create(table, i == 0))
		}
		if g.IntN(2) == 0 {
			values = append(values[:3:3], "ANALYZE")
		}
		for _, s := range append(ddl, values...) {
			if _, err := db.ExecContext(context.Background(), s); err != nil {
				t.Fatal(s, err)
			}
		}
	}
	return dbs
}

// create is the DDL of a table, plain or in any physical design.
func (g *sqlMaker) create(table string, plain bool) string {
	encode := func(list ...string) string {
		if e := list[g.IntN(len(list))]; !plain && e != "" {
			return " ENCODE " + e
		}
		return ""
	}
	ints := func() string {
		return encode("", "raw", "az64", "bytedict", "delta", "mostly8", "runlength", "zstd", "lzo")
	}
	chars := func() string { return encode("", "raw", "bytedict", "lzo", "zstd", "runlength", "text255") }
	key, foreign := "", ""
	if !plain && g.IntN(2) == 0 { // keys that hold, for the planner to believe
		key = []string{" PRIMARY KEY", " UNIQUE", " NOT NULL UNIQUE"}[g.IntN(3)]
		if g.linked {
			foreign = fmt.Sprintf(", FOREIGN KEY (k) REFERENCES %s (id)", table)
		}
	}
	s := fmt.Sprintf("CREATE TABLE %s (id int%s%s, k int%s, x int%s, w bigint, n numeric(8,2)%s, s varchar(8)%s, u varchar(8)%s, d date%s, o boolean%s)", table,
		ints(), key, ints(), ints(), encode("", "raw", "az64", "zstd"), chars(), chars(), encode("", "raw", "az64", "delta"), foreign)
	if plain {
		return s + " DISTSTYLE EVEN"
	}
	s += []string{" DISTSTYLE EVEN", " DISTSTYLE ALL", " DISTKEY(k)", " DISTKEY(id)", " DISTKEY(s)", "", " DISTKEY(d)"}[g.IntN(7)]
	return s + []string{"", " SORTKEY(k)", " SORTKEY(d, k)", " INTERLEAVED SORTKEY(x, s)", " SORTKEY(s)"}[g.IntN(5)]
}

func (g *sqlMaker) or(s string) string {
	if g.IntN(6) == 0 {
		return "NULL"
	}
	return s
}
func (g *sqlMaker) number(n int) string { return fmt.Sprint(g.IntN(n)) }
func (g *sqlMaker) cents() string       { return fmt.Sprintf("%d.%02d", g.IntN(10), g.IntN(4)*25) }
func (g *sqlMaker) word() string {
	return "'" + []string{"", "a", "b", "ab", "b ", "Ab", "zz"}[g.IntN(7)] + "'"
}

func (g *sqlMaker) day() string { return fmt.Sprintf("'2008-0%d-1%d'::date", 1+g.IntN(3), g.IntN(3)) }

// column names a column of a type, of the innermost query's tables or now and then of those around it.
func (g *sqlMaker) column(kind string) string {
	from := g.from
	if from > 0 && g.IntN(3) == 0 {
		from = 0
	}
	refs := g.refs[from:]
	cols := sqlColumns[kind]
	return refs[g.IntN(len(refs))].alias + "." + cols[g.IntN(len(cols))]
}

// value makes an expression of a type.
func (g *sqlMaker) value(kind string, depth int) string {
	if depth == 0 || g.IntN(3) == 0 {
		if g.IntN(4) > 0 {
			return g.column(kind)
		}
		switch kind {
		case "numeric":
			return g.cents()
		case "text":
			return g.word() + "::varchar(8)"
		case "date":
			return g.day()
		case "bigint":
			return g.number(9) + "::bigint"
		}
		return g.number(9)
	}
	sub := func() string { return g.value(kind, depth-1) }
	switch g.IntN(4) {
	case 0:
		return "coalesce(" + sub() + ", " + sub() + ")"
	case 1:
		return "CASE WHEN " + g.cond(depth-1) + " THEN " + sub() + " ELSE " + sub() + " END"
	case 2:
		return "nullif(" + sub() + ", " + sub() + ")"
	}
	switch kind {
	case "text":
		return []string{"upper(" + sub() + ")", "substring(" + sub() + ", 1, 1)", sub() + " || " + sub()}[g.IntN(3)]
	case "date":
		return "(" + sub() + " + 1)"
	}
	return "(" + sub() + []string{" + ", " - ", " * "}[g.IntN(3)] + g.number(3) + ")"
}

var sqlKinds = []string{"int", "int", "text", "numeric", "date", "bigint"}

func (g *sqlMaker) kind() string { return sqlKinds[g.IntN(len(sqlKinds))] }

// cond makes a condition that may be NULL.
func (g *sqlMaker) cond(depth int) string {
	kind := g.kind()
	l := g.value(kind, depth/2)
	op := []string{" = ", " <> ", " < ", " >= ", " > ", " <= "}[g.IntN(6)]
	switch g.IntN(13) {
	case 0:
		return l + " IS NULL"
	case 1:
		return l + " BETWEEN " + g.value(kind, 0) + " AND " + g.value(kind, 0)
	case 2:
		return l + []string{" IN (", " NOT IN ("}[g.IntN(2)] + g.value(kind, 0) + ", " + g.value(kind, 0) + ")"
	case 3:
		return g.value("text", 0) + []string{" LIKE ", " NOT LIKE "}[g.IntN(2)] + []string{"'a%'", "'%b'", "'_b'", "'%'"}[g.IntN(4)]
	case 4:
		return g.column("bool")
	case 5:
		if depth > 0 {
			return "NOT (" + g.cond(depth-1) + ")"
		}
	case 6, 7:
		if depth > 0 {
			return "(" + g.cond(depth-1) + []string{" AND ", " OR "}[g.IntN(2)] + g.cond(depth-1) + ")"
		}
	case 8, 9:
		if depth > 1 {
			return g.subquery(kind, l, op, depth-2)
		}
	}
	return l + op + g.value(kind, 0)
}

// subquery makes a condition with a subquery, correlated or not.
func (g *sqlMaker) subquery(kind, l, op string, depth int) string {
	inner := func(what func() string) string {
		outer, from := g.refs, g.from
		defer func() { g.refs, g.from = outer, from }()
		alias := g.alias()
		if g.IntN(2) == 0 { // not correlated
			g.refs = nil
		}
		g.from = len(g.refs)
		g.refs = append(g.refs[:len(g.refs):len(g.refs)], sqlRef{alias})
		s := " FROM " + g.table() + " " + alias + " WHERE " + g.cond(depth)
		if g.from > 0 {
			c := []string{"k", "x", "s"}[g.IntN(3)]
			s += " AND " + alias + "." + c + " = " + outer[g.IntN(len(outer))].alias + "." + c
		}
		all := g.refs
		g.refs, g.from = g.refs[g.from:], 0 // what it gives is its own
		s = "(SELECT " + what() + s + ")"
		g.refs = all
		return s
	}
	column := func() string { return g.column(kind) }
	switch g.IntN(5) {
	case 0:
		return []string{"EXISTS ", "NOT EXISTS "}[g.IntN(2)] + inner(func() string { return "1" })
	case 1:
		return l + []string{" IN ", " NOT IN "}[g.IntN(2)] + inner(column)
	case 2:
		return l + op + []string{"ANY ", "ALL "}[g.IntN(2)] + inner(column)
	}
	return l + op + inner(func() string { return []string{"max(", "min("}[g.IntN(2)] + g.column(kind) + ")" })
}

func (g *sqlMaker) table() string { return []string{"a", "b", "c"}[g.IntN(3)] }

func (g *sqlMaker) alias() string {
	g.next++
	return fmt.Sprintf("t%d", g.next)
}

// tables makes FROM and brings its tables into scope.
func (g *sqlMaker) tables() string {
	g.refs, g.from = nil, 0
	add := func() string {
		alias := g.alias()
		g.refs = append(g.refs, sqlRef{alias})
		return g.table() + " " + alias
	}
	s, tree := add(), 0 // where the tables begin that an ON may name
	for range g.IntN(3) {
		kind := []string{", ", " JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN "}[g.IntN(5)]
		if kind == ", " && strings.Contains(s, "JOIN") {
			kind = " CROSS JOIN "
		}
		left := g.refs[tree+g.IntN(len(g.refs)-tree)].alias
		if kind == ", " {
			tree = len(g.refs)
		}
		s += kind + add()
		if kind == ", " || kind == " CROSS JOIN " {
			continue
		}
		c := []string{"k", "x", "s", "d", "id"}[g.IntN(5)]
		e := c
		if g.IntN(4) == 0 {
			c, e = "k", "id"
		}
		s += " ON " + left + "." + c + " = " + g.refs[len(g.refs)-1].alias + "." + e
		if g.IntN(3) == 0 {
			all := g.refs
			g.refs = all[tree:]
			s += " AND " + g.cond(0)
			g.refs = all
		}
	}
	return s
}

// list makes a select list.
func (g *sqlMaker) list() string {
	var items []string
	for range 1 + g.IntN(3) {
		items = append(items, g.value(g.kind(), 2))
	}
	return strings.Join(items, ", ")
}

// ask makes one group of queries that must agree, and gives the number of them; 0 when one is refused.
func (g *sqlMaker) ask(dbs []*sql.DB) (int, error) {
	switch g.IntN(13) {
	case 0:
		return g.same(dbs, g.orders()...)
	case 1, 2, 3:
		return g.more(dbs)
	case 4, 5:
		return g.shapes(dbs)
	case 6:
		return g.changes(dbs)
	}
	from := g.tables()
	p := g.cond(3)
	where := func(c string) string { return " FROM " + from + " WHERE " + c }
	switch g.IntN(6) {
	case 0: // NoREC
		return g.same(dbs, "SELECT count(*)"+where(p), "SELECT coalesce(sum(CASE WHEN "+p+" THEN 1 ELSE 0 END), 0) FROM "+from)
	case 1, 2: // TLP of rows
		list := g.list()
		q := "SELECT " + list
		return g.same(dbs, q+" FROM "+from, q+where(p)+" UNION ALL "+q+where("NOT ("+p+")")+" UNION ALL "+q+where("("+p+") IS NULL"))
	case 3: // TLP of an aggregate
		kind := g.kind()
		v, name := g.value(kind, 1), []string{"min", "max", "count"}[g.IntN(3)]
		part := func(c string) string { return "SELECT " + name + "(" + v + ") AS v" + where(c) }
		all := map[string]string{"min": "min", "max": "max", "count": "sum"}[name]
		return g.same(dbs, "SELECT "+name+"("+v+") FROM "+from,
			"SELECT "+all+"(v) FROM ("+part(p)+" UNION ALL "+part("NOT ("+p+")")+" UNION ALL "+part("("+p+") IS NULL")+") z")
	case 4: // groups, some with sets
		c, e := g.column(g.kind()), g.column(g.kind())
		by := []string{c, c + ", " + e, "ROLLUP(" + c + ", " + e + ")", "CUBE(" + c + ", " + e + ")"}[g.IntN(4)]
		if !strings.Contains(by, e) {
			e = "1"
		}
		return g.same(dbs, fmt.Sprintf("SELECT %s, %s, count(*), sum(%s), count(DISTINCT %s), max(%s)%s GROUP BY %s", c, e, g.column("int"), g.column(g.kind()), g.column("text"), where(p), by))
	}
	q := "SELECT " + []string{"", "DISTINCT "}[g.IntN(2)] + g.list() + where(p)
	if g.IntN(4) == 0 {
		q = "WITH q AS (SELECT k, count(*) AS m, max(s) AS s FROM " + g.table() + " GROUP BY k) SELECT y.k, z.m, y.s FROM q y JOIN q z ON y.m <= z.m AND y.k <> z.k"
	}
	return g.same(dbs, q)
}

// orders makes an inner join of three tables in several orders. The planner may choose among them as it likes, but in the last: a derived table with a
// LIMIT is a query of its own, whose rows are joined to the third table when they are there.
func (g *sqlMaker) orders() []string {
	g.refs, g.from = nil, 0
	tables := make([]string, 3)
	for i := range tables {
		g.refs = append(g.refs, sqlRef{g.alias()})
		tables[i] = g.table() + " " + g.refs[i].alias
	}
	link := func(i, k int) string {
		c := []string{"k", "x", "s", "d", "id"}[g.IntN(5)]
		e := []string{c, c, "id"}[g.IntN(3)]
		if e == "id" && c != "x" && c != "k" {
			e = c
		}
		return g.refs[i].alias + "." + c + " = " + g.refs[k].alias + "." + e
	}
	all := g.refs
	first := link(0, 1)
	second := link(g.IntN(2), 2)
	g.refs = all[:2]
	own := g.cond(1)
	g.refs = all
	last := g.cond(1)
	list := g.list()
	where := " WHERE " + first + " AND " + second + " AND (" + own + ") AND (" + last + ")"
	q := "SELECT " + list + " FROM "
	var out []string
	for _, p := range [][3]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		out = append(out, q+tables[p[0]]+", "+tables[p[1]]+", "+tables[p[2]]+where)
	}
	var names, inner []string
	for i, r := range all[:2] {
		for _, cols := range sqlColumns {
			for _, c := range cols {
				inner = append(inner, fmt.Sprintf("%s.%s AS c%d_%s", r.alias, c, i, c))
				names = append(names, r.alias+"."+c, fmt.Sprintf("z.c%d_%s", i, c))
			}
		}
	}
	named := strings.NewReplacer(names...).Replace
	closed := "(SELECT " + strings.Join(inner, ", ") + " FROM " + tables[0] + ", " + tables[1] + " WHERE " + first + " AND (" + own + ") LIMIT 1000000) z"
	return append(out, "SELECT "+named(list)+" FROM "+tables[2]+", "+closed+" WHERE "+named(second)+" AND ("+named(last)+")")
}

// same runs queries on all clusters: their rows must be the same.
func (g *sqlMaker) same(dbs []*sql.DB, queries ...string) (int, error) {
	var want []string
	first := true
	for _, q := range queries {
		for i, db := range dbs {
			got, err := bagOf(db, q)
			if err != nil {
				if strings.Contains(err.Error(), "XX000") {
					return 0, fmt.Errorf("%s\ncluster %d: %v", q, i, err)
				}
				return 0, nil // a pattern that is refused, an overflow
			}
			if first {
				want, first = got, false
			} else if !slices.Equal(got, want) {
				return 0, fmt.Errorf("%s\nbeside\n%s\ncluster %d gives %d rows, want %d\n%.600s\n%.600s", q, queries[0], i, len(got), len(want), strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
	return len(queries) * len(dbs), nil
}

// bagOf gives a query's rows as sorted texts.
func bagOf(db querier, query string) ([]string, error) {
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	cols, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	cells, to := make([]any, len(cols)), make([]any, len(cols))
	for i := range cells {
		to[i] = &cells[i]
	}
	var out []string
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return nil, err
		}
		s := ""
		for i, v := range cells {
			s += strings.TrimRight(sqltest.Cell(v, strings.ToLower(cols[i].DatabaseTypeName())), " ") + "|"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out, rows.Err()
}
