package bind

import (
	"time"

	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/engine/function"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// coerce casts e to a type as the rules of an expression imply. Literals take the type at once, parameters of unknown type get it.
func (b *binder) coerce(e expr.Expr, to types.Type, pos int) (expr.Expr, error) {
	from := e.Type()
	if from == to || to.Kind == types.Unknown {
		return e, nil
	}
	switch c := e.(type) {
	case *expr.Const:
		return b.constant(c, to, pos)
	case *expr.Param:
		if from.Kind == types.Unknown {
			return b.param(c.N, to), nil
		}
	}
	if _, ok := function.FindCast(from, to, true); !ok {
		return nil, function.CastError(from, to).At(pos)
	}
	b.readsTime(from, to)
	b.namesObject(from, to)
	return &expr.Cast{Arg: e, To: to, Implicit: true, Pos: pos}, nil
}

// namesObject notes a conversion between the numbers and the names of objects: the leader alone has the catalog.
func (b *binder) namesObject(from, to types.Type) {
	if from.IsReg() || to.IsReg() {
		b.placed(to.InternalName(), function.LeaderOnly, function.Stable)
	}
}

// readsTime notes that texts become dates when the statement runs: 'today' among them would be another day tomorrow.
func (b *binder) readsTime(from, to types.Type) {
	if to.IsDatetime() && (from.IsText() || from.Kind == types.Unknown) {
		b.out.Volatile = true
	}
}

// param is $n as a type; the first type that a parameter meets is the parameter's.
func (b *binder) param(n int, to types.Type) expr.Expr {
	if t := b.params[n-1]; t.Kind != types.Unknown {
		if t == to || function.Reinterprets(t, to) || t.Kind == types.Varchar && to.IsText() {
			return &expr.Param{N: n, Typ: t}
		}
		return &expr.Cast{Arg: &expr.Param{N: n, Typ: t}, To: to, Implicit: true, Pos: -1}
	}
	if to.IsText() { // a longer text is just unequal, or refused by the column
		to = types.TVarcharMax
	}
	b.params[n-1] = to
	return &expr.Param{N: n, Typ: to}
}

// constant casts a constant.
func (b *binder) constant(c *expr.Const, to types.Type, pos int) (expr.Expr, error) {
	v := &c.Value
	if c.Place > 0 { // what is wrong with a literal is wrong where it stands
		pos = c.Place - 1
	}
	if v.Null {
		return &expr.Const{Value: types.NullOf(to)}, nil
	}
	if v.Type.Kind == types.Unknown {
		if !timeless(v.Text, to) {
			b.out.Volatile = true
			b.namesObject(v.Type, to)
			return &expr.Cast{Arg: c, To: to, Implicit: true, Pos: pos}, nil
		}
		if to.IsText() && (to.Len == 0 || int(to.Len) >= len(v.Text)) {
			text := v.Text
			if to.Kind == types.Char {
				text = types.TrimBlanks(text)
			}
			return &expr.Const{Value: types.Datum{Type: to, Text: text}}, nil
		}
		d, err := b.style().Parse(v.Text, to, nil, time.Time{})
		if err != nil && to.IsText() { // too long: as for any other value, no matter of the text
			return nil, err
		}
		if err != nil {
			return nil, at(err, pos)
		}
		return &expr.Const{Value: d}, nil
	}
	if d, ok := exactNumber(v, to); ok {
		return &expr.Const{Value: d}, nil
	}
	if _, ok := function.FindCast(v.Type, to, true); !ok {
		return nil, function.CastError(v.Type, to).At(pos)
	}
	return expr.Fold(&expr.Cast{Arg: c, To: to, Implicit: true, Pos: pos}, b.env.Function)
}

// exactNumber gives a number as another type if the other type holds it to the last digit.
func exactNumber(v *types.Datum, to types.Type) (types.Datum, bool) {
	d := types.Datum{Type: to}
	switch {
	case v.Type.IsInteger() && to.IsInteger():
		d.Int = v.Int
		return d, types.IntFits(v.Int, to.Kind) || to.Kind == types.OID && v.Int >= 0 && v.Int < 1<<32
	case v.Type.IsInteger() && to.Kind == types.Float8 && v.Int > -1<<53 && v.Int < 1<<53:
		d.Float = float64(v.Int)
		return d, true
	case to.Kind == types.Numeric && (v.Type.IsInteger() || v.Type.Kind == types.Numeric && v.Type.Scale <= to.Scale):
		w := v.Wide
		if v.Type.Lane() == types.LaneInt {
			w = types.FromInt64(v.Int)
		}
		w, ok := types.Rescale(w, int(v.Type.Scale), int(to.Scale))
		if !ok || !types.FitsPrecision(w, int(to.Prec)) {
			return d, false
		}
		if d.Wide = w; to.Lane() == types.LaneInt {
			d.Int, _ = w.Int64()
		}
		return d, true
	}
	return d, false
}

// assign casts e to the type of the column that it is stored in; text that is too long fails when it runs.
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html#r_Type_conversion
func (b *binder) assign(e expr.Expr, to types.Type, column string, pos int) (expr.Expr, error) {
	from := e.Type()
	if from == to {
		return e, nil
	}
	if from.Kind != types.Unknown {
		if _, ok := function.FindCast(from, to, false); !ok {
			what := "expression"
			if column != "" {
				what = "column \"" + column + "\""
			}
			return nil, sqlstate.DatatypeMismatch.Errorf("%s is of type %s but expression is of type %s", what, bare(to), bare(from)).
				WithHint("You will need to rewrite or cast the expression.").At(pos)
		}
	}
	if p, ok := e.(*expr.Param); ok && to.IsText() && from.Kind == types.Unknown { // its value may be longer than the column
		return &expr.Cast{Arg: b.param(p.N, types.TVarcharMax), To: to, Implicit: true, Pos: pos}, nil
	}
	c, ok := e.(*expr.Const)
	if ok && to.Kind == types.Char && from.Kind == types.Unknown {
		if err := types.SingleByte(c.Value.Text); err != nil {
			return nil, err
		}
	}
	if ok && to.Kind == types.Numeric && (from.Kind == types.Numeric || from.IsInteger()) && !c.Value.Null && !c.Value.Within(to) {
		return nil, types.NumericOverflow(int(to.Prec), int(to.Scale))
	}
	return b.coerce(e, to, pos)
}

// explicit makes the cast of CAST and ::.
func (b *binder) explicit(e expr.Expr, to types.Type, try bool, pos int) (expr.Expr, error) {
	if p, ok := e.(*expr.Param); ok && p.Typ.Kind == types.Unknown {
		if to.Kind == types.Varchar || to.Kind == types.Char {
			e = b.param(p.N, types.TVarcharMax)
		} else {
			return b.param(p.N, to), nil
		}
	}
	from := e.Type()
	if from == to {
		return e, nil
	}
	if _, ok := function.FindCast(from, to, true); !ok {
		return nil, function.CastError(from, to).At(pos)
	}
	x := &expr.Cast{Arg: e, To: to, Try: try, Pos: pos}
	c, ok := e.(*expr.Const)
	if !ok || !timeless(c.Value.Text, to) {
		b.readsTime(from, to)
	}
	b.namesObject(from, to)
	if !ok {
		return x, nil
	}
	if c.Value.Null {
		return &expr.Const{Value: types.NullOf(to)}, nil
	}
	if c.Value.Type.Kind == types.Unknown && !to.IsText() && !try && timeless(c.Value.Text, to) {
		return b.constant(c, to, pos) // a literal that cannot be read fails where it stands
	}
	return expr.Fold(x, b.env.Function)
}

// comparable says that values of two types can be compared in their lane as they are, without casts.
func comparable(l, r types.Type) bool {
	switch {
	case l.IsOpaque():
		return false
	case l == r:
		return true
	case l.IsInteger() && r.IsInteger(), l.IsFloat() && r.IsFloat():
		return true
	case l.Kind == types.Numeric && r.Kind == types.Numeric:
		return l.Scale == r.Scale && l.Lane() == r.Lane()
	case l.Kind == types.Char && r.Kind == types.Char:
		return true
	}
	return false
}

// compare makes l op r: both sides are cast to one type, but a constant is rather cast to the column's type than the column to another, so that the
// column's blocks can be tested as they are stored.
func (b *binder) compare(op expr.CompareOp, l, r expr.Expr, pos int) (expr.Expr, error) {
	lt, rt := l.Type(), r.Type()
	if lt.IsOpaque() || rt.IsOpaque() {
		return nil, at(function.CompareError(op.String(), lt, rt), pos)
	}
	if comparable(lt, rt) && lt.Kind != types.Unknown {
		return &expr.Compare{Op: op, Left: l, Right: r}, nil
	}
	if c, ok := r.(*expr.Const); ok {
		if x, ok := beside(c, lt); ok {
			return &expr.Compare{Op: op, Left: l, Right: x}, nil
		}
	} else if c, ok := l.(*expr.Const); ok {
		if x, ok := beside(c, rt); ok {
			return &expr.Compare{Op: op, Left: x, Right: r}, nil
		}
	}
	l, r = digits(l, rt), digits(r, lt)
	lt, rt = l.Type(), r.Type()
	to, err := function.CompareType(lt, rt)
	if err != nil {
		return nil, at(function.CompareError(op.String(), lt, rt), pos)
	}
	if comparable(lt, to) && lt.Kind != types.Unknown && comparable(rt, to) && rt.Kind != types.Unknown {
		return &expr.Compare{Op: op, Left: l, Right: r}, nil
	}
	if lt.Kind == types.Unknown || !keeps(lt, to) {
		if l, err = b.coerce(l, to, pos); err != nil {
			return nil, err
		}
	}
	if rt.Kind == types.Unknown || !keeps(rt, to) {
		if r, err = b.coerce(r, to, pos); err != nil {
			return nil, err
		}
	}
	return &expr.Compare{Op: op, Left: l, Right: r}, nil
}

// keeps says that a side may stay as it is beside a side of type to.
func keeps(from, to types.Type) bool {
	return comparable(from, to)
}

// beside gives a constant in the form in which it can be compared with a value of type t that stays as it is.
func beside(c *expr.Const, t types.Type) (expr.Expr, bool) {
	v := &c.Value
	if v.Null {
		return nil, false
	}
	switch {
	case t.Kind == types.Numeric:
		if v.Type.Kind == types.Unknown {
			d, ok := types.OwnDecimal(v.Text)
			if !ok {
				return nil, false
			}
			v = &d
		}
		if !v.Type.IsInteger() && v.Type.Kind != types.Numeric {
			return nil, false
		}
		d, ok := exactNumber(v, t)
		if !ok {
			wide := 19
			if t.Prec > 19 {
				wide = types.MaxPrecision
			}
			d, ok = exactNumber(v, types.TNumeric(wide, int(t.Scale)))
		}
		return &expr.Const{Value: d}, ok
	case t.IsInteger() && v.Type.Kind == types.Unknown:
		return nil, false
	case t.Kind == types.Float8 && v.Type.IsInteger():
		d, ok := exactNumber(v, t)
		return &expr.Const{Value: d}, ok
	}
	return nil, false
}

// digits gives a literal in quotes beside a decimal as the decimal of its own digits: '0.001' beside a numeric(5,2) is not 0.00.
func digits(e expr.Expr, beside types.Type) expr.Expr {
	c, ok := e.(*expr.Const)
	if !ok || beside.Kind != types.Numeric || c.Value.Type.Kind != types.Unknown || c.Value.Null {
		return e
	}
	if d, ok := types.OwnDecimal(c.Value.Text); ok {
		return &expr.Const{Value: d, Place: c.Place}
	}
	return e
}

// common casts expressions to their common type.
func (b *binder) common(es []expr.Expr, pos []int) (types.Type, error) {
	kinds := make([]types.Type, 0, 8)
	for _, e := range es {
		kinds = append(kinds, e.Type())
	}
	t, err := function.CommonType(kinds...)
	if err == nil && t.Kind == types.Numeric {
		for i := range es {
			es[i] = digits(es[i], t)
			kinds[i] = es[i].Type()
		}
		t, err = function.CommonType(kinds...)
	}
	if err != nil {
		return t, at(err, pos[len(pos)-1])
	}
	for i := range es {
		if es[i], err = b.coerce(es[i], t, pos[i]); err != nil {
			return t, err
		}
	}
	return t, nil
}

// coalesce makes COALESCE.
func (b *binder) coalesce(es []expr.Expr, pos []int) (expr.Expr, error) {
	t, err := b.common(es, pos)
	if err != nil {
		return nil, err
	}
	return &expr.Coalesce{Args: es, Typ: t}, nil
}

// toParams casts arguments to what a function takes; TUnknown takes them as they are, but for bare literals, which become text.
func (b *binder) toParams(args []expr.Expr, params []types.Type, pos []int) error {
	for i := range args {
		t := types.TUnknown
		if i < len(params) {
			t = params[i]
		}
		if t.Kind == types.Unknown {
			t = alone(args[i].Type())
		}
		var err error
		if args[i], err = b.coerce(args[i], t, pos[i]); err != nil {
			return err
		}
	}
	return nil
}
