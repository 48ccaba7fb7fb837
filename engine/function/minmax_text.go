package function

import (
	"cmp"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// minMaxTexts is MIN and MAX over the text lane. A dictionary's texts are compared once, not once a row:
//
//	ungrouped   marks[code] = 1 while batches come with one dictionary; its marked texts are compared when another comes, or at the end
//	grouped     last[g] = the code (with the dictionary's number) that group g met last: a row with that code is passed over
type minMaxTexts struct {
	typ     types.Type
	most    bool
	folds   bool // small letters are compared
	best    []string
	seen    []bool
	dict    *vector.Vector
	marks   []uint8
	last    []uint64 // number of the dictionary << 32 | code
	number  uint64   // of dict, from 1
	scratch vector.Vector
}

// Resize makes room for groups.
func (s *minMaxTexts) Resize(n int) { s.best, s.seen = growTo(s.best, n), growTo(s.seen, n) }

// Update looks at rows.
func (s *minMaxTexts) Update(groups []uint32, n int, args []*vector.Vector) error {
	v := args[0]
	switch {
	case n == 0:
		return nil
	case v.Form == vector.Const && groups == nil:
		if !v.Null(0) {
			s.take(0, v.Texts[0])
		}
		return nil
	case v.Form == vector.Dict && v.Dict.Len == 0: // all rows are NULL
		return nil
	case v.Form == vector.Dict:
		if s.dict != v.Dict {
			s.settle()
			s.dict = v.Dict
			s.number++
		}
		switch {
		case v.U8 != nil:
			dictRows(s, groups, v.U8[:n], v.Nulls)
		case v.U16 != nil:
			dictRows(s, groups, v.U16[:n], v.Nulls)
		default:
			dictRows(s, groups, v.U32[:n], v.Nulls)
		}
		return nil
	}
	v = flat(v, &s.scratch)
	for i, x := range v.Texts[:n] {
		if v.Nulls == nil || v.Nulls[i>>6]>>(uint(i)&63)&1 == 0 {
			s.take(groupAt(groups, i), x)
		}
	}
	return nil
}

// take looks at one text.
func (s *minMaxTexts) take(g uint32, x string) {
	if !s.seen[g] {
		s.best[g], s.seen[g] = x, true
		return
	}
	c := 0
	switch {
	case s.folds:
		c = compareFolded(x, s.best[g])
	case s.typ.Kind == types.Super:
		c = super.Compare(super.Value(x), super.Value(s.best[g]))
	default:
		c = types.CompareText(x, s.best[g])
	}
	if c != 0 && c > 0 == s.most {
		s.best[g] = x
	}
}

// compareFolded is types.CompareText of two texts' small letters.
func compareFolded(a, b string) int {
	a, b = types.TrimBlanks(a), types.TrimBlanks(b)
	for i := range min(len(a), len(b)) {
		if x, y := smallLetter(a[i]), smallLetter(b[i]); x != y {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(a), len(b))
}

// CaseFoldMinMax is MIN or MAX of texts by their small letters; of texts that are equal so, any is given.
func CaseFoldMinMax(f *BoundAggregate) *BoundAggregate {
	b := *f
	typ, most := f.Returns, f.Name == "max"
	b.New = func() State { return &minMaxTexts{typ: typ, most: most, folds: true} }
	return &b
}

// dictRows looks at rows of codes of s.dict.
func dictRows[C uint8 | uint16 | uint32](s *minMaxTexts, groups []uint32, codes []C, nulls []uint64) {
	if groups == nil {
		marks := growTo(s.marks, max(s.dict.Len, 256))
		s.marks = marks
		if nulls == nil {
			for _, c := range codes {
				marks[c] = 1
			}
			return
		}
		for i, c := range codes {
			marks[c] |= uint8(^nulls[i>>6] >> (uint(i) & 63) & 1)
		}
		return
	}
	s.last = growTo(s.last, len(s.best))
	texts, number := s.dict.Texts, s.number<<32
	for i, g := range groups[:len(codes)] {
		if nulls != nil && nulls[i>>6]>>(uint(i)&63)&1 != 0 {
			continue
		}
		if key := number | uint64(codes[i]); s.last[g] != key {
			s.last[g] = key
			s.take(g, texts[codes[i]])
		}
	}
}

// settle compares the marked texts.
func (s *minMaxTexts) settle() {
	for c, m := range s.marks {
		if m != 0 {
			s.take(0, s.dict.Texts[c])
		}
	}
	clear(s.marks)
	s.dict, s.marks = nil, s.marks[:0]
}

// Merge looks at partial results as at rows.
func (s *minMaxTexts) Merge(groups []uint32, n int, partial []*vector.Vector) error {
	return s.Update(groups, n, partial)
}

// Partial writes the values.
func (s *minMaxTexts) Partial(lo, hi int, out []*vector.Vector) { _ = s.Final(lo, hi, out[0]) }

// Final writes the values.
func (s *minMaxTexts) Final(lo, hi int, out *vector.Vector) error {
	s.settle()
	out.Type = s.typ
	out.Reset(hi - lo)
	copy(out.Texts, s.best[lo:hi])
	nullUnseen(out, s.seen[lo:hi])
	return nil
}

// Bytes is what the values hold; texts of blocks are theirs.
func (s *minMaxTexts) Bytes() int64 {
	return int64(cap(s.best))*17 + int64(cap(s.last))*8 + int64(cap(s.marks))
}
