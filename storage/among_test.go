package storage

import (
	"math/rand/v2"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// multiples keeps the multiples of a number, and counts what it is asked.
type multiples struct {
	of    int64
	asked int
}

func (m *multiples) Filter(v *vector.Vector, sel []uint16, n int, out []uint16) int {
	m.asked += n
	if sel == nil {
		sel = vector.Rows[:n]
	}
	k := 0
	for _, r := range sel[:n] {
		if d := v.Get(int(r)); !d.Null && d.Int%m.of == 0 {
			out[k] = r
			k++
		}
	}
	return k
}

// TestAmong: a scan gives the rows that all sets keep and that pass what is exact, in zones that bounds settle, in sorted ones, among deleted rows and in the
// tail; the bounds of a set prune zones and test no row; and the set that keeps fewest rows comes to be asked first.
func TestAmong(t *testing.T) {
	const rows = 70*vector.Size + 77 // the rest is a tail
	r := rand.New(rand.NewPCG(1, 2))
	cols := make([][]int64, 4) // two for sets, one that ascends, one with an exact test
	for c := range cols {
		cols[c] = make([]int64, rows)
	}
	for i := range rows {
		cols[0][i], cols[1][i], cols[2][i], cols[3][i] = r.Int64N(1000), r.Int64N(100_000), int64(i/3), r.Int64N(10)
	}
	for _, sort := range []SortStyle{SortNone, Compound} {
		def := &Definition{ID: 100000, Dist: Distribution{Column: -1}}
		for _, name := range []string{"a", "b", "c", "d"} {
			def.Columns = append(def.Columns, Column{Name: name, Type: types.TInt8})
		}
		if sort == Compound {
			def.Sort = SortKey{Style: Compound, Columns: []int{2}}
		}
		topo := Topology{Nodes: 1, SlicesPerNode: 1}
		version := NewVersion(def, topo)
		w := ViewOf(version).NewWriter()
		for at := 0; at < rows; at += vector.Size {
			b := &vector.Batch{Len: min(vector.Size, rows-at)}
			for c := range cols {
				b.Columns = append(b.Columns, intBatch(types.TInt8, cols[c][at:at+b.Len]).Columns[0])
			}
			if err := w.Append(0, b); err != nil {
				t.Fatal(err)
			}
		}
		d, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		if version, err = version.Apply(d); err != nil {
			t.Fatal(err)
		}
		among := func(column int, lo, hi int64, s Set) Predicate {
			return Predicate{Column: column, Op: Among, Values: []types.Datum{{Type: types.TInt8, Int: lo}, {Type: types.TInt8, Int: hi}}, Set: s}
		}
		half, tenth, third := &multiples{of: 2}, &multiples{of: 10}, &multiples{of: 3}
		const from, to = 9_000, 45_000 // of the column that ascends: three quarters of the zones
		spec := &ScanSpec{Columns: []int{0, 1, 2, 3}, Predicates: []Predicate{
			among(0, 0, 999, half), among(1, 0, 99_999, tenth), among(2, from, to, third),
			{Column: 3, Op: Ge, Value: types.Datum{Type: types.TInt8, Int: 5}},
			{Column: 0, Op: Lt, Value: types.Datum{Type: types.TInt8, Int: 900}},
		}}
		s := ViewOf(version).Scan(0, spec)
		got := map[[4]int64]int{}
		if err := s.each(func(b *vector.Batch) error {
			for i := range b.Rows() {
				row := i
				if b.Sel != nil {
					row = int(b.Sel[i])
				}
				var x [4]int64
				for c := range x {
					x[c] = b.Columns[c].Get(row).Int
				}
				got[x]++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		want, n := map[[4]int64]int{}, 0
		for i := range rows {
			x := [4]int64{cols[0][i], cols[1][i], cols[2][i], cols[3][i]}
			if x[0]%2 == 0 && x[0] < 900 && x[1]%10 == 0 && x[2]%3 == 0 && x[3] >= 5 && x[2] >= from && x[2] <= to {
				want[x]++
				n++
			}
		}
		for x := range got { // beyond the bounds of a set rows may come, of zones that reach over them
			if x[2] < from || x[2] > to {
				if x[2] < from-vector.Size || x[2] > to+vector.Size {
					t.Errorf("sort style %d: row %v lies in a zone that its set's bounds rule out", sort, x)
				}
				delete(got, x)
			}
		}
		for x, k := range want {
			if got[x] != k {
				t.Fatalf("sort style %d: row %v comes %d times, want %d", sort, x, got[x], k)
			}
		}
		if len(got) != len(want) || n == 0 {
			t.Errorf("sort style %d: %d rows, want %d", sort, len(got), len(want))
		}
		if half.asked > 2*tenth.asked/3 {
			t.Errorf("sort style %d: the set that keeps half of its rows was asked about %d, the one that keeps a tenth about %d", sort, half.asked, tenth.asked)
		}
		s.Close()
	}
}
