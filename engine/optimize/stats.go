package optimize

import (
	"math"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// relation is a scanned table as the estimates see it.
type relation struct {
	scan     *plan.Scan
	stats    *storage.Statistics // nil = never analyzed
	tuples   float64             // rows of the table
	rows     float64             // rows after the scan's filter
	loaded   bool
	unsorted float64
	spread   bool
}

// columnRef says which column of which table a plan column is; rel nil = computed.
type columnRef struct {
	rel  *relation
	attr int
}

// relation gives the relation of a scan, made when first asked for.
func (o *optimizer) relation(s *plan.Scan) *relation {
	r := &relation{scan: s}
	var t TableStats
	if o.env.Stats != nil {
		t = o.env.Stats(s.Table)
	}
	r.stats, r.loaded, r.unsorted, r.spread = t.Statistics, t.Loaded, t.Unsorted, t.Spread
	switch {
	case t.Loaded || t.Rows > 0:
		r.tuples = max(t.Rows, 1)
		if r.stats == nil && onAll(s) { // every node's copy is counted until ANALYZE
			r.tuples *= float64(max(o.env.Topology.Nodes, 1))
		}
		r.loaded = true
	case r.stats != nil:
		r.tuples, r.loaded = max(r.stats.Rows, 1), true
	default:
		r.tuples = unloaded(s)
	}
	r.rows = r.tuples
	o.rels = append(o.rels, r)
	for i, c := range s.Output {
		for int(c.ID) >= len(o.refs) {
			o.refs = append(o.refs, columnRef{})
		}
		o.refs[c.ID] = columnRef{r, s.Attrs[i]}
	}
	return r
}

// unloaded is PostgreSQL's guess for a table that never held a row: ten pages of rows of the declared width.
func unloaded(s *plan.Scan) float64 {
	w := 0
	for i := range s.Table.Columns {
		w += typeWidth(s.Table.Columns[i].Type)
	}
	return max(10*math.Floor(8172/float64(w+54)), 1)
}

func onAll(s *plan.Scan) bool {
	d := s.Table.Def
	return d != nil && (d.Dist.Style == storage.All || d.Dist.Style == storage.AutoAll)
}

// ref finds the table column behind a plan column.
func (o *optimizer) ref(id expr.ColumnID) (columnRef, *storage.ColumnStats) {
	if int(id) >= len(o.refs) {
		return columnRef{}, nil
	}
	r := o.refs[id]
	if r.rel == nil || r.rel.stats == nil || r.attr < 0 || r.attr >= len(r.rel.stats.Columns) {
		return r, nil
	}
	return r, &r.rel.stats.Columns[r.attr]
}

// typeWidth is the average width of a value of a type when nothing is known of the values (PostgreSQL's get_typavgwidth).
func typeWidth(t types.Type) int {
	wide := func(m int) int {
		switch {
		case m <= 32:
			return m
		case m < 1000:
			return 32 + (m-32)/2
		}
		return 32 + (1000-32)/2
	}
	switch t.Kind {
	case types.Bool:
		return 1
	case types.Int2:
		return 2
	case types.Int4, types.Date, types.Float4, types.OID, types.IntervalYM:
		return 4
	case types.Numeric:
		return (int(t.Prec)+1)/2 + 8
	case types.Char:
		return 3*int(t.Len) + 4
	case types.Varchar, types.Text, types.Unknown, types.Varbyte, types.Super:
		if t.Len == 0 {
			return 32
		}
		return wide(3*int(t.Len) + 4)
	case types.Name:
		return 64
	case types.Interval, types.TimeTZ:
		return 12
	}
	return 8
}

// width is the average width of a column: from the statistics where it is known (ColumnStats.Width of a text column has its 4 bytes of length).
func (o *optimizer) width(c *plan.Column) int {
	_, st := o.ref(c.ID)
	switch c.Type.Kind {
	case types.Char, types.Varchar, types.Text, types.Numeric, types.Super, types.Varbyte:
		if st == nil || st.Width <= 0 {
			break
		}
		if c.Type.Kind == types.Char {
			return int(c.Type.Len) + 4
		}
		return int(st.Width)
	}
	return typeWidth(c.Type)
}

// widthOf is the width of those columns of a node that are needed.
func (o *optimizer) widthOf(cols []plan.Column, need plan.Set) int {
	w := 0
	for i := range cols {
		if need.Has(cols[i].ID) {
			w += o.width(&cols[i])
		}
	}
	return w
}

// defaultDistinct is the number of distinct values assumed where nothing is known.
const defaultDistinct = 200

// distinctOf estimates the number of distinct values of a column.
func (o *optimizer) distinctOf(id expr.ColumnID) float64 {
	r, st := o.ref(id)
	switch {
	case r.rel == nil:
		return defaultDistinct
	case st == nil || st.NDistinct == 0:
		return min(defaultDistinct, r.rel.tuples)
	case st.NDistinct < 0: // a fraction of the rows, as PostgreSQL writes it
		return max(-st.NDistinct*r.rel.tuples, 1)
	}
	return max(st.NDistinct, 1)
}

// groups estimates how many groups rows make by columns; exprs that compute a group column lend it their columns.
func (o *optimizer) groups(ids []expr.ColumnID, rows float64) float64 {
	type part struct {
		rel *relation
		combined
	}
	var parts []part
	for _, id := range ids {
		r, _ := o.ref(id)
		at := -1
		for i := range parts {
			if r.rel != nil && parts[i].rel == r.rel {
				at = i
			}
		}
		if at < 0 {
			at = len(parts)
			parts = append(parts, part{rel: r.rel})
		}
		parts[at].add(o.distinctOf(id))
	}
	total := 1.0
	for i := range parts {
		p := &parts[i]
		nd := p.product
		if p.rel != nil {
			nd = p.values(p.rel.tuples)
			if p.rel.rows < p.rel.tuples {
				nd *= p.rel.rows / p.rel.tuples
			}
		}
		total *= max(nd, 1)
	}
	return clampRows(min(total, rows))
}

// clampRows makes an estimate whole and at least 1. The small slack keeps a product that is whole but for rounding whole.
func clampRows(r float64) float64 {
	if r <= 1 || math.IsNaN(r) {
		return 1
	}
	return math.Ceil(r - r*1e-12)
}
