package bind

import (
	"strings"
	"sync"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Invents says whether binding may give a column or a derived table this name by itself, though neither the text nor a table has it: a function's, a type's.
func Invents(name string) bool {
	return function.Exists(name) || strings.HasPrefix(name, unnamedPrefix) || internalNames()[name]
}

// internalNames are the names of types that columns get.
var internalNames = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for k := range types.NumKinds {
		t := types.Type{Kind: k}
		out[t.InternalName()] = true
	}
	return out
})

// label is the name of a result column without AS: a column's own name, a function's internal name, the type of a cast literal, else ?column?.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SELECT_list.html
func label(e ast.Expr, x expr.Expr) string {
	if n := figure(e, x); n != "" {
		return n
	}
	return "?column?"
}

// figure is label without its last resort.
func figure(e ast.Expr, x expr.Expr) string {
	switch e := e.(type) {
	case *ast.ColumnRef:
		if c, ok := x.(*expr.Call); ok && len(c.Args) == 0 && len(e.Parts) == 1 && isBare(e.Parts[0]) {
			return c.Fn.Name
		}
		return e.Parts[len(e.Parts)-1]
	case *ast.Path:
		for i := len(e.Steps) - 1; i >= 0; i-- { // the last attribute, whatever its index
			if e.Steps[i].Index == nil {
				return e.Steps[i].Name
			}
		}
		return figure(e.X, nil)
	case *ast.FuncCall:
		switch name := e.Name[len(e.Name)-1]; name {
		case "coalesce", "nvl", "isnull":
			return "coalesce"
		case "decode", "nvl2":
			return "case"
		case "nullif":
			if len(e.Args) > 0 {
				if c, ok := e.Args[0].(*ast.ColumnRef); ok {
					return c.Parts[len(c.Parts)-1]
				}
			}
			return "case"
		default:
			if !function.Exists(name) { // what SQL has made is not seen in the expression
				return name
			}
			switch x := x.(type) {
			case *expr.Call:
				if !x.Op {
					return x.Fn.Name
				}
			case *expr.Column: // an aggregate or a window function
				return x.Name
			}
			return name
		}
	case *ast.Cast:
		if _, literal := e.X.(*ast.Interval); literal {
			return e.Type.Type.InternalName()
		}
		if _, twice := e.X.(*ast.Cast); twice && figure(bareValue(e.X), nil) == "" { // of casts of a literal the last one gives the name
			return e.Type.Type.InternalName()
		}
		if n := figure(e.X, bareCast(x)); n != "" {
			return n
		}
		return e.Type.Type.InternalName()
	case *ast.Case:
		if e.Else != nil {
			if c, ok := e.Else.(*ast.ColumnRef); ok {
				return c.Parts[len(c.Parts)-1]
			}
		}
		return "case"
	case *ast.Array:
		if e.Query == nil {
			return "array"
		}
		return "?column?"
	case *ast.Interval:
		return intervalLabel(x)
	case *ast.AtTimeZone:
		return "timezone"
	case *ast.Collate:
		return figure(e.X, x)
	case *ast.Row:
		if len(e.Items) == 1 {
			return figure(e.Items[0], x)
		}
		return "row"
	}
	return ""
}

// bareCast is what a cast converts.
func bareCast(x expr.Expr) expr.Expr {
	if c, ok := x.(*expr.Cast); ok {
		return c.Arg
	}
	return x
}

// bareValue is what casts convert as it is written.
func bareValue(e ast.Expr) ast.Expr {
	for {
		c, ok := e.(*ast.Cast)
		if !ok {
			return e
		}
		e = c.X
	}
}

// intervalLabel is the column name of an interval literal.
// https://docs.aws.amazon.com/redshift/latest/dg/r_interval_data_types.html
func intervalLabel(x expr.Expr) string {
	if x == nil {
		return "interval"
	}
	switch x.Type().Kind {
	case types.IntervalYM:
		return "intervaly2m"
	case types.IntervalDS:
		return "intervald2s"
	}
	return "interval"
}
