package bind

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/plan"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// materialized binds a materialized view: a scan of the table that has its rows. Who reads it needs SELECT on it, and USAGE on the schemas of its base tables;
// its owner must still be allowed to read these.
// https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-query.html
func (b *binder) materialized(v *catalog.View, alias string, f *ast.TableRef) (source, error) {
	r, err := b.env.Catalog.Relation(v.Schema, catalog.MaterializedTable(v.Name), int(f.Name.Pos))
	if err != nil {
		return source{}, at(err, f.Offset())
	}
	t, ok := r.(*catalog.Table)
	if !ok {
		return source{}, sqlstate.Internal.Errorf("the rows of materialized view \"%s\" are gone", v.Name).At(f.Offset())
	}
	if err := b.guardBases(v, f.Offset()); err != nil {
		return source{}, err
	}
	user := b.actAs(b.owner(v))
	s := b.scan(t, b.unnamedAlias(), false)
	user()
	b.out.Views = append(b.out.Views, v)
	rel := &s.rels[0]
	rel.alias, rel.schema = alias, ""
	if alias == v.Name {
		rel.schema = v.Schema
	}
	for i := range rel.cols {
		rel.cols[i].Name = v.Columns[i].Name
	}
	if err := rename(rel, f.Columns, f.Offset()); err != nil {
		return source{}, err
	}
	if v.Secured {
		if s, err = b.protect(v, s, f.Offset()); err != nil {
			return source{}, err
		}
	}
	return b.guardView(v, s), nil
}

// rowsOf protects the table of a materialized view, when it is named itself, as the view is.
func (b *binder) rowsOf(t *catalog.Table, s source, pos int) (source, error) {
	if r, err := b.env.Catalog.Relation(t.Schema, t.Shown(), pos); err == nil && catalog.Secured(r) {
		return b.protect(r, s, pos)
	}
	return s, nil
}

// guardBases notes what reading a materialized view asks of its base tables.
func (b *binder) guardBases(v *catalog.View, pos int) error {
	if !b.guarded() {
		return nil
	}
	c := b.env.Guard.Catalog
	owner := b.owner(v)
	for i := range v.Refs {
		ref := &v.Refs[i]
		rel := c.Get(ref.At.Schema, ref.At.Name)
		if rel == nil {
			continue
		}
		if s := c.Schema(ref.At.Schema); s != nil && c.May(b.as, principal.Schema, s.ID, 0, s.Owner, principal.Usage) != 0 {
			return sqlstate.InsufficientPrivilege.Errorf("permission denied for schema %s", s.Name).At(pos)
		}
		if !owner.Super {
			b.asked = append(b.asked, demand{as: owner, in: c, rel: rel, read: v.Materialized.Reads(rel)})
		}
	}
	return nil
}

// changes refuses changes of materialized views and of the tables that have their rows, but by the refresh that maintains one.
func (b *binder) changes(r any, pos int) error {
	switch r := r.(type) {
	case *catalog.Table:
		if r.Maintains != 0 && r.ID != b.env.Maintains {
			return sqlstate.WrongObjectType.Errorf("cannot change table \"%s\": it has the rows of a materialized view", r.Name).
				WithHint("Use REFRESH MATERIALIZED VIEW.").At(pos)
		}
	case *catalog.View:
		if r.Materialized != nil {
			return sqlstate.WrongObjectType.Errorf("cannot change materialized view \"%s\"", r.Name).At(pos)
		}
	}
	return nil
}

// Scans are the scans of tables in a bound query, those in subqueries too.
func (b *Bound) Scans() []*plan.Scan {
	var out []*plan.Scan
	for _, n := range b.scans {
		if s, ok := n.(*plan.Scan); ok {
			out = append(out, s)
		}
	}
	return out
}
