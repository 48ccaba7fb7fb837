// Package sortkey orders rows that lie in columns, by several keys with their own directions.
//
//	rows 0 1 2 3 4   key 0: year DESC, key 1: title
//
//	entries  {prefix of key 0, row}   the first eight bytes of a key, as an unsigned number that orders as the key does
//	         sorted by prefix: radix when there are many, comparisons when few
//	runs     equal prefixes: the whole key where a prefix does not say all (texts, wide numbers), then key 1, and so on
//
// NULLs are set apart before a key is looked at, so a prefix needs no room for them. Only vector and types are known here.
package sortkey

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Key orders by a column. NULLs come last, or first with NullsFirst, whatever Desc says.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ORDER_BY_clause.html
type Key struct {
	Column           int
	Desc, NullsFirst bool
}

// entry is a row with the prefix of the key that is being looked at.
type entry struct {
	prefix uint64
	row    uint32
}

// sorter is the state of one Sort.
type sorter struct {
	columns []*vector.Vector
	keys    []Key
	entries []entry
	spare   []entry // of the radix sort
}

// Sort gives the order of rows 0..n-1 of the columns, Flat vectors of n rows, by keys. Rows that compare equal keep no particular order.
func Sort(columns []*vector.Vector, keys []Key, n int) []uint32 {
	rows := make([]uint32, n)
	for i := range rows {
		rows[i] = uint32(i)
	}
	s := &sorter{columns: columns, keys: keys, entries: make([]entry, n)}
	s.sort(rows, 0, 0)
	return rows
}

// sort orders rows, whose entries begin at at, by the keys from k on.
func (s *sorter) sort(rows []uint32, at, k int) {
	if k == len(s.keys) || len(rows) < 2 {
		return
	}
	key := s.keys[k]
	v := s.columns[key.Column]
	if v.Nulls != nil {
		n := setApart(rows, v, key.NullsFirst)
		nulls, from := rows[n:], at+n
		if key.NullsFirst {
			nulls, rows = rows[:n], rows[n:]
			from, at = at, at+n
		} else {
			rows = rows[:n]
		}
		s.sort(nulls, from, k+1)
	}
	es := s.entries[at : at+len(rows)]
	prefixes(es, rows, v, key.Desc)
	s.order(es)
	for i := range es {
		rows[i] = es[i].row
	}
	exact := v.Type.Lane() != types.LaneText && v.Type.Lane() != types.LaneWide
	if exact && k+1 == len(s.keys) {
		return
	}
	for i := 0; i < len(es); {
		j := i + 1
		for j < len(es) && es[j].prefix == es[i].prefix {
			j++
		}
		if j-i > 1 {
			if exact {
				s.sort(rows[i:j], at+i, k+1)
			} else {
				s.whole(rows[i:j], at+i, k)
			}
		}
		i = j
	}
}

// whole orders rows of one prefix by all of key k, then by the keys behind it.
func (s *sorter) whole(rows []uint32, at, k int) {
	v, desc := s.columns[s.keys[k].Column], s.keys[k].Desc
	compare := func(a, b uint32) int {
		c := Compare(v, int(a), v, int(b))
		if desc {
			return -c
		}
		return c
	}
	slices.SortFunc(rows, compare)
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && compare(rows[i], rows[j]) == 0 {
			j++
		}
		s.sort(rows[i:j], at+i, k+1)
		i = j
	}
}

// setApart moves the rows whose key is NULL to the end, or with first to the front, and gives the place where the second part begins.
func setApart(rows []uint32, v *vector.Vector, first bool) int {
	n := 0
	for i, r := range rows {
		if v.Null(int(r)) == first {
			rows[i], rows[n] = rows[n], r
			n++
		}
	}
	return n
}

// prefixes fills es with rows and the prefixes of their keys, none of which is NULL.
func prefixes(es []entry, rows []uint32, v *vector.Vector, desc bool) {
	flip := uint64(0)
	if desc {
		flip = math.MaxUint64
	}
	switch v.Type.Lane() {
	case types.LaneBool:
		for i, r := range rows {
			p := uint64(0)
			if v.Bools[r] {
				p = 1
			}
			es[i] = entry{p ^ flip, r}
		}
	case types.LaneInt:
		flip ^= 1 << 63
		for i, r := range rows {
			es[i] = entry{uint64(v.Int64s[r]) ^ flip, r}
		}
	case types.LaneFloat:
		for i, r := range rows {
			es[i] = entry{floatPrefix(v.Floats[r]) ^ flip, r}
		}
	case types.LaneWide:
		for i, r := range rows {
			p := uint64(0) // other kinds than numbers have an order of their own
			if v.Type.Kind == types.Numeric {
				p = uint64(v.Wides[r].Hi) ^ 1<<63
			}
			es[i] = entry{p ^ flip, r}
		}
	default:
		for i, r := range rows {
			es[i] = entry{textPrefix(v.Texts[r]) ^ flip, r}
		}
	}
}

// floatPrefix orders floats: -0 is 0, NaN is above all others.
func floatPrefix(x float64) uint64 {
	switch {
	case x != x:
		return math.MaxUint64
	case x == 0:
		return 1 << 63
	}
	b := math.Float64bits(x)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

// textPrefix is the first eight bytes without trailing blanks, which comparisons ignore.
func textPrefix(t string) uint64 {
	if n := len(t); n > 0 && t[n-1] == ' ' {
		t = types.TrimBlanks(t)
	}
	if len(t) >= 8 {
		return uint64(t[7]) | uint64(t[6])<<8 | uint64(t[5])<<16 | uint64(t[4])<<24 | uint64(t[3])<<32 | uint64(t[2])<<40 | uint64(t[1])<<48 | uint64(t[0])<<56
	}
	p := uint64(0)
	for i := range len(t) {
		p |= uint64(t[i]) << (56 - 8*i)
	}
	return p
}

// Compare orders row i of a and row j of b, Flat vectors of one type; neither is NULL.
func Compare(a *vector.Vector, i int, b *vector.Vector, j int) int {
	switch a.Type.Lane() {
	case types.LaneBool:
		switch x, y := a.Bools[i], b.Bools[j]; {
		case x == y:
			return 0
		case y:
			return -1
		}
		return 1
	case types.LaneInt:
		return cmp.Compare(a.Int64s[i], b.Int64s[j])
	case types.LaneFloat:
		return cmp.Compare(floatPrefix(a.Floats[i]), floatPrefix(b.Floats[j]))
	case types.LaneWide:
		return types.CompareWide(a.Type.Kind, a.Wides[i], b.Wides[j])
	}
	return types.CompareText(a.Texts[i], b.Texts[j])
}

// CompareRows orders row i of the columns a and row j of the columns b by keys.
func CompareRows(keys []Key, a []*vector.Vector, i int, b []*vector.Vector, j int) int {
	for k := range keys {
		key := &keys[k]
		x, y := a[key.Column], b[key.Column]
		xn, yn := x.Null(i), y.Null(j)
		if xn || yn {
			if xn == yn {
				continue
			}
			if xn == key.NullsFirst {
				return -1
			}
			return 1
		}
		c := Compare(x, i, y, j)
		if c == 0 {
			continue
		}
		if key.Desc {
			return -c
		}
		return c
	}
	return 0
}

// few is the number of entries up to which comparisons are cheaper than counting.
const few = 256

// order sorts entries by prefix.
func (s *sorter) order(es []entry) {
	if len(es) <= few {
		slices.SortFunc(es, func(a, b entry) int { return cmp.Compare(a.prefix, b.prefix) })
		return
	}
	if len(s.spare) < len(es) {
		s.spare = make([]entry, len(es))
	}
	radix(es, s.spare[:len(es)])
}

// radix sorts by the bytes of the prefix in which entries differ, the lowest first.
func radix(es, spare []entry) {
	all, same := uint64(0), ^uint64(0)
	for i := range es {
		all |= es[i].prefix
		same &= es[i].prefix
	}
	differ := all &^ same
	from, to := es, spare
	for differ != 0 {
		shift := bits.TrailingZeros64(differ) &^ 7
		var count [256]uint32
		for i := range from {
			count[uint8(from[i].prefix>>shift)]++
		}
		sum := uint32(0)
		for b, n := range count {
			count[b] = sum
			sum += n
		}
		for i := range from {
			b := uint8(from[i].prefix >> shift)
			to[count[b]] = from[i]
			count[b]++
		}
		from, to = to, from
		differ &^= 0xff << shift
	}
	if &from[0] != &es[0] {
		copy(es, from)
	}
}
