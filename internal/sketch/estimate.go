package sketch

import "math"

// Cardinality is the number of distinct values that a sketch has taken in: of a sparse one to 0.01 percent, of a dense one with a standard error of 0.6 percent.
// https://docs.aws.amazon.com/redshift/latest/dg/r_HLL_CARDINALITY.html
func Cardinality(value string) int64 {
	if !isDense(value) {
		return linear(entries(value))
	}
	var of histogram
	for i := range registers / 4 {
		for _, r := range four(value, i) {
			of[r]++
		}
	}
	return of.estimate()
}

// linear counts by the share of indices that were met: n of 2^26.
func linear(n int) int64 {
	const all = 1 << fine
	return int64(math.Round(-all * math.Log1p(-float64(n)/all)))
}

// histogram is the number of registers of each rank.
type histogram [mostRank + 1]int

// estimate is Ertl's improved raw estimator, which needs no table of biases and serves small sketches as well as large ones.
// https://arxiv.org/abs/1702.01284
func (h *histogram) estimate() int64 {
	const m = registers
	z := m * tau(1-float64(h[mostRank])/m)
	for k := mostRank - 1; k >= 1; k-- {
		z = 0.5 * (z + float64(h[k]))
	}
	z += m * sigma(float64(h[0])/m)
	n := math.Round(m / (2 * math.Ln2) * m / z)
	if !(n < math.MaxInt64) { // every register is full: a text can say so, values cannot
		return math.MaxInt64
	}
	return int64(n)
}

// sigma corrects for registers that are empty: x is their share.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		was := z
		z += x * y
		if y += y; z == was {
			return z
		}
	}
}

// tau corrects for registers that are full: 1-x is their share.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		was := z
		y *= 0.5
		if z -= (1 - x) * (1 - x) * y; z == was {
			return z / 3
		}
	}
}
