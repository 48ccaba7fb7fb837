// Package exec runs programs over storage views: streams of segments of steps, on slices and on the leader.
//
//	Program
//	  Stream 0 (barrier)   Segment 0 @slices  Scan event | Bcast ------------> exchange 0
//	                       Segment 1 @slices  Inbox 0 | Hash ----------------> table 0 (one a slice, or one shared)
//	  Stream 1             Segment 2 @slices  Scan sales | HJoin table 0 | Aggr partial | Dist -> exchange 1
//	                       Segment 3 @slices  Inbox 1 | Aggr final | Sort | Return -> exchange 2
//	                       Segment 4 @leader  Merge 2 | Return -> Cursor
//
// A Program is immutable and may run many times at once; what runs is made from it per query (query.go), per segment and slice (task.go).
// Steps refer to columns by position in the batch. Nothing here knows catalog, plan or SQL text.
package exec

import (
	"github.com/redshiftsim/redshiftsim/engine/exfunc"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/nested"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Program is a compiled statement.
type Program struct {
	Streams []Stream
	Columns []ResultColumn // of the cursor; empty for INSERT, UPDATE, DELETE, COPY
	// Exchanges, Tables and Writers say how many of each the streams refer to, by number.
	Exchanges []Exchange
	Tables    int
	Counters  int
	Writers   []WriterSpec
	Views     int // number of storage views that Run is given
	Slices    int
	Topology  storage.Topology
	PerSlice  bool // a function asks on which slice it runs
}

// ResultColumn names a column of the result.
type ResultColumn struct {
	Name string
	Type types.Type
}

// Stream is a set of segments that run together; the next stream starts when all have ended. A recursive query has streams that run in rounds.
type Stream struct {
	Segments []*Segment
	Turn     *Turn // what happens at its end; nil = nothing
}

// Turn ends a round of a recursive query: the rows saved in table Next are added to those in All and become table Work. With Repeat, if there were any,
// stream From is next: the program goes back.
type Turn struct {
	Next, All, Work int
	Types           []types.Type
	Repeat          bool
	From            int
	Limit           int64 // rows that All may have
}

// Where says who runs a segment.
type Where uint8

// Places of segments. OneSlice is slice 0 alone.
const (
	OnSlices Where = iota
	OnOneSlice
	OnLeader
)

// Segment is a source, steps, and an end: the last step sends, keeps or writes rows; a leader segment without one feeds the Cursor.
type Segment struct {
	Where  Where
	Source SourceSpec
	Steps  []StepSpec
	Types  []types.Type // of the source's columns
}

// Exchange is a network between two segments: rows of Types.
type Exchange struct {
	Types []types.Type
	// ToLeader: one inbox, on the leader; Ordered keeps one queue per producer so that a Merge source can merge sorted runs.
	ToLeader bool
	Ordered  bool
	// Calls: what is sent are batches for a Lambda function; rows stay on their slices.
	Calls bool
}

// SortKey orders by a column position.
type SortKey struct {
	Column     int
	Desc       bool
	NullsFirst bool
}

// WriterSpec is a table that the program writes: View is the number of its view.
type WriterSpec struct {
	View int
}

// SourceSpec is one of the Source structs below; StepSpec one of the Step structs.
type (
	// SourceSpec produces batches.
	SourceSpec interface{ source() }
	// StepSpec consumes them.
	StepSpec interface{ step() }
)

type (
	// ScanSource reads a view's slices. Columns are table columns; RowIDs adds the ordinal as last column. Filter (over positions in the scanned columns,
	// a compiled program or nil) is what Predicates could not express. NodeID and Label name the step in reports ("scan   tbl=100448 name=users").
	ScanSource struct {
		View       int
		Columns    []int
		Predicates []Pred
		Filter     *expr.Program
		RowIDs     bool
		// Replicated: a DISTSTYLE ALL table. EverySlice reads the whole copy on each slice (it is the build or collocated side of a join);
		// otherwise slice 0 alone reads it.
		EverySlice bool
		// Runtime lists tables, filled before, that have a partner of every row that is needed.
		Runtime []RuntimeFilter
		// Keyed: an equality on the DISTKEY lets only one slice read (Predicates[KeyPred]); -1 = none.
		KeyPred int
		Table   string
		TableID uint32
		NodeID  int
	}
	// InboxSource reads an exchange in any order.
	InboxSource struct{ Exchange int }
	// MergeSource merges the sorted queues of an Ordered exchange on the leader.
	MergeSource struct {
		Exchange int
		Keys     []SortKey
	}
	// ValuesSource computes constant rows (on the leader, or on slice 0).
	ValuesSource struct{ Rows [][]*expr.Program }
	// SavedSource reads the rows that a HashStep without keys has saved in Table, each slice its own, or all where one segment saved them for all.
	SavedSource struct {
		Table  int
		Name   string
		NodeID int
	}
	// VirtualSource reads a system table's rows.
	VirtualSource struct {
		Rows    func(env any, emit func([]types.Datum) bool) error
		Columns []int
		Name    string
	}
	// LoadSource reads files: Open is called once per slice and gives the reader of the slice's files.
	LoadSource struct {
		Open func(slice, slices int) (RowReader, error)
		Name string
	}
)

// ExternalSource reads the files of an external table, which Options.External opens.
type ExternalSource struct {
	Table      any // what Options.External knows
	Name       string
	NodeID     int
	Columns    []int          // of the table, and behind them the pseudocolumns
	Nested     []*nested.Type // of nested columns of the table, with marks at what is read; nil = it has none
	JSON       *nested.JSON   // nested columns are read as texts
	Predicates []Pred         // on the table's columns: what the statistics of a file rule out need not be read. The rows are tested by the next step.
	Partitions *expr.Program  // of a partition's values: whether it is read; nil = all are
}

// RowReader yields batches of typed columns until it returns 0 rows.
type RowReader interface {
	Next(b *vector.Batch) (int, error)
	Close() error
}

// RowWriter takes the rows of a slice in their order; Close ends them. After an error, and when the query fails elsewhere, it is not closed: who gave
// it out clears up. Bytes is what the writer holds beside the batch, for the memory budget.
type RowWriter interface {
	Write(b *vector.Batch) error
	Bytes() int64
	Close() error
}

// Pred is a storage predicate whose value may be a parameter or constant expression, computed when the program starts.
type Pred struct {
	Column int // table column
	Op     storage.Op
	Value  *expr.Program   // nil for IS [NOT] NULL
	Values []*expr.Program // In
	Days   bool            // the column holds dates, Value is a timestamp
}

// RuntimeFilter restricts column Column of a scan to the values that column From of table Table has: their range prunes zones, their set rows.
type RuntimeFilter struct{ Column, Table, From int }

// JoinKind mirrors plan's kinds.
type JoinKind uint8

// Kinds of joins: probe rows are the outer side.
const (
	InnerJoin JoinKind = iota
	LeftJoin
	RightJoin
	FullJoin
	SemiJoin
	AntiJoin
	AntiNullJoin
	SingleRowJoin
)

type (
	// FilterStep keeps rows.
	FilterStep struct{ Cond *expr.Program }
	// ProjectStep computes the columns of its output; PassThrough[i] >= 0 hands on that input column uncomputed. What several of Exprs have in common is
	// Shared: computed first, in order, and known to those after it as columns behind those of the input.
	ProjectStep struct {
		Exprs       []*expr.Program // nil entry where PassThrough says a column
		PassThrough []int
		Types       []types.Type
		Shared      []*expr.Program
		Carried     []int // by Shared: which of what the scan's filter carries it is, -1 = none; nil = all are computed
		Width       int   // of the input: Shared's columns stand from there on
		Reads       []int // input columns that Shared and Exprs read; nil without Shared
	}
	// AggrStep aggregates. Partial: input rows -> (groups, partial columns). Final: merges those. Single: input rows -> (groups, results).
	AggrStep struct {
		Phase  Phase
		Groups []int // Single, Partial: input positions; Final: 0..len-1
		Aggs   []AggrCall
		Types  []types.Type // of the output
		Limit  int64        // without Aggs: any so many groups are enough; 0 = all
		Sorted bool         // rows come in group order, by and large
		NodeID int
	}
	// HashStep builds hash table Table from its input on key columns Keys.
	HashStep struct {
		Table  int
		Keys   []int
		Types  []types.Type
		Unique bool // keys are known to be unique (informational keys are NOT enough: only what was counted)
		// Merge: a merge join reads the table in the order of its one key.
		Merge bool
		// Shared: one table for all slices (the input was broadcast or is a DISTSTYLE ALL copy): built once.
		Shared bool
		// Save: the rows are kept for a SavedSource, not to be found by key.
		Save   bool
		NodeID int
	}
	// HJoinStep probes Table with Keys. Output: probe columns, then build columns (not for Semi and Anti). Residual is evaluated over that output
	// (for Semi and Anti too: over probe and build columns).
	HJoinStep struct {
		Kind     JoinKind
		Table    int
		Keys     []int
		Merge    bool // the table is in the order of its key, and the rows come so, by and large
		Residual *expr.Program
		Types    []types.Type
		NodeID   int
	}
	// NLoopStep joins with every row of Table (built by a HashStep without Keys).
	NLoopStep struct {
		Kind   JoinKind
		Table  int
		Cond   *expr.Program
		Types  []types.Type
		NodeID int
	}
	// SortStep sorts its whole input; Limit > 0 keeps the first Limit rows.
	SortStep struct {
		Keys   []SortKey
		Limit  int64
		NodeID int
	}
	// ExpandStep hands every row on Count times; the numbers 0 to Count-1 are its last column, an integer. Unique: it hands each on once, with a number
	// of its own among all slices, a bigint, from counter Counter. Bounds, when there are any, are the columns from, to and step of each row's own series of
	// numbers, all of them bigints: the last column, of type Type, has its numbers. A step of 0 is an error, a NULL makes no row.
	ExpandStep struct {
		Bounds  []int
		Type    types.Type
		Count   int
		Unique  bool
		Counter int
		NodeID  int
	}
	// UnnestStep hands every row on once for each element of the array, or with Object attribute of the object, that Value is. Its columns are those of
	// the input in Keep, the element, with At its index or name, with Met an integer 1. With Outer a row of which no element passes On (nil = all do) is
	// handed on once, with NULLs in the new columns.
	UnnestStep struct {
		Value         *expr.Program
		On            *expr.Program
		Keep          []int
		Types         []types.Type
		Object, Outer bool
		At, Met       bool
		NodeID        int
	}
	// CallStep ends a segment: it sends rows to a Lambda function in batches. What reads Exchange gets the columns of Keep and the result.
	CallStep struct {
		Exchange int
		Fn       *exfunc.Function
		Args     []*expr.Program
		Keep     []int
		NodeID   int
	}
	// UniqueStep removes duplicates.
	UniqueStep struct {
		Limit  int64 // any so many rows are enough; 0 = all
		NodeID int
	}
	// LimitStep passes Count rows after Offset; Count < 0 = all.
	LimitStep struct {
		Count, Offset int64
		NodeID        int
	}
	// WindowStep computes window functions over its whole input, partition by partition; output: input columns, then Funcs.
	WindowStep struct {
		Partition []int
		Order     []SortKey
		Funcs     []WindowCall
		Types     []types.Type
		NodeID    int
	}
	// SetOpStep is INTERSECT (Except false) or EXCEPT against Table, distinct; columns by position.
	SetOpStep struct {
		Table  int
		Except bool
		NodeID int
	}
	// DistStep sends each row to slice Hash(Keys) % slices; no Keys = round robin; ToSlice0 sends all to slice 0.
	DistStep struct {
		Exchange int
		Keys     []int
		ToSlice0 bool
		NodeID   int
	}
	// BcastStep sends every row to every slice.
	BcastStep struct{ Exchange, NodeID int }
	// ReturnStep sends rows to the leader.
	ReturnStep struct{ Exchange, NodeID int }
	// PlaceStep sends rows to the slice where table Writer puts them (EVEN, KEY, ALL).
	PlaceStep struct{ Exchange, Writer, NodeID int }
	// InsertStep appends rows (already placed) to Writer and checks NOT NULL; it counts rows into the result.
	InsertStep struct{ Writer, NodeID int }
	// DeleteStep deletes rows by the row id in column RowID, on the slice where they are (rows must not have moved); CopyTo >= 0 sends the other columns
	// on to the next step (UPDATE). It counts rows into the result.
	DeleteStep struct {
		Writer  int
		RowID   int
		Forward bool
		Once    bool // a row that comes twice is an error
		NodeID  int
	}
	// UnloadStep writes rows to files: Open gives the writer of a slice, once. It counts rows into the result.
	UnloadStep struct {
		Open   func(slice int) (RowWriter, error)
		NodeID int
	}
)

// Phase is the part of an aggregation.
type Phase uint8

// Phases.
const (
	Single Phase = iota
	Partial
	Final
)

// AggrCall is one aggregate: Args compute its arguments (nil entries of PassThrough style are not used here: a bare column is a Program too).
type AggrCall struct {
	Fn       *function.BoundAggregate
	Args     []*expr.Program
	Distinct bool
	// Inputs are the positions of the partial columns (Final).
	Inputs []int
}

// WindowCall is one window function or windowed aggregate.
type WindowCall struct {
	Fn                       *function.WindowFunction
	Agg                      *function.BoundAggregate
	Args                     []*expr.Program
	Distinct                 bool
	IgnoreNulls              bool
	Whole                    bool
	LoUnbounded, HiUnbounded bool
	Lo, Hi                   int64
}

func (*ScanSource) source()     {}
func (*InboxSource) source()    {}
func (*MergeSource) source()    {}
func (*ValuesSource) source()   {}
func (*SavedSource) source()    {}
func (*VirtualSource) source()  {}
func (*LoadSource) source()     {}
func (*ExternalSource) source() {}

func (*FilterStep) step()  {}
func (*ProjectStep) step() {}
func (*AggrStep) step()    {}
func (*HashStep) step()    {}
func (*HJoinStep) step()   {}
func (*NLoopStep) step()   {}
func (*SortStep) step()    {}
func (*ExpandStep) step()  {}
func (*UnnestStep) step()  {}
func (*CallStep) step()    {}
func (*UniqueStep) step()  {}
func (*LimitStep) step()   {}
func (*WindowStep) step()  {}
func (*SetOpStep) step()   {}
func (*DistStep) step()    {}
func (*BcastStep) step()   {}
func (*ReturnStep) step()  {}
func (*PlaceStep) step()   {}
func (*InsertStep) step()  {}
func (*DeleteStep) step()  {}
func (*UnloadStep) step()  {}
