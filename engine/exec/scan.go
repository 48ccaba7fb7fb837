package exec

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/exec/hashtable"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// A worker takes zones in ranges: rangeShare of what would be its part of those that are left, so that what lies together in a table is mostly seen by one
// pipeline, and at least rangeZones.
const (
	rangeZones = 16
	rangeShare = 4
)

// scanning is a ScanSource in a run: its predicates have values, and it is known which slices read.
type scanning struct {
	spec    *ScanSource
	view    storage.View
	preds   []storage.Predicate
	only    int                 // the slice of the distribution key's value; -1 = all
	never   bool                // no row can pass
	delayed bool                // a hash table restricts it
	sets    []*hashtable.KeySet // of the predicates that are Among, in their order
}

// scanning computes the predicates of a scan, in the room of c if there is any.
func (q *query) scanning(c *scanning, s *ScanSource) (*scanning, error) {
	if c == nil {
		c = &scanning{}
	}
	*c = scanning{spec: s, view: q.views[s.View], only: -1, preds: c.preds[:0]}
	if n := len(s.Predicates) + 2*len(s.Runtime); n > cap(c.preds) {
		c.preds = make([]storage.Predicate, 0, n)
	}
	var err error
	if c.preds, c.never, err = s.bound(q.env, c.preds); err != nil {
		return nil, err
	}
	if s.KeyPred >= 0 {
		c.only = int(storage.SlotOf(&c.preds[s.KeyPred].Value, q.p.Slices))
	}
	for _, f := range s.Runtime {
		lo, hi, none, ok := q.tables[f.Table].bounds(f.From)
		c.never = c.never || none
		if !ok {
			continue
		}
		c.delayed = true
		at := s.Columns[f.Column]
		set, err := q.tables[f.Table].keySet(q, f.From, lo.Int, hi.Int, c.view.Rows())
		if err != nil {
			return nil, err
		}
		if set != nil {
			c.sets = append(c.sets, set)
			c.preds = append(c.preds, storage.Predicate{Column: at, Op: storage.Among, Values: []types.Datum{lo, hi}})
			continue
		}
		c.preds = append(c.preds, storage.Predicate{Column: at, Op: storage.Ge, Value: lo}, storage.Predicate{Column: at, Op: storage.Le, Value: hi})
	}
	return c, nil
}

// Bound gives the conditions of the scan that zone maps can use, with the values that they have in env, which must have the program's parameters.
func (s *ScanSource) Bound(env *function.Env) ([]storage.Predicate, error) {
	out, _, err := s.bound(env, nil)
	return out, err
}

// bound is Bound behind what is in out; never says that no row can pass.
func (s *ScanSource) bound(env *function.Env, preds []storage.Predicate) (_ []storage.Predicate, never bool, err error) {
	for i := range s.Predicates {
		p := &s.Predicates[i]
		out := storage.Predicate{Column: p.Column, Op: p.Op}
		if p.Value != nil {
			if out.Value, err = p.Value.Const(env); err != nil {
				return preds, never, err
			}
			never = never || out.Value.Null
			if p.Days && !never {
				never = !wholeDays(&out)
			}
		}
		for _, v := range p.Values {
			d, err := v.Const(env)
			if err != nil {
				return preds, never, err
			}
			out.Values = append(out.Values, d)
		}
		preds = append(preds, out)
	}
	return preds, never, nil
}

// wholeDays turns the timestamp that dates are compared with into a date, and the comparison into the one that gives the same; false = no date passes.
func wholeDays(p *storage.Predicate) bool {
	days, rest := types.SplitMicros(p.Value.Int)
	p.Value = types.Datum{Type: types.TDate, Int: days}
	if rest == 0 {
		return true
	}
	switch p.Op {
	case storage.Eq:
		return false
	case storage.Ne:
		*p = storage.Predicate{Column: p.Column, Op: storage.IsNotNull}
	case storage.Lt, storage.Ge: // below noon is up to the day, from noon on is after it
		p.Value.Int++
	}
	return true
}

// place says what the part reads: which shard, and how many zones of it. false = nothing. The one copy of a DISTSTYLE ALL table is read by slice 0, or
// by each slice for itself.
// https://docs.aws.amazon.com/redshift/latest/dg/c_choosing_dist_sort.html
func (c *scanning) place(p *part) bool {
	p.shard = p.slice
	if c.view.All() {
		if p.slice > 0 && !c.spec.EverySlice {
			return false
		}
		p.shard = 0
	} else if c.only >= 0 && c.only != p.slice {
		return false
	}
	if !c.never {
		p.zones = c.view.Zones(p.shard)
	}
	return p.zones > 0
}

// scanReader reads ranges of zones of one shard.
type scanReader struct {
	c       *scanning
	part    *part
	spec    storage.ScanSpec
	zones   storage.ZoneRange
	workers int // that share the part
	scanner *storage.Scanner
	stale   bool // the scanner is of a run before
	filter  *expr.State
	within  bool // a range is being read
	batch   vector.Batch
	sets    []setTrial
}

// setTrial is a set filter in use. One that drops too little rests, longer each time: in a table that lies in some order it may be of use further on, as the
// orders of a year are for line items in the order of their shipping.
type setTrial struct {
	set         *hashtable.KeySet
	asked, kept int
	rest        int // rows until it is asked again
	pause       int // its last rest
}

// Of each trialRows rows that a set is asked about it must drop one in trialWorth; else it rests for firstPause rows, or twice as long as the last time, at
// most longPause.
const (
	trialRows  = 8 * vector.Size
	trialWorth = 8
	firstPause = 4 * trialRows
	longPause  = 64 * trialRows
)

func (s *ScanSource) open(t *task) (reader, error) {
	r := &scanReader{c: t.part.seg.scan, part: t.part, workers: t.q.wanted + 1}
	r.spec = storage.ScanSpec{Columns: s.Columns, Predicates: r.c.preds, RowIDs: s.RowIDs, Zones: &r.zones}
	if s.Filter != nil {
		r.filter = s.Filter.NewState(t.env())
	}
	r.own()
	return r, nil
}

// own makes the sets among the predicates the reader's own: each reader finds out where they are of use.
func (r *scanReader) own() {
	r.spec.Predicates = r.c.preds
	if len(r.c.sets) == 0 {
		return
	}
	r.spec.Predicates, r.sets = slices.Clone(r.c.preds), make([]setTrial, len(r.c.sets))
	k := 0
	for i := range r.spec.Predicates {
		if p := &r.spec.Predicates[i]; p.Op == storage.Among {
			r.sets[k].set = r.c.sets[k]
			p.Set = &r.sets[k]
			k++
		}
	}
}

// take gives the next range of zones to one of so many workers, all when there is nobody to share them with; false = none is left.
func (p *part) take(workers int) (storage.ZoneRange, bool) {
	for {
		at := p.at.Load()
		n := int64(p.zones) - at
		if n <= 0 {
			return storage.ZoneRange{}, false
		}
		if workers > 1 {
			n = min(n, max(rangeZones, n/int64(rangeShare*workers)))
		}
		if p.at.CompareAndSwap(at, at+n) {
			return storage.ZoneRange{From: int(at), To: int(at + n)}, true
		}
	}
}

// reopen keeps the scanner, which goes to another slice of the same view.
func (r *scanReader) reopen(t *task) {
	r.c, r.part, r.within = t.part.seg.scan, t.part, false
	if n := len(r.sets); n > 0 && n == len(r.c.sets) { // the scanner has them
		for i, set := range r.c.sets {
			r.sets[i] = setTrial{set: set}
		}
	} else {
		r.own()
	}
	if r.scanner != nil && !r.stale {
		r.scanner.Turn(r.c.view, t.part.shard)
	}
}

func (r *scanReader) ready() bool { return true }

// next gives the next zone's rows; a batch without rows when the filter keeps none, so that the driver may look up.
func (r *scanReader) next() (*vector.Batch, bool, error) {
	if !r.within {
		z, ok := r.part.take(r.workers)
		if !ok {
			return nil, true, nil
		}
		switch {
		case r.scanner == nil:
			r.zones = z
			r.scanner = r.c.view.Scan(r.part.shard, &r.spec)
		case r.stale:
			r.zones, r.stale = z, false
			r.c.view.Rescan(r.scanner, r.part.shard, &r.spec)
		default:
			r.scanner.Move(z)
		}
		r.within = true
	}
	ok, err := r.scanner.Next(&r.batch)
	if err != nil {
		return nil, false, err
	}
	if !ok {
		r.within = false
		return nil, r.part.at.Load() >= int64(r.part.zones), nil
	}
	if r.filter != nil {
		if err := r.filter.Filter(&r.batch); err != nil {
			return nil, false, err
		}
	}
	return &r.batch, false, nil
}

// Filter drops the rows that have no partner in the table that restricts the scan, unless the set rests.
func (f *setTrial) Filter(v *vector.Vector, sel []uint16, n int, out []uint16) int {
	if f.rest > 0 {
		f.rest -= n
		return n
	}
	k := f.set.Filter(v, sel, n, out)
	f.asked, f.kept = f.asked+n, f.kept+k
	if f.asked > trialRows {
		f.judge()
	}
	return k
}

// judge ends a trial.
func (f *setTrial) judge() {
	if f.kept > f.asked-f.asked/trialWorth {
		f.pause = min(max(firstPause, 2*f.pause), longPause)
		f.rest = f.pause
	} else {
		f.pause = 0
	}
	f.asked, f.kept = 0, 0
}

func (r *scanReader) close() error {
	if r.scanner != nil {
		r.scanner.Close()
	}
	return nil
}
