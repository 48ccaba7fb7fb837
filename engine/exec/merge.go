package exec

import (
	"math"
	"sync/atomic"

	"github.com/redshiftsim/redshiftsim/engine/exec/sortkey"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// mergeReader is the running MergeSource: it merges the sorted queues of an Ordered exchange.
//
//	queue 0  [1979 1985 ..] [..]    runs[0] at row 2 ---+
//	queue 1  [1942 ..]              runs[1] at row 1 ---+--> tree of runs by the word of their next row --> picks --> a batch
//	queue 2  ended
//
// It waits only for runs that have given their parcel out and have not ended. A batch ends where a run's parcel does, so that rows are gathered while
// their parcels are there; a run that has given its last row gives no parcel any more, and the batch goes on without it. The last run that is left is handed on parcel by parcel.
type mergeReader struct {
	x     *exchange
	keys  []sortkey.Key
	runs  []mergeRun
	live  int  // runs that have not ended
	stale bool // a run has a new parcel, or has ended: the tree must be made anew
	// tree[0] is the run whose row comes first; tree[i], i > 0, came second where the winners of nodes 2i and 2i+1 met. Leaf i of n is node n+i.
	tree  []mergeHead
	first []mergeHead // room of build

	out   vector.Batch
	picks []mergePick
	lent  int // run whose parcel was handed on as it is, -1 = none
}

// mergeRun is one queue and its parcel at hand.
type mergeRun struct {
	in      *inbox
	p       *parcel
	columns []*vector.Vector // of the parcel, Flat and dense
	flat    []gathered
	heads   []uint64
	at, n   int
	ended   bool
	done    bool        // its last row has been picked: it ends with the batch
	waits   atomic.Bool // it has not ended, and no parcel that lasts beyond the next batch
}

// mergeHead is a run and the word of its next row.
type mergeHead struct {
	word uint64
	run  uint32
	leaf uint32 // its node
}

// mergePick is a row of a run's parcel.
type mergePick struct{ run, row uint16 }

// open makes the reader of the leader's pipeline.
func (s *MergeSource) open(t *task) (reader, error) {
	x := &t.q.exchanges[s.Exchange]
	r := &mergeReader{x: x, keys: sortKeys(s.Keys), runs: make([]mergeRun, len(x.inboxes)), live: len(x.inboxes), stale: true, lent: -1}
	for i := range r.runs {
		r.runs[i].in = &x.inboxes[i]
		r.runs[i].waits.Store(true)
	}
	if t.q.options.Shuffle != 0 { // of rows that tie the first run's comes first
		t.q.random().Shuffle(len(r.runs), func(i, j int) { r.runs[i].in, r.runs[j].in = r.runs[j].in, r.runs[i].in })
	}
	r.out.Columns = newVectors(len(x.types))
	for i, v := range r.out.Columns {
		v.Type = x.types[i]
	}
	return r, nil
}

// ready says that every run that waits would get a parcel, or its end.
func (r *mergeReader) ready() bool {
	for i := range r.runs {
		if u := &r.runs[i]; u.waits.Load() && !u.in.ready() {
			return false
		}
	}
	return true
}

// next gives the next rows.
func (r *mergeReader) next() (*vector.Batch, bool, error) {
	if r.lent >= 0 {
		r.drop(&r.runs[r.lent])
		r.lent = -1
	}
	switch {
	case !r.fill():
		return nil, false, nil
	case r.live == 0:
		return nil, true, nil
	case r.live == 1:
		return r.alone(), false, nil
	}
	return r.merge(), false, nil
}

// fill gives every run a parcel; false = one must wait.
func (r *mergeReader) fill() bool {
	full := true
	for i := range r.runs {
		u := &r.runs[i]
		if u.ended || u.p != nil {
			continue
		}
		over := u.in.over()
		switch p := u.in.take(); {
		case p != nil:
			r.hold(u, p)
		case over:
			u.ended = true
			u.waits.Store(false)
			r.live--
			r.stale = true
		default:
			full = false
		}
	}
	return full
}

// hold makes p the run's parcel. A run that is alone needs no words.
func (r *mergeReader) hold(u *mergeRun, p *parcel) {
	u.p, u.at, u.n = p, 0, p.Rows()
	u.waits.Store(false)
	r.stale = true
	if r.live == 1 {
		return
	}
	if u.flat == nil {
		u.flat, u.columns = make([]gathered, len(p.Columns)), make([]*vector.Vector, len(p.Columns))
	}
	if cap(u.heads) < u.n {
		u.heads = make([]uint64, u.n, min(vector.Size, 2*u.n))
	}
	u.heads = u.heads[:cap(u.heads)]
	for i, v := range p.Columns {
		if v.Form != vector.Flat || p.Sel != nil {
			v = u.flat[i].flat(v, p.Sel, u.n)
		}
		u.columns[i] = v
	}
	sortkey.Heads(u.columns, r.keys, u.n, u.heads)
}

// drop gives the run's parcel back.
func (r *mergeReader) drop(u *mergeRun) {
	if u.p != nil {
		r.x.release(u.p)
		u.p = nil
		u.waits.Store(true)
	}
}

// alone hands on what the only run that is left has.
func (r *mergeReader) alone() *vector.Batch {
	i := 0
	for r.runs[i].ended {
		i++
	}
	u := &r.runs[i]
	if u.at == 0 {
		r.lent = i
		u.waits.Store(true)
		return &u.p.Batch
	}
	n := u.n - u.at
	for c, v := range r.out.Columns {
		u.columns[c].Gather(vector.Rows[u.at:u.n], v)
	}
	r.drop(u)
	r.out.Len = n
	return &r.out
}

// merge gives rows until a parcel ends or the batch is full.
func (r *mergeReader) merge() *vector.Batch {
	if r.stale {
		r.build()
	}
	r.picks = r.picks[:0]
	top := &r.tree[0]
	for len(r.picks) < vector.Size {
		u := &r.runs[top.run]
		if u.done { // so are all others
			break
		}
		r.picks = append(r.picks, mergePick{uint16(top.run), uint16(u.at)})
		if u.at++; u.at < u.n {
			r.play(u.heads[u.at])
			continue
		}
		if u.done = u.in.empty(); !u.done {
			break
		}
		r.play(math.MaxUint64)
	}
	r.gather()
	for i := range r.runs {
		if u := &r.runs[i]; u.p != nil && u.at == u.n {
			r.drop(u)
		}
	}
	return &r.out
}

// build makes the tree of the runs that have not ended: at least two.
func (r *mergeReader) build() {
	if r.first == nil {
		r.first = make([]mergeHead, 2*r.live)
	}
	first := r.first[:2*r.live] // who comes first below each node; the leaves are behind the nodes
	at := r.live
	for i := range r.runs {
		if u := &r.runs[i]; !u.ended {
			first[at] = mergeHead{u.heads[u.at], uint32(i), uint32(at)}
			at++
		}
	}
	r.tree = append(r.tree[:0], first[:r.live]...)
	for i := r.live - 1; i > 0; i-- {
		a, b := first[2*i], first[2*i+1]
		if r.less(b, a) {
			a, b = b, a
		}
		first[i], r.tree[i] = a, b
	}
	r.tree[0] = first[1]
	r.stale = false
}

// play finds who comes first when the run that did has moved on to a row of this word.
func (r *mergeReader) play(word uint64) {
	t := r.tree
	h := t[0]
	h.word = word
	for i := h.leaf / 2; i > 0; i /= 2 {
		if o := t[i]; o.word < h.word || o.word == h.word && r.less(o, h) {
			t[i], h = h, o
		}
	}
	t[0] = h
}

// less orders the next rows of two runs.
func (r *mergeReader) less(a, b mergeHead) bool {
	if a.word != b.word {
		return a.word < b.word
	}
	x, y := &r.runs[a.run], &r.runs[b.run]
	if x.done || y.done {
		return !x.done
	}
	return sortkey.CompareRows(r.keys, x.columns, x.at, y.columns, y.at) < 0
}

// gather makes the batch of the picks.
func (r *mergeReader) gather() {
	n := len(r.picks)
	for c, v := range r.out.Columns {
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
		if !r.nulls(c) {
			continue
		}
		for i, p := range r.picks {
			if s := r.runs[p.run].columns[c]; s.Nulls != nil && s.Null(int(p.row)) {
				v.SetNull(i)
			}
		}
	}
	r.out.Len = n
}

// nulls says whether column c of a run's parcel has NULLs.
func (r *mergeReader) nulls(c int) bool {
	for _, h := range r.tree {
		if r.runs[h.run].columns[c].Nulls != nil {
			return true
		}
	}
	return false
}

// close gives the parcels back; what still waits in the queues is nobody's.
func (r *mergeReader) close() error {
	for i := range r.runs {
		r.drop(&r.runs[i])
		r.runs[i].in.close()
	}
	return nil
}
