package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// groupable refuses to group, or to make distinct, values of types without equality.
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-limitations.html
func groupable(list ...types.Type) error {
	for _, t := range list {
		if t.IsOpaque() {
			return sqlstate.UndefinedFunction.Errorf("could not identify an equality operator for type %s", t)
		}
	}
	return nil
}

// groupableAll is groupable of expressions.
func groupableAll(list []expr.Expr) error {
	for _, x := range list {
		if err := groupable(x.Type()); err != nil {
			return err
		}
	}
	return nil
}

// sortable refuses to order by values of types without an order.
// https://docs.aws.amazon.com/redshift/latest/dg/spatial-limitations.html
func sortable(t types.Type) error {
	if t.IsOpaque() {
		return sqlstate.UndefinedFunction.Errorf("could not identify an ordering operator for type %s", t).
			WithHint("Use an explicit ordering operator or modify the query.")
	}
	return nil
}
