package plpgsql

import (
	"math"
	"strings"

	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

func (n *assignNode) run(r *run) (flow, error) {
	d, err := r.eval(n.value)
	if err != nil {
		return flow{}, err
	}
	return flow{}, r.assign(n.to, d)
}

func (n *ifNode) run(r *run) (flow, error) {
	for i := range n.arms {
		yes, err := r.holds(n.arms[i].conds[0])
		if err != nil {
			return flow{}, err
		}
		if yes {
			return r.list(n.arms[i].body)
		}
	}
	return r.list(n.last)
}

func (n *caseNode) run(r *run) (flow, error) {
	if n.operand != nil {
		d, err := r.eval(n.operand)
		if err != nil {
			return flow{}, err
		}
		r.slots[n.slot].Datum = d
	}
	for i := range n.arms {
		for _, c := range n.arms[i].conds {
			yes, err := r.holds(c)
			if err != nil {
				return flow{}, err
			}
			if yes {
				return r.list(n.arms[i].body)
			}
		}
	}
	if !n.hasElse {
		return flow{}, sqlstate.Code("20000").Errorf("case not found").WithHint("CASE statement is missing ELSE part.")
	}
	return r.list(n.last)
}

// turn runs the body of a loop once: again says whether the loop goes on.
func (r *run) turn(s *scope, body []step) (f flow, again bool, err error) {
	f, err = r.list(body)
	switch {
	case err != nil:
		return f, false, err
	case f.kind == next || f.kind == continues && f.at == s:
		return flow{}, true, nil
	case f.kind == exits && f.at == s:
		return flow{}, false, nil
	}
	return f, false, nil
}

func (n *loopNode) run(r *run) (flow, error) {
	for {
		if n.while != nil {
			if yes, err := r.holds(n.while); err != nil || !yes {
				return flow{}, err
			}
		}
		if len(n.body) == 0 { // no statement in it looks
			if err := r.host.Check(); err != nil {
				return flow{}, err
			}
		}
		if f, again, err := r.turn(n.scope, n.body); !again {
			return f, err
		}
	}
}

// bound computes a bound of FOR over integers.
func (r *run) bound(f *Formula, what string) (int64, error) {
	d, err := r.eval(f)
	if err != nil {
		return 0, err
	}
	if d.Null {
		return 0, sqlstate.NullNotAllowed.Errorf("%s of FOR loop cannot be null", what)
	}
	d, err = r.host.Cast(d, types.TInt4)
	return d.Int, err
}

func (n *countNode) run(r *run) (flow, error) {
	from, err := r.bound(n.from, "lower bound")
	if err != nil {
		return flow{}, err
	}
	to, err := r.bound(n.to, "upper bound")
	if err != nil {
		return flow{}, err
	}
	found, by := false, int64(1)
	if n.reverse {
		by = -1
	}
	for i := from; (by > 0 && i <= to || by < 0 && i >= to) && i >= math.MinInt32 && i <= math.MaxInt32; i += by {
		found = true
		r.slots[n.slot].Datum = types.Datum{Type: types.TInt4, Int: i}
		if len(n.body) == 0 {
			if err := r.host.Check(); err != nil {
				return flow{}, err
			}
		}
		f, again, err := r.turn(n.scope, n.body)
		if err != nil || f.kind == returns {
			return f, err
		}
		if !again {
			r.setFound(true)
			return f, nil
		}
	}
	r.setFound(found)
	return flow{}, nil
}

// Rows of a loop are fetched as PostgreSQL 8.0 did: what ends the transaction within the loop takes the rows that are left.
const (
	firstFetch = 10
	laterFetch = 50
)

func (n *rowsNode) run(r *run) (f flow, err error) {
	name := r.host.Portal()
	if n.query != nil {
		var values []types.Datum
		if values, err = r.values(n.query.from, nil); err == nil {
			err = inStatement(r.host.Open(name, n.query, values), n.query.Text)
		}
	} else {
		var text string
		if text, err = r.text(n.text, "query string argument of EXECUTE"); err == nil {
			err = inStatement(r.host.OpenText(name, text), text)
		}
	}
	if err != nil {
		return flow{}, err
	}
	defer func() { // it may have ended with its transaction
		if cerr := r.host.CloseCursor(name); err == nil && cerr != nil && stated(cerr).Code != sqlstate.InvalidCursorName {
			err = cerr
		}
	}()
	found := false
	for want := int64(firstFetch); ; want = laterFetch {
		rows, err := r.host.Fetch(name, want)
		if err != nil {
			return flow{}, err
		}
		for _, row := range rows.Values {
			found = true
			if err := r.assignRow(n.into, rows, row); err != nil {
				return flow{}, err
			}
			f, again, err := r.turn(n.scope, n.body)
			if err != nil || f.kind == returns {
				return f, err
			}
			if !again {
				r.setFound(true)
				return f, nil
			}
		}
		if !found { // as SELECT INTO
			if err := r.assignRow(n.into, rows, nil); err != nil {
				return flow{}, err
			}
		}
		if rows.Last {
			r.setFound(found)
			return flow{}, nil
		}
	}
}

// text computes an expression that must be a text.
func (r *run) text(f *Formula, what string) (string, error) {
	d, err := r.eval(f)
	switch {
	case err != nil:
		return "", err
	case d.Null:
		return "", sqlstate.NullNotAllowed.Errorf("%s is null", what)
	case d.Type.IsText():
		return d.Text, nil
	}
	return r.host.Format(d), nil
}

func (n *exitNode) run(r *run) (flow, error) {
	if n.when != nil {
		if yes, err := r.holds(n.when); err != nil || !yes {
			return flow{}, err
		}
	}
	return n.to, nil
}

func (n *raiseNode) run(r *run) (flow, error) {
	var b strings.Builder
	b.WriteString(n.format[0])
	for i, x := range n.args {
		d, err := r.get(x)
		switch {
		case err != nil:
			return flow{}, err
		case d.Null:
			b.WriteString("<NULL>")
		default:
			b.WriteString(r.host.Format(d))
		}
		b.WriteString(n.format[i+1])
	}
	r.host.Tell(n.level, b.String(), n.line)
	if n.level != "EXCEPTION" {
		return flow{}, nil
	}
	err := sqlstate.Code("P0001").Errorf("%s", b.String())
	r.told = err // RAISE says where it is by what it says, as in PostgreSQL 8.0
	return flow{}, err
}

func (rethrowNode) run(r *run) (flow, error) {
	err := r.caught[len(r.caught)-1]
	r.told = err
	return flow{}, err
}

func (n *dynamicNode) run(r *run) (flow, error) {
	text, err := r.text(n.text, "query string argument of EXECUTE")
	if err != nil {
		return flow{}, err
	}
	rows, err := r.host.Execute(text, len(n.into) > 0)
	if err != nil {
		return flow{}, inStatement(err, text)
	}
	r.count = rows.Count
	if len(n.into) == 0 {
		return flow{}, nil
	}
	if rows.Names == nil {
		return flow{}, sqlstate.Syntax.Errorf("INTO used with a command that cannot return data")
	}
	return flow{}, r.first(n.into, rows)
}

// first assigns the first row, or NULLs.
func (r *run) first(into []ref, rows *Rows) error {
	if len(rows.Values) == 0 {
		return r.assignRow(into, rows, nil)
	}
	return r.assignRow(into, rows, rows.Values[0])
}

func (n *sqlNode) run(r *run) (flow, error) {
	if n.rows && !n.perform && len(n.into) == 0 && !selectsInto(n.query.Stmt) {
		return flow{}, sqlstate.Syntax.Errorf("SELECT query has no destination for result data").
			WithHint("If you want to discard the results, use PERFORM instead.")
	}
	values, err := r.values(n.query.from, nil)
	if err != nil {
		return flow{}, err
	}
	rows, err := r.host.Run(n.query, values, len(n.into) > 0)
	if err != nil {
		return flow{}, inStatement(err, n.query.Text)
	}
	r.count = rows.Count
	if n.found {
		r.setFound(rows.Count > 0)
	}
	if len(n.into) > 0 {
		return flow{}, r.first(n.into, rows)
	}
	return flow{}, nil
}

func (n *callNode) run(r *run) (flow, error) {
	values, err := r.values(n.query.from, nil)
	if err != nil {
		return flow{}, err
	}
	row, args, err := r.host.Call(n.query, values)
	if err != nil {
		return flow{}, inStatement(err, n.query.Text)
	}
	for i, a := range args {
		x, err := r.outputOf(n.query, a)
		if err != nil {
			return flow{}, err
		}
		if err := r.assign(x, row.Values[0][i]); err != nil {
			return flow{}, err
		}
	}
	return flow{}, nil
}

func (n *endingNode) run(r *run) (flow, error) {
	switch n.kind {
	case "commit":
		return flow{}, inStatement(r.host.Commit(), "COMMIT")
	case "rollback":
		return flow{}, inStatement(r.host.Rollback(), "ROLLBACK")
	}
	return flow{}, inStatement(r.host.Start(), "START TRANSACTION")
}

func (n *openNode) run(r *run) (flow, error) {
	name := r.slots[n.slot].Datum
	if name.Null {
		name = types.Datum{Type: types.TText, Text: r.host.Portal()}
		if err := r.put(n.slot, name); err != nil {
			return flow{}, err
		}
	}
	query := n.query
	if bound := r.p.vars[n.slot].cursor; bound != nil {
		query = bound.query
		for i, slot := range bound.args {
			d, err := r.eval(n.args[i])
			if err != nil {
				return flow{}, err
			}
			if err := r.put(slot, d); err != nil {
				return flow{}, err
			}
		}
	}
	if query == nil {
		text, err := r.text(n.text, "query string argument of EXECUTE")
		if err != nil {
			return flow{}, err
		}
		return flow{}, inStatement(r.host.OpenText(name.Text, text), text)
	}
	values, err := r.values(query.from, nil)
	if err != nil {
		return flow{}, err
	}
	return flow{}, inStatement(r.host.Open(name.Text, query, values), query.Text)
}

// cursorName is the name of the cursor that a variable refers to.
func (r *run) cursorName(slot int) (string, error) {
	d := r.slots[slot].Datum
	if d.Null {
		return "", sqlstate.NullNotAllowed.Errorf("cursor variable \"%s\" is null", r.p.vars[slot].name)
	}
	return d.Text, nil
}

func (n *fetchNode) run(r *run) (flow, error) {
	name, err := r.cursorName(n.slot)
	if err != nil {
		return flow{}, err
	}
	rows, err := r.host.Fetch(name, 1)
	if err != nil {
		return flow{}, err
	}
	r.count = rows.Count
	r.setFound(rows.Count > 0)
	return flow{}, r.first(n.into, rows)
}

func (n *closeNode) run(r *run) (flow, error) {
	name, err := r.cursorName(n.slot)
	if err != nil {
		return flow{}, err
	}
	return flow{}, r.host.CloseCursor(name)
}

func (n *diagNode) run(r *run) (flow, error) {
	for _, x := range n.to {
		if err := r.assign(x, types.Datum{Type: types.TInt8, Int: r.count}); err != nil {
			return flow{}, err
		}
	}
	return flow{}, nil
}

func (emptyNode) run(*run) (flow, error) { return flow{}, nil }
