package sketch

import "math/bits"

// The hash is MurmurHash3 of 128 bits for 64-bit machines, by Austin Appleby (public domain), with this seed: of the integers and texts that examples of the
// guide are made of, it gives the indices and values that they print.
// https://docs.aws.amazon.com/redshift/latest/dg/r_HLL_CREATE_SKETCH.html
const (
	seed = 9001
	c1   = 0x87c37b91114253d5
	c2   = 0x4cf5ad432745937f
)

// mix is the finish that lets every bit of a word change every other.
func mix(k uint64) uint64 {
	k = (k ^ k>>33) * 0xff51afd7ed558ccd
	k = (k ^ k>>33) * 0xc4ceb9fe1a85ec53
	return k ^ k>>33
}

func scramble1(k uint64) uint64 { return bits.RotateLeft64(k*c1, 31) * c2 }

func scramble2(k uint64) uint64 { return bits.RotateLeft64(k*c2, 33) * c1 }

// finish makes the entry of the two halves of a state after n bytes.
func finish(h1, h2, n uint64) Entry {
	h1 ^= n
	h2 ^= n
	h1 += h2
	h2 += h1
	h1, h2 = mix(h1), mix(h2)
	h1 += h2
	h2 += h1
	return entryOf(uint32(h1&fineMask), uint8(min(bits.LeadingZeros64(h2)+1, mostRank)))
}

// Short is the entry of a value of n bytes, at most 8, that lie little endian in x; the rest of x is zero.
func Short(x uint64, n int) Entry { return finish(seed^scramble1(x), seed, uint64(n)) }

// Long is the entry of a value of 16 bytes.
func Long(lo, hi uint64) Entry {
	h1, h2 := block(seed, seed, lo, hi)
	return finish(h1, h2, 16)
}

// block takes 16 bytes into a state.
func block(h1, h2, lo, hi uint64) (uint64, uint64) {
	h1 = (bits.RotateLeft64(h1^scramble1(lo), 27)+h2)*5 + 0x52dce729
	h2 = (bits.RotateLeft64(h2^scramble2(hi), 31)+h1)*5 + 0x38495ab5
	return h1, h2
}

// Text is the entry of bytes.
func Text(s string) Entry {
	h1, h2, n := uint64(seed), uint64(seed), uint64(len(s))
	for len(s) >= 16 {
		h1, h2 = block(h1, h2, word(s), word(s[8:]))
		s = s[16:]
	}
	if len(s) > 8 {
		h2 ^= scramble2(part(s[8:]))
		s = s[:8]
	}
	if len(s) == 8 {
		h1 ^= scramble1(word(s))
	} else {
		h1 ^= scramble1(part(s))
	}
	return finish(h1, h2, n)
}

// word are eight bytes, little endian.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// part are fewer than eight bytes, little endian.
func part(s string) (w uint64) {
	for i := range len(s) {
		w |= uint64(s[i]) << (8 * i)
	}
	return w
}
