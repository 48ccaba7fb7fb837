package engine

import (
	"errors"
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/parse"
	"github.com/redshiftsim/redshiftsim/engine/plpgsql"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// Bounds of procedures.
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-constraints.html
const (
	maxProcedures    = 10000
	maxProcedureText = 2 << 20
	maxNesting       = 16
)

// createProcedure is CREATE [OR REPLACE] PROCEDURE. The body is compiled, as it is when it is called; the tables that it names need not be there.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_PROCEDURE.html
func (s *Session) createProcedure(st *ast.CreateRoutine) error {
	from, _ := st.Span()
	if st.Language != "plpgsql" {
		return sqlstate.FeatureNotSupported.Errorf("procedures in language \"%s\" are not supported", st.Language).WithHint("Use LANGUAGE plpgsql.").At(from)
	}
	s.tx.Refresh()
	fn := &catalog.Function{
		Name: st.Name.Object(), Owner: s.user.ID, Volatility: "volatile", Language: st.Language, Body: s.kept(st.Body), Returns: types.Type{},
		Procedure: &catalog.Procedure{NonAtomic: st.NonAtomic, Definer: st.Definer},
	}
	var err error
	if fn.Schema, err = s.place(st.Name, false, principal.CreateProcedure); err != nil {
		return err
	}
	for _, l := range catalog.Languages {
		if l.Name == st.Language && !s.may(principal.Language, l.ID, 0, principal.BootstrapID, principal.Usage) && !s.system(principal.CreateProcedure) {
			return denied("permission denied for language %s", st.Language)
		}
	}
	if err := s.attributesOf(fn, st); err != nil {
		return err
	}
	set := s.catalog().Functions(fn.Schema, fn.Name)
	old := set.Find(fn.Args)
	if old != nil {
		if err := s.replaces(st, old); err != nil {
			return err
		}
		if !sameOutputs(old.Procedure, fn.Procedure) {
			return sqlstate.InvalidFunction.Errorf("cannot change return type of existing procedure").WithHint("Use DROP PROCEDURE first.")
		}
	} else if n := s.procedures(); n >= maxProcedures {
		return sqlstate.ProgramLimit.Errorf("a database cannot have more than %d stored procedures", maxProcedures)
	}
	if _, err := s.compiled(fn, st.Block); err != nil {
		var e *sqlstate.Error
		if errors.As(err, &e) && e.Offset() >= 0 {
			n := *e
			return n.Shift(int(st.BodyPos))
		}
		return err
	}
	s.makeRoutine(set, fn, old)
	return nil
}

// attributesOf gives a procedure its arguments and attributes.
func (s *Session) attributesOf(fn *catalog.Function, st *ast.CreateRoutine) error {
	p := fn.Procedure
	if len(st.Body) > maxProcedureText {
		return sqlstate.ProgramLimit.Errorf("the source of a procedure cannot have more than %d bytes", maxProcedureText)
	}
	if p.NonAtomic && p.Definer {
		return sqlstate.FeatureNotSupported.Errorf("SECURITY DEFINER is not supported for NONATOMIC procedures")
	}
	if p.NonAtomic && len(st.Set) > 0 {
		return sqlstate.FeatureNotSupported.Errorf("SET configuration parameter is not supported for NONATOMIC procedures").At(offsetOf(st.Set[0]))
	}
	in, out := 0, 0
	for i := range st.Args {
		a := &st.Args[i]
		t, err := procedureType(a.Type)
		if err != nil {
			return err
		}
		x := catalog.Argument{Name: a.Name, Type: t, In: a.Mode != "out", Out: a.Mode == "out" || a.Mode == "inout"}
		if x.In {
			in++
			fn.Args = append(fn.Args, t)
		}
		if x.Out {
			out++
		}
		if in > maxArguments || out > maxArguments {
			return sqlstate.TooManyArguments.Errorf("procedures cannot have more than %d input arguments and %d output arguments", maxArguments, maxArguments).At(a.Offset())
		}
		p.Args = append(p.Args, x)
	}
	for _, v := range st.Set {
		if v.Name == authorizationVar {
			return sqlstate.InvalidParameterValue.Errorf("parameter \"%s\" cannot be set by a procedure", v.Name).At(offsetOf(v))
		}
		if known, err := CheckSetting(v.Name, v.Value); !v.IsNull && (err != nil || !known) {
			if err == nil {
				err = unknownParameter(v.Name)
			}
			return atOffset(err, offsetOf(v))
		}
		p.Set = append(p.Set, catalog.ProcedureSetting{Name: v.Name, Value: v.Value, Default: v.IsNull})
	}
	return nil
}

// procedureType is the type of an argument: one that a variable may have, or refcursor, which is types.TText here.
func procedureType(n *ast.TypeName) (types.Type, error) {
	switch {
	case n.Err != nil:
		return types.Type{}, n.Err
	case n.Name == "refcursor":
		return types.TText, nil
	case !n.Known:
		return types.Type{}, sqlstate.UndefinedObject.Errorf("type \"%s\" does not exist", n.Name).At(n.Offset())
	}
	return plpgsql.VariableType(n)
}

// signatureTypes are the types by which a function or procedure is found: of a procedure those of the input arguments.
func signatureTypes(args []ast.RoutineArg, procedure bool) ([]types.Type, error) {
	if !procedure {
		return argumentTypes(args)
	}
	var out []types.Type
	for i := range args {
		if args[i].Mode == "out" {
			continue
		}
		t, err := procedureType(args[i].Type)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// sameOutputs says whether two procedures give rows of the same types.
func sameOutputs(a, b *catalog.Procedure) bool {
	return catalog.KindNames(a.Outputs()) == catalog.KindNames(b.Outputs())
}

// procedures counts those of the database.
func (s *Session) procedures() int {
	n := 0
	if s.catalog().HasFunctions() {
		for _, f := range s.catalog().AllFunctions() {
			if f.Procedure != nil {
				n++
			}
		}
	}
	return n
}

// compiled compiles a procedure; b nil = its body is parsed first.
func (s *Session) compiled(fn *catalog.Function, b *ast.Block) (*plpgsql.Program, error) {
	o := s.reading()
	if b == nil {
		o.CaseSensitive = true // it is kept with its names folded
		var err error
		if b, err = parse.Procedure(fn.Body, o); err != nil {
			return nil, err
		}
	}
	args := make([]plpgsql.Arg, len(fn.Procedure.Args))
	for i, a := range fn.Procedure.Args {
		args[i] = plpgsql.Arg{Name: a.Name, Type: a.Type, In: a.In, Out: a.Out}
	}
	env := &plpgsql.Env{
		Variables: func(text string, variable func([]string) bool) (string, error) {
			return parse.Variables(text, o, variable)
		},
		Parse: func(text string) (ast.Statement, error) {
			stmts, err := parse.With(text, o)
			if err == nil && len(stmts) != 1 {
				err = sqlstate.Syntax.Errorf("one statement was expected")
			}
			if err != nil {
				return nil, err
			}
			return stmts[0], nil
		},
		Column: s.columnType, Columns: s.rowType,
	}
	return plpgsql.Compile(fn.Name, args, fn.Procedure.NonAtomic, fn.Body, b, env)
}

// rowType is table%ROWTYPE.
func (s *Session) rowType(n ast.Name) (names []string, list []types.Type, err error) {
	o, err := s.resolve(n)
	if err != nil {
		return nil, nil, err
	}
	columns := catalog.ColumnsOf(o)
	for i := range columns {
		names, list = append(names, columns[i].Name), append(list, columns[i].Type)
	}
	return names, list, nil
}

// columnType is table.column%TYPE.
func (s *Session) columnType(table ast.Name, column string) (types.Type, error) {
	names, list, err := s.rowType(table)
	if err != nil {
		return types.Type{}, err
	}
	for i := range names {
		if names[i] == column {
			return list[i], nil
		}
	}
	return types.Type{}, sqlstate.UndefinedColumn.Errorf("column \"%s\" of relation \"%s\" does not exist", column, strings.Join(table.Parts, "."))
}

// offsetOf is where a statement begins.
func offsetOf(st ast.Statement) int {
	from, _ := st.Span()
	return from
}
