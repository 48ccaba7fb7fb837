package hashtable

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// keyOf is a value as a Go map's key: equal when SQL's = says so, NULL being equal to itself.
func keyOf(d types.Datum) string {
	if d.Null {
		return "NULL"
	}
	switch d.Type.Lane() {
	case types.LaneBool:
		return fmt.Sprint(d.Bool)
	case types.LaneInt:
		return fmt.Sprint(d.Int)
	case types.LaneWide:
		return d.Wide.Big().String()
	case types.LaneFloat:
		if d.Float == 0 {
			return "0"
		}
		return fmt.Sprint(d.Float)
	}
	if d.Type.Kind == types.Varbyte {
		return fmt.Sprintf("%q", d.Text)
	}
	return fmt.Sprintf("%q", strings.TrimRight(d.Text, " "))
}

// maker makes random columns of one type: few or many distinct values, some NULL.
type maker struct {
	typ    types.Type
	spread int64 // distinct values, about
	step   int64 // between integers
	nulls  bool
	dicts  []*vector.Vector
}

func (m *maker) datum(r *rand.Rand) types.Datum {
	d := types.Datum{Type: m.typ}
	x := r.Int64N(m.spread)
	switch m.typ.Lane() {
	case types.LaneBool:
		d.Bool = x&1 != 0
	case types.LaneInt:
		d.Int = (x - m.spread/2) * m.step
	case types.LaneWide:
		d.Wide = types.Int128{Hi: x % 3, Lo: uint64(x) * 0x9e3779b97f4a7c15}
	case types.LaneFloat:
		d.Float = []float64{0, math.Copysign(0, -1), math.NaN(), float64(x) / 4}[r.IntN(4)]
	default:
		d.Text = fmt.Sprint("k", x) + strings.Repeat(" ", r.IntN(3))
	}
	return d
}

// column makes n rows in a random form.
func (m *maker) column(r *rand.Rand, n int) *vector.Vector {
	v := &vector.Vector{Type: m.typ, Len: n}
	form := r.IntN(8)
	switch {
	case form == 0:
		d := m.datum(r)
		d.Null = m.nulls && r.IntN(3) == 0
		return vector.NewConst(d, n)
	case form < 4 && m.typ.Lane() != types.LaneBool:
		if len(m.dicts) < 3 {
			dict := vector.New(m.typ, 0)
			seen := map[string]bool{}
			for range 1 + r.IntN(200) {
				if d := m.datum(r); !seen[keyOf(d)] {
					seen[keyOf(d)] = true
					dict.Len++
					dict.Reset(dict.Len)
					dict.Set(dict.Len-1, d)
				}
			}
			m.dicts = append(m.dicts, dict)
		}
		v.Form, v.Dict = vector.Dict, m.dicts[r.IntN(len(m.dicts))]
		m.codes(r, v, v.Dict.Len, form)
	case form < 7 && m.typ.Lane() == types.LaneInt && m.step == 1:
		v.Form, v.Base = vector.Narrow, -m.spread/2+r.Int64N(m.spread)
		m.codes(r, v, int(min(m.spread, 256)), form-3)
	default:
		v.Reset(n)
		for i := range n {
			v.Set(i, m.datum(r))
		}
	}
	if m.nulls && r.IntN(2) == 0 {
		for i := range n {
			if r.IntN(5) == 0 {
				v.SetNull(i)
			}
		}
	}
	return v
}

// codes fills in random codes of one of the three widths.
func (m *maker) codes(r *rand.Rand, v *vector.Vector, most, width int) {
	v.U8, v.U16, v.U32 = make([]uint8, v.Len), make([]uint16, v.Len), make([]uint32, v.Len)
	for i := range v.Len {
		c := r.IntN(most)
		v.U8[i], v.U16[i], v.U32[i] = uint8(c), uint16(c), uint32(c)
	}
	switch {
	case width == 1 && most <= 256:
		v.U16, v.U32 = nil, nil
	case width == 2:
		v.U8, v.U32 = nil, nil
	default:
		v.U8, v.U16 = nil, nil
	}
}

// selection keeps some rows, or is nil.
func selection(r *rand.Rand, n int) []uint16 {
	if r.IntN(2) == 0 {
		return nil
	}
	sel := []uint16{}
	for i := range n {
		if r.IntN(3) > 0 {
			sel = append(sel, uint16(i))
		}
	}
	return sel
}

// makers chooses the key columns of a case.
func makers(r *rand.Rand) []*maker {
	all := []types.Type{
		types.TBool, types.TInt4, types.TInt8, types.TDate, types.TNumeric(12, 2), types.TNumeric(30, 2), types.TFloat8,
		types.TVarchar(20), types.TChar(10),
		{Kind: types.Varbyte, Len: 20},
		types.TTimeTZ,
	}
	ms := make([]*maker, 1+r.IntN(4))
	for i := range ms {
		ms[i] = &maker{typ: all[r.IntN(len(all))], spread: []int64{1, 3, 40, 5000, 1 << 40}[r.IntN(5)], step: []int64{1, 1, 1 << 20}[r.IntN(3)], nulls: r.IntN(2) == 0}
	}
	return ms
}

// TestGroups numbers random keys and compares with a Go map.
func TestGroups(t *testing.T) {
	seeds := uint64(400)
	if testing.Short() { // the race detector makes it ten times slower, and nothing here runs side by side
		seeds = 40
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 1))
		ms := makers(r)
		ts := make([]types.Type, len(ms))
		for i, m := range ms {
			ts[i] = m.typ
		}
		g := NewGroups(ts)
		l := g.NewLookup()
		checkGroups(t, seed, r, ms, g, l)
		for range 3 { // a table that is cleared is a new one, for keys like those before or for others
			l.Clear()
			for i, other := range makers(r) {
				if i < len(ms) && r.IntN(2) == 0 {
					ms[i].spread, ms[i].step, ms[i].nulls, ms[i].dicts = other.spread, other.step, other.nulls, nil
				}
			}
			checkGroups(t, seed, r, ms, g, l)
		}
	}
}

// checkGroups adds random keys to an empty table.
func checkGroups(t *testing.T, seed uint64, r *rand.Rand, ms []*maker, g *Groups, l *Lookup) {
	t.Helper()
	ts := make([]types.Type, len(ms))
	for i, m := range ms {
		ts[i] = m.typ
	}
	other := g.NewLookup()
	want := map[string]uint32{}
	var first [][]types.Datum
	for range 12 {
		n := []int{0, 1, 7, 300, vector.Size}[r.IntN(5)]
		keys := make([]*vector.Vector, len(ms))
		for i, m := range ms {
			keys[i] = m.column(r, n)
		}
		sel := selection(r, n)
		live := n
		if sel != nil {
			live = len(sel)
		}
		names, null := make([]string, live), make([]bool, live)
		for i := range live {
			for _, k := range keys {
				d := k.Get(row(sel, i))
				names[i] += keyOf(d) + "|"
				null[i] = null[i] || d.Null
			}
		}
		out := make([]uint32, live)
		for _, match := range []bool{true, false} {
			other.Find(keys, sel, live, match, out)
			for i, name := range names {
				w, ok := want[name]
				if !ok || null[i] && !match {
					w = Missing
				}
				if out[i] != w {
					t.Fatalf("seed %d: %v: found %s in group %d, want %d", seed, ts, name, out[i], w)
				}
			}
		}
		l.Add(keys, sel, live, out)
		for i, name := range names {
			w, ok := want[name]
			if !ok {
				want[name] = out[i]
				for len(first) <= int(out[i]) {
					first = append(first, nil)
				}
				if first[out[i]] != nil {
					t.Fatalf("seed %d: group %d has two keys", seed, out[i])
				}
				for _, k := range keys {
					first[out[i]] = append(first[out[i]], k.Get(row(sel, i)))
				}
			} else if w != out[i] {
				t.Fatalf("seed %d: %v: added %s to group %d, want %d", seed, ts, name, out[i], w)
			}
		}
		if g.Len() != len(want) {
			t.Fatalf("seed %d: %d groups, want %d", seed, g.Len(), len(want))
		}
		other = g.NewLookup() // one that has seen Missing codes would not see what was added since
	}
	out := make([]*vector.Vector, len(ms))
	for i := range out {
		out[i] = &vector.Vector{}
	}
	for lo := 0; lo < g.Len(); lo += vector.Size {
		hi := min(lo+vector.Size, g.Len())
		g.Read(lo, hi, out)
		for k, v := range out {
			for i := lo; i < hi; i++ {
				if got := keyOf(v.Get(i - lo)); got != keyOf(first[i][k]) {
					t.Fatalf("seed %d: key %d of group %d is %s, want %s", seed, k, i, got, keyOf(first[i][k]))
				}
			}
		}
	}
	if g.Len() > 0 && g.Bytes() <= 0 {
		t.Fatal("groups without memory")
	}
}

// TestIntTableForms drives the table of words through its forms: direct, wider, hashed, direct again, and the ends of the integers.
func TestIntTableForms(t *testing.T) {
	g := NewGroups([]types.Type{types.TInt8})
	l := g.NewLookup()
	want := map[int64]uint32{}
	add := func(ws ...int64) {
		t.Helper()
		out := make([]uint32, len(ws))
		v := &vector.Vector{Type: types.TInt8, Len: len(ws), Int64s: ws}
		l.Add([]*vector.Vector{v}, nil, len(ws), out)
		for i, w := range ws {
			if g, ok := want[w]; ok && g != out[i] {
				t.Fatalf("%d moved from group %d to %d", w, g, out[i])
			}
			want[w] = out[i]
		}
		if g.Len() != len(want) {
			t.Fatalf("%d groups, want %d", g.Len(), len(want))
		}
	}
	add(5, 7, 5)
	if g.ints.direct == nil {
		t.Fatal("near words are not direct")
	}
	add(-100, 3000)
	if g.ints.direct == nil {
		t.Fatal("words within 4096 are not direct")
	}
	add(1 << 20)
	if g.ints.small == nil {
		t.Fatal("words far apart have no small slots")
	}
	ws := make([]int64, 2000)
	for at := int64(0); at < 1<<20; at += 2000 {
		for i := range ws {
			ws[i] = at + int64(i)
		}
		add(ws...)
	}
	if g.ints.direct == nil {
		t.Fatal("dense words are not direct")
	}
	add(math.MinInt64, math.MaxInt64, 0, -1)
	if g.ints.slots == nil {
		t.Fatal("all integers are direct")
	}
	add(5, 7, -100, 3000, 1<<20, math.MinInt64, math.MaxInt64)

	for _, first := range []int64{0, math.MinInt64, math.MaxInt64 - 1<<20} { // small slots become large ones at the first word that has no place there
		for _, next := range []int64{1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, -1 << 31, -1<<31 - 1, math.MinInt64, math.MaxInt64} {
			g, want = NewGroups([]types.Type{types.TInt8}), map[int64]uint32{}
			l = g.NewLookup()
			add(first, first+1<<20, first+7)
			if g.ints.small == nil {
				t.Fatal("words far apart have no small slots")
			}
			add(next, first+next, first+7, first)
			add(first-next, first+1<<20, next)
		}
	}

	for _, ends := range [][]int64{{math.MinInt64, math.MinInt64 + 9}, {math.MaxInt64, math.MaxInt64 - 9}} {
		g, want = NewGroups([]types.Type{types.TInt8}), map[int64]uint32{}
		l = g.NewLookup()
		add(ends[0])
		add(ends[1])
		add(ends[0], ends[1])
		if g.ints.direct == nil {
			t.Fatal("near words at the end are not direct")
		}
	}
}

// TestTagCollisions adds keys whose hashes' upper halves are equal, so that only the comparison tells them apart.
func TestTagCollisions(t *testing.T) {
	g := NewGroups([]types.Type{types.TVarchar(10)})
	l := g.NewLookup()
	v := vector.New(types.TVarchar(10), 500)
	for i := range 500 {
		v.Set(i, types.Datum{Type: v.Type, Text: fmt.Sprint("t", i)})
	}
	out := make([]uint32, 500)
	l.Add([]*vector.Vector{v}, nil, 500, out)
	for i := range g.tags.slots { // a table in which every tag is the same
		g.tags.slots[i] = 0
	}
	// all keys into one run of slots under tag 7, as hashes that collide would lie
	for i := range uint64(500) {
		g.tags.slots[i] = 7<<32 | (i + 1)
	}
	h := make([]uint64, 500)
	for i := range h {
		h[i] = 7 << 32
	}
	found := make([]uint32, 500)
	l.tag.hashes = h
	l.taggedHashed([]*vector.Vector{v}, nil, 500, found, false)
	for i := range found {
		if found[i] != out[i] {
			t.Fatalf("row %d is in group %d, want %d", i, found[i], out[i])
		}
	}
}
