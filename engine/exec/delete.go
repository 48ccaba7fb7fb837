package exec

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// deleteSink deletes rows where they are, and for an UPDATE hands on the other columns: the new rows. A row that comes twice, from an UPDATE whose FROM
// has several matches, is updated once, or an error where the session or the statement says so.
// https://docs.aws.amazon.com/redshift/latest/dg/r_error_on_nondeterministic_update.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_UPDATE.html
type deleteSink struct {
	counted
	t     *task
	step  *DeleteStep
	from  *writing
	slice int
	ids   []int64
	sel   []uint16
	batch vector.Batch
}

func (s *DeleteStep) out(in []types.Type) []types.Type {
	if !s.Forward {
		return nil
	}
	out := make([]types.Type, 0, len(in))
	return append(append(out, in[:s.RowID]...), in[s.RowID+1:]...)
}

func (s *DeleteStep) start(t *task, _ []types.Type, next sink) (sink, error) {
	return &deleteSink{counted: counted{next: next}, t: t, step: s, from: &t.q.writers[s.Writer], slice: t.slice}, nil
}

func (d *deleteSink) push(b *vector.Batch) error {
	v := b.Columns[d.step.RowID]
	n := b.Rows()
	if cap(d.ids) < n {
		d.ids = make([]int64, n, min(vector.Size, 2*n))
		d.sel = make([]uint16, n, cap(d.ids))
	}
	ids, sel := d.ids[:0], d.sel[:0]
	part := &d.from.slices[d.slice]
	part.mu.Lock()
	grown := int64(0)
	for i := range n {
		r := i
		if b.Sel != nil {
			r = int(b.Sel[i])
		}
		id := rowID(v, r)
		fresh, bytes := part.dead.set(id)
		grown += bytes
		if fresh {
			ids = append(ids, id)
			sel = append(sel, uint16(r))
		} else if d.step.Once || d.step.Forward && d.t.q.env.StrictUpdate {
			part.mu.Unlock()
			return errTwice
		}
	}
	d.from.w.Delete(d.slice, ids)
	part.mu.Unlock()
	if err := d.t.charge(grown); err != nil {
		return err
	}
	if !d.step.Forward {
		d.rows += int64(len(ids))
		d.t.q.affected.Add(int64(len(ids)))
		return nil
	}
	d.batch.Len, d.batch.Sel = b.Len, b.Sel
	if len(sel) < n {
		d.batch.Sel = sel
	}
	d.batch.Columns = append(append(d.batch.Columns[:0], b.Columns[:d.step.RowID]...), b.Columns[d.step.RowID+1:]...)
	return d.emit(&d.batch)
}

// errTwice is the error of a row of the target that several rows of the source would change.
// https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
var errTwice = sqlstate.Internal.Errorf("Found multiple matches to update the same tuple.")

func (d *deleteSink) finish() error { return d.next.finish() }

func (d *deleteSink) reuse() {
	d.counted.reuse()
	d.slice = d.t.slice
}

// rowID reads a row id, in any form in which it may come through joins.
func rowID(v *vector.Vector, r int) int64 {
	switch v.Form {
	case vector.Flat:
		return v.Int64s[r]
	case vector.Narrow:
		return v.Base + int64(v.Code(r))
	}
	return v.Get(r).Int
}

// markPage is the number of rows that a page of marks covers.
const markPage = 1 << 16

// fewMarks is how many row ids a set holds before it has pages: changes of single rows are many.
const fewMarks = 8

// marks is a set of row ids: a few as they are, then pages of one bit a row, where there are some.
type marks struct {
	few   [fewMarks]int64
	n     int // of few; -1 = they are on pages
	pages []*[markPage / 64]uint64
}

// set adds an id, says whether it is new, and how many bytes the set has grown.
func (m *marks) set(id int64) (fresh bool, grown int64) {
	if m.n >= 0 {
		if slices.Contains(m.few[:m.n], id) {
			return false, 0
		}
		if m.n < fewMarks {
			m.few[m.n] = id
			m.n++
			return true, 0
		}
		m.n = -1
		for _, x := range m.few {
			_, g := m.mark(x)
			grown += g
		}
	}
	fresh, g := m.mark(id)
	return fresh, grown + g
}

// mark sets an id's bit.
func (m *marks) mark(id int64) (fresh bool, grown int64) {
	page := int(id / markPage)
	if page >= len(m.pages) {
		grown += int64(8 * (page + 1 - len(m.pages)))
		m.pages = append(m.pages, make([]*[markPage / 64]uint64, page+1-len(m.pages))...)
	}
	p := m.pages[page]
	if p == nil {
		p = new([markPage / 64]uint64)
		m.pages[page] = p
		grown += markPage / 8
	}
	at := id % markPage
	bit := uint64(1) << (uint(at) & 63)
	fresh = p[at>>6]&bit == 0
	p[at>>6] |= bit
	return fresh, grown
}
