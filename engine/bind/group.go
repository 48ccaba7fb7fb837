package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// groupBy binds GROUP BY: a number is an item of the list, a name a column of FROM or else an alias, anything else an expression. With GROUPING SETS,
// ROLLUP or CUBE, sets lists the expressions of each set by their places in exprs; otherwise it is nil.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GROUP_BY_clause.html
func (k *block) groupBy(list []ast.Expr, items []outItem) (exprs []expr.Expr, sets [][]int, err error) {
	if extended(list) {
		return k.groupingSets(list, items)
	}
	for _, g := range list {
		if e, ok := g.(*ast.Grouping); ok {
			if len(list) == 1 {
				return nil, nil, nil // ALL: known when the list is bound
			}
			return nil, nil, sqlstate.Syntax.Errorf("GROUP BY ALL cannot be used with other expressions").At(e.Offset())
		}
		x, err := k.groupItem(g, items)
		if err != nil {
			return nil, nil, err
		}
		if x != nil {
			exprs = append(exprs, x)
		}
	}
	return exprs, nil, nil
}

// groupItem binds one expression of GROUP BY; nil is a constant, which groups nothing.
func (k *block) groupItem(g ast.Expr, items []outItem) (x expr.Expr, err error) {
	if e, ok := g.(*ast.Literal); ok {
		n, ok := ordinal(e)
		switch {
		case !ok && (e.Kind == ast.Number || e.Kind == ast.String):
			return nil, sqlstate.Syntax.Errorf("non-integer constant in GROUP BY").At(e.Offset())
		case !ok:
			return nil, nil // NULL, TRUE: one group
		case n < 1 || n > len(items):
			return nil, sqlstate.InvalidColumnReference.Errorf("GROUP BY position %d is not in select list", n).At(e.Offset())
		}
		if err = k.bindItem(items, n-1); err == nil {
			x = items[n-1].x
		}
	} else {
		x, err = k.expr(g)
	}
	if err != nil {
		return nil, err
	}
	if k.computed(x) {
		return nil, sqlstate.Grouping.Errorf("aggregates not allowed in GROUP BY clause").At(g.Offset())
	}
	if err := groupable(x.Type()); err != nil {
		return nil, at(err, g.Offset())
	}
	return x, uncorrelated(x)
}

// uncorrelated refuses to group by what a correlated subquery gives, as Redshift does.
// https://docs.aws.amazon.com/redshift/latest/dg/r_correlated_subqueries.html
func uncorrelated(x expr.Expr) (err error) {
	expr.Walk(x, func(x expr.Expr) bool {
		if s, ok := x.(*expr.Subquery); ok && len(s.Outer) > 0 {
			err = sqlstate.FeatureNotSupported.Errorf("This type of correlated subquery pattern is not supported yet").At(s.Pos)
		}
		return err == nil
	})
	return err
}

// groupAll is GROUP BY ALL: every item without aggregates and windows.
func (k *block) groupAll(items []outItem) []expr.Expr {
	var out []expr.Expr
	for i := range items {
		if !k.computed(items[i].x) {
			out = append(out, items[i].x)
		}
	}
	return out
}

// ordinal reads a literal as a position in the list.
func ordinal(l *ast.Literal) (int, bool) {
	if l.Kind != ast.Number || len(l.Text) > 6 {
		return 0, false
	}
	n := 0
	for i := 0; i < len(l.Text); i++ {
		c := l.Text[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// aggregate puts the Aggregate above node: group expressions become columns of a Project below it, the expressions of lists are rewritten to read
// its output, and every other column in them is an error.
func (k *block) aggregate(node plan.Node, groups []expr.Expr, sets [][]int, having expr.Expr, lists []*expr.Expr) (plan.Node, error) {
	g := &grouped{}
	if sets != nil {
		if err := k.expand(g, node, groups, sets); err != nil {
			return nil, err
		}
	} else {
		k.groups(g, node, groups)
	}
	a := &plan.Aggregate{Input: g.node, Aggs: k.aggs}
	for _, c := range g.cols {
		a.Groups = append(a.Groups, c.ID)
	}
	if err := k.resolveGroupings(g); err != nil {
		return nil, err
	}
	if having != nil {
		if err := k.regroup(&having, g); err != nil {
			return nil, err
		}
		a.Having = expr.Conjuncts(having)
	}
	for _, e := range lists {
		if err := k.regroup(e, g); err != nil {
			return nil, err
		}
	}
	for i := range k.wins {
		for _, e := range k.wins[i].exprs() {
			if err := k.regroup(e, g); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

// grouped is what an Aggregate groups: the input that has its group columns, and the expressions that these hold. With sets there is one column more,
// the number of the set, which holds no expression.
type grouped struct {
	node  plan.Node
	exprs []expr.Expr
	cols  []*expr.Column
	set   *expr.Column
	sets  [][]int // the places in exprs of each set's expressions
}

// groups makes columns of plain group expressions.
func (k *block) groups(g *grouped, node plan.Node, groups []expr.Expr) {
	computed := false
next:
	for _, e := range groups {
		if _, ok := e.(*expr.Const); ok { // a constant groups nothing
			continue
		}
		for _, x := range g.exprs {
			if expr.Equal(x, e) {
				continue next
			}
		}
		c, ok := e.(*expr.Column)
		if !ok || k.isOuter(c.ID) {
			computed = true
			c = &expr.Column{ID: k.b.id(), Typ: e.Type(), Name: "?column?"}
		}
		g.exprs, g.cols = append(g.exprs, e), append(g.cols, c)
	}
	if len(groups) > 0 && len(g.exprs) == 0 { // GROUP BY of constants alone: no row without input, unlike no GROUP BY
		c := &expr.Column{ID: k.b.id(), Typ: groups[0].Type(), Name: "?column?"}
		g.exprs, g.cols, computed = append(g.exprs, groups[0]), append(g.cols, c), true
	}
	g.node = node
	if computed || len(k.orders) > 0 {
		p := k.passing(node)
		for i, c := range g.cols {
			p.compute(c, g.exprs[i])
		}
		g.node = p.node
	}
}

// feed is a Project below an Aggregate: the columns that the aggregates read, and group columns.
type feed struct {
	node *plan.Project
	in   []plan.Column
	have []expr.ColumnID
}

// passing opens a feed above node with the columns that the block's aggregates read.
func (k *block) passing(node plan.Node) *feed {
	f := &feed{node: &plan.Project{Input: node}, in: node.Columns()}
	for i := range k.aggs {
		for _, x := range k.aggs[i].Args {
			f.passColumns(x)
		}
		for _, o := range k.aggs[i].Order {
			f.pass(o.ID)
		}
	}
	for _, o := range k.orders {
		if !hasID(f.have, o.ID) { // below this one nothing has computed it
			f.have = append(f.have, o.ID)
			f.node.Exprs = append(f.node.Exprs, o)
		}
	}
	return f
}

// pass hands on a column of the input, once.
func (f *feed) pass(id expr.ColumnID) {
	if hasID(f.have, id) {
		return
	}
	for i := range f.in {
		if f.in[i].ID == id {
			f.have = append(f.have, id)
			f.node.Exprs = append(f.node.Exprs, plan.Named{Column: f.in[i], Expr: columnOf(f.in[i])})
		}
	}
}

func (f *feed) passColumns(x expr.Expr) {
	for _, id := range expr.Columns(x) {
		f.pass(id)
	}
}

// compute makes column c of an expression over the input.
func (f *feed) compute(c *expr.Column, x expr.Expr) {
	if x, ok := x.(*expr.Column); ok && x.ID == c.ID {
		f.pass(c.ID)
		return
	}
	f.node.Exprs = append(f.node.Exprs, plan.Named{Column: plan.Column{ID: c.ID, Name: c.Name, Table: c.Table, Type: c.Typ}, Expr: x})
}

// regroup rewrites an expression to read the group columns and checks that it reads nothing else.
func (k *block) regroup(e *expr.Expr, g *grouped) error {
	*e = expr.Replace(*e, func(x expr.Expr) expr.Expr {
		for i := range k.groupings {
			if c, ok := x.(*expr.Column); ok && c.ID == k.groupings[i].id {
				return k.groupings[i].x
			}
		}
		if _, ok := x.(*expr.Const); ok {
			return nil
		}
		for i, e := range g.exprs {
			if expr.Equal(x, e) {
				return g.cols[i]
			}
		}
		return nil
	})
	if g.set != nil && overSubquery(*e, g.exprs) {
		return unsupported(-1, "a correlated subquery over GROUPING SETS is")
	}
	return k.checkGrouped(*e, g.cols)
}

// overSubquery says that a subquery in e names one of the columns of exprs.
func overSubquery(e expr.Expr, exprs []expr.Expr) bool {
	found := false
	expr.Walk(e, func(x expr.Expr) bool {
		s, ok := x.(*expr.Subquery)
		for i := 0; ok && i < len(exprs); i++ {
			for _, id := range expr.Columns(exprs[i]) {
				found = found || hasID(s.Outer, id)
			}
		}
		return !found
	})
	return found
}

// checkGrouped refuses columns that are neither grouped nor aggregated.
func (k *block) checkGrouped(e expr.Expr, groups []*expr.Column) error {
	var bad *expr.Column
	expr.Walk(e, func(x expr.Expr) bool {
		c, ok := x.(*expr.Column)
		if s, is := x.(*expr.Subquery); is {
			for _, id := range s.Outer {
				if bad == nil && !k.mayStand(id, groups) {
					bad = k.columnByID(id)
				}
			}
		}
		if ok && bad == nil && !k.mayStand(c.ID, groups) {
			bad = c
		}
		return bad == nil
	})
	if bad == nil {
		return nil
	}
	name := bad.Name
	if bad.Table != "" {
		name = bad.Table + "." + name
	}
	pos := -1
	for i := range k.refs {
		if k.refs[i].id == bad.ID {
			pos = k.refs[i].pos
			break
		}
	}
	return sqlstate.Grouping.Errorf("column \"%s\" must appear in the GROUP BY clause or be used in an aggregate function", name).At(pos)
}

// mayStand says that a column may be read above the Aggregate.
func (k *block) mayStand(id expr.ColumnID, groups []*expr.Column) bool {
	for _, g := range groups {
		if g.ID == id {
			return true
		}
	}
	return k.isAgg(id) || k.isWin(id) || k.isOuter(id)
}

// columnByID finds a column of the block's own sources; one that is not there (of a block further out) may stand anywhere: nil.
func (k *block) columnByID(id expr.ColumnID) *expr.Column {
	for i := range k.src.rels {
		for j := range k.src.rels[i].cols {
			if c := &k.src.rels[i].cols[j]; c.ID == id {
				return c
			}
		}
	}
	return nil
}
