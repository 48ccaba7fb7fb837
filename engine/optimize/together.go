package optimize

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
