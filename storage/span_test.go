package storage

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// TestSpan: in the sorted region and behind it, without a sort key, with marks and without, in zones of every form, a scan by a column whose values lie in order gives
// the rows that a look at all rows gives, and counts those that are not marked.
func TestSpan(t *testing.T) {
	ordered := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 7))
		column := Column{Name: "k", Type: types.TInt8, NotNull: seed%3 > 0}
		def := &Definition{ID: 1, Columns: []Column{column, {Name: "n", Type: types.TInt4}, {Name: "five", Type: types.TInt4}}, Sort: SortKey{Style: Compound, Columns: []int{0}}}
		if seed%4 == 3 { // n lies as it came
			def.Sort = SortKey{}
		}
		spread := []int64{3, 200, 40_000, 1 << 20, 1 << 40}[r.IntN(5)]
		v := NewVersion(def, Topology{1, 1})
		portions := []int{1 + r.IntN(9000), 1, 1 + r.IntN(3000), 1, 1} // the first is sorted, those after it lie behind it
		if seed%5 == 1 {
			portions = []int{2 + r.IntN(60)} // a tail, all of which is sorted
		}
		for _, n := range portions {
			rows := make([][]types.Datum, n)
			for i := range rows {
				k := types.Datum{Type: types.TInt8, Int: r.Int64N(spread) - spread/2, Null: !column.NotNull && r.IntN(500) == 0}
				rows[i] = []types.Datum{k, {Type: types.TInt4, Int: int64(i)}, {Type: types.TInt4, Int: 5}}
			}
			w := ViewOf(v).NewWriter()
			appendRows(t, w, 0, rows)
			v = changedBy(t, v, w)
		}
		if seed%2 == 0 {
			w := ViewOf(v).NewWriter()
			var ids []int64
			for id := range v.Shard(0).Rows() {
				if r.IntN(7) == 0 {
					ids = append(ids, id)
				}
			}
			w.Delete(0, ids)
			v = changedBy(t, v, w)
		}
		for _, g := range v.Shard(0).groups {
			for _, m := range g.columns[1].zones {
				if m.ascends && def.Sort.Style == SortNone {
					ordered++
				}
			}
		}
		all, ids := scanRows(t, ViewOf(v), 0, ScanSpec{Columns: []int{0, 1}}, 1)
		value := map[int64]types.Datum{}
		for id := range v.Shard(0).Rows() {
			value[id] = v.Shard(0).get(types.TInt8, 0, id)
		}
		for range 60 {
			x := value[r.Int64N(v.Shard(0).Rows())]
			if x.Null || r.IntN(4) == 0 {
				x = types.Datum{Type: types.TInt8, Int: r.Int64N(2*spread) - spread}
			}
			preds := []Predicate{{Column: 0, Op: Op(r.IntN(int(Ge) + 1)), Value: x}}
			if r.IntN(2) == 0 {
				preds = append(preds, Predicate{Column: 0, Op: []Op{Lt, Le, Gt, Ge, Ne}[r.IntN(5)], Value: types.Datum{Type: types.TInt8, Int: r.Int64N(2*spread) - spread}})
			}
			if r.IntN(3) == 0 {
				preds = append(preds, Predicate{Column: 1, Op: []Op{Eq, Lt, Le, Gt, Ge, Ge, Ge}[r.IntN(7)], Value: types.Datum{Type: types.TInt4, Int: r.Int64N(3000)}})
			}
			if r.IntN(3) == 0 { // all pass, with no look at them, once the span is known
				preds = append(preds, []Predicate{{Column: 1, Op: IsNotNull}, {Column: 2, Op: Eq, Value: types.Datum{Type: types.TInt4, Int: 5}}, {Column: 2, Op: IsNotNull}}[r.IntN(3)])
			}
			if def.Sort.Style == SortNone && r.IntN(2) == 0 {
				preds = preds[len(preds)-1:]
			}
			var want []string
			for i, id := range ids {
				pass := true
				for _, p := range preds {
					d := value[id]
					if p.Column > 0 {
						d = v.Shard(0).get(types.TInt4, p.Column, id)
					}
					if p.Op == IsNotNull {
						pass = pass && !d.Null
						continue
					}
					pass = pass && !d.Null && p.Op.holds(types.Compare(&d, &p.Value))
				}
				if pass {
					want = append(want, all[i])
				}
			}
			if got, _ := scanRows(t, ViewOf(v), 0, ScanSpec{Columns: []int{0, 1}, Predicates: preds}, 1+r.IntN(3)); !slices.Equal(got, want) {
				t.Fatalf("seed %d: %v: %d rows, want %d", seed, fmt.Sprint(preds), len(got), len(want))
			}
			s := ViewOf(v).Scan(0, &ScanSpec{Predicates: preds})
			n := 0
			if err := s.each(func(b *vector.Batch) error { n += b.Rows(); return nil }); err != nil || n != len(want) {
				t.Fatalf("seed %d: %v: counted %d rows, want %d, %v", seed, preds, n, len(want), err)
			}
			if c := s.Counters(); c.RowsOut != int64(n) || c.RowsPreUser > v.Rows() || c.RowsPreUser < c.RowsOut {
				t.Fatalf("seed %d: %+v of %d rows", seed, c, v.Rows())
			}
			s.Close()
		}
	}
	if ordered == 0 {
		t.Error("no zone without a sort key is known to be in order")
	}
}

// changedBy is v with what a writer has written.
func changedBy(t *testing.T, v *Version, w *Writer) *Version {
	t.Helper()
	d, err := w.Close()
	if err == nil {
		v, err = v.Apply(d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}
