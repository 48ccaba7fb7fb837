package storage

import (
	"math"
	"slices"
	"weak"

	"github.com/redshiftsim/redshiftsim/internal/types"
)

// BlockInfo is one of Redshift's blocks, as stv_blocklist shows it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_BLOCKLIST.html
type BlockInfo struct {
	Slice        int
	Column       int // user columns from 0, then insert_xid, delete_xid, row_id
	Number       int // in the column's chain on the slice, from 0
	Values       int64
	Min, Max     int64 // 8-byte zone map values; Min > Max when the block has no value that is not NULL
	NominalBytes int64 // of encoded values; the block takes Definition.BlockBytes whatever is in it
	SortedRegion bool
	Hidden       bool // one of the three columns that Redshift adds
	Pruned       bool // its zone maps say that no row passes BlocksFor's predicates; false of the blocks of hidden columns
}

// Blocks lists the blocks that Redshift would hold: per populated slice, column and region at least one. A table with a sort key has two regions,
// sorted and unsorted. Of an ALL table each node's first slice has a copy.
// https://repost.aws/knowledge-center/redshift-cluster-storage-space
func (v *Version) Blocks(f func(BlockInfo)) { v.blocks(nil, f) }

// BlocksFor is Blocks with what the zone maps say of each block for a scan with such predicates: a scan counts those of its columns as skipped that are
// Pruned, and the others as read (ScanCounters).
func (v *Version) BlocksFor(preds []Predicate, f func(BlockInfo)) {
	v.blocks(prepare(v.def, preds, nil), f)
}

func (v *Version) blocks(tests []test, f func(BlockInfo)) {
	for slice := range v.topo.Slices() {
		s := v.Shard(slice)
		if s.Rows() == 0 {
			continue
		}
		if !v.def.Dist.All() {
			v.shardBlocks(s, slice, tests, f)
			continue
		}
		for n := range v.topo.Nodes {
			v.shardBlocks(s, n*v.topo.SlicesPerNode, tests, f)
		}
	}
}

// shardBlocks lists the blocks of one shard as those of a slice.
func (v *Version) shardBlocks(s *Shard, slice int, tests []test, f func(BlockInfo)) {
	for c := range v.def.Columns {
		number := 0
		for _, region := range v.regions() {
			b := BlockInfo{Slice: slice, Column: c, SortedRegion: region}
			n := 0
			v.columnBlocks(s, c, region, tests, func(x BlockInfo) {
				b.Number, b.Values, b.Min, b.Max, b.NominalBytes, b.Pruned = number, x.Values, x.Min, x.Max, x.NominalBytes, x.Pruned
				f(b)
				number++
				n++
			})
			if n == 0 {
				b.Number, b.Min, b.Max, b.Values, b.NominalBytes, b.Pruned = number, math.MaxInt64, math.MinInt64, 0, 0, false
				f(b)
				number++
			}
		}
	}
	for h := range HiddenColumns {
		number := 0
		for _, region := range v.regions() {
			rows := s.regionRows(region, v.def.sorted())
			bytes := hiddenBytes(h, rows, s.Deleted())
			blocks := max(1, (bytes+int64(v.def.blockBytes())-1)/int64(v.def.blockBytes()))
			for i := range blocks {
				b := BlockInfo{
					Slice: slice, Column: len(v.def.Columns) + h, Number: number, Hidden: true, SortedRegion: region,
					Values: rows*(i+1)/blocks - rows*i/blocks, NominalBytes: bytes / blocks,
				}
				if h == HiddenColumns-1 && rows > 0 {
					b.Min, b.Max = rows*i/blocks, rows*(i+1)/blocks-1
				}
				f(b)
				number++
			}
		}
	}
}

// hiddenBytes is the nominal size of a hidden column: insert_xid is a few runs, delete_xid nothing or a bit a row, row_id the ordinals in AZ64
// frames of 64 (a base, a width and 6 bits each).
func hiddenBytes(h int, rows, deleted int64) int64 {
	switch {
	case h == 1 && deleted > 0:
		return (rows + 7) / 8
	case h == 2:
		return (rows + 63) / 64 * (8 + 1 + 48)
	}
	return 16
}

// regions are the regions of the table: with a sort key the sorted and the unsorted one.
func (v *Version) regions() []bool {
	if v.def.sorted() {
		return []bool{true, false}
	}
	return []bool{false}
}

// regionRows is the number of rows in a region.
func (s *Shard) regionRows(sorted, hasKey bool) int64 {
	switch {
	case !hasKey:
		return s.Rows()
	case sorted:
		return min(s.sorted, s.Rows())
	}
	return s.Rows() - min(s.sorted, s.Rows())
}

// columnBlocks lists the blocks of one column in one region: Values, Min, Max, NominalBytes and Pruned.
func (v *Version) columnBlocks(s *Shard, c int, region bool, tests []test, f func(BlockInfo)) {
	t := v.def.Columns[c].Type
	hasKey := v.def.sorted()
	var b BlockInfo
	current := int32(-1)
	reset := func() { b = BlockInfo{Min: math.MaxInt64, Max: math.MinInt64, Pruned: true} }
	bounds := func(lo, hi types.Datum, ok bool) {
		if ok {
			l, h := zoneValue(&lo), zoneValue(&hi)
			b.Min, b.Max = min(b.Min, l, h), max(b.Max, l, h)
		}
	}
	reset()
	z := 0
	for _, g := range s.groups {
		col := &g.columns[c]
		for i := range col.zones {
			m := &col.zones[i]
			if hasKey && inSorted(z, s.zoneRows, s.sorted) != region {
				z++
				continue
			}
			z++
			if current >= 0 && m.first > current {
				f(b)
				reset()
			}
			lo, hi, ok := col.bounds(t, i)
			may := g.may(tests, i, s.zoneRows)
			span := int64(m.block-m.first) + 1
			for j := range span {
				if j > 0 {
					f(b)
					reset()
				}
				bounds(lo, hi, ok)
				b.Pruned = b.Pruned && !may
				b.Values += int64(s.zoneRows)*(j+1)/span - int64(s.zoneRows)*j/span
				b.NominalBytes += int64(m.bytes)*(j+1)/span - int64(m.bytes)*j/span
			}
			current = m.block
		}
	}
	if s.tailN > 0 && (!hasKey || inSorted(s.zones, s.zoneRows, s.sorted) == region) {
		size := s.tailBytes(t, c)
		if current >= 0 && b.NominalBytes+size > int64(v.def.blockBytes()) {
			f(b)
			reset()
		}
		current = 0
		x := s.tailBounds(v.def)[c]
		may := s.tailMay(tests, v.def)
		span := max(1, (size+int64(v.def.blockBytes())-1)/int64(v.def.blockBytes()))
		for j := range span {
			if j > 0 {
				f(b)
				reset()
			}
			bounds(x.lo, x.hi, x.some)
			b.Pruned = b.Pruned && !may
			b.Values += int64(s.tailN)*(j+1)/span - int64(s.tailN)*j/span
			b.NominalBytes += size*(j+1)/span - size*j/span
		}
	}
	if current >= 0 {
		f(b)
	}
}

// may says whether the zone maps of zone k admit a row that passes all tests.
func (g *group) may(tests []test, k, rows int) bool {
	for t := range tests {
		if tests[t].decideZone(&g.columns[tests[t].column], k, rows) == none {
			return false
		}
	}
	return true
}

// tailMay is may of the rows behind the last full zone.
func (s *Shard) tailMay(tests []test, def *Definition) bool {
	for t := range tests {
		b := &s.fact(def.Columns[tests[t].column].Type, tests[t].column, true).bound
		if tests[t].decide(&b.lo, &b.hi, b.some, b.nulled, s.tailN) == none {
			return false
		}
	}
	return true
}

// isFixed says that all values of a type have one nominal size.
func isFixed(t types.Type) bool { return t.Lane() != types.LaneText || t.Kind == types.Char }

// nominal is tailBytes; what takes a look at each text is noted.
func (s *Shard) nominal(t types.Type, c int) int64 {
	if isFixed(t) {
		return s.tailBytes(t, c)
	}
	return s.fact(t, c, false).bytes
}

// tailBytes is the nominal size of the tail's part of a column: not yet encoded.
func (s *Shard) tailBytes(t types.Type, c int) int64 {
	if isFixed(t) {
		return int64(s.tailN) * int64(t.RawBytes(0))
	}
	n := int64(0)
	for _, x := range s.tail.lanes[c].texts[:s.tailN] {
		n += int64(t.RawBytes(len(x)))
	}
	return n
}

// ColumnBlocks is the number of blocks of column c on a slice, in all regions of the table; 0 where the slice has no row.
func (v *Version) ColumnBlocks(slice, c int) int {
	n := 0
	if s := v.Shard(slice); s.Rows() > 0 {
		for _, region := range v.regions() {
			v.columnBlocks(s, c, region, nil, func(BlockInfo) { n++ })
		}
	}
	return n
}

// NominalBlocks is the number of blocks that Redshift would hold, hidden columns and the copies of an ALL table included: svv_table_info.size.
func (v *Version) NominalBlocks() int64 {
	n := int64(0)
	v.Blocks(func(BlockInfo) { n++ })
	return n
}

// ActualBytes is about what the version's rows hold in this process's memory.
func (v *Version) ActualBytes() int64 {
	if v == nil {
		return 0
	}
	n := int64(0)
	for _, s := range v.shards {
		if s != nil {
			n += s.actual()
		}
	}
	return n
}

// Beside lists what v holds in memory and now, a later version of the table or nil, does not: each element gives the bytes as long as somebody still
// reads them, then 0. It keeps nothing alive itself.
func (v *Version) Beside(now *Version) []func() int64 {
	kept := map[*group]bool{}
	if now != nil {
		for _, s := range now.shards {
			if s != nil {
				for _, g := range s.groups {
					kept[g] = true
				}
			}
		}
	}
	var out []func() int64
	for i, s := range v.shards {
		if s == nil {
			continue
		}
		for _, g := range s.groups {
			if !kept[g] {
				out = append(out, whileAlive(g, g.actual()))
			}
		}
		if s.tail != nil && (now == nil || now.Shard(i).tail != s.tail) {
			out = append(out, whileAlive(s.tail, s.tail.actual()+s.texts))
		}
	}
	return out
}

// whileAlive gives n as long as p can be reached.
func whileAlive[T any](p *T, n int64) func() int64 {
	w := weak.Make(p)
	return func() int64 {
		if w.Value() == nil {
			return 0
		}
		return n
	}
}

// Counters says what the scan did of the slice at hand. The blocks are counted by the scanner that was given zone 0, for the whole slice, from the zone
// maps, so that a slice read by several tasks counts each block once; they are counted when asked for.
func (s *Scanner) Counters() ScanCounters {
	c := s.counters
	if s.first {
		s.countBlocks(&c)
	}
	return c
}

// countBlocks counts the blocks of the scanned columns that must be read and those that need not.
func (s *Scanner) countBlocks(out *ScanCounters) {
	tests := s.tests
	if tests == nil {
		tests = prepare(s.def, s.spec.Predicates, nil)
	}
	var room [12]int
	columns := append(room[:0], s.spec.Columns...)
	for i := range tests {
		if c := tests[i].column; !slices.Contains(s.spec.Columns, c) {
			columns = append(columns, c)
		}
	}
	var blocks [12]openBlock
	n := blockCount{out: out, tests: tests, columns: columns, limit: int64(s.def.blockBytes())}
	n.open = append(blocks[:0], make([]openBlock, len(columns))...)
	for i := range s.sources {
		if run := &s.sources[i]; run.zones > 0 {
			n.shard(s.def, run)
		}
	}
}

// blockCount counts blocks from the zone maps: zone after zone, a block of each column is open.
type blockCount struct {
	out     *ScanCounters
	tests   []test
	columns []int
	open    []openBlock // by column
	limit   int64       // bytes of a block
}

// openBlock is the block in which the zones at hand lie.
type openBlock struct {
	number int32 // as the zone maps have it; -1 = none
	read   bool  // one of its zones so far may have rows that pass
	bytes  int64 // of its zones so far
}

// shard counts the blocks of a source's zones.
func (n *blockCount) shard(def *Definition, run *source) {
	sh := run.shard
	n.begin()
	z, wasSorted := 0, true
	region := func() {
		if sorted := def.sorted() && inSorted(z, sh.zoneRows, sh.sorted); sorted != wasSorted { // a region has blocks of its own
			n.end()
			n.begin()
			wasSorted = sorted
		}
	}
	for _, g := range sh.groups {
		for k := range g.zones {
			if z < run.first || z >= run.first+run.zones {
				z++
				continue
			}
			region()
			z++
			n.zone(g, k, sh.zoneRows)
		}
	}
	if sh.tailN > 0 && run.first+run.zones > sh.zones {
		region()
		n.tail(def, sh)
	}
	n.end()
}

func (n *blockCount) begin() {
	for j := range n.open {
		n.open[j] = openBlock{number: -1}
	}
}

func (n *blockCount) end() {
	for j := range n.open {
		n.close(j)
	}
}

// close counts the open block of a column.
func (n *blockCount) close(j int) {
	switch b := &n.open[j]; {
	case b.number < 0:
	case b.read:
		n.out.BlocksRead++
		n.out.Bytes += b.bytes
	default:
		n.out.BlocksSkipped++
	}
}

// zone adds zone k of a group, which may reach over several blocks of a column.
func (n *blockCount) zone(g *group, k, rows int) {
	may := g.may(n.tests, k, rows)
	for j, c := range n.columns {
		m, b := &g.columns[c].zones[k], &n.open[j]
		if m.first > b.number {
			n.close(j)
			*b = openBlock{number: m.first}
		}
		n.add(j, int64(m.bytes), int64(m.block-m.first), may)
		b.number = m.block
	}
}

// add adds size bytes to a column's open block, which reach over so many blocks more, each with a like part.
func (n *blockCount) add(j int, size, more int64, may bool) {
	for i := range more + 1 {
		b := &n.open[j]
		if i > 0 {
			n.close(j)
			*b = openBlock{number: b.number}
		}
		b.read = b.read || may
		b.bytes += size*(i+1)/(more+1) - size*i/(more+1)
	}
}

// tail adds the rows behind the last full zone, which open a block where the last one has no room for them.
func (n *blockCount) tail(def *Definition, sh *Shard) {
	may := sh.tailMay(n.tests, def)
	for j, c := range n.columns {
		b := &n.open[j]
		size := sh.nominal(def.Columns[c].Type, c)
		if b.number >= 0 && b.bytes+size > n.limit {
			n.close(j)
			*b = openBlock{}
		}
		b.number = max(b.number, 0)
		n.add(j, size, max(0, (size-1)/n.limit), may)
	}
}
