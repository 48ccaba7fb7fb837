package optimize

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// A subquery may go through an array of the query around it. The rows around it get numbers and are kept; the subquery reads them too, and is correlated by the
// number alone, which the other rules know how to make a join of:
//
//	t WHERE (SELECT count(*) FROM t.a e WHERE e > t.x) > 0
//
//	With w = Expand [number] t
//	  t, number of w  WHERE (SELECT count(*) FROM w v, v.a e WHERE v.number = number AND e > v.x) > 0
//
// https://docs.aws.amazon.com/redshift/latest/dg/super-examples.html#super-examples-subquery

// goesThroughOuter says that a subquery unnests a value of the query around it.
func goesThroughOuter(s *expr.Subquery) bool {
	outer := outerSet(s)
	if len(outer) == 0 {
		return false
	}
	found := false
	plan.Walk(s.Plan.(plan.Node), func(n plan.Node) bool {
		u, ok := n.(*plan.Unnest)
		found = found || ok && outer.Meets(u.Value)
		return !found
	})
	return found
}

// overElements joins in with a subquery that unnests a value of in, by the way join.
func (o *optimizer) overElements(in plan.Node, s *expr.Subquery, join func(in plan.Node, s *expr.Subquery) (plan.Node, error)) (plan.Node, error) {
	if _, plain := withoutFilters(in).(*plan.Scan); !plain && o.rowID != 0 && plan.SetOfColumns(in.Columns()).Has(o.rowID) { // they may not move
		return nil, refuse(s.Pos)
	}
	q, err := o.queryOf(s)
	if err != nil {
		return nil, err
	}
	if err := steady(q, s); err != nil {
		return nil, err
	}
	rows := &plan.Expand{Input: in, Number: plan.Column{ID: o.id(), Name: "number", Type: types.TInt8}, Count: 1, Unique: true}
	kept, _ := o.copied(passing(rows, rows.Columns())) // what a subquery below comes to add is no column of the worktable
	table := &plan.Worktable{Name: "rows"}
	cols := rows.Columns()
	inner := &copier{o: o, fresh: map[expr.ColumnID]expr.ColumnID{}}
	scan := &plan.WorkScan{Table: table, Output: inner.made(cols)}
	same := &expr.Compare{Op: expr.Eq, Left: column(&scan.Output[len(cols)-1]), Right: column(&rows.Number)}
	below, ok := upon(inner.node(q), &plan.Filter{Input: scan, Conds: []expr.Expr{same}})
	if !ok {
		return nil, refuse(s.Pos)
	}
	k := *s
	k.Plan, k.Outer = below, []expr.ColumnID{rows.Number.ID}
	out, err := join(&plan.WorkScan{Table: table, Output: cols}, &k)
	if err != nil {
		return nil, err
	}
	o.joins, o.filters = true, true
	return &plan.With{Table: table, Query: kept, Input: out}, nil
}

// withoutFilters strips conditions.
func withoutFilters(n plan.Node) plan.Node {
	for {
		f, ok := n.(*plan.Filter)
		if !ok {
			return n
		}
		n = f.Input
	}
}

// steady refuses volatile functions, as Redshift does in such a subquery and to the left of its IN.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
func steady(q plan.Node, s *expr.Subquery) error {
	found := false
	for _, l := range s.Left {
		found = found || volatile(l)
	}
	plan.Walk(q, func(n plan.Node) bool {
		plan.Exprs(n, func(e expr.Expr) { found = found || volatile(e) })
		return !found
	})
	if found {
		return sqlstate.FeatureNotSupported.Errorf("volatile functions in a subquery that unnests a SUPER value of the query around it are not supported").At(s.Pos)
	}
	return nil
}

// upon puts rows in the place of the one row from which a query without tables starts; false when the query reads something else.
func upon(q, rows plan.Node) (plan.Node, bool) {
	switch n := q.(type) {
	case *plan.Values:
		return rows, len(n.Rows) == 1 && len(n.Output) == 0
	case *plan.Project, *plan.Filter, *plan.Unnest, *plan.Aggregate, *plan.Subquery, *plan.Distinct, *plan.Sort, *plan.Limit, *plan.Window:
		in, ok := upon(n.Children()[0], rows)
		if !ok {
			return nil, false
		}
		return plan.WithInputs(n, []plan.Node{in}), true
	}
	return nil, false
}
