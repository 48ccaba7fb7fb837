package exec

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// virtualReader gives the rows of a system table. They are all made when the first is wanted: what they tell of changes while they are read.
type virtualReader struct {
	t       *task
	source  *VirtualSource
	made    bool
	batches []*vector.Batch
}

func (s *VirtualSource) open(t *task) (reader, error) { return &virtualReader{t: t, source: s}, nil }

func (r *virtualReader) ready() bool { return true }

func (r *virtualReader) next() (*vector.Batch, bool, error) {
	if !r.made {
		r.made = true
		if err := r.make(); err != nil {
			return nil, false, err
		}
	}
	if len(r.batches) == 0 {
		return nil, true, nil
	}
	b := r.batches[0]
	r.batches = r.batches[1:]
	return b, false, nil
}

// make asks the table for its rows.
func (r *virtualReader) make() error {
	ts := r.t.part.seg.spec.Types
	var b *vector.Batch
	var failed error
	err := r.source.Rows(r.t.q.sys, func(row []types.Datum) bool {
		if b == nil || b.Len == vector.Size {
			if failed = r.t.canceled(); failed != nil {
				return false
			}
			b = &vector.Batch{Columns: make([]*vector.Vector, len(ts))}
			for i, t := range ts {
				b.Columns[i] = vector.New(t, 0)
			}
			r.batches = append(r.batches, b)
		}
		bytes := int64(0)
		for i, at := range r.source.Columns {
			v := b.Columns[i]
			n := b.Len + 1
			v.Len = n
			switch ts[i].Lane() {
			case types.LaneBool:
				v.Bools = extend(v.Bools, n)
			case types.LaneInt:
				v.Int64s = extend(v.Int64s, n)
			case types.LaneWide:
				v.Wides = extend(v.Wides, n)
			case types.LaneFloat:
				v.Floats = extend(v.Floats, n)
			default:
				v.Texts = extend(v.Texts, n)
				bytes += int64(len(row[at].Text))
			}
			bytes += laneBytes(ts[i])
			v.Set(b.Len, row[at])
		}
		b.Len++
		failed = r.t.charge(bytes)
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	for _, b := range r.batches { // bitmaps were made for the rows that there were then
		for _, v := range b.Columns {
			if v.Nulls != nil && len(v.Nulls) < (v.Len+63)/64 {
				v.Nulls = append(v.Nulls, make([]uint64, (v.Len+63)/64-len(v.Nulls))...)
			}
		}
	}
	return nil
}

func (r *virtualReader) close() error {
	r.batches = nil
	return r.t.charge(-r.t.used)
}
