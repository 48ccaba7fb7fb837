package storage

import (
	"context"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Statistics is what ANALYZE found.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ANALYZE.html
type Statistics struct {
	At      time.Time // of the ANALYZE
	Rows    float64
	Columns []ColumnStats // by table column; NDistinct 0 = the column was not analyzed
}

// ColumnStats is what is known of a column's values.
type ColumnStats struct {
	NDistinct float64 // below 0: minus the fraction of the rows, as PostgreSQL writes it for columns that grow with the table
	NullFrac  float64
	Width     float64 // bytes; of texts with their 4 bytes of length
	MCV       []MCV   // most common values, the commonest first
	Histogram []types.Datum
}

// MCV is a common value and the fraction of the rows that have it.
type MCV struct {
	Value types.Datum
	Freq  float64
}

// Knows says whether columns cols (nil = all) have been analyzed; nobody knows anything of a table without statistics.
func (s *Statistics) Knows(cols []int) bool {
	if s == nil {
		return false
	}
	for _, c := range cols {
		if c >= len(s.Columns) || s.Columns[c].NDistinct == 0 && s.Rows > 0 {
			return false
		}
	}
	return true
}

// Sizes of a sample and of what is kept of it.
const (
	sampleRows    = 16384
	maxMCV        = 25
	maxHistogram  = 51
	growsWithRows = 0.1 // more distinct values than this part of the rows: a fraction is kept
)

// Analyze makes statistics of the columns cols (nil = all): of a sample of the rows spread over all zones, and of all rows where it is the number of
// distinct values that a sample cannot tell. Other columns keep what was known. It gives up with the error of ctx when that ends, between two batches.
func Analyze(ctx context.Context, v View, cols []int) (*Statistics, error) {
	def := v.Definition()
	st := &Statistics{Rows: float64(v.Rows()), Columns: make([]ColumnStats, len(def.Columns))}
	if old := v.snap.stats; old != nil {
		copy(st.Columns, old.Columns)
	}
	if cols == nil {
		cols = allColumns(def)
	}
	parts := make([]slicePart, v.Topology().Slices())
	tables := make([]*symbols, len(cols))
	for i, c := range cols {
		tables[i] = v.oneTable(c)
	}
	together(len(parts), func(slice int) {
		if v.SliceRows(slice) > 0 {
			parts[slice].read(ctx, v, slice, cols, tables)
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	together(len(cols), func(i int) { st.Columns[cols[i]] = v.columnStats(cols[i], i, parts, st.Rows) })
	return st, ctx.Err()
}

// together calls f for 0, 1 ... n-1, as many at a time as there are processors. A panic of one is the caller's.
func together(n int, f func(i int)) {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	var panicked atomic.Pointer[any]
	for i := range n {
		g.Go(func() error {
			defer func() {
				if p := recover(); p != nil {
					panicked.Store(&p)
				}
			}()
			f(i)
			return nil
		})
	}
	_ = g.Wait() // none gives an error
	if p := panicked.Load(); p != nil {
		panic(*p)
	}
}

// columnStats makes the statistics of column c, the i-th of the parts.
func (v View) columnStats(c, i int, parts []slicePart, rows float64) ColumnStats {
	t := v.Definition().Columns[c].Type
	var vals sample
	var all *distinct
	for p := range parts {
		if part := &parts[p]; part.samples != nil {
			vals.add(&part.samples[i], part.rows)
			all = part.distinct(i).merged(all)
		}
	}
	x := summarize(t, &vals, rows, all)
	if lo, hi, ok := v.MinMax(c); ok && t.Lane() == types.LaneInt {
		if width := float64(hi.Int) - float64(lo.Int) + 1; x.NDistinct > width {
			x.NDistinct = width
		}
	}
	return x
}

// slicePart is what ANALYZE read of a slice.
type slicePart struct {
	samples   []lane     // by column
	rows      int        // of the sample
	distincts []distinct // nil when the sample is the whole table
}

// distinct is the counter of column i, nil when there is none.
func (p *slicePart) distinct(i int) *distinct {
	if p.distincts == nil {
		return nil
	}
	return &p.distincts[i]
}

// read reads a slice: every step-th row goes to the sample. tables has what oneTable gives of each column.
func (p *slicePart) read(ctx context.Context, v View, slice int, cols []int, tables []*symbols) {
	step := max(1, v.Rows()/sampleRows)
	size := int((v.SliceRows(slice) + step - 1) / step)
	def := v.Definition()
	p.samples = make([]lane, len(cols))
	for i, c := range cols {
		p.samples[i] = newLane(def.Columns[c].Type, size)
	}
	if step > 1 {
		p.distincts = make([]distinct, len(cols))
		for i := range p.distincts {
			p.distincts[i].under(tables[i])
		}
	}
	seen, next := int64(0), int64(0)
	var sel []uint16
	var buf []byte
	s := v.Scan(slice, &ScanSpec{Columns: cols})
	if step > 1 {
		s.leave = tables
	}
	_ = s.each(func(b *vector.Batch) error { // it ends early with ctx, which the caller looks at
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range p.distincts {
			switch c, z := b.Columns[i], s.at-1-s.groupStart; {
			case c.Lent && c.Texts == nil:
				p.distincts[i].packed(&s.group.columns[cols[i]], z, c, b.Sel)
			case c.Form == vector.Narrow:
				p.distincts[i].add(c, b.Sel, &s.group.columns[cols[i]].zones[z])
			default:
				p.distincts[i].add(c, b.Sel, nil)
			}
		}
		n := int64(b.Rows())
		for sel = sel[:0]; next < seen+n; next += step {
			r := uint16(next - seen)
			if b.Sel != nil {
				r = b.Sel[r]
			}
			sel = append(sel, r)
		}
		if len(sel) > 0 {
			for i, c := range b.Columns {
				if c.Lent && c.Texts == nil {
					c.Texts = make([]string, c.Len)
					buf = s.group.columns[cols[i]].unpack(s.at-1-s.groupStart, c.Len, sel, c.Texts, buf)
				}
				p.samples[i].put(p.rows, c, sel)
				if l := p.samples[i].texts; l != nil { // a few stay as statistics, and would keep the texts of their zones
					for k := range sel {
						l[p.rows+k] = strings.Clone(l[p.rows+k])
					}
				}
			}
			p.rows += len(sel)
		}
		seen += n
		return nil
	})
}

// sample is the values of a column's sample that are not NULL, in the slice of their lane.
type sample struct {
	ints     []int64 // booleans as well, as 0 and 1
	floats   []float64
	texts    []string
	wides    []types.Int128
	n, nulls int
}

// add takes the first rows of a lane in.
func (s *sample) add(l *lane, rows int) {
	for i := range rows {
		switch {
		case l.nulls[i] != 0:
			s.nulls++
			continue
		case l.ints != nil:
			s.ints = append(s.ints, l.ints[i])
		case l.texts != nil:
			s.texts = append(s.texts, l.texts[i])
		case l.floats != nil:
			s.floats = append(s.floats, l.floats[i])
		case l.wides != nil:
			s.wides = append(s.wides, l.wides[i])
		case l.bools[i]:
			s.ints = append(s.ints, 1)
		default:
			s.ints = append(s.ints, 0)
		}
		s.n++
	}
}

// sort orders the values.
func (s *sample) sort(t types.Type) {
	slices.Sort(s.ints)
	slices.SortFunc(s.texts, types.CompareText)
	slices.SortFunc(s.floats, types.CompareFloat)
	slices.SortFunc(s.wides, func(a, b types.Int128) int { return types.CompareWide(t.Kind, a, b) })
}

// at gives value i.
func (s *sample) at(t types.Type, i int) types.Datum {
	d := types.Datum{Type: t}
	switch t.Lane() {
	case types.LaneBool:
		d.Bool = s.ints[i] != 0
	case types.LaneInt:
		d.Int = s.ints[i]
	case types.LaneFloat:
		d.Float = s.floats[i]
	case types.LaneWide:
		d.Wide = s.wides[i]
	default:
		d.Text = s.texts[i]
	}
	return d
}

// kept is at for a value that outlives the sample: its text is a copy, for the one in the sample is part of something large.
func (s *sample) kept(t types.Type, i int) types.Datum {
	d := s.at(t, i)
	d.Text = strings.Clone(d.Text)
	return d
}

// run is equal values of a sorted sample.
type run struct{ at, n int }

// runs parts the sorted sample into runs, and counts those of one value.
func (s *sample) runs(t types.Type) (runs []run, once int) {
	for i := range s.n {
		if i > 0 && s.same(t, i-1) {
			runs[len(runs)-1].n++
			continue
		}
		runs = append(runs, run{i, 1})
	}
	for _, r := range runs {
		if r.n == 1 {
			once++
		}
	}
	return runs, once
}

// same says whether values i and i+1 are equal.
func (s *sample) same(t types.Type, i int) bool {
	if t.Lane() == types.LaneInt {
		return s.ints[i] == s.ints[i+1]
	}
	a, b := s.at(t, i), s.at(t, i+1)
	return types.Compare(&a, &b) == 0
}

// summarize makes the statistics of one column of a sample, by PostgreSQL's rules (analyze.c); all counted the distinct values of all rows, nil = the
// sample is all rows.
func summarize(t types.Type, vals *sample, rows float64, all *distinct) ColumnStats {
	n, nulls := vals.n, vals.nulls
	st := ColumnStats{Width: float64(t.RawBytes(0))}
	if n+nulls == 0 {
		return st
	}
	st.NullFrac = float64(nulls) / float64(n+nulls)
	if n == 0 {
		st.NDistinct = 1
		return st
	}
	if t.Lane() == types.LaneText && t.Kind != types.Char {
		sum := 0
		for _, x := range vals.texts {
			sum += t.RawBytes(len(x))
		}
		st.Width = float64(sum) / float64(n)
	}
	if t.Kind == types.Super || t.IsOpaque() { // values of it are equal in other bytes, and have no order that a histogram would help with
		st.NDistinct = -1
		return st
	}
	vals.sort(t)
	runs, once := vals.runs(t)
	d := float64(len(runs))
	whole := float64(n+nulls) >= rows // the sample is the table
	st.NDistinct = d
	if all != nil {
		whole = false
		st.NDistinct = max(d, min(all.estimate(), rows*(1-st.NullFrac)))
	}
	if !whole && st.NDistinct > growsWithRows*rows {
		st.NDistinct = -min(1, st.NDistinct/rows)
	}
	least := 1.25 * float64(n) / d
	if len(runs) <= maxMCV && (whole || once == 0) {
		least = 0 // few values: all are listed
	}
	byCount := slices.Clone(runs)
	slices.SortStableFunc(byCount, func(a, b run) int { return b.n - a.n })
	common := map[int]bool{}
	for _, r := range byCount[:min(maxMCV, len(byCount))] {
		if float64(r.n) < least || r.n < 2 && least > 0 {
			break
		}
		st.MCV = append(st.MCV, MCV{Value: vals.kept(t, r.at), Freq: float64(r.n) / float64(n+nulls)})
		common[r.at] = true
	}
	var rest []int // the values that are not common, by their places
	distinct := 0
	for _, r := range runs {
		if common[r.at] {
			continue
		}
		distinct++
		for i := range r.n {
			rest = append(rest, r.at+i)
		}
	}
	if distinct >= 2 {
		k := min(maxHistogram, distinct)
		for i := range k {
			st.Histogram = append(st.Histogram, vals.kept(t, rest[int(math.Round(float64(i)*float64(len(rest)-1)/float64(k-1)))]))
		}
	}
	return st
}
