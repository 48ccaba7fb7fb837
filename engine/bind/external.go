package bind

import (
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// external makes the scan of an external table that was named through a schema: columns of the files, partition columns, and the pseudocolumns, which * leaves
// out. Who may use the schema may read its tables, and must be allowed to make temporary tables.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-tables.html
func (b *binder) external(t *catalog.ExternalTable, schema, alias string) (source, error) {
	if err := b.readsExternal(); err != nil {
		return source{}, err
	}
	s := &plan.ExternalScan{Table: t, Schema: schema, Alias: alias, Format: t.Storage.Word()}
	r := relation{alias: alias, schema: schema, nested: hasNested(t)}
	if alias != t.Name {
		r.schema = ""
	}
	add := func(name string, typ types.Type) {
		id := b.id()
		s.Attrs = append(s.Attrs, len(s.Attrs))
		s.Output = append(s.Output, plan.Column{ID: id, Name: name, Table: alias, Type: typ})
		r.cols = append(r.cols, expr.Column{ID: id, Typ: typ, Table: alias, Name: name})
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		switch {
		case c.Nested == nil:
			add(c.Name, c.Type)
			continue
		case b.env.JSON != nil:
			add(c.Name, types.TVarcharMax)
			continue
		}
		add(c.Name, c.Type)
		own := c.Nested.Copy()
		b.keepNested(r.cols[i].ID, own)
		s.Nested = slices.Grow(s.Nested, len(t.Columns))[:len(t.Columns)]
		s.Nested[i] = own
	}
	if r.nested {
		s.JSON = b.env.JSON
		b.nestedReads++
	}
	if !b.env.NoPseudoColumns && !r.nested {
		add("$path", types.TVarcharMax)
		add("$size", types.TInt8)
		if r.hidden = 2; !b.env.NoSpectrumOID {
			add(spectrumOID, types.TInt8)
			r.hidden++
		}
	}
	if !b.caseful {
		foldColumns(r.cols)
	}
	b.scans = append(b.scans, s)
	b.out.External = append(b.out.External, t)
	b.out.UsesTables, b.tables = true, true
	return source{node: s, rels: []relation{r}}, nil
}

// spectrumOID is the pseudocolumn that numbers rows.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-external-tables.html#c-spectrum-external-tables-pseudocolumns
const spectrumOID = "$spectrum_oid"

// correlates refuses a subquery that names columns of an external table around it when the rows of such have no numbers.
// https://docs.aws.amazon.com/redshift/latest/dg/c_performing-correlated-subqueries-spectrum.html
func (b *binder) correlates(q *query, pos int) error {
	if !b.env.NoSpectrumOID && !b.env.NoPseudoColumns || len(q.outer) == 0 {
		return nil
	}
	for _, n := range b.scans {
		s, ok := n.(*plan.ExternalScan)
		if !ok || s.Nested != nil {
			continue
		}
		if slices.ContainsFunc(s.Output, func(c plan.Column) bool { return hasID(q.outer, c.ID) }) {
			return sqlstate.FeatureNotSupported.Errorf("correlated subqueries over external table \"%s\" are not supported without the pseudocolumn %s", s.Table.Name, spectrumOID).At(pos).
				WithHint("SET enable_spectrum_oid TO on and spectrum_enable_pseudo_columns TO on.")
		}
	}
	return nil
}

// readsExternal refuses who may not read relations of the data catalog, and views that may not.
func (b *binder) readsExternal() error {
	if b.within != nil && !b.within.LateBinding || b.env.Guard != nil && b.env.Guard.Whole {
		return sqlstate.FeatureNotSupported.Errorf("External tables are not supported in views").
			WithHint("CREATE VIEW .. WITH NO SCHEMA BINDING makes a view of external tables.")
	}
	if g := b.env.Guard; b.guarded() {
		id := g.Catalog.DatabaseID()
		if g.Catalog.May(b.as, principal.Database, id, 0, g.Catalog.DatabaseOwner(id), principal.Temp) != 0 {
			return sqlstate.InsufficientPrivilege.Errorf("permission denied to create temporary tables in database \"%s\"", g.Catalog.Database())
		}
	}
	return nil
}

// ExternalInsert binds INSERT INTO an external table: the rows of a query, cast to the table's columns, go to target; those of one partition come one behind the
// other. at numbers the partition columns. Errors: 42601 of a query with another number of columns.
// https://docs.aws.amazon.com/redshift/latest/dg/r_INSERT_external_table.html
func ExternalInsert(t *catalog.ExternalTable, q *ast.Select, target any, serial bool, env *Env) (out *Bound, at []int, err error) {
	if err := unlimited(q); err != nil {
		return nil, nil, err
	}
	b := &binder{env: env, caseful: env.CaseSensitive}
	if env.Guard != nil {
		b.as = env.Guard.User
	}
	b.params = append(b.params, env.Params...)
	x, err := b.query(q, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	if have, want := len(x.cols), len(t.Columns); have != want {
		return nil, nil, sqlstate.Syntax.Errorf("INSERT into external table \"%s\" needs a query of %d columns, not %d", t.Name, want, have).At(q.Pos.Offset())
	}
	n, err := b.projected(t.Columns, x, q.Pos.Offset())
	if err != nil {
		return nil, nil, err
	}
	b.out.Kind, b.out.Plan, b.out.Columns = Select, n, n.Columns()
	if out, err = b.finish(); err != nil {
		return nil, nil, err
	}
	keys := make([]string, t.Keys)
	for i, c := range t.KeyColumns() {
		keys[i] = c.Name
	}
	at, err = out.unloads(target, keys, serial)
	return out, at, err
}

// projected casts the columns of a query to those of a table, one by one.
func (b *binder) projected(columns []catalog.Column, q query, pos int) (plan.Node, error) {
	want := make([]types.Type, len(q.cols))
	for i := range q.cols {
		if want[i] = q.cols[i].Type; want[i].Kind == types.Unknown {
			want[i] = columns[i].Type
		}
	}
	if err := b.castQuery(&q, want); err != nil {
		return nil, err
	}
	p := &plan.Project{Input: q.node, Exprs: make([]plan.Named, len(columns))}
	for i := range columns {
		c := &columns[i]
		x, err := b.assign(columnOf(q.cols[i]), c.Type, c.Name, pos)
		if err != nil {
			return nil, err
		}
		p.Exprs[i] = plan.Named{Column: plan.Column{ID: b.id(), Name: c.Name, Type: c.Type}, Expr: x}
	}
	return p, nil
}

// externalTarget refuses a change of an external table. INSERT has a way of its own, which EXPLAIN does not take.
// https://docs.aws.amazon.com/redshift/latest/dg/c-spectrum-considerations.html
func externalTarget(by string) *sqlstate.Error {
	if by == "INSERT" {
		return sqlstate.Unbuilt("INSERT", "the plan of an INSERT into an external table")
	}
	return sqlstate.FeatureNotSupported.Errorf("Operation %s on external tables is not supported", by)
}
