package bind

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// unnesting gives an item of FROM that goes through a SUPER or nested value of an item to its left, or of a query around this one; nil = it is another. A name is a
// table unless it leads to a SUPER value, as c.orders does when c is in FROM.
// https://docs.aws.amazon.com/redshift/latest/dg/query-super.html#unnest
func (k *block) unnesting(f ast.From, left *source) *ast.Unnest {
	switch f := f.(type) {
	case *ast.Unnest:
		return f
	case *ast.TableRef:
		in := *k
		in.src = *left
		if c := (&ast.ColumnRef{Pos: f.Name.Pos, Parts: f.Name.Parts, Written: f.Written}); in.leads(c) {
			return &ast.Unnest{Pos: f.Pos, X: c, Alias: f.Alias, Columns: f.Columns}
		}
	}
	return nil
}

// leads says that a name in FROM leads to a SUPER value. One without a dot does only when it is an element of an array: other columns are not gone through.
func (k *block) leads(c *ast.ColumnRef) bool {
	for q := k; q != nil; q = q.outer {
		if len(c.Parts) == 1 {
			if q.src.valueNamed(c.Parts[0]) != nil {
				return true
			}
			continue
		}
		x, _, missing := q.qualified(c.Parts, c.Offset())
		if x == nil && missing == nil {
			x, _ = q.src.find(c.Parts[0], c.Offset())
		}
		if x != nil {
			return x.Type().Kind == types.Super || x.Type().Kind == types.Nested && !k.b.isTable(c)
		}
	}
	return false
}

// beside puts an item of FROM to the right of a source: an array of it is gone through, anything else is joined.
func (k *block) beside(left source, f ast.From) (source, error) {
	if u := k.unnesting(f, &left); u != nil {
		s, _, err := k.elements(left, u)
		return s, err
	}
	if j, ok := f.(*ast.Join); ok && k.unnesting(leftmost(j), &left) != nil { // t, t.orders o JOIN u ON ..
		l, err := k.beside(left, j.L)
		if err != nil {
			return source{}, err
		}
		return k.joinTo(l, j)
	}
	if d, ok := f.(*ast.Derived); ok && k.goesThrough(d.Query, &left) {
		return k.lateral(left, d)
	}
	r, err := k.item(f)
	if err != nil {
		return source{}, err
	}
	k.parts = append(k.parts, r)
	return joined(left, r, f.Offset())
}

// leftmost is the first item of joins.
func leftmost(f ast.From) ast.From {
	for {
		j, ok := f.(*ast.Join)
		if !ok {
			return f
		}
		f = j.L
	}
}

// elements binds the going through of an array or an object of left's rows.
func (k *block) elements(left source, f *ast.Unnest) (source, *plan.Unnest, error) {
	pos := f.Offset()
	saved, agg, win := k.src, k.noAgg, k.noWin
	k.src, k.noAgg, k.noWin = left, "aggregates not allowed in FROM clause", "Window functions are not allowed in FROM clause"
	k.inFrom = true
	x, err := k.part(f.X)
	k.inFrom = false
	if k.src, k.noAgg, k.noWin = saved, agg, win; err != nil {
		return source{}, nil, err
	}
	switch {
	case x.Type().Kind == types.Nested:
		return k.nestedBeside(left, f, x)
	case x.Type().Kind != types.Super:
		return source{}, nil, sqlstate.DatatypeMismatch.Errorf("a value of type %s cannot be unnested: it is not of type super", bare(x.Type())).At(f.X.Offset())
	case k.b.rounds[firstColumn(x)]:
		return source{}, nil, unsupported(pos, "unnesting of a SUPER column of a recursive common table expression is")
	case f.Object && k.b.unpivoted[firstColumn(x)] && k.isOuter(firstColumn(x)):
		return source{}, nil, unsupported(pos, "correlated object unpivoting is")
	}
	k.unnested = true
	u := &plan.Unnest{Value: x, Object: f.Object}
	r, err := k.elementNames(f, u, x)
	if err != nil {
		return source{}, nil, err
	}
	return besides(left, u, r, pos)
}

// besides puts the elements of an Unnest beside the rows that they belong to.
func besides(left source, u *plan.Unnest, r relation, pos int) (source, *plan.Unnest, error) {
	if slices.ContainsFunc(left.rels, func(o relation) bool { return o.alias == r.alias && (o.value || o.schema == "") }) {
		return source{}, nil, sqlstate.DuplicateAlias.Errorf("table name \"%s\" specified more than once", r.alias).At(pos)
	}
	s := source{node: attach(left.node, u), rels: append(left.rels[:len(left.rels):len(left.rels)], r)}
	if left.vis != nil {
		one := source{rels: []relation{r}}
		s.vis = append(left.columns(), one.columns()...)
	}
	return s, u, nil
}

// defaultOffset is the name of the offset column of UNNEST that is given none.
// https://docs.aws.amazon.com/redshift/latest/dg/r_FROM_clause-unnest-examples.html
const defaultOffset = "offset_col"

// elementNames names the columns of an Unnest, and what they are known by: UNNEST makes a table with a column, the other ways make names of values.
func (k *block) elementNames(f *ast.Unnest, u *plan.Unnest, x expr.Expr) (relation, error) {
	alias := f.Alias
	if alias == "" {
		if alias = figure(f.X, x); alias == "" {
			alias = k.b.unnamedAlias()
		}
	}
	names, table := []string{alias, f.At}, ""
	if f.Func {
		table = alias
		if f.WithOffset {
			names[1] = defaultOffset
		}
	}
	most := 1
	if names[1] != "" {
		most = 2
	}
	if len(f.Columns) > most || len(f.Columns) > 0 && !f.Func {
		return relation{}, tooManyNames(alias, most, len(f.Columns), f.Offset())
	}
	copy(names, f.Columns)
	r := relation{alias: alias, value: !f.Func}
	u.Element = plan.Column{ID: k.b.id(), Name: names[0], Table: table, Type: types.TSuper}
	if f.Object {
		k.b.marked(&k.b.unpivoted, u.Element.ID)
	}
	made := []plan.Column{u.Element}
	if names[1] != "" {
		u.At = plan.Column{ID: k.b.id(), Name: names[1], Table: table, Type: types.TInt8}
		if f.Object {
			u.At.Type = types.TVarcharMax
		}
		made = append(made, u.At)
	}
	for _, c := range made {
		r.cols = append(r.cols, expr.Column{ID: c.ID, Typ: c.Type, Table: c.Table, Name: c.Name})
	}
	return r, nil
}

// marked notes a column in a set.
func (b *binder) marked(set *map[expr.ColumnID]bool, id expr.ColumnID) {
	if *set == nil {
		*set = map[expr.ColumnID]bool{}
	}
	(*set)[id] = true
}

// firstColumn is a column that an expression reads; 0 = it reads none.
func firstColumn(x expr.Expr) expr.ColumnID {
	if ids := expr.Columns(x); len(ids) > 0 {
		return ids[0]
	}
	return 0
}

// attach puts an Unnest above a node, or below the inner joins in it, on the side whose columns its value reads: so the other side meets its elements, and a
// condition between both is a join's.
func attach(n plan.Node, u *plan.Unnest) plan.Node {
	if j, ok := n.(*plan.Join); ok && (j.Kind == plan.Inner || j.Kind == plan.Left) {
		for _, side := range [...]*plan.Node{&j.Outer, &j.Inner} {
			if side == &j.Inner && j.Kind == plan.Left {
				break
			}
			if plan.SetOfColumns((*side).Columns()).Holds(u.Value) && len(expr.Columns(u.Value)) > 0 {
				c := *j
				if side == &j.Outer {
					c.Outer = attach(j.Outer, u)
				} else {
					c.Inner = attach(j.Inner, u)
				}
				return &c
			}
		}
	}
	u.Input = n
	return u
}

// joinElements binds L JOIN array [ON ..].
func (k *block) joinElements(l source, u *ast.Unnest, f *ast.Join) (source, error) {
	switch {
	case f.Kind == "right" || f.Kind == "full":
		return source{}, noOuterJoin(f.Offset())
	case f.Natural:
		return source{}, unsupported(f.Offset(), "a NATURAL JOIN of a SUPER value is")
	case len(f.Using) > 0:
		return source{}, sqlstate.UndefinedColumn.Errorf("column \"%s\" specified in USING clause does not exist in right table", f.Using[0]).At(f.Offset())
	}
	s, n, err := k.elements(l, u)
	if err != nil {
		return source{}, err
	}
	if err := nestedJoin(f.Kind, s.rels, f.Offset()); err != nil {
		return source{}, err
	}
	n.Outer = f.Kind == "left"
	if n.Outer && n.Input != l.node { // what it was attached below would lose rows by its condition
		n.Input = l.node
		s.node = n
	}
	if f.On == nil {
		return s, nil
	}
	on, err := k.joinCondition(s, f.On)
	if err != nil {
		return source{}, err
	}
	if n.Outer {
		n.On = on
	} else {
		s.node = &plan.Filter{Input: s.node, Conds: on}
	}
	return s, nil
}

// noOuterJoin refuses right and full joins of what is SUPER.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
func noOuterJoin(pos int) error {
	return unsupported(pos, "a RIGHT or FULL JOIN of SUPER values or nested arrays is")
}

// readsSuper says that an expression has a SUPER value in it.
func readsSuper(x expr.Expr) bool {
	found := false
	expr.Walk(x, func(x expr.Expr) bool {
		found = found || x.Type().Kind == types.Super
		return !found
	})
	return found
}

// joinCondition binds ON over a source.
func (k *block) joinCondition(s source, e ast.Expr) ([]expr.Expr, error) {
	saved, agg, win := k.src, k.noAgg, k.noWin
	k.src, k.noAgg, k.noWin = s, "aggregates not allowed in JOIN conditions", "Window functions are not allowed in JOIN conditions"
	on, err := k.condition(e, "JOIN/ON")
	k.src, k.noAgg, k.noWin = saved, agg, win
	return expr.Conjuncts(on), err
}
