package engine

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// incremental says how a refresh of a materialized view can be incremental: by which of its columns rows, or the groups of a query that aggregates, are told
// apart, and whether HAVING drops groups. why says why it cannot, "" = it can.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh-sql-command.html#mv_REFRESH_MARTERIALIZED_VIEW_limitations
func incremental(b *bind.Bound, q *ast.Select, cols []catalog.Column) (keys []int, grouped, filtered bool, why string) {
	if why = notPlain(b, q); why != "" {
		return nil, false, false, why
	}
	var agg *plan.Aggregate
	scans := 0
	plan.Walk(b.Plan, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Scan:
			scans++
		case *plan.Project, *plan.Filter:
		case *plan.Join:
			if n.Kind != plan.Inner {
				why = "it has an outer join or a subquery"
			}
		case *plan.Aggregate:
			if agg != nil {
				why = "it has a subquery"
			}
			agg = n
		case *plan.Window:
			why = "it has a window function"
		case *plan.Expand:
			why = "it has GROUPING SETS, ROLLUP or CUBE"
		default:
			why = "it has a subquery"
		}
		return why == ""
	})
	switch {
	case why != "":
		return nil, false, false, why
	case scans == 0:
		return nil, false, false, "it reads no table"
	case scans != len(b.Scans()):
		return nil, false, false, "it has a subquery"
	case agg == nil:
		all := make([]int, len(cols))
		for i := range all {
			all[i] = i
		}
		return told(b, all, cols), false, false, ""
	}
	for i := range agg.Aggs {
		if why := aggregateWhy(&agg.Aggs[i]); why != "" {
			return nil, false, false, why
		}
	}
	top, ok := b.Plan.(*plan.Project)
	for i := 0; ok && i < len(q.Items) && i < len(top.Exprs); i++ {
		if c, is := top.Exprs[i].Expr.(*expr.Column); is && slices.Contains(agg.Groups, c.ID) {
			keys = append(keys, i)
		}
	}
	return told(b, keys, cols), true, len(agg.Having) > 0, ""
}

// notPlain says what of a query's clauses no incremental refresh can do.
func notPlain(b *bind.Bound, q *ast.Select) string {
	switch {
	case b.Volatile:
		return "it has a mutable function"
	case q.Op != "" || q.Items == nil:
		return "it has a set operation"
	case len(q.With) > 0:
		return "it has a subquery"
	case q.Distinct:
		return "it has DISTINCT"
	case q.Qualify != nil:
		return "it has a window function"
	case q.ConnectBy != nil || q.StartWith != nil:
		return "it has CONNECT BY"
	}
	return ""
}

// aggregateWhy says why an aggregate is not one that a refresh can bring up to date.
func aggregateWhy(a *plan.Agg) string {
	if a.Distinct {
		return "it has an aggregate function with DISTINCT"
	}
	switch a.Fn.Name {
	case "count", "sum", "min", "max", "avg":
		return ""
	}
	return "it has the aggregate function " + a.Fn.Name
}

// told leaves of columns those by whose values rows that are computed can be told by rows that are kept: equal values have equal hashes, and their type is one
// that a table has.
func told(b *bind.Bound, of []int, cols []catalog.Column) (out []int) {
	for _, i := range of {
		is, kept := b.Columns[i].Type, cols[i].Type
		folded := i < len(b.Insensitive) && b.Insensitive[i]
		switch {
		case folded, is != kept && !(is.IsText() && kept.IsText()):
		case kept.Kind == types.Super || kept.Kind == types.HLLSketch || kept.Kind == types.Geometry || kept.Kind == types.Geography:
		default:
			out = append(out, i)
		}
	}
	return out
}
