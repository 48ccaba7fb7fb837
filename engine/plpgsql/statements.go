package plpgsql

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// step is a statement with what errors say of its place.
type step struct {
	line int
	what string // as PostgreSQL 8.0 calls it: "SQL statement"
	node node
}

// node is a compiled statement.
type node interface{ run(r *run) (flow, error) }

type (
	blockNode struct {
		scope    *scope
		declared []declared
		body     []step
		handler  *handlerNode // nil = none
	}
	// declared is a variable that begins anew whenever its block is entered.
	declared struct {
		slot  int
		value *Formula // nil = NULL
		line  int
	}
	handlerNode struct {
		body        []step
		state, text int // slots of SQLSTATE and SQLERRM
		continues   bool
		line        int
	}
	assignNode struct {
		to    ref
		value *Formula
	}
	ifNode struct {
		arms []arm
		last []step
	}
	arm struct {
		conds []*Formula
		body  []step
	}
	caseNode struct {
		operand *Formula // nil = none
		slot    int      // of its value
		arms    []arm
		last    []step
		hasElse bool
	}
	loopNode struct {
		scope *scope
		while *Formula // nil = no condition
		body  []step
	}
	countNode struct {
		scope    *scope
		slot     int
		from, to *Formula
		reverse  bool
		body     []step
	}
	rowsNode struct {
		scope *scope
		into  []ref
		query *Query   // nil = text
		text  *Formula // of EXECUTE
		body  []step
	}
	exitNode struct {
		to   flow
		when *Formula
	}
	raiseNode struct {
		level  string
		format []string // between the arguments
		args   []ref
		line   int
	}
	rethrowNode struct{}
	dynamicNode struct {
		text *Formula
		into []ref
	}
	sqlNode struct {
		query   *Query
		into    []ref
		perform bool
		rows    bool // it is a query: somebody must take its rows
		found   bool // it sets FOUND
	}
	callNode   struct{ query *Query }
	endingNode struct{ kind string } // "commit", "rollback", "begin"
	openNode   struct {
		slot  int
		query *Query
		text  *Formula
		args  []*Formula
	}
	fetchNode struct {
		slot int
		into []ref
	}
	closeNode struct{ slot int }
	diagNode  struct{ to []ref }
	emptyNode struct{}
)

// cursorNode is a query that is bound to a cursor, with the slots of its arguments.
type cursorNode struct {
	query *Query
	args  []int
}

// list compiles statements.
func (c *compiler) list(list []ast.Action) ([]step, error) {
	out := make([]step, 0, len(list))
	for _, a := range list {
		n, what, err := c.action(a)
		if err != nil {
			return nil, err
		}
		out = append(out, step{c.line(a.Offset()), what, n})
	}
	return out, nil
}

// action compiles one statement.
func (c *compiler) action(a ast.Action) (n node, what string, err error) {
	switch a := a.(type) {
	case *ast.Block:
		n, err = c.block(a)
		return n, "block", err
	case *ast.Assign:
		n, err = c.assign(a)
		return n, "assignment", err
	case *ast.If:
		n, err = c.ifAction(a)
		return n, "if", err
	case *ast.CaseAction:
		n, err = c.caseAction(a)
		return n, "case", err
	case *ast.Loop:
		return c.loop(a)
	case *ast.Exit:
		n, err = c.exit(a)
		return n, "exit", err
	case *ast.Return:
		if a.Value != nil {
			return nil, "", sqlstate.Syntax.Errorf("RETURN cannot have a parameter in a procedure").At(a.Value.Offset())
		}
		return &exitNode{to: flow{kind: returns}}, "return", nil
	case *ast.Raise:
		n, err = c.raise(a)
		return n, "raise", err
	case *ast.Dynamic:
		d := &dynamicNode{}
		if d.text, err = c.formula(a.Text); err == nil {
			d.into, err = c.targets(a.Into)
		}
		return d, "execute statement", err
	case *ast.SQL:
		n, err = c.sql(a)
		if a.Perform {
			return n, "perform", err
		}
		if len(a.Into) > 0 {
			return n, "select into variables", err
		}
		return n, "SQL statement", err
	case *ast.OpenCursor:
		n, err = c.open(a)
		return n, "open", err
	case *ast.FetchInto:
		if a.Move {
			return nil, "", sqlstate.FeatureNotSupported.Errorf("MOVE is not supported").At(a.Offset())
		}
		f := &fetchNode{}
		if f.slot, err = c.cursor(a.Cursor, a.Offset()); err == nil {
			f.into, err = c.targets(a.Into)
		}
		return f, "fetch", err
	case *ast.CloseAction:
		n := &closeNode{}
		n.slot, err = c.cursor(a.Cursor, a.Offset())
		return n, "close", err
	case *ast.Diagnostics:
		n, err = c.diagnostics(a)
		return n, "get diagnostics", err
	}
	return emptyNode{}, "null", nil
}

// assign compiles to := value.
func (c *compiler) assign(a *ast.Assign) (node, error) {
	to, err := c.target(&a.To)
	if err != nil {
		return nil, err
	}
	if to.field == "" && c.p.vars[to.slot].kind == record {
		return nil, sqlstate.FeatureNotSupported.Errorf("assignment to a record is not supported").WithHint("Use SELECT INTO.").At(a.Offset())
	}
	v, err := c.formula(a.Value)
	return &assignNode{to, v}, err
}

func (c *compiler) ifAction(a *ast.If) (node, error) {
	n := &ifNode{}
	var err error
	if n.arms, err = c.arms(a.Arms, nil); err == nil {
		n.last, err = c.list(a.Else)
	}
	return n, err
}

// arms compiles those of IF and CASE; condition makes the text of a condition of what is written, nil = it is one.
func (c *compiler) arms(list []ast.Arm, condition func(text string) string) ([]arm, error) {
	var out []arm
	for i := range list {
		var x arm
		for _, f := range list[i].Conds {
			text := f.Text
			if condition != nil {
				text = condition(text)
			}
			v, err := c.expression(text, f.Offset())
			if err != nil {
				return nil, err
			}
			x.conds = append(x.conds, v)
		}
		var err error
		if x.body, err = c.list(list[i].Body); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// caseAction compiles CASE. Its operand is computed once, into a variable without a name that the conditions compare.
func (c *compiler) caseAction(a *ast.CaseAction) (node, error) {
	n := &caseNode{hasElse: a.HasElse}
	var condition func(string) string
	var err error
	if a.Operand != nil {
		if n.operand, err = c.formula(a.Operand); err != nil {
			return nil, err
		}
		name := "case operand " + itoa(len(c.p.vars)) // no other name has spaces, unless it asks for trouble
		n.slot = c.slot(name, variable{})
		defer delete(c.at.names, name)
		condition = func(text string) string { return `"` + name + `" = (` + text + ")" }
	}
	if n.arms, err = c.arms(a.Arms, condition); err == nil {
		n.last, err = c.list(a.Else)
	}
	return n, err
}

// loop compiles LOOP, WHILE and FOR.
func (c *compiler) loop(a *ast.Loop) (n node, what string, err error) {
	s := &scope{label: a.Label, loop: true}
	switch {
	case len(a.Var) == 0:
		l := &loopNode{scope: s}
		if l.while, err = c.formula(a.While); err != nil {
			return nil, "", err
		}
		defer c.enter(s)()
		l.body, err = c.list(a.Body)
		if what = "loop"; a.While != nil {
			what = "while loop"
		}
		return l, what, err
	case a.From != nil:
		n, err = c.count(a, s)
		return n, "for with integer counter", err
	}
	r := &rowsNode{scope: s}
	if r.into, err = c.loopTargets(a.Var); err != nil {
		return nil, "", err
	}
	if what = "for over select rows"; a.Execute != nil {
		what = "for over execute statement"
		r.text, err = c.formula(a.Execute)
	} else {
		r.query, err = c.query(a.QueryText, a.Offset())
	}
	if err != nil {
		return nil, "", err
	}
	defer c.enter(s)()
	r.body, err = c.list(a.Body)
	return r, what, err
}

// count compiles FOR over integers: its variable is a new one.
func (c *compiler) count(a *ast.Loop, s *scope) (node, error) {
	n := &countNode{scope: s, reverse: a.Reverse}
	for _, f := range []struct {
		to   **Formula
		from *ast.Formula
	}{{&n.from, a.From}, {&n.to, a.To}} {
		var err error
		if *f.to, err = c.formula(f.from); err != nil {
			return nil, err
		}
	}
	if len(a.Var) > 1 || len(a.Var[0].Parts) > 1 {
		return nil, sqlstate.Syntax.Errorf("integer FOR loop must have only one target variable").At(a.Var[0].Offset())
	}
	defer c.enter(s)()
	n.slot = c.slot(a.Var[0].Parts[0], variable{typ: types.TInt4})
	var err error
	n.body, err = c.list(a.Body)
	return n, err
}

// loopTargets resolves what FOR assigns rows to.
func (c *compiler) loopTargets(list []ast.Target) ([]ref, error) {
	for i := range list {
		_, ok := c.find(list[i].Parts)
		if !ok {
			_, ok = c.record(list[i].Parts)
		}
		if !ok {
			return nil, sqlstate.Syntax.Errorf("loop variable of loop over rows must be a record variable or list of scalar variables").At(list[i].Offset())
		}
	}
	return c.targets(list)
}

// exit compiles EXIT and CONTINUE: to the loop at hand, or to what a label names.
func (c *compiler) exit(a *ast.Exit) (node, error) {
	n := &exitNode{to: flow{kind: exits}}
	word := "EXIT"
	if a.Continue {
		n.to.kind, word = continues, "CONTINUE"
	}
	for s := c.at; s != nil && n.to.at == nil; s = s.outer {
		if a.Label == "" && s.loop || a.Label != "" && s.label == a.Label && (s.loop || s.block) {
			n.to.at = s
		}
	}
	switch {
	case n.to.at == nil && a.Label != "":
		return nil, sqlstate.Syntax.Errorf("there is no label \"%s\" attached to any block or loop enclosing this statement", a.Label).At(a.Offset())
	case n.to.at == nil && a.Continue:
		return nil, sqlstate.Syntax.Errorf("%s cannot be used outside a loop", word).At(a.Offset())
	case n.to.at == nil:
		return nil, sqlstate.Syntax.Errorf("%s cannot be used outside a loop, unless it has a label", word).At(a.Offset())
	case a.Continue && !n.to.at.loop:
		return nil, sqlstate.Syntax.Errorf("block label \"%s\" cannot be used in CONTINUE", a.Label).At(a.Offset())
	}
	var err error
	n.when, err = c.formula(a.When)
	return n, err
}

// raise compiles RAISE. Its arguments are variables, no expressions.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html#r_PLpgSQL-messages-errors
func (c *compiler) raise(a *ast.Raise) (node, error) {
	if a.Bare {
		switch {
		case !c.in:
			return nil, sqlstate.Code("0Z002").Errorf("RAISE without parameters cannot be used outside an exception handler").At(a.Offset())
		case !c.p.nonatomic:
			return nil, sqlstate.FeatureNotSupported.Errorf("RAISE without parameters is only supported in NONATOMIC procedures").At(a.Offset())
		}
		return rethrowNode{}, nil
	}
	n := &raiseNode{level: strings.ToUpper(a.Level), line: c.line(a.Offset())}
	var part strings.Builder
	for i := 0; i < len(a.Format); i++ {
		switch {
		case a.Format[i] != '%':
			part.WriteByte(a.Format[i])
		case i+1 < len(a.Format) && a.Format[i+1] == '%':
			part.WriteByte('%')
			i++
		default:
			n.format = append(n.format, part.String())
			part.Reset()
		}
	}
	n.format = append(n.format, part.String())
	for _, f := range a.Args {
		r, ok := c.variable(f)
		if !ok {
			return nil, sqlstate.Syntax.Errorf("syntax error at or near \"%s\"", f.Text).WithDetail("The arguments of RAISE are variables.").At(f.Offset())
		}
		n.args = append(n.args, r)
	}
	switch {
	case len(n.args) > len(n.format)-1:
		return nil, sqlstate.Syntax.Errorf("too many parameters specified for RAISE").At(a.Offset())
	case len(n.args) < len(n.format)-1:
		return nil, sqlstate.Syntax.Errorf("too few parameters specified for RAISE").At(a.Offset())
	}
	return n, nil
}

// variable says which variable an expression is alone; false = another.
func (c *compiler) variable(f *ast.Formula) (ref, bool) {
	switch x := f.X.(type) {
	case *ast.ColumnRef:
		return c.find(x.Parts)
	case *ast.Param:
		return c.find([]string{"$" + itoa(x.N)})
	}
	return ref{}, false
}

// sql compiles a statement of SQL.
func (c *compiler) sql(a *ast.SQL) (node, error) {
	if t, ok := a.Stmt.(*ast.Transaction); ok {
		return c.ending(t, a)
	}
	if a.Strict {
		return nil, sqlstate.FeatureNotSupported.Errorf("SELECT INTO STRICT is not supported").At(a.Offset())
	}
	text := a.Text
	if _, ok := a.Stmt.(*ast.Call); ok { // a statement of PL/pgSQL, which logs show as the guide's example does
		text = "CALL" + text[len("call"):]
	}
	q, err := c.query(text, a.Offset())
	if err != nil {
		return nil, err
	}
	if _, ok := q.Stmt.(*ast.Call); ok {
		return &callNode{q}, nil
	}
	n := &sqlNode{query: q, perform: a.Perform}
	switch q.Stmt.(type) {
	case *ast.Select:
		n.rows, n.found = true, true
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		n.found = true
	}
	n.into, err = c.targets(a.Into)
	return n, err
}

// ending compiles COMMIT, ROLLBACK and START TRANSACTION, which only NONATOMIC procedures have.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-statements.html#r_PLpgSQL-transaction-control
func (c *compiler) ending(t *ast.Transaction, a *ast.SQL) (node, error) {
	switch {
	case t.Kind == "begin" && !c.p.nonatomic:
		return nil, sqlstate.FeatureNotSupported.Errorf("START TRANSACTION is only supported in NONATOMIC procedures").At(a.Offset())
	case t.Kind == "begin" && (t.Isolation != "" || t.ReadOnly || t.ReadWrite):
		return nil, sqlstate.Syntax.Errorf("START TRANSACTION of a procedure has no options").At(a.Offset())
	}
	return &endingNode{t.Kind}, nil
}

// cursor finds a cursor variable.
func (c *compiler) cursor(name string, pos int) (int, error) {
	r, ok := c.find(strings.Split(name, "."))
	switch {
	case !ok || r.field != "":
		return 0, sqlstate.Syntax.Errorf("\"%s\" is not a known variable", name).At(pos)
	case !c.p.vars[r.slot].refs:
		return 0, sqlstate.DatatypeMismatch.Errorf("variable \"%s\" must be of type cursor or refcursor", name).At(pos)
	}
	return r.slot, nil
}

// open compiles OPEN in its three forms.
func (c *compiler) open(a *ast.OpenCursor) (node, error) {
	n := &openNode{}
	var err error
	if n.slot, err = c.cursor(a.Cursor, a.Offset()); err != nil {
		return nil, err
	}
	bound := c.p.vars[n.slot].cursor
	switch {
	case bound == nil && a.Query == nil && a.Execute == nil:
		return nil, sqlstate.Syntax.Errorf("syntax error at end of input").WithDetail("Cursor variable \"%s\" has no query of its own: expected FOR.", a.Cursor).At(a.Offset())
	case bound != nil && (a.Query != nil || a.Execute != nil):
		return nil, sqlstate.Syntax.Errorf("cursor \"%s\" has a query of its own", a.Cursor).At(a.Offset())
	case a.Query != nil:
		n.query, err = c.query(a.QueryText, a.Offset())
	case a.Execute != nil:
		n.text, err = c.formula(a.Execute)
	case len(a.Args) == 0 && len(bound.args) > 0:
		return nil, sqlstate.Syntax.Errorf("cursor \"%s\" has arguments", a.Cursor).At(a.Offset())
	case len(a.Args) > 0 && len(bound.args) == 0:
		return nil, sqlstate.Syntax.Errorf("cursor \"%s\" has no arguments", a.Cursor).At(a.Offset())
	case len(a.Args) < len(bound.args):
		return nil, sqlstate.Syntax.Errorf("not enough arguments for cursor \"%s\"", a.Cursor).At(a.Offset())
	case len(a.Args) > len(bound.args):
		return nil, sqlstate.Syntax.Errorf("too many arguments for cursor \"%s\"", a.Cursor).At(a.Offset())
	default:
		n.args, err = c.formulas(a.Args)
	}
	return n, err
}

// diagnostics compiles GET DIAGNOSTICS.
// https://docs.aws.amazon.com/redshift/latest/dg/c_PLpgSQL-structure.html#r_PLpgSQL-builtin-variables
func (c *compiler) diagnostics(a *ast.Diagnostics) (node, error) {
	for _, item := range a.Items {
		switch item {
		case "row_count":
		case "result_oid":
			return nil, sqlstate.FeatureNotSupported.Errorf("GET DIAGNOSTICS RESULT_OID is not supported").At(a.Offset())
		default:
			return nil, sqlstate.Syntax.Errorf("unrecognized GET DIAGNOSTICS item at or near \"%s\"", item).At(a.Offset())
		}
	}
	to, err := c.targets(a.To)
	return &diagNode{to}, err
}
