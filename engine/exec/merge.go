package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/exec/sortkey"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// mergeReader merges the sorted queues of an Ordered exchange.
//
//	queue 0  [1979 1985 .. ] [ .. ]    runs[0] at row 2 ---+
//	queue 1  [1942 .. ]                runs[1] at row 1 ---+--> the least of the runs' rows, batch by batch
//	queue 2  ended
//
// A batch ends where a run's parcel does, so that rows are gathered while their parcels are there. The last run alone is handed on as it is.
type mergeReader struct {
	x     *exchange
	keys  []sortkey.Key
	runs  []mergeRun
	live  int // runs that have not ended
	heap  []int
	heads bool // every live run has a parcel, heap is in order

	out   vector.Batch
	vecs  []vector.Vector
	picks []pick
	lent  int // run whose parcel was handed on as it is, -1 = none
}

// mergeRun is one queue and its parcel at hand.
type mergeRun struct {
	in      *inbox
	p       *parcel
	columns []*vector.Vector // of the parcel, Flat and dense
	flat    []vector.Vector
	at, n   int
	ended   bool
}

// pick is a row of a run.
type pick struct{ run, row uint16 }

func (s *MergeSource) open(t *task) (reader, error) {
	x := &t.q.exchanges[s.Exchange]
	r := &mergeReader{x: x, keys: keysOf(s.Keys), runs: make([]mergeRun, len(x.inboxes)), live: len(x.inboxes), lent: -1}
	for i := range r.runs {
		r.runs[i].in = &x.inboxes[i]
	}
	r.vecs = make([]vector.Vector, len(x.types))
	for i := range r.vecs {
		r.vecs[i].Type = x.types[i]
		r.out.Columns = append(r.out.Columns, &r.vecs[i])
	}
	return r, nil
}

func (r *mergeReader) ready() bool {
	for i := range r.runs {
		// Read without the worker's own state: a run that has a parcel at hand answers too late at worst, never wrongly.
		if in := r.runs[i].in; !in.ready() {
			return false
		}
	}
	return true
}

func (r *mergeReader) next() (*vector.Batch, bool, error) {
	if r.lent >= 0 {
		r.runs[r.lent].drop(r.x)
		r.lent = -1
	}
	if !r.fill() {
		return nil, false, nil
	}
	switch {
	case r.live == 0:
		return nil, true, nil
	case r.live == 1:
		return r.alone(), false, nil
	}
	return r.merge(), false, nil
}

// fill gives every run a parcel; false = one has to wait.
func (r *mergeReader) fill() bool {
	waits := false
	for i := range r.runs {
		u := &r.runs[i]
		if u.ended || u.p != nil {
			continue
		}
		over := u.in.over()
		p := u.in.take()
		switch {
		case p != nil:
			u.hold(p, r.x.types)
			r.heads = false
		case over:
			u.ended = true
			r.live--
			r.heads = false
		default:
			waits = true
		}
	}
	return !waits
}

// hold makes p the run's parcel.
func (u *mergeRun) hold(p *parcel, ts []types.Type) {
	u.p, u.at, u.n = p, 0, p.Rows()
	if u.flat == nil {
		u.flat = make([]vector.Vector, len(ts))
		u.columns = make([]*vector.Vector, len(ts))
	}
	for i, v := range p.Columns {
		if v.Form == vector.Flat && p.Sel == nil {
			u.columns[i] = v
			continue
		}
		u.flat[i].Type = ts[i]
		v.Gather(p.Sel, &u.flat[i])
		u.columns[i] = &u.flat[i]
	}
}

// drop gives the run's parcel back.
func (u *mergeRun) drop(x *exchange) {
	if u.p != nil {
		x.release(u.p)
		u.p = nil
	}
}

// alone hands on what the only run that is left has.
func (r *mergeReader) alone() *vector.Batch {
	for i := range r.runs {
		u := &r.runs[i]
		if u.p == nil {
			continue
		}
		r.lent = i
		if u.at == 0 {
			return &u.p.Batch
		}
		for c := range r.vecs {
			r.vecs[c] = vector.Vector{Type: r.x.types[c]}
			u.columns[c].Gather(vector.Rows[u.at:u.n], &r.vecs[c])
		}
		r.out.Len, r.out.Sel = u.n-u.at, nil
		return &r.out
	}
	return nil
}

// merge picks rows until a parcel or the batch ends.
func (r *mergeReader) merge() *vector.Batch {
	if !r.heads {
		r.heap = r.heap[:0]
		for i := range r.runs {
			if r.runs[i].p != nil {
				r.heap = append(r.heap, i)
			}
		}
		for i := len(r.heap)/2 - 1; i >= 0; i-- {
			r.sink(i)
		}
		r.heads = true
	}
	r.picks = r.picks[:0]
	for len(r.picks) < vector.Size {
		u := &r.runs[r.heap[0]]
		r.picks = append(r.picks, pick{uint16(r.heap[0]), uint16(u.at)})
		if u.at++; u.at == u.n {
			break
		}
		r.sink(0)
	}
	n := len(r.picks)
	for c := range r.vecs {
		v := &r.vecs[c]
		v.Reset(n)
		switch v.Type.Lane() {
		case types.LaneBool:
			for i, p := range r.picks {
				v.Bools[i] = r.runs[p.run].columns[c].Bools[p.row]
			}
		case types.LaneInt:
			for i, p := range r.picks {
				v.Int64s[i] = r.runs[p.run].columns[c].Int64s[p.row]
			}
		case types.LaneWide:
			for i, p := range r.picks {
				v.Wides[i] = r.runs[p.run].columns[c].Wides[p.row]
			}
		case types.LaneFloat:
			for i, p := range r.picks {
				v.Floats[i] = r.runs[p.run].columns[c].Floats[p.row]
			}
		default:
			for i, p := range r.picks {
				v.Texts[i] = r.runs[p.run].columns[c].Texts[p.row]
			}
		}
		for i, p := range r.picks {
			if s := r.runs[p.run].columns[c]; s.Nulls != nil && s.Null(int(p.row)) {
				v.SetNull(i)
			}
		}
	}
	if u := &r.runs[r.heap[0]]; u.at == u.n {
		u.drop(r.x)
	}
	r.out.Len, r.out.Sel = n, nil
	return &r.out
}

// sink moves the run at i of the heap down to its place.
func (r *mergeReader) sink(i int) {
	for {
		k := 2*i + 1
		if k >= len(r.heap) {
			return
		}
		if k+1 < len(r.heap) && r.less(k+1, k) {
			k++
		}
		if !r.less(k, i) {
			return
		}
		r.heap[i], r.heap[k] = r.heap[k], r.heap[i]
		i = k
	}
}

// less orders the rows at hand of two runs of the heap.
func (r *mergeReader) less(i, j int) bool {
	a, b := &r.runs[r.heap[i]], &r.runs[r.heap[j]]
	return sortkey.CompareRows(r.keys, a.columns, a.at, b.columns, b.at) < 0
}

func (r *mergeReader) close() error {
	for i := range r.runs {
		r.runs[i].drop(r.x)
	}
	return nil
}
