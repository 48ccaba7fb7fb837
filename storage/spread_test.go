package storage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// TestSpread: the slices of a cluster of any shape find each live row of a version once, whole or in pieces, with predicates that leave zones and groups out;
// no slice has more than its share of the zones.
func TestSpread(t *testing.T) {
	shapes := []Topology{{1, 1}, {2, 2}, {3, 4}}
	for _, from := range shapes {
		for _, style := range []DistStyle{Key, All} {
			v, live := versionOf(t, from, style)
			for _, to := range shapes {
				t.Run(fmt.Sprint(from, style, to), func(t *testing.T) {
					def := *v.def
					if style != All {
						def.Dist = Distribution{Style: Even, Column: -1}
					}
					view := ViewOf(v).Spread(&def, to)
					spreads(t, view, live, ScanSpec{Columns: []int{0}})
					low := slices.DeleteFunc(slices.Clone(live), func(x int64) bool { return x >= 3000 })
					spreads(t, view, low, ScanSpec{Columns: []int{0}, Predicates: []Predicate{{Column: 0, Op: Lt, Value: types.Datum{Type: types.TInt8, Int: 3000}}}})
					if n := view.Rows(); n != int64(len(live)) {
						t.Errorf("%d rows", n)
					}
					lo, hi, ok := view.MinMax(0)
					if !ok || lo.Int != 0 || hi.Int != 8*vector.Size-1 {
						t.Error(lo, hi, ok)
					}
				})
			}
		}
	}
}

// spreads holds what the slices of a view read against what they should.
func spreads(t *testing.T, view View, want []int64, spec ScanSpec) {
	t.Helper()
	count := view.Topology().Slices()
	if view.All() {
		count = 1
	}
	total := 0
	for slice := range count {
		total += view.Zones(slice)
	}
	for _, pieces := range []int{1, 3} {
		var got []string
		physical := int64(0)
		for slice := range count {
			rows, _ := scanRows(t, view, slice, spec, pieces)
			got = append(got, rows...)
			physical += view.SliceRows(slice)
			if n := view.Zones(slice); n > total/count+1 {
				t.Errorf("slice %d has %d of %d zones", slice, n, total)
			}
		}
		if r, _, _ := view.Version().Physical(); physical != r {
			t.Errorf("%d rows in the slices, %d in the version", physical, r)
		}
		texts := make([]string, len(want))
		for i, x := range want {
			texts[i] = rowText([]types.Datum{{Type: types.TInt8, Int: x}})
		}
		slices.Sort(got)
		slices.Sort(texts)
		if !slices.Equal(got, texts) {
			t.Fatalf("%d rows in %d pieces, want %d", len(got), pieces, len(texts))
		}
	}
}

// versionOf makes a version of ascending numbers over all slices, some of them deleted, and lists those that are not.
func versionOf(t *testing.T, topo Topology, style DistStyle) (*Version, []int64) {
	t.Helper()
	def := &Definition{ID: 100000, Dist: Distribution{Style: style, Column: 0}, Columns: []Column{{Name: "a", Type: types.TInt8}}}
	v := NewVersion(def, topo)
	w := ViewOf(v).NewWriter()
	n := topo.Slices()
	if style == All {
		n = 1
	}
	var live []int64
	at := make([]int64, n)
	dead := make([][]int64, n)
	r := rand.New(rand.NewPCG(1, 2))
	for x := 0; x < 8*vector.Size; {
		slice := r.IntN(n)
		b := make([]int64, min(r.IntN(vector.Size)+1, 8*vector.Size-x))
		for i := range b {
			b[i] = int64(x + i)
			if (x+i)%100 == 7 {
				dead[slice] = append(dead[slice], at[slice]+int64(i))
			} else {
				live = append(live, b[i])
			}
		}
		if err := w.Append(slice, intBatch(types.TInt8, b)); err != nil {
			t.Fatal(err)
		}
		at[slice] += int64(len(b))
		x += len(b)
	}
	for _, change := range []func(w *Writer){func(*Writer) {}, func(w *Writer) {
		for i := range dead {
			w.Delete(i, dead[i])
		}
	}} {
		change(w)
		d, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		if v, err = v.Apply(d); err != nil {
			t.Fatal(err)
		}
		w = ViewOf(v).NewWriter()
	}
	return v, live
}
