package bind

import (
	"strings"

	"github.com/redshiftsim/redshiftsim/engine/ast"
	"github.com/redshiftsim/redshiftsim/engine/expr"
	"github.com/redshiftsim/redshiftsim/internal/sqlstate"
	"github.com/redshiftsim/redshiftsim/internal/types"
)

// literal makes a constant: digits are the smallest of integer, bigint and numeric that holds them, an exponent makes double precision, text and
// NULL are of unknown type until something gives them one.
// https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_types201.html
func literal(l *ast.Literal, negative bool) (expr.Expr, error) {
	switch l.Kind {
	case ast.Null:
		return &expr.Const{Value: types.NullOf(types.TUnknown)}, nil
	case ast.Bool:
		return &expr.Const{Value: types.Datum{Type: types.TBool, Bool: l.Text == "true"}}, nil
	case ast.String:
		return &expr.Const{Value: types.Datum{Type: types.Type{Kind: types.Unknown, Len: int32(max(len(l.Text), 1))}, Text: l.Text}, Place: l.Offset() + 1}, nil
	case ast.Default:
		return nil, sqlstate.Syntax.Errorf("DEFAULT is not allowed in this context").At(l.Offset())
	}
	return number(l.Text, negative, l.Offset())
}

// number makes the constant of written digits.
func number(text string, negative bool, pos int) (expr.Expr, error) {
	if len(text) <= 18 {
		v, ok := int64(0), len(text) > 0
		for i := 0; i < len(text) && ok; i++ {
			c := text[i]
			ok = c >= '0' && c <= '9'
			v = v*10 + int64(c-'0')
		}
		if ok {
			if negative {
				v = -v
			}
			t := types.TInt8
			if types.IntFits(v, types.Int4) {
				t = types.TInt4
			}
			return &expr.Const{Value: types.Datum{Type: t, Int: v}}, nil
		}
	}
	if negative {
		text = "-" + text
	}
	if !strings.ContainsAny(text, ".eE") {
		if v, err := types.ParseInt(text, types.Int8); err == nil {
			return &expr.Const{Value: types.Datum{Type: types.TInt8, Int: v}}, nil
		}
	}
	t, ok := types.DecimalType(text)
	if !ok {
		t = types.TFloat8
	}
	d, err := types.Parse(text, t, nil)
	if err != nil {
		return nil, at(err, pos)
	}
	return &expr.Const{Value: d}, nil
}

// interval makes the constant of INTERVAL '1 day', an interval, or of INTERVAL '1 day' DAY TO SECOND, whose qualifier decides the type, names the field
// that a bare number counts, and ends the interval.
// https://docs.aws.amazon.com/redshift/latest/dg/r_interval_literals.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_interval_data_types.html
func (b *binder) interval(i *ast.Interval) (expr.Expr, error) {
	if i.Qualifier == "" {
		months, micros, err := types.ParseInterval(i.Text, "")
		if err != nil {
			return nil, at(err, i.Offset())
		}
		return &expr.Const{Value: types.Datum{Type: types.TInterval, Wide: types.MakeInterval(months, micros)}}, nil
	}
	d, err := types.ParseQualified(i.Text, i.Qualifier, b.env.LaxIntervals)
	if err != nil {
		return nil, at(err, i.Offset())
	}
	return &expr.Const{Value: d}, nil
}

// style is the session's, as far as the binder knows it.
func (b *binder) style() types.Style {
	if b.env.Function == nil {
		return types.Style{}
	}
	return b.env.Function.Style
}

// timeWords are the words that make a date or timestamp depend on the day it is read.
var timeWords = [...]string{"now", "today", "tomorrow", "yesterday"}

// timeless says that a text means the same value of a type on every day, in every session, whatever the catalog holds.
func timeless(text string, to types.Type) bool {
	switch to.Kind {
	case types.TimestampTZ, types.TimeTZ:
		return false
	case types.Date, types.Timestamp, types.Time:
		for i := 0; i < len(text); i++ {
			if c := text[i] | 0x20; c >= 'a' && c <= 'z' {
				s := strings.ToLower(text)
				for _, w := range timeWords {
					if strings.Contains(s, w) {
						return false
					}
				}
				return true
			}
		}
	case types.Super, types.HLLSketch, types.Regclass, types.Regprocedure, types.Regtype, types.Regproc:
		return false
	}
	return true
}
