package vector

import (
	"math"
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/super"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Hashing constants: odd 64-bit numbers with well mixed bits.
const (
	hashSeed  = 0x9e3779b97f4a7c15
	hashMul   = 0xbf58476d1ce4e5b9
	hashMul2  = 0x94d049bb133111eb
	hashNull  = 0x2545f4914f6cdd1d // what a NULL hashes to: all NULL keys land on one slice
	hashTrail = 0xd6e8feb86659fd93
)

// HashInt64 is the hash of a value of the int lane; booleans are 0 and 1. It is a bijection (splitmix64's finish), so distinct integers never
// collide in all 64 bits.
func HashInt64(x int64) uint64 {
	h := uint64(x) + hashSeed
	h = (h ^ h>>30) * hashMul
	h = (h ^ h>>27) * hashMul2
	return h ^ h>>31
}

// HashWide hashes as HashInt64 when the value fits in 64 bits: a numeric(10,2) and a numeric(30,2) of one value hash alike.
func HashWide(x types.Int128) uint64 {
	if i, ok := x.Int64(); ok {
		return HashInt64(i)
	}
	return HashInt64(int64(x.Lo)) ^ bits.RotateLeft64(HashInt64(x.Hi), 32)
}

// HashFloat64 hashes a double; -0 is 0, and all NaNs are one value.
func HashFloat64(x float64) uint64 {
	if x == 0 {
		return HashInt64(0)
	}
	if x != x {
		return HashInt64(0x7ff8000000000001)
	}
	return HashInt64(int64(math.Float64bits(x)))
}

// HashText hashes a text without its trailing blanks, which comparisons ignore too.
func HashText(s string) uint64 {
	if n := len(s); n > 0 && s[n-1] == ' ' {
		s = types.TrimBlanks(s)
	}
	h := uint64(len(s))*hashMul + hashSeed
	for len(s) >= 8 {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		hi, lo := bits.Mul64(w^hashTrail, h^hashMul2)
		h = hi ^ lo
		s = s[8:]
	}
	var w uint64
	switch n := len(s); {
	case n >= 4:
		w = uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
		t := s[n-4:]
		w |= (uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24) << 32
	case n > 0:
		w = uint64(s[0]) | uint64(s[n>>1])<<8 | uint64(s[n-1])<<16
	}
	hi, lo := bits.Mul64(w^hashTrail, h^hashMul)
	h = hi ^ lo
	h = (h ^ h>>29) * hashMul2
	return h ^ h>>32
}

// hashCombine adds a key column to the hash of those before it.
func hashCombine(seed, h uint64) uint64 {
	h = (bits.RotateLeft64(seed, 27) ^ h) * hashMul
	return h ^ h>>31
}

// Hash writes one hash per live row (sel, nil = all v.Len rows) to out. seed, when not nil, holds the hashes of the key columns before this one,
// one per live row; it may be out itself. Values that are equal across widths, forms and lanes hash alike: smallint 7 and bigint 7, numeric of one
// scale in the int and in the wide lane, 'a' and 'a ', codes and plain values. It is the hash by which storage places DISTSTYLE KEY rows and by
// which exec sends rows to slices, so that DS_DIST_NONE is true by construction.
// https://docs.aws.amazon.com/redshift/latest/dg/c_choosing_dist_sort.html
func Hash(v *Vector, sel []uint16, seed []uint64, out []uint64) {
	n := v.Len
	if sel != nil {
		n = len(sel)
	}
	out = out[:n]
	if v.Form == Const {
		h := uint64(hashNull)
		if !v.Null(0) {
			h = hashAt(v, 0)
		}
		if seed == nil {
			for i := range out {
				out[i] = h
			}
		} else {
			for i := range out {
				out[i] = hashCombine(seed[i], h)
			}
		}
		return
	}
	if v.Nulls != nil && seed != nil {
		hashWithNulls(v, sel, seed, out)
		return
	}
	switch v.Form {
	case Narrow:
		switch {
		case v.U8 != nil:
			hashNarrow(v.U8, v.Base, sel, seed, out)
		case v.U16 != nil:
			hashNarrow(v.U16, v.Base, sel, seed, out)
		default:
			hashNarrow(v.U32, v.Base, sel, seed, out)
		}
	case Dict:
		hashDict(v, sel, seed, out)
	default:
		hashFlat(v, sel, seed, out)
	}
	if v.Nulls == nil {
		return
	}
	for i := range out {
		if v.Null(row(sel, i)) {
			out[i] = hashNull
		}
	}
}

// row is the physical row of live row i.
func row(sel []uint16, i int) int {
	if sel == nil {
		return i
	}
	return int(sel[i])
}

// hashWithNulls is the road of a later key column with NULLs: seed may be out, so every row is written once.
func hashWithNulls(v *Vector, sel []uint16, seed, out []uint64) {
	for i := range out {
		r, h := row(sel, i), uint64(hashNull)
		if !v.Null(r) {
			switch v.Form {
			case Narrow:
				h = HashInt64(v.Base + int64(v.Code(r)))
			case Dict:
				h = hashAt(v.Dict, int(v.Code(r)))
			default:
				h = hashAt(v, r)
			}
		}
		out[i] = hashCombine(seed[i], h)
	}
}

// hashNarrow hashes frame-of-reference codes.
func hashNarrow[C uint8 | uint16 | uint32](codes []C, base int64, sel []uint16, seed, out []uint64) {
	switch {
	case sel == nil && seed == nil:
		codes = codes[:len(out)]
		for i, c := range codes {
			out[i] = HashInt64(base + int64(c))
		}
	case sel == nil:
		codes, seed = codes[:len(out)], seed[:len(out)]
		for i, c := range codes {
			out[i] = hashCombine(seed[i], HashInt64(base+int64(c)))
		}
	case seed == nil:
		for i, r := range sel {
			out[i] = HashInt64(base + int64(codes[r]))
		}
	default:
		for i, r := range sel {
			out[i] = hashCombine(seed[i], HashInt64(base+int64(codes[r])))
		}
	}
}

// hashDict hashes each entry of the dictionary once when the batch is longer than it, else row by row.
func hashDict(v *Vector, sel []uint16, seed, out []uint64) {
	var entries []uint64
	if v.Dict.Len <= len(out) {
		var buf [256]uint64
		if v.Dict.Len <= len(buf) {
			entries = buf[:v.Dict.Len]
		} else {
			entries = make([]uint64, v.Dict.Len)
		}
		hashFlat(v.Dict, nil, nil, entries)
	}
	for i := range out {
		c := int(v.Code(row(sel, i)))
		var h uint64
		switch {
		case entries != nil && c < len(entries):
			h = entries[c]
		case c < v.Dict.Len:
			h = hashAt(v.Dict, c)
		}
		if seed != nil {
			h = hashCombine(seed[i], h)
		}
		out[i] = h
	}
}

// hashFlat hashes plain values.
func hashFlat(v *Vector, sel []uint16, seed, out []uint64) {
	switch v.Type.Lane() {
	case types.LaneBool:
		for i := range out {
			x := int64(0)
			if v.Bools[row(sel, i)] {
				x = 1
			}
			out[i] = seeded(seed, i, HashInt64(x))
		}
	case types.LaneInt:
		if sel == nil && seed == nil {
			for i, x := range v.Int64s[:len(out)] {
				out[i] = HashInt64(x)
			}
			return
		}
		for i := range out {
			out[i] = seeded(seed, i, HashInt64(v.Int64s[row(sel, i)]))
		}
	case types.LaneWide:
		for i := range out {
			out[i] = seeded(seed, i, HashWide(v.Wides[row(sel, i)]))
		}
	case types.LaneFloat:
		for i := range out {
			out[i] = seeded(seed, i, HashFloat64(v.Floats[row(sel, i)]))
		}
	default:
		if v.Type.Kind == types.Super {
			for i := range out {
				out[i] = seeded(seed, i, HashSuper(super.Value(v.Texts[row(sel, i)])))
			}
			return
		}
		for i := range out {
			out[i] = seeded(seed, i, HashText(v.Texts[row(sel, i)]))
		}
	}
}

// seeded combines h with row i's seed, if there are seeds.
func seeded(seed []uint64, i int, h uint64) uint64 {
	if seed == nil {
		return h
	}
	return hashCombine(seed[i], h)
}

// HashDatum is the hash of a value, as Hash has it.
func HashDatum(d *types.Datum) uint64 {
	if d.Null {
		return hashNull
	}
	switch d.Type.Lane() {
	case types.LaneBool:
		if d.Bool {
			return HashInt64(1)
		}
		return HashInt64(0)
	case types.LaneInt:
		return HashInt64(d.Int)
	case types.LaneWide:
		return HashWide(d.Wide)
	case types.LaneFloat:
		return HashFloat64(d.Float)
	}
	if d.Type.Kind == types.Super {
		return HashSuper(super.Value(d.Text))
	}
	return HashText(d.Text)
}

// hashAt hashes row i of a Flat or Const vector.
func hashAt(v *Vector, i int) uint64 {
	switch v.Type.Lane() {
	case types.LaneBool:
		if v.Bools[i] {
			return HashInt64(1)
		}
		return HashInt64(0)
	case types.LaneInt:
		return HashInt64(v.Int64s[i])
	case types.LaneWide:
		return HashWide(v.Wides[i])
	case types.LaneFloat:
		return HashFloat64(v.Floats[i])
	}
	if v.Type.Kind == types.Super {
		return HashSuper(super.Value(v.Texts[i]))
	}
	return HashText(v.Texts[i])
}
