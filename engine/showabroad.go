package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// What SHOW GRANTS and SHOW PARAMETERS tell of objects of another database: a name of three parts, or of two for a schema, is looked up in that
// database's catalog. Users and roles are the cluster's, so who may see what is asked of the same principals.
//
//	SHOW GRANTS ON TABLE other.s.t                 -> Env of other, relation s.t there
//	SHOW PARAMETERS OF FUNCTION other.s.f(int)     -> Env of other, function s.f there

// abroad says which other database a name says, before the parts that name the object in it; nil = the session's.
func (s *Session) abroad(n ast.Name, parts int) (e *system.Env, in ast.Name, err error) {
	if len(n.Parts) <= parts {
		return nil, n, nil
	}
	in = ast.Name{Pos: n.Pos, Parts: n.Parts[len(n.Parts)-parts:]}
	if n.Parts[len(n.Parts)-1-parts] == s.db.Name {
		return nil, in, nil
	}
	e, err = s.inDatabase(&ast.ShowObjects{Name: &n}, parts)
	return e, in, err
}

// schemaIn finds a schema of a database, which the user must have USAGE on.
func schemaIn(e *system.Env, n ast.Name, name string) (*catalog.Schema, error) {
	sch := e.Catalog.Schema(name)
	switch {
	case sch == nil:
		return nil, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", name).At(n.Offset())
	case !e.Uses(sch):
		return nil, denied("permission denied for schema %s", name)
	}
	return sch, nil
}

// linkedIn follows an external schema FROM REDSHIFT to the schema that it stands for, which the user must have USAGE on; other schemas stay what they are.
func linkedIn(e *system.Env, n ast.Name, schema string) (*system.Env, string, error) {
	sch := e.Catalog.Schema(schema)
	if sch == nil || sch.External == nil || sch.External.Kind == catalog.DataCatalog {
		return e, schema, nil
	}
	if _, err := schemaIn(e, n, schema); err != nil {
		return nil, "", err
	}
	db := e.Catalog.DatabaseByName(sch.External.Database)
	if db == nil {
		return nil, "", sqlstate.InvalidCatalogName.Errorf("database \"%s\" does not exist", sch.External.Database).At(n.Offset())
	}
	return e.In(db), sch.External.Schema, nil
}

// routineIn is routineNamed in another database.
func routineIn(e *system.Env, r *ast.Routine, procedure bool) (*catalog.Function, error) {
	args, err := signatureTypes(r.Args, procedure)
	if err != nil {
		return nil, err
	}
	if _, err := schemaIn(e, r.Name, r.Name.Schema()); err != nil {
		return nil, err
	}
	var sets []*catalog.Functions
	if set := e.Catalog.Functions(r.Name.Schema(), r.Name.Object()); set != nil {
		sets = append(sets, set)
	}
	return chosen(sets, r, args, procedure)
}

// executes says whether the user may run a function of a database, and look at it.
func (s *Session) executes(e *system.Env) func(f *catalog.Function) bool {
	return func(f *catalog.Function) bool {
		var schema uint32
		if sch := e.Catalog.Schema(f.Schema); sch != nil {
			schema = sch.ID
		}
		return s.user.Superuser || e.Catalog.May(s.is(), f.Object(), f.ID, schema, f.Owner, principal.Execute) == 0
	}
}

// grantedAbroad finds the object of SHOW GRANTS ON in the database that its name says; e = nil: it is in the session's, and on has its name there.
func (s *Session) grantedAbroad(on *ast.GrantObject) (e *system.Env, o principal.Object, id uint32, err error) {
	switch {
	case (on.Kind == "function" || on.Kind == "procedure") && len(on.Routines) == 1:
		r := on.Routines[0]
		if e, r.Name, err = s.abroad(r.Name, 2); e == nil || err != nil {
			on.Routines = []ast.Routine{r}
			return nil, o, 0, err
		}
		f, err := routineIn(e, &r, on.Kind == "procedure")
		if err != nil {
			return nil, o, 0, err
		}
		return e, f.Object(), f.ID, nil
	case on.Kind == "schema" && len(on.Names) == 1:
		var n ast.Name
		if e, n, err = s.abroad(on.Names[0], 1); e == nil || err != nil {
			on.Names = []ast.Name{n}
			return nil, o, 0, err
		}
		sch := e.Catalog.Schema(n.Object())
		if sch == nil {
			return nil, o, 0, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", n.Object()).At(n.Offset())
		}
		return e, principal.Schema, sch.ID, nil
	case on.Kind == "template" && len(on.Names) == 1:
		e, t, err := s.templateAnywhere(on.Names[0])
		if err != nil {
			return nil, o, 0, err
		}
		return e, principal.Template, t.ID, nil
	case on.Kind == "table" && len(on.Names) == 1:
		var n ast.Name
		if e, n, err = s.abroad(on.Names[0], 2); e == nil || err != nil {
			on.Names = []ast.Name{n}
			return nil, o, 0, err
		}
		if _, err := schemaIn(e, n, n.Schema()); err != nil {
			return nil, o, 0, err
		}
		r, err := e.Catalog.Resolve(nil, n.Schema(), n.Object())
		if err != nil {
			return nil, o, 0, atOffset(err, n.Offset())
		}
		if _, ok := r.(*catalog.Virtual); ok {
			return nil, o, 0, denied("permission denied: \"%s\" is a system catalog", n.Object())
		}
		return e, principal.Relation, catalog.IDOf(r), nil
	}
	return nil, o, 0, nil
}
