package storage

import (
	"fmt"
	"math"
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Op is the comparison of a predicate.
type Op uint8

// Comparisons: column Op value.
const (
	Eq Op = iota
	Ne
	Lt
	Le
	Gt
	Ge
	IsNull
	IsNotNull
	In
	Among // in Values[0]..Values[1], and kept by Set
)

// Predicate is a condition on one column that a scan applies exactly: rows for which it is not true are not returned. Value has the column's lane
// and, for floats, texts and intervals, its meaning; exact numbers may have another scale and width. A NULL value passes no row; NULLs among Values
// are ignored.
type Predicate struct {
	Column int
	Op     Op
	Value  types.Datum
	Values []types.Datum
	Set    Set
}

// Set drops rows of which it knows, by the value of one column, that nobody needs them: of an Among, which is not exact. The rows that it may keep have values
// within bounds that only prune zones.
type Set interface {
	// Filter writes the live rows of v that are kept to out and gives their number; sel as in a batch of n live rows. out has room for all and may begin
	// where sel does. When it keeps all n, out need not be written.
	Filter(v *vector.Vector, sel []uint16, n int, out []uint16) int
}

// verdict is what bounds say of the rows of a zone.
type verdict uint8

const (
	none verdict = iota
	some
	every
)

// test is all predicates on one column, made ready. Booleans, integers and floats (by floatOrder) are tested as sortable 64-bit values: within
// lo..hi, not in not, and in in. Texts and wide values are tested by conds.
type test struct {
	column int
	typ    types.Type
	nulls  bool // IS NULL: only NULLs pass
	never  bool
	free   bool // no comparison: IS NOT NULL alone
	lo, hi int64
	not    []int64
	in     []int64 // sorted; nil = no list
	isIn   bool
	conds  []cond
	set    Set // of an Among, which has a test of its own: lo..hi are for zones alone

	asked, kept int // rows, by set, since the tests were put in order

	// What was made ready for one dictionary, kept while the dictionary stays.
	dict  *vector.Vector
	table []uint8
}

// cond is a comparison with texts or wide values.
type cond struct {
	op    Op
	text  string
	wide  types.Int128
	texts []string
	wides []types.Int128
}

// prepare makes the tests of a scan, one a column and one an Among, in room if they find place there.
func prepare(def *Definition, preds []Predicate, room []test) []test {
	if len(preds) == 0 {
		return nil
	}
	tests := room
	for i := range preds {
		p := &preds[i]
		at := slices.IndexFunc(tests, func(t test) bool { return t.column == p.Column && t.set == nil })
		if at < 0 || p.Op == Among {
			at = len(tests)
			tests = append(tests, test{column: p.Column, typ: def.Columns[p.Column].Type, free: true, lo: math.MinInt64, hi: math.MaxInt64})
		}
		tests[at].add(p)
	}
	return tests
}

// add narrows the test by one more predicate.
func (t *test) add(p *Predicate) {
	switch p.Op {
	case Among:
		t.set = p.Set
		for i, op := range [...]Op{Ge, Le} {
			t.add(&Predicate{Op: op, Value: p.Values[i]})
		}
		return
	case IsNull:
		if !t.free || len(t.conds) > 0 {
			t.never = true
		}
		t.nulls = true
		return
	case IsNotNull:
		if t.nulls {
			t.never = true
		}
		t.free = t.free && !t.nulls
		t.conds = append(t.conds, cond{op: IsNotNull})
		return
	}
	t.free = false
	if t.nulls {
		t.never = true
		return
	}
	if p.Op != In && p.Value.Null {
		t.never = true
		return
	}
	switch t.typ.Lane() {
	case types.LaneText, types.LaneWide:
		t.addCond(p)
	default:
		t.addRange(p)
	}
}

// addRange turns a comparison into bounds of sortable values.
func (t *test) addRange(p *Predicate) {
	if p.Op == In {
		list := []int64{}
		for i := range p.Values {
			if d := &p.Values[i]; !d.Null {
				if x, exact, _ := t.sortable(d); exact {
					list = append(list, x)
				}
			}
		}
		slices.Sort(list)
		list = slices.Compact(list)
		if t.isIn {
			list = slices.DeleteFunc(list, func(x int64) bool { _, ok := slices.BinarySearch(t.in, x); return !ok })
		}
		t.in, t.isIn = list, true
		if len(list) == 0 {
			t.never = true
			return
		}
		t.lo, t.hi = max(t.lo, list[0]), min(t.hi, list[len(list)-1])
		t.never = t.never || t.lo > t.hi
		return
	}
	x, exact, below := t.sortable(&p.Value) // the greatest value that is not above the predicate's
	if below {
		t.never = t.never || p.Op == Eq || p.Op == Lt || p.Op == Le
		return
	}
	switch p.Op {
	case Eq:
		if !exact {
			t.never = true
			return
		}
		t.lo, t.hi = max(t.lo, x), min(t.hi, x)
	case Ne:
		if exact {
			t.not = append(t.not, x)
		}
	case Lt:
		if exact {
			if x == math.MinInt64 {
				t.never = true
				return
			}
			x--
		}
		t.hi = min(t.hi, x)
	case Le:
		t.hi = min(t.hi, x)
	case Gt:
		if x == math.MaxInt64 {
			t.never = true
			return
		}
		t.lo = max(t.lo, x+1)
	case Ge:
		if !exact {
			if x == math.MaxInt64 {
				t.never = true
				return
			}
			x++
		}
		t.lo = max(t.lo, x)
	}
	t.never = t.never || t.lo > t.hi
}

// sortable gives d in the sortable 64-bit form of the column: the greatest such value not above d, and whether it is d; below says that all values
// are above d.
func (t *test) sortable(d *types.Datum) (x int64, exact, below bool) {
	switch lane := t.typ.Lane(); {
	case lane == types.LaneBool && d.Type.Lane() == types.LaneBool:
		if d.Bool {
			return 1, true, false
		}
		return 0, true, false
	case lane == types.LaneFloat && d.Type.Lane() == types.LaneFloat:
		return floatOrder(d.Float), true, false
	case lane == types.LaneInt && (d.Type.Lane() == types.LaneInt || d.Type.Lane() == types.LaneWide && d.Type.Kind == types.Numeric):
		w := d.Wide
		if d.Type.Lane() == types.LaneInt {
			if d.Type.Scale == t.typ.Scale || d.Type.Kind != types.Numeric && t.typ.Kind != types.Numeric {
				return d.Int, true, false
			}
			w = types.FromInt64(d.Int)
		}
		exact = true
		if up := int(scale(t.typ)) - int(scale(d.Type)); up >= 0 {
			r, ok := w.Mul(types.Pow10(up))
			if !ok {
				return math.MaxInt64, false, w.Sign() < 0
			}
			w = r
		} else {
			q, r := w.QuoRem(types.Pow10(-up))
			if exact = r.Sign() == 0; r.Sign() < 0 {
				q = q.AddInt64(-1)
			}
			w = q
		}
		if x, ok := w.Int64(); ok {
			return x, exact, false
		}
		return math.MaxInt64, false, w.Sign() < 0
	}
	panic(fmt.Sprintf("storage: a %v column cannot be compared with a %v", t.typ, d.Type))
}

// scale is the number of decimal digits in a type's lane value.
func scale(t types.Type) uint8 {
	if t.Kind == types.Numeric {
		return t.Scale
	}
	return 0
}

// addCond keeps a comparison of texts or wide values.
func (t *test) addCond(p *Predicate) {
	c := cond{op: p.Op}
	if t.typ.Lane() == types.LaneText {
		c.text = types.TrimBlanks(p.Value.Text)
		for i := range p.Values {
			if d := &p.Values[i]; !d.Null {
				c.texts = append(c.texts, types.TrimBlanks(d.Text))
			}
		}
		slices.Sort(c.texts)
		t.never = t.never || p.Op == In && len(c.texts) == 0
		t.conds = append(t.conds, c)
		return
	}
	wide := func(d *types.Datum) types.Int128 {
		w := d.Wide
		if d.Type.Lane() == types.LaneInt {
			w = types.FromInt64(d.Int)
		} else if d.Type.Lane() != types.LaneWide {
			panic(fmt.Sprintf("storage: a %v column cannot be compared with a %v", t.typ, d.Type))
		}
		if up := int(scale(t.typ)) - int(scale(d.Type)); up != 0 {
			r, ok := types.Rescale(w, int(scale(d.Type)), int(scale(t.typ)))
			if back, same := types.Rescale(r, int(scale(t.typ)), int(scale(d.Type))); !ok || !same || back != w {
				panic(fmt.Sprintf("storage: a %v column cannot be compared with a %v", t.typ, d.Type))
			}
			w = r
		}
		return w
	}
	if p.Op == In {
		for i := range p.Values {
			if d := &p.Values[i]; !d.Null {
				c.wides = append(c.wides, wide(d))
			}
		}
		t.never = t.never || len(c.wides) == 0
	} else {
		c.wide = wide(&p.Value)
	}
	t.conds = append(t.conds, c)
}

// holds says whether a comparison's outcome (-1, 0, 1) satisfies op.
func (op Op) holds(c int) bool {
	switch op {
	case Eq:
		return c == 0
	case Ne:
		return c != 0
	case Lt:
		return c < 0
	case Le:
		return c <= 0
	case Gt:
		return c > 0
	case Ge:
		return c >= 0
	}
	return true
}

// passText says whether a text that is not NULL passes all conds.
func (t *test) passText(x string) bool {
	if n := len(x); n > 0 && x[n-1] == ' ' {
		x = types.TrimBlanks(x)
	}
	for i := range t.conds {
		c := &t.conds[i]
		switch c.op {
		case IsNotNull:
		case Eq:
			if x != c.text {
				return false
			}
		case In:
			if _, ok := slices.BinarySearch(c.texts, x); !ok {
				return false
			}
		default:
			cmp := 0
			if x < c.text {
				cmp = -1
			} else if x > c.text {
				cmp = 1
			}
			if !c.op.holds(cmp) {
				return false
			}
		}
	}
	return true
}

// passWide is passText for wide values.
func (t *test) passWide(x types.Int128) bool {
	for i := range t.conds {
		c := &t.conds[i]
		switch c.op {
		case IsNotNull:
		case In:
			if !slices.ContainsFunc(c.wides, func(w types.Int128) bool { return types.CompareWide(t.typ.Kind, x, w) == 0 }) {
				return false
			}
		default:
			if !c.op.holds(types.CompareWide(t.typ.Kind, x, c.wide)) {
				return false
			}
		}
	}
	return true
}

// pass64 is passText for sortable 64-bit values.
func (t *test) pass64(x int64) bool {
	if x < t.lo || x > t.hi || slices.Contains(t.not, x) {
		return false
	}
	if t.isIn {
		_, ok := slices.BinarySearch(t.in, x)
		return ok
	}
	return true
}

// decideZone is what the zone map says of zone z.
func (t *test) decideZone(c *column, z, rows int) verdict {
	m := &c.zones[z]
	if v, done := t.decideNulls(m.values, int(m.nulled), rows); done {
		return v
	}
	switch t.typ.Lane() {
	case types.LaneText:
		lo, hi := types.Datum{Type: t.typ, Text: c.textBounds[2*z]}, types.Datum{Type: t.typ, Text: c.textBounds[2*z+1]}
		return t.decideConds(&lo, &hi, m.nulled == 0)
	case types.LaneWide:
		lo, hi := types.Datum{Type: t.typ, Wide: c.wideBounds[2*z]}, types.Datum{Type: t.typ, Wide: c.wideBounds[2*z+1]}
		return t.decideConds(&lo, &hi, m.nulled == 0)
	}
	return t.decide64(m.lo, m.hi, m.nulled == 0)
}

// decideGroup is what the bounds of a whole group say; rows is its number of rows.
func (t *test) decideGroup(c *column, rows int) verdict {
	return t.decide(&c.lo, &c.hi, c.some, c.nulled, rows)
}

// decide is what bounds say of rows rows of which nulled are NULL; values says whether there are bounds.
func (t *test) decide(lo, hi *types.Datum, values bool, nulled, rows int) verdict {
	if v, done := t.decideNulls(values, nulled, rows); done {
		return v
	}
	switch t.typ.Lane() {
	case types.LaneText, types.LaneWide:
		return t.decideConds(lo, hi, nulled == 0)
	case types.LaneInt:
		return t.decide64(lo.Int, hi.Int, nulled == 0)
	case types.LaneFloat:
		return t.decide64(floatOrder(lo.Float), floatOrder(hi.Float), nulled == 0)
	}
	return some
}

// decideNulls settles what needs no bounds.
func (t *test) decideNulls(values bool, nulled, rows int) (verdict, bool) {
	switch {
	case t.never:
		return none, true
	case t.nulls:
		switch nulled {
		case 0:
			return none, true
		case rows:
			return every, true
		}
		return some, true
	case !values:
		return none, true
	case t.free:
		if nulled == 0 {
			return every, true
		}
		return some, true
	}
	return some, false
}

// decide64 compares bounds of sortable values.
func (t *test) decide64(lo, hi int64, full bool) verdict {
	if hi < t.lo || lo > t.hi {
		return none
	}
	if lo == hi {
		if !t.pass64(lo) {
			return none
		}
		if full {
			return every
		}
		return some
	}
	if t.isIn {
		if i, _ := slices.BinarySearch(t.in, lo); i == len(t.in) || t.in[i] > hi {
			return none
		}
		return some
	}
	for _, x := range t.not {
		if x >= lo && x <= hi {
			return some
		}
	}
	if full && lo >= t.lo && hi <= t.hi {
		return every
	}
	return some
}

// decideConds compares bounds of texts or wide values with each cond.
func (t *test) decideConds(lo, hi *types.Datum, full bool) verdict {
	all := full
	for i := range t.conds {
		c := &t.conds[i]
		if c.op == IsNotNull {
			continue
		}
		if c.op == In {
			all = false
			hit := false
			for j := range max(len(c.texts), len(c.wides)) {
				d := types.Datum{Type: t.typ}
				if c.texts != nil {
					d.Text = c.texts[j]
				} else {
					d.Wide = c.wides[j]
				}
				hit = hit || types.Compare(lo, &d) <= 0 && types.Compare(hi, &d) >= 0
			}
			if !hit {
				return none
			}
			continue
		}
		d := types.Datum{Type: t.typ, Text: c.text, Wide: c.wide}
		l, h := types.Compare(lo, &d), types.Compare(hi, &d)
		switch c.op {
		case Eq:
			if l > 0 || h < 0 {
				return none
			}
			all = all && l == 0 && h == 0
		case Ne:
			if l == 0 && h == 0 {
				return none
			}
			all = all && (l > 0 || h < 0)
		case Lt, Le:
			if !c.op.holds(l) {
				return none
			}
			all = all && c.op.holds(h)
		default:
			if !c.op.holds(h) {
				return none
			}
			all = all && c.op.holds(l)
		}
	}
	if all {
		return every
	}
	return some
}
