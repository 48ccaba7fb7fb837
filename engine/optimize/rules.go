// Package optimize turns a logical plan into the plan that runs and that EXPLAIN shows: subqueries become joins, filters move to the scans, joins get an
// order, a build side, a method and a distribution, aggregations their phases; every node gets its cost, rows, width and place.
//
//	Project                                   Project                               rules fold, decorrelate, flatten, pushdown
//	  Filter [s.id = e.id, e.name = 'x']        Join [s.id = e.id]
//	    Join                                      Scan s
//	      Scan s                                  Scan e [e.name = 'x']
//	      Scan e                                        |
//	                                                    v                           rule physical, from the root down and back up:
//	Project  cost=..                                                                  need    columns that somebody above reads
//	  Join   hash, DS_BCAST_INNER, cost=.. rows=.. place=by s's key                   region  inner joins side by side, ordered by cost
//	    Scan s                                                                        place   where the rows are: decides who must move
//	    Scan e
//
// Estimates choose between plans, never what the rows are. Nodes of the plan given are not changed: a rule copies what it rewrites.
// The package never sees programs (exec) and never rows.
package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/storage"
)

// Env is what the optimizer knows of the cluster.
type Env struct {
	Topology storage.Topology
	// Stats gives what is known of a table's rows; nil = nothing is known of any table.
	Stats func(t *catalog.Table) TableStats
	// Function folds constants; may be nil.
	Function *function.Env
	// Parallel is the factor by which spreading rows is cheaper than broadcasting them; 0 = the number of nodes.
	Parallel float64
}

// TableStats is what is known of a table's rows.
type TableStats struct {
	// Statistics is what ANALYZE found, by table column; nil = never analyzed.
	Statistics *storage.Statistics
	Rows       float64 // stored now
	Loaded     bool    // it has held rows
	Unsorted   float64 // fraction of rows outside the sorted region
	Spread     bool    // the slices are not those that its rows were distributed to: its DISTKEY promises nothing
}

// Rule rewrites a plan without changing its columns, types or meaning.
type Rule struct {
	Name  string
	apply func(*optimizer, plan.Node) (plan.Node, error)
}

// Rules are applied in this order.
var Rules = []Rule{
	{"fold", (*optimizer).fold},               // constants are computed once, on the leader
	{"decorrelate", (*optimizer).decorrelate}, // subqueries become joins
	{"flatten", (*optimizer).flatten},         // derived tables that only join and filter become part of the query around them
	{"pushdown", (*optimizer).pushdown},       // filters move to the scans, where zone maps can use them
	{"keys", (*optimizer).trimKeys},           // joins and DISTINCTs that declared keys make superfluous go
	{"distinct", (*optimizer).distinct},       // count(distinct x) becomes two aggregations, each in parallel
	{"physical", (*optimizer).plan},           // join order, build sides, DS_ labels, phases, figures; columns that nobody reads go
}

// Optimize gives the plan that runs. n is not changed.
func Optimize(n plan.Node, env *Env) (plan.Node, error) {
	o := &optimizer{env: env}
	o.look(n)
	var err error
	for i := range Rules {
		if n, err = Rules[i].apply(o, n); err != nil {
			return nil, err
		}
	}
	plan.Number(n)
	return n, nil
}

// optimizer is the state of optimizing one statement.
type optimizer struct {
	env  *Env
	last expr.ColumnID // greatest number given to a column
	// what the plan has, so that rules can pass at once
	subqueries, filters, joins, nested, distincts bool
	hasKeys                                       bool          // a table declares a key
	leader                                        bool          // the leader works alone: no table of the compute nodes
	rowID                                         expr.ColumnID // of the rows that DELETE and UPDATE change: they may not move; 0 = none
	rels                                          []*relation
	refs                                          []columnRef                   // by ColumnID
	worktables                                    map[*plan.Worktable]plan.Info // that WorkScans read
	joined                                        map[plan.Node]bool            // queries of subqueries that stand in the plan already
}

// look finds out what the plan has.
func (o *optimizer) look(n plan.Node) {
	tables, sets := false, false
	var visit func(n plan.Node) bool
	visit = func(n plan.Node) bool {
		for _, c := range outputs(n) {
			o.last = max(o.last, c.ID)
		}
		switch n := n.(type) {
		case *plan.Scan:
			tables = true
			o.hasKeys = o.hasKeys || len(n.Table.Constraints) > 0
			for i, a := range n.Attrs {
				if a < 0 {
					o.rowID = n.Output[i].ID
				}
			}
		case *plan.Load, *plan.ExternalScan, *plan.Insert, *plan.Delete, *plan.Update, *plan.Changes, *plan.Unload:
			tables = true
		case *plan.Append, *plan.SetOp, *plan.Recursive, *plan.With:
			sets = true
		case *plan.Filter:
			o.filters = true
		case *plan.Join:
			o.joins = true
		case *plan.Subquery:
			o.nested = true
		case *plan.Aggregate:
			for i := range n.Aggs {
				o.distincts = o.distincts || n.Aggs[i].Distinct
			}
		}
		plan.Exprs(n, func(e expr.Expr) {
			switch e.(type) {
			case *expr.Const, *expr.Column, *expr.Param:
				return
			}
			expr.Walk(e, func(e expr.Expr) bool {
				if s, ok := e.(*expr.Subquery); ok {
					o.subqueries = true
					plan.Walk(s.Plan.(plan.Node), visit)
				}
				return true
			})
		})
		return true
	}
	plan.Walk(n, visit)
	o.leader = !tables && !sets
}

// outputs lists the columns that a node itself makes.
func outputs(n plan.Node) []plan.Column {
	switch n := n.(type) {
	case *plan.Scan, *plan.VirtualScan, *plan.ExternalScan, *plan.Values, *plan.Load, *plan.Append, *plan.SetOp, *plan.Project, *plan.Recursive, *plan.WorkScan:
		return n.Columns()
	case *plan.Aggregate:
		out := make([]plan.Column, len(n.Aggs))
		for i := range n.Aggs {
			out[i] = n.Aggs[i].Column
		}
		return out
	case *plan.Expand:
		return []plan.Column{n.Number}
	case *plan.Unnest:
		return n.Made()
	case *plan.Window:
		out := make([]plan.Column, len(n.Funcs))
		for i := range n.Funcs {
			out[i] = n.Funcs[i].Column
		}
		return out
	}
	return nil
}

// id gives a new column number.
func (o *optimizer) id() expr.ColumnID {
	o.last++
	return o.last
}

// inputs rewrites the inputs of n with f; n is copied when one of them changes.
func inputs(n plan.Node, f func(plan.Node) (plan.Node, error)) (plan.Node, error) {
	kids := n.Children()
	changed := false
	for i, c := range kids {
		d, err := f(c)
		if err != nil {
			return nil, err
		}
		if d != c {
			if !changed {
				kids, changed = append([]plan.Node(nil), kids...), true
			}
			kids[i] = d
		}
	}
	if !changed {
		return n, nil
	}
	return plan.WithInputs(n, kids), nil
}

// column makes the expression that reads an output column.
func column(c *plan.Column) *expr.Column {
	return &expr.Column{ID: c.ID, Typ: c.Type, Table: c.Table, Name: c.Name}
}

// passing is a Project that lets cols through as they are.
func passing(n plan.Node, cols []plan.Column) *plan.Project {
	p := &plan.Project{Input: n, Exprs: make([]plan.Named, len(cols))}
	for i := range cols {
		p.Exprs[i] = plan.Named{Column: cols[i], Expr: column(&cols[i])}
	}
	return p
}

// passes says that a Project only passes columns through.
func passes(p *plan.Project) bool {
	for i := range p.Exprs {
		if c, ok := p.Exprs[i].Expr.(*expr.Column); !ok || c.ID != p.Exprs[i].ID {
			return false
		}
	}
	return true
}

// findColumn finds an output column by number.
func findColumn(cols []plan.Column, id expr.ColumnID) *plan.Column {
	for i := range cols {
		if cols[i].ID == id {
			return &cols[i]
		}
	}
	return nil
}
