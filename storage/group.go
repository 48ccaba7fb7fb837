package storage

import (
	"unsafe"

	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// groupZones is the number of zones that are encoded together: long enough for a dictionary to pay, short enough to be a task.
const groupZones = 64

// group is a run of full zones of one shard, encoded at one time; immutable.
type group struct {
	zones   int      // all full
	columns []column // in table order; shared between groups when an ALTER keeps a column
}

// column is one column of a group. Each zone says in its zoneMap in which form it lies; its payload is a range of the slice of that form:
//
//	constant  Const: one value in the lane slice           narrow8/16/32  codes in u8/u16/u32, value = base + code
//	plain     values in the lane slice                     dict8/16       codes in u8/u16, value = dict[code]
//	packed16/32  texts under symbols: their codes in packed from base on, u16/u32 say where each ends; lo = bytes of the texts
type column struct {
	zones []zoneMap
	u8    []uint8
	u16   []uint16
	u32   []uint32

	bools  []bool
	ints   []int64
	wides  []types.Int128
	floats []float64
	texts  []string

	dict    *vector.Vector
	symbols *symbols
	packed  []byte
	nulls   []uint64 // words of the zones that have NULLs

	// Bounds of lanes that do not fit in a zoneMap's lo and hi, two a zone, min and max; nil for the others.
	wideBounds []types.Int128
	textBounds []string

	arena int   // bytes that texts lies in, those of the bounds of such a column, and the table of symbols with the first group that has it
	bytes int64 // held in memory, counted once: a dictionary with the first group that has it

	lo, hi types.Datum // of the whole group
	nulled int         // NULLs in the group
	some   bool        // a value that is not NULL exists: lo and hi hold
}

// form is the physical form of a zone's column.
type form uint8

const (
	constant form = iota
	plain
	narrow8
	narrow16
	narrow32
	dict8
	dict16
	packed16
	packed32
)

// zoneMap describes one column of one zone: its form and place, its bounds, and where it lies in Redshift's count of blocks.
type zoneMap struct {
	form    form
	values  bool  // a value that is not NULL exists: the bounds hold
	ascends bool  // int lane, without NULLs: no value is less than the one before, as of a column that counts the rows of a load
	off     int32 // first element of the payload in its slice
	nulls   int32 // first word in column.nulls; -1 = no NULL
	nulled  int32 // number of NULLs
	base    int64
	lo, hi  int64 // int lane: the bounds; float lane: as sortable bits; bool lane: 0 and 1

	// The zone's nominal bytes end in block `block` (numbered from 0 within its region of the shard), of which `fill` bytes are then used; it
	// began in block `first`. Only a zone that is larger than a block has first < block-1.
	first, block int32
	fill         int32
	bytes        int32
}

// vector points v at zone z of the column, rows rows; nothing is copied. The texts of a packed zone are left to unpack.
func (c *column) vector(v *vector.Vector, z, rows int) {
	m := &c.zones[z]
	v.Len, v.Nulls, v.Dict = rows, nil, nil
	v.U8, v.U16, v.U32, v.Base = nil, nil, nil, 0
	off := int(m.off)
	if m.nulls >= 0 {
		words := (rows + 63) >> 6
		if m.form == constant {
			words = 1
		}
		v.Nulls = c.nulls[m.nulls : int(m.nulls)+words]
	}
	switch m.form {
	case narrow8:
		v.Form, v.Base, v.U8 = vector.Narrow, m.base, c.u8[off:off+rows]
	case narrow16:
		v.Form, v.Base, v.U16 = vector.Narrow, m.base, c.u16[off:off+rows]
	case narrow32:
		v.Form, v.Base, v.U32 = vector.Narrow, m.base, c.u32[off:off+rows]
	case dict8:
		v.Form, v.Dict, v.U8 = vector.Dict, c.dict, c.u8[off:off+rows]
	case dict16:
		v.Form, v.Dict, v.U16 = vector.Dict, c.dict, c.u16[off:off+rows]
	case packed16, packed32:
		v.Form = vector.Flat
	default:
		v.Form = vector.Flat
		n := rows
		if m.form == constant {
			v.Form, n = vector.Const, 1
		}
		switch {
		case c.ints != nil:
			v.Int64s = c.ints[off : off+n : off+n]
		case c.texts != nil:
			v.Texts = c.texts[off : off+n : off+n]
		case c.floats != nil:
			v.Floats = c.floats[off : off+n : off+n]
		case c.wides != nil:
			v.Wides = c.wides[off : off+n : off+n]
		default:
			v.Bools = c.bools[off : off+n : off+n]
		}
	}
}

// isPacked says whether zone z holds texts under symbols.
func (c *column) isPacked(z int) bool { return c.zones[z].form >= packed16 }

// textBytes counts the bytes of the texts of zone z; ok is false when they lie neither as codes nor under symbols. What lies under a NULL is code 0: of a
// zone that has some they are not counted.
func (c *column) textBytes(z, rows int) (n int64, ok bool) {
	m := &c.zones[z]
	off := int(m.off)
	switch {
	case m.form >= packed16:
		return m.lo, true
	case m.nulled > 0:
		return 0, false
	case m.form == dict8:
		return codesBytes(c.u8[off:off+rows], c.dict.Texts), true
	case m.form == dict16:
		return codesBytes(c.u16[off:off+rows], c.dict.Texts), true
	}
	return 0, false
}

func codesBytes[C uint8 | uint16](codes []C, texts []string) (n int64) {
	for _, c := range codes {
		n += int64(len(texts[c]))
	}
	return n
}

// bounds gives the least and greatest value of zone z as data of type t.
func (c *column) bounds(t types.Type, z int) (lo, hi types.Datum, ok bool) {
	m := &c.zones[z]
	if !m.values {
		return lo, hi, false
	}
	lo.Type, hi.Type = t, t
	switch t.Lane() {
	case types.LaneBool:
		lo.Bool, hi.Bool = m.lo != 0, m.hi != 0
	case types.LaneInt:
		lo.Int, hi.Int = m.lo, m.hi
	case types.LaneWide:
		lo.Wide, hi.Wide = c.wideBounds[2*z], c.wideBounds[2*z+1]
	case types.LaneFloat:
		lo.Float, hi.Float = floatFromOrder(m.lo), floatFromOrder(m.hi)
	default:
		lo.Text, hi.Text = c.textBounds[2*z], c.textBounds[2*z+1]
	}
	return lo, hi, true
}

// measure notes what the column holds in memory. shared is the number of the dictionary's texts that the group before holds already.
func (c *column) measure(shared int) {
	c.bytes = int64(len(c.packed)+len(c.u8)+2*len(c.u16)+4*len(c.u32)+len(c.bools)+8*len(c.ints)+16*len(c.wides)+8*len(c.floats)+16*len(c.texts)) + int64(c.arena) +
		int64(8*len(c.nulls)+int(unsafe.Sizeof(zoneMap{}))*len(c.zones)+16*len(c.wideBounds)+16*len(c.textBounds))
	if c.dict != nil {
		for _, t := range c.dict.Texts[min(shared, c.dict.Len):c.dict.Len] {
			c.bytes += int64(len(t)) + 16
		}
	}
}

// actual is what the group holds in memory.
func (g *group) actual() int64 {
	n := int64(0)
	for i := range g.columns {
		n += g.columns[i].bytes
	}
	return n
}
