package function

import (
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// sumCell is the sum of one group and the number of its rows that are not NULL.
type sumCell struct{ sum, n int64 }

// sumState is SUM and AVG over the int lane. It adds 64-bit numbers, and never overflows:
//
//	cells[g]  {sum, n}    64-bit sums since the last spill; no |sum| exceeds used, which stays below 2^62
//	wide[g]   Int128      what was spilled; nil until the first spill
//
// A batch says what its values can be: a narrow one by its base and width, a flat one of integers by its type, any other by looking. A batch
// of very large values, and one for which a spill of all groups would cost more than its rows, is added to wide row by row.
type sumState struct {
	total, returns types.Type
	avg            bool
	narrow         bool // smallint and integer: no value exceeds 2^31
	cells          []sumCell
	wide           []types.Int128
	used           uint64
	rows           int // since the last spill
	scratch        vector.Vector
}

// newSumState makes an empty one.
func newSumState(arg, total, returns types.Type, avg bool) *sumState {
	return &sumState{total: total, returns: returns, avg: avg, narrow: arg.Kind == types.Int2 || arg.Kind == types.Int4}
}

// maxUsed bounds the sums in cells.
const maxUsed = 1 << 62

// Resize makes room for groups.
func (s *sumState) Resize(n int) {
	s.cells = growTo(s.cells, n)
	if s.wide != nil {
		s.wide = growTo(s.wide, n)
	}
}

// reserve says that n rows of at most limit each may be added to cells; it spills when it must.
func (s *sumState) reserve(n int, limit uint64) bool {
	hi, need := bits.Mul64(uint64(n), limit)
	if hi != 0 || need > maxUsed {
		return false
	}
	if s.used+need > maxUsed {
		if s.rows < len(s.cells) {
			return false
		}
		s.spill()
	}
	s.used += need
	s.rows += n
	return true
}

// spill moves the sums of cells to wide.
func (s *sumState) spill() {
	s.wide = growTo(s.wide, len(s.cells))
	for g := range s.cells {
		c := &s.cells[g]
		s.wide[g] = s.wide[g].AddInt64(c.sum)
		c.sum = 0
	}
	s.used, s.rows = 0, 0
}

// addWide adds to a group's wide sum.
func (s *sumState) addWide(g uint32, x types.Int128) {
	if s.wide == nil {
		s.wide = growTo(s.wide, len(s.cells))
	}
	s.wide[g] = s.wide[g].Add(x)
}

// sumOf is the whole sum of a group.
func (s *sumState) sumOf(g int) types.Int128 {
	x := types.FromInt64(s.cells[g].sum)
	if s.wide != nil {
		x = x.Add(s.wide[g])
	}
	return x
}

// Update adds rows.
func (s *sumState) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := args[0]
	if v.Form == vector.Const && groups == nil {
		if !v.Null(0) {
			hi, lo := mulSigned(v.Int64s[0], int64(n))
			s.addWide(0, types.Int128{Hi: hi, Lo: lo})
			s.cells[0].n += int64(n)
		}
		return nil
	}
	if v.Form == vector.Narrow {
		switch {
		case v.U8 != nil:
			if s.reserve(n, narrowLimit(v.Base, 1<<8)) {
				addCodes(s.cells, groups, v.U8[:n], v.Base, v.Nulls)
				return nil
			}
		case v.U16 != nil:
			if s.reserve(n, narrowLimit(v.Base, 1<<16)) {
				addCodes(s.cells, groups, v.U16[:n], v.Base, v.Nulls)
				return nil
			}
		default:
			if s.reserve(n, narrowLimit(v.Base, 1<<32)) {
				addCodes(s.cells, groups, v.U32[:n], v.Base, v.Nulls)
				return nil
			}
		}
	}
	v = flat(v, &s.scratch)
	s.addFlat(groups, v.Int64s[:n], v.Nulls)
	return nil
}

// narrowLimit is what no |base + code| exceeds.
func narrowLimit(base int64, width uint64) uint64 {
	if base < 0 {
		return uint64(-base) + width
	}
	return uint64(base) + width
}

// addFlat adds rows of the lane.
func (s *sumState) addFlat(groups []uint32, vals []int64, nulls []uint64) {
	n := len(vals)
	if groups == nil {
		var sum int64
		ok := s.narrow && nulls == nil // what lies under a NULL may be anything
		if ok {
			sum = sumValues(vals)
		} else {
			sum, ok = sumBanded(vals)
		}
		if ok && s.reserve(n, band) {
			c := &s.cells[0]
			if nulls != nil {
				under, k := sumUnderNulls(vals, nulls)
				sum -= under
				n -= k
			}
			c.sum += sum
			c.n += int64(n)
			return
		}
		s.addRows(nil, vals, nulls)
		return
	}
	limit := uint64(1 << 31)
	if !s.narrow || nulls != nil {
		limit = magnitude(vals)
	}
	if !s.reserve(n, limit) {
		s.addRows(groups, vals, nulls)
		return
	}
	addGroups(s.cells, groups[:n], vals, 0, nulls)
}

// addRows adds row by row to the wide sums.
func (s *sumState) addRows(groups []uint32, vals []int64, nulls []uint64) {
	for i, x := range vals {
		if nulls != nil && nulls[i>>6]>>(uint(i)&63)&1 != 0 {
			continue
		}
		g := groupAt(groups, i)
		s.addWide(g, types.FromInt64(x))
		s.cells[g].n++
	}
}

// groupAt is the group of row i.
func groupAt(groups []uint32, i int) uint32 {
	if groups == nil {
		return 0
	}
	return groups[i]
}

// Merge adds partial sums.
func (s *sumState) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	var scratch, scratchN vector.Vector
	v := flat(partial[0], &scratch)
	var counts []int64
	if s.avg {
		counts = flat(partial[1], &scratchN).Int64s
	}
	small := v.Type.Lane() == types.LaneInt && s.reserve(n, magnitude(v.Int64s[:n]))
	for i := range n {
		if v.Null(i) {
			continue
		}
		g := groupAt(groups, i)
		c := &s.cells[g]
		switch {
		case small:
			c.sum += v.Int64s[i]
		case v.Type.Lane() == types.LaneInt:
			s.addWide(g, types.FromInt64(v.Int64s[i]))
		default:
			s.addWide(g, v.Wides[i])
		}
		if counts != nil {
			c.n += counts[i]
		} else {
			c.n++
		}
	}
	return nil
}

// Partial writes the sums, and for AVG the numbers of rows.
func (s *sumState) Partial(lo, hi int, out []*vector.Vector) {
	v := out[0]
	v.Type = s.total
	v.Reset(hi - lo)
	wide := s.total.Lane() == types.LaneWide
	for g := lo; g < hi; g++ {
		if s.cells[g].n == 0 {
			v.SetNull(g - lo)
		}
		if x := s.sumOf(g); wide {
			v.Wides[g-lo] = x
		} else { // 2^32 rows of integers fit
			v.Int64s[g-lo] = int64(x.Lo)
		}
	}
	if s.avg {
		out[1].Type = types.TInt8
		out[1].Reset(hi - lo)
		for g := lo; g < hi; g++ {
			out[1].Int64s[g-lo] = s.cells[g].n
		}
	}
}

// Final writes the sums or averages.
func (s *sumState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = s.returns
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		n := s.cells[g].n
		if n == 0 {
			out.SetNull(g - lo)
			continue
		}
		if err := writeSum(out, g-lo, s.sumOf(g), n, s.avg); err != nil {
			return err
		}
	}
	return nil
}

// writeSum writes a sum, or with avg the average, cut to its scale, to row i.
func writeSum(out *vector.Vector, i int, sum types.Int128, n int64, avg bool) error {
	if avg {
		sum, _ = sum.QuoRem(types.FromInt64(n))
	}
	if out.Type.Lane() == types.LaneWide {
		if !types.FitsPrecision(sum, types.MaxPrecision) {
			return decimalOverflow(out.Type, "addition")
		}
		out.Wides[i] = sum
		return nil
	}
	x, ok := sum.Int64()
	if !ok {
		return sqlstate.NumericOutOfRange.Errorf("Numeric data overflow (addition)")
	}
	out.Int64s[i] = x
	return nil
}

// Bytes is what the sums hold.
func (s *sumState) Bytes() int64 { return int64(cap(s.cells)+cap(s.wide)) * 16 }

// wideSumState is SUM and AVG over the wide lane: numerics of more than 19 digits.
type wideSumState struct {
	total   types.Type
	avg     bool
	sums    []types.Int128
	n       []int64
	scratch vector.Vector
}

// Resize makes room for groups.
func (s *wideSumState) Resize(n int) { s.sums, s.n = growTo(s.sums, n), growTo(s.n, n) }

// Update adds rows; a sum that leaves 128 bits is an error.
func (s *wideSumState) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := flat(args[0], &s.scratch)
	return s.add(groups, v.Wides[:n], v.Nulls, nil)
}

// Merge adds partial sums.
func (s *wideSumState) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	v := flat(partial[0], &s.scratch)
	var counts []int64
	if s.avg {
		var scratch vector.Vector
		counts = flat(partial[1], &scratch).Int64s
	}
	return s.add(groups, v.Wides[:n], v.Nulls, counts)
}

// add adds rows, each standing for one row or for counts[i].
func (s *wideSumState) add(groups []uint32, vals []types.Int128, nulls []uint64, counts []int64) error {
	var bad int64
	if groups != nil && nulls == nil && counts == nil {
		if len(s.sums) <= fewGroups && s.addFew(groups, vals) {
			return nil
		}
		sums, ns := s.sums, s.n
		ns = ns[:len(sums)]
		groups = groups[:len(vals)]
		for i, x := range vals {
			g := groups[i]
			old := &sums[g]
			lo, c := bits.Add64(old.Lo, x.Lo, 0)
			hi := old.Hi + x.Hi + int64(c)
			bad |= (old.Hi ^ hi) & (x.Hi ^ hi)
			old.Hi, old.Lo = hi, lo
			ns[g]++
		}
		if bad < 0 {
			return decimalOverflow(s.total, "addition")
		}
		return nil
	}
	for i := range vals {
		if nulls != nil && nulls[i>>6]>>(uint(i)&63)&1 != 0 {
			continue
		}
		x := vals[i]
		g := groupAt(groups, i)
		old := s.sums[g]
		lo, c := bits.Add64(old.Lo, x.Lo, 0)
		hi := old.Hi + x.Hi + int64(c)
		bad |= (old.Hi ^ hi) & (x.Hi ^ hi)
		s.sums[g] = types.Int128{Hi: hi, Lo: lo}
		if counts != nil {
			s.n[g] += counts[i]
		} else {
			s.n[g]++
		}
	}
	if bad < 0 {
		return decimalOverflow(s.total, "addition")
	}
	return nil
}

// wideCell is a sum of the wide lane and the number of its rows.
type wideCell struct {
	sum types.Int128
	n   int64
}

// add adds x and one row; a negative result says that the sum has left 128 bits.
func (c *wideCell) add(x types.Int128, n int64) int64 {
	lo, carry := bits.Add64(c.sum.Lo, x.Lo, 0)
	hi := c.sum.Hi + x.Hi + int64(carry)
	bad := (c.sum.Hi ^ hi) & (x.Hi ^ hi)
	c.sum.Hi, c.sum.Lo = hi, lo
	c.n += n
	return bad
}

// addFew adds rows to at most fewGroups groups: neighbouring rows go to different copies of the sums, so that none waits for the store of the one before.
// A copy's sum may leave 128 bits where the whole does not: then it is false, and nothing was added.
func (s *wideSumState) addFew(groups []uint32, vals []types.Int128) bool {
	var acc [4][fewGroups]wideCell
	var bad int64
	groups = groups[:len(vals)]
	i := 0
	for ; i+4 <= len(vals) && i+4 <= len(groups); i += 4 {
		g, v := groups[i:i+4:i+4], vals[i:i+4:i+4]
		bad |= acc[0][g[0]%fewGroups].add(v[0], 1)
		bad |= acc[1][g[1]%fewGroups].add(v[1], 1)
		bad |= acc[2][g[2]%fewGroups].add(v[2], 1)
		bad |= acc[3][g[3]%fewGroups].add(v[3], 1)
	}
	for ; i < len(vals); i++ {
		bad |= acc[0][groups[i]%fewGroups].add(vals[i], 1)
	}
	for g := range s.sums {
		c := &acc[0][g%fewGroups]
		bad |= c.add(s.sums[g], s.n[g])
		for k := 1; k < len(acc); k++ {
			bad |= c.add(acc[k][g%fewGroups].sum, acc[k][g%fewGroups].n)
		}
	}
	if bad < 0 {
		return false
	}
	for g := range s.sums {
		s.sums[g], s.n[g] = acc[0][g%fewGroups].sum, acc[0][g%fewGroups].n
	}
	return true
}

// Partial writes the sums, and for AVG the numbers of rows.
func (s *wideSumState) Partial(lo, hi int, out []*vector.Vector) {
	v := out[0]
	v.Type = s.total
	v.Reset(hi - lo)
	copy(v.Wides, s.sums[lo:hi])
	for g := lo; g < hi; g++ {
		if s.n[g] == 0 {
			v.SetNull(g - lo)
		}
	}
	if s.avg {
		out[1].Type = types.TInt8
		out[1].Reset(hi - lo)
		copy(out[1].Int64s, s.n[lo:hi])
	}
}

// Final writes the sums or averages.
func (s *wideSumState) Final(lo, hi int, out *vector.Vector) error {
	out.Type = s.total
	out.Reset(hi - lo)
	for g := lo; g < hi; g++ {
		if s.n[g] == 0 {
			out.SetNull(g - lo)
			continue
		}
		if err := writeSum(out, g-lo, s.sums[g], s.n[g], s.avg); err != nil {
			return err
		}
	}
	return nil
}

// Bytes is what the sums hold.
func (s *wideSumState) Bytes() int64 { return int64(cap(s.sums))*16 + int64(cap(s.n))*8 }
