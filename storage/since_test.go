package storage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// TestSince holds what Since says against a map of rows, over random inserts and deletes.
func TestSince(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 8))
		topo := Topology{1 + int(seed%2), 1 + int(seed%3)}
		def := &Definition{ID: 1, Columns: []Column{{Name: "a", Type: types.TInt8}}, Dist: Distribution{Style: Even, Column: -1}, BlockBytes: 4096}
		v, rows, next := NewVersion(def, topo), map[int64]bool{}, int64(0)
		change := func() {
			w := ViewOf(v).NewWriter()
			for slice := range topo.Slices() {
				if r.IntN(3) > 0 {
					b := vector.New(types.TInt8, 0)
					for range r.IntN(700) {
						b.Int64s = append(b.Int64s, next)
						rows[next] = true
						next++
					}
					b.Len = len(b.Int64s)
					if err := w.Append(slice, &vector.Batch{Columns: []*vector.Vector{b}, Len: b.Len}); err != nil {
						t.Fatal(err)
					}
				}
			}
			v = after(t, w)
			w = ViewOf(v).NewWriter()
			for slice := range topo.Slices() {
				var ids []int64
				s := ViewOf(v).Scan(slice, &ScanSpec{Columns: []int{0}, RowIDs: true})
				if err := s.each(func(b *vector.Batch) error {
					for i := range b.Rows() {
						if b.Sel != nil {
							i = int(b.Sel[i])
						}
						if r.IntN(9) == 0 {
							ids = append(ids, b.Columns[1].Get(i).Int)
							delete(rows, b.Columns[0].Get(i).Int)
						}
					}
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				w.Delete(slice, ids)
			}
			v = after(t, w)
		}
		change()
		old, before := v, clone(rows)
		if ins, dels, ok, err := v.Since(old); ins != nil || dels != nil || !ok || err != nil || !v.SameRows(old) {
			t.Fatal("a version differs from itself")
		}
		for range 1 + r.IntN(3) {
			change()
		}
		ins, dels, ok, err := v.Since(old)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if got, want := valuesOf(t, ins), minus(rows, before); !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d inserted, want %d", seed, len(got), len(want))
		}
		if got, want := valuesOf(t, dels), minus(before, rows); !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d deleted, want %d", seed, len(got), len(want))
		}
		packed, _, err := v.Vacuum(context.Background(), VacuumFull, 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, ok, _ := packed.Since(v); packed != v && (ok || packed.GrewFrom(v) || !packed.SameRows(v)) {
			t.Fatal("rows that a vacuum moved are told apart")
		}
		if n := v.Truncate(); v.Rows() > 0 && n.SameRows(v) || n.GrewFrom(v) {
			t.Fatal("TRUNCATE left the rows")
		}
	}
}

// TestSameRowsOfBranches: what two transactions make of one version is not the same, though each has inserted one row.
func TestSameRowsOfBranches(t *testing.T) {
	def := &Definition{ID: 1, Columns: []Column{{Name: "a", Type: types.TInt8}}, Dist: Distribution{Style: Even, Column: -1}, BlockBytes: 4096}
	base := NewVersion(def, Topology{1, 1})
	deltas := make([]*Delta, 2)
	for i := range deltas {
		w := ViewOf(base).NewWriter()
		b := vector.New(types.TInt8, 0)
		b.Int64s, b.Len = append(b.Int64s, int64(i)), 1
		err := w.Append(0, &vector.Batch{Columns: []*vector.Vector{b}, Len: 1})
		if err == nil {
			deltas[i], err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	both, err := deltas[0].next.Apply(deltas[1])
	if err != nil {
		t.Fatal(err)
	}
	if deltas[0].next.SameRows(deltas[1].next) || both.SameRows(deltas[0].next) || both.SameRows(deltas[1].next) || !both.SameRows(both.WithStatistics(nil)) {
		t.Error("versions with other rows are taken for the same")
	}
}

func after(t *testing.T, w *Writer) *Version {
	t.Helper()
	d, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return d.next
}

func clone(m map[int64]bool) map[int64]bool {
	out := map[int64]bool{}
	for k := range m {
		out[k] = true
	}
	return out
}

// minus lists what a has and b has not.
func minus(a, b map[int64]bool) []int64 {
	out := []int64{}
	for k := range a {
		if !b[k] {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

func valuesOf(t *testing.T, v *Version) []int64 {
	t.Helper()
	out := []int64{}
	for slice := 0; v != nil && slice < v.topo.Slices(); slice++ {
		s := ViewOf(v).Scan(slice, &ScanSpec{Columns: []int{0}})
		if err := s.each(func(b *vector.Batch) error {
			for i := range b.Rows() {
				if b.Sel != nil {
					i = int(b.Sel[i])
				}
				out = append(out, b.Columns[0].Get(i).Int)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(out)
	return out
}

// TestReadBesideSortedRun reads a version while a statement sorts the rows that it appends behind those of the version, in the same tail: -race finds what both touch.
func TestReadBesideSortedRun(t *testing.T) {
	def := &Definition{ID: 1, Columns: []Column{{Name: "a", Type: types.TInt8}, {Name: "b", Type: types.TText}}, Dist: Distribution{Style: Even, Column: -1}, Sort: SortKey{Style: Compound, Columns: []int{0}}, BlockBytes: 4096}
	v := NewVersion(def, Topology{1, 1})
	insert := func(values ...int64) {
		w := ViewOf(v).NewWriter()
		a, b := vector.New(types.TInt8, 0), vector.New(types.TText, 0)
		for _, x := range values {
			a.Int64s, b.Texts = append(a.Int64s, x), append(b.Texts, "x")
		}
		a.Len, b.Len = len(values), len(values)
		if err := w.Append(0, &vector.Batch{Columns: []*vector.Vector{a, b}, Len: a.Len}); err != nil {
			t.Fatal(err)
		}
		v = after(t, w)
	}
	insert(2, 1)
	old, done := v, make(chan error)
	go func() {
		for range 100 {
			var sum int64
			err := ViewOf(old).Scan(0, &ScanSpec{Columns: []int{0, 1}}).each(func(b *vector.Batch) error {
				for i := range b.Rows() {
					sum += b.Columns[0].Get(i).Int
				}
				return nil
			})
			if err == nil && sum != 3 {
				err = fmt.Errorf("the sum is %d", sum)
			}
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for range 5 {
		insert(9, 8)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
