package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Selectivities where nothing is known (PostgreSQL 8.0 selfuncs.h).
const (
	defaultEq         = 0.005
	defaultInequality = 1.0 / 3
	defaultRange      = 0.005
	defaultMatch      = 0.005
	defaultNull       = 0.005
	defaultBool       = 0.5
	arraySelectivity  = 0.5 // IN with more than ten values
)

// selectivity estimates which part of the rows passes all conds. Two bounds of one column are seen as a range.
func (o *optimizer) selectivity(conds []expr.Expr) float64 {
	if len(conds) == 1 {
		return o.one(conds[0])
	}
	type bounds struct {
		id           expr.ColumnID
		hi, lo       float64
		hasHi, hasLo bool
	}
	var ranges []bounds
	s := 1.0
	for _, c := range conds {
		id, op, _, ok := columnOpConst(c)
		if !ok || op == expr.Eq || op == expr.Ne {
			s *= o.one(c)
			continue
		}
		var b *bounds
		for i := range ranges {
			if ranges[i].id == id {
				b = &ranges[i]
			}
		}
		if b == nil {
			ranges = append(ranges, bounds{id: id, hi: 1, lo: 1})
			b = &ranges[len(ranges)-1]
		}
		v := o.one(c)
		if op == expr.Lt || op == expr.Le {
			b.hi, b.hasHi = min(b.hi, v), true
		} else {
			b.lo, b.hasLo = min(b.lo, v), true
		}
	}
	for i := range ranges {
		b := &ranges[i]
		if !b.hasHi || !b.hasLo {
			s *= b.hi * b.lo // one of them is 1
			continue
		}
		if b.hi == defaultInequality || b.lo == defaultInequality {
			s *= defaultRange
			continue
		}
		nulls := 0.0
		if _, st := o.ref(b.id); st != nil {
			nulls = st.NullFrac
		}
		v := b.hi + b.lo - 1 + nulls
		if v <= 0 {
			v = 1e-10
			if v0 := b.hi + b.lo - 1 + nulls; v0 < -0.01 {
				v = defaultRange
			}
		}
		s *= v
	}
	return clamp01(s)
}

func clamp01(s float64) float64 { return max(0, min(1, s)) }

// columnOpConst takes `column op value` (or the other way round) apart; the value has no columns.
func columnOpConst(e expr.Expr) (id expr.ColumnID, op expr.CompareOp, value expr.Expr, ok bool) {
	c, is := e.(*expr.Compare)
	if !is {
		return 0, 0, nil, false
	}
	l, r := expr.Bare(c.Left), expr.Bare(c.Right)
	if col, is := l.(*expr.Column); is && fixed(c.Right) {
		return col.ID, c.Op, c.Right, true
	}
	if col, is := r.(*expr.Column); is && fixed(c.Left) {
		return col.ID, c.Op.Flip(), c.Left, true
	}
	return 0, 0, nil, false
}

// fixed says that an expression has one value in the whole statement.
func fixed(e expr.Expr) bool {
	switch e.(type) {
	case *expr.Const, *expr.Param:
		return true
	case *expr.Column:
		return false
	}
	return len(expr.Columns(e)) == 0 && !volatile(e)
}

// one estimates a single condition.
func (o *optimizer) one(e expr.Expr) float64 {
	switch e := e.(type) {
	case *expr.Const:
		if isTrue(e) {
			return 1
		}
		return 0
	case *expr.And:
		return o.selectivity(e.Args)
	case *expr.Or:
		s := 0.0
		for _, a := range e.Args {
			v := o.one(a)
			s = s + v - s*v
		}
		return clamp01(s)
	case *expr.Not:
		return clamp01(1 - o.one(e.Arg))
	case *expr.IsNull:
		s := defaultNull
		if c, ok := expr.Bare(e.Arg).(*expr.Column); ok {
			if _, st := o.ref(c.ID); st != nil {
				s = st.NullFrac
			}
		}
		if e.Not {
			return 1 - s
		}
		return s
	case *expr.IsBool:
		return defaultBool
	case *expr.Column:
		if _, st := o.ref(e.ID); st != nil {
			for i := range st.MCV {
				if st.MCV[i].Value.Bool {
					return st.MCV[i].Freq
				}
			}
		}
		return defaultBool
	case *expr.In:
		return o.in(e)
	case *expr.Compare:
		return o.compare(e)
	case *expr.Call:
		switch e.Fn.Name {
		case "~~", "~~*", "~", "~*":
			return defaultMatch
		case "!~~", "!~~*", "!~", "!~*":
			return 1 - defaultMatch
		}
		return defaultInequality
	}
	return defaultBool
}

// in estimates a list: up to ten values are comparisons in a row, more a fixed half.
func (o *optimizer) in(e *expr.In) float64 {
	if len(e.List) > 10 {
		return arraySelectivity
	}
	s := 0.0
	for _, x := range e.List {
		v := o.compare(&expr.Compare{Op: expr.Eq, Left: e.Arg, Right: x})
		s = s + v - s*v
	}
	if e.Not {
		return clamp01(1 - s)
	}
	return clamp01(s)
}

// compare estimates a comparison.
func (o *optimizer) compare(e *expr.Compare) float64 {
	id, op, value, ok := columnOpConst(e)
	if !ok {
		l, lok := expr.Bare(e.Left).(*expr.Column)
		r, rok := expr.Bare(e.Right).(*expr.Column)
		eq := defaultEq
		if lok && rok {
			eq = o.equal(l.ID, r.ID)
		}
		switch e.Op {
		case expr.Eq:
			return eq
		case expr.Ne:
			return 1 - eq
		}
		return defaultInequality
	}
	_, st := o.ref(id)
	switch op {
	case expr.Eq:
		return o.eqConst(id, st, value)
	case expr.Ne:
		nulls := 0.0
		if st != nil {
			nulls = st.NullFrac
		}
		return clamp01(1 - o.eqConst(id, st, value) - nulls)
	}
	c, isc := value.(*expr.Const)
	if st == nil || !isc {
		return defaultInequality
	}
	return inequality(st, op, &c.Value)
}

// equal is the selectivity of an equality of two columns.
func (o *optimizer) equal(a, b expr.ColumnID) float64 {
	s := 1 / max(o.distinctOf(a), o.distinctOf(b))
	for _, id := range [...]expr.ColumnID{a, b} {
		if _, st := o.ref(id); st != nil {
			s *= 1 - st.NullFrac
		}
	}
	return s
}

// eqConst is the selectivity of column = value: its frequency when it is a common value, else what is left, shared by the other values.
func (o *optimizer) eqConst(id expr.ColumnID, st *storage.ColumnStats, value expr.Expr) float64 {
	if st == nil {
		return 1 / o.distinctOf(id)
	}
	c, ok := value.(*expr.Const)
	if !ok {
		return clamp01((1 - st.NullFrac) / o.distinctOf(id))
	}
	if c.Value.Null {
		return 0
	}
	sum := 0.0
	for i := range st.MCV {
		m := &st.MCV[i]
		if m.Value.Type.Lane() == c.Value.Type.Lane() && types.Compare(&m.Value, &c.Value) == 0 {
			return m.Freq
		}
		sum += m.Freq
	}
	return clamp01((1 - sum - st.NullFrac) / max(o.distinctOf(id)-float64(len(st.MCV)), 1))
}

// inequality interpolates in the histogram and adds the common values that pass.
func inequality(st *storage.ColumnStats, op expr.CompareOp, v *types.Datum) float64 {
	if v.Null {
		return 0
	}
	common, passing := 0.0, 0.0
	for i := range st.MCV {
		m := &st.MCV[i]
		if m.Value.Type.Lane() != v.Type.Lane() {
			return defaultInequality
		}
		common += m.Freq
		c := types.Compare(&m.Value, v)
		if op == expr.Lt && c < 0 || op == expr.Le && c <= 0 || op == expr.Gt && c > 0 || op == expr.Ge && c >= 0 {
			passing += m.Freq
		}
	}
	below := 0.5
	h := st.Histogram
	if len(h) >= 2 {
		if h[0].Type.Lane() != v.Type.Lane() {
			return defaultInequality
		}
		n := len(h) - 1
		switch {
		case types.Compare(v, &h[0]) <= 0:
			below = 0
		case types.Compare(v, &h[n]) >= 0:
			below = 1
		default:
			i := 1
			for types.Compare(v, &h[i]) > 0 {
				i++
			}
			part := 0.5
			if lo, hi, ok := scalars(&h[i-1], &h[i]); ok && hi > lo {
				if x, _, ok := scalars(v, v); ok {
					part = clamp01((x - lo) / (hi - lo))
				}
			}
			below = (float64(i-1) + part) / float64(n)
		}
	} else if len(st.MCV) == 0 {
		return defaultInequality
	}
	s := below
	if op == expr.Gt || op == expr.Ge {
		s = 1 - below
	}
	s = max(0.0001, min(0.9999, s)) // a histogram is never quite sure of its ends
	return clamp01(s*max(0, 1-common-st.NullFrac) + passing)
}

// scalars turns two values of one lane into numbers for interpolation.
func scalars(a, b *types.Datum) (x, y float64, ok bool) {
	switch a.Type.Lane() {
	case types.LaneInt:
		return float64(a.Int), float64(b.Int), true
	case types.LaneFloat:
		return a.Float, b.Float, true
	case types.LaneWide:
		return float64(a.Wide.Hi), float64(b.Wide.Hi), true
	}
	return 0, 0, false
}
