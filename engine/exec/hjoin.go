package exec

import (
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// hjoin is the running HJoinStep: it probes a table that an earlier stream has built.
//
//	no duplicates in the table    probe columns as they came, Sel = rows with a partner | the partners' columns, scattered to those rows
//	duplicates                    probe columns gathered by pair                        | the partners' columns, gathered by pair
//	rows without a partner        probe columns as they came, Sel = those rows          | Const NULL
//	partners nobody met           Const NULL                                            | gathered, when the input ends
type hjoin struct {
	counted
	t        *task
	s        *HJoinStep
	table    *hashtable.Table
	probe    *hashtable.Probe
	residual *expr.State
	outer    bool // probe rows without a partner are handed on
	marks    bool // the table's are, too
	merged   bool // pairs may be handed on in the batch that came
	columns  int  // of the probe side
	done     bool // what nobody met has been handed on

	keys  []*vector.Vector
	input *vector.Batch // that is being joined, while more pairs are to come
	batch vector.Batch
	taken []gathered
	build []vector.Vector
	nulls []*vector.Vector // of the table's columns
	room  *joinRoom
	rows  []uint16
	at    []uint32
	sel   []uint16
	hit   []bool   // by physical row: it has a pair that passed the residual
	miss  []uint64 // bitmap of the rows without a partner
}

// start makes the state of one pipeline.
func (s *HJoinStep) start(t *task, in []types.Type, next sink) (sink, error) {
	j := &hjoin{counted: counted{next: next}, t: t, s: s, columns: len(in)}
	j.outer = s.Kind == LeftJoin || s.Kind == FullJoin || s.Kind == SingleRowJoin
	j.marks = s.Kind == RightJoin || s.Kind == FullJoin
	if s.Residual != nil {
		j.residual = s.Residual.NewState(t.env())
		j.hit = make([]bool, vector.Size)
	}
	j.keys = make([]*vector.Vector, len(s.Keys))
	j.open()
	table := j.table
	j.build = make([]vector.Vector, len(table.Columns))
	ts := make([]types.Type, len(table.Columns))
	for i := range ts {
		ts[i] = table.Columns[i].Type
		j.build[i].Type = ts[i]
	}
	j.nulls = nullColumns(ts)
	return j, nil
}

// open takes the slice's table.
func (j *hjoin) open() {
	j.table = j.t.table(j.s.Table)
	if j.probe == nil {
		j.probe = j.table.NewProbe()
	} else {
		j.probe.Move(j.table)
	}
	if j.marks {
		j.table.KeepMarks()
		j.t.q.tables[j.s.Table].probe(j.t.slice, 1)
	}
	if j.merged = j.table.Unique() && (j.residual == nil || !j.marks); !j.merged && j.taken == nil {
		j.taken = make([]gathered, j.columns)
	}
}

func (j *hjoin) reuse() {
	j.counted.reuse()
	j.input, j.done = nil, false
	j.open()
}

// joinRoom is what a join works in from its first batch on. A query of many joins on many slices has thousands of joins, most of which get a few rows or
// none: they take it from those that have ended.
type joinRoom struct {
	rows, sel  [vector.Size]uint16
	at, groups [vector.Size]uint32
}

var joinRooms = sync.Pool{New: func() any { return new(joinRoom) }}

// enter takes room.
func (j *hjoin) enter() {
	if j.room != nil {
		return
	}
	j.room = joinRooms.Get().(*joinRoom)
	j.rows, j.sel, j.at = j.room.rows[:], j.room.sel[:], j.room.at[:]
	j.probe.Use(&j.room.groups)
}

// close gives the room back, unless the cursor's reader may still have a batch that lies in it.
func (j *hjoin) close() {
	if j.room != nil && !j.t.part.seg.cursor {
		joinRooms.Put(j.room)
	}
	j.room, j.rows, j.sel, j.at = nil, nil, nil, nil
}

// out are the probe columns, then the table's, but for semi and anti joins.
func (s *HJoinStep) out([]types.Type) []types.Type { return s.Types }

// push joins a batch.
func (j *hjoin) push(b *vector.Batch) error {
	if j.table.Rows() == 0 && !j.outer && j.s.Kind != AntiJoin && j.s.Kind != AntiNullJoin {
		return errDone
	}
	if j.s.Kind == AntiNullJoin && j.table.HasNullKey() {
		return errDone // x NOT IN (..., NULL) is never true
	}
	j.enter()
	for i, k := range j.s.Keys {
		j.keys[i] = b.Columns[k]
	}
	j.probe.Start(j.keys, b.Sel, b.Rows(), false)
	switch {
	case j.s.Kind == SemiJoin || j.s.Kind == AntiJoin || j.s.Kind == AntiNullJoin:
		return j.filter(b)
	case j.residual == nil && j.s.Kind == SingleRowJoin && j.probe.Most() > 1:
		return errSingleRow()
	case j.residual == nil && j.outer && j.merged:
		return j.outerMerged(b)
	}
	if j.residual != nil {
		clear(j.hit)
	}
	j.input = b
	err := j.resume()
	for err == nil && j.t.eager && j.pending() {
		err = j.resume()
	}
	return err
}

// pending says that pairs of the batch at hand are still to be made, or its rows without one.
func (j *hjoin) pending() bool { return j.input != nil }

// resume hands on the next pairs of the batch at hand; after the last, the rows that have none.
func (j *hjoin) resume() error {
	for {
		k := j.probe.Next(j.rows, j.at)
		if k == 0 {
			return j.through()
		}
		if !j.outer && !j.probe.Rest() { // the last pairs: nothing is left to do behind them
			b := j.input
			j.input = nil
			_, err := j.some(b, k)
			return err
		}
		if some, err := j.some(j.input, k); some || err != nil {
			return err
		}
		if err := j.t.canceled(); err != nil {
			return err
		}
	}
}

// through ends the work on a batch.
func (j *hjoin) through() error {
	b := j.input
	j.input = nil
	switch {
	case !j.outer:
		return nil
	case j.residual != nil:
		return j.lonely(b, j.hits(b, false))
	}
	return j.lonely(b, j.probe.Found(false, j.sel))
}

// some hands on the k pairs at hand that pass the residual and says whether there were any.
func (j *hjoin) some(b *vector.Batch, k int) (bool, error) {
	o := j.pair(b, k)
	if j.residual != nil {
		if err := j.residual.Filter(o); err != nil {
			return false, err
		}
		if err := j.note(o); err != nil {
			return false, err
		}
	} else if j.marks {
		j.table.Mark(j.at[:k])
	}
	return o.Rows() > 0, j.emit(o)
}

// errSingleRow is the error of a scalar subquery that gives two rows.
func errSingleRow() error {
	return sqlstate.CardinalityViolation.Errorf("more than one row returned by a subquery used as an expression")
}

// pair makes a batch of the k pairs at hand.
func (j *hjoin) pair(b *vector.Batch, k int) *vector.Batch {
	o := &j.batch
	o.Columns = o.Columns[:0]
	if j.merged {
		o.Columns = append(o.Columns, b.Columns...)
		o.Len, o.Sel = b.Len, j.rows[:k]
		if k == b.Len {
			o.Sel = nil
		}
		for i := range j.build {
			j.table.Columns[i].Scatter(j.at[:k], j.rows[:k], b.Len, &j.build[i])
			o.Columns = append(o.Columns, &j.build[i])
		}
		return o
	}
	o.Len, o.Sel = k, nil
	for i, v := range b.Columns {
		o.Columns = append(o.Columns, j.taken[i].take(v, j.rows[:k]))
	}
	for i := range j.build {
		j.table.Columns[i].Gather(j.at[:k], &j.build[i])
		o.Columns = append(o.Columns, &j.build[i])
	}
	return o
}

// outerMerged hands on all rows of a batch, NULLs standing for the partners that are not there.
func (j *hjoin) outerMerged(b *vector.Batch) error {
	k := j.probe.Next(j.rows, j.at)
	if j.marks {
		j.table.Mark(j.at[:k])
	}
	switch k {
	case 0:
		return j.lonely(b, liveRows(b))
	case b.Rows():
		return j.emit(j.pair(b, k))
	}
	o := j.pair(b, k)
	o.Sel = b.Sel
	j.miss = bitmap(j.miss, b.Len)
	for _, r := range j.probe.Found(false, j.sel) {
		j.miss[r>>6] |= 1 << (r & 63)
	}
	for i := range j.build {
		v := &j.build[i]
		if v.Nulls == nil {
			v.Nulls = j.miss
			continue
		}
		for w := range v.Nulls {
			v.Nulls[w] |= j.miss[w]
		}
	}
	return j.emit(o)
}

// lonely hands on rows that have no partner.
func (j *hjoin) lonely(b *vector.Batch, sel []uint16) error {
	if len(sel) == 0 {
		return nil
	}
	o := &j.batch
	o.Columns = append(append(o.Columns[:0], b.Columns...), setLen(j.nulls, b.Len)...)
	o.Len, o.Sel = b.Len, sel
	return j.emit(o)
}

// filter hands on the probe rows that have a partner, or those that have none.
func (j *hjoin) filter(b *vector.Batch) error {
	want := j.s.Kind == SemiJoin
	var sel []uint16
	if j.residual == nil {
		sel = j.probe.Found(want, j.sel)
	} else {
		if err := j.test(b); err != nil {
			return err
		}
		sel = j.hits(b, want)
	}
	if j.s.Kind == AntiNullJoin && j.table.Rows() > 0 {
		sel = j.withoutNullKeys(sel)
	}
	return j.narrowed(b, sel)
}

// narrowed hands on rows of the batch that came.
func (j *hjoin) narrowed(b *vector.Batch, sel []uint16) error {
	o := &j.batch
	o.Columns, o.Len, o.Sel = append(o.Columns[:0], b.Columns...), b.Len, sel
	if len(sel) == b.Len {
		o.Sel = nil
	}
	return j.emit(o)
}

// withoutNullKeys drops the rows of a NOT IN whose left side is NULL.
func (j *hjoin) withoutNullKeys(sel []uint16) []uint16 {
	for _, v := range j.keys {
		if v.Nulls == nil {
			continue
		}
		k := 0
		for _, r := range sel {
			if !v.Null(int(r)) {
				sel[k] = r
				k++
			}
		}
		sel = sel[:k]
	}
	return sel
}

// test evaluates the residual over all pairs and notes who passed.
func (j *hjoin) test(b *vector.Batch) error {
	clear(j.hit)
	for {
		k := j.probe.Next(j.rows, j.at)
		if k == 0 {
			return nil
		}
		if err := j.t.canceled(); err != nil {
			return err
		}
		o := j.pair(b, k)
		if err := j.residual.Filter(o); err != nil {
			return err
		}
		if err := j.note(o); err != nil {
			return err
		}
	}
}

// note remembers which rows have a pair that passed.
func (j *hjoin) note(o *vector.Batch) error {
	once := j.s.Kind == SingleRowJoin
	passed := liveRows(o)
	if j.marks {
		for _, i := range passed {
			j.table.Mark(j.at[i : i+1])
		}
	}
	for _, r := range passed {
		if !j.merged {
			r = j.rows[r]
		}
		if once && j.hit[r] {
			return errSingleRow()
		}
		j.hit[r] = true
	}
	return nil
}

// hits lists the live rows that have a pair, or those that have none.
func (j *hjoin) hits(b *vector.Batch, want bool) []uint16 {
	k := 0
	for _, r := range liveRows(b) {
		if j.hit[r] == want {
			j.sel[k] = r
			k++
		}
	}
	return j.sel[:k]
}

// finish hands on what nobody met, if no other pipeline of the slice will.
func (j *hjoin) finish() error {
	if !j.marks || j.done {
		return j.next.finish()
	}
	j.done = true
	if j.t.q.tables[j.s.Table].probe(j.t.slice, -1) > 0 {
		return j.next.finish()
	}
	return j.end(j.unmarked())
}

// unmarked hands on the rows of the table that met no probe row.
func (j *hjoin) unmarked() error {
	j.enter()
	probe := nullColumns(j.s.Types[:len(j.s.Types)-len(j.build)])
	for at := 0; at < j.table.Rows(); {
		if err := j.t.canceled(); err != nil {
			return err
		}
		var k int
		if k, at = j.table.Unmarked(at, j.at); k == 0 {
			continue
		}
		o := &j.batch
		o.Columns, o.Len, o.Sel = append(o.Columns[:0], setLen(probe, k)...), k, nil
		for i := range j.build {
			j.table.Columns[i].Gather(j.at[:k], &j.build[i])
			o.Columns = append(o.Columns, &j.build[i])
		}
		if err := j.emit(o); err != nil {
			return err
		}
	}
	return nil
}
