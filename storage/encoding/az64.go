package encoding

import (
	"math/bits"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// AZ64 is proprietary: the guide says only that it compresses smaller groups of values. Ours is a frame of reference for every 64 values:
//
//	width   1 byte: bits of a difference, or plainFrame
//	base    the least value of the frame, in the type's width
//	packed  the differences to it, width bits each, the lowest bit first
//
// https://docs.aws.amazon.com/redshift/latest/dg/az64-encoding.html
const (
	frame      = 64
	plainFrame = 255 // the values follow as they are
)

// frames encodes AZ64.
func (s *Sizer) frames(v *vector.Vector) {
	for at := 0; at < v.Len; at += frame {
		n := min(frame, v.Len-at)
		base, width := s.reference(v, at, at+n)
		packed := (n*width + 7) / 8
		if s.fix+packed >= n*s.fix {
			s.out.code(0, plainFrame, 1)
			if !s.out.keep {
				s.out.n += int64(n * s.fix)
				continue
			}
			for i := at; i < at+n; i++ {
				s.out.fixed(0, value(v, i), s.fix)
			}
			continue
		}
		s.out.code(0, width, 1)
		s.out.fixed(0, base, s.fix)
		s.out.n += int64(packed)
		if s.out.keep {
			s.pack(v, at, n, base, width)
		}
	}
}

// reference gives the least value of rows from..to and the bits of the greatest difference to it; NULLs do not count.
func (s *Sizer) reference(v *vector.Vector, from, to int) (types.Int128, int) {
	if v.Type.Lane() == types.LaneInt && v.Nulls == nil {
		lo, hi := vector.MinMaxInt64(v.Int64s[from:to])
		return types.FromInt64(lo), bits.Len64(uint64(hi) - uint64(lo))
	}
	var lo, hi types.Int128
	some := false
	for i := from; i < to; i++ {
		if v.Null(i) {
			continue
		}
		x := value(v, i)
		if !some || x.Cmp(lo) < 0 {
			lo = x
		}
		if !some || x.Cmp(hi) > 0 {
			hi = x
		}
		some = true
	}
	return lo, bitsOf(hi.Sub(lo))
}

// pack appends the differences of n rows; that of a NULL is 0.
func (s *Sizer) pack(v *vector.Vector, at, n int, base types.Int128, width int) {
	buf := make([]byte, (n*width+7)/8)
	for i := range n {
		if v.Null(at + i) {
			continue
		}
		d := value(v, at+i).Sub(base)
		for b := range width {
			word := d.Lo
			if b >= 64 {
				word = uint64(d.Hi)
			}
			if word>>(uint(b)&63)&1 != 0 {
				buf[(i*width+b)>>3] |= 1 << uint((i*width+b)&7)
			}
		}
	}
	s.out.sections[0] = append(s.out.sections[0], buf...)
}

// readFrames decodes AZ64.
func (r *reader) readFrames(v *vector.Vector) {
	for at := 0; at < v.Len && !r.bad; at += frame {
		n := min(frame, v.Len-at)
		width := r.code(1)
		if width == plainFrame {
			for i := at; i < at+n; i++ {
				setValue(v, i, r.fixed(r.fix))
			}
			continue
		}
		if width > 8*r.fix {
			r.bad = true
			return
		}
		base := r.fixed(r.fix)
		packed := r.take((n*width + 7) / 8)
		for i := range n {
			if r.bad || v.Null(at+i) {
				continue
			}
			var d types.Int128
			for b := range width {
				if packed[(i*width+b)>>3]>>uint((i*width+b)&7)&1 == 0 {
					continue
				}
				if b < 64 {
					d.Lo |= 1 << uint(b)
				} else {
					d.Hi |= 1 << uint(b-64)
				}
			}
			setValue(v, at+i, base.Add(d))
		}
	}
}
