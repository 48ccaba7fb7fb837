package catalog

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/storage"
)

// A materialized view is a view whose rows are kept in a table of its own:
//
//	View "tickets_mv" {Materialized: {Table: 100004, Bases: sales at version 7, event at version 3}}
//	   |  a query reads
//	   v
//	Table "mv_tbl__tickets_mv__0" {ID: 100004, Maintains: number of the view}
//
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-overview.html
type Materialized struct {
	Statement string // CREATE MATERIALIZED VIEW .. as it was written: what PG_VIEWS shows
	Table     uint32 // number of the table that has the rows
	// AutoRefresh is AUTO REFRESH YES.
	AutoRefresh bool
	// Mutable says that the query calls a function whose results change: the view is always stale.
	Mutable bool
	// Incremental says that a refresh need not run the whole query; else NotIncremental says why.
	Incremental    bool
	NotIncremental string
	// Grouped says that the query aggregates, Filtered that HAVING drops groups. Keys are the columns by which an incremental refresh tells rows apart, or
	// groups: of those that the query groups by the ones that it shows.
	Grouped, Filtered bool
	Keys              []int
	// Merges says, for each column, how groups of the rows that were inserted are put together with those that are there; nil = they cannot be.
	Merges []Merge
	// State says why the view cannot be refreshed any more; 0 = it can.
	State RefreshState
	Bases []Base
	// UpTo is the transaction that refreshed it last.
	UpTo int64
}

// Merge is how a column of two parts of one group becomes that of the whole.
type Merge uint8

// The ways: the column is one that the query groups by, parts are added, the lower or the higher one counts.
const (
	MergeKey Merge = iota
	MergeSum
	MergeMin
	MergeMax
)

// Base is a relation that the query of a materialized view names: a table, or another materialized view.
type Base struct {
	Relation uint32           // number of the table or view that is named
	Table    uint32           // number of the table that has its rows
	Columns  []int            // numbers (PosAttr) of the columns that are read
	Version  *storage.Version // the rows that the view has seen; nil = they may not have been committed as they were seen
}

// RefreshState is STV_MV_INFO.state of a view that cannot be refreshed.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_MV_INFO.html
type RefreshState int

// The states; a view that can be refreshed has none of them.
const (
	ColumnDropped RefreshState = iota + 101
	ColumnTypeChanged
	TableRenamed
	ColumnRenamed
	SchemaRenamed
)

// Event is STL_MV_STATE.event_desc of what made the state.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_MV_STATE.html
func (s RefreshState) Event() string {
	return map[RefreshState]string{
		ColumnDropped: "Column was dropped", ColumnTypeChanged: "Column type was changed", TableRenamed: "Table was renamed",
		ColumnRenamed: "Column was renamed", SchemaRenamed: "Schema name was changed",
	}[s]
}

// Failure is SVL_MV_REFRESH_STATUS.status of a refresh in the state.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_MV_REFRESH_STATUS.html
func (s RefreshState) Failure() string {
	return map[RefreshState]string{
		ColumnDropped: "Refresh failed. A base table column was dropped", ColumnTypeChanged: "Refresh failed. A base table column type was changed",
		TableRenamed: "Refresh failed. A base table was renamed", ColumnRenamed: "Refresh failed. A base table column was renamed",
		SchemaRenamed: "Refresh failed. A base table schema was renamed",
	}[s]
}

// MaterializedTable is the name of the table that has the rows of a materialized view: what EXPLAIN shows.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-auto-rewrite.html
func MaterializedTable(view string) string { return "mv_tbl__" + view + "__0" }

// Shown is the name by which SVV_TABLE_INFO shows a table: that of the materialized view whose rows it has, else its own.
func (t *Table) Shown() string {
	if t.Maintains == 0 {
		return t.Name
	}
	return strings.TrimSuffix(strings.TrimPrefix(t.Name, "mv_tbl__"), "__0")
}

// Reads lists the columns of a base table, by their places, that the view's query reads; none of another materialized view, of which SELECT on some column will do.
func (m *Materialized) Reads(rel any) (out []int) {
	t, ok := rel.(*Table)
	for i := 0; ok && i < len(m.Bases); i++ {
		if m.Bases[i].Relation != t.ID {
			continue
		}
		for c := range t.Columns {
			for _, n := range m.Bases[i].Columns {
				if t.Columns[c].PosAttr == n {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// Stale says whether a materialized view may lack changes of its base tables, whose versions now are given by number.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_MV_INFO.html
func (m *Materialized) Stale(now func(table uint32) *storage.Version) bool {
	if m.Mutable {
		return true
	}
	for i := range m.Bases {
		b := &m.Bases[i]
		if v := now(b.Table); b.Version == nil || v == nil || !v.SameRows(b.Version) {
			return true
		}
	}
	return false
}

// Rewrites says whether queries that do not name the view may be made to read it.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-auto-rewrite.html#mv_auto-rewrite_limitations
func (m *Materialized) Rewrites() bool {
	for i := range m.Bases {
		if m.Bases[i].Relation != m.Bases[i].Table {
			return false
		}
	}
	return m.Incremental && !m.Filtered && m.State == 0
}

// Relaid says whether rows of base tables were laid out anew since the view has seen them, so that it must be recomputed.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh-sql-command.html#mv_REFRESH_MARTERIALIZED_VIEW_usage
func (m *Materialized) Relaid(now func(table uint32) *storage.Version) bool {
	for i := range m.Bases {
		b := &m.Bases[i]
		if v := now(b.Table); b.Version != nil && v != nil && !v.GrewFrom(b.Version) {
			return true
		}
	}
	return false
}
