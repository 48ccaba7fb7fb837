package engine

import "sync"

// laggedRandom makes the numbers of random() after SET SEED: the additive generator of the C library on which PostgreSQL runs, from whose results the
// guide's examples come.
//
//	x[i] = x[i-3] + x[i-31]   of 32 bits; the last bit is dropped
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_RANDOM.html
type laggedRandom struct {
	mu sync.Mutex
	x  [31]uint32
	at int // of x[i-31], which the next number replaces
}

// newLaggedRandom fills the table by a multiplicative generator and lets the first numbers go.
func newLaggedRandom(seed uint32) *laggedRandom {
	r := &laggedRandom{at: 3}
	v := int64(max(seed, 1))
	for i := range r.x {
		r.x[i] = uint32(v)
		v = v * 16807 % (1<<31 - 1)
	}
	for range 310 {
		r.next()
	}
	return r
}

func (r *laggedRandom) next() uint32 {
	v := r.x[r.at] + r.x[(r.at+28)%31]
	r.x[r.at] = v
	r.at = (r.at + 1) % 31
	return v >> 1
}

// float gives a number of [0,1). Tasks of one statement may call it at once.
func (r *laggedRandom) float() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return float64(r.next()) / (1 << 31)
}
