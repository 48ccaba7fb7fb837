package bind

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// pivoted binds what PIVOT or UNPIVOT turns: a table, a query or a WITH query, in a block of its own, whose columns are all read.
func (k *block) pivoted(word string, f ast.From) (*block, error) {
	switch f.(type) {
	case *ast.TableRef, *ast.Derived:
	default:
		return nil, sqlstate.FeatureNotSupported.Errorf("%s can be applied to tables, subqueries and common table expressions only", word).At(f.Offset())
	}
	in := &block{b: k.b, ctes: k.ctes}
	s, err := in.item(f)
	if err != nil {
		return nil, err
	}
	in.src = s
	for _, c := range s.rels[0].shown() {
		k.b.use(c.ID)
	}
	return in, nil
}

// turned names the result of PIVOT or UNPIVOT.
func (k *block) turned(q query, alias string, names []string, pos int) (source, error) {
	if alias == "" {
		alias = k.b.unnamedAlias()
	}
	return k.b.derived(q, alias, names, pos)
}

// pivot binds PIVOT: a grouping by the columns that it does not name, in which each value of IN has the aggregate of its rows in a column of its own.
//
//	part PIVOT (avg(price) FOR name IN ('prop', 'wing' AS w))
//	  Aggregate [the other columns] [prop = avg(CASE WHEN name = 'prop' THEN price END), w = avg(CASE WHEN name = 'wing' THEN price END)]
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause-pivot-unpivot-examples.html
func (k *block) pivot(f *ast.Pivot) (source, error) {
	in, err := k.pivoted("PIVOT", f.Source)
	if err != nil {
		return source{}, err
	}
	call := f.Aggregate
	name, pos := call.Name[len(call.Name)-1], call.Offset()
	switch name {
	case "count", "sum", "min", "max", "avg":
	default:
		return source{}, sqlstate.FeatureNotSupported.Errorf("PIVOT supports the COUNT, SUM, MIN, MAX, and AVG aggregate functions").At(pos)
	}
	if call.Over != nil || len(call.WithinGroup) > 0 || call.Star && name != "count" {
		return source{}, sqlstate.Syntax.Errorf("%s is not an aggregate function of PIVOT", name).At(pos)
	}
	in.noAgg, in.noWin = "aggregate function calls may not be nested", "aggregate function calls may not contain window function calls"
	args, where, err := in.args(call.Args)
	if err != nil {
		return source{}, err
	}
	by, err := in.reference(f.Column)
	if err != nil {
		return source{}, err
	}
	var named []expr.ColumnID
	for _, x := range append(args[:len(args):len(args)], by) {
		for _, id := range expr.Columns(x) {
			named = addID(named, id)
		}
	}
	a := &plan.Aggregate{Input: in.src.node}
	q := query{node: a}
	for _, c := range in.src.rels[0].shown() {
		if !hasID(named, c.ID) {
			a.Groups = append(a.Groups, c.ID)
			q.cols = append(q.cols, plan.Column{ID: c.ID, Name: c.Name, Type: c.Typ})
		}
	}
	for i := range f.In {
		it := &f.In[i]
		cond, err := in.pivotValue(by, it.Expr)
		if err != nil {
			return source{}, err
		}
		g, err := k.pivotCall(name, call, args, where, cond)
		if err != nil {
			return source{}, err
		}
		g.Name = pivotName(it, f.As)
		a.Aggs = append(a.Aggs, g)
		q.cols = append(q.cols, g.Column)
	}
	return k.turned(q, f.Alias, f.Columns, f.Offset())
}

// pivotValue says which rows have a value of IN.
func (k *block) pivotValue(by expr.Expr, v ast.Expr) (expr.Expr, error) {
	x, err := (&block{b: k.b, noAgg: k.noAgg, noWin: k.noWin}).expr(v)
	if err != nil {
		return nil, err
	}
	found := false
	expr.Walk(x, func(x expr.Expr) bool {
		_, ok := x.(*expr.Subquery)
		found = found || ok
		return true
	})
	if found {
		return nil, sqlstate.FeatureNotSupported.Errorf("PIVOT IN list values cannot be subqueries").At(v.Offset())
	}
	if c, ok := x.(*expr.Const); ok && c.Value.Null {
		return &expr.IsNull{Arg: by}, nil
	}
	return k.b.compare(expr.Eq, by, x, v.Offset())
}

// pivotCall is the aggregate over the rows that meet cond.
func (k *block) pivotCall(name string, call *ast.FuncCall, args []expr.Expr, where []int, cond expr.Expr) (plan.Agg, error) {
	only := make([]expr.Expr, len(args))
	for i, x := range args {
		if x.Type().Kind == types.Unknown {
			var err error
			if x, err = k.b.coerce(x, alone(x.Type()), where[i]); err != nil {
				return plan.Agg{}, err
			}
		}
		only[i] = &expr.Case{Whens: []expr.When{{Cond: cond, Then: x}}, Typ: x.Type()}
	}
	if call.Star {
		one := &expr.Const{Value: types.Datum{Type: types.TInt4, Int: 1}}
		only = []expr.Expr{&expr.Case{Whens: []expr.When{{Cond: cond, Then: one}}, Typ: types.TInt4}}
		where = []int{call.Offset()}
	}
	fn, err := k.findAggregate(name, only, nil, call, call.Offset())
	if err != nil {
		return plan.Agg{}, err
	}
	if err := k.b.toParams(only, fn.Params, where); err != nil {
		return plan.Agg{}, err
	}
	return plan.Agg{Column: plan.Column{ID: k.b.id(), Type: fn.Returns}, Fn: fn, Args: only, Distinct: call.Distinct}, nil
}

// pivotName is the name of a value's column: its alias or the constant itself, then the aggregate's alias.
func pivotName(it *ast.Item, as string) string {
	name := it.Alias
	if l, ok := it.Expr.(*ast.Literal); ok && name == "" {
		if name = l.Text; l.Kind == ast.Null {
			name = "null"
		}
	}
	if name == "" {
		name = "?column?"
	}
	if as != "" {
		name += "_" + as
	}
	return name
}

// unpivot binds UNPIVOT: each row once for every column of IN, with the column's name and value in two columns of their own.
//
//	count_by_color UNPIVOT (cnt FOR color IN (red, green AS g))
//	  Filter [cnt IS NOT NULL]
//	    Project [the other columns, color = CASE WHEN n = 0 THEN 'red' ELSE 'g' END, cnt = CASE WHEN n = 0 THEN red ELSE green END]
//	      Expand 2 [n]
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause-pivot-unpivot-examples.html
func (k *block) unpivot(f *ast.Unpivot) (source, error) {
	in, err := k.pivoted("UNPIVOT", f.Source)
	if err != nil {
		return source{}, err
	}
	cols, where := make([]expr.Expr, len(f.In)), make([]int, len(f.In))
	names := make([]string, len(f.In))
	var named []expr.ColumnID
	longest := 1
	for i := range f.In {
		it := &f.In[i]
		where[i] = it.Expr.Offset()
		c, ok := it.Expr.(*ast.ColumnRef)
		if !ok {
			return source{}, sqlstate.Syntax.Errorf("UNPIVOT IN list must contain only column references").At(where[i])
		}
		if cols[i], err = in.reference(c); err != nil {
			return source{}, err
		}
		for _, id := range expr.Columns(cols[i]) {
			named = addID(named, id)
		}
		if names[i] = it.Alias; names[i] == "" {
			names[i] = strings.ToLower(c.Parts[len(c.Parts)-1])
		}
		longest = max(longest, len(names[i]))
	}
	t, err := k.b.common(cols, where)
	if err != nil {
		return source{}, err
	}
	number := plan.Column{ID: k.b.id(), Name: "column", Type: types.TInt4}
	text := types.TVarchar(longest)
	name, value := &expr.Case{Typ: text}, &expr.Case{Typ: t}
	for i := range cols {
		nth := &expr.Compare{Op: expr.Eq, Left: columnOf(number), Right: &expr.Const{Value: types.Datum{Type: types.TInt4, Int: int64(i)}}}
		name.Whens = append(name.Whens, expr.When{Cond: nth, Then: &expr.Const{Value: types.Datum{Type: text, Text: names[i]}}})
		value.Whens = append(value.Whens, expr.When{Cond: nth, Then: cols[i]})
	}
	p := &plan.Project{Input: &plan.Expand{Input: in.src.node, Number: number, Count: len(cols)}}
	q := query{node: p}
	for _, c := range in.src.rels[0].shown() {
		if !hasID(named, c.ID) {
			col := plan.Column{ID: c.ID, Name: c.Name, Type: c.Typ}
			p.Exprs, q.cols = append(p.Exprs, plan.Named{Column: col, Expr: columnOf(col)}), append(q.cols, col)
		}
	}
	made := func(name string, x expr.Expr) plan.Column {
		c := plan.Column{ID: k.b.id(), Name: name, Type: x.Type()}
		p.Exprs, q.cols = append(p.Exprs, plan.Named{Column: c, Expr: x}), append(q.cols, c)
		return c
	}
	made(f.Name, name)
	c := made(f.Value, value)
	if !f.IncludeNulls {
		q.node = &plan.Filter{Input: p, Conds: []expr.Expr{&expr.IsNull{Arg: columnOf(c), Not: true}}}
	}
	return k.turned(q, f.Alias, f.Columns, f.Offset())
}
