package storage

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// modelTime makes the model tests run from a random seed, which is printed, for that long; CI gives it a minute.
var modelTime = flag.Duration("model", 0, "run the model tests this long, from a random seed")

// seeds calls f with few fixed seeds, or with ever new ones for -model.
func seeds(t *testing.T, few int, f func(seed uint64)) {
	if *modelTime == 0 {
		for i := range few {
			f(uint64(i))
		}
		return
	}
	first, start := rand.Uint64()>>1, time.Now()
	t.Logf("first seed %d", first)
	for i := uint64(0); time.Since(start) < *modelTime; i++ {
		f(first + i)
	}
}

// testColumns are columns of every lane, with values that take every physical form.
var testColumns = []Column{
	{Name: "id", Type: types.TInt8},
	{Name: "year", Type: types.TInt4},
	{Name: "genre", Type: types.TVarchar(20)},
	{Name: "title", Type: types.TVarchar(80)},
	{Name: "score", Type: types.TFloat8},
	{Name: "gross", Type: types.TNumeric(30, 2)},
	{Name: "seen", Type: types.TBool},
	{Name: "price", Type: types.TNumeric(10, 2)},
}

// randomValue makes a value of a test column; now and then a NULL, now and then one out of the usual range.
func randomValue(r *rand.Rand, c int) types.Datum {
	t := testColumns[c].Type
	if r.IntN(12) == 0 {
		return types.NullOf(t)
	}
	d := types.Datum{Type: t}
	switch c {
	case 0:
		d.Int = r.Int64N(1 << 40)
		if r.IntN(50) == 0 {
			d.Int = []int64{math.MinInt64, math.MaxInt64, 0, -1}[r.IntN(4)]
		}
	case 1:
		d.Int = 1950 + r.Int64N(70)
	case 2:
		d.Text = []string{"drama", "comedy", "comedy ", "action", "", "noir"}[r.IntN(6)]
	case 3:
		d.Text = fmt.Sprintf("title %d", r.IntN(5000))
	case 4:
		d.Float = math.Round(r.NormFloat64()*8) / 4
		if r.IntN(40) == 0 {
			d.Float = []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1)}[r.IntN(4)]
		}
	case 5:
		d.Wide = types.Int128{Hi: r.Int64N(3) - 1, Lo: r.Uint64N(4)}
	case 6:
		d.Bool = r.IntN(2) == 0
	case 7:
		d.Int = r.Int64N(70000)
	}
	return d
}

// randomBatch makes rows in a mixture of forms.
func randomBatch(r *rand.Rand, n int) (*vector.Batch, [][]types.Datum) {
	phys := n
	var sel []uint16
	if r.IntN(3) == 0 && n < 1000 {
		phys = n * 2
		for i := range n {
			sel = append(sel, uint16(2*i+r.IntN(2)))
		}
	}
	b := &vector.Batch{Len: phys, Sel: sel}
	for c := range testColumns {
		t := testColumns[c].Type
		if r.IntN(6) == 0 {
			b.Columns = append(b.Columns, vector.NewConst(randomValue(r, c), phys))
			continue
		}
		v := vector.New(t, phys)
		for i := range phys {
			v.Set(i, randomValue(r, c))
		}
		if t.Lane() == types.LaneText && r.IntN(3) == 0 { // as a dictionary
			dict := vector.New(t, 0)
			d := &vector.Vector{Type: t, Form: vector.Dict, Len: phys, Nulls: v.Nulls, U16: make([]uint16, phys), Dict: dict}
			at := map[string]int{}
			for i := range phys {
				if d.Null(i) {
					continue
				}
				if _, ok := at[v.Texts[i]]; !ok {
					at[v.Texts[i]] = len(dict.Texts)
					dict.Texts = append(dict.Texts, v.Texts[i])
				}
				d.U16[i] = uint16(at[v.Texts[i]])
			}
			dict.Len = len(dict.Texts)
			v = d
		} else if c == 1 && r.IntN(3) == 0 {
			d := &vector.Vector{Type: t, Form: vector.Narrow, Len: phys, Nulls: v.Nulls, U8: make([]uint8, phys), Base: 1900}
			for i := range phys {
				if !d.Null(i) {
					d.U8[i] = uint8(v.Int64s[i] - 1900)
				}
			}
			v = d
		}
		b.Columns = append(b.Columns, v)
	}
	var rows [][]types.Datum
	for i := range n {
		at := i
		if sel != nil {
			at = int(sel[i])
		}
		row := make([]types.Datum, len(testColumns))
		for c := range row {
			row[c] = b.Columns[c].Get(at)
			row[c].Type = testColumns[c].Type
		}
		rows = append(rows, row)
	}
	return b, rows
}

// rowText is a row in a form to compare.
func rowText(row []types.Datum) string {
	var b strings.Builder
	for i := range row {
		switch d := &row[i]; {
		case d.Null:
			b.WriteString("NULL|")
		case d.Type.Lane() == types.LaneFloat:
			fmt.Fprintf(&b, "%x|", math.Float64bits(d.Float))
		case d.Type.Lane() == types.LaneWide:
			fmt.Fprintf(&b, "%x:%x|", d.Wide.Hi, d.Wide.Lo)
		case d.Type.Lane() == types.LaneText:
			fmt.Fprintf(&b, "%q|", d.Text)
		case d.Type.Lane() == types.LaneBool:
			fmt.Fprintf(&b, "%v|", d.Bool)
		default:
			fmt.Fprintf(&b, "%d|", d.Int)
		}
	}
	return b.String()
}

// scanRows reads a slice, in ranges of zones, and returns rows with their ids.
func scanRows(t *testing.T, v View, slice int, spec ScanSpec, pieces int) (rows []string, ids []int64) {
	t.Helper()
	zones := v.Zones(slice)
	spec.RowIDs = true
	var total ScanCounters
	for p := range pieces {
		sp := spec
		if pieces > 1 {
			sp.Zones = &ZoneRange{zones * p / pieces, zones * (p + 1) / pieces}
		}
		s := v.Scan(slice, &sp)
		err := s.each(func(b *vector.Batch) error {
			if b.Sel != nil && len(b.Sel) == 0 {
				t.Fatal("a batch without rows")
			}
			for i := range b.Rows() {
				at := i
				if b.Sel != nil {
					at = int(b.Sel[i])
				}
				row := make([]types.Datum, len(spec.Columns))
				for c := range row {
					row[c] = b.Columns[c].Get(at)
				}
				rows = append(rows, rowText(row))
				ids = append(ids, b.Columns[len(spec.Columns)].Get(at).Int)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		c := s.Counters()
		total.RowsOut += c.RowsOut
		total.ZonesRead += c.ZonesRead
		total.ZonesSkipped += c.ZonesSkipped
	}
	if int(total.RowsOut) != len(rows) {
		t.Fatalf("RowsOut %d, %d rows came", total.RowsOut, len(rows))
	}
	if int(total.ZonesRead+total.ZonesSkipped) != zones {
		t.Fatalf("%d zones read, %d skipped of %d", total.ZonesRead, total.ZonesSkipped, zones)
	}
	return rows, ids
}

// modelRow is a row of the naive model: where it lies, and whether it is deleted.
type modelRow struct {
	values []types.Datum
	text   string // of values
	dead   bool
}

// rowOf makes a live row.
func rowOf(values []types.Datum) modelRow { return modelRow{values: values, text: rowText(values)} }

// model is a version's naive twin: rows by slice, in any order.
type model [][]modelRow

func (m model) clone() model {
	c := make(model, len(m))
	for i := range m {
		c[i] = slices.Clone(m[i])
	}
	return c
}

// naive says whether a predicate holds, by PostgreSQL's comparison alone.
func naive(p *Predicate, d types.Datum) bool {
	switch p.Op {
	case IsNull:
		return d.Null
	case IsNotNull:
		return !d.Null
	}
	if d.Null {
		return false
	}
	if p.Op == In {
		for i := range p.Values {
			if !p.Values[i].Null && types.Compare(&d, &p.Values[i]) == 0 {
				return true
			}
		}
		return false
	}
	if p.Value.Null {
		return false
	}
	c := types.Compare(&d, &p.Value)
	return p.Op == Eq && c == 0 || p.Op == Ne && c != 0 || p.Op == Lt && c < 0 || p.Op == Le && c <= 0 || p.Op == Gt && c > 0 || p.Op == Ge && c >= 0
}

// check compares a view with its model: all rows, and rows under random predicates.
func check(t *testing.T, r *rand.Rand, what string, v View, m model) {
	t.Helper()
	live := int64(0)
	all := []int{0, 1, 2, 3, 4, 5, 6, 7}
	for slice := range m {
		var preds []Predicate
		for range r.IntN(4) {
			p := Predicate{Column: r.IntN(len(testColumns)), Op: Op(r.IntN(9))}
			p.Value = randomValue(r, p.Column)
			for range r.IntN(5) {
				p.Values = append(p.Values, randomValue(r, p.Column))
			}
			preds = append(preds, p)
		}
		for i, spec := range []ScanSpec{{Columns: all}, {Columns: all, Predicates: preds}} {
			var want []string
			for _, row := range m[slice] {
				ok := !row.dead
				for i := range spec.Predicates {
					ok = ok && naive(&spec.Predicates[i], row.values[spec.Predicates[i].Column])
				}
				if ok {
					want = append(want, row.text)
				}
			}
			if i == 0 {
				live += int64(len(want))
			}
			got, _ := scanRows(t, v, slice, spec, 1+r.IntN(3))
			sort.Strings(want)
			sort.Strings(got)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: slice %d, predicates %+v: %d rows, want %d\n got %.400q\nwant %.400q", what, slice, spec.Predicates, len(got), len(want), got, want)
			}
		}
	}
	if v.Rows() != live {
		t.Fatalf("%s: Rows() = %d, want %d", what, v.Rows(), live)
	}
	for c := range testColumns {
		lo, hi, ok := v.MinMax(c)
		for slice := range m {
			for _, row := range m[slice] {
				if d := row.values[c]; !row.dead && !d.Null && (!ok || types.Compare(&lo, &d) > 0 || types.Compare(&hi, &d) < 0) {
					t.Fatalf("%s: MinMax(%d) = %v %v %v does not hold %v", what, c, lo, hi, ok, d)
				}
			}
		}
	}
}

// TestModel drives versions with random statements, transactions, rollbacks and clones, and compares them with lists of rows.
func TestModel(t *testing.T) {
	topologies := []Topology{{1, 1}, {2, 2}, {3, 4}}
	sorts := []SortKey{{}, {Compound, []int{1}}, {Compound, []int{2, 4, 0}}, {Interleaved, []int{1, 7}}, {Compound, []int{5}}, {Compound, []int{3}}}
	n := 8
	if testing.Short() {
		n = 2
	}
	seeds(t, n, func(seed uint64) {
		r := rand.New(rand.NewPCG(seed, 7))
		def := &Definition{
			ID: 100000, Columns: testColumns, Dist: Distribution{Column: -1}, Sort: sorts[r.IntN(len(sorts))],
			BlockBytes: []int{4096, 1024, 65536, 0}[r.IntN(4)],
		}
		topo := topologies[r.IntN(3)]
		type line struct { // of history: versions that must not change
			v *Version
			m model
		}
		heads := []line{{NewVersion(def, topo), make(model, topo.Slices())}}
		var history []line
		for range 12 {
			h := r.IntN(len(heads))
			head := &heads[h]
			view, m := ViewOf(head.v), head.m.clone()
			statements := 1 + r.IntN(3)
			for range statements {
				w := view.NewWriter()
				for range r.IntN(4) {
					n := []int{1, 3, 100, 900, 2048}[r.IntN(5)]
					b, rows := randomBatch(r, n)
					slice := r.IntN(topo.Slices())
					if err := w.Append(slice, b); err != nil {
						t.Fatal(err)
					}
					for _, row := range rows {
						m[slice] = append(m[slice], rowOf(row))
					}
				}
				if r.IntN(2) == 0 { // delete about a tenth of what the statement's snapshot shows
					slice := r.IntN(topo.Slices())
					rows, ids := scanRows(t, view, slice, ScanSpec{Columns: []int{0, 1, 2, 3, 4, 5, 6, 7}}, 1)
					var dead []int64
					for i := range rows {
						if r.IntN(10) == 0 {
							dead = append(dead, ids[i])
							for j := range m[slice] {
								if !m[slice][j].dead && m[slice][j].text == rows[i] {
									m[slice][j].dead = true
									break
								}
							}
						}
					}
					r.Shuffle(len(dead), func(i, j int) { dead[i], dead[j] = dead[j], dead[i] })
					if n := w.Delete(slice, dead); n != len(dead) {
						t.Fatalf("Delete = %d of %d", n, len(dead))
					}
					if n := w.Delete(slice, dead); n != 0 {
						t.Fatalf("Delete again = %d", n)
					}
				}
				d, err := w.Close()
				if err != nil {
					t.Fatal(err)
				}
				view = view.WithOwn(d)
				check(t, r, fmt.Sprintf("seed %d, own", seed), view, m)
			}
			if r.IntN(5) == 0 { // rolled back: the next writer finds the tail's end taken
				continue
			}
			v, err := head.v.Apply(view.Own())
			if err != nil {
				t.Fatal(err)
			}
			history = append(history, *head)
			if r.IntN(5) == 0 {
				heads = append(heads, line{v, m}) // a clone: both lines go on from one tail
			} else {
				*head = line{v, m}
			}
			check(t, r, fmt.Sprintf("seed %d, applied", seed), ViewOf(v), m)
		}
		for _, h := range append(history, heads...) {
			check(t, r, fmt.Sprintf("seed %d, history", seed), ViewOf(h.v), h.m)
		}
		head := heads[0]
		other := *def
		other.Sort, other.Dist = sorts[r.IntN(len(sorts))], Distribution{Style: Key, Column: r.IntN(8)}
		to := topologies[r.IntN(3)]
		v, err := head.v.Redistribute(context.Background(), &other, to)
		if err != nil {
			t.Fatal(err)
		}
		moved := make(model, to.Slices())
		for _, rows := range head.m {
			for _, row := range rows {
				if !row.dead {
					s := SlotOf(&row.values[other.Dist.Column], to.Slices())
					moved[s] = append(moved[s], row)
				}
			}
		}
		check(t, r, fmt.Sprintf("seed %d, redistributed", seed), ViewOf(v), moved)
		vacuumed, _, err := head.v.Vacuum(context.Background(), VacuumKind(r.IntN(5)), 1)
		if err != nil {
			t.Fatal(err)
		}
		check(t, r, fmt.Sprintf("seed %d, vacuumed", seed), ViewOf(vacuumed), head.m)
	})
}

// TestGap reads and writes with a snapshot that is older than the version it writes on.
func TestGap(t *testing.T) {
	seeds(t, 12, func(seed uint64) {
		r := rand.New(rand.NewPCG(seed, 3))
		def := &Definition{ID: 100000, Columns: testColumns, Dist: Distribution{Column: -1}, BlockBytes: 2048}
		topo := Topology{1, 2}
		write := func(v View, m model, n int) (*Delta, model) {
			m = m.clone()
			w := v.NewWriter()
			for slice := range m {
				b, rows := randomBatch(r, n)
				if err := w.Append(slice, b); err != nil {
					t.Fatal(err)
				}
				for _, row := range rows {
					m[slice] = append(m[slice], rowOf(row))
				}
			}
			d, err := w.Close()
			if err != nil {
				t.Fatal(err)
			}
			return d, m
		}
		v0 := NewVersion(def, topo)
		d, m := write(ViewOf(v0), make(model, 2), 1+r.IntN(700))
		v1, _ := v0.Apply(d)
		// Another transaction appends and deletes the first row of slice 0.
		d, mOther := write(ViewOf(v1), m, 1+r.IntN(700))
		w := ViewOf(v1).WithOwn(d).NewWriter()
		w.Delete(0, []int64{0})
		d, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		v2, _ := v1.Apply(d)
		_ = mOther

		// Ours has the snapshot v1 and writes on v2.
		view := ViewOf(v1).WithBase(v2)
		check(t, r, "snapshot", view, m)
		d, own := write(view, m, 1+r.IntN(700))
		view = view.WithOwn(d)
		check(t, r, "snapshot and own", view, own)
		w = view.NewWriter()
		rows, ids := scanRows(t, view, 1, ScanSpec{Columns: []int{0, 1, 2, 3, 4, 5, 6, 7}}, 1)
		for _, i := range []int{0, len(ids) - 1} {
			if i == 0 && len(ids) == 1 {
				continue
			}
			w.Delete(1, ids[i:i+1])
			for j := range own[1] {
				if !own[1][j].dead && own[1][j].text == rows[i] {
					own[1][j].dead = true
					break
				}
			}
		}
		d, err = w.Close()
		if err != nil {
			t.Fatal(err)
		}
		view = view.WithOwn(d)
		check(t, r, "snapshot, own and deletes", view, own)
		if v3, err := v2.Apply(d); err != nil || v3.Rows() != v2.Rows()+d.Inserted()-d.Deleted() {
			t.Fatalf("Apply: %v, %d rows", err, v3.Rows())
		}

		// The row that the other transaction deleted is a conflict.
		w = view.NewWriter()
		w.Delete(0, []int64{0})
		if _, err := w.Close(); !errors.Is(err, ErrConflict) {
			t.Fatalf("deleting a row that was deleted since: %v", err)
		}
	})
}

// TestApplyElsewhere lays a delta on a version that another delta has changed in the same shard.
func TestApplyElsewhere(t *testing.T) {
	def := &Definition{ID: 100000, Columns: []Column{{Name: "a", Type: types.TInt4}}, Dist: Distribution{Column: -1}}
	v := fill(t, def, Topology{1, 1}, 0, 1, 2, 3)
	one, two := deltaOf(t, v, []int64{10, 11}, 0), deltaOf(t, v, []int64{20}, 3)
	v, err := v.Apply(one)
	if err != nil {
		t.Fatal(err)
	}
	if v, err = v.Apply(two); err != nil {
		t.Fatal(err)
	}
	if got, want := intsOf(v, 0), []int64{1, 2, 10, 11, 20}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	if v.Rows() != 5 {
		t.Fatalf("Rows = %d", v.Rows())
	}
	if _, err := v.Apply(deltaOf(t, v, nil, 1)); err != nil {
		t.Fatal(err)
	}
	three := deltaOf(t, v, []int64{30}, 1)
	v, _ = v.Apply(deltaOf(t, v, []int64{40}, 1))
	if _, err := v.Apply(three); !errors.Is(err, ErrConflict) {
		t.Fatalf("both delete row 1: %v", err)
	}
	if _, err := v.Truncate().Apply(three); !errors.Is(err, ErrConflict) {
		t.Fatalf("truncated since: %v", err)
	}
}

// fill makes a version with one integer column's values on slice 0.
func fill(t testing.TB, def *Definition, topo Topology, vals ...int64) *Version {
	t.Helper()
	v := NewVersion(def, topo)
	v, err := v.Apply(deltaOf(t, v, vals))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// intBatch is a batch of one integer column.
func intBatch(t types.Type, vals []int64) *vector.Batch {
	return &vector.Batch{Columns: []*vector.Vector{{Type: t, Len: len(vals), Int64s: vals}}, Len: len(vals)}
}

// deltaOf appends values to slice 0 and deletes rows of it.
func deltaOf(t testing.TB, v *Version, vals []int64, dead ...int64) *Delta {
	t.Helper()
	w := ViewOf(v).NewWriter()
	for len(vals) > 0 {
		n := min(len(vals), vector.Size)
		if err := w.Append(0, intBatch(v.def.Columns[0].Type, vals[:n])); err != nil {
			t.Fatal(err)
		}
		vals = vals[n:]
	}
	w.Delete(0, dead)
	d, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// intsOf reads column 0 of a slice.
func intsOf(v *Version, slice int, preds ...Predicate) []int64 {
	var out []int64
	s := ViewOf(v).Scan(slice, &ScanSpec{Columns: []int{0}, Predicates: preds})
	_ = s.each(func(b *vector.Batch) error {
		for i := range b.Rows() {
			at := i
			if b.Sel != nil {
				at = int(b.Sel[i])
			}
			out = append(out, b.Columns[0].Get(at).Int)
		}
		return nil
	})
	return out
}
