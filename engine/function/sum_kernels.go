package function

import (
	"encoding/binary"
	"math/bits"
)

// code is what a narrow vector's rows are, or a flat one's.
type code interface {
	uint8 | uint16 | uint32 | int64
}

// band is the magnitude up to which a batch's values may be added without a thought: 2,048 of them stay below 2^62.
const band = 1 << 51

// addCodes adds base + code of every row that is not NULL.
func addCodes[C uint8 | uint16 | uint32](cells []sumCell, groups []uint32, codes []C, base int64, nulls []uint64) {
	if groups != nil {
		addGroups(cells, groups[:len(codes)], codes, base, nulls)
		return
	}
	sum, n := sumCodes(codes), len(codes)
	if nulls != nil {
		under, k := sumUnderNulls(codes, nulls)
		sum -= under
		n -= k
	}
	cells[0].sum += sum + base*int64(n)
	cells[0].n += int64(n)
}

// sumCodes sums codes.
func sumCodes[C uint8 | uint16 | uint32](codes []C) int64 {
	if b, ok := any(codes).([]uint8); ok {
		return sumBytes(b)
	}
	var a, b, c, d uint64
	for ; len(codes) >= 8; codes = codes[8:] {
		w := (*[8]C)(codes)
		a += uint64(w[0]) + uint64(w[4])
		b += uint64(w[1]) + uint64(w[5])
		c += uint64(w[2]) + uint64(w[6])
		d += uint64(w[3]) + uint64(w[7])
	}
	for _, x := range codes {
		a += uint64(x)
	}
	return int64(a + b + c + d)
}

// sumBytes sums bytes eight at a time: the even and the odd bytes of a word are the 16-bit lanes of two numbers, which may be added 256 times before
// a lane could overflow.
func sumBytes(b []uint8) int64 {
	const lanes = 0x00ff00ff00ff00ff
	var sum uint64
	for len(b) >= 16 {
		part := b[:min(len(b)&^15, 128*16)]
		b = b[len(part):]
		var even, odd uint64
		for ; len(part) >= 32; part = part[32:] {
			w := (*[32]uint8)(part)
			x, y := binary.LittleEndian.Uint64(w[0:]), binary.LittleEndian.Uint64(w[8:])
			p, q := binary.LittleEndian.Uint64(w[16:]), binary.LittleEndian.Uint64(w[24:])
			even += x&lanes + y&lanes
			odd += x>>8&lanes + y>>8&lanes
			even += p&lanes + q&lanes
			odd += p>>8&lanes + q>>8&lanes
		}
		if len(part) >= 16 {
			x, y := binary.LittleEndian.Uint64(part[0:]), binary.LittleEndian.Uint64(part[8:])
			even += x&lanes + y&lanes
			odd += x>>8&lanes + y>>8&lanes
		}
		sum += foldLanes(even) + foldLanes(odd)
	}
	for _, x := range b {
		sum += uint64(x)
	}
	return int64(sum)
}

// foldLanes adds the four 16-bit lanes of a word.
func foldLanes(x uint64) uint64 {
	const lanes = 0x0000ffff0000ffff
	x = x&lanes + x>>16&lanes
	return x&0xffffffff + x>>32
}

// sumValues sums doubles, or integers whose sum cannot overflow, in four sums, for which an addition need not wait.
func sumValues[T int64 | float64](vals []T) T {
	var a, b, c, d T
	for ; len(vals) >= 8; vals = vals[8:] {
		w := (*[8]T)(vals)
		a += w[0]
		b += w[1]
		c += w[2]
		d += w[3]
		a += w[4]
		b += w[5]
		c += w[6]
		d += w[7]
	}
	for _, x := range vals {
		a += x
	}
	return (a + b) + (c + d)
}

// sumBanded sums numbers and says whether all lie in -band..band-1; else the sum is worthless.
func sumBanded(vals []int64) (int64, bool) {
	var a, b int64
	var t, u uint64
	for ; len(vals) >= 8; vals = vals[8:] {
		w := (*[8]int64)(vals)
		a += w[0]
		t |= uint64(w[0] + band)
		b += w[1]
		u |= uint64(w[1] + band)
		a += w[2]
		t |= uint64(w[2] + band)
		b += w[3]
		u |= uint64(w[3] + band)
		a += w[4]
		t |= uint64(w[4] + band)
		b += w[5]
		u |= uint64(w[5] + band)
		a += w[6]
		t |= uint64(w[6] + band)
		b += w[7]
		u |= uint64(w[7] + band)
	}
	for _, x := range vals {
		a += x
		t |= uint64(x + band)
	}
	return a + b, (t | u) < 2*band
}

// magnitude is what no |value| exceeds, less than twice the greatest.
func magnitude(vals []int64) uint64 {
	var t, u int64
	for ; len(vals) >= 8; vals = vals[8:] {
		w := (*[8]int64)(vals)
		t |= (w[0] ^ w[0]>>63) | (w[2] ^ w[2]>>63) | (w[4] ^ w[4]>>63) | (w[6] ^ w[6]>>63)
		u |= (w[1] ^ w[1]>>63) | (w[3] ^ w[3]>>63) | (w[5] ^ w[5]>>63) | (w[7] ^ w[7]>>63)
	}
	for _, x := range vals {
		t |= x ^ x>>63
	}
	return uint64(t|u) + 1
}

// sumUnderNulls sums what lies under the NULLs, which a sum of all rows has counted in, and counts them.
func sumUnderNulls[C code](codes []C, nulls []uint64) (sum int64, n int) {
	words := (len(codes) + 63) / 64
	for i, w := range nulls[:words] {
		if i == words-1 && len(codes)&63 != 0 {
			w &= 1<<(uint(len(codes))&63) - 1
		}
		n += bits.OnesCount64(w)
		for ; w != 0; w &= w - 1 {
			sum += int64(codes[i<<6+bits.TrailingZeros64(w)])
		}
	}
	return sum, n
}

// addGroups adds base + code of every row that is not NULL to its group.
func addGroups[C code](cells []sumCell, groups []uint32, codes []C, base int64, nulls []uint64) {
	few := len(cells) <= fewGroups && len(codes) >= fewRows
	switch {
	case few && nulls == nil:
		addFew(cells, groups, codes, base)
	case few:
		addFewNulls(cells, groups, codes, base, nulls)
	case nulls == nil:
		codes = codes[:len(groups)]
		for i, g := range groups {
			c := &cells[g]
			c.sum += base + int64(codes[i])
			c.n++
		}
	default:
		codes = codes[:len(groups)]
		for i, g := range groups {
			valid := int64(^nulls[i>>6] >> (uint(i) & 63) & 1)
			c := &cells[g]
			c.sum += (base + int64(codes[i])) & -valid
			c.n += valid
		}
	}
}

// addFew is addGroups without NULLs for at most fewGroups groups: neighbouring rows go to different copies of the cells.
func addFew[C code](cells []sumCell, groups []uint32, codes []C, base int64) {
	var acc [4][fewGroups]sumCell
	codes = codes[:len(groups)]
	for ; len(groups) >= 4 && len(codes) >= 4; groups, codes = groups[4:], codes[4:] {
		p := &acc[0][groups[0]%fewGroups]
		p.sum += base + int64(codes[0])
		p.n++
		p = &acc[1][groups[1]%fewGroups]
		p.sum += base + int64(codes[1])
		p.n++
		p = &acc[2][groups[2]%fewGroups]
		p.sum += base + int64(codes[2])
		p.n++
		p = &acc[3][groups[3]%fewGroups]
		p.sum += base + int64(codes[3])
		p.n++
	}
	for i, g := range groups {
		p := &acc[0][g%fewGroups]
		p.sum += base + int64(codes[i])
		p.n++
	}
	foldFew(cells, &acc)
}

// addFewNulls is addFew with NULLs.
func addFewNulls[C code](cells []sumCell, groups []uint32, codes []C, base int64, nulls []uint64) {
	var acc [4][fewGroups]sumCell
	codes = codes[:len(groups)]
	for i, g := range groups {
		valid := int64(^nulls[i>>6] >> (uint(i) & 63) & 1)
		p := &acc[i&3][g%fewGroups]
		p.sum += (base + int64(codes[i])) & -valid
		p.n += valid
	}
	foldFew(cells, &acc)
}

// foldFew adds the copies to the cells.
func foldFew(cells []sumCell, acc *[4][fewGroups]sumCell) {
	for g := range cells {
		c := &cells[g]
		for k := range acc {
			p := &acc[k][g%fewGroups]
			c.sum += p.sum
			c.n += p.n
		}
	}
}
