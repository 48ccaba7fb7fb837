package sortkey

import (
	"math/bits"
	"sync"
)

// A sort's buffers are kept for the next sort until the garbage collector takes them: to make and clear tens of megabytes takes longer than a cancelled
// query may, and nobody can ask in the middle of it.
var (
	wordRooms  [64]sync.Pool // *[]uint64, by class
	entryRooms [64]sync.Pool // *[]entry
)

// class gives the size of the buffers that serve n elements, at most an eighth more, and the number of their pool.
func class(n int) (size, pool int) {
	k := max(bits.Len(uint(n-1)), 8)
	step := 1 << (k - 4)
	size = (n + step - 1) / step * step
	return size, k
}

// takeRoom gives a buffer of n elements, which hold anything.
func takeRoom[T any](pools *[64]sync.Pool, n int) []T {
	size, k := class(n)
	if b, ok := pools[k].Get().(*[]T); ok && cap(*b) >= n {
		return (*b)[:n]
	}
	return make([]T, n, size)
}

// giveRoom gives a buffer back.
func giveRoom[T any](pools *[64]sync.Pool, b []T) {
	if cap(b) > 0 {
		_, k := class(cap(b))
		pools[k].Put(&b)
	}
}

// free gives the sort's buffers back.
func (s *sorter) free() {
	giveRoom(&wordRooms, s.words)
	giveRoom(&wordRooms, s.parts)
	giveRoom(&entryRooms, s.entries)
	giveRoom(&entryRooms, s.spare)
	s.words, s.parts, s.entries, s.spare = nil, nil, nil, nil
}
