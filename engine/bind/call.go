package bind

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// call binds a function call: the conditional forms that need not compute all their arguments, window calls, aggregates, and the book's functions.
func (k *block) call(f *ast.FuncCall) (expr.Expr, error) {
	name := f.Name[len(f.Name)-1]
	pos := f.Offset()
	if f.Approximate && (name != "count" || !f.Distinct) && name != "percentile_disc" {
		return nil, sqlstate.FeatureNotSupported.Errorf("APPROXIMATE is supported for COUNT (DISTINCT) and PERCENTILE_DISC alone").At(pos)
	}
	if f.Over != nil {
		return k.over(f, name)
	}
	if (name == "grouping" || name == "grouping_id") && len(f.Name) == 1 {
		return k.grouping(f, name)
	}
	if name == seriesName {
		return k.seriesItem(f)
	}
	if recordFunctions[name] && k.b.env.TableFunction != nil {
		return k.recordItem(f, name)
	}
	if function.Aggregates(name, len(f.Args)) {
		return k.callAggregate(f, name)
	}
	if function.IsWindow(name) {
		return nil, sqlstate.WindowingError.Errorf("window function %s requires an OVER clause", name).At(pos)
	}
	if f.Distinct || f.Star || len(f.WithinGroup) > 0 {
		return nil, sqlstate.WrongObjectType.Errorf("%s is not an aggregate function", name).At(pos)
	}
	args, where, err := k.args(f.Args)
	if err != nil {
		return nil, err
	}
	switch name {
	case "coalesce", "nvl":
		if len(args) > 0 {
			return k.b.coalesce(args, where)
		}
	case "isnull": // NVL by another name, in AWS's JDBC driver (decision 97)
		if len(args) == 2 {
			return k.b.coalesce(args, where)
		}
	case "nullif":
		if len(args) == 2 {
			return k.b.nullIf(args, pos)
		}
	case "nvl2":
		if len(args) == 3 {
			return k.b.nvl2(args, where, pos)
		}
	case "decode":
		if len(args) >= 3 {
			return k.b.decode(args, where)
		}
	case "greatest", "least":
		if len(args) > 0 {
			if _, err := k.b.common(args, where); err != nil {
				return nil, err
			}
		}
	case "mod":
		if len(args) == 2 {
			args[0], args[1] = digits(args[0], args[1].Type()), digits(args[1], args[0].Type())
		}
	}
	if name == "row" && len(f.Name) == 1 {
		return nil, noRow(pos)
	}
	if len(f.Name) > 1 && f.Name[len(f.Name)-2] != catalog.PgCatalog || k.b.env.RoutinesFirst {
		if x, err := k.routine(f, args, where); x != nil || err != nil {
			return x, err
		}
	}
	fn, err := function.Find(name, arguments(args))
	if err != nil {
		if x, err := k.routine(f, args, where); x != nil || err != nil {
			return x, err
		}
		return nil, at(qualifiedError(err, f), pos)
	}
	k.b.placed(name, fn.Place, fn.Volatility)
	if fn.Name == "collate" {
		c, ok := args[1].(*expr.Const)
		k.b.folds = k.b.folds || ok && function.FoldsCase(c.Value.Text)
	}
	if err := k.b.toParams(args, fn.Params, where); err != nil {
		return nil, err
	}
	return &expr.Call{Fn: fn, Args: args, Pos: pos}, nil
}

// noRow refuses (a, b) and ROW(a, b) where a value stands: Redshift has no row constructors.
// https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-features.html
func noRow(pos int) error {
	return sqlstate.FeatureNotSupported.Errorf("ROW expression, implicit or explicit, is not supported in target list").At(pos)
}

// args binds arguments.
func (k *block) args(list []ast.Expr) ([]expr.Expr, []int, error) {
	args, where := make([]expr.Expr, len(list)), make([]int, len(list))
	for i, a := range list {
		x, err := k.expr(a)
		if err != nil {
			return nil, nil, err
		}
		args[i], where[i] = x, a.Offset()
	}
	return args, where, nil
}

// arguments describes bound arguments to the book of functions.
func arguments(args []expr.Expr) []function.Arg {
	out := make([]function.Arg, len(args))
	for i, a := range args {
		out[i].Type = a.Type()
		if c, ok := a.(*expr.Const); ok {
			out[i].Const = &c.Value
		}
	}
	return out
}

// nullIf makes NULLIF(a, b): NULL when they are equal, else a.
// https://docs.aws.amazon.com/redshift/latest/dg/r_NULLIF_function.html
func (b *binder) nullIf(args []expr.Expr, pos int) (expr.Expr, error) {
	cond, err := b.compare(expr.Eq, args[0], args[1], pos)
	if err != nil {
		return nil, err
	}
	x := digits(args[0], args[1].Type())
	if x.Type().Kind == types.Unknown {
		t, err := function.CommonType(x.Type(), args[1].Type())
		if err != nil {
			return nil, at(err, pos)
		}
		if x, err = b.coerce(x, t, pos); err != nil {
			return nil, err
		}
	}
	t := x.Type()
	return &expr.Case{Whens: []expr.When{{Cond: cond, Then: &expr.Const{Value: types.NullOf(t)}}}, Else: x, Typ: t}, nil
}

// nvl2 makes NVL2(a, b, c): b when a is not NULL, else c.
// https://docs.aws.amazon.com/redshift/latest/dg/r_NVL2.html
func (b *binder) nvl2(args []expr.Expr, where []int, pos int) (expr.Expr, error) {
	x := args[0]
	if x.Type().Kind == types.Unknown {
		var err error
		if x, err = b.coerce(x, alone(x.Type()), pos); err != nil {
			return nil, err
		}
	}
	t, err := b.common(args[1:], where[1:])
	if err != nil {
		return nil, err
	}
	return &expr.Case{Whens: []expr.When{{Cond: &expr.IsNull{Arg: x, Not: true}, Then: args[1]}}, Else: args[2], Typ: t}, nil
}

// decode makes DECODE(x, search, result, ..., default); a NULL is found by a NULL.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DECODE_expression.html
func (b *binder) decode(args []expr.Expr, where []int) (expr.Expr, error) {
	var results []expr.Expr
	var at []int
	c := &expr.Case{}
	i := 1
	for ; i+1 < len(args); i += 2 {
		x, s := args[0], args[i]
		var cond expr.Expr
		if n, ok := s.(*expr.Const); ok && n.Value.Null {
			if x.Type().Kind == types.Unknown {
				var err error
				if x, err = b.coerce(x, alone(x.Type()), where[0]); err != nil {
					return nil, err
				}
			}
			cond = &expr.IsNull{Arg: x}
		} else {
			eq, err := b.compare(expr.Eq, x, s, where[i])
			if err != nil {
				return nil, err
			}
			cond = eq
			if !ok { // a constant that is not NULL cannot meet one
				e := eq.(*expr.Compare)
				cond = &expr.Or{Args: []expr.Expr{eq, &expr.And{Args: []expr.Expr{&expr.IsNull{Arg: e.Left}, &expr.IsNull{Arg: e.Right}}}}}
			}
		}
		c.Whens = append(c.Whens, expr.When{Cond: cond})
		results, at = append(results, args[i+1]), append(at, where[i+1])
	}
	if i < len(args) {
		results, at = append(results, args[i]), append(at, where[i])
	}
	t, err := b.common(results, at)
	if err != nil {
		return nil, err
	}
	c.Typ = t
	for j := range c.Whens {
		c.Whens[j].Then = results[j]
	}
	if len(results) > len(c.Whens) {
		c.Else = results[len(results)-1]
	}
	return c, nil
}

// callAggregate binds an aggregate and lifts it out: the block computes it once, the expression reads a column.
func (k *block) callAggregate(f *ast.FuncCall, name string) (expr.Expr, error) {
	pos := f.Offset()
	if k.inAgg > 0 {
		return nil, sqlstate.Grouping.Errorf("aggregate function calls may not be nested").At(pos)
	}
	if k.noAgg != "" {
		return nil, sqlstate.Grouping.Errorf("%s", k.noAgg).At(pos)
	}
	if f.Star && name != "count" {
		return nil, sqlstate.Syntax.Errorf("%s(*) is not an aggregate function", name).At(pos)
	}
	k.inAgg++
	win := k.noWin
	k.noWin = "aggregate function calls may not contain window function calls"
	args, where, err := k.args(f.Args)
	var within []winKey
	if err == nil {
		within, err = k.winKeys(f.WithinGroup)
	}
	k.inAgg--
	if k.noWin = win; err != nil {
		return nil, err
	}
	for _, a := range args {
		if k.computed(a) {
			return nil, sqlstate.Grouping.Errorf("aggregate function calls may not be nested").At(pos)
		}
	}
	if f.Distinct {
		if err := groupableAll(args); err != nil {
			return nil, at(err, pos)
		}
	}
	fn, err := k.findAggregate(name, args, within, f, pos)
	if err != nil {
		return nil, err
	}
	if len(args) < len(fn.Params) { // percentile_cont(0.5) within group (order by x) aggregates x
		for _, o := range within {
			args, where = append(args, o.e), append(where, pos)
		}
	}
	k.b.placed(name, fn.Place, function.Immutable)
	if err := k.b.toParams(args, fn.Params, where); err != nil {
		return nil, err
	}
	k.hasAgg = true
	a := plan.Agg{Fn: fn, Args: args, Distinct: f.Distinct && fn.Name != function.ApproximateCount}
	for _, o := range within {
		a.Order = append(a.Order, plan.SortKey{ID: k.orderColumn(o.e), Desc: o.desc, NullsFirst: o.nullsFirst})
	}
	for i := range k.aggs {
		if sameAggregate(&k.aggs[i], &a) {
			return columnOf(k.aggs[i].Column), nil
		}
	}
	a.Column = plan.Column{ID: k.b.id(), Name: name, Type: fn.Returns}
	k.aggs = append(k.aggs, a)
	return columnOf(a.Column), nil
}

// orderColumn gives the column that a key of WITHIN GROUP is, or is to be computed in.
func (k *block) orderColumn(e expr.Expr) expr.ColumnID {
	if c, ok := e.(*expr.Column); ok && !k.isOuter(c.ID) {
		return c.ID
	}
	for i := range k.orders {
		if expr.Equal(k.orders[i].Expr, e) {
			return k.orders[i].ID
		}
	}
	n := plan.Named{Column: plan.Column{ID: k.b.id(), Name: "?column?", Type: e.Type()}, Expr: e}
	k.orders = append(k.orders, n)
	return n.ID
}

// findAggregate chooses the aggregate; the sort keys of WITHIN GROUP follow the arguments where the function takes them as such.
func (k *block) findAggregate(name string, args []expr.Expr, within []winKey, f *ast.FuncCall, pos int) (*function.BoundAggregate, error) {
	list := arguments(args)
	if name == "percentile_cont" || name == "percentile_disc" {
		for _, o := range within {
			list = append(list, function.Arg{Type: o.e.Type()})
		}
	}
	if f.Approximate && name == "count" {
		if fn := function.FindApproximateCount(list); fn != nil {
			return fn, nil
		}
	}
	fn, err := function.FindAggregate(name, list, f.Distinct)
	return fn, at(err, pos)
}

// sameAggregate says that two calls compute the same.
func sameAggregate(a, b *plan.Agg) bool {
	if a.Fn.Name != b.Fn.Name || a.Distinct != b.Distinct || len(a.Args) != len(b.Args) || !slices.Equal(a.Order, b.Order) {
		return false
	}
	for i := range a.Args {
		if !expr.Equal(a.Args[i], b.Args[i]) {
			return false
		}
	}
	return true
}
