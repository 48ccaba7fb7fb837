package bind

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// compareOp finds a comparison by its sign.
func compareOp(op string) (expr.CompareOp, bool) {
	switch op {
	case "=":
		return expr.Eq, true
	case "<>", "!=":
		return expr.Ne, true
	case "<":
		return expr.Lt, true
	case "<=":
		return expr.Le, true
	case ">":
		return expr.Gt, true
	case ">=":
		return expr.Ge, true
	}
	return 0, false
}

// maxExprDepth bounds how deeply an expression may nest.
const maxExprDepth = 5000

// expr binds an expression.
func (k *block) expr(e ast.Expr) (expr.Expr, error) {
	x, err := k.part(e)
	if err == nil && x.Type().Kind == types.Nested {
		return nil, k.whole(e, x)
	}
	return x, err
}

// part is expr of what may be a struct, an array or a map of an external table, of which a part is meant.
func (k *block) part(e ast.Expr) (expr.Expr, error) {
	if k.b.deep++; k.b.deep > maxExprDepth {
		return nil, sqlstate.StatementTooComplex.Errorf("stack depth limit exceeded").At(e.Offset())
	}
	defer func() { k.b.deep-- }()
	pos := e.Offset()
	switch e := e.(type) {
	case *ast.Literal:
		return literal(e, false)
	case *ast.ColumnRef:
		return k.reference(e)
	case *ast.Param:
		if k.inline != nil {
			return k.argument(e.N, pos)
		}
		if k.b.noParams {
			return nil, sqlstate.UndefinedParameter.Errorf("there is no parameter $%d", e.N).At(pos)
		}
		if e.N > len(k.b.params) {
			k.b.params = append(k.b.params, make([]types.Type, e.N-len(k.b.params))...)
		}
		return &expr.Param{N: e.N, Typ: k.b.params[e.N-1]}, nil
	case *ast.NamedParam:
		return nil, sqlstate.UndefinedParameter.Errorf("there is no parameter :%s", e.Name).At(pos)
	case *ast.Binary:
		return k.binary(e)
	case *ast.Unary:
		return k.unary(e)
	case *ast.Is:
		return k.is(e)
	case *ast.Between:
		return k.between(e)
	case *ast.In:
		return k.in(e)
	case *ast.Like:
		return k.like(e)
	case *ast.Quantified:
		op, ok := compareOp(e.Op)
		if !ok {
			return nil, unsupported(pos, "operator "+e.Op+" with ANY and ALL is")
		}
		if e.Query == nil {
			return k.anyOf(e, op)
		}
		left, err := k.row(e.X)
		if err != nil {
			return nil, err
		}
		return k.quantified(left, op, e.All, e.Query, pos)
	case *ast.Exists:
		before := k.b.nestedReads
		q, err := k.inner(e.Query)
		if err == nil && k.noAgg != inWhere {
			err = k.single(before, pos, "EXISTS outside of WHERE")
		}
		if err != nil {
			return nil, err
		}
		if x, ok := rowless(q.node); ok && k.noAgg != "" { // of WHERE, where no group is in between
			return x, nil
		}
		return k.subquery(expr.Exists, q, pos), nil
	case *ast.Subquery:
		return k.scalar(e.Query, pos)
	case *ast.Cast:
		return k.cast(e)
	case *ast.Interval:
		return k.b.interval(e)
	case *ast.Case:
		return k.caseOf(e)
	case *ast.FuncCall:
		return k.call(e)
	case *ast.AtTimeZone:
		x := e.X
		if l, ok := x.(*ast.Literal); ok && l.Kind == ast.String { // of times PostgreSQL prefers those with a zone
			x = &ast.Cast{Pos: l.Pos, X: l, Type: &ast.TypeName{Pos: l.Pos, Type: types.TTimestampTZ, Known: true}}
		}
		return k.call(&ast.FuncCall{Pos: e.Pos, Name: []string{"timezone"}, Args: []ast.Expr{e.Zone, x}})
	case *ast.Row:
		if len(e.Items) == 1 {
			return k.expr(e.Items[0])
		}
		return nil, noRow(pos)
	case *ast.Star:
		return nil, sqlstate.Syntax.Errorf("syntax error at or near \"*\"").At(pos)
	case *ast.Collate:
		return nil, unsupported(pos, "COLLATE is")
	case *ast.OuterMark:
		return k.outerMark(e)
	case *ast.Path:
		return k.subscripts(e)
	case *ast.Array:
		return k.array(e)
	case *ast.Prior:
		return k.priorOf(e)
	case *ast.Named:
		return nil, unsupported(pos, "a named argument is")
	case *ast.Grouping:
		return nil, unsupported(pos, "GROUPING SETS is")
	}
	return nil, unsupported(pos, "this expression is")
}

// condition binds an expression that must be true or false. clause names it in the error.
func (k *block) condition(e ast.Expr, clause string) (expr.Expr, error) {
	x, err := k.expr(e)
	if err != nil {
		return nil, err
	}
	return k.b.boolean(x, clause, e.Offset())
}

// boolean checks that an expression is boolean; literals and parameters become so, and so do integers: 0 is false.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html#r_Type_conversion
func (b *binder) boolean(x expr.Expr, clause string, pos int) (expr.Expr, error) {
	switch t := x.Type(); {
	case t.Kind == types.Bool:
		return x, nil
	case t.Kind == types.Unknown, t.IsInteger():
		return b.coerce(x, types.TBool, pos)
	default:
		return nil, sqlstate.DatatypeMismatch.Errorf("argument of %s must be type boolean, not type %s", clause, bare(t)).At(pos)
	}
}

// row binds a row constructor, or one expression as a row of one.
func (k *block) row(e ast.Expr) ([]expr.Expr, error) {
	r, ok := e.(*ast.Row)
	if !ok {
		x, err := k.expr(e)
		return []expr.Expr{x}, err
	}
	out := make([]expr.Expr, len(r.Items))
	for i, it := range r.Items {
		var err error
		if out[i], err = k.expr(it); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// binary binds an infix operator.
func (k *block) binary(e *ast.Binary) (expr.Expr, error) {
	op := strings.ToLower(e.Op)
	pos := e.Offset()
	switch op {
	case "and", "or":
		return k.logic(e, op)
	case "similar", "not similar":
		op += " to"
	}
	cmp, isCompare := compareOp(op)
	if isCompare {
		_, lrow := e.L.(*ast.Row)
		_, rrow := e.R.(*ast.Row)
		if lrow || rrow {
			return k.compareRows(e, cmp)
		}
	}
	l, err := k.expr(e.L)
	if err != nil {
		return nil, err
	}
	r, err := k.expr(e.R)
	if err != nil {
		return nil, err
	}
	if isCompare {
		return k.b.compare(cmp, l, r, pos)
	}
	if e.Third != nil { // SIMILAR TO .. ESCAPE
		if r, err = k.escaped(r, e.Third, pos); err != nil {
			return nil, err
		}
	}
	return k.b.operator(op, l, r, pos)
}

// logic binds a chain of ANDs or ORs as one node.
func (k *block) logic(e *ast.Binary, op string) (expr.Expr, error) {
	var chain []ast.Expr
	var flatten func(x ast.Expr)
	flatten = func(x ast.Expr) {
		for {
			b, ok := x.(*ast.Binary)
			if !ok || !strings.EqualFold(b.Op, op) {
				chain = append(chain, x)
				return
			}
			flatten(b.R)
			x = b.L
		}
	}
	flatten(e)
	if op == "or" {
		defer k.unmarked()()
	}
	args := make([]expr.Expr, len(chain))
	for i := range chain { // the chain came out from right to left
		x, err := k.condition(chain[len(chain)-1-i], strings.ToUpper(op))
		if err != nil {
			return nil, err
		}
		args[i] = x
	}
	if op == "and" {
		return &expr.And{Args: args}, nil
	}
	return &expr.Or{Args: args}, nil
}

// operator makes an arithmetic, text or bit operator.
func (b *binder) operator(op string, l, r expr.Expr, pos int) (expr.Expr, error) {
	switch op {
	case "+", "-", "*", "/", "%":
		l, r = digits(l, r.Type()), digits(r, l.Type())
	}
	fn, err := function.FindOperator(op, l.Type(), r.Type())
	if err != nil {
		if l.Type().Kind != types.Unknown || r.Type().Kind != types.Unknown || isConst(l) && isConst(r) {
			return nil, at(err, pos)
		}
		// $1 + $2: nothing says more than that they are numbers
		if fn, err = function.FindOperator(op, types.TFloat8, types.TFloat8); err != nil {
			return nil, at(err, pos)
		}
	}
	args := []expr.Expr{l, r}
	for i := range args {
		if args[i], err = b.coerce(args[i], fn.Params[i], pos); err != nil {
			return nil, err
		}
	}
	return &expr.Call{Fn: fn, Args: args, Op: true, Pos: pos}, nil
}

func isConst(e expr.Expr) bool {
	_, ok := e.(*expr.Const)
	return ok
}

// compareRows binds (a, b) op (c, d) and (a, b) = (query).
func (k *block) compareRows(e *ast.Binary, op expr.CompareOp) (expr.Expr, error) {
	pos := e.Offset()
	if s, ok := e.R.(*ast.Subquery); ok {
		left, err := k.row(e.L)
		if err != nil {
			return nil, err
		}
		return k.quantified(left, op, false, s.Query, pos)
	}
	l, err := k.row(e.L)
	if err != nil {
		return nil, err
	}
	r, err := k.row(e.R)
	if err != nil {
		return nil, err
	}
	return k.b.rows(op, l, r, pos)
}

// rows compares two rows, column by column.
func (b *binder) rows(op expr.CompareOp, l, r []expr.Expr, pos int) (expr.Expr, error) {
	if len(l) != len(r) {
		return nil, sqlstate.Syntax.Errorf("unequal number of entries in row expressions").At(pos)
	}
	if op != expr.Eq && op != expr.Ne {
		return nil, unsupported(pos, "comparison of rows with "+op.String()+" is")
	}
	args := make([]expr.Expr, len(l))
	for i := range l {
		var err error
		if args[i], err = b.compare(op, l[i], r[i], pos); err != nil {
			return nil, err
		}
	}
	switch {
	case len(args) == 1:
		return args[0], nil
	case op == expr.Eq:
		return &expr.And{Args: args}, nil
	}
	return &expr.Or{Args: args}, nil
}

// unary binds a prefix operator.
func (k *block) unary(e *ast.Unary) (expr.Expr, error) {
	pos := e.Offset()
	if strings.EqualFold(e.Op, "not") {
		x, err := k.condition(e.X, "NOT")
		if err != nil {
			return nil, err
		}
		return &expr.Not{Arg: x}, nil
	}
	if l, ok := e.X.(*ast.Literal); ok && l.Kind == ast.Number && (e.Op == "-" || e.Op == "+") {
		return literal(l, e.Op == "-")
	}
	x, err := k.expr(e.X)
	if err != nil {
		return nil, err
	}
	fn, err := function.FindPrefix(e.Op, x.Type())
	if err != nil {
		return nil, at(err, pos)
	}
	if x, err = k.b.coerce(x, fn.Params[0], pos); err != nil {
		return nil, err
	}
	return &expr.Call{Fn: fn, Args: []expr.Expr{x}, Op: true, Pos: pos}, nil
}

// is binds IS [NOT] NULL, TRUE, FALSE, UNKNOWN.
func (k *block) is(e *ast.Is) (expr.Expr, error) {
	x, err := k.expr(e.X)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(e.What, "null") {
		if x.Type().Kind == types.Unknown {
			if x, err = k.b.coerce(x, alone(x.Type()), e.Offset()); err != nil {
				return nil, err
			}
		}
		return &expr.IsNull{Arg: x, Not: e.Not}, nil
	}
	what := strings.ToLower(e.What)
	if x, err = k.b.boolean(x, "IS "+strings.ToUpper(what), e.X.Offset()); err != nil {
		return nil, err
	}
	if what == "unknown" {
		return &expr.IsNull{Arg: x, Not: e.Not}, nil
	}
	return &expr.IsBool{Arg: x, Value: what == "true", Not: e.Not}, nil
}

// between binds X BETWEEN lo AND hi as two comparisons.
func (k *block) between(e *ast.Between) (expr.Expr, error) {
	pos := e.Offset()
	x, err := k.expr(e.X)
	if err != nil {
		return nil, err
	}
	lo, err := k.expr(e.Lo)
	if err != nil {
		return nil, err
	}
	hi, err := k.expr(e.Hi)
	if err != nil {
		return nil, err
	}
	lop, hop := expr.Ge, expr.Le
	if e.Not {
		lop, hop = expr.Lt, expr.Gt
	}
	l, err := k.b.compare(lop, x, lo, pos)
	if err != nil {
		return nil, err
	}
	h, err := k.b.compare(hop, x, hi, pos)
	if err != nil {
		return nil, err
	}
	if e.Not {
		return &expr.Or{Args: []expr.Expr{l, h}}, nil
	}
	return &expr.And{Args: []expr.Expr{l, h}}, nil
}

// in binds X [NOT] IN a list or a query.
func (k *block) in(e *ast.In) (expr.Expr, error) {
	pos := e.Offset()
	defer k.unmarked()()
	left, err := k.row(e.X)
	if err != nil {
		return nil, err
	}
	if e.Query != nil {
		if e.Not {
			return k.quantified(left, expr.Ne, true, e.Query, pos)
		}
		return k.quantified(left, expr.Eq, false, e.Query, pos)
	}
	op := expr.Eq
	if e.Not {
		op = expr.Ne
	}
	if len(left) == 1 {
		if x, ok, err := k.plainIn(left[0], e); ok || err != nil {
			return x, err
		}
	}
	args := make([]expr.Expr, len(e.List))
	for i, it := range e.List {
		r, err := k.row(it)
		if err != nil {
			return nil, err
		}
		if args[i], err = k.b.rows(op, left, r, pos); err != nil {
			return nil, err
		}
	}
	switch {
	case len(args) == 1:
		return args[0], nil
	case e.Not:
		return &expr.And{Args: args}, nil
	}
	return &expr.Or{Args: args}, nil
}

// plainIn makes one In node when all values can be compared with the operand as it stands, or all share one type; ok is false when they do not.
func (k *block) plainIn(x expr.Expr, e *ast.In) (expr.Expr, bool, error) {
	pos := e.Offset()
	list := make([]expr.Expr, len(e.List))
	asIs := true
	for i, it := range e.List {
		v, err := k.expr(it)
		if err != nil {
			return nil, false, err
		}
		if c, ok := v.(*expr.Const); ok && !comparable(v.Type(), x.Type()) {
			if y, ok := beside(c, x.Type()); ok {
				v = y
			} else if c.Value.Null {
				v = &expr.Const{Value: types.NullOf(x.Type())}
			}
		}
		asIs = asIs && x.Type().Kind != types.Unknown && comparable(v.Type(), x.Type())
		list[i] = v
	}
	if asIs {
		return &expr.In{Arg: x, List: list, Not: e.Not}, true, nil
	}
	to := x.Type()
	for i, v := range list {
		t, err := function.CompareType(to, v.Type())
		if err != nil {
			return nil, false, at(function.CompareError("=", x.Type(), v.Type()), e.List[i].Offset())
		}
		to = t
	}
	var err error
	if x, err = k.b.coerce(x, to, pos); err != nil {
		return nil, false, err
	}
	for i := range list {
		if list[i], err = k.b.coerce(list[i], to, e.List[i].Offset()); err != nil {
			return nil, false, err
		}
	}
	return &expr.In{Arg: x, List: list, Not: e.Not}, true, nil
}

// like binds [NOT] LIKE and ILIKE as their operators.
// https://docs.aws.amazon.com/redshift/latest/dg/r_patternmatching_condition_like.html
func (k *block) like(e *ast.Like) (expr.Expr, error) {
	x, err := k.expr(e.X)
	if err != nil {
		return nil, err
	}
	p, err := k.expr(e.Pattern)
	if err != nil {
		return nil, err
	}
	if e.Escape != nil {
		if p, err = k.escaped(p, e.Escape, e.Offset()); err != nil {
			return nil, err
		}
	}
	op := "~~"
	if e.Fold {
		op = "~~*"
	}
	if e.Not {
		op = "!" + op
	}
	return k.b.operator(op, x, p, e.Offset())
}

// cast binds CAST, ::, CONVERT, TRY_CAST and typed literals.
func (k *block) cast(e *ast.Cast) (expr.Expr, error) {
	t := e.Type
	if t.Err != nil {
		return nil, t.Err
	}
	if !t.Known {
		return nil, sqlstate.UndefinedObject.Errorf("type \"%s\" does not exist", t.Name).At(t.Offset())
	}
	x, err := k.expr(e.X)
	if err != nil {
		return nil, err
	}
	to := t.Type
	if t.Bare && x.Type().Kind == types.Super { // a string of a SUPER value keeps its length: https://docs.aws.amazon.com/redshift/latest/dg/operators-functions.html#super-examples-string-functions
		to = types.TTextMax
	}
	return k.b.explicit(x, to, e.Try, e.Offset())
}

// caseOf binds both forms of CASE.
func (k *block) caseOf(e *ast.Case) (expr.Expr, error) {
	c := &expr.Case{Whens: make([]expr.When, len(e.Whens))}
	var operand expr.Expr
	var err error
	if e.Operand != nil {
		if operand, err = k.expr(e.Operand); err != nil {
			return nil, err
		}
	}
	results := make([]expr.Expr, 0, len(e.Whens)+1)
	where := make([]int, 0, len(e.Whens)+1)
	for i, w := range e.Whens {
		if operand == nil {
			if c.Whens[i].Cond, err = k.condition(w.Cond, "CASE/WHEN"); err != nil {
				return nil, err
			}
		} else {
			v, err := k.expr(w.Cond)
			if err != nil {
				return nil, err
			}
			if c.Whens[i].Cond, err = k.b.compare(expr.Eq, operand, v, w.Cond.Offset()); err != nil {
				return nil, err
			}
		}
		r, err := k.expr(w.Then)
		if err != nil {
			return nil, err
		}
		results, where = append(results, r), append(where, w.Then.Offset())
	}
	if e.Else != nil {
		r, err := k.expr(e.Else)
		if err != nil {
			return nil, err
		}
		results, where = append(results, r), append(where, e.Else.Offset())
	}
	if c.Typ, err = k.b.common(results, where); err != nil {
		return nil, caseTypes(err)
	}
	for i := range c.Whens {
		c.Whens[i].Then = results[i]
	}
	if e.Else != nil {
		c.Else = results[len(results)-1]
	}
	return c, nil
}

// caseTypes says CASE before the error of types that do not match.
func caseTypes(err error) error {
	if e, ok := err.(*sqlstate.Error); ok && e.Code == sqlstate.DatatypeMismatch && strings.HasPrefix(e.Message, "types ") {
		c := *e
		c.Message = "CASE " + c.Message
		return &c
	}
	return err
}
