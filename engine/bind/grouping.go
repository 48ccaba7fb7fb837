package bind

import (
	"slices"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Limits of grouping sets, PostgreSQL's.
const (
	maxGroupingSets = 4096
	maxCube         = 12
	maxGrouping     = 31 // arguments of GROUPING: the bits of a positive integer
)

// extended says that a GROUP BY has GROUPING SETS, ROLLUP or CUBE.
func extended(list []ast.Expr) bool {
	for _, g := range list {
		if e, ok := g.(*ast.Grouping); ok && e.Kind != "all" {
			return true
		}
	}
	return false
}

// groupingSets binds GROUP BY with aggregation extensions. Items side by side multiply:
//
//	GROUP BY a, ROLLUP(b, c)     exprs a b c     sets {a b c} {a b} {a}
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_GROUP_BY_aggregation-extensions.html
func (k *block) groupingSets(list []ast.Expr, items []outItem) ([]expr.Expr, [][]int, error) {
	s := &setList{k: k, items: items}
	sets := [][]int{{}}
	for _, g := range list {
		right, err := s.item(g)
		if err != nil {
			return nil, nil, err
		}
		if len(sets)*len(right) > maxGroupingSets {
			return nil, nil, tooManySets(g.Offset())
		}
		product := make([][]int, 0, len(sets)*len(right))
		for _, l := range sets {
			for _, r := range right {
				product = append(product, union(l, r))
			}
		}
		sets = product
	}
	if len(sets) > 1 {
		return s.exprs, sets, nil
	}
	k.hasAgg = true // one set is a plain GROUP BY, and () is none
	exprs := make([]expr.Expr, 0, len(sets[0]))
	for _, i := range sets[0] {
		exprs = append(exprs, s.exprs[i])
	}
	return exprs, nil, nil
}

func tooManySets(pos int) error {
	return sqlstate.StatementTooComplex.Errorf("too many grouping sets present (maximum %d)", maxGroupingSets).At(pos)
}

// union joins two sets of expressions.
func union(l, r []int) []int {
	out := append([]int(nil), l...)
	for _, i := range r {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}

// setList gathers the distinct expressions of a GROUP BY with sets.
type setList struct {
	k     *block
	items []outItem
	exprs []expr.Expr
}

// item gives the sets that one item of GROUP BY or of GROUPING SETS stands for.
func (s *setList) item(g ast.Expr) ([][]int, error) {
	e, ok := g.(*ast.Grouping)
	if !ok {
		set, err := s.set([]ast.Expr{g})
		return [][]int{set}, err
	}
	switch e.Kind {
	case "all":
		return nil, sqlstate.Syntax.Errorf("GROUP BY ALL cannot be used with other expressions").At(e.Offset())
	case "sets":
		var out [][]int
		for _, members := range e.Sets {
			var sets [][]int
			var err error
			if len(members) == 1 {
				sets, err = s.item(members[0]) // which may be sets itself: they are flattened
			} else {
				sets = make([][]int, 1)
				sets[0], err = s.set(members)
			}
			if err != nil {
				return nil, err
			}
			if out = append(out, sets...); len(out) > maxGroupingSets {
				return nil, tooManySets(e.Offset())
			}
		}
		return out, nil
	}
	parts := make([][]int, len(e.Sets))
	for i, members := range e.Sets {
		var err error
		if parts[i], err = s.set(members); err != nil {
			return nil, err
		}
	}
	if e.Kind == "rollup" {
		out := make([][]int, len(parts)+1)
		for i := range out { // the whole list, then one less at a time
			out[i] = []int{}
			for _, p := range parts[:len(parts)-i] {
				out[i] = union(out[i], p)
			}
		}
		return out, nil
	}
	if len(parts) > maxCube {
		return nil, sqlstate.TooManyColumns.Errorf("CUBE is limited to %d elements", maxCube).At(e.Offset())
	}
	out := make([][]int, 1<<len(parts))
	for i := range out {
		out[i] = []int{}
		for j, p := range parts {
			if i>>(len(parts)-1-j)&1 == 0 {
				out[i] = union(out[i], p)
			}
		}
	}
	return out, nil
}

// set binds the expressions of one set.
func (s *setList) set(members []ast.Expr) ([]int, error) {
	set := []int{}
	for _, m := range members {
		x, err := s.k.groupItem(m, s.items)
		if err != nil {
			return nil, err
		}
		if x == nil {
			continue
		}
		if x.Type().Kind == types.Unknown {
			if x, err = s.k.b.coerce(x, alone(x.Type()), m.Offset()); err != nil {
				return nil, err
			}
		}
		at := slices.IndexFunc(s.exprs, func(e expr.Expr) bool { return expr.Equal(e, x) })
		if at < 0 {
			at = len(s.exprs)
			s.exprs = append(s.exprs, x)
		}
		set = union(set, []int{at})
	}
	return set, nil
}

// expand lets every row of node take part in each set: it is read once, given once for each set, and grouped by the set's number and by those of the
// expressions that the set has; the others are NULL.
//
//	Project [set, a = CASE WHEN set IN (0, 1) THEN a END, b = CASE WHEN set = 0 THEN b END, x]      ROLLUP(a, b), sum(x)
//	  Expand 3 [set]
//	    node
//
// The set () has its row even when there is no input: one row more, all NULL, stands for it; nothing that is aggregated sees it.
func (k *block) expand(g *grouped, node plan.Node, groups []expr.Expr, sets [][]int) error {
	empty := slices.ContainsFunc(sets, func(s []int) bool { return len(s) == 0 })
	var real *expr.Column
	if empty {
		var err error
		if real, err = k.realRows(); err != nil {
			return err
		}
	}
	below := k.passing(node)
	if empty {
		below.compute(real, &expr.Const{Value: types.Datum{Type: types.TInt4, Int: 1}})
	}
	whole := make([]*expr.Column, len(groups)) // the expressions before a set leaves them out
	for i, e := range groups {
		if c, ok := e.(*expr.Column); ok && !k.isOuter(c.ID) {
			whole[i] = c
		} else {
			whole[i] = &expr.Column{ID: k.b.id(), Typ: e.Type(), Name: "?column?"}
		}
		below.compute(whole[i], e)
	}
	number := plan.Column{ID: k.b.id(), Name: "grouping set", Type: types.TInt4}
	g.set, g.sets, g.exprs = columnOf(number), sets, groups
	above := k.passing(&plan.Expand{Input: below.node, Number: number, Count: len(sets)})
	above.pass(number.ID)
	for i, c := range whole {
		out := &expr.Column{ID: k.b.id(), Typ: c.Typ, Table: c.Table, Name: c.Name}
		g.cols = append(g.cols, out)
		above.compute(out, g.present(i, c))
	}
	g.cols = append(g.cols, g.set)
	g.node = above.node
	if empty {
		g.node = k.b.withTotals(above.node, number.ID, sets)
	}
	return nil
}

// realRows makes a column that is NULL only in the rows that stand for (), and lets the aggregates compute over the others.
func (k *block) realRows() (*expr.Column, error) {
	real := &expr.Column{ID: k.b.id(), Typ: types.TInt4, Name: "?column?"}
	for i := range k.aggs {
		a := &k.aggs[i]
		if len(a.Args) == 0 { // count(*)
			fn, err := function.FindAggregate(a.Fn.Name, []function.Arg{{Type: types.TInt4}}, false)
			if err != nil {
				return nil, err
			}
			a.Fn, a.Args = fn, []expr.Expr{real}
			continue
		}
		args := append([]expr.Expr(nil), a.Args...)
		for j, x := range args {
			switch x.(type) {
			case *expr.Column:
				continue // NULL there anyway
			case *expr.Const:
				if j > 0 || strings.HasPrefix(a.Fn.Name, "percentile_") { // says how to aggregate
					continue
				}
			}
			args[j] = &expr.Case{Whens: []expr.When{{Cond: &expr.IsNull{Arg: real, Not: true}, Then: x}}, Typ: x.Type()}
		}
		a.Args = args
	}
	return real, nil
}

// present is an expression in the sets that have it, and NULL in the others.
func (g *grouped) present(i int, x expr.Expr) expr.Expr {
	in := &expr.In{Arg: g.set}
	for n, set := range g.sets {
		if slices.Contains(set, i) {
			in.List = append(in.List, &expr.Const{Value: types.Datum{Type: types.TInt4, Int: int64(n)}})
		}
	}
	if len(in.List) == len(g.sets) {
		return x
	}
	return &expr.Case{Whens: []expr.When{{Cond: in, Then: x}}, Typ: x.Type()}
}

// withTotals adds a row for every set without expressions: its number, and NULLs. What is above reads the columns under the numbers that they had, those
// of subqueries too; the inputs get other ones.
func (b *binder) withTotals(n *plan.Project, number expr.ColumnID, sets [][]int) *plan.Append {
	cols := append([]plan.Column(nil), n.Columns()...)
	v := &plan.Values{Output: append([]plan.Column(nil), cols...)}
	for i, set := range sets {
		if len(set) > 0 {
			continue
		}
		row := make([]expr.Expr, len(cols))
		for j := range cols {
			row[j] = &expr.Const{Value: types.NullOf(cols[j].Type)}
			if cols[j].ID == number {
				row[j] = &expr.Const{Value: types.Datum{Type: types.TInt4, Int: int64(i)}}
			}
		}
		v.Rows = append(v.Rows, row)
	}
	for i := range n.Exprs {
		n.Exprs[i].ID, v.Output[i].ID = b.id(), b.id()
	}
	return &plan.Append{Inputs: []plan.Node{n, v}, Output: cols}
}

// groupingCall is GROUPING(args): a column of number id stands for it until the sets are known.
type groupingCall struct {
	id   expr.ColumnID
	args []expr.Expr
	pos  int
	x    expr.Expr // what it computes
}

// grouping binds GROUPING or GROUPING_ID: a bit for each argument, the first one highest, that is 1 where the row's set leaves the argument out.
func (k *block) grouping(f *ast.FuncCall, name string) (expr.Expr, error) {
	pos := f.Offset()
	switch {
	case k.noAgg != "":
		return nil, sqlstate.Grouping.Errorf("%s", strings.Replace(k.noAgg, "aggregates", "grouping operations", 1)).At(pos)
	case k.inAgg > 0:
		return nil, sqlstate.Grouping.Errorf("aggregate function calls may not be nested").At(pos)
	case f.Distinct || f.Star || len(f.WithinGroup) > 0:
		return nil, sqlstate.WrongObjectType.Errorf("%s is not an aggregate function", name).At(pos)
	case len(f.Args) == 0:
		return nil, sqlstate.Syntax.Errorf("%s requires at least one argument", strings.ToUpper(name)).At(pos)
	case len(f.Args) > maxGrouping:
		return nil, sqlstate.TooManyArguments.Errorf("GROUPING must have fewer than %d arguments", maxGrouping+1).At(pos)
	}
	k.inAgg++ // its arguments are never computed: they may be what is not grouped in this row
	args, _, err := k.args(f.Args)
	k.inAgg--
	if err != nil {
		return nil, err
	}
	k.hasAgg = true
	g := groupingCall{id: k.b.id(), args: args, pos: pos}
	k.groupings = append(k.groupings, g)
	return &expr.Column{ID: g.id, Typ: types.TInt4, Name: name}, nil
}

// resolveGroupings says what each GROUPING call computes: a constant for each set.
func (k *block) resolveGroupings(g *grouped) error {
	for i := range k.groupings {
		c := &k.groupings[i]
		places := make([]int, len(c.args))
		for j, x := range c.args {
			if places[j] = slices.IndexFunc(g.exprs, func(e expr.Expr) bool { return expr.Equal(e, x) }); places[j] < 0 {
				return sqlstate.Grouping.Errorf("arguments to GROUPING must be grouping expressions of the associated query level").At(c.pos)
			}
		}
		zero := &expr.Const{Value: types.Datum{Type: types.TInt4}}
		byBits := map[int64]*expr.In{}
		var order []int64
		for n, set := range g.sets {
			bits := int64(0)
			for _, p := range places {
				bits <<= 1
				if !slices.Contains(set, p) {
					bits++
				}
			}
			if bits == 0 {
				continue
			}
			if byBits[bits] == nil {
				byBits[bits] = &expr.In{Arg: g.set}
				order = append(order, bits)
			}
			byBits[bits].List = append(byBits[bits].List, &expr.Const{Value: types.Datum{Type: types.TInt4, Int: int64(n)}})
		}
		c.x = zero
		if len(order) == 0 {
			continue
		}
		x := &expr.Case{Else: zero, Typ: types.TInt4}
		for _, bits := range order {
			x.Whens = append(x.Whens, expr.When{Cond: byBits[bits], Then: &expr.Const{Value: types.Datum{Type: types.TInt4, Int: bits}}})
		}
		c.x = x
	}
	return nil
}
