package bind

import (
	"errors"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// seriesName is the one function of the leader that gives rows: generate_series(from, to [, step]).
const seriesName = "generate_series"

// tableFunc binds a function in FROM.
func (k *block) tableFunc(f *ast.TableFunc) (source, error) {
	name := f.Call.Name[len(f.Call.Name)-1]
	if name != seriesName {
		return k.function(f)
	}
	alias := f.Alias
	if alias == "" {
		alias = name
	}
	s, err := k.series(f.Call, alias)
	if err == errSeriesOfColumns { // of tables beside it in FROM: PostgreSQL 8.0 has no LATERAL
		_, err = (&block{b: k.b}).expr(f.Call.Args[0])
		for i := 1; err == nil; i++ {
			_, err = (&block{b: k.b}).expr(f.Call.Args[i])
		}
	}
	if err != nil {
		return source{}, err
	}
	return s, rename(&s.rels[0], f.Columns, f.Offset())
}

// seriesItem binds generate_series in a select list: every row comes once for each of its values.
func (k *block) seriesItem(f *ast.FuncCall) (expr.Expr, error) {
	switch {
	case k.noAgg != "" || k.inAgg > 0:
		return nil, sqlstate.FeatureNotSupported.Errorf("set-returning functions are not allowed here").At(f.Offset())
	case k.rows != nil || k.each != nil:
		return nil, unsupported(f.Offset(), "more than one set-returning function in a select list is")
	}
	s, err := k.series(f, seriesName)
	if err == errSeriesOfColumns {
		return k.seriesOfColumns(f)
	}
	if err != nil {
		return nil, err
	}
	k.rows = s.node
	c := &s.rels[0].cols[0]
	k.b.use(c.ID)
	return c, nil
}

// series makes the source of generate_series: a system table of the leader, computed as it is read.
func (k *block) series(f *ast.FuncCall, name string) (source, error) {
	pos := f.Offset()
	bare := &block{b: k.b, noAgg: "aggregates not allowed in arguments of a set-returning function", noWin: "window functions not allowed here"}
	args, where, err := bare.args(f.Args)
	if err != nil {
		if es, ok := err.(*sqlstate.Error); ok && es.Code == sqlstate.UndefinedColumn {
			return source{}, errSeriesOfColumns
		}
		return source{}, err
	}
	if len(args) < 2 || len(args) > 3 {
		return source{}, undefinedSeries(args, pos)
	}
	k.b.placed(seriesName, function.LeaderOnly, function.Immutable)
	g := &series{pos: pos}
	if args[0].Type().Kind == types.Date || args[0].Type().Kind == types.Timestamp || args[0].Type().Kind == types.TimestampTZ {
		err = g.times(k.b, args, where)
	} else {
		err = g.integers(k.b, args, where)
	}
	if err != nil {
		return source{}, err
	}
	t := &catalog.Virtual{Schema: "pg_catalog", Name: name, Leader: true, Columns: []catalog.Column{{Name: name, Type: g.typ}}, Rows: g.emit}
	return k.b.virtual(t, name), nil
}

func undefinedSeries(args []expr.Expr, pos int) error {
	list := ""
	for i, a := range args {
		if i > 0 {
			list += ", "
		}
		list += bareName(a.Type())
	}
	return sqlstate.UndefinedFunction.Errorf("function generate_series(%s) does not exist", list).
		WithHint("No function matches the given name and argument types. You may need to add explicit type casts.").At(pos)
}

// bareName is a type's name in an error about arguments.
func bareName(t types.Type) string {
	if t.Kind == types.Unknown {
		return "\"unknown\""
	}
	return bare(t)
}

// series are the values of one call.
type series struct {
	typ      types.Type
	pos      int
	lo, hi   types.Datum
	step     types.Datum
	add      *function.Bound // of times
	none     bool            // an argument is NULL
	env      *function.Env
	negative bool
}

// integers readies a series of integers.
func (g *series) integers(b *binder, args []expr.Expr, where []int) error {
	g.typ = types.TInt4
	for _, a := range args {
		switch t := a.Type(); {
		case t.Kind == types.Int8:
			g.typ = types.TInt8
		case t.IsInteger() || t.Kind == types.Unknown:
		default:
			return undefinedSeries(args, g.pos)
		}
	}
	one := types.Datum{Type: types.TInt8, Int: 1}
	g.step = one
	for i, to := range []*types.Datum{&g.lo, &g.hi, &g.step} {
		if i < len(args) {
			as := types.TInt8
			if args[i].Type().Kind == types.Unknown { // a parameter is of the type of the others, with and without its value
				as = g.typ
			}
			if err := g.value(b, args[i], as, where[i], to); err != nil {
				return err
			}
		}
	}
	if g.step.Int == 0 && !g.none {
		return errZeroStep(g.pos)
	}
	g.negative = g.step.Int < 0
	return nil
}

func errZeroStep(pos int) error {
	return sqlstate.InvalidParameterValue.Errorf("step size cannot equal zero").At(pos)
}

// times readies a series of timestamps, whose step is an interval.
func (g *series) times(b *binder, args []expr.Expr, where []int) error {
	if len(args) != 3 {
		return undefinedSeries(args, g.pos)
	}
	g.typ = types.TTimestamp
	if args[0].Type().Kind == types.TimestampTZ || args[1].Type().Kind == types.TimestampTZ {
		g.typ = types.TTimestampTZ
	}
	for i, to := range []*types.Datum{&g.lo, &g.hi} {
		if err := g.value(b, args[i], g.typ, where[i], to); err != nil {
			return err
		}
	}
	step := types.TInterval
	if k := args[2].Type().Kind; k == types.IntervalYM || k == types.IntervalDS {
		step = args[2].Type()
	}
	if err := g.value(b, args[2], step, where[2], &g.step); err != nil || g.none {
		return err
	}
	var err error
	if g.add, err = function.FindOperator("+", g.typ, step); err != nil {
		return at(err, g.pos)
	}
	g.env = b.env.Function
	next, err := g.after(g.lo)
	if err != nil {
		return at(err, g.pos)
	}
	if next.Int == g.lo.Int {
		return errZeroStep(g.pos)
	}
	g.negative = next.Int < g.lo.Int
	return nil
}

// value computes an argument before the statement runs.
func (g *series) value(b *binder, x expr.Expr, to types.Type, pos int, out *types.Datum) error {
	x, err := b.assign(x, to, "", pos)
	if err != nil {
		return err
	}
	expr.Walk(x, func(x expr.Expr) bool {
		if _, ok := x.(*expr.Param); ok {
			b.out.ParamsUsed = true
		}
		return true
	})
	if b.out.ParamsUsed && (b.env.Function == nil || len(b.env.Function.Params) == 0) {
		g.none = true // only prepared: the values come with another Bind
		return nil
	}
	d, err := expr.Value(x, b.env.Function)
	if err != nil {
		return at(err, pos)
	}
	g.none = g.none || d.Null
	*out = d
	return nil
}

// after is the time that follows d.
func (g *series) after(d types.Datum) (types.Datum, error) {
	return expr.Value(&expr.Call{Fn: g.add, Args: []expr.Expr{&expr.Const{Value: d}, &expr.Const{Value: g.step}}, Op: true, Pos: -1}, g.env)
}

// emit gives the values in order.
func (g *series) emit(_ any, emit func([]types.Datum) bool) error {
	if g.none {
		return nil
	}
	d := g.lo
	d.Type = g.typ
	for g.negative && d.Int >= g.hi.Int || !g.negative && d.Int <= g.hi.Int {
		if !emit([]types.Datum{d}) {
			return nil
		}
		if g.add == nil {
			n := d.Int + g.step.Int
			if n < d.Int != g.negative { // past the greatest bigint
				return nil
			}
			d.Int = n
			continue
		}
		next, err := g.after(d)
		if err != nil {
			return err
		}
		d = next
	}
	return nil
}

// errSeriesOfColumns says that the bounds of a series are not the same for all rows.
var errSeriesOfColumns = errors.New("bind: a series of columns")

// seriesOfColumns binds generate_series in a select list whose bounds are those of each row.
func (k *block) seriesOfColumns(f *ast.FuncCall) (expr.Expr, error) {
	noAgg, noWin := k.noAgg, k.noWin
	k.noAgg, k.noWin = "aggregates not allowed in arguments of a set-returning function", "window functions not allowed here"
	args, where, err := k.args(f.Args)
	k.noAgg, k.noWin = noAgg, noWin
	if err != nil {
		return nil, err
	}
	if len(args) < 2 || len(args) > 3 {
		return nil, undefinedSeries(args, f.Offset())
	}
	typ := types.TInt4
	for _, a := range args {
		switch t := a.Type(); {
		case t.Kind == types.Int8:
			typ = types.TInt8
		case !t.IsInteger() && t.Kind != types.Unknown:
			return nil, unsupported(f.Offset(), "generate_series of columns that are no integers is")
		}
	}
	if len(args) == 2 {
		args, where = append(args, &expr.Const{Value: types.Datum{Type: types.TInt8, Int: 1}}), append(where, f.Offset())
	}
	for i := range args {
		if args[i], err = k.b.coerce(args[i], types.TInt8, where[i]); err != nil {
			return nil, err
		}
	}
	k.b.placed(seriesName, function.LeaderOnly, function.Immutable)
	k.each, k.eachNumber = args, plan.Column{ID: k.b.id(), Name: seriesName, Type: typ}
	return columnOf(k.eachNumber), nil
}

// seriesRows puts the rows of a series in the select list beside those of node.
func (k *block) seriesRows(node plan.Node) plan.Node {
	if k.each != nil {
		p := passing(node, node.Columns())
		x := &plan.Expand{Input: p, Number: k.eachNumber}
		for _, e := range k.each {
			c := plan.Column{ID: k.b.id(), Name: "?column?", Type: types.TInt8}
			p.Exprs, x.Bounds = append(p.Exprs, plan.Named{Column: c, Expr: e}), append(x.Bounds, c.ID)
		}
		return x
	}
	if k.rows == nil {
		return node
	}
	return &plan.Join{Kind: plan.Inner, Outer: node, Inner: k.rows}
}
