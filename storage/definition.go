package storage

import (
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// Topology is the shape of a cluster. Slices are numbered through all nodes.
type Topology struct{ Nodes, SlicesPerNode int }

// Slices is the number of slices of the cluster.
func (t Topology) Slices() int { return t.Nodes * t.SlicesPerNode }

// Node is the node that owns a slice.
func (t Topology) Node(slice int) int { return slice / t.SlicesPerNode }

// DistStyle is the distribution style of a table; the Auto styles are what DISTSTYLE AUTO stands at.
// https://docs.aws.amazon.com/redshift/latest/dg/c_choosing_dist_sort.html
type DistStyle uint8

// Distribution styles.
const (
	Even DistStyle = iota
	Key
	All
	AutoAll
	AutoEven
	AutoKey
)

// String is the style as svv_table_info spells it, without the key's column.
func (s DistStyle) String() string {
	return [...]string{"EVEN", "KEY", "ALL", "AUTO(ALL)", "AUTO(EVEN)", "AUTO(KEY)"}[s]
}

// Auto says whether the engine may change the style.
func (s DistStyle) Auto() bool { return s >= AutoAll }

// Distribution says where rows go. Column is the DISTKEY, -1 without one.
type Distribution struct {
	Style  DistStyle
	Column int
}

// All says whether every node holds a whole copy.
func (d Distribution) All() bool { return d.Style == All || d.Style == AutoAll }

// Keyed says whether rows are placed by the hash of a column.
func (d Distribution) Keyed() bool { return (d.Style == Key || d.Style == AutoKey) && d.Column >= 0 }

// Distributes says whether a column of a type can be a DISTKEY.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
func Distributes(t types.Type) bool {
	return t.Kind != types.Super && t.Kind != types.Varbyte && !t.IsOpaque()
}

// Sorts says whether a column of a type can be in a sort key, and whether values of it have an order that keys can be declared by.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-limitations.html
func Sorts(t types.Type) bool { return t.Kind != types.Super && !t.IsOpaque() }

// SortStyle is the kind of a sort key.
type SortStyle uint8

// Sort styles. SortAuto without columns has not chosen a key yet.
// https://docs.aws.amazon.com/redshift/latest/dg/t_Sorting_data.html
const (
	SortNone SortStyle = iota
	Compound
	Interleaved
	SortAuto
)

// SortKey is the order in which a shard's sorted region lies.
type SortKey struct {
	Style   SortStyle
	Columns []int
}

// Column is a column as storage needs it.
type Column struct {
	Name     string
	Type     types.Type
	Encoding encoding.Kind // Auto = the default of the type
	NotNull  bool
}

// Definition is the shape of a table. It is immutable; an ALTER makes a new one.
type Definition struct {
	ID         uint32 // table id, >= 100000
	Columns    []Column
	Dist       Distribution
	Sort       SortKey
	BlockBytes int // of a block; 0 = 1 MB; 4 KB..1 MB, so that tests see many blocks
	Temp       bool
}

// DefaultBlockBytes is Redshift's block: 1 MB.
const DefaultBlockBytes = 1 << 20

// HiddenColumns are the columns that Redshift appends to every table: insert_xid, delete_xid and row_id.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_BLOCKLIST.html
const HiddenColumns = 3

// blockBytes is BlockBytes with its default.
func (d *Definition) blockBytes() int {
	if d.BlockBytes <= 0 {
		return DefaultBlockBytes
	}
	return d.BlockBytes
}

// ZoneRows is the number of rows of a full zone: 2,048, fewer when blocks are so small that a zone of 16-byte values would not fit.
func (d *Definition) ZoneRows() int { return max(64, min(vector.Size, d.blockBytes()/16)) }

// sorted says whether loads are to be sorted.
func (d *Definition) sorted() bool { return d.Sort.Style != SortNone && len(d.Sort.Columns) > 0 }

// EncodingOf is the encoding in force for column c: the one that was named, or the default.
func (d *Definition) EncodingOf(c int) encoding.Kind {
	if k := d.Columns[c].Encoding; k != encoding.Auto {
		return k
	}
	return d.DefaultEncoding(c)
}

// DefaultEncoding is the encoding of column c when none is written for it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
func (d *Definition) DefaultEncoding(c int) encoding.Kind {
	key := false
	for _, s := range d.Sort.Columns {
		key = key || s == c
	}
	return encoding.Default(d.Columns[c].Type, key, d.Temp)
}

// Place writes the slice of each live row of b to out. Round robin goes on from startRow, the number of rows placed before; a DISTKEY's slice
// is its hash modulo the slices; of an ALL table slice 0 keeps the one physical copy.
func (d *Definition) Place(topo Topology, b *vector.Batch, startRow int64, out []uint16) {
	n := b.Rows()
	out = out[:n]
	slices := topo.Slices()
	switch {
	case slices == 1 || d.Dist.All():
		clear(out)
	case d.Dist.Keyed() && n <= fewPlaced:
		var hashes [fewPlaced]uint64
		d.placeByKey(b, slices, hashes[:n], out)
	case d.Dist.Keyed():
		var hashes [vector.Size]uint64
		d.placeByKey(b, slices, hashes[:n], out)
	default:
		at := uint16(startRow % int64(slices))
		for i := range out {
			out[i] = at
			if at++; int(at) == slices {
				at = 0
			}
		}
	}
}

// fewPlaced are so few rows that to clear room for a batch would cost more than to place them.
const fewPlaced = 32

func (d *Definition) placeByKey(b *vector.Batch, slices int, hashes []uint64, out []uint16) {
	vector.Hash(b.Columns[d.Dist.Column], b.Sel, nil, hashes)
	Slots(hashes, slices, out)
}

// Slot is the slice of a hash: the rule that Place, the dist step and an equality on the DISTKEY share.
func Slot(hash uint64, slices int) uint16 { return uint16(hash % uint64(slices)) }

// Slots is Slot for many hashes.
func Slots(hashes []uint64, slices int, out []uint16) {
	out = out[:len(hashes)]
	if n := uint64(slices); n&(n-1) == 0 { // a division costs more than the rest of placing a row
		for i, h := range hashes {
			out[i] = uint16(h & (n - 1))
		}
		return
	}
	for i, h := range hashes {
		out[i] = Slot(h, slices)
	}
}

// SlotOf is the slice on which rows with value d in the DISTKEY lie.
func SlotOf(v *types.Datum, slices int) uint16 {
	return Slot(vector.HashDatum(v), slices)
}
