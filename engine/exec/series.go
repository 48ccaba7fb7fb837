package exec

import (
	"math"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// series is the running ExpandStep with bounds: a batch goes on as long as one of its rows has a number left, with those rows alone and their next numbers
// beside them.
//
//	from 1 1 5    to 2 0 6      (1, 2) -> 1 . 5 -> 2 . 6
type series struct {
	counted
	t      *task
	bounds []int
	typ    types.Type
	input  *vector.Batch // that is being repeated; nil = none
	alive  []uint16      // rows with a number left
	at     []int64       // their next numbers, by row
	last   []int64
	step   []int64
	out    []int64
	batch  vector.Batch
}

// push readies a batch and hands it on with the first numbers.
func (e *series) push(b *vector.Batch) error {
	if b.Rows() == 0 {
		return nil
	}
	if err := e.begin(b); err != nil {
		return err
	}
	err := e.resume()
	for err == nil && e.t.eager && e.pending() {
		err = e.resume()
	}
	return err
}

// begin reads the bounds of a batch's rows.
func (e *series) begin(b *vector.Batch) error {
	if e.at == nil {
		e.at, e.last, e.step, e.out = make([]int64, vector.Size), make([]int64, vector.Size), make([]int64, vector.Size), make([]int64, vector.Size)
	}
	e.input, e.alive = b, e.alive[:0]
	from, to, step := b.Columns[e.bounds[0]], b.Columns[e.bounds[1]], b.Columns[e.bounds[2]]
	for n := range b.Rows() {
		i := n
		if b.Sel != nil {
			i = int(b.Sel[n])
		}
		lo, hi, by := from.Get(i), to.Get(i), step.Get(i)
		if lo.Null || hi.Null || by.Null {
			continue
		}
		if by.Int == 0 {
			return sqlstate.InvalidParameterValue.Errorf("step size cannot equal zero")
		}
		e.at[i], e.last[i], e.step[i] = lo.Int, hi.Int, by.Int
		if by.Int > 0 && lo.Int <= hi.Int || by.Int < 0 && lo.Int >= hi.Int {
			e.alive = append(e.alive, uint16(i))
		}
	}
	return nil
}

// pending says that a row of the batch at hand has a number left.
func (e *series) pending() bool { return e.input != nil }

// resume hands on the rows that have a number left, with it.
func (e *series) resume() error {
	if err := e.t.canceled(); err != nil {
		return err
	}
	if len(e.alive) == 0 {
		e.input = nil
		return nil
	}
	b, o := e.input, &e.batch
	o.Sel = append(o.Sel[:0], e.alive...)
	left := e.alive[:0]
	for _, i := range o.Sel {
		v, by := e.at[i], e.step[i]
		e.out[i] = v
		if by > 0 && (v > math.MaxInt64-by || v+by > e.last[i]) || by < 0 && (v < math.MinInt64-by || v+by < e.last[i]) {
			continue
		}
		e.at[i], left = v+by, append(left, i)
	}
	e.alive = left
	if len(left) == 0 {
		e.input = nil
	}
	number := &vector.Vector{Type: e.typ, Len: b.Len, Int64s: e.out[:b.Len]}
	o.Columns, o.Len = append(append(o.Columns[:0], b.Columns...), number), b.Len
	return e.emit(o)
}

// finish has nothing of its own to hand on.
func (e *series) finish() error { return e.next.finish() }
