package storage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/axiomhq/hyperloglog"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// TestDistinct: what does not reach the sketch would not have changed it, in whatever form the values come.
func TestDistinct(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for _, values := range []int64{1, 200, 3000, 40000, 1 << 40} {
		var d distinct
		all := hyperloglog.NewNoSparse()
		exact := map[int64]bool{}
		for batch := range 60 {
			v := vector.Vector{Type: types.TInt8, Len: vector.Size, Base: []int64{0, 7, -9, 1 << 40}[batch/15]} // near each other, and far away; codes are all seen after some batches
			ints := make([]int64, vector.Size)
			for i := range ints {
				ints[i] = r.Int64N(values) + v.Base
			}
			switch {
			case values <= 200:
				v.Form = vector.Narrow
				for _, x := range ints {
					v.U8 = append(v.U8, uint8(x-v.Base))
				}
			case values <= 40000:
				v.Form = vector.Narrow
				for _, x := range ints {
					v.U16 = append(v.U16, uint16(x-v.Base))
				}
			default:
				v.Int64s = ints
			}
			var sel []uint16
			rows := ints
			if batch%2 == 1 {
				rows = nil
				for i := 0; i < len(ints); i += 1 + r.IntN(3) {
					sel, rows = append(sel, uint16(i)), append(rows, ints[i])
				}
			}
			lo, hi := vector.MinMaxInt64(ints)
			d.add(&v, sel, &zoneMap{base: v.Base, lo: lo, hi: hi})
			for _, x := range rows {
				all.InsertHash(vector.HashInt64(x))
				exact[x] = true
			}
		}
		if got, want := d.estimate(), float64(all.Estimate()); got != want {
			t.Errorf("%d values: %v, want %v", values, got, want)
		}
		if got, n := d.estimate(), float64(len(exact)); got < 0.96*n || got > 1.04*n {
			t.Errorf("%v for %v values", got, n)
		}
	}
}

// TestDistinctPacked: of texts under one table of symbols the codes are counted, wherever they lie, and trailing blanks do not make another text.
func TestDistinctPacked(t *testing.T) {
	def := &Definition{ID: 100000, Columns: []Column{{Name: "t", Type: types.TVarchar(400)}}, Dist: Distribution{Column: -1}}
	r := rand.New(rand.NewPCG(2, 2))
	words := comments(r, 40000, 8)
	for i := range words {
		words[i] += fmt.Sprint(" some more of text ", i) // all are different, and long enough to be packed
	}
	all := map[string]bool{}
	v := NewVersion(def, Topology{Nodes: 1, SlicesPerNode: 2})
	w := ViewOf(v).NewWriter()
	for batch := range 120 {
		texts := make([]string, vector.Size-3*(batch/118)) // the last end in a tail
		for i := range texts {
			x := words[r.IntN(len(words))]
			all[x] = true
			if batch == 30 || batch == 31 {
				x, texts[i] = words[0], words[0]
				all[x] = true
			}
			texts[i] = x + strings.Repeat(" ", r.IntN(4)/3)
		}
		if err := w.Append(batch%2, &vector.Batch{Len: len(texts), Columns: []*vector.Vector{{Type: def.Columns[0].Type, Len: len(texts), Texts: texts}}}); err != nil {
			t.Fatal(err)
		}
	}
	d, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if v, err = v.Apply(d); err != nil {
		t.Fatal(err)
	}
	if ViewOf(v).oneTable(0) == nil {
		t.Error("the slices have tables of their own")
	}
	st, err := Analyze(context.Background(), ViewOf(v), []int{0})
	if err != nil {
		t.Fatal(err)
	}
	got, n := st.Columns[0].NDistinct, float64(len(all))
	if got < 0 {
		got *= -st.Rows
	}
	if got < 0.96*n || got > 1.04*n {
		t.Errorf("%v distinct texts, want %v", got, n)
	}
	if st.Columns[0].Width < 20 || len(st.Columns[0].Histogram) == 0 {
		t.Errorf("%+v", st.Columns[0])
	}
}
