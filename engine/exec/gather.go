package exec

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// gathered is room for some rows of a column, in the form that the column has: codes stay codes.
type gathered struct {
	v     vector.Vector // what is handed out
	lane  vector.Vector // owns the lane of a Flat one
	u8    []uint8
	u16   []uint16
	u32   []uint32
	nulls []uint64
}

// take makes the rows listed a column; it is valid until the next take.
func (g *gathered) take(v *vector.Vector, rows []uint16) *vector.Vector {
	n := len(rows)
	switch v.Form {
	case vector.Const:
		g.v = *v
		g.v.Len = n
		return &g.v
	case vector.Flat:
		g.flat(v, rows, n)
		return &g.v
	}
	g.v = vector.Vector{Type: v.Type, Form: v.Form, Len: n, Base: v.Base, Dict: v.Dict}
	switch {
	case v.U8 != nil:
		g.u8 = gatherCodes(g.u8, v.U8, rows)
		g.v.U8 = g.u8
	case v.U16 != nil:
		g.u16 = gatherCodes(g.u16, v.U16, rows)
		g.v.U16 = g.u16
	default:
		g.u32 = gatherCodes(g.u32, v.U32, rows)
		g.v.U32 = g.u32
	}
	g.v.Nulls = g.nullsOf(v, rows, n)
	return &g.v
}

// flat makes the rows (nil = all) a Flat column, whatever form they have.
func (g *gathered) flat(v *vector.Vector, rows []uint16, n int) *vector.Vector {
	g.lane.Type = v.Type
	if v.Form == vector.Const {
		v.Gather(rows, &g.lane)
		g.v = g.lane
		return &g.v
	}
	bare := *v // without its bitmap, which Gather would copy to fresh memory
	bare.Nulls, bare.Len = nil, n
	bare.Gather(rows, &g.lane)
	g.v = g.lane
	g.v.Nulls = g.nullsOf(v, rows, n)
	return &g.v
}

// nullsOf gives the bitmap of the rows, nil when none is NULL.
func (g *gathered) nullsOf(v *vector.Vector, rows []uint16, n int) []uint64 {
	if v.Nulls == nil {
		return nil
	}
	g.nulls = bitmap(g.nulls, n)
	var or uint64
	if rows == nil {
		for i := range g.nulls {
			g.nulls[i] = v.Nulls[i]
			or |= v.Nulls[i]
		}
	}
	for i, r := range rows {
		bit := v.Nulls[r>>6] >> (r & 63) & 1
		or |= bit
		g.nulls[i>>6] |= bit << (uint(i) & 63)
	}
	if or == 0 {
		return nil
	}
	return g.nulls
}

// bitmap gives a zeroed bitmap of n bits, in buf when it has room.
func bitmap(buf []uint64, n int) []uint64 {
	w := (n + 63) / 64
	if cap(buf) < w {
		buf = make([]uint64, w, max(w, vector.Size/64))
	}
	buf = buf[:w]
	clear(buf)
	return buf
}

// gatherCodes gathers codes, into buf when it has room.
func gatherCodes[C uint8 | uint16 | uint32](buf, codes []C, rows []uint16) []C {
	if cap(buf) < len(rows) {
		buf = make([]C, len(rows), max(len(rows), min(vector.Size, 2*len(rows)+16)))
	}
	buf = buf[:len(rows)]
	for i, r := range rows {
		buf[i] = codes[r]
	}
	return buf
}

// nullColumns makes Const columns of NULLs; setLen gives them the length of a batch.
func nullColumns(ts []types.Type) []*vector.Vector {
	vs := make([]*vector.Vector, len(ts))
	for i, t := range ts {
		vs[i] = vector.NewConst(types.NullOf(t), 0)
	}
	return vs
}

// setLen gives Const columns the length of a batch.
func setLen(vs []*vector.Vector, n int) []*vector.Vector {
	for _, v := range vs {
		v.Len = n
	}
	return vs
}

// liveRows lists the live rows of a batch.
func liveRows(b *vector.Batch) []uint16 {
	if b.Sel != nil {
		return b.Sel
	}
	return vector.Rows[:b.Len]
}

// end finishes the sink behind one that has pushed on what it kept, err being how that ended: rows that are not needed any more are no error.
func (c *counted) end(err error) error {
	if err != nil && err != errDone {
		return err
	}
	return c.next.finish()
}
