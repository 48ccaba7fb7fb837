package system

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// BlockMap is a table as its slices hold it, for a drawing: what STV_BLOCKLIST and STV_TBL_PERM say, with values that people can read, and what a query's
// conditions make of each block.
//
//	slice 0   column year   [1902..1931 sorted][1931..1975 sorted][1903..2019 unsorted]
//	                          read               skipped            read
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_BLOCKLIST.html
type BlockMap struct {
	Table   *catalog.Table
	Columns []MapColumn // the table's, then insert_xid, delete_xid and row_id
	Slices  []MapSlice  // by number
	Blocks  []MapBlock
	// Query is the query whose scans Blocks tell of; 0 = none, as when the table's columns are others by now. Unknown says that it had a condition whose value
	// nobody kept (a parameter), so that no block is said to be skipped by it.
	Query   int64
	Unknown bool
	// Keys says that the keys of a join restricted the scan as well: the run may have skipped more blocks than are marked.
	Keys bool
}

// MapColumn is a column of a BlockMap. DistKey is the position in the distribution key, 1 or 0; SortKey that in the sort key, from 1, 0 = none.
type MapColumn struct {
	Name, Type, Encoding string
	DistKey, SortKey     int
	Hidden               bool
	Read                 bool // by the query
}

// MapSlice is what a slice has of a table: rows as they lie there, those among them that are marked deleted, and those of the sorted region.
type MapSlice struct{ Rows, Deleted, Sorted int64 }

// MapBlock is a block. Min and Max are its zone map as text: of texts the first eight bytes; "" both when it has no value that is not NULL.
type MapBlock struct {
	Slice, Column, Number int
	Rows, Bytes           int64
	Min, Max              string
	Low, High             int64 // Min and Max as the zone map has them, 8 bytes that compare as the values do; Low > High = it has none
	Sorted                bool
	Read, Skipped         bool // by the query: both false when it did not ask for the column
}

// BlockMap makes the map of a table; query is the number of a query in the log whose scans are marked, 0 = none. now are the settings of the session, for
// conditions that are computed. Zone maps tell values of rows, so only who may read STV_BLOCKLIST may read it (42501).
func (e *Env) BlockMap(t *catalog.Table, query int64, now function.Env) (*BlockMap, error) {
	if !e.privileged() {
		return nil, sqlstate.InsufficientPrivilege.Errorf("permission denied for relation stv_blocklist")
	}
	v := e.version(t)
	m := &BlockMap{Table: t, Columns: mapColumns(t)}
	rows, sorted := sliceRows(v)
	for s := range rows {
		x := MapSlice{Rows: rows[s], Sorted: sorted[s]}
		if rows[s] > 0 {
			from := s
			if t.Def.Dist.All() {
				from = 0
			}
			x.Deleted = v.Shard(from).Deleted()
		}
		m.Slices = append(m.Slices, x)
	}
	scans, err := m.scansOf(e, query, now)
	if err != nil {
		return nil, err
	}
	v.Blocks(func(b storage.BlockInfo) { m.Blocks = append(m.Blocks, mapBlock(t, &b)) })
	for i := range scans {
		m.mark(v, &scans[i])
	}
	for i := range m.Blocks {
		b := &m.Blocks[i]
		b.Skipped = b.Skipped && !b.Read
	}
	return m, nil
}

// mapColumns are the columns of a map.
func mapColumns(t *catalog.Table) []MapColumn {
	out := make([]MapColumn, 0, len(t.Columns)+storage.HiddenColumns)
	for i := range t.Columns {
		c := MapColumn{Name: t.Columns[i].Name, Type: t.Columns[i].Type.String(), Encoding: t.Def.EncodingOf(i).String()}
		if t.Def.Dist.Keyed() && t.Def.Dist.Column == i {
			c.DistKey = 1
		}
		for k, s := range t.Def.Sort.Columns {
			if s == i && t.Def.Sort.Style != storage.SortNone {
				c.SortKey = k + 1
			}
		}
		out = append(out, c)
	}
	for _, name := range []string{"insert_xid", "delete_xid", "row_id"} {
		out = append(out, MapColumn{Name: name, Type: "bigint", Hidden: true})
	}
	return out
}

// mapBlock is a block with its zone map as text.
func mapBlock(t *catalog.Table, b *storage.BlockInfo) MapBlock {
	out := MapBlock{Slice: b.Slice, Column: b.Column, Number: b.Number, Rows: b.Values, Bytes: b.NominalBytes, Sorted: b.SortedRegion, Low: 1}
	if b.Min <= b.Max && b.Values > 0 && (!b.Hidden || b.Max > 0) {
		typ := types.TInt8
		if !b.Hidden {
			typ = t.Columns[b.Column].Type
		}
		out.Min, out.Max, out.Low, out.High = zoneText(typ, b.Min), zoneText(typ, b.Max), b.Min, b.Max
	}
	return out
}

// zoneText prints the eight bytes that a zone map keeps of a value.
func zoneText(t types.Type, v int64) string {
	d := types.Datum{Type: t, Int: v}
	switch t.Lane() {
	case types.LaneText:
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], uint64(v))
		s := strings.TrimRight(string(b[:]), "\x00")
		for len(s) > 0 && !utf8.ValidString(s) && len(s) == 8 { // a rune that was cut
			s = s[:len(s)-1]
		}
		return strings.TrimRight(strings.ToValidUTF8(s, "?"), " ")
	case types.LaneBool:
		d.Bool = v != 0
	case types.LaneFloat:
		d.Float = float64(v)
	case types.LaneWide: // the high half is no value of the type
		d.Type = types.TInt8
	}
	return string(types.AppendText(nil, &d, time.UTC))
}

// mapScan is a scan of the table by the query.
type mapScan struct {
	columns []int
	preds   []storage.Predicate
	slice   int // the only one that was read; -1 = all
}

// scansOf gives the query's scans of the table, with their conditions as values.
func (m *BlockMap) scansOf(e *Env, query int64, now function.Env) (scans []mapScan, err error) {
	if query == 0 {
		return nil, nil
	}
	e.queries(func(r *Record) bool {
		if r.Query != query {
			return true
		}
		now.Now, now.TxNow, now.Params = r.Start, r.Begun, r.Literals
		scans, err = m.scansIn(r, &now)
		return false
	})
	return scans, err
}

// scansIn gives the scans of a record.
func (m *BlockMap) scansIn(r *Record, now *function.Env) (scans []mapScan, err error) {
	if r.Program == nil || r.Report == nil || m.altered(r) {
		return nil, nil
	}
	m.Query, m.Unknown = r.Query, m.asks(r)
	for i := range r.Program.Streams {
		for _, g := range r.Program.Streams[i].Segments {
			s, ok := g.Source.(*exec.ScanSource)
			if !ok || own(r, s.TableID) != m.Table.ID {
				continue
			}
			m.Keys = m.Keys || len(s.Runtime) > 0
			x := mapScan{columns: s.Columns, slice: -1}
			if m.Table.Def.Dist.All() && !s.EverySlice {
				x.slice = 0
			}
			if !m.Unknown {
				if x.preds, err = s.Bound(now); err != nil {
					return nil, err
				}
				if s.KeyPred >= 0 {
					x.slice = int(storage.SlotOf(&x.preds[s.KeyPred].Value, len(m.Slices)))
				}
			}
			scans = append(scans, x)
		}
	}
	return scans, nil
}

// own is the statement's own number of a table in its plan, which may have been made for others.
func own(r *Record, id uint32) uint32 {
	if r.Renaming != nil {
		if t := r.Renaming.ByID(id); t != nil {
			return t.ID
		}
	}
	return id
}

// altered says whether the table has other columns than when the query was planned.
func (m *BlockMap) altered(r *Record) bool {
	other := false
	plan.Walk(r.Root(), func(n plan.Node) bool {
		if s, ok := n.(*plan.Scan); ok && s.Table.ID == m.Table.ID {
			other = other || !slices.EqualFunc(s.Table.Columns, m.Table.Columns, func(a, b catalog.Column) bool { return a.Name == b.Name && a.Type == b.Type })
		}
		return !other
	})
	return other
}

// asks says whether a condition on the table has a parameter whose value the record does not have.
func (m *BlockMap) asks(r *Record) bool {
	found := false
	plan.Walk(r.Root(), func(n plan.Node) bool {
		if s, ok := n.(*plan.Scan); ok && s.Table.ID == m.Table.ID {
			for _, f := range s.Filter {
				expr.Walk(f, func(x expr.Expr) bool {
					p, ok := x.(*expr.Param)
					found = found || ok && p.N > len(r.Literals)
					return true
				})
			}
		}
		return true
	})
	return found
}

// mark says of the blocks of the columns that a scan asks for whether it must read them. Blocks come in the order of m.Blocks.
func (m *BlockMap) mark(v *storage.Version, s *mapScan) {
	asked := make([]bool, len(m.Columns))
	for _, c := range s.columns {
		asked[c] = true
	}
	for i := range s.preds {
		asked[s.preds[i].Column] = true
	}
	i := 0
	v.BlocksFor(s.preds, func(b storage.BlockInfo) {
		x := &m.Blocks[i]
		i++
		if !asked[b.Column] || b.Hidden || s.slice >= 0 && s.slice != b.Slice || b.Min == math.MaxInt64 && b.Values == 0 {
			return
		}
		m.Columns[b.Column].Read = true
		x.Read, x.Skipped = x.Read || !b.Pruned, x.Skipped || b.Pruned
	})
}
