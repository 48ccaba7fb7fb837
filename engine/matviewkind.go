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

// incremental says in m how a refresh of a materialized view can be incremental, or why it cannot.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh-sql-command.html#mv_REFRESH_MARTERIALIZED_VIEW_limitations
func incremental(m *catalog.Materialized, b *bind.Bound, q *ast.Select, cols []catalog.Column) {
	agg, why := kindOfQuery(b, q)
	m.Incremental, m.NotIncremental = why == "", why
	if !m.Incremental {
		return
	}
	if agg == nil {
		all := make([]int, len(cols))
		for i := range all {
			all[i] = i
		}
		m.Keys = told(b, all, cols)
		return
	}
	m.Grouped, m.Filtered = true, len(agg.Having) > 0
	var keys []int
	var shown []expr.ColumnID
	top, ok := b.Plan.(*plan.Project)
	for i := 0; ok && i < len(q.Items) && i < len(top.Exprs); i++ {
		if c, is := top.Exprs[i].Expr.(*expr.Column); is && slices.Contains(agg.Groups, c.ID) {
			keys, shown = append(keys, i), append(shown, c.ID)
		}
	}
	m.Keys = told(b, keys, cols)
	whole := !slices.ContainsFunc(agg.Groups, func(id expr.ColumnID) bool { return !slices.Contains(shown, id) })
	if ok && whole && !m.Filtered && len(m.Keys) == len(keys) {
		m.Merges = merges(top, agg, cols)
	}
}

// kindOfQuery is the aggregation of a query that can be refreshed incrementally, nil when it does not aggregate; why says why it cannot, "" = it can.
func kindOfQuery(b *bind.Bound, q *ast.Select) (agg *plan.Aggregate, why string) {
	if b.Volatile {
		return nil, "it has a mutable function"
	}
	union := q.Op == "union all"
	for _, arm := range arms(q) {
		if why = notPlain(arm); why != "" {
			return nil, why
		}
	}
	scans := 0
	plan.Walk(b.Plan, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Scan:
			scans++
		case *plan.Project, *plan.Filter, *plan.Unnest: // what they make of a row is that row's alone
		case *plan.Append:
			if !union {
				why = "it has a subquery"
			}
		case *plan.Join:
			if n.Kind != plan.Inner {
				why = "it has an outer join or a subquery"
			}
		case *plan.Aggregate:
			if agg != nil {
				why = "it has a subquery"
			}
			if union {
				why = "it has UNION ALL and an aggregate function or GROUP BY"
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
	case scans == 0:
		why = "it reads no table"
	case scans != len(b.Scans()):
		why = "it has a subquery"
	}
	for i := 0; why == "" && agg != nil && i < len(agg.Aggs); i++ {
		why = aggregateWhy(&agg.Aggs[i])
	}
	return agg, why
}

// merges says how the columns of parts of a group are put together; nil = one of them is neither a group's key nor an aggregate whose parts give the whole to the
// last digit.
func merges(top *plan.Project, agg *plan.Aggregate, cols []catalog.Column) []catalog.Merge {
	out := make([]catalog.Merge, len(top.Exprs))
	for i := range top.Exprs {
		c, ok := top.Exprs[i].Expr.(*expr.Column)
		if !ok {
			return nil
		}
		if slices.Contains(agg.Groups, c.ID) {
			continue
		}
		k := slices.IndexFunc(agg.Aggs, func(a plan.Agg) bool { return a.ID == c.ID })
		if k < 0 || c.Typ != cols[i].Type {
			return nil
		}
		switch exact := c.Typ.IsInteger() || c.Typ.Kind == types.Numeric; {
		case agg.Aggs[k].Fn.Name == "min":
			out[i] = catalog.MergeMin
		case agg.Aggs[k].Fn.Name == "max":
			out[i] = catalog.MergeMax
		case agg.Aggs[k].Fn.Name != "avg" && exact:
			out[i] = catalog.MergeSum
		default:
			return nil
		}
	}
	return out
}

// arms are the queries that UNION ALL puts together, from left to right; of a query without it the query itself.
func arms(q *ast.Select) []*ast.Select {
	if q.Op == "union all" && len(q.With) == 0 {
		return append(arms(q.Left), arms(q.Right)...)
	}
	return []*ast.Select{q}
}

// notPlain says what of a query's clauses no incremental refresh can do.
func notPlain(q *ast.Select) string {
	switch {
	case len(q.With) > 0:
		return "it has a subquery"
	case q.Op != "" || q.Items == nil:
		return "it has a set operation"
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
