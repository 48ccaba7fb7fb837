package vector

import "math/bits"

// MinMaxInt64 gives the least and the greatest of at least one value.
func MinMaxInt64(vals []int64) (lo, hi int64) {
	lo, hi = vals[0], vals[0]
	lo2, hi2 := lo, hi
	for ; len(vals) >= 4; vals = vals[4:] { // two chains, and of four values two that can be the least
		a, b, c, d := vals[0], vals[1], vals[2], vals[3]
		lo, hi = min(lo, min(a, b)), max(hi, max(a, b))
		lo2, hi2 = min(lo2, min(c, d)), max(hi2, max(c, d))
	}
	lo, hi = min(lo, lo2), max(hi, hi2)
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
