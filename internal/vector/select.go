package vector

import (
	"encoding/binary"
	"math"
)

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

// CountCodes is the number of codes in lo..lo+width, eight at a time: a byte's distance from lo is compared with width in its own eighth of a word.
//
//	x      0x3a | 0x10 | ...     codes
//	y      x - lo                in each byte, without borrows between them
//	over   0x80 where y > width
func CountCodes(codes []uint8, lo, width uint8) int {
	const ones, highs, lows = 0x0101010101010101, 0x8080808080808080, 0x7f7f7f7f7f7f7f7f
	l := uint64(lo) * ones
	from, not := l&lows, ^l
	add := uint64(127-width&127) * ones // makes the high bit of what is more than width's low bits
	wide := uint64(0)                   // width has the high bit: only bytes that have it too can be over
	if width >= 128 {
		wide = math.MaxUint64
	}
	over := 0
	rest := codes
	for len(rest) >= 8 {
		words := rest[:min(len(rest)&^7, 8*255)] // a byte counts to 255
		rest = rest[len(words):]
		var sums uint64
		for ; len(words) >= 8; words = words[8:] {
			x := binary.LittleEndian.Uint64(words)
			y := ((x | highs) - from) ^ ((x ^ not) & highs)
			more := (y & lows) + add
			sums += ((more | y) & (more&y | ^wide) & highs) >> 7
		}
		pairs := sums&0x00ff00ff00ff00ff + sums>>8&0x00ff00ff00ff00ff
		over += int(pairs * 0x0001000100010001 >> 48)
	}
	n := len(codes) - len(rest) - over
	for _, c := range rest {
		n += bit(c-lo <= width)
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
