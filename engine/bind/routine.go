package bind

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/catalog"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/engine/principal"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// A function that SQL has made is its body's expression with the arguments in the places of $1, $2, ..: nothing of it is left in the plan.
//
//	f_greater(float, float): SELECT CASE WHEN $1 > $2 THEN $1 ELSE $2 END
//	f_greater(commission, pricepaid * 0.2)  ->  CASE WHEN commission > pricepaid * 0.2 THEN commission ELSE pricepaid * 0.2 END
//
// https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-scalar-sql-udf.html

// routine binds a call of a function that SQL has made; nil = there is none that takes the arguments.
func (k *block) routine(f *ast.FuncCall, args []expr.Expr, where []int) (expr.Expr, error) {
	name, schema := f.Name[len(f.Name)-1], ""
	if len(f.Name) > 1 {
		schema = f.Name[len(f.Name)-2]
	}
	if n := (ast.Name{Pos: ast.Pos(f.Offset()), Parts: f.Name}); k.b.abroad(n) != "" { // one of a datashare
		back, err := k.b.visit(n, k.b.abroad(n), false)
		if err != nil {
			return nil, err
		}
		defer back()
	}
	linked, there, err := k.b.linked(schema, f.Offset())
	if err != nil {
		return nil, err
	}
	if linked != "" {
		back, err := k.b.visit(ast.Name{Pos: ast.Pos(f.Offset()), Parts: f.Name}, linked, true)
		if err != nil {
			return nil, err
		}
		defer back()
		schema = there
	}
	if k.b.env.Functions == nil {
		return nil, nil
	}
	written := catalog.Key{Schema: schema, Name: name + "()"} // no relation has that name
	if v := k.b.within; v != nil {
		if ref := v.Ref(written.Schema, written.Name); ref != nil {
			schema = ref.At.Schema
		}
	}
	sets := k.b.env.Functions(schema, name)
	if g := k.b.env.Guard; len(sets) > 0 && k.inline != nil && g != nil && g.Catalog.Imports() != nil {
		// https://docs.aws.amazon.com/redshift/latest/dg/considerations-datashare-reads-writes.html
		return nil, sqlstate.FeatureNotSupported.Errorf("nested SQL user-defined functions are not supported through a datashare").At(f.Offset())
	}
	if len(sets) > 0 {
		if err := k.b.usesSchema(schema, f.Offset()); err != nil && !k.b.leads(linked) {
			return nil, err
		}
	}
	for _, set := range sets {
		rows := make([][]types.Type, len(set.List))
		for i, fn := range set.List {
			rows[i] = fn.Args
		}
		i := function.Choose(rows, arguments(args))
		if i < 0 {
			continue
		}
		fn := set.List[i]
		if fn.Procedure != nil {
			return nil, sqlstate.WrongObjectType.Errorf("%s is a procedure", fn.Signature()).WithHint("To call a procedure, use CALL.").At(f.Offset())
		}
		if err := k.b.executes(fn); err != nil {
			return nil, err
		}
		if k.b.within == nil && k.inline == nil {
			k.b.noteFunction(written, fn)
		}
		if fn.External != nil {
			return k.external(fn, args, where, f.Offset())
		}
		return k.inlined(fn, args, where, f.Offset())
	}
	return nil, nil
}

// noteFunction keeps what a function's name in the statement's own text means.
func (b *binder) noteFunction(written catalog.Key, fn *catalog.Function) {
	b.out.Functions = append(b.out.Functions, fn)
	at := catalog.Key{Schema: fn.Schema, Name: fn.Name}
	b.out.Refs = append(b.out.Refs, catalog.Ref{Written: written, Found: at, At: at, ID: fn.ID})
}

// executes refuses a user who may not run a function. Where a view calls it, that is the user who reads the view, as in PostgreSQL.
func (b *binder) executes(fn *catalog.Function) error {
	b.out.Routines = true
	g := b.env.Guard
	if g == nil || g.User.Super {
		return nil
	}
	schema := uint32(0)
	if s := g.Catalog.Schema(fn.Schema); s != nil {
		schema = s.ID
	}
	if g.Catalog.May(g.User, fn.Object(), fn.ID, schema, fn.Owner, principal.Execute) == 0 {
		return nil
	}
	return sqlstate.InsufficientPrivilege.Errorf("permission denied for %s %s", fn.Word(), fn.Name)
}

// inlined is the body of a function with its arguments in place.
func (k *block) inlined(fn *catalog.Function, args []expr.Expr, where []int, pos int) (expr.Expr, error) {
	b := k.b
	if err := b.enter(); err != nil {
		return nil, at(err, pos)
	}
	defer func() { b.depth-- }()
	in, err := b.given(fn, args, where)
	if err != nil {
		return nil, err
	}
	e, err := bodyOf(fn, b.env)
	if err != nil {
		return nil, inBody(err, pos)
	}
	body := &block{b: b, inline: in, places: make([]int, len(in)), noAgg: "cannot use aggregate function in a SQL function", noWin: "Window functions are not allowed in a SQL function"}
	x, err := body.result(fn, e)
	if err != nil {
		return nil, inBody(err, pos)
	}
	for i := range in {
		if body.places[i] > 1 && volatile(in[i]) {
			return nil, unsupported(pos, "a volatile argument that function "+fn.Name+" uses more than once is")
		}
	}
	if fn.Volatility == "volatile" {
		b.out.Volatile = true
	}
	if b.policies > 0 && x.Type().IsText() { // what a mask gives must fit its column: the type that is declared says so
		return b.explicit(x, fn.Returns, false, pos)
	}
	return x, nil
}

// given gives arguments the types that a function takes. Modifiers are not applied.
func (b *binder) given(fn *catalog.Function, args []expr.Expr, where []int) ([]expr.Expr, error) {
	in := make([]expr.Expr, len(args))
	for i, t := range fn.Args {
		in[i] = args[i]
		if from := args[i].Type(); from.Kind == types.Unknown || from.Kind != t.Kind && !(from.IsText() && t.IsText()) {
			if t.IsText() {
				t.Len = 0
			}
			x, err := b.coerce(args[i], t, where[i])
			if err != nil {
				return nil, err
			}
			in[i] = x
		}
	}
	return in, nil
}

// external is the call of a Lambda function.
// https://docs.aws.amazon.com/redshift/latest/dg/udf-creating-a-lambda-sql-udf.html
func (k *block) external(fn *catalog.Function, args []expr.Expr, where []int, pos int) (expr.Expr, error) {
	in, err := k.b.given(fn, args, where)
	if err != nil {
		return nil, err
	}
	x := *fn.External.Call
	x.Name = fn.Schema + "." + fn.Name
	call := function.Externally(fn.Name, &x)
	k.b.placed(fn.Name, call.Place, function.Volatile)
	k.b.out.Calls, k.b.out.PerSlice = true, true
	return &expr.Call{Fn: call, Args: in, Pos: pos}, nil
}

// result binds the body's expression and gives it the type that the function returns.
func (k *block) result(fn *catalog.Function, e ast.Expr) (expr.Expr, error) {
	x, err := k.expr(e)
	if err != nil {
		return nil, err
	}
	is, to := x.Type(), fn.Returns
	switch {
	case is.Kind == types.Unknown:
		return k.b.assign(x, to, "", -1)
	case is.IsText() && to.IsText():
		return x, nil
	case is.Kind != to.Kind:
		return nil, sqlstate.InvalidFunction.Errorf("return type mismatch in function declared to return %s", bare(to)).WithDetail("Actual return type is %s.", bare(is))
	}
	return k.b.assign(x, to, "", -1)
}

// bodyOf gives the expression that a function's body selects.
func bodyOf(fn *catalog.Function, env *Env) (ast.Expr, error) {
	read := env.Parse
	if env.ParseNow != nil {
		read = env.ParseNow
	}
	st, err := read(fn.Body)
	if err != nil {
		return nil, err
	}
	q, ok := st.(*ast.Select)
	if !ok {
		return nil, sqlstate.InvalidFunction.Errorf("the body of function %s is not a query", fn.Name)
	}
	if len(q.Items) != 1 {
		return nil, sqlstate.InvalidFunction.Errorf("return type mismatch in function declared to return %s", bare(fn.Returns)).
			WithDetail("Final SELECT must return exactly one column.")
	}
	if _, star := q.Items[0].Expr.(*ast.Star); star || q.Op != "" || len(q.With) > 0 || q.Into != nil || len(q.From) > 0 || q.Where != nil || len(q.GroupBy) > 0 ||
		q.Having != nil || q.Qualify != nil || len(q.OrderBy) > 0 || q.Limit != nil || q.Offset != nil || q.Distinct {
		return nil, sqlstate.InvalidFunction.Errorf("the body of a SQL function is SELECT of one expression").
			WithDetail("It can have no FROM, INTO, WHERE, GROUP BY, ORDER BY or LIMIT clause.")
	}
	return q.Items[0].Expr, nil
}

// CheckRoutine binds the body of a function that is about to be made.
func CheckRoutine(fn *catalog.Function, env *Env) error {
	b := &binder{env: env}
	if env.Guard != nil {
		b.as = env.Guard.User
	}
	e, err := bodyOf(fn, env)
	if err != nil {
		return err
	}
	args := make([]expr.Expr, len(fn.Args))
	for i, t := range fn.Args {
		args[i] = &expr.Column{ID: b.id(), Typ: t}
	}
	k := &block{b: b, inline: args, noAgg: "cannot use aggregate function in a SQL function", noWin: "Window functions are not allowed in a SQL function"}
	x, err := k.result(fn, e)
	if err != nil {
		return err
	}
	if hasSubquery(x) {
		return sqlstate.InvalidFunction.Errorf("the body of a SQL function is SELECT of one expression").WithDetail("It can have no subquery.")
	}
	return nil
}

// argument is $n in the body of a function.
func (k *block) argument(n, pos int) (expr.Expr, error) {
	if n > len(k.inline) {
		return nil, sqlstate.UndefinedParameter.Errorf("there is no parameter $%d", n).At(pos)
	}
	if k.places != nil {
		k.places[n-1]++
	}
	return k.inline[n-1], nil
}

// inBody places an error of a function's body at the call: places in the body mean nothing in the statement.
func inBody(err error, pos int) error {
	if e, ok := err.(*sqlstate.Error); ok {
		c := *e
		return c.Shift(-(c.Offset() + 1)).At(pos)
	}
	return err
}

// volatile says whether an expression may give another value each time, or is a query.
func volatile(x expr.Expr) bool {
	found := false
	expr.Walk(x, func(x expr.Expr) bool {
		if c, ok := x.(*expr.Call); ok && c.Fn.Volatility == function.Volatile {
			found = true
		}
		return !found
	})
	return found
}

// qualifiedError is the error of a function that nothing takes, with the name as it was written.
func qualifiedError(err error, f *ast.FuncCall) error {
	e, ok := err.(*sqlstate.Error)
	if !ok || len(f.Name) < 2 || e.Code != sqlstate.UndefinedFunction {
		return err
	}
	c := *e
	c.Message = strings.Replace(c.Message, "function ", "function "+f.Name[len(f.Name)-2]+".", 1)
	return &c
}
