package engine

import (
	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
)

// listingOfRoutines is listing for functions, procedures and grants.
func (s *Session) listingOfRoutines(st *ast.ShowObjects) (l system.Listing, err error) {
	switch st.Kind {
	case "FUNCTIONS", "PROCEDURES":
		e, err := s.inDatabase(st, 1)
		if err != nil {
			return l, err
		}
		name := st.Name.Object()
		if e.Catalog.Schema(name) == nil {
			return l, sqlstate.InvalidSchemaName.Errorf("schema \"%s\" does not exist", name).At(st.Name.Offset())
		}
		if st.Kind == "PROCEDURES" {
			return e.ShowProcedures(name, s.executes(e)), nil
		}
		return e.ShowFunctions(name, s.executes(e)), nil
	case "PARAMETERS OF FUNCTION", "PARAMETERS OF PROCEDURE":
		e, f, err := s.shownRoutine(st, st.Kind == "PARAMETERS OF PROCEDURE")
		switch {
		case err != nil:
			return l, err
		case f.Procedure != nil:
			return e.ShowProcedureParameters(f), nil
		}
		return e.ShowParameters(f), nil
	case "GRANTS":
		return s.listingOfGrants(st)
	case "COLUMN GRANTS":
		e, err := s.inDatabase(st, 2)
		if err != nil {
			return l, err
		}
		o, err := e.Catalog.Resolve(s.searchPath(), st.Name.Schema(), st.Name.Object())
		if err != nil {
			return l, atOffset(err, st.Name.Offset())
		}
		var of system.GrantsOf
		if st.For != nil {
			if of.For, err = s.identified(st.For, false); err != nil {
				return l, err
			}
			of.HasFor = true
		}
		return e.ShowColumnGrants(relationID(o), of), nil
	}
	return l, unsupported(st, ast.KindOf(st))
}

// shownRoutine finds the function or procedure that SHOW names, which the user must be allowed to run, and its database.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_PARAMETERS.html
func (s *Session) shownRoutine(st *ast.ShowObjects, procedure bool) (e *system.Env, f *catalog.Function, err error) {
	r := *st.Routine
	if e, r.Name, err = s.abroad(r.Name, 2); err != nil {
		return nil, nil, err
	}
	if e != nil {
		f, err = routineIn(e, &r, procedure)
	} else {
		e = s.systemEnv()
		f, err = s.routineNamed(&r, procedure)
	}
	if err == nil && !s.executes(e)(f) {
		err = denied("permission denied for %s %s", f.Word(), f.Name)
	}
	return e, f, err
}

// mayExecute says whether the user may run a function or procedure.
func (s *Session) mayExecute(f *catalog.Function) bool {
	return s.may(f.Object(), f.ID, s.schemaID(f.Schema), f.Owner, principal.Execute)
}

// listingOfGrants is SHOW GRANTS on an object, for a principal, or both.
// https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_GRANTS.html
func (s *Session) listingOfGrants(st *ast.ShowObjects) (l system.Listing, err error) {
	e := s.systemEnv()
	var of system.GrantsOf
	if st.For != nil {
		if of.For, err = s.identified(st.For, false); err != nil {
			return l, err
		}
		of.HasFor = true
	}
	if st.On == nil {
		if e, err = s.inDatabase(st, 0); err != nil {
			return l, err
		}
		if !s.sees(of.For) {
			return l, denied("permission denied to show the grants of \"%s\"", st.For.Name)
		}
		return e.ShowGrants(of), nil
	}
	on := *st.On
	switch there, o, id, err := s.grantedAbroad(&on); {
	case err != nil:
		return l, err
	case there != nil:
		of.On, of.ID = &o, id
		return there.ShowGrants(of), nil
	}
	switch on.Kind {
	case "table", "schema", "function", "procedure", "database", "template":
	default:
		return l, unsupported(st, "SHOW GRANTS ON "+on.Kind)
	}
	list, err := s.targets(&ast.Grant{On: &on})
	if err != nil {
		return l, err
	}
	if len(list) != 1 {
		return l, sqlstate.Syntax.Errorf("SHOW GRANTS takes one object").At(on.Offset())
	}
	if list[0].object == principal.Database && list[0].id != s.db.ID {
		if e, err = s.inDatabase(&ast.ShowObjects{Name: &on.Names[0]}, 0); err != nil {
			return l, err
		}
	}
	of.On, of.ID = &list[0].object, list[0].id
	return e.ShowGrants(of), nil
}

// sees says whether the user may ask for the grants of a principal: of itself, of roles that it owns or has been granted, and superusers of all.
func (s *Session) sees(id principal.Identity) bool {
	if s.user.Superuser || s.is().Is(id) {
		return true
	}
	for _, r := range s.catalog().Roles() {
		if id == (principal.Identity{Kind: principal.ToRole, ID: r.ID}) && r.Owner == s.user.ID {
			return true
		}
	}
	return false
}
