package bind

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// bindMerge binds MERGE: two changes over the target as it is before both.
//
//	WHEN MATCHED        UPDATE t SET .. FROM source WHERE condition, each row of t at most once
//	WHEN NOT MATCHED    INSERT INTO t SELECT values FROM source WHERE NOT EXISTS (SELECT 1 FROM t WHERE condition)
//	REMOVE DUPLICATES   DELETE FROM t USING source WHERE condition; INSERT INTO t SELECT * FROM source
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
func (b *binder) bindMerge(m *ast.Merge) error {
	t, err := b.target(m.Table, "UPDATE")
	if err != nil {
		return err
	}
	if err := mergeForm(m); err != nil {
		return err
	}
	source, err := b.mergeSource(t, m)
	if err != nil {
		return err
	}
	inSource := superPaths(source.node)
	partly := func() error {
		if superPaths(b.out.Plan) > inSource {
			return sqlstate.FeatureNotSupported.Errorf("Partial reference of SUPER column is not supported in MERGE statement.").At(m.On.Offset())
		}
		return nil
	}
	out := &plan.Changes{}
	var conds plan.Node
	if m.Matched != nil || m.RemoveDuplicates {
		if conds, err = b.mergeMatched(m); err != nil {
			return err
		}
		if err := partly(); err != nil {
			return err
		}
		out.Parts = append(out.Parts, b.out.Plan)
	}
	width := 0
	for i := range source.rels {
		width += len(source.rels[i].shown())
	}
	if m.RemoveDuplicates && width != len(t.Columns) {
		return sqlstate.InvalidTableDefinition.Errorf("MERGE with REMOVE DUPLICATES: target \"%s\" has %d columns, its source %d", t.Name, len(t.Columns), width).
			At(m.Source.Offset())
	}
	if m.NotMatched != nil || m.RemoveDuplicates {
		if err := b.bindInsert(mergeInsert(t, m)); err != nil {
			return err
		}
		if err := partly(); err != nil {
			return err
		}
		out.Parts = append(out.Parts, b.out.Plan)
	}
	if conds == nil { // the condition stands below NOT EXISTS: read it for itself
		if _, _, conds, err = b.changed(m.Table, "UPDATE", m.Alias, nil, false, []ast.From{m.Source}, m.On); err != nil {
			return err
		}
	}
	if !equijoin(t, conds) {
		return sqlstate.FeatureNotSupported.Errorf("Target table must be part of an equijoin predicate").At(m.On.Offset())
	}
	b.out.Kind, b.out.Plan = Merge, out
	return nil
}

// mergeForm refuses what Redshift's grammar has not: one WHEN clause without the other, and an alias of the target.
func mergeForm(m *ast.Merge) error {
	switch {
	case m.Alias != "":
		return sqlstate.Syntax.Errorf("syntax error at or near \"%s\"", m.Alias).WithHint("The target of MERGE has no alias.").At(m.Table.Offset())
	case m.RemoveDuplicates || m.Matched != nil && m.NotMatched != nil:
		return nil
	case m.Matched == nil:
		return sqlstate.Syntax.Errorf("syntax error at or near \"not\"").WithHint("MERGE has WHEN MATCHED and WHEN NOT MATCHED, or REMOVE DUPLICATES.").At(m.NotMatched.Offset())
	}
	return sqlstate.Syntax.Errorf("syntax error at end of input").WithHint("MERGE has WHEN MATCHED and WHEN NOT MATCHED, or REMOVE DUPLICATES.").At(m.Matched.Offset())
}

// superPaths counts the paths into SUPER values that a plan goes. The source may go some, condition and new values may not.
// https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html#r_MERGE_usage_notes
func superPaths(root plan.Node) (n int) {
	plan.Walk(root, func(x plan.Node) bool {
		plan.Exprs(x, func(e expr.Expr) {
			expr.Walk(e, func(e expr.Expr) bool {
				if c, ok := e.(*expr.Call); ok && c.Fn.Steps() {
					n++
				}
				return true
			})
		})
		return true
	})
	return n
}

// mergeSource binds the source for itself. It may not read the target, and must give the same rows twice.
func (b *binder) mergeSource(t *catalog.Table, m *ast.Merge) (*source, error) {
	src := &binder{env: b.env, params: b.params}
	k := &block{b: src}
	if err := k.from([]ast.From{m.Source}); err != nil {
		return nil, err
	}
	for _, r := range src.out.Reads {
		if r.ID == t.ID {
			return nil, sqlstate.FeatureNotSupported.Errorf("Source view/subquery in Merge statement cannot reference target table.").At(m.Source.Offset())
		}
	}
	if src.out.Volatile {
		return nil, unsupported(m.Source.Offset(), "a volatile function in the source of MERGE is")
	}
	return &k.src, nil
}

// mergeMatched binds what happens to the rows that match, and gives the node with the condition.
func (b *binder) mergeMatched(m *ast.Merge) (plan.Node, error) {
	from := []ast.From{m.Source}
	if m.Matched != nil && m.Matched.Kind == "update" {
		if err := b.bindUpdate(&ast.Update{Table: m.Table, Alias: m.Alias, Set: m.Matched.Set, From: from, Where: m.On}); err != nil {
			return nil, err
		}
		u := b.out.Plan.(*plan.Update)
		u.Once = true
		return u.Input, nil
	}
	if err := b.bindDelete(&ast.Delete{Table: m.Table, Alias: m.Alias, Using: from, Where: m.On}); err != nil {
		return nil, err
	}
	d := b.out.Plan.(*plan.Delete)
	d.Once = true
	if all, ok := d.Input.(*plan.Distinct); ok { // a row that matches twice is an error
		d.Input = all.Input
	}
	return d.Input, nil
}

// mergeInsert is the INSERT of the rows that match nothing; of REMOVE DUPLICATES, of all.
func mergeInsert(t *catalog.Table, m *ast.Merge) *ast.Insert {
	at := ast.Pos(m.Source.Offset())
	q := &ast.Select{Pos: at, From: []ast.From{m.Source}}
	ins := &ast.Insert{Table: m.Table, Query: q}
	if m.RemoveDuplicates {
		q.Items = []ast.Item{{Expr: &ast.Star{Pos: at}}}
		return ins
	}
	ins.Columns = m.NotMatched.Columns
	if slices.ContainsFunc(m.NotMatched.Values, isDefault) {
		ins.Columns = nil // of those that are given; the others have their defaults
		for i, v := range m.NotMatched.Values {
			c := ast.ColumnName{Pos: ast.Pos(v.Offset())}
			switch {
			case isDefault(v):
				continue
			case i < len(m.NotMatched.Columns):
				c = m.NotMatched.Columns[i]
			case len(m.NotMatched.Columns) == 0 && i < len(t.Columns):
				c.Name = t.Columns[i].Name
			}
			ins.Columns = append(ins.Columns, c)
		}
	}
	for _, v := range m.NotMatched.Values {
		if !isDefault(v) {
			q.Items = append(q.Items, ast.Item{Expr: v})
		}
	}
	one := &ast.Select{
		Pos: at, Items: []ast.Item{{Expr: &ast.Literal{Pos: at, Kind: ast.Number, Text: "1"}}},
		From: []ast.From{&ast.TableRef{Pos: m.Table.Pos, Name: m.Table, Alias: m.Alias}}, Where: m.On,
	}
	q.Where = &ast.Unary{Pos: at, Op: "not", X: &ast.Exists{Pos: at, Query: one}}
	return ins
}

// isDefault says that DEFAULT stands where a value may.
func isDefault(x ast.Expr) bool {
	l, ok := x.(*ast.Literal)
	return ok && l.Kind == ast.Default
}

// equijoin says whether a condition compares a column of the target with the source for equality.
func equijoin(t *catalog.Table, n plan.Node) bool {
	var ids plan.Set
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		switch n := n.(type) {
		case *plan.Scan:
			if n.Table.ID == t.ID && len(n.Attrs) > 0 && n.Attrs[0] < 0 {
				ids = plan.SetOfColumns(n.Output)
			}
		case *plan.Subquery: // the target under policies is asked by the columns above them
			if n.Secure != nil && changes(n) {
				ids = plan.SetOfColumns(n.Output)
				return false
			}
		}
		return true
	})
	side := func(x expr.Expr) (target, source bool) {
		expr.Walk(x, func(x expr.Expr) bool {
			if c, ok := x.(*expr.Column); ok {
				target, source = target || ids.Has(c.ID), source || !ids.Has(c.ID)
			}
			return true
		})
		return target, source
	}
	plan.Walk(n, func(n plan.Node) bool {
		f, ok := n.(*plan.Filter)
		if !ok {
			return true
		}
		for _, c := range f.Conds {
			if c, ok := c.(*expr.Compare); ok && c.Op == expr.Eq {
				lt, ls := side(c.Left)
				rt, rs := side(c.Right)
				found = found || lt && !ls && rs && !rt || rt && !rs && ls && !lt
			}
		}
		return !found
	})
	return found
}
