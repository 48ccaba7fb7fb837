package vector

import (
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/super"
)

// HashSuper hashes a SUPER value. Values that are super.Equal hash alike: numbers by the double next to them, strings without trailing blanks, objects whatever the
// order of their attributes.
func HashSuper(v super.Value) uint64 { return hashSuper(v, 0) }

func hashSuper(v super.Value, depth int) uint64 {
	switch v.Kind() {
	case super.Bool:
		if v.Bool() {
			return HashInt64(1)
		}
		return HashInt64(0)
	case super.Int, super.Decimal, super.Float:
		return HashFloat64(v.Float())
	case super.String:
		return HashText(v.Text())
	case super.Array, super.Object:
		return hashParts(v, depth)
	}
	return hashNull
}

// hashParts hashes an array or object; what is nested more deeply than a value may be does not count.
func hashParts(v super.Value, depth int) uint64 {
	h := hashCombine(hashSeed, uint64(v.Kind()))
	if depth >= super.MaxDepth {
		return h
	}
	for i := range v.Len() {
		e, ok := v.Index(i)
		if !ok {
			var name string
			name, e = v.ByName(i)
			h = hashCombine(h, bits.RotateLeft64(HashText(name), 32))
		}
		h = hashCombine(h, hashSuper(e, depth+1))
	}
	return h
}
