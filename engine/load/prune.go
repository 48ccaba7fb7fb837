package load

import (
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// Op is a comparison of a Bound.
type Op uint8

// Comparisons. Eq is one of the values.
const (
	Eq Op = iota
	Lt
	Le
	Gt
	Ge
)

// Bound is a condition of a query on one column: row groups of Parquet files whose statistics say that no row meets it are not read.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-performance.html
type Bound struct {
	Column int
	Op     Op
	Values []types.Datum // one, of Eq any number; of the column's type
}

// excludes says that no value from lo to hi meets the condition. Texts compare without the blanks at their ends, so that what lies between two as files have
// them may lie outside of them here, where one continues the other: of these nothing is known.
func (b *Bound) excludes(lo, hi *types.Datum) bool {
	none := func(v *types.Datum) bool {
		if v.Null {
			return true
		}
		below, above := types.Compare(v, lo), types.Compare(v, hi)
		if v.Type.IsText() {
			text := types.TrimBlanks(v.Text)
			return b.Op == Eq && (below < 0 && !strings.HasPrefix(lo.Text, text) || above > 0 && !strings.HasPrefix(text, types.TrimBlanks(hi.Text)))
		}
		switch b.Op {
		case Eq:
			return below < 0 || above > 0
		case Lt:
			return below <= 0
		case Le:
			return below < 0
		case Gt:
			return above >= 0
		case Ge:
			return above > 0
		}
		return false
	}
	return !slices.ContainsFunc(b.Values, func(v types.Datum) bool { return !none(&v) })
}

// excluded says that the statistics of a row group leave no row that meets all conditions.
func (r *Reader) excluded(g parquet.RowGroup) bool {
	x := r.parquet
	chunks := g.ColumnChunks()
	for k := range r.job.Options.Rules.Bounds {
		b := &r.job.Options.Rules.Bounds[k]
		at := x.first[b.Column]
		if at < 0 || x.values[b.Column] == nil {
			continue
		}
		c, ok := chunks[at].(*parquet.FileColumnChunk)
		if !ok {
			continue
		}
		lo, hi, ok := c.Bounds()
		if !ok || lo.IsNull() || hi.IsNull() {
			continue
		}
		v := vector.New(r.job.Columns[b.Column].Type, 2)
		if x.values[b.Column](r, &lo, v, 0) != nil || x.values[b.Column](r, &hi, v, 1) != nil {
			r.replaced = -1
			continue
		}
		least, most := v.Get(0), v.Get(1)
		if b.excludes(&least, &most) {
			return true
		}
	}
	return false
}
