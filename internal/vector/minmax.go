package vector

import "math/bits"

// MinMaxInt64 gives the least and the greatest of at least one value.
func MinMaxInt64(vals []int64) (lo, hi int64) {
	lo, hi = vals[0], vals[0]
	for _, x := range vals {
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

// Count is the number of bits that are set in the first n.
func Count(words []uint64, n int) int {
	c := 0
	for i := 0; i < n>>6; i++ {
		c += bits.OnesCount64(words[i])
	}
	if n&63 != 0 {
		c += bits.OnesCount64(words[n>>6] & (1<<(uint(n)&63) - 1))
	}
	return c
}
