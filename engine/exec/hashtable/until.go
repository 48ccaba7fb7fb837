package hashtable

// Until says, when it gives true, that nobody will read what is being built: what moves when a table grows may then be left behind, so that a cancelled
// query does not first copy millions of rows. nil never does. The table stays usable, but of no use.
type Until func() bool

// piece is the number of elements that are moved before the next question: a few hundred microseconds, even into pages that the system has to find first.
const piece = 1 << 14

// pieces calls do for stretches of n elements until u gives true.
func (u Until) pieces(n int, do func(lo, hi int)) {
	for lo := 0; lo < n; lo += piece {
		if lo > 0 && u != nil && u() {
			return
		}
		do(lo, min(lo+piece, n))
	}
}

// move copies src to dst until u gives true.
func move[T any](dst, src []T, u Until) {
	if len(src) <= piece {
		copy(dst, src)
		return
	}
	u.pieces(len(src), func(lo, hi int) { copy(dst[lo:hi], src[lo:hi]) })
}

// Until sets when the growing of a column is given up.
func (c *Column) Until(u Until) { c.until = u }

// Until sets when the growing of the columns is given up.
func (t *Table) Until(u Until) {
	for i := range t.Columns {
		t.Columns[i].until = u
	}
}

// Until sets when the growing of the table is given up.
func (g *Groups) Until(u Until) {
	g.ints.until, g.pairs.until, g.tags.until = u, u, u
	for i := range g.keys {
		g.keys[i].until = u
	}
}
