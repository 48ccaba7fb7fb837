package encoding

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// mostly encodes MOSTLY8, 16 and 32: values that fit take 1, 2 or 4 bytes, the rest their own width; a decimal counts without its point.
// https://docs.aws.amazon.com/redshift/latest/dg/c_MostlyN_encoding.html
func (s *Sizer) mostly(v *vector.Vector, bytes int) {
	shift := 64 - 8*uint(bytes)
	for i := range v.Len {
		if v.Null(i) {
			s.out.code(0, 0, bytes)
			continue
		}
		wide := value(v, i)
		if x, ok := wide.Int64(); ok && x<<shift>>shift == x {
			s.out.fixed(0, wide, bytes)
			continue
		}
		s.out.uncompressed(i)
		s.out.fixed(0, wide, s.fix)
	}
}

// readMostly decodes MOSTLY8, 16 and 32.
func (r *reader) readMostly(v *vector.Vector, b *Block, bytes int) {
	for i := range v.Len {
		var x types.Int128
		if b.plain(i) {
			x = r.fixed(r.fix)
		} else {
			x = r.fixed(bytes)
		}
		if r.bad {
			return
		}
		setValue(v, i, x)
	}
}
