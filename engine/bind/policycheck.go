package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// CheckedPolicy is what a policy's expressions come to over the columns that it declares.
type CheckedPolicy struct {
	Refs  []catalog.Ref // what their names mean
	Types []types.Type  // of a mask: of its expressions
	// Looks are the columns, by number, of the tables that they look up.
	Looks map[uint32][]int
}

// CheckPolicy binds the expressions of a policy that is about to be made or changed. It refuses what a policy may not read: catalog tables, views, temporary tables,
// tables of other databases, tables with RLS; and subqueries that name the relation's columns.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_RLS_POLICY.html
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-considerations.html
func CheckPolicy(p *catalog.Policy, using []ast.Expr, env *Env) (*CheckedPolicy, error) {
	b := &binder{env: env, caseful: env.CaseSensitive, noParams: true, policies: 1}
	r := relation{alias: p.Alias}
	switch {
	case p.Masking:
		r.alias = catalog.MaskedAlias
	case r.alias == "":
		r.alias = catalog.RLSAlias
	}
	for i := range p.Columns {
		c := &p.Columns[i]
		r.cols = append(r.cols, expr.Column{ID: b.id(), Typ: c.Type, Table: r.alias, Name: c.Name})
	}
	k := policyBlock(b, source{node: &plan.Values{Rows: [][]expr.Expr{{}}}, rels: []relation{r}})
	out := &CheckedPolicy{Looks: map[uint32][]int{}}
	for _, e := range using {
		var x expr.Expr
		var err error
		if p.Masking {
			x, err = k.expr(e)
		} else {
			x, err = k.condition(e, "RLS POLICY")
		}
		if err != nil {
			return nil, err
		}
		if p.Masking && x.Type().Kind == types.Unknown {
			return nil, sqlstate.DatatypeMismatch.Errorf("the type of the masking expression is not known").
				WithHint("A constant must be cast to the type of the column that it masks.").At(e.Offset())
		}
		if correlated(x) {
			if p.Masking {
				return nil, sqlstate.FeatureNotSupported.Errorf("correlated subqueries are not supported in a masking policy").At(e.Offset())
			}
			return nil, sqlstate.FeatureNotSupported.Errorf("RLS policy could not be rewritten.").At(e.Offset())
		}
		out.Types = append(out.Types, x.Type())
	}
	if err := b.mayLookUp(p); err != nil {
		return nil, err
	}
	if err := b.onLeader(); err != nil {
		return nil, err
	}
	out.Refs = b.out.Refs
	for _, n := range b.scans {
		if s, ok := n.(*plan.Scan); ok {
			for _, i := range b.usedOf(s) {
				out.Looks[s.Table.ID] = append(out.Looks[s.Table.ID], s.Table.Columns[i].PosAttr)
			}
		}
	}
	return out, nil
}

// mayLookUp refuses the relations that a policy may not read.
func (b *binder) mayLookUp(p *catalog.Policy) error {
	refuse := func(what, name string) error {
		return sqlstate.FeatureNotSupported.Errorf("%s \"%s\" cannot be referenced in %s \"%s\"", what, name, p.Kind(), p.Name)
	}
	switch {
	case b.out.Abroad:
		return sqlstate.FeatureNotSupported.Errorf("cross-database relations cannot be referenced in %s \"%s\"", p.Kind(), p.Name)
	case len(b.out.Virtual) > 0:
		return refuse("system table", b.out.Virtual[0].Name)
	case len(b.out.Views) > 0:
		return refuse("view", b.out.Views[0].Name)
	}
	for _, t := range b.out.Reads {
		if t.Temp {
			return refuse("temporary table", t.Name)
		}
		if g := b.env.Guard; !p.Masking && t.Secured && g != nil {
			if s := g.Catalog.Security(t.ID); s != nil && (s.RLS || len(s.Policies) > 0) {
				return refuse("RLS-protected table", t.Name)
			}
		}
	}
	return nil
}

// correlated says whether a subquery in an expression names columns of the relation around it.
func correlated(x expr.Expr) bool {
	found := false
	expr.Walk(x, func(e expr.Expr) bool {
		if s, ok := e.(*expr.Subquery); ok && len(s.Outer) > 0 {
			found = true
		}
		return !found
	})
	return found
}

// PolicyTakes says whether a column of a type may be given to a policy that declares another for it. RLS policies take any length of text and any number of
// digits; masking policies besides a smaller integer for a larger one, and a float for a numeric.
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-considerations.html
func PolicyTakes(p *catalog.Policy, column, declared types.Type) bool {
	return sameKind(column, declared) || p.Masking && maskable(column, declared)
}

// MaskGives says whether a masking expression of a type may stand for a column: a value of it is one of the column's, and fits.
// https://docs.aws.amazon.com/redshift/latest/dg/t_ddm-considerations.html
func MaskGives(x, column types.Type) bool { return masksTo(x, column) }

// sameKind says that two types are one but for their modifiers; CHAR and VARCHAR are texts alike.
func sameKind(a, b types.Type) bool { return a.Kind == b.Kind || a.IsText() && b.IsText() }

// maskable says that a mask which declares one type may be attached to a column of another: see PolicyTakes.
func maskable(column, declared types.Type) bool {
	return column.IsInteger() && declared.IsInteger() && integerSize(column) < integerSize(declared) || column.IsFloat() && declared.Kind == types.Numeric
}

// integerSize orders the integer types.
func integerSize(t types.Type) int {
	switch t.Kind {
	case types.Int2:
		return 2
	case types.Int4:
		return 4
	}
	return 8
}

// masksTo says whether a mask's value may stand for a column.
func masksTo(x, column types.Type) bool {
	switch {
	case x.IsText() && column.IsText():
		return x.Len > 0 && x.Len <= column.Len || column.Len == 0
	case x.IsInteger() && column.IsInteger(): // the policy may have been made for a larger integer: what does not fit is an error when it is read
		return true
	case x.Kind == types.Numeric && column.Kind == types.Numeric:
		return x.Prec-x.Scale <= column.Prec-column.Scale && x.Scale <= column.Scale
	case column.IsFloat():
		_, ok := function.FindCast(x, column, false)
		return ok && (x.IsFloat() || x.Kind == types.Numeric)
	}
	return x.Kind == column.Kind
}
