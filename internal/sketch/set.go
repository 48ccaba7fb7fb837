package sketch

import "slices"

// Sketch takes values in: a hash table of entries by index, which becomes registers when it has as many entries as a sparse value may not have. The zero
// Sketch is empty.
//
//	set    [0 0 e 0 e e 0 e]   a power of two of slots, at most three quarters taken; 0 = free
//	dense  [0 3 0 1 ...]       registers: the highest rank of the indices that end in the register's number
type Sketch struct {
	set   []Entry
	dense *[registers]uint8
	n     int // entries in set
}

// Add takes a value in, and tells how many bytes more the sketch holds than before.
func (s *Sketch) Add(e Entry) (grown int64) {
	if s.dense != nil {
		if at := &s.dense[e.index()&registerMask]; *at < e.rank() {
			*at = e.rank()
		}
		return 0
	}
	if 4*s.n >= 3*len(s.set) {
		grown = s.grow()
	}
	mask := uint32(len(s.set) - 1)
	for at := slot(e) & mask; ; at = (at + 1) & mask {
		switch o := s.set[at]; {
		case o == 0:
			s.set[at] = e
			if s.n++; s.n >= sparseLimit {
				grown += s.widen()
			}
			return grown
		case o.index() == e.index():
			s.set[at] = max(o, e)
			return grown
		}
	}
}

// AddAll is Add of a list; an entry of 0 is none.
func (s *Sketch) AddAll(list []Entry) (grown int64) {
	i := 0
	for ; i < len(list) && s.dense == nil; i++ {
		if list[i] != 0 {
			grown += s.Add(list[i])
		}
	}
	if i == len(list) {
		return grown
	}
	r := s.dense
	for _, e := range list[i:] { // an entry of 0 has rank 0 and raises nothing
		if at := &r[e.index()&registerMask]; *at < e.rank() {
			*at = e.rank()
		}
	}
	return grown
}

// slot spreads indices over a table: those of a text that was made by hand need not be spread.
func slot(e Entry) uint32 { return e.index() * 0x9e3779b1 >> 7 }

// grow doubles the table, and tells how many bytes more it takes.
func (s *Sketch) grow() int64 {
	old := s.set
	s.set = make([]Entry, max(4, 2*len(old)))
	mask := uint32(len(s.set) - 1)
	for _, e := range old {
		if e == 0 {
			continue
		}
		at := slot(e) & mask
		for s.set[at] != 0 {
			at = (at + 1) & mask
		}
		s.set[at] = e
	}
	return int64(len(s.set)-len(old)) * entrySize
}

// widen turns entries into registers, and tells how many bytes more they take.
func (s *Sketch) widen() int64 {
	list := s.set
	s.set, s.dense, s.n = nil, new([registers]uint8), 0
	s.AddAll(list)
	return registers - int64(len(list))*entrySize
}

// Merge takes the values of another sketch in, and tells as Add what it takes.
// https://docs.aws.amazon.com/redshift/latest/dg/r_HLL_COMBINE.html
func (s *Sketch) Merge(value string) (grown int64) {
	if !isDense(value) {
		for i := range entries(value) {
			grown += s.Add(entryAt(value, i))
		}
		return grown
	}
	if s.dense == nil {
		grown = s.widen()
	}
	for i := range registers / 4 {
		for k, r := range four(value, i) {
			s.dense[4*i+k] = max(s.dense[4*i+k], r)
		}
	}
	return grown
}

// Append writes the value to dst.
func (s *Sketch) Append(dst []byte) []byte {
	list := s.list()
	slices.Sort(list)
	return s.write(dst, list)
}

// AppendPart writes a value for Merge alone: its entries lie in no order.
func (s *Sketch) AppendPart(dst []byte) []byte { return s.write(dst, s.list()) }

// list gives the entries.
func (s *Sketch) list() []Entry {
	if s.n == 0 {
		return nil
	}
	list := make([]Entry, 0, s.n)
	for _, e := range s.set {
		if e != 0 {
			list = append(list, e)
		}
	}
	return list
}

// write writes the value: registers, or the entries of list.
func (s *Sketch) write(dst []byte, list []Entry) []byte {
	if s.dense != nil {
		return appendDense(dst, s.dense)
	}
	return appendSparse(dst, list)
}

// Cardinality is the number of distinct values that the sketch has taken in, as Cardinality of its value is.
func (s *Sketch) Cardinality() int64 {
	if s.dense == nil {
		return linear(s.n)
	}
	var of histogram
	for _, r := range s.dense {
		of[r]++
	}
	return of.estimate()
}
