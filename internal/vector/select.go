package vector

// Selection kernels: they write the numbers of the rows that pass to sel and return how many. The loops have no branch on the data: every row
// number is written, and the end moves by the outcome of the test, so a filter that passes half of the rows costs what one that passes none does.
// sel must have room for all rows looked at.

// Rows is 0, 1, 2 ... Size-1: the selection of all rows, read-only.
var Rows = func() (r [Size]uint16) {
	for i := range r {
		r[i] = uint16(i)
	}
	return r
}()

// SelectCodes keeps the rows whose code lies in lo..lo+width. in, when not nil, is the selection to refine; it may be sel itself.
func SelectCodes[C uint8 | uint16 | uint32](codes []C, lo, width C, in, sel []uint16) int {
	limit := uint64(width) + 1
	n := 0
	if in != nil {
		for _, r := range in {
			sel[n] = r
			n += int((uint64(codes[r]-lo) - limit) >> 63)
		}
		return n
	}
	if len(codes) > Size || len(sel) < len(codes) {
		panic("vector: selection of more rows than a batch has")
	}
	if cap(sel) >= Size { // an array without bounds checks: the index cannot leave it
		out := (*[Size]uint16)(sel[:Size])
		for i, c := range codes {
			out[n&(Size-1)] = uint16(i)
			n += int((uint64(c-lo) - limit) >> 63)
		}
		return n
	}
	for i, c := range codes {
		sel[n] = uint16(i)
		n += int((uint64(c-lo) - limit) >> 63)
	}
	return n
}

// SelectInt64 keeps the rows whose value lies in lo..hi.
func SelectInt64(vals []int64, lo, hi int64, in, sel []uint16) int {
	n := 0
	width := uint64(hi) - uint64(lo)
	if in != nil {
		for _, r := range in {
			sel[n] = r
			n += bit(uint64(vals[r])-uint64(lo) <= width)
		}
		return n
	}
	for i, x := range vals {
		sel[n] = uint16(i)
		n += bit(uint64(x)-uint64(lo) <= width)
	}
	return n
}

// SelectTable keeps the rows whose code has a 1 in table; table must have an entry for every code that occurs.
func SelectTable[C uint8 | uint16 | uint32](codes []C, table []uint8, in, sel []uint16) int {
	n := 0
	if in != nil {
		for _, r := range in {
			sel[n] = r
			n += int(table[codes[r]])
		}
		return n
	}
	for i, c := range codes {
		sel[n] = uint16(i)
		n += int(table[c])
	}
	return n
}

// SelectBits keeps the rows whose bit equals want (0 or 1); rows beyond in are not looked at. With in nil the first rows bits are taken.
func SelectBits(words []uint64, want uint64, rows int, in, sel []uint16) int {
	n := 0
	if in != nil {
		for _, r := range in {
			sel[n] = r
			n += int(words[r>>6]>>(r&63)&1 ^ want ^ 1)
		}
		return n
	}
	for i := range rows {
		sel[n] = uint16(i)
		n += int(words[i>>6]>>(uint(i)&63)&1 ^ want ^ 1)
	}
	return n
}

// bit is 1 for true; the compiler makes it a SETcc.
func bit(b bool) int {
	var x int
	if b {
		x = 1
	}
	return x
}

// SelectOther keeps the rows whose code is not c.
func SelectOther[C uint8 | uint16 | uint32](codes []C, c C, in, sel []uint16) int {
	n := 0
	if in != nil {
		for _, r := range in {
			sel[n] = r
			n += bit(codes[r] != c)
		}
		return n
	}
	for i, x := range codes {
		sel[n] = uint16(i)
		n += bit(x != c)
	}
	return n
}
