package system

import (
	"fmt"
	"strconv"
	"time"

	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/storage"
	"github.com/redshiftsim/redshiftsim/storage/encoding"
)

// Vacuumed is what VACUUM did with one table.
type Vacuumed struct {
	XID        int64 // each table of a VACUUM of the whole database has a transaction of its own
	Table      uint32
	Schema     string
	Name       string
	Kind       storage.VacuumKind
	Percent    int  // the threshold
	Keyed      bool // the table has a sort key
	Background bool

	storage.VacuumResult
	Blocks, BlocksAfter int64
	Start, End          time.Time
}

// skipped says that there was nothing to do.
func (v *Vacuumed) skipped() bool { return !v.Sorts && !v.Reclaims }

// sorted says that all rows lie in the sorted region, or that there is no order to lie in.
func (v *Vacuumed) sorted() bool { return !v.Keyed || v.Sorted == v.Rows }

// status is the status of the first row of STL_VACUUM: what was started, or why nothing was.
// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_VACUUM.html
func (v *Vacuumed) status() string {
	s := v.started()
	if v.skipped() {
		s = v.whySkipped()
	}
	if v.Background {
		s = "[VacuumBG] " + s
	}
	return s
}

func (v *Vacuumed) started() string {
	switch {
	case v.Kind == storage.VacuumReindex:
		return "Started Reindex"
	case v.Kind == storage.VacuumRecluster:
		return "Started Ranged Partition"
	case v.Kind == storage.VacuumSortOnly:
		return "Started Sort Only"
	case v.Kind == storage.VacuumDeleteOnly:
		return "Started Delete Only"
	case !v.Sorts:
		return fmt.Sprintf("Started Delete Only (Sorted >= %d%%)", v.Percent)
	}
	return "Started"
}

func (v *Vacuumed) whySkipped() string {
	switch {
	case v.Rows == 0:
		return "Skipped (0 rows)"
	case v.Kind == storage.VacuumDeleteOnly:
		return "Skipped (delete only)"
	case v.Kind == storage.VacuumSortOnly && v.sorted():
		return "Skipped (sort only)"
	case v.Kind == storage.VacuumSortOnly:
		return fmt.Sprintf("Skipped (sort only, sorted>=%d%%)", v.Percent)
	case v.sorted() && v.Ghosts == 0:
		return "Skipped"
	}
	return fmt.Sprintf("Skipped(sorted>=%d%%)", v.Percent)
}

// kind is sys_vacuum_history.vacuum_type.
func (v *Vacuumed) kind() string {
	return [...]string{
		storage.VacuumFull: "Full", storage.VacuumSortOnly: "Sort", storage.VacuumDeleteOnly: "Delete", storage.VacuumReindex: "Reindex",
		storage.VacuumRecluster: "Recluster",
	}[v.Kind]
}

// Analyzed is what ANALYZE did with one table.
type Analyzed struct {
	XID                      int64
	Table                    uint32
	Schema, Name             string
	Status                   string // Full, PredicateColumn, Skipped
	Rows, Modified           float64
	Percent                  int // analyze_threshold_percent
	Auto, Background         bool
	Start, End, Before       time.Time // Before is when the table was last analyzed; zero = never
	Predicates, NewPredicate int       // columns that queries used as predicates, and those of them since Before
}

// Compressed is an analysis of the encodings of a table.
type Compressed struct {
	XID     int64
	Table   uint32
	Name    string
	Mode    string // PRESET, ON, ANALYZE ONLY
	Start   time.Time
	Old     []encoding.Kind // of the columns in Columns
	Columns []storage.Compression
}

// Maintenance is what VACUUM, ANALYZE and COPY leave in a record.
type Maintenance struct {
	Vacuums    []Vacuumed
	Analyses   []Analyzed
	Compressed []Compressed
	Relaid     []Relaid
	Refreshes  []Refreshed
	States     []ViewState
}

// bytes is the size of the entries.
func (m *Maintenance) bytes() int64 {
	n := 256*int64(len(m.Vacuums)) + 256*int64(len(m.Analyses)) + 128*int64(len(m.Relaid)+len(m.Refreshes)+len(m.States))
	for i := range m.Compressed {
		n += 128 + 64*int64(len(m.Compressed[i].Columns))
	}
	return n
}

// neverAnalyzed is the time that a table without statistics shows as its last ANALYZE.
var neverAnalyzed = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// maintainTables show what VACUUM and ANALYZE did.
var maintainTables = []table{
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_VACUUM.html
	{
		"stl_vacuum", superuser, "userid integer, xid bigint, table_id integer, status character(30), rows bigint, sortedrows integer, blocks integer, " +
			"max_merge_partitions integer, eventtime timestamp, reclaimable_rows bigint, reclaimable_space_mb bigint, cutoff_xid bigint, is_recluster integer",
		func(e *Env, r *row) {
			e.vacuums(r, func(x *Record, v *Vacuumed) {
				put := func(status string, rows, sorted, blocks int64, at time.Time, ghosts int64) {
					r.int(int64(x.UserID), v.XID, int64(v.Table))
					r.text(status)
					r.int(rows, sorted, blocks, mergePartitions)
					r.time(at)
					r.int(ghosts, reclaimable(rows, ghosts, blocks), v.XID)
					r.flagged(v.Kind == storage.VacuumRecluster)
				}
				put(v.status(), v.Rows, v.Sorted, v.Blocks, v.Start, v.Ghosts)
				if v.skipped() {
					return
				}
				r.send()
				end := "Finished"
				if v.Background {
					end = "[VacuumBG] Finished"
				}
				put(end, v.RowsAfter, v.SortedAfter, v.BlocksAfter, v.End, v.GhostsAfter)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_VACUUM_HISTORY.html
	{
		"sys_vacuum_history", 0, "user_id integer, transaction_id bigint, query_id bigint, database_name text, schema_name text, table_name text, " +
			"table_id integer, vacuum_type character varying(32), is_automatic boolean, status character varying(32), start_time timestamp, end_time timestamp, " +
			"record_time timestamp, duration integer, rows_before_vacuum bigint, size_before_vacuum integer, reclaimable_rows bigint, reclaimed_rows bigint, " +
			"reclaimed_blocks bigint, sortedrows_before_vacuum integer, sortedrows_after_vacuum integer",
		func(e *Env, r *row) {
			e.vacuums(r, func(x *Record, v *Vacuumed) {
				r.int(int64(x.UserID), v.XID)
				if v.Background {
					r.null(1)
				} else {
					r.int(x.Number)
				}
				r.text(x.Database, v.Schema, v.Name)
				r.id(v.Table)
				r.text(v.kind())
				r.bool(v.Background)
				if v.skipped() {
					r.text("Skipped")
				} else {
					r.text("Complete")
				}
				r.time(v.Start, v.End, v.End)
				r.int(micros(v.Start, v.End), v.Rows, v.Blocks, v.Ghosts, v.Ghosts-v.GhostsAfter, max(0, v.Blocks-v.BlocksAfter), v.Sorted,
					max(0, v.SortedAfter-v.Sorted))
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_VACUUM_SUMMARY.html
	{
		"svv_vacuum_summary", superuser, "table_name text, xid bigint, sort_partitions bigint, merge_increments bigint, elapsed_time bigint, " +
			"row_delta bigint, sortedrow_delta bigint, block_delta integer, max_merge_partitions integer",
		func(e *Env, r *row) {
			e.vacuums(r, func(_ *Record, v *Vacuumed) {
				partitions, merges := int64(0), int64(0)
				if v.Sorts {
					partitions = 1
					if v.Kind != storage.VacuumRecluster {
						merges = 1
					}
				}
				r.text(v.Name)
				r.int(v.XID, partitions, merges, micros(v.Start, v.End), v.RowsAfter-v.Rows, v.SortedAfter-v.Sorted, v.BlocksAfter-v.Blocks, mergePartitions)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_VACUUM_PERCENTAGE.html
	{
		"svl_vacuum_percentage", superuser, "xid bigint, table_id integer, percentage bigint",
		func(e *Env, r *row) {
			e.vacuums(r, func(_ *Record, v *Vacuumed) {
				r.int(v.XID, int64(v.Table), 100*v.BlocksAfter/max(1, v.Blocks))
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_VACUUM_PROGRESS.html
	{"svv_vacuum_progress", superuser, "table_name text, status text, time_remaining_estimate text", vacuumProgress},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_INTERLEAVED_COLUMNS.html
	{
		"svv_interleaved_columns", superuser, "tbl integer, col integer, interleaved_skew numeric(19,2), last_reindex timestamp",
		interleavedColumns,
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_ANALYZE.html
	{
		"stl_analyze", superuser, "userid integer, xid bigint, database character(30), table_id integer, status character(15), rows double precision, " +
			"modified_rows double precision, threshold_percent integer, is_auto character(1), starttime timestamp, endtime timestamp, prevtime timestamp, " +
			"num_predicate_cols integer, num_new_predicate_cols integer, is_background character(1), auto_analyze_phase character(100), " +
			"schema_name character(128), table_name character(136)",
		func(e *Env, r *row) {
			e.analyses(r, func(x *Record, a *Analyzed) {
				r.int(int64(x.UserID), a.XID)
				r.text(x.Database)
				r.id(a.Table)
				r.text(a.Status)
				r.float(a.Rows, a.Modified)
				r.int(int64(a.Percent))
				r.tf(a.Auto)
				r.time(a.Start, a.End, a.last())
				r.int(int64(a.Predicates), int64(a.NewPredicate))
				r.tf(a.Background)
				r.null(1)
				r.text(a.Schema, a.Name)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/SYS_ANALYZE_HISTORY.html: schema_name is in its sample, not in its list
	{
		"sys_analyze_history", superuser, "user_id integer, transaction_id bigint, database_name character(30), schema_name character(128), " +
			"table_name character(30), table_id integer, is_automatic character(1), status character(15), start_time timestamp, end_time timestamp, " +
			"rows double precision, modified_rows double precision, analyze_threshold_percent integer, last_analyze_time timestamp",
		func(e *Env, r *row) {
			e.analyses(r, func(x *Record, a *Analyzed) {
				r.int(int64(x.UserID), a.XID)
				r.text(x.Database, a.Schema, a.Name)
				r.id(a.Table)
				r.tf(a.Auto || a.Background)
				r.text(a.Status)
				r.time(a.Start, a.End)
				r.float(a.Rows, a.Modified)
				r.int(int64(a.Percent))
				r.time(a.last())
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_STL_ANALYZE_COMPRESSION.html
	{
		"stl_analyze_compression", 0, "userid integer, start_time timestamp, xid bigint, tbl integer, tablename character(128), col integer, " +
			"old_encoding character(15), new_encoding character(15), mode character(14), best_compression_encoding character(15), " +
			"recommended_bytes character(15), best_compression_bytes character(15), ndv bigint",
		func(e *Env, r *row) {
			e.compressions(r, func(x *Record, a *Compressed, i int) {
				c := &a.Columns[i]
				r.int(int64(x.UserID))
				r.time(a.Start)
				r.int(a.XID, int64(a.Table))
				r.text(a.Name)
				r.int(int64(c.Column))
				r.text(word(a.Old[i]), word(c.Recommended), a.Mode)
				if a.Mode == preset { // nothing was sampled
					r.rest()
					return
				}
				r.text(word(c.Best), strconv.FormatInt(c.Bytes, 10), strconv.FormatInt(c.BestBytes, 10))
				r.int(c.Distinct)
			})
		},
	},
	// https://docs.aws.amazon.com/redshift/latest/dg/r_SYS_ANALYZE_COMPRESSION_HISTORY.html
	{
		"sys_analyze_compression_history", 0, "user_id integer, start_time timestamp, transaction_id bigint, table_id integer, table_name character(128), " +
			"column_position integer, old_encoding character(15), new_encoding character(15), mode character(14)",
		func(e *Env, r *row) {
			e.compressions(r, func(x *Record, a *Compressed, i int) {
				r.int(int64(x.UserID))
				r.time(a.Start)
				r.int(a.XID, int64(a.Table))
				r.text(a.Name)
				r.int(int64(a.Columns[i].Column))
				r.text(word(a.Old[i]), word(a.Columns[i].Recommended), a.Mode)
			})
		},
	},
}

// preset is the mode of encodings that follow from types.
const preset = "PRESET"

// mergePartitions is how many sorted runs one merge takes in: a vacuum here merges all at once.
const mergePartitions = 1

// reclaimable estimates the blocks that a vacuum would free: in proportion to the rows.
func reclaimable(rows, ghosts, blocks int64) int64 { return blocks * ghosts / max(1, rows) }

// last is when the table was analyzed before.
func (a *Analyzed) last() time.Time {
	if a.Before.IsZero() {
		return neverAnalyzed
	}
	return a.Before
}

// word is the word that stands after ENCODE.
func word(k encoding.Kind) string {
	if k == encoding.Raw {
		return "raw"
	}
	return k.String()
}

// vacuums sends a row for each table that was vacuumed by a statement that ended well.
func (e *Env) vacuums(r *row, put func(x *Record, v *Vacuumed)) {
	e.maintained(func(x *Record) bool {
		for i := range x.Vacuums {
			put(x, &x.Vacuums[i])
			r.send()
		}
		return !r.over
	})
}

// analyses sends a row for each table that was analyzed.
func (e *Env) analyses(r *row, put func(x *Record, a *Analyzed)) {
	e.maintained(func(x *Record) bool {
		for i := range x.Analyses {
			put(x, &x.Analyses[i])
			r.send()
		}
		return !r.over
	})
}

// compressions sends a row for each column whose encodings were analyzed.
func (e *Env) compressions(r *row, put func(x *Record, a *Compressed, i int)) {
	e.maintained(func(x *Record) bool {
		for i := range x.Compressed {
			a := &x.Compressed[i]
			for c := range a.Columns {
				put(x, a, c)
				r.send()
			}
		}
		return !r.over
	})
}

// vacuumProgress is the vacuum that runs, else the last one.
func vacuumProgress(e *Env, r *row) {
	for _, s := range e.Sessions() {
		if s.Running != nil && s.Running.Vacuum != "" {
			r.text(s.Running.Vacuum, "Vacuum: initialize "+s.Running.Vacuum)
			r.null(1)
			r.send()
			return
		}
	}
	var last *Vacuumed
	e.maintained(func(x *Record) bool {
		if n := len(x.Vacuums); n > 0 {
			last = &x.Vacuums[n-1]
		}
		return true
	})
	if last == nil {
		return
	}
	status := "Complete"
	if last.skipped() {
		status = "Skipped"
	}
	r.text(last.Name, status, "")
	r.send()
}

// interleavedColumns is one row for each column of an interleaved sort key.
func interleavedColumns(e *Env, r *row) {
	for _, t := range e.tables() {
		if t.Def.Sort.Style != storage.Interleaved {
			continue
		}
		skew := e.version(t).InterleavedSkew()
		last := e.reindexed(t)
		for i, c := range t.Def.Sort.Columns {
			r.id(t.ID)
			r.int(int64(c))
			if skew == nil {
				r.null(1)
			} else {
				r.decimal(skew[i])
			}
			r.time(last)
			r.send()
		}
	}
}

// reindexed is the end of the last VACUUM REINDEX of a table that the log has; zero = none.
func (e *Env) reindexed(t *catalog.Table) (at time.Time) {
	e.maintained(func(x *Record) bool {
		for i := range x.Vacuums {
			if v := &x.Vacuums[i]; v.Table == t.ID && v.Kind == storage.VacuumReindex && !v.skipped() {
				at = v.End
			}
		}
		return true
	})
	return at
}

// maintained lists the statements that left something about the upkeep of tables.
func (e *Env) maintained(f func(x *Record) bool) {
	e.records(func(x *Record) bool { return x.Maintenance == nil || f(x) })
}
