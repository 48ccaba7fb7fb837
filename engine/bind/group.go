package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// groupBy binds GROUP BY: a number is an item of the list, a name a column of FROM or else an alias, anything else an expression.
// https://docs.aws.amazon.com/redshift/latest/dg/r_GROUP_BY_clause.html
func (k *block) groupBy(list []ast.Expr, items []outItem) ([]expr.Expr, error) {
	var out []expr.Expr
	for _, g := range list {
		var x expr.Expr
		var err error
		switch e := g.(type) {
		case *ast.Grouping:
			if e.Kind == "all" && len(list) == 1 {
				return nil, nil // known when the list is bound
			}
			return nil, unsupported(e.Offset(), "GROUP BY "+groupingName(e.Kind)+" is")
		case *ast.Literal:
			n, ok := ordinal(e)
			if !ok {
				if e.Kind == ast.Number || e.Kind == ast.String {
					return nil, sqlstate.Syntax.Errorf("non-integer constant in GROUP BY").At(e.Offset())
				}
				continue // NULL, TRUE: one group
			}
			if n < 1 || n > len(items) {
				return nil, sqlstate.InvalidColumnReference.Errorf("GROUP BY position %d is not in select list", n).At(e.Offset())
			}
			if err = k.bindItem(items, n-1); err == nil {
				x = items[n-1].x
			}
		default:
			x, err = k.expr(g)
		}
		if err != nil {
			return nil, err
		}
		if k.computed(x) {
			return nil, sqlstate.Grouping.Errorf("aggregates not allowed in GROUP BY clause").At(g.Offset())
		}
		out = append(out, x)
	}
	return out, nil
}

func groupingName(kind string) string {
	switch kind {
	case "rollup":
		return "ROLLUP"
	case "cube":
		return "CUBE"
	case "all":
		return "ALL among other expressions"
	}
	return "GROUPING SETS"
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
func (k *block) aggregate(node plan.Node, groups []expr.Expr, having expr.Expr, lists []*expr.Expr) (plan.Node, error) {
	a := &plan.Aggregate{Aggs: k.aggs}
	var exprs []expr.Expr   // distinct group expressions ...
	var cols []*expr.Column // ... and the columns that hold them
	computed := false
next:
	for _, g := range groups {
		if _, ok := g.(*expr.Const); ok { // a constant groups nothing
			continue
		}
		for _, x := range exprs {
			if expr.Equal(x, g) {
				continue next
			}
		}
		c, ok := g.(*expr.Column)
		if !ok || k.isOuter(c.ID) {
			computed = true
			c = &expr.Column{ID: k.b.id(), Typ: g.Type(), Name: "?column?"}
		}
		exprs, cols = append(exprs, g), append(cols, c)
		a.Groups = append(a.Groups, c.ID)
	}
	if len(groups) > 0 && len(a.Groups) == 0 { // GROUP BY of constants alone: no row without input, unlike no GROUP BY
		c := &expr.Column{ID: k.b.id(), Typ: groups[0].Type(), Name: "?column?"}
		exprs, cols, computed = append(exprs, groups[0]), append(cols, c), true
		a.Groups = append(a.Groups, c.ID)
	}
	if computed {
		p := &plan.Project{Input: node}
		var have []expr.ColumnID
		pass := func(id expr.ColumnID, in []plan.Column) {
			if hasID(have, id) {
				return
			}
			for i := range in {
				if in[i].ID == id {
					have = append(have, id)
					p.Exprs = append(p.Exprs, plan.Named{Column: in[i], Expr: columnOf(in[i])})
				}
			}
		}
		in := node.Columns()
		for i, c := range cols {
			if x, ok := exprs[i].(*expr.Column); ok && x.ID == c.ID {
				pass(c.ID, in)
				continue
			}
			p.Exprs = append(p.Exprs, plan.Named{Column: plan.Column{ID: c.ID, Name: c.Name, Type: c.Typ}, Expr: exprs[i]})
		}
		for i := range k.aggs {
			for _, x := range k.aggs[i].Args {
				for _, id := range expr.Columns(x) {
					pass(id, in)
				}
			}
			for _, o := range k.aggs[i].Order {
				pass(o.ID, in)
			}
		}
		node = p
	}
	a.Input = node
	rewrite := func(e *expr.Expr) error {
		*e = expr.Rewrite(*e, func(x expr.Expr) expr.Expr {
			for i, g := range exprs {
				if x == expr.Expr(cols[i]) {
					return x
				}
				if _, plain := g.(*expr.Column); !plain && expr.Equal(x, g) {
					return cols[i]
				}
			}
			return x
		})
		return k.checkGrouped(*e, cols)
	}
	if having != nil {
		if err := rewrite(&having); err != nil {
			return nil, err
		}
		a.Having = expr.Conjuncts(having)
	}
	for _, e := range lists {
		if err := rewrite(e); err != nil {
			return nil, err
		}
	}
	for i := range k.wins {
		for _, e := range k.wins[i].exprs() {
			if err := rewrite(e); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
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
