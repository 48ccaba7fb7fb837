package encoding

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// deltaFlag stands before a value that lies whole; no difference of DELTA has it.
const deltaFlag = 0x80

// delta encodes DELTA (differences of 1 byte) and DELTA32K (2): the first value, and each whose difference to the one before does not fit, is a flag
// of 1 byte and the value. A NULL takes a difference of 0. Which rows of DELTA32K lie whole is noted beside them too: its flag is a byte that a
// difference may begin with.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Delta_encoding.html
func (s *Sizer) delta(v *vector.Vector, bytes int) {
	limit := types.FromInt64(127)
	if bytes == 2 {
		limit = types.FromInt64(32767)
	}
	for i := range v.Len {
		if v.Null(i) {
			s.out.code(0, 0, bytes)
			continue
		}
		x := value(v, i)
		d := x.Sub(s.last)
		size := d
		if size.Sign() < 0 {
			size = size.Neg()
		}
		if s.started && size.Sign() >= 0 && size.Cmp(limit) <= 0 {
			s.out.fixed(0, d, bytes)
		} else {
			s.out.uncompressed(i)
			s.out.code(0, deltaFlag, 1)
			s.out.fixed(0, x, s.fix)
		}
		s.started, s.last = true, x
	}
}

// readDelta decodes DELTA and DELTA32K.
func (r *reader) readDelta(v *vector.Vector, b *Block, bytes int) {
	var last types.Int128
	for i := range v.Len {
		switch {
		case r.bad:
			return
		case v.Null(i):
			r.take(bytes)
			continue
		case b.plain(i):
			r.code(1)
			last = r.fixed(r.fix)
		default:
			last = last.Add(r.fixed(bytes))
		}
		setValue(v, i, last)
	}
}
