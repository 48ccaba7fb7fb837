package storage

import (
	"math"
	"runtime"
	"slices"
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
// distinct values that a sample cannot tell. Other columns keep what was known.
func Analyze(v View, cols []int) *Statistics {
	def := v.Definition()
	st := &Statistics{Rows: float64(v.Rows()), Columns: make([]ColumnStats, len(def.Columns))}
	if old := v.snap.stats; old != nil {
		copy(st.Columns, old.Columns)
	}
	if cols == nil {
		cols = allColumns(def)
	}
	parts := make([]slicePart, v.Topology().Slices())
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for slice := range parts {
		if v.SliceRows(slice) == 0 {
			continue
		}
		g.Go(func() error {
			parts[slice].read(v, slice, cols)
			return nil
		})
	}
	_ = g.Wait() // the parts give no errors
	for i, c := range cols {
		t := def.Columns[c].Type
		var vals []types.Datum
		var all *distinct
		nulls := 0
		for p := range parts {
			if part := &parts[p]; part.samples != nil {
				vals = append(vals, part.samples[i]...)
				nulls += part.nulls[i]
				all = part.distinct(i).merged(all)
			}
		}
		x := summarize(t, vals, nulls, st.Rows, all)
		if lo, hi, ok := v.MinMax(c); ok && t.Lane() == types.LaneInt {
			if width := float64(hi.Int) - float64(lo.Int) + 1; x.NDistinct > width {
				x.NDistinct = width
			}
		}
		st.Columns[c] = x
	}
	return st
}

// slicePart is what ANALYZE read of a slice.
type slicePart struct {
	samples   [][]types.Datum // by column: values that are not NULL
	nulls     []int           // NULLs of the sample
	distincts []distinct      // nil when the sample is the whole table
}

// distinct is the counter of column i, nil when there is none.
func (p *slicePart) distinct(i int) *distinct {
	if p.distincts == nil {
		return nil
	}
	return &p.distincts[i]
}

// read reads a slice.
func (p *slicePart) read(v View, slice int, cols []int) {
	step := max(1, v.Rows()/sampleRows)
	p.samples, p.nulls = make([][]types.Datum, len(cols)), make([]int, len(cols))
	if step > 1 {
		p.distincts = make([]distinct, len(cols))
	}
	seen, next := int64(0), int64(0)
	s := v.Scan(slice, &ScanSpec{Columns: cols})
	_ = s.each(func(b *vector.Batch) error { // it returns what f does: nil
		for i := range p.distincts {
			p.distincts[i].add(b.Columns[i], b.Sel)
		}
		n := int64(b.Rows())
		for ; next < seen+n; next += step {
			r := int(next - seen)
			if b.Sel != nil {
				r = int(b.Sel[r])
			}
			for i, c := range b.Columns {
				if d := c.Get(r); d.Null {
					p.nulls[i]++
				} else {
					p.samples[i] = append(p.samples[i], d)
				}
			}
		}
		seen += n
		return nil
	})
}

// summarize makes the statistics of one column of a sample, by PostgreSQL's rules (analyze.c); all counted the distinct values of all rows, nil = the
// sample is all rows.
func summarize(t types.Type, vals []types.Datum, nulls int, rows float64, all *distinct) ColumnStats {
	n := len(vals)
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
		for i := range vals {
			sum += t.RawBytes(len(vals[i].Text))
		}
		st.Width = float64(sum) / float64(n)
	}
	slices.SortFunc(vals, func(a, b types.Datum) int { return types.Compare(&a, &b) })
	type run struct{ at, n int }
	var runs []run
	once := 0
	for i := range vals {
		if i > 0 && types.Compare(&vals[i-1], &vals[i]) == 0 {
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

	byCount := slices.Clone(runs)
	slices.SortStableFunc(byCount, func(a, b run) int { return b.n - a.n })
	least := 1.25 * float64(n) / d
	if len(runs) <= maxMCV && (whole || once == 0) {
		least = 0 // few values: all are listed
	}
	common := map[int]bool{}
	for _, r := range byCount[:min(maxMCV, len(byCount))] {
		if float64(r.n) < least || r.n < 2 && least > 0 {
			break
		}
		st.MCV = append(st.MCV, MCV{Value: vals[r.at], Freq: float64(r.n) / float64(n+nulls)})
		common[r.at] = true
	}
	var rest []types.Datum
	distinct := 0
	for _, r := range runs {
		if !common[r.at] {
			rest = append(rest, vals[r.at:r.at+r.n]...)
			distinct++
		}
	}
	if distinct >= 2 {
		k := min(maxHistogram, distinct)
		for i := range k {
			st.Histogram = append(st.Histogram, rest[int(math.Round(float64(i)*float64(len(rest)-1)/float64(k-1)))])
		}
	}
	return st
}
