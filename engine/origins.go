package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/plan"
)

// Origins says of the columns of rows which columns of tables and views they are. They are found when a plan is made, and kept with it; a plan that was made for
// other tables is read through its renaming. The zero value knows of none.
//
//	plan of orders_17: [{orders_17 0} {} {orders_17 2}]   renaming orders_17 -> orders_18   At(2) = {orders_18 2}
type Origins struct {
	list     []plan.Origin
	renaming *plan.Renaming
}

// At is the origin of column i, counted from 0.
func (o Origins) At(i int) plan.Origin {
	if i >= len(o.list) {
		return plan.Origin{}
	}
	at := o.list[i]
	if t, ok := at.Relation.(*catalog.Table); ok {
		at.Relation = o.renaming.Table(t)
	}
	return at
}

// from is where the columns of the plan's rows come from.
func (e *planEntry) from() Origins { return Origins{e.origins, e.renaming} }

// Origins says where Columns come from, as far as it is known before the statement runs.
func (st *Statement) Origins() Origins {
	if len(st.stmts) != 1 {
		return Origins{}
	}
	switch x := st.stmts[0].(type) {
	case *ast.Execute:
		if _, p := st.s.preparedAs(x.Name); p.executable() != nil {
			return p.Origins()
		}
	case *ast.Fetch:
		return st.s.CursorOrigins(x.Cursor.Name)
	}
	return st.from
}

// CursorOrigins says where the columns of an open cursor of DECLARE come from.
func (s *Session) CursorOrigins(name string) Origins {
	if s.cursor == nil || s.cursor.name != name {
		return Origins{}
	}
	return s.cursor.from
}
