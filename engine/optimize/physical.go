package optimize

import (
	"fmt"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/storage"
)

// plan gives the plan that runs, every figure filled.
func (o *optimizer) plan(n plan.Node) (plan.Node, error) {
	switch n := n.(type) {
	case *plan.Changes:
		c := *n
		c.Parts = make([]plan.Node, len(n.Parts))
		for i, p := range n.Parts {
			var err error
			if c.Parts[i], err = o.plan(p); err != nil {
				return nil, err
			}
			c.Info.Total += c.Parts[i].Props().Total
			c.Info.Rows += c.Parts[i].Props().Rows
		}
		return &c, nil
	case *plan.Insert:
		in, err := o.physical(n.Input, plan.SetOfColumns(n.Input.Columns()), false)
		if err != nil {
			return nil, err
		}
		c := *n
		c.Input, c.Info = in, *in.Props()
		return &c, nil
	case *plan.Unload: // each slice sorts its own rows, unless they end on the leader
		in, err := o.physical(n.Input, plan.SetOfColumns(n.Input.Columns()), n.Serial)
		if err != nil {
			return nil, err
		}
		c := *n
		c.Input, c.Info = in, *in.Props()
		return &c, nil
	case *plan.Delete:
		in, err := o.physical(n.Input, plan.SetOfColumns(n.Input.Columns()), false)
		if err != nil {
			return nil, err
		}
		c := *n
		c.Input, c.Info = in, *in.Props()
		return &c, nil
	case *plan.Update:
		in, err := o.physical(n.Input, plan.SetOfColumns(n.Input.Columns()), false)
		if err != nil {
			return nil, err
		}
		c := *n
		c.Input, c.Info = in, *in.Props()
		return &c, nil
	}
	return o.physical(n, plan.SetOfColumns(n.Columns()), true)
}

// physical plans n and what is below it. need holds the columns that somebody above reads: no other is kept. top says that everything above can run
// on the leader, so that n may end there.
func (o *optimizer) physical(n plan.Node, need plan.Set, top bool) (plan.Node, error) {
	switch n := n.(type) {
	case *plan.Scan:
		return o.scan(n, need), nil
	case *plan.VirtualScan:
		return o.virtual(n, need), nil
	case *plan.ExternalScan:
		return o.external(n, need), nil
	case *plan.Values:
		c := *n
		k := 0.0
		for _, r := range n.Rows {
			k += ops(r)
		}
		rows := float64(max(len(n.Rows), 1))
		c.Info = plan.Info{Total: rows*tupleCost + k*operatorCost, Rows: rows, Width: o.widthOf(n.Output, need), Place: o.alone()}
		return &c, nil
	case *plan.Load:
		c := *n
		c.Info = plan.Info{Total: 1000 * tupleCost, Rows: 1000, Width: o.widthOf(n.Output, need), Place: plan.Place{Kind: plan.Anyhow}}
		return &c, nil
	case *plan.Filter:
		return o.filter(n, need, top)
	case *plan.Project:
		return o.project(n, need, top)
	case *plan.Subquery:
		return o.subquery(n, need, top)
	case *plan.Join:
		return o.join(n, need)
	case *plan.Aggregate:
		return o.aggregate(n, need, top)
	case *plan.Expand:
		return o.expand(n, need, top)
	case *plan.Unnest:
		return o.elements(n, need, top)
	case *plan.Distinct:
		return o.unique(n, top)
	case *plan.Sort:
		return o.sort(n, need, top, 0)
	case *plan.Limit:
		return o.limit(n, need, top)
	case *plan.Append:
		return o.append(n)
	case *plan.Recursive:
		return o.recursive(n)
	case *plan.WorkScan:
		return o.workScan(n), nil
	case *plan.With:
		return o.with(n, need, top)
	case *plan.SetOp:
		return o.setOp(n)
	case *plan.Window:
		return o.window(n, need, top)
	}
	panic(fmt.Sprintf("optimize: physical of %T", n))
}

// alone is where rows are that no table holds: constants, system tables.
func (o *optimizer) alone() plan.Place {
	if o.leader {
		return plan.Place{Kind: plan.OnLeader}
	}
	return plan.Place{Kind: plan.OnSlice0}
}

// keepColumns drops the columns of a scan that are not needed.
func keepColumns(out []plan.Column, attrs []int, need plan.Set) ([]plan.Column, []int) {
	all := true
	for i := range out {
		all = all && need.Has(out[i].ID)
	}
	if all {
		return out, attrs
	}
	var o []plan.Column
	var a []int
	for i := range out {
		if need.Has(out[i].ID) {
			o, a = append(o, out[i]), append(a, attrs[i])
		}
	}
	return o, a
}

// scan plans the scan of a table. Its cost counts the rows left by conditions on the leading sort key columns, which zone maps can use.
func (o *optimizer) scan(n *plan.Scan, need plan.Set) *plan.Scan {
	r := o.relation(n)
	c := *n
	c.NoStats, c.Spread = r.stats == nil, r.spread
	read := r.tuples
	if len(n.Filter) > 0 {
		if s := o.sortKeyConds(n); len(s) > 0 {
			read *= o.selectivity(s)
		}
		r.rows = clampRows(r.tuples * o.selectivity(n.Filter))
	}
	c.Info = plan.Info{Total: read * (tupleCost + operatorCost*ops(n.Filter)), Rows: r.rows, Width: o.widthOf(n.Output, need), Place: scanPlace(&c)}
	if len(n.Filter) > 0 {
		all := need.Clone()
		for _, f := range n.Filter {
			all.AddExpr(f)
		}
		need = all
	}
	c.Output, c.Attrs = keepColumns(n.Output, n.Attrs, need)
	return &c
}

// sortKeyConds lists the conditions on the leading columns of a compound sort key.
func (o *optimizer) sortKeyConds(n *plan.Scan) []expr.Expr {
	d := n.Table.Def
	if d == nil || d.Sort.Style == storage.SortNone {
		return nil
	}
	var out []expr.Expr
	for _, attr := range d.Sort.Columns {
		found := false
		for _, f := range n.Filter {
			if cols := expr.Columns(f); len(cols) == 1 {
				if r, _ := o.ref(cols[0]); r.attr == attr && r.rel != nil {
					out, found = append(out, f), true
				}
			}
		}
		if !found {
			break
		}
	}
	return out
}

// scanPlace is where a table's rows are.
func scanPlace(n *plan.Scan) plan.Place {
	d := n.Table.Def
	if d == nil {
		return plan.Place{}
	}
	switch d.Dist.Style {
	case storage.All, storage.AutoAll:
		return plan.Place{Kind: plan.OnAll}
	case storage.Key, storage.AutoKey:
		for i, a := range n.Attrs {
			if !n.Spread && a == d.Dist.Column {
				return plan.Place{Kind: plan.ByKey, Keys: []expr.ColumnID{n.Output[i].ID}}
			}
		}
	}
	return plan.Place{Kind: plan.Anyhow}
}

// virtualRows is what a system table is taken to hold.
const virtualRows = 1000

func (o *optimizer) virtual(n *plan.VirtualScan, need plan.Set) *plan.VirtualScan {
	c := *n
	c.Info = plan.Info{Total: virtualRows * (tupleCost + operatorCost*ops(n.Filter)), Rows: virtualRows, Width: o.widthOf(n.Output, need), Place: o.alone()}
	if len(n.Filter) > 0 {
		c.Rows = clampRows(virtualRows * o.selectivity(n.Filter))
		need = need.Clone()
		for _, f := range n.Filter {
			need.AddExpr(f)
		}
	}
	c.Output, c.Attrs = keepColumns(n.Output, n.Attrs, need)
	return &c
}

// filter plans conditions that could go no further down.
func (o *optimizer) filter(n *plan.Filter, need plan.Set, top bool) (plan.Node, error) {
	below := need.Clone()
	for _, c := range n.Conds {
		below.AddExpr(c)
	}
	in, err := o.physical(n.Input, below, top)
	if err != nil {
		return nil, err
	}
	c := *n
	c.Input, c.Info = in, *in.Props()
	c.Rows = clampRows(c.Rows * o.selectivity(n.Conds))
	c.Total += operatorCost * ops(n.Conds) * in.Props().Rows
	return &c, nil
}

// project plans computed columns; their operators are paid for once a row.
func (o *optimizer) project(n *plan.Project, need plan.Set, top bool) (plan.Node, error) {
	c := *n
	var below plan.Set
	k := 0
	dropped := false
	for i := range n.Exprs {
		e := &n.Exprs[i]
		if !need.Has(e.ID) {
			dropped = true
			continue
		}
		below.AddExpr(e.Expr)
		k += expr.Ops(e.Expr)
	}
	if dropped {
		c.Exprs = nil
		for i := range n.Exprs {
			if need.Has(n.Exprs[i].ID) {
				c.Exprs = append(c.Exprs, n.Exprs[i])
			}
		}
	}
	in, err := o.physical(n.Input, below, top)
	if err != nil {
		return nil, err
	}
	c.Input, c.Info = in, *in.Props()
	c.Total += operatorCost * float64(k) * c.Rows
	c.Place = o.projected(c.Place, c.Exprs)
	// a renamed column is still the table's column to the estimates
	for i := range c.Exprs {
		if x, ok := expr.Bare(c.Exprs[i].Expr).(*expr.Column); ok && x.ID != c.Exprs[i].ID {
			if r, _ := o.ref(x.ID); r.rel != nil {
				o.setRef(c.Exprs[i].ID, r)
			}
		}
	}
	return &c, nil
}

func (o *optimizer) setRef(id expr.ColumnID, r columnRef) {
	for int(id) >= len(o.refs) {
		o.refs = append(o.refs, columnRef{})
	}
	o.refs[id] = r
}

// projected carries a place by key through renamings.
func (o *optimizer) projected(p plan.Place, exprs []plan.Named) plan.Place {
	if p.Kind != plan.ByKey {
		return p
	}
	out := p
	for i := range exprs {
		x, ok := expr.Bare(exprs[i].Expr).(*expr.Column)
		if !ok || x.ID == exprs[i].ID || !sameHash(x.Typ, exprs[i].Type) {
			continue
		}
		for k := range p.Keys {
			if p.SameAsKey(k, x.ID) {
				out = alsoKey(out, k, exprs[i].ID)
			}
		}
	}
	return out
}

// alsoKey notes that a column equals key k.
func alsoKey(p plan.Place, k int, id expr.ColumnID) plan.Place {
	eq := make([][]expr.ColumnID, len(p.Keys))
	copy(eq, p.Equal)
	eq[k] = append(eq[k][:len(eq[k]):len(eq[k])], id)
	p.Equal = eq
	return p
}

// subquery plans a derived table that stays.
func (o *optimizer) subquery(n *plan.Subquery, need plan.Set, top bool) (plan.Node, error) {
	in, err := o.physical(n.Input, need, top)
	if err != nil {
		return nil, err
	}
	c := *n
	c.Input, c.Info = in, *in.Props()
	c.Total += c.Rows * tupleCost
	c.Width = 0
	c.Output = nil
	for i := range n.Output {
		if need.Has(n.Output[i].ID) {
			c.Output = append(c.Output, n.Output[i])
			c.Width += typeWidth(n.Output[i].Type)
		}
	}
	return &c, nil
}

// seriesRows is how many rows a function that gives rows is thought to give, as in PostgreSQL.
const seriesRows = 1000

// expand plans the repetition of rows, which stay where they are.
func (o *optimizer) expand(n *plan.Expand, need plan.Set, top bool) (plan.Node, error) {
	in, err := o.physical(n.Input, withBounds(n, need), top)
	if err != nil {
		return nil, err
	}
	c := *n
	c.Input, c.Info = in, *in.Props()
	if c.Rows *= float64(n.Count); len(n.Bounds) > 0 {
		c.Rows = seriesRows * in.Props().Rows
	}
	c.Total += tupleCost * c.Rows
	c.Width += typeWidth(n.Number.Type)
	return &c, nil
}
