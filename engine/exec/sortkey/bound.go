package sortkey

import (
	"cmp"
	"math"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Bound is the last of the first rows of an order, when there are enough of them: others are wanted only if they come before it. It is tested on
// batches as they come, before any row is copied.
type Bound struct {
	keys   []Key
	values []types.Datum // by key
	rows   []uint16
}

// NewBound makes the bound of row i of the columns.
func NewBound(columns []*vector.Long, keys []Key, i int) *Bound {
	b := &Bound{keys: keys, values: make([]types.Datum, len(keys)), rows: make([]uint16, vector.Size)}
	for k := range keys {
		b.values[k] = columns[keys[k].Column].Get(i)
	}
	return b
}

// Select lists the live rows of a batch that come before the bound. The list is valid until the next call.
func (b *Bound) Select(batch *vector.Batch) []uint16 {
	if len(b.keys) == 0 {
		return nil
	}
	rows, done := b.integers(batch)
	if done {
		return rows
	}
	n := 0
	for _, r := range rows { // rows may be b.rows: what is written lies behind what is read
		if b.before(batch, int(r)) {
			b.rows[n] = r
			n++
		}
	}
	return b.rows[:n]
}

// integers lists the live rows that may come before the bound by the first key, if this is one of the int lane without NULLs, else all. done says that
// they do come before it.
func (b *Bound) integers(batch *vector.Batch) (rows []uint16, done bool) {
	in := batch.Sel
	v, d := batch.Columns[b.keys[0].Column], &b.values[0]
	if v.Type.Lane() != types.LaneInt || v.Nulls != nil || d.Null || v.Form == vector.Const || v.Form == vector.Dict {
		if in == nil {
			in = vector.Rows[:batch.Len]
		}
		return in, false
	}
	lo, hi := int64(math.MinInt64), int64(math.MaxInt64)
	one := int64(0) // with more keys behind it, rows that are equal may come before
	if done = len(b.keys) == 1; done {
		one = 1
	}
	switch desc := b.keys[0].Desc; {
	case desc && d.Int > math.MaxInt64-one || !desc && d.Int < math.MinInt64+one:
		return nil, true
	case desc:
		lo = d.Int + one
	default:
		hi = d.Int - one
	}
	n := 0
	switch {
	case v.Form == vector.Flat:
		n = vector.SelectInt64(v.Int64s[:batch.Len], lo, hi, in, b.rows)
	case v.U8 != nil:
		n = selectCodes(v.U8[:batch.Len], v.Base, lo, hi, in, b.rows)
	case v.U16 != nil:
		n = selectCodes(v.U16[:batch.Len], v.Base, lo, hi, in, b.rows)
	default:
		n = selectCodes(v.U32[:batch.Len], v.Base, lo, hi, in, b.rows)
	}
	return b.rows[:n], done
}

// selectCodes is vector.SelectCodes for values: code + base in lo..hi.
func selectCodes[C uint8 | uint16 | uint32](codes []C, base, lo, hi int64, in, sel []uint16) int {
	if hi < base {
		return 0
	}
	most := uint64(^C(0))
	from, to := uint64(0), uint64(hi)-uint64(base)
	if lo > base {
		from = uint64(lo) - uint64(base)
	}
	if from > most {
		return 0
	}
	to = min(to, most)
	return vector.SelectCodes(codes, C(from), C(to-from), in, sel)
}

// before says whether row r, in columns of any form, comes before the bound.
func (b *Bound) before(batch *vector.Batch, r int) bool {
	for k := range b.keys {
		key, d := &b.keys[k], &b.values[k]
		v := batch.Columns[key.Column]
		if null := v.Null(r); null || d.Null {
			if null && d.Null {
				continue
			}
			return null == key.NullsFirst
		}
		c := compareTo(v, r, d)
		if c == 0 {
			continue
		}
		return c < 0 != key.Desc
	}
	return false
}

// compareTo orders row r of a vector of any form and a value; neither is NULL.
func compareTo(v *vector.Vector, r int, d *types.Datum) int {
	switch v.Form {
	case vector.Const:
		r = 0
	case vector.Narrow:
		return cmp.Compare(v.Base+int64(v.Code(r)), d.Int)
	case vector.Dict:
		v, r = v.Dict, int(v.Code(r))
	}
	switch v.Type.Lane() {
	case types.LaneBool:
		return cmp.Compare(boolWord(v.Bools[r]), boolWord(d.Bool))
	case types.LaneInt:
		return cmp.Compare(v.Int64s[r], d.Int)
	case types.LaneFloat:
		return types.CompareFloat(v.Floats[r], d.Float)
	case types.LaneWide:
		return types.CompareWide(d.Type.Kind, v.Wides[r], d.Wide)
	}
	return compareTexts(d.Type.Kind, v.Texts[r], d.Text)
}
