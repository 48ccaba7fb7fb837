package optimize

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// The guide's sample database with the statistics under its plans.
// https://docs.aws.amazon.com/redshift/latest/dg/c_sampledb.html

// statColumn is a column with its statistics: distinct values, stored width (0 = the type's), part of NULLs.
type statColumn struct {
	name  string
	typ   types.Type
	nd    float64
	width float64
	nulls float64
}

type testTable struct {
	t     *catalog.Table
	stats TableStats
}

func makeTable(id uint32, name string, rows float64, style storage.DistStyle, dist, sort string, cols ...statColumn) *testTable {
	t := &catalog.Table{ID: id, Schema: "public", Name: name, Def: &storage.Definition{ID: id, Dist: storage.Distribution{Style: style, Column: -1}}}
	st := &storage.Statistics{Rows: rows}
	for i, c := range cols {
		t.Columns = append(t.Columns, catalog.Column{Name: c.name, Type: c.typ})
		nd := c.nd
		if nd == 0 {
			nd = rows
		}
		st.Columns = append(st.Columns, storage.ColumnStats{NDistinct: nd, Width: c.width, NullFrac: c.nulls})
		if c.name == dist {
			t.Def.Dist.Column = i
		}
		if c.name == sort {
			t.Def.Sort = storage.SortKey{Style: storage.Compound, Columns: []int{i}}
		}
	}
	return &testTable{t, TableStats{Statistics: st, Rows: rows, Loaded: true}}
}

// tickit makes the tables; dims is the style of the dimension tables.
func tickit(dims storage.DistStyle) map[string]*testTable {
	dim := func(id uint32, name string, rows float64, key string, cols ...statColumn) *testTable {
		return makeTable(id, name, rows, dims, key, key, cols...)
	}
	n82 := types.TNumeric(8, 2)
	v := types.TVarchar
	return map[string]*testTable{
		"users": dim(1, "users", 49990, "userid", statColumn{name: "userid", typ: types.TInt4}, statColumn{name: "lastname", typ: v(30), nd: 1000, width: 10}),
		"venue": dim(2, "venue", 202, "venueid", statColumn{name: "venueid", typ: types.TInt2}, statColumn{name: "venuename", typ: v(100), width: 20},
			statColumn{name: "venuecity", typ: v(30), nd: 60, width: 13}, statColumn{name: "venuestate", typ: types.TChar(2), nd: 30, width: 6},
			statColumn{name: "venueseats", typ: types.TInt4, nd: 50, nulls: 15.0 / 202}),
		"category": dim(3, "category", 11, "catid", statColumn{name: "catid", typ: types.TInt2}, statColumn{name: "catgroup", typ: v(10), nd: 3, width: 10},
			statColumn{name: "catname", typ: v(10), width: 8}, statColumn{name: "catdesc", typ: v(50), width: 29}),
		"date": dim(4, "date", 365, "dateid", statColumn{name: "dateid", typ: types.TInt2}, statColumn{name: "month", typ: types.TChar(5), nd: 12, width: 9}),
		"event": dim(5, "event", 8798, "eventid", statColumn{name: "eventid", typ: types.TInt4}, statColumn{name: "venueid", typ: types.TInt2, nd: 204},
			statColumn{name: "catid", typ: types.TInt2, nd: 4}, statColumn{name: "dateid", typ: types.TInt2, nd: 365},
			statColumn{name: "eventname", typ: v(200), nd: 576, width: 17}, statColumn{name: "starttime", typ: types.TTimestamp}),
		"listing": makeTable(6, "listing", 192497, storage.Key, "listid", "listid", statColumn{name: "listid", typ: types.TInt4},
			statColumn{name: "sellerid", typ: types.TInt4, nd: 40000}, statColumn{name: "eventid", typ: types.TInt4, nd: 8000}, statColumn{name: "dateid", typ: types.TInt2, nd: 365},
			statColumn{name: "numtickets", typ: types.TInt2, nd: 10}, statColumn{name: "priceperticket", typ: n82, nd: 500, width: 10},
			statColumn{name: "totalprice", typ: n82, nd: 5000, width: 10}, statColumn{name: "listtime", typ: types.TTimestamp}),
		"sales": makeTable(7, "sales", 172456, storage.Key, "listid", "listid", statColumn{name: "salesid", typ: types.TInt4}, statColumn{name: "listid", typ: types.TInt4, nd: 83509},
			statColumn{name: "sellerid", typ: types.TInt4, nd: 40000}, statColumn{name: "buyerid", typ: types.TInt4, nd: 40000}, statColumn{name: "eventid", typ: types.TInt4, nd: 8000},
			statColumn{name: "dateid", typ: types.TInt2, nd: 365}, statColumn{name: "qtysold", typ: types.TInt2, nd: 8}, statColumn{name: "pricepaid", typ: n82, nd: 1000, width: 10},
			statColumn{name: "commission", typ: n82, nd: 1000, width: 11}, statColumn{name: "saletime", typ: types.TTimestamp}),
	}
}

// query builds logical plans by hand, as bind would.
type query struct {
	tables map[string]*testTable
	next   expr.ColumnID
	cols   map[string]plan.Column // "sales.listid" and "listid"
}

func newQuery(tables map[string]*testTable) *query {
	return &query{tables: tables, cols: map[string]plan.Column{}}
}

func (q *query) id() expr.ColumnID { q.next++; return q.next }

// scan scans a table with all its columns; name may be "table alias".
func (q *query) scan(name string) *plan.Scan {
	name, alias, ok := strings.Cut(name, " ")
	if !ok {
		alias = name
	}
	t := q.tables[name].t
	s := &plan.Scan{Table: t, Alias: alias}
	for i, c := range t.Columns {
		col := plan.Column{ID: q.id(), Name: c.Name, Table: alias, Type: c.Type}
		s.Output, s.Attrs = append(s.Output, col), append(s.Attrs, i)
		q.cols[alias+"."+c.Name] = col
		q.cols[c.Name] = col
	}
	return s
}

func (q *query) c(name string) *expr.Column {
	c, ok := q.cols[name]
	if !ok {
		panic("no column " + name)
	}
	return column(&c)
}

func cross(n plan.Node, more ...plan.Node) plan.Node {
	for _, m := range more {
		n = &plan.Join{Kind: plan.Inner, Outer: n, Inner: m}
	}
	return n
}

func eq(l, r expr.Expr) expr.Expr { return &expr.Compare{Op: expr.Eq, Left: l, Right: r} }

func where(n plan.Node, conds ...expr.Expr) plan.Node { return &plan.Filter{Input: n, Conds: conds} }

func integer(n int64) expr.Expr {
	return &expr.Const{Value: types.Datum{Type: types.TInt4, Int: n}}
}

// keep projects to columns by name.
func (q *query) keep(n plan.Node, names ...string) plan.Node {
	var cols []plan.Column
	for _, x := range names {
		cols = append(cols, q.cols[x])
	}
	return passing(n, cols)
}

// all projects to everything.
func all(n plan.Node) plan.Node { return passing(n, n.Columns()) }

func (q *query) agg(name string, returns types.Type, args ...expr.Expr) plan.Agg {
	a := plan.Agg{Column: plan.Column{ID: q.id(), Name: name, Type: returns}, Fn: &function.BoundAggregate{
		Name: name, Returns: returns,
		Partial: []types.Type{returns},
	}, Args: args}
	if name == "count" {
		a.Fn.Empty = &types.Datum{Type: returns}
	}
	q.cols[name] = a.Column
	return a
}

func (q *query) group(n plan.Node, groups []string, aggs ...plan.Agg) *plan.Aggregate {
	a := &plan.Aggregate{Input: n, Aggs: aggs}
	for _, g := range groups {
		a.Groups = append(a.Groups, q.cols[g].ID)
	}
	return a
}

func (q *query) order(n plan.Node, names ...string) plan.Node {
	s := &plan.Sort{Input: n}
	for _, x := range names {
		name, desc := strings.CutSuffix(x, " desc")
		s.Keys = append(s.Keys, plan.SortKey{ID: q.cols[name].ID, Desc: desc, NullsFirst: desc})
	}
	return s
}

// env is a cluster of 2 nodes with cost factor k.
func env(tables map[string]*testTable, k float64) *Env {
	return &Env{Topology: storage.Topology{Nodes: 2, SlicesPerNode: 2}, Parallel: k, Stats: func(t *catalog.Table) TableStats {
		return tables[t.Name].stats
	}}
}
