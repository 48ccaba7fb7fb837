package engine

import (
	"errors"
	"slices"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/txn"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// drop is DROP TABLE, VIEW and SCHEMA.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_TABLE.html
func (s *Session) drop(c *call, st *ast.Drop) error {
	for _, n := range st.Names {
		s.tx.Refresh()
		var err error
		switch st.Kind {
		case "table":
			err = s.dropTable(c, st, n)
		case "view":
			err = s.dropView(c, st, n)
		case "schema":
			err = s.dropSchema(c, st, n)
		case "database":
			err = s.dropDatabase(c, n, st.IfExists, st.Force)
		case "materialized view":
			err = s.dropMaterializedView(c, st, n)
		default:
			return unsupported(st, ast.KindOf(st))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// dropped finds what DROP names; nil without an error = it is not there and IF EXISTS was said.
func (s *Session) dropped(st *ast.Drop, n ast.Name, what string) (any, error) {
	if err := n.Foreign(s.db.Name); err != nil {
		return nil, err
	}
	o, err := s.tx.Catalog().Resolve(s.searchPath(), n.Schema(), n.Object())
	if err == nil {
		if err := s.uses(n.Schema()); err != nil {
			return nil, atOffset(err, n.Offset())
		}
		return o, nil
	}
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		return nil, err
	}
	if st.IfExists {
		s.tell("INFO", e.Code, "%s \"%s\" does not exist and will be skipped", what, n.Object())
		return nil, nil
	}
	if e.Code == sqlstate.UndefinedTable {
		name := n.Object()
		if n.Schema() != "" {
			name = n.Schema() + "." + name
		}
		e = sqlstate.UndefinedTable.Errorf("%s \"%s\" does not exist", what, name)
	}
	return nil, e.At(n.Offset())
}

func (s *Session) dropTable(c *call, st *ast.Drop, n ast.Name) error {
	o, err := s.dropped(st, n, "Table")
	if o == nil || err != nil {
		return err
	}
	switch o := o.(type) {
	case *catalog.Table:
		if err := s.commands(o, principal.Drop, principal.DropTable); err != nil {
			return err
		}
		if o.Maintains != 0 {
			return sqlstate.DependentObjects.Errorf("cannot drop table %s because a materialized view requires it", o.Name).
				WithHint("Use DROP MATERIALIZED VIEW to remove a materialized view.").At(n.Offset())
		}
		if err := s.dependents(c, st, "table", o.Name, o.ID); err != nil {
			return err
		}
		return s.removeTable(c, o)
	case *catalog.ExternalTable:
		return s.dropExternalTable(c, n)
	case *catalog.ExternalView:
		return sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", o.Name).WithHint(externalViewHint).At(n.Offset())
	case *catalog.View:
		return sqlstate.WrongObjectType.Errorf("\"%s\" is not a table", o.Name).WithHint("%s", dropHint(o)).At(n.Offset())
	}
	return sqlstate.InsufficientPrivilege.Errorf("permission denied: \"%s\" is a system catalog", n.Object()).At(n.Offset())
}

// removeTable takes a table away when its writers are done.
func (s *Session) removeTable(c *call, t *catalog.Table) error {
	if err := s.lock(c.ctx, t.ID, txn.AccessExclusive); err != nil {
		return err
	}
	s.tx.Refresh()
	if s.tx.Catalog().Get(t.Schema, t.Name) == nil {
		return sqlstate.UndefinedTable.Errorf("Table \"%s\" does not exist", t.Name)
	}
	if err := s.tx.Drop(t); err != nil {
		return err
	}
	s.tx.Remove(t.Schema, t.Name)
	s.dropAccess(principal.Relation, t.ID)
	return nil
}

// dependents drops the views above an object, or refuses when CASCADE was not said.
func (s *Session) dependents(c *call, st *ast.Drop, kind, name string, id uint32) error {
	if p := s.tx.Catalog().LookedUpBy(id); p != nil { // CASCADE or not: https://docs.aws.amazon.com/redshift/latest/dg/t_rls-example.html
		return sqlstate.DependentObjects.Errorf("cannot drop %s %s because %s %s depends on it", kind, name, p.Kind(), p.Name)
	}
	views := s.tx.Catalog().Dependents(id)
	if len(views) == 0 {
		return nil
	}
	if !st.Cascade {
		return dependError(kind, name)
	}
	for _, v := range views {
		if s.tx.Catalog().Get(v.Schema, v.Name) != any(v) {
			continue // gone with another
		}
		if err := s.dependents(c, st, kindOf(v), v.Name, v.ID); err != nil {
			return err
		}
		s.tell("NOTICE", sqlstate.SuccessfulCompletion, "drop cascades to %s %s", kindOf(v), v.Name)
		if err := s.removeView(c, v); err != nil {
			return err
		}
	}
	return nil
}

// removeView takes a view away, the privileges on it, and the rows of a materialized one.
func (s *Session) removeView(c *call, v *catalog.View) error {
	if v.Materialized != nil {
		t, err := s.backing(v)
		if err != nil {
			return err
		}
		if err := s.removeTable(c, t); err != nil {
			return err
		}
	}
	s.tx.Remove(v.Schema, v.Name)
	s.dropAccess(principal.Relation, v.ID)
	return nil
}

// dropHint names the statement that drops a view.
func dropHint(v *catalog.View) string {
	return "Use DROP " + upper(kindOf(v)) + " to remove a " + kindOf(v) + "."
}

func dependError(kind, name string) error {
	return sqlstate.DependentObjects.Errorf("cannot drop %s %s because other objects depend on it", kind, name).
		WithHint("Use DROP ... CASCADE to drop the dependent objects too.")
}

func (s *Session) dropView(c *call, st *ast.Drop, n ast.Name) error {
	o, err := s.dropped(st, n, "View")
	if o == nil || err != nil {
		return err
	}
	switch o := o.(type) {
	case *catalog.View:
		if o.Materialized != nil {
			return sqlstate.WrongObjectType.Errorf("\"%s\" is not a view", o.Name).WithHint("%s", dropHint(o)).At(n.Offset())
		}
		if err := s.commands(o, principal.Drop, principal.DropView); err != nil {
			return err
		}
		if err := s.dependents(c, st, "view", o.Name, o.ID); err != nil {
			return err
		}
		return s.removeView(c, o)
	case *catalog.ExternalTable:
		return sqlstate.WrongObjectType.Errorf("\"%s\" is not a view", o.Name).WithHint("Use DROP TABLE to remove a table.").At(n.Offset())
	case *catalog.ExternalView:
		return sqlstate.WrongObjectType.Errorf("\"%s\" is not a view", o.Name).WithHint(externalViewHint).At(n.Offset())
	case *catalog.Table:
		return sqlstate.WrongObjectType.Errorf("\"%s\" is not a view", o.Name).WithHint("Use DROP TABLE to remove a table.").At(n.Offset())
	}
	return sqlstate.InsufficientPrivilege.Errorf("permission denied: \"%s\" is a system catalog", n.Object()).At(n.Offset())
}

// dropSchema is DROP SCHEMA.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_SCHEMA.html
func (s *Session) dropSchema(c *call, st *ast.Drop, n ast.Name) error {
	if err := n.ForeignSchema(s.db.Name); err != nil {
		return err
	}
	name := n.Object()
	cat := s.tx.Catalog()
	sch := cat.Schema(name)
	if sch == nil {
		if st.IfExists {
			s.tell("INFO", sqlstate.InvalidSchemaName, "Schema \"%s\" does not exist and will be skipped", name)
			return nil
		}
		return sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", name).At(n.Offset())
	}
	if name == catalog.PgCatalog || name == catalog.Information {
		return sqlstate.InsufficientPrivilege.Errorf("permission denied for schema %s", name).At(n.Offset())
	}
	if s.user.ID != sch.Owner && !s.may(principal.Schema, sch.ID, 0, sch.Owner, principal.Drop) && !s.system(principal.DropSchema) {
		return sqlstate.InsufficientPrivilege.Errorf("must be owner of schema %s", name).At(n.Offset())
	}
	objects := cat.InSchema(name)
	functions := slices.DeleteFunc(cat.AllFunctions(), func(f *catalog.Function) bool { return f.Schema != name })
	templates := templatesIn(cat, name)
	if len(objects)+len(functions)+len(templates) > 0 && !st.Cascade {
		return dependError("schema", name)
	}
	for _, t := range templates {
		s.removeTemplate(t)
	}
	for _, f := range functions {
		if err := s.dependents(c, st, f.Word(), f.Signature(), f.ID); err != nil {
			return err
		}
		s.removeFunction(f)
	}
	for _, o := range objects {
		k := catalog.KeyOf(o)
		if s.tx.Catalog().Get(k.Schema, k.Name) == nil {
			continue
		}
		if err := s.dependents(c, st, "table", k.Name, catalog.IDOf(o)); err != nil {
			return err
		}
		if t, ok := o.(*catalog.Table); ok {
			if err := s.removeTable(c, t); err != nil {
				return err
			}
			continue
		}
		s.tx.Remove(k.Schema, k.Name)
		s.dropAccess(principal.Relation, catalog.IDOf(o))
	}
	if st.ExternalDatabase {
		if err := s.dropExternalDatabase(sch, st.Cascade); err != nil {
			return err
		}
	}
	s.tx.RemoveSchema(name)
	s.dropSchemaAccess(sch.ID)
	return nil
}
