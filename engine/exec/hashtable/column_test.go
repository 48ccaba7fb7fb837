package hashtable

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// columnKinds are a type of every lane, with a way to make values.
var columnKinds = []struct {
	typ  types.Type
	make func(r *rand.Rand) types.Datum
}{
	{types.TBool, func(r *rand.Rand) types.Datum { return types.Datum{Bool: r.IntN(2) == 0} }},
	{types.TInt8, func(r *rand.Rand) types.Datum { return types.Datum{Int: r.Int64()} }},
	{types.TNumeric(38, 0), func(r *rand.Rand) types.Datum { return types.Datum{Wide: types.Int128{Hi: r.Int64(), Lo: r.Uint64()}} }},
	{types.TFloat8, func(r *rand.Rand) types.Datum { return types.Datum{Float: r.NormFloat64()} }},
	{types.TVarchar(20), func(r *rand.Rand) types.Datum { return types.Datum{Text: fmt.Sprint(r.IntN(1 << 20))} }},
}

// modelled is a column and what is in it.
type modelled struct {
	column Column
	rows   []types.Datum
	text   int64
}

// grow appends batches of odd lengths, some with a selection, some of one value, until there are n rows or more. share of 8 values are NULL.
func (m *modelled) grow(r *rand.Rand, kind, n, share int) {
	k := columnKinds[kind]
	m.column.Type = k.typ
	value := func() types.Datum {
		d := k.make(r)
		d.Type, d.Null = k.typ, r.IntN(8) < share
		return d
	}
	for len(m.rows) < n {
		size := 1 + r.IntN(vector.Size)
		if r.IntN(10) == 0 { // what a window function computes is longer than a batch
			size = 1 + r.IntN(3*vector.ChunkRows)
		}
		if r.IntN(8) == 0 {
			d := value()
			m.column.Append(vector.NewConst(d, size), nil, size)
			for range size {
				m.add(d)
			}
			continue
		}
		v := vector.New(k.typ, size)
		all := make([]types.Datum, size)
		for i := range all {
			all[i] = value()
			v.Set(i, all[i])
		}
		if size > vector.Size || r.IntN(2) == 0 {
			m.column.Append(v, nil, size)
			for _, d := range all {
				m.add(d)
			}
			continue
		}
		var sel []uint16
		for i := range size {
			if r.IntN(2) == 0 {
				sel = append(sel, uint16(i))
				m.add(all[i])
			}
		}
		m.column.Append(v, sel, len(sel))
	}
}

// add notes a row.
func (m *modelled) add(d types.Datum) {
	m.rows = append(m.rows, d)
	if !d.Null {
		m.text += int64(len(d.Text))
	}
}

// check compares the column's rows with the model's, read in all ways.
func (m *modelled) check(t *testing.T, r *rand.Rand, name string) {
	t.Helper()
	c := &m.column
	if c.Len != len(m.rows) || m.text > 0 && c.text != m.text {
		t.Fatalf("%s: %d rows with %d bytes of texts, want %d with %d", name, c.Len, c.text, len(m.rows), m.text)
	}
	same := func(how string, row int, got types.Datum) {
		t.Helper()
		if want := m.rows[row]; got.Null != want.Null || !got.Null && got != want {
			t.Fatalf("%s: %s of row %d: %v, want %v", name, how, row, got, want)
		}
	}
	var v vector.Vector
	for lo := 0; lo < c.Len; lo += vector.Size {
		hi := min(lo+vector.Size, c.Len)
		c.View(lo, hi, &v)
		for i := range hi - lo {
			same("view", lo+i, v.Get(i))
		}
	}
	out := vector.New(c.Type, 0)
	for range 20 {
		n := 1 + r.IntN(vector.Size)
		rows, at := make([]uint32, n), make([]uint16, n)
		for i, place := range r.Perm(vector.Size)[:n] {
			rows[i], at[i] = uint32(r.IntN(c.Len)), uint16(place)
		}
		c.Gather(rows, out)
		for i, row := range rows {
			same("gather", int(row), out.Get(i))
		}
		c.Scatter(rows, at, vector.Size, out)
		for i, row := range rows {
			same("scatter", int(row), out.Get(int(at[i])))
		}
		same("get", int(rows[0]), c.Get(int(rows[0])))
	}
}

// TestColumnChunks: columns of many chunks hold what was put into them, and copies and takings of others, in every lane.
func TestColumnChunks(t *testing.T) {
	r, rounds := rand.New(rand.NewPCG(3, 4)), 5
	if testing.Short() {
		rounds = 1
	}
	for kind := range columnKinds {
		for round := range rounds {
			name := fmt.Sprintf("%s, round %d", columnKinds[kind].typ, round)
			sizes := []int{1, 100, vector.ChunkRows - 5, vector.ChunkRows, 2*vector.ChunkRows + 9}
			var a, b modelled
			a.grow(r, kind, sizes[r.IntN(len(sizes))], r.IntN(2))
			b.grow(r, kind, sizes[r.IntN(len(sizes))], r.IntN(2))
			a.check(t, r, name)
			b.check(t, r, name)
			a.column.AppendColumn(&b.column)
			a.rows, a.text = append(a.rows, b.rows...), a.text+b.text
			a.check(t, r, name+" and a copy")
			b.check(t, r, name+", what was copied")
			b.grow(r, kind, len(b.rows)+10, 0) // which is its own

			kept, full := len(a.rows)&^vector.ChunkMask, len(b.rows)&^vector.ChunkMask
			var all modelled
			for _, rows := range [][]types.Datum{a.rows[:kept], b.rows[:full], a.rows[kept:], b.rows[full:]} {
				all.rows = append(all.rows, rows...)
			}
			a.column.Take(&b.column)
			all.column, all.text = a.column, a.text+b.text
			all.check(t, r, name+" and what it took")
			all.grow(r, kind, len(all.rows)+vector.ChunkRows, 1)
			all.check(t, r, name+", grown on")
		}
	}
}
