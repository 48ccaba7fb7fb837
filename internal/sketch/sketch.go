// Package sketch is the value of HLLSKETCH: a HyperLogLog sketch of distinct values. It is bytes in a string, read in place:
//
//	01 0f 00 00   index<<6|rank  index<<6|rank ...      sparse: 4 bytes little endian each, by ascending index, fewer than 6,144 of them
//	01 0f 01 00   r0 r1 r2 r3 ...                       dense: 32,768 registers of 6 bits, the first bit of a register first: 24,576 bytes
//	 |  |  form
//	 |  precision
//	 version
//
//	value --murmur--> 128 bits h1, h2     index = low 26 bits of h1     rank = leading zeros of h2, plus 1
//
//	Add, Merge -> Sketch (a hash table of entries, then registers) -> Append -> value -> Cardinality, AppendText
//	Parse <- {"version":1,"logm":15,"sparse":{"indices":[..],"values":[..]}} or Base64, a letter a register
//
// A sketch says no more than which values went into it, not in which order or by which way: it is sparse while it has fewer entries than would fill the room
// of a dense one, so what slices have made apart and merged is what one of them would have made.
// https://docs.aws.amazon.com/redshift/latest/dg/r_HLLSKTECH_type.html
package sketch

import "encoding/binary"

// The sizes of a sketch. Sparse ones are told apart by 26 bits of the hash, dense ones by 15 of them.
// https://docs.aws.amazon.com/redshift/latest/dg/hyperloglog-overview.html
const (
	precision    = 15
	fine         = 26
	registers    = 1 << precision
	rankBits     = 6
	mostRank     = 1<<rankBits - 1
	headSize     = 4
	denseSize    = registers * rankBits / 8
	sparseLimit  = denseSize / entrySize // from so many entries on a sketch is dense
	entrySize    = 4
	MaxSize      = headSize + denseSize // bytes of the largest sketch: 24,580
	sparse       = 0
	dense        = 1
	fineMask     = 1<<fine - 1
	registerMask = registers - 1
)

// Entry is what a sketch keeps of one value: its index and its rank, at least 1.
type Entry uint32

func entryOf(index uint32, rank uint8) Entry { return Entry(index<<rankBits | uint32(rank)) }

func (e Entry) index() uint32 { return uint32(e >> rankBits) }

func (e Entry) rank() uint8 { return uint8(e & mostRank) }

// Empty is the sketch of no values.
const Empty = "\x01\x0f\x00\x00"

// isDense says which form a value has.
func isDense(value string) bool { return value[2] == dense }

// entries is the number of entries of a sparse value.
func entries(value string) int { return (len(value) - headSize) / entrySize }

// entryAt is entry i of a sparse value.
func entryAt(value string, i int) Entry {
	b := value[headSize+entrySize*i:][:entrySize]
	return Entry(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24)
}

// four are the four registers that lie in three bytes of a dense value.
func four(value string, at int) [4]uint8 {
	b := value[headSize+at*3:][:3]
	w := uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
	return [4]uint8{uint8(w >> 18), uint8(w >> 12 & mostRank), uint8(w >> 6 & mostRank), uint8(w & mostRank)}
}

// appendSparse writes the value of sorted entries.
func appendSparse(dst []byte, list []Entry) []byte {
	dst = append(dst, Empty...)
	for _, e := range list {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(e))
	}
	return dst
}

// appendDense writes the value of registers.
func appendDense(dst []byte, r *[registers]uint8) []byte {
	dst = append(dst, Empty[0], Empty[1], dense, 0)
	for i := 0; i < registers; i += 4 {
		w := uint32(r[i])<<18 | uint32(r[i+1])<<12 | uint32(r[i+2])<<6 | uint32(r[i+3])
		dst = append(dst, byte(w>>16), byte(w>>8), byte(w))
	}
	return dst
}

// Combine gives the sketch of the values of two.
// https://docs.aws.amazon.com/redshift/latest/dg/r_HLL_COMBINE_SKETCHES.html
func Combine(dst []byte, a, b string) []byte {
	if !isDense(a) && !isDense(b) {
		if list := union(a, b); len(list) < sparseLimit {
			return appendSparse(dst, list)
		}
	}
	var s Sketch
	s.Merge(a)
	s.Merge(b)
	return s.Append(dst)
}

// union merges the entries of two sparse values.
func union(a, b string) []Entry {
	n, m := entries(a), entries(b)
	list := make([]Entry, 0, n+m)
	i, k := 0, 0
	for i < n && k < m {
		x, y := entryAt(a, i), entryAt(b, k)
		switch {
		case x.index() < y.index():
			i++
		case x.index() > y.index():
			x = y
			k++
		default:
			x = max(x, y)
			i++
			k++
		}
		list = append(list, x)
	}
	for ; i < n; i++ {
		list = append(list, entryAt(a, i))
	}
	for ; k < m; k++ {
		list = append(list, entryAt(b, k))
	}
	return list
}
