package function

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// FindOperator chooses the infix operator op for two operand types. A literal of unknown type takes the type of the other side. Params says to
// what the operands are cast first.
// https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
func FindOperator(op string, left, right types.Type) (*Bound, error) {
	if b := findOperator(op, left, right); b != nil {
		b.Name, b.Strict = op, true
		return b, nil
	}
	if left.Kind == types.Unknown && right.Kind == types.Unknown {
		return nil, sqlstate.AmbiguousFunction.Errorf("operator is not unique: %s %s %s", bareName(left), op, bareName(right)).
			WithHint("Could not choose a best candidate operator. You may need to add explicit type casts.")
	}
	return nil, operatorError(op, bareName(left)+" "+op+" "+bareName(right))
}

// FindPrefix chooses the prefix operator op: + - ~ @ |/ ||/.
func FindPrefix(op string, t types.Type) (*Bound, error) {
	if b := findPrefix(op, t); b != nil {
		b.Name, b.Strict = op, true
		return b, nil
	}
	return nil, operatorError(op, op+" "+bareName(t))
}

func operatorError(_, what string) error {
	return sqlstate.UndefinedFunction.Errorf("operator does not exist: %s", what).
		WithHint("No operator matches the given name and argument type(s). You may need to add explicit type casts.")
}

// findOperator is FindOperator without its errors.
func findOperator(op string, l, r types.Type) *Bound {
	if l.Kind == types.Super || r.Kind == types.Super {
		return superOperator(op, l, r)
	}
	switch op {
	case "||":
		return findConcat(l, r)
	case "+", "&", "|", "#":
		if l.Kind == types.Varbyte || r.Kind == types.Varbyte {
			return findBytes(op, l, r)
		}
		if op == "+" && joins(l, r) {
			return findConcat(l, r)
		}
	case "~~", "~~*", "!~~", "!~~*", "~", "!~", "~*", "!~*", "similar to", "not similar to":
		return findMatch(op, l, r)
	case "<<", ">>":
		if l.IsInteger() && (r.IsInteger() || r.Kind == types.Unknown) {
			return &Bound{Params: []types.Type{l, types.TInt4}, Returns: l, Kernel: shiftKernel(op, l.Kind)}
		}
		return nil
	}
	// A time meets an unknown literal as an interval, anything else as its own kind.
	if l.Kind == types.Unknown {
		l = adopt(op, r)
	} else if r.Kind == types.Unknown {
		r = adopt(op, l)
	}
	switch op {
	case "&", "|", "#":
		if l.IsInteger() && r.IsInteger() {
			t := widerInt(l, r)
			return &Bound{Params: []types.Type{l, r}, Returns: t, Kernel: bitKernel(op)}
		}
		return nil
	case "^":
		if l.IsNumber() && r.IsNumber() {
			return &Bound{Params: []types.Type{types.TFloat8, types.TFloat8}, Returns: types.TFloat8, Kernel: floatKernel('^')}
		}
		return nil
	case "+", "-", "*", "/", "%":
	default:
		return nil
	}
	o := op[0]
	switch {
	case l.IsInteger() && r.IsInteger():
		t := widerInt(l, r)
		return &Bound{Params: []types.Type{l, r}, Returns: t, Kernel: intKernel(o, t.Kind)}
	case l.IsNumber() && r.IsNumber() && (l.IsFloat() || r.IsFloat()):
		if o == '%' {
			return nil
		}
		return &Bound{Params: []types.Type{types.TFloat8, types.TFloat8}, Returns: types.TFloat8, Kernel: floatKernel(o)}
	case l.IsNumber() && r.IsNumber():
		l, r = intDecimal(l), intDecimal(r)
		t := decimalResult(o, l, r)
		return &Bound{Params: []types.Type{l, r}, Returns: t, Kernel: decimalKernel(o, l, r, t)}
	}
	return findTimeOperator(o, l, r)
}

// adopt is the type that an unknown literal takes beside t.
func adopt(op string, t types.Type) types.Type {
	switch t.Kind {
	case types.Date:
		if op == "-" {
			return t
		}
		return types.TInterval
	case types.Timestamp, types.TimestampTZ:
		if op == "-" {
			return t
		}
		return types.TInterval
	case types.Time, types.TimeTZ:
		return types.TInterval
	case types.Interval, types.IntervalYM, types.IntervalDS:
		if op == "*" || op == "/" {
			return types.TFloat8
		}
		return types.TInterval
	case types.Numeric:
		return types.TNumeric(max(int(t.Prec), 19), int(t.Scale))
	}
	return t
}

// widerInt is the wider of two integer types.
func widerInt(a, b types.Type) types.Type {
	rank := func(t types.Type) int {
		switch t.Kind {
		case types.Int2:
			return 0
		case types.Int4:
			return 1
		}
		return 2
	}
	if rank(b) > rank(a) {
		a = b
	}
	if a.Kind == types.OID {
		return types.TInt8
	}
	return a
}

// decimalResult gives the type of a decimal operation. Beyond 38 digits the scale gives way, but not below 4 (nor above what it would be).
// https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
func decimalResult(op byte, l, r types.Type) types.Type {
	p1, s1, p2, s2 := int(l.Prec), int(l.Scale), int(r.Prec), int(r.Scale)
	var p, s int
	switch op {
	case '+', '-':
		s = max(s1, s2)
		p = max(p1-s1, p2-s2) + 1 + s
	case '*':
		s = s1 + s2
		p = p1 + p2 + 1
	case '/':
		s = max(4, s1+p2-s2+1)
		p = p1 - s1 + s2 + s
	default: // %
		s = max(s1, s2)
		p = min(p1-s1, p2-s2) + s
		p = max(p, s+1)
	}
	if p > types.MaxPrecision {
		s = max(types.MaxPrecision+s-p, min(4, s))
		p = types.MaxPrecision
	}
	s = min(s, types.MaxScale)
	return types.TNumeric(max(p, 1), s)
}

// findPrefix is FindPrefix without its errors.
func findPrefix(op string, t types.Type) *Bound {
	if op == "~" && t.Kind == types.Varbyte {
		return &Bound{Params: []types.Type{t}, Returns: t, Kernel: build1(notBytes)}
	}
	if t.Kind == types.Super {
		return superPrefix(op)
	}
	if t.Kind == types.Unknown && (op == "-" || op == "+" || op == "@") {
		t = types.TFloat8
	}
	num := func(k Kernel, r types.Type) *Bound { return &Bound{Params: []types.Type{r}, Returns: r, Kernel: k} }
	switch op {
	case "+":
		if t.IsNumber() {
			return num(castCopy, t)
		}
	case "-":
		if t.IsNumber() {
			return num(castRows(negate(t)), t)
		}
		if t.Kind == types.Interval || t.Kind == types.IntervalYM || t.Kind == types.IntervalDS {
			return num(castRows(negate(t)), t)
		}
	case "@":
		if t.IsNumber() {
			return num(castRows(absolute(t)), t)
		}
	case "~":
		if t.IsInteger() {
			return num(castRows(complement), t)
		}
	case "|/", "||/":
		if t.IsNumber() {
			return num(castRows(root(op)), types.TFloat8)
		}
	}
	return nil
}
