package storage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// sortColumns are columns to sort by, one of each lane, and the number of the row.
var sortColumns = []Column{
	{Name: "i", Type: types.TInt8},
	{Name: "t", Type: types.TVarchar(20)},
	{Name: "f", Type: types.TFloat8},
	{Name: "w", Type: types.TNumeric(38, 0)},
	{Name: "b", Type: types.TBool},
	{Name: "row", Type: types.TInt8},
}

// sortValue makes a value of sortColumns of which there are few; share of 10 are NULL.
func sortValue(r *rand.Rand, c, share int) types.Datum {
	d := types.Datum{Type: sortColumns[c].Type, Null: r.IntN(10) < share}
	switch c {
	case 0:
		d.Int = []int64{math.MinInt64, -1, 0, 1, math.MaxInt64}[r.IntN(5)]
	case 1:
		d.Text = []string{"", "a", "a ", "a\t", "ab", "b", "é"}[r.IntN(7)]
	case 2:
		d.Float = []float64{math.NaN(), math.Inf(-1), math.Inf(1), 0, math.Copysign(0, -1), 1.5, -1.5}[r.IntN(7)]
	case 3:
		d.Wide = types.Int128{Hi: r.Int64N(3) - 1, Lo: []uint64{0, 1, math.MaxUint64}[r.IntN(3)]}
	case 4:
		d.Bool = r.IntN(2) == 0
	}
	return d
}

// keyOrder compares two rows by columns, NULLs last.
func keyOrder(columns []int, a, b []types.Datum) int {
	for _, c := range columns {
		x, y := &a[c], &b[c]
		order := 0
		switch {
		case x.Null && y.Null:
		case x.Null:
			order = 1
		case y.Null:
			order = -1
		default:
			order = types.Compare(x, y)
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// appendRows gives rows to a slice, in two batches.
func appendRows(t *testing.T, w *Writer, slice int, rows [][]types.Datum) {
	t.Helper()
	for _, part := range [][][]types.Datum{rows[:len(rows)/2], rows[len(rows)/2:]} {
		for len(part) > 0 {
			n := min(len(part), vector.Size)
			b := &vector.Batch{Len: n}
			for c := range part[0] {
				v := vector.New(part[0][c].Type, n)
				for i := range n {
					v.Set(i, part[i][c])
				}
				b.Columns = append(b.Columns, v)
			}
			if err := w.Append(slice, b); err != nil {
				t.Fatal(err)
			}
			part = part[n:]
		}
	}
}

// physical reads a slice's rows as they lie.
func physical(t *testing.T, v *Version, slice, columns int) (rows [][]types.Datum) {
	t.Helper()
	spec := ScanSpec{}
	for c := range columns {
		spec.Columns = append(spec.Columns, c)
	}
	err := ViewOf(v).Scan(slice, &spec).each(func(b *vector.Batch) error {
		for i := range b.Rows() {
			at := i
			if b.Sel != nil {
				at = int(b.Sel[i])
			}
			row := make([]types.Datum, columns)
			for c := range row {
				row[c] = b.Columns[c].Get(at)
			}
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestSortRuns: what a statement appends to a slice lies in the order of a compound sort key, rows of equal keys as they came, behind what was there.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Sorting_data.html
func TestSortRuns(t *testing.T) {
	seeds(t, 60, func(seed uint64) {
		r := rand.New(rand.NewPCG(seed, 11))
		keys := r.Perm(5)[:1+r.IntN(4)]
		share := []int{0, 1, 5, 10}[r.IntN(4)]
		def := &Definition{ID: 100000, Columns: sortColumns, Sort: SortKey{Style: Compound, Columns: keys}, BlockBytes: 4096}
		def.Dist.Column = -1
		v := NewVersion(def, Topology{Nodes: 1, SlicesPerNode: 2})
		model := make([][][]types.Datum, 2)
		number := int64(0)
		for load := range 3 {
			w := ViewOf(v).NewWriter()
			for slice := range model {
				run := make([][]types.Datum, []int{1, 3, 200, 300, 3000}[r.IntN(5)])
				for i := range run {
					for c := range 5 {
						run[i] = append(run[i], sortValue(r, c, share))
					}
					run[i] = append(run[i], types.Datum{Type: types.TInt8, Int: number})
					number++
				}
				appendRows(t, w, slice, run)
				slices.SortStableFunc(run, func(a, b []types.Datum) int { return keyOrder(keys, a, b) })
				model[slice] = append(model[slice], run...)
			}
			d, err := w.Close()
			if err != nil {
				t.Fatal(err)
			}
			if v, err = v.Apply(d); err != nil {
				t.Fatal(err)
			}
			for slice, want := range model {
				got := physical(t, v, slice, len(sortColumns))
				if len(got) != len(want) {
					t.Fatalf("seed %d: %d rows, want %d", seed, len(got), len(want))
				}
				for i := range got {
					if g, w := rowText(got[i]), rowText(want[i]); g != w {
						t.Fatalf("seed %d, key %v, load %d: row %d is %s, want %s", seed, keys, load, i, g, w)
					}
				}
			}
		}
	})
}

// TestSortedRegion: the first load is sorted. Later ones add to the sorted region only when the sort key is one NOT NULL column of a compound key, all
// that was there is sorted, and all new rows are above it, those that are marked deleted counting too.
// https://docs.aws.amazon.com/redshift/latest/dg/vacuum-load-in-sort-key-order.html
func TestSortedRegion(t *testing.T) {
	type load struct {
		keys   []int64
		sorted int64 // rows of the region behind the load
	}
	series := func(lo, n int64) (out []int64) { // lo+n-1 .. lo: the load itself need not be in order
		for i := range n {
			out = append(out, lo+n-1-i)
		}
		return out
	}
	for _, c := range []struct {
		name    string
		style   SortStyle
		columns []int
		notNull bool
		loads   []load
	}{
		{"in order", Compound, []int{0}, true, []load{{series(0, 10), 10}, {series(10, 1), 11}, {series(11, 5000), 5011}, {series(6000, 3), 5014}}},
		{"in order, auto", SortAuto, []int{0}, true, []load{{series(0, 10), 10}, {series(10, 10), 20}}},
		{"equal", Compound, []int{0}, true, []load{{series(0, 10), 10}, {series(9, 10), 10}, {series(100, 10), 10}}},
		{"below", Compound, []int{0}, true, []load{{series(100, 10), 10}, {series(0, 10), 10}, {series(200, 10), 10}}},
		{"one row below", Compound, []int{0}, true, []load{{series(100, 5000), 5000}, {append(series(6000, 5000), 50), 5000}}},
		{"may be null", Compound, []int{0}, false, []load{{series(0, 10), 10}, {series(10, 10), 10}}},
		{"two columns", Compound, []int{0, 1}, true, []load{{series(0, 10), 10}, {series(10, 10), 10}}},
		{"interleaved", Interleaved, []int{0}, true, []load{{series(0, 10), 10}, {series(10, 10), 10}}},
	} {
		def := &Definition{ID: 100000, Sort: SortKey{Style: c.style, Columns: c.columns}, BlockBytes: 4096}
		def.Dist.Column = -1
		def.Columns = []Column{{Name: "k", Type: types.TInt8, NotNull: c.notNull}, {Name: "x", Type: types.TInt4, NotNull: c.notNull}}
		v := NewVersion(def, Topology{Nodes: 1, SlicesPerNode: 1})
		for i, l := range c.loads {
			var rows [][]types.Datum
			for _, k := range l.keys {
				rows = append(rows, []types.Datum{{Type: types.TInt8, Int: k}, {Type: types.TInt4, Int: 1}})
			}
			w := ViewOf(v).NewWriter()
			appendRows(t, w, 0, rows)
			d, err := w.Close()
			if err != nil {
				t.Fatal(err)
			}
			if v, err = v.Apply(d); err != nil {
				t.Fatal(err)
			}
			if got := v.Shard(0).Sorted(); got != l.sorted {
				t.Errorf("%s: behind load %d %d rows are sorted, want %d", c.name, i, got, l.sorted)
			}
			region := physical(t, v, 0, 2)[:l.sorted]
			if !slices.IsSortedFunc(region, func(a, b []types.Datum) int { return keyOrder(c.columns, a, b) }) {
				t.Errorf("%s: the region behind load %d is not in order", c.name, i)
			}
		}
	}
}

// TestSortedRegionDeleted: a row that is marked deleted still says where the region ends, until VACUUM takes it away.
// https://docs.aws.amazon.com/redshift/latest/dg/vacuum-load-in-sort-key-order.html
func TestSortedRegionDeleted(t *testing.T) {
	def := &Definition{ID: 100000, Columns: []Column{{Name: "k", Type: types.TInt8, NotNull: true}}, Sort: SortKey{Style: Compound, Columns: []int{0}}}
	def.Dist.Column = -1
	v := NewVersion(def, Topology{Nodes: 1, SlicesPerNode: 1})
	apply := func(w *Writer) {
		d, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		if v, err = v.Apply(d); err != nil {
			t.Fatal(err)
		}
	}
	add := func(k int64) {
		w := ViewOf(v).NewWriter()
		appendRows(t, w, 0, [][]types.Datum{{{Type: types.TInt8, Int: k}}})
		apply(w)
	}
	add(1)
	add(9)
	w := ViewOf(v).NewWriter()
	w.Delete(0, []int64{1})
	apply(w)
	add(5)
	if got, want := fmt.Sprint(v.Shard(0).Sorted(), v.Shard(0).Rows()), "2 3"; got != want {
		t.Errorf("%s rows are sorted and there, want %s", got, want)
	}
}
