package optimize

import (
	"math"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/storage"
)

func errFullJoin() error {
	return sqlstate.FeatureNotSupported.Errorf("FULL JOIN is only supported with merge-joinable join conditions")
}

// pair adds to list the ways of joining two candidates: every method and every label that is legal for the places of the sides and the kind of join.
//
//	inner ALL                                            DS_DIST_ALL_NONE     nobody moves
//	outer ALL, inner not                                 DS_DIST_ALL_INNER    the inner side goes to one slice
//	both by hash of the join columns                     DS_DIST_NONE         nobody moves
//	outer by hash of its join columns                    DS_DIST_INNER        the inner side goes to the outer's slices
//	inner by hash of its join columns                    DS_DIST_OUTER        the outer side goes to the inner's slices
//	any                                                  DS_BCAST_INNER       the inner side goes everywhere
//	any, with an equality                                DS_DIST_BOTH         both sides are hashed anew
//
// A side whose unmatched rows appear in the result must be in one place only: it is never copied. The rows that a DELETE or UPDATE changes never move.
// https://docs.aws.amazon.com/redshift/latest/dg/c_data_redistribution.html
func (g *region) pair(list []*cand, outer, inner *cand, kind plan.JoinKind) []*cand {
	base := cand{mask: outer.mask | inner.mask, outer: outer, inner: inner, kind: kind, method: plan.NestedLoop}
	for _, p := range g.preds {
		if p.mask&^base.mask != 0 || kind == plan.Inner && (p.mask&^outer.mask == 0 || p.mask&^inner.mask == 0) {
			continue // not yet, or applied below
		}
		switch {
		case p.lmask != 0 && p.lmask&^outer.mask == 0 && p.rmask&^inner.mask == 0:
			base.equi, base.flip = append(base.equi, p), append(base.flip, false)
		case p.lmask != 0 && p.lmask&^inner.mask == 0 && p.rmask&^outer.mask == 0:
			base.equi, base.flip = append(base.equi, p), append(base.flip, true)
		default:
			base.on = append(base.on, p.cond)
		}
	}
	if len(base.equi) > 0 {
		base.method = plan.HashJoin
	}
	base.cols = outer.cols.Clone()
	for i, w := range inner.cols {
		for i >= len(base.cols) {
			base.cols = append(base.cols, 0)
		}
		base.cols[i] |= w
	}
	base.info.Rows, base.info.Width = g.rowsOf(base.mask), g.widthOf(base.mask)
	for _, way := range g.ways(&base) {
		c := base
		c.dist, c.distOuter, c.distInner = way.dist, way.outer, way.inner
		c.info.Place = way.place
		net := g.o.network(way.dist, &outer.info, &inner.info)
		if way.free {
			net = 0
		}
		g.charge(&c, net)
		list = keep(list, &c)
		if way.dist == plan.DistNone && g.mergeable(&c) {
			m := c
			g.o.chargeMerge(&m)
			list = keep(list, &m)
		}
	}
	return list
}

// way is a legal label with the place of the result.
type way struct {
	dist         plan.Distribution
	outer, inner []expr.ColumnID // keys by which a moved side is hashed
	place        plan.Place
	free         bool // the rows are already where the label sends them
}

// ways lists the legal labels of a join.
func (g *region) ways(c *cand) []way {
	out, in := &c.outer.info.Place, &c.inner.info.Place
	innerKept := c.kind == plan.Right || c.kind == plan.Full
	id := g.o.rowID
	outerFixed, innerFixed := id != 0 && c.outer.cols.Has(id), id != 0 && c.inner.cols.Has(id)
	keep := *out // the place when the outer side does not move
	if c.kind == plan.Full {
		keep = plan.Place{Kind: plan.Anyhow}
	}
	single := plan.Place{Kind: plan.OnSlice0}
	switch {
	case out.Kind == plan.OnLeader && in.Kind == plan.OnLeader:
		return []way{{dist: plan.DistNone, place: *out}}
	case in.Kind == plan.OnAll:
		switch {
		case out.Kind == plan.OnAll:
			return []way{{dist: plan.DistAllNone, place: *out}}
		case out.Kind == plan.OnSlice0:
			return []way{{dist: plan.DistAllNone, place: single}}
		case !innerKept && !innerFixed:
			return []way{{dist: plan.DistAllNone, place: keep}}
		}
		return nil
	case out.Kind == plan.OnAll && in.Kind == plan.OnSlice0:
		return []way{{dist: plan.DistAllInner, place: single, free: true}}
	case out.Kind == plan.OnAll:
		if innerFixed {
			return nil
		}
		return []way{{dist: plan.DistAllInner, place: single}}
	case out.Kind == plan.OnSlice0 && in.Kind == plan.OnSlice0:
		return []way{{dist: plan.DistNone, place: single}}
	}
	hashable := len(c.equi) > 0 && c.kind != plan.AntiNull // NOT IN must know every NULL of the inner side
	var ws []way
	if hashable && g.collocated(c) {
		return []way{{dist: plan.DistNone, place: c.placed(out, false)}}
	}
	if hashable && out.Kind == plan.ByKey && !innerFixed {
		if keys, ok := c.mapped(out, false); ok {
			ws = append(ws, way{dist: plan.DistInner, inner: keys, place: c.placed(out, false)})
		}
	}
	if hashable && in.Kind == plan.ByKey && !outerFixed {
		if keys, ok := c.mapped(in, true); ok {
			ws = append(ws, way{dist: plan.DistOuter, outer: keys, place: c.placed(in, true)})
		}
	}
	if !innerKept && !innerFixed {
		ws = append(ws, way{dist: plan.BcastInner, place: keep})
	}
	if hashable && !outerFixed && !innerFixed {
		w := way{dist: plan.DistBoth}
		for i := range c.equi {
			o, n := c.sides(i)
			w.outer, w.inner = append(w.outer, o), append(w.inner, n)
		}
		w.place = c.placed(&plan.Place{Kind: plan.ByKey, Keys: w.outer}, false)
		ws = append(ws, w)
	}
	return ws
}

// sides gives the columns of equality i on the outer and on the inner side.
func (c *cand) sides(i int) (outer, inner expr.ColumnID) {
	p := c.equi[i]
	if c.flip[i] {
		return p.r.col.ID, p.l.col.ID
	}
	return p.l.col.ID, p.r.col.ID
}

// mapped translates the keys of one side's place into the columns of the other side that are equal to them. fromInner says whose place it is.
func (c *cand) mapped(p *plan.Place, fromInner bool) ([]expr.ColumnID, bool) {
	var keys []expr.ColumnID
	for k := range p.Keys {
		found := false
		for i := range c.equi {
			o, n := c.sides(i)
			from, to := o, n
			if fromInner {
				from, to = n, o
			}
			if p.SameAsKey(k, from) {
				keys, found = append(keys, to), true
				break
			}
		}
		if !found {
			return nil, false
		}
	}
	return keys, len(keys) > 0
}

// collocated says that both sides are placed by the hash of columns that the join equates, key by key.
func (g *region) collocated(c *cand) bool {
	out, in := &c.outer.info.Place, &c.inner.info.Place
	if out.Kind != plan.ByKey || in.Kind != plan.ByKey || len(out.Keys) != len(in.Keys) {
		return false
	}
	for k := range out.Keys {
		found := false
		for i := range c.equi {
			o, n := c.sides(i)
			if out.SameAsKey(k, o) && in.SameAsKey(k, n) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return len(out.Keys) > 0
}

// placed is the place of the result when rows meet by the keys of p, one side's place. Where a side may be made-up NULLs its columns are no keys.
func (c *cand) placed(p *plan.Place, fromInner bool) plan.Place {
	other, all := c.mapped(p, fromInner)
	switch c.kind {
	case plan.Inner:
		r := plan.Place{Kind: p.Kind, Keys: p.Keys, Equal: p.Equal}
		if r.Kind != plan.ByKey {
			return r
		}
		for k := range r.Keys {
			for i := range c.equi {
				o, n := c.sides(i)
				from, to := o, n
				if fromInner {
					from, to = n, o
				}
				if p.SameAsKey(k, from) {
					r = alsoKey(r, k, to)
				}
			}
		}
		return r
	case plan.Full:
		return plan.Place{Kind: plan.Anyhow}
	case plan.Right:
		if fromInner {
			return *p
		}
	default:
		if !fromInner {
			return *p
		}
	}
	if !all {
		return plan.Place{Kind: plan.Anyhow}
	}
	return plan.Place{Kind: plan.ByKey, Keys: other}
}

// charge computes the cost of a hash join or nested loop.
func (g *region) charge(c *cand, net float64) {
	o, i := &c.outer.info, &c.inner.info
	on := operatorCost * ops(c.on)
	if c.method == plan.NestedLoop {
		c.info.Startup = o.Startup + i.Startup
		c.info.Total = o.Total + o.Rows*i.Total + (tupleCost+on)*o.Rows*i.Rows + net
		c.score = c.info.Total
		return
	}
	n := float64(len(c.equi))
	quals, sel := 0.0, 1.0
	for _, p := range c.equi {
		quals += p.charge
		sel *= p.sel
	}
	met := clampRows(sel * o.Rows * i.Rows)
	c.info.Startup = o.Startup + i.Total + operatorCost*n*i.Rows
	t := c.info.Startup // added up in the order by which the guide's figures that lie on half a cent are rounded as printed
	t += o.Total - o.Startup
	t += 4 * quals * o.Rows * g.o.bucket(c)
	t += operatorCost * n * o.Rows
	t += (tupleCost + on) * met
	c.info.Total = t + net
	c.score = c.info.Total
	// The smaller side is built, even where the formula has the larger one cheaper: not in the figures. Rows count that tables which are there leave. Going round the other way costs the same network.
	c.left = g.left(c)
	if ib, ob := c.left*rowBytes(i.Width), o.Rows*rowBytes(o.Width); ib > ob {
		c.score *= math.Sqrt(ib / ob)
	}
}

// mergeable says that a merge join is possible: both sides are scans of tables, distributed and sorted by the one join column, with less than a fifth
// of their rows unsorted.
// https://docs.aws.amazon.com/redshift/latest/dg/c-the-query-plan.html
func (g *region) mergeable(c *cand) bool {
	if len(c.equi) != 1 || c.kind != plan.Inner && c.kind != plan.Left {
		return false
	}
	o, i := c.sides(0)
	return g.o.sortedBy(c.outer, o) && g.o.sortedBy(c.inner, i)
}

func (o *optimizer) sortedBy(c *cand, id expr.ColumnID) bool {
	if c.rel == nil || c.rel.spread || !c.rel.loaded || c.rel.unsorted >= 0.2 {
		return false
	}
	d := c.rel.scan.Table.Def
	if d == nil || d.Sort.Style != storage.Compound || len(d.Sort.Columns) == 0 || d.Dist.Style != storage.Key {
		return false
	}
	r, _ := o.ref(id)
	return r.rel == c.rel && r.attr == d.Sort.Columns[0] && r.attr == d.Dist.Column
}

// chargeMerge computes the cost of a merge join. Of two equal ways round the larger side is outer.
func (o *optimizer) chargeMerge(c *cand) {
	c.method = plan.MergeJoin
	a, b := &c.outer.info, &c.inner.info
	c.info.Startup = 0
	c.info.Total = a.Total + b.Total + operatorCost*float64(len(c.equi))*(a.Rows+b.Rows) + (tupleCost+operatorCost*ops(c.on))*c.info.Rows
	c.score = c.info.Total
	if a.Rows < b.Rows {
		c.score += 1e-9 * c.info.Total
	}
}
