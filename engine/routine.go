package engine

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// maxArguments bounds a function's arguments.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_FUNCTION.html
const maxArguments = 32

// functions finds the functions that SQL has made by name: of a schema, or, when it is "", of the search path from left to right.
func (s *Session) functions(schema, name string) []*catalog.Functions {
	path := []string{schema}
	if schema == "" {
		path = s.searchPath()
	}
	var out []*catalog.Functions
	for _, p := range path {
		if f := s.catalog().Functions(p, name); f != nil {
			out = append(out, f)
		}
	}
	return out
}

// routinesFirst says that the search path has pg_catalog behind other schemas: then their functions come before those of the same name that are built in.
// https://docs.aws.amazon.com/redshift/latest/dg/udf-naming-udfs.html
func (s *Session) routinesFirst() bool {
	for _, p := range s.searchPath() {
		switch {
		case p == catalog.PgCatalog:
			return false
		case s.catalog().Schema(p) != nil:
			return true
		}
	}
	return false
}

// createRoutine is CREATE [OR REPLACE] FUNCTION in SQL.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_FUNCTION.html
func (s *Session) createRoutine(st *ast.CreateRoutine) error {
	if st.Procedure {
		return s.createProcedure(st)
	}
	if st.External {
		return s.createExternalFunction(st)
	}
	if st.Language != "sql" {
		kind := ast.KindOf(st)
		if st.Language == "plpythonu" { // https://docs.aws.amazon.com/redshift/latest/dg/udf-python-language-support.html
			from, _ := st.Span()
			return sqlstate.FeatureNotSupported.Errorf("%s LANGUAGE plpythonu is not supported", kind).
				WithHint("Amazon Redshift no longer supports Python UDFs after June 30, 2026: write the function in SQL, or as a Lambda function with CREATE EXTERNAL FUNCTION.").At(from)
		}
		return unsupported(st, kind+" LANGUAGE "+st.Language)
	}
	s.tx.Refresh()
	fn := &catalog.Function{Name: st.Name.Object(), Owner: s.user.ID, Volatility: st.Volatility, Language: st.Language, Body: s.kept(strings.Trim(st.Body, " \t\r\n"))}
	if fn.Volatility == "" {
		fn.Volatility = "volatile"
	}
	var err error
	if fn.Schema, err = s.place(st.Name, false, principal.CreateFunction); err != nil {
		return err
	}
	if !s.may(principal.Language, catalog.LanguageSQL, 0, principal.BootstrapID, principal.Usage) && !s.system(principal.CreateFunction) {
		return denied("permission denied for language %s", st.Language)
	}
	if fn.Args, err = argumentTypes(st.Args); err != nil {
		return err
	}
	if fn.Returns, err = routineType(st.Returns); err != nil {
		return err
	}
	set := s.catalog().Functions(fn.Schema, fn.Name)
	old := set.Find(fn.Args)
	if old != nil {
		if err := s.replaces(st, old); err != nil {
			return err
		}
		switch {
		case old.Returns.Kind != fn.Returns.Kind:
			return sqlstate.InvalidFunction.Errorf("cannot change return type of existing function").WithHint("Use DROP FUNCTION first.")
		}
	}
	env := s.bindEnv(&resolver{c: s.tx.Catalog(), path: s.searchPath()}, nil, nil)
	if err := bind.CheckRoutine(fn, env); err != nil {
		if e, ok := err.(*sqlstate.Error); ok && e.Offset() >= 0 { // a place in the body
			n := *e
			return n.Shift(st.BodyPos.Offset() + len(st.Body) - len(strings.TrimLeft(st.Body, " \t\r\n")))
		}
		return err
	}
	s.makeRoutine(set, fn, old)
	return nil
}

// replaces refuses CREATE of a function or procedure that is there and not to be replaced, or is another user's, or the other of the two.
func (s *Session) replaces(st *ast.CreateRoutine, old *catalog.Function) error {
	system := principal.CreateFunction
	switch {
	case st.Procedure:
		system = principal.CreateProcedure
	case st.External:
		system = principal.CreateExternalFunction
	}
	switch {
	case !st.Replace:
		return sqlstate.DuplicateFunction.Errorf("%s \"%s\" already exists with same argument types", old.Word(), old.Name)
	case st.Procedure != (old.Procedure != nil) || st.External != (old.External != nil):
		return sqlstate.WrongObjectType.Errorf("cannot change routine kind").WithDetail("\"%s\" is %s.", old.Name, old.Sort())
	case s.user.ID != old.Owner && !s.system(system):
		return denied("must be owner of %s %s", old.Word(), old.Name)
	}
	return nil
}

// makeRoutine puts a function or procedure into the catalog, in the place of old or as a new one.
func (s *Session) makeRoutine(set *catalog.Functions, fn, old *catalog.Function) {
	if old == nil {
		fn.ID = s.c.newID()
	} else {
		fn.ID, fn.Owner = old.ID, old.Owner
	}
	s.tx.EditEntry(set.With(fn))
	if old == nil {
		s.beginAccess(fn.Object(), fn.ID, fn.Schema, fn.Owner)
	}
}

// argumentTypes gives the types of a function's arguments.
func argumentTypes(args []ast.RoutineArg) ([]types.Type, error) {
	if len(args) > maxArguments {
		return nil, sqlstate.TooManyArguments.Errorf("functions cannot have more than %d arguments", maxArguments).At(args[maxArguments].Offset())
	}
	out := make([]types.Type, len(args))
	for i := range args {
		var err error
		if out[i], err = routineType(args[i].Type); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// routineType is the type of an argument or a result: one that a column may have.
func routineType(n *ast.TypeName) (types.Type, error) {
	switch {
	case n.Err != nil:
		return types.Type{}, n.Err
	case !n.Known:
		return types.Type{}, sqlstate.UndefinedObject.Errorf("type \"%s\" does not exist", n.Name).At(n.Offset())
	}
	if n.Type.Kind == types.Unknown {
		return types.Type{}, sqlstate.FeatureNotSupported.Errorf("functions of type %s are not supported", n.Type).At(n.Offset())
	}
	return n.Type, nil
}

// routineNamed finds the function, or the procedure, that DROP, ALTER or GRANT names with its arguments. Those of a procedure are its input arguments:
// output arguments may stand among them.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_PROCEDURE.html
func (s *Session) routineNamed(r *ast.Routine, procedure bool) (*catalog.Function, error) {
	args, err := signatureTypes(r.Args, procedure)
	if err != nil {
		return nil, err
	}
	if err := s.uses(r.Name.Schema()); err != nil {
		return nil, atOffset(err, r.Name.Offset())
	}
	return chosen(s.functions(r.Name.Schema(), r.Name.Object()), r, args, procedure)
}

// chosen is the function or procedure among those of a name that a statement means: by its arguments, or as the only one.
func chosen(sets []*catalog.Functions, r *ast.Routine, args []types.Type, procedure bool) (*catalog.Function, error) {
	name := strings.Join(r.Name.Parts, ".")
	for _, set := range sets {
		var some []*catalog.Function
		for _, f := range set.List {
			if (f.Procedure != nil) == procedure {
				some = append(some, f)
			}
		}
		switch f := set.Find(args); {
		case !r.HasArgs && len(some) == 1:
			return some[0], nil
		case !r.HasArgs && len(some) > 1 && procedure:
			return nil, sqlstate.AmbiguousFunction.Errorf("procedure name \"%s\" is not unique", name).
				WithHint("Specify the argument list to select the procedure unambiguously.").At(r.Name.Offset())
		case r.HasArgs && f != nil && (f.Procedure != nil) == procedure:
			return f, nil
		case r.HasArgs && f != nil:
			return nil, sqlstate.WrongObjectType.Errorf("%s is not a %s", f.Signature(), routineWord(procedure)).At(r.Name.Offset())
		}
	}
	if !r.HasArgs && procedure {
		return nil, sqlstate.UndefinedFunction.Errorf("could not find a procedure named \"%s\"", name).At(r.Name.Offset())
	}
	return nil, sqlstate.UndefinedFunction.Errorf("%s %s(%s) does not exist", routineWord(procedure), name, catalog.KindNames(args)).At(r.Name.Offset())
}

func routineWord(procedure bool) string {
	if procedure {
		return "procedure"
	}
	return "function"
}

// dropRoutine is DROP FUNCTION and DROP PROCEDURE: views that call a function go with it, or keep it.
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_FUNCTION.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_PROCEDURE.html
func (s *Session) dropRoutine(c *call, st *ast.DropRoutine) error {
	system := principal.DropFunction
	if st.Procedure {
		system = principal.DropProcedure
	}
	for i := range st.Routines {
		s.tx.Refresh()
		f, err := s.routineNamed(&st.Routines[i], st.Procedure)
		if err != nil {
			if e, ok := err.(*sqlstate.Error); ok && st.IfExists && e.Code == sqlstate.UndefinedFunction {
				if !st.Routines[i].HasArgs {
					e = e.Code.Errorf("%s \"%s\" does not exist", routineWord(st.Procedure), strings.Join(st.Routines[i].Name.Parts, "."))
				}
				s.tell("INFO", e.Code, "%s and will be skipped", e.Message)
				continue
			}
			return err
		}
		if s.user.ID != f.Owner && !s.system(system) {
			return denied("must be owner of %s %s", f.Word(), f.Name)
		}
		if err := s.dependents(c, &ast.Drop{Cascade: st.Cascade}, f.Word(), f.Signature(), f.ID); err != nil {
			return err
		}
		s.removeFunction(f)
	}
	return nil
}

// removeFunction takes a function away, and the privileges on it.
func (s *Session) removeFunction(f *catalog.Function) {
	rest := s.catalog().Functions(f.Schema, f.Name).Without(f)
	if len(rest.List) == 0 {
		s.tx.RemoveEntry(catalog.FunctionsKey(f.Schema, f.Name))
	} else {
		s.tx.EditEntry(rest)
	}
	s.dropAccess(f.Object(), f.ID)
}

// alterRoutine is ALTER FUNCTION and ALTER PROCEDURE: RENAME TO and OWNER TO.
// https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_PROCEDURE.html
func (s *Session) alterRoutine(st *ast.AlterRoutine) error {
	s.tx.Refresh()
	f, err := s.routineNamed(&st.Routine, st.Procedure)
	if err != nil {
		return err
	}
	if !s.user.Superuser && s.user.ID != f.Owner {
		return denied("must be owner of %s %s", f.Word(), f.Name)
	}
	n := *f
	if st.Owner != nil {
		if st.Procedure && !s.user.Superuser {
			return denied("must be superuser to change owner of a procedure")
		}
		name := st.Owner.Name
		if st.Owner.Kind == "current_user" || st.Owner.Kind == "session_user" {
			name = s.user.Name
		}
		if n.Owner, err = s.newOwner(name); err != nil {
			return err
		}
		s.passAccess(f.Object(), f.ID, f.Owner, n.Owner)
		s.tx.EditEntry(s.catalog().Functions(f.Schema, f.Name).With(&n))
		return nil
	}
	n.Name = st.RenameTo
	to := s.catalog().Functions(n.Schema, n.Name)
	switch {
	case to.Find(n.Args) != nil:
		return sqlstate.DuplicateFunction.Errorf("%s \"%s\" already exists with same argument types", f.Word(), n.Name)
	case len(s.catalog().Dependents(f.ID)) > 0: // a view is kept as text, which has the old name
		return sqlstate.FeatureNotSupported.Errorf("renaming function \"%s\", which views call, is not supported", f.Name)
	}
	if p := s.catalog().LookedUpBy(f.ID); p != nil {
		return sqlstate.FeatureNotSupported.Errorf("renaming function \"%s\", which %s \"%s\" calls, is not supported", f.Name, p.Kind(), p.Name)
	}
	rest := s.catalog().Functions(f.Schema, f.Name).Without(f)
	if len(rest.List) == 0 {
		s.tx.RemoveEntry(catalog.FunctionsKey(f.Schema, f.Name))
	} else {
		s.tx.EditEntry(rest)
	}
	s.tx.EditEntry(to.With(&n))
	return nil
}
