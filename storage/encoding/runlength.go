package encoding

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// maxRun is the rows of a run: its count has a byte.
const maxRun = 256

// runs encodes RUNLENGTH: for every run a byte for its rows (less one) and its value. NULLs are no part of runs. Of a text the value is its bytes
// alone, as in the guide's example; its length is kept beside the block and not counted.
//
//	counts  1 byte a run | values
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_Runlength_encoding.html
func (s *Sizer) runs(v *vector.Vector) {
	text := v.Type.Lane() == types.LaneText
	for i := range v.Len {
		if v.Null(i) {
			continue
		}
		same := s.started && s.run < maxRun
		if same {
			if text {
				same = v.Texts[i] == s.lastText
			} else {
				same = value(v, i) == s.last
			}
		}
		if same {
			s.run++
			if counts := s.out.sections[0]; s.out.keep {
				counts[len(counts)-1]++
			}
			continue
		}
		s.started, s.run = true, 1
		s.out.code(0, 0, 1)
		if text {
			s.lastText = v.Texts[i]
			s.out.text(1, s.lastText)
			if s.out.keep {
				s.out.lengths = append(s.out.lengths, uint32(len(s.lastText)))
			}
		} else {
			s.last = value(v, i)
			s.out.fixed(1, s.last, s.fix)
		}
	}
}

// readRuns decodes RUNLENGTH. The number of runs follows from the payload: of texts the lengths, else one value a count.
func (r *reader) readRuns(v *vector.Vector, b *Block) {
	text := v.Type.Lane() == types.LaneText
	runs := len(b.Lengths)
	if !text {
		runs = len(r.buf) / (1 + r.fix)
	}
	counts := r.take(runs)
	left, run := 0, -1
	one := vector.New(v.Type, 1)
	for i := range v.Len {
		if v.Null(i) {
			continue
		}
		if left == 0 {
			if run++; r.bad || run >= len(counts) {
				r.bad = true
				return
			}
			left = int(counts[run]) + 1
			if text {
				one.Texts[0] = string(r.take(int(b.Lengths[run])))
			} else {
				setValue(one, 0, r.fixed(r.fix))
			}
		}
		left--
		copyValue(v, i, one, 0)
	}
}
