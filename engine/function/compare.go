package function

import (
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// CommonType gives the one type to which the arms of UNION, CASE, COALESCE and IN lists are cast. Literals of unknown type follow the others;
// alone they are text.
// https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
func CommonType(kinds ...types.Type) (types.Type, error) {
	t := types.TUnknown
	for _, k := range kinds {
		c, ok := commonPair(t, k)
		if !ok {
			return types.Type{}, sqlstate.DatatypeMismatch.Errorf("types %s and %s cannot be matched", bareName(t), bareName(k))
		}
		t = c
	}
	if t.Kind == types.Unknown {
		if t.Len > 0 {
			return types.TVarchar(int(t.Len)), nil
		}
		return types.TText, nil
	}
	return t, nil
}

// commonPair is CommonType of two.
func commonPair(a, b types.Type) (types.Type, bool) {
	switch {
	case a == b:
		return a, true
	case a.Kind == types.Unknown && b.Kind == types.Unknown:
		if a.Len == 0 || b.Len == 0 && a != types.TUnknown {
			return types.Type{Kind: types.Unknown, Len: b.Len}, true
		}
		return types.Type{Kind: types.Unknown, Len: max(a.Len, b.Len)}, true
	case (a.Kind == types.Super || b.Kind == types.Super) && castWays[a.Kind][types.Super] == castImplicit && castWays[b.Kind][types.Super] == castImplicit:
		return types.TSuper, true
	case a.Kind == types.Unknown:
		return widenText(b, a.Len), true
	case b.Kind == types.Unknown:
		return widenText(a, b.Len), true
	case a.IsText() && b.IsText():
		t := a
		if a.Kind != types.Char || b.Kind != types.Char {
			t.Kind = types.Varchar
			if a.Kind == types.Text || b.Kind == types.Text {
				t = types.TText
			}
		}
		if t.Len = max(a.Len, b.Len); a.Len == 0 || b.Len == 0 {
			t.Len = 0
		}
		return t, true
	case a.IsInteger() && b.IsInteger():
		return widerInt(a, b), true
	case a.IsNumber() && b.IsNumber():
		if a.Kind == types.Float4 && b.Kind == types.Float4 {
			return a, true
		}
		if a.IsFloat() || b.IsFloat() {
			return types.TFloat8, true
		}
		a, b = intDecimal(a), intDecimal(b)
		s := max(a.Scale, b.Scale)
		limit := 19
		if a.Prec > 19 || b.Prec > 19 {
			limit = types.MaxPrecision
		}
		return types.TNumeric(min(max(int(a.Prec)-int(a.Scale), int(b.Prec)-int(b.Scale))+int(s), limit), int(s)), true
	}
	return commonTime(a, b)
}

// widenText makes a text type long enough for a literal of n bytes.
func widenText(t types.Type, n int32) types.Type {
	if (t.Kind == types.Varchar || t.Kind == types.Char) && t.Len > 0 && n > t.Len {
		t.Len = n
	}
	return t
}

// commonTime finds the type that two dates, times or intervals share.
func commonTime(a, b types.Type) (types.Type, bool) {
	if a.Kind > b.Kind {
		a, b = b, a
	}
	isInterval := func(k types.Kind) bool {
		return k == types.Interval || k == types.IntervalYM || k == types.IntervalDS
	}
	switch {
	case a.Kind == b.Kind:
		a.Len = max(a.Len, b.Len)
		a.Prec = max(a.Prec, b.Prec)
		if a.Scale != b.Scale { // intervals of different fields
			a.Scale = 0
		}
		return a, true
	case a.Kind == types.Date && (b.Kind == types.Timestamp || b.Kind == types.TimestampTZ),
		a.Kind == types.Timestamp && b.Kind == types.TimestampTZ,
		a.Kind == types.Time && b.Kind == types.TimeTZ:
		return b, true
	case isInterval(a.Kind) && isInterval(b.Kind):
		return types.TInterval, true
	}
	return types.Type{}, false
}

// CompareType gives the type as which two operands of a comparison are compared. Integers of all widths compare as they are, in one lane.
// A decimal and a text compare as decimals, other numbers and times compare with text as text, and so does a number with a time (decision 53).
// https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html#r_Type_conversion
func CompareType(l, r types.Type) (types.Type, error) {
	if t, ok := compareType(l, r); ok {
		return t, nil
	}
	return types.Type{}, operatorError("=", bareName(l)+" = "+bareName(r))
}

// CompareError is the refusal of a comparison by its own operator.
func CompareError(op string, l, r types.Type) error {
	return operatorError(op, bareName(l)+" "+op+" "+bareName(r))
}

func compareType(l, r types.Type) (types.Type, bool) {
	switch {
	case l.IsOpaque() || r.IsOpaque(): // no equality, no order
		return types.Type{}, false
	case l.Kind == types.Unknown && r.Kind == types.Unknown:
		return types.TText, true
	case l.Kind == types.Super || r.Kind == types.Super: // values of both sides are compared by their dynamic types
		return types.TSuper, castWays[l.Kind][types.Super] == castImplicit && castWays[r.Kind][types.Super] == castImplicit
	case l.Kind == types.Unknown:
		return literalType(r), true
	case r.Kind == types.Unknown:
		return literalType(l), true
	case l.IsReg() && r.IsInteger(), r.IsReg() && l.IsInteger():
		return types.TOID, true
	case l.IsText() && r.IsText():
		if l.Kind == types.Char && r.Kind == types.Char {
			return types.Type{Kind: types.Char, Len: max(l.Len, r.Len)}, true
		}
		return types.TText, true
	case l.IsText() || r.IsText():
		t := r
		if r.IsText() {
			t = l
		}
		switch {
		case t.Kind == types.Numeric:
			return types.TNumeric(types.MaxPrecision, int(t.Scale)), true
		case t.IsNumber() || t.IsDatetime():
			return types.TText, true
		}
		return types.Type{}, false
	case l.Kind == types.Bool && r.IsInteger() || r.Kind == types.Bool && l.IsInteger():
		return types.TBool, true
	case l.IsInteger() && r.IsInteger():
		return widerInt(l, r), true
	case l.IsNumber() && r.IsNumber():
		if l.IsFloat() || r.IsFloat() {
			return types.TFloat8, true
		}
		l, r = intDecimal(l), intDecimal(r)
		s := max(int(l.Scale), int(r.Scale))
		p := max(int(l.Prec)-int(l.Scale), int(r.Prec)-int(r.Scale)) + s
		return types.TNumeric(min(p, types.MaxPrecision), s), true
	case l.Kind == r.Kind:
		if l.Scale != r.Scale { // intervals of different fields: neither is cut
			l.Scale = 0
		}
		l.Len = max(l.Len, r.Len)
		return l, true
	case l.IsNumber() && r.IsDatetime(), r.IsNumber() && l.IsDatetime():
		return types.TText, true
	}
	return commonTime(l, r)
}

// literalType is the type that an unknown literal takes when compared with t. Text has no limit there: a long literal is just unequal.
func literalType(t types.Type) types.Type {
	switch t.Kind {
	case types.Varchar, types.Text, types.Name:
		return types.TText
	case types.Char:
		return types.Type{Kind: types.Char}
	}
	return t
}
