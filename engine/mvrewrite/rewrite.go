// Package mvrewrite lets queries read materialized views that they do not name.
//
//	SELECT catgroup, sum(qtysold) FROM category c, event e, sales s        tickets_mv: SELECT catgroup, sum(qtysold) AS sold FROM category c, event e, sales s
//	WHERE c.catid = e.catid AND e.eventid = s.eventid GROUP BY 1                       WHERE c.catid = e.catid AND e.eventid = s.eventid GROUP BY 1
//	         |                                                                                                  |
//	core  {category, event, sales}, {c.catid = e.catid, e.eventid = s.eventid}    =     core  {category, event, sales}, {c.catid = e.catid, e.eventid = s.eventid}
//	         v
//	Aggregate [catgroup] sum(sold)
//	  Scan mv_tbl__tickets_mv__0
//
// A core is inner joins and filters over tables, each named once. A view serves a query whose core has the same tables and all of the view's conditions; what conditions
// the query has besides must be about columns that the view has, and so must be what the query computes. Groups of a view are put together to groups of the query.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-auto-rewrite.html
package mvrewrite

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// View is a materialized view that queries may read.
type View struct {
	Table   *catalog.Table // that has its rows
	Alias   string         // of the scan, for EXPLAIN
	Query   plan.Node      // its query
	Columns []plan.Column  // what the query gives, in the order of the table's columns
}

// Use gives a query's plan with a scan of the view wherever that serves; false = nowhere. The plan that is given is not changed.
func Use(n plan.Node, v *View) (plan.Node, bool) {
	u := &user{view: v}
	if !u.read() {
		return n, false
	}
	plan.Walk(n, func(n plan.Node) bool {
		for _, c := range n.Columns() {
			u.last = max(u.last, c.ID)
		}
		return true
	})
	out := u.node(n)
	return out, u.used
}

// user looks where a view serves a query.
type user struct {
	view   *View
	core   *core        // of the view
	groups []output     // of a view that aggregates: what it groups by, and where that stands
	aggs   []aggregated // and what it computes
	plain  []output     // of one that does not: its columns
	grouped,
	used bool
	last expr.ColumnID // of the query
}

// output is a column of the view's table that holds an expression over base tables.
type output struct {
	x  expr.Expr
	at int
}

// aggregated is a column of the view's table that holds an aggregate.
type aggregated struct {
	agg *plan.Agg
	at  int
}

// base is a column of a base table.
type base struct {
	table  uint32
	column int
}

// core is what FROM and WHERE come to.
type core struct {
	tables  map[uint32]bool
	columns map[expr.ColumnID]base
	ids     map[base]*expr.Column
	conds   []expr.Expr
}

// coreOf reads a core; nil = n is none.
func coreOf(n plan.Node) *core {
	c := &core{tables: map[uint32]bool{}, columns: map[expr.ColumnID]base{}, ids: map[base]*expr.Column{}}
	if !c.add(n) {
		return nil
	}
	return c
}

func (c *core) add(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Scan:
		if c.tables[n.Table.ID] {
			return false
		}
		c.tables[n.Table.ID] = true
		for i, at := range n.Attrs {
			if at < 0 {
				return false
			}
			o := n.Output[i]
			k := base{n.Table.ID, at}
			c.columns[o.ID], c.ids[k] = k, &expr.Column{ID: o.ID, Typ: o.Type, Table: o.Table, Name: o.Name}
		}
		c.conds = append(c.conds, n.Filter...)
		return true
	case *plan.Filter:
		c.conds = append(c.conds, n.Conds...)
		return c.add(n.Input)
	case *plan.Join:
		c.conds = append(c.conds, n.On...)
		return n.Kind == plan.Inner && len(n.EquiOuter) == 0 && c.add(n.Outer) && c.add(n.Inner)
	}
	return false
}

// in puts an expression over the columns of c in those of another core; false = that lacks one.
func (c *core) in(x expr.Expr, other *core) (expr.Expr, bool) {
	ok := true
	x = expr.Replace(x, func(x expr.Expr) expr.Expr {
		switch x := x.(type) {
		case *expr.Column:
			if to := other.ids[c.columns[x.ID]]; to != nil {
				return to
			}
			ok = false
			return x
		case *expr.Subquery:
			ok = false
			return x
		}
		return nil
	})
	return x, ok
}

// read takes the view's query apart; false = it is none that serves.
func (u *user) read() bool {
	p, ok := u.view.Query.(*plan.Project)
	if !ok || len(p.Exprs) < len(u.view.Columns) {
		return false
	}
	a, ok := p.Input.(*plan.Aggregate)
	if !ok {
		if u.core = coreOf(p.Input); u.core == nil {
			return false
		}
		for i := range u.view.Columns {
			u.plain = append(u.plain, output{p.Exprs[i].Expr, i})
		}
		return true
	}
	u.grouped = true
	input, below := fed(a.Input)
	if u.core = coreOf(input); u.core == nil || len(a.Having) > 0 {
		return false
	}
	for i := range u.view.Columns {
		c, ok := p.Exprs[i].Expr.(*expr.Column)
		for k := 0; ok && k < len(a.Groups); k++ {
			if a.Groups[k] == c.ID {
				u.groups = append(u.groups, output{below(c), i})
			}
		}
		for k := range a.Aggs {
			if ok && a.Aggs[k].ID == c.ID && !a.Aggs[k].Distinct && len(a.Aggs[k].Order) == 0 {
				g := a.Aggs[k]
				g.Args = nil
				for _, x := range a.Aggs[k].Args {
					g.Args = append(g.Args, below(x))
				}
				u.aggs = append(u.aggs, aggregated{&g, i})
			}
		}
	}
	return true
}

// fed is what an Aggregate reads below a Project that computes groups and arguments, and what its columns are there.
func fed(n plan.Node) (plan.Node, func(x expr.Expr) expr.Expr) {
	p, ok := n.(*plan.Project)
	if !ok {
		return n, func(x expr.Expr) expr.Expr { return x }
	}
	return p.Input, func(x expr.Expr) expr.Expr {
		return expr.Replace(x, func(x expr.Expr) expr.Expr {
			if c, ok := x.(*expr.Column); ok {
				for i := range p.Exprs {
					if p.Exprs[i].ID == c.ID {
						return p.Exprs[i].Expr
					}
				}
			}
			return nil
		})
	}
}

// node looks for the view in a plan, from the top down.
func (u *user) node(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Project:
		c := *n
		if s := u.rows(n.Input, exprsOf(n)); s != nil {
			c.Input = s
		} else {
			c.Input = u.node(n.Input)
		}
		return &c
	case *plan.Sort, *plan.Limit, *plan.Subquery:
		return plan.WithInputs(n, []plan.Node{u.node(n.Children()[0])})
	case *plan.Aggregate:
		if s := u.regrouped(n); s != nil {
			return s
		}
		c := *n
		var read []expr.Expr
		for _, id := range n.Groups {
			read = append(read, &expr.Column{ID: id})
		}
		for i := range n.Aggs {
			read = append(read, n.Aggs[i].Args...)
			for _, o := range n.Aggs[i].Order {
				read = append(read, &expr.Column{ID: o.ID})
			}
		}
		if s := u.rows(n.Input, read); s != nil {
			c.Input = s
		} else {
			c.Input = u.node(n.Input)
		}
		return &c
	}
	return n
}

func exprsOf(p *plan.Project) (out []expr.Expr) {
	for i := range p.Exprs {
		out = append(out, p.Exprs[i].Expr)
	}
	return out
}

// served says whether a core has the view's tables and conditions, and which conditions it has besides.
func (u *user) served(q *core) (rest []expr.Expr, ok bool) {
	if len(q.tables) != len(u.core.tables) {
		return nil, false
	}
	for t := range q.tables {
		if !u.core.tables[t] {
			return nil, false
		}
	}
	met := make([]bool, len(q.conds))
next:
	for _, x := range u.core.conds {
		x, ok := u.core.in(x, q)
		if !ok {
			return nil, false
		}
		for i, y := range q.conds {
			if sameCondition(x, y) {
				met[i] = true
				continue next
			}
		}
		return nil, false
	}
	for i, x := range q.conds {
		if !met[i] {
			rest = append(rest, x)
		}
	}
	return rest, true
}

// sameCondition says whether two conditions are the same; a = b is b = a.
func sameCondition(x, y expr.Expr) bool {
	if expr.Equal(x, y) {
		return true
	}
	a, ok := x.(*expr.Compare)
	b, is := y.(*expr.Compare)
	return ok && is && a.Op == expr.Eq && b.Op == expr.Eq && expr.Equal(a.Left, b.Right) && expr.Equal(a.Right, b.Left)
}

// rows is a scan of a view that does not aggregate, in the place of a core of which only the columns of read are read; nil = it does not serve.
func (u *user) rows(n plan.Node, read []expr.Expr) plan.Node {
	if u.grouped {
		return nil
	}
	q := coreOf(n)
	if q == nil {
		return nil
	}
	rest, ok := u.served(q)
	if !ok {
		return nil
	}
	s := &plan.Scan{Table: u.view.Table, Alias: u.view.Alias}
	have := map[expr.ColumnID]bool{}
	for _, x := range append(read[:len(read):len(read)], rest...) {
		if hasSubquery(x) {
			return nil
		}
		for _, id := range expr.Columns(x) {
			k, of := q.columns[id]
			if have[id] || !of {
				if !of {
					return nil
				}
				continue
			}
			at := -1
			for _, o := range u.plain {
				if c, ok := o.x.(*expr.Column); ok && u.core.columns[c.ID] == k {
					at = o.at
				}
			}
			if at < 0 {
				return nil
			}
			have[id] = true
			u.give(s, id, at)
		}
	}
	u.used = true
	return filtered(s, rest)
}

// give adds a column of the view's table to a scan, under a number.
func (u *user) give(s *plan.Scan, id expr.ColumnID, at int) *expr.Column {
	c := &u.view.Table.Columns[at]
	s.Output, s.Attrs = append(s.Output, plan.Column{ID: id, Name: c.Name, Table: s.Alias, Type: c.Type}), append(s.Attrs, at)
	return &expr.Column{ID: id, Typ: c.Type, Table: s.Alias, Name: c.Name}
}

func filtered(n plan.Node, conds []expr.Expr) plan.Node {
	if len(conds) == 0 {
		return n
	}
	return &plan.Filter{Input: n, Conds: conds}
}

func hasSubquery(x expr.Expr) (found bool) {
	expr.Walk(x, func(x expr.Expr) bool {
		_, is := x.(*expr.Subquery)
		found = found || is
		return !found
	})
	return found
}

// id gives a new number.
func (u *user) id() expr.ColumnID {
	u.last++
	return u.last
}

// regrouped puts groups of the view together to groups of the query; nil = they do not serve.
func (u *user) regrouped(a *plan.Aggregate) plan.Node {
	if !u.grouped {
		return nil
	}
	input, below := fed(a.Input)
	q := coreOf(input)
	if q == nil {
		return nil
	}
	rest, ok := u.served(q)
	if !ok {
		return nil
	}
	r := &regrouping{u: u, q: q, scan: &plan.Scan{Table: u.view.Table, Alias: u.view.Alias}, given: map[int]*expr.Column{}}
	n := &plan.Aggregate{Groups: a.Groups}
	for _, id := range a.Groups {
		if !r.group(id, below) {
			return nil
		}
	}
	for i, x := range rest {
		if rest[i], ok = r.over(x); !ok {
			return nil
		}
	}
	p := &plan.Project{Input: n}
	for _, id := range a.Groups {
		c := r.named(id)
		p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: &expr.Column{ID: id, Typ: c.Type, Table: c.Table, Name: c.Name}})
	}
	for i := range a.Aggs {
		whole, x := r.whole(&a.Aggs[i], below)
		if x == nil {
			return nil
		}
		n.Aggs = append(n.Aggs, whole)
		p.Exprs = append(p.Exprs, plan.Named{Column: a.Aggs[i].Column, Expr: x})
	}
	n.Input = filtered(r.scan, rest)
	u.used = true
	return filtered(p, a.Having)
}

// regrouping is regrouped on its way.
type regrouping struct {
	u     *user
	q     *core
	scan  *plan.Scan
	given map[int]*expr.Column // columns of the view's table that the scan gives
}

// group gives a column that the query groups by, from one that the view groups by.
func (r *regrouping) group(id expr.ColumnID, below func(expr.Expr) expr.Expr) bool {
	var typ types.Type
	if k, ok := r.q.columns[id]; ok {
		typ = r.q.ids[k].Typ
	}
	x := below(&expr.Column{ID: id, Typ: typ})
	for _, g := range r.u.groups {
		y, ok := r.u.core.in(g.x, r.q)
		if ok && expr.Equal(x, y) && r.given[g.at] == nil && r.u.view.Table.Columns[g.at].Type == x.Type() {
			r.given[g.at] = r.u.give(r.scan, id, g.at)
			return true
		}
	}
	return false
}

// over puts a condition of the query in columns that the view groups by.
func (r *regrouping) over(x expr.Expr) (expr.Expr, bool) {
	ok := !hasSubquery(x)
	x = expr.Replace(x, func(x expr.Expr) expr.Expr {
		for _, g := range r.u.groups {
			y, same := r.u.core.in(g.x, r.q)
			if same && expr.Equal(x, y) && r.u.view.Table.Columns[g.at].Type == x.Type() {
				return r.column(g.at)
			}
		}
		if _, is := x.(*expr.Column); is {
			ok = false
			return x
		}
		return nil
	})
	return x, ok
}

// column gives a column of the view's table.
func (r *regrouping) column(at int) *expr.Column {
	if r.given[at] == nil {
		r.given[at] = r.u.give(r.scan, r.u.id(), at)
	}
	return r.given[at]
}

// named finds a column that the scan gives.
func (r *regrouping) named(id expr.ColumnID) plan.Column {
	for _, c := range r.scan.Output {
		if c.ID == id {
			return c
		}
	}
	return plan.Column{ID: id}
}

// whole makes an aggregate of the query of one of the view: counts and sums are added. x is its value, of the type that the query's has; nil = the view has it not.
func (r *regrouping) whole(a *plan.Agg, below func(expr.Expr) expr.Expr) (plan.Agg, expr.Expr) {
	name := map[string]string{"count": "sum", "sum": "sum", "min": "min", "max": "max"}[a.Fn.Name]
	if name == "" || a.Distinct || len(a.Order) > 0 {
		return plan.Agg{}, nil
	}
	for _, g := range r.u.aggs {
		if g.agg.Fn.Name != a.Fn.Name || len(g.agg.Args) != len(a.Args) {
			continue
		}
		same := true
		for i := range a.Args {
			y, ok := r.u.core.in(g.agg.Args[i], r.q)
			same = same && ok && expr.Equal(below(a.Args[i]), y)
		}
		t := r.u.view.Table.Columns[g.at].Type
		if !same || t != a.Type {
			continue
		}
		fn, err := function.FindAggregate(name, []function.Arg{{Type: t}}, false)
		if err != nil || len(fn.Params) != 1 {
			continue
		}
		var in expr.Expr = r.column(g.at)
		if p := fn.Params[0]; p.Kind != types.Unknown && p != t {
			in = &expr.Cast{Arg: in, To: p, Implicit: true, Pos: -1}
		}
		out := plan.Agg{Column: plan.Column{ID: r.u.id(), Name: a.Name, Table: a.Table, Type: fn.Returns}, Fn: fn, Args: []expr.Expr{in}}
		var x expr.Expr = &expr.Column{ID: out.ID, Typ: out.Type, Name: out.Name}
		if out.Type != a.Type {
			x = &expr.Cast{Arg: x, To: a.Type, Implicit: true, Pos: -1}
		}
		if a.Fn.Empty != nil {
			x = &expr.Coalesce{Args: []expr.Expr{x, &expr.Const{Value: *a.Fn.Empty}}, Typ: a.Type}
		}
		return out, x
	}
	return plan.Agg{}, nil
}
