package optimize

import "github.com/redshiftsim/redshiftsim/engine/plan"

// flatten removes derived tables that only join, filter and compute, and Projects that only narrow: the joins around them can then be ordered as one.
// A derived table that groups, sorts, limits or unites stays and is printed as XN Subquery Scan.
func (o *optimizer) flatten(n plan.Node) (plan.Node, error) {
	if !o.nested && !o.joins {
		return n, nil
	}
	return flatten(n, true), nil
}

// flatten rewrites n; exact says that the node above counts n's columns, so that none may be added.
func flatten(n plan.Node, exact bool) plan.Node {
	switch n := n.(type) {
	case *plan.Project:
		in := flatten(n.Input, false)
		if !exact && passes(n) {
			return in
		}
		return plan.WithInputs(n, []plan.Node{in})
	case *plan.Subquery:
		if n.Secure != nil { // what it hides stays below it
			break
		}
		if in := flatten(n.Input, false); simple(in) && !exact {
			return in
		}
		return plan.WithInputs(n, []plan.Node{flatten(n.Input, true)})
	}
	if w, ok := n.(*plan.With); ok { // the query's columns go by place, the input's are its own
		return plan.WithInputs(w, []plan.Node{flatten(w.Query, true), flatten(w.Input, exact)})
	}
	below := false
	switch n.(type) {
	case *plan.Distinct, *plan.Append, *plan.SetOp, *plan.Recursive, *plan.Insert, *plan.Delete, *plan.Update, *plan.Changes, *plan.Unload:
		below = true
	case *plan.Filter, *plan.Sort, *plan.Limit, *plan.Window:
		below = exact
	}
	n, _ = inputs(n, func(c plan.Node) (plan.Node, error) { return flatten(c, below), nil })
	return n
}

// simple says that a query only reads, joins, filters and computes.
func simple(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Scan, *plan.VirtualScan, *plan.ExternalScan, *plan.Join, *plan.Values, *plan.WorkScan:
		return true
	case *plan.Filter:
		return simple(n.Input)
	case *plan.Project:
		return simple(n.Input)
	case *plan.Subquery:
		return n.Secure != nil
	}
	return false
}
