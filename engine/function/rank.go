package function

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// rowNumber numbers the rows from 1.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_ROW_NUMBER.html
func rowNumber(n int, _ []int32, out *vector.Vector) {
	for i := range n {
		out.Int64s[i] = int64(i) + 1
	}
}

// rank gives each row the number of its first peer.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_RANK.html
func rank(n int, peers []int32, out *vector.Vector) {
	r := int64(0)
	for i := range n {
		if i == 0 || peers[i] != peers[i-1] {
			r = int64(i) + 1
		}
		out.Int64s[i] = r
	}
}

// denseRank numbers the groups of peers from 1.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_DENSE_RANK.html
func denseRank(n int, peers []int32, out *vector.Vector) {
	r := int64(0)
	for i := range n {
		if i == 0 || peers[i] != peers[i-1] {
			r++
		}
		out.Int64s[i] = r
	}
}

// percentRank is (rank - 1) / (rows - 1); 0 for a single row.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_PERCENT_RANK.html
func percentRank(n int, peers []int32, out *vector.Vector) {
	f := 0.0
	for i := range n {
		if i > 0 && peers[i] != peers[i-1] {
			f = float64(i) / float64(n-1)
		}
		out.Floats[i] = f
	}
}

// cumeDist is the share of the rows up to the last peer.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WF_CUME_DIST.html
func cumeDist(n int, peers []int32, out *vector.Vector) {
	f := 1.0
	for i := n - 1; i >= 0; i-- {
		if i < n-1 && peers[i] != peers[i+1] {
			f = float64(i+1) / float64(n)
		}
		out.Floats[i] = f
	}
}

// ntile deals the rows to so many buckets, the first ones one row longer; the number is taken from the first row.
func ntile(_ *Env, n int, args []*vector.Vector, _, _, _ []int32, _ bool, out *vector.Vector) error {
	if n == 0 {
		return nil
	}
	if args[0].Null(0) {
		for i := range n {
			out.SetNull(i)
		}
		return nil
	}
	buckets := args[0].Int64s[0]
	if buckets <= 0 {
		return sqlstate.InvalidNtile.Errorf("argument of ntile must be greater than zero")
	}
	size, longer := int64(n)/buckets, int64(n)%buckets
	bucket, left := int64(0), int64(0)
	for i := range n {
		if left == 0 {
			if left = size; bucket < longer {
				left++
			}
			bucket++
		}
		left--
		out.Int64s[i] = bucket
	}
	return nil
}

// ratioToReport is the row's part of the sum of all rows.
func ratioToReport(_ *Env, n int, args []*vector.Vector, _, _, _ []int32, _ bool, out *vector.Vector) error {
	sum, valid := 0.0, false
	v := args[0]
	for i, x := range v.Floats[:n] {
		if !v.Null(i) {
			sum += x
			valid = true
		}
	}
	if valid && sum == 0 {
		return errDivisionByZero()
	}
	for i, x := range v.Floats[:n] {
		if v.Null(i) {
			out.SetNull(i)
			continue
		}
		out.Floats[i] = x / sum
	}
	return nil
}
