package system

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/storage"
)

// TestLesson counts the blocks of the lesson: 5 columns of one block on 4 slices are 20; the 3 hidden columns make 12 more.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_BLOCKLIST.html
func TestLesson(t *testing.T) {
	w := newWorld(2, 2)
	w.add(t, films(100001, "movies", even, unkeyd), filmRows(353))
	e := w.admin()
	data, all := 0, 0
	for _, r := range rowsOf(t, e, "stv_blocklist", "col", "tbl") {
		if !strings.HasSuffix(r, "|100001") {
			t.Errorf("a block of %s", r)
		}
		all++
		if r[0] < '5' {
			data++
		}
	}
	if data != 20 || all != 32 {
		t.Errorf("%d data blocks of %d, want 20 of 32", data, all)
	}
	if n := len(rowsOf(t, e, "svv_diskusage")); n != 32 {
		t.Errorf("svv_diskusage has %d blocks", n)
	}
	same(t, "svv_table_info", rowsOf(t, e, "svv_table_info", "database", "schema", "table_id", "table", "encoded", "diststyle", "sortkey1", "max_varchar", "sortkey1_enc",
		"sortkey_num", "size", "pct_used", "unsorted", "stats_off", "tbl_rows", "skew_sortkey1", "skew_rows", "estimated_visible_rows"),
		// 353 = 4 * 88 + 1: the slice with most has 89. 32 blocks of two nodes' 2 * 163,840 are 0.0098 %.
		"dev|public|100001|movies|Y, AUTO(ENCODE)|EVEN|~|80|~|0|32|0.0098|~|100.00|353|~|1.01|353")
	same(t, "stv_tbl_perm", rowsOf(t, e, "stv_tbl_perm", "slice", "id", "name", "rows", "sorted_rows", "temp", "backup", "dist_style", "block_count"),
		"0|100001|movies|89|0|0|1|0|8", "1|100001|movies|88|0|0|1|0|8", "2|100001|movies|88|0|0|1|0|8", "3|100001|movies|88|0|0|1|0|8", "6411|100001|movies|0|0|0|1|0|0")
	same(t, "stv_node_storage_capacity", rowsOf(t, e, "stv_node_storage_capacity"), "0|16|163840", "1|16|163840")
	same(t, "stv_slices", rowsOf(t, e, "stv_slices", "node", "slice", "localslice"), "0|0|0", "0|1|1", "1|2|0", "1|3|1")

	// Rows 0, 4, 8 ... are on slice 0: 89 of them, the last is 352. A text's zone map value is its first eight bytes.
	text := func(s string) int64 { return int64(binary.BigEndian.Uint64([]byte(s + "        ")[:8])) }
	got := rowsOf(t, e, "stv_blocklist", "slice", "col", "blocknum", "num_values", "minvalue", "maxvalue", "on_disk", "unsorted", "temporary")
	same(t, "slice 0", append(got[:1:1], got[2:4]...),
		fmt.Sprintf("0|0|0|89|%d|%d|1|1|0", text("Film 000"), text("Film 352")), "0|2|0|89|1900|2252|1|1|0", "0|3|0|89|90|96|1|1|0")
}

// TestAllCopies counts a table that every node has: the copy lies on each node's first slice, and the table's rows count once.
// https://docs.aws.amazon.com/redshift/latest/dg/c_choosing_dist_sort.html
func TestAllCopies(t *testing.T) {
	w := newWorld(2, 2)
	w.add(t, films(100001, "movies", storage.Distribution{Style: storage.AutoAll, Column: -1}, unkeyd), filmRows(353))
	e := w.admin()
	same(t, "svv_table_info", rowsOf(t, e, "svv_table_info", "diststyle", "size", "tbl_rows", "skew_rows"), "AUTO(ALL)|16|353|~")
	same(t, "stv_tbl_perm", rowsOf(t, e, "stv_tbl_perm", "slice", "rows", "dist_style", "block_count"),
		"0|353|10|8", "1|0|10|0", "2|353|10|8", "3|0|10|0", "6411|0|10|0")
	slices := map[string]int{}
	for _, r := range rowsOf(t, e, "stv_blocklist", "slice") {
		slices[r]++
	}
	if slices["0"] != 8 || slices["2"] != 8 || len(slices) != 2 {
		t.Errorf("blocks by slice: %v", slices)
	}
}

// TestTableInfo holds the columns of svv_table_info against arithmetic, for keys, deleted rows, statistics and the spellings of styles.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
func TestTableInfo(t *testing.T) {
	w := newWorld(1, 2)
	w.add(t, films(100001, "empty", even, unkeyd), nil)
	w.add(t, films(100002, "sorted", even, storage.SortKey{Style: storage.Compound, Columns: []int{2, 0}}), filmRows(10))
	w.add(t, films(100003, "keyed", storage.Distribution{Style: storage.Key, Column: 2}, storage.SortKey{Style: storage.SortAuto}), filmRows(10))
	w.add(t, films(100004, "mixed", storage.Distribution{Style: storage.AutoKey, Column: 1}, storage.SortKey{Style: storage.Interleaved, Columns: []int{2}}), filmRows(10))
	none := &catalog.Table{ID: 100005, Name: "raw", Columns: []catalog.Column{{Name: "a", Type: types.TBool, Encoding: "raw"}}, Def: &storage.Definition{Dist: even}}
	w.add(t, none, [][]any{{nil}, {nil}})

	wr := storage.ViewOf(w.versions[100002]).NewWriter()
	if n := wr.Delete(0, []int64{1, 3}); n != 2 {
		t.Fatal(n)
	}
	w.apply(t, 100002, wr)
	w.versions[100003] = w.versions[100003].WithStatistics(&storage.Statistics{Rows: 10})
	wr = storage.ViewOf(w.versions[100003]).NewWriter()
	if n := wr.Delete(0, []int64{0}); n != 1 {
		t.Fatal(n)
	}
	w.apply(t, 100003, wr)
	same(t, "svv_table_info", rowsOf(t, w.admin(), "svv_table_info", "table", "encoded", "diststyle", "sortkey1", "sortkey1_enc", "sortkey_num", "unsorted", "stats_off",
		"tbl_rows", "skew_sortkey1", "estimated_visible_rows", "max_varchar"),
		"sorted|Y, AUTO(ENCODE)|EVEN|year|none|2|0.00|100.00|10|1.00|8|80",
		"keyed|Y, AUTO(ENCODE)|KEY(year)|AUTO(SORTKEY)|~|0|~|11.11|10|~|9|80", // one of nine rows that are left has changed
		"mixed|Y, AUTO(ENCODE)|AUTO(KEY(genre))|INTERLEAVED|none|1|0.00|100.00|10|1.00|10|80",
		"raw|N|EVEN|~|~|0|~|100.00|2|~|2|0")
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_TBL_PERM.html: ROWS includes deleted rows
	same(t, "stv_tbl_perm", rowsOf(t, w.admin(), "stv_tbl_perm", "slice", "name", "rows", "sorted_rows", "dist_style")[3:6], "0|sorted|5|5|0", "1|sorted|5|5|0", "6411|sorted|0|0|0")
	same(t, "redshiftsim_memory", rowsOf(t, w.admin(), "redshiftsim_memory", "name", "rows", "deleted_rows", "nominal_blocks")[:2], "empty|0|0|0", "sorted|8|2|32")
}

// TestTemporary: a session sees its own temporary tables, not those of others.
func TestTemporary(t *testing.T) {
	w := newWorld(1, 1)
	for i, schema := range []string{"pg_temp_10001", "pg_temp_10002"} {
		tbl := films(uint32(100001+i), fmt.Sprint("t", i), even, unkeyd)
		tbl.Schema, tbl.Temp, tbl.Def.Temp = schema, true, true
		w.add(t, tbl, filmRows(1))
	}
	e := w.admin()
	same(t, "stv_tbl_perm", rowsOf(t, e, "stv_tbl_perm", "slice", "name", "temp", "backup"), "0|t0|1|0", "6411|t0|1|0")
	same(t, "svv_table_info", rowsOf(t, e, "svv_table_info", "table", "encoded"), "t0|N")
	same(t, "tables", rowsOf(t, e, "information_schema.tables", "table_name", "table_type")[:1], "t0|LOCAL TEMPORARY")
}
