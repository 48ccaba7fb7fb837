package sortkey

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// Numbers of the radix sorts: from counted elements on they count digits, of wideDigit bits from many elements on.
const (
	counted   = 64
	many      = 1 << 16
	digit     = 8
	wideDigit = 11
)

// topDigit is the digit to sort by, shift the bits behind it: the highest bits in which elements differ.
func topDigit(differ uint64, n int) (shift, width int) {
	width = digit
	if n >= many {
		width = wideDigit
	}
	top := bits.Len64(differ)
	width = min(width, top)
	return top - width, width
}

// seen is what a pass over words finds: the bits that some and that all have, and whether they ascend.
type seen struct {
	or, and, last uint64
	sorted        bool
}

// begun has seen nothing.
var begun = seen{and: math.MaxUint64, sorted: true}

// words looks at the next words.
func (s *seen) words(a []uint64) {
	or, and, last, sorted := s.or, s.and, s.last, s.sorted
	for _, w := range a {
		or |= w
		and &= w
		sorted = sorted && last <= w
		last = w
	}
	*s = seen{or, and, last, sorted}
}

// entries looks at the next entries.
func (s *seen) entries(a []entry) {
	or, and, last, sorted := s.or, s.and, s.last, s.sorted
	for i := range a {
		w := a[i].word
		or |= w
		and &= w
		sorted = sorted && last <= w
		last = w
	}
	*s = seen{or, and, last, sorted}
}

// sortWords sorts a, most significant digit first; spare is as long as a.
func sortWords(a, spare []uint64, stop *until) {
	if len(a) < counted {
		slices.Sort(a)
		return
	}
	seen := begun
	over := stop.portions(len(a), func(lo, hi int) { seen.words(a[lo:hi]) })
	if seen.sorted || over {
		return
	}
	shift, width := topDigit(seen.or&^seen.and, len(a))
	mask := uint64(1)<<width - 1
	var place places
	over = stop.portions(len(a), func(lo, hi int) {
		for _, w := range a[lo:hi] {
			place[w>>shift&mask+1]++
		}
	})
	if over {
		return
	}
	sum := uint32(0)
	for i := range place[:mask+2] {
		sum += place[i]
		place[i] = sum
	}
	over = stop.portions(len(a), func(lo, hi int) { scatterWords(a[lo:hi], spare, &place, shift, mask) })
	if over || stop.portions(len(a), func(lo, hi int) { copy(a[lo:hi], spare[lo:hi]) }) || shift == 0 {
		return
	}
	lo := uint32(0)
	for _, hi := range place[:mask+1] {
		if hi-lo > 1 {
			sortWords(a[lo:hi], spare[lo:hi], stop)
		}
		lo = hi
	}
}

// places are the ends of what has been put down, a digit each.
type places [1<<wideDigit + 1]uint32

// scatterWords puts words down where their digits belong.
func scatterWords(a, spare []uint64, place *places, shift int, mask uint64) {
	for _, w := range a {
		at := &place[w>>shift&mask]
		spare[*at] = w
		*at++
	}
}

// scatterEntries is scatterWords of entries.
func scatterEntries(a, spare []entry, place *places, shift int, mask uint64) {
	for i := range a {
		at := &place[a[i].word>>shift&mask]
		spare[*at] = a[i]
		*at++
	}
}

// sortEntries is sortWords of entries, by their words.
func sortEntries(a, spare []entry, stop *until) {
	if len(a) < counted {
		slices.SortFunc(a, func(x, y entry) int { return cmp.Compare(x.word, y.word) })
		return
	}
	seen := begun
	over := stop.portions(len(a), func(lo, hi int) { seen.entries(a[lo:hi]) })
	if seen.sorted || over {
		return
	}
	shift, width := topDigit(seen.or&^seen.and, len(a))
	mask := uint64(1)<<width - 1
	var place places
	over = stop.portions(len(a), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			place[a[i].word>>shift&mask+1]++
		}
	})
	if over {
		return
	}
	sum := uint32(0)
	for i := range place[:mask+2] {
		sum += place[i]
		place[i] = sum
	}
	over = stop.portions(len(a), func(lo, hi int) { scatterEntries(a[lo:hi], spare, &place, shift, mask) })
	if over || stop.portions(len(a), func(lo, hi int) { copy(a[lo:hi], spare[lo:hi]) }) || shift == 0 {
		return
	}
	lo := uint32(0)
	for _, hi := range place[:mask+1] {
		if hi-lo > 1 {
			sortEntries(a[lo:hi], spare[lo:hi], stop)
		}
		lo = hi
	}
}
