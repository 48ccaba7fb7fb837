package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// nloop is the running NLoopStep: it meets every probe row with every row of a table. The shorter of the two is walked through, the longer one stays a
// column, so that nothing is copied:
//
//	table shorter     for each row of the table:    probe columns as they came | Const
//	probe shorter     for each probe row:           Const | 2,048 rows of the table's columns
type nloop struct {
	counted
	t     *task
	s     *NLoopStep
	table *hashtable.Table
	cond  *expr.State
	outer bool // probe rows without a partner are handed on
	pairs bool // those with one are

	input *vector.Batch // that is being joined, while more pairs are to come
	at    int           // of the table's rows, or of the batch's live ones, the next
	lo    int           // byProbe: of the table's rows, the next for this one
	alive []uint16      // byTable: rows of the batch that are still to meet somebody

	batch vector.Batch
	probe []vector.Vector
	build []vector.Vector
	nulls []*vector.Vector
	sel   []uint16
	hit   []bool // by physical row: it has met somebody
}

// start makes the state of one pipeline.
func (s *NLoopStep) start(t *task, in []types.Type, next sink) (sink, error) {
	l := &nloop{counted: counted{next: next}, t: t, s: s, table: t.table(s.Table)}
	l.outer = s.Kind == LeftJoin || s.Kind == SingleRowJoin
	l.pairs = l.outer || s.Kind == InnerJoin
	if s.Cond != nil {
		l.cond = s.Cond.NewState(t.env())
	}
	l.probe, l.build = make([]vector.Vector, len(in)), make([]vector.Vector, len(l.table.Columns))
	ts := make([]types.Type, len(l.table.Columns))
	for i := range ts {
		ts[i] = l.table.Columns[i].Type
	}
	l.nulls = nullColumns(ts)
	l.sel, l.hit = make([]uint16, vector.Size), make([]bool, vector.Size)
	return l, nil
}

func (l *nloop) reuse() {
	l.counted.reuse()
	l.table, l.input = l.t.table(l.s.Table), nil
}

// out are the probe columns, then the table's, but for semi and anti joins.
func (s *NLoopStep) out([]types.Type) []types.Type { return s.Types }

// push joins a batch.
func (l *nloop) push(b *vector.Batch) error {
	if l.table.Rows() == 0 && (l.s.Kind == InnerJoin || l.s.Kind == SemiJoin) {
		return errDone
	}
	clear(l.hit)
	l.input, l.at, l.lo, l.alive = b, 0, 0, b.Sel
	err := l.resume()
	for err == nil && l.t.eager && l.pending() {
		err = l.resume()
	}
	return err
}

// pending says that pairs of the batch at hand are still to be made, or its rows without one.
func (l *nloop) pending() bool { return l.input != nil }

// resume hands on the next pairs of the batch at hand that pass; after the last, the rows that have none.
func (l *nloop) resume() error {
	step := l.byProbe
	if l.table.Rows() <= l.input.Rows() {
		step = l.byTable
	}
	for {
		if err := l.t.canceled(); err != nil {
			return err
		}
		o, more, err := step(l.input)
		switch {
		case err != nil:
			return err
		case !more:
			return l.through()
		case o != nil && l.pairs && o.Rows() > 0:
			return l.emit(o)
		}
	}
}

// through ends the work on a batch.
func (l *nloop) through() error {
	b := l.input
	l.input = nil
	switch {
	case l.outer:
		return l.lonely(b)
	case !l.pairs:
		return l.narrowed(b, l.hits(b, l.s.Kind == SemiJoin))
	}
	return nil
}

// byTable joins the batch with the next row of the table; more is false when there is none.
func (l *nloop) byTable(b *vector.Batch) (o *vector.Batch, more bool, err error) {
	if l.at == l.table.Rows() || !l.pairs && len(l.alive) == 0 && l.alive != nil {
		return nil, false, nil
	}
	o = &l.batch
	o.Columns, o.Len, o.Sel = append(o.Columns[:0], b.Columns...), b.Len, l.alive
	for i := range l.build {
		l.table.Columns[i].Value(l.at, b.Len, &l.build[i])
		o.Columns = append(o.Columns, &l.build[i])
	}
	l.at++
	if err := l.test(o); err != nil {
		return nil, false, err
	}
	for _, r := range liveRows(o) {
		if l.hit[r] && l.s.Kind == SingleRowJoin {
			return nil, false, errSingleRow()
		}
		l.hit[r] = true
	}
	if !l.pairs { // who has met somebody need not meet more
		l.alive = l.hits(b, false)
	}
	return o, true, nil
}

// byProbe joins the next row of the batch with the next rows of the table; more is false when there is none.
func (l *nloop) byProbe(b *vector.Batch) (o *vector.Batch, more bool, err error) {
	live := liveRows(b)
	if l.lo >= l.table.Rows() || !l.pairs && l.lo > 0 && l.hit[live[l.at]] {
		l.at, l.lo = l.at+1, 0
	}
	if l.at == len(live) {
		return nil, false, nil
	}
	r := live[l.at]
	if l.lo == 0 {
		for i, v := range b.Columns {
			constRow(v, int(r), &l.probe[i])
		}
	}
	n := min(vector.Size, l.table.Rows()-l.lo)
	o = &l.batch
	o.Columns, o.Len, o.Sel = o.Columns[:0], n, nil
	for i := range l.probe {
		l.probe[i].Len = n
		o.Columns = append(o.Columns, &l.probe[i])
	}
	for i := range l.build {
		l.table.Columns[i].View(l.lo, l.lo+n, &l.build[i])
		o.Columns = append(o.Columns, &l.build[i])
	}
	l.lo += n
	if err := l.test(o); err != nil {
		return nil, false, err
	}
	met := o.Rows()
	if l.s.Kind == SingleRowJoin && (met > 1 || met > 0 && l.hit[r]) {
		return nil, false, errSingleRow()
	}
	l.hit[r] = l.hit[r] || met > 0
	return o, true, nil
}

// test narrows a batch to the pairs that pass the condition.
func (l *nloop) test(o *vector.Batch) error {
	if l.cond == nil {
		return nil
	}
	return l.cond.Filter(o)
}

// constRow makes out a Const that holds row i of v.
func constRow(v *vector.Vector, i int, out *vector.Vector) {
	if v.Form == vector.Const {
		*out = *v
		return
	}
	d := v.Get(i)
	d.Type = v.Type
	*out = *vector.NewConst(d, 1)
}

// hits lists the live rows that have met somebody, or those that have not.
func (l *nloop) hits(b *vector.Batch, want bool) []uint16 {
	k := 0
	for _, r := range liveRows(b) {
		if l.hit[r] == want {
			l.sel[k] = r
			k++
		}
	}
	return l.sel[:k]
}

// lonely hands on the rows that have met nobody.
func (l *nloop) lonely(b *vector.Batch) error {
	sel := l.hits(b, false)
	if len(sel) == 0 {
		return nil
	}
	o := &l.batch
	o.Columns, o.Len, o.Sel = append(append(o.Columns[:0], b.Columns...), setLen(l.nulls, b.Len)...), b.Len, sel
	return l.emit(o)
}

// narrowed hands on rows of the batch that came.
func (l *nloop) narrowed(b *vector.Batch, sel []uint16) error {
	o := &l.batch
	o.Columns, o.Len, o.Sel = append(o.Columns[:0], b.Columns...), b.Len, sel
	if len(sel) == b.Len {
		o.Sel = nil
	}
	return l.emit(o)
}

// finish has nothing of its own to hand on.
func (l *nloop) finish() error { return l.next.finish() }
