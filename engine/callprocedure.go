package engine

import (
	"maps"
	"slices"
	"strconv"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/bind"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/exec"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/plpgsql"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/engine/system"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
	"github.com/redshiftsim/redshiftsim/internal/vector"
)

// calling is a CALL that runs: those that procedures have made stand on top of that of the client.
//
//	CALL outer()            calling {outer nil}      transaction of the statement, or of the block around it
//	  CALL inner(x)         calling {outer ───┘}     the same, until one of both commits
type calling struct {
	outer  *calling
	fn     *catalog.Function
	call   *call // whose record is that of the CALL
	depth  int
	atomic bool                // COMMIT, ROLLBACK and TRUNCATE are refused
	joined bool                // it was called in a transaction of several statements
	user   *principal.User     // as whom it runs, when it is SECURITY DEFINER
	before map[string]string   // values of the parameters that its SET clauses have changed
	casts  map[castKey]*castTo // of the client's CALL: all below it use them
	inner  *system.Call        // of what it runs
}

// call is CALL: with output arguments it gives one row.
// https://docs.aws.amazon.com/redshift/latest/dg/r_CALL_procedure.html
func (s *Session) call(c *call, st *ast.Call) (*rowset, int64, error) {
	s.tx.Refresh()
	fn, args, err := s.called(c, st)
	if err != nil {
		return nil, 0, err
	}
	joined := s.block || c.multi && !s.piped
	row, err := s.invoke(c, fn, args, joined)
	if s.owned { // what START TRANSACTION of a procedure began ends with the client's CALL
		s.owned, s.block = false, false
	}
	if s.tx == nil { // a COMMIT has failed
		s.begin()
	}
	if err != nil {
		return nil, 0, err
	}
	columns := outputColumns(fn)
	if len(columns) == 0 {
		return nil, 0, nil
	}
	b := &vector.Batch{Len: 1}
	for i := range columns {
		v := vector.New(columns[i].Type, 1)
		if v.Set(0, row[i]); row[i].Null {
			v.SetNull(0)
		}
		b.Columns = append(b.Columns, v)
	}
	return &rowset{s: s, columns: s.described(columns), batches: []*vector.Batch{b}, rec: c.rec, tx: s.tx}, 0, nil
}

// outputColumns are the columns of the row that CALL gives; those of arguments without names are column1, column2, ..
func outputColumns(fn *catalog.Function) []exec.ResultColumn {
	var out []exec.ResultColumn
	for _, a := range fn.Procedure.Args {
		if !a.Out {
			continue
		}
		c := exec.ResultColumn{Name: a.Name, Type: a.Type}
		if a.Type.Kind == types.Text {
			c.Type = types.TVarcharMax
		}
		if c.Name == "" {
			c.Name = "column" + strconv.Itoa(len(out)+1)
		}
		out = append(out, c)
	}
	return out
}

// called finds the procedure of a CALL and computes its arguments.
func (s *Session) called(c *call, st *ast.Call) (*catalog.Function, []types.Datum, error) {
	fn, args, params, err := s.resolveCall(st, s.knownTypes(c, st))
	if err != nil {
		return nil, nil, err
	}
	if !s.mayExecute(fn) {
		return nil, nil, denied("permission denied for procedure %s", fn.Name)
	}
	values, err := s.values(c.args, params)
	if err != nil {
		return nil, nil, err
	}
	env := s.env(values)
	if slices.ContainsFunc(args, expr.Calls) {
		env.Calls = s.caller(c)
	}
	out := make([]types.Datum, len(args))
	for i, a := range args {
		if out[i], err = expr.Value(a, env); err != nil {
			return nil, nil, err
		}
		if t := fn.Args[i]; t.Kind == types.Text {
			out[i].Type = t
		}
	}
	return fn, out, nil
}

// knownTypes are the types of the parameters of a CALL: a procedure's variables have theirs, a client may have declared some. Where it has not, the types of the
// values choose between procedures of as many arguments, if they fit one; else the procedure gives the types.
func (s *Session) knownTypes(c *call, st *ast.Call) []types.Type {
	if c.types != nil || len(c.args) == 0 {
		return c.types
	}
	known := typesOf(c.args)
	if c.kept != nil {
		return known
	}
	fit := 0
	for _, set := range s.functions(st.Name.Schema(), st.Name.Object()) {
		for _, f := range set.List {
			if f.Procedure != nil && len(f.Args) == len(st.Args) {
				fit++
			}
		}
	}
	if fit > 1 {
		if _, _, _, err := s.resolveCall(st, known); err == nil {
			return known
		}
	}
	return nil
}

// callParameters are the types of the parameters of a CALL that is prepared, and the columns of its row.
func (s *Session) callParameters(st *ast.Call, declared []types.Type) ([]types.Type, []exec.ResultColumn, error) {
	fn, _, params, err := s.resolveCall(st, declared)
	if err != nil {
		return nil, nil, err
	}
	for i := range params {
		if params[i].Kind == types.Unknown {
			params[i] = types.TVarcharMax
		}
	}
	return params, s.described(outputColumns(fn)), nil
}

// resolveCall finds the procedure of a CALL; known are the types of its parameters, as far as the client has said. params are these types as they are.
func (s *Session) resolveCall(st *ast.Call, known []types.Type) (fn *catalog.Function, args []expr.Expr, params []types.Type, err error) {
	if err := st.Name.Foreign(s.db.Name); err != nil {
		return nil, nil, nil, err
	}
	if err := s.uses(st.Name.Schema()); err != nil {
		return nil, nil, nil, atOffset(err, st.Name.Offset())
	}
	env := s.bindEnv(&resolver{c: s.tx.Catalog(), path: s.searchPath(), in: s.database}, known, nil)
	return bind.Procedure(st, s.functions(st.Name.Schema(), st.Name.Object()), env)
}

// invoke runs a procedure.
func (s *Session) invoke(c *call, fn *catalog.Function, args []types.Datum, joined bool) (row []types.Datum, err error) {
	k, err := s.enters(c, fn, joined)
	if err != nil {
		return nil, err
	}
	p, err := s.program(fn)
	if err != nil {
		return nil, unplaced(err)
	}
	s.calling = k
	defer func() {
		s.calling = k.outer
		if k.user != nil {
			s.definer = k.outer.definer()
			s.become(s.vars[authorizationVar])
		}
		s.resets(k)
	}()
	if fn.Procedure.Definer {
		k.user = current(s.catalog(), &principal.User{ID: fn.Owner, Name: s.catalog().UserName(fn.Owner)})
		s.definer = k.user
		s.act(k.user)
	}
	if err := s.sets(k); err != nil {
		return nil, err
	}
	return p.Run(&host{s: s, k: k, c: c}, args)
}

// definer is the user as whom a CALL runs because it, or one around it, is SECURITY DEFINER; nil = the session's.
func (k *calling) definer() *principal.User {
	for ; k != nil; k = k.outer {
		if k.user != nil {
			return k.user
		}
	}
	return nil
}

// enters begins a CALL, or refuses it: too many around it, or one of another mode.
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-constraints.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_PROCEDURE.html
func (s *Session) enters(c *call, fn *catalog.Function, joined bool) (*calling, error) {
	k := &calling{outer: s.calling, fn: fn, call: c, depth: 1, joined: joined}
	atomic := joined
	c.rec.Procedure = &system.Call{Query: s.c.queries.Add(1), SessionUser: s.login.ID}
	k.inner = &system.Call{From: c.rec.Procedure.Query, SessionUser: s.login.ID}
	if o := k.outer; o != nil {
		k.depth, k.casts, k.joined = o.depth+1, o.casts, o.joined
		atomic = o.atomic
		c.rec.Procedure.From = o.call.rec.Procedure.Query
		if o.fn.Procedure.NonAtomic != fn.Procedure.NonAtomic {
			return nil, sqlstate.FeatureNotSupported.Errorf("procedures that call each other must have the same transaction mode").
				WithDetail("One of \"%s\" and \"%s\" is NONATOMIC.", o.fn.Name, fn.Name)
		}
	} else {
		k.casts = map[castKey]*castTo{}
	}
	if k.depth > maxNesting {
		return nil, sqlstate.StatementTooComplex.Errorf("stored procedures cannot be nested more than %d levels deep", maxNesting)
	}
	k.atomic = !fn.Procedure.NonAtomic && (atomic || len(fn.Procedure.Set) > 0)
	return k, nil
}

// sets puts the SET clauses of a procedure into effect, resets puts back what they have changed.
func (s *Session) sets(k *calling) error {
	for _, v := range k.fn.Procedure.Set {
		if k.before == nil {
			k.before = s.vars
			if k.before == nil {
				k.before = map[string]string{}
			}
		}
		if err := s.set(v.Name, v.Value, v.Default); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) resets(k *calling) {
	if k.before == nil {
		return
	}
	vars := maps.Clone(s.vars)
	if vars == nil {
		vars = map[string]string{}
	}
	for _, v := range k.fn.Procedure.Set {
		delete(vars, v.Name)
		if old, ok := k.before[v.Name]; ok {
			vars[v.Name] = old
		}
	}
	k.before = nil
	s.use(vars)
}

// restart runs what ends the transaction, and begins another: SET clauses of the procedures that run are no matter of either.
func (s *Session) restart(end func() error) error {
	var list []*calling
	for k := s.calling; k != nil; k = k.outer {
		if k.before != nil {
			s.resets(k)
			list = append(list, k)
		}
	}
	err := end()
	s.begin()
	for i := len(list) - 1; i >= 0; i-- {
		if serr := s.sets(list[i]); err == nil {
			err = serr
		}
	}
	return err
}

// program is the compiled body of a procedure, which the session keeps: formulas in it have plans of this session.
func (s *Session) program(fn *catalog.Function) (*plpgsql.Program, error) {
	if p, ok := s.programs[fn]; ok && (!p.Bound || p.catalog == s.tx.Catalog()) {
		return p.Program, nil
	}
	p, err := s.compiled(fn, nil)
	if err != nil {
		return nil, err
	}
	if s.programs == nil || len(s.programs) >= maxPrograms {
		s.programs = map[*catalog.Function]keptProgram{}
	}
	s.programs[fn] = keptProgram{p, s.tx.Catalog()}
	return p, nil
}

// maxPrograms is how many compiled procedures a session keeps.
const maxPrograms = 64

// keptProgram is a compiled procedure, with the catalog in which its %TYPEs were looked up.
type keptProgram struct {
	*plpgsql.Program
	catalog *catalog.Catalog
}
