package bind

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/internal/nested"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Columns of the types struct, array and map are known by types.TNested; what each is in truth the binder keeps beside it:
//
//	spectrum.customers c, c.orders o        nested[c.name] = struct<given, family>   nested[o] = struct<shipdate, price>
//	c.name.given                            Call(.given, c.name), a varchar(20): what follows sees scalars alone
//
// A whole struct, array or map is a value nowhere: names of them end in FROM, or at a field.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html

// subqueryKind says which kind of query a SELECT is: nested tables have restrictions of subqueries.
type subqueryKind uint8

const (
	noSubquery   subqueryKind = iota
	ofFrom                    // in FROM, in WITH, or a view
	ofExpression              // in an expression
)

// nesting is what a binder knows of nested data.
type nesting struct {
	nested      map[expr.ColumnID]*nested.Type // of columns of nested types
	sub         subqueryKind                   // that is being bound
	nestedReads int                            // how often nested tables, and arrays of them, were named
	laterals    []*plan.Project                // to be pruned before the scans
}

// inside notes that the queries that are bound until back is called are of a kind.
func (b *binder) inside(k subqueryKind) (back func()) {
	before := b.sub
	b.sub = k
	return func() { b.sub = before }
}

// nestedError is a refusal of what nested tables do not have.
// https://docs.aws.amazon.com/redshift/latest/dg/nested-data-restrictions.html
func nestedError(pos int, format string, args ...any) error {
	return sqlstate.Internal.Errorf("Spectrum nested query error").WithDetail("code: 8001, context: "+format, args...).At(pos)
}

// hasNested says that an external table has columns of nested types.
func hasNested(t *catalog.ExternalTable) bool {
	return slices.ContainsFunc(t.Columns, func(c catalog.Column) bool { return c.Nested != nil })
}

// keepNested notes what a column is.
func (b *binder) keepNested(id expr.ColumnID, t *nested.Type) {
	if b.nested == nil {
		b.nested = map[expr.ColumnID]*nested.Type{}
	}
	b.nested[id] = t
}

// partOf is what an expression of a nested type is a part of, and the value in which it lies.
func (b *binder) partOf(x expr.Expr) (*function.Part, expr.Expr) {
	if c, ok := x.(*expr.Call); ok && c.Fn.Part != nil {
		return c.Fn.Part, c.Args[0]
	}
	if c, ok := x.(*expr.Column); ok && b.nested[c.ID] != nil {
		return &function.Part{Type: b.nested[c.ID]}, x
	}
	return nil, nil
}

// fields goes to fields of structs within a value.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html#nested-data-sqlextension1
func (k *block) fields(x expr.Expr, names []string, pos int) (expr.Expr, error) {
	if len(names) == 0 {
		return x, nil
	}
	p, of := k.b.partOf(x)
	for _, n := range names {
		i := p.Type.Field(n, !k.b.caseful)
		if i < 0 {
			err := sqlstate.UndefinedColumn.Errorf("column \"%s\" does not exist%s", n, k.looked()).At(pos)
			switch p.Type.Kind {
			case nested.Array, nested.Map:
				err = err.WithHint("Elements of arrays and maps are reached by naming them in the FROM clause.")
			}
			return nil, err
		}
		p = p.Field(i)
	}
	return partAt(p, of, pos), nil
}

// partAt reads a part of a value.
func partAt(p *function.Part, of expr.Expr, pos int) expr.Expr {
	if p.Type.Kind == nested.Scalar {
		p.Type.Read = true
	}
	return &expr.Call{Fn: function.NestedPart(p), Args: []expr.Expr{of}, Pos: pos}
}

// stepInto goes one step of a path into a value: to a field, or to an element by its number.
func (k *block) stepInto(x expr.Expr, s *ast.Step) (expr.Expr, error) {
	if s.Index == nil {
		return k.fields(x, []string{s.Name}, s.Offset())
	}
	p, of := k.b.partOf(x)
	if p.Type.Kind != nested.Array {
		return nil, sqlstate.DatatypeMismatch.Errorf("cannot subscript type %s because it is not an array", p.Type.Kind).At(s.Offset())
	}
	i, err := k.expr(s.Index)
	if err != nil {
		return nil, err
	}
	c, ok := i.(*expr.Const)
	if !ok || !c.Value.Type.IsInteger() || c.Value.Null {
		return nil, sqlstate.Unbuilt("SELECT", "elements of nested arrays by an index that is no whole number").At(s.Offset())
	}
	p.Type.Read = true
	return partAt(p.Index(int(c.Value.Int)), of, s.Offset()), nil
}

// whole refuses a struct, an array or a map as a value, in the words of the guide.
// https://docs.aws.amazon.com/redshift/latest/dg/serializing-complex-JSON.html
func (k *block) whole(e ast.Expr, x expr.Expr) error {
	err := k.unknownColumn(figure(e, x), e.Offset())
	return err.(*sqlstate.Error).WithHint("It is of a nested type: name a field of it, go through it in the FROM clause, or SET json_serialization_enable TO true.")
}

// noStar refuses * over nested tables.
// https://docs.aws.amazon.com/redshift/latest/dg/serializing-complex-JSON.html
func (k *block) noStar(rels []relation, pos int) error {
	for i := range rels {
		for _, c := range rels[i].cols {
			if rels[i].nested && c.Typ.Kind == types.Nested {
				return sqlstate.FeatureNotSupported.Errorf("Nested tables do not support '*' in the SELECT clause.").At(pos)
			}
		}
	}
	return nil
}

// nestedElements makes the going through an array or a map, and the relation of its elements: scalars are known by the name itself.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html#nested-data-sqlextension2
func (k *block) nestedElements(f *ast.Unnest, x expr.Expr) (*plan.Unnest, relation, error) {
	pos := f.Offset()
	p, _ := k.b.partOf(x)
	e := p.Type.Element()
	switch {
	case e == nil:
		return nil, relation{}, nestedError(pos, "A %s in the FROM clause is neither an array nor a map.", p.Type.Kind)
	case e.Kind == nested.Array || e.Kind == nested.Map:
		return nil, relation{}, nestedError(pos, "Arrays and maps that are elements of arrays cannot be gone through in the FROM clause.")
	case f.Object || f.Func || f.At != "" || f.WithOffset || len(f.Columns) > 0:
		return nil, relation{}, unsupported(pos, "the use of UNPIVOT, UNNEST, AT or names of columns with nested data of external tables is")
	}
	p.Type.Read = true
	u := &plan.Unnest{Value: x}
	r, err := k.elementNames(f, u, x)
	if err != nil {
		return nil, r, err
	}
	u.Element.Type = e.SQL()
	r.cols[0].Typ, r.nested = u.Element.Type, true
	if e.Kind == nested.Scalar {
		e.Read = true
	} else {
		k.b.keepNested(u.Element.ID, e)
	}
	k.b.nestedReads++
	return u, r, nil
}

// parents counts the tables of FROM: nested ones, elements of these, and others.
func parents(rels []relation) (tables, elements, others int) {
	for i := range rels {
		switch r := &rels[i]; {
		case r.nested && r.value:
			elements++
		case r.nested:
			tables++
		default:
			others++
		}
	}
	return tables, elements, others
}

// nestedJoin refuses an outer join of a nested table with what is not its own.
// https://docs.aws.amazon.com/redshift/latest/dg/nested-data-restrictions.html
func nestedJoin(kind string, rels []relation, pos int) error {
	if kind != "left" && kind != "right" && kind != "full" {
		return nil
	}
	tables, elements, others := parents(rels)
	if tables+elements > 0 && tables+others > 1 {
		return nestedError(pos, "An OUTER JOIN expression that refers to a nested table can refer only to that table and its nested arrays and maps.")
	}
	return nil
}

// nestedRules refuses what a SELECT over nested tables may not have. sub says where it stands.
// https://docs.aws.amazon.com/redshift/latest/dg/nested-data-restrictions.html
func (k *block) nestedRules(s *ast.Select, sub subqueryKind) error {
	tables, elements, others := parents(k.src.rels)
	if tables+elements == 0 || sub == noSubquery {
		return nil
	}
	pos := s.Pos.Offset()
	switch {
	case tables+others > 1 || elements > 0 && others > 0:
		return nestedError(pos, "A FROM clause of a subquery that refers to a nested table cannot refer to any other table.")
	case len(s.OrderBy) > 0:
		return nestedError(pos, "A subquery that refers to a nested table cannot contain ORDER BY clause.")
	case s.Limit != nil || s.Offset != nil:
		return nestedError(pos, "A subquery that refers to a nested table cannot contain LIMIT clause.")
	case sub == ofExpression && k.hasAgg && tables > 0:
		return nestedError(pos, "An aggregation subquery can only refer to arrays and maps in its FROM clause, not to an external table.")
	case k.overParent && k.parentElsewhere:
		return nestedError(pos, "A subquery over a nested array or map can use its parent table in the FROM clause only.")
	}
	return nil
}

// single refuses a subquery that reads nested data where it may return several values: before is how often nested data was named when it began.
// https://docs.aws.amazon.com/redshift/latest/dg/nested-data-restrictions.html
func (k *block) single(before, pos int, what string) error {
	if k.b.nestedReads > before {
		return nestedError(pos, "%s of a subquery that accesses nested data is not supported.", what)
	}
	return nil
}

// nestedBeside puts the elements of an array or a map beside the rows of left.
func (k *block) nestedBeside(left source, f *ast.Unnest, x expr.Expr) (source, *plan.Unnest, error) {
	u, r, err := k.nestedElements(f, x)
	if err != nil {
		return source{}, nil, err
	}
	k.unnested = true
	k.overParent = k.overParent || k.isOuter(firstColumn(x))
	return besides(left, u, r, f.Offset())
}

// isTable says that a name of two parts is a table's: it comes before an array of that name.
// https://docs.aws.amazon.com/redshift/latest/dg/tutorial-query-nested-data.html#unnest-inner-joins
func (b *binder) isTable(c *ast.ColumnRef) bool {
	if len(c.Parts) != 2 {
		return false
	}
	_, err := b.env.Catalog.Relation(c.Parts[0], c.Parts[1], c.Offset())
	return err == nil
}
