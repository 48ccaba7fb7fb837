package sortkey

// until says when a sort is given up. It counts the elements that passes look at, so that many short runs ask as often as a long one; nil never stops.
//
//	pass over 1,000,000 rows    asks every 16,384 rows
//	2,048 runs of 500 rows      ask every 33 runs
type until struct {
	stop func() bool
	work int // elements since it was asked
	over bool
}

// portion is the number of elements between two questions: a millisecond of work, even for texts that lie far apart.
const portion = 1 << 14

// after notes that n elements are about to be looked at, and says whether the sort is given up.
func (u *until) after(n int) bool {
	if u == nil || u.over {
		return u != nil
	}
	if u.work += n; u.work >= portion {
		u.work = 0
		u.over = u.stop()
	}
	return u.over
}

// portions calls do for stretches of n elements until the sort is given up, which it then says.
func (u *until) portions(n int, do func(lo, hi int)) (over bool) {
	for lo := 0; lo < n; lo += portion {
		hi := min(lo+portion, n)
		if u.after(hi - lo) {
			return true
		}
		do(lo, hi)
	}
	return false
}
