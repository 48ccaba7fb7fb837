// Package sortkey orders rows that lie in columns, by several keys with their own directions. What it gives is an order, a list of row numbers: the rows
// stay where they are.
//
//	rows 0 1 2 3 ...   key 0: year DESC NULLS LAST   key 1: title   key 2: price
//
//	words      year 7 bits | title, bytes 0..6 56 bits      as much of the keys as 64 bits hold, as unsigned numbers that order as the keys do
//	entries    {word, row}, sorted by word: radix when there are many, comparisons when few
//	runs       of equal words: words of what comes next (title from byte 7 on, price), and so on
//
// A key takes as many bits as the range of its values in these rows needs, NULL being one more value at one end, so that most orders by a few numbers or
// by texts with a common beginning are decided by one word; when word and row number together fit in 64 bits, only those are sorted.
//
// What an order is: numbers by value, NaN above all other floats, -0 as 0; false before true; texts by bytes without their trailing blanks, as
// types.CompareText has it; intervals and timetz as types.CompareWide has it; SUPER values as super.Compare has it, by keys whose bytes order so. Rows that
// are equal keep no particular order. Only vector, types and super are known here.
package sortkey

import (
	"math/bits"
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Key orders by a column. NULLs come last, or first with NullsFirst, whatever Desc says.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ORDER_BY_clause.html
type Key struct {
	Column           int
	Desc, NullsFirst bool
}

// WorkBytes is the memory a row that Sort takes while it runs, at most.
const WorkBytes = 52

// entry is a row with the word of its keys that is being looked at.
type entry struct {
	word uint64
	row  uint32
}

// place is how far the keys have been looked at: to part part of key key. Fixed keys have one part (wide ones two), texts one every eight bytes.
type place struct{ key, part int }

// sorter is the state of one Sort. A run of rows uses the same stretch of all its buffers.
type sorter struct {
	columns []*vector.Long
	chunks  [][]*vector.Vector // of the columns, once short runs are compared
	keys    []Key
	rows    []uint32
	words   []uint64
	parts   []uint64 // one part of a key, before it goes into words
	entries []entry
	spare   []entry // of the radix sort
	stop    *until
}

// few is the number of rows up to which a run is sorted by comparing whole rows.
const few = 16

// SortUntil gives the order of rows 0..n-1 of the columns by keys. It gives up soon after stop, which it asks now and then (nil = never), has said true;
// what it returns then is in no order.
func SortUntil(columns []*vector.Long, keys []Key, n int, stop func() bool) []uint32 {
	s := &sorter{columns: orderly(columns, keys, n), keys: keys, rows: make([]uint32, n)}
	if stop != nil {
		s.stop = &until{stop: stop}
	}
	over := s.stop.portions(n, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			s.rows[i] = uint32(i)
		}
	})
	if !over && len(keys) > 0 && n > 1 {
		s.sort(0, n, place{})
		s.free()
	}
	return s.rows
}

// sort orders the run rows[lo:hi], equal in all that lies before p.
func (s *sorter) sort(lo, hi int, p place) {
	rows := s.rows[lo:hi]
	if len(rows) <= few {
		if s.chunks == nil {
			s.chunks = vector.ChunksOf(s.columns)
		}
		keys := s.keys[p.key:]
		slices.SortFunc(rows, func(a, b uint32) int {
			return CompareRows(keys, s.chunks[a>>vector.ChunkBits], int(a&vector.ChunkMask), s.chunks[b>>vector.ChunkBits], int(b&vector.ChunkMask))
		})
		return
	}
	if !s.room() {
		return
	}
	words, spare := s.words[lo:hi], s.parts[lo:hi]
	width, next := s.pack(rows, words, spare, p)
	end := next.key == len(s.keys)
	if width == 0 && end || s.stop.after(0) {
		return
	}
	if shift := bits.Len(uint(len(s.rows) - 1)); end && width+shift <= 64 {
		s.sortRows(rows, words, spare, shift)
		return
	}
	if s.entries == nil {
		s.entries = takeRoom[entry](&entryRooms, len(s.rows))
		if s.stop.after(len(s.rows)) {
			return
		}
		s.spare = takeRoom[entry](&entryRooms, len(s.rows))
	}
	es := s.entries[lo:hi]
	s.stop.portions(len(es), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			es[i] = entry{words[i], rows[i]}
		}
	})
	sortEntries(es, s.spare[lo:hi], s.stop)
	over := s.stop.portions(len(es), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			rows[i] = es[i].row
		}
	})
	if !over && !end {
		s.ties(es, lo, next)
	}
}

// room makes the buffers of words when there are none; false = the sort is given up.
func (s *sorter) room() bool {
	if s.words != nil {
		return !s.stop.after(0)
	}
	n := len(s.rows)
	s.words = takeRoom[uint64](&wordRooms, n)
	if s.stop.after(n) {
		return false
	}
	s.parts = takeRoom[uint64](&wordRooms, n)
	return !s.stop.after(n)
}

// sortRows sorts rows by words that leave shift bits for the row number.
func (s *sorter) sortRows(rows []uint32, words, spare []uint64, shift int) {
	s.stop.portions(len(rows), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			words[i] = words[i]<<shift | uint64(rows[i])
		}
	})
	sortWords(words, spare, s.stop)
	mask := uint64(1)<<shift - 1
	s.stop.portions(len(rows), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			rows[i] = uint32(words[i] & mask)
		}
	})
}

// ties orders the runs of equal words in es, which begin at row lo, by what comes next.
func (s *sorter) ties(es []entry, lo int, next place) {
	for i := 0; i < len(es); {
		j := i + 1
		for j < len(es) && es[j].word == es[i].word {
			j++
		}
		if s.stop.after(j - i) {
			return
		}
		if j-i > 1 { // what lies in es before j is not looked at again
			s.sort(lo+i, lo+j, next)
		}
		i = j
	}
}
