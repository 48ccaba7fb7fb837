package system

import (
	"math"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// blockTables show tables as slices hold them: all figures are nominal, what Redshift would hold, but those of the redshiftsim_ tables.
var blockTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_BLOCKLIST.html
	{
		"stv_blocklist", superuser, "slice integer, col integer, tbl integer, blocknum integer, num_values integer, extended_limits integer, " +
			"minvalue bigint, maxvalue bigint, sb_pos integer, pinned integer, on_disk integer, modified integer, hdr_modified integer, unsorted integer, " +
			"tombstone integer, preferred_diskno integer, temporary integer, newblock integer, num_readers integer, flags integer",
		func(e *Env, r *row) {
			e.blocks(r, func(t *catalog.Table, b *storage.BlockInfo, pos int64) {
				r.int(int64(b.Slice), int64(b.Column), int64(t.ID), int64(b.Number), b.Values, 0)
				header(r, t, b, pos)
				r.int(0, 0)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_DISKUSAGE.html
	{
		"svv_diskusage", superuser, "db_id integer, name character(72), slice integer, col integer, tbl integer, blocknum integer, num_values integer, " +
			"minvalue bigint, maxvalue bigint, sb_pos integer, pinned integer, on_disk integer, modified integer, hdr_modified integer, unsorted integer, " +
			"tombstone integer, preferred_diskno integer, temporary integer, newblock integer",
		func(e *Env, r *row) {
			e.blocks(r, func(t *catalog.Table, b *storage.BlockInfo, pos int64) {
				r.id(e.Catalog.DatabaseID())
				r.text(t.Name)
				r.int(int64(b.Slice), int64(b.Column), int64(t.ID), int64(b.Number), b.Values)
				header(r, t, b, pos)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_TBL_PERM.html
	{
		"stv_tbl_perm", superuser, "slice integer, id integer, name character(72), rows bigint, sorted_rows bigint, temp integer, db_id integer, " +
			"insert_pristine integer, delete_pristine integer, backup integer, dist_style integer, block_count integer", everywhere(permanent),
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
	{
		"svv_table_info", superuser, "database text, schema text, table_id oid, table text, encoded text, diststyle text, sortkey1 text, max_varchar integer, " +
			"sortkey1_enc character(32), sortkey_num integer, size bigint, pct_used numeric(10,4), empty bigint, unsorted numeric(5,2), stats_off numeric(5,2), " +
			"tbl_rows numeric(38,0), skew_sortkey1 numeric(19,2), skew_rows numeric(19,2), estimated_visible_rows numeric(38,0), risk_event text, " +
			"vacuum_sort_benefit numeric(12,2), create_time timestamp", tableInfo,
	},
	// What the tables really take in this process.
	{
		"redshiftsim_memory", superuser, "table_id oid, schema text, name text, rows bigint, deleted_rows bigint, actual_bytes bigint, nominal_blocks bigint",
		func(e *Env, r *row) {
			for _, t := range e.tables() {
				v := e.version(t)
				_, deleted, _ := v.Physical()
				r.id(t.ID)
				r.text(t.Schema, t.Name)
				r.int(v.Rows(), deleted, v.ActualBytes(), v.NominalBlocks())
				r.send()
			}
		},
	},
	// What the cluster really takes: limit_bytes is NULL without memory_limit.
	{
		"redshiftsim_memory_use", superuser, "limit_bytes bigint, data_bytes bigint, granted_bytes bigint, old_bytes bigint",
		func(e *Env, r *row) {
			m := e.Memory()
			if m.Limit == 0 {
				r.null(1)
			} else {
				r.int(m.Limit)
			}
			r.int(m.Data, m.Granted, m.Old)
			r.send()
		},
	},
}

// blocks calls put for every block, then sends the row; pos numbers the blocks of a slice.
func (e *Env) blocks(r *row, put func(t *catalog.Table, b *storage.BlockInfo, pos int64)) {
	pos := make([]int64, e.Topology.Slices())
	for _, t := range e.tables() {
		e.version(t).Blocks(func(b storage.BlockInfo) {
			if r.over {
				return
			}
			put(t, &b, pos[b.Slice])
			pos[b.Slice]++
			r.send()
		})
	}
}

// header fills the columns that stv_blocklist and svv_diskusage share, from minvalue to newblock. A block of a table without a sort key is unsorted,
// which is the default of the column.
func header(r *row, t *catalog.Table, b *storage.BlockInfo, pos int64) {
	r.int(b.Min, b.Max, pos, 0, 1, 0, 0)
	r.flagged(!b.SortedRegion)
	r.int(0, 0)
	r.flagged(t.Temp)
	r.int(0)
}

// sliceBlocks counts the blocks of a table by slice, hidden columns included.
func sliceBlocks(v *storage.Version) []int64 {
	n := make([]int64, v.Topology().Slices())
	v.Blocks(func(b storage.BlockInfo) { n[b.Slice]++ })
	return n
}

// sliceRows counts the rows of a table by slice as they lie there, those that are marked deleted too; sorted are the rows of the sorted region. Of an
// ALL table each node's first slice has them all.
func sliceRows(v *storage.Version) (rows, sorted []int64) {
	topo := v.Topology()
	rows, sorted = make([]int64, topo.Slices()), make([]int64, topo.Slices())
	for s := range rows {
		from := s
		if v.Definition().Dist.All() {
			if s%topo.SlicesPerNode != 0 {
				continue
			}
			from = 0
		}
		sh := v.Shard(from)
		rows[s], sorted[s] = sh.Rows(), min(sh.Sorted(), sh.Rows())
	}
	return rows, sorted
}

// styleCodes are the numbers of stv_tbl_perm.dist_style and pg_class_info.releffectivediststyle.
// https://docs.aws.amazon.com/redshift/latest/dg/viewing-distribution-styles.html
var styleCodes = [...]int64{storage.Even: 0, storage.Key: 1, storage.All: 8, storage.AutoAll: 10, storage.AutoEven: 11, storage.AutoKey: 12}

// permanent is one row a table and slice, and one for the leader, which holds no rows.
func permanent(e *Env, r *row) {
	for _, t := range e.tables() {
		v := e.version(t)
		rows, sorted := sliceRows(v)
		blocks := sliceBlocks(v)
		put := func(slice, rows, sorted, blocks int64) {
			r.int(slice, int64(t.ID))
			r.text(t.Name)
			r.int(rows, sorted)
			r.flagged(t.Temp)
			r.int(int64(e.Catalog.DatabaseID()), 0, 0)
			r.flagged(t.Backup)
			r.int(styleCodes[t.Def.Dist.Style], blocks)
			r.send()
		}
		for s := range rows {
			put(int64(s), rows[s], sorted[s], blocks[s])
		}
		put(exec.LeaderSlice, 0, 0, 0)
		if r.over {
			return
		}
	}
}

// tableInfo is one row for each table that holds a row.
func tableInfo(e *Env, r *row) {
	for _, t := range e.tables() {
		v := e.version(t)
		rows, _, sorted := v.Physical()
		if rows == 0 {
			continue
		}
		blocks := v.NominalBlocks()
		key, hasKey := firstSortKey(t)
		r.text(e.Database, t.Schema)
		r.id(t.ID)
		r.text(t.Shown(), encoded(t), distStyle(t))
		r.maybe(sortKeyName(t))
		r.int(widestVarchar(t))
		if hasKey {
			r.text(t.Def.EncodingOf(key).String())
		} else {
			r.null(1)
		}
		r.int(int64(len(t.Def.Sort.Columns)), blocks)
		r.decimal(100 * float64(blocks) / float64(nodeBlocks*e.Topology.Nodes))
		r.int(0)
		unsorted := 100 * float64(rows-sorted) / float64(rows)
		if hasKey {
			r.decimal(unsorted)
		} else {
			r.null(1)
		}
		r.decimal(statsOff(v))
		r.count(rows)
		skewSort(r, v, key, hasKey)
		skewRows(r, v)
		r.count(v.Rows())
		r.null(1)
		if hasKey && unsorted == 0 {
			r.decimal(0)
		} else {
			r.null(1)
		}
		r.time(t.Created)
		r.send()
		if r.over {
			return
		}
	}
}

// firstSortKey is the first column of the sort key.
func firstSortKey(t *catalog.Table) (column int, ok bool) {
	if s := t.Def.Sort; s.Style != storage.SortNone && len(s.Columns) > 0 {
		return s.Columns[0], true
	}
	return 0, false
}

// encoded says whether any column is compressed, and whether the engine has the choice.
func encoded(t *catalog.Table) string {
	some := false
	for i := range t.Columns {
		some = some || t.Def.EncodingOf(i) != encoding.Raw
	}
	s := "N"
	if some {
		s = "Y"
	}
	if t.EncodeAuto() {
		s += ", AUTO(ENCODE)"
	}
	return s
}

// distStyle is svv_table_info.diststyle: EVEN, KEY(column), ALL, AUTO(ALL), AUTO(EVEN), AUTO(KEY(column)).
func distStyle(t *catalog.Table) string {
	d := t.Def.Dist
	if !d.Keyed() {
		return d.Style.String()
	}
	c := t.Columns[d.Column].Name
	return strings.Replace(d.Style.String(), "KEY", "KEY("+c+")", 1)
}

// sortKeyName is svv_table_info.sortkey1; "" without a key.
func sortKeyName(t *catalog.Table) string {
	key, ok := firstSortKey(t)
	switch {
	case t.Def.Sort.Style == storage.SortAuto && ok:
		return "AUTO(SORTKEY(" + t.Columns[key].Name + "))"
	case t.Def.Sort.Style == storage.SortAuto:
		return "AUTO(SORTKEY)"
	case t.Def.Sort.Style == storage.Interleaved && ok:
		return "INTERLEAVED"
	case ok:
		return t.Columns[key].Name
	}
	return ""
}

// widestVarchar is the length of the widest varchar column, 0 without one.
func widestVarchar(t *catalog.Table) int64 {
	n := int64(0)
	for i := range t.Columns {
		if x := t.Columns[i].Type; x.Kind == types.Varchar {
			n = max(n, int64(x.Len))
		}
	}
	return n
}

// statsOff says how stale the statistics are, in percent: the rows that changed since, of those that there are.
func statsOff(v *storage.Version) float64 {
	if v.Statistics() == nil {
		return 100
	}
	return min(100, 100*float64(v.Changed())/float64(max(1, v.Rows())))
}

// skewSort fills skew_sortkey1: the blocks of the largest column that is no sort key over those of the first sort key column.
func skewSort(r *row, v *storage.Version, key int, hasKey bool) {
	if !hasKey {
		r.null(1)
		return
	}
	def := v.Definition()
	blocks := make([]int64, len(def.Columns))
	v.Blocks(func(b storage.BlockInfo) {
		if !b.Hidden {
			blocks[b.Column]++
		}
	})
	first, widest := blocks[key], int64(0)
	for _, c := range def.Sort.Columns {
		blocks[c] = 0
	}
	for _, n := range blocks {
		widest = max(widest, n)
	}
	if first == 0 || widest == 0 {
		r.null(1)
		return
	}
	r.decimal(float64(widest) / float64(first))
}

// skewRows fills skew_rows: the rows of the slice with most over those of the slice with fewest; nothing for an ALL table, or when a slice has none.
func skewRows(r *row, v *storage.Version) {
	if v.Definition().Dist.All() {
		r.null(1)
		return
	}
	rows, _ := sliceRows(v)
	lo, hi := int64(math.MaxInt64), int64(0)
	for _, n := range rows {
		lo, hi = min(lo, n), max(hi, n)
	}
	if lo == 0 {
		r.null(1)
		return
	}
	r.decimal(float64(hi) / float64(lo))
}
