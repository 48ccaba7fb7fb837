package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// together corrects the selectivity of equalities that hold at once, which is the product of theirs: columns of one table do not come in all combinations of
// their values, as the parts and suppliers of TPC-H's partsupp do not, but in so many as there would be groups by them.
//
//	ps_partkey = l_partkey AND ps_suppkey = l_suppkey      1 / (200,000 * 10,000) becomes 1 / 600,000
//
// It gives the factor, 1 when there is nothing to correct.
func (o *optimizer) together(ps []*predicate) float64 {
	factor := 1.0
	type pair struct{ l, r *relation }
	done := map[pair]bool{}
	of := func(p *predicate) (t pair, ok bool) {
		if p.lmask == 0 || p.l.expr != nil || p.r.expr != nil {
			return pair{}, false
		}
		l, _ := o.ref(p.l.col.ID)
		r, _ := o.ref(p.r.col.ID)
		return pair{l.rel, r.rel}, l.rel != nil && r.rel != nil
	}
	for _, p := range ps {
		t, ok := of(p)
		if !ok || done[t] || done[pair{t.r, t.l}] {
			continue
		}
		done[t] = true
		var left, right combined
		product := 1.0
		for _, q := range ps {
			u, ok := of(q)
			if !ok || u != t && u != (pair{t.r, t.l}) {
				continue
			}
			x, y := o.distinctOf(q.l.col.ID), o.distinctOf(q.r.col.ID)
			product *= max(x, y)
			if u != t {
				x, y = y, x
			}
			left.add(x)
			right.add(y)
		}
		if left.n > 1 {
			factor *= max(1, product/max(left.values(t.l.tuples), right.values(t.r.tuples)))
		}
	}
	return factor
}

// combined estimates how many combinations of values columns of one table have.
type combined struct {
	product, largest float64
	n                int
}

// add adds a column with nd distinct values.
func (c *combined) add(nd float64) {
	if c.n == 0 {
		c.product = 1
	}
	c.product *= nd
	c.largest = max(c.largest, nd)
	c.n++
}

// values is PostgreSQL's rule (estimate_num_groups): several columns have no more than a tenth of the rows, if each has not.
func (c *combined) values(tuples float64) float64 {
	nd := c.product
	if c.n > 1 {
		nd = min(nd, max(tuples*0.1, c.largest))
	}
	return min(nd, tuples)
}

// left estimates the rows of the inner side of a join, a scan, that have a key which a table of the outer side has: it is filled before, and prunes the scan.
//
//	(lineitem x part of one colour) x partsupp on l_partkey = ps_partkey       a part has four rows in partsupp: 4 for each part of the colour
func (g *region) left(c *cand) float64 {
	rows := c.inner.info.Rows
	if c.inner.rel == nil {
		return rows
	}
	left := rows
	for i := range c.equi {
		outer, inner := c.sides(i)
		if v, ok := g.known(c.outer, outer); ok {
			left = min(left, rows*v/g.o.distinctOf(inner))
		}
	}
	return left
}

// known estimates how many values of a column the table has that a join of an outer side looks for it in.
func (g *region) known(c *cand, id expr.ColumnID) (values float64, ok bool) {
	for ; c.outer != nil; c = c.outer {
		if c.inner.cols.Has(id) {
			return g.values(c.inner, id), true
		}
		if c.kind != plan.Inner && c.kind != plan.Semi {
			continue
		}
		for i := range c.equi {
			if outer, inner := c.sides(i); outer == id {
				return g.values(c.inner, inner), true
			}
		}
	}
	return 0, false
}

// values estimates how many values of a column are left in what a candidate gives.
func (g *region) values(c *cand, id expr.ColumnID) float64 {
	v := min(c.info.Rows, g.o.distinctOf(id))
	if c.outer == nil {
		return v
	}
	for _, side := range []*cand{c.outer, c.inner} {
		if side.cols.Has(id) {
			v = min(v, g.values(side, id))
		}
	}
	if c.kind != plan.Inner {
		return v
	}
	for i := range c.equi {
		switch outer, inner := c.sides(i); id {
		case outer:
			v = min(v, g.values(c.inner, inner))
		case inner:
			v = min(v, g.values(c.outer, outer))
		}
	}
	return v
}
