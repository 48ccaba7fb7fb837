package compile

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// restriction lets the values of a column of a table that is filled first prune the scans that a column of a later flow comes from: rows with other
// values, or NULL, have no partner in it.
//
//	scan lineitem | dist -> aggr by l_partkey | hjoin part          part's keys reach the scan of lineitem
//	scan lineitem | hjoin orders | hjoin big                        big's order keys reach lineitem, and the scan that table orders is built from
type restriction struct {
	c   *compiler
	f   *flow // of the segments that no stream has yet
	key exec.RuntimeFilter
	typ types.Type
}

// restrict lets columns of a table prune what the columns of a flow, one to one with them, come from.
func (c *compiler) restrict(f *flow, at []int, table int, from []int, ts []types.Type) {
	for i := range at {
		r := restriction{c: c, f: f, key: exec.RuntimeFilter{Table: table, From: from[i]}, typ: ts[from[i]]}
		for _, g := range f.open {
			r.from(g, len(g.Steps), at[i])
		}
	}
}

// widths are the numbers of columns that the first n steps of a segment get.
func widths(g *exec.Segment, n int) []int {
	out := make([]int, n)
	w := len(g.Types)
	for i := range out {
		out[i] = w
		switch s := g.Steps[i].(type) {
		case *exec.ProjectStep:
			w = len(s.Types)
		case *exec.HJoinStep:
			w = len(s.Types)
		case *exec.NLoopStep:
			w = len(s.Types)
		case *exec.AggrStep:
			w = len(s.Types)
		case *exec.WindowStep:
			w = len(s.Types)
		case *exec.ExpandStep:
			w++
		case *exec.UnnestStep:
			w = len(s.Types)
		}
	}
	return out
}

// from follows column at of the rows that step number end of a segment gets back to where it comes from, through what asks nothing of the rows that go:
// a group that loses some of its rows loses all.
func (r *restriction) from(g *exec.Segment, end, at int) {
	wide := widths(g, end)
	for i := end - 1; i >= 0; i-- {
		switch s := g.Steps[i].(type) {
		case *exec.FilterStep, *exec.DistStep, *exec.BcastStep, *exec.ReturnStep, *exec.UniqueStep:
		case *exec.SortStep:
			if s.Limit > 0 {
				return
			}
		case *exec.ExpandStep:
			if at == wide[i] {
				return
			}
		case *exec.UnnestStep:
			if at >= len(s.Keep) {
				return
			}
			at = s.Keep[at]
		case *exec.AggrStep:
			if at >= len(s.Groups) {
				return
			}
			at = s.Groups[at]
		case *exec.WindowStep:
			if !slices.Contains(s.Partition, at) {
				return
			}
		case *exec.NLoopStep:
			if at >= wide[i] { // a column of its table
				return
			}
		case *exec.HJoinStep:
			if at >= wide[i] {
				if s.Kind == exec.InnerJoin || s.Kind == exec.LeftJoin {
					r.builder(s.Table, at-wide[i])
				}
				return
			}
			r.partners(s, at)
		case *exec.ProjectStep:
			if at = s.PassThrough[at]; at < 0 {
				return
			}
		default:
			return
		}
	}
	switch s := g.Source.(type) {
	case *exec.ScanSource:
		if at < len(s.Columns) && g.Types[at].Lane() == types.LaneInt && comparable(g.Types[at], r.typ) {
			r.key.Column = at
			s.Runtime = append(s.Runtime, r.key)
		}
	case *exec.InboxSource:
		r.each(func(o *exec.Segment, last exec.StepSpec) {
			if sends(last) == s.Exchange {
				r.from(o, len(o.Steps), at)
			}
		})
	case *exec.SavedSource:
		if !r.c.first[s.Table] || s.Table <= r.key.Table {
			return
		}
		r.each(func(o *exec.Segment, last exec.StepSpec) {
			if h, ok := last.(*exec.HashStep); ok && h.Table == s.Table {
				r.from(o, len(o.Steps)-1, at)
			}
		})
	}
}

// partners restricts the rows that a join's table is built from, when column at of its probe rows is a key: those with other keys meet only rows that go.
// A NULL among them says something to NOT IN, a second one to a scalar subquery, and right and full joins hand them on.
func (r *restriction) partners(s *exec.HJoinStep, at int) {
	switch s.Kind {
	case exec.InnerJoin, exec.LeftJoin, exec.SemiJoin, exec.AntiJoin:
	default:
		return
	}
	k := slices.Index(s.Keys, at)
	if k < 0 {
		return
	}
	r.each(func(_ *exec.Segment, last exec.StepSpec) {
		if h, ok := last.(*exec.HashStep); ok && h.Table == s.Table {
			r.builder(s.Table, h.Keys[k])
		}
	})
}

// builder restricts the rows that a table is built from, if that is after the table that restricts. A row of a left join that loses its partners has NULL
// where they were, and goes by that.
func (r *restriction) builder(table, at int) {
	if table <= r.key.Table {
		return
	}
	r.each(func(o *exec.Segment, last exec.StepSpec) {
		if h, ok := last.(*exec.HashStep); ok && h.Table == table && !h.Save {
			r.from(o, len(o.Steps)-1, at)
		}
	})
}

// each visits the segments so far, with their last steps.
func (r *restriction) each(visit func(g *exec.Segment, last exec.StepSpec)) {
	see := func(g *exec.Segment) {
		if n := len(g.Steps); n > 0 {
			visit(g, g.Steps[n-1])
		}
	}
	for _, g := range r.f.done {
		see(g)
	}
	for _, s := range r.c.streams {
		for _, g := range s.Segments {
			see(g)
		}
	}
}

// sends gives the exchange that a step sends to, -1 = none that may be restricted.
func sends(s exec.StepSpec) int {
	switch s := s.(type) {
	case *exec.DistStep:
		return s.Exchange
	case *exec.BcastStep:
		return s.Exchange
	case *exec.ReturnStep:
		return s.Exchange
	}
	return -1
}
