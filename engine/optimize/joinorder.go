package optimize

import (
	"math"
	"math/bits"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// predicate is a condition of a region of joins: which relations it reads and, when it is an equality of two sides, the columns that hold them.
//
//	a.x = b.y + 1      mask 011   lmask 001 (a.x, column 1)   rmask 010 (b.y + 1, computed into column 9 below the join)
type predicate struct {
	cond         expr.Expr
	mask         uint64
	lmask, rmask uint64 // not 0: a hashable equality
	l, r         key
	sel          float64
	charge       float64 // operators per comparison
}

// key is one side of an equality: a column, or an expression that a Project below the join computes into a column.
type key struct {
	col  expr.Column
	expr expr.Expr // nil = the column is there
}

// cand is a way to make a set of relations: a planned leaf, or a join of two others.
type cand struct {
	mask         uint64
	node         plan.Node // of a leaf
	rel          *relation // of a leaf that is a plain scan
	outer, inner *cand
	kind         plan.JoinKind
	method       plan.JoinMethod
	dist         plan.Distribution
	equi         []*predicate
	flip         []bool // equi[i] has its left side on the inner side
	on           []expr.Expr
	distOuter    []expr.ColumnID
	distInner    []expr.ColumnID
	cols         plan.Set
	info         plan.Info
	score        float64 // what candidates are compared by
	left         float64 // rows of the inner side that the tables of the outer side leave of a scan, see left
}

// region is a set of relations to be joined.
type region struct {
	o     *optimizer
	leafs []*cand
	preds []*predicate
	need  plan.Set
	width map[uint64]int
	rows  map[uint64]float64
}

// join plans a join: inner joins side by side are ordered as one region, any other join keeps its sides.
func (o *optimizer) join(n *plan.Join, need plan.Set) (plan.Node, error) {
	if n.Kind != plan.Inner {
		return o.outerJoin(n, need)
	}
	g := &region{o: o, need: need, width: map[uint64]int{}, rows: map[uint64]float64{}}
	var nodes []plan.Node
	var conds []expr.Expr
	gather(n, &nodes, &conds)
	if len(nodes) > 64 {
		return o.outerJoin(n, need)
	}
	below := need.Clone()
	for _, c := range conds {
		below.AddExpr(c)
	}
	for i, l := range nodes {
		if err := g.leaf(l, uint64(1)<<i, below); err != nil {
			return nil, err
		}
	}
	for _, c := range conds {
		g.pred(c)
	}
	return g.build(g.search()), nil
}

// gather flattens a tree of inner joins.
func gather(n plan.Node, nodes *[]plan.Node, conds *[]expr.Expr) {
	switch j := n.(type) {
	case *plan.Join:
		if j.Kind == plan.Inner {
			gather(j.Outer, nodes, conds)
			gather(j.Inner, nodes, conds)
			*conds = append(*conds, j.On...)
			return
		}
	case *plan.Project:
		if passes(j) {
			if in, ok := j.Input.(*plan.Join); ok && in.Kind == plan.Inner {
				gather(in, nodes, conds)
				return
			}
		}
	}
	*nodes = append(*nodes, n)
}

// leaf plans one relation of the region.
func (g *region) leaf(n plan.Node, mask uint64, need plan.Set) error {
	p, err := g.o.physical(n, need, false)
	if err != nil {
		return err
	}
	c := &cand{mask: mask, node: p, cols: plan.SetOfColumns(p.Columns()), info: *p.Props()}
	c.score = c.info.Total
	for _, r := range g.o.rels {
		if plan.Node(r.scan) == n {
			c.rel = r
		}
	}
	g.leafs = append(g.leafs, c)
	return nil
}

// maskOf is the relations that an expression reads.
func (g *region) maskOf(e expr.Expr) uint64 {
	var m uint64
	for _, id := range expr.Columns(e) {
		for _, l := range g.leafs {
			if l.cols.Has(id) {
				m |= l.mask
			}
		}
	}
	return m
}

// pred analyses a condition.
func (g *region) pred(e expr.Expr) {
	p := &predicate{cond: e, mask: g.maskOf(e)}
	p.sel = g.o.one(e)
	if c, ok := e.(*expr.Compare); ok && c.Op == expr.Eq && !volatile(e) {
		l, r := g.maskOf(c.Left), g.maskOf(c.Right)
		if l != 0 && r != 0 && l&r == 0 {
			if lk, rk, ok := g.o.keys(c.Left, c.Right); ok {
				p.lmask, p.rmask, p.l, p.r = l, r, lk, rk
				p.charge = operatorCost * float64(max(expr.Ops(e), 1))
				p.sel = g.o.equal(p.l.col.ID, p.r.col.ID)
			}
		}
	}
	g.preds = append(g.preds, p)
}

// keys finds the columns by which an equality can be hashed.
func (o *optimizer) keys(l, r expr.Expr) (lk, rk key, ok bool) {
	lc, lok := expr.Bare(l).(*expr.Column)
	rc, rok := expr.Bare(r).(*expr.Column)
	if lok && rok && sameHash(lc.Typ, rc.Typ) {
		return key{col: *lc}, key{col: *rc}, true
	}
	if !sameHash(l.Type(), r.Type()) {
		return key{}, key{}, false
	}
	return o.key(l), o.key(r), true
}

func (o *optimizer) key(e expr.Expr) key {
	if c, ok := e.(*expr.Column); ok {
		return key{col: *c}
	}
	return key{col: expr.Column{ID: o.id(), Typ: e.Type(), Name: "?column?"}, expr: e}
}

// sizes estimates the rows of every connected set as PostgreSQL does: level by level, a set takes its estimate from the first pair, a smaller set and
// one relation in the order of FROM, that makes it. All later ways to make the set share it.
func (g *region) sizes() {
	level := make([]uint64, len(g.leafs))
	for i, l := range g.leafs {
		level[i] = l.mask
		g.rows[l.mask] = l.info.Rows
	}
	for n := 2; n <= len(g.leafs); n++ {
		var next []uint64
		for k, old := range level {
			others := g.leafs
			if n == 2 {
				others = g.leafs[k+1:]
			}
			for _, l := range others {
				mask := old | l.mask
				if _, done := g.rows[mask]; done || mask == old || !g.connected(old, l.mask) {
					continue
				}
				r := g.rows[old] * l.info.Rows
				var met []*predicate
				for _, p := range g.preds {
					if p.mask&^mask == 0 && p.mask&^old != 0 && p.mask&^l.mask != 0 {
						r *= p.sel
						met = append(met, p)
					}
				}
				if len(met) > 1 {
					r *= g.o.together(met)
				}
				g.rows[mask] = clampRows(r)
				next = append(next, mask)
			}
		}
		level = next
	}
}

// rowsOf estimates the rows of a set of relations: the same for every order in which they may be joined.
func (g *region) rowsOf(mask uint64) float64 {
	if r, ok := g.rows[mask]; ok {
		return r
	}
	r := 1.0
	for _, l := range g.leafs {
		if l.mask&mask != 0 {
			r *= l.info.Rows
		}
	}
	if bits.OnesCount64(mask) > 1 {
		for _, p := range g.preds {
			if p.mask != 0 && p.mask&^mask == 0 {
				r *= p.sel
			}
		}
	}
	r = clampRows(r)
	g.rows[mask] = r
	return r
}

// widthOf is the width of what a set of relations gives: columns that are needed above or by a condition still to come.
func (g *region) widthOf(mask uint64) int {
	if w, ok := g.width[mask]; ok {
		return w
	}
	need := g.need.Clone()
	for _, p := range g.preds {
		if p.mask&^mask != 0 {
			need.AddExpr(p.cond)
		}
	}
	w := 0
	for _, l := range g.leafs {
		if l.mask&mask != 0 {
			w += g.o.widthOf(l.node.Columns(), need)
		}
	}
	g.width[mask] = w
	return w
}

// maxExhaustive is the number of relations up to which every order is tried, unless they are joined each with each: then maxPairs are too many already.
const (
	maxExhaustive = 10
	maxPairs      = 60_000
)

// search finds the cheapest tree.
func (g *region) search() *cand {
	if len(g.leafs) == 1 {
		return g.leafs[0]
	}
	if len(g.leafs) <= maxExhaustive {
		if c := g.exhaustive(); c != nil {
			return c
		}
	}
	return g.greedy()
}

// exhaustive tries every pair of connected sets (dynamic programming over sets). Sets that no condition connects are joined last, by greedy, and so are
// those that make too many pairs.
func (g *region) exhaustive() *cand {
	n := len(g.leafs)
	g.sizes()
	best := make([][]*cand, 1<<n)
	for i, l := range g.leafs {
		best[1<<i] = []*cand{l}
	}
	pairs := 0
	for mask := uint64(1); mask < 1<<n; mask++ {
		if mask&(mask-1) == 0 {
			continue
		}
		if pairs > maxPairs {
			return nil
		}
		for sub := (mask - 1) & mask; sub > 0; sub = (sub - 1) & mask {
			rest := mask ^ sub
			if len(best[sub]) == 0 || len(best[rest]) == 0 || !g.connected(sub, rest) {
				continue
			}
			pairs += len(best[sub]) * len(best[rest])
			for _, l := range best[sub] {
				for _, r := range best[rest] {
					best[mask] = g.pair(best[mask], l, r, plan.Inner)
				}
			}
		}
	}
	return cheapest(best[1<<n-1])
}

// connected says that a condition reads both sets and nothing else.
func (g *region) connected(a, b uint64) bool {
	for _, p := range g.preds {
		if p.mask&^(a|b) == 0 && p.mask&a != 0 && p.mask&b != 0 {
			return true
		}
	}
	return false
}

// greedy joins the pair that is cheapest, again and again; pairs without a condition only when no other is left, smallest first.
func (g *region) greedy() *cand {
	work := append([]*cand(nil), g.leafs...)
	for len(work) > 1 {
		var best *cand
		bi, bj := 0, 0
		for _, cross := range [...]bool{false, true} {
			if best != nil {
				break
			}
			for i := range work {
				for j := range work {
					if i == j || g.connected(work[i].mask, work[j].mask) == cross {
						continue
					}
					c := cheapest(g.pair(nil, work[i], work[j], plan.Inner))
					if c != nil && (best == nil || c.score < best.score) {
						best, bi, bj = c, i, j
					}
				}
			}
		}
		work[bi] = best
		work = append(work[:bj], work[bj+1:]...)
	}
	return work[0]
}

func cheapest(cs []*cand) *cand {
	var best *cand
	for _, c := range cs {
		if best == nil || c.score < best.score {
			best = c
		}
	}
	return best
}

// keep adds a candidate unless another with the same place is no dearer.
func keep(list []*cand, c *cand) []*cand {
	for i, x := range list {
		if samePlace(&x.info.Place, &c.info.Place) {
			if c.score < x.score {
				list[i] = c
			}
			return list
		}
	}
	if len(list) >= 4 {
		worst := 0
		for i := range list {
			if list[i].score > list[worst].score {
				worst = i
			}
		}
		if list[worst].score > c.score {
			list[worst] = c
		}
		return list
	}
	return append(list, c)
}

func samePlace(a, b *plan.Place) bool {
	if a.Kind != b.Kind || len(a.Keys) != len(b.Keys) {
		return false
	}
	for i := range a.Keys {
		if !a.SameAsKey(i, b.Keys[i]) && !b.SameAsKey(i, a.Keys[i]) {
			return false
		}
	}
	return true
}

// outerJoin plans a join whose sides stay what they are; a left or full join may still build its hash table on either side.
func (o *optimizer) outerJoin(n *plan.Join, need plan.Set) (plan.Node, error) {
	g := &region{o: o, need: need, width: map[uint64]int{}, rows: map[uint64]float64{}}
	below := need.Clone()
	for _, c := range n.On {
		below.AddExpr(c)
	}
	if err := g.leaf(n.Outer, 1, below); err != nil {
		return nil, err
	}
	if err := g.leaf(n.Inner, 2, below); err != nil {
		return nil, err
	}
	for _, c := range n.On {
		g.pred(c)
	}
	outer, inner := g.leafs[0], g.leafs[1]
	sel := 1.0
	hashed := false
	for _, p := range g.preds {
		sel *= p.sel
		hashed = hashed || p.lmask != 0
	}
	kind := n.Kind
	if kind == plan.AntiNull && !hashed { // NOT IN without a hash: whatever is not certainly different removes the row
		kind = plan.Anti
		for _, p := range g.preds {
			c := p.cond.(*expr.Compare)
			p.cond = &expr.Or{Args: []expr.Expr{c, &expr.IsNull{Arg: c.Left}, &expr.IsNull{Arg: c.Right}}}
		}
	}
	rows := clampRows(outer.info.Rows * inner.info.Rows * sel)
	switch kind {
	case plan.Left:
		rows = max(rows, outer.info.Rows)
	case plan.Full:
		rows = max(rows, outer.info.Rows, inner.info.Rows)
	case plan.Semi:
		rows = min(rows, outer.info.Rows)
	case plan.Anti, plan.AntiNull:
		rows = clampRows(outer.info.Rows - min(rows, outer.info.Rows))
	case plan.SingleRow:
		rows = outer.info.Rows
	}
	g.rows[3] = rows
	g.width[3] = o.widthOf(outer.node.Columns(), need)
	switch kind {
	case plan.Semi, plan.Anti, plan.AntiNull:
	default:
		g.width[3] += o.widthOf(inner.node.Columns(), need)
	}
	list := g.pair(nil, outer, inner, kind)
	switch {
	case kind == plan.Full && !hashed:
		return nil, errFullJoin()
	case hashed && kind == plan.Left:
		list = g.pair(list, inner, outer, plan.Right)
	case hashed && kind == plan.Full:
		list = g.pair(list, inner, outer, plan.Full)
	}
	c := cheapest(list)
	if c == nil {
		panic("optimize: no way to run a join")
	}
	return g.build(c), nil
}

// build makes the nodes of a candidate.
func (g *region) build(c *cand) plan.Node {
	if c.node != nil {
		return c.node
	}
	outer, inner := g.build(c.outer), g.build(c.inner)
	j := &plan.Join{Info: c.info, Kind: c.kind, Method: c.method, Distribution: c.dist, On: c.on, DistOuter: c.distOuter, DistInner: c.distInner, InnerLeft: c.left}
	var lmade, rmade []plan.Named
	for i, p := range c.equi {
		l, r := p.l, p.r
		e := p.cond.(*expr.Compare)
		if c.flip[i] {
			l, r = r, l
			e = &expr.Compare{Op: expr.Eq, Left: e.Right, Right: e.Left}
		}
		j.EquiOuter, j.EquiInner = append(j.EquiOuter, l.col.ID), append(j.EquiInner, r.col.ID)
		j.Conds = append(j.Conds, e)
		lmade, rmade = made(lmade, l), made(rmade, r)
	}
	j.Outer, j.Inner = computing(outer, lmade), computing(inner, rmade)
	return j
}

func made(list []plan.Named, k key) []plan.Named {
	if k.expr == nil {
		return list
	}
	return append(list, plan.Named{Column: plan.Column{ID: k.col.ID, Name: k.col.Name, Type: k.col.Typ}, Expr: k.expr})
}

// computing puts a Project with computed join keys above a side.
func computing(n plan.Node, keys []plan.Named) plan.Node {
	if len(keys) == 0 {
		return n
	}
	p := passing(n, n.Columns())
	p.Exprs = append(p.Exprs, keys...)
	p.Info = *n.Props()
	return p
}

// bucket estimates how many rows of the inner side share a bucket of the hash table.
func (o *optimizer) bucket(c *cand) float64 {
	f := 1.0
	for i, p := range c.equi {
		k := p.r
		if c.flip[i] {
			k = p.l
		}
		f = min(f, o.bucketFraction(&k))
	}
	return math.Ceil(c.inner.info.Rows*f - 1e-9)
}

// bucketFraction is the part of the rows that one value holds, at least one in a million.
func (o *optimizer) bucketFraction(k *key) float64 {
	r, st := o.ref(k.col.ID)
	if k.expr != nil || r.rel == nil || st == nil {
		return 0.1
	}
	nd := o.distinctOf(k.col.ID)
	avg := (1 - st.NullFrac) / nd
	if r.rel.rows < r.rel.tuples {
		nd = max(nd*r.rel.rows/r.rel.tuples, 1)
	}
	f := 1 / nd
	if avg > 0 {
		for i := range st.MCV {
			if q := st.MCV[i].Freq / avg; q > 1 {
				f *= q
				break // the first is the most common
			}
		}
	}
	return max(1e-6, min(1, f))
}
