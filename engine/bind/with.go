package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// cteScope is a WITH query that can be named, and those before and around it.
type cteScope struct {
	parent *cteScope
	cte    *ast.CTE
	within *cteScope // what its own query sees
	outer  *block    // the SELECT around the query that it stands in
	busy   bool      // RECURSIVE: its own query is being bound
	rec    *recursion
	top    bool // it stands at the beginning of a statement or a view

	shares bool           // it may be computed once for all who name it
	first  *plan.Subquery // what stands where it was named first
	shared *plan.Worktable
	query  plan.Node // of which shared holds the rows
}

// withCTEs adds the queries of a WITH clause.
func withCTEs(s *cteScope, list []ast.CTE, recursive bool) (*cteScope, error) {
	for i := range list {
		for j := range i {
			if list[j].Name == list[i].Name {
				return nil, sqlstate.DuplicateAlias.Errorf("WITH query name \"%s\" specified more than once", list[i].Name).At(list[i].Offset())
			}
		}
		n := &cteScope{parent: s, cte: &list[i], within: s}
		if recursive {
			n.within = n
		}
		s = n
	}
	return s, nil
}

// find gives the WITH query of a name.
func (s *cteScope) find(name string) *cteScope {
	for ; s != nil; s = s.parent {
		if s.cte.Name == name {
			return s
		}
	}
	return nil
}

// withs adds the WITH queries of s, which may be shared: computed puts those that are above the query that names them.
func (b *binder) withs(outer *cteScope, s *ast.Select, around *block) (*cteScope, error) {
	inner, err := withCTEs(outer, s.With, s.Recursive)
	if err != nil {
		return nil, err
	}
	for c := inner; c != outer; c = c.parent {
		c.shares, c.top, c.outer = true, b.depth == b.base+1, around
	}
	return inner, nil
}

// computed puts the WITH queries between inner and outer that are named more than once above n.
func computed(n plan.Node, inner, outer *cteScope) plan.Node {
	for c := inner; c != outer; c = c.parent {
		if c.shared != nil {
			n = &plan.With{Table: c.shared, Query: c.query, Input: n}
		}
	}
	return n
}

// withQuery makes the source of a WITH query that is named in FROM. One that only reads a table is bound anew for each name; any other is computed once
// when it is named twice: its second binding is what is computed.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WITH_clause.html
func (k *block) withQuery(c *cteScope, f *ast.TableRef, alias string) (source, error) {
	b := k.b
	names := c.cte.Columns
	if len(f.Columns) > 0 {
		names = append(append([]string(nil), f.Columns...), names[min(len(f.Columns), len(names)):]...)
	}
	switch {
	case c.rec != nil:
		if k.outer != nil {
			return source{}, sqlstate.InvalidRecursion.Errorf("recursive reference to query \"%s\" must not appear within a subquery", c.cte.Name).At(f.Offset())
		}
		if c.rec.named++; c.rec.named > 1 {
			return source{}, sqlstate.InvalidRecursion.Errorf("recursive reference to query \"%s\" must not appear more than once", c.cte.Name).At(f.Offset())
		}
		s, err := b.derived(b.worktable(c.rec.work, c.rec.cols), alias, names, f.Offset())
		return b.ofRounds(s), err
	case c.busy:
		return source{}, selfReference{c, f.Offset()}
	case c.shared != nil:
		s, err := b.derived(b.worktable(c.shared, c.first.Output), alias, names, f.Offset())
		if _, rounds := c.query.(*plan.Recursive); rounds {
			s = b.ofRounds(s)
		}
		return s, err
	}
	q, err := b.withBody(c)
	if err != nil {
		return source{}, err
	}
	for p := k; p != nil && p != c.outer; p = p.outer { // correlated through the query that it stands in
		for _, id := range q.outer {
			p.outerUsed = addID(p.outerUsed, id)
		}
	}
	_, rounds := q.node.(*plan.Recursive)
	if c.first != nil && len(q.outer) == 0 && worthKeeping(q.node) {
		if err := b.settle(&q); err != nil {
			return source{}, err
		}
		c.shared, c.query = &plan.Worktable{Name: c.cte.Name}, exactly(q)
		c.first.Input = &plan.WorkScan{Table: c.shared, Output: c.first.Output}
		q = b.worktable(c.shared, c.first.Output)
	}
	s, err := b.derived(q, alias, names, f.Offset())
	if err == nil && c.shares && c.first == nil {
		c.first = s.node.(*plan.Subquery)
	}
	if rounds {
		s = b.ofRounds(s)
	}
	return s, err
}

// ofRounds notes the SUPER columns of a recursive query, which cannot be unnested.
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
func (b *binder) ofRounds(s source) source {
	for i := range s.rels {
		for _, c := range s.rels[i].cols {
			if c.Typ.Kind == types.Super {
				b.marked(&b.rounds, c.ID)
			}
		}
	}
	return s
}

// worktable is a query that reads a worktable.
func (b *binder) worktable(t *plan.Worktable, cols []plan.Column) query {
	out := append([]plan.Column(nil), cols...)
	for i := range out {
		out[i].ID = b.id()
	}
	return query{node: &plan.WorkScan{Table: t, Output: out}, cols: out}
}

// worthKeeping says that a query does more than to read a table, or would give other rows a second time.
func worthKeeping(n plan.Node) bool {
	keep := false
	plan.Walk(n, func(n plan.Node) bool {
		switch n.(type) {
		case *plan.Scan, *plan.VirtualScan, *plan.ExternalScan, *plan.Values, *plan.Filter, *plan.Project, *plan.Subquery, *plan.WorkScan:
		default:
			keep = true
		}
		plan.Exprs(n, func(e expr.Expr) {
			expr.Walk(e, func(e expr.Expr) bool {
				switch e := e.(type) {
				case *expr.Subquery:
					keep = true
				case *expr.Call:
					keep = keep || e.Fn.Volatility == function.Volatile
				}
				return !keep
			})
		})
		return !keep
	})
	return keep
}

// selfReference says that a WITH query names itself: it is recursive.
type selfReference struct {
	cte *cteScope
	pos int
}

// Error is what a recursive query says that names itself where it must not.
func (e selfReference) Error() string { return e.refusal().Error() }

func (e selfReference) refusal() error {
	return sqlstate.InvalidRecursion.Errorf("recursive reference to query \"%s\" must not appear within its non-recursive term", e.cte.cte.Name).At(e.pos)
}

// withBody binds the query of a WITH query.
func (b *binder) withBody(c *cteScope) (query, error) {
	c.busy = true
	back := b.inside(ofFrom)
	q, err := b.query(c.cte.Query, c.outer, c.within)
	back()
	c.busy = false
	if self, ok := err.(selfReference); ok && self.cte == c {
		return b.recursive(c)
	}
	return q, err
}

// recursion is a recursive WITH query whose step is being bound.
type recursion struct {
	work  *plan.Worktable
	cols  []plan.Column
	named int
}

// recursive binds `seed UNION ALL step`, where step names the query itself.
// https://docs.aws.amazon.com/redshift/latest/dg/r_WITH_clause.html
func (b *binder) recursive(c *cteScope) (query, error) {
	s, name, pos := c.cte.Query, c.cte.Name, c.cte.Offset()
	switch {
	case !c.top:
		return query{}, sqlstate.FeatureNotSupported.Errorf("Recursive CTE in subquery are not supported").At(pos)
	case s.Op != "union all":
		return query{}, sqlstate.InvalidRecursion.Errorf("recursive query \"%s\" does not have the form non-recursive-term UNION ALL recursive-term", name).At(pos)
	case len(s.OrderBy) > 0:
		return query{}, sqlstate.FeatureNotSupported.Errorf("ORDER BY in a recursive query is not implemented").At(s.OrderBy[0].Expr.Offset())
	case s.Limit != nil:
		return query{}, sqlstate.FeatureNotSupported.Errorf("LIMIT in a recursive query is not implemented").At(s.Limit.Offset())
	case s.Offset != nil:
		return query{}, sqlstate.FeatureNotSupported.Errorf("OFFSET in a recursive query is not implemented").At(s.Offset.Offset())
	case len(c.cte.Columns) == 0:
		return query{}, sqlstate.InvalidRecursion.Errorf("recursive query \"%s\" must have a list of column names", name).At(pos)
	}
	c.busy = true
	seed, err := b.query(s.Left, nil, c.within)
	c.busy = false
	if self, ok := err.(selfReference); ok {
		return query{}, self.refusal()
	}
	if err == nil {
		err = b.settle(&seed)
	}
	if err != nil {
		return query{}, err
	}
	c.rec = &recursion{work: &plan.Worktable{Name: name}, cols: seed.cols}
	step, err := b.query(s.Right, nil, c.within)
	work := c.rec.work
	c.rec = nil
	if err != nil {
		return query{}, err
	}
	to, err := recursiveTypes(name, seed.cols, step.cols, s.Right.Pos.Offset())
	if err != nil {
		return query{}, err
	}
	if err := b.castQuery(&seed, to); err != nil {
		return query{}, err
	}
	if err := b.castQuery(&step, to); err != nil {
		return query{}, err
	}
	if err := linear(step.node, work, s.Right.Pos.Offset()); err != nil {
		return query{}, err
	}
	q := query{cols: append([]plan.Column(nil), seed.cols...)}
	for i := range q.cols {
		q.cols[i].ID = b.id()
	}
	q.node = &plan.Recursive{Seed: exactly(seed), Step: exactly(step), Work: work, Output: q.cols}
	return q, nil
}

// recursiveTypes are the types of a recursive query's columns: the seed's. Texts may grow from round to round.
func recursiveTypes(name string, seed, step []plan.Column, pos int) ([]types.Type, error) {
	if len(seed) != len(step) {
		return nil, sqlstate.Syntax.Errorf("each UNION query must have the same number of columns").At(pos)
	}
	to := make([]types.Type, len(seed))
	for i := range to {
		to[i] = seed[i].Type
		t, err := function.CommonType(seed[i].Type, step[i].Type)
		if err != nil {
			return nil, sqlstate.DatatypeMismatch.Errorf("UNION types %s and %s cannot be matched", bare(seed[i].Type), bare(step[i].Type)).At(pos)
		}
		switch {
		case t.IsText() && to[i].IsText():
			if step[i].Type.Kind != types.Unknown && step[i].Type.Len > to[i].Len || step[i].Type.Kind == types.Varchar && to[i].Kind != types.Varchar {
				to[i] = types.TVarcharMax
			}
		case t != to[i]:
			return nil, sqlstate.DatatypeMismatch.Errorf("recursive query \"%s\" column %d has type %s in non-recursive term but type %s overall", name, i+1, to[i], t).
				WithHint("Cast the output of the non-recursive term to the correct type.").At(pos)
		}
	}
	return to, nil
}

// linear refuses a step in which more than the rows found last would have to be known.
func linear(n plan.Node, work *plan.Worktable, pos int) error {
	reads := func(n plan.Node) bool {
		found := false
		plan.Walk(n, func(n plan.Node) bool {
			w, ok := n.(*plan.WorkScan)
			found = found || ok && w.Table == work
			return !found
		})
		return found
	}
	var err error
	plan.Walk(n, func(n plan.Node) bool {
		if err != nil || !reads(n) {
			return false
		}
		outer := false
		switch n := n.(type) {
		case *plan.Aggregate:
			err = sqlstate.InvalidRecursion.Errorf("aggregate functions are not allowed in a recursive query's recursive term").At(pos)
		case *plan.Limit:
			err = sqlstate.FeatureNotSupported.Errorf("LIMIT in a recursive query is not implemented").At(pos)
		case *plan.Sort:
			err = sqlstate.FeatureNotSupported.Errorf("ORDER BY in a recursive query is not implemented").At(pos)
		case *plan.SetOp:
			if n.Except && reads(n.Right) {
				err = sqlstate.InvalidRecursion.Errorf("recursive reference to query \"%s\" must not appear within EXCEPT", work.Name).At(pos)
			}
		case *plan.Join:
			outer = n.Kind == plan.Full || n.Kind == plan.Left && reads(n.Inner) || n.Kind == plan.Right && reads(n.Outer)
		}
		if outer {
			err = sqlstate.InvalidRecursion.Errorf("recursive reference to query \"%s\" must not appear within an outer join", work.Name).At(pos)
		}
		return err == nil
	})
	return err
}
