package bind

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// winKey is an ORDER BY item of a window before it has become a column.
type winKey struct {
	e                expr.Expr
	desc, nullsFirst bool
}

// winCall is a call with OVER, lifted out of its expression; a column of number fn.ID stands in its place.
type winCall struct {
	fn        plan.WindowFunc
	partition []expr.Expr
	order     []winKey
	within    []winKey
}

// exprs lists what the call reads, to be rewritten above an Aggregate.
func (w *winCall) exprs() []*expr.Expr {
	var out []*expr.Expr
	for i := range w.partition {
		out = append(out, &w.partition[i])
	}
	for i := range w.order {
		out = append(out, &w.order[i].e)
	}
	for i := range w.within {
		out = append(out, &w.within[i].e)
	}
	for i := range w.fn.Args {
		out = append(out, &w.fn.Args[i])
	}
	return out
}

// same says that two calls compute the same.
func (w *winCall) same(o *winCall) bool {
	a, b := w.exprs(), o.exprs()
	if w.fn.Name != o.fn.Name || w.fn.IgnoreNulls != o.fn.IgnoreNulls || w.fn.Distinct != o.fn.Distinct || w.fn.Whole != o.fn.Whole || w.fn.Lo != o.fn.Lo || w.fn.Hi != o.fn.Hi ||
		len(a) != len(b) || len(w.partition) != len(o.partition) || len(w.order) != len(o.order) || len(w.within) != len(o.within) {
		return false
	}
	for i := range a {
		if !expr.Equal(*a[i], *b[i]) {
			return false
		}
	}
	for i := range w.order {
		if w.order[i].desc != o.order[i].desc || w.order[i].nullsFirst != o.order[i].nullsFirst {
			return false
		}
	}
	for i := range w.within {
		if w.within[i].desc != o.within[i].desc || w.within[i].nullsFirst != o.within[i].nullsFirst {
			return false
		}
	}
	return true
}

// over binds f(args) OVER (...).
// https://docs.aws.amazon.com/redshift/latest/dg/c_Window_functions.html
func (k *block) over(f *ast.FuncCall, name string) (expr.Expr, error) {
	pos := f.Offset()
	switch {
	case k.noWin != "":
		return nil, sqlstate.WindowingError.Errorf("%s", k.noWin).At(pos)
	case k.inAgg > 0:
		return nil, sqlstate.Grouping.Errorf("aggregate function calls may not contain window function calls").At(pos)
	case f.Distinct && name != "listagg":
		return nil, sqlstate.FeatureNotSupported.Errorf("DISTINCT is not supported for window functions").At(pos)
	}
	w := winCall{}
	w.fn.IgnoreNulls, w.fn.Distinct = f.IgnoreNulls, f.Distinct
	win := k.noWin
	k.noWin = "window function calls may not be nested"
	defer func() { k.noWin = win }()
	args, where, err := k.args(f.Args)
	if err != nil {
		return nil, err
	}
	for _, p := range f.Over.Partition {
		x, err := k.settled(p)
		if err != nil {
			return nil, err
		}
		if err := groupable(x.Type()); err != nil {
			return nil, at(err, pos)
		}
		w.partition = append(w.partition, x)
	}
	if w.order, err = k.winKeys(f.Over.Order); err != nil {
		return nil, err
	}
	if w.within, err = k.winKeys(f.WithinGroup); err != nil {
		return nil, err
	}
	framed := true
	var params []types.Type
	var ret types.Type
	if function.IsAggregate(name) {
		a, err := k.findAggregate(name, args, w.within, f, pos)
		if err != nil {
			return nil, err
		}
		if a.GroupsOnly {
			return nil, sqlstate.FeatureNotSupported.Errorf("function %s is not supported as a window function", name).At(pos)
		}
		w.fn.Agg, params, ret = a, a.Params, a.Returns
		k.b.placed(name, a.Place, function.Immutable)
		w.fn.Name = a.Name
		if len(args) < len(a.Params) {
			for _, o := range w.within {
				args, where = append(args, o.e), append(where, pos)
			}
		}
		if a.Partial == nil && (len(w.order) > 0 || f.Over.Frame != nil) { // only PARTITION BY: WITHIN GROUP orders
			return nil, sqlstate.FeatureNotSupported.Errorf("window function %s does not allow ORDER BY or a frame clause in OVER", name).At(pos)
		}
	} else {
		fn, err := function.FindWindow(name, arguments(args))
		if err != nil {
			return nil, at(err, pos)
		}
		w.fn.Fn, params, ret, framed = fn, fn.Params, fn.Returns, fn.Framed
		w.fn.Name = fn.Name
		if !framed && f.Over.Frame != nil {
			return nil, sqlstate.FeatureNotSupported.Errorf("window function %s does not allow a frame clause", name).At(pos)
		}
	}
	if framed && len(w.order) > 0 && f.Over.Frame == nil {
		return nil, sqlstate.FeatureNotSupported.Errorf("Aggregate window functions with an ORDER BY clause require a frame clause").At(pos)
	}
	if err := k.b.toParams(args, params, where); err != nil {
		return nil, err
	}
	w.fn.Args = args
	if err := w.frame(f.Over, framed); err != nil {
		return nil, err
	}
	for i := range k.wins {
		if k.wins[i].same(&w) {
			return columnOf(k.wins[i].fn.Column), nil
		}
	}
	w.fn.ID, w.fn.Type = k.b.id(), ret
	k.wins = append(k.wins, w)
	c := w.fn.Column
	return columnOf(c), nil
}

// winKeys binds the ORDER BY of a window or of WITHIN GROUP.
func (k *block) winKeys(list []ast.OrderItem) ([]winKey, error) {
	var out []winKey
	for i := range list {
		o := &list[i]
		x, err := k.settled(o.Expr)
		if err != nil {
			return nil, err
		}
		if err := sortable(x.Type()); err != nil {
			return nil, at(err, o.Expr.Offset())
		}
		out = append(out, winKey{x, o.Desc, nullsFirst(o)})
	}
	return out, nil
}

// settled binds an expression and gives a bare literal its own type.
func (k *block) settled(e ast.Expr) (expr.Expr, error) {
	x, err := k.expr(e)
	if err != nil || x.Type().Kind != types.Unknown {
		return x, err
	}
	return k.b.coerce(x, alone(x.Type()), e.Offset())
}

// frame resolves the ROWS clause.
func (w *winCall) frame(o *ast.Window, framed bool) error {
	if !framed || o.Frame == nil {
		w.fn.Whole = len(w.order) == 0
		if !w.fn.Whole {
			w.fn.Lo = plan.FrameBound{Unbounded: true}
		}
		return nil
	}
	end := func(b *ast.Bound) (plan.FrameBound, error) {
		switch b.Kind {
		case "current row":
			return plan.FrameBound{}, nil
		case "preceding", "following":
			l, ok := b.N.(*ast.Literal)
			n := 0
			if ok {
				n, ok = ordinal(l)
			}
			if !ok {
				return plan.FrameBound{}, sqlstate.InvalidParameterValue.Errorf("frame offset must be an integer").At(b.N.Offset())
			}
			if b.Kind == "preceding" {
				n = -n
			}
			return plan.FrameBound{Offset: int64(n)}, nil
		}
		return plan.FrameBound{Unbounded: true}, nil
	}
	pos := o.Frame.Offset()
	if o.Frame.Lo.Kind == "unbounded following" {
		return sqlstate.WindowingError.Errorf("frame start cannot be UNBOUNDED FOLLOWING").At(pos)
	}
	if o.Frame.Hi.Kind == "unbounded preceding" {
		return sqlstate.WindowingError.Errorf("frame end cannot be UNBOUNDED PRECEDING").At(pos)
	}
	var err error
	if w.fn.Lo, err = end(&o.Frame.Lo); err != nil {
		return err
	}
	if w.fn.Hi, err = end(&o.Frame.Hi); err != nil {
		return err
	}
	if !w.fn.Lo.Unbounded && !w.fn.Hi.Unbounded && w.fn.Lo.Offset > w.fn.Hi.Offset {
		return sqlstate.WindowingError.Errorf("frame start must not lie behind frame end").At(pos)
	}
	w.fn.Whole = w.fn.Lo.Unbounded && w.fn.Hi.Unbounded
	return nil
}

// windows puts the Window nodes above node: one for each distinct PARTITION BY and ORDER BY, over a Project that has made their keys columns.
func (k *block) windows(node plan.Node, items []outItem, qualify expr.Expr) plan.Node {
	var need []expr.ColumnID
	want := func(e expr.Expr) {
		if e == nil {
			return
		}
		for _, id := range expr.Columns(e) {
			if !k.isWin(id) && !k.isOuter(id) {
				need = addID(need, id)
			}
		}
	}
	p := &plan.Project{Input: node}
	var made []expr.Expr
	var madeIDs []expr.ColumnID
	key := func(e expr.Expr) expr.ColumnID {
		if c, ok := e.(*expr.Column); ok && !k.isOuter(c.ID) {
			need = addID(need, c.ID)
			return c.ID
		}
		for i, m := range made {
			if expr.Equal(m, e) {
				return madeIDs[i]
			}
		}
		id := k.b.id()
		made, madeIDs = append(made, e), append(madeIDs, id)
		return id
	}
	sortKeys := func(list []winKey) []plan.SortKey {
		var out []plan.SortKey
		for _, o := range list {
			out = append(out, plan.SortKey{ID: key(o.e), Desc: o.desc, NullsFirst: o.nullsFirst})
		}
		return out
	}
	var nodes []*plan.Window
	for i := range k.wins {
		w := &k.wins[i]
		n := &plan.Window{Order: sortKeys(append(w.order, w.within...))} // only one of the two is there
		for _, e := range w.partition {
			n.Partition = append(n.Partition, key(e))
		}
		for _, a := range w.fn.Args {
			want(a)
		}
		placed := false
		for _, o := range nodes {
			if slices.Equal(o.Partition, n.Partition) && slices.Equal(o.Order, n.Order) {
				o.Funcs, placed = append(o.Funcs, w.fn), true
				break
			}
		}
		if !placed {
			n.Funcs = append(n.Funcs, w.fn)
			nodes = append(nodes, n)
		}
	}
	if len(made) > 0 {
		for i := range items {
			want(items[i].x)
		}
		want(qualify)
		for _, c := range node.Columns() {
			if hasID(need, c.ID) {
				p.Exprs = append(p.Exprs, plan.Named{Column: c, Expr: columnOf(c)})
			}
		}
		for i, e := range made {
			p.Exprs = append(p.Exprs, plan.Named{Column: plan.Column{ID: madeIDs[i], Name: "?column?", Type: e.Type()}, Expr: e})
		}
		node = p
	}
	for _, n := range nodes {
		n.Input = node
		node = n
	}
	return node
}
