package storage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// waitingColumns are a sort key, texts of every form, and the other lanes.
var waitingColumns = []Column{
	{Name: "k", Type: types.TInt8},
	{Name: "few", Type: types.TVarchar(20)},
	{Name: "many", Type: types.TVarchar(40)},
	{Name: "comment", Type: types.TVarchar(400), Encoding: encoding.LZO},
	{Name: "short", Type: types.TVarchar(20)},
	{Name: "turning", Type: types.TVarchar(100), Encoding: encoding.Text255},
	{Name: "f", Type: types.TFloat8},
	{Name: "w", Type: types.TNumeric(38, 0)},
	{Name: "b", Type: types.TBool},
	{Name: "row", Type: types.TInt8},
}

// waitingRows makes n rows. share of 10 values are NULL, whole zones of one column are, and the texts of one column change their kind on the way.
func waitingRows(r *rand.Rand, n, share int) [][]types.Datum {
	words := comments(r, n, 12)
	rows := make([][]types.Datum, n)
	for i := range rows {
		row := make([]types.Datum, len(waitingColumns))
		for c := range row {
			row[c] = types.Datum{Type: waitingColumns[c].Type, Null: c > 0 && c < 9 && (r.IntN(10) < share || c == 3 && i/300%5 == 4)}
		}
		row[0].Int = r.Int64N(int64(n) / 2)
		row[1].Text = []string{"", "a", "a ", "drama", "noir"}[r.IntN(5)]
		row[2].Text = fmt.Sprintf("Clerk#%09d", r.IntN(1000))
		row[3].Text = words[i]
		row[4].Text = fmt.Sprint(i)
		row[5].Text = fmt.Sprint("turn ", i%3)
		if i > n/2 {
			row[5].Text = strings.Repeat(row[5].Text, 4) + words[i][:min(len(words[i]), 20)]
		}
		row[6].Float, row[7].Wide, row[8].Bool, row[9].Int = r.NormFloat64(), types.Int128{Hi: r.Int64N(3) - 1, Lo: r.Uint64N(9)}, r.IntN(2) == 0, int64(i)
		for c := range row {
			if row[c].Null {
				row[c] = types.NullOf(waitingColumns[c].Type)
			}
		}
		rows[i] = row
	}
	return rows
}

// written appends runs to slice 0, a statement each.
func written(t *testing.T, v *Version, runs ...[][]types.Datum) *Version {
	t.Helper()
	for _, run := range runs {
		w := ViewOf(v).NewWriter()
		appendRows(t, w, 0, run)
		d, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		if v, err = v.Apply(d); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// TestWaiting: rows that wait encoded to be sorted come out as if they had come in order: values, zone maps, blocks and their sizes are those of a table
// without a sort key that is given them sorted; whatever the tail before them held, and wherever texts changed their form.
func TestWaiting(t *testing.T) {
	seeds(t, 12, func(seed uint64) {
		r := rand.New(rand.NewPCG(seed, 3))
		first := []int{0, 1, 40, 64, 700}[r.IntN(5)]
		share := []int{0, 1, 10}[r.IntN(3)]
		rows := waitingRows(r, first+groupZones*64*(1+r.IntN(3))+r.IntN(200), share)
		switch r.IntN(4) {
		case 0: // in order already
			for i := range rows {
				rows[i][0].Int = int64(i)
			}
		case 1: // all above what was there
			for i := range rows[first:] {
				rows[first+i][0].Int += 1 << 40
			}
		}
		def := &Definition{ID: 100000, Columns: slices.Clone(waitingColumns), BlockBytes: 1024, Dist: Distribution{Column: -1}}
		def.Columns[0].NotNull = r.IntN(2) == 0
		sorted := *def
		sorted.Sort = SortKey{Style: Compound, Columns: []int{0}}
		if r.IntN(3) == 0 {
			sorted.Sort.Columns = []int{1, 0}
		}
		if r.IntN(6) == 0 {
			sorted.Sort.Style = Interleaved
		}
		one := Topology{Nodes: 1, SlicesPerNode: 1}
		got := written(t, NewVersion(&sorted, one), rows[:first], rows[first:])
		runs := [][][]types.Datum{slices.Clone(rows[:first]), slices.Clone(rows[first:])}
		if sorted.Sort.Style == Interleaved { // the order is the deal's: it is taken as it is, and must be the same rows
			for i, at := range []int{0, first} {
				lies := physical(t, got, 0, len(waitingColumns))[at : at+len(runs[i])]
				seen := make([]bool, len(rows))
				for _, row := range lies {
					seen[row[9].Int] = true
				}
				for k := range runs[i] {
					if !seen[at+k] {
						t.Fatalf("seed %d: row %d is lost", seed, at+k)
					}
				}
				runs[i] = lies
			}
		} else {
			for _, run := range runs {
				slices.SortStableFunc(run, func(a, b []types.Datum) int { return keyOrder(sorted.Sort.Columns, a, b) })
			}
		}
		plain := *def
		for c := range plain.Columns { // a sort key's columns are RAW by default
			plain.Columns[c].Encoding = sorted.EncodingOf(c)
		}
		want := written(t, NewVersion(&plain, one), runs...)
		g, w := physical(t, got, 0, len(waitingColumns)), physical(t, want, 0, len(waitingColumns))
		if len(g) != len(rows) || len(w) != len(rows) {
			t.Fatalf("seed %d: %d rows, want %d, of %d", seed, len(g), len(w), len(rows))
		}
		for i := range g {
			if a, b := rowText(g[i]), rowText(w[i]); a != b {
				t.Fatalf("seed %d: row %d is %s, want %s", seed, i, a, b)
			}
		}
		sameZones(t, seed, got.Shard(0), want.Shard(0))
		vacuumed, _, err := got.Vacuum(context.Background(), VacuumFull, 1)
		if err != nil {
			t.Fatal(err)
		}
		if n, _, s := vacuumed.Physical(); n != int64(len(rows)) || s != n {
			t.Fatalf("seed %d: %d rows, %d of them sorted, after VACUUM", seed, n, s)
		}
	})
}

// sameZones compares the bounds and the places in blocks of all zones. Where a region ends they may differ: one table has two, the other none.
func sameZones(t *testing.T, seed uint64, got, want *Shard) {
	t.Helper()
	if got.zones != want.zones || got.tailN != want.tailN {
		t.Fatalf("seed %d: %d zones and %d rows, want %d and %d", seed, got.zones, got.tailN, want.zones, want.tailN)
	}
	one := got.sorted == 0 || got.sorted == got.Rows()
	for z := range got.zones {
		gi, wi := got.find(z), want.find(z)
		for c := range got.groups[gi].columns {
			t1 := waitingColumns[c].Type
			gc, wc := &got.groups[gi].columns[c], &want.groups[wi].columns[c]
			gz, wz := z-int(got.starts[gi]), z-int(want.starts[wi])
			glo, ghi, gok := gc.bounds(t1, gz)
			wlo, whi, wok := wc.bounds(t1, wz)
			if gok != wok || gok && (types.Compare(&glo, &wlo) != 0 || types.Compare(&ghi, &whi) != 0) {
				t.Fatalf("seed %d, %s, zone %d: %v %v %v, want %v %v %v", seed, waitingColumns[c].Name, z, glo, ghi, gok, wlo, whi, wok)
			}
			g, w := gc.zones[gz], wc.zones[wz]
			if g.nulled != w.nulled || one && (g.first != w.first || g.block != w.block || g.fill != w.fill || g.bytes != w.bytes) {
				t.Fatalf("seed %d, %s, zone %d: %+v, want %+v", seed, waitingColumns[c].Name, z, g, w)
			}
		}
		gg, wg := got.groups[gi], want.groups[wi]
		for c := range gg.columns {
			if a, b := gg.columns[c].nulled, wg.columns[c].nulled; gg.zones == wg.zones && got.starts[gi] == want.starts[wi] && a != b {
				t.Fatalf("seed %d, %s: a group of %d NULLs, want %d", seed, waitingColumns[c].Name, a, b)
			}
		}
	}
}

// TestWaitingHeld: rows that wait are held for less than a quarter of what plain ones would take, and Close gives up when its context ends.
func TestWaitingHeld(t *testing.T) {
	rows := waitingRows(rand.New(rand.NewPCG(1, 1)), 4*groupZones*64, 0)
	for i := range rows {
		rows[i][2].Text, rows[i][4].Text, rows[i][5].Text = "a", "b", "c"
		rows[i][6].Float, rows[i][7].Wide = 1, types.Int128{}
	}
	def := &Definition{ID: 100000, Columns: waitingColumns, BlockBytes: 1024, Dist: Distribution{Column: -1}, Sort: SortKey{Style: Compound, Columns: []int{0}}}
	w := ViewOf(NewVersion(def, Topology{Nodes: 1, SlicesPerNode: 1})).NewWriter()
	w.Count()
	ctx, cancel := context.WithCancel(context.Background())
	w.Until(ctx)
	appendRows(t, w, 0, rows)
	plain := int64(0)
	for _, row := range rows {
		for _, d := range row {
			plain += 9 + int64(len(d.Text))
		}
	}
	build := w.parts[0].build
	builder := int64(build.texts)
	for i := range build.lanes {
		builder += build.lanes[i].actual()
	}
	if held := w.Held(0) - builder; held <= 0 || 4*held > plain {
		t.Errorf("%d bytes are held for %d plain ones", held, plain)
	}
	cancel()
	if _, err := w.Close(); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: %v", err)
	}
}
