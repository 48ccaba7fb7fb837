// Package plan holds relational plans: what bind makes of a statement, what optimize rewrites, what EXPLAIN prints and compile turns into programs.
//
//	SELECT eventname, sum(pricepaid) FROM sales JOIN event USING (eventid) GROUP BY 1 ORDER BY 2 DESC
//
//	Sort [sum desc]                                   bind: logical, no Network, costs unknown
//	  Aggregate [eventname] [sum(pricepaid)]
//	    Join inner (sales.eventid = event.eventid)
//	      Scan sales [eventid pricepaid]
//	      Scan event [eventid eventname]
//
//	Merge [sum desc]                                  optimize: the plan that runs and that EXPLAIN shows, every Info filled
//	  Network (Send to leader)
//	    Sort [sum desc]
//	      Aggregate two-phase
//	        Join DS_BCAST_INNER
//	          Scan sales
//	          Scan event                              (the build side; XN Hash is printed from the Join)
//
// Columns are named by expr.ColumnID throughout, never by position: a node's output is the list Columns(), and a rewrite may drop or reorder it.
// Nodes are immutable once optimize has returned.
package plan

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Column is one output column of a node.
type Column struct {
	ID    expr.ColumnID
	Name  string // output name; hidden ones may be ""
	Table string // alias it came from, for EXPLAIN
	Type  types.Type
}

// Info is what the optimizer knows of a node: the figures of EXPLAIN and where the rows are.
type Info struct {
	Startup, Total float64
	Rows           float64
	Width          int
	Place          Place
	ID             int // number of the node in the plan, pre-order from 1 (stl_explain.nodeid)
}

// PlaceKind says on which slices a node's rows are.
type PlaceKind uint8

// Kinds of places.
const (
	Anyhow   PlaceKind = iota // spread over slices in no known way (EVEN)
	ByKey                     // spread by hash of Place.Keys
	OnAll                     // a whole copy on every node (DISTSTYLE ALL): readable on every slice
	OnSlice0                  // all on one slice
	OnLeader                  // all on the leader
)

// Place is where the rows of a node are.
type Place struct {
	Kind PlaceKind
	Keys []expr.ColumnID // ByKey: in order; equal columns after a join are listed in Equal
	// Equal lists for each key the columns known to hold the same value (join columns).
	Equal [][]expr.ColumnID
}

// Node is a node of a plan.
type Node interface {
	// Children are the inputs; a Join's are outer, inner.
	Children() []Node
	// Columns is the output, in order.
	Columns() []Column
	// Props gives the mutable figures; only optimize writes them.
	Props() *Info
}

// Named is a computed output column.
type Named struct {
	Column
	Expr expr.Expr
}

// SortKey orders rows by a column.
type SortKey struct {
	ID         expr.ColumnID
	Desc       bool
	NullsFirst bool // resolved: default is last for ASC, first for DESC
}

// Distribution is the label of a join: who moves.
// https://docs.aws.amazon.com/redshift/latest/dg/c_data_redistribution.html
type Distribution uint8

// Labels, cheapest first.
const (
	DistUnset Distribution = iota
	DistNone
	DistAllNone
	DistInner
	DistOuter
	BcastInner
	DistAllInner
	DistBoth
)

var distributionNames = [...]string{"", "DS_DIST_NONE", "DS_DIST_ALL_NONE", "DS_DIST_INNER", "DS_DIST_OUTER", "DS_BCAST_INNER", "DS_DIST_ALL_INNER", "DS_DIST_BOTH"}

// String is the label that EXPLAIN prints.
func (d Distribution) String() string { return distributionNames[d] }

// JoinKind is the kind of a join.
type JoinKind uint8

// Kinds of joins; Semi and Anti return outer rows only; AntiNull is NOT IN (a NULL on either side gives no row).
const (
	Inner JoinKind = iota
	Left
	Right
	Full
	Semi
	Anti
	AntiNull
	// SingleRow is a scalar subquery: a Left join that fails with 21000 when an outer row meets two inner rows.
	SingleRow
)

// JoinMethod is how a join runs.
type JoinMethod uint8

// Methods.
const (
	MethodUnset JoinMethod = iota
	HashJoin
	MergeJoin
	NestedLoop
)

// NetworkKind says what a Network node does.
type NetworkKind uint8

// Kinds of networks, as EXPLAIN prints them.
const (
	SendToLeader NetworkKind = iota
	Distribute
	Broadcast
	RoundRobin
	SendToSlice0
)

type (
	// Scan reads a table. Filter holds conjuncts over its columns; compile splits off those that storage can test on encoded data.
	Scan struct {
		Info
		Table  *catalog.Table
		Alias  string
		Output []Column
		Attrs  []int // table column of each Output; -1 = the hidden row id (DELETE, UPDATE)
		Filter []expr.Expr
		// NoStats says that the table was never analyzed: EXPLAIN's trailer names it.
		NoStats bool
		// Spread says that other slices read the rows than those that the DISTKEY gave them to.
		Spread bool
	}
	// VirtualScan reads a system table on the leader.
	VirtualScan struct {
		Info
		Table  *catalog.Virtual
		Alias  string
		Output []Column
		Attrs  []int
		Filter []expr.Expr
	}
	// Values is a list of constant rows (INSERT VALUES; SELECT without FROM is one row of no columns).
	Values struct {
		Info
		Output []Column
		Rows   [][]expr.Expr
	}
	// Filter keeps the rows for which all Conds are true.
	Filter struct {
		Info
		Input Node
		Conds []expr.Expr
	}
	// Project computes columns; a plain pass-through is a Named whose Expr is a Column with the same ID.
	Project struct {
		Info
		Input Node
		Exprs []Named
	}
	// Join joins Outer and Inner. Left preserves Outer, Right preserves Inner. EquiOuter[i] = EquiInner[i] are its hashable equalities (columns; optimize
	// projects expressions first); On holds what is left, over columns of both sides.
	Join struct {
		Info
		Kind         JoinKind
		Outer, Inner Node
		On           []expr.Expr
		EquiOuter    []expr.ColumnID
		EquiInner    []expr.ColumnID
		Method       JoinMethod
		Distribution Distribution
		// Conds are the equalities as they were written, outer side on the left, for EXPLAIN.
		Conds []expr.Expr
		// DistOuter and DistInner are the columns by whose hash a side that moves is spread (DS_DIST_OUTER, DS_DIST_INNER, DS_DIST_BOTH).
		DistOuter, DistInner []expr.ColumnID
		// InnerLeft estimates the rows of the inner side that are left when tables of joins on the outer side have pruned its scan; 0 = all.
		InnerLeft float64
	}
	// Aggregate groups by Groups (columns of Input) and computes Aggs. No Groups = one row.
	Aggregate struct {
		Info
		Input  Node
		Groups []expr.ColumnID
		Aggs   []Agg
		// Having holds conditions on the output.
		Having []expr.Expr
		// TwoPhase: part on the slices, then distributed by Groups (or sent to the leader when there are none) and finished. Chosen by optimize.
		TwoPhase bool
		Sorted   bool  // GroupAggregate: the input comes in group order
		Limit    int64 // without Aggs: any so many groups are enough; 0 = all
	}
	// Expand gives every row Count times, with the numbers 0 to Count-1 in column Number: a row once for each grouping set or unpivoted column. Unique
	// gives each row once, with a number of its own, a bigint. With Bounds a row comes once for each number of its own series: from, to, step.
	Expand struct {
		Info
		Input  Node
		Number Column // an integer
		Count  int
		Unique bool
		Bounds []expr.ColumnID // three, or none
	}
	// Unnest gives every row once for each element of an array, or attribute of an object, that Value is, in column Element; At is its index or its name.
	// With Outer a row of which no element passes On comes once, with NULLs there. Columns without an ID are not asked for. Met is NULL in such a row, else 1.
	Unnest struct {
		Info
		Input   Node
		Value   expr.Expr // SUPER
		Element Column
		At      Column // of an array a bigint, of an object a varchar
		Met     Column // an integer
		Object  bool
		Outer   bool
		On      []expr.Expr // of Outer: over the columns of the input and the new ones
	}
	// Distinct removes duplicate rows (XN Unique; HashAggregate where Redshift prints that).
	Distinct struct {
		Info
		Input    Node
		TwoPhase bool
		Limit    int64 // any so many rows are enough; 0 = all
	}
	// Sort orders; Limit > 0 keeps only the first Limit rows (top-N).
	Sort struct {
		Info
		Input Node
		Keys  []SortKey
		Limit int64
	}
	// Merge merges the slices' sorted streams on the leader.
	Merge struct {
		Info
		Input Node
		Keys  []SortKey
	}
	// Limit is LIMIT/OFFSET; Count < 0 = no limit.
	Limit struct {
		Info
		Input         Node
		Count, Offset int64
	}
	// Network moves rows.
	Network struct {
		Info
		Input Node
		Kind  NetworkKind
		Keys  []expr.ColumnID
	}
	// Append is UNION ALL: Outputs[i] of every input is column i of Output.
	Append struct {
		Info
		Inputs []Node
		Output []Column
	}
	// Recursive is a recursive WITH query: the rows of Seed, then those that Step makes of the rows found last, which it reads by a WorkScan of Work, until
	// there are none. Columns go by place, as in Append.
	Recursive struct {
		Info
		Seed, Step Node
		Work       *Worktable
		Output     []Column
	}
	// WorkScan reads the rows of a Worktable: Output[i] is its column i.
	WorkScan struct {
		Info
		Table  *Worktable
		Output []Column
	}
	// With computes the rows of Query once, for every WorkScan of Table in Input, whose rows it gives.
	With struct {
		Info
		Table        *Worktable
		Query, Input Node
	}
	// SetOp is INTERSECT or EXCEPT (DISTINCT forms; Redshift has no ALL forms of them).
	SetOp struct {
		Info
		Left, Right Node
		Except      bool
		Output      []Column
		// Appended and Sorted are the figures of the two nodes that EXPLAIN shows below an EXCEPT.
		Appended, Sorted Info
	}
	// Subquery names a derived table or a CTE: XN Subquery Scan alias. It passes its input through.
	Subquery struct {
		Info
		Input  Node
		Alias  string
		Output []Column      // same IDs as the input's, renamed
		Secure *Secure       // nil = what is above may be moved into it
		View   *catalog.View // whose query it is; nil = the statement's own
	}
	// Window computes window functions over partitions; one node per distinct (Partition, Order).
	Window struct {
		Info
		Input     Node
		Partition []expr.ColumnID
		Order     []SortKey
		Funcs     []WindowFunc
	}
	// Insert writes Input's columns (in table order, already cast) to Table.
	Insert struct {
		Info
		Table *catalog.Table
		Input Node
	}
	// Delete removes rows by row id, which is the input's only column.
	Delete struct {
		Info
		Table *catalog.Table
		Input Node
		Once  bool // a row that comes twice is an error
	}
	// Update is delete and insert: the input's first column is the row id, the rest the new row in table order.
	Update struct {
		Info
		Table *catalog.Table
		Input Node
		Once  bool // a row that comes twice is an error
	}
	// Changes are several changes of one table, over the table as it was before all of them: MERGE.
	Changes struct {
		Info
		Parts []Node // Insert, Update, Delete
	}
	// Load is COPY's source: rows of files, in the given columns. Source is a *load.Reader-like value that compile passes on to exec.
	Load struct {
		Info
		Table  *catalog.Table
		Output []Column
		Source any
	}
	// Unload writes the columns Output of Input's rows to files: each slice its own, or, Serial, the leader all of them in their order. Target is a value
	// that compile passes on to exec.
	Unload struct {
		Info
		Input  Node
		Output []Column
		Target any
		Serial bool
	}
)

// Secure makes a Subquery the scan of a relation that policies protect: XN RLS SecureScan alias. No condition from above is moved below it, so that none sees
// rows or values that the policies hide, and EXPLAIN shows what is below only to those who may see it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html#r_EXPLAIN-RLS
type Secure struct {
	Masking bool // it masks values; else it hides rows
	Shown   bool // the user may see the policies in EXPLAIN: EXPLAIN RLS, EXPLAIN MASKING
}

// Operator is the node's name in EXPLAIN.
func (s *Secure) Operator() string {
	if s.Masking {
		return "DDM SecureScan"
	}
	return "RLS SecureScan"
}

// Worktable is a table that lives as long as the statement runs; a statement knows it by its address.
type Worktable struct {
	Name string
}

// Agg is one aggregate of an Aggregate node. Args are expressions over the input (Redshift does not charge them).
type Agg struct {
	Column
	Fn       *function.BoundAggregate
	Args     []expr.Expr
	Distinct bool
	Order    []SortKey // WITHIN GROUP
}

// FrameBound is an end of a ROWS frame.
type FrameBound struct {
	Unbounded bool
	Offset    int64 // negative = preceding, 0 = current row
}

// WindowFunc is one call with OVER: Fn for ranking and value functions, Agg for aggregates.
type WindowFunc struct {
	Column
	Fn          *function.WindowFunction
	Agg         *function.BoundAggregate
	Args        []expr.Expr
	Distinct    bool
	IgnoreNulls bool
	Whole       bool // frame = whole partition
	Lo, Hi      FrameBound
}

// Props gives the figures.
func (i *Info) Props() *Info { return i }

func passthrough(n Node) []Column { return n.Columns() }

// Children and Columns of every node.
func (n *Scan) Children() []Node        { return nil }
func (n *Scan) Columns() []Column       { return n.Output }
func (n *VirtualScan) Children() []Node { return nil }
func (n *VirtualScan) Columns() []Column {
	return n.Output
}
func (n *Values) Children() []Node  { return nil }
func (n *Values) Columns() []Column { return n.Output }
func (n *Filter) Children() []Node  { return []Node{n.Input} }
func (n *Filter) Columns() []Column { return passthrough(n.Input) }
func (n *Project) Children() []Node { return []Node{n.Input} }
func (n *Project) Columns() []Column {
	out := make([]Column, len(n.Exprs))
	for i := range n.Exprs {
		out[i] = n.Exprs[i].Column
	}
	return out
}
func (n *Join) Children() []Node { return []Node{n.Outer, n.Inner} }
func (n *Join) Columns() []Column {
	switch n.Kind {
	case Semi, Anti, AntiNull:
		return n.Outer.Columns()
	}
	o := n.Outer.Columns()
	return append(o[:len(o):len(o)], n.Inner.Columns()...)
}
func (n *Aggregate) Children() []Node { return []Node{n.Input} }
func (n *Aggregate) Columns() []Column {
	out := make([]Column, 0, len(n.Groups)+len(n.Aggs))
	in := n.Input.Columns()
	for _, g := range n.Groups {
		for i := range in {
			if in[i].ID == g {
				out = append(out, in[i])
				break
			}
		}
	}
	for i := range n.Aggs {
		out = append(out, n.Aggs[i].Column)
	}
	return out
}
func (n *Expand) Children() []Node { return []Node{n.Input} }
func (n *Expand) Columns() []Column {
	in := n.Input.Columns()
	return append(in[:len(in):len(in)], n.Number)
}
func (n *Unnest) Children() []Node { return []Node{n.Input} }
func (n *Unnest) Columns() []Column {
	in := n.Input.Columns()
	return append(in[:len(in):len(in)], n.Made()...)
}

// Made lists the columns that the node adds to its input's.
func (n *Unnest) Made() []Column {
	out := []Column{n.Element}
	for _, c := range [...]Column{n.At, n.Met} {
		if c.ID != 0 {
			out = append(out, c)
		}
	}
	return out
}
func (n *Distinct) Children() []Node  { return []Node{n.Input} }
func (n *Distinct) Columns() []Column { return passthrough(n.Input) }
func (n *Sort) Children() []Node      { return []Node{n.Input} }
func (n *Sort) Columns() []Column     { return passthrough(n.Input) }
func (n *Merge) Children() []Node     { return []Node{n.Input} }
func (n *Merge) Columns() []Column    { return passthrough(n.Input) }
func (n *Limit) Children() []Node     { return []Node{n.Input} }
func (n *Limit) Columns() []Column    { return passthrough(n.Input) }
func (n *Network) Children() []Node   { return []Node{n.Input} }
func (n *Network) Columns() []Column  { return passthrough(n.Input) }
func (n *Append) Children() []Node    { return n.Inputs }
func (n *Append) Columns() []Column   { return n.Output }
func (n *Recursive) Children() []Node { return []Node{n.Seed, n.Step} }
func (n *Recursive) Columns() []Column {
	return n.Output
}
func (n *WorkScan) Children() []Node  { return nil }
func (n *WorkScan) Columns() []Column { return n.Output }
func (n *With) Children() []Node      { return []Node{n.Query, n.Input} }
func (n *With) Columns() []Column     { return passthrough(n.Input) }
func (n *SetOp) Children() []Node     { return []Node{n.Left, n.Right} }
func (n *SetOp) Columns() []Column    { return n.Output }
func (n *Subquery) Children() []Node  { return []Node{n.Input} }
func (n *Subquery) Columns() []Column { return n.Output }
func (n *Window) Children() []Node    { return []Node{n.Input} }
func (n *Window) Columns() []Column {
	in := n.Input.Columns()
	out := in[:len(in):len(in)]
	for i := range n.Funcs {
		out = append(out, n.Funcs[i].Column)
	}
	return out
}
func (n *Insert) Children() []Node   { return []Node{n.Input} }
func (n *Insert) Columns() []Column  { return nil }
func (n *Delete) Children() []Node   { return []Node{n.Input} }
func (n *Delete) Columns() []Column  { return nil }
func (n *Update) Children() []Node   { return []Node{n.Input} }
func (n *Update) Columns() []Column  { return nil }
func (n *Changes) Children() []Node  { return n.Parts }
func (n *Changes) Columns() []Column { return nil }
func (n *Unload) Children() []Node   { return []Node{n.Input} }
func (n *Unload) Columns() []Column  { return nil }
func (n *Load) Children() []Node     { return nil }
func (n *Load) Columns() []Column    { return n.Output }

// Walk calls f for n and, while f says so, for everything below it.
func Walk(n Node, f func(Node) bool) {
	if n == nil || !f(n) {
		return
	}
	switch n := n.(type) { // what small plans are made of: no list is made
	case *Scan, *Values:
	case *Project:
		Walk(n.Input, f)
	case *Filter:
		Walk(n.Input, f)
	case *Aggregate:
		Walk(n.Input, f)
	case *Network:
		Walk(n.Input, f)
	case *Insert:
		Walk(n.Input, f)
	case *Update:
		Walk(n.Input, f)
	case *Delete:
		Walk(n.Input, f)
	default:
		for _, c := range n.Children() {
			Walk(c, f)
		}
	}
}

// AtMostOne says that a node gives at most one row.
func AtMostOne(n Node) bool {
	switch n := n.(type) {
	case *Aggregate:
		return len(n.Groups) == 0
	case *Values:
		return len(n.Rows) <= 1
	case *Limit:
		return n.Count >= 0 && n.Count <= 1 || AtMostOne(n.Input)
	case *Project, *Filter, *Subquery, *Network, *Sort, *Merge:
		return AtMostOne(n.Children()[0])
	}
	return false
}
